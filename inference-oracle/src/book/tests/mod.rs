mod failures;
mod random;
mod rules;

use super::*;
use crate::testing::{Consumer, GENESIS, ORACLE, PRICE};
use std::convert::Infallible;

pub(super) const OPEN: Offer = Offer { open: true, ask: Some(PRICE), room: Ok(()) };

/// A log in memory, as far as it is on disk.
#[derive(Default)]
pub(super) struct Log(pub Vec<Record>);

impl History for Log {
	type Error = Infallible;

	fn answered(
		&self,
		channel: &ChannelId,
		id: &RequestId,
	) -> Result<Option<(Seq, Hash)>, Infallible> {
		Ok(self.completed(channel).find_map(|it| {
			let found = it.accepted.request.request_id == *id;
			found.then_some((it.receipt.seq, it.receipt.request_commit))
		}))
	}
}

impl Log {
	pub fn completed<'a>(
		&'a self,
		channel: &'a ChannelId,
	) -> impl Iterator<Item = &'a Completed> + 'a {
		self.0.iter().filter_map(move |record| match record {
			Record::Completed(it, _) if it.receipt.channel_id == *channel => Some(it),
			_ => None,
		})
	}

	/// What the store would restore.
	pub fn restore(&self) -> Vec<Restored> {
		let mut channels = std::collections::BTreeMap::<ChannelId, Restored>::new();
		for record in &self.0 {
			match record {
				Record::Accepted(accepted) => {
					let channel_id = accepted.request.channel_id;
					let row = channels
						.entry(channel_id)
						.or_insert_with(|| Restored { channel_id, ..Default::default() });
					if is_newest(&accepted.voucher, row.voucher.as_ref()) {
						row.voucher = Some(accepted.voucher.clone());
					}
					row.open.push(accepted.clone());
				},
				Record::Completed(completed, _) => {
					let receipt = &completed.receipt;
					let row = channels.get_mut(&receipt.channel_id).unwrap();
					(row.seq, row.total) = (receipt.seq, receipt.total);
					row.totals.push(receipt.total);
					if receipt.status == Status::Failed {
						row.failed.push(receipt.seq);
					}
					row.open.retain(|it| it.key() != completed.accepted.key());
				},
				Record::Closed(channel, _) => {
					channels.remove(channel);
				},
			}
		}
		channels.into_values().collect()
	}
}

/// A book that holds the consumer's channel.
pub(super) fn book(consumer: &Consumer) -> Book {
	let mut book = Book::new(GENESIS, ORACLE, Vec::new());
	book.stand(crate::testing::standing());
	book.adopt(consumer.channel, Some(consumer.terms()), None).unwrap();
	book
}

pub(super) fn served(units: u64) -> Outcome {
	Outcome { status: Status::Served, units, output_commit: [6; 32], started_ms: 1_000, took_ms: 2 }
}

/// Everything in the book that must always hold.
pub(super) fn audit(book: &Book) {
	let sum = book.accounts.values().map(Account::exposure).sum::<Balance>();
	assert_eq!(book.unsettled, sum);
	let failed = book.accounts.values().filter_map(Account::failed_of);
	assert_eq!(book.failures.sum(), failed.map(|(_, count)| count).sum::<u64>());
	for account in book.accounts.values() {
		account.audit();
	}
}
