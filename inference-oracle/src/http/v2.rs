//! `POST /v2/models/{name}/infer`: the Open Inference Protocol, its data in the JSON or after it.

use super::{
	answer,
	app::App,
	catalogue::Served,
	infer::{self, away, Encoded, INLINE},
	problem::Refused,
	x402,
};
use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, Path, State},
	http::{header, HeaderMap, HeaderValue, StatusCode, Uri},
	response::{IntoResponse, Response},
};
use std::sync::Arc;
use usufruct_client::{
	oracle_api::ProblemKind,
	tensors::{BinaryOutputs, InferRequest, HEADER_LENGTH},
};

/// The newest version of a name.
pub async fn infer(
	State(app): State<Arc<App>>,
	Path(name): Path<String>,
	uri: Uri,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Response {
	respond(app, name, None, uri, headers, body).await
}

/// That version.
pub async fn infer_version(
	State(app): State<Arc<App>>,
	Path((name, version)): Path<(String, String)>,
	uri: Uri,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Response {
	respond(app, name, Some(version), uri, headers, body).await
}

async fn respond(
	app: Arc<App>,
	name: String,
	version: Option<String>,
	uri: Uri,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Response {
	let get = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
	let body = self::body(&app, &headers, body);
	let answered = infer::infer(&app, &name, version.as_deref(), get, body).await;
	let answered = answered.and_then(|(answered, binary)| answer::tensors(&answered, &binary));
	x402::told(&app, &uri, &headers, answered, IntoResponse::into_response)
}

/// A body with what the headers say of it.
pub(super) fn body(
	app: &App,
	headers: &HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> impl Encoded<Form = BinaryOutputs> {
	let length = headers.get(HEADER_LENGTH).and_then(|value| value.to_str().ok());
	V2 { json_length: length.map(str::to_owned), body: whole(app, headers, body) }
}

/// The bytes of a body that can be read at all.
pub fn whole(
	app: &App,
	headers: &HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Result<Bytes, Refused> {
	if headers.get(header::CONTENT_ENCODING).is_some_and(|it| it != "identity") {
		let detail = "compressed bodies are not taken; send it as it is";
		return Err(Refused::new(ProblemKind::BodyMalformed, detail));
	}
	body.map_err(|rejection| match rejection.status() {
		StatusCode::PAYLOAD_TOO_LARGE => Refused::new(
			ProblemKind::BodyTooLarge,
			format!(
				"the body may have {} bytes at most; send less in one request",
				app.limits.body
			),
		),
		_ => Refused::new(ProblemKind::BodyMalformed, rejection.body_text()),
	})
}

struct V2 {
	/// What the header says, if it is there.
	json_length: Option<String>,
	body: Result<Bytes, Refused>,
}

impl Encoded for V2 {
	type Form = BinaryOutputs;

	async fn read(self, _served: &Served) -> Result<(InferRequest, BinaryOutputs), Refused> {
		let body = self.body?;
		let length = self.json_length.map(|said| said.trim().parse::<usize>()).transpose();
		let length = length.map_err(|_| {
			let detail =
				format!("{HEADER_LENGTH} must be the length of the body's JSON, in decimal");
			Refused::new(ProblemKind::BodyMalformed, detail)
		})?;
		away(body.len() > INLINE, move || Ok(InferRequest::from_body(&body, length)?)).await
	}
}
