//! `usufruct infer`.

use super::{
	channel::{self, parse_channel, UNACKED_REQUESTS},
	context::{find_model, Context},
	jobs::{self, BytesTensor, Job},
};
use anyhow::{bail, ensure, Context as _};
use clap::Args;
use futures::StreamExt;
use serde::Serialize;
use std::{
	fs,
	path::PathBuf,
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_client::{
	amount::{ufr, Amount},
	chain::{AtBlock, Chain},
	channel::{
		opening::{self, Terms},
		ChannelRecord, Keeper,
	},
	decimal,
	features::magika::{Config, Prediction},
	keys,
	oracle_api::{OracleHttp, Reach},
	output::{hex0x, Report, Table},
	session::{Answer, InferError, Session, Target},
	state,
	tensors::{DataType, Tensor},
	text::{self, Text},
};
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, ChannelId, Meter, Seq, VersionId};

/// How many results a table shows before it is cut short.
const SHOWN: usize = 20;

#[derive(Args)]
pub struct Infer {
	/// The model's id or name
	model: String,
	/// Files to make requests from, see --bytes-tensor
	files: Vec<PathBuf>,
	/// Request bodies of the Open Inference Protocol
	#[arg(long = "input", value_name = "BODY.json")]
	bodies: Vec<PathBuf>,
	/// A text to ask about, for a model that takes text; each is a request
	#[arg(long = "text", value_name = "TEXT")]
	texts: Vec<String>,
	/// Make one request of each FILE: its first and last bytes as an INT32 tensor [1, LEN], as the
	/// magika models take it
	#[arg(long, value_name = "NAME:LEN")]
	bytes_tensor: Option<BytesTensor>,
	/// The magika model's config.min.json, to name what its scores say
	#[arg(long, value_name = "FILE")]
	labels: Option<PathBuf>,
	/// The channel that pays; "auto" takes one of this data directory, or opens one to the cheapest
	/// oracle
	#[arg(long, default_value = "auto")]
	channel: String,
	/// The version to run; otherwise the newest that an oracle offers
	#[arg(long)]
	version: Option<VersionId>,
	/// The oracle to ask; otherwise the cheapest
	#[arg(long, value_name = "ACCOUNT")]
	oracle: Option<String>,
	/// What is held for a channel that must be opened
	#[arg(long, default_value = "10")]
	escrow: Amount,
	/// Ask also an oracle whose endpoint is on this machine or in a private network. An oracle
	/// chooses its endpoint: without this it cannot make you talk to what only you can reach
	#[arg(long, env = "USUFRUCT_ALLOW_PRIVATE_ENDPOINTS")]
	allow_private_endpoints: bool,
	/// How many requests at once
	#[arg(long, default_value_t = 1)]
	concurrency: usize,
	/// How many times to ask everything
	#[arg(long, default_value_t = 1)]
	repeat: usize,
	/// How many seconds to ask again for an answer
	#[arg(long, default_value_t = 60)]
	patience: u64,
	/// How many times to ask anew what the oracle accepted and failed at, which costs nothing
	#[arg(long, default_value_t = 1)]
	retries: usize,
	/// Print the output tensors of every request
	#[arg(long)]
	show_outputs: bool,
}

impl Infer {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let config = match &self.labels {
			Some(path) => {
				let json = fs::read_to_string(path)
					.with_context(|| format!("cannot read {}", path.display()))?;
				let config = Config::parse(&json).map_err(anyhow::Error::msg);
				Some(config.with_context(|| format!("cannot use {}", path.display()))?)
			},
			None => None,
		};
		let bytes = self.bytes_tensor.clone().map(|tensor| (tensor, config.clone()));
		let jobs = jobs::jobs(
			self.bodies.clone(),
			self.texts.clone(),
			bytes,
			self.files.clone(),
			self.repeat,
		)?;
		ensure!(self.concurrency > 0, "--concurrency must be at least 1");

