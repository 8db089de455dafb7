//! The body of a request, which is read only when it is wanted: who is refused before costs no more than
//! the head of what it sent.

use super::{app::App, problem::Refused};
use axum::{
	body::{Body, Bytes, HttpBody},
	extract::{FromRequest, Request},
	http::{header, StatusCode},
};
use futures::StreamExt;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::time::timeout;
use usufruct_client::oracle_api::ProblemKind;

/// How long what is not wanted is taken off its connection.
const LINGER: Duration = Duration::from_secs(5);
/// How long a refusal waits for that. Most bodies came with their heads.
const AT_HAND: Duration = Duration::from_millis(5);

/// A body that was not read yet.
pub(super) struct Unread {
	request: Request,
	/// The most bytes that it may have.
	limit: usize,
}

impl FromRequest<Arc<App>> for Unread {
	type Rejection = Infallible;

	async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Infallible> {
		Ok(Self { request, limit: app.limits.body })
	}
}

impl Unread {
	/// All of it. It is read once.
	pub async fn read(&mut self) -> Result<Bytes, Refused> {
		let request = std::mem::take(&mut self.request);
		if request.headers().get(header::CONTENT_ENCODING).is_some_and(|it| it != "identity") {
			let detail = "compressed bodies are not taken; send it as it is";
			return Err(Refused::new(ProblemKind::BodyMalformed, detail));
		}
		let read = Bytes::from_request(request, &()).await;
		read.map_err(|rejection| match rejection.status() {
			StatusCode::PAYLOAD_TOO_LARGE => {
				let limit = self.limit;
				let detail =
					format!("the body may have {limit} bytes at most; send less in one request");
				Refused::new(ProblemKind::BodyTooLarge, detail)
			},
			_ => Refused::new(ProblemKind::BodyMalformed, rejection.body_text()),
		})
	}

	/// Takes what was not read off the connection, beside the answer if it is long in coming. A connection
	/// on which it stays would have to be closed, and whoever asks again would begin with a new one; worse,
	/// the refusal could be lost with what is still on its way. Whoever waits to be told to send it never
	/// is.
	pub async fn leave(self) {
		let request = self.request;
		if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
			return;
		}
		let mut drained = Box::pin(drain(request.into_body(), self.limit));
		if timeout(AT_HAND, &mut drained).await.is_err() {
			tokio::spawn(timeout(LINGER, drained));
		}
	}
}

/// Reads up to so many bytes, and keeps none.
async fn drain(body: Body, limit: usize) {
	let (mut parts, mut left) = (body.into_data_stream(), limit);
	while let Some(Ok(part)) = parts.next().await {
		match left.checked_sub(part.len()) {
			Some(less) => left = less,
			None => return,
		}
	}
}
