//! OpenAI's interface, with all-MiniLM-L6-v2 as it was published.

use super::{
	grpc::{call, message, problem},
	*,
};
use crate::{
	engine::Batching,
	testing::{memory, minilm},
	text,
};
use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{json, Value};
use usufruct_client::{
	grpc::proto::InferTensorContents,
	oracle_api::x402::{PaymentPayload, PaymentRequired, PaymentResponse},
	text::{self as texts, Text, TextError, MAX_TEXTS, TEXT},
};

const MINILM: VersionId = 34;

/// What its makers publish: three sentences, and how close each two of them are.
const SENTENCES: [&str; 3] =
	["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."];
const SIMILARITIES: [(usize, usize, f32); 3] = [(0, 1, 0.6660), (0, 2, 0.1046), (1, 2, 0.1411)];
/// With the two marks around each sentence.
const TOKENS: u64 = 8 + 9 + 8;

struct MiniLm {
	server: Server,
	text: Arc<Text>,
	consumer: Consumer,
}

/// What came back.
struct Replied {
	status: u16,
	receipt: Option<SignedReceipt>,
	body: Value,
}

impl MiniLm {
	async fn start() -> Self {
		let options = PoolOptions { instances: 2, max_queue: 256, ..PoolOptions::default() };
		Self::with(options).await
	}

	async fn with(options: PoolOptions) -> Self {
		let metadata = minilm().join("metadata.json");
		let hash = manifest::of_file(&metadata).unwrap().hash;
		let text =
			Arc::new(text::load(&metadata, &minilm().join("tokenizer.json"), &hash).unwrap());
		let pool = ort_pool_with(std::fs::read(minilm().join("model.onnx")).unwrap(), options);
		text::check(&text, pool.signature()).unwrap();
		let served = Served {
			text: Some(Arc::clone(&text)),
			..model("minilm", MINILM, Meter::InputToken, pool)
		};
		let server = Server::serving(vec![served]).await;
		let consumer = server.consumer();
		Self { server, text, consumer }
	}

	/// A paid request for these inputs.
	fn paid(&mut self, inputs: Vec<Tensor>) -> Paid {
		let units = usufruct_client::meter::units(Meter::InputToken, &inputs, Some(&self.text));
		let units = (Meter::InputToken, units.unwrap_or(1));
		paid_for(&mut self.consumer, "minilm", MINILM, units, inputs)
	}

	fn paid_texts(&mut self, texts: &[&str]) -> Paid {
		let inputs = vec![Tensor::from_texts(TEXT, vec![texts.len() as u64], texts).unwrap()];
		self.paid(inputs)
	}

	async fn post(&self, paid: Option<&Paid>, body: Value) -> Replied {
		let url = format!("{}/v1/embeddings", self.server.address);
		let mut request = reqwest::Client::new().post(url).body(body.to_string());
		for (name, value) in paid.iter().flat_map(|paid| paid.headers.to_pairs()) {
			request = request.header(name, value);
		}
		let response = request.send().await.unwrap();
		let status = response.status().as_u16();
		let receipt = response.headers().get("usufruct-receipt");
		let receipt = receipt.map(|it| SignedReceipt::from_header(it.to_str().unwrap()).unwrap());
		let body = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
		Replied { status, receipt, body }
	}

	/// Checks as a consumer does that receipt and answer belong together.
	fn check(&self, paid: &Paid, replied: &Replied) -> Tensor {
		assert_eq!(replied.status, 200, "{}", replied.body);
		let data = replied.body["data"].as_array().unwrap();
		let vectors: Vec<Vec<f32>> = data.iter().map(|it| vector(&it["embedding"])).collect();
		let shape = vec![vectors.len() as u64, 384];
		let output = Tensor::from_elements("sentence_embedding", shape, &vectors.concat()).unwrap();
		let asked = Asked {
			genesis: &GENESIS,
			receipt_key: &receipt_key().verifying_key().to_bytes(),
			model: MODEL,
			request: &paid.request,
			salt: &SALT,
			inputs: &paid.body.inputs,
			tokens: Some(self.text.prepare(&paid.body.inputs).unwrap().tokens),
		};
		let receipt = replied.receipt.as_ref().unwrap();
		receipt::check(&asked, receipt, Some(std::slice::from_ref(&output))).unwrap();
		output
	}
}