		let chain = context.chain().await?;
		let keeper = Arc::new(context.keeper().await?);
		let at = chain.finalised().await?;
		let model = find_model(&at, &self.model).await?;
		let (record, mut target) =
			self.find_channel(context, &chain, &at, &keeper, &model, jobs.len()).await?;
		let channel = opening::refresh(&chain, &keeper, &record).await?;
		ensure!(
			channel.closes_at.is_none(),
			"channel {} is being closed; open another",
			hex0x(record.channel_id)
		);
		let left = left(&keeper, &record, &channel)?;
		let needed = needed(&target, jobs.len());
		ensure!(
			left >= needed,
			"{} requests may cost {}, and channel {} has {} left; top it up",
			jobs.len(),
			ufr(needed),
			hex0x(record.channel_id),
			ufr(left)
		);
		context.progress(format_args!(
			"asking {} at {} for {} each, version {}, channel {}",
			keys::address(&record.oracle),
			target.endpoint,
			ufr(target.unit_price),
			target.model_version,
			hex0x(record.channel_id)
		));

		let unit_price = target.unit_price;
		let head = at.block_number() as BlockNumber;
		let reach = match self.allow_private_endpoints {
			true => Reach::Anywhere,
			false => Reach::Public,
		};
		if target.meter == Meter::InputToken {
			target.text = Some(self.find_text(context, &at, &target, reach).await?);
		}
		let session = Session::new(keeper, &record.channel_id, target, head, reach)?
			.with_patience(Duration::from_secs(self.patience));
		let session = Arc::new(session);
		let follow = tokio::spawn(follow(chain.clone(), session.clone()));
		let resumed = session.resume().await?;
		if !resumed.is_empty() {
			let answered = resumed.iter().filter(|result| result.is_ok()).count();
			context.progress(format_args!(
				"{} requests of an earlier run were asked for again, {answered} are answered",
				resumed.len()
			));
			for error in resumed.into_iter().filter_map(Result::err) {
				tracing::info!(%error, "a request of an earlier run");
			}
		}

