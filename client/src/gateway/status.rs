//! What there is to know of a gateway: spending, oracles, channels, receipts.

use super::{
	desk::Gateway,
	error::GatewayError,
	purse::Known,
	rank::Record,
	spend::{Apart, Day},
};
use crate::{
	amount::ufr,
	decimal, keys,
	output::{hex0x, Report, Table},
};
use serde::{Deserialize, Serialize};
use usufruct_primitives::{Balance, BlockNumber, ModelId, Seq, VersionId};

/// How many receipts of each channel are shown.
const RECEIPTS: Seq = 5;

/// All of it. Amounts are planck in decimal strings; ids are hex, accounts addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
	/// The chain.
	pub genesis: String,
	/// The account that opens channels.
	pub account: String,
	/// The finalised block that was seen last.
	pub head: BlockNumber,
	/// How long ago, in seconds; nothing if the chain was never seen.
	pub head_seconds_ago: Option<u64>,
	/// For how many seconds it runs.
	pub up_seconds: u64,
	/// What is spent today, and may be.
	pub spending: Spending,
	/// The same for each model.
	pub models: Vec<ModelStatus>,
	/// What channels hold, in planck.
	#[serde(with = "decimal")]
	pub held_in_channels: Balance,
	/// What they may hold, in planck.
	#[serde(with = "decimal")]
	pub budget: Balance,
	/// How oracles did.
	pub oracles: Vec<OracleStatus>,
	/// The channels.
	pub channels: Vec<ChannelStatus>,
	/// The newest receipts of each channel.
	pub receipts: Vec<ReceiptStatus>,
}

/// Of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spending {
	/// The day, counted from 1 January 1970, UTC, as the chain has it.
	pub day: Day,
	/// What receipts charged.
	#[serde(with = "decimal")]
	pub spent: Balance,
	/// What requests under way may cost.
	#[serde(with = "decimal")]
	pub held: Balance,
	/// The limit.
	#[serde(with = "decimal")]
	pub limit: Balance,
}

/// Of a model, today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelStatus {
	/// Its id.
	pub model: ModelId,
	/// Its name.
	pub name: String,
	/// How many receipts there were.
	pub receipts: u64,
	/// What they charged.
	#[serde(with = "decimal")]
	pub spent: Balance,
	/// What requests under way may cost.
	#[serde(with = "decimal")]
	pub held: Balance,
	/// The model's limit, as a decimal string, if it has one.
	pub limit: Option<String>,
}

/// Of an oracle at a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OracleStatus {
	/// Its account.
	pub oracle: String,
	/// The model.
	pub model: ModelId,
	/// The version that it offers, if it offers any.
	pub version: Option<VersionId>,
	/// What it asks for a unit, as a decimal string of planck.
	pub unit_price: Option<String>,
	/// Where it is.
	pub endpoint: Option<String>,
	/// Whether it waits behind the others because it failed, or is not asked because it lied.
	pub state: String,
	/// Questions that it answered.
	pub answered: u64,
	/// Questions that it did not answer.
	pub failed: u64,
	/// Smoothed time to an answer, in microseconds.
	pub latency_us: u64,
	/// What went wrong last.
	pub last_error: Option<String>,
}

/// Of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelStatus {
	/// Its id.
	pub channel: String,
	/// To whom.
	pub oracle: String,
	/// For which model.
	pub model: ModelId,
	/// `open`, `closing`, `halted`, or `locked`: its key was replaced elsewhere.
	pub state: String,
	/// What it holds.
	#[serde(with = "decimal")]
	pub escrow: Balance,
	/// What further requests can cost.
	#[serde(with = "decimal")]
	pub left: Balance,
	/// Accepted receipts.
	pub receipts: Seq,
	/// Their total.
	#[serde(with = "decimal")]
	pub accepted: Balance,
	/// Requests without an accepted receipt.
	pub open_requests: usize,
	/// What they may cost.
	#[serde(with = "decimal")]
	pub open: Balance,
	/// Receipts that the oracle signed and that are not accepted.
	pub evidence: usize,
}

/// Of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptStatus {
	/// The channel.
	pub channel: String,
	/// Its number.
	pub seq: Seq,
	/// The version that was run.
	pub model_version: VersionId,
	/// Units.
	pub units: u64,
	/// What it charged.
	#[serde(with = "decimal")]
	pub amount: Balance,
	/// How long the model ran, by the oracle's word, in milliseconds.
	pub took_ms: u32,
	/// The request's commitment.
	pub request_commit: String,
}

