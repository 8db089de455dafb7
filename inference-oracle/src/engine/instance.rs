//! What can be seen of one engine of a pool from outside.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// See the module.
#[derive(Debug)]
pub struct Instance {
	up: AtomicBool,
	process: AtomicU32,
	restarts: AtomicU64,
}

impl Default for Instance {
	fn default() -> Self {
		Self { up: true.into(), process: 0.into(), restarts: 0.into() }
	}
}

impl Instance {
	/// It runs in that process.
	pub fn started(&self, process: u32) {
		self.process.store(process, Ordering::Relaxed);
		self.up.store(true, Ordering::Relaxed);
	}

	/// It runs again, in that process.
	pub fn restarted(&self, process: u32) {
		self.restarts.fetch_add(1, Ordering::Relaxed);
		self.started(process);
	}

	/// It does not run.
	pub fn down(&self) {
		self.up.store(false, Ordering::Relaxed);
		self.process.store(0, Ordering::Relaxed);
	}

	/// Whether it runs.
	pub fn is_up(&self) -> bool {
		self.up.load(Ordering::Relaxed)
	}

	/// The process it runs in, if that is one of its own.
	pub fn process(&self) -> Option<u32> {
		Some(self.process.load(Ordering::Relaxed)).filter(|process| *process != 0)
	}

	/// How often it was started again.
	pub fn restarts(&self) -> u64 {
		self.restarts.load(Ordering::Relaxed)
	}

	/// Bytes of memory that its process takes.
	pub fn memory(&self) -> u64 {
		let read = |process| std::fs::read_to_string(format!("/proc/{process}/status")).ok();
		let status = self.process().and_then(read).unwrap_or_default();
		let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
		let kib = resident.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok());
		kib.unwrap_or(0u64) << 10
	}
}
