//! Real requests over a socket, to a real engine, against a chain in memory.

mod binary;
mod budget;
mod embeddings;
mod grpc;
mod serving;

use super::*;
use crate::{
	book::Terms,
	chain::VersionState,
	engine::{
		ort::{OrtEngine, Provider, SessionOptions},
		profile::Profile,
		shelf::Shelf,
		Artifact, Engine, EngineError, Pool, PoolOptions, Port, Quarantine, Signature,
	},
	ledger::Ledger,
	metrics::Metrics,
	testing::{
		magika, onnx, receipt_key, runtime, version_state, Consumer, MemoryChain, GENESIS, HEAD,
		MODEL, ORACLE, PRICE, VERSION,
	},
};
use std::{
	sync::{Arc, Condvar, Mutex},
	time::Duration,
};
use usufruct_client::{
	manifest,
	oracle_api::{
		x402::{self, PaymentPayload, PaymentRequired, PaymentResponse},
		OracleHttp, Problem, ProblemKind, Reach, Reply, RequestHeaders, SignedReceipt,
		SignedVoucher,
	},
	receipt::{self, Asked},
	tensors::{DataType, InferRequest, Tensor},
};
use usufruct_primitives::{commitment::Request, usage::Voucher, Hash, Meter, Status, VersionId};

const GATHER: VersionId = 31;
const GATED: VersionId = 32;
const DEADLY: VersionId = 33;
const SALT: Hash = [5; 32];

/// Blocks until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
	fn open(&self) {
		*self.0 .0.lock().unwrap() = true;
		self.0 .1.notify_all();
	}
}

struct Gated(Signature, Gate);

impl Engine for Gated {
	fn signature(&self) -> &Signature {
		&self.0
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let (open, told) = &*self.1 .0;
		drop(told.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
		Ok(inputs.to_vec())
	}
}

fn ort_pool(bytes: Vec<u8>) -> Pool {
	// As much as the tests send at once, of one key.
	ort_pool_with(bytes, PoolOptions { instances: 2, max_queue: 256, ..PoolOptions::default() })
}

fn ort_pool_with(bytes: Vec<u8>, pool: PoolOptions) -> Pool {
	let hash = manifest::of_bytes(&bytes).hash;
	let artifact = Artifact::check(bytes, &hash).unwrap();
	let nowhere = tempfile::tempdir().unwrap().keep();
	let options = SessionOptions { provider: Provider::Cpu, threads: 1, nowhere };
	Pool::start(pool, move |_| OrtEngine::load(runtime(), artifact.bytes(), &options)).unwrap()
}

fn echo() -> Signature {
	let port = Port { name: "x".into(), datatype: DataType::Int64, shape: vec![None] };
	Signature { inputs: vec![port.clone()], outputs: vec![port] }
}

fn gated_pool(gate: Gate, max_queue: usize) -> Pool {
	let pool = PoolOptions { name: "gated".into(), max_queue, ..PoolOptions::default() };
	Pool::start(pool, move |_| Ok(Gated(echo(), gate.clone()))).unwrap()
}

/// Ends its worker, as far as can be told from outside, on inputs from 13 on.
struct Deadly(Signature);

impl Engine for Deadly {
	fn signature(&self) -> &Signature {
		&self.0
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		match inputs[0].to_elements::<i64>().unwrap()[0] {
			13.. => Err(EngineError::Died("signal: 8 (SIGFPE)".into())),
			_ => Ok(inputs.to_vec()),
		}
	}
}

fn deadly_pool(quarantine: Arc<Quarantine>) -> Pool {
	let pool = PoolOptions { version: DEADLY, max_queue: 64, quarantine, ..PoolOptions::default() };
	Pool::start(pool, move |_| Ok(Deadly(echo()))).unwrap()
}

fn model(name: &str, version: VersionId, meter: Meter, pool: Pool) -> Served {
	Served {
		name: name.into(),
		version,
		model: MODEL,
		meter,
		licence: "Apache-2.0".into(),
		manifest: [0; 32],
		home: Shelf::new(None).place_loaded(pool),
		text: None,
	}
}

struct Server {
	app: Arc<App>,
	chain: Arc<MemoryChain>,
	http: OracleHttp,
	address: String,
	gate: Gate,
	_folder: tempfile::TempDir,
}

impl Server {
	async fn start() -> Self {
		Self::with(0, 256).await
	}

