//! Whatever is free by itself, or has its fee returned, is paid for within another call, though it
//! succeeds there.

use crate::{
	chain::{events_from, Clock},
	free::{feeless, names, outcome_of, pair, validate, within, REFUSED_FOR_PAYMENT},
	keys::{actor, bystander, key, Use},
	lane::returned_by_ours,
	stage::*,
	transactions::signed,
};
use codec::Encode;
use frame_support::{
	dispatch::{CheckIfFeeless, GetDispatchInfo},
	storage::{with_transaction_unchecked, TransactionOutcome},
};
use pallet_free_lane::{FREE_PRIORITY, PAYING_PRIORITY};
use pallet_personhood::dispute::Reason;
use pallet_usage::Owner;
use sp_io::hashing::blake2_256;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, One, Two};
use sp_runtime::DispatchResult;
use std::collections::BTreeSet;
use usufruct_primitives::{Balance, PersonId, Purpose, DAYS};
use usufruct_runtime::{
	configs::system::RuntimeBlockWeights, AccountId, Multisig, Personhood, Referenda, Runtime,
	RuntimeCall, RuntimeEvent, RuntimeOrigin, System, UncheckedExtrinsic, SLOTS_PER_SESSION,
};

type Money = pallet_dividend::Call<Runtime>;
type People = pallet_personhood::Call<Runtime>;
type Voting = pallet_suffrage::Call<Runtime>;

/// How a valid transaction would end, what it would cost, and its events.
fn trying(transaction: UncheckedExtrinsic) -> (DispatchResult, Balance, Vec<RuntimeEvent>) {
	with_transaction_unchecked(|| {
		let seen = events_from(0).len();
		let (outcome, fee) = outcome_of(transaction);
		TransactionOutcome::Rollback((outcome, fee, events_from(seen)))
	})
}

