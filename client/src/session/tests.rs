//! Sessions against oracles of every character, over real HTTP.

use super::*;
use crate::{
	channel::{
		ledger::{Disorder, Limits, NotAccepted},
		Refused,
	},
	oracle_api::ProblemKind,
	testing::{inputs, retired_key, sum, text, Mood, Oracle, Shared, GENESIS, PRICE},
	text::{
		tests::{words, words_without_marks},
		TEXT,
	},
};
use ed25519_dalek::SigningKey;
use tokio::net::TcpListener;
use usufruct_primitives::Seq;

const CHANNEL: ChannelId = [2; 32];
/// Block 50 of a chain whose closing window is no real one's.
const NOW: Now = Now { head: 50, closing_window: 1_000 };
/// When no voucher that was signed at block 50 can be served any more.
const OVER: BlockNumber = 50 + SERVE_WINDOW + 11;
/// Silent ones are waited for that long in vain, and on a busy machine an honest one must not be taken for one.
const PATIENCE: Duration = Duration::from_secs(2);

struct World {
	oracle: Shared,
	endpoint: String,
	dir: tempfile::TempDir,
}

impl World {
	async fn new(mood: Mood) -> Self {
		let channel_key = SigningKey::from_bytes(&[3; 32]).verifying_key().to_bytes();
		let mut oracle = Oracle::new(mood, 5);
		oracle.channels.insert(CHANNEL, channel_key);
		let (oracle, endpoint) = oracle.start().await;
		let world = Self { oracle, endpoint, dir: tempfile::tempdir().unwrap() };
		let record = ChannelRecord {
			channel_id: CHANNEL,
			genesis: GENESIS,
			consumer: [8; 32],
			oracle: [9; 32],
			model: 4,
			salt: 1,
			secret: [3; 32],
		};
		let limits = Limits { max_unit_price: 10, max_unacked: 100, funds: 100_000 };
		world.keeper().add(record, limits).await.unwrap();
		world
	}

	fn keeper(&self) -> Arc<Keeper> {
		Arc::new(Keeper::open(&self.dir.path().join("channels.redb")).unwrap())
	}

	fn session(&self) -> Session {
		self.session_with(|_| ())
	}

	fn session_with(&self, change: impl FnOnce(&mut Target)) -> Session {
		let mut target = Target {
			receipt_key: self.oracle.lock().unwrap().key.verifying_key().to_bytes(),
			retired_keys: vec![retired_key().verifying_key().to_bytes()],
			endpoint: self.endpoint.clone(),
			model_name: "adder".into(),
			model_version: 6,
			meter: Meter::Element,
			unit_price: PRICE,
			text: None,
		};
		change(&mut target);
		Session::new(self.keeper(), &CHANNEL, target, NOW, Reach::Anywhere)
			.unwrap()
			.with_patience(PATIENCE)
	}

	fn set(&self, mood: Mood) {
		self.oracle.lock().unwrap().mood = mood;
	}
}

/// Acknowledged receipts and total, and the open amount.
fn standing(session: &Session) -> (Seq, Balance, Balance) {
	let ledger = session.keeper.store().ledger(&session.record).unwrap();
	(ledger.head().ack_seq, ledger.head().ack_total, ledger.open_amount())
}

