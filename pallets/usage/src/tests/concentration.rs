//! Concentration of fees, and what damps it: `set_organisation`, `set_slope`, the views, and what
//! settlements and royalties pay.

use super::*;
use crate::concentration::damped;
use sp_core::U256;
use usufruct_primitives::traits::OnEpochClose;

/// Owns [`OTHER_MODEL`].
const RIVAL: AccountId32 = AccountId32::new([5; 32]);
const FLOOR: Balance = 10 * UFR;

/// Two models with an owner each, and a floor that is soon reached.
fn market(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(|| {
		ConcentrationFloor::set(&FLOOR);
		memory::Owners::insert(OTHER_MODEL, RIVAL);
		test();
	});
}

fn pay(version: VersionId, amount: Balance) -> Parts {
	let call = Call::pay_royalty { version, amount, memo: Default::default() };
	assert_ok!(dispatch(&BOB, call));
	match last_event() {
		Event::RoyaltyPaid { parts, .. } => parts,
		other => panic!("the last event is {other:?}"),
	}
}

/// An epoch in which the models of [`OWNER`] and [`RIVAL`] are paid that much.
fn epoch(owner: Balance, rival: Balance) {
	for (version, amount) in [(V0, owner), (OTHER_V, rival)] {
		if amount > 0 {
			pay(version, amount);
		}
	}
	Usage::on_epoch_close(0);
}

fn list(account: AccountId32) {
	assert_ok!(dispatch_root(Call::set_organisation { account, listed: true }));
}

fn standing(owner: AccountId32) -> (u32, u32) {
	(Usage::share(owner.clone()), Usage::damping(owner))
}

mod an_owner {
	use super::*;

	#[test]
	fn that_is_listed_is_damped_above_a_fifth() {
		market(|| {
			list(OWNER);
			list(RIVAL);
			epoch(20 * UFR, 80 * UFR);
			assert_eq!(standing(OWNER), (200_000, 0));
			// Half of (0.8 − 0.2) / 0.8.
			assert_eq!(standing(RIVAL), (800_000, 375_000));
			epoch(21 * UFR, 79 * UFR);
			// Half of 0.01 / 0.21, rounded down.
			assert_eq!(standing(OWNER), (210_000, 23_809));
		});
	}

	#[test]
	fn that_is_a_verified_person_is_damped_above_a_fifth() {
		market(|| {
			memory::Persons::insert(OWNER, 7);
			epoch(20 * UFR, 80 * UFR);
			assert_eq!(standing(OWNER), (200_000, 0));
			epoch(40 * UFR, 60 * UFR);
			assert_eq!(standing(OWNER), (400_000, 250_000));
		});
	}

	#[test]
	fn that_is_unknown_counts_with_all_others_that_are() {
		market(|| {
			epoch(6 * UFR, 4 * UFR);
			// As one owner with everything; half of (1 − 0.1) / 1.
			for owner in [OWNER, RIVAL, BOB] {
				assert_eq!(standing(owner), (PPM, 450_000));
			}
			list(RIVAL);
			epoch(10 * UFR, 90 * UFR);
			assert_eq!(standing(OWNER), (100_000, 0));
			epoch(11 * UFR, 89 * UFR);
			assert_eq!(standing(OWNER), (110_000, 45_454));
		});
	}

	#[test]
	fn that_has_many_accounts_is_one() {
		market(|| {
			memory::Persons::insert(OWNER, 7);
			memory::Persons::insert(RIVAL, 7);
			epoch(50 * UFR, 50 * UFR);
			assert_eq!(standing(OWNER), (PPM, 400_000));
			assert_eq!(standing(RIVAL), (PPM, 400_000));
			assert_eq!(Usage::herfindahl(), 10_000);
		});
	}

	#[test]
	fn that_is_a_person_stays_one_if_it_is_listed_too() {
		market(|| {
			memory::Persons::insert(OWNER, 7);
			list(OWNER);
			epoch(50 * UFR, 50 * UFR);
			assert_eq!(FeesByOwner::<Test>::get(Owner::Person(7)).fees, 50 * UFR);
			assert!(!FeesByOwner::<Test>::contains_key(Owner::Organisation(OWNER)));
		});
	}

	#[test]
	fn that_is_no_longer_listed_counts_with_the_unknown_from_then_on() {
		market(|| {
			list(OWNER);
			list(RIVAL);
			epoch(50 * UFR, 50 * UFR);
			assert_ok!(dispatch_root(Call::set_organisation { account: OWNER, listed: false }));
			assert_eq!(last_event(), Event::OrganisationSet { account: OWNER, listed: false });
			assert_eq!(standing(OWNER), (0, 0));
			epoch(50 * UFR, 50 * UFR);
			assert_eq!(standing(OWNER), (500_000, 400_000));
		});
	}

