//! Tests, one module per call, and what they share: honest consumers and oracles.

mod attacks;
mod collect;
mod demand;
mod epoch_close;
mod finalise_close;
mod flush;
mod fraud;
mod fraud_attacks;
mod fraud_pairs;
mod fraud_random;
mod fraud_world;
mod genesis;
mod invariants;
mod open_channel;
mod random;
mod request_close;
mod set_split;
mod settle;
mod top_up;
mod views;

use crate::{mock::*, *};
use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		tokens::Preservation,
	},
};
use sp_runtime::{traits::Dispatchable, AccountId32, DispatchError, DispatchResult, TokenError};
use usufruct_primitives::{
	settlement::{Claim, ClaimVoucher},
	split::{Parts, Split},
	Balance, BatchNo, ChannelId, ModelId, VersionId, PPM, UFR,
};

/// What consumers put aside unless a test says otherwise.
const ESCROW: Balance = 100 * UFR;
/// What they risk unless a test says otherwise.
const MAX_UNACKED: Balance = 5 * UFR;
/// The root of every batch; the chain never opens it here.
const ROOT: [u8; 32] = [9; 32];

/// Dispatches as the executive does: in a transaction.
fn dispatch(who: &AccountId32, call: Call<Test>) -> DispatchResult {
	let origin = RuntimeOrigin::signed(who.clone());
	RuntimeCall::Usage(call).dispatch(origin).map(|_| ()).map_err(|failed| failed.error)
}

fn dispatch_root(call: Call<Test>) -> DispatchResult {
	let call = RuntimeCall::Usage(call);
	call.dispatch(RuntimeOrigin::root()).map(|_| ()).map_err(|failed| failed.error)
}

/// The key that signs the consumer's vouchers.
fn key_of(consumer: &AccountId32) -> SigningKey {
	SigningKey::from_bytes(consumer.as_ref())
}

/// `open_channel` with the terms of these tests.
fn opening(oracle: &AccountId32, salt: u64, key: [u8; 32], escrow: Balance) -> Call<Test> {
	Call::open_channel {
		oracle: oracle.clone(),
		model: MODEL,
		salt,
		key,
		escrow,
		max_unit_price: UFR,
		max_unacked: MAX_UNACKED,
	}
}

/// Opens a channel for [`MODEL`] with [`ESCROW`].
fn open(consumer: &AccountId32, oracle: &AccountId32) -> ChannelId {
	open_with(consumer, oracle, ESCROW)
}

fn open_with(consumer: &AccountId32, oracle: &AccountId32, escrow: Balance) -> ChannelId {
	let salt = LastSalt::<Test>::get(consumer).map_or(0, |last| last + 1);
	let key = key_of(consumer).verifying_key().to_bytes();
	assert_ok!(dispatch(consumer, opening(oracle, salt, key, escrow)));
	usage_channel_id(consumer, oracle, MODEL, salt)
}

fn usage_channel_id(
	consumer: &AccountId32,
	oracle: &AccountId32,
	model: ModelId,
	salt: u64,
) -> ChannelId {
	usufruct_primitives::usage::channel_id(
		&GENESIS,
		consumer.as_ref(),
		oracle.as_ref(),
		model,
		salt,
	)
}

fn channel(id: ChannelId) -> Channel {
	Channels::<Test>::get(id).expect("the channel exists")
}

/// An honest claim of the next `receipts` receipts over `amount` in all, every one accepted by the
/// consumer.
fn claim(channel_id: ChannelId, version: VersionId, receipts: u64, amount: Balance) -> Claim {
	let channel = channel(channel_id);
	claim_after(&channel, channel_id, version, receipts, amount)
}

