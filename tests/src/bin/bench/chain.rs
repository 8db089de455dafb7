//! What the close of an epoch and a claim cost, with few and with many people in the state.

use std::{
	path::{Path, PathBuf},
	time::Instant,
};

use anyhow::{ensure, Context, Result};
use codec::Encode;
use sc_client_api::{backend::Backend as _, TrieCacheContext};
use serde_json::Value;
use sp_core::{storage::Storage, Pair};
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{backend::AsTrieBackend, Backend, TrieBackendBuilder};
use usufruct_runtime::{
	AccountId, Balances, BlockNumber, Runtime, RuntimeCall, System, UncheckedExtrinsic,
};

use crate::{
	blob::{read, Blob, Overlay},
	blocks,
	database::{self, Head},
	people::{self, EPOCH, OPENED, PER_HEAD},
	report::{median, rounded, shown, table, Report},
};

/// How many people the larger state has, unless something else is asked for.
pub const MANY: u32 = 1_000_000;
const FEW: u32 = 100;
/// How often everything is measured, in turns.
const RUNS: usize = 11;

/// The block that closes the epoch in which all share, and its neighbours, which close none.
const BEFORE: BlockNumber = CLOSING - 1;
const CLOSING: BlockNumber = OPENED + EPOCH;
const AFTER: BlockNumber = CLOSING + 1;

/// A chain on disk.
struct Chain {
	people: u32,
	folder: PathBuf,
	/// The state that the closing block begins with.
	before_close: Head,
	/// The state that the block after it begins with, in which the claim is.
	before_claim: Head,
	claim: UncheckedExtrinsic,
}

/// Microseconds, of one run or of the medians.
#[derive(Clone, Copy, Default)]
struct Times {
	/// The beginning of a block that closes nothing.
	plain: f64,
	/// The beginning of a block that closes an epoch.
	close: f64,
	/// A claim.
	claim: f64,
}

/// All figures of one chain.
#[derive(Clone, Copy)]
struct Figures {
	people: u32,
	/// The database's pages are in the system's memory.
	warm: Times,
	/// They are on disk.
	cold: Times,
	proofs: Proofs,
}

/// Bytes, of what is read of the state.
#[derive(Clone, Copy)]
struct Proofs {
	/// The nodes of the trie that the close reads.
	close: usize,
	/// The nodes of the trie that the claim reads.
	claim: usize,
	/// The proof size that the runtime charges the block for the close.
	close_charged: u64,
	/// The proof size that the runtime charges the block for the claim.
	claim_charged: u64,
}

/// Measures both chains in turns, and prints.
pub fn measure(report: &mut Report, folder: &Path, many: u32) -> Result<()> {
	ensure!(many > FEW, "--people must be more than {FEW}");
	let blob = Blob::new()?;
	let genesis = people::genesis()?;
	let few = Chain::make(&blob, &genesis, folder, FEW)?;
	let many = Chain::make(&blob, &genesis, folder, many)?;
	let chains = [&few, &many];
	let mut proofs = Vec::new();
	for chain in chains {
		proofs.push(chain.proofs(&blob)?);
	}

	// One more than is counted: the first compiles and fills what the process keeps.
	let mut runs: [(Vec<Times>, Vec<Times>); 2] = Default::default();
	for run in 0..=RUNS {
		for turn in 0..chains.len() {
			let which = (run + turn) % chains.len();
			let chain = chains[which];
			database::forget(&chain.folder)?;
			let cold = chain.run(&blob)?;
			let warm = chain.run(&blob)?;
			if run > 0 {
				runs[which].0.push(warm);
				runs[which].1.push(cold);
			}
		}
	}

	let figures = [0, 1].map(|which| {
		let (warm, cold) = (medians(&runs[which].0), medians(&runs[which].1));
		Figures { people: chains[which].people, warm, cold, proofs: proofs[which] }
	});
	print(report, &figures);
	for chain in chains {
		std::fs::remove_dir_all(&chain.folder)?;
	}
	Ok(())
}

