//! Against a provider of our own on this machine: real keys, real signatures, over HTTP.

use super::*;
use axum::{
	extract::{Query, State},
	http::{header, HeaderMap, StatusCode},
	response::{IntoResponse, Redirect, Response},
	routing::{get, post},
	Form, Json, Router,
};
use base64::prelude::BASE64_STANDARD;
use ring::{
	hmac,
	rand::SystemRandom,
	signature::{
		EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair, RsaPublicKeyComponents,
		ECDSA_P256_SHA256_FIXED_SIGNING, RSA_PKCS1_SHA256,
	},
};
use serde_json::{json, Value};
use std::{collections::BTreeMap, sync::Arc};
use token::TokenError;

/// A key that serves nothing but these tests.
const RSA: &[u8] = include_bytes!("test-rsa.pk8");
pub(crate) const CLIENT: &str = "verifier 7";
pub(crate) const SECRET: &str = "s3cret/:";
/// Both as they travel.
pub(crate) const CREDENTIALS: &str = "verifier%207:s3cret%2F%3A";

/// How a token is spoilt.
pub(crate) type Spoil = fn(&mut Value, &mut Value);

struct Keyring {
	rsa: RsaKeyPair,
	ec: EcdsaKeyPair,
	ed: Ed25519KeyPair,
}

impl Keyring {
	fn new() -> Self {
		let random = SystemRandom::new();
		let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
		let ed = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
		Self {
			rsa: RsaKeyPair::from_pkcs8(RSA).unwrap(),
			ec: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.as_ref(), &random)
				.unwrap(),
			ed: Ed25519KeyPair::from_pkcs8(ed.as_ref()).unwrap(),
		}
	}

	fn rsa(&self) -> RsaPublicKeyComponents<Vec<u8>> {
		self.rsa.public().into()
	}

	fn jwks(&self) -> Value {
		let b64 = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
		let RsaPublicKeyComponents { n, e } = self.rsa();
		let ec = self.ec.public_key().as_ref();
		json!({ "keys": [
			{ "kty": "RSA", "kid": "r", "use": "sig", "n": b64(&n), "e": b64(&e) },
			{ "kty": "EC", "kid": "e", "crv": "P-256", "alg": "ES256",
				"x": b64(&ec[1..33]), "y": b64(&ec[33..]) },
			{ "kty": "OKP", "kid": "o", "crv": "Ed25519", "x": b64(self.ed.public_key().as_ref()) },
		] })
	}

	fn token(&self, header: &Value, claims: &Value) -> String {
		let part = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
		let message = format!("{}.{}", part(header), part(claims));
		let random = SystemRandom::new();
		let signature = match header["alg"].as_str().unwrap() {
			"RS256" => {
				let mut signature = vec![0; self.rsa.public().modulus_len()];
				let bytes = message.as_bytes();
				self.rsa.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).unwrap();
				signature
			},
			"ES256" => self.ec.sign(&random, message.as_bytes()).unwrap().as_ref().to_vec(),
			"EdDSA" => self.ed.sign(message.as_bytes()).as_ref().to_vec(),
			// With the public key as its secret: an old trick.
			"HS256" => {
				let key = hmac::Key::new(hmac::HMAC_SHA256, &self.rsa().n);
				hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
			},
			_ => Vec::new(),
		};
		format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
	}
}

/// A provider at which whoever comes is Ann.
pub(crate) struct Provider {
	keys: Keyring,
	pub issuer: String,
	/// Codes that were given out: nonce, challenge, redirect.
	codes: Mutex<BTreeMap<String, [String; 3]>>,
	pub spoil: Mutex<Spoil>,
	/// The tokens that it has issued.
	pub issued: Mutex<Vec<String>>,
	/// The keys that it shows.
	shown: Mutex<Value>,
	/// How often they were read.
	keys_read: Mutex<u32>,
}

type Shared = State<Arc<Provider>>;

fn unix() -> u64 {
	SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl Provider {
	pub(crate) async fn start() -> Arc<Self> {
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
		let issuer = format!("http://{}", listener.local_addr().unwrap());
		let keyring = Keyring::new();
		let provider = Arc::new(Self {
			shown: Mutex::new(keyring.jwks()),
			keys: keyring,
			issuer,
			codes: Mutex::default(),
			spoil: Mutex::new(|_, _| ()),
			issued: Mutex::default(),
			keys_read: Mutex::new(0),
		});
		let router = Router::new()
			.route("/.well-known/openid-configuration", get(configuration))
			.route("/authorize", get(authorize))
			.route("/token", post(tokens))
			.route("/keys", get(keys))
			.with_state(Arc::clone(&provider));
		tokio::spawn(async move { axum::serve(listener, router).await });
		provider
	}

	pub(crate) fn registration(&self, redirect: &str) -> Registration {
		Registration {
			issuer: self.issuer.clone(),
			client_id: CLIENT.into(),
			client_secret: Some(SECRET.into()),
			redirect: redirect.into(),
		}
	}

	fn claims(&self, nonce: &str) -> Value {
		json!({ "iss": self.issuer, "sub": "ann", "aud": CLIENT, "nonce": nonce,
			"iat": unix(), "exp": unix() + 300 })
	}
}

async fn configuration(State(provider): Shared) -> Json<Value> {
	let issuer = &provider.issuer;
	Json(json!({ "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"),
		"token_endpoint": format!("{issuer}/token"), "jwks_uri": format!("{issuer}/keys") }))
}

