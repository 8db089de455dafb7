//! Clients of gRPC at the gateway's door: the same questions, answers and refusals as over REST.

use super::{
	serving::{description, question, serve, serve_bodies, Server, TOKEN},
	*,
};
use crate::{
	gateway::http::packed::{deflate, gzip},
	grpc::proto::{
		grpc_inference_service_client::GrpcInferenceServiceClient,
		infer_parameter::ParameterChoice,
		model_infer_request::{InferInputTensor, InferRequestedOutputTensor},
		InferParameter, InferTensorContents, ModelInferRequest, ModelInferResponse,
		ModelMetadataRequest, ModelReadyRequest, RepositoryModelLoadRequest, ServerLiveRequest,
		ServerMetadataRequest, ServerReadyRequest,
	},
};
use prost::Message;
use serde_json::json;
use tonic::{
	transport::{Channel, Endpoint},
	Code, Request, Status,
};

pub(super) type Client = GrpcInferenceServiceClient<Channel>;

const INFER: &str = "ModelInfer";

/// The configuration of [`description`], as tritonclient 2.73.0 writes it.
const CONFIG: &str =
	"0a500a05616464657212106f6e6e7872756e74696d655f6f6e6e782a110a01781008220affffffffffffff\
	ffff01320a0a0373756d10081a010132160a05776f726473100d1a0bffffffffffffffffff0102";

impl Server {
	pub async fn grpc(&self) -> Client {
		let endpoint = Endpoint::from_shared(self.address.clone()).unwrap();
		Client::new(endpoint.connect().await.unwrap())
	}

	/// The status that a call with that body is refused with, and the body of its answer.
	async fn call(
		&self,
		call: &str,
		coding: Option<&str>,
		body: Vec<u8>,
	) -> (Option<String>, Vec<u8>) {
		let url = format!("{}/inference.GRPCInferenceService/{call}", self.address);
		let mut request = self.http.post(url).body(body);
		if let Some(coding) = coding {
			request = request.header("grpc-encoding", coding);
		}
		let response = request.send().await.unwrap();
		assert_eq!(response.status(), 200);
		let status = response.headers().get("grpc-status");
		let status = status.map(|it| it.to_str().unwrap().to_owned());
		(status, response.bytes().await.unwrap().to_vec())
	}
}

/// What is 42.
pub(super) fn message() -> ModelInferRequest {
	ModelInferRequest {
		model_name: "adder".into(),
		id: "mine".into(),
		inputs: vec![InferInputTensor {
			name: "x".into(),
			datatype: "INT32".into(),
			shape: vec![2],
			..Default::default()
		}],
		raw_input_contents: vec![[20i32.to_le_bytes(), 22i32.to_le_bytes()].concat()],
		..Default::default()
	}
}

fn check(answer: &ModelInferResponse) {
	assert_eq!((answer.id.as_str(), answer.model_version.as_str()), ("mine", "6"));
	let [sum] = answer.outputs.as_slice() else { panic!("{answer:?}") };
	assert_eq!(
		(sum.name.as_str(), sum.datatype.as_str(), sum.shape.as_slice()),
		("sum", "INT32", &[1][..])
	);
	assert_eq!(answer.raw_output_contents, [42i32.to_le_bytes()]);
}

fn kind(status: &Status) -> &str {
	let kind = status.metadata().get("usufruct-type").unwrap().to_str().unwrap();
	kind.strip_prefix("urn:usufruct:gateway:").unwrap()
}

fn framed(compressed: bool, message: &[u8]) -> Vec<u8> {
	let length = u32::try_from(message.len()).unwrap().to_be_bytes();
	[&[u8::from(compressed)][..], &length, message].concat()
}

#[tokio::test]
async fn a_call_is_answered_without_anything_about_payment() {
	let server = serve(World::new(&[Mood::Honest]).await, None).await;
	let mut client = server.grpc().await;
	let answer = client.model_infer(message()).await.unwrap();
	assert!(answer.metadata().keys().all(|key| !format!("{key:?}").contains("usufruct")));
	check(answer.get_ref());

	let mut typed = message();
	typed.raw_input_contents.clear();
	typed.inputs[0].contents =
		Some(InferTensorContents { int_contents: vec![20, 22], ..Default::default() });
	typed.outputs = vec![InferRequestedOutputTensor { name: "sum".into(), ..Default::default() }];
	check(client.model_infer(typed).await.unwrap().get_ref());

	let named =
		ModelInferRequest { model_name: "4".into(), model_version: "6".into(), ..message() };
	let answer = client.model_infer(named).await.unwrap().into_inner();
	assert_eq!(answer.model_name, "4");
	check(&answer);

	let (_, status) = server.get("/usufruct/status").await;
	assert_eq!(status["models"][0]["receipts"], 3);
	assert_eq!(status["spending"]["spent"], (3 * 2 * PRICE).to_string());
}