/// A vector in either encoding.
fn vector(of: &Value) -> Vec<f32> {
	match of {
		Value::String(text) => {
			let bytes = STANDARD.decode(text).unwrap();
			bytes.chunks_exact(4).map(|it| f32::from_le_bytes(it.try_into().unwrap())).collect()
		},
		numbers => serde_json::from_value(numbers.clone()).unwrap(),
	}
}

fn rows(output: &Tensor) -> Vec<Vec<f32>> {
	output.to_elements::<f32>().unwrap().chunks(384).map(<[f32]>::to_vec).collect()
}

fn similarity(a: &[f32], b: &[f32]) -> f32 {
	a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[tokio::test]
async fn sentences_are_as_close_as_their_makers_publish_and_paid_by_the_token() {
	let mut minilm = MiniLm::start().await;
	let paid = minilm.paid_texts(&SENTENCES);
	assert_eq!(paid.request.max_units, TOKENS);
	let body = json!({ "model": "minilm", "input": SENTENCES });
	let replied = minilm.post(Some(&paid), body).await;
	let rows = rows(&minilm.check(&paid, &replied));
	for (a, b, published) in SIMILARITIES {
		let found = similarity(&rows[a], &rows[b]);
		assert!((found - published).abs() < 5e-5, "{a}, {b}: {found} instead of {published}");
	}
	assert_eq!(replied.body["object"], "list");
	assert_eq!(replied.body["model"], "minilm");
	assert_eq!(replied.body["data"][2]["index"], 2);
	assert_eq!(replied.body["usage"], json!({ "prompt_tokens": TOKENS, "total_tokens": TOKENS }));
	let receipt = replied.receipt.unwrap().receipt;
	assert_eq!((receipt.units, receipt.amount), (TOKENS, u128::from(TOKENS) * PRICE));

	// The same voucher with the same text, in every other way: the stored answer, paid once.
	let replied = minilm
		.post(
			Some(&paid),
			json!({ "model": "minilm", "input": SENTENCES, "encoding_format": "base64" }),
		)
		.await;
	assert_eq!(self::rows(&minilm.check(&paid, &replied)), rows);
	let reply = minilm.server.send(&paid).await;
	assert_eq!(reply.receipt.as_ref().unwrap().receipt, receipt);
	assert_eq!(self::rows(&reply.body.unwrap().outputs[0]), rows);
	assert_eq!(minilm.server.total(&minilm.consumer), receipt.amount);

	// The same as the model's own tensors: another request, the same count, the same answer.
	let tensors = minilm.text.prepare(&paid.body.inputs).unwrap();
	let raw = minilm.paid(tensors.inputs);
	assert_eq!(raw.request.max_units, TOKENS);
	let reply = minilm.server.send(&raw).await;
	assert_eq!(reply.receipt.unwrap().receipt.units, TOKENS);
	assert_eq!(self::rows(&reply.body.unwrap().outputs[0]), rows);
}

#[tokio::test]
async fn an_agent_pays_for_embeddings_by_x402() {
	let mut minilm = MiniLm::start().await;
	let paid = minilm.paid_texts(&SENTENCES);
	let url = format!("{}/v1/embeddings", minilm.server.address);
	let body = json!({ "model": "minilm", "input": SENTENCES }).to_string();
	let asked = || reqwest::Client::new().post(&url).body(body.clone());
	let header = |response: &reqwest::Response, name: &str| {
		response.headers().get(name).map(|it| it.to_str().unwrap().to_owned())
	};

	let refused = asked().send().await.unwrap();
	assert_eq!(refused.status().as_u16(), 402);
	assert_eq!(header(&refused, "PAYMENT-RESPONSE"), None, "nothing was paid");
	let required = header(&refused, "PAYMENT-REQUIRED").unwrap();
	let required = PaymentRequired::from_header(&required).unwrap();
	assert_eq!(required.resource.url, url);
	let [accepted] = &required.accepts[..] else { panic!("{required:?}") };
	assert_eq!((accepted.amount, accepted.extra.model_version), (PRICE, MINILM));

	let payload = PaymentPayload { accepted: accepted.clone(), paid: paid.headers.clone() };
	let payment = asked().header("PAYMENT-SIGNATURE", payload.to_header());
	let answered = payment.send().await.unwrap();
	let status = answered.status().as_u16();
	assert_eq!(header(&answered, "PAYMENT-REQUIRED"), None);
	let response = header(&answered, "PAYMENT-RESPONSE").unwrap();
	let response = PaymentResponse::from_header(&response).unwrap();
	assert_eq!((response.success, response.amount), (true, u128::from(TOKENS) * PRICE));
	let receipt = response.receipt().unwrap();
	let body = serde_json::from_slice(&answered.bytes().await.unwrap()).unwrap();
	minilm.check(&paid, &Replied { status, receipt, body });
	assert_eq!(minilm.server.total(&minilm.consumer), response.amount);
}

#[tokio::test]
async fn one_text_and_tokens_are_taken_too() {
	let mut minilm = MiniLm::start().await;
	let paid = minilm.paid_texts(&SENTENCES[..1]);
	let body = json!({ "model": "minilm", "input": SENTENCES[0], "dimensions": 384, "user": "u" });
	let text = minilm.post(Some(&paid), body).await;
	let text = rows(&minilm.check(&paid, &text));

	let tokens = vec![101, 1996, 4633, 2003, 8403, 2651, 1012, 102];
	let shorter = vec![101, 2651, 102];
	let inputs = minilm.text.tensors(std::slice::from_ref(&tokens)).unwrap().inputs;
	let paid = minilm.paid(inputs);
	let replied = minilm.post(Some(&paid), json!({ "model": "minilm", "input": tokens })).await;
	assert_eq!(rows(&minilm.check(&paid, &replied)), text);
	let inputs = minilm.text.tensors(&[tokens.clone(), shorter.clone()]).unwrap().inputs;
	let paid = minilm.paid(inputs);
	let replied =
		minilm.post(Some(&paid), json!({ "model": "minilm", "input": [tokens, shorter] })).await;
	let both = rows(&minilm.check(&paid, &replied));
	assert_eq!(replied.body["usage"]["prompt_tokens"], 11);
	// Padding is masked: it moves the last bits at most.
	assert!(similarity(&both[0], &text[0]) > 0.999_999);
}

#[tokio::test]
async fn what_cannot_be_embedded_is_refused_in_openais_words_and_costs_nothing() {
	use ProblemKind::*;
	let mut minilm = MiniLm::start().await;
	let good = minilm.paid_texts(&["hi"]);
	let long = "a ".repeat(400);
	let bytes = "a".repeat(65_537);
	let many = vec!["a"; 2_049];
	for (input, kind, status) in [
		(json!("other"), RequestMismatch, 400),
		(json!([]), BodyMalformed, 400),
		(json!(null), BodyMalformed, 400),
		(json!(["a", 1]), BodyMalformed, 400),
		(json!(many), BodyMalformed, 400),
		(json!([-1]), BodyMalformed, 400),
		(json!([40_000]), TensorInvalid, 422),
		(json!([[1], []]), TensorInvalid, 422),
		(json!(long), TensorInvalid, 422),
		(json!([bytes]), BodyTooLarge, 413),
	] {
		let body = json!({ "model": "minilm", "input": input });
		let replied = minilm.post(Some(&good), body).await;
		assert_eq!(replied.status, status, "{}", replied.body);
		assert_eq!(replied.receipt, None);
		assert_eq!(replied.body["type"], kind.name(), "{}", replied.body);
		assert_eq!(replied.body["error"]["code"], kind.name());
		assert_eq!(replied.body["error"]["message"], replied.body["detail"]);
		assert_eq!(replied.body["error"]["type"], "invalid_request_error");
	}
	for (body, kind) in [
		(json!({ "model": "minilm", "input": "hi", "dimensions": 100 }), TensorInvalid),
		(json!({ "model": "magika", "input": "hi" }), ModelUnknown),
		(json!({ "model": "none", "input": "hi" }), ModelUnknown),
	] {
		let replied = minilm.post(Some(&good), body).await;
		assert_eq!(replied.body["type"], kind.name(), "{}", replied.body);
	}
	// A voucher for fewer tokens than there are.
	let mut low = minilm.paid_texts(&["hi there"]);
	low.request.max_units -= 1;
	let low = low.signed(&minilm.consumer, |_| ());
	let body = json!({ "model": "minilm", "input": "hi there" });
	let replied = minilm.post(Some(&low), body.clone()).await;
	assert_eq!((replied.status, &replied.body["type"]), (402, &json!(MaxUnitsTooLow.name())));
	let unpaid = minilm.post(None, body).await;
	assert_eq!((unpaid.status, &unpaid.body["type"]), (402, &json!(VoucherMissing.name())));
	assert_eq!(unpaid.body["terms"]["meter"], "input_token");
	assert_eq!(minilm.server.total(&minilm.consumer), 0);
	let replied = minilm.post(Some(&good), json!({ "model": "minilm", "input": "hi" })).await;
	minilm.check(&good, &replied);
}

#[tokio::test]
async fn raw_tensors_that_hide_tokens_are_refused() {
	let mut minilm = MiniLm::start().await;
	let tensor = |name: &str, elements: &[i64]| {
		Tensor::from_elements(name, vec![1, elements.len() as u64], elements).unwrap()
	};
	let inputs = |mask: &[i64]| {
		let zeros = vec![0; mask.len()];
		vec![
			tensor("input_ids", &zeros),
			tensor("attention_mask", mask),
			tensor("token_type_ids", &zeros),
		]
	};
	for mask in [&[0, 0][..], &[1, 0], &[2, 1], &[1; 257]] {
		let paid = minilm.paid(inputs(mask));
		let problem = minilm.server.refused(&paid).await;
		assert_eq!((problem.kind, problem.status), (ProblemKind::TensorInvalid, 422), "{problem}");
	}
	// Text is what a text model takes, and no other.
	let input = vec![Tensor::from_texts(TEXT, vec![1], &["hi"]).unwrap()];
	let paid = paid_for(&mut minilm.consumer, "gather", GATHER, (Meter::Element, 1), input);
	assert_eq!(minilm.server.refused(&paid).await.kind, ProblemKind::TensorInvalid);
	assert_eq!(minilm.server.total(&minilm.consumer), 0);
}

#[tokio::test]
async fn texts_that_are_too_many_are_refused_alike_however_they_come() {
	const MANY: usize = 100_000;
	let mut minilm = MiniLm::start().await;
	let paid = minilm.paid_texts(&["a"; MAX_TEXTS + 1]);
	let says = TextError::TooMany(MAX_TEXTS + 1).to_string();
	let json = minilm.server.refused(&paid).await;
	let mut client = minilm.server.grpc().await;
	let raw = message(&paid);
	let mut typed = raw.clone();
	typed.raw_input_contents.clear();
	typed.inputs[0].contents = Some(InferTensorContents {
		bytes_contents: vec![b"a".to_vec(); MAX_TEXTS + 1],
		..Default::default()
	});
	for message in [raw, typed] {
		let status = client.model_infer(call(&paid, message)).await.unwrap_err();
		let by_grpc = problem(&status);
		assert_eq!((by_grpc.kind, &by_grpc.detail), (json.kind, &json.detail));
	}
	assert_eq!(
		(json.kind, json.detail.contains(&says)),
		(ProblemKind::TensorInvalid, true),
		"{json}"
	);
	assert_eq!(minilm.server.total(&minilm.consumer), 0);

	// None of them is made to be counted.
	let many = [Tensor::from_texts(TEXT, vec![MANY as u64], &vec![""; MANY]).unwrap()];
	let most = memory::most(|| minilm.text.prepare(&many).is_err());
	assert!(most < MANY, "{most}");
}

#[tokio::test]
async fn consumers_find_the_model_and_the_files_they_count_with() {
	let minilm = MiniLm::start().await;
	let (status, list) = minilm.server.get("/v1/models").await;
	assert_eq!((status, list["data"].as_array().unwrap().len()), (200, 1));
	assert_eq!(list["data"][0]["id"], "minilm");
	let (_, model) = minilm.server.get("/v2/models/minilm").await;
	let tokenizer = model["usufruct"]["text"]["tokenizer"].as_str().unwrap();
	assert_eq!(tokenizer, hex::encode(minilm.text.description().tokenizer));
	let path = |hash: &str| format!("/v2/models/minilm/versions/{MINILM}/files/{hash}");
	let response = reqwest::get(format!("{}{}", minilm.server.address, path(tokenizer))).await;
	let bytes = response.unwrap().bytes().await.unwrap();
	assert_eq!(hex::encode(manifest::of_bytes(&bytes).hash), tokenizer);
	// As the command does it: fetched once, and counted with.
	let folder = tempfile::tempdir().unwrap();
	let hash = manifest::of_file(&self::minilm().join("metadata.json")).unwrap().hash;
	let fetched = texts::fetch(&minilm.server.http, "minilm", MINILM, &hash, folder.path());
	assert_eq!(fetched.await.unwrap().description(), minilm.text.description());
	let nowhere = OracleHttp::new("http://127.0.0.1:9", Reach::Anywhere).unwrap();
	assert!(texts::fetch(&nowhere, "minilm", MINILM, &hash, folder.path()).await.is_ok());
	let kept = folder.path().join(tokenizer);
	std::fs::write(&kept, "something else").unwrap();
	assert!(texts::fetch(&nowhere, "minilm", MINILM, &hash, folder.path()).await.is_err());
	assert!(texts::fetch(&minilm.server.http, "minilm", MINILM, &hash, folder.path())
		.await
		.is_ok());

	for wrong in [&"0".repeat(64), "x", ".."] {
		assert_eq!(minilm.server.get(&path(wrong)).await.0, 404, "{wrong}");
	}
	let (status, _) =
		minilm.server.get(&format!("/v2/models/magika/versions/30/files/{tokenizer}")).await;
	assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn sentences_that_share_runs_are_as_close() {
	// Tried out with inputs that are made up, before it serves.
	let batching = Batching {
		rows: 16,
		tokens: Some(1_024),
		tolerance: 1e-5,
		axes: Default::default(),
		common: Default::default(),
	};
	let options = PoolOptions { max_queue: 64, batching: Some(batching), ..PoolOptions::default() };
	let mut minilm = MiniLm::with(options).await;
	let texts: Vec<_> = SENTENCES.iter().cycle().take(12).copied().collect();
	let paid: Vec<_> = texts.iter().map(|text| minilm.paid_texts(&[text])).collect();
	let posts =
		paid.iter().zip(&texts).rev().map(|(paid, text)| {
			minilm.post(Some(paid), json!({ "model": "minilm", "input": text }))
		});
	let mut replies = futures::future::join_all(posts).await;
	replies.reverse();
	let rows: Vec<_> = paid
		.iter()
		.zip(&replies)
		.map(|(paid, replied)| rows(&minilm.check(paid, replied)).remove(0))
		.collect();
	for three in rows.chunks(3) {
		for (a, b, published) in SIMILARITIES {
			let found = similarity(&three[a], &three[b]);
			assert!((found - published).abs() < 5e-5, "{a}, {b}: {found} instead of {published}");
		}
	}
}
