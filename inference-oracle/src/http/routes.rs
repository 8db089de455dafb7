//! The endpoints that tell about the server and its models, and the router.

use super::{app::App, catalogue::Served, openai, problem::Refused, status, trace, v2};
use crate::{
	engine::{Port, Signature},
	grpc,
};
use axum::{
	extract::{Path, State},
	http::{header, StatusCode},
	response::{IntoResponse, Response},
	routing::{get, post},
	Json, Router,
};
use serde_json::{json, Value};
use std::sync::Arc;
use usufruct_client::oracle_api::ProblemKind;
use usufruct_primitives::VersionId;

/// All routes.
pub fn router(app: Arc<App>) -> Router {
	Router::new()
		.route("/", get(status::page))
		.route("/v2", get(server))
		.route("/v2/health/live", get(live))
		.route("/v2/health/ready", get(ready))
		.route("/v2/models/{name}", get(model))
		.route("/v2/models/{name}/ready", get(model_ready))
		.route("/v2/models/{name}/infer", post(v2::infer))
		.route("/v2/models/{name}/versions/{version}", get(version))
		.route("/v2/models/{name}/versions/{version}/ready", get(version_ready))
		.route("/v2/models/{name}/versions/{version}/infer", post(v2::infer_version))
		.route("/v2/models/{name}/versions/{version}/files/{sha256}", get(file))
		.route("/v2/profiles/{hash}", get(profile))
		.route("/v1/models", get(openai::models))
		.route("/v1/embeddings", post(openai::create))
		.route(grpc::INFER, post(grpc::infer))
		.route(grpc::PATH, grpc::calls(Arc::clone(&app)))
		.route("/metrics", get(metrics))
		.fallback(nothing)
		.layer(axum::middleware::from_fn(trace::span))
		.with_state(app)
}

/// The served model of a path. Without a version that is the newest that can be paid for: one that has no ask
/// yet, or was taken back, does not stand in the way of the one before it.
pub(crate) fn find(app: &App, name: &str, version: Option<&str>) -> Result<Arc<Served>, Refused> {
	let missing = || {
		let version = version.map(|it| format!(" version {it}")).unwrap_or_default();
		unknown(app, &format!("'{name}'{version}"))
	};
	let number = version.map(str::parse::<VersionId>).transpose().map_err(|_| missing())?;
	let found = match number {
		Some(number) => app.catalogue.find(name, number),
		None => app.catalogue.newest(name, |version| app.offers(version)),
	};
	found.ok_or_else(missing)
}

/// That is not served; says what is.
pub(super) fn unknown(app: &App, what: &str) -> Refused {
	let served = app.catalogue.served();
	let names: Vec<_> =
		served.iter().map(|it| format!("{} (version {})", it.name, it.version)).collect();
	let detail = format!("{what} is not served here; there is {}", names.join(", "));
	Refused::new(ProblemKind::ModelUnknown, detail)
}

async fn nothing() -> Refused {
	Refused::new(
		ProblemKind::ModelUnknown,
		"there is nothing at this path; GET /v2 tells what is served",
	)
}

async fn live() -> Json<Value> {
	Json(json!({ "live": true }))
}

async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Value>) {
	readiness(why_not_ready(&app))
}

/// Why nothing new is served now; `None` if it is.
pub(crate) fn why_not_ready(app: &App) -> Option<&'static str> {
	app.not_ready().or(paused(app))
}

/// Stored answers are given all the same.
fn paused(app: &App) -> Option<&'static str> {
	app.ledger.paused().then_some("too little of the oracle's bond is spare; use another one")
}

