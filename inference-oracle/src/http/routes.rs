//! The endpoints that tell about the server and its models, and the router.

use super::{
	app::{App, Served},
	infer,
	problem::Refused,
	status, trace,
};
use crate::engine::Port;
use axum::{
	extract::{DefaultBodyLimit, Path, State},
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
	let limit = app.body_limit;
	Router::new()
		.route("/", get(status::page))
		.route("/v2", get(server))
		.route("/v2/health/live", get(live))
		.route("/v2/health/ready", get(ready))
		.route("/v2/models/{name}", get(model))
		.route("/v2/models/{name}/ready", get(model_ready))
		.route("/v2/models/{name}/infer", post(infer::infer))
		.route("/v2/models/{name}/versions/{version}", get(version))
		.route("/v2/models/{name}/versions/{version}/ready", get(version_ready))
		.route("/v2/models/{name}/versions/{version}/infer", post(infer::infer_version))
		.route("/metrics", get(metrics))
		.fallback(nothing)
		.layer(DefaultBodyLimit::max(limit))
		.layer(axum::middleware::from_fn(trace::span))
		.with_state(app)
}

/// The served model of a path.
pub(super) fn find<'a>(
	app: &'a App,
	name: &str,
	version: Option<&str>,
) -> Result<&'a Served, Refused> {
	let unknown = || {
		let names: Vec<_> =
			app.models.iter().map(|it| format!("{} (version {})", it.name, it.version)).collect();
		let version = version.map(|it| format!(" version {it}")).unwrap_or_default();
		Refused::new(
			ProblemKind::ModelUnknown,
			format!("'{name}'{version} is not served here; there is {}", names.join(", ")),
		)
	};
	let number = version.map(str::parse::<VersionId>).transpose().map_err(|_| unknown())?;
	app.served(name, number).ok_or_else(unknown)
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
	readiness(app.not_ready().or(paused(&app)))
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

async fn server(State(app): State<Arc<App>>) -> Json<Value> {
	Json(json!({
		"name": "usufruct-oracle",
		"version": env!("CARGO_PKG_VERSION"),
		"extensions": ["usufruct_vouchers"],
		"usufruct": {
			"genesis": hex::encode(app.identity.genesis),
			"oracle": hex::encode(app.identity.oracle),
			"receipt_key": hex::encode(app.identity.receipt_key),
			"finalised_block": app.heads.borrow().standing.head,
			"models": app.models.iter().map(|it| json!({ "name": it.name, "version": it.version }))
				.collect::<Vec<_>>(),
		},
	}))
}

async fn model(
	State(app): State<Arc<App>>,
	Path(name): Path<String>,
) -> Result<Json<Value>, Refused> {
	find(&app, &name, None).map(|served| metadata(&app, served))
}

async fn version(
	State(app): State<Arc<App>>,
	Path((name, version)): Path<(String, String)>,
) -> Result<Json<Value>, Refused> {
	find(&app, &name, Some(&version)).map(|served| metadata(&app, served))
}

fn metadata(app: &App, served: &Served) -> Json<Value> {
	let versions: Vec<_> = app
		.models
		.iter()
		.filter(|it| it.name == served.name)
		.map(|it| it.version.to_string())
		.collect();
	let signature = served.pool.signature();
	let offer = app.offer(served.version, true);
	Json(json!({
		"name": served.name,
		"versions": versions,
		"platform": "onnx_onnxv1",
		"inputs": signature.inputs.iter().map(port).collect::<Vec<_>>(),
		"outputs": signature.outputs.iter().map(port).collect::<Vec<_>>(),
		"usufruct": {
			"model": served.model,
			"model_version": served.version,
			"meter": served.meter,
			"unit_price": offer.ask.map(|price| price.to_string()),
			"open": offer.open,
			"sha256": hex::encode(served.manifest),
			"licence": served.licence,
			"provider": served.provider,
			"profile": served.profile,
			"profile_hash": hex::encode(served.profile.hash()),
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

fn served_ready(app: &App, served: Result<&Served, Refused>) -> Response {
	let served = match served {
		Ok(served) => served,
		Err(refused) => return refused.into_response(),
	};
	let offer = app.offer(served.version, true);
	let why = app.not_ready().or(paused(app)).or(match offer {
		_ if !offer.open => Some("the version is deprecated on the chain"),
		_ if offer.ask.is_none() => Some("the oracle has no ask for this version"),
		_ => None,
	});
	readiness(why).into_response()
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
	let text = app.metrics.text(&app.ledger, &app.models);
	let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
	([(header::CONTENT_TYPE, form)], text).into_response()
}
