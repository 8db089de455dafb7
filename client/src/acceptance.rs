//! Acceptances of contributor rows that are signed off the chain: a contributor who has nothing for fees
//! signs, and anybody else brings it.

use crate::runtime::runtime_types::sp_runtime::MultiSignature;
use ed25519_dalek::VerifyingKey;
use std::{fmt, str::FromStr};
use subxt_signer::sr25519;
use usufruct_primitives::{
	personhood::{acceptance_digest, signed_forms},
	AccountBytes, Hash, VersionId,
};

/// Length of a signature of secp256k1.
const RECOVERABLE: usize = 65;

/// A row of a version's contributor table, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
	/// The version.
	pub version: VersionId,
	/// The row's number.
	pub row: u16,
	/// Its account.
	pub account: AccountBytes,
}

/// A signature as wallets write it: a byte that says of which kind, and 64 that are it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
	/// ed25519.
	Ed25519([u8; 64]),
	/// sr25519.
	Sr25519([u8; 64]),
}

/// Why a text is no signature that can be brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoSignature {
	/// It is none.
	#[error(
		"this is no signature: write 65 bytes in hex, the first one 00 for ed25519 or 01 for sr25519, as \
		 `usufruct model sign-acceptance` and wallets do"
	)]
	Malformed,
	/// It is one of another kind, which the chain takes and this program cannot check.
	#[error(
		"this is a signature of secp256k1 (ECDSA or Ethereum's); only those of ed25519 and sr25519 can be \
		 brought with this command. The chain takes this one, too: bring it with a wallet that makes any \
		 call (models.acceptRow), or let the account accept the row with its own transaction"
	)]
	Secp256k1,
}

impl FromStr for Signature {
	type Err = NoSignature;

	fn from_str(text: &str) -> Result<Self, NoSignature> {
		let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text));
		let bytes = bytes.map_err(|_| NoSignature::Malformed)?;
		let Some((kind, signature)) = bytes.split_first() else {
			return Err(NoSignature::Malformed);
		};
		match (kind, signature.try_into()) {
			(0, Ok(signature)) => Ok(Self::Ed25519(signature)),
			(1, Ok(signature)) => Ok(Self::Sr25519(signature)),
			// These also say how the key is recovered from them.
			(2 | 3, Err(_)) if signature.len() == RECOVERABLE => Err(NoSignature::Secp256k1),
			_ => Err(NoSignature::Malformed),
		}
	}
}

impl fmt::Display for Signature {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Ed25519(signature) => write!(f, "0x00{}", hex::encode(signature)),
			Self::Sr25519(signature) => write!(f, "0x01{}", hex::encode(signature)),
		}
	}
}

impl From<Signature> for MultiSignature {
	fn from(signature: Signature) -> Self {
		match signature {
			Signature::Ed25519(signature) => Self::Ed25519(signature),
			Signature::Sr25519(signature) => Self::Sr25519(signature),
		}
	}
}

impl Row {
	/// Its account's word that it takes the row.
	pub fn sign(&self, genesis: &Hash, key: &sr25519::Keypair) -> Signature {
		Signature::Sr25519(key.sign(&self.digest(genesis)).0)
	}

	/// Whether the chain will take that for its account's word.
	pub fn is_accepted_by(&self, genesis: &Hash, signature: &Signature) -> bool {
		let forms = signed_forms(&self.digest(genesis));
		match signature {
			Signature::Sr25519(signature) => {
				let (signature, key) =
					(sr25519::Signature(*signature), sr25519::PublicKey(self.account));
				forms.iter().any(|form| sr25519::verify(&signature, form, &key))
			},
			Signature::Ed25519(signature) => {
				let signature = ed25519_dalek::Signature::from_bytes(signature);
				VerifyingKey::from_bytes(&self.account).is_ok_and(|key| {
					forms.iter().any(|form| key.verify_strict(form, &signature).is_ok())
				})
			},
		}
	}

	fn digest(&self, genesis: &Hash) -> Hash {
		acceptance_digest(genesis, self.version, self.row, &self.account)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use ed25519_dalek::{Signer, SigningKey};
	use subxt_signer::sr25519::dev;

	const GENESIS: Hash = [1; 32];

	fn row(account: AccountBytes) -> Row {
		Row { version: 3, row: 4, account }
	}

	#[test]
	fn a_signature_is_good_for_one_row_of_one_account_on_one_chain() {
		let row = row(dev::bob().public_key().0);
		let signature = row.sign(&GENESIS, &dev::bob());
		assert!(row.is_accepted_by(&GENESIS, &signature));
		assert!(!row.is_accepted_by(&[2; 32], &signature));
		assert!(!row.is_accepted_by(&GENESIS, &row.sign(&GENESIS, &dev::alice())));
		for other in [
			Row { version: 4, ..row },
			Row { row: 3, ..row },
			Row { account: dev::alice().public_key().0, ..row },
		] {
			assert!(!other.is_accepted_by(&GENESIS, &signature), "{other:?}");
		}
	}

	#[test]
	fn wallets_may_put_brackets_around_what_they_sign() {
		let key = SigningKey::from_bytes(&[7; 32]);
		let row = row(key.verifying_key().to_bytes());
		for form in signed_forms(&row.digest(&GENESIS)) {
			let signature = Signature::Ed25519(key.sign(&form).to_bytes());
			assert!(row.is_accepted_by(&GENESIS, &signature));
			let Signature::Ed25519(bytes) = signature else { unreachable!() };
			assert!(!row.is_accepted_by(&GENESIS, &Signature::Sr25519(bytes)), "of another kind");
		}
	}

	#[test]
	fn signatures_are_written_and_read_alike() {
		for signature in [Signature::Ed25519([3; 64]), Signature::Sr25519([4; 64])] {
			let text = signature.to_string();
			assert_eq!(text.parse(), Ok(signature));
			assert_eq!(text[2..].parse(), Ok(signature));
			let two_less = &text[..text.len() - 2];
			let (longer, other) = (format!("{text}00"), format!("0x02{}", &text[4..]));
			for wrong in ["", "0x", "0x00", "hex", two_less, &longer, &other] {
				assert_eq!(wrong.parse::<Signature>(), Err(NoSignature::Malformed), "{wrong}");
			}
		}
	}

	#[test]
	fn which_kinds_can_be_brought_is_said_of_those_that_cannot() {
		for kind in [2, 3] {
			let mut signature = vec![kind];
			signature.extend([3; RECOVERABLE]);
			let refused = hex::encode(signature).parse::<Signature>().unwrap_err();
			assert_eq!(refused, NoSignature::Secp256k1);
			for said in ["ed25519 and sr25519", "models.acceptRow"] {
				assert!(refused.to_string().contains(said), "{refused}");
			}
		}
	}
}
