use super::*;
use axum::{body::Bytes, routing::post};
use std::net::SocketAddr;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	sync::oneshot,
	task::JoinHandle,
};

const SHORT: Duration = Duration::from_millis(300);
const PATIENCE: Patience = Patience { head: SHORT, body: SHORT };

async fn echo(ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> String {
	format!("{} sent {}", from.ip(), body.len())
}

struct Server {
	at: SocketAddr,
	stop: oneshot::Sender<()>,
	serving: JoinHandle<()>,
}

impl Server {
	async fn start() -> Self {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let at = listener.local_addr().unwrap();
		let (stop, stopped) = oneshot::channel();
		let router = Router::new().route("/", post(echo));
		let stopped = async move {
			let _ = stopped.await;
		};
		let serving = tokio::spawn(serve(listener, router, PATIENCE, stopped));
		Self { at, stop, serving }
	}

	/// Sends the pieces, one after the other, and returns what comes back before the end.
	async fn talk(&self, pieces: &[&[u8]], pause: Duration) -> String {
		let mut stream = TcpStream::connect(self.at).await.unwrap();
		let (mut read, mut write) = stream.split();
		let sending = async {
			for piece in pieces {
				// It may have been disconnected.
				let _ = write.write_all(piece).await;
				sleep(pause).await;
			}
			std::future::pending::<()>().await;
		};
		let mut answer = Vec::new();
		let reading = timeout(Duration::from_secs(20), read.read_to_end(&mut answer));
		tokio::select! {
			() = sending => unreachable!(),
			ended = reading => {
				// Reset is an end too.
				let _ = ended.expect("it is not disconnected");
			},
		}
		String::from_utf8_lossy(&answer).into_owned()
	}
}

#[tokio::test]
async fn who_sends_in_time_is_served() {
	let server = Server::start().await;
	let request =
		b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc";
	let answer = server.talk(&[request], Duration::ZERO).await;
	assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1 sent 3"), "{answer}");
	let (head, body) = request.split_at(60);
	let answer = server.talk(&[head, body], SHORT / 4).await;
	assert!(answer.ends_with("127.0.0.1 sent 3"), "{answer}");
}

#[tokio::test]
async fn who_says_nothing_or_never_ends_a_head_is_disconnected() {
	let server = Server::start().await;
	let begun = Instant::now();
	for pieces in [&[][..], &[&b"PRI * HT"[..]], &[PREFACE], &[b"POST / HTTP/1.1\r\n"]] {
		server.talk(pieces, Duration::ZERO).await;
	}
	// A byte now and then does not help.
	let mut slow: Vec<&[u8]> = vec![b"POST / HTTP/1.1\r\nx: "];
	slow.extend([&b"y"[..]; 1_000]);
	server.talk(&slow, SHORT / 10).await;
	assert!(begun.elapsed() < SHORT * 30, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_body_that_does_not_end_in_time_is_refused() {
	let server = Server::start().await;
	let mut slow: Vec<&[u8]> = vec![b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n"];
	slow.extend([&b"y"[..]; 1_000]);
	let begun = Instant::now();
	let answer = server.talk(&slow, SHORT / 10).await;
	assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
	assert!(begun.elapsed() < SHORT * 10);
}

#[tokio::test]
async fn it_ends_when_it_is_told_to_and_nobody_is_served_any_more() {
	let server = Server::start().await;
	// One that holds its connection open, and one that has said nothing.
	let mut idle = TcpStream::connect(server.at).await.unwrap();
	idle.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
	let mut answer = [0; 12];
	idle.read_exact(&mut answer).await.unwrap();
	let _silent = TcpStream::connect(server.at).await.unwrap();
	server.stop.send(()).unwrap();
	timeout(SHORT * 20, server.serving).await.expect("it does not end").unwrap();
}
