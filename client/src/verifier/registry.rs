//! What a verifier must know of the chain before it attests.

use crate::{
	chain::{Chain, ChainError},
	state::{self, Person},
};
use futures::future::BoxFuture;
use tokio::sync::Mutex;
use usufruct_primitives::{
	AccountBytes, BlockNumber, Class, EpochIndex, Hash, PublicKey, VerifierId,
};

/// Where the chain stands about one human and one account, at a final block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
	/// The block.
	pub block: BlockNumber,
	/// The open epoch.
	pub epoch: EpochIndex,
	/// How the verifier recognises people.
	pub class: Class,
	/// The key that the chain has for it.
	pub key: PublicKey,
	/// How many new people the chain would still take from it in this epoch; 0 if its attestations
	/// do not count now.
	pub quota_left: u32,
	/// The person whose account it is.
	pub person: Option<Person>,
	/// The person whom the verifier's domain knows by that nullifier.
	pub known: Option<Person>,
	/// Whether the nullifier is a removed person's, who cannot return.
	pub removed: bool,
	/// The person whose other account was named.
	pub former: Option<Person>,
}

/// Why the chain could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
	/// It did not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// It has no such verifier.
	#[error("there is no verifier {0} on this chain; see: usufruct verifier list")]
	NoVerifier(VerifierId),
	/// It is another chain.
	#[error("the node is on another chain now")]
	OtherChain,
}

/// Somebody who can be asked where the chain stands.
pub trait Registry: Send + Sync {
	/// The hash of the chain's first block.
	fn genesis(&self) -> Hash;

	/// Where it stands about a human with that nullifier, the account to be attested, and the one a
	/// recovery is to lead away from.
	fn standing(
		&self,
		nullifier: Hash,
		account: AccountBytes,
		former: Option<AccountBytes>,
	) -> BoxFuture<'_, Result<Standing, RegistryError>>;
}

/// A node.
pub struct Node {
	url: String,
	verifier: VerifierId,
	genesis: Hash,
	/// The connection, unless it was lost.
	chain: Mutex<Option<Chain>>,
}

impl Node {
	/// Asks a node on behalf of a verifier.
	pub fn new(url: &str, chain: Chain, verifier: VerifierId) -> Self {
		let genesis = chain.genesis();
		Self { url: url.into(), verifier, genesis, chain: Mutex::new(Some(chain)) }
	}

	async fn connected(&self) -> Result<Chain, RegistryError> {
		let mut slot = self.chain.lock().await;
		if let Some(chain) = &*slot {
			return Ok(chain.clone());
		}
		let chain = Chain::connect(&self.url).await?;
		chain.check_runtime().await?;
		if chain.genesis() != self.genesis {
			return Err(RegistryError::OtherChain);
		}
		Ok(slot.insert(chain).clone())
	}

	async fn read(
		&self,
		nullifier: &Hash,
		account: &AccountBytes,
		former: Option<&AccountBytes>,
	) -> Result<Standing, RegistryError> {
		let at = self.connected().await?.finalised().await?;
		let verifier = state::verifier(&at, self.verifier).await?;
		let verifier = verifier.ok_or(RegistryError::NoVerifier(self.verifier))?;
		let holder = state::holder(&at, verifier.domain, nullifier).await?;
		let known = match holder {
			Some(person) => state::person_by_id(&at, person).await?,
			None => None,
		};
		Ok(Standing {
			block: at.block_number() as BlockNumber,
			epoch: state::epoch(&at).await?.index,
			class: verifier.class,
			key: verifier.key,
			quota_left: state::quota_left(&at, self.verifier).await?,
			person: state::person(&at, account).await?,
			removed: holder.is_some() && known.is_none(),
			known,
			former: match former {
				Some(former) => state::person(&at, former).await?,
				None => None,
			},
		})
	}
}

impl Registry for Node {
	fn genesis(&self) -> Hash {
		self.genesis
	}

	fn standing(
		&self,
		nullifier: Hash,
		account: AccountBytes,
		former: Option<AccountBytes>,
	) -> BoxFuture<'_, Result<Standing, RegistryError>> {
		Box::pin(async move {
			let standing = self.read(&nullifier, &account, former.as_ref()).await;
			if standing.is_err() {
				// The next one connects anew.
				*self.chain.lock().await = None;
			}
			standing
		})
	}
}
