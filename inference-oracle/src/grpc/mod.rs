//! The gRPC side of the Open Inference Protocol v2: the same requests at the same port, over HTTP/2.
//!
//! Vouchers and receipts travel in metadata, under the names that they have in headers. `status` turns
//! refusals into statuses, `infer` is the call that is paid for, `service` the others. What messages are is in
//! [`usufruct_client::grpc`].

mod infer;
mod service;
mod status;

pub(crate) use infer::infer;

use crate::http::App;
use axum::routing::{post_service, MethodRouter};
use std::sync::Arc;
use usufruct_client::grpc::proto::grpc_inference_service_server::GrpcInferenceServiceServer;

/// Where the router finds the call that is paid for.
pub(crate) const INFER: &str = "/inference.GRPCInferenceService/ModelInfer";
/// And the others.
pub(crate) const PATH: &str = "/inference.GRPCInferenceService/{call}";
/// The most bytes of their messages, which are names: nobody pays for them.
const SHORT: usize = 4 << 10;

/// The calls of the service but for the one that is paid for.
pub(crate) fn calls<S: Clone + 'static>(app: Arc<App>) -> MethodRouter<S> {
	let service = GrpcInferenceServiceServer::new(service::Calls(app));
	post_service(service.max_decoding_message_size(SHORT))
}
