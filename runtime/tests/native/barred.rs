//! What somebody can do whom a dispute freezes, or whose recognition was withdrawn: nothing that pays it,
//! and what it says of its own payments still counts if the dispute comes to nothing.

use crate::{free::validate, stage::*, transactions::general};
use frame_support::dispatch::CheckIfFeeless;
use pallet_dividend::{Error as Unpaid, ProgrammeId};
use pallet_personhood::{dispute::Reason, Error, Recoveries};
use sp_keyring::Sr25519Keyring::{Alice, Eve, Two};
use sp_runtime::transaction_validity::InvalidTransaction;
use usufruct_primitives::{ChannelId, PersonId, Purpose};
use usufruct_runtime::{
	Dividend, Executive, Runtime, RuntimeCall, RuntimeOrigin, UncheckedExtrinsic,
};

type Money = pallet_dividend::Call<Runtime>;
type People = pallet_personhood::Call<Runtime>;

#[derive(Clone, Copy, Debug)]
enum Barred {
	Frozen,
	Revoked,
}

const BOTH: [Barred; 2] = [Barred::Frozen, Barred::Revoked];

/// The programme that the consumer joined.
const JOINED: ProgrammeId = 0;
/// The one that it did not.
const OPEN: ProgrammeId = 1;

/// Bars the consumer of the stage, who is due something of all people's pot and of a programme, could
/// join another one, has a channel, and is wanted under another account.
fn barred(how: Barred, then: impl FnOnce(PersonId, ChannelId)) {
	play(|clock| {
		model_and_oracle();
		let channel = open_channel(0);
		let account = CONSUMER.to_account_id();
		let person = recognise(&account);
		for _ in [JOINED, OPEN] {
			open_programme(10);
		}
		must(CONSUMER, Money::join_programme { programme: JOINED });
		rich_epochs(clock, 2);
		let new_account = Two.to_account_id();
		let (attestations, consent) = recognition_as(Purpose::Recover, &account, &new_account, 1);
		must(Alice, People::recover { person, new_account, attestations, consent });
		for call in paying(channel) {
			assert!(is_free(call.clone()), "{call:?}");
		}
		assert!(validate(&claim_of_others(person)).is_ok());
		assert!(is_free(People::veto {}));

		match how {
			Barred::Frozen => {
				let evidence = [7; 32];
				must(Alice, People::challenge { person, reason: Reason::Incorrect, evidence });
			},
			Barred::Revoked => by_root(People::revoke { person }),
		}
		then(person, channel);
	});
}

/// The calls of the dividend that pay who signs them, or will.
fn paying(channel: ChannelId) -> [Money; 4] {
	[
		Money::claim {},
		Money::claim_to_channel { channel },
		Money::claim_programme { programme: JOINED },
		Money::join_programme { programme: OPEN },
	]
}

/// The one that pays somebody though nobody signs it.
fn claim_of_others(person: PersonId) -> UncheckedExtrinsic {
	general(Money::claim_for { person }.into())
}

fn is_free(call: impl Into<RuntimeCall>) -> bool {
	call.into().is_feeless(&RuntimeOrigin::signed(CONSUMER.to_account_id()))
}

#[test]
fn is_paid_nothing_and_pays_for_trying() {
	for how in BOTH {
		barred(how, |person, id| {
			let account = CONSUMER.to_account_id();
			let before = (free(CONSUMER), channel(&id));
			assert_eq!(Dividend::claimable(account.clone()), 0);
			assert_eq!(Dividend::claimable_of_programme(JOINED, account), 0);
			for call in paying(id) {
				refused(CONSUMER, call.clone(), Unpaid::<Runtime>::MayNotClaim);
				assert!(!is_free(call));
			}
			// A pool keeps what can become valid, and nothing else.
			let why = match how {
				Barred::Frozen => InvalidTransaction::Future,
				Barred::Revoked => InvalidTransaction::Stale,
			};
			assert_eq!(validate(&claim_of_others(person)), Err(why.into()));
			assert_eq!(Executive::apply_extrinsic(claim_of_others(person)), Err(why.into()));
			assert_eq!((free(CONSUMER), channel(&id)), before, "{how:?}");
		});
	}
}

#[test]
fn says_where_it_would_be_paid() {
	for how in BOTH {
		barred(how, |person, _| {
			let (account, payee) = (CONSUMER.to_account_id(), Eve.to_account_id());
			must(CONSUMER, Money::set_payout { account: payee.clone() });
			let (present, change) = Dividend::payout(account.clone()).expect("a person's");
			assert_eq!(present, account);
			assert_eq!(change.and_then(|change| change.account), Some(payee));
			for alone in [true, false] {
				must(CONSUMER, Money::set_claims_alone { alone });
				let known = pallet_dividend::ClaimsAlone::<Runtime>::contains_key(person);
				assert_eq!(known, alone, "{how:?}");
			}
		});
	}
}

#[test]
fn vetoes_while_it_is_frozen() {
	barred(Barred::Frozen, |person, _| {
		assert!(is_free(People::veto {}));
		must(CONSUMER, People::veto {});
		assert_eq!(Recoveries::<Runtime>::get(person), None);
		refused(CONSUMER, People::veto {}, Error::<Runtime>::NoRecovery);
	});
}

#[test]
fn has_nothing_to_veto_once_it_is_revoked() {
	barred(Barred::Revoked, |person, _| {
		assert_eq!(Recoveries::<Runtime>::get(person), None);
		assert!(!is_free(People::veto {}));
		refused(CONSUMER, People::veto {}, Error::<Runtime>::NoRecovery);
	});
}
