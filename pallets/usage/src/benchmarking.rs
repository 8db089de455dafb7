//! What each call costs at worst. `settle` is linear in its claims.

use super::*;
use crate::{
	benchmarking_fraud::{demanded, full_inquiry, scene, Scene},
	Pallet as Usage,
};
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		ConstU32, EnsureOrigin, Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, ed25519};
use sp_runtime::{traits::SaturatedConversion, AccountId32};
use usufruct_primitives::{
	settlement::{Claim, ClaimVoucher, MAX_CLAIMS},
	split::{Ledger, Split},
	traits::{Models, OnEpochClose, Oracles},
	usage::{channel_id, Closing, Voucher},
	Balance, ChannelId, Hash, Signature, VersionId, PPM, UFR,
};

/// The keystore's drawer for the channel's key.
pub(crate) const KEY_TYPE: KeyTypeId = KeyTypeId(*b"chan");
const ROOT: [u8; 32] = [9; 32];

type Claims = BoundedVec<Claim, ConstU32<MAX_CLAIMS>>;

pub(crate) fn funded<T: Config>(name: &'static str, index: u32) -> AccountId32 {
	let who: AccountId32 = account(name, index, 0);
	let amount = T::MinEscrow::get().saturating_mul(100).max(1_000 * UFR);
	assert!(T::Currency::mint_into(&who, amount).is_ok());
	who
}

pub(crate) fn oracle<T: Config>() -> AccountId32 {
	let oracle = funded::<T>("oracle", 0);
	T::Oracles::benchmark_oracle(&oracle);
	oracle
}

/// The accounts that exist from genesis on, in a state that may have none.
pub(crate) fn fund_pots<T: Config>() {
	let pots = [T::DividendPot::get(), T::CommonsPot::get(), T::SecurityPot::get()];
	for pot in pots.into_iter().chain([Usage::<T>::account(), T::Models::account()]) {
		if T::Currency::balance(&pot) < T::Currency::minimum_balance() {
			assert!(T::Currency::mint_into(&pot, T::Currency::minimum_balance()).is_ok());
		}
	}
}

/// A channel with twice the least escrow, for a model of its own.
pub(crate) fn channel<T: Config>(
	consumer: &AccountId32,
	oracle: &AccountId32,
	key: &ed25519::Public,
) -> (ChannelId, VersionId) {
	channel_of::<T>(consumer, oracle, key, &funded::<T>("owner", 0))
}

/// The same for a model of that owner.
fn channel_of<T: Config>(
	consumer: &AccountId32,
	oracle: &AccountId32,
	key: &ed25519::Public,
	owner: &AccountId32,
) -> (ChannelId, VersionId) {
	let version = T::Models::benchmark_version(owner);
	(channel_to::<T>(consumer, oracle, key, version), version)
}

/// The same for the model of that version.
fn channel_to<T: Config>(
	consumer: &AccountId32,
	oracle: &AccountId32,
	key: &ed25519::Public,
	version: VersionId,
) -> ChannelId {
	let model = T::Models::terms(version).expect("there is such a version").model;
	let salt = LastSalt::<T>::get(consumer).map_or(0, |last| last + 1);
	let opened = Usage::<T>::open_channel(
		RawOrigin::Signed(consumer.clone()).into(),
		oracle.clone(),
		model,
		salt,
		key.0,
		T::MinEscrow::get() * 2,
		UFR,
		UFR,
	);
	assert!(opened.is_ok());
	let genesis = Usage::<T>::genesis_hash();
	channel_id(&genesis, consumer.as_ref(), oracle.as_ref(), model, salt)
}

pub(crate) fn new_key() -> ed25519::Public {
	sp_io::crypto::ed25519_generate(KEY_TYPE, None)
}

fn sign(key: &ed25519::Public, digest: &Hash) -> Signature {
	sp_io::crypto::ed25519_sign(KEY_TYPE, key, digest).expect("the key was just made").0
}

/// Replaces a channel's key, so that a signature of the old one is checked last, and lodges a
/// voucher that is none of those used here.
fn age<T: Config>(consumer: &AccountId32, id: ChannelId) {
	let origin = RawOrigin::Signed(consumer.clone());
	assert!(Usage::<T>::set_channel_key(origin.into(), id, new_key().0).is_ok());
	Channels::<T>::mutate(id, |channel| {
		if let Some(channel) = channel {
			channel.checkpoint = Some(Checkpoint { covers: 1, voucher: [1; 32] });
			channel.reserve();
		}
	});
}

