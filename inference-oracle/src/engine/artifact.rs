//! The model file: read, compared with what the chain says, and those very bytes are loaded.

use super::{
	onnx::{self, OnnxError},
	operators::Operators,
};
use bytes::Bytes;
use std::{
	fs::File,
	io::{self, Read},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	sync::{Mutex, MutexGuard, PoisonError},
};
use usufruct_client::{manifest, onnx as weights};
use usufruct_primitives::{tensors::TensorRoot, Hash};

/// A model that is what the chain says and complete in itself.
pub struct Artifact {
	hash: Hash,
	length: usize,
	bytes: Held,
}

/// Where a model's bytes are.
enum Held {
	Memory(Bytes),
	File(Source),
}

/// The file that a model was read from. It stays open: what is put into its place later is another one.
struct Source {
	path: PathBuf,
	file: File,
	/// What was read, until it is released.
	kept: Mutex<Option<Bytes>>,
}

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
	/// Reads the file.
	pub fn read(path: &Path, expected: &Hash, rules: &Rules) -> Result<Self, ArtifactError> {
		let (file, bytes) = read(path, rules.most).map_err(|error| unreadable(path, error))?;
		let Some(bytes) = bytes else {
			let path = path.display().to_string();
			return Err(ArtifactError::TooLong { path, most: rules.most });
		};
		let bytes = Bytes::from(bytes);
		check(&bytes, expected, rules)?;
		let (hash, length, path) = (*expected, bytes.len(), path.into());
		let kept = Mutex::new(Some(bytes));
		Ok(Self { hash, length, bytes: Held::File(Source { path, file, kept }) })
	}

	/// Checks bytes that were read.
	pub fn check(bytes: Vec<u8>, expected: &Hash, rules: &Rules) -> Result<Self, ArtifactError> {
		check(&bytes, expected, rules)?;
		Ok(Self { hash: *expected, length: bytes.len(), bytes: Held::Memory(bytes.into()) })
	}

	/// Compares the weights with the tensor root of the version.
	pub fn check_weights(
		&self,
		genesis: &Hash,
		expected: Option<TensorRoot>,
	) -> Result<(), ArtifactError> {
		let tree = weights::tensor_tree(genesis, self.bytes()?)?;
		let found = tree.map(|tree| tree.root());
		if found != expected {
			return Err(ArtifactError::WrongWeights { found, expected });
		}
		Ok(())
	}

	/// How many bytes it has.
	pub fn length(&self) -> usize {
		self.length
	}

	/// The bytes that were checked. Where they were released they are read again and compared again, so that
	/// nobody can exchange them.
	pub fn bytes(&self) -> Result<Bytes, ArtifactError> {
		match &self.bytes {
			Held::Memory(bytes) => Ok(bytes.clone()),
			Held::File(source) => {
				let kept = source.kept().clone();
				kept.map_or_else(|| source.again(self.length, &self.hash), Ok)
			},
		}
	}

	/// Keeps them in memory no longer, if there is a file: they are needed again only when a worker has died.
	pub fn release(&self) {
		if let Held::File(source) = &self.bytes {
			*source.kept() = None;
		}
	}
}

impl Source {
	fn kept(&self) -> MutexGuard<'_, Option<Bytes>> {
		self.kept.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn again(&self, length: usize, expected: &Hash) -> Result<Bytes, ArtifactError> {
		let mut bytes = vec![0; length];
		let read = self.file.read_exact_at(&mut bytes, 0);
		read.map_err(|error| unreadable(&self.path, error))?;
		compare(&bytes, expected)?;
		Ok(bytes.into())
	}
}

fn check(bytes: &[u8], expected: &Hash, rules: &Rules) -> Result<(), ArtifactError> {
	compare(bytes, expected)?;
	Ok(onnx::check(bytes, &rules.operators)?)
}

fn compare(bytes: &[u8], expected: &Hash) -> Result<(), ArtifactError> {
	let found = manifest::of_bytes(bytes).hash;
	if found != *expected {
		return Err(ArtifactError::WrongHash { found, expected: *expected });
	}
	Ok(())
}

fn unreadable(path: &Path, error: io::Error) -> ArtifactError {
	ArtifactError::Unreadable { path: path.display().to_string(), error }
}

/// The file, and its bytes; `None` if there are more than that.
fn read(path: &Path, most: u64) -> io::Result<(File, Option<Vec<u8>>)> {
	let file = File::open(path)?;
	let length = file.metadata()?.len();
	if length > most {
		return Ok((file, None));
	}
	let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
	// It may have grown since.
	(&file).take(most.saturating_add(1)).read_to_end(&mut bytes)?;
	let bytes = Some(bytes).filter(|bytes| bytes.len() as u64 <= most);
	Ok((file, bytes))
}

/// A tensor root as it is written for people.
fn root(of: &Option<TensorRoot>) -> String {
	of.map_or("none".into(), |root| format!("0x{}", hex::encode(root.root)))
}

#[cfg(test)]
mod tests;
