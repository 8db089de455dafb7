//! Runs a stored request again and says whether the answer was what the model gives.
//!
//! Floating point depends on the library, the processor and the number of rows that share a run, so the
//! verdict is never of bytes alone: equal, within the model's tolerance, beyond it, or not to be decided,
//! because another profile may explain the difference or because something is missing.

pub mod compare;
mod evidence;
mod run;
#[cfg(test)]
mod tests;

pub use compare::{Tolerance, Verdict};
pub use run::{audit, AuditReport};