	/// One where so many may wait at the gate, and so many requests be served at a time.
	async fn with(max_queue: usize, requests: usize) -> Self {
		Self::build(max_queue, requests, vec![]).await
	}

	/// One that serves these, too.
	async fn serving(more: Vec<Served>) -> Self {
		Self::build(0, 256, more).await
	}

	async fn build(max_queue: usize, requests: usize, more: Vec<Served>) -> Self {
		let folder = tempfile::tempdir().unwrap();
		let chain = MemoryChain::new();
		{
			let mut state = chain.state();
			let versions = &mut state.head.versions;
			versions.insert(GATHER, VersionState { meter: Meter::Element, ..version_state() });
			versions.insert(GATED, version_state());
			versions.insert(DEADLY, version_state());
			for served in &more {
				let state = VersionState { meter: served.meter, ..version_state() };
				versions.insert(served.version, state);
			}
		}
		let ledger = Ledger::open(folder.path(), GENESIS, ORACLE, receipt_key()).await;
		let ledger = Arc::new(ledger.unwrap());
		chain.follow(&ledger);
		let gate = Gate::default();
		let quarantine = Arc::new(Quarantine::default());
		let mut models = vec![
			model("magika", VERSION, Meter::Request, ort_pool(std::fs::read(magika()).unwrap())),
			model("gather", GATHER, Meter::Element, ort_pool(onnx::gather())),
			model("gated", GATED, Meter::Request, gated_pool(gate.clone(), max_queue)),
			model("deadly", DEADLY, Meter::Request, deadly_pool(Arc::clone(&quarantine))),
		];
		models.extend(more);
		let identity = Identity {
			genesis: GENESIS,
			oracle: ORACLE,
			receipt_key: receipt_key().verifying_key().to_bytes(),
		};
		let metrics = Arc::new(Metrics::default());
		let app = Arc::new(App::new(
			identity,
			ledger,
			Arc::new(Catalogue::of(models, quarantine)),
			chain.clone(),
			chain.heads(),
			metrics,
			Limits { body: 64 << 10, requests },
		));
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
		let address = format!("http://{}", listener.local_addr().unwrap());
		let router = router(Arc::clone(&app));
		tokio::spawn(async move { axum::serve(listener, router).await });
		let http = OracleHttp::new(&address, Reach::Anywhere).unwrap();
		Self { app, chain, http, address, gate, _folder: folder }
	}

	fn consumer(&self) -> Consumer {
		let consumer = Consumer::new(1);
		self.chain.open(&consumer);
		consumer
	}

	fn total(&self, consumer: &Consumer) -> u128 {
		self.app.ledger.position(&consumer.channel).map_or(0, |it| it.total + it.in_flight)
	}

	async fn send(&self, paid: &Paid) -> Reply {
		let body = serde_json::to_vec(&paid.body).unwrap();
		self.http.infer(paid.name, body, Some(&paid.headers)).await.unwrap()
	}

	async fn refused(&self, paid: &Paid) -> Problem {
		let reply = self.send(paid).await;
		assert_eq!(reply.receipt, None, "a refusal has no receipt");
		reply.body.unwrap_err()
	}

