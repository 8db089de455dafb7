//! Tests, one module per call, and what they share: honest consumers and oracles.

mod attacks;
mod attacks_closing;
mod bonus;
mod checkpoint;
mod close_together;
mod collect;
mod concentration;
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
mod pay_royalty;
mod random;
mod request_close;
mod set_channel_key;
mod set_split;
mod settle;
mod sweep;
mod top_up;
mod views;

use crate::{mock::*, *};
use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
	assert_noop, assert_ok,
	storage::StoragePrefixedMap,
	traits::{
		fungible::{Inspect, InspectHold, Mutate},
		tokens::Preservation,
	},
};
use sp_runtime::{traits::Dispatchable, AccountId32, DispatchError, DispatchResult, TokenError};
use usufruct_primitives::{
	settlement::{Claim, ClaimVoucher},
	split::{Parts, Split},
	usage::{Closing, Voucher},
	Balance, BatchNo, ChannelId, ModelId, Signature, VersionId, PPM, UFR,
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
	nth_key(consumer, 0)
}

/// The key after that many replacements.
fn nth_key(consumer: &AccountId32, n: usize) -> SigningKey {
	let mut seed: [u8; 32] = *consumer.as_ref();
	seed[31] ^= n as u8;
	SigningKey::from_bytes(&seed)
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
	numbered_settlement(OracleBooks::<Test>::get(oracle).next_batch, total, count, claims)
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

/// A dividend of `amount` is put into a channel, to which the commons fund adds `bonus`.
fn credit(channel_id: ChannelId, amount: Balance, bonus: Balance) -> DispatchResult {
	use usufruct_primitives::traits::ChannelTopUp;
	frame_support::storage::with_storage_layer(|| {
		let consumer = channel(channel_id).consumer;
		if bonus > 0 {
			<Balances as Mutate<_>>::transfer(&COMMONS, &consumer, bonus, Preservation::Preserve)?;
		}
		<Usage as ChannelTopUp<_>>::top_up(&consumer, channel_id, amount + bonus, bonus)
	})
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
		Event::Settled { skipped, .. } => {
			skipped.into_iter().map(|Skipped { index, reason, .. }| (index, reason)).collect()
		},
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

/// A voucher for a channel.
fn voucher(channel_id: ChannelId, cap: Balance, ack_seq: u64, ack_total: Balance) -> Voucher {
	let request_commit = [7; 32];
	Voucher { channel_id, cap, request_commit, ack_seq, ack_total, serve_until: 1_000 }
}

/// The signature of `key`.
fn sign(voucher: &Voucher, key: &SigningKey) -> Signature {
	key.sign(&voucher.digest(&GENESIS)).to_bytes()
}

/// `checkpoint` of a voucher that `key` signed, by somebody who is no party.
fn lodge(voucher: Voucher, key: &SigningKey) -> DispatchResult {
	let signature = sign(&voucher, key);
	dispatch(&CAROL, Call::checkpoint { voucher, signature })
}

/// A claim on a voucher that is given, of `receipts` receipts over `amount`.
fn claim_on(voucher: &Voucher, signature: Signature, receipts: u64, amount: Balance) -> Claim {
	let Voucher { channel_id, cap, request_commit, ack_seq, ack_total, serve_until } = *voucher;
	let newest = ClaimVoucher { cap, request_commit, ack_seq, ack_total, serve_until, signature };
	Claim { voucher: newest, ..claim(channel_id, V0, receipts, amount) }
}

/// `set_channel_key` to the key after `n` replacements.
fn replace_key(channel_id: ChannelId, n: usize) -> DispatchResult {
	let consumer = channel(channel_id).consumer;
	let key = nth_key(&consumer, n).verifying_key().to_bytes();
	dispatch(&consumer, Call::set_channel_key { channel_id, key })
}

/// `close_together` by the oracle of the channel, over what is settled, signed by `key`.
fn agreement(channel_id: ChannelId, key: &SigningKey) -> Call<Test> {
	let Channel { settled_seq: final_seq, settled_total: final_total, .. } = channel(channel_id);
	let closing = Closing { channel_id, final_seq, final_total };
	let signature = key.sign(&closing.digest(&GENESIS)).to_bytes();
	Call::close_together { channel_id, final_seq, final_total, signature }
}

/// Every key that this pallet has in storage, but for the salts, which are kept for ever.
fn storage_keys() -> Vec<Vec<u8>> {
	let salts = LastSalt::<Test>::final_prefix();
	let (prefix, _) = salts.split_at(16);
	let mut keys = Vec::new();
	let mut last = prefix.to_vec();
	while let Some(key) = sp_io::storage::next_key(&last).filter(|key| key.starts_with(prefix)) {
		if !key.starts_with(&salts) {
			keys.push(key.clone());
		}
		last = key;
	}
	keys
}
