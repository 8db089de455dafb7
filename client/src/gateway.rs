//! The gateway: plain inference APIs on the consumer's own machine, paid for behind them.
//!
//! From the outside in: [`http`] speaks the Open Inference Protocol, over REST and gRPC, and OpenAI's
//! embeddings and knows nothing of money; [`desk`] takes a question to one oracle after the other until it
//! is answered; [`rank`] says to whom first and [`oracles`] what is known of them, [`describe`] what they say
//! of a model, [`statistics`] counts what became of questions, [`purse`] has the channels that pay, `texts`
//! counts tokens and `dimensions` knows how long vectors are, [`spend`] has the limits, [`store`] remembers
//! what was spent and how oracles did; [`rounds`] looks after all of it between requests. [`chain`] is what
//! all of it knows of the chain.
//!
//! A question goes through these states on disk, so that `kill -9` between any two loses nothing: what
//! it may cost is held against the limits; its voucher is signed; its receipt is accepted, or the oracle
//! refused it for good; what it did cost is booked. What a crash left held is compared with the
//! channels' store at the next start.
//!
//! A question that one oracle leaves unanswered goes to another. The first one has its voucher, and may
//! have served it: it is asked again for that answer, but only when its receipts show that it did serve
//! it, or when the voucher is so old that it can no longer be served: so that nothing is served, and
//! charged, for nobody.

pub mod chain;
pub mod describe;
pub mod desk;
mod dimensions;
mod error;
pub mod http;
pub mod oracles;
pub mod purse;
pub mod rank;
pub mod rounds;
pub mod spend;
pub mod statistics;
pub mod status;
pub mod store;
mod texts;

pub use desk::{Gateway, Options};
pub use error::GatewayError;

#[cfg(test)]
mod tests;
