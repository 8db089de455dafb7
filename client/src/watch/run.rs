//! Going round: read what is new, decide, act, and remember.
//!
//! The channels' store is open in one process at a time, so it is opened for a moment only, and a
//! request that runs meanwhile makes the watcher wait.

mod demands;
mod line;
mod settlements;
mod take;

use super::{
	batch::Settled,
	decide::{self, Action, Case, Docket, Outcome, ReceiptKey, Watcher},
	holdings::Holdings,
	leaves::Proven,
	read::{self, Constants},
	store::{DemandState, WatchStore},
	terms::Terms,
};
use crate::{
	chain::{Chain, ChainError},
	channel::{ChannelRecord, Keeper, Store, StoreError},
	oracle_api::SignedVoucher,
	output::hex0x,
	state,
};
pub use line::{Line, Looked, Place};
use std::{
	collections::{BTreeMap, BTreeSet},
	path::PathBuf,
	sync::Arc,
	time::Duration,
};
use subxt_signer::sr25519::Keypair;
use usufruct_primitives::{
	AccountBytes, Balance, BlockNumber, ChannelId, Meter, ModelId, Seq, VersionId,
};

/// How often the channels' store is tried while another process has it, and the pause.
const TRIES: (u32, Duration) = (50, Duration::from_millis(100));

/// What a watcher may do.
#[derive(Clone, Debug)]
pub struct Options {
	/// The folder of the channels' store and of its own.
	pub folder: PathBuf,
	/// Whether it only says what it would do.
	pub dry_run: bool,
	/// All that deposits may ever cost, those on hold included, in planck.
	pub max_deposit: Balance,
	/// See [`Watcher::min_stake`].
	pub min_stake: Balance,
	/// See [`Watcher::grace`].
	pub grace: BlockNumber,
	/// Whether the consumer's own vouchers are lodged when a channel is closing.
	pub checkpoint: bool,
}

/// Why a round was not completed.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
	/// A store cannot be used.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The chain did not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
}

/// A watcher.
pub struct Watch {
	options: Options,
	/// Who signs; without it, it only says what it would do.
	signer: Option<Keypair>,
	store: WatchStore,
	versions: BTreeMap<VersionId, (ModelId, Meter)>,
	/// What was said, so that it is not said again.
	said: BTreeSet<String>,
	/// Who has the channels' store open, if this process does.
	keeper: Option<Arc<Keeper>>,
}

/// A channel's part of a settlement, with what the chain says.
struct Open {
	record: ChannelRecord,
	batch: Settled,
	docket: Docket,
	terms: Terms,
	answers: Vec<Proven>,
	demanded: BTreeSet<Seq>,
	keys: Vec<ReceiptKey>,
}

impl Watch {
	/// Opens the watcher's store for that chain.
	pub fn new(
		options: Options,
		signer: Option<Keypair>,
		chain: &Chain,
	) -> Result<Self, WatchError> {
		let store = WatchStore::open(&options.folder, &chain.genesis())?;
		let (versions, said) = (BTreeMap::new(), BTreeSet::new());
		Ok(Self { options, signer, store, versions, said, keeper: None })
	}

	/// Reads the channels' store through who has it open in this process.
	pub fn sharing(mut self, keeper: Arc<Keeper>) -> Self {
		self.keeper = Some(keeper);
		self
	}

	/// Reads from the channels' store, which must be free.
	async fn with_channels<T>(
		&self,
		read: impl Fn(&Store) -> Result<T, StoreError>,
	) -> Result<T, WatchError> {
		if let Some(keeper) = &self.keeper {
			return Ok(read(keeper.store())?);
		}
		let path = self.options.folder.join("channels.redb");
		let (mut tries, pause) = TRIES;
		loop {
			match Store::open(&path) {
				Ok(store) => return Ok(read(&store)?),
				Err(StoreError::InUse(_)) if tries > 0 => tries -= 1,
				Err(error) => return Err(error.into()),
			}
			tokio::time::sleep(pause).await;
		}
	}