	async fn get(&self, path: &str) -> (u16, serde_json::Value) {
		let response = reqwest::get(format!("{}{path}", self.address)).await.unwrap();
		let status = response.status().as_u16();
		(status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
	}
}

/// A request with its headers.
#[derive(Clone)]
struct Paid {
	name: &'static str,
	request: Request,
	body: InferRequest,
	headers: RequestHeaders,
}

impl Paid {
	/// Signed again after a change of the request.
	fn signed(mut self, consumer: &Consumer, change: impl FnOnce(&mut Voucher)) -> Self {
		let mut voucher = Voucher {
			channel_id: consumer.channel,
			cap: consumer.cap,
			request_commit: self.request.commit(&GENESIS),
			ack_seq: consumer.ack.0,
			ack_total: consumer.ack.1,
			serve_until: HEAD + 100,
		};
		change(&mut voucher);
		let signed = SignedVoucher::sign(voucher, &consumer.key, &GENESIS);
		self.headers = RequestHeaders::new(signed, &self.request, SALT);
		self
	}
}

/// A request that is in order.
fn paid(
	consumer: &mut Consumer,
	name: &'static str,
	version: VersionId,
	meter: Meter,
	input: Tensor,
) -> Paid {
	let inputs = vec![input];
	let units = usufruct_client::meter::units(meter, &inputs, None).unwrap();
	paid_for(consumer, name, version, (meter, units), inputs)
}

/// The same, for so many units.
fn paid_for(
	consumer: &mut Consumer,
	name: &'static str,
	version: VersionId,
	(meter, units): (Meter, u64),
	inputs: Vec<Tensor>,
) -> Paid {
	let mut request = consumer.order().request;
	request.model_version = version;
	request.meter = meter;
	request.max_units = units;
	request.input_commit = usufruct_client::tensors::commit(&SALT, &inputs).unwrap();
	consumer.cap += request.max_amount().unwrap();
	let headers = RequestHeaders::new(
		SignedVoucher {
			voucher: consumer.sign(&consumer.clone().order()).voucher,
			signature: [0; 64],
		},
		&request,
		SALT,
	);
	let body = InferRequest { id: Some("my id".into()), inputs, outputs: vec![] };
	Paid { name, request, body, headers }.signed(consumer, |_| ())
}

fn classify(consumer: &mut Consumer) -> Paid {
	let mut bytes = [256i32; 2_048];
	for (at, byte) in b"#!/bin/sh\necho hello\n".iter().enumerate() {
		bytes[at] = (*byte).into();
	}
	let input = Tensor::from_elements("bytes", vec![1, 2_048], &bytes).unwrap();
	paid(consumer, "magika", VERSION, Meter::Request, input)
}

fn gather(consumer: &mut Consumer, indices: &[i64]) -> Paid {
	let input = Tensor::from_elements("x", vec![indices.len() as u64], indices).unwrap();
	paid(consumer, "gather", GATHER, Meter::Element, input)
}

fn gated(consumer: &mut Consumer) -> Paid {
	let input = Tensor::from_elements("x", vec![1], &[1i64]).unwrap();
	paid(consumer, "gated", GATED, Meter::Request, input)
}

/// Checks a reply as a consumer does.
fn checked(paid: &Paid, reply: Reply) -> (Vec<Tensor>, SignedReceipt) {
	let receipt = reply.receipt.unwrap();
	let outputs = reply.body.as_ref().ok().map(|it| it.outputs.as_slice());
	let asked = Asked {
		genesis: &GENESIS,
		receipt_key: &receipt_key().verifying_key().to_bytes(),
		model: MODEL,
		request: &paid.request,
		salt: &SALT,
		inputs: &paid.body.inputs,
		text: None,
	};
	receipt::check(&asked, &receipt, outputs).unwrap();
	(reply.body.map(|it| it.outputs).unwrap_or_default(), receipt)
}

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
	let sent = tokio::time::timeout(Duration::from_millis(100), server.send(&request)).await;
	assert!(sent.is_err());
	server.gate.open();
	let (_, receipt) = checked(&request, server.send(&request).await);
	assert_eq!((receipt.receipt.seq, receipt.receipt.status), (1, Status::Served));
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test]
async fn without_a_voucher_the_terms_are_told() {
	let server = Server::start().await;
	let reply = server.http.infer("magika", b"{}".to_vec(), None).await.unwrap();
	let problem = reply.body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (ProblemKind::VoucherMissing, 402));
	let terms = problem.terms.unwrap();
	assert_eq!((terms.model, terms.model_version, terms.unit_price), (MODEL, VERSION, PRICE));
	assert_eq!((terms.meter, terms.channel), (Meter::Request, None));
	assert_eq!(terms.genesis, hex::encode(GENESIS));
	assert_eq!(terms.oracle, hex::encode(ORACLE));
	assert_eq!(terms.receipt_key, hex::encode(receipt_key().verifying_key().to_bytes()));
	assert!(terms.missing.contains("voucher"));
}

