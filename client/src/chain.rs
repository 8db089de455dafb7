//! Talking to a node: reading at a block, and sending transactions until they are final.

mod general;
pub mod session_keys;
pub mod upgrade;

use crate::runtime::{self, transaction_payment::events::TransactionFeePaid};
use std::{fmt, sync::Arc};
use subxt::{
	backend::LegacyBackend,
	client::OnlineClientAtBlock,
	config::{polkadot::PolkadotExtrinsicParamsBuilder, RpcConfigFor},
	error::{DispatchError, TransactionEventsError},
	extrinsics::ExtrinsicEvents,
	rpcs::{methods::LegacyRpcMethods, RpcClient},
	transactions::{
		Payload, TransactionInvalid, TransactionStatus, TransactionUnknown, ValidationResult,
	},
	utils::AccountId32,
	OnlineClient, PolkadotConfig,
};
use subxt_signer::sr25519::Keypair;
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, Hash};

/// How this chain's blocks and transactions are made: addresses without indices, BLAKE2b-256.
pub type Config = PolkadotConfig;
/// A view of the chain at one block.
pub type AtBlock = OnlineClientAtBlock<Config>;

/// For how many blocks a transaction may wait to be included.
pub const MORTALITY: u64 = 64;

/// Why a transaction that was in order got into no block.
const WAITED: &str = "it has waited for as long as it may, and cost nothing; send it again";

/// Why the chain did not do, or did not say, what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
	/// No node there.
	#[error("no node answers at {url}; start one, or name another with --url")]
	Connect {
		/// Where.
		url: String,
		/// What was said.
		source: Box<subxt::Error>,
	},
	/// The node's runtime is another than this program was built for.
	#[error("the chain's runtime differs from the one this program was built for; use a program of the same release")]
	OtherRuntime,
	/// The transaction is not valid, and gets into no block.
	#[error("the transaction is in no block: {0}")]
	NotTaken(String),
	/// It is not known what became of the transaction.
	#[error("the node reports no more on the transaction, which may yet be included: {0}")]
	Lost(String),
	/// The call failed.
	#[error(transparent)]
	Dispatch(#[from] CallError),
	/// A view function gave no value.
	#[error("the runtime did not answer {name}: {why}")]
	View {
		/// Which.
		name: String,
		/// What it did instead.
		why: String,
	},
	/// An event that must be there is not.
	#[error("the transaction succeeded without the event {0}")]
	NoEvent(&'static str),
	/// Anything else.
	#[error("the chain could not be asked")]
	Subxt(#[source] Box<subxt::Error>),
}

impl<E: Into<subxt::Error>> From<E> for ChainError {
	fn from(error: E) -> Self {
		use subxt::error::{
			ConstantError, ExtrinsicError, RuntimeApiError, StorageError, ViewFunctionError,
		};
		use subxt::Error;
		match error.into() {
			Error::ExtrinsicError(ExtrinsicError::IncompatibleCodegen)
			| Error::StorageError(StorageError::IncompatibleCodegen)
			| Error::ViewFunctionError(ViewFunctionError::IncompatibleCodegen)
			| Error::ConstantError(ConstantError::IncompatibleCodegen)
			| Error::RuntimeApiError(RuntimeApiError::IncompatibleCodegen) => Self::OtherRuntime,
			error => Self::Subxt(Box::new(error)),
		}
	}
}

/// A call that failed on chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
	/// The pallet that refused, if one did.
	pub pallet: Option<String>,
	/// The error's name.
	pub name: String,
	/// Why, and what to do about it: the error's documentation.
	pub docs: String,
}

impl fmt::Display for CallError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match (&self.pallet, self.docs.is_empty()) {
			(Some(pallet), false) => write!(f, "{} ({pallet}.{})", self.docs, self.name),
			(Some(pallet), true) => write!(f, "{pallet}.{}", self.name),
			(None, _) => f.write_str(&self.name),
		}
	}
}

impl std::error::Error for CallError {}

impl From<&DispatchError> for CallError {
	fn from(error: &DispatchError) -> Self {
		if let DispatchError::Module(module) = error {
			if let Ok(details) = module.details() {
				let lines: Vec<&str> =
					details.variant.docs.iter().map(|line| line.trim()).collect();
				return Self {
					pallet: Some(details.pallet.name().into()),
					name: details.variant.name.clone(),
					docs: lines.join(" ").trim().into(),
				};
			}
		}
		Self { pallet: None, name: error.to_string(), docs: String::new() }
	}
}

