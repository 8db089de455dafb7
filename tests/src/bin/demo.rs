//! The whole loop on one machine, with real parts: `scripts/demo`.
//!
//! Prints each step with its amounts, then accounts for every planck, and writes
//! `.usufruct/demo/summary.json`.

use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use usufruct_client::{chain::Chain, state};
use usufruct_tests::{
	cast::{account, address, amount, text, wait_for_block, wait_until, Cast, History},
	cli::planck,
	files,
	node::Node,
	oracle::Oracle,
};

/// Files to ask about; the few that say too little to be recognised are not sent.
const FILES: usize = 1_050;
/// Paid requests there must be at least.
const REQUESTS: u64 = 1_000;
const CONCURRENCY: usize = 16;
const PEOPLE: u32 = 3;

/// What the demo has to say, and how long each step took.
struct Story {
	begun: Instant,
	step: Instant,
	seconds: BTreeMap<String, f64>,
}

impl Story {
	fn new() -> Self {
		Self { begun: Instant::now(), step: Instant::now(), seconds: BTreeMap::new() }
	}

	/// Ends a step: its title, then rows of what it was about and how much.
	fn tell(&mut self, name: &str, title: &str, rows: &[(&str, String)]) {
		let took = self.step.elapsed().as_secs_f64();
		self.seconds.insert(name.into(), (took * 10.0).round() / 10.0);
		println!("\n{title}  ({took:.1} s)");
		for (label, value) in rows {
			println!("    {label:<34} {value:>28}");
		}
		self.step = Instant::now();
	}
}

#[tokio::main]
async fn main() -> Result<()> {
	let keep = match std::env::args().nth(1).as_deref() {
		None => false,
		Some("--keep") => true,
		Some(other) => anyhow::bail!("unknown argument {other}; usage: scripts/demo [--keep]"),
	};
	let folder = PathBuf::from(".usufruct/demo");
	if folder.exists() {
		std::fs::remove_dir_all(&folder)?;
	}
	std::fs::create_dir_all(&folder)?;
	let folder = folder.canonicalize()?;
	run(&folder, keep).await
}

