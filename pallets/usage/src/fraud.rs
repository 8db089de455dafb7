//! Fraud that can be proved: what breaks a rule beyond any doubt, and what a proof of it brings.
//!
//! Nothing here is a matter of opinion. Each rule is one that an oracle keeps by computing its own
//! records correctly, whatever its consumers do, so one that keeps them cannot be convicted.
//!
//! A conviction takes the lock of the batch it is about, once for each batch, and a tenth of the
//! free bond. Double receipts are fraud also before they are settled; then only the free bond is
//! slashed. Of what is taken:
//! - the consumer whose channel the proof is about gets at most what that channel paid in the
//!   batch, by its accepted claims; nothing if the proof is about no batch;
//! - whoever reported gets its part only if the consumer and the model's owner are known and it is
//!   neither of them nor the oracle.
//!
//! ## A stolen receipt key
//!
//! The key that signs receipts is used all day, and whoever steals it can sign what convicts. Nobody
//! can tell such a signature from the oracle's, but for when it can matter:
//! - Signatures alone, of which nothing is settled, have robbed nobody yet. They convict once for each
//!   key, and only while it is the oracle's present one. Neither is a way out: once one of the two is
//!   settled, it takes the lock of its batch, whatever was reported before.
//! - A key that was replaced convicts only beside a receipt that was settled no later than that: the
//!   oracle settles what it signed with a key, then replaces it. So a thief can say nothing about what
//!   is settled from the next block on, and of what was before, each batch is safe after its window.
//!
//! An oracle that replaces a key before it settles something else than it signed thus escapes this
//! proof. It does so in public, eight times in a fortnight at most, for less than its consumers let it
//! charge before they accept it, and the next vouchers, which accept what it had signed, fit no more.

use crate::{
	demand::settlement_of,
	evidence::{covering, paid_by, Place},
	Batch, Batches, Channel, Channels, Charge, Charges, Config, Error, Event, Evidence, LeafProof,
	Opening, OracleBooks, Pallet, SettledReceipt, ShownLeaf, SubmittedClaim,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{ensure, PalletError};
use scale_info::TypeInfo;
use sp_runtime::{traits::Zero, AccountId32, DispatchError, DispatchResult};
use usufruct_primitives::{
	commitment::Request,
	traits::{Models, Oracles, ReceiptKeyState},
	usage::{channel_id, Receipt},
	Balance, BatchNo, ChannelId, Hash, ModelId, PublicKey, Seq, Status,
};

/// What an oracle did.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	PalletError,
)]
pub enum Fraud {
	/// It stands by two receipts of one number.
	DoubleReceipt,
	/// It stands by two receipts for one request.
	DoubleRequest,
	/// A leaf carries another amount than its receipt.
	LeafAmount,
	/// A receipt's amount is not its units times its price.
	NotUnitsTimesPrice,
	/// A receipt of a failed request charges for it.
	FailedCharged,
	/// A receipt's total is below its amount.
	TotalBelowAmount,
	/// A receipt names another model than its channel, or a version that is not one of it.
	WrongModel,
	/// A receipt counts in another unit than its version.
	WrongMeter,
	/// A price below what the version may be offered for, and could before.
	PriceBelowFloor,
	/// A price above the most that the channel allows.
	PriceAboveMaximum,
	/// A receipt says another version, unit or price than its request, or more units than it
	/// allows, or is in another channel.
	NotAsRequested,
	/// No claim of the batch covers the receipt.
	NotClaimed,
	/// The claim that covers the receipt is about another version.
	NotOfClaimedVersion,
	/// The receipt does not stand where its number puts it, so others do not, either.
	OutOfPlace,
	/// A leaf carries more than its whole claim, or another amount though it is the only one.
	BeyondClaim,
	/// The first receipt of a claim does not begin with the total that the claim does.
	WrongTotalBefore,
	/// The last receipt of a claim does not end with the total that the claim does.
	WrongTotalAfter,
	/// Two neighbours are not in the order of their channels and numbers, or one is missing between
	/// them.
	NotInOrder,
	/// The totals of two neighbours do not differ by the second one's amount.
	TotalsDoNotAdd,
	/// A demand was not met in time.
	Unanswered,
}

