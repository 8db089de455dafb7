use super::*;
use crate::engine::placement::Provider;
use clap::Parser;
use std::time::Duration;

fn load(flags: &[&str], text: &str) -> Result<Config, ConfigError> {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("oracle.toml");
	std::fs::write(&path, text).unwrap();
	let path = path.display().to_string();
	let arguments = ["usufruct-oracle", "--config", &path];
	Config::load(&Flags::parse_from(arguments.iter().chain(flags)))
}

const MODEL: &str = "[[models]]\nname = \"m\"\nversion = 3\npath = \"m.onnx\"\n";

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
	let text = format!(
		"listen = \"127.0.0.1:1\"\nprovider = \"cuda\"\nbody_limit = 5\n[settle]\nvalue = \"0.5\"\nage_s = 7\n{MODEL}"
	);
	let config = load(&["--listen", "127.0.0.1:2", "--provider", "cpu"], &text).unwrap();
	assert_eq!(config.listen.port(), 2);
	assert_eq!((config.provider, config.limits.body), (Provider::Cpu.into(), 5));
	assert_eq!(config.settle.value, 500_000_000_000);
	assert_eq!((config.settle.count, config.settle.age), (10_000, Duration::from_secs(7)));
	let model = &config.models[0];
	assert_eq!((model.instances, model.max_queue), (1, 256));
	assert_eq!((model.load_limit_s, model.run_limit_s), (300, 60));
	assert_eq!((model.memory(1_000), model.max_output()), ((2 << 30) + 4_000, 64 << 20));
	assert_eq!(config.isolation, Isolation::BestEffort);
	assert_eq!(config.url, "ws://127.0.0.1:9944");
}

#[test]
fn models_are_limited_as_they_are_told() {
	let text = format!(
		"isolation = \"required\"\n{MODEL}memory_mib = 512\noutput_mib = 5000\nrun_limit_s = 3\n"
	);
	let config = load(&[], &text).unwrap();
	assert_eq!(config.isolation, Isolation::Required);
	let model = &config.models[0];
	assert_eq!((model.memory(usize::MAX), model.run_limit_s), (512 << 20, 3));
	assert_eq!(model.max_output(), u32::MAX);
}

#[test]
fn requests_have_so_much_memory_and_two_bodies_at_least() {
	let limits = load(&[], MODEL).unwrap().limits;
	assert_eq!((limits.body, limits.memory), (8 << 20, 512 << 20));
	let with = |mib: usize| load(&[], &format!("request_memory_mib = {mib}\n{MODEL}"));
	assert_eq!(with(16).unwrap().limits.memory, 16 << 20);
	let error = with(15).unwrap_err();
	assert!(matches!(error, ConfigError::RequestMemory(15, 8_388_608)), "{error}");
}

#[test]
fn requests_share_runs_only_where_that_is_said() {
	let config = load(&[], MODEL).unwrap();
	let model = &config.models[0];
	assert_eq!((&model.batch, &model.samples, model.on_demand), (&None, &None, false));
	assert_eq!((config.memory_budget, config.limits.requests), (None, 1_024));
	let text = format!(
		"memory_budget_mib = 100\nmax_requests = 7\n{MODEL}on_demand = true\n\
		 samples = \"s.json\"\n[models.batch]\nrows = 16\naxes = {{ state = 1 }}\ncommon = [\"sr\"]\n"
	);
	let config = load(&[], &text).unwrap();
	assert_eq!((config.memory_budget, config.limits.requests), (Some(100 << 20), 7));
	let model = &config.models[0];
	assert!(model.on_demand && model.samples == Some("s.json".into()));
	let batch = model.batch.clone().unwrap();
	assert_eq!((batch.rows, batch.tokens, batch.tolerance), (16, None, 1e-5));
	assert_eq!((batch.axes["state"], batch.common.contains("sr")), (1, true));
	for wrong in ["", "rows = -1\n", "rows = 8\nrow = 8\n"] {
		let text = format!("{MODEL}[models.batch]\n{wrong}");
		assert!(matches!(load(&[], &text), Err(ConfigError::Malformed(_))), "{wrong}");
	}
}

