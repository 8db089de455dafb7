//! `usufruct keys`.

use super::context::Context;
use clap::{Subcommand, ValueEnum};
use std::{env, path::PathBuf};
use usufruct_client::{
	keys::{self, Key, Scheme, PASSWORD_ENV},
	output::Facts,
};

#[derive(Subcommand)]
pub enum Command {
	/// Draw a key and write it to a new file that only you can read
	Generate {
		/// The file
		file: PathBuf,
		/// What it signs
		#[arg(long, value_enum, default_value_t = SchemeName::Account)]
		kind: SchemeName,
	},
	/// The public part of the key that signs
	Show,
}

/// [`Scheme`], by what it is for.
#[derive(Clone, Copy, ValueEnum)]
pub enum SchemeName {
	/// Transactions (sr25519)
	Account,
	/// Receipts or attestations (ed25519)
	Receipt,
}

impl Command {
	pub fn run(self, context: &Context) -> anyhow::Result<()> {
		let (key, facts) = match self {
			Self::Generate { file, kind } => {
				let scheme = match kind {
					SchemeName::Account => Scheme::Sr25519,
					SchemeName::Receipt => Scheme::Ed25519,
				};
				let key = keys::generate(scheme, &file)?;
				(key, Facts::new().and("file", file.display().to_string()))
			},
			Self::Show => {
				let key = match context.keystore() {
					Some(path) => {
						keys::read_keystore(path, env::var(PASSWORD_ENV).ok().as_deref())?
					},
					None => Key::Account(context.signer()?),
				};
				(key, Facts::new())
			},
		};
		context.print(&match &key {
			Key::Account(pair) => {
				facts.account("account", pair.public_key().0).and("public_key", pair.public_key().0)
			},
			Key::Ed25519(key) => facts.and("public_key", key.verifying_key().to_bytes()),
		})
	}
}
