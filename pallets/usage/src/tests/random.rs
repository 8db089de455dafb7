//! Random histories of honest and dishonest consumers and oracles, against a reference model that
//! is written from the rules and shares no code with the pallet.
//!
//! After every step the whole state is compared, to the planck. `USUFRUCT_CASES` sets the number of
//! histories.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use usufruct_primitives::{settlement::claims_hash, traits::OnEpochClose};

const CONSUMERS: [AccountId32; 3] = [ALICE, BOB, CAROL];
const ORACLES: [AccountId32; 2] = [OMAR, OLGA];
const VERSIONS: [(VersionId, ModelId); 3] = [(V0, MODEL), (V1, MODEL), (OTHER_V, OTHER_MODEL)];
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
	];
	let version = prop_oneof![9 => (0..2usize).prop_map(Some), 1 => Just(None)];
	let own = prop::bool::weighted(0.9);
	let unacked =
		prop_oneof![2 => Just((0, 0)), 1 => (0..3u64, 0..4 * UFR), 1 => (1..3u64, 0..20u128)];
	(own, 0..12usize, version, 1..6u64, amounts(), unacked, twist).prop_map(
		|(own, channel, version, receipts, amount, unacked, twist)| Run {
			own,
			channel,
			version,
			receipts,
			amount,
			unacked,
			twist,
		},
	)
}

fn steps() -> impl Strategy<Value = Step> {
	let (too_little, too_much) = (Just(MIN_ESCROW - 1), Just(2 * ENDOWMENT));
	let escrow = prop_oneof![1 => too_little, 8 => MIN_ESCROW..300 * UFR, 1 => too_much];
	let unacked = prop_oneof![1 => Just(0), 4 => 1..3 * UFR, 1 => Just(Balance::MAX)];
	prop_oneof![
		4 => (0..3usize, 0..2usize, 0..2u32, escrow, unacked, 0..4u64).prop_map(
			|(consumer, oracle, model, escrow, unacked, salt)| Step::Open {
				consumer, oracle, model, escrow, unacked, salt,
			}
		),
		2 => (0..12usize, amounts()).prop_map(|(channel, amount)| Step::TopUp { channel, amount }),
		12 => (0..2usize, prop::collection::vec(runs(), 1..6))
			.prop_map(|(oracle, runs)| Step::Settle { oracle, runs }),
		1 => (0..12usize, any::<bool>())
			.prop_map(|(channel, by_consumer)| Step::RequestClose { channel, by_consumer }),
		2 => (0..12usize).prop_map(|channel| Step::FinaliseClose { channel }),
		2 => Just(Step::Flush),
		2 => (0..5usize).prop_map(|who| Step::Collect { who }),
		1 => (0..3usize).prop_map(|which| Step::SetSplit { which }),
		2 => Just(Step::CloseEpoch),
		2 => (1..2 * WINDOW).prop_map(|blocks| Step::Pass { blocks }),
		1 => (0..2usize, 0..50 * UFR).prop_map(|(oracle, free)| Step::SetBond { oracle, free }),
	]
}

/// A channel as the model sees it.
#[derive(Clone)]
struct Account {
	consumer: AccountId32,
	oracle: AccountId32,
	model: ModelId,
	escrow: Balance,
	unacked: Balance,
	seq: u64,
	total: Balance,
	closes_at: Option<u32>,
	closed: bool,
}

/// The rules, in words as plain as they can be.
struct Reference {
	now: u32,
	free: BTreeMap<AccountId32, Balance>,
	bonds: BTreeMap<AccountId32, Balance>,
	salts: BTreeMap<AccountId32, u64>,
	batches: BTreeMap<AccountId32, u64>,
	/// Every channel there ever was, in order.
	channels: Vec<(ChannelId, Account)>,
	weights: [u32; 5],
	next_weights: Option<[u32; 5]>,
	/// What was divided under these weights.
	divided: Balance,
	credit: BTreeMap<AccountId32, Balance>,
	due: [Balance; 3],
	pots: [Balance; 3],
	revenue: BTreeMap<VersionId, Balance>,
}

