//! Refuting claims of reuse: the first fine-tune of a base has no claim on the later ones.

use super::*;
use sp_runtime::AccountId32;
use usufruct_primitives::{tensors::TensorTree, Hash, VersionId, PPM};

/// A version whose one row is its owner's.
fn version_of(
	owner: AccountId32,
	tensors: &TensorTree,
	royalty: u32,
	parents: &[VersionId],
) -> VersionId {
	NewVersion {
		caller: owner.clone(),
		contributors: table(&[(owner, PPM)]),
		tensor_root: Some(tensors.root()),
		royalty,
		parents: parents.to_vec(),
		..Default::default()
	}
	.registered()
}

/// Ada's base of the tensors 1 to 39, settled; Ben's fine-tune of it, which has 40 to 59 of its own;
/// and Mallory's later one, which has 60 to 79 of its own.
struct Family {
	base: VersionId,
	first: VersionId,
	second: VersionId,
	of_base: TensorTree,
	of_first: TensorTree,
	of_second: TensorTree,
}

/// The second fine-tune names the base as its parent, or does not.
fn family(named: bool) -> Family {
	let (of_base, of_first) = (tensors(1..40), tensors(1..60));
	let second = (1..40).chain(60..80);
	let leaf = |n: u8| *tensors(1..80).leaves().iter().find(|leaf| leaf.tensor == [n; 32]).unwrap();
	let of_second = TensorTree::new(second.map(leaf).collect()).unwrap();
	let base = version_of(ADA, &of_base, 10_000, &[]);
	pass(CONTEST_WINDOW);
	let first = version_of(BEN, &of_first, 50_000, &[base]);
	pass(CONTEST_WINDOW);
	let parents = if named { vec![base] } else { vec![] };
	let second = version_of(MALLORY, &of_second, 0, &parents);
	Family { base, first, second, of_base, of_first, of_second }
}

impl Family {
	/// That both fine-tunes hold those tensors of the base.
	fn proof(&self, numbers: std::ops::Range<u8>) -> ReuseProof {
		shared(&self.of_first, &self.of_second, numbers)
	}

	/// Ben claims that the second fine-tune is of his; returns by which the claim is known.
	fn claim(&self, proof: &ReuseProof) -> Hash {
		let claim = Models::prove_reuse(signed(BEN), self.first, self.second, proof.clone());
		assert_ok!(claim);
		claim_id(self.first, proof)
	}

	fn refute(
		&self,
		who: AccountId32,
		proof: &ReuseProof,
		found: FoundTensors,
	) -> sp_runtime::DispatchResult {
		let (first, second, tensors) = (self.first, self.second, claimed(proof));
		Models::refute_reuse(signed(who), first, second, tensors, self.base, found)
	}
}

#[test]
fn attack_24_the_first_fine_tune_of_a_base_has_no_claim_on_the_next() {
	ExtBuilder::default().build_and_execute(|| {
		let family = family(true);
		let proof = family.proof(1..33);
		let id = family.claim(&proof);
		let (ben, mallory) = (free(&BEN), free(&MALLORY));
		assert_ok!(family.refute(MALLORY, &proof, found(&proof, &family.of_base)));
		let to_refuter = REUSE_DEPOSIT / 2;
		let refuted = Event::ReuseRefuted {
			older: family.first,
			newer: family.second,
			source: family.base,
			prover: BEN,
			refuter: MALLORY,
			to_refuter,
			to_dividend: to_refuter + 1,
		};
		// The base is an ancestor already, so there is no other claim.
		System::assert_last_event(refuted.into());
		assert_eq!((free(&BEN), held_for_claims(&BEN)), (ben, 0));
		assert_eq!(free(&MALLORY), mallory + to_refuter);
		assert_eq!(free(&DIVIDEND), ED + to_refuter + 1);
		assert_eq!(ReuseClaims::<Test>::iter().count(), 0);
		assert!(!PendingReuses::<Test>::contains_key(family.second));

		pass(REFUTATION_PERIOD);
		let confirm = Models::confirm_reuse(signed(BEN), family.second, id);
		assert_noop!(confirm, Error::<Test>::UnknownClaim);
		let ancestors = Models::ancestors(family.second);
		assert_eq!(ancestors, [Ancestor { version: family.base, rate: 10_000, since: 0 }]);
		assert_eq!(Models::bars(MALLORY), 0);
	});
}

