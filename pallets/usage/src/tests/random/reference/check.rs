//! All that the reference knows, compared with what the pallet has.

use super::*;

impl Reference {
	/// Compares everything there is.
	pub(in crate::tests::random) fn check(&self) {
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
}
