//! The oracle's side against workers that do not keep to the protocol: shell scripts that say what
//! they like.

use super::{
	frame::{self, Kind},
	message::{Begin, Confined, Confinement, Failure, Loaded},
	*,
};
use crate::{
	engine::{
		placement::{PassedOver, Placed, Provider},
		Artifact, Engine, EngineError, Instance, Port, Rules, Signature,
	},
	testing::onnx,
};
use codec::Encode;
use std::{
	fmt::Write,
	path::Path,
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_client::{
	manifest,
	tensors::{canonical, DataType, Tensor},
};

fn artifact() -> Arc<Artifact> {
	let bytes = onnx::identity(7);
	let hash = manifest::of_bytes(&bytes).hash;
	Arc::new(Artifact::check(bytes, &hash, &Rules::default()).unwrap())
}

fn signature(output: DataType) -> Signature {
	let port = |name: &str, datatype| Port { name: name.into(), datatype, shape: vec![None] };
	Signature { inputs: vec![port("x", DataType::Int64)], outputs: vec![port("y", output)] }
}

fn x(values: &[i64]) -> Tensor {
	Tensor::from_elements("x", vec![values.len() as u64], values).unwrap()
}

fn y(values: &[i64]) -> Tensor {
	Tensor::from_elements("y", vec![values.len() as u64], values).unwrap()
}

fn framed(kind: Kind, body: &[u8]) -> Vec<u8> {
	let mut bytes = Vec::new();
	frame::write(&mut bytes, kind, body).unwrap();
	bytes
}

fn answer(tensors: &[Tensor]) -> Vec<u8> {
	framed(Kind::Outputs, &canonical(tensors).unwrap())
}

fn confined(lacking: &[&str]) -> Vec<u8> {
	let lacking = lacking.iter().map(|it| (*it).into()).collect();
	let confinement = Confinement { in_force: vec!["a script".into()], lacking };
	framed(Kind::Confined, &Confined { runtime: "none".into(), confinement }.encode())
}

fn loaded() -> Vec<u8> {
	loaded_on(Provider::Cpu)
}

fn loaded_on(provider: Provider) -> Vec<u8> {
	let placed = Placed { provider, passed_over: PassedOver::default() };
	framed(Kind::Loaded, &Loaded::new(&placed, &signature(DataType::Int64)).encode())
}

/// A line of a script that sends these bytes.
fn say(bytes: &[u8]) -> String {
	let mut line = String::from("printf '");
	for byte in bytes {
		write!(line, "\\{byte:03o}").unwrap();
	}
	line + "' >&0\n"
}

/// What a script does that stays and says no more.
const STAY: &str = "exec /bin/sleep 100\n";
/// A line of a script that waits for a request.
const HEAR: &str = "hear\n";

/// A worker that is a script.
struct Fake {
	folder: tempfile::TempDir,
	instance: Arc<Instance>,
}

impl Fake {
	fn new(script: &str) -> Self {
		let fake =
			Self { folder: tempfile::tempdir().unwrap(), instance: Arc::new(Instance::default()) };
		fake.becomes(script);
		fake
	}

	/// Loads like a worker that keeps to the protocol, then does something else.
	fn loading(then: &str) -> Self {
		Self::new(&(say(&confined(&[])) + &say(&loaded()) + then))
	}

	fn becomes(&self, script: &str) {
		let begin = Begin {
			library: b"/nonexistent".to_vec(),
			nowhere: self.folder.path().as_os_str().as_encoded_bytes().to_vec(),
			placement: Provider::Cpu.into(),
			threads: 1,
			memory: 0,
			max_output: 0,
		};
		let before = framed(Kind::Begin, &begin.encode()).len()
			+ framed(Kind::Model, &artifact().bytes().unwrap()).len();
		let hear = format!("/usr/bin/head -c {} >/dev/null\n", before + 1);
		// The shell takes the first argument for the file to read, in the folder it is started in.
		std::fs::write(self.folder.path().join(ARGUMENT), script.replace(HEAR, &hear)).unwrap();
	}

	fn options(&self) -> WorkerOptions {
		WorkerOptions {
			name: "fake".into(),
			program: "/bin/sh".into(),
			library: "/nonexistent".into(),
			nowhere: self.folder.path().into(),
			placement: Provider::Cpu.into(),
			device: None,
			threads: 1,
			isolation: Isolation::Required,
			memory: 1 << 30,
			max_output: 1 << 10,
			load_limit: Duration::from_secs(20),
			run_limit: Duration::from_secs(20),
		}
	}

	fn start_with(
		&self,
		change: impl FnOnce(&mut WorkerOptions),
	) -> Result<WorkerEngine, EngineError> {
		let mut options = self.options();
		change(&mut options);
		WorkerEngine::start(options, artifact(), Arc::clone(&self.instance))
	}

	fn start(&self) -> Result<WorkerEngine, EngineError> {
		self.start_with(|_| ())
	}

	/// Runs it once, which must fail and end its process.
	fn fails(&self, engine: &mut WorkerEngine) -> EngineError {
		let process = self.instance.process().unwrap();
		assert!(exists(process));
		let error = engine.run(&[x(&[1])]).unwrap_err();
		assert!(!exists(process), "{error}");
		assert!(!self.instance.is_up());
		error
	}
}

fn exists(process: u32) -> bool {
	Path::new(&format!("/proc/{process}")).exists()
}

#[test]
fn who_keeps_to_the_protocol_is_served() {
	let failed = framed(Kind::Failed, &Failure::Run("no\nsuch index".into()).encode());
	let fake = Fake::loading(&(say(&failed) + &say(&answer(&[y(&[5])])) + STAY));
	let mut engine = fake.start().unwrap();
	assert_eq!(*engine.signature(), signature(DataType::Int64));
	assert_eq!((engine.placed.provider, engine.runtime.as_str()), (Provider::Cpu, "none"));
	assert_eq!(engine.confinement.in_force, ["a script"]);
	let process = fake.instance.process().unwrap();
	// A model that cannot take an input ends nothing.
	let error = engine.run(&[x(&[1])]).unwrap_err();
	assert_eq!(error.to_string(), "the run failed: no such index");
	assert_eq!(engine.run(&[x(&[1])]).unwrap(), [y(&[5])]);
	assert_eq!((fake.instance.process(), fake.instance.restarts()), (Some(process), 0));
	drop(engine);
	assert!(!exists(process));
	assert!(!fake.instance.is_up());
}

#[test]
fn who_does_not_is_killed() {
	let other = Tensor::from_elements("y", vec![1], &[1f32]).unwrap();
	let z = Tensor::from_elements("z", vec![1], &[1i64]).unwrap();
	for said in [
		b"\x63\0\0\0\0".to_vec(),
		b"\x06\xff\xff\xff\xff".to_vec(),
		answer(&[y(&[0; 200])]),
		answer(&[other]),
		answer(std::slice::from_ref(&z)),
		answer(&[y(&[1]), z]),
		answer(&[]),
		framed(Kind::Outputs, &[0; 1_000]),
		framed(Kind::Failed, &[9, 9, 9]),
		loaded(),
		confined(&[]),
	] {
		let fake = Fake::loading(&(say(&said) + STAY));
		let error = fake.fails(&mut fake.start().unwrap());
		assert!(matches!(error, EngineError::Broken(_)), "{said:?}: {error}");
	}
}

#[test]
fn who_says_nothing_or_too_little_is_killed_when_the_time_is_over() {
	let cut = answer(&[y(&[1])]);
	for said in [&cut[..0], &cut[..3], &cut[..cut.len() - 1]] {
		let fake = Fake::loading(&(say(said) + STAY));
		let limit = Duration::from_millis(300);
		let mut engine = fake.start_with(|options| options.run_limit = limit).unwrap();
		let begun = Instant::now();
		let error = fake.fails(&mut engine);
		assert!(matches!(error, EngineError::TimedOut(it) if it == limit), "{error}");
		assert!(begun.elapsed() >= limit && begun.elapsed() < Duration::from_secs(10));
	}
}

#[test]
fn who_dies_tells_its_last_words() {
	let fake = Fake::loading(&format!("{HEAR}echo out of luck >&2\nexit 7\n"));
	let error = fake.fails(&mut fake.start().unwrap()).to_string();
	assert_eq!(error, "its worker died: exit status: 7; its last words: out of luck");
	let fake = Fake::loading(&format!("{HEAR}kill -SEGV $$\n"));
	let error = fake.fails(&mut fake.start().unwrap()).to_string();
	assert!(error.contains("SIGSEGV"), "{error}");
	let fake = Fake::loading(&format!("{HEAR}exec 0</dev/null\n{STAY}"));
	let error = fake.fails(&mut fake.start().unwrap()).to_string();
	assert_eq!(error, "its worker died: it closed its connection");
}

#[test]
fn who_writes_and_writes_is_neither_waited_for_nor_believed() {
	let noise =
		"i=0\nwhile [ $i -lt 3000 ]; do echo 'ERROR forged line of a log' >&2; i=$((i+1)); done\n";
	let fake = Fake::loading(&format!("{noise}{}{STAY}", say(&answer(&[y(&[1])]))));
	assert_eq!(fake.start().unwrap().run(&[x(&[1])]).unwrap(), [y(&[1])]);
}

#[test]
fn what_goes_wrong_at_the_start_is_an_error() {
	let failed = |failure: Failure| framed(Kind::Failed, &failure.encode());
	let error = |script: String| Fake::new(&script).start().err().unwrap();
	let library = failed(Failure::Load("no library".into()));
	assert!(matches!(error(say(&library) + STAY), EngineError::Load(why) if why == "no library"));
	let cards = PassedOver(vec![(Provider::Cuda, "no card".into())]);
	let model = say(&confined(&[])) + &say(&failed(Failure::Provider(cards.clone())));
	assert!(matches!(error(model + STAY), EngineError::Provider(said) if said == cards));
	assert!(matches!(error("exit 1\n".into()), EngineError::Died(_)));
	assert!(matches!(error(say(b"GET / HTTP/1.1") + STAY), EngineError::Broken(_)));
	assert!(matches!(error(say(&loaded()) + STAY), EngineError::Broken(_)));
	// It was asked to be on the processor.
	let elsewhere = say(&confined(&[])) + &say(&loaded_on(Provider::Cuda)) + STAY;
	assert!(matches!(error(elsewhere), EngineError::Broken(_)));
	let fake = Fake::new(&(say(&confined(&[])) + STAY));
	let late = fake.start_with(|options| options.load_limit = Duration::from_millis(200));
	assert!(matches!(late, Err(EngineError::TimedOut(_))));
	let nothing = Fake::new("").start_with(|options| options.program = "/nonexistent".into());
	assert!(matches!(nothing, Err(EngineError::Load(_))));
}

#[test]
fn what_is_not_locked_in_gets_no_model_where_it_must_be() {
	let fake = Fake::new(&(say(&confined(&["Landlock", "seccomp"])) + &say(&loaded()) + STAY));
	match fake.start().err().unwrap() {
		EngineError::NotIsolated(lacking) => assert_eq!(lacking, "Landlock; seccomp"),
		error => panic!("{error}"),
	}
	let engine = fake.start_with(|options| options.isolation = Isolation::BestEffort).unwrap();
	assert_eq!(engine.confinement.lacking, ["Landlock", "seccomp"]);
}

/// Tries until it is started again, which is so long after it ended, at most.
fn revived(engine: &mut WorkerEngine, pause: Duration) {
	// On a busy machine the pause may be over before it is asked for.
	while let Err(left) = engine.revive() {
		assert!(left <= pause, "{left:?} of {pause:?}");
		std::thread::sleep(left);
	}
}

#[test]
fn a_worker_that_does_not_last_is_started_ever_more_seldom() {
	let fake = Fake::loading(&format!("{HEAR}exit 1\n"));
	let mut engine = fake.start().unwrap();
	// It may have been that one request: the second worker starts at once.
	fake.fails(&mut engine);
	assert_eq!(engine.revive(), Ok(()));
	assert!(fake.instance.is_up());
	assert_eq!(fake.instance.restarts(), 1);
	for ms in [200, 400, 800] {
		let (begun, pause) = (Instant::now(), Duration::from_millis(ms));
		fake.fails(&mut engine);
		revived(&mut engine, pause);
		assert!(begun.elapsed() >= pause, "{:?} of {pause:?}", begun.elapsed());
	}
	assert_eq!(fake.instance.restarts(), 4);
	// Once a run went well, it counts from the beginning again.
	fake.fails(&mut engine);
	let good = say(&confined(&[])) + &say(&loaded()) + &say(&answer(&[y(&[1])]));
	fake.becomes(&(good.clone() + STAY));
	revived(&mut engine, Duration::from_millis(1_600));
	engine.run(&[x(&[1])]).unwrap();
	// While it is idle it may be killed: the next run does not notice.
	let process = fake.instance.process().unwrap();
	let process = rustix::process::Pid::from_raw(process as i32).unwrap();
	rustix::process::kill_process(process, rustix::process::Signal::KILL).unwrap();
	// It is dead when the kernel came to it, and waits for its parent then.
	let status = format!("/proc/{}/status", process.as_raw_nonzero());
	while !std::fs::read_to_string(&status).unwrap().contains("State:\tZ") {
		std::thread::sleep(Duration::from_millis(10));
	}
	assert_eq!(engine.revive(), Ok(()));
	engine.run(&[x(&[1])]).unwrap();
	assert_eq!(fake.instance.restarts(), 6);
}

#[test]
fn a_worker_that_comes_back_with_another_model_is_not_taken() {
	let fake = Fake::loading(&format!("{HEAR}exit 1\n"));
	let mut engine = fake.start().unwrap();
	let placed = Placed { provider: Provider::Cpu, passed_over: PassedOver::default() };
	let other = Loaded::new(&placed, &signature(DataType::Fp32)).encode();
	fake.becomes(&(say(&confined(&[])) + &say(&framed(Kind::Loaded, &other)) + STAY));
	fake.fails(&mut engine);
	assert!(engine.revive().is_err());
	assert!(!fake.instance.is_up());
	assert!(matches!(engine.run(&[x(&[1])]), Err(EngineError::Stopped)));
}
