//! The same terms, vouchers and receipts in the headers of x402 version 2, as the payment scheme
//! [`SCHEME`]: for agents that pay by x402 and have a plug-in for the scheme. See `docs/x402.md`.
//!
//! | header | in | holds, as base64 of JSON |
//! |---|---|---|
//! | `PAYMENT-REQUIRED` | every refusal 402 that has terms | [`PaymentRequired`] |
//! | `PAYMENT-SIGNATURE` | request | [`PaymentPayload`] |
//! | `PAYMENT-RESPONSE` | every answer to such a request that has a receipt, or is a 402 | [`PaymentResponse`] |

use super::{
	headers::from_hex, HeaderError, Problem, RequestHeaders, SignedReceipt, SignedVoucher, Terms,
};
use crate::{decimal, keys};
use base64::{engine::general_purpose::STANDARD, Engine};
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use usufruct_primitives::{Balance, Hash, Status, VersionId};

/// The version of the protocol.
pub const VERSION: u8 = 2;
/// The name of the scheme.
pub const SCHEME: &str = "usufruct-channel";
/// The chain's own token, whose smallest unit is the planck.
pub const ASSET: &str = "UFR";
/// How long an oracle is waited for, in seconds.
pub const TIMEOUT_S: u64 = 120;

/// The names of the headers.
pub mod header {
	/// Base64 of a [`PaymentRequired`](super::PaymentRequired).
	pub const REQUIRED: &str = "payment-required";
	/// Base64 of a [`PaymentPayload`](super::PaymentPayload).
	pub const SIGNATURE: &str = "payment-signature";
	/// Base64 of a [`PaymentResponse`](super::PaymentResponse).
	pub const RESPONSE: &str = "payment-response";
}

/// The chain by CAIP-2: the first half of its genesis hash in the namespace `polkadot`.
pub fn network(genesis: &Hash) -> String {
	format!("polkadot:{}", hex::encode(&genesis[..16]))
}

/// What is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
	/// Its URL.
	pub url: String,
	/// In words.
	#[serde(default, skip_serializing_if = "String::is_empty")]
	pub description: String,
	/// What it gives.
	#[serde(default, skip_serializing_if = "String::is_empty")]
	pub mime_type: String,
}

/// What a payment must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirements {
	/// [`SCHEME`].
	pub scheme: String,
	/// See [`network`].
	pub network: String,
	/// The price of one unit, in planck. A request may have more of them; see `extra.meter`.
	#[serde(with = "decimal")]
	pub amount: Balance,
	/// [`ASSET`].
	pub asset: String,
	/// The oracle's address.
	pub pay_to: String,
	/// How long an answer may take.
	pub max_timeout_seconds: u64,
	/// The terms, as in the refusal's body.
	pub extra: Terms,
}

/// That, and for what, payment is required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentRequired {
	/// [`VERSION`].
	#[serde(rename = "x402Version")]
	pub version: u8,
	/// Why what was sent is not enough.
	pub error: String,
	/// What is paid for.
	pub resource: Resource,
	/// What is accepted: one element.
	pub accepts: Vec<Requirements>,
}

impl PaymentRequired {
	/// From a refusal with terms; `None` if it has none.
	pub fn new(problem: &Problem, url: String) -> Option<Self> {
		let terms = problem.terms.as_deref()?;
		let genesis = from_hex("genesis", &terms.genesis).ok()?;
		let oracle = from_hex("oracle", &terms.oracle).ok()?;
		let requirements = Requirements {
			scheme: SCHEME.into(),
			network: network(&genesis),
			amount: terms.unit_price,
			asset: ASSET.into(),
			pay_to: keys::address(&oracle),
			max_timeout_seconds: TIMEOUT_S,
			extra: terms.clone(),
		};
		Some(Self {
			version: VERSION,
			error: format!("{}: {}", problem.title, problem.detail),
			resource: Resource {
				url,
				description: "inference by a registered model".into(),
				mime_type: "application/json".into(),
			},
			accepts: vec![requirements],
		})
	}

	/// The header's value.
	pub fn to_header(&self) -> String {
		write(self)
	}

	/// Reads a header's value.
	pub fn from_header(value: &str) -> Result<Self, HeaderError> {
		read(header::REQUIRED, value)
	}
}

/// Which requirements a payment is for, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
	scheme: String,
	network: String,
	pay_to: String,
}

/// The scheme's own part of a payment: what the `usufruct-*` headers of a request hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paid {
	/// Base64 of body and signature.
	voucher: String,
	/// 16 bytes in hex.
	request_id: String,
	/// 32 bytes in hex.
	salt: String,
	model_version: VersionId,
	/// Decimal strings, because JSON numbers lose digits.
	max_units: String,
	unit_price: String,
}

/// A payment. `accepted` is one of the requirements as they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPayload {
	/// What was accepted.
	pub accepted: Requirements,
	/// The payment.
	pub paid: RequestHeaders,
}