#[test]
fn shared_runs_may_be_off_by_what_an_audit_allows() {
	let with = |batch: &str, tolerance: &str| {
		load(
			&[],
			&format!("{MODEL}[models.batch]\nrows = 8\n{batch}\n[models.tolerance]\n{tolerance}\n"),
		)
	};
	for (batch, tolerance) in [
		("", ""),
		("tolerance = 1e-5", ""),
		("tolerance = 0.0", "absolute = 0.0\nrelative = 0.0"),
		("tolerance = 1e-3", "absolute = 1e-3\nrelative = 1e-2"),
	] {
		assert!(with(batch, tolerance).is_ok(), "{batch}, {tolerance}");
	}
	for (batch, tolerance, allowed) in [
		("tolerance = 1.1e-5", "", 1e-5),
		("", "absolute = 0.0\nrelative = 0.0", 0.0),
		// Small numbers may be off by the absolute part alone, large ones by hardly more than the other.
		("tolerance = 1e-3", "absolute = 1e-3", 1e-5),
		("tolerance = 1e-3", "relative = 1e-3", 1e-5),
		("tolerance = inf", "", 1e-5),
	] {
		let error = with(batch, tolerance).unwrap_err();
		let ConfigError::BatchTolerance(name, _, found) = &error else { panic!("{error}") };
		assert_eq!((name.as_str(), *found), ("m", allowed));
		assert!(error.to_string().contains("lower batch.tolerance"), "{error}");
	}
	// Of a model whose requests are run alone it is the audits' matter alone.
	let alone = format!("{MODEL}[models.tolerance]\nabsolute = 0.0\nrelative = 0.0\n");
	assert!(load(&[], &alone).is_ok());
}

#[test]
fn a_tolerance_is_two_numbers_from_0_on_the_absolute_one_up_to_100_the_relative_one_up_to_1() {
	let with = |tolerance: &str, batch: &str| {
		load(&[], &format!("{MODEL}tolerance = {{ {tolerance} }}\n{batch}"))
	};
	for said in ["absolute = 0.0", "relative = 1", "absolute = 100, relative = -0.0"] {
		assert!(with(said, "").is_ok(), "{said}");
	}
	let neither = ["nan", "-nan", "inf", "-inf", "-1", "-1e-300"];
	for (part, wrong) in [
		("absolute", &neither[..]),
		("relative", &neither),
		("absolute", &["100.1", "1e308"]),
		("relative", &["1.1", "1e300"]),
	] {
		for wrong in wrong {
			// The lesser of NaN and another number is the other: such a batch would look allowed.
			for batch in ["", "[models.batch]\nrows = 8\n"] {
				let error = with(&format!("{part} = {wrong}"), batch).unwrap_err();
				let ConfigError::Tolerance(name, NoTolerance { part: found, .. }) = &error else {
					panic!("{part} = {wrong}: {error}")
				};
				assert_eq!((name.as_str(), *found), ("m", part));
				let text = error.to_string();
				assert!(text.contains("'m': tolerance: ") && text.contains("0 to 1"), "{text}");
			}
		}
	}
}

#[test]
fn models_may_be_as_long_and_have_the_operators_that_are_said() {
	let with = |before: &str, after: &str| load(&[], &format!("{before}{MODEL}{after}"));
	let config = with("", "").unwrap();
	assert_eq!(config.models[0].rules(config.max_model), Rules::default());
	let config =
		with("max_model_mib = 3\n", "operators = [\"RandomNormal\", \"mine.*\"]\n").unwrap();
	let rules = config.models[0].rules(config.max_model);
	assert_eq!(rules.most, 3 << 20);
	assert!(rules.operators.allow("", "RandomNormal") && rules.operators.allow("mine", "Gelu"));
	let error = with("", "operators = [\"a b\"]\n").unwrap_err().to_string();
	assert!(error.contains("'a b' names no operator"), "{error}");
}

#[test]
fn connections_are_bounded_as_is_said_or_as_everywhere() {
	let with = |text: &str| load(&[], &format!("{text}{MODEL}")).map(|it| it.connections);
	assert_eq!(with("").unwrap(), Bounds::default());
	let said = with("max_connections = 9\nmax_connections_per_network = 3\n").unwrap();
	assert_eq!(said, Bounds { connections: 9, per_network: 3, ..Bounds::default() });
	for wrong in ["max_connections = 0\n", "max_connections_per_network = -1\n"] {
		assert!(matches!(with(wrong), Err(ConfigError::Malformed(_))), "{wrong}");
	}
}

