//! Four validators: a newcomer warp-syncs, one of them dies and returns, finality goes on; it sets new keys,
//! and authors withdraw what they earned.

use std::{
	path::Path,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use serde_json::json;
use usufruct_client::{
	chain::{session_keys::session_keys, Chain},
	keys::parse_hex_32,
	state,
};
use usufruct_tests::{
	cast::{account, wait_for_block, wait_until},
	cli::{planck, Cli},
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
	sets_keys_and_withdraws(&dave, folder).await?;

	for node in [newcomer, dave, charlie, bob, alice] {
		node.stop()?;
	}
	Ok(())
}

/// By the node of one validator, for those who author.
async fn sets_keys_and_withdraws(dave: &Node, folder: &Path) -> Result<()> {
	let chain = Chain::connect(&dave.url).await?;
	let user = |secret: &str| Cli::new(&dave.url, secret, folder);
	let id = account("//Dave")?;
	let old =
		session_keys(&chain.finalised().await?, &id).await?.context("genesis gave him no keys")?;

	let set = user("//Dave").run(&["validator", "keys"])?;
	let new = session_keys(&chain.finalised().await?, &id).await?.context("no keys")?;
	ensure!(new != old, "the keys are the old ones: {set}");
	ensure!(set["validator"] == true, "he is a validator: {set}");
	for (name, key) in [("babe", new.babe), ("grandpa", new.grandpa)] {
		let said = set[name].as_str().and_then(parse_hex_32);
		ensure!(said == Some(key), "{name} is another key: {set}");
	}

	// The fee of that is divided among those who author from then on.
	let authors = ["//Alice", "//Bob", "//Charlie", "//Dave"];
	wait_until(&chain, "a reward", MINUTES, |at| async move {
		for author in authors {
			if state::author_reward(&at, &account(author)?).await? > 0 {
				return Ok(true);
			}
		}
		Ok(false)
	})
	.await?;
	let mut earned = None;
	for author in authors {
		let reward = planck(&user(author).run(&["validator", "reward"])?["reward"])?;
		if reward > 0 {
			earned = Some((author, reward));
		}
	}
	let (author, reward) = earned.context("nobody has earned anything")?;
	let withdrawn = user(author).run(&["validator", "withdraw"])?;
	// As much as it was when it was asked, or more: blocks go on.
	ensure!(planck(&withdrawn["withdrawn"])? >= reward, "{reward}: {withdrawn}");
	let nothing = user("//Ferdie").refused(&["validator", "withdraw"])?;
	ensure!(nothing.contains("NothingToWithdraw"), "{nothing}");

	user("//Dave").run(&["validator", "purge"])?;
	ensure!(
		session_keys(&chain.finalised().await?, &id).await?.is_none(),
		"the keys are still there"
	);
	let again = user("//Dave").refused(&["validator", "purge"])?;
	ensure!(again.contains("NoKeys"), "{again}");
	Ok(())
}
