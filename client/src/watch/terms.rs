//! What is known of a channel and of model versions, for the rules that receipts keep to.

use std::collections::BTreeMap;
use usufruct_primitives::{fraud, Balance, Meter, ModelId, VersionId};

/// What holds for the receipts of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
	/// The channel's model.
	pub model: ModelId,
	/// The most a unit may cost, while the channel is on the chain.
	pub max_unit_price: Option<Balance>,
	/// Versions, with their models and meters.
	pub versions: BTreeMap<VersionId, (ModelId, Meter)>,
}

impl Terms {
	/// What holds for a receipt of that version. Whether its price is below the version's floor is
	/// for whoever knows the floors of the past.
	pub fn of(&self, version: VersionId) -> fraud::Terms {
		let known = self.versions.get(&version);
		fraud::Terms {
			model: Some(self.model),
			version: known.map_or(fraud::Version::Unknown, |(model, meter)| fraud::Version::Of {
				model: *model,
				meter: *meter,
				floor: 0,
			}),
			max_unit_price: self.max_unit_price,
		}
	}
}
