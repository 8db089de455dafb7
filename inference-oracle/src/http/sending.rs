//! An answer on its way: what it takes of the oracle's memory it takes until its reader has it, so that nobody
//! has the same long answer sent on many connections and reads none of them.
//!
//! What a connection has buffered is beyond that: up to 400 KiB of each by hyper, and what the kernel takes.

use super::held::Held;
use axum::{
	body::{Body, Bytes, HttpBody},
	response::Response,
};
use http_body::{Frame, SizeHint};
use std::{
	pin::Pin,
	task::{Context, Poll},
};

/// The same response, which holds that until it was sent.
pub(crate) fn holding(response: Response, mut held: Held) -> Response {
	if let Some(bytes) = response.body().size_hint().upper() {
		held.answers(usize::try_from(bytes).unwrap_or(usize::MAX));
	}
	response.map(|body| Body::new(Sending { body, _held: held }))
}

struct Sending {
	body: Body,
	_held: Held,
}

impl HttpBody for Sending {
	type Data = Bytes;
	type Error = axum::Error;

	fn poll_frame(
		mut self: Pin<&mut Self>,
		context: &mut Context<'_>,
	) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
		Pin::new(&mut self.body).poll_frame(context)
	}

	/// Not before its end was asked for, which is when the rest was sent: a body that says so earlier is
	/// dropped at once.
	fn is_end_stream(&self) -> bool {
		false
	}

	fn size_hint(&self) -> SizeHint {
		self.body.size_hint()
	}
}
