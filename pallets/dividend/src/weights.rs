//! The weights the dividend asks its runtime for.

use frame_support::weights::Weight;

/// One function for each call, one for the authorisation of the call nobody signs, and one for each
/// kind of block.
pub trait WeightInfo {
	/// [`Pallet::claim`](crate::Pallet::claim), of several epochs and settled money, by an empty
	/// account, to another empty account.
	fn claim() -> Weight;
	/// [`Pallet::claim_for`](crate::Pallet::claim_for), the same by anybody.
	fn claim_for() -> Weight;
	/// Finding out whether that is valid.
	fn authorize_claim_for() -> Weight;
	/// [`Pallet::claim_to_channel`](crate::Pallet::claim_to_channel), once and with a bonus.
	fn claim_to_channel() -> Weight;
	/// [`Pallet::set_payout`](crate::Pallet::set_payout), replacing a change.
	fn set_payout() -> Weight;
	/// [`Pallet::set_claims_alone`](crate::Pallet::set_claims_alone).
	fn set_claims_alone() -> Weight;
	/// [`Pallet::donate`](crate::Pallet::donate).
	fn donate() -> Weight;
	/// [`Pallet::pause`](crate::Pallet::pause), not for the first time.
	fn pause() -> Weight;
	/// [`Pallet::resume`](crate::Pallet::resume).
	fn resume() -> Weight;
	/// [`Pallet::set_params`](crate::Pallet::set_params).
	fn set_params() -> Weight;
	/// [`Pallet::set_bonus`](crate::Pallet::set_bonus).
	fn set_bonus() -> Weight;
	/// [`Pallet::open_programme`](crate::Pallet::open_programme), the last there may be.
	fn open_programme() -> Weight;
	/// [`Pallet::join_programme`](crate::Pallet::join_programme), of whom no verifier is read.
	fn join_programme() -> Weight;
	/// [`Pallet::leave_programme`](crate::Pallet::leave_programme), while it runs.
	fn leave_programme() -> Weight;
	/// [`Pallet::claim_programme`](crate::Pallet::claim_programme), as [`WeightInfo::claim`].
	fn claim_programme() -> Weight;
	/// [`Pallet::end_programme`](crate::Pallet::end_programme), the longest, that was just opened.
	fn end_programme() -> Weight;
	/// What one programme adds to a block that closes an epoch.
	fn close_programme() -> Weight;
	/// A block that closes an epoch and sweeps two, with what is told of it and new parameters.
	fn close() -> Weight;
	/// A block that closes none, though one is due: it is in a pause.
	fn idle() -> Weight;
}

/// For mocks only: different weights, so that a test can tell them apart.
impl WeightInfo for () {
	fn claim() -> Weight {
		Weight::from_parts(100, 100)
	}

	fn claim_for() -> Weight {
		Weight::from_parts(101, 101)
	}

	fn authorize_claim_for() -> Weight {
		Weight::from_parts(50, 50)
	}

	fn claim_to_channel() -> Weight {
		Weight::from_parts(102, 102)
	}

	fn set_payout() -> Weight {
		Weight::from_parts(103, 103)
	}

	fn set_claims_alone() -> Weight {
		Weight::from_parts(104, 104)
	}

	fn donate() -> Weight {
		Weight::from_parts(105, 105)
	}

	fn pause() -> Weight {
		Weight::from_parts(106, 106)
	}

	fn resume() -> Weight {
		Weight::from_parts(107, 107)
	}

	fn set_params() -> Weight {
		Weight::from_parts(108, 108)
	}

	fn set_bonus() -> Weight {
		Weight::from_parts(109, 109)
	}

	fn open_programme() -> Weight {
		Weight::from_parts(110, 110)
	}

	fn join_programme() -> Weight {
		Weight::from_parts(111, 111)
	}

	fn leave_programme() -> Weight {
		Weight::from_parts(112, 112)
	}

	fn claim_programme() -> Weight {
		Weight::from_parts(113, 113)
	}

	fn end_programme() -> Weight {
		Weight::from_parts(114, 114)
	}

	fn close_programme() -> Weight {
		Weight::from_parts(40, 40)
	}

	fn close() -> Weight {
		Weight::from_parts(200, 200)
	}

	fn idle() -> Weight {
		Weight::from_parts(1, 1)
	}
}
