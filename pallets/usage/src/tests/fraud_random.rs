//! Random honest oracles, against whom no evidence however made up holds, and random dishonest
//! ones, whom whoever knows all leaves always convicts.
//!
//! `USUFRUCT_CASES` sets the number of cases of each.

use super::{fraud_world::*, *};
use proptest::prelude::*;
use std::collections::BTreeMap;
use usufruct_primitives::{usage::Receipt, Meter, Status};

const CONSUMERS: [AccountId32; 3] = [ALICE, BOB, CAROL];

fn cases() -> u32 {
	std::env::var("USUFRUCT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

/// A request that an honest oracle serves.
#[derive(Clone, Debug)]
struct Asked {
	version: VersionId,
	units: u64,
	price: Balance,
	failed: bool,
}

/// What is asked before each settlement, by consumer, and whose claims are skipped in it.
#[derive(Clone, Debug)]
struct Batches {
	asked: Vec<[Vec<Asked>; 3]>,
	skipped: Vec<usize>,
}

fn asked() -> impl Strategy<Value = Asked> {
	let version = prop_oneof![3 => Just(V0), 1 => Just(V1)];
	(version, 0..5u64, 1..=PRICE, prop::bool::weighted(0.2))
		.prop_map(|(version, units, price, failed)| Asked { version, units, price, failed })
}

fn batches() -> impl Strategy<Value = Batches> {
	let of_one = || prop::collection::vec(asked(), 0..4);
	(1..4usize)
		.prop_flat_map(move |count| {
			let asked = prop::collection::vec([of_one(), of_one(), of_one()], count);
			(asked, prop::collection::vec(0..6usize, count))
		})
		.prop_map(|(asked, skipped)| Batches { asked, skipped })
}

/// Serves and settles all of it as an honest oracle does.
fn honest_history(plan: &Batches) -> Vec<SettledBatch> {
	let ids = CONSUMERS.map(|consumer| open(&consumer, &OMAR));
	let mut pending = BTreeMap::<usize, Vec<Served>>::new();
	let mut last = BTreeMap::<usize, Receipt>::new();
	let mut settled = Vec::new();
	for (asked, skipped) in plan.asked.iter().zip(&plan.skipped) {
		for (who, asked) in asked.iter().enumerate() {
			for Asked { version, units, price, failed } in asked {
				let status = if *failed { Status::Failed } else { Status::Served };
				let served = serve_as(ids[who], last.get(&who), *version, *units, *price, status);
				last.insert(who, served.receipt.clone());
				pending.entry(who).or_default().push(served);
			}
		}
		let served: Vec<_> = pending.values().flatten().cloned().collect();
		if served.is_empty() {
			continue;
		}
		let mut batch = draft(&served);
		// A voucher that does not count yet, as long as another claim does.
		let late = ids
			.get(*skipped)
			.filter(|late| batch.claims.iter().any(|claim| claim.channel_id != **late));
		for claim in batch.claims.iter_mut().filter(|claim| Some(&claim.channel_id) == late) {
			claim.voucher.signature = [0; 64];
		}
		System::set_block_number(System::block_number() + 3);
		settled.push(batch.settle(&OMAR));
		pending.retain(|who, _| Some(&ids[*who]) == late);
	}
	settled
}

/// Something that somebody tries against an honest oracle.
#[derive(Clone, Debug)]
struct Attempt {
	what: u8,
	batch: usize,
	first: usize,
	second: usize,
	twists: Vec<u8>,
}

fn attempts() -> impl Strategy<Value = Attempt> {
	(0..7u8, 0..4usize, 0..40usize, 0..40usize, prop::collection::vec(any::<u8>(), 0..3)).prop_map(
		|(what, batch, first, second, twists)| Attempt { what, batch, first, second, twists },
	)
}

fn twist_receipt(receipt: &mut Receipt, twist: u8) {
	match twist % 11 {
		0 => receipt.seq ^= 1,
		1 => receipt.units += 1,
		2 => receipt.unit_price += 1,
		3 => receipt.amount += 1,
		4 => receipt.total += 1,
		5 => receipt.model_version ^= 1,
		6 => receipt.meter = Meter::Element,
		7 => receipt.status = Status::Failed,
		8 => receipt.request_commit[0] ^= 1,
		9 => receipt.took_ms += 1,
		_ => receipt.channel_id[31] ^= 1,
	}
}

fn twist_proof(proof: &mut LeafProof, twist: u8) {
	let nth = twist as usize / 8;
	let length = proof.siblings.len().max(1);
	match twist % 8 {
		0 => proof.index += 1,
		1 => proof.index = proof.index.wrapping_sub(1),
		2 => drop(proof.siblings.pop()),
		kind => {
			if let Some(node) = proof.siblings.get_mut(nth % length) {
				match kind {
					3 => node.hash[0] ^= 1,
					4 => node.sum += 1,
					5 => node.count += 1,
					6 => node.sum = Balance::MAX,
					_ => node.sum = node.sum.wrapping_sub(1),
				}
			}
		},
	}
}

fn twist_claims(batch: &mut SettledBatch, twist: u8) {
	let nth = twist as usize / 7 % batch.claims.len();
	let claim = &mut batch.claims[nth];
	match twist % 7 {
		0 => claim.from_seq += 1,
		1 => claim.to_seq -= 1,
		2 => claim.total_before += 1,
		3 => claim.total_after += 1,
		4 => claim.accepted ^= true,
		5 => claim.model_version ^= 1,
		_ => drop(batch.claims.remove(nth)),
	}
}

fn twist_settled(settled: &mut SettledReceipt, twist: u8) {
	match twist % 3 {
		0 => twist_receipt(&mut settled.receipt, twist / 3),
		1 => twist_proof(&mut settled.proof, twist / 3),
		_ => settled.amount += 1,
	}
}

/// What the oracle signed, or something that looks like it.
fn twisted_signature(receipt: &Receipt, twists: &[u8]) -> Evidence {
	let mut signed = signed_by(&OMAR, receipt);
	for twist in twists {
		match twist % 4 {
			0 => twist_receipt(&mut signed.receipt, twist / 4),
			1 => signed.signature[0] ^= 1,
			2 => signed = signed_by(&OLGA, &signed.receipt),
			_ => signed.key = receipt_key_of(&OLGA).verifying_key().to_bytes(),
		}
	}
	Evidence::Signed(signed)
}

/// Tries it; nothing comes of it but demands that are answered.
fn attempt(history: &[SettledBatch], attempt: &Attempt) {
	let Attempt { what, batch, first, second, twists } = attempt;
	let mut batch = history[batch % history.len()].clone();
	let other = history[second % history.len()].clone();
	let count = batch.draft.leaves.len();
	let index = first % count;
	let twist = |nth: usize| twists.get(nth).copied();
	let refused = |call: Call<Test>| {
		let outcome = dispatch(&REPORTER, call.clone());
		assert!(outcome.is_err(), "{call:?}");
	};
	match what {
		0 => {
			if let Some(twist) = twist(1) {
				twist_claims(&mut batch, twist);
			}
			let mut settled = batch.settled(index);
			if let Some(twist) = twist(0) {
				twist_settled(&mut settled, twist);
			}
			let asked = batch.draft.served[second % count].request.clone();
			let request = (second % 2 == 0).then_some(asked);
			let SettledReceipt { receipt, amount, proof } = settled;
			let shown = ShownLeaf::Receipt { receipt, amount, request };
			refused(batch.report_shown(shown, proof));
		},
		1 => {
			let Receipt { channel_id, seq, .. } = *batch.receipt(second % count);
			let mut proof = batch.proof(index);
			let mut leaf = batch.draft.leaves[index].0;
			match twist(0) {
				Some(twist) if twist % 2 == 0 => twist_proof(&mut proof, twist / 2),
				Some(_) => leaf.amount += 1,
				None => (),
			}
			refused(batch.report_shown(ShownLeaf::Opaque { channel_id, seq, leaf }, proof));
		},
		2 => {
			let right = if twists.is_empty() { (index + 1) % count } else { second % count };
			let (mut left, mut right) =
				(batch.settled(index), other.settled(right % other.draft.leaves.len()));
			if let Some(twist) = twist(0) {
				twist_settled(&mut left, twist);
			}
			if let Some(twist) = twist(1) {
				twist_settled(&mut right, twist);
			}
			refused(Call::report_pair {
				oracle: OMAR,
				batch_no: batch.batch_no,
				claims: batch.claims(),
				left,
				right,
				opening: None,
			});
		},
		3 => {
			let mut settled = other.settled(second % other.draft.leaves.len());
			if let Some(twist) = twist(0) {
				twist_settled(&mut settled, twist);
			}
			let evidence = Evidence::Settled { batch_no: other.batch_no, settled };
			refused(batch.report_double(batch.evidence(index), evidence));
		},
		4 | 5 => {
			let receipt = other.receipt(second % other.draft.leaves.len());
			let signed = twisted_signature(receipt, twists);
			let first = if *what == 4 {
				batch.evidence(index)
			} else {
				twisted_signature(batch.receipt(index), &[])
			};
			refused(batch.report_double(first, signed));
		},
		_ => {
			if dispatch(&REPORTER, batch.demand(index)).is_err() {
				let Receipt { channel_id, seq, .. } = *batch.receipt(index);
				let covers = |claim: &&SubmittedClaim| {
					claim.channel_id == channel_id && (claim.from_seq..=claim.to_seq).contains(&seq)
				};
				assert!(!batch.claims.iter().find(covers).unwrap().accepted);
				return;
			}
			refused(batch.enforce(index));
			assert_ok!(dispatch(&OMAR, batch.answering(batch.answer(index))));
		},
	}
}

/// One way to cheat.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Crime {
	MoreUnits,
	OtherLeafAmount,
	Dearer,
	Cheaper,
	OtherMeter,
	OtherModel,
	OtherVersion,
	FailedCharged,
	OtherNumber,
	Swapped,
	OtherTotal,
	OtherChannel,
	NoReceipt,
	NoVoucher,
	MoreThanAsked,
	Equivocation,
	RequestTwice,
	OtherRoot,
	MoreClaimedThanServed,
}

const CRIMES: [Crime; 19] = [
	Crime::MoreUnits,
	Crime::OtherLeafAmount,
	Crime::Dearer,
	Crime::Cheaper,
	Crime::OtherMeter,
	Crime::OtherModel,
	Crime::OtherVersion,
	Crime::FailedCharged,
	Crime::OtherNumber,
	Crime::Swapped,
	Crime::OtherTotal,
	Crime::OtherChannel,
	Crime::NoReceipt,
	Crime::NoVoucher,
	Crime::MoreThanAsked,
	Crime::Equivocation,
	Crime::RequestTwice,
	Crime::OtherRoot,
	Crime::MoreClaimedThanServed,
];

/// Commits the crime in an honest draft and settles it; also what else the oracle signed.
fn commit(
	mut draft: Draft,
	crime: Crime,
	index: usize,
	other: usize,
) -> (SettledBatch, Vec<SignedReceipt>) {
	let mut signed = Vec::new();
	match crime {
		Crime::MoreUnits => draft = draft.with_receipt(index, |receipt| receipt.units += 1),
		Crime::OtherLeafAmount => {
			draft.leaves[index].0.amount += 1;
			draft.leaves[other].0.amount -= 1;
		},
		Crime::Dearer => {
			draft = draft.with_receipt(index, |receipt| {
				(receipt.units, receipt.unit_price, receipt.amount) = (1, UFR + 1, UFR + 1);
				receipt.total += UFR;
			});
		},
		Crime::Cheaper => memory::Floors::insert(V0, vec![(0, PRICE + 1)]),
		Crime::OtherMeter => draft = draft.with_receipt(index, |it| it.meter = Meter::Element),
		Crime::OtherModel => draft = draft.with_receipt(index, |it| it.model = OTHER_MODEL),
		Crime::OtherVersion => draft = draft.with_receipt(index, |it| it.model_version = V1),
		Crime::FailedCharged => {
			draft = draft.with_receipt(index, |it| it.status = Status::Failed);
		},
		Crime::OtherNumber => {
			draft = draft.with_receipt(index, |it| it.seq = 1 + (it.seq + other as u64) % 9);
		},
		Crime::Swapped => draft.leaves.swap(index, other),
		Crime::OtherTotal => draft = draft.with_receipt(index, |it| it.total += 1),
		Crime::OtherChannel => draft = draft.with_receipt(index, |it| it.channel_id[0] ^= 1),
		Crime::NoReceipt => draft.leaves[index].0.digest = [1; 32],
		Crime::NoVoucher => draft.served[index].signature[0] ^= 1,
		Crime::MoreThanAsked => {
			let served = &mut draft.served[index];
			served.request.max_units = 0;
			let commit = served.request.commit(&GENESIS);
			served.voucher.request_commit = commit;
			let consumer = channel(served.voucher.channel_id).consumer;
			let signature = key_of(&consumer).sign(&served.voucher.digest(&GENESIS));
			served.signature = signature.to_bytes();
			draft = draft.with_receipt(index, |receipt| receipt.request_commit = commit);
		},
		Crime::Equivocation => {
			let mut receipt = draft.leaves[index].1.clone();
			receipt.output_commit[0] ^= 1;
			signed.push(signed_by(&OMAR, &receipt));
		},
		Crime::RequestTwice => {
			let id = draft.leaves[index].1.channel_id;
			let twin = draft
				.leaves
				.iter()
				.enumerate()
				.find(|(place, (_, receipt))| *place != index && receipt.channel_id == id);
			let (place, (_, receipt)) = twin.unwrap();
			let commit = receipt.request_commit;
			let answered = draft.served[place].clone();
			draft = draft.with_receipt(index, |receipt| receipt.request_commit = commit);
			// The voucher is there; that is not what gives it away.
			let served = &mut draft.served[index];
			(served.voucher, served.signature) = (answered.voucher, answered.signature);
		},
		Crime::OtherRoot => return (draft.settle_under(&OMAR, [1; 32]), signed),
		Crime::MoreClaimedThanServed => {
			let last = draft.claims.len() - 1;
			let mut claim = draft.claims[last].clone();
			claim.total_after += PRICE;
			draft.claims[last] = with_voucher(claim, |voucher| {
				voucher.cap += PRICE;
				voucher.ack_total += PRICE;
			});
		},
	}
	(draft.settle(&OMAR), signed)
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(cases()))]

	#[test]
	fn no_evidence_holds_against_an_honest_oracle(
		plan in batches(),
		tries in prop::collection::vec(attempts(), 1..40),
	) {
		ExtBuilder::default().build_and_execute(|| {
			fund_reporter();
			let history = honest_history(&plan);
			if history.is_empty() {
				return;
			}
			for batch in &history {
				let count = batch.draft.leaves.len();
				for index in 0..count {
					let call = batch.report_shown(batch.shown_with_request(index), batch.proof(index));
					assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NoFraud);
				}
				for right in 1..count {
					let call = batch.report_pair(right - 1, right);
					assert_noop!(dispatch(&REPORTER, call), Error::<Test>::NoFraud);
				}
			}
			for one in &tries {
				attempt(&history, one);
			}
			assert_eq!(slashes(), []);
			assert_eq!(Charges::<Test>::iter().count(), 0);
		});
	}

	#[test]
	fn who_knows_all_leaves_convicts_a_dishonest_oracle(
		crime in prop::sample::select(&CRIMES[..]),
		(hers, his) in (2..5u64, 2..5u64),
		(index, other) in (0..8usize, 1..4usize),
	) {
		ExtBuilder::default().build_and_execute(|| {
			fund_reporter();
			let ids = [open(&ALICE, &OMAR), open(&BOB, &OMAR)];
			let draft = draft(&[serve_run(ids[0], hers), serve_run(ids[1], his)].concat());
			let count = draft.leaves.len();
			let index = index % count;
			let other = (index + 1 + other % (count - 1)) % count;
			let unchanged = crime == Crime::OtherNumber && {
				let seq = draft.leaves[index].1.seq;
				1 + (seq + other as u64) % 9 == seq
			};
			let paid = |who: &AccountId32| {
				let of = |claim: &&Claim| channel(claim.channel_id).consumer == *who;
				let claims = draft.claims.iter().filter(of);
				claims.map(|claim| claim.amount().unwrap()).sum::<Balance>()
			};
			let most: BTreeMap<_, _> = [ALICE, BOB].map(|who| (who.clone(), paid(&who))).into();
			let (batch, signed) = commit(draft, crime, index, other);
			if unchanged {
				return;
			}
			assert!(batch.prosecute(&REPORTER, &signed), "{crime:?}");

			let convictions = slashes();
			assert_eq!(convictions.len(), 1);
			let slash = &convictions[0];
			assert_eq!(slash.settled_at, Some(1));
			assert_eq!(locked(&OMAR), 0);
			if let Some((who, part)) = &slash.consumer {
				assert!(*part > 0 && *part <= most[who] + PRICE);
			}
			if crime != Crime::OtherChannel {
				let (who, part) = slash.reporter.clone().unwrap();
				assert_eq!((who, part), (REPORTER, slash.taken / 10));
			}
			assert!(batch.charge().slashed);
			// Nothing convicts it of the same batch again.
			let after = slashes();
			for index in 0..count {
				assert!(dispatch(&REPORTER, batch.report_leaf(index)).is_err());
				assert!(dispatch(&REPORTER, batch.demand(index)).is_err());
			}
			assert_eq!(slashes(), after);
		});
	}

	#[test]
	fn nobody_profits_from_denouncing_oneself(
		units in prop::collection::vec(1..200u64, 1..5),
		bond in 1..2 * BOND,
		reporter in prop::sample::select(&[OMAR, ALICE, OWNER, REPORTER][..]),
		settled in any::<bool>(),
	) {
		ExtBuilder::default().build_and_execute(|| {
			// Alice is Omar himself, and so may the reporter be.
			let id = open(&ALICE, &OMAR);
			let mut served = Vec::<Served>::new();
			for units in units {
				let last = served.last().map(|last| last.receipt.clone());
				served.push(serve_as(id, last.as_ref(), V0, units, PRICE, Status::Served));
			}
			let spent = served.last().unwrap().receipt.total;
			let needed = spent * 3 / 2;
			memory::Bonds::insert(OMAR, (true, bond + needed));
			let all = |who: &[AccountId32]| who.iter().map(free).sum::<Balance>();
			let ours = [ALICE, OMAR, OWNER, REPORTER];
			let before = all(&ours) + held(&ALICE) + bond + needed;

			let batch = if settled {
				draft(&served)
					.with_receipt(0, |receipt| receipt.meter = Meter::Element)
					.settle(&OMAR)
			} else {
				draft(&served).settle(&OMAR)
			};
			let outcome = if settled {
				dispatch(&reporter, batch.report_leaf(0))
			} else {
				let receipt = Receipt { seq: 77, ..batch.receipt(0).clone() };
				let other = Receipt { took_ms: 6, ..receipt.clone() };
				let [first, second] =
					[receipt, other].map(|receipt| Evidence::Signed(signed_by(&OMAR, &receipt)));
				dispatch(&reporter, batch.report_double(first, second))
			};
			// With less than ten planck free there may be nothing to take.
			if outcome.is_err() {
				assert!(!settled && bond < 10);
				return;
			}
			let slash = slashes().pop().unwrap();
			let part = |part: &Option<(AccountId32, Balance)>| {
				part.as_ref().map_or(0, |(_, amount)| *amount)
			};
			assert_eq!(slash.reporter.is_some(), reporter == REPORTER);
			let back = part(&slash.consumer) + part(&slash.reporter);
			assert!(back < slash.taken);
			// What was slashed and what the settlement itself cost are gone, the models' part being
			// theirs, too.
			let (_, bond_left) = memory::Bonds::get(OMAR).unwrap();
			let earned = OracleBooks::<Test>::get(OMAR).credit + revenue(V0);
			let after = all(&ours) + held(&ALICE) + bond_left + locked(&OMAR) + earned + back;
			assert!(after < before);
		});
	}
}
