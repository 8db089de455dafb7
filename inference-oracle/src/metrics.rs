//! Counters and gauges for Prometheus.

use crate::{http::Served, ledger::Ledger};
use prometheus_client::{
	encoding::{text::encode, EncodeLabelSet},
	metrics::{
		counter::Counter,
		family::Family,
		gauge::Gauge,
		histogram::{exponential_buckets, Histogram},
	},
	registry::{Metric, Registry},
};
use std::sync::{
	atomic::{AtomicU64, Ordering},
	Arc,
};

/// Labels of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
	/// The model's name.
	pub model: String,
	/// `served`, `failed`, `replayed`, or the last part of a refusal's type.
	pub outcome: &'static str,
}

/// The label of a model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Model {
	/// Its name.
	pub model: String,
}

/// The labels of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Run {
	/// The model's name.
	pub model: String,
	/// The execution provider, and the number of the GPU.
	pub device: String,
}

/// What is served, and on what.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Info {
	/// The model's name.
	pub model: String,
	/// Its version.
	pub version: u32,
	/// The execution provider, and the number of the GPU.
	pub device: String,
	/// The hash of its execution profile, in hex.
	pub profile: String,
}

type Float = Gauge<f64, AtomicU64>;

/// All of them.
pub struct Metrics {
	registry: Registry,
	/// Requests by how they ended.
	pub requests: Family<Outcome, Counter>,
	/// Receipts issued.
	pub receipts: Counter,
	/// Seconds in the queue.
	pub waited: Family<Run, Histogram, fn() -> Histogram>,
	/// Seconds of running.
	pub ran: Family<Run, Histogram, fn() -> Histogram>,
	/// Requests that share a run.
	pub batch: Family<Run, Histogram, fn() -> Histogram>,
	/// Settlements that became final.
	pub settlements: Counter,
	/// Submissions that were refused or lost.
	pub settlement_failures: Counter,
	/// Additions to the bond from the oracle's account.
	pub bond_top_ups: Counter,
	/// Additions to the bond that were due and not made.
	pub bond_top_up_failures: Counter,
	/// Demands against the oracle that are open.
	pub demands_open: Gauge,
	/// Demands that were answered.
	pub demands_answered: Counter,
	/// Attempts to answer a demand that failed.
	pub demands_failed: Counter,
	/// 1 while nodes disagree about what is final.
	pub nodes_disagree: Gauge,
	/// What settlements cost, in planck.
	pub settlement_fees: Counter<f64, AtomicU64>,
	vouchers: Counter,
	unsettled_receipts: Gauge,
	channels: Gauge,
	head_age: Float,
	chain_unseen: Gauge,
	waits_for_node: Gauge,
	models: Family<Info, Gauge>,
	queue: Family<Model, Gauge>,
	restarts: Family<Model, Gauge>,
	memory: Family<Model, Gauge>,
	running: Gauge,
	head: Gauge,
	unsettled: Float,
	bond_free: Float,
	bond_spare: Float,
	bond_low: Gauge,
	bond_paused: Gauge,
}

fn seconds() -> Histogram {
	// From a tenth of a millisecond to half a minute.
	Histogram::new(exponential_buckets(1e-4, 2.0, 18))
}

fn shared() -> Histogram {
	// From one to 512.
	Histogram::new(exponential_buckets(1.0, 2.0, 10))
}

/// A metric that is told of under that name.
fn new<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
	with(registry, name, help, M::default())
}

fn with<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
	registry.register(name, help, metric.clone());
	metric
}

