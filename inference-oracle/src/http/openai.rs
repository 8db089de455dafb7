//! `POST /v1/embeddings` and `GET /v1/models`: OpenAI's interface to versions that embed text, paid with
//! the same headers.
//!
//! Texts are the tensor `text` of the Open Inference Protocol and tokens are the model's own tensors: a
//! request commits to those, and its answer to the model's output.

use super::{
	answer,
	app::App,
	body::{Asked, Unread},
	catalogue::Served,
	infer::{self, Encoded, Named},
	problem::Refused,
	sending::holding,
	x402,
};
use crate::engine::Signature;
use axum::{
	extract::State,
	http::{HeaderMap, HeaderValue},
	response::Response,
	Json,
};
use serde_json::{json, Value};
use std::sync::Arc;
use usufruct_client::{
	openai::{list, vectors, Encoding, Request},
	oracle_api::ProblemKind,
	tensors::{InferRequest, RequestedOutput},
	text::Text,
};

/// The versions that embed text.
pub async fn models(State(app): State<Arc<App>>) -> Json<Value> {
	let served = app.catalogue.served();
	let models = served.iter().filter(|it| embedding(it).is_some());
	Json(json!({
		"object": "list",
		"data": models
			.map(|it| json!({
				"id": it.name,
				"object": "model",
				"created": 0,
				"owned_by": hex::encode(app.identity.oracle),
			}))
			.collect::<Vec<_>>(),
	}))
}

/// One paid request.
pub async fn create(State(app): State<Arc<App>>, Asked { head, mut body }: Asked) -> Response {
	let answered = respond(&app, &head.headers, &mut body).await;
	body.leave().await;
	x402::told(&app, &head.uri, &head.headers, answered, Refused::into_openai)
}

async fn respond(
	app: &Arc<App>,
	headers: &HeaderMap,
	body: &mut Unread,
) -> Result<Response, Refused> {
	let get = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
	let (answered, form) = infer::infer(app, Named::InBody, get, body, Embeddings).await?;
	let vectors = vectors(&answered.response.outputs, &form.output).ok_or_else(|| {
		// Checked when the model was loaded; but the request may have been answered before, when
		// another output was asked for.
		let detail =
			format!("the answer that is kept has no '{}'; draw a new request id", form.output);
		Refused::new(ProblemKind::RequestIdTaken, detail).with_receipt(answered.receipt.clone())
	})?;
	let tokens = answered.tokens.unwrap_or(0);
	let list = list(&answered.response.model_name, &vectors, form.encoding, tokens);
	let response = answer::json(&list, &answered)?;
	Ok(holding(response, answered.held))
}

/// The text side of a version that embeds, and the name of the output that holds the embeddings.
fn embedding(served: &Served) -> Option<(&Arc<Text>, &str)> {
	let text = served.text.as_ref()?;
	Some((text, text.description().embedding.as_deref()?))
}

/// How the answer is wanted.
pub(crate) struct Form {
	encoding: Encoding,
	/// The output with the embeddings.
	output: String,
	/// How long the vectors must be, if that is said.
	dimensions: Option<u64>,
}

/// What OpenAI's `/v1/embeddings` takes.
struct Embeddings;

impl Encoded for Embeddings {
	type Message = Request;
	type Form = Form;

	fn parse(self, body: &[u8]) -> Result<Request, Refused> {
		serde_json::from_slice(body).map_err(|error| {
			let detail = format!("{error}; send what OpenAI's /v1/embeddings takes");
			Refused::new(ProblemKind::BodyMalformed, detail)
		})
	}

	fn model(message: &Request) -> Option<(&str, Option<&str>)> {
		Some((&message.model, None))
	}

	fn request(message: Request, served: &Served) -> Result<(InferRequest, Form), Refused> {
		let Some((text, output)) = embedding(served) else {
			let detail = format!(
				"'{}' does not embed text; ask it at /v2/models/{}/infer",
				served.name, served.name
			);
			return Err(Refused::new(ProblemKind::ModelUnknown, detail));
		};
		let inputs = message.input.tensors(text)?;
		let output = output.to_owned();
		let outputs = vec![RequestedOutput { name: output.clone() }];
		let form =
			Form { encoding: message.encoding_format, output, dimensions: message.dimensions };
		Ok((InferRequest { id: None, inputs, outputs }, form))
	}

	fn fits(form: &Form, signature: &Signature) -> Result<(), Refused> {
		let width = signature.outputs.iter().find(|port| port.name == form.output);
		let width = width.and_then(|port| port.shape.last().copied().flatten());
		if form.dimensions.is_none() || form.dimensions == width {
			return Ok(());
		}
		let width = width.map_or("of the model's choice".into(), |width| width.to_string());
		let detail = format!("dimensions must be {width}, or left out");
		Err(Refused::new(ProblemKind::TensorInvalid, detail))
	}
}
