//! How a result is sent, and its receipt with it.
//!
//! What is stored is the canonical form that the receipt commits to; a repeated request is answered
//! from it, in the words of the repetition.

use super::{infer::Answered, problem::Refused};
use axum::{
	http::{header, HeaderValue},
	response::{IntoResponse, Response},
};
use serde::Serialize;
use usufruct_client::{
	oracle_api::{header as names, ProblemKind},
	tensors::{BinaryOutputs, HEADER_LENGTH},
};

/// The outputs as the Open Inference Protocol has them.
pub fn tensors(answered: &Answered, binary: &BinaryOutputs) -> Result<Response, Refused> {
	let (body, json_length) = answered.response.to_body(binary).map_err(internal)?;
	let form = match json_length {
		Some(_) => "application/octet-stream",
		None => "application/json",
	};
	let mut response = with_receipt(body, form, answered)?;
	if let Some(length) = json_length {
		response.headers_mut().insert(HEADER_LENGTH, length.into());
	}
	Ok(response)
}

/// Any JSON.
pub fn json(body: &impl Serialize, answered: &Answered) -> Result<Response, Refused> {
	with_receipt(serde_json::to_vec(body).map_err(internal)?, "application/json", answered)
}

fn with_receipt(
	body: Vec<u8>,
	form: &'static str,
	answered: &Answered,
) -> Result<Response, Refused> {
	let mut response = body.into_response();
	let headers = response.headers_mut();
	headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form));
	headers.insert(
		names::RECEIPT,
		HeaderValue::from_str(&answered.receipt.to_header()).map_err(internal)?,
	);
	if let Some(profile) = &answered.profile {
		let value = HeaderValue::from_str(&hex::encode(profile)).map_err(internal)?;
		headers.insert(names::PROFILE, value);
	}
	Ok(response)
}

fn internal(error: impl ToString) -> Refused {
	Refused::new(ProblemKind::Internal, error.to_string())
}