async fn run(folder: &Path, keep: bool) -> Result<()> {
	let mut story = Story::new();
	println!("Usufruct: open models are used, their use is paid for, and everybody shares in it.");

	let node = Node::start_dev(folder)?;
	let chain = Chain::connect(&node.url).await?;
	chain.check_runtime().await?;
	let at = wait_for_block(&chain, 1, Duration::from_secs(60)).await?;
	let epoch = state::epoch(&at).await?;
	story.tell(
		"chain",
		"1. A chain is running",
		&[
			("node", node.url.clone()),
			("dividend epoch closes at block", epoch.closes_at.to_string()),
		],
	);

	let cast = Cast::new(&node.url, folder);
	let mut first = 0;
	for number in 0..PEOPLE {
		let person = cast.register_person(number)?;
		first = first.max(person["from_epoch"].as_u64().context("no epoch")? as u32);
	}
	story.tell(
		"people",
		"2. Three people are recognised, each by 2 of 3 verifiers",
		&[("they hold", "0 UFR".into()), ("all of them share from epoch", first.to_string())],
	);

	let (model, version) = cast.register_model()?;
	let model_id = model["model"].as_u64().context("no model id")? as u32;
	let version_id = version["version"].as_u64().context("no version id")? as u32;
	story.tell(
		"model",
		"3. Bob registers magika, which recognises the types of files",
		&[
			("model, version", format!("{model_id}, {version_id}")),
			("artifact", format!("{} bytes, Apache-2.0", version["size"])),
			("SHA-256", format!("{}…", &text(&version["manifest_hash"])?[..18])),
			("owner Bob, annotator Ferdie", "60 %, 40 %".into()),
		],
	);

	let options = cast.bond_oracle(version_id, "value = \"1000\"\ncount = 400\nage_s = 600")?;
	let oracle = Oracle::start(&options).await?;
	story.tell(
		"oracle",
		"4. Charlie bonds an inference oracle and starts it",
		&[
			("bond", "2,000 UFR".into()),
			("price of a request", amount(usufruct_tests::cast::PRICE)),
			("serves at", oracle.url.clone()),
		],
	);

	let channel = cast.open_channel(model_id, "10")?;
	let channel_id = usufruct_client::keys::parse_hex_32(&channel).context("no channel id")?;
	story.tell(
		"channel",
		"5. Dave opens a channel to the oracle",
		&[("escrow", "10 UFR".into()), ("channel", format!("{}…", &channel[..18]))],
	);

	// What is earned before everybody shares would be divided among fewer.
	wait_until(&chain, "the epoch of all", Duration::from_secs(120), |at| async move {
		Ok(state::epoch(&at).await?.index >= first)
	})
	.await?;
	let inputs = files::different(FILES)?;
	let labels = usufruct_tests::oracle::model("magika")?.join("config.json");
	let (labels, concurrency) = (labels.display().to_string(), CONCURRENCY.to_string());
	let mut arguments = vec!["infer", "magika", "--channel", &channel, "--labels", &labels];
	arguments.push("--allow-private-endpoints");
	arguments.extend(["--bytes-tensor", "bytes:2048", "--concurrency", &concurrency]);
	let paths: Vec<String> = inputs.iter().map(|path| path.display().to_string()).collect();
	arguments.extend(paths.iter().map(String::as_str));
	let answers = cast.consumer.run(&arguments)?;
	let requests = answers["summary"]["answered"].as_u64().context("no count of answers")?;
	let rate = answers["summary"]["requests_per_second"].as_f64().context("no rate")?;
	ensure!(requests >= REQUESTS, "only {requests} requests were answered");
	let mut rows = vec![
		("requests, all paid and receipted", requests.to_string()),
		("at once", CONCURRENCY.to_string()),
		("per second", format!("{rate:.0}")),
	];
	let samples = samples(&answers)?;
	rows.extend(samples.iter().map(|(file, label)| (file.as_str(), label.clone())));
	story.tell("requests", "6. Dave asks what a thousand of his files are", &rows);

	// A clean stop settles what no threshold has made due.
	oracle.stop()?;
	let all = wait_until(&chain, "settlement", Duration::from_secs(60), |at| async move {
		let channel = state::channel(&at, &channel_id).await?.context("the channel is gone")?;
		Ok(channel.settled_seq == requests)
	})
	.await?;
	let settled = state::channel(&all, &channel_id).await?.context("the channel is gone")?;
	let history = History::read(&chain, &all).await?;
	let settle_fee = cast_fees(&chain, &all).await?;
	story.tell(
		"settlement",
		"7. The oracle settles",
		&[
			("receipts", history.receipts().to_string()),
			("extrinsics", history.settled.len().to_string()),
			("fees of them all", amount(settle_fee)),
			("Dave paid", amount(settled.settled_total)),
		],
	);

	let open = state::epoch(&all).await?;
	let at = wait_for_block(&chain, open.closes_at + 1, Duration::from_secs(120)).await?;
	let history = History::read(&chain, &at).await?;
	let close = history
		.closed
		.iter()
		.rev()
		.find(|close| close.per_head > 0)
		.context("no epoch paid anything")?;
	story.tell(
		"epoch",
		"8. The epoch closes",
		&[
			("divided", amount(close.distributed)),
			("people", close.eligible.to_string()),
			("each", amount(close.per_head)),
		],
	);

	let mut claims = Vec::new();
	for number in 0..PEOPLE {
		let secret = Cast::person_secret(number);
		let before = chain.free_balance(&account(&secret)?).await?;
		let claim = cast.person(number).run(&["dividend", "claim"])?;
		let after = chain.free_balance(&account(&secret)?).await?;
		let (paid, fee) = (planck(&claim["claimed"])?, planck(&claim["fee"])?);
		ensure!(before == 0 && after == paid && fee == 0, "person {number}: {claim}");
		claims.push(json!({
			"person": address(&secret)?,
			"balance_before": before.to_string(),
			"paid": paid.to_string(),
			"fee": fee.to_string(),
		}));
	}
	let rows: Vec<_> = claims
		.iter()
		.map(|claim| Ok(("had 0 UFR, paid no fee, got", amount(planck(&claim["paid"])?))))
		.collect::<Result<_>>()?;
	story.tell("claims", "9. They claim, from wallets that hold nothing", &rows);

	let summary = reconcile(&chain, &mut story, &claims, settled.settled_total).await?;
	let mut summary = summary;
	summary["requests"] = json!(requests);
	summary["settle_fee"] = json!(settle_fee.to_string());
	summary["requests_per_second"] = json!(rate.round());
	summary["seconds"] = json!(story.seconds);
	let path = folder.join("summary.json");
	std::fs::write(&path, serde_json::to_vec_pretty(&summary)?)?;
	println!(
		"\nAll of it in {:.0} s; the figures: {}",
		story.begun.elapsed().as_secs_f64(),
		path.display()
	);

	if keep {
		let oracle = Oracle::start(&options).await?;
		stay(node, oracle, &channel, folder)?;
	}
	Ok(())
}

/// A few files with the types that were recognised.
fn samples(answers: &Value) -> Result<Vec<(String, String)>> {
	let mut seen = BTreeMap::new();
	for answer in answers["results"].as_array().context("no results")? {
		let (Some(label), Some(input)) = (answer["label"].as_str(), answer["input"].as_str())
		else {
			continue;
		};
		let name = input.rsplit('/').next().unwrap_or(input);
		let name = format!("  {}", name.chars().take(30).collect::<String>());
		seen.entry(label.to_owned()).or_insert(name);
	}
	let kinds = seen.len();
	ensure!(kinds > 10, "only {kinds} kinds of file were recognised");
	let mut rows: Vec<_> = seen.into_iter().take(4).map(|(label, file)| (file, label)).collect();
	rows.push(("  different kinds of file".into(), kinds.to_string()));
	Ok(rows)
}

