//! A gateway before two oracles: Triton's own clients ask through it, the oracle that answered is
//! killed and the questions go on at the other, the gateway itself is killed and remembers what it
//! spent, a channel that holds too little is topped up, and a limit stops it. And OpenAI's client gets
//! embeddings through one.

use std::{
	net::TcpStream,
	path::Path,
	process::Command,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use usufruct_client::{chain::Chain, state};
use usufruct_primitives::UFR;
use usufruct_tests::{
	cast::{account, address, wait_until, Cast, PRICE},
	cli::{planck, Cli},
	files,
	node::{free_port, Node},
	oracle::{cached, Oracle},
	process::Process,
};

const MINUTES: Duration = Duration::from_secs(180);

/// What the second oracle asks: so much more than the first that it is asked second, however fast each is.
const DEARER: u128 = 2 * PRICE;

/// What channels are opened with, in UFR: the least that the chain takes.
const ESCROW: u128 = 1;
/// What they are topped up by later, in UFR: what they hold is less than a quarter of it.
const MORE: u128 = 5;

/// How many connections a gateway may have.
const CONNECTIONS: usize = 64;

/// A running gateway.
struct Gateway {
	process: Process,
	url: String,
	user: Cli,
}

impl Gateway {
	async fn start(
		user: &Cli,
		folder: &Path,
		model: &str,
		limit: u128,
		escrow: u128,
	) -> Result<Self> {
		let port = free_port()?;
		let listen = format!("127.0.0.1:{port}");
		let limit = format!("{model}={limit}p");
		let arguments = ["gateway", "--listen", &listen, "--model", &limit, "--patience", "5"];
		let mut command = user.command(&arguments)?;
		command.args(["--allow-private-endpoints", "--escrow", &escrow.to_string(), "--watch"]);
		command.args(["--max-connections", &CONNECTIONS.to_string()]);
		command.env("RUST_LOG", "usufruct=info,usufruct_client=info");
		let process = Process::start("gateway", folder, command)?;
		let gateway = Self { process, url: format!("http://{listen}"), user: user.clone() };
		let deadline = Instant::now() + MINUTES;
		while !gateway.is_ready().await {
			ensure!(Instant::now() < deadline, "no gateway:\n{}", gateway.process.log());
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
		Ok(gateway)
	}

	/// Whether a new connection gets an answer, and a good one.
	async fn is_ready(&self) -> bool {
		let ready = reqwest::get(format!("{}/v2/health/ready", self.url)).await;
		ready.is_ok_and(|it| it.status().is_success())
	}

	/// Has all places for connections taken by some that say nothing, and then given back.
	async fn runs_out_of_connections(&self) -> Result<()> {
		let address = self.url.trim_start_matches("http://");
		let silent = (0..CONNECTIONS).map(|_| TcpStream::connect(address));
		let silent = silent.collect::<Result<Vec<_>, _>>()?;
		ensure!(!self.is_ready().await, "there is one connection more than may be");
		drop(silent);
		let deadline = Instant::now() + Duration::from_secs(5);
		while !self.is_ready().await {
			ensure!(Instant::now() < deadline, "the places are still taken");
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
		Ok(())
	}

	/// Asks once; the status and the body.
	async fn ask(&self, nth: i32) -> Result<(u16, Value)> {
		let mut data = vec![256; 2_048];
		data[0] = nth;
		let body = json!({ "inputs": [
			{ "name": "bytes", "datatype": "INT32", "shape": [1, 2_048], "data": data }
		] });
		let url = format!("{}/v2/models/magika/infer", self.url);
		let answer = reqwest::Client::new().post(url).json(&body).send().await?;
		Ok((answer.status().as_u16(), answer.json().await?))
	}

	/// Runs one of the programs in Python; returns what it printed.
	fn python(&self, program: &str, arguments: &[&str]) -> Result<String> {
		let output = Command::new("python3")
			.arg(Path::new("python").join(program))
			.args(arguments)
			.env("PYTHONPATH", cached("python")?)
			.output()?;
		let (said, log) = (String::from_utf8_lossy(&output.stderr), self.process.log());
		ensure!(output.status.success(), "{said}\n{log}");
		Ok(String::from_utf8(output.stdout)?.trim().to_owned())
	}

	fn status(&self) -> Result<Value> {
		self.user.run(&["gateway", "status", "--gateway", &self.url])
	}

	/// Waits until that many channels are open.
	async fn wait_for_channels(&self, count: usize) -> Result<()> {
		let deadline = Instant::now() + MINUTES;
		loop {
			let status = self.status()?;
			if status["channels"].as_array().is_some_and(|it| it.len() >= count) {
				return Ok(());
			}
			ensure!(Instant::now() < deadline, "{status}:\n{}", self.process.log());
			tokio::time::sleep(Duration::from_millis(500)).await;
		}
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_go_on_when_an_oracle_dies_and_stop_at_the_limit() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let node = Node::start_dev(folder)?;
	let cast = Cast::new(&node.url, folder);
	let (_, version) = cast.register_model()?;
	let version = version["version"].as_u64().context("no version")? as u32;
	let settle = "value = \"1000\"\ncount = 500\nage_s = 600";
	let options = cast.bond_oracle(version, settle)?;
	let other =
		cast.bond_another_oracle("//Ferdie", "oracle-2", &[8; 32], DEARER, version, settle)?;
	let (first, second) = (Oracle::start(&options).await?, Oracle::start(&other).await?);

	// Enough for fourteen questions at the dearer price.
	let limit = 14 * DEARER;
	let gateway = Gateway::start(&cast.consumer, folder, "magika", limit, ESCROW).await?;
	let inputs = files::different(1)?;
	let address_of_api = gateway.url.trim_start_matches("http://");
	let asked = [address_of_api, "magika", &inputs[0].display().to_string()];
	for (program, expected) in [("triton.py", "asked 4"), ("triton_grpc.py", "asked 3")] {
		let said = gateway.python(program, &asked)?;
		ensure!(said == expected, "{program}: {said}");
	}
	let status = gateway.status()?;
	ensure!(planck(&status["spending"]["spent"])? == 7 * PRICE, "{status}");

	// The cheaper oracle dies. There is a channel to the other by then.
	gateway.wait_for_channels(2).await?;
	first.kill()?;
	for nth in 0..4 {
		let (status, body) = gateway.ask(nth).await?;
		ensure!(status == 200, "{status}: {body}\n{}", gateway.process.log());
	}
	let status = gateway.status()?;
	let spent = 7 * PRICE + 4 * DEARER;
	ensure!(planck(&status["spending"]["spent"])? == spent, "{status}");
	let dead = address("//Charlie")?;
	let oracles = status["oracles"].as_array().context("no oracles")?;
	let dead = oracles.iter().find(|it| it["oracle"] == dead.as_str()).context("no oracle")?;
	ensure!(dead["failed"].as_u64().is_some_and(|it| it > 0), "{status}");

	// So does the gateway. What it spent, and what the dead oracle may still charge, it knows.
	gateway.process.kill()?;
	let gateway = Gateway::start(&cast.consumer, folder, "magika", limit, MORE).await?;
	let again = gateway.status()?;
	ensure!(again["spending"]["spent"] == status["spending"]["spent"], "{again}");
	ensure!(again["spending"]["held"] == status["spending"]["held"], "{again}");
	// Hundreds of questions would empty a channel; by the new measure it is nearly empty at once.
	let (chain, living) = (Chain::connect(&node.url).await?, account("//Ferdie")?);
	wait_until(&chain, "no channel is topped up", MINUTES, |at| async move {
		let channels = state::channels(&at).await?;
		let mut channels = channels.iter().filter(|it| it.oracle == living);
		// What may have been settled meanwhile is no longer in the escrow.
		Ok(channels.any(|it| it.funds() == (ESCROW + MORE) * UFR))
	})
	.await?;
	let mut answered = 0;
	let refused = loop {
		let (status, body) = gateway.ask(100 + answered).await?;
		match status {
			200 => answered += 1,
			_ => break (status, body),
		}
		ensure!(answered < 20, "the limit does not hold: {}", gateway.status()?);
	};
	ensure!(refused.0 == 402, "{refused:?}");
	ensure!(refused.1["type"] == "urn:usufruct:gateway:model-limit", "{refused:?}");
	let status = gateway.status()?;
	let (spent, held) =
		(planck(&status["spending"]["spent"])?, planck(&status["spending"]["held"])?);
	ensure!(spent + held <= limit && spent + held + DEARER > limit, "{status}");
	ensure!(answered > 0, "{status}");

	gateway.process.stop(Duration::from_secs(30))?;
	second.stop()?;
	node.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn openais_client_gets_embeddings_that_are_paid_for_by_the_token() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let node = Node::start_dev(folder)?;
	let cast = Cast::new(&node.url, folder);
	let version = cast.register_text_model()?;
	let settle = "value = \"1000\"\ncount = 500\nage_s = 600";
	let mut options =
		cast.bond_another_oracle("//Charlie", "oracle", &[7; 32], 1_000, version, settle)?;
	options.model = "minilm".into();
	let oracle = Oracle::start(&options).await?;
	let gateway = Gateway::start(&cast.consumer, folder, "minilm", 1_000_000, ESCROW).await?;
	let said = gateway.python("embeddings.py", &[&format!("{}/v1", gateway.url), "minilm"])?;
	let tokens: u128 = said.parse().with_context(|| said.clone())?;
	let status = gateway.status()?;
	ensure!(tokens > 0, "no tokens were counted");
	ensure!(planck(&status["spending"]["spent"])? == tokens * 1_000, "{tokens} tokens: {status}");
	gateway.runs_out_of_connections().await?;
	gateway.process.stop(Duration::from_secs(30))?;
	asks_without_a_gateway(&cast)?;
	oracle.stop()?;
	node.stop()
}

/// A channel that is opened for a short text pays for a long one too; one that does not is refused.
fn asks_without_a_gateway(cast: &Cast) -> Result<()> {
	let long = "word ".repeat(100);
	let ask = ["infer", "minilm", "--allow-private-endpoints", "--text"];
	let user = &cast.relayer;
	let short = user.run(&[&ask[..], &["word"]].concat())?;
	let longer = user.run(&[&ask[..], &[&long]].concat())?;
	let (short, longer) = (&short["summary"], &longer["summary"]);
	ensure!(planck(&longer["paid"])? > 100 * 1_000, "{longer}");
	ensure!(short["channel"] == longer["channel"], "a second channel: {short} {longer}");

	let narrow = user.run(&[
		"channel",
		"open",
		"--oracle",
		&address("//Charlie")?,
		"--model",
		"minilm",
		"--escrow",
		"1",
		"--max-unit-price",
		"1000p",
		"--max-unacked",
		"5000p",
	])?;
	let narrow = narrow["channel"].as_str().context("no channel")?;
	let refused = user.refused(&[&ask[..], &[&long, "--channel", narrow]].concat())?;
	ensure!(refused.contains("open one with --max-unacked"), "{refused}");
	Ok(())
}
