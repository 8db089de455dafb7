//! Agents that pay by x402.

use super::*;
use base64::{engine::general_purpose::STANDARD, Engine as _};
use std::{path::Path, process::Command};
use usufruct_client::oracle_api::x402::{self, PaymentPayload, PaymentRequired, PaymentResponse};

/// Posts as an agent does that knows x402 and nothing of us: the status, and its headers.
async fn post(server: &Server, paid: &Paid, payment: Option<String>) -> (u16, [Option<String>; 2]) {
	let client = reqwest::Client::new();
	let mut request = client
		.post(format!("{}/v2/models/{}/infer", server.address, paid.name))
		.body(serde_json::to_vec(&paid.body).unwrap());
	if let Some(payment) = payment {
		request = request.header("PAYMENT-SIGNATURE", payment);
	}
	let response = request.send().await.unwrap();
	let header = |name| response.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
	let headers = ["PAYMENT-REQUIRED", "PAYMENT-RESPONSE"].map(header);
	(response.status().as_u16(), headers)
}

#[tokio::test]
async fn an_agent_pays_by_x402() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let (status, [required, response]) = post(&server, &request, None).await;
	assert_eq!((status, response), (402, None));
	let required = PaymentRequired::from_header(&required.unwrap()).unwrap();
	assert_eq!(required.resource.url, format!("{}/v2/models/magika/infer", server.address));
	let [accepted] = &required.accepts[..] else { panic!("{required:?}") };
	assert_eq!((accepted.amount, accepted.extra.model_version), (PRICE, VERSION));

	let payload = PaymentPayload { accepted: accepted.clone(), paid: request.headers.clone() };
	let (status, [required, response]) = post(&server, &request, Some(payload.to_header())).await;
	assert_eq!((status, required), (200, None));
	let response = PaymentResponse::from_header(&response.unwrap()).unwrap();
	assert_eq!((response.success, response.amount), (true, PRICE));
	let receipt = response.receipt().unwrap().unwrap();
	assert!(receipt.verify(&receipt_key().verifying_key().to_bytes(), &GENESIS));
	assert_eq!(receipt.receipt.request_commit, request.request.commit(&GENESIS));
	// The same request by our own headers gets the same receipt: it is one payment.
	assert_eq!(server.send(&request).await.receipt, Some(receipt));
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_pays_with_the_package_that_everybody_has() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let (_, [required, _]) = post(&server, &request, None).await;
	let accepted = PaymentRequired::from_header(&required.unwrap()).unwrap().accepts.remove(0);
	let ours = PaymentPayload { accepted, paid: request.headers.clone() }.to_header();
	let ours: serde_json::Value = serde_json::from_slice(&STANDARD.decode(ours).unwrap()).unwrap();

	let url = format!("{}/v2/models/magika/infer", server.address);
	let body = serde_json::to_string(&request.body).unwrap();
	let cache = std::env::var_os("USUFRUCT_CACHE")
		.expect("USUFRUCT_CACHE must name where scripts/setup puts packages; scripts/env does");
	let mut agent = Command::new("python3");
	agent
		.arg("../tests/python/agent.py")
		.args([&url, &body, &ours["payload"].to_string()])
		.env("PYTHONPATH", Path::new(&cache).join("python"))
		.env("no_proxy", "*");
	let ran = tokio::task::spawn_blocking(move || agent.output()).await.unwrap().unwrap();
	assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));

	// What it read is what we wrote, and what it wrote is a payment.
	let told: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
	assert_eq!((&told["refused"], &told["answered"]), (&402.into(), &200.into()), "{told}");
	assert_eq!(told["required"]["x402Version"], x402::VERSION);
	assert_eq!(told["required"]["resource"]["url"], url);
	assert_eq!(told["required"]["accepts"], serde_json::json!([ours["accepted"]]));
	let settled = &told["settled"];
	assert_eq!((&settled["success"], &settled["transaction"]), (&true.into(), &"".into()));
	assert_eq!(settled["network"], x402::network(&GENESIS));
	assert_eq!(settled["amount"], PRICE.to_string());
	let receipt = settled["extra"]["receipt"].as_str().unwrap();
	let receipt = SignedReceipt::from_header(receipt).unwrap();
	assert!(receipt.verify(&receipt_key().verifying_key().to_bytes(), &GENESIS));
	assert_eq!(receipt.receipt.request_commit, request.request.commit(&GENESIS));
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test]
async fn a_payment_by_x402_that_does_not_do_is_told_why_in_x402() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let (_, [required, _]) = post(&server, &request, None).await;
	let accepted = PaymentRequired::from_header(&required.unwrap()).unwrap().accepts.remove(0);
	let low = request.clone().signed(&consumer, |voucher| voucher.cap = 0);
	let payload = PaymentPayload { accepted: accepted.clone(), paid: low.headers };
	let (status, [required, response]) = post(&server, &request, Some(payload.to_header())).await;
	assert_eq!(status, 402);
	let required = PaymentRequired::from_header(&required.unwrap()).unwrap();
	assert!(required.accepts[0].extra.channel.is_some(), "{required:?}");
	let response = PaymentResponse::from_header(&response.unwrap()).unwrap();
	assert_eq!((response.success, response.extra), (false, None));
	assert_eq!(response.error_reason.as_deref(), Some("cap-too-low"));

	let mut other = accepted;
	other.network = x402::network(&[8; 32]);
	let payload = PaymentPayload { accepted: other, paid: request.headers.clone() };
	let (status, _) = post(&server, &request, Some(payload.to_header())).await;
	assert_eq!(status, 400, "for another chain");
	assert_eq!(server.total(&consumer), 0);
}
