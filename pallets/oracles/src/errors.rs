//! Why a call is refused, and what to do about it; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// This account is an oracle already. Change what is registered by the other calls, or use
		/// another account.
		AlreadyRegistered,
		/// This account is no oracle. Register it first.
		NotRegistered,
		/// The bond would be below the minimum. Bond at least the minimum; when unbonding, leave that
		/// much or nothing.
		BelowMinBond,
		/// This is not a valid ed25519 public key (or one of those that are good for no signature).
		/// Give the 32 bytes of the key that the service signs receipts with.
		InvalidReceiptKey,
		/// An oracle has this receipt key, or had it and still answers for it. Make a new one for this
		/// oracle.
		ReceiptKeyInUse,
		/// An endpoint is `http://` or `https://` and an address, up to 256 characters of printable
		/// ASCII without spaces. Correct it.
		InvalidEndpoint,
		/// The oracle's bond is below the minimum, so it cannot ask for requests. Add to the bond first.
		Inactive,
		/// There is no model version with this id. Check the id.
		UnknownVersion,
		/// The model version is deprecated: nobody can ask for new requests. Serve a newer one.
		VersionDeprecated,
		/// The price is below the floor that the model's owner has set for this version. Ask at least
		/// the floor.
		BelowFloor,
		/// The oracle has 64 asks, which is the most. Remove one first.
		TooManyAsks,
		/// The oracle has no ask for this version. There is nothing to remove.
		NoAsk,
		/// The amount is 0. Give how much to move.
		ZeroAmount,
		/// That much of the bond is not free: part of it is locked for recent settlements. Unbond less,
		/// or wait until the locks have expired.
		BondNotFree,
		/// There are 16 parts of the bond on their way out, which is the most. Withdraw those that are
		/// ready, or wait for the next one.
		UnbondingFull,
		/// Nothing that was unbonded is ready. Wait for the block it is ready at.
		NothingReady,
		/// The oracle still answers for 8 retired receipt keys, which is the most. Wait until the oldest
		/// is forgotten.
		TooManyRetiredKeys,
		/// The oracle has no retired receipt key for which it answers no longer. Nothing is left to do.
		NothingToForget,
		/// This is the limit already, and no rise is on its way. There is nothing to do.
		LimitUnchanged,
		/// The time in which this settlement could be challenged is over. Its part of the bond is free.
		LockEnded,
		/// That much is not locked for this settlement: it is kept or was slashed already. Nothing is
		/// left to keep.
		NotLocked,
		/// That much of the bond is not kept: it was released or slashed already. Nothing is left to
		/// release.
		NotKept,
	}
}
