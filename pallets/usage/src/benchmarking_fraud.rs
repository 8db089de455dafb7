//! Scenes for the benchmarks of fraud proofs and demands: a settled batch as large as there can be,
//! of which the first leaves are known.

use crate::{
	benchmarking::{channel, fund_pots, funded, new_key, oracle, KEY_TYPE},
	Answer, Batch, Batches, Channels, Config, Demand, FormerKey, Inquiries, Inquiry, LeafProof,
	Pallet, SettledReceipt, SubmittedClaim, SubmittedClaims, DEMANDS_OF_CONSUMER, MAX_DEMANDS,
	MAX_FORMER_KEYS,
};
use alloc::vec::Vec;
use codec::Encode;
use frame_benchmarking::account;
use frame_support::BoundedVec;
use frame_system::RawOrigin;
use sp_core::ed25519;
use sp_runtime::AccountId32;
use usufruct_primitives::{
	commitment::Request,
	domain::hash,
	settlement::{claims_hash, Claim, ClaimVoucher},
	submitted::{covering, paid_by, Place},
	traits::{Models, Oracles},
	tree::{Leaf, Node},
	usage::{Receipt, Voucher},
	Balance, ChannelId, Status,
};

/// What there is to prove something about.
pub(crate) struct Scene {
	pub oracle: AccountId32,
	pub consumer: AccountId32,
	/// The key of the consumer's channel.
	pub key: ed25519::Public,
	pub claims: SubmittedClaims,
	/// The first leaf, which keeps every rule but that of its request.
	pub first: SettledReceipt,
	/// The second leaf, which has the number of the first one.
	pub second: SettledReceipt,
	pub request: Request,
}

fn join(left: &Node, right: &Node) -> Node {
	Node {
		hash: hash(&(1u8, left, right).encode()),
		sum: left.sum + right.sum,
		count: left.count + right.count,
	}
}

/// The top of a tree of 2^`depth` leaves that begins with these two, and their siblings. The others
/// need not exist.
fn tree(leaves: [Leaf; 2], depth: u32) -> (Node, [Vec<Node>; 2]) {
	let [left, right] = [Node::of(&leaves[0]), Node::of(&leaves[1])];
	if depth == 0 {
		return (left, [Vec::new(), Vec::new()]);
	}
	let mut top = join(&left, &right);
	let mut siblings = [[right].to_vec(), [left].to_vec()];
	for level in 1..depth {
		let other = Node { hash: [level as u8; 32], sum: 1, count: 1 << level };
		top = join(&top, &other);
		siblings.iter_mut().for_each(|known| known.push(other));
	}
	(top, siblings)
}

/// A batch of 2^`depth` leaves and as many claims, all of one channel.
pub(crate) fn scene<T: Config>(depth: u32, claims: u32) -> Scene {
	fund_pots::<T>();
	let (oracle, consumer, key) = (oracle::<T>(), funded::<T>("consumer", 0), new_key());
	let (channel_id, model_version) = channel::<T>(&consumer, &oracle, &key);
	let terms = T::Models::terms(model_version).expect("the version was just made");
	let unit_price = terms.floor_price.max(1);
	let genesis = Pallet::<T>::genesis_hash();
	let request = Request {
		channel_id,
		request_id: [5; 16],
		model_version,
		input_commit: [6; 32],
		meter: terms.meter,
		max_units: 0,
		unit_price,
	};
	let receipt = Receipt {
		channel_id,
		seq: 1,
		model: terms.model,
		model_version,
		meter: terms.meter,
		status: Status::Served,
		units: 1,
		unit_price,
		amount: unit_price,
		total: unit_price,
		request_commit: request.commit(&genesis),
		output_commit: [8; 32],
		started_ms: 0,
		took_ms: 0,
	};
	let other = Receipt { took_ms: 1, ..receipt.clone() };
	let leaves = [&receipt, &other]
		.map(|receipt| Leaf { digest: receipt.digest(&genesis), amount: receipt.amount });
	let (top, siblings) = tree(leaves, depth);

	let spent = unit_price * 2;
	let claim = |from_seq, to_seq, total_before| Claim {
		channel_id,
		model_version,
		from_seq,
		to_seq,
		total_before,
		total_after: spent,
		voucher: ClaimVoucher {
			cap: 0,
			request_commit: [0; 32],
			ack_seq: 0,
			ack_total: 0,
			serve_until: 0,
			signature: [0; 64],
		},
	};
	let mut all: Vec<_> =
		(1..u64::from(claims)).map(|nth| claim(2 * nth + 1, 2 * nth + 2, spent)).collect();
	all.push(claim(1, 2, 0));
	let batch = Batch {
		root: top.hash,
		total: top.sum,
		count: top.count,
		accepted_total: spent,
		block: Pallet::<T>::now(),
		claims_hash: claims_hash(&all, &[true; 256]),
	};
	assert!(T::Oracles::lock(&oracle, spent).is_ok());
	let claims = all.iter().map(|claim| SubmittedClaim::new(claim, true)).collect::<Vec<_>>();
	let [of_first, of_second] = siblings.map(BoundedVec::truncate_from);
	let settled = |receipt: Receipt, index, siblings| SettledReceipt {
		amount: receipt.amount,
		receipt,
		proof: LeafProof { index, siblings },
	};
	let first = settled(receipt, 0, of_first);
	assert!(batch.check(&leaves[0], &first.proof).is_ok());
	Batches::<T>::insert(&oracle, 0, batch);
	Scene {
		oracle,
		consumer,
		key,
		claims: BoundedVec::truncate_from(claims),
		first,
		second: settled(other, 1, of_second),
		request,
	}
}

