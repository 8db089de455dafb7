//! What the threads of a pool share: the queue, who is busy, and how requests share runs.

use super::{Job, PoolOptions, Ran};
use crate::engine::{
	batch::{Batching, Class, Plan},
	invariance,
	queue::{Budget, Queue, Size, Taken, Ticket},
	samples, Engine, EngineError, Instance,
};
use std::{
	sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
	time::{Duration, Instant},
};
use tokio::sync::oneshot;
use tracing::Span;
use usufruct_client::tensors::Tensor;
use usufruct_primitives::PublicKey;

/// How many of those that wait a request may look at that finds no room. Under overload most find none, and
/// what each costs is taken from those that are served.
const LOOKS: usize = 32;

/// A request that waits.
pub(super) struct Waiting {
	pub job: Job,
	pub since: Instant,
	pub reply: oneshot::Sender<Ran>,
	/// All of it, for traces: what it waits for, and what it is run in.
	pub span: Span,
	/// What of that is going on.
	pub stage: Span,
}

impl Waiting {
	/// Whether somebody waits for the answer.
	pub fn wanted(&self) -> bool {
		!self.reply.is_closed() && self.job.callers.as_ref().is_none_or(|it| !it.is_closed())
	}

	/// It is run now, with as many others, on that device.
	pub fn begin(&mut self, requests: usize, rows: u64, device: &str) {
		// First that it waits no more.
		self.stage = Span::none();
		self.stage = tracing::trace_span!(
			parent: &self.span,
			"run",
			usufruct.device = device,
			usufruct.batch.requests = i64::try_from(requests).unwrap_or(i64::MAX),
			usufruct.batch.rows = i64::try_from(rows).unwrap_or(i64::MAX),
		);
	}

	/// What came of it.
	pub fn answer(self, ran: Ran) {
		let Self { reply, span, stage, .. } = self;
		// Whoever gets the answer finds it traced.
		drop((stage, span));
		// If nobody waits for the answer any more, it is dropped.
		let _ = reply.send(ran);
	}

	pub fn dismiss(self, why: EngineError) {
		let ran = Ran::not(why, self.since);
		self.answer(ran);
	}
}

pub(super) struct State {
	pub queue: Queue<Waiting>,
	/// Engines that run something.
	pub busy: usize,
	/// There will be no more.
	pub closed: bool,
	/// Looks that were not taken.
	looks: usize,
}

impl State {
	/// Whether one that finds no room may look through all that wait: when enough have found none for the
	/// looks of all of them together, and at once where few wait.
	pub fn may_sweep(&mut self) -> bool {
		self.looks = self.looks.saturating_add(LOOKS);
		let may = self.looks >= self.queue.waiting();
		if may {
			self.looks = 0;
		}
		may
	}
}

/// See the module.
pub(super) struct Desk {
	pub options: PoolOptions,
	plan: OnceLock<Option<Plan>>,
	state: Mutex<State>,
	pub work: Condvar,
	pub instances: Box<[Arc<Instance>]>,
}

impl Desk {
	/// For so many engines, none of which is there yet.
	pub fn new(options: PoolOptions) -> Self {
		let instances = std::iter::repeat_with(Arc::<Instance>::default)
			.take(options.instances.max(1))
			.collect();
		let queue = Queue::new(options.max_queue);
		Self {
			options,
			plan: OnceLock::new(),
			state: Mutex::new(State { queue, busy: 0, closed: false, looks: 0 }),
			work: Condvar::new(),
			instances,
		}
	}

	pub fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Engines that are up.
	pub fn up(&self) -> usize {
		self.instances.iter().filter(|it| it.is_up()).count()
	}

	/// Makes an engine ready for the first request.
	pub fn prepare<E: Engine>(&self, mut engine: E) -> Result<E, EngineError> {
		samples::warm(&mut engine, &self.options.samples)?;
		if self.plan.get().is_none() {
			let plan = match &self.options.batching {
				None => None,
				Some(batching) => Some(self.try_batching(&mut engine, batching)?),
			};
			self.plan.get_or_init(|| plan);
		}
		Ok(engine)
	}

