//! Plain programs at the gateway's door: what they send, what they get, and who is turned away.

use super::*;
use crate::gateway::http::{
	packed::{deflate, gzip},
	router, Access,
};
use serde_json::{json, Value};

pub(super) struct Server {
	pub address: String,
	pub http: reqwest::Client,
	_world: World,
}

pub(super) const TOKEN: &str = "a token that is long";

pub(super) async fn serve(world: World, token: Option<&str>) -> Server {
	serve_bodies(world, token, 4_096).await
}

/// Whose bodies may have so many bytes.
pub(super) async fn serve_bodies(world: World, token: Option<&str>, most: usize) -> Server {
	let gateway = world.gateway().await;
	let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
	let at = listener.local_addr().unwrap();
	let access = Access::new(at, false, token, vec![]).unwrap();
	let routes = router(gateway, access, most);
	tokio::spawn(async move { axum::serve(listener, routes).await });
	Server { address: format!("http://{at}"), http: reqwest::Client::new(), _world: world }
}

async fn said(response: reqwest::Response) -> (u16, Value) {
	let status = response.status().as_u16();
	(status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

impl Server {
	pub async fn get(&self, path: &str) -> (u16, Value) {
		said(self.http.get(format!("{}{path}", self.address)).send().await.unwrap()).await
	}

	pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
		let sent = self.http.post(format!("{}{path}", self.address)).body(body).send();
		said(sent.await.unwrap()).await
	}
}

pub(super) fn question() -> Value {
	json!({ "id": "mine", "inputs": [
		{ "name": "x", "datatype": "INT32", "shape": [2], "data": [20, 22] }
	] })
}

/// What an oracle says of its model.
pub(super) fn description() -> Value {
	json!({
		"name": "its own",
		"versions": ["1", "6"],
		"platform": "onnxruntime_onnx",
		"inputs": [{ "name": "x", "datatype": "INT32", "shape": [-1] }],
		"outputs": [
			{ "name": "sum", "datatype": "INT32", "shape": [1] },
			{ "name": "words", "datatype": "BYTES", "shape": [-1, 2] },
		],
		"usufruct": { "meter": "element" },
	})
}

#[tokio::test]
async fn a_plain_request_is_answered_without_anything_about_payment() {
	let server = serve(World::new(&[Mood::Honest]).await, None).await;
	let url = format!("{}/v2/models/adder/infer", server.address);
	let response = server.http.post(&url).json(&question()).send().await.unwrap();
	assert!(response.headers().keys().all(|name| {
		!name.as_str().starts_with("usufruct") && !name.as_str().starts_with("payment")
	}));
	let (status, body) = said(response).await;
	assert_eq!(status, 200, "{body}");
	assert_eq!((&body["id"], &body["model_version"]), (&json!("mine"), &json!("6")));
	assert_eq!(body["outputs"][0]["data"], json!([42]));
	for path in ["/v2/models/4/infer", "/v2/models/adder/versions/6/infer"] {
		let (status, body) = server.post(path, question().to_string()).await;
		assert_eq!(status, 200, "{path}: {body}");
	}
	let (status, body) = server.get("/usufruct/status").await;
	assert_eq!((status, &body["models"][0]["receipts"]), (200, &json!(3)), "{body}");
	assert_eq!(body["receipts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn binary_tensors_go_in_and_come_out() {
	let server = serve(World::new(&[Mood::Honest]).await, None).await;
	let head = json!({
		"inputs": [{ "name": "x", "datatype": "INT32", "shape": [2],
			"parameters": { "binary_data_size": 8 } }],
		"outputs": [{ "name": "sum", "parameters": { "binary_data": true } }],
	})
	.to_string();
	let body = [head.as_bytes(), &20i32.to_le_bytes(), &22i32.to_le_bytes()].concat();
	let post = |length: usize| {
		let url = format!("{}/v2/models/adder/infer", server.address);
		let request = server.http.post(url).body(body.clone());
		request.header("Inference-Header-Content-Length", length).send()
	};
	let response = post(head.len()).await.unwrap();
	assert_eq!(response.status(), 200);
	assert_eq!(response.headers()["content-type"], "application/octet-stream");
	let length = response.headers()["inference-header-content-length"].to_str().unwrap();
	let length: usize = length.parse().unwrap();
	let bytes = response.bytes().await.unwrap();
	let told: Value = serde_json::from_slice(&bytes[..length]).unwrap();
	assert_eq!(told["outputs"][0]["parameters"]["binary_data_size"], 4);
	assert_eq!(bytes[length..], 42i32.to_le_bytes());
	for wrong in [head.len() + 1, body.len() + 1] {
		let (status, body) = said(post(wrong).await.unwrap()).await;
		assert_eq!(
			(status, &body["type"]),
			(400, &json!("urn:usufruct:gateway:question-malformed"))
		);
	}
}

#[tokio::test]
async fn compressed_bodies_are_unpacked_and_no_more_of_them_than_a_body_may_have() {
	let world = World::new(&[Mood::Honest]).await;
	let oracle = world.oracles[0].clone();
	let server = serve(world, None).await;
	let post = |path: &str, coding: &str, body: Vec<u8>| {
		let request = server.http.post(format!("{}{path}", server.address)).body(body);
		request.header("content-encoding", coding).send()
	};
	let infer = "/v2/models/adder/infer";
	let plain = question().to_string().into_bytes();
	let bomb = vec![b' '; 2 << 20];
	for (coding, body, status, kind) in [
		("gzip", gzip(&bomb), 413, "too-long"),
		("deflate", deflate(&bomb), 413, "too-long"),
		("gzip", deflate(&plain), 400, "question-malformed"),
		("deflate", plain.clone(), 400, "question-malformed"),
		("br", plain.clone(), 415, "coding-unknown"),
		("gzip, gzip", gzip(&gzip(&plain)), 415, "coding-unknown"),
	] {
		let (said, body) = said(post(infer, coding, body).await.unwrap()).await;
		assert_eq!(said, status, "{coding}: {body}");
		assert_eq!(body["type"], format!("urn:usufruct:gateway:{kind}"), "{coding}");
	}
	let (status, body) = said(post("/v1/embeddings", "br", plain.clone()).await.unwrap()).await;
	assert_eq!(
		(status, &body["error"]["code"]),
		(415, &json!("urn:usufruct:gateway:coding-unknown"))
	);
	assert_eq!(oracle.lock().unwrap().asked, 0);

	for (coding, body) in
		[("identity", plain.clone()), ("gzip", gzip(&plain)), ("deflate", deflate(&plain))]
	{
		let (status, body) = said(post(infer, coding, body).await.unwrap()).await;
		assert_eq!((status, &body["outputs"][0]["data"]), (200, &json!([42])), "{coding}: {body}");
	}
	// The length of its JSON is that of what was compressed.
	let head = json!({ "inputs": [{ "name": "x", "datatype": "INT32", "shape": [2],
		"parameters": { "binary_data_size": 8 } }] })
	.to_string();
	let binary = [head.as_bytes(), &20i32.to_le_bytes(), &22i32.to_le_bytes()].concat();
	let request = server.http.post(format!("{}{infer}", server.address)).body(gzip(&binary));
	let request = request.header("content-encoding", "gzip");
	let sent = request.header("inference-header-content-length", head.len()).send().await;
	let (status, body) = said(sent.unwrap()).await;
	assert_eq!((status, &body["outputs"][0]["data"]), (200, &json!([42])), "{body}");
}

#[tokio::test]
async fn a_model_is_described_and_configured_as_an_oracle_says() {
	let world = World::new(&[Mood::Honest, Mood::Honest]).await;
	let oracles = world.oracles.clone();
	let server = serve(world, None).await;
	let (adder, config) = ("/v2/models/adder", "/v2/models/adder/config");
	for path in [adder, config] {
		let (status, body) = server.get(path).await;
		assert_eq!((status, &body["type"]), (503, &json!("urn:usufruct:gateway:exhausted")));
	}
	// Who says it unreadably is passed over.
	oracles[0].lock().unwrap().description = Some("{}".into());
	oracles[1].lock().unwrap().description = Some(description().to_string());
	for path in [adder, "/v2/models/adder/versions/6"] {
		let (status, body) = server.get(path).await;
		let said = description();
		let expected = json!({
			"name": "adder",
			"versions": ["6"],
			"platform": said["platform"],
			"inputs": said["inputs"],
			"outputs": said["outputs"],
		});
		assert_eq!((status, body), (200, expected), "{path}");
	}
	for path in [config, "/v2/models/adder/versions/6/config"] {
		let (status, body) = server.get(path).await;
		let expected = json!({
			"name": "adder",
			"platform": "onnxruntime_onnx",
			"max_batch_size": 0,
			"input": [{ "name": "x", "data_type": "TYPE_INT32", "dims": [-1] }],
			"output": [
				{ "name": "sum", "data_type": "TYPE_INT32", "dims": [1] },
				{ "name": "words", "data_type": "TYPE_STRING", "dims": [-1, 2] },
			],
		});
		assert_eq!((status, body), (200, expected), "{path}");
	}
	for (path, status) in [
		("/v2/models/other/config", 404),
		("/v2/models/adder/versions/5/config", 404),
		("/v2/models/adder/versions/x/config", 400),
		("/v2/logging", 501),
	] {
		let (said, body) = server.get(path).await;
		assert_eq!(said, status, "{path}: {body}");
		assert!(body["error"].is_string(), "{path}: {body}");
	}
	let (status, body) = server.post("/v2/repository/index", "").await;
	assert_eq!((status, &body["type"]), (501, &json!("urn:usufruct:gateway:unsupported")));
}

#[tokio::test]
async fn an_oracle_that_has_not_loaded_a_model_describes_it_only_if_no_other_does() {
	let world = World::new(&[Mood::Honest, Mood::Honest, Mood::Honest]).await;
	let oracles = world.oracles.clone();
	let empty = json!({ "platform": "onnxruntime_onnx", "inputs": [], "outputs": [] });
	let say = |nth: usize, description: Option<&Value>| {
		oracles[nth].lock().unwrap().description = description.map(Value::to_string);
	};
	let server = serve(world, None).await;
	let adder = "/v2/models/adder";
	// The cheapest ones have not loaded it.
	say(0, Some(&empty));
	say(1, Some(&empty));
	say(2, Some(&description()));
	let (status, body) = server.get(adder).await;
	assert_eq!((status, &body["inputs"]), (200, &description()["inputs"]), "{body}");
	let (_, config) = server.get("/v2/models/adder/config").await;
	assert_eq!(config["input"][0]["name"], "x", "{config}");
	for other in [Some(&empty), None] {
		say(2, other);
		let (status, body) = server.get(adder).await;
		assert_eq!(
			(status, &body["platform"], &body["inputs"], &body["outputs"]),
			(200, &empty["platform"], &json!([]), &json!([])),
			"{body}"
		);
	}
	// It may give something and take nothing.
	let gives = json!({ "platform": "p", "inputs": [], "outputs": description()["outputs"] });
	say(2, Some(&gives));
	assert_eq!(server.get(adder).await.1["outputs"], description()["outputs"]);
}

#[tokio::test]
async fn what_became_of_questions_is_counted_by_version() {
	let world = World::new(&[Mood::Honest]).await;
	let oracle = world.oracles[0].clone();
	let server = serve(world, None).await;
	let (_, before) = server.get("/v2/models/adder/stats").await;
	let before = &before["model_stats"][0];
	assert_eq!((&before["inference_count"], &before["last_inference"]), (&json!(0), &json!(0)));
	let infer = "/v2/models/adder/infer";
	for _ in 0..2 {
		assert_eq!(server.post(infer, question().to_string()).await.0, 200);
	}
	oracle.lock().unwrap().mood = Mood::Refuses;
	assert_eq!(server.post(infer, question().to_string()).await.0, 503);
	// Of what nobody offers, nothing is counted.
	assert_eq!(server.post("/v2/models/other/infer", question().to_string()).await.0, 404);
	for path in ["/v2/models/stats", "/v2/models/adder/stats", "/v2/models/4/versions/6/stats"] {
		let (status, body) = server.get(path).await;
		assert_eq!(status, 200, "{path}: {body}");
		let [stats] = body["model_stats"].as_array().unwrap().as_slice() else { panic!("{body}") };
		assert_eq!((&stats["name"], &stats["version"]), (&json!("adder"), &json!("6")));
		let counts = (&stats["inference_count"], &stats["execution_count"]);
		assert_eq!(counts, (&json!(2), &json!(2)));
		assert!(stats["last_inference"].as_u64().unwrap() > 1_600_000_000_000, "{stats}");
		let inference = &stats["inference_stats"];
		assert_eq!(
			(&inference["success"]["count"], &inference["fail"]["count"]),
			(&json!(2), &json!(1))
		);
		for counted in ["success", "fail"] {
			assert!(inference[counted]["ns"].as_u64().unwrap() > 0, "{stats}");
		}
		// The oracle says that each took a millisecond.
		assert_eq!(inference["compute_infer"], json!({ "count": 2, "ns": 2_000_000 }));
	}
	for (path, status) in [
		("/v2/models/other/stats", 404),
		("/v2/models/adder/versions/5/stats", 404),
		("/v2/models/adder/versions/x/stats", 400),
	] {
		assert_eq!(server.get(path).await.0, status, "{path}");
	}
}

#[tokio::test]
async fn texts_become_vectors_in_openais_format() {
	// One of the two oracles has the documents.
	let world = World::new(&[Mood::Refuses, Mood::Honest]).await;
	world.takes_text(1);
	let server = serve(world, None).await;
	let (status, body) = server.get("/v1/models").await;
	assert_eq!((status, &body["data"][0]["id"]), (200, &json!("adder")));
	let ask = json!({ "model": "adder", "input": ["one", "three two"] });
	let (status, body) = server.post("/v1/embeddings", ask.to_string()).await;
	assert_eq!(status, 200, "{body}");
	assert_eq!(
		body["data"][1],
		json!({ "object": "embedding", "index": 1, "embedding": [9.0, 1.0] })
	);
	assert_eq!(body["usage"], json!({ "prompt_tokens": 3 + 4, "total_tokens": 3 + 4 }));
	let ask = json!({ "model": "adder", "input": "on", "encoding_format": "base64" });
	let (_, body) = server.post("/v1/embeddings", ask.to_string()).await;
	// 2.0 and 1.0, little endian.
	assert_eq!(body["data"][0]["embedding"], "AAAAQAAAgD8=");
	for (ask, status, code) in [
		(json!({ "model": "other", "input": "a" }), 404, "model-unknown"),
		(json!({ "model": "adder", "input": [] }), 400, "question-malformed"),
		(json!({ "model": "adder", "input": [1, 77] }), 400, "question-malformed"),
		(json!({ "model": "adder", "input": "one two one two one" }), 400, "question-malformed"),
		(json!({ "model": "adder", "input": "a", "dimensions": 1 }), 501, "unsupported"),
		(json!({ "input": "a" }), 400, "question-malformed"),
	] {
		let (said, body) = server.post("/v1/embeddings", ask.to_string()).await;
		assert_eq!(said, status, "{body}");
		assert_eq!(body["error"]["code"], format!("urn:usufruct:gateway:{code}"));
		assert!(body["error"]["message"].is_string());
	}
}

fn of_length(dimensions: u64) -> String {
	json!({ "model": "adder", "input": "on", "dimensions": dimensions }).to_string()
}

#[tokio::test]
async fn vectors_of_a_length_that_the_model_does_not_give_are_refused_before_anything_is_signed() {
	let world = World::new(&[Mood::Honest, Mood::Honest]).await;
	world.takes_text(0);
	// The cheapest has not loaded it, and does not know.
	for (oracle, outputs) in [(0, json!([])), (1, json!([{ "name": "vector", "shape": [-1, 2] }]))]
	{
		let description = json!({ "outputs": outputs }).to_string();
		world.oracles[oracle].lock().unwrap().description = Some(description);
	}
	let (chain, oracles) = (world.chain.clone(), world.oracles.clone());
	let server = serve(world, None).await;
	for wrong in [0, 1, 3, u64::MAX] {
		let (status, body) = server.post("/v1/embeddings", of_length(wrong)).await;
		assert_eq!(status, 501, "{body}");
		assert_eq!(body["error"]["code"], "urn:usufruct:gateway:unsupported");
		let message = body["error"]["message"].as_str().unwrap();
		assert!(message.contains("have 2 dimensions"), "{message}");
	}
	for oracle in &oracles {
		let oracle = oracle.lock().unwrap();
		assert_eq!((oracle.asked, oracle.newest.is_none()), (0, true));
	}
	assert_eq!(chain.state().channels.len(), 0);
	let (_, status) = server.get("/usufruct/status").await;
	assert_eq!(
		(&status["spending"]["spent"], &status["spending"]["held"]),
		(&json!("0"), &json!("0"))
	);
	let (status, body) = server.post("/v1/embeddings", of_length(2)).await;
	assert_eq!((status, &body["data"][0]["embedding"]), (200, &json!([2.0, 1.0])), "{body}");
	assert_eq!(oracles[0].lock().unwrap().asked, 1);
}

#[tokio::test]
async fn a_length_that_no_oracle_says_is_known_from_the_first_answer() {
	for said in [None, Some("{"), Some(r#"{"outputs":[{"name":"vector","shape":[-1,-1]}]}"#)] {
		let world = World::new(&[Mood::Honest]).await;
		world.takes_text(0);
		let oracle = world.oracles[0].clone();
		oracle.lock().unwrap().description = said.map(Into::into);
		let server = serve(world, None).await;
		for (dimensions, status, asked) in [(3, 501, 1), (3, 501, 1), (2, 200, 2), (4, 501, 2)] {
			let (found, body) = server.post("/v1/embeddings", of_length(dimensions)).await;
			assert_eq!(found, status, "{said:?} {dimensions}: {body}");
			assert_eq!(oracle.lock().unwrap().asked, asked, "{said:?} {dimensions}");
		}
	}
}

#[tokio::test]
async fn what_cannot_be_read_costs_nothing_and_says_what_is_wrong() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.day = PRICE;
	let oracle = world.oracles[0].clone();
	let server = serve(world, None).await;
	let infer = "/v2/models/adder/infer";
	let mut in_region = question();
	in_region["outputs"] =
		json!([{ "name": "sum", "parameters": { "shared_memory_region": "mine" } }]);
	for (path, body, status, kind) in [
		(infer, "{".into(), 400, "question-malformed"),
		(infer, "{\"inputs\":[{\"name\":\"x\"}]}".into(), 400, "question-malformed"),
		(infer, in_region.to_string(), 400, "question-malformed"),
		(infer, "x".repeat(5_000), 413, "too-long"),
		(infer, question().to_string(), 402, "day-limit"),
		("/v2/models/adder/versions/x/infer", question().to_string(), 400, "question-malformed"),
		("/v2/models/adder/versions/5/infer", question().to_string(), 404, "not-offered"),
		("/v2/models/other/infer", question().to_string(), 404, "model-unknown"),
		("/v3", String::new(), 404, "no-such-path"),
	] {
		let (said, body) = server.post(path, body).await;
		assert_eq!((said, &body["type"]), (status, &json!(format!("urn:usufruct:gateway:{kind}"))));
		assert!(body["error"].is_string(), "{body}");
	}
	assert_eq!(oracle.lock().unwrap().asked, 0);
}

#[tokio::test]
async fn web_pages_and_who_has_no_token_are_turned_away_before_anything_is_asked() {
	let world = World::new(&[Mood::Honest]).await;
	let oracle = world.oracles[0].clone();
	let server = serve(world, Some(TOKEN)).await;
	let url = format!("{}/v2/models/adder/infer", server.address);
	let post = |headers: &[(&str, &str)]| {
		let mut request = server.http.post(&url).body(question().to_string());
		for (name, value) in headers {
			request = request.header(*name, *value);
		}
		request.send()
	};
	let bearer = format!("Bearer {TOKEN}");
	for (headers, status) in [
		(vec![], 401),
		(vec![("authorization", "Bearer a token that is wrong")], 401),
		(vec![("authorization", bearer.as_str()), ("host", "evil.example")], 403),
		(vec![("authorization", bearer.as_str()), ("origin", "http://evil.example")], 403),
	] {
		assert_eq!(post(&headers).await.unwrap().status(), status, "{headers:?}");
	}
	assert_eq!(server.get("/usufruct/status").await.0, 401);
	assert_eq!(oracle.lock().unwrap().asked, 0);
	assert_eq!(post(&[("authorization", bearer.as_str())]).await.unwrap().status(), 200);
}
