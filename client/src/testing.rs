//! An oracle of any character, over real HTTP, for the tests of whoever asks one; and the chain's
//! metadata, for the tests of whoever writes transactions.

use crate::{
	manifest, meter,
	oracle_api::{header, Problem, ProblemKind, RequestHeaders, SignedReceipt, SignedVoucher},
	runtime,
	session::Answer,
	tensors::{self, InferRequest, InferResponse, Tensor},
	text::{tests::words, TEXT},
};
use codec::Decode;
use ed25519_dalek::SigningKey;
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{Arc, Mutex},
	time::Duration,
};
use subxt::{
	client::OfflineClientAtBlock,
	config::substrate::{SpecVersionForRange, SubstrateConfig, SubstrateConfigBuilder},
	utils::H256,
	ArcMetadata, Metadata, OfflineClient,
};
use tokio::{
	io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
	net::{TcpListener, TcpStream},
};
use usufruct_primitives::{
	commitment::Request, usage::Receipt, Balance, ChannelId, Hash, Meter, PublicKey, Seq, Status,
};

pub const GENESIS: Hash = [1; 32];
pub const PRICE: Balance = 7;

/// How an oracle misbehaves, once or always.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mood {
	Honest,
	/// Answers, writes it down, and hangs up before it says so; once.
	HangsUpOnce,
	Busy,
	Refuses,
	/// Hangs up, and refuses whatever comes after.
	HangsUpAndRefuses,
	/// Serves, and says that it refused; when it is asked again it answers.
	Denies,
	Fails,
	/// Keeps no answers.
	Forgets,
	Overcharges,
	WrongOutput,
	NoReceipt,
	OtherKey,
	RetiredKey,
	CountsTwice,
	Unreadable,
	/// Signs for a request that nobody made, whatever it is asked.
	InventsRequest,
	/// Says that the question is wrong.
	Picky,
	/// Serves, and never says so.
	Mute,
	/// Never serves, and never says so.
	Dead,
	/// The vouchers that it has not served are over.
	TooLate,
	/// Says that caps are too low, and takes its time to say so again.
	Stalls,
}

pub struct Oracle {
	pub mood: Mood,
	pub asked: usize,
	pub seq: Seq,
	pub total: Balance,
	pub answers: BTreeMap<String, (u16, String, String)>,
	pub newest: Option<SignedVoucher>,
	/// What it asks for an element.
	pub price: Balance,
	/// The key that signs its receipts.
	pub key: SigningKey,
	/// The channels to it, and their keys.
	pub channels: BTreeMap<ChannelId, PublicKey>,
	/// The documents that it gives to anybody.
	pub files: Vec<Vec<u8>>,
	/// The `traceparent` and `tracestate` of what it was asked.
	pub traces: Vec<[Option<String>; 2]>,
	/// What it says of its model to anybody.
	pub description: Option<String>,
	/// How long it takes to refuse the same again when it stalls.
	pub stall: Duration,
	/// How long it keeps back every answer.
	pub slowness: Duration,
	/// The ids of all requests that came.
	known: BTreeSet<String>,
	/// How long it keeps back what it has just answered.
	late: Duration,
}

pub type Shared = Arc<Mutex<Oracle>>;

pub fn retired_key() -> SigningKey {
	SigningKey::from_bytes(&[6; 32])
}

impl Oracle {
	/// One whose receipt key has that seed.
	pub fn new(mood: Mood, seed: u8) -> Self {
		Self {
			mood,
			asked: 0,
			seq: 0,
			total: 0,
			answers: BTreeMap::new(),
			newest: None,
			price: PRICE,
			key: SigningKey::from_bytes(&[seed; 32]),
			channels: BTreeMap::new(),
			files: vec![],
			traces: vec![],
			description: None,
			stall: Duration::ZERO,
			slowness: Duration::ZERO,
			known: BTreeSet::new(),
			late: Duration::ZERO,
		}
	}

	/// Serves; returns where.
	pub async fn start(self) -> (Shared, String) {
		let oracle = Arc::new(Mutex::new(self));
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let endpoint = format!("http://{}", listener.local_addr().unwrap());
		let shared = oracle.clone();
		tokio::spawn(async move {
			while let Ok((stream, _)) = listener.accept().await {
				tokio::spawn(serve(stream, shared.clone()));
			}
		});
		(oracle, endpoint)
	}

