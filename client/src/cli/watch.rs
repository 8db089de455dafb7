//! `usufruct watch`.

use super::context::Context;
use anyhow::Context as _;
use clap::Args;
use std::{fs, path::PathBuf, time::Duration};
use usufruct_client::{
	amount::Amount,
	chain::Chain,
	oracle_api::SignedVoucher,
	output::{print_text, Format},
	watch::run::{Line, Looked, Options, Watch as Watcher, WatchError},
};
use usufruct_primitives::BlockNumber;

/// The pauses after which a node that is gone is tried again: the first, and the longest.
const RECONNECT: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// How often it looks, and what it may do.
#[derive(Args)]
pub struct Watch {
	/// Look once and stop
	#[arg(long)]
	once: bool,
	/// Only say what would be done
	#[arg(long)]
	dry_run: bool,
	/// All that deposits for demands may ever cost, those on hold included; 1 UFR each, and the
	/// oracle's if it answers
	#[arg(long, value_name = "AMOUNT", default_value = "5")]
	max_deposit: Amount,
	/// Demand nothing in a settlement in which the channel paid less
	#[arg(long, value_name = "AMOUNT", default_value = "0")]
	min_stake: Amount,
	/// For how many blocks after a settlement an answer that has not come is waited for before its
	/// receipt is demanded
	#[arg(long, default_value_t = 200, value_name = "BLOCKS")]
	grace: BlockNumber,
	/// Lodge the newest voucher of a channel of yours that is closing, so that its oracle does not lose
	/// what it served
	#[arg(long)]
	checkpoint: bool,
	/// Vouchers that an oracle has given into your care, one usufruct-voucher header in base64 on each
	/// line; the newest of each channel is lodged when the channel is closing. Read anew every time
	#[arg(long, value_name = "FILE")]
	vouchers: Option<PathBuf>,
	/// How many seconds to wait before looking again
	#[arg(long, default_value_t = 6, value_name = "SECONDS")]
	every: u64,
}

impl Watch {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let signer = match self.dry_run {
			true => context.signer().ok(),
			false => Some(context.signer()?),
		};
		let options = Options {
			folder: context.data_dir()?,
			dry_run: self.dry_run,
			max_deposit: self.max_deposit.0,
			min_stake: self.min_stake.0,
			grace: self.grace,
			checkpoint: self.checkpoint,
		};
		let chain = context.chain().await?;
		let genesis = chain.genesis();
		let mut watcher = Watcher::new(options, signer, &chain)?;
		if self.once {
			let (block, looked) = self.look(context, &mut watcher, &chain).await?;
			return print(context, &summary(block, looked));
		}

		let mut connected = Some(chain);
		let (mut pause, longest) = RECONNECT;
		let mut last = None;
		loop {
			let result = match &connected {
				Some(chain) => self.look(context, &mut watcher, chain).await,
				None => match context.chain().await {
					Ok(chain) if chain.genesis() != genesis => {
						anyhow::bail!("the node is on another chain now")
					},
					Ok(chain) => {
						connected = Some(chain);
						continue;
					},
					Err(error) => Err(error),
				},
			};
			match result {
				Ok((block, looked)) => {
					pause = RECONNECT.0;
					if last.as_ref() != Some(&looked) {
						print(context, &summary(block, looked.clone()))?;
						last = Some(looked);
					}
					tokio::time::sleep(Duration::from_secs(self.every)).await;
				},
				Err(error) => {
					// The store in use is not the node's fault.
					if !matches!(error.downcast_ref(), Some(WatchError::Store(_))) {
						connected = None;
					}
					context.progress(format_args!("{error:#}; trying again in {pause:?}"));
					tokio::time::sleep(pause).await;
					pause = (pause * 2).min(longest);
				},
			}
		}
	}

	async fn look(
		&self,
		context: &Context,
		watcher: &mut Watcher,
		chain: &Chain,
	) -> anyhow::Result<(BlockNumber, Looked)> {
		let vouchers = match &self.vouchers {
			Some(path) => {
				let text = fs::read_to_string(path)
					.with_context(|| format!("cannot read {}", path.display()))?;
				read_vouchers(&text)?
			},
			None => Vec::new(),
		};
		let mut failed = Ok(());
		let say = |line: &Line| {
			if failed.is_ok() {
				failed = print(context, line);
			}
		};
		let looked = watcher.round(chain, &vouchers, say).await?;
		failed?;
		Ok(looked)
	}
}

fn summary(block: BlockNumber, looked: Looked) -> Line {
	Line { event: "looked", block, looked: Some(looked), ..Line::default() }
}

/// One line of text, or one JSON object on a line.
fn print(context: &Context, line: &Line) -> anyhow::Result<()> {
	let text = match context.format() {
		Format::Table => line.text(),
		Format::Json => serde_json::to_string(line)?,
	};
	Ok(print_text(&(text + "\n"))?)
}

/// Headers, one a line; empty lines do not count.
fn read_vouchers(text: &str) -> anyhow::Result<Vec<SignedVoucher>> {
	let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
	lines
		.enumerate()
		.map(|(nth, line)| {
			SignedVoucher::from_header(line).with_context(|| format!("voucher {}", nth + 1))
		})
		.collect()
}
