//! The model versions that are served: those that are configured, from when the chain has them.

use crate::{
	chain::{Head, VersionState},
	engine::{shelf::Home, Quarantine},
	text::NotText,
};
use std::{
	collections::HashSet,
	sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
};
use usufruct_client::{
	meter::{self, NotRecomputable},
	text::Text,
};
use usufruct_primitives::{Hash, Meter, ModelId, VersionId};

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
	/// Where it is loaded.
	pub home: Home,
	/// Its tokenizer, if it takes text.
	pub text: Option<Arc<Text>>,
}

/// Reads the tokenizer of a version as the chain describes it.
pub type TextReader = dyn Fn(&VersionState) -> Result<Option<Arc<Text>>, NotText> + Send + Sync;
/// Gives a version a place on the shelf.
pub type Placer = dyn Fn(&VersionState, Option<Arc<Text>>) -> Home + Send + Sync;

/// Why a version is not served whatever the chain says.
#[derive(Debug, thiserror::Error)]
enum Unservable {
	#[error(transparent)]
	Text(#[from] NotText),
	#[error(transparent)]
	Meter(#[from] NotRecomputable),
}

/// A model version that is configured.
pub struct Planned {
	/// The name in paths.
	pub name: String,
	/// The version.
	pub version: VersionId,
	/// Whether it is loaded only when somebody asks for it.
	pub on_demand: bool,
	/// Reads its tokenizer, if it takes text.
	pub text: Box<TextReader>,
	/// Gives it a place on the shelf, as the chain describes it.
	pub place: Box<Placer>,
}

/// See the module.
#[derive(Default)]
pub struct Catalogue {
	/// What ended its worker.
	pub quarantine: Arc<Quarantine>,
	planned: Vec<Planned>,
	served: RwLock<Arc<[Arc<Served>]>>,
	/// Versions that cannot be served whatever the chain says; they were told of.
	refused: Mutex<HashSet<VersionId>>,
}

impl Catalogue {
	/// Of versions that are configured; none is served before [`Catalogue::follow`] has found it on
	/// the chain. Their pools take note of what ended its worker in `quarantine`.
	pub fn new(planned: Vec<Planned>, quarantine: Arc<Quarantine>) -> Self {
		Self { planned, quarantine, ..Self::default() }
	}

	/// Of models that are there already.
	pub fn of(served: Vec<Served>, quarantine: Arc<Quarantine>) -> Self {
		let served = served.into_iter().map(Arc::new).collect();
		Self { served: RwLock::new(served), quarantine, ..Self::default() }
	}

	/// All that is served.
	pub fn served(&self) -> Arc<[Arc<Served>]> {
		Arc::clone(&self.served.read().unwrap_or_else(PoisonError::into_inner))
	}

	/// That version of that name.
	pub fn find(&self, name: &str, version: VersionId) -> Option<Arc<Served>> {
		let served = self.served();
		served.iter().find(|it| it.name == name && it.version == version).cloned()
	}

	/// The newest version of that name that is `offered`; if none is, the newest.
	pub fn newest(&self, name: &str, offered: impl Fn(VersionId) -> bool) -> Option<Arc<Served>> {
		let served = self.served();
		let named = served.iter().filter(|it| it.name == name);
		named.max_by_key(|it| (offered(it.version), it.version)).cloned()
	}

	/// The version, under each name that it has.
	pub fn named(&self, version: VersionId) -> Vec<Arc<Served>> {
		self.served().iter().filter(|served| served.version == version).cloned().collect()
	}

	/// Takes in what a finalised head says: versions that are new on the chain are served from now on,
	/// deprecated ones leave the memory. Returns those that are to be loaded now.
	pub fn follow(&self, head: &Head) -> Vec<Arc<Served>> {
		let mut wanted = Vec::new();
		for planned in &self.planned {
			let Some(state) = head.versions.get(&planned.version) else { continue };
			let of = |served: &&Arc<Served>| {
				served.version == planned.version && served.name == planned.name
			};
			let served = match self.served().iter().find(of) {
				Some(served) => Arc::clone(served),
				None => match self.add(planned, state) {
					Some(served) => served,
					None => continue,
				},
			};
			served.home.serve(state.open);
			if state.open && !planned.on_demand && served.home.loaded().is_none() {
				wanted.push(served);
			}
		}
		wanted
	}

	fn add(&self, planned: &Planned, state: &VersionState) -> Option<Arc<Served>> {
		if self.refused().contains(&planned.version) {
			return None;
		}
		let text = match readable(planned, state) {
			Ok(text) => text,
			Err(error) => {
				let (model, version) = (&planned.name, planned.version);
				tracing::error!(model, version, %error, "it is not served until the next start");
				self.refused().insert(version);
				return None;
			},
		};
		tracing::info!(
			model = planned.name,
			version = planned.version,
			open = state.open,
			"the version is on the chain"
		);
		let served = Arc::new(Served {
			name: planned.name.clone(),
			version: planned.version,
			model: state.model,
			meter: state.meter,
			licence: state.licence.clone(),
			manifest: state.manifest,
			home: (planned.place)(state, text.clone()),
			text,
		});
		let mut all = self.served.write().unwrap_or_else(PoisonError::into_inner);
		*all = all.iter().cloned().chain([Arc::clone(&served)]).collect();
		Some(served)
	}

	fn refused(&self) -> MutexGuard<'_, HashSet<VersionId>> {
		self.refused.lock().unwrap_or_else(PoisonError::into_inner)
	}
}

/// The tokenizer of a version whose units can be counted.
fn readable(planned: &Planned, state: &VersionState) -> Result<Option<Arc<Text>>, Unservable> {
	let text = (planned.text)(state)?;
	meter::check(state.meter, text.as_deref())?;
	Ok(text)
}