/// What the settlements cost in fees.
async fn cast_fees(chain: &Chain, at: &usufruct_client::chain::AtBlock) -> Result<u128> {
	use usufruct_client::runtime::{
		transaction_payment::events::TransactionFeePaid, usage::calls::Settle,
	};
	let mut sum = 0;
	for number in 1..=at.block_number() {
		let block = chain.client().at_block(number).await?;
		let extrinsics = block.extrinsics().fetch().await?;
		for extrinsic in extrinsics.iter() {
			let extrinsic = extrinsic?;
			if !extrinsic.is::<Settle>() {
				continue;
			}
			if let Some(fee) = extrinsic.events().await?.find_first::<TransactionFeePaid>() {
				sum += fee?.actual_fee;
			}
		}
	}
	Ok(sum)
}

/// Accounts for every planck, and fails if one is missing.
async fn reconcile(
	chain: &Chain,
	story: &mut Story,
	claims: &[Value],
	consumer_paid: u128,
) -> Result<Value> {
	let at = chain.finalised().await?;
	let history = History::read(chain, &at).await?;
	let sum = |part: fn(&usufruct_primitives::split::Parts) -> u128| -> u128 {
		history.settled.iter().map(|batch| part(&batch.parts.0)).sum()
	};
	let (dividend, commons, security) =
		(sum(|parts| parts.dividend), sum(|parts| parts.commons), sum(|parts| parts.security));
	let (oracle, model) = (sum(|parts| parts.oracle), sum(|parts| parts.model));
	let dust = consumer_paid
		.checked_sub(dividend + commons + security + oracle + model)
		.context("more was divided than paid")?;
	ensure!(dust < 5, "{dust} planck are left undivided");

	let pot_in: u128 = history.flushed.iter().map(|flushed| flushed.parts.dividend).sum();
	let pot_out: u128 = history.claimed.iter().map(|claim| claim.amount).sum();
	let epoch = state::epoch(&at).await?;
	ensure!(pot_in == dividend, "the pot got {pot_in} of {dividend}");
	ensure!(pot_in == pot_out + epoch.pot, "pot: in {pot_in}, out {pot_out}, left {}", epoch.pot);
	ensure!(epoch.liability <= epoch.pot, "the pot owes more than it has");
	let claimed = claims
		.iter()
		.try_fold(0, |sum, claim| Ok::<_, anyhow::Error>(sum + planck(&claim["paid"])?))?;
	ensure!(claimed == pot_out, "the people got {claimed}, the pot paid {pot_out}");

	story.tell(
		"reconciliation",
		"10. Where the money went, to the planck",
		&[
			("Dave paid", format!("{consumer_paid} planck")),
			("= dividend pot", dividend.to_string()),
			("+ commons fund", commons.to_string()),
			("+ security (validators)", security.to_string()),
			("+ oracle", oracle.to_string()),
			("+ model (owner, annotator)", model.to_string()),
			("+ not divided yet (< 5)", dust.to_string()),
			("", String::new()),
			("dividend pot in", pot_in.to_string()),
			("= paid to three people", pot_out.to_string()),
			("+ left for the next epoch", epoch.pot.to_string()),
		],
	);
	let per_head = history.closed.iter().map(|close| close.per_head).max().unwrap_or(0);
	Ok(json!({
		"receipts_settled": history.receipts(),
		"settle_extrinsics": history.settled.len(),
		"consumer_paid": consumer_paid.to_string(),
		"split": {
			"dividend": dividend.to_string(),
			"commons": commons.to_string(),
			"security": security.to_string(),
			"oracle": oracle.to_string(),
			"model": model.to_string(),
			"dust": dust.to_string(),
		},
		"pot": {
			"in": pot_in.to_string(),
			"paid": pot_out.to_string(),
			"left": epoch.pot.to_string(),
			"liability": epoch.liability.to_string(),
		},
		"per_head": per_head.to_string(),
		"claims": claims,
	}))
}

/// Leaves node and oracle running and says what to do with them.
fn stay(node: Node, oracle: Oracle, channel: &str, folder: &Path) -> Result<()> {
	let command = usufruct_tests::process::binary("usufruct")?;
	let usufruct = command.display();
	let (node_url, metrics, oracle_url) = (node.url.clone(), node.metrics_port, oracle.url.clone());
	let (node, oracle) = (node.keep(), oracle.keep());
	println!(
		"
Everything keeps running. To look at:
    {oracle_url}/v2/models/magika     the model, as the oracle serves it
    {oracle_url}/metrics              the oracle's figures
    http://127.0.0.1:{metrics}/metrics   the node's
To try (accounts of the development chain; anybody can sign as them):
    export USUFRUCT_URL={node_url} USUFRUCT_DATA_DIR={data}
    {usufruct} model list
    {usufruct} oracle list
    USUFRUCT_SECRET=//Dave {usufruct} infer magika --allow-private-endpoints --channel {channel} --bytes-tensor bytes:2048 --labels {labels} README.md
    USUFRUCT_SECRET=//Person//0 {usufruct} dividend status
To stop:
    kill {oracle} {node}",
		data = folder.join("users/Dave").display(),
		labels = usufruct_tests::oracle::model("magika")?.join("config.json").display(),
	);
	Ok(())
}
