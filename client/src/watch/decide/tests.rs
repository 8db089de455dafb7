//! Every decision, without a chain.

use super::{super::testing::*, *};
use crate::{channel::store::Store, oracle_api::SignedVoucher, state};
use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use usufruct_primitives::{
	commitment::Request,
	usage::{Receipt, Voucher},
};

fn honest(count: Seq) -> Vec<Receipt> {
	(1..=count).map(receipt).collect()
}

/// What is demanded, and nothing else is done.
fn demanded(outcome: &Outcome) -> Vec<Seq> {
	outcome
		.steps
		.iter()
		.map(|step| match &step.action {
			Action::Demand { seq, .. } => *seq,
			other => panic!("{other:?}"),
		})
		.collect()
}

/// The one step, which convicts of that.
fn convicts(outcome: &Outcome, fraud: Fraud) -> &Action {
	assert_eq!(outcome.steps.len(), 1, "{outcome:?}");
	assert_eq!(outcome.steps[0].fraud, Some(fraud), "{}", outcome.steps[0].why);
	assert!(!outcome.clear);
	&outcome.steps[0].action
}

#[test]
fn what_agrees_is_in_order_and_not_looked_at_again() {
	for world in [World::new(honest(4)), World::alone(honest(4))] {
		let outcome = world.accepted(honest(4)).decide();
		assert_eq!(outcome, Outcome { clear: true, ..Outcome::default() });
	}
}

#[test]
fn a_receipt_that_may_still_come_is_waited_for_and_then_demanded() {
	let mut world = World::new(honest(4)).accepted(honest(3));
	world.watcher.now = 149;
	let outcome = world.decide();
	assert!(outcome.steps.is_empty() && !outcome.clear);
	assert!(outcome.notes[0].contains("from block 150 on"), "{:?}", outcome.notes);
	world.watcher.now = 150;
	let outcome = world.decide();
	assert_eq!(demanded(&outcome), [4]);
	assert!(outcome.steps[0].why.starts_with("receipt 4 was settled and never came"));
	assert!(!outcome.clear);
}

#[test]
fn what_cannot_wait_is_demanded_at_once() {
	let mut world = World::new(honest(2)).accepted(honest(1));
	world.watcher.grace = 100_000;
	world.watcher.now = 8_999;
	assert!(world.decide().steps.is_empty());
	// Two terms before the challenge ends: what is shown can still be acted on.
	world.watcher.now = 9_000;
	assert_eq!(demanded(&world.decide()), [2]);
}

#[test]
fn a_demand_is_made_once_and_enforced_when_it_is_due() {
	let mut world = World::new(honest(2)).accepted(honest(1)).demanding(2, 1_500);
	let outcome = world.decide();
	assert!(outcome.steps.is_empty() && !outcome.clear, "the oracle has time");
	world.watcher.now = 1_500;
	let outcome = world.decide();
	assert_eq!(outcome.steps.len(), 1);
	assert_eq!(outcome.steps[0].action, Action::Enforce { batch_no: 3, seq: 2 });
	// Also after the challenge window: the demand keeps the lock.
	world.watcher.now = 20_000;
	assert_eq!(world.decide().steps.len(), 1);
}

#[test]
fn of_a_slashed_settlement_only_deposits_are_fetched() {
	let mut world =
		World::new(honest(4)).accepted(honest(1)).demanding(2, 9_000).demanding(3, 9_000);
	world.docket.slashed = true;
	let outcome = world.decide();
	let fetched: Vec<_> = outcome.steps.iter().map(|step| step.action.clone()).collect();
	let enforce = |seq| Action::Enforce { batch_no: 3, seq };
	assert_eq!(fetched, [enforce(2), enforce(3)]);
	assert!(!outcome.clear);
	world.docket.open.clear();
	assert_eq!(world.decide(), Outcome { clear: true, ..Outcome::default() });
}

#[test]
fn an_answer_that_is_in_order_settles_the_matter() {
	let world = World::new(honest(2)).accepted(honest(1)).shown(2);
	let outcome = world.decide();
	assert_eq!(outcome, Outcome { clear: true, ..Outcome::default() });
}

#[test]
fn other_peoples_demands_count_for_them_and_their_answers_for_all() {
	let mut world = World::new(honest(3)).accepted(honest(1));
	world.docket.open.push(OpenDemand { seq: 2, by: [0x44; 32], due: 5_000, deposit: 1 });
	world.docket.demands = 1;
	assert_eq!(demanded(&world.decide()), [3], "the second is demanded already");
	let outcome = world.shown(2).decide();
	assert_eq!(demanded(&outcome), [3]);
}

