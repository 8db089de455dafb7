//! The pages that people see. They need no script, and nothing from elsewhere.

use super::{method::Step, AttestationFile};
use maud::{html, Markup, DOCTYPE};

/// How the pages look.
pub const STYLE: &str = include_str!("style.css");

/// A page; it asks for itself again after so many seconds, if it waits for something.
pub fn page(title: &str, again: Option<u32>, content: Markup) -> Markup {
	html! {
		(DOCTYPE)
		html lang="en" {
			head {
				meta charset="utf-8";
				meta name="viewport" content="width=device-width, initial-scale=1";
				@if let Some(seconds) = again { meta http-equiv="refresh" content=(seconds); }
				title { (title) " · Usufruct" }
				link rel="stylesheet" href="/style.css";
			}
			body { main { h1 { (title) } (content) } }
		}
	}
}

/// Where everybody begins.
pub fn start(about: &str, account: &str, purpose: &str) -> Markup {
	let choice = |value: &str, label: &str| {
		html! {
			label.choice {
				input type="radio" name="purpose" value=(value) checked[purpose == value];
				span { (label) }
			}
		}
	};
	page(
		"Be recognised as a person",
		None,
		html! {
			p { (about) }
			p { "This verifier keeps nothing that says who you are, but a hash that only its domain can make." }
			form method="post" action="/start" {
				label { "Your account"
					input name="account" value=(account) required autocomplete="off" spellcheck="false"
						placeholder="5…";
				}
				p.hint { "It must be your own: whoever has its key is paid in your place." }
				fieldset {
					legend { "What for" }
					(choice("register", "To be recognised for the first time"))
					(choice("renew", "For a further term"))
					(choice("recover", "I have lost the key of my account; the one above is new"))
				}
				label { "The account you have lost, if you still know it"
					input name="former" autocomplete="off" spellcheck="false";
				}
				button { "Go on" }
			}
		},
	)
}

/// What comes next for a person with that account.
pub fn step(step: &Step, account: &str) -> Markup {
	match step {
		Step::Fill(fields) => page(
			"Who are you?",
			None,
			html! {
				(whose(account))
				form method="post" action="/session" {
					@for field in *fields {
						label { (field.label)
							input name=(field.name) required autocomplete="off" spellcheck="false";
						}
					}
					button { "Go on" }
				}
			},
		),
		Step::Visit { url, at } => page(
			"Sign in",
			None,
			html! {
				(whose(account))
				p { "You are asked to sign in at " strong { (at) } ", which tells this verifier nothing but a number for you." }
				p { a.button href=(url) { "Sign in" } }
			},
		),
		Step::Show { code, check } => page(
			"Show this code",
			Some(5),
			html! {
				(whose(account))
				p { "Tell the official this code:" }
				p.code { (code) }
				p { "Then both screens must show the same. If they do not, stop." }
				p.check { (check) }
				p.hint { "The page goes on by itself. A code lives five minutes." }
			},
		),
		// Nobody stays here: an attestation or a refusal follows at once.
		Step::Recognised(_) => page("Recognised", Some(1), html! {}),
	}
}

/// The end.
pub fn attested(file: &AttestationFile) -> Markup {
	page(
		"You are attested",
		None,
		html! {
			(whose(&file.account))
			p { "Verifier " (file.verifier) " says that a human stands behind it. That holds until block "
				strong { (file.expires) } "; so many verifiers must say so, each of another domain, as the chain asks for." }
			p { a.button href="/attestation.json" download=(format!("attestation-{}.json", file.verifier)) { "Keep it" } }
			p.hint { "With all of them: " code { "usufruct person register --attestation FILE --attestation FILE" } ". It costs nothing." }
		},
	)
}

/// What went wrong.
pub fn problem(why: &str) -> Markup {
	page(
		"Not yet",
		None,
		html! {
			p.problem { (why) }
			p { a href="/session" { "Try again" } " · " a href="/" { "Begin anew" } }
		},
	)
}

/// A desk without its official.
pub fn desk_closed(why: Option<&str>) -> Markup {
	page(
		"Desk",
		None,
		html! {
			@if let Some(why) = why { p.problem { (why) } }
			form method="post" action="/desk/open" {
				label { "The token of this desk" input type="password" name="token" required autocomplete="off"; }
				button { "Open" }
			}
		},
	)
}

/// A desk that waits for a code.
pub fn desk_open(said: Option<(&str, bool)>) -> Markup {
	page(
		"Desk",
		None,
		html! {
			@if let Some((said, bad)) = said { p.(if bad { "problem" } else { "done" }) { (said) } }
			form method="post" action="/desk/code" {
				label { "The code on the person's screen"
					input.code name="code" required autocomplete="off" inputmode="numeric" maxlength="9";
				}
				button { "Look it up" }
			}
		},
	)
}

/// A desk at which somebody stands.
pub fn desk_person(code: &str, account: &str, check: &str, problem: Option<&str>) -> Markup {
	page(
		"Is it this person?",
		None,
		html! {
			@if let Some(why) = problem { p.problem { (why) } }
			p { "The person's screen must show the same, and you must see the person:" }
			p.check { (check) }
			(whose(account))
			form method="post" action="/desk/person" {
				input type="hidden" name="code" value=(code);
				label { "What tells this human from all others, for ever"
					input name="evidence" required autocomplete="off" spellcheck="false";
				}
				p.hint { "The number of a document, as all verifiers of this domain write it. Only its keyed hash is kept." }
				label { "Where it lives (ISO 3166-1 numeric; 0 is unstated)"
					input name="region" value="0" inputmode="numeric";
				}
				button { "This human stands before me" }
			}
			p { a href="/desk" { "It is not: back" } }
		},
	)
}

fn whose(account: &str) -> Markup {
	html! { p.account { "Account " code { (account) } } }
}
