//! The runtime as it really runs: its wasm blob, executed in process.

mod blocks;
mod chain;
mod equivocation;
mod free_claim;
mod genesis;
mod metadata;
mod session_keys;
mod weights;