impl Gateway {
	/// How it stands.
	pub async fn status(&self) -> Result<Status, GatewayError> {
		let (market, seen) = self.market();
		let book = self.spending.book().await?;
		let day = book.day(self.clocks()).unwrap_or_else(|Apart(clocks)| clocks.chain);
		let (spent, held) = book.of_day(day);
		let limits = &self.options.limits;
		let mut of_models = book.models(day);
		of_models.extend(limits.models.keys());
		of_models.sort_unstable();
		of_models.dedup();
		let name = |model: ModelId| {
			let found = market.models.iter().find(|it| it.model == model);
			found.map(|it| it.name.clone()).unwrap_or_default()
		};
		let models = of_models.into_iter().map(|model| {
			let (spent, held) = book.of_model(day, model);
			ModelStatus {
				model,
				name: name(model),
				receipts: spent.receipts,
				spent: spent.amount,
				held,
				limit: limits.models.get(&model).map(ToString::to_string),
			}
		});
		let (mut channels, mut receipts) = (Vec::new(), Vec::new());
		for known in self.purse.channels() {
			channels.push(self.channel_status(&known)?);
			let id = known.record.channel_id;
			let last = channels.last().map_or(0, |it| it.receipts);
			if last == 0 {
				continue;
			}
			let first = last.saturating_sub(RECEIPTS).saturating_add(1);
			self.keeper.store().visit_receipts(&id, first, last, |it| {
				let receipt = it.receipt;
				receipts.push(ReceiptStatus {
					channel: hex0x(id),
					seq: receipt.seq,
					model_version: receipt.model_version,
					units: receipt.units,
					amount: receipt.amount,
					took_ms: receipt.took_ms,
					request_commit: hex0x(receipt.request_commit),
				});
			})?;
		}
		Ok(Status {
			genesis: hex0x(self.chain.genesis()),
			account: keys::address(&self.chain.account()),
			head: market.head,
			head_seconds_ago: seen.map(|at| at.elapsed().as_secs()),
			up_seconds: self.started.elapsed().as_secs(),
			spending: Spending { day, spent, held, limit: limits.day },
			models: models.collect(),
			held_in_channels: self.purse.held(),
			budget: self.purse.budget().total,
			oracles: self.oracle_statuses()?,
			channels,
			receipts,
		})
	}

	fn channel_status(&self, known: &Known) -> Result<ChannelStatus, GatewayError> {
		let Known { record, channel, locked } = known;
		let store = self.keeper.store();
		let ledger = store.ledger(record)?;
		let head = ledger.head();
		Ok(ChannelStatus {
			channel: hex0x(record.channel_id),
			oracle: keys::address(&record.oracle),
			model: record.model,
			state: match (&head.halted, channel.closes_at) {
				(Some(_), _) => "halted",
				(None, Some(_)) => "closing",
				(None, None) if *locked => "locked",
				(None, None) => "open",
			}
			.into(),
			escrow: channel.escrow,
			left: channel.funds().saturating_sub(ledger.promised()),
			receipts: head.ack_seq,
			accepted: head.ack_total,
			open_requests: ledger.open().len(),
			open: ledger.open_amount(),
			evidence: store.evidence(&record.channel_id)?.len(),
		})
	}

	fn oracle_statuses(&self) -> Result<Vec<OracleStatus>, GatewayError> {
		let (market, _) = self.market();
		let mut records = self.oracles();
		for offer in &market.offers {
			records.entry((offer.oracle, offer.model)).or_default();
		}
		let now = std::time::Instant::now();
		let mut statuses = Vec::with_capacity(records.len());
		for ((oracle, model), record) in records {
			let offers = market.offers.iter().filter(|it| it.oracle == oracle && it.model == model);
			let newest = offers.max_by_key(|it| it.target.model_version);
			let (_, pause) = self.record(&(oracle, model));
			let state = match (self.purse.lied(&oracle)?, newest.is_some(), pause.over(now)) {
				(true, _, _) => "lied",
				(false, false, _) => "offers nothing",
				(false, true, false) => "failed just now",
				(false, true, true) => "ready",
			};
			let Record { answered, failed, latency_us, last_error, .. } = record;
			statuses.push(OracleStatus {
				oracle: keys::address(&oracle),
				model,
				version: newest.map(|it| it.target.model_version),
				unit_price: newest.map(|it| it.target.unit_price.to_string()),
				endpoint: newest.map(|it| it.target.endpoint.clone()),
				state: state.into(),
				answered,
				failed,
				latency_us,
				last_error,
			});
		}
		Ok(statuses)
	}
}

/// An amount written as a decimal string.
fn written(amount: Option<&String>) -> String {
	amount.and_then(|it| it.parse().ok()).map_or("-".into(), ufr)
}

