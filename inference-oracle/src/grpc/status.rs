//! Where a typed refusal becomes a gRPC status.
//!
//! The whole problem goes along in the metadata `usufruct-problem-bin`, as it is over HTTP, and so does
//! the receipt of a request that was accepted and failed.

use crate::http::Refused;
use tonic::{metadata::MetadataValue, Code, Status};
use usufruct_client::oracle_api::{header, Problem, ProblemKind};

/// The metadata with the problem as JSON.
pub(crate) const PROBLEM: &str = "usufruct-problem-bin";

fn code(problem: &Problem) -> Code {
	match problem.kind {
		ProblemKind::VoucherMissing | ProblemKind::VoucherSignature => Code::Unauthenticated,
		// The same request may be asked again.
		ProblemKind::RequestInProgress => Code::Aborted,
		ProblemKind::RequestIdTaken => Code::AlreadyExists,
		ProblemKind::BodyTooLarge => Code::OutOfRange,
		_ => match problem.status {
			400 | 422 => Code::InvalidArgument,
			402 | 409 | 410 => Code::FailedPrecondition,
			404 => Code::NotFound,
			429 => Code::ResourceExhausted,
			503 => Code::Unavailable,
			504 => Code::DeadlineExceeded,
			_ => Code::Internal,
		},
	}
}

impl From<Refused> for Status {
	fn from(refused: Refused) -> Self {
		let Refused { problem, receipt, retry_s } = refused;
		let mut status = Self::new(code(&problem), problem.detail.clone());
		let metadata = status.metadata_mut();
		let json = serde_json::to_vec(&problem).unwrap_or_default();
		metadata.insert_bin(PROBLEM, MetadataValue::from_bytes(&json));
		if matches!(problem.status, 429 | 503) {
			metadata.insert("retry-after", retry_s.into());
		}
		let receipt = receipt.and_then(|it| MetadataValue::try_from(it.to_header()).ok());
		if let Some(receipt) = receipt {
			metadata.insert(header::RECEIPT, receipt);
		}
		status
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_refusal_has_a_code_and_goes_along_whole() {
		for kind in ProblemKind::ALL {
			let status = Status::from(Refused::new(*kind, "why"));
			assert!(!matches!(status.code(), Code::Ok | Code::Unknown), "{kind:?}");
			assert_eq!(status.message(), "why");
			let json = status.metadata().get_bin(PROBLEM).unwrap().to_bytes().unwrap();
			let problem: Problem = serde_json::from_slice(&json).unwrap();
			assert_eq!(problem, Problem::new(*kind, "why"));
			// Clients repeat by themselves what is unavailable: only what may be repeated.
			if status.code() == Code::Unavailable {
				assert!(kind.retry() || *kind == ProblemKind::OracleNotBonded, "{kind:?}");
			}
		}
	}

	#[test]
	fn codes_are_those_that_are_documented() {
		use ProblemKind::*;
		for (kind, expected) in [
			(BodyTooLarge, Code::OutOfRange),
			(CapTooLow, Code::FailedPrecondition),
			(VoucherMissing, Code::Unauthenticated),
			(VoucherSignature, Code::Unauthenticated),
			(ModelUnknown, Code::NotFound),
			(RequestInProgress, Code::Aborted),
			(RequestIdTaken, Code::AlreadyExists),
			(AcknowledgementWrong, Code::FailedPrecondition),
			(ModelDeprecated, Code::FailedPrecondition),
			(Busy, Code::ResourceExhausted),
			(KeySlowed, Code::ResourceExhausted),
			(FailedLimit, Code::ResourceExhausted),
			(Overloaded, Code::Unavailable),
			(DeadlinePassed, Code::DeadlineExceeded),
			(InputQuarantined, Code::InvalidArgument),
			(NotReady, Code::Unavailable),
			(EngineFailed, Code::Internal),
		] {
			assert_eq!(Status::from(Refused::new(kind, "")).code(), expected, "{kind:?}");
		}
	}

	#[test]
	fn a_long_text_is_cut_at_a_character() {
		let status = Status::from(Refused::new(ProblemKind::TensorInvalid, "ü".repeat(5_000)));
		assert_eq!((status.code(), status.message().len()), (Code::InvalidArgument, 1_024));
	}
}
