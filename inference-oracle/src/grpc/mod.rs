//! The gRPC side of the Open Inference Protocol v2: the same requests at the same port, over HTTP/2.
//!
//! Vouchers and receipts travel in metadata, under the names that they have in headers. `tensors` turns
//! messages into tensors and back, `status` refusals into statuses, `infer` is the call that is paid for,
//! `service` the others.

mod infer;
mod service;
mod status;
mod tensors;

/// The messages and the service, as the protocol's interface file has them.
#[allow(clippy::all)]
pub(crate) mod proto {
	tonic::include_proto!("inference");
}

pub(crate) use infer::infer;

use crate::http::App;
use axum::routing::{post_service, MethodRouter};
use proto::grpc_inference_service_server::GrpcInferenceServiceServer;
use std::sync::Arc;

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

/// A version as the protocol names it: none, if nothing is said.
fn said(version: &str) -> Option<&str> {
	Some(version).filter(|version| !version.is_empty())
}
