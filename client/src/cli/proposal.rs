//! `usufruct proposal`.

mod approved;
mod text;
mod wanted;

use super::context::{included, Context};
use anyhow::{ensure, Context as _};
use clap::Subcommand;
use serde::Serialize;
pub use text::text_of;
use usufruct_client::{
	chain::AtBlock,
	output::{Facts, Report, Table},
	runtime::{
		self, runtime_types::frame_support::traits::schedule::DispatchTime, suffrage::events,
	},
	state::polls::{self, Proposal},
};
use usufruct_primitives::BlockNumber;
use wanted::Wanted;

#[derive(Subcommand)]
pub enum Command {
	/// All proposals that people sign, and how many have
	List,
	/// What a proposal would do, and how many have signed it
	Show {
		/// Its number
		proposal: u32,
	},
	/// Propose something, for others to sign, or for a poll at once with --with-deposit
	Make {
		/// Pay the deposits of a poll, instead of asking others to sign; they come back, but for the
		/// first one if it is rejected
		#[arg(long)]
		with_deposit: bool,
		/// How many blocks after its approval it is done, if the track does not say later
		#[arg(long, default_value_t = 1, value_name = "BLOCKS")]
		after: BlockNumber,
		/// What is to be done
		#[command(subcommand)]
		what: Wanted,
	},
	/// Sign a proposal: there should be a poll on it; free
	Sign {
		/// Its number
		proposal: u32,
	},
	/// Make a poll of a proposal that enough people have signed
	Submit {
		/// Its number
		proposal: u32,
	},
	#[command(flatten)]
	Approved(approved::Command),
	/// Return the deposits of a poll that is over to whoever placed them
	Refund {
		/// The poll's number
		poll: u32,
		/// The submission deposit too; it returns after an approval
		#[arg(long)]
		submission: bool,
	},
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().suffrage();
		match self {
			Self::Approved(command) => command.run(context, &chain).await,
			Self::List => {
				let at = chain.finalised().await?;
				let proposals = polls::proposals(&at).await?;
				context.print(&List { block: at.block_number(), proposals })
			},
			Self::Show { proposal } => {
				let at = chain.finalised().await?;
				let all = polls::proposals(&at).await?;
				let found = all.into_iter().find(|it| it.proposal == proposal);
				let found = found.with_context(|| format!("there is no proposal {proposal}"))?;
				let facts = Facts::new()
					.and("proposal", proposal)
					.and("track", found.track.map(str::to_owned))
					.and("proposer", found.proposer)
					.and("signed", found.signed)
					.and("needed", found.needed)
					.and("closes_at", found.closes)
					.and("poll", found.poll);
				context.print(&with_call(facts, &at, found.call.as_deref())?)
			},
			Self::Make { with_deposit, after, what } => {
				let at = chain.finalised().await?;
				ensure!(
					polls::electorate(&at).await?.is_some(),
					"too few people shared in the last closed epoch: no poll can be submitted yet"
				);
				let signer = context.signer()?;
				what.check(&at).await?;
				let call = what.call(&at)?;
				if let Some(text) = what.text()? {
					text.note(context, &chain, &signer).await?;
				}
				let bounded = wanted::bounded(context, &chain, &signer, call).await?;
				let (origin, after) = (what.origin(), DispatchTime::After(after));
				if !with_deposit {
					let call = calls.propose(origin, bounded, after);
					let done = context.submit(&chain, &call, &signer).await?;
					let event: events::Proposed = done.event("Suffrage.Proposed")?;
					let facts = Facts::new()
						.and("proposal", event.proposal)
						.and("person", event.person)
						.and("closes_at", event.closes);
					return context.print(&facts.join(included(&done)));
				}
				let calls = runtime::transactions().referenda();
				let call = calls.submit(origin, bounded, after);
				let done = context.submit(&chain, &call, &signer).await?;
				let event: runtime::referenda::events::Submitted =
					done.event("Referenda.Submitted")?;
				let placed = calls.place_decision_deposit(event.index);
				let placed = context.submit(&chain, &placed, &signer).await?;
				let deposit: runtime::referenda::events::DecisionDepositPlaced =
					placed.event("Referenda.DecisionDepositPlaced")?;
				let facts = Facts::new()
					.and("poll", event.index)
					.amount("decision_deposit", deposit.amount);
				context.print(&facts.join(included(&placed)))
			},
			Self::Sign { proposal } => {
				let call = calls.cosign(proposal);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::Cosigned = done.event("Suffrage.Cosigned")?;
				let facts = Facts::new()
					.and("proposal", event.proposal)
					.and("person", event.person)
					.and("signed", event.signed);
				context.print(&facts.join(included(&done)))
			},
			Self::Submit { proposal } => {
				let call = calls.submit_proposal(proposal);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::ProposalSubmitted = done.event("Suffrage.ProposalSubmitted")?;
				let facts = Facts::new().and("proposal", event.proposal).and("poll", event.poll);
				context.print(&facts.join(included(&done)))
			},
			Self::Refund { poll, submission } => {
				let (calls, signer) = (runtime::transactions().referenda(), context.signer()?);
				let call = calls.refund_decision_deposit(poll);
				let mut done = context.submit(&chain, &call, &signer).await?;
				if submission {
					let call = calls.refund_submission_deposit(poll);
					done = context.submit(&chain, &call, &signer).await?;
				}
				context.print(&Facts::new().and("poll", poll).join(included(&done)))
			},
		}
	}
}

/// Appends what a call does, if it is short enough to stand there itself.
pub fn with_call(facts: Facts, at: &AtBlock, call: Option<&[u8]>) -> anyhow::Result<Facts> {
	let Some(call) = call else { return Ok(facts) };
	let call = at.transactions().from_call_data_bytes(call)?;
	let what = format!("{}.{}", call.pallet_name(), call.call_name());
	Ok(facts.and("call", what).and("with", format!("{}", call.into_value())))
}

#[derive(Serialize)]
struct List {
	block: u64,
	proposals: Vec<Proposal>,
}

impl Report for List {
	fn table(&self) -> Table {
		let rows = self.proposals.iter().map(|it| {
			[
				it.proposal.to_string(),
				it.track.unwrap_or("-").into(),
				it.proposer.to_string(),
				format!("{} of {}", it.signed, it.needed),
				it.closes.to_string(),
				it.poll.map_or("-".into(), |poll| poll.to_string()),
			]
		});
		Table::new(["proposal", "track", "proposer", "signed", "until", "poll"])
			.rows(rows)
			.note(format!("at block {}", self.block))
	}
}
