//! The loop with its parties' real programs: paid requests, settlements, epochs, and people who
//! claim what they missed; an ordinary wallet; a node that is restarted. Beside it an operator protects
//! itself.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{ensure, Context, Result};
use codec::Encode;
use pallet_oracles::{RetiredKey, RetiredKeys};
use serde_json::{json, Value};
use subxt::utils::Static;
use subxt_signer::sr25519::dev;
use usufruct_client::{
	chain::{Chain, Until},
	keys::parse_hex_32,
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec, frame_system,
			pallet_dividend::pallet::Call as DividendCall, usufruct_runtime::RuntimeCall,
		},
	},
	state,
};
use usufruct_primitives::{Class, PublicKey};
use usufruct_runtime::{AccountId, Runtime, UFR};
use usufruct_tests::{
	cast::{account, address, text, wait_for_block, wait_until, Cast, History, PRICE},
	cli::{planck, Cli},
	files,
	node::{Node, NodeOptions},
	oracle::{cached, Oracle},
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn people_who_hold_nothing_claim_what_models_earned() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let options = NodeOptions::dev(folder, json!({ "dividend": { "epochLength": 5 } }))?;
	let node = Node::start(&options)?;
	let chain = Chain::connect(&node.url).await?;
	chain.check_runtime().await?;
	let cast = Cast::new(&node.url, folder);

	let (model, version) = cast.register_model()?;
	let model = model["model"].as_u64().context("no model")? as u32;
	let version = version["version"].as_u64().context("no version")? as u32;
	let oracle_options = cast.bond_oracle(version, "value = \"1000\"\ncount = 20\nage_s = 600")?;
	let oracle = Oracle::start(&oracle_options).await?;
	for person in 0..2 {
		cast.register_person(person)?;
	}
	// The verifiers know this account by now and attest a renewal, which registers nobody.
	let twice = cast.register_person(0).expect_err("a person cannot be registered twice");
	ensure!(twice.to_string().contains("for another purpose"), "{twice}");
	open_programme(&chain, vec![], vec![]).await?;
	let joined = cast.person(1).run(&["dividend", "programme", "join", "0"])?;
	ensure!(planck(&joined["fee"])? == 0, "{joined}");

	refuses_without_a_voucher(&oracle).await?;
	let operator = tokio::spawn(protects_itself(node.url.clone(), folder.to_owned(), version));

	let channel = cast.open_channel(model, "5")?;
	let channel_id = parse_hex_32(&channel).context("no channel")?;
	let person =
		state::person(&chain.finalised().await?, &account(&Cast::person_secret(0))?).await?;
	let first = person.context("the person is not registered")?.from;

	// Three epochs in which something was earned, and nobody claims.
	let inputs = files::different(60)?;
	let mut asked = 0;
	let mut last = first;
	for (round, files) in inputs.chunks(20).enumerate() {
		let epoch = wait_until(&chain, "the person's epoch", MINUTE, |at| async move {
			Ok(state::epoch(&at).await?.index >= last)
		})
		.await?;
		last = state::epoch(&epoch).await?.index + 1;
		asked += ask(&cast, &channel, files)?;
		// So that there is enough for a programme's pot to come to life.
		cast.relayer.run(&["dividend", "donate", "5"])?;
		let settled = wait_until(&chain, "settlement", MINUTE, |at| async move {
			let channel = state::channel(&at, &channel_id).await?.context("no channel")?;
			Ok(channel.settled_seq == asked)
		})
		.await?;
		let now = state::epoch(&settled).await?;
		wait_for_block(&chain, now.closes_at + 1, MINUTE).await?;
		last = last.max(now.index + 1);
		println!("round {round}: {asked} receipts settled");
	}

	let claim = cast.person(0).run(&["dividend", "claim"])?;
	let at = chain.finalised().await?;
	let history = History::read(&chain, &at).await?;
	let (from, to) = (claim["from_epoch"].as_u64(), claim["to_epoch"].as_u64());
	let (from, to) = (from.context("no epoch")? as u32, to.context("no epoch")? as u32);
	let paying: Vec<_> = history
		.closed
		.iter()
		.filter(|close| (from..=to).contains(&close.epoch) && close.per_head > 0)
		.collect();
	ensure!(paying.len() >= 3, "only {} epochs paid: {claim}", paying.len());
	let due: u128 = paying.iter().map(|close| close.per_head).sum();
	ensure!(planck(&claim["claimed"])? == due, "{due} was due: {claim}");
	ensure!(planck(&claim["balance_before"])? == 0 && planck(&claim["fee"])? == 0, "{claim}");
	ensure!(planck(&claim["balance_after"])? == due, "{claim}");
	let again = cast.person(0).refused(&["dividend", "claim"])?;
	ensure!(again.contains("nothing to claim"), "{again}");

	let wallet = wallet_claim(&node.url, &Cast::person_secret(1))?;
	ensure!(wallet["before"] == "0" && wallet["fee_paid"] == "0", "{wallet}");
	ensure!(planck(&wallet["after"])? >= due, "{wallet}");

	shows_what_came_of_programmes(&chain, &cast).await?;

	operator.await??;
	oracle.stop()?;
	let before = chain.finalised().await?.block_number();
	drop(chain);
	node.stop()?;
	let node = Node::start(&options)?;
	let chain = Chain::connect(&node.url).await?;
	wait_for_block(&chain, before as u32 + 3, MINUTE).await?;
	let settled = state::channel(&chain.finalised().await?, &channel_id).await?;
	ensure!(settled.is_some_and(|it| it.settled_seq == asked), "the restart lost a channel");
	node.stop()
}

