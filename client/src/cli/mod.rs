//! The command line: what can be said, and who does it.

mod account;
mod bounty;
mod chain;
mod channel;
mod connections;
mod context;
mod dispute;
mod dividend;
mod gateway;
mod infer;
mod jobs;
mod keys;
mod model;
mod oracle;
mod person;
mod proposal;
mod statement;
mod validator;
mod verifier;
mod vote;
mod watch;

use clap::{Parser, Subcommand};
use context::Globals;
use usufruct_client::output::Format;

/// Register open models, serve them, use them, and share in what their use earns.
///
/// Keys come from a keystore file or from the environment, never from the command line. Amounts are
/// UFR, like 1.5, or planck, like 1500000000000p.
#[derive(Parser)]
#[command(name = "usufruct", version, max_term_width = 100)]
pub struct Cli {
	#[command(flatten)]
	globals: Globals,
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// The model registry.
	#[command(subcommand)]
	Model(model::Command),
	/// Bonded oracles, which run models.
	#[command(subcommand)]
	Oracle(oracle::Command),
	/// Channels, which pay oracles.
	#[command(subcommand)]
	Channel(channel::Command),
	/// Ask a model, check the answer, and pay.
	Infer(infer::Infer),
	/// Plain inference APIs on this machine, paid for behind them.
	///
	/// The Open Inference Protocol is below /v2 and OpenAI's embeddings are below /v1. The key
	/// (--keystore or USUFRUCT_SECRET) opens the channels that pay; RUST_LOG=info logs what is done.
	Gateway(gateway::Gateway),
	/// Watch what oracles settle, and act on it.
	///
	/// Looks at everything that oracles settle on this data directory's channels: reports fraud that can
	/// be proved, demands settled receipts that never came or were signed otherwise, enforces demands that
	/// were not met, and gets back what is left of closed channels.
	Watch(watch::Watch),
	/// Recognition as a person.
	#[command(subcommand)]
	Person(person::Command),
	/// Everybody's equal share.
	#[command(subcommand)]
	Dividend(dividend::Command),
	/// Those who author blocks and make them final.
	#[command(subcommand)]
	Validator(validator::Command),
	/// Those who recognise people.
	#[command(subcommand)]
	Verifier(verifier::Command),
	/// Disputes about people, and their juries.
	#[command(subcommand)]
	Dispute(dispute::Command),
	/// One person, one vote.
	#[command(subcommand)]
	Vote(vote::Command),
	/// What people propose to vote on.
	#[command(subcommand)]
	Proposal(proposal::Command),
	/// Work that the commons fund pays for.
	#[command(subcommand)]
	Bounty(bounty::Command),
	/// Balances and transfers.
	#[command(subcommand)]
	Account(account::Command),
	/// All that an account received or paid, and from what.
	Statement(statement::Statement),
	/// Secret keys.
	#[command(subcommand)]
	Keys(keys::Command),
	/// The chain itself.
	#[command(subcommand)]
	Chain(chain::Command),
}

impl Cli {
	/// How to print.
	pub fn format(&self) -> Format {
		self.globals.output
	}

	/// Does what was said.
	pub async fn run(self) -> anyhow::Result<()> {
		let context = context::Context::new(self.globals);
		match self.command {
			Command::Model(command) => command.run(&context).await,
			Command::Oracle(command) => command.run(&context).await,
			Command::Channel(command) => command.run(&context).await,
			Command::Infer(command) => command.run(&context).await,
			Command::Gateway(command) => command.run(&context).await,
			Command::Watch(command) => command.run(&context).await,
			Command::Person(command) => command.run(&context).await,
			Command::Dividend(command) => command.run(&context).await,
			Command::Validator(command) => command.run(&context).await,
			Command::Verifier(command) => command.run(&context).await,
			Command::Dispute(command) => command.run(&context).await,
			Command::Vote(command) => command.run(&context).await,
			Command::Proposal(command) => command.run(&context).await,
			Command::Bounty(command) => command.run(&context).await,
			Command::Account(command) => command.run(&context).await,
			Command::Statement(command) => command.run(&context).await,
			Command::Keys(command) => command.run(&context),
			Command::Chain(command) => command.run(&context).await,
		}
	}
}

/// Says on standard error why it failed, and why that was.
pub fn report_error(format: Format, error: &anyhow::Error) {
	let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
	match format {
		Format::Table => {
			eprintln!("error: {error}");
			for cause in causes {
				eprintln!("  because: {cause}");
			}
		},
		Format::Json => {
			eprintln!("{}", serde_json::json!({ "error": error.to_string(), "causes": causes }));
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::CommandFactory;

	#[test]
	fn the_command_line_is_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn everything_says_what_it_is_for() {
		fn check(command: &clap::Command) {
			for argument in command.get_arguments() {
				let id = argument.get_id();
				assert!(argument.get_help().is_some(), "{}: {id}", command.get_name());
			}
			for command in command.get_subcommands() {
				assert!(command.get_about().is_some(), "{}", command.get_name());
				check(command);
			}
		}
		check(&Cli::command());
	}

	#[test]
	fn no_argument_hides_one_that_all_commands_have() {
		fn check(command: &clap::Command, globals: &[String]) {
			for argument in command.get_arguments() {
				let id = argument.get_id().as_str();
				assert!(!globals.iter().any(|it| it == id), "{}: {id}", command.get_name());
			}
			command.get_subcommands().for_each(|command| check(command, globals));
		}
		let command = Cli::command();
		let globals: Vec<String> =
			command.get_arguments().map(|it| it.get_id().to_string()).collect();
		assert!(globals.iter().any(|it| it == "url"), "{globals:?}");
		command.get_subcommands().for_each(|command| check(command, &globals));
	}

	#[test]
	fn no_argument_takes_a_secret() {
		fn check(command: &clap::Command) {
			for argument in command.get_arguments() {
				let id = argument.get_id().as_str();
				let takes_value = argument.get_action().takes_values();
				let secret =
					["secret", "seed", "phrase", "password"].iter().any(|it| id.contains(it));
				assert!(!(takes_value && secret) || id.ends_with("_env"), "{id}");
			}
			command.get_subcommands().for_each(check);
		}
		check(&Cli::command());
	}
}
