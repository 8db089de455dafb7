//! What is refused for want of room: before its body is read, and never charged.

use super::{wire::*, *};
use tokio::{io::AsyncWriteExt, time::timeout};

#[tokio::test]
async fn a_full_queue_is_refused_before_anything_is_accepted() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	let running = server.occupy(&first).await;
	let reply = server.send(&second).await;
	assert_eq!((reply.receipt, reply.retry_after), (None, Some(Duration::from_secs(1))));
	let problem = reply.body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (ProblemKind::Overloaded, 503));
	assert_eq!(server.total(&consumer), PRICE);
	server.gate.open();
	checked(&first, running.await);
	checked(&second, server.send(&second).await);
}

#[tokio::test]
async fn a_body_that_never_comes_keeps_no_refusal_waiting_and_one_that_comes_is_taken_off() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	let running = server.occupy(&first).await;
	let mut wire = Wire::to(&server.address).await;
	let late = vec![b'x'; 50_000];
	wire.head(&path(&second), &second.headers, late.len(), "").await;
	wire.is_refused().await;
	// What was announced comes after all, and the connection goes on behind it.
	wire.body(&late).await;
	wire.head(&path(&second), &second.headers, 2, "").await;
	wire.body(b"{}").await;
	wire.is_refused().await;
	assert_eq!(server.total(&consumer), PRICE, "for the one that runs");
	server.gate.open();
	checked(&first, running.await);
	let body = body(&second);
	wire.head(&path(&second), &second.headers, body.len(), "").await;
	wire.body(&body).await;
	let (status, answer) = wire.answer().await;
	assert_eq!((status, &answer["model_name"]), (200, &"gated".into()));
	server.audit(&consumer, 2, 2 * PRICE);
}

#[tokio::test]
async fn bodies_that_do_not_come_hold_no_place() {
	let server = Server::with(8, 2).await;
	let mut consumer = server.consumer();
	let mut wires = Vec::new();
	for _ in 0..4 {
		let slow = classify(&mut consumer);
		let mut wire = Wire::to(&server.address).await;
		wire.head(&path(&slow), &slow.headers, 1_000, "").await;
		wires.push(wire);
	}
	for wire in &wires {
		assert!(timeout(Duration::from_millis(50), wire.0.peek(&mut [0])).await.is_err());
	}
	let request = classify(&mut consumer);
	checked(&request, server.send(&request).await);
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test]
async fn who_asks_whether_to_send_the_body_is_refused_without_being_told_to() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	let running = server.occupy(&first).await;
	let mut wire = Wire::to(&server.address).await;
	wire.head(&path(&second), &second.headers, 1_000, "expect: 100-continue\r\n").await;
	// And no `100 Continue` before it.
	wire.is_refused().await;
	server.gate.open();
	checked(&first, running.await);
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test]
async fn where_the_body_names_the_model_the_version_signed_for_is_looked_at() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	let running = server.occupy(&first).await;
	let mut wire = Wire::to(&server.address).await;
	wire.head("/v1/embeddings", &second.headers, 1_000, "").await;
	wire.is_refused().await;
	// Of another version there is room, so its body is waited for.
	let other = classify(&mut consumer);
	let mut wire = Wire::to(&server.address).await;
	wire.head("/v1/embeddings", &other.headers, 1_000, "").await;
	assert!(timeout(Duration::from_millis(200), wire.0.peek(&mut [0])).await.is_err());
	server.gate.open();
	checked(&first, running.await);
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voucher_that_nobody_signed_is_refused_as_early_and_gets_nothing_else() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0..3).map(|_| gated(&mut consumer)).collect();
	server.gate.open();
	checked(&requests[0], server.send(&requests[0]).await);
	server.gate.close();
	let running = server.occupy(&requests[1]).await;
	let stranger = Consumer { key: receipt_key(), ..consumer.clone() };
	let forged: Vec<_> = requests.iter().map(|it| it.clone().signed(&stranger, |_| ())).collect();
	// Neither what was answered nor what runs.
	for known in &forged[..2] {
		assert_eq!(server.refused(known).await.kind, ProblemKind::VoucherSignature);
	}
	assert_eq!(server.refused(&forged[2]).await.kind, ProblemKind::Overloaded);
	server.gate.open();
	checked(&requests[1], running.await);
	assert_eq!(server.refused(&forged[2]).await.kind, ProblemKind::VoucherSignature);
	server.audit(&consumer, 2, 2 * PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_or_runs_needs_no_room() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0..3).map(|_| gated(&mut consumer)).collect();
	server.gate.open();
	let answered = checked(&requests[0], server.send(&requests[0]).await);
	server.gate.close();
	let running = server.occupy(&requests[1]).await;
	let refused = server.refused(&requests[2]).await;
	assert_eq!(refused.kind, ProblemKind::Overloaded);
	assert_eq!(checked(&requests[0], server.send(&requests[0]).await), answered);
	// One that runs is waited for, by as many as ask.
	let mut again = Box::pin(server.send(&requests[1]));
	assert!(timeout(Duration::from_millis(200), &mut again).await.is_err());
	// Its id is no way in for another request.
	let input = Tensor::from_elements("x", vec![1], &[2i64]).unwrap();
	let mut other = paid(&mut consumer, "gated", GATED, Meter::Request, input);
	other.request.request_id = requests[1].request.request_id;
	let other = other.signed(&consumer, |_| ());
	assert_eq!(server.refused(&other).await.kind, ProblemKind::RequestIdTaken);
	server.gate.open();
	assert_eq!(checked(&requests[1], running.await), checked(&requests[1], again.await));
	server.audit(&consumer, 2, 2 * PRICE);
}

#[tokio::test]
async fn who_does_not_pay_is_refused_as_early() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let first = gated(&mut consumer);
	let running = server.occupy(&first).await;
	let mut wire = Wire::to(&listen(unpaid::router(Arc::clone(&server.app))).await).await;
	wire.head("/unpaid/v2/models/gated/infer", &first.headers, 1_000, "").await;
	wire.is_refused().await;
	server.gate.open();
	checked(&first, running.await);
}

#[tokio::test]
async fn many_refusals_go_over_one_connection_whatever_the_length_of_their_bodies() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	let running = server.occupy(&first).await;
	let mut wire = Wire::to(&server.address).await;
	for length in [0, 1, 3_000, 60_000, 7] {
		let mut request = head(&path(&second), Some(&second.headers), length, "").into_bytes();
		request.resize(request.len() + length, b'x');
		wire.body(&request).await;
		wire.is_refused().await;
	}
	server.gate.open();
	checked(&first, running.await);
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test]
async fn a_body_that_is_longer_than_may_be_closes_the_connection_behind_its_refusal() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	let running = server.occupy(&first).await;
	let mut wire = Wire::to(&server.address).await;
	wire.head(&path(&second), &second.headers, 1 << 30, "").await;
	wire.is_refused().await;
	// As much as is taken of any body, and no more.
	let more = vec![b'x'; 64 << 10];
	let sending = async { while wire.0.write_all(&more).await.is_ok() {} };
	timeout(Duration::from_secs(4), sending).await.expect("a gigabyte is taken");
	server.gate.open();
	checked(&first, running.await);
}