	/// What is at a path that costs nothing, if it is one.
	fn free(&self, path: &str) -> Option<(u16, String, String)> {
		let of_version = path.strip_prefix("/v2/models/adder/versions/6")?;
		let found = match of_version.strip_prefix("/files/") {
			Some(hash) => {
				let named = |it: &&Vec<u8>| hex::encode(manifest::of_bytes(it).hash) == hash;
				self.files.iter().find(named).map(|it| String::from_utf8(it.clone()).unwrap())
			},
			None => self.description.clone(),
		};
		Some(match found {
			Some(body) => (200, String::new(), body),
			None => (404, String::new(), String::new()),
		})
	}

	/// The status, receipt header and body for a request, or nothing: hang up.
	fn answer(
		&mut self,
		path: &str,
		headers: &BTreeMap<String, String>,
		body: &[u8],
	) -> Option<(u16, String, String)> {
		if let Some(free) = self.free(path) {
			return Some(free);
		}
		self.asked += 1;
		assert_eq!(path, "/v2/models/adder/infer");
		self.traces.push(["traceparent", "tracestate"].map(|name| headers.get(name).cloned()));
		let headers = RequestHeaders::parse(|name| headers.get(name).map(String::as_str));
		let headers = headers.unwrap().unwrap();
		let voucher = &headers.voucher;
		let id = hex::encode(headers.request_id);
		let problem = |kind: ProblemKind| {
			let problem = Problem::new(kind, "so there");
			Some((kind.status(), String::new(), serde_json::to_string(&problem).unwrap()))
		};
		let again = !self.known.insert(id.clone());
		if self.mood == Mood::Stalls {
			self.late = if again { self.stall } else { Duration::ZERO };
			return problem(ProblemKind::CapTooLow);
		}
		if let Some(answer) = self.answers.get(&id) {
			return Some(answer.clone());
		}
		match self.mood {
			Mood::Busy => return problem(ProblemKind::Busy),
			Mood::Refuses => return problem(ProblemKind::ModelDeprecated),
			Mood::Picky => return problem(ProblemKind::TensorInvalid),
			Mood::TooLate => return problem(ProblemKind::VoucherExpired),
			Mood::Dead => return None,
			Mood::HangsUpAndRefuses => {
				self.mood = Mood::Refuses;
				return None;
			},
			_ => {},
		}
		let asked: InferRequest = serde_json::from_slice(body).unwrap();
		let channel_id = voucher.voucher.channel_id;
		let request = |meter| Request {
			channel_id,
			request_id: headers.request_id,
			model_version: headers.model_version,
			input_commit: tensors::commit(&headers.salt, &asked.inputs).unwrap(),
			meter,
			max_units: headers.max_units,
			unit_price: headers.unit_price,
		};
		let promised =
			|meter: &Meter| request(*meter).commit(&GENESIS) == voucher.voucher.request_commit;
		let meter = [Meter::Element, Meter::InputToken].into_iter().find(promised).unwrap();
		let request = request(meter);
		assert!(voucher.verify(&self.channels[&channel_id], &GENESIS));
		let key = |it: &SignedVoucher| (it.voucher.cap, it.voucher.ack_seq);
		if self.newest.as_ref().is_none_or(|newest| key(newest) < key(voucher)) {
			self.newest = Some(voucher.clone());
		}

		let units = meter::units(meter, &asked.inputs, Some(&words())).unwrap();
		let mut amount = self.price * Balance::from(units);
		let mut sum: i32 = 0;
		let mut outputs = match asked.inputs[0].to_texts() {
			// The length of each text, and one.
			Ok(texts) => {
				let vectors: Vec<f32> =
					texts.iter().flat_map(|text| [text.len() as f32, 1.0]).collect();
				let shape = vec![texts.len() as u64, 2];
				vec![Tensor::from_elements("vector", shape, &vectors).unwrap()]
			},
			Err(_) => {
				sum = asked.inputs[0].to_elements::<i32>().unwrap().iter().sum();
				vec![Tensor::from_elements("sum", vec![1], &[sum]).unwrap()]
			},
		};
		let mut status = Status::Served;
		if self.mood == Mood::Fails {
			(status, amount, outputs) = (Status::Failed, 0, vec![]);
		}
		if self.mood == Mood::Overcharges {
			amount += self.price;
		}
		let cap = self.newest.as_ref().unwrap().voucher.cap;
		if matches!(self.mood, Mood::Honest | Mood::Denies) && self.total + amount > cap {
			return problem(ProblemKind::CapTooLow);
		}
		self.seq += 1;
		self.total += amount;
		let receipt = Receipt {
			channel_id,
			seq: if self.mood == Mood::CountsTwice { 1 } else { self.seq },
			model: 4,
			model_version: 6,
			meter,
			status,
			units: (amount / self.price) as u64,
			unit_price: self.price,
			amount,
			total: if self.mood == Mood::CountsTwice { amount } else { self.total },
			request_commit: match self.mood {
				Mood::InventsRequest => [0xee; 32],
				_ => request.commit(&GENESIS),
			},
			output_commit: tensors::commit(&headers.salt, &outputs).unwrap(),
			started_ms: 0,
			took_ms: 1,
		};
		let signer = match self.mood {
			Mood::OtherKey => SigningKey::from_bytes(&[9; 32]),
			Mood::RetiredKey => retired_key(),
			_ => self.key.clone(),
		};
		let mut receipt = SignedReceipt::sign(receipt, &signer, &GENESIS).to_header();
		if self.mood == Mood::NoReceipt {
			receipt = String::new();
		}
		if self.mood == Mood::WrongOutput {
			outputs = vec![Tensor::from_elements("sum", vec![1], &[sum + 1]).unwrap()];
		}
		let answer = if self.mood == Mood::Forgets {
			let problem = Problem::new(ProblemKind::AnswerGone, "gone");
			(410, receipt, serde_json::to_string(&problem).unwrap())
		} else if self.mood == Mood::Fails {
			let problem = Problem::new(ProblemKind::EngineFailed, "division by zero");
			(500, receipt, serde_json::to_string(&problem).unwrap())
		} else {
			let response = InferResponse {
				model_name: "adder".into(),
				model_version: Some("6".into()),
				id: asked.id,
				outputs,
			};
			let body = match self.mood {
				Mood::Unreadable => "so there".into(),
				_ => serde_json::to_string(&response).unwrap(),
			};
			(200, receipt, body)
		};
		self.answers.insert(id, answer.clone());
		if self.mood == Mood::HangsUpOnce {
			self.mood = Mood::Honest;
			return None;
		}
		if self.mood == Mood::Denies {
			return problem(ProblemKind::ModelDeprecated);
		}
		(self.mood != Mood::Mute).then_some(answer)
	}
}

