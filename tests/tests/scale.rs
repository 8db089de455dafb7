//! What people do costs the same whether a hundred or a million are in the state.
//!
//! The larger state has `USUFRUCT_PEOPLE` people, ten thousand if it is not set; `scripts/test
//! --long` sets it to a million, for which some gigabytes of memory are needed.

use std::time::Instant;

use codec::Encode;
use frame_support::{
	dispatch::{GetDispatchInfo, RawOrigin},
	traits::Hooks,
	weights::Weight,
};
use sp_core::{storage::StateVersion, Pair};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::traits::{BlakeTwo256, Dispatchable};
use sp_state_machine::TestExternalities;
use sp_trie::recorder::Recorder;
use usufruct_runtime::{AccountId, BlockNumber, Dividend, RuntimeCall, RuntimeOrigin, System};
use usufruct_tests::{
	acts::{Act, By},
	people::{self, EPOCH, OPENED},
};

const FEW: u32 = 100;
/// How often everything is timed, in turns.
const RUNS: usize = 15;
/// The most that a branch adds to a proof, in bytes: the hashes of sixteen children, each with its length, and
/// what says which children there are, the few nibbles it stands for, and how long all that is.
const BRANCH: usize = 16 * 33 + 8;
/// The block that closes the epoch in which all share.
const CLOSING: BlockNumber = OPENED + EPOCH;

/// What something costs, on one state.
struct Cost {
	/// Microseconds, each time it was done.
	times: Vec<f64>,
	/// Bytes of the trie that are read.
	proof: usize,
	/// How many values are read.
	reads: usize,
	/// How many of them are in maps that have an entry for each person.
	reads_of_people: usize,
	/// How many values are written.
	writes: usize,
	/// What is charged for it.
	weight: Weight,
}

impl Cost {
	/// The least time: others that run on the machine can only add to it.
	fn least(&self) -> f64 {
		self.times.iter().copied().fold(f64::INFINITY, f64::min)
	}
}

struct Chain(TestExternalities<BlakeTwo256>);

impl Chain {
	fn of(people: u32) -> Self {
		let genesis = people::genesis().expect("a genesis");
		let state = people::state(&genesis, people).expect("a state");
		let mut storage = genesis;
		storage.top = state.into_iter().collect();
		Self(TestExternalities::new_with_state_version(storage, StateVersion::V1))
	}

	/// Does something, which is undone, after something else that is not measured.
	fn measure(&mut self, before: impl Fn(), act: impl Fn() -> Weight, check: impl Fn()) -> Cost {
		let mut times = Vec::new();
		for _ in 0..RUNS {
			self.0.execute_with(&before);
			times.push(self.0.execute_with(|| {
				let begun = Instant::now();
				act();
				begun.elapsed().as_secs_f64() * 1e6
			}));
			self.0.execute_with(&check);
			self.0.reset_overlay();
		}
		self.0.execute_with(&before);
		let recorder = Recorder::default();
		let weight = self.0.execute_with_recorder(recorder.clone(), &act);
		let writes = self.0.overlayed_changes().changes().count();
		self.0.reset_overlay();
		let read: Vec<_> =
			recorder.recorded_keys().into_values().flat_map(|keys| keys.into_keys()).collect();
		let per_person = people::per_person();
		Cost {
			times,
			proof: recorder.to_storage_proof().encoded_size(),
			reads: read.len(),
			reads_of_people: read.iter().filter(|key| per_person(key)).count(),
			writes,
			weight,
		}
	}

	/// Closes the epoch, in the end for good.
	fn close(&mut self) -> Cost {
		let close = || {
			System::set_block_number(CLOSING);
			<Dividend as Hooks<BlockNumber>>::on_initialize(CLOSING)
		};
		let cost = self.measure(|| (), close, || assert_eq!(Dividend::epoch().index, 2));
		self.0.execute_with(close);
		self.0.commit_all().expect("the state is written");
		cost
	}

	fn act(&mut self, act: Act) -> Cost {
		let (by, call) = self.0.execute_with(|| act.call()).expect("a call");
		let before = self.0.execute_with(|| act.before()).expect("a call");
		self.0.reset_overlay();
		let before = before.map(|(by, call)| (origin(by), call));
		let origin = origin(by);
		self.measure(
			|| {
				if let Some((origin, call)) = &before {
					dispatch(origin, call);
				}
			},
			|| {
				dispatch(&origin, &call);
				call.get_dispatch_info().total_weight()
			},
			|| act.check().expect("it happened"),
		)
	}
}

/// Making keys takes longer than what they are for, so it is done before.
fn origin(by: By) -> RuntimeOrigin {
	match by {
		By::Alice => RuntimeOrigin::signed(Alice.to_account_id()),
		By::Claimant => {
			let pair = people::claimant().expect("a key");
			RuntimeOrigin::signed(AccountId::from(pair.public()))
		},
		By::Nobody => RuntimeOrigin::from(RawOrigin::Authorized),
	}
}

fn dispatch(origin: &RuntimeOrigin, call: &RuntimeCall) {
	call.clone().dispatch(origin.clone()).expect("it succeeds");
}

/// How many levels deeper a trie of so many is: each has sixteen times as much room as the one above it.
fn deeper(few: u32, many: u32) -> usize {
	let rooms = std::iter::successors(Some(u64::from(few)), |room| room.checked_mul(16));
	rooms.take_while(|room| *room < u64::from(many)).count()
}

#[test]
fn a_million_people_cost_what_a_hundred_cost() {
	let many = std::env::var("USUFRUCT_PEOPLE").ok();
	let many = many.map_or(10_000, |many| many.parse().expect("a number of people"));
	let levels = deeper(FEW, many);
	let (mut few, mut many_people) = (Chain::of(FEW), Chain::of(many));
	let mut costs = vec![("close", few.close(), many_people.close())];
	for act in Act::ALL {
		costs.push((act.name(), few.act(act), many_people.act(act)));
	}
	println!("{FEW} people against {many}: µs, bytes of proof; reads, of people, writes");
	for (what, few, many) in &costs {
		println!(
			"{what:10} {:8.0} {:8.0} {:8} {:8} {:4} {:4} {:4}",
			few.least(),
			many.least(),
			few.proof,
			many.proof,
			many.reads,
			many.reads_of_people,
			many.writes
		);
	}
	for (what, few, many) in &costs {
		// Both parts of it: time, and size of the proof.
		assert_eq!(few.weight, many.weight, "{what} is charged for the number of people");
		assert_eq!(few.reads, many.reads, "{what} reads more for more people");
		assert_eq!(few.reads_of_people, many.reads_of_people, "{what} reads more of more people");
		assert_eq!(few.writes, many.writes, "{what} writes more for more people");
		// Nothing is read but the branches by which the maps are deeper that people are in.
		let room = few.proof + many.reads_of_people * levels * BRANCH;
		assert!(
			many.proof <= room,
			"{what} reads {} bytes of the trie, not {} and at most {levels} branches more for each of {} keys",
			many.proof,
			few.proof,
			many.reads_of_people
		);
		// Those branches take time, too, and are not all of what takes time.
		assert!(many.least() < 2.0 * few.least(), "{what} takes longer for more people");
	}
}
