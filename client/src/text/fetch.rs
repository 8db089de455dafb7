//! The documents of a version that takes text: from where they were kept, otherwise from its oracle. They
//! are named by their hashes, so that it does not matter who gives them.

use super::{Description, LoadError, Text};
use crate::{
	manifest,
	oracle_api::{HttpError, OracleHttp},
};
use std::{fs, io, path::Path};
use usufruct_primitives::{Hash, VersionId};

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
	/// The oracle does not have them.
	#[error(transparent)]
	Oracle(#[from] HttpError),
	/// They cannot be used.
	#[error(transparent)]
	Load(#[from] LoadError),
	/// They cannot be kept.
	#[error("{path} cannot be written: {error}")]
	Keep {
		/// The file.
		path: String,
		/// Why.
		error: io::Error,
	},
}

/// The documents of a version that takes text.
pub(crate) struct Documents {
	metadata: Vec<u8>,
	tokenizer: Vec<u8>,
	/// What the chain names the metadata by.
	hash: Hash,
}

impl Documents {
	/// What they say. That takes a while: there are some megabytes of words to be read and sorted.
	pub(crate) fn load(self) -> Result<Text, LoadError> {
		Text::load(self.metadata, self.tokenizer, &self.hash)
	}
}

/// What a version says of text, by the hash of its metadata on the chain. Documents are kept in `folder`.
pub async fn fetch(
	http: &OracleHttp,
	model: &str,
	version: VersionId,
	metadata: &Hash,
	folder: &Path,
) -> Result<Text, FetchError> {
	Ok(documents(http, model, version, metadata, folder).await?.load()?)
}

/// The documents in which that stands, not read yet.
pub(crate) async fn documents(
	http: &OracleHttp,
	model: &str,
	version: VersionId,
	hash: &Hash,
	folder: &Path,
) -> Result<Documents, FetchError> {
	let metadata = document(http, model, version, hash, folder).await?;
	let description = Description::read(&metadata, hash)?;
	let tokenizer = document(http, model, version, &description.tokenizer, folder).await?;
	Ok(Documents { metadata, tokenizer, hash: *hash })
}

async fn document(
	http: &OracleHttp,
	model: &str,
	version: VersionId,
	hash: &Hash,
	folder: &Path,
) -> Result<Vec<u8>, FetchError> {
	let path = folder.join(hex::encode(hash));
	if let Ok(kept) = fs::read(&path) {
		// A crash or another program may have left something else.
		if manifest::of_bytes(&kept).hash == *hash {
			return Ok(kept);
		}
	}
	let bytes = http.file(model, version, hash).await?;
	let keep = || {
		fs::create_dir_all(folder)?;
		fs::write(&path, &bytes)
	};
	keep().map_err(|error| FetchError::Keep { path: path.display().to_string(), error })?;
	Ok(bytes)
}