#[tokio::test]
async fn vouchers_that_do_not_fit_are_refused_with_the_terms() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let good = classify(&mut consumer);
	let (_, first) = checked(&good, server.send(&good).await);
	let next = classify(&mut consumer);
	let with = |change: fn(&mut Voucher)| next.clone().signed(&consumer, change);
	let other_key = Consumer { key: receipt_key(), ..consumer.clone() };
	let mut other_chain = next.clone();
	let voucher = other_chain.headers.voucher.voucher.clone();
	other_chain.headers.voucher = SignedVoucher::sign(voucher, &consumer.key, &[8; 32]);
	let mut repriced = next.clone();
	repriced.request.unit_price += 1;
	let repriced = repriced.signed(&consumer, |_| ());
	for (request, kind, status) in [
		(with(|it| it.cap = 5), CapTooLow, 402),
		(with(|it| it.serve_until = 3), VoucherExpired, 402),
		(with(|it| (it.ack_seq, it.ack_total) = (9, 0)), AcknowledgementWrong, 409),
		(with(|it| (it.ack_seq, it.ack_total) = (1, 7)), AcknowledgementWrong, 409),
		(with(|it| it.request_commit = [0; 32]), RequestMismatch, 400),
		(next.clone().signed(&other_key, |_| ()), VoucherSignature, 402),
		(other_chain, VoucherSignature, 402),
		(repriced, PriceMismatch, 402),
	] {
		let problem = server.refused(&request).await;
		assert_eq!((problem.kind, problem.status), (kind, status), "{problem}");
		assert_eq!(problem.terms.is_some(), status == 402);
		if let Some(channel) = problem.terms.and_then(|it| it.channel) {
			assert_eq!((channel.seq, channel.total, channel.in_flight), (1, PRICE, 0));
			assert_eq!(channel.channel_id, hex::encode(consumer.channel));
		}
	}
	assert_eq!(server.total(&consumer), PRICE, "nothing of it was charged");
	consumer.acknowledge(&first.receipt);
	checked(&next, server.send(&next).await);

	// A body that is not the one signed for.
	let mut changed = gather(&mut consumer, &[0]);
	changed.body.inputs = vec![Tensor::from_elements("x", vec![1], &[1i64]).unwrap()];
	assert_eq!(server.refused(&changed).await.kind, RequestMismatch);
	// More of it than the voucher allows.
	let mut larger = gather(&mut consumer, &[0, 1]);
	larger.request.max_units = 1;
	let larger = larger.signed(&consumer, |_| ());
	assert_eq!(server.refused(&larger).await.kind, MaxUnitsTooLow);
	// An id that stands for something else.
	let mut reused = gather(&mut consumer, &[0, 1]);
	reused.request.request_id = good.request.request_id;
	let reused = reused.signed(&consumer, |_| ());
	assert_eq!(server.refused(&reused).await.kind, RequestIdTaken);
}

#[tokio::test]
async fn channels_that_do_not_fit_are_refused() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = Consumer::new(1);
	let request = classify(&mut consumer);
	assert_eq!(server.refused(&request).await.kind, ChannelUnknown);
	server.chain.open(&consumer);
	server.chain.state().not_final.insert(consumer.channel);
	let problem = server.refused(&request).await;
	assert_eq!((problem.kind, problem.status), (ChannelNotFinal, 503));
	server.chain.state().not_final.clear();

	// As if it were opened anew each time: what is looked up is followed from then on.
	for (terms, kind) in [
		(Terms { oracle: [2; 32], ..consumer.terms() }, ChannelMismatch),
		(Terms { model: MODEL + 1, ..consumer.terms() }, ChannelMismatch),
		(Terms { closes_at: Some(u32::MAX), ..consumer.terms() }, ChannelClosing),
		(Terms { escrow: PRICE - 1, ..consumer.terms() }, EscrowShort),
		(Terms { max_unacked: PRICE - 1, ..consumer.terms() }, UnacknowledgedLimit),
		(Terms { max_unit_price: PRICE - 1, ..consumer.terms() }, PriceAboveChannel),
		(Terms { settled_seq: 4, ..consumer.terms() }, Internal),
	] {
		server.chain.state().channels.insert(consumer.channel, terms);
		server.chain.finalise();
		let problem = server.refused(&request).await;
		assert_eq!(problem.kind, kind, "{problem}");
	}
	server.chain.open(&consumer);
	server.chain.finalise();
	checked(&request, server.send(&request).await);
}

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

