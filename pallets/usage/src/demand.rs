//! Demands: an oracle must show a settled receipt, and the voucher that asked for it, or is slashed.
//!
//! They are for what nobody but the oracle knows: a leaf without a receipt, a receipt without a
//! request, a root or total that belongs to no tree. Only what an accepted claim covers can be
//! demanded. An answer is judged like a report, so a receipt that breaks a rule is none.
//!
//! Whoever demands puts a deposit aside, which is the oracle's once it has answered: asking for
//! what is in order costs more than answering. A demand keeps the lock of its batch until it is
//! settled, however long that takes.
//!
//! Neither can an oracle be flooded nor a consumer be kept from asking: of each channel in each
//! batch, its consumer can have [`DEMANDS_OF_CONSUMER`] demands open and all others together
//! [`DEMANDS_OF_OTHERS`]. An oracle that fills the places of others with demands of its own leaves
//! those of the consumer, who is the one it can rob.
//!
//! The channel is remembered with its first demand, so that closing it does not change what answers
//! count: one closed meanwhile is answered for like any other. A voucher counts whichever of the
//! channel's keys signed it.
//!
//! An answer can be the first sight of a receipt that contradicts another one. Whoever wants to
//! report that with the batch's lock demands so early that [`Config::DemandTerm`] ends well before
//! the challenge window does.

use crate::{
	fraud::{Case, Parties},
	Answer, Batch, Batches, Channel, Channels, Charges, Config, Error, Event, HoldReason,
	Inquiries, Pallet,
};
use codec::{Decode, Encode};
use frame_support::{
	ensure, stored,
	traits::{
		fungible::{InspectHold, MutateHold},
		tokens::{Fortitude, Precision, Restriction},
		ConstU32, Get,
	},
	BoundedVec,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::Zero, AccountId32, ArithmeticError, DispatchResult};
use usufruct_primitives::{
	fraud::Fraud,
	submitted::{covering, paid_by, Place, SubmittedClaim},
	traits::{Oracles, Settlement},
	tree::Leaf,
	Balance, BatchNo, BlockNumber, ChannelId, Seq,
};

/// The most demands about one channel in one batch that its consumer can have open.
pub const DEMANDS_OF_CONSUMER: u32 = 8;
/// The most that all others together can have open.
pub const DEMANDS_OF_OTHERS: u32 = 8;
/// The most that can be open.
pub const MAX_DEMANDS: u32 = DEMANDS_OF_CONSUMER + DEMANDS_OF_OTHERS;

/// What stands against a batch.
#[stored]
#[derive(Copy, Default)]
pub struct Charge {
	/// Whether its lock was slashed, which it is once.
	pub slashed: bool,
	/// How many demands about it are open. While there are any, its lock is kept.
	pub demands: u32,
}

/// A demand that is open.
#[stored]
pub struct Demand {
	/// The number of the receipt.
	pub seq: Seq,
	/// Who demands it.
	pub by: AccountId32,
	/// What is on hold for it, in planck.
	pub deposit: Balance,
	/// The first block in which it can be enforced; it can be answered until it is.
	pub due: BlockNumber,
	/// What the claims say about the receipt.
	pub place: Place,
}

/// The open demands about one channel in one batch.
#[stored]
pub struct Inquiry {
	/// The channel, as it was at the first of them.
	pub channel: Channel,
	/// What the channel paid in the batch, in planck.
	pub paid: Balance,
	/// The demands; at least one.
	pub demands: BoundedVec<Demand, ConstU32<MAX_DEMANDS>>,
}

impl Inquiry {
	/// Whether `who` can have another demand open.
	fn has_room_for(&self, who: &AccountId32) -> bool {
		let by_consumer = |by: &AccountId32| *by == self.channel.consumer;
		let same_side = |demand: &&Demand| by_consumer(&demand.by) == by_consumer(who);
		let most = if by_consumer(who) { DEMANDS_OF_CONSUMER } else { DEMANDS_OF_OTHERS };
		self.demands.iter().filter(same_side).count() < most as usize
	}

	/// Removes the demand of that receipt.
	fn take(&mut self, seq: Seq) -> Option<Demand> {
		let place = self.demands.iter().position(|demand| demand.seq == seq)?;
		Some(self.demands.remove(place))
	}
}

/// The most inquiries on a page, each of [`MAX_DEMANDS`] demands at most.
pub const INQUIRIES_ON_PAGE: u32 = 64;

/// Some of the demands against an oracle, for programs that answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct DemandsPage {
	/// The demands, in no order.
	pub demands: alloc::vec::Vec<OpenDemand>,
	/// What to ask for the next page with; nothing if this is the last one.
	pub next: Option<(BatchNo, ChannelId)>,
}

