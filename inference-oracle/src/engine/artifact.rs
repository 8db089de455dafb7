//! The model file: read once, compared with what the chain says, and those very bytes are loaded.

use super::{
	onnx::{self, OnnxError},
	operators::Operators,
};
use std::{
	fs::File,
	io::{self, Read},
	path::Path,
};
use usufruct_client::{manifest, onnx as weights};
use usufruct_primitives::{tensors::TensorRoot, Hash};

/// The bytes of a model that is what the chain says and complete in itself.
pub struct Artifact(Vec<u8>);

/// What a model must be to be served, whatever the chain says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
	/// The most bytes of its file.
	pub most: u64,
	/// Operators that it may have besides the standard ones.
	pub operators: Operators,
}

impl Default for Rules {
	/// 2 GiB, the most that a file of this format can have; no other operators.
	fn default() -> Self {
		Self { most: 2 << 30, operators: Operators::default() }
	}
}

/// Why a model file is not served.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
	/// It cannot be read.
	#[error("{path} cannot be read: {error}")]
	Unreadable {
		/// The file.
		path: String,
		/// Why.
		error: io::Error,
	},
	/// It is longer than may be.
	#[error("{path} has more than {most} bytes; raise max_model_mib, or serve another model")]
	TooLong {
		/// The file.
		path: String,
		/// The most bytes.
		most: u64,
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
	pub fn read(path: &Path, expected: &Hash, rules: &Rules) -> Result<Self, ArtifactError> {
		let bytes = read(path, rules.most).map_err(|error| ArtifactError::Unreadable {
			path: path.display().to_string(),
			error,
		})?;
		let Some(bytes) = bytes else {
			let path = path.display().to_string();
			return Err(ArtifactError::TooLong { path, most: rules.most });
		};
		Self::check(bytes, expected, rules)
	}

	/// Checks bytes that were read.
	pub fn check(bytes: Vec<u8>, expected: &Hash, rules: &Rules) -> Result<Self, ArtifactError> {
		let found = manifest::of_bytes(&bytes).hash;
		if found != *expected {
			return Err(ArtifactError::WrongHash { found, expected: *expected });
		}
		onnx::check(&bytes, &rules.operators)?;
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

/// The file's bytes; `None` if there are more than that.
fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
	let file = File::open(path)?;
	let length = file.metadata()?.len();
	if length > most {
		return Ok(None);
	}
	let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
	// It may have grown since.
	file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
	Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// A tensor root as it is written for people.
fn root(of: &Option<TensorRoot>) -> String {
	of.map_or("none".into(), |root| format!("0x{}", hex::encode(root.root)))
}

#[cfg(test)]
mod tests;
