//! What tests of fraud share: oracles that serve and settle real receipts under real trees, and a
//! prosecutor that knows every leaf.

use super::*;
use usufruct_primitives::{
	commitment::Request,
	settlement::claims_hash,
	tree::{build, prove, Leaf, Node},
	usage::{Receipt, Voucher},
	Meter, Status,
};

/// The price of a unit unless a test says otherwise.
pub(super) const PRICE: Balance = UFR / 100;
/// An account that is no party to anything.
pub(super) const REPORTER: AccountId32 = AccountId32::new([5; 32]);

/// One served request, with all that both sides signed for it.
#[derive(Clone, Debug)]
pub(super) struct Served {
	pub receipt: Receipt,
	pub request: Request,
	pub voucher: Voucher,
	pub signature: [u8; 64],
}

/// A request that is served in full as the next one of its channel.
pub(super) fn serve(id: ChannelId, last: Option<&Receipt>, units: u64) -> Served {
	serve_as(id, last, V0, units, PRICE, Status::Served)
}

pub(super) fn serve_as(
	channel_id: ChannelId,
	last: Option<&Receipt>,
	model_version: VersionId,
	units: u64,
	unit_price: Balance,
	status: Status,
) -> Served {
	let settled = channel(channel_id);
	let (seq, total) =
		last.map_or((settled.settled_seq, settled.settled_total), |last| (last.seq, last.total));
	let mut request_id = [0; 16];
	request_id[..8].copy_from_slice(&(seq + 1).to_le_bytes());
	let request = Request {
		channel_id,
		request_id,
		model_version,
		input_commit: [6; 32],
		meter: Meter::Request,
		max_units: units + 1,
		unit_price,
	};
	let units = if status == Status::Failed { 0 } else { units };
	let amount = Balance::from(units) * unit_price;
	let receipt = Receipt {
		channel_id,
		seq: seq + 1,
		model: settled.model,
		model_version,
		meter: Meter::Request,
		status,
		units,
		unit_price,
		amount,
		total: total + amount,
		request_commit: request.commit(&GENESIS),
		output_commit: [8; 32],
		started_ms: 1_700_000_000_000,
		took_ms: 5,
	};
	let voucher = Voucher {
		channel_id,
		cap: total + request.max_amount().unwrap(),
		request_commit: receipt.request_commit,
		ack_seq: seq,
		ack_total: total,
		serve_until: 1_000,
	};
	let signature = key_of(&settled.consumer).sign(&voucher.digest(&GENESIS)).to_bytes();
	Served { receipt, request, voucher, signature }
}

/// As many requests of one channel, of 1, 2, 3, … units.
pub(super) fn serve_run(id: ChannelId, requests: u64) -> Vec<Served> {
	let mut served = Vec::<Served>::new();
	for units in 1..=requests {
		let last = served.last().map(|last| last.receipt.clone());
		served.push(serve(id, last.as_ref(), units));
	}
	served
}

/// A batch that is not settled yet. An honest one until a test changes it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
	/// Every leaf in order, with the receipt behind it.
	pub leaves: Vec<(Leaf, Receipt)>,
	pub claims: Vec<Claim>,
	pub served: Vec<Served>,
}

pub(super) fn leaf_of(receipt: &Receipt) -> Leaf {
	Leaf { digest: receipt.digest(&GENESIS), amount: receipt.amount }
}

/// The batch of these requests, as it must be.
pub(super) fn draft(served: &[Served]) -> Draft {
	let mut sorted = served.to_vec();
	sorted.sort_by_key(|served| (served.receipt.channel_id, served.receipt.seq));
	let mut claims = Vec::<Claim>::new();
	for Served { receipt, .. } in &sorted {
		match claims.last_mut() {
			Some(claim)
				if claim.channel_id == receipt.channel_id
					&& claim.model_version == receipt.model_version =>
			{
				(claim.to_seq, claim.total_after) = (receipt.seq, receipt.total);
			},
			_ => claims.push(Claim {
				channel_id: receipt.channel_id,
				model_version: receipt.model_version,
				from_seq: receipt.seq,
				to_seq: receipt.seq,
				total_before: receipt.total - receipt.amount,
				total_after: receipt.total,
				voucher: ClaimVoucher {
					cap: 0,
					request_commit: receipt.request_commit,
					ack_seq: 0,
					ack_total: 0,
					serve_until: 0,
					signature: [0; 64],
				},
			}),
		}
	}
	let claims = claims
		.into_iter()
		.map(|claim| {
			let (seq, total) = (claim.to_seq, claim.total_after);
			with_voucher(claim, |voucher| {
				(voucher.cap, voucher.ack_seq, voucher.ack_total) = (total, seq, total);
			})
		})
		.collect();
	let leaves = sorted.iter().map(|one| (leaf_of(&one.receipt), one.receipt.clone())).collect();
	Draft { leaves, claims, served: sorted }
}