/// A demand against an oracle, for programs that answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct OpenDemand {
	/// The batch.
	pub batch_no: BatchNo,
	/// The channel.
	pub channel_id: ChannelId,
	/// The number of the receipt.
	pub seq: Seq,
	/// The first block in which it can be enforced.
	pub due: BlockNumber,
}

impl<T: Config> Pallet<T> {
	/// Opens a demand.
	pub(crate) fn open_demand(
		by: AccountId32,
		oracle: AccountId32,
		batch_no: BatchNo,
		claims: &[SubmittedClaim],
		channel_id: ChannelId,
		seq: Seq,
	) -> DispatchResult {
		let (batch, mut charge) = Self::challengeable(&oracle, batch_no)?;
		ensure!(batch.has_claims(claims), Error::<T>::WrongClaims);
		let claim = covering(claims, &channel_id, seq).filter(|claim| claim.accepted);
		let place = Place::of(claims, claim.ok_or(Error::<T>::NotCovered)?, seq);
		let known = Inquiries::<T>::get((&oracle, batch_no, channel_id));
		let mut inquiry = match known {
			Some(inquiry) => inquiry,
			None => Inquiry {
				channel: Channels::<T>::get(channel_id).ok_or(Error::<T>::UnknownChannel)?,
				paid: paid_by(claims, &channel_id),
				demands: BoundedVec::new(),
			},
		};
		let new = inquiry.demands.iter().all(|demand| demand.seq != seq);
		ensure!(new, Error::<T>::AlreadyDemanded);
		ensure!(inquiry.has_room_for(&by), Error::<T>::TooManyDemands);

		let deposit = T::DemandDeposit::get();
		Self::hold_deposit(&by, deposit)?;
		if charge.demands.is_zero() {
			T::Oracles::keep(&oracle, settlement_of(&batch))?;
		}
		charge.demands = charge.demands.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		Charges::<T>::insert(&oracle, batch_no, charge);
		let due = Self::now().saturating_add(T::DemandTerm::get());
		let demand = Demand { seq, by: by.clone(), deposit, due, place };
		inquiry.demands.try_push(demand).map_err(|_| Error::<T>::TooManyDemands)?;
		Inquiries::<T>::insert((&oracle, batch_no, channel_id), inquiry);
		Self::deposit_event(Event::Demanded {
			oracle,
			batch_no,
			channel_id,
			seq,
			by,
			deposit,
			due,
		});
		Ok(())
	}

	/// Settles a demand by an answer that is in order.
	pub(crate) fn meet_demand(
		oracle: AccountId32,
		batch_no: BatchNo,
		answer: Answer,
	) -> DispatchResult {
		let Answer { receipt, proof, voucher, signature } = answer;
		let (channel_id, seq) = (receipt.channel_id, receipt.seq);
		let (inquiry, demand) = Self::take_demand(&oracle, batch_no, channel_id, seq)?;
		let batch = Batches::<T>::get(&oracle, batch_no).ok_or(Error::<T>::UnknownBatch)?;
		let charge = Charges::<T>::get(&oracle, batch_no);
		ensure!(!charge.slashed, Error::<T>::BatchSlashed);

		let genesis = Self::genesis_hash();
		let leaf = Leaf { digest: receipt.digest(&genesis), amount: receipt.amount };
		batch.check(&leaf, &proof).map_err(Error::<T>::InvalidProof)?;
		let parties = Parties::from(&inquiry.channel);
		let (place, parties) = (Some(&demand.place), Some(&parties));
		let (at, amount, index) = (batch.block, receipt.amount, proof.index);
		let fraud = Self::judge(at, &receipt, amount, index, place, parties, None);
		if let Some(fraud) = fraud {
			return Err(Error::<T>::NoAnswer(fraud).into());
		}
		let asked =
			voucher.channel_id == channel_id && voucher.request_commit == receipt.request_commit;
		ensure!(asked, Error::<T>::WrongVoucher);
		let genuine = inquiry.channel.asked_with(&voucher.digest(&genesis), &signature);
		ensure!(genuine, Error::<T>::VoucherNotSigned);

		T::Currency::transfer_on_hold(
			&HoldReason::Demand.into(),
			&demand.by,
			&oracle,
			demand.deposit,
			Precision::Exact,
			Restriction::Free,
			Fortitude::Force,
		)?;
		Self::put_inquiry(&oracle, batch_no, channel_id, &inquiry);
		Self::count_settled(&oracle, batch_no, &batch, charge)?;
		Self::deposit_event(Event::DemandAnswered {
			oracle,
			batch_no,
			receipt,
			by: demand.by,
			deposit: demand.deposit,
		});
		Ok(())
	}

