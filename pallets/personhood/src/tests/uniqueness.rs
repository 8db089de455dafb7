//! What it is all for: no human is two people. `USUFRUCT_SEEDS` sets how many random histories are
//! played.

use super::*;
use crate::People;
use proptest::prelude::*;
use sp_core::{sr25519, Pair};
use sp_runtime::AccountId32;
use std::collections::BTreeMap;
use usufruct_primitives::{traits::Eligibility, DomainId, PersonId, Purpose, VerifierId};

/// All sets of between `least` and `most` of the domains.
fn subsets(domains: u32, least: u32, most: u32) -> Vec<Vec<DomainId>> {
	(0..1u32 << domains)
		.filter(|set| (least..=most).contains(&set.count_ones()))
		.map(|set| (0..domains).filter(|domain| set >> domain & 1 == 1).collect())
		.collect()
}

/// One set of each kind: two are of a kind if renaming domains makes one the other, and leaves the
/// sets of `apart` as they are. Domains differ in nothing but their names, so what holds of one set
/// holds of all of its kind.
fn one_of_each_kind(sets: &[Vec<DomainId>], apart: &[&[DomainId]]) -> Vec<Vec<DomainId>> {
	let kind = |set: &[DomainId]| {
		let mut counts = BTreeMap::<Vec<bool>, usize>::new();
		for domain in set {
			let within = apart.iter().map(|other| other.contains(domain)).collect();
			*counts.entry(within).or_default() += 1;
		}
		counts
	};
	let mut kinds = BTreeMap::new();
	for set in sets {
		kinds.entry(kind(set)).or_insert_with(|| set.clone());
	}
	kinds.into_values().collect()
}

/// All sets for the small quorums, and one of each kind for the others, where they are many.
fn sets_or_kinds(quorum: u32, sets: &[Vec<DomainId>], apart: &[&[DomainId]]) -> Vec<Vec<DomainId>> {
	match quorum < 4 {
		true => sets.to_vec(),
		false => one_of_each_kind(sets, apart),
	}
}

