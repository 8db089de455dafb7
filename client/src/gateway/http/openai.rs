//! OpenAI's interface, as far as it is about embeddings, see [`crate::openai`].

use super::{
	body,
	failure::{Dialect, Failure},
	Api,
};
use crate::{
	gateway::{chain::Market, desk::Question, GatewayError},
	keys,
	meter::MeterError,
	openai::{list, vectors, Request},
	oracle_api::TraceContext,
	tensors::RequestedOutput,
	text::TextError,
};
use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, Path, State},
	http::HeaderMap,
	response::{IntoResponse, Response},
	Json,
};
use serde_json::{json, Value};
use std::sync::Arc;

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

pub async fn embeddings(
	State(api): State<Arc<Api>>,
	headers: HeaderMap,
	bytes: Result<Bytes, BytesRejection>,
) -> Answer<Response> {
	let body = body(&api, &headers, bytes).await.map_err(failure)?;
	let read = api.room.parse(body, |bytes| {
		serde_json::from_slice::<Request>(bytes).map_err(|error| {
			GatewayError::Question(format!(
				"{error}; send model and input, a text or a list of texts"
			))
		})
	});
	let request = read.await.map_err(failure)?;
	let (market, _) = api.gateway.market();
	let found = market.find(&request.model, None).map_err(failure)?;
	let version = found.version;
	let text = api.gateway.text(&market, &found).await.map_err(failure)?;
	let no_vectors = || {
		failure(GatewayError::Unsupported(format!(
			"'{}' gives no vector for each text; ask it at /v2/models/{}/infer",
			request.model, request.model
		)))
	};
	let output = text.description().embedding.as_deref().ok_or_else(no_vectors)?;
	let wrong = |error: TextError| failure(MeterError::from(error).into());
	let inputs = request.input.tensors(&text).map_err(wrong)?;
	let tokens = api.gateway.texts.count(&text, &inputs).await.map_err(failure)?;
	if let Some(asked) = request.dimensions {
		api.gateway.check_dimensions(&found, output, asked).await.map_err(failure)?;
	}
	let question = Question {
		model: request.model.clone(),
		version: Some(version),
		inputs,
		outputs: vec![RequestedOutput { name: output.into() }],
		tokens: Some(tokens),
		trace: TraceContext::read(&headers),
	};
	let answered = api.gateway.ask(question).await.map_err(failure)?;
	let vectors = vectors(&answered.answer.outputs, output).ok_or_else(no_vectors)?;
	let given = vectors.first().map_or(0, |it| it.len() as u64 / 4);
	api.gateway.take_dimensions(version, given, request.dimensions).map_err(failure)?;
	let list = list(&request.model, &vectors, request.encoding_format, tokens);
	Ok(Json(list).into_response())
}
