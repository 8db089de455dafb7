//! The end of the log: what is on disk there, and not yet in the tables.

use super::{
	tables::{by_id, by_seq, ById, BySeq},
	writer::Write,
	Answer,
};
use crate::book::Record;
use std::{
	collections::{HashMap, HashSet, VecDeque},
	sync::Arc,
};
use usufruct_primitives::{ChannelId, Hash, Seq};

/// The writes of one segment, in order, and where in them to find what requests ask for.
#[derive(Default)]
pub(super) struct Tail {
	pub writes: Vec<Write>,
	/// Bytes of their outputs and inputs.
	pub bytes: usize,
	answered: HashMap<ById, usize>,
	receipts: HashMap<BySeq, usize>,
	channels: HashSet<ChannelId>,
}

impl Tail {
	pub fn push(&mut self, write: Write) {
		let at = self.writes.len();
		match &write {
			Write::Book(Record::Accepted(accepted)) => {
				self.channels.insert(accepted.request.channel_id);
			},
			Write::Book(Record::Completed(completed, _)) => {
				let (channel, id) = completed.accepted.key();
				self.channels.insert(channel);
				self.answered.insert(by_id(&channel, &id), at);
				self.receipts.insert(by_seq(&channel, completed.receipt.seq), at);
			},
			Write::Book(Record::Closed(channel, _)) => {
				self.channels.insert(*channel);
			},
			Write::Drop(channel) => {
				self.channels.insert(*channel);
			},
			Write::Batch(_) | Write::BatchFinal(_) | Write::BatchRefused(_) => {},
			Write::Input(..) | Write::Profile(..) | Write::Expire(_) | Write::Prune(..) => {},
			Write::Head(..) => {},
		}
		self.bytes += write.bytes();
		self.writes.push(write);
	}
}

/// All tails: the one that grows, and those that are on their way into the tables, the oldest first.
#[derive(Default)]
pub(super) struct Tails {
	pub growing: Tail,
	pub sinking: VecDeque<Arc<Tail>>,
}

impl Tails {
	fn newest_first(&self) -> impl Iterator<Item = &Tail> {
		std::iter::once(&self.growing).chain(self.sinking.iter().rev().map(Arc::as_ref))
	}

	/// The receipt of that request: its number and request_commit.
	pub fn answered(&self, key: &ById) -> Option<(Seq, Hash)> {
		self.newest_first().find_map(|tail| match &tail.writes[*tail.answered.get(key)?] {
			Write::Book(Record::Completed(completed, _)) => {
				Some((completed.receipt.seq, completed.receipt.request_commit))
			},
			_ => None,
		})
	}

	/// The answer of that number.
	pub fn answer(&self, channel: &ChannelId, seq: Seq) -> Option<Answer> {
		let key = by_seq(channel, seq);
		self.newest_first().find_map(|tail| match &tail.writes[*tail.receipts.get(&key)?] {
			Write::Book(Record::Completed(completed, output)) => {
				let output = (!output.is_empty()).then(|| output.clone());
				Some(Answer { completed: completed.clone(), output })
			},
			_ => None,
		})
	}

	/// Whether anything of that channel is in them.
	pub fn mention(&self, channel: &ChannelId) -> bool {
		self.newest_first().any(|tail| tail.channels.contains(channel))
	}
}
