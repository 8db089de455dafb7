//! Models within a budget of memory: loaded when they are asked for, the least recently used unloaded
//! to make room, and never one that is in use.
//!
//! What a model takes is measured while it is loaded. Before, it is estimated; after it was loaded
//! once, it is what was measured last.

use super::{EngineError, Pool, Signature};
use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	sync::{Arc, Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long a model that could not be loaded is not tried again.
const AGAIN: Duration = Duration::from_secs(30);

/// Loads a model. Blocks.
pub type Loader = dyn Fn() -> Result<Pool, EngineError> + Send + Sync;

/// Why a model is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Away {
	/// The models in use leave no memory for it.
	#[error(
		"the models in use leave no memory for it: it takes {takes} bytes of the {budget} that \
		 memory_budget_mib gives to all; raise that, or set on_demand = true for models that may wait"
	)]
	Memory {
		/// What it takes.
		takes: u64,
		/// What all may take.
		budget: u64,
	},
	/// It was tried.
	#[error("it cannot be loaded: {why}")]
	Unloadable {
		/// For the operator.
		why: String,
		/// In how many seconds it is tried again.
		retry_s: u64,
	},
	/// It is not to be served any more.
	#[error("it is not served any more")]
	Withdrawn,
}

impl Away {
	/// Which of them it is, for traces.
	pub fn kind(&self) -> &'static str {
		match self {
			Self::Memory { .. } => "memory",
			Self::Unloadable { .. } => "unloadable",
			Self::Withdrawn => "withdrawn",
		}
	}
}

enum State {
	Away,
	/// Being loaded.
	Coming,
	Here(Arc<Pool>),
	/// Being unloaded.
	Going,
	Failed {
		why: String,
		until: Instant,
	},
}

struct Place {
	state: State,
	load: Arc<Loader>,
	/// What it takes, as far as is known.
	takes: u64,
	/// When it was used last, by the shelf's count of uses.
	used: u64,
	signature: Option<Signature>,
	withdrawn: bool,
}

#[derive(Default)]
struct Places {
	places: Vec<Place>,
	uses: u64,
}

/// All models of an oracle.
pub struct Shelf {
	budget: Option<u64>,
	places: Mutex<Places>,
	/// Told whenever a model has come or gone.
	moved: watch::Sender<()>,
}

/// A model's place on the shelf.
#[derive(Clone)]
pub struct Home {
	shelf: Arc<Shelf>,
	at: usize,
}

/// What is to be done for a model to be there.
enum Step {
	Use(Arc<Pool>),
	Wait,
	/// Unload these, then load it.
	Load(Vec<(usize, Pool)>, Arc<Loader>),
}

impl Shelf {
	/// A shelf on which models may take so many bytes of memory together; as many as they like, if
	/// nothing is said.
	pub fn new(budget: Option<u64>) -> Arc<Self> {
		Arc::new(Self { budget, places: Mutex::default(), moved: watch::Sender::new(()) })
	}

	/// A place for a model that is loaded like this and takes about so many bytes.
	pub fn place(
		self: &Arc<Self>,
		takes: u64,
		load: impl Fn() -> Result<Pool, EngineError> + Send + Sync + 'static,
	) -> Home {
		let mut shelf = self.places();
		shelf.places.push(Place {
			state: State::Away,
			load: Arc::new(load),
			takes,
			used: 0,
			signature: None,
			withdrawn: false,
		});
		Home { shelf: Arc::clone(self), at: shelf.places.len() - 1 }
	}

	/// A place for a model that is loaded already, and not unloaded as long as nothing else needs room.
	pub fn place_loaded(self: &Arc<Self>, pool: Pool) -> Home {
		let home = self.place(pool.memory(), || Err(EngineError::Stopped));
		let mut shelf = self.places();
		let place = &mut shelf.places[home.at];
		place.signature = Some(pool.signature().clone());
		place.state = State::Here(Arc::new(pool));
		drop(shelf);
		home
	}

	fn places(&self) -> MutexGuard<'_, Places> {
		self.places.lock().unwrap_or_else(PoisonError::into_inner)
	}

	/// Unloads and loads. Blocks.
	fn swap(&self, at: usize, leaving: Vec<(usize, Pool)>, load: &Loader) {
		for (place, pool) in leaving {
			pool.stop();
			self.places().places[place].state = State::Away;
			self.moved.send_replace(());
		}
		let loaded = catch_unwind(AssertUnwindSafe(load))
			.unwrap_or_else(|_| Err(EngineError::Load("loading it panicked".into())));
		let mut shelf = self.places();
		let place = &mut shelf.places[at];
		place.state = match loaded {
			Ok(pool) => {
				place.takes = measured(&pool).unwrap_or(place.takes);
				place.signature = Some(pool.signature().clone());
				State::Here(Arc::new(pool))
			},
			Err(error) => State::Failed { why: error.to_string(), until: Instant::now() + AGAIN },
		};
		drop(shelf);
		self.moved.send_replace(());
	}
}

/// What a loaded model takes; `None` if that cannot be seen.
pub fn measured(pool: &Pool) -> Option<u64> {
	Some(pool.memory()).filter(|bytes| *bytes > 0)
}

