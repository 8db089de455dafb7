//! What the oracle was started with and nobody it starts may have.

/// Marks every descriptor but the first three so that no process that is started gets it: whatever a shell
/// or a supervisor left open is not a worker's.
pub fn forget() {
	close_fds::set_fds_cloexec(3, &[]);
}

#[cfg(test)]
mod tests {
	use rustix::io::{fcntl_setfd, FdFlags};
	use std::{os::fd::AsRawFd, process::Command};

	#[test]
	fn nobody_who_is_started_has_what_was_inherited() {
		let file = tempfile::tempfile().unwrap();
		fcntl_setfd(&file, FdFlags::empty()).unwrap();
		let number = file.as_raw_fd();
		let inherits = || {
			let there = format!("/proc/self/fd/{number}");
			Command::new("test").args(["-e", &there]).status().unwrap().success()
		};
		assert!(inherits());
		super::forget();
		assert!(!inherits());
	}
}
