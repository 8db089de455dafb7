//! What a collector is told of a request, by the exporter that the oracle has.

use super::*;
use crate::{config::Telemetry, engine::Batching, telemetry, testing::alone::is_alone};
use axum::{body::Bytes, extract::State, routing::post};
use opentelemetry_proto::tonic::{
	collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message;
use std::collections::{BTreeMap, BTreeSet};

const TRACED: VersionId = 40;
const BROKEN: VersionId = 41;
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

type Received = Arc<Mutex<Vec<Span>>>;

async fn collect(State(received): State<Received>, body: Bytes) {
	let export = ExportTraceServiceRequest::decode(body).unwrap();
	let scopes = export.resource_spans.into_iter().flat_map(|it| it.scope_spans);
	received.lock().unwrap().extend(scopes.flat_map(|it| it.spans));
}

/// The values of a span's attributes of these names.
fn attributes<'a>(span: &'a Span, names: &[&'static str]) -> BTreeMap<&'static str, &'a Value> {
	let value = |name: &str| {
		let found = span.attributes.iter().find(|it| it.key == name)?;
		found.value.as_ref()?.value.as_ref()
	};
	names.iter().filter_map(|name| Some((*name, value(name)?))).collect()
}

fn text(text: &str) -> Value {
	Value::StringValue(text.into())
}

/// A model that is loaded once it is asked.
fn cold(
	name: &str,
	version: VersionId,
	load: impl Fn() -> Result<Pool, EngineError> + Send + Sync + 'static,
) -> Served {
	let home = Shelf::new(None).place(1, load);
	Served { home, ..model(name, version, Meter::Element, deadly_pool(Arc::default())) }
}

/// One that answers with its input, in runs that requests share.
fn traced() -> Served {
	let batching = Batching {
		rows: 8,
		tokens: None,
		tolerance: 1e-5,
		axes: BTreeMap::new(),
		common: BTreeSet::new(),
	};
	let options = PoolOptions {
		name: "traced".into(),
		version: TRACED,
		instances: 1,
		max_queue: 8,
		batching: Some(batching),
		..PoolOptions::default()
	};
	cold("traced", TRACED, move || Ok(ort_pool_with(onnx::identity(7), options.clone())))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_paid_request_waits_for_is_in_the_trace_of_its_sender() {
	// All threads trace to one collector.
	const ALONE: &str =
		"http::tests::traced::all_that_a_paid_request_waits_for_is_in_the_trace_of_its_sender";
	if !is_alone(ALONE) {
		return;
	}
	let received = Received::default();
	let collector =
		axum::Router::new().route("/v1/traces", post(collect)).with_state(Arc::clone(&received));
	let said = Telemetry {
		// What is not logged is traced all the same.
		log: Some("off".into()),
		otlp: Some(listen(collector).await),
		..Telemetry::default()
	};
	let traces = telemetry::start(&said).unwrap();
	let broken = cold("broken", BROKEN, || Err(EngineError::Load("no such file".into())));
	let server = Server::serving(vec![traced(), broken]).await;
	let mut consumer = server.consumer();
	let mut ask = |name, version| {
		let input = Tensor::from_elements("x", vec![3], &[4i64, 5, 6]).unwrap();
		paid(&mut consumer, name, version, Meter::Element, input)
	};
	let (paid, again, failing) =
		(ask("traced", TRACED), ask("traced", TRACED), ask("broken", BROKEN));
	let mut request = reqwest::Client::new()
		.post(format!("{}/v2/models/traced/infer", server.address))
		// Its sender would have it hidden, and decides nothing.
		.header("traceparent", format!("00-{TRACE}-{PARENT}-00"))
		.header("tracestate", "stranger=words")
		.json(&paid.body);
	for (name, value) in paid.headers.to_pairs() {
		request = request.header(name, value);
	}
	let answer = request.send().await.unwrap();
	assert_eq!(answer.status(), 200);
	answer.bytes().await.unwrap();
	let beside = listen(unpaid::router(Arc::clone(&server.app))).await;
	let request = reqwest::Client::new()
		.post(format!("{beside}/unpaid/v2/models/traced/infer"))
		.json(&again.body);
	let answer = request.send().await.unwrap();
	assert_eq!(answer.status(), 200);
	answer.bytes().await.unwrap();
	checked(&again, server.send(&again).await);
	assert_eq!(server.refused(&failing).await.kind, ProblemKind::NotReady);
	traces.flush().await;

	let trace = hex::decode(TRACE).unwrap();
	let all = std::mem::take(&mut *received.lock().unwrap());
	let (received, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.trace_id == trace);
	let told = || received.iter().map(|it| &it.name).collect::<Vec<_>>();
	let named = |name: &str| received.iter().filter(|it| it.name == name).collect::<Vec<_>>();
	let one = |name: &str| match &named(name)[..] {
		[span] => *span,
		spans => panic!("{} of {name} in {:?}", spans.len(), told()),
	};
	assert_eq!(received.len(), 6, "{:?}", told());
	assert!(received.iter().all(|it| it.trace_state.is_empty()));

	let whole = one("POST /v2/models/{name}/infer");
	assert_eq!(whole.parent_span_id, hex::decode(PARENT).unwrap());
	assert_eq!(whole.kind, 2, "a server's");
	let said = attributes(whole, &["http.request.method", "http.response.status_code"]);
	assert_eq!(
		said,
		[
			("http.request.method", &text("POST")),
			("http.response.status_code", &Value::IntValue(200))
		]
		.into()
	);

	let (load, infer) = (one("load"), one("infer"));
	let names = ["gen_ai.request.model", "usufruct.model.version", "error.type"];
	assert_eq!(attributes(load, &names), attributes(infer, &names));
	assert_eq!(
		attributes(infer, &names),
		[
			("gen_ai.request.model", &text("traced")),
			("usufruct.model.version", &Value::IntValue(TRACED.into()))
		]
		.into()
	);
	let (queue, run) = (one("queue"), one("run"));
	let names = ["usufruct.device", "usufruct.batch.requests", "usufruct.batch.rows"];
	assert_eq!(
		attributes(run, &names),
		[
			("usufruct.device", &text("CPU")),
			("usufruct.batch.requests", &Value::IntValue(1)),
			("usufruct.batch.rows", &Value::IntValue(3))
		]
		.into()
	);
	let commit = one("commit");

	for (child, parent) in
		[(load, whole), (infer, whole), (commit, whole), (queue, infer), (run, infer)]
	{
		assert_eq!(child.parent_span_id, parent.span_id, "{} in {}", child.name, parent.name);
		let within = parent.start_time_unix_nano <= child.start_time_unix_nano
			&& child.start_time_unix_nano <= child.end_time_unix_nano
			&& child.end_time_unix_nano <= parent.end_time_unix_nano;
		assert!(within, "{child:?} in {parent:?}");
	}
	for (first, then) in [(load, infer), (queue, run), (infer, commit)] {
		let in_order = first.end_time_unix_nano <= then.start_time_unix_nano;
		assert!(in_order, "{} before {}", first.name, then.name);
	}

	// What a measurement compares with the paid one has its span, too.
	let beside = others.iter().filter(|it| it.name == "POST /unpaid/v2/models/{name}/infer");
	assert_eq!(beside.count(), 1);

	// Nobody waits for one that is there, and of one that cannot be loaded is told why.
	let loads: Vec<_> = others.iter().filter(|it| it.name == "load").collect();
	let [load] = &loads[..] else { panic!("{loads:?}") };
	assert_eq!(
		attributes(load, &["gen_ai.request.model", "error.type"]),
		[("gen_ai.request.model", &text("broken")), ("error.type", &text("unloadable"))].into()
	);
}
