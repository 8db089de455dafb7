//! The tokenizers of versions that take text, and how many tokens a question has by them.

use super::{
	chain::{Market, Offer},
	error::{GatewayError, Tried},
};
use crate::{
	oracle_api::{HttpError, OracleHttp, Reach},
	sync::lock,
	tensors::Tensor,
	text::{self, away, Documents, FetchError, LoadError, Text, Turns},
};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
	sync::{Arc, Mutex, OnceLock},
	time::Duration,
};
use tokio::time::timeout;
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
	/// One for each version that was needed.
	cells: Mutex<BTreeMap<VersionId, Arc<Cell>>>,
	/// Who counts long texts has one.
	pub turns: Turns,
}

/// A version's.
#[derive(Default)]
struct Cell {
	/// Once its documents are loaded. That they cannot be used does not change either.
	text: OnceLock<Result<Arc<Text>, LoadError>>,
	/// Held by who fetches and loads them, so that many who need them wait for one.
	filling: Arc<tokio::sync::Mutex<()>>,
}

impl Cell {
	fn loaded(&self) -> Option<Result<Arc<Text>, GatewayError>> {
		Some(self.text.get()?.clone().map_err(unusable))
	}
}

fn unusable(error: LoadError) -> GatewayError {
	GatewayError::Unsupported(error.to_string())
}

impl Texts {
	/// With documents in a folder below `data`. An oracle is waited for with `patience`, and so is a turn.
	pub fn new(data: &Path, reach: Reach, patience: Duration) -> Self {
		let (cells, turns) = (Mutex::default(), Turns::default());
		Self { folder: data.join("files"), reach, patience, cells, turns }
	}

	/// How many tokens these are; long ones are counted in their turn, and where it holds nobody up.
	pub async fn count(&self, text: &Arc<Text>, inputs: &[Tensor]) -> Result<u64, GatewayError> {
		Ok(self.turns.count(text, inputs, self.patience).await?)
	}

	/// A version's, if it was needed before.
	pub fn known(&self, version: VersionId) -> Option<Arc<Text>> {
		lock(&self.cells).get(&version)?.loaded()?.ok()
	}

	/// A version's, from any of these sources: the chain says which documents they are.
	pub async fn find(
		&self,
		market: &Market,
		version: VersionId,
		sources: &[Source<'_>],
	) -> Result<Arc<Text>, GatewayError> {
		let cell = lock(&self.cells).entry(version).or_default().clone();
		if let Some(loaded) = cell.loaded() {
			return loaded;
		}
		let filling = cell.filling.clone().lock_owned().await;
		// Somebody else may have been at it.
		if let Some(loaded) = cell.loaded() {
			return loaded;
		}
		let documents = self.fetch(market, version, sources).await?;
		// Whoever waits may hang up: it is loaded for all who come.
		let loaded = away(move || {
			let loaded = cell.text.get_or_init(|| documents.load().map(Arc::new)).clone();
			drop(filling);
			loaded
		});
		loaded.await?.map_err(unusable)
	}

	async fn fetch(
		&self,
		market: &Market,
		version: VersionId,
		sources: &[Source<'_>],
	) -> Result<Documents, GatewayError> {
		let unknown = || GatewayError::Internal(format!("version {version} is not on the chain"));
		let metadata = market.metadata.get(&version).ok_or_else(unknown)?;
		let mut tried = Vec::new();
		for &Source { oracle, endpoint, model } in sources {
			let fetched = async {
				let http = OracleHttp::new(endpoint, self.reach)?;
				http.check().await.map_err(HttpError::from)?;
				text::documents(&http, model, version, metadata, &self.folder).await
			};
			let why = match timeout(self.patience, fetched).await {
				Ok(Ok(documents)) => return Ok(documents),
				Ok(Err(FetchError::Load(error))) => return Err(unusable(error)),
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

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		manifest,
		text::{
			tests::{documents, words},
			MAX_TEXTS, TEXT,
		},
	};
	use std::future::Future;
	use tokio::time::sleep;

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
		let text = Arc::new(words());
		let (short, long) = (of(&["one two"]), of(&["one"; MAX_TEXTS]));
		assert!(at_once(texts.count(&text, &short)));
		assert!(!at_once(texts.count(&text, &long)));
		// Its turn is over when it is counted, though nobody waits for that.
		drop(texts.turns.take_all().await);
		assert_eq!(texts.count(&text, &short).await.unwrap(), 4);
		assert_eq!(texts.count(&text, &long).await.unwrap(), 3 * MAX_TEXTS as u64);
		// What is wrong is said from there, too.
		let wrong = [&["one"; MAX_TEXTS - 1][..], &["one two one two one"]].concat();
		let refused = texts.count(&text, &of(&wrong)).await.unwrap_err();
		assert_eq!(refused.kind(), (400, "question-malformed"), "{refused}");

		let taken = texts.turns.take_all().await;
		let refused = texts.count(&text, &long).await.unwrap_err();
		assert_eq!(refused.kind(), (503, "busy"), "{refused}");
		assert!(at_once(texts.count(&text, &short)), "it needs none");
		drop(taken);
		assert!(texts.count(&text, &long).await.is_ok());
		let all = timeout(Duration::from_secs(60), texts.turns.take_all()).await;
		assert!(all.is_ok(), "each is given back");
	}

	#[tokio::test]
	async fn documents_are_loaded_once_and_nobody_is_called_silent_meanwhile() {
		let folder = tempfile::tempdir().unwrap();
		// They are here, and nobody is waited for.
		let texts = Texts::new(folder.path(), Reach::Anywhere, Duration::ZERO);
		let documents = documents();
		let hash = |bytes: &[u8]| manifest::of_bytes(bytes).hash;
		std::fs::create_dir_all(&texts.folder).unwrap();
		for document in &documents {
			std::fs::write(texts.folder.join(hex::encode(hash(document))), document).unwrap();
		}
		let market = Market { metadata: [(6, hash(&documents[0]))].into(), ..Market::default() };
		let endpoint = "http://127.0.0.1:9";
		let sources = [Source { oracle: [1; 32], endpoint, model: "words" }];
		let find = || texts.find(&market, 6, &sources);
		// Whoever asks first hangs up while they are loaded.
		assert!(!at_once(find()));
		let loaded = async {
			while texts.known(6).is_none() {
				sleep(Duration::from_millis(10)).await;
			}
		};
		timeout(Duration::from_secs(60), loaded).await.expect("they are loaded for all");
		let (known, found) = (texts.known(6).unwrap(), find().await.unwrap());
		assert!(Arc::ptr_eq(&known, &found));

		// While somebody is at it, others wait, and take what there is then.
		let texts = Texts::new(folder.path(), Reach::Anywhere, Duration::ZERO);
		let find = || texts.find(&market, 6, &sources);
		let (one, other) = tokio::join!(find(), find());
		assert!(Arc::ptr_eq(&one.unwrap(), &other.unwrap()));
	}
}
