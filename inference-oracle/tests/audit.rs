//! Audits with real parts: a real log, this crate's program, the real ONNX Runtime, and a model.

// Not all of it is used here.
#[allow(dead_code)]
#[path = "worker/rig.rs"]
mod rig;

use ed25519_dalek::SigningKey;
use rig::{library, magika, magika_file, Rig};
use std::{
	io::Write,
	os::unix::fs::PermissionsExt,
	path::PathBuf,
	process::{Command, Output},
	sync::Arc,
};
use usufruct_client::{
	oracle_api::SignedVoucher,
	tensors::{canonical, InferRequest, Tensor},
};
use usufruct_oracle::{
	audit::Socket,
	book::{Offer, Order, Outcome, Standing, Terms},
	engine::{
		profile::{Known, Profile},
		Engine,
	},
	ledger::{Admitted, Ledger},
	store::Limits,
};
use usufruct_primitives::{
	commitment::{payload_commit, Request},
	usage::Voucher,
	Hash, Meter, Status, UFR,
};

const GENESIS: Hash = [7; 32];
const ORACLE: Hash = [1; 32];
const CHANNEL: Hash = [2; 32];
const SALT: Hash = [5; 32];
const VERSION: u32 = 30;

fn input(byte: i32) -> Tensor {
	Tensor::from_elements("bytes", vec![1, 2_048], &[byte; 2_048]).unwrap()
}

/// What the model gives, and under which profile.
fn run(inputs: Vec<Tensor>) -> (Vec<Tensor>, Profile) {
	let rig = Rig::new(magika());
	let mut engine = rig.start().unwrap();
	let outputs = engine.run(&inputs).unwrap();
	(outputs, engine.profile())
}

/// An oracle that has answered, and stopped.
struct Stopped {
	folder: tempfile::TempDir,
	served: u64,
	key: SigningKey,
}

impl Stopped {
	fn new() -> Self {
		let folder = tempfile::tempdir().unwrap();
		let text = format!(
			"data = \"data\"\nonnxruntime = \"{}\"\nprovider = \"cpu\"\n[[models]]\nname = \"magika\"\n\
			 version = {VERSION}\npath = \"{}\"\n",
			library().display(),
			magika_file().display()
		);
		std::fs::write(folder.path().join("oracle.toml"), text).unwrap();
		Self { folder, served: 0, key: SigningKey::from_bytes(&[3; 32]) }
	}

	fn data(&self) -> PathBuf {
		self.folder.path().join("data")
	}

	/// Its log, as an oracle that runs has it.
	async fn ledger(&self) -> Ledger {
		let limits = Limits { inputs: true, ..Limits::default() };
		let receipts = SigningKey::from_bytes(&[42; 32]);
		let data = self.data();
		Ledger::open_with(&data, GENESIS, ORACLE, receipts, limits, true).await.unwrap()
	}

	/// Answers with these outputs; returns the receipt as it comes in its header.
	async fn answer(
		&mut self,
		inputs: &[Tensor],
		outputs: &[Tensor],
		profile: &Profile,
		keep: bool,
	) -> String {
		let ledger = self.ledger().await;
		let standing = Standing {
			head: 9,
			active: true,
			bond: 1_000 * UFR,
			free_bond: 1_000 * UFR,
			unlocks: vec![],
		};
		ledger.observe(standing, vec![]);
		let key = self.key.verifying_key().to_bytes();
		let terms = Terms {
			consumer: [0; 32],
			oracle: ORACLE,
			model: 3,
			key,
			escrow: UFR,
			max_unit_price: 1,
			max_unacked: UFR,
			settled_seq: 0,
			settled_total: 0,
			closes_at: None,
			former_until: None,
		};
		ledger.adopt(CHANNEL, Some(terms)).unwrap();
		self.served += 1;
		let input = canonical(inputs).unwrap();
		let request = Request {
			channel_id: CHANNEL,
			request_id: u128::from(self.served).to_le_bytes(),
			model_version: VERSION,
			input_commit: payload_commit(&SALT, &input),
			meter: Meter::Request,
			max_units: 1,
			unit_price: 1,
		};
		let voucher = Voucher {
			channel_id: CHANNEL,
			cap: u128::from(self.served),
			request_commit: request.commit(&GENESIS),
			ack_seq: 0,
			ack_total: 0,
			serve_until: 1_000,
		};
		let voucher = SignedVoucher::sign(voucher, &self.key, &GENESIS);
		let order = Order { request, model: 3, salt: SALT, units: 1 };
		let offer = Offer { open: true, ask: Some(1), room: Ok(()) };
		let admitted = ledger.admit(&order, &voucher, &key, &offer).await.unwrap();
		let Admitted::Run(accepted) = admitted else { panic!("{admitted:?}") };
		let output = canonical(outputs).unwrap();
		let outcome = Outcome {
			status: Status::Served,
			units: 1,
			output_commit: payload_commit(&SALT, &output),
			started_ms: 0,
			took_ms: 0,
		};
		let (channel, id) = accepted.key();
		let known = Known::from(profile.clone());
		if keep {
			ledger.note_profile(&known);
		}
		let receipt = ledger.complete(&channel, &id, outcome, output).await.unwrap();
		if keep {
			ledger.keep_input(&receipt.receipt, known.hash, input);
		}
		receipt.to_header()
	}

