use super::*;
use axum::{body::Bytes, routing::post};
use std::net::{IpAddr, Ipv4Addr};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	sync::{oneshot, Notify},
	task::JoinHandle,
	time::Instant,
};

const HERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// For what is waited for in vain.
const SHORT: Duration = Duration::from_millis(300);
const IDLE: Duration = Duration::from_millis(600);
const AGE: Duration = Duration::from_secs(3);
/// How long `/slow` takes.
const SLOW: Duration = Duration::from_secs(3);
/// After which what should come counts as never coming.
const LIMIT: Duration = Duration::from_secs(20);
const HOUR: Duration = Duration::from_secs(3_600);
/// Whatever a test is not about is waited for, however busy the machine is; and nothing else ends what it is about.
const PATIENT: Patience = Patience { head: HOUR, body: HOUR, idle: HOUR, age: HOUR };
/// Longer than what lies in the buffers of a connection.
const LONG: usize = 32 << 20;

async fn echo(ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> String {
	format!("{} sent {}", from.ip(), body.len())
}

struct Server {
	at: SocketAddr,
	stop: oneshot::Sender<()>,
	serving: JoinHandle<()>,
}

impl Server {
	async fn start(patience: Patience) -> Self {
		Self::start_within(patience, Bounds::default()).await
	}

	async fn start_within(patience: Patience, bounds: Bounds) -> Self {
		let router = Router::new()
			.route("/", post(echo))
			.route("/long", post(|| async { "y".repeat(LONG) }))
			.route("/slow", post(|| async { sleep(SLOW).await }));
		Self::start_with(router, patience, bounds).await
	}

	async fn start_with(router: Router, patience: Patience, bounds: Bounds) -> Self {
		let listener = listen(HERE).unwrap();
		let at = listener.local_addr().unwrap();
		let (stop, stopped) = oneshot::channel();
		let stopped = async move {
			let _ = stopped.await;
		};
		let serving = tokio::spawn(serve(listener, router, patience, bounds, stopped));
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
		let reading = timeout(LIMIT, read.read_to_end(&mut answer));
		tokio::select! {
			() = sending => unreachable!(),
			ended = reading => {
				// Reset is an end too.
				let _ = ended.expect("it is not disconnected");
			},
		}
		String::from_utf8_lossy(&answer).into_owned()
	}

	/// Asks again and again until there is a place; returns the answer.
	async fn talk_once_there_is_a_place(&self) -> String {
		let request =
			b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
		let asking = async {
			loop {
				let answer = self.talk(&[request], Duration::ZERO).await;
				if !answer.is_empty() {
					return answer;
				}
				sleep(AGAIN).await;
			}
		};
		timeout(LIMIT, asking).await.expect("no place is left")
	}
}

#[tokio::test]
async fn who_sends_in_time_is_served() {
	let server = Server::start(PATIENT).await;
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
	let server = Server::start(Patience { head: SHORT, ..PATIENT }).await;
	for pieces in [&[][..], &[&b"PRI * HT"[..]], &[PREFACE], &[b"POST / HTTP/1.1\r\n"]] {
		server.talk(pieces, Duration::ZERO).await;
	}
	// A byte now and then does not help.
	let mut slow: Vec<&[u8]> = vec![b"POST / HTTP/1.1\r\nx: "];
	slow.extend([&b"y"[..]; 1_000]);
	server.talk(&slow, SHORT / 10).await;
}

#[tokio::test]
async fn a_body_that_does_not_end_in_time_is_refused() {
	let server = Server::start(Patience { body: SHORT, ..PATIENT }).await;
	let mut slow: Vec<&[u8]> = vec![b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n"];
	slow.extend([&b"y"[..]; 1_000]);
	let answer = server.talk(&slow, SHORT / 10).await;
	assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn who_asks_nothing_more_or_does_not_read_its_answer_is_disconnected() {
	let server = Server::start(Patience { idle: IDLE, ..PATIENT }).await;
	let request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
	assert!(server.talk(&[request], Duration::ZERO).await.ends_with("127.0.0.1 sent 0"));

	// It has the only place, which is free when it is disconnected.
	let (patience, bounds) = (
		Patience { head: SHORT, idle: IDLE, ..PATIENT },
		Bounds { connections: 1, ..Bounds::default() },
	);
	let server = Server::start_within(patience, bounds).await;
	let mut deaf = TcpStream::connect(server.at).await.unwrap();
	let request = b"POST /long HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
	deaf.write_all(request).await.unwrap();
	server.talk_once_there_is_a_place().await;
	let mut answer = Vec::new();
	let _ = deaf.read_to_end(&mut answer).await;
	assert!(!answer.is_empty() && answer.len() < LONG, "{}", answer.len());
}

#[tokio::test]
async fn who_waits_for_an_answer_is_not_idle() {
	let server = Server::start(Patience { idle: IDLE, ..PATIENT }).await;
	let request =
		b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
	let answer = server.talk(&[request], Duration::ZERO).await;
	assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// How a connection of HTTP/2 begins: with settings that say nothing.
async fn begin_http_2(server: &Server) -> TcpStream {
	let mut stream = TcpStream::connect(server.at).await.unwrap();
	let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
	stream.write_all(&[PREFACE, &settings].concat()).await.unwrap();
	stream
}

/// Answers a ping.
async fn pong(stream: &mut TcpStream, payload: &[u8]) {
	let head = [0, 0, 8, 6, 1, 0, 0, 0, 0];
	// It may have been disconnected.
	let _ = stream.write_all(&[&head[..], payload].concat()).await;
}

/// A frame of HTTP/2: its type, flags and payload.
async fn frame(stream: &mut TcpStream) -> io::Result<(u8, u8, Vec<u8>)> {
	let mut head = [0; 9];
	stream.read_exact(&mut head).await?;
	let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
	stream.read_exact(&mut payload).await?;
	Ok((head[3], head[4], payload))
}

#[tokio::test]
async fn a_connection_of_http_2_that_only_answers_pings_is_idle_and_has_few_streams() {
	let patience = Patience { head: SHORT, idle: IDLE, ..PATIENT };
	let bounds = Bounds { streams: 7, ..Bounds::default() };
	let server = Server::start_within(patience, bounds).await;
	let mut stream = begin_http_2(&server).await;
	let (begun, mut pings, mut most) = (Instant::now(), 0, None);
	let ended = timeout(LIMIT, async {
		while let Ok((kind, flags, payload)) = frame(&mut stream).await {
			match (kind, flags) {
				(4, 0) => {
					let concurrent = payload.chunks(6).find(|it| it[..2] == [0, 3]).unwrap();
					most = Some(u32::from_be_bytes(concurrent[2..].try_into().unwrap()));
				},
				(6, 0) => {
					pings += 1;
					pong(&mut stream, &payload).await;
				},
				_ => {},
			}
		}
	});
	ended.await.expect("it is not disconnected");
	assert!(pings > 0 && begun.elapsed() >= IDLE);
	assert_eq!(most, Some(7));
}

#[tokio::test]
async fn a_request_that_comes_as_the_connection_ends_is_answered() {
	// Long enough for the request, and for answers to pings, on a busy machine.
	let head = Duration::from_secs(2);
	let server = Server::start(Patience { head, idle: IDLE, ..PATIENT }).await;
	let mut stream = begin_http_2(&server).await;
	// POST http://x/slow, which takes longer than both together.
	let fields = b"\x83\x86\x44\x05/slow\x41\x01x";
	let head = [0, 0, fields.len() as u8, 1, 5, 0, 0, 0, 1];
	let (mut leaving, mut status) = (false, None);
	let ended = timeout(LIMIT, async {
		while let Ok((kind, flags, payload)) = frame(&mut stream).await {
			match (kind, flags) {
				// The first of two goodbyes: the second comes when this one has arrived.
				(7, _) if !leaving => {
					leaving = true;
					stream.write_all(&[&head[..], fields].concat()).await.unwrap();
				},
				(6, 0) => pong(&mut stream, &payload).await,
				(1, _) => status = payload.first().copied(),
				_ => {},
			}
		}
	});
	ended.await.expect("it is not disconnected");
	// 200, by its place in the table of HPACK.
	assert_eq!((leaving, status), (true, Some(0x88)));
}

#[tokio::test]
async fn a_connection_on_which_more_and_more_is_asked_ends_when_it_is_old() {
	let server = Server::start(Patience { age: AGE, ..PATIENT }).await;
	let begun = Instant::now();
	let mut stream = TcpStream::connect(server.at).await.unwrap();
	let request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
	let asking = timeout(LIMIT, async {
		let mut asked = 0;
		loop {
			let mut answer = [0; 4_096];
			// What comes after its end is not answered.
			let _ = stream.write_all(request).await;
			match stream.read(&mut answer).await {
				Ok(length @ 1..) => assert!(answer[..length].starts_with(b"HTTP/1.1 200")),
				_ => break asked,
			}
			asked += 1;
			sleep(AGE / 30).await;
		}
	});
	let asked = asking.await.expect("it is not disconnected");
	assert!(asked > 1 && begun.elapsed() >= AGE, "{asked} in {:?}", begun.elapsed());
}

#[tokio::test]
async fn who_finds_no_place_is_disconnected_at_once_and_a_place_that_is_left_is_taken() {
	let bounds = Bounds { connections: 2, ..Bounds::default() };
	let server = Server::start_within(PATIENT, bounds).await;
	let first = TcpStream::connect(server.at).await.unwrap();
	let _second = TcpStream::connect(server.at).await.unwrap();
	// Who had one would be waited for, for an hour.
	assert_eq!(server.talk(&[], Duration::ZERO).await, "");
	drop(first);
	let answer = server.talk_once_there_is_a_place().await;
	assert!(answer.ends_with("127.0.0.1 sent 0"), "{answer}");
}

/// More than the standard library lets wait.
const MANY: usize = 300;

#[tokio::test]
async fn as_many_as_there_may_be_connect_before_any_is_accepted() {
	let listener = listen(HERE).unwrap();
	let at = listener.local_addr().unwrap();
	let mut connections = Vec::new();
	for number in 0..MANY {
		// Who must send the first packet again waits for a second.
		let connected = timeout(SHORT, TcpStream::connect(at)).await;
		connections.push(connected.unwrap_or_else(|_| panic!("{number} waits")).unwrap());
	}
}

#[test]
fn only_who_has_gone_is_passed_over_without_a_pause() {
	assert!(has_gone(&io::ErrorKind::ConnectionAborted.into()));
	// No descriptor for the process or the system, no buffer, no memory.
	for code in [24, 23, 105, 12] {
		assert!(!has_gone(&io::Error::from_raw_os_error(code)), "{code}");
	}
}

#[tokio::test]
async fn it_ends_when_it_is_told_to_and_nobody_is_served_any_more() {
	let server = Server::start(PATIENT).await;
	// One that holds its connection open, and one that has said nothing.
	let mut idle = TcpStream::connect(server.at).await.unwrap();
	idle.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
	let mut answer = [0; 12];
	idle.read_exact(&mut answer).await.unwrap();
	let _silent = TcpStream::connect(server.at).await.unwrap();
	server.stop.send(()).unwrap();
	timeout(LIMIT, server.serving).await.expect("it does not end").unwrap();
}

#[tokio::test]
async fn while_it_ends_what_runs_is_answered_and_nobody_else_can_connect() {
	let [begun, answer] = [(); 2].map(|()| Arc::new(Notify::new()));
	let route = {
		let (begun, answer) = (begun.clone(), answer.clone());
		post(move || {
			let (begun, answer) = (begun.clone(), answer.clone());
			async move {
				begun.notify_one();
				answer.notified().await;
				"answered"
			}
		})
	};
	let router = Router::new().route("/", route);
	let server = Server::start_with(router, PATIENT, Bounds::default()).await;
	let mut running = TcpStream::connect(server.at).await.unwrap();
	running.write_all(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n").await.unwrap();
	begun.notified().await;
	server.stop.send(()).unwrap();
	let refused = async {
		while TcpStream::connect(server.at).await.is_ok() {
			sleep(AGAIN).await;
		}
	};
	timeout(LIMIT, refused).await.expect("it goes on listening");
	answer.notify_one();
	let mut told = String::new();
	running.read_to_string(&mut told).await.unwrap();
	assert!(told.starts_with("HTTP/1.1 200") && told.ends_with("answered"), "{told}");
	timeout(LIMIT, server.serving).await.expect("it does not end").unwrap();
}