#[test]
fn no_more_is_demanded_at_a_time_than_the_chain_takes() {
	let world = World::new(honest(30)).accepted(honest(2));
	let first = demanded(&world.decide());
	assert_eq!(first.len(), DEMANDS_AT_ONCE);
	assert_ne!(first, (3..11).collect::<Vec<_>>(), "an oracle must not know which");
	let mut other = World::new(honest(30)).accepted(honest(2));
	other.watcher.seed = [8; 32];
	assert_ne!(demanded(&other.decide()), first);
	let mut world = world;
	for seq in &first[..6] {
		world = world.demanding(*seq, 9_000);
	}
	let rest = demanded(&world.decide());
	assert_eq!(rest, first[6..], "the same ones, as far as there is room");
	// Somebody else than the consumer shares its room with all others.
	world.watcher.account = [0x44; 32];
	assert_eq!(demanded(&world.decide()).len(), DEMANDS_AT_ONCE);
}

#[test]
fn a_total_that_differs_from_the_accepted_one_is_demanded_and_the_answer_convicts() {
	// The oracle settles the third receipt for a higher total than the one it gave the consumer.
	let other = changed(3, |it| (it.units, it.amount, it.total) = (1, PRICE, 3 * PRICE + 20));
	let settled = vec![receipt(1), receipt(2), other];
	let mut world = World::new(settled).accepted(honest(3));
	world.watcher.now = 101;
	let outcome = world.decide();
	assert_eq!(demanded(&outcome), [3], "without waiting: the answer cannot come any more");
	assert!(outcome.steps[0].why.contains("settled otherwise than it was signed"));
	let outcome = world.shown(3).decide();
	let action = convicts(&outcome, Fraud::DoubleReceipt);
	let Action::ReportDouble { batch: Some(batch), first, second } = action else {
		panic!("{action:?}")
	};
	assert_eq!(batch.batch_no, 3);
	assert!(matches!(&**first, Shown::Signed { key, .. } if *key == oracle_public()));
	assert!(matches!(&**second, Shown::Settled { proven, .. } if proven.receipt.total == 50));
}

#[test]
fn a_beginning_that_differs_is_demanded_too() {
	let mut world =
		World::new(vec![receipt(2), receipt(3)]).accepted([receipt(1), receipt(2), receipt(3)]);
	world.batch.claims[1].total_before -= 5;
	let outcome = world.decide();
	assert_eq!(demanded(&outcome), [2]);
}

#[test]
fn a_claim_that_does_not_meet_the_consumers_own_receipts_is_reported_without_a_demand() {
	// All leaves are the consumer's own, so it can build the tree; the claim asks for more.
	let mut world = World::alone(honest(3)).accepted(honest(3));
	world.batch.claims[0].total_after += 40;
	let outcome = world.decide();
	let action = convicts(&outcome, Fraud::WrongTotalAfter);
	assert!(
		matches!(action, Action::ReportLeaf { proven, request: None, .. } if proven.receipt.seq == 3)
	);
	let mut world = World::alone(honest(3)).accepted(honest(3));
	world.batch.claims[0].model_version = 7;
	convicts(&world.decide(), Fraud::NotOfClaimedVersion);
}

#[test]
fn a_refused_receipt_that_is_settled_all_the_same_is_demanded_and_its_request_convicts() {
	// Three units where two were asked for: nothing else is wrong with it.
	let lie = changed(2, |it| (it.units, it.amount, it.total) = (3, 3 * PRICE, 5 * PRICE));
	let world = World::new(vec![receipt(1), lie.clone()]).accepted(honest(1)).refused([lie]);
	let outcome = world.decide();
	assert_eq!(demanded(&outcome), [2]);
	assert!(outcome.steps[0].why.contains("was refused (it lies)"), "{}", outcome.steps[0].why);
	let outcome = world.shown(2).decide();
	let action = convicts(&outcome, Fraud::NotAsRequested);
	let Action::ReportLeaf { request, .. } = action else { panic!("{action:?}") };
	assert_eq!(request.as_ref(), Some(&request_of(2)));
}

fn request_of(seq: Seq) -> Request {
	super::super::testing::request(seq)
}

