//! `ModelInfer`, the call that is paid for.
//!
//! It stands beside the others: their messages are read before anything is known of who sends them, and this
//! one only once its voucher was verified.

use crate::http::{
	body::Asked,
	infer::{infer as serve, milliseconds, Answered, Encoded, Named},
	sending::holding,
	App, Refused, Served,
};
use axum::{extract::State, http::HeaderValue, response::Response};
use std::{sync::Arc, time::Duration};
use tonic::Status;
use usufruct_client::{
	grpc::{self, proto::ModelInferRequest, MessageError},
	oracle_api::{header, ProblemKind},
	tensors::InferRequest,
};

/// Serves one call.
pub(crate) async fn infer(State(app): State<Arc<App>>, Asked { head, body }: Asked) -> Response {
	let mut message = body.framed();
	let get = |name| head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
	let answered = serve(&app, Named::InBody, get, &mut message, Message).await;
	// What was not read of it ends with its stream, and not with the connection.
	drop(message);
	match answered.and_then(|(answered, ())| sent(answered)) {
		Ok(response) => response,
		Err(refused) => Status::from(refused).into_http(),
	}
}

fn sent(answered: Answered) -> Result<Response, Refused> {
	let receipt = value(answered.receipt.to_header())?;
	let profile = answered.profile.map(|hash| value(hex::encode(hash))).transpose()?;
	let mut response = grpc::answer(grpc::response(answered.response));
	let headers = response.headers_mut();
	headers.insert(header::RECEIPT, receipt);
	if let Some(profile) = profile {
		headers.insert(header::PROFILE, profile);
	}
	Ok(holding(response, answered.held))
}

fn value(text: String) -> Result<HeaderValue, Refused> {
	HeaderValue::try_from(text)
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))
}

impl From<MessageError> for Refused {
	fn from(error: MessageError) -> Self {
		match error {
			MessageError::Tensor(error) => error.into(),
			error => Self::new(ProblemKind::BodyMalformed, error.to_string()),
		}
	}
}

/// How long a caller waits, in gRPC's own words: `grpc-timeout`.
const TIMEOUT: &str = "grpc-timeout";
/// The most digits that it has.
const DIGITS: usize = 8;

/// What that header says: digits, and a unit.
fn timeout(text: &str) -> Result<Duration, Refused> {
	let number = |digits: &str| match digits.len() {
		1..=DIGITS if digits.bytes().all(|it| it.is_ascii_digit()) => digits.parse::<u64>().ok(),
		_ => None,
	};
	let last = text.len().checked_sub(1);
	let read = last.and_then(|last| text.split_at_checked(last)).and_then(|(digits, unit)| {
		let number = number(digits)?;
		// Eight digits of hours are no overflow.
		Some(match unit {
			"H" => Duration::from_secs(number * 3_600),
			"M" => Duration::from_secs(number * 60),
			"S" => Duration::from_secs(number),
			"m" => Duration::from_millis(number),
			"u" => Duration::from_micros(number),
			"n" => Duration::from_nanos(number),
			_ => return None,
		})
	});
	read.ok_or_else(|| {
		Refused::new(
			ProblemKind::HeaderMalformed,
			format!(
				"{TIMEOUT} must be at most {DIGITS} digits and a unit (H, M, S, m, u, n); '{text}' is not"
			),
		)
	})
}

/// A request as the protocol's message.
struct Message;

impl Encoded for Message {
	type Message = ModelInferRequest;
	type Form = ();

	/// By gRPC's own header or by ours; by both, what is over first.
	fn timeout<'a>(
		get: impl Fn(&'static str) -> Option<&'a str>,
	) -> Result<Option<Duration>, Refused> {
		let said = get(TIMEOUT).map(timeout).transpose()?;
		let ours = get(header::TIMEOUT_MS).map(milliseconds).transpose()?;
		Ok(said.into_iter().chain(ours).min())
	}

	fn parse(self, body: &[u8]) -> Result<ModelInferRequest, Refused> {
		Ok(grpc::decode(body)?)
	}

	fn model(message: &ModelInferRequest) -> Option<(&str, Option<&str>)> {
		Some((&message.model_name, grpc::version(&message.model_version)))
	}

