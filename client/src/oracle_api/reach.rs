//! Which addresses a consumer's requests may go to: an oracle chooses its endpoint freely, and must
//! not make its consumers talk to the machines behind their own firewalls.
//!
//! A name is resolved here, for every connection, and the connection is made to the addresses that
//! were checked and to no others: what a name means for somebody else, or a moment later, does not
//! matter. One address that is not public is enough to refuse the name.
//!
//! What is public is read off IANA's registries of special-purpose addresses (RFC 6890):
//! <https://www.iana.org/assignments/iana-ipv4-special-registry> and
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>, with the multicast blocks.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
	error::Error,
	fmt,
	net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Where requests may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
	/// Only to addresses that are reachable by everybody.
	#[default]
	Public,
	/// Anywhere, as for an oracle on the same machine or network.
	Anywhere,
}

/// An endpoint is at an address that is not public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotPublic {
	/// The host as the endpoint names it.
	pub host: String,
	/// The address.
	pub address: IpAddr,
	/// What the address is for.
	pub purpose: &'static str,
}

impl fmt::Display for NotPublic {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let Self { host, address, purpose } = self;
		write!(
			f,
			"the oracle's host {host} is at {address}, which is no public address ({purpose}); if it \
			 is an oracle of your own, pass --allow-private-endpoints"
		)
	}
}

impl Error for NotPublic {}

