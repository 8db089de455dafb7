//! `usufruct dispute`.

use super::context::{hash_of, included, parse_hash, Context};
use clap::{Subcommand, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use usufruct_client::{
	amount::ufr,
	output::{Facts, Report, Table},
	runtime::{
		self,
		personhood::events,
		runtime_types::pallet_personhood::dispute::{Outcome, Reason},
	},
	state::disputes::{self, Dispute, DisputeStage},
};
use usufruct_primitives::{Hash, PersonId};

#[derive(Subcommand)]
pub enum Command {
	/// All disputes that are open
	List,
	/// Say that somebody is no person, with a bond; it is frozen until that is decided
	Open {
		/// The person's id
		person: PersonId,
		/// What is wrong
		#[arg(long, value_enum)]
		reason: ReasonName,
		/// What shows it, which you keep; its SHA-256 goes on the chain
		#[arg(long, value_name = "FILE", required_unless_present_any = ["evidence_hash", "bond_only"])]
		evidence: Option<PathBuf>,
		/// The hash of what shows it, 32 bytes in hex
		#[arg(long, value_name = "HEX", value_parser = parse_hash, conflicts_with = "evidence")]
		evidence_hash: Option<Hash>,
		/// Only say what the bond would be
		#[arg(long)]
		bond_only: bool,
	},
	/// Draw the jury of a dispute, by lot; free when it is time
	Draw {
		/// The dispute's number
		case: u32,
	},
	/// Vote on a dispute as one of its jury; free, and final
	Vote {
		/// The dispute's number
		case: u32,
		/// Whether the challenge is right
		#[arg(value_enum)]
		verdict: Verdict,
	},
	/// Count the jury's votes; free when it is time
	Count {
		/// The dispute's number
		case: u32,
	},
	/// Carry out what the jury found, when nobody can appeal any more; free when it is time
	Close {
		/// The dispute's number
		case: u32,
	},
}

/// [`Reason`], as it is said on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub enum ReasonName {
	/// The human is another person too
	Duplicate,
	/// There is no such human
	NotAPerson,
	/// The human has died
	Deceased,
	/// The attestations were wrong in another way
	Incorrect,
}

impl From<ReasonName> for Reason {
	fn from(name: ReasonName) -> Self {
		match name {
			ReasonName::Duplicate => Self::Duplicate,
			ReasonName::NotAPerson => Self::NotAPerson,
			ReasonName::Deceased => Self::Deceased,
			ReasonName::Incorrect => Self::Incorrect,
		}
	}
}

/// What a juror says.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Verdict {
	/// The challenge is right
	Uphold,
	/// The challenge is wrong
	Dismiss,
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().personhood();
		match self {
			Self::List => {
				let at = chain.finalised().await?;
				let disputes = disputes::disputes(&at).await?;
				context.print(&List { block: at.block_number(), disputes })
			},
			Self::Open { person, reason, bond_only: true, .. } => {
				let at = chain.finalised().await?;
				let bond = disputes::challenge_bond(&at, person, reason.into()).await?;
				context.print(&Facts::new().and("person", person).amount("bond", bond))
			},
			Self::Open { person, reason, evidence, evidence_hash, .. } => {
				let hash = hash_of(evidence.as_deref(), evidence_hash)?;
				let call = calls.challenge(person, reason.into(), hash);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::PersonChallenged = done.event("Personhood.PersonChallenged")?;
				let facts = Facts::new()
					.and("case", event.case)
					.and("person", event.person)
					.account("account", event.account.0)
					.and("evidence_hash", event.evidence)
					.amount("bond", event.bond);
				context.print(&facts.join(included(&done)))
			},
			Self::Draw { case } => {
				let call = calls.draw_jury(case);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::JuryDrawn = done.event("Personhood.JuryDrawn")?;
				let jury: Vec<String> = event.jury.iter().map(ToString::to_string).collect();
				let facts = Facts::new().and("case", event.case).and("jury", jury.join(" "));
				context.print(&facts.join(included(&done)))
			},
			Self::Vote { case, verdict } => {
				let call = calls.vote_case(case, verdict == Verdict::Uphold);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::CaseVoted = done.event("Personhood.CaseVoted")?;
				let facts = Facts::new()
					.and("case", event.case)
					.and("juror", event.juror)
					.and("uphold", event.uphold);
				context.print(&facts.join(included(&done)))
			},
			Self::Count { case } => {
				let call = calls.resolve_case(case);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::VotesCounted = done.event("Personhood.VotesCounted")?;
				let facts = Facts::new()
					.and("case", event.case)
					.and("uphold", event.ayes)
					.and("dismiss", event.nays)
					.and(
						"verdict",
						match event.verdict {
							Some(true) => "upheld",
							Some(false) => "dismissed",
							None => "none",
						},
					);
				context.print(&facts.join(included(&done)))
			},
			Self::Close { case } => {
				let call = calls.close_case(case);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: events::CaseClosed = done.event("Personhood.CaseClosed")?;
				let facts = Facts::new()
					.and("case", event.case)
					.and("person", event.person)
					.account("account", event.account.0)
					.and(
						"outcome",
						match event.outcome {
							Outcome::Upheld => "upheld",
							Outcome::Dismissed => "dismissed",
							Outcome::NoVerdict => "no verdict",
						},
					)
					.amount("bond", event.bond);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}

#[derive(Serialize)]
struct List {
	block: u64,
	disputes: Vec<Dispute>,
}

impl Report for List {
	fn table(&self) -> Table {
		let rows = self.disputes.iter().map(|dispute| {
			let (uphold, dismiss) = dispute.votes();
			let stage = match dispute.stage {
				DisputeStage::Waiting => "waits for its jury".into(),
				DisputeStage::Voting { ends } => format!("jury votes until {ends}"),
				DisputeStage::Appealable { upheld: true, ends } => {
					format!("upheld, appeal until {ends}")
				},
				DisputeStage::Appealable { upheld: false, ends } => {
					format!("no verdict, appeal until {ends}")
				},
			};
			let jury: Vec<String> =
				dispute.jury.iter().map(|(person, _)| person.to_string()).collect();
			[
				dispute.case.to_string(),
				dispute.person.to_string(),
				dispute.reason.into(),
				ufr(dispute.bond),
				stage,
				format!("{uphold} : {dismiss}"),
				jury.join(" "),
			]
		});
		Table::new(["case", "person", "reason", "bond", "stage", "uphold : dismiss", "jury"])
			.rows(rows)
			.note(format!("at block {}", self.block))
	}
}