#[tokio::test]
async fn a_full_queue_is_refused_before_anything_is_accepted() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let (first, second) = (gated(&mut consumer), gated(&mut consumer));
	let running = server.send(&first);
	tokio::pin!(running);
	let waited = tokio::time::timeout(Duration::from_millis(100), &mut running).await;
	assert!(waited.is_err());
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
async fn bodies_and_tensors_that_do_not_fit_are_refused() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let good = classify(&mut consumer);
	let with = |inputs: Vec<Tensor>| {
		let mut request = good.clone();
		request.body.inputs = inputs;
		request
	};
	let tensor = |name: &str, shape: Vec<u64>| {
		let count = shape.iter().product::<u64>() as usize;
		Tensor::from_elements(name, shape, &vec![1i32; count]).unwrap()
	};
	for inputs in [
		vec![],
		vec![tensor("bytes", vec![2_048])],
		vec![tensor("bytes", vec![1, 100])],
		vec![tensor("other", vec![1, 2_048])],
		vec![Tensor::from_elements("bytes", vec![1, 2_048], &[1f32; 2_048]).unwrap()],
		vec![Tensor::from_texts("bytes", vec![1], &["text"]).unwrap()],
	] {
		let problem = server.refused(&with(inputs)).await;
		assert_eq!((problem.kind, problem.status), (TensorInvalid, 422), "{problem}");
	}
	let mut output = good.clone();
	output.body.outputs = vec![usufruct_client::tensors::RequestedOutput { name: "no".into() }];
	assert_eq!(server.refused(&output).await.kind, TensorInvalid);

	let raw = |body: Vec<u8>| server.http.infer("magika", body, Some(&good.headers));
	for body in [&b""[..], b"{", b"[]", b"{\"inputs\":3}", b"\xff\xff"] {
		let problem = raw(body.to_vec()).await.unwrap().body.unwrap_err();
		assert_eq!((problem.kind, problem.status), (BodyMalformed, 400), "{problem}");
	}
	let problem = raw(vec![b' '; (64 << 10) + 1]).await.unwrap().body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (BodyTooLarge, 413), "{problem}");
	assert!(problem.detail.contains("65536"));
	assert_eq!(server.total(&consumer), 0);
	checked(&good, server.send(&good).await);
}

#[tokio::test]
async fn models_and_headers_that_do_not_fit_are_refused() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let good = classify(&mut consumer);
	let mut unknown = good.clone();
	unknown.name = "magica";
	let problem = server.refused(&unknown).await;
	assert_eq!((problem.kind, problem.status), (ModelUnknown, 404));
	assert!(problem.detail.contains("magika (version 30)"), "{problem}");
	let mut version = good.clone();
	version.headers.model_version = GATHER;
	assert_eq!(server.refused(&version).await.kind, ModelUnknown);

	let post = |path: &str, headers: Vec<(&'static str, String)>| {
		let mut request = reqwest::Client::new().post(format!("{}{path}", server.address));
		for (name, value) in headers {
			request = request.header(name, value);
		}
		let body = serde_json::to_vec(&good.body).unwrap();
		async move {
			let response = request.body(body).send().await.unwrap();
			let form = response.headers()["content-type"].to_str().unwrap().to_owned();
			let status = response.status().as_u16();
			let bytes = response.bytes().await.unwrap();
			(status, form, serde_json::from_slice::<serde_json::Value>(&bytes).unwrap())
		}
	};
	let pairs = || good.headers.to_pairs().to_vec();
	for at in 1..pairs().len() {
		let mut missing = pairs();
		let name = missing.remove(at).0;
		let (status, form, problem) = post("/v2/models/magika/infer", missing).await;
		assert_eq!((status, form.as_str()), (400, "application/problem+json"));
		assert_eq!(problem["type"], HeaderMalformed.name());
		assert!(problem["detail"].as_str().unwrap().contains(name));
	}
	let mut voucher = pairs();
	voucher[0].1 = "AAAA".into();
	let (status, _, problem) = post("/v2/models/magika/infer", voucher).await;
	assert_eq!((status, &problem["type"]), (400, &HeaderMalformed.name().into()));
	let (status, _, problem) = post("/v2/models/magika/versions/31/infer", pairs()).await;
	assert_eq!((status, &problem["type"]), (404, &ModelUnknown.name().into()));
	let (status, _, answer) = post("/v2/models/magika/versions/30/infer", pairs()).await;
	assert_eq!((status, &answer["model_name"]), (200, &"magika".into()));
}