	/// Convicts an oracle that did not answer, or returns the deposit because it was convicted of
	/// something else.
	pub(crate) fn close_demand(
		oracle: AccountId32,
		batch_no: BatchNo,
		channel_id: ChannelId,
		seq: Seq,
	) -> DispatchResult {
		let (inquiry, demand) = Self::take_demand(&oracle, batch_no, channel_id, seq)?;
		let batch = Batches::<T>::get(&oracle, batch_no).ok_or(Error::<T>::UnknownBatch)?;
		let mut charge = Charges::<T>::get(&oracle, batch_no);
		if !charge.slashed {
			ensure!(Self::now() >= demand.due, Error::<T>::NotDue);
			let case = Case {
				oracle: &oracle,
				channel_id,
				seq,
				fraud: Fraud::Unanswered,
				paid: inquiry.paid,
				parties: Some(&Parties::from(&inquiry.channel)),
				reporter: demand.by.clone(),
			};
			Self::convict(case, Some((batch_no, &batch, &mut charge)))?;
		}

		let reason = HoldReason::Demand.into();
		T::Currency::release(&reason, &demand.by, demand.deposit, Precision::Exact)?;
		Self::put_inquiry(&oracle, batch_no, channel_id, &inquiry);
		Self::count_settled(&oracle, batch_no, &batch, charge)?;
		Self::deposit_event(Event::DepositReturned {
			oracle,
			batch_no,
			channel_id,
			seq,
			by: demand.by,
			deposit: demand.deposit,
		});
		Ok(())
	}

	/// The open demands against an oracle, page by page: those after the inquiry named.
	pub(crate) fn demands_against(
		oracle: &AccountId32,
		after: Option<(BatchNo, ChannelId)>,
	) -> DemandsPage {
		let mut inquiries = match after {
			Some((batch_no, channel_id)) => {
				let last = Inquiries::<T>::hashed_key_for((oracle, batch_no, channel_id));
				Inquiries::<T>::iter_prefix_from((oracle,), last)
			},
			None => Inquiries::<T>::iter_prefix((oracle,)),
		};
		let (mut demands, mut last) = (alloc::vec::Vec::new(), None);
		for (key, inquiry) in inquiries.by_ref().take(INQUIRIES_ON_PAGE as usize) {
			let (batch_no, channel_id) = key;
			demands.extend(inquiry.demands.into_iter().map(|demand| OpenDemand {
				batch_no,
				channel_id,
				seq: demand.seq,
				due: demand.due,
			}));
			last = Some(key);
		}
		DemandsPage { demands, next: last.filter(|_| inquiries.next().is_some()) }
	}

	/// Puts a deposit of the account's own, unfrozen money on hold: the oracle gets it, and paid to
	/// an oracle of one's own, frozen money would be thawed.
	fn hold_deposit(by: &AccountId32, deposit: Balance) -> DispatchResult {
		let reason = HoldReason::Demand.into();
		T::Currency::hold(&reason, by, deposit)?;
		let unfrozen = T::Currency::reducible_total_balance_on_hold(by, Fortitude::Polite);
		let pledged = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), by)
			.checked_add(T::Currency::balance_on_hold(&reason, by))
			.ok_or(ArithmeticError::Overflow)?;
		ensure!(pledged <= unfrozen, Error::<T>::EscrowFrozen);
		Ok(())
	}

	/// A demand, and the inquiry without it; nothing is stored.
	fn take_demand(
		oracle: &AccountId32,
		batch_no: BatchNo,
		channel_id: ChannelId,
		seq: Seq,
	) -> Result<(Inquiry, Demand), Error<T>> {
		let mut inquiry =
			Inquiries::<T>::get((oracle, batch_no, channel_id)).ok_or(Error::<T>::UnknownDemand)?;
		let demand = inquiry.take(seq).ok_or(Error::<T>::UnknownDemand)?;
		Ok((inquiry, demand))
	}

	/// Stores an inquiry that lost a demand, if it has another.
	fn put_inquiry(
		oracle: &AccountId32,
		batch_no: BatchNo,
		channel_id: ChannelId,
		inquiry: &Inquiry,
	) {
		let key = (oracle, batch_no, channel_id);
		if inquiry.demands.is_empty() {
			Inquiries::<T>::remove(key);
		} else {
			Inquiries::<T>::insert(key, inquiry);
		}
	}

	/// Counts one demand less; after the last one, the lock is the challenge window's again.
	fn count_settled(
		oracle: &AccountId32,
		batch_no: BatchNo,
		batch: &Batch,
		mut charge: Charge,
	) -> DispatchResult {
		charge.demands = charge.demands.checked_sub(1).ok_or(ArithmeticError::Underflow)?;
		if charge.demands.is_zero() && !charge.slashed {
			T::Oracles::release(oracle, settlement_of(batch))?;
		}
		if charge == Charge::default() {
			Charges::<T>::remove(oracle, batch_no);
		} else {
			Charges::<T>::insert(oracle, batch_no, charge);
		}
		Ok(())
	}
}

/// A batch, as the bond knows it.
pub(crate) fn settlement_of(batch: &Batch) -> Settlement {
	Settlement { at: batch.block, accepted: batch.accepted_total }
}