	/// Audits, which must end with that code and say these words; all that was said.
	fn check(&self, arguments: &[&str], code: i32, words: &str) -> String {
		let output = self.audit(arguments);
		let text = said(&output);
		assert_eq!(output.status.code(), Some(code), "{text}");
		assert!(text.contains(words), "{words}: {text}");
		text
	}

	fn audit(&self, arguments: &[&str]) -> Output {
		Command::new(env!("CARGO_BIN_EXE_usufruct-oracle"))
			.args(["audit", "--config", "oracle.toml"])
			.args(arguments)
			.current_dir(self.folder.path())
			.output()
			.unwrap()
	}
}

fn said(output: &Output) -> String {
	let (out, error) = (&output.stdout, &output.stderr);
	format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(error))
}

fn number(seq: u64) -> String {
	format!("{}:{seq}", hex::encode(CHANNEL))
}

/// The outputs with one score changed.
fn changed(outputs: &[Tensor], by: f32) -> Vec<Tensor> {
	let output = &outputs[0];
	let mut values: Vec<f32> = output.to_elements().unwrap();
	values[7] += by;
	vec![Tensor::from_elements(output.name(), output.shape().to_vec(), &values).unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_matches_or_not_or_cannot_be_judged() {
	let mut stopped = Stopped::new();
	let inputs = [input(65)];
	let (outputs, profile) = run(inputs.to_vec());
	let other = Profile { machine: "another".into(), ..profile.clone() };
	let honest = stopped.answer(&inputs, &outputs, &profile, true).await;
	let lied = stopped.answer(&inputs, &changed(&outputs, 0.5), &profile, true).await;
	stopped.answer(&inputs, &changed(&outputs, 5e-6), &profile, true).await;
	stopped.answer(&inputs, &changed(&outputs, 1e-4), &other, true).await;
	stopped.answer(&inputs, &outputs, &profile, false).await;

	let check = |arguments: &[&str], code, words: &str| stopped.check(arguments, code, words);
	let text = check(&[&honest], 0, "MATCH: equal to the last bit");
	assert!(text.contains(&hex::encode(&profile.hash()[..8])), "{text}");
	check(&[&number(1)], 0, "MATCH: equal to the last bit");
	check(&[&lied], 1, "MISMATCH");
	check(&[&number(3)], 0, "MATCH: within the tolerance");
	check(&[&number(4)], 2, "UNDECIDED: values differ");
	check(&[&number(4), "--tolerance", "1e-3", "0"], 0, "MATCH: within");
	// By one that is large enough what is false would match as well.
	for (wrong, part) in [
		(["inf", "0"], "absolute = inf"),
		(["1e308", "0"], "absolute = 1e308"),
		(["0", "inf"], "relative = inf"),
		(["0", "2"], "relative = 2"),
		(["nan", "0"], "absolute = NaN"),
		(["-1", "0"], "absolute = -1"),
	] {
		check(&[&[lied.as_str(), "--tolerance"][..], &wrong].concat(), 2, part);
	}
	check(&[&number(5)], 2, "UNDECIDED: the request is not kept");

	let body = InferRequest { id: None, inputs: inputs.to_vec(), outputs: vec![] };
	let file = stopped.folder.path().join("request.json");
	std::fs::write(&file, serde_json::to_vec(&body).unwrap()).unwrap();
	check(&[&number(5), "--request", "request.json"], 0, "MATCH");
	let body = InferRequest { inputs: vec![input(66)], ..body };
	std::fs::write(&file, serde_json::to_vec(&body).unwrap()).unwrap();
	check(&[&number(5), "--request", "request.json"], 2, "not the one that the receipt commits to");
	check(&[&number(99)], 2, "no such receipt");
	check(&["nonsense"], 2, "neither a receipt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_run_again_under_the_profile_that_is_named_or_nothing_is_said() {
	let mut stopped = Stopped::new();
	let inputs = [input(65)];
	let (outputs, profile) = run(inputs.to_vec());
	let two = Profile { threads: 2, ..profile.clone() };
	let other = Profile { machine: "another".into(), ..profile.clone() };
	let off = changed(&outputs, 1e-4);
	stopped.answer(&inputs, &off, &two, true).await;
	stopped.answer(&inputs, &outputs, &two, true).await;
	stopped.answer(&inputs, &outputs, &other, true).await;
	stopped.answer(&inputs, &off, &two, false).await;
	let hash = |profile: &Profile| hex::encode(profile.hash());

	// On one thread, as the configuration says, it may have come out otherwise.
	stopped.check(&[&number(1)], 2, "UNDECIDED: values differ");
	stopped.check(&[&number(1), "--profile", "current"], 2, "UNDECIDED: values differ");
	let text = stopped.check(&[&number(1), "--profile", &hash(&two)], 1, "under the same profile");
	assert_eq!(text.matches("\"threads\":2").count(), 2, "{text}");
	stopped.check(&[&number(2), "--profile", &format!("0x{}", hash(&two))], 0, "MATCH");

	// No configuration makes this machine another.
	stopped.check(&[&number(3)], 0, "MATCH");
	stopped.check(&[&number(3), "--profile", &hash(&other)], 2, "which has another machine");

	// Where the log does not say how it was answered, whoever audits does.
	let body = InferRequest { id: None, inputs: inputs.to_vec(), outputs: vec![] };
	let file = stopped.folder.path().join("request.json");
	std::fs::write(&file, serde_json::to_vec(&body).unwrap()).unwrap();
	let asked = [&number(4), "--request", "request.json"];
	stopped.check(&asked, 2, "UNDECIDED: values differ");
	let named = hash(&two);
	let asked = [&asked[..], &["--profile", &named]].concat();
	stopped.check(&asked, 1, "under the same profile");

	stopped.check(&[&number(1), "--profile", &"00".repeat(31)], 2, "nor the hash of a profile");
	stopped.check(&[&number(1), "--profile", &hash(&profile)], 2, "no profile of that hash");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_that_runs_is_asked_for_what_is_in_its_log() {
	let mut oracle = Stopped::new();
	let inputs = [input(65)];
	let (outputs, profile) = run(inputs.to_vec());
	let honest = oracle.answer(&inputs, &outputs, &profile, true).await;
	oracle.answer(&inputs, &changed(&outputs, 0.5), &profile, true).await;

	// It has the log, and answers nobody.
	let ledger = Arc::new(oracle.ledger().await);
	oracle.check(&[&honest], 2, "run this as its user, or stop it");
	// One that died left something behind.
	let path = oracle.data().join("audit.sock");
	drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
	oracle.check(&[&honest], 2, "run this as its user, or stop it");

	let serving = tokio::spawn(Socket::open(&oracle.data(), Arc::clone(&ledger)).unwrap().serve());
	let mode = std::fs::metadata(&path).unwrap().permissions().mode();
	assert_eq!(mode & 0o777, 0o600, "nobody else may connect");
	oracle.check(&[&honest], 0, "MATCH: equal to the last bit");
	oracle.check(&[&number(2)], 1, "MISMATCH");
	let named = hex::encode(profile.hash());
	oracle.check(&[&number(1), "--profile", &named], 0, "MATCH: equal to the last bit");
	oracle.check(&[&number(1), "--profile", &"11".repeat(32)], 2, "no profile of that hash");
	oracle.check(&[&number(99)], 2, "no such receipt");
	// Nonsense, and one who says nothing and leaves, hold nobody up.
	for nonsense in [&b""[..], b"GET / HTTP/1.1", &[255; 100]] {
		let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
		stream.write_all(nonsense).unwrap();
	}
	oracle.check(&[&number(1)], 0, "MATCH: equal to the last bit");

	serving.abort();
	let _ = serving.await;
	assert!(!path.exists(), "it takes its socket with it");
	drop(ledger);
	oracle.check(&[&number(1)], 0, "MATCH: equal to the last bit");
}