#[tokio::test]
async fn the_protocol_tells_about_server_and_models() {
	let server = Server::start().await;
	let (status, body) = server.get("/v2").await;
	assert_eq!((status, &body["name"]), (200, &"usufruct-oracle".into()));
	assert_eq!(body["usufruct"]["oracle"], hex::encode(ORACLE));
	assert_eq!(server.get("/v2/health/live").await.0, 200);
	assert_eq!(server.get("/v2/health/ready").await.0, 200);
	for path in ["/v2/models/magika", "/v2/models/magika/versions/30"] {
		let (status, body) = server.get(path).await;
		assert_eq!((status, &body["platform"]), (200, &"onnx_onnxv1".into()));
		assert_eq!(body["versions"], serde_json::json!(["30"]));
		assert_eq!(
			body["inputs"],
			serde_json::json!([{ "name": "bytes", "datatype": "INT32", "shape": [-1, 2048] }])
		);
		assert_eq!(body["usufruct"]["unit_price"], PRICE.to_string());
		assert_eq!(server.get(&format!("{path}/ready")).await.0, 200);
	}
	assert_eq!(server.get("/v1/anything").await.0, 404);
	for path in ["/v2/models/none", "/v2/models/magika/versions/9", "/v2/models/magika/versions/x"]
	{
		assert_eq!(server.get(path).await.0, 404);
		assert_eq!(server.get(&format!("{path}/ready")).await.0, 404);
	}

	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	server.send(&request).await;
	server.send(&request).await;
	let response = reqwest::get(format!("{}/metrics", server.address)).await.unwrap();
	let text = response.text().await.unwrap();
	for line in [
		"usufruct_oracle_requests_total{model=\"magika\",outcome=\"served\"} 1",
		"usufruct_oracle_requests_total{model=\"magika\",outcome=\"replayed\"} 1",
		"usufruct_oracle_receipts_total 1",
		"usufruct_oracle_unsettled_planck 1000.0",
		"usufruct_oracle_run_seconds_count{model=\"magika\"} 1",
		"usufruct_oracle_queue_depth{model=\"gather\"} 0",
	] {
		assert!(text.contains(line), "{line} is not in\n{text}");
	}
}

/// Posts as an agent does that knows x402 and nothing of us: the status, and its headers.
async fn post(server: &Server, paid: &Paid, payment: Option<String>) -> (u16, [Option<String>; 2]) {
	let client = reqwest::Client::new();
	let mut request = client
		.post(format!("{}/v2/models/{}/infer", server.address, paid.name))
		.body(serde_json::to_vec(&paid.body).unwrap());
	if let Some(payment) = payment {
		request = request.header("PAYMENT-SIGNATURE", payment);
	}
	let response = request.send().await.unwrap();
	let header = |name| response.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
	let headers = ["PAYMENT-REQUIRED", "PAYMENT-RESPONSE"].map(header);
	(response.status().as_u16(), headers)
}

