//! The Open Inference Protocol v2, with the extension for binary tensors.

use super::{
	asked, body,
	failure::{Dialect, Failure},
	number, Api,
};
use crate::{
	gateway::{describe::Description, GatewayError},
	oracle_api::TraceContext,
	tensors::{InferRequest, HEADER_LENGTH},
};
use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, Path, State},
	http::{header, HeaderMap, HeaderName, HeaderValue, StatusCode},
	response::{IntoResponse, Response},
	Json,
};
use serde_json::{json, Value};
use std::{sync::Arc, time::Duration};
use usufruct_primitives::VersionId;

/// How long the chain may be away before the gateway says that it is not ready.
const STALE: Duration = Duration::from_secs(600);
/// What the gateway is called.
pub const NAME: &str = "usufruct-gateway";

type Answer<T> = Result<T, Failure>;

fn failure(error: GatewayError) -> Failure {
	Failure(Dialect::V2, error)
}

pub async fn server() -> Json<Value> {
	Json(json!({
		"name": NAME,
		"version": env!("CARGO_PKG_VERSION"),
		"extensions": ["binary_tensor_data", "model_configuration", "statistics"],
	}))
}

pub async fn live() -> Json<Value> {
	Json(json!({ "live": true }))
}

pub async fn ready(State(api): State<Arc<Api>>) -> Response {
	readiness(why_not_ready(&api))
}

/// Why the gateway cannot be asked now.
pub fn why_not_ready(api: &Api) -> Option<String> {
	let (market, seen) = api.gateway.market();
	match seen {
		None => Some("the chain was not read yet".into()),
		Some(seen) if seen.elapsed() > STALE => {
			Some(format!("the chain was last read at block {}, long ago", market.head))
		},
		Some(_) => None,
	}
}

fn readiness(why: Option<String>) -> Response {
	match why {
		None => (StatusCode::OK, Json(json!({ "ready": true }))).into_response(),
		Some(why) => {
			let body = json!({ "ready": false, "error": why });
			(StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
		},
	}
}

pub async fn model(
	State(api): State<Arc<Api>>,
	Path(name): Path<String>,
) -> Answer<Json<Description>> {
	api.gateway.describe(&name, None).await.map(Json).map_err(failure)
}

pub async fn version(
	State(api): State<Arc<Api>>,
	Path((name, version)): Path<(String, String)>,
) -> Answer<Json<Description>> {
	let version = number(&version).map_err(failure)?;
	api.gateway.describe(&name, Some(version)).await.map(Json).map_err(failure)
}

pub async fn model_ready(
	State(api): State<Arc<Api>>,
	Path(name): Path<String>,
) -> Answer<Response> {
	why_not_offered(&api, &name, None).map(readiness).map_err(failure)
}

pub async fn version_ready(
	State(api): State<Arc<Api>>,
	Path((name, version)): Path<(String, String)>,
) -> Answer<Response> {
	let version = number(&version).map_err(failure)?;
	why_not_offered(&api, &name, Some(version)).map(readiness).map_err(failure)
}

/// Why a model that there is cannot be asked now.
pub fn why_not_offered(
	api: &Api,
	name: &str,
	version: Option<VersionId>,
) -> Result<Option<String>, GatewayError> {
	match api.gateway.market().0.find(name, version) {
		Ok(_) => Ok(None),
		Err(error @ GatewayError::NotOffered { .. }) => Ok(Some(error.to_string())),
		Err(error) => Err(error),
	}
}

pub async fn infer(
	State(api): State<Arc<Api>>,
	Path(name): Path<String>,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Answer<Response> {
	answer(&api, name, None, &headers, body).await
}

pub async fn infer_version(
	State(api): State<Arc<Api>>,
	Path((name, version)): Path<(String, String)>,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Answer<Response> {
	let version = number(&version).map_err(failure)?;
	answer(&api, name, Some(version), &headers, body).await
}

async fn answer(
	api: &Api,
	name: String,
	version: Option<VersionId>,
	headers: &HeaderMap,
	bytes: Result<Bytes, BytesRejection>,
) -> Answer<Response> {
	let body = body(api, headers, bytes).await.map_err(failure)?;
	let length = json_length(headers).map_err(failure)?;
	let read = api.room.parse(body, move |bytes| {
		InferRequest::from_body(bytes, length)
			.map_err(|error| GatewayError::Question(error.to_string()))
	});
	let (request, binary) = read.await.map_err(failure)?;
	let trace = TraceContext::read(headers);
	let answered = asked(api, name, version, request, trace).await.map_err(failure)?;
	// FP16 has no JSON form.
	let written = answered.to_body(&binary);
	let (bytes, length) = written.map_err(|error| {
		failure(GatewayError::Unsupported(format!("{error}; ask for binary output")))
	})?;
	let mut response = bytes.into_response();
	let headers = response.headers_mut();
	let form = match length {
		None => "application/json",
		Some(length) => {
			headers.insert(HeaderName::from_static(HEADER_LENGTH), HeaderValue::from(length));
			"application/octet-stream"
		},
	};
	headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form));
	Ok(response)
}

fn json_length(headers: &HeaderMap) -> Result<Option<usize>, GatewayError> {
	let Some(value) = headers.get(HEADER_LENGTH) else { return Ok(None) };
	let length = value.to_str().ok().and_then(|text| text.trim().parse().ok());
	let wrong = || GatewayError::Question(format!("{HEADER_LENGTH} is no number of bytes"));
	length.ok_or_else(wrong).map(Some)
}
