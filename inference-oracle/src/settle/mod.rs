//! Getting paid: receipts become claims, claims a batch, a batch one extrinsic.
//!
//! `policy` is what the operator wants, `schedule` chooses when and which, `plan` makes the batch, `run`
//! sees it through. There is at most one batch that
//! is not final; its exact arguments are on disk before it is submitted, and whatever happens (a
//! crash, a lost connection, a reorganisation) those same arguments are submitted again until a
//! finalised block has taken or refused them. What the chain skips is claimed again later.

mod plan;
mod policy;
mod run;
mod schedule;
#[cfg(test)]
mod tests;

pub use plan::{plan, Batch, PlanError, Row, Source};
pub use policy::{Policy, PolicyFile};
pub use run::{Settler, Stop};
pub use schedule::{choose, Ages, Choice, Prices};
