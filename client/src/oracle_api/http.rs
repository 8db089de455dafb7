//! Sending a request to an oracle that may be anybody: only to addresses that are allowed, without
//! following it elsewhere, and without reading more or waiting longer than an answer can take.

use super::{
	header,
	reach::{self, NotPublic, Reach},
	HeaderError, Problem, RequestHeaders, SignedReceipt, TraceContext,
};
use crate::{
	manifest,
	printable::printable,
	tensors::{InferResponse, HEADER_LENGTH},
};
use std::{net::IpAddr, sync::Arc, time::Duration};
use usufruct_primitives::{Hash, VersionId};

/// How long an oracle may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(120);
/// How long it may take to connect.
const CONNECT: Duration = Duration::from_secs(10);
/// The most bytes an answer's body may have.
pub const MAX_ANSWER: usize = 64 << 20;

/// Why there is no answer to read.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
	/// The endpoint is not a URL, or not one of HTTP.
	#[error("the oracle's endpoint '{0}' is neither an https:// nor an http:// URL")]
	Endpoint(String),
	/// The endpoint is at an address that is not allowed. Nothing was sent.
	#[error(transparent)]
	NotPublic(#[from] NotPublic),
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
		/// The receipt that came with it.
		receipt: Option<Box<SignedReceipt>>,
	},
	/// The receipt cannot be read.
	#[error(transparent)]
	Receipt(#[from] HeaderError),
}

impl HttpError {
	/// Whether there was no connection at all, so that nothing was sent.
	pub fn is_unconnected(&self) -> bool {
		match self {
			Self::Endpoint(_) | Self::NotPublic(_) => true,
			Self::Transport { source, .. } => source.is_connect(),
			Self::Body { .. } | Self::Receipt(_) => false,
		}
	}
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
	/// The name to resolve, unless the endpoint names an address, which is checked already.
	name: Option<String>,
	reach: Reach,
	most: usize,
}

/// The path of the inference call for a model of that name.
pub fn infer_path(model: &str) -> String {
	model_path(model) + "/infer"
}

/// The path at which a version of a model is described.
pub fn version_path(model: &str, version: VersionId) -> String {
	format!("{}/versions/{version}", model_path(model))
}

fn model_path(model: &str) -> String {
	let mut path = String::from("/v2/models/");
	for byte in model.bytes() {
		match byte {
			b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
				path.push(byte.into())
			},
			_ => path.push_str(&format!("%{byte:02X}")),
		}
	}
	path
}

/// What connects to an oracle. Over TLS its certificate must be good for its name by the roots that this
/// machine trusts.
fn client(reach: Reach) -> reqwest::ClientBuilder {
	reqwest::Client::builder()
		.timeout(TIMEOUT)
		.connect_timeout(CONNECT)
		.tcp_nodelay(true)
		.redirect(reqwest::redirect::Policy::none())
		// A proxy would resolve the name again.
		.no_proxy()
		.dns_resolver(Arc::new(reach))
}

impl OracleHttp {
	/// For the endpoint that the oracle registered, if it is within reach.
	pub fn new(endpoint: &str, reach: Reach) -> Result<Self, HttpError> {
		let wrong = || HttpError::Endpoint(endpoint.into());
		let url = reqwest::Url::parse(endpoint).map_err(|_| wrong())?;
		let host = url.host_str().ok_or_else(wrong)?;
		let http = matches!(url.scheme(), "http" | "https");
		if !http || !url.username().is_empty() || url.password().is_some() {
			return Err(wrong());
		}
		// An address is not resolved. The parser has turned every other spelling of one, such as
		// 0x7f.1, into this.
		let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
		if let Ok(address) = literal {
			reach.check(host, address)?;
		}
		let client = client(reach)
			.build()
			.map_err(|source| HttpError::Transport { endpoint: endpoint.into(), source })?;
		let name = literal.is_err().then(|| host.to_owned());
		let endpoint = endpoint.trim_end_matches('/').into();
		Ok(Self { client, endpoint, name, reach, most: MAX_ANSWER })
	}

	/// With another bound on the bytes of an answer's body.
	pub fn with_max_answer(mut self, bytes: usize) -> Self {
		self.most = bytes;
		self
	}

	/// The endpoint.
	pub fn endpoint(&self) -> &str {
		&self.endpoint
	}

	/// Whether the endpoint's name leads to addresses that are allowed, as far as it can be resolved.
	/// Every connection checks it again.
	pub async fn check(&self) -> Result<(), NotPublic> {
		let Some(name) = &self.name else { return Ok(()) };
		match self.reach.resolve(name).await {
			Err(error) => reach::refusal(error.as_ref()).map_or(Ok(()), Err),
			Ok(_) => Ok(()),
		}
	}

	/// Sends one request. `headers` may be left out to be told the terms.
	pub async fn infer(
		&self,
		model: &str,
		body: Vec<u8>,
		headers: Option<&RequestHeaders>,
	) -> Result<Reply, HttpError> {
		self.infer_within(None, model, body, headers).await
	}

