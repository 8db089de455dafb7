//! Worker threads: each owns one session; requests reach them through one bounded queue.
//!
//! Room is reserved before a request is accepted and paid for, so that an accepted request always
//! finds room.

use super::{Engine, EngineError, Signature};
use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	sync::{
		atomic::{AtomicUsize, Ordering},
		mpsc, Arc, Mutex, PoisonError,
	},
	time::{Duration, Instant},
};
use tokio::sync::{oneshot, OwnedSemaphorePermit, Semaphore};
use usufruct_client::tensors::Tensor;

/// Bytes of stack of a worker. Graphs are walked recursively when they are loaded.
const STACK: usize = 64 << 20;

/// A finished run.
#[derive(Debug)]
pub struct Ran {
	/// The outputs.
	pub outputs: Result<Vec<Tensor>, EngineError>,
	/// How long it waited for a worker.
	pub waited: Duration,
	/// How long it ran.
	pub took: Duration,
}

impl Ran {
	/// The worker was gone before it could run.
	pub fn stopped() -> Self {
		Self { outputs: Err(EngineError::Stopped), waited: Duration::ZERO, took: Duration::ZERO }
	}
}

struct Job {
	inputs: Vec<Tensor>,
	since: Instant,
	reply: oneshot::Sender<Ran>,
}

/// The workers of one model.
pub struct Pool {
	jobs: mpsc::Sender<Job>,
	room: Arc<Semaphore>,
	waiting: Arc<AtomicUsize>,
	signature: Signature,
}

/// Room for one request.
pub struct Slot {
	jobs: mpsc::Sender<Job>,
	waiting: Arc<AtomicUsize>,
	_room: OwnedSemaphorePermit,
}

impl Pool {
	/// Starts `instances` workers, each with an engine of its own, made on its thread. `max_queue`
	/// requests may wait besides those that run.
	pub fn start<E: Engine>(
		name: &str,
		instances: usize,
		max_queue: usize,
		make: impl Fn(usize) -> Result<E, EngineError> + Send + Sync + 'static,
	) -> Result<Self, EngineError> {
		let (jobs, queue) = mpsc::channel::<Job>();
		let queue = Arc::new(Mutex::new(queue));
		let waiting = Arc::new(AtomicUsize::new(0));
		let make = Arc::new(make);
		let mut signature = None;
		for instance in 0..instances.max(1) {
			let (queue, waiting, make) =
				(Arc::clone(&queue), Arc::clone(&waiting), Arc::clone(&make));
			let (ready, loaded) = mpsc::channel();
			std::thread::Builder::new()
				.name(format!("{name}-{instance}"))
				.stack_size(STACK)
				.spawn(move || {
					let mut engine = match make(instance) {
						Ok(engine) => engine,
						Err(error) => {
							// The one who waits for it knows what to do.
							let _ = ready.send(Err(error));
							return;
						},
					};
					drop(make);
					let _ = ready.send(Ok(engine.signature().clone()));
					work(&mut engine, &queue, &waiting);
				})
				.map_err(|error| EngineError::Load(error.to_string()))?;
			signature = Some(loaded.recv().map_err(|_| EngineError::Stopped)??);
		}
		Ok(Self {
			jobs,
			room: Arc::new(Semaphore::new(instances.max(1) + max_queue)),
			waiting,
			signature: signature.unwrap_or_default(),
		})
	}

	/// What the model takes and gives.
	pub fn signature(&self) -> &Signature {
		&self.signature
	}

	/// Requests that wait for a worker.
	pub fn waiting(&self) -> usize {
		self.waiting.load(Ordering::Relaxed)
	}

	/// Room for a request, unless the queue is full.
	pub fn reserve(&self) -> Option<Slot> {
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

fn work(engine: &mut impl Engine, queue: &Mutex<mpsc::Receiver<Job>>, waiting: &AtomicUsize) {
	loop {
		// One idle worker waits in `recv`, the others for the lock.
		let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
		let Ok(Job { inputs, since, reply }) = job else { return };
		waiting.fetch_sub(1, Ordering::Relaxed);
		let started = Instant::now();
		// A panic fails one request, not the worker.
		let outputs = catch_unwind(AssertUnwindSafe(|| engine.run(inputs)))
			.unwrap_or_else(|_| Err(EngineError::Run("the engine panicked".into())));
		// If nobody waits for the answer any more, it is dropped.
		let _ = reply.send(Ran {
			outputs,
			waited: started.duration_since(since),
			took: started.elapsed(),
		});
	}
}
