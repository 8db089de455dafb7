//! Everybody claims on the same morning, and others pay for transfers meanwhile.
//!
//! `USUFRUCT_LOAD` says how many of each, a thousand if it is not set; `scripts/test --long` sets it to
//! ten thousand. All of them are in the pool at once.

use std::{
	ops::RangeInclusive,
	path::Path,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use codec::{Decode, Encode};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	weights::Weight,
};
use futures::{stream, StreamExt};
use sp_core::storage::Storage;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie, Dave, Eve, Ferdie};
use sp_state_machine::BasicExternalities;
use usufruct_client::chain::Chain;
use usufruct_runtime::{
	configs::system::RuntimeBlockWeights, FreeLane, Runtime, RuntimeCall, UncheckedExtrinsic, UFR,
};
use usufruct_tests::{
	cast::wait_for_block,
	node::{chain_spec_of_state, Node, NodeOptions},
	people, transactions,
};

/// Those who pay.
const PAYERS: [Sr25519Keyring; 6] = [Alice, Bob, Charlie, Dave, Eve, Ferdie];
/// From this block on everybody is due something.
const CLOSED: u32 = people::OPENED + people::EPOCH;
/// How long everything may take.
const LONG: Duration = Duration::from_secs(1_800);
/// How many transactions are being sent at once.
const AT_ONCE: usize = 64;

/// What a block had of each.
#[derive(Clone, Copy, Default)]
struct Counts {
	claims: usize,
	transfers: usize,
}

/// The state of a chain with so many people, whose second epoch does not end in this test.
fn state(count: u32) -> Result<Storage> {
	let genesis = people::genesis()?;
	let state = people::state(&genesis, count)?;
	people::begin(genesis, state)
}

/// Claims that nobody signs, and transfers, in turns.
fn transactions(state: Storage, genesis: [u8; 32], count: u32) -> Result<Vec<UncheckedExtrinsic>> {
	let mut ext = BasicExternalities::new(state);
	ext.execute_with(|| {
		frame_system::BlockHash::<Runtime>::insert(0, sp_core::H256(genesis));
		let mut all = Vec::new();
		for number in 0..count {
			let claim = pallet_dividend::Call::<Runtime>::claim_for { person: number };
			all.push(transactions::general(claim.into()));
			let payer = PAYERS[number as usize % PAYERS.len()];
			let transfer = pallet_balances::Call::<Runtime>::transfer_keep_alive {
				dest: Alice.to_account_id().into(),
				value: UFR / 1_000,
			};
			let nonce = number / PAYERS.len() as u32;
			all.push(transactions::signed(&payer.pair(), nonce, transfer.into())?);
		}
		Ok(all)
	})
}

/// How many of each are in that block.
async fn counts(chain: &Chain, block: u32) -> Result<Option<Counts>> {
	let Some(hash) = chain.rpc().chain_get_block_hash(Some(block.into())).await? else {
		return Ok(None);
	};
	let block = chain.rpc().chain_get_block(Some(hash)).await?.context("it is there")?;
	let mut counts = Counts::default();
	for bytes in block.block.extrinsics {
		let transaction = UncheckedExtrinsic::decode(&mut &bytes.0[..])?;
		match transaction.function {
			RuntimeCall::Dividend(pallet_dividend::Call::claim_for { .. }) => counts.claims += 1,
			RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive { .. }) => {
				counts.transfers += 1
			},
			_ => (),
		}
	}
	Ok(Some(counts))
}

/// The blocks that have any of them.
fn span(blocks: &[(u32, Counts)], of: fn(&Counts) -> usize) -> Option<RangeInclusive<u32>> {
	let mut with = blocks.iter().filter(|(_, counts)| of(counts) > 0).map(|(block, _)| *block);
	let first = with.next()?;
	Some(first..=with.next_back().unwrap_or(first))
}

/// The newest block, which is `from` or later.
async fn newest(chain: &Chain, from: u32) -> Result<u32> {
	let mut newest = from;
	while chain.rpc().chain_get_block_hash(Some((newest + 1).into())).await?.is_some() {
		newest += 1;
	}
	Ok(newest)
}

/// They were sent in turns, so in no block are there more claims than transfers before its end, but for
/// those whose sending was under way together.
fn no_claim_overtakes(blocks: &[(u32, Counts)]) -> Result<()> {
	let mut so_far = Counts::default();
	for (block, counts) in blocks {
		so_far.claims += counts.claims;
		so_far.transfers += counts.transfers;
		let Counts { claims, transfers } = so_far;
		ensure!(
			claims <= transfers + 2 * AT_ONCE,
			"until block {block} there were {claims} claims, and only {transfers} transfers"
		);
	}
	Ok(())
}