/// The same on top of another state of the channel than the chain's.
fn claim_after(
	channel: &Channel,
	channel_id: ChannelId,
	model_version: VersionId,
	receipts: u64,
	amount: Balance,
) -> Claim {
	let to_seq = channel.settled_seq + receipts;
	let total_after = channel.settled_total + amount;
	let voucher = ClaimVoucher {
		cap: total_after,
		request_commit: [7; 32],
		ack_seq: to_seq,
		ack_total: total_after,
		serve_until: 1_000,
		signature: [0; 64],
	};
	let claim = Claim {
		channel_id,
		model_version,
		from_seq: channel.settled_seq + 1,
		to_seq,
		total_before: channel.settled_total,
		total_after,
		voucher,
	};
	signed(claim, &key_of(&channel.consumer))
}

/// With its voucher signed by `key`.
fn signed(claim: Claim, key: &SigningKey) -> Claim {
	signed_on(claim, key, &GENESIS)
}

/// With its voucher signed by `key` for the chain of that genesis hash.
fn signed_on(mut claim: Claim, key: &SigningKey, genesis: &[u8; 32]) -> Claim {
	claim.voucher.signature = key.sign(&claim.voucher().digest(genesis)).to_bytes();
	claim
}

/// With its voucher changed by the consumer, who signs it again.
fn with_voucher(mut claim: Claim, change: impl FnOnce(&mut ClaimVoucher)) -> Claim {
	change(&mut claim.voucher);
	let consumer = channel(claim.channel_id).consumer;
	signed(claim, &key_of(&consumer))
}

/// `settle` of `claims` under the oracle's next number, with sums that fit.
fn settlement(oracle: &AccountId32, claims: &[Claim]) -> Call<Test> {
	let total = claims.iter().map(|claim| claim.amount().unwrap()).sum();
	let count = claims.iter().map(|claim| claim.count().unwrap()).sum::<u64>() as u32;
	numbered_settlement(NextBatch::<Test>::get(oracle), total, count, claims)
}

fn numbered_settlement(
	batch_no: BatchNo,
	total: Balance,
	count: u32,
	claims: &[Claim],
) -> Call<Test> {
	let claims = claims.to_vec().try_into().expect("no more than fit into a batch");
	Call::settle { batch_no, root: ROOT, total, count, claims }
}

fn settle(oracle: &AccountId32, claims: &[Claim]) -> DispatchResult {
	dispatch(oracle, settlement(oracle, claims))
}

/// Opens a channel between two and settles `amount` of it.
fn settle_some(consumer: &AccountId32, oracle: &AccountId32, amount: Balance) -> ChannelId {
	let id = open(consumer, oracle);
	assert_ok!(settle(oracle, &[claim(id, V0, 10, amount)]));
	id
}

fn free(who: &AccountId32) -> Balance {
	Balances::balance(who)
}

fn held(who: &AccountId32) -> Balance {
	Balances::balance_on_hold(&HoldReason::Escrow.into(), who)
}

/// An ordinary transfer.
fn give(from: &AccountId32, to: &AccountId32, amount: Balance) -> DispatchResult {
	<Balances as Mutate<_>>::transfer(from, to, amount, Preservation::Expendable).map(|_| ())
}

fn locked(oracle: &AccountId32) -> Balance {
	memory::Locked::get(oracle)
}

fn revenue(version: VersionId) -> Balance {
	memory::Revenue::get(version)
}

/// This pallet's last event.
fn last_event() -> Event<Test> {
	let mut events = System::events().into_iter().rev();
	events
		.find_map(|record| match record.event {
			RuntimeEvent::Usage(event) => Some(event),
			_ => None,
		})
		.expect("there was an event")
}

/// The claims that the last settlement skipped.
fn skipped() -> Vec<(u16, SkipReason)> {
	match last_event() {
		Event::Settled { skipped, .. } => skipped.into_inner(),
		other => panic!("the last event is {other:?}"),
	}
}

/// An error for a batch of which nothing was accepted.
fn nothing(reason: SkipReason) -> Error<Test> {
	Error::NothingAccepted(reason)
}

fn default_parts(amount: Balance) -> Parts {
	let part = |weight: u32| amount * Balance::from(weight) / Balance::from(PPM);
	Split::default().weights().map(part).into()
}
