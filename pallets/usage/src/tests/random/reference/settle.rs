//! Claims as somebody makes them up, and which of them are accepted and paid.

use super::*;
use usufruct_primitives::settlement::claims_hash;

impl Reference {
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

	pub(super) fn settle(&mut self, oracle: &AccountId32, runs: &[Run]) {
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
}