	/// The same, within the trace of whoever it is asked for.
	pub async fn infer_within(
		&self,
		trace: Option<&TraceContext>,
		model: &str,
		body: Vec<u8>,
		headers: Option<&RequestHeaders>,
	) -> Result<Reply, HttpError> {
		let url = format!("{}{}", self.endpoint, infer_path(model));
		let mut request =
			self.client.post(url).header("content-type", "application/json").body(body);
		for (name, value) in headers.iter().flat_map(|headers| headers.to_pairs()) {
			request = request.header(name, value);
		}
		for (name, value) in trace.into_iter().flat_map(TraceContext::pairs) {
			request = request.header(name, value);
		}
		let mut response = request.send().await.map_err(|source| self.transport(source))?;
		let status = response.status();
		let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
		let receipt = text(header::RECEIPT).map(SignedReceipt::from_header).transpose()?;
		let retry_after = text("retry-after").and_then(|s| s.parse().ok()).map(Duration::from_secs);

		// What the oracle signed is worth keeping, whatever comes with it.
		let unreadable = |why: String| HttpError::Body {
			status: status.as_u16(),
			why: printable(&why),
			receipt: receipt.clone().map(Box::new),
		};
		let json_length = text(HEADER_LENGTH).map(str::parse).transpose();
		let json_length = json_length
			.map_err(|_| unreadable(format!("its header {HEADER_LENGTH} is no number")))?;
		let bytes = self.body(&mut response).await?.map_err(unreadable)?;
		let wrong = |error: String| {
			let begins = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]);
			unreadable(format!("{error}; it begins {begins:?}"))
		};
		let body = if status.is_success() {
			let response = InferResponse::from_body(&bytes, json_length);
			Ok(response.map_err(|error| wrong(error.to_string()))?)
		} else {
			Err(serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?)
		};
		Ok(Reply { body, receipt, retry_after })
	}

	/// A document that the chain names for a version, as the oracle has it. It is the one of that
	/// hash, whoever the oracle is.
	pub async fn file(
		&self,
		model: &str,
		version: VersionId,
		hash: &Hash,
	) -> Result<Vec<u8>, HttpError> {
		let path = format!("{}/versions/{version}/files/{}", model_path(model), hex::encode(hash));
		let request = self.client.get(format!("{}{path}", self.endpoint));
		let mut response = request.send().await.map_err(|source| self.transport(source))?;
		let status = response.status();
		let unreadable = |why: String| HttpError::Body {
			status: status.as_u16(),
			why: printable(&why),
			receipt: None,
		};
		let bytes = self.body(&mut response).await?.map_err(unreadable)?;
		if !status.is_success() {
			let begins = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
			return Err(unreadable(format!("the file is not there: {begins}")));
		}
		if manifest::of_bytes(&bytes).hash != *hash {
			return Err(unreadable("it is another file than the one that was asked for".into()));
		}
		Ok(bytes)
	}

	/// Reads what is free: the status and the body at a path.
	pub async fn get(&self, path: &str) -> Result<(u16, Vec<u8>), HttpError> {
		let sent = self.client.get(format!("{}{path}", self.endpoint)).send().await;
		let mut response = sent.map_err(|source| self.transport(source))?;
		let status = response.status().as_u16();
		let bytes = self.body(&mut response).await?;
		let bytes = bytes.map_err(|why| HttpError::Body { status, why, receipt: None })?;
		Ok((status, bytes))
	}

	fn transport(&self, source: reqwest::Error) -> HttpError {
		match reach::refusal(&source) {
			Some(refused) => HttpError::NotPublic(refused),
			None => HttpError::Transport { endpoint: self.endpoint.clone(), source },
		}
	}

	/// The whole body, unless it is too long.
	async fn body(
		&self,
		response: &mut reqwest::Response,
	) -> Result<Result<Vec<u8>, String>, HttpError> {
		let mut bytes = Vec::new();
		while let Some(chunk) = response.chunk().await.map_err(|source| self.transport(source))? {
			if bytes.len().saturating_add(chunk.len()) > self.most {
				return Ok(Err(format!("it is longer than {} bytes", self.most)));
			}
			bytes.extend_from_slice(&chunk);
		}
		Ok(Ok(bytes))
	}
}

#[cfg(test)]
mod tls;

#[cfg(test)]
mod tests {
	use super::*;
	use std::{
		net::SocketAddr,
		sync::atomic::{AtomicUsize, Ordering},
	};
	use tokio::{
		io::{AsyncReadExt, AsyncWriteExt},
		net::TcpListener,
	};

	#[test]
	fn model_names_are_escaped_in_the_path() {
		assert_eq!(infer_path("magika"), "/v2/models/magika/infer");
		assert_eq!(infer_path("a b/ü"), "/v2/models/a%20b%2F%C3%BC/infer");
	}

	fn endpoint(text: &str) -> Result<OracleHttp, HttpError> {
		OracleHttp::new(text, Reach::Public)
	}

