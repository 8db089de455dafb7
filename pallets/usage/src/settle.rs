//! Settlement: which claims of a batch are accepted, and what an accepted one moves.

use crate::{
	concentration::{damped, Counted},
	Batch, Batches, Channel, Channels, Concentration, Config, CurrentSplit, Error, Event,
	FeeLedger, Fees, FeesByOwner, NextBatch, OracleCredit, Pallet, Pending, SkipReason, Skipped,
	Slope,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{fungible::Mutate, tokens::Preservation},
	BoundedVec,
};
use sp_runtime::{traits::Zero, AccountId32, ArithmeticError, DispatchError, DispatchResult};
use usufruct_primitives::{
	settlement::{claims_hash, Claim, MAX_RECEIPTS},
	split::{Ledger, Parts},
	traits::{BondShort, Models, Oracles},
	Balance, BatchNo, BlockNumber, Hash, PPM,
};

/// What is the same for all claims of a batch.
struct Terms {
	/// What vouchers of this chain are signed for.
	genesis: Hash,
	/// This block.
	now: BlockNumber,
	/// The weights by which amounts are divided.
	weights: [u32; 5],
	/// How strongly concentration is damped.
	slope: u32,
}

/// Why a claim is skipped, and what the free bond lacks if it is for that.
struct Refusal {
	reason: SkipReason,
	missing: Balance,
}

impl From<SkipReason> for Refusal {
	fn from(reason: SkipReason) -> Self {
		Self { reason, missing: 0 }
	}
}

impl From<BondShort> for Refusal {
	fn from(short: BondShort) -> Self {
		Self { reason: SkipReason::BondShort, missing: short.missing }
	}
}

impl From<DispatchError> for Refusal {
	fn from(error: DispatchError) -> Self {
		SkipReason::from(error).into()
	}
}

/// What a batch has moved so far. Kept in memory while its claims are applied, and written once.
struct Tally {
	/// The ledger with all that is accepted divided in it.
	ledger: Ledger<5>,
	/// What each party was credited.
	parts: Parts,
	/// What was paid.
	accepted: Balance,
	/// The fees of this epoch with all that is accepted among them.
	fees: Concentration,
}

impl Tally {
	/// With `amount` divided as well, and how; `None` if a sum is no longer a `u128`.
	///
	/// Damping applies after the division, so the ledger is always what the weights say.
	fn plus(
		&self,
		amount: Balance,
		weights: &[u32; 5],
		counted: &Counted,
	) -> Option<(Self, Parts)> {
		let mut ledger = self.ledger.clone();
		let divided = ledger.divide(amount, weights, PPM)?;
		let parts = damped(divided.into(), counted.damping)?;
		let sum = Parts {
			dividend: self.parts.dividend.checked_add(parts.dividend)?,
			commons: self.parts.commons.checked_add(parts.commons)?,
			security: self.parts.security.checked_add(parts.security)?,
			oracle: self.parts.oracle.checked_add(parts.oracle)?,
			model: self.parts.model.checked_add(parts.model)?,
		};
		let accepted = self.accepted.checked_add(amount)?;
		Some((Self { ledger, parts: sum, accepted, fees: counted.fees }, parts))
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

	/// Whether the claim's voucher is the consumer's, for this channel on this chain.
	fn stands_by(&self, claim: &Claim, terms: &Terms) -> bool {
		let digest = claim.voucher().digest(&terms.genesis);
		self.has_lodged(&digest) || self.has_signed(&digest, &claim.voucher.signature, terms.now)
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

		let terms = Terms {
			genesis: Self::genesis_hash(),
			now: Self::now(),
			weights: CurrentSplit::<T>::get().weights(),
			slope: Slope::<T>::get(),
		};
		let mut tally = Tally {
			ledger: FeeLedger::<T>::get(),
			parts: Parts::default(),
			accepted: 0,
			fees: Fees::<T>::get(),
		};
		let mut accepted = Vec::with_capacity(claims.len());
		let mut skipped = Vec::new();
		for (index, claim) in (0u16..).zip(claims) {
			let outcome = Self::settle_claim(&oracle, claim, &terms, &tally);
			accepted.push(outcome.is_ok());
			match outcome {
				Ok(next) => tally = next,
				Err(Refusal { reason, missing }) => {
					skipped.push(Skipped { index, reason, missing })
				},
			}
		}
		match skipped.first() {
			Some(first) if skipped.len() == claims.len() => {
				return Err(Error::<T>::NothingAccepted(first.reason).into());
			},
			_ => (),
		}

		let parts = tally.parts;
		Self::add_credit(&oracle, parts.oracle)?;
		Self::book(&parts)?;
		FeeLedger::<T>::put(tally.ledger);
		Fees::<T>::put(tally.fees);
		let following = next_no.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		NextBatch::<T>::insert(&oracle, following);
		let batch = Batch {
			root,
			total,
			count,
			accepted_total: tally.accepted,
			block: terms.now,
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
		terms: &Terms,
		tally: &Tally,
	) -> Result<Tally, Refusal> {
		let mut channel = Channels::<T>::get(claim.channel_id).ok_or(SkipReason::UnknownChannel)?;
		let amount = channel.payable(oracle, claim)?;
		let version = T::Models::terms(claim.model_version).ok_or(SkipReason::WrongModel)?;
		ensure!(version.model == channel.model, SkipReason::WrongModel);
		ensure!(channel.stands_by(claim, terms), SkipReason::BadSignature);
		let counted = Self::count(version.model, amount, terms.slope, &tally.fees)
			.ok_or(SkipReason::PaymentFailed)?;
		let (next, parts) =
			tally.plus(amount, &terms.weights, &counted).ok_or(SkipReason::PaymentFailed)?;

		with_storage_layer(|| {
			if !amount.is_zero() {
				T::Oracles::lock(oracle, amount)?;
				Self::draw(&channel, amount)?;
				FeesByOwner::<T>::insert(&counted.owner, counted.record);
			}
			if !parts.model.is_zero() {
				T::Models::credit(claim.model_version, parts.model)?;
			}
			channel.escrow = channel.escrow.checked_sub(amount).ok_or(SkipReason::OverEscrow)?;
			channel.settled_seq = claim.to_seq;
			channel.settled_total = claim.total_after;
			channel.reserve();
			Channels::<T>::insert(claim.channel_id, channel);
			Ok(next)
		})
	}

	/// Credits an oracle what it earned, for it to collect.
	fn add_credit(oracle: &T::AccountId, amount: Balance) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		let credit =
			OracleCredit::<T>::get(oracle).checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		OracleCredit::<T>::insert(oracle, credit);
		Ok(())
	}

	/// Credits the other parts: the models' money moves now, the pots' waits to be moved.
	pub(crate) fn book(parts: &Parts) -> DispatchResult {
		if !parts.model.is_zero() {
			T::Currency::transfer(
				&Self::account(),
				&T::Models::account(),
				parts.model,
				Preservation::Preserve,
			)?;
		}
		let pending = Pending::<T>::get().plus(parts).ok_or(ArithmeticError::Overflow)?;
		Pending::<T>::put(pending);
		Ok(())
	}
}
