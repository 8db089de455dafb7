//! Settlement: which claims of a batch are accepted, and what an accepted one moves.

use crate::{
	concentration::{damped, Counted},
	Batch, Batches, Books, Channel, Channels, Config, CurrentSplit, Error, Event, FeesByOwner,
	OracleBook, OracleBooks, Owner, OwnerFees, Pallet, SkipReason, Skipped, Slope, Sums,
	WeightInfo,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{fungible::Mutate, tokens::Preservation},
	weights::Weight,
	BoundedVec,
};
use sp_runtime::{traits::Zero, AccountId32, ArithmeticError, DispatchError, DispatchResult};
use usufruct_primitives::{
	settlement::{are_disjoint, claims_hash, Claim, MAX_RECEIPTS},
	split::{Ledger, Parts},
	traits::{LockError, Models, Oracles},
	Balance, BatchNo, BlockNumber, Hash, PPM,
};

/// For how many versions the claims are: the most owners and revenues that they can touch.
pub(crate) fn versions(claims: &[Claim]) -> u32 {
	claims.iter().map(|claim| claim.model_version).collect::<BTreeSet<_>>().len() as u32
}

/// What a settlement costs: its first claim what one alone was measured to take, because a line
/// through hundreds passes below it, and each further one what that line says.
pub(crate) fn weight<T: Config>(claims: &[Claim]) -> Weight {
	let versions = versions(claims);
	let further = (claims.len() as u32).saturating_sub(versions);
	let first = T::WeightInfo::settle(0, 1);
	let rest = T::WeightInfo::settle(further, versions).saturating_sub(first);
	T::WeightInfo::settle_one().saturating_add(rest)
}

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

/// Why a claim is skipped, and what cannot be locked if it is for that.
struct Refusal {
	reason: SkipReason,
	missing: Balance,
}

impl From<SkipReason> for Refusal {
	fn from(reason: SkipReason) -> Self {
		Self { reason, missing: 0 }
	}
}

impl From<LockError> for Refusal {
	fn from(error: LockError) -> Self {
		match error {
			LockError::BondShort { missing } => Self { reason: SkipReason::BondShort, missing },
			LockError::OverLimit { missing } => Self { reason: SkipReason::OverLimit, missing },
		}
	}
}

impl From<DispatchError> for Refusal {
	fn from(error: DispatchError) -> Self {
		SkipReason::from(error).into()
	}
}

/// What a batch has moved so far. Kept in memory while its claims are applied, and written once.
struct Tally {
	/// The sums with all that is accepted among them, but for what is due to the pots.
	books: Sums,
	/// The records of the owners whose models were paid for.
	owners: BTreeMap<Owner, OwnerFees>,
	/// What each party was credited.
	parts: Parts,
	/// What was paid.
	accepted: Balance,
}

/// What one claim more makes of a tally.
struct Entry {
	settled: Ledger<5>,
	/// The parts of this claim, and of all.
	own: Parts,
	parts: Parts,
	accepted: Balance,
	/// Nothing if the claim is over nothing: then nobody's record changes.
	counted: Option<Counted>,
}

impl Tally {
	/// With `amount` divided as well; `None` if a sum is no longer a `u128`.
	///
	/// Damping applies after the division, so the ledger is always what the weights say.
	fn plus(&self, amount: Balance, weights: &[u32; 5], counted: Counted) -> Option<Entry> {
		let mut settled = self.books.settled.clone();
		let divided = settled.divide(amount, weights, PPM)?;
		let own = damped(divided.into(), counted.damping)?;
		let parts = Parts {
			dividend: self.parts.dividend.checked_add(own.dividend)?,
			commons: self.parts.commons.checked_add(own.commons)?,
			security: self.parts.security.checked_add(own.security)?,
			oracle: self.parts.oracle.checked_add(own.oracle)?,
			model: self.parts.model.checked_add(own.model)?,
		};
		let accepted = self.accepted.checked_add(amount)?;
		let counted = Some(counted).filter(|_| !amount.is_zero());
		Some(Entry { settled, own, parts, accepted, counted })
	}