fn readiness(why: Option<&str>) -> (StatusCode, Json<Value>) {
	match why {
		None => (StatusCode::OK, Json(json!({ "ready": true }))),
		Some(why) => {
			(StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ready": false, "error": why })))
		},
	}
}

/// The platform of every model.
pub(crate) const PLATFORM: &str = "onnx_onnxv1";

/// What is served beyond the protocol itself.
pub(crate) const EXTENSIONS: [&str; 2] = ["binary_tensor_data", "usufruct_vouchers"];

async fn server(State(app): State<Arc<App>>) -> Json<Value> {
	Json(json!({
		"name": "usufruct-oracle",
		"version": env!("CARGO_PKG_VERSION"),
		"extensions": EXTENSIONS,
		"usufruct": {
			"genesis": hex::encode(app.identity.genesis),
			"oracle": hex::encode(app.identity.oracle),
			"receipt_key": hex::encode(app.identity.receipt_key),
			"finalised_block": app.heads.borrow().standing.head,
			"models": app.catalogue.served().iter().map(|it| json!({ "name": it.name, "version": it.version }))
				.collect::<Vec<_>>(),
		},
	}))
}

async fn model(
	State(app): State<Arc<App>>,
	Path(name): Path<String>,
) -> Result<Json<Value>, Refused> {
	find(&app, &name, None).map(|served| metadata(&app, &served))
}

async fn version(
	State(app): State<Arc<App>>,
	Path((name, version)): Path<(String, String)>,
) -> Result<Json<Value>, Refused> {
	find(&app, &name, Some(&version)).map(|served| metadata(&app, &served))
}

/// The versions of its name that are served.
pub(crate) fn versions(app: &App, served: &Served) -> Vec<String> {
	let same = app.catalogue.served();
	let same = same.iter().filter(|it| it.name == served.name);
	same.map(|it| it.version.to_string()).collect()
}

fn metadata(app: &App, served: &Served) -> Json<Value> {
	let versions = versions(app, served);
	// One that was never asked for is not loaded because somebody looks at it.
	let Signature { inputs, outputs } = served.home.signature().unwrap_or_default();
	let loaded = served.home.loaded();
	let known = loaded.as_ref().map(|pool| pool.known());
	let offer = app.offer(served.version, Ok(()));
	Json(json!({
		"name": served.name,
		"versions": versions,
		"platform": PLATFORM,
		"inputs": inputs.iter().map(port).collect::<Vec<_>>(),
		"outputs": outputs.iter().map(port).collect::<Vec<_>>(),
		"usufruct": {
			"model": served.model,
			"model_version": served.version,
			"meter": served.meter,
			"unit_price": offer.ask.map(|price| price.to_string()),
			"open": offer.open,
			"sha256": hex::encode(served.manifest),
			"licence": served.licence,
			"loaded": loaded.is_some(),
			"provider": known.map(|it| &it.profile.provider),
			"profile": known.map(|it| &it.profile),
			"profile_hash": known.map(|it| hex::encode(it.hash)),
			"text": served.text.as_ref().map(|text| {
				let description = text.description();
				json!({
					"tokenizer": hex::encode(description.tokenizer),
					"max_tokens": description.max_tokens,
					"embedding": description.embedding,
				})
			}),
		},
	}))
}

fn port(port: &Port) -> Value {
	let shape: Vec<_> =
		port.shape.iter().map(|dim| dim.map_or(json!(-1), |dim| json!(dim))).collect();
	json!({ "name": port.name, "datatype": port.datatype.name(), "shape": shape })
}

async fn model_ready(State(app): State<Arc<App>>, Path(name): Path<String>) -> Response {
	served_ready(&app, find(&app, &name, None))
}

async fn version_ready(
	State(app): State<Arc<App>>,
	Path((name, version)): Path<(String, String)>,
) -> Response {
	served_ready(&app, find(&app, &name, Some(&version)))
}

fn served_ready(app: &App, served: Result<Arc<Served>, Refused>) -> Response {
	let served = match served {
		Ok(served) => served,
		Err(refused) => return refused.into_response(),
	};
	readiness(why_not_served(app, &served)).into_response()
}

/// Why no new request for a version is served now; `None` if it is.
pub(crate) fn why_not_served(app: &App, served: &Served) -> Option<&'static str> {
	let offer = app.offer(served.version, Ok(()));
	why_not_ready(app).or(match offer {
		_ if !offer.open => Some("the version is deprecated on the chain"),
		_ if offer.ask.is_none() => Some("the oracle has no ask for this version"),
		_ => None,
	})
}

/// A registered document of a version, by its hash: what a consumer needs to count as the oracle does.
/// Whoever takes it compares the hash.
async fn file(
	State(app): State<Arc<App>>,
	Path((name, version, sha256)): Path<(String, String, String)>,
) -> Result<Vec<u8>, Refused> {
	let served = find(&app, &name, Some(&version))?;
	let mut hash = [0; 32];
	let text = hex::decode_to_slice(&sha256, &mut hash).ok().and(served.text.as_ref());
	let file = text.and_then(|text| text.file(&hash));
	file.map(<[u8]>::to_vec).ok_or_else(|| {
		Refused::new(ProblemKind::ModelUnknown, format!("'{name}' has no file {sha256}"))
	})
}

/// How an answer was run, by the hash that came with it, whether or not its model is there any more. It is the
/// text that was hashed.
async fn profile(
	State(app): State<Arc<App>>,
	Path(text): Path<String>,
) -> Result<Response, Refused> {
	let mut hash = [0; 32];
	hex::decode_to_slice(&text, &mut hash).map_err(|_| {
		Refused::new(
			ProblemKind::PathMalformed,
			"the hash of a profile has 64 hex digits: give it as it came in usufruct-profile",
		)
	})?;
	let json = app.ledger.profile(&hash).ok_or_else(|| {
		Refused::new(
			ProblemKind::ProfileUnknown,
			"this oracle's log has no profile of that hash: ask the oracle whose answer named it",
		)
	})?;
	Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
	let text = app.metrics.text(&app.ledger, &app.catalogue.served());
	let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	([(header::CONTENT_TYPE, form)], text).into_response()
}
