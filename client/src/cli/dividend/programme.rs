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
	/// All programmes, also those that are over, and what came of them until now
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
				people(it),
				format!("{} to {}", it.from, it.until),
				if it.running { "runs" } else { "over" }.into(),
				it.joined.to_string(),
				it.extended.to_string(),
				it.left.to_string(),
				it.claims.to_string(),
				ufr(it.received),
				ufr(it.paid),
				ufr(it.returned),
				it.used().map_or("-".into(), |it| format!("{}.{:02} %", it / 100, it % 100)),
			]
		});
		Table::new([
			"programme",
			"share",
			"for",
			"epochs",
			"state",
			"joined",
			"extended",
			"left",
			"claims",
			"received",
			"paid",
			"returned",
			"used",
		])
		.rows(rows)
	}
}

/// Who may join.
fn people(programme: &state::Programme) -> String {
	let classes = programme.classes.join(", ");
	let regions: Vec<_> = programme.regions.iter().map(ToString::to_string).collect();
	let regions = format!("region {}", regions.join(", "));
	match (programme.classes.is_empty(), programme.regions.is_empty()) {
		(true, true) => "all people".into(),
		(false, true) => classes,
		(true, false) => regions,
		(false, false) => format!("{classes} in {regions}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn programme(classes: &[&str], regions: &[u16]) -> state::Programme {
		state::Programme {
			programme: 3,
			share: 12_500,
			classes: classes.iter().map(ToString::to_string).collect(),
			regions: regions.to_vec(),
			from: 2,
			until: 9,
			min_people: 1_000,
			running: false,
			joined: 7,
			extended: 4,
			left: 1,
			claims: 5,
			received: 3_000_000_000_000,
			paid: 1_000_000_000_000,
			returned: 2_000_000_000_000,
		}
	}

	#[test]
	fn what_came_of_each_is_in_a_row() {
		let all = [
			(programme(&[], &[]), "all people"),
			(programme(&["Document", "Community"], &[]), "Document, Community"),
			(programme(&[], &[7, 9]), "region 7, 9"),
			(programme(&["Document"], &[7]), "Document in region 7"),
		];
		for (programme, expected) in &all {
			assert_eq!(people(programme), *expected);
		}
		let list = List(all.into_iter().map(|(programme, _)| programme).collect());
		let table = list.table().to_string();
		let row = table.lines().nth(2).unwrap();
		for cell in ["3", "1.2500 %", "2 to 9", "over", "7", "4", "1", "5", "33.33 %"] {
			assert!(row.split("  ").any(|it| it.trim() == cell), "{cell} in {row}");
		}
	}

	#[test]
	fn nothing_is_used_of_nothing() {
		let empty = state::Programme { received: 0, paid: 0, ..programme(&[], &[]) };
		assert_eq!(empty.used(), None);
	}
}