#[test]
fn what_came_with_a_wrong_output_is_no_fraud_that_can_be_proved() {
	let world = World::new(honest(2)).accepted(honest(1)).refused([receipt(2)]);
	assert_eq!(world.decide(), Outcome { clear: true, ..Outcome::default() });
}

#[test]
fn an_answer_for_a_request_that_has_another_receipt_convicts() {
	let again = changed(3, |it| it.request_commit = receipt(1).request_commit);
	let world = World::new(vec![receipt(1), receipt(2), again]).accepted(honest(2));
	assert_eq!(demanded(&world.decide()), [3]);
	let outcome = world.shown(3).decide();
	convicts(&outcome, Fraud::DoubleRequest);
}

#[test]
fn two_answers_for_one_request_convict_without_any_receipt() {
	let again = changed(3, |it| it.request_commit = receipt(2).request_commit);
	let mut world = World::new(vec![receipt(2), again]).accepted([]);
	world.held.missing = vec![2, 3];
	let outcome = world.shown(1).shown(2).decide();
	let action = convicts(&outcome, Fraud::DoubleRequest);
	let Action::ReportDouble { first, second, .. } = action else { panic!("{action:?}") };
	assert!(matches!((&**first, &**second), (Shown::Settled { .. }, Shown::Settled { .. })));
}

#[test]
fn neighbours_that_do_not_add_up_convict() {
	// The middle one's total is wrong; the ends meet the claim.
	let wrong = changed(3, |it| it.total += 1);
	let settled = vec![receipt(2), wrong, receipt(4), receipt(5)];
	let world = World::new(settled).accepted([receipt(2), receipt(4), receipt(5)]);
	assert_eq!(demanded(&world.decide()), [3]);
	// Leaves 1 to 4; beside leaf 2 stands leaf 3, which is the consumer's own receipt 4.
	let outcome = world.shown(2).decide();
	let action = convicts(&outcome, Fraud::TotalsDoNotAdd);
	let Action::ReportPair { left, right, .. } = action else { panic!("{action:?}") };
	assert_eq!((left.receipt.seq, right.receipt.seq), (3, 4));
	assert_eq!(left.proof.index + 1, right.proof.index);
}

#[test]
fn a_pair_that_the_consumer_holds_is_demanded_until_both_are_shown() {
	let wrong = changed(3, |it| it.total += 1);
	let settled = vec![receipt(1), receipt(2), wrong.clone(), receipt(4)];
	let world = World::new(settled).accepted([receipt(1), receipt(2), receipt(4)]).refused([wrong]);
	let outcome = world.decide();
	assert_eq!(demanded(&outcome), [2, 3, 4]);
	// Leaf 3 is receipt 3; beside it stands leaf 2, receipt 2.
	convicts(&world.shown(3).decide(), Fraud::TotalsDoNotAdd);
}

#[test]
fn two_signed_receipts_of_one_number_lead_to_the_lock() {
	let other = changed(2, |it| it.output_commit = [0xee; 32]);
	let world = World::new(honest(3)).accepted(honest(3)).refused([other.clone()]);
	let outcome = world.decide();
	assert_eq!(demanded(&outcome), [2]);
	assert!(outcome.steps[0].why.contains("2 different receipts 2"));
	convicts(&world.shown(2).decide(), Fraud::DoubleReceipt);
	// Alone in the settlement the tree shows which of them was settled, if the accepted one was.
	let world = World::alone(honest(3)).accepted(honest(3)).refused([other]);
	convicts(&world.decide(), Fraud::DoubleReceipt);
}

#[test]
fn a_neighbour_of_what_was_shown_is_compared_with_what_was_signed() {
	// The oracle signs anew after it lost its log: another first receipt, and a second one.
	let again = changed(1, |it| it.request_commit = [0xdd; 32]);
	let world = World::alone(vec![again, receipt(2)]).accepted(honest(1));
	assert_eq!(demanded(&world.decide()), [2], "the first may well be the one it has");
	let world = world.shown(1);
	let outcome = world.decide();
	assert_eq!(demanded(&outcome), [1]);
	let why = "another receipt 1 was settled than the one that was signed";
	assert!(outcome.steps[0].why.starts_with(why), "{}", outcome.steps[0].why);
	convicts(&world.shown(0).decide(), Fraud::DoubleReceipt);
}

