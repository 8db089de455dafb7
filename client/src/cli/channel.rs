//! `usufruct channel`, and how `usufruct infer` comes by one.

mod protection;

use super::context::{find_model, included, Context};
use anyhow::{bail, Context as _};
use clap::Subcommand;
use serde::Serialize;
use subxt_signer::sr25519::Keypair;
use usufruct_client::{
	amount::{ufr, Amount},
	chain::{Chain, ChainError, Included, Progress},
	channel::{
		bill::UNACKED_REQUESTS,
		ledger::Head,
		opening::{self, Terms},
		ChannelRecord, Keeper,
	},
	keys,
	oracle_api::SignedReceipt,
	output::{hex0x, Facts, Report, Table},
	runtime::{
		self,
		usage::events::{ChannelClosed, EscrowReturned},
	},
	state,
};
use usufruct_primitives::{Balance, ChannelId, Hash, Seq, Status, VersionId};

#[derive(Subcommand)]
pub enum Command {
	/// Open a channel: money for one oracle and one model
	Open {
		/// The oracle's account
		#[arg(long, value_name = "ACCOUNT")]
		oracle: String,
		/// The model's id or name
		#[arg(long)]
		model: String,
		/// What is held for it
		#[arg(long, value_name = "AMOUNT")]
		escrow: Amount,
		/// The most a unit may cost
		#[arg(long, value_name = "AMOUNT")]
		max_unit_price: Amount,
		/// The most that may be unacknowledged, which is what a dishonest oracle can take; otherwise
		/// 16 of the largest requests
		#[arg(long, value_name = "AMOUNT")]
		max_unacked: Option<Amount>,
		/// How many units the largest request has, by which --max-unacked is chosen
		#[arg(long, default_value_t = 1, conflicts_with = "max_unacked")]
		largest_request: u64,
	},
	/// Hold more for a channel
	TopUp {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
		/// How much more
		amount: Amount,
	},
	/// A channel, on chain and in this data directory
	Status {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
	},
	/// The channels of this data directory
	List,
	/// The accepted receipts of a channel, signed by its oracle
	Receipts {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
	},
	#[command(flatten)]
	Protection(protection::Command),
	/// Begin to close a channel; after the closing window the same command gets back what is left
	Close {
		/// The channel's id
		#[arg(value_parser = parse_channel)]
		channel: ChannelId,
	},
}

pub fn parse_channel(text: &str) -> Result<ChannelId, String> {
	keys::parse_hex_32(text).ok_or_else(|| "a channel's id is 32 bytes in hex".into())
}

