//! What is told about the server and its models.

use super::{grpc::problem, *};
use usufruct_client::grpc::proto::{ModelInferRequest, ModelReadyRequest};

#[tokio::test]
async fn the_protocol_tells_about_server_and_models() {
	let server = Server::start().await;
	let (status, body) = server.get("/v2").await;
	assert_eq!((status, &body["name"]), (200, &"usufruct-oracle".into()));
	assert_eq!(body["usufruct"]["oracle"], hex::encode(ORACLE));
	assert_eq!(server.get("/v2/health/live").await.0, 200);
	assert_eq!(server.get("/v2/health/ready").await.0, 200);
	for path in ["/v2/models/magika", "/v2/models/magika/versions/30"] {
		let (status, body) = server.get(path).await;
		assert_eq!((status, &body["platform"]), (200, &"onnx_onnxv1".into()));
		assert_eq!(body["versions"], serde_json::json!(["30"]));
		assert_eq!(
			body["inputs"],
			serde_json::json!([{ "name": "bytes", "datatype": "INT32", "shape": [-1, 2048] }])
		);
		assert_eq!(body["usufruct"]["unit_price"], PRICE.to_string());
		assert_eq!(server.get(&format!("{path}/ready")).await.0, 200);
	}
	assert_eq!(server.get("/v1/anything").await.0, 404);
	for path in ["/v2/models/none", "/v2/models/magika/versions/9", "/v2/models/magika/versions/x"]
	{
		assert_eq!(server.get(path).await.0, 404);
		assert_eq!(server.get(&format!("{path}/ready")).await.0, 404);
	}

	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	server.send(&request).await;
	server.send(&request).await;
	let response = reqwest::get(format!("{}/metrics", server.address)).await.unwrap();
	let text = response.text().await.unwrap();
	for line in [
		"usufruct_oracle_requests_total{model=\"magika\",outcome=\"served\"} 1",
		"usufruct_oracle_requests_total{model=\"magika\",outcome=\"replayed\"} 1",
		"usufruct_oracle_receipts_total 1",
		"usufruct_oracle_unsettled_planck 1000.0",
		"usufruct_oracle_run_seconds_count{model=\"magika\",device=\"CPU\"} 1",
		"usufruct_oracle_queue_seconds_count{model=\"magika\",device=\"CPU\"} 1",
		"usufruct_oracle_batch_requests_count{model=\"magika\",device=\"CPU\"} 1",
		"usufruct_oracle_queue_depth{model=\"gather\"} 0",
	] {
		assert!(text.contains(line), "{line} is not in\n{text}");
	}
	let value = |name: &str| {
		let of = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse::<f64>().ok();
		text.lines().find_map(of).unwrap_or_else(|| panic!("{name} is not in\n{text}"))
	};
	let bond = crate::testing::standing().bond;
	for (name, expected) in [
		// What is asked again is not paid for again.
		("vouchers_total", 1),
		("unsettled_receipts", 1),
		("channels", 1),
		("requests_running", 0),
		("finalised_block", u128::from(HEAD) + 1),
		("bond_free_planck", bond),
		("bond_spare_planck", bond - PRICE * 3 / 2),
		("bond_low", 0),
		("bond_paused", 0),
	] {
		assert_eq!(value(&format!("usufruct_oracle_{name}")), expected as f64, "{name}");
	}
}

#[tokio::test]
async fn the_page_says_what_is_served_and_whether_it_is() {
	let server = Server::start().await;
	let page = || async {
		let reply = reqwest::get(format!("{}/", server.address)).await.unwrap();
		assert_eq!(reply.headers()["content-type"], "text/html; charset=utf-8");
		let policy = reply.headers()["content-security-policy"].to_str().unwrap().to_string();
		assert!(policy.starts_with("default-src 'none'"), "{policy}");
		reply.text().await.unwrap()
	};
	let text = page().await;
	assert!(text.contains("<p class=good>Serving</p>"), "{text}");
	for word in ["magika", "gather", "0.000000001 UFR per request", "per element", "Apache-2.0"] {
		assert!(text.contains(word), "{word}: {text}");
	}
	server.chain.state().head.versions.get_mut(&VERSION).unwrap().ask = None;
	server.chain.finalise();
	assert!(page().await.contains("no price"));
	server.app.drain();
	assert!(page().await.contains("<p class=bad>Not serving"));
	let hostile = super::status::escape("<a href=\"x\">&");
	assert_eq!(hostile, "&lt;a href=&quot;x&quot;&gt;&amp;");
}

#[tokio::test]
async fn how_a_model_is_run_is_published_and_named_with_each_answer() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let url = format!("{}/v2/models/magika", server.address);
	let metadata: serde_json::Value = reqwest::get(url).await.unwrap().json().await.unwrap();
	let published = &metadata["usufruct"];
	let profile: Profile = serde_json::from_value(published["profile"].clone()).unwrap();
	assert_eq!(published["profile_hash"], hex::encode(profile.hash()));
	let named = profile_of_answer(&server, &classify(&mut consumer)).await;
	assert_eq!(named, hex::encode(profile.hash()));
}

