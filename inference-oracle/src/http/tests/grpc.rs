//! The gRPC protocol, by a client over a socket.

use super::*;
use prost::Message as _;
use tonic::{
	transport::{Channel, Endpoint},
	Code, Request as Call,
};
use usufruct_client::{
	grpc::proto::{
		grpc_inference_service_client::GrpcInferenceServiceClient,
		model_infer_request::InferInputTensor, InferTensorContents, ModelInferRequest,
		ModelInferResponse, ModelMetadataRequest, ModelReadyRequest, RepositoryModelLoadRequest,
		ServerLiveRequest, ServerMetadataRequest, ServerReadyRequest,
	},
	tensors::InferResponse,
};

pub(super) type Client = GrpcInferenceServiceClient<Channel>;

impl Server {
	pub(super) async fn grpc(&self) -> Client {
		let endpoint = Endpoint::from_shared(self.address.clone()).unwrap();
		Client::new(endpoint.connect().await.unwrap())
	}
}

pub(super) fn message(paid: &Paid) -> ModelInferRequest {
	let inputs = paid.body.inputs.iter().map(|tensor| InferInputTensor {
		name: tensor.name().into(),
		datatype: tensor.datatype().name().into(),
		shape: tensor.shape().iter().map(|dim| *dim as i64).collect(),
		..Default::default()
	});
	ModelInferRequest {
		model_name: paid.name.into(),
		id: paid.body.id.clone().unwrap(),
		inputs: inputs.collect(),
		raw_input_contents: paid.body.inputs.iter().map(|it| it.data().to_vec()).collect(),
		..Default::default()
	}
}

/// With the payment in its metadata.
pub(super) fn call<T>(paid: &Paid, message: T) -> Call<T> {
	let mut call = Call::new(message);
	for (name, value) in paid.headers.to_pairs() {
		call.metadata_mut().insert(name, value.parse().unwrap());
	}
	call
}

fn receipt(metadata: &tonic::metadata::MetadataMap) -> Option<SignedReceipt> {
	let value = metadata.get("usufruct-receipt")?.to_str().unwrap();
	Some(SignedReceipt::from_header(value).unwrap())
}

pub(super) fn problem(status: &tonic::Status) -> Problem {
	let json = status.metadata().get_bin("usufruct-problem-bin").unwrap().to_bytes().unwrap();
	serde_json::from_slice(&json).unwrap()
}

/// As if it had come over HTTP.
fn reply(response: tonic::Response<ModelInferResponse>) -> Reply {
	let receipt = receipt(response.metadata());
	let ModelInferResponse { model_name, model_version, id, outputs, raw_output_contents, .. } =
		response.into_inner();
	let outputs = outputs.into_iter().zip(raw_output_contents).map(|(said, data)| {
		let datatype = DataType::from_name(&said.datatype).unwrap();
		let shape = said.shape.iter().map(|dim| *dim as u64).collect();
		Tensor::new(said.name, datatype, shape, data).unwrap()
	});
	let (model_version, id) = (Some(model_version), Some(id));
	let body = Ok(InferResponse { model_name, model_version, id, outputs: outputs.collect() });
	Reply { body, receipt, retry_after: None }
}

