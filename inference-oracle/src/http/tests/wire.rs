//! One connection, on which everything is said by hand.

use super::*;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{TcpSocket, TcpStream},
	time::timeout,
};

/// After which an answer counts as never coming.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

pub(super) struct Wire(pub TcpStream);

impl Wire {
	pub async fn to(address: &str) -> Self {
		let address = address.strip_prefix("http://").unwrap();
		Self(TcpStream::connect(address).await.unwrap())
	}

	/// One whose system takes little of what is sent to it before it is read.
	pub async fn with_little_room(address: &str) -> Self {
		let address = address.strip_prefix("http://").unwrap().parse().unwrap();
		let socket = TcpSocket::new_v4().unwrap();
		socket.set_recv_buffer_size(4 << 10).unwrap();
		Self(socket.connect(address).await.unwrap())
	}

	/// Sends such a head.
	pub async fn head(&mut self, path: &str, headers: &RequestHeaders, length: usize, more: &str) {
		self.body(head(path, Some(headers), length, more).as_bytes()).await;
	}

	pub async fn body(&mut self, bytes: &[u8]) {
		self.0.write_all(bytes).await.unwrap();
	}

	/// The next answer: its status, and its JSON.
	pub async fn answer(&mut self) -> (u16, serde_json::Value) {
		let mut got = Vec::new();
		let reading = async {
			loop {
				let text = String::from_utf8_lossy(&got).to_ascii_lowercase();
				if let Some((head, body)) = text.split_once("\r\n\r\n") {
					let length = head.lines().find_map(|it| it.strip_prefix("content-length: "));
					if body.len() >= length.unwrap().parse::<usize>().unwrap() {
						break;
					}
				}
				assert_ne!(self.0.read_buf(&mut got).await.unwrap(), 0, "it ends: {text}");
			}
		};
		timeout(LIMIT, reading).await.expect("nothing is answered");
		let text = String::from_utf8(got).unwrap();
		let (head, body) = text.split_once("\r\n\r\n").unwrap();
		let status = head.split(' ').nth(1).unwrap().parse().unwrap();
		(status, serde_json::from_str(body).unwrap())
	}

	/// The status of the next answer, of which no more is read.
	pub async fn status(&mut self) -> u16 {
		let mut line = [0; 12];
		let reading = timeout(LIMIT, self.0.read_exact(&mut line)).await;
		reading.expect("nothing is answered").unwrap();
		std::str::from_utf8(&line[9..]).unwrap().parse().unwrap()
	}

	/// Nothing is answered: what comes next is waited for.
	pub async fn is_waited_for(&self) {
		assert!(timeout(Duration::from_millis(100), self.0.peek(&mut [0])).await.is_err());
	}

	/// The next answer is that the oracle is full.
	pub async fn is_refused(&mut self) {
		let (status, problem) = self.answer().await;
		assert_eq!((status, &problem["type"]), (503, &ProblemKind::Overloaded.name().into()));
	}
}

/// The head of a request whose body is to have so many bytes.
pub(super) fn head(
	path: &str,
	headers: Option<&RequestHeaders>,
	length: usize,
	more: &str,
) -> String {
	let mut head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n");
	for (name, value) in headers.iter().flat_map(|headers| headers.to_pairs()) {
		head += &format!("{name}: {value}\r\n");
	}
	format!("{head}{more}\r\n")
}

pub(super) fn path(paid: &Paid) -> String {
	format!("/v2/models/{}/infer", paid.name)
}

pub(super) fn body(paid: &Paid) -> Vec<u8> {
	serde_json::to_vec(&paid.body).unwrap()
}