async fn authorize(
	State(provider): Shared,
	Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Redirect, StatusCode> {
	let of = |name: &str| asked.get(name).cloned().ok_or(StatusCode::BAD_REQUEST);
	let right = of("client_id")? == CLIENT
		&& of("response_type")? == "code"
		&& of("scope")? == "openid"
		&& of("code_challenge_method")? == "S256";
	if !right {
		return Err(StatusCode::BAD_REQUEST);
	}
	let (code, redirect) = (random(), of("redirect_uri")?);
	let known = [of("nonce")?, of("code_challenge")?, redirect.clone()];
	provider.codes.lock().unwrap().insert(code.clone(), known);
	Ok(Redirect::to(&format!("{redirect}?code={code}&state={}", of("state")?)))
}

async fn tokens(
	State(provider): Shared,
	headers: HeaderMap,
	Form(asked): Form<BTreeMap<String, String>>,
) -> Response {
	let credentials = format!("Basic {}", BASE64_STANDARD.encode(CREDENTIALS));
	if headers.get(header::AUTHORIZATION).map(|it| it.as_bytes()) != Some(credentials.as_bytes()) {
		return StatusCode::UNAUTHORIZED.into_response();
	}
	let known = asked.get("code").and_then(|code| provider.codes.lock().unwrap().remove(code));
	let Some([nonce, challenge, redirect]) = known else {
		return StatusCode::BAD_REQUEST.into_response();
	};
	let verifier = asked.get("code_verifier").cloned().unwrap_or_default();
	if BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != challenge
		|| asked.get("redirect_uri") != Some(&redirect)
	{
		return StatusCode::BAD_REQUEST.into_response();
	}
	let (mut header, mut claims) = (json!({ "alg": "RS256", "kid": "r" }), provider.claims(&nonce));
	(*provider.spoil.lock().unwrap())(&mut header, &mut claims);
	let token = provider.keys.token(&header, &claims);
	provider.issued.lock().unwrap().push(token.clone());
	Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": token })).into_response()
}

async fn keys(State(provider): Shared) -> Json<Value> {
	*provider.keys_read.lock().unwrap() += 1;
	Json(provider.shown.lock().unwrap().clone())
}

const ME: SessionId = SessionId([1; 32]);

fn asker(session: SessionId) -> Asker {
	Asker { session, account: [3; 32], from: IpAddr::from([192, 0, 2, 1]) }
}

const REDIRECT: &str = "http://127.0.0.1:1/return";

async fn visit(oidc: &Oidc) -> String {
	match oidc.step(&asker(ME), Answer::new()).await {
		Ok(Step::Visit { url, .. }) => url,
		_ => panic!("nobody is sent to the provider"),
	}
}

/// Goes to the provider as a browser does; what it comes back with.
pub(crate) async fn sign_in(url: &str) -> Answer {
	let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
	let response = client.unwrap().get(url).send().await.unwrap();
	let location = response.headers()["location"].to_str().unwrap().to_owned();
	Url::parse(&location).unwrap().query_pairs().into_owned().collect()
}

async fn outcome(oidc: &Oidc) -> Result<Human, MethodError> {
	let answer = sign_in(&visit(oidc).await).await;
	match oidc.step(&asker(ME), answer).await? {
		Step::Recognised(human) => Ok(human),
		_ => panic!("it goes on"),
	}
}

/// The same at another time.
async fn outcome_at(oidc: &Oidc, now: Instant) -> Result<Human, MethodError> {
	let Ok(Step::Visit { url, .. }) = oidc.visit(&asker(ME), now) else {
		panic!("nobody is sent to the provider");
	};
	let answer = sign_in(&url).await;
	oidc.returned(ME, &answer, now).await
}

async fn both() -> (Arc<Provider>, Oidc) {
	let provider = Provider::start().await;
	let oidc = Oidc::discover(provider.registration(REDIRECT)).await.unwrap();
	(provider, oidc)
}

#[tokio::test]
async fn who_signs_in_is_recognised_by_issuer_and_subject() {
	let (provider, oidc) = both().await;
	let kinds: [Spoil; 3] = [
		|_, _| (),
		|header, _| *header = json!({ "alg": "ES256", "kid": "e" }),
		|header, _| *header = json!({ "alg": "EdDSA" }),
	];
	for kind in kinds {
		*provider.spoil.lock().unwrap() = kind;
		let human = outcome(&oidc).await.ok().unwrap();
		assert_eq!(human.evidence, format!("[\"{}\",\"ann\"]", provider.issuer));
	}
	assert_eq!(*provider.keys_read.lock().unwrap(), 1);
}

#[tokio::test]
async fn each_flaw_of_a_token_is_refused() {
	let (provider, oidc) = both().await;
	let flaws: [(Spoil, TokenError); 19] = [
		(|header, _| header["alg"] = "none".into(), TokenError::Algorithm),
		(|header, _| header["alg"] = "None".into(), TokenError::Algorithm),
		(|header, _| header["alg"] = "HS256".into(), TokenError::Algorithm),
		(|header, _| header["kid"] = "other".into(), TokenError::NoKey),
		(|header, _| *header = json!({ "alg": "ES256", "kid": "r" }), TokenError::NoKey),
		(|header, _| header["crit"] = json!(["b64"]), TokenError::Malformed),
		(|_, claims| claims["iss"] = "https://evil.example".into(), TokenError::Issuer),
		(|_, claims| claims["aud"] = "another".into(), TokenError::Audience),
		(|_, claims| claims["aud"] = json!([]), TokenError::Audience),
		(|_, claims| claims["aud"] = json!([CLIENT, "another"]), TokenError::Audience),
		(|_, claims| claims["azp"] = "another".into(), TokenError::Audience),
		(|_, claims| claims["nonce"] = "another".into(), TokenError::Nonce),
		(|_, claims| claims["exp"] = (unix() - 61).into(), TokenError::Time),
		(|_, claims| claims["iat"] = (unix() + 120).into(), TokenError::Time),
		(|_, claims| claims["nbf"] = (unix() + 120).into(), TokenError::Time),
		(|_, claims| claims["iat"] = (unix() - 1_000).into(), TokenError::Time),
		// A claim of another type is not one that is missing.
		(|_, claims| claims["nbf"] = "soon".into(), TokenError::Malformed),
		(|_, claims| claims["exp"] = Value::Null, TokenError::Malformed),
		(|_, claims| claims["sub"] = "".into(), TokenError::Subject),
	];
	for (number, (spoil, error)) in flaws.into_iter().enumerate() {
		*provider.spoil.lock().unwrap() = spoil;
		let refused = outcome(&oidc).await.err();
		assert_eq!(refused, Some(MethodError::Provider(error.to_string())), "{number}");
	}
	// Unknown keys do not make it ask for them again and again.
	assert_eq!(*provider.keys_read.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_trusted_for_an_hour_at_most() {
	let (provider, oidc) = both().await;
	let (now, hour) = (Instant::now(), Duration::from_secs(3_600));
	let read = || *provider.keys_read.lock().unwrap();
	assert!(outcome_at(&oidc, now).await.is_ok());
	// It was stolen: tokens that are signed with it say what the thief likes.
	let kept = provider.keys.jwks();
	*provider.shown.lock().unwrap() = json!({ "keys": [kept["keys"][1]] });
	assert!(outcome_at(&oidc, now + hour - Duration::from_secs(1)).await.is_ok());
	assert_eq!(read(), 1);
	let refused = Some(MethodError::Provider(TokenError::NoKey.to_string()));
	assert_eq!(outcome_at(&oidc, now + hour).await.err(), refused);
	assert_eq!(outcome_at(&oidc, now + hour + Duration::from_secs(1)).await.err(), refused);
	assert_eq!(read(), 2);
	*provider.spoil.lock().unwrap() = |header, _| *header = json!({ "alg": "ES256", "kid": "e" });
	assert!(outcome_at(&oidc, now + hour + Duration::from_secs(2)).await.is_ok());

	// Who does not say any more which keys it has is not believed by the old ones.
	*provider.shown.lock().unwrap() = Value::Null;
	for more in [0, 1] {
		let refused = outcome_at(&oidc, now + hour * 2 + Duration::from_secs(more)).await.err();
		assert_eq!(refused, Some(MethodError::Provider(ProviderError::Answer(200).to_string())));
	}
	*provider.shown.lock().unwrap() = kept;
	assert!(outcome_at(&oidc, now + hour * 2 + Duration::from_secs(2)).await.is_ok());
}

#[tokio::test]
async fn one_network_ends_no_visits_of_another() {
	let (_provider, oidc) = both().await;
	let now = Instant::now();
	let from = |network: u8| IpAddr::from([192, 0, 2, network]);
	let ask = |session: u16, network: u8, second: u16| {
		let mut id = [0; 32];
		[id[0], id[1]] = session.to_be_bytes();
		let asker = Asker { from: from(network), ..asker(SessionId(id)) };
		let now = now + Duration::from_secs(second.into());
		assert!(matches!(oidc.visit(&asker, now), Ok(Step::Visit { .. })));
		asker.session
	};
	let elsewhere = ask(0, 1, 0);
	let first = ask(1, 2, 0);
	// Conversations end sooner than their visits: as many as one network may begin meanwhile.
	for session in 2..330 {
		ask(session, 2, session);
	}
	let (visits, now) = (lock(&oidc.visits), now + Duration::from_secs(330));
	assert_eq!(visits.iter(now).count(), 1 + VISITS.per_network);
	assert!(visits.get(&elsewhere, now).is_some() && visits.get(&first, now).is_none());
}

#[test]
fn a_changed_token_is_not_the_providers() {
	let keys = Keyring::new();
	let shown: token::Keys = serde_json::from_value(keys.jwks()).unwrap();
	let expected = token::Expected { issuer: "i", client_id: "c", nonce: "n", now: 100 };
	let claims =
		json!({ "iss": "i", "sub": "ann", "aud": ["c"], "nonce": "n", "iat": 100, "exp": 200 });
	for (alg, kid) in [("RS256", "r"), ("ES256", "e"), ("EdDSA", "o")] {
		let token = keys.token(&json!({ "alg": alg, "kid": kid }), &claims);
		assert_eq!(token::subject(&token, &shown, &expected).as_deref(), Ok("ann"));
		let mut parts: Vec<&str> = token.split('.').collect();
		let ben = claims.to_string().replace("ann", "ben");
		let ben = BASE64_URL_SAFE_NO_PAD.encode(ben);
		parts[1] = &ben;
		let changed = parts.join(".");
		assert_eq!(token::subject(&changed, &shown, &expected), Err(TokenError::Signature));
		let other: token::Keys = serde_json::from_value(Keyring::new().jwks()).unwrap();
		// The test's RSA key is always the same.
		if alg != "RS256" {
			assert_eq!(token::subject(&token, &other, &expected), Err(TokenError::Signature));
		}
	}
	for text in ["", "..", "a.b.c", "a.b", "e30.e30.", "e30.e30.e30"] {
		assert_eq!(token::subject(text, &shown, &expected), Err(TokenError::Malformed), "{text}");
	}
}

#[tokio::test]
async fn an_answer_serves_once_and_only_whoever_was_sent() {
	let (_provider, oidc) = both().await;
	let answer = sign_in(&visit(&oidc).await).await;
	let of_another = oidc.step(&asker(SessionId([2; 32])), answer.clone()).await;
	assert!(matches!(of_another, Err(MethodError::Wrong)));
	assert!(oidc.step(&asker(ME), answer.clone()).await.is_ok());
	assert!(matches!(oidc.step(&asker(ME), answer).await, Err(MethodError::Wrong)));

	let changes: [fn(&mut Answer); 3] = [
		|answer| drop(answer.insert("state".into(), "guess".into())),
		|answer| drop(answer.insert("iss".into(), "https://evil.example".into())),
		|answer| drop(answer.remove("code")),
	];
	for change in changes {
		let mut answer = sign_in(&visit(&oidc).await).await;
		let right = answer.clone();
		change(&mut answer);
		assert!(matches!(oidc.step(&asker(ME), answer).await, Err(MethodError::Wrong)));
		// One wrong answer ends the visit: there is nothing to guess.
		assert!(matches!(oidc.step(&asker(ME), right).await, Err(MethodError::Wrong)));
	}
	let mut answer = sign_in(&visit(&oidc).await).await;
	answer.insert("error".into(), "access_denied<script>".into());
	let refused = oidc.step(&asker(ME), answer).await.err();
	assert_eq!(refused, Some(MethodError::Refused("access_denied<script>".into())));
}

#[tokio::test]
async fn a_provider_is_what_it_calls_itself() {
	let provider = Provider::start().await;
	let mut registration = provider.registration(REDIRECT);
	registration.issuer = format!("{}/", provider.issuer);
	let other = Oidc::discover(registration).await.err().unwrap();
	assert!(matches!(other, ProviderError::OtherIssuer { .. }), "{other:?}");
	let mut registration = provider.registration(REDIRECT);
	registration.issuer = "http://id.example".into();
	let other = Oidc::discover(registration).await.err().unwrap();
	assert!(matches!(other, ProviderError::NotSecure(_)), "{other:?}");
}
