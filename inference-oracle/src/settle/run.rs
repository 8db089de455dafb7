//! Sees batches through, from the first receipt to finality.

use super::{choose, plan, Ages, Batch, Policy, Prices, Row, Source};
use crate::{
	book::Due,
	chain::{Head, Settlement, SubmitError},
	clock::steady_ms,
	crash::{self, Point},
	ledger::Ledger,
	metrics::Metrics,
	pause::Pause,
	store::{StoreError, Write},
};
use std::{
	collections::HashMap,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::watch;
use usufruct_client::amount::ufr;
use usufruct_primitives::{
	settlement::{MAX_CLAIMS, MAX_RECEIPTS},
	BatchNo, BlockNumber, ChannelId, Hash,
};

/// How often the policy is asked between blocks.
const TICK: Duration = Duration::from_millis(500);
/// For how many blocks prices are taken for those of now.
const PRICED: BlockNumber = 100;
/// How long the chain is asked for them.
const ANSWER: Duration = Duration::from_secs(20);
/// How long one submission is waited for before it counts as lost.
const SUBMISSION: Duration = Duration::from_secs(120);

/// How the settler is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
	/// Go on.
	No,
	/// Settle everything there is, whatever the policy says, and stop; at the latest then.
	At(Instant),
}

/// See the module.
pub struct Settler {
	genesis: Hash,
	ledger: Arc<Ledger>,
	chain: Arc<dyn Settlement>,
	heads: watch::Receiver<Arc<Head>>,
	policy: Policy,
	metrics: Arc<Metrics>,
	pending: Option<Batch>,
	/// The number of the next one. A node that is behind would have a final one made again.
	next: BatchNo,
	pause: Pause,
	/// Channels whose claims were skipped.
	skipped: HashMap<ChannelId, Pause>,
	ages: Ages,
	/// What settlements cost, and in which block they did.
	prices: Option<(BlockNumber, Prices)>,
	/// Whether what waits is not worth its fees, as it was last said.
	poor: bool,
}

impl Settler {
	/// Goes on with what the log holds.
	pub fn new(
		genesis: Hash,
		ledger: Arc<Ledger>,
		chain: Arc<dyn Settlement>,
		heads: watch::Receiver<Arc<Head>>,
		policy: Policy,
		metrics: Arc<Metrics>,
	) -> Result<Self, StoreError> {
		let log = ledger.store().snapshot()?;
		let (pending, next) = (log.pending_batch()?, log.next_batch()?);
		if let Some(batch) = &pending {
			tracing::info!(batch = batch.no, "a settlement was interrupted; going on with it");
		}
		Ok(Self {
			genesis,
			ledger,
			chain,
			heads,
			policy,
			metrics,
			pending,
			next,
			pause: Pause::default(),
			skipped: HashMap::new(),
			ages: Ages::default(),
			prices: None,
			poor: false,
		})
	}

	/// Runs until told to stop, and then until all is settled or the time is over.
	pub async fn run(mut self, mut stop: watch::Receiver<Stop>) -> Result<(), StoreError> {
		loop {
			let stopping = *stop.borrow_and_update();
			let head = Arc::clone(&self.heads.borrow_and_update());
			let worked = self.step(&head, stopping != Stop::No).await?;
			if let Stop::At(deadline) = stopping {
				let idle = !worked && self.pending.is_none();
				if idle || Instant::now() >= deadline {
					self.report_rest();
					return Ok(());
				}
			}
			if !worked {
				tokio::select! {
					changed = self.heads.changed() => if changed.is_err() { return Ok(()) },
					changed = stop.changed() => if changed.is_err() { return Ok(()) },
					() = tokio::time::sleep(TICK) => {},
				}
			}
		}
	}

	fn report_rest(&self) {
		let left = self
			.ledger
			.due()
			.iter()
			.fold(0u128, |sum, it| sum.saturating_add(it.total - it.settled_total));
		if left > 0 || self.pending.is_some() {
			tracing::warn!(planck = %left, "stopping with receipts that are not settled; they stay in the log");
		}
	}

