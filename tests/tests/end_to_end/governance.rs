//! People decide by the command they have: from a proposal to a bounty that is paid, and a dispute.

use std::{path::Path, time::Duration};

use anyhow::{ensure, Context, Result};
use serde_json::{json, Value};
use subxt::utils::H256;
use subxt_signer::sr25519::dev;
use usufruct_client::{
	chain::{AtBlock, Chain, Until},
	keys::{self, parse_hex_32},
	runtime::{
		self,
		runtime_types::{frame_system, usufruct_runtime::RuntimeCall},
	},
	state,
};
use usufruct_primitives::{AccountBytes, PersonId};
use usufruct_runtime::{configs::money::CommonsPot, UFR};
use usufruct_tests::{
	cast::{account, address, text, wait_until, Cast},
	cli::{planck, Cli},
	node::{Node, NodeOptions},
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
		let options = NodeOptions::dev(folder, json!({ "dividend": { "epochLength": 6 } }))?;
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

	// A grant is decided on meanwhile.
	let payee = address("//Ferdie")?;
	let grant = ["proposal", "make", "--with-deposit", "grant", "--to", &payee, "--amount", "7"];
	holds(&cast.relayer.run(&grant)?["poll"], json!(1))?;
	for person in [0, 1] {
		cast.person(person).run(&["vote", "aye", "1"])?;
	}
	let early = cast.relayer.refused(&["proposal", "pay", "0"])?;
	ensure!(early.contains("no grant 0"), "{early}");

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
	// Who has nothing for fees signs that the row is accepted, and somebody else brings it.
	let ferdie = Cli::new(&world.node.url, "//Ferdie", folder);
	let signed = ferdie.run(&["model", "sign-acceptance", &version, "1"])?;
	let signature = text(&signed["signature"])?;
	let other = operator.refused(&["model", "sign-acceptance", &version, "1"])?;
	ensure!(other.contains("has to sign itself"), "{other}");
	let forged = signature.replacen("0x01", "0x00", 1);
	let forged =
		cast.relayer.refused(&["model", "accept", &version, "1", "--signature", &forged])?;
	ensure!(forged.contains("is not the signature of"), "{forged}");
	let brought =
		cast.relayer.run(&["model", "accept", &version, "1", "--signature", &signature])?;
	holds(&brought["account"], json!(payee))?;
	let rows = cast.relayer.run(&["model", "revenue", &version])?;
	ensure!(rows.get(1).is_some_and(|row| row["accepted"] == true), "{rows}");
	let over = operator.refused(&["bounty", "show", "0"])?;
	ensure!(over.contains("no bounty 0"), "{over}");
	cast.relayer.run(&["proposal", "refund", "0", "--submission"])?;

	// A grant is paid when somebody asks for it, once.
	wait_until(chain, "the grant", 3 * MINUTE, |at| async move {
		Ok(!state::grants(&at).await?.is_empty())
	})
	.await?;
	let listed = cast.relayer.run(&["proposal", "grants"])?;
	holds(&first(&listed["grants"])?["to"], json!(payee))?;
	let before = world.free("//Ferdie").await?;
	let paid = cast.relayer.run(&["proposal", "pay", "0"])?;
	ensure!(planck(&paid["paid"])? == 7 * UFR, "{paid}");
	ensure!(world.free("//Ferdie").await? == before + 7 * UFR, "another sum was paid");
	let twice = cast.relayer.refused(&["proposal", "pay", "0"])?;
	ensure!(twice.contains("no grant 0"), "{twice}");
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

	proposes_a_verifier(&world)?;
	sets_only_what_is_authorised(&world, folder).await?;
	world.node.stop()
}

/// What could not be done is not proposed: a poll takes weeks.
fn proposes_a_verifier(world: &World) -> Result<()> {
	let consumer = &world.cast.consumer;
	let operator = address("//Ferdie")?;
	let propose = |domain: &str, key: &[u8]| {
		let arguments = ["proposal", "make", "--with-deposit", "add-verifier", "--domain", domain];
		let key = hex::encode(key);
		let who = ["--operator", &operator, "--class", "in-person", "--key", &key, "--quota", "9"];
		consumer.run(&[&arguments[..], &who].concat())
	};
	let key = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key().to_bytes();
	let unknown = propose("99", &key).expect_err("there is no such domain").to_string();
	ensure!(unknown.contains("no domain 99"), "{unknown}");
	let no_key = propose("0", &[0; 32]).expect_err("it is no key").to_string();
	ensure!(no_key.contains("no ed25519 public key"), "{no_key}");
	let verifiers = consumer.run(&["verifier", "list"])?;
	let taken = text(&first(&verifiers["verifiers"])?["key"])?;
	let taken = parse_hex_32(&taken).context("no key")?;
	let taken = propose("0", &taken).expect_err("a verifier has this key").to_string();
	ensure!(taken.contains("has this key"), "{taken}");
	let twice = text(&first(&verifiers["verifiers"])?["domain_name"])?;
	let twice = consumer.refused(&["proposal", "make", "--with-deposit", "add-domain", &twice])?;
	ensure!(twice.contains("already"), "{twice}");

	let poll = propose("0", &key)?["poll"].to_string();
	let shown = consumer.run(&["vote", "show", &poll])?;
	holds(&shown["call"], json!("Personhood.add_verifier"))
}

/// A runtime is set by its file; here by the key that a development chain has for everything.
async fn sets_only_what_is_authorised(world: &World, folder: &Path) -> Result<()> {
	let World { chain, cast, .. } = world;
	// A whole one, as it is built for tests, is too long for a block.
	let code = b"no runtime at all";
	let file = folder.join("runtime.wasm");
	std::fs::write(&file, code)?;
	let file = file.display().to_string();
	let apply = ["proposal", "apply-upgrade", &file];
	let nothing = cast.relayer.refused(&apply)?;
	ensure!(nothing.contains("no runtime is authorised"), "{nothing}");

	let code_hash = H256(usufruct_primitives::domain::hash(code));
	let authorise = frame_system::pallet::Call::authorize_upgrade { code_hash };
	let sudo = runtime::transactions().sudo().sudo(RuntimeCall::System(authorise));
	chain.submit(&sudo, &dev::alice(), Until::Final, |_| ()).await?;
	let other = folder.join("other.wasm");
	std::fs::write(&other, b"another one")?;
	let other = other.display().to_string();
	let other = cast.relayer.refused(&["proposal", "apply-upgrade", &other])?;
	ensure!(other.contains("is authorised; bring the file"), "{other}");

	// What cannot follow the present one is not set, and not authorised any more.
	let none = cast.relayer.refused(&apply)?;
	ensure!(none.contains("FailedToExtractRuntimeVersion"), "{none}");
	let gone = cast.relayer.refused(&apply)?;
	ensure!(gone.contains("no runtime is authorised"), "{gone}");
	Ok(())
}
