//! Histories made of random bytes, played against the whole runtime.
//!
//! An input is a list of records of fixed length. Each record becomes an action of one of eight
//! accounts or of nobody's (time passes, somebody is served off the chain). The world knows all keys,
//! so actions are mostly valid: real vouchers, receipts, trees, proofs, attestations. Some are then
//! twisted: another caller, a changed byte, twice, in a batch, through a proxy. After each action
//! the invariants of all pallets hold, and so do those of the whole, see `checks.rs`, `ledger.rs`.
//!
//! First the recorded inputs of `corpus/` are played, which reach every call of our pallets. Then
//! time is spent on new ones, half of them mutants of recorded ones.
//!
//! - `USUFRUCT_FUZZ_SECONDS`: how much time, 45 s if it is not set.
//! - `USUFRUCT_FUZZ_SEED`: what the new inputs are made from; always the same if it is not set.
//! - `USUFRUCT_FUZZ_INPUT`: a file to play instead of all that, telling every call.
//! - `USUFRUCT_FUZZ_RECORD`: records inputs that reach calls the corpus does not.

mod bonds;
mod bounties;
mod checks;
mod common;
mod corpus;
mod dice;
mod disputes;
mod fraud;
mod ledger;
mod market;
mod people;
mod play;
mod polls;
mod registry;
mod world;

use crate::chain::{externalities, genesis};
use dice::{HEAD, RECORD};
use play::{play, MAKERS};
use sp_core::storage::Storage;
use std::{
	collections::{BTreeMap, BTreeSet},
	env,
	panic::{catch_unwind, AssertUnwindSafe},
	sync::OnceLock,
	time::{Duration, Instant},
};
use world::World;

/// The calls that succeeded, by pallet and name.
type Reached = BTreeSet<(&'static str, &'static str)>;

/// The longest new input, in records.
const LONGEST: usize = 120;
/// The actions, and how many of each, that bring a market to life.
const MARKET: &[(&str, usize)] = &[
	("register_model", 3),
	("add_version", 3),
	("register_oracle", 4),
	("register_person", 4),
	("jump", 1),
	("add_version", 3),
	("open_channel", 8),
	("serve", 12),
	("settle", 2),
	("serve", 6),
];
/// The pallets that are ours.
const OURS: [&str; 8] =
	["Models", "Oracles", "Usage", "Personhood", "Dividend", "Validators", "Suffrage", "CallPause"];

fn number(variable: &str, default: u64) -> u64 {
	let given = env::var(variable).ok();
	given.map_or(default, |given| given.parse().expect("the variable is a number"))
}

/// Plays an input from genesis. What it reached, or what is broken.
fn run(input: &[u8]) -> Result<Reached, String> {
	run_telling(input, false)
}

/// The same, and tells every call if it is to be loud.
fn run_telling(input: &[u8], loud: bool) -> Result<Reached, String> {
	static GENESIS: OnceLock<Storage> = OnceLock::new();
	let state = GENESIS.get_or_init(genesis).clone();
	let played = catch_unwind(AssertUnwindSafe(|| {
		externalities(state).execute_with(|| {
			let mut world = World { loud, ..World::begin() };
			play(&mut world, input).map(|()| world.reached)
		})
	}));
	played.unwrap_or_else(|panic| {
		let text = panic.downcast_ref::<String>().map(String::as_str);
		Err(format!("panic: {}", text.or(panic.downcast_ref().copied()).unwrap_or("?")))
	})
}

/// A source of random numbers that is the same for the same seed: SplitMix64.
struct Source(u64);

impl Source {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.0;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn below(&mut self, n: usize) -> usize {
		(self.next() % n.max(1) as u64) as usize
	}

	/// A record of an action there is, mostly not twisted.
	fn record(&mut self) -> [u8; RECORD] {
		let mut record = [0; RECORD];
		record.fill_with(|| self.next() as u8);
		record[0] = self.below(MAKERS.len()) as u8;
		if self.below(4) > 0 {
			record[HEAD + 1] = 0;
		}
		record
	}

	/// Records in which a busy market comes to life, each time another one.
	fn market(&mut self) -> Vec<u8> {
		let mut market = Vec::new();
		for (name, times) in MARKET {
			let kind = MAKERS.iter().position(|(known, _)| known == name).expect("it is known");
			for _ in 0..*times {
				let mut record = self.record();
				record[0] = kind as u8;
				record[HEAD + 1] = 0;
				market.extend(record);
			}
		}
		market
	}

	/// A new input: random, on a market or on nothing, or a mutant of one or two that are known.
	fn input(&mut self, known: &[Vec<u8>]) -> Vec<u8> {
		let length = 1 + self.below(LONGEST);
		if known.is_empty() || self.below(2) == 0 {
			let mut input = if self.below(4) > 0 { self.market() } else { Vec::new() };
			input.extend((0..length).flat_map(|_| self.record()));
			return input;
		}
		// What needs many records to be reached is deep in the state, and worth most.
		let mut deep =
			|| (0..3).map(|_| &known[self.below(known.len())]).max_by_key(|one| one.len());
		let both = [deep(), deep()];
		let mut records: Vec<Vec<u8>> = both
			.into_iter()
			.flatten()
			.flat_map(|input| input.chunks(RECORD).map(<[u8]>::to_vec))
			.collect();
		for _ in 0..1 + self.below(16) {
			let place = self.below(records.len().max(1));
			match self.below(4) {
				0 => records.insert(place, self.record().to_vec()),
				1 => {
					if let Some(record) = records.get_mut(place) {
						let byte = 1 + self.below(record.len() - 1);
						record[byte] = self.next() as u8;
					}
				},
				2 => {
					let from = self.below(records.len());
					let copy = records[from].clone();
					records.insert(place, copy);
				},
				_ => {
					if records.len() > 1 {
						records.remove(place);
					}
				},
			}
		}
		records.truncate(LONGEST);
		records.concat()
	}
}

