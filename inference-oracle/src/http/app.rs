//! What all requests share.

use super::lookups::Lookups;
use crate::{
	book::Offer,
	chain::{Channels, Head, VersionState},
	engine::{profile::Profile, Pool},
	ledger::Ledger,
	metrics::Metrics,
};
use std::sync::{
	atomic::{AtomicBool, Ordering},
	Arc,
};
use tokio::sync::watch;
use usufruct_primitives::{AccountBytes, Hash, Meter, ModelId, PublicKey, VersionId};

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

/// A model version that is served.
pub struct Served {
	/// The name in paths.
	pub name: String,
	/// The version.
	pub version: VersionId,
	/// Its model.
	pub model: ModelId,
	/// What a unit is.
	pub meter: Meter,
	/// SPDX identifier of its licence.
	pub licence: String,
	/// SHA-256 of the artifact.
	pub manifest: Hash,
	/// The execution provider.
	pub provider: &'static str,
	/// How it is run.
	pub profile: Profile,
	/// The workers.
	pub pool: Pool,
}

/// See the module.
pub struct App {
	/// Who it is.
	pub identity: Identity,
	/// The money.
	pub ledger: Arc<Ledger>,
	/// The models.
	pub models: Vec<Served>,
	/// The finalised head.
	pub heads: watch::Receiver<Arc<Head>>,
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// The longest body that is read, in bytes.
	pub body_limit: usize,
	/// Channels that are not known yet.
	pub(super) lookups: Lookups,
	draining: AtomicBool,
}

impl App {
	/// Puts it together.
	pub fn new(
		identity: Identity,
		ledger: Arc<Ledger>,
		models: Vec<Served>,
		channels: Arc<dyn Channels>,
		heads: watch::Receiver<Arc<Head>>,
		metrics: Arc<Metrics>,
		body_limit: usize,
	) -> Self {
		Self {
			identity,
			ledger,
			models,
			heads,
			metrics,
			body_limit,
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

	/// Why requests cannot be served at all now; `None` if they can.
	pub fn not_ready(&self) -> Option<&'static str> {
		if self.draining() {
			return Some("the oracle is stopping; use another one");
		}
		if self.ledger.chain_is_lost() {
			return Some("the oracle has seen no finalised block for too long; use another one");
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

	/// The served version of that name: that one if it is named, else the newest.
	pub fn served(&self, name: &str, version: Option<VersionId>) -> Option<&Served> {
		self.models
			.iter()
			.filter(|served| served.name == name)
			.filter(|served| version.is_none_or(|version| served.version == version))
			.max_by_key(|served| served.version)
	}

	/// The version at the finalised head.
	pub fn version(&self, version: VersionId) -> Option<VersionState> {
		self.heads.borrow().versions.get(&version).cloned()
	}

	/// On what terms the version is served now.
	pub fn offer(&self, version: VersionId, room: bool) -> Offer {
		let head = self.heads.borrow();
		let state = head.versions.get(&version);
		Offer {
			open: state.is_some_and(|state| state.open),
			ask: state.and_then(|state| state.ask),
			room,
		}
	}
}