/// Opens a channel, and says how it goes.
pub async fn open(
	context: &Context,
	chain: &Chain,
	keeper: &Keeper,
	signer: &Keypair,
	terms: Terms,
) -> anyhow::Result<(ChannelRecord, Included)> {
	let say = |progress: Progress| context.progress(format_args!("Usage.open_channel: {progress}"));
	Ok(opening::open(chain, keeper, signer, terms, say).await?)
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		match self {
			Self::Protection(command) => command.run(context).await,
			// What is on this disk needs no chain.
			Self::Receipts { channel } => {
				let keeper = context.keeper().await?;
				keeper.channel(&channel)?;
				let receipts = keeper.store().receipts(&channel)?;
				context.print(&Receipts(receipts.into_iter().map(ReceiptRow::new).collect()))
			},
			Self::Open { oracle, model, escrow, max_unit_price, max_unacked, largest_request } => {
				let chain = context.chain().await?;
				let signer = context.signer()?;
				let keeper = context.keeper().await?;
				let model = find_model(&chain.finalised().await?, &model).await?;
				let max_unacked = match max_unacked {
					Some(amount) => amount.0,
					None => max_unit_price
						.0
						.checked_mul(largest_request.into())
						.and_then(|amount| amount.checked_mul(UNACKED_REQUESTS))
						.context("the largest request costs more than can be written")?,
				};
				let terms = Terms {
					oracle: keys::parse_account(&oracle)?,
					model: model.model,
					escrow: escrow.0,
					max_unit_price: max_unit_price.0,
					max_unacked,
				};
				let (record, done) = open(context, &chain, &keeper, &signer, terms).await?;
				let facts = Facts::new()
					.and("channel", record.channel_id)
					.account("oracle", record.oracle)
					.and("model", record.model)
					.amount("escrow", escrow.0)
					.amount("max_unit_price", max_unit_price.0)
					.amount("max_unacked", max_unacked);
				context.print(&facts.join(included(&done)))
			},
			Self::TopUp { channel, amount } => {
				let chain = context.chain().await?;
				let call = runtime::transactions().usage().top_up(channel, amount.0);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: runtime::usage::events::ToppedUp = done.event("Usage.ToppedUp")?;
				let facts = Facts::new().and("channel", channel).amount("escrow", event.escrow);
				context.print(&facts.join(included(&done)))
			},
			Self::Status { channel } => {
				let chain = context.chain().await?;
				let on_chain = state::channel(&chain.finalised().await?, &channel).await?;
				let keeper = context.keeper().await?;
				let kept = match keeper.store().channel(&channel)? {
					Some(record) => Some(Kept::new(&keeper, &record)?),
					None => None,
				};
				if on_chain.is_none() && kept.is_none() {
					bail!(
						"channel {} is neither on the chain nor in this data directory",
						hex0x(channel)
					);
				}
				context.print(&View { channel_id: hex0x(channel), on_chain, kept })
			},
			Self::List => {
				let chain = context.chain().await?;
				let keeper = context.keeper().await?;
				let at = chain.finalised().await?;
				let mut rows = Vec::new();
				for record in keeper.store().channels()? {
					if record.genesis != chain.genesis() {
						continue;
					}
					rows.push(View {
						channel_id: hex0x(record.channel_id),
						on_chain: state::channel(&at, &record.channel_id).await?,
						kept: Some(Kept::new(&keeper, &record)?),
					});
				}
				context.print(&List(rows))
			},
			Self::Close { channel } => {
				let chain = context.chain().await?;
				let signer = context.signer()?;
				let at = chain.finalised().await?;
				let Some(found) = state::channel(&at, &channel).await? else {
					bail!(
						"channel {} is not on the chain; it may be closed already",
						hex0x(channel)
					);
				};
				let usage = runtime::transactions().usage();
				match found.closes_at {
					None => {
						let call = usage.request_close(channel);
						let done = context.submit(&chain, &call, &signer).await?;
						let event: runtime::usage::events::CloseRequested =
							done.event("Usage.CloseRequested")?;
						let facts = Facts::new()
							.and("channel", channel)
							.and("state", "closing")
							.and("closes_at", event.closes_at);
						context.print(&facts.join(included(&done)))
					},
					Some(closes_at) if at.block_number() < closes_at.into() => bail!(
						"channel {} is closing until block {closes_at}, and it is block {}; close it again then",
						hex0x(channel),
						at.block_number()
					),
					Some(_) => {
						let call = usage.finalise_close(channel);
						let done = context.submit(&chain, &call, &signer).await?;
						let facts = match done.event::<ChannelClosed>("Usage.ChannelClosed") {
							Ok(event) => closed(&event),
							Err(ChainError::NoEvent(_)) => {
								reserved(&done.event::<EscrowReturned>("Usage.EscrowReturned")?)
							},
							Err(error) => return Err(error.into()),
						};
						context.print(&facts.join(included(&done)))
					},
				}
			},
		}
	}
}

/// A channel that is closed for good.
fn closed(event: &ChannelClosed) -> Facts {
	Facts::new()
		.and("channel", event.channel_id)
		.and("state", "closed")
		.amount("returned", event.returned)
}

/// One of which a checkpoint reserves a part for another window, after which it is closed again.
fn reserved(event: &EscrowReturned) -> Facts {
	Facts::new()
		.and("channel", event.channel_id)
		.and("state", "closing")
		.amount("returned", event.returned)
		.amount("reserved", event.reserved)
		.and("closes_at", event.until)
}

/// What this data directory knows of a channel.
#[derive(Serialize)]
struct Kept {
	/// The highest cap ever signed.
	#[serde(with = "usufruct_client::decimal")]
	cap: Balance,
	ack_seq: Seq,
	#[serde(with = "usufruct_client::decimal")]
	ack_total: Balance,
	/// Requests without an accepted receipt.
	open_requests: usize,
	#[serde(with = "usufruct_client::decimal")]
	open_amount: Balance,
	receipts: usize,
	halted: Option<String>,
	evidence: usize,
}

impl Kept {
	fn new(keeper: &Keeper, record: &ChannelRecord) -> anyhow::Result<Self> {
		let store = keeper.store();
		let ledger = store.ledger(record)?;
		let Head { cap, ack_seq, ack_total, halted } = ledger.head().clone();
		Ok(Self {
			cap,
			ack_seq,
			ack_total,
			open_requests: ledger.open().len(),
			open_amount: ledger.open_amount(),
			receipts: store.receipts(&record.channel_id)?.len(),
			halted,
			evidence: store.evidence(&record.channel_id)?.len(),
		})
	}
}

#[derive(Serialize)]
struct View {
	channel_id: String,
	on_chain: Option<state::Channel>,
	kept: Option<Kept>,
}