/// An organisation for which all was paid in the epoch that closed last, and nothing in this one,
/// so that its models are damped and its record is rolled over.
fn damp<T: Config>(owner: AccountId32) {
	let total = T::ConcentrationFloor::get().max(UFR);
	Organisations::<T>::insert(&owner, ());
	let record = OwnerFees { epoch: 0, fees: total, last_fees: 0 };
	FeesByOwner::<T>::insert(Owner::Organisation(owner), record);
	let last = EpochFees { total, squares: sp_core::U256::from(total).pow(2.into()) };
	let fees = Concentration { epoch: 1, open: EpochFees::default(), last };
	Books::<T>::mutate(|books| books.fees = fees);
}

/// A claim over `amount` that is accepted.
fn claim<T: Config>(
	(channel_id, model_version): (ChannelId, VersionId),
	amount: Balance,
	key: &ed25519::Public,
) -> Claim {
	let voucher = ClaimVoucher {
		cap: amount,
		request_commit: [7; 32],
		ack_seq: 3,
		ack_total: amount / 2,
		serve_until: 0,
		signature: [0; 64],
	};
	let mut claim = Claim {
		channel_id,
		model_version,
		from_seq: 1,
		to_seq: 4,
		total_before: 0,
		total_after: amount,
		voucher,
	};
	claim.voucher.signature = sign(key, &claim.voucher().digest(&Usage::<T>::genesis_hash()));
	claim
}

/// Gives the oracle that many batches that are over, with what stands against each, if anything.
fn over_batches<T: Config>(oracle: &AccountId32, batches: u32, charge: Option<Charge>) {
	let batch =
		Batch { root: ROOT, total: 1, count: 1, accepted_total: 1, block: 0, claims_hash: ROOT };
	for batch_no in 0..batches.into() {
		Batches::<T>::insert(oracle, batch_no, &batch);
		if let Some(charge) = charge {
			Charges::<T>::insert(oracle, batch_no, charge);
		}
	}
	OracleBooks::<T>::mutate(oracle, |book| book.next_batch = batches.into());
}

/// So late that nothing is locked any more that was in the first block.
fn be_late<T: Config>() {
	frame_system::Pallet::<T>::set_block_number((u32::MAX / 2).saturated_into());
}

/// Gives the settlement account what is due to each pot.
fn make_due<T: Config>() -> PotParts {
	fund_pots::<T>();
	let due = PotParts { dividend: UFR, commons: 2 * UFR, security: 3 * UFR };
	assert!(T::Currency::mint_into(&Usage::<T>::account(), 6 * UFR).is_ok());
	Books::<T>::mutate(|books| books.due = due);
	due
}

fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)
}

fn other_split() -> Split {
	Split { dividend: 250_000, commons: 50_000, security: 50_000, oracle: 500_000, model: 150_000 }
}

/// What a settlement costs most for: a claim for each of `v` versions and `c` further claims for them.
///
/// Every claim is accepted: another consumer's and another channel's, with a voucher that the key
/// before the present one signed. Every version is another model's, whose owner is damped. A batch
/// that is over is removed.
fn settlement<T: Config>(c: u32, v: u32) -> (AccountId32, Balance, Claims) {
	fund_pots::<T>();
	// Before the oracle is made, whose locks are all live.
	be_late::<T>();
	let (oracle, key) = (oracle::<T>(), new_key());
	over_batches::<T>(&oracle, 1, None);
	let amount = T::MinEscrow::get();
	let versions: Vec<_> = (0..v)
		.map(|index| {
			let owner = funded::<T>("owner", index);
			let version = T::Models::benchmark_version(&owner);
			damp::<T>(owner);
			version
		})
		.collect();
	let claims: Vec<_> = (0..c + v)
		.zip(versions.into_iter().cycle())
		.map(|(index, version)| {
			let consumer = funded::<T>("consumer", index);
			let id = channel_to::<T>(&consumer, &oracle, &key, version);
			age::<T>(&consumer, id);
			claim::<T>((id, version), amount, &key)
		})
		.collect();
	(oracle, amount * Balance::from(c + v), BoundedVec::truncate_from(claims))
}

/// Makes 1 UFR of what is in a channel a bonus; what the commons fund holds besides.
fn give_bonus<T: Config>(id: ChannelId) -> Balance {
	fund_pots::<T>();
	Channels::<T>::mutate(id, |channel| {
		if let Some(channel) = channel {
			channel.bonus = UFR;
		}
	});
	T::Currency::balance(&T::CommonsPot::get())
}

