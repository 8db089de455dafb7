//! Places for connections: so many in all, and so many for each network.

use super::Bounds;
use crate::sync::lock;
use std::{
	collections::HashMap,
	net::{IpAddr, Ipv6Addr},
	sync::{Arc, Mutex},
};

/// How many bits of an IPv6 address say of which site it is.
const SITE: u32 = 48;

/// By what an address is counted: an IPv4 address by itself, an IPv6 address by its /48. Whoever has one of
/// those has as many as a site: providers give a home 256 networks of /64, and a company 65,536.
pub fn network(address: IpAddr) -> IpAddr {
	match address.to_canonical() {
		IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> SITE)).into(),
		address => address,
	}
}

/// All places, and who has them.
pub struct Places {
	bounds: Bounds,
	taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
	all: usize,
	by_network: HashMap<IpAddr, usize>,
}

/// A place, until it is dropped.
pub struct Place {
	places: Arc<Places>,
	network: Option<IpAddr>,
}

impl Places {
	pub fn new(bounds: Bounds) -> Self {
		Self { bounds, taken: Mutex::default() }
	}

	/// A place for a connection from there, if there is one.
	pub fn take(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
		let outside = !from.to_canonical().is_loopback();
		let network = outside.then(|| network(from));
		let mut taken = lock(&self.taken);
		if taken.all >= self.bounds.connections {
			return None;
		}
		if let Some(network) = network {
			let there = taken.by_network.entry(network).or_default();
			if *there >= self.bounds.per_network {
				return None;
			}
			*there += 1;
		}
		taken.all += 1;
		Some(Place { places: self.clone(), network })
	}
}

impl Drop for Place {
	fn drop(&mut self) {
		let mut taken = lock(&self.places.taken);
		taken.all = taken.all.saturating_sub(1);
		let Some(network) = self.network else { return };
		if let Some(there) = taken.by_network.get_mut(&network) {
			*there = there.saturating_sub(1);
			if *there == 0 {
				taken.by_network.remove(&network);
			}
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn address(text: &str) -> IpAddr {
		text.parse().unwrap()
	}

	fn places(connections: usize, per_network: usize) -> Arc<Places> {
		Arc::new(Places::new(Bounds { connections, per_network, ..Bounds::default() }))
	}

	#[test]
	fn one_network_does_not_take_the_places_of_another() {
		let places = places(10, 2);
		let site = ["2001:db8:1::1", "2001:db8:1:2::3"];
		for addresses in [["192.0.2.1", "::ffff:192.0.2.1"], site] {
			let mut taken: Vec<_> =
				addresses.iter().map(|it| places.take(address(it)).unwrap()).collect();
			assert!(addresses.iter().all(|it| places.take(address(it)).is_none()));
			assert!(places.take(address("192.0.2.2")).is_some());
			assert!(places.take(address("2001:db8:2::1")).is_some());
			taken.pop();
			assert!(places.take(address(addresses[0])).is_some(), "a place that is left is free");
		}
		let taken = lock(&places.taken);
		assert_eq!((taken.all, taken.by_network.len()), (0, 0), "nothing is kept of who has left");
	}

	#[test]
	fn this_machine_is_bounded_only_by_the_places_in_all() {
		let places = places(3, 1);
		let taken = ["127.0.0.1", "::1", "::ffff:127.0.0.1"].map(|it| places.take(address(it)));
		assert!(taken.iter().all(Option::is_some));
		assert!(places.take(address("127.0.0.1")).is_none());
		assert!(places.take(address("192.0.2.1")).is_none());
	}

	#[test]
	fn a_site_is_one_network() {
		let of = |text: &str| network(address(text));
		assert_eq!(of("2001:db8:1:2:3:4:5:6"), address("2001:db8:1::"));
		assert_eq!(of("2001:db8:1::"), of("2001:db8:1:ffff:ffff:ffff:ffff:ffff"));
		assert_ne!(of("2001:db8:1::"), of("2001:db8:2::"));
		assert_eq!(of("::ffff:192.0.2.1"), address("192.0.2.1"));
		assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
	}
}
