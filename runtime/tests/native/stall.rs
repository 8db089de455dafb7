//! Nobody makes a block for a long time, and then blocks go on.
//!
//! The dividend counts blocks, so no epoch of it passes meanwhile. BABE counts slots: its epochs pass
//! without a block, and the one in which blocks go on has the randomness that was announced for the
//! one after the last.

use crate::{
	chain::{now, Clock},
	keys::bystander,
	stage::*,
};
use pallet_dividend::Totals;
use pallet_personhood::{
	dispute::{Case, Reason},
	jury::{Round, MIN_VOTES},
	Seeds,
};
use sp_io::hashing::blake2_256;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Eve, One, Two};
use sp_runtime::DispatchError;
use usufruct_primitives::{traits::Eligibility, Balance, EpochIndex, Purpose, DAYS, UFR};
use usufruct_runtime::{AccountId, Babe, Balances, Dividend, Personhood, Runtime, Session};

type Money = pallet_dividend::Call<Runtime>;
type People = pallet_personhood::Call<Runtime>;

/// For how many slots there is no block: ten epochs of the dividend as long as they are in the preset,
/// which is one of BABE, and as long as they are where nothing else is set.
const STALLS: [u64; 2] = [10 * 20, 10 * 7 * DAYS as u64];

/// What a history comes to, and nothing of it depends on a slot.
#[derive(Debug, PartialEq)]
struct Ending {
	block: u32,
	totals: Totals,
	/// Of each person what it holds, what it is due, and the epochs it shares in.
	people: Vec<(Balance, Balance, Option<(EpochIndex, EpochIndex)>)>,
}

impl Ending {
	fn of(people: &[AccountId]) -> Self {
		let of_person = |account: &AccountId| {
			let person = Personhood::person(account.clone()).expect("a person").person;
			let due = Dividend::claimable(account.clone());
			(Balances::free_balance(account), due, Dividend::interval(person))
		};
		Self {
			block: now(),
			totals: pallet_dividend::Books::<Runtime>::get(),
			people: people.iter().map(of_person).collect(),
		}
	}
}

/// One claims now and then, another in the last moment, and one never; a fourth comes after the stall,
/// with what was signed before it.
fn history(stall: u64) -> Ending {
	let absent = bystander(0);
	let people = [One.to_account_id(), Two.to_account_id(), absent, Bob.to_account_id()];
	let mut ending = None;
	play(|clock| {
		clock.sign_slots();
		for account in &people[..3] {
			recognise(account);
		}
		rich_epochs(clock, 7);
		must(One, Money::claim {});
		let (attestations, consent) = recognition(Purpose::Register, Bob, 0);
		clock.skip(10);

		let due = || Dividend::claimable(Two.to_account_id());
		let before = (now(), Dividend::epoch(), due());
		clock.stall(stall);
		assert_eq!((now() - 1, Dividend::epoch(), due()), before);
		let account = Bob.to_account_id();
		must(Alice, People::register { account, attestations, consent });

		// After the next two closes all eight epochs that were shared in can still be claimed: three
		// people had the first, which got what came in before it too, and four the last.
		rich_epochs(clock, 2);
		must(Two, Money::claim {});
		assert_eq!(free(Two), (180 / 3 + 6 * 90 / 3) * UFR + 90 * UFR / 4);
		rich_epochs(clock, 7);
		let (attestations, consent) = recognition(Purpose::Renew, One, 1);
		must(Alice, People::renew { account: One.to_account_id(), attestations, consent });
		must(One, Money::claim {});
		ending = Some(Ending::of(&people));
	});
	ending.expect("it was played")
}

#[test]
fn costs_nobody_an_epoch_of_the_dividend() {
	let without = history(0);
	for stall in STALLS {
		assert_eq!(history(stall), without, "after {stall} slots without a block");
	}
}

fn case() -> Case {
	Personhood::case(0).expect("it is open")
}

fn draw() -> People {
	People::draw_jury { case: 0 }
}

/// Nobody makes a block; whoever does so first begins an epoch of BABE, and a session.
fn stands_still(clock: &mut Clock, stall: u64) {
	let (epoch, session) = (Babe::current_epoch().epoch_index, Session::current_index());
	clock.stall(stall);
	let begun = Babe::current_epoch();
	let into_it = *Babe::current_slot() - *begun.start_slot;
	assert!(into_it < begun.duration, "the epoch is that of the slot");
	assert_eq!(Session::current_index(), session + 1);
	let noted = Babe::skipped_epochs().contains(&(begun.epoch_index, session + 1));
	assert_eq!(noted, begun.epoch_index > epoch + 1, "what was skipped is noted");
}

/// Makes every block until BABE begins another epoch.
fn next_epoch(clock: &mut Clock) {
	let epoch = Babe::current_epoch().epoch_index;
	while Babe::current_epoch().epoch_index == epoch {
		let outputs = pallet_babe::UnderConstruction::<Runtime>::get(0);
		clock.skip(1);
		assert!(Babe::author_vrf_randomness().is_some(), "the slot was signed");
		let more = pallet_babe::UnderConstruction::<Runtime>::get(0);
		let begun = Babe::current_epoch().epoch_index > epoch;
		assert!(begun || more.len() > outputs.len(), "what was signed goes into the randomness");
	}
}

#[test]
fn keeps_no_jury_from_being_drawn_with_the_randomness_of_babe() {
	for stall in STALLS {
		play(|clock| {
			clock.sign_slots();
			let accused = recognise(&One.to_account_id());
			for nth in 0..12 {
				recognise(&bystander(nth));
			}
			// A judge has shared in four epochs.
			rich_epochs(clock, 6);
			let evidence = [7; 32];
			must(Bob, People::challenge { person: accused, reason: Reason::Duplicate, evidence });
			let round: Round = case().round;
			let too_early: DispatchError = pallet_personhood::Error::<Runtime>::NoSeedYet.into();
			refused(Eve, draw(), too_early);

			// The first change of the randomness after the challenge gives no seed.
			stands_still(clock, stall);
			refused(Eve, draw(), too_early);
			next_epoch(clock);
			let randomness = Babe::next_epoch().randomness;
			let seed = Seeds::<Runtime>::get(round).expect("it is there");
			assert_eq!(seed.value.0, blake2_256(&[&b"usufruct/jury"[..], &randomness].concat()));

			must(Eve, draw());
			let jury = case().jury;
			assert!(jury.len() as u32 >= MIN_VOTES, "{jury:?}");
			for seat in jury {
				let juror =
					pallet_personhood::People::<Runtime>::get(seat.person).expect("a person");
				let vote = People::vote_case { case: 0, uphold: false };
				assert_eq!(call_by(juror.account, vote), Ok(()));
			}
			must(Eve, People::resolve_case { case: 0 });
			assert_eq!(Personhood::case(0), None);
			assert_eq!(Personhood::frozen_since(accused), None);
			must(One, Money::claim {});
		});
	}
}
