//! The weights the dividend asks its runtime for.

use frame_support::weights::Weight;

/// One function for the call, and one for each kind of block.
pub trait WeightInfo {
	/// [`Pallet::claim`](crate::Pallet::claim), of several epochs and settled money, by an empty account.
	fn claim() -> Weight;
	/// A block that closes an epoch and sweeps two, with what is told of it.
	fn close() -> Weight;
	/// A block that closes none.
	fn idle() -> Weight;
}

/// For mocks only: three different weights, so that a test can tell them apart.
impl WeightInfo for () {
	fn claim() -> Weight {
		Weight::from_parts(100, 100)
	}

	fn close() -> Weight {
		Weight::from_parts(200, 200)
	}

	fn idle() -> Weight {
		Weight::from_parts(1, 1)
	}
}
