//! The rules of this pallet once more, in words as plain as they can be.
//!
//! `steps` is what is done, `settle` what is settled of claims, `concentration` what fees are counted and
//! how they damp, and `check` compares all of it with the pallet.

mod check;
mod concentration;
mod settle;
mod steps;

use super::*;
use concentration::Counted;
use std::collections::{BTreeMap, BTreeSet};

/// A channel as the model sees it.
#[derive(Clone)]
struct Account {
	consumer: AccountId32,
	oracle: AccountId32,
	model: ModelId,
	/// All that is left, and what of it is the fund's.
	escrow: Balance,
	bonus: Balance,
	unacked: Balance,
	seq: u64,
	total: Balance,
	/// The block of the last settlement.
	settled_at: Option<u32>,
	closes_at: Option<u32>,
	closed: bool,
	/// The blocks in which its key was replaced.
	replaced: Vec<u32>,
	/// The voucher that was lodged and covers most, the key that signed it, and what it covers.
	lodged: Option<(Voucher, usize, Balance)>,
}

impl Account {
	/// Whether vouchers of the key after `n` replacements count.
	fn is_valid(&self, n: usize, now: u32) -> bool {
		let present = self.replaced.len();
		n == present || (n + 1 == present && now < self.replaced[n] + 2 * WINDOW)
	}

	/// The key of so many replacements ago, at most the first.
	fn key_before(&self, ago: usize) -> usize {
		self.replaced.len().saturating_sub(ago)
	}

	/// Leaves no more than that in it: first the fund gets its own, then the consumer, who gets what
	/// is returned by this.
	fn take_down_to(&mut self, left: Balance, fund: &mut Balance) -> Balance {
		let returned = self.escrow - left;
		let to_fund = if self.bonus < returned { self.bonus } else { returned };
		*fund += to_fund;
		self.bonus -= to_fund;
		self.escrow = left;
		returned - to_fund
	}

	fn reserved(&self) -> Balance {
		let covers = self.lodged.as_ref().map_or(0, |(_, _, covers)| *covers);
		covers.saturating_sub(self.total).min(self.escrow)
	}

	fn chargeable(&self, voucher: &Voucher) -> Balance {
		voucher.cap.min(voucher.ack_total.checked_add(self.unacked).unwrap_or(Balance::MAX))
	}
}

pub(super) struct Reference {
	now: u32,
	free: BTreeMap<AccountId32, Balance>,
	bonds: BTreeMap<AccountId32, Balance>,
	salts: BTreeMap<AccountId32, u64>,
	batches: BTreeMap<AccountId32, u64>,
	/// The blocks of those that are not swept, the oldest first.
	kept: BTreeMap<AccountId32, Vec<u32>>,
	/// Every channel there ever was, in order.
	channels: Vec<(ChannelId, Account)>,
	weights: [u32; 5],
	next_weights: Option<[u32; 5]>,
	/// What was divided under these weights.
	divided: Balance,
	credit: BTreeMap<AccountId32, Balance>,
	due: [Balance; 3],
	pots: [Balance; 3],
	revenue: BTreeMap<VersionId, Balance>,
	/// What of royalties was divided under these weights.
	royalties: Balance,
	slope: u32,
	listed: BTreeSet<usize>,
	people: BTreeMap<usize, PersonId>,
	epoch: u32,
	/// Every fee ever paid: in which epoch, and whose it is.
	fees: BTreeMap<(u32, Counted), Balance>,
	/// Of whom there is a record, and the epoch of its last fee.
	records: BTreeMap<Counted, u32>,
}

fn share(total: Balance, weight: u32) -> Balance {
	// No history comes near 2^108 planck.
	total * Balance::from(weight) / 1_000_000
}

impl Reference {
	pub(super) fn new() -> Self {
		let everybody = CONSUMERS.into_iter().chain(ORACLES);
		Self {
			now: 1,
			free: everybody.map(|who| (who, ENDOWMENT)).collect(),
			bonds: ORACLES.into_iter().map(|who| (who, BOND)).collect(),
			salts: BTreeMap::new(),
			batches: BTreeMap::new(),
			kept: BTreeMap::new(),
			channels: Vec::new(),
			weights: SPLITS[0],
			next_weights: None,
			divided: 0,
			credit: BTreeMap::new(),
			due: [0; 3],
			pots: [ED; 3],
			revenue: BTreeMap::new(),
			royalties: 0,
			slope: 500_000,
			listed: BTreeSet::new(),
			people: BTreeMap::new(),
			epoch: 0,
			fees: BTreeMap::new(),
			records: BTreeMap::new(),
		}
	}

	fn shares(&self) -> [Balance; 5] {
		self.weights.map(|weight| share(self.divided, weight))
	}

	/// What the same parties are entitled to of royalties; the oracle to nothing.
	fn royalty_shares(&self) -> [Balance; 5] {
		let whole = Balance::from(1_000_000 - self.weights[3]);
		let mut shares = self.weights.map(|weight| self.royalties * Balance::from(weight) / whole);
		shares[3] = 0;
		shares
	}

	fn dust(&self) -> Balance {
		let undivided = |total, shares: [Balance; 5]| total - shares.iter().sum::<Balance>();
		undivided(self.divided, self.shares()) + undivided(self.royalties, self.royalty_shares())
	}

	/// Books what each party is entitled to beyond what it was before, all but the oracle's part,
	/// and counts the fee.
	fn book(
		&mut self,
		version: VersionId,
		amount: Balance,
		before: [Balance; 5],
		after: [Balance; 5],
	) {
		let owner = VERSIONS.iter().find(|(id, _)| *id == version).unwrap().1 as usize;
		for pot in 0..3 {
			self.due[pot] += after[pot] - before[pot];
		}
		let model = after[4] - before[4];
		let damped = (model * Balance::from(self.standing(owner).1)).div_ceil(1_000_000);
		self.due[0] += damped;
		*self.revenue.entry(version).or_default() += model - damped;
		if amount > 0 {
			*self.fees.entry((self.epoch, self.counted(owner))).or_default() += amount;
			self.records.insert(self.counted(owner), self.epoch);
		}
	}

	/// Forgets what of an oracle's batches is over, the oldest first; how many.
	fn sweep(&mut self, oracle: &AccountId32, most: usize) -> usize {
		let kept = self.kept.entry(oracle.clone()).or_default();
		let over = kept.iter().take_while(|block| self.now >= **block + WINDOW).count().min(most);
		kept.drain(..over);
		over
	}

	fn free_mut(&mut self, who: &AccountId32) -> &mut Balance {
		self.free.get_mut(who).unwrap()
	}

	/// Puts money on hold, or says that the consumer has too little.
	fn hold(&mut self, who: &AccountId32, amount: Balance) -> bool {
		let free = self.free_mut(who);
		let enough = *free >= ED && amount <= *free - ED;
		if enough {
			*free -= amount;
		}
		enough
	}

	fn flush(&mut self) -> bool {
		let moved = self.due != [0; 3];
		for pot in 0..3 {
			self.pots[pot] += std::mem::take(&mut self.due[pot]);
		}
		moved
	}

	fn account_mut(&mut self, id: ChannelId) -> &mut Account {
		&mut self.channels.iter_mut().find(|(known, _)| *known == id).unwrap().1
	}

	/// Returns what is in a channel beyond `left`.
	fn give_back(&mut self, id: ChannelId, left: Balance) {
		let mut fund = self.pots[1];
		let account = self.account_mut(id);
		let (consumer, own) = (account.consumer.clone(), account.take_down_to(left, &mut fund));
		self.pots[1] = fund;
		*self.free_mut(&consumer) += own;
	}
}