fn share(total: Balance, weight: u32) -> Balance {
	// No history comes near 2^108 planck.
	total * Balance::from(weight) / 1_000_000
}

impl Reference {
	fn new() -> Self {
		let everybody = CONSUMERS.into_iter().chain(ORACLES);
		Self {
			now: 1,
			free: everybody.map(|who| (who, ENDOWMENT)).collect(),
			bonds: ORACLES.into_iter().map(|who| (who, BOND)).collect(),
			salts: BTreeMap::new(),
			batches: BTreeMap::new(),
			channels: Vec::new(),
			weights: SPLITS[0],
			next_weights: None,
			divided: 0,
			credit: BTreeMap::new(),
			due: [0; 3],
			pots: [ED; 3],
			revenue: BTreeMap::new(),
		}
	}

	fn shares(&self) -> [Balance; 5] {
		self.weights.map(|weight| share(self.divided, weight))
	}

	fn dust(&self) -> Balance {
		self.divided - self.shares().iter().sum::<Balance>()
	}

	fn free_mut(&mut self, who: &AccountId32) -> &mut Balance {
		self.free.get_mut(who).unwrap()
	}

	/// Puts money on hold, or says that the consumer has too little.
	fn hold(&mut self, who: &AccountId32, amount: Balance) -> bool {
		let free = self.free_mut(who);
		let enough = *free >= ED && amount <= *free - ED;
		if enough {
			*free -= amount;
		}
		enough
	}

	/// Whether a claim is accepted, by the rules of settlement as they are written down.
	fn accepts(&self, oracle: &AccountId32, claim: &Claim, genuine: bool) -> bool {
		let known = self.channels.iter().find(|(id, _)| *id == claim.channel_id);
		let Some((_, channel)) = known.filter(|(_, channel)| !channel.closed) else {
			return false;
		};
		let of_model = VERSIONS.contains(&(claim.model_version, channel.model));
		let voucher = &claim.voucher;
		let unacked = voucher.ack_total.checked_add(channel.unacked).unwrap_or(Balance::MAX);
		let acknowledged = match claim.to_seq.cmp(&voucher.ack_seq) {
			std::cmp::Ordering::Less => claim.total_after <= voucher.ack_total,
			std::cmp::Ordering::Equal => claim.total_after == voucher.ack_total,
			std::cmp::Ordering::Greater => {
				(voucher.ack_total..=unacked).contains(&claim.total_after)
			},
		};
		let amount = claim.total_after - claim.total_before;
		genuine
			&& channel.oracle == *oracle
			&& of_model
			&& claim.from_seq == channel.seq + 1
			&& claim.total_before == channel.total
			&& claim.total_after <= voucher.cap
			&& amount <= channel.escrow
			&& acknowledged
			&& amount + amount / 2 <= self.bonds[oracle]
	}

	fn pay(&mut self, oracle: &AccountId32, claim: &Claim) {
		let amount = claim.total_after - claim.total_before;
		*self.bonds.get_mut(oracle).unwrap() -= amount + amount / 2;
		let known = self.channels.iter_mut().find(|(id, _)| *id == claim.channel_id);
		let (_, channel) = known.unwrap();
		channel.escrow -= amount;
		(channel.seq, channel.total) = (claim.to_seq, claim.total_after);
		let before = self.shares();
		self.divided += amount;
		let after = self.shares();
		for pot in 0..3 {
			self.due[pot] += after[pot] - before[pot];
		}
		*self.credit.entry(oracle.clone()).or_default() += after[3] - before[3];
		*self.revenue.entry(claim.model_version).or_default() += after[4] - before[4];
	}

	fn flush(&mut self) -> bool {
		let moved = self.due != [0; 3];
		for pot in 0..3 {
			self.pots[pot] += std::mem::take(&mut self.due[pot]);
		}
		moved
	}