/// How far to follow a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Until {
	/// Until it is in a block that can still be replaced.
	Best,
	/// Until it cannot be undone.
	#[default]
	Final,
}

/// Where a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
	/// The node took it.
	Sent,
	/// It is in a block that can still be replaced.
	InBlock(Hash),
	/// Its block was replaced; it waits for another.
	Retracted,
	/// It cannot be undone.
	Final(Hash),
}

impl fmt::Display for Progress {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Sent => f.write_str("sent, waiting for a block"),
			Self::InBlock(block) => {
				write!(f, "in block 0x{}…, waiting for finality", hex::encode(&block[..4]))
			},
			Self::Retracted => f.write_str("the block was replaced, waiting for another"),
			Self::Final(block) => write!(f, "final in block 0x{}…", hex::encode(&block[..4])),
		}
	}
}

/// A transaction that succeeded.
#[derive(Debug)]
pub struct Included {
	/// The block it is in.
	pub block_hash: Hash,
	/// Its number.
	pub block: BlockNumber,
	/// The transaction's hash.
	pub extrinsic_hash: Hash,
	/// What it cost, in planck; 0 if it was free.
	pub fee: Balance,
	/// What happened.
	pub events: ExtrinsicEvents<Config>,
}

impl Included {
	/// The first event of that type.
	pub fn event<E: subxt::events::DecodeAsEvent>(
		&self,
		name: &'static str,
	) -> Result<E, ChainError> {
		Ok(self.events.find_first::<E>().ok_or(ChainError::NoEvent(name))??)
	}
}

/// A connection to a node.
#[derive(Clone)]
pub struct Chain {
	client: OnlineClient<Config>,
	rpc: LegacyRpcMethods<RpcConfigFor<Config>>,
	raw: RpcClient,
}

impl Chain {
	/// Connects to a node's WebSocket.
	pub async fn connect(url: &str) -> Result<Self, ChainError> {
		let connect = |source: subxt::Error| ChainError::Connect {
			url: url.into(),
			source: Box::new(source),
		};
		let rpc = RpcClient::from_insecure_url(url).await.map_err(|error| connect(error.into()))?;
		let config = PolkadotConfig::builder().use_historic_types(false).build();
		// The newer methods' backend waits for ever for a runtime call that fails.
		let backend = Arc::new(LegacyBackend::builder().build(rpc.clone()));
		let client = OnlineClient::from_backend_with_config(config, backend)
			.await
			.map_err(|error| connect(error.into()))?;
		Ok(Self { client, rpc: LegacyRpcMethods::new(rpc.clone()), raw: rpc })
	}

	/// The library's client, for whatever this type does not do.
	pub fn client(&self) -> &OnlineClient<Config> {
		&self.client
	}

	/// The node's classic methods.
	pub fn rpc(&self) -> &LegacyRpcMethods<RpcConfigFor<Config>> {
		&self.rpc
	}

	/// The chain's genesis hash, which every signed format covers.
	pub fn genesis(&self) -> Hash {
		self.client.genesis_hash().0
	}

	/// The chain as it is final now.
	pub async fn finalised(&self) -> Result<AtBlock, ChainError> {
		Ok(self.client.at_current_block().await?)
	}

	/// The chain as it is best now; it may still change.
	pub async fn best(&self) -> Result<AtBlock, ChainError> {
		let hash = self.rpc.chain_get_block_hash(None).await?;
		match hash {
			Some(hash) => Ok(self.client.at_block(hash).await?),
			None => self.finalised().await,
		}
	}

	/// Whether the chain's runtime is the one this program was built for.
	pub async fn check_runtime(&self) -> Result<(), ChainError> {
		let at = self.finalised().await?;
		match runtime::is_codegen_valid_for(at.metadata_ref()) {
			true => Ok(()),
			false => Err(ChainError::OtherRuntime),
		}
	}

	/// Signs a call and sends it. Returns when it is in a block, or final, and succeeded there.
	pub async fn submit<Call: Payload>(
		&self,
		call: &Call,
		signer: &Keypair,
		until: Until,
		progress: impl FnMut(Progress),
	) -> Result<Included, ChainError> {
		let signed = self.sign(call, signer, MORTALITY).await?;
		self.send(signed, until, progress).await
	}

