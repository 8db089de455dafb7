//! `ModelInfer`, the call that is paid for.
//!
//! It stands beside the others: their messages are read before anything is known of who sends them, and this
//! one only once its voucher was verified.

use super::{
	proto::{ModelInferRequest, ModelInferResponse},
	tensors,
};
use crate::http::{
	body::Unread,
	infer::{infer as serve, Answered, Encoded, Named},
	sending::holding,
	App, Refused, Served,
};
use axum::{
	body::Body,
	extract::State,
	http::{header::CONTENT_TYPE, HeaderMap, HeaderValue},
	response::Response,
};
use futures::{future::ready, stream};
use std::sync::Arc;
use tonic::{
	codec::{Codec, EncodeBody, SingleMessageCompressionOverride},
	metadata::GRPC_CONTENT_TYPE,
	Status,
};
use tonic_prost::ProstCodec;
use usufruct_client::{
	oracle_api::{header, ProblemKind},
	tensors::InferRequest,
};

/// Serves one call.
pub(crate) async fn infer(
	State(app): State<Arc<App>>,
	headers: HeaderMap,
	body: Unread,
) -> Response {
	let mut message = body.framed();
	let get = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
	let answered = serve(&app, Named::InBody, get, &mut message, Message).await;
	// What was not read of it ends with its stream, and not with the connection.
	drop(message);
	match answered.and_then(|(answered, ())| sent(answered)) {
		Ok(response) => response,
		Err(refused) => Status::from(refused).into_http(),
	}
}

fn sent(answered: Answered) -> Result<Response, Refused> {
	let receipt = value(answered.receipt.to_header())?;
	let profile = answered.profile.map(|hash| value(hex::encode(hash))).transpose()?;
	let message = tensors::response(answered.response);
	let body = EncodeBody::new_server(
		ProstCodec::<ModelInferResponse, ModelInferRequest>::default().encoder(),
		stream::once(ready(Ok(message))),
		None,
		SingleMessageCompressionOverride::default(),
		None,
	);
	let mut response = Response::new(Body::new(body));
	let headers = response.headers_mut();
	headers.insert(CONTENT_TYPE, GRPC_CONTENT_TYPE);
	headers.insert(header::RECEIPT, receipt);
	if let Some(profile) = profile {
		headers.insert(header::PROFILE, profile);
	}
	Ok(holding(response, answered.held))
}

fn value(text: String) -> Result<HeaderValue, Refused> {
	HeaderValue::try_from(text)
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))
}

/// A request as the protocol's message.
struct Message;

impl Encoded for Message {
	type Message = ModelInferRequest;
	type Form = ();

	fn parse(self, body: &[u8]) -> Result<ModelInferRequest, Refused> {
		Ok(tensors::decode(body)?)
	}

	fn model(message: &ModelInferRequest) -> Option<(&str, Option<&str>)> {
		Some((&message.model_name, super::said(&message.model_version)))
	}

	fn request(
		message: ModelInferRequest,
		_served: &Served,
	) -> Result<(InferRequest, ()), Refused> {
		Ok((tensors::request(message)?, ()))
	}
}
