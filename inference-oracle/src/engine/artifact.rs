//! The model file: read once, compared with what the chain says, and those very bytes are loaded.

use super::onnx::{self, OnnxError};
use std::path::Path;
use usufruct_client::{manifest, onnx as weights};
use usufruct_primitives::{tensors::TensorRoot, Hash};

/// The bytes of a model that is what the chain says and complete in itself.
pub struct Artifact(Vec<u8>);

/// Why a model file is not served.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
	/// It cannot be read.
	#[error("{path} cannot be read: {error}")]
	Unreadable {
		/// The file.
		path: String,
		/// Why.
		error: std::io::Error,
	},
	/// It is another file than the one registered.
	#[error(
		"the file's SHA-256 is 0x{}, but the chain has 0x{} for this version; fetch the registered \
		 file, or serve the version that this file is", hex::encode(found), hex::encode(expected)
	)]
	WrongHash {
		/// What it is.
		found: Hash,
		/// What it should be.
		expected: Hash,
	},
	/// Its weights are not those it is registered with.
	#[error(
		"the file's weights have the tensor root {}, but the chain has {} for this version: whoever \
		 registered it hides what it is made of", root(found), root(expected)
	)]
	WrongWeights {
		/// What they are known by.
		found: Option<TensorRoot>,
		/// What they should be known by.
		expected: Option<TensorRoot>,
	},
	/// Its weights cannot be read.
	#[error("the file's weights cannot be compared with the chain: {0}")]
	Weights(#[from] weights::OnnxError),
	/// It is no model that can be served.
	#[error("the file cannot be served: {0}")]
	Onnx(#[from] OnnxError),
}

impl Artifact {
	/// Reads the file. Nothing reads it again, so nobody can exchange it after the check.
	pub fn read(path: &Path, expected: &Hash) -> Result<Self, ArtifactError> {
		let bytes = std::fs::read(path).map_err(|error| ArtifactError::Unreadable {
			path: path.display().to_string(),
			error,
		})?;
		Self::check(bytes, expected)
	}

	/// Checks bytes that were read.
	pub fn check(bytes: Vec<u8>, expected: &Hash) -> Result<Self, ArtifactError> {
		let found = manifest::of_bytes(&bytes).hash;
		if found != *expected {
			return Err(ArtifactError::WrongHash { found, expected: *expected });
		}
		onnx::check(&bytes)?;
		Ok(Self(bytes))
	}

	/// Compares the weights with the tensor root of the version.
	pub fn check_weights(
		&self,
		genesis: &Hash,
		expected: Option<TensorRoot>,
	) -> Result<(), ArtifactError> {
		let tree = weights::tensor_tree(genesis, self.0.clone().into())?;
		let found = tree.map(|tree| tree.root());
		if found != expected {
			return Err(ArtifactError::WrongWeights { found, expected });
		}
		Ok(())
	}

	/// The bytes.
	pub fn bytes(&self) -> &[u8] {
		&self.0
	}
}

/// A tensor root as it is written for people.
fn root(of: &Option<TensorRoot>) -> String {
	of.map_or("none".into(), |root| format!("0x{}", hex::encode(root.root)))
}

#[cfg(test)]
mod tests;
