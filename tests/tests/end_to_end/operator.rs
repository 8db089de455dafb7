//! An oracle as its operator has it: checked before it starts, told of a new version and of the end of an old
//! one by the chain alone, and stopped while it serves.

use std::{
	path::Path,
	process::Output,
	sync::Arc,
	time::{Duration, Instant},
};

use anyhow::{anyhow, bail, ensure, Context, Result};
use tokio::task::JoinHandle;
use usufruct_client::{
	chain::Chain,
	keys::parse_hex_32,
	oracle_api::{ProblemKind, Reply},
	state,
	tensors::Tensor,
};
use usufruct_primitives::{ChannelId, VersionId};
use usufruct_tests::{
	asker::Asker,
	cast::{wait_until, Cast, PRICE},
	node::Node,
	oracle::{Oracle, OracleOptions},
};

#[allow(dead_code)]
#[path = "../../../inference-oracle/src/testing/onnx.rs"]
mod onnx;

const MINUTES: Duration = Duration::from_secs(240);
/// The model, which answers with its input.
const MODEL: &str = "echo";
const RUNNING: &str = "usufruct_oracle_requests_running";
const FINALISED: &str = "usufruct_oracle_finalised_block ";

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_is_checked_follows_versions_and_stops_without_losing_what_runs() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let node = Node::start_dev(folder)?;
	let chain = Chain::connect(&node.url).await?;
	let cast = Cast::new(&node.url, folder);
	// Two files that differ in who is said to have made them.
	let (first, second) = (folder.join("first.onnx"), folder.join("second.onnx"));
	std::fs::write(&first, onnx::identity(7))?;
	std::fs::write(&second, [onnx::identity(7), onnx::bytes(2, "second")].concat())?;
	let model = cast.author.run(&["model", "register", MODEL])?["model"].clone();
	let model = model.as_u64().context("no model")? as u32;
	let old = register(&cast, model, &first)?;
	let new = old + 1;
	// Whatever is suspended below goes on before that is over.
	let limit = "run_limit_s = 600\n";
	let options = OracleOptions {
		model: MODEL.into(),
		file: Some(first),
		settings: "drain_s = 600\nmemory_budget_mib = 4096".into(),
		rest: format!(
			"{limit}\n[[models]]\nname = \"{MODEL}\"\nversion = {new}\npath = \"{}\"\n{limit}\n\
			 [keep]\nrequests = true\n",
			second.display()
		),
		..cast.bond_oracle(old, "age_s = 600")?
	};
	let checked = |options: &OracleOptions| anyhow::Ok(options.command()?.arg("check").output()?);
	let found = checked(&options)?;
	would_serve(&found, old, new)?;
	let isolation = isolation(&found, old)?;
	let stranger = OracleOptions { receipt_seed: "08".repeat(32), ..options.clone() };
	would_not_serve(&checked(&stranger)?, &["registered key"])?;
	let small = OracleOptions { settings: "memory_budget_mib = 1".into(), ..options.clone() };
	would_not_serve(&checked(&small)?, &["memory"])?;

	let mut oracle = Oracle::start(&options).await?;
	oracle.wait_for(isolation, MINUTES)?;
	would_not_serve(&checked(&options)?, &["data folder", "listen"])?;
	let channel = parse_hex_32(&cast.open_channel(model, "5")?).context("no channel")?;
	let asker = Asker::new(&chain, &cast.consumer, MODEL, PRICE).await?;
	let consumer = Consumer { asker: Arc::new(asker), channel };

	let first = consumer.get(old, 1).await?.receipt.context("no receipt")?.receipt;
	let number = format!("{}:{}", hex::encode(channel), first.seq);
	would_answer_again(&options.command()?.args(["audit", &number]).output()?)?;
	consumer.gets_the_new_version(&cast, model, &second, new).await?;
	consumer.loses_the_old_version(&chain, &cast, &oracle, old).await?;
	let before = consumer.get(new, 2).await?.receipt.context("no receipt")?.receipt;
	consumer.is_answered_by_one_that_stops(oracle, new).await?;
	// What it signed last was kept, and is settled.
	let (seq, total) = (before.seq + 1, before.total + PRICE);
	wait_until(&chain, "settlement", MINUTES, |at| async move {
		let channel = state::channel(&at, &channel).await?.context("no channel")?;
		Ok((channel.settled_seq, channel.settled_total) == (seq, total))
	})
	.await?;
	node.stop()
}

