//! What the close of an epoch costs, and what people do after it, with few and with many of them in
//! the state.

use std::{
	path::{Path, PathBuf},
	time::Instant,
};

use anyhow::{bail, ensure, Context, Result};
use codec::Encode;
use frame_support::weights::Weight;
use sc_client_api::{backend::Backend as _, TrieCacheContext};
use serde_json::json;
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
	lane::{self, Filled},
	report::{median, rounded, shown, table, Report},
};

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

/// What is timed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
	/// The beginning of a block that closes an epoch.
	Close,
	/// The beginning of a block that closes nothing.
	Plain,
	/// What people do.
	Act(Act),
}

const PARTS: [Part; 2 + ACTS] = [
	Part::Close,
	Part::Plain,
	Part::Act(Act::Claim),
	Part::Act(Act::Register),
	Part::Act(Act::Vote),
	Part::Act(Act::Recover),
];

/// A part that can be timed: what comes before it has happened in the overlay.
struct Ready {
	part: Part,
	overlay: Overlay,
	/// That of an act.
	transaction: Option<UncheckedExtrinsic>,
}

/// How long a part took, of one run or of the medians. Each time, the database was just opened.
#[derive(Clone, Copy, Default)]
struct Times {
	/// Microseconds, the database's pages being in the system's memory.
	warm: f64,
	/// Microseconds, the system having been made to forget them.
	cold: f64,
	/// Bytes that were read from the disk for the latter. None, if the system forgot nothing.
	read: f64,
}

/// All figures of one chain.
struct Figures {
	people: u32,
	bytes_of_each: f64,
	lane: Filled,
	times: [Times; PARTS.len()],
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

/// Measures chains with each of these numbers of people in turns, and prints.
pub fn measure(report: &mut Report, folder: &Path, sizes: &[u32]) -> Result<()> {
	let blob = Blob::new()?;
	let mut genesis = people::genesis()?;
	genesis.top.insert(well_known_keys::CODE.to_vec(), wasm()?.to_vec());
	let mut chains = Vec::new();
	for people in sizes {
		let chain = Chain::make(&blob, &genesis, folder, *people)?;
		let ready = chain.ready(&blob)?;
		chains.push((chain, ready, Vec::new()));
	}

	// One more than is counted: the first compiles and fills what the process keeps.
	for run in 0..=RUNS {
		for turn in 0..sizes.len() {
			let (chain, ready, runs) = &mut chains[(run + turn) % sizes.len()];
			let times = chain.run(&blob, ready)?;
			if run > 0 {
				runs.push(times);
			}
		}
	}

	let mut figures = Vec::new();
	for (chain, _, runs) in &chains {
		figures.push(Figures {
			people: chain.people,
			bytes_of_each: chain.bytes_of_each,
			lane: chain.claims_in_a_block(&blob)?,
			times: medians(runs),
			proofs: chain.proofs(&blob)?,
		});
	}
	print(report, &figures)?;
	for (chain, ..) in chains {
		std::fs::remove_dir_all(&chain.folder)?;
	}
	Ok(())
}

fn medians(runs: &[[Times; PARTS.len()]]) -> [Times; PARTS.len()] {
	std::array::from_fn(|part| {
		let of = |time: fn(&Times) -> f64| {
			median(&runs.iter().map(|run| time(&run[part])).collect::<Vec<_>>())
		};
		Times { warm: of(|it| it.warm), cold: of(|it| it.cold), read: of(|it| it.read) }
	})
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
		database::settle(&folder)?;
		database::sync(&folder)?;
		eprintln!("… {count} entries in {:.0} s", begun.elapsed().as_secs_f64());
		Ok(Self { people, folder, before_close, after_close, bytes_of_each })
	}

	/// Does what comes before each part.
	fn ready(&self, blob: &Blob) -> Result<Vec<Ready>> {
		let database = database::open(&self.folder)?;
		let state = database.state_at(self.after_close.hash, TrieCacheContext::Trusted)?;
		let ready = PARTS.map(|part| {
			let Part::Act(act) = part else {
				return Ok(Ready { part, overlay: Overlay::default(), transaction: None });
			};
			let (overlay, transaction) = begun_for(blob, &state, self.after_close, act)?;
			Ok(Ready { part, overlay, transaction: Some(transaction) })
		});
		ready.into_iter().collect()
	}

	/// One run of everything.
	fn run(&self, blob: &Blob, ready: &[Ready]) -> Result<[Times; PARTS.len()]> {
		let mut times = [Times::default(); PARTS.len()];
		for (ready, times) in ready.iter().zip(&mut times) {
			database::forget(&self.folder)?;
			let (cold, read) = self.time(blob, ready)?;
			let (warm, _) = self.time(blob, ready)?;
			*times = Times { warm, cold, read };
		}
		Ok(times)
	}

