//! Logs on standard error, and traces to a collector if the operator wants them.

use crate::config::Telemetry;
use anyhow::{ensure, Context, Result};
use opentelemetry::{
	trace::{
		Link, SamplingDecision, SamplingResult, SpanKind, TraceContextExt, TraceId, TraceState,
		TracerProvider as _,
	},
	Context as Trace, KeyValue,
};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
	trace::{SdkTracerProvider, ShouldSample},
	Resource,
};
use serde::Deserialize;
use std::{io::IsTerminal, time::Duration};
use tokio::runtime::Handle;
use tracing::{Level, Metadata};
use tracing_subscriber::{
	filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt, EnvFilter, Layer,
};

/// What is logged if nothing is said.
const DEFAULT: &str = "info";
/// How long one export may take.
const EXPORT: Duration = Duration::from_secs(10);
/// What the oracle is called in traces.
const SERVICE: &str = "usufruct-oracle";
/// Where its own spans begin.
const OURS: &str = "usufruct_oracle";

/// The share of requests that are traced, from 0 to 1.
///
/// Whose trace a request belongs to does not matter: anybody can write a `traceparent`, and could have all that
/// they send exported at the operator's cost, or hide it. Nor is it drawn by the trace's id, which its sender
/// chooses as well.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "f64")]
pub struct Sample(f64);

impl Default for Sample {
	fn default() -> Self {
		Self(1.0)
	}
}

impl TryFrom<f64> for Sample {
	type Error = String;

	fn try_from(share: f64) -> Result<Self, String> {
		match (0.0..=1.0).contains(&share) {
			true => Ok(Self(share)),
			false => Err(format!("{share} is no share of requests; say one from 0 to 1")),
		}
	}
}

