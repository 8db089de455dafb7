//! Demands that were made, and what oracles show.

use super::{Line, Open, Watch, WatchError};
use crate::{
	chain::{AtBlock, Chain},
	keys,
	output::hex0x,
	watch::{
		batch::Settled,
		read::{self, Constants},
		store::{About, DemandState, Demanded},
	},
};
use std::collections::BTreeSet;
use usufruct_primitives::BlockNumber;

/// After how many blocks read it is noted how far.
const SAVE_EVERY: BlockNumber = 256;

impl Watch {
	/// Reads what oracles have shown since the last round, if anything is or was demanded of them.
	pub(super) async fn read_answers(
		&mut self,
		chain: &Chain,
		at: &AtBlock,
		constants: &Constants,
		open: &[Open],
		say: &mut impl FnMut(&Line),
	) -> Result<(), WatchError> {
		let now = at.block_number() as BlockNumber;
		let demands = self.store.demands()?;
		let own = demands.values().filter(|it| it.state == DemandState::Open).map(|it| it.block);
		let others = open.iter().flat_map(|case| &case.docket.open);
		let others = others.map(|it| it.due.saturating_sub(constants.demand_term));
		let Some(begun) = own.chain(others).min() else {
			return Ok(self.store.set_cursor(now)?);
		};
		let from = match self.store.cursor()? {
			Some(cursor) => cursor.saturating_add(1),
			None => begun,
		};
		let batches: Vec<Settled> = self.store.batches()?;
		for block in from..=now {
			for ((oracle, batch_no), proven) in read::answers(chain, at, block, &batches).await? {
				let (channel_id, seq) = (proven.receipt.channel_id, proven.receipt.seq);
				let about = About { oracle, batch_no, channel_id, seq };
				if self.store.is_answered(&about)? {
					continue;
				}
				self.store.put_answer(&about, &proven)?;
				let line = Line {
					event: "shown",
					block: now,
					channel: Some(hex0x(channel_id)),
					oracle: Some(keys::address(&oracle)),
					batch_no: Some(batch_no),
					seq: Some(seq),
					why: format!("the oracle has shown receipt {seq} of settlement {batch_no}"),
					..Line::default()
				};
				say(&line);
			}
			if block.is_multiple_of(SAVE_EVERY) {
				self.store.set_cursor(block)?;
			}
		}
		Ok(self.store.set_cursor(now)?)
	}

	/// Takes note of demands of this account that are on the chain, and of what became of others.
	pub(super) fn settle_demands(
		&mut self,
		constants: &Constants,
		now: BlockNumber,
		open: &[Open],
	) -> Result<(), WatchError> {
		let account = self.account();
		let mut known = self.store.demands()?;
		let mut standing = BTreeSet::new();
		for case in open {
			for demand in case.docket.open.iter().filter(|demand| demand.by == account) {
				let about = About {
					oracle: case.batch.oracle,
					batch_no: case.batch.batch_no,
					channel_id: case.record.channel_id,
					seq: demand.seq,
				};
				standing.insert(about);
				if !known.contains_key(&about) {
					let block = demand.due.saturating_sub(constants.demand_term);
					let deposit = demand.deposit;
					let state = DemandState::Open;
					self.store.put_demand(&about, &Demanded { deposit, block, state })?;
				}
			}
		}
		known
			.retain(|about, demand| demand.state == DemandState::Open && !standing.contains(about));
		for (about, demand) in known {
			let case = open.iter().find(|case| {
				case.batch.oracle == about.oracle
					&& case.batch.batch_no == about.batch_no
					&& case.record.channel_id == about.channel_id
			});
			let Some(case) = case else { continue };
			// Whose answer was seen is not returned; of what is neither, the worse is assumed.
			let answered = self.store.is_answered(&about)?;
			let state = match !answered && case.docket.slashed {
				true => DemandState::Returned,
				false => DemandState::Answered,
			};
			// A demand of a block that is not final yet does not stand yet.
			if demand.block < now {
				self.store.put_demand(&about, &Demanded { state, ..demand })?;
			}
		}
		Ok(())
	}
}
