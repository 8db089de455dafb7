//! The tokenizers of versions that take text, and how many tokens a question has by them.

use super::{
	chain::{Market, Offer},
	error::{GatewayError, Tried},
};
use crate::{
	meter::MeterError,
	oracle_api::{HttpError, OracleHttp, Reach},
	sync::lock,
	tensors::Tensor,
	text::{self, away, is_long, FetchError, Text},
};
use std::{
	collections::BTreeMap,
	num::NonZero,
	path::{Path, PathBuf},
	sync::{Arc, Mutex},
	thread::available_parallelism,
	time::Duration,
};
use tokio::{
	sync::{OnceCell, Semaphore},
	time::timeout,
};
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
	/// One for each long question whose tokens are counted, of which there are as many as processors.
	turns: Arc<Semaphore>,
}

impl Texts {
	/// With documents in a folder below `data`. An oracle is waited for with `patience`, and so is a turn.
	pub fn new(data: &Path, reach: Reach, patience: Duration) -> Self {
		let turns = Arc::new(Semaphore::new(available_parallelism().map_or(1, NonZero::get)));
		Self { folder: data.join("files"), reach, patience, cells: Mutex::default(), turns }
	}

	/// How many tokens these are; long ones are counted in their turn, and where it holds nobody up.
	pub async fn count(&self, text: &Arc<Text>, inputs: &[Tensor]) -> Result<u64, GatewayError> {
		if !is_long(inputs) {
			return counted(text, inputs);
		}
		let turn = match timeout(self.patience, self.turns.clone().acquire_owned()).await {
			Ok(turn) => turn.map_err(|error| GatewayError::Internal(error.to_string()))?,
			Err(_) => return Err(GatewayError::Busy),
		};
		let (text, inputs) = (text.clone(), inputs.to_vec());
		away(move || {
			let counted = counted(&text, &inputs);
			drop(turn);
			counted
		})
		.await
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

fn counted(text: &Text, inputs: &[Tensor]) -> Result<u64, GatewayError> {
	Ok(text.prepare(inputs).map_err(MeterError::from)?.tokens)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::text::{tests::words, MAX_TEXTS, TEXT};
	use std::future::Future;

	fn of(texts: &[&str]) -> Vec<Tensor> {
		vec![Tensor::from_texts(TEXT, vec![texts.len() as u64], texts).unwrap()]
	}

	/// Whether it is there as soon as it is asked for.
	fn at_once(what: impl Future) -> bool {
		std::pin::pin!(what)
			.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
			.is_ready()
	}

	#[tokio::test]
	async fn long_texts_are_counted_in_their_turn_where_it_holds_nobody_up() {
		let folder = tempfile::tempdir().unwrap();
		let texts = Texts::new(folder.path(), Reach::Anywhere, Duration::from_secs(1));
		let turns = texts.turns.available_permits() as u32;
		let text = Arc::new(words());
		let (short, long) = (of(&["one two"]), of(&["one"; MAX_TEXTS]));
		assert!(at_once(texts.count(&text, &short)));
		assert!(!at_once(texts.count(&text, &long)));
		assert_eq!(texts.count(&text, &short).await.unwrap(), 4);
		assert_eq!(texts.count(&text, &long).await.unwrap(), 3 * MAX_TEXTS as u64);
		// What is wrong is said from there, too.
		let wrong = [&["one"; MAX_TEXTS - 1][..], &["one two one two one"]].concat();
		let refused = texts.count(&text, &of(&wrong)).await.unwrap_err();
		assert_eq!(refused.kind(), (400, "question-malformed"), "{refused}");

		let taken = texts.turns.clone().acquire_many_owned(turns).await.unwrap();
		let refused = texts.count(&text, &long).await.unwrap_err();
		assert_eq!(refused.kind(), (503, "busy"), "{refused}");
		assert!(at_once(texts.count(&text, &short)), "it needs none");
		drop(taken);
		assert!(texts.count(&text, &long).await.is_ok());
		assert_eq!(texts.turns.available_permits() as u32, turns, "each is given back");
	}
}
