//! Running models: from an artifact on disk to tensors in, tensors out.
//!
//! `artifact` decides which bytes are loaded at all, `onnx` reads them just far enough to know that
//! they refer to no other file, `ort` runs them in ONNX Runtime, `pool` gives each session a thread
//! of its own behind a bounded queue, and `signature` checks inputs before they reach it.

pub mod artifact;
pub mod library;
mod onnx;
pub mod ort;
pub mod pool;
pub mod signature;
#[cfg(test)]
mod tests;

pub use artifact::{Artifact, ArtifactError};
pub use pool::{Pool, Ran, Slot};
pub use signature::{InputError, Port, Signature};

use usufruct_client::tensors::Tensor;

/// Something that runs one model, one request at a time.
pub trait Engine {
	/// What it takes and gives.
	fn signature(&self) -> &Signature;
	/// Runs the model on inputs that fit the signature.
	fn run(&mut self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, EngineError>;
}

/// A model could not be loaded or run. The texts may name files of the operator: they are for its
/// log, not for consumers.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
	/// The session could not be made.
	#[error("the model cannot be loaded: {0}")]
	Load(String),
	/// An input or output is nothing this oracle can send or receive.
	#[error(
		"the model's {port} is a {kind}; this oracle serves tensors of f32, f64, i8 to i64, u8 to u64 \
		 and bool"
	)]
	Unsupported {
		/// Which.
		port: String,
		/// What it is.
		kind: String,
	},
	/// The execution provider that must be used cannot be.
	#[error("the {provider} execution provider cannot be used: {why}; install what it needs, or set provider = \"cpu\"")]
	Provider {
		/// Which.
		provider: &'static str,
		/// Why.
		why: String,
	},
	/// The run failed.
	#[error("the run failed: {0}")]
	Run(String),
	/// The thread that ran it is gone.
	#[error("the worker has stopped")]
	Stopped,
}
