//! Real workers: this crate's program, the real ONNX Runtime, and models that mean harm.

#[path = "worker/models.rs"]
mod models;
#[allow(dead_code)]
#[path = "../src/testing/onnx.rs"]
mod onnx;
#[path = "worker/rig.rs"]
mod rig;
#[allow(dead_code)]
#[path = "../src/testing/skip.rs"]
mod skip;

use rig::{content, library, magika, numbers, x, Rig};
use skip::skipped;
use std::{
	io::{Read, Write},
	os::unix::net::UnixStream,
	process::{Command, Stdio},
	sync::{Arc, OnceLock},
	time::{Duration, Instant},
};
use usufruct_client::tensors::Tensor;
use usufruct_oracle::engine::{
	driver,
	gpu::Gpus,
	library::{OnnxLibrary, OnnxRuntime},
	ort::{OrtEngine, SessionOptions},
	placement::{Placement, Provider},
	shelf::Shelf,
	worker::Isolation,
	Barred, Batching, Engine, EngineError, Job, Pool, PoolOptions, Quarantine,
};

/// Keys that pay.
const GOOD: [u8; 32] = [1; 32];
const BAD: [u8; 32] = [2; 32];

/// The division that no processor of this kind survives.
fn trap() -> Vec<Tensor> {
	vec![numbers("x", &[i64::MIN]), numbers("z", &[-1])]
}

fn quotient(x: i64, z: i64) -> Vec<Tensor> {
	vec![numbers("x", &[x]), numbers("z", &[z])]
}

fn in_process(model: Vec<u8>, threads: usize) -> OrtEngine {
	static RUNTIME: OnceLock<OnnxRuntime> = OnceLock::new();
	let runtime = RUNTIME.get_or_init(|| OnnxLibrary::open(&library()).unwrap().start().unwrap());
	let nowhere = tempfile::tempdir().unwrap();
	let options =
		SessionOptions { placement: Provider::Cpu.into(), threads, nowhere: nowhere.path().into() };
	OrtEngine::load(runtime, &model, &options).unwrap()
}

/// Whether it is there, and no corpse that its parent has not noticed.
fn runs(process: u32) -> bool {
	let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
	let state = status.lines().find_map(|line| line.strip_prefix("State:"));
	state.is_some_and(|state| !state.trim_start().starts_with('Z'))
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
	let begun = Instant::now();
	while !holds() {
		assert!(begun.elapsed() < Duration::from_secs(30), "not within half a minute: {what}");
		std::thread::sleep(Duration::from_millis(20));
	}
}

fn signal(process: u32, signal: rustix::process::Signal) {
	let process = rustix::process::Pid::from_raw(process as i32).unwrap();
	rustix::process::kill_process(process, signal).unwrap();
}

#[test]
fn a_worker_answers_bit_by_bit_what_the_engine_answers() {
	let rig = Rig::new(magika());
	let mut worker = rig.start().unwrap();
	let mut engine = in_process(magika(), 1);
	assert_eq!(worker.signature(), engine.signature());
	assert_eq!(worker.placed.provider, Provider::Cpu);
	assert_eq!((worker.device(), worker.profile().gpu), ("CPU".into(), String::new()));
	for seed in 0..20 {
		assert_eq!(worker.run(&content(seed)).unwrap(), engine.run(&content(seed)).unwrap());
	}
	// An input that does not fit is an error, and no reason to start again.
	assert!(matches!(worker.run(&x(1)), Err(EngineError::Run(_))));
	assert!(worker.run(&content(1)).is_ok());
	assert_eq!(rig.instance.restarts(), 0);
}

#[test]
fn threads_run_a_model_as_they_would_outside() {
	// As many as there are processors, and then ONNX Runtime would tie each to one of them.
	for threads in [0, 3] {
		let mut rig = Rig::new(magika());
		rig.options.threads = threads;
		let mut worker = rig.start().unwrap();
		let mut engine = in_process(magika(), threads);
		for seed in 0..5 {
			assert_eq!(worker.run(&content(seed)).unwrap(), engine.run(&content(seed)).unwrap());
		}
		let there = std::fs::read_dir(format!("/proc/{}/task", rig.process())).unwrap().count();
		// Besides the first one, and that of the model, which is one of those that run it.
		assert!(there > threads, "{there} of {threads}");
		assert_eq!(rig.instance.restarts(), 0);
	}
}

