//! What must hold after every block, numbered.

use crate::{
	Batches, Channels, Config, CurrentSplit, FeeLedger, HoldReason, LastSalt, NextBatch, NextSplit,
	OracleCredit, Pallet, Pending,
};
use alloc::collections::BTreeMap;
use frame_support::{
	ensure,
	traits::fungible::{Inspect, InspectHold},
};
use sp_runtime::TryRuntimeError;
use usufruct_primitives::{settlement::MAX_RECEIPTS, split::entitlement, Balance, BatchNo, PPM};

impl<T: Config> Pallet<T> {
	/// Checks every invariant.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::settlement_account_holds_what_is_owed()?;
		Self::escrows_are_on_hold()?;
		Self::ledger_is_divided_by_the_weights()?;
		Self::batches_are_consecutive()?;
		Self::charges_and_demands_fit()
	}

	/// What the settlement account must hold beyond its deposit: what is divided and not moved, and
	/// the dust.
	pub(crate) fn owed() -> Option<Balance> {
		let due = Pending::<T>::get();
		let waiting = [FeeLedger::<T>::get().dust(), due.dividend, due.commons, due.security];
		waiting
			.into_iter()
			.chain(OracleCredit::<T>::iter_values())
			.try_fold(0, Balance::checked_add)
	}

	/// I1: the settlement account exists and holds what is owed (more, if somebody gave it some).
	/// I2: no oracle has an empty credit.
	fn settlement_account_holds_what_is_owed() -> Result<(), TryRuntimeError> {
		let balance = T::Currency::balance(&Self::account());
		let owed = Self::owed().ok_or("I1: what is owed is no u128")?;
		let beyond = balance.checked_sub(T::Currency::minimum_balance());
		ensure!(
			beyond.is_some_and(|beyond| beyond >= owed),
			"I1: settlement account holds too little"
		);
		ensure!(OracleCredit::<T>::iter_values().all(|credit| credit > 0), "I2: empty credit");
		Ok(())
	}

	/// I3: a consumer's escrows are exactly what it has on hold. I4: a reserve is part of its
	/// escrow. I5: whoever has a channel has a last salt. I6: settled money has a settled receipt.
	fn escrows_are_on_hold() -> Result<(), TryRuntimeError> {
		let mut escrows = BTreeMap::<T::AccountId, Balance>::new();
		for channel in Channels::<T>::iter_values() {
			ensure!(channel.reserved <= channel.escrow, "I4: reserve exceeds escrow");
			ensure!(LastSalt::<T>::contains_key(&channel.consumer), "I5: channel without a salt");
			let paid_for = channel.settled_total == 0 || channel.settled_seq > 0;
			ensure!(paid_for, "I6: money settled without a receipt");
			let sum = escrows.entry(channel.consumer).or_default();
			*sum = sum.checked_add(channel.escrow).ok_or("I3: escrows are no u128")?;
		}
		// Consumers whose channels are all closed have nothing on hold either.
		for (consumer, _) in LastSalt::<T>::iter() {
			let escrow = escrows.remove(&consumer).unwrap_or_default();
			let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &consumer);
			ensure!(escrow == held, "I3: escrows differ from what is on hold");
		}
		Ok(())
	}

	/// I7: the weights, present and scheduled, keep their bounds. I8: fewer than five planck are
	/// undivided. I9: each party is credited exactly its entitlement.
	fn ledger_is_divided_by_the_weights() -> Result<(), TryRuntimeError> {
		let split = CurrentSplit::<T>::get();
		ensure!(split.check().is_ok(), "I7: weights in force out of bounds");
		let next = NextSplit::<T>::get();
		ensure!(next.is_none_or(|next| next.check().is_ok()), "I7: next weights out of bounds");
		let ledger = FeeLedger::<T>::get();
		ensure!(ledger.dust() < 5, "I8: five planck or more are undivided");
		for (credited, weight) in ledger.credited.into_iter().zip(split.weights()) {
			let entitled = entitlement(ledger.total, weight, PPM);
			ensure!(entitled == Some(credited), "I9: credit differs from entitlement");
		}
		Ok(())
	}

	/// I10: an oracle's batches are exactly those below its next number. I11: a batch pays at most
	/// its total. I12: it has a valid number of receipts.
	fn batches_are_consecutive() -> Result<(), TryRuntimeError> {
		let mut batches = BTreeMap::<T::AccountId, BatchNo>::new();
		for (oracle, batch_no, batch) in Batches::<T>::iter() {
			ensure!(batch_no < NextBatch::<T>::get(&oracle), "I10: batch from the future");
			ensure!(batch.accepted_total <= batch.total, "I11: batch paid more than its total");
			ensure!((1..=MAX_RECEIPTS).contains(&batch.count), "I12: number of receipts");
			let known = batches.entry(oracle).or_default();
			*known = known.saturating_add(1);
		}
		for (oracle, next) in NextBatch::<T>::iter() {
			ensure!(batches.remove(&oracle) == Some(next), "I10: a batch is missing");
		}
		ensure!(batches.is_empty(), "I10: batches without a next number");
		Ok(())
	}
}
