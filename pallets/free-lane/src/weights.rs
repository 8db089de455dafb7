//! The weights the free lane asks its runtime for.

use frame_support::weights::Weight;

/// One function for the extension, and one for the hook.
pub trait WeightInfo {
	/// A transaction goes into the lane.
	fn check_free_lane() -> Weight;
	/// The lane is emptied.
	fn on_finalize() -> Weight;
}

/// For mocks only.
impl WeightInfo for () {
	fn check_free_lane() -> Weight {
		Weight::from_parts(3, 3)
	}

	fn on_finalize() -> Weight {
		Weight::from_parts(2, 2)
	}
}
