//! Threads, deadlines, callers that leave, and runs that requests share.

use super::*;
use crate::{
	engine::{
		batch::{tests::batching, BatchError},
		invariance::tests::quantised,
		ort::{OrtEngine, SessionOptions},
		placement::Provider,
		Barred,
	},
	testing::{magika, onnx, runtime},
};
use std::{
	collections::BTreeMap,
	sync::{
		atomic::{AtomicI64, AtomicUsize, Ordering},
		Mutex,
	},
};
use usufruct_client::tensors::DataType;

const A: PublicKey = [1; 32];
const B: PublicKey = [2; 32];
/// After which an answer counts as never coming.
const LIMIT: Duration = Duration::from_secs(20);

/// What holds runs up, by the number less than 0 that is the input of each.
static GATES: Mutex<BTreeMap<i64, Arc<Mutex<mpsc::Receiver<()>>>>> = Mutex::new(BTreeMap::new());

/// The input of a run, which ends when what comes with it is dropped.
fn gate() -> (i64, mpsc::Sender<()>) {
	static LAST: AtomicI64 = AtomicI64::new(0);
	let number = LAST.fetch_sub(1, Ordering::SeqCst) - 1;
	let (shut, opens) = mpsc::channel();
	GATES.lock().unwrap().insert(number, Arc::new(Mutex::new(opens)));
	(number, shut)
}

fn pass(gate: i64) {
	let opens = Arc::clone(&GATES.lock().unwrap()[&gate]);
	// It opens by an error: nothing is ever sent.
	let _ = opens.lock().unwrap().recv();
}

fn options(instances: usize, max_queue: usize) -> PoolOptions {
	PoolOptions { name: "test".into(), instances, max_queue, ..PoolOptions::default() }
}

fn x(values: &[i64]) -> Vec<Tensor> {
	vec![Tensor::from_elements("x", vec![values.len() as u64], values).unwrap()]
}

/// Waits as many milliseconds as its input says, or at a gate, and counts; ends its "worker" on 13.
struct Slow {
	signature: Signature,
	runs: Arc<AtomicUsize>,
}

impl Engine for Slow {
	fn signature(&self) -> &Signature {
		&self.signature
	}

	fn profile(&self) -> Profile {
		Profile::of("none", Provider::Cpu, 1)
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		self.runs.fetch_add(1, Ordering::SeqCst);
		let values = inputs[0].to_elements::<i64>().unwrap();
		if values.contains(&13) {
			return Err(EngineError::Died("13".into()));
		}
		match values.iter().max().copied().unwrap_or(0) {
			gate if gate < 0 => pass(gate),
			ms => std::thread::sleep(Duration::from_millis(ms as u64)),
		}
		Ok(vec![Tensor::from_elements("y", inputs[0].shape().to_vec(), &values).unwrap()])
	}
}

fn slow(options: PoolOptions) -> (Pool, Arc<AtomicUsize>) {
	let runs = Arc::new(AtomicUsize::new(0));
	let port = |name: &str| crate::engine::Port {
		name: name.into(),
		datatype: DataType::Int64,
		shape: vec![None],
	};
	let signature = Signature { inputs: vec![port("x")], outputs: vec![port("y")] };
	let counted = Arc::clone(&runs);
	let make = move |_: &Arc<Instance>| {
		Ok(Slow { signature: signature.clone(), runs: Arc::clone(&counted) })
	};
	(Pool::start(options, make).unwrap(), runs)
}

fn ort(bytes: Vec<u8>, options: PoolOptions) -> Result<Pool, EngineError> {
	let nowhere = tempfile::tempdir().unwrap().keep();
	let session = SessionOptions { placement: Provider::Cpu.into(), threads: 1, nowhere };
	Pool::start(options, move |_| OrtEngine::load(runtime(), &bytes, &session))
}

/// Something that runs for as long as it is left to.
struct Busy {
	run: tokio::task::JoinHandle<Ran>,
	shut: mpsc::Sender<()>,
}

