//! Whom a gateway asks, and what it pays for what it does not get: nothing.

use super::*;
use crate::{
	oracle_api::{Problem, ProblemKind},
	sync::lock,
	testing::{sum, text},
	text::TEXT,
};
use futures::future::join_all;
use std::time::Instant;

#[tokio::test]
async fn the_cheapest_is_asked_on_a_channel_that_is_opened_once() {
	let world = World::new(&[Mood::Honest, Mood::Honest]).await;
	let gateway = world.gateway().await;
	for n in 0..3 {
		let answered = ask(&gateway, n, 1).await.unwrap();
		assert_eq!((sum(&answered.answer), answered.version), (n + 1, 6));
	}
	assert_eq!((world.asked(0), world.asked(1)), (3, 0));
	assert_eq!(world.chain.state().channels.len(), 1);
	assert_eq!(spending(&gateway).await, (3 * 2 * PRICE, 0));
}

/// How long each oracle took to answer, as status tells it.
async fn latencies(gateway: &Gateway) -> Vec<u64> {
	let status = gateway.status().await.unwrap();
	status.oracles.iter().map(|it| it.latency_us).collect()
}

#[tokio::test]
async fn of_two_at_one_price_the_one_that_was_faster_is_asked() {
	let mut world = World::new(&[Mood::Honest, Mood::Honest]).await;
	world.options.standby = 2;
	world.chain.state().market.offers[1].target.unit_price = PRICE;
	world.oracles[1].lock().unwrap().price = PRICE;
	// Long enough to count at so small a price.
	world.oracles[0].lock().unwrap().slowness = Duration::from_millis(10);
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	let first = latencies(&gateway).await;
	assert!(first[0] >= 10_000 && first[1] == 0, "{first:?}");

	// Slower than the first was, however long that took on a busy machine.
	world.oracles[1].lock().unwrap().slowness =
		Duration::from_micros(first[0]) + Duration::from_millis(300);
	gateway.provision().await;
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!((world.asked(0), world.asked(1)), (1, 1), "it might be faster");
	let both = latencies(&gateway).await;
	assert!(both[0] == first[0] && both[1] >= first[0] + 300_000, "{both:?}");
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!((world.asked(0), world.asked(1)), (2, 1), "the slow one is left");
}

#[tokio::test]
async fn one_that_refuses_is_left_for_another() {
	let world = World::new(&[Mood::Refuses, Mood::Honest]).await;
	let gateway = world.gateway().await;
	let begun = Instant::now();
	assert_eq!(sum(&ask(&gateway, 1, 2).await.unwrap().answer), 3);
	let held = 2 * PRICE;
	assert_eq!(spending(&gateway).await, (2 * (PRICE + 1), held), "it has a voucher");
	let refusing = ([100; 32], MODEL);
	assert!(!gateway.record(&refusing).1.over(begun), "it waits behind the other");
	// And longer than the rest takes on a busy machine.
	let later = begun + Duration::from_secs(3_600);
	lock(&gateway.oracles).get_mut(&refusing).unwrap().1.fail(later);
	// The next question goes to the one that answers.
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!((world.asked(0), world.asked(1)), (1, 2));
	let status = gateway.status().await.unwrap();
	let states: Vec<_> = status.oracles.iter().map(|it| (it.state.as_str(), it.failed)).collect();
	assert_eq!(states, [("failed just now", 1), ("ready", 0)]);
}

#[tokio::test]
async fn one_that_is_gone_is_left_and_its_money_serves_others_when_it_can_serve_no_more() {
	let world = World::new(&[Mood::Dead, Mood::Honest]).await;
	let gateway = world.gateway().await;
	assert_eq!(sum(&ask(&gateway, 1, 2).await.unwrap().answer), 3);
	let held = 2 * PRICE;
	assert_eq!(spending(&gateway).await, (2 * (PRICE + 1), held), "it has a voucher");

	// As long as it may serve, it is not asked again: it might serve for nobody.
	world.set(0, Mood::TooLate);
	tokio::time::sleep(Duration::from_millis(2_100)).await;
	gateway.chase().await;
	assert_eq!((world.asked(0), spending(&gateway).await.1), (1, held));
	world.pass(&gateway, crate::gateway::oracles::SERVE_WINDOW + 11).await;
	gateway.chase().await;
	assert_eq!((world.asked(0), spending(&gateway).await.1), (2, held), "it may have charged");
	let open = |gateway: &Gateway| {
		let record = gateway.purse.channels().into_iter().find(|it| it.record.oracle == [100; 32]);
		gateway.keeper.store().ledger(&record.unwrap().record).unwrap().open_amount()
	};
	assert_eq!(open(&gateway), 0);
}

