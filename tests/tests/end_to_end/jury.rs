//! A jury of people decides a dispute, by the command they have.
//!
//! Between a challenge and the draw of its jury lie two changes of the chain's randomness, twenty
//! minutes each. So the chain begins where they are over, with a state that the pallets made.

use std::{path::Path, time::Duration};

use anyhow::{anyhow, ensure, Context, Result};
use frame_support::traits::Hooks;
use pallet_personhood::{
	dispute::Reason,
	jury::{MIN_VOTES, SENIORITY},
};
use serde_json::{json, Value};
use sp_core::storage::Storage;
use sp_keyring::Sr25519Keyring::Dave;
use usufruct_client::chain::Chain;
use usufruct_primitives::{Hash, PersonId};
use usufruct_runtime::{AccountId, BlockNumber, Personhood, Runtime, RuntimeOrigin, System, UFR};
use usufruct_tests::{
	cast::{account, address, text, wait_for_block, Cast},
	cli::planck,
	node::{chain_spec_of_state, Node, NodeOptions},
	people::{self, EPOCH, PER_HEAD},
};

/// All but the challenged one can judge.
const PEOPLE: u32 = 12;
const CHALLENGED: PersonId = 1;
const EVIDENCE: Hash = [7; 32];
const BOND: u128 = 10 * UFR;
/// What is said to who holds nothing and asks for something free that would fail.
const NOT_FREE: &str = "cannot pay the fee";

/// A chain on which a jury can be drawn at once.
fn state() -> Result<Storage> {
	let accounts = (0..PEOPLE)
		.map(|number| Ok(AccountId::from(account(&Cast::person_secret(number))?)))
		.collect::<Result<Vec<_>>>()?;
	let genesis = people::genesis()?;
	let state = people::state_of(&genesis, PEOPLE, |number| accounts[number as usize].clone())?;
	people::begin_with(genesis, state, || {
		for epoch in 2..=SENIORITY + 1 {
			people::close_epoch(epoch * EPOCH);
		}
		let by = RuntimeOrigin::signed(Dave.to_account_id());
		Personhood::challenge(by, CHALLENGED, Reason::Duplicate, EVIDENCE)
			.map_err(|error| anyhow!("{error:?}"))?;
		for change in 1..=2 {
			pallet_babe::EpochStart::<Runtime>::put((0, change));
			<Personhood as Hooks<BlockNumber>>::on_initialize(System::block_number());
		}
		pallet_babe::EpochStart::<Runtime>::kill();
		Ok(())
	})
}

fn start(folder: &Path) -> Result<Node> {
	let state: Vec<_> = state()?.top.into_iter().collect();
	Node::start(&NodeOptions::alone(chain_spec_of_state("dev", folder, &state)?, folder))
}

/// Everybody at once, each with a verdict; returns what the command said to each.
fn vote(cast: &Cast, verdicts: &[(PersonId, &str)]) -> Result<Vec<Value>> {
	std::thread::scope(|scope| {
		let votes: Vec<_> = verdicts
			.iter()
			.map(|(juror, verdict)| {
				scope.spawn(move || cast.person(*juror).run(&["dispute", "vote", "0", verdict]))
			})
			.collect();
		votes.into_iter().map(|vote| vote.join().map_err(|_| anyhow!("a vote panicked"))?).collect()
	})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jury_is_drawn_and_acquits_whom_it_finds_innocent() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	let node = start(folder)?;
	let chain = Chain::connect(&node.url).await?;
	let cast = Cast::new(&node.url, folder);
	wait_for_block(&chain, 1, Duration::from_secs(60)).await?;
	let challenged = cast.person(CHALLENGED);
	let frozen = challenged.refused(&["dividend", "claim"])?;
	ensure!(frozen.contains("is challenged"), "{frozen}");

	// Whoever likes draws it, for nothing.
	let drawn = challenged.run(&["dispute", "draw", "0"])?;
	ensure!(drawn["fee"] == json!("0"), "{drawn}");
	let jury = text(&drawn["jury"])?;
	let jury = jury.split(' ').map(|juror| Ok(juror.parse()?)).collect::<Result<Vec<_>>>()?;
	ensure!(jury.len() >= MIN_VOTES as usize && !jury.contains(&CHALLENGED), "{jury:?}");
	let again = challenged.refused(&["dispute", "draw", "0"])?;
	ensure!(again.contains(NOT_FREE), "{again}");

	// Two believe the challenger.
	let verdicts: Vec<(PersonId, &str)> = jury
		.iter()
		.enumerate()
		.map(|(place, juror)| (*juror, if place < 2 { "uphold" } else { "dismiss" }))
		.collect();
	let (last, others) = verdicts.split_last().context("there is a jury")?;
	for voted in vote(&cast, others)? {
		ensure!(voted["fee"] == json!("0"), "{voted}");
	}
	let own = challenged.refused(&["dispute", "vote", "0", "dismiss"])?;
	ensure!(own.contains(NOT_FREE), "{own}");
	let twice = cast.person(others[0].0).refused(&["dispute", "vote", "0", "dismiss"])?;
	ensure!(twice.contains(NOT_FREE), "{twice}");
	let early = challenged.refused(&["dispute", "count", "0"])?;
	ensure!(early.contains(NOT_FREE), "{early}");
	vote(&cast, &[*last])?;

	let before = chain.free_balance(&account(&Cast::person_secret(CHALLENGED))?).await?;
	let counted = challenged.run(&["dispute", "count", "0"])?;
	ensure!(counted["verdict"] == json!("dismissed"), "{counted}");
	ensure!(counted["uphold"] == json!(2), "{counted}");
	ensure!(counted["fee"] == json!("0"), "{counted}");

	// Half of the bond is theirs who was frozen; then the dividend is as it always was.
	let after = chain.free_balance(&account(&Cast::person_secret(CHALLENGED))?).await?;
	ensure!(after - before == BOND / 2, "{after} after {before}");
	let claimed = challenged.run(&["dividend", "claim"])?;
	ensure!(planck(&claimed["claimed"])? >= PER_HEAD, "{claimed}");
	let status = cast.relayer.run(&["person", "status", &address(&Cast::person_secret(1))?])?;
	ensure!(status["frozen_by_dispute"].is_null(), "{status}");
	let none = cast.relayer.run(&["dispute", "list"])?;
	ensure!(none["disputes"] == json!([]), "{none}");

	// What was judged counts no more, and doubting the same again is dearer.
	let evidence = hex::encode(EVIDENCE);
	let open = ["dispute", "open", "1", "--reason", "duplicate", "--evidence-hash", &evidence];
	let barred = cast.consumer.refused(&open)?;
	ensure!(barred.contains("Personhood."), "{barred}");
	let bond =
		cast.consumer.run(&["dispute", "open", "1", "--reason", "duplicate", "--bond-only"])?;
	ensure!(planck(&bond["bond"])? == 2 * BOND, "{bond}");
	node.stop()
}
