//! What must hold after every block, numbered.

use crate::{
	royalty, Batches, Books, Channel, ChannelState, Channels, Config, CurrentSplit, EpochFees,
	FeesByOwner, HoldReason, LastSalt, NextSplit, OracleBook, OracleBooks, Pallet, Slope, Sums,
};
use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{
	ensure,
	traits::{
		fungible::{Inspect, InspectHold},
		Get,
	},
};
use sp_core::U256;
use sp_runtime::TryRuntimeError;
use usufruct_primitives::{
	settlement::MAX_RECEIPTS,
	split::{entitlement, Ledger},
	Balance, BatchNo, BlockNumber, PPM,
};

impl<T: Config> Pallet<T> {
	/// Checks every invariant.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::settlement_account_holds_what_is_owed()?;
		Self::escrows_are_on_hold()?;
		Self::ledger_is_divided_by_the_weights()?;
		Self::batches_are_consecutive()?;
		Self::channels_are_in_order()?;
		Self::channels_settled_what_batches_paid()?;
		Self::royalties_are_divided_by_the_weights()?;
		Self::fees_add_up()?;
		Self::charges_and_demands_fit()
	}

	/// What the settlement account must hold beyond its deposit: what is divided and not moved, and
	/// the dust.
	pub(crate) fn owed() -> Option<Balance> {
		let Sums { settled, royalties, due, .. } = Books::<T>::get();
		let dust = settled.dust().checked_add(royalties.dust())?;
		let waiting = [dust, due.dividend, due.commons, due.security];
		waiting
			.into_iter()
			.chain(OracleBooks::<T>::iter_values().map(|book| book.credit))
			.try_fold(0, Balance::checked_add)
	}

	/// I1: the settlement account exists and holds what is owed (more, if somebody gave it some).
	/// I2: no oracle has an empty book.
	fn settlement_account_holds_what_is_owed() -> Result<(), TryRuntimeError> {
		let balance = T::Currency::balance(&Self::account());
		let owed = Self::owed().ok_or("I1: what is owed is no u128")?;
		let beyond = balance.checked_sub(T::Currency::minimum_balance());
		ensure!(
			beyond.is_some_and(|beyond| beyond >= owed),
			"I1: settlement account holds too little"
		);
		let empty = OracleBooks::<T>::iter_values().any(|book| book == OracleBook::default());
		ensure!(!empty, "I2: empty book");
		Ok(())
	}

	/// I3: a consumer's escrows are exactly what it has on hold. I4: a reserve, and a bonus, is part of
	/// its escrow. I5: whoever has a channel has a last salt. I6: settled money has a settled receipt,
	/// and that a block.
	fn escrows_are_on_hold() -> Result<(), TryRuntimeError> {
		let mut escrows = BTreeMap::<T::AccountId, Balance>::new();
		for channel in Channels::<T>::iter_values() {
			ensure!(channel.reserved <= channel.escrow, "I4: reserve exceeds escrow");
			ensure!(channel.bonus <= channel.escrow, "I4: bonus exceeds escrow");
			ensure!(LastSalt::<T>::contains_key(&channel.consumer), "I5: channel without a salt");
			let paid_for = channel.settled_total == 0 || channel.settled_seq > 0;
			ensure!(paid_for, "I6: money settled without a receipt");
			let settled = channel.settled_seq > 0;
			ensure!((channel.settled_at > 0) == settled, "I6: receipt settled in no block");
			ensure!(channel.settled_at <= Self::now(), "I6: settled in the future");
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
		let ledger = Books::<T>::get().settled;
		ensure!(ledger.dust() < 5, "I8: five planck or more are undivided");
		ensure!(is_divided(&ledger, &split.weights(), PPM), "I9: credit differs from entitlement");
		Ok(())
	}

	/// I10: an oracle's batches are exactly those from its oldest up to its next number, in the
	/// order they were settled in: none is left behind that sweeping would not find. I11: a batch pays
	/// at most its total. I12: it has a valid number of receipts.
	fn batches_are_consecutive() -> Result<(), TryRuntimeError> {
		let mut batches = BTreeMap::<T::AccountId, BTreeMap<BatchNo, BlockNumber>>::new();
		for (oracle, batch_no, batch) in Batches::<T>::iter() {
			ensure!(batch.accepted_total <= batch.total, "I11: batch paid more than its total");
			ensure!((1..=MAX_RECEIPTS).contains(&batch.count), "I12: number of receipts");
			ensure!(batch.block <= Self::now(), "I10: batch from the future");
			batches.entry(oracle).or_default().insert(batch_no, batch.block);
		}
		for (oracle, book) in OracleBooks::<T>::iter() {
			let kept = batches.remove(&oracle).unwrap_or_default();
			ensure!(
				kept.keys().copied().eq(book.oldest_batch..book.next_batch),
				"I10: a batch is missing, or was not swept"
			);
			let blocks = || kept.values();
			ensure!(blocks().is_sorted(), "I10: batches are out of order");
		}
		ensure!(batches.is_empty(), "I10: batches without a next number");
		Ok(())
	}

	/// I13: what is reserved is what the lodged voucher covers beyond what is settled, within the
	/// escrow. I14: no window is longer than one from now, and no old key lasts for more than two.
	/// I15: its keys are different, and only the last window can still run.
	fn channels_are_in_order() -> Result<(), TryRuntimeError> {
		let longest = Self::now().saturating_add(T::ClosingWindow::get());
		let last_word = Self::now().saturating_add(Self::last_word());
		for channel in Channels::<T>::iter_values() {
			let mut again = channel.clone();
			again.reserve();
			ensure!(again.reserved == channel.reserved, "I13: reserve differs from its voucher");
			let Channel { state, former_keys, key, .. } = channel;
			if let ChannelState::Closing { closes_at } = state {
				ensure!(closes_at <= longest, "I14: closes too late");
			}
			let last = former_keys.last().map_or(0, |former| former.until);
			ensure!(last <= last_word, "I14: old key lasts too long");
			ensure!(former_keys.is_sorted_by_key(|former| former.until), "I15: windows overlap");
			let keys = former_keys.iter().map(|former| former.key).chain([key]);
			let different: BTreeSet<_> = keys.collect();
			ensure!(different.len() == former_keys.len() + 1, "I15: a key stands twice");
		}
		Ok(())
	}

	/// I16: of an oracle's channels that are not closed, no more money is settled than its batches
	/// paid, and no more receipts than they have; as long as all of them are kept.
	fn channels_settled_what_batches_paid() -> Result<(), TryRuntimeError> {
		let mut settled = BTreeMap::<T::AccountId, (Balance, u64)>::new();
		for channel in Channels::<T>::iter_values() {
			if OracleBooks::<T>::get(&channel.oracle).oldest_batch > 0 {
				continue;
			}
			let (total, receipts) = settled.entry(channel.oracle).or_default();
			*total = total.checked_add(channel.settled_total).ok_or("I16: totals are no u128")?;
			*receipts =
				receipts.checked_add(channel.settled_seq).ok_or("I16: receipts are no u64")?;
		}
		for (oracle, _, batch) in Batches::<T>::iter() {
			if let Some((total, receipts)) = settled.get_mut(&oracle) {
				*total = total.saturating_sub(batch.accepted_total);
				*receipts = receipts.saturating_sub(batch.count.into());
			}
		}
		let paid = settled.into_values().all(|rest| rest == (0, 0));
		ensure!(paid, "I16: more is settled than batches paid");
		Ok(())
	}

	/// I17: fewer than four planck of royalties are undivided. I18: each party is credited exactly
	/// its entitlement to them.
	fn royalties_are_divided_by_the_weights() -> Result<(), TryRuntimeError> {
		let ledger = Books::<T>::get().royalties;
		ensure!(ledger.dust() < 4, "I17: four planck or more are undivided");
		let (weights, whole) = royalty::weights(&CurrentSplit::<T>::get());
		ensure!(is_divided(&ledger, &weights, whole), "I18: credit differs from entitlement");
		Ok(())
	}

	/// I19: the fees of both epochs are those of all owners, and so are their squares. I20: no
	/// record is from the future. I21: the slope keeps its bound.
	fn fees_add_up() -> Result<(), TryRuntimeError> {
		let fees = Books::<T>::get().fees;
		let add = |sum: &mut EpochFees, more: Balance| -> Option<()> {
			sum.total = sum.total.checked_add(more)?;
			let square = U256::from(more).checked_mul(more.into())?;
			sum.squares = sum.squares.checked_add(square)?;
			Some(())
		};
		let (mut open, mut last) = (EpochFees::default(), EpochFees::default());
		for record in FeesByOwner::<T>::iter_values() {
			ensure!(record.epoch <= fees.epoch, "I20: fees from the future");
			let now = record.at(fees.epoch);
			add(&mut open, now.fees).ok_or("I19: fees are too large")?;
			add(&mut last, now.last_fees).ok_or("I19: fees are too large")?;
		}
		ensure!((open, last) == (fees.open, fees.last), "I19: fees differ from those of owners");
		ensure!(Slope::<T>::get() <= PPM, "I21: slope too steep");
		Ok(())
	}
}

/// Whether each party of a ledger is credited exactly its entitlement.
fn is_divided<const N: usize>(ledger: &Ledger<N>, weights: &[u32; N], whole: u32) -> bool {
	let parties = ledger.credited.iter().zip(weights);
	parties
		.into_iter()
		.all(|(credited, weight)| entitlement(ledger.total, *weight, whole) == Some(*credited))
}