impl ShouldSample for Sample {
	fn should_sample(
		&self,
		parent: Option<&Trace>,
		_: TraceId,
		_: &str,
		kind: &SpanKind,
		_: &[KeyValue],
		_: &[Link],
	) -> SamplingResult {
		let parent = parent.map(|it| it.span().span_context().clone());
		let sampled = match parent.filter(|it| it.is_valid() && !it.is_remote()) {
			Some(ours) => ours.is_sampled(),
			// What belongs to no request is not sent.
			None => *kind == SpanKind::Server && rand::random::<f64>() < self.0,
		};
		let decision =
			if sampled { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
		SamplingResult { decision, attributes: Vec::new(), trace_state: TraceState::default() }
	}
}

/// Whether that goes to the collector: our own spans, however fine, and what we log within them. Sending
/// them makes spans too, of other libraries.
fn goes(it: &Metadata) -> bool {
	it.target().starts_with(OURS) && (it.is_span() || *it.level() <= Level::INFO)
}

/// Traces on their way; nothing if none are wanted.
pub struct Traces(Option<SdkTracerProvider>);

/// Starts to log and to trace.
pub fn start(said: &Telemetry) -> Result<Traces> {
	let filter = filter(said)?;
	let provider = said.otlp.as_deref().map(|url| provider(url, said.sample)).transpose()?;
	let layer = tracing_subscriber::fmt::layer()
		.with_ansi(std::io::stderr().is_terminal())
		.with_writer(std::io::stderr);
	let lines = match said.json {
		true => layer.json().boxed(),
		false => layer.boxed(),
	};
	// Without a collector nobody wants the finer spans, and they are not even made.
	let spans = provider.as_ref().map(|provider| {
		let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer(SERVICE));
		layer.with_filter(filter_fn(goes))
	});
	// What is logged is no matter of what is traced.
	tracing_subscriber::registry().with(spans).with(lines.with_filter(filter)).init();
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

/// What is logged.
pub fn filter(said: &Telemetry) -> Result<EnvFilter> {
	let (key, text) = match (std::env::var(EnvFilter::DEFAULT_ENV), said.log.as_deref()) {
		(Ok(text), _) => (EnvFilter::DEFAULT_ENV, text),
		(Err(_), text) => ("telemetry.log", text.unwrap_or(DEFAULT).into()),
	};
	EnvFilter::try_new(&text).with_context(|| {
		format!("{key}: '{text}' is no filter; write one like info or info,usufruct_oracle=debug")
	})
}

/// What sends traces there. Sends nothing by itself.
pub fn exporter(url: &str) -> Result<SpanExporter> {
	let wrong = || {
		format!(
			"telemetry.otlp: '{url}' is no address of a collector; write one like \
			 http://127.0.0.1:4318"
		)
	};
	// To others it would not send, and say so only once there are traces.
	let http = |it: reqwest::Url| it.has_host() && matches!(it.scheme(), "http" | "https");
	ensure!(reqwest::Url::parse(url).is_ok_and(http), "{}", wrong());
	let client = reqwest::Client::builder().timeout(EXPORT).build()?;
	SpanExporter::builder()
		.with_http()
		.with_protocol(Protocol::HttpBinary)
		.with_http_client(Poster { client, runtime: Handle::current() })
		.with_endpoint(format!("{}/v1/traces", url.trim_end_matches('/')))
		.with_timeout(EXPORT)
		.build()
		.with_context(wrong)
}

fn provider(url: &str, sample: Sample) -> Result<SdkTracerProvider> {
	let resource = Resource::builder().with_service_name(SERVICE).build();
	let provider = SdkTracerProvider::builder()
		.with_batch_exporter(exporter(url)?)
		.with_sampler(sample)
		.with_resource(resource);
	Ok(provider.build())
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
	use crate::testing::alone::is_alone;
	use axum::{body::Bytes as Body, extract::State, http::HeaderMap, routing::post, Router};
	use opentelemetry::trace::{Span, SpanContext, SpanId, TraceFlags, Tracer};
	use opentelemetry_sdk::trace::InMemorySpanExporter;
	use std::sync::{Arc, Mutex};
	use tracing::level_filters::LevelFilter;

	type Received = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

	async fn collect(State(received): State<Received>, headers: HeaderMap, body: Body) {
		let form = headers["content-type"].to_str().unwrap().to_string();
		received.lock().unwrap().push((form, body.to_vec()));
	}

	#[test]
	fn without_a_collector_finer_spans_are_not_even_made() {
		if !is_alone("telemetry::tests::without_a_collector_finer_spans_are_not_even_made") {
			return;
		}
		std::env::remove_var(EnvFilter::DEFAULT_ENV);
		start(&Telemetry::default()).unwrap();
		// That is all that such a span looks at.
		assert_eq!(LevelFilter::current(), LevelFilter::INFO);
		assert!(tracing::trace_span!("queue").is_disabled());
		assert!(!tracing::info_span!("request").is_disabled(), "it is in the log");
	}

	/// The span of a request in that trace.
	fn request<T: Tracer>(tracer: &T, trace: &Trace) -> T::Span {
		let span = tracer.span_builder("POST /v2/models/{name}/infer").with_kind(SpanKind::Server);
		span.start_with_context(tracer, trace)
	}

	/// Of so many requests in the trace of a stranger, each with a part of its own, the spans that are sent.
	fn sent(sample: f64, requests: usize, flags: TraceFlags) -> usize {
		let exporter = InMemorySpanExporter::default();
		let sample = Sample::try_from(sample).unwrap();
		let provider = SdkTracerProvider::builder()
			.with_simple_exporter(exporter.clone())
			.with_sampler(sample)
			.build();
		let tracer = provider.tracer(SERVICE);
		let (trace, span) = (TraceId::from(1u128), SpanId::from(1u64));
		let stranger = SpanContext::new(trace, span, flags, true, TraceState::default());
		let stranger = Trace::new().with_remote_span_context(stranger);
		for _ in 0..requests {
			let whole = Trace::new().with_span(request(&tracer, &stranger));
			tracer.start_with_context("part", &whole).end();
			whole.span().end();
		}
		let sent = exporter.get_finished_spans().unwrap();
		assert!(sent.iter().all(|it| it.span_context.trace_id() == trace));
		sent.len()
	}

	#[test]
	fn a_stranger_decides_neither_that_a_request_is_traced_nor_that_it_is_not() {
		for flags in [TraceFlags::SAMPLED, TraceFlags::NOT_SAMPLED] {
			assert_eq!(sent(0.0, 100, flags), 0);
			assert_eq!(sent(1.0, 100, flags), 200, "with its part");
			let some = sent(0.5, 1_000, flags);
			assert!(some.is_multiple_of(2) && (600..1_400).contains(&some), "{some}");
		}
	}

	#[test]
	fn what_belongs_to_no_request_is_not_sent() {
		let exporter = InMemorySpanExporter::default();
		let provider = SdkTracerProvider::builder()
			.with_simple_exporter(exporter.clone())
			.with_sampler(Sample::default())
			.build();
		provider.tracer(SERVICE).start("commit").end();
		assert!(exporter.get_finished_spans().unwrap().is_empty());
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn traces_reach_a_collector_and_the_last_ones_before_the_end() {
		let received = Received::default();
		let collector =
			Router::new().route("/v1/traces", post(collect)).with_state(Arc::clone(&received));
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}/", listener.local_addr().unwrap());
		let server = tokio::spawn(async move { axum::serve(listener, collector).await });
		let provider = provider(&url, Sample::default()).unwrap();
		request(&provider.tracer(SERVICE), &Trace::new()).end();
		Traces(Some(provider)).flush().await;
		server.abort();
		let received = received.lock().unwrap();
		let [(form, body)] = &received[..] else { panic!("{} exports", received.len()) };
		assert_eq!(form, "application/x-protobuf");
		let has = |words: &str| body.windows(words.len()).any(|it| it == words.as_bytes());
		assert!(has(SERVICE) && has("POST /v2/models/{name}/infer"));
	}

	#[tokio::test]
	async fn an_address_that_no_collector_can_have_is_refused_with_one_that_it_can() {
		for url in ["", "collector", "collector:4318", "ftp://collector", "http://", "/traces"] {
			let error = format!("{:#}", exporter(url).err().unwrap());
			let said = format!("telemetry.otlp: '{url}' is no address of a collector");
			assert!(error.contains(&said) && error.contains("http://127.0.0.1:4318"), "{error}");
		}
		for url in ["http://127.0.0.1:4318", "https://collector.example/otlp/"] {
			assert!(exporter(url).is_ok(), "{url}");
		}
	}

	#[tokio::test(flavor = "multi_thread")]
	async fn a_collector_that_is_not_there_stops_nothing() {
		let provider = provider("http://127.0.0.1:9", Sample::default()).unwrap();
		request(&provider.tracer(SERVICE), &Trace::new()).end();
		Traces(Some(provider)).flush().await;
	}
}
