use super::*;
use crate::{GenesisConfig, VerifierOfKey};
use usufruct_primitives::DomainId;

#[test]
fn it_builds_what_it_names() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Personhood::quorum(), 2);
		assert_eq!(crate::Domains::<Test>::get().len(), 3);
		assert_eq!(VerifierOfKey::<Test>::get(verifier_public(5)), Some(5));
		assert_eq!(Personhood::verifier(5).unwrap().quota, 1);
	});
}

#[test]
fn the_default_recognises_nobody() {
	let default = GenesisConfig::<Test>::default();
	assert!(default.domains.is_empty() && default.verifiers.is_empty());
	ExtBuilder { quorum: default.quorum, domains: 0, verifiers: vec![], bond: 0 }
		.build_and_execute(|| {
			assert_noop!(
				Application::register(ALICE, 1, &[0, 1]).submit(),
				Error::<Test>::UnknownVerifier
			);
		});
}

#[test]
#[should_panic(expected = "QuorumOutOfBounds")]
fn one_verifier_is_no_quorum() {
	ExtBuilder { quorum: 1, ..Default::default() }.build();
}

#[test]
#[should_panic(expected = "TooManyDomains")]
fn two_quorums_must_meet() {
	ExtBuilder { domains: 4, ..Default::default() }.build();
}

#[test]
#[should_panic(expected = "KeyInUse")]
fn two_verifiers_have_two_keys() {
	let mut builder = ExtBuilder::default();
	builder.verifiers[1].3 = builder.verifiers[0].3;
	builder.build();
}

#[test]
#[should_panic(expected = "BadKey")]
fn keys_are_good_ones() {
	let mut builder = ExtBuilder::default();
	builder.verifiers[1].3 = [0; 32];
	builder.build();
}

#[test]
#[should_panic(expected = "UnknownDomain")]
fn verifiers_are_of_domains() {
	let mut builder = ExtBuilder::default();
	builder.verifiers[1].0 = 3;
	builder.build();
}

#[test]
fn as_many_domains_as_must_agree_have_a_verifier() {
	for quorum in MIN_QUORUM..=MAX_ATTESTATIONS {
		ExtBuilder::of_quorum(quorum).with_domains(quorum).build_and_execute(|| {
			let one_each: Vec<_> = (0..quorum).map(|domain| 2 * domain).collect();
			assert_ok!(Application::register(ALICE, 1, &one_each).submit());
		});
	}
}

#[test]
#[should_panic(expected = "fewer verifiers independent of each other than must agree")]
fn nobody_could_be_recognised_without_any_verifier() {
	ExtBuilder { verifiers: vec![], ..Default::default() }.build();
}

#[test]
#[should_panic(expected = "fewer verifiers independent of each other than must agree")]
fn nor_by_verifiers_of_too_few_domains() {
	let mut builder = ExtBuilder::of_quorum(3);
	builder.verifiers.retain(|(domain, ..)| *domain < 2);
	builder.build();
}

#[test]
#[should_panic(expected = "fewer verifiers independent of each other than must agree")]
fn nor_by_those_of_one_operator() {
	let mut builder = ExtBuilder::default();
	builder.verifiers.iter_mut().for_each(|verifier| verifier.1 = operator(0));
	builder.build();
}

/// One verifier for each pair of a domain and an operator, for a quorum of three.
fn served(by: &[(DomainId, u8)]) -> ExtBuilder {
	let builder = ExtBuilder::of_quorum(3);
	let verifiers = builder.verifiers.into_iter().zip(by);
	let verifiers = verifiers
		.map(|((.., class, key, quota), (domain, of))| (*domain, operator(*of), class, key, quota))
		.collect();
	ExtBuilder { verifiers, ..builder }
}

#[test]
#[should_panic(expected = "fewer verifiers independent of each other than must agree")]
fn nor_where_the_same_operator_is_needed_twice() {
	// Three domains and three operators, but no three verifiers that have neither in common.
	served(&[(0, 0), (1, 0), (2, 0), (0, 1), (0, 2)]).build();
}

#[test]
fn whoever_else_there_is_three_that_are_independent_are_enough() {
	// The first of each domain would be two of one operator.
	let verifiers = [(0, 0), (1, 0), (0, 1), (4, 0), (4, 2)];
	served(&verifiers).build_and_execute(|| {
		assert_ok!(Application::register(ALICE, 1, &[1, 2, 4]).submit());
	});
}
