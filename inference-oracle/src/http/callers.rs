//! Who waits for the answer to a request: nobody runs what nobody waits for any more.
//!
//! A request that is sent again while it is being served has one more who waits; so who lost the
//! connection and asks again before the turn has come finds the answer, not a failure.

use crate::book::RequestId;
use std::{
	collections::HashMap,
	sync::{Arc, Mutex, PoisonError, Weak},
};
use tokio::sync::watch;
use usufruct_primitives::ChannelId;

/// Requests that are looked after before those that are over are forgotten.
const REMEMBERED: usize = 256;

/// Closed once nobody waits.
pub(super) type Waited = Arc<watch::Sender<()>>;

/// See the module.
#[derive(Default)]
pub(super) struct Callers(Mutex<HashMap<(ChannelId, RequestId), Weak<watch::Sender<()>>>>);

/// One who waits, as long as this is held.
pub(super) struct Caller {
	/// For the request that is waited for.
	pub waited: Waited,
	_here: watch::Receiver<()>,
}

impl Callers {
	/// One more waits for that request.
	pub fn join(&self, channel: ChannelId, id: RequestId) -> Caller {
		let mut requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		// Doubled each time it is full, so that looking through it costs each request little.
		if requests.len() >= REMEMBERED && requests.len() == requests.capacity() {
			requests.retain(|_, request| request.strong_count() > 0);
		}
		let known = requests.get(&(channel, id)).and_then(Weak::upgrade);
		let waited = known.unwrap_or_else(|| {
			let waited = Arc::new(watch::Sender::new(()));
			requests.insert((channel, id), Arc::downgrade(&waited));
			waited
		});
		Caller { _here: waited.subscribe(), waited }
	}

	/// Whether anybody waits for that request.
	pub fn wait_for(&self, channel: ChannelId, id: RequestId) -> bool {
		let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		requests.get(&(channel, id)).is_some_and(|request| request.strong_count() > 0)
	}

	/// How many wait for that request.
	#[cfg(test)]
	pub fn count(&self, channel: ChannelId, id: RequestId) -> usize {
		let requests = self.0.lock().unwrap_or_else(PoisonError::into_inner);
		let request = requests.get(&(channel, id)).and_then(Weak::upgrade);
		request.map_or(0, |waited| waited.receiver_count())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_request_is_waited_for_until_the_last_has_left() {
		let callers = Callers::default();
		let first = callers.join([1; 32], [1; 16]);
		let waited = Arc::clone(&first.waited);
		let again = callers.join([1; 32], [1; 16]);
		let other = callers.join([1; 32], [2; 16]);
		assert!(callers.wait_for([1; 32], [1; 16]) && !callers.wait_for([2; 32], [1; 16]));
		drop(first);
		assert!(!waited.is_closed());
		drop(again);
		assert!(waited.is_closed() && !other.waited.is_closed());
		// Who comes back before it was given up waits for the same.
		let back = callers.join([1; 32], [1; 16]);
		assert!(!waited.is_closed() && Arc::ptr_eq(&back.waited, &waited));
	}

	#[test]
	fn what_is_over_is_forgotten() {
		let callers = Callers::default();
		for number in 0..100_000u128 {
			drop(callers.join([1; 32], number.to_le_bytes()));
		}
		assert!(callers.0.lock().unwrap().len() < 4 * REMEMBERED);
	}
}
