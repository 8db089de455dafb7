//! The Open Inference Protocol v2, with the extension for binary tensors.

use super::{
	body,
	failure::{Dialect, Failure},
	Api,
};
use crate::{
	gateway::{desk::Question, GatewayError},
	tensors::{BinaryOutputs, InferRequest, InferResponse, HEADER_LENGTH},
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
/// Bodies longer than this are read on a thread that may block.
const INLINE: usize = 256 << 10;

type Answer<T> = Result<T, Failure>;

fn failure(error: GatewayError) -> Failure {
	Failure(Dialect::V2, error)
}

pub async fn server() -> Json<Value> {
	Json(json!({
		"name": "usufruct-gateway",
		"version": env!("CARGO_PKG_VERSION"),
		"extensions": ["binary_tensor_data"],
	}))
}

pub async fn live() -> Json<Value> {
	Json(json!({ "live": true }))
}

pub async fn ready(State(api): State<Arc<Api>>) -> Response {
	let (market, seen) = api.gateway.market();
	readiness(match seen {
		None => Some("the chain was not read yet".into()),
		Some(seen) if seen.elapsed() > STALE => {
			Some(format!("the chain was last read at block {}, long ago", market.head))
		},
		Some(_) => None,
	})
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

fn number(version: &str) -> Answer<VersionId> {
	version.parse().map_err(|_| {
		failure(GatewayError::Question(format!("'{version}' is no version; versions are numbers")))
	})
}

pub async fn model(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer<Json<Value>> {
	metadata(&api, &name, None).await
}

pub async fn version(
	State(api): State<Arc<Api>>,
	Path((name, version)): Path<(String, String)>,
) -> Answer<Json<Value>> {
	metadata(&api, &name, Some(number(&version)?)).await
}

/// What an oracle says about a model's tensors; whose versions and name these are, the chain says.
async fn metadata(api: &Api, name: &str, version: Option<VersionId>) -> Answer<Json<Value>> {
	let said = api.gateway.read(name, version).await.map_err(failure)?;
	let said: Value = serde_json::from_slice(&said).map_err(|error| {
		failure(GatewayError::Internal(format!(
			"an oracle described the model unreadably: {error}"
		)))
	})?;
	let (market, _) = api.gateway.market();
	let found = market.find(name, version).map_err(failure)?;
	let of_model = market.offers.iter().filter(|it| it.model == found.model.model);
	let mut versions: Vec<VersionId> = of_model.map(|it| it.target.model_version).collect();
	versions.sort_unstable();
	versions.dedup();
	let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
	Ok(Json(json!({
		"name": name,
		"versions": versions,
		"platform": said["platform"],
		"inputs": said["inputs"],
		"outputs": said["outputs"],
	})))
}

pub async fn model_ready(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Response {
	is_ready(&api, &name, None)
}

pub async fn version_ready(
	State(api): State<Arc<Api>>,
	Path((name, version)): Path<(String, String)>,
) -> Response {
	match number(&version) {
		Ok(version) => is_ready(&api, &name, Some(version)),
		Err(failure) => failure.into_response(),
	}
}

fn is_ready(api: &Api, name: &str, version: Option<VersionId>) -> Response {
	match api.gateway.market().0.find(name, version) {
		Ok(_) => readiness(None),
		Err(error @ GatewayError::NotOffered { .. }) => readiness(Some(error.to_string())),
		Err(error) => failure(error).into_response(),
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
	let version = number(&version)?;
	answer(&api, name, Some(version), &headers, body).await
}

async fn answer(
	api: &Api,
	name: String,
	version: Option<VersionId>,
	headers: &HeaderMap,
	bytes: Result<Bytes, BytesRejection>,
) -> Answer<Response> {
	let bytes = body(api, bytes).map_err(failure)?;
	let length = json_length(headers).map_err(failure)?;
	let (request, binary) = read(bytes, length).await.map_err(failure)?;
	let InferRequest { id, inputs, outputs } = request;
	let question = Question { model: name.clone(), version, inputs, outputs };
	let answered = api.gateway.ask(question).await.map_err(failure)?;
	let body = InferResponse {
		model_name: name,
		model_version: Some(answered.version.to_string()),
		id,
		outputs: answered.answer.outputs,
	};
	// FP16 has no JSON form.
	let written = body.to_body(&binary);
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

async fn read(
	bytes: Bytes,
	length: Option<usize>,
) -> Result<(InferRequest, BinaryOutputs), GatewayError> {
	let parse = move |bytes: &[u8]| {
		InferRequest::from_body(bytes, length)
			.map_err(|error| GatewayError::Question(error.to_string()))
	};
	if bytes.len() <= INLINE {
		return parse(&bytes);
	}
	tokio::task::spawn_blocking(move || parse(&bytes))
		.await
		.map_err(|error| GatewayError::Internal(error.to_string()))?
}
