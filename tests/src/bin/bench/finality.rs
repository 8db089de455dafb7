//! How long a person waits: from typing `usufruct dividend claim` until the money is final.
//!
//! The four validators of `local_testnet` and all commands run on this machine. Somebody donates to the pot
//! each epoch, so that there is something to claim.

use std::{
	path::Path,
	time::{Duration, Instant},
};

use anyhow::{ensure, Result};
use serde_json::json;
use usufruct_client::{chain::Chain, state};
use usufruct_tests::{
	cast::{wait_for_block, wait_until, Cast},
	cli::planck,
	node::{chain_spec, Node, NodeOptions},
};

use crate::report::{self, Report};

const PEOPLE: u32 = 3;
/// In how many epochs each of them claims.
const ROUNDS: usize = 3;
/// Blocks of an epoch.
const EPOCH: u32 = 8;
const PATIENCE: Duration = Duration::from_secs(300);

/// Starts the validators, and measures.
pub async fn measure(report: &mut Report, folder: &Path) -> Result<()> {
	eprintln!("starting four validators …");
	let spec = chain_spec("local", folder, json!({ "dividend": { "epochLength": EPOCH } }))?;
	let mut nodes: Vec<Node> = Vec::new();
	for name in ["alice", "bob", "charlie", "dave"] {
		nodes.push(Node::start(&NodeOptions {
			name: name.into(),
			chain: spec.clone(),
			folder: folder.into(),
			arguments: vec![format!("--{name}"), "--validator".into()],
			peers: nodes.iter().map(|node| node.address.clone()).collect(),
		})?);
	}
	let chain = Chain::connect(&nodes[0].url).await?;
	let cast = Cast::new(&nodes[0].url, folder);
	for person in 0..PEOPLE {
		cast.register_person(person)?;
	}
	let mut seconds = Vec::new();
	let registered = state::epoch(&chain.finalised().await?).await?.index;
	let mut next = registered + 1;
	for _ in 0..ROUNDS {
		let open = wait_until(&chain, "an epoch in which all share", PATIENCE, |at| async move {
			Ok(state::epoch(&at).await?.index >= next)
		});
		open.await?;
		cast.consumer.run(&["dividend", "donate", "3"])?;
		let epoch = state::epoch(&chain.finalised().await?).await?;
		next = epoch.index + 1;
		wait_for_block(&chain, epoch.closes_at + 1, PATIENCE).await?;
		for person in 0..PEOPLE {
			let begun = Instant::now();
			let claim = cast.person(person).run(&["dividend", "claim"])?;
			seconds.push(begun.elapsed().as_secs_f64());
			ensure!(planck(&claim["claimed"])? > 0, "{claim}");
		}
	}
	for node in nodes {
		node.stop()?;
	}
	seconds.sort_by(f64::total_cmp);
	let (least, most) = (seconds[0], seconds[seconds.len() - 1]);
	let middle = report::median(&seconds);
	report::table(
		"From the claim until it is final, four validators on this machine",
		&["claims", "median, s", "least, s", "most, s"].map(String::from),
		&[vec![
			seconds.len().to_string(),
			report::shown(middle),
			report::shown(least),
			report::shown(most),
		]],
	);
	let rounded = report::rounded;
	report.set(
		"claim_final_s",
		json!({ "claims": seconds.len(), "median": rounded(middle), "least": rounded(least), "most": rounded(most) }),
	);
	Ok(())
}
