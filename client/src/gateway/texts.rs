//! The tokenizers of versions that take text: what their tokens are counted with.

use super::{
	chain::{Market, Offer},
	error::{GatewayError, Tried},
};
use crate::{
	oracle_api::{HttpError, OracleHttp, Reach},
	sync::lock,
	text::{self, FetchError, Text},
};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::{sync::OnceCell, time::timeout};
use usufruct_primitives::{AccountBytes, VersionId};

/// Where its documents may be had.
pub(super) struct Source<'a> {
	pub oracle: AccountBytes,
	pub endpoint: &'a str,
	/// The model's name there.
	pub model: &'a str,
}

impl<'a> From<&'a Offer> for Source<'a> {
	fn from(Offer { oracle, target, .. }: &'a Offer) -> Self {
		Self { oracle: *oracle, endpoint: &target.endpoint, model: &target.model_name }
	}
}

/// Those that were needed, and where their documents are kept.
pub(super) struct Texts {
	folder: PathBuf,
	reach: Reach,
	patience: Duration,
	/// A cell for each version, so that many who need one wait for one who fetches it.
	cells: Mutex<BTreeMap<VersionId, Arc<OnceCell<Arc<Text>>>>>,
}

impl Texts {
	/// With documents in a folder below `data`. An oracle is waited for with `patience`.
	pub fn new(data: &Path, reach: Reach, patience: Duration) -> Self {
		Self { folder: data.join("files"), reach, patience, cells: Mutex::default() }
	}

	/// A version's, if it was needed before.
	pub fn known(&self, version: VersionId) -> Option<Arc<Text>> {
		lock(&self.cells).get(&version)?.get().cloned()
	}

	/// A version's, from any of these sources: the chain says which documents they are.
	pub async fn find(
		&self,
		market: &Market,
		version: VersionId,
		sources: &[Source<'_>],
	) -> Result<Arc<Text>, GatewayError> {
		let cell = lock(&self.cells).entry(version).or_default().clone();
		let fetched = cell.get_or_try_init(|| self.fetch(market, version, sources));
		fetched.await.cloned()
	}

	async fn fetch(
		&self,
		market: &Market,
		version: VersionId,
		sources: &[Source<'_>],
	) -> Result<Arc<Text>, GatewayError> {
		let unknown = || GatewayError::Internal(format!("version {version} is not on the chain"));
		let metadata = market.metadata.get(&version).ok_or_else(unknown)?;
		let mut tried = Vec::new();
		for &Source { oracle, endpoint, model } in sources {
			let fetched = async {
				let http = OracleHttp::new(endpoint, self.reach)?;
				http.check().await.map_err(HttpError::from)?;
				text::fetch(&http, model, version, metadata, &self.folder).await
			};
			let why = match timeout(self.patience, fetched).await {
				Ok(Ok(text)) => return Ok(Arc::new(text)),
				Ok(Err(FetchError::Load(error))) => {
					return Err(GatewayError::Unsupported(error.to_string()))
				},
				Ok(Err(error @ FetchError::Keep { .. })) => {
					return Err(GatewayError::Internal(error.to_string()))
				},
				Ok(Err(FetchError::Oracle(error))) => error.to_string(),
				Err(_) => "the oracle was silent".into(),
			};
			tried.push(Tried { oracle, why });
		}
		Err(GatewayError::Exhausted(tried))
	}
}