#[tokio::test]
async fn what_was_refused_is_held_until_a_later_question_is_answered_or_the_channel_closed() {
	let world = World::new(&[Mood::Refuses]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap_err();
	let held = 2 * PRICE;
	assert_eq!(spending(&gateway).await, (0, held));
	world.set(0, Mood::Honest);
	// It may be asked while the first voucher is good.
	ask(&gateway, 1, 2).await.unwrap();
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (2 * PRICE, held));
	drop(gateway);
	let gateway = world.gateway().await;
	assert_eq!(spending(&gateway).await, (2 * PRICE, held), "a restart changes nothing");
	world.pass(&gateway, crate::session::SERVE_WINDOW + 11).await;
	ask(&gateway, 1, 2).await.unwrap();
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (4 * PRICE, 0));

	world.set(0, Mood::Refuses);
	ask(&gateway, 1, 2).await.unwrap_err();
	assert_eq!(spending(&gateway).await, (4 * PRICE, held));
	world.chain.state().channels.clear();
	gateway.look().await.unwrap();
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (4 * PRICE, held), "a node may not know a channel yet");
	world.pass(&gateway, crate::gateway::oracles::SERVE_WINDOW + 11).await;
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (4 * PRICE, 0));
}

#[tokio::test]
async fn what_one_denies_to_have_served_is_fetched_and_booked() {
	let world = World::new(&[Mood::Denies]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap_err();
	world.set(0, Mood::Honest);
	ask(&gateway, 3, 4).await.unwrap();
	assert_eq!(spending(&gateway).await, (2 * PRICE, 2 * PRICE));
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (4 * PRICE, 0));
	let status = gateway.status().await.unwrap();
	assert_eq!(status.channels.iter().map(|it| it.open_requests).sum::<usize>(), 0);
}

#[tokio::test]
async fn a_channel_on_which_a_receipt_is_never_shown_is_left_for_another_when_it_is_full() {
	let mut world = World::new(&[Mood::Denies]).await;
	world.options.budget.max_unacked = 4 * 2 * PRICE;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap_err();
	{
		let mut oracle = world.oracles[0].lock().unwrap();
		let problem = Problem::new(ProblemKind::ModelDeprecated, "never seen");
		let denial = (410, String::new(), serde_json::to_string(&problem).unwrap());
		oracle.answers.values_mut().for_each(|answer| *answer = denial.clone());
		oracle.mood = Mood::Honest;
	}
	for n in 0..3 {
		assert_eq!(sum(&ask(&gateway, n, 1).await.unwrap().answer), n + 1);
	}
	assert_eq!(world.chain.state().channels.len(), 1);
	{
		// It counts anew on another channel.
		let mut oracle = world.oracles[0].lock().unwrap();
		(oracle.seq, oracle.total, oracle.newest) = (0, 0, None);
	}
	assert_eq!(sum(&ask(&gateway, 4, 5).await.unwrap().answer), 9);
	assert_eq!(world.chain.state().channels.len(), 2);
	gateway.chase().await;
	let held = 2 * PRICE;
	assert_eq!(spending(&gateway).await, (4 * 2 * PRICE, held), "what is denied may be charged");
}

