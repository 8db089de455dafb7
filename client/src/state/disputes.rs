//! Disputes about people.

use super::as_address;
use crate::{
	chain::{AtBlock, ChainError},
	output::hex0x,
	runtime::{
		runtime_types::pallet_personhood::dispute::{self, Reason, Stage},
		storage, view_functions,
	},
	view::view,
};
use serde::{Serialize, Serializer};
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, Hash, PersonId};

/// How far a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum DisputeStage {
	/// The jury is not drawn yet.
	Waiting,
	/// The jury votes.
	Voting {
		/// The first block in which it can no more.
		ends: BlockNumber,
	},
	/// An appeal may decide otherwise.
	Appealable {
		/// Whether the jury upheld it; otherwise there was no verdict.
		upheld: bool,
		/// The first block in which it can be closed.
		ends: BlockNumber,
	},
}

/// A dispute that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dispute {
	/// Its number.
	pub case: u32,
	/// Who is challenged.
	pub person: PersonId,
	/// Who challenges.
	#[serde(serialize_with = "as_address")]
	pub challenger: AccountBytes,
	/// What for.
	pub reason: &'static str,
	/// What the challenger put aside, in planck.
	#[serde(with = "crate::decimal")]
	pub bond: Balance,
	/// The hash of the evidence.
	#[serde(serialize_with = "as_hex")]
	pub evidence: Hash,
	/// The block it was opened in.
	pub opened: BlockNumber,
	/// How far it is.
	pub stage: DisputeStage,
	/// The jury, with their votes: whether to uphold it.
	pub jury: Vec<(PersonId, Option<bool>)>,
}

fn as_hex<S: Serializer>(hash: &Hash, to: S) -> Result<S::Ok, S::Error> {
	to.serialize_str(&hex0x(hash))
}

impl Dispute {
	fn new(case: u32, from: dispute::Case) -> Self {
		Self {
			case,
			person: from.person,
			challenger: from.challenger.0,
			reason: match from.reason {
				Reason::Duplicate => "duplicate",
				Reason::NotAPerson => "not a person",
				Reason::Deceased => "deceased",
				Reason::Incorrect => "incorrect",
			},
			bond: from.bond,
			evidence: from.evidence,
			opened: from.opened,
			stage: match from.stage {
				Stage::Waiting => DisputeStage::Waiting,
				Stage::Voting { ends } => DisputeStage::Voting { ends },
				Stage::Appealable { upheld, ends } => DisputeStage::Appealable { upheld, ends },
			},
			jury: from.jury.0.iter().map(|seat| (seat.person, seat.vote)).collect(),
		}
	}

	/// How many of the jury would uphold it, and how many not, until now.
	pub fn votes(&self) -> (usize, usize) {
		let count = |side| self.jury.iter().filter(|(_, vote)| *vote == Some(side)).count();
		(count(true), count(false))
	}
}

/// All disputes that are open, by number.
pub async fn disputes(at: &AtBlock) -> Result<Vec<Dispute>, ChainError> {
	let mut rows = at.storage().iter(storage().personhood().cases(), ()).await?;
	let mut disputes = Vec::new();
	while let Some(row) = rows.next().await {
		let row = row?;
		let (case,) = row.key()?.decode()?;
		disputes.push(Dispute::new(case, row.value().decode()?));
	}
	disputes.sort_by_key(|dispute| dispute.case);
	Ok(disputes)
}

/// What challenging a person for a reason costs now, in planck.
pub async fn challenge_bond(
	at: &AtBlock,
	person: PersonId,
	reason: Reason,
) -> Result<Balance, ChainError> {
	view(at, view_functions().personhood().challenge_bond(person, reason)).await
}
