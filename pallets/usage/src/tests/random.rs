//! Random histories of honest and dishonest consumers and oracles, against a reference model that
//! is written from the rules and shares no code with the pallet.
//!
//! After every step the whole state is compared, to the planck. `USUFRUCT_CASES` sets the number of
//! histories.

mod reference;

use super::*;
use proptest::prelude::*;
use reference::Reference;
use usufruct_primitives::PersonId;

/// One of them is an oracle, too, which may be its own consumer.
const CONSUMERS: [AccountId32; 4] = [ALICE, BOB, CAROL, OMAR];
const ORACLES: [AccountId32; 2] = [OMAR, OLGA];
const VERSIONS: [(VersionId, ModelId); 3] = [(V0, MODEL), (V1, MODEL), (OTHER_V, OTHER_MODEL)];
/// The owner of each model.
const OWNERS: [AccountId32; 2] = [OWNER, AccountId32::new([5; 32])];
/// What must be paid in an epoch for concentration to be damped in the next.
const FLOOR: Balance = 5 * UFR;
const SPLITS: [[u32; 5]; 3] = [
	[200_000, 80_000, 20_000, 400_000, 300_000],
	[333_333, 66_667, 33_333, 333_333, 233_334],
	[100_001, 199_999, 10_007, 200_003, 489_990],
];

#[derive(Clone, Debug)]
enum Step {
	Open {
		consumer: usize,
		oracle: usize,
		model: ModelId,
		escrow: Balance,
		unacked: Balance,
		salt: u64,
	},
	TopUp {
		channel: usize,
		amount: Balance,
	},
	/// A dividend is put into a channel, with a bonus of the commons fund.
	Credit {
		channel: usize,
		amount: Balance,
		bonus: Balance,
	},
	Settle {
		oracle: usize,
		runs: Vec<Run>,
	},
	RequestClose {
		channel: usize,
		by_consumer: bool,
	},
	FinaliseClose {
		channel: usize,
		by_consumer: bool,
	},
	Flush,
	Collect {
		who: usize,
	},
	SetSplit {
		which: usize,
	},
	CloseEpoch,
	Pass {
		blocks: u32,
	},
	SetBond {
		oracle: usize,
		free: Balance,
	},
	ReplaceKey {
		channel: usize,
		by_consumer: bool,
	},
	Checkpoint {
		channel: usize,
		/// What the voucher allows, and accepts of receipts and money, beyond what is settled.
		more: (Balance, u64, Balance),
		key: usize,
	},
	CloseTogether {
		channel: usize,
		by_oracle: bool,
		/// How far what is agreed on is from what is settled.
		off: (u64, Balance),
		key: usize,
	},
	PayRoyalty {
		payer: usize,
		version: VersionId,
		amount: Balance,
	},
	SetSlope {
		slope: u32,
	},
	ListOwner {
		owner: usize,
		listed: bool,
	},
	Verify {
		owner: usize,
		person: Option<PersonId>,
	},
	SweepBatches {
		oracle: usize,
	},
	SweepFees {
		/// All that are unlisted, if none.
		owner: Option<usize>,
	},
}

/// A claim, as somebody makes it up.
#[derive(Clone, Debug)]
struct Run {
	/// Whether it is for a channel of the oracle that settles, which one, and whether for a version
	/// of its model.
	own: bool,
	channel: usize,
	version: Option<usize>,
	receipts: u64,
	amount: Balance,
	/// How many of the receipts, and how much of the amount, the consumer has not accepted.
	unacked: (u64, Balance),
	/// How many replacements ago the key was the channel's.
	key: usize,
	twist: Twist,
}

/// What is dishonest about it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Twist {
	None,
	ForgedVoucher,
	OtherChain,
	Gap,
	Replay,
	InflatedBefore,
	CapOneShort,
	AckOneShort,
	AckOneOver,
	AckedMoreReceipts,
	/// Not dishonest: it is on the voucher that was lodged, if there is one.
	OnLodged,
}

fn amounts() -> impl Strategy<Value = Balance> {
	prop_oneof![
		3 => 0..20u128,
		2 => 0..2 * ED,
		3 => 0..30 * UFR,
		1 => 0..200 * UFR,
	]
}

