//! Secret keys: from a file or the environment, never from the command line, where every process of
//! the machine can read them.
//!
//! Accounts sign with sr25519. Their keys come from
//! - a keystore file: either this program's own (plain, and refused unless only its owner can read
//!   it) or the encrypted JSON that wallets export, with its password in the environment;
//! - a secret URI in the environment, such as `//Alice` or a phrase.
//!
//! Channels, receipts and attestations are signed with ed25519; those keys are 32 bytes in hex, or a
//! path of hard junctions such as `//Verifier/1` below the well-known development seed.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};
use std::{
	env, fs,
	io::{self, Write},
	path::{Path, PathBuf},
	str::FromStr,
};
use subxt::utils::AccountId32;
use subxt_signer::{polkadot_js_compat, sr25519, SecretUri};
use usufruct_primitives::{domain, AccountBytes};

/// The environment variable with the secret URI of the account that signs.
pub const SECRET_ENV: &str = "USUFRUCT_SECRET";
/// The environment variable with the password of an encrypted keystore file.
pub const PASSWORD_ENV: &str = "USUFRUCT_KEYSTORE_PASSWORD";

/// The seed of the phrase that `//Alice` and the other development keys are derived from.
const DEVELOPMENT_SEED: [u8; 32] = [
	0xfa, 0xc7, 0x95, 0x9d, 0xbf, 0xe7, 0x2f, 0x05, 0x2e, 0x5a, 0x0c, 0x3c, 0x8d, 0x65, 0x30, 0xf2,
	0x02, 0xb0, 0x2f, 0xd8, 0xf9, 0xf5, 0xca, 0x35, 0x80, 0xec, 0x8d, 0xeb, 0x77, 0x97, 0x47, 0x9e,
];

/// Why there is no key. Never holds any part of a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
	/// Nothing names one.
	#[error("no key to sign with: give --keystore FILE, or set {0} to a secret URI")]
	None(String),
	/// The variable is not set.
	#[error("environment variable {0} is not set; it must hold {1}")]
	Unset(String, &'static str),
	/// A secret that is none.
	#[error("{0} does not hold a valid secret: {1}")]
	Invalid(String, String),
	/// The keystore cannot be read or written.
	#[error("keystore {path}")]
	Io {
		/// The file.
		path: PathBuf,
		/// What the file system said.
		source: io::Error,
	},
	/// A plain keystore that others can read.
	#[error("keystore {0} holds a plain secret and others can read it; run: chmod 600 {0}")]
	Exposed(PathBuf),
	/// Neither this program's format nor a wallet's.
	#[error("keystore {0} is neither written by this program nor exported from a wallet: {1}")]
	Format(PathBuf, String),
	/// A wallet's export, and no password.
	#[error("keystore {0} is encrypted; set {PASSWORD_ENV} to its password")]
	Password(PathBuf),
	/// A keystore of another kind of key.
	#[error("keystore {0} holds a key of scheme {1}; {2} is needed here")]
	Scheme(PathBuf, &'static str, &'static str),
	/// Not an address.
	#[error("'{0}' is not an account: write its SS58 address, or 32 bytes in hex")]
	Account(String),
}

/// Reads an account: an SS58 address of any network, or 32 bytes in hex.
pub fn parse_account(text: &str) -> Result<AccountBytes, KeyError> {
	if let Some(bytes) = parse_hex_32(text) {
		return Ok(bytes);
	}
	AccountId32::from_str(text).map(|id| id.0).map_err(|_| KeyError::Account(text.into()))
}

/// The SS58 address of an account (prefix 42).
pub fn address(account: &AccountBytes) -> String {
	AccountId32(*account).to_string()
}

/// Reads 32 bytes in hex, with `0x` or without.
pub fn parse_hex_32(text: &str) -> Option<[u8; 32]> {
	let mut bytes = [0; 32];
	hex::decode_to_slice(text.strip_prefix("0x").unwrap_or(text), &mut bytes).ok()?;
	Some(bytes)
}

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
	/// Transactions.
	Sr25519,
	/// Vouchers, receipts, attestations.
	Ed25519,
}

