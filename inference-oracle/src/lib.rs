//! The inference oracle: runs registered models for consumers that pay per request, and settles
//! their receipts on the chain.
//!
//! Three layers, from the outside in: `http` (the router) and `grpc` turn requests into orders and refusals
//! into answers; `book`, `ledger`, `store`, `settle`, `demands` and `bond` (the core) decide, remember, get
//! paid, answer and stand for it;
//! `engine` (the backend) runs models; `models` says which of them are loaded. `chain` is what all of it knows of the chain.
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

pub mod audit;
pub mod blind;
pub mod bond;
pub mod book;
pub mod chain;
pub mod check;
pub mod clock;
pub mod config;
mod crash;
pub mod demands;
pub mod descriptors;
pub mod engine;
pub mod grpc;
pub mod http;
pub mod inherited;
pub mod ledger;
pub mod measure;
pub mod metrics;
pub mod models;
pub mod pause;
pub mod private;
pub mod retention;
pub mod settle;
pub mod store;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod text;
