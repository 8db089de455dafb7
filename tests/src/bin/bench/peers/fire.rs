//! The load: many connections on one thread, requests made beforehand, answers only counted.
//!
//! In a closed loop each client asks, waits, and asks again. In an open one requests come at random
//! times whatever became of those before, as from many people, and latency counts from when a request
//! should have been sent: a server that falls behind is seen to.

use std::{
	cell::RefCell,
	collections::VecDeque,
	future::Future,
	rc::Rc,
	sync::Arc,
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use rand::{rngs::StdRng, Rng, SeedableRng};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
	sync::mpsc,
	task::JoinSet,
};
use usufruct_client::{oracle_api::header, tensors::HEADER_LENGTH};

/// How long a refused client of a closed loop waits before it asks again.
const REFUSED: Duration = Duration::from_millis(10);
/// The most connections of an open loop; what comes when all wait for answers waits for one of them.
const CONNECTIONS: usize = 1_024;
/// How long answers are waited for when no more is sent: longer than a full queue takes.
const GRACE: Duration = Duration::from_secs(10);

/// Requests as they go over the wire.
pub enum Requests {
	/// The same ones, in turns.
	Again(Vec<Arc<[u8]>>, usize),
	/// Each once: they are paid for.
	Once(VecDeque<Arc<[u8]>>),
}

impl Requests {
	/// The same ones, in turns.
	pub fn again(requests: Vec<Vec<u8>>) -> Self {
		Self::Again(requests.into_iter().map(Into::into).collect(), 0)
	}

	/// Each once.
	pub fn once(requests: Vec<Vec<u8>>) -> Self {
		Self::Once(requests.into_iter().map(Into::into).collect())
	}

	fn next(&mut self) -> Option<Arc<[u8]>> {
		match self {
			Self::Again(requests, at) => {
				*at = (*at + 1) % requests.len();
				Some(Arc::clone(&requests[*at]))
			},
			Self::Once(requests) => requests.pop_front(),
		}
	}
}

/// An answer.
pub struct Answer {
	pub status: u16,
	/// The header that carries the receipt.
	pub receipt: Option<String>,
	/// How many bytes of the body are JSON, if it is said.
	pub json_length: Option<usize>,
	pub body: Vec<u8>,
}

/// What became of a load.
#[derive(Clone, Debug, Default)]
pub struct Fired {
	/// Seconds in which requests were sent.
	pub seconds: f64,
	pub sent: usize,
	/// Milliseconds of each request that was answered, whenever that was.
	pub latencies: Vec<f64>,
	/// Answered while requests were sent.
	pub in_time: usize,
	/// Told to come again: 429 and 503.
	pub refused: usize,
	/// Any other answer, none, or a lost connection.
	pub failed: usize,
	pub receipts: Vec<String>,
	/// Whether there were too few requests for the time.
	pub ran_out: bool,
}

impl Fired {
	pub fn per_second(&self) -> f64 {
		self.in_time as f64 / self.seconds
	}

	fn note(&mut self, answer: Result<Answer>, asked: Instant, end: Instant) -> bool {
		let now = Instant::now();
		match answer {
			Ok(Answer { status: 200, receipt, .. }) => {
				self.latencies.push((now - asked).as_secs_f64() * 1e3);
				self.in_time += usize::from(now <= end);
				self.receipts.extend(receipt);
			},
			Ok(Answer { status: 429 | 503, .. }) => {
				self.refused += 1;
				return false;
			},
			Ok(_) | Err(_) => self.failed += 1,
		}
		true
	}
}

/// A connection that is kept.
pub struct Connection {
	address: String,
	stream: Option<TcpStream>,
	buffer: Vec<u8>,
}

impl Connection {
	pub fn new(address: &str) -> Self {
		Self { address: address.into(), stream: None, buffer: Vec::new() }
	}

	/// Sends a request and reads its answer. After an error the next one connects again.
	pub async fn ask(&mut self, request: &[u8]) -> Result<Answer> {
		let mut stream = match self.stream.take() {
			Some(stream) => stream,
			None => {
				let stream = TcpStream::connect(&self.address).await?;
				stream.set_nodelay(true)?;
				stream
			},
		};
		stream.write_all(request).await?;
		let (answer, close) = read(&mut stream, &mut self.buffer).await?;
		if !close {
			self.stream = Some(stream);
		}
		Ok(answer)
	}
}

