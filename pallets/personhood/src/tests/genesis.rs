use super::*;
use crate::{GenesisConfig, VerifierOfKey};

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
#[should_panic(expected = "verifiers of fewer domains or operators than must agree")]
fn nobody_could_be_recognised_without_any_verifier() {
	ExtBuilder { verifiers: vec![], ..Default::default() }.build();
}

#[test]
#[should_panic(expected = "verifiers of fewer domains or operators than must agree")]
fn nor_by_verifiers_of_too_few_domains() {
	let mut builder = ExtBuilder::of_quorum(3);
	builder.verifiers.retain(|(domain, ..)| *domain < 2);
	builder.build();
}

#[test]
#[should_panic(expected = "verifiers of fewer domains or operators than must agree")]
fn nor_by_those_of_one_operator() {
	let mut builder = ExtBuilder::default();
	builder.verifiers.iter_mut().for_each(|verifier| verifier.1 = operator(0));
	builder.build();
}
