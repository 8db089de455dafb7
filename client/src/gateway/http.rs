//! What programs on this machine talk to: the Open Inference Protocol v2 and OpenAI's embeddings,
//! without anything about payment.
//!
//! | path | what |
//! |---|---|
//! | `GET /v2`, `/v2/health/live`, `/v2/health/ready` | the gateway |
//! | `GET /v2/models/{name}[/versions/{version}]`, `…/ready` | a model |
//! | `POST /v2/models/{name}[/versions/{version}]/infer` | a question, JSON or with binary tensors |
//! | `GET /v1/models`, `/v1/models/{name}` | what there is |
//! | `POST /v1/embeddings` | text to vectors, for models that take text |
//! | `GET /usufruct/status` | [`Status`](super::status::Status) |

mod failure;
mod guard;
mod openai;
mod v2;

pub use guard::{Access, AccessError};

use super::{Gateway, GatewayError};
use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, DefaultBodyLimit, State},
	http::{StatusCode, Uri},
	middleware,
	response::{IntoResponse, Response},
	routing::{get, post},
	Json, Router,
};
use failure::{Dialect, Failure};
use std::sync::Arc;

/// The most bytes of a question, if nothing else is said.
pub const BODY_LIMIT: usize = 32 << 20;

/// What all requests share.
struct Api {
	gateway: Arc<Gateway>,
	access: Access,
	body_limit: usize,
}

/// All routes.
pub fn router(gateway: Arc<Gateway>, access: Access, body_limit: usize) -> Router {
	let api = Arc::new(Api { gateway, access, body_limit });
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
	Failure(Dialect::of(uri.path()), GatewayError::NoSuchPath)
}

async fn status(State(api): State<Arc<Api>>) -> Response {
	match api.gateway.status().await {
		Ok(status) => Json(status).into_response(),
		Err(error) => Failure(Dialect::V2, error).into_response(),
	}
}

/// A body that was read, or why not.
fn body(api: &Api, body: Result<Bytes, BytesRejection>) -> Result<Bytes, GatewayError> {
	body.map_err(|rejection| match rejection.status() {
		StatusCode::PAYLOAD_TOO_LARGE => GatewayError::TooLong(api.body_limit),
		_ => GatewayError::Question(rejection.body_text()),
	})
}