#[test]
fn models_run_where_all_do_or_where_they_are_told_to() {
	let other = MODEL.replace("\"m\"", "\"other\"");
	let text = format!(
		"provider = [\"tensorrt\", \"cuda\"]\ndevice = 1\n{MODEL}{other}provider = \"cuda\"\ndevice = 3\n\
		 gpu_memory_mib = 512\ngpu_only = true\n[models.tensorrt]\nfp16 = true\nlevel = 3\n\
		 [models.tensorrt.shapes]\nx = {{ min = [1], opt = [2], max = [4] }}\n"
	);
	let config = load(&[], &text).unwrap();
	let placed = |config: &Config, at: usize| {
		let model: &ModelConfig = &config.models[at];
		(model.placement(&config.provider), model.device.or(config.device))
	};
	let (all, device) = placed(&config, 0);
	assert_eq!(all.providers.all(), [Provider::TensorRt, Provider::Cuda]);
	assert_eq!((all.gpu_memory, all.gpu_only, device), (None, false, Some(1)));
	assert_eq!(all.tensorrt, TensorRt::default());
	let (one, device) = placed(&config, 1);
	assert_eq!(one.providers, Provider::Cuda.into());
	assert_eq!((one.gpu_memory, one.gpu_only, device), (Some(512 << 20), true, Some(3)));
	assert!(one.tensorrt.fp16 && one.tensorrt.level == 3);
	assert_eq!(one.tensorrt.of_all(|it| &it.max), "x:4");
	// A flag is for all that do not say it.
	let config = load(&["--provider", "tensorrt,cpu", "--device", "7"], &text).unwrap();
	assert_eq!(placed(&config, 0).0.providers.all(), [Provider::TensorRt, Provider::Cpu]);
	assert_eq!((placed(&config, 0).1, placed(&config, 1).1), (Some(7), Some(3)));
	assert_eq!(placed(&config, 1).0.providers, Provider::Cuda.into());
	assert!(Flags::try_parse_from(["usufruct-oracle", "--provider", "gpu"]).is_err());
	assert!(Flags::try_parse_from(["usufruct-oracle", "--device", "-1"]).is_err());

	for (wrong, says) in [
		("gpu_only = true\n", "'m': gpu_only is set, but cpu"),
		("[models.tensorrt]\nlevel = 6\n", "'m': tensorrt.level is 6"),
		("tensorrt = { shapes = { x = { min = [2], opt = [1], max = [4] } } }\n", "shapes.x"),
	] {
		let error = load(&[], &format!("{MODEL}{wrong}")).unwrap_err();
		assert!(matches!(error, ConfigError::Placement(..)), "{wrong}: {error}");
		assert!(error.to_string().contains(says), "{error}");
	}
	for wrong in ["gpu_memory_mib = 0\n", "provider = \"gpu\"\n", "tensorrt = { fp8 = true }\n"] {
		let error = load(&[], &format!("{MODEL}{wrong}")).unwrap_err();
		assert!(matches!(error, ConfigError::Malformed(_)), "{wrong}: {error}");
	}
}

#[test]
fn the_example_is_understood_and_says_the_defaults() {
	let example = load(&[], include_str!("../../oracle.example.toml")).unwrap();
	let default = load(&[], MODEL).unwrap();
	assert_eq!((&example.settle, example.bond), (&default.settle, default.bond));
	assert_eq!((example.listen, &example.url), (default.listen, &default.url));
	assert_eq!((example.drain, example.settle_on_stop), (default.drain, default.settle_on_stop));
	assert_eq!((&example.provider, example.device), (&default.provider, default.device));
	assert_eq!(example.limits, default.limits);
	assert_eq!(example.connections, default.connections);
	assert_eq!(example.memory_budget, default.memory_budget);
	assert_eq!(example.max_model, default.max_model);
	assert_eq!(example.isolation, default.isolation);
	assert_eq!((example.keep, example.blind), (default.keep, default.blind));
	assert_eq!((&example.telemetry, &example.witnesses), (&default.telemetry, &default.witnesses));
	let limits = |config: &Config| {
		let model = &config.models[0];
		let limits = (model.memory_mib, model.output_mib, model.load_limit_s, model.run_limit_s);
		(limits, model.tolerance, model.placement(&config.provider), model.device)
	};
	assert_eq!(limits(&example), limits(&default));
}

