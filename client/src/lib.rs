//! What a user of Usufruct needs on their own machine: access to the chain, channels and vouchers,
//! checks of every receipt, and every action of the `usufruct` command as a library.
//!
//! What an oracle shares with its consumers knows of no chain: [`tensors`], [`meter`],
//! [`oracle_api`], [`grpc`], [`manifest`], [`onnx`], [`text`].
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

pub mod acceptance;
pub mod amount;
pub mod chain;
pub mod channel;
pub mod decimal;
mod disk;
pub mod features;
pub mod gateway;
pub mod grpc;
pub mod keys;
pub mod manifest;
pub mod meter;
pub mod onnx;
pub mod openai;
pub mod oracle_api;
pub mod output;
mod printable;
pub mod receipt;
pub mod reuse;
pub mod serve;
pub mod session;
pub mod state;
pub mod statement;
mod sync;
pub mod tensors;
#[cfg(test)]
mod testing;
pub mod text;
pub mod verifier;
pub mod view;
pub mod watch;

pub use usufruct_interface as runtime;
