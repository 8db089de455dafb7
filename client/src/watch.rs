//! Watching an oracle's settlements on a consumer's behalf: what contradicts what the consumer
//! keeps is proved to the chain, or demanded from the oracle until it can be.
//!
//! [`batch`] is what is known of a settlement, [`leaves`] which receipts provably stand in it,
//! [`terms`] what holds for them, and [`holdings`] what the consumer has. [`decide`] says from these
//! and the chain's rules ([`usufruct_primitives::fraud`]), without any I/O, what is to be done; [`read`] and [`act`] talk to the chain, [`store`]
//! remembers on disk, and [`run`] goes round.
//!
//! A client has no leaf of a settlement but its own signed receipts, and no proof of any. It gets
//! proofs in two ways: it builds the tree itself, as far as the settlement consists of receipts it
//! has; and it reads them off the answers to demands.

pub mod act;
pub mod batch;
pub mod calls;
pub mod decide;
pub mod holdings;
pub mod leaves;
pub mod read;
pub mod run;
pub mod store;
pub mod terms;

#[cfg(test)]
mod testing;
