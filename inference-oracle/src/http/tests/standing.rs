//! An oracle that may not serve, or serves only so much, because of its bond or its node.

use super::*;

#[tokio::test]
async fn an_oracle_that_may_not_serve_says_so() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let after = |change: fn(&mut crate::chain::Head)| {
		let good = server.chain.state().head.clone();
		change(&mut server.chain.state().head);
		server.chain.finalise();
		let refused = server.refused(&request);
		let server = &server;
		async move {
			let problem = refused.await;
			server.chain.state().head = good;
			server.chain.finalise();
			problem
		}
	};
	assert_eq!(after(|head| head.standing.active = false).await.kind, OracleNotBonded);
	assert_eq!(after(|head| head.standing.free_bond = PRICE).await.kind, OracleNotBonded);
	// It may accept so much, and is paused because little is left.
	let paused = after(|head| head.standing.free_bond = head.standing.bond / 21).await;
	assert_eq!((paused.kind, paused.status), (OracleNotBonded, 503));
	assert_eq!(after(|head| head.receipt_key = None).await.kind, NotReady);
	assert_eq!(after(|head| head.receipt_key = Some([3; 32])).await.kind, NotReady);
	let ask = |head: &mut crate::chain::Head| {
		head.versions.get_mut(&VERSION).unwrap().ask = None;
	};
	assert_eq!(after(ask).await.kind, ModelUnknown);
	let deprecate = |head: &mut crate::chain::Head| {
		head.versions.get_mut(&VERSION).unwrap().open = false;
	};
	let problem = after(deprecate).await;
	assert_eq!((problem.kind, problem.status), (ModelDeprecated, 410));
	checked(&request, server.send(&request).await);

	server.app.drain();
	let problem = server.refused(&classify(&mut consumer)).await;
	assert_eq!((problem.kind, problem.status), (NotReady, 503));
	assert_eq!(server.get("/v2/health/ready").await.0, 503);
	assert_eq!(server.get("/v2/health/live").await.0, 200);
}

#[tokio::test]
async fn a_paused_oracle_says_when_to_come_back_and_gives_stored_answers() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let first = checked(&request, server.send(&request).await);
	{
		let standing = &mut server.chain.state().head.standing;
		standing.free_bond = standing.bond / 21;
		standing.unlocks = vec![(HEAD + 52, standing.bond)];
	}
	server.chain.finalise();
	let next = classify(&mut consumer);
	let reply = server.send(&next).await;
	// The head is at block 102.
	assert_eq!((reply.receipt, reply.retry_after), (None, Some(Duration::from_secs(150))));
	assert_eq!(reply.body.unwrap_err().kind, ProblemKind::OracleNotBonded);
	assert_eq!(server.get("/v2/health/ready").await.0, 503);
	assert_eq!(server.get("/v2/models/magika/ready").await.0, 503);
	assert_eq!(checked(&request, server.send(&request).await), first);
	assert_eq!(server.total(&consumer), PRICE);

	// The lock ends.
	{
		let standing = &mut server.chain.state().head.standing;
		standing.free_bond = standing.bond;
	}
	server.chain.finalise();
	assert_eq!(server.get("/v2/health/ready").await.0, 200);
	checked(&next, server.send(&next).await);
	assert_eq!(server.total(&consumer), 2 * PRICE);
}

#[tokio::test]
async fn while_the_chain_is_not_seen_only_the_set_risk_is_served_and_stored_answers_always() {
	use crate::blind::Policy;
	use std::time::Duration;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let first = classify(&mut consumer);
	let answered = checked(&first, server.send(&first).await);
	server.chain.finalise();
	let at_most = Duration::from_secs(3_600);
	let policy = Policy { after: Duration::ZERO, risk: 2 * PRICE, at_most };
	server.app.ledger.serve_blindly(policy);
	assert!(server.app.ledger.is_blind());
	for _ in 0..2 {
		let request = classify(&mut consumer);
		checked(&request, server.send(&request).await);
	}
	let third = classify(&mut consumer);
	assert_eq!(server.refused(&third).await.kind, ProblemKind::NotReady);
	assert_eq!(checked(&first, server.send(&first).await), answered);
	// The next block makes room.
	server.chain.finalise();
	checked(&third, server.send(&third).await);
	server.app.ledger.serve_blindly(Policy { at_most: Duration::ZERO, ..policy });
	assert!(server.app.not_ready().is_some(), "not for ever");
	assert_eq!(checked(&first, server.send(&first).await), answered, "stored answers are given");
	assert_eq!(server.refused(&classify(&mut consumer)).await.kind, ProblemKind::NotReady);
}