impl Scheme {
	fn name(self) -> &'static str {
		match self {
			Self::Sr25519 => "sr25519",
			Self::Ed25519 => "ed25519",
		}
	}
}

/// A plain keystore file, as this program writes it.
#[derive(Serialize, Deserialize)]
struct Plain {
	/// `usufruct-keystore-1`.
	kind: String,
	scheme: Scheme,
	/// 32 bytes in hex.
	secret: String,
	/// The address (sr25519) or public key (ed25519), to tell files apart.
	public: String,
}

const PLAIN_KIND: &str = "usufruct-keystore-1";

/// A key from a keystore file.
pub enum Key {
	/// An account's.
	Account(sr25519::Keypair),
	/// Of vouchers, receipts or attestations.
	Ed25519(SigningKey),
}

impl Key {
	/// What it signs.
	pub fn scheme(&self) -> Scheme {
		match self {
			Self::Account(_) => Scheme::Sr25519,
			Self::Ed25519(_) => Scheme::Ed25519,
		}
	}

	/// The address of an account, or the public key in hex.
	pub fn public(&self) -> String {
		match self {
			Self::Account(key) => address(&key.public_key().0),
			Self::Ed25519(key) => format!("0x{}", hex::encode(key.verifying_key().as_bytes())),
		}
	}

	fn new(scheme: Scheme, secret: [u8; 32]) -> Result<Self, sr25519::Error> {
		Ok(match scheme {
			Scheme::Sr25519 => Self::Account(sr25519::Keypair::from_secret_key(secret)?),
			Scheme::Ed25519 => Self::Ed25519(SigningKey::from_bytes(&secret)),
		})
	}
}

/// Draws a key and writes it to a new keystore file that only its owner can read.
pub fn generate(scheme: Scheme, path: &Path) -> Result<Key, KeyError> {
	let io = |source| KeyError::Io { path: path.into(), source };
	let secret: [u8; 32] = rand::random();
	let key = Key::new(scheme, secret).map_err(|error| io(io::Error::other(error.to_string())))?;
	let plain = Plain {
		kind: PLAIN_KIND.into(),
		scheme,
		secret: format!("0x{}", hex::encode(secret)),
		public: key.public(),
	};
	let mut options = fs::OpenOptions::new();
	// An existing key is never written over.
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	let mut file = options.open(path).map_err(io)?;
	let json = serde_json::to_vec_pretty(&plain).map_err(|error| io(error.into()))?;
	file.write_all(&json).and_then(|()| file.sync_all()).map_err(io)?;
	Ok(key)
}

/// Reads a keystore file. `password` is used if it is encrypted.
pub fn read_keystore(path: &Path, password: Option<&str>) -> Result<Key, KeyError> {
	let text =
		fs::read_to_string(path).map_err(|source| KeyError::Io { path: path.into(), source })?;
	let format = |why: String| KeyError::Format(path.into(), why);
	let json: serde_json::Value =
		serde_json::from_str(&text).map_err(|error| format(error.to_string()))?;
	if json.get("encoded").is_some() {
		let password = password.ok_or_else(|| KeyError::Password(path.into()))?;
		return polkadot_js_compat::decrypt_json(&text, password)
			.map(Key::Account)
			.map_err(|error| format(error.to_string()));
	}
	// serde_json's own message would quote the file.
	let plain: Plain = serde_json::from_value(json)
		.map_err(|_| format("a field is missing or of a wrong type".into()))?;
	if plain.kind != PLAIN_KIND {
		return Err(format(format!("its kind is not {PLAIN_KIND}")));
	}
	#[cfg(unix)]
	{
		use std::os::unix::fs::PermissionsExt;
		let metadata =
			fs::metadata(path).map_err(|source| KeyError::Io { path: path.into(), source })?;
		if metadata.permissions().mode() & 0o077 != 0 {
			return Err(KeyError::Exposed(path.into()));
		}
	}
	let secret =
		parse_hex_32(&plain.secret).ok_or_else(|| format("its secret is not 32 bytes".into()))?;
	let key = Key::new(plain.scheme, secret).map_err(|error| format(error.to_string()))?;
	if key.public() != plain.public {
		return Err(format("its public part does not belong to its secret".into()));
	}
	Ok(key)
}

