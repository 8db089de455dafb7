//! Somebody moves to another account, whoever has the old key says no to that once, and the new account
//! is recognised for a further term: all of it by the command, and nobody pays for any of it.

use std::{path::PathBuf, time::Duration};

use anyhow::{ensure, Context, Result};
use codec::{Decode, Encode};
use pallet_personhood::{types::Recovery, Recoveries};
use serde_json::Value;
use subxt_signer::sr25519::dev;
use usufruct_client::{
	chain::{Chain, Until},
	runtime::{
		self,
		runtime_types::{frame_system, usufruct_runtime::RuntimeCall},
	},
	state,
};
use usufruct_primitives::PersonId;
use usufruct_runtime::Runtime;
use usufruct_tests::{
	cast::{account, address, wait_until, Cast},
	cli::{planck, Cli},
};

/// Who moves. Its registration is attested by the verifiers 1 and 2.
pub const HUMAN: u32 = 4;
/// Whose key it has afterwards.
const NEW: u32 = 5;
const MINUTES: Duration = Duration::from_secs(180);
/// What is said to who holds nothing and asks for something free that would fail.
const NOT_FREE: &str = "cannot pay the fee";

/// Asks with the new account's key for the person, by the word of these verifiers; returns the arguments.
fn request(cast: &Cast, verifiers: &[u32]) -> Result<Vec<String>> {
	let (old, new) = (address(&Cast::person_secret(HUMAN))?, address(&Cast::person_secret(NEW))?);
	let about = ["--person", &new, "--purpose", "recover", "--former", &old];
	let attested = cast.attested(HUMAN, verifiers, &about)?;
	let recover = ["person", "recover", "--former", &old].map(String::from);
	Ok(recover.into_iter().chain(attested).collect())
}

/// As a command takes them.
fn borrowed(arguments: &[String]) -> Vec<&str> {
	arguments.iter().map(String::as_str).collect()
}

/// Runs a command with arguments that were put together; it costs nothing.
fn free(cli: &Cli, arguments: &[String]) -> Result<Value> {
	let done = cli.run(&borrowed(arguments))?;
	ensure!(planck(&done["fee"])? == 0, "{done}");
	Ok(done)
}

/// The delay is a week; the chain is told that it is over.
async fn let_a_week_pass(chain: &Chain, person: PersonId) -> Result<()> {
	let key = Recoveries::<Runtime>::hashed_key_for(person);
	let stored = chain.rpc().state_get_storage(&key, None).await?.context("nothing is pending")?;
	let pending = Recovery::decode(&mut &stored[..])?;
	let items = vec![(key, Recovery { ready_at: 0, ..pending }.encode())];
	let told = frame_system::pallet::Call::set_storage { items };
	let told = runtime::transactions().sudo().sudo(RuntimeCall::System(told));
	chain.submit(&told, &dev::alice(), Until::Final, |_| ()).await?;
	Ok(())
}

/// All of it, on a chain with a short term, on which the human is recognised.
pub async fn moves(url: String, folder: PathBuf) -> Result<()> {
	let (chain, cast) = (Chain::connect(&url).await?, Cast::new(&url, &folder));
	let (old, new) = (cast.person(HUMAN), cast.person(NEW));
	let (left, entered) =
		(address(&Cast::person_secret(HUMAN))?, address(&Cast::person_secret(NEW))?);
	let before = old.run(&["person", "status"])?;
	let person = before["person"].as_u64().context("no person")? as PersonId;
	let id = person.to_string();
	let pending = || cast.relayer.run(&["person", "recovery", &id]);

	// Whoever has the old key ends it, and the same domains are not heard again.
	let asked = free(&new, &request(&cast, &[1, 2])?)?;
	ensure!(asked["from"] == left.as_str() && asked["to"] == entered.as_str(), "{asked}");
	let waits = pending()?;
	ensure!(waits["pending"] == true && waits["new_account"] == entered.as_str(), "{waits}");
	let vetoed = free(&old, &["person", "veto"].map(String::from))?;
	ensure!(vetoed["refused"] == entered.as_str(), "{vetoed}");
	ensure!(pending()?["pending"] == false, "{vetoed}");
	let anew = request(&cast, &[1, 2])?;
	let barred = new.refused(&borrowed(&anew))?;
	ensure!(barred.contains("Personhood.Vetoed"), "{barred}");

	// A domain more says the same, and that cannot be vetoed.
	let asked = free(&new, &request(&cast, &[0, 1, 2])?)?;
	ensure!(asked["to"] == entered.as_str(), "{asked}");
	let again = old.refused(&["person", "veto"])?;
	ensure!(again.contains(NOT_FREE), "{again}");
	let complete = ["person", "complete-recovery", &id];
	let early = cast.relayer.refused(&complete)?;
	ensure!(early.contains("Personhood.RecoveryNotDue"), "{early}");
	let_a_week_pass(&chain, person).await?;
	let moved = free(&cast.relayer, &complete.map(String::from))?;
	ensure!(moved["person"] == person, "{moved}");
	ensure!(moved["from"] == left.as_str() && moved["to"] == entered.as_str(), "{moved}");
	let (nobody, somebody) = (old.run(&["person", "status"])?, new.run(&["person", "status"])?);
	ensure!(nobody["recognised"] == false, "{nobody}");
	ensure!(somebody["recognised"] == true && somebody["person"] == person, "{somebody}");
	ensure!(somebody["until_epoch"] == before["until_epoch"], "{somebody} was {before}");

	// Its term goes on as it was, and is renewed when it ends.
	let until = before["until_epoch"].as_u64().context("no term")?;
	wait_until(&chain, "the end of the term", MINUTES, |at| async move {
		Ok(u64::from(state::epoch(&at).await?.index) >= until)
	})
	.await?;
	let attested = cast.attested(HUMAN, &[0, 2], &["--person", &entered])?;
	let renew: Vec<String> =
		["person", "renew"].map(String::from).into_iter().chain(attested).collect();
	let renewed = free(&new, &renew)?;
	ensure!(renewed["person"] == person, "{renewed}");
	ensure!(renewed["until_epoch"].as_u64() > Some(until), "{renewed}");
	let holds = chain.free_balance(&account(&Cast::person_secret(NEW))?).await?;
	ensure!(holds == 0 && renewed["account"] == entered.as_str(), "{renewed}");
	Ok(())
}