#[test]
fn kinds_of_sets_are_told_apart_by_what_they_share() {
	let sets = subsets(7, 4, 5);
	assert_eq!(sets.len(), 35 + 21);
	assert_eq!(one_of_each_kind(&sets, &[]).len(), 2);
	// Four of seven share 1 to 4 with four of them; five share 2 to 4.
	assert_eq!(one_of_each_kind(&sets, &[&[0, 1, 2, 3]]).len(), 4 + 3);
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

/// The human goes to the other verifier of each domain of the set, with the account of Bob.
fn as_bob(set: &[DomainId]) -> (Application, Attestations, sp_runtime::MultiSignature) {
	let verifiers: Vec<VerifierId> = set.iter().map(|d| 2 * d + 1).collect();
	let application = Application::register(BOB, 1, &verifiers);
	let (signed, consent) = (application.signed(), application.consent());
	(application, signed, consent)
}

#[test]
fn nor_does_a_recovery_while_it_is_pending_and_after() {
	for quorum in MIN_QUORUM..=MAX_ATTESTATIONS {
		ExtBuilder::of_quorum(quorum).build_and_execute(|| {
			let domains = 2 * quorum - 1;
			let sets = subsets(domains, quorum, domains.min(MAX_ATTESTATIONS));
			let second: Vec<_> = sets.iter().map(|set| as_bob(set)).collect();
			let is_one_person = || {
				for (application, signed, consent) in &second {
					let refused = application.submit_as(signed.clone(), consent.clone());
					assert_eq!(refused.unwrap_err().error, Error::<Test>::NullifierUsed.into());
				}
			};
			for first in &sets_or_kinds(quorum, &sets, &[]) {
				let verifiers: Vec<VerifierId> = first.iter().map(|d| 2 * d).collect();
				hypothetically!({
					assert_ok!(Application::register(ALICE, 1, &verifiers).submit());
					for again in &sets_or_kinds(quorum, &sets, &[first]) {
						let verifiers: Vec<VerifierId> = again.iter().map(|d| 2 * d).collect();
						hypothetically!({
							assert_ok!(Application::recover(0, CHARLIE, 1, &verifiers).submit());
							is_one_person();
							hypothetically!({
								assert_ok!(Personhood::veto(signed()));
								is_one_person();
							});
							pass(DELAY);
							assert_ok!(Personhood::complete_recovery(signed(), 0));
							is_one_person();
							// Also not with the account it has left.
							assert_noop!(
								Application::register(ALICE, 1, &verifiers).submit(),
								Error::<Test>::NullifierUsed
							);
						});
					}
				});
			}
		});
	}
}

#[test]
fn nor_do_domains_that_are_suspended_or_retired() {
	for quorum in MIN_QUORUM..=MAX_ATTESTATIONS {
		ExtBuilder::of_quorum(quorum).build_and_execute(|| {
			let domains = 2 * quorum - 1;
			let sets = subsets(domains, quorum, domains.min(MAX_ATTESTATIONS));
			let second: Vec<_> = sets.iter().map(|set| as_bob(set)).collect();
			for first in &sets_or_kinds(quorum, &sets, &[]) {
				let verifiers: Vec<VerifierId> = first.iter().map(|d| 2 * d).collect();
				for out in sets_or_kinds(quorum, &subsets(domains, 1, domains), &[first]) {
					hypothetically!({
						assert_ok!(Application::register(ALICE, 1, &verifiers).submit());
						for domain in &out {
							for verifier in [2 * domain, 2 * domain + 1] {
								// Every other domain that is out is suspended.
								assert_ok!(if (domain + out.len() as u32).is_multiple_of(2) {
									Personhood::retire_verifier(root(), verifier)
								} else {
									Personhood::suspend_verifier(root(), verifier)
								});
							}
						}
						for (application, signed, consent) in &second {
							let refused = application.submit_as(signed.clone(), consent.clone());
							assert!(refused.is_err());
						}
						// A domain that is out makes no room for another one.
						let name = b"one more".to_vec().try_into().unwrap();
						assert_noop!(
							Personhood::add_domain(root(), name),
							Error::<Test>::TooManyDomains
						);
					});
				}
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
	/// A human asks that the person of `owner` be moved to one of its own accounts.
	Recover {
		human: u32,
		owner: u32,
		account: u32,
		set: u32,
		other: bool,
	},
	Veto(u32),
	Complete(u32),
	Pass(u32),
	SetQuorum(u32),
	AddDomain,
	Retire(VerifierId),
	Suspend(VerifierId),
	Resume(VerifierId),
	Confirm(VerifierId),
	Reinstate(PersonId),
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
		2 => (0..HUMANS, 0..HUMANS, 0..ACCOUNTS, set(), any::<bool>())
			.prop_map(|(human, owner, account, set, other)| {
				Step::Recover { human, owner, account, set, other }
			}),
		6 => (0..HUMANS, 0..ACCOUNTS, set(), any::<bool>())
			.prop_map(|(human, account, set, other)| {
				Step::Recover { human, owner: human, account, set, other }
			}),
		1 => (0..HUMANS).prop_map(Step::Veto),
		4 => (0..HUMANS).prop_map(Step::Complete),
		3 => (1..=DELAY).prop_map(Step::Pass),
		1 => (0..2 * MAX_DOMAINS).prop_map(Step::Suspend),
		1 => (0..2 * MAX_DOMAINS).prop_map(Step::Resume),
		1 => (0..2 * MAX_DOMAINS).prop_map(Step::Confirm),
		1 => (0..HUMANS).prop_map(Step::Reinstate),
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
	#![proptest_config(ProptestConfig::with_cases(crate::mock::histories(32)))]

	/// Whatever the order of registrations, renewals, recoveries, vetoes, changed quorums, new
	/// domains, suspensions, retirements, revocations and removals: a human is one person at most,
	/// for ever, and nobody else renews or recovers it.
	#[test]
	fn a_human_is_one_person_for_ever(steps in proptest::collection::vec(step(), 1..100)) {
		ExtBuilder::of_quorum(2).build_and_execute(|| {
			let mut person_of = BTreeMap::<u32, PersonId>::new();
			for step in steps {
				match step {
					Step::Register { human, account: number, set, other } => {
						let verifiers = verifiers_of(set, other);
						let enough = verifiers.len() as u32 >= Personhood::quorum();
						let epoch = MockDividend::current_epoch();
						let active = verifiers.iter().all(|verifier| {
							Personhood::verifier(*verifier)
								.is_some_and(|v| !v.retired && !v.is_suspended(epoch))
						});
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
					Step::Recover { human, owner, account: number, set, other } => {
						let Some(person) = person_of.get(&owner) else { continue };
						let Some(record) = People::<Test>::get(person) else { continue };
						let verifiers = verifiers_of(set, other);
						let pair = account(human, number);
						let mut application = Application::new(
							Purpose::Recover,
							&pair,
							record.nonce,
							human,
							&verifiers,
						);
						application.person = *person;
						if application.submit().is_ok() {
							assert_eq!(human, owner, "only the same human moves");
						}
					},
					Step::Veto(owner) => {
						let Some(person) = person_of.get(&owner) else { continue };
						let Some(record) = People::<Test>::get(person) else { continue };
						let _ = Personhood::veto(by(&record.account));
					},
					Step::Complete(owner) => {
						let Some(person) = person_of.get(&owner) else { continue };
						let _ = Personhood::complete_recovery(signed(), *person);
					},
					Step::Pass(blocks) => pass(blocks),
					Step::Suspend(verifier) => {
						let _ = Personhood::suspend_verifier(root(), verifier);
					},
					Step::Resume(verifier) => {
						let _ = Personhood::resume_verifier(everybody(), verifier);
					},
					Step::Confirm(verifier) => {
						let _ = Personhood::confirm_suspension(everybody(), verifier);
					},
					Step::Reinstate(person) => {
						let _ = Personhood::reinstate(everybody(), person);
					},
					Step::SetQuorum(quorum) => {
						let _ = Personhood::set_quorum(root(), quorum);
					},
					Step::AddDomain => add_domain(),
					Step::Retire(verifier) => {
						let _ = Personhood::retire_verifier(root(), verifier);
					},
					Step::Revoke(person) => {
						let _ = Personhood::revoke(everybody(), person);
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
