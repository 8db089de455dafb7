//! The documents of a version that takes text: from where they were kept, otherwise from its oracle. They
//! are named by their hashes, so that it does not matter who gives them.

use super::{away, Description, LoadError, Text};
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

/// What a version says of text, by the hash of its metadata on the chain. Documents are kept in `folder`.
pub async fn fetch(
	http: &OracleHttp,
	model: &str,
	version: VersionId,
	metadata: &Hash,
	folder: &Path,
) -> Result<Text, FetchError> {
	let document = document(http, model, version, metadata, folder).await?;
	let description = Description::read(&document, metadata)?;
	let file = self::document(http, model, version, &description.tokenizer, folder).await?;
	// Some megabytes of words, to be read and sorted.
	let metadata = *metadata;
	Ok(away(move || Text::load(document, file, &metadata)).await?)
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