#[tokio::test]
async fn compressed_messages_are_unpacked_and_no_more_of_them_than_a_message_may_have() {
	let server = serve(World::new(&[Mood::Honest]).await, None).await;
	let plain = message().encode_to_vec();
	for (coding, packed) in [("gzip", gzip(&plain)), ("deflate", deflate(&plain))] {
		let (status, body) = server.call(INFER, Some(coding), framed(true, &packed)).await;
		assert_eq!(status, None, "{coding}");
		let (head, answer) = body.split_at(5);
		assert_eq!(head[0], 0);
		check(&ModelInferResponse::decode(answer).unwrap());
		// Which coding others would have is said also of one that has none.
		let (status, _) = server.call(INFER, Some(coding), framed(false, &plain)).await;
		assert_eq!(status, None, "{coding}");
	}
	let bomb = vec![0; 1 << 20];
	for (coding, packed, code) in [
		(Some("gzip"), gzip(&bomb), Code::OutOfRange),
		(Some("deflate"), deflate(&bomb), Code::OutOfRange),
		(Some("gzip"), deflate(&plain), Code::InvalidArgument),
		(Some("deflate"), plain.clone(), Code::InvalidArgument),
		(Some("identity"), plain.clone(), Code::InvalidArgument),
		(None, gzip(&plain), Code::InvalidArgument),
		(Some("br"), gzip(&plain), Code::Unimplemented),
	] {
		let (status, _) = server.call(INFER, coding, framed(true, &packed)).await;
		assert_eq!(status, Some((code as i32).to_string()), "{coding:?}");
	}
}

#[tokio::test]
async fn a_message_that_only_names_something_is_short() {
	const SHORT: usize = 64 << 10;
	let server = serve_bodies(World::new(&[Mood::Honest]).await, None, 1 << 20).await;
	let named = |length: usize| {
		let (name, version) = ("a".repeat(length), String::new());
		ModelReadyRequest { name, version }.encode_to_vec()
	};
	for call in ["ModelReady", "ModelMetadata", "ModelConfig", "ModelStatistics"] {
		// Before the name are four bytes.
		for (length, code) in [(SHORT - 4, Code::NotFound), (SHORT - 3, Code::OutOfRange)] {
			let message = named(length);
			let code = Some((code as i32).to_string());
			let (status, _) = server.call(call, None, framed(false, &message)).await;
			assert_eq!(status, code, "{call} {length}");
			let packed = framed(true, &gzip(&message));
			let (status, _) = server.call(call, Some("gzip"), packed).await;
			assert_eq!(status, code, "{call} {length}, compressed");
		}
	}
	// A question may be as long as bodies may: it is read, and wrong.
	let mut question = message();
	question.raw_input_contents[0] = vec![0; 2 * SHORT];
	let question = question.encode_to_vec();
	let invalid = Some((Code::InvalidArgument as i32).to_string());
	assert_eq!(server.call(INFER, None, framed(false, &question)).await.0, invalid);
	let packed = framed(true, &gzip(&question));
	assert_eq!(server.call(INFER, Some("gzip"), packed).await.0, invalid);
}

#[tokio::test]
async fn what_is_no_call_is_refused() {
	let world = World::new(&[Mood::Honest]).await;
	let oracle = world.oracles[0].clone();
	let server = serve(world, None).await;
	let plain = message().encode_to_vec();
	let good = framed(false, &plain);
	let invalid = Some((Code::InvalidArgument as i32).to_string());
	for (at, body) in [
		vec![],
		good[..4].to_vec(),
		good[..good.len() - 1].to_vec(),
		[&good[..], &good].concat(),
		[&[2][..], &good[1..]].concat(),
		framed(false, b"no message"),
		framed(false, &[5 << 3 | 2, 0].repeat(2_000)),
	]
	.into_iter()
	.enumerate()
	{
		assert_eq!(server.call(INFER, None, body).await.0, invalid, "{at}");
	}
	assert_eq!(oracle.lock().unwrap().asked, 0);
	assert_eq!(server.call(INFER, None, good).await.0, None);

	let mut client = server.grpc().await;
	let load = RepositoryModelLoadRequest { model_name: "adder".into() };
	let status = client.repository_model_load(load).await.unwrap_err();
	assert_eq!((status.code(), kind(&status)), (Code::Unimplemented, "unsupported"));
	assert!(status.message().contains("no call RepositoryModelLoad;"), "{status}");
}

