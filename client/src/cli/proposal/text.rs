//! Texts that say what is to be done: noted on the chain, and named by their hash.

use crate::cli::context::Context;
use anyhow::{ensure, Context as _};
use std::path::Path;
use subxt_signer::sr25519::Keypair;
use usufruct_client::{chain::Chain, runtime, state::bounties::noted_length};
use usufruct_primitives::{domain, Hash};

/// The longest text, in bytes: whoever notes it has a deposit held for each of them.
const LONGEST: usize = 16 * 1024;

/// What is to be done, in words.
pub struct Text(Vec<u8>);

/// Reads it from a file.
pub fn text_of(file: &Path) -> anyhow::Result<Text> {
	let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
	ensure!(!bytes.trim_ascii().is_empty(), "{} says nothing", file.display());
	ensure!(
		bytes.len() <= LONGEST,
		"{} is longer than {LONGEST} bytes: put it on the web, and say here where",
		file.display()
	);
	ensure!(std::str::from_utf8(&bytes).is_ok(), "{} is not text in UTF-8", file.display());
	Ok(Text(bytes))
}

impl Text {
	/// By which it is known on the chain.
	pub fn hash(&self) -> Hash {
		domain::hash(&self.0)
	}

	/// Notes it, unless somebody did; the deposit returns by `preimage.unnote_preimage`.
	pub async fn note(
		self,
		context: &Context,
		chain: &Chain,
		signer: &Keypair,
	) -> anyhow::Result<Hash> {
		let hash = self.hash();
		if noted_length(&chain.best().await?, hash).await?.is_none() {
			let call = runtime::transactions().preimage().note_preimage(self.0);
			context.submit(chain, &call, signer).await?;
		}
		Ok(hash)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn only_short_text_that_says_something_is_read() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("text");
		let read = |bytes: &[u8]| {
			std::fs::write(&file, bytes).unwrap();
			text_of(&file).map(|text| text.0).map_err(|error| error.to_string())
		};
		assert_eq!(read(b"label images").unwrap(), b"label images");
		assert!(read(b" \n").unwrap_err().contains("says nothing"));
		assert!(read(b"\xff").unwrap_err().contains("UTF-8"));
		assert!(read(&vec![b'a'; LONGEST]).is_ok());
		assert!(read(&vec![b'a'; LONGEST + 1]).unwrap_err().contains("longer"));
		assert!(text_of(&folder.path().join("none")).is_err());
	}
}
