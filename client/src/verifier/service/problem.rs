//! Refusals as they travel: a page for people, `application/problem+json` for programs.

use super::wants_json;
use crate::verifier::{issuer::Refusal, method::MethodError, pages};
use axum::{
	http::{header, HeaderMap, StatusCode},
	response::{Html, IntoResponse, Response},
};
use serde_json::json;
use std::time::Duration;

/// Why a conversation does not go on.
#[derive(Debug)]
pub struct Problem {
	status: StatusCode,
	/// Stable, for programs.
	kind: &'static str,
	/// For people.
	detail: String,
	wait: Option<Duration>,
}

impl Problem {
	fn new(status: StatusCode, kind: &'static str, detail: impl Into<String>) -> Self {
		Self { status, kind, detail: detail.into(), wait: None }
	}

	/// What was filled in is no answer.
	pub fn form(detail: String) -> Self {
		Self::new(StatusCode::BAD_REQUEST, "form", detail)
	}

	/// The browser is in no conversation.
	pub fn no_session() -> Self {
		let detail = "this conversation is over, or was begun in another browser; begin anew";
		Self::new(StatusCode::UNAUTHORIZED, "no-session", detail)
	}

	/// Too many requests.
	pub fn too_often(wait: Duration) -> Self {
		MethodError::TooOften(wait).into()
	}

	/// Too many conversations.
	pub fn busy() -> Self {
		MethodError::Busy.into()
	}

	/// As whoever asks can read it.
	pub fn respond(self, headers: &HeaderMap) -> Response {
		let Self { status, kind, detail, wait } = self;
		let mut response = match wants_json(headers) {
			true => {
				let body = json!({
					"type": format!("urn:usufruct:verifier:{kind}"),
					"title": status.canonical_reason(),
					"status": status.as_u16(),
					"detail": detail,
				});
				let json = [(header::CONTENT_TYPE, "application/problem+json")];
				(status, json, body.to_string()).into_response()
			},
			false => (status, Html(pages::problem(&detail).into_string())).into_response(),
		};
		if let Some(wait) = wait {
			let seconds = wait.as_secs().max(1);
			response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
		}
		response
	}
}

impl From<MethodError> for Problem {
	fn from(error: MethodError) -> Self {
		let (status, kind) = match &error {
			MethodError::Wrong => (StatusCode::FORBIDDEN, "not-recognised"),
			MethodError::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "too-often"),
			MethodError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
			MethodError::Refused(_) => (StatusCode::FORBIDDEN, "refused"),
			MethodError::Provider(_) => (StatusCode::BAD_GATEWAY, "provider"),
		};
		let wait = match error {
			MethodError::TooOften(wait) => Some(wait),
			_ => None,
		};
		Self { wait, ..Self::new(status, kind, error.to_string()) }
	}
}

impl From<Refusal> for Problem {
	fn from(refusal: Refusal) -> Self {
		let (status, kind) = match &refusal {
			Refusal::AlreadyAPerson
			| Refusal::NotAPerson
			| Refusal::AnotherAccount { .. }
			| Refusal::AnotherHuman
			| Refusal::WhoseAccount
			| Refusal::AttestedLately { .. } => (StatusCode::CONFLICT, refusal.kind()),
			Refusal::Revoked => (StatusCode::FORBIDDEN, refusal.kind()),
			Refusal::QuotaExhausted => (StatusCode::SERVICE_UNAVAILABLE, refusal.kind()),
			// Which of them it is, is the operator's affair.
			Refusal::NodeBehind
			| Refusal::WrongKey
			| Refusal::Journal(_)
			| Refusal::Stopped
			| Refusal::Registry(_) => (StatusCode::SERVICE_UNAVAILABLE, "not-now"),
		};
		Self::new(status, kind, refusal.to_string())
	}
}
