//! Deadlines, callers that leave, limits, fairness, and inputs that end their worker: none of them
//! is ever charged, and the log stays whole.

use super::*;
use crate::engine::Barred;

/// A reply as it came.
struct Raw {
	status: u16,
	kind: String,
	receipt: Option<SignedReceipt>,
}

impl Server {
	/// Sends a request with one more header.
	async fn send_with(&self, paid: &Paid, name: &str, value: &str) -> Raw {
		let path = format!("{}/v2/models/{}/infer", self.address, paid.name);
		let mut request = reqwest::Client::new().post(path).header(name, value);
		for (name, value) in paid.headers.to_pairs() {
			request = request.header(name, value);
		}
		let sent = request.body(serde_json::to_vec(&paid.body).unwrap()).send().await.unwrap();
		let header =
			|name: &str| sent.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
		let receipt = header("usufruct-receipt").map(|it| SignedReceipt::from_header(&it).unwrap());
		let status = sent.status().as_u16();
		let body: serde_json::Value = serde_json::from_slice(&sent.bytes().await.unwrap()).unwrap();
		let kind = body["type"].as_str().unwrap_or_default().into();
		Raw { status, kind, receipt }
	}

	async fn late(&self, paid: &Paid, ms: &str) -> Raw {
		self.send_with(paid, "usufruct-timeout-ms", ms).await
	}

	/// What comes of a request that is accepted in time, and no more. On a busy machine the deadline may be over
	/// before: then a later one is tried.
	async fn accepted_and_late(&self, paid: &Paid) -> Raw {
		let mut ms = 100;
		loop {
			let late = self.late(paid, &ms.to_string()).await;
			assert_eq!((late.status, &late.kind), (504, &kind(ProblemKind::DeadlinePassed)));
			if late.receipt.is_some() {
				return late;
			}
			assert!(ms < 20_000, "it is never accepted");
			ms *= 2;
		}
	}

	/// Until so many callers wait for each of these requests, which are of one channel.
	async fn until_so_many_wait_for<const N: usize>(
		&self,
		requests: &[Paid],
		expected: [usize; N],
	) {
		let begun = Instant::now();
		let count = |paid: &Paid| {
			let Request { channel_id, request_id, .. } = paid.request;
			self.app.callers.count(channel_id, request_id)
		};
		loop {
			let found: Vec<_> = requests.iter().map(count).collect();
			if found == expected {
				return;
			}
			assert!(begun.elapsed() < Duration::from_secs(20), "{found:?}");
			tokio::time::sleep(Duration::from_millis(5)).await;
		}
	}
}

fn deadly(consumer: &mut Consumer, value: i64) -> Paid {
	let input = Tensor::from_elements("x", vec![1], &[value]).unwrap();
	paid(consumer, "deadly", DEADLY, Meter::Request, input)
}

