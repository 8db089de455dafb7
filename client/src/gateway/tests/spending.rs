//! What a gateway may spend, over many requests, restarts and crashes.

use super::*;
use crate::gateway::{
	spend::{by_machine, Hold},
	store::{HoldError, Spending},
};
use std::time::Instant;

fn over(error: &GatewayError) -> Scope {
	match error {
		GatewayError::Hold(HoldError::OverLimit(over)) => over.scope,
		error => panic!("{error}"),
	}
}

#[tokio::test]
async fn over_a_limit_nothing_is_signed_also_after_a_restart() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.day = 5 * PRICE;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	ask(&gateway, 1, 2).await.unwrap();
	let error = ask(&gateway, 1, 2).await.unwrap_err();
	assert_eq!((over(&error), error.kind()), (Scope::Day, (402, "day-limit")), "{error}");
	drop(gateway);
	let gateway = world.gateway().await;
	assert_eq!(spending(&gateway).await, (4 * PRICE, 0));
	ask(&gateway, 1, 2).await.unwrap_err();
	let oracle = world.oracles[0].lock().unwrap();
	assert_eq!((oracle.asked, oracle.newest.as_ref().unwrap().voucher.cap), (2, 4 * PRICE));
}

#[tokio::test]
async fn no_clock_that_is_set_gives_a_limit_a_second_time_also_after_a_restart() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.day = 2 * PRICE;
	let mut gateway = world.gateway().await;
	let day = |gateway: Arc<Gateway>| async move { gateway.status().await.unwrap().spending.day };
	// This machine's clock says a later one, which counts for nothing.
	assert_eq!(day(gateway.clone()).await, TODAY);
	ask(&gateway, 1, 2).await.unwrap();
	for (told, counts, spends) in [
		(TODAY, TODAY, false),
		// Back, as a node says that is behind, and forth.
		(TODAY - 1, TODAY, false),
		(0, TODAY, false),
		(TODAY, TODAY, false),
		(TODAY + 1, TODAY + 1, true),
		// And back again.
		(TODAY, TODAY + 1, false),
		(TODAY + 1, TODAY + 1, false),
		(TODAY + 2, TODAY + 2, true),
	] {
		world.tell(&gateway, told, 0).await;
		assert_eq!(day(gateway.clone()).await, counts, "told {told}");
		let asked = ask(&gateway, 1, 2).await;
		match spends {
			true => drop(asked.unwrap()),
			false => assert_eq!(over(&asked.unwrap_err()), Scope::Day, "told {told}"),
		}
		drop(gateway);
		gateway = world.gateway().await;
		assert_eq!(day(gateway.clone()).await, counts, "told {told}, after a restart");
		assert_eq!(over(&ask(&gateway, 1, 2).await.unwrap_err()), Scope::Day, "told {told}");
	}
	assert_eq!(world.asked(0), 3, "one on each day");
}

#[tokio::test]
async fn a_day_ends_also_while_no_block_is_seen() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.day = 2 * PRICE;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!(over(&ask(&gateway, 1, 2).await.unwrap_err()), Scope::Day);
	world.tell(&gateway, TODAY, DAY_MS - 500).await;
	let begun = Instant::now();
	while let Err(error) = ask(&gateway, 1, 2).await {
		assert_eq!(over(&error), Scope::Day);
		assert!(begun.elapsed() < Duration::from_secs(20), "the day does not end");
		tokio::time::sleep(Duration::from_millis(5)).await;
		// The node goes on to answer, and finality stalls: it is the same block.
		gateway.look().await.unwrap();
	}
	assert_eq!(gateway.status().await.unwrap().spending.day, TODAY + 1);
}

#[tokio::test]
async fn a_node_that_tells_a_day_that_is_yet_to_come_is_not_believed_and_locks_nobody_out() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.day = 2 * PRICE;
	let mut gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	for told in [by_machine() + 3, 47_482, Day::MAX] {
		world.tell(&gateway, told, 0).await;
		let error = ask(&gateway, 1, 2).await.unwrap_err();
		assert_eq!(error.kind(), (503, "clocks-apart"), "{error}");
		drop(gateway);
		gateway = world.gateway().await;
		// It tells the truth again: the limit is spent, and the next day has its own.
		world.tell(&gateway, TODAY, 0).await;
		assert_eq!(over(&ask(&gateway, 1, 2).await.unwrap_err()), Scope::Day, "told {told}");
	}
	world.tell(&gateway, TODAY + 1, 0).await;
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!(world.asked(0), 2);
}

