//! What the commons fund adds to a dividend that is used as credit: it is for use, and nobody takes it
//! out.

use super::*;

/// What the fund has.
const FUND: Balance = 50 * UFR;
const BONUS: Balance = 15 * UFR;

/// A channel of Alice's with 100 UFR of her own and a bonus.
fn channel_with_bonus() -> ChannelId {
	assert_ok!(give(&BOB, &COMMONS, FUND));
	let id = open_with(&ALICE, &OMAR, UFR);
	assert_ok!(credit(id, ESCROW - UFR, BONUS));
	assert_eq!((channel(id).escrow, channel(id).bonus), (ESCROW + BONUS, BONUS));
	assert_eq!((held(&ALICE), fund()), (ESCROW + BONUS, FUND - BONUS));
	id
}

/// What the fund has beyond its existential deposit.
fn fund() -> Balance {
	free(&COMMONS) - ED
}

fn close(channel_id: ChannelId) {
	assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
	System::set_block_number(System::block_number() + WINDOW);
	assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
}

fn agree(id: ChannelId) {
	assert_ok!(dispatch(&OMAR, agreement(id, &key_of(&ALICE))));
}

/// What Alice is left with, and the fund, after her channel is closed for good.
fn left() -> (Balance, Balance) {
	assert_eq!((held(&ALICE), Channels::<Test>::iter().count()), (0, 0));
	(free(&ALICE), fund())
}

#[test]
fn nobody_takes_a_bonus_in_cash() {
	for close in [close, agree] {
		ExtBuilder::default().build_and_execute(|| {
			let channel_id = channel_with_bonus();
			close(channel_id);
			assert_eq!(left(), (ENDOWMENT, FUND));
			let returned = ESCROW + BONUS;
			assert_eq!(last_event(), Event::ChannelClosed { channel_id, returned });
			let back = Event::BonusReturned { channel_id, amount: BONUS };
			System::assert_has_event(back.into());
		});
	}
}

#[test]
fn ones_own_money_is_spent_first() {
	for (spent, of_bonus) in [
		(1, 0),
		(ESCROW - 1, 0),
		(ESCROW, 0),
		(ESCROW + 1, 1),
		(ESCROW + BONUS - 1, BONUS - 1),
		(ESCROW + BONUS, BONUS),
	] {
		for close in [close, agree] {
			ExtBuilder::default().build_and_execute(|| {
				let id = channel_with_bonus();
				assert_ok!(settle(&OMAR, &[claim(id, V0, 3, spent)]));
				assert_eq!(channel(id).bonus, BONUS - of_bonus);
				close(id);
				assert_eq!(left(), (ENDOWMENT - spent + of_bonus, FUND - of_bonus));
			});
		}
	}
}

#[test]
fn a_bonus_that_was_spent_is_not_there_again() {
	ExtBuilder::default().build_and_execute(|| {
		let channel_id = channel_with_bonus();
		assert_ok!(settle(&OMAR, &[claim(channel_id, V0, 3, ESCROW + UFR)]));
		// Neither her own money nor another bonus makes up for it.
		assert_ok!(dispatch(&ALICE, Call::top_up { channel_id, amount: ESCROW }));
		assert_eq!(channel(channel_id).bonus, BONUS - UFR);
		assert_ok!(credit(channel_id, 10 * UFR, 2 * UFR));
		assert_eq!(channel(channel_id).bonus, BONUS + UFR);
		assert_ok!(settle(&OMAR, &[claim(channel_id, V0, 3, ESCROW + 10 * UFR)]));
		assert_eq!(channel(channel_id).bonus, BONUS + UFR);
		agree(channel_id);
		assert_eq!(left(), (ENDOWMENT - 2 * ESCROW - 10 * UFR, FUND - UFR));
	});
}

#[test]
fn paying_oneself_to_get_at_it_costs_more_than_it_brings() {
	// Half of what the dividend, the commons and the validators get: the most that is allowed.
	let split = Split::default();
	let cut = split.dividend + split.commons + split.security;
	let bonus = ESCROW * Balance::from(cut / 2) / Balance::from(PPM);
	for spent in [bonus, ESCROW, ESCROW + bonus / 2, ESCROW + bonus] {
		ExtBuilder::default().build_and_execute(|| {
			assert_ok!(give(&BOB, &COMMONS, FUND));
			// Omar is consumer and oracle, and the model is his own.
			memory::Owners::insert(MODEL, OMAR);
			let id = open_with(&OMAR, &OMAR, UFR);
			assert_ok!(credit(id, ESCROW - UFR, bonus));
			assert_ok!(settle(&OMAR, &[claim(id, V0, 1, spent)]));
			assert_ok!(dispatch(&OMAR, agreement(id, &key_of(&OMAR))));
			assert_ok!(dispatch(&OMAR, Call::collect {}));
			assert!(free(&OMAR) + revenue(V0) < ENDOWMENT);
		});
	}
}

/// What covers `covers` of what the channel is asked for, lodged while it is closing.
fn lodge_and_close(channel_id: ChannelId, covers: Balance) -> Voucher {
	let newest = voucher(channel_id, covers, 3, covers);
	assert_ok!(dispatch(&ALICE, Call::request_close { channel_id }));
	assert_ok!(lodge(newest.clone(), &key_of(&ALICE)));
	System::set_block_number(1 + WINDOW);
	newest
}

#[test]
fn it_makes_no_difference_whether_the_reserve_is_settled_before_the_rest_returns() {
	let finalise = |channel_id| {
		assert_ok!(dispatch(&ALICE, Call::finalise_close { channel_id }));
	};
	// Less than the rest, all of it but the bonus, and more.
	for covers in [UFR, ESCROW - UFR, ESCROW, ESCROW + UFR, ESCROW + BONUS] {
		for settled in [0, 1, covers / 2, covers] {
			let ends = [true, false].map(|returned_first| {
				let mut end = None;
				ExtBuilder::default().build_and_execute(|| {
					let id = channel_with_bonus();
					let newest = lodge_and_close(id, covers);
					if returned_first && covers < ESCROW + BONUS {
						finalise(id);
						assert_eq!(channel(id).escrow, covers);
						assert_ok!(Usage::do_try_state());
					}
					if settled > 0 {
						let newest = Voucher { ack_total: settled, ..newest };
						let signature = sign(&newest, &key_of(&ALICE));
						assert_ok!(settle(&OMAR, &[claim_on(&newest, signature, 3, settled)]));
					}
					System::set_block_number(1 + 2 * WINDOW);
					finalise(id);
					end = Some(left());
				});
				end
			});
			let of_bonus = settled.saturating_sub(ESCROW);
			let expected = (ENDOWMENT - settled + of_bonus, FUND - of_bonus);
			assert_eq!(ends, [Some(expected); 2], "{covers} covered, {settled} settled");
		}
	}
}

#[test]
fn a_freeze_does_not_keep_the_fund_from_what_is_its_own() {
	use frame_support::traits::{LockableCurrency, WithdrawReasons};
	ExtBuilder::default().build_and_execute(|| {
		let id = channel_with_bonus();
		let all = ENDOWMENT + BONUS;
		Balances::set_lock(*b"vesting_", &ALICE, all, WithdrawReasons::all());
		agree(id);
		assert_eq!(left(), (ENDOWMENT, FUND));
	});
}