/// What is known of the channel that a proof is about.
pub(crate) struct Parties {
	/// The consumer.
	pub consumer: AccountId32,
	/// The model.
	pub model: ModelId,
	/// The most a unit may cost; not known once the channel is forgotten.
	pub max_unit_price: Option<Balance>,
}

impl From<&Channel> for Parties {
	fn from(channel: &Channel) -> Self {
		Self {
			consumer: channel.consumer.clone(),
			model: channel.model,
			max_unit_price: Some(channel.max_unit_price),
		}
	}
}

/// What somebody is convicted of, and on whose behalf.
pub(crate) struct Case<'a> {
	pub oracle: &'a AccountId32,
	pub channel_id: ChannelId,
	pub seq: Seq,
	pub fraud: Fraud,
	/// What the channel paid in the batch, in planck.
	pub paid: Balance,
	pub parties: Option<&'a Parties>,
	pub reporter: AccountId32,
}

/// How an oracle stands by a receipt.
enum Standing {
	/// It signed it with that key.
	Signed(PublicKey, ReceiptKeyState),
	/// It settled it in that batch.
	Settled(BatchNo, Batch, Charge),
}

impl Standing {
	/// Whether it says anything beside `other`; see the module.
	fn counts_beside(&self, other: &Self) -> bool {
		match (self, other) {
			(Self::Signed(_, ReceiptKeyState::Retired { at }), Self::Settled(_, batch, _)) => {
				batch.block <= *at
			},
			(Self::Signed(_, ReceiptKeyState::Retired { .. }), Self::Signed(..)) => false,
			(Self::Signed(_, ReceiptKeyState::Present) | Self::Settled(..), _) => true,
		}
	}

	/// The batch, if its lock can be slashed.
	fn open(self) -> Option<(BatchNo, Batch, Charge)> {
		match self {
			Self::Settled(batch_no, batch, charge) if !charge.slashed => {
				Some((batch_no, batch, charge))
			},
			_ => None,
		}
	}
}

/// What two receipts that an oracle stands by convict it of.
fn double(first: &Receipt, second: &Receipt) -> Option<Fraud> {
	if first.channel_id != second.channel_id || first == second {
		None
	} else if first.seq == second.seq {
		Some(Fraud::DoubleReceipt)
	} else if first.request_commit == second.request_commit {
		Some(Fraud::DoubleRequest)
	} else {
		None
	}
}

/// What a receipt contradicts in itself, or in the leaf that carries `amount` for it.
fn in_itself(receipt: &Receipt, amount: Balance) -> Option<Fraud> {
	if amount != receipt.amount {
		return Some(Fraud::LeafAmount);
	}
	if receipt.unit_price.checked_mul(receipt.units.into()) != Some(receipt.amount) {
		return Some(Fraud::NotUnitsTimesPrice);
	}
	if receipt.status == Status::Failed && receipt.units > 0 {
		return Some(Fraud::FailedCharged);
	}
	(receipt.total < receipt.amount).then_some(Fraud::TotalBelowAmount)
}

/// What a receipt contradicts in its request.
fn against_request(receipt: &Receipt, request: &Request) -> Option<Fraud> {
	let as_requested = receipt.channel_id == request.channel_id
		&& receipt.model_version == request.model_version
		&& receipt.meter == request.meter
		&& receipt.unit_price == request.unit_price
		&& receipt.units <= request.max_units;
	(!as_requested).then_some(Fraud::NotAsRequested)
}

/// What a receipt at `index` contradicts in the claims of its batch.
fn against_claims(receipt: &Receipt, index: u32, place: Option<&Place>) -> Option<Fraud> {
	let Some(place) = place else { return Some(Fraud::NotClaimed) };
	if place.model_version != receipt.model_version {
		return Some(Fraud::NotOfClaimedVersion);
	}
	if !place.is_at(index) {
		return Some(Fraud::OutOfPlace);
	}
	if !place.allows(receipt.amount) {
		return Some(Fraud::BeyondClaim);
	}
	let before = receipt.total.checked_sub(receipt.amount);
	if place.total_before.is_some() && place.total_before != before {
		return Some(Fraud::WrongTotalBefore);
	}
	let differs = place.total_after.is_some_and(|after| after != receipt.total);
	differs.then_some(Fraud::WrongTotalAfter)
}

