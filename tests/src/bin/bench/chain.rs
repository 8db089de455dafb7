//! What the close of an epoch costs, and what people do after it, with few and with many of them in
//! the state.

use std::{
	path::{Path, PathBuf},
	time::Instant,
};

use anyhow::{ensure, Context, Result};
use codec::Encode;
use frame_support::weights::Weight;
use sc_client_api::{backend::Backend as _, TrieCacheContext};
use sp_core::storage::{well_known_keys, Storage};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::traits::BlakeTwo256;
use sp_state_machine::{backend::AsTrieBackend, Backend, TrieBackendBuilder};
use usufruct_runtime::{BlockNumber, Runtime, RuntimeCall, System, UncheckedExtrinsic};
use usufruct_tests::{
	acts::{Act, By},
	people::{self, EPOCH, OPENED, PER_HEAD},
	transactions,
};

use crate::{
	blob::{read, wasm, Blob, Overlay},
	blocks,
	database::{self, Database, Head},
	lane,
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
	/// The state that the block after it begins with, in which people act.
	after_close: Head,
	/// The bytes that each of them has in the state.
	bytes_of_each: f64,
}

/// How many acts there are.
const ACTS: usize = Act::ALL.len();

/// Microseconds, of one run or of the medians.
#[derive(Clone, Copy, Default)]
struct Times {
	/// The beginning of a block that closes nothing.
	plain: f64,
	/// The beginning of a block that closes an epoch.
	close: f64,
	/// What people do.
	acts: [f64; ACTS],
}

/// All figures of one chain.
#[derive(Clone, Copy)]
struct Figures {
	people: u32,
	bytes_of_each: f64,
	/// How many claims are in a block of nothing else, and whether more were waiting.
	claims: (u32, bool),
	/// The database's pages are in the system's memory.
	warm: Times,
	/// They are on disk.
	cold: Times,
	proofs: Proofs,
}

/// What something reads of the trie, in bytes, and what the runtime charges the block for it.
#[derive(Clone, Copy, Default)]
struct Charge {
	/// The nodes of the trie.
	nodes: usize,
	/// The proof size charged, in bytes.
	proof_size: u64,
	/// The time charged, in microseconds.
	weight: f64,
}

/// The charges of one chain.
#[derive(Clone, Copy, Default)]
struct Proofs {
	close: Charge,
	acts: [Charge; ACTS],
}

/// Measures both chains in turns, and prints.
pub fn measure(report: &mut Report, folder: &Path, many: u32) -> Result<()> {
	ensure!(many > FEW, "--people must be more than {FEW}");
	let blob = Blob::new()?;
	let mut genesis = people::genesis()?;
	genesis.top.insert(well_known_keys::CODE.to_vec(), wasm()?.to_vec());
	let few = Chain::make(&blob, &genesis, folder, FEW)?;
	let many = Chain::make(&blob, &genesis, folder, many)?;
	let chains = [&few, &many];
	let (mut proofs, mut claims) = (Vec::new(), Vec::new());
	for chain in chains {
		proofs.push(chain.proofs(&blob)?);
		claims.push(chain.claims_in_a_block(&blob)?);
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
		let Chain { people, bytes_of_each, .. } = *chains[which];
		Figures { people, bytes_of_each, claims: claims[which], warm, cold, proofs: proofs[which] }
	});
	print(report, &figures);
	for chain in chains {
		std::fs::remove_dir_all(&chain.folder)?;
	}
	Ok(())
}

fn medians(runs: &[Times]) -> Times {
	let of = |time: fn(&Times) -> f64| median(&runs.iter().map(time).collect::<Vec<_>>());
	let mut acts = [0.0; ACTS];
	for (act, median_of) in acts.iter_mut().enumerate() {
		*median_of = median(&runs.iter().map(|run| run.acts[act]).collect::<Vec<_>>());
	}
	Times { plain: of(|run| run.plain), close: of(|run| run.close), acts }
}

/// What the block was charged until now.
fn charged<B: Backend<BlakeTwo256>>(state: &B, overlay: &mut Overlay) -> Weight {
	read(state, overlay, || System::block_weight().total())
}