	/// The claim that a run stands for, on top of what was planned in the same batch before, and
	/// whether its voucher is genuine.
	fn plan(
		&self,
		oracle: &AccountId32,
		run: &Run,
		planned: &BTreeMap<ChannelId, (u64, Balance)>,
	) -> Option<(Claim, bool)> {
		let own = |channel: &Account| channel.oracle == *oracle && !channel.closed;
		let candidates: Vec<_> =
			self.channels.iter().filter(|(_, channel)| !run.own || own(channel)).collect();
		let (id, channel) = candidates.get(run.channel % candidates.len().max(1))?;
		let fitting: Vec<_> = VERSIONS.iter().filter(|(_, of)| *of == channel.model).collect();
		let model_version = match run.version {
			Some(nth) => fitting[nth % fitting.len()].0,
			None => [OTHER_V, V1, 99][run.channel % 3],
		};
		let (seq, total) = *planned.get(id).unwrap_or(&(channel.seq, channel.total));
		let (mut from_seq, mut total_before) = (seq + 1, total);
		match run.twist {
			Twist::Gap => from_seq += 1,
			Twist::Replay => (from_seq, total_before) = (1, 0),
			Twist::InflatedBefore => total_before += 1,
			_ => (),
		}
		let (to_seq, total_after) = (from_seq + run.receipts - 1, total_before + run.amount);
		let mut voucher = ClaimVoucher {
			cap: total_after,
			request_commit: [run.channel as u8; 32],
			ack_seq: to_seq.saturating_sub(run.unacked.0),
			ack_total: total_after.saturating_sub(run.unacked.1),
			serve_until: 0,
			signature: [0; 64],
		};
		match run.twist {
			Twist::CapOneShort => voucher.cap = voucher.cap.saturating_sub(1),
			Twist::AckOneShort => voucher.ack_total = voucher.ack_total.saturating_sub(1),
			Twist::AckOneOver => voucher.ack_total += 1,
			Twist::AckedMoreReceipts => voucher.ack_seq += 2,
			_ => (),
		}
		let claim = Claim {
			channel_id: *id,
			model_version,
			from_seq,
			to_seq,
			total_before,
			total_after,
			voucher,
		};
		Some(match run.twist {
			Twist::ForgedVoucher => (signed(claim, &key_of(&channel.oracle)), false),
			Twist::OtherChain => (signed_on(claim, &key_of(&channel.consumer), &[1; 32]), false),
			_ => (signed(claim, &key_of(&channel.consumer)), true),
		})
	}