	#[test]
	fn of_a_model_without_an_owner_is_unknown() {
		market(|| {
			list(RIVAL);
			let counted =
				Usage::count(99, UFR, PPM, &Books::<Test>::get().fees, &Default::default())
					.unwrap();
			assert_eq!((counted.owner, counted.damping), (Owner::Unlisted, 0));
		});
	}
}

mod damping {
	use super::*;

	#[test]
	fn moves_from_the_models_part_to_the_dividends() {
		market(|| {
			epoch(50 * UFR, 0);
			let before = (free(&MODELS), revenue(V0));
			// 45 % of 30 UFR.
			let damped = 135 * UFR / 10;
			let parts = pay(V0, 60 * UFR);
			assert_eq!(parts.model, 30 * UFR - damped);
			assert_eq!(parts.dividend, 20 * UFR + damped);
			assert_eq!((parts.commons, parts.security), (8 * UFR, 2 * UFR));
			assert_eq!(Books::<Test>::get().due.dividend, parts.dividend);
			assert_eq!(free(&MODELS), before.0 + parts.model);
			assert_eq!(revenue(V0), before.1 + parts.model);
			// The ledger is what the weights say.
			let ledger = Books::<Test>::get().royalties;
			assert_eq!(ledger.credited[3], 55 * UFR);
		});
	}

	#[test]
	fn applies_to_settlements_claim_by_claim() {
		market(|| {
			list(RIVAL);
			epoch(90 * UFR, 10 * UFR);
			assert_eq!((standing(OWNER).1, standing(RIVAL).1), (444_444, 0));
			let mine = open(&ALICE, &OMAR);
			let call = Call::open_channel {
				oracle: OMAR,
				model: OTHER_MODEL,
				salt: 9,
				key: key_of(&ALICE).verifying_key().to_bytes(),
				escrow: ESCROW,
				max_unit_price: UFR,
				max_unacked: MAX_UNACKED,
			};
			assert_ok!(dispatch(&ALICE, call));
			let rivals = usage_channel_id(&ALICE, &OMAR, OTHER_MODEL, 9);
			let before = [revenue(V0), revenue(OTHER_V), Books::<Test>::get().due.dividend];
			let claims = [claim(mine, V0, 1, 10 * UFR), claim(rivals, OTHER_V, 1, 10 * UFR)];
			assert_ok!(settle(&OMAR, &claims));

			let damped = 3 * UFR * 444_444 / 1_000_000;
			let parts = match last_event() {
				Event::Settled { parts, .. } => parts,
				other => panic!("the last event is {other:?}"),
			};
			assert_eq!(parts.model, 6 * UFR - damped);
			assert_eq!(parts.dividend, 4 * UFR + damped);
			let sum = parts.dividend + parts.commons + parts.security + parts.oracle + parts.model;
			assert_eq!(sum, 20 * UFR);
			assert_eq!(revenue(V0), before[0] + 3 * UFR - damped);
			assert_eq!(revenue(OTHER_V), before[1] + 3 * UFR);
			assert_eq!(Books::<Test>::get().due.dividend, before[2] + parts.dividend);
			let undamped = default_parts(20 * UFR);
			let Parts { dividend, commons, security, oracle, model } = undamped;
			let ledger = Books::<Test>::get().settled;
			assert_eq!(ledger.credited, [dividend, commons, security, oracle, model]);
		});
	}

	#[test]
	fn begins_when_so_much_was_paid_in_an_epoch() {
		market(|| {
			epoch(FLOOR - 1, 0);
			assert_eq!(standing(OWNER), (PPM, 0));
			assert_eq!(pay(V0, 60 * UFR).model, 30 * UFR);
			Usage::on_epoch_close(0);
			epoch(FLOOR, 0);
			assert_eq!(standing(OWNER), (PPM, 450_000));
		});
	}

	#[test]
	fn depends_on_the_last_closed_epoch_only() {
		market(|| {
			list(RIVAL);
			epoch(0, 50 * UFR);
			assert_eq!(standing(OWNER), (0, 0));
			// However much is paid for a model now, it counts in the next epoch.
			for _ in 0..3 {
				assert_eq!(pay(V0, 60 * UFR).model, 30 * UFR);
			}
			Usage::on_epoch_close(0);
			assert_eq!(standing(OWNER), (PPM, 450_000));
			assert_eq!(standing(RIVAL), (0, 0));
			// An epoch without any fees ends it, and so do two, of which nobody took notice.
			Usage::on_epoch_close(0);
			assert_eq!(standing(OWNER), (0, 0));
			Usage::on_epoch_close(0);
			assert_eq!(pay(V0, 60 * UFR).model, 30 * UFR);
		});
	}

