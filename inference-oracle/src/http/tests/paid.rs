//! Requests that are paid for: answered once, receipted once, charged once.

use super::*;

#[tokio::test]
async fn a_paid_request_is_answered_and_receipted() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let reply = server.send(&request).await;
	let body = reply.body.clone().unwrap();
	assert_eq!((body.model_name.as_str(), body.id.as_deref()), ("magika", Some("my id")));
	assert_eq!(body.model_version.as_deref(), Some("30"));
	let (outputs, receipt) = checked(&request, reply);
	assert_eq!(outputs[0].shape(), [1, 214]);
	assert_eq!((receipt.receipt.seq, receipt.receipt.total), (1, PRICE));
	assert_eq!(server.total(&consumer), PRICE);

	// By element, and only the output that is asked for.
	let mut request = gather(&mut consumer, &[0, 1, 1]);
	request.body.outputs = vec![usufruct_client::tensors::RequestedOutput { name: "y".into() }];
	let (outputs, receipt) = checked(&request, server.send(&request).await);
	assert_eq!(outputs[0].to_elements::<i32>().unwrap(), [10, 20, 20]);
	assert_eq!((receipt.receipt.seq, receipt.receipt.units), (2, 3));
	assert_eq!(server.total(&consumer), 4 * PRICE);
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_is_charged_once() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let first = checked(&request, server.send(&request).await);
	// Even if it could not be served as a new one.
	server.chain.state().head.versions.get_mut(&VERSION).unwrap().open = false;
	server.chain.finalise();
	let second = checked(&request, server.send(&request).await);
	assert_eq!(first, second);
	assert_eq!(server.total(&consumer), PRICE);

	// When its time is over the output goes; the receipt stays, and nothing is charged again.
	let expire = crate::store::Write::Expire(u32::MAX);
	server.app.ledger.store().write(vec![expire]).wait().await.unwrap();
	server.app.ledger.store().snapshot().unwrap();
	let reply = server.send(&request).await;
	assert_eq!(reply.receipt, Some(first.1));
	let problem = reply.body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (ProblemKind::AnswerGone, 410));
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test]
async fn the_same_request_twice_at_once_is_run_once() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gated(&mut consumer);
	// The second would find no room in the queue, and needs none.
	let gate = server.gate.clone();
	let opened = async {
		tokio::time::sleep(Duration::from_millis(100)).await;
		gate.open();
	};
	let (first, second, ()) = tokio::join!(server.send(&request), server.send(&request), opened);
	assert_eq!(checked(&request, first), checked(&request, second));
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_requests_at_once_are_numbered_without_a_gap() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0..60).map(|_| classify(&mut consumer)).collect();
	let replies = futures::future::join_all(requests.iter().rev().map(|it| server.send(it))).await;
	let mut seqs: Vec<_> = requests
		.iter()
		.rev()
		.zip(replies)
		.map(|(request, reply)| checked(request, reply).1.receipt)
		.collect();
	seqs.sort_by_key(|it| it.seq);
	for (at, receipt) in seqs.iter().enumerate() {
		let seq = at as u64 + 1;
		assert_eq!((receipt.seq, receipt.total), (seq, u128::from(seq) * PRICE));
	}
	assert_eq!(server.total(&consumer), 60 * PRICE);
}

#[tokio::test]
async fn a_run_that_fails_has_a_receipt_and_costs_nothing() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[7]);
	for _ in 0..2 {
		let reply = server.send(&request).await;
		let problem = reply.body.clone().unwrap_err();
		assert_eq!((problem.kind, problem.status), (ProblemKind::EngineFailed, 500));
		assert!(!problem.detail.contains("Gather"), "the runtime's words are the operator's");
		let receipt = checked(&request, reply).1.receipt;
		assert_eq!((receipt.seq, receipt.status, receipt.amount), (1, Status::Failed, 0));
	}
	assert_eq!(server.total(&consumer), 0);
}

#[tokio::test]
async fn whoever_hangs_up_finds_the_answer_later() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gated(&mut consumer);
	// While it runs.
	drop(server.occupy(&request).await);
	server.gate.open();
	let (_, receipt) = checked(&request, server.send(&request).await);
	assert_eq!((receipt.receipt.seq, receipt.receipt.status), (1, Status::Served));
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_requests_of_one_channel_look_it_up_once() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0..16).map(|_| classify(&mut consumer)).collect();
	let replies = futures::future::join_all(requests.iter().rev().map(|it| server.send(it))).await;
	for (request, reply) in requests.iter().rev().zip(replies) {
		checked(request, reply);
	}
	assert_eq!(server.total(&consumer), 16 * PRICE);
}
