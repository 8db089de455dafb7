//! The runtime compiled natively, without its blob: long periods, and histories of random bytes.

mod authorised;
mod barred;
mod chain;
mod dust;
mod free;
mod fuzz;
mod keys;
mod lane;
mod periods;
mod removal;
mod returned;
mod security;
mod stage;
mod stall;
mod transactions;
mod within;
