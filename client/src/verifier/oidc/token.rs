//! Checking ID tokens (OpenID Connect Core 1.0, 3.1.3.7), strictly.
//!
//! Only signatures that the provider alone can make are taken (RS256, ES256, EdDSA): neither `none`,
//! nor a keyed hash whose key might be public.

use base64::{prelude::BASE64_URL_SAFE_NO_PAD, Engine};
use ring::signature::{
	RsaPublicKeyComponents, UnparsedPublicKey, ECDSA_P256_SHA256_FIXED, ED25519,
	RSA_PKCS1_2048_8192_SHA256,
};
use serde::{de::DeserializeOwned, Deserialize};

/// How far clocks may differ, in seconds.
const LEEWAY: u64 = 60;
/// How old a token may be, in seconds: it comes straight from the provider.
const MOST_AGE: u64 = 600;
/// The longest subject, by the standard.
const MOST_SUBJECT: usize = 255;

/// Why a token says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
	/// It is none.
	#[error("the ID token is malformed")]
	Malformed,
	/// It is not signed, or in a way that is not taken.
	#[error("the ID token is not signed with RS256, ES256 or EdDSA")]
	Algorithm,
	/// It is signed with a key that the provider does not show.
	#[error("the ID token is signed with a key that the provider does not show")]
	NoKey,
	/// The signature is wrong.
	#[error("the ID token's signature is wrong")]
	Signature,
	/// It is somebody else's.
	#[error("the ID token is another provider's")]
	Issuer,
	/// It is for somebody else.
	#[error("the ID token is for another client")]
	Audience,
	/// It was asked for by somebody else, or at another time.
	#[error("the ID token answers another question")]
	Nonce,
	/// It is not valid now.
	#[error("the ID token is expired, or not valid yet")]
	Time,
	/// It is about nobody.
	#[error("the ID token names nobody")]
	Subject,
}

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
	/// Who made it.
	pub issuer: &'a str,
	/// For whom.
	pub client_id: &'a str,
	/// What was asked.
	pub nonce: &'a str,
	/// The time, in seconds since 1970.
	pub now: u64,
}

/// A provider's public keys.
#[derive(Debug, Deserialize)]
pub struct Keys {
	keys: Vec<Key>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Key {
	kty: String,
	kid: Option<String>,
	alg: Option<String>,
	#[serde(rename = "use")]
	usage: Option<String>,
	crv: Option<String>,
	n: Option<String>,
	e: Option<String>,
	x: Option<String>,
	y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
	alg: String,
	kid: Option<String>,
	/// What must be understood, and is not.
	crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
	iss: String,
	sub: String,
	aud: Audience,
	azp: Option<String>,
	exp: u64,
	iat: u64,
	nbf: Option<u64>,
	nonce: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
	One(String),
	Many(Vec<String>),
}

/// Whom a token is about, if everything about it is right.
pub fn subject(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<String, TokenError> {
	let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
	let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
	let header: Header = part(header)?;
	if !["RS256", "ES256", "EdDSA"].contains(&header.alg.as_str()) {
		return Err(TokenError::Algorithm);
	}
	if header.crit.is_some() {
		return Err(TokenError::Malformed);
	}
	let signature = bytes(signature)?;
	let mut usable = keys.keys.iter().filter(|key| key.fits(&header)).peekable();
	usable.peek().ok_or(TokenError::NoKey)?;
	if !usable.any(|key| key.verify(&header.alg, message.as_bytes(), &signature)) {
		return Err(TokenError::Signature);
	}
	part::<Claims>(claims)?.check(expected)
}

impl Claims {
	fn check(self, expected: &Expected<'_>) -> Result<String, TokenError> {
		if self.iss != expected.issuer {
			return Err(TokenError::Issuer);
		}
		let (named, several) = match &self.aud {
			Audience::One(one) => (one == expected.client_id, false),
			Audience::Many(many) => {
				(many.iter().any(|it| it == expected.client_id), many.len() > 1)
			},
		};
		let party = self.azp.as_deref();
		if !named || party.map_or(several, |party| party != expected.client_id) {
			return Err(TokenError::Audience);
		}
		let Expected { now, .. } = *expected;
		let begins = self.nbf.unwrap_or(self.iat).max(self.iat);
		let late = now >= self.exp.saturating_add(LEEWAY);
		let early = begins > now.saturating_add(LEEWAY);
		let old = now > self.iat.saturating_add(MOST_AGE);
		if late || early || old {
			return Err(TokenError::Time);
		}
		if self.nonce != expected.nonce {
			return Err(TokenError::Nonce);
		}
		let printable = self.sub.chars().all(|c| !c.is_control());
		match !self.sub.is_empty() && self.sub.len() <= MOST_SUBJECT && printable {
			true => Ok(self.sub),
			false => Err(TokenError::Subject),
		}
	}
}

impl Key {
	fn fits(&self, header: &Header) -> bool {
		let kind = match header.alg.as_str() {
			"RS256" => self.kty == "RSA",
			"ES256" => self.kty == "EC" && self.crv.as_deref() == Some("P-256"),
			_ => self.kty == "OKP" && self.crv.as_deref() == Some("Ed25519"),
		};
		let same =
			|mine: &Option<String>, theirs: &str| mine.as_deref().is_none_or(|mine| mine == theirs);
		kind && same(&self.usage, "sig")
			&& same(&self.alg, &header.alg)
			&& header.kid.as_ref().is_none_or(|kid| self.kid.as_ref() == Some(kid))
	}

	fn verify(&self, alg: &str, message: &[u8], signature: &[u8]) -> bool {
		let of = |part: &Option<String>| {
			part.as_deref().and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok())
		};
		let valid = |algorithm, key: Vec<u8>| {
			UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
		};
		match alg {
			"RS256" => of(&self.n).zip(of(&self.e)).is_some_and(|(n, e)| {
				RsaPublicKeyComponents { n, e }
					.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
					.is_ok()
			}),
			"ES256" => of(&self.x).zip(of(&self.y)).is_some_and(|(x, y)| {
				UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, [&[4], &x[..], &y[..]].concat())
					.verify(message, signature)
					.is_ok()
			}),
			_ => of(&self.x).is_some_and(|x| valid(&ED25519, x)),
		}
	}
}

fn bytes(part: &str) -> Result<Vec<u8>, TokenError> {
	BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)
}

fn part<T: DeserializeOwned>(part: &str) -> Result<T, TokenError> {
	serde_json::from_slice(&bytes(part)?).map_err(|_| TokenError::Malformed)
}
