//! `benchmark pallet` of Substrate's bencher, on a runtime that is given as a blob.

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sp_runtime::traits::BlakeTwo256;

fn main() -> sc_cli::Result<()> {
	tracing_subscriber::fmt()
		.with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
		.with_writer(std::io::stderr)
		.init();
	// Our runtime asks for no host function beyond Substrate's own.
	PalletCmd::parse().run_with_spec::<BlakeTwo256, ()>(None)
}