#[test]
fn a_worker_goes_before_the_oracle_when_memory_runs_out() {
	let rig = Rig::new(onnx::identity(7));
	let engine = rig.start().unwrap();
	let place = std::fs::read_to_string(format!("/proc/{}/oom_score_adj", rig.process())).unwrap();
	assert_eq!(place.trim(), "1000");
	let in_force = engine.confinement.in_force.join(", ");
	assert!(in_force.contains("the first to go when memory runs out"), "{in_force}");
}

#[test]
fn a_worker_has_nothing_but_its_connection() {
	// Like the keys of an operator: in the environment, and in an open file.
	let key = tempfile::NamedTempFile::new().unwrap();
	let rig = Rig::new(onnx::identity(7));
	let engine = rig.start().unwrap();
	let process = rig.process();
	let of = |what: &str| format!("/proc/{process}/{what}");
	let environment = std::fs::read_to_string(of("environ")).unwrap();
	assert!(environment.contains("ORT_DISABLE_TELEMETRY=1"), "{environment}");
	for ours in ["ORT_DYLIB_PATH", "USUFRUCT", "PATH=", "HOME="] {
		let found = environment.replace("LD_LIBRARY_PATH=", "").contains(ours);
		assert!(!found, "{ours} in {environment}");
	}
	let files: Vec<_> = std::fs::read_dir(of("fd"))
		.unwrap()
		.map(|entry| std::fs::read_link(entry.unwrap().path()).unwrap())
		.map(|link| link.display().to_string())
		.collect();
	assert!(!files.contains(&key.path().display().to_string()));
	// Standard input and what it reads from are one connection. There may be pipes that whoever
	// started the tests left open; nothing that this process has opened is among them.
	let kinds = |kind: &str| files.iter().filter(|file| file.starts_with(kind)).count();
	assert_eq!(kinds("socket:"), 2, "{files:?}");
	assert_eq!(kinds("/dev/null") + kinds("pipe:"), files.len() - 2, "{files:?}");
	assert_eq!(std::fs::read_link(of("cwd")).unwrap(), rig.options.nowhere);

	let limits = std::fs::read_to_string(of("limits")).unwrap();
	let limit = |name: &str| {
		let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
		line.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>()
	};
	assert_eq!(limit("Max core file size"), ["0", "0"]);
	assert_eq!(limit("Max file size"), ["0", "0"]);
	assert_eq!(limit("Max open files"), ["64", "64"]);
	assert_eq!(limit("Max pending signals"), ["64", "64"]);
	let memory = rig.options.memory.to_string();
	assert_eq!(limit("Max data size"), [memory.clone(), memory]);

	let status = std::fs::read_to_string(of("status")).unwrap();
	let is = |line: &str| status.lines().any(|it| it.split_whitespace().eq(line.split(' ')));
	assert!(is("Name: usufruct-worker"), "{status}");
	assert!(is("NoNewPrivs: 1"), "{status}");
	if engine.confinement.lacking.is_empty() {
		assert!(is("Seccomp: 2"), "{status}");
		let in_force = engine.confinement.in_force.join(", ");
		assert!(in_force.contains("Landlock") && in_force.contains("seccomp"), "{in_force}");
	} else {
		skipped!("that it is locked in: this kernel lacks {:?}", engine.confinement.lacking);
	}
}

#[tokio::test]
async fn an_input_that_kills_the_process_fails_one_request() {
	let rig = Rig::new(models::division());
	let pool = rig.pool(1);
	let run = |inputs| pool.reserve(&GOOD).unwrap().run(Job::of(inputs));
	assert_eq!(run(quotient(42, 6)).await.outputs.unwrap(), [numbers("y", &[7])]);
	match run(trap()).await.outputs {
		Err(EngineError::Died(how)) => assert!(how.contains("SIGFPE"), "{how}"),
		other => panic!("{other:?}"),
	}
	wait_until("the worker is started again", || pool.reserve(&GOOD).is_ok());
	let run = |inputs| pool.reserve(&GOOD).unwrap().run(Job::of(inputs));
	assert_eq!(run(quotient(42, 7)).await.outputs.unwrap(), [numbers("y", &[6])]);
	assert_eq!(pool.instances()[0].restarts(), 1);
	assert!(pool.memory() > 10 << 20, "{}", pool.memory());
}

