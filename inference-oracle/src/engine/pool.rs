//! Threads that each own one session of a model; requests reach them through one queue.
//!
//! Room is reserved before a request is accepted and paid for, so that an accepted request always
//! finds room; there is none while no session is up. A worker that becomes free takes what waits, and
//! waits for nothing: under load runs fill by themselves. Where requests share a run and it fails,
//! each is run again alone, so that nobody fails for another's input.

mod desk;
mod work;

use super::{
	batch::Batching,
	profile::{Known, Profile},
	queue::Queue,
	share::Full,
	Engine, EngineError, Instance, Quarantine, Signature,
};
use desk::{Desk, Waiting};
use std::{
	sync::{mpsc, Arc},
	thread::JoinHandle,
	time::{Duration, Instant},
};
use tokio::sync::{oneshot, watch};
use tracing::{field::Empty, Instrument, Span};
use usufruct_client::tensors::Tensor;
use usufruct_primitives::{PublicKey, VersionId};

/// The longest time after which a consumer is told to come back.
const LONGEST_RETRY: u64 = 60;

/// How a pool serves its model.
#[derive(Clone, Debug, Default)]
pub struct PoolOptions {
	/// The model's name.
	pub name: String,
	/// The version on the chain.
	pub version: VersionId,
	/// Engines; at least one.
	pub instances: usize,
	/// Requests that may wait besides those that run.
	pub max_queue: usize,
	/// Whether requests share runs.
	pub batching: Option<Batching>,
	/// Inputs that every engine runs before the first request.
	pub samples: Vec<Vec<Tensor>>,
	/// What ended its worker.
	pub quarantine: Arc<Quarantine>,
}

/// Why there is no room for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRoom {
	/// Its key has as much waiting as it may.
	Share {
		/// In how many seconds there may be.
		retry_s: u64,
	},
	/// As much waits as may.
	Queue {
		/// In how many seconds there may be.
		retry_s: u64,
	},
	/// No engine is up.
	Down,
}

/// A request to be run.
#[derive(Clone, Debug, Default)]
pub struct Job {
	/// The inputs, which fit the signature.
	pub inputs: Vec<Tensor>,
	/// How many tokens they are, where that is known: a run takes only so many.
	pub tokens: Option<u64>,
	/// When the answer is worth nothing any more.
	pub deadline: Option<Instant>,
	/// Closed when nobody waits for the answer any more: then it is not run, if its turn has not come.
	pub callers: Option<Arc<watch::Sender<()>>>,
}

impl Job {
	/// A request for these inputs, and nothing else said.
	pub fn of(inputs: Vec<Tensor>) -> Self {
		Self { inputs, ..Self::default() }
	}
}

/// A finished run.
#[derive(Clone, Debug)]
pub struct Ran {
	/// The outputs.
	pub outputs: Result<Vec<Tensor>, EngineError>,
	/// How long it waited for an engine.
	pub waited: Duration,
	/// How long it ran.
	pub took: Duration,
	/// How many requests shared the run.
	pub shared_by: usize,
}

impl Ran {
	/// It was not run.
	fn not(why: EngineError, since: Instant) -> Self {
		Self { outputs: Err(why), waited: since.elapsed(), took: Duration::ZERO, shared_by: 0 }
	}
}

/// The engines of one model. Dropping it ends them, once they have run what waits.
pub struct Pool {
	desk: Arc<Desk>,
	signature: Signature,
	known: Arc<Known>,
	device: String,
	threads: Vec<JoinHandle<()>>,
}

/// Room for one request.
pub struct Slot {
	desk: Arc<Desk>,
	key: PublicKey,
	used: bool,
}

impl Pool {
	/// Starts the engines, each made and used on a thread of its own; tries whether requests can share
	/// runs, if they should, and runs the samples.
	pub fn start<E: Engine>(
		options: PoolOptions,
		make: impl Fn(&Arc<Instance>) -> Result<E, EngineError> + Send + Sync + 'static,
	) -> Result<Self, EngineError> {
		let desk = Arc::new(Desk::new(options));
		let make = Arc::new(make);
		let mut profile = Profile::default();
		// From here on an error drops it, which ends what has been started.
		let mut pool = Self {
			desk,
			signature: Signature::default(),
			known: Arc::new(profile.clone().into()),
			device: String::new(),
			threads: Vec::new(),
		};
		for (at, instance) in pool.desk.instances.iter().enumerate() {
			let (desk, make, instance) =
				(Arc::clone(&pool.desk), Arc::clone(&make), Arc::clone(instance));
			let (ready, loaded) = mpsc::channel();
			let thread = std::thread::Builder::new()
				.name(format!("{}-{at}", desk.options.name))
				.spawn(move || {
					let mut engine = match make(&instance).and_then(|it| desk.prepare(it)) {
						Ok(engine) => engine,
						Err(error) => {
							// The one who waits for it knows what to do.
							let _ = ready.send(Err(error));
							return;
						},
					};
					drop(make);
					let told = (engine.signature().clone(), engine.profile(), engine.device());
					let _ = ready.send(Ok(told));
					drop(ready);
					work::work(&mut engine, &desk);
				})
				.map_err(|error| EngineError::Load(error.to_string()))?;
			pool.threads.push(thread);
			(pool.signature, profile, pool.device) =
				loaded.recv().map_err(|_| EngineError::Stopped)??;
		}
		if let Some(batching) = &pool.desk.options.batching {
			profile.batch = batching.to_string();
		}
		pool.known = Arc::new(profile.into());
		Ok(pool)
	}