#[tokio::test]
async fn one_whose_answers_are_always_gone_gets_nothing_for_them_and_is_left() {
	let world = World::new(&[Mood::Forgets, Mood::Honest]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	let (charged, held) = (2 * (PRICE + 1), 2 * PRICE);
	assert_eq!(spending(&gateway).await, (charged, held), "its receipt is no answer");
	world.pass(&gateway, crate::gateway::oracles::SERVE_WINDOW + 11).await;
	drop(gateway);
	let gateway = world.gateway().await;
	let failed = |gateway: &Gateway| gateway.record(&([100; 32], MODEL)).0.failed;
	let before = failed(&gateway);
	gateway.chase().await;
	assert_eq!(failed(&gateway), before + 1, "that it is gone is a failure");
	assert_eq!(spending(&gateway).await, (charged, held));
	let acknowledged = |gateway: &Gateway| {
		let known = gateway.purse.channels().into_iter().find(|it| it.record.oracle == [100; 32]);
		gateway.keeper.store().ledger(&known.unwrap().record).unwrap().head().ack_total
	};
	assert_eq!(acknowledged(&gateway), 0);

	// An honest one may have forgotten it by now.
	world.pass(&gateway, CLOSING_WINDOW).await;
	drop(gateway);
	let gateway = world.gateway().await;
	let before = failed(&gateway);
	gateway.chase().await;
	assert_eq!((failed(&gateway), acknowledged(&gateway)), (before + 1, held));
	assert_eq!(spending(&gateway).await, (charged + held, 0));
}

#[tokio::test]
async fn sessions_go_by_the_closing_window_that_the_chain_has_now() {
	let world = World::new(&[Mood::Honest]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	let record = gateway.purse.channels()[0].record.clone();
	let target = world.chain.state().market.offers[0].target.clone();
	let session = || gateway.session(&record, &target).unwrap();
	let before = session();
	assert_eq!(before.closing_window(), CLOSING_WINDOW);
	assert!(Arc::ptr_eq(&before, &session()), "one is enough while nothing changes");
	// An upgrade of the runtime.
	world.chain.state().market.closing_window = 2 * CLOSING_WINDOW;
	world.pass(&gateway, 1).await;
	assert_eq!(session().closing_window(), 2 * CLOSING_WINDOW);
}

#[tokio::test]
async fn sessions_go_by_the_key_that_the_channel_has_now() {
	let world = World::new(&[Mood::Honest]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	let id = gateway.purse.channels()[0].record.channel_id;
	let target = world.chain.state().market.offers[0].target.clone();
	let session = || gateway.session(&gateway.keeper.channel(&id).unwrap(), &target).unwrap();
	let before = session();
	assert!(Arc::ptr_eq(&before, &session()), "one is enough while nothing changes");
	let next = gateway.keeper.prepare_key(id).await.unwrap();
	gateway.keeper.adopt_key(id, next).await.unwrap();
	let after = session();
	assert!(!Arc::ptr_eq(&before, &after));
	assert_eq!(after.record().key().verifying_key().to_bytes(), next);
}

#[tokio::test]
async fn one_that_leaves_no_room_on_its_channel_is_waited_for_once_and_left() {
	let mut world = World::new(&[Mood::Dead]).await;
	world.options.budget.max_unacked = 2 * PRICE;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap_err();
	let asked = world.asked(0);
	let again = tokio::time::timeout(Duration::from_secs(20), ask(&gateway, 1, 2)).await;
	let error = again.expect("patience is far less").unwrap_err();
	assert!(error.to_string().contains("wait for an answer"), "{error}");
	assert_eq!((world.asked(0), gateway.record(&([100; 32], MODEL)).0.failed), (asked, 2));
}

#[tokio::test]
async fn what_one_served_without_saying_so_is_fetched_when_its_receipts_show_it() {
	let world = World::new(&[Mood::Mute, Mood::Honest]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!(spending(&gateway).await, (2 * (PRICE + 1), 2 * PRICE));
	world.set(0, Mood::Honest);
	world.set(1, Mood::Refuses);
	tokio::time::sleep(Duration::from_millis(2_100)).await;
	// Its second receipt comes before the first.
	assert_eq!(sum(&ask(&gateway, 3, 4).await.unwrap().answer), 7);
	assert_eq!(spending(&gateway).await.1, 2 * PRICE);
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (2 * (PRICE + 1) + 4 * PRICE, 0));
	let status = gateway.status().await.unwrap();
	assert_eq!(status.channels.iter().map(|it| it.open_requests).sum::<usize>(), 0);
	assert_eq!(world.oracles[0].lock().unwrap().seq, 2, "nothing was served twice");
}

/// A world whose only oracle has left four questions open by the token, and four by the element; and
/// there is nobody any more who has the tokenizer.
async fn without_a_tokenizer() -> (World, Arc<Gateway>) {
	let world = World::new(&[Mood::Dead]).await;
	world.takes_text(0);
	world.chain.state().market.offers[0].target.meter = Meter::InputToken;
	let gateway = world.gateway().await;
	let asked = join_all((0..4).map(|_| ask_with(&gateway, text("one")))).await;
	assert!(asked.iter().all(Result::is_err));
	world.chain.state().market.offers[0].target.meter = Meter::Element;
	gateway.look().await.unwrap();
	let asked = join_all((0..4).map(|_| ask(&gateway, 1, 2))).await;
	assert!(asked.iter().all(Result::is_err));
	assert_eq!(spending(&gateway).await, (0, 4 * (3 + 2) * PRICE));
	drop(gateway);
	world.oracles[0].lock().unwrap().files.clear();
	std::fs::remove_dir_all(world.dir.path().join("files")).unwrap();
	let gateway = world.gateway().await;
	world.pass(&gateway, crate::gateway::oracles::SERVE_WINDOW + 11).await;
	(world, gateway)
}

#[tokio::test]
async fn questions_whose_tokens_cannot_be_counted_hold_up_no_others() {
	let (world, gateway) = without_a_tokenizer().await;
	let id = gateway.purse.channels()[0].record.channel_id;
	let newest = || gateway.keeper.store().newest_voucher(&id).unwrap().unwrap();
	let before = newest();
	world.set(0, Mood::Honest);
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (4 * 2 * PRICE, 4 * 3 * PRICE));
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (4 * 2 * PRICE, 4 * 3 * PRICE));
	assert_eq!(gateway.status().await.unwrap().channels[0].state, "open");

	// Somebody has it again.
	world.takes_text(0);
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (4 * (2 + 3) * PRICE, 0));
	assert_eq!(newest(), before, "no further voucher was signed for any of it");
	let oracle = world.oracles[0].lock().unwrap();
	assert_eq!((oracle.seq, oracle.total), (8, 4 * (2 + 3) * PRICE), "each was served once");
}

