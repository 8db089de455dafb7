//! Why a question was not answered, and what that is over HTTP.

use super::{purse::PurseError, spend::Scope, store::HoldError};
use crate::{
	keys,
	meter::MeterError,
	oracle_api::{Problem, ProblemKind},
	text::{CountError, Stopped},
};
use usufruct_primitives::{AccountBytes, ModelId, VersionId};

/// An oracle that was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
	/// Who.
	pub oracle: AccountBytes,
	/// Why there is no answer.
	pub why: String,
}

fn list(tried: &[Tried]) -> String {
	let each: Vec<String> =
		tried.iter().map(|it| format!("{}: {}", keys::address(&it.oracle), it.why)).collect();
	each.join("; ")
}

fn numbers(ids: &[ModelId]) -> String {
	ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
	/// Nothing of that name.
	#[error("no model has the name or id '{0}', or the gateway was started without it; GET /v1/models lists those it has")]
	ModelUnknown(String),
	/// More than one of that name.
	#[error("several models are called '{name}'; use the id of one: {}", numbers(.ids))]
	ModelAmbiguous {
		/// What was asked for.
		name: String,
		/// Which there are.
		ids: Vec<ModelId>,
	},
	/// Nobody offers it.
	#[error("no bonded oracle offers model '{model}'{} at present", .version.map(|it| format!(" version {it}")).unwrap_or_default())]
	NotOffered {
		/// The model.
		model: String,
		/// The version, if one was asked for.
		version: Option<VersionId>,
	},
	/// All who offer it ask too much, or lied before.
	#[error("no oracle can be asked: {0}")]
	NobodyFits(String),
	/// A spending limit is in the way, or the store is. Nothing was signed.
	#[error(transparent)]
	Hold(#[from] HoldError),
	/// There is no channel to pay with.
	#[error(transparent)]
	Purse(#[from] PurseError),
	/// The question itself is wrong.
	#[error("{0}")]
	Question(String),
	/// What the question asks for is not to be had from oracles.
	#[error("{0}")]
	Unsupported(String),
	/// Oracles say that the question is wrong.
	#[error("{}: {}", .0.title, .0.detail)]
	Refused(Box<Problem>),
	/// Nobody could check the bill, or the texts are no input.
	#[error(transparent)]
	Meter(#[from] MeterError),
	/// Its tokens were not counted.
	#[error(transparent)]
	Uncounted(#[from] CountError),
	/// All who were asked failed; nothing was charged for it.
	#[error("no oracle answered: {}", list(.0))]
	Exhausted(Vec<Tried>),
	/// The gateway itself failed.
	#[error("the gateway failed: {0}")]
	Internal(String),
	/// Who asks is not known.
	#[error("send the gateway's token: Authorization: Bearer …")]
	Unauthorised,
	/// Asked by way of a name that is not the gateway's, or by a web page of somebody else.
	#[error("{0}")]
	Foreign(String),
	/// Nothing there.
	#[error("there is nothing at this path; GET /v2 and GET /v1/models tell what there is")]
	NoSuchPath,
	/// The body is compressed in a way that is not known.
	#[error("a body compressed as '{0}' is not taken; send it as it is, or compressed once with gzip or deflate")]
	Coding(String),
	/// The body is too long.
	#[error("the body may have {0} bytes at most")]
	TooLong(usize),
}

impl GatewayError {
	/// The HTTP status, and a name that does not change.
	pub fn kind(&self) -> (u16, &'static str) {
		match self {
			Self::ModelUnknown(_) => (404, "model-unknown"),
			Self::ModelAmbiguous { .. } => (409, "model-ambiguous"),
			Self::NotOffered { .. } => (404, "not-offered"),
			Self::NobodyFits(_) => (503, "nobody-fits"),
			Self::Hold(HoldError::OverLimit(over)) => match over.scope {
				Scope::Day => (402, "day-limit"),
				Scope::Model(_) => (402, "model-limit"),
			},
			Self::Hold(HoldError::Apart(_)) => (503, "clocks-apart"),
			Self::Hold(HoldError::Store(_) | HoldError::Stopped) => (500, "store-failed"),
			Self::Purse(error) => match error {
				PurseError::OverBudget { .. } => (402, "over-budget"),
				PurseError::TooDear { .. } => (402, "too-dear"),
				PurseError::TooLarge { .. } => (402, "too-large"),
				PurseError::Opening(_) | PurseError::Chain(_) | PurseError::Slow => {
					(503, "no-channel")
				},
				PurseError::Store(_) | PurseError::Keeper(_) | PurseError::Unwritten(_) => {
					(500, "store-failed")
				},
			},
			Self::Question(_) => (400, "question-malformed"),
			Self::Unsupported(_) => (501, "unsupported"),
			Self::Refused(problem) => match problem.kind {
				ProblemKind::TensorInvalid => (422, "question-refused"),
				ProblemKind::BodyTooLarge => (413, "question-refused"),
				_ => (400, "question-refused"),
			},
			Self::Meter(MeterError::NotRecomputable(_)) => (501, "meter-unknown"),
			Self::Meter(MeterError::Text(_)) | Self::Uncounted(CountError::Text(_)) => {
				(400, "question-malformed")
			},
			Self::Uncounted(CountError::Busy) => (503, "busy"),
			Self::Exhausted(_) => (503, "exhausted"),
			Self::Internal(_) | Self::Uncounted(CountError::Stopped(_)) => (500, "internal"),
			Self::Unauthorised => (401, "unauthorised"),
			Self::Foreign(_) => (403, "foreign"),
			Self::NoSuchPath => (404, "no-such-path"),
			Self::Coding(_) => (415, "coding-unknown"),
			Self::TooLong(_) => (413, "too-long"),
		}
	}
}

impl From<Stopped> for GatewayError {
	fn from(error: Stopped) -> Self {
		Self::Internal(error.to_string())
	}
}