/// Opens a programme for whom verifiers of these classes attested, and who lives in these regions.
async fn open_programme(chain: &Chain, classes: Vec<Class>, regions: Vec<u16>) -> Result<()> {
	let open = DividendCall::open_programme {
		share: 100_000,
		classes: BoundedVec(classes.into_iter().map(Static).collect()),
		regions: BoundedVec(regions),
		epochs: 100,
		min_people: 1,
	};
	let open = runtime::transactions().sudo().sudo(RuntimeCall::Dividend(open));
	chain.submit(&open, &dev::alice(), Until::Final, |_| ()).await?;
	Ok(())
}

/// Who shares in a programme claims of it, and anybody reads what came of it.
async fn shows_what_came_of_programmes(chain: &Chain, cast: &Cast) -> Result<()> {
	// Not before: what a programme of nobody returns is divided among all, and claimed again.
	open_programme(chain, vec![Class::Document], vec![276]).await?;
	let claimed = cast.person(1).run(&["dividend", "programme", "claim", "0"])?;
	ensure!(planck(&claimed["fee"])? == 0, "{claimed}");
	let list = cast.relayer.run(&["dividend", "programme", "list"])?;
	let (all, few) = (&list[0], &list[1]);
	ensure!(list.as_array().is_some_and(|list| list.len() == 2), "{list}");
	ensure!(few["classes"] == json!(["Document"]) && few["regions"] == json!([276]), "{list}");
	ensure!(few["joined"] == 0 && few["claims"] == 0 && planck(&few["paid"])? == 0, "{list}");
	for programme in [all, few] {
		ensure!(programme["running"] == true && programme["share"] == 100_000, "{list}");
		ensure!(programme["extended"] == 0 && programme["left"] == 0, "{list}");
	}
	ensure!(planck(&all["received"])? > 0, "{list}");
	ensure!(all["joined"] == 1 && all["claims"] == 1, "{list}");
	ensure!(all["paid"] == claimed["claimed"], "{list}");
	ensure!(all["classes"] == json!([]) && all["regions"] == json!([]), "{list}");
	Ok(())
}

/// Asks what these files are; returns how many answers there were.
fn ask(cast: &Cast, channel: &str, files: &[PathBuf]) -> Result<u64> {
	let mut arguments = vec!["infer", "magika", "--channel", channel, "--concurrency", "4"];
	arguments.push("--allow-private-endpoints");
	arguments.extend(["--bytes-tensor", "bytes:2048"]);
	let paths: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
	arguments.extend(paths.iter().map(String::as_str));
	cast.consumer.run(&arguments)?["summary"]["answered"].as_u64().context("no answers")
}

/// Without a voucher an oracle names its price and nothing else.
async fn refuses_without_a_voucher(oracle: &Oracle) -> Result<()> {
	let body = json!({ "inputs": [
		{ "name": "bytes", "datatype": "INT32", "shape": [1, 2048], "data": vec![1; 2048] }
	] });
	let answer = reqwest::Client::new()
		.post(format!("{}/v2/models/magika/infer", oracle.url))
		.json(&body)
		.send()
		.await?;
	ensure!(answer.status() == 402, "status {}", answer.status());
	ensure!(answer.headers()["content-type"] == "application/problem+json");
	let problem: Value = answer.json().await?;
	ensure!(problem["type"] == "urn:usufruct:problem:voucher-missing", "{problem}");
	ensure!(problem["terms"]["unit_price"] == usufruct_tests::cast::PRICE.to_string(), "{problem}");
	Ok(())
}

