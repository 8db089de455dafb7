//! What it is all for: no human is two people.

use super::*;
use crate::People;
use proptest::prelude::*;
use sp_core::{sr25519, Pair};
use sp_runtime::AccountId32;
use std::collections::BTreeMap;
use usufruct_primitives::{DomainId, PersonId, Purpose, VerifierId};

/// All sets of between `least` and `most` of the domains.
fn subsets(domains: u32, least: u32, most: u32) -> Vec<Vec<DomainId>> {
	(0..1u32 << domains)
		.filter(|set| (least..=most).contains(&set.count_ones()))
		.map(|set| (0..domains).filter(|domain| set >> domain & 1 == 1).collect())
		.collect()
}

#[test]
fn no_two_sets_of_attestations_make_one_human_two_people() {
	for quorum in MIN_QUORUM..=MAX_ATTESTATIONS {
		ExtBuilder::of_quorum(quorum).build_and_execute(|| {
			let domains = 2 * quorum - 1;
			let sets = subsets(domains, quorum, domains.min(MAX_ATTESTATIONS));
			// For the second person the human goes to the other verifier of each domain.
			let second: Vec<_> = sets
				.iter()
				.map(|set| {
					let verifiers: Vec<VerifierId> = set.iter().map(|d| 2 * d + 1).collect();
					let application = Application::register(BOB, 1, &verifiers);
					let (signed, consent) = (application.signed(), application.consent());
					(application, signed, consent)
				})
				.collect();
			for set in &sets {
				let verifiers: Vec<VerifierId> = set.iter().map(|d| 2 * d).collect();
				hypothetically!({
					assert_ok!(Application::register(ALICE, 1, &verifiers).submit());
					for (application, signed, consent) in &second {
						let refused = application.submit_as(signed.clone(), consent.clone());
						assert_eq!(refused.unwrap_err().error, Error::<Test>::NullifierUsed.into());
					}
				});
			}
			// Each of them would have been accepted by itself.
			for (application, signed, consent) in second {
				hypothetically!({
					assert_ok!(application.submit_as(signed, consent));
				});
			}
		});
	}
}

#[test]
fn more_domains_than_that_would_let_one_human_be_two_people() {
	// Why domains stay below twice the quorum.
	ExtBuilder::of_quorum(3).build_and_execute(|| {
		hypothetically!({
			crate::Quorum::<Test>::put(2);
			assert_ok!(Application::register(ALICE, 1, &[0, 2]).submit());
			assert_ok!(Application::register(BOB, 1, &[4, 6]).submit());
		});
	});
}

#[test]
fn humans_who_mix_their_attestations_are_fewer_than_two_people_each() {
	// Two humans over three domains have six nullifiers, and every person uses up two.
	ExtBuilder::default().build_and_execute(|| {
		let (one, two) = (1, 2);
		assert_ok!(Application::register(ALICE, one, &[0, 1]).submit());
		assert_ok!(Application::register(BOB, two, &[0, 2])
			.with(1, |a| a.nullifier = nullifier(2, one))
			.submit());
		assert_ok!(Application::register(CHARLIE, two, &[1, 2]).submit());
		for human in [one, two] {
			for verifiers in [[0, 1], [0, 2], [1, 2]] {
				assert_noop!(
					Application::register(Keyring::Dave, human, &verifiers).submit(),
					Error::<Test>::NullifierUsed
				);
			}
		}
	});
}

/// What people and governance do in the randomised test.
#[derive(Clone, Debug)]
enum Step {
	/// A human goes to one verifier of each domain of the set with one of its accounts.
	Register {
		human: u32,
		account: u32,
		set: u32,
		other: bool,
	},
	/// The same for the person that `owner` is, who is mostly that human itself.
	Renew {
		human: u32,
		owner: u32,
		set: u32,
		other: bool,
	},
	SetQuorum(u32),
	AddDomain,
	Retire(VerifierId),
	Revoke(PersonId),
	Remove(PersonId),
	CloseEpochs(u32),
}

const HUMANS: u32 = 3;
const ACCOUNTS: u32 = 3;