impl Places {
	/// Memory that is taken by all but one.
	fn taken_beside(&mut self, at: usize) -> u64 {
		let mut sum = 0u64;
		for (other, place) in self.places.iter_mut().enumerate() {
			if let State::Here(pool) = &place.state {
				place.takes = measured(pool).unwrap_or(place.takes);
			}
			let there = matches!(place.state, State::Here(_) | State::Coming | State::Going);
			if there && other != at {
				sum = sum.saturating_add(place.takes);
			}
		}
		sum
	}

	/// Whether nobody uses it.
	fn idle(&self, at: usize) -> bool {
		// Whoever uses it got it under the lock that is held here.
		matches!(&self.places[at].state, State::Here(pool) if Arc::strong_count(pool) == 1)
	}

	/// What is to be done for a model to be there, at the cost of others or not.
	fn step(&mut self, at: usize, budget: Option<u64>, others: bool) -> Result<Step, Away> {
		self.uses += 1;
		let uses = self.uses;
		let place = &mut self.places[at];
		if place.withdrawn {
			return Err(Away::Withdrawn);
		}
		match &place.state {
			State::Here(pool) => {
				place.used = uses;
				return Ok(Step::Use(Arc::clone(pool)));
			},
			State::Coming | State::Going => return Ok(Step::Wait),
			State::Failed { why, until } => {
				let left = until.saturating_duration_since(Instant::now());
				if !left.is_zero() {
					return Err(Away::Unloadable {
						why: why.clone(),
						retry_s: left.as_secs().max(1),
					});
				}
			},
			State::Away => {},
		}
		let leaving = self.make_room(at, budget, others)?;
		let place = &mut self.places[at];
		place.state = State::Coming;
		place.used = uses;
		Ok(Step::Load(leaving, Arc::clone(&place.load)))
	}

	/// What must go for a model to come: none, if that would not be enough.
	fn make_room(
		&mut self,
		at: usize,
		budget: Option<u64>,
		others: bool,
	) -> Result<Vec<(usize, Pool)>, Away> {
		let Some(budget) = budget else { return Ok(Vec::new()) };
		let takes = self.places[at].takes;
		let mut over = self.taken_beside(at).saturating_add(takes).saturating_sub(budget);
		let mut idle: Vec<_> =
			(0..self.places.len()).filter(|it| others && self.idle(*it)).collect();
		idle.sort_by_key(|it| self.places[*it].used);
		let mut leaving = Vec::new();
		for place in idle {
			if over == 0 {
				break;
			}
			over = over.saturating_sub(self.places[place].takes);
			leaving.push(place);
		}
		if over > 0 {
			return Err(Away::Memory { takes, budget });
		}
		Ok(leaving.into_iter().filter_map(|it| Some((it, self.leave(it)?))).collect())
	}

	/// Takes an idle model off; it must be stopped.
	fn leave(&mut self, at: usize) -> Option<Pool> {
		let place = &mut self.places[at];
		match std::mem::replace(&mut place.state, State::Going) {
			State::Here(pool) => match Arc::try_unwrap(pool) {
				Ok(pool) => return Some(pool),
				Err(pool) => place.state = State::Here(pool),
			},
			state => place.state = state,
		}
		None
	}
}

impl Home {
	/// The model, which is loaded first if it is not there, and stays as long as this is held.
	pub async fn lease(&self) -> Result<Arc<Pool>, Away> {
		self.get(true).await
	}

	/// Loads the model if it is not there, unless another one would have to go.
	pub async fn preload(&self) -> Result<(), Away> {
		self.get(false).await.map(drop)
	}

	async fn get(&self, others: bool) -> Result<Arc<Pool>, Away> {
		let mut moved = self.shelf.moved.subscribe();
		loop {
			moved.mark_unchanged();
			let step = self.shelf.places().step(self.at, self.shelf.budget, others)?;
			match step {
				Step::Use(pool) => return Ok(pool),
				Step::Wait => {},
				Step::Load(leaving, load) => {
					let (shelf, at) = (Arc::clone(&self.shelf), self.at);
					// On its own: who asked for it may leave.
					tokio::task::spawn_blocking(move || shelf.swap(at, leaving, &*load));
				},
			}
			// The sender lives as long as the shelf does.
			let _ = moved.changed().await;
		}
	}

	/// The model if it is there; that is no use of it.
	pub fn loaded(&self) -> Option<Arc<Pool>> {
		match &self.shelf.places().places[self.at].state {
			State::Here(pool) => Some(Arc::clone(pool)),
			_ => None,
		}
	}

	/// What the model takes and gives; `None` until it was loaded once.
	pub fn signature(&self) -> Option<Signature> {
		self.shelf.places().places[self.at].signature.clone()
	}

	/// Whether the model is to be served: one that is not is unloaded once nobody uses it. Called again
	/// now and then.
	pub fn serve(&self, wanted: bool) {
		let mut shelf = self.shelf.places();
		shelf.places[self.at].withdrawn = !wanted;
		if wanted || !shelf.idle(self.at) {
			return;
		}
		let Some(pool) = shelf.leave(self.at) else { return };
		drop(shelf);
		let (shelf, at) = (Arc::clone(&self.shelf), self.at);
		tokio::task::spawn_blocking(move || {
			pool.stop();
			shelf.places().places[at].state = State::Away;
			shelf.moved.send_replace(());
		});
	}
}

#[cfg(test)]
mod tests;