#[test]
fn a_claim_made_in_time_passes_over_to_the_source_that_was_not_named() {
	ExtBuilder::default().build_and_execute(|| {
		let family = family(false);
		let Family { base, second, .. } = family;
		pass(CONTEST_WINDOW - 1);
		let proof = family.proof(1..33);
		family.claim(&proof);
		// When the window is over and the claim could be confirmed.
		pass(REFUTATION_PERIOD);
		let ada = free(&ADA);
		assert_ok!(family.refute(ADA, &proof, found(&proof, &family.of_base)));
		assert_eq!(free(&ADA), ada + REUSE_DEPOSIT / 2 - REUSE_DEPOSIT);
		assert_eq!(held_for_claims(&ADA), REUSE_DEPOSIT);
		let id = claim_id(base, &proof);
		let (deposit, since) = (REUSE_DEPOSIT, System::block_number());
		let claim = ReuseClaim { older: base, prover: ADA, deposit, since, in_window: true };
		assert_eq!(Models::reuse_claim(second, id), Some(claim));
		assert!(!Models::settled(second));
		pass(REFUTATION_PERIOD);
		assert_ok!(Models::confirm_reuse(signed(CHIDI), second, id));
		assert_eq!(Models::ancestors(second)[0].version, base);
		assert_eq!(Models::ancestors(second).len(), 1);
		assert!(Models::settled(second));
		assert_eq!(held_for_claims(&ADA), 0);
	});
}

#[test]
fn a_claim_by_tensors_of_ones_own_is_not_refuted() {
	ExtBuilder::default().build_and_execute(|| {
		// Mallory has taken ten of Ben's own tensors, too.
		let base = tensors(1..40);
		let base_id = version_of(ADA, &base, 0, &[]);
		pass(CONTEST_WINDOW);
		let tree = tensors(1..60);
		let first = version_of(BEN, &tree, 50_000, &[base_id]);
		pass(CONTEST_WINDOW);
		let second = version_of(MALLORY, &tree, 0, &[base_id]);
		// Twenty-two of the base and ten of Ben's.
		let proof = shared(&tree, &tree, 18..50);
		assert_ok!(Models::prove_reuse(signed(BEN), first, second, proof.clone()));
		let found = found(&proof, &base);
		assert_eq!(found.len(), 22);
		let tensors = claimed(&proof);
		let refute = Models::refute_reuse(signed(ADA), first, second, tensors, base_id, found);
		assert_noop!(refute, Error::<Test>::StillReuse);
		pass(REFUTATION_PERIOD);
		assert_ok!(Models::confirm_reuse(signed(BEN), second, claim_id(first, &proof)));
		assert_eq!(Models::ancestors(second).len(), 2);
	});
}

#[test]
fn one_tensor_too_few_of_ones_own_is_refuted() {
	ExtBuilder::default().build_and_execute(|| {
		let family = family(true);
		// All but nine are found, which hold less than five percent of the bytes.
		let proof = family.proof(1..33);
		family.claim(&proof);
		let all = found(&proof, &family.of_base);
		let but = |left: usize| {
			FoundTensors::truncate_from(all.iter().skip(left).cloned().collect::<Vec<_>>())
		};
		// Nine of sixty tensors are more than five percent of the bytes.
		assert_noop!(family.refute(ADA, &proof, but(9)), Error::<Test>::StillReuse);
		assert_noop!(family.refute(ADA, &proof, but(3)), Error::<Test>::StillReuse);
		assert_ok!(family.refute(ADA, &proof, but(2)));
	});
}

#[test]
fn what_is_found_must_stand_under_the_sources_root_once_and_in_order() {
	ExtBuilder::default().build_and_execute(|| {
		let family = family(true);
		let proof = family.proof(1..33);
		family.claim(&proof);
		let all = found(&proof, &family.of_base);
		let forged = |forge: fn(&mut Vec<FoundTensor>)| {
			let mut found = all.clone().into_inner();
			forge(&mut found);
			FoundTensors::truncate_from(found)
		};
		for (found, error) in [
			(forged(|found| found.swap(3, 4)), Error::<Test>::TensorsNotRising),
			(forged(|found| found[31].place = 32), Error::TensorsNotRising),
			(forged(|found| found[31].place = 255), Error::TensorsNotRising),
			(forged(|found| found[4] = found[3].clone()), Error::TensorsNotRising),
			(forged(|found| found[4].inclusion = found[3].inclusion.clone()), Error::InvalidProof),
			(forged(|found| found[4].inclusion.index = u32::MAX), Error::InvalidProof),
			(forged(|found| found[4].inclusion.siblings.truncate(1)), Error::InvalidProof),
			(
				forged(|found| found[4].inclusion.siblings.resize(9_999, [0; 32])),
				Error::InvalidProof,
			),
			(forged(|found| found.clear()), Error::StillReuse),
		] {
			assert_noop!(family.refute(ADA, &proof, found), error);
		}
		assert_ok!(family.refute(ADA, &proof, all));
	});
}