/// What two receipts at adjacent leaves contradict in each other.
fn as_neighbours(left: &Receipt, right: &Receipt) -> Option<Fraud> {
	if left.channel_id < right.channel_id {
		return None;
	}
	if left.channel_id > right.channel_id || left.seq.checked_add(1) != Some(right.seq) {
		return Some(Fraud::NotInOrder);
	}
	let adds = left.total.checked_add(right.amount) == Some(right.total);
	(!adds).then_some(Fraud::TotalsDoNotAdd)
}

impl<T: Config> Pallet<T> {
	/// What a receipt contradicts in the terms of its version and of its channel.
	fn against_terms(receipt: &Receipt, parties: Option<&Parties>) -> Option<Fraud> {
		let Some(terms) = T::Models::terms(receipt.model_version) else {
			return Some(Fraud::WrongModel);
		};
		let other = parties.is_some_and(|parties| parties.model != receipt.model);
		if other || terms.model != receipt.model {
			return Some(Fraud::WrongModel);
		}
		if terms.meter != receipt.meter {
			return Some(Fraud::WrongMeter);
		}
		if receipt.unit_price < terms.floor_price.min(terms.previous_floor) {
			return Some(Fraud::PriceBelowFloor);
		}
		let most = parties.and_then(|parties| parties.max_unit_price);
		let above = most.is_some_and(|most| most < receipt.unit_price);
		above.then_some(Fraud::PriceAboveMaximum)
	}

	/// The first rule that a receipt breaks, at a leaf of `index` that carries `amount`.
	pub(crate) fn judge(
		receipt: &Receipt,
		amount: Balance,
		index: u32,
		place: Option<&Place>,
		parties: Option<&Parties>,
	) -> Option<Fraud> {
		in_itself(receipt, amount)
			.or_else(|| Self::against_terms(receipt, parties))
			.or_else(|| against_claims(receipt, index, place))
	}

	/// A batch whose lock can be slashed still.
	pub(crate) fn challengeable(
		oracle: &AccountId32,
		batch_no: BatchNo,
	) -> Result<(Batch, Charge), Error<T>> {
		let batch = Batches::<T>::get(oracle, batch_no).ok_or(Error::<T>::UnknownBatch)?;
		let charge = Charges::<T>::get(oracle, batch_no);
		ensure!(!charge.slashed, Error::<T>::BatchSlashed);
		ensure!(Self::is_held(oracle, &batch, &charge), Error::<T>::ChallengeOver);
		Ok((batch, charge))
	}

	/// Whether anything can still be proved of a batch.
	pub(crate) fn is_held(oracle: &AccountId32, batch: &Batch, charge: &Charge) -> bool {
		!charge.demands.is_zero() || T::Oracles::is_locked(oracle, batch.block)
	}

	/// What is known of a channel of the oracle, from the chain or from how it was opened.
	fn parties(
		oracle: &AccountId32,
		channel: &ChannelId,
		opening: Option<Opening>,
		genesis: &Hash,
	) -> Result<Option<Parties>, Error<T>> {
		if let Some(Opening { consumer, model, salt }) = &opening {
			let id = channel_id(genesis, consumer.as_ref(), oracle.as_ref(), *model, *salt);
			ensure!(id == *channel, Error::<T>::WrongOpening);
		}
		let stored = Channels::<T>::get(channel).filter(|channel| channel.oracle == *oracle);
		Ok(stored.as_ref().map(Parties::from).or(opening.map(|opening| Parties {
			consumer: opening.consumer,
			model: opening.model,
			max_unit_price: None,
		})))
	}

