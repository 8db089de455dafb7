//! The HTTP side: the Open Inference Protocol v2, paid for by vouchers.
//!
//! `app` is what all requests share, `routes` the endpoints that tell about models, `infer` the one
//! that runs them, `status` the page at `/`, `trace` the span of each request, `lookups` how channels are found that are not known yet, `problem` the one place where a typed refusal becomes an HTTP answer, `answer`
//! how a result is stored and sent.

mod answer;
mod app;
mod infer;
mod lookups;
mod problem;
mod routes;
mod status;
#[cfg(test)]
mod tests;
mod trace;

pub use app::{App, Identity, Served};
pub use problem::Refused;
pub use routes::router;
