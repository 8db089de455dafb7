//! What the runtime charges for a settlement.

use anyhow::{anyhow, Result};
use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use serde_json::Value;
use sp_core::sr25519;
use sp_runtime::MultiSignature;
use usufruct_oracle::settle::Batch;
use usufruct_primitives::settlement::Claim;
use usufruct_runtime::{transaction::extension, AccountId, RuntimeCall, UncheckedExtrinsic};

use crate::report::{rounded, shown, table, Report};

/// From one claim to as many as one settlement takes.
const CLAIMS: [u32; 4] = [1, 10, 100, 256];

/// Prints weight and length of settlements.
pub fn measure(report: &mut Report) -> Result<()> {
	let mut weights = serde_json::Map::new();
	let mut lengths = serde_json::Map::new();
	let mut rows = Vec::new();
	for count in CLAIMS {
		let call = call(claims(count))?;
		// The runtime counts in picoseconds. What the extensions cost, any transaction costs.
		let weight_us = call.get_dispatch_info().call_weight.ref_time() as f64 / 1e6;
		let bytes = transaction(call).encoded_size();
		weights.insert(count.to_string(), rounded(weight_us));
		lengths.insert(count.to_string(), bytes.into());
		rows.push(vec![count.to_string(), shown(weight_us), shown(bytes as f64)]);
	}
	let head = ["claims", "weight, µs", "transaction, bytes"].map(String::from);
	table("usage.settle, as the runtime charges it, whatever the number of receipts", &head, &rows);
	report.set("settle_weight_us", Value::Object(weights));
	report.set("settle_bytes", Value::Object(lengths));
	Ok(())
}

/// So many claims of one receipt each.
pub fn claims(count: u32) -> Vec<Claim> {
	Batch::example(count).claims
}

/// A settlement; what is in its claims makes no difference to weight or length.
pub fn call(claims: Vec<Claim>) -> Result<RuntimeCall> {
	let count = claims.len();
	let claims =
		claims.try_into().map_err(|_| anyhow!("{count} claims do not fit into a settlement"))?;
	let (batch_no, root, total, count) = (0, [0; 32], 0, 0);
	Ok(RuntimeCall::Usage(pallet_usage::Call::settle { batch_no, root, total, count, claims }))
}

/// The call as an account sends it.
pub fn transaction(call: RuntimeCall) -> UncheckedExtrinsic {
	let signature = MultiSignature::Sr25519(sr25519::Signature::from_raw([0; 64]));
	UncheckedExtrinsic::new_signed(call, AccountId::from([0; 32]).into(), signature, extension(0))
}
