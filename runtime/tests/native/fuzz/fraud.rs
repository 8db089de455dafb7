//! Reports and demands: against those who deserve them, and against those who do not.

use super::{
	dice::Dice,
	market::{is_virtuous, signed},
	world::{Move, Settled, World},
};
use crate::{
	chain::genesis_hash,
	keys::{account, sign},
};
use pallet_usage::{
	Answer, Call, Evidence, Inquiries, Opening, SettledReceipt, ShownLeaf, SignedReceipt,
};
use usufruct_primitives::{
	usage::{Receipt, Voucher},
	ChannelId,
};
use usufruct_runtime::{AccountId, Runtime};

/// A batch, and one of its leaves: half of the time one that is rotten, if there is any.
fn leaf_of<'a>(world: &'a World, dice: &mut Dice) -> Option<(&'a Settled, usize)> {
	let rotten_only = dice.byte() < 128;
	let leaves = |rotten_only: bool| -> Vec<(&'a Settled, usize)> {
		let all = world.batches.iter().flat_map(|batch| {
			batch.grown.iter().enumerate().map(move |(nth, grown)| (batch, nth, grown.rotten))
		});
		all.filter(|(.., rotten)| *rotten || !rotten_only)
			.map(|(batch, nth, _)| (batch, nth))
			.collect()
	};
	let rotten = leaves(rotten_only);
	let choices = if rotten.is_empty() { leaves(false) } else { rotten };
	dice.pick(&choices).copied()
}

/// How a channel was opened; always said if the channel is forgotten, and else now and then.
fn opening_of(world: &World, id: &ChannelId, dice: &mut Dice) -> Option<Opening> {
	let said = dice.byte() > 127 || !pallet_usage::Channels::<Runtime>::contains_key(id);
	world.lines.iter().find(|line| line.id == *id && said).map(|line| line.opening.clone())
}

fn settled(batch: &Settled, nth: usize) -> SettledReceipt {
	let grown = &batch.grown[nth];
	SettledReceipt { receipt: grown.receipt.clone(), amount: grown.amount, proof: batch.proof(nth) }
}

/// What the oracle signs, or what somebody with its key does.
fn signed_receipt(oracle: &AccountId, receipt: Receipt) -> Option<Evidence> {
	let key = pallet_oracles::Oracles::<Runtime>::get(oracle)?.receipt_key;
	let signature = sign(&key, &receipt.digest(&genesis_hash()))?;
	Some(Evidence::Signed(SignedReceipt { receipt, signature, key }))
}

pub fn report_double(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let reporter = account(dice.below(8));
	let (oracle, first, other, batch) = if dice.byte() < 128 {
		let (batch, nth) = leaf_of(world, dice)?;
		let settled = settled(batch, nth);
		let other = batch.grown[dice.below(batch.grown.len())].receipt.clone();
		let first = Evidence::Settled { batch_no: batch.batch_no, settled };
		(batch.oracle.clone(), first, other, Some(batch))
	} else {
		let line = dice.pick(&world.lines)?;
		let served = dice.pick(&line.served)?.receipt.clone();
		let other = dice.pick(&line.served)?.receipt.clone();
		(line.oracle.clone(), signed_receipt(&line.oracle, served)?, other, None)
	};
	let receipt = match &first {
		Evidence::Signed(signed) => signed.receipt.clone(),
		Evidence::Settled { settled, .. } => settled.receipt.clone(),
	};
	// Either one that it signed anyhow, or a second story.
	let twin = match dice.byte() {
		_ if is_virtuous(&oracle) => other,
		0..=95 => other,
		96..=175 => Receipt { output_commit: [3; 32], ..receipt.clone() },
		_ => Receipt { seq: receipt.seq.saturating_add(1), ..receipt.clone() },
	};
	let claims = batch.map(|batch| batch.claims.clone()).unwrap_or_default();
	let opening = opening_of(world, &receipt.channel_id, dice);
	let told = world.lines.iter().find(|line| line.id == twin.channel_id);
	let truth = told.is_some_and(|line| line.served.iter().any(|served| served.receipt == twin));
	if !truth {
		world.dishonest.insert(oracle.clone());
	}
	let second = signed_receipt(&oracle, twin)?;
	let claims = claims.try_into().ok()?;
	signed(reporter, Call::report_double { oracle, first, second, claims, opening })
}