	/// What the model takes and gives.
	pub fn signature(&self) -> &Signature {
		&self.signature
	}

	/// How the model runs.
	pub fn profile(&self) -> &Profile {
		&self.known.profile
	}

	/// The same, with its hash.
	pub fn known(&self) -> &Arc<Known> {
		&self.known
	}

	/// What it runs on, for figures: the provider, and the number of the GPU.
	pub fn device(&self) -> &str {
		&self.device
	}

	/// Its engines.
	pub fn instances(&self) -> &[Arc<Instance>] {
		&self.desk.instances
	}

	/// Bytes of memory that the processes of its engines take.
	pub fn memory(&self) -> u64 {
		self.desk.instances.iter().map(|it| it.memory()).sum()
	}

	/// Requests that wait for an engine.
	pub fn waiting(&self) -> usize {
		self.desk.state().queue.waiting()
	}

	/// Engines that run something.
	pub fn busy(&self) -> usize {
		self.desk.state().busy
	}

	/// Room for a request of that key, unless the queue is full or no engine is up.
	pub fn reserve(&self, key: &PublicKey) -> Result<Slot, NoRoom> {
		self.room(|queue, free| queue.reserve(key, free))?;
		Ok(Slot { desk: Arc::clone(&self.desk), key: *key, used: false })
	}

	/// Whether there is such room now. Keeps none.
	pub fn look(&self, key: &PublicKey) -> Result<(), NoRoom> {
		self.room(|queue, free| queue.look(key, free))
	}

	fn room(
		&self,
		ask: impl Fn(&mut Queue<Waiting>, usize) -> Result<(), Full>,
	) -> Result<(), NoRoom> {
		let up = self.desk.up();
		if up == 0 {
			return Err(NoRoom::Down);
		}
		let mut state = self.desk.state();
		let free = up.saturating_sub(state.busy);
		let found = match ask(&mut state.queue, free) {
			Err(_) if state.may_sweep() => {
				// Those whose callers have left take no room from those that are here.
				let left = state.queue.sweep(|_, it| it.wanted());
				let found = ask(&mut state.queue, free);
				left.into_iter().for_each(|it| it.dismiss(EngineError::Abandoned));
				found
			},
			found => found,
		};
		let retry_s = (state.queue.wait_us(up) / 1_000_000).clamp(1, LONGEST_RETRY);
		found.map_err(|full| match full {
			Full::Share => NoRoom::Share { retry_s },
			Full::All => NoRoom::Queue { retry_s },
		})
	}
}

impl Pool {
	/// Ends the engines and waits until they, and what they have in memory, are gone. Blocks.
	pub fn stop(mut self) {
		self.close();
		for thread in self.threads.drain(..) {
			// A thread that panicked has ended too.
			let _ = thread.join();
		}
	}

	fn close(&self) {
		self.desk.state().closed = true;
		self.desk.work.notify_all();
	}
}

impl Drop for Pool {
	fn drop(&mut self) {
		self.close();
	}
}

impl Slot {
	/// Runs the model. Whatever comes of it, it comes once.
	pub async fn run(self, job: Job) -> Ran {
		let options = &self.desk.options;
		let span = tracing::trace_span!(
			"infer",
			gen_ai.request.model = options.name,
			usufruct.model.version = i64::from(options.version),
			"error.type" = Empty,
			otel.status_code = Empty,
		);
		let ran = self.go_through(job, &span).instrument(span.clone()).await;
		if let Err(error) = &ran.outputs {
			span.record("error.type", error.kind());
			span.record("otel.status_code", "ERROR");
		}
		ran
	}

	async fn go_through(mut self, job: Job, span: &Span) -> Ran {
		let since = Instant::now();
		let (reply, answer) = oneshot::channel();
		let deadline = job.deadline;
		let size = self.desk.size(&job);
		let ticket = {
			let mut state = self.desk.state();
			if state.closed {
				return Ran::not(EngineError::Stopped, since);
			}
			self.used = true;
			let (span, stage) = (span.clone(), tracing::trace_span!(parent: span, "queue"));
			state.queue.push(&self.key, size, Waiting { job, since, reply, span, stage })
		};
		self.desk.work.notify_one();
		let stopped = |_| Ran::not(EngineError::Stopped, since);
		let Some(deadline) = deadline else { return answer.await.unwrap_or_else(stopped) };
		match tokio::time::timeout_at(deadline.into(), answer).await {
			Ok(answer) => answer.unwrap_or_else(stopped),
			Err(_) => {
				// If it runs already, what comes of it is dropped.
				self.desk.cancel(&ticket);
				Ran::not(EngineError::Late, since)
			},
		}
	}
}

impl Drop for Slot {
	fn drop(&mut self) {
		if !self.used {
			self.desk.state().queue.release(&self.key);
		}
	}
}

#[cfg(test)]
mod tests;
