//! Conversations that go on, in memory.

use crate::{
	keys::parse_hex_32,
	sync::lock,
	verifier::{
		issuer::{Application, Human},
		method::{Asker, SessionId},
		AttestationFile,
	},
};
use rand::Rng;
use std::{
	collections::HashMap,
	net::IpAddr,
	sync::Mutex,
	time::{Duration, Instant},
};

/// How long one may last.
pub const LIFE: Duration = Duration::from_secs(900);
/// How many there may be.
const MOST: usize = 10_000;

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
	since: Instant,
}

/// All of them.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<SessionId, Session>>);

impl Sessions {
	/// Begins one, and returns what its browser is to be known by; `None` if there are too many.
	pub fn begin(&self, application: Application, from: IpAddr, now: Instant) -> Option<String> {
		let mut sessions = lock(&self.0);
		if sessions.len() >= MOST {
			sessions.retain(|_, session| session.lives(now));
		}
		if sessions.len() >= MOST {
			return None;
		}
		let id = SessionId(rand::rngs::OsRng.gen());
		let (human, attestation) = (None, None);
		let session = Session { id, application, human, attestation, from, since: now };
		sessions.insert(id, session);
		Some(hex::encode(id.0))
	}

	/// The one that a browser is known by, if it lasts.
	pub fn find(&self, cookie: &str, now: Instant) -> Option<Session> {
		let id = SessionId(parse_hex_32(cookie)?);
		let sessions = lock(&self.0);
		sessions.get(&id).filter(|session| session.lives(now)).cloned()
	}

	/// Notes something in one.
	pub fn change(&self, id: SessionId, change: impl FnOnce(&mut Session)) {
		let mut sessions = lock(&self.0);
		if let Some(session) = sessions.get_mut(&id) {
			change(session);
		}
	}
}

impl Session {
	/// Who is to be recognised in it.
	pub fn asker(&self) -> Asker {
		Asker { session: self.id, account: self.application.account, from: self.from }
	}

	fn lives(&self, now: Instant) -> bool {
		now.saturating_duration_since(self.since) < LIFE
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_primitives::Purpose;

	#[test]
	fn conversations_end_and_are_bounded() {
		let (sessions, now) = (Sessions::default(), Instant::now());
		let application =
			Application { account: [1; 32], purpose: Purpose::Register, former: None };
		let begin = |now| sessions.begin(application.clone(), IpAddr::from([192, 0, 2, 1]), now);
		let first = begin(now).unwrap();
		assert!(sessions.find(&first, now).is_some());
		assert!(sessions.find(&first, now + LIFE).is_none());
		assert!(sessions.find(&hex::encode([0; 32]), now).is_none());
		assert!(sessions.find("", now).is_none());
		for _ in 1..MOST {
			begin(now).unwrap();
		}
		assert!(begin(now).is_none());
		assert!(begin(now + LIFE).is_some());
	}
}
