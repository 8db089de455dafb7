//! `POST /v2/models/{name}/infer`: the Open Inference Protocol, its data in the JSON or after it.

use super::{
	answer,
	app::App,
	body::Unread,
	catalogue::Served,
	infer::{self, away, Encoded, INLINE},
	problem::Refused,
	x402,
};
use axum::{
	extract::{Path, State},
	http::{HeaderMap, HeaderValue, Uri},
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
	body: Unread,
) -> Response {
	respond(app, name, None, uri, headers, body).await
}

/// That version.
pub async fn infer_version(
	State(app): State<Arc<App>>,
	Path((name, version)): Path<(String, String)>,
	uri: Uri,
	headers: HeaderMap,
	body: Unread,
) -> Response {
	respond(app, name, Some(version), uri, headers, body).await
}

async fn respond(
	app: Arc<App>,
	name: String,
	version: Option<String>,
	uri: Uri,
	headers: HeaderMap,
	mut body: Unread,
) -> Response {
	let get = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
	let asked = self::body(&headers, &mut body);
	let answered = infer::infer(&app, &name, version.as_deref(), get, asked).await;
	body.leave().await;
	let answered = answered.and_then(|(answered, binary)| answer::tensors(&answered, &binary));
	x402::told(&app, &uri, &headers, answered, IntoResponse::into_response)
}

/// A body with what the headers say of it.
pub(super) fn body<'a>(
	headers: &HeaderMap,
	body: &'a mut Unread,
) -> impl Encoded<Form = BinaryOutputs> + 'a {
	let length = headers.get(HEADER_LENGTH).and_then(|value| value.to_str().ok());
	V2 { json_length: length.map(str::to_owned), body }
}

struct V2<'a> {
	/// What the header says, if it is there.
	json_length: Option<String>,
	body: &'a mut Unread,
}

impl Encoded for V2<'_> {
	type Form = BinaryOutputs;

	async fn read(self, _served: &Served) -> Result<(InferRequest, BinaryOutputs), Refused> {
		let body = self.body.read().await?;
		let length = self.json_length.map(|said| said.trim().parse::<usize>()).transpose();
		let length = length.map_err(|_| {
			let detail =
				format!("{HEADER_LENGTH} must be the length of the body's JSON, in decimal");
			Refused::new(ProblemKind::BodyMalformed, detail)
		})?;
		away(body.len() > INLINE, move || Ok(InferRequest::from_body(&body, length)?)).await
	}
}