#[test]
fn the_source_is_older_than_both_and_has_a_root() {
	ExtBuilder::default().build_and_execute(|| {
		let without = NewVersion::default().registered();
		let family = family(true);
		let proof = family.proof(1..33);
		family.claim(&proof);
		let (first, second) = (family.first, family.second);
		let found = found(&proof, &family.of_base);
		let refute = |older, source| {
			let (tensors, found) = (claimed(&proof), found.clone());
			Models::refute_reuse(signed(ADA), older, second, tensors, source, found)
		};
		assert_noop!(refute(first, first), Error::<Test>::NotOlder);
		assert_noop!(refute(first, second), Error::<Test>::NotOlder);
		assert_noop!(refute(first, without), Error::<Test>::NoTensorRoot);
		assert_noop!(refute(family.base, without), Error::<Test>::UnknownClaim);
		// Of other tensors than those of the claim.
		let other = family.proof(1..32);
		let call = family.refute(ADA, &other, found.clone());
		assert_noop!(call, Error::<Test>::UnknownClaim);
		let unsigned = RuntimeOrigin::none();
		let call = Models::refute_reuse(unsigned, first, second, claimed(&proof), 0, found);
		assert_noop!(call, DispatchError::BadOrigin);
	});
}

/// Who refutes its own claim gets nothing of the deposit, and takes nobody else's place.
#[test]
fn attack_24_a_weak_claim_keeps_no_maker_from_a_good_one() {
	ExtBuilder::default().build_and_execute(|| {
		let base = tensors(1..40);
		let base_id = version_of(ADA, &base, 0, &[]);
		pass(CONTEST_WINDOW);
		let tree = tensors(1..60);
		let first = version_of(BEN, &tree, 50_000, &[base_id]);
		pass(CONTEST_WINDOW);
		// Mallory copies Ben's version, and claims in Ben's favour by the base's tensors.
		let copy = version_of(MALLORY, &tree, 0, &[base_id]);
		let weak = shared(&tree, &tree, 1..33);
		assert_ok!(Models::prove_reuse(signed(MALLORY), first, copy, weak.clone()));
		let good = shared(&tree, &tree, 40..60);
		assert_ok!(Models::prove_reuse(signed(BEN), first, copy, good.clone()));
		// In the last moment he refutes himself.
		pass(CONTEST_WINDOW - 1);
		let (mallory, dividend) = (free(&MALLORY), free(&DIVIDEND));
		let found = found(&weak, &base);
		let tensors = claimed(&weak);
		let refute = Models::refute_reuse(signed(MALLORY), first, copy, tensors, base_id, found);
		assert_ok!(refute);
		assert_eq!(free(&MALLORY), mallory);
		assert_eq!(free(&DIVIDEND), dividend + REUSE_DEPOSIT);
		pass(REFUTATION_PERIOD);
		assert_ok!(Models::confirm_reuse(signed(BEN), copy, claim_id(first, &good)));
		assert_eq!(Models::ancestors(copy).len(), 2);
	});
}

#[test]
fn a_late_claim_is_refuted_and_bars_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		let family = family(false);
		pass(CONTEST_WINDOW);
		let proof = family.proof(1..33);
		let id = family.claim(&proof);
		assert!(Models::settled(family.second));
		assert_ok!(family.refute(MALLORY, &proof, found(&proof, &family.of_base)));
		// It was too late for a parent, so it does not pass over.
		assert_eq!(ReuseClaims::<Test>::iter().count(), 0);
		assert_eq!(held_for_claims(&MALLORY), 0);
		pass(REFUTATION_PERIOD);
		let confirm = Models::confirm_reuse(signed(BEN), family.second, id);
		assert_noop!(confirm, Error::<Test>::UnknownClaim);
		assert_eq!(Models::bars(MALLORY), 0);
	});
}

#[test]
fn freezing_its_balance_does_not_save_a_prover() {
	use frame_support::traits::fungible::MutateFreeze;
	ExtBuilder::default().build_and_execute(|| {
		let family = family(true);
		let proof = family.proof(1..33);
		family.claim(&proof);
		assert_ok!(Balances::set_freeze(&0, &BEN, Balance::MAX));
		assert_ok!(family.refute(MALLORY, &proof, found(&proof, &family.of_base)));
		assert_eq!(held_for_claims(&BEN), 0);
	});
}

#[test]
fn a_refuter_without_the_deposit_of_the_next_claim_changes_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let family = family(false);
		let proof = family.proof(1..33);
		family.claim(&proof);
		let before = (held_for_claims(&BEN), ReuseClaims::<Test>::iter().count());
		let call = RuntimeCall::Models(Call::refute_reuse {
			older: family.first,
			newer: family.second,
			tensors: claimed(&proof),
			source: family.base,
			found: found(&proof, &family.of_base),
		});
		let failed = sp_runtime::traits::Dispatchable::dispatch(call, signed(CHIDI));
		assert!(failed.is_err());
		assert_eq!((held_for_claims(&BEN), ReuseClaims::<Test>::iter().count()), before);
	});
}