fn medians(runs: &[Times]) -> Times {
	let of = |time: fn(&Times) -> f64| median(&runs.iter().map(time).collect::<Vec<_>>());
	Times { plain: of(|run| run.plain), close: of(|run| run.close), claim: of(|run| run.claim) }
}

/// The proof size that the block was charged until now.
fn charged<B: Backend<BlakeTwo256>>(state: &B, overlay: &mut Overlay) -> u64 {
	read(state, overlay, || System::block_weight().total().proof_size())
}

/// What `f` returns, and the microseconds it took.
fn timed<R>(f: impl FnOnce() -> Result<R>) -> Result<(R, f64)> {
	let begun = Instant::now();
	let result = f()?;
	Ok((result, begun.elapsed().as_secs_f64() * 1e6))
}

impl Chain {
	/// Makes a chain with that many people, up to the block in which one of them claims.
	fn make(blob: &Blob, genesis: &Storage, folder: &Path, people: u32) -> Result<Self> {
		eprintln!("making a chain with {people} people …");
		let folder = folder.join(format!("people-{people}"));
		let begun = Instant::now();
		let entries = people::state(genesis, people)?;
		let database = database::open(&folder)?;
		let mut head = database::fill(&database, &entries)?;
		let count = entries.len();
		drop(entries);

		let mut extend = |number| -> Result<Head> {
			let state = database.state_at(head.hash, TrieCacheContext::Trusted)?;
			let changes = blocks::build(blob, &state, number, head.hash)?;
			let (root, transaction) = (changes.transaction_storage_root, changes.transaction);
			head = database::extend(&database, &head, root, transaction)?;
			Ok(head)
		};
		let before_close = extend(BEFORE)?;
		let before_claim = extend(CLOSING)?;

		let state = database.state_at(before_claim.hash, TrieCacheContext::Trusted)?;
		let closed =
			read(&state, &mut Overlay::default(), || pallet_dividend::Epochs::<Runtime>::get(1));
		ensure!(
			(closed.eligible, closed.per_head) == (people, PER_HEAD),
			"the epoch was not closed for {people} people: {closed:?}"
		);
		let call = RuntimeCall::Dividend(pallet_dividend::Call::claim {});
		let claim = blocks::sign(&state, &people::claimant()?, call)?;
		// Closing the database writes the rest of it.
		drop(state);
		drop(database);
		database::sync(&folder)?;
		eprintln!("… {count} entries in {:.0} s", begun.elapsed().as_secs_f64());
		Ok(Self { people, folder, before_close, before_claim, claim })
	}

	/// One run of everything, each on a fresh overlay, in a database that was just opened.
	fn run(&self, blob: &Blob) -> Result<Times> {
		let database = database::open(&self.folder)?;
		let state = database.state_at(self.before_close.hash, TrieCacheContext::Trusted)?;
		let mut overlay = Overlay::default();
		let parent = self.before_close.hash;
		let ((), close) = timed(|| blocks::begin(blob, &state, &mut overlay, CLOSING, parent))?;
		self.check_closed(&state, &mut overlay)?;

		let state = database.state_at(self.before_claim.hash, TrieCacheContext::Trusted)?;
		let mut overlay = Overlay::default();
		let parent = self.before_claim.hash;
		let ((), plain) = timed(|| blocks::begin(blob, &state, &mut overlay, AFTER, parent))?;
		blocks::apply(blob, &state, &mut overlay, &blocks::timestamp(AFTER))?;
		let ((), claim) = timed(|| blocks::apply(blob, &state, &mut overlay, &self.claim))?;
		self.check_claimed(&state, &mut overlay)?;
		Ok(Times { plain, close, claim })
	}