/// What a transaction would cost, whether it succeeds or not.
fn fee_of_trying(transaction: UncheckedExtrinsic) -> Balance {
	trying(transaction).1
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
		open_programme(19);
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

/// Whether an event is of the pallet of a call: both are numbered as the pallets are.
fn is_of(call: &RuntimeCall, event: &RuntimeEvent) -> bool {
	call.encode().first() == event.encode().first()
}

/// Goes on until there is a block with room for transactions: the first one of a session has none.
fn find_room(clock: &mut Clock) {
	let most = RuntimeBlockWeights::get().max_block.ref_time();
	while System::block_weight().total().ref_time() >= most {
		clock.skip(1);
	}
}

/// That call as the last approval of the consumer's and Charlie's, who has given his.
fn approved(call: &RuntimeCall) -> RuntimeCall {
	type Call = pallet_multisig::Call<Runtime>;

	let (threshold, max_weight) = (2, call.get_dispatch_info().call_weight);
	let timepoint = Multisig::timepoint();
	must(
		Charlie,
		Call::approve_as_multi {
			threshold,
			other_signatories: vec![CONSUMER.to_account_id()],
			maybe_timepoint: None,
			call_hash: blake2_256(&call.encode()),
			max_weight,
		},
	);
	Call::as_multi {
		threshold,
		other_signatories: vec![Charlie.to_account_id()],
		maybe_timepoint: Some(timepoint),
		call: Box::new(call.clone()),
		max_weight,
	}
	.into()
}

/// The calls that had their fee returned by themselves, and not within each other one, which did the same.
#[derive(Default)]
struct Relayed(Vec<RuntimeCall>);

impl Relayed {
	/// Tries a call of the consumer's, who is Alice's proxy.
	fn by_consumer(&mut self, clock: &mut Clock, call: impl Into<RuntimeCall>) {
		find_room(clock);
		let call = call.into();
		let alone = signed(pair(CONSUMER), call.clone());
		let valid = validate(&alone).expect("it is paid up front");
		assert!(valid.priority < PAYING_PRIORITY, "{call:?}");
		let (outcome, fee, events) = trying(alone);
		assert_eq!((outcome, fee), (Ok(()), 0), "{call:?}");
		let done: Vec<_> = events.into_iter().filter(|event| is_of(&call, event)).collect();
		assert!(!done.is_empty(), "{call:?} says nothing");

		let pays = |outer: RuntimeCall, does: bool| {
			let transaction = signed(pair(CONSUMER), outer.clone());
			let valid = validate(&transaction).expect("it can be paid");
			assert!(valid.priority >= PAYING_PRIORITY, "{outer:?}");
			let (_, fee, events) = trying(transaction);
			assert!(fee > 0, "{outer:?}");
			assert_eq!(done.iter().all(|event| events.contains(event)), does, "{outer:?}");
		};
		for outer in within(&call, &Alice.to_account_id()) {
			// The first approval of two does nothing yet.
			let approves = matches!(
				outer,
				RuntimeCall::Multisig(pallet_multisig::Call::as_multi { threshold: 2, .. })
			);
			pays(outer, !approves);
		}
		pays(approved(&call), true);
		self.0.push(call);
	}
}

/// Somebody is recognised, moves to another account, and is recognised again.
fn relay_recognition(clock: &mut Clock, relayed: &mut Relayed) {
	let (old, new) = (bystander(0), bystander(1));
	let (attestations, consent) = recognition_of(Purpose::Register, &old, 0);
	let register = People::register { account: old.clone(), attestations, consent };
	relayed.by_consumer(clock, register);
	let person = recognise(&old);

	let (attestations, consent) = recognition_as(Purpose::Recover, &old, &new, 1);
	let recover = People::recover { person, new_account: new, attestations, consent };
	relayed.by_consumer(clock, recover.clone());
	must(Alice, recover);
	clock.skip(7 * DAYS);
	relayed.by_consumer(clock, People::complete_recovery { person });
}

/// A proposal becomes a poll, somebody who voted on it is revoked and taken out, and the poll ends.
fn relay_polling(clock: &mut Clock, relayed: &mut Relayed, revoked: PersonId) {
	propose(One);
	must(Two, Voting::cosign { proposal: 0 });
	relayed.by_consumer(clock, Voting::submit_proposal { proposal: 0 });
	must(Bob, Voting::submit_proposal { proposal: 0 });
	must(One, Voting::vote { poll: 0, aye: true });
	must(Two, Voting::vote { poll: 0, aye: true });
	by_root(People::revoke { person: revoked });
	relayed.by_consumer(clock, Voting::remove_vote { poll: 0, person: revoked });
	relayed.by_consumer(clock, Money::leave_programme { programme: 0, person: revoked });
	while Referenda::ensure_ongoing(0).is_ok() {
		clock.skip(1);
	}
	relayed.by_consumer(clock, Voting::cleanup_poll { poll: 0, max: 10 });
	relayed.by_consumer(clock, Voting::cleanup_proposal { proposal: 0, max: 10 });
}

#[test]
fn no_call_that_has_its_fee_returned_is_free() {
	play(|clock| {
		let mut relayed = Relayed::default();
		must(
			Alice,
			pallet_proxy::Call::<Runtime>::add_proxy {
				delegate: CONSUMER.to_account_id().into(),
				proxy_type: Default::default(),
				delay: 0,
			},
		);
		model_and_oracle();
		let channel = open_channel(0);
		serve_and_settle(channel);
		must(
			ORACLE,
			pallet_oracles::Call::<Runtime>::set_receipt_key { new_key: key(Use::Receipt, 1) },
		);
		let revoked = recognise(&One.to_account_id());
		recognise(&Two.to_account_id());
		open_programme(4);
		must(One, Money::join_programme { programme: 0 });
		rich_epochs(clock, 2);
		must(One, Money::claim {});
		must(One, Money::claim_programme { programme: 0 });

		relay_polling(clock, &mut relayed, revoked);
		// All that the revoked person shared in is swept, and the other's term ends soon.
		rich_epochs(clock, 14);
		relayed.by_consumer(clock, People::remove { person: revoked });
		let (attestations, consent) = recognition(Purpose::Renew, Two, 1);
		let renew = People::renew { account: Two.to_account_id(), attestations, consent };
		relayed.by_consumer(clock, renew);
		relay_recognition(clock, &mut relayed);

		clock.skip(14 * DAYS);
		let oracle = ORACLE.to_account_id();
		let forget_keys = pallet_oracles::Call::<Runtime>::forget_keys { oracle: oracle.clone() };
		relayed.by_consumer(clock, forget_keys);
		relayed.by_consumer(clock, pallet_usage::Call::<Runtime>::sweep_batches { oracle });
		let sweep_fees = pallet_usage::Call::<Runtime>::sweep_fees { owner: Owner::Unlisted };
		relayed.by_consumer(clock, sweep_fees);

		let relayed = names(&relayed.0).into_iter();
		let relayed: BTreeSet<_> =
			relayed.map(|(pallet, call)| (pallet, call.to_string())).collect();
		assert_eq!(relayed, returned_by_ours());
	});
}
