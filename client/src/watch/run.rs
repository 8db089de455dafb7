//! Going round: read what is new, decide, act, and remember.
//!
//! The channels' store is open in one process at a time, so it is opened for a moment only, and a
//! request that runs meanwhile makes the watcher wait.

use super::{
	act,
	batch::Settled,
	decide::{self, Action, Case, Docket, Outcome, Step, Watcher},
	holdings::Holdings,
	leaves::Proven,
	read::{self, Constants},
	rules::{Fraud, Terms},
	store::{About, Attempt, DemandState, Demanded, WatchStore},
};
use crate::{
	chain::{AtBlock, Chain, ChainError, Included, MORTALITY},
	channel::{ChannelRecord, Store, StoreError},
	decimal, keys,
	oracle_api::SignedVoucher,
	output::hex0x,
	state,
};
use serde::Serialize;
use std::{
	collections::{BTreeMap, BTreeSet},
	path::PathBuf,
	time::Duration,
};
use subxt_signer::sr25519::Keypair;
use usufruct_primitives::{
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Meter, ModelId, PublicKey, Seq,
	VersionId,
};

/// For how many blocks something that failed is not tried again.
const RETRY: BlockNumber = 200;
/// After how many blocks read it is noted how far.
const SAVE_EVERY: BlockNumber = 256;
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

/// Something that a watcher says. What does not apply is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
	/// `looked`, `note`, `did`, `would`, `failed` or `shown`.
	pub event: &'static str,
	/// The finalised block that was looked at.
	pub block: BlockNumber,
	/// The call.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub action: Option<&'static str>,
	/// The channel, in hex.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub channel: Option<String>,
	/// The oracle's address.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub oracle: Option<String>,
	/// The number of the oracle's settlement.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub batch_no: Option<BatchNo>,
	/// The number of the receipt.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub seq: Option<Seq>,
	/// What the oracle is convicted of.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub fraud: Option<Fraud>,
	/// Why, in words.
	#[serde(skip_serializing_if = "String::is_empty")]
	pub why: String,
	/// What is put aside for it, in planck.
	#[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_decimal")]
	pub deposit: Option<Balance>,
	/// Where the call is, once it is final.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub included: Option<Place>,
	/// Why it failed.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub error: Option<String>,
	/// What there was to look at.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub looked: Option<Looked>,
}

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
	/// The block's number.
	pub block: BlockNumber,
	/// Its hash.
	pub block_hash: String,
	/// The transaction's.
	pub extrinsic: String,
	/// The fee, in planck.
	#[serde(with = "decimal")]
	pub fee: Balance,
}

/// What there was to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Looked {
	/// Channels in the store that are of this chain.
	pub channels: usize,
	/// Settlements that concern them and can be challenged.
	pub settlements: usize,
	/// How many of them are not in order, or not known to be.
	pub unexplained: usize,
	/// Demands that are open.
	pub open_demands: usize,
	/// What deposits have cost so far, those on hold included, in planck.
	#[serde(with = "decimal")]
	pub spent: Balance,
	/// How many calls were made, or would have been.
	pub steps: usize,
}

fn as_decimal<S: serde::Serializer>(amount: &Option<Balance>, to: S) -> Result<S::Ok, S::Error> {
	amount.map(|amount| amount.to_string()).serialize(to)
}

impl Line {
	fn of(event: &'static str, block: BlockNumber, step: &Step) -> Self {
		Self {
			event,
			block,
			action: Some(step.name()),
			channel: Some(hex0x(step.channel_id)),
			oracle: Some(keys::address(&step.oracle)),
			batch_no: step.batch_no(),
			seq: step.seq(),
			fraud: step.fraud,
			why: step.why.clone(),
			..Self::default()
		}
	}

	/// The same for people.
	pub fn text(&self) -> String {
		if let Some(looked) = &self.looked {
			let Looked { channels, settlements, unexplained, open_demands, spent, .. } = looked;
			return format!(
				"block {}: {channels} channels, {settlements} settlements to watch, {unexplained} not \
				 explained, {open_demands} demands open, {} in deposits",
				self.block,
				crate::amount::ufr(*spent)
			);
		}
		let channel = self.channel.as_deref().unwrap_or_default();
		let channel = channel.get(..18).unwrap_or(channel);
		let action = self.action.map(|it| it.replace('_', " ")).unwrap_or_default();
		let mut text = match (self.event, self.action) {
			("note" | "shown", _) => format!("channel {channel}…: {}", self.why),
			(event, _) => format!("{event} {action}, channel {channel}…: {}", self.why),
		};
		if let Some(deposit) = self.deposit {
			text += &format!(" (deposit {})", crate::amount::ufr(deposit));
		}
		if let Some(place) = &self.included {
			text +=
				&format!("; final in block {}, {} fee", place.block, crate::amount::ufr(place.fee));
		}
		if let Some(error) = &self.error {
			text += &format!("; {error}");
		}
		text
	}
}