#[tokio::test]
async fn an_agent_pays_by_x402() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let (status, [required, response]) = post(&server, &request, None).await;
	assert_eq!((status, response), (402, None));
	let required = PaymentRequired::from_header(&required.unwrap()).unwrap();
	assert_eq!(required.resource.url, format!("{}/v2/models/magika/infer", server.address));
	let [accepted] = &required.accepts[..] else { panic!("{required:?}") };
	assert_eq!((accepted.amount, accepted.extra.model_version), (PRICE, VERSION));

	let payload = PaymentPayload { accepted: accepted.clone(), paid: request.headers.clone() };
	let (status, [required, response]) = post(&server, &request, Some(payload.to_header())).await;
	assert_eq!((status, required), (200, None));
	let response = PaymentResponse::from_header(&response.unwrap()).unwrap();
	assert_eq!((response.success, response.amount), (true, PRICE));
	let receipt = response.receipt().unwrap().unwrap();
	assert!(receipt.verify(&receipt_key().verifying_key().to_bytes(), &GENESIS));
	assert_eq!(receipt.receipt.request_commit, request.request.commit(&GENESIS));
	// The same request by our own headers gets the same receipt: it is one payment.
	assert_eq!(server.send(&request).await.receipt, Some(receipt));
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test]
async fn a_payment_by_x402_that_does_not_do_is_told_why_in_x402() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let (_, [required, _]) = post(&server, &request, None).await;
	let accepted = PaymentRequired::from_header(&required.unwrap()).unwrap().accepts.remove(0);
	let low = request.clone().signed(&consumer, |voucher| voucher.cap = 0);
	let payload = PaymentPayload { accepted: accepted.clone(), paid: low.headers };
	let (status, [required, response]) = post(&server, &request, Some(payload.to_header())).await;
	assert_eq!(status, 402);
	let required = PaymentRequired::from_header(&required.unwrap()).unwrap();
	assert!(required.accepts[0].extra.channel.is_some(), "{required:?}");
	let response = PaymentResponse::from_header(&response.unwrap()).unwrap();
	assert_eq!((response.success, response.extra), (false, None));
	assert_eq!(response.error_reason.as_deref(), Some("cap-too-low"));

	let mut other = accepted;
	other.network = x402::network(&[8; 32]);
	let payload = PaymentPayload { accepted: other, paid: request.headers.clone() };
	let (status, _) = post(&server, &request, Some(payload.to_header())).await;
	assert_eq!(status, 400, "for another chain");
	assert_eq!(server.total(&consumer), 0);
}

#[tokio::test]
async fn the_page_says_what_is_served_and_whether_it_is() {
	let server = Server::start().await;
	let page = || async {
		let reply = reqwest::get(format!("{}/", server.address)).await.unwrap();
		assert_eq!(reply.headers()["content-type"], "text/html; charset=utf-8");
		let policy = reply.headers()["content-security-policy"].to_str().unwrap().to_string();
		assert!(policy.starts_with("default-src 'none'"), "{policy}");
		reply.text().await.unwrap()
	};
	let text = page().await;
	assert!(text.contains("<p class=good>Serving</p>"), "{text}");
	for word in ["magika", "gather", "0.000000001 UFR per request", "per element", "Apache-2.0"] {
		assert!(text.contains(word), "{word}: {text}");
	}
	server.chain.state().head.versions.get_mut(&VERSION).unwrap().ask = None;
	server.chain.finalise();
	assert!(page().await.contains("no price"));
	server.app.drain();
	assert!(page().await.contains("<p class=bad>Not serving"));
	let hostile = super::status::escape("<a href=\"x\">&");
	assert_eq!(hostile, "&lt;a href=&quot;x&quot;&gt;&amp;");
}

#[tokio::test]
async fn how_a_model_is_run_is_published_and_named_with_each_answer() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let url = format!("{}/v2/models/magika", server.address);
	let metadata: serde_json::Value = reqwest::get(url).await.unwrap().json().await.unwrap();
	let published = &metadata["usufruct"];
	let profile: Profile = serde_json::from_value(published["profile"].clone()).unwrap();
	assert_eq!(published["profile_hash"], hex::encode(profile.hash()));
	let paid = classify(&mut consumer);
	let mut request = reqwest::Client::new()
		.post(format!("{}/v2/models/magika/infer", server.address))
		.body(serde_json::to_vec(&paid.body).unwrap());
	for (name, value) in paid.headers.to_pairs() {
		request = request.header(name, value);
	}
	let reply = request.send().await.unwrap();
	assert_eq!(reply.status(), 200);
	assert_eq!(reply.headers()["usufruct-profile"], hex::encode(profile.hash()));
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
	use crate::blind::Policy;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	// A channel that is known already.
	let known = classify(&mut consumer);
	checked(&known, server.send(&known).await);
	server.chain.finalise();
	let policy = Policy { risk: 2 * PRICE, ..Policy::default() };
	server.app.ledger.serve_blindly(policy);
	server.app.ledger.lags(true);
	for _ in 0..2 {
		let request = classify(&mut consumer);
		checked(&request, server.send(&request).await);
		// Old blocks make no room.
		server.chain.finalise();
	}
	let third = classify(&mut consumer);
	assert_eq!(server.refused(&third).await.kind, ProblemKind::NotReady);
	server.app.ledger.lags(false);
	server.chain.finalise();
	checked(&third, server.send(&third).await);
}
