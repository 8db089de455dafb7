//! What of the tables is removed again: outputs that are kept no longer, receipts that nobody can demand,
//! channels that are gone.
//!
//! Everything here is a change like any other: decided by [`crate::retention`], written to the log, and
//! made in the transaction of its segment. Each change removes a bounded number of rows; who wants more
//! removed writes it again.

use super::{
	tables::{
		by_expiry, by_id, by_seq, decode, of_expiry, seq_of, ByExpiry, ById, BySeq, Tables, NEXT,
	},
	StoreError,
};
use crate::{
	crash::{self, Point},
	settle::Batch,
};
use codec::{Decode, Encode};
use redb::{Range, ReadableTable, Value};
use std::collections::BTreeSet;
use usufruct_primitives::{usage::Voucher, BatchNo, BlockNumber, ChannelId, Hash, Seq, DAYS};

/// The most rows that one change removes: the log waits for it.
pub(super) const AT_ONCE: usize = 16_384;
/// What an output counts for besides its bytes: its receipt stays with it.
const ROW: u64 = 1_024;

/// For how many blocks an answer is kept at most before the window begins, whatever its voucher says: nothing is
/// noted for ever.
const LONGEST: BlockNumber = 365 * DAYS;

/// What is kept of answers, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Limits {
	/// For how many blocks after its voucher may no longer be served.
	pub window: BlockNumber,
	/// The most bytes of one channel, each output counted with a kibibyte for its rows. The oldest go
	/// first.
	pub budget: u64,
	/// Whether inputs are kept with them, for audits.
	pub inputs: bool,
}

impl Default for Limits {
	/// Seven days, 16 MiB, no inputs.
	fn default() -> Self {
		Self { window: 201_600, budget: 16 << 20, inputs: false }
	}
}

impl Limits {
	/// The last block for which the answer to that voucher's request is kept, when the finalised block is
	/// that.
	pub(super) fn until(&self, voucher: &Voucher, head: Option<BlockNumber>) -> BlockNumber {
		let longest = head.map_or(BlockNumber::MAX, |head| head.saturating_add(LONGEST));
		voucher.serve_until.min(longest).saturating_add(self.window)
	}
}

/// Successive outputs of a channel that are kept equally long. Those of one segment are noted in one row:
/// requests that overlap mostly have vouchers of the same age, and a row for each took a tenth of what
/// a receipt costs.
#[derive(Clone, Copy)]
pub(super) struct Run {
	until: BlockNumber,
	first: Seq,
	last: Seq,
}

