//! What the command line offers.

use sc_cli::{
	ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
	ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd, SignCmd, VanityCmd,
	VerifyCmd,
};

/// `usufruct-node`: without a sub-command it runs a node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	#[clap(flatten)]
	pub run: RunCmd,
}

/// Everything but running a node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Generate, inspect and insert keys.
	#[command(subcommand)]
	Key(KeySubcommand),

	/// Write a chain specification, plain or raw.
	ExportChainSpec(ExportChainSpecCmd),

	/// Show the meta columns of the node's database.
	ChainInfo(ChainInfoCmd),

	/// Execute a stored block again and compare.
	CheckBlock(CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(ExportBlocksCmd),

	/// Write the state at a block into a chain specification.
	ExportState(ExportStateCmd),

	/// Read blocks from a file.
	ImportBlocks(ImportBlocksCmd),

	/// Remove the node's database.
	PurgeChain(PurgeChainCmd),

	/// Take the last blocks back.
	Revert(RevertCmd),

	/// Sign a message with a secret key.
	Sign(SignCmd),

	/// Verify a signature.
	Verify(VerifyCmd),

	/// Look for an address that contains a pattern.
	Vanity(VanityCmd),
}