	/// Does one part in a database that is opened for it alone; returns the microseconds it took, and the
	/// bytes that were read from the disk for it.
	fn time(&self, blob: &Blob, ready: &Ready) -> Result<(f64, f64)> {
		let (number, parent) = match ready.part {
			Part::Close => (CLOSING, self.before_close.hash),
			_ => (AFTER, self.after_close.hash),
		};
		let database = database::open(&self.folder)?;
		let state = database.state_at(parent, TrieCacheContext::Trusted)?;
		let mut overlay = ready.overlay.clone();
		let read_before = database::read_from_disk();
		let begun = Instant::now();
		match &ready.transaction {
			Some(transaction) => blocks::apply(blob, &state, &mut overlay, transaction)?,
			None => blocks::begin(blob, &state, &mut overlay, number, parent)?,
		}
		let microseconds = begun.elapsed().as_secs_f64() * 1e6;
		let bytes = database::read_from_disk().saturating_sub(read_before);
		match ready.part {
			Part::Close => self.check_closed(&state, &mut overlay)?,
			Part::Plain => (),
			Part::Act(act) => read(&state, &mut overlay, || act.check())?,
		}
		Ok((microseconds, bytes as f64))
	}

	/// How many claims that nobody signs are in a block of nothing else.
	fn claims_in_a_block(&self, blob: &Blob) -> Result<Filled> {
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

/// A figure: how it is called in the table, its key, and whether it was to be from disk, but the system
/// forgot nothing.
struct Row {
	what: String,
	key: String,
	figure: f64,
	warm: bool,
}

fn rows(figures: &Figures) -> Vec<Row> {
	let mut rows = Vec::new();
	for (part, times) in PARTS.into_iter().zip(figures.times) {
		let (what, name, charge) = match part {
			Part::Close => {
				let what = "epoch close: its block's beginning";
				(what, "epoch_close", Some(figures.proofs.close))
			},
			Part::Plain => ("any other block's beginning", "plain_block", None),
			Part::Act(act) => {
				let nth = Act::ALL.iter().position(|other| *other == act);
				(act.name(), act.name(), nth.map(|nth| figures.proofs.acts[nth]))
			},
		};
		let warm = times.read == 0.0;
		let mut add = |what: String, end: &str, figure, warm| {
			rows.push(Row { what, key: format!("{name}_{end}"), figure, warm });
		};
		add(format!("{what}, µs"), "us", times.warm, false);
		// Whoever reads the file must not take for cold what was not.
		let cold = if warm { "reopened_warm_us" } else { "cold_us" };
		add("  from disk, µs".into(), cold, times.cold, warm);
		add("  then read from disk, bytes".into(), "cold_read_bytes", times.read, false);
		if let Some(Charge { nodes, proof_size, weight }) = charge {
			add("  weight charged, µs".into(), "weight_us", weight, false);
			let size = "  proof size charged, bytes".into();
			add(size, "proof_size", proof_size as f64, false);
			add("  nodes of the trie, bytes".into(), "proof_bytes", nodes as f64, false);
		}
	}
	let (what, key) = ("state of a person, bytes".into(), "bytes_per_person".into());
	rows.push(Row { what, key, figure: figures.bytes_of_each, warm: false });
	rows
}

fn print(report: &mut Report, figures: &[Figures]) -> Result<()> {
	let [few, .., many] = figures else { bail!("there is nothing to compare") };
	let mut columns: Vec<_> = figures.iter().map(|of| rows(of).into_iter()).collect();
	let mut lines = Vec::new();
	for (of_few, of_many) in rows(few).into_iter().zip(rows(many)) {
		let mut line = vec![of_few.what];
		for (rows, of) in columns.iter_mut().zip(figures) {
			let row = rows.next().context("all have the same rows")?;
			line.push(shown(row.figure) + if row.warm { " (warm)" } else { "" });
			report.set_in(&row.key, &of.people.to_string(), rounded(row.figure));
		}
		if of_few.key == of_many.key && of_few.figure > 0.0 {
			let ratio = of_many.figure / of_few.figure;
			line.push(shown(ratio));
			report.set_in("ratios", &of_few.key, rounded(ratio));
		} else {
			line.push("".into());
		}
		lines.push(line);
	}
	let people = figures.iter().map(|of| format!("{} people", shown(of.people.into())));
	let head: Vec<_> = std::iter::once("".into()).chain(people).chain(["ratio".into()]).collect();
	let title = format!(
		"Wasm on ParityDB without a trie cache, its pages in memory unless it says from disk; \
		 medians of {RUNS} runs; the ratio is that of the most people to the fewest"
	);
	table(&title, &head, &lines);
	println!();
	for Figures { people, lane: Filled { claims, full, room }, .. } in figures {
		let lane = if *full { "the lane of free calls full" } else { "all there are" };
		let people_shown = shown(f64::from(*people));
		println!("    {people_shown} people: {claims} claims in a block, {lane}; room for {room}");
		let figure = json!({ "claims": claims, "lane_full": full, "room": room });
		report.set_in("claims_per_block", &people.to_string(), figure);
	}
	Ok(())
}
