//! Conversations that go on, in memory.

use crate::{
	keys::parse_hex_32,
	sync::lock,
	verifier::{
		guests::{Guest, Guests, Room},
		issuer::{Application, Human},
		method::{Asker, SessionId},
		AttestationFile,
	},
};
use rand::Rng;
use std::{
	net::IpAddr,
	sync::Mutex,
	time::{Duration, Instant},
};

/// How long one may last.
pub const LIFE: Duration = Duration::from_secs(900);
/// How many there may be.
const ROOM: Room = Room { all: 10_000, per_network: 100, life: LIFE };

/// A conversation.
#[derive(Clone)]
pub struct Session {
	/// What it is known by.
	pub id: SessionId,
	/// What is asked for.
	pub application: Application,
	/// Who it is, until that is attested.
	pub human: Option<Human>,
	/// What came of it.
	pub attestation: Option<AttestationFile>,
	/// The network in which it began.
	from: IpAddr,
}

/// All of them.
pub struct Sessions(Mutex<Guests<SessionId, Session>>);

impl Default for Sessions {
	fn default() -> Self {
		Self(Mutex::new(Guests::new(ROOM)))
	}
}

impl Sessions {
	/// Begins one, and returns what its browser is to be known by; `None` if there are too many in which
	/// somebody was recognised.
	pub fn begin(&self, application: Application, from: IpAddr, now: Instant) -> Option<String> {
		let id = SessionId(rand::rngs::OsRng.gen());
		let session = Session { id, application, human: None, attestation: None, from };
		lock(&self.0).begin(id, session, now).then(|| hex::encode(id.0))
	}

	/// The one that a browser is known by, if it lasts.
	pub fn find(&self, cookie: &str, now: Instant) -> Option<Session> {
		let id = SessionId(parse_hex_32(cookie)?);
		lock(&self.0).get(&id, now).cloned()
	}

	/// Notes something in one.
	pub fn change(&self, id: SessionId, now: Instant, change: impl FnOnce(&mut Session)) {
		if let Some(session) = lock(&self.0).get_mut(&id, now) {
			change(session);
		}
	}
}

impl Session {
	/// Who is to be recognised in it.
	pub fn asker(&self) -> Asker {
		Asker { session: self.id, account: self.application.account, from: self.from }
	}
}

impl Guest for Session {
	fn network(&self) -> IpAddr {
		self.from
	}

	/// Who was recognised is not made to begin anew.
	fn may_go(&self) -> bool {
		self.human.is_none() && self.attestation.is_none()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_primitives::Purpose;

	fn begin(sessions: &Sessions, network: u8, now: Instant) -> Option<String> {
		let (purpose, former) = (Purpose::Register, None);
		let application = Application { account: [1; 32], purpose, former };
		sessions.begin(application, IpAddr::from([192, 0, 2, network]), now)
	}

	#[test]
	fn conversations_end() {
		let (sessions, now) = (Sessions::default(), Instant::now());
		let first = begin(&sessions, 1, now).unwrap();
		assert!(sessions.find(&first, now).is_some());
		assert!(sessions.find(&first, now + LIFE).is_none());
		assert!(sessions.find(&hex::encode([0; 32]), now).is_none());
		assert!(sessions.find("", now).is_none());
	}

	#[test]
	fn one_network_ends_no_conversation_of_others_and_none_in_which_somebody_was_recognised() {
		let (sessions, now) = (Sessions::default(), Instant::now());
		let elsewhere = begin(&sessions, 1, now).unwrap();
		let recognised = begin(&sessions, 2, now).unwrap();
		let id = sessions.find(&recognised, now).unwrap().id;
		let human = Human { evidence: "passport 4711".into(), region: 49 };
		sessions.change(id, now, |session| session.human = Some(human));
		let idle = begin(&sessions, 2, now).unwrap();
		// As many as the limit on requests lets one network begin while one lasts.
		for second in 1..=480 {
			begin(&sessions, 2, now + Duration::from_secs(second)).unwrap();
		}
		assert_eq!(lock(&sessions.0).iter(now).count(), 1 + ROOM.per_network);
		assert!(sessions.find(&elsewhere, now).is_some());
		assert!(sessions.find(&recognised, now).is_some());
		assert!(sessions.find(&idle, now).is_none());
	}
}
