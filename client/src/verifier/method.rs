//! Ways of telling humans apart, all of one shape: a conversation that ends in a recognised human.

use super::issuer::Human;
use axum::Router;
use futures::future::BoxFuture;
use std::{collections::BTreeMap, net::IpAddr, time::Duration};
use usufruct_primitives::AccountBytes;

/// A conversation with one person, known by a number that only its browser has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub [u8; 32]);

/// What a person answered: names and values of a form or of the address it came back to.
pub type Answer = BTreeMap<String, String>;

/// A field of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
	/// Its name.
	pub name: &'static str,
	/// What to write into it.
	pub label: &'static str,
}

/// What comes next.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
	/// The person fills a form in.
	Fill(&'static [Field]),
	/// The person goes to another page, and comes back with an answer.
	Visit {
		/// Where.
		url: String,
		/// Whose page it is.
		at: String,
	},
	/// The person shows a code to somebody, and waits.
	Show {
		/// The code.
		code: String,
		/// What both screens must show.
		check: String,
	},
	/// That is the human.
	Recognised(Human),
}

/// Why a human is not recognised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MethodError {
	/// The answer is wrong, or was tried too often.
	#[error("that is not right, or was tried too often; look again, and wait an hour before many more tries")]
	Wrong,
	/// Too often.
	#[error("too many tries; wait {} s", .0.as_secs().max(1))]
	TooOften(Duration),
	/// Too many people at once.
	#[error("too many people are being recognised now; try again in a few minutes")]
	Busy,
	/// Whoever was asked to say who it is refused.
	#[error("it was refused: {0}")]
	Refused(String),
	/// Whoever was asked to say who it is did not, or says what cannot be relied on.
	#[error("who you are could not be found out: {0}")]
	Provider(String),
}

/// Who is to be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
	/// The conversation.
	pub session: SessionId,
	/// For which account.
	pub account: AccountBytes,
	/// The [network](crate::serve::network) in which the conversation began.
	pub from: IpAddr,
}

/// A way of telling humans apart.
pub trait Method: Send + Sync {
	/// Its name, in the journal.
	fn name(&self) -> &'static str;

	/// What it does, for people.
	fn about(&self) -> String;

	/// Goes on with a conversation. An empty answer asks for the present step.
	fn step(&self, asker: &Asker, answer: Answer) -> BoxFuture<'_, Result<Step, MethodError>>;

	/// Pages for others than the person.
	fn pages(&self) -> Router {
		Router::new()
	}
}