impl Default for Metrics {
	fn default() -> Self {
		let mut registry = Registry::with_prefix("usufruct_oracle");
		let told = &mut registry;
		Self {
			requests: new(told, "requests", "Requests by how they ended"),
			receipts: new(told, "receipts", "Receipts issued"),
			waited: with(
				told,
				"queue_seconds",
				"Time in the queue",
				Family::new_with_constructor(seconds),
			),
			ran: with(
				told,
				"run_seconds",
				"Time of running the model",
				Family::new_with_constructor(seconds),
			),
			batch: with(
				told,
				"batch_requests",
				"Requests that share a run, by request",
				Family::new_with_constructor(shared),
			),
			settlements: new(told, "settlements", "Settlements that became final"),
			settlement_failures: new(
				told,
				"settlement_failures",
				"Submissions that were refused or lost",
			),
			bond_top_ups: new(
				told,
				"bond_top_ups",
				"Additions to the bond from the oracle's account",
			),
			bond_top_up_failures: new(
				told,
				"bond_top_up_failures",
				"Additions to the bond that were due and not made",
			),
			demands_open: new(told, "demands_open", "Demands for settled receipts that are open"),
			demands_answered: new(told, "demands_answered", "Demands that were answered"),
			demands_failed: new(told, "demands_failed", "Attempts to answer a demand that failed"),
			nodes_disagree: new(
				told,
				"nodes_disagree",
				"1 while nodes disagree about what is final",
			),
			settlement_fees: new(told, "settlement_fees_planck", "What settlements cost"),
			vouchers: new(told, "vouchers", "Vouchers accepted"),
			unsettled_receipts: new(told, "unsettled_receipts", "Receipts that are not settled"),
			channels: new(told, "channels", "Channels in the book"),
			head_age: new(
				told,
				"finalised_block_age_seconds",
				"How long ago the finalised block was seen",
			),
			chain_unseen: new(
				told,
				"chain_unseen",
				"1 while no finalised block comes, or old ones, and only the set risk is served",
			),
			waits_for_node: new(
				told,
				"waits_for_node",
				"1 until the node has got to what was final when the oracle stopped",
			),
			models: new(told, "model_info", "What is served, and on what"),
			queue: new(told, "queue_depth", "Requests that wait for a worker"),
			restarts: new(told, "worker_restarts", "How often workers had to be started again"),
			memory: new(told, "worker_memory_bytes", "Memory that the workers of a model take"),
			running: new(told, "requests_running", "Requests accepted and without a receipt"),
			head: new(told, "finalised_block", "The finalised block"),
			unsettled: new(
				told,
				"unsettled_planck",
				"What is unsettled if everything in flight costs its maximum",
			),
			bond_free: new(
				told,
				"bond_free_planck",
				"The part of the bond that no settlement has locked",
			),
			bond_spare: new(told, "bond_spare_planck", "What is left of the bond for new requests"),
			bond_low: new(
				told,
				"bond_low",
				"1 while less than a quarter of the bond is left for new requests",
			),
			bond_paused: new(
				told,
				"bond_paused",
				"1 while nothing new is accepted for want of bond",
			),
			registry,
		}
	}
}

impl Metrics {
	/// The text that Prometheus reads.
	pub fn text(&self, ledger: &Ledger, served: &[Arc<Served>]) -> String {
		let (unsettled, standing) = ledger.exposure();
		// Gauges are floats by nature; money is counted elsewhere.
		self.unsettled.set(unsettled as f64);
		self.bond_free.set(standing.free_bond as f64);
		self.bond_spare.set(standing.spare_bond(unsettled) as f64);
		self.bond_low.set(ledger.bond_low().into());
		self.bond_paused.set(ledger.paused().into());
		self.head.set(standing.head.into());
		self.running.set(i64::try_from(ledger.running()).unwrap_or(i64::MAX));
		self.vouchers.inner().store(ledger.accepted(), Ordering::Relaxed);
		let unsettled = ledger.due().iter().map(|due| due.seq - due.settled_seq).sum::<u64>();
		self.unsettled_receipts.set(i64::try_from(unsettled).unwrap_or(i64::MAX));
		self.channels.set(i64::try_from(ledger.channels().len()).unwrap_or(i64::MAX));
		self.head_age.set(ledger.since_head().as_secs_f64());
		self.chain_unseen.set(ledger.is_blind().into());
		self.waits_for_node.set((!ledger.is_informed()).into());
		// What was unloaded, or runs otherwise now, is not told of any more.
		self.models.clear();
		for served in served {
			let label = Model { model: served.name.clone() };
			let loaded = served.home.loaded();
			let waiting = loaded.as_ref().map_or(0, |pool| pool.waiting());
			self.queue.get_or_create(&label).set(i64::try_from(waiting).unwrap_or(i64::MAX));
			let memory = loaded.as_ref().map_or(0, |pool| pool.memory());
			self.memory.get_or_create(&label).set(i64::try_from(memory).unwrap_or(i64::MAX));
			let Some(pool) = loaded else { continue };
			let info = Info {
				model: served.name.clone(),
				version: served.version,
				device: pool.device().into(),
				profile: hex::encode(pool.known().hash),
			};
			self.models.get_or_create(&info).set(1);
			let restarts = pool.instances().iter().map(|it| it.restarts()).sum::<u64>();
			self.restarts.get_or_create(&label).set(i64::try_from(restarts).unwrap_or(i64::MAX));
		}
		let mut text = String::new();
		// Writing to a string does not fail.
		let _ = encode(&mut text, &self.registry);
		text
	}
}

#[cfg(test)]
mod tests;
