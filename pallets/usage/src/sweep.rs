//! The end of what is kept: a settlement is removed when nothing can be proved of it any more, and an
//! owner's fees when they count for nothing.
//!
//! A settlement is *over* once its challenge window has passed and no demand about it is open. It is
//! evidence of nothing from that block on, whether it is still there or not, so that removing it
//! early or late changes nothing for anybody.
//!
//! Settlements end in their order. Each new one takes the oldest with it, so an oracle that goes on
//! settling leaves no more behind than it once had within a window. One against which something stands
//! takes more work and waits, with all after it, until somebody sweeps: anybody can, and pays nothing
//! for it. So too what an oracle leaves that settles no more.

use crate::{
	Batches, Books, Charges, Config, Error, Event, FeesByOwner, OracleBooks, Owner, Pallet,
};
use frame_support::ensure;
use sp_runtime::{traits::Zero, DispatchResult};
use usufruct_primitives::BatchNo;

/// The most that one call removes.
pub const MAX_SWEPT: u32 = 16;

impl<T: Config> Pallet<T> {
	/// Whether nothing can be proved of a settlement any more.
	fn is_over(oracle: &T::AccountId, batch_no: BatchNo) -> bool {
		Batches::<T>::get(oracle, batch_no).is_some_and(|batch| {
			!Self::is_held(oracle, &batch, &Charges::<T>::get(oracle, batch_no))
		})
	}

	/// Removes the settlement of number `oldest`, if there is one before number `next`, it is over and
	/// nothing stands against it; returns the oldest number that is left.
	pub(crate) fn sweep_oldest(oracle: &T::AccountId, oldest: BatchNo, next: BatchNo) -> BatchNo {
		let charged = Charges::<T>::contains_key(oracle, oldest);
		if oldest >= next || charged || !Self::is_over(oracle, oldest) {
			return oldest;
		}
		Batches::<T>::remove(oracle, oldest);
		oldest.saturating_add(1)
	}

	/// Removes settlements from number `oldest` on, at most `most` and none from number `next` on,
	/// up to the first that is not over; returns its number.
	pub(crate) fn sweep(
		oracle: &T::AccountId,
		oldest: BatchNo,
		next: BatchNo,
		most: u32,
	) -> BatchNo {
		let end = oldest.saturating_add(most.into()).min(next);
		for batch_no in oldest..end {
			if !Self::is_over(oracle, batch_no) {
				return batch_no;
			}
			Batches::<T>::remove(oracle, batch_no);
			Charges::<T>::remove(oracle, batch_no);
		}
		end
	}

	/// Removes what of an oracle's settlements is over; returns how many they were.
	pub(crate) fn sweep_oracle(oracle: T::AccountId) -> Result<u32, Error<T>> {
		let mut book = OracleBooks::<T>::get(&oracle);
		let from = book.oldest_batch;
		let to = Self::sweep(&oracle, from, book.next_batch, MAX_SWEPT);
		let swept = to.saturating_sub(from);
		ensure!(!swept.is_zero(), Error::<T>::NothingToSweep);
		book.oldest_batch = to;
		OracleBooks::<T>::insert(&oracle, book);
		Self::deposit_event(Event::BatchesSwept { oracle, from, to });
		// Not more than the most.
		Ok(swept.try_into().unwrap_or(MAX_SWEPT))
	}

	/// Removes the fees of an owner that were paid before the epoch that closed last.
	pub(crate) fn sweep_owner(owner: Owner) -> DispatchResult {
		let record = FeesByOwner::<T>::get(&owner);
		let now = record.at(Books::<T>::get().fees.epoch);
		let stored = FeesByOwner::<T>::contains_key(&owner);
		let counts = !now.fees.is_zero() || !now.last_fees.is_zero();
		ensure!(stored && !counts, Error::<T>::NothingToSweep);
		FeesByOwner::<T>::remove(&owner);
		Self::deposit_event(Event::FeesSwept { owner, epoch: record.epoch });
		Ok(())
	}
}