#[tokio::test]
async fn while_one_worker_is_dead_the_other_one_serves() {
	let rig = Rig::new(models::division());
	let pool = rig.pool(2);
	for key in 3..6 {
		// Nothing more would be run for a key that has ended two.
		let dying = pool.reserve(&[key; 32]).unwrap().run(Job::of(trap()));
		let (dead, served) = futures::join!(dying, async {
			pool.reserve(&GOOD).unwrap().run(Job::of(quotient(9, 3))).await
		});
		assert!(matches!(dead.outputs, Err(EngineError::Died(_))));
		assert_eq!(served.outputs.unwrap(), [numbers("y", &[3])]);
		wait_until("both are up", || pool.instances().iter().all(|it| it.is_up()));
	}
	assert_eq!(pool.instances().iter().map(|it| it.restarts()).sum::<u64>(), 3);
}

fn batching(rows: u32) -> Option<Batching> {
	let (axes, common) = Default::default();
	Some(Batching { rows, tokens: None, tolerance: 0.0, axes, common })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_kills_the_process_is_found_among_those_who_shared_the_run() {
	let rig = Rig::new(models::division());
	let quarantine = Arc::new(Quarantine::default());
	let pool = rig
		.pool_with(PoolOptions {
			max_queue: 512,
			batching: batching(16),
			samples: vec![quotient(42, 6), quotient(9, 3), quotient(8, 2)],
			quarantine: Arc::clone(&quarantine),
			..PoolOptions::default()
		})
		.unwrap();
	let runs = (0..120).map(|at| match at % 20 {
		// Each another input, and all of them deadly.
		19 => {
			let (x, z) = (numbers("x", &[i64::MIN, at]), numbers("z", &[-1, 1]));
			(None, pool.reserve(&BAD).unwrap().run(Job::of(vec![x, z])))
		},
		_ => (Some(at), pool.reserve(&GOOD).unwrap().run(Job::of(quotient(at * 3, 3)))),
	});
	let (expected, runs): (Vec<_>, Vec<_>) = runs.unzip();
	let ran = futures::future::join_all(runs).await;
	assert!(ran.iter().any(|it| it.shared_by > 1));
	let mut bad = Vec::new();
	for (expected, ran) in expected.into_iter().zip(ran) {
		match expected {
			Some(value) => assert_eq!(ran.outputs.unwrap(), [numbers("y", &[value])]),
			None => bad.push(ran.outputs.unwrap_err()),
		}
	}
	let (died, barred): (Vec<_>, Vec<_>) =
		bad.into_iter().partition(|it| matches!(it, EngineError::Died(_)));
	// Two, and hardly more where workers start so slowly that the key is heard again meanwhile.
	assert!(died.len() >= 2 && !barred.is_empty(), "{died:?} {barred:?}");
	let by_key = |it: &EngineError| matches!(it, EngineError::Barred(Barred::Key { .. }));
	assert!(barred.iter().all(by_key), "{barred:?}");
	assert!(quarantine.check_key(&GOOD, Instant::now()).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn models_share_the_memory_that_they_are_measured_to_take() {
	let one = Arc::new(Rig::new(magika()));
	let takes = one.pool(1).memory();
	let shelf = Shelf::new(Some(takes * 3 / 2));
	// Nobody knows before what they take.
	let [first, second] = [(); 2].map(|()| {
		let rig = Arc::clone(&one);
		shelf.place(1, move || Ok(rig.pool(1)))
	});
	let process = |pool: &Pool| pool.instances()[0].process().unwrap();
	let leased = first.lease().await.unwrap();
	let before = process(&leased);
	assert!(runs(before));
	drop(leased);
	let leased = second.lease().await.unwrap();
	// It was thought to take nothing, and the first one stayed; now it is known.
	assert!(leased.memory() > takes / 2);
	drop(leased);
	drop(first.lease().await.unwrap());
	drop(second.lease().await.unwrap());
	let third = shelf.place(takes / 2, {
		let rig = Arc::clone(&one);
		move || Ok(rig.pool(1))
	});
	let leased = third.lease().await.unwrap();
	assert!(first.loaded().is_none() && !runs(before), "its process is gone");
	assert!(leased.reserve(&GOOD).unwrap().run(Job::of(content(1))).await.outputs.is_ok());
}

#[test]
fn a_model_that_kills_the_process_that_loads_it_is_an_error() {
	match Rig::new(models::deadly()).start().err().unwrap() {
		EngineError::Died(how) => assert!(how.contains("SIGFPE"), "{how}"),
		error => panic!("{error}"),
	}
	let nonsense = onnx::model(&[onnx::bytes(1, onnx::node("Add", &[], "y"))]);
	assert!(matches!(Rig::new(nonsense).start(), Err(EngineError::Load(_))));
	assert!(matches!(Rig::new(onnx::identity(8)).start(), Err(EngineError::Unsupported { .. })));
	let mut rig = Rig::new(onnx::identity(7));
	rig.options.library = "/nonexistent/libonnxruntime.so".into();
	match rig.start().err().unwrap() {
		EngineError::Load(why) => assert!(why.contains("/nonexistent/libonnxruntime.so"), "{why}"),
		error => panic!("{error}"),
	}
}

#[test]
fn a_worker_runs_where_it_may_and_says_why_not_elsewhere() {
	let mut rig = Rig::new(onnx::identity(7));
	rig.options.placement = Placement::default();
	let mut engine = rig.start().unwrap();
	if engine.placed.provider != Provider::Cpu {
		return skipped!("CUDA works here, which tests/gpu.rs tests");
	}
	let [(Provider::Cuda, why)] = &engine.placed.passed_over.0[..] else {
		panic!("{:?}", engine.placed)
	};
	assert!(!why.is_empty());
	println!("why it does not run on CUDA here: {why}");
	assert_eq!((engine.device(), engine.profile().provider), ("CPU".into(), "CPU".into()));
	// Where it came to run it stays.
	let before = rig.process();
	signal(before, rustix::process::Signal::KILL);
	wait_until("there is another one", || engine.revive() == Ok(()) && rig.process() != before);
	assert_eq!(engine.run(&x(5)).unwrap(), [numbers("y", &[5])]);
	assert_eq!((engine.placed.provider, rig.instance.restarts()), (Provider::Cpu, 1));

	for only in [Provider::Cuda, Provider::TensorRt] {
		rig.options.placement = only.into();
		let EngineError::Provider(said) = rig.start().err().unwrap() else { panic!("{only}") };
		assert_eq!(said.0.iter().map(|(it, _)| *it).collect::<Vec<_>>(), [only]);
		// What is missing, and not what a worker may not read for want of it.
		if let Err(lacks) = driver::check() {
			assert_eq!(said.0[0].1, lacks.to_string());
		}
	}
}

#[test]
fn a_gpu_that_is_not_there_is_told_of_before_anything_is_started() {
	let mut rig = Rig::new(onnx::identity(7));
	rig.options.device = Some(4_000_000_000);
	rig.options.placement = Provider::Cuda.into();
	let error = rig.start().err().unwrap();
	assert!(matches!(&error, EngineError::Device(it) if it.device == 4_000_000_000), "{error}");
	assert_eq!(rig.instance.process(), None);
	// On the processor no number matters, nor where there is no GPU and the processor will do.
	rig.options.placement = Provider::Cpu.into();
	assert!(rig.start().is_ok());
	rig.options.placement = Placement::default();
	match rig.start() {
		Ok(engine) => assert_eq!(engine.placed.provider, Provider::Cpu),
		Err(EngineError::Device(_)) => assert!(!Gpus::here().cards.is_empty()),
		Err(error) => panic!("{error}"),
	}
}

#[test]
fn a_run_that_does_not_end_is_ended() {
	let mut rig = Rig::new(models::endless());
	// Long enough for a run that does end, on a busy machine too.
	rig.options.run_limit = Duration::from_secs(3);
	let mut engine = rig.start().unwrap();
	let process = rig.process();
	let begun = Instant::now();
	let error = engine.run(&x(i64::MAX)).unwrap_err();
	assert!(matches!(error, EngineError::TimedOut(_)), "{error}");
	assert!(begun.elapsed() < Duration::from_secs(20));
	assert!(!runs(process));
	assert_eq!(engine.revive(), Ok(()));
	assert_eq!(engine.run(&x(3)).unwrap(), [numbers("y", &[3])]);
}

#[test]
fn memory_is_limited() {
	let mut rig = Rig::new(models::zeros());
	rig.options.memory = 512 << 20;
	rig.options.max_output = u32::MAX;
	let mut engine = rig.start().unwrap();
	for bytes in [1i64 << 30, 1 << 50] {
		// It is told that there is no memory, and goes on or dies of it.
		let error = engine.run(&x(bytes)).unwrap_err();
		assert!(matches!(error, EngineError::Run(_) | EngineError::Died(_)), "{error}");
		assert_eq!(engine.revive(), Ok(()));
		assert_eq!(engine.run(&x(3)).unwrap()[0].data(), [0; 3]);
	}
	// What cannot even be loaded within the limit is an error at the start.
	rig.options.memory = 1 << 20;
	assert!(rig.start().is_err());
}

/// A worker that has half a GiB, and not long.
fn cramped(model: Vec<u8>) -> Rig {
	let mut rig = Rig::new(model);
	rig.options.memory = 512 << 20;
	rig.options.load_limit = Duration::from_secs(20);
	rig.options.run_limit = Duration::from_secs(20);
	rig
}

/// What a model answers that a cramped worker loads and runs, and that none is left.
fn loaded_and_run(model: Vec<u8>) -> Result<Vec<Tensor>, EngineError> {
	let rig = cramped(model);
	let answer = rig.start().and_then(|mut engine| engine.run(&x(5)));
	wait_until("its worker is gone", || rig.instance.process().is_none_or(|it| !runs(it)));
	answer
}

/// Whether it is the error of a model that takes more than it may.
fn takes_too_much(error: &EngineError) -> bool {
	use EngineError::*;
	matches!(error, Load(_) | Run(_) | Died(_) | TimedOut(_))
}

#[test]
fn a_small_file_that_becomes_a_large_model_ends_no_more_than_its_worker() {
	type Made = fn(u64) -> Vec<u8>;
	let large: &[u64] = &[1 << 28, 1 << 50];
	// How it is made, of how much, and what that answers; and of how much it is too large.
	let all: [(&str, Made, u64, &[i64], &[u64]); 6] = [
		("expanded", models::expanded, 3, &[6, 6, 6], large),
		("tiled", models::tiled, 3, &[6, 6, 6], large),
		("shaped", models::shaped, 3, &[6, 6, 6], large),
		("counted", models::counted, 3, &[5, 6, 7], large),
		("doubled", models::doubled, 2, &[6, 6, 6, 6], &[30]),
		("called", models::called, 3, &[5], &[30]),
	];
	for (name, made, little, answer, much) in all {
		assert!(made(much[0]).len() < 1 << 16, "{name}: it is a large file");
		let found = loaded_and_run(made(little)).unwrap_or_else(|error| panic!("{name}: {error}"));
		assert_eq!(found, [numbers("y", answer)], "{name}");
		for much in much {
			let error = loaded_and_run(made(*much)).unwrap_err();
			assert!(takes_too_much(&error), "{name} {much}: {error}");
			println!("{name} {much}: {error}");
		}
	}
}

#[test]
fn choices_in_choices_are_served_or_end_no_more_than_their_worker() {
	assert_eq!(loaded_and_run(models::chosen(3)).unwrap(), [numbers("y", &[5])]);
	// As deep as may be, and as many: how long that takes is the library's to say.
	match loaded_and_run(models::chosen(14)) {
		Err(error) => assert!(takes_too_much(&error), "{error}"),
		Ok(answer) => assert_eq!(answer, [numbers("y", &[5])]),
	}
}

#[test]
fn outputs_are_limited() {
	let rig = Rig::new(models::zeros());
	let mut engine = rig.start().unwrap();
	let error = engine.run(&x(64 << 20)).unwrap_err();
	assert!(matches!(&error, EngineError::Run(why) if why.contains("output_mib")), "{error}");
	assert_eq!(engine.run(&x(1 << 19)).unwrap()[0].data().len(), 1 << 19);
	assert_eq!(rig.instance.restarts(), 0);
}

#[test]
fn who_stops_the_oracle_does_not_stop_a_run() {
	use rustix::process::Signal;
	let rig = Rig::new(onnx::identity(7));
	let mut engine = rig.start().unwrap();
	for it in [Signal::TERM, Signal::INT, Signal::HUP] {
		signal(rig.process(), it);
	}
	std::thread::sleep(Duration::from_millis(100));
	assert_eq!(engine.run(&x(5)).unwrap(), [numbers("y", &[5])]);
	assert_eq!(rig.instance.restarts(), 0);
	let group = std::fs::read_to_string(format!("/proc/{}/stat", rig.process())).unwrap();
	let group = group.rsplit(')').next().unwrap().split_whitespace().nth(2).unwrap().to_owned();
	assert_eq!(group, rig.process().to_string(), "it is in a group of its own");
}

#[tokio::test]
async fn a_pool_that_is_dropped_takes_its_workers_along() {
	let rig = Rig::new(onnx::identity(7));
	let pool = rig.pool(2);
	let ran = pool.reserve(&GOOD).unwrap().run(Job::of(x(1))).await;
	assert!(ran.outputs.is_ok());
	let processes: Vec<_> = pool.instances().iter().map(|it| it.process().unwrap()).collect();
	assert!(processes.iter().all(|process| runs(*process)));
	drop(pool);
	wait_until("they are gone", || !processes.iter().any(|process| runs(*process)));
}

/// Set for the process that plays the oracle in the next test: where to write the worker's number.
const ORACLE: &str = "USUFRUCT_TEST_ORACLE";

#[test]
fn an_oracle_that_is_killed_leaves_no_worker() {
	if let Some(file) = std::env::var_os(ORACLE) {
		let rig = Rig::new(models::endless());
		let mut engine = rig.start().unwrap();
		std::fs::write(file, rig.process().to_string()).unwrap();
		// It is in the middle of a run, and does not look at its connection.
		let _ = engine.run(&x(i64::MAX));
		return;
	}
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("worker");
	let mut oracle = Command::new(std::env::current_exe().unwrap())
		.args(["--exact", "an_oracle_that_is_killed_leaves_no_worker"])
		.env(ORACLE, &file)
		.stdout(Stdio::null())
		.spawn()
		.unwrap();
	let mut worker = None;
	wait_until("the worker is there", || {
		worker = std::fs::read_to_string(&file).ok().and_then(|text| text.parse::<u32>().ok());
		worker.is_some()
	});
	let worker = worker.unwrap();
	std::thread::sleep(Duration::from_millis(300));
	assert!(runs(worker));
	oracle.kill().unwrap();
	oracle.wait().unwrap();
	wait_until("the worker is gone", || !runs(worker));
}

/// Runs something as on a kernel that has neither Landlock nor seccomp filters.
fn on_an_old_kernel<T: Send>(run: impl FnOnce() -> T + Send) -> T {
	use seccompiler::*;
	let filter = || -> std::result::Result<BpfProgram, BackendError> {
		// PR_SET_SECCOMP
		let mode = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, 22)?;
		let rules = [
			(libc::SYS_landlock_create_ruleset, vec![]),
			(libc::SYS_landlock_restrict_self, vec![]),
			(libc::SYS_seccomp, vec![]),
			(libc::SYS_prctl, vec![SeccompRule::new(vec![mode])?]),
		];
		SeccompFilter::new(
			rules.into(),
			SeccompAction::Allow,
			SeccompAction::Errno(libc::ENOSYS as u32),
			TargetArch::try_from(std::env::consts::ARCH)?,
		)?
		.try_into()
	};
	let filter = filter().unwrap();
	let inside = || {
		if let Err(error) = apply_filter(&filter) {
			eprintln!("this kernel lacks seccomp ({error}): it is old by itself");
		}
		run()
	};
	std::thread::scope(|scope| scope.spawn(inside).join().unwrap())
}

#[test]
fn where_the_kernel_cannot_lock_it_in_it_runs_with_a_warning_or_not_at_all() {
	let mut rig = Rig::new(onnx::identity(7));
	on_an_old_kernel(|| {
		let mut engine = rig.start().unwrap();
		let lacking = engine.confinement.lacking.join("; ");
		for lack in ["Landlock (the kernel does not have it)", "seccomp (", "read other folders"] {
			assert!(lacking.contains(lack), "{lack}: {lacking}");
		}
		for lack in ["make sockets", "start processes", "slow other processes", "outlive"] {
			assert!(lacking.contains(lack), "{lack}: {lacking}");
		}
		assert_eq!(engine.run(&x(5)).unwrap(), [numbers("y", &[5])]);
	});
	rig.options.isolation = Isolation::Required;
	match on_an_old_kernel(|| rig.start().err()).unwrap() {
		EngineError::NotIsolated(lacking) => assert!(lacking.contains("seccomp"), "{lacking}"),
		error => panic!("{error}"),
	}
	match rig.start() {
		Ok(engine) => assert!(engine.confinement.lacking.is_empty()),
		Err(EngineError::NotIsolated(lacking)) => {
			skipped!("that it is served where it is locked in: this kernel lacks {lacking}");
		},
		Err(error) => panic!("{error}"),
	}
}

#[test]
fn the_command_is_not_for_people() {
	for stdin in [Stdio::null(), Stdio::piped()] {
		let mut worker = Command::new(env!("CARGO_BIN_EXE_usufruct-oracle"))
			.arg("worker")
			.stdin(stdin)
			.stderr(Stdio::piped())
			.spawn()
			.unwrap();
		assert!(!worker.wait().unwrap().success());
		let mut said = String::new();
		worker.stderr.take().unwrap().read_to_string(&mut said).unwrap();
		assert!(said.contains("the oracle's own"), "{said}");
	}
}

#[test]
fn the_way_to_a_worker_and_back_costs_little() {
	// As much as the classifier takes, and next to no work.
	let rig = Rig::new(onnx::identity(6));
	let mut worker = rig.start().unwrap();
	let mut engine = in_process(onnx::identity(6), 1);
	let input = Tensor::from_elements("x", vec![2_048], &[7i32; 2_048]).unwrap();
	// What the machine takes for a way to another thread and back.
	let (mut ours, mut theirs) = UnixStream::pair().unwrap();
	let echo = std::thread::spawn(move || {
		let mut bytes = vec![0; 8 << 10];
		while theirs.read_exact(&mut bytes).is_ok() {
			theirs.write_all(&bytes).unwrap();
		}
	});
	let mut bytes = vec![0; 8 << 10];
	let mut times = [Vec::new(), Vec::new(), Vec::new()];
	// In turns, so that all see the same machine.
	for _ in 0..1_000 {
		let engines: [&mut dyn Engine; 2] = [&mut engine, &mut worker];
		for (times, engine) in times.iter_mut().zip(engines) {
			let inputs = vec![input.clone()];
			let begun = Instant::now();
			engine.run(&inputs).unwrap();
			times.push(begun.elapsed());
		}
		let begun = Instant::now();
		ours.write_all(&bytes).unwrap();
		ours.read_exact(&mut bytes).unwrap();
		times[2].push(begun.elapsed());
	}
	drop(ours);
	echo.join().unwrap();
	let [here, there, echoed] = times.map(|mut times| {
		times.sort_unstable();
		[10, 50, 99].map(|percent| times[times.len() * percent / 100])
	});
	println!("8 KiB there and back, p10 p50 p99: in process {here:?}, in a worker {there:?}");
	// Far above what a quiet machine takes, of the faster runs, and more where threads wait to be run, so that a
	// busy one passes: it guards against a way that waits for something.
	let cost = there[0].saturating_sub(here[0]);
	assert!(
		cost < Duration::from_millis(2) + 8 * echoed[0],
		"{cost:?}, where an echo takes {echoed:?}"
	);
}
