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
		Get,
	},
	BoundedVec,
};
use frame_system::RawOrigin;
use sp_core::{crypto::KeyTypeId, ed25519};
use sp_runtime::{traits::SaturatedConversion, AccountId32};
use usufruct_primitives::{
	settlement::{Claim, ClaimVoucher},
	split::Split,
	traits::{Models, OnEpochClose, Oracles},
	usage::channel_id,
	Balance, ChannelId, VersionId, UFR,
};

/// The keystore's drawer for the channel's key.
pub(crate) const KEY_TYPE: KeyTypeId = KeyTypeId(*b"chan");
const ROOT: [u8; 32] = [9; 32];

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
	let owner = funded::<T>("owner", 0);
	let version = T::Models::benchmark_version(&owner);
	let model = T::Models::terms(version).expect("the version was just made").model;
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
	(channel_id(&genesis, consumer.as_ref(), oracle.as_ref(), model, salt), version)
}

pub(crate) fn new_key() -> ed25519::Public {
	sp_io::crypto::ed25519_generate(KEY_TYPE, None)
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
	let digest = claim.voucher().digest(&Usage::<T>::genesis_hash());
	let signature = sp_io::crypto::ed25519_sign(KEY_TYPE, key, &digest);
	claim.voucher.signature = signature.expect("the key was just made").0;
	claim
}

/// Gives the settlement account what is due to each pot.
fn make_due<T: Config>() -> PotParts {
	fund_pots::<T>();
	let due = PotParts { dividend: UFR, commons: 2 * UFR, security: 3 * UFR };
	assert!(T::Currency::mint_into(&Usage::<T>::account(), 6 * UFR).is_ok());
	Pending::<T>::put(due);
	due
}

fn other_split() -> Split {
	Split { dividend: 250_000, commons: 50_000, security: 50_000, oracle: 500_000, model: 150_000 }
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

	// Every claim is accepted: another consumer's, another channel's and another model's.
	#[benchmark]
	fn settle(c: Linear<1, 256>) {
		fund_pots::<T>();
		let (oracle, key) = (oracle::<T>(), new_key());
		let amount = T::MinEscrow::get();
		let claims: Vec<_> = (0..c)
			.map(|index| {
				let consumer = funded::<T>("consumer", index);
				claim::<T>(channel::<T>(&consumer, &oracle, &key), amount, &key)
			})
			.collect();
		let claims = BoundedVec::truncate_from(claims);
		let total = amount * Balance::from(c);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()), 0, ROOT, total, c * 4, claims);

		let accepted = Batches::<T>::get(&oracle, 0).map(|batch| batch.accepted_total);
		assert_eq!(accepted, Some(total));
		assert!(OracleCredit::<T>::get(&oracle) > 0);
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
		let closes_at = Usage::<T>::now() + T::ClosingWindow::get();
		frame_system::Pallet::<T>::set_block_number(closes_at.saturated_into());
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), id);

		assert!(!Channels::<T>::contains_key(id));
		let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &consumer);
		assert_eq!(held, 0);
	}

	#[benchmark]
	fn set_split() {
		let split = other_split();

		#[extrinsic_call]
		_(RawOrigin::Root, split);

		assert_eq!(NextSplit::<T>::get(), Some(split));
	}

	#[benchmark]
	fn flush() {
		make_due::<T>();
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller));

		assert_eq!(Pending::<T>::get(), PotParts::default());
	}

	#[benchmark]
	fn collect() {
		fund_pots::<T>();
		let oracle = funded::<T>("oracle", 0);
		assert!(T::Currency::mint_into(&Usage::<T>::account(), UFR).is_ok());
		OracleCredit::<T>::insert(&oracle, UFR);
		let before = T::Currency::balance(&oracle);

		#[extrinsic_call]
		_(RawOrigin::Signed(oracle.clone()));

		assert_eq!(T::Currency::balance(&oracle), before + UFR);
	}

	#[benchmark]
	fn on_epoch_close() {
		let due = make_due::<T>();
		let before = T::Currency::balance(&T::DividendPot::get());
		let split = other_split();
		NextSplit::<T>::put(split);

		#[block]
		{
			Usage::<T>::on_epoch_close(0);
		}

		assert_eq!(CurrentSplit::<T>::get(), split);
		assert_eq!(T::Currency::balance(&T::DividendPot::get()), before + due.dividend);
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

	// The last of the demands that keep the lock, among others.
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

	impl_benchmark_test_suite!(
		Usage,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