	/// Signs a call without sending it: somebody else may, within so many blocks.
	pub async fn sign<Call: Payload>(
		&self,
		call: &Call,
		signer: &Keypair,
		mortality: u64,
	) -> Result<Vec<u8>, ChainError> {
		let account = signer.public_key().to_account_id();
		// Transactions that wait in the pool count too.
		let nonce = self.rpc.system_account_next_index(&account).await?;
		let params =
			PolkadotExtrinsicParamsBuilder::<Config>::new().nonce(nonce).mortal(mortality).build();
		let at = self.finalised().await?;
		let mut transactions = at.transactions();
		Ok(transactions.create_signed(call, signer, params).await?.into_encoded())
	}

	/// What a call would cost now, in planck. Nothing is sent.
	pub async fn fee<Call: Payload>(
		&self,
		call: &Call,
		signer: &Keypair,
	) -> Result<Balance, ChainError> {
		let signed = self.sign(call, signer, MORTALITY).await?;
		let at = self.finalised().await?;
		Ok(at.transactions().from_bytes(signed).partial_fee_estimate().await?)
	}

	/// Sends a signed transaction. Returns when it is in a block, or final, and succeeded there.
	pub async fn send(
		&self,
		signed: Vec<u8>,
		until: Until,
		mut progress: impl FnMut(Progress),
	) -> Result<Included, ChainError> {
		let at = self.finalised().await?;
		let signed = at.transactions().from_bytes(signed);
		let mut watched = match signed.submit_and_watch().await {
			Ok(watched) => watched,
			Err(error) => {
				return Err(match self.why_invalid(signed.encoded(), None).await? {
					Some(why) => ChainError::NotTaken(why),
					None => error.into(),
				})
			},
		};
		progress(Progress::Sent);
		while let Some(status) = watched.next().await {
			let block = match status? {
				TransactionStatus::Validated | TransactionStatus::Broadcasted => continue,
				TransactionStatus::NoLongerInBestBlock => {
					progress(Progress::Retracted);
					continue;
				},
				TransactionStatus::InBestBlock(block) => {
					progress(Progress::InBlock(block.block_hash().0));
					if until == Until::Final {
						continue;
					}
					block
				},
				TransactionStatus::InFinalizedBlock(block) => {
					progress(Progress::Final(block.block_hash().0));
					block
				},
				TransactionStatus::Error { message } | TransactionStatus::Dropped { message } => {
					return Err(ChainError::Lost(message));
				},
				TransactionStatus::Invalid { message } => {
					let taken_by = Some(at.spec_version());
					let why = self.why_invalid(signed.encoded(), taken_by).await?;
					return Err(ChainError::NotTaken(why.unwrap_or(message)));
				},
			};
			let events = block.wait_for_success().await.map_err(|error| match error {
				TransactionEventsError::ExtrinsicFailed(error) => {
					ChainError::Dispatch(CallError::from(&error))
				},
				error => error.into(),
			})?;
			let paid = events.find_first::<TransactionFeePaid>().transpose()?;
			return Ok(Included {
				block_hash: block.block_hash().0,
				block: block.at().await?.block_number() as BlockNumber,
				extrinsic_hash: block.extrinsic_hash().0,
				fee: paid.map_or(0, |event| event.actual_fee),
				events,
			});
		}
		Err(ChainError::Lost("the subscription ended".into()))
	}

	/// Why the runtime takes a transaction for invalid, in words; `None` if it no longer does. A runtime
	/// of the version `taken_by` took it before.
	async fn why_invalid(
		&self,
		encoded: &[u8],
		taken_by: Option<u32>,
	) -> Result<Option<String>, ChainError> {
		let best = self.best().await?;
		let verdict = best.transactions().from_bytes(encoded.to_vec()).validate().await?;
		Ok(refusal(verdict, taken_by == Some(best.spec_version())))
	}

	/// What an account can spend, in planck, at the best block.
	pub async fn free_balance(&self, account: &AccountBytes) -> Result<Balance, ChainError> {
		let at = self.best().await?;
		let entry = at.storage().entry(runtime::storage().system().account())?;
		let value = entry.try_fetch((AccountId32(*account),)).await?;
		Ok(match value {
			Some(value) => value.decode()?.data.free,
			None => 0,
		})
	}
}

