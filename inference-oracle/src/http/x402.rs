//! The headers of x402 beside our own: another encoding of the same terms, vouchers and receipts.

use super::{app::App, problem::Refused};
use axum::{
	http::{header, HeaderMap, HeaderName, HeaderValue, Uri},
	response::Response,
};
use usufruct_client::oracle_api::{
	header as names,
	x402::{self, PaymentRequired, PaymentResponse},
	HeaderError, Problem, RequestHeaders, SignedReceipt,
};

fn text(headers: &HeaderMap, name: &'static str) -> Option<String> {
	headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned())
}

/// The payment of a request, in our headers or in that of x402; `None` if there is neither.
pub fn payment<'a>(
	app: &App,
	get: impl Fn(&'static str) -> Option<&'a str>,
) -> Result<Option<RequestHeaders>, Refused> {
	let ours = RequestHeaders::parse(&get)?;
	let Some(value) = get(x402::header::SIGNATURE) else { return Ok(ours) };
	if ours.is_some() {
		let why = "usufruct-voucher is there, too; send one payment".into();
		return Err(HeaderError::Malformed(x402::header::SIGNATURE, why).into());
	}
	let identity = &app.identity;
	Ok(Some(x402::payment(value, &identity.genesis, &identity.oracle)?))
}

/// The answer to a request, or its refusal as `refuse` says it, and the same again in the headers of
/// x402.
pub fn told(
	app: &App,
	uri: &Uri,
	asked: &HeaderMap,
	answered: Result<Response, Refused>,
	refuse: impl FnOnce(Refused) -> Response,
) -> Response {
	let pays = asked.contains_key(x402::header::SIGNATURE);
	let problem = answered.as_ref().err().map(|refused| &refused.problem);
	let problem = problem.filter(|it| pays || it.terms.is_some()).cloned();
	let mut response = answered.unwrap_or_else(refuse);
	// Most answers have nothing to say to who does not speak it.
	if pays || problem.is_some() {
		add(app, uri, asked, problem.as_deref(), &mut response);
	}
	response
}

/// `problem` is what the answer refuses with.
fn add(
	app: &App,
	uri: &Uri,
	asked: &HeaderMap,
	problem: Option<&Problem>,
	response: &mut Response,
) {
	let genesis = &app.identity.genesis;
	let receipt = text(response.headers(), names::RECEIPT)
		.and_then(|value| SignedReceipt::from_header(&value).ok());
	let host = text(asked, header::HOST.as_str()).unwrap_or_default();
	let url = format!("http://{host}{}", uri.path());
	let required = problem.and_then(|it| PaymentRequired::new(it, url));
	let headers = response.headers_mut();
	let mut put = |name, value: String| {
		if let Ok(value) = HeaderValue::from_str(&value) {
			headers.insert(HeaderName::from_static(name), value);
		}
	};
	let is_402 = required.is_some();
	if let Some(required) = required {
		put(x402::header::REQUIRED, required.to_header());
	}
	if asked.contains_key(x402::header::SIGNATURE) && (receipt.is_some() || is_402) {
		let answer = PaymentResponse::new(genesis, receipt.as_ref(), problem);
		put(x402::header::RESPONSE, answer.to_header());
	}
}