/// Reads one answer; whether the other side closes after it.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(Answer, bool)> {
	buffer.clear();
	let end = loop {
		if let Some(at) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
			break at;
		}
		ensure!(stream.read_buf(buffer).await? > 0, "the server hung up");
	};
	let head = std::str::from_utf8(&buffer[..end])?;
	let status = head.get(9..12).context("no status")?.parse()?;
	let (mut length, mut receipt, mut json_length) = (None, None, None);
	let (mut close, mut chunked) = (false, false);
	for line in head.lines().skip(1) {
		let Some((name, value)) = line.split_once(':') else { continue };
		let value = value.trim();
		if name.eq_ignore_ascii_case("content-length") {
			length = Some(value.parse::<usize>()?);
		} else if name.eq_ignore_ascii_case(header::RECEIPT) {
			receipt = Some(value.to_owned());
		} else if name.eq_ignore_ascii_case(HEADER_LENGTH) {
			json_length = Some(value.parse()?);
		} else if name.eq_ignore_ascii_case("transfer-encoding") {
			chunked = value.eq_ignore_ascii_case("chunked");
		} else if name.eq_ignore_ascii_case("connection") {
			close = value.eq_ignore_ascii_case("close");
		}
	}
	buffer.drain(..end + 4);
	let body = if chunked {
		chunks(stream, buffer).await?
	} else {
		let length = length.context("an answer without a length")?;
		until(stream, buffer, length).await?;
		buffer[..length].to_vec()
	};
	Ok((Answer { status, receipt, json_length, body }, close))
}

/// Reads until there are so many bytes.
async fn until(stream: &mut TcpStream, buffer: &mut Vec<u8>, length: usize) -> Result<()> {
	while buffer.len() < length {
		ensure!(stream.read_buf(buffer).await? > 0, "the server hung up");
	}
	Ok(())
}

