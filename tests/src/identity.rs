//! An OpenID Connect provider on this machine, at which one human has an account and is signed in.

use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, PoisonError},
	time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Result;
use axum::{
	extract::{Query, State},
	http::{header, HeaderMap, StatusCode},
	response::Redirect,
	routing::{get, post},
	Form, Json, Router,
};
use base64::{
	prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
	Engine,
};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

/// What the one client is registered as.
pub const CLIENT: &str = "verifier-2";
/// The secret of its registration.
pub const CLIENT_SECRET: &str = "s3cret-of-a-client";
/// The one account.
pub const SUBJECT: &str = "subject-248289761001";

/// What was asked for with a code.
struct Asked {
	nonce: String,
	challenge: String,
	redirect: String,
}

struct Desk {
	issuer: String,
	key: SigningKey,
	codes: Mutex<BTreeMap<String, Asked>>,
	issued: Mutex<Vec<String>>,
}

type Fields = BTreeMap<String, String>;
type Shared = State<Arc<Desk>>;

/// Answers until it is dropped.
pub struct Provider {
	desk: Arc<Desk>,
	task: tokio::task::JoinHandle<()>,
}

impl Provider {
	/// Begins to answer, at a port of its own.
	pub async fn start() -> Result<Self> {
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
		let desk = Arc::new(Desk {
			issuer: format!("http://{}", listener.local_addr()?),
			key: SigningKey::from_bytes(&rand::random()),
			codes: Mutex::default(),
			issued: Mutex::default(),
		});
		let router = Router::new()
			.route("/.well-known/openid-configuration", get(configuration))
			.route("/authorize", get(authorize))
			.route("/token", post(token))
			.route("/keys", get(keys))
			.with_state(Arc::clone(&desk));
		let task = tokio::spawn(async move {
			// It ends when the task is aborted.
			let _ = axum::serve(listener, router).await;
		});
		Ok(Self { desk, task })
	}

	/// Its URL, which is also what it calls itself.
	pub fn issuer(&self) -> &str {
		&self.desk.issuer
	}

	/// The ID tokens that it has issued.
	pub fn issued(&self) -> Vec<String> {
		self.desk.issued.lock().unwrap_or_else(PoisonError::into_inner).clone()
	}
}

impl Drop for Provider {
	fn drop(&mut self) {
		self.task.abort();
	}
}

async fn configuration(State(desk): Shared) -> Json<Value> {
	let issuer = &desk.issuer;
	Json(json!({
		"issuer": issuer,
		"authorization_endpoint": format!("{issuer}/authorize"),
		"token_endpoint": format!("{issuer}/token"),
		"jwks_uri": format!("{issuer}/keys"),
	}))
}

async fn keys(State(desk): Shared) -> Json<Value> {
	let public = BASE64_URL_SAFE_NO_PAD.encode(desk.key.verifying_key().to_bytes());
	Json(
		json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "1", "x": public }] }),
	)
}

async fn authorize(
	State(desk): Shared,
	Query(asked): Query<Fields>,
) -> Result<Redirect, StatusCode> {
	let of = |name: &str| asked.get(name).cloned().ok_or(StatusCode::BAD_REQUEST);
	let known = of("client_id")? == CLIENT
		&& of("response_type")? == "code"
		&& of("scope")? == "openid"
		&& of("code_challenge_method")? == "S256";
	if !known {
		return Err(StatusCode::BAD_REQUEST);
	}
	let (redirect, state) = (of("redirect_uri")?, of("state")?);
	let code = hex::encode(rand::random::<[u8; 32]>());
	let back = format!("{redirect}?code={code}&state={state}");
	let asked = Asked { nonce: of("nonce")?, challenge: of("code_challenge")?, redirect };
	desk.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(code, asked);
	Ok(Redirect::to(&back))
}

async fn token(
	State(desk): Shared,
	headers: HeaderMap,
	Form(form): Form<Fields>,
) -> Result<Json<Value>, StatusCode> {
	let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET}")));
	if headers.get(header::AUTHORIZATION).is_none_or(|said| said.as_bytes() != basic.as_bytes()) {
		return Err(StatusCode::UNAUTHORIZED);
	}
	let of = |name: &str| form.get(name).map(String::as_str).ok_or(StatusCode::BAD_REQUEST);
	let code = of("code")?;
	let asked = desk.codes.lock().unwrap_or_else(PoisonError::into_inner).remove(code);
	let asked = asked.ok_or(StatusCode::BAD_REQUEST)?;
	let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(of("code_verifier")?));
	if of("grant_type")? != "authorization_code"
		|| of("redirect_uri")? != asked.redirect
		|| challenge != asked.challenge
	{
		return Err(StatusCode::BAD_REQUEST);
	}
	let token = desk.id_token(&asked.nonce)?;
	desk.issued.lock().unwrap_or_else(PoisonError::into_inner).push(token.clone());
	Ok(Json(json!({ "access_token": "none", "token_type": "Bearer", "id_token": token })))
}

impl Desk {
	fn id_token(&self, nonce: &str) -> Result<String, StatusCode> {
		let now = SystemTime::now().duration_since(UNIX_EPOCH);
		let now = now.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.as_secs();
		let header = json!({ "alg": "EdDSA", "kid": "1" });
		let claims = json!({ "iss": self.issuer, "sub": SUBJECT, "aud": CLIENT, "nonce": nonce, "iat": now,
			"exp": now + 300 });
		let [header, claims] =
			[header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
		let message = format!("{header}.{claims}");
		let signature = self.key.sign(message.as_bytes()).to_bytes();
		Ok(format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
	}
}
