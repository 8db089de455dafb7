//! Where a typed error becomes an answer, in the words of the API that was used.

use super::{super::GatewayError, grpc};
use crate::output::Causes;
use axum::{
	http::{header, HeaderValue, StatusCode},
	response::{IntoResponse, Response},
	Json,
};
use serde_json::json;

/// How an API writes errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
	/// The Open Inference Protocol: a text `error`; beside it our `type`.
	V2,
	/// OpenAI: an object `error`.
	V1,
	/// gRPC: a status, its code by what would be the HTTP status.
	Grpc,
}

impl Dialect {
	/// That of a path.
	pub fn of(path: &str) -> Self {
		match path {
			_ if path.starts_with("/v1/") => Self::V1,
			_ if path.starts_with(grpc::SERVICE) => Self::Grpc,
			_ => Self::V2,
		}
	}
}

/// An error on its way out.
#[derive(Debug)]
pub struct Failure(pub Dialect, pub GatewayError);

impl IntoResponse for Failure {
	fn into_response(self) -> Response {
		let Self(dialect, error) = self;
		let (status, name) = error.kind();
		let text = Causes(&error).to_string();
		let kind = format!("urn:usufruct:gateway:{name}");
		let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
		let body = match dialect {
			Dialect::Grpc => return grpc::status(status.as_u16(), &kind, text).into_http(),
			Dialect::V2 => json!({ "error": text, "type": kind }),
			Dialect::V1 => {
				let of = match status.is_client_error() {
					true => "invalid_request_error",
					false => "server_error",
				};
				json!({ "error": { "message": text, "type": of, "param": null, "code": kind } })
			},
		};
		let mut response = (status, Json(body)).into_response();
		let headers = response.headers_mut();
		if status == StatusCode::UNAUTHORIZED {
			headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
		}
		if status == StatusCode::SERVICE_UNAVAILABLE {
			headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
		}
		response
	}
}
