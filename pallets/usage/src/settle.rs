//! Settlement: which claims of a batch are accepted, and what an accepted one moves.

use crate::{
	Batch, Batches, Channel, Channels, Config, CurrentSplit, Error, Event, FeeLedger, NextBatch,
	OracleCredit, Pallet, Pending, SkipReason,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{fungible::Mutate, tokens::Preservation},
	BoundedVec,
};
use sp_core::ed25519;
use sp_runtime::{traits::Zero, AccountId32, ArithmeticError, DispatchResult};
use usufruct_primitives::{
	settlement::{claims_hash, Claim, MAX_RECEIPTS},
	split::{Ledger, Parts},
	traits::{BondShort, Models, Oracles},
	usage::Voucher,
	Balance, BatchNo, Hash, Signature, PPM,
};

/// What a batch has moved so far. Kept in memory while its claims are applied, and written once.
#[derive(Clone)]
struct Tally {
	/// The ledger with all that is accepted divided in it.
	ledger: Ledger<5>,
	/// What each party was credited.
	parts: [Balance; 5],
	/// What was paid.
	accepted: Balance,
}

impl Tally {
	/// With `amount` divided as well, and how; `None` if a sum is no longer a `u128`.
	fn plus(&self, amount: Balance, weights: &[u32; 5]) -> Option<(Self, Parts)> {
		let mut next = self.clone();
		let divided = next.ledger.divide(amount, weights, PPM)?;
		for (sum, part) in next.parts.iter_mut().zip(divided) {
			*sum = sum.checked_add(part)?;
		}
		next.accepted = next.accepted.checked_add(amount)?;
		Some((next, divided.into()))
	}
}

impl Channel {
	/// What `oracle` may be paid on `claim`, if version and signature are right too.
	pub(crate) fn payable(
		&self,
		oracle: &AccountId32,
		claim: &Claim,
	) -> Result<Balance, SkipReason> {
		ensure!(self.oracle == *oracle, SkipReason::NotYourChannel);

		let next = self.settled_seq.checked_add(1);
		ensure!(next == Some(claim.from_seq), SkipReason::SequenceGap);
		ensure!(claim.from_seq <= claim.to_seq, SkipReason::SequenceGap);
		ensure!(claim.total_before == self.settled_total, SkipReason::TotalMismatch);
		let amount = claim.amount().ok_or(SkipReason::TotalMismatch)?;

		let voucher = &claim.voucher;
		ensure!(claim.total_after <= voucher.cap, SkipReason::OverCap);
		ensure!(amount <= self.escrow, SkipReason::OverEscrow);
		// Receipts the consumer accepted must add up to what it accepted; beyond them it has only
		// risked `max_unacked`.
		if claim.to_seq < voucher.ack_seq {
			ensure!(claim.total_after <= voucher.ack_total, SkipReason::AckMismatch);
		} else if claim.to_seq == voucher.ack_seq {
			ensure!(claim.total_after == voucher.ack_total, SkipReason::AckMismatch);
		} else {
			ensure!(claim.total_after >= voucher.ack_total, SkipReason::AckMismatch);
			let most = voucher.ack_total.saturating_add(self.max_unacked);
			ensure!(claim.total_after <= most, SkipReason::Unacknowledged);
		}
		Ok(amount)
	}

	/// Whether the channel's key signed the claim's voucher, for this channel on this chain.
	fn signed(&self, claim: &Claim, genesis: &Hash) -> bool {
		self.voucher_signed(&claim.voucher(), &claim.voucher.signature, genesis)
	}

	/// Whether the channel's key signed `voucher`, which is for this channel, for this chain.
	pub(crate) fn voucher_signed(
		&self,
		voucher: &Voucher,
		signature: &Signature,
		genesis: &Hash,
	) -> bool {
		let signature = ed25519::Signature::from_raw(*signature);
		let key = ed25519::Public::from_raw(self.key);
		sp_io::crypto::ed25519_verify(&signature, &voucher.digest(genesis), &key)
	}
}