#[tokio::test]
async fn a_model_may_have_a_limit_of_its_own() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.models.insert(MODEL, 3 * PRICE);
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	let error = ask(&gateway, 1, 2).await.unwrap_err();
	assert_eq!((over(&error), error.kind().1), (Scope::Model(MODEL), "model-limit"));
	let model = gateway.status().await.unwrap().models.remove(0);
	assert_eq!((model.spent, model.receipts), (2 * PRICE, 1));
	assert_eq!(model.limit, Some((3 * PRICE).to_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_stay_within_the_limit_and_the_channel_is_topped_up() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.day = 100 * 2 * PRICE;
	world.options.budget.escrow = 40 * 2 * PRICE;
	world.options.budget.max_unacked = 200 * 2 * PRICE;
	world.options.patience = Duration::from_secs(20);
	let gateway = world.gateway().await;
	let asked = (0..150).map(|n| {
		let gateway = gateway.clone();
		tokio::spawn(async move { ask(&gateway, n, n).await })
	});
	let results = futures::future::join_all(asked.collect::<Vec<_>>()).await;
	let (answered, refused): (Vec<_>, Vec<_>) =
		results.into_iter().map(Result::unwrap).partition(Result::is_ok);
	assert_eq!(answered.len(), 100);
	assert!(refused.iter().all(|it| over(it.as_ref().unwrap_err()) == Scope::Day));
	assert_eq!(spending(&gateway).await, (100 * 2 * PRICE, 0));
	let state = world.chain.state();
	assert_eq!((state.channels.len(), state.topped_up), (1, 2));
}

#[tokio::test]
async fn channels_hold_no_more_than_the_budget() {
	let mut world = World::new(&[Mood::Honest, Mood::Honest]).await;
	world.options.budget.total = 1_500;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	world.set(0, Mood::Refuses);
	let error = ask(&gateway, 1, 2).await.unwrap_err();
	let GatewayError::Exhausted(tried) = &error else { panic!("{error}") };
	assert!(tried[1].why.contains("raise --budget"), "{error}");
	assert_eq!(world.chain.state().channels.len(), 1);

	let mut world = World::new(&[Mood::Honest]).await;
	world.options.budget.total = 999;
	let error = ask(&world.gateway().await, 1, 2).await.unwrap_err();
	assert_eq!(error.kind(), (402, "over-budget"), "{error}");
}

#[tokio::test]
async fn what_was_signed_counts_as_long_as_it_may_get_into_a_block_also_after_a_restart() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.budget.total = 1_500;
	let gateway = world.gateway().await;
	world.chain.state().loses = true;
	let error = ask(&gateway, 1, 2).await.unwrap_err();
	assert_eq!(error.kind(), (503, "no-channel"), "{error}");
	assert_eq!(gateway.purse.held(), 1_000);
	world.chain.state().loses = false;
	let over = |error: GatewayError| assert_eq!(error.kind().1, "over-budget", "{error}");
	over(ask(&gateway, 1, 2).await.unwrap_err());
	drop(gateway);
	let gateway = world.gateway().await;
	// It was waited for, and then was good for as long again, at the most.
	world.pass(&gateway, 144).await;
	over(ask(&gateway, 1, 2).await.unwrap_err());
	world.pass(&gateway, 1).await;
	assert_eq!(gateway.purse.held(), 0);
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!(gateway.purse.held(), 1_000, "what is known is counted once");
	drop(gateway);
	assert_eq!(world.gateway().await.purse.held(), 1_000);
}

