//! What programs on this machine talk to: the Open Inference Protocol v2, over REST and gRPC, and OpenAI's
//! embeddings, without anything about payment.
//!
//! | path | what |
//! |---|---|
//! | `GET /v2`, `/v2/health/live`, `/v2/health/ready` | the gateway |
//! | `GET /v2/models/{name}[/versions/{version}]`, `…/ready` | a model |
//! | `GET /v2/models/{name}[/versions/{version}]/config`, `…/stats`, `GET /v2/models/stats` | the same as Triton has it, and what became of questions |
//! | `POST /v2/models/{name}[/versions/{version}]/infer` | a question, JSON or with binary tensors |
//! | `POST /inference.GRPCInferenceService/{call}` | the protocol over gRPC |
//! | `GET /v1/models`, `/v1/models/{name}` | what there is |
//! | `POST /v1/embeddings` | text to vectors, for models that take text |
//! | `GET /usufruct/status` | [`Status`](super::status::Status) |

mod coding;
mod failure;
mod grpc;
mod guard;
mod openai;
mod room;
mod triton;
mod v2;

pub use guard::{Access, AccessError};

#[cfg(test)]
pub(super) use coding::tests as packed;

use super::{desk::Question, Gateway, GatewayError};
use crate::{
	oracle_api::TraceContext,
	tensors::{InferRequest, InferResponse},
};
use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, DefaultBodyLimit, State},
	http::{header::CONTENT_ENCODING, HeaderMap, StatusCode, Uri},
	middleware,
	response::{IntoResponse, Response},
	routing::{get, post},
	Json, Router,
};
use coding::Coding;
use failure::{Dialect, Failure};
use room::{Body, Room};
use std::sync::Arc;
use usufruct_primitives::VersionId;

/// The most bytes of a question, if nothing else is said.
pub const BODY_LIMIT: usize = 32 << 20;

/// What all requests share.
struct Api {
	gateway: Arc<Gateway>,
	access: Access,
	body_limit: usize,
	room: Room,
}

/// All routes.
pub fn router(gateway: Arc<Gateway>, access: Access, body_limit: usize) -> Router {
	let api = Arc::new(Api { gateway, access, body_limit, room: Room::new(body_limit) });
	Router::new()
		.route("/v2", get(v2::server))
		.route("/v2/health/live", get(v2::live))
		.route("/v2/health/ready", get(v2::ready))
		.route("/v2/models/{name}", get(v2::model))
		.route("/v2/models/{name}/ready", get(v2::model_ready))
		.route("/v2/models/{name}/infer", post(v2::infer))
		.route("/v2/models/{name}/versions/{version}", get(v2::version))
		.route("/v2/models/{name}/versions/{version}/ready", get(v2::version_ready))
		.route("/v2/models/{name}/versions/{version}/infer", post(v2::infer_version))
		.route("/v2/models/stats", get(triton::all_stats))
		.route("/v2/models/{name}/config", get(triton::config))
		.route("/v2/models/{name}/stats", get(triton::stats_of_model))
		.route("/v2/models/{name}/versions/{version}/config", get(triton::version_config))
		.route("/v2/models/{name}/versions/{version}/stats", get(triton::stats_of_version))
		.merge(grpc::calls(body_limit))
		.route("/v1/models", get(openai::models))
		.route("/v1/models/{name}", get(openai::model))
		.route("/v1/embeddings", post(openai::embeddings))
		.route("/usufruct/status", get(status))
		.fallback(nothing)
		.layer(DefaultBodyLimit::max(body_limit))
		.layer(middleware::from_fn_with_state(api.clone(), guard::check))
		.with_state(api)
}

async fn nothing(uri: Uri) -> Failure {
	let (path, dialect) = (uri.path(), Dialect::of(uri.path()));
	let error = match dialect {
		Dialect::Grpc => {
			let call = path.strip_prefix(grpc::SERVICE).unwrap_or(path);
			GatewayError::Unsupported(format!(
				"the gateway has no call {call}; it has those of the Open Inference Protocol, but for loading \
				 models and unloading them, and ModelConfig and ModelStatistics"
			))
		},
		Dialect::V1 | Dialect::V2 => triton::elsewhere(path).unwrap_or(GatewayError::NoSuchPath),
	};
	Failure(dialect, error)
}

async fn status(State(api): State<Arc<Api>>) -> Response {
	match api.gateway.status().await {
		Ok(status) => Json(status).into_response(),
		Err(error) => Failure(Dialect::V2, error).into_response(),
	}
}

/// A body of so many bytes at most that was read, or why not.
fn whole(body: Result<Bytes, BytesRejection>, limit: usize) -> Result<Bytes, GatewayError> {
	body.map_err(|rejection| match rejection.status() {
		StatusCode::PAYLOAD_TOO_LARGE => GatewayError::TooLong(limit),
		_ => GatewayError::Question(rejection.body_text()),
	})
}

/// A body as long as any may be, unpacked if it is compressed.
async fn body(
	api: &Api,
	headers: &HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Result<Body, GatewayError> {
	let coding = Coding::said(headers, &CONTENT_ENCODING)?;
	let limit = api.body_limit;
	api.room.unpack(coding, whole(body, limit)?, limit).await
}

/// A version that is named.
fn number(version: &str) -> Result<VersionId, GatewayError> {
	let wrong =
		|_| GatewayError::Question(format!("'{version}' is no version; versions are numbers"));
	version.parse().map_err(wrong)
}

/// What comes of a request.
async fn asked(
	api: &Api,
	name: String,
	version: Option<VersionId>,
	request: InferRequest,
	trace: Option<TraceContext>,
) -> Result<InferResponse, GatewayError> {
	let InferRequest { id, inputs, outputs } = request;
	let question = Question { model: name.clone(), version, inputs, outputs, tokens: None, trace };
	let answered = api.gateway.ask(question).await?;
	Ok(InferResponse {
		model_name: name,
		model_version: Some(answered.version.to_string()),
		id,
		outputs: answered.answer.outputs,
	})
}
