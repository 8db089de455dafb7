//! From receipts to a batch: claims without gaps, and the Merkle-sum tree over their receipts.

use codec::{Decode, Encode};
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	settlement::{Claim, ClaimVoucher, MAX_CLAIMS, MAX_RECEIPTS},
	tree::{self, Leaf, TreeError},
	usage::Receipt,
	Balance, BatchNo, ChannelId, Hash, Seq, VersionId,
};

/// The exact arguments of one settlement.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Batch {
	/// Its number.
	pub no: BatchNo,
	/// The root of its tree.
	pub root: Hash,
	/// The sum of its receipts, in planck.
	pub total: Balance,
	/// How many they are.
	pub count: u32,
	/// Its claims, in the order of the leaves.
	pub claims: Vec<Claim>,
}

impl Batch {
	/// A settlement of so many claims, which settles nothing: fees, weights and lengths depend on how many
	/// they are, and on nothing in them.
	pub fn example(claims: u32) -> Self {
		let voucher = ClaimVoucher {
			cap: 1,
			request_commit: [0; 32],
			ack_seq: 0,
			ack_total: 0,
			serve_until: 0,
			signature: [0; 64],
		};
		let claim = Claim {
			channel_id: [0; 32],
			model_version: 0,
			from_seq: 1,
			to_seq: 1,
			total_before: 0,
			total_after: 1,
			voucher,
		};
		Self {
			no: 0,
			root: [0; 32],
			total: claims.into(),
			count: claims,
			claims: vec![claim; claims as usize],
		}
	}
}

/// A channel's receipts that are not settled.
#[derive(Clone, Debug)]
pub struct Source {
	/// The channel.
	pub channel_id: ChannelId,
	/// The last receipt settled.
	pub settled_seq: Seq,
	/// Its total, in planck.
	pub settled_total: Balance,
	/// The newest voucher.
	pub voucher: SignedVoucher,
	/// The receipts after it, in order.
	pub receipts: Vec<Row>,
}

/// What a batch needs of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
	seq: Seq,
	version: VersionId,
	total: Balance,
	leaf: Leaf,
}

impl Row {
	/// Of a receipt on the chain of that genesis hash.
	pub fn of(receipt: &Receipt, genesis: &Hash) -> Self {
		Self {
			seq: receipt.seq,
			version: receipt.model_version,
			total: receipt.total,
			leaf: Leaf { digest: receipt.digest(genesis), amount: receipt.amount },
		}
	}
}

/// A batch could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
	/// The log of a channel has a gap, or totals that do not add up.
	#[error(
		"the receipts of channel 0x{} do not follow each other at {seq}; nothing of it is settled: \
		 restore the data folder from a copy", hex::encode(channel)
	)]
	Gap {
		/// The channel.
		channel: ChannelId,
		/// Where.
		seq: Seq,
	},
	/// There is no tree.
	#[error(transparent)]
	Tree(#[from] TreeError),
}

impl Source {
	/// Whether the receipts follow what is settled, and each other.
	pub fn check(&self) -> Result<(), PlanError> {
		let (mut seq, mut total) = (self.settled_seq, self.settled_total);
		for row in &self.receipts {
			let follows = seq.checked_add(1) == Some(row.seq)
				&& total.checked_add(row.leaf.amount) == Some(row.total);
			if !follows {
				return Err(PlanError::Gap { channel: self.channel_id, seq: row.seq });
			}
			(seq, total) = (row.seq, row.total);
		}
		Ok(())
	}
}

/// A claim and the leaves under it.
struct Run {
	claim: Claim,
	leaves: Vec<Leaf>,
}

/// Makes batch `no` from as much of the sources as fits, the first first; `None` if nothing is left
/// to claim. Each source must hold together by itself.
pub fn plan(no: BatchNo, sources: &[Source]) -> Result<Option<Batch>, PlanError> {
	let mut runs: Vec<Run> = Vec::new();
	let mut room = MAX_RECEIPTS as usize;
	for source in sources {
		for run in runs_of(source)? {
			if runs.len() == MAX_CLAIMS as usize || room == 0 {
				break;
			}
			let run = run.cut(room);
			room -= run.leaves.len();
			runs.push(run);
		}
	}
	if runs.is_empty() {
		return Ok(None);
	}
	// The order of the leaves: by channel, then by number.
	runs.sort_by(|a, b| {
		(a.claim.channel_id, a.claim.from_seq).cmp(&(b.claim.channel_id, b.claim.from_seq))
	});
	let leaves: Vec<Leaf> = runs.iter().flat_map(|run| &run.leaves).copied().collect();
	let top = tree::build(&leaves)?;
	Ok(Some(Batch {
		no,
		root: top.hash,
		total: top.sum,
		count: top.count,
		claims: runs.into_iter().map(|run| run.claim).collect(),
	}))
}

/// The source's receipts, cut wherever the version changes.
fn runs_of(source: &Source) -> Result<Vec<Run>, PlanError> {
	source.check()?;
	let mut runs: Vec<Run> = Vec::new();
	let mut total = source.settled_total;
	for row in &source.receipts {
		match runs.last_mut() {
			Some(run) if run.claim.model_version == row.version => run.extend(row),
			_ => runs.push(Run::begin(source, row, total)),
		}
		total = row.total;
	}
	Ok(runs)
}

impl Run {
	fn begin(source: &Source, row: &Row, total_before: Balance) -> Self {
		let voucher = &source.voucher.voucher;
		let claim = Claim {
			channel_id: source.channel_id,
			model_version: row.version,
			from_seq: row.seq,
			to_seq: row.seq,
			total_before,
			total_after: row.total,
			voucher: ClaimVoucher {
				cap: voucher.cap,
				request_commit: voucher.request_commit,
				ack_seq: voucher.ack_seq,
				ack_total: voucher.ack_total,
				serve_until: voucher.serve_until,
				signature: source.voucher.signature,
			},
		};
		Self { claim, leaves: vec![row.leaf] }
	}

	fn extend(&mut self, row: &Row) {
		self.claim.to_seq = row.seq;
		self.claim.total_after = row.total;
		self.leaves.push(row.leaf);
	}

	/// The first `room` receipts of it.
	fn cut(mut self, room: usize) -> Self {
		for leaf in self.leaves.drain(room.min(self.leaves.len())..) {
			self.claim.to_seq -= 1;
			self.claim.total_after -= leaf.amount;
		}
		self
	}
}
