//! What can be done on the chain, and why.

use crate::{
	oracle_api::{SignedReceipt, SignedVoucher},
	watch::{batch::Settled, leaves::Proven},
};
use codec::Encode;
use usufruct_primitives::{
	commitment::Request, domain::hash, fraud::Fraud, AccountBytes, BatchNo, ChannelId, Hash,
	PublicKey, Seq,
};

/// A receipt that the oracle stands by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
	/// It signed it.
	Signed {
		/// The receipt and its signature.
		signed: SignedReceipt,
		/// The key that made it.
		key: PublicKey,
	},
	/// It settled it.
	Settled {
		/// In which batch.
		batch_no: BatchNo,
		/// Where.
		proven: Proven,
	},
}

impl Shown {
	fn id(&self, genesis: &Hash) -> Hash {
		match self {
			Self::Signed { signed, .. } => signed.receipt.digest(genesis),
			Self::Settled { proven, .. } => proven.receipt.digest(genesis),
		}
	}
}

/// Something to be done on the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
	/// Report two receipts where there can be only one.
	ReportDouble {
		/// The settlement whose lock is to be slashed, if one of them is in one that can be.
		batch: Option<Settled>,
		/// The one.
		first: Box<Shown>,
		/// The other.
		second: Box<Shown>,
	},
	/// Report a leaf that breaks a rule.
	ReportLeaf {
		/// The settlement.
		batch: Settled,
		/// The leaf.
		proven: Box<Proven>,
		/// Its request, if it breaks that.
		request: Option<Request>,
	},
	/// Report two neighbours that do not follow each other.
	ReportPair {
		/// The settlement.
		batch: Settled,
		/// The left one.
		left: Box<Proven>,
		/// The right one.
		right: Box<Proven>,
	},
	/// Demand a receipt.
	Demand {
		/// The settlement.
		batch: Settled,
		/// Its number.
		seq: Seq,
	},
	/// Enforce a demand that was not answered, or get its deposit back.
	Enforce {
		/// The settlement's number.
		batch_no: BatchNo,
		/// The receipt's.
		seq: Seq,
	},
	/// Lodge a voucher.
	Checkpoint {
		/// The voucher.
		voucher: SignedVoucher,
	},
	/// Get back what is left of a channel.
	FinaliseClose {
		/// Whether only what is not reserved comes back yet.
		in_part: bool,
	},
}

/// An action, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
	/// About which channel.
	pub channel_id: ChannelId,
	/// Whose it is to serve.
	pub oracle: AccountBytes,
	/// What is to be done.
	pub action: Action,
	/// What the oracle is convicted of, if of anything.
	pub fraud: Option<Fraud>,
	/// Why, in words.
	pub why: String,
}

impl Step {
	/// What the action is called.
	pub fn name(&self) -> &'static str {
		match &self.action {
			Action::ReportDouble { .. } => "report_double",
			Action::ReportLeaf { .. } => "report_leaf",
			Action::ReportPair { .. } => "report_pair",
			Action::Demand { .. } => "demand",
			Action::Enforce { .. } => "enforce_demand",
			Action::Checkpoint { .. } => "checkpoint",
			Action::FinaliseClose { .. } => "finalise_close",
		}
	}

	/// The settlement it is about.
	pub fn batch_no(&self) -> Option<BatchNo> {
		match &self.action {
			Action::ReportDouble { batch, .. } => batch.as_ref().map(|batch| batch.batch_no),
			Action::ReportLeaf { batch, .. }
			| Action::ReportPair { batch, .. }
			| Action::Demand { batch, .. } => Some(batch.batch_no),
			Action::Enforce { batch_no, .. } => Some(*batch_no),
			Action::Checkpoint { .. } | Action::FinaliseClose { .. } => None,
		}
	}

	/// The receipt it is about.
	pub fn seq(&self) -> Option<Seq> {
		match &self.action {
			Action::ReportDouble { first, .. } => Some(match &**first {
				Shown::Signed { signed, .. } => signed.receipt.seq,
				Shown::Settled { proven, .. } => proven.receipt.seq,
			}),
			Action::ReportLeaf { proven, .. } => Some(proven.receipt.seq),
			Action::ReportPair { right, .. } => Some(right.receipt.seq),
			Action::Demand { seq, .. } | Action::Enforce { seq, .. } => Some(*seq),
			Action::Checkpoint { .. } | Action::FinaliseClose { .. } => None,
		}
	}

	/// The same for the same action, whenever it is decided.
	pub fn id(&self, genesis: &Hash) -> Hash {
		let rest = match &self.action {
			Action::ReportDouble { first, second, .. } => {
				(first.id(genesis), second.id(genesis)).encode()
			},
			Action::Checkpoint { voucher } => voucher.voucher.encode(),
			Action::FinaliseClose { in_part } => in_part.encode(),
			_ => Vec::new(),
		};
		let about = (self.channel_id, self.oracle, self.batch_no(), self.seq());
		hash(&(self.name(), about, rest).encode())
	}
}
