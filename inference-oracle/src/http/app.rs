//! What all requests share.

use super::{callers::Callers, catalogue::Catalogue, held::Memory, lookups::Lookups};
use crate::{
	book::{Hindrance, Offer},
	chain::{Channels, Head},
	engine::share::{Full, Shares},
	ledger::Ledger,
	metrics::Metrics,
};
use std::sync::{
	atomic::{AtomicBool, Ordering},
	Arc, Mutex, PoisonError,
};
use tokio::sync::{watch, Semaphore};
use usufruct_primitives::{AccountBytes, Hash, PublicKey, VersionId};

/// Who the oracle is, and on which chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
	/// The genesis hash of the chain.
	pub genesis: Hash,
	/// The oracle's account.
	pub oracle: AccountBytes,
	/// The key that signs its receipts.
	pub receipt_key: PublicKey,
}

/// See the module.
pub struct App {
	/// Who it is.
	pub identity: Identity,
	/// The money.
	pub ledger: Arc<Ledger>,
	/// The models.
	pub catalogue: Arc<Catalogue>,
	/// The finalised head.
	pub heads: watch::Receiver<Arc<Head>>,
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// What may be asked of it at a time.
	pub limits: Limits,
	/// Those who wait for answers.
	pub(super) callers: Callers,
	/// Requests that may still come in.
	permits: Arc<Mutex<Shares>>,
	/// What requests hold.
	pub(super) memory: Memory,
	/// Short bodies that are read though nobody pays for them.
	pub(super) unpaid: Semaphore,
	/// Channels that are not known yet.
	pub(super) lookups: Lookups,
	draining: AtomicBool,
}

/// How many bodies are read at a time that nobody pays for.
const UNPAID: usize = 64;

/// What may be asked of an oracle at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
	/// The longest body that is read, in bytes.
	pub body: usize,
	/// What bodies that are read and requests that wait or run may hold together, in bytes.
	pub memory: usize,
	/// Requests that are being served, whatever became of their callers.
	pub requests: usize,
}

impl App {
	/// Puts it together.
	pub fn new(
		identity: Identity,
		ledger: Arc<Ledger>,
		catalogue: Arc<Catalogue>,
		channels: Arc<dyn Channels>,
		heads: watch::Receiver<Arc<Head>>,
		metrics: Arc<Metrics>,
		limits: Limits,
	) -> Self {
		Self {
			identity,
			ledger,
			catalogue,
			heads,
			metrics,
			limits,
			callers: Callers::default(),
			permits: Arc::new(Mutex::new(Shares::new(limits.requests))),
			memory: Memory::new(&limits),
			unpaid: Semaphore::new(UNPAID),
			lookups: Lookups::new(channels),
			draining: AtomicBool::new(false),
		}
	}

	/// From now on nothing new is accepted.
	pub fn drain(&self) {
		self.draining.store(true, Ordering::Relaxed);
	}

	/// Whether new requests are accepted.
	pub fn draining(&self) -> bool {
		self.draining.load(Ordering::Relaxed)
	}

	/// Why nothing new is served now; `None` if it is.
	pub fn not_ready(&self) -> Option<&'static str> {
		let lost = "the oracle has seen no finalised block for too long; use another one";
		self.closed().or_else(|| self.ledger.chain_is_lost().then_some(lost))
	}

	/// Why not even stored answers are given; `None` if they are.
	pub(super) fn closed(&self) -> Option<&'static str> {
		if self.draining() {
			return Some("the oracle is stopping; use another one");
		}
		if !self.ledger.is_informed() {
			return Some(
				"the oracle waits for its node to get to what was final before; use another one",
			);
		}
		let head = self.heads.borrow();
		match head.receipt_key {
			None => Some("the oracle is not registered on the chain; its operator must register it"),
			Some(key) if key != self.identity.receipt_key => {
				Some("the oracle's receipt key is not the one registered on the chain; its operator must configure that one")
			},
			Some(_) => None,
		}
	}

	/// One more request of that key is served, unless there are as many as may be.
	pub(super) fn permit(&self, key: &PublicKey) -> Result<Permit, Hindrance> {
		lock(&self.permits).take(key, 1, 0).map_err(too_many)?;
		Ok(Permit { permits: Arc::clone(&self.permits), key: *key })
	}

	/// Whether there are as many as may be. Whose body is on its way is not counted: it may take its time.
	pub(super) fn look(&self, key: &PublicKey) -> Result<(), Hindrance> {
		lock(&self.permits).look(key, 1, 0).map_err(too_many)
	}

	/// Whether the version can be paid for now.
	pub fn offers(&self, version: VersionId) -> bool {
		let offer = self.offer(version, Ok(()));
		offer.open && offer.ask.is_some()
	}

	/// On what terms the version is served now.
	pub fn offer(&self, version: VersionId, room: Result<(), Hindrance>) -> Offer {
		let head = self.heads.borrow();
		let state = head.versions.get(&version);
		Offer {
			open: state.is_some_and(|state| state.open),
			ask: state.and_then(|state| state.ask),
			room,
		}
	}
}

/// One request that is served, as long as this is held.
pub(super) struct Permit {
	permits: Arc<Mutex<Shares>>,
	key: PublicKey,
}

impl Drop for Permit {
	fn drop(&mut self) {
		lock(&self.permits).give(&self.key, 1);
	}
}

fn too_many(full: Full) -> Hindrance {
	match full {
		Full::Share => Hindrance::Share { retry_s: 1 },
		Full::All => Hindrance::Connections,
	}
}

fn lock(permits: &Mutex<Shares>) -> std::sync::MutexGuard<'_, Shares> {
	permits.lock().unwrap_or_else(PoisonError::into_inner)
}
