//! The gRPC side of the Open Inference Protocol v2, for whoever serves it: its messages and service, as the
//! protocol's interface file has them, and how they become tensors and answers.

mod tensors;

pub use tensors::{decode, request, response, MessageError};

/// The messages and the service.
#[allow(missing_docs, clippy::all, rustdoc::all)]
pub mod proto {
	tonic::include_proto!("inference");
}

use axum::{
	body::Body,
	http::{header::CONTENT_TYPE, Response},
};
use futures::{future::ready, stream};
use tonic::{
	codec::{Codec, EncodeBody, SingleMessageCompressionOverride},
	metadata::GRPC_CONTENT_TYPE,
};
use tonic_prost::ProstCodec;

/// The most bytes of what a status says: it must fit what clients take of metadata.
pub const MOST_SAID: usize = 1_024;

/// The answer to a call, which is that message.
pub fn answer<M: prost::Message + Default + 'static>(message: M) -> Response<Body> {
	let body = EncodeBody::new_server(
		ProstCodec::<M, M>::default().encoder(),
		stream::once(ready(Ok(message))),
		None,
		SingleMessageCompressionOverride::default(),
		None,
	);
	let mut response = Response::new(Body::new(body));
	response.headers_mut().insert(CONTENT_TYPE, GRPC_CONTENT_TYPE);
	response
}

/// A version as the protocol names it: none, if nothing is said.
pub fn version(said: &str) -> Option<&str> {
	Some(said).filter(|version| !version.is_empty())
}
