//! Models run in processes of their own, which have no key, no log, no network, and see no file but
//! the library's.
//!
//! A model is a program that somebody else wrote, and ONNX Runtime was not made for programs that
//! mean harm: some files abort the process that loads them, some inputs the process that runs them.
//! So the oracle starts its own executable again, once per session, as a worker (`child`), which
//! loads the library, locks itself in (`confine`, `syscalls`), and only then is given the model. The
//! oracle (`parent`) believes it until then and never after: what it sends is bounded and checked
//! (`frame`, `message`), a run that takes too long ends with the process, and a process that ends
//! fails one request and is started again.
//!
//! The pattern is that of Polkadot's workers for the validation functions of parachains.

mod child;
mod confine;
mod frame;
mod message;
mod parent;
mod syscalls;
#[cfg(test)]
mod tests;

pub use child::main;
pub use message::Confinement;
pub use parent::{Isolation, WorkerEngine, WorkerOptions};

/// The first argument of a process that is a worker.
pub const ARGUMENT: &str = "worker";
