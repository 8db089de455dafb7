//! Setting a runtime that was authorised: anybody may who has its code.

use super::{AtBlock, CallError, Chain, ChainError, Included};
use crate::{
	output::hex0x,
	runtime::{
		self, runtime_types::sp_runtime::DispatchError as Rejection,
		system::events::RejectedInvalidAuthorizedUpgrade,
	},
};
use subxt::{error::DispatchError, utils::H256, ArcMetadata};
use usufruct_primitives::{domain, Hash};

/// The longest code that is put into a block, in bytes: authors take 4 MiB of transactions, and this
/// leaves some for the call around it.
pub const LONGEST: usize = (4 << 20) - (1 << 10);

/// Why a runtime is not set.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError {
	/// Of the chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// None is to be set.
	#[error(
		"no runtime is authorised at present; an approved poll of the track upgrade authorises one"
	)]
	NothingAuthorised,
	/// No author puts it into a block.
	#[error(
		"the code has {length} bytes, and a block takes {LONGEST} at most; compress it, as a release build does"
	)]
	TooLong {
		/// How many bytes were brought.
		length: usize,
	},
	/// It is another one.
	#[error(
		"the hash of the code is {}, but {} is authorised; bring the file that the poll was about",
		hex0x(.found), hex0x(.authorised)
	)]
	OtherCode {
		/// The hash of what was brought.
		found: Hash,
		/// The hash of what may be set.
		authorised: Hash,
	},
	/// It is no runtime that can follow the present one. The authorisation is gone.
	#[error(
		"the chain keeps its runtime and has dropped the authorisation; another poll must authorise code \
		 that can follow"
	)]
	Rejected(#[source] CallError),
}

/// The hash of the code that may be set now.
pub async fn authorised(at: &AtBlock) -> Result<Option<Hash>, ChainError> {
	let entry = at.storage().entry(runtime::storage().system().authorized_upgrade())?;
	Ok(match entry.try_fetch(()).await? {
		Some(authorised) => Some(authorised.decode()?.code_hash.0),
		None => None,
	})
}

/// Fails unless the code is what is authorised: sending another costs the fee of all its bytes.
pub fn check(code: &[u8], authorised: Option<Hash>) -> Result<Hash, UpgradeError> {
	let authorised = authorised.ok_or(UpgradeError::NothingAuthorised)?;
	let found = domain::hash(code);
	if found != authorised {
		return Err(UpgradeError::OtherCode { found, authorised });
	}
	if code.len() > LONGEST {
		return Err(UpgradeError::TooLong { length: code.len() });
	}
	Ok(found)
}

/// Fails if the chain did not set the code of a call that succeeded.
pub async fn check_set(chain: &Chain, done: &Included) -> Result<(), UpgradeError> {
	let event = done.events.find_first::<RejectedInvalidAuthorizedUpgrade>();
	let Some(event) = event.transpose().map_err(ChainError::from)? else { return Ok(()) };
	let at = chain.client().at_block(H256(done.block_hash)).await.map_err(ChainError::from)?;
	Err(UpgradeError::Rejected(rejection(event.error, at.metadata())?))
}

/// What the event says, in the runtime's words.
fn rejection(error: Rejection, metadata: ArcMetadata) -> Result<CallError, ChainError> {
	let Rejection::Module(module) = error else {
		let name = format!("{error:?}");
		return Ok(CallError { pallet: None, name, docs: String::new() });
	};
	/// The variant's number in SCALE.
	const MODULE: u8 = 3;
	let bytes = [&[MODULE, module.index], &module.error[..]].concat();
	Ok(CallError::from(&DispatchError::decode_from(&bytes[..], metadata)?))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{runtime::runtime_types::sp_runtime::ModuleError, testing::metadata};

	#[test]
	fn only_code_that_is_authorised_is_sent() {
		let hash = domain::hash(b"code");
		assert_eq!(check(b"code", Some(hash)).unwrap(), hash);
		assert!(matches!(check(b"code", None), Err(UpgradeError::NothingAuthorised)));
		for other in [&b""[..], b"code ", b"Code"] {
			let error = check(other, Some(hash)).unwrap_err();
			assert!(
				matches!(error, UpgradeError::OtherCode { authorised, .. } if authorised == hash),
				"{error}"
			);
			assert!(error.to_string().contains(&hex0x(hash)), "{error}");
		}
	}

	#[test]
	fn code_that_fits_no_block_is_not_sent() {
		for (length, fits) in [(LONGEST, true), (LONGEST + 1, false)] {
			let code = vec![7; length];
			let checked = check(&code, Some(domain::hash(&code)));
			assert_eq!(checked.is_ok(), fits, "{checked:?}");
		}
	}

	#[test]
	fn a_rejection_is_said_in_the_runtimes_words() {
		let metadata = metadata();
		let system = metadata.pallet_by_name("System").unwrap();
		let error = system
			.error_variants()
			.unwrap()
			.iter()
			.find(|error| error.name == "SpecVersionNeedsToIncrease")
			.unwrap();
		let module = ModuleError { index: system.error_index(), error: [error.index, 0, 0, 0] };
		let said = rejection(Rejection::Module(module), metadata.clone()).unwrap();
		assert_eq!(said.name, "SpecVersionNeedsToIncrease");
		assert!(said.docs.contains("version"), "{said}");
		assert_eq!(rejection(Rejection::BadOrigin, metadata).unwrap().name, "BadOrigin");
	}
}