/// Why a transaction is invalid, in words; `None` if it is not. One that was `taken` is one that the same
/// runtime found valid before.
fn refusal(verdict: ValidationResult, taken: bool) -> Option<String> {
	let invalid = match verdict {
		ValidationResult::Valid(_) => return None,
		ValidationResult::Invalid(invalid) => invalid,
		ValidationResult::Unknown(TransactionUnknown::CannotLookup) => {
			return Some("the node cannot look up what it refers to".into())
		},
		ValidationResult::Unknown(other) => {
			return Some(format!("the node cannot validate it: {other:?}"))
		},
	};
	let why = match invalid {
		TransactionInvalid::Payment => {
			"the account cannot pay the fee (a call that is free when it succeeds costs its fee if it \
			 would not)"
		},
		TransactionInvalid::Stale => {
			"its nonce is used: another transaction of this account came first; try again"
		},
		TransactionInvalid::Future => {
			"its nonce is too high: an earlier transaction of this account was lost; try again"
		},
		// What is signed names the block from which it may wait, and that is looked up by the present
		// one: the signature of what has waited too long is over another block.
		TransactionInvalid::BadProof if taken => WAITED,
		TransactionInvalid::AncientBirthBlock => WAITED,
		TransactionInvalid::BadProof => {
			"its signature does not fit: it was signed too long ago (sign it anew), or for another runtime \
			 (use a program of the same release)"
		},
		TransactionInvalid::ExhaustsResources => "blocks are full; try again",
		other => return Some(format!("it is invalid: {other:?}")),
	};
	Some(why.into())
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::{metadata, offline};
	use subxt::ext::codec::Decode;
	use subxt_signer::sr25519::dev;

	#[test]
	fn a_claim_is_an_ordinary_signed_transaction() {
		let at = offline();
		let call = runtime::transactions().dividend().claim();
		let params = Default::default();
		let mut signable = at.transactions().create_signable_offline(&call, params).unwrap();
		let signed = signable.sign(&dev::alice()).unwrap().into_encoded();
		let inner = Vec::<u8>::decode(&mut &signed[..]).unwrap();
		// Version 4, signed, by an account id, with sr25519.
		assert_eq!(inner[..2], [0x84, 0]);
		assert_eq!(inner[2..34], dev::alice().public_key().0);
		assert_eq!(inner[34], 1);
		// After the signature: immortal, nonce 0, tip 0, no metadata hash; then the call's two bytes.
		assert_eq!(inner[99..inner.len() - 2], [0, 0, 0, 0]);
	}

	#[test]
	fn a_signature_that_no_longer_fits_has_waited_too_long() {
		let said = |invalid, taken| refusal(ValidationResult::Invalid(invalid), taken).unwrap();
		assert_eq!(said(TransactionInvalid::BadProof, true), WAITED);
		assert_eq!(said(TransactionInvalid::AncientBirthBlock, false), WAITED);
		let never_fitted = said(TransactionInvalid::BadProof, false);
		assert!(never_fitted.contains("too long ago") && never_fitted.contains("another runtime"));
		let error = ChainError::NotTaken(WAITED.into()).to_string();
		for said in ["in no block", "cost nothing", "waited", "send it again"] {
			assert!(error.contains(said), "{error}");
		}
		// What was taken may be refused for other reasons, too.
		assert!(said(TransactionInvalid::Stale, true).contains("nonce"));
	}

	#[test]
	fn a_failed_call_says_why_in_the_runtimes_words() {
		let metadata = metadata();
		let pallet = metadata.pallet_by_name("Usage").unwrap();
		let errors = pallet.error_variants().unwrap();
		assert!(!errors.is_empty());
		for error in errors {
			// DispatchError::Module.
			let bytes = [3, pallet.error_index(), error.index, 0, 0, 0];
			let dispatch = DispatchError::decode_from(&bytes[..], metadata.clone()).unwrap();
			let said = CallError::from(&dispatch);
			assert_eq!((said.pallet.as_deref(), &said.name), (Some("Usage"), &error.name));
			assert!(!said.docs.is_empty(), "{} has no documentation", error.name);
			assert!(said.to_string().ends_with(&format!("(Usage.{})", error.name)));
		}
		let dispatch = DispatchError::decode_from(&[2u8][..], metadata).unwrap();
		assert_eq!(CallError::from(&dispatch).to_string(), "Bad origin.");
	}
}