	/// Does the next thing there is to do; returns whether there was one.
	pub(super) async fn step(&mut self, head: &Head, force: bool) -> Result<bool, StoreError> {
		if let Some(batch) = self.pending.clone() {
			if head.next_batch > batch.no {
				self.is_final(&batch, head).await?;
				return Ok(true);
			}
			if !self.pause.over(head.standing.head) {
				return Ok(false);
			}
			return self.submit(&batch).await;
		}
		if head.next_batch < self.next || !self.pause.over(head.standing.head) && !force {
			return Ok(false);
		}
		let due = self.ready(head, force);
		let now = steady_ms();
		self.ages.update(&due, now);
		let choose = |settler: &Self, prices: &Prices| {
			let (policy, ages) = (&settler.policy, &settler.ages);
			choose(policy, due.clone(), ages, prices, &head.standing, now, force)
		};
		// The chain is not asked for prices before there is something to buy.
		if choose(self, &Prices::FREE).is_none() {
			return Ok(false);
		}
		let prices = self.prices(head.standing.head).await;
		let choice = choose(self, &prices);
		self.waits(&prices, choice.is_none());
		let Some(choice) = choice else { return Ok(false) };
		let Some(batch) = self.plan(head, choice.due).await? else { return Ok(false) };
		tracing::info!(
			batch = batch.no, receipts = batch.count, claims = batch.claims.len(),
			planck = %batch.total, why = choice.why, "settling"
		);
		crash::at(Point::BatchPlanned);
		self.ledger.store().write(vec![Write::Batch(batch.clone())]).wait().await?;
		self.pending = Some(batch);
		Ok(true)
	}

	/// What settlements cost, as far as it is known; where it is not, nothing is left out for it.
	async fn prices(&mut self, now: BlockNumber) -> Prices {
		if self.policy.losses {
			return Prices::FREE;
		}
		if let Some((_, prices)) = self.prices.filter(|(at, _)| now < at.saturating_add(PRICED)) {
			return prices;
		}
		let before = self.prices.map_or(Prices::FREE, |(_, prices)| prices);
		let asked = tokio::time::timeout(ANSWER, self.chain.prices()).await;
		let prices = match asked {
			Ok(Ok(prices)) => prices,
			Ok(Err(error)) => {
				tracing::warn!(%error, "what a settlement costs cannot be told");
				before
			},
			Err(_) => before,
		};
		self.prices = Some((now, prices));
		prices
	}

	/// Says once that what is due waits until it is worth its fees.
	fn waits(&mut self, prices: &Prices, poor: bool) {
		if poor && !std::mem::replace(&mut self.poor, poor) {
			tracing::info!(
				settlement = %ufr(prices.settlement), claim = %ufr(prices.claim),
				"what is due would cost more in fees than it brings, and waits; settle.losses = true \
				 settles it"
			);
		}
		self.poor = poor;
	}

	/// Channels that may be claimed now.
	fn ready(&mut self, head: &Head, force: bool) -> Vec<Due> {
		let now = head.standing.head;
		let mut due = self.ledger.due();
		due.retain(|it| force || self.skipped.get(&it.channel_id).is_none_or(|it| it.over(now)));
		due
	}

	async fn plan(&mut self, head: &Head, due: Vec<Due>) -> Result<Option<Batch>, StoreError> {
		let (ledger, genesis, no) = (Arc::clone(&self.ledger), self.genesis, head.next_batch);
		let planned = tokio::task::spawn_blocking(move || make(&ledger, &genesis, no, &due)).await;
		match planned {
			Ok(batch) => batch,
			Err(error) => {
				Err(StoreError::Failed(format!("planning a settlement panicked: {error}")))
			},
		}
	}

