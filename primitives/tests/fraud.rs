//! Properties of the rules of fraud: who keeps its records correctly is never convicted, and no
//! receipt that says anything else than it should escapes.

use proptest::{prelude::*, sample::Index};
use usufruct_primitives::{
	commitment::Request,
	fraud::{double, leaf, neighbours, Fraud, Terms, Version},
	submitted::{covering, paid_by, Place, SubmittedClaim},
	usage::Receipt,
	Balance, Meter, Seq, Status, VersionId,
};

const MODEL: u32 = 4;
const FLOOR: Balance = 5;
const MOST: Balance = 1_000;

/// What an oracle served of one request: units, price, status.
type Work = (u64, Balance, Status);

/// A batch of an oracle: its claims, and its receipts in the order of their leaves.
#[derive(Clone, Debug)]
struct Batch {
	claims: Vec<SubmittedClaim>,
	receipts: Vec<Receipt>,
}

fn work() -> impl Strategy<Value = Work> {
	let status = prop_oneof![Just(Status::Served), Just(Status::Partial), Just(Status::Failed)];
	(0u64..50, FLOOR..=MOST, status).prop_map(|(units, price, status)| match status {
		Status::Failed => (0, price, status),
		_ => (units, price, status),
	})
}

/// Runs of one channel: each of one version, one after the other.
fn channel() -> impl Strategy<Value = (Seq, Balance, Vec<(VersionId, Vec<Work>)>)> {
	let run = (1u32..4, proptest::collection::vec(work(), 1..6));
	(1u64..1_000, 0u128..1_000_000, proptest::collection::vec(run, 1..4))
}

fn request(receipt: &Receipt) -> Request {
	Request {
		channel_id: receipt.channel_id,
		request_id: [0; 16],
		model_version: receipt.model_version,
		input_commit: [0; 32],
		meter: receipt.meter,
		max_units: 50,
		unit_price: receipt.unit_price,
	}
}

/// What an honest oracle settles. `order` is that of its claims, which is free but within a channel.
fn batch() -> impl Strategy<Value = Batch> {
	(proptest::collection::vec(channel(), 1..5), any::<bool>()).prop_map(|(channels, reversed)| {
		let (mut groups, mut receipts) = (Vec::new(), Vec::new());
		for (id, (first, before, runs)) in (1u8..).zip(channels) {
			let (mut seq, mut total, mut claims) = (first, before, Vec::new());
			for (model_version, works) in runs {
				let (from_seq, total_before) = (seq, total);
				for (units, unit_price, status) in works {
					let amount = Balance::from(units) * unit_price;
					total += amount;
					let mut request_commit = [id; 32];
					request_commit[..8].copy_from_slice(&seq.to_le_bytes());
					receipts.push(Receipt {
						channel_id: [id; 32],
						seq,
						model: MODEL,
						model_version,
						meter: Meter::Element,
						status,
						units,
						unit_price,
						amount,
						total,
						request_commit,
						output_commit: [7; 32],
						started_ms: 0,
						took_ms: 0,
					});
					seq += 1;
				}
				claims.push(SubmittedClaim {
					channel_id: [id; 32],
					model_version,
					from_seq,
					to_seq: seq - 1,
					total_before,
					total_after: total,
					accepted: true,
				});
			}
			groups.push(claims);
		}
		if reversed {
			groups.reverse();
		}
		Batch { claims: groups.concat(), receipts }
	})
}

impl Batch {
	fn place(&self, receipt: &Receipt) -> Option<Place> {
		let claim = covering(&self.claims, &receipt.channel_id, receipt.seq)?;
		Some(Place::of(&self.claims, claim, receipt.seq))
	}

	/// What the leaf at `index` convicts of, if it carries what its receipt says.
	fn judge(&self, index: usize, request: &Request) -> Option<Fraud> {
		let receipt = &self.receipts[index];
		let version = match receipt.model_version {
			1..4 => Version::Of { model: MODEL, meter: Meter::Element, floor: FLOOR },
			_ => Version::Absent,
		};
		let terms = Terms { model: Some(MODEL), version, max_unit_price: Some(MOST) };
		let place = self.place(receipt);
		let (index, place) = (index as u32, place.as_ref());
		leaf(receipt, receipt.amount, index, place, &terms, Some(request))
	}