fn register(cast: &Cast, model: u32, file: &Path) -> Result<VersionId> {
	let version = cast.register_version(&model.to_string(), file)?;
	Ok(version["version"].as_u64().context("no version")?.try_into()?)
}

/// How the check of that name ended, and what was found.
fn row<'a>(table: &'a str, what: &str) -> Result<(&'a str, &'a str)> {
	let mut rows = table.lines().filter_map(|line| line.strip_prefix(what)?.strip_prefix("  "));
	let row = rows.next().with_context(|| format!("nothing of {what}:\n{table}"))?.trim_start();
	Ok(row.split_once(' ').unwrap_or((row, "")))
}

/// One version is loaded in workers as it will be served, the other may come.
fn would_serve(checked: &Output, old: VersionId, new: VersionId) -> Result<()> {
	let table = String::from_utf8_lossy(&checked.stdout);
	ensure!(checked.status.code() == Some(0), "{checked:?}");
	ensure!(table.trim_end().ends_with("The oracle would serve."), "{table}");
	for what in ["account", "receipt key", "data folder", "listen", "logging", "ONNX Runtime"] {
		ensure!(row(&table, what)?.0 == "ok", "{what}:\n{table}");
	}
	for what in ["node", "bond", "registered key", "fees", "workers' folder", "memory"] {
		ensure!(row(&table, what)?.0 == "ok", "{what}:\n{table}");
	}
	let of = |version: VersionId, what: &str| format!("model {MODEL} {version}{what}");
	for what in [": ask", ": input", ": workers", ": device"] {
		ensure!(row(&table, &of(old, what))?.0 == "ok", "{what}:\n{table}");
	}
	let workers = row(&table, &of(old, ": workers"))?.1;
	ensure!(workers.contains("its hash and weights are those on the chain"), "{table}");
	ensure!(table.contains("2 on CPU, "), "{table}");
	let missing = row(&table, &of(new, ""))?;
	ensure!(missing.0 == "WARN" && missing.1.contains("not on the chain"), "{table}");
	Ok(())
}

/// What the oracle logs about the isolation of that version's workers, by what the check has found that the
/// kernel can do.
fn isolation(checked: &Output, version: VersionId) -> Result<&'static str> {
	let table = String::from_utf8_lossy(&checked.stdout);
	let (state, found) = row(&table, &format!("model {MODEL} {version}: sandbox"))?;
	match (state, found.trim()) {
		("ok", in_force) if !in_force.is_empty() => Ok("its workers are isolated"),
		("WARN", lacking) if lacking.starts_with("lacks ") => {
			Ok("ITS WORKERS ARE NOT FULLY ISOLATED")
		},
		_ => bail!("{table}"),
	}
}

/// These checks fail, and no other.
fn would_not_serve(checked: &Output, failed: &[&str]) -> Result<()> {
	let table = String::from_utf8_lossy(&checked.stdout);
	ensure!(checked.status.code() == Some(1), "{checked:?}");
	for what in failed {
		ensure!(row(&table, what)?.0 == "FAIL", "{what}:\n{table}");
	}
	let said = format!("The oracle would not serve: {} of ", failed.len());
	ensure!(table.contains(&said), "{table}");
	Ok(())
}

/// The request, its answer and how it was run were kept, and it is answered the same again.
fn would_answer_again(audited: &Output) -> Result<()> {
	let report = String::from_utf8_lossy(&audited.stdout);
	ensure!(audited.status.code() == Some(0), "{audited:?}");
	ensure!(report.contains("MATCH: equal to the last bit"), "{report}");
	ensure!(!report.contains("not known"), "{report}");
	Ok(())
}

/// Somebody with a channel.
#[derive(Clone)]
struct Consumer {
	asker: Arc<Asker>,
	channel: ChannelId,
}