#[tokio::test]
async fn what_is_refused_is_given_up_though_its_tokens_cannot_be_counted() {
	let (world, gateway) = without_a_tokenizer().await;
	world.set(0, Mood::TooLate);
	gateway.chase().await;
	assert_eq!(gateway.status().await.unwrap().channels[0].open_requests, 0);
}

/// Longer than what is counted on the spot: 18 tokens.
fn long_texts() -> Vec<Tensor> {
	let text = format!("one{}", " ".repeat(1_500));
	vec![Tensor::from_texts(TEXT, vec![6], &vec![text; 6]).unwrap()]
}

#[tokio::test]
async fn long_texts_are_paid_for_like_short_ones_and_a_lie_about_them_is_seen() {
	let world = World::new(&[Mood::Honest]).await;
	world.takes_text(0);
	world.chain.state().market.offers[0].target.meter = Meter::InputToken;
	let gateway = world.gateway().await;
	ask_with(&gateway, long_texts()).await.unwrap();
	assert_eq!(spending(&gateway).await, (18 * PRICE, 0));
	world.set(0, Mood::Overcharges);
	ask_with(&gateway, long_texts()).await.unwrap_err();
	assert_eq!(gateway.status().await.unwrap().oracles[0].state, "lied");
}

#[tokio::test]
async fn tokens_are_counted_once_and_only_where_they_are_asked_for() {
	let mut world = World::new(&[Mood::Honest]).await;
	// Long enough to fetch the tokenizer on a slow machine, and no longer: a turn is waited for in vain.
	world.options.patience = Duration::from_secs(2);
	world.takes_text(0);
	world.chain.state().market.offers[0].target.meter = Meter::InputToken;
	let gateway = world.gateway().await;
	ask_with(&gateway, long_texts()).await.unwrap();
	// Nobody can count any.
	let _turns = gateway.texts.turns.take_all().await;
	let error = ask_with(&gateway, long_texts()).await.unwrap_err();
	assert_eq!(error.kind(), (503, "busy"), "{error}");
	// Whoever has counted them says how many there are; the receipt is checked by that.
	let counted = Question { tokens: Some(18), ..about("adder", long_texts()) };
	gateway.ask(counted).await.unwrap();
	assert_eq!(spending(&gateway).await, (2 * 18 * PRICE, 0));
	// Who is not paid by the token is not asked for them.
	world.chain.state().market.offers[0].target.meter = Meter::Element;
	gateway.look().await.unwrap();
	ask_with(&gateway, long_texts()).await.unwrap();
	assert_eq!(spending(&gateway).await, ((2 * 18 + 6) * PRICE, 0));
}

