//! The runtime's calls, storage, events and view functions, generated from its metadata.
//!
//! Types that programs and pallets share are those of `usufruct-primitives`, wrapped in
//! [`Static`](subxt::utils::Static).
//!
//! A crate of its own, which is compiled anew only when the runtime's interface changes.
#![deny(missing_docs, rustdoc::broken_intra_doc_links)]

/// The metadata of the runtime that all of this is generated from, SCALE of version 16.
// The macro reads the file too, but only what is included makes cargo compile anew.
pub const METADATA: &[u8] = include_bytes!("../metadata.scale");

#[subxt::subxt(
	runtime_metadata_path = "metadata.scale",
	substitute_type(
		path = "usufruct_primitives::ids::Meter",
		with = "::subxt::utils::Static<::usufruct_primitives::Meter>"
	),
	substitute_type(
		path = "usufruct_primitives::ids::Role",
		with = "::subxt::utils::Static<::usufruct_primitives::Role>"
	),
	substitute_type(
		path = "usufruct_primitives::ids::Class",
		with = "::subxt::utils::Static<::usufruct_primitives::Class>"
	),
	substitute_type(
		path = "usufruct_primitives::personhood::SignedAttestation",
		with = "::subxt::utils::Static<::usufruct_primitives::personhood::SignedAttestation>"
	),
	substitute_type(
		path = "usufruct_primitives::tensors::TensorRoot",
		with = "::subxt::utils::Static<::usufruct_primitives::tensors::TensorRoot>"
	),
	substitute_type(
		path = "usufruct_primitives::commitment::Request",
		with = "::subxt::utils::Static<::usufruct_primitives::commitment::Request>"
	),
	substitute_type(
		path = "usufruct_primitives::tensors::TensorLeaf",
		with = "::subxt::utils::Static<::usufruct_primitives::tensors::TensorLeaf>"
	),
	substitute_type(
		path = "usufruct_primitives::tensors::Inclusion",
		with = "::subxt::utils::Static<::usufruct_primitives::tensors::Inclusion>"
	),
	substitute_type(
		path = "usufruct_primitives::usage::Receipt",
		with = "::subxt::utils::Static<::usufruct_primitives::usage::Receipt>"
	),
	substitute_type(
		path = "usufruct_primitives::usage::Voucher",
		with = "::subxt::utils::Static<::usufruct_primitives::usage::Voucher>"
	),
	substitute_type(
		path = "usufruct_primitives::submitted::SubmittedClaim",
		with = "::subxt::utils::Static<::usufruct_primitives::submitted::SubmittedClaim>"
	),
	substitute_type(
		path = "pallet_usage::evidence::LeafProof",
		with = "::subxt::utils::Static<::usufruct_primitives::tree::Proof>"
	),
	substitute_type(
		path = "usufruct_primitives::settlement::Claim",
		with = "::subxt::utils::Static<::usufruct_primitives::settlement::Claim>"
	),
	substitute_type(
		path = "usufruct_primitives::split::Split",
		with = "::subxt::utils::Static<::usufruct_primitives::split::Split>"
	),
	substitute_type(
		path = "usufruct_primitives::split::Parts",
		with = "::subxt::utils::Static<::usufruct_primitives::split::Parts>"
	)
)]
mod api {}

pub use api::*;