/// A block that was begun after the one that closed the epoch, with what comes before an act.
fn begun_for<B: Backend<BlakeTwo256>>(
	blob: &Blob,
	state: &B,
	parent: Head,
	act: Act,
) -> Result<(Overlay, UncheckedExtrinsic)> {
	let mut overlay = Overlay::default();
	blocks::begin(blob, state, &mut overlay, AFTER, parent.hash)?;
	blocks::apply(blob, state, &mut overlay, &blocks::timestamp(AFTER))?;
	if let Some((by, call)) = read(state, &mut overlay, || act.before())? {
		blocks::apply(blob, state, &mut overlay, &transaction(state, by, call)?)?;
	}
	let (by, call) = read(state, &mut overlay, || act.call())?;
	Ok((overlay, transaction(state, by, call)?))
}

fn transaction<B: Backend<BlakeTwo256>>(
	state: &B,
	by: By,
	call: RuntimeCall,
) -> Result<UncheckedExtrinsic> {
	match by {
		By::Alice => blocks::sign(state, &Alice.pair(), call),
		By::Claimant => blocks::sign(state, &people::claimant()?, call),
		By::Nobody => Ok(transactions::general(call)),
	}
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
		let bytes_of_each = people::bytes_of_each(genesis, &entries, people);
		drop(entries);

		let mut extend = |number| -> Result<Head> {
			let state = database.state_at(head.hash, TrieCacheContext::Trusted)?;
			let changes = blocks::build(blob, &state, number, head.hash)?;
			let (root, transaction) = (changes.transaction_storage_root, changes.transaction);
			head = database::extend(&database, &head, root, transaction)?;
			Ok(head)
		};
		let before_close = extend(BEFORE)?;
		let after_close = extend(CLOSING)?;

		let state = database.state_at(after_close.hash, TrieCacheContext::Trusted)?;
		let closed =
			read(&state, &mut Overlay::default(), || pallet_dividend::Epochs::<Runtime>::get(1));
		ensure!(
			(closed.eligible, closed.per_head) == (people, PER_HEAD),
			"the epoch was not closed for {people} people: {closed:?}"
		);
		// Closing the database writes the rest of it.
		drop(state);
		drop(database);
		database::sync(&folder)?;
		eprintln!("… {count} entries in {:.0} s", begun.elapsed().as_secs_f64());
		Ok(Self { people, folder, before_close, after_close, bytes_of_each })
	}

	/// One run of everything, each on a fresh overlay, in a database that was just opened.
	fn run(&self, blob: &Blob) -> Result<Times> {
		let database = database::open(&self.folder)?;
		let state = database.state_at(self.before_close.hash, TrieCacheContext::Trusted)?;
		let mut overlay = Overlay::default();
		let parent = self.before_close.hash;
		let ((), close) = timed(|| blocks::begin(blob, &state, &mut overlay, CLOSING, parent))?;
		self.check_closed(&state, &mut overlay)?;

		let state = database.state_at(self.after_close.hash, TrieCacheContext::Trusted)?;
		let mut overlay = Overlay::default();
		let parent = self.after_close.hash;
		let ((), plain) = timed(|| blocks::begin(blob, &state, &mut overlay, AFTER, parent))?;
		let mut acts = [0.0; ACTS];
		for (act, took) in Act::ALL.into_iter().zip(&mut acts) {
			let (mut overlay, transaction) = begun_for(blob, &state, self.after_close, act)?;
			let apply = || blocks::apply(blob, &state, &mut overlay, &transaction);
			*took = timed(apply)?.1;
			read(&state, &mut overlay, || act.check())?;
		}
		Ok(Times { plain, close, acts })
	}

	/// How many claims that nobody signs are in a block of nothing else, and whether the lane of free
	/// calls was full then: with few people there are not enough claims.
	fn claims_in_a_block(&self, blob: &Blob) -> Result<(u32, bool)> {
		let database = database::open(&self.folder)?;
		let state = database.state_at(self.after_close.hash, TrieCacheContext::Trusted)?;
		lane::fill(blob, &state, self.after_close.hash, AFTER, self.people)
	}

	/// How many bytes of the trie everything reads, and what it is charged.
	fn proofs(&self, blob: &Blob) -> Result<Proofs> {
		let database = database::open(&self.folder)?;
		let state = database.state_at(self.before_close.hash, TrieCacheContext::Trusted)?;
		let recording = TrieBackendBuilder::wrap(state.as_trie_backend())
			.with_recorder(Default::default())
			.build();
		let mut overlay = Overlay::default();
		blocks::begin(blob, &recording, &mut overlay, CLOSING, self.before_close.hash)?;
		let nodes = recording.extract_proof().context("no proof of the close")?.encoded_size();
		let close = Charge::new(nodes, charged(&state, &mut overlay));
		let mut acts = [Charge::default(); ACTS];
		for (act, charge) in Act::ALL.into_iter().zip(&mut acts) {
			*charge = self.charge(blob, &database, act)?;
		}
		Ok(Proofs { close, acts })
	}

	fn charge(&self, blob: &Blob, database: &Database, act: Act) -> Result<Charge> {
		let state = database.state_at(self.after_close.hash, TrieCacheContext::Trusted)?;
		let (mut overlay, transaction) = begun_for(blob, &state, self.after_close, act)?;
		let recording = TrieBackendBuilder::wrap(state.as_trie_backend())
			.with_recorder(Default::default())
			.build();
		let before = charged(&state, &mut overlay);
		blocks::apply(blob, &recording, &mut overlay, &transaction)?;
		let charged = charged(&state, &mut overlay).saturating_sub(before);
		let nodes = recording.extract_proof().context("no proof of the call")?.encoded_size();
		Ok(Charge::new(nodes, charged))
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
}

