//! The gRPC side of the Open Inference Protocol v2: the same requests at the same port, over HTTP/2.
//!
//! Vouchers and receipts travel in metadata, under the names that they have in headers. `tensors` turns
//! messages into tensors and back, `status` refusals into statuses, `service` is the calls.

mod service;
mod status;
mod tensors;

/// The messages and the service, as the protocol's interface file has them.
#[allow(clippy::all)]
pub(crate) mod proto {
	tonic::include_proto!("inference");
}

use crate::http::{early, App};
use axum::{
	extract::{Request, State},
	http::HeaderValue,
	middleware::{from_fn_with_state, Next},
	response::Response,
	routing::{post_service, MethodRouter},
};
use proto::grpc_inference_service_server::GrpcInferenceServiceServer;
use std::sync::Arc;
use tonic::Status;

/// Where the router finds them.
pub(crate) const PATH: &str = "/inference.GRPCInferenceService/{call}";
/// The call that is paid for.
const INFER: &str = "/inference.GRPCInferenceService/ModelInfer";

/// The calls of the service.
pub(crate) fn calls<S: Clone + 'static>(app: Arc<App>) -> MethodRouter<S> {
	let limit = app.limits.body;
	let service = GrpcInferenceServiceServer::new(service::Calls(Arc::clone(&app)));
	post_service(service.max_decoding_message_size(limit)).layer(from_fn_with_state(app, knock))
}

/// What finds no room is refused before its message is read.
async fn knock(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
	if request.uri().path() == INFER {
		let headers = request.headers();
		let get = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
		if let Err(refused) = early::knock(&app, get) {
			return Status::from(refused).into_http();
		}
	}
	next.run(request).await
}