	/// Takes one step on both sides.
	fn step(&mut self, step: &Step) {
		let pick = |index: &usize| self.channels.get(index % self.channels.len().max(1)).cloned();
		match step {
			Step::Open { consumer, oracle, model, escrow, unacked, salt } => {
				let (consumer, oracle) = (&CONSUMERS[*consumer], &ORACLES[*oracle]);
				// Sometimes a salt that was used.
				let salt = self.salts.get(consumer).map_or(*salt, |last| last + salt);
				let call = Call::open_channel {
					oracle: oracle.clone(),
					model: *model,
					salt,
					key: key_of(consumer).verifying_key().to_bytes(),
					escrow: *escrow,
					max_unit_price: 1,
					max_unacked: *unacked,
				};
				let unused = self.salts.get(consumer).is_none_or(|last| salt > *last);
				let fine =
					unused && *unacked > 0 && *escrow >= MIN_ESCROW && self.hold(consumer, *escrow);
				assert_eq!(dispatch(consumer, call).is_ok(), fine);
				if fine {
					self.salts.insert(consumer.clone(), salt);
					let account = Account {
						consumer: consumer.clone(),
						oracle: oracle.clone(),
						model: *model,
						escrow: *escrow,
						unacked: *unacked,
						seq: 0,
						total: 0,
						closes_at: None,
						closed: false,
					};
					let id = usage_channel_id(consumer, oracle, *model, salt);
					self.channels.push((id, account));
				}
			},
			Step::TopUp { channel, amount } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let fine = *amount > 0
					&& !known.closed
					&& known.closes_at.is_none()
					&& self.hold(&known.consumer, *amount);
				let call = Call::top_up { channel_id, amount: *amount };
				assert_eq!(dispatch(&known.consumer, call).is_ok(), fine);
				if fine {
					self.account_mut(channel_id).escrow += amount;
				}
			},
			Step::Settle { oracle, runs } => self.settle(&ORACLES[*oracle], runs),
			Step::RequestClose { channel, by_consumer } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let who = if *by_consumer { &known.consumer } else { &known.oracle };
				let fine = *by_consumer && !known.closed && known.closes_at.is_none();
				assert_eq!(dispatch(who, Call::request_close { channel_id }).is_ok(), fine);
				if fine {
					self.account_mut(channel_id).closes_at = Some(self.now + WINDOW);
				}
			},
			Step::FinaliseClose { channel } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let due = known.closes_at.is_some_and(|at| self.now >= at);
				let fine = due && !known.closed;
				assert_eq!(dispatch(&CAROL, Call::finalise_close { channel_id }).is_ok(), fine);
				if fine {
					let account = self.account_mut(channel_id);
					let escrow = std::mem::take(&mut account.escrow);
					account.closed = true;
					*self.free_mut(&known.consumer) += escrow;
				}
			},
			Step::Flush => {
				let moved = self.flush();
				assert_eq!(dispatch(&BOB, Call::flush {}).is_ok(), moved);
			},
			Step::Collect { who } => {
				let who = CONSUMERS.iter().chain(&ORACLES).nth(*who).unwrap();
				let due = self.credit.remove(who).unwrap_or(0);
				assert_eq!(dispatch(who, Call::collect {}).is_ok(), due > 0);
				*self.free_mut(who) += due;
			},
			Step::SetSplit { which } => {
				let [dividend, commons, security, oracle, model] = SPLITS[*which];
				let split = Split { dividend, commons, security, oracle, model };
				assert_ok!(dispatch_root(Call::set_split { split }));
				self.next_weights = Some(SPLITS[*which]);
			},
			Step::CloseEpoch => {
				Usage::on_epoch_close(0);
				if let Some(weights) = self.next_weights.take() {
					self.due[0] += self.dust();
					(self.weights, self.divided) = (weights, 0);
				}
				self.flush();
			},
			Step::Pass { blocks } => {
				self.now += blocks;
				System::set_block_number(self.now);
			},
			Step::SetBond { oracle, free } => {
				memory::Bonds::insert(&ORACLES[*oracle], (true, *free));
				self.bonds.insert(ORACLES[*oracle].clone(), *free);
			},
		}
	}

	fn account_mut(&mut self, id: ChannelId) -> &mut Account {
		&mut self.channels.iter_mut().find(|(known, _)| *known == id).unwrap().1
	}

	fn settle(&mut self, oracle: &AccountId32, runs: &[Run]) {
		let mut planned = BTreeMap::new();
		let mut claims = Vec::new();
		for run in runs {
			let Some((claim, genuine)) = self.plan(oracle, run, &planned) else { return };
			if run.twist == Twist::None {
				planned.insert(claim.channel_id, (claim.to_seq, claim.total_after));
			}
			claims.push((claim, genuine));
		}
		let plain: Vec<_> = claims.iter().map(|(claim, _)| claim.clone()).collect();
		let batch_no = *self.batches.get(oracle).unwrap_or(&0);
		assert_eq!(NextBatch::<Test>::get(oracle), batch_no);
		let outcome = settle(oracle, &plain);

		let divided = self.divided;
		let accepted: Vec<_> = claims
			.iter()
			.map(|(claim, genuine)| {
				let accepted = self.accepts(oracle, claim, *genuine);
				if accepted {
					self.pay(oracle, claim);
				}
				accepted
			})
			.collect();
		assert_eq!(outcome.is_ok(), accepted.contains(&true), "{outcome:?}");
		if outcome.is_err() {
			return;
		}
		self.batches.insert(oracle.clone(), batch_no + 1);
		let batch = Batches::<Test>::get(oracle, batch_no).unwrap();
		assert_eq!(batch.accepted_total, self.divided - divided);
		assert_eq!(batch.claims_hash, claims_hash(&plain, &accepted));
		let named: Vec<_> = skipped().iter().map(|(index, _)| usize::from(*index)).collect();
		let refused: Vec<_> = (0..accepted.len()).filter(|index| !accepted[*index]).collect();
		assert_eq!(named, refused);
	}

	/// Compares everything there is.
	fn check(&self) {
		let mut on_hold = BTreeMap::<_, Balance>::new();
		let mut open = 0;
		for (id, expected) in &self.channels {
			let found = Channels::<Test>::get(id);
			assert_eq!(found.is_none(), expected.closed);
			let Some(found) = found else { continue };
			open += 1;
			assert_eq!(found.escrow, expected.escrow);
			assert_eq!((found.settled_seq, found.settled_total), (expected.seq, expected.total));
			let state = match expected.closes_at {
				None => ChannelState::Open,
				Some(closes_at) => ChannelState::Closing { closes_at },
			};
			assert_eq!(found.state, state);
			*on_hold.entry(&expected.consumer).or_default() += expected.escrow;
		}
		assert_eq!(Channels::<Test>::iter().count(), open);
		for (who, balance) in &self.free {
			assert_eq!(free(who), *balance);
			assert_eq!(held(who), *on_hold.get(who).unwrap_or(&0));
			assert_eq!(OracleCredit::<Test>::get(who), *self.credit.get(who).unwrap_or(&0));
			assert_eq!(LastSalt::<Test>::get(who).as_ref(), self.salts.get(who));
		}
		for (who, bond) in &self.bonds {
			assert_eq!(memory::Bonds::get(who).unwrap().1, *bond);
		}
		for (version, _) in VERSIONS {
			assert_eq!(revenue(version), *self.revenue.get(&version).unwrap_or(&0));
		}
		let [dividend, commons, security] = self.due;
		assert_eq!(Pending::<Test>::get(), PotParts { dividend, commons, security });
		assert_eq!([DIVIDEND, COMMONS, SECURITY].map(|pot| free(&pot)), self.pots);
		assert_eq!(free(&MODELS), ED + self.revenue.values().sum::<Balance>());
		let ledger = FeeLedger::<Test>::get();
		assert_eq!((ledger.total, ledger.credited), (self.divided, self.shares()));
		let owed =
			self.dust() + self.due.iter().sum::<Balance>() + self.credit.values().sum::<Balance>();
		assert_eq!(free(&settlement_account()), ED + owed);

		// All the money there was is still there, and nowhere else.
		let people = self.free.values().sum::<Balance>() + on_hold.values().sum::<Balance>();
		let pots = self.pots.iter().sum::<Balance>() + self.revenue.values().sum::<Balance>();
		assert_eq!(people + pots + ED + ED + owed, Balances::total_issuance());
		assert_eq!(Balances::total_issuance(), 5 * ENDOWMENT + 5 * ED);
		assert_ok!(Usage::do_try_state());
	}
}

fn cases() -> u32 {
	std::env::var("USUFRUCT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(256)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(cases()))]

	#[test]
	fn no_history_creates_or_loses_a_planck(history in prop::collection::vec(steps(), 1..60)) {
		ExtBuilder::default().build_and_execute(|| {
			let mut reference = Reference::new();
			reference.check();
			for step in &history {
				reference.step(step);
				reference.check();
			}
		});
	}
}