impl Consumer {
	/// Asks a version for the echo of a number.
	async fn ask(&self, version: VersionId, number: i64) -> Result<Reply> {
		let input = Tensor::from_elements("x", vec![1], &[number])?;
		self.asker.ask(&self.channel, version, vec![input]).await
	}

	/// The same, and must be answered.
	async fn get(&self, version: VersionId, number: i64) -> Result<Reply> {
		let reply = self.ask(version, number).await?;
		let answer = reply.body.as_ref().map_err(|problem| anyhow!("{problem}"))?;
		let [output] = &answer.outputs[..] else { bail!("{answer:?}") };
		ensure!(output.to_elements::<i64>()? == [number], "{answer:?}");
		let receipt = &reply.receipt.as_ref().context("no receipt")?.receipt;
		ensure!((receipt.model_version, receipt.amount) == (version, PRICE), "{receipt:?}");
		Ok(reply)
	}

	/// Asks, and returns when the oracle has accepted it; its workers are suspended, so that is all.
	async fn begin(
		&self,
		oracle: &Oracle,
		version: VersionId,
	) -> Result<JoinHandle<Result<Reply>>> {
		oracle.suspend_workers()?;
		let consumer = self.clone();
		let running = tokio::spawn(async move { consumer.get(version, 7).await });
		oracle.wait_for_metric(RUNNING, |it| it == 1.0, MINUTES).await?;
		Ok(running)
	}

	/// A version whose file the oracle has is served once it is on the chain and has an ask.
	async fn gets_the_new_version(
		&self,
		cast: &Cast,
		model: u32,
		file: &Path,
		version: VersionId,
	) -> Result<()> {
		let refused = self.ask(version, 1).await?.body.err().context("it is served already")?;
		ensure!(refused.kind == ProblemKind::ModelUnknown, "{refused}");
		ensure!(register(cast, model, file)? == version, "it has another number");
		let price = format!("{PRICE}p");
		cast.operator.run(&["oracle", "ask", &version.to_string(), &price])?;
		let deadline = Instant::now() + MINUTES;
		while let Err(problem) = self.ask(version, 1).await?.body {
			ensure!(Instant::now() < deadline, "it is not served: {problem}");
			tokio::time::sleep(Duration::from_millis(500)).await;
		}
		self.get(version, 2).await.map(drop)
	}

	/// What runs while its version is closed is answered, and nothing new of that version is.
	async fn loses_the_old_version(
		&self,
		chain: &Chain,
		cast: &Cast,
		oracle: &Oracle,
		version: VersionId,
	) -> Result<()> {
		let running = self.begin(oracle, version).await?;
		cast.author.run(&["model", "deprecate", &version.to_string()])?;
		// The oracle has taken that block in for sure when it is at the next.
		let closed = chain.finalised().await?.block_number() as f64;
		oracle.wait_for_metric(FINALISED, |it| it > closed, MINUTES).await?;
		let refused = self.ask(version, 1).await?.body.err().context("it is still served")?;
		ensure!((refused.kind, refused.status) == (ProblemKind::ModelDeprecated, 410), "{refused}");
		ensure!(!running.is_finished(), "it was not waited for");
		oracle.resume_workers()?;
		running.await?.map(drop)
	}

	/// An oracle that is asked to stop answers what runs, takes nothing new, and ends well.
	async fn is_answered_by_one_that_stops(
		&self,
		mut oracle: Oracle,
		version: VersionId,
	) -> Result<()> {
		let running = self.begin(&oracle, version).await?;
		oracle.terminate()?;
		oracle.wait_for("asked to terminate", MINUTES)?;
		let deadline = Instant::now() + Duration::from_secs(60);
		let ready = format!("{}/v2/health/ready", oracle.url);
		loop {
			// A new connection each time.
			let asked = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
			match asked.get(&ready).send().await {
				Err(error) if error.is_connect() => break,
				Ok(answer) if answer.status() == 503 => break,
				other => ensure!(Instant::now() < deadline, "it goes on: {other:?}"),
			}
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
		ensure!(!running.is_finished(), "it was not waited for");
		oracle.resume_workers()?;
		running.await??;
		let ended = oracle.wait()?;
		ensure!(ended.code() == Some(0), "it ended with {ended}");
		Ok(())
	}
}
