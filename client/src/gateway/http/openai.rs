//! OpenAI's API, as far as it is about embeddings: <https://platform.openai.com/docs/api-reference/embeddings>.
//!
//! A model that takes text is asked with one tensor `text`, BYTES [n]; its vectors are the output of type
//! FP32 and shape [n, dimensions].

use super::{
	body,
	failure::{Dialect, Failure},
	Api,
};
use crate::{
	gateway::{chain::Market, desk::Question, GatewayError},
	keys,
	tensors::{DataType, Tensor},
};
use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, Path, State},
	Json,
};
use base64::{engine::general_purpose::STANDARD, Engine};
use serde::Deserialize;
use serde_json::{json, Value};
use std::sync::Arc;
use usufruct_primitives::Meter;

/// The name of the input tensor of models that take text.
const TEXT: &str = "text";

type Answer<T> = Result<T, Failure>;

fn failure(error: GatewayError) -> Failure {
	Failure(Dialect::V1, error)
}

fn described(market: &Market, model: &crate::state::Model) -> Value {
	let twice = market.models.iter().filter(|it| it.name == model.name).count() > 1;
	// A name that two models have says nothing.
	let id = if twice { model.model.to_string() } else { model.name.clone() };
	json!({ "id": id, "object": "model", "created": 0, "owned_by": keys::address(&model.owner) })
}

pub async fn models(State(api): State<Arc<Api>>) -> Json<Value> {
	let (market, _) = api.gateway.market();
	let offered = market
		.models
		.iter()
		.filter(|model| market.offers.iter().any(|offer| offer.model == model.model));
	let data: Vec<Value> = offered.map(|model| described(&market, model)).collect();
	Json(json!({ "object": "list", "data": data }))
}

pub async fn model(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer<Json<Value>> {
	let (market, _) = api.gateway.market();
	let found = market.find(&name, None).map_err(failure)?;
	Ok(Json(described(&market, found.model)))
}

#[derive(Deserialize)]
struct Request {
	model: String,
	input: Input,
	#[serde(default)]
	encoding_format: Encoding,
	dimensions: Option<u64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
	One(String),
	Many(Vec<String>),
	/// Tokens, or lists of them.
	Other(Vec<Value>),
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
	#[default]
	Float,
	Base64,
}

pub async fn embeddings(
	State(api): State<Arc<Api>>,
	bytes: Result<Bytes, BytesRejection>,
) -> Answer<Json<Value>> {
	let bytes = body(&api, bytes).map_err(failure)?;
	let request: Request = serde_json::from_slice(&bytes).map_err(|error| {
		failure(GatewayError::Question(format!(
			"{error}; send model and input, a text or a list of texts"
		)))
	})?;
	let texts =
		match request.input {
			Input::One(text) => vec![text],
			Input::Many(texts) => texts,
			Input::Other(values) if values.iter().any(Value::is_string) => {
				return Err(failure(GatewayError::Question("input holds other than texts".into())))
			},
			Input::Other(_) => return Err(failure(GatewayError::Unsupported(
				"tokens are not taken, because their numbers differ from model to model; send text"
					.into(),
			))),
		};
	if texts.is_empty() {
		return Err(failure(GatewayError::Question(
			"input is empty; send at least one text".into(),
		)));
	}
	let input = Tensor::from_texts(TEXT, vec![texts.len() as u64], &texts)
		.map_err(|error| failure(GatewayError::Question(error.to_string())))?;
	let question = Question {
		model: request.model.clone(),
		version: None,
		inputs: vec![input],
		outputs: vec![],
	};
	let answered = api.gateway.ask(question).await.map_err(failure)?;
	let vectors = vectors(&answered.answer.outputs, texts.len() as u64).map_err(failure)?;
	let given = vectors.first().map_or(0, |it| it.len() as u64 / 4);
	if let Some(asked) = request.dimensions.filter(|asked| *asked != given) {
		return Err(failure(GatewayError::Unsupported(format!(
			"the model's vectors have {given} dimensions, and cannot be cut to {asked}"
		))));
	}
	let data: Vec<Value> = vectors
		.iter()
		.enumerate()
		.map(|(index, vector)| {
			let embedding = match request.encoding_format {
				Encoding::Base64 => json!(STANDARD.encode(vector)),
				Encoding::Float => floats(vector),
			};
			json!({ "object": "embedding", "index": index, "embedding": embedding })
		})
		.collect();
	let receipt = &answered.answer.receipt.receipt;
	// Whoever does not charge by tokens does not count them.
	let tokens = if receipt.meter == Meter::InputToken { receipt.units } else { 0 };
	Ok(Json(json!({
		"object": "list",
		"data": data,
		"model": request.model,
		"usage": { "prompt_tokens": tokens, "total_tokens": tokens },
	})))
}

/// The vectors, little endian, each of so many texts.
fn vectors(outputs: &[Tensor], texts: u64) -> Result<Vec<&[u8]>, GatewayError> {
	let mut fitting = outputs.iter().filter(|it| {
		it.datatype() == DataType::Fp32 && it.shape().len() == 2 && it.shape()[0] == texts
	});
	let (Some(found), None) = (fitting.next(), fitting.next()) else {
		return Err(GatewayError::Unsupported(
			"the model gives no single vector for each text; use /v2/models/…/infer".into(),
		));
	};
	let width = found.data().len() / (texts as usize).max(1);
	Ok(found.data().chunks_exact(width.max(1)).collect())
}

fn floats(vector: &[u8]) -> Value {
	vector
		.chunks_exact(4)
		.map(|bytes| json!(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])))
		.collect()
}
