//! An operator that lies to its consumers: it stands before its own honest oracle and signs other
//! receipts than the oracle does, with the very receipt key.

use std::sync::{
	atomic::{AtomicU64, Ordering},
	Arc,
};

use anyhow::{Context, Result};
use axum::{
	body::Bytes,
	extract::State,
	http::{HeaderMap, HeaderValue, Method, StatusCode, Uri},
	response::{IntoResponse, Response},
	Router,
};
use ed25519_dalek::SigningKey;
use usufruct_client::oracle_api::{header, SignedReceipt};
use usufruct_primitives::{usage::Receipt, Hash};

/// What is changed of a receipt before it is signed again.
pub type Lie = fn(&mut Receipt);

struct Truth {
	http: reqwest::Client,
	oracle: String,
	key: SigningKey,
	genesis: Hash,
	lie: Lie,
	/// Receipts that are passed on as they are before one is changed.
	honest: AtomicU64,
}

/// Listens until it is dropped.
pub struct Liar {
	/// `http://…` of its API: what the operator registers.
	pub url: String,
	task: tokio::task::JoinHandle<()>,
}

impl Liar {
	/// Stands before the oracle at `oracle`; tells the truth `honest` times, then lies once, then
	/// tells the truth again.
	pub async fn start(
		oracle: &str,
		receipt_seed: &[u8; 32],
		genesis: Hash,
		honest: u64,
		lie: Lie,
	) -> Result<Self> {
		let truth = Arc::new(Truth {
			http: reqwest::Client::new(),
			oracle: oracle.into(),
			key: SigningKey::from_bytes(receipt_seed),
			genesis,
			lie,
			honest: AtomicU64::new(honest),
		});
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
		let url = format!("http://{}", listener.local_addr()?);
		let router = Router::new().fallback(pass_on).with_state(truth);
		let task = tokio::spawn(async move {
			// It ends with the test.
			let _ = axum::serve(listener, router).await;
		});
		Ok(Self { url, task })
	}
}

impl Drop for Liar {
	fn drop(&mut self) {
		self.task.abort();
	}
}

async fn pass_on(
	State(truth): State<Arc<Truth>>,
	method: Method,
	uri: Uri,
	headers: HeaderMap,
	body: Bytes,
) -> Response {
	match truth.answer(method, &uri.to_string(), headers, body).await {
		Ok(response) => response,
		Err(error) => (StatusCode::BAD_GATEWAY, format!("{error:#}")).into_response(),
	}
}

impl Truth {
	async fn answer(
		&self,
		method: Method,
		path: &str,
		mut headers: HeaderMap,
		body: Bytes,
	) -> Result<Response> {
		headers.remove("host");
		let url = format!("{}{path}", self.oracle);
		let answer = self.http.request(method, url).headers(headers).body(body).send().await?;
		let status = answer.status();
		let mut headers = answer.headers().clone();
		// The body is sent on whole.
		headers.remove("transfer-encoding");
		if let Some(receipt) = headers.get(header::RECEIPT) {
			let receipt = SignedReceipt::from_header(receipt.to_str()?)?;
			let told = HeaderValue::from_str(&self.tell(receipt).to_header())?;
			headers.insert(header::RECEIPT, told);
		}
		let body = answer.bytes().await.context("the oracle hung up")?;
		Ok((status, headers, body).into_response())
	}

	fn tell(&self, honest: SignedReceipt) -> SignedReceipt {
		let left = self.honest.fetch_sub(1, Ordering::SeqCst);
		// It has wrapped around after the lie, and is large again.
		if left != 0 {
			return honest;
		}
		let mut receipt = honest.receipt;
		(self.lie)(&mut receipt);
		SignedReceipt::sign(receipt, &self.key, &self.genesis)
	}
}
