//! One span for each request, within the trace that its sender says it belongs to (W3C `traceparent`).
//!
//! That is all that its sender decides: whether it is sent to the collector does not depend on what its
//! trace says ([`telemetry`](crate::telemetry)), and what else it says of its trace (`tracestate`) is not
//! read. What is waited for within the request is a span below it where that happens: `load` where room is
//! found, `commit` in the ledger, `infer`, `queue` and `run` in the pool. Those are of the level `trace`,
//! and made for the collector only.

use axum::{
	extract::{MatchedPath, Request},
	http::HeaderMap,
	middleware::Next,
	response::Response,
};
use opentelemetry::{
	propagation::{Extractor, TextMapPropagator},
	trace::TraceContextExt,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::{field::Empty, Instrument};
use tracing_opentelemetry::OpenTelemetrySpanExt;

const TRACEPARENT: &str = "traceparent";

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
	fn get(&self, key: &str) -> Option<&str> {
		let header = (key == TRACEPARENT).then(|| self.0.get(key))?;
		header.and_then(|value| value.to_str().ok())
	}

	fn keys(&self) -> Vec<&str> {
		vec![TRACEPARENT]
	}
}

/// The method, or that it is another: who asks for anything at all does not choose names.
fn method(request: &Request) -> &'static str {
	const KNOWN: [&str; 9] =
		["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
	let method = request.method().as_str();
	KNOWN.into_iter().find(|known| *known == method).unwrap_or("_OTHER")
}

/// Wraps a request in its span.
pub async fn span(request: Request, next: Next) -> Response {
	// Not the path itself, for the same reason.
	let route = request.extensions().get::<MatchedPath>().map_or("", |it| it.as_str()).to_string();
	let span = tracing::info_span!(
		"request",
		otel.name = %format_args!("{} {route}", method(&request)),
		otel.kind = "server",
		otel.status_code = Empty,
		http.request.method = method(&request),
		http.route = %route,
		http.response.status_code = Empty,
		"error.type" = Empty,
		trace_id = Empty,
	);
	let context = TraceContextPropagator::new().extract(&Headers(request.headers()));
	let parent = context.span().span_context().clone();
	if parent.is_valid() {
		span.record("trace_id", parent.trace_id().to_string());
		// Without an exporter there is nothing to belong to.
		let _ = span.set_parent(context);
	}
	let response = next.run(request).instrument(span.clone()).await;
	let status = response.status();
	span.record("http.response.status_code", i64::from(status.as_u16()));
	if status.is_server_error() {
		span.record("error.type", status.as_str());
		span.record("otel.status_code", "ERROR");
	}
	response
}

#[cfg(test)]
mod tests {
	use super::*;
	use axum::{routing::get, Router};
	use opentelemetry::trace::{SpanId, TraceId, TracerProvider as _};
	use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
	use tracing_subscriber::layer::SubscriberExt;

	/// The spans of one request with these headers.
	async fn spans(headers: &[(&str, &str)]) -> Vec<SpanData> {
		let exporter = InMemorySpanExporter::default();
		let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone()).build();
		let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
		let subscriber = tracing_subscriber::registry().with(layer);
		let _guard = tracing::subscriber::set_default(subscriber);
		// While there is one subscriber only, the first thread that comes upon a span decides for all
		// whether anybody wants it; a test beside this one, which has none, would say no.
		let _another = tracing::Dispatch::new(tracing_subscriber::registry());
		let router = Router::new()
			.route("/things/{name}", get(|| async { "thing" }))
			.layer(axum::middleware::from_fn(span));
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}/things/secret", listener.local_addr().unwrap());
		let server = tokio::spawn(axum::serve(listener, router).into_future());
		let mut request = reqwest::Client::new().get(url);
		for (name, value) in headers {
			request = request.header(*name, *value);
		}
		assert_eq!(request.send().await.unwrap().text().await.unwrap(), "thing");
		server.abort();
		let _ = server.await;
		provider.force_flush().unwrap();
		let spans = exporter.get_finished_spans().unwrap();
		spans.into_iter().filter(|it| it.name.starts_with("GET")).collect()
	}

	use std::future::IntoFuture;

	#[tokio::test]
	async fn a_request_belongs_to_the_trace_of_its_sender() {
		const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
		let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
		let spans = spans(&[("traceparent", &parent)]).await;
		assert_eq!(spans.len(), 1);
		assert_eq!(spans[0].name, "GET /things/{name}");
		assert_eq!(spans[0].span_context.trace_id(), TraceId::from_hex(TRACE).unwrap());
		assert_eq!(spans[0].parent_span_id, SpanId::from_hex("00f067aa0ba902b7").unwrap());
	}

	#[tokio::test]
	async fn one_without_a_trace_or_with_nonsense_begins_its_own() {
		for headers in [&[][..], &[("traceparent", "00-xyz-1-01")]] {
			let spans = spans(headers).await;
			assert_eq!(spans.len(), 1);
			assert_eq!(spans[0].parent_span_id, SpanId::INVALID);
		}
	}
}
