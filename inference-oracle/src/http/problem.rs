//! Where a typed refusal becomes an HTTP answer.

use super::{app::App, catalogue::Served};
use crate::{
	book::{Hindrance, Refusal},
	chain::ChainError,
	engine::InputError,
	ledger::NotServed,
	store::StoreError,
};
use axum::{
	http::{header, HeaderValue, StatusCode},
	response::{IntoResponse, Response},
};
use serde::Serialize;
use usufruct_client::{
	meter::MeterError,
	oracle_api::{
		header as names, ChannelTerms, HeaderError, Problem, ProblemKind, SignedReceipt, Terms,
		PROBLEM_JSON,
	},
	tensors::{BodyError, TensorError},
	text::TextError,
};
use usufruct_primitives::ChannelId;

/// A refusal on its way out.
#[derive(Debug)]
pub struct Refused {
	/// What is said.
	pub problem: Box<Problem>,
	/// The receipt of an accepted request that failed.
	pub receipt: Option<SignedReceipt>,
	/// After how many seconds to ask again, if the status says that it may help.
	pub retry_s: u64,
}

/// The most bytes of what a refusal says. Some repeat what was sent, and whoever reads it slowly holds it; over
/// gRPC it must fit what clients take of metadata.
const MOST: usize = 1_024;

impl Refused {
	/// A refusal of that kind.
	pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
		let mut detail = detail.into();
		detail.truncate(detail.floor_char_boundary(MOST));
		detail.shrink_to_fit();
		Self { problem: Box::new(Problem::new(kind, detail)), receipt: None, retry_s: 1 }
	}

	/// With the receipt of the request.
	pub fn with_receipt(mut self, receipt: SignedReceipt) -> Self {
		self.receipt = Some(receipt);
		self
	}

	/// With what it takes to be served, where that is what the refusal is about.
	pub fn with_terms(mut self, app: &App, served: &Served, channel: Option<&ChannelId>) -> Self {
		if self.problem.status != StatusCode::PAYMENT_REQUIRED.as_u16() {
			return self;
		}
		if let Some(price) = app.offer(served.version, Ok(())).ask {
			self.problem.terms = Some(Box::new(Terms {
				genesis: hex::encode(app.identity.genesis),
				oracle: hex::encode(app.identity.oracle),
				receipt_key: hex::encode(app.identity.receipt_key),
				model: served.model,
				model_version: served.version,
				meter: served.meter,
				unit_price: price,
				channel: channel.and_then(|channel| {
					let position = app.ledger.position(channel)?;
					Some(ChannelTerms {
						channel_id: hex::encode(channel),
						seq: position.seq,
						total: position.total,
						in_flight: position.in_flight,
						limit: position.limit,
					})
				}),
				missing: self.problem.detail.clone(),
			}));
		}
		self
	}

	/// The last part of the problem's type: its name in the metrics.
	pub fn name(&self) -> &'static str {
		self.problem.kind.name().rsplit(':').next().unwrap_or_default()
	}
}

fn kind(refusal: &Refusal) -> ProblemKind {
	match refusal {
		Refusal::OracleNotBonded { .. } | Refusal::BondTooLow { .. } | Refusal::Paused { .. } => {
			ProblemKind::OracleNotBonded
		},
		Refusal::ChainUnseen { .. } => ProblemKind::NotReady,
		Refusal::Deprecated { .. } => ProblemKind::ModelDeprecated,
		Refusal::NotOffered { .. } => ProblemKind::ModelUnknown,
		Refusal::PriceMismatch { .. } => ProblemKind::PriceMismatch,
		Refusal::MaxUnitsTooLow { .. } => ProblemKind::MaxUnitsTooLow,
		Refusal::Hindered(hindrance) => hindered(hindrance),
		Refusal::ChannelUnknown { .. } => ProblemKind::ChannelUnknown,
		Refusal::ChannelOfAnotherOracle | Refusal::ChannelOfAnotherModel { .. } => {
			ProblemKind::ChannelMismatch
		},
		Refusal::ChannelClosing => ProblemKind::ChannelClosing,
		Refusal::LogBehindChain { .. } => ProblemKind::Internal,
		Refusal::BadSignature => ProblemKind::VoucherSignature,
		Refusal::VoucherForAnotherRequest => ProblemKind::RequestMismatch,
		Refusal::RequestIdReused => ProblemKind::RequestIdTaken,
		Refusal::AnswerGone => ProblemKind::AnswerGone,
		Refusal::InProgress => ProblemKind::RequestInProgress,
		Refusal::PriceTooHigh { .. } => ProblemKind::PriceAboveChannel,
		Refusal::AmountTooLarge | Refusal::EscrowTooLow { .. } => ProblemKind::EscrowShort,
		Refusal::Expired { .. } => ProblemKind::VoucherExpired,
		Refusal::AckUnknown { .. }
		| Refusal::AckMismatch { .. }
		| Refusal::AckTooOld { .. }
		| Refusal::VoucherFell { .. } => ProblemKind::AcknowledgementWrong,
		Refusal::CapTooLow { .. } => ProblemKind::CapTooLow,
		Refusal::Unacknowledged { .. } | Refusal::TooManyUnacknowledged { .. } => {
			ProblemKind::UnacknowledgedLimit
		},
		Refusal::TooManyFailed { .. } => ProblemKind::FailedLimit,
	}
}

