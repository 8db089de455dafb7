//! OpenID Connect: whoever an identity provider says it is (authorisation code with PKCE).
//!
//! The evidence is issuer and subject, which the provider promises never to give to anybody else.
//! Nothing else is asked for: the scope is `openid` alone, and the ID token is read and dropped.

mod provider;
pub mod token;

use super::{
	guests::{Guest, Guests, Room},
	issuer::Human,
	method::{Answer, Asker, Method, MethodError, SessionId, Step},
};
use crate::sync::lock;
use base64::{prelude::BASE64_URL_SAFE_NO_PAD, Engine};
use futures::future::BoxFuture;
use provider::Provider;
pub use provider::ProviderError;
use rand::Rng;
use reqwest::Url;
use sha2::{Digest, Sha256};
use std::{
	net::IpAddr,
	sync::Mutex,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use token::Expected;

/// How long somebody may take at the provider, and how many may be there at once.
const VISITS: Room = Room { all: 10_000, per_network: 100, life: Duration::from_secs(600) };

/// A provider, and what it knows this verifier by.
#[derive(Clone, Debug)]
pub struct Registration {
	/// The issuer's URL, exactly as it stands in its tokens.
	pub issuer: String,
	/// What this verifier is registered as.
	pub client_id: String,
	/// The secret it was given, if it is no public client.
	pub client_secret: Option<String>,
	/// Where people come back to.
	pub redirect: String,
}

/// Somebody who is at the provider.
struct Visit {
	state: String,
	nonce: String,
	verifier: String,
	/// The network in which the conversation began.
	from: IpAddr,
}

impl Guest for Visit {
	fn network(&self) -> IpAddr {
		self.from
	}

	/// Of whoever is there longest, it is most likely that he does not come back.
	fn may_go(&self) -> bool {
		true
	}
}

/// Recognition by a provider.
pub struct Oidc {
	registration: Registration,
	provider: Provider,
	visits: Mutex<Guests<SessionId, Visit>>,
}

/// 256 bits that nobody can guess, as text.
fn random() -> String {
	BASE64_URL_SAFE_NO_PAD.encode(rand::rngs::OsRng.gen::<[u8; 32]>())
}

impl Oidc {
	/// Reads from the issuer where its pages are.
	pub async fn discover(registration: Registration) -> Result<Self, ProviderError> {
		let provider = Provider::discover(&registration.issuer).await?;
		Ok(Self { registration, provider, visits: Mutex::new(Guests::new(VISITS)) })
	}

	/// Sends somebody to the provider. A visit that was begun before is forgotten.
	fn visit(&self, asker: &Asker, now: Instant) -> Result<Step, MethodError> {
		let [state, nonce, verifier] = [random(), random(), random()];
		let visit = Visit { state, nonce, verifier, from: asker.from };
		let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&visit.verifier));
		let mut url = Url::parse(&self.provider.pages.authorization_endpoint)
			.map_err(|_| MethodError::Provider("its address is none".into()))?;
		url.query_pairs_mut()
			.append_pair("response_type", "code")
			.append_pair("scope", "openid")
			.append_pair("client_id", &self.registration.client_id)
			.append_pair("redirect_uri", &self.registration.redirect)
			.append_pair("state", &visit.state)
			.append_pair("nonce", &visit.nonce)
			.append_pair("code_challenge", &challenge)
			.append_pair("code_challenge_method", "S256");
		match lock(&self.visits).begin(asker.session, visit, now) {
			true => Ok(Step::Visit { url: url.into(), at: self.registration.issuer.clone() }),
			false => Err(MethodError::Busy),
		}
	}

	/// Who came back. Each visit ends with the first answer, right or wrong.
	async fn returned(
		&self,
		session: SessionId,
		answer: &Answer,
		now: Instant,
	) -> Result<Human, MethodError> {
		let visit = lock(&self.visits).remove(&session, now).ok_or(MethodError::Wrong)?;
		let of = |name: &str| answer.get(name).map(String::as_str);
		if of("state") != Some(&visit.state) {
			return Err(MethodError::Wrong);
		}
		// RFC 9207: an answer that another provider was asked for.
		if of("iss").is_some_and(|issuer| issuer != self.registration.issuer) {
			return Err(MethodError::Wrong);
		}
		if let Some(error) = of("error") {
			let plain = |c: &char| c.is_ascii_graphic() || *c == ' ';
			let error: String = error.chars().filter(plain).take(80).collect();
			return Err(MethodError::Refused(error));
		}
		let code = of("code").ok_or(MethodError::Wrong)?;
		let failed = |error: ProviderError| {
			tracing::warn!(%error, "the identity provider");
			MethodError::Provider(error.to_string())
		};
		let token = self.provider.redeem(&self.registration, code, &visit.verifier);
		let token = token.await.map_err(failed)?;
		let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
		let expected = Expected {
			issuer: &self.registration.issuer,
			client_id: &self.registration.client_id,
			nonce: &visit.nonce,
			now: unix,
		};
		let subject = self.provider.subject(&token, &expected, now).await.map_err(failed)?;
		Ok(Human { evidence: evidence(&self.registration.issuer, &subject), region: 0 })
	}
}

/// Issuer and subject as evidence: JSON, so that no two pairs give one text.
fn evidence(issuer: &str, subject: &str) -> String {
	serde_json::json!([issuer, subject]).to_string()
}

impl Method for Oidc {
	fn name(&self) -> &'static str {
		"oidc"
	}

	fn about(&self) -> String {
		format!("You are recognised by {}, where you sign in.", self.registration.issuer)
	}

	fn step(&self, asker: &Asker, answer: Answer) -> BoxFuture<'_, Result<Step, MethodError>> {
		let asker = *asker;
		Box::pin(async move {
			let now = Instant::now();
			match answer.is_empty() {
				true => self.visit(&asker, now),
				false => self.returned(asker.session, &answer, now).await.map(Step::Recognised),
			}
		})
	}
}

#[cfg(test)]
pub(crate) mod tests;
