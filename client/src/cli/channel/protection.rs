//! The calls that protect the two sides of a channel from each other, and end it by agreement.

use super::{closed, parse_channel};
use crate::cli::context::{included, Context};
use anyhow::{bail, ensure, Context as _};
use clap::Subcommand;
use ed25519_dalek::Signer;
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf};
use usufruct_client::{
	chain::{Chain, Included, Until},
	channel::{opening::refresh, Keeper},
	decimal, keys,
	oracle_api::{verify_signature, SignedVoucher},
	output::{hex0x, Facts, Report, Table},
	runtime, state,
	watch::{batch::Settled, calls, read},
};
use usufruct_primitives::{
	usage::Closing, AccountBytes, Balance, BatchNo, ChannelId, Seq, Signature,
};

/// For how many blocks an oracle's half of an agreement can be submitted: as many as the chain knows.
const AGREEMENT_BLOCKS: u64 = 4_096;

#[derive(Subcommand)]
pub enum Command {
	/// The newest voucher of a channel, as it stands in its header: for the oracle, or for whoever
	/// watches on its behalf
	Voucher {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
	},
	/// Lodge a voucher, so that its oracle does not lose what it covers when the channel closes
	Checkpoint {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
		/// A usufruct-voucher header in base64; otherwise the newest voucher of this data directory
		#[arg(long, value_name = "BASE64")]
		voucher: Option<String>,
	},
	/// Close a channel at once, because both sides agree that everything is settled. First the
	/// consumer makes its half; then the oracle's account closes with it, or makes its own half, which
	/// anybody can submit
	CloseTogether {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
		/// The consumer's half, as this command printed it; the key that signs is the oracle's account
		#[arg(long, value_name = "FILE")]
		half: Option<PathBuf>,
		/// Only sign the oracle's half, and print both
		#[arg(long, requires = "half")]
		sign_only: bool,
		/// Both halves, as this command printed them; needs no key
		#[arg(long, value_name = "FILE", conflicts_with = "half")]
		submit: Option<PathBuf>,
	},
	/// Replace the key that signs a channel's vouchers by a new one, drawn here
	SetKey {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
	},
	/// Demand that an oracle show a settled receipt, with a deposit that is the oracle's if it does
	Demand {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
		/// The receipt's number
		seq: Seq,
		/// The number of the oracle's settlement; otherwise it is looked for
		#[arg(long)]
		batch: Option<BatchNo>,
		/// The oracle; otherwise as the channel says
		#[arg(long, value_name = "ACCOUNT")]
		oracle: Option<String>,
	},
	/// Have an oracle slashed that did not meet a demand in time; returns the deposit
	Enforce {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
		/// The receipt's number
		seq: Seq,
		/// The number of the oracle's settlement; otherwise it is looked for
		#[arg(long)]
		batch: Option<BatchNo>,
		/// The oracle; otherwise as the channel says
		#[arg(long, value_name = "ACCOUNT")]
		oracle: Option<String>,
	},
}

/// The consumer's half of an agreement to close, and, if it was signed, the oracle's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Agreement {
	/// The chain, in hex.
	genesis: String,
	/// The channel, in hex.
	channel: String,
	/// The last receipt.
	final_seq: Seq,
	/// Its total, in planck.
	#[serde(with = "decimal")]
	final_total: Balance,
	/// The channel key's signature, in hex.
	signature: String,
	/// The oracle's half: its signed transaction, in hex.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	extrinsic: Option<String>,
}

impl Agreement {
	fn read(path: &PathBuf, chain: &Chain, channel: &ChannelId) -> anyhow::Result<Self> {
		let text =
			fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
		let agreement: Self = serde_json::from_str(&text)
			.with_context(|| format!("{} is no agreement to close", path.display()))?;
		ensure!(
			keys::parse_hex_32(&agreement.genesis) == Some(chain.genesis()),
			"the agreement is for another chain"
		);
		ensure!(
			keys::parse_hex_32(&agreement.channel) == Some(*channel),
			"the agreement is for channel {}",
			agreement.channel
		);
		Ok(agreement)
	}

	fn signature(&self) -> anyhow::Result<Signature> {
		let mut signature = [0; 64];
		let text = self.signature.strip_prefix("0x").unwrap_or(&self.signature);
		hex::decode_to_slice(text, &mut signature)
			.context("the signature is not 64 bytes in hex")?;
		Ok(signature)
	}
}

