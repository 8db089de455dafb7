//! The `usufruct` command: everything a user does, from a shell.

mod cli;

use clap::Parser;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	let cli = cli::Cli::parse();
	tracing_subscriber::fmt()
		.with_writer(std::io::stderr)
		.with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
		.init();
	let format = cli.format();
	match cli.run().await {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			cli::report_error(format, &error);
			ExitCode::FAILURE
		},
	}
}
