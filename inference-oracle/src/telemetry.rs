//! Logs on standard error, and traces to a collector if the operator wants them.

use crate::config::Telemetry;
use anyhow::{Context, Result};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{trace::SdkTracerProvider, Resource};
use std::{io::IsTerminal, time::Duration};
use tokio::runtime::Handle;
use tracing_subscriber::{
	filter::{LevelFilter, Targets},
	layer::SubscriberExt,
	util::SubscriberInitExt,
	EnvFilter, Layer,
};

/// What is logged if nothing is said.
const DEFAULT: &str = "info";
/// How long one export may take.
const EXPORT: Duration = Duration::from_secs(10);
/// What the oracle is called in traces.
const SERVICE: &str = "usufruct-oracle";
/// Where its own spans begin.
const OURS: &str = "usufruct_oracle";

/// Traces on their way; nothing if none are wanted.
pub struct Traces(Option<SdkTracerProvider>);

/// Starts to log and to trace.
pub fn start(said: &Telemetry) -> Result<Traces> {
	let text = std::env::var(EnvFilter::DEFAULT_ENV).ok();
	let text = text.or_else(|| said.log.clone()).unwrap_or_else(|| DEFAULT.into());
	let filter = EnvFilter::try_new(&text).with_context(|| format!("telemetry.log: '{text}'"))?;
	let provider = said.otlp.as_deref().map(exporter).transpose()?;
	let layer = tracing_subscriber::fmt::layer()
		.with_ansi(std::io::stderr().is_terminal())
		.with_writer(std::io::stderr);
	let lines = match said.json {
		true => layer.json().boxed(),
		false => layer.boxed(),
	};
	let spans = provider.as_ref().map(|provider| {
		// Only our own: sending them makes spans too, of other libraries.
		let ours = Targets::new().with_target(OURS, LevelFilter::INFO);
		tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE)).with_filter(ours)
	});
	tracing_subscriber::registry().with(filter).with(spans).with(lines).init();
	Ok(Traces(provider))
}

/// Logs errors only: what is found is printed.
pub fn quiet() {
	tracing_subscriber::fmt()
		.with_env_filter(
			EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error")),
		)
		.with_writer(std::io::stderr)
		.init();
}

fn exporter(url: &str) -> Result<SdkTracerProvider> {
	let client = reqwest::Client::builder().timeout(EXPORT).build()?;
	let exporter = SpanExporter::builder()
		.with_http()
		.with_protocol(Protocol::HttpBinary)
		.with_http_client(Poster { client, runtime: Handle::current() })
		.with_endpoint(format!("{}/v1/traces", url.trim_end_matches('/')))
		.with_timeout(EXPORT)
		.build()
		.with_context(|| format!("telemetry.otlp: '{url}'"))?;
	let resource = Resource::builder().with_service_name(SERVICE).build();
	Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build())
}

impl Traces {
	/// Sends what is left.
	pub async fn flush(self) {
		let Some(provider) = self.0 else { return };
		let done = tokio::task::spawn_blocking(move || provider.shutdown()).await;
		if !matches!(done, Ok(Ok(()))) {
			tracing::warn!("the last traces were not sent");
		}
	}
}

/// Sends from the exporter's thread, which is none of the runtime's.
#[derive(Debug)]
struct Poster {
	client: reqwest::Client,
	runtime: Handle,
}

#[async_trait::async_trait]
impl HttpClient for Poster {
	async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
		let request: reqwest::Request = request.try_into()?;
		let client = self.client.clone();
		let sending = self.runtime.spawn(async move {
			let answer = client.execute(request).await?.error_for_status()?;
			let (status, headers) = (answer.status(), answer.headers().clone());
			Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
		});
		let (status, headers, body) = sending.await??;
		let mut response = Response::builder().status(status).body(body)?;
		*response.headers_mut() = headers;
		Ok(response)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use axum::{body::Bytes as Body, extract::State, http::HeaderMap, routing::post, Router};
	use opentelemetry::trace::{Span, Tracer};
	use std::sync::{Arc, Mutex};

	type Received = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

	async fn collect(State(received): State<Received>, headers: HeaderMap, body: Body) {
		let form = headers["content-type"].to_str().unwrap().to_string();
		received.lock().unwrap().push((form, body.to_vec()));
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn traces_reach_a_collector_and_the_last_ones_before_the_end() {
		let received = Received::default();
		let collector =
			Router::new().route("/v1/traces", post(collect)).with_state(Arc::clone(&received));
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}/", listener.local_addr().unwrap());
		let server = tokio::spawn(async move { axum::serve(listener, collector).await });
		let provider = exporter(&url).unwrap();
		provider.tracer(SERVICE).start("POST /v2/models/{name}/infer").end();
		Traces(Some(provider)).flush().await;
		server.abort();
		let received = received.lock().unwrap();
		let [(form, body)] = &received[..] else { panic!("{} exports", received.len()) };
		assert_eq!(form, "application/x-protobuf");
		let has = |words: &str| body.windows(words.len()).any(|it| it == words.as_bytes());
		assert!(has(SERVICE) && has("POST /v2/models/{name}/infer"));
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn a_collector_that_is_not_there_stops_nothing() {
		let provider = exporter("http://127.0.0.1:9").unwrap();
		provider.tracer(SERVICE).start("lost").end();
		Traces(Some(provider)).flush().await;
	}
}
