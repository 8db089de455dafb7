//! The hash by which a model version names its artifact.
//!
//! A version is one ONNX file without external data, and its manifest hash is the SHA-256 of that
//! file's bytes: what package registries and `sha256sum` print.

use sha2::{Digest, Sha256};
use std::{fs::File, io, path::Path};
use usufruct_primitives::Hash;

/// An artifact's hash and size, as they are registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manifest {
	/// SHA-256 of the file.
	pub hash: Hash,
	/// Its length in bytes.
	pub size: u64,
}

/// The manifest of an artifact in memory.
pub fn of_bytes(bytes: &[u8]) -> Manifest {
	Manifest { hash: Sha256::digest(bytes).into(), size: bytes.len() as u64 }
}

/// The manifest of an artifact on disk, read in pieces.
pub fn of_file(path: &Path) -> io::Result<Manifest> {
	let mut file = File::open(path)?;
	let mut hasher = Sha256::new();
	let size = io::copy(&mut file, &mut hasher)?;
	Ok(Manifest { hash: hasher.finalize().into(), size })
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn is_the_sha_256_of_the_file() {
		let abc = of_bytes(b"abc");
		let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
		assert_eq!((hex::encode(abc.hash).as_str(), abc.size), (expected, 3));
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("model.onnx");
		std::fs::write(&path, b"abc").unwrap();
		assert_eq!(of_file(&path).unwrap(), abc);
		assert!(of_file(&dir.path().join("none")).is_err());
	}
}