	#[test]
	fn takes_what_the_slope_says() {
		market(|| {
			epoch(50 * UFR, 0);
			for (slope, damping) in [(0, 0), (1, 0), (2, 1), (PPM, 900_000)] {
				let old = Slope::<Test>::get();
				assert_ok!(dispatch_root(Call::set_slope { slope }));
				assert_eq!(last_event(), Event::SlopeSet { old, new: slope });
				assert_eq!(standing(OWNER).1, damping);
			}
			assert_eq!(pay(V0, 60 * UFR).model, 3 * UFR);
		});
	}

	#[test]
	fn is_rounded_up_so_that_small_payments_gain_nothing() {
		let parts = |dividend, model| Parts { dividend, model, ..Default::default() };
		assert_eq!(damped(parts(5, 1), 1), Some(parts(6, 0)));
		assert_eq!(damped(parts(5, 1), 0), Some(parts(5, 1)));
		assert_eq!(damped(parts(5, 0), PPM), Some(parts(5, 0)));
		assert_eq!(damped(parts(5, 2_000_001), 500_000), Some(parts(1_000_006, 1_000_000)));
		assert_eq!(damped(parts(0, Balance::MAX), PPM), Some(parts(Balance::MAX, 0)));
		assert_eq!(damped(parts(1, Balance::MAX), PPM), None);
	}
}

mod the_index {
	use super::*;

	#[test]
	fn is_the_sum_of_the_squares_of_shares() {
		market(|| {
			list(OWNER);
			list(RIVAL);
			assert_eq!(Usage::herfindahl(), 0);
			for (owner, rival, index) in
				[(UFR, 0, 10_000), (UFR, UFR, 5_000), (3 * UFR, UFR, 6_250), (2, 1, 5_555)]
			{
				epoch(owner, rival);
				assert_eq!(Usage::herfindahl(), index);
			}
			Usage::on_epoch_close(0);
			assert_eq!(Usage::herfindahl(), 0);
		});
	}

	#[test]
	fn is_named_when_an_epoch_closes_in_which_anything_was_paid() {
		market(|| {
			list(OWNER);
			pay(V0, 3 * UFR);
			pay(OTHER_V, UFR);
			System::reset_events();
			Usage::on_epoch_close(33);
			let events: Vec<_> = System::events().into_iter().map(|record| record.event).collect();
			let total = 4 * UFR;
			let counted = Event::<Test>::FeesCounted { epoch: 33, total, herfindahl: 6_250 };
			assert_eq!(events[0], counted.into());
			System::reset_events();
			Usage::on_epoch_close(34);
			assert_eq!(System::event_count(), 0);
		});
	}

	#[test]
	fn does_not_depend_on_how_fees_were_cut() {
		let index_of = |pieces: u128| {
			let mut index = 0;
			market(|| {
				list(OWNER);
				for _ in 0..pieces {
					pay(V0, 720 * UFR / 10 / pieces);
					pay(OTHER_V, 360 * UFR / 10 / pieces);
				}
				Usage::on_epoch_close(0);
				index = Usage::herfindahl();
				assert_eq!(standing(OWNER).0, 666_666);
			});
			index
		};
		assert_eq!(index_of(1), 5_555);
		assert_eq!(index_of(24), 5_555);
	}
}

#[test]
fn the_largest_fees_there_can_be_are_counted_exactly() {
	let all = Balance::MAX;
	let whole = EpochFees { total: all, squares: U256::from(all).pow(2.into()) };
	assert_eq!((whole.share(all), whole.herfindahl()), (PPM, 10_000));
	assert_eq!(whole.share(all / 2), 499_999);
	let half = U256::from(all / 2).pow(2.into());
	let halves = EpochFees { total: all - 1, squares: half + half };
	assert_eq!(halves.herfindahl(), 5_000);

	ExtBuilder::default().build().execute_with(|| {
		ConcentrationFloor::set(&FLOOR);
		let counted = |fees: Concentration| Usage::count(MODEL, 1, PPM, &fees, &Default::default());
		let fees = Concentration { epoch: 1, last: whole, ..Default::default() };
		FeesByOwner::<Test>::insert(
			Owner::Unlisted,
			OwnerFees { epoch: 0, fees: all, last_fees: 0 },
		);
		assert_eq!(counted(fees).unwrap().damping, 900_000);
		let full = Concentration { open: whole, ..fees };
		assert!(counted(full).is_none());
		// One planck less fits: with it, one owner has everything.
		let record = OwnerFees { epoch: 1, fees: all - 1, last_fees: 0 };
		FeesByOwner::<Test>::insert(Owner::Unlisted, record);
		let open = EpochFees { total: all - 1, squares: U256::from(all - 1).pow(2.into()) };
		assert_eq!(counted(Concentration { open, ..fees }).unwrap().fees.open, whole);
	});
}

