//! What the runtime charges for fraud proofs, for demands and for answers to these.

use anyhow::{anyhow, Result};
use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use pallet_usage::{
	Answer, Call, Evidence, LeafProof, Opening, SettledReceipt, ShownLeaf, SignedReceipt,
	SubmittedClaim, SubmittedClaims,
};
use serde_json::Value;
use usufruct_primitives::{
	commitment::Request,
	tree::Node,
	usage::{Receipt, Voucher},
	Meter, Status,
};
use usufruct_runtime::{AccountId, Runtime, RuntimeCall};

use crate::{
	report::{rounded, shown, table, Report},
	settle,
};

/// Siblings of a leaf among a million.
const SIBLINGS: usize = 20;
/// Claims of the batch: as many as there can be.
const CLAIMS: usize = 256;

/// Prints weight, proof size and length of each call.
pub fn measure(report: &mut Report) -> Result<()> {
	let mut weights = serde_json::Map::new();
	let mut proofs = serde_json::Map::new();
	let mut lengths = serde_json::Map::new();
	let mut rows = Vec::new();
	for (name, call) in calls()? {
		let call = RuntimeCall::Usage(call);
		let weight = call.get_dispatch_info().call_weight;
		// The runtime counts in picoseconds. What the extensions cost, any transaction costs.
		let weight_us = weight.ref_time() as f64 / 1e6;
		let bytes = settle::transaction(call).encoded_size();
		weights.insert(name.into(), rounded(weight_us));
		proofs.insert(name.into(), weight.proof_size().into());
		lengths.insert(name.into(), bytes.into());
		rows.push(vec![
			name.into(),
			shown(weight_us),
			shown(weight.proof_size() as f64),
			shown(bytes as f64),
		]);
	}
	let head = ["", "weight, µs", "proof size, bytes", "transaction, bytes"].map(String::from);
	let title = format!(
		"Fraud proofs as the runtime charges them: a million receipts in the batch, {CLAIMS} claims"
	);
	table(&title, &head, &rows);
	report.set("fraud_weight_us", Value::Object(weights));
	report.set("fraud_proof_size", Value::Object(proofs));
	report.set("fraud_bytes", Value::Object(lengths));
	Ok(())
}

/// Each call at its dearest; what is in it beyond its size makes no difference.
fn calls() -> Result<[(&'static str, Call<Runtime>); 6]> {
	let (batch_no, channel_id, seq) = (0, [0; 32], 1);
	let account = AccountId::from([0; 32]);
	let oracle = || account.clone();
	let opening = || Some(Opening { consumer: account.clone(), model: 0, salt: 0 });
	let settled = SettledReceipt { receipt: receipt(), amount: 1, proof: proof()? };
	let claims = claims()?;
	let signed = SignedReceipt { receipt: receipt(), signature: [0; 64], key: [0; 32] };
	Ok([
		(
			"report_double",
			// One with a proof and one with a signature, which is verified beside it.
			Call::report_double {
				oracle: oracle(),
				first: Evidence::Settled { batch_no, settled: settled.clone() },
				second: Evidence::Signed(signed),
				claims: claims.clone(),
				opening: opening(),
			},
		),
		(
			"report_leaf",
			Call::report_leaf {
				oracle: oracle(),
				batch_no,
				claims: claims.clone(),
				shown: ShownLeaf::Receipt {
					receipt: receipt(),
					amount: 1,
					request: Some(request()),
				},
				proof: proof()?,
				opening: opening(),
			},
		),
		(
			"report_pair",
			Call::report_pair {
				oracle: oracle(),
				batch_no,
				claims: claims.clone(),
				left: settled.clone(),
				right: settled,
				opening: opening(),
			},
		),
		("demand", Call::demand { oracle: oracle(), batch_no, claims, channel_id, seq }),
		("answer_demand", Call::answer_demand { oracle: oracle(), batch_no, answer: answer()? }),
		("enforce_demand", Call::enforce_demand { oracle: oracle(), batch_no, channel_id, seq }),
	])
}

fn proof() -> Result<LeafProof> {
	let node = Node { hash: [0; 32], sum: 1, count: 1 };
	let siblings = vec![node; SIBLINGS]
		.try_into()
		.map_err(|_| anyhow!("{SIBLINGS} siblings do not fit into a proof"))?;
	Ok(LeafProof { index: 0, siblings })
}

fn claims() -> Result<SubmittedClaims> {
	vec![SubmittedClaim::new(&settle::claims(1)[0], true); CLAIMS]
		.try_into()
		.map_err(|_| anyhow!("{CLAIMS} claims do not fit into a report"))
}

fn receipt() -> Receipt {
	Receipt {
		channel_id: [0; 32],
		seq: 1,
		model: 0,
		model_version: 0,
		meter: Meter::Request,
		status: Status::Served,
		units: 1,
		unit_price: 1,
		amount: 1,
		total: 1,
		request_commit: [0; 32],
		output_commit: [0; 32],
		started_ms: 0,
		took_ms: 0,
	}
}

fn request() -> Request {
	Request {
		channel_id: [0; 32],
		request_id: [0; 16],
		model_version: 0,
		input_commit: [0; 32],
		meter: Meter::Request,
		max_units: 1,
		unit_price: 1,
	}
}

fn answer() -> Result<Answer> {
	let voucher = Voucher {
		channel_id: [0; 32],
		cap: 0,
		request_commit: [0; 32],
		ack_seq: 0,
		ack_total: 0,
		serve_until: 0,
	};
	Ok(Answer { receipt: receipt(), proof: proof()?, voucher, signature: [0; 64] })
}
