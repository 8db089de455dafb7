//! People decide by the command they have: from a proposal to a bounty that is paid, and a dispute.

use std::{path::Path, time::Duration};

use anyhow::{ensure, Result};
use serde_json::{json, Value};
use usufruct_client::{
	chain::{AtBlock, Chain},
	keys, state,
};
use usufruct_primitives::{AccountBytes, PersonId};
use usufruct_runtime::{configs::money::CommonsPot, UFR};
use usufruct_tests::{
	cast::{account, address, text, wait_until, Cast},
	cli::planck,
	node::{chain_spec, Node, NodeOptions},
};

const MINUTE: Duration = Duration::from_secs(60);
/// Three people, who all can vote.
const PEOPLE: u32 = 3;
/// Decides whom the bounty pays.
const CURATOR: &str = "//Charlie";

/// A chain on which a day of voting is three blocks, and people who can vote.
struct World {
	node: Node,
	chain: Chain,
	cast: Cast,
}

impl World {
	async fn new(folder: &Path) -> Result<Self> {
		let patch = json!({ "dividend": { "epochLength": 6 } });
		let options = NodeOptions {
			name: "node".into(),
			chain: chain_spec("dev", folder, patch)?,
			folder: folder.into(),
			arguments: ["--alice", "--validator", "--force-authoring"].map(String::from).into(),
			peers: vec![],
		};
		let node = Node::start(&options)?;
		let chain = Chain::connect(&node.url).await?;
		let cast = Cast::new(&node.url, folder);
		let mut last_from = 0;
		for number in 0..PEOPLE {
			let registered = cast.register_person(number)?;
			last_from = registered["from_epoch"].as_u64().unwrap_or_default() as u32;
		}
		// A vote is for who shared in the last closed epoch.
		wait_until(&chain, "an electorate", 2 * MINUTE, |at| async move {
			Ok(state::epoch(&at).await?.index > last_from)
		})
		.await?;
		Ok(Self { node, chain, cast })
	}

	async fn free(&self, secret: &str) -> Result<u128> {
		Ok(self.chain.free_balance(&account(secret)?).await?)
	}
}

/// The first of a list that the command printed.
fn first(list: &Value) -> Result<&Value> {
	list.get(0).ok_or_else(|| anyhow::anyhow!("the list is empty"))
}

fn holds(value: &Value, expected: Value) -> Result<()> {
	ensure!(*value == expected, "{value} is not {expected}");
	Ok(())
}

