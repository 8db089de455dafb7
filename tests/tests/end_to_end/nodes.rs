//! An oracle whose nodes cannot be relied on: two that disagree about what is final, one that dies, and one that
//! lags.

use std::{path::Path, time::Duration};

use anyhow::{ensure, Context, Result};
use serde_json::json;
use usufruct_client::{
	chain::Chain,
	keys::parse_hex_32,
	oracle_api::{ProblemKind, Reply},
	state,
	tensors::Tensor,
};
use usufruct_primitives::ChannelId;
use usufruct_tests::{
	asker::Asker,
	cast::{wait_until, Cast, PRICE},
	node::{free_port, Node, NodeOptions},
	oracle::{Oracle, OracleOptions},
};

const MINUTES: Duration = Duration::from_secs(240);
const DISAGREE: &str = "usufruct_oracle_nodes_disagree";
/// What is risked: two requests, and not a third.
const RISK: u128 = 2 * PRICE + PRICE / 2;
const UNSEEN: &str = "usufruct_oracle_chain_unseen";
const FINALISED: &str = "usufruct_oracle_finalised_block ";

/// How to start a node of the development chain; one that is an authority makes blocks though it is alone.
fn node(name: &str, folder: &Path, authority: bool, peers: &[&Node]) -> Result<NodeOptions> {
	let alone = NodeOptions::dev(folder, json!({}))?;
	let arguments = if authority { alone.arguments.clone() } else { vec![] };
	let peers = peers.iter().map(|it| it.address.clone()).collect();
	Ok(NodeOptions { name: name.into(), arguments, peers, ..alone })
}

/// An oracle that is bonded on the chain, and a consumer with two channels to it.
struct Scene {
	cast: Cast,
	options: OracleOptions,
	version: u32,
	channels: [ChannelId; 2],
}

impl Scene {
	fn new(node: &Node, folder: &Path) -> Result<Self> {
		let cast = Cast::new(&node.url, folder);
		let (model, version) = cast.register_model()?;
		let model = model["model"].as_u64().context("no model")? as u32;
		let version = version["version"].as_u64().context("no version")? as u32;
		let options = cast.bond_oracle(version, "age_s = 600")?;
		let open = || parse_hex_32(&cast.open_channel(model, "5")?).context("no channel");
		let channels = [open()?, open()?];
		Ok(Self { cast, options, version, channels })
	}
}

/// Asks for a file of that first byte.
async fn ask(asker: &Asker, scene: &Scene, channel: usize, first: i32) -> Result<Reply> {
	let mut bytes = vec![256; 2_048];
	bytes[0] = first;
	let input = Tensor::from_elements("bytes", vec![1, 2_048], &bytes)?;
	asker.ask(&scene.channels[channel], scene.version, vec![input]).await
}

fn answered(reply: &Reply) -> Result<()> {
	ensure!(reply.body.is_ok() && reply.receipt.is_some(), "it is not answered: {reply:?}");
	Ok(())
}

/// That it was refused with 503, for that reason, and told when to come back.
fn not_ready(reply: &Reply, reason: &str) -> Result<()> {
	let problem = reply.body.as_ref().err().context("it is answered")?;
	ensure!((problem.kind, problem.status) == (ProblemKind::NotReady, 503), "{problem:?}");
	ensure!(problem.detail.contains(reason), "{problem:?}");
	ensure!(reply.retry_after == Some(Duration::from_secs(1)), "{reply:?}");
	ensure!(reply.receipt.is_none(), "there is a receipt: {reply:?}");
	Ok(())
}

/// What the oracle says to whoever looks: the status of its readiness, and the page for people.
async fn shows(oracle: &Oracle) -> Result<(u16, String)> {
	let ready = reqwest::get(format!("{}/v2/health/ready", oracle.url)).await?;
	let page = reqwest::get(format!("{}/", oracle.url)).await?;
	Ok((ready.status().as_u16(), page.text().await?))
}

/// Waits for a finalised block, with which what was served before is at risk no more.
async fn next_block(oracle: &Oracle) -> Result<()> {
	let seen = oracle.metric(FINALISED).await?;
	// The next one may have been on its way already.
	oracle.wait_for_metric(FINALISED, |it| it > seen + 1.0, MINUTES).await
}

/// Waits until the oracle does not see the chain: then it serves what it may risk, on the channel that it
/// knows, and says so.
async fn serves_the_risk(oracle: &Oracle, asker: &Asker, scene: &Scene) -> Result<()> {
	oracle.wait_for_metric(UNSEEN, |it| it == 1.0, MINUTES).await?;
	for first in [2, 3] {
		answered(&ask(asker, scene, 0, first).await?)?;
	}
	not_ready(&ask(asker, scene, 0, 4).await?, "has seen no finalised block since")?;
	not_ready(&ask(asker, scene, 1, 5).await?, "takes no channel on that is new to it")?;
	let (ready, page) = shows(oracle).await?;
	ensure!(ready == 200 && page.contains("only up to the set risk"), "{ready}: {page}");
	Ok(())
}