/// The account that signs: from a keystore file, if one is named, else from [`SECRET_ENV`].
pub fn account(keystore: Option<&Path>) -> Result<sr25519::Keypair, KeyError> {
	if let Some(path) = keystore {
		return match read_keystore(path, env::var(PASSWORD_ENV).ok().as_deref())? {
			Key::Account(key) => Ok(key),
			key => Err(KeyError::Scheme(path.into(), key.scheme().name(), Scheme::Sr25519.name())),
		};
	}
	match env::var(SECRET_ENV) {
		Ok(uri) => account_from_uri(SECRET_ENV, &uri),
		Err(_) => Err(KeyError::None(SECRET_ENV.into())),
	}
}

/// The account whose secret URI is in that environment variable.
pub fn account_from_env(variable: &str) -> Result<sr25519::Keypair, KeyError> {
	let uri = env::var(variable)
		.map_err(|_| KeyError::Unset(variable.into(), "the secret URI of an account"))?;
	account_from_uri(variable, &uri)
}

fn account_from_uri(variable: &str, uri: &str) -> Result<sr25519::Keypair, KeyError> {
	let invalid = |why: String| KeyError::Invalid(variable.into(), why);
	let uri = SecretUri::from_str(uri).map_err(|error| invalid(error.to_string()))?;
	sr25519::Keypair::from_uri(&uri).map_err(|error| invalid(error.to_string()))
}

/// The ed25519 key in that environment variable: 32 bytes in hex, or a path like `//Verifier/1`.
pub fn ed25519_from_env(variable: &str) -> Result<SigningKey, KeyError> {
	let text = env::var(variable).map_err(|_| {
		KeyError::Unset(variable.into(), "an ed25519 seed in hex, or a development path like //A")
	})?;
	ed25519_from_text(&text).ok_or_else(|| {
		KeyError::Invalid(
			variable.into(),
			"it is neither 32 bytes in hex nor a path like //A".into(),
		)
	})
}

/// The ed25519 key of a seed in hex (`0x…`, with hard junctions or without) or of a path of hard
/// junctions below the development seed; derived as Substrate does.
pub fn ed25519_from_text(text: &str) -> Option<SigningKey> {
	let (seed, path) = match text.find("//") {
		Some(at) => text.split_at(at),
		None => (text, ""),
	};
	let mut seed = if seed.is_empty() { DEVELOPMENT_SEED } else { parse_hex_32(seed)? };
	if !path.is_empty() {
		for junction in path[2..].split("//") {
			// A single slash would be a soft junction, which ed25519 has not.
			if junction.is_empty() || junction.contains('/') {
				return None;
			}
			seed = hard_junction(&seed, junction);
		}
	} else if text.is_empty() {
		return None;
	}
	Some(SigningKey::from_bytes(&seed))
}

