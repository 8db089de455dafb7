//! Bodies: whoever does not pay costs none, and those that are read take no more memory than they may.

use super::{
	grpc::{message, problem},
	wire::*,
	*,
};
use axum::body::{Body, Bytes, HttpBody};
use futures::{future::join_all, stream, StreamExt};
use prost::Message;
use std::{
	convert::Infallible,
	future::poll_fn,
	pin::Pin,
	sync::atomic::{AtomicUsize, Ordering},
};
use tokio::time::timeout;
use tonic::{
	codegen::Service,
	transport::{Channel, Endpoint},
	Code, Status as GrpcStatus,
};
use usufruct_client::grpc::proto::{
	grpc_inference_service_client::GrpcInferenceServiceClient, ModelReadyRequest,
};

const LAZY: VersionId = 36;
/// As many bytes as a body may be said to have, about.
const LONG: usize = 60_000;

/// What its headers alone speak against, and as what it is refused.
fn unpaid(server: &Server) -> Vec<(Option<RequestHeaders>, ProblemKind)> {
	use ProblemKind::*;
	let mut consumer = server.consumer();
	let good = classify(&mut consumer);
	let with = |change: fn(&mut Voucher)| Some(good.clone().signed(&consumer, change).headers);
	let stranger = Consumer { key: receipt_key(), ..consumer.clone() };
	let mut dear = good.clone();
	dear.request.unit_price += 1;
	vec![
		(None, VoucherMissing),
		(Some(good.clone().signed(&stranger, |_| ()).headers), VoucherSignature),
		(Some(classify(&mut Consumer::new(7)).headers), ChannelUnknown),
		(Some(classify(&mut elsewhere(server)).headers), ChannelMismatch),
		(Some(dear.signed(&consumer, |_| ()).headers), PriceMismatch),
		(with(|it| it.cap = 5), CapTooLow),
		(with(|it| it.serve_until = 3), VoucherExpired),
	]
}

/// Whose channel is for another model.
fn elsewhere(server: &Server) -> Consumer {
	let consumer = Consumer::new(8);
	let terms = Terms { model: MODEL + 1, ..consumer.terms() };
	server.chain.state().channels.insert(consumer.channel, terms);
	consumer
}

/// Begins a body of that length, and sends nothing of it.
async fn begun(server: &Server, paid: &Paid) -> Wire {
	let mut wire = Wire::to(&server.address).await;
	wire.head(&path(paid), &paid.headers, LONG, "").await;
	wire
}

/// A message in its frame, which says that it is so long.
fn framed(compressed: u8, length: usize, message: &[u8]) -> Vec<u8> {
	let length = (length as u32).to_be_bytes();
	[&[compressed][..], &length, message].concat()
}

/// Calls with these pieces of a body, which then ends or does not: how it is refused.
async fn call(
	channel: &Channel,
	headers: Option<&RequestHeaders>,
	pieces: Vec<Vec<u8>>,
	ends: bool,
) -> Option<GrpcStatus> {
	GrpcStatus::from_header_map(answer(channel, headers, pieces, ends).await.headers())
}

/// The same: the answer, of which nothing was read yet.
async fn answer(
	channel: &Channel,
	headers: Option<&RequestHeaders>,
	pieces: Vec<Vec<u8>>,
	ends: bool,
) -> axum::http::Response<tonic::body::Body> {
	let mut request = axum::http::Request::post("/inference.GRPCInferenceService/ModelInfer")
		.header("content-type", "application/grpc")
		.header("te", "trailers");
	for (name, value) in headers.iter().flat_map(|headers| headers.to_pairs()) {
		request = request.header(name, value);
	}
	let pieces = stream::iter(pieces.into_iter().map(|it| Ok::<_, Infallible>(Bytes::from(it))));
	let body = match ends {
		true => Body::from_stream(pieces),
		false => Body::from_stream(pieces.chain(stream::pending())),
	};
	let mut channel = channel.clone();
	poll_fn(|cx| channel.poll_ready(cx)).await.unwrap();
	let called = channel.call(request.body(tonic::body::Body::new(body)).unwrap());
	timeout(LIMIT, called).await.expect("nothing is answered").unwrap()
}

