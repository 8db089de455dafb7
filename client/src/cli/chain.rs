//! `usufruct chain`.

use super::context::Context;
use anyhow::Context as _;
use clap::Subcommand;
use usufruct_client::{
	chain::{Chain, Until},
	output::Facts,
	runtime,
};

#[derive(Subcommand)]
pub enum Command {
	/// The node, its chain, and whether this program fits it
	Status,
	/// Wait for blocks; --wait says whether best or final ones count
	WaitBlocks {
		/// How many
		count: u64,
	},
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		match self {
			Self::Status => {
				// Also of a chain that this program does not fit.
				let chain = Chain::connect(context.url()).await?;
				let (best, finalised) = (chain.best().await?, chain.finalised().await?);
				let health = chain.rpc().system_health().await?;
				let facts = Facts::new()
					.and("url", context.url())
					.and("chain", chain.rpc().system_chain().await?)
					.and("genesis", chain.genesis())
					.and("runtime", finalised.spec_version())
					.and("fits", runtime::is_codegen_valid_for(finalised.metadata_ref()))
					.and("best", best.block_number())
					.and("final", finalised.block_number())
					.and("peers", health.peers as u64)
					.and("syncing", health.is_syncing);
				context.print(&facts)
			},
			Self::WaitBlocks { count } => {
				let chain = context.chain().await?;
				let client = chain.client();
				let (mut blocks, from) = match context.wait() {
					Until::Best => (client.stream_best_blocks().await?, chain.best().await?),
					Until::Final => (client.stream_blocks().await?, chain.finalised().await?),
				};
				let until = from.block_number().saturating_add(count);
				let mut last = from.block_number();
				while last < until {
					last = blocks.next().await.context("the node hung up")??.number();
					context.progress(format_args!("block {last} of {until}"));
				}
				context.print(&Facts::new().and("block", last))
			},
		}
	}
}
