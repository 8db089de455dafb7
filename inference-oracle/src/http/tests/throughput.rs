//! How much of the model's own speed is left when every run is paid for, written down and signed.
//!
//! Not a test: `cargo test -p usufruct-oracle --lib throughput -- --ignored --nocapture` prints one
//! line of JSON. Requests are made and signed beforehand, and sent by a client that does nothing
//! but send and wait; what is measured is the oracle.

use super::*;
use crate::engine::ort::OrtEngine;
use std::{collections::VecDeque, time::Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const REQUESTS: usize = 3_000;
const CONNECTIONS: usize = 32;
const THREADS: usize = 2;

/// Processor time of this process so far, in milliseconds: unlike the clock's, it does not depend on
/// what else the machine does.
fn cpu_ms() -> f64 {
	let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
	let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
	// User and system time, in hundredths of a second.
	(fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) * 10.0
}

/// Runs per second of the bare model, in as many threads as the oracle has instances.
fn limit(bytes: Vec<u8>, input: &Tensor) -> (f64, f64) {
	let hash = manifest::of_bytes(&bytes).hash;
	let artifact = Artifact::check(bytes, &hash).unwrap();
	let nowhere = tempfile::tempdir().unwrap().keep();
	let options = SessionOptions { provider: Provider::Cpu, threads: 1, nowhere };
	let engines: Vec<_> =
		(0..THREADS).map(|_| OrtEngine::load(runtime(), &artifact, &options).unwrap()).collect();
	let (begun, cpu) = (Instant::now(), cpu_ms());
	std::thread::scope(|scope| {
		for mut engine in engines {
			scope.spawn(move || {
				for _ in 0..REQUESTS / THREADS {
					engine.run(vec![input.clone()]).unwrap();
				}
			});
		}
	});
	let runs = REQUESTS as f64;
	(runs / begun.elapsed().as_secs_f64(), (cpu_ms() - cpu) / runs)
}

/// The bytes of a request.
fn wire(paid: &Paid) -> Vec<u8> {
	let body = serde_json::to_vec(&paid.body).unwrap();
	let mut head = format!("POST /v2/models/{}/infer HTTP/1.1\r\nhost: oracle\r\n", paid.name);
	for (name, value) in paid.headers.to_pairs() {
		head += &format!("{name}: {value}\r\n");
	}
	head += &format!("content-length: {}\r\n\r\n", body.len());
	[head.into_bytes(), body].concat()
}

/// Reads one answer; its body is not looked at.
async fn answered(stream: &mut tokio::net::TcpStream, buffer: &mut Vec<u8>) -> bool {
	buffer.clear();
	loop {
		if let Some(at) = buffer.windows(4).position(|it| it == b"\r\n\r\n") {
			let head = std::str::from_utf8(&buffer[..at]).unwrap().to_owned();
			let (_, length) = head.split_once("content-length: ").unwrap();
			let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
			while buffer.len() < at + 4 + length {
				assert_ne!(stream.read_buf(buffer).await.unwrap(), 0);
			}
			return head.starts_with("HTTP/1.1 200");
		}
		assert_ne!(stream.read_buf(buffer).await.unwrap(), 0);
	}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn throughput() {
	// A real model, and one that does nothing: what is left is the oracle's own work.
	let nothing = |consumer: &mut Consumer| {
		let input = Tensor::from_elements("x", vec![2_048], &[7i32; 2_048]).unwrap();
		paid(consumer, "identity", IDENTITY, Meter::Request, input)
	};
	measure("magika", std::fs::read(magika()).unwrap(), classify).await;
	measure("identity", onnx::identity(6), nothing).await;
}

async fn measure(name: &str, bytes: Vec<u8>, request: impl Fn(&mut Consumer) -> Paid) {
	let server = Server::start().await;
	let mut consumer = Consumer::new(1);
	let terms = Terms {
		escrow: 100 * usufruct_primitives::UFR,
		max_unacked: u128::MAX,
		..consumer.terms()
	};
	server.chain.state().channels.insert(consumer.channel, terms);
	let input = request(&mut consumer).body.inputs.remove(0);
	let limit_before = limit(bytes.clone(), &input);

	let requests: VecDeque<_> = (0..REQUESTS).map(|_| wire(&request(&mut consumer))).collect();
	let requests = Arc::new(Mutex::new(requests));
	let address = server.address.strip_prefix("http://").unwrap().to_owned();
	let (begun, cpu) = (Instant::now(), cpu_ms());
	let clients = (0..CONNECTIONS).map(|_| {
		let (requests, address) = (Arc::clone(&requests), address.clone());
		tokio::spawn(async move {
			let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
			stream.set_nodelay(true).unwrap();
			let (mut buffer, mut times) = (Vec::new(), Vec::new());
			loop {
				let Some(request) = requests.lock().unwrap().pop_front() else { return times };
				let sent = Instant::now();
				stream.write_all(&request).await.unwrap();
				assert!(answered(&mut stream, &mut buffer).await);
				times.push(sent.elapsed().as_secs_f64() * 1e3);
			}
		})
	});
	let times = futures::future::join_all(clients).await;
	let rate = REQUESTS as f64 / begun.elapsed().as_secs_f64();
	let cpu = (cpu_ms() - cpu) / REQUESTS as f64;
	let mut times: Vec<f64> = times.into_iter().flat_map(Result::unwrap).collect();
	times.sort_by(f64::total_cmp);
	assert_eq!(server.total(&consumer), REQUESTS as u128 * PRICE);

	// What else the machine does changes; so before and after.
	let limit_after = limit(bytes, &input);
	let limit = (limit_before.0 + limit_after.0) / 2.0;
	let limit_cpu = (limit_before.1 + limit_after.1) / 2.0;
	let at = |share: f64| times[(times.len() as f64 * share) as usize];
	println!(
		"{}",
		serde_json::json!({
			"model": name,
			"requests_per_second": rate.round(),
			"limit_per_second": limit.round(),
			"share": (rate / limit * 100.0).round() / 100.0,
			"cpu_ms_per_request": cpu,
			"cpu_ms_per_run": limit_cpu,
			"p50_ms": at(0.5),
			"p99_ms": at(0.99),
		})
	);
}