	fn try_batching(
		&self,
		engine: &mut impl Engine,
		batching: &Batching,
	) -> Result<Plan, EngineError> {
		let plan = Plan::new(batching, engine.signature())?;
		let samples = match &self.options.samples[..] {
			[] => samples::make(engine, &plan).unwrap_or_default(),
			named => samples::of_one_class(&plan, named),
		};
		let by = invariance::check(engine, &plan, &samples)?;
		tracing::info!(
			model = self.options.name,
			rows = batching.rows,
			differs_by = by,
			"requests share runs: it makes no difference to them which others do"
		);
		Ok(plan)
	}

	pub fn plan(&self) -> Option<&Plan> {
		self.plan.get()?.as_ref()
	}

	pub fn size(&self, job: &Job) -> Size {
		let class = self.plan().and_then(|plan| plan.class(&job.inputs));
		let rows = class.as_ref().map_or(1, |(rows, _)| *rows);
		let class = class.map(|(_, class): (_, Class)| Arc::new(class));
		Size { rows, tokens: job.tokens.unwrap_or(0), class }
	}

	fn budget(&self) -> Budget {
		let batching = self.plan().map(|plan| &plan.batching);
		Budget {
			rows: batching.map_or(1, |it| it.rows.into()),
			tokens: batching.and_then(|it| it.tokens),
		}
	}

	pub fn cancel(&self, ticket: &Ticket) {
		drop(self.state().queue.cancel(ticket));
	}

	/// What runs next; `None` when there will be no more. Waits for it.
	pub fn next(&self) -> Option<Vec<Taken<Waiting>>> {
		let mut state = self.state();
		loop {
			let mut batch = state.queue.take(self.budget());
			if !batch.is_empty() {
				// Nothing runs for whoever has left, or whose key has just ended another worker; what
				// they leave free the next run takes.
				let gone: Vec<_> =
					batch.extract_if(.., |it| self.hindrance(it).is_some()).collect();
				for taken in gone {
					state.queue.refund(&taken);
					let why = self.hindrance(&taken).unwrap_or(EngineError::Abandoned);
					taken.item.dismiss(why);
				}
				if batch.is_empty() {
					continue;
				}
				state.busy += 1;
				return Some(batch);
			}
			if state.closed {
				return None;
			}
			state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
		}
	}

	/// Why what was taken is not to be run.
	pub fn hindrance(&self, taken: &Taken<Waiting>) -> Option<EngineError> {
		if !taken.item.wanted() {
			return Some(EngineError::Abandoned);
		}
		let barred = self.options.quarantine.check_key(&taken.key, Instant::now());
		barred.err().map(EngineError::Barred)
	}

	/// A run is over that took so long.
	pub fn over(&self, batch: &[Taken<Waiting>], took: Duration) {
		let mut state = self.state();
		state.busy = state.busy.saturating_sub(1);
		state.queue.took(batch.iter(), u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
	}

	/// Lets those that wait go when nothing is there to run them. Whether there can be more.
	pub fn dismiss(&self) -> bool {
		let up = self.up();
		let mut state = self.state();
		// An engine that is up takes them itself.
		if up > 0 {
			return !state.closed;
		}
		let waiting = state.queue.sweep(|_, _| false);
		waiting.into_iter().for_each(|it| it.dismiss(EngineError::Stopped));
		!state.closed
	}

	/// Takes note of a run that ended its worker: its key may have more of that kind waiting.
	pub fn note(&self, key: &PublicKey, inputs: &[Tensor], error: &EngineError) {
		let (quarantine, now) = (&self.options.quarantine, Instant::now());
		if !quarantine.note(key, self.options.version, inputs, error, now) {
			return;
		}
		let Err(barred) = quarantine.check_key(key, now) else { return };
		tracing::warn!(
			model = self.options.name,
			key = hex::encode(key),
			"a key has ended several workers; nothing of it is accepted for a while"
		);
		let waiting = self.state().queue.sweep(|it, _| it != key);
		waiting.into_iter().for_each(|it| it.dismiss(barred.into()));
	}
}
