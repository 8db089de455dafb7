//! End to end: what the tests and the demo share to run real nodes, oracles and commands.
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

pub mod acts;
pub mod asker;
pub mod cast;
pub mod cli;
pub mod files;
pub mod identity;
pub mod liar;
pub mod node;
pub mod oracle;
pub mod people;
pub mod process;
pub mod transactions;
