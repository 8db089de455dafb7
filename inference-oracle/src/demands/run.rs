//! Sees demands through, from the block that shows one until it is no longer open.

use super::{answers, Answer, Unanswerable};
use crate::{
	chain::{Demand, Demands, Head, SubmitError},
	ledger::Ledger,
	metrics::Metrics,
	pause::Pause,
	store::StoreError,
};
use std::{
	collections::{HashMap, HashSet},
	sync::Arc,
	time::Duration,
};
use tokio::sync::watch;
use usufruct_primitives::{BatchNo, BlockNumber, Hash};

/// How long one submission is waited for before it counts as lost.
const SUBMISSION: Duration = Duration::from_secs(120);

/// See the module.
pub struct Answerer {
	genesis: Hash,
	ledger: Arc<Ledger>,
	chain: Arc<dyn Demands>,
	heads: watch::Receiver<Arc<Head>>,
	metrics: Arc<Metrics>,
	/// The open demands that were seen, and when each may be tried again.
	seen: HashMap<Demand, Pause>,
}

impl Answerer {
	/// Answers from that ledger's log. Nothing else is remembered: what is open is on the chain.
	pub fn new(
		genesis: Hash,
		ledger: Arc<Ledger>,
		chain: Arc<dyn Demands>,
		heads: watch::Receiver<Arc<Head>>,
		metrics: Arc<Metrics>,
	) -> Self {
		Self { genesis, ledger, chain, heads, metrics, seen: HashMap::new() }
	}

	/// Runs for as long as there are heads. It can be stopped anywhere: what is open is found again.
	pub async fn run(mut self) {
		loop {
			self.heads.mark_unchanged();
			self.step().await;
			if self.heads.changed().await.is_err() {
				return;
			}
		}
	}

	/// Answers everything that is open and not paused, what is due first.
	pub(super) async fn step(&mut self) {
		let open = match self.chain.open_demands().await {
			Ok(open) => open,
			Err(error) => {
				tracing::warn!(%error, "demands could not be read; they are asked for again");
				return;
			},
		};
		let mut due = self.take_in(open);
		while let Some(batch_no) = due.first().map(|demand| demand.batch_no) {
			let (of_batch, rest) = due.into_iter().partition(|it| it.batch_no == batch_no);
			for (demand, answer) in self.build(batch_no, of_batch).await {
				match answer {
					Ok(answer) => self.submit(demand, &answer).await,
					Err(error) => self.failed(demand, &error.to_string()),
				}
			}
			due = rest;
		}
	}

	/// Remembers what is open, and returns what may be tried now, what is due first.
	fn take_in(&mut self, open: Vec<Demand>) -> Vec<Demand> {
		self.metrics.demands_open.set(i64::try_from(open.len()).unwrap_or(i64::MAX));
		let open: HashSet<Demand> = open.into_iter().collect();
		self.seen.retain(|demand, _| open.contains(demand));
		let now = self.now();
		let mut due = Vec::new();
		for demand in open {
			let pause = self.seen.entry(demand).or_insert_with(|| {
				tracing::warn!(
					batch = demand.batch_no,
					channel = hex::encode(demand.channel_id),
					seq = demand.seq,
					due = demand.due,
					"a settled receipt is demanded"
				);
				Pause::default()
			});
			if pause.over(now) {
				due.push(demand);
			}
		}
		due.sort_unstable();
		due
	}

	async fn build(
		&self,
		no: BatchNo,
		demands: Vec<Demand>,
	) -> Vec<(Demand, Result<Answer, Unanswerable>)> {
		let (ledger, genesis, asked) = (Arc::clone(&self.ledger), self.genesis, demands.clone());
		let build = move || answers(ledger.store(), &genesis, no, &asked);
		tokio::task::spawn_blocking(build).await.unwrap_or_else(|error| {
			let error = StoreError::Failed(format!("making an answer panicked: {error}"));
			demands.into_iter().map(|demand| (demand, Err(error.clone().into()))).collect()
		})
	}

	async fn submit(&mut self, demand: Demand, answer: &Answer) {
		let submission = tokio::time::timeout(SUBMISSION, self.chain.answer_demand(answer)).await;
		let silent = || Err(SubmitError::Lost("no word from the node in time".into()));
		match submission.unwrap_or_else(|_| silent()) {
			Ok(()) => self.answered(demand),
			// An earlier submission was taken, or somebody else has answered.
			Err(SubmitError::Refused(_)) if self.is_over(&demand).await => self.answered(demand),
			Err(SubmitError::Refused(why)) => {
				self.failed(demand, &format!("the chain refused the answer: {why}"));
			},
			Err(SubmitError::Lost(why)) => {
				self.failed(demand, &format!("the answer may not have arrived: {why}"));
			},
		}
	}

	/// Whether the demand is certainly open no more.
	async fn is_over(&self, demand: &Demand) -> bool {
		self.chain.open_demands().await.is_ok_and(|open| !open.contains(demand))
	}

	fn answered(&mut self, demand: Demand) {
		self.metrics.demands_answered.inc();
		tracing::info!(
			batch = demand.batch_no,
			channel = hex::encode(demand.channel_id),
			seq = demand.seq,
			"the demand is answered"
		);
		// The head that no longer shows it may be on its way.
		let now = self.now();
		self.seen.insert(demand, Pause::first(now));
	}

	fn failed(&mut self, demand: Demand, why: &str) {
		self.metrics.demands_failed.inc();
		let now = self.now();
		let Demand { due, batch_no, channel_id, seq } = demand;
		let channel = hex::encode(channel_id);
		let blocks_left = due.saturating_sub(now);
		if blocks_left > 0 {
			tracing::error!(
				batch = batch_no,
				channel,
				seq,
				due,
				blocks_left,
				why,
				"A DEMAND IS NOT ANSWERED: the bond is slashed if it stays so; it is tried again"
			);
		} else {
			tracing::error!(
				batch = batch_no,
				channel,
				seq,
				due,
				why,
				"A DEMAND IS NOT ANSWERED AND ITS TERM IS OVER: anybody can have the bond slashed \
				 now; it is tried again until then"
			);
		}
		self.seen.entry(demand).or_default().longer(now);
	}

	fn now(&self) -> BlockNumber {
		self.heads.borrow().standing.head
	}
}
