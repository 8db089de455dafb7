//! `usufruct statement`.

use super::context::Context;
use anyhow::{bail, Context as _};
use clap::{Args, ValueEnum};
use std::{fs, path::PathBuf};
use usufruct_client::{
	output::{print_text, Format, Report},
	statement::{self, Epochs, Range},
};
use usufruct_primitives::BlockNumber;

/// Every so many blocks it says how far it is.
const PROGRESS_EVERY: u64 = 1_000;

#[derive(Args)]
pub struct Statement {
	/// The account; otherwise the one that signs
	#[arg(long)]
	account: Option<String>,
	/// The first block; otherwise the first whose state the node still has
	#[arg(long, value_name = "BLOCK", conflicts_with = "epochs")]
	from: Option<BlockNumber>,
	/// The last block; otherwise the last that is final
	#[arg(long, value_name = "BLOCK", conflicts_with = "epochs")]
	to: Option<BlockNumber>,
	/// The dividend's epochs A to B, both included
	#[arg(long, value_name = "A..B")]
	epochs: Option<Epochs>,
	/// How to write it; otherwise as --output says
	#[arg(long, value_enum)]
	format: Option<Form>,
	/// Write it to this file instead of standard output
	#[arg(long, value_name = "FILE")]
	out: Option<PathBuf>,
}

/// How to write a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
	/// The entries, for spreadsheets; sums and checks go to standard error
	Csv,
	/// For programs: amounts in planck as decimal strings
	Json,
	/// For people
	Table,
}

impl Statement {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let account = context.account_or_signer(self.account.as_deref())?;
		let range = match self.epochs {
			Some(epochs) => Range::Epochs(epochs),
			None => Range::Blocks { from: self.from, to: self.to },
		};
		let form = self.format.unwrap_or(match context.format() {
			Format::Table => Form::Table,
			Format::Json => Form::Json,
		});

		let chain = context.chain().await?;
		let progress = |done: u64, of: u64| {
			if done.is_multiple_of(PROGRESS_EVERY) {
				context.progress(format_args!("block {done} of {of}"));
			}
		};
		let statement = statement::read(&chain, account, range, progress).await?;

		let text = match form {
			Form::Csv => statement::csv(&statement.entries),
			Form::Json => serde_json::to_string_pretty(&statement)? + "\n",
			Form::Table => statement.table().to_string(),
		};
		match &self.out {
			Some(path) => fs::write(path, text)
				.with_context(|| format!("cannot write the statement to {}", path.display()))?,
			None => print_text(&text)?,
		}
		if form == Form::Csv || self.out.is_some() {
			for line in statement.summary() {
				context.progress(line);
			}
		}
		if !statement.adds_up() {
			bail!("the statement differs from the chain's own totals; see its checks");
		}
		Ok(())
	}
}
