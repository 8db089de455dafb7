//! Runs a stored request again and says whether the answer was what the model gives.
//!
//! Floating point depends on the library, the processor and the number of rows that share a run, so the
//! verdict is never of bytes alone: equal, within the model's tolerance, beyond it, or not to be decided,
//! because another profile may explain the difference or because something is missing. While an oracle has
//! the log, it is asked for what is in it (`socket`).

pub mod compare;
mod evidence;
mod found;
mod run;
mod socket;
#[cfg(test)]
mod tests;
mod under;

pub use compare::{NoTolerance, Tolerance, Verdict};
pub use run::{audit, AuditReport};
pub use socket::Socket;
pub use under::Under;