async fn channel(server: &Server) -> Channel {
	Endpoint::from_shared(server.address.clone()).unwrap().connect().await.unwrap()
}

#[tokio::test]
async fn whoever_does_not_pay_is_answered_before_the_body_is_there() {
	let server = Server::start().await;
	for (headers, kind) in unpaid(&server) {
		for path in ["/v2/models/magika/infer", "/v1/embeddings"] {
			let mut wire = Wire::to(&server.address).await;
			wire.body(head(path, headers.as_ref(), LONG, "").as_bytes()).await;
			wire.body(&[b'x'; 100]).await;
			let (status, problem) = wire.answer().await;
			let told = (status, &problem["type"]);
			assert_eq!(told, (kind.status(), &kind.name().into()), "{path}");
		}
	}
	// Nor is what is longer than may be.
	let request = classify(&mut server.consumer());
	let mut wire = Wire::to(&server.address).await;
	wire.head(&path(&request), &request.headers, 1 << 30, "").await;
	assert_eq!(wire.answer().await.0, 413);
}

#[tokio::test]
async fn calls_that_nobody_pays_for_are_answered_before_their_messages_are_there() {
	let server = Server::start().await;
	let channel = channel(&server).await;
	let piece = framed(0, LONG, &[b'x'; 1_000]);
	for (headers, kind) in unpaid(&server) {
		let calls = (0..20).map(|_| call(&channel, headers.as_ref(), vec![piece.clone()], false));
		for status in join_all(calls).await {
			assert_eq!(problem(&status.unwrap()).kind, kind);
		}
	}
	let request = classify(&mut server.consumer());
	let longer = vec![framed(0, 1 << 30, b"x")];
	let status = call(&channel, Some(&request.headers), longer, false).await.unwrap();
	assert_eq!(
		(status.code(), problem(&status).kind),
		(Code::OutOfRange, ProblemKind::BodyTooLarge)
	);
}

#[tokio::test]
async fn messages_that_are_not_what_is_said_of_them_are_refused_and_cost_nothing() {
	let server = Server::start().await;
	let channel = channel(&server).await;
	let mut consumer = server.consumer();
	let good = gather(&mut consumer, &[0]);
	let message = message(&good).encode_to_vec();
	let length = message.len();
	let whole = framed(0, length, &message);
	for body in [
		framed(1, length, &message),
		framed(0, length + 1, &message),
		framed(0, length - 1, &message),
		framed(0, length, &vec![0xff; length]),
		whole.repeat(2),
		vec![0; 3],
		vec![],
	] {
		let status = call(&channel, Some(&good.headers), vec![body], true).await.unwrap();
		assert_eq!(problem(&status).kind, ProblemKind::BodyMalformed, "{status}");
		assert_eq!(status.code(), Code::InvalidArgument);
	}
	assert_eq!(server.total(&consumer), 0);
	// However it is cut, it is one.
	let pieces = whole.chunks(3).map(<[u8]>::to_vec).collect();
	assert!(call(&channel, Some(&good.headers), pieces, true).await.is_none(), "it is answered");
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test]
async fn one_voucher_on_many_connections_holds_no_more_than_its_share() {
	// Four such bodies, and what requests take besides.
	let limits = Limits { memory: 4 * (LONG + (4 << 10)), ..LIMITS };
	let server = Server::build(0, limits, vec![]).await;
	let (mut greedy, mut modest) = (server.consumer(), server.other_consumer());
	let request = classify(&mut greedy);
	let theirs = classify(&mut modest);
	let answered = checked(&theirs, server.send(&theirs).await);
	let mut held = vec![begun(&server, &request).await, begun(&server, &request).await];
	until_held(&server, |bytes| bytes >= 2 * LONG).await;
	for wire in &held {
		wire.is_waited_for().await;
	}
	for _ in 0..10 {
		let (status, problem) = begun(&server, &request).await.answer().await;
		assert_eq!((status, &problem["type"]), (429, &ProblemKind::Busy.name().into()));
	}
	let reply = server.send(&request).await;
	assert_eq!((reply.receipt, reply.retry_after), (None, Some(Duration::from_secs(1))));
	// Others find room, until there is none.
	let next = classify(&mut modest);
	checked(&next, server.send(&next).await);
	for number in 3..5 {
		let consumer = &mut Consumer::new(number);
		server.chain.open(consumer);
		held.push(begun(&server, &classify(consumer)).await);
	}
	until_held(&server, |bytes| bytes >= 4 * LONG).await;
	for wire in &held {
		wire.is_waited_for().await;
	}
	let last = classify(&mut modest);
	let problem = server.refused(&last).await;
	assert_eq!((problem.kind, problem.status), (ProblemKind::Overloaded, 503), "{problem}");
	// An answer that is there is given all the same.
	assert_eq!(checked(&theirs, server.send(&theirs).await), answered);
	// Who hangs up has it no longer.
	drop(held);
	until_nothing_is_held(&server).await;
	checked(&last, server.send(&last).await);
	checked(&request, server.send(&request).await);
	server.audit(&greedy, 1, PRICE);
	server.audit(&modest, 3, 3 * PRICE);
}