/// `H("Ed25519HDKD" | seed | chain code)`; the chain code is the SCALE encoding of the junction (a
/// number as u64, else text), hashed if longer than 32 bytes.
fn hard_junction(seed: &[u8; 32], junction: &str) -> [u8; 32] {
	use codec::Encode;
	let encoded = match junction.parse::<u64>() {
		Ok(number) => number.encode(),
		Err(_) => junction.encode(),
	};
	let mut chain_code = [0; 32];
	match chain_code.get_mut(..encoded.len()) {
		Some(start) => start.copy_from_slice(&encoded),
		None => chain_code = domain::hash(&encoded),
	}
	domain::hash(&("Ed25519HDKD", seed, chain_code).encode())
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

	#[test]
	fn accounts_are_read_in_both_forms() {
		let alice = account_from_uri("X", "//Alice").unwrap().public_key().0;
		assert_eq!(parse_account(ALICE).unwrap(), alice);
		assert_eq!(parse_account(&format!("0x{}", hex::encode(alice))).unwrap(), alice);
		assert_eq!(address(&alice), ALICE);
		for wrong in ["", "0x00", &ALICE[1..], "Alice"] {
			assert!(matches!(parse_account(wrong), Err(KeyError::Account(_))), "{wrong}");
		}
	}

	#[test]
	fn development_ed25519_keys_are_substrates() {
		let alice = ed25519_from_text("//Alice").unwrap().verifying_key();
		let expected = "88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee";
		assert_eq!(hex::encode(alice.as_bytes()), expected);
		let seed = format!("0x{}", hex::encode(DEVELOPMENT_SEED));
		assert_eq!(ed25519_from_text(&format!("{seed}//Alice")).unwrap().verifying_key(), alice);
		assert_ne!(ed25519_from_text("//Alice//1").unwrap().verifying_key(), alice);
		for wrong in ["", "Alice", "/Alice", "//", "//a/b", "0x00", "//a//"] {
			assert!(ed25519_from_text(wrong).is_none(), "{wrong}");
		}
	}

	#[test]
	fn a_generated_key_is_read_back_and_never_written_over() {
		let dir = tempfile::tempdir().unwrap();
		for scheme in [Scheme::Sr25519, Scheme::Ed25519] {
			let path = dir.path().join(scheme.name());
			let key = generate(scheme, &path).unwrap();
			let read = read_keystore(&path, None).unwrap();
			assert_eq!((read.scheme(), read.public()), (scheme, key.public()));
			assert!(matches!(generate(scheme, &path), Err(KeyError::Io { .. })));
		}
		let path = dir.path().join("ed25519");
		assert!(matches!(account(Some(&path)), Err(KeyError::Scheme(..))));
		let path = dir.path().join("sr25519");
		assert!(account(Some(&path)).is_ok());
	}

	#[cfg(unix)]
	#[test]
	fn a_plain_secret_that_others_can_read_is_refused() {
		use std::os::unix::fs::PermissionsExt;
		let path = tempfile::tempdir().unwrap().keep().join("key");
		generate(Scheme::Sr25519, &path).unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
		assert!(matches!(read_keystore(&path, None), Err(KeyError::Exposed(_))));
		fs::remove_dir_all(path.parent().unwrap()).unwrap();
	}

	#[test]
	fn a_wallets_export_needs_its_password() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("alice.json");
		let export = format!(
			r#"{{
				"encoded": "DumgApKCTqoCty1OZW/8WS+sgo6RdpHhCwAkA2IoDBMAgAAAAQAAAAgAAAB6IG/q24EeVf0JqWqcBd5m2tKq5BlyY84IQ8oamLn9DZe9Ouhgunr7i36J1XxUnTI801axqL/ym1gil0U8440Qvj0lFVKwGuxq38zuifgoj0B3Yru0CI6QKEvQPU5xxj4MpyxdSxP+2PnTzYao0HDH0fulaGvlAYXfqtU89xrx2/z9z7IjSwS3oDFPXRQ9kAdDebtyCVreZ9Otw9v3",
				"encoding": {{
					"content": ["pkcs8", "sr25519"],
					"type": ["scrypt", "xsalsa20-poly1305"],
					"version": "3"
				}},
				"address": "{ALICE}",
				"meta": {{}}
			}}"#
		);
		fs::write(&path, export).unwrap();
		assert!(matches!(read_keystore(&path, None), Err(KeyError::Password(_))));
		assert!(matches!(read_keystore(&path, Some("wrong")), Err(KeyError::Format(..))));
		assert_eq!(read_keystore(&path, Some("whoisalice")).unwrap().public(), ALICE);
	}

	#[test]
	fn errors_do_not_quote_secrets() {
		let dir = tempfile::tempdir().unwrap();
		let path = dir.path().join("key");
		for text in [r#"{"secret": "hush"}"#, r#"{"kind":"x","scheme":"hush"}"#, "hush"] {
			fs::write(&path, text).unwrap();
			let Err(error) = read_keystore(&path, None) else { panic!("{text}") };
			assert!(!error.to_string().contains("hush"), "{error}");
		}
		let Err(error) = account_from_uri("X", "hush hush hush") else { panic!() };
		assert!(!error.to_string().contains("hush"), "{error}");
	}
}