	fn request(
		message: ModelInferRequest,
		_served: &Served,
	) -> Result<(InferRequest, ()), Refused> {
		Ok((grpc::request(message)?, ()))
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{http::held::WHILE_PARSED, testing::memory};
	use prost::Message as _;
	use usufruct_client::grpc::proto::{
		model_infer_request::InferInputTensor, InferTensorContents,
	};

	#[test]
	fn a_timeout_is_what_the_protocol_says_and_nothing_else() {
		for (text, expected) in [
			("0n", Duration::ZERO),
			("1n", Duration::from_nanos(1)),
			("20u", Duration::from_micros(20)),
			("00000100m", Duration::from_millis(100)),
			("7S", Duration::from_secs(7)),
			("2M", Duration::from_secs(120)),
			("99999999H", Duration::from_secs(99_999_999 * 3_600)),
		] {
			assert_eq!(timeout(text).unwrap(), expected, "{text}");
		}
		for wrong in [
			"",
			"S",
			"1",
			"1s",
			"1h",
			"-1S",
			"+1S",
			"1.5S",
			" 1S",
			"1 S",
			"1S ",
			"100000000S",
			"1SS",
			"1mS",
			"0x1S",
			"1é",
			"é",
			"١S",
		] {
			let refused = timeout(wrong).unwrap_err();
			assert_eq!(refused.problem.kind, ProblemKind::HeaderMalformed, "{wrong}");
		}
		let of = |grpc, ours| {
			<Message as Encoded>::timeout(move |name| match name {
				TIMEOUT => grpc,
				header::TIMEOUT_MS => ours,
				_ => None,
			})
		};
		let milliseconds = |it| Ok(Some(Duration::from_millis(it)));
		let told = |it: Result<_, Refused>| it.map_err(|refused| refused.problem.kind);
		assert_eq!(told(of(None, None)), Ok(None));
		assert_eq!(told(of(Some("1S"), None)), milliseconds(1_000));
		assert_eq!(told(of(None, Some("7"))), milliseconds(7));
		assert_eq!(told(of(Some("1S"), Some("7"))), milliseconds(7));
		assert_eq!(told(of(Some("1m"), Some("7"))), milliseconds(1));
		for (grpc, ours) in [("1", "7"), ("1S", "x")] {
			assert_eq!(told(of(Some(grpc), Some(ours))), Err(ProblemKind::HeaderMalformed));
		}
	}

	#[test]
	fn a_message_takes_some_times_its_length_whatever_it_holds() {
		// One more than a list has room for, so that it has room for twice as many.
		const COUNT: usize = (1 << 17) + 1;
		let of = |input| ModelInferRequest { inputs: vec![input], ..Default::default() };
		let typed = |datatype: &str, contents| {
			of(InferInputTensor {
				datatype: datatype.into(),
				shape: vec![COUNT as i64],
				contents: Some(contents),
				..Default::default()
			})
		};
		let empty = InferTensorContents::default;
		for (at, message) in [
			typed("INT64", InferTensorContents { int64_contents: vec![1; COUNT], ..empty() }),
			typed("BYTES", InferTensorContents { bytes_contents: vec![vec![]; COUNT], ..empty() }),
			typed("BOOL", InferTensorContents { bool_contents: vec![true; COUNT], ..empty() }),
			typed("INT8", InferTensorContents { int_contents: vec![1; COUNT], ..empty() }),
			of(InferInputTensor {
				datatype: "BOOL".into(),
				shape: vec![1; COUNT],
				..Default::default()
			}),
		]
		.into_iter()
		.enumerate()
		{
			let bytes = message.encode_to_vec();
			let mut read = false;
			let most = memory::most(|| {
				read = grpc::decode(&bytes).and_then(grpc::request).is_ok();
			});
			// No tensor has so many dimensions.
			assert_eq!(read, at < 4, "{at}");
			assert!(most < WHILE_PARSED * bytes.len(), "{at}: {most} for {}", bytes.len());
		}
		// What takes a hundred times as much is not read.
		for part in [[5 << 3 | 2, 0], [6 << 3 | 2, 0], [7 << 3 | 2, 0], [4 << 3 | 2, 0]] {
			let bytes = part.repeat(COUNT);
			let most = memory::most(|| assert_eq!(grpc::decode(&bytes), Err(MessageError::Parts)));
			assert!(most < 1 << 10, "{most}");
		}
	}
}