#[tokio::test]
async fn an_answer_is_checked_and_acknowledged_by_the_next_voucher() {
	let world = World::new(Mood::Honest).await;
	let session = world.session();
	let first = session.infer(inputs(1, 2)).await.unwrap();
	assert_eq!((sum(&first), first.receipt.receipt.amount), (3, 2 * PRICE));
	assert_eq!(standing(&session), (1, 14, 0));
	session.advance(60);
	session.infer(inputs(3, 4)).await.unwrap();
	let newest = world.oracle.lock().unwrap().newest.clone().unwrap().voucher;
	assert_eq!((newest.ack_seq, newest.ack_total, newest.cap), (1, 14, 28));
	assert_eq!(newest.serve_until, 60 + SERVE_WINDOW);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_stay_within_the_window() {
	let world = World::new(Mood::Honest).await;
	let session = Arc::new(world.session().with_patience(Duration::from_secs(20)));
	let tasks: Vec<_> = (0..60)
		.map(|n| {
			let session = session.clone();
			tokio::spawn(async move { sum(&session.infer(inputs(n, n)).await.unwrap()) })
		})
		.collect();
	for (n, task) in tasks.into_iter().enumerate() {
		assert_eq!(task.await.unwrap(), 2 * n as i32);
	}
	assert_eq!(standing(&session), (60, 60 * 14, 0));
	let receipts = session.keeper.store().receipts(&CHANNEL).unwrap();
	assert!(receipts.iter().zip(1..).all(|(receipt, seq)| receipt.0.receipt.seq == seq));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_charged_once() {
	let world = World::new(Mood::HangsUpOnce).await;
	let session = world.session();
	assert_eq!(sum(&session.infer(inputs(1, 2)).await.unwrap()), 3);
	assert_eq!(world.oracle.lock().unwrap().asked, 2);
	assert_eq!(standing(&session), (1, 14, 0));
}

#[tokio::test]
async fn what_a_silent_oracle_left_open_is_resumed_by_the_next_session() {
	let world = World::new(Mood::Busy).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
	assert_eq!(standing(&session), (0, 0, 14), "its money stays reserved");
	drop(session);
	world.set(Mood::Honest);
	let session = world.session();
	let answers = session.resume().await.unwrap();
	assert_eq!(answers.len(), 1);
	assert_eq!(sum(answers[0].as_ref().unwrap()), 3);
	assert_eq!(standing(&session), (1, 14, 0));
	assert!(session.resume().await.unwrap().is_empty());
}

#[tokio::test]
async fn patience_is_for_all_that_are_resumed_together() {
	let world = World::new(Mood::Busy).await;
	let session = Arc::new(world.session());
	let asking = (0..5).map(|number| session.infer(inputs(number, 1)));
	let errors = futures::future::join_all(asking).await;
	assert!(errors.iter().all(Result::is_err));
	let begun = Instant::now();
	let answers = session.resume().await.unwrap();
	assert!(answers.len() == 5 && answers.iter().all(Result::is_err));
	assert!(begun.elapsed() < PATIENCE * 3, "{:?}", begun.elapsed());
	world.set(Mood::Honest);
	let answers = session.resume().await.unwrap();
	assert!(answers.len() == 5 && answers.iter().all(Result::is_ok));
	assert_eq!(standing(&session), (5, 70, 0));
}

/// A session that pays by the token.
fn by_token(world: &World, version: VersionId, text: Option<Text>) -> Session {
	world.session_with(|target| {
		(target.meter, target.model_version) = (Meter::InputToken, version);
		target.text = text.map(Arc::new);
	})
}

#[tokio::test]
async fn an_open_request_whose_tokenizer_is_gone_is_neither_paid_nor_taken_for_a_lie() {
	let world = World::new(Mood::Busy).await;
	let session = by_token(&world, 6, Some(words()));
	let error = session.infer(text("one")).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
	drop(session);
	world.set(Mood::Honest);
	// There is the next version's, which counts otherwise, or none.
	for other in [Some(words_without_marks()), None] {
		let session = by_token(&world, 7, other);
		let answers = session.resume().await.unwrap();
		let error = answers[0].as_ref().unwrap_err();
		assert!(matches!(error, InferError::Meter(MeterError::NotRecomputable(_))), "{error}");
		assert_eq!(standing(&session), (0, 0, 3 * PRICE), "its money stays reserved");
		let ledger = session.keeper.store().ledger(&session.record).unwrap();
		assert_eq!(ledger.head().halted, None);
		assert_eq!(session.keeper.store().evidence(&CHANNEL).unwrap().len(), 1, "it is kept");
	}
	let session = by_token(&world, 6, Some(words()));
	let answers = session.resume().await.unwrap();
	assert_eq!(answers[0].as_ref().unwrap().receipt.receipt.amount, 3 * PRICE);
	assert_eq!(standing(&session), (1, 3 * PRICE, 0));
	assert_eq!(world.oracle.lock().unwrap().seq, 1, "it was served once");
}

#[tokio::test]
async fn the_tokens_of_what_is_asked_again_are_counted_in_turn() {
	let world = World::new(Mood::Busy).await;
	let turns = Turns::default();
	let session = by_token(&world, 6, Some(words())).with_turns(turns.clone());
	// Longer than what is counted on the spot: two tokens each.
	let long = Tensor::from_texts(TEXT, vec![6], &vec![" ".repeat(1_500); 6]).unwrap();
	let error = session.infer(vec![long]).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
	world.set(Mood::Honest);
	let taken = turns.take_all().await;
	let answers = session.resume().await.unwrap();
	let error = answers[0].as_ref().unwrap_err();
	assert!(matches!(error, InferError::Uncounted(CountError::Busy)), "{error}");
	assert_eq!(standing(&session), (0, 0, 12 * PRICE), "its money stays reserved");
	assert_eq!(session.keeper.store().evidence(&CHANNEL).unwrap().len(), 1, "it is kept");
	drop(taken);
	let answers = session.resume().await.unwrap();
	assert_eq!(answers[0].as_ref().unwrap().receipt.receipt.amount, 12 * PRICE);
	assert_eq!(standing(&session), (1, 12 * PRICE, 0));
	assert_eq!(world.oracle.lock().unwrap().seq, 1, "it was served once");
}

#[tokio::test]
async fn a_refusal_frees_the_money_of_a_request_whose_tokenizer_is_gone() {
	let world = World::new(Mood::Busy).await;
	let session = by_token(&world, 6, Some(words()));
	session.infer(text("one")).await.unwrap_err();
	drop(session);
	world.set(Mood::TooLate);
	let session = by_token(&world, 6, None);
	let answers = session.resume().await.unwrap();
	assert!(matches!(answers[0], Err(InferError::Unanswered { .. })), "its voucher is good yet");
	assert_eq!(standing(&session), (0, 0, 3 * PRICE));
	session.advance(OVER);
	let answers = session.resume().await.unwrap();
	assert!(matches!(answers[0], Err(InferError::Refused(_))));
	assert_eq!(standing(&session), (0, 0, 0));
}

#[tokio::test]
async fn a_refusal_for_good_frees_the_money_and_charges_nothing() {
	let world = World::new(Mood::Refuses).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	let InferError::Refused(problem) = error else { panic!("{error}") };
	assert_eq!(problem.kind, ProblemKind::ModelDeprecated);
	assert_eq!(standing(&session), (0, 0, 0));
	world.set(Mood::Honest);
	assert!(session.infer(inputs(1, 2)).await.is_ok());
}

/// A session on whose channel the oracle served the first request and said that it refused it.
async fn denied() -> (World, Session) {
	let world = World::new(Mood::Denies).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Refused(_)), "{error}");
	assert_eq!(standing(&session), (0, 0, 0));
	world.set(Mood::Honest);
	(world, session)
}

