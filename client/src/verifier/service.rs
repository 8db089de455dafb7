//! The HTTP service of a verifier: conversations with people, each ending in an attestation.
//!
//! Browsers get pages, programs that accept `application/json` get the same as JSON. What is said in a
//! conversation is in memory only, for a quarter of an hour.

mod problem;
mod sessions;

use super::{
	front::{guarded, Front, Network, NOT_OWN},
	issuer::{Application, Issuer},
	limit::Limiter,
	method::{Answer, Method, SessionId, Step},
	pages,
};
use crate::keys;
use axum::{
	extract::{DefaultBodyLimit, Query, State},
	http::{header, HeaderMap, StatusCode},
	middleware,
	response::{Html, IntoResponse, Redirect, Response},
	routing::{get, post},
	Extension, Form, Json, Router,
};
use problem::Problem;
use serde::Deserialize;
use serde_json::json;
use sessions::{Session, Sessions, LIFE};
use std::{
	net::IpAddr,
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_primitives::Purpose;

/// Requests that cost something, from one network, and how long until there is one more.
const REQUESTS: (u32, Duration) = (30, Duration::from_secs(2));
/// Looks at one conversation, and how long until there is one more: a look may ask the chain.
const LOOKS: (u32, Duration) = (30, Duration::from_secs(1));
/// The most bytes of a form.
const MOST_BYTES: usize = 16 << 10;
/// The cookie of a conversation.
const COOKIE: &str = "session";

struct Service {
	issuer: Arc<Issuer>,
	method: Box<dyn Method>,
	sessions: Sessions,
	requests: Limiter<IpAddr>,
	looks: Limiter<SessionId>,
	front: Arc<Front>,
}

type Shared = State<Arc<Service>>;

/// The service of a verifier, seen from outside as `front` says.
pub fn router(issuer: Arc<Issuer>, method: Box<dyn Method>, front: Front) -> Router {
	let front = Arc::new(front);
	let pages = method.pages();
	let service = Arc::new(Service {
		issuer,
		method,
		sessions: Sessions::default(),
		requests: Limiter::new(REQUESTS.0, REQUESTS.1),
		looks: Limiter::new(LOOKS.0, LOOKS.1),
		front: Arc::clone(&front),
	});
	Router::new()
		.route("/", get(begin))
		.route("/start", post(start))
		.route("/session", get(present).post(answer))
		.route("/return", get(returned))
		.route("/attestation.json", get(attestation))
		.route("/about", get(about))
		.route("/style.css", get(style))
		.with_state(service)
		.merge(pages)
		.layer(Extension(front))
		.layer(DefaultBodyLimit::max(MOST_BYTES))
		.layer(middleware::map_response(guarded))
}

#[derive(Deserialize)]
struct Asked {
	#[serde(default)]
	account: String,
	#[serde(default)]
	purpose: String,
	#[serde(default)]
	former: String,
}

impl Asked {
	fn purpose(&self) -> Option<Purpose> {
		Some(match self.purpose.as_str() {
			"" | "register" => Purpose::Register,
			"renew" => Purpose::Renew,
			"recover" => Purpose::Recover,
			_ => return None,
		})
	}

	fn application(&self) -> Result<Application, Problem> {
		let account = |text: &str| {
			keys::parse_account(text.trim()).map_err(|error| Problem::form(error.to_string()))
		};
		let former = match self.former.trim() {
			"" => None,
			former => Some(account(former)?),
		};
		let purpose = self
			.purpose()
			.ok_or_else(|| Problem::form("the purpose is register, renew or recover".into()))?;
		let account = account(&self.account)?;
		Ok(Application {
			account,
			purpose,
			former: former.filter(|former| purpose == Purpose::Recover && *former != account),
		})
	}
}

impl Service {
	/// The conversation of the browser that asks.
	fn session(&self, headers: &HeaderMap) -> Result<Session, Problem> {
		let cookie = self.front.read_cookie(headers, COOKIE);
		cookie
			.and_then(|cookie| self.sessions.find(cookie, Instant::now()))
			.ok_or_else(Problem::no_session)
	}

	fn limit(&self, from: IpAddr) -> Result<(), Problem> {
		self.requests.take(from, Instant::now()).map_err(Problem::too_often)
	}

	/// Goes on with a conversation; what there is to see then.
	async fn advance(&self, session: Session, answer: Answer) -> Result<Seen, Problem> {
		let account = session.application.account;
		if let Some(file) = session.attestation {
			return Ok(Seen::Attested(file));
		}
		let human = match session.human {
			// The attestation failed, and nobody needs to be recognised again for it.
			Some(human) => human,
			None => match self.method.step(&session.asker(), answer).await? {
				Step::Recognised(human) => human,
				step => return Ok(Seen::Step(step, keys::address(&account))),
			},
		};
		self.sessions.change(session.id, Instant::now(), |session| {
			session.human = Some(human.clone());
		});
		let attested = self.issuer.attest(self.method.name(), &session.application, &human).await;
		if let Err(refusal) = &attested {
			// Who asks is told nothing of the operator's affairs; the log has them. It has no account: its
			// times, beside the journal's blocks, would say by which nullifier a domain knows whom.
			let cause = std::error::Error::source(refusal).map(tracing::field::display);
			tracing::info!(kind = refusal.kind(), cause, "no attestation");
		}
		let file = attested?;
		self.sessions.change(session.id, Instant::now(), |session| {
			session.human = None;
			session.attestation = Some(file.clone());
		});
		Ok(Seen::Attested(file))
	}
}

/// Where a conversation is.
enum Seen {
	Step(Step, String),
	Attested(super::AttestationFile),
}

impl Seen {
	fn respond(&self, headers: &HeaderMap) -> Response {
		if !wants_json(headers) {
			let markup = match self {
				Self::Step(step, account) => pages::step(step, account),
				Self::Attested(file) => pages::attested(file),
			};
			return Html(markup.into_string()).into_response();
		}
		Json(match self {
			Self::Step(Step::Fill(fields), _) => {
				let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
				json!({ "state": "fill", "fields": names })
			},
			Self::Step(Step::Visit { url, at }, _) => {
				json!({ "state": "visit", "url": url, "at": at })
			},
			Self::Step(Step::Show { code, check }, _) => {
				json!({ "state": "show", "code": code, "check": check })
			},
			Self::Step(Step::Recognised(_), _) => json!({ "state": "recognised" }),
			Self::Attested(file) => json!({ "state": "attested", "attestation": file }),
		})
		.into_response()
	}
}

/// Whether a program asks.
fn wants_json(headers: &HeaderMap) -> bool {
	let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
	accepted.is_some_and(|accept| accept.starts_with("application/json"))
}

async fn begin(State(service): Shared, Query(asked): Query<Asked>) -> Html<String> {
	let purpose = match asked.purpose() {
		Some(Purpose::Renew) => "renew",
		Some(Purpose::Recover) => "recover",
		_ => "register",
	};
	let markup = pages::start(&service.method.about(), &asked.account, purpose);
	Html(markup.into_string())
}

async fn start(
	State(service): Shared,
	Network(from): Network,
	headers: HeaderMap,
	Form(asked): Form<Asked>,
) -> Response {
	if !service.front.is_own(&headers) {
		return NOT_OWN.into_response();
	}
	let begun = service.limit(from).and_then(|()| {
		let begun = service.sessions.begin(asked.application()?, from, Instant::now());
		begun.ok_or_else(Problem::busy)
	});
	match begun {
		Ok(cookie) => {
			let cookie = service.front.cookie(COOKIE, &cookie, LIFE);
			let cookie = [(header::SET_COOKIE, cookie)];
			match wants_json(&headers) {
				true => (cookie, Json(json!({ "state": "begun" }))).into_response(),
				false => (cookie, Redirect::to("/session")).into_response(),
			}
		},
		Err(problem) => problem.respond(&headers),
	}
}

async fn looked(service: &Service, headers: &HeaderMap) -> Result<Seen, Problem> {
	let session = service.session(headers)?;
	service.looks.take(session.id, Instant::now()).map_err(Problem::too_often)?;
	service.advance(session, Answer::new()).await
}

async fn present(State(service): Shared, headers: HeaderMap) -> Response {
	match looked(&service, &headers).await {
		Ok(seen) => seen.respond(&headers),
		Err(problem) => problem.respond(&headers),
	}
}

async fn answered(
	service: &Service,
	from: IpAddr,
	headers: &HeaderMap,
	answer: Answer,
) -> Result<Seen, Problem> {
	service.limit(from)?;
	let session = service.session(headers)?;
	service.advance(session, answer).await
}

async fn answer(
	State(service): Shared,
	Network(from): Network,
	headers: HeaderMap,
	Form(answer): Form<Answer>,
) -> Response {
	if !service.front.is_own(&headers) {
		return NOT_OWN.into_response();
	}
	match answered(&service, from, &headers, answer).await {
		Ok(Seen::Attested(_)) if !wants_json(&headers) => Redirect::to("/session").into_response(),
		Ok(seen) => seen.respond(&headers),
		Err(problem) => problem.respond(&headers),
	}
}

/// Somebody comes back from another page.
async fn returned(
	State(service): Shared,
	Network(from): Network,
	headers: HeaderMap,
	Query(mut answer): Query<Answer>,
) -> Response {
	// Without anything in it, it would be a question.
	answer.entry("state".into()).or_default();
	match answered(&service, from, &headers, answer).await {
		Ok(seen) if wants_json(&headers) => seen.respond(&headers),
		Ok(_) => Redirect::to("/session").into_response(),
		Err(problem) => problem.respond(&headers),
	}
}

async fn attestation(State(service): Shared, headers: HeaderMap) -> Response {
	match service.session(&headers).map(|session| session.attestation) {
		Ok(Some(file)) => {
			let name = format!("attachment; filename=\"attestation-{}.json\"", file.verifier);
			([(header::CONTENT_DISPOSITION, name)], Json(file)).into_response()
		},
		Ok(None) => StatusCode::NOT_FOUND.into_response(),
		Err(problem) => problem.respond(&headers),
	}
}

/// What everybody may know.
async fn about(State(service): Shared) -> Json<serde_json::Value> {
	let terms = service.issuer.terms();
	Json(json!({
		"verifier": terms.verifier,
		"method": service.method.name(),
		"quota": terms.quota,
		"valid_for": terms.valid_for,
	}))
}

async fn style() -> Response {
	let headers = [
		(header::CONTENT_TYPE, "text/css; charset=utf-8"),
		(header::CACHE_CONTROL, "max-age=3600"),
	];
	(headers, pages::STYLE).into_response()
}

#[cfg(test)]
pub(crate) mod tests;