impl Draft {
	/// Changes a receipt and its leaf.
	pub fn with_receipt(mut self, index: usize, change: impl FnOnce(&mut Receipt)) -> Self {
		let (leaf, receipt) = &mut self.leaves[index];
		change(receipt);
		*leaf = leaf_of(receipt);
		self
	}

	/// Settles it; at least one claim is accepted.
	pub fn settle(self, oracle: &AccountId32) -> SettledBatch {
		let top = build(&self.tree()).unwrap();
		self.settle_under(oracle, top.hash)
	}

	/// Settles it under a root of which it is not said where it comes from.
	pub fn settle_under(self, oracle: &AccountId32, root: [u8; 32]) -> SettledBatch {
		let batch_no = OracleBooks::<Test>::get(oracle).next_batch;
		let total = self.claims.iter().map(|claim| claim.amount().unwrap()).sum();
		let count = self.claims.iter().map(|claim| claim.count().unwrap()).sum::<u64>() as u32;
		let claims = self.claims.clone().try_into().unwrap();
		let call = Call::settle { batch_no, root, total, count, claims };
		assert_ok!(dispatch(oracle, call));
		let accepted: Vec<_> = self
			.claims
			.iter()
			.map(|claim| {
				Channels::<Test>::get(claim.channel_id)
					.is_some_and(|channel| channel.settled_seq >= claim.to_seq)
			})
			.collect();
		let batch = Batches::<Test>::get(oracle, batch_no).unwrap();
		assert_eq!(batch.claims_hash, claims_hash(&self.claims, &accepted));
		let claims: Vec<_> = self
			.claims
			.iter()
			.zip(accepted)
			.map(|(claim, accepted)| SubmittedClaim::new(claim, accepted))
			.collect();
		SettledBatch { oracle: oracle.clone(), batch_no, claims, draft: self }
	}

	fn tree(&self) -> Vec<Leaf> {
		self.leaves.iter().map(|(leaf, _)| *leaf).collect()
	}
}

/// A batch that is settled, with all that its oracle knows.
#[derive(Clone, Debug)]
pub(super) struct SettledBatch {
	pub oracle: AccountId32,
	pub batch_no: BatchNo,
	pub claims: Vec<SubmittedClaim>,
	pub draft: Draft,
}

impl SettledBatch {
	pub fn claims(&self) -> SubmittedClaims {
		self.claims.clone().try_into().unwrap()
	}

	pub fn receipt(&self, index: usize) -> &Receipt {
		&self.draft.leaves[index].1
	}

	pub fn proof(&self, index: usize) -> LeafProof {
		let proof = prove(&self.draft.tree(), index as u32).unwrap();
		LeafProof { index: proof.index, siblings: proof.siblings.try_into().unwrap() }
	}

	pub fn settled(&self, index: usize) -> SettledReceipt {
		let (leaf, receipt) = &self.draft.leaves[index];
		SettledReceipt { receipt: receipt.clone(), amount: leaf.amount, proof: self.proof(index) }
	}

	pub fn evidence(&self, index: usize) -> Evidence {
		Evidence::Settled { batch_no: self.batch_no, settled: self.settled(index) }
	}

	pub fn shown(&self, index: usize) -> ShownLeaf {
		let SettledReceipt { receipt, amount, .. } = self.settled(index);
		ShownLeaf::Receipt { receipt, amount, request: None }
	}

	/// The same with the request that the receipt is for.
	pub fn shown_with_request(&self, index: usize) -> ShownLeaf {
		let SettledReceipt { receipt, amount, .. } = self.settled(index);
		let asked = |served: &&Served| served.voucher.request_commit == receipt.request_commit;
		let request = self.draft.served.iter().find(asked).map(|served| served.request.clone());
		ShownLeaf::Receipt { receipt, amount, request }
	}

	pub fn report_leaf(&self, index: usize) -> Call<Test> {
		self.report_shown(self.shown(index), self.proof(index))
	}

	pub fn report_shown(&self, shown: ShownLeaf, proof: LeafProof) -> Call<Test> {
		Call::report_leaf {
			oracle: self.oracle.clone(),
			batch_no: self.batch_no,
			claims: self.claims(),
			shown,
			proof,
			opening: None,
		}
	}

	pub fn report_pair(&self, left: usize, right: usize) -> Call<Test> {
		Call::report_pair {
			oracle: self.oracle.clone(),
			batch_no: self.batch_no,
			claims: self.claims(),
			left: self.settled(left),
			right: self.settled(right),
			opening: None,
		}
	}

	pub fn report_double(&self, first: Evidence, second: Evidence) -> Call<Test> {
		Call::report_double {
			oracle: self.oracle.clone(),
			first,
			second,
			claims: self.claims(),
			opening: None,
		}
	}

	/// The demand of a receipt.
	pub fn demand_of(&self, channel_id: ChannelId, seq: u64) -> Call<Test> {
		Call::demand {
			oracle: self.oracle.clone(),
			batch_no: self.batch_no,
			claims: self.claims(),
			channel_id,
			seq,
		}
	}

