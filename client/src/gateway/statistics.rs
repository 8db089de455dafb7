//! How many questions of each version were answered, and how long that took, since the gateway started.

use super::{chain::Found, desk::Gateway, error::GatewayError};
use crate::{session::Answer, sync::lock};
use std::time::{Duration, SystemTime};
use usufruct_primitives::{ModelId, VersionId};

/// How often something was done, and how long that took in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
	/// How often.
	pub count: u64,
	/// How long, all together.
	pub time: Duration,
}

impl Counted {
	/// How long, in nanoseconds.
	pub fn ns(&self) -> u64 {
		u64::try_from(self.time.as_nanos()).unwrap_or(u64::MAX)
	}

	fn add(&mut self, took: Duration) {
		self.count = self.count.saturating_add(1);
		self.time = self.time.saturating_add(took);
	}
}

/// What became of the questions of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
	/// Those that were answered, from the question to the answer.
	pub answered: Counted,
	/// Those that were not.
	pub failed: Counted,
	/// How long the model ran for those that were answered, by the oracles' word.
	pub ran: Counted,
	/// When the last one was answered, in milliseconds since 1970; 0 if none was.
	pub last_ms: u64,
}

/// Those of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfVersion {
	/// The model's name.
	pub name: String,
	/// The version.
	pub version: VersionId,
	/// What became of its questions.
	pub statistics: Statistics,
}

impl Gateway {
	/// Notes what became of a question.
	pub(super) fn count(&self, found: &Found<'_>, took: Duration, answer: Option<&Answer>) {
		let mut all = lock(&self.statistics);
		let statistics = all.entry((found.model.model, found.version)).or_default();
		let Some(answer) = answer else { return statistics.failed.add(took) };
		statistics.answered.add(took);
		statistics.ran.add(Duration::from_millis(answer.receipt.receipt.took_ms.into()));
		let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
		statistics.last_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
	}

	/// What became of questions: of that version, of all versions of a model that are offered, or of all
	/// models.
	pub fn statistics(
		&self,
		name: Option<&str>,
		version: Option<VersionId>,
	) -> Result<Vec<OfVersion>, GatewayError> {
		let (market, _) = self.market();
		let found = name.map(|name| market.find(name, version)).transpose()?;
		let model = found.map(|it| it.model.model);
		let mut wanted: Vec<(ModelId, VersionId)> = market
			.offers
			.iter()
			.map(|offer| (offer.model, offer.target.model_version))
			.filter(|(of, _)| model.is_none_or(|model| *of == model))
			.filter(|(_, of)| version.is_none_or(|version| *of == version))
			.collect();
		wanted.sort_unstable();
		wanted.dedup();
		let all = lock(&self.statistics);
		let of_version = |key: (ModelId, VersionId)| {
			let model = market.models.iter().find(|it| it.model == key.0)?;
			let statistics = all.get(&key).copied().unwrap_or_default();
			Some(OfVersion { name: model.name.clone(), version: key.1, statistics })
		};
		Ok(wanted.into_iter().filter_map(of_version).collect())
	}
}