/// Leaves out of an input what `still` does not need, for a limited time.
fn shrink(mut input: Vec<u8>, still: impl Fn(&[u8]) -> bool) -> Vec<u8> {
	let until = Instant::now() + Duration::from_secs(60);
	let mut size = input.len() / RECORD / 2;
	while size > 0 {
		let mut place = 0;
		while place * RECORD < input.len() && Instant::now() < until {
			let end = ((place + size) * RECORD).min(input.len());
			let less = [&input[..place * RECORD], &input[end..]].concat();
			if still(&less) {
				input = less;
			} else {
				place += size;
			}
		}
		size /= 2;
	}
	// What does not matter is zero.
	for place in (0..input.len()).filter(|place| place % RECORD > 0) {
		let kept = std::mem::take(&mut input[place]);
		if kept != 0 && (Instant::now() >= until || !still(&input)) {
			input[place] = kept;
		}
	}
	input
}

/// Writes the shortest input that is broken, and fails.
fn report(input: Vec<u8>, error: &str) -> ! {
	eprintln!("broken: {error}; looking for a shorter input");
	let shorter = shrink(input, |input| run(input).is_err());
	let error = run(&shorter).expect_err("it still is broken");
	let path = corpus::write_failure(&shorter);
	panic!("{error}\nto play it again: USUFRUCT_FUZZ_INPUT={}", path.display());
}

/// Every call of our pallets, by the metadata.
fn all_calls() -> BTreeSet<(&'static str, &'static str)> {
	use frame_support::traits::GetCallMetadata;
	use usufruct_runtime::RuntimeCall;

	OURS.into_iter()
		.flat_map(|pallet| {
			RuntimeCall::get_call_names(pallet).iter().map(move |name| (pallet, *name))
		})
		.collect()
}

#[test]
fn no_history_breaks_an_invariant() {
	if let Ok(path) = env::var("USUFRUCT_FUZZ_INPUT") {
		let input = corpus::read(path.as_ref());
		run_telling(&input, true).unwrap_or_else(|error| panic!("{error}"));
		return;
	}
	let recording = env::var_os("USUFRUCT_FUZZ_RECORD").is_some();
	let mut known = corpus::all();
	let mut reached = Reached::new();
	for (name, input) in &known {
		match run(input) {
			Ok(more) => reached.extend(more),
			Err(error) => panic!("corpus/{name}: {error}"),
		}
	}

	let seed = number("USUFRUCT_FUZZ_SEED", 1);
	let time = Duration::from_secs(number("USUFRUCT_FUZZ_SECONDS", 45));
	println!("USUFRUCT_FUZZ_SEED={seed}");
	let mut source = Source(seed);
	let begin = Instant::now();
	let (mut histories, mut records) = (0, 0);
	let mut successes = BTreeMap::new();
	while begin.elapsed() < time {
		let inputs: Vec<_> = known.iter().map(|(_, input)| input.clone()).collect();
		let input = source.input(&inputs);
		histories += 1;
		records += input.len() / RECORD;
		let more = match run(&input) {
			Ok(more) => more,
			Err(error) => report(input, &error),
		};
		for new in all_calls().intersection(&more) {
			*successes.entry(*new).or_insert(0) += 1;
			if recording && !reached.contains(new) {
				let short = shrink(input.clone(), |input| {
					run(input).is_ok_and(|reached| reached.contains(new))
				});
				reached.extend(run(&short).expect("it was played before"));
				known.push(corpus::record(new, &short));
			}
		}
	}
	println!("{histories} new histories of {records} actions in {} s", begin.elapsed().as_secs());
	let mut successes: Vec<_> = successes.into_iter().map(|(call, times)| (times, call)).collect();
	successes.sort_unstable();
	for (times, (pallet, call)) in successes {
		println!("{times:6} of them succeed with {pallet}.{call}");
	}

	let missing: Vec<_> = all_calls().difference(&reached).copied().collect();
	assert!(missing.is_empty(), "the corpus never succeeds with {missing:?}");
}

#[test]
fn an_input_is_played_the_same_each_time() {
	let mut source = Source(7);
	let input = source.input(&[]);
	let state = genesis();
	let play_once = || {
		externalities(state.clone()).execute_with(|| {
			let mut world = World::begin();
			play(&mut world, &input).expect("nothing is broken");
			// Accounts sign with random nonces, so blocks differ in the bytes of signatures only.
			let World { ledger, reached, settled, dishonest, drawn, .. } = world;
			format!("{ledger:?} {reached:?} {settled:?} {dishonest:?} {drawn}")
		})
	};
	assert_eq!(play_once(), play_once());
}
