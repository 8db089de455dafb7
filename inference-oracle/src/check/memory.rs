//! Whether the budget of memory holds what is loaded at the start.

use anyhow::{ensure, Result};

/// What models take that are loaded one after the other.
///
/// The rule is the shelf's: one is loaded if what it is estimated to take fits beside what is measured of those
/// before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Memory {
	/// The least budget with which all are loaded, in bytes.
	needed: u64,
	/// What they take once they are, in bytes.
	taken: u64,
}

impl Memory {
	/// One more, of which so many bytes were estimated, and so many measured if that could be.
	pub(super) fn add(&mut self, about: u64, measured: Option<u64>) {
		self.needed = self.needed.max(self.taken.saturating_add(about));
		self.taken = self.taken.saturating_add(measured.unwrap_or(about));
	}

	/// Whether a budget of so many bytes holds them.
	pub(super) fn within(self, budget: u64) -> Result<((), String)> {
		let needed = self.needed.div_ceil(1 << 20);
		let taken = self.taken.div_ceil(1 << 20);
		let mib = budget >> 20;
		ensure!(
			self.needed <= budget,
			"loading all models that are not on_demand needs {needed} MiB, and memory_budget_mib is \
			 {mib}: raise it to {needed} or more, or set on_demand = true for models that may wait"
		);
		let found = format!("all that are not on_demand need {needed} MiB of {mib} to be loaded");
		Ok(((), format!("{found}, and take {taken} then")))
	}
}
