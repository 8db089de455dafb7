//! How many files and connections the process may have open.

use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
use std::io;

/// As many as it may be given without asking anybody: the usual limit is a thousand, for the sake of programs
/// that can count no further.
pub fn raise() -> io::Result<()> {
	let maximum = getrlimit(Resource::Nofile).maximum;
	Ok(setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::alone::is_alone;

	#[test]
	fn the_limit_becomes_the_most_that_there_may_be() {
		if !is_alone("descriptors::tests::the_limit_becomes_the_most_that_there_may_be") {
			return;
		}
		let before = getrlimit(Resource::Nofile);
		setrlimit(Resource::Nofile, Rlimit { current: Some(64), ..before }).unwrap();
		raise().unwrap();
		let after = getrlimit(Resource::Nofile);
		assert_eq!((after.current, after.maximum), (before.maximum, before.maximum));
	}
}
