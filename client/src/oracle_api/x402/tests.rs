//! What travels comes back, what is no payment is refused, and the example in the documentation is what
//! these functions write.

use super::*;
use crate::oracle_api::ProblemKind;
use ed25519_dalek::SigningKey;
use serde_json::{json, Value};
use usufruct_primitives::{
	commitment::Request,
	usage::{Receipt, Voucher},
	Meter,
};

const GENESIS: Hash = [1; 32];
const ORACLE: [u8; 32] = [2; 32];

fn terms() -> Terms {
	Terms {
		genesis: hex::encode(GENESIS),
		oracle: hex::encode(ORACLE),
		receipt_key: hex::encode(receipt_key().verifying_key().to_bytes()),
		model: 3,
		model_version: 4,
		meter: Meter::Request,
		unit_price: 1_000_000,
		channel: None,
		missing: "no voucher came with the request".into(),
	}
}

fn receipt_key() -> SigningKey {
	SigningKey::from_bytes(&[5; 32])
}

fn required() -> PaymentRequired {
	let problem = Problem::new(ProblemKind::VoucherMissing, "no voucher came with the request")
		.with_terms(terms());
	PaymentRequired::new(&problem, "http://oracle.example/v2/models/magika/infer".into()).unwrap()
}

fn request() -> Request {
	Request {
		channel_id: [6; 32],
		request_id: [7; 16],
		model_version: 4,
		input_commit: [8; 32],
		meter: Meter::Request,
		max_units: 1,
		unit_price: 1_000_000,
	}
}

fn paid() -> RequestHeaders {
	let voucher = Voucher {
		channel_id: [6; 32],
		cap: 1_000_000,
		request_commit: request().commit(&GENESIS),
		ack_seq: 0,
		ack_total: 0,
		serve_until: 1_200,
	};
	let signed = SignedVoucher::sign(voucher, &SigningKey::from_bytes(&[9; 32]), &GENESIS);
	RequestHeaders::new(signed, &request(), [10; 32])
}

fn receipt(status: Status) -> SignedReceipt {
	let (units, amount) = if status == Status::Failed { (0, 0) } else { (1, 1_000_000) };
	let receipt = Receipt {
		channel_id: [6; 32],
		seq: 1,
		model: 3,
		model_version: 4,
		meter: Meter::Request,
		status,
		units,
		unit_price: 1_000_000,
		amount,
		total: amount,
		request_commit: request().commit(&GENESIS),
		output_commit: [11; 32],
		started_ms: 1_700_000_000_000,
		took_ms: 3,
	};
	SignedReceipt::sign(receipt, &receipt_key(), &GENESIS)
}

fn payload() -> PaymentPayload {
	PaymentPayload { accepted: required().accepts[0].clone(), paid: paid() }
}

#[test]
fn terms_payments_and_receipts_travel() {
	let required = required();
	assert_eq!(PaymentRequired::from_header(&required.to_header()), Ok(required.clone()));
	assert_eq!(required.accepts[0].network, format!("polkadot:{}", "01".repeat(16)));
	assert_eq!(payment(&payload().to_header(), &GENESIS, &ORACLE), Ok(paid()));

	let served = receipt(Status::Served);
	let response = PaymentResponse::new(&GENESIS, Some(&served), None);
	assert_eq!((response.success, response.amount), (true, 1_000_000));
	let read = PaymentResponse::from_header(&response.to_header()).unwrap();
	assert_eq!(read.receipt(), Ok(Some(served)));

	let failed = receipt(Status::Failed);
	let problem = Problem::new(ProblemKind::EngineFailed, "so there");
	let response = PaymentResponse::new(&GENESIS, Some(&failed), Some(&problem));
	assert_eq!((response.success, response.amount), (false, 0));
	assert_eq!(response.error_reason.as_deref(), Some("engine-failed"));
	let refused = PaymentResponse::new(&GENESIS, None, Some(&problem));
	assert!(!refused.success && refused.extra.is_none());
}

#[test]
fn a_refusal_without_terms_requires_no_payment() {
	let problem = Problem::new(ProblemKind::Busy, "64 wait");
	assert_eq!(PaymentRequired::new(&problem, "http://oracle.example".into()), None);
}

#[test]
fn what_is_no_payment_to_this_oracle_is_refused_and_says_why() {
	let value: Value = {
		let bytes = STANDARD.decode(payload().to_header()).unwrap();
		serde_json::from_slice(&bytes).unwrap()
	};
	let refused = |change: &dyn Fn(&mut Value)| {
		let mut value = value.clone();
		change(&mut value);
		payment(&write(&value), &GENESIS, &ORACLE).unwrap_err().to_string()
	};
	let changes: [(&str, &dyn Fn(&mut Value)); 9] = [
		("x402Version", &|it| it["x402Version"] = json!(1)),
		("scheme", &|it| it["accepted"]["scheme"] = json!("exact")),
		("network", &|it| it["accepted"]["network"] = json!("eip155:8453")),
		("payTo", &|it| it["accepted"]["payTo"] = json!("5F")),
		("voucher", &|it| it["payload"]["voucher"] = json!("AAAA")),
		("payment-signature", &|it| it["payload"]["salt"] = json!("00")),
		("payment-signature", &|it| it["payload"]["requestId"] = json!("no hex")),
		("maxUnits", &|it| it["payload"]["maxUnits"] = json!("18446744073709551616")),
		("unitPrice", &|it| it["payload"]["unitPrice"] = json!("-1")),
	];
	for (name, change) in changes {
		let said = refused(change);
		assert!(said.contains(name), "{name}: {said}");
	}
	for wrong in ["", "%", "e30=", "bm8gSlNPTg=="] {
		assert!(payment(wrong, &GENESIS, &ORACLE).is_err(), "{wrong}");
	}
	assert!(payment(&payload().to_header(), &[12; 32], &ORACLE).is_err(), "of another chain");
	assert!(payment(&payload().to_header(), &GENESIS, &[12; 32]).is_err(), "to another oracle");
}

/// The blocks of that language in the documentation, in order.
fn blocks(language: &str) -> Vec<&'static str> {
	let text = include_str!("../../../../docs/x402.md");
	let begin = format!("```{language}\n");
	text.split(&begin).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

#[test]
fn the_example_in_the_documentation_is_what_is_written() {
	let response = PaymentResponse::new(&GENESIS, Some(&receipt(Status::Served)), None);
	let written = [
		("PAYMENT-REQUIRED", required().to_header()),
		("PAYMENT-SIGNATURE", payload().to_header()),
		("PAYMENT-RESPONSE", response.to_header()),
	];
	let (http, shown) = (blocks("http"), blocks("json"));
	assert_eq!((http.len(), shown.len()), (3, 3));
	for (((name, value), http), shown) in written.into_iter().zip(http).zip(shown) {
		let shown: Value = serde_json::from_str(shown).unwrap();
		assert_eq!(shown, json_of(&value), "{name}");
		let line = format!("{name}: {value}");
		assert!(http.lines().any(|it| it == line), "the documentation must have\n{line}");
	}
}

/// The JSON in a header.
fn json_of(header: &str) -> Value {
	serde_json::from_slice(&STANDARD.decode(header).unwrap()).unwrap()
}
