//! `try_state` notices each way in which the state can be wrong.

use super::*;

/// Changes a state in which everything occurs and expects this to be noticed.
fn noticed(change: impl FnOnce(), invariant: &'static str) {
	ExtBuilder::default().build().execute_with(|| {
		let alice = Register::admit(ALICE);
		Register::admit(BOB);
		go_to(TERM);
		close_with(20_000);
		Register::admit(CAROL);
		assert_ok!(Dividend::renew(alice));
		close();
		close_with(30_000);
		assert_eq!(claim(BOB), Ok(10_000));
		assert_eq!((totals().epoch, totals().next_sweep), (TERM + 3, TERM));
		assert_ok!(Dividend::do_try_state());
		change();
		assert_err!(Dividend::do_try_state(), invariant);
	});
}

fn change_row(epoch: u32, change: impl FnOnce(&mut Epoch)) {
	Epochs::<Test>::mutate(epoch, change);
}

fn change_share(person: u32, change: impl FnOnce(&mut Share)) {
	Shares::<Test>::mutate(person, |share| change(share.as_mut().unwrap()));
}

const OPEN: u32 = TERM + 3;
const ALICES: u32 = 0;
const BOBS: u32 = 1;

#[test]
fn parameters() {
	let zero = "a parameter is zero";
	noticed(|| set_params(|params| params.epoch_length = 0), zero);
	noticed(|| set_params(|params| params.claim_window = 0), zero);
	noticed(|| set_params(|params| params.term = 0), zero);
	noticed(|| set_params(|params| params.min_per_head = 0), zero);
	noticed(|| set_params(|params| params.min_people = 0), zero);
}

#[test]
fn parameters_to_come() {
	let zero = "a parameter is zero";
	let next = Parameters { term: 0, ..Parameters::defaults(ED) };
	noticed(|| NextParams::<Test>::put(next), zero);
}

#[test]
fn payouts() {
	let put = |person, account, change: Option<(Option<AccountId>, u32)>| {
		let change = change.map(|(account, from)| PayoutChange { account, from });
		Payouts::<Test>::insert(person, Payout { account, change });
	};
	noticed(|| put(77, Some(ALICE), None), "a payout without a share");
	noticed(|| put(ALICES, None, None), "a payout that says nothing");
	noticed(
		|| put(ALICES, Some(BOB), Some((Some(BOB), OPEN))),
		"a change of payout that changes nothing",
	);
	noticed(|| put(ALICES, None, Some((Some(BOB), OPEN + 3))), "a change of payout takes too long");
	noticed(|| ClaimsAlone::<Test>::insert(77, ()), "somebody without a share claims alone");
}

#[test]
fn pause_and_bonus() {
	let pause = |from, until| LastPause::<Test>::put(Pause { from, until });
	noticed(|| pause(5, 4), "a pause ends before it begins");
	noticed(|| pause(5, 6 + MAX_PAUSE), "a pause is too long");
	noticed(|| Bonus::<Test>::put(1_000_001), "the bonus is more than what it is added to");
}

#[test]
fn revocations() {
	let wrong = "a revoked person is due something, or nothing once it came back";
	noticed(|| change_share(ALICES, |share| share.since = u32::MAX), wrong);
	noticed(|| change_share(BOBS, |share| share.since = share.from + 1), wrong);
}

#[test]
fn rows() {
	noticed(
		|| Books::<Test>::mutate(|totals| totals.next_sweep = OPEN + 1),
		"the open epoch was swept",
	);
	noticed(|| change_row(TERM - 1, |row| row.join = 0), "a swept epoch has a row");
	let worth = "an epoch is worth money before it closed";
	noticed(|| change_row(OPEN, |row| row.per_head = 1), worth);
	noticed(|| change_row(OPEN + 1, |row| row.eligible = 1), worth);
	noticed(|| change_row(OPEN, |row| row.claim_in = 1), "an epoch was claimed before it closed");
	let past = "an epoch to come has a past";
	noticed(|| change_row(OPEN + 1, |row| row.claim_out = 1), past);
	noticed(|| change_row(OPEN + 1, |row| row.cum = 1), past);
}

#[test]
fn i2_the_pot_holds_what_it_owes() {
	noticed(|| pays(pot(), TREASURE, 1), "I2: the pot holds less than it owes");
	noticed(|| ExistentialDeposit::set(ED + 1), "I2: the pot holds less than it owes");
}

#[test]
fn i3_the_liability_is_what_is_unclaimed_and_owed() {
	let wrong = "I3: liability is not unclaimed and owed";
	noticed(|| Books::<Test>::mutate(|totals| totals.liability -= 1), wrong);
	noticed(|| change_share(ALICES, |share| share.owed += 1), wrong);
	noticed(
		|| change_row(OPEN - 1, |row| row.claim_in += 1),
		"I5: more people can claim an epoch than did not",
	);
	noticed(
		|| {
			change_share(ALICES, |share| share.owed = u128::MAX);
			change_share(BOBS, |share| share.owed = 1);
		},
		"I3: what is owed overflows",
	);
	noticed(|| change_share(ALICES, |share| share.owed = u128::MAX), "I3: the liability overflows");
	noticed(
		|| change_row(OPEN - 1, |row| row.per_head = u128::MAX),
		"I3: what is unclaimed overflows",
	);
}

