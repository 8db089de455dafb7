//! What is left of a person that is removed.

use crate::{chain::Clock, keys::bystander, stage::*};
use codec::Encode;
use frame_support::traits::StorageInfoTrait;
use pallet_personhood::{dispute::Reason, NextPerson, Priors, RevokedCount};
use sp_keyring::Sr25519Keyring::{Bob, Eve, One, Two};
use std::collections::BTreeSet;
use usufruct_primitives::{PersonId, DAYS};
use usufruct_runtime::{
	AllPalletsWithSystem, Dividend, Personhood, Referenda, Runtime, SLOTS_PER_SESSION,
};

type Money = pallet_dividend::Call<Runtime>;
type People = pallet_personhood::Call<Runtime>;
type Voting = pallet_suffrage::Call<Runtime>;

/// A number whose bytes stand for nothing else by chance, unlike the small ones people have at first.
const PERSON: PersonId = 0xc3a7_5e1d;

/// The items of the storage whose keys or values have these bytes, as often as they do.
fn places(bytes: &[u8]) -> Vec<String> {
	let items = AllPalletsWithSystem::storage_info();
	let name = |key: &[u8]| {
		let item = items.iter().find(|item| key.starts_with(&item.prefix));
		item.map_or(format!("{key:?}"), |item| {
			let (pallet, storage) = (&item.pallet_name, &item.storage_name);
			format!("{}.{}", String::from_utf8_lossy(pallet), String::from_utf8_lossy(storage))
		})
	};
	let has = |key: &Vec<u8>| {
		let value = sp_io::storage::get(key).unwrap_or_default();
		stands_in(bytes, key) || stands_in(bytes, &value)
	};
	state_keys().filter(has).map(|key| name(&key)).collect()
}

/// The person and another one sign a proposal, submit it, and vote on it.
fn has_a_poll(clock: &mut Clock) {
	propose(One);
	must(Two, Voting::cosign { proposal: 0 });
	must(Bob, Voting::submit_proposal { proposal: 0 });
	must(One, Voting::vote { poll: 0, aye: true });
	must(Two, Voting::vote { poll: 0, aye: true });
	while Referenda::ensure_ongoing(0).is_ok() {
		clock.skip(1);
	}
}

/// Somebody cleans up after it, at any time.
fn is_cleaned_up_after() {
	must(Eve, Voting::cleanup_poll { poll: 0, max: 10 });
	must(Eve, Voting::cleanup_proposal { proposal: 0, max: 10 });
}

/// The person is challenged, and nobody says whether that is right.
fn is_challenged_in_vain(clock: &mut Clock) {
	let evidence = [7; 32];
	must(Bob, People::challenge { person: PERSON, reason: Reason::Deceased, evidence });
	for _ in 0..2 {
		clock.stall(SLOTS_PER_SESSION.into());
	}
	// There are nearly no people with the numbers that are drawn.
	must(Eve, People::draw_jury { case: 0 });
	clock.skip(27 * DAYS);
	must(Eve, People::close_case { case: 0 });
	assert_eq!(Priors::<Runtime>::get(PERSON).len(), 1);
}

#[test]
fn is_what_verifiers_know_it_by_and_its_money() {
	play(|clock| {
		// As if all those before it had been revoked and removed.
		NextPerson::<Runtime>::put(PERSON);
		RevokedCount::<Runtime>::put(PERSON);
		let (account, payee) = (One.to_account_id(), bystander(1));
		assert_eq!(recognise(&account), PERSON);
		recognise(&Two.to_account_id());
		open_programme(4);
		must(One, Money::join_programme { programme: 0 });
		must(One, Money::set_payout { account: payee.clone() });
		must(One, Money::set_claims_alone { alone: true });
		rich_epochs(clock, 2);
		must(One, Money::claim {});
		must(One, Money::claim_programme { programme: 0 });
		has_a_poll(clock);
		is_cleaned_up_after();
		is_challenged_in_vain(clock);
		by_root(People::revoke { person: PERSON });
		// All it shared in is swept, and the programme is over.
		rich_epochs(clock, 14);
		assert_eq!(Dividend::programmes(), Vec::<u32>::new());

		let found = BTreeSet::from_iter(places(&PERSON.encode()));
		for place in [
			"Dividend.ClaimsAlone",
			"Dividend.Payouts",
			"Dividend.ProgrammeShares",
			"Dividend.Shares",
			"Personhood.AccountOf",
			"Personhood.Nullifiers",
			"Personhood.People",
			"Personhood.Priors",
		] {
			assert!(found.contains(place), "{place} is not in {found:?}");
		}
		assert!(places(payee.as_ref()).contains(&"Dividend.Payouts".to_string()));
		let recorded = Personhood::person(account.clone()).expect("it is there still");
		assert!(recorded.revoked && free(One) > 0);

		must(Eve, People::remove { person: PERSON });
		// The events of a block are forgotten with the next one.
		clock.skip(1);
		assert_eq!(places(&PERSON.encode()), ["Personhood.Nullifiers", "Personhood.Nullifiers"]);
		assert_eq!(places(account.as_ref()), ["System.Account"]);
		assert_eq!(places(payee.as_ref()), ["System.Account"]);
		let left = frame_system::Account::<Runtime>::get(&account);
		assert_eq!((left.sufficients, left.providers), (0, 1));
		assert_eq!(left.data.free, free(One));
	});
}

#[test]
fn leaves_polls_as_they_were_counted_until_somebody_cleans_them_up() {
	play(|clock| {
		NextPerson::<Runtime>::put(PERSON);
		RevokedCount::<Runtime>::put(PERSON);
		assert_eq!(recognise(&One.to_account_id()), PERSON);
		recognise(&Two.to_account_id());
		rich_epochs(clock, 2);
		has_a_poll(clock);
		by_root(People::revoke { person: PERSON });
		rich_epochs(clock, 14);
		must(Eve, People::remove { person: PERSON });
		clock.skip(1);
		let found = BTreeSet::from_iter(places(&PERSON.encode()));
		let expected = ["Personhood.Nullifiers", "Suffrage.Cosigners", "Suffrage.Votes"];
		assert!(expected.into_iter().all(|place| found.contains(place)), "{found:?}");
		is_cleaned_up_after();
		clock.skip(1);
		assert_eq!(places(&PERSON.encode()), ["Personhood.Nullifiers", "Personhood.Nullifiers"]);
	});
}
