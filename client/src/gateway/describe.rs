//! What a model takes and gives: its tensors by the word of an oracle, its versions by the chain's.

use super::{desk::Gateway, error::GatewayError};
use serde::{Deserialize, Serialize};
use usufruct_primitives::VersionId;

/// A tensor of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
	/// Its name.
	pub name: String,
	/// The type of its elements, by its name in the protocol.
	pub datatype: String,
	/// Its dimensions; -1 where any size goes.
	pub shape: Vec<i64>,
}

/// A model, as the protocol describes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Description {
	/// What it was asked for as.
	pub name: String,
	/// The versions that are offered, ascending.
	pub versions: Vec<String>,
	/// What it is in.
	pub platform: String,
	/// What it takes; nothing, if no oracle that says so has loaded it.
	pub inputs: Vec<Port>,
	/// What it gives, likewise.
	pub outputs: Vec<Port>,
}

/// What an oracle says.
#[derive(Deserialize)]
struct Said {
	platform: String,
	inputs: Vec<Port>,
	outputs: Vec<Port>,
}

impl Gateway {
	/// What there is to know of a model, for free: of that version, or the newest that is offered.
	pub async fn describe(
		&self,
		name: &str,
		version: Option<VersionId>,
	) -> Result<Description, GatewayError> {
		let (market, _) = self.market();
		let found = market.find(name, version)?;
		// Who has not loaded it yet says that it has no tensors; another may know them.
		let mut unloaded = None;
		let heard = self.hear(&found, |said| {
			let said: Said = serde_json::from_slice(&said).ok()?;
			if said.inputs.is_empty() && said.outputs.is_empty() {
				unloaded = Some(said);
				return None;
			}
			Some(said)
		});
		let heard = heard.await;
		let Said { platform, inputs, outputs } = heard.or_else(|error| unloaded.ok_or(error))?;
		let of_model = market.offers.iter().filter(|it| it.model == found.model.model);
		let mut versions: Vec<VersionId> = of_model.map(|it| it.target.model_version).collect();
		versions.sort_unstable();
		versions.dedup();
		let versions = versions.iter().map(ToString::to_string).collect();
		Ok(Description { name: name.into(), versions, platform, inputs, outputs })
	}
}