impl Charge {
	fn new(nodes: usize, charged: Weight) -> Self {
		let weight = charged.ref_time() as f64 / 1e6;
		Self { nodes, proof_size: charged.proof_size(), weight }
	}
}

/// What is measured: how it is called in the table, its key, and its figure.
fn rows(figures: &Figures) -> Vec<(String, String, f64)> {
	let mut rows = Vec::new();
	let mut add = |what: &str, key: &str, figure: f64| rows.push((what.into(), key.into(), figure));
	let Figures { warm, cold, proofs, .. } = figures;
	add("epoch close: its block's beginning, µs", "epoch_close_us", warm.close);
	add("  any other block's beginning, µs", "plain_block_us", warm.plain);
	add("  from disk, µs", "epoch_close_cold_us", cold.close);
	add("  any other block's, from disk, µs", "plain_block_cold_us", cold.plain);
	add("  weight charged, µs", "epoch_close_weight_us", proofs.close.weight);
	add("  proof size charged, bytes", "epoch_close_proof_size", proofs.close.proof_size as f64);
	add("  nodes of the trie, bytes", "epoch_close_proof_bytes", proofs.close.nodes as f64);
	for (nth, act) in Act::ALL.into_iter().enumerate() {
		let (name, charge) = (act.name(), proofs.acts[nth]);
		let key = |end| format!("{name}_{end}");
		add(&format!("{name}, µs"), &key("us"), warm.acts[nth]);
		add("  from disk, µs", &key("cold_us"), cold.acts[nth]);
		add("  weight charged, µs", &key("weight_us"), charge.weight);
		add("  proof size charged, bytes", &key("proof_size"), charge.proof_size as f64);
		add("  nodes of the trie, bytes", &key("proof_bytes"), charge.nodes as f64);
	}
	add("state of a person, bytes", "bytes_per_person", figures.bytes_of_each);
	rows
}

fn print(report: &mut Report, [few, many]: &[Figures; 2]) {
	let mut lines = Vec::new();
	for ((what, key, of_few), (_, _, of_many)) in rows(few).into_iter().zip(rows(many)) {
		let ratio = of_many / of_few;
		lines.push(vec![what, shown(of_few), shown(of_many), shown(ratio)]);
		for (it, figure) in [(few, of_few), (many, of_many)] {
			report.set_in(&key, &it.people.to_string(), rounded(figure));
		}
		report.set_in("ratios", &key, rounded(ratio));
	}
	let people = |of: &Figures| format!("{} people", shown(of.people.into()));
	let head = ["".into(), people(few), people(many), "ratio".into()];
	let title = format!(
		"Wasm on ParityDB without a trie cache, its pages in memory unless it says from disk; \
		 medians of {RUNS} runs"
	);
	table(&title, &head, &lines);
	for it in [few, many] {
		if let (claims, true) = it.claims {
			println!("\n    {claims} claims in a block, the lane of free calls full");
			report.set("claims_per_block", claims.into());
			return;
		}
	}
	println!("\n    too few people to fill the lane of free calls with claims");
}
