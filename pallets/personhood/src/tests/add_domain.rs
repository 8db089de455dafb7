use super::*;
use crate::Domains;

fn name(text: &str) -> DomainName {
	text.as_bytes().to_vec().try_into().unwrap()
}

#[test]
fn a_domain_gets_the_next_place() {
	ExtBuilder::default().with_domains(2).build_and_execute(|| {
		assert_ok!(Personhood::add_domain(root(), name("notaries")));
		assert_eq!(last_event(), Event::DomainAdded { domain: 2, name: name("notaries") });
		assert_eq!(Domains::<Test>::get()[2], name("notaries"));
	});
}

#[test]
fn only_root_adds_one() {
	ExtBuilder::default().with_domains(2).build_and_execute(|| {
		assert_noop!(Personhood::add_domain(signed(), name("notaries")), DispatchError::BadOrigin);
	});
}

#[test]
fn a_name_is_needed_and_taken_once() {
	ExtBuilder::default().with_domains(2).build_and_execute(|| {
		assert_noop!(Personhood::add_domain(root(), name("")), Error::<Test>::DomainNameEmpty);
		assert_noop!(
			Personhood::add_domain(root(), name("domain 1")),
			Error::<Test>::DomainNameTaken
		);
	});
}

#[test]
fn domains_stay_below_twice_the_quorum() {
	for quorum in MIN_QUORUM..=MAX_ATTESTATIONS {
		ExtBuilder { quorum, domains: 0, verifiers: vec![], bond: BOND }.build_and_execute(|| {
			for domain in 0..2 * quorum - 1 {
				assert_ok!(Personhood::add_domain(root(), name(&format!("domain {domain}"))));
			}
			assert_noop!(
				Personhood::add_domain(root(), name("one too many")),
				Error::<Test>::TooManyDomains
			);
		});
	}
}

#[test]
fn a_risen_quorum_makes_no_room_beyond_those_recognised_under_the_smaller_one() {
	ExtBuilder::default().build_and_execute(|| {
		registered(ALICE, 1);
		assert_ok!(Personhood::set_quorum(root(), 3));
		// 4 < 3 + 2: three of four domains always include one that knows Alice.
		assert_ok!(Personhood::add_domain(root(), name("fourth")));
		assert_noop!(Personhood::add_domain(root(), name("fifth")), Error::<Test>::TooManyDomains);
	});
}