#[test]
fn what_is_not_understood_is_refused() {
	assert!(matches!(load(&[], ""), Err(ConfigError::NoModels)));
	assert!(matches!(load(&[], &MODEL.repeat(2)), Err(ConfigError::Twice(..))));
	for (wrong, key) in [
		("lisen = 1\n", "lisen"),
		("provider = \"gpu\"\n", "provider"),
		("provider = [\"cpu\", \"cuda\"]\n", "provider"),
		("provider = []\n", "provider"),
		("device = -1\n", "device"),
		("device = \"cuda:0\"\n", "device"),
		("isolation = \"none\"\n", "isolation"),
		("[settle]\nvalue = \"1p5\"\n", "settle.value"),
		("[settle]\nvalue = -1\n", "settle.value"),
		("[settle]\nworth = 1\n", "worth"),
		("[keep]\nchannel_mib = -1\n", "keep.channel_mib"),
		("[blind]\nrisk = true\n", "blind.risk"),
		("listen = \"here\"\n", "listen"),
		("[telemetry]\nsample = 1.5\n", "telemetry.sample"),
		("[telemetry]\nsample = -0.1\n", "telemetry.sample"),
		("[telemetry]\nsample = nan\n", "telemetry.sample"),
	] {
		let error = load(&[], &format!("{wrong}{MODEL}")).unwrap_err();
		assert!(matches!(error, ConfigError::Malformed(_)), "{wrong}");
		let text = error.to_string();
		assert!(text.contains(key) && text.contains("oracle.toml"), "{wrong}: {text}");
		assert!(!text.contains("default."), "{text}");
	}
	let text = format!("[bond]\ntop_up_to = \"5\"\n{MODEL}");
	assert!(matches!(load(&[], &text), Err(ConfigError::Bond(bond::PolicyError::Half))));
	let half = format!("{MODEL}tokenizer = \"tokenizer.json\"\n");
	assert!(matches!(load(&[], &half), Err(ConfigError::HalfText(_))));
	let both = format!("{half}metadata = \"metadata.json\"\n");
	assert!(load(&[], &both).unwrap().models[0].metadata.is_some());
	let path = MODEL.replace("\"m\"", "\"a/b\"");
	assert!(matches!(load(&[], &path), Err(ConfigError::Name(_))));
	let missing = Flags::parse_from(["usufruct-oracle", "--config", "/nonexistent"]);
	assert!(matches!(Config::load(&missing), Err(ConfigError::Unreadable { .. })));
	assert!(Keystores::load(&missing).unwrap().keystore.is_none(), "keys need no file");
}

#[test]
fn amounts_are_in_ufr_however_they_are_written() {
	let value =
		|text: &str| load(&[], &format!("[settle]\nvalue = {text}\n{MODEL}")).unwrap().settle.value;
	assert_eq!(value("\"0.5\""), 500_000_000_000);
	assert_eq!(value("0.5"), 500_000_000_000);
	assert_eq!(value("0.1"), 100_000_000_000, "not what a float makes of it");
	let long = load(&[], &format!("[settle]\nvalue = 12345.678901234567\n{MODEL}")).unwrap_err();
	assert!(long.to_string().contains("quotes"), "{long}");
	assert_eq!(value("\"12345.678901234567\""), 12_345_678_901_234_567);
	assert_eq!((value("7"), value("\"7\"")), (7_000_000_000_000, 7_000_000_000_000));
}

#[test]
fn what_is_kept_and_risked_is_as_it_is_told() {
	let text = format!(
		"[keep]\nchannel_mib = 3\nrequests = true\n[blind]\nrisk = \"0.25\"\nafter_s = 5\n{MODEL}\
		 [models.tolerance]\nabsolute = 1e-3\n"
	);
	let config = load(&[], &text).unwrap();
	assert_eq!((config.keep.budget, config.keep.inputs), (3 << 20, true));
	let after = Duration::from_secs;
	assert_eq!(config.blind.limit(after(4)), None);
	assert_eq!(config.blind.limit(after(5)), Some(250_000_000_000));
	assert_eq!(config.blind.limit(after(3_600)), Some(0));
	let Tolerance { absolute, relative } = config.models[0].tolerance;
	assert_eq!((absolute, relative), (1e-3, 1e-5));
}