/// Another operator limits what can be settled in its name, and replaces its receipt key.
async fn protects_itself(url: String, folder: PathBuf, version: u32) -> Result<()> {
	let (chain, cast) = (Chain::connect(&url).await?, Cast::new(&url, &folder));
	cast.bond_another_oracle("//Ferdie", "other", &[8; 32], PRICE, version, "")?;
	let operator = Cli::new(&url, "//Ferdie", &folder);
	let show = || operator.run(&["oracle", "show"]);

	let limited = operator.run(&["oracle", "settle-limit", "150"])?;
	ensure!(limited["old"].is_null() && planck(&limited["new"])? == 150 * UFR, "{limited}");
	let shown = show()?;
	ensure!(planck(&shown["settle_limit"]["present"])? == 150 * UFR, "{shown}");
	// Half as much again as what is settled is locked.
	ensure!(planck(&shown["lockable"])? == 225 * UFR, "{shown}");
	// No limit holds after a challenge window, in which a thief's doing is seen.
	let raised = operator.run(&["oracle", "settle-limit", "none"])?;
	let shown = show()?;
	let limit = &shown["settle_limit"];
	ensure!(planck(&limit["present"])? == 150 * UFR, "{shown}");
	ensure!(limit["rise"]["limit"].is_null() && limit["rise"]["from"] == raised["from"], "{shown}");
	ensure!(raised["from"].as_u64() > raised["block"].as_u64(), "{raised}");
	// Which can be taken back.
	operator.run(&["oracle", "settle-limit", "150"])?;
	let shown = show()?;
	ensure!(shown["settle_limit"]["rise"].is_null(), "{shown}");
	let again = operator.refused(&["oracle", "settle-limit", "150"])?;
	ensure!(again.contains("LimitUnchanged"), "{again}");

	let old = text(&shown["receipt_key"])?;
	let new = ed25519_dalek::SigningKey::from_bytes(&[9; 32]).verifying_key();
	operator.run(&["oracle", "set-key", "--receipt-key", &hex::encode(new.as_bytes())])?;
	let shown = show()?;
	let retired = &shown["retired_keys"][0];
	ensure!(retired["key"] == old.as_str(), "{shown}");
	let retired_at = retired["retired_at"].as_u64().context("no block")? as u32;
	let (address, key) = (address("//Ferdie")?, parse_hex_32(&old).context("no key")?);
	let forget = ["oracle", "forget-keys", &address];
	let early = cast.relayer.refused(&forget)?;
	ensure!(early.contains("NothingToForget"), "{early}");

	// It answers for the old key for two weeks; the chain is told that they are over.
	let over = RetiredKey { key, retired_at, forgotten_at: retired_at };
	let of = AccountId::from(account("//Ferdie")?);
	let items = vec![(RetiredKeys::<Runtime>::hashed_key_for(of), vec![over].encode())];
	let told = frame_system::pallet::Call::set_storage { items };
	let told = runtime::transactions().sudo().sudo(RuntimeCall::System(told));
	chain.submit(&told, &dev::alice(), Until::Final, |_| ()).await?;
	ensure!(is_known(&chain, key).await?, "nothing is left of the old key to be removed");
	let forgotten = cast.relayer.run(&forget)?;
	ensure!(forgotten["keys"] == 1 && planck(&forgotten["fee"])? == 0, "{forgotten}");
	ensure!(!is_known(&chain, key).await?, "the old key is still on the chain");
	let again = cast.relayer.refused(&forget)?;
	ensure!(again.contains("NothingToForget"), "{again}");
	Ok(())
}

/// Whether the chain has it as a receipt key, of whatever age.
async fn is_known(chain: &Chain, key: PublicKey) -> Result<bool> {
	let at = chain.finalised().await?;
	let keys = at.storage().entry(runtime::storage().oracles().receipt_keys())?;
	Ok(keys.try_fetch((key,)).await?.is_some())
}

/// Claims with @polkadot/api, which knows nothing of this chain but its metadata.
fn wallet_claim(url: &str, secret: &str) -> Result<Value> {
	let output = Command::new("node")
		.args(["wallet/claim.cjs", url, secret])
		.env("NODE_PATH", cached("wallet/node_modules")?)
		.output()?;
	ensure!(output.status.success(), "wallet: {}", String::from_utf8_lossy(&output.stderr));
	Ok(serde_json::from_slice(&output.stdout)?)
}
