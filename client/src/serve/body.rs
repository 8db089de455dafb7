//! A body that fails when it does not end in time.

use axum::BoxError;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::{
	future::Future,
	io,
	pin::Pin,
	task::{ready, Context, Poll},
	time::Duration,
};
use tokio::time::{sleep_until, Instant, Sleep};

/// See the module.
pub struct Timed {
	body: Incoming,
	deadline: Instant,
	/// Set once it is waited for: most bodies come with their heads.
	late: Option<Pin<Box<Sleep>>>,
}

impl Timed {
	/// One that may take so long from now on.
	pub fn new(body: Incoming, limit: Duration) -> Self {
		Self { body, deadline: Instant::now() + limit, late: None }
	}
}

impl Body for Timed {
	type Data = Bytes;
	type Error = BoxError;

	fn poll_frame(
		self: Pin<&mut Self>,
		context: &mut Context<'_>,
	) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
		let Self { body, deadline, late } = self.get_mut();
		if let Poll::Ready(frame) = Pin::new(body).poll_frame(context) {
			return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
		}
		let late = late.get_or_insert_with(|| Box::pin(sleep_until(*deadline)));
		ready!(late.as_mut().poll(context));
		Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
	}

	fn is_end_stream(&self) -> bool {
		self.body.is_end_stream()
	}

	fn size_hint(&self) -> SizeHint {
		self.body.size_hint()
	}
}
