//! What the calls of bounties cost: Substrate's figures, and what ours touch beside them.
//!
//! They were measured with payments in an asset of a pallet of its own, which touch more than ours do,
//! also those to a version.

use crate::Runtime;
use frame_support::weights::Weight;
use pallet_multi_asset_bounties::weights::{SubstrateWeight, WeightInfo as Measured};

type Substrate = SubstrateWeight<Runtime>;

/// The weights of `pallet-multi-asset-bounties`.
pub struct WeightInfo;

/// Takes those over that are as they were measured.
macro_rules! as_measured {
	($($call:ident)*) => {
		$(fn $call() -> Weight {
			<Substrate as Measured>::$call()
		})*
	};
}

impl Measured for WeightInfo {
	/// The deposit of a curator that is dismissed goes to the fund: its account is one more that is
	/// read and written.
	fn unassign_curator() -> Weight {
		let database = <Runtime as frame_system::Config>::DbWeight::get();
		<Substrate as Measured>::unassign_curator().saturating_add(database.reads_writes(1, 1))
	}

	as_measured! {
		fund_bounty fund_child_bounty propose_curator_parent_bounty propose_curator_child_bounty
		accept_curator award_bounty close_parent_bounty close_child_bounty check_status_funding
		check_status_refund check_status_payout retry_payment_funding retry_payment_refund
		retry_payment_payout increase_value
	}
}