#[tokio::test]
async fn what_cannot_be_asked_costs_nothing_and_says_what_is_wrong() {
	let mut world = World::new(&[Mood::Honest]).await;
	world.options.limits.day = PRICE;
	let oracle = world.oracles[0].clone();
	let server = serve(world, None).await;
	let mut client = server.grpc().await;
	let classes = InferParameter { parameter_choice: Some(ParameterChoice::Int64Param(3)) };
	let as_classes = InferRequestedOutputTensor {
		name: "sum".into(),
		parameters: [("classification".to_owned(), classes)].into(),
	};
	let region =
		InferParameter { parameter_choice: Some(ParameterChoice::StringParam("r".into())) };
	let in_region = InferRequestedOutputTensor {
		name: "sum".into(),
		parameters: [("shared_memory_region".to_owned(), region)].into(),
	};
	let changes: [(&dyn Fn(&mut ModelInferRequest), Code, &str); 9] = [
		(&|it| it.raw_input_contents[0].truncate(7), Code::InvalidArgument, "question-malformed"),
		(&|it| it.raw_input_contents.push(vec![]), Code::InvalidArgument, "question-malformed"),
		(&|it| it.inputs[0].shape = vec![-1], Code::InvalidArgument, "question-malformed"),
		(&|it| it.inputs[0].shape = vec![3], Code::InvalidArgument, "question-malformed"),
		(&|it| it.inputs[0].datatype = "BF16".into(), Code::InvalidArgument, "question-malformed"),
		(
			&|it| {
				it.inputs[0].contents =
					Some(InferTensorContents { int_contents: vec![1, 2], ..Default::default() });
			},
			Code::InvalidArgument,
			"question-malformed",
		),
		(&|it| it.outputs = vec![as_classes.clone()], Code::InvalidArgument, "question-malformed"),
		(&|it| it.outputs = vec![in_region.clone()], Code::InvalidArgument, "question-malformed"),
		(&|it| it.raw_input_contents[0] = vec![0; 5_000], Code::OutOfRange, "too-long"),
	];
	for (at, (change, code, expected)) in changes.into_iter().enumerate() {
		let mut message = message();
		change(&mut message);
		let status = client.model_infer(message).await.unwrap_err();
		assert_eq!((status.code(), kind(&status)), (code, expected), "{at}: {status}");
	}

	// In the words of REST.
	for (name, version, code) in [
		("adder", "", Code::FailedPrecondition),
		("adder", "x", Code::InvalidArgument),
		("adder", "5", Code::NotFound),
		("other", "", Code::NotFound),
	] {
		let named = ModelInferRequest {
			model_name: name.into(),
			model_version: version.into(),
			..message()
		};
		let status = client.model_infer(named).await.unwrap_err();
		assert_eq!(status.code(), code, "{status}");
		let path = match version {
			"" => format!("/v2/models/{name}/infer"),
			version => format!("/v2/models/{name}/versions/{version}/infer"),
		};
		let (_, body) = server.post(&path, question().to_string()).await;
		assert_eq!(body["error"], status.message());
		assert_eq!(body["type"], format!("urn:usufruct:gateway:{}", kind(&status)));
	}
	assert_eq!(oracle.lock().unwrap().asked, 0);
	let (_, status) = server.get("/usufruct/status").await;
	assert_eq!(
		(&status["spending"]["spent"], &status["spending"]["held"]),
		(&json!("0"), &json!("0"))
	);
}

#[tokio::test]
async fn when_nobody_answers_the_call_may_be_repeated() {
	let server = serve(World::new(&[Mood::Dead]).await, None).await;
	let status = server.grpc().await.model_infer(message()).await.unwrap_err();
	assert_eq!((status.code(), kind(&status)), (Code::Unavailable, "exhausted"), "{status}");
	assert_eq!(status.metadata().get("retry-after").unwrap(), "2");
}

