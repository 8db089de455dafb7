//! `usufruct oracle`.

use super::context::{included, Context};
use anyhow::{bail, Context as _};
use clap::Subcommand;
use serde::Serialize;
use subxt::utils::AccountId32;
use usufruct_client::{
	amount::{ufr, Amount, AmountError},
	keys,
	output::{Fact, Facts, Report, Table},
	runtime::{self, runtime_types::bounded_collections::bounded_vec::BoundedVec},
	state,
};
use usufruct_primitives::{Balance, BatchNo, VersionId};

#[derive(Subcommand)]
pub enum Command {
	/// Register as an oracle with a bond
	Register {
		/// What stands for its honesty, and is taken if it lies
		#[arg(long, value_name = "AMOUNT")]
		bond: Amount,
		/// The ed25519 public key that signs receipts, 32 bytes in hex
		#[arg(long, value_name = "HEX", value_parser = parse_key)]
		receipt_key: [u8; 32],
		/// Where consumers reach it, like https://oracle.example
		#[arg(long, value_name = "URL")]
		endpoint: String,
	},
	/// Serve a model version at a price for each unit, or no more
	Ask {
		/// The version's id
		version: VersionId,
		/// The price of a unit, not below the version's floor; "none" ends the offer
		price: String,
	},
	/// Register another address to serve at
	Endpoint {
		/// Where consumers reach it, like https://oracle.example
		// Not `url`, which is the node's.
		#[arg(value_name = "URL")]
		endpoint: String,
	},
	/// Sign receipts with another key from now on; you answer for what the old one signed until it is
	/// forgotten
	SetKey {
		/// The new ed25519 public key, 32 bytes in hex
		#[arg(long, value_name = "HEX", value_parser = parse_key)]
		receipt_key: [u8; 32],
	},
	/// Raise the bond
	BondMore {
		/// By how much
		amount: Amount,
	},
	/// Take out a part of the bond, which is free after a delay; all of it ends the registration
	Unbond {
		/// How much
		amount: Amount,
	},
	/// Get back what was taken out of the bond and is free by now
	Withdraw,
	/// Limit what may be settled within a challenge window: less holds at once, more after such a window
	SettleLimit {
		/// The most, or "none" if only the bond is to limit it
		limit: String,
	},
	/// Remove from the chain the replaced receipt keys that an oracle answers for no longer; for anybody,
	/// and the fee returns
	ForgetKeys {
		/// Its account; otherwise the one that signs
		account: Option<String>,
	},
	/// Have what settlements earned you paid to your account
	Collect,
	/// All oracles
	List,
	/// An oracle: its bond, its settlements, and what it serves at which price
	Show {
		/// Its account; otherwise the one that signs
		account: Option<String>,
	},
}

/// An amount, or that there is none.
fn parse_optional(amount: &str) -> Result<Option<Balance>, AmountError> {
	match amount {
		"none" => Ok(None),
		amount => Ok(Some(amount.parse::<Amount>()?.0)),
	}
}

