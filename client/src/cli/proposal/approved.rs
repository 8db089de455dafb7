//! What somebody has to do after an approval: pay a grant, set a runtime.

use crate::cli::context::{included, Context};
use anyhow::{ensure, Context as _};
use clap::Subcommand;
use serde::Serialize;
use std::path::PathBuf;
use usufruct_client::{
	amount::ufr,
	chain::{upgrade, Chain},
	keys,
	output::{Facts, Report, Table},
	runtime,
	state::{self, Grant},
};

#[derive(Subcommand)]
pub enum Command {
	/// The grants that were approved and wait to be paid
	Grants,
	/// Pay a grant that was approved, from the commons fund; for anybody
	Pay {
		/// The grant's number
		grant: u32,
	},
	/// Set the runtime that a poll has authorised, from the file with its code; for anybody, and free if
	/// the chain takes it
	ApplyUpgrade {
		/// The file with the code
		#[arg(value_name = "FILE")]
		code: PathBuf,
	},
}

impl Command {
	pub async fn run(self, context: &Context, chain: &Chain) -> anyhow::Result<()> {
		match self {
			Self::Grants => {
				let at = chain.finalised().await?;
				let grants = state::grants(&at).await?;
				context.print(&Grants { block: at.block_number(), grants })
			},
			Self::Pay { grant } => pay(context, chain, grant).await,
			Self::ApplyUpgrade { code } => {
				let bytes = std::fs::read(&code)
					.with_context(|| format!("cannot read {}", code.display()))?;
				let authorised = upgrade::authorised(&chain.finalised().await?).await?;
				let hash = upgrade::check(&bytes, authorised)
					.with_context(|| format!("{} is not set", code.display()))?;
				let call = runtime::transactions().system().apply_authorized_upgrade(bytes);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				upgrade::check_set(chain, &done).await?;
				context.print(&Facts::new().and("code_hash", hash).join(included(&done)))
			},
		}
	}
}

/// Pays a grant, and has the chain see that it is paid, so that it leaves the state.
async fn pay(context: &Context, chain: &Chain, grant: u32) -> anyhow::Result<()> {
	let signer = context.signer()?;
	let at = chain.best().await?;
	let found = state::grants(&at).await?.into_iter().find(|it| it.grant == grant);
	let Grant { to, amount, from, until, paid, .. } = found.with_context(|| {
		format!("there is no grant {grant}, or it is paid; see: usufruct proposal grants")
	})?;
	let (now, from_block, until_block) = (at.block_number(), u64::from(from), u64::from(until));
	let calls = runtime::transactions().treasury();
	if !paid {
		ensure!(
			now >= from_block,
			"grant {grant} can be paid from block {from} on, and it is block {now}"
		);
		ensure!(
			now < until_block,
			"grant {grant} could be paid until block {until}, and it is block {now}: it stays in the fund"
		);
		context.submit(chain, &calls.payout(grant), &signer).await?;
	}
	let done = context.submit(chain, &calls.check_status(grant), &signer).await?;
	let facts = Facts::new().and("grant", grant).account("to", to).amount("paid", amount);
	context.print(&facts.join(included(&done)))
}

#[derive(Serialize)]
struct Grants {
	block: u64,
	grants: Vec<Grant>,
}

impl Report for Grants {
	fn table(&self) -> Table {
		let rows = self.grants.iter().map(|it| {
			[
				it.grant.to_string(),
				ufr(it.amount),
				it.from.to_string(),
				it.until.to_string(),
				if it.paid { "yes" } else { "no" }.into(),
				keys::address(&it.to),
			]
		});
		Table::new(["grant", "amount", "from", "until", "paid", "to"])
			.rows(rows)
			.note(format!("at block {}", self.block))
	}
}