#[test]
fn nothing_is_reported_with_a_key_that_the_oracle_no_longer_answers_for() {
	let other = changed(2, |it| it.output_commit = [0xee; 32]);
	let mut world = World::new(honest(3)).accepted(honest(3)).refused([other]).shown(2);
	world.keys[0].key = SigningKey::from_bytes(&[6; 32]).verifying_key().to_bytes();
	assert!(world.decide().steps.is_empty());
	let record = record();
	assert!(doubles(&GENESIS, &record, &world.keys, &world.held).is_empty());
}

#[test]
fn a_key_that_was_replaced_says_nothing_of_what_was_settled_later() {
	let other = changed(2, |it| it.output_commit = [0xee; 32]);
	let mut world = World::new(honest(3)).accepted(honest(3)).refused([other]).shown(2);
	let mut reported_if_retired_at = |block| {
		world.keys[0].retired_at = Some(block);
		let steps = world.decide().steps;
		steps.iter().any(|step| matches!(step.action, Action::ReportDouble { .. }))
	};
	let settled = 100;
	assert!(reported_if_retired_at(settled + 1));
	assert!(reported_if_retired_at(settled));
	// The chain would refuse it: a thief may have signed it.
	assert!(!reported_if_retired_at(settled - 1));
}

#[test]
fn when_the_challenge_is_over_nothing_is_left_to_do() {
	let mut world = World::new(honest(4)).accepted(honest(1));
	world.watcher.now = 10_000;
	assert_eq!(world.decide(), Outcome { clear: true, ..Outcome::default() });
	world.docket.demands = 1;
	assert!(!world.decide().steps.is_empty(), "somebody's demand keeps it open");
}

#[test]
fn a_closed_channel_cannot_be_asked_about() {
	let mut world = World::new(honest(4)).accepted(honest(1));
	world.docket.channel_exists = false;
	let outcome = world.decide();
	assert!(outcome.steps.is_empty());
	assert!(outcome.notes[0].contains("closed for good"));
	// Unless it was asked about before.
	world.docket.open.push(OpenDemand { seq: 2, by: [9; 32], due: 9_000, deposit: 1 });
	assert_eq!(world.decide().steps.len(), 2);
}

#[test]
fn small_change_is_not_demanded_if_that_was_said() {
	let mut world = World::new(honest(4)).accepted(honest(1));
	world.watcher.min_stake = 8 * PRICE + 1;
	let outcome = world.decide();
	assert!(outcome.steps.is_empty());
	assert!(outcome.notes[0].contains("--min-stake"));
	world.watcher.min_stake = 8 * PRICE;
	assert_eq!(world.decide().steps.len(), 3);
}

#[test]
fn a_claim_that_was_not_accepted_took_nothing() {
	let mut world = World::new(honest(4));
	world.batch.claims[1].accepted = false;
	let outcome = world.accepted(honest(1)).decide();
	assert_eq!(outcome, Outcome { clear: true, ..Outcome::default() });
}

#[test]
fn forged_answers_are_no_proof() {
	let mut world = World::new(honest(2)).accepted(honest(1));
	let mut forged = world.proven(2);
	forged.receipt.total += 1;
	world.answers.push(forged);
	assert_eq!(demanded(&world.decide()), [2], "it is not what stands in the tree");
}

#[test]
fn signed_doubles_are_fraud_before_they_are_settled() {
	let second = changed(2, |it| it.output_commit = [0xee; 32]);
	let again = changed(5, |it| it.request_commit = receipt(1).request_commit);
	let world = World::new(honest(3)).accepted(honest(3)).refused([second, again]);
	let record = record();
	let steps = doubles(&GENESIS, &record, &world.keys, &world.held);
	let frauds: Vec<_> = steps.iter().map(|step| step.fraud.unwrap()).collect();
	assert_eq!(frauds, [Fraud::DoubleReceipt, Fraud::DoubleRequest]);
	assert!(steps
		.iter()
		.all(|step| matches!(step.action, Action::ReportDouble { batch: None, .. })));
	let honest = World::new(honest(3)).accepted(honest(3));
	assert!(doubles(&GENESIS, &record, &honest.keys, &honest.held).is_empty());
}

#[test]
fn the_same_step_has_the_same_id_and_another_has_another() {
	let world = World::new(honest(4)).accepted(honest(1));
	let (one, two) = (world.decide().steps, world.decide().steps);
	assert_eq!(one, two);
	let ids: BTreeSet<Hash> = one.iter().map(|step| step.id(&GENESIS)).collect();
	assert_eq!(ids.len(), one.len());
}