	pub fn demand(&self, index: usize) -> Call<Test> {
		let receipt = self.receipt(index);
		self.demand_of(receipt.channel_id, receipt.seq)
	}

	/// What the oracle can say to a demand of the receipt at `index`.
	pub fn answer(&self, index: usize) -> Answer {
		let receipt = self.receipt(index).clone();
		let served = &self.draft.served[index];
		Answer {
			receipt,
			proof: self.proof(index),
			voucher: served.voucher.clone(),
			signature: served.signature,
		}
	}

	pub fn answering(&self, answer: Answer) -> Call<Test> {
		Call::answer_demand { oracle: self.oracle.clone(), batch_no: self.batch_no, answer }
	}

	pub fn enforcing(&self, channel_id: ChannelId, seq: u64) -> Call<Test> {
		Call::enforce_demand {
			oracle: self.oracle.clone(),
			batch_no: self.batch_no,
			channel_id,
			seq,
		}
	}

	pub fn enforce(&self, index: usize) -> Call<Test> {
		let receipt = self.receipt(index);
		self.enforcing(receipt.channel_id, receipt.seq)
	}

	pub fn charge(&self) -> Charge {
		Charges::<Test>::get(&self.oracle, self.batch_no)
	}

	/// Does what anybody who knows all leaves, and what else was signed, can do to convict the
	/// oracle; whether it was.
	pub fn prosecute(&self, reporter: &AccountId32, signed: &[SignedReceipt]) -> bool {
		let convicted = |call| dispatch(reporter, call).is_ok();
		let all = 0..self.draft.leaves.len();
		let by_itself = |index: usize| {
			convicted(self.report_leaf(index))
				|| convicted(self.report_shown(self.shown_with_request(index), self.proof(index)))
		};
		if all.clone().any(by_itself)
			|| all.clone().skip(1).any(|index| convicted(self.report_pair(index - 1, index)))
		{
			return true;
		}
		let signed = signed.iter().cloned().map(Evidence::Signed);
		let evidence: Vec<_> = all.map(|index| self.evidence(index)).chain(signed).collect();
		for (index, first) in evidence.iter().enumerate() {
			for second in &evidence[..index] {
				if convicted(self.report_double(first.clone(), second.clone())) {
					return true;
				}
			}
		}
		self.demand_all(reporter)
	}

	/// Demands one receipt after the other, which the oracle answers if it can.
	fn demand_all(&self, by: &AccountId32) -> bool {
		for claim in self.claims.iter().filter(|claim| claim.accepted) {
			for seq in claim.from_seq..=claim.to_seq {
				assert_ok!(dispatch(by, self.demand_of(claim.channel_id, seq)));
				let answered = (0..self.draft.leaves.len()).any(|index| {
					dispatch(&self.oracle, self.answering(self.answer(index))).is_ok()
				});
				if !answered {
					System::set_block_number(System::block_number() + TERM);
					assert_ok!(dispatch(&CAROL, self.enforcing(claim.channel_id, seq)));
					return true;
				}
			}
		}
		false
	}
}

/// The receipt with its oracle's signature.
pub(super) fn signed_by(oracle: &AccountId32, receipt: &Receipt) -> SignedReceipt {
	let key = receipt_key_of(oracle);
	SignedReceipt {
		receipt: receipt.clone(),
		signature: key.sign(&receipt.digest(&GENESIS)).to_bytes(),
		key: key.verifying_key().to_bytes(),
	}
}

/// How Alice's first channel to Omar was opened.
pub(super) fn opening_of_alice() -> Opening {
	Opening { consumer: ALICE, model: MODEL, salt: 0 }
}

/// Alice and Bob have used Omar, who settles what they asked for. Leaves of one of them come first,
/// of whom depends on the ids.
pub(super) fn two_consumers() -> Draft {
	let (hers, his) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
	draft(&[serve_run(hers, 3), serve_run(his, 4)].concat())
}

/// Five requests of Alice.
pub(super) fn one_consumer() -> Draft {
	draft(&serve_run(open(&ALICE, &OMAR), 5))
}

/// What was slashed, in order.
pub(super) fn slashes() -> Vec<Slash> {
	memory::Slashes::get()
}

/// What the oracle was convicted of last.
pub(super) fn verdict() -> Fraud {
	let events = System::events().into_iter().rev();
	events
		.filter_map(|record| match record.event {
			RuntimeEvent::Usage(Event::OracleConvicted { fraud, .. }) => Some(fraud),
			_ => None,
		})
		.next()
		.expect("there was a conviction")
}

/// The reporter, with money for deposits.
pub(super) fn fund_reporter() {
	give(&CAROL, &REPORTER, 100 * UFR).unwrap();
}

/// A proof with one sibling changed.
pub(super) fn with_sibling(
	mut proof: LeafProof,
	nth: usize,
	change: impl FnOnce(&mut Node),
) -> LeafProof {
	change(&mut proof.siblings[nth]);
	proof
}