	/// Slashes and says so; returns what was taken. `batch` is that whose lock is to be taken.
	pub(crate) fn convict(
		case: Case,
		batch: Option<(BatchNo, &Batch, &mut Charge)>,
	) -> Result<Balance, DispatchError> {
		let Case { oracle, channel_id, seq, fraud, paid, parties, reporter } = case;
		// Whoever lost money must be known before it is given to others.
		ensure!(paid.is_zero() || parties.is_some(), Error::<T>::UnknownChannel);
		let consumer = parties.map(|parties| parties.consumer.clone());
		let reporter = parties.and_then(|parties| {
			let involved = reporter == *oracle
				|| reporter == parties.consumer
				|| T::Models::owner(parties.model).is_none_or(|owner| owner == reporter);
			(!involved).then_some(reporter)
		});

		let batch_no = batch.as_ref().map(|(batch_no, ..)| *batch_no);
		let mut kept = false;
		let mut settlement = None;
		if let Some((batch_no, batch, charge)) = batch {
			charge.slashed = true;
			kept = !charge.demands.is_zero();
			Charges::<T>::insert(oracle, batch_no, *charge);
			settlement = Some(settlement_of(batch));
		}
		let due = consumer.clone().filter(|_| !paid.is_zero()).map(|consumer| (consumer, paid));
		let slashed = T::Oracles::slash(oracle, settlement, kept, due, reporter.clone())?;
		Self::deposit_event(Event::OracleConvicted {
			oracle: oracle.clone(),
			batch_no,
			channel_id,
			seq,
			fraud,
			taken: slashed.taken,
			consumer,
			to_consumer: slashed.consumer,
			reporter,
			to_reporter: slashed.reporter,
			to_dividend: slashed.dividend,
		});
		Ok(slashed.taken)
	}

	/// Checks that the oracle stands by the receipt of `evidence`.
	fn check_evidence(
		oracle: &AccountId32,
		evidence: &Evidence,
		genesis: &Hash,
	) -> Result<Standing, Error<T>> {
		match evidence {
			Evidence::Signed(signed) => {
				let state = T::Oracles::receipt_key_state(oracle, &signed.key)
					.ok_or(Error::<T>::NotItsKey)?;
				ensure!(signed.is_signed(genesis), Error::<T>::ReceiptNotSigned);
				Ok(Standing::Signed(signed.key, state))
			},
			Evidence::Settled { batch_no, settled } => {
				let batch = Batches::<T>::get(oracle, batch_no).ok_or(Error::<T>::UnknownBatch)?;
				let charge = Charges::<T>::get(oracle, batch_no);
				ensure!(Self::is_held(oracle, &batch, &charge), Error::<T>::ChallengeOver);
				batch
					.check(&settled.leaf(genesis), &settled.proof)
					.map_err(Error::<T>::InvalidProof)?;
				Ok(Standing::Settled(*batch_no, batch, charge))
			},
		}
	}

	/// Convicts an oracle of two receipts where there can be only one.
	pub(crate) fn prove_double(
		reporter: AccountId32,
		oracle: &AccountId32,
		first: &Evidence,
		second: &Evidence,
		claims: &[SubmittedClaim],
		opening: Option<Opening>,
	) -> DispatchResult {
		let genesis = Self::genesis_hash();
		let pair = [
			Self::check_evidence(oracle, first, &genesis)?,
			Self::check_evidence(oracle, second, &genesis)?,
		];
		let (one, other) = (first.receipt(), second.receipt());
		let fraud = double(one, other).ok_or(Error::<T>::NoFraud)?;
		let [of_one, of_other] = &pair;
		let in_time = of_one.counts_beside(of_other) && of_other.counts_beside(of_one);
		ensure!(in_time, Error::<T>::KeyRetired);

		let (channel_id, seq) = (one.channel_id, one.seq.max(other.seq));
		let parties = Self::parties(oracle, &channel_id, opening, &genesis)?;
		let case = |paid| Case {
			oracle,
			channel_id,
			seq,
			fraud,
			paid,
			parties: parties.as_ref(),
			reporter,
		};
		match pair {
			[Standing::Signed(key, _), Standing::Signed(..)] => {
				let convicted = OracleBooks::<T>::get(oracle).convicted_key;
				ensure!(convicted != Some(key), Error::<T>::AlreadyReported);
				let taken = Self::convict(case(0), None)?;
				// Else an oracle could denounce itself while it has nothing to lose.
				ensure!(!taken.is_zero(), Error::<T>::NothingToSlash);
				OracleBooks::<T>::mutate(oracle, |book| book.convicted_key = Some(key));
			},
			pair => {
				let open = pair.into_iter().find_map(Standing::open);
				let (batch_no, batch, mut charge) = open.ok_or(Error::<T>::BatchSlashed)?;
				ensure!(batch.has_claims(claims), Error::<T>::WrongClaims);
				let paid = paid_by(claims, &channel_id);
				Self::convict(case(paid), Some((batch_no, &batch, &mut charge)))?;
			},
		}
		Ok(())
	}