#[test]
fn demands_stop_where_the_money_does() {
	let steps = World::new(honest(6)).accepted(honest(1)).decide().steps;
	assert_eq!(steps.len(), 5);
	let (allowed, refused) = ration(steps.clone(), 10, 29);
	assert_eq!((allowed.len(), refused.len()), (2, 3));
	let (allowed, _) = ration(steps.clone(), 10, 0);
	assert!(allowed.is_empty());
	let enforce = World::new(honest(2)).accepted(honest(1)).demanding(2, 1).decide().steps;
	assert_eq!(ration(enforce, 10, 0).0.len(), 1, "what needs no deposit is not rationed");
	let (allowed, refused) = ration(steps, 10, Balance::MAX);
	assert_eq!((allowed.len(), refused.len()), (5, 0));
}

fn channel(closes_at: Option<BlockNumber>) -> state::Channel {
	let record = record();
	state::Channel {
		channel_id: record.channel_id,
		consumer: record.consumer,
		oracle: record.oracle,
		model: record.model,
		key: record.key().verifying_key().to_bytes(),
		escrow: 1_000,
		bonus: 0,
		reserved: 0,
		settled_seq: 3,
		settled_total: 60,
		max_unit_price: PRICE,
		max_unacked: 100,
		lodged: 0,
		former_keys: vec![],
		closes_at,
	}
}

#[test]
fn a_closing_is_finalised_when_it_is_due_and_everything_is_explained() {
	let record = record();
	let finalise = |channel: &state::Channel, now, unexplained| {
		super::finalise(&record, channel, now, 100, unexplained)
	};
	assert_eq!(finalise(&channel(None), 500, false), Ok(None));
	assert_eq!(finalise(&channel(Some(501)), 500, false), Ok(None));
	let step = finalise(&channel(Some(500)), 500, false).unwrap().unwrap();
	assert_eq!(step.action, Action::FinaliseClose { in_part: false });
	assert!(finalise(&channel(Some(500)), 500, true).unwrap_err().contains("demanded"));

	let reserved = state::Channel { reserved: 400, ..channel(Some(500)) };
	let part = finalise(&reserved, 500, false).unwrap().unwrap();
	assert_eq!(part.action, Action::FinaliseClose { in_part: true });
	let rest = state::Channel { reserved: 400, escrow: 400, ..channel(Some(500)) };
	assert!(finalise(&rest, 599, false).unwrap_err().contains("block 600"));
	let whole = finalise(&rest, 600, false).unwrap().unwrap();
	assert_eq!(whole.action, Action::FinaliseClose { in_part: false });
	assert_ne!(part.id(&GENESIS), whole.id(&GENESIS), "the one is not the other done already");
}

/// The block that is looked at.
const NOW: BlockNumber = 400;

#[test]
fn a_voucher_is_lodged_when_it_protects_its_oracle_and_not_otherwise() {
	let sign = |cap, ack_total, key: &SigningKey| {
		let voucher = Voucher {
			channel_id: record().channel_id,
			cap,
			request_commit: [1; 32],
			ack_seq: 3,
			ack_total,
			serve_until: 0,
		};
		SignedVoucher::sign(voucher, key, &GENESIS)
	};
	let key = record().key();
	let voucher = sign(150, 60, &key);
	assert!(checkpoint(&GENESIS, &channel(None), NOW, &voucher).is_none(), "it is not closing");
	let closing = channel(Some(500));
	let step = checkpoint(&GENESIS, &closing, NOW, &voucher).unwrap();
	assert!(step.why.contains("covers 150 planck of which 60 are safe"), "{}", step.why);
	assert!(checkpoint(&GENESIS, &closing, NOW, &sign(60, 60, &key)).is_none(), "all is settled");
	assert!(checkpoint(&GENESIS, &closing, NOW, &sign(500, 10, &key)).is_some(), "up to 110");
	let lodged = state::Channel { lodged: 150, ..closing.clone() };
	assert!(checkpoint(&GENESIS, &lodged, NOW, &voucher).is_none());
	let empty = state::Channel { escrow: 0, ..closing.clone() };
	assert!(checkpoint(&GENESIS, &empty, NOW, &voucher).is_none());
	let other = SigningKey::from_bytes(&[4; 32]);
	assert!(checkpoint(&GENESIS, &closing, NOW, &sign(150, 60, &other)).is_none());
	let key = other.verifying_key().to_bytes();
	let replaced = |until| state::Channel {
		former_keys: vec![state::FormerKey { key, until }],
		..closing.clone()
	};
	let old = sign(150, 60, &other);
	assert!(checkpoint(&GENESIS, &replaced(NOW + 1), NOW, &old).is_some());
	assert!(checkpoint(&GENESIS, &replaced(NOW), NOW, &old).is_none(), "its time is over");
	assert!(checkpoint(&[9; 32], &closing, NOW, &voucher).is_none(), "of another chain");
}

