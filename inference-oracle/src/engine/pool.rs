//! Threads that each own one session; requests reach them through one bounded queue.
//!
//! Room is reserved before a request is accepted and paid for, so that an accepted request always
//! finds room; there is none while no session is up.

use super::{Engine, EngineError, Signature};
use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	sync::{
		atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering},
		mpsc::{self, TryRecvError},
		Arc, Mutex, PoisonError,
	},
	time::{Duration, Instant},
};
use tokio::sync::{oneshot, OwnedSemaphorePermit, Semaphore};
use usufruct_client::tensors::Tensor;

/// How long those that wait are kept waiting for an engine that is down.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often an engine that is down looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);

/// A finished run.
#[derive(Debug)]
pub struct Ran {
	/// The outputs.
	pub outputs: Result<Vec<Tensor>, EngineError>,
	/// How long it waited for an engine.
	pub waited: Duration,
	/// How long it ran.
	pub took: Duration,
}

impl Ran {
	/// No engine was there to run it.
	pub fn stopped() -> Self {
		Self { outputs: Err(EngineError::Stopped), waited: Duration::ZERO, took: Duration::ZERO }
	}
}

/// What can be seen of one engine of a pool from outside.
#[derive(Debug)]
pub struct Instance {
	up: AtomicBool,
	process: AtomicU32,
	restarts: AtomicU64,
}

impl Default for Instance {
	fn default() -> Self {
		Self { up: true.into(), process: 0.into(), restarts: 0.into() }
	}
}

impl Instance {
	/// It runs in that process.
	pub fn started(&self, process: u32) {
		self.process.store(process, Ordering::Relaxed);
		self.up.store(true, Ordering::Relaxed);
	}

	/// It runs again, in that process.
	pub fn restarted(&self, process: u32) {
		self.restarts.fetch_add(1, Ordering::Relaxed);
		self.started(process);
	}

	/// It does not run.
	pub fn down(&self) {
		self.up.store(false, Ordering::Relaxed);
		self.process.store(0, Ordering::Relaxed);
	}

	/// Whether it runs.
	pub fn is_up(&self) -> bool {
		self.up.load(Ordering::Relaxed)
	}

	/// The process it runs in, if that is one of its own.
	pub fn process(&self) -> Option<u32> {
		Some(self.process.load(Ordering::Relaxed)).filter(|process| *process != 0)
	}

	/// How often it was started again.
	pub fn restarts(&self) -> u64 {
		self.restarts.load(Ordering::Relaxed)
	}

	/// Bytes of memory that its process takes.
	fn memory(&self) -> u64 {
		let read = |process| std::fs::read_to_string(format!("/proc/{process}/status")).ok();
		let status = self.process().and_then(read).unwrap_or_default();
		let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
		let kib = resident.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok());
		kib.unwrap_or(0u64) << 10
	}
}

struct Job {
	inputs: Vec<Tensor>,
	since: Instant,
	reply: oneshot::Sender<Ran>,
}

/// The engines of one model.
pub struct Pool {
	jobs: mpsc::Sender<Job>,
	room: Arc<Semaphore>,
	waiting: Arc<AtomicUsize>,
	instances: Arc<[Arc<Instance>]>,
	signature: Signature,
}

/// Room for one request.
pub struct Slot {
	jobs: mpsc::Sender<Job>,
	waiting: Arc<AtomicUsize>,
	_room: OwnedSemaphorePermit,
}

impl Pool {
	/// Starts `instances` engines, each made and used on a thread of its own. `max_queue` requests
	/// may wait besides those that run.
	pub fn start<E: Engine>(
		name: &str,
		instances: usize,
		max_queue: usize,
		make: impl Fn(&Arc<Instance>) -> Result<E, EngineError> + Send + Sync + 'static,
	) -> Result<Self, EngineError> {
		let (jobs, queue) = mpsc::channel::<Job>();
		let waiting = Arc::new(AtomicUsize::new(0));
		let instances: Arc<[_]> =
			std::iter::repeat_with(Arc::<Instance>::default).take(instances.max(1)).collect();
		let desk = Desk { queue: Arc::new(Mutex::new(queue)), waiting, instances };
		let make = Arc::new(make);
		let mut signature = None;
		for (at, instance) in desk.instances.iter().enumerate() {
			let (desk, make, instance) = (desk.clone(), Arc::clone(&make), Arc::clone(instance));
			let (ready, loaded) = mpsc::channel();
			std::thread::Builder::new()
				.name(format!("{name}-{at}"))
				.spawn(move || {
					let mut engine = match make(&instance) {
						Ok(engine) => engine,
						Err(error) => {
							// The one who waits for it knows what to do.
							let _ = ready.send(Err(error));
							return;
						},
					};
					drop(make);
					let _ = ready.send(Ok(engine.signature().clone()));
					work(&mut engine, &desk);
				})
				.map_err(|error| EngineError::Load(error.to_string()))?;
			signature = Some(loaded.recv().map_err(|_| EngineError::Stopped)??);
		}
		Ok(Self {
			jobs,
			room: Arc::new(Semaphore::new(desk.instances.len() + max_queue)),
			waiting: desk.waiting,
			instances: desk.instances,
			signature: signature.unwrap_or_default(),
		})
	}

