//! What the pallet says of what happened; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An oracle was registered.
		OracleRegistered {
			/// The oracle.
			oracle: T::AccountId,
			/// Its bond, in planck.
			bond: Balance,
			/// The key that signs its receipts.
			receipt_key: PublicKey,
			/// Where it serves.
			endpoint: Endpoint,
		},
		/// An oracle asks another price for a version, or no longer serves it.
		AskSet {
			/// The oracle.
			oracle: T::AccountId,
			/// The version.
			version: VersionId,
			/// The price of one unit so far, in planck.
			old: Option<Balance>,
			/// The price of one unit from now on, in planck.
			new: Option<Balance>,
		},
		/// An oracle added to its bond.
		BondIncreased {
			/// The oracle.
			oracle: T::AccountId,
			/// What it added, in planck.
			amount: Balance,
			/// Its bond now, in planck.
			bond: Balance,
		},
		/// A part of a bond is on its way out.
		UnbondingStarted {
			/// The oracle.
			oracle: T::AccountId,
			/// How much, in planck.
			amount: Balance,
			/// The first block in which it can be withdrawn.
			ready_at: BlockNumber,
			/// What is left of the bond, in planck.
			bond: Balance,
		},
		/// Unbonded money is at its owner's free disposal.
		Withdrawn {
			/// The oracle.
			oracle: T::AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// An oracle that has withdrawn everything was removed, with its asks.
		OracleRemoved {
			/// The oracle.
			oracle: T::AccountId,
		},
		/// An oracle serves at another address.
		EndpointSet {
			/// The oracle.
			oracle: T::AccountId,
			/// The address so far.
			old: Endpoint,
			/// The address from now on.
			new: Endpoint,
		},
		/// An oracle signs its receipts with another key.
		ReceiptKeySet {
			/// The oracle.
			oracle: T::AccountId,
			/// The key so far, now retired.
			old: PublicKey,
			/// The key from now on.
			new: PublicKey,
			/// The first block in which the oracle no longer answers for the old key.
			forgotten_at: BlockNumber,
		},
		/// Retired keys of an oracle, for which it answers no longer, were removed from the chain.
		KeysForgotten {
			/// The oracle.
			oracle: T::AccountId,
			/// How many.
			keys: u32,
		},
		/// An oracle may settle no more than another amount within a challenge window.
		SettleLimitSet {
			/// The oracle.
			oracle: T::AccountId,
			/// The limit so far, in planck; none if there was none.
			old: Option<Balance>,
			/// The limit to come, in planck; none if there is to be none.
			new: Option<Balance>,
			/// The first block it holds in.
			from: BlockNumber,
		},
		/// An oracle was caught, and slashed.
		Slashed {
			/// The oracle.
			oracle: T::AccountId,
			/// What was taken, in planck: what the other three got.
			taken: Balance,
			/// The consumer, if it was paid, and what it got, in planck.
			consumer: Option<(T::AccountId, Balance)>,
			/// The reporter, if it was paid, and what it got, in planck.
			reporter: Option<(T::AccountId, Balance)>,
			/// What the dividend pot got, in planck.
			dividend: Balance,
			/// What is left of the bond, in planck.
			bond: Balance,
		},
	}
}
