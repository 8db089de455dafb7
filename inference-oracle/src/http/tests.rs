//! Real requests over a socket, to a real engine, against a chain in memory.

mod agents;
mod binary;
mod bodies;
mod budget;
mod busy;
mod embeddings;
mod engines;
mod grpc;
mod paid;
mod payment;
mod requests;
mod serving;
mod standing;
mod told;
mod traced;
mod wire;

use super::*;
use crate::{
	book::Terms,
	chain::VersionState,
	engine::{
		profile::Profile, shelf::Shelf, Engine, EngineError, Pool, PoolOptions, Port, Quarantine,
		Signature,
	},
	ledger::Ledger,
	metrics::Metrics,
	testing::{
		magika, onnx, receipt_key, version_state, Consumer, MemoryChain, GENESIS, HEAD, MODEL,
		ORACLE, PRICE, VERSION,
	},
};
use engines::*;
use std::{
	future::Future,
	sync::{Arc, Mutex},
	time::{Duration, Instant},
};
use usufruct_client::{
	manifest,
	oracle_api::{
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
const LIMITS: Limits = Limits { body: 64 << 10, memory: 64 << 20, requests: 256 };

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

/// Serves it at a port of its own, which it returns as an address.
async fn listen(router: axum::Router) -> String {
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = format!("http://{}", listener.local_addr().unwrap());
	tokio::spawn(async move { axum::serve(listener, router).await });
	address
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
		Self::build(max_queue, Limits { requests, ..LIMITS }, vec![]).await
	}

	/// One that serves these, too.
	async fn serving(more: Vec<Served>) -> Self {
		Self::build(0, LIMITS, more).await
	}

	async fn build(max_queue: usize, limits: Limits, more: Vec<Served>) -> Self {
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
			limits,
		));
		let address = listen(router(Arc::clone(&app))).await;
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

	/// Sends a request that runs until the gate opens, and returns once it does.
	async fn occupy<'a>(&'a self, paid: &'a Paid) -> impl Future<Output = Reply> + 'a {
		let mut sent = Box::pin(self.send(paid));
		let pool = self.app.catalogue.find("gated", GATED).unwrap().home.loaded().unwrap();
		while pool.busy() == 0 {
			let waited = tokio::time::timeout(Duration::from_millis(5), &mut sent).await;
			assert!(waited.is_err());
		}
		sent
	}

	fn waiting(&self) -> usize {
		self.app.catalogue.find("gated", GATED).unwrap().home.loaded().unwrap().waiting()
	}

	/// Goes on sending a request until so many wait at the gate, and this one with them.
	async fn until_waiting(&self, sent: &mut (impl Future<Output = Reply> + Unpin), count: usize) {
		let begun = Instant::now();
		while self.waiting() != count {
			assert!(begun.elapsed() < Duration::from_secs(20), "{} wait", self.waiting());
			let waited = tokio::time::timeout(Duration::from_millis(5), &mut *sent).await;
			assert!(waited.is_err());
		}
	}

	fn other_consumer(&self) -> Consumer {
		let consumer = Consumer::new(2);
		self.chain.open(&consumer);
		consumer
	}

	/// Nothing is open, receipts are numbered without a gap, and so it is after a start from disk.
	fn audit(&self, consumer: &Consumer, receipts: u64, total: u128) {
		let position = self.app.ledger.position(&consumer.channel).unwrap();
		assert_eq!((position.seq, position.total, position.in_flight), (receipts, total, 0));
		assert_eq!(self.app.ledger.running(), 0);
		let mut seen = Vec::new();
		let store = self.app.ledger.store().snapshot().unwrap();
		store.receipts(&consumer.channel, 1, u64::MAX, |it| seen.push((it.seq, it.total))).unwrap();
		assert_eq!(
			seen.iter().map(|it| it.0).collect::<Vec<_>>(),
			(1..=receipts).collect::<Vec<_>>()
		);
		assert_eq!(seen.last().map(|it| it.1), Some(total));
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
		tokens: None,
	};
	receipt::check(&asked, &receipt, outputs).unwrap();
	(reply.body.map(|it| it.outputs).unwrap_or_default(), receipt)
}