	/// What the model takes and gives.
	pub fn signature(&self) -> &Signature {
		&self.signature
	}

	/// Its engines.
	pub fn instances(&self) -> &[Arc<Instance>] {
		&self.instances
	}

	/// Bytes of memory that the processes of its engines take.
	pub fn memory(&self) -> u64 {
		self.instances.iter().map(|it| it.memory()).sum()
	}

	/// Requests that wait for an engine.
	pub fn waiting(&self) -> usize {
		self.waiting.load(Ordering::Relaxed)
	}

	/// Room for a request, unless the queue is full or no engine is up.
	pub fn reserve(&self) -> Option<Slot> {
		if !self.instances.iter().any(|it| it.is_up()) {
			return None;
		}
		let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
		Some(Slot { jobs: self.jobs.clone(), waiting: Arc::clone(&self.waiting), _room: room })
	}
}

impl Slot {
	/// Runs the model. The room is free again afterwards.
	pub async fn run(self, inputs: Vec<Tensor>) -> Ran {
		let since = Instant::now();
		let (reply, answer) = oneshot::channel();
		self.waiting.fetch_add(1, Ordering::Relaxed);
		match self.jobs.send(Job { inputs, since, reply }) {
			Ok(()) => answer.await.unwrap_or_else(|_| Ran::stopped()),
			Err(_) => {
				self.waiting.fetch_sub(1, Ordering::Relaxed);
				Ran::stopped()
			},
		}
	}
}

/// What the threads of a pool share.
#[derive(Clone)]
struct Desk {
	queue: Arc<Mutex<mpsc::Receiver<Job>>>,
	waiting: Arc<AtomicUsize>,
	instances: Arc<[Arc<Instance>]>,
}

impl Desk {
	/// The next job; `None` when there will be no more.
	fn next(&self) -> Option<Job> {
		// One idle thread waits in `recv`, the others for the lock.
		let job = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
		self.waiting.fetch_sub(1, Ordering::Relaxed);
		Some(job)
	}

	/// Lets those that wait go when nothing is there to run them. Whether there can be more.
	fn dismiss(&self) -> bool {
		// An engine that is up takes them itself.
		if self.instances.iter().any(|it| it.is_up()) {
			return true;
		}
		let Ok(queue) = self.queue.try_lock() else { return true };
		loop {
			match queue.try_recv() {
				Ok(job) => {
					self.waiting.fetch_sub(1, Ordering::Relaxed);
					let waited = job.since.elapsed();
					let _ = job.reply.send(Ran { waited, ..Ran::stopped() });
				},
				Err(TryRecvError::Empty) => return true,
				Err(TryRecvError::Disconnected) => return false,
			}
		}
	}
}

fn work(engine: &mut impl Engine, desk: &Desk) {
	loop {
		while let Err(pause) = engine.revive() {
			if pause > PATIENCE && !desk.dismiss() {
				return;
			}
			std::thread::sleep(pause.min(LOOK));
		}
		let Some(Job { inputs, since, reply }) = desk.next() else { return };
		let started = Instant::now();
		// It may have ended while there was nothing to do.
		let outputs = match engine.revive() {
			Err(_) => Err(EngineError::Stopped),
			// A panic fails one request, not the thread.
			Ok(()) => catch_unwind(AssertUnwindSafe(|| engine.run(inputs)))
				.unwrap_or_else(|_| Err(EngineError::Run("the engine panicked".into()))),
		};
		// If nobody waits for the answer any more, it is dropped.
		let _ = reply.send(Ran {
			outputs,
			waited: started.duration_since(since),
			took: started.elapsed(),
		});
	}
}