	/// What any two receipts convict of.
	fn contradiction(&self, index: usize) -> Option<Fraud> {
		let changed = &self.receipts[index];
		let around = index.saturating_sub(1)..(index + 2).min(self.receipts.len());
		let pair = self.receipts[around].windows(2).find_map(|pair| neighbours(&pair[0], &pair[1]));
		pair.or_else(|| self.receipts.iter().find_map(|other| double(other, changed)))
	}
}

/// One lie in a receipt.
#[derive(Clone, Debug)]
enum Lie {
	Channel(u8),
	Seq(Seq),
	Model(u32),
	Version(VersionId),
	Meter,
	Failed,
	Units(u64),
	Price(Balance),
	Amount(Balance),
	Total(Balance),
	Request(Index),
}

fn lie() -> impl Strategy<Value = Lie> {
	prop_oneof![
		any::<u8>().prop_map(Lie::Channel),
		prop_oneof![0u64..1_100, any::<u64>()].prop_map(Lie::Seq),
		any::<u32>().prop_map(Lie::Model),
		prop_oneof![0u32..6, any::<u32>()].prop_map(Lie::Version),
		Just(Lie::Meter),
		Just(Lie::Failed),
		prop_oneof![0u64..60, any::<u64>()].prop_map(Lie::Units),
		prop_oneof![0..2 * MOST, any::<Balance>()].prop_map(Lie::Price),
		prop_oneof![0..50 * MOST, any::<Balance>()].prop_map(Lie::Amount),
		prop_oneof![0..1_100_000u128, any::<Balance>()].prop_map(Lie::Total),
		any::<Index>().prop_map(Lie::Request),
	]
}

impl Lie {
	fn tell(&self, all: &mut [Receipt], index: usize) {
		let commits: Vec<_> = all.iter().map(|receipt| receipt.request_commit).collect();
		let receipt = &mut all[index];
		match self {
			Self::Channel(id) => receipt.channel_id = [*id; 32],
			Self::Seq(seq) => receipt.seq = *seq,
			Self::Model(model) => receipt.model = *model,
			Self::Version(version) => receipt.model_version = *version,
			Self::Meter => receipt.meter = Meter::Pixel,
			Self::Failed => receipt.status = Status::Failed,
			Self::Units(units) => receipt.units = *units,
			Self::Price(price) => receipt.unit_price = *price,
			Self::Amount(amount) => receipt.amount = *amount,
			Self::Total(total) => receipt.total = *total,
			Self::Request(of) => receipt.request_commit = *of.get(&commits),
		}
	}

	/// Whether it says anything that is not so.
	fn matters(&self, true_one: &Receipt, told: &Receipt) -> bool {
		let same_channel = |commit: &[u8; 32]| commit[8..] == told.channel_id[8..];
		match self {
			// That nothing was served is no lie if nothing was charged.
			Self::Failed => told.units > 0,
			// Whatever was asked in another channel is no double in this one.
			Self::Request(_) => told != true_one && same_channel(&told.request_commit),
			// A price of nothing served changes no amount; it is the request's that it must be.
			_ => told != true_one,
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(512))]

	#[test]
	fn who_keeps_correct_records_is_never_convicted(batch in batch()) {
		for (index, receipt) in batch.receipts.iter().enumerate() {
			prop_assert_eq!(batch.judge(index, &request(receipt)), None);
			prop_assert_eq!(batch.contradiction(index), None);
		}
	}

	#[test]
	fn no_lie_in_a_receipt_escapes(batch in batch(), at: Index, lie in lie()) {
		let index = at.index(batch.receipts.len());
		let honest = batch.receipts[index].clone();
		let mut told = batch.clone();
		lie.tell(&mut told.receipts, index);
		prop_assume!(lie.matters(&honest, &told.receipts[index]));
		let fraud = told.judge(index, &request(&honest)).or_else(|| told.contradiction(index));
		prop_assert!(fraud.is_some(), "{:?} in {:?}", lie, honest);
	}

	#[test]
	fn another_amount_in_the_leaf_is_fraud(batch in batch(), at: Index, amount: Balance) {
		let index = at.index(batch.receipts.len());
		let receipt = &batch.receipts[index];
		prop_assume!(amount != receipt.amount);
		let place = batch.place(receipt);
		let fraud = leaf(receipt, amount, index as u32, place.as_ref(), &Terms::default(), None);
		prop_assert_eq!(fraud, Some(Fraud::LeafAmount));
	}