pub fn report_leaf(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (batch, nth) = leaf_of(world, dice)?;
	let grown = batch.grown[nth].clone();
	let (channel_id, seq) = (grown.receipt.channel_id, grown.receipt.seq);
	let shown = match dice.byte() {
		0..=159 => ShownLeaf::Receipt {
			request: Some(grown.request.clone())
				.filter(|request| request.commit(&genesis_hash()) == grown.receipt.request_commit),
			amount: grown.amount,
			receipt: grown.receipt,
		},
		160..=207 => {
			ShownLeaf::Receipt { request: None, amount: grown.amount, receipt: grown.receipt }
		},
		_ => ShownLeaf::Opaque { channel_id, seq, leaf: grown.leaf() },
	};
	signed(
		account(dice.below(8)),
		Call::report_leaf {
			oracle: batch.oracle.clone(),
			batch_no: batch.batch_no,
			claims: batch.claims.clone().try_into().ok()?,
			shown,
			proof: batch.proof(nth),
			opening: opening_of(world, &channel_id, dice),
		},
	)
}

pub fn report_pair(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (batch, nth) = leaf_of(world, dice)?;
	let next = (nth + 1) % batch.grown.len();
	let (left, right) = (settled(batch, nth), settled(batch, next));
	let channel_id = right.receipt.channel_id;
	signed(
		account(dice.below(8)),
		Call::report_pair {
			oracle: batch.oracle.clone(),
			batch_no: batch.batch_no,
			claims: batch.claims.clone().try_into().ok()?,
			left,
			right,
			opening: opening_of(world, &channel_id, dice),
		},
	)
}

pub fn demand(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (batch, nth) = leaf_of(world, dice)?;
	let receipt = &batch.grown[nth].receipt;
	signed(
		account(dice.below(8)),
		Call::demand {
			oracle: batch.oracle.clone(),
			batch_no: batch.batch_no,
			claims: batch.claims.clone().try_into().ok()?,
			channel_id: receipt.channel_id,
			seq: receipt.seq,
		},
	)
}

/// A demand that is open: oracle, batch, channel and number.
fn open_demand(dice: &mut Dice) -> Option<(AccountId, u64, ChannelId, u64)> {
	let mut open: Vec<_> = Inquiries::<Runtime>::iter()
		.flat_map(|((oracle, batch_no, id), inquiry)| {
			let demands = inquiry.demands.into_iter();
			demands.map(move |demand| (oracle.clone(), batch_no, id, demand.seq))
		})
		.collect();
	open.sort();
	dice.pick(&open).cloned()
}

pub fn answer_demand(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (oracle, batch_no, id, seq) = open_demand(dice)?;
	let same = |batch: &&Settled| batch.oracle == oracle && batch.batch_no == batch_no;
	let batch = world.batches.iter().find(same)?;
	let wanted = |receipt: &Receipt| receipt.channel_id == id && receipt.seq == seq;
	let nth = batch.grown.iter().position(|grown| wanted(&grown.receipt))?;
	let served = world.served(&id, seq)?;
	let voucher: Voucher = served.voucher.clone();
	let answer = Answer {
		receipt: batch.grown[nth].receipt.clone(),
		proof: batch.proof(nth),
		voucher,
		signature: served.signature,
	};
	signed(account(dice.below(8)), Call::answer_demand { oracle, batch_no, answer })
}

pub fn enforce_demand(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (oracle, batch_no, channel_id, seq) = open_demand(dice)?;
	signed(account(dice.below(8)), Call::enforce_demand { oracle, batch_no, channel_id, seq })
}
