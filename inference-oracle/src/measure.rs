//! What can be left out to measure what it costs; no operator needs it.
//!
//! `USUFRUCT_INSECURE_MEASURE` names, with commas between them: `unpaid`, to serve who does not pay
//! under `/unpaid`, and `unflushed`, to leave it to the system when the log reaches the disk. Either
//! would cost an operator money, so an oracle that is told one does not start but on the loopback
//! interface and for a chain that calls itself one of development.

use std::net::IpAddr;

/// The environment variable.
pub const VARIABLE: &str = "USUFRUCT_INSECURE_MEASURE";
/// What the node of a development chain answers to `system_chainType`.
const DEVELOPMENT: &str = "Development";

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
	/// Who does not pay is served, too.
	pub unpaid: bool,
	/// The log is not flushed.
	pub unflushed: bool,
}

/// It is not for this oracle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMeasured {
	/// There is no such switch.
	#[error(
		"{VARIABLE} is '{0}'; it is for measurements and takes unpaid and unflushed: unset it"
	)]
	Unknown(String),
	/// Real money would be lost.
	#[error(
		"{VARIABLE} is for measurements, on a chain of type Development and on the loopback interface; \
		 this chain is of type {chain}, and the oracle listens on {listen}: unset it"
	)]
	InEarnest {
		/// The type of the chain.
		chain: String,
		/// Where the oracle listens.
		listen: IpAddr,
	},
}

impl Measure {
	/// What a text names.
	pub fn parse(text: &str) -> Result<Self, NotMeasured> {
		let mut measure = Self::default();
		for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
			match name {
				"unpaid" => measure.unpaid = true,
				"unflushed" => measure.unflushed = true,
				_ => return Err(NotMeasured::Unknown(text.into())),
			}
		}
		Ok(measure)
	}

	/// The same, if it may be so on a chain of that type.
	pub fn on(self, chain: &str, listen: IpAddr) -> Result<Self, NotMeasured> {
		if self == Self::default() || (chain == DEVELOPMENT && listen.is_loopback()) {
			return Ok(self);
		}
		Err(NotMeasured::InEarnest { chain: chain.into(), listen })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

	#[test]
	fn only_for_measurements_anything_is_left_out() {
		let both = Measure { unpaid: true, unflushed: true };
		assert_eq!(Measure::parse("unpaid, unflushed"), Ok(both));
		assert_eq!(both.on("Development", HERE), Ok(both));
		let everywhere = "0.0.0.0".parse().unwrap();
		for (chain, listen) in [("Live", HERE), ("Local", HERE), ("Development", everywhere)] {
			for some in ["unpaid", "unflushed"] {
				let refused = Measure::parse(some).unwrap().on(chain, listen);
				assert!(matches!(refused, Err(NotMeasured::InEarnest { .. })), "{some} on {chain}");
			}
		}
		let unknown = Measure::parse("unpaid,free");
		assert_eq!(unknown, Err(NotMeasured::Unknown("unpaid,free".into())));
	}

	#[test]
	fn nothing_is_left_out_unless_it_is_named() {
		let none = Measure::parse("").unwrap();
		assert_eq!(none, Measure::default());
		assert_eq!(none.on("Live", "0.0.0.0".parse().unwrap()), Ok(none));
	}
}