	async fn submit(&mut self, batch: &Batch) -> Result<bool, StoreError> {
		crash::at(Point::BatchSubmitting);
		let submission = tokio::time::timeout(SUBMISSION, self.chain.settle(batch)).await;
		crash::at(Point::BatchSubmitted);
		let lost = |why: &str| SubmitError::Lost(why.into());
		let outcome = submission.unwrap_or_else(|_| Err(lost("no word from the node in time")));
		// That took many blocks.
		let now = self.heads.borrow().standing.head;
		match outcome {
			Ok(settled) => {
				self.metrics.settlements.inc();
				self.metrics.settlement_fees.inc_by(settled.fee as f64);
				for (claim, why) in &settled.skipped {
					tracing::warn!(batch = batch.no, claim, why, "a claim was skipped");
				}
				// The block is final; the head that shows it is on its way.
				self.pause = Pause::first(now);
				Ok(false)
			},
			// An earlier submission of it was taken, or that cannot be ruled out: the head that shows
			// it is on its way. What was taken must stay in the log: it can be demanded.
			Err(SubmitError::Refused(_)) if self.may_be_taken(batch).await => {
				self.pause.longer(now);
				Ok(false)
			},
			Err(SubmitError::Refused(why)) => {
				self.metrics.settlement_failures.inc();
				tracing::error!(batch = batch.no, why, "the chain refused the settlement");
				crash::at(Point::BatchRefused);
				self.ledger.store().write(vec![Write::BatchRefused(batch.no)]).wait().await?;
				self.pending = None;
				self.pause.longer(now);
				Ok(false)
			},
			Err(SubmitError::Lost(why)) => {
				self.metrics.settlement_failures.inc();
				tracing::warn!(
					batch = batch.no,
					why,
					"the settlement may not have arrived; the same one is sent again"
				);
				self.pause.longer(now);
				Ok(false)
			},
		}
	}

	async fn may_be_taken(&self, batch: &Batch) -> bool {
		match self.chain.root_of(batch.no).await {
			Ok(root) => root == Some(batch.root),
			Err(_) => true,
		}
	}

	async fn is_final(&mut self, batch: &Batch, head: &Head) -> Result<(), StoreError> {
		match self.chain.root_of(batch.no).await {
			Ok(root) if root != Some(batch.root) => tracing::error!(
				batch = batch.no,
				"the chain holds another settlement of this number: another program settles for this \
				 account; stop one of them"
			),
			Ok(_) => {},
			Err(error) => tracing::warn!(%error, "the settlement's root could not be compared"),
		}
		crash::at(Point::BatchTaken);
		for claim in &batch.claims {
			let terms = self.ledger.terms(&claim.channel_id);
			// A channel that is gone was settled or is past settling.
			let settled = terms.as_ref().map_or(claim.to_seq, |terms| terms.settled_seq);
			if settled >= claim.to_seq {
				self.skipped.remove(&claim.channel_id);
			} else {
				self.skipped.entry(claim.channel_id).or_default().longer(head.standing.head);
			}
		}
		self.ledger.store().write(vec![Write::BatchFinal(batch.no)]).wait().await?;
		tracing::info!(batch = batch.no, planck = %batch.total, "the settlement is final");
		self.pending = None;
		self.next = batch.no.saturating_add(1);
		self.pause = Pause::default();
		Ok(())
	}
}

/// Reads what is due and makes a batch of it. A channel whose log does not hold together is left out.
fn make(
	ledger: &Ledger,
	genesis: &Hash,
	no: u64,
	due: &[Due],
) -> Result<Option<Batch>, StoreError> {
	let mut sources = Vec::new();
	let mut room = MAX_RECEIPTS as usize;
	let log = ledger.store().snapshot()?;
	for due in due {
		if room == 0 || sources.len() == MAX_CLAIMS as usize {
			break;
		}
		let mut receipts = Vec::new();
		let to = due.seq.min(due.settled_seq.saturating_add(room as u64));
		log.receipts(&due.channel_id, due.settled_seq + 1, to, |receipt| {
			receipts.push(Row::of(&receipt, genesis));
		})?;
		// As of the same moment: it covers them all.
		let Some(voucher) = log.newest_voucher(&due.channel_id)? else { continue };
		let source = Source {
			channel_id: due.channel_id,
			settled_seq: due.settled_seq,
			settled_total: due.settled_total,
			voucher,
			receipts,
		};
		// One broken log does not hold up the others.
		match source.check() {
			Ok(()) => {
				room -= source.receipts.len().min(room);
				sources.push(source);
			},
			Err(error) => tracing::error!(%error, "a channel cannot be settled"),
		}
	}
	plan(no, &sources).map_err(|error| StoreError::Failed(error.to_string()))
}
