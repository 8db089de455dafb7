//! Talking to an identity provider: where its pages are, its keys, and codes for tokens.

use super::{
	token::{self, Expected, Keys, TokenError},
	Registration,
};
use reqwest::{redirect::Policy, Client, RequestBuilder, Url};
use serde::{de::DeserializeOwned, Deserialize};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of an answer.
const MOST: usize = 1 << 20;
/// Keys are asked for again no more often than this.
const KEYS_AGAIN: Duration = Duration::from_secs(60);
/// And no less often: from then on a key that was withdrawn is trusted no more.
const KEYS_LIFE: Duration = Duration::from_secs(3_600);

/// Why a provider is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
	/// Who listens on the way could say who people are.
	#[error("'{0}' is not https:// (http:// is for this machine alone)")]
	NotSecure(String),
	/// It calls itself something else.
	#[error("the provider calls itself '{said}', not '{expected}'; name it as it does")]
	OtherIssuer {
		/// What it was called.
		expected: String,
		/// What it says.
		said: String,
	},
	/// It did not answer.
	#[error("the identity provider does not answer")]
	Http(#[source] reqwest::Error),
	/// It answered something else.
	#[error("the identity provider answered {0} with something else than expected")]
	Answer(u16),
	/// Its token is not good.
	#[error(transparent)]
	Token(#[from] TokenError),
}

/// Where a provider's pages are.
#[derive(Debug, Deserialize)]
pub struct Pages {
	issuer: String,
	pub authorization_endpoint: String,
	token_endpoint: String,
	jwks_uri: String,
	#[serde(default)]
	token_endpoint_auth_methods_supported: Vec<String>,
}

/// A provider.
pub struct Provider {
	client: Client,
	pub pages: Pages,
	keys: Mutex<Option<(Keys, Instant)>>,
}

#[derive(Deserialize)]
struct Tokens {
	id_token: String,
}

impl Provider {
	/// Reads the provider's own description.
	pub async fn discover(issuer: &str) -> Result<Self, ProviderError> {
		secure(issuer)?;
		let client = Client::builder()
			.timeout(TIMEOUT)
			.redirect(Policy::none())
			.build()
			.map_err(ProviderError::Http)?;
		let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
		let pages: Pages = read(client.get(url)).await?;
		if pages.issuer != issuer {
			let (expected, said) = (issuer.into(), pages.issuer);
			return Err(ProviderError::OtherIssuer { expected, said });
		}
		for url in [&pages.authorization_endpoint, &pages.token_endpoint, &pages.jwks_uri] {
			secure(url)?;
		}
		Ok(Self { client, pages, keys: Mutex::new(None) })
	}

	/// The ID token for a code.
	pub async fn redeem(
		&self,
		registration: &Registration,
		code: &str,
		verifier: &str,
	) -> Result<String, ProviderError> {
		let Registration { client_id, client_secret, redirect, .. } = registration;
		let mut form = vec![
			("grant_type", "authorization_code"),
			("code", code),
			("redirect_uri", redirect),
			("code_verifier", verifier),
		];
		let request = self.client.post(&self.pages.token_endpoint);
		let methods = &self.pages.token_endpoint_auth_methods_supported;
		// Without a list it is this one.
		let basic = methods.is_empty() || methods.iter().any(|it| it == "client_secret_basic");
		let request = match client_secret {
			Some(secret) if basic => request.basic_auth(encoded(client_id), Some(encoded(secret))),
			Some(secret) => {
				form.extend([("client_id", client_id.as_str()), ("client_secret", secret)]);
				request
			},
			None => {
				form.push(("client_id", client_id));
				request
			},
		};
		Ok(read::<Tokens>(request.form(&form)).await?.id_token)
	}

	/// Whom a token is about, if it is good.
	pub async fn subject(
		&self,
		token: &str,
		expected: &Expected<'_>,
		now: Instant,
	) -> Result<String, ProviderError> {
		let mut slot = self.keys.lock().await;
		let age = |since: &Instant| now.saturating_duration_since(*since);
		if let Some((keys, since)) = slot.as_ref().filter(|(_, since)| age(since) < KEYS_LIFE) {
			match token::subject(token, keys, expected) {
				// It may have got new keys.
				Err(TokenError::NoKey) if age(since) >= KEYS_AGAIN => (),
				checked => return Ok(checked?),
			}
		}
		let keys: Keys = read(self.client.get(&self.pages.jwks_uri)).await?;
		let (keys, _) = slot.insert((keys, now));
		Ok(token::subject(token, keys, expected)?)
	}
}

/// Sends a request and reads the answer, as JSON.
async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, ProviderError> {
	let mut response = request.send().await.map_err(ProviderError::Http)?;
	let status = response.status();
	let other = || ProviderError::Answer(status.as_u16());
	if !status.is_success() {
		return Err(other());
	}
	let mut body = Vec::new();
	while let Some(chunk) = response.chunk().await.map_err(ProviderError::Http)? {
		if body.len().saturating_add(chunk.len()) > MOST {
			return Err(other());
		}
		body.extend_from_slice(&chunk);
	}
	serde_json::from_slice(&body).map_err(|_| other())
}

/// As RFC 6749 wants names and secrets in an `Authorization` header.
fn encoded(text: &str) -> String {
	let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
	text.bytes()
		.map(|byte| match unreserved(&byte) {
			true => char::from(byte).to_string(),
			false => format!("%{byte:02X}"),
		})
		.collect()
}

fn secure(url: &str) -> Result<(), ProviderError> {
	let parsed = Url::parse(url).map_err(|_| ProviderError::NotSecure(url.into()))?;
	let host = parsed.host_str().unwrap_or_default();
	let here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
	match parsed.scheme() == "https" || (parsed.scheme() == "http" && here) {
		true => Ok(()),
		false => Err(ProviderError::NotSecure(url.into())),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_this_machine_is_asked_in_the_clear() {
		for url in
			["https://id.example", "http://127.0.0.1:80/x", "http://localhost", "http://[::1]"]
		{
			assert!(secure(url).is_ok(), "{url}");
		}
		for url in
			["http://id.example", "ftp://localhost", "id.example", "http://127.0.0.1.evil.example"]
		{
			assert!(secure(url).is_err(), "{url}");
		}
	}

	#[test]
	fn secrets_are_encoded_before_they_are_sent() {
		assert_eq!(encoded("a-b:c é"), "a-b%3Ac%20%C3%A9");
	}
}
