//! What the program says to who configures it: where a value came from, what is wrong, what is checked.

use std::{
	io::Write,
	net::TcpListener,
	path::Path,
	process::{Command, Output},
};

const MODEL: &str = "[[models]]\nname = \"m\"\nversion = 3\npath = \"/nonexistent/m.onnx\"\n";

struct Folder(tempfile::TempDir);

impl Folder {
	fn new(text: &str) -> Self {
		let folder = tempfile::tempdir().unwrap();
		let mut file = std::fs::File::create(folder.path().join("oracle.toml")).unwrap();
		file.write_all(format!("{text}{MODEL}").as_bytes()).unwrap();
		Self(folder)
	}

	fn path(&self) -> &Path {
		self.0.path()
	}

	fn run(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
		Command::new(env!("CARGO_BIN_EXE_usufruct-oracle"))
			.args(arguments)
			.arg("--config")
			.arg(self.path().join("oracle.toml"))
			.current_dir(self.path())
			.env("USUFRUCT_SECRET", "//Alice")
			.env("USUFRUCT_RECEIPT_KEY", "//Alice")
			.env_remove("RUST_LOG")
			.envs(variables.iter().copied())
			.output()
			.unwrap()
	}
}

fn words(bytes: &[u8]) -> String {
	String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn an_error_names_the_key_and_where_it_was_said() {
	let folder = Folder::new("[settle]\nage_s = \"long\"\n");
	let output = folder.run(&["check"], &[]);
	let said = words(&output.stderr);
	assert!(!output.status.success());
	assert!(said.contains("settle.age_s") && said.contains("oracle.toml"), "{said}");

	let folder = Folder::new("[settle]\nage_s = 7\n");
	let output = folder.run(&["check"], &[("USUFRUCT_ORACLE_SETTLE__AGE_S", "soon")]);
	let said = words(&output.stderr);
	assert!(!output.status.success());
	assert!(said.to_lowercase().contains("settle.age_s"), "{said}");
	assert!(said.contains("environment") && said.contains("USUFRUCT_ORACLE_"), "{said}");

	let output = folder.run(&["check"], &[("USUFRUCT_ORACLE_SETTEL__AGE_S", "5")]);
	let said = words(&output.stderr);
	assert!(!output.status.success() && said.contains("settel"), "{said}");
}

/// The line of a check.
fn line<'a>(table: &'a str, what: &str) -> &'a str {
	table.lines().find(|line| line.starts_with(what)).unwrap_or_else(|| panic!("{what}: {table}"))
}

#[test]
fn a_check_tells_everything_at_once_and_a_flag_wins_over_a_variable_over_the_file() {
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = taken.local_addr().unwrap().to_string();
	let folder =
		Folder::new(&format!("listen = \"{address}\"\nurl = \"ws://127.0.0.1:1\"\ndata = \"d\"\n"));
	let output = folder.run(&["check"], &[]);
	let table = words(&output.stdout);
	assert_eq!(output.status.code(), Some(1), "{table}{}", words(&output.stderr));
	assert!(line(&table, "account").contains("ok"), "{table}");
	assert!(line(&table, "receipt key").contains("ok"));
	assert!(line(&table, "data folder").contains("ok"));
	assert!(line(&table, "listen").contains("FAIL"));
	let node = line(&table, "node");
	assert!(node.contains("FAIL") && node.contains("ws://127.0.0.1:1"), "{node}");
	assert!(line(&table, "on the chain").contains("skipped"));
	assert!(line(&table, "model m 3").contains("FAIL"));
	assert!(table.contains("The oracle would not serve"));
	// Nothing was started: the folder of the log holds no log.
	assert!(!folder.path().join("d/oracle.redb").exists());

	let variables =
		[("USUFRUCT_URL", "ws://127.0.0.1:2"), ("USUFRUCT_ORACLE_LISTEN", "127.0.0.1:0")];
	let table = words(&folder.run(&["check"], &variables).stdout);
	assert!(line(&table, "listen").contains("ok"), "{table}");
	assert!(line(&table, "node").contains("ws://127.0.0.1:2"), "{table}");
	let flags = ["check", "--url", "ws://127.0.0.1:3"];
	let table = words(&folder.run(&flags, &variables).stdout);
	assert!(line(&table, "node").contains("ws://127.0.0.1:3"), "{table}");
}

#[test]
fn a_check_tells_what_could_not_be_logged_or_traced() {
	let url = "url = \"ws://127.0.0.1:1\"\n";
	let bad = "[telemetry]\nlog = \"usufruct_oracle=loud\"\notlp = \"collector:4318\"\n";
	let bad = Folder::new(&format!("{url}{bad}"));
	let table = words(&bad.run(&["check"], &[]).stdout);
	let (logging, traces) = (line(&table, "logging"), line(&table, "traces"));
	assert!(logging.contains("FAIL") && logging.contains("telemetry.log: 'usufruct_oracle=loud'"));
	assert!(traces.contains("FAIL") && traces.contains("telemetry.otlp: 'collector:4318'"));
	// Serving stops at the same.
	let output = bad.run(&[], &[]);
	assert!(!output.status.success() && words(&output.stderr).contains("telemetry.log"));

	let good = "[telemetry]\nlog = \"debug\"\notlp = \"http://127.0.0.1:1\"\n";
	let good = Folder::new(&format!("{url}{good}"));
	let table = words(&good.run(&["check"], &[]).stdout);
	let (logging, traces) = (line(&table, "logging"), line(&table, "traces"));
	assert!(logging.contains("ok") && logging.ends_with("debug"), "{table}");
	assert!(traces.contains("ok") && traces.ends_with("http://127.0.0.1:1"), "{table}");
	let table = words(&good.run(&["check"], &[("RUST_LOG", "usufruct_oracle=loud")]).stdout);
	let logging = line(&table, "logging");
	assert!(logging.contains("FAIL") && logging.contains("RUST_LOG"), "{table}");
}

#[test]
fn a_log_of_json_is_json_to_its_last_line_which_says_why_the_oracle_stopped() {
	// Nobody listens there.
	let url = "url = \"ws://127.0.0.1:1\"\n";
	let json = Folder::new(&format!("{url}[telemetry]\njson = true\n"));
	let plain = Folder::new(url);
	for output in [
		json.run(&[], &[]),
		plain.run(&["--log-json"], &[]),
		plain.run(&[], &[("USUFRUCT_LOG_JSON", "true")]),
	] {
		let log = words(&output.stderr);
		assert_eq!(output.status.code(), Some(1), "{log}");
		let mut last = serde_json::Value::Null;
		for line in log.lines() {
			last = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
			assert!(last["level"].is_string() && last["fields"]["message"].is_string(), "{line}");
		}
		assert_eq!(last["level"], "ERROR", "{log}");
	}
}

#[test]
fn keys_are_printed_without_a_configuration() {
	let folder = tempfile::tempdir().unwrap();
	let output = Command::new(env!("CARGO_BIN_EXE_usufruct-oracle"))
		.arg("--print-keys")
		.current_dir(folder.path())
		.env("USUFRUCT_SECRET", "//Alice")
		.env("USUFRUCT_RECEIPT_KEY", "//Alice")
		.output()
		.unwrap();
	let said = words(&output.stdout);
	assert!(output.status.success(), "{}", words(&output.stderr));
	assert!(said.contains("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"), "{said}");
}