#[tokio::test]
async fn web_pages_and_who_has_no_token_are_turned_away_from_every_call() {
	let world = World::new(&[Mood::Honest]).await;
	let oracle = world.oracles[0].clone();
	let server = serve(world, Some(TOKEN)).await;
	let bearer = format!("Bearer {TOKEN}");
	let call = |metadata: &[(&'static str, &str)]| {
		let mut call = Request::new(message());
		for (name, value) in metadata {
			call.metadata_mut().insert(*name, value.parse().unwrap());
		}
		call
	};
	let mut client = server.grpc().await;
	for (metadata, code, expected) in [
		(vec![], Code::Unauthenticated, "unauthorised"),
		(vec![("authorization", TOKEN)], Code::Unauthenticated, "unauthorised"),
		(
			vec![("authorization", "Bearer a token that is wrong")],
			Code::Unauthenticated,
			"unauthorised",
		),
		(
			vec![("authorization", bearer.as_str()), ("origin", "http://evil.example")],
			Code::PermissionDenied,
			"foreign",
		),
	] {
		let status = client.model_infer(call(&metadata)).await.unwrap_err();
		assert_eq!((status.code(), kind(&status)), (code, expected), "{metadata:?}");
	}
	let status = client.server_live(ServerLiveRequest {}).await.unwrap_err();
	assert_eq!(status.code(), Code::Unauthenticated);
	let load = RepositoryModelLoadRequest { model_name: "adder".into() };
	let status = client.repository_model_load(load).await.unwrap_err();
	assert_eq!(status.code(), Code::Unauthenticated);

	let endpoint = Endpoint::from_shared(server.address.clone()).unwrap();
	let evil = endpoint.origin("http://evil.example".parse().unwrap()).connect().await.unwrap();
	let status = Client::new(evil).model_infer(call(&[("authorization", &bearer)])).await;
	let status = status.unwrap_err();
	assert_eq!((status.code(), kind(&status)), (Code::PermissionDenied, "foreign"));
	assert_eq!(oracle.lock().unwrap().asked, 0);
	let answer = client.model_infer(call(&[("authorization", &bearer)])).await.unwrap();
	check(answer.get_ref());
}

#[tokio::test]
async fn the_protocol_tells_about_gateway_and_models() {
	let world = World::new(&[Mood::Honest]).await;
	let oracle = world.oracles[0].clone();
	let server = serve(world, None).await;
	let mut client = server.grpc().await;
	assert!(client.server_live(ServerLiveRequest {}).await.unwrap().into_inner().live);
	assert!(client.server_ready(ServerReadyRequest {}).await.unwrap().into_inner().ready);
	let told = client.server_metadata(ServerMetadataRequest {}).await.unwrap().into_inner();
	assert_eq!(told.name, "usufruct-gateway");
	let asked = |name: &str, version: &str| ModelReadyRequest {
		name: name.into(),
		version: version.into(),
	};
	for (version, ready) in [("", true), ("6", true), ("5", false)] {
		let told = client.model_ready(asked("adder", version)).await.unwrap().into_inner();
		assert_eq!(told.ready, ready, "{version}");
	}
	for (name, version, code) in
		[("other", "", Code::NotFound), ("adder", "x", Code::InvalidArgument)]
	{
		let status = client.model_ready(asked(name, version)).await.unwrap_err();
		assert_eq!(status.code(), code, "{status}");
	}

	let asked = || ModelMetadataRequest { name: "adder".into(), version: String::new() };
	for unreadable in [None, Some("{".to_owned())] {
		oracle.lock().unwrap().description = unreadable;
		let status = client.model_metadata(asked()).await.unwrap_err();
		assert_eq!((status.code(), kind(&status)), (Code::Unavailable, "exhausted"));
	}
	oracle.lock().unwrap().description = Some(description().to_string());
	let told = client.model_metadata(asked()).await.unwrap().into_inner();
	assert_eq!((told.name.as_str(), told.versions), ("adder", vec!["6".to_owned()]));
	assert_eq!(told.platform, "onnxruntime_onnx");
	let [input] = told.inputs.as_slice() else { panic!("{:?}", told.inputs) };
	assert_eq!((input.name.as_str(), input.datatype.as_str()), ("x", "INT32"));
	assert_eq!((&input.shape, told.outputs.len()), (&vec![-1], 2));
}

#[tokio::test]
async fn configuration_and_statistics_are_as_tritons_client_reads_them() {
	let world = World::new(&[Mood::Honest]).await;
	let oracle = world.oracles[0].clone();
	let server = serve(world, None).await;
	let named = |name: &str, version: &str| {
		let named = ModelMetadataRequest { name: name.into(), version: version.into() };
		framed(false, &named.encode_to_vec())
	};
	for (call, name, version, code) in [
		// Its oracle does not say what it takes.
		("ModelConfig", "adder", "", Code::Unavailable),
		("ModelConfig", "other", "", Code::NotFound),
		("ModelConfig", "adder", "x", Code::InvalidArgument),
		("ModelStatistics", "other", "", Code::NotFound),
		("ModelStatistics", "adder", "5", Code::NotFound),
		("ModelStatistics", "adder", "x", Code::InvalidArgument),
	] {
		let (status, _) = server.call(call, None, named(name, version)).await;
		assert_eq!(status, Some((code as i32).to_string()), "{call} {name} {version}");
	}
	oracle.lock().unwrap().description = Some(description().to_string());
	for version in ["", "6"] {
		let (status, body) = server.call("ModelConfig", None, named("adder", version)).await;
		assert_eq!((status, hex::encode(&body[5..])), (None, CONFIG.into()), "{version}");
	}
	// Nothing was asked yet: a name and a version, and three times nothing.
	let nothing = "0a120a05616464657212013632060a0012002a00";
	for name in ["", "adder"] {
		let (status, body) = server.call("ModelStatistics", None, named(name, "")).await;
		assert_eq!((status, hex::encode(&body[5..])), (None, nothing.into()), "{name}");
	}
}
