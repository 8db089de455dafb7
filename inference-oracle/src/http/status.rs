//! The page at `/`: what is served, at what price, and how the oracle is.

use super::{app::App, catalogue::Served};
use axum::{
	extract::State,
	http::header,
	response::{IntoResponse, Response},
};
use std::{fmt::Write as _, sync::Arc};
use usufruct_client::{amount::ufr, keys};

const STYLE: &str = include_str!("status.css");

/// The page. It holds no script, and asks for itself again every few seconds.
pub async fn page(State(app): State<Arc<App>>) -> Response {
	let headers = [
		(header::CONTENT_TYPE, "text/html; charset=utf-8"),
		(header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
		(header::CACHE_CONTROL, "no-store"),
	];
	(headers, html(&app)).into_response()
}

fn html(app: &App) -> String {
	let (_, standing) = app.ledger.exposure();
	let (state, why) = state(app);
	let mut rows = String::new();
	for served in app.catalogue.served().iter() {
		row(&mut rows, app, served);
	}
	let age = app.ledger.since_head().as_secs();
	let oracle = keys::address(&app.identity.oracle);
	let facts = [
		("Account", escape(&oracle)),
		("Receipt key", format!("0x{}", hex::encode(app.identity.receipt_key))),
		("Chain", format!("0x{}", hex::encode(app.identity.genesis))),
		("Finalised block", format!("{}, seen {age} s ago", standing.head)),
		("Bond", ufr(standing.bond).to_string()),
		("Of it free", ufr(standing.free_bond).to_string()),
		("Requests running", app.ledger.running().to_string()),
	];
	let facts: String =
		facts.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>")).collect();
	format!(
		"<!doctype html><html lang=en><head><meta charset=utf-8>\
		 <meta name=viewport content=\"width=device-width\"><meta http-equiv=refresh content=5>\
		 <title>Usufruct inference oracle</title><style>{STYLE}</style></head><body>\
		 <h1>Usufruct inference oracle</h1><p class={state}>{}</p><h2>Models</h2>\
		 <table><thead><tr><th>Model<th>Version<th>Price<th>Runs on<th>Workers<th>Waiting<th>Licence\
		 <th>State</thead><tbody>{rows}</tbody></table><h2>Oracle</h2><dl>{facts}</dl>\
		 <p class=foot>usufruct-oracle {} · paid by vouchers over the Open Inference Protocol: \
		 <a href=/v2>/v2</a></p></body></html>",
		escape(&why),
		env!("CARGO_PKG_VERSION"),
	)
}

/// The class of the headline, and the headline.
fn state(app: &App) -> (&'static str, String) {
	if let Some(why) = app.not_ready() {
		return ("bad", format!("Not serving: {why}"));
	}
	if app.ledger.paused() {
		return ("bad", "Paused: too little of the bond is spare".into());
	}
	let mut limits = Vec::new();
	if app.metrics.nodes_disagree.get() != 0 {
		limits.push("two nodes disagree about what is final: only channels that are known");
	}
	if app.ledger.sees_old_blocks() {
		limits
			.push("the node's finalised blocks are old: only up to the set risk, no new channels");
	} else if app.ledger.is_blind() {
		limits.push("no finalised block comes: only up to the set risk");
	}
	if !limits.is_empty() {
		return ("warn", format!("Serving, though {}", limits.join("; ")));
	}
	if app.ledger.bond_low() {
		return ("warn", "Serving; the bond is low".into());
	}
	("good", "Serving".into())
}

fn row(to: &mut String, app: &App, served: &Served) {
	let offer = app.offer(served.version, Ok(()));
	let price =
		offer.ask.map_or("–".into(), |price| format!("{} per {}", ufr(price), unit(served)));
	let loaded = served.home.loaded();
	let instances = loaded.as_ref().map_or(&[][..], |pool| pool.instances());
	let up = instances.iter().filter(|it| it.is_up()).count();
	let device = loaded.as_ref().map_or("–", |pool| pool.profile().provider.as_str());
	let waiting = loaded.as_ref().map_or(0, |pool| pool.waiting());
	let (class, state) = match () {
		() if !offer.open => ("warn", "deprecated"),
		() if offer.ask.is_none() => ("warn", "no price"),
		() if loaded.is_none() => ("", "not loaded"),
		() if up == 0 => ("bad", "down"),
		() if up < instances.len() => ("warn", "partly down"),
		() => ("good", "ready"),
	};
	// Writing to a string does not fail.
	let _ = write!(
		to,
		"<tr><td>{}<td>{}<td>{price}<td>{}<td>{up} of {}<td>{}<td>{}<td class={class}>{state}",
		escape(&served.name),
		served.version,
		escape(device),
		instances.len(),
		waiting,
		escape(&served.licence),
	);
}

fn unit(served: &Served) -> &'static str {
	use usufruct_primitives::Meter;
	match served.meter {
		Meter::Request => "request",
		Meter::InputToken => "input token",
		Meter::OutputToken => "output token",
		Meter::Pixel => "pixel",
		Meter::AudioMillisecond => "millisecond of audio",
		Meter::Element => "element",
	}
}

/// As text of a page: what the chain and the configuration say is not ours.
pub(super) fn escape(text: &str) -> String {
	text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
