//! Meeting in person: a short code on the person's screen, typed in by an official at a desk.
//!
//! Both screens then show the same check words, made from the account and the conversation; the
//! official compares them, looks at the human and at what proves who it is, and writes that down as
//! evidence. A code lives a few minutes, is used once, and can be tried only by somebody who is at a
//! desk, a few times in a minute: guessing one leads nowhere.

mod desk;

use super::{
	guests::{Guest, Guests, Room},
	issuer::Human,
	limit::Limiter,
	method::{Answer, Asker, Method, MethodError, Step},
};
use crate::sync::lock;
use axum::Router;
use futures::future::BoxFuture;
use rand::Rng;
use std::{
	collections::HashMap,
	net::IpAddr,
	sync::{Arc, Mutex},
	time::{Duration, Instant},
};
use usufruct_primitives::{domain, AccountBytes, Hash};

/// How long a code can be used; how many there are at once, one in a thousand of all, so that a guess hits
/// none; and how many of them in one network, of people who wait in one room.
const CODES: Room = Room { all: 1_000, per_network: 20, life: Duration::from_secs(300) };
/// Codes that an official may try, and how long until there is one more.
const TRIES: (u32, Duration) = (5, Duration::from_secs(30));
/// Tokens that may be tried from one address, and how long until there is one more.
const LOGINS: (u32, Duration) = (5, Duration::from_secs(60));
/// How long an official stays at a desk.
const SHIFT: Duration = Duration::from_secs(12 * 3_600);
/// The shortest token of a desk.
pub const MIN_TOKEN: usize = 20;

/// Somebody who shows a code.
#[derive(Clone)]
struct Offer {
	asker: Asker,
	/// What the official has found out.
	human: Option<Human>,
	/// The desk that typed the code in.
	desk: Option<Hash>,
}

impl Guest for Offer {
	fn network(&self) -> IpAddr {
		self.asker.from
	}

	/// What a screen shows must not be another's, nor nobody's.
	fn may_go(&self) -> bool {
		false
	}
}

/// Why an official's input leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
	/// Nobody shows that code.
	#[error("nobody shows that code now; look again, or let the person ask for a new one")]
	NoSuchCode,
	/// Too many wrong ones.
	#[error("too many wrong codes; wait {} s", .0.as_secs().max(1))]
	TooOften(Duration),
	/// No official.
	#[error("that is not this desk's token")]
	NotAnOfficial,
	/// Nothing tells the human from others.
	#[error("write down what tells this human from all others")]
	NoEvidence,
}

/// The codes that are shown, and the desks.
pub struct Pairing {
	offers: Mutex<Guests<String, Offer>>,
	tries: Limiter<Hash>,
	logins: Limiter<IpAddr>,
	/// The hash of the token with which an official comes to a desk.
	token: Hash,
	/// The desks that are manned, by the hash of their cookie.
	desks: Mutex<HashMap<Hash, Instant>>,
}

/// What both screens show.
pub fn check_words(Asker { session, account, .. }: &Asker) -> String {
	let hash = domain::hash(&[b"usufruct/pairing".as_slice(), &session.0, account].concat());
	// Crockford's digits: no two look alike.
	let digit = |byte: &u8| char::from(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[usize::from(byte % 32)]);
	let digits: String = hash[..8].iter().map(digit).collect();
	format!("{} {}", &digits[..4], &digits[4..])
}

impl Pairing {
	/// Desks that are opened with this token, of at least [`MIN_TOKEN`] characters.
	pub fn new(token: &str) -> Self {
		Self {
			offers: Mutex::new(Guests::new(CODES)),
			tries: Limiter::new(TRIES.0, TRIES.1),
			logins: Limiter::new(LOGINS.0, LOGINS.1),
			token: domain::hash(token.as_bytes()),
			desks: Mutex::default(),
		}
	}