#[tokio::test]
async fn nothing_is_loaded_for_whoever_does_not_pay_for_it() {
	let loads = Arc::new(AtomicUsize::new(0));
	let counted = Arc::clone(&loads);
	let home = Shelf::new(None).place(1, move || {
		counted.fetch_add(1, Ordering::SeqCst);
		Ok(deadly_pool(Arc::default()))
	});
	let lazy = Served { home, ..model("lazy", LAZY, Meter::Request, deadly_pool(Arc::default())) };
	let server = Server::serving(vec![lazy]).await;
	let input = |value: i64| Tensor::from_elements("x", vec![1], &[value]).unwrap();
	let ask = |consumer: &mut Consumer| paid(consumer, "lazy", LAZY, Meter::Request, input(1));
	let refused = server.refused(&ask(&mut elsewhere(&server))).await;
	assert_eq!(refused.kind, ProblemKind::ChannelMismatch);
	let mut consumer = server.consumer();
	let first = classify(&mut consumer);
	checked(&first, server.send(&first).await);
	// Whose voucher is for something else, or for something that was answered.
	let mut other = ask(&mut consumer);
	other.body.inputs = vec![input(2)];
	assert_eq!(server.refused(&other).await.kind, ProblemKind::RequestMismatch);
	let mut taken = ask(&mut consumer);
	taken.request.request_id = first.request.request_id;
	let taken = taken.signed(&consumer, |_| ());
	assert_eq!(server.refused(&taken).await.kind, ProblemKind::RequestIdTaken);
	assert_eq!(loads.load(Ordering::SeqCst), 0);
	let good = ask(&mut consumer);
	checked(&good, server.send(&good).await);
	assert_eq!(loads.load(Ordering::SeqCst), 1);
	server.audit(&consumer, 2, 2 * PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_bodies_are_read_in_their_turns() {
	let limits = Limits { body: 1 << 20, ..LIMITS };
	let server = Server::build(16, limits, vec![]).await;
	server.gate.open();
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0i64..6)
		.map(|value| {
			let input = Tensor::from_elements("x", vec![200_000], &vec![value; 200_000]).unwrap();
			paid(&mut consumer, "gated", GATED, Meter::Request, input)
		})
		.collect();
	let replies = join_all(requests.iter().rev().map(|request| server.send(request))).await;
	for (request, reply) in requests.iter().rev().zip(replies) {
		let (outputs, _) = checked(request, reply);
		assert!(outputs == request.body.inputs);
	}
	server.audit(&consumer, 6, 6 * PRICE);
}

const MIB: usize = 1 << 20;
/// Room for a few of the answers below.
const ROOM: Limits = Limits { body: 8 * MIB, memory: 40 * MIB, ..LIMITS };
/// So many that neither the system nor a connection takes an answer whole.
const ELEMENTS: usize = 300_000;

/// A request whose answer is as long as itself.
fn long(consumer: &mut Consumer) -> Paid {
	// Twenty bytes each, in JSON.
	let input = vec![i64::MIN; ELEMENTS];
	let input = Tensor::from_elements("x", vec![ELEMENTS as u64], &input).unwrap();
	paid(consumer, "gated", GATED, Meter::Request, input)
}

pub(super) async fn until_nothing_is_held(server: &Server) {
	until_held(server, |bytes| bytes == 0).await;
}

/// Until that is so of what is held.
async fn until_held(server: &Server, is_so: impl Fn(usize) -> bool) {
	let until = Instant::now() + Duration::from_secs(20);
	while !is_so(server.app.memory.held()) {
		assert!(Instant::now() < until, "{} bytes are held", server.app.memory.held());
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_reads_is_not_sent_again_and_again() {
	let server = Server::build(16, ROOM, vec![]).await;
	server.gate.open();
	let (mut consumer, mut other) = (server.consumer(), server.other_consumer());
	let request = long(&mut consumer);
	let answered = checked(&request, server.send(&request).await);
	until_nothing_is_held(&server).await;

	let (mut unread, mut refused) = (Vec::new(), 0);
	while refused < 10 {
		assert!(unread.len() < 12, "all are answered");
		let mut wire = Wire::with_little_room(&server.address).await;
		let body = body(&request);
		wire.head(&path(&request), &request.headers, body.len(), "").await;
		wire.body(&body).await;
		match wire.status().await {
			200 => unread.push(wire),
			status => {
				assert_eq!(status, 429);
				refused += 1;
			},
		}
		// A quarter more for what was asked before.
		assert!(server.app.memory.held() <= ROOM.memory + ROOM.memory / 4);
	}
	assert!(unread.len() > 1, "one may ask again while the answer before is on its way");
	// Others are served meanwhile, and who reads is given it again.
	let theirs = long(&mut other);
	checked(&theirs, server.send(&theirs).await);
	drop(unread);
	until_nothing_is_held(&server).await;
	assert_eq!(checked(&request, server.send(&request).await), answered);
	server.audit(&consumer, 1, PRICE);
	server.audit(&other, 1, PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_on_a_stream_is_held_until_it_is_read_or_given_up() {
	let server = Server::build(16, ROOM, vec![]).await;
	server.gate.open();
	let mut consumer = server.consumer();
	let request = long(&mut consumer);
	let message = message(&request).encode_to_vec();
	let whole = framed(0, message.len(), &message);
	let endpoint = Endpoint::from_shared(server.address.clone()).unwrap();
	let channel = endpoint.initial_stream_window_size(65_535).connect().await.unwrap();
	for reads in [true, false] {
		let pieces = vec![whole.clone()];
		let mut unread = answer(&channel, Some(&request.headers), pieces, true).await.into_body();
		tokio::time::sleep(Duration::from_millis(200)).await;
		assert!(server.app.memory.held() >= 8 * ELEMENTS, "{}", server.app.memory.held());
		if reads {
			while let Some(frame) = poll_fn(|cx| Pin::new(&mut unread).poll_frame(cx)).await {
				frame.unwrap();
			}
		}
		drop(unread);
		until_nothing_is_held(&server).await;
	}
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test]
async fn a_refusal_does_not_repeat_all_that_was_sent() {
	let server = Server::start().await;
	let good = gather(&mut server.consumer(), &[0]);
	let shape = ["1"; 20_000].join(",");
	let body =
		format!(r#"{{"inputs":[{{"name":"x","shape":[{shape}],"datatype":"INT64","data":[]}}]}}"#);
	let mut wire = Wire::to(&server.address).await;
	wire.head(&path(&good), &good.headers, body.len(), "").await;
	wire.body(body.as_bytes()).await;
	let (status, problem) = wire.answer().await;
	assert_eq!((status, problem["detail"].as_str().unwrap().len()), (422, 1_024));
}

#[tokio::test]
async fn of_what_nobody_pays_for_only_names_are_read() {
	let server = Server::start().await;
	let mut client = GrpcInferenceServiceClient::new(channel(&server).await);
	let mut asked = ModelReadyRequest { name: "magika".into(), version: String::new() };
	assert!(client.model_ready(asked.clone()).await.unwrap().into_inner().ready);
	asked.name = "x".repeat(5_000);
	assert_eq!(client.model_ready(asked).await.unwrap_err().code(), Code::OutOfRange);
}