impl Report for View {
	fn table(&self) -> Table {
		let mut facts = Facts::new().and("channel", self.channel_id.as_str());
		facts = match &self.on_chain {
			Some(channel) => facts
				.and("state", channel.closes_at.map_or("open", |_| "closing"))
				.and("closes_at", channel.closes_at)
				.account("consumer", channel.consumer)
				.account("oracle", channel.oracle)
				.and("model", channel.model)
				.amount("escrow", channel.escrow)
				.amount("max_unit_price", channel.max_unit_price)
				.amount("max_unacked", channel.max_unacked)
				.and("settled receipts", channel.settled_seq)
				.amount("settled", channel.settled_total),
			None => facts.and("state", "not on the chain"),
		};
		if let Some(kept) = &self.kept {
			facts = facts
				.and("accepted receipts", kept.ack_seq)
				.amount("accepted", kept.ack_total)
				.and("open requests", kept.open_requests as u64)
				.amount("open", kept.open_amount)
				.amount("cap", kept.cap);
			if let Some(reason) = &kept.halted {
				facts = facts.and("halted", reason.as_str());
			}
		}
		facts.table()
	}
}

/// An accepted receipt. Hashes are hex.
#[derive(Serialize)]
struct ReceiptRow {
	seq: Seq,
	model_version: VersionId,
	status: Status,
	units: u64,
	#[serde(with = "usufruct_client::decimal")]
	unit_price: Balance,
	#[serde(with = "usufruct_client::decimal")]
	amount: Balance,
	#[serde(with = "usufruct_client::decimal")]
	total: Balance,
	request_commit: String,
	output_commit: String,
	/// Of the request's payloads.
	salt: String,
	started_ms: u64,
	took_ms: u32,
	/// Base64 of body and signature, as it came.
	signed: String,
}

impl ReceiptRow {
	fn new((signed, salt): (SignedReceipt, Hash)) -> Self {
		let header = signed.to_header();
		let receipt = signed.receipt;
		Self {
			seq: receipt.seq,
			model_version: receipt.model_version,
			status: receipt.status,
			units: receipt.units,
			unit_price: receipt.unit_price,
			amount: receipt.amount,
			total: receipt.total,
			request_commit: hex0x(receipt.request_commit),
			output_commit: hex0x(receipt.output_commit),
			salt: hex0x(salt),
			started_ms: receipt.started_ms,
			took_ms: receipt.took_ms,
			signed: header,
		}
	}
}

#[derive(Serialize)]
struct Receipts(Vec<ReceiptRow>);

impl Report for Receipts {
	fn table(&self) -> Table {
		let rows = self.0.iter().map(|row| {
			[
				row.seq.to_string(),
				format!("{:?}", row.status).to_lowercase(),
				row.model_version.to_string(),
				row.units.to_string(),
				ufr(row.amount),
				ufr(row.total),
				row.request_commit.clone(),
			]
		});
		Table::new(["receipt", "status", "version", "units", "amount", "total", "request"])
			.rows(rows)
	}
}

#[derive(Serialize)]
struct List(Vec<View>);

impl Report for List {
	fn table(&self) -> Table {
		let rows = self.0.iter().map(|row| {
			let on_chain = row.on_chain.as_ref();
			let kept = row.kept.as_ref();
			let amount = |amount: Option<Balance>| amount.map_or("-".into(), ufr);
			let state = match on_chain {
				None => "gone",
				Some(channel) if channel.closes_at.is_some() => "closing",
				Some(_) if kept.is_some_and(|kept| kept.halted.is_some()) => "halted",
				Some(_) => "open",
			};
			[
				row.channel_id.clone(),
				state.into(),
				on_chain.map_or("-".into(), |channel| channel.model.to_string()),
				amount(on_chain.map(|channel| channel.escrow)),
				amount(on_chain.map(|channel| channel.settled_total)),
				amount(kept.map(|kept| kept.ack_total)),
			]
		});
		Table::new(["channel", "state", "model", "escrow", "settled", "accepted"]).rows(rows)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, to_value};

	const CHANNEL: ChannelId = [7; 32];

	#[test]
	fn what_a_checkpoint_reserves_is_not_called_returned_and_keeps_the_channel_closing() {
		let event = EscrowReturned { channel_id: CHANNEL, returned: 70, reserved: 30, until: 900 };
		let said = json!({
			"channel": hex0x(CHANNEL),
			"state": "closing",
			"returned": "70",
			"reserved": "30",
			"closes_at": 900,
		});
		assert_eq!(to_value(reserved(&event)).unwrap(), said);
	}

	#[test]
	fn of_a_channel_without_one_all_that_is_left_is_returned() {
		let event = ChannelClosed { channel_id: CHANNEL, returned: 100 };
		let said = json!({ "channel": hex0x(CHANNEL), "state": "closed", "returned": "100" });
		assert_eq!(to_value(closed(&event)).unwrap(), said);
	}
}
