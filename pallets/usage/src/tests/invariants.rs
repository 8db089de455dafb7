//! That each invariant is really checked: a state that breaks it is found.

use super::*;

/// Breaks a sound state and expects the invariant of that number to be named.
fn finds(number: &str, breakage: impl FnOnce(ChannelId)) {
	ExtBuilder::default().build().execute_with(|| {
		let id = settle_some(&ALICE, &OMAR, 10 * UFR + 3);
		assert_ok!(Usage::do_try_state());
		breakage(id);
		match Usage::do_try_state() {
			Err(DispatchError::Other(text)) if text.starts_with(number) => (),
			other => panic!("{number} is not found: {other:?}"),
		}
	});
}

#[test]
fn finds_money_that_is_missing_or_owed_too_often() {
	finds("I1:", |_| {
		give(&settlement_account(), &BOB, 1).unwrap();
	});
	finds("I1:", |_| OracleBooks::<Test>::mutate(OLGA, |book| book.credit = 1));
	finds("I1:", |_| Books::<Test>::mutate(|books| books.due.security += 1));
	finds("I1:", |_| Books::<Test>::mutate(|books| books.due.security = Balance::MAX));
	finds("I2:", |_| OracleBooks::<Test>::insert(OLGA, OracleBook::default()));
}

#[test]
fn finds_escrows_that_are_not_on_hold() {
	let change = |id, change: fn(&mut Channel)| {
		Channels::<Test>::mutate(id, |channel| change(channel.as_mut().unwrap()))
	};
	finds("I3:", |id| change(id, |channel| channel.escrow += 1));
	finds("I3:", Channels::<Test>::remove);
	finds("I3:", |id| {
		let copy = Channel { escrow: Balance::MAX, ..channel(id) };
		Channels::<Test>::insert([1; 32], copy);
	});
	finds("I4:", |id| change(id, |channel| channel.reserved = channel.escrow + 1));
	finds("I4:", |id| change(id, |channel| channel.bonus = channel.escrow + 1));
	finds("I5:", |_| LastSalt::<Test>::remove(ALICE));
	finds("I6:", |id| change(id, |channel| channel.settled_seq = 0));
	finds("I6:", |id| change(id, |channel| channel.settled_at = 0));
	finds("I6:", |id| change(id, |channel| channel.settled_at = 2));
}

#[test]
fn finds_a_ledger_that_does_not_fit_its_weights() {
	let uneven = Split { oracle: 1, ..Split::default() };
	finds("I7:", |_| CurrentSplit::<Test>::put(uneven));
	finds("I7:", |_| NextSplit::<Test>::put(uneven));
	finds("I8:", |_| {
		give(&BOB, &settlement_account(), 5).unwrap();
		Books::<Test>::mutate(|books| books.settled.credited[3] -= 5);
	});
	finds("I9:", |_| {
		Books::<Test>::mutate(|books| {
			books.settled.credited[3] -= 1;
			books.settled.credited[4] += 1;
		})
	});
}

#[test]
fn finds_batches_that_are_missing_or_too_many() {
	let batch = || Batches::<Test>::get(OMAR, 0).unwrap();
	finds("I10:", |_| Batches::<Test>::insert(OMAR, 1, batch()));
	finds("I10:", |_| Batches::<Test>::insert(OLGA, 0, batch()));
	finds("I10:", |_| OracleBooks::<Test>::mutate(OMAR, |book| book.next_batch = 2));
	finds("I10:", |_| OracleBooks::<Test>::mutate(OMAR, |book| book.oldest_batch = 1));
	finds("I10:", |_| Batches::<Test>::insert(OMAR, 0, Batch { block: 2, ..batch() }));
	finds("I10:", |_| {
		System::set_block_number(2);
		OracleBooks::<Test>::mutate(OMAR, |book| book.next_batch = 2);
		Batches::<Test>::insert(OMAR, 1, batch());
		Batches::<Test>::insert(OMAR, 0, Batch { block: 2, ..batch() });
	});
	finds("I11:", |_| {
		Batches::<Test>::insert(OMAR, 0, Batch { accepted_total: Balance::MAX, ..batch() })
	});
	finds("I12:", |_| Batches::<Test>::insert(OMAR, 0, Batch { count: 0, ..batch() }));
}

/// Gives a channel former keys, each with the end of its window.
fn set_former(id: ChannelId, keys: &[([u8; 32], u32)]) {
	let former = keys.iter().map(|(key, until)| FormerKey { key: *key, until: *until });
	let former_keys = former.collect::<Vec<_>>().try_into().unwrap();
	Channels::<Test>::insert(id, Channel { former_keys, ..channel(id) });
}

#[test]
fn finds_channels_that_are_out_of_order() {
	let change = |id, change: fn(&mut Channel)| {
		Channels::<Test>::mutate(id, |channel| change(channel.as_mut().unwrap()))
	};
	finds("I13:", |id| change(id, |channel| channel.reserved = 1));
	finds("I13:", |id| {
		let lodged = Checkpoint { covers: 11 * UFR, voucher: [1; 32] };
		Channels::<Test>::mutate(id, |channel| channel.as_mut().unwrap().checkpoint = Some(lodged))
	});
	finds("I14:", |id| {
		change(id, |channel| channel.state = ChannelState::Closing { closes_at: 2 + WINDOW })
	});
	finds("I14:", |id| {
		set_former(id, &[([1; 32], 2 + 2 * WINDOW)]);
	});
	finds("I15:", |id| set_former(id, &[(channel(id).key, 1)]));
	finds("I15:", |id| set_former(id, &[([1; 32], 0), ([1; 32], 1)]));
	finds("I15:", |id| set_former(id, &[([1; 32], 1), ([2; 32], 0)]));
	finds("I16:", |id| change(id, |channel| channel.settled_total += 1));
	finds("I16:", |id| change(id, |channel| channel.settled_seq += 1));
	finds("I16:", |id| change(id, |channel| channel.oracle = OLGA));
}

#[test]
fn finds_royalties_that_do_not_fit_their_weights() {
	finds("I17:", |_| {
		give(&BOB, &settlement_account(), 4).unwrap();
		Books::<Test>::mutate(|books| books.royalties.total += 4);
	});
	finds("I18:", |_| {
		give(&BOB, &settlement_account(), 3).unwrap();
		Books::<Test>::mutate(|books| books.royalties.total += 3);
	});
}

#[test]
fn finds_fees_that_do_not_add_up() {
	finds("I19:", |_| Books::<Test>::mutate(|books| books.fees.open.total += 1));
	finds("I19:", |_| Books::<Test>::mutate(|books| books.fees.open.squares -= 1.into()));
	finds("I19:", |_| Books::<Test>::mutate(|books| books.fees.last.total += 1));
	finds("I19:", |_| Books::<Test>::mutate(|books| books.fees.epoch += 1));
	finds("I19:", |_| FeesByOwner::<Test>::remove(Owner::Unlisted));
	finds("I20:", |_| FeesByOwner::<Test>::mutate(Owner::Unlisted, |record| record.epoch += 1));
	finds("I21:", |_| Slope::<Test>::put(PPM + 1));
}
