//! Four validators: a newcomer warp-syncs, one of them dies and returns, finality goes on.

use std::time::{Duration, Instant};

use anyhow::{ensure, Result};
use serde_json::json;
use usufruct_client::chain::Chain;
use usufruct_tests::{
	cast::wait_for_block,
	node::{chain_spec, Node, NodeOptions},
};

const MINUTES: Duration = Duration::from_secs(180);

async fn finalised(node: &Node) -> Result<u32> {
	Ok(Chain::connect(&node.url).await?.finalised().await?.block_number() as u32)
}

async fn reaches(node: &Node, block: u32) -> Result<()> {
	wait_for_block(&Chain::connect(&node.url).await?, block, MINUTES).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn four_validators_outlive_one_and_a_newcomer_warp_syncs() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let chain = chain_spec("local", folder, json!({}))?;
	let options = |name: &str, arguments: &[&str], peers: &[&Node]| NodeOptions {
		name: name.into(),
		chain: chain.clone(),
		folder: folder.into(),
		arguments: arguments.iter().map(|it| it.to_string()).collect(),
		peers: peers.iter().map(|node| node.address.clone()).collect(),
	};

	let alice = Node::start(&options("alice", &["--alice", "--validator"], &[]))?;
	let bob = Node::start(&options("bob", &["--bob", "--validator"], &[&alice]))?;
	let charlie = Node::start(&options("charlie", &["--charlie", "--validator"], &[&alice, &bob]))?;
	let dave_options = options("dave", &["--dave", "--validator"], &[&alice, &bob, &charlie]);
	let dave = Node::start(&dave_options)?;
	reaches(&alice, 6).await?;

	let newcomer =
		Node::start(&options("newcomer", &["--sync", "warp"], &[&alice, &bob, &charlie, &dave]))?;
	reaches(&newcomer, finalised(&alice).await?).await?;
	let log = newcomer.log();
	ensure!(log.contains("Warp sync is complete"), "it did not warp-sync:\n{log}");

	dave.kill()?;
	let at_death = finalised(&alice).await?;
	reaches(&alice, at_death + 6).await?;

	let dave = Node::start(&dave_options)?;
	let begun = Instant::now();
	let target = finalised(&alice).await?;
	reaches(&dave, target).await?;
	println!("the returned validator caught up in {:.0} s", begun.elapsed().as_secs_f64());

	for node in [newcomer, dave, charlie, bob, alice] {
		node.stop()?;
	}
	Ok(())
}