impl Busy {
	/// Lets it end; what came of it.
	async fn end(self) -> Ran {
		drop(self.shut);
		self.run.await.unwrap()
	}
}

/// Runs something, and returns once it runs.
async fn occupy(pool: &Pool, key: &PublicKey) -> Busy {
	let (gate, shut) = gate();
	let run = tokio::spawn(pool.reserve(key).unwrap().run(Job::of(x(&[gate]))));
	while pool.busy() == 0 {
		tokio::time::sleep(Duration::from_millis(1)).await;
	}
	Busy { run, shut }
}

async fn until_waiting(pool: &Pool, count: usize) {
	while pool.waiting() < count {
		tokio::time::sleep(Duration::from_millis(1)).await;
	}
}

#[tokio::test]
async fn a_deadline_that_passes_in_the_queue_is_told_at_once_and_nothing_is_run() {
	let (pool, runs) = slow(options(1, 8));
	let busy = occupy(&pool, &A).await;
	let deadline = Some(Instant::now() + Duration::from_millis(50));
	let late = pool.reserve(&A).unwrap().run(Job { deadline, ..Job::of(x(&[0])) });
	let late = tokio::time::timeout(LIMIT, late).await.expect("it waits for its turn");
	assert!(matches!(late.outputs, Err(EngineError::Late)));
	assert_eq!((pool.waiting(), runs.load(Ordering::SeqCst)), (0, 1));
	assert!(busy.end().await.outputs.is_ok());
	assert!(pool.reserve(&A).unwrap().run(Job::of(x(&[0]))).await.outputs.is_ok());
	assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_deadline_that_passes_in_the_run_is_told_at_once_and_the_worker_stays_busy() {
	let (pool, _) = slow(options(1, 0));
	let (gate, shut) = gate();
	// So long that it runs by then, on a busy machine too.
	let deadline = Some(Instant::now() + Duration::from_secs(2));
	let late = pool.reserve(&A).unwrap().run(Job { deadline, ..Job::of(x(&[gate])) });
	let late = tokio::time::timeout(LIMIT, late).await.expect("it waits for the end of the run");
	assert!(matches!(late.outputs, Err(EngineError::Late)));
	// There is no room for another one yet.
	assert!(matches!(pool.reserve(&A), Err(NoRoom::Queue { retry_s: 1 })));
	drop(shut);
	while pool.busy() > 0 {
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	assert!(pool.reserve(&A).is_ok());
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_run() {
	let (pool, runs) = slow(options(1, 8));
	let busy = occupy(&pool, &A).await;
	let (callers, caller) = watch::channel(());
	let callers = Arc::new(callers);
	let job = |value: i64| Job { callers: Some(Arc::clone(&callers)), ..Job::of(x(&[value])) };
	let (left, back) =
		(pool.reserve(&A).unwrap().run(job(1)), pool.reserve(&A).unwrap().run(job(2)));
	let (left, back) = (tokio::spawn(left), tokio::spawn(back));
	drop(caller);
	until_waiting(&pool, 2).await;
	busy.end().await;
	for gone in [left.await.unwrap(), back.await.unwrap()] {
		assert!(matches!(gone.outputs, Err(EngineError::Abandoned)), "{gone:?}");
	}
	assert_eq!(runs.load(Ordering::SeqCst), 1);

	// Who comes back before its turn is answered.
	let busy = occupy(&pool, &A).await;
	let caller = callers.subscribe();
	let waiting = tokio::spawn(pool.reserve(&A).unwrap().run(job(3)));
	drop(caller);
	until_waiting(&pool, 1).await;
	let _again = callers.subscribe();
	busy.end().await;
	assert!(waiting.await.unwrap().outputs.is_ok());
}

#[tokio::test]
async fn those_who_left_take_no_room_from_those_who_come() {
	let (pool, runs) = slow(options(1, 2));
	let busy = occupy(&pool, &A).await;
	let (callers, caller) = watch::channel(());
	let callers = Arc::new(callers);
	let abandoned: Vec<_> = [A, B]
		.into_iter()
		.map(|key| {
			let job = Job { callers: Some(Arc::clone(&callers)), ..Job::of(x(&[0])) };
			tokio::spawn(pool.reserve(&key).unwrap().run(job))
		})
		.collect();
	until_waiting(&pool, 2).await;
	assert!(matches!(pool.reserve(&B), Err(NoRoom::Queue { .. })));
	drop(caller);
	let slot = pool.reserve(&B).unwrap();
	for gone in abandoned {
		assert!(matches!(gone.await.unwrap().outputs, Err(EngineError::Abandoned)));
	}
	assert!(busy.end().await.outputs.is_ok());
	assert!(slot.run(Job::of(x(&[0]))).await.outputs.is_ok());
	assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_place_that_is_not_used_is_free_again() {
	let (pool, _) = slow(options(1, 0));
	for _ in 0..10 {
		let slot = pool.reserve(&A).unwrap();
		assert!(matches!(pool.reserve(&B), Err(NoRoom::Queue { .. })));
		drop(slot);
	}
	assert!(pool.reserve(&B).is_ok());
}

#[tokio::test]
async fn a_flood_of_one_key_does_not_keep_another_waiting() {
	let (pool, _) = slow(options(1, 4_000));
	let flood: Vec<_> =
		(0..1_900).map(|_| tokio::spawn(pool.reserve(&A).unwrap().run(Job::of(x(&[5]))))).collect();
	tokio::time::sleep(Duration::from_millis(50)).await;
	for _ in 0..5 {
		let ran = pool.reserve(&B).unwrap().run(Job::of(x(&[2]))).await;
		assert!(ran.outputs.is_ok());
	}
	// Each waited for what ran and one more of the other, not for the nine seconds of all; a busy machine has run
	// some of those meanwhile.
	assert!(pool.waiting() > 500, "{}", pool.waiting());
	flood.into_iter().for_each(|it| it.abort());
}

#[tokio::test]
async fn a_pool_that_stops_answers_what_waits_and_takes_no_more() {
	let (pool, _) = slow(options(1, 8));
	let late = pool.reserve(&A).unwrap();
	let waiting: Vec<_> =
		(0..3).map(|_| tokio::spawn(pool.reserve(&A).unwrap().run(Job::of(x(&[20]))))).collect();
	tokio::time::sleep(Duration::from_millis(10)).await;
	tokio::task::spawn_blocking(move || pool.stop()).await.unwrap();
	for ran in waiting {
		assert!(ran.await.unwrap().outputs.is_ok());
	}
	assert!(matches!(late.run(Job::of(x(&[0]))).await.outputs, Err(EngineError::Stopped)));
}

fn content(seed: u64) -> Vec<Tensor> {
	let bytes: Vec<i32> = (0..2_048).map(|at| ((at * (seed + 3)) % 257) as i32).collect();
	vec![Tensor::from_elements("bytes", vec![1, 2_048], &bytes).unwrap()]
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_share_a_run_are_answered_as_if_they_were_alone() {
	let classifier = std::fs::read(magika()).unwrap();
	let alone = ort(classifier.clone(), options(1, 8)).unwrap();
	let shared =
		ort(classifier, PoolOptions { batching: Some(batching(16)), ..options(1, 256) }).unwrap();
	let runs = (0..64).map(|seed| shared.reserve(&A).unwrap().run(Job::of(content(seed))));
	let ran = futures::future::join_all(runs.map(tokio::spawn)).await;
	let mut together = 0;
	for (seed, ran) in ran.into_iter().enumerate() {
		let ran = ran.unwrap();
		together = together.max(ran.shared_by);
		let expected = alone.reserve(&A).unwrap().run(Job::of(content(seed as u64))).await;
		let (outputs, expected) = (ran.outputs.unwrap(), expected.outputs.unwrap());
		assert_eq!((outputs.len(), outputs[0].shape()), (1, &[1, 214][..]));
		let by = crate::engine::invariance::difference(&expected[0], &outputs[0]);
		assert!(by <= 1e-5, "{seed}: {by:e}");
	}
	assert!((2..=16).contains(&together), "{together} shared the largest run");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_fails_for_anothers_input() {
	let batched = PoolOptions { batching: Some(batching(64)), ..options(1, 512) };
	let pool = ort(onnx::gather(), batched).unwrap();
	let values: Vec<i64> = (0..100).map(|at| if at % 10 == 5 { 7 } else { at % 2 }).collect();
	let runs = values.iter().map(|value| pool.reserve(&A).unwrap().run(Job::of(x(&[*value]))));
	let ran = futures::future::join_all(runs).await;
	assert!(ran.iter().any(|it| it.shared_by > 1));
	for (value, ran) in values.iter().zip(ran) {
		match ran.outputs {
			Ok(outputs) => {
				let answer = outputs[0].to_elements::<i32>().unwrap();
				assert_eq!(answer, [if *value == 0 { 10 } else { 20 }]);
			},
			Err(EngineError::Run(_)) => assert_eq!(*value, 7),
			Err(error) => panic!("{error}"),
		}
	}
}

#[tokio::test]
async fn requests_of_other_rows_share_a_run_and_get_their_own() {
	let batched = PoolOptions { batching: Some(batching(8)), ..options(1, 64) };
	let pool = ort(onnx::identity(7), batched).unwrap();
	let requests: Vec<Vec<i64>> =
		(1..20).map(|rows| (0..rows % 9 + 1).map(|at| rows * 100 + at).collect()).collect();
	let runs = requests.iter().map(|it| pool.reserve(&A).unwrap().run(Job::of(x(it))));
	let ran = futures::future::join_all(runs).await;
	for (request, ran) in requests.iter().zip(ran) {
		assert_eq!(ran.outputs.unwrap()[0].to_elements::<i64>().unwrap(), *request);
	}
}

#[tokio::test]
async fn who_ends_the_worker_is_found_among_those_who_shared_it() {
	let batched = PoolOptions {
		batching: Some(batching(32)),
		samples: vec![x(&[1]), x(&[2]), x(&[3]), x(&[4])],
		..options(1, 256)
	};
	let quarantine = Arc::clone(&batched.quarantine);
	let (pool, _) = slow(batched);
	// Before any of it runs, as the key is barred for two seconds only.
	let now = Instant::now();
	let busy = occupy(&pool, &A).await;
	let jobs = (0..20).map(|at| match at % 5 {
		4 => (B, 13),
		_ => (A, at % 5),
	});
	let runs: Vec<_> = jobs
		.map(|(key, value)| {
			let run = pool.reserve(&key).unwrap().run(Job::of(x(&[value])));
			(key, tokio::spawn(run))
		})
		.collect();
	busy.end().await;
	let (mut died, mut barred) = (0, 0);
	for (key, run) in runs {
		let ran = run.await.unwrap();
		match ran.outputs {
			Ok(_) => assert_eq!(key, A),
			Err(EngineError::Died(_)) => died += 1,
			Err(EngineError::Barred(_)) => barred += 1,
			Err(error) => panic!("{error}"),
		}
	}
	// Two workers it may end; the rest of what it has is not run.
	assert_eq!((died, barred), (2, 2));
	assert_eq!(quarantine.check_key(&A, now), Ok(()));
	assert!(matches!(quarantine.check_key(&B, now), Err(Barred::Key { ended: 2, .. })));
	assert_eq!(quarantine.check(&A, 0, &x(&[13]), now), Err(Barred::Input));
	assert_eq!(quarantine.check(&A, 0, &x(&[1]), now), Ok(()));
}

#[test]
fn a_pool_whose_requests_cannot_share_runs_does_not_start() {
	let batched = || PoolOptions { batching: Some(batching(8)), ..options(2, 8) };
	// Its input is always one row.
	let fixed = onnx::model(&[
		onnx::bytes(1, onnx::node("Identity", &["x"], "y")),
		onnx::bytes(11, onnx::value("x", 7, &[Some(1)])),
		onnx::bytes(12, onnx::value("y", 7, &[Some(1)])),
	]);
	let error = ort(fixed, batched()).err().unwrap();
	assert!(matches!(error, EngineError::Batch(BatchError::NoRows { .. })), "{error}");
	// One scale for all rows of a run: that shows only when it is tried.
	let error = ort(quantised(), batched()).err().unwrap();
	assert!(matches!(error, EngineError::Batch(BatchError::Companions { .. })), "{error}");
}

#[test]
fn a_profile_says_how_requests_share_runs() {
	let lax = Batching { tolerance: 0.5, ..batching(32) };
	for (batching, expected) in [(None, "off"), (Some(lax), "up to 32 rows, within 5e-1 of alone")]
	{
		let samples = vec![x(&[1]), x(&[2]), x(&[3]), x(&[4])];
		let (pool, _) = slow(PoolOptions { batching, samples, ..options(2, 0) });
		assert_eq!(pool.profile().batch, expected);
		assert_eq!(pool.known().hash, pool.profile().hash());
	}
}

#[test]
fn samples_are_run_by_every_engine_and_must_run() {
	let runs = |samples: Vec<Vec<Tensor>>| {
		let (pool, runs) = slow(PoolOptions { samples, ..options(3, 0) });
		drop(pool);
		runs.load(Ordering::SeqCst)
	};
	assert_eq!(runs(vec![x(&[0]), x(&[1])]), 6);
	let with = |samples| ort(onnx::gather(), PoolOptions { samples, ..options(1, 0) });
	assert!(with(vec![x(&[1])]).is_ok());
	for wrong in [x(&[7]), vec![], vec![Tensor::from_elements("x", vec![1], &[1i32]).unwrap()]] {
		match with(vec![x(&[1]), wrong]).err().unwrap() {
			EngineError::Load(why) => assert!(why.contains("sample 2"), "{why}"),
			error => panic!("{error}"),
		}
	}
}

#[tokio::test]
async fn to_look_for_room_takes_none_of_it() {
	let (pool, _) = slow(options(1, 2));
	for _ in 0..100 {
		assert_eq!(pool.look(&A), Ok(()));
	}
	let busy = occupy(&pool, &A).await;
	let (callers, caller) = watch::channel(());
	let job = Job { callers: Some(Arc::new(callers)), ..Job::of(x(&[0])) };
	let left = tokio::spawn(pool.reserve(&A).unwrap().run(job));
	until_waiting(&pool, 1).await;
	assert_eq!((pool.look(&A), pool.look(&B)), (Err(NoRoom::Share { retry_s: 1 }), Ok(())));
	// It sees those that have left, as who reserves does.
	drop(caller);
	assert_eq!(pool.look(&A), Ok(()));
	assert_eq!(pool.waiting(), 0);
	assert!(matches!(left.await.unwrap().outputs, Err(EngineError::Abandoned)));
	assert!(busy.end().await.outputs.is_ok());
	pool.instances()[0].down();
	assert_eq!(pool.look(&A), Err(NoRoom::Down));
}

#[tokio::test]
async fn a_flood_that_finds_no_room_seldom_looks_through_the_queue() {
	let (pool, _) = slow(options(1, 2_000));
	let busy = occupy(&pool, &A).await;
	let (callers, caller) = watch::channel(());
	let callers = Arc::new(callers);
	let mut waiting = Vec::new();
	while let Ok(slot) = pool.reserve(&A) {
		let job = Job { callers: Some(Arc::clone(&callers)), ..Job::of(x(&[0])) };
		waiting.push(tokio::spawn(slot.run(job)));
	}
	until_waiting(&pool, waiting.len()).await;
	assert_eq!(waiting.len(), 1_000);
	// Nobody waits for them any more. Who comes may be told wrongly that there is no room, but not for long.
	drop(caller);
	let refused = (0..).take_while(|_| pool.look(&A).is_err()).count();
	assert!((25..=32).contains(&refused), "{refused} refused until those that left were found");
	assert_eq!(pool.waiting(), 0);
	for gone in waiting {
		assert!(matches!(gone.await.unwrap().outputs, Err(EngineError::Abandoned)));
	}
	assert!(busy.end().await.outputs.is_ok());
}