		let begun = Instant::now();
		let total = jobs.len();
		let show_outputs = self.show_outputs || (config.is_none() && total == 1);
		let config = Arc::new(config);
		let retries = self.retries;
		let mut running = futures::stream::iter(jobs)
			.map(|job| {
				let (session, config) = (session.clone(), config.clone());
				tokio::spawn(async move {
					ask(&session, job, config.as_ref().as_ref(), retries, show_outputs).await
				})
			})
			.buffer_unordered(self.concurrency);
		let mut results = Vec::with_capacity(total);
		let mut said = Instant::now();
		while let Some(result) = running.next().await {
			results.push(result?);
			if said.elapsed() > Duration::from_secs(2) {
				said = Instant::now();
				context.progress(format_args!("{} of {total} answered", results.len()));
			}
		}
		drop(running);
		follow.abort();
		let report = Results::new(&record, unit_price, results, begun.elapsed());
		context.print(&report)?;
		ensure!(
			report.summary.failed == 0,
			"{} of {} requests failed",
			report.summary.failed,
			report.summary.requests
		);
		Ok(())
	}

	/// The tokenizer that the version registered, to count as its oracle does.
	async fn find_text(
		&self,
		context: &Context,
		at: &AtBlock,
		target: &Target,
		reach: Reach,
	) -> anyhow::Result<Arc<Text>> {
		let versions = state::versions(at).await?;
		let version = versions.iter().find(|it| it.version == target.model_version);
		let metadata = version.context("the version is gone")?.metadata_hash;
		let http = OracleHttp::new(&target.endpoint, reach)?;
		let folder = context.data_dir()?.join("files");
		let (name, version) = (&target.model_name, target.model_version);
		let text = text::fetch(&http, name, version, &metadata, &folder).await;
		Ok(Arc::new(text.context("the version's tokens cannot be counted")?))
	}

	/// The channel that pays, and what its oracle asks.
	async fn find_channel(
		&self,
		context: &Context,
		chain: &Chain,
		at: &AtBlock,
		keeper: &Keeper,
		model: &state::Model,
		requests: usize,
	) -> anyhow::Result<(ChannelRecord, Target)> {
		let wanted: Option<AccountBytes> =
			self.oracle.as_deref().map(keys::parse_account).transpose()?;
		if self.channel != "auto" {
			let id: ChannelId = parse_channel(&self.channel).map_err(anyhow::Error::msg)?;
			let record = keeper.channel(&id)?;
			ensure!(
				record.model == model.model,
				"channel {} is for model {}, not for {}",
				hex0x(id),
				record.model,
				model.model
			);
			ensure!(
				wanted.is_none_or(|oracle| oracle == record.oracle),
				"channel {} is to another oracle",
				hex0x(id)
			);
			let target = self.find_target(at, model, Some(record.oracle)).await?;
			return Ok((record, target.1));
		}
		let (oracle, target) = self.find_target(at, model, wanted).await?;
		let needed = needed(&target, requests);
		for record in keeper.store().channels()? {
			let fits = record.genesis == chain.genesis()
				&& record.oracle == oracle
				&& record.model == model.model;
			if !fits {
				continue;
			}
			let Some(channel) = state::channel(at, &record.channel_id).await? else { continue };
			if channel.closes_at.is_none()
				&& keeper.store().ledger(&record)?.head().halted.is_none()
				&& channel.max_unit_price >= target.unit_price
				&& left(keeper, &record, &channel)? >= needed
			{
				return Ok((record, target));
			}
		}
		ensure!(
			self.escrow.0 >= needed,
			"{requests} requests may cost {}; open a channel for that much with --escrow",
			ufr(needed)
		);
		let signer = context.signer().context("a channel must be opened first")?;
		context.progress(format_args!(
			"opening a channel with {} to {}",
			ufr(self.escrow.0),
			keys::address(&oracle)
		));
		let terms = Terms {
			oracle,
			model: model.model,
			escrow: self.escrow.0,
			max_unit_price: target.unit_price,
			max_unacked: target.unit_price.saturating_mul(UNACKED_REQUESTS),
		};
		let (record, _) = channel::open(context, chain, keeper, &signer, terms).await?;
		Ok((record, target))
	}

	/// The oracle to ask, and what it says: of the newest version that any offers, the cheapest.
	async fn find_target(
		&self,
		at: &AtBlock,
		model: &state::Model,
		oracle: Option<AccountBytes>,
	) -> anyhow::Result<(AccountBytes, Target)> {
		let mut versions: Vec<_> = state::versions(at)
			.await?
			.into_iter()
			.filter(|version| version.model == model.model)
			.filter(|version| self.version.is_none_or(|wanted| wanted == version.version))
			.collect();
		if let (Some(wanted), true) = (self.version, versions.is_empty()) {
			bail!("model {} has no version {wanted}", model.model);
		}
		versions.retain(|version| version.open);
		ensure!(!versions.is_empty(), "no version of model {} is open: deprecated", model.model);
		let asks = state::asks(at).await?;
		for version in versions.iter().rev() {
			// The cheapest first.
			for ask in asks.iter().filter(|ask| ask.version == version.version) {
				if oracle.is_some_and(|oracle| oracle != ask.oracle) {
					continue;
				}
				let Some(found) = state::oracle(at, &ask.oracle).await? else { continue };
				if !found.active {
					continue;
				}
				let target = Target {
					receipt_key: found.receipt_key,
					retired_keys: found.retired_keys.into_iter().map(|it| it.key).collect(),
					endpoint: found.endpoint,
					model_name: model.name.clone(),
					model_version: version.version,
					meter: version.meter,
					unit_price: ask.unit_price,
					text: None,
				};
				return Ok((ask.oracle, target));
			}
		}
		bail!("no bonded oracle offers model {} ({}) at present", model.model, model.name)
	}
}

/// The most that so many requests can cost, as far as it is known before they are read.
fn needed(target: &Target, requests: usize) -> Balance {
	match target.meter {
		Meter::Request => target.unit_price.saturating_mul(requests as Balance),
		_ => target.unit_price,
	}
}