#[derive(Serialize, Deserialize)]
struct Envelope<A> {
	#[serde(rename = "x402Version")]
	version: u8,
	accepted: A,
	payload: Paid,
}

impl PaymentPayload {
	/// The header's value.
	pub fn to_header(&self) -> String {
		let paid = &self.paid;
		write(&Envelope {
			version: VERSION,
			accepted: &self.accepted,
			payload: Paid {
				voucher: paid.voucher.to_header(),
				request_id: hex::encode(paid.request_id),
				salt: hex::encode(paid.salt),
				model_version: paid.model_version,
				max_units: paid.max_units.to_string(),
				unit_price: paid.unit_price.to_string(),
			},
		})
	}
}

/// Reads a payment to that oracle on that chain. What it accepts beyond that does not matter: what is
/// paid for stands in the voucher.
pub fn payment(
	value: &str,
	genesis: &Hash,
	oracle: &[u8; 32],
) -> Result<RequestHeaders, HeaderError> {
	let malformed = |why: String| HeaderError::Malformed(header::SIGNATURE, why);
	let Envelope { version, accepted, payload }: Envelope<Accepted> =
		read(header::SIGNATURE, value)?;
	if version != VERSION {
		return Err(malformed(format!("x402Version is {version}, and must be {VERSION}")));
	}
	let Accepted { scheme, network: on, pay_to } = accepted;
	let expected = [SCHEME.to_owned(), network(genesis), keys::address(oracle)];
	for (name, said, must) in [
		("scheme", scheme, &expected[0]),
		("network", on, &expected[1]),
		("payTo", pay_to, &expected[2]),
	] {
		if said != *must {
			return Err(malformed(format!("accepted.{name} is '{said}', and must be '{must}'")));
		}
	}
	let number = |name: &str, text: &str| {
		text.parse::<Balance>().map_err(|error| malformed(format!("payload.{name}: {error}")))
	};
	let max_units = number("maxUnits", &payload.max_units)?;
	Ok(RequestHeaders {
		voucher: SignedVoucher::from_header(&payload.voucher)
			.map_err(|error| malformed(format!("payload.voucher: {error}")))?,
		request_id: from_hex(header::SIGNATURE, &payload.request_id)?,
		salt: from_hex(header::SIGNATURE, &payload.salt)?,
		model_version: payload.model_version,
		max_units: u64::try_from(max_units)
			.map_err(|error| malformed(format!("payload.maxUnits: {error}")))?,
		unit_price: number("unitPrice", &payload.unit_price)?,
	})
}

/// What became of a payment. Nothing is on the chain yet: an oracle settles many receipts at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentResponse {
	/// Whether something was delivered for it.
	pub success: bool,
	/// Why not: the last part of the problem's `type`.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub error_reason: Option<String>,
	/// Empty: the receipt is settled later.
	pub transaction: String,
	/// See [`network`].
	pub network: String,
	/// What was charged, in planck.
	#[serde(with = "decimal")]
	pub amount: Balance,
	/// The receipt, as in `usufruct-receipt`.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub extra: Option<Receipted>,
}

/// The scheme's own part of what became of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipted {
	/// Base64 of body and signature.
	pub receipt: String,
}

impl PaymentResponse {
	/// Of an answer with a receipt, or a refusal.
	pub fn new(genesis: &Hash, receipt: Option<&SignedReceipt>, problem: Option<&Problem>) -> Self {
		let delivered = receipt.is_some_and(|it| it.receipt.status != Status::Failed);
		let reason = problem.map(|it| it.kind.name().rsplit(':').next().unwrap_or_default());
		Self {
			success: delivered && problem.is_none(),
			error_reason: reason.map(str::to_owned),
			transaction: String::new(),
			network: network(genesis),
			amount: receipt.map_or(0, |it| it.receipt.amount),
			extra: receipt.map(|it| Receipted { receipt: it.to_header() }),
		}
	}

	/// The header's value.
	pub fn to_header(&self) -> String {
		write(self)
	}

	/// Reads a header's value.
	pub fn from_header(value: &str) -> Result<Self, HeaderError> {
		read(header::RESPONSE, value)
	}

	/// The receipt in it. Says nothing about its signature.
	pub fn receipt(&self) -> Result<Option<SignedReceipt>, HeaderError> {
		let header = self.extra.as_ref().map(|it| SignedReceipt::from_header(&it.receipt));
		header.transpose()
	}
}

fn write(value: &impl Serialize) -> String {
	// Texts and numbers: there is always a JSON form.
	STANDARD.encode(serde_json::to_vec(value).unwrap_or_default())
}

fn read<T: DeserializeOwned>(name: &'static str, value: &str) -> Result<T, HeaderError> {
	let malformed = |why: String| HeaderError::Malformed(name, why);
	let bytes = STANDARD.decode(value.trim()).map_err(|error| malformed(error.to_string()))?;
	serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))
}

#[cfg(test)]
mod tests;