#[tokio::test]
async fn what_was_refused_and_signed_all_the_same_is_fetched_when_later_receipts_show_it() {
	let (world, session) = denied().await;
	assert_eq!(sum(&session.infer(inputs(3, 4)).await.unwrap()), 7);
	assert_eq!(standing(&session), (0, 0, 14), "its receipt waits for the first");
	assert_eq!(sum(&session.infer(inputs(5, 6)).await.unwrap()), 11);
	assert_eq!(standing(&session), (3, 42, 0));
	assert_eq!(world.oracle.lock().unwrap().seq, 3, "nothing was served twice");
}

#[tokio::test]
async fn what_was_refused_and_signed_all_the_same_is_fetched_after_a_crash() {
	let (world, session) = denied().await;
	session.infer(inputs(3, 4)).await.unwrap();
	drop(session);
	let session = world.session();
	let answers = session.resume().await.unwrap();
	assert_eq!(answers.len(), 1);
	assert_eq!(sum(answers[0].as_ref().unwrap()), 3, "the answer that was paid for");
	assert_eq!(standing(&session), (2, 28, 0));
	let receipts = session.keeper.store().receipts(&CHANNEL).unwrap();
	assert!(receipts.iter().all(|(_, salt)| *salt != [0; 32]), "payloads were kept till now");
	assert!(session.resume().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_channel_on_which_all_was_charged_and_denied_works_again() {
	let (world, session) = denied().await;
	// All that may be unacknowledged is charged, and nothing here knows of it.
	let limits = Limits { max_unit_price: 10, max_unacked: 14, funds: 100_000 };
	session.keeper.set_limits(CHANNEL, limits).await.unwrap();
	let error = session.infer(inputs(3, 4)).await.unwrap_err();
	assert!(
		matches!(&error, InferError::Refused(problem) if problem.kind == ProblemKind::CapTooLow),
		"{error}"
	);
	assert_eq!(standing(&session), (1, 14, 0), "that says that there is a receipt");
	assert_eq!(sum(&session.infer(inputs(5, 6)).await.unwrap()), 11);
	assert_eq!(world.oracle.lock().unwrap().seq, 2, "what was refused was not served");
}

/// How often the oracle is asked for one question, when it takes so long to refuse each older one again.
async fn asked_while_it_stalls(world: &World, session: &Session, stall: Duration) -> usize {
	let before = {
		let mut oracle = world.oracle.lock().unwrap();
		(oracle.mood, oracle.stall) = (Mood::Stalls, stall);
		oracle.asked
	};
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(
		matches!(&error, InferError::Refused(problem) if problem.kind == ProblemKind::CapTooLow),
		"{error}"
	);
	let asked = world.oracle.lock().unwrap().asked;
	asked - before
}

/// Six requests are refused, and any of them may have been signed for.
async fn refused() -> (World, Session) {
	let world = World::new(Mood::Refuses).await;
	let session = world.session();
	for _ in 0..6 {
		let error = session.infer(inputs(1, 2)).await.unwrap_err();
		assert!(matches!(error, InferError::Refused(_)), "{error}");
	}
	assert_eq!(session.ledger().unwrap().released().len(), 6);
	(world, session)
}

const FOR_EVER: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn one_that_refuses_and_then_is_silent_is_waited_for_once() {
	let (world, session) = refused().await;
	let asked = asked_while_it_stalls(&world, &session, FOR_EVER).await;
	assert_eq!(asked, 2, "for the question, and for the first that it refused");
}

#[tokio::test]
async fn however_slow_one_is_patience_is_for_all_that_it_refused_together() {
	let (world, session) = refused().await;
	let asked = asked_while_it_stalls(&world, &session, PATIENCE * 3 / 8).await;
	assert!((2..=4).contains(&asked), "{asked}");
}

#[tokio::test]
async fn one_whose_receipts_have_a_gap_stalls_no_further_question() {
	let world = World::new(Mood::Denies).await;
	let session = world.session();
	for _ in 0..5 {
		session.infer(inputs(1, 2)).await.unwrap_err();
	}
	world.set(Mood::Honest);
	session.infer(inputs(1, 2)).await.unwrap();
	assert!(session.ledger().unwrap().lacks_released());
	let asked = asked_while_it_stalls(&world, &session, FOR_EVER).await;
	assert_eq!(asked, 3, "once before the voucher, with it, and once after it was refused");
}

#[tokio::test]
async fn a_refusal_is_not_believed_of_a_request_that_may_have_been_served() {
	let world = World::new(Mood::HangsUpAndRefuses).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
	assert_eq!(world.oracle.lock().unwrap().asked, 2);
	assert_eq!(standing(&session), (0, 0, 14), "its money stays reserved");
	session.advance(OVER);
	let answers = session.resume().await.unwrap();
	assert!(matches!(answers[0], Err(InferError::Refused(_))), "nobody serves it any more");
	assert_eq!(standing(&session), (0, 0, 0));
}

#[tokio::test]
async fn a_failed_run_has_a_receipt_and_costs_nothing() {
	let world = World::new(Mood::Fails).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	let InferError::Failed { detail, receipt } = error else { panic!("{error}") };
	assert_eq!((detail.as_str(), receipt.receipt.status), ("division by zero", Status::Failed));
	assert_eq!(standing(&session), (1, 0, 0));
}

/// What becomes of the only open request.
async fn resumed(session: &Session) -> InferError {
	let mut answers = session.resume().await.unwrap();
	assert_eq!(answers.len(), 1);
	answers.remove(0).unwrap_err()
}

#[tokio::test]
async fn who_never_shows_an_answer_gets_no_more_than_may_be_unacknowledged() {
	let world = World::new(Mood::Forgets).await;
	let session = world.session();
	for nth in 1..=7 {
		let error = session.infer(inputs(1, 2)).await.unwrap_err();
		let InferError::Withheld { receipt } = error else { panic!("{error}") };
		assert_eq!((receipt.receipt.status, receipt.receipt.seq), (Status::Served, nth));
		assert_eq!(standing(&session), (0, 0, Balance::from(nth) * 14), "all stays open");
	}
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	let full = Refused::WindowFull { open: 98, max_unacked: 100 };
	assert!(
		matches!(&error, InferError::Keeper(KeeperError::Refused(it)) if *it == full),
		"{error}"
	);
	let newest = session.keeper.store().newest_voucher(&CHANNEL).unwrap().unwrap().voucher;
	assert_eq!((newest.cap, newest.ack_seq), (98, 0));
	assert_eq!(session.keeper.store().evidence(&CHANNEL).unwrap().len(), 7, "what it signed");
	assert_eq!(session.ledger().unwrap().head().halted, None);
}

#[tokio::test]
async fn an_answer_that_is_gone_is_no_lie_and_is_paid_for_once_when_an_honest_oracle_forgets_it() {
	let world = World::new(Mood::Dead).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
	world.set(Mood::Forgets);
	let kept_until = 50 + SERVE_WINDOW + NOW.closing_window;
	for head in [50, OVER, kept_until] {
		session.advance(head);
		let error = resumed(&session).await;
		assert!(matches!(error, InferError::Withheld { .. }), "{head}: {error}");
		assert_eq!(standing(&session), (0, 0, 2 * PRICE), "{head}");
	}
	session.advance(kept_until + 1);
	let error = resumed(&session).await;
	let InferError::Gone { receipt } = error else { panic!("{error}") };
	assert_eq!((receipt.receipt.seq, receipt.receipt.amount), (1, 2 * PRICE));
	assert_eq!(standing(&session), (1, 2 * PRICE, 0), "nothing stays open");
	assert!(session.resume().await.unwrap().is_empty());
	world.set(Mood::Honest);
	assert!(session.infer(inputs(1, 2)).await.is_ok(), "the channel goes on");
}

#[tokio::test]
async fn a_signed_lie_halts_the_channel_and_is_kept() {
	let world = World::new(Mood::Overcharges).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	let lie = Lie::Units { said: 3, counted: 2, allowed: 2 };
	assert!(matches!(error, InferError::Lie(found) if found == lie));
	world.set(Mood::Honest);
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Keeper(KeeperError::Refused(Refused::Halted(_)))));
	let evidence = session.keeper.store().evidence(&CHANNEL).unwrap();
	assert_eq!(evidence.len(), 1);
	assert_eq!(evidence[0].1.receipt.units, 3);
}

