//! An operator that signs one receipt for its consumer and settles another loses its bond: the
//! consumer's command keeps what was signed, and `usufruct watch` demands what was settled, proves
//! that they differ and reports it. Everybody's statement adds up afterwards.

use std::time::{Duration, Instant};

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use usufruct_client::{chain::Chain, keys::parse_hex_32, state};
use usufruct_primitives::Balance;
use usufruct_tests::{
	cast::{wait_until, Cast, PRICE, RECEIPT_SEED},
	cli::{planck, Cli},
	files,
	liar::Liar,
	node::{Node, NodeOptions},
	oracle::Oracle,
};

const MINUTES: Duration = Duration::from_secs(180);

/// Receipts that are told as they are before one is not.
const HONEST: u64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_that_lies_to_its_consumer_is_found_and_slashed() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let mut options = NodeOptions::dev(folder, json!({}))?;
	// Statements are compared with the chain's state in every block.
	options.arguments.extend(["--state-pruning", "archive"].map(String::from));
	let node = Node::start(&options)?;
	let chain = Chain::connect(&node.url).await?;
	let cast = Cast::new(&node.url, folder);
	let (model, version) = cast.register_model()?;
	let model = model["model"].as_u64().context("no model")? as u32;
	let version = version["version"].as_u64().context("no version")? as u32;
	let options = cast.bond_oracle(version, "value = \"1000\"\ncount = 4\nage_s = 600")?;
	let oracle = Oracle::start(&options).await?;
	// The operator says that the answer was half of what it was: the same request, another output.
	let liar = Liar::start(&oracle.url, &RECEIPT_SEED, chain.genesis(), HONEST, |receipt| {
		receipt.output_commit[0] ^= 1;
		receipt.amount += 1;
		receipt.total += 1;
	})
	.await?;
	cast.operator.run(&["oracle", "endpoint", &liar.url])?;

	let channel = cast.open_channel(model, "5")?;
	let channel_id = parse_hex_32(&channel).context("no channel")?;
	let inputs = files::different(HONEST as usize + 1)?;
	let paths: Vec<String> = inputs.iter().map(|path| path.display().to_string()).collect();
	let mut ask = vec!["infer", "magika", "--channel", &channel, "--concurrency", "1"];
	ask.extend(["--bytes-tensor", "bytes:2048", "--allow-private-endpoints"]);
	ask.extend(paths.iter().map(String::as_str));
	let asked = cast.consumer.command(&ask)?.output()?;
	let told = String::from_utf8(asked.stdout)?;
	ensure!(!asked.status.success() && told.contains("not its units times its price"), "{told}");

	// The operator settles all four as its own books have them.
	let settled = wait_until(&chain, "settlement", MINUTES, |at| async move {
		let channel = state::channel(&at, &channel_id).await?.context("no channel")?;
		Ok(channel.settled_seq == HONEST + 1)
	})
	.await?;
	let paid = state::channel(&settled, &channel_id).await?.context("no channel")?.settled_total;
	ensure!(paid == Balance::from(HONEST + 1) * PRICE, "{paid}");
	let bond = bond(&cast.operator)?;

	let seen = watch_until(&cast.consumer, "report_double")?;
	let demand = seen.iter().find(|line| line["action"] == "demand").context("no demand")?;
	ensure!(demand["seq"] == HONEST + 1 && demand["event"] == "did", "{demand}");
	let report = seen.last().context("nothing was done")?;
	ensure!(report["seq"] == HONEST + 1 && report["batch_no"] == 0, "{report}");

	// The settlement's lock and a tenth of the rest of the bond, rounded up.
	let locked = (paid * 3).div_ceil(2);
	let lost = locked + (bond - locked).div_ceil(10);
	let left = self::bond(&cast.operator)?;
	ensure!(bond - left == lost, "of {bond} the oracle has {left}; {lost} was to be taken");

	let statement = statement(&cast.consumer)?;
	let back: Balance = entries(&statement, "slash", "received")?;
	// The consumer reports itself, so what it paid is all it gets.
	ensure!(back == paid, "the consumer paid {paid} and got {back} back");
	self::statement(&cast.operator)?;
	// A second look finds nothing more to do.
	let again = lines(&cast.consumer, &["watch", "--once"])?;
	ensure!(again.iter().all(|line| line["event"] != "did"), "{again:?}");

	oracle.stop()?;
	node.stop()
}

/// Looks again and again until the watcher has done that; returns all that it did.
fn watch_until(who: &Cli, action: &str) -> Result<Vec<Value>> {
	let deadline = Instant::now() + MINUTES;
	let mut done = Vec::new();
	loop {
		for line in lines(who, &["watch", "--once", "--grace", "0"])? {
			ensure!(line["event"] != "failed", "{line}");
			if line["event"] == "did" {
				done.push(line);
			}
		}
		if done.last().is_some_and(|line| line["action"] == action) {
			return Ok(done);
		}
		ensure!(Instant::now() < deadline, "no {action}, only {done:?}");
		std::thread::sleep(Duration::from_secs(2));
	}
}

/// What the command printed, an object on each line.
fn lines(who: &Cli, arguments: &[&str]) -> Result<Vec<Value>> {
	let output = who.command(arguments)?.output()?;
	let said = String::from_utf8_lossy(&output.stderr).into_owned();
	ensure!(output.status.success(), "usufruct {}: {said}", arguments.join(" "));
	let text = String::from_utf8(output.stdout)?;
	text.lines().map(|line| serde_json::from_str(line).context(line.to_owned())).collect()
}

fn bond(operator: &Cli) -> Result<Balance> {
	planck(&operator.run(&["oracle", "show"])?["bond"])
}

/// A statement of everything; the command fails unless every check adds up.
fn statement(who: &Cli) -> Result<Value> {
	let statement = who.run(&["statement", "--format", "json"])?;
	let checks = statement["checks"].as_array().context("no checks")?;
	ensure!(!checks.is_empty(), "nothing was compared: {statement}");
	Ok(statement)
}

/// The sum of all entries of that kind and direction.
fn entries(statement: &Value, kind: &str, direction: &str) -> Result<Balance> {
	let entries = statement["entries"].as_array().context("no entries")?;
	let of = entries.iter().filter(|it| it["kind"] == kind && it["direction"] == direction);
	of.map(|entry| planck(&entry["amount"])).sum()
}
