//! How much of the model's own speed is left when every run is paid for, written down and signed.
//!
//! A real node, a real oracle, paid requests over HTTP, all on this machine: the load takes some of
//! the processor that it measures, as little as it can.

use std::{fs::File, path::Path, time::Duration};

use anyhow::{ensure, Context, Result};
use serde_json::json;
use usufruct_client::{
	chain::Chain,
	channel::{ChannelRecord, Store},
	features::magika::Config,
	keys::parse_hex_32,
	state,
	tensors::Tensor,
};
use usufruct_primitives::{Balance, BlockNumber};
use usufruct_tests::{
	cast::{account, wait_until, Cast, PRICE},
	files,
	node::Node,
	oracle::{Oracle, INSTANCES},
};

use crate::{
	limit::Limit,
	load::{self, Body, Payer},
	report::{median, rounded, shown, table, Report},
};

/// How often both are measured, in turns.
const RUNS: usize = 5;
/// Requests of one run, and calls of the model.
const REQUESTS: usize = 3_000;
/// Of both before the first run that counts.
const WARM_UP: usize = 300;
/// Requests at once: more than there are instances, so that none of them waits.
const CLIENTS: usize = 16;
/// Files to ask about; the few that say too little are left out.
const FILES: usize = 250;
/// What magika takes.
const TOKENS: usize = 2_048;

/// Measures, and prints.
pub async fn measure(report: &mut Report, folder: &Path) -> Result<()> {
	let folder = &folder.join("oracle-load");
	let mut setting = Setting::begin(folder).await?;
	let mut limit = Limit::load(setting.inputs.clone())?;
	limit_of(&mut limit, WARM_UP)?;
	setting.load(WARM_UP).await?;

	let (mut limits, mut rates, mut latencies) = (Vec::new(), Vec::new(), Vec::new());
	for run in 1..=RUNS {
		limits.push(limit_of(&mut limit, REQUESTS)?);
		let served = setting.load(REQUESTS).await?;
		rates.push(served.per_second);
		latencies.extend(served.latencies);
		eprintln!("run {run} of {RUNS} …");
	}
	setting.end().await?;

	latencies.sort_by(f64::total_cmp);
	let (rate, limit) = (median(&rates), median(&limits));
	let (p50, p99) = (percentile(&latencies, 50), percentile(&latencies, 99));
	let head = ["", "magika"].map(String::from);
	let row = |what: &str, figure: f64| vec![what.to_owned(), shown(figure)];
	let rows = [
		row("paid requests per second", rate),
		row("the model alone, runs per second", limit),
		row("share of it", rate / limit),
		row("a request, p50, ms", p50),
		row("p99, ms", p99),
	];
	let title = format!(
		"Oracle on the CPU: {INSTANCES} instances of one thread each, as many for the model alone; \
		 {CLIENTS} clients\non the same cores as oracle and node; medians of {RUNS} runs of \
		 {REQUESTS} requests"
	);
	table(&title, &head, &rows);
	report.set_in(
		"oracle",
		"magika",
		json!({
			"requests_per_second": rounded(rate),
			"limit_per_second": rounded(limit),
			"ratio": rounded(rate / limit),
			"p50_ms": rounded(p50),
			"p99_ms": rounded(p99),
			"clients": CLIENTS,
			"threads": INSTANCES,
		}),
	);
	Ok(())
}

/// The model alone, while nothing else is asked of this process.
fn limit_of(limit: &mut Limit, runs: usize) -> Result<f64> {
	tokio::task::block_in_place(|| limit.run(runs))
}

/// Of sorted values.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
	let last = sorted.len().saturating_sub(1);
	sorted.get((last * percent).div_ceil(100)).copied().unwrap_or(0.0)
}

/// The files' features, as the model takes them.
pub fn inputs() -> Result<Vec<Vec<i32>>> {
	let config = Config::for_tokens(TOKENS);
	let mut inputs = Vec::new();
	for path in files::different(FILES)? {
		let mut file = File::open(&path)?;
		inputs.extend(config.features(&mut file)?);
	}
	Ok(inputs)
}

/// A request about one of them.
fn body(tokens: &[i32]) -> Result<Body> {
	Body::json(vec![Tensor::from_elements("bytes", vec![1, tokens.len() as u64], tokens)?])
}

/// A node, an oracle that serves magika, and a channel to it.
struct Setting {
	node: Node,
	chain: Chain,
	oracle: Oracle,
	record: ChannelRecord,
	payer: Payer,
	inputs: Vec<Vec<i32>>,
}

impl Setting {
	async fn begin(folder: &Path) -> Result<Self> {
		eprintln!("starting a node and an oracle …");
		let node = Node::start_dev(folder)?;
		let chain = Chain::connect(&node.url).await?;
		let cast = Cast::new(&node.url, folder);
		let (model, version) = cast.register_model()?;
		let model = model["model"].as_u64().context("no model id")? as u32;
		let version = version["version"].as_u64().context("no version id")? as u32;
		// Settles as an oracle does whose operator said nothing about it.
		let oracle = Oracle::start(&cast.bond_oracle(version, "")?).await?;

		let requests = (WARM_UP + RUNS * REQUESTS) as Balance;
		let channel = cast.open_channel_for(model, "100", requests)?;
		let channel = parse_hex_32(&channel).context("no channel id")?;
		let record = Store::open(&cast.consumer.channels())?
			.channel(&channel)?
			.context("the command did not keep the channel")?;
		let at = chain.finalised().await?;
		let operator = state::oracle(&at, &account("//Charlie")?).await?.context("no oracle")?;
		let inputs = inputs()?;
		let key = operator.receipt_key;
		let bodies = inputs.iter().map(|tokens| body(tokens)).collect::<Result<_>>()?;
		let payer = Payer::new(record.clone(), key, version, PRICE, "magika", bodies)?;
		Ok(Self { node, chain, oracle, record, payer, inputs })
	}

	/// A load of so many requests, all of which must be served.
	async fn load(&mut self, requests: usize) -> Result<load::Served> {
		let head = self.chain.finalised().await?.block_number() as BlockNumber;
		let requests = self.payer.sign(requests, head)?;
		let address = self.oracle.url.trim_start_matches("http://");
		// The oracle looks a channel up when it first hears of it, and that once.
		let known = self.payer.signed() > requests.len() as u64;
		let clients = if known { CLIENTS } else { 1 };
		let served = load::send(address, requests, clients).await?;
		self.payer.check(&served.receipts)?;
		Ok(served)
	}

	/// Stops, and checks that every request is settled.
	async fn end(self) -> Result<()> {
		let (channel, signed) = (self.record.channel_id, self.payer.signed());
		self.oracle.stop()?;
		let at = wait_until(&self.chain, "settlement", Duration::from_secs(60), |at| async move {
			let channel = state::channel(&at, &channel).await?.context("the channel is gone")?;
			Ok(channel.settled_seq == signed)
		})
		.await?;
		let settled = state::channel(&at, &channel).await?.context("the channel is gone")?;
		ensure!(
			settled.settled_total == Balance::from(signed) * PRICE,
			"{} planck were settled for {signed} requests",
			settled.settled_total
		);
		self.node.stop()
	}
}