/// Waits until four requests on one channel and one on the other are paid.
async fn settled(chain: &Chain, scene: &Scene) -> Result<()> {
	let channels = scene.channels;
	wait_until(chain, "settlement", MINUTES, |at| async move {
		let mut settled = Vec::new();
		for channel in channels {
			let channel = state::channel(&at, &channel).await?.context("no channel")?;
			settled.push((channel.settled_seq, channel.settled_total));
		}
		Ok(settled == [(4, 4 * PRICE), (1, PRICE)])
	})
	.await
	.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_takes_no_new_channel_while_its_nodes_disagree() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let own = Node::start(&node("node", folder, true, &[])?)?;
	let chain = Chain::connect(&own.url).await?;
	let mut scene = Scene::new(&own, folder)?;
	let port = free_port()?;
	scene.options.settings = format!("witnesses = [\"ws://127.0.0.1:{port}\"]");
	let mut oracle = Oracle::start(&scene.options).await?;
	let asker = Asker::new(&chain, &scene.cast.consumer, "magika", PRICE).await?;

	// A witness that is not there says nothing.
	oracle.wait_for("a node that should confirm what is final cannot be asked", MINUTES)?;
	answered(&ask(&asker, &scene, 0, 1).await?)?;
	ensure!(oracle.metric(DISAGREE).await? == 0.0, "one that is silent disagrees");

	// It is there, of the same genesis, and has made blocks of its own.
	let elsewhere = Node::start_at(&node("elsewhere", folder, true, &[])?, port)?;
	oracle.wait_for("TWO NODES DISAGREE ABOUT WHAT IS FINAL", MINUTES)?;
	oracle.wait_for_metric(DISAGREE, |it| it == 1.0, MINUTES).await?;
	answered(&ask(&asker, &scene, 0, 2).await?)?;
	not_ready(
		&ask(&asker, &scene, 1, 3).await?,
		"its nodes are not there, are behind, or disagree",
	)?;
	let (ready, page) = shows(&oracle).await?;
	ensure!(ready == 200 && page.contains("two nodes disagree"), "{ready}: {page}");

	// It takes nothing back by being gone; one that follows the oracle's own node does.
	elsewhere.stop()?;
	not_ready(
		&ask(&asker, &scene, 1, 4).await?,
		"its nodes are not there, are behind, or disagree",
	)?;
	let witness = Node::start_at(&node("witness", folder, false, &[&own])?, port)?;
	oracle.wait_for("the nodes agree again", MINUTES)?;
	oracle.wait_for_metric(DISAGREE, |it| it == 0.0, MINUTES).await?;
	answered(&ask(&asker, &scene, 1, 5).await?)?;

	oracle.stop()?;
	witness.stop()?;
	own.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_whose_node_dies_serves_up_to_the_set_risk_and_settles_when_it_is_back(
) -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let options = node("node", folder, true, &[])?;
	let port = free_port()?;
	let own = Node::start_at(&options, port)?;
	let mut scene = Scene::new(&own, folder)?;
	// Longer than blocks are apart on a machine that is busy.
	scene.options.settings = format!("blind = {{ after_s = 40, risk = \"{RISK}p\" }}");
	let mut oracle = Oracle::start(&scene.options).await?;
	let asker = {
		let chain = Chain::connect(&own.url).await?;
		Asker::new(&chain, &scene.cast.consumer, "magika", PRICE).await?
	};
	answered(&ask(&asker, &scene, 0, 1).await?)?;
	next_block(&oracle).await?;
	own.kill()?;
	serves_the_risk(&oracle, &asker, &scene).await?;
	oracle.wait_for("THE CHAIN IS NOT SEEN", MINUTES)?;

	let own = Node::start_at(&options, port)?;
	oracle.wait_for("finalised blocks come again", MINUTES)?;
	oracle.wait_for_metric(UNSEEN, |it| it == 0.0, MINUTES).await?;
	answered(&ask(&asker, &scene, 0, 4).await?)?;
	answered(&ask(&asker, &scene, 1, 5).await?)?;
	oracle.stop()?;

	settled(&Chain::connect(&own.url).await?, &scene).await?;
	own.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_whose_node_lags_serves_up_to_the_set_risk_until_it_has_caught_up() -> Result<()>
{
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let author = Node::start(&node("author", folder, true, &[])?)?;
	let own = Node::start(&node("node", folder, false, &[&author])?)?;
	let chain = Chain::connect(&author.url).await?;
	let mut scene = Scene::new(&author, folder)?;
	scene.options.node = own.url.clone();
	// Silence alone is no reason for an hour.
	scene.options.settings = format!(
		"witnesses = [\"{}\"]\nblind = {{ after_s = 3600, at_most_s = 7200, risk = \"{RISK}p\" }}",
		author.url
	);
	let mut oracle = Oracle::start(&scene.options).await?;
	let asker = Asker::new(&chain, &scene.cast.consumer, "magika", PRICE).await?;
	answered(&ask(&asker, &scene, 0, 1).await?)?;
	next_block(&oracle).await?;
	own.suspend()?;
	// That is after more than twenty blocks.
	oracle.wait_for("THE NODE LAGS", 3 * MINUTES)?;
	serves_the_risk(&oracle, &asker, &scene).await?;

	own.resume()?;
	oracle.wait_for_metric(UNSEEN, |it| it == 0.0, MINUTES).await?;
	next_block(&oracle).await?;
	answered(&ask(&asker, &scene, 0, 4).await?)?;
	answered(&ask(&asker, &scene, 1, 5).await?)?;
	oracle.stop()?;
	settled(&chain, &scene).await?;
	own.stop()?;
	author.stop()
}
