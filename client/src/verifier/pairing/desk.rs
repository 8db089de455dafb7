//! The pages of an official's desk.

use super::{DeskError, Pairing, SHIFT};
use crate::{
	keys,
	verifier::{
		front::{Front, Network, NOT_OWN},
		issuer::Human,
		pages,
	},
};
use axum::{
	extract::State,
	http::{header, HeaderMap, StatusCode},
	response::{Html, IntoResponse, Redirect, Response},
	routing::{get, post},
	Extension, Form, Router,
};
use maud::Markup;
use serde::Deserialize;
use std::{sync::Arc, time::Instant};
use usufruct_primitives::Hash;

/// The cookie of a desk.
const COOKIE: &str = "desk";

type Desks = State<Arc<Pairing>>;
type Shared = Extension<Arc<Front>>;

#[derive(Deserialize)]
struct Token {
	token: String,
}

#[derive(Deserialize)]
struct Code {
	code: String,
}

#[derive(Deserialize)]
struct Person {
	code: String,
	evidence: String,
	#[serde(default)]
	region: String,
}

pub fn router(pairing: Arc<Pairing>) -> Router {
	Router::new()
		.route("/desk", get(show))
		.route("/desk/open", post(open))
		.route("/desk/code", post(code))
		.route("/desk/person", post(person))
		.with_state(pairing)
}

fn respond(status: StatusCode, markup: Markup) -> Response {
	(status, Html(markup.into_string())).into_response()
}

/// The desk of the browser that asks; otherwise what to say to it.
fn manned(pairing: &Pairing, front: &Front, headers: &HeaderMap) -> Result<Hash, Response> {
	let cookie = front.read_cookie(headers, COOKIE);
	cookie
		.and_then(|cookie| pairing.desk(cookie, Instant::now()))
		.ok_or_else(|| respond(StatusCode::UNAUTHORIZED, pages::desk_closed(None)))
}

fn own(front: &Front, headers: &HeaderMap) -> Result<(), Response> {
	match front.is_own(headers) {
		true => Ok(()),
		false => Err(NOT_OWN.into_response()),
	}
}

fn refused(error: DeskError) -> StatusCode {
	match error {
		DeskError::NoSuchCode => StatusCode::NOT_FOUND,
		DeskError::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
		DeskError::NotAnOfficial => StatusCode::UNAUTHORIZED,
		DeskError::NoEvidence => StatusCode::BAD_REQUEST,
	}
}

async fn show(
	State(pairing): Desks,
	Extension(front): Shared,
	headers: HeaderMap,
) -> Result<Response, Response> {
	manned(&pairing, &front, &headers)?;
	Ok(respond(StatusCode::OK, pages::desk_open(None)))
}

async fn open(
	State(pairing): Desks,
	Extension(front): Shared,
	Network(from): Network,
	headers: HeaderMap,
	Form(Token { token }): Form<Token>,
) -> Result<Response, Response> {
	own(&front, &headers)?;
	match pairing.open_desk(&token, from, Instant::now()) {
		Ok(cookie) => {
			let cookie = front.cookie(COOKIE, &cookie, SHIFT);
			Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/desk")).into_response())
		},
		Err(error) => Err(respond(refused(error), pages::desk_closed(Some(&error.to_string())))),
	}
}

async fn code(
	State(pairing): Desks,
	Extension(front): Shared,
	headers: HeaderMap,
	Form(Code { code }): Form<Code>,
) -> Result<Response, Response> {
	own(&front, &headers)?;
	let desk = manned(&pairing, &front, &headers)?;
	match pairing.look_up(desk, &code, Instant::now()) {
		Ok((account, check)) => {
			let account = keys::address(&account);
			Ok(respond(StatusCode::OK, pages::desk_person(&code, &account, &check, None)))
		},
		Err(error) => {
			Err(respond(refused(error), pages::desk_open(Some((&error.to_string(), true)))))
		},
	}
}

async fn person(
	State(pairing): Desks,
	Extension(front): Shared,
	headers: HeaderMap,
	Form(Person { code, evidence, region }): Form<Person>,
) -> Result<Response, Response> {
	own(&front, &headers)?;
	let desk = manned(&pairing, &front, &headers)?;
	let failed = |status, why: &str| Err(respond(status, pages::desk_open(Some((why, true)))));
	let region = match region.trim() {
		"" => 0,
		region => match region.parse() {
			Ok(region) => region,
			Err(_) => {
				let why = "the region is a number, such as 756; look the code up again";
				return failed(StatusCode::BAD_REQUEST, why);
			},
		},
	};
	match pairing.recognise(desk, &code, Human { evidence, region }, Instant::now()) {
		Ok(()) => Ok(respond(
			StatusCode::OK,
			pages::desk_open(Some(("Done: the person's screen goes on by itself.", false))),
		)),
		Err(error) => failed(refused(error), &error.to_string()),
	}
}