#[tokio::test]
async fn a_top_up_that_was_lost_counts_as_well() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.budget.escrow = 2 * PRICE;
	world.options.budget.total = 4 * PRICE + 1;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	world.chain.state().loses = true;
	assert_eq!(ask(&gateway, 1, 2).await.unwrap_err().kind().1, "no-channel");
	assert_eq!(gateway.purse.held(), 4 * PRICE);
	world.chain.state().loses = false;
	assert_eq!(ask(&gateway, 1, 2).await.unwrap_err().kind().1, "over-budget");
	// The second one was not sent, so that nothing is in the channel twice.
	assert_eq!(world.chain.state().topped_up, 0);
	world.pass(&gateway, 145).await;
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!((gateway.purse.held(), world.chain.state().topped_up), (4 * PRICE, 1));
}

#[tokio::test]
async fn what_was_so_before_takes_no_channel_away_and_lets_go_of_nothing() {
	let world = World::new(&[Mood::Dead]).await;
	let gateway = world.gateway().await;
	let before = world.chain.state().view();
	world.chain.state().market.head += 1;
	ask(&gateway, 1, 2).await.unwrap_err();
	let held = 2 * PRICE;
	assert_eq!((gateway.purse.held(), spending(&gateway).await), (1_000, (0, held)));
	// It was read before the channel was opened, and comes late; or another node is behind.
	world.chain.state().behind = Some(before);
	gateway.look().await.unwrap();
	gateway.chase().await;
	assert_eq!((gateway.purse.held(), spending(&gateway).await), (1_000, (0, held)));
	assert_eq!(gateway.purse.channels().len(), 1);
	drop(gateway);
	let gateway = world.gateway().await;
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (0, held), "after a restart, too");

	world.chain.state().behind = None;
	world.set(0, Mood::Honest);
	world.pass(&gateway, crate::gateway::oracles::SERVE_WINDOW + 11).await;
	gateway.chase().await;
	assert_eq!(spending(&gateway).await, (held, 0), "the answer came, and is booked");
}

#[tokio::test]
async fn what_was_in_a_channel_before_is_not_what_it_holds() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.budget.escrow = 2 * PRICE;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	let before = world.chain.state().view();
	world.chain.state().market.head += 1;
	ask(&gateway, 1, 2).await.unwrap();
	world.chain.state().behind = Some(before);
	gateway.look().await.unwrap();
	let known = gateway.purse.channels().remove(0);
	let limits = gateway.keeper.store().ledger(&known.record).unwrap().limits();
	assert_eq!((gateway.purse.held(), limits.funds), (4 * PRICE, 4 * PRICE));
}

#[tokio::test]
async fn what_is_final_counts_until_the_channel_is_seen_in_that_block() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.budget.total = 1_500;
	let gateway = world.gateway().await;
	let before = world.chain.state().view();
	world.chain.state().market.head += 1;
	world.chain.state().behind = Some(before);
	ask(&gateway, 1, 2).await.unwrap();
	assert_eq!((gateway.purse.channels().len(), gateway.purse.held()), (0, 1_000));
	assert_eq!(ask(&gateway, 1, 2).await.unwrap_err().kind().1, "over-budget");
	world.chain.state().behind = None;
	world.pass(&gateway, 150).await;
	assert_eq!((gateway.purse.channels().len(), gateway.purse.held()), (1, 1_000));
	ask(&gateway, 1, 2).await.unwrap();
}

