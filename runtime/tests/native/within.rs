//! Whatever is free by itself is paid for within another call, though it would succeed there.

use crate::{
	chain::Clock,
	free::{feeless, names, outcome_of, validate, within, REFUSED_FOR_PAYMENT},
	keys::{actor, bystander},
	stage::*,
	transactions::signed,
};
use frame_support::{
	dispatch::CheckIfFeeless,
	storage::{with_transaction_unchecked, TransactionOutcome},
};
use pallet_free_lane::{FREE_PRIORITY, PAYING_PRIORITY};
use pallet_personhood::dispute::Reason;
use sp_keyring::Sr25519Keyring::{Alice, Bob, One, Two};
use usufruct_primitives::{Balance, Purpose, DAYS};
use usufruct_runtime::{
	AccountId, Personhood, Runtime, RuntimeCall, RuntimeOrigin, UncheckedExtrinsic,
	SLOTS_PER_SESSION,
};

type Money = pallet_dividend::Call<Runtime>;
type People = pallet_personhood::Call<Runtime>;
type Voting = pallet_suffrage::Call<Runtime>;

/// What a transaction would cost, whether it succeeds or not.
fn fee_of_trying(transaction: UncheckedExtrinsic) -> Balance {
	with_transaction_unchecked(|| TransactionOutcome::Rollback(outcome_of(transaction).1))
}

/// The calls that were free by themselves and paid for within each other one.
#[derive(Default)]
struct Tried(Vec<RuntimeCall>);

impl Tried {
	fn by(&mut self, who: &AccountId, call: impl Into<RuntimeCall>) {
		let (call, pair) = (call.into(), actor(who).expect("a known key"));
		let origin = RuntimeOrigin::signed(who.clone());
		assert!(call.is_feeless(&origin), "{call:?}");
		let alone = validate(&signed(pair, call.clone())).expect("it is free");
		assert_eq!(alone.priority, FREE_PRIORITY, "{call:?}");
		for outer in within(&call, who) {
			assert!(!outer.is_feeless(&origin), "{outer:?}");
			match validate(&signed(pair, outer.clone())) {
				Ok(valid) => {
					assert!(valid.priority >= PAYING_PRIORITY, "{outer:?}");
					assert!(fee_of_trying(signed(pair, outer.clone())) > 0, "{outer:?}");
				},
				Err(refused) => assert_eq!(refused, REFUSED_FOR_PAYMENT, "{outer:?}"),
			}
		}
		self.0.push(call);
	}

	fn by_consumer(&mut self, call: impl Into<RuntimeCall>) {
		self.by(&CONSUMER.to_account_id(), call);
	}
}

/// A dispute about somebody, until nothing is left but to close it.
fn dispute(clock: &mut Clock, tried: &mut Tried, person: u32) {
	let evidence = [7; 32];
	must(Bob, People::challenge { person, reason: Reason::NotAPerson, evidence });
	for _ in 0..2 {
		clock.stall(SLOTS_PER_SESSION.into());
	}
	// The first block of a session has no room for transactions.
	clock.skip(1);
	tried.by_consumer(People::draw_jury { case: 0 });
	must(CONSUMER, People::draw_jury { case: 0 });
	let jury = Personhood::case(0).expect("it is open").jury;
	for (nth, seat) in jury.iter().enumerate() {
		let juror = pallet_personhood::People::<Runtime>::get(seat.person).expect("a person");
		let vote = || People::vote_case { case: 0, uphold: true };
		if nth == 0 {
			tried.by(&juror.account, vote());
		}
		assert_eq!(call_by(juror.account, vote()), Ok(()));
	}
	tried.by_consumer(People::resolve_case { case: 0 });
	must(CONSUMER, People::resolve_case { case: 0 });
	clock.skip(27 * DAYS);
	clock.skip(1);
	tried.by_consumer(People::close_case { case: 0 });
}

#[test]
fn no_free_call_is_free() {
	play(|clock| {
		let mut tried = Tried::default();
		let consumer = CONSUMER.to_account_id();
		model_and_oracle();
		let channel = open_channel(0);
		let person = recognise(&consumer);
		let accused = recognise(&One.to_account_id());
		for nth in 0..12 {
			recognise(&bystander(nth));
		}
		by_root(Money::open_programme {
			share: 100_000,
			classes: Default::default(),
			regions: Default::default(),
			epochs: 19,
			min_people: 1,
		});
		rich_epochs(clock, 6);
		tried.by_consumer(Money::claim {});
		tried.by_consumer(Money::claim_to_channel { channel });
		tried.by_consumer(Money::join_programme { programme: 0 });
		must(CONSUMER, Money::join_programme { programme: 0 });
		rich_epochs(clock, 2);
		tried.by_consumer(Money::claim_programme { programme: 0 });

		propose(One);
		tried.by_consumer(Voting::cosign { proposal: 0 });
		must(CONSUMER, Voting::cosign { proposal: 0 });
		must(Bob, Voting::submit_proposal { proposal: 0 });
		tried.by_consumer(Voting::vote { poll: 0, aye: true });

		let new_account = Two.to_account_id();
		let (attestations, consent) = recognition_as(Purpose::Recover, &consumer, &new_account, 1);
		must(Alice, People::recover { person, new_account, attestations, consent });
		tried.by_consumer(People::veto {});

		dispute(clock, &mut tried, accused);
		assert_eq!(names(&tried.0), names(&feeless()));
	});
}
