//! The HTTP side: the Open Inference Protocol v2, paid for by vouchers.
//!
//! `app` is what all requests share, `catalogue` which models are served, `routes` the endpoints that tell
//! about models, `status` the page at `/`, `trace` the span of each request.
//!
//! `infer` is one paid request, however it came: by `v2` (the Open Inference Protocol, JSON and binary), by
//! `openai`, or by [`crate::grpc`]. `early` refuses what its headers speak against before its `body` is read,
//! `held` bounds the memory that requests hold, `job` is what becomes of what was admitted. `callers` is who
//! waits for an answer, `room` whether a request can be run now, `lookups` how channels are found that are not
//! known yet, `problem` the one place where a typed refusal becomes an HTTP answer, `terms` what is told to whoever does not
//! pay, `answer` how a result is written and `sending` what it holds until it was sent.

mod answer;
mod app;
pub(crate) mod body;
mod callers;
mod catalogue;
mod early;
pub(crate) mod held;
pub(crate) mod infer;
mod job;
mod lookups;
mod openai;
mod problem;
mod room;
pub(crate) mod routes;
pub(crate) mod sending;
mod status;
mod terms;
#[cfg(test)]
mod tests;
mod trace;
mod unpaid;
mod v2;
mod x402;

pub use app::{App, Identity, Limits};
pub use catalogue::{Catalogue, Planned, Served};
pub use problem::Refused;
pub use routes::router;
pub use unpaid::router as unpaid;