/// What a channel has for further requests.
fn left(
	keeper: &Keeper,
	record: &ChannelRecord,
	channel: &state::Channel,
) -> anyhow::Result<Balance> {
	let ledger = keeper.store().ledger(record)?;
	let promised = ledger.head().ack_total.saturating_add(ledger.open_amount());
	Ok(channel.funds().saturating_sub(promised))
}

/// Keeps a session's idea of the finalised block fresh, so that its vouchers are valid long enough.
async fn follow(chain: Chain, session: Arc<Session>) {
	let Ok(mut blocks) = chain.client().stream_blocks().await else { return };
	while let Some(Ok(block)) = blocks.next().await {
		session.advance(block.number() as BlockNumber);
	}
}

async fn ask(
	session: &Session,
	job: Job,
	config: Option<&Config>,
	mut retries: usize,
	show_outputs: bool,
) -> Row {
	let input = job.path.display().to_string();
	let failed = |error: anyhow::Error| Outcome::Failed { error: format!("{error:#}") };
	let result = loop {
		let inputs = match job.inputs() {
			Ok(Some(inputs)) => inputs,
			Ok(None) => break Outcome::Skipped,
			Err(error) => break failed(error),
		};
		match session.infer(inputs).await {
			Ok(answer) => {
				break Outcome::Answered(Box::new(Answered::new(answer, config, show_outputs)))
			},
			// A new request: the failed one has had its receipt.
			Err(InferError::Failed { .. }) if retries > 0 => retries -= 1,
			Err(error) => break failed(error.into()),
		}
	};
	Row { input, result }
}

/// One request's fate.
#[derive(Serialize)]
struct Row {
	input: String,
	#[serde(flatten)]
	result: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
enum Outcome {
	Answered(Box<Answered>),
	/// The file says too little.
	Skipped,
	Failed {
		error: String,
	},
}

#[derive(Serialize)]
struct Answered {
	#[serde(skip_serializing_if = "Option::is_none")]
	label: Option<String>,
	#[serde(skip_serializing_if = "Option::is_none")]
	score: Option<f32>,
	#[serde(skip_serializing_if = "Option::is_none")]
	confident: Option<bool>,
	#[serde(skip_serializing_if = "Option::is_none")]
	outputs: Option<Vec<Tensor>>,
	/// Names, types and shapes of the outputs, for people.
	#[serde(skip)]
	shapes: String,
	seq: Seq,
	units: u64,
	#[serde(with = "decimal")]
	amount: Balance,
	#[serde(with = "decimal")]
	total: Balance,
	request_commit: String,
	milliseconds: f64,
}

impl Answered {
	fn new(answer: Answer, config: Option<&Config>, show_outputs: bool) -> Self {
		let Answer { outputs, receipt, took } = answer;
		let scores = outputs.iter().find(|output| output.datatype() == DataType::Fp32);
		let prediction: Option<Prediction> = config
			.zip(scores)
			.and_then(|(config, scores)| config.predict(&scores.to_elements::<f32>().ok()?));
		let shapes: Vec<String> = outputs
			.iter()
			.map(|it| format!("{} {} {:?}", it.name(), it.datatype().name(), it.shape()))
			.collect();
		let receipt = receipt.receipt;
		Self {
			label: prediction.as_ref().map(|it| it.label.clone()),
			score: prediction.as_ref().map(|it| it.score),
			confident: prediction.as_ref().map(|it| it.confident),
			outputs: show_outputs.then_some(outputs),
			shapes: shapes.join(", "),
			seq: receipt.seq,
			units: receipt.units,
			amount: receipt.amount,
			total: receipt.total,
			request_commit: hex0x(receipt.request_commit),
			milliseconds: took.as_secs_f64() * 1e3,
		}
	}

