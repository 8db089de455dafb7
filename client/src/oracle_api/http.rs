//! Sending a request to an oracle.

use super::{header, HeaderError, Problem, RequestHeaders, SignedReceipt};
use crate::tensors::InferResponse;
use std::time::Duration;

/// How long an oracle may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Why there is no answer to read.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
	/// The endpoint is not a URL, or not one over plain HTTP.
	#[error("the oracle's endpoint '{0}' is not an http:// URL")]
	Endpoint(String),
	/// The connection failed: whether the request arrived is not known.
	#[error("no answer from the oracle at {endpoint}")]
	Transport {
		/// Its endpoint.
		endpoint: String,
		/// What went wrong.
		source: reqwest::Error,
	},
	/// The answer is no answer of the protocol.
	#[error("the oracle answered with status {status} and a body that is neither tensors nor a problem: {why}")]
	Body {
		/// The HTTP status.
		status: u16,
		/// What is wrong with it.
		why: String,
	},
	/// The receipt cannot be read.
	#[error(transparent)]
	Receipt(#[from] HeaderError),
}

/// An oracle's answer to one request.
#[derive(Clone, Debug)]
pub struct Reply {
	/// The tensors, or the refusal.
	pub body: Result<InferResponse, Problem>,
	/// The receipt, if the request was accepted.
	pub receipt: Option<SignedReceipt>,
	/// How long to wait before asking again, if it says so.
	pub retry_after: Option<Duration>,
}

/// A connection to one oracle.
#[derive(Clone, Debug)]
pub struct OracleHttp {
	client: reqwest::Client,
	endpoint: String,
}

/// The path of the inference call for a model of that name.
pub fn infer_path(model: &str) -> String {
	let mut path = String::from("/v2/models/");
	for byte in model.bytes() {
		match byte {
			b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
				path.push(byte.into())
			},
			_ => path.push_str(&format!("%{byte:02X}")),
		}
	}
	path + "/infer"
}

impl OracleHttp {
	/// For the endpoint that the oracle registered.
	pub fn new(endpoint: &str) -> Result<Self, HttpError> {
		let wrong = || HttpError::Endpoint(endpoint.into());
		let url = reqwest::Url::parse(endpoint).map_err(|_| wrong())?;
		if url.scheme() != "http" || url.host().is_none() {
			return Err(wrong());
		}
		let client = reqwest::Client::builder()
			.timeout(TIMEOUT)
			.tcp_nodelay(true)
			.build()
			.map_err(|source| HttpError::Transport { endpoint: endpoint.into(), source })?;
		Ok(Self { client, endpoint: endpoint.trim_end_matches('/').into() })
	}

	/// The endpoint.
	pub fn endpoint(&self) -> &str {
		&self.endpoint
	}

	/// Sends one request. `headers` may be left out to be told the terms.
	pub async fn infer(
		&self,
		model: &str,
		body: Vec<u8>,
		headers: Option<&RequestHeaders>,
	) -> Result<Reply, HttpError> {
		let transport = |source| HttpError::Transport { endpoint: self.endpoint.clone(), source };
		let url = format!("{}{}", self.endpoint, infer_path(model));
		let mut request =
			self.client.post(url).header("content-type", "application/json").body(body);
		for (name, value) in headers.iter().flat_map(|headers| headers.to_pairs()) {
			request = request.header(name, value);
		}
		let response = request.send().await.map_err(transport)?;
		let status = response.status();
		let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
		let receipt = text(header::RECEIPT).map(SignedReceipt::from_header).transpose()?;
		let retry_after = text("retry-after").and_then(|s| s.parse().ok()).map(Duration::from_secs);
		let bytes = response.bytes().await.map_err(transport)?;
		let wrong = |error: serde_json::Error| HttpError::Body {
			status: status.as_u16(),
			why: format!(
				"{error}; it begins {:?}",
				String::from_utf8_lossy(&bytes[..bytes.len().min(80)])
			),
		};
		let body = if status.is_success() {
			Ok(serde_json::from_slice(&bytes).map_err(wrong)?)
		} else {
			Err(serde_json::from_slice(&bytes).map_err(wrong)?)
		};
		Ok(Reply { body, receipt, retry_after })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn model_names_are_escaped_in_the_path() {
		assert_eq!(infer_path("magika"), "/v2/models/magika/infer");
		assert_eq!(infer_path("a b/ü"), "/v2/models/a%20b%2F%C3%BC/infer");
	}

	#[test]
	fn only_http_endpoints_are_taken() {
		assert_eq!(
			OracleHttp::new("http://127.0.0.1:8080/").unwrap().endpoint(),
			"http://127.0.0.1:8080"
		);
		for wrong in ["", "127.0.0.1:8080", "https://oracle", "ftp://oracle", "/path"] {
			assert!(matches!(OracleHttp::new(wrong), Err(HttpError::Endpoint(_))), "{wrong}");
		}
	}
}