/// The hash of the profile that comes with the answer.
async fn profile_of_answer(server: &Server, paid: &Paid) -> String {
	let mut request = reqwest::Client::new()
		.post(format!("{}/v2/models/{}/infer", server.address, paid.name))
		.body(serde_json::to_vec(&paid.body).unwrap());
	for (name, value) in paid.headers.to_pairs() {
		request = request.header(name, value);
	}
	let reply = request.send().await.unwrap();
	assert_eq!(reply.status(), 200);
	reply.headers()["usufruct-profile"].to_str().unwrap().into()
}

#[tokio::test]
async fn the_profile_of_an_answer_is_told_when_its_model_is_gone() {
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let served = server.app.catalogue.find("magika", VERSION).unwrap();
	let told = |hash: String| {
		let server = &server;
		async move { server.get(&format!("/v2/profiles/{hash}")).await }
	};
	let unused = hex::encode(served.home.loaded().unwrap().known().hash);
	let (status, problem) = told(unused).await;
	assert_eq!((status, &problem["type"]), (404, &ProblemKind::ProfileUnknown.name().into()));

	let named = profile_of_answer(&server, &classify(&mut consumer)).await;
	let begun = Instant::now();
	while served.home.loaded().is_some() {
		assert!(begun.elapsed() < Duration::from_secs(20), "it is not unloaded");
		served.home.serve(false);
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	let url = format!("{}/v2/profiles/{named}", server.address);
	let reply = reqwest::get(url).await.unwrap();
	assert_eq!(reply.status(), 200);
	assert_eq!(reply.headers()["content-type"], "application/json");
	let json = reply.text().await.unwrap();
	let hash = usufruct_primitives::domain::hash(&[b"usufruct/profile", json.as_bytes()].concat());
	assert_eq!(hex::encode(hash), named);
	assert!(serde_json::from_str::<Profile>(&json).is_ok(), "{json}");

	for malformed in [named[1..].to_owned(), format!("0x{named}"), "none".into()] {
		let (status, problem) = told(malformed).await;
		assert_eq!((status, &problem["type"]), (400, &ProblemKind::PathMalformed.name().into()));
		assert!(problem["detail"].as_str().unwrap().contains("64 hex digits"), "{problem}");
	}
}

#[tokio::test]
async fn without_a_version_the_newest_is_meant_that_is_offered() {
	const NEWER: VersionId = 40;
	let newer = model("gather", NEWER, Meter::Element, ort_pool(onnx::gather()));
	let server = Server::serving(vec![newer]).await;
	let mut client = server.grpc().await;
	let mut consumer = server.consumer();
	let offered = (true, Some(PRICE));
	let registered = (true, None);
	let deprecated = (false, Some(PRICE));
	for (older, newer, meant, ready) in [
		(offered, offered, NEWER, true),
		(offered, registered, GATHER, true),
		(offered, deprecated, GATHER, true),
		(deprecated, offered, NEWER, true),
		(deprecated, registered, NEWER, false),
	] {
		let case = format!("{older:?}, {newer:?}");
		{
			let versions = &mut server.chain.state().head.versions;
			for (version, (open, ask)) in [(GATHER, older), (NEWER, newer)] {
				let state = versions.get_mut(&version).unwrap();
				(state.open, state.ask) = (open, ask);
			}
		}
		server.chain.finalise();
		let (status, told) = server.get("/v2/models/gather").await;
		assert_eq!((status, &told["usufruct"]["model_version"]), (200, &meant.into()), "{case}");
		assert_eq!(told["versions"], serde_json::json!(["31", "40"]));
		let status = server.get("/v2/models/gather/ready").await.0;
		assert_eq!(status, if ready { 200 } else { 503 }, "{case}");
		let asked = ModelReadyRequest { name: "gather".into(), version: String::new() };
		assert_eq!(client.model_ready(asked).await.unwrap().into_inner().ready, ready, "{case}");

		// Whoever does not pay yet is told what can be paid for, in our terms and in those of x402.
		let reply = server.http.infer("gather", b"{}".to_vec(), None).await.unwrap();
		let by_rest = reply.body.unwrap_err().terms.map(|it| it.model_version);
		let unpaid = ModelInferRequest { model_name: "gather".into(), ..Default::default() };
		let status = client.model_infer(unpaid).await.unwrap_err();
		let by_grpc = problem(&status).terms.map(|it| it.model_version);
		let expected = ready.then_some(meant);
		assert_eq!((by_rest, by_grpc), (expected, expected), "{case}");
		let url = format!("{}/v2/models/gather/infer", server.address);
		let response = reqwest::Client::new().post(url).send().await.unwrap();
		assert_eq!(response.status().as_u16(), 402);
		assert_eq!(response.headers().contains_key("payment-required"), ready, "{case}");

		// Whatever is meant without, a request is answered by the version that it is signed for.
		let request = gather(&mut consumer, &[1]);
		let reply = server.send(&request).await;
		match older {
			(true, _) => _ = checked(&request, reply),
			(false, _) => {
				assert_eq!(reply.body.unwrap_err().kind, ProblemKind::ModelDeprecated);
			},
		}
	}
}
