//! `usufruct validator`.

use super::context::{included, Context};
use clap::Subcommand;
use usufruct_client::{output::Facts, runtime, state};

#[derive(Subcommand)]
pub enum Command {
	/// Have a node draw session keys, and set them for the account that signs
	///
	/// The node at --url keeps the keys and signs blocks with them, so it must be the validator's own; it
	/// makes keys only for who asks on its own machine. They work two sessions later, if the account is a
	/// validator. One UFR is on hold for them.
	Keys,
	/// Take your session keys off the chain, to leave; what is on hold for them returns
	///
	/// The node must run two sessions more: until then it is a validator.
	Purge,
	/// What an account has earned as an author of blocks and not withdrawn
	Reward {
		/// The account; otherwise the one that signs
		account: Option<String>,
	},
	/// Withdraw what the account that signs has earned as an author of blocks
	Withdraw,
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		match self {
			Self::Keys => {
				let signer = context.signer()?;
				let account = signer.public_key().0;
				let drawn = chain.draw_session_keys(&account).await?;
				context.progress("the node has drawn keys");
				let drawn_keys = drawn.keys;
				let done = context.submit(&chain, &drawn.set(), &signer).await?;
				let validators = state::validators(&chain.finalised().await?).await?;
				let facts = Facts::new()
					.account("account", account)
					.and("validator", validators.contains(&account))
					.and("babe", drawn_keys.babe)
					.and("grandpa", drawn_keys.grandpa);
				context.print(&facts.join(included(&done)))
			},
			Self::Purge => {
				let signer = context.signer()?;
				let call = runtime::transactions().session().purge_keys();
				let done = context.submit(&chain, &call, &signer).await?;
				let facts = Facts::new().account("account", signer.public_key().0);
				context.print(&facts.join(included(&done)))
			},
			Self::Reward { account } => {
				let account = context.account_or_signer(account.as_deref())?;
				let reward = state::author_reward(&chain.finalised().await?, &account).await?;
				context.print(&Facts::new().account("account", account).amount("reward", reward))
			},
			Self::Withdraw => {
				let call = runtime::transactions().validators().withdraw();
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::validators::events::Withdrawn =
					done.event("Validators.Withdrawn")?;
				let facts = Facts::new()
					.account("account", event.account.0)
					.amount("withdrawn", event.amount);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}