#[tokio::test]
async fn a_second_receipt_of_one_number_halts_the_channel() {
	let world = World::new(Mood::CountsTwice).await;
	let session = world.session();
	session.infer(inputs(1, 2)).await.unwrap();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Keeper(KeeperError::NotAccepted(_))), "{error}");
	assert_eq!(session.keeper.store().evidence(&CHANNEL).unwrap().len(), 1);
	assert_eq!(standing(&session).0, 1);
}

#[tokio::test]
async fn what_somebody_in_between_can_do_does_not_halt_the_channel_and_is_not_paid() {
	for mood in [Mood::WrongOutput, Mood::OtherKey] {
		let world = World::new(mood).await;
		let session = world.session();
		let error = session.infer(inputs(1, 2)).await.unwrap_err();
		assert!(matches!(error, InferError::Lie(_)), "{mood:?}: {error}");
		assert_eq!(standing(&session), (0, 0, 14), "{mood:?}: open, not acknowledged");
		let kept = session.keeper.store().evidence(&CHANNEL).unwrap();
		let signed = usize::from(mood == Mood::WrongOutput);
		assert_eq!(kept.len(), signed, "{mood:?}: what the oracle signed is kept all the same");
		let ledger = session.keeper.store().ledger(&session.record).unwrap();
		assert_eq!(ledger.head().halted, None);
	}
	let world = World::new(Mood::NoReceipt).await;
	let error = world.session().infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
}

