//! Session keys: a validator's node draws and keeps them, its account sets them on the chain.

use super::{AtBlock, Chain, ChainError};
use crate::runtime::{
	self,
	runtime_types::{sp_consensus_babe, sp_consensus_grandpa, usufruct_runtime},
};
use codec::{Decode, Encode};
use serde::Deserialize;
use subxt::{
	rpcs::{client::rpc_params, methods::legacy::Bytes, Error as RpcError},
	transactions::Payload,
	utils::AccountId32,
};
use usufruct_primitives::{AccountBytes, PublicKey};

/// What JSON-RPC calls a method that is not there, also for whoever asks.
const METHOD_NOT_FOUND: i32 = -32_601;

/// The public parts of a validator's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SessionKeys {
	/// Signs the blocks that it authors (sr25519).
	pub babe: PublicKey,
	/// Signs its votes on what is final (ed25519).
	pub grandpa: PublicKey,
}

impl From<&usufruct_runtime::SessionKeys> for SessionKeys {
	fn from(keys: &usufruct_runtime::SessionKeys) -> Self {
		Self { babe: keys.babe.0, grandpa: keys.grandpa.0 }
	}
}

/// Keys that a node has drawn, and its proof that it has them, for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
	/// The keys.
	pub keys: SessionKeys,
	/// What the chain wants to see.
	pub proof: Vec<u8>,
}

/// Why a node has drawn no keys.
#[derive(Debug, thiserror::Error)]
pub enum DrawError {
	/// It makes keys for nobody who asks from here.
	#[error(
		"the node makes no keys for whoever asks from here; ask the validator's own node on its own \
		 machine, started without --rpc-methods safe: {0}"
	)]
	NotAllowed(String),
	/// The keys are of another kind.
	#[error(
		"the node has drawn {0} bytes of keys, which are not those of this chain's validators"
	)]
	OtherKeys(usize),
	/// Anything else.
	#[error("the node did not draw keys")]
	Node(#[source] RpcError),
}

/// What the node answers.
#[derive(Deserialize)]
struct Answer {
	keys: Bytes,
	proof: Bytes,
}

impl Answer {
	fn read(self) -> Result<Drawn, DrawError> {
		let mut bytes = &self.keys[..];
		match SessionKeys::decode(&mut bytes) {
			Ok(keys) if bytes.is_empty() => Ok(Drawn { keys, proof: self.proof.0 }),
			_ => Err(DrawError::OtherKeys(self.keys.len())),
		}
	}
}

impl Drawn {
	/// `set_keys`.
	pub fn set(self) -> impl Payload {
		let SessionKeys { babe, grandpa } = self.keys;
		let keys = usufruct_runtime::SessionKeys {
			babe: sp_consensus_babe::app::Public(babe),
			grandpa: sp_consensus_grandpa::app::Public(grandpa),
		};
		runtime::transactions().session().set_keys(keys, self.proof)
	}
}

impl Chain {
	/// Has the node draw session keys that this account is to set. The node keeps their secrets.
	pub async fn draw_session_keys(&self, account: &AccountBytes) -> Result<Drawn, DrawError> {
		let account = Bytes(account.to_vec());
		let asked = self.raw.request("author_rotateKeysWithOwner", rpc_params![account]);
		let answer: Answer = asked.await.map_err(|error| match error {
			RpcError::User(error) if error.code == METHOD_NOT_FOUND => {
				DrawError::NotAllowed(error.message)
			},
			error => DrawError::Node(error),
		})?;
		answer.read()
	}
}

/// The keys that an account has set.
pub async fn session_keys(
	at: &AtBlock,
	account: &AccountBytes,
) -> Result<Option<SessionKeys>, ChainError> {
	let entry = at.storage().entry(runtime::storage().session().next_keys())?;
	let found = entry.try_fetch((AccountId32(*account),)).await?;
	Ok(match found {
		Some(keys) => Some(SessionKeys::from(&keys.decode()?)),
		None => None,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::offline;

	fn answer(keys: &[u8]) -> Result<Drawn, DrawError> {
		let json = serde_json::json!({ "keys": crate::output::hex0x(keys), "proof": "0x0102" });
		serde_json::from_value::<Answer>(json).unwrap().read()
	}

	#[test]
	fn a_nodes_keys_are_set_as_it_has_drawn_them() {
		let keys = [[5; 32], [6; 32]].concat();
		let drawn = answer(&keys).unwrap();
		assert_eq!(drawn.keys, SessionKeys { babe: [5; 32], grandpa: [6; 32] });
		let call = offline().transactions().call_data(&drawn.set()).unwrap();
		// The call's two bytes; the proof's length, and the proof.
		assert_eq!(call[2..], [&keys[..], &[2 << 2, 1, 2]].concat());
	}

	#[test]
	fn other_keys_than_this_chains_are_not_set() {
		for length in [0, 63, 65, 96] {
			let error = answer(&vec![5; length]).unwrap_err();
			assert!(matches!(error, DrawError::OtherKeys(it) if it == length), "{error}");
		}
		assert!(serde_json::from_str::<Answer>(r#"{"keys":"0x01"}"#).is_err(), "without a proof");
	}
}
