//! `usufruct dividend programme`.

use crate::cli::context::{included, Context};
use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;
use usufruct_client::{
	amount::ufr,
	chain::Chain,
	output::{Facts, Report, Table},
	runtime, state,
};
use usufruct_primitives::PersonId;

#[derive(Subcommand)]
pub enum Command {
	/// The programmes, and what came of them until now
	List,
	/// Share in a programme; free
	Join {
		/// Its number
		programme: u32,
	},
	/// Take somebody out of a programme who shares in the dividend no more, or anybody once it is over
	Leave {
		/// Its number
		programme: u32,
		/// The person's id; otherwise that of the account that signs
		#[arg(long)]
		person: Option<PersonId>,
	},
	/// Claim what a programme owes you; free
	Claim {
		/// Its number
		programme: u32,
	},
}

impl Command {
	pub async fn run(self, context: &Context, chain: &Chain) -> anyhow::Result<()> {
		let calls = runtime::transactions().dividend();
		match self {
			Self::List => context.print(&List(state::programmes(&chain.finalised().await?).await?)),
			Self::Join { programme } => {
				let call = calls.join_programme(programme);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::dividend::events::ProgrammeJoined =
					done.event("Dividend.ProgrammeJoined")?;
				let facts = Facts::new()
					.and("programme", event.programme)
					.and("person", event.person)
					.and("from_epoch", event.from)
					.and("until_epoch", event.until);
				context.print(&facts.join(included(&done)))
			},
			Self::Leave { programme, person } => {
				let signer = context.signer()?;
				let person = match person {
					Some(person) => person,
					None => {
						let at = chain.finalised().await?;
						let found = state::person(&at, &signer.public_key().0).await?;
						found.context("this account is no person's; say --person")?.person
					},
				};
				let call = calls.leave_programme(programme, person);
				let done = context.submit(chain, &call, &signer).await?;
				let event: runtime::dividend::events::ProgrammeLeft =
					done.event("Dividend.ProgrammeLeft")?;
				let facts =
					Facts::new().and("programme", event.programme).and("person", event.person);
				context.print(&facts.join(included(&done)))
			},
			Self::Claim { programme } => {
				let call = calls.claim_programme(programme);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::dividend::events::ProgrammeClaimed =
					done.event("Dividend.ProgrammeClaimed")?;
				let facts = Facts::new()
					.and("programme", event.programme)
					.and("person", event.person)
					.account("account", event.account.0)
					.and("from_epoch", event.from)
					.and("to_epoch", event.to)
					.amount("claimed", event.amount);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}

#[derive(Serialize)]
struct List(Vec<state::Programme>);

impl Report for List {
	fn table(&self) -> Table {
		let rows = self.0.iter().map(|it| {
			[
				it.programme.to_string(),
				format!("{}.{:04} %", it.share / 10_000, it.share % 10_000),
				match it.classes.is_empty() {
					true => "all people".into(),
					false => it.classes.join(", "),
				},
				format!("{} to {}", it.from, it.until),
				it.joined.to_string(),
				it.claims.to_string(),
				ufr(it.received),
				ufr(it.paid),
				ufr(it.returned),
			]
		});
		Table::new([
			"programme",
			"share",
			"for",
			"epochs",
			"joined",
			"claims",
			"received",
			"paid",
			"returned",
		])
		.rows(rows)
	}
}
