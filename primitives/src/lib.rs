//! What every part of Usufruct must agree on: ids, signed formats, the Merkle-sum tree, the
//! arithmetic of dividing money, and the traits by which pallets know each other.
//!
//! Pure: no storage, no I/O, `no_std`. Off-chain programs use these very functions, so no signed
//! format is implemented twice. The formats' golden vectors are in `vectors.json`.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

extern crate alloc;

pub mod commitment;
pub mod domain;
pub mod fraud;
pub mod ids;
pub mod keys;
pub mod personhood;
pub mod settlement;
pub mod split;
pub mod submitted;
pub mod tensors;
#[cfg(feature = "traits")]
pub mod traits;
pub mod tree;
pub mod usage;

pub use ids::*;