#[test]
fn i4_the_count_of_people_is_their_number() {
	let wrong = "I4: the count of people is not the number of people";
	noticed(|| change_row(OPEN, |row| row.join += 1), wrong);
	noticed(|| change_row(OPEN + 3, |row| row.leave += 1), wrong);
	noticed(|| change_share(ALICES, |share| share.until += 1), wrong);
	noticed(
		|| Books::<Test>::mutate(|totals| totals.active += 1),
		"I4: the last closed epoch had another number of people",
	);
}

#[test]
fn i5_nobody_is_paid_twice() {
	let outside = "I5: a claim outside the interval";
	noticed(|| change_share(ALICES, |share| share.next = share.from - 1), outside);
	noticed(|| change_share(BOBS, |share| share.next = share.until + 2), outside);
	noticed(
		|| change_share(ALICES, |share| share.next = OPEN + 1),
		"I5: an epoch was claimed before it closed",
	);
	noticed(
		|| change_row(TERM, |row| row.claim_in += 1),
		"I5: an epoch was claimed by more than shared in it",
	);
	noticed(
		|| change_share(BOBS, |share| share.next = 1),
		"I5: more people can claim an epoch than did not",
	);
	noticed(
		|| change_row(OPEN, |row| row.claim_out += 1),
		"I5: a claim does not end with the last closed epoch",
	);
	let inside_out = "an interval is inside out";
	noticed(|| change_share(ALICES, |share| share.from = share.until + 2), inside_out);
	noticed(|| change_share(ALICES, |share| share.from = 0), inside_out);
	noticed(
		|| change_share(ALICES, |share| share.until = u32::MAX),
		"an interval ends with the last epoch",
	);
}

#[test]
fn i6_the_sum_of_all_shares_grows_by_each_share() {
	let wrong = "I6: the sum of all shares is not the sum of the shares";
	noticed(|| change_row(OPEN, |row| row.cum += 1), wrong);
	noticed(|| change_row(OPEN - 1, |row| row.cum -= 1), wrong);
}

#[test]
fn programmes() {
	fn noticed(change: impl FnOnce(), invariant: &'static str) {
		ExtBuilder::default().build().execute_with(|| {
			Register::admit(ALICE);
			let root = RuntimeOrigin::root();
			assert_ok!(Dividend::open_programme(
				root,
				100_000,
				Default::default(),
				Default::default(),
				5,
				1
			));
			assert_ok!(Dividend::join_programme(RuntimeOrigin::signed(ALICE), 0));
			go_to(1);
			close_with(50_000);
			assert_ok!(Dividend::do_try_state());
			change();
			assert_err!(Dividend::do_try_state(), invariant);
		});
	}
	fn change(change: impl FnOnce(&mut Programme)) {
		Programmes::<Test>::mutate(0, |programme| change(programme.as_mut().unwrap()));
	}
	fn change_share(change: impl FnOnce(&mut Share)) {
		ProgrammeShares::<Test>::mutate(0, |shares| change(&mut shares[0].1));
	}
	let twice = "a list of programmes is empty, or names one twice";
	noticed(|| ProgrammeShares::<Test>::insert(0, ProgrammeShareList::default()), twice);
	noticed(
		|| ProgrammeShares::<Test>::mutate(0, |shares| shares.try_push(shares[0]).unwrap()),
		twice,
	);
	noticed(
		|| ProgrammeShares::<Test>::mutate(0, |shares| shares[0].0 = 7),
		"a share in a programme that never was",
	);
	noticed(
		|| ProgrammeShares::<Test>::insert(77, ProgrammeShares::<Test>::get(0)),
		"somebody without a share has programmes",
	);
	let share = "a share in a programme is owed something, or was revoked";
	noticed(|| change_share(|share| share.owed = 1), share);
	noticed(|| change_share(|share| share.since = 1), share);
	noticed(
		|| change_share(|share| share.until -= 1),
		"I4: the count of people is not the number of people",
	);
	noticed(|| Running::<Test>::mutate(|it| it.try_push(9).unwrap()), "a programme is nowhere");
	noticed(|| change(|programme| programme.totals.epoch -= 1), "a programme does not keep time");
	noticed(
		|| change(|programme| programme.totals.liability += 1),
		"I3: liability is not unclaimed and owed",
	);
	let pot = crate::ledger::Ledger::<Test>::programme(0).pot();
	noticed(|| pays(pot, TREASURE, 1), "I2: the pot holds less than it owes");
	noticed(
		|| ProgrammeEpochs::<Test>::insert(7, 1, Epoch::default()),
		"a programme that has ended has a row",
	);
	noticed(|| Counted::<Test>::put(1), "more was counted than can be divided");
}
