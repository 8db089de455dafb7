//! Serving HTTP to strangers: whoever does not get on with what he sends is disconnected.
//!
//! A connection that says nothing, says it slowly, or sends a body that does not end would else be held for
//! ever, and with it memory and a descriptor.

use axum::{
	body::Body,
	extract::{ConnectInfo, Request},
	middleware::{self, Next},
	response::Response,
	Extension, Router,
};
use futures::{stream, StreamExt};
use hyper_util::{
	rt::{TokioExecutor, TokioIo, TokioTimer},
	server::conn::auto,
	service::TowerToHyperService,
};
use std::{future::Future, io, pin::pin, time::Duration};
use tokio::{
	net::{TcpListener, TcpStream},
	sync::watch,
	time::{sleep, timeout, timeout_at, Instant},
};

/// How HTTP/2 begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often a connection that has not said enough is looked at again.
const AGAIN: Duration = Duration::from_millis(20);

/// How long others may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
	/// For the head of a request, and on a new connection for its first bytes.
	pub head: Duration,
	/// For the whole body.
	pub body: Duration,
}

impl Default for Patience {
	/// Ten seconds, and a minute.
	fn default() -> Self {
		Self { head: Duration::from_secs(10), body: Duration::from_secs(60) }
	}
}

/// Serves until `stop` is done, and then what is being served, and no more. Handlers can ask for the
/// sender's address ([`ConnectInfo`]).
pub async fn serve(
	listener: TcpListener,
	router: Router,
	patience: Patience,
	stop: impl Future<Output = ()>,
) {
	let router = router
		.layer(middleware::from_fn(move |request, next| within(patience.body, request, next)));
	let (stopping, stopped) = watch::channel(false);
	let mut stop = pin!(stop);
	loop {
		let accepted = tokio::select! {
			accepted = listener.accept() => accepted,
			() = &mut stop => break,
		};
		let (stream, from) = match accepted {
			Ok(accepted) => accepted,
			Err(error) => {
				// One that has gone again; or there are no descriptors, until one is closed.
				tracing::debug!(%error, "a connection could not be accepted");
				sleep(AGAIN).await;
				continue;
			},
		};
		let router = router.clone().layer(Extension(ConnectInfo(from)));
		tokio::spawn(connection(stream, router, patience, stopped.clone()));
	}
	drop(stopped);
	stopping.send_replace(true);
	// Each connection that is open holds a receiver.
	stopping.closed().await;
}

async fn connection(
	stream: TcpStream,
	router: Router,
	patience: Patience,
	mut stopped: watch::Receiver<bool>,
) {
	let begun = tokio::select! {
		begun = timeout(patience.head, begins(&stream)) => begun,
		() = told(&mut stopped) => return,
	};
	if !matches!(begun, Ok(Ok(()))) {
		return;
	}
	// Answers are small and whole.
	let _ = stream.set_nodelay(true);
	let mut builder = auto::Builder::new(TokioExecutor::new());
	builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.head);
	builder
		.http2()
		.timer(TokioTimer::new())
		.keep_alive_interval(patience.head)
		.keep_alive_timeout(patience.head);
	let service = TowerToHyperService::new(router);
	let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
	let ended = tokio::select! {
		ended = connection.as_mut() => ended,
		() = told(&mut stopped) => {
			connection.as_mut().graceful_shutdown();
			connection.await
		},
	};
	if let Err(error) = ended {
		tracing::debug!(error, "a connection ended");
	}
}

/// Waits until it is told to stop.
async fn told(stopped: &mut watch::Receiver<bool>) {
	let _ = stopped.wait_for(|stopped| *stopped).await;
}

/// Waits until enough is there to tell which HTTP it is: from then on each has a limit of its own.
async fn begins(stream: &TcpStream) -> io::Result<()> {
	let mut first = [0; PREFACE.len()];
	loop {
		let length = stream.peek(&mut first).await?;
		if length == 0 {
			return Err(io::ErrorKind::UnexpectedEof.into());
		}
		if length == PREFACE.len() || !PREFACE.starts_with(&first[..length]) {
			return Ok(());
		}
		sleep(AGAIN).await;
	}
}

/// Serves a request whose body fails when it does not end in time.
async fn within(limit: Duration, request: Request, next: Next) -> Response {
	let deadline = Instant::now() + limit;
	let (head, body) = request.into_parts();
	let late = move |_| Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut))));
	let parts = stream::unfold(Some(body.into_data_stream()), move |body| async move {
		let mut body = body?;
		match timeout_at(deadline, body.next()).await.unwrap_or_else(late) {
			Some(Ok(part)) => Some((Ok(part), Some(body))),
			Some(Err(error)) => Some((Err(error), None)),
			None => None,
		}
	});
	next.run(Request::from_parts(head, Body::from_stream(parts))).await
}

#[cfg(test)]
mod tests;
