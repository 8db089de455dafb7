//! The settlements that are looked at: new ones are read, those that are over are forgotten.

use super::{Line, Open, Watch, WatchError};
use crate::{
	chain::{AtBlock, Chain},
	channel::ChannelRecord,
	keys, state,
	watch::{
		decide::ReceiptKey,
		read::{self, Constants},
		terms::Terms,
	},
};
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{AccountBytes, BlockNumber, ChannelId, Meter, ModelId, VersionId};

impl Watch {
	/// Reads the settlements of an oracle that are new, and keeps those that concern a channel.
	pub(super) async fn read_settlements(
		&mut self,
		chain: &Chain,
		at: &AtBlock,
		constants: &Constants,
		oracle: &AccountBytes,
		records: &BTreeMap<ChannelId, ChannelRecord>,
		say: &mut impl FnMut(&Line),
	) -> Result<(), WatchError> {
		let now = at.block_number() as BlockNumber;
		let next = state::next_batch(at, oracle).await?;
		let mut first = match self.store.seen(oracle)? {
			Some(seen) => seen.min(next),
			None => next,
		};
		if self.store.seen(oracle)?.is_none() {
			// The first time, as far back as anything can be challenged.
			while let Some(before) = first.checked_sub(1) {
				let batch = state::batch(at, oracle, before).await?;
				if batch.is_none_or(|batch| now >= constants.challenge_ends(batch.block)) {
					break;
				}
				first = before;
			}
		}
		for batch_no in first..next {
			let Some(batch) = state::batch(at, oracle, batch_no).await? else { continue };
			match read::settlement(chain, at, *oracle, batch_no, &batch).await? {
				Some(settled) => {
					let concerns = |id: &ChannelId| {
						records.get(id).is_some_and(|record| record.oracle == *oracle)
					};
					if settled.claims.iter().any(|claim| concerns(&claim.channel_id)) {
						self.store.put_batch(&settled)?;
					}
				},
				None => {
					let line = Line {
						event: "note",
						block: now,
						oracle: Some(keys::address(oracle)),
						batch_no: Some(batch_no),
						why: format!(
							"the claims of settlement {batch_no} cannot be found in block {}; ask a \
							 node that keeps its blocks",
							batch.block
						),
						..Line::default()
					};
					say(&line);
				},
			}
			self.store.set_seen(oracle, batch_no.saturating_add(1))?;
		}
		Ok(())
	}

	/// The channels' parts of settlements that are not known to be in order.
	pub(super) async fn open(
		&mut self,
		at: &AtBlock,
		constants: &Constants,
		records: &BTreeMap<ChannelId, ChannelRecord>,
		evidence: &BTreeMap<ChannelId, u64>,
		channels: &BTreeMap<ChannelId, state::Channel>,
		keys_of: &BTreeMap<AccountBytes, Vec<ReceiptKey>>,
	) -> Result<Vec<Open>, WatchError> {
		let now = at.block_number() as BlockNumber;
		let mut open = Vec::new();
		for batch in self.store.batches()? {
			let ids: BTreeSet<ChannelId> =
				batch.claims.iter().filter(|it| it.accepted).map(|it| it.channel_id).collect();
			let mut settled = true;
			for id in ids {
				let Some(record) = records.get(&id).filter(|it| it.oracle == batch.oracle) else {
					continue;
				};
				let evidence = evidence.get(&id).copied().unwrap_or_default();
				if self.store.clear(&batch, &id)?.is_some_and(|known| known >= evidence) {
					continue;
				}
				settled = false;
				let channel = channels.get(&id);
				let docket = read::docket(at, constants, &batch, &id, channel.is_some()).await?;
				let mut terms = Terms {
					model: record.model,
					max_unit_price: channel.map(|channel| channel.max_unit_price),
					versions: BTreeMap::new(),
				};
				for version in batch.accepted(id).map(|claim| claim.model_version) {
					if let Some(known) = self.version(at, version).await? {
						terms.versions.insert(version, known);
					}
				}
				open.push(Open {
					record: record.clone(),
					keys: keys_of.get(&batch.oracle).cloned().unwrap_or_default(),
					batch: batch.clone(),
					docket,
					terms,
					answers: Vec::new(),
					demanded: BTreeSet::new(),
				});
			}
			if settled && now >= constants.challenge_ends(batch.block) {
				self.store.remove_batch(&batch)?;
			}
		}
		Ok(open)
	}

	async fn version(
		&mut self,
		at: &AtBlock,
		version: VersionId,
	) -> Result<Option<(ModelId, Meter)>, WatchError> {
		if let Some(known) = self.versions.get(&version) {
			return Ok(Some(*known));
		}
		let found = state::version(at, version).await?.map(|it| (it.model, it.meter));
		if let Some(found) = found {
			self.versions.insert(version, found);
		}
		Ok(found)
	}
}
