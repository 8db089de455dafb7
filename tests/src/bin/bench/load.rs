//! A consumer that costs next to nothing: it signs beforehand, then only sends and waits, and looks
//! at its receipts afterwards.

use std::{
	collections::{HashSet, VecDeque},
	sync::{Arc, Mutex, PoisonError},
	time::Instant,
};

use anyhow::{bail, ensure, Context, Result};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};
use usufruct_client::{
	channel::ChannelRecord,
	oracle_api::{header, infer_path, RequestHeaders, SignedReceipt, SignedVoucher},
	session::SERVE_WINDOW,
	tensors::{self, InferRequest, Tensor, HEADER_LENGTH},
};
use usufruct_primitives::{
	commitment::Request, usage::Voucher, Balance, BlockNumber, ChannelId, Hash, Meter, PublicKey,
	Seq, Status, VersionId,
};

/// Where an answer's head ends.
const END: &[u8] = b"\r\n\r\n";

/// Who pays, and for what.
pub struct Payer {
	record: ChannelRecord,
	receipt_key: PublicKey,
	version: VersionId,
	price: Balance,
	path: String,
	bodies: Vec<Body>,
	/// How many requests it has signed; the cap of the last is what all of them cost.
	signed: u64,
	/// The numbers of its receipts.
	receipts: HashSet<Seq>,
	/// The number of the newest one, and what it and all before it cost: what is signed next acknowledges it.
	newest: (Seq, Balance),
}

/// Inputs, and the body that carries them.
pub struct Body {
	inputs: Vec<Tensor>,
	bytes: Vec<u8>,
	/// The headers that tell what it is.
	head: String,
}

impl Body {
	/// With the data in the JSON.
	pub fn json(inputs: Vec<Tensor>) -> Result<Self> {
		let asked = InferRequest { id: None, inputs, outputs: vec![] };
		let bytes = serde_json::to_vec(&asked)?;
		let head = format!("content-type: application/json\r\ncontent-length: {}\r\n", bytes.len());
		Ok(Self { inputs: asked.inputs, bytes, head })
	}

	/// With the data after the JSON.
	pub fn binary(inputs: Vec<Tensor>) -> Result<Self> {
		let asked = InferRequest { id: None, inputs, outputs: vec![] };
		let (bytes, json) = asked.to_binary()?;
		let head = format!(
			"content-type: application/octet-stream\r\n{HEADER_LENGTH}: {json}\r\ncontent-length: {}\r\n",
			bytes.len()
		);
		Ok(Self { inputs: asked.inputs, bytes, head })
	}

	/// The request, for that path and with these headers besides.
	pub fn request(&self, path: &str, headers: &str) -> Vec<u8> {
		let head = format!("POST {path} HTTP/1.1\r\nhost: oracle\r\n{headers}{}\r\n", self.head);
		[head.as_bytes(), &self.bytes].concat()
	}
}

impl Payer {
	/// Pays from that channel for that version, served under that name, at that price; the oracle signs
	/// with that key.
	pub fn new(
		record: ChannelRecord,
		receipt_key: PublicKey,
		version: VersionId,
		price: Balance,
		name: &str,
		bodies: Vec<Body>,
	) -> Result<Self> {
		ensure!(!bodies.is_empty(), "there is nothing to ask");
		let (path, signed, receipts, newest) = (infer_path(name), 0, HashSet::new(), (0, 0));
		Ok(Self { record, receipt_key, version, price, path, bodies, signed, receipts, newest })
	}

	/// The next requests, as they go over the wire, to be served soon after that block.
	pub fn sign(&mut self, count: usize, finalised: BlockNumber) -> Result<Vec<Vec<u8>>> {
		(0..count).map(|_| self.request(finalised)).collect()
	}

	fn request(&mut self, finalised: BlockNumber) -> Result<Vec<u8>> {
		let body = &self.bodies[self.signed as usize % self.bodies.len()];
		self.signed += 1;
		let genesis = &self.record.genesis;
		let salt: Hash = rand::random();
		let request = Request {
			channel_id: self.record.channel_id,
			request_id: rand::random(),
			model_version: self.version,
			input_commit: tensors::commit(&salt, &body.inputs)?,
			meter: Meter::Request,
			max_units: 1,
			unit_price: self.price,
		};
		// Of those that are signed together none has the receipts of the others: the channel allows it.
		let (ack_seq, ack_total) = self.newest;
		let voucher = Voucher {
			channel_id: self.record.channel_id,
			cap: self.price * Balance::from(self.signed),
			request_commit: request.commit(genesis),
			ack_seq,
			ack_total,
			serve_until: finalised + SERVE_WINDOW,
		};
		let voucher = SignedVoucher::sign(voucher, &self.record.key(), genesis);
		let headers = RequestHeaders::new(voucher, &request, salt);
		let head: String =
			headers.to_pairs().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
		Ok(body.request(&self.path, &head))
	}

