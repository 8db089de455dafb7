//! What a receipt costs the chain: in a batch, and if each had a transaction of its own.

use anyhow::Result;
use codec::Encode;
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::Get,
};
use frame_system::limits::BlockWeights;
use pallet_usage::{Batch as Record, Batches};
use serde_json::{json, Map, Value};
use sp_state_machine::BasicExternalities;
use usufruct_oracle::settle::Batch;
use usufruct_runtime::{AccountId, Runtime, UncheckedExtrinsic, UFR};

use crate::{
	report::{rounded, shown, table, Report},
	settle,
};

/// Receipts in a batch.
const RECEIPTS: [u32; 3] = [100, 10_000, 1_000_000];
/// Channels that share in it, each with a claim: the least there can be, and many.
const CHANNELS: [u32; 2] = [1, 100];

/// Prints how many bytes of the chain a settled receipt takes: its part of the transaction and of
/// what is stored of the batch.
pub fn bytes(report: &mut Report) -> Result<()> {
	let mut rows: Vec<Vec<String>> = RECEIPTS.map(|receipts| vec![shown(receipts.into())]).into();
	for channels in CHANNELS {
		let call = settle::call(settle::claims(channels))?;
		let bytes = settle::transaction(call).encoded_size() + record_bytes();
		let mut figures = Map::new();
		for (receipts, row) in RECEIPTS.into_iter().zip(&mut rows) {
			let each = bytes as f64 / f64::from(receipts);
			row.push(format!("{each:.5}"));
			// Smaller than what other figures are rounded to.
			figures.insert(receipts.to_string(), json!(each));
		}
		let key = match channels {
			1 => "bytes_per_receipt".into(),
			channels => format!("bytes_per_receipt_{channels}_channels"),
		};
		report.set(&key, Value::Object(figures));
	}
	let head = ["receipts a batch", "one channel", "100 channels"].map(String::from);
	let title = format!(
		"Bytes on the chain per settled receipt: the transaction, and {} bytes that stay of the batch",
		record_bytes()
	);
	table(&title, &head, &rows);
	Ok(())
}

/// Bytes that the state keeps of a batch, its key included.
fn record_bytes() -> usize {
	let record = Record {
		root: [0; 32],
		total: 0,
		count: 0,
		accepted_total: 0,
		block: 0,
		claims_hash: [0; 32],
	};
	let key = Batches::<Runtime>::hashed_key_for(AccountId::from([0; 32]), 0u64);
	key.len() + record.encoded_size()
}

/// What a transaction, or several, cost.
struct Cost {
	/// What it takes of a block, in microseconds: the call, the extensions, and what any
	/// transaction takes.
	weight_us: f64,
	bytes: f64,
	/// In UFR, as long as blocks are not full.
	fee: f64,
}

impl Cost {
	fn of(transaction: &UncheckedExtrinsic) -> Self {
		let bytes = u32::try_from(transaction.encoded_size()).unwrap_or(u32::MAX);
		let block = <<Runtime as frame_system::Config>::BlockWeights as Get<BlockWeights>>::get();
		let base = block.get(DispatchClass::Normal).base_extrinsic;
		// The fee depends on how full blocks were, which the empty state says nothing about.
		let (weight, fee) = BasicExternalities::default().execute_with(|| {
			let info = transaction.get_dispatch_info();
			let fee = pallet_transaction_payment::Pallet::<Runtime>::compute_fee(bytes, &info, 0);
			(info.total_weight().saturating_add(base), fee)
		});
		Self {
			weight_us: weight.ref_time() as f64 / 1e6,
			bytes: bytes.into(),
			fee: fee as f64 / UFR as f64,
		}
	}

	/// Of so many of them.
	fn times(&self, count: f64) -> Self {
		Self { weight_us: self.weight_us * count, bytes: self.bytes * count, fee: self.fee * count }
	}
}

/// Prints what the receipts of `batch` cost in one settlement, and what they would have cost if each
/// had been settled by itself.
pub fn alternative(report: &mut Report, batch: Batch) -> Result<()> {
	let (receipts, claims) = (batch.count, batch.claims.len());
	let one = Cost::of(&settle::transaction(settle::call(batch.claims)?));
	let single = Cost::of(&settle::transaction(settle::call(settle::claims(1))?));
	let each = single.times(receipts.into());

	let figures: [(&str, &str, fn(&Cost) -> f64); 3] = [
		("weight, µs", "weight", |cost| cost.weight_us),
		("transactions, bytes", "bytes", |cost| cost.bytes),
		("fees, UFR", "fee", |cost| cost.fee),
	];
	let mut rows = Vec::new();
	let mut ratios = Map::new();
	for (what, key, of) in figures {
		let ratio = of(&each) / of(&one);
		rows.push(vec![what.into(), fine(of(&one)), shown(of(&each)), shown(ratio)]);
		ratios.insert(key.into(), rounded(ratio));
	}
	let head = ["", "one settlement", "one for each", "ratio"].map(String::from);
	let title = format!(
		"{} receipts of {claims} channels, in one transaction and in one for each",
		shown(receipts.into())
	);
	table(&title, &head, &rows);
	let costs = |cost: &Cost| {
		json!({
			"weight_us": rounded(cost.weight_us),
			"bytes": cost.bytes,
			"fee_ufr": cost.fee,
		})
	};
	report.set(
		"one_extrinsic_per_receipt",
		json!({
			"receipts": receipts,
			"claims": claims,
			"one_settlement": costs(&one),
			"one_for_each": costs(&each),
			"ratio": ratios,
		}),
	);
	Ok(())
}

/// As `shown`, with more digits of what is small.
fn fine(number: f64) -> String {
	if number < 1.0 {
		return format!("{number:.5}");
	}
	shown(number)
}
