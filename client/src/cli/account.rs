//! `usufruct account`.

use super::context::{included, Context};
use clap::Subcommand;
use subxt::utils::AccountId32;
use usufruct_client::{amount::Amount, keys, output::Facts, runtime};

#[derive(Subcommand)]
pub enum Command {
	/// What an account can spend
	Balance {
		/// The account; otherwise the one that signs
		account: Option<String>,
	},
	/// Send money
	Transfer {
		/// To whom
		to: String,
		/// How much
		amount: Amount,
	},
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		match self {
			Self::Balance { account } => {
				let account = context.account_or_signer(account.as_deref())?;
				let free = chain.free_balance(&account).await?;
				context.print(&Facts::new().account("account", account).amount("free", free))
			},
			Self::Transfer { to, amount } => {
				let to = keys::parse_account(&to)?;
				let call = runtime::transactions()
					.balances()
					.transfer_keep_alive(AccountId32(to).into(), amount.0);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let facts = Facts::new().account("to", to).amount("amount", amount.0);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}