	#[test]
	fn only_http_endpoints_are_taken() {
		assert_eq!(
			endpoint("https://oracle.example/").unwrap().endpoint(),
			"https://oracle.example"
		);
		assert_eq!(endpoint("http://1.1.1.1:8080/").unwrap().endpoint(), "http://1.1.1.1:8080");
		for wrong in [
			"",
			"127.0.0.1:8080",
			"ftp://oracle",
			"/path",
			"file:///etc/passwd",
			"http://user@oracle",
			"http://:password@oracle",
			"https://user@oracle",
			"httpss://oracle",
		] {
			assert!(matches!(endpoint(wrong), Err(HttpError::Endpoint(_))), "{wrong}");
		}
	}

	#[test]
	fn however_an_inner_address_is_spelt_it_is_refused() {
		for wrong in [
			"http://127.0.0.1:8080",
			"http://127.1",
			"http://2130706433",
			"http://0x7f000001",
			"http://0x7f.0.0.1:80/",
			"http://0177.0.0.1",
			"http://0",
			"http://127.0.0.1.",
			"http://\u{ff11}27.0.0.1",
			"http://169.254.169.254/latest/meta-data",
			"http://10.0.0.1",
			"http://100.64.0.1",
			"http://[::1]",
			"http://[::]:8080",
			"http://[::ffff:127.0.0.1]",
			"http://[::ffff:a9fe:a9fe]",
			"http://[64:ff9b::7f00:1]",
			"http://[fe80::1]",
			"http://[fd00::1]",
			"https://127.0.0.1:8443",
			"https://0x7f.1",
			"https://[::1]",
			"https://169.254.169.254",
		] {
			assert!(matches!(endpoint(wrong), Err(HttpError::NotPublic(_))), "{wrong}");
			assert!(OracleHttp::new(wrong, Reach::Anywhere).is_ok(), "{wrong}");
		}
	}

	/// Answers everything with these bytes; counts how often it was asked.
	async fn answering(with: String) -> (SocketAddr, Arc<AtomicUsize>) {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let address = listener.local_addr().unwrap();
		let asked = Arc::new(AtomicUsize::new(0));
		let count = asked.clone();
		tokio::spawn(async move {
			while let Ok((mut stream, _)) = listener.accept().await {
				count.fetch_add(1, Ordering::SeqCst);
				let mut request = [0; 4096];
				let _ = stream.read(&mut request).await;
				let _ = stream.write_all(with.as_bytes()).await;
			}
		});
		(address, asked)
	}

	#[tokio::test]
	async fn a_name_that_leads_inside_is_refused_before_anything_is_sent() {
		let (address, asked) =
			answering("HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n".into()).await;
		let http = endpoint(&format!("http://localhost:{}", address.port())).unwrap();
		assert!(http.check().await.is_err());
		let error = http.infer("m", vec![], None).await.unwrap_err();
		assert!(matches!(error, HttpError::NotPublic(_)), "{error}");
		assert_eq!(asked.load(Ordering::SeqCst), 0);
	}

	#[tokio::test]
	async fn an_oracle_cannot_send_its_consumer_elsewhere() {
		let (inside, asked) =
			answering("HTTP/1.1 200 x\r\ncontent-length: 2\r\n\r\n{}".into()).await;
		for status in [301, 302, 303, 307, 308] {
			let (oracle, _) = answering(format!(
				"HTTP/1.1 {status} x\r\nlocation: http://{inside}/\r\ncontent-length: 0\r\n\r\n"
			))
			.await;
			let http = OracleHttp::new(&format!("http://{oracle}"), Reach::Anywhere).unwrap();
			let error = http.infer("m", vec![], None).await.unwrap_err();
			assert!(matches!(error, HttpError::Body { status: said, .. } if said == status));
		}
		assert_eq!(asked.load(Ordering::SeqCst), 0);
	}

	#[tokio::test]
	async fn only_the_file_that_was_asked_for_is_taken() {
		let hash = manifest::of_bytes(b"hello").hash;
		for (status, body, says) in [
			(200, "hello", None),
			(200, "hallo", Some("another file")),
			(404, "hello", Some("not there")),
		] {
			let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 5\r\n\r\n{body}");
			let (oracle, _) = answering(answer).await;
			let http = OracleHttp::new(&format!("http://{oracle}"), Reach::Anywhere).unwrap();
			match (http.file("m", 3, &hash).await, says) {
				(Ok(bytes), None) => assert_eq!(bytes, b"hello"),
				(Err(HttpError::Body { why, .. }), Some(says)) => {
					assert!(why.contains(says), "{why}")
				},
				(other, _) => panic!("{other:?}"),
			}
		}
	}

	#[tokio::test]
	async fn an_endless_answer_is_not_read_to_its_end() {
		let body = "[".repeat(4096);
		let (oracle, _) = answering(format!("HTTP/1.1 200 x\r\n\r\n{body}")).await;
		let http = OracleHttp::new(&format!("http://{oracle}"), Reach::Anywhere).unwrap();
		let error = http.with_max_answer(1024).infer("m", vec![], None).await.unwrap_err();
		let HttpError::Body { why, .. } = error else { panic!("{error}") };
		assert_eq!(why, "it is longer than 1024 bytes");
	}
}
