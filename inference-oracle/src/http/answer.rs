//! How a result is stored and sent.
//!
//! What is stored is the canonical form that the receipt commits to; a repeated request is answered
//! from it, in the words of the repetition.

use super::problem::Refused;
use axum::{
	http::{header, HeaderValue},
	response::{IntoResponse, Response},
};
use usufruct_client::{
	oracle_api::{header as names, ProblemKind, SignedReceipt},
	tensors::InferResponse,
};

/// The answer to a request that was served.
pub fn served(body: &InferResponse, receipt: &SignedReceipt) -> Result<Response, Refused> {
	let json = serde_json::to_vec(body)
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))?;
	let mut response = json.into_response();
	let headers = response.headers_mut();
	headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
	let value = HeaderValue::from_str(&receipt.to_header())
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))?;
	headers.insert(names::RECEIPT, value);
	Ok(response)
}
