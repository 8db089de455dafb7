//! `usufruct dividend`.

use super::context::{included, Context};
use anyhow::bail;
use clap::Subcommand;
use usufruct_client::{chain::AtBlock, keys, output::Facts, runtime, state};
use usufruct_primitives::AccountBytes;

#[derive(Subcommand)]
pub enum Command {
	/// The open epoch, the pot, and what an account can claim
	Status {
		/// The account; otherwise the one that signs, if there is one
		account: Option<String>,
	},
	/// Claim everything that is due; free, and a balance of zero is fine
	Claim,
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		match self {
			Self::Status { account } => {
				let at = chain.finalised().await?;
				let epoch = state::epoch(&at).await?;
				let mut facts = Facts::new()
					.and("block", at.block_number())
					.and("epoch", epoch.index)
					.and("opened_at", epoch.opened_at)
					.and("closes_at", epoch.closes_at)
					.amount("pot", epoch.pot)
					.amount("liability", epoch.liability)
					.and("people", epoch.active)
					.and("claim_window", epoch.claim_window);
				if let Some(last) = epoch.index.checked_sub(1) {
					if let Some((per_head, eligible)) = state::closed_epoch(&at, last).await? {
						facts =
							facts.amount("last_per_head", per_head).and("last_eligible", eligible);
					}
				}
				let account = match &account {
					Some(account) => Some(keys::parse_account(account)?),
					None => context.signer().ok().map(|signer| signer.public_key().0),
				};
				if let Some(account) = account {
					facts = facts
						.account("account", account)
						.amount("balance", chain.free_balance(&account).await?);
					facts = match state::person(&at, &account).await? {
						Some(person) => facts
							.and("person", person.person)
							.and("from_epoch", person.from)
							.and("until_epoch", person.until),
						None => facts.and("person", None::<u32>),
					};
					facts = facts.amount("claimable", state::claimable(&at, &account).await?);
				}
				context.print(&facts)
			},
			Self::Claim => {
				let signer = context.signer()?;
				let account = signer.public_key().0;
				// A claim that would fail is not free, and who has nothing cannot pay for it.
				let at = chain.best().await?;
				if state::claimable(&at, &account).await? == 0 {
					bail!(why_nothing(&at, &account).await?);
				}
				let before = chain.free_balance(&account).await?;
				let call = runtime::transactions().dividend().claim();
				let done = context.submit(&chain, &call, &signer).await?;
				let event: runtime::dividend::events::Claimed = done.event("Dividend.Claimed")?;
				let facts = Facts::new()
					.and("person", event.person)
					.account("account", event.account.0)
					.and("from_epoch", event.from)
					.and("to_epoch", event.to)
					.amount("claimed", event.amount)
					.amount("balance_before", before)
					.amount("balance_after", chain.free_balance(&account).await?);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}

/// Why an account can claim nothing.
async fn why_nothing(at: &AtBlock, account: &AccountBytes) -> anyhow::Result<String> {
	let address = keys::address(account);
	let Some(person) = state::person(at, account).await? else {
		return Ok(format!(
			"nothing to claim: {address} is no recognised person; see: usufruct person register"
		));
	};
	let epoch = state::epoch(at).await?;
	if person.revoked {
		return Ok(format!("nothing to claim: the recognition of {address} was withdrawn"));
	}
	if person.from >= epoch.index {
		return Ok(format!(
			"nothing to claim yet: {address} shares from epoch {} on, and epoch {} is open until block {}",
			person.from, epoch.index, epoch.closes_at
		));
	}
	Ok(format!(
		"nothing to claim: all closed epochs are claimed or were worth nothing; epoch {} is open until block {}",
		epoch.index, epoch.closes_at
	))
}
