//! `usufruct dividend`.

mod programme;

use super::context::{included, parse_hash, Context};
use anyhow::{bail, Context as _};
use clap::Subcommand;
use subxt::utils::AccountId32;
use usufruct_client::{amount::Amount, chain::AtBlock, keys, output::Facts, runtime, state};
use usufruct_primitives::{AccountBytes, ChannelId};

#[derive(Subcommand)]
pub enum Command {
	/// The open epoch, the pot, and what an account can claim
	Status {
		/// The account; otherwise the one that signs, if there is one
		account: Option<String>,
	},
	/// Claim everything that is due; free, and a balance of zero is fine
	Claim {
		/// Put it into this channel of the account that is paid, as credit for the use of models
		#[arg(long, value_name = "HEX", value_parser = parse_hash)]
		to_channel: Option<ChannelId>,
	},
	/// Claim for somebody else, who is paid; nobody signs and nobody pays
	ClaimFor {
		/// The person's id, or its account
		person: String,
	},
	/// The account that the dividend is paid to; names another with --to
	Payout {
		/// The account, which is paid once the next epoch has closed
		#[arg(long, value_name = "ACCOUNT")]
		to: Option<String>,
	},
	/// Say whether you alone may claim for you
	ClaimsAlone {
		/// Whether nobody else may
		#[arg(action = clap::ArgAction::Set)]
		alone: bool,
	},
	/// Give to all people
	Donate {
		/// How much
		amount: Amount,
	},
	/// Parts of the dividend for people whom certain classes of verifiers attested.
	#[command(subcommand)]
	Programme(programme::Command),
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().dividend();
		match self {
			Self::Programme(command) => command.run(context, &chain).await,
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
					.and("claim_window", epoch.claim_window)
					.and("paused_until", state::paused_until(&at).await?);
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
			Self::ClaimFor { person } => {
				let at = chain.finalised().await?;
				let person = match person.parse() {
					Ok(person) => person,
					Err(_) => {
						let found = state::person(&at, &keys::parse_account(&person)?).await?;
						found.context("that is no person's account")?.person
					},
				};
				let done = context.submit_general(&chain, &calls.claim_for(person)).await?;
				let event: runtime::dividend::events::Claimed = done.event("Dividend.Claimed")?;
				context.print(&claimed(&event).join(included(&done)))
			},
			Self::Payout { to: Some(to) } => {
				let call = calls.set_payout(AccountId32(keys::parse_account(&to)?));
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::dividend::events::PayoutSet =
					done.event("Dividend.PayoutSet")?;
				let facts = Facts::new()
					.and("person", event.person)
					.account("until_then", event.old.0)
					.account("account", event.new.0)
					.and("from_epoch", event.from);
				context.print(&facts.join(included(&done)))
			},
			Self::Payout { to: None } => {
				let account = context.signer()?.public_key().0;
				let payout = state::payout(&chain.finalised().await?, &account).await?;
				let payout = payout.context("this account is no person's")?;
				let mut facts = Facts::new().account("account", payout.account);
				if let Some((next, from)) = payout.next {
					facts = facts.account("next", next.unwrap_or(account)).and("from_epoch", from);
				}
				context.print(&facts)
			},
			Self::ClaimsAlone { alone } => {
				let call = calls.set_claims_alone(alone);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				context.print(&Facts::new().and("claims_alone", alone).join(included(&done)))
			},
			Self::Donate { amount } => {
				let done =
					context.submit(&chain, &calls.donate(amount.0), &context.signer()?).await?;
				let event: runtime::dividend::events::Donated = done.event("Dividend.Donated")?;
				let facts =
					Facts::new().account("donor", event.donor.0).amount("given", event.amount);
				context.print(&facts.join(included(&done)))
			},
			Self::Claim { to_channel: Some(channel) } => {
				let call = calls.claim_to_channel(channel);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::dividend::events::Claimed = done.event("Dividend.Claimed")?;
				let credited: runtime::dividend::events::Credited =
					done.event("Dividend.Credited")?;
				let facts = claimed(&event)
					.and("channel", credited.channel)
					.amount("credit", credited.credit)
					.amount("bonus", credited.bonus);
				context.print(&facts.join(included(&done)))
			},
			Self::Claim { to_channel: None } => {
				let signer = context.signer()?;
				let account = signer.public_key().0;
				// A claim that would fail is not free, and who has nothing cannot pay for it.
				let at = chain.best().await?;
				if state::claimable(&at, &account).await? == 0 {
					bail!(why_nothing(&at, &account).await?);
				}
				let before = chain.free_balance(&account).await?;
				let done = context.submit(&chain, &calls.claim(), &signer).await?;
				let event: runtime::dividend::events::Claimed = done.event("Dividend.Claimed")?;
				let facts = claimed(&event)
					.amount("balance_before", before)
					.amount("balance_after", chain.free_balance(&account).await?);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}

fn claimed(event: &runtime::dividend::events::Claimed) -> Facts {
	Facts::new()
		.and("person", event.person)
		.account("account", event.account.0)
		.and("from_epoch", event.from)
		.and("to_epoch", event.to)
		.amount("claimed", event.amount)
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
	if !person.may_claim {
		return Ok(format!(
			"nothing can be claimed now: {address} is challenged, or too many of its verifiers are \
			 suspended; what it is due waits; see: usufruct person status, usufruct dispute list"
		));
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