/// A body in chunks: a length in hex and as many bytes, until a length of 0.
async fn chunks(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Vec<u8>> {
	let mut body = Vec::new();
	loop {
		let end = loop {
			if let Some(at) = buffer.windows(2).position(|bytes| bytes == b"\r\n") {
				break at;
			}
			let more = buffer.len() + 1;
			until(stream, buffer, more).await?;
		};
		let length = usize::from_str_radix(std::str::from_utf8(&buffer[..end])?.trim(), 16)?;
		until(stream, buffer, end + 2 + length + 2).await?;
		body.extend_from_slice(&buffer[end + 2..end + 2 + length]);
		buffer.drain(..end + 2 + length + 2);
		if length == 0 {
			return Ok(body);
		}
	}
}

/// Runs the load on a thread of its own.
pub fn on_one_thread<T>(load: impl Future<Output = Result<T>>) -> Result<T> {
	let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
	tokio::task::LocalSet::new().block_on(&runtime, load)
}

/// One request, whose answer is waited for that long.
pub async fn one(address: &str, requests: &mut Requests, wait: Duration) -> Result<Fired> {
	let request = requests.next().context("there is nothing to ask")?;
	let (asked, mut connection) = (Instant::now(), Connection::new(address));
	let within = tokio::time::timeout(wait, connection.ask(&request));
	let answer = within.await.unwrap_or_else(|_| bail!("no answer"));
	let mut fired = Fired { sent: 1, ..Fired::default() };
	fired.note(answer, asked, asked + wait);
	Ok(fired)
}

/// So many clients, each of which asks again when it is answered.
pub async fn closed(
	address: &str,
	requests: &mut Requests,
	clients: usize,
	time: Duration,
) -> Result<Fired> {
	let shared = Rc::new(RefCell::new((Fired::default(), std::mem::replace(requests, empty()))));
	let begun = Instant::now();
	let end = begun + time;
	let mut tasks = JoinSet::new();
	for _ in 0..clients {
		let (shared, mut connection) = (Rc::clone(&shared), Connection::new(address));
		tasks.spawn_local(async move {
			while Instant::now() < end {
				let next = shared.borrow_mut().1.next();
				let Some(request) = next else {
					shared.borrow_mut().0.ran_out = true;
					return;
				};
				shared.borrow_mut().0.sent += 1;
				let asked = Instant::now();
				let answer = connection.ask(&request).await;
				if !shared.borrow_mut().0.note(answer, asked, end) {
					tokio::time::sleep(REFUSED).await;
				}
			}
		});
	}
	finish(&mut tasks, end).await?;
	take(shared, requests, begun.elapsed().min(time))
}

/// So many requests a second, at random times.
pub async fn open(
	address: &str,
	requests: &mut Requests,
	per_second: f64,
	time: Duration,
) -> Result<Fired> {
	let shared = Rc::new(RefCell::new((Fired::default(), std::mem::replace(requests, empty()))));
	let idle = Rc::new(RefCell::new(Vec::new()));
	let (free, mut freed) = mpsc::unbounded_channel();
	let begun = Instant::now() + Duration::from_millis(20);
	let end = begun + time;
	let mut arrivals = arrivals(begun, end, per_second);
	let (mut tasks, mut connections) = (JoinSet::new(), 0);
	while let Some(asked) = arrivals.recv().await {
		while let Ok(connection) = freed.try_recv() {
			idle.borrow_mut().push(connection);
		}
		let Some(request) = shared.borrow_mut().1.next() else {
			shared.borrow_mut().0.ran_out = true;
			break;
		};
		shared.borrow_mut().0.sent += 1;
		let kept = idle.borrow_mut().pop();
		let mut connection = match kept {
			Some(connection) => connection,
			None if connections < CONNECTIONS => {
				connections += 1;
				Connection::new(address)
			},
			None => match tokio::time::timeout_at((end + GRACE).into(), freed.recv()).await {
				Ok(Some(connection)) => connection,
				_ => continue,
			},
		};
		let (shared, free) = (Rc::clone(&shared), free.clone());
		tasks.spawn_local(async move {
			let answer = connection.ask(&request).await;
			shared.borrow_mut().0.note(answer, asked, end);
			let _ = free.send(connection);
		});
		// Otherwise those that have ended pile up.
		while tasks.try_join_next().is_some() {}
	}
	finish(&mut tasks, end).await?;
	take(shared, requests, time)
}

/// Waits for the answers that are still on their way, as long as any are waited for: one timer for all of
/// them, because what the load takes is taken from the server.
async fn finish(tasks: &mut JoinSet<()>, end: Instant) -> Result<()> {
	let all = async {
		while let Some(ended) = tasks.join_next().await {
			ended?;
		}
		anyhow::Ok(())
	};
	let ended = tokio::time::timeout_at((end + GRACE).into(), all).await;
	tasks.shutdown().await;
	ended.unwrap_or(Ok(()))
}

/// Random times at that rate. From a thread of its own, because a runtime's timers count in milliseconds.
fn arrivals(begun: Instant, end: Instant, per_second: f64) -> mpsc::UnboundedReceiver<Instant> {
	let (send, receive) = mpsc::unbounded_channel();
	std::thread::spawn(move || {
		let mut random = StdRng::seed_from_u64(2);
		let mut at = begun;
		while at < end {
			std::thread::sleep(at.saturating_duration_since(Instant::now()));
			if send.send(at).is_err() {
				return;
			}
			let pause: f64 = -(1.0 - random.gen::<f64>()).ln() / per_second;
			at += Duration::from_secs_f64(pause);
		}
	});
	receive
}

fn empty() -> Requests {
	Requests::Once(VecDeque::new())
}

fn take(
	shared: Rc<RefCell<(Fired, Requests)>>,
	requests: &mut Requests,
	time: Duration,
) -> Result<Fired> {
	let (mut fired, left) = Rc::into_inner(shared).context("a client still runs")?.into_inner();
	*requests = left;
	// The rest was not answered.
	fired.failed = fired.sent - fired.latencies.len() - fired.refused;
	fired.seconds = time.as_secs_f64();
	fired.latencies.sort_by(f64::total_cmp);
	Ok(fired)
}