async fn bounty_is_there(at: AtBlock) -> Result<bool> {
	Ok(!state::bounties::bounties(&at).await?.is_empty())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_fund_a_bounty_and_its_curator_pays_those_who_worked() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let world = World::new(folder).await?;
	let World { cast, chain, .. } = &world;
	let fund = keys::address(&CommonsPot::get().into());
	cast.relayer.run(&["account", "transfer", &fund, "200"])?;
	let fund: AccountBytes = CommonsPot::get().into();
	let fund_before = chain.free_balance(&fund).await?;

	// Only who can vote proposes; noting what is to be done costs a deposit.
	let task = folder.join("task.txt");
	std::fs::write(&task, "Label a thousand files.\nSay what they are.\n")?;
	let task = task.display().to_string();
	let curator = address(CURATOR)?;
	let bounty =
		["proposal", "make", "bounty", "--value", "100", "--curator", &curator, "--text", &task];
	let refused = cast.consumer.refused(&bounty)?;
	ensure!(refused.contains("NotAPerson") || refused.contains("person"), "{refused}");
	cast.relayer.run(&["account", "transfer", &address(&Cast::person_secret(0))?, "5"])?;
	let made = cast.person(0).run(&bounty)?;
	holds(&made["proposal"], json!(0))?;
	let refused = cast.relayer.refused(&["proposal", "submit", "0"])?;
	ensure!(refused.contains("sign"), "too few have signed: {refused}");

	// Who holds nothing signs and votes for nothing.
	let signed = cast.person(1).run(&["proposal", "sign", "0"])?;
	holds(&signed["signed"], json!(2))?;
	holds(&signed["fee"], json!("0"))?;
	let shown = cast.relayer.run(&["proposal", "show", "0"])?;
	holds(&shown["track"], json!("grants"))?;
	holds(&shown["call"], json!("Bounties.fund_bounty"))?;
	let listed = cast.relayer.run(&["proposal", "list"])?;
	holds(&first(&listed["proposals"])?["signed"], json!(2))?;
	holds(&cast.relayer.run(&["proposal", "submit", "0"])?["poll"], json!(0))?;

	for (person, vote) in [(0, "aye"), (1, "aye"), (2, "nay")] {
		let voted = cast.person(person).run(&["vote", vote, "0"])?;
		holds(&voted["fee"], json!("0"))?;
	}
	let twice = cast.person(1).refused(&["vote", "aye", "0"])?;
	ensure!(twice.contains("cannot vote so"), "{twice}");
	let stranger = cast.consumer.refused(&["vote", "aye", "0"])?;
	ensure!(stranger.contains("cannot vote so"), "{stranger}");
	let shown = cast.person(2).run(&["vote", "show", "0"])?;
	for (what, expected) in [
		("ayes", json!(2)),
		("nays", json!(1)),
		("electorate", json!(3)),
		("your_vote", json!("nay")),
	] {
		holds(&shown[what], expected)?;
	}

	// It is done without anybody's doing.
	wait_until(chain, "the bounty", 3 * MINUTE, bounty_is_there).await?;
	let polls = cast.relayer.run(&["vote", "list"])?;
	holds(&first(&polls["polls"])?["state"], json!("approved"))?;
	let spent = fund_before - chain.free_balance(&fund).await?;
	ensure!(spent == 100 * UFR, "the fund paid {spent}");
	let shown = cast.relayer.run(&["bounty", "show", "0"])?;
	ensure!(text(&shown["text"])?.starts_with("Label a thousand"), "{shown}");

	// The curator pays one worker for a part, and the rows of a version for the rest.
	let operator = &cast.operator;
	let stranger = cast.consumer.refused(&["bounty", "accept", "0"])?;
	ensure!(stranger.contains("another curator"), "{stranger}");
	operator.run(&["bounty", "accept", "0"])?;
	let part = operator.run(&["bounty", "part", "0", "--value", "30", "--text", &task])?;
	holds(&part["part"], json!(0))?;
	let before = world.free("//Ferdie").await?;
	let worker = address("//Ferdie")?;
	let refused =
		cast.consumer.refused(&["bounty", "award", "0", "--part", "0", "--to", &worker])?;
	ensure!(refused.contains("Curator"), "{refused}");
	operator.run(&["bounty", "award", "0", "--part", "0", "--to", &worker])?;
	ensure!(world.free("//Ferdie").await? == before + 30 * UFR, "the worker got another sum");
	let listed = cast.relayer.run(&["bounty", "list"])?;
	holds(&first(&listed["bounties"])?["left"], json!((70 * UFR).to_string()))?;
	let (_, version) = cast.register_model()?;
	let version = version["version"].to_string();
	let paid = operator.run(&["bounty", "award", "0", "--to-version", &version])?;
	ensure!(planck(&paid["paid"])? == 70 * UFR, "{paid}");
	let rows = cast.relayer.run(&["model", "revenue", &version])?;
	let due = |row: usize| rows.get(row).map_or(Ok(0), |row| planck(&row["due"]));
	ensure!(due(0)? + due(1)? == 70 * UFR && due(1)? == 28 * UFR, "{rows}");
	let over = operator.refused(&["bounty", "show", "0"])?;
	ensure!(over.contains("no bounty 0"), "{over}");
	cast.relayer.run(&["proposal", "refund", "0", "--submission"])?;
	world.node.stop()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_challenged_is_frozen_and_goes_on_voting_on_older_polls() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let world = World::new(folder).await?;
	let World { cast, chain, .. } = &world;
	let challenger = &cast.consumer;
	let poll = challenger.run(&["proposal", "make", "--with-deposit", "suspend-verifier", "0"])?;
	holds(&poll["poll"], json!(0))?;
	let challenged: PersonId = 1;
	let evidence = folder.join("evidence.txt");
	std::fs::write(&evidence, "the same photograph as person 0")?;
	let evidence = evidence.display().to_string();
	let open = ["dispute", "open", "1", "--reason", "duplicate", "--evidence", &evidence];

	let bond = challenger.run(&["dispute", "open", "1", "--reason", "duplicate", "--bond-only"])?;
	let before = world.free("//Dave").await?;
	let opened = challenger.run(&open)?;
	ensure!(opened["bond"] == bond["bond"], "{opened} {bond}");
	let spent = before - world.free("//Dave").await?;
	ensure!(spent == planck(&bond["bond"])? + planck(&opened["fee"])?, "{spent} was spent");
	let again = challenger.refused(&open)?;
	ensure!(again.contains("Personhood."), "{again}");
	let listed = challenger.run(&["dispute", "list"])?;
	let dispute = first(&listed["disputes"])?;
	holds(&dispute["person"], json!(challenged))?;
	holds(&dispute["stage"]["name"], json!("waiting"))?;

	// Claims wait; the vote on what was asked before does not.
	cast.relayer.run(&["dividend", "donate", "9"])?;
	let claim = cast.person(1).refused(&["dividend", "claim"])?;
	ensure!(claim.contains("is challenged"), "{claim}");
	let voted = cast.person(1).run(&["vote", "nay", "0"])?;
	holds(&voted["nays"], json!(1))?;

	// A jury is drawn with what nobody can know yet.
	let early = cast.relayer.refused(&["dispute", "draw", "0"])?;
	ensure!(early.contains("Personhood."), "{early}");
	let early = cast.person(0).refused(&["dispute", "vote", "0", "dismiss"])?;
	ensure!(!early.is_empty(), "{early}");
	let found = state::disputes::disputes(&chain.finalised().await?).await?;
	ensure!(found.len() == 1 && found.iter().all(|it| it.jury.is_empty()), "{found:?}");
	world.node.stop()
}