#[tokio::test]
async fn a_paid_call_is_answered_like_a_request_over_http() {
	let server = Server::start().await;
	let mut client = server.grpc().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let answer = client.model_infer(call(&request, message(&request))).await.unwrap();
	let answer = reply(answer);
	let body = answer.body.clone().unwrap();
	assert_eq!((body.model_name.as_str(), body.id.as_deref()), ("magika", Some("my id")));
	assert_eq!(body.model_version.as_deref(), Some("30"));
	let by_grpc = checked(&request, answer);
	assert_eq!((by_grpc.1.receipt.seq, by_grpc.1.receipt.total), (1, PRICE));
	// It is the same request over HTTP: the stored answer, charged once.
	assert_eq!(checked(&request, server.send(&request).await), by_grpc);
	assert_eq!(server.total(&consumer), PRICE);

	let request = gather(&mut consumer, &[0, 1]);
	let mut typed = message(&request);
	typed.raw_input_contents.clear();
	typed.model_version = GATHER.to_string();
	typed.inputs[0].contents =
		Some(InferTensorContents { int64_contents: vec![0, 1], ..Default::default() });
	let answer = client.model_infer(call(&request, typed)).await.unwrap();
	let (outputs, receipt) = checked(&request, reply(answer));
	assert_eq!(outputs[0].to_elements::<i32>().unwrap(), [10, 20]);
	assert_eq!((receipt.receipt.seq, receipt.receipt.units), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_finds_no_room_is_refused_before_its_message_is_read() {
	let server = Server::start().await;
	let mut client = server.grpc().await;
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0..3).map(|_| gated(&mut consumer)).collect();
	server.gate.open();
	let first = client.model_infer(call(&requests[0], message(&requests[0]))).await.unwrap();
	let first = checked(&requests[0], reply(first));
	server.gate.close();
	let running = server.occupy(&requests[1]).await;

	let third = &requests[2];
	let mut large = message(third);
	// Longer than a message may be: whoever reads it says so.
	large.raw_input_contents[0] = vec![0; 65 << 10];
	for message in [message(third), large] {
		let status = client.model_infer(call(third, message)).await.unwrap_err();
		assert_eq!(
			(status.code(), problem(&status).kind),
			(Code::Unavailable, ProblemKind::Overloaded)
		);
		assert_eq!(status.metadata().get("retry-after").unwrap(), "1");
		assert_eq!(receipt(status.metadata()), None);
	}
	// What was answered needs no room, and a forged voucher gets nothing of it.
	let again = client.model_infer(call(&requests[0], message(&requests[0]))).await.unwrap();
	assert_eq!(checked(&requests[0], reply(again)), first);
	let stranger = Consumer { key: receipt_key(), ..consumer.clone() };
	for (request, code) in [(&requests[0], Code::Unauthenticated), (third, Code::Unavailable)] {
		let forged = request.clone().signed(&stranger, |_| ());
		let status = client.model_infer(call(&forged, message(&forged))).await.unwrap_err();
		assert_eq!(status.code(), code);
	}
	server.gate.open();
	checked(&requests[1], running.await);
	server.audit(&consumer, 2, 2 * PRICE);
}

/// Calls with that `grpc-timeout`: how it is refused, and the receipt. Not by the client of the others, which gives
/// up by itself.
async fn within(
	server: &Server,
	paid: &Paid,
	timeout: &str,
) -> (Option<tonic::Status>, Option<SignedReceipt>) {
	let message = message(paid).encode_to_vec();
	let length = (message.len() as u32).to_be_bytes();
	let body = [&[0][..], &length, &message].concat();
	let mut request = reqwest::Client::new()
		.post(format!("{}/inference.GRPCInferenceService/ModelInfer", server.address))
		.header("content-type", "application/grpc")
		.header("grpc-timeout", timeout);
	for (name, value) in paid.headers.to_pairs() {
		request = request.header(name, value);
	}
	let response = request.body(body).send().await.unwrap();
	let receipt = response.headers().get("usufruct-receipt");
	let receipt = receipt.map(|it| SignedReceipt::from_header(it.to_str().unwrap()).unwrap());
	(tonic::Status::from_header_map(response.headers()), receipt)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_timeout_passes_is_told_and_never_charged() {
	let server = Server::with(8, 256).await;
	let mut consumer = server.consumer();
	let request = gated(&mut consumer);
	// In the run, which ends when the gate opens; on a busy machine a second may be over before it is accepted.
	let mut seconds = 1;
	let receipt = loop {
		let (late, receipt) = within(&server, &request, &format!("{seconds}S")).await;
		let late = late.unwrap();
		assert_eq!(late.code(), Code::DeadlineExceeded, "{late}");
		assert_eq!(problem(&late).kind, ProblemKind::DeadlinePassed);
		if let Some(receipt) = receipt {
			break receipt.receipt;
		}
		assert!(seconds < 20, "it is never accepted");
		seconds *= 2;
	};
	assert_eq!((receipt.seq, receipt.status, receipt.amount), (1, Status::Failed, 0));
	server.gate.open();

	let next = classify(&mut consumer);
	for malformed in ["", "1", "1s", "1.5S", "-1S", "100000000S"] {
		let (refused, receipt) = within(&server, &next, malformed).await;
		let refused = refused.unwrap();
		assert_eq!((refused.code(), receipt), (Code::InvalidArgument, None), "{malformed}");
		assert_eq!(problem(&refused).kind, ProblemKind::HeaderMalformed);
	}
	let (over, receipt) = within(&server, &next, "0n").await;
	assert_eq!((over.unwrap().code(), receipt), (Code::DeadlineExceeded, None));
	assert_eq!(server.total(&consumer), 0);
	let (refused, receipt) = within(&server, &next, "99999999H").await;
	assert!(refused.is_none(), "{refused:?}");
	assert_eq!(receipt.unwrap().receipt.seq, 2);
	server.audit(&consumer, 2, PRICE);
}

#[tokio::test]
async fn how_it_is_run_is_named_with_each_answer() {
	let server = Server::start().await;
	let mut client = server.grpc().await;
	let mut consumer = server.consumer();
	let request = classify(&mut consumer);
	let served = server.app.catalogue.find("magika", VERSION).unwrap();
	let hash = hex::encode(served.home.loaded().unwrap().profile().hash());
	let answer = client.model_infer(call(&request, message(&request))).await.unwrap();
	assert_eq!(answer.metadata().get("usufruct-profile").unwrap(), hash.as_str());
	// A stored answer was run whenever it was: nothing is said of that.
	let again = client.model_infer(call(&request, message(&request))).await.unwrap();
	assert_eq!(again.metadata().get("usufruct-profile"), None);
}

#[tokio::test]
async fn refusals_are_statuses_with_the_whole_problem() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut client = server.grpc().await;
	let mut consumer = server.consumer();
	let good = gather(&mut consumer, &[0]);

	let unpaid = client.model_infer(Call::new(message(&good))).await.unwrap_err();
	assert_eq!(unpaid.code(), Code::Unauthenticated);
	let told = problem(&unpaid);
	assert_eq!((told.kind, told.status), (VoucherMissing, 402));
	assert_eq!(told.terms.unwrap().unit_price, PRICE);

	let low = good.clone().signed(&consumer, |it| it.cap = 0);
	let unknown = Paid { name: "magica", ..good.clone() };
	let changed = {
		let mut changed = good.clone();
		changed.body.inputs = vec![Tensor::from_elements("x", vec![1], &[1i64]).unwrap()];
		changed
	};
	let unfit = {
		let mut unfit = good.clone();
		unfit.body.inputs = vec![Tensor::from_elements("x", vec![1], &[1f32]).unwrap()];
		unfit
	};
	for (paid, kind, code) in [
		(&low, CapTooLow, Code::FailedPrecondition),
		(&unknown, ModelUnknown, Code::NotFound),
		(&changed, RequestMismatch, Code::InvalidArgument),
		(&unfit, TensorInvalid, Code::InvalidArgument),
	] {
		let status = client.model_infer(call(paid, message(paid))).await.unwrap_err();
		assert_eq!((problem(&status).kind, status.code()), (kind, code), "{status}");
		assert_eq!(receipt(status.metadata()), None);
	}
	let mut header = call(&good, message(&good));
	header.metadata_mut().insert("usufruct-salt", "no hex".parse().unwrap());
	let status = client.model_infer(header).await.unwrap_err();
	assert_eq!((problem(&status).kind, status.code()), (HeaderMalformed, Code::InvalidArgument));
	assert_eq!(server.total(&consumer), 0);

	// A run that fails has its receipt.
	let fails = gather(&mut consumer, &[7]);
	let status = client.model_infer(call(&fails, message(&fails))).await.unwrap_err();
	assert_eq!((problem(&status).kind, status.code()), (EngineFailed, Code::Internal));
	let receipt = receipt(status.metadata()).unwrap();
	assert_eq!((receipt.receipt.seq, receipt.receipt.status), (1, Status::Failed));
}

#[tokio::test]
async fn hostile_messages_are_refused_and_cost_nothing() {
	let server = Server::start().await;
	let mut client = server.grpc().await;
	let mut consumer = server.consumer();
	let good = gather(&mut consumer, &[0]);
	let changes: [fn(&mut ModelInferRequest); 8] = [
		|it| it.inputs[0].shape = vec![i64::MAX],
		|it| it.inputs[0].shape = vec![i64::MAX, i64::MAX],
		|it| it.inputs[0].shape = vec![-1],
		|it| it.raw_input_contents[0].truncate(3),
		|it| it.raw_input_contents.push(vec![]),
		|it| it.inputs.clear(),
		|it| {
			it.inputs = vec![it.inputs[0].clone(); 1_500];
			it.raw_input_contents = vec![it.raw_input_contents[0].clone(); 1_500];
		},
		|it| {
			(it.inputs[0].datatype, it.raw_input_contents[0]) = ("BYTES".into(), vec![255; 8]);
		},
	];
	for (at, change) in changes.into_iter().enumerate() {
		let mut message = message(&good);
		change(&mut message);
		let status = client.model_infer(call(&good, message)).await.unwrap_err();
		assert_eq!(status.code(), Code::InvalidArgument, "{at}: {status}");
	}
	// More than the limit is not read.
	let mut large = message(&good);
	large.raw_input_contents[0] = vec![0; 65 << 10];
	let status = client.model_infer(call(&good, large)).await.unwrap_err();
	assert_eq!(status.code(), Code::OutOfRange, "{status}");
	assert_eq!(server.total(&consumer), 0);
	assert!(client.model_infer(call(&good, message(&good))).await.is_ok());
}

#[tokio::test]
async fn the_protocol_tells_about_server_and_models() {
	let server = Server::start().await;
	let mut client = server.grpc().await;
	assert!(client.server_live(ServerLiveRequest {}).await.unwrap().into_inner().live);
	assert!(client.server_ready(ServerReadyRequest {}).await.unwrap().into_inner().ready);
	let told = client.server_metadata(ServerMetadataRequest {}).await.unwrap().into_inner();
	assert_eq!(told.name, "usufruct-oracle");
	let asked = ModelMetadataRequest { name: "magika".into(), version: String::new() };
	let told = client.model_metadata(asked).await.unwrap().into_inner();
	assert_eq!((told.versions, told.inputs[0].shape.clone()), (vec!["30".into()], vec![-1, 2_048]));
	let asked = |name: &str, version: &str| ModelReadyRequest {
		name: name.into(),
		version: version.into(),
	};
	assert!(client.model_ready(asked("magika", "30")).await.unwrap().into_inner().ready);
	for (name, version) in [("magica", ""), ("magika", "31"), ("magika", "x")] {
		let status = client.model_ready(asked(name, version)).await.unwrap_err();
		assert_eq!(status.code(), Code::NotFound);
	}
	let load = RepositoryModelLoadRequest { model_name: "magika".into() };
	let status = client.repository_model_load(load).await.unwrap_err();
	assert_eq!(status.code(), Code::Unimplemented);

	server.app.drain();
	assert!(!client.server_ready(ServerReadyRequest {}).await.unwrap().into_inner().ready);
	let mut consumer = server.consumer();
	let request = gather(&mut consumer, &[0]);
	let status = client.model_infer(call(&request, message(&request))).await.unwrap_err();
	assert_eq!(status.code(), Code::Unavailable);
	assert_eq!(status.metadata().get("retry-after").unwrap(), "1");
}