#[tokio::test]
async fn what_a_real_store_holds_is_what_is_decided_from() {
	use crate::channel::{store::Payload, Keeper, Limits};
	let dir = tempfile::tempdir().unwrap();
	let path = dir.path().join("channels.redb");
	let keeper = Keeper::open(&path).unwrap();
	let record = record();
	let limits = Limits { max_unit_price: PRICE, max_unacked: 1_000, funds: 10_000 };
	keeper.add(record.clone(), limits).await.unwrap();
	let payload = || Payload { model_name: "m".into(), salt: [0; 32], body: vec![] };
	for seq in 1..=4 {
		keeper.reserve(&request_of(seq), payload(), 9).await.unwrap();
	}
	keeper.complete(sign(receipt(1))).await.unwrap();
	keeper.complete(sign(receipt(3))).await.unwrap();
	let lie = changed(4, |it| (it.units, it.amount) = (3, 3 * PRICE));
	keeper.halt("it lies".into(), sign(lie.clone())).await.unwrap();
	drop(keeper);

	let world = World::new(vec![receipt(1), receipt(2), receipt(3), lie]);
	let store = Store::open(&path).unwrap();
	let claims: Vec<_> = world.batch.accepted(record.channel_id).collect();
	let unknown = receipt(2).request_commit;
	let held = Holdings::read(&store, &record, &claims, &[unknown]).unwrap();
	assert_eq!(held.receipts.keys().copied().collect::<Vec<_>>(), [1, 3, 4]);
	assert_eq!(held.accepted, [1].into(), "the third waits for the second");
	assert_eq!(held.missing, [2]);
	assert_eq!(held.refused[&4], "it lies");
	assert_eq!(held.requests.len(), 4, "those of all receipts, and of the one asked about");
	let world = World { held, ..world };
	assert_eq!(demanded(&world.decide()), [3, 4, 2]);
}

proptest! {
	/// An oracle that settles what it signed is never bothered once its answers are in, whoever else
	/// is in the settlement, however it was cut, whatever was lost on the way, and whatever it shows.
	#[test]
	fn an_honest_oracle_is_never_reported(
		count in 1u64..12,
		first in 1u64..4,
		lost in prop::collection::btree_set(1u64..16, 0..6),
		shown in prop::collection::btree_set(0usize..14, 0..6),
		alone in any::<bool>(),
	) {
		let settled: Vec<Receipt> = (first..first + count).map(receipt).collect();
		let world = if alone { World::alone(settled) } else { World::new(settled) };
		let came = (1..first + count).filter(|seq| !lost.contains(seq)).map(receipt);
		let mut world = world.accepted(came);
		for index in shown {
			if index < world.leaves.len() {
				world = world.shown(index);
			}
		}
		let outcome = world.decide();
		for seq in demanded(&outcome) {
			prop_assert!(lost.contains(&seq), "only what never came is demanded");
		}
		let all = (0..world.leaves.len()).fold(world, World::shown).decide();
		prop_assert_eq!(all, Outcome { clear: true, ..Outcome::default() });
	}

	/// An oracle that settles one receipt otherwise than it signed it is convicted as soon as it shows
	/// it.
	#[test]
	fn whoever_settles_another_story_is_convicted_by_showing_it(
		count in 2u64..10,
		which in 0u64..10,
		alone in any::<bool>(),
	) {
		let which = which % count + 1;
		let mut settled = honest(count);
		settled[which as usize - 1].output_commit = [0xee; 32];
		let world = if alone { World::alone(settled) } else { World::new(settled) };
		let world = world.accepted(honest(count));
		// Nothing can be seen of it from outside; alone, that something is wrong, but not what.
		let outcome = world.decide();
		prop_assert_eq!(outcome.clear, !alone);
		prop_assert_eq!(demanded(&outcome).is_empty(), !alone);
		let place = which as usize - usize::from(alone);
		let outcome = world.shown(place).decide();
		convicts(&outcome, Fraud::DoubleReceipt);
	}
}
