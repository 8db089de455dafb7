//! Refusals: what is wrong, what to do about it, and on which terms a request would be served.

use crate::{decimal, printable};
use serde::{Deserialize, Serialize};
use usufruct_primitives::{Balance, Meter, ModelId, Seq, VersionId};

macro_rules! kinds {
	($($(#[$meta:meta])* $variant:ident = $name:literal, $status:literal, $retry:literal, $title:literal;)*) => {
		/// The kinds of refusal. Names never change; new ones may come.
		#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
		pub enum ProblemKind {
			$($(#[$meta])* #[serde(rename = $name)] $variant,)*
			/// One that this release does not know.
			#[serde(other, rename = "urn:usufruct:problem:unknown")]
			Unknown,
		}

		impl ProblemKind {
			/// All kinds that have a name.
			pub const ALL: &'static [Self] = &[$(Self::$variant),*];

			/// The stable `type` of the problem.
			pub fn name(self) -> &'static str {
				match self {
					$(Self::$variant => $name,)*
					Self::Unknown => "urn:usufruct:problem:unknown",
				}
			}

			/// The HTTP status it comes with.
			pub fn status(self) -> u16 {
				match self {
					$(Self::$variant => $status,)*
					Self::Unknown => 500,
				}
			}

			/// Whether the same request may yet be answered: ask again, with the same bytes. If not,
			/// the refusal is final and nothing was or will be charged for it, unless
			/// [it may have begun](Self::begun).
			pub fn retry(self) -> bool {
				match self {
					$(Self::$variant => $retry,)*
					Self::Unknown => true,
				}
			}

			/// Whether the oracle may have begun the request, or even answered it: then it is not refused
			/// for good before its voucher is over.
			pub fn begun(self) -> bool {
				matches!(
					self,
					Self::AnswerGone
						| Self::RequestInProgress
						| Self::DeadlinePassed
						| Self::EngineFailed
						| Self::Internal
						| Self::Unknown
				)
			}

			/// What it means, in a line.
			pub fn title(self) -> &'static str {
				match self {
					$(Self::$variant => $title,)*
					Self::Unknown => "the oracle refused for a reason this release does not know",
				}
			}
		}
	};
}

kinds! {
	/// No voucher came with the request; the terms say what one must hold.
	VoucherMissing = "urn:usufruct:problem:voucher-missing", 402, false,
		"this model is paid for: send a voucher";
	/// A header is missing or unreadable.
	HeaderMalformed = "urn:usufruct:problem:header-malformed", 400, false,
		"a payment header is missing or malformed";
	/// The voucher's channel is not on the chain.
	ChannelUnknown = "urn:usufruct:problem:channel-unknown", 402, false,
		"the voucher's channel does not exist; open one to this oracle for this model";
	/// The voucher's channel is to another oracle or for another model.
	ChannelMismatch = "urn:usufruct:problem:channel-mismatch", 402, false,
		"the voucher's channel is to another oracle or for another model";
	/// The channel is not final on the chain yet.
	ChannelNotFinal = "urn:usufruct:problem:channel-not-final", 503, true,
		"the channel is not final on the chain yet; ask again in a few seconds";
	/// The channel is being closed.
	ChannelClosing = "urn:usufruct:problem:channel-closing", 402, false,
		"the channel is being closed; open a new one";
	/// Signed by another key, or for another chain.
	VoucherSignature = "urn:usufruct:problem:voucher-signature", 402, false,
		"the voucher is not signed by the channel's key for this chain";
	/// The voucher asks for another request than this one.
	RequestMismatch = "urn:usufruct:problem:request-mismatch", 400, false,
		"the voucher is for another request: its commitment is not that of this body and headers";
	/// Its `serve_until` is over.
	VoucherExpired = "urn:usufruct:problem:voucher-expired", 402, false,
		"the voucher's last block is over; sign a new one";
	/// The cap does not cover what is charged and in flight.
	CapTooLow = "urn:usufruct:problem:cap-too-low", 402, false,
		"the voucher's cap does not cover what is already charged and in flight";
	/// It acknowledges what the oracle did not sign.
	AcknowledgementWrong = "urn:usufruct:problem:acknowledgement-wrong", 409, false,
		"the voucher acknowledges receipts that this oracle did not sign";
	/// More than the channel's `max_unacked` would be unacknowledged.
	UnacknowledgedLimit = "urn:usufruct:problem:unacknowledged-limit", 402, false,
		"too much is unacknowledged; acknowledge receipts in a newer voucher first";
	/// The escrow does not cover it.
	EscrowShort = "urn:usufruct:problem:escrow-short", 402, false,
		"the channel's escrow does not cover the request; top it up";
	/// The price named is not the ask.
	PriceMismatch = "urn:usufruct:problem:price-mismatch", 402, false,
		"the price named is not this oracle's ask; the terms hold the present one";
	/// The ask is above what the channel allows.
	PriceAboveChannel = "urn:usufruct:problem:price-above-channel", 402, false,
		"this oracle asks more than the channel's maximum unit price";
	/// `max_units` is less than the request is.
	MaxUnitsTooLow = "urn:usufruct:problem:max-units-too-low", 402, false,
		"the request has more units than its voucher allows";
	/// No such model here.
	ModelUnknown = "urn:usufruct:problem:model-unknown", 404, false,
		"this oracle does not serve that model or version";
	/// The version is deprecated on the chain.
	ModelDeprecated = "urn:usufruct:problem:model-deprecated", 410, false,
		"the model version is deprecated; use a newer one";
	/// Something in the path is not written as it must be.
	PathMalformed = "urn:usufruct:problem:path-malformed", 400, false,
		"something in the path is not written as it must be";
	/// No such profile here.
	ProfileUnknown = "urn:usufruct:problem:profile-unknown", 404, false,
		"this oracle knows no execution profile of that hash";
	/// A tensor has a wrong name, shape or type.
	TensorInvalid = "urn:usufruct:problem:tensor-invalid", 422, false,
		"an input tensor does not fit the model";
	/// The body is not a request of the protocol.
	BodyMalformed = "urn:usufruct:problem:body-malformed", 400, false,
		"the body is not an inference request";
	/// The body is too long.
	BodyTooLarge = "urn:usufruct:problem:body-too-large", 413, false,
		"the body is longer than this oracle accepts";
	/// Its bond is below the minimum or does not cover what is unsettled.
	OracleNotBonded = "urn:usufruct:problem:oracle-not-bonded", 503, false,
		"this oracle's free bond does not cover what it would owe; use another";
	/// The same id came with another request.
	RequestIdTaken = "urn:usufruct:problem:request-id-taken", 409, false,
		"the request id was used for another request; draw a new one";
	/// It was answered, and the answer is no longer kept. Comes with its receipt, if that is.
	AnswerGone = "urn:usufruct:problem:answer-gone", 410, false,
		"the request was answered before and the answer is no longer kept";
	/// The same request is being answered.
	RequestInProgress = "urn:usufruct:problem:request-in-progress", 409, true,
		"the same request is being answered; ask again for its stored answer";
	/// The key that pays has its share of the queue.
	Busy = "urn:usufruct:problem:busy", 429, true,
		"too many requests of this key wait; ask again after the time in Retry-After";
	/// The queue is full, or something else that all share.
	Overloaded = "urn:usufruct:problem:overloaded", 503, true,
		"this oracle is at its limit; ask again after the time in Retry-After, or use another";
	/// The deadline that came with the request is over.
	DeadlinePassed = "urn:usufruct:problem:deadline-passed", 504, true,
		"the request was not answered before its deadline; nothing is charged";
	/// This input ended the process that ran it.
	InputQuarantined = "urn:usufruct:problem:input-quarantined", 422, false,
		"this input ended the worker that ran it, and is not run again";
	/// The key that pays has ended too many processes.
	KeySlowed = "urn:usufruct:problem:key-slowed", 429, true,
		"requests of this key ended several workers; ask again after the time in Retry-After";
	/// Too many failed receipts of the channel, or of its key, wait to be settled.
	FailedLimit = "urn:usufruct:problem:failed-limit", 429, false,
		"too many failed receipts of this channel or key wait to be settled; nothing is charged";
	/// It does not serve now: loading, not synchronised, or shutting down.
	NotReady = "urn:usufruct:problem:not-ready", 503, true,
		"this oracle is not ready; ask again later";
	/// The model failed. Comes with a receipt of status failed.
	EngineFailed = "urn:usufruct:problem:engine-failed", 500, true,
		"the model failed on this input; nothing is charged";
	/// Something else went wrong in the oracle.
	Internal = "urn:usufruct:problem:internal", 500, true,
		"the oracle failed; ask again, nothing is charged twice";
}

/// A refusal, as `application/problem+json` (RFC 9457). What it says in words may come from anybody: when
/// it is read in, it is cut to one printable line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
	/// What kind of refusal it is.
	#[serde(rename = "type")]
	pub kind: ProblemKind,
	/// The kind in words.
	#[serde(deserialize_with = "printable::deserialize")]
	pub title: String,
	/// The HTTP status.
	pub status: u16,
	/// What exactly is wrong, and what to do about it.
	#[serde(deserialize_with = "printable::deserialize")]
	pub detail: String,
	/// On which terms the request would be served.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub terms: Option<Box<Terms>>,
}

impl Problem {
	/// A refusal without terms.
	pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
		Self {
			kind,
			title: kind.title().into(),
			status: kind.status(),
			detail: detail.into(),
			terms: None,
		}
	}

	/// The same with terms.
	pub fn with_terms(mut self, terms: Terms) -> Self {
		self.terms = Some(Box::new(terms));
		self
	}
}