#[tokio::test]
async fn a_node_that_lags_is_served_from_like_one_that_is_silent() {
	served_up_to_the_risk(Ledger::lags).await;
}

#[tokio::test]
async fn a_node_whose_blocks_are_old_by_the_clock_is_served_from_like_one_that_lags() {
	served_up_to_the_risk(Ledger::ages).await;
}

/// While the ledger is told so.
async fn served_up_to_the_risk(tell: fn(&Ledger, bool)) {
	use crate::blind::Policy;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	// A channel that is known already.
	let known = classify(&mut consumer);
	checked(&known, server.send(&known).await);
	server.chain.finalise();
	let policy = Policy { risk: 2 * PRICE, ..Policy::default() };
	server.app.ledger.serve_blindly(policy);
	tell(&server.app.ledger, true);
	assert!(server.app.ledger.is_blind() && server.app.ledger.sees_old_blocks());
	// What is new to it is not looked up: the state of it is old, too.
	let new = classify(&mut server.other_consumer());
	assert_eq!(server.refused(&new).await.kind, ProblemKind::NotReady);
	let page = reqwest::get(format!("{}/", server.address)).await.unwrap().text().await.unwrap();
	assert!(page.contains("finalised blocks are old"), "{page}");
	let metrics = reqwest::get(format!("{}/metrics", server.address)).await.unwrap();
	let metrics = metrics.text().await.unwrap();
	assert!(metrics.contains("usufruct_oracle_chain_unseen 1"), "{metrics}");
	for _ in 0..2 {
		let request = classify(&mut consumer);
		checked(&request, server.send(&request).await);
		// Old blocks make no room.
		server.chain.finalise();
	}
	let third = classify(&mut consumer);
	assert_eq!(server.refused(&third).await.kind, ProblemKind::NotReady);
	tell(&server.app.ledger, false);
	server.chain.finalise();
	checked(&third, server.send(&third).await);
	checked(&new, server.send(&new).await);
}

#[tokio::test]
async fn one_that_has_seen_no_block_since_its_start_says_so_and_gives_nothing() {
	let server = Server::start().await;
	let folder = tempfile::tempdir().unwrap();
	let ledger = Ledger::open(folder.path(), GENESIS, ORACLE, receipt_key()).await.unwrap();
	let ledger = Arc::new(ledger);
	let app = &server.app;
	let app = Arc::new(App::new(
		app.identity.clone(),
		Arc::clone(&ledger),
		Arc::clone(&app.catalogue),
		server.chain.clone(),
		server.chain.heads(),
		Arc::default(),
		app.limits,
	));
	let address = listen(router(Arc::clone(&app))).await;
	let http = OracleHttp::new(&address, Reach::Anywhere).unwrap();
	let request = classify(&mut server.consumer());
	let ask =
		|| http.infer("magika", serde_json::to_vec(&request.body).unwrap(), Some(&request.headers));
	let problem = ask().await.unwrap().body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (ProblemKind::NotReady, 503));
	assert!(problem.detail.contains("waits for its node"), "{problem}");
	assert!(app.not_ready().is_some());
	server.chain.follow(&ledger);
	assert_eq!(app.not_ready(), None);
	checked(&request, ask().await.unwrap());
}

#[test]
fn who_has_too_many_failed_receipts_is_told_what_to_do() {
	let refusal = crate::book::Refusal::TooManyFailed { count: 4_096, whose: "this channel" };
	let refused = Refused::from(refusal);
	assert_eq!((refused.problem.kind, refused.problem.status), (ProblemKind::FailedLimit, 429));
	assert_eq!(refused.retry_s, 600);
	assert!(refused.problem.detail.contains("close the channel"), "{}", refused.problem);
}
