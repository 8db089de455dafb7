//! How long a person waits: from typing `usufruct dividend claim` until the money is final, with few
//! and with many people in the state.
//!
//! The four validators of `local_testnet` and all commands run on this machine. The validators find their
//! genesis in their databases, into which it was written as they write it themselves: in a
//! specification, a million people would be more than a gigabyte of JSON, to be read by each node
//! at each start.

use std::{
	collections::HashMap,
	path::Path,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use serde_json::json;
use tokio::task::block_in_place;
use usufruct_client::{chain::Chain, state};
use usufruct_primitives::PersonId;
use usufruct_runtime::AccountId;
use usufruct_tests::{
	cast::{account, wait_for_block, Cast},
	cli::planck,
	node::{chain_spec, Node, NodeOptions},
	people::{self, EPOCH, OPENED, PER_HEAD},
};

use crate::{
	database::{self, Head},
	report::{self, Report},
};

/// How many people claim, one after the other.
const CLAIMS: u32 = 9;
const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];
/// Id of the chain of the specification.
const CHAIN: &str = "usufruct_local";
/// From this block on everybody is due something.
const CLOSED: u32 = OPENED + EPOCH;
const PATIENCE: Duration = Duration::from_secs(600);

/// Measures with each of these numbers of people, and prints.
pub async fn measure(report: &mut Report, folder: &Path, sizes: &[u32]) -> Result<()> {
	let mut rows = Vec::new();
	for people in sizes {
		let folder = folder.join(format!("finality-{people}"));
		let mut seconds = claim(&folder, *people).await?;
		// Gigabytes.
		std::fs::remove_dir_all(&folder)?;
		seconds.sort_by(f64::total_cmp);
		let (least, most) = (seconds[0], seconds[seconds.len() - 1]);
		let middle = report::median(&seconds);
		let shown = report::shown;
		rows.push(vec![
			shown(f64::from(*people)),
			seconds.len().to_string(),
			shown(middle),
			shown(least),
			shown(most),
		]);
		let rounded = report::rounded;
		report.set_in(
			"claim_final_s",
			&people.to_string(),
			json!({ "claims": seconds.len(), "median": rounded(middle), "least": rounded(least), "most": rounded(most) }),
		);
		report.write()?;
	}
	report::table(
		"From the claim until it is final, four validators on this machine",
		&["people", "claims", "median, s", "least, s", "most, s"].map(String::from),
		&rows,
	);
	Ok(())
}

/// Starts validators of a chain of so many people; returns how many seconds each claim took.
async fn claim(folder: &Path, people: u32) -> Result<Vec<f64>> {
	let spec = chain_spec("local", folder, json!({}))?;
	let mut validators = VALIDATORS.map(|name| NodeOptions {
		name: name.into(),
		chain: spec.clone(),
		folder: folder.into(),
		arguments: vec![format!("--{name}"), "--validator".into()],
		peers: vec![],
	});
	let genesis = block_in_place(|| prepare(&validators, people))?;
	database::sync(folder)?;
	eprintln!("starting four validators …");
	let mut nodes: Vec<Node> = Vec::new();
	for validator in &mut validators {
		validator.peers = nodes.iter().map(|node| node.address.clone()).collect();
		nodes.push(Node::start(validator)?);
	}
	let chain = Chain::connect(&nodes[0].url).await?;
	ensure!(chain.genesis() == genesis.hash.0, "the node began another chain than was prepared");
	wait_for_block(&chain, CLOSED, PATIENCE).await?;
	let active = state::epoch(&chain.finalised().await?).await?.active;
	ensure!(active == people, "{active} people share, not {people}");

	let cast = Cast::new(&nodes[0].url, folder);
	let mut seconds = Vec::new();
	for person in claimants(people) {
		let begun = Instant::now();
		let claim = cast.person(person).run(&["dividend", "claim"])?;
		seconds.push(begun.elapsed().as_secs_f64());
		ensure!(planck(&claim["claimed"])? >= PER_HEAD, "{claim}");
	}
	for node in nodes {
		node.stop()?;
	}
	Ok(seconds)
}

/// Those who claim, from all over the state.
fn claimants(people: u32) -> impl Iterator<Item = PersonId> {
	(0..CLAIMS).map(move |nth| nth * (people / CLAIMS))
}

/// Writes a genesis with so many people into the databases of all validators.
fn prepare(validators: &[NodeOptions], people: u32) -> Result<Head> {
	eprintln!("making a genesis with {people} people …");
	let begun = Instant::now();
	let accounts = claimants(people)
		.map(|number| Ok((number, AccountId::from(account(&Cast::person_secret(number))?))))
		.collect::<Result<HashMap<_, _>>>()?;
	let genesis = people::genesis_of("local_testnet")?;
	let state = people::state_of(&genesis, people, |number| {
		accounts.get(&number).cloned().unwrap_or_else(|| people::idle(number))
	})?;
	let storage = people::begin(genesis, state)?;

	let mut folders = validators.iter().map(|validator| validator.database(CHAIN));
	let first = folders.next().context("there are validators")?;
	std::fs::create_dir_all(&first)?;
	let database = database::open(&first)?;
	let head = database::genesis(&database, storage)?;
	// Closing the database writes the rest of it.
	drop(database);
	database::settle(&first)?;
	for folder in folders {
		database::copy(&first, &folder)?;
	}
	eprintln!("… in {:.0} s", begun.elapsed().as_secs_f64());
	Ok(head)
}