impl std::fmt::Display for Problem {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "{} ({})", self.title, self.detail)
	}
}

/// What it takes to be served. Amounts are planck in decimal strings; keys, accounts and hashes are
/// hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
	/// The genesis hash of the chain that settles.
	#[serde(deserialize_with = "printable::deserialize")]
	pub genesis: String,
	/// The oracle's account, to which a channel must be.
	#[serde(deserialize_with = "printable::deserialize")]
	pub oracle: String,
	/// The ed25519 key that signs its receipts.
	#[serde(deserialize_with = "printable::deserialize")]
	pub receipt_key: String,
	/// The model, for which a channel must be.
	pub model: ModelId,
	/// The version that would be run.
	pub model_version: VersionId,
	/// What a unit is.
	pub meter: Meter,
	/// The price of a unit.
	#[serde(with = "decimal")]
	pub unit_price: Balance,
	/// The channel of the voucher, where there is one.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub channel: Option<ChannelTerms>,
	/// What is missing, in words.
	#[serde(deserialize_with = "printable::deserialize")]
	pub missing: String,
}

/// Where a channel stands at the oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTerms {
	/// The channel.
	#[serde(deserialize_with = "printable::deserialize")]
	pub channel_id: String,
	/// The newest receipt.
	pub seq: Seq,
	/// All that was charged.
	#[serde(with = "decimal")]
	pub total: Balance,
	/// The maxima of all requests in flight.
	#[serde(with = "decimal")]
	pub in_flight: Balance,
	/// What the two and the request's maximum must not exceed: the least of the cap, the
	/// acknowledged total and `max_unacked`, and what is settled and the escrow.
	#[serde(with = "decimal")]
	pub limit: Balance,
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::collections::HashSet;

	#[test]
	fn kinds_have_stable_distinct_names() {
		let names: HashSet<_> = ProblemKind::ALL.iter().map(|kind| kind.name()).collect();
		assert_eq!(names.len(), ProblemKind::ALL.len());
		for kind in ProblemKind::ALL {
			assert!(kind.name().starts_with("urn:usufruct:problem:"));
			assert!((400..600).contains(&kind.status()));
			let json = serde_json::to_string(kind).unwrap();
			assert_eq!(json, format!("{:?}", kind.name()));
			assert_eq!(serde_json::from_str::<ProblemKind>(&json).unwrap(), *kind);
		}
		let newer = "\"urn:usufruct:problem:of-a-later-release\"";
		assert_eq!(serde_json::from_str::<ProblemKind>(newer).unwrap(), ProblemKind::Unknown);
	}

	#[test]
	fn what_an_oracle_says_cannot_write_to_the_terminal_or_fill_the_disk() {
		let said = format!("\u{1b}]0;owned\u{7}no\u{1b}[2J\n{}", "x".repeat(1 << 20));
		let json = serde_json::json!({
			"type": "urn:usufruct:problem:busy", "title": said, "status": 429, "detail": said,
		});
		let problem: Problem = serde_json::from_value(json).unwrap();
		let shown = problem.to_string();
		assert!(shown.len() < 1_000 && !shown.chars().any(char::is_control), "{shown}");
		assert!(problem.detail.starts_with("no xxx"));
	}

	#[test]
	fn a_problem_with_terms_travels() {
		let terms = Terms {
			genesis: hex::encode([1; 32]),
			oracle: hex::encode([2; 32]),
			receipt_key: hex::encode([3; 32]),
			model: 4,
			model_version: 5,
			meter: Meter::Request,
			unit_price: u128::MAX,
			channel: Some(ChannelTerms {
				channel_id: hex::encode([6; 32]),
				seq: 7,
				total: 8,
				in_flight: 9,
				limit: 10,
			}),
			missing: "a voucher".into(),
		};
		let problem = Problem::new(ProblemKind::VoucherMissing, "no header").with_terms(terms);
		let json = serde_json::to_value(&problem).unwrap();
		assert_eq!(json["type"], "urn:usufruct:problem:voucher-missing");
		assert_eq!(json["status"], 402);
		assert_eq!(json["terms"]["unit_price"], u128::MAX.to_string());
		assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
		let bare = Problem::new(ProblemKind::Busy, "64 wait");
		assert!(!serde_json::to_string(&bare).unwrap().contains("terms"));
	}
}