	/// How many bytes of the trie the close and the claim read, and how many they are charged for.
	fn proofs(&self, blob: &Blob) -> Result<Proofs> {
		let database = database::open(&self.folder)?;
		let state = database.state_at(self.before_close.hash, TrieCacheContext::Trusted)?;
		let recording = TrieBackendBuilder::wrap(state.as_trie_backend())
			.with_recorder(Default::default())
			.build();
		let mut overlay = Overlay::default();
		blocks::begin(blob, &recording, &mut overlay, CLOSING, self.before_close.hash)?;
		let close = recording.extract_proof().context("no proof of the close")?;
		let close_charged = charged(&state, &mut overlay);

		let state = database.state_at(self.before_claim.hash, TrieCacheContext::Trusted)?;
		let mut overlay = Overlay::default();
		blocks::begin(blob, &state, &mut overlay, AFTER, self.before_claim.hash)?;
		blocks::apply(blob, &state, &mut overlay, &blocks::timestamp(AFTER))?;
		let recording = TrieBackendBuilder::wrap(state.as_trie_backend())
			.with_recorder(Default::default())
			.build();
		let before = charged(&state, &mut overlay);
		blocks::apply(blob, &recording, &mut overlay, &self.claim)?;
		let claim_charged = charged(&state, &mut overlay).saturating_sub(before);
		let claim = recording.extract_proof().context("no proof of the claim")?;
		Ok(Proofs {
			close: close.encoded_size(),
			claim: claim.encoded_size(),
			close_charged,
			claim_charged,
		})
	}

	/// Whether the epoch was closed, for all of them.
	fn check_closed<B: Backend<BlakeTwo256>>(
		&self,
		state: &B,
		overlay: &mut Overlay,
	) -> Result<()> {
		let books = read(state, overlay, pallet_dividend::Books::<Runtime>::get);
		ensure!(
			(books.epoch, books.active) == (2, self.people),
			"the epoch was not closed: {books:?}"
		);
		Ok(())
	}

	/// Whether the claimant has what it is due, and paid nothing for it.
	fn check_claimed<B: Backend<BlakeTwo256>>(
		&self,
		state: &B,
		overlay: &mut Overlay,
	) -> Result<()> {
		let account = AccountId::from(people::claimant()?.public());
		let balance = read(state, overlay, || Balances::free_balance(&account));
		ensure!(balance == PER_HEAD, "the claimant has {balance} planck instead of {PER_HEAD}");
		Ok(())
	}
}

/// The figures: what they are, their keys, and where they stand.
const ROWS: [(&str, &str, fn(&Figures) -> f64); 10] = [
	("epoch close: its block's beginning, µs", "epoch_close_us", |it| it.warm.close),
	("  any other block's beginning, µs", "plain_block_us", |it| it.warm.plain),
	("  from disk, µs", "epoch_close_cold_us", |it| it.cold.close),
	("  any other block's, from disk, µs", "plain_block_cold_us", |it| it.cold.plain),
	("  proof size charged, bytes", "epoch_close_proof_size", |it| it.proofs.close_charged as f64),
	("  nodes of the trie, bytes", "epoch_close_proof_bytes", |it| it.proofs.close as f64),
	("claim, µs", "claim_us", |it| it.warm.claim),
	("  from disk, µs", "claim_cold_us", |it| it.cold.claim),
	("  proof size charged, bytes", "claim_proof_size", |it| it.proofs.claim_charged as f64),
	("  nodes of the trie, bytes", "claim_proof_bytes", |it| it.proofs.claim as f64),
];

fn print(report: &mut Report, [few, many]: &[Figures; 2]) {
	let mut rows = Vec::new();
	for (what, key, of) in ROWS {
		let ratio = of(many) / of(few);
		rows.push(vec![what.into(), shown(of(few)), shown(of(many)), shown(ratio)]);
		let figures = [few, many].map(|it| (it.people.to_string(), rounded(of(it))));
		report.set(key, Value::from_iter(figures));
		report.set_in("ratios", key, rounded(ratio));
	}
	let people = |of: &Figures| format!("{} people", shown(of.people.into()));
	let head = ["".into(), people(few), people(many), "ratio".into()];
	let title = format!(
		"Wasm on ParityDB without a trie cache, its pages in memory unless it says from disk; \
		 medians of {RUNS} runs"
	);
	table(&title, &head, &rows);
}