#[test]
fn a_claim_that_cannot_be_counted_is_skipped() {
	ExtBuilder::default().build().execute_with(|| {
		Books::<Test>::mutate(|books| books.fees.open.total = Balance::MAX - UFR);
		let (good, bad) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
		assert_ok!(settle(&OMAR, &[claim(bad, V0, 1, 2 * UFR), claim(good, V0, 1, UFR)]));
		assert_eq!(skipped(), [(0, SkipReason::PaymentFailed)]);
		assert_eq!((held(&ALICE), held(&BOB)), (ESCROW - UFR, ESCROW));
	});
}

#[test]
fn free_receipts_leave_no_record() {
	ExtBuilder::default().build_and_execute(|| {
		let id = open(&ALICE, &OMAR);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 3, 0)]));
		assert_eq!(FeesByOwner::<Test>::iter().count(), 0);
		assert_eq!(Books::<Test>::get().fees, Concentration::default());
	});
}

#[test]
fn what_is_not_paid_is_not_counted() {
	market(|| {
		let (good, bad) = (open(&ALICE, &OMAR), open(&BOB, &OMAR));
		memory::Broken::put(V1);
		let claims = [claim(bad, V1, 1, 7 * UFR), claim(good, V0, 1, UFR)];
		assert_ok!(settle(&OMAR, &claims));
		assert_eq!(skipped(), [(0, SkipReason::PaymentFailed)]);
		assert_eq!(Books::<Test>::get().fees.open.total, UFR);
		assert_eq!(FeesByOwner::<Test>::get(Owner::Unlisted).fees, UFR);
	});
}

#[test]
fn organisations_are_listed_by_governance_only() {
	ExtBuilder::default().build_and_execute(|| {
		for listed in [true, true, false, false] {
			let call = Call::set_organisation { account: OWNER, listed };
			assert_noop!(dispatch(&OWNER, call.clone()), DispatchError::BadOrigin);
			assert_ok!(dispatch_root(call));
			assert_eq!(last_event(), Event::OrganisationSet { account: OWNER, listed });
			assert_eq!(Organisations::<Test>::contains_key(OWNER), listed);
		}
	});
}

#[test]
fn the_slope_is_set_by_governance_only_and_takes_at_most_the_excess() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Slope::<Test>::get(), 500_000);
		let call = Call::set_slope { slope: 3 };
		assert_noop!(dispatch(&OWNER, call), DispatchError::BadOrigin);
		let call = Call::set_slope { slope: PPM + 1 };
		assert_noop!(dispatch_root(call), Error::<Test>::SlopeTooSteep);
		assert_ok!(dispatch_root(Call::set_slope { slope: PPM }));
	});
}

#[test]
fn claims_of_one_batch_for_one_owner_are_counted_together() {
	ExtBuilder::default().build_and_execute(|| {
		let [hers, his, none] = [&ALICE, &BOB, &CAROL].map(|who| open(who, &OMAR));
		let first = claim(hers, V0, 1, 2 * UFR);
		// One in between is skipped, and counts for nobody.
		let bad =
			Claim { total_before: 1, total_after: 4 * UFR + 1, ..claim(none, V0, 1, 4 * UFR) };
		let last = claim(his, V1, 1, 3 * UFR);
		assert_ok!(settle(&OMAR, &[first, bad, last]));
		assert_eq!(skipped(), [(1, SkipReason::TotalMismatch)]);
		let record = OwnerFees { epoch: 0, fees: 5 * UFR, last_fees: 0 };
		assert_eq!(FeesByOwner::<Test>::get(Owner::Unlisted), record);
		assert_eq!(FeesByOwner::<Test>::iter().count(), 1);
		let open = EpochFees { total: 5 * UFR, squares: U256::from(5 * UFR).pow(2.into()) };
		assert_eq!(Books::<Test>::get().fees.open, open);
	});
}