#[tokio::test]
async fn an_unreachable_oracle_leaves_the_request_open() {
	let mut world = World::new(Mood::Honest).await;
	let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
	world.endpoint = format!("http://{}", closed.local_addr().unwrap());
	drop(closed);
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
	assert_eq!(standing(&session), (0, 0, 14));
}

#[tokio::test]
async fn an_answer_signed_before_the_key_was_replaced_is_accepted() {
	let world = World::new(Mood::RetiredKey).await;
	let session = world.session();
	assert_eq!(sum(&session.infer(inputs(1, 2)).await.unwrap()), 3);
	assert_eq!(standing(&session), (1, 14, 0));
}

#[tokio::test]
async fn two_receipts_for_one_request_are_both_kept_though_neither_came_with_its_answer() {
	let world = World::new(Mood::WrongOutput).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Lie(Lie::Output)), "{error}");
	// The next time it tells another story about the same request.
	{
		let mut oracle = world.oracle.lock().unwrap();
		oracle.answers.clear();
		oracle.total = 0;
	}
	world.set(Mood::Honest);
	let answers = session.resume().await.unwrap();
	let error = answers[0].as_ref().unwrap_err();
	let second = NotAccepted::Disorder(Disorder::SecondReceipt(2));
	assert!(
		matches!(error, InferError::Keeper(KeeperError::NotAccepted(found)) if *found == second),
		"{error}"
	);
	let kept = session.keeper.store().evidence(&CHANNEL).unwrap();
	let seqs: std::collections::BTreeSet<Seq> = kept.iter().map(|it| it.1.receipt.seq).collect();
	assert_eq!(seqs, [1, 2].into());
	assert_eq!(kept[0].1.receipt.request_commit, kept[1].1.receipt.request_commit);
	assert_eq!(standing(&session).0, 0, "neither is acknowledged");
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Keeper(KeeperError::Refused(Refused::Halted(_)))));
}

