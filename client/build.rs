//! The messages and the service of the gRPC protocol, from its published interface file.

fn main() -> std::io::Result<()> {
	tonic_prost_build::configure()
		// Connections are made by whoever uses the client: the tests.
		.build_transport(false)
		.compile_protos(&["proto/grpc_predict_v2.proto"], &["proto"])
}
