//! Serving HTTP to strangers: whoever does not get on with what he sends is disconnected.
//!
//! A connection that says nothing, says it slowly, sends a body that does not end or does not read its
//! answer would else be held for ever, and with it memory and a descriptor. How many there are at once is
//! bounded, in all and for each network.

mod activity;
mod body;
mod places;

pub use places::network;

use activity::Activity;
use axum::{extract::ConnectInfo, Router};
use body::Timed;
use futures::FutureExt;
use hyper::{body::Incoming, service::service_fn, Request};
use hyper_util::{
	rt::{TokioExecutor, TokioIo, TokioTimer},
	server::conn::auto,
};
use places::Places;
use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
	net::{TcpListener, TcpSocket, TcpStream},
	sync::watch,
	time::{sleep, timeout},
};
use tower_service::Service;

/// How HTTP/2 begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often a connection that has not said enough is looked at again.
const AGAIN: Duration = Duration::from_millis(20);

/// How long nobody is accepted when there is nothing left to hold a connection with.
const SHORTAGE: Duration = Duration::from_millis(250);

/// How long others may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
	/// For the head of a request, and on a new connection for its first bytes.
	pub head: Duration,
	/// For the whole body.
	pub body: Duration,
	/// For the next request, and for reading an answer.
	pub idle: Duration,
	/// For all that goes over one connection: what of it is never read ends with it, however much is asked
	/// besides.
	pub age: Duration,
}

impl Default for Patience {
	/// Ten seconds, a minute, two, and an hour.
	fn default() -> Self {
		Self {
			head: Duration::from_secs(10),
			body: Duration::from_secs(60),
			idle: Duration::from_secs(120),
			age: Duration::from_secs(3_600),
		}
	}
}

/// How many there may be at once. Who comes when there is no place is disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
	/// Connections in all.
	pub connections: usize,
	/// Connections from one [network]; those of this machine are counted only in all, since a proxy may
	/// stand there.
	pub per_network: usize,
	/// Requests on one connection of HTTP/2.
	pub streams: u32,
}

impl Default for Bounds {
	/// Four thousand, a hundred, and a hundred.
	fn default() -> Self {
		Self { connections: 4_000, per_network: 100, streams: 100 }
	}
}

/// The kernel takes its own limit instead (`net.core.somaxconn`).
const AS_MANY_AS_MAY_BE: u32 = i32::MAX as u32;

/// Listens there. As many as the system allows can come at once: of those that find no place while they wait to be
/// accepted the first packet is dropped, and a second passes before they send it again.
pub fn listen(at: SocketAddr) -> io::Result<TcpListener> {
	let socket = if at.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
	// Who starts again finds the port free.
	socket.set_reuseaddr(true)?;
	socket.bind(at)?;
	socket.listen(AS_MANY_AS_MAY_BE)
}

/// Serves until `stop` is done, and then what is being served, and no more: nobody else can connect. Handlers can ask for the sender's
/// address ([`ConnectInfo`]).
pub async fn serve(
	listener: TcpListener,
	router: Router,
	patience: Patience,
	bounds: Bounds,
	stop: impl Future<Output = ()>,
) {
	let places = Arc::new(Places::new(bounds));
	let (stopping, stopped) = watch::channel(false);
	let mut stop = pin!(stop);
	loop {
		let accepted = tokio::select! {
			accepted = listener.accept() => accepted,
			() = &mut stop => break,
		};
		let (stream, from) = match accepted {
			Ok(accepted) => accepted,
			Err(error) if has_gone(&error) => continue,
			Err(error) => {
				// There are no descriptors, until one is closed.
				tracing::warn!(%error, "a connection could not be accepted");
				tokio::select! {
					() = sleep(SHORTAGE) => {},
					() = &mut stop => break,
				}
				continue;
			},
		};
		let Some(place) = places.take(from.ip()) else {
			tracing::debug!(%from, "there is no place for another connection");
			continue;
		};
		let (router, stopped) = (router.clone(), stopped.clone());
		tokio::spawn(async move {
			connection(stream, from, router, patience, bounds.streams, stopped).await;
			drop(place);
		});
	}
	// Who comes now is refused: else the kernel took his connection, and he waited for what does not come.
	drop(listener);
	drop(stopped);
	stopping.send_replace(true);
	// Each connection that is open holds a receiver.
	stopping.closed().await;
}

/// Whether it is only that somebody went away before he was accepted.
fn has_gone(error: &io::Error) -> bool {
	use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
	matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted)
}

async fn connection(
	stream: TcpStream,
	from: SocketAddr,
	router: Router,
	patience: Patience,
	streams: u32,
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
		.keep_alive_timeout(patience.head)
		.max_concurrent_streams(streams);
	let activity = Arc::new(Activity::default());
	let noted = activity.clone();
	// Layers of the router would be copied for every request.
	let service = service_fn(move |request: Request<Incoming>| {
		let running = noted.begin();
		let mut request = request.map(|body| Timed::new(body, patience.body));
		request.extensions_mut().insert(ConnectInfo(from));
		router.clone().call(request).inspect(move |_| drop(running))
	});
	let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
	let ended = tokio::select! {
		ended = connection.as_mut() => ended,
		() = over(&activity, patience, &mut stopped) => {
			connection.as_mut().graceful_shutdown();
			tokio::select! {
				ended = connection.as_mut() => ended,
				// A request that came just now is answered, and its answer read, as any other.
				() = async {
					sleep(patience.head).await;
					activity.idle(patience.idle).await;
				} => return,
			}
		},
	};
	if let Err(error) = ended {
		tracing::debug!(error, "a connection ended");
	}
}

/// Waits until nothing went on for so long, it has been there for so long, or it is told to stop.
async fn over(activity: &Activity, patience: Patience, stopped: &mut watch::Receiver<bool>) {
	tokio::select! {
		() = activity.idle(patience.idle) => {},
		() = sleep(patience.age) => {},
		() = told(stopped) => {},
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

#[cfg(test)]
mod tests;