	/// The step of a person: a code to show, or who it is once an official has said so.
	fn show(&self, asker: &Asker, now: Instant) -> Result<Step, MethodError> {
		let mut offers = lock(&self.offers);
		let own = offers.iter(now).find(|(_, offer)| offer.asker.session == asker.session);
		let code = match own.map(|(code, offer)| (code.clone(), offer.human.clone())) {
			Some((code, Some(human))) => {
				offers.remove(&code, now);
				return Ok(Step::Recognised(human));
			},
			Some((code, None)) => code,
			None => {
				let code = loop {
					let code = format!("{:06}", rand::rngs::OsRng.gen_range(0..1_000_000));
					if offers.get(&code, now).is_none() {
						break code;
					}
				};
				let offer = Offer { asker: *asker, human: None, desk: None };
				if !offers.begin(code.clone(), offer, now) {
					return Err(MethodError::Busy);
				}
				code
			},
		};
		Ok(Step::Show { code, check: check_words(asker) })
	}

	/// Lets an official in; returns what its browser is known by from now on.
	fn open_desk(&self, token: &str, from: IpAddr, now: Instant) -> Result<String, DeskError> {
		self.logins.take(from, now).map_err(DeskError::TooOften)?;
		// Hashes are compared, so that the time it takes says nothing about the token.
		if domain::hash(token.trim().as_bytes()) != self.token {
			return Err(DeskError::NotAnOfficial);
		}
		let cookie = hex::encode(rand::rngs::OsRng.gen::<[u8; 32]>());
		let mut desks = lock(&self.desks);
		desks.retain(|_, since| now.saturating_duration_since(*since) < SHIFT);
		desks.insert(domain::hash(cookie.as_bytes()), now);
		Ok(cookie)
	}

	/// The desk of a browser.
	fn desk(&self, cookie: &str, now: Instant) -> Option<Hash> {
		let desk = domain::hash(cookie.as_bytes());
		let desks = lock(&self.desks);
		let since = desks.get(&desk)?;
		(now.saturating_duration_since(*since) < SHIFT).then_some(desk)
	}

	/// Who shows that code: the account, and what must stand on its screen. Every code that nobody
	/// shows counts as a try.
	fn look_up(
		&self,
		desk: Hash,
		code: &str,
		now: Instant,
	) -> Result<(AccountBytes, String), DeskError> {
		self.tries.take(desk, now).map_err(DeskError::TooOften)?;
		let mut offers = lock(&self.offers);
		let offer = live(&mut offers, code, now).ok_or(DeskError::NoSuchCode)?;
		offer.desk = Some(desk);
		Ok((offer.asker.account, check_words(&offer.asker)))
	}

	/// The official says who shows that code; the desk must have looked it up before.
	fn recognise(
		&self,
		desk: Hash,
		code: &str,
		human: Human,
		now: Instant,
	) -> Result<(), DeskError> {
		if human.evidence.trim().is_empty() {
			return Err(DeskError::NoEvidence);
		}
		let mut offers = lock(&self.offers);
		let offer = live(&mut offers, code, now)
			.filter(|offer| offer.desk == Some(desk))
			.ok_or(DeskError::NoSuchCode)?;
		offer.human = Some(human);
		Ok(())
	}
}

/// The offer of a code that nobody was recognised by yet.
fn live<'a>(
	offers: &'a mut Guests<String, Offer>,
	code: &str,
	now: Instant,
) -> Option<&'a mut Offer> {
	let code: String = code.chars().filter(char::is_ascii_digit).collect();
	offers.get_mut(&code, now).filter(|offer| offer.human.is_none())
}

/// [`Pairing`] as a method.
pub struct InPerson(pub Arc<Pairing>);

impl Method for InPerson {
	fn name(&self) -> &'static str {
		"pairing"
	}

	fn about(&self) -> String {
		"You are recognised by an official, whom you meet in person.".into()
	}

	fn step(&self, asker: &Asker, _: Answer) -> BoxFuture<'_, Result<Step, MethodError>> {
		let step = self.0.show(asker, Instant::now());
		Box::pin(async { step })
	}

	fn pages(&self) -> Router {
		desk::router(Arc::clone(&self.0))
	}
}

#[cfg(test)]
mod tests;
