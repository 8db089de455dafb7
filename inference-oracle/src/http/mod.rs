//! The HTTP side: the Open Inference Protocol v2, paid for by vouchers.
//!
//! `app` is what all requests share, `catalogue` which models are served, `callers` who waits for an
//! answer, `room` whether a request can be run now, `routes` the endpoints that tell about models, `infer` the one
//! that runs them, `lookups` how channels are found that are not known yet, `problem` the one place where a typed refusal becomes an HTTP answer, `answer`
//! how a result is stored and sent.

mod answer;
mod app;
mod callers;
mod catalogue;
mod infer;
mod lookups;
mod problem;
mod room;
mod routes;
#[cfg(test)]
mod tests;

pub use app::{App, Identity, Limits};
pub use catalogue::{Catalogue, Planned, Served};
pub use problem::Refused;
pub use routes::router;
