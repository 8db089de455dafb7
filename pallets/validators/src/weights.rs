//! What the call and the hooks cost.

use frame_support::weights::Weight;

/// One function for the call and for each hook.
pub trait WeightInfo {
	/// Pulling a credit.
	fn withdraw() -> Weight;
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

	fn note_author() -> Weight {
		Weight::zero()
	}

	fn on_offence(_: u32) -> Weight {
		Weight::zero()
	}
}
