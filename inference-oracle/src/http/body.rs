//! The body of a request, which is read only when it is wanted: who is refused before costs no more than
//! the head of what it sent.

use super::{app::App, problem::Refused};
use axum::{
	body::{BodyDataStream, Bytes, HttpBody},
	extract::{ConnectInfo, FromRequest, Request},
	http::{header, request::Parts, HeaderMap},
};
use futures::{stream, StreamExt};
use std::{
	convert::Infallible,
	net::{IpAddr, SocketAddr},
	sync::Arc,
	time::Duration,
};
use tokio::time::timeout;
use usufruct_client::oracle_api::ProblemKind;

/// How long what is not wanted is taken off its connection.
const LINGER: Duration = Duration::from_secs(5);
/// How long a refusal waits for that. Most bodies came with their heads.
const AT_HAND: Duration = Duration::from_millis(5);
/// Before a message of gRPC: whether it is compressed, and four bytes of its length, the highest first.
const FRAME: usize = 5;
/// For how much of a body there is room before any of it is there.
const FIRST: usize = 256 << 10;

/// A body that was not read yet.
pub(crate) struct Unread {
	/// `None` once it was read.
	body: Option<BodyDataStream>,
	/// Whether it is one message of gRPC.
	framed: bool,
	/// What came of a message with its length.
	begun: Vec<u8>,
	/// How long the headers say it is.
	length: Option<usize>,
	/// The most bytes that it may have.
	limit: usize,
	/// Whether it is sent only to who says so.
	waits: bool,
	compressed: bool,
	from: Option<IpAddr>,
}

/// A request of which the head was read.
pub(crate) struct Asked {
	pub head: Parts,
	pub body: Unread,
}

impl FromRequest<Arc<App>> for Asked {
	type Rejection = Infallible;

	async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Infallible> {
		let (head, body) = request.into_parts();
		let from = head.extensions.get::<ConnectInfo<SocketAddr>>();
		let coding = head.headers.get(header::CONTENT_ENCODING);
		let body = Unread {
			body: Some(body.into_data_stream()),
			framed: false,
			begun: Vec::new(),
			length: length(&head.headers),
			limit: app.limits.body,
			waits: head.headers.contains_key(header::EXPECT),
			compressed: coding.is_some_and(|it| it != "identity"),
			from: from.map(|it| it.0.ip()),
		};
		Ok(Self { head, body })
	}
}

/// What the headers say of the length.
fn length(headers: &HeaderMap) -> Option<usize> {
	headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Unread {
	/// As one message of gRPC.
	pub fn framed(self) -> Self {
		Self { framed: true, ..self }
	}

	/// The address that it comes from, if that is known.
	pub fn from(&self) -> Option<IpAddr> {
		self.from
	}

	/// How many bytes it has at most, by what is said of it; nothing else of it is read.
	pub async fn announced(&mut self) -> Result<usize, Refused> {
		let compressed = "compressed bodies are not taken; send it as it is";
		if self.compressed {
			return Err(malformed(compressed));
		}
		let length = match self.framed {
			true => {
				let [coding, length @ ..] = self.frame().await?;
				if coding != 0 {
					return Err(malformed(compressed));
				}
				u32::from_be_bytes(length) as usize
			},
			false => self.length.unwrap_or(self.limit),
		};
		match length > self.limit {
			true => Err(self.too_large()),
			false => Ok(length),
		}
	}

	/// All of it, if it has no more bytes than were announced. It is read once.
	pub async fn read(&mut self, announced: usize) -> Result<Vec<u8>, Refused> {
		let mut bytes = Vec::with_capacity(announced.min(FIRST));
		let Some(body) = self.body.take() else { return Ok(bytes) };
		let begun = Bytes::from(std::mem::take(&mut self.begun));
		let mut parts = stream::iter([Ok(begun)]).chain(body);
		while let Some(part) = parts.next().await {
			let part = part.map_err(broken)?;
			if part.len() > announced - bytes.len() {
				return Err(match announced == self.limit {
					true => self.too_large(),
					false => malformed("the body is longer than it was said to be"),
				});
			}
			bytes.extend_from_slice(&part);
		}
		match self.framed && bytes.len() < announced {
			true => Err(malformed("the message is shorter than it was said to be")),
			false => Ok(bytes),
		}
	}

	/// What stands before a message.
	async fn frame(&mut self) -> Result<[u8; FRAME], Refused> {
		while self.begun.len() < FRAME {
			let part = match &mut self.body {
				Some(body) => body.next().await,
				None => None,
			};
			let part = part.ok_or_else(|| malformed("there is no message; send one"))?;
			self.begun.extend_from_slice(&part.map_err(broken)?);
		}
		let head = self.begun.first_chunk().copied().unwrap_or_default();
		self.begun.drain(..FRAME);
		Ok(head)
	}

	fn too_large(&self) -> Refused {
		let limit = self.limit;
		let detail = format!("the body may have {limit} bytes at most; send less in one request");
		Refused::new(ProblemKind::BodyTooLarge, detail)
	}

	/// Takes what was not read off the connection, beside the answer if it is long in coming. A connection
	/// on which it stays would have to be closed, and whoever asks again would begin with a new one; worse,
	/// the refusal could be lost with what is still on its way. Whoever waits to be told to send it never
	/// is.
	pub async fn leave(self) {
		let Some(body) = self.body.filter(|it| !it.is_end_stream() && !self.waits) else { return };
		let mut drained = Box::pin(drain(body, self.limit));
		if timeout(AT_HAND, &mut drained).await.is_err() {
			tokio::spawn(timeout(LINGER, drained));
		}
	}
}

/// Reads up to so many bytes, and keeps none.
async fn drain(mut body: BodyDataStream, limit: usize) {
	let mut left = limit;
	while let Some(Ok(part)) = body.next().await {
		match left.checked_sub(part.len()) {
			Some(less) => left = less,
			None => return,
		}
	}
}

fn malformed(why: &str) -> Refused {
	Refused::new(ProblemKind::BodyMalformed, why)
}

fn broken(error: axum::Error) -> Refused {
	malformed(&format!("the body did not come whole: {error}"))
}