impl Tables<'_> {
	pub(super) fn keep_output(
		&mut self,
		limits: &Limits,
		channel: &ChannelId,
		seq: Seq,
		until: BlockNumber,
		output: &[u8],
	) -> Result<(), StoreError> {
		self.outputs.insert(&by_seq(channel, seq), output)?;
		let run = self.runs.get(channel).copied();
		let longer = run.filter(|run| run.until == until && run.last.checked_add(1) == Some(seq));
		if let Some(ended) = run.filter(|_| longer.is_none()) {
			self.end_run(channel, ended)?;
		}
		let first = longer.map_or(seq, |run| run.first);
		self.runs.insert(*channel, Run { until, first, last: seq });
		self.row(channel)?.kept += ROW + output.len() as u64;
		self.trim(limits, channel)
	}

	/// Only together with its output.
	pub(super) fn keep_input(
		&mut self,
		limits: &Limits,
		channel: &ChannelId,
		seq: Seq,
		profile: &Hash,
		input: &[u8],
	) -> Result<(), StoreError> {
		let key = by_seq(channel, seq);
		if self.outputs.get(&key)?.is_none() {
			return Ok(());
		}
		self.inputs.insert(&key, (profile, input))?;
		self.row(channel)?.kept += input.len() as u64;
		self.trim(limits, channel)
	}

	/// Removes the channel's oldest outputs until the rest fits its budget; never the newest, which its
	/// consumer may not have got yet.
	fn trim(&mut self, limits: &Limits, channel: &ChannelId) -> Result<(), StoreError> {
		let mut trimmed = false;
		while self.row(channel)?.kept > limits.budget {
			let Some(key) = self.first_output(channel)? else { break };
			if self.last_output(channel)? == Some(key) {
				break;
			}
			self.forget(channel, &key)?;
			trimmed = true;
		}
		if trimmed {
			self.sweep(channel, AT_ONCE)?;
		}
		Ok(())
	}

	fn first_output(&self, channel: &ChannelId) -> Result<Option<BySeq>, StoreError> {
		let (from, to) = (by_seq(channel, 0), by_seq(channel, Seq::MAX));
		let first = self.outputs.range::<&BySeq>(&from..=&to)?.next().transpose()?;
		Ok(first.map(|(key, _)| *key.value()))
	}

	fn last_output(&self, channel: &ChannelId) -> Result<Option<BySeq>, StoreError> {
		let (from, to) = (by_seq(channel, 0), by_seq(channel, Seq::MAX));
		let last = self.outputs.range::<&BySeq>(&from..=&to)?.next_back().transpose()?;
		Ok(last.map(|(key, _)| *key.value()))
	}

	/// Removes an output and its input.
	fn forget(&mut self, channel: &ChannelId, key: &BySeq) -> Result<(), StoreError> {
		crash::at(Point::OutputForgetting);
		let length = self.outputs.remove(key)?.map(|row| row.value().len() as u64);
		let Some(length) = length else { return Ok(()) };
		let input = self.inputs.remove(key)?.map_or(0, |row| row.value().1.len() as u64);
		let row = self.row(channel)?;
		row.kept = row.kept.saturating_sub(ROW + length + input);
		Ok(())
	}

	/// Has the runs that nothing prolongs any more in the table.
	pub(super) fn end_runs(&mut self) -> Result<(), StoreError> {
		for (channel, run) in std::mem::take(&mut self.runs) {
			self.end_run(&channel, run)?;
		}
		Ok(())
	}

	fn end_run(&mut self, channel: &ChannelId, run: Run) -> Result<(), StoreError> {
		self.expiring.insert(&by_expiry(run.until, &by_seq(channel, run.first)), run.last)?;
		Ok(())
	}

	/// Removes outputs that are kept for no block from `before` on. Some are gone already: of their channel
	/// more came than its budget holds, or it was closed.
	pub(super) fn expire(&mut self, before: BlockNumber) -> Result<(), StoreError> {
		self.end_runs()?;
		let end = by_expiry(before, &[0; 40]);
		let mut channels = BTreeSet::new();
		let mut left = AT_ONCE as u64;
		while left > 0 {
			let Some((key, last)) = self.first_run(&end)? else { break };
			let (until, channel, first) = of_expiry(&key);
			let to = last.min(first.saturating_add(left - 1));
			for seq in first..=to {
				self.forget(&channel, &by_seq(&channel, seq))?;
			}
			self.expiring.remove(&key)?;
			if to < last {
				self.end_run(&channel, Run { until, first: to.saturating_add(1), last })?;
			}
			channels.insert(channel);
			left = left.saturating_sub(to.saturating_sub(first).saturating_add(1));
		}
		let mut left = AT_ONCE;
		for channel in channels {
			left -= self.sweep(&channel, left)?;
		}
		Ok(())
	}

	/// The first run that ends before that.
	fn first_run(&self, end: &ByExpiry) -> Result<Option<(ByExpiry, Seq)>, StoreError> {
		let first = self.expiring.range::<&ByExpiry>(..end)?.next().transpose()?;
		Ok(first.map(|(key, last)| (*key.value(), last.value())))
	}

	/// Nothing of settlement `no`, the oldest, can be demanded any more; those channels are settled up to
	/// those numbers. The settlement is removed last, so that what is left is found again.
	///
	/// What is past is found here, in the order of the log, and not by who asks for it: another settlement
	/// may have been written meanwhile.
	pub(super) fn prune(
		&mut self,
		no: BatchNo,
		settled: &[(ChannelId, Seq)],
	) -> Result<(), StoreError> {
		let first = self.batches.first()?.map(|(first, row)| (first.value(), row.value().to_vec()));
		let Some((first, row)) = first else { return Ok(()) };
		let (is_final, batch): (bool, Batch) = decode("batches", &mut &row[..])?;
		if first != no || !is_final {
			return Ok(());
		}
		let mut left = AT_ONCE;
		for claims in batch.claims.chunk_by(|a, b| a.channel_id == b.channel_id) {
			let (Some(from), Some(to)) = (claims.first(), claims.last()) else { continue };
			let channel = &from.channel_id;
			let settled = settled.iter().find(|(of, _)| of == channel).map_or(0, |(_, seq)| *seq);
			let row = self.row(channel)?;
			// A later settlement claims again what was skipped in this one.
			let past = match row.last_batch {
				Some(last) if last > no => from.from_seq.saturating_sub(1),
				_ => to.to_seq,
			};
			row.past = row.past.max(past.min(settled));
			left -= self.sweep(channel, left)?;
		}
		if left > 0 {
			crash::at(Point::BatchRemoving);
			self.take_batch(no)?;
			self.meta.insert(NEXT, no.saturating_add(1).encode().as_slice())?;
		}
		Ok(())
	}

	/// Removes receipts that nobody can demand, up to the first that still has its output, and the one
	/// that was acknowledged last: what comes is counted from it. Returns how many, at most so many.
	fn sweep(&mut self, channel: &ChannelId, most: usize) -> Result<usize, StoreError> {
		let row = self.row(channel)?;
		let (swept, past, closed) = (row.swept, row.past, row.closed);
		let acknowledged = row.voucher.as_ref().map_or(0, |signed| signed.voucher.ack_seq);
		let mut to = if closed { past } else { past.min(acknowledged.saturating_sub(1)) };
		if to <= swept {
			return Ok(0);
		}
		if let Some(key) = self.first_output(channel)? {
			to = to.min(seq_of(&key).saturating_sub(1));
		}
		to = to.min(swept.saturating_add(most as u64));
		let mut removed = 0;
		for seq in swept.saturating_add(1)..=to {
			crash::at(Point::ReceiptRemoving);
			self.remove_receipt(&by_seq(channel, seq))?;
			removed += 1;
		}
		let row = self.row(channel)?;
		row.swept = row.swept.max(to);
		Ok(removed)
	}

	fn remove_receipt(&mut self, key: &BySeq) -> Result<(), StoreError> {
		self.receipts.remove(key)?;
		self.failed.remove(key)?;
		Ok(())
	}

	/// Removes what is left of a channel that is closed, but for its row.
	pub(super) fn drop_channel(&mut self, channel: &ChannelId) -> Result<(), StoreError> {
		let row = self.row(channel)?;
		let (closed, last) = (row.closed, row.last_batch);
		let oldest = self.batches.first()?.map(|(no, _)| no.value());
		// A settlement that is held needs all its receipts, those of claims that were skipped too.
		let held = last.zip(oldest).is_some_and(|(last, oldest)| last >= oldest);
		if !closed || held {
			return Ok(());
		}
		while let Some(key) = self.first_output(channel)? {
			self.forget(channel, &key)?;
		}
		let (first, last) = (by_seq(channel, 0), by_seq(channel, Seq::MAX));
		let receipts = first_keys(self.receipts.range::<&BySeq>(&first..=&last)?, AT_ONCE)?;
		for key in &receipts {
			self.remove_receipt(key)?;
		}
		crash::at(Point::ChannelDropping);
		let (first, last) = (by_id(channel, &[0; 16]), by_id(channel, &[255; 16]));
		let answered = first_keys(self.answered.range::<&ById>(&first..=&last)?, AT_ONCE)?;
		for key in &answered {
			self.answered.remove(key)?;
		}
		if receipts.len() < AT_ONCE && answered.len() < AT_ONCE {
			let row = self.row(channel)?;
			row.voucher = None;
			row.dropped = true;
			self.closed.remove(channel)?;
		}
		Ok(())
	}
}

fn first_keys<const N: usize, V: Value + 'static>(
	range: Range<'_, &'static [u8; N], V>,
	most: usize,
) -> Result<Vec<[u8; N]>, StoreError> {
	range.take(most).map(|row| Ok(*row?.0.value())).collect()
}