fn parse_key(text: &str) -> Result<[u8; 32], String> {
	keys::parse_hex_32(text).ok_or_else(|| "write 32 bytes in hex".into())
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let calls = runtime::transactions().oracles();
		match self {
			Self::Register { bond, receipt_key, endpoint } => {
				let call =
					calls.register(bond.0, receipt_key, BoundedVec(endpoint.clone().into_bytes()));
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::oracles::events::OracleRegistered =
					done.event("Oracles.OracleRegistered")?;
				let facts = Facts::new()
					.account("oracle", event.oracle.0)
					.amount("bond", event.bond)
					.and("receipt_key", event.receipt_key)
					.and("endpoint", endpoint);
				context.print(&facts.join(included(&done)))
			},
			Self::Ask { version, price } => {
				let price = parse_optional(&price)?;
				let call = calls.set_ask(version, price);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let facts =
					Facts::new().and("version", version).and("unit_price", price.map(Fact::Amount));
				context.print(&facts.join(included(&done)))
			},
			Self::Endpoint { endpoint } => {
				let call = calls.set_endpoint(BoundedVec(endpoint.clone().into_bytes()));
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				context.print(&Facts::new().and("endpoint", endpoint).join(included(&done)))
			},
			Self::SetKey { receipt_key } => {
				let call = calls.set_receipt_key(receipt_key);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::oracles::events::ReceiptKeySet =
					done.event("Oracles.ReceiptKeySet")?;
				let facts = Facts::new()
					.account("oracle", event.oracle.0)
					.and("old", event.old)
					.and("new", event.new)
					.and("forgotten_at", event.forgotten_at);
				context.print(&facts.join(included(&done)))
			},
			Self::BondMore { amount } => {
				let call = calls.bond_more(amount.0);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::oracles::events::BondIncreased =
					done.event("Oracles.BondIncreased")?;
				context.print(&Facts::new().amount("bond", event.bond).join(included(&done)))
			},
			Self::Unbond { amount } => {
				let call = calls.unbond(amount.0);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::oracles::events::UnbondingStarted =
					done.event("Oracles.UnbondingStarted")?;
				let facts = Facts::new()
					.amount("unbonding", event.amount)
					.and("ready_at", event.ready_at)
					.amount("bond", event.bond);
				context.print(&facts.join(included(&done)))
			},
			Self::Withdraw => {
				let call = calls.withdraw_unbonded();
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::oracles::events::Withdrawn = done.event("Oracles.Withdrawn")?;
				context.print(&Facts::new().amount("withdrawn", event.amount).join(included(&done)))
			},
			Self::SettleLimit { limit } => {
				let call = calls.set_settle_limit(parse_optional(&limit)?);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::oracles::events::SettleLimitSet =
					done.event("Oracles.SettleLimitSet")?;
				let facts = Facts::new()
					.account("oracle", event.oracle.0)
					.and("old", event.old.map(Fact::Amount))
					.and("new", event.new.map(Fact::Amount))
					.and("from", event.from);
				context.print(&facts.join(included(&done)))
			},
			Self::ForgetKeys { account } => {
				let account = context.account_or_signer(account.as_deref())?;
				let call = calls.forget_keys(AccountId32(account));
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::oracles::events::KeysForgotten =
					done.event("Oracles.KeysForgotten")?;
				let facts = Facts::new().account("oracle", event.oracle.0).and("keys", event.keys);
				context.print(&facts.join(included(&done)))
			},
			Self::Collect => {
				let call = runtime::transactions().usage().collect();
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::usage::events::Collected = done.event("Usage.Collected")?;
				context.print(&Facts::new().amount("collected", event.amount).join(included(&done)))
			},
			Self::List => context.print(&List(state::oracles(&chain.finalised().await?).await?)),
			Self::Show { account } => {
				let account = context.account_or_signer(account.as_deref())?;
				let at = chain.finalised().await?;
				let Some(oracle) = state::oracle(&at, &account).await? else {
					bail!("{} is not registered as an oracle", keys::address(&account));
				};
				let asks = state::asks(&at, &state::versions(&at).await?).await?;
				let next_batch = state::next_batch(&at, &account).await?;
				let last_batch = match next_batch.checked_sub(1) {
					Some(last) => state::batch(&at, &account, last).await?,
					None => None,
				};
				context.print(&Show {
					asks: asks.into_iter().filter(|ask| ask.oracle == account).collect(),
					credit: state::credit(&at, &account).await.context("its credit")?.to_string(),
					next_batch,
					last_batch,
					oracle,
				})
			},
		}
	}
}

#[derive(Serialize)]
struct List(Vec<state::Oracle>);

impl Report for List {
	fn table(&self) -> Table {
		let rows = self.0.iter().map(|oracle| {
			[
				keys::address(&oracle.account),
				if oracle.active { "yes" } else { "no" }.into(),
				ufr(oracle.bond),
				ufr(oracle.free),
				oracle.endpoint.clone(),
			]
		});
		Table::new(["oracle", "active", "bond", "free", "endpoint"]).rows(rows)
	}
}

#[derive(Serialize)]
struct Show {
	#[serde(flatten)]
	oracle: state::Oracle,
	asks: Vec<state::Ask>,
	credit: String,
	next_batch: BatchNo,
	last_batch: Option<state::Batch>,
}

impl Report for Show {
	fn table(&self) -> Table {
		let oracle = &self.oracle;
		let credit = self.credit.parse().unwrap_or_default();
		let mut facts = Facts::new()
			.account("oracle", oracle.account)
			.and("active", oracle.active)
			.amount("bond", oracle.bond)
			.amount("locked", oracle.locked)
			.amount("free", oracle.free)
			.amount("lockable", oracle.lockable)
			.and("settle_limit", oracle.settle_limit.present.map(Fact::Amount))
			.and("receipt_key", oracle.receipt_key)
			.and("endpoint", oracle.endpoint.as_str())
			.amount("to collect", credit)
			.and("settlements", self.next_batch);
		if let Some(rise) = &oracle.settle_limit.rise {
			facts = facts
				.and("settle limit to come", rise.limit.map(Fact::Amount))
				.and("from block", rise.from);
		}
		if let Some(batch) = &self.last_batch {
			facts = facts
				.and("last settled in block", batch.block)
				.and("last receipts", batch.count)
				.amount("last accepted", batch.accepted_total);
		}
		let asks = self
			.asks
			.iter()
			.map(|ask| [format!("ask for version {}", ask.version), ufr(ask.unit_price)]);
		let unbonding = oracle
			.unbonding
			.iter()
			.map(|part| [format!("free in block {}", part.ready_at), ufr(part.amount)]);
		facts.table().rows(asks).rows(unbonding)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_amount_may_be_none_and_nothing_else() {
		assert_eq!(parse_optional("none"), Ok(None));
		assert_eq!(parse_optional("0"), Ok(Some(0)));
		assert_eq!(parse_optional("1.5"), Ok(Some(1_500_000_000_000)));
		for wrong in ["", "None", "no", "-1", "unlimited"] {
			let error = parse_optional(wrong).unwrap_err();
			assert_eq!(error, AmountError::NotANumber(wrong.into()));
		}
	}
}