impl Report for Agreement {
	fn table(&self) -> Table {
		let mut facts = Facts::new()
			.and("channel", self.channel.as_str())
			.and("final_seq", self.final_seq)
			.amount("final_total", self.final_total)
			.and("signature", self.signature.as_str());
		if let Some(extrinsic) = &self.extrinsic {
			facts = facts.and("extrinsic", extrinsic.as_str());
		}
		facts.table().note("write it to a file with --output json, for the other side")
	}
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		match self {
			// What is on this disk needs no chain.
			Self::Voucher { channel } => {
				let keeper = context.keeper().await?;
				context.print(&voucher_facts(&newest(&keeper, &channel)?))
			},
			Self::Checkpoint { channel, voucher } => {
				let voucher = match voucher {
					Some(text) => SignedVoucher::from_header(&text)?,
					None => newest(&context.keeper().await?, &channel)?,
				};
				ensure!(
					voucher.voucher.channel_id == channel,
					"the voucher is for channel {}",
					hex0x(voucher.voucher.channel_id)
				);
				let chain = context.chain().await?;
				let call = calls::checkpoint(&voucher);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::usage::events::Checkpointed =
					done.event("Usage.Checkpointed")?;
				let facts = Facts::new()
					.and("channel", channel)
					.amount("covers", event.covers)
					.amount("reserved", event.reserved);
				context.print(&facts.join(included(&done)))
			},
			Self::CloseTogether { channel, half: None, submit: None, .. } => {
				let chain = context.chain().await?;
				let keeper = context.keeper().await?;
				context.print(&agree(&chain, &keeper, &channel).await?)
			},
			Self::CloseTogether { channel, half: Some(path), sign_only, .. } => {
				let chain = context.chain().await?;
				let agreement = Agreement::read(&path, &chain, &channel)?;
				let signature = agreement.signature()?;
				check(&chain, &channel, &agreement, &signature).await?;
				let Agreement { final_seq, final_total, .. } = agreement;
				let usage = runtime::transactions().usage();
				let call = usage.close_together(channel, final_seq, final_total, signature);
				let signer = context.signer()?;
				if sign_only {
					let signed = chain.sign(&call, &signer, AGREEMENT_BLOCKS).await?;
					let extrinsic = Some(hex0x(signed));
					return context.print(&Agreement { extrinsic, ..agreement });
				}
				let done = context.submit(&chain, &call, &signer).await?;
				print_closed(context, &done)
			},
			Self::CloseTogether { channel, submit: Some(path), .. } => {
				let chain = context.chain().await?;
				let agreement = Agreement::read(&path, &chain, &channel)?;
				let extrinsic = agreement.extrinsic.context(
					"the oracle's half is missing; have it signed with --half FILE --sign-only",
				)?;
				let signed = hex::decode(extrinsic.strip_prefix("0x").unwrap_or(&extrinsic))
					.context("the oracle's half is not in hex")?;
				let progress =
					|progress| context.progress(format_args!("Usage.close_together: {progress}"));
				let done = chain.send(signed, context.wait(), progress).await?;
				print_closed(context, &done)
			},
			Self::SetKey { channel } => {
				let chain = context.chain().await?;
				let keeper = context.keeper().await?;
				let record = keeper.channel(&channel)?;
				// What an earlier run left unfinished is taken up here.
				refresh(&chain, &keeper, &record).await?;
				let key = keeper.prepare_key(channel).await?;
				let call = runtime::transactions().usage().set_channel_key(channel, key);
				let signer = context.signer()?;
				// An oracle looks at final keys only.
				let done = context.submit_until(&chain, &call, &signer, Until::Final).await?;
				let event: runtime::usage::events::ChannelKeySet =
					done.event("Usage.ChannelKeySet")?;
				keeper.adopt_key(channel, event.new).await?;
				let facts = Facts::new()
					.and("channel", channel)
					.and("old", event.old)
					.and("new", event.new)
					.and("until", event.until);
				context.print(&facts.join(included(&done)))
			},
			Self::Demand { channel, seq, batch, oracle } => {
				let chain = context.chain().await?;
				let batch = find(context, &chain, &channel, seq, batch, oracle).await?;
				let call = calls::demand(&batch, channel, seq);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::usage::events::Demanded = done.event("Usage.Demanded")?;
				let facts = Facts::new()
					.and("channel", channel)
					.account("oracle", event.oracle.0)
					.and("batch_no", event.batch_no)
					.and("seq", seq)
					.amount("deposit", event.deposit)
					.and("due", event.due);
				context.print(&facts.join(included(&done)))
			},
			Self::Enforce { channel, seq, batch, oracle } => {
				let chain = context.chain().await?;
				let (oracle, batch_no) = match (oracle, batch) {
					(Some(oracle), Some(batch_no)) => (keys::parse_account(&oracle)?, batch_no),
					(oracle, batch) => {
						let found = find(context, &chain, &channel, seq, batch, oracle).await?;
						(found.oracle, found.batch_no)
					},
				};
				let call = calls::enforce_demand(oracle, batch_no, channel, seq);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let returned: runtime::usage::events::DepositReturned =
					done.event("Usage.DepositReturned")?;
				let mut facts = Facts::new()
					.and("channel", channel)
					.account("oracle", oracle)
					.and("batch_no", batch_no)
					.and("seq", seq)
					.amount("deposit", returned.deposit);
				// If the oracle was convicted of something else, there is nothing to convict it of.
				let convicted =
					done.event::<runtime::usage::events::OracleConvicted>("Usage.OracleConvicted");
				if let Ok(event) = convicted {
					facts = facts
						.amount("taken", event.taken)
						.amount("to_consumer", event.to_consumer)
						.amount("to_reporter", event.to_reporter)
						.amount("to_dividend", event.to_dividend);
				}
				context.print(&facts.join(included(&done)))
			},
		}
	}
}

