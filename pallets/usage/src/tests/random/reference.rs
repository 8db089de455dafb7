//! The rules of this pallet once more, in words as plain as they can be.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use usufruct_primitives::{settlement::claims_hash, traits::OnEpochClose};

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

/// Whose fees are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
	Unlisted,
	Person(PersonId),
	Organisation(usize),
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

	fn counted(&self, owner: usize) -> Counted {
		match self.people.get(&owner) {
			Some(person) => Counted::Person(*person),
			None if self.listed.contains(&owner) => Counted::Organisation(owner),
			None => Counted::Unlisted,
		}
	}

	/// The fees of each owner in the epoch that closed last.
	fn last_fees(&self) -> Vec<(Counted, Balance)> {
		let last = |(epoch, _): &(u32, Counted)| *epoch + 1 == self.epoch;
		let fees = self.fees.iter().filter(|(key, _)| last(key));
		fees.map(|((_, owner), fees)| (*owner, *fees)).collect()
	}

	/// An owner's share of the last epoch's fees and its damping, in parts per million.
	fn standing(&self, owner: usize) -> (u32, u32) {
		let (last, owner) = (self.last_fees(), self.counted(owner));
		let all = last.iter().map(|(_, fees)| fees).sum::<Balance>();
		let own = last.iter().find(|(of, _)| *of == owner).map_or(0, |(_, fees)| *fees);
		if own == 0 {
			return (0, 0);
		}
		let limit = if owner == Counted::Unlisted { 100_000 } else { 200_000 };
		let excess = (own * 1_000_000).saturating_sub(all * limit);
		let damping = excess * Balance::from(self.slope) / (own * 1_000_000);
		let share = own * 1_000_000 / all;
		(share as u32, if all < FLOOR { 0 } else { damping as u32 })
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

	/// Whether a claim is accepted, by the rules of settlement as they are written down.
	fn accepts(&self, oracle: &AccountId32, claim: &Claim, genuine: bool) -> bool {
		let known = self.channels.iter().find(|(id, _)| *id == claim.channel_id);
		let Some((_, channel)) = known.filter(|(_, channel)| !channel.closed) else {
			return false;
		};
		let of_model = VERSIONS.contains(&(claim.model_version, channel.model));
		let voucher = &claim.voucher;
		let unacked = voucher.ack_total.checked_add(channel.unacked).unwrap_or(Balance::MAX);
		let acknowledged = match claim.to_seq.cmp(&voucher.ack_seq) {
			std::cmp::Ordering::Less => claim.total_after <= voucher.ack_total,
			std::cmp::Ordering::Equal => claim.total_after == voucher.ack_total,
			std::cmp::Ordering::Greater => {
				(voucher.ack_total..=unacked).contains(&claim.total_after)
			},
		};
		let amount = claim.total_after - claim.total_before;
		genuine
			&& channel.oracle == *oracle
			&& of_model
			&& claim.from_seq == channel.seq + 1
			&& claim.total_before == channel.total
			&& claim.total_after <= voucher.cap
			&& amount <= channel.escrow
			&& acknowledged
			&& amount + amount / 2 <= self.bonds[oracle]
	}

	fn pay(&mut self, oracle: &AccountId32, claim: &Claim) {
		let amount = claim.total_after - claim.total_before;
		*self.bonds.get_mut(oracle).unwrap() -= amount + amount / 2;
		let known = self.channels.iter_mut().find(|(id, _)| *id == claim.channel_id);
		let (_, channel) = known.unwrap();
		// The consumer's own money goes first.
		let own = channel.escrow - channel.bonus;
		channel.bonus -= amount.saturating_sub(own);
		channel.escrow -= amount;
		(channel.seq, channel.total) = (claim.to_seq, claim.total_after);
		channel.settled_at = Some(self.now);
		let before = self.shares();
		self.divided += amount;
		let after = self.shares();
		*self.credit.entry(oracle.clone()).or_default() += after[3] - before[3];
		self.book(claim.model_version, amount, before, after);
	}

	fn flush(&mut self) -> bool {
		let moved = self.due != [0; 3];
		for pot in 0..3 {
			self.pots[pot] += std::mem::take(&mut self.due[pot]);
		}
		moved
	}

	/// The claim that a run stands for, on top of what was planned in the same batch before, and
	/// whether its voucher is genuine.
	fn plan(
		&self,
		oracle: &AccountId32,
		run: &Run,
		planned: &BTreeMap<ChannelId, (u64, Balance)>,
	) -> Option<(Claim, bool)> {
		let own = |channel: &Account| channel.oracle == *oracle && !channel.closed;
		let candidates: Vec<_> =
			self.channels.iter().filter(|(_, channel)| !run.own || own(channel)).collect();
		let (id, channel) = candidates.get(run.channel % candidates.len().max(1))?;
		let fitting: Vec<_> = VERSIONS.iter().filter(|(_, of)| *of == channel.model).collect();
		let model_version = match run.version {
			Some(nth) => fitting[nth % fitting.len()].0,
			None => [OTHER_V, V1, 99][run.channel % 3],
		};
		let (seq, total) = *planned.get(id).unwrap_or(&(channel.seq, channel.total));
		let (mut from_seq, mut total_before) = (seq + 1, total);
		match run.twist {
			Twist::Gap => from_seq += 1,
			Twist::Replay => (from_seq, total_before) = (1, 0),
			Twist::InflatedBefore => total_before += 1,
			_ => (),
		}
		let (to_seq, total_after) = (from_seq + run.receipts - 1, total_before + run.amount);
		let mut voucher = ClaimVoucher {
			cap: total_after,
			request_commit: [run.channel as u8; 32],
			ack_seq: to_seq.saturating_sub(run.unacked.0),
			ack_total: total_after.saturating_sub(run.unacked.1),
			serve_until: 0,
			signature: [0; 64],
		};
		let lodged = channel.lodged.as_ref().filter(|_| run.twist == Twist::OnLodged);
		match run.twist {
			Twist::CapOneShort => voucher.cap = voucher.cap.saturating_sub(1),
			Twist::AckOneShort => voucher.ack_total = voucher.ack_total.saturating_sub(1),
			Twist::AckOneOver => voucher.ack_total += 1,
			Twist::AckedMoreReceipts => voucher.ack_seq += 2,
			_ => (),
		}
		let mut claim = Claim {
			channel_id: *id,
			model_version,
			from_seq,
			to_seq,
			total_before,
			total_after,
			voucher,
		};
		if let Some((voucher, n, _)) = lodged {
			// All that it accepts, or what the run says where there is nothing of that.
			if voucher.ack_seq >= from_seq && voucher.ack_total >= total_before {
				(claim.to_seq, claim.total_after) = (voucher.ack_seq, voucher.ack_total);
			}
			claim.voucher = ClaimVoucher {
				cap: voucher.cap,
				request_commit: voucher.request_commit,
				ack_seq: voucher.ack_seq,
				ack_total: voucher.ack_total,
				serve_until: voucher.serve_until,
				signature: sign(voucher, &nth_key(&channel.consumer, *n)),
			};
			return Some((claim, true));
		}
		let n = channel.key_before(run.key);
		let key = nth_key(&channel.consumer, n);
		Some(match run.twist {
			// No consumer has replaced a key that often.
			Twist::ForgedVoucher => (signed(claim, &nth_key(&channel.consumer, 99)), false),
			Twist::OtherChain => (signed_on(claim, &key, &[1; 32]), false),
			_ => (signed(claim, &key), channel.is_valid(n, self.now)),
		})
	}

	/// Takes one step on both sides.
	pub(super) fn step(&mut self, step: &Step) {
		let pick = |index: &usize| self.channels.get(index % self.channels.len().max(1)).cloned();
		match step {
			Step::Open { consumer, oracle, model, escrow, unacked, salt } => {
				let (consumer, oracle) = (&CONSUMERS[*consumer], &ORACLES[*oracle]);
				// Sometimes a salt that was used.
				let salt = self.salts.get(consumer).map_or(*salt, |last| last + salt);
				let call = Call::open_channel {
					oracle: oracle.clone(),
					model: *model,
					salt,
					key: key_of(consumer).verifying_key().to_bytes(),
					escrow: *escrow,
					max_unit_price: 1,
					max_unacked: *unacked,
				};
				let unused = self.salts.get(consumer).is_none_or(|last| salt > *last);
				let fine =
					unused && *unacked > 0 && *escrow >= MIN_ESCROW && self.hold(consumer, *escrow);
				assert_eq!(dispatch(consumer, call).is_ok(), fine);
				if fine {
					self.salts.insert(consumer.clone(), salt);
					let account = Account {
						consumer: consumer.clone(),
						oracle: oracle.clone(),
						model: *model,
						escrow: *escrow,
						bonus: 0,
						unacked: *unacked,
						seq: 0,
						total: 0,
						settled_at: None,
						closes_at: None,
						closed: false,
						replaced: Vec::new(),
						lodged: None,
					};
					let id = usage_channel_id(consumer, oracle, *model, salt);
					self.channels.push((id, account));
				}
			},
			Step::TopUp { channel, amount } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let fine = *amount > 0
					&& !known.closed
					&& known.closes_at.is_none()
					&& self.hold(&known.consumer, *amount);
				let call = Call::top_up { channel_id, amount: *amount };
				assert_eq!(dispatch(&known.consumer, call).is_ok(), fine);
				if fine {
					self.account_mut(channel_id).escrow += amount;
				}
			},
			Step::Credit { channel, amount, bonus } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				if known.closed {
					return;
				}
				let bonus = *bonus.min(&(self.pots[1] - ED));
				*self.free_mut(&known.consumer) += bonus;
				let fine = amount + bonus > 0
					&& known.closes_at.is_none()
					&& self.hold(&known.consumer, amount + bonus);
				assert_eq!(credit(channel_id, *amount, bonus).is_ok(), fine);
				if fine {
					self.pots[1] -= bonus;
					let account = self.account_mut(channel_id);
					account.escrow += amount + bonus;
					account.bonus += bonus;
				} else {
					*self.free_mut(&known.consumer) -= bonus;
				}
			},
			Step::Settle { oracle, runs } => self.settle(&ORACLES[*oracle], runs),
			Step::RequestClose { channel, by_consumer } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let who = if *by_consumer { &known.consumer } else { &known.oracle };
				let fine = *who == known.consumer && !known.closed && known.closes_at.is_none();
				assert_eq!(dispatch(who, Call::request_close { channel_id }).is_ok(), fine);
				if fine {
					self.account_mut(channel_id).closes_at = Some(self.now + WINDOW);
				}
			},
			Step::FinaliseClose { channel, by_consumer } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let over = |windows: u32| {
					known.closes_at.is_some_and(|at| self.now >= at + windows * WINDOW)
				};
				let rest = known.reserved();
				let kept = if over(1) { 0 } else { rest };
				let who = if *by_consumer { &known.consumer } else { &CAROL };
				// Only the consumer can forgo to challenge what was settled last.
				let forgets = *who == known.consumer
					|| known.settled_at.is_none_or(|at| self.now >= at + WINDOW);
				let some = if kept == 0 { forgets } else { known.escrow > kept };
				let fine = !known.closed && over(0) && some;
				assert_eq!(dispatch(who, Call::finalise_close { channel_id }).is_ok(), fine);
				if fine {
					self.account_mut(channel_id).closed = kept == 0;
					self.give_back(channel_id, kept);
				}
			},
			Step::ReplaceKey { channel, by_consumer } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let who = if *by_consumer { known.consumer.clone() } else { CAROL };
				let n = known.replaced.len() + 1;
				let key = nth_key(&known.consumer, n).verifying_key().to_bytes();
				// What the old key signed is settled for two windows.
				let rested = known.replaced.last().is_none_or(|at| self.now >= at + 2 * WINDOW);
				let fine =
					!known.closed && who == known.consumer && rested && known.replaced.len() < 4;
				let call = Call::set_channel_key { channel_id, key };
				assert_eq!(dispatch(&who, call).is_ok(), fine);
				if fine {
					let now = self.now;
					self.account_mut(channel_id).replaced.push(now);
				}
			},
			Step::Checkpoint { channel, more, key } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let (cap, ack_seq, ack_total) = more;
				let ack_total = known.total + ack_total;
				let lodged = voucher(channel_id, known.total + cap, known.seq + ack_seq, ack_total);
				let n = known.key_before(*key);
				let covers = known.chargeable(&lodged);
				let before = known.lodged.as_ref().map_or(0, |(_, _, covers)| *covers);
				let fine = !known.closed
					&& known.is_valid(n, self.now)
					&& covers > before
					&& covers > known.total;
				let signed = lodge(lodged.clone(), &nth_key(&known.consumer, n));
				assert_eq!(signed.is_ok(), fine);
				if fine {
					self.account_mut(channel_id).lodged = Some((lodged, n, covers));
				}
			},
			Step::CloseTogether { channel, by_oracle, off, key } => {
				let Some((channel_id, known)) = pick(channel) else { return };
				let who = if *by_oracle { known.oracle.clone() } else { CAROL };
				let n = known.key_before(*key);
				let (final_seq, final_total) = (known.seq + off.0, known.total + off.1);
				let closing = Closing { channel_id, final_seq, final_total };
				let key = nth_key(&known.consumer, n);
				let signature = key.sign(&closing.digest(&GENESIS)).to_bytes();
				let fine =
					!known.closed && *by_oracle && *off == (0, 0) && n == known.replaced.len();
				let call = Call::close_together { channel_id, final_seq, final_total, signature };
				assert_eq!(dispatch(&who, call).is_ok(), fine);
				if fine {
					self.account_mut(channel_id).closed = true;
					self.give_back(channel_id, 0);
				}
			},
			Step::PayRoyalty { payer, version, amount } => {
				let payer = CONSUMERS.iter().chain(&ORACLES).nth(*payer).unwrap();
				let known = VERSIONS.iter().any(|(id, _)| id == version);
				let fine = *amount > 0 && known && self.hold(payer, *amount);
				let memo = Memo::default();
				let call = Call::pay_royalty { version: *version, amount: *amount, memo };
				assert_eq!(dispatch(payer, call).is_ok(), fine);
				if fine {
					let before = self.royalty_shares();
					self.royalties += amount;
					let after = self.royalty_shares();
					self.book(*version, *amount, before, after);
				}
			},
			Step::SetSlope { slope } => {
				assert_ok!(dispatch_root(Call::set_slope { slope: *slope }));
				self.slope = *slope;
			},
			Step::ListOwner { owner, listed } => {
				let account = OWNERS[*owner].clone();
				let call = Call::set_organisation { account, listed: *listed };
				assert_ok!(dispatch_root(call));
				match listed {
					true => self.listed.insert(*owner),
					false => self.listed.remove(owner),
				};
			},
			Step::Verify { owner, person } => {
				memory::Persons::set(&OWNERS[*owner], *person);
				match person {
					Some(person) => self.people.insert(*owner, *person),
					None => self.people.remove(owner),
				};
			},
			Step::Flush => {
				let moved = self.flush();
				assert_eq!(dispatch(&BOB, Call::flush {}).is_ok(), moved);
			},
			Step::Collect { who } => {
				let who = CONSUMERS.iter().chain(&ORACLES).nth(*who).unwrap();
				let due = self.credit.remove(who).unwrap_or(0);
				assert_eq!(dispatch(who, Call::collect {}).is_ok(), due > 0);
				*self.free_mut(who) += due;
			},
			Step::SetSplit { which } => {
				let [dividend, commons, security, oracle, model] = SPLITS[*which];
				let split = Split { dividend, commons, security, oracle, model };
				assert_ok!(dispatch_root(Call::set_split { split }));
				self.next_weights = Some(SPLITS[*which]);
			},
			Step::CloseEpoch => {
				Usage::on_epoch_close(0);
				if let Some(weights) = self.next_weights.take() {
					self.due[0] += self.dust();
					(self.weights, self.divided, self.royalties) = (weights, 0, 0);
				}
				self.epoch += 1;
				self.flush();
			},
			Step::SweepBatches { oracle } => {
				let oracle = ORACLES[*oracle].clone();
				let swept = self.sweep(&oracle, 16);
				let call = Call::sweep_batches { oracle };
				assert_eq!(dispatch(&BOB, call).is_ok(), swept > 0);
			},
			Step::SweepFees { owner } => {
				let counted = owner.map_or(Counted::Unlisted, |owner| self.counted(owner));
				let last = self.records.get(&counted).copied();
				let over = last.is_some_and(|epoch| epoch + 1 < self.epoch);
				let owner = match counted {
					Counted::Unlisted => Owner::Unlisted,
					Counted::Person(person) => Owner::Person(person),
					Counted::Organisation(owner) => Owner::Organisation(OWNERS[owner].clone()),
				};
				assert_eq!(dispatch(&BOB, Call::sweep_fees { owner }).is_ok(), over);
				if over {
					self.records.remove(&counted);
				}
			},
			Step::Pass { blocks } => {
				self.now += blocks;
				System::set_block_number(self.now);
			},
			Step::SetBond { oracle, free } => {
				memory::Bonds::insert(&ORACLES[*oracle], (true, *free));
				self.bonds.insert(ORACLES[*oracle].clone(), *free);
			},
		}
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

	fn settle(&mut self, oracle: &AccountId32, runs: &[Run]) {
		let mut planned = BTreeMap::new();
		let mut claims = Vec::<(Claim, bool)>::new();
		let mut twice = false;
		for run in runs {
			let Some((claim, genuine)) = self.plan(oracle, run, &planned) else { return };
			let meets = |one: &Claim| {
				one.channel_id == claim.channel_id
					&& (one.from_seq..=one.to_seq)
						.any(|seq| (claim.from_seq..=claim.to_seq).contains(&seq))
			};
			if claims.iter().any(|(one, _)| meets(one)) {
				if run.twist != Twist::Replay {
					continue;
				}
				twice = true;
			}
			if run.twist == Twist::None {
				planned.insert(claim.channel_id, (claim.to_seq, claim.total_after));
			}
			claims.push((claim, genuine));
		}
		let plain: Vec<_> = claims.iter().map(|(claim, _)| claim.clone()).collect();
		let batch_no = *self.batches.get(oracle).unwrap_or(&0);
		assert_eq!(OracleBooks::<Test>::get(oracle).next_batch, batch_no);
		let outcome = settle(oracle, &plain);
		if twice {
			assert_eq!(outcome, Err(Error::<Test>::ClaimsOverlap.into()));
			return;
		}

		let divided = self.divided;
		let accepted: Vec<_> = claims
			.iter()
			.map(|(claim, genuine)| {
				let accepted = self.accepts(oracle, claim, *genuine);
				if accepted {
					self.pay(oracle, claim);
				}
				accepted
			})
			.collect();
		assert_eq!(outcome.is_ok(), accepted.contains(&true), "{outcome:?}");
		if outcome.is_err() {
			return;
		}
		self.batches.insert(oracle.clone(), batch_no + 1);
		self.sweep(oracle, 1);
		self.kept.entry(oracle.clone()).or_default().push(self.now);
		let batch = Batches::<Test>::get(oracle, batch_no).unwrap();
		assert_eq!(batch.accepted_total, self.divided - divided);
		assert_eq!(batch.claims_hash, claims_hash(&plain, &accepted));
		let named: Vec<_> = skipped().iter().map(|(index, _)| usize::from(*index)).collect();
		let refused: Vec<_> = (0..accepted.len()).filter(|index| !accepted[*index]).collect();
		assert_eq!(named, refused);
	}

	/// Compares everything there is.
	pub(super) fn check(&self) {
		let mut on_hold = BTreeMap::<_, Balance>::new();
		let mut open = 0;
		for (id, expected) in &self.channels {
			let found = Channels::<Test>::get(id);
			assert_eq!(found.is_none(), expected.closed);
			let Some(found) = found else { continue };
			open += 1;
			assert_eq!((found.escrow, found.bonus), (expected.escrow, expected.bonus));
			assert_eq!((found.settled_seq, found.settled_total), (expected.seq, expected.total));
			assert_eq!(found.settled_at, expected.settled_at.unwrap_or(0));
			let state = match expected.closes_at {
				None => ChannelState::Open,
				Some(closes_at) => ChannelState::Closing { closes_at },
			};
			assert_eq!(found.state, state);
			assert_eq!(found.reserved, expected.reserved());
			let key = nth_key(&expected.consumer, expected.replaced.len());
			assert_eq!(found.key, key.verifying_key().to_bytes());
			*on_hold.entry(&expected.consumer).or_default() += expected.escrow;
		}
		assert_eq!(Channels::<Test>::iter().count(), open);
		for (who, balance) in &self.free {
			assert_eq!(free(who), *balance);
			assert_eq!(held(who), *on_hold.get(who).unwrap_or(&0));
			assert_eq!(OracleBooks::<Test>::get(who).credit, *self.credit.get(who).unwrap_or(&0));
			assert_eq!(LastSalt::<Test>::get(who).as_ref(), self.salts.get(who));
		}
		assert_eq!(FeesByOwner::<Test>::iter().count(), self.records.len());
		for (who, bond) in &self.bonds {
			let blocks = Batches::<Test>::iter_prefix(who)
				.map(|(number, batch)| (number, batch.block))
				.collect::<BTreeMap<_, _>>();
			let kept = self.kept.get(who).cloned().unwrap_or_default();
			assert_eq!(blocks.into_values().collect::<Vec<_>>(), kept);
			assert_eq!(memory::Bonds::get(who).unwrap().1, *bond);
		}
		for (version, _) in VERSIONS {
			assert_eq!(revenue(version), *self.revenue.get(&version).unwrap_or(&0));
		}
		let [dividend, commons, security] = self.due;
		assert_eq!(Books::<Test>::get().due, PotParts { dividend, commons, security });
		assert_eq!([DIVIDEND, COMMONS, SECURITY].map(|pot| free(&pot)), self.pots);
		assert_eq!(free(&MODELS), ED + self.revenue.values().sum::<Balance>());
		let ledger = Books::<Test>::get().settled;
		assert_eq!((ledger.total, ledger.credited), (self.divided, self.shares()));
		assert_eq!(Books::<Test>::get().royalties.total, self.royalties);
		self.check_concentration();
		let owed =
			self.dust() + self.due.iter().sum::<Balance>() + self.credit.values().sum::<Balance>();
		assert_eq!(free(&settlement_account()), ED + owed);

		// All the money there was is still there, and nowhere else.
		let people = self.free.values().sum::<Balance>() + on_hold.values().sum::<Balance>();
		let pots = self.pots.iter().sum::<Balance>() + self.revenue.values().sum::<Balance>();
		assert_eq!(people + pots + ED + ED + owed, Balances::total_issuance());
		assert_eq!(Balances::total_issuance(), 5 * ENDOWMENT + 5 * ED);
		assert_ok!(Usage::do_try_state());
	}
	/// Compares what the views say of the last epoch with every fee that was paid in it.
	fn check_concentration(&self) {
		for (index, owner) in OWNERS.iter().enumerate() {
			let found = (Usage::share(owner.clone()), Usage::damping(owner.clone()));
			assert_eq!(found, self.standing(index));
		}
		let last = self.last_fees();
		let all = last.iter().map(|(_, fees)| fees).sum::<Balance>();
		let squares = last.iter().map(|(_, fees)| fees * fees).sum::<Balance>();
		let index = (squares * 10_000).checked_div(all * all).unwrap_or(0);
		assert_eq!(Balance::from(Usage::herfindahl()), index);
	}
}
