//! Transactions that nobody signs and nobody pays for: *general* ones, extrinsic version 5.
//!
//! The call carries its own authority (attestations, a person who is due something), which the
//! runtime checks before it takes the transaction. The library (in version 0.51) makes none without a
//! signature, so what stands around the call is written here.

use super::{Chain, ChainError, Included, Progress, Until};
use codec::{Compact, Encode};
use subxt::{
	transactions::{Payload, TransactionInvalid, ValidationResult},
	Metadata,
};

/// Version 5 in the lower six bits, *general* in the upper two.
const GENERAL: u8 = 0b0100_0101;
/// The version of the set of extensions.
const EXTENSIONS: u8 = 0;

/// What each of the chain's extensions carries in a transaction that nobody signs: whatever has a
/// value has the one that a single zero byte stands for.
fn carried(extension: &str) -> Option<&'static [u8]> {
	Some(match extension {
		// No era: what the call says is what ends.
		"CheckMortality" | "CheckEra" => &[0],
		// Of no account.
		"CheckNonce" => &[0],
		// No tip.
		"ChargeTransactionPayment" => &[0],
		// No hash of the metadata.
		"CheckMetadataHash" => &[0],
		"AuthorizeCall" | "CheckGenesis" | "CheckNonZeroSender" | "CheckSpecVersion"
		| "CheckTxVersion" | "CheckWeight" | "WeightReclaim" => &[],
		_ => return None,
	})
}

/// A call as a general transaction, its length before it; `None` if the chain has an extension that
/// is not known here.
fn encode(metadata: &Metadata, call: &[u8]) -> Option<Vec<u8>> {
	let mut bytes = vec![GENERAL, EXTENSIONS];
	for extension in metadata.extrinsic().transaction_extensions_by_version(EXTENSIONS)? {
		bytes.extend_from_slice(carried(extension.identifier())?);
	}
	bytes.extend_from_slice(call);
	let mut transaction = Compact(bytes.len() as u32).encode();
	transaction.append(&mut bytes);
	Some(transaction)
}

impl Chain {
	/// Sends a call that needs no signer. Returns when it is in a block, or final, and succeeded
	/// there. Nobody pays for it, also if it is refused.
	pub async fn submit_general<Call: Payload>(
		&self,
		call: &Call,
		until: Until,
		progress: impl FnMut(Progress),
	) -> Result<Included, ChainError> {
		let best = self.best().await?;
		let transactions = best.transactions();
		transactions.validate(call)?;
		let data = transactions.call_data(call)?;
		let encoded = encode(best.metadata_ref(), &data).ok_or(ChainError::OtherRuntime)?;
		let verdict = transactions.from_bytes(encoded.clone()).validate().await?;
		if let ValidationResult::Invalid(invalid) = verdict {
			let why = refusal(best.metadata_ref(), call.pallet_name(), invalid);
			return Err(ChainError::NotTaken(why));
		}
		self.send(encoded, until, progress).await
	}
}

/// Why a call of that pallet may not go in, in words. Its own errors come as their numbers.
fn refusal(metadata: &Metadata, pallet: &str, invalid: TransactionInvalid) -> String {
	let variant = match invalid {
		TransactionInvalid::Custom(index) => {
			metadata.pallet_by_name(pallet).and_then(|pallet| pallet.error_variant_by_index(index))
		},
		_ => None,
	};
	if let Some(variant) = variant {
		let docs: Vec<&str> = variant.docs.iter().map(|line| line.trim()).collect();
		return format!("{} ({pallet}.{})", docs.join(" "), variant.name);
	}
	match invalid {
		TransactionInvalid::Stale => "there is nothing to do: it was done already, or is not due",
		TransactionInvalid::Future => "it is not possible now; try again later",
		TransactionInvalid::Call => "it would fail, or nobody but the person itself may do it",
		TransactionInvalid::ExhaustsResources => "blocks are full; try again",
		other => return format!("it is invalid: {other:?}"),
	}
	.into()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::metadata;
	use codec::Decode;

	#[test]
	fn a_general_transaction_is_version_5_and_carries_no_signature() {
		let encoded = encode(&metadata(), &[9, 8, 7]).unwrap();
		let inner = Vec::<u8>::decode(&mut &encoded[..]).unwrap();
		// Version, extensions' version; era, nonce, tip, no metadata hash; the call.
		assert_eq!(inner, [0x45, 0, 0, 0, 0, 0, 9, 8, 7]);
	}

	#[test]
	fn a_refusal_is_said_in_the_pallets_words() {
		let metadata = metadata();
		let pallet = metadata.pallet_by_name("Personhood").unwrap();
		for error in pallet.error_variants().unwrap() {
			let said = refusal(&metadata, "Personhood", TransactionInvalid::Custom(error.index));
			assert!(said.ends_with(&format!("(Personhood.{})", error.name)), "{said}");
			assert!(said.len() > error.name.len() + 20, "{said}");
		}
		let said = refusal(&metadata, "Personhood", TransactionInvalid::Custom(250));
		assert_eq!(said, "it is invalid: Custom(250)");
		assert!(refusal(&metadata, "Dividend", TransactionInvalid::Stale).contains("nothing"));
	}
}