	fn says(&self) -> String {
		match (&self.label, self.score) {
			(Some(label), Some(score)) => {
				let doubt = if self.confident == Some(false) { " ?" } else { "" };
				format!("{label} ({score:.3}){doubt}")
			},
			_ => self.shapes.clone(),
		}
	}
}

#[derive(Serialize)]
struct Summary {
	channel: String,
	oracle: String,
	requests: usize,
	answered: usize,
	skipped: usize,
	failed: usize,
	#[serde(with = "decimal")]
	unit_price: Balance,
	#[serde(with = "decimal")]
	paid: Balance,
	seconds: f64,
	requests_per_second: f64,
	p50_ms: f64,
	p99_ms: f64,
}

#[derive(Serialize)]
struct Results {
	results: Vec<Row>,
	summary: Summary,
}

impl Results {
	fn new(record: &ChannelRecord, unit_price: Balance, results: Vec<Row>, took: Duration) -> Self {
		let answers: Vec<&Answered> = results
			.iter()
			.filter_map(|row| match &row.result {
				Outcome::Answered(answered) => Some(&**answered),
				_ => None,
			})
			.collect();
		let mut times: Vec<f64> = answers.iter().map(|answered| answered.milliseconds).collect();
		times.sort_unstable_by(f64::total_cmp);
		let percentile = |percent: usize| {
			let last = times.len().saturating_sub(1);
			times.get((last * percent).div_ceil(100)).copied().unwrap_or(0.0)
		};
		let count = |is: fn(&Outcome) -> bool| results.iter().filter(|row| is(&row.result)).count();
		let seconds = took.as_secs_f64();
		let summary = Summary {
			channel: hex0x(record.channel_id),
			oracle: keys::address(&record.oracle),
			requests: results.len(),
			answered: answers.len(),
			skipped: count(|it| matches!(it, Outcome::Skipped)),
			failed: count(|it| matches!(it, Outcome::Failed { .. })),
			unit_price,
			paid: answers.iter().map(|it| it.amount).fold(0, Balance::saturating_add),
			seconds,
			requests_per_second: answers.len() as f64 / seconds.max(1e-9),
			p50_ms: percentile(50),
			p99_ms: percentile(99),
		};
		Self { results, summary }
	}
}

impl Report for Results {
	fn table(&self) -> Table {
		let failed_first = |row: &&Row| !matches!(row.result, Outcome::Failed { .. });
		let mut rows: Vec<&Row> = self.results.iter().collect();
		rows.sort_by_key(failed_first);
		let cut = rows.len().saturating_sub(SHOWN);
		let cells = rows.iter().take(SHOWN).map(|row| match &row.result {
			Outcome::Answered(it) => [
				row.input.clone(),
				it.says(),
				it.seq.to_string(),
				ufr(it.amount),
				format!("{:.1}", it.milliseconds),
			],
			Outcome::Skipped => [
				row.input.clone(),
				"too little to ask about".into(),
				"-".into(),
				"-".into(),
				"-".into(),
			],
			Outcome::Failed { .. } => {
				[row.input.clone(), "failed".into(), "-".into(), "-".into(), "-".into()]
			},
		});
		let Summary { requests, answered, skipped, failed, paid, .. } = self.summary;
		let Summary { seconds, requests_per_second, p50_ms, p99_ms, .. } = self.summary;
		let mut table = Table::new(["input", "answer", "receipt", "paid", "ms"]).rows(cells);
		if cut > 0 {
			table = table.note(format!("… and {cut} more"));
		}
		for row in rows.iter().take(SHOWN) {
			match &row.result {
				Outcome::Answered(it) => {
					for tensor in it.outputs.iter().flatten() {
						let json =
							serde_json::to_string(tensor).unwrap_or_else(|error| error.to_string());
						table = table.note(format!("{}: {json}", row.input));
					}
				},
				Outcome::Failed { error } => {
					table = table.note(format!("{} failed: {error}", row.input));
				},
				Outcome::Skipped => {},
			}
		}
		table
			.note(format!(
				"{requests} requests: {answered} answered, {skipped} skipped, {failed} failed; paid {}",
				ufr(paid)
			))
			.note(format!(
				"{seconds:.2} s, {requests_per_second:.1} requests/s, p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms"
			))
	}
}
