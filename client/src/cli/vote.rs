//! `usufruct vote`.

use super::{
	context::{included, Context},
	proposal::with_call,
};
use anyhow::{bail, Context as _};
use clap::Subcommand;
use serde::Serialize;
use usufruct_client::{
	output::{Facts, Report, Table},
	runtime::{self, suffrage::events},
	state::{
		self,
		polls::{self, Poll},
	},
};
use usufruct_primitives::PersonId;

#[derive(Subcommand)]
pub enum Command {
	/// All polls, and how they stand
	List,
	/// Vote for what a poll proposes; the first vote on a poll is free
	Aye {
		/// Its number
		poll: u32,
	},
	/// Vote against what a poll proposes; the first vote on a poll is free
	Nay {
		/// Its number
		poll: u32,
	},
	/// What a poll proposes and how it stands; how you voted on it, or whether you can
	Show {
		/// Its number
		poll: u32,
	},
	/// Take the vote of somebody who was revoked out of the count
	Remove {
		/// The poll's number
		poll: u32,
		/// The person's id
		person: PersonId,
	},
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().suffrage();
		match self {
			Self::List => {
				let at = chain.finalised().await?;
				context.print(&List { block: at.block_number(), polls: polls::polls(&at).await? })
			},
			Self::Aye { poll } => cast(context, poll, true).await,
			Self::Nay { poll } => cast(context, poll, false).await,
			Self::Show { poll } => {
				let at = chain.finalised().await?;
				let account = context.signer()?.public_key().0;
				let vote = match state::person(&at, &account).await? {
					Some(person) => polls::vote_of(&at, poll, person.person).await?,
					None => None,
				};
				let found = polls::polls(&at).await?.into_iter().find(|it| it.poll == poll);
				let found = found.with_context(|| format!("there is no poll {poll}"))?;
				let mut facts = Facts::new()
					.and("poll", poll)
					.and("state", found.state.name())
					.and("since", found.since)
					.and("track", found.track.map(str::to_owned));
				if let Some(tally) = found.tally {
					facts = facts
						.and("ayes", tally.ayes)
						.and("nays", tally.nays)
						.and("electorate", tally.electorate)
						.and("snapshot_epoch", tally.snapshot_epoch);
				}
				let facts = with_call(facts, &at, found.call.as_deref())?;
				context.print(
					&facts
						.and("your_vote", vote.map(|aye| if aye { "aye" } else { "nay" }))
						.and("you_can_vote", polls::can_vote(&at, poll, &account, true).await?),
				)
			},
			Self::Remove { poll, person } => {
				let call = calls.remove_vote(poll, person);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::VoteRemoved = done.event("Suffrage.VoteRemoved")?;
				let facts = Facts::new()
					.and("poll", event.poll)
					.and("person", event.person)
					.and("ayes", event.ayes)
					.and("nays", event.nays);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}

async fn cast(context: &Context, poll: u32, aye: bool) -> anyhow::Result<()> {
	let chain = context.chain().await?;
	let signer = context.signer()?;
	// A vote that would fail is not free, and who has nothing cannot pay for it.
	let at = chain.best().await?;
	if !polls::can_vote(&at, poll, &signer.public_key().0, aye).await? {
		bail!(
			"you cannot vote so on poll {poll}: it is over, you did so already, or you were not \
			 recognised in time; see: usufruct vote show {poll}"
		);
	}
	let call = runtime::transactions().suffrage().vote(poll, aye);
	let done = context.submit(&chain, &call, &signer).await?;
	let event: events::Voted = done.event("Suffrage.Voted")?;
	let facts = Facts::new()
		.and("poll", event.poll)
		.and("person", event.person)
		.and("vote", if event.aye { "aye" } else { "nay" })
		.and("before", event.before.map(|aye| if aye { "aye" } else { "nay" }))
		.and("ayes", event.ayes)
		.and("nays", event.nays);
	context.print(&facts.join(included(&done)))
}

#[derive(Serialize)]
struct List {
	block: u64,
	polls: Vec<Poll>,
}

/// Parts of ten thousand as percent.
fn percent(parts: u32) -> String {
	format!("{}.{:02} %", parts / 100, parts % 100)
}

impl Report for List {
	fn table(&self) -> Table {
		let none = || "-".to_owned();
		let rows = self.polls.iter().map(|poll| {
			let tally = poll.tally;
			[
				poll.poll.to_string(),
				poll.track.map_or_else(none, str::to_owned),
				poll.state.name().into(),
				poll.since.to_string(),
				tally.map_or_else(none, |it| it.ayes.to_string()),
				tally.map_or_else(none, |it| it.nays.to_string()),
				tally.map_or_else(none, |it| it.electorate.to_string()),
				tally.map_or_else(none, |it| percent(it.approval())),
				tally.map_or_else(none, |it| percent(it.support())),
			]
		});
		let columns = [
			"poll",
			"track",
			"state",
			"since",
			"ayes",
			"nays",
			"electorate",
			"approval",
			"support",
		];
		Table::new(columns).rows(rows).note(format!("at block {}", self.block))
	}
}
