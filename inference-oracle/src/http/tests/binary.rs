//! Tensors after the JSON, over a socket.

use super::*;
use usufruct_client::tensors::{canonical, InferResponse, HEADER_LENGTH};

/// What came back: status, the header with the length of the JSON, the receipt, the body.
struct Raw {
	status: u16,
	json: Option<usize>,
	receipt: Option<SignedReceipt>,
	body: Vec<u8>,
}

impl Raw {
	fn problem(&self) -> Problem {
		assert_eq!(self.receipt, None, "a refusal has no receipt");
		serde_json::from_slice(&self.body).unwrap()
	}
}

impl Server {
	async fn raw(&self, paid: &Paid, body: Vec<u8>, headers: &[(&str, String)]) -> Raw {
		let url = format!("{}/v2/models/{}/infer", self.address, paid.name);
		let mut request = reqwest::Client::new().post(url).body(body);
		let payment = paid.headers.to_pairs();
		for (name, value) in payment
			.iter()
			.map(|(name, value)| (*name, value))
			.chain(headers.iter().map(|(name, value)| (*name, value)))
		{
			request = request.header(name, value);
		}
		let response = request.send().await.unwrap();
		let header = |name| response.headers().get(name).map(|it| it.to_str().unwrap().to_owned());
		let receipt = header("usufruct-receipt").map(|it| SignedReceipt::from_header(&it).unwrap());
		let json = header(HEADER_LENGTH).map(|it| it.parse().unwrap());
		let status = response.status().as_u16();
		Raw { status, json, receipt, body: response.bytes().await.unwrap().to_vec() }
	}
}

fn length(of: impl ToString) -> Vec<(&'static str, String)> {
	vec![(HEADER_LENGTH, of.to_string())]
}

#[tokio::test]
async fn however_it_travels_a_request_is_the_same_and_is_paid_once() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[0, 1, 1]);
	let (body, json) = request.body.to_binary().unwrap();
	let raw = server.raw(&request, body, &length(json)).await;
	assert_eq!(raw.status, 200);
	let response = InferResponse::from_body(&raw.body, raw.json).unwrap();
	assert_eq!(raw.body.len() - raw.json.unwrap(), 3 * 4, "the output follows the JSON");
	assert_eq!(response.id.as_deref(), Some("my id"));
	let binary =
		checked(&request, Reply { body: Ok(response), receipt: raw.receipt, retry_after: None });
	assert_eq!(binary.1.receipt.units, 3, "elements, not bytes");
	// The same voucher with the same tensors as JSON: the answer that is stored.
	let json = checked(&request, server.send(&request).await);
	assert_eq!(json, binary);
	assert_eq!(canonical(&json.0), canonical(&binary.0));
	assert_eq!(server.total(&consumer), 3 * PRICE);
}

#[tokio::test]
async fn an_output_may_be_asked_for_in_either_form() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[1]);
	for (parameters, binary) in
		[("{\"binary_data\":true}", true), ("{\"binary_data\":false}", false)]
	{
		let body = format!(
			r#"{{"inputs":[{{"name":"x","shape":[1],"datatype":"INT64","data":[1]}}],
			"outputs":[{{"name":"y","parameters":{parameters}}}]}}"#
		);
		let raw = server.raw(&request, body.into(), &[]).await;
		assert_eq!((raw.status, raw.json.is_some()), (200, binary));
		let response = InferResponse::from_body(&raw.body, raw.json).unwrap();
		assert_eq!(response.outputs[0].to_elements::<i32>().unwrap(), [20]);
	}
	assert_eq!(server.total(&consumer), PRICE);
}

