//! Accepting contributor rows: with the account's transaction, or with its signature in somebody else's.

use crate::cli::context::{included, Context};
use anyhow::{ensure, Context as _};
use clap::Subcommand;
use usufruct_client::{
	acceptance::{Row, Signature},
	chain::Chain,
	keys,
	output::Facts,
	runtime, state,
};
use usufruct_primitives::VersionId;

#[derive(Subcommand)]
pub enum Command {
	/// Accept a contributor row, so that it can be paid: your own or, with --signature, another's
	Accept {
		/// The version's id
		version: VersionId,
		/// The row's number
		row: u16,
		/// The acceptance of the row's account, as `model sign-acceptance` prints it
		#[arg(long, value_name = "HEX")]
		signature: Option<Signature>,
	},
	/// Sign that you accept a contributor row of yours, for somebody else to bring; nothing is sent
	SignAcceptance {
		/// The version's id
		version: VersionId,
		/// The row's number
		row: u16,
	},
}

impl Command {
	pub async fn run(self, context: &Context, chain: &Chain) -> anyhow::Result<()> {
		match self {
			Self::Accept { version, row, signature } => {
				if let Some(signature) = &signature {
					let of = waiting(chain, version, row).await?;
					ensure!(
						of.is_accepted_by(&chain.genesis(), signature),
						"this is not the signature of {} for row {row} of version {version} on this \
						 chain; it signs with: usufruct model sign-acceptance {version} {row}",
						keys::address(&of.account)
					);
				}
				let calls = runtime::transactions().models();
				let call = calls.accept_row(version, row, signature.map(Into::into));
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::RowAccepted =
					done.event("Models.RowAccepted")?;
				let facts = Facts::new()
					.and("version", event.version)
					.and("row", event.row)
					.account("account", event.account.0);
				context.print(&facts.join(included(&done)))
			},
			Self::SignAcceptance { version, row } => {
				let key = context.signer()?;
				let of = waiting(chain, version, row).await?;
				ensure!(
					of.account == key.public_key().0,
					"row {row} of version {version} is of {}, which has to sign itself",
					keys::address(&of.account)
				);
				let facts = Facts::new()
					.and("version", version)
					.and("row", row)
					.account("account", of.account)
					.and("signature", of.sign(&chain.genesis(), &key).to_string());
				context.print(&facts)
			},
		}
	}
}

/// A row that waits to be accepted.
async fn waiting(chain: &Chain, version: VersionId, row: u16) -> anyhow::Result<Row> {
	let rows = state::contributors(&chain.finalised().await?, version).await?;
	let found = rows.into_iter().find(|it| it.row == row).with_context(|| {
		format!("version {version} has no row {row}; see: usufruct model revenue {version}")
	})?;
	ensure!(!found.accepted, "row {row} of version {version} is accepted already");
	Ok(Row { version, row, account: found.account })
}
