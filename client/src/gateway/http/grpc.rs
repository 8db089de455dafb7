//! The Open Inference Protocol v2 over gRPC: the same questions at the same port, see [`crate::grpc`].

use super::{
	asked,
	coding::Coding,
	failure::{Dialect, Failure},
	number,
	room::Body,
	triton::messages::{ConfigResponse, StatisticsResponse},
	v2::{why_not_offered, why_not_ready, NAME},
	whole, Api,
};
use crate::{
	gateway::{describe::Port, GatewayError},
	grpc::{
		answer, decode,
		proto::{
			model_metadata_response::TensorMetadata, ModelMetadataRequest, ModelMetadataResponse,
			ModelReadyResponse, ServerLiveResponse, ServerMetadataResponse, ServerReadyResponse,
		},
		request, response, version as said, MOST_SAID,
	},
	oracle_api::TraceContext,
};
use axum::{
	body::Bytes,
	extract::{DefaultBodyLimit, FromRequest, Request, State},
	http::{HeaderMap, HeaderName},
	response::Response,
	routing::post,
	Router,
};
use prost::Message;
use std::sync::Arc;
use tonic::{metadata::MetadataValue, Code, Status};
use usufruct_primitives::VersionId;

/// Where the calls are.
pub const SERVICE: &str = "/inference.GRPCInferenceService/";
/// Before a message: whether it is compressed, and four bytes of its length, the highest first.
const FRAME: usize = 5;
/// The most bytes of a message that only names something.
const SHORT: usize = 64 << 10;
/// The header that says how messages are compressed.
const ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

type Answer = Result<Response, Failure>;

fn failure(error: GatewayError) -> Failure {
	Failure(Dialect::Grpc, error)
}

/// The calls of the service, but for those that load models and unload them; and two that Triton has.
pub fn calls(body_limit: usize) -> Router<Arc<Api>> {
	let at = |call: &str| format!("{SERVICE}{call}");
	Router::new()
		.route(&at("ServerLive"), post(server_live))
		.route(&at("ServerReady"), post(server_ready))
		.route(&at("ServerMetadata"), post(server_metadata))
		.route(&at("ModelReady"), post(model_ready))
		.route(&at("ModelMetadata"), post(model_metadata))
		.route(&at("ModelConfig"), post(model_config))
		.route(&at("ModelStatistics"), post(model_statistics))
		.layer(DefaultBodyLimit::max(SHORT.min(body_limit).saturating_add(FRAME)))
		.merge(
			Router::new()
				.route(&at("ModelInfer"), post(model_infer))
				.layer(DefaultBodyLimit::max(body_limit.saturating_add(FRAME))),
		)
}

/// An error as a status, whose metadata have its name.
pub fn status(http: u16, kind: &str, mut text: String) -> Status {
	let code = match http {
		400 | 422 => Code::InvalidArgument,
		401 => Code::Unauthenticated,
		402 | 409 => Code::FailedPrecondition,
		403 => Code::PermissionDenied,
		404 => Code::NotFound,
		413 => Code::OutOfRange,
		415 | 501 => Code::Unimplemented,
		503 => Code::Unavailable,
		_ => Code::Internal,
	};
	text.truncate(text.floor_char_boundary(MOST_SAID));
	let mut status = Status::new(code, text);
	let metadata = status.metadata_mut();
	if let Ok(kind) = MetadataValue::try_from(kind) {
		metadata.insert("usufruct-type", kind);
	}
	if code == Code::Unavailable {
		metadata.insert("retry-after", MetadataValue::from_static("2"));
	}
	status
}

/// The bytes of the one message that a call has, and that only names something.
struct Sent(Bytes);

impl FromRequest<Arc<Api>> for Sent {
	type Rejection = Failure;

	async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Failure> {
		let body = message(request, api, SHORT.min(api.body_limit)).await.map_err(failure)?;
		Ok(Self(body.into_bytes()))
	}
}

/// The message of a call that asks a question.
struct Asked(Body);

impl FromRequest<Arc<Api>> for Asked {
	type Rejection = Failure;

	async fn from_request(request: Request, api: &Arc<Api>) -> Result<Self, Failure> {
		message(request, api, api.body_limit).await.map(Self).map_err(failure)
	}
}

/// The one message of a call, which may have so many bytes.
async fn message(request: Request, api: &Arc<Api>, limit: usize) -> Result<Body, GatewayError> {
	let coding = Coding::said(request.headers(), &ENCODING);
	let body = whole(Bytes::from_request(request, api).await, limit)?;
	let coding = match unframed(&body)? {
		false => Coding::Plain,
		true => match coding? {
			Coding::Plain => {
				let why = "the message is compressed, and grpc-encoding does not say how";
				return Err(malformed(why));
			},
			coding => coding,
		},
	};
	api.room.unpack(coding, body.slice(FRAME..), limit).await
}