#[tokio::test]
async fn bodies_that_lie_are_refused_and_cost_nothing() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[0, 1, 1]);
	let (body, json) = request.body.to_binary().unwrap();
	let said = |shape: &str, datatype: &str, size: &str| {
		format!(
			r#"{{"inputs":[{{"name":"x","shape":{shape},"datatype":"{datatype}",
			"parameters":{{"binary_data_size":{size}}}}}]}}"#
		)
	};
	for (body, length, kind) in [
		(body.clone(), (json + 1).to_string(), BodyMalformed),
		(body.clone(), (json - 1).to_string(), BodyMalformed),
		(body.clone(), "0".into(), BodyMalformed),
		(body.clone(), "-1".into(), BodyMalformed),
		(body.clone(), "18446744073709551615".into(), BodyMalformed),
		(body.clone(), "18446744073709551616".into(), BodyMalformed),
		(body.clone(), body.len().to_string(), BodyMalformed),
		(body[..body.len() - 1].to_vec(), json.to_string(), BodyMalformed),
		([&body[..], &[0]].concat(), json.to_string(), BodyMalformed),
		(said("[9223372036854775808]", "INT64", "0").into(), String::new(), BodyMalformed),
		(said("[9223372036854775807,3]", "INT64", "0").into(), "0".into(), BodyMalformed),
	] {
		let raw = server.raw(&request, body, &[(HEADER_LENGTH, length.clone())]).await;
		let problem = raw.problem();
		assert_eq!((problem.kind, problem.status), (kind, 400), "{length}: {problem}");
	}
	// They say what they hold; it is no input.
	for (shape, datatype, size) in [
		("[9223372036854775808]", "INT64", 0),
		("[9223372036854775808,2]", "INT64", 0),
		("[3]", "INT64", 8),
		("[1]", "FP16", 2),
		("[1]", "BYTES", 3),
		("[1]", "BOOL", 1),
		("[0]", "INT64", 0),
	] {
		let json = said(shape, datatype, &size.to_string());
		let body = [json.as_bytes(), &vec![7; size]].concat();
		let problem = server.raw(&request, body, &length(json.len())).await.problem();
		assert_eq!((problem.kind, problem.status), (TensorInvalid, 422), "{shape}: {problem}");
	}
	let gzip = [("content-encoding", "gzip".to_owned())];
	let problem = server.raw(&request, body.clone(), &gzip).await.problem();
	assert_eq!(problem.kind, BodyMalformed);
	let problem = server.raw(&request, vec![b' '; (64 << 10) + 1], &length(1)).await.problem();
	assert_eq!((problem.kind, problem.status), (BodyTooLarge, 413));
	assert_eq!(server.total(&consumer), 0);
	assert_eq!(server.raw(&request, body, &length(json)).await.status, 200);
}

#[tokio::test]
async fn a_thousand_tensors_of_one_name_are_refused() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[0]);
	let inputs: Vec<_> = (0..1_000)
		.map(|_| "{\"name\":\"x\",\"shape\":[1],\"datatype\":\"INT64\",\"data\":[0]}")
		.collect();
	let body = format!("{{\"inputs\":[{}]}}", inputs.join(","));
	let problem = server.raw(&request, body.into(), &[]).await.problem();
	assert_eq!(problem.kind, ProblemKind::TensorInvalid);
	assert_eq!(server.total(&consumer), 0);
}

#[tokio::test]
async fn ten_thousand_tensors_are_refused_and_cost_nothing() {
	const COUNT: usize = 10_000;
	let limits = Limits { body: 2 << 20, ..LIMITS };
	let server = Server::build(0, limits, vec![]).await;
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[0]);
	let names: [fn(usize) -> String; 2] = [|_| "x".into(), |at| format!("x{at}")];
	for name in names {
		let all = |data: &str| {
			let of =
				|at| format!(r#"{{"name":"{}","shape":[1],"datatype":"INT64",{data}}}"#, name(at));
			let inputs: Vec<_> = (0..COUNT).map(of).collect();
			format!(r#"{{"inputs":[{}]}}"#, inputs.join(","))
		};
		let json = all(r#""data":[0]"#);
		let described = all(r#""parameters":{"binary_data_size":8}"#);
		let binary = [described.as_bytes(), &vec![0; 8 * COUNT]].concat();
		for (body, headers) in [(json.into_bytes(), vec![]), (binary, length(described.len()))] {
			let problem = server.raw(&request, body, &headers).await.problem();
			let told = (problem.kind, problem.status);
			assert_eq!(told, (ProblemKind::TensorInvalid, 422), "{problem}");
			assert!(problem.detail.len() <= 1_024, "{problem}");
		}
	}
	// Not even if they are what the voucher was signed for: the model takes one, and is not asked.
	let inputs: Vec<_> = (0..COUNT)
		.map(|at| Tensor::from_elements(names[1](at), vec![1], &[0i64]).unwrap())
		.collect();
	let signed = paid_for(&mut consumer, "magika", VERSION, (Meter::Request, 1), inputs);
	let (body, json) = signed.body.to_binary().unwrap();
	let problem = server.raw(&signed, body, &length(json)).await.problem();
	assert_eq!((problem.kind, problem.status), (ProblemKind::TensorInvalid, 422), "{problem}");
	assert_eq!(server.total(&consumer), 0);
	super::bodies::until_nothing_is_held(&server).await;
	checked(&request, server.send(&request).await);
	server.audit(&consumer, 1, PRICE);
}

#[tokio::test]
async fn problems_say_what_clients_of_other_servers_look_for() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[0]);
	let raw = server.raw(&request, b"{".to_vec(), &[]).await;
	let body: serde_json::Value = serde_json::from_slice(&raw.body).unwrap();
	assert_eq!(body["error"], body["detail"]);
}