	/// Takes in a claim that is accepted.
	fn enter(&mut self, entry: Entry) {
		self.books.settled = entry.settled;
		self.parts = entry.parts;
		self.accepted = entry.accepted;
		if let Some(counted) = entry.counted {
			self.books.fees = counted.fees;
			self.owners.insert(counted.owner, counted.record);
		}
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
		let book = OracleBooks::<T>::get(&oracle);
		let next_no = book.next_batch;
		ensure!(batch_no >= next_no, Error::<T>::BatchSettled);
		ensure!(batch_no == next_no, Error::<T>::BatchTooEarly);
		Self::check_sums(total, count, claims)?;
		// Also if one of them would be skipped: every leaf counts where it stands.
		ensure!(are_disjoint(claims), Error::<T>::ClaimsOverlap);

		let terms = Terms {
			genesis: Self::genesis_hash(),
			now: Self::now(),
			weights: CurrentSplit::<T>::get().weights(),
			slope: Slope::<T>::get(),
		};
		let mut tally = Tally {
			books: Books::<T>::get(),
			owners: BTreeMap::new(),
			parts: Parts::default(),
			accepted: 0,
		};
		let mut accepted = Vec::with_capacity(claims.len());
		let mut skipped = Vec::new();
		for (index, claim) in (0u16..).zip(claims) {
			let outcome = Self::settle_claim(&oracle, claim, &terms, &tally);
			accepted.push(outcome.is_ok());
			match outcome {
				Ok(entry) => tally.enter(entry),
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

		let Tally { mut books, owners, parts, accepted: accepted_total } = tally;
		Self::pay_models(parts.model)?;
		books.due = books.due.plus(&parts).ok_or(ArithmeticError::Overflow)?;
		Books::<T>::put(books);
		for (owner, record) in owners {
			FeesByOwner::<T>::insert(owner, record);
		}
		let next_batch = next_no.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		let credit = book.credit.checked_add(parts.oracle).ok_or(ArithmeticError::Overflow)?;
		let oldest_batch = Self::sweep_oldest(&oracle, book.oldest_batch, next_no);
		OracleBooks::<T>::insert(&oracle, OracleBook { next_batch, oldest_batch, credit, ..book });
		let batch = Batch {
			root,
			total,
			count,
			accepted_total,
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
			accepted_total,
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
	) -> Result<Entry, Refusal> {
		let mut channel = Channels::<T>::get(claim.channel_id).ok_or(SkipReason::UnknownChannel)?;
		let amount = channel.payable(oracle, claim)?;
		let version = T::Models::terms(claim.model_version).ok_or(SkipReason::WrongModel)?;
		ensure!(version.model == channel.model, SkipReason::WrongModel);
		ensure!(channel.stands_by(claim, terms), SkipReason::BadSignature);
		let fees = &tally.books.fees;
		let entry = Self::count(version.model, amount, terms.slope, fees, &tally.owners)
			.and_then(|counted| tally.plus(amount, &terms.weights, counted))
			.ok_or(SkipReason::PaymentFailed)?;

		with_storage_layer(|| {
			if !amount.is_zero() {
				T::Oracles::lock(oracle, amount)?;
				Self::draw(&channel, amount)?;
			}
			if !entry.own.model.is_zero() {
				T::Models::credit(claim.model_version, entry.own.model)?;
			}
			channel.spend(amount).ok_or(SkipReason::OverEscrow)?;
			channel.settled_seq = claim.to_seq;
			channel.settled_total = claim.total_after;
			channel.settled_at = terms.now;
			channel.reserve();
			Channels::<T>::insert(claim.channel_id, channel);
			Ok(entry)
		})
	}

	/// Moves the models' money to their account.
	pub(crate) fn pay_models(amount: Balance) -> DispatchResult {
		if !amount.is_zero() {
			let (from, to) = (Self::account(), T::Models::account());
			T::Currency::transfer(&from, &to, amount, Preservation::Preserve)?;
		}
		Ok(())
	}
}