/// What one claim takes of the lane.
fn weight_of(claim: &UncheckedExtrinsic) -> Weight {
	let base = RuntimeBlockWeights::get().get(DispatchClass::Normal).base_extrinsic;
	let info = BasicExternalities::default().execute_with(|| claim.get_dispatch_info());
	info.total_weight().saturating_add(base)
}

fn start(folder: &Path, state: &Storage) -> Result<Node> {
	let entries: Vec<_> =
		state.top.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
	let mut options = NodeOptions::alone(chain_spec_of_state("dev", folder, &entries)?, folder);
	options.name = "crowded".into();
	let pool = ["--pool-limit", "50000", "--pool-kbytes", "204800"];
	options.arguments.extend(pool.map(String::from));
	Node::start(&options)
}

#[tokio::test(flavor = "multi_thread")]
async fn free_claims_fill_a_quarter_of_a_block_and_keep_no_transfer_waiting() -> Result<()> {
	let count: u32 = match std::env::var("USUFRUCT_LOAD") {
		Ok(count) => count.parse().context("USUFRUCT_LOAD is a number")?,
		Err(_) => 1_000,
	};
	let folder = tempfile::tempdir()?;
	let state = state(count)?;
	let node = start(folder.path(), &state)?;
	let chain = Chain::connect(&node.url).await?;
	let all = transactions(state, chain.genesis(), count)?;
	let (lane, whole) = (FreeLane::limit().ref_time(), RuntimeBlockWeights::get().max_block);
	ensure!(lane <= whole.ref_time() / 4, "free calls get more than a quarter of a block");
	let room = (lane / weight_of(&all[0]).ref_time()) as usize;
	wait_for_block(&chain, CLOSED, LONG).await?;

	let begun = Instant::now();
	let sent: Vec<_> = stream::iter(&all)
		.map(|transaction| {
			let bytes = transaction.encode();
			let chain = &chain;
			async move { chain.rpc().author_submit_extrinsic(&bytes).await }
		})
		.buffered(AT_ONCE)
		.collect()
		.await;
	for taken in sent {
		taken.context("the pool takes it")?;
	}
	let sent_by = newest(&chain, CLOSED).await?;
	println!(
		"{} transactions sent in {:.0} s, until block {sent_by}",
		all.len(),
		begun.elapsed().as_secs_f64()
	);

	let (mut blocks, mut done) = (Vec::new(), Counts::default());
	let mut next = CLOSED;
	while done.claims < count as usize || done.transfers < count as usize {
		ensure!(begun.elapsed() < LONG, "{} claims, {} transfers", done.claims, done.transfers);
		let Some(counts) = counts(&chain, next).await? else {
			tokio::time::sleep(Duration::from_millis(500)).await;
			continue;
		};
		ensure!(counts.claims <= room, "{} claims in block {next}, not {room}", counts.claims);
		done.claims += counts.claims;
		done.transfers += counts.transfers;
		blocks.push((next, counts));
		next += 1;
	}
	node.stop()?;

	let claims = span(&blocks, |counts| counts.claims).context("nobody claimed")?;
	let transfers = span(&blocks, |counts| counts.transfers).context("nobody paid")?;
	let most = blocks.iter().map(|(_, counts)| counts.claims).max().unwrap_or_default();
	println!(
		"claims in blocks {claims:?}, {most} in the fullest, {room} fit; transfers in blocks {transfers:?}"
	);
	no_claim_overtakes(&blocks)?;
	// What pays gets three quarters of what ordinary transactions get, if it wants them, and goes first
	// where an author has no time to fill its block. So of what waited together when all was sent, it is
	// through in half the time; a block may be under way then, and the next one.
	let half = claims.end().saturating_sub(sent_by) / 2;
	ensure!(
		*transfers.end() <= sent_by + half + 2,
		"transfers were kept waiting: all was sent by block {sent_by}"
	);
	// While both waited, no block took claims alone.
	let mut both = blocks.iter().filter(|(block, _)| transfers.contains(block));
	ensure!(
		both.all(|(_, counts)| counts.claims == 0 || counts.transfers > 0),
		"a block took claims while transfers waited, and no transfer"
	);
	Ok(())
}
