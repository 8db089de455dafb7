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

use crate::http::App;
use proto::grpc_inference_service_server::GrpcInferenceServiceServer;
use std::sync::Arc;

/// Where the router finds it.
pub(crate) const PATH: &str = "/inference.GRPCInferenceService/{call}";

/// The service.
pub(crate) fn service(app: Arc<App>) -> GrpcInferenceServiceServer<service::Calls> {
	let limit = app.limits.body;
	GrpcInferenceServiceServer::new(service::Calls(app)).max_decoding_message_size(limit)
}