/// Blocks of IPv4 that are not for the public, and what for.
const IPV4: [(Ipv4Addr, u32, &str); 17] = [
	(Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
	(Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
	(Ipv4Addr::new(100, 64, 0, 0), 10, "shared by carriers"),
	(Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
	(Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
	(Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
	(Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignments"),
	(Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
	(Ipv4Addr::new(192, 31, 196, 0), 24, "AS112"),
	(Ipv4Addr::new(192, 52, 193, 0), 24, "multicast tunnels"),
	(Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relays"),
	(Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
	(Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarks"),
	(Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
	(Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
	(Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
	(Ipv4Addr::new(240, 0, 0, 0), 4, "reserved, or broadcast"),
];

/// The only block of IPv6 that is given out to the public.
const GLOBAL_UNICAST: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks within it that are not for the public, and what for.
const IPV6: [(Ipv6Addr, u32, &str); 5] = [
	(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol assignments, such as Teredo"),
	(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
	(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4, which holds an IPv4 address"),
	(Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48, "AS112"),
	(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
];

/// What an address outside [`GLOBAL_UNICAST`] is for, as far as it has a name.
const IPV6_ELSEWHERE: [(Ipv6Addr, u32, &str); 9] = [
	(Ipv6Addr::UNSPECIFIED, 128, "unspecified"),
	(Ipv6Addr::LOCALHOST, 128, "loopback"),
	(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an IPv4 address in disguise"),
	(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, "NAT64, which holds an IPv4 address"),
	(Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "local NAT64"),
	(Ipv6Addr::new(0x100, 0, 0, 0, 0, 0, 0, 0), 64, "discarded"),
	(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "private"),
	(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
	(Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

fn in_v4(address: Ipv4Addr, block: Ipv4Addr, bits: u32) -> bool {
	let differs = address.to_bits() ^ block.to_bits();
	differs.leading_zeros() >= bits
}

fn in_v6(address: Ipv6Addr, block: Ipv6Addr, bits: u32) -> bool {
	let differs = address.to_bits() ^ block.to_bits();
	differs.leading_zeros() >= bits
}

/// What an address is for that is not public; `None` if it is public.
pub fn not_public(address: IpAddr) -> Option<&'static str> {
	match address {
		IpAddr::V4(address) => {
			IPV4.iter().find(|(block, bits, _)| in_v4(address, *block, *bits)).map(|it| it.2)
		},
		IpAddr::V6(address) => {
			let find = |blocks: &[(Ipv6Addr, u32, &'static str)]| {
				blocks.iter().find(|(block, bits, _)| in_v6(address, *block, *bits)).map(|it| it.2)
			};
			let (block, bits) = GLOBAL_UNICAST;
			if in_v6(address, block, bits) {
				find(&IPV6)
			} else {
				Some(find(&IPV6_ELSEWHERE).unwrap_or("not given out"))
			}
		},
	}
}

impl Reach {
	/// Checks one address of a host.
	pub fn check(self, host: &str, address: IpAddr) -> Result<(), NotPublic> {
		match (self, not_public(address)) {
			(Self::Public, Some(purpose)) => Err(NotPublic { host: host.into(), address, purpose }),
			_ => Ok(()),
		}
	}

	/// Resolves a name. All of its addresses must be allowed.
	pub async fn resolve(
		self,
		host: &str,
	) -> Result<Vec<SocketAddr>, Box<dyn Error + Send + Sync>> {
		// The connection's port takes the place of this one.
		let addresses: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
		if addresses.is_empty() {
			return Err(format!("{host} has no address").into());
		}
		for address in &addresses {
			self.check(host, address.ip())?;
		}
		Ok(addresses)
	}
}

impl Resolve for Reach {
	fn resolve(&self, name: Name) -> Resolving {
		let reach = *self;
		Box::pin(async move {
			let addresses = Reach::resolve(reach, name.as_str()).await?;
			Ok(Box::new(addresses.into_iter()) as Addrs)
		})
	}
}

/// The refusal among the causes of an error, if that is what it is.
pub(super) fn refusal(error: &(dyn Error + 'static)) -> Option<NotPublic> {
	let mut cause = Some(error);
	while let Some(error) = cause {
		if let Some(refused) = error.downcast_ref::<NotPublic>() {
			return Some(refused.clone());
		}
		cause = error.source();
	}
	None
}

#[cfg(test)]
mod tests {
	use super::*;

	fn purpose(address: &str) -> Option<&'static str> {
		not_public(address.parse().unwrap())
	}

	#[test]
	fn addresses_behind_a_firewall_are_not_public() {
		for address in [
			"0.0.0.0",
			"0.1.2.3",
			"10.0.0.1",
			"10.255.255.255",
			"100.64.0.1",
			"100.127.255.255",
			"127.0.0.1",
			"127.255.0.1",
			"169.254.169.254",
			"172.16.0.1",
			"172.31.255.255",
			"192.0.0.8",
			"192.0.2.1",
			"192.88.99.1",
			"192.168.1.1",
			"198.18.0.1",
			"198.19.255.255",
			"198.51.100.7",
			"203.0.113.7",
			"224.0.0.1",
			"239.255.255.255",
			"240.0.0.1",
			"255.255.255.255",
			"::",
			"::1",
			"::7f00:1",
			"::ffff:127.0.0.1",
			"::ffff:10.0.0.1",
			"::ffff:8.8.8.8",
			"64:ff9b::7f00:1",
			"64:ff9b:1::1",
			"100::1",
			"2001::1",
			"2001:2::1",
			"2001:db8::1",
			"2002:7f00:1::",
			"2620:4f:8000::1",
			"3fff::1",
			"5f00::1",
			"fc00::1",
			"fdff::1",
			"fe80::1",
			"fec0::1",
			"ff02::1",
			"4000::1",
		] {
			assert!(purpose(address).is_some(), "{address}");
		}
		assert_eq!(purpose("169.254.169.254"), Some("link-local"), "the clouds' metadata service");
		assert_eq!(purpose("::ffff:10.0.0.1"), Some("an IPv4 address in disguise"));
	}

	#[test]
	fn addresses_next_to_the_blocks_are_public() {
		for address in [
			"1.1.1.1",
			"9.255.255.255",
			"11.0.0.0",
			"100.63.255.255",
			"100.128.0.0",
			"126.255.255.255",
			"128.0.0.0",
			"169.253.255.255",
			"169.255.0.0",
			"172.15.255.255",
			"172.32.0.0",
			"192.0.1.0",
			"192.167.255.255",
			"192.169.0.0",
			"198.17.255.255",
			"198.20.0.0",
			"223.255.255.255",
			"2001:200::1",
			"2001:db7::1",
			"2001:db9::1",
			"2003::1",
			"2606:4700:4700::1111",
			"3ffe::1",
			"3fff:1000::1",
		] {
			assert_eq!(purpose(address), None, "{address}");
		}
	}

	#[test]
	fn the_permission_opens_everything() {
		let localhost = IpAddr::from([127, 0, 0, 1]);
		assert_eq!(Reach::Anywhere.check("localhost", localhost), Ok(()));
		let refused = Reach::Public.check("rebound.example", localhost).unwrap_err();
		let said = refused.to_string();
		assert!(said.contains("rebound.example") && said.contains("--allow-private-endpoints"));
		assert_eq!(Reach::default(), Reach::Public);
	}

	#[tokio::test]
	async fn a_name_for_this_machine_is_refused() {
		let error = Reach::Public.resolve("localhost").await.unwrap_err();
		let refused = refusal(error.as_ref()).unwrap();
		assert!(refused.address.is_loopback());
		assert!(!Reach::Anywhere.resolve("localhost").await.unwrap().is_empty());
	}
}