	/// One round at the finalised block, whose number it returns. `vouchers` are those that oracles
	/// have given into care; `say` gets every line.
	pub async fn round(
		&mut self,
		chain: &Chain,
		vouchers: &[SignedVoucher],
		mut say: impl FnMut(&Line),
	) -> Result<(BlockNumber, Looked), WatchError> {
		let at = chain.finalised().await?;
		let now = at.block_number() as BlockNumber;
		let constants = Constants::read(&at)?;
		let genesis = chain.genesis();
		let own: Vec<(ChannelRecord, u64, Option<SignedVoucher>)> = self
			.with_channels(|store| {
				let records = store.channels()?.into_iter();
				records
					.filter(|record| record.genesis == genesis)
					.map(|record| {
						let id = &record.channel_id;
						let evidence = store.evidence(id)?.len() as u64;
						let voucher = store.newest_voucher(id)?;
						Ok((record, evidence, voucher))
					})
					.collect()
			})
			.await?;
		let records: BTreeMap<ChannelId, ChannelRecord> =
			own.iter().map(|it| (it.0.channel_id, it.0.clone())).collect();
		let evidence: BTreeMap<ChannelId, u64> =
			own.iter().map(|it| (it.0.channel_id, it.1)).collect();
		let mut channels = BTreeMap::new();
		for id in records.keys() {
			if let Some(channel) = state::channel(&at, id).await? {
				channels.insert(*id, channel);
			}
		}
		let oracles: BTreeSet<AccountBytes> = records.values().map(|it| it.oracle).collect();
		let mut keys_of = BTreeMap::new();
		for oracle in &oracles {
			self.read_settlements(chain, &at, &constants, oracle, &records, &mut say).await?;
			let found = state::oracle(&at, oracle).await?;
			keys_of.insert(*oracle, found.as_ref().map(ReceiptKey::all_of).unwrap_or_default());
		}

		let mut open = self.open(&at, &constants, &records, &evidence, &channels, &keys_of).await?;
		self.read_answers(chain, &at, &constants, &open, &mut say).await?;
		self.settle_demands(&constants, now, &open)?;
		for case in &mut open {
			let id = &case.record.channel_id;
			case.answers = self.store.answers(&case.batch, id)?;
			case.demanded = self.store.demanded(&case.batch, id)?;
		}

		let (held, witnessed) = self.holdings(&records, &evidence, &open).await?;
		let watcher = Watcher {
			genesis,
			account: self.account(),
			now,
			grace: self.options.grace,
			demand_term: constants.demand_term,
			min_stake: self.options.min_stake,
			seed: self.store.seed()?,
		};
		let (mut steps, mut notes) = (Vec::new(), Vec::new());
		let mut unexplained: BTreeMap<ChannelId, usize> = BTreeMap::new();
		for (case, held) in open.iter().zip(&held) {
			let id = case.record.channel_id;
			let Outcome { steps: found, notes: noted, clear } = Case {
				watcher: &watcher,
				record: &case.record,
				keys: &case.keys,
				batch: &case.batch,
				docket: &case.docket,
				terms: &case.terms,
				held,
				answers: &case.answers,
				demanded: &case.demanded,
			}
			.decide();
			match clear {
				true => {
					let evidence = evidence.get(&id).copied().unwrap_or_default();
					self.store.set_clear(&case.batch, &id, evidence)?;
				},
				false => *unexplained.entry(id).or_default() += 1,
			}
			steps.extend(found);
			notes.extend(noted.into_iter().map(|note| (id, note)));
		}
		let reports: BTreeSet<ChannelId> = steps
			.iter()
			.filter(|step| matches!(step.action, Action::ReportDouble { .. }))
			.map(|step| step.channel_id)
			.collect();
		for (id, held) in &witnessed {
			// Reported with a settlement, the same two take its lock as well.
			let Some(record) = records.get(id).filter(|_| !reports.contains(id)) else { continue };
			// By signatures alone it is convicted once for each key, and only while it has that.
			let Some(key) = keys_of.get(&record.oracle).and_then(|keys| keys.first()) else {
				continue;
			};
			if read::convicted_key(&at, &record.oracle).await? != Some(key.key) {
				steps.extend(decide::doubles(&genesis, record, &[*key], held).into_iter().next());
			}
		}
		for (id, channel) in &channels {
			let Some(record) = records.get(id) else { continue };
			let waits = unexplained.contains_key(id);
			if channel.closes_at.is_some_and(|closes_at| now >= closes_at) {
				// A settlement that is not final yet is looked at first, too.
				let best = state::channel(&chain.best().await?, id).await?;
				if best.is_none_or(|best| best.settled_seq != channel.settled_seq) {
					continue;
				}
			}
			match decide::finalise(record, channel, now, constants.closing_window, waits) {
				Ok(step) => steps.extend(step),
				Err(note) => notes.push((*id, note)),
			}
		}
		if self.options.checkpoint {
			for (record, _, voucher) in &own {
				let channel = channels.get(&record.channel_id);
				let step = channel.zip(voucher.as_ref()).and_then(|(channel, voucher)| {
					decide::checkpoint(&genesis, channel, now, voucher)
				});
				steps.extend(step);
			}
		}
		for voucher in newest(vouchers) {
			let channel = state::channel(&at, &voucher.voucher.channel_id).await?;
			let step =
				channel.and_then(|channel| decide::checkpoint(&genesis, &channel, now, voucher));
			steps.extend(step);
		}

		let budget = self.options.max_deposit.saturating_sub(self.store.spent()?);
		let due = self.due(steps, &genesis, now)?;
		let (allowed, refused) = decide::ration(due, constants.demand_deposit, budget);
		notes.extend(refused.into_iter().map(|step| {
			let why = format!("{}; it is not demanded, because --max-deposit is reached", step.why);
			(step.channel_id, why)
		}));
		for (id, why) in notes {
			self.note(now, &id, why, &mut say);
		}
		let count = allowed.len();
		for step in allowed {
			self.take(chain, records.get(&step.channel_id), &step, &constants, now, &mut say)
				.await?;
		}
		let demands = self.store.demands()?;
		let looked = Looked {
			channels: records.len(),
			settlements: self.store.batches()?.len(),
			unexplained: unexplained.values().sum(),
			open_demands: demands.values().filter(|it| it.state == DemandState::Open).count(),
			spent: self.store.spent()?,
			steps: count,
		};
		Ok((now, looked))
	}