impl<T: Config> Pallet<T> {
	/// Applies a batch: its claims in order, then what they add up to.
	pub(crate) fn settle_batch(
		oracle: T::AccountId,
		batch_no: BatchNo,
		root: Hash,
		total: Balance,
		count: u32,
		claims: &[Claim],
	) -> DispatchResult {
		ensure!(T::Oracles::is_registered(&oracle), Error::<T>::NotAnOracle);
		let next_no = NextBatch::<T>::get(&oracle);
		ensure!(batch_no >= next_no, Error::<T>::BatchSettled);
		ensure!(batch_no == next_no, Error::<T>::BatchTooEarly);
		Self::check_sums(total, count, claims)?;

		let genesis = Self::genesis_hash();
		let weights = CurrentSplit::<T>::get().weights();
		let mut tally =
			Tally { ledger: FeeLedger::<T>::get(), parts: Default::default(), accepted: 0 };
		let mut accepted = Vec::with_capacity(claims.len());
		let mut skipped = Vec::new();
		for (index, claim) in (0u16..).zip(claims) {
			let outcome = Self::settle_claim(&oracle, claim, &genesis, &weights, &tally);
			accepted.push(outcome.is_ok());
			match outcome {
				Ok(next) => tally = next,
				Err(reason) => skipped.push((index, reason)),
			}
		}
		match skipped.first() {
			Some((_, reason)) if skipped.len() == claims.len() => {
				return Err(Error::<T>::NothingAccepted(*reason).into());
			},
			_ => (),
		}

		let parts = Parts::from(tally.parts);
		Self::book(&oracle, &parts)?;
		FeeLedger::<T>::put(tally.ledger);
		let following = next_no.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		NextBatch::<T>::insert(&oracle, following);
		let batch = Batch {
			root,
			total,
			count,
			accepted_total: tally.accepted,
			block: Self::now(),
			claims_hash: claims_hash(claims, &accepted),
		};
		Batches::<T>::insert(&oracle, batch_no, batch);
		Self::deposit_event(Event::Settled {
			oracle,
			batch_no,
			root,
			count,
			total,
			accepted_total: tally.accepted,
			parts,
			// Never longer than the claims, which have the same bound.
			skipped: BoundedVec::truncate_from(skipped),
		});
		Ok(())
	}

	/// Whether the claims add up to what the tree says.
	fn check_sums(total: Balance, count: u32, claims: &[Claim]) -> Result<(), Error<T>> {
		ensure!((1..=MAX_RECEIPTS).contains(&count), Error::<T>::InvalidCount);
		let receipts = claims.iter().try_fold(0u64, |sum, claim| sum.checked_add(claim.count()?));
		ensure!(receipts == Some(count.into()), Error::<T>::CountMismatch);
		let amounts =
			claims.iter().try_fold(0, |sum: Balance, claim| sum.checked_add(claim.amount()?));
		ensure!(amounts == Some(total), Error::<T>::TotalMismatch);
		Ok(())
	}

	/// Accepts one claim, with all it moves, or leaves nothing of it behind.
	fn settle_claim(
		oracle: &T::AccountId,
		claim: &Claim,
		genesis: &Hash,
		weights: &[u32; 5],
		tally: &Tally,
	) -> Result<Tally, SkipReason> {
		let mut channel = Channels::<T>::get(claim.channel_id).ok_or(SkipReason::UnknownChannel)?;
		let amount = channel.payable(oracle, claim)?;
		let terms = T::Models::terms(claim.model_version).ok_or(SkipReason::WrongModel)?;
		ensure!(terms.model == channel.model, SkipReason::WrongModel);
		ensure!(channel.signed(claim, genesis), SkipReason::BadSignature);
		let (next, parts) = tally.plus(amount, weights).ok_or(SkipReason::PaymentFailed)?;

		with_storage_layer(|| {
			if !amount.is_zero() {
				T::Oracles::lock(oracle, amount)
					.map_err(|BondShort { .. }| SkipReason::BondShort)?;
				Self::draw(&channel, amount)?;
			}
			if !parts.model.is_zero() {
				T::Models::credit(claim.model_version, parts.model)?;
			}
			channel.escrow = channel.escrow.checked_sub(amount).ok_or(SkipReason::OverEscrow)?;
			channel.settled_seq = claim.to_seq;
			channel.settled_total = claim.total_after;
			Channels::<T>::insert(claim.channel_id, channel);
			Ok(next)
		})
	}

	/// Credits a batch's parts: the models' money moves now, the others wait to be pulled.
	fn book(oracle: &T::AccountId, parts: &Parts) -> DispatchResult {
		if !parts.model.is_zero() {
			T::Currency::transfer(
				&Self::account(),
				&T::Models::account(),
				parts.model,
				Preservation::Preserve,
			)?;
		}
		if !parts.oracle.is_zero() {
			let credit = OracleCredit::<T>::get(oracle)
				.checked_add(parts.oracle)
				.ok_or(ArithmeticError::Overflow)?;
			OracleCredit::<T>::insert(oracle, credit);
		}
		let pending = Pending::<T>::get().plus(parts).ok_or(ArithmeticError::Overflow)?;
		Pending::<T>::put(pending);
		Ok(())
	}
}
