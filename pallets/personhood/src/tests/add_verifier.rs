use super::*;
use crate::{NextVerifier, VerifierOfKey, Verifiers};
use usufruct_primitives::{Class, PublicKey};

fn add(domain: u32, key: PublicKey) -> sp_runtime::DispatchResult {
	Personhood::add_verifier(root(), domain, operator(9), Class::Community, key, 5)
}

#[test]
fn a_verifier_gets_the_next_id() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(add(1, verifier_public(6)));
		let expected = Verifier {
			domain: 1,
			operator: operator(9),
			class: Class::Community,
			key: verifier_public(6),
			quota: 5,
			used: Used { epoch: 0, count: 0 },
			retired: false,
			bond_free_at: 0,
			suspension: None,
			stopped: false,
			bond: 0,
			attested: 0,
			disputed: 0,
			upheld: 0,
			open_cases: 0,
		};
		assert_eq!(Verifiers::<Test>::get(6), Some(expected));
		assert_eq!(VerifierOfKey::<Test>::get(verifier_public(6)), Some(6));
		assert_eq!(
			last_event(),
			Event::VerifierAdded {
				verifier: 6,
				domain: 1,
				operator: operator(9),
				class: Class::Community,
				key: verifier_public(6),
				quota: 5,
			}
		);
	});
}

#[test]
fn only_root_adds_one() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(
			Personhood::add_verifier(
				signed(),
				0,
				operator(9),
				Class::Community,
				verifier_public(6),
				5
			),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn its_domain_must_exist() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(add(3, verifier_public(6)), Error::<Test>::UnknownDomain);
	});
}

#[test]
fn its_key_must_be_a_good_one() {
	ExtBuilder::default().build_and_execute(|| {
		// The neutral element; a point of order four; the neutral element written otherwise; no
		// point at all.
		let neutral = core::array::from_fn(|i| (i == 0) as u8);
		let mut not_canonical = [0xff; 32];
		not_canonical[0] = 0xee;
		not_canonical[31] = 0x7f;
		let no_point = core::array::from_fn(|i| if i == 0 { 2 } else { 0 });
		for key in [neutral, [0; 32], not_canonical, no_point] {
			assert_noop!(add(0, key), Error::<Test>::BadKey);
		}
	});
}

#[test]
fn its_key_is_nobody_elses_and_never_was() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(add(0, verifier_public(2)), Error::<Test>::KeyInUse);
		assert_ok!(Personhood::retire_verifier(root(), 2));
		assert_noop!(add(0, verifier_public(2)), Error::<Test>::KeyInUse);
	});
}

#[test]
fn ids_end() {
	ExtBuilder::default().build_and_execute(|| {
		hypothetically!({
			NextVerifier::<Test>::put(u32::MAX);
			assert_noop!(add(0, verifier_public(6)), Error::<Test>::CounterExhausted);
		});
	});
}