	#[test]
	fn a_place_is_where_the_sorted_receipts_have_it(batch in batch()) {
		for (index, receipt) in batch.receipts.iter().enumerate() {
			let place = batch.place(receipt).expect("each receipt is claimed");
			prop_assert_eq!(place.index as usize, index);
			prop_assert!(place.allows(receipt.amount));
		}
	}

	#[test]
	fn what_a_channel_paid_is_the_sum_of_its_accepted_receipts(
		batch in batch(),
		verdicts in proptest::collection::vec(any::<bool>(), 16),
	) {
		let mut batch = batch;
		for (claim, accepted) in batch.claims.iter_mut().zip(verdicts) {
			claim.accepted = accepted;
		}
		for id in 0u8..6 {
			let accepted = |receipt: &&Receipt| {
				let claim = covering(&batch.claims, &receipt.channel_id, receipt.seq);
				receipt.channel_id == [id; 32] && claim.is_some_and(|claim| claim.accepted)
			};
			let sum: Balance = batch.receipts.iter().filter(accepted).map(|it| it.amount).sum();
			prop_assert_eq!(paid_by(&batch.claims, &[id; 32]), sum);
		}
	}
}

#[test]
fn what_is_skipped_has_places_and_ends_nowhere() {
	let claim = |from_seq, to_seq, accepted| SubmittedClaim {
		channel_id: [5; 32],
		model_version: 1,
		from_seq,
		to_seq,
		total_before: 10 * Balance::from(from_seq - 1),
		total_after: 10 * Balance::from(to_seq),
		accepted,
	};
	let claims = [claim(7, 7, false), claim(4, 6, true), claim(8, 9, false)];
	let place = |seq| {
		let claim = covering(&claims, &[5; 32], seq).expect("it is covered");
		Place::of(&claims, claim, seq)
	};
	let (first, last) = (place(4), place(6));
	assert_eq!((first.index, first.total_before, first.total_after), (0, Some(30), None));
	assert_eq!((last.index, last.total_before, last.total_after), (2, None, Some(60)));
	assert_eq!((last.least, last.most), (0, 30));
	let alone = place(7);
	assert_eq!((alone.index, alone.total_before, alone.total_after), (3, None, None));
	assert_eq!((alone.least, alone.most), (10, 10));
	assert_eq!(place(9).index, 5);
	assert!(covering(&claims, &[5; 32], 10).is_none() && covering(&claims, &[6; 32], 4).is_none());
}

#[test]
fn a_receipt_has_one_place_even_if_claims_overlapped() {
	let claim = |from_seq, to_seq, accepted| SubmittedClaim {
		channel_id: [5; 32],
		model_version: 1,
		from_seq,
		to_seq,
		total_before: 100,
		total_after: 150,
		accepted,
	};
	// Between the receipts 16 and 17 an oracle would hide a leaf, so that they are not neighbours.
	let claims = [claim(16, 17, true), claim(17, 17, false)];
	let place = Place::of(&claims, &claims[0], 17);
	let receipt = Receipt {
		channel_id: [5; 32],
		seq: 17,
		model: MODEL,
		model_version: 1,
		meter: Meter::Element,
		status: Status::Served,
		units: 2,
		unit_price: 5,
		amount: 10,
		total: 150,
		request_commit: [1; 32],
		output_commit: [2; 32],
		started_ms: 0,
		took_ms: 0,
	};
	let judge = |index| leaf(&receipt, 10, index, Some(&place), &Terms::default(), None);
	assert_eq!(judge(1), None);
	assert_eq!(judge(2), Some(Fraud::OutOfPlace));
}

#[test]
fn a_claim_of_all_numbers_there_are_does_not_overflow() {
	let all = SubmittedClaim {
		channel_id: [5; 32],
		model_version: 1,
		from_seq: 0,
		to_seq: Seq::MAX,
		total_before: Balance::MAX,
		total_after: 0,
		accepted: true,
	};
	assert_eq!((all.receipts(), all.amount()), (u64::MAX, 0));
	let claims = [all.clone(), all];
	assert_eq!(paid_by(&claims, &[5; 32]), 0);
	let place = Place::of(&claims, &claims[0], Seq::MAX);
	assert_eq!(place.index, u32::MAX);
}
