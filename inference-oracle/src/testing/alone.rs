//! Tests of what all threads of a process share: each in a process of its own.

use super::skip::SKIPPED;
use std::{io::Write, process::Command};

/// Whether this process runs the test of that name and no other. If it does not, one is started that does,
/// and must succeed.
pub fn is_alone(test: &str) -> bool {
	const ALONE: &str = "USUFRUCT_TEST_ALONE";
	if std::env::var_os(ALONE).is_some() {
		return true;
	}
	let mut child = Command::new(std::env::current_exe().unwrap());
	let run = child.args(["--exact", test, "--nocapture"]).env(ALONE, "1").output().unwrap();
	let (told, errors) =
		(String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
	// Of another name there is none, and nothing fails.
	let ran = run.status.success() && told.contains("1 passed");
	assert!(ran, "{test}: {}:\n{told}{errors}", run.status);
	for line in errors.lines().filter(|line| line.contains(SKIPPED)) {
		let _ = writeln!(std::io::stderr(), "{line}");
	}
	false
}