fn kind(kind: ProblemKind) -> String {
	kind.name().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_that_passes_is_told_and_never_charged() {
	let server = Server::with(8, 256).await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	// In the run, which does not end before the gate opens.
	let late = server.accepted_and_late(&first).await;
	let receipt = late.receipt.unwrap().receipt;
	assert_eq!((receipt.seq, receipt.status, receipt.amount), (1, Status::Failed, 0));
	// In the queue: the worker is still at the first one.
	let late = server.accepted_and_late(&second).await;
	assert_eq!(late.receipt.unwrap().receipt.seq, 2);
	assert_eq!(server.waiting(), 0);
	server.gate.open();
	// Whoever asks again learns what became of it, and that is not charged either.
	let (_, again) = checked(&first, server.send(&first).await);
	assert_eq!(again.receipt.seq, 1);
	let third = gated(&mut consumer);
	let (_, served) = checked(&third, server.send(&third).await);
	assert_eq!((served.receipt.seq, served.receipt.total), (3, PRICE));
	server.audit(&consumer, 3, PRICE);
}

#[tokio::test]
async fn a_deadline_that_is_over_on_arrival_is_refused_before_anything_is_accepted() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let late = server.late(&request, "0").await;
	assert_eq!((late.status, late.kind), (504, kind(ProblemKind::DeadlinePassed)));
	assert_eq!(late.receipt, None);
	for malformed in ["", "x", "-1", "1.5", "99999999999999999999999"] {
		let refused = server.late(&request, malformed).await;
		assert_eq!((refused.status, refused.kind), (400, kind(ProblemKind::HeaderMalformed)));
	}
	assert_eq!(server.total(&consumer), 0);
	// As good as none.
	assert_eq!(server.late(&request, "18446744073709551615").await.status, 200);
	// An answer that is there is given, however late it is.
	assert_eq!(server.late(&request, "0").await.status, 200);
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_up_before_the_turn_has_come_is_not_run_and_not_charged() {
	let server = Server::with(8, 256).await;
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0..4).map(|_| gated(&mut consumer)).collect();
	let running = server.occupy(&requests[0]).await;
	let mut waiting: Vec<_> = requests[1..].iter().map(|it| Box::pin(server.send(it))).collect();
	for (at, sent) in waiting.iter_mut().enumerate() {
		server.until_waiting(sent, at + 1).await;
	}
	assert_eq!(server.total(&consumer), 4 * PRICE, "all are accepted");
	// One comes back before its turn, from another connection.
	drop(waiting);
	server.until_so_many_wait_for(&requests[1..], [0, 0, 0]).await;
	let other = OracleHttp::new(&server.address, Reach::Anywhere).unwrap();
	let back = requests[2].clone();
	let back = tokio::spawn(async move {
		let body = serde_json::to_vec(&back.body).unwrap();
		other.infer(back.name, body, Some(&back.headers)).await.unwrap()
	});
	server.until_so_many_wait_for(&requests[1..], [0, 1, 0]).await;
	server.gate.open();
	let (_, first) = checked(&requests[0], running.await);
	assert_eq!(first.receipt.status, Status::Served);
	let (_, answered) = checked(&requests[2], back.await.unwrap());
	assert_eq!(answered.receipt.status, Status::Served);
	for left in [&requests[1], &requests[3]] {
		let reply = server.send(left).await;
		assert_eq!(reply.body.clone().unwrap_err().kind, ProblemKind::EngineFailed);
		let (_, receipt) = checked(left, reply);
		assert_eq!((receipt.receipt.status, receipt.receipt.amount), (Status::Failed, 0));
	}
	server.audit(&consumer, 4, 2 * PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_its_share_is_refused_and_others_are_not() {
	let server = Server::with(8, 256).await;
	let (mut greedy, mut modest) = (server.consumer(), server.other_consumer());
	let first = gated(&mut greedy);
	let running = server.occupy(&first).await;
	let requests: Vec<_> = (0..5).map(|_| gated(&mut greedy)).collect();
	let mut waiting: Vec<_> = requests.iter().map(|it| Box::pin(server.send(it))).collect();
	for (at, sent) in waiting.iter_mut().enumerate().take(4) {
		server.until_waiting(sent, at + 1).await;
	}
	let refused = (&mut waiting[4]).await;
	assert_eq!((refused.receipt, refused.retry_after), (None, Some(Duration::from_secs(1))));
	let problem = refused.body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (ProblemKind::Busy, 429));
	// Others have room.
	let theirs = gated(&mut modest);
	let mut sent = Box::pin(server.send(&theirs));
	server.until_waiting(&mut sent, 5).await;
	server.gate.open();
	checked(&first, running.await);
	checked(&theirs, sent.await);
	for (request, sent) in requests.iter().zip(waiting).take(4) {
		checked(request, sent.await);
	}
	checked(&requests[4], server.send(&requests[4]).await);
	server.audit(&greedy, 6, 6 * PRICE);
	server.audit(&modest, 1, PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_the_oracle_takes_are_refused() {
	let server = Server::with(8, 3).await;
	let (mut greedy, mut modest) = (server.consumer(), server.other_consumer());
	let requests: Vec<_> = (0..3).map(|_| gated(&mut greedy)).collect();
	let running = server.occupy(&requests[0]).await;
	let mut waiting = Box::pin(server.send(&requests[1]));
	server.until_waiting(&mut waiting, 1).await;
	let refused = async |request: &Paid| {
		let reply = server.send(request).await;
		assert_eq!(reply.retry_after, Some(Duration::from_secs(1)));
		let problem = reply.body.unwrap_err();
		(problem.kind, problem.status)
	};
	// What one key asks again and again takes no more than its share, for every model.
	assert_eq!(refused(&requests[2]).await, (ProblemKind::Busy, 429));
	assert_eq!(refused(&requests[0]).await, (ProblemKind::Busy, 429));
	assert_eq!(refused(&classify(&mut greedy)).await, (ProblemKind::Busy, 429));
	let theirs = gated(&mut modest);
	let mut sent = Box::pin(server.send(&theirs));
	server.until_waiting(&mut sent, 2).await;
	assert_eq!(refused(&gated(&mut modest)).await, (ProblemKind::Overloaded, 503));
	server.gate.open();
	checked(&requests[0], running.await);
	checked(&requests[1], waiting.await);
	checked(&theirs, sent.await);
	checked(&requests[2], server.send(&requests[2]).await);
	server.audit(&greedy, 3, 3 * PRICE);
	server.audit(&modest, 1, PRICE);
}

#[tokio::test]
async fn an_input_that_ended_its_worker_is_refused_and_who_goes_on_is_slowed_down() {
	let server = Server::start().await;
	let (mut bad, mut good) = (server.consumer(), server.other_consumer());
	let first = deadly(&mut bad, 13);
	let reply = server.send(&first).await;
	assert_eq!(reply.body.clone().unwrap_err().kind, ProblemKind::EngineFailed);
	assert_eq!(checked(&first, reply).1.receipt.amount, 0);
	// The same input, under a new id, from anybody.
	for consumer in [&mut bad, &mut good] {
		let problem = server.refused(&deadly(consumer, 13)).await;
		assert_eq!((problem.kind, problem.status), (ProblemKind::InputQuarantined, 422));
	}
	// Once is no reason to slow anybody down.
	let harmless = deadly(&mut bad, 1);
	checked(&harmless, server.send(&harmless).await);

	let before = Instant::now();
	let second = deadly(&mut bad, 14);
	checked(&second, server.send(&second).await);
	let (quarantine, key) = (&server.app.catalogue.quarantine, bad.terms().key);
	let barred = quarantine.check_key(&key, before);
	assert!(matches!(barred, Err(Barred::Key { ended: 2, .. })), "{barred:?}");
	// One more is noted, so that the pause is long enough for what follows on a busy machine.
	let died = EngineError::Died("signal: 8 (SIGFPE)".into());
	assert!(quarantine.note(&key, DEADLY, &second.body.inputs, &died, Instant::now()));
	let next = deadly(&mut bad, 2);
	let reply = server.send(&next).await;
	assert_eq!(reply.receipt, None);
	let after = reply.retry_after.unwrap();
	assert!((1..=4).contains(&after.as_secs()), "{after:?}");
	let problem = reply.body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (ProblemKind::KeySlowed, 429));
	// For every model; and what was answered is still told.
	assert_eq!(server.refused(&classify(&mut bad)).await.kind, ProblemKind::KeySlowed);
	let (_, again) = checked(&first, server.send(&first).await);
	assert_eq!(again.receipt.seq, 1);
	let theirs = deadly(&mut good, 2);
	checked(&theirs, server.send(&theirs).await);

	tokio::time::sleep(after + Duration::from_millis(1_100)).await;
	checked(&next, server.send(&next).await);
	server.audit(&bad, 4, 2 * PRICE);
	server.audit(&good, 1, PRICE);
}

/// Models that are configured, and a chain that has none of them yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_served_from_when_the_chain_has_it_until_it_is_deprecated() {
	let shelf = Shelf::new(None);
	let planned = |name: &str, version, on_demand| {
		let shelf = Arc::clone(&shelf);
		Planned {
			name: name.into(),
			version,
			on_demand,
			text: Box::new(|_| Ok(None)),
			place: Box::new(move |_, _| {
				shelf.place(1, || Ok(deadly_pool(Arc::new(Quarantine::default()))))
			}),
		}
	};
	let planned = vec![
		planned("eager", 50, false),
		planned("eager", 52, false),
		planned("lazy", 51, true),
		planned("tokens", 53, false),
	];
	let catalogue = Arc::new(Catalogue::new(planned, Arc::default()));
	let chain = MemoryChain::new();
	let following = tokio::spawn(crate::models::follow(Arc::clone(&catalogue), chain.heads()));
	let names =
		|| catalogue.served().iter().map(|it| (it.name.clone(), it.version)).collect::<Vec<_>>();
	let until = async |what: &str, is: &dyn Fn() -> bool| {
		let begun = Instant::now();
		while !is() {
			assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
			tokio::time::sleep(Duration::from_millis(5)).await;
		}
	};
	chain.finalise();
	assert_eq!(names(), []);

	for version in [50, 51] {
		chain.state().head.versions.insert(version, version_state());
	}
	let tokens = VersionState { meter: Meter::InputToken, ..version_state() };
	chain.state().head.versions.insert(53, tokens);
	chain.finalise();
	until("both are served", &|| names().len() == 2).await;
	let loaded = |name: &str, version| {
		catalogue.find(name, version).is_some_and(|it| it.home.loaded().is_some())
	};
	until("one is loaded", &|| loaded("eager", 50)).await;
	assert!(!loaded("lazy", 51), "nobody has asked for it");
	assert!(catalogue.find("tokens", 53).is_none(), "no meter of this release");
	catalogue.find("lazy", 51).unwrap().home.lease().await.unwrap();
	assert!(loaded("lazy", 51));

	// A newer version: if it is offered it answers to the name from now on; the old one is deprecated and leaves.
	chain.state().head.versions.insert(52, version_state());
	chain.finalise();
	until("the newer one is loaded", &|| loaded("eager", 52)).await;
	let newest = |offered: &[VersionId]| {
		catalogue.newest("eager", |version| offered.contains(&version)).unwrap().version
	};
	assert_eq!((newest(&[50, 52]), newest(&[52]), newest(&[50]), newest(&[])), (52, 52, 50, 52));
	assert!(catalogue.newest("other", |_| true).is_none());
	assert!(loaded("eager", 50));
	let in_use = catalogue.find("eager", 50).unwrap().home.lease().await.unwrap();
	chain.state().head.versions.get_mut(&50).unwrap().open = false;
	chain.finalise();
	tokio::time::sleep(Duration::from_millis(50)).await;
	assert!(loaded("eager", 50), "it is in use");
	drop(in_use);
	chain.finalise();
	until("it is unloaded", &|| !loaded("eager", 50)).await;
	assert!(loaded("eager", 52) && loaded("lazy", 51));
	following.abort();
}
