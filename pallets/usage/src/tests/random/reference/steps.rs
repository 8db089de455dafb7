//! What each step does, on both sides.

use super::*;
use usufruct_primitives::traits::OnEpochClose;

impl Reference {
	/// Takes one step on both sides.
	pub(in crate::tests::random) fn step(&mut self, step: &Step) {
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
}
