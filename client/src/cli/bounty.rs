//! `usufruct bounty`.

use super::{
	context::{included, Context},
	proposal::text_of,
};
use anyhow::{bail, Context as _};
use clap::{ArgGroup, Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;
use subxt::utils::{AccountId32, MultiAddress, H256};
use subxt_signer::sr25519::Keypair;
use usufruct_client::{
	amount::{ufr, Amount},
	chain::{Chain, Included},
	keys,
	output::{Facts, Report, Table},
	runtime::{self, bounties::events},
	state::bounties::{self, Bounty, BountyState, Payee},
};
use usufruct_primitives::VersionId;

/// A bounty, or a part of one.
#[derive(Args, Clone, Copy)]
pub struct Which {
	/// Its number
	bounty: u32,
	/// The number of a part of it, if that is meant and not the whole
	#[arg(long)]
	part: Option<u32>,
}

impl std::fmt::Display for Which {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		match self.part {
			Some(part) => write!(f, "part {part} of bounty {}", self.bounty),
			None => write!(f, "bounty {}", self.bounty),
		}
	}
}

#[derive(Subcommand)]
pub enum Command {
	/// All bounties, and their parts; a poll funds one: usufruct proposal make bounty
	List,
	/// What a bounty is for, and how far it is
	Show {
		#[command(flatten)]
		which: Which,
	},
	/// Be its curator, as which you were named; holds a tenth of its value from you
	Accept {
		#[command(flatten)]
		which: Which,
	},
	/// Give a part of the money to work of its own, as the curator of the whole
	Part {
		/// The bounty's number
		bounty: u32,
		/// How much
		#[arg(long, value_name = "AMOUNT")]
		value: Amount,
		/// A file with what is to be done; it stands on the chain
		#[arg(long, value_name = "FILE")]
		text: PathBuf,
		/// Who decides whom it pays; you, if it is nobody else
		#[arg(long, value_name = "ACCOUNT")]
		curator: Option<String>,
	},
	/// Pay it, as its curator; it is over then
	#[command(group(ArgGroup::new("payee").required(true)))]
	Award {
		#[command(flatten)]
		which: Which,
		/// Who is paid
		#[arg(long, value_name = "ACCOUNT", group = "payee")]
		to: Option<String>,
		/// The version of a model whose contributors are paid; each pulls its row:
		/// usufruct model revenue
		#[arg(long, value_name = "VERSION", group = "payee")]
		to_version: Option<VersionId>,
	},
	/// Name another curator of a part that has none, as the curator of the whole
	Name {
		/// The bounty's number
		bounty: u32,
		/// The part's number
		#[arg(long)]
		part: u32,
		/// The new curator
		#[arg(long, value_name = "ACCOUNT")]
		curator: String,
	},
	/// Be its curator no more, and have your deposit back
	Resign {
		#[command(flatten)]
		which: Which,
	},
	/// Dismiss the curator of a part, as the curator of the whole; the deposit goes to the fund
	Dismiss {
		/// The bounty's number
		bounty: u32,
		/// The part's number
		#[arg(long)]
		part: u32,
	},
	/// Have it count what was sent to its account beside its funding, as its curator
	Raise {
		/// Its number
		bounty: u32,
		/// By how much
		#[arg(long, value_name = "AMOUNT")]
		by: Amount,
	},
	/// Close it, as its curator; what is left goes back to where it came from
	Close {
		#[command(flatten)]
		which: Which,
	},
	/// Look whether its last payment has arrived, so that it goes on; for anybody. The other commands
	/// do so by themselves
	Check {
		#[command(flatten)]
		which: Which,
	},
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().bounties();
		match self {
			Self::List => {
				let at = chain.finalised().await?;
				let bounties = bounties::bounties(&at).await?;
				context.print(&List { block: at.block_number(), bounties })
			},
			Self::Show { which } => show(context, &chain, which).await,
			Self::Accept { which } => {
				let signer = context.signer()?;
				let it = ready(context, &chain, &signer, which).await?;
				if it.curator != Some(signer.public_key().0) {
					bail!("{which} is to have another curator; see: usufruct bounty list");
				}
				let call = calls.accept_curator(which.bounty, which.part);
				let done = context.submit(&chain, &call, &signer).await?;
				let event: events::BountyBecameActive =
					done.event("Bounties.BountyBecameActive")?;
				let facts = of(which).account("curator", event.curator.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Part { bounty, value, text, curator } => {
				let signer = context.signer()?;
				let curator = curator.as_deref().map(keys::parse_account).transpose()?;
				ready(context, &chain, &signer, Which { bounty, part: None }).await?;
				let text = text_of(&text)?;
				let hash = H256(text.note(context, &chain, &signer).await?);
				let call = calls.fund_child_bounty(bounty, value.0, hash, curator.map(address));
				let done = context.submit(&chain, &call, &signer).await?;
				let event: events::ChildBountyCreated =
					done.event("Bounties.ChildBountyCreated")?;
				let which = Which { bounty, part: Some(event.child_index) };
				let done = check(context, &chain, &signer, which).await?;
				let facts = of(which).amount("value", value.0).and("text_hash", hash.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Award { which, to, to_version } => {
				let signer = context.signer()?;
				let payee = match (to, to_version) {
					(Some(to), _) => Payee::Account(keys::parse_account(&to)?),
					(None, version) => Payee::Version(version.context("say whom it pays")?),
				};
				ready(context, &chain, &signer, which).await?;
				let call = calls.award_bounty(which.bounty, which.part, payee.into());
				context.submit(&chain, &call, &signer).await?;
				let done = check(context, &chain, &signer, which).await?;
				let event: events::BountyPayoutProcessed =
					done.event("Bounties.BountyPayoutProcessed")?;
				let facts = of(which)
					.and("payee", Payee::from(event.beneficiary).to_string())
					.amount("paid", event.value);
				context.print(&facts.join(included(&done)))
			},
			Self::Name { bounty, part, curator } => {
				let which = Which { bounty, part: Some(part) };
				let curator = keys::parse_account(&curator)?;
				let call = calls.propose_curator(bounty, Some(part), address(curator));
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::CuratorProposed = done.event("Bounties.CuratorProposed")?;
				let facts = of(which).account("curator", event.curator.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Resign { which } => unassign(context, &chain, which, true).await,
			Self::Dismiss { bounty, part } => {
				unassign(context, &chain, Which { bounty, part: Some(part) }, false).await
			},
			Self::Raise { bounty, by } => {
				let call = calls.increase_value(bounty, by.0);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::BountyValueIncreased =
					done.event("Bounties.BountyValueIncreased")?;
				let facts = of(Which { bounty, part: None })
					.amount("value_before", event.old_value)
					.amount("value", event.new_value);
				context.print(&facts.join(included(&done)))
			},
			Self::Close { which } => {
				let signer = context.signer()?;
				let it = ready(context, &chain, &signer, which).await?;
				let call = calls.close_bounty(which.bounty, which.part);
				context.submit(&chain, &call, &signer).await?;
				let done = check(context, &chain, &signer, which).await?;
				let _: events::BountyRefundProcessed =
					done.event("Bounties.BountyRefundProcessed")?;
				let facts = of(which).amount("returned", it.left);
				context.print(&facts.join(included(&done)))
			},
			Self::Check { which } => {
				let signer = context.signer()?;
				let done = check(context, &chain, &signer, which).await?;
				context.print(&of(which).join(included(&done)))
			},
		}
	}
}

/// Ends a curator's work: one's own, or another's.
async fn unassign(context: &Context, chain: &Chain, which: Which, own: bool) -> anyhow::Result<()> {
	let signer = context.signer()?;
	let it = ready(context, chain, &signer, which).await?;
	let Some(curator) = it.curator else { bail!("{which} has no curator") };
	match (own, curator == signer.public_key().0) {
		(true, false) => bail!("you are not the curator of {which}; see: usufruct bounty list"),
		(false, true) => bail!("you are the curator of {which} yourself: resign"),
		_ => {},
	}
	let call = runtime::transactions().bounties().unassign_curator(which.bounty, which.part);
	let done = context.submit(chain, &call, &signer).await?;
	let _: events::CuratorUnassigned = done.event("Bounties.CuratorUnassigned")?;
	let facts = of(which).account("curator_until_then", curator);
	context.print(&facts.join(included(&done)))
}

fn of(which: Which) -> Facts {
	Facts::new().and("bounty", which.bounty).and("part", which.part)
}

fn address(account: [u8; 32]) -> MultiAddress<AccountId32, ()> {
	AccountId32(account).into()
}

/// A bounty, once its funding was looked at: the chain goes on with it only then.
async fn ready(
	context: &Context,
	chain: &Chain,
	signer: &Keypair,
	which: Which,
) -> anyhow::Result<Bounty> {
	let it = find(chain, which).await?;
	if it.state != BountyState::Funding {
		return Ok(it);
	}
	check(context, chain, signer, which).await?;
	find(chain, which).await
}

async fn find(chain: &Chain, which: Which) -> anyhow::Result<Bounty> {
	let at = chain.best().await?;
	let it = bounties::bounty(&at, which.bounty, which.part).await?;
	it.with_context(|| format!("there is no {which}, or it is over; see: usufruct bounty list"))
}

/// Has the chain look at the last payment.
async fn check(
	context: &Context,
	chain: &Chain,
	signer: &Keypair,
	which: Which,
) -> anyhow::Result<Included> {
	let call = runtime::transactions().bounties().check_status(which.bounty, which.part);
	context.submit(chain, &call, signer).await
}

async fn show(context: &Context, chain: &Chain, which: Which) -> anyhow::Result<()> {
	let at = chain.finalised().await?;
	let it = bounties::bounty(&at, which.bounty, which.part).await?;
	let it = it.with_context(|| format!("there is no {which}, or it is over"))?;
	let mut facts =
		of(which).and("state", it.state.name()).amount("value", it.value).amount("left", it.left);
	facts = match it.curator {
		Some(curator) => facts.account("curator", curator),
		None => facts.and("curator", None::<u32>),
	};
	context.print(
		&facts
			.and("payee", it.payee.map(|payee| payee.to_string()))
			.and("text_hash", it.text_hash)
			.and("text", it.text),
	)
}

#[derive(Serialize)]
struct List {
	block: u64,
	bounties: Vec<Bounty>,
}

impl Report for List {
	fn table(&self) -> Table {
		let rows = self.bounties.iter().map(|it| {
			[
				it.bounty.to_string(),
				it.part.map_or("-".into(), |part| part.to_string()),
				it.state.name().into(),
				ufr(it.value),
				ufr(it.left),
				it.curator.map_or("-".into(), |curator| keys::address(&curator)),
				it.text.as_deref().map_or("-".into(), headline),
			]
		});
		Table::new(["bounty", "part", "state", "value", "left", "curator", "what"])
			.rows(rows)
			.note(format!("at block {}", self.block))
	}
}

/// The first words of a text, on one line.
fn headline(text: &str) -> String {
	/// As many characters as leave a table readable.
	const LENGTH: usize = 40;
	let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
	let clean: String = line.chars().filter(|it| !it.is_control()).collect();
	match clean.chars().count() > LENGTH {
		true => clean.chars().take(LENGTH - 1).chain(['…']).collect(),
		false => clean,
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_headline_is_one_short_line() {
		assert_eq!(headline("\n\nLabel images\nmore"), "Label images");
		assert_eq!(headline("\u{1b}[31mred"), "[31mred");
		assert_eq!(headline(&"ä".repeat(50)).chars().count(), 40);
		assert_eq!(headline(""), "");
	}
}