impl Report for Status {
	fn table(&self) -> Table {
		let Spending { spent, held, limit, .. } = self.spending;
		let head = match self.head_seconds_ago {
			Some(ago) => format!("block {}, seen {ago} s ago", self.head),
			None => "no block seen yet".into(),
		};
		let oracles = self.oracles.iter().map(|it| {
			[
				it.oracle.clone(),
				it.model.to_string(),
				written(it.unit_price.as_ref()),
				it.state.clone(),
				it.answered.to_string(),
				it.failed.to_string(),
				match it.latency_us {
					0 => "-".into(),
					us => format!("{}.{} ms", us / 1_000, us % 1_000 / 100),
				},
			]
		});
		let mut table =
			Table::new(["oracle", "model", "price", "state", "answered", "failed", "latency"])
				.rows(oracles)
				.note("")
				.note(format!("{head}; up for {} s", self.up_seconds))
				.note(format!(
					"today: {} spent and {} held of {}",
					ufr(spent),
					ufr(held),
					ufr(limit)
				));
		for it in &self.models {
			table = table.note(format!(
				"  model {} {}: {} spent on {} receipts, {} held of {}",
				it.model,
				it.name,
				ufr(it.spent),
				it.receipts,
				ufr(it.held),
				match &it.limit {
					Some(limit) => written(Some(limit)),
					None => "no limit of its own".into(),
				}
			));
		}
		table = table.note(format!(
			"channels hold {} of {}",
			ufr(self.held_in_channels),
			ufr(self.budget)
		));
		for it in &self.channels {
			let id = it.channel.get(..18).unwrap_or(&it.channel);
			table = table.note(format!(
				"  {id}… to {}: {}, {} left of {}, {} receipts over {}, {} requests open",
				it.oracle,
				it.state,
				ufr(it.left),
				ufr(it.escrow),
				it.receipts,
				ufr(it.accepted),
				it.open_requests
			));
		}
		for it in &self.receipts {
			let id = it.channel.get(..18).unwrap_or(&it.channel);
			table = table.note(format!(
				"  {id}… receipt {}: version {}, {} units, {}, ran {} ms",
				it.seq,
				it.model_version,
				it.units,
				ufr(it.amount),
				it.took_ms
			));
		}
		table
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_primitives::UFR;

	fn oracle() -> OracleStatus {
		OracleStatus {
			oracle: "5Asked".into(),
			model: 4,
			version: Some(6),
			unit_price: Some((UFR / 2).to_string()),
			endpoint: Some("http://127.0.0.1:1".into()),
			state: "ready".into(),
			answered: 12,
			failed: 1,
			latency_us: 12_345,
			last_error: None,
		}
	}

	fn status() -> Status {
		let channel = hex0x([0x11u8; 32]);
		Status {
			genesis: hex0x([1u8; 32]),
			account: "5Account".into(),
			head: 50,
			head_seconds_ago: Some(3),
			up_seconds: 60,
			spending: Spending { day: 1_000, spent: 6 * UFR, held: UFR / 2, limit: 20 * UFR },
			models: vec![ModelStatus {
				model: 4,
				name: "adder".into(),
				receipts: 12,
				spent: 6 * UFR,
				held: UFR / 2,
				limit: Some((8 * UFR).to_string()),
			}],
			held_in_channels: 10 * UFR,
			budget: 30 * UFR,
			oracles: vec![
				oracle(),
				OracleStatus { oracle: "5New".into(), answered: 0, latency_us: 0, ..oracle() },
			],
			channels: vec![ChannelStatus {
				channel: channel.clone(),
				oracle: "5Asked".into(),
				model: 4,
				state: "open".into(),
				escrow: 10 * UFR,
				left: 7 * UFR / 2,
				receipts: 12,
				accepted: 6 * UFR,
				open_requests: 1,
				open: UFR / 2,
				evidence: 0,
			}],
			receipts: vec![ReceiptStatus {
				channel,
				seq: 12,
				model_version: 6,
				units: 2,
				amount: UFR,
				took_ms: 8,
				request_commit: hex0x([2u8; 32]),
			}],
		}
	}

	#[test]
	fn people_see_spending_latency_channels_and_receipts() {
		let shown = status().table().to_string();
		let row = |oracle: &str| {
			let line = shown.lines().find(|it| it.starts_with(oracle)).unwrap();
			line.split_whitespace().collect::<Vec<_>>().join(" ")
		};
		assert_eq!(row("oracle"), "oracle model price state answered failed latency");
		assert_eq!(row("5Asked"), "5Asked 4 0.5 UFR ready 12 1 12.3 ms");
		assert_eq!(row("5New"), "5New 4 0.5 UFR ready 0 1 -", "it never answered");
		for line in [
			"block 50, seen 3 s ago; up for 60 s",
			"today: 6 UFR spent and 0.5 UFR held of 20 UFR",
			"  model 4 adder: 6 UFR spent on 12 receipts, 0.5 UFR held of 8 UFR",
			"channels hold 10 UFR of 30 UFR",
			"  0x1111111111111111… to 5Asked: open, 3.5 UFR left of 10 UFR, 12 receipts over 6 UFR, \
			 1 requests open",
			"  0x1111111111111111… receipt 12: version 6, 2 units, 1 UFR, ran 8 ms",
		] {
			assert!(shown.lines().any(|it| it == line), "{line} is not in\n{shown}");
		}
	}
}
