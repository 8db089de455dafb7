//! `POST /v2/models/{name}/infer`: the Open Inference Protocol, its data in the JSON or after it.

use super::{
	answer,
	app::App,
	body::Asked,
	catalogue::Served,
	infer::{self, Encoded, Named},
	problem::Refused,
	sending::holding,
	x402,
};
use axum::{
	extract::{Path, State},
	http::{HeaderMap, HeaderValue},
	response::{IntoResponse, Response},
};
use std::sync::Arc;
use usufruct_client::{
	oracle_api::ProblemKind,
	tensors::{BinaryOutputs, InferRequest, HEADER_LENGTH},
};

/// The newest version of a name that is offered.
pub async fn infer(
	State(app): State<Arc<App>>,
	Path(name): Path<String>,
	asked: Asked,
) -> Response {
	respond(app, name, None, asked).await
}

/// That version.
pub async fn infer_version(
	State(app): State<Arc<App>>,
	Path((name, version)): Path<(String, String)>,
	asked: Asked,
) -> Response {
	respond(app, name, Some(version), asked).await
}

async fn respond(
	app: Arc<App>,
	name: String,
	version: Option<String>,
	Asked { head, mut body }: Asked,
) -> Response {
	let headers = &head.headers;
	let get = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
	let named = Named::InPath(&name, version.as_deref());
	let answered = infer::infer(&app, named, get, &mut body, V2::of(headers)).await;
	body.leave().await;
	let answered = answered.and_then(|(answered, binary)| {
		let response = answer::tensors(&answered, &binary)?;
		Ok(holding(response, answered.held))
	});
	x402::told(&app, &head.uri, headers, answered, IntoResponse::into_response)
}

/// A body with what the headers say of it.
pub(super) struct V2 {
	/// How long its JSON is, if that is said.
	json_length: Option<String>,
}

impl V2 {
	pub fn of(headers: &HeaderMap) -> Self {
		let length = headers.get(HEADER_LENGTH).and_then(|value| value.to_str().ok());
		Self { json_length: length.map(str::to_owned) }
	}
}

impl Encoded for V2 {
	type Message = (InferRequest, BinaryOutputs);
	type Form = BinaryOutputs;

	fn parse(self, body: &[u8]) -> Result<Self::Message, Refused> {
		let length = self.json_length.map(|said| said.trim().parse::<usize>()).transpose();
		let length = length.map_err(|_| {
			let detail =
				format!("{HEADER_LENGTH} must be the length of the body's JSON, in decimal");
			Refused::new(ProblemKind::BodyMalformed, detail)
		})?;
		Ok(InferRequest::from_body(body, length)?)
	}

	fn request(
		message: Self::Message,
		_served: &Served,
	) -> Result<(InferRequest, BinaryOutputs), Refused> {
		Ok(message)
	}
}