/// All of it was accepted, and what was over is gone.
fn assert_settled<T: Config>(oracle: &AccountId32, total: Balance) {
	assert_eq!(OracleBooks::<T>::get(oracle).oldest_batch, 1);
	let accepted = Batches::<T>::get(oracle, 1).map(|batch| batch.accepted_total);
	assert_eq!(accepted, Some(total));
	assert!(OracleBooks::<T>::get(oracle).credit > 0);
	let dividend = CurrentSplit::<T>::get().dividend;
	assert!(Books::<T>::get().due.dividend > total * Balance::from(dividend) / PPM as Balance);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn open_channel() {
		let (consumer, oracle, key) = (funded::<T>("consumer", 0), oracle::<T>(), new_key());
		// Not the first one: there is a salt to compare with, and a hold to add to.
		let (_, version) = channel::<T>(&consumer, &oracle, &key);
		let model = T::Models::terms(version).expect("the version was just made").model;
		let escrow = T::MinEscrow::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(consumer.clone()), oracle, model, 1, key.0, escrow, UFR, UFR);

		assert_eq!(LastSalt::<T>::get(&consumer), Some(1));
		let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &consumer);
		assert_eq!(held, escrow * 3);
	}

	#[benchmark]
	fn top_up() {
		let consumer = funded::<T>("consumer", 0);
		let (id, _) = channel::<T>(&consumer, &oracle::<T>(), &new_key());

		#[extrinsic_call]
		_(RawOrigin::Signed(consumer), id, UFR);

		let escrow = Channels::<T>::get(id).map(|channel| channel.escrow);
		assert_eq!(escrow, Some(T::MinEscrow::get() * 2 + UFR));
	}

	#[benchmark]
	fn settle_one() {
		let (oracle, total, claims) = settlement::<T>(0, 1);

		#[extrinsic_call]
		settle(RawOrigin::Signed(oracle.clone()), 1, ROOT, total, 4, claims);

		assert_settled::<T>(&oracle, total);
	}

	#[benchmark]
	fn settle(c: Linear<0, 128>, v: Linear<1, 128>) {
		let (oracle, total, claims) = settlement::<T>(c, v);
		assert_eq!(crate::settle::versions(&claims), v);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), 1, ROOT, total, (c + v) * 4, claims);

		assert_settled::<T>(&oracle, total);
	}

	#[benchmark]
	fn request_close() {
		let consumer = funded::<T>("consumer", 0);
		let (id, _) = channel::<T>(&consumer, &oracle::<T>(), &new_key());

		#[extrinsic_call]
		_(RawOrigin::Signed(consumer), id);

		let state = Channels::<T>::get(id).map(|channel| channel.state);
		assert!(matches!(state, Some(ChannelState::Closing { .. })));
	}

	#[benchmark]
	fn finalise_close() {
		let consumer = funded::<T>("consumer", 0);
		let (id, _) = channel::<T>(&consumer, &oracle::<T>(), &new_key());
		assert!(Usage::<T>::request_close(RawOrigin::Signed(consumer.clone()).into(), id).is_ok());
		Channels::<T>::mutate(id, |channel| {
			if let Some(channel) = channel {
				(channel.settled_seq, channel.settled_at) = (1, 1);
			}
		});
		let fund = give_bonus::<T>(id);
		be_late::<T>();
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id);

		assert!(!Channels::<T>::contains_key(id));
		let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &consumer);
		assert_eq!((held, T::Currency::balance(&T::CommonsPot::get())), (0, fund + UFR));
	}

	#[benchmark]
	fn set_split() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let split = other_split();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, split);

		assert_eq!(NextSplit::<T>::get(), Some(split));
		Ok(())
	}

	#[benchmark]
	fn flush() {
		make_due::<T>();
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller));

		assert_eq!(Books::<T>::get().due, PotParts::default());
	}

	#[benchmark]
	fn collect() {
		fund_pots::<T>();
		let oracle = funded::<T>("oracle", 0);
		assert!(T::Currency::mint_into(&Usage::<T>::account(), UFR).is_ok());
		OracleBooks::<T>::mutate(&oracle, |book| book.credit = UFR);
		let before = T::Currency::balance(&oracle);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()));

		assert_eq!(T::Currency::balance(&oracle), before + UFR);
	}

	#[benchmark]
	fn set_channel_key() {
		let consumer = funded::<T>("consumer", 0);
		let (id, _) = channel::<T>(&consumer, &oracle::<T>(), &new_key());
		age::<T>(&consumer, id);
		be_late::<T>();
		let key = new_key().0;

		#[extrinsic_call]
		_(RawOrigin::Signed(consumer), id, key);

		assert_eq!(Channels::<T>::get(id).map(|channel| channel.key), Some(key));
	}

	#[benchmark]
	fn close_together() {
		let (consumer, oracle, key) = (funded::<T>("consumer", 0), oracle::<T>(), new_key());
		let (id, _) = channel::<T>(&consumer, &oracle, &key);
		let fund = give_bonus::<T>(id);
		let closing = Closing { channel_id: id, final_seq: 0, final_total: 0 };
		let signature = sign(&key, &closing.digest(&Usage::<T>::genesis_hash()));

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle), id, 0, 0, signature);

		assert!(!Channels::<T>::contains_key(id));
		let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &consumer);
		assert_eq!((held, T::Currency::balance(&T::CommonsPot::get())), (0, fund + UFR));
	}

	#[benchmark]
	fn checkpoint() {
		let (consumer, key) = (funded::<T>("consumer", 0), new_key());
		let (id, _) = channel::<T>(&consumer, &oracle::<T>(), &key);
		age::<T>(&consumer, id);
		let voucher = Voucher {
			channel_id: id,
			cap: UFR,
			request_commit: [7; 32],
			ack_seq: 3,
			ack_total: UFR,
			serve_until: 0,
		};
		let signature = sign(&key, &voucher.digest(&Usage::<T>::genesis_hash()));
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), voucher, signature);

		assert_eq!(Channels::<T>::get(id).map(|channel| channel.reserved), Some(UFR));
	}

	// For a model whose owner is damped.
	#[benchmark]
	fn pay_royalty() {
		fund_pots::<T>();
		let (payer, owner) = (funded::<T>("payer", 0), funded::<T>("owner", 0));
		let version = T::Models::benchmark_version(&owner);
		damp::<T>(owner);
		let memo = BoundedVec::truncate_from(alloc::vec![7; 64]);

		#[extrinsic_call]
		_(RawOrigin::Signed(payer), version, UFR, memo);

		assert_eq!(Books::<T>::get().royalties.total, UFR);
		assert_eq!(Books::<T>::get().fees.open.total, UFR);
	}

	#[benchmark]
	fn set_organisation() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;
		let account = funded::<T>("owner", 0);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, account.clone(), true);

		assert!(Organisations::<T>::contains_key(account));
		Ok(())
	}

	#[benchmark]
	fn set_slope() -> Result<(), BenchmarkError> {
		let origin = admin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, PPM);

		assert_eq!(Slope::<T>::get(), PPM);
		Ok(())
	}

	// Both ledgers have dust, and there are fees of which the index is taken.
	#[benchmark]
	fn on_epoch_close() {
		let due = make_due::<T>();
		assert!(T::Currency::mint_into(&Usage::<T>::account(), 2).is_ok());
		let open = EpochFees { total: UFR, squares: sp_core::U256::from(UFR).pow(2.into()) };
		Books::<T>::mutate(|books| {
			books.settled = Ledger { total: 1, credited: [0; 5] };
			books.royalties = Ledger { total: 1, credited: [0; 4] };
			books.fees = Concentration { open, ..Default::default() };
		});
		let before = T::Currency::balance(&T::DividendPot::get());
		let split = other_split();
		NextSplit::<T>::put(split);

		#[block]
		{
			Usage::<T>::on_epoch_close(0);
		}

		assert_eq!(CurrentSplit::<T>::get(), split);
		assert_eq!(T::Currency::balance(&T::DividendPot::get()), before + due.dividend + 2);
		assert_eq!(Books::<T>::get().fees.last, open);
	}

	#[benchmark]
	fn signed_receipt() {
		let Scene { first, .. } = scene::<T>(1, 1);
		let genesis = Usage::<T>::genesis_hash();
		let key = new_key();
		let digest = first.receipt.digest(&genesis);
		let signature = sp_io::crypto::ed25519_sign(KEY_TYPE, &key, &digest);
		let signed = SignedReceipt {
			receipt: first.receipt,
			signature: signature.expect("the key was just made").0,
			key: key.0,
		};
		let holds;

		#[block]
		{
			holds = signed.is_signed(&genesis);
		}

		assert!(holds);
	}

	// Two receipts of one number in one batch, which is slashed.
	#[benchmark]
	fn report_double(p: Linear<1, 20>, c: Linear<1, 256>) {
		let scene = scene::<T>(p, c);
		let reporter = funded::<T>("reporter", 0);
		let Scene { oracle, claims, first, second, .. } = scene;
		let [first, second] =
			[first, second].map(|settled| Evidence::Settled { batch_no: 0, settled });

		#[extrinsic_call]
		_(RawOrigin::Signed(reporter), oracle.clone(), first, second, claims, None);

		assert!(Charges::<T>::get(&oracle, 0).slashed);
	}

	// The last rule of all is broken, and the request is given.
	#[benchmark]
	fn report_leaf(p: Linear<0, 20>, c: Linear<1, 256>) {
		let Scene { oracle, claims, first, request, .. } = scene::<T>(p, c);
		let reporter = funded::<T>("reporter", 0);
		let SettledReceipt { receipt, amount, proof } = first;
		let shown = ShownLeaf::Receipt { receipt, amount, request: Some(request) };

		#[extrinsic_call]
		_(RawOrigin::Signed(reporter), oracle.clone(), 0, claims, shown, proof, None);

		assert!(Charges::<T>::get(&oracle, 0).slashed);
	}

	// The two have one number.
	#[benchmark]
	fn report_pair(p: Linear<1, 20>, c: Linear<1, 256>) {
		let Scene { oracle, claims, first, second, .. } = scene::<T>(p, c);
		let reporter = funded::<T>("reporter", 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(reporter), oracle.clone(), 0, claims, first, second, None);

		assert!(Charges::<T>::get(&oracle, 0).slashed);
	}

	// All other room is taken, and the lock is not kept yet.
	#[benchmark]
	fn demand(c: Linear<1, 256>) {
		let Scene { oracle, claims, first, consumer, .. } = scene::<T>(1, c);
		let channel_id = first.receipt.channel_id;
		let inquiry = full_inquiry::<T>(&claims, channel_id);
		Inquiries::<T>::insert((&oracle, 0, channel_id), inquiry);

		#[extrinsic_call]
		_(RawOrigin::Signed(consumer), oracle.clone(), 0, claims, channel_id, first.receipt.seq);

		assert_eq!(Charges::<T>::get(&oracle, 0).demands, 1);
	}

	// The last of the demands that keep the lock, among others; the channel has had as many keys as
	// it can, and the first of them asked.
	#[benchmark]
	fn answer_demand(p: Linear<0, 20>) {
		let scene = scene::<T>(p, 1);
		let answer = demanded::<T>(&scene, &funded::<T>("demander", 0));
		let Scene { oracle, .. } = scene;
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), oracle.clone(), 0, answer);

		assert!(!Charges::<T>::contains_key(&oracle, 0));
	}

	#[benchmark]
	fn enforce_demand() {
		let scene = scene::<T>(1, 1);
		let demander = funded::<T>("demander", 0);
		demanded::<T>(&scene, &demander);
		let Scene { oracle, first, .. } = scene;
		let due = Usage::<T>::now() + T::DemandTerm::get();
		frame_system::Pallet::<T>::set_block_number(due.saturated_into());
		let caller: AccountId32 = whitelisted_caller();
		let (id, seq) = (first.receipt.channel_id, first.receipt.seq);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), oracle.clone(), 0, id, seq);

		assert!(Charges::<T>::get(&oracle, 0).slashed);
		let held = T::Currency::balance_on_hold(&HoldReason::Demand.into(), &demander);
		assert_eq!(held, 0);
	}

	// All of them were slashed.
	#[benchmark]
	fn sweep_batches(n: Linear<1, MAX_SWEPT>) {
		be_late::<T>();
		let oracle = oracle::<T>();
		over_batches::<T>(&oracle, n, Some(Charge { slashed: true, demands: 0 }));
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), oracle.clone());

		assert_eq!(Batches::<T>::iter_prefix(&oracle).count(), 0);
		assert_eq!(OracleBooks::<T>::get(&oracle).oldest_batch, u64::from(n));
	}

	#[benchmark]
	fn sweep_fees() {
		let owner = Owner::Organisation(funded::<T>("owner", 0));
		let record = OwnerFees { epoch: 0, fees: UFR, last_fees: UFR };
		FeesByOwner::<T>::insert(&owner, record);
		Books::<T>::mutate(|books| books.fees.epoch = 2);
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), owner.clone());

		assert!(!FeesByOwner::<T>::contains_key(owner));
	}

	impl_benchmark_test_suite!(
		Usage,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