#[tokio::test]
async fn one_that_signs_a_lie_is_never_asked_again_and_the_proof_is_kept() {
	let world = World::new(&[Mood::Overcharges, Mood::Honest]).await;
	let gateway = world.gateway().await;
	assert_eq!(sum(&ask(&gateway, 1, 2).await.unwrap().answer), 3);
	world.set(0, Mood::Honest);
	drop(gateway);
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!((world.asked(0), world.asked(1)), (1, 2));
	let status = gateway.status().await.unwrap();
	assert_eq!(status.oracles[0].state, "lied");
	let halted = status.channels.iter().find(|it| it.state == "halted").unwrap();
	assert_eq!((halted.evidence, halted.receipts), (1, 0));

	let world = World::new(&[Mood::CountsTwice]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	ask(&gateway, 1, 2).await.unwrap_err();
	let error = ask(&gateway, 1, 2).await.unwrap_err();
	assert_eq!(error.kind().1, "nobody-fits", "{error}");
	assert_eq!(world.asked(0), 2);
}

#[tokio::test]
async fn whether_a_question_is_wrong_is_not_for_one_alone_to_say() {
	let world = World::new(&[Mood::Picky, Mood::Honest]).await;
	let gateway = world.gateway().await;
	assert_eq!(sum(&ask(&gateway, 1, 2).await.unwrap().answer), 3);
	world.set(1, Mood::Picky);
	let error = ask(&gateway, 1, 2).await.unwrap_err();
	assert_eq!(error.kind(), (422, "question-refused"), "{error}");
	assert_eq!(spending(&gateway).await.0, 2 * (PRICE + 1));
}

#[tokio::test]
async fn when_nobody_answers_it_says_who_was_asked_and_why_not() {
	let world = World::new(&[Mood::Refuses, Mood::Fails, Mood::Dead]).await;
	let gateway = world.gateway().await;
	let error = ask(&gateway, 1, 2).await.unwrap_err();
	let GatewayError::Exhausted(tried) = &error else { panic!("{error}") };
	assert_eq!(tried.len(), 3);
	assert!(tried[1].why.contains("division by zero"), "{error}");
	let (spent, held) = spending(&gateway).await;
	let vouchers = 2 * PRICE + 2 * (PRICE + 2);
	assert_eq!((spent, held), (0, vouchers), "one failed; the others may still charge");
	assert_eq!(
		gateway.ask(about("nothing", inputs(1, 2))).await.unwrap_err().kind(),
		(404, "model-unknown")
	);
}

#[tokio::test]
async fn one_that_is_busy_is_asked_again_if_there_is_nobody_else() {
	let mut world = World::new(&[Mood::Busy]).await;
	world.options.patience = Duration::from_secs(10);
	let gateway = world.gateway().await;
	let oracle = world.oracles[0].clone();
	let opened = async {
		tokio::time::sleep(Duration::from_millis(150)).await;
		oracle.lock().unwrap().mood = Mood::Honest;
	};
	let (answered, ()) = tokio::join!(ask(&gateway, 1, 2), opened);
	assert_eq!(sum(&answered.unwrap().answer), 3);
	assert_eq!(spending(&gateway).await, (2 * PRICE, 0), "one promise, however often it was sent");
}

#[tokio::test]
async fn a_channel_to_another_is_there_before_it_is_needed() {
	let mut world = World::new(&[Mood::Honest, Mood::Honest, Mood::Honest]).await;
	world.options.standby = 2;
	// Those that are not asked are so dear that the one that is stays the best, however slow the machine is.
	for offer in &mut world.chain.state().market.offers[1..] {
		offer.target.unit_price = 20 * PRICE;
	}
	let gateway = world.gateway().await;
	gateway.provision().await;
	assert_eq!(world.chain.state().channels.len(), 0, "no model is used yet");
	ask(&gateway, 1, 2).await.unwrap();
	gateway.provision().await;
	gateway.provision().await;
	assert_eq!(world.chain.state().channels.len(), 2);
}
