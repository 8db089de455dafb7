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
use usufruct_runtime::{AccountId, BlockNumber, Dividend, RuntimeCall, RuntimeOrigin, System};
use usufruct_tests::{
	acts::{Act, By},
	people::{self, EPOCH, OPENED},
};

const FEW: u32 = 100;
/// How often everything is timed, in turns.
const RUNS: usize = 15;
/// The block that closes the epoch in which all share.
const CLOSING: BlockNumber = OPENED + EPOCH;

/// What something costs, on one state.
struct Cost {
	/// Microseconds, each time it was done.
	times: Vec<f64>,
	/// Bytes of the trie that are read.
	proof: usize,
	/// How many values are written.
	writes: usize,
	/// What is charged for it.
	weight: Weight,
}

impl Cost {
	fn median(&self) -> f64 {
		let mut sorted = self.times.clone();
		sorted.sort_by(f64::total_cmp);
		sorted[sorted.len() / 2]
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
		let (weight, proof) = self.0.execute_and_prove(&act);
		let writes = self.0.overlayed_changes().changes().count();
		self.0.reset_overlay();
		Cost { times, proof: proof.encoded_size(), writes, weight }
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

#[test]
fn a_million_people_cost_what_a_hundred_cost() {
	let many = std::env::var("USUFRUCT_PEOPLE").ok();
	let many = many.map_or(10_000, |many| many.parse().expect("a number of people"));
	let (mut few, mut many_people) = (Chain::of(FEW), Chain::of(many));
	let mut costs = vec![("close", few.close(), many_people.close())];
	for act in Act::ALL {
		costs.push((act.name(), few.act(act), many_people.act(act)));
	}
	println!("{FEW} people against {many}: µs, bytes of proof, writes");
	for (what, few, many) in costs {
		let (times, proofs) = ((few.median(), many.median()), (few.proof, many.proof));
		println!(
			"{what:10} {:8.0} {:8.0} {:8} {:8} {:4} {:4}",
			times.0, times.1, proofs.0, proofs.1, few.writes, many.writes
		);
		assert_eq!(few.weight, many.weight, "{what} is charged for the number of people");
		assert_eq!(few.writes, many.writes, "{what} writes more for more people");
		// A trie is as deep as the logarithm of what is in it. A loop over people would read a hundred
		// times as much at least.
		assert!(proofs.1 < 4 * proofs.0, "{what} reads more for more people");
		assert!(times.1 < 6.0 * times.0, "{what} takes longer for more people");
	}
}
