//! What strangers begin and may never end: so much in all, so much from one network, each for so long.
//!
//! Nobody shuts others out by beginning much: where there is no room, something of the network that has the
//! most makes some.

use std::{
	cmp::Reverse,
	collections::HashMap,
	hash::Hash,
	net::IpAddr,
	time::{Duration, Instant},
};

/// How much of it there is.
#[derive(Clone, Copy, Debug)]
pub struct Room {
	/// In all.
	pub all: usize,
	/// From one [network](crate::serve::network).
	pub per_network: usize,
	/// How long each of it lasts.
	pub life: Duration,
}

/// Something that was begun.
pub trait Guest {
	/// The [network](crate::serve::network) in which it was.
	fn network(&self) -> IpAddr;

	/// Whether it may end before its time, to make room for another one.
	fn may_go(&self) -> bool;
}

/// All that was begun and lasts.
pub struct Guests<K, G> {
	room: Room,
	/// With the time at which it was begun.
	here: HashMap<K, (Instant, G)>,
}

impl<K: Clone + Eq + Hash, G: Guest> Guests<K, G> {
	/// Room for so much, and nothing in it.
	pub fn new(room: Room) -> Self {
		Self { room, here: HashMap::new() }
	}

	/// All of it.
	pub fn iter(&self, now: Instant) -> impl Iterator<Item = (&K, &G)> + '_ {
		self.here.iter().filter_map(move |(key, (since, guest))| {
			self.room.lasts(*since, now).then_some((key, guest))
		})
	}

	/// What is known by that key.
	pub fn get(&self, key: &K, now: Instant) -> Option<&G> {
		let (since, guest) = self.here.get(key)?;
		self.room.lasts(*since, now).then_some(guest)
	}

	/// The same, to be changed.
	pub fn get_mut(&mut self, key: &K, now: Instant) -> Option<&mut G> {
		let (since, guest) = self.here.get_mut(key)?;
		self.room.lasts(*since, now).then_some(guest)
	}

	/// Ends what is known by that key.
	pub fn remove(&mut self, key: &K, now: Instant) -> Option<G> {
		let (since, guest) = self.here.remove(key)?;
		self.room.lasts(since, now).then_some(guest)
	}

	/// Begins something, and ends what was known by that key. Says whether there was room for it.
	pub fn begin(&mut self, key: K, guest: G, now: Instant) -> bool {
		let room = self.room;
		self.here.retain(|other, (since, _)| *other != key && room.lasts(*since, now));
		let begins = self.make_room(guest.network());
		if begins {
			self.here.insert(key, (now, guest));
		}
		begins
	}

	/// Whether there is room for one more of that network; something else may end for it: the oldest of the
	/// network that has the most, or of that one itself if it has all that it may have.
	fn make_room(&mut self, network: IpAddr) -> bool {
		let there = self.here.values().filter(|(_, guest)| guest.network() == network).count();
		let crowded = there >= self.room.per_network;
		if !crowded && self.here.len() < self.room.all {
			return true;
		}
		let mut crowds = HashMap::from([(network, 1_usize)]);
		for (_, guest) in self.here.values() {
			*crowds.entry(guest.network()).or_default() += 1;
		}
		let goes = self
			.here
			.iter()
			.filter(|(_, (_, guest))| guest.may_go() && (!crowded || guest.network() == network))
			.max_by_key(|(_, (since, guest))| (crowds.get(&guest.network()), Reverse(*since)))
			.map(|(key, _)| key.clone());
		goes.is_some_and(|key| self.here.remove(&key).is_some())
	}
}

impl Room {
	fn lasts(&self, since: Instant, now: Instant) -> bool {
		now.saturating_duration_since(since) < self.life
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const SECOND: Duration = Duration::from_secs(1);
	const ROOM: Room = Room { all: 6, per_network: 4, life: Duration::from_secs(60) };

	struct Begun {
		network: u8,
		may_go: bool,
	}

	impl Guest for Begun {
		fn network(&self) -> IpAddr {
			IpAddr::from([192, 0, 2, self.network])
		}

		fn may_go(&self) -> bool {
			self.may_go
		}
	}

	/// Guests that begin one second after the other.
	struct House {
		guests: Guests<u32, Begun>,
		now: Instant,
		next: u32,
	}

	impl House {
		fn new() -> Self {
			Self { guests: Guests::new(ROOM), now: Instant::now(), next: 0 }
		}

		fn begin(&mut self, network: u8, may_go: bool) -> Option<u32> {
			self.now += SECOND;
			self.next += 1;
			let guest = Begun { network, may_go };
			self.guests.begin(self.next, guest, self.now).then_some(self.next)
		}

		fn here(&self) -> Vec<u32> {
			let mut here: Vec<u32> = self.guests.iter(self.now).map(|(key, _)| *key).collect();
			here.sort_unstable();
			here
		}
	}

	#[test]
	fn one_network_ends_only_what_is_its_own() {
		let mut house = House::new();
		house.begin(1, true).unwrap();
		for _ in 0..50 {
			house.begin(2, true).unwrap();
			assert!(house.guests.here.len() <= 1 + ROOM.per_network);
		}
		assert_eq!(house.here(), [1, 48, 49, 50, 51]);
		house.begin(3, true).unwrap();
		assert_eq!(house.guests.here.len(), ROOM.all);
	}

	#[test]
	fn who_has_the_most_makes_room_however_old_others_are() {
		let mut house = House::new();
		for network in [1, 2, 2, 2, 3, 3] {
			house.begin(network, true).unwrap();
		}
		// The oldest of the second one, then of the second and third, which have as many.
		house.begin(4, true).unwrap();
		assert_eq!(house.here(), [1, 3, 4, 5, 6, 7]);
		house.begin(4, true).unwrap();
		assert_eq!(house.here(), [1, 4, 5, 6, 7, 8]);
		// Many networks that begin again and again do not end the one that others have.
		for round in 0..40 {
			house.begin(5 + round % 2, true).unwrap();
		}
		assert!(house.here().contains(&1), "{:?}", house.here());
	}

	#[test]
	fn what_may_not_go_stays_and_then_there_is_no_room() {
		let mut house = House::new();
		for may_go in [false, false, true, false] {
			house.begin(1, may_go).unwrap();
		}
		house.begin(1, false).unwrap();
		assert_eq!(house.here(), [1, 2, 4, 5]);
		assert_eq!(house.begin(1, true), None);
		house.begin(2, false).unwrap();
		house.begin(3, false).unwrap();
		assert_eq!(house.begin(4, true), None);
		assert_eq!(house.here(), [1, 2, 4, 5, 7, 8]);
		house.now += ROOM.life - SECOND * 2;
		assert!(house.begin(4, true).is_some(), "what is over takes no room");
	}

	#[test]
	fn what_is_over_is_not_there_and_what_begins_again_is_there_once() {
		let mut house = House::new();
		let key = house.begin(1, true).unwrap();
		let (begun, over) = (house.now, house.now + ROOM.life);
		assert!(house.guests.get(&key, over - SECOND).is_some());
		assert!(house.guests.get(&key, over).is_none());
		assert!(house.guests.get_mut(&key, over).is_none());
		assert_eq!(house.guests.iter(over).count(), 0);
		assert!(house.guests.begin(key, Begun { network: 2, may_go: true }, over));
		assert_eq!((house.guests.here.len(), house.guests.iter(over).count()), (1, 1));
		assert_eq!(house.guests.get(&key, over).unwrap().network, 2);
		assert!(house.guests.remove(&key, over + ROOM.life).is_none());
		assert!(house.guests.remove(&key, begun).is_none(), "it is gone");
	}
}