	/// Convicts an oracle of a leaf that breaks a rule.
	pub(crate) fn prove_leaf(
		reporter: AccountId32,
		oracle: &AccountId32,
		batch_no: BatchNo,
		claims: &[SubmittedClaim],
		shown: &ShownLeaf,
		proof: &LeafProof,
		opening: Option<Opening>,
	) -> DispatchResult {
		let genesis = Self::genesis_hash();
		let (batch, mut charge) = Self::challengeable(oracle, batch_no)?;
		ensure!(batch.has_claims(claims), Error::<T>::WrongClaims);
		batch.check(&shown.leaf(&genesis), proof).map_err(Error::<T>::InvalidProof)?;

		let (channel_id, seq) = shown.about();
		let parties = Self::parties(oracle, &channel_id, opening, &genesis)?;
		let claim = covering(claims, &channel_id, seq);
		let place = claim.map(|claim| Place::of(claims, claim, seq));
		let fraud = match shown {
			ShownLeaf::Receipt { receipt, amount, request } => {
				let named = request
					.as_ref()
					.is_none_or(|request| request.commit(&genesis) == receipt.request_commit);
				ensure!(named, Error::<T>::WrongRequest);
				let (place, parties) = (place.as_ref(), parties.as_ref());
				let request = request.as_ref();
				Self::judge(receipt, *amount, proof.index, place, parties)
					.or_else(|| request.and_then(|request| against_request(receipt, request)))
			},
			ShownLeaf::Opaque { leaf, .. } => {
				let place = place.ok_or(Error::<T>::NotCovered)?;
				ensure!(place.is_at(proof.index), Error::<T>::NotItsPlace);
				(!place.allows(leaf.amount)).then_some(Fraud::BeyondClaim)
			},
		}
		.ok_or(Error::<T>::NoFraud)?;

		let paid = paid_by(claims, &channel_id);
		let parties = parties.as_ref();
		let case = Case { oracle, channel_id, seq, fraud, paid, parties, reporter };
		Self::convict(case, Some((batch_no, &batch, &mut charge)))?;
		Ok(())
	}

	/// Convicts an oracle of two adjacent leaves that do not follow each other.
	pub(crate) fn prove_pair(
		reporter: AccountId32,
		oracle: &AccountId32,
		batch_no: BatchNo,
		claims: &[SubmittedClaim],
		left: &SettledReceipt,
		right: &SettledReceipt,
		opening: Option<Opening>,
	) -> DispatchResult {
		let genesis = Self::genesis_hash();
		let (batch, mut charge) = Self::challengeable(oracle, batch_no)?;
		ensure!(batch.has_claims(claims), Error::<T>::WrongClaims);
		let adjacent = left.proof.index.checked_add(1) == Some(right.proof.index);
		ensure!(adjacent, Error::<T>::NotAdjacent);
		for shown in [left, right] {
			batch.check(&shown.leaf(&genesis), &shown.proof).map_err(Error::<T>::InvalidProof)?;
		}
		let fraud = as_neighbours(&left.receipt, &right.receipt).ok_or(Error::<T>::NoFraud)?;

		let Receipt { channel_id, seq, .. } = right.receipt;
		let parties = Self::parties(oracle, &channel_id, opening, &genesis)?;
		let paid = paid_by(claims, &channel_id);
		let parties = parties.as_ref();
		let case = Case { oracle, channel_id, seq, fraud, paid, parties, reporter };
		Self::convict(case, Some((batch_no, &batch, &mut charge)))?;
		Ok(())
	}
}
