//! `usufruct infer`.

mod results;
mod target;

use super::{
	context::{find_model, Context},
	jobs::{self, BytesTensor, Job},
};
use anyhow::{ensure, Context as _};
use clap::Args;
use futures::StreamExt;
use results::{Answered, Outcome, Results, Row};
use std::{
	fs,
	path::PathBuf,
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_client::{
	amount::{ufr, Amount},
	chain::Chain,
	channel::{opening, Bill, Unfit},
	features::magika::Config,
	keys,
	meter::{self, MeterError, NotRecomputable},
	oracle_api::Reach,
	output::hex0x,
	session::{InferError, Now, Session, Target},
	state,
};
use usufruct_primitives::{BlockNumber, Meter, VersionId};

#[derive(Args)]
pub struct Infer {
	/// The model's id or name
	model: String,
	/// Files to make requests from, see --bytes-tensor
	files: Vec<PathBuf>,
	/// A file with a request body of the Open Inference Protocol; may be given several times
	#[arg(long = "input", value_name = "BODY.json")]
	bodies: Vec<PathBuf>,
	/// A text to ask about, for a model that takes text; may be given several times
	#[arg(long = "text", value_name = "TEXT")]
	texts: Vec<String>,
	/// Make one request of each FILE: its first and last bytes as an INT32 tensor [1, LEN], as the
	/// magika models take it
	#[arg(long, value_name = "NAME:LEN")]
	bytes_tensor: Option<BytesTensor>,
	/// The magika model's config.min.json, to name what its scores say
	#[arg(long, value_name = "FILE")]
	labels: Option<PathBuf>,
	/// The channel that pays; "auto" takes one of this data directory whose limits allow all that is
	/// asked, or opens one, to the cheapest oracle
	#[arg(long, default_value = "auto")]
	channel: String,
	/// The version to run; otherwise the newest that an oracle offers
	#[arg(long)]
	version: Option<VersionId>,
	/// The oracle to ask; otherwise the cheapest
	#[arg(long, value_name = "ACCOUNT")]
	oracle: Option<String>,
	/// What is held for a channel that must be opened
	#[arg(long, value_name = "AMOUNT", default_value = "10")]
	escrow: Amount,
	/// Ask also an oracle whose endpoint is on this machine or in a private network. An oracle
	/// chooses its endpoint: without this it cannot make you talk to what only you can reach
	#[arg(long, env = "USUFRUCT_ALLOW_PRIVATE_ENDPOINTS")]
	allow_private_endpoints: bool,
	/// How many requests at once
	#[arg(long, default_value_t = 1)]
	concurrency: usize,
	/// How many times to ask everything; each is paid for
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
		let reach = match self.allow_private_endpoints {
			true => Reach::Anywhere,
			false => Reach::Public,
		};
		let mut found = self.find_target(&at, &keeper, &model).await?;
		if found.target.meter == Meter::InputToken {
			let text = self.find_text(context, &at, &found.target, reach).await?;
			found.target.text = Some(text);
		}
		let bill = bill(&jobs, self.repeat, &found.target)?;
		let record = self.find_channel(context, &chain, &at, &keeper, &found, &bill).await?;
		let target = found.target;
		let channel = opening::refresh(&chain, &keeper, &record).await?;
		match bill.check(&channel, &keeper.store().ledger(&record)?) {
			// What is missing on it is asked for first.
			Err(Unfit::Stuck(_)) => {},
			checked => checked?,
		}
		context.progress(format_args!(
			"asking {} at {} for {} each, version {}, channel {}",
			keys::address(&record.oracle),
			target.endpoint,
			ufr(target.unit_price),
			target.model_version,
			hex0x(record.channel_id)
		));

		let unit_price = target.unit_price;
		let now = Now {
			head: at.block_number() as BlockNumber,
			closing_window: state::closing_window(&at)?,
		};
		let session = Session::new(keeper.clone(), &record.channel_id, target, now, reach)?
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
		bill.check(&channel, &keeper.store().ledger(&record)?)?;

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
}

/// What the requests may cost: `jobs`, which repeat themselves so often. One that cannot be read or counted
/// costs nothing; it fails by itself when it is asked.
fn bill(jobs: &[Job], repeat: usize, target: &Target) -> Result<Bill, NotRecomputable> {
	let units = |job: &Job| {
		if target.meter == Meter::Request {
			return Ok(1);
		}
		let Ok(Some(inputs)) = job.inputs() else { return Ok(0) };
		match meter::units(target.meter, &inputs, target.text.as_deref()) {
			Ok(units) => Ok(units),
			Err(MeterError::NotRecomputable(error)) => Err(error),
			Err(MeterError::Text(_)) => Ok(0),
		}
	};
	let different = jobs.len() / repeat.max(1);
	let counted: Vec<u64> = jobs.iter().take(different).map(units).collect::<Result<_, _>>()?;
	Ok(Bill::new(target.unit_price, counted.iter().copied().cycle().take(jobs.len())))
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

#[cfg(test)]
mod tests {
	use super::*;

	fn target(meter: Meter) -> Target {
		Target {
			receipt_key: [1; 32],
			retired_keys: vec![],
			endpoint: "http://127.0.0.1:1".into(),
			model_name: "m".into(),
			model_version: 1,
			meter,
			unit_price: 7,
			text: None,
		}
	}

	/// Two elements, and a file that is not there; three times.
	fn jobs(folder: &std::path::Path) -> Vec<Job> {
		let body = folder.join("body.json");
		let json = r#"{"inputs":[{"name":"x","shape":[2],"datatype":"INT32","data":[7,8]}]}"#;
		fs::write(&body, json).unwrap();
		jobs::jobs(vec![body, folder.join("none")], vec![], None, vec![], 3).unwrap()
	}

	#[test]
	fn what_requests_may_cost_follows_from_the_meter() {
		let folder = tempfile::tempdir().unwrap();
		let jobs = jobs(folder.path());
		let elements = bill(&jobs, 3, &target(Meter::Element)).unwrap();
		assert_eq!((elements.requests, elements.largest, elements.total), (6, 14, 42));
		// Whatever is in them; so no file is read.
		let requests = bill(&jobs, 3, &target(Meter::Request)).unwrap();
		assert_eq!((requests.requests, requests.largest, requests.total), (6, 7, 42));
		let none = bill(&[], 0, &target(Meter::Element)).unwrap();
		assert_eq!((none.requests, none.total), (0, 0));
	}

	#[test]
	fn nothing_is_asked_that_nobody_can_count() {
		let folder = tempfile::tempdir().unwrap();
		let jobs = jobs(folder.path());
		for meter in [Meter::OutputToken, Meter::InputToken] {
			assert_eq!(bill(&jobs, 3, &target(meter)), Err(NotRecomputable(meter)));
		}
	}
}