#[tokio::test]
async fn the_receipt_of_an_unreadable_answer_is_kept() {
	let world = World::new(Mood::Unreadable).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Unanswered { .. }), "{error}");
	assert_eq!(session.keeper.store().evidence(&CHANNEL).unwrap().len(), 1);
}

#[tokio::test]
async fn a_receipt_for_a_request_that_nobody_made_is_kept() {
	let world = World::new(Mood::InventsRequest).await;
	let session = world.session();
	let error = session.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Lie(Lie::Request)), "{error}");
	let kept = session.keeper.store().evidence(&CHANNEL).unwrap();
	assert_eq!((kept.len(), kept[0].1.receipt.request_commit), (1, [0xee; 32]));
}

#[tokio::test]
async fn nothing_is_promised_to_an_oracle_behind_the_firewall() {
	let world = World::new(Mood::Honest).await;
	let port = world.endpoint.rsplit(':').next().unwrap();
	let session = |endpoint: String| {
		let target = Target { endpoint, ..world.session().target().clone() };
		Session::new(world.keeper(), &CHANNEL, target, NOW, Reach::Public)
	};
	let direct = session(world.endpoint.clone()).err();
	assert!(matches!(direct, Some(InferError::Oracle(HttpError::NotPublic(_)))));
	let named = session(format!("http://localhost:{port}")).unwrap();
	let error = named.infer(inputs(1, 2)).await.unwrap_err();
	assert!(matches!(error, InferError::Oracle(HttpError::NotPublic(_))), "{error}");
	assert_eq!(standing(&named), (0, 0, 0), "no voucher was signed");
	assert_eq!(world.oracle.lock().unwrap().asked, 0);
}