fn step() -> impl Strategy<Value = Step> {
	let set = || 0..1u32 << MAX_DOMAINS;
	prop_oneof![
		8 => (0..HUMANS, 0..ACCOUNTS, set(), any::<bool>())
			.prop_map(|(human, account, set, other)| Step::Register { human, account, set, other }),
		2 => (0..HUMANS, 0..HUMANS, set(), any::<bool>())
			.prop_map(|(human, owner, set, other)| Step::Renew { human, owner, set, other }),
		6 => (0..HUMANS, set(), any::<bool>())
			.prop_map(|(human, set, other)| Step::Renew { human, owner: human, set, other }),
		2 => (1u32..=6).prop_map(Step::SetQuorum),
		4 => Just(Step::AddDomain),
		1 => (0..2 * MAX_DOMAINS).prop_map(Step::Retire),
		1 => (0..HUMANS).prop_map(Step::Revoke),
		1 => (0..HUMANS).prop_map(Step::Remove),
		3 => (1..=TERM).prop_map(Step::CloseEpochs),
	]
}

/// The key of an account of a human.
fn account(human: u32, account: u32) -> sr25519::Pair {
	let mut seed = [9; 32];
	seed[0] = human as u8;
	seed[1] = account as u8;
	sr25519::Pair::from_seed(&seed)
}

/// The first or the other verifier of each domain in the set that there is.
fn verifiers_of(set: u32, other: bool) -> Vec<VerifierId> {
	let domains = crate::Domains::<Test>::get().len() as u32;
	(0..domains)
		.filter(|domain| set >> domain & 1 == 1)
		.map(|domain| 2 * domain + u32::from(other))
		.take(MAX_ATTESTATIONS as usize)
		.collect()
}

fn add_domain() {
	let domain = crate::Domains::<Test>::get().len() as u32;
	let name = format!("domain {domain}").into_bytes().try_into().unwrap();
	if Personhood::add_domain(root(), name).is_ok() {
		for verifier in [2 * domain, 2 * domain + 1] {
			assert_ok!(Personhood::add_verifier(
				root(),
				domain,
				operator(verifier as u8),
				usufruct_primitives::Class::Document,
				verifier_public(verifier),
				1_000,
			));
			let operator = RuntimeOrigin::signed(operator(verifier as u8));
			assert_ok!(Personhood::post_bond(operator, verifier, BOND));
		}
	}
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

	/// Whatever the order of registrations, renewals, changed quorums, new domains, retirements,
	/// revocations and removals: a human is one person at most, for ever, and nobody else renews it.
	#[test]
	fn a_human_is_one_person_for_ever(steps in proptest::collection::vec(step(), 1..100)) {
		ExtBuilder::of_quorum(2).build_and_execute(|| {
			let mut person_of = BTreeMap::<u32, PersonId>::new();
			for step in steps {
				match step {
					Step::Register { human, account: number, set, other } => {
						let verifiers = verifiers_of(set, other);
						let enough = verifiers.len() as u32 >= Personhood::quorum();
						let active = verifiers
							.iter()
							.all(|v| Personhood::verifier(*v).is_some_and(|v| !v.retired));
						let pair = account(human, number);
						let application =
							Application::new(Purpose::Register, &pair, 0, human, &verifiers);
						let accepted = application.submit().is_ok();
						let expected = enough && active && !person_of.contains_key(&human);
						assert_eq!(accepted, expected);
						if accepted {
							let info = Personhood::person(pair.public().into()).unwrap();
							assert!(person_of.insert(human, info.person).is_none());
						}
					},
					Step::Renew { human, owner, set, other } => {
						let Some(person) = person_of.get(&owner) else { continue };
						let Some(record) = People::<Test>::get(person) else { continue };
						let pair = (0..ACCOUNTS)
							.map(|number| account(owner, number))
							.find(|pair| AccountId32::from(pair.public()) == record.account)
							.expect("its account is one of the owner's");
						let verifiers = verifiers_of(set, other);
						let nonce = record.nonce;
						let application =
							Application::new(Purpose::Renew, &pair, nonce, human, &verifiers);
						if application.submit().is_ok() {
							assert_eq!(human, owner, "only the same human renews");
						}
					},
					Step::SetQuorum(quorum) => {
						let _ = Personhood::set_quorum(root(), quorum);
					},
					Step::AddDomain => add_domain(),
					Step::Retire(verifier) => {
						let _ = Personhood::retire_verifier(root(), verifier);
					},
					Step::Revoke(person) => {
						let _ = Personhood::revoke(root(), person);
					},
					Step::Remove(person) => {
						let _ = Personhood::remove(signed(), person);
					},
					Step::CloseEpochs(count) => close_epochs(count),
				}
				check_state();
			}
			assert!(People::<Test>::iter().count() <= person_of.len());
		});
	}
}
