//! Showing what was settled: anybody can demand a settled receipt, and the oracle must show it with
//! its place in the batch and the voucher that asked for it, or is slashed.
//!
//! `answer` makes an answer of what the log holds; `run` looks for open demands at every finalised
//! head and sees each through. An answer is the same whenever it is made, and the chain takes it
//! once: a submission of which nothing was heard is simply made again.

mod answer;
mod run;
#[cfg(test)]
mod tests;

pub use answer::{answers, Answer, Unanswerable};
pub use run::Answerer;