impl From<&Included> for Place {
	fn from(included: &Included) -> Self {
		Self {
			block: included.block,
			block_hash: hex0x(included.block_hash),
			extrinsic: hex0x(included.extrinsic_hash),
			fee: included.fee,
		}
	}
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
}

/// A channel's part of a settlement, with what the chain says.
struct Open {
	record: ChannelRecord,
	batch: Settled,
	docket: Docket,
	terms: Terms,
	answers: Vec<Proven>,
	demanded: BTreeSet<Seq>,
	keys: Vec<PublicKey>,
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
		Ok(Self { options, signer, store, versions, said })
	}

	/// Reads from the channels' store, which must be free.
	async fn with_channels<T>(
		&self,
		read: impl Fn(&Store) -> Result<T, StoreError>,
	) -> Result<T, WatchError> {
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

	/// One round at the finalised block, whose number it returns. `vouchers` are those that oracles have given into care;
	/// `say` gets every line.
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
			let keys = found
				.map(|it| [it.receipt_key].into_iter().chain(it.retired_keys).collect::<Vec<_>>());
			keys_of.insert(*oracle, keys.unwrap_or_default());
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
			if read::convicted_key(&at, &record.oracle).await? != Some(*key) {
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

	/// Reads the settlements of an oracle that are new, and keeps those that concern a channel.
	async fn read_settlements(
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
	async fn open(
		&mut self,
		at: &AtBlock,
		constants: &Constants,
		records: &BTreeMap<ChannelId, ChannelRecord>,
		evidence: &BTreeMap<ChannelId, u64>,
		channels: &BTreeMap<ChannelId, state::Channel>,
		keys_of: &BTreeMap<AccountBytes, Vec<PublicKey>>,
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

	/// Reads what oracles have shown since the last round, if anything is or was demanded of them.
	async fn read_answers(
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
	fn settle_demands(
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

	/// The steps that were not taken before, and are not under way.
	fn due(
		&self,
		steps: Vec<Step>,
		genesis: &usufruct_primitives::Hash,
		now: BlockNumber,
	) -> Result<Vec<Step>, WatchError> {
		let mut due: Vec<Step> = Vec::new();
		for step in steps {
			let id = step.id(genesis);
			let waits = match self.store.attempt(&id)? {
				None => false,
				Some(Attempt { result: Some(Ok(())), .. }) => true,
				Some(Attempt { result: Some(Err(_)), block }) => now < block.saturating_add(RETRY),
				Some(Attempt { result: None, block }) => {
					now < block.saturating_add(MORTALITY as BlockNumber)
				},
			};
			if !waits && due.iter().all(|other| other.id(genesis) != id) {
				due.push(step);
			}
		}
		Ok(due)
	}

	/// Takes a step, or says that it would.
	async fn take(
		&mut self,
		chain: &Chain,
		record: Option<&ChannelRecord>,
		step: &Step,
		constants: &Constants,
		now: BlockNumber,
		say: &mut impl FnMut(&Line),
	) -> Result<(), WatchError> {
		let demand = matches!(step.action, Action::Demand { .. });
		let deposit = demand.then_some(constants.demand_deposit);
		let signer = self.signer.as_ref().filter(|_| !self.options.dry_run);
		let Some(signer) = signer else {
			let line = Line { deposit, ..Line::of("would", now, step) };
			if self.said.insert(format!("would {}", hex0x(step.id(&chain.genesis())))) {
				say(&line);
			}
			return Ok(());
		};
		let id = step.id(&chain.genesis());
		self.store.put_attempt(&id, &Attempt { block: now, result: None })?;
		let progress = |progress| tracing::info!(action = step.name(), %progress);
		let result = match act::submit(chain, signer, record, step, progress).await {
			Ok(included) => Ok(included),
			Err(error @ (ChainError::Dispatch(_) | ChainError::NotTaken(_))) => {
				Err(error.to_string())
			},
			Err(error) => return Err(error.into()),
		};
		if let (Ok(included), Some(batch_no), Some(seq), Some(deposit)) =
			(&result, step.batch_no(), step.seq(), deposit)
		{
			let (oracle, channel_id) = (step.oracle, step.channel_id);
			let about = About { oracle, batch_no, channel_id, seq };
			let (block, state) = (included.block, DemandState::Open);
			self.store.put_demand(&about, &Demanded { deposit, block, state })?;
		}
		let done = result.as_ref().map(|_| ()).map_err(Clone::clone);
		self.store.put_attempt(&id, &Attempt { block: now, result: Some(done) })?;
		let line = match &result {
			Ok(included) => Line {
				deposit,
				included: Some(Place::from(included)),
				..Line::of("did", now, step)
			},
			Err(error) => Line { error: Some(error.clone()), ..Line::of("failed", now, step) },
		};
		say(&line);
		Ok(())
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
