//! An answer on its way: what it takes of the oracle's memory it takes until its connection has sent it, so that
//! nobody has the same long answer sent on many connections, or streams of one, and reads none of them.

use super::held::Held;
use axum::{
	body::{Body, Bytes, HttpBody},
	response::Response,
};
use http_body::{Frame, SizeHint};
use std::{
	pin::Pin,
	sync::Arc,
	task::{ready, Context, Poll},
};

/// The same response, which holds that until it was sent.
pub(crate) fn holding(response: Response, mut held: Held) -> Response {
	if let Some(bytes) = response.body().size_hint().upper() {
		held.answers(usize::try_from(bytes).unwrap_or(usize::MAX));
	}
	response.map(|body| Body::new(Sending { body, held: Arc::new(held) }))
}

struct Sending {
	body: Body,
	held: Arc<Held>,
}

/// A part of it, which a connection may have long after the body has come to its end.
struct Part {
	bytes: Bytes,
	_held: Arc<Held>,
}

impl AsRef<[u8]> for Part {
	fn as_ref(&self) -> &[u8] {
		&self.bytes
	}
}

impl HttpBody for Sending {
	type Data = Bytes;
	type Error = axum::Error;

	fn poll_frame(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
	) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
		let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
		let holding = |bytes| Bytes::from_owner(Part { bytes, _held: Arc::clone(&self.held) });
		Poll::Ready(frame.map(|frame| frame.map(|frame| frame.map_data(holding))))
	}

	fn is_end_stream(&self) -> bool {
		self.body.is_end_stream()
	}

	fn size_hint(&self) -> SizeHint {
		self.body.size_hint()
	}
}
