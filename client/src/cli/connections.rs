//! How many connections a service takes that this command runs.

use clap::{builder::RangedU64ValueParser, Args};
use usufruct_client::serve::Bounds;

/// See the module.
#[derive(Args)]
pub struct Connections {
	/// How many connections there may be at once; whoever comes when there are so many is disconnected
	#[arg(
		long,
		value_name = "NUMBER",
		default_value_t = Bounds::default().connections,
		value_parser = at_least_one(),
	)]
	max_connections: usize,
	/// How many of them may come from one IPv4 address, or from one /48 of IPv6. Those from this machine,
	/// where a proxy may stand, count only in all
	#[arg(
		long,
		value_name = "NUMBER",
		default_value_t = Bounds::default().per_network,
		value_parser = at_least_one(),
	)]
	max_connections_per_network: usize,
}

/// Who wants no connections does not start a service.
fn at_least_one() -> RangedU64ValueParser<usize> {
	RangedU64ValueParser::new().range(1..)
}

impl From<Connections> for Bounds {
	fn from(from: Connections) -> Self {
		Self {
			connections: from.max_connections,
			per_network: from.max_connections_per_network,
			..Self::default()
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::{Command, FromArgMatches};

	fn parse(arguments: &[&str]) -> Result<Bounds, clap::Error> {
		let command = Connections::augment_args(Command::new("service").no_binary_name(true));
		let matches = command.try_get_matches_from(arguments)?;
		Connections::from_arg_matches(&matches).map(Bounds::from)
	}

	#[test]
	fn bounds_are_what_is_said_or_the_services_own() {
		let bounds = parse(&[]).unwrap();
		assert_eq!((bounds.connections, bounds.per_network), (4_000, 100));
		let said = ["--max-connections", "50", "--max-connections-per-network", "1"];
		let bounds = parse(&said).unwrap();
		assert_eq!((bounds.connections, bounds.per_network), (50, 1));
	}

	#[test]
	fn a_service_takes_at_least_one_connection() {
		for option in ["--max-connections", "--max-connections-per-network"] {
			for wrong in ["0", "-1", "many", "99999999999999999999999"] {
				assert!(parse(&[&format!("{option}={wrong}")]).is_err(), "{option} {wrong}");
			}
		}
	}
}