async fn serve(stream: TcpStream, oracle: Shared) -> std::io::Result<()> {
	let mut stream = BufReader::new(stream);
	loop {
		let mut line = String::new();
		if stream.read_line(&mut line).await? == 0 {
			return Ok(());
		}
		let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
		let mut headers = BTreeMap::new();
		loop {
			let mut line = String::new();
			stream.read_line(&mut line).await?;
			let Some((name, value)) = line.trim().split_once(": ") else { break };
			headers.insert(name.to_lowercase(), value.to_owned());
		}
		let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
		let mut body = vec![0; length];
		stream.read_exact(&mut body).await?;
		let (answer, late) = {
			let mut oracle = oracle.lock().unwrap();
			let answer = oracle.answer(&path, &headers, &body);
			(answer, oracle.slowness + std::mem::take(&mut oracle.late))
		};
		tokio::time::sleep(late).await;
		let Some((status, receipt, body)) = answer else { return Ok(()) };
		let receipt = if receipt.is_empty() {
			receipt
		} else {
			format!("{}: {receipt}\r\n", header::RECEIPT)
		};
		let length = body.len();
		let answer =
			format!("HTTP/1.1 {status} x\r\n{receipt}content-length: {length}\r\n\r\n{body}");
		stream.write_all(answer.as_bytes()).await?;
	}
}

pub fn inputs(a: i32, b: i32) -> Vec<Tensor> {
	vec![Tensor::from_elements("x", vec![2], &[a, b]).unwrap()]
}

pub fn text(text: &str) -> Vec<Tensor> {
	vec![Tensor::from_texts(TEXT, vec![1], &[text]).unwrap()]
}

pub fn sum(answer: &Answer) -> i32 {
	answer.outputs[0].to_elements::<i32>().unwrap()[0]
}

/// The committed metadata.
pub fn metadata() -> ArcMetadata {
	let mut bytes = runtime::METADATA;
	Arc::new(Metadata::decode(&mut bytes).unwrap())
}

/// What encodes transactions for a chain of that metadata, without one.
pub fn offline() -> OfflineClientAtBlock<SubstrateConfig> {
	let config = SubstrateConfigBuilder::new()
		.set_genesis_hash(H256(GENESIS))
		.set_metadata_for_spec_versions([(1, metadata())])
		.set_spec_version_for_block_ranges([SpecVersionForRange {
			block_range: 0..10,
			spec_version: 1,
			transaction_version: 1,
		}])
		.build();
	OfflineClient::new_with_config(config).at_block(1u64).unwrap()
}