	/// Who signs.
	fn account(&self) -> AccountBytes {
		self.signer.as_ref().map_or([0; 32], |signer| signer.public_key().0)
	}

	/// Says something that was not said before.
	fn note(
		&mut self,
		block: BlockNumber,
		channel: &ChannelId,
		why: String,
		say: &mut impl FnMut(&Line),
	) {
		let channel = hex0x(channel);
		if self.said.insert(format!("{channel} {why}")) {
			let line =
				Line { event: "note", block, channel: Some(channel), why, ..Line::default() };
			say(&line);
		}
	}

	/// What the consumer has for each open case, and all that was witnessed on each channel.
	async fn holdings(
		&self,
		records: &BTreeMap<ChannelId, ChannelRecord>,
		evidence: &BTreeMap<ChannelId, u64>,
		open: &[Open],
	) -> Result<(Vec<Holdings>, Vec<(ChannelId, Holdings)>), WatchError> {
		self.with_channels(|store| {
			let held = open
				.iter()
				.map(|case| {
					let claims: Vec<_> = case.batch.accepted(case.record.channel_id).collect();
					let commits: Vec<_> =
						case.answers.iter().map(|it| it.receipt.request_commit).collect();
					Holdings::read(store, &case.record, &claims, &commits)
				})
				.collect::<Result<_, StoreError>>()?;
			let witnessed = records
				.iter()
				.filter(|(id, _)| evidence.get(*id).is_some_and(|count| *count > 0))
				.map(|(id, record)| Ok((*id, Holdings::read(store, record, &[], &[])?)))
				.collect::<Result<_, StoreError>>()?;
			Ok((held, witnessed))
		})
		.await
	}
}

/// The newest voucher of each channel.
fn newest(vouchers: &[SignedVoucher]) -> impl Iterator<Item = &SignedVoucher> {
	let mut newest: BTreeMap<ChannelId, &SignedVoucher> = BTreeMap::new();
	let age = |it: &SignedVoucher| (it.voucher.cap, it.voucher.ack_seq);
	for voucher in vouchers {
		let known = newest.entry(voucher.voucher.channel_id).or_insert(voucher);
		if age(known) < age(voucher) {
			*known = voucher;
		}
	}
	newest.into_values()
}

#[cfg(test)]
mod tests;