#[tokio::test]
async fn a_question_and_the_round_beside_it_top_a_channel_up_once() {
	let mut world = World::new(&[Mood::Honest]).await;
	// After two questions of 14 it has too little for a third, and is nearly empty.
	world.options.budget.escrow = 36;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap();
	ask(&gateway, 1, 2).await.unwrap();
	let gate = Arc::new(Notify::new());
	world.chain.state().gate = Some(gate.clone());
	let asking = tokio::spawn({
		let gateway = gateway.clone();
		async move { ask(&gateway, 1, 2).await }
	});
	while world.chain.state().at_the_gate == 0 {
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	let mut round = std::pin::pin!(gateway.provision());
	assert!(futures::poll!(&mut round).is_pending(), "it sees that, too");
	world.chain.state().gate = None;
	gate.notify_one();
	round.await;
	asking.await.unwrap().unwrap();
	assert_eq!((world.chain.state().topped_up, gateway.purse.held()), (1, 72));
}

#[tokio::test]
async fn a_channel_whose_key_was_replaced_elsewhere_stops_no_other_and_counts_as_held() {
	for nth in 0..2 {
		let mut world = World::new(&[Mood::Honest, Mood::Honest]).await;
		world.options.standby = 2;
		let gateway = world.gateway().await;
		ask(&gateway, 1, 2).await.unwrap();
		gateway.provision().await;
		assert_eq!(gateway.purse.held(), 2_000);
		drop(gateway);
		for channel in world.chain.state().channels.values_mut() {
			if channel.oracle == [nth as u8 + 100; 32] {
				channel.key = [7; 32];
			}
		}
		// It starts all the same.
		let gateway = world.gateway().await;
		assert_eq!(gateway.purse.held(), 2_000);
		let states = |gateway: Arc<Gateway>| async move {
			let status = gateway.status().await.unwrap();
			let mut states: Vec<_> = status.channels.into_iter().map(|it| it.state).collect();
			states.sort();
			states
		};
		assert_eq!(states(gateway.clone()).await, ["locked", "open"]);
		let asked = world.asked(nth);
		ask(&gateway, 1, 2).await.unwrap();
		assert_eq!(world.asked(nth), asked, "nothing is signed on it");
		gateway.look().await.unwrap();
		assert_eq!(world.chain.state().channels.len(), 2);
	}
}

#[tokio::test]
async fn what_is_too_dear_or_too_large_is_said_before_a_channel_is_opened() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.budget.max_unit_price = Some(PRICE - 1);
	let error = ask(&world.gateway().await, 1, 2).await.unwrap_err();
	assert_eq!(error.kind(), (503, "nobody-fits"));
	assert!(error.to_string().contains("--max-unit-price"), "{error}");

	let mut world = World::new(&[Mood::Honest]).await;
	world.options.budget.max_unacked = 2 * PRICE - 1;
	let error = ask(&world.gateway().await, 1, 2).await.unwrap_err();
	assert_eq!(error.kind(), (402, "too-large"), "{error}");
	assert_eq!(world.chain.state().channels.len(), 0);
	assert_eq!(world.asked(0), 0);
}

/// Between any two steps the process may die: what is on disk then is what the steps so far wrote.
#[tokio::test]
async fn a_crash_loses_no_hold_that_may_cost_something_and_keeps_none_that_cannot() {
	let world = World::new(&[Mood::Dead]).await;
	let gateway = world.gateway().await;
	ask(&gateway, 1, 2).await.unwrap_err();
	assert_eq!(spending(&gateway).await, (0, 2 * PRICE));
	drop(gateway);
	// It died after it held for a request, and before it promised anything.
	{
		let keeper = Keeper::open(&world.dir.path().join("channels.redb")).unwrap();
		let limits = world.options.limits.clone();
		let (spending, _) = Spending::open(world.dir.path(), &GENESIS, limits, &keeper).unwrap();
		let hold = Hold { day: TODAY, model: MODEL, amount: 1_000 };
		spending.hold(([9; 32], [9; 32]), hold, TODAY).await.unwrap();
	}
	let gateway = world.gateway().await;
	assert_eq!(spending(&gateway).await, (0, 2 * PRICE), "the silent oracle has a voucher");

	// It died after the receipt was accepted, and before it was booked.
	let charged = {
		world.set(0, Mood::Honest);
		world.pass(&gateway, 100).await;
		let record = gateway.purse.channels().remove(0).record;
		let ledger = gateway.keeper.store().ledger(&record).unwrap();
		let request = &ledger.open().values().next().unwrap().request;
		let session = gateway.session_of(&record, request).await.unwrap().unwrap();
		let answers = session.resume().await.unwrap();
		answers[0].as_ref().unwrap().receipt.receipt.amount
	};
	assert_eq!(spending(&gateway).await, (0, 2 * PRICE));
	drop(gateway);
	let gateway = world.gateway().await;
	assert_eq!(spending(&gateway).await, (charged, 0));
}
