//! Fraud that can be proved, by the rules of [`usufruct_primitives::fraud`], and what a proof of it
//! brings.
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
	demand::settlement_of, Batch, Batches, Channel, Channels, Charge, Charges, Config, Error,
	Event, Evidence, LeafProof, Opening, OracleBooks, Pallet, SettledReceipt, ShownLeaf,
};
use frame_support::ensure;
use sp_runtime::{traits::Zero, AccountId32, DispatchError, DispatchResult};
use usufruct_primitives::{
	commitment::Request,
	fraud::{double, leaf, neighbours, Fraud, Terms, Version},
	submitted::{covering, paid_by, Place, SubmittedClaim},
	traits::{Models, Oracles, ReceiptKeyState, VersionTerms},
	usage::{channel_id, Receipt},
	Balance, BatchNo, BlockNumber, ChannelId, Hash, ModelId, PublicKey, Seq,
};

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

impl<T: Config> Pallet<T> {
	/// The first rule that a receipt breaks that was settled in that block, at a leaf of `index` that
	/// carries `amount`.
	pub(crate) fn judge(
		settled_at: BlockNumber,
		receipt: &Receipt,
		amount: Balance,
		index: u32,
		place: Option<&Place>,
		parties: Option<&Parties>,
		request: Option<&Request>,
	) -> Option<Fraud> {
		let version = match T::Models::terms(receipt.model_version) {
			Some(VersionTerms { model, meter, .. }) => {
				let floor = T::Models::judging_floor(receipt.model_version, settled_at);
				Version::Of { model, meter, floor }
			},
			None => Version::Absent,
		};
		let terms = Terms {
			model: parties.map(|parties| parties.model),
			version,
			max_unit_price: parties.and_then(|parties| parties.max_unit_price),
		};
		leaf(receipt, amount, index, place, &terms, request)
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
				let at = batch.block;
				Self::judge(at, receipt, *amount, proof.index, place, parties, request)
			},
			ShownLeaf::Opaque { leaf, .. } => {
				let place = place.ok_or(Error::<T>::NotCovered)?;
				ensure!(place.index == proof.index, Error::<T>::NotItsPlace);
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
		let fraud = neighbours(&left.receipt, &right.receipt).ok_or(Error::<T>::NoFraud)?;

		let Receipt { channel_id, seq, .. } = right.receipt;
		let parties = Self::parties(oracle, &channel_id, opening, &genesis)?;
		let paid = paid_by(claims, &channel_id);
		let parties = parties.as_ref();
		let case = Case { oracle, channel_id, seq, fraud, paid, parties, reporter };
		Self::convict(case, Some((batch_no, &batch, &mut charge)))?;
		Ok(())
	}
}