/// Another demand, of a receipt that nobody has.
fn other_demand(claims: &[SubmittedClaim], seq: u64, by: &AccountId32) -> Demand {
	let channel_id = claims[0].channel_id;
	let claim = covering(claims, &channel_id, 1).expect("the first receipt is claimed");
	let place = Place::of(claims, claim, 1);
	Demand { seq, by: by.clone(), deposit: 1, due: 0, place }
}

/// As many demands as there can be, but for one of the consumer.
pub(crate) fn full_inquiry<T: Config>(claims: &[SubmittedClaim], channel_id: ChannelId) -> Inquiry {
	let channel = Channels::<T>::get(channel_id).expect("the channel was just opened");
	let others: AccountId32 = account("other", 0, 0);
	let consumer = channel.consumer.clone();
	let demands = (1..MAX_DEMANDS).map(|nth| {
		let by = if nth < DEMANDS_OF_CONSUMER { &consumer } else { &others };
		other_demand(claims, 1_000 + u64::from(nth), by)
	});
	let demands = BoundedVec::truncate_from(demands.collect());
	Inquiry { paid: paid_by(claims, &channel_id), channel, demands }
}

/// Demands the first leaf, among as many other demands as there can be; what the oracle says to it.
pub(crate) fn demanded<T: Config>(scene: &Scene, demander: &AccountId32) -> Answer {
	let receipt = scene.first.receipt.clone();
	let Receipt { channel_id, seq, request_commit, .. } = receipt;
	let by = RawOrigin::Signed(demander.clone()).into();
	let (oracle, claims) = (scene.oracle.clone(), scene.claims.clone());
	assert!(Pallet::<T>::demand(by, oracle, 0, claims, channel_id, seq).is_ok());
	Inquiries::<T>::mutate((&scene.oracle, 0, channel_id), |inquiry| {
		let inquiry = inquiry.as_mut().expect("it was just made");
		let demand = inquiry.demands.pop().expect("it was just made");
		*inquiry = full_inquiry::<T>(&scene.claims, channel_id);
		assert!(inquiry.demands.try_push(demand).is_ok());
	});
	let voucher = Voucher {
		channel_id,
		cap: Balance::MAX,
		request_commit,
		ack_seq: 0,
		ack_total: 0,
		serve_until: 0,
	};
	Inquiries::<T>::mutate((&scene.oracle, 0, channel_id), |inquiry| {
		let channel = &mut inquiry.as_mut().expect("it was just made").channel;
		let former = |_| FormerKey { key: new_key().0, until: 0 };
		let mut keys: Vec<_> = (0..MAX_FORMER_KEYS).map(former).collect();
		if let Some(last) = keys.last_mut() {
			last.key = core::mem::replace(&mut channel.key, new_key().0);
		}
		channel.former_keys = BoundedVec::truncate_from(keys);
	});
	let digest = voucher.digest(&Pallet::<T>::genesis_hash());
	let signature = sp_io::crypto::ed25519_sign(KEY_TYPE, &scene.key, &digest);
	Answer {
		receipt,
		proof: scene.first.proof.clone(),
		voucher,
		signature: signature.expect("the key was just made").0,
	}
}
