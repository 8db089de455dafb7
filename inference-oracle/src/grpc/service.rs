//! The calls.

use crate::{
	engine::Port,
	http::{
		routes::{find, versions, why_not_ready, why_not_served, EXTENSIONS, PLATFORM},
		App,
	},
};
use std::sync::Arc;
use tonic::{Request, Response, Status};
use usufruct_client::grpc::{
	proto::{
		grpc_inference_service_server::GrpcInferenceService,
		model_metadata_response::TensorMetadata, ModelInferRequest, ModelInferResponse,
		ModelMetadataRequest, ModelMetadataResponse, ModelReadyRequest, ModelReadyResponse,
		RepositoryModelLoadRequest, RepositoryModelLoadResponse, RepositoryModelUnloadRequest,
		RepositoryModelUnloadResponse, ServerLiveRequest, ServerLiveResponse,
		ServerMetadataRequest, ServerMetadataResponse, ServerReadyRequest, ServerReadyResponse,
	},
	version as said,
};

/// See [`super`].
pub(crate) struct Calls(pub Arc<App>);

fn port(port: &Port) -> TensorMetadata {
	let dim = |dim: &Option<u64>| dim.map_or(-1, |dim| i64::try_from(dim).unwrap_or(i64::MAX));
	TensorMetadata {
		name: port.name.clone(),
		datatype: port.datatype.name().into(),
		shape: port.shape.iter().map(dim).collect(),
	}
}

#[tonic::async_trait]
impl GrpcInferenceService for Calls {
	async fn server_live(
		&self,
		_request: Request<ServerLiveRequest>,
	) -> Result<Response<ServerLiveResponse>, Status> {
		Ok(Response::new(ServerLiveResponse { live: true }))
	}

	async fn server_ready(
		&self,
		_request: Request<ServerReadyRequest>,
	) -> Result<Response<ServerReadyResponse>, Status> {
		Ok(Response::new(ServerReadyResponse { ready: why_not_ready(&self.0).is_none() }))
	}

	async fn model_ready(
		&self,
		request: Request<ModelReadyRequest>,
	) -> Result<Response<ModelReadyResponse>, Status> {
		let ModelReadyRequest { name, version } = request.into_inner();
		let served = find(&self.0, &name, said(&version))?;
		Ok(Response::new(ModelReadyResponse { ready: why_not_served(&self.0, &served).is_none() }))
	}

	async fn server_metadata(
		&self,
		_request: Request<ServerMetadataRequest>,
	) -> Result<Response<ServerMetadataResponse>, Status> {
		Ok(Response::new(ServerMetadataResponse {
			name: "usufruct-oracle".into(),
			version: env!("CARGO_PKG_VERSION").into(),
			extensions: EXTENSIONS.map(String::from).into(),
		}))
	}

	async fn model_metadata(
		&self,
		request: Request<ModelMetadataRequest>,
	) -> Result<Response<ModelMetadataResponse>, Status> {
		let ModelMetadataRequest { name, version } = request.into_inner();
		let served = find(&self.0, &name, said(&version))?;
		let signature = served.home.signature().unwrap_or_default();
		Ok(Response::new(ModelMetadataResponse {
			name: served.name.clone(),
			versions: versions(&self.0, &served),
			platform: PLATFORM.into(),
			inputs: signature.inputs.iter().map(port).collect(),
			outputs: signature.outputs.iter().map(port).collect(),
		}))
	}

	/// See [`super::infer`]: here its message would be read first.
	async fn model_infer(
		&self,
		_request: Request<ModelInferRequest>,
	) -> Result<Response<ModelInferResponse>, Status> {
		Err(Status::unimplemented("this call is served beside the others"))
	}

	async fn repository_model_load(
		&self,
		_request: Request<RepositoryModelLoadRequest>,
	) -> Result<Response<RepositoryModelLoadResponse>, Status> {
		Err(Status::unimplemented("the operator's configuration says what is served"))
	}

	async fn repository_model_unload(
		&self,
		_request: Request<RepositoryModelUnloadRequest>,
	) -> Result<Response<RepositoryModelUnloadResponse>, Status> {
		Err(Status::unimplemented("the operator's configuration says what is served"))
	}
}