	/// Checks the receipts of a load as [`Payer::look_at`] does, and that there is one for each request.
	pub fn check(&mut self, receipts: &[String]) -> Result<()> {
		self.look_at(receipts)?;
		ensure!(
			self.receipts.len() as u64 == self.signed,
			"{} receipts for {} requests",
			self.receipts.len(),
			self.signed
		);
		Ok(())
	}

	/// Checks receipts: signed by the oracle, each for a request that was served, none given twice.
	pub fn look_at(&mut self, receipts: &[String]) -> Result<()> {
		for header in receipts {
			let receipt = SignedReceipt::from_header(header)?;
			ensure!(
				receipt.verify(&self.receipt_key, &self.record.genesis),
				"a receipt is not signed by the oracle"
			);
			let receipt = receipt.receipt;
			ensure!(
				receipt.status == Status::Served && receipt.amount == self.price,
				"a request was not served: {receipt:?}"
			);
			ensure!(self.receipts.insert(receipt.seq), "receipt {} came twice", receipt.seq);
			self.newest = self.newest.max((receipt.seq, receipt.total));
		}
		Ok(())
	}

	/// Where it pays from.
	pub fn channel(&self) -> ChannelId {
		self.record.channel_id
	}

	/// How many receipts it has.
	pub fn receipts(&self) -> u64 {
		self.receipts.len() as u64
	}

	/// How many requests it has signed.
	pub fn signed(&self) -> u64 {
		self.signed
	}
}

/// What a load was like.
pub struct Served {
	/// Requests per second, of all clients together.
	pub per_second: f64,
	/// Milliseconds of each request.
	pub latencies: Vec<f64>,
	/// The header of each answer that carries its receipt.
	pub receipts: Vec<String>,
}

/// Sends all requests, in order, over as many connections as there are clients.
pub async fn send(address: &str, requests: Vec<Vec<u8>>, clients: usize) -> Result<Served> {
	let count = requests.len();
	let queue = Arc::new(Mutex::new(VecDeque::from(requests)));
	let mut streams = Vec::new();
	for _ in 0..clients {
		let stream = TcpStream::connect(address)
			.await
			.with_context(|| format!("cannot connect to {address}"))?;
		stream.set_nodelay(true)?;
		streams.push(stream);
	}

	let begun = Instant::now();
	let tasks: Vec<_> = streams
		.into_iter()
		.map(|stream| tokio::spawn(client(stream, Arc::clone(&queue))))
		.collect();
	let mut served =
		Served { per_second: 0.0, latencies: Vec::new(), receipts: Vec::with_capacity(count) };
	for task in tasks {
		for (latency, receipt) in task.await?? {
			served.latencies.push(latency);
			served.receipts.push(receipt);
		}
	}
	served.per_second = count as f64 / begun.elapsed().as_secs_f64();
	Ok(served)
}

async fn client(
	mut stream: TcpStream,
	queue: Arc<Mutex<VecDeque<Vec<u8>>>>,
) -> Result<Vec<(f64, String)>> {
	let mut answers = Vec::new();
	let mut buffer = Vec::new();
	loop {
		let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
		let Some(request) = next else { return Ok(answers) };
		let sent = Instant::now();
		stream.write_all(&request).await?;
		let receipt = answer(&mut stream, &mut buffer).await?;
		answers.push((sent.elapsed().as_secs_f64() * 1e3, receipt));
	}
}

/// Reads one answer; returns its receipt.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<String> {
	buffer.clear();
	let end = loop {
		if let Some(end) = buffer.windows(END.len()).position(|bytes| bytes == END) {
			break end;
		}
		ensure!(stream.read_buf(buffer).await? > 0, "the oracle hung up");
	};
	let head = std::str::from_utf8(&buffer[..end])?.to_owned();
	let field = |name: &str| {
		head.lines().find_map(|line| {
			let (found, value) = line.split_once(':')?;
			found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
		})
	};
	let length: usize = field("content-length").context("an answer without a length")?.parse()?;
	let whole = end + END.len() + length;
	while buffer.len() < whole {
		ensure!(stream.read_buf(buffer).await? > 0, "the oracle hung up");
	}
	match field(header::RECEIPT) {
		Some(receipt) if head.starts_with("HTTP/1.1 200") => Ok(receipt),
		_ => bail!("the oracle refused: {head}\n{}", String::from_utf8_lossy(&buffer[end..])),
	}
}
