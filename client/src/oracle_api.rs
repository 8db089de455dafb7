//! What a consumer and an oracle say to each other over HTTP: headers, refusals, terms.
//!
//! The tensors travel as the Open Inference Protocol v2 has them; what concerns payment travels in
//! headers:
//!
//! | header | in | holds |
//! |---|---|---|
//! | `usufruct-voucher` | request | base64 of body (108 B) and signature (64 B) |
//! | `usufruct-request-id` | request | 16 bytes in hex |
//! | `usufruct-salt` | request | 32 bytes in hex |
//! | `usufruct-model-version` | request | the version to run, decimal |
//! | `usufruct-max-units` | request | the most units to charge, decimal |
//! | `usufruct-unit-price` | request | planck per unit, decimal |
//! | `usufruct-receipt` | response | base64 of body (182 B) and signature (64 B) |
//! | `usufruct-profile` | response | hash of the execution profile, in hex; `GET /v2/profiles/{hash}` gives its text |
//!
//! The last three of a request repeat what its commitment covers, so that an oracle can say what
//! does not fit instead of that something does not. A refusal is `application/problem+json`; see
//! [`Problem`]. A response that carries a receipt is the final word on its request, whatever its
//! HTTP status.
//!
//! A request may belong to its sender's trace, which its headers say as those of any other, see [`TraceContext`].
//!
//! Nothing here knows of a chain but its genesis hash.

mod headers;
mod http;
mod problem;
mod reach;
mod trace;
pub mod x402;

pub(crate) use headers::verify;
pub use headers::verify as verify_signature;
pub use headers::{HeaderError, RequestHeaders, SignedReceipt, SignedVoucher};
pub use http::{infer_path, version_path, HttpError, OracleHttp, Reply, MAX_ANSWER};
pub use problem::{ChannelTerms, Problem, ProblemKind, Terms};
pub use reach::{not_public, NotPublic, Reach};
pub use trace::TraceContext;

/// The names of the headers.
pub mod header {
	/// Base64 of the voucher's body and signature.
	pub const VOUCHER: &str = "usufruct-voucher";
	/// Base64 of the receipt's body and signature.
	pub const RECEIPT: &str = "usufruct-receipt";
	/// The hash of the execution profile under which the model ran, in hex.
	pub const PROFILE: &str = "usufruct-profile";
	/// The request's id in hex.
	pub const REQUEST_ID: &str = "usufruct-request-id";
	/// The payload salt in hex.
	pub const SALT: &str = "usufruct-salt";
	/// The model version, decimal.
	pub const MODEL_VERSION: &str = "usufruct-model-version";
	/// The most units to charge, decimal.
	pub const MAX_UNITS: &str = "usufruct-max-units";
	/// In how many milliseconds from its arrival the answer is worth nothing any more, decimal; may be
	/// left out. It is no part of what is signed.
	pub const TIMEOUT_MS: &str = "usufruct-timeout-ms";
	/// Planck per unit, decimal.
	pub const UNIT_PRICE: &str = "usufruct-unit-price";
}

/// The media type of a [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";