fn runs() -> impl Strategy<Value = Run> {
	let twist = prop_oneof![
		12 => Just(Twist::None),
		1 => Just(Twist::ForgedVoucher),
		1 => Just(Twist::OtherChain),
		1 => Just(Twist::Gap),
		1 => Just(Twist::Replay),
		1 => Just(Twist::InflatedBefore),
		1 => Just(Twist::CapOneShort),
		1 => Just(Twist::AckOneShort),
		1 => Just(Twist::AckOneOver),
		1 => Just(Twist::AckedMoreReceipts),
		2 => Just(Twist::OnLodged),
	];
	let version = prop_oneof![9 => (0..2usize).prop_map(Some), 1 => Just(None)];
	let own = prop::bool::weighted(0.9);
	let unacked =
		prop_oneof![2 => Just((0, 0)), 1 => (0..3u64, 0..4 * UFR), 1 => (1..3u64, 0..20u128)];
	(own, 0..12usize, version, 1..6u64, amounts(), unacked, keys(), twist).prop_map(
		|(own, channel, version, receipts, amount, unacked, key, twist)| Run {
			own,
			channel,
			version,
			receipts,
			amount,
			unacked,
			key,
			twist,
		},
	)
}

fn keys() -> impl Strategy<Value = usize> {
	prop_oneof![8 => Just(0), 2 => Just(1), 1 => Just(2)]
}

fn more() -> impl Strategy<Value = (Balance, u64, Balance)> {
	(amounts(), 0..4u64, amounts())
}

fn offs() -> impl Strategy<Value = (u64, Balance)> {
	prop_oneof![4 => Just((0, 0)), 1 => Just((1, 0)), 1 => Just((0, 1))]
}

fn steps() -> impl Strategy<Value = Step> {
	let (too_little, too_much) = (Just(MIN_ESCROW - 1), Just(2 * ENDOWMENT));
	let escrow = prop_oneof![1 => too_little, 8 => MIN_ESCROW..300 * UFR, 1 => too_much];
	let unacked = prop_oneof![1 => Just(0), 4 => 1..3 * UFR, 1 => Just(Balance::MAX)];
	prop_oneof![
		4 => (0..4usize, 0..2usize, 0..2u32, escrow, unacked, 0..4u64).prop_map(
			|(consumer, oracle, model, escrow, unacked, salt)| Step::Open {
				consumer, oracle, model, escrow, unacked, salt,
			}
		),
		2 => (0..12usize, amounts()).prop_map(|(channel, amount)| Step::TopUp { channel, amount }),
		2 => (0..12usize, amounts(), amounts())
			.prop_map(|(channel, amount, bonus)| Step::Credit { channel, amount, bonus }),
		12 => (0..2usize, prop::collection::vec(runs(), 1..6))
			.prop_map(|(oracle, runs)| Step::Settle { oracle, runs }),
		2 => (0..12usize, any::<bool>())
			.prop_map(|(channel, by_consumer)| Step::RequestClose { channel, by_consumer }),
		3 => (0..12usize, any::<bool>())
			.prop_map(|(channel, by_consumer)| Step::FinaliseClose { channel, by_consumer }),
		2 => Just(Step::Flush),
		2 => (0..6usize).prop_map(|who| Step::Collect { who }),
		1 => (0..3usize).prop_map(|which| Step::SetSplit { which }),
		2 => Just(Step::CloseEpoch),
		2 => (1..2 * WINDOW).prop_map(|blocks| Step::Pass { blocks }),
		1 => (0..2usize, 0..50 * UFR).prop_map(|(oracle, free)| Step::SetBond { oracle, free }),
		2 => (0..12usize, prop::bool::weighted(0.8))
			.prop_map(|(channel, by_consumer)| Step::ReplaceKey { channel, by_consumer }),
		4 => (0..12usize, more(), keys())
			.prop_map(|(channel, more, key)| Step::Checkpoint { channel, more, key }),
		1 => (0..12usize, prop::bool::weighted(0.8), offs(), keys()).prop_map(
			|(channel, by_oracle, off, key)| Step::CloseTogether { channel, by_oracle, off, key }
		),
		3 => (0..6usize, 0..4u32, amounts())
			.prop_map(|(payer, version, amount)| Step::PayRoyalty { payer, version, amount }),
		1 => (0..=PPM).prop_map(|slope| Step::SetSlope { slope }),
		1 => (0..2usize, any::<bool>())
			.prop_map(|(owner, listed)| Step::ListOwner { owner, listed }),
		1 => (0..2usize, prop::option::of(0..2u32))
			.prop_map(|(owner, person)| Step::Verify { owner, person }),
		1 => (0..2usize).prop_map(|oracle| Step::SweepBatches { oracle }),
		1 => prop::option::of(0..2usize).prop_map(|owner| Step::SweepFees { owner }),
	]
}

fn cases() -> u32 {
	std::env::var("USUFRUCT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(cases()))]

	#[test]
	fn no_history_creates_or_loses_a_planck(history in prop::collection::vec(steps(), 1..60)) {
		ExtBuilder::default().build_and_execute(|| {
			ConcentrationFloor::set(&FLOOR);
			for (model, owner) in OWNERS.iter().enumerate() {
				memory::Owners::insert(model as ModelId, owner);
			}
			let mut reference = Reference::new();
			reference.check();
			for step in &history {
				reference.step(step);
				reference.check();
			}
		});
	}
}
