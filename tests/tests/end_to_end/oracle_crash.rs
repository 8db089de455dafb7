//! An oracle that is killed under load and restarted loses no receipt and charges none twice; and one
//! that is restarted on another node believes none that is behind what it acted on.

use std::{
	path::Path,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use usufruct_client::{chain::Chain, keys::parse_hex_32, state};
use usufruct_tests::{
	cast::{wait_until, Cast, History, PRICE},
	files,
	node::{Node, NodeOptions},
	oracle::{Oracle, OracleOptions},
	process::Process,
};

/// A node that is alone and makes blocks of its own.
fn start(name: &str, folder: &Path) -> Result<Node> {
	Node::start(&NodeOptions { name: name.into(), ..NodeOptions::dev(folder, json!({}))? })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_oracle_settles_every_receipt_exactly_once() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let node = start("node", folder)?;
	let chain = Chain::connect(&node.url).await?;
	let cast = Cast::new(&node.url, folder);
	let (model, version) = cast.register_model()?;
	let model = model["model"].as_u64().context("no model")? as u32;
	let version = version["version"].as_u64().context("no version")? as u32;
	let options = cast.bond_oracle(version, "value = \"1000\"\ncount = 500\nage_s = 600")?;
	let oracle = Oracle::start(&options).await?;
	let channel = cast.open_channel(model, "20")?;
	let channel_id = parse_hex_32(&channel).context("no channel")?;

	let paths: Vec<String> =
		files::different(250)?.iter().map(|path| path.display().to_string()).collect();
	let mut arguments = vec!["infer", "magika", "--channel", &channel, "--concurrency", "16"];
	arguments.push("--allow-private-endpoints");
	arguments.extend(["--bytes-tensor", "bytes:2048", "--repeat", "12", "--quiet"]);
	arguments.extend(paths.iter().map(String::as_str));
	let mut load = Process::start("load", folder, cast.consumer.command(&arguments)?)?;

	// In the middle of the load, twice; the figure starts anew with each process.
	let mut oracle = oracle;
	for _ in 0..2 {
		let deadline = Instant::now() + Duration::from_secs(60);
		while oracle.metric("usufruct_oracle_receipts_total").await? < 400.0 {
			ensure!(Instant::now() < deadline, "the oracle signs no receipts:\n{}", oracle.log());
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
		oracle.kill()?;
		oracle = Oracle::start(&options).await?;
	}

	let report =
		load.wait_for_line(0, Duration::from_secs(180), |line| (line == "}").then_some(()));
	report.context("the load did not finish")?;
	let report: Value = serde_json::from_str(&load.log())?;
	ensure!(report["summary"]["failed"] == 0, "{}", report["summary"]);
	let answered = report["summary"]["answered"].as_u64().context("no answers")?;

	// Each receipt the consumer holds, by number: no gap, none twice, the total what it says.
	let mut numbers: Vec<u64> = report["results"]
		.as_array()
		.context("no results")?
		.iter()
		.filter_map(|row| row["seq"].as_u64())
		.collect();
	numbers.sort_unstable();
	let before = numbers.len();
	numbers.dedup();
	ensure!(numbers.len() == before && before as u64 == answered, "a receipt was given twice");

	oracle.stop()?;
	let at = wait_until(&chain, "settlement", Duration::from_secs(60), |at| async move {
		let channel = state::channel(&at, &channel_id).await?.context("no channel")?;
		Ok(channel.settled_total == u128::from(answered) * PRICE)
	})
	.await?;
	let settled = state::channel(&at, &channel_id).await?.context("no channel")?;
	let highest = numbers.last().copied().unwrap_or_default();
	ensure!(settled.settled_seq >= highest, "receipt {highest} is not settled: {settled:?}");
	let history = History::read(&chain, &at).await?;
	ensure!(
		history.receipts() == settled.settled_seq,
		"{} receipts in batches",
		history.receipts()
	);
	let paid: u128 = history.settled.iter().map(|batch| batch.accepted_total).sum();
	ensure!(paid == settled.settled_total, "{paid} in batches, {} paid", settled.settled_total);
	for (number, batch) in history.settled.iter().enumerate() {
		ensure!(batch.batch_no == number as u64 && batch.skipped.0.is_empty(), "{batch:?}");
	}
	node.stop()
}

/// The other node has not got as far at first, and then another history.
#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_oracle_follows_no_node_that_is_behind_or_elsewhere() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let node = start("node", folder)?;
	let cast = Cast::new(&node.url, folder);
	let (model, version) = cast.register_model()?;
	let model = model["model"].as_u64().context("no model")? as u32;
	let version = version["version"].as_u64().context("no version")? as u32;
	let options = cast.bond_oracle(version, "age_s = 600")?;
	let oracle = Oracle::start(&options).await?;
	let channel = cast.open_channel(model, "20")?;
	let [first, second] = &files::different(2)?[..] else { anyhow::bail!("two files") };
	let ask = |file: &Path| -> Result<Value> {
		let mut arguments = vec!["infer", "magika", "--channel", &channel];
		arguments.extend(["--allow-private-endpoints", "--bytes-tensor", "bytes:2048"]);
		let file = file.display().to_string();
		arguments.push(&file);
		cast.consumer.run(&arguments)
	};
	ensure!(ask(first)?["summary"]["answered"] == 1, "it is not answered");
	oracle.stop()?;

	let other = start("other", folder)?;
	let mut oracle = Oracle::launch(&OracleOptions { node: other.url.clone(), ..options.clone() })?;
	oracle.wait_for("THE NODE IS BEHIND", Duration::from_secs(60))?;
	let waits = "usufruct_oracle_waits_for_node";
	ensure!(oracle.metric(waits).await? == 1.0, "it does not say that it waits");
	let refused = |url: String| async move {
		let ready = reqwest::get(format!("{url}/v2/health/ready")).await?;
		ensure!(ready.status() == 503, "{}", ready.status());
		let why: Value = ready.json().await?;
		let why = why["error"].as_str().context("no reason")?.to_owned();
		ensure!(why.contains("waits for its node"), "{why}");
		anyhow::Ok(())
	};
	refused(oracle.url.clone()).await?;
	// Once it has got there, it has another block.
	oracle.wait_for("ANOTHER BLOCK WHERE ONE WAS FINAL", Duration::from_secs(240))?;
	refused(oracle.url.clone()).await?;
	ensure!(oracle.metric(waits).await? == 1.0, "it follows another chain");
	oracle.kill()?;
	other.stop()?;

	let oracle = Oracle::start(&options).await?;
	ensure!(oracle.metric(waits).await? == 0.0, "it goes on waiting");
	let answered = ask(second)?;
	ensure!(answered["results"][0]["seq"] == 2, "{answered}");
	oracle.stop()?;
	node.stop()
}