impl Sent {
	fn read<M: Message + Default>(self) -> Result<M, Failure> {
		M::decode(self.0).map_err(|error| failure(malformed(&error.to_string())))
	}
}

fn malformed(why: &str) -> GatewayError {
	GatewayError::Question(why.into())
}

/// Whether the one message of a body is compressed.
fn unframed(body: &[u8]) -> Result<bool, GatewayError> {
	let Some(([coding, length @ ..], message)) = body.split_first_chunk::<FRAME>() else {
		return Err(malformed("there is no message; send one"));
	};
	if u32::from_be_bytes(*length) as usize != message.len() {
		return Err(malformed("the message is not as long as it was said to be; send one, whole"));
	}
	match coding {
		0 => Ok(false),
		1 => Ok(true),
		_ => Err(malformed("what stands before the message is not of gRPC")),
	}
}

async fn server_live(_: Sent) -> Response {
	answer(ServerLiveResponse { live: true })
}

async fn server_ready(State(api): State<Arc<Api>>, _: Sent) -> Response {
	answer(ServerReadyResponse { ready: why_not_ready(&api).is_none() })
}

async fn server_metadata(_: Sent) -> Response {
	answer(ServerMetadataResponse {
		name: NAME.into(),
		version: env!("CARGO_PKG_VERSION").into(),
		extensions: vec![],
	})
}

/// The model that a call is about, and its version: all such calls name them in the same fields.
fn named(sent: Sent) -> Result<(String, Option<VersionId>), Failure> {
	let ModelMetadataRequest { name, version } = sent.read()?;
	let version = said(&version).map(number).transpose().map_err(failure)?;
	Ok((name, version))
}

async fn model_ready(State(api): State<Arc<Api>>, sent: Sent) -> Answer {
	let (name, version) = named(sent)?;
	let why = why_not_offered(&api, &name, version).map_err(failure)?;
	Ok(answer(ModelReadyResponse { ready: why.is_none() }))
}

async fn model_metadata(State(api): State<Arc<Api>>, sent: Sent) -> Answer {
	let (name, version) = named(sent)?;
	let model = api.gateway.describe(&name, version).await.map_err(failure)?;
	let port = |port: Port| {
		let Port { name, datatype, shape } = port;
		TensorMetadata { name, datatype, shape }
	};
	Ok(answer(ModelMetadataResponse {
		name: model.name,
		versions: model.versions,
		platform: model.platform,
		inputs: model.inputs.into_iter().map(port).collect(),
		outputs: model.outputs.into_iter().map(port).collect(),
	}))
}

async fn model_config(State(api): State<Arc<Api>>, sent: Sent) -> Answer {
	let (name, version) = named(sent)?;
	let model = api.gateway.describe(&name, version).await.map_err(failure)?;
	Ok(answer(ConfigResponse::from(model)))
}

async fn model_statistics(State(api): State<Arc<Api>>, sent: Sent) -> Answer {
	let (name, version) = named(sent)?;
	let name = Some(name.as_str()).filter(|name| !name.is_empty());
	let all = api.gateway.statistics(name, version).map_err(failure)?;
	Ok(answer(StatisticsResponse::from(all)))
}

async fn model_infer(
	State(api): State<Arc<Api>>,
	metadata: HeaderMap,
	Asked(body): Asked,
) -> Answer {
	let read = api.room.parse(body, |bytes| {
		let read = decode(bytes).and_then(|mut message| {
			let name = std::mem::take(&mut message.model_name);
			let version = std::mem::take(&mut message.model_version);
			Ok((name, version, request(message)?))
		});
		read.map_err(|error| malformed(&error.to_string()))
	});
	let (name, version, request) = read.await.map_err(failure)?;
	let version = said(&version).map(number).transpose().map_err(failure)?;
	let trace = TraceContext::read(&metadata);
	let answered = asked(&api, name, version, request, trace).await.map_err(failure)?;
	Ok(answer(response(answered)))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_long_text_is_cut_at_a_character() {
		let cut = status(503, "urn:usufruct:gateway:exhausted", "\u{fc}".repeat(5_000));
		assert_eq!((cut.code(), cut.message().len()), (Code::Unavailable, MOST_SAID));
	}

	#[test]
	fn codes_are_those_that_are_documented() {
		for (http, expected) in [
			(400, Code::InvalidArgument),
			(401, Code::Unauthenticated),
			(402, Code::FailedPrecondition),
			(403, Code::PermissionDenied),
			(404, Code::NotFound),
			(409, Code::FailedPrecondition),
			(413, Code::OutOfRange),
			(415, Code::Unimplemented),
			(422, Code::InvalidArgument),
			(500, Code::Internal),
			(501, Code::Unimplemented),
			(503, Code::Unavailable),
		] {
			let said = status(http, "kind", "why".into());
			assert_eq!((said.code(), said.message()), (expected, "why"), "{http}");
			assert_eq!(said.metadata().contains_key("retry-after"), http == 503, "{http}");
		}
	}
}