fn newest(keeper: &Keeper, channel: &ChannelId) -> anyhow::Result<SignedVoucher> {
	keeper.channel(channel)?;
	keeper.store().newest_voucher(channel)?.context("nothing was asked on this channel yet")
}

fn voucher_facts(signed: &SignedVoucher) -> Facts {
	let voucher = &signed.voucher;
	Facts::new()
		.and("channel", voucher.channel_id)
		.amount("cap", voucher.cap)
		.and("ack_seq", voucher.ack_seq)
		.amount("ack_total", voucher.ack_total)
		.and("serve_until", voucher.serve_until)
		.and("voucher", signed.to_header())
}

/// The consumer's half: only if what is settled is what was accepted, and nothing is open.
async fn agree(chain: &Chain, keeper: &Keeper, channel: &ChannelId) -> anyhow::Result<Agreement> {
	let record = keeper.channel(channel)?;
	let found = refresh(chain, keeper, &record).await?;
	let record = keeper.channel(channel)?;
	let ledger = keeper.store().ledger(&record)?;
	let head = ledger.head();
	ensure!(
		ledger.open().is_empty(),
		"{} requests on this channel are not answered; ask for them with usufruct infer, or close \
		 it alone",
		ledger.open().len()
	);
	ensure!(
		(found.settled_seq, found.settled_total) == (head.ack_seq, head.ack_total),
		"receipts 1 to {} are settled and 1 to {} are accepted; wait until the oracle has settled",
		found.settled_seq,
		head.ack_seq
	);
	let closing = Closing {
		channel_id: *channel,
		final_seq: found.settled_seq,
		final_total: found.settled_total,
	};
	let signature = record.key().sign(&closing.digest(&chain.genesis())).to_bytes();
	Ok(Agreement {
		genesis: hex0x(chain.genesis()),
		channel: hex0x(channel),
		final_seq: closing.final_seq,
		final_total: closing.final_total,
		signature: hex0x(signature),
		extrinsic: None,
	})
}

/// Whether the consumer's half is good for what is settled.
async fn check(
	chain: &Chain,
	channel: &ChannelId,
	agreement: &Agreement,
	signature: &Signature,
) -> anyhow::Result<()> {
	let found = state::channel(&chain.finalised().await?, channel).await?;
	let found = found.with_context(|| format!("channel {} is not on the chain", hex0x(channel)))?;
	let Agreement { final_seq, final_total, .. } = *agreement;
	ensure!(
		(found.settled_seq, found.settled_total) == (final_seq, final_total),
		"the consumer agreed to {final_seq} receipts, and {} are settled",
		found.settled_seq
	);
	let closing = Closing { channel_id: *channel, final_seq, final_total };
	ensure!(
		verify_signature(&found.key, &closing.digest(&chain.genesis()), signature),
		"the agreement is not signed by the channel's key"
	);
	Ok(())
}

fn print_closed(context: &Context, done: &Included) -> anyhow::Result<()> {
	let event: runtime::usage::events::ChannelClosed = done.event("Usage.ChannelClosed")?;
	context.print(&closed(&event).join(included(done)))
}

/// The settlement that a receipt is in.
async fn find(
	context: &Context,
	chain: &Chain,
	channel: &ChannelId,
	seq: Seq,
	batch_no: Option<BatchNo>,
	oracle: Option<String>,
) -> anyhow::Result<Settled> {
	let at = chain.finalised().await?;
	let oracle: AccountBytes = match oracle {
		Some(oracle) => keys::parse_account(&oracle)?,
		None => match state::channel(&at, channel).await? {
			Some(found) => found.oracle,
			None => context.keeper().await?.channel(channel)?.oracle,
		},
	};
	let found = match batch_no {
		Some(batch_no) => {
			let batch = state::batch(&at, &oracle, batch_no).await?;
			let batch = batch.with_context(|| {
				format!("{} has no settlement {batch_no}", keys::address(&oracle))
			})?;
			read::settlement(chain, &at, oracle, batch_no, &batch).await?
		},
		None => read::find(chain, &at, oracle, channel, seq).await?,
	};
	match found {
		Some(found) => Ok(found),
		None => bail!(
			"receipt {seq} of channel {} is in no settlement of {} that can be challenged",
			hex0x(channel),
			keys::address(&oracle)
		),
	}
}
