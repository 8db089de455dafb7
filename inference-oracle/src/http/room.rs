//! Whether a request can be run now: its model in memory, a place in its queue, nothing against it.

use super::{app::App, catalogue::Served, problem::Refused};
use crate::{
	book::Hindrance,
	engine::{
		profile::Known, shelf::Away, Barred, EngineError, Job, NoRoom, Pool, Ran, Signature, Slot,
	},
};
use std::{
	sync::Arc,
	time::{Duration, Instant},
};
use tracing::{field::Empty, Instrument, Span};
use usufruct_client::tensors::{RequestedOutput, Tensor};
use usufruct_primitives::PublicKey;

/// See the module. As long as it is held the model stays, and so does the place.
pub(super) struct Room {
	slot: Slot,
	/// The model is not unloaded while it is in use.
	model: Arc<Pool>,
}

impl Room {
	/// Whether a request that came with that key would find room, as far as that can be told without
	/// its inputs. Costs next to nothing, keeps no place, and loads no model.
	pub fn look(app: &App, served: &Served, key: &PublicKey) -> Result<(), Hindrance> {
		// What is not offered is refused by the offer.
		if !app.offers(served.version) {
			return Ok(());
		}
		app.catalogue.quarantine.check_key(key, Instant::now())?;
		// One that is not there is loaded for whoever asks for it.
		let Some(model) = served.home.loaded() else { return Ok(()) };
		Ok(model.look(key)?)
	}

	/// Finds room for a request that came with that key; an input that does not fit the model is
	/// refused. The model is loaded, if it is not there.
	pub async fn find(
		app: &App,
		served: &Served,
		key: &PublicKey,
		inputs: &[Tensor],
		outputs: &[RequestedOutput],
		deadline: Option<Instant>,
	) -> Result<Result<Self, Hindrance>, Refused> {
		// And nothing is loaded for it.
		if !app.offers(served.version) {
			return Ok(Err(Hindrance::Down));
		}
		let barred = app.catalogue.quarantine.check(key, served.version, inputs, Instant::now());
		if let Err(barred) = barred {
			return Ok(Err(barred.into()));
		}
		let model = match lease(served, deadline).await {
			Ok(model) => model,
			Err(hindrance) => return Ok(Err(hindrance)),
		};
		model.signature().check_inputs(inputs)?;
		let wanted = outputs.iter().map(|output| output.name.as_str());
		model.signature().check_outputs(wanted)?;
		if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
			return Ok(Err(Hindrance::Late));
		}
		Ok(match model.reserve(key) {
			Ok(slot) => Ok(Self { slot, model }),
			Err(full) => Err(full.into()),
		})
	}

	/// What the model takes and gives.
	pub fn signature(&self) -> &Signature {
		self.model.signature()
	}

	/// How it is run.
	pub fn profile(&self) -> &Arc<Known> {
		self.model.known()
	}

	/// What it runs on, for figures.
	pub fn device(&self) -> &str {
		self.model.device()
	}

	/// Runs a request in its room.
	pub async fn run(room: Option<Self>, job: Job) -> Ran {
		match room {
			Some(room) => room.slot.run(job).await,
			// What has no room is not accepted.
			None => Ran {
				outputs: Err(EngineError::Stopped),
				waited: Duration::ZERO,
				took: Duration::ZERO,
				shared_by: 0,
			},
		}
	}
}

/// The model; that it is loaded first, if it is not there, is a part of the request's trace.
async fn lease(served: &Served, deadline: Option<Instant>) -> Result<Arc<Pool>, Hindrance> {
	let span = match served.home.loaded() {
		Some(_) => Span::none(),
		None => tracing::trace_span!(
			"load",
			gen_ai.request.model = served.name,
			usufruct.model.version = i64::from(served.version),
			"error.type" = Empty,
			otel.status_code = Empty,
		),
	};
	let failed = |why: &str| {
		span.record("error.type", why);
		span.record("otel.status_code", "ERROR");
	};
	let lease = served.home.lease().instrument(span.clone());
	let leased = match deadline {
		None => lease.await,
		Some(deadline) => match tokio::time::timeout_at(deadline.into(), lease).await {
			Ok(leased) => leased,
			Err(_) => {
				failed("late");
				return Err(Hindrance::Late);
			},
		},
	};
	leased.map_err(|away| {
		failed(away.kind());
		tracing::warn!(model = served.name, version = served.version, %away, "no room");
		away.into()
	})
}

impl From<NoRoom> for Hindrance {
	fn from(full: NoRoom) -> Self {
		match full {
			NoRoom::Share { retry_s } => Self::Share { retry_s },
			NoRoom::Queue { retry_s } => Self::Queue { retry_s },
			NoRoom::Down => Self::Down,
		}
	}
}

impl From<Barred> for Hindrance {
	fn from(barred: Barred) -> Self {
		match barred {
			Barred::Input => Self::Input,
			Barred::Key { ended, left } => Self::Key { ended, retry_s: left.as_secs().max(1) },
		}
	}
}

impl From<Away> for Hindrance {
	fn from(away: Away) -> Self {
		match away {
			Away::Memory { .. } => Self::Memory,
			Away::Unloadable { retry_s, .. } => Self::Unloadable { retry_s },
			// The chain says so too; the next head tells it.
			Away::Withdrawn => Self::Down,
		}
	}
}
