//! What the calls and the hooks cost.

use frame_support::weights::Weight;

/// One function for each call and each hook.
pub trait WeightInfo {
	/// Pulling a credit.
	fn withdraw() -> Weight;
	/// Admitting a member to a set that is nearly full.
	fn admit() -> Weight;
	/// Dismissing one of a full set, in which only the last has keys.
	fn dismiss() -> Weight;
	/// Crediting a block's author.
	fn note_author() -> Weight;
	/// Recording a report of `o` offenders.
	fn on_offence(o: u32) -> Weight;
}

/// For mocks only.
impl WeightInfo for () {
	fn withdraw() -> Weight {
		Weight::zero()
	}

	fn admit() -> Weight {
		Weight::zero()
	}

	fn dismiss() -> Weight {
		Weight::zero()
	}

	fn note_author() -> Weight {
		Weight::zero()
	}

	fn on_offence(_: u32) -> Weight {
		Weight::zero()
	}
}
