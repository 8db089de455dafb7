//! What nobody but the oracle's own user may read: the log has requests, answers and vouchers of consumers,
//! and the process has keys.

use rustix::process::{set_dumpable_behavior, DumpableBehavior};
use std::{
	fs::{DirBuilder, OpenOptions},
	io,
	os::unix::fs::{DirBuilderExt, OpenOptionsExt},
	path::Path,
};

/// With which a file is made that only its owner can read and write.
pub fn options() -> OpenOptions {
	let mut options = OpenOptions::new();
	options.mode(0o600);
	options
}

/// Makes a folder that only its owner can enter, and those above it that are missing. One that is there
/// stays as it is.
pub fn make_folder(folder: &Path) -> io::Result<()> {
	DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// From now on no other process of the same user can look into this one, by `/proc` or as a debugger
/// does; nor is its memory, with the keys in it, dumped when it crashes.
pub fn hide() -> io::Result<()> {
	Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::{alone::is_alone, skip::skipped};
	use rustix::process::{dumpable_behavior, geteuid};
	use std::{
		fs::Permissions,
		os::unix::fs::{MetadataExt, PermissionsExt},
		process::{Command, Stdio},
	};

	fn mode(path: &Path) -> u32 {
		path.metadata().unwrap().mode() & 0o777
	}

	#[test]
	fn only_the_owner_can_read_what_is_made_and_what_was_there_stays() {
		let folder = tempfile::tempdir().unwrap();
		let shared = folder.path().join("shared");
		std::fs::create_dir(&shared).unwrap();
		std::fs::set_permissions(&shared, Permissions::from_mode(0o750)).unwrap();
		make_folder(&shared).unwrap();
		assert_eq!(mode(&shared), 0o750);
		make_folder(&shared.join("a/b")).unwrap();
		assert_eq!((mode(&shared.join("a")), mode(&shared.join("a/b"))), (0o700, 0o700));
		let file = shared.join("a/b/file");
		options().append(true).create_new(true).open(&file).unwrap();
		assert_eq!(mode(&file), 0o600);
	}

	#[test]
	fn nobody_looks_into_a_process_that_hides() {
		if !is_alone("private::tests::nobody_looks_into_a_process_that_hides") {
			return;
		}
		let environment = format!("/proc/{}/environ", std::process::id());
		let seen = || Command::new("cat").arg(&environment).output().unwrap().status.success();
		assert!(seen());
		hide().unwrap();
		assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
		match geteuid().is_root() {
			true => skipped!(
				"that nobody else looks into it: this is root, who looks into every process"
			),
			false => assert!(!seen()),
		}
		// It still sees what it has open, and can start itself again, as it does for a worker.
		assert!(std::fs::read_dir("/proc/self/fd").unwrap().count() > 2);
		let again = Command::new("/proc/self/exe").arg("--list").stdout(Stdio::null()).status();
		assert!(again.unwrap().success());
	}
}