fn hindered(hindrance: &Hindrance) -> ProblemKind {
	match hindrance {
		Hindrance::Share { .. } | Hindrance::HeldByKey => ProblemKind::Busy,
		Hindrance::Queue { .. }
		| Hindrance::Connections
		| Hindrance::Held
		| Hindrance::Down
		| Hindrance::Memory => ProblemKind::Overloaded,
		Hindrance::Unloadable { .. } => ProblemKind::NotReady,
		Hindrance::Late => ProblemKind::DeadlinePassed,
		Hindrance::Input => ProblemKind::InputQuarantined,
		Hindrance::Key { .. } => ProblemKind::KeySlowed,
	}
}

impl From<Hindrance> for Refused {
	fn from(hindrance: Hindrance) -> Self {
		Refusal::from(hindrance).into()
	}
}

impl From<Refusal> for Refused {
	fn from(refusal: Refusal) -> Self {
		let retry_s = refusal.retry_s().unwrap_or(1);
		Self { retry_s, ..Self::new(kind(&refusal), refusal.to_string()) }
	}
}

impl From<NotServed> for Refused {
	fn from(error: NotServed) -> Self {
		match error {
			NotServed::Refused(refusal) => refusal.into(),
			NotServed::Store(error) => error.into(),
		}
	}
}

impl From<StoreError> for Refused {
	fn from(error: StoreError) -> Self {
		// The text names what lies on the operator's disk.
		tracing::error!(%error, "a request met a broken log");
		Self::new(
			ProblemKind::Internal,
			"the oracle cannot read or write its log; what it acknowledged stands: ask again later",
		)
	}
}

impl From<ChainError> for Refused {
	fn from(error: ChainError) -> Self {
		tracing::warn!(%error, "a channel could not be looked up");
		Self::new(
			ProblemKind::NotReady,
			"the oracle cannot look the channel up: its nodes are not there, are behind, or disagree; ask \
			 again in a few seconds, or use another one",
		)
	}
}

impl From<HeaderError> for Refused {
	fn from(error: HeaderError) -> Self {
		Self::new(ProblemKind::HeaderMalformed, error.to_string())
	}
}

impl From<InputError> for Refused {
	fn from(error: InputError) -> Self {
		Self::new(ProblemKind::TensorInvalid, error.to_string())
	}
}

impl From<TensorError> for Refused {
	fn from(error: TensorError) -> Self {
		Self::new(ProblemKind::TensorInvalid, error.to_string())
	}
}

impl From<BodyError> for Refused {
	fn from(error: BodyError) -> Self {
		match error {
			BodyError::Tensor(error) => error.into(),
			error => Self::new(ProblemKind::BodyMalformed, error.to_string()),
		}
	}
}

impl From<TextError> for Refused {
	fn from(error: TextError) -> Self {
		Self::new(ProblemKind::TensorInvalid, error.to_string())
	}
}

impl From<MeterError> for Refused {
	fn from(error: MeterError) -> Self {
		match error {
			MeterError::Text(error) => error.into(),
			// Such a version is not loaded.
			error => Self::new(ProblemKind::Internal, error.to_string()),
		}
	}
}

/// The problem, and beside it what clients of other servers look for.
#[derive(Serialize)]
struct Told<'a, E> {
	#[serde(flatten)]
	problem: &'a Problem,
	error: E,
}

/// What OpenAI's clients look for.
#[derive(Serialize)]
struct Error<'a> {
	message: &'a str,
	#[serde(rename = "type")]
	kind: &'static str,
	code: &'static str,
}

impl Refused {
	/// The answer to who speaks OpenAI's protocol.
	pub fn into_openai(self) -> Response {
		let problem = self.problem.clone();
		let kind = match problem.status {
			400..500 => "invalid_request_error",
			_ => "server_error",
		};
		self.told(&Error { message: &problem.detail, kind, code: problem.kind.name() })
	}

	fn told(self, error: impl Serialize) -> Response {
		let status =
			StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
		// A problem is strings and numbers: it always has a JSON form.
		let told = Told { problem: &self.problem, error };
		let body = serde_json::to_vec(&told).unwrap_or_default();
		let mut response = (status, body).into_response();
		let headers = response.headers_mut();
		headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
		if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
			headers.insert(header::RETRY_AFTER, self.retry_s.into());
		}
		if let Some(receipt) = self.receipt {
			if let Ok(value) = HeaderValue::from_str(&receipt.to_header()) {
				headers.insert(names::RECEIPT, value);
			}
		}
		response
	}
}

impl IntoResponse for Refused {
	/// The Open Inference Protocol has the text as `error`.
	fn into_response(self) -> Response {
		let detail = self.problem.detail.clone();
		self.told(detail)
	}
}
