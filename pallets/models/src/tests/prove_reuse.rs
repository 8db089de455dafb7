use super::*;
use usufruct_primitives::{
	tensors::{TensorLeaf, TensorRoot, TensorTree, MIN_BYTES},
	traits::Models as _,
	Hash, VersionId, PPM,
};

/// Who sits in the family of a proof: Ben's older version, Mallory's newer one, and their tensors.
struct Pair {
	older: VersionId,
	newer: VersionId,
	older_tensors: TensorTree,
	newer_tensors: TensorTree,
}

/// Ben's version with the tensors 1 to 19 and a royalty of 5 %, settled; and Mallory's new one with
/// the tensors 10 to 99.
fn pair() -> Pair {
	let (older_tensors, newer_tensors) = (tensors(1..20), tensors(10..100));
	let older = version_of(BEN, &older_tensors, 50_000, &[]);
	pass(CONTEST_WINDOW);
	let newer = version_of(MALLORY, &newer_tensors, 0, &[]);
	Pair { older, newer, older_tensors, newer_tensors }
}

/// A version whose one row is its owner's.
fn version_of(
	owner: sp_runtime::AccountId32,
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

impl Pair {
	fn proof(&self, numbers: std::ops::Range<u8>) -> ReuseProof {
		shared(&self.older_tensors, &self.newer_tensors, numbers)
	}

	fn prove(&self, proof: ReuseProof) -> sp_runtime::DispatchResult {
		claim_and_confirm(self.older, self.newer, proof)
	}
}

#[test]
fn a_claim_holds_a_deposit_and_has_no_effect_until_it_is_confirmed() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		let (Pair { older, newer, .. }, proof) = (&pair, pair.proof(10..20));
		let (older, newer, id) = (*older, *newer, claim_id(*older, &proof));
		let since = System::block_number();
		assert_ok!(Models::prove_reuse(signed(ADA), older, newer, proof.clone()));
		let (deposit, until) = (REUSE_DEPOSIT, since + REFUTATION_PERIOD);
		let claimed = Event::ReuseClaimed { older, newer, id, prover: ADA, deposit, until };
		System::assert_last_event(claimed.into());
		let claim = ReuseClaim { older, prover: ADA, deposit, since, in_window: true };
		assert_eq!(Models::reuse_claim(newer, id), Some(claim));
		assert_eq!(PendingReuses::<Test>::get(newer), 1);
		assert_eq!((free(&ADA), held_for_claims(&ADA)), (ENDOWMENT - deposit, deposit));
		assert_eq!(Models::ancestors(newer), []);
		// Not by the same tensors again; by others, though.
		let again = Models::prove_reuse(signed(ADA), older, newer, proof);
		assert_noop!(again, Error::<Test>::AlreadyProven);

		let confirm = |id| Models::confirm_reuse(signed(CHIDI), newer, id);
		pass(REFUTATION_PERIOD - 1);
		assert_noop!(confirm(id), Error::<Test>::RefutationPeriodRuns);
		assert_noop!(confirm([1; 32]), Error::<Test>::UnknownClaim);
		pass(1);
		assert_ok!(confirm(id));
		let outcome = Reuse::Parent;
		System::assert_last_event(Event::ReuseProven { older, newer, outcome }.into());
		assert_eq!((free(&ADA), held_for_claims(&ADA)), (ENDOWMENT, 0));
		assert_eq!(Models::reuse_claim(newer, id), None);
		assert!(!PendingReuses::<Test>::contains_key(newer));
		assert_noop!(confirm(id), Error::<Test>::UnknownClaim);
		let unsigned = Models::confirm_reuse(RuntimeOrigin::none(), newer, id);
		assert_noop!(unsigned, DispatchError::BadOrigin);
	});
}

#[test]
fn a_claim_needs_its_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		let poor = Models::prove_reuse(signed(CHIDI), pair.older, pair.newer, pair.proof(10..20));
		assert_noop!(poor, TokenError::FundsUnavailable);
	});
}

#[test]
fn a_claim_of_the_last_moment_counts_and_holds_the_owners_share_beyond_the_window() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		let Pair { older, newer, .. } = pair;
		earn(newer, 100 * UFR);
		pass(CONTEST_WINDOW - 1);
		let proof = pair.proof(10..20);
		assert_ok!(Models::prove_reuse(signed(ADA), older, newer, proof.clone()));
		pass(REFUTATION_PERIOD);
		// The window is long over.
		assert!(!Models::settled(newer));
		let claim = Models::claim_revenue(signed(MALLORY), newer, 0);
		assert_noop!(claim, Error::<Test>::OwnerShareHeld);
		// He cannot put off its end to escape from being closed.
		let later = Models::deprecate(signed(MALLORY), newer, Some(BlockNumber::MAX));
		assert_noop!(later, Error::<Test>::WindowOpen);
		let child = NewVersion { parents: vec![newer], ..NewVersion::of(0, 77) };
		let child = NewVersion { caller: BEN, ..child };
		assert_noop!(child.clone().add(), Error::<Test>::ParentNotSettled);
		assert_ok!(Models::confirm_reuse(signed(CHIDI), newer, claim_id(older, &proof)));
		assert_eq!(Models::ancestors(newer).len(), 1);
		assert!(Models::settled(newer));
		assert_ok!(Models::claim_revenue(signed(MALLORY), newer, 0));
		assert_ok!(child.add());
	});
}

#[test]
fn claims_by_different_tensors_stand_side_by_side_and_have_one_effect() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..40);
		let older = version_of(BEN, &tree, 50_000, &[]);
		let newer = version_of(MALLORY, &tree, 0, &[]);
		let proofs = [1..11, 11..21, 21..31].map(|numbers| shared(&tree, &tree, numbers));
		for proof in &proofs {
			assert_ok!(Models::prove_reuse(signed(ADA), older, newer, proof.clone()));
		}
		assert_eq!(held_for_claims(&ADA), 3 * REUSE_DEPOSIT);
		pass(REFUTATION_PERIOD);
		for (proof, left) in proofs.iter().zip([2, 1, 0]) {
			assert_ok!(Models::confirm_reuse(signed(BEN), newer, claim_id(older, proof)));
			assert_eq!(PendingReuses::<Test>::get(newer), left);
		}
		assert_eq!(Models::ancestors(newer).len(), 1);
		assert_eq!((free(&ADA), held_for_claims(&ADA)), (ENDOWMENT, 0));
	});
}

#[test]
fn a_late_claim_waits_for_those_that_were_made_in_time() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..40);
		let older = version_of(BEN, &tree, 50_000, &[]);
		let newer = version_of(MALLORY, &tree, 0, &[]);
		let [early, late] = [1..11, 11..21].map(|numbers| shared(&tree, &tree, numbers));
		pass(CONTEST_WINDOW - 1);
		assert_ok!(Models::prove_reuse(signed(ADA), older, newer, early.clone()));
		pass(1);
		assert_ok!(Models::prove_reuse(signed(ADA), older, newer, late.clone()));
		pass(REFUTATION_PERIOD);
		let confirm = |proof| Models::confirm_reuse(signed(ADA), newer, claim_id(older, proof));
		assert_noop!(confirm(&late), Error::<Test>::ReusePending);
		assert_ok!(confirm(&early));
		// What is a parent already bars nobody.
		assert_ok!(confirm(&late));
		assert_eq!(Reuses::<Test>::get(newer, older), Some(Reuse::Parent));
		assert_eq!(Models::bars(MALLORY), 0);
		assert_eq!(held_for_claims(&ADA), 0);
	});
}

#[test]
fn a_late_claim_between_models_that_became_one_owners_bars_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		pass(CONTEST_WINDOW);
		let Pair { older, newer, .. } = pair;
		let proof = pair.proof(10..20);
		assert_ok!(Models::prove_reuse(signed(ADA), older, newer, proof.clone()));
		assert_ok!(Models::transfer_model(signed(MALLORY), 1, Some(BEN)));
		assert_ok!(Models::accept_model(signed(BEN), 1));
		pass(REFUTATION_PERIOD);
		assert_ok!(Models::confirm_reuse(signed(ADA), newer, claim_id(older, &proof)));
		assert_eq!(Reuses::<Test>::get(newer, older), Some(Reuse::Settled));
		assert_eq!((Models::bars(BEN), Models::bars(MALLORY)), (0, 0));
	});
}

#[test]
fn ten_equal_tensors_make_the_older_version_a_parent_from_now_on() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		earn(pair.newer, 100 * UFR);
		assert_ok!(pair.prove(pair.proof(10..20)));
		let Pair { older, newer, .. } = pair;
		System::assert_last_event(
			Event::ReuseProven { older, newer, outcome: Reuse::Parent }.into(),
		);
		let ancestor = Ancestor { version: older, rate: 50_000, since: 100 * UFR };
		assert_eq!(Models::ancestors(newer), [ancestor]);
		// What came in before is not divided again.
		assert_eq!(Models::royalty_due(newer, 0), 0);
		assert_eq!(Models::revenue_due(newer, 0), 100 * UFR);

		earn(newer, 100 * UFR);
		assert_eq!(Models::royalty_due(newer, 0), 5 * UFR);
		assert_eq!(Models::revenue_due(newer, 0), 195 * UFR);
		assert_ok!(Models::move_royalty(signed(BEN), newer, 0));
		assert_eq!(Models::revenue_due(older, 0), 5 * UFR);
	});
}

#[test]
fn fewer_tensors_do_if_they_hold_five_percent_of_the_bytes() {
	ExtBuilder::default().build_and_execute(|| {
		let leaf = |n: u8, bytes: u64| TensorLeaf { tensor: [n; 32], bytes };
		let prove = |large: u64, rest: u64| {
			let tree = |n| TensorTree::new(vec![leaf(1, large), leaf(n, rest)]).unwrap();
			let (older_tensors, newer_tensors) = (tree(2), tree(3));
			let older = version_of(BEN, &older_tensors, 50_000, &[]);
			let newer = version_of(MALLORY, &newer_tensors, 0, &[]);
			Models::prove_reuse(
				signed(ADA),
				older,
				newer,
				shared(&older_tensors, &newer_tensors, 1..2),
			)
		};
		assert_ok!(prove(5_000, 95_000));
		assert_eq!(prove(5_000, 95_001), Err(Error::<Test>::TooLittleShared.into()));
		assert_ok!(prove(u64::MAX - MIN_BYTES, MIN_BYTES));
	});
}

#[test]
fn nine_small_tensors_and_none_at_all_are_too_few() {
	ExtBuilder::default().build_and_execute(|| {
		let tensors = tensors(1..251);
		let older = version_of(BEN, &tensors, 50_000, &[]);
		let newer = version_of(MALLORY, &tensors, 0, &[]);
		for numbers in [1..10, 1..1] {
			assert_noop!(
				Models::prove_reuse(signed(ADA), older, newer, shared(&tensors, &tensors, numbers)),
				Error::<Test>::TooLittleShared
			);
		}
		let proof = shared(&tensors, &tensors, 200..232);
		assert_ok!(Models::prove_reuse(signed(ADA), older, newer, proof));
	});
}

#[test]
fn one_tensor_shown_ten_times_is_one() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		let one = pair.proof(10..11).remove(0);
		let proof = ReuseProof::try_from(vec![one; 10]).unwrap();
		assert_noop!(pair.prove(proof), Error::<Test>::TensorsNotRising);
		let mut proof = pair.proof(10..20);
		proof.as_mut().swap(3, 4);
		assert_noop!(pair.prove(proof), Error::<Test>::TensorsNotRising);
	});
}

#[test]
fn every_tensor_must_stand_under_both_roots() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		let proof = pair.proof(10..20);
		let forged = |forge: fn(&mut SharedTensor)| {
			let mut proof = proof.clone();
			forge(&mut proof.as_mut()[5]);
			proof
		};
		for proof in [
			forged(|shared| shared.leaf.bytes += 1),
			forged(|shared| shared.leaf.tensor[31] += 1),
			forged(|shared| shared.older.index += 1),
			forged(|shared| shared.newer.index += 1),
			forged(|shared| shared.older.index = u32::MAX),
			forged(|shared| shared.older = shared.newer.clone()),
			forged(|shared| shared.newer = shared.older.clone()),
			forged(|shared| shared.older.siblings.truncate(1)),
			forged(|shared| shared.newer.siblings.truncate(1)),
			forged(|shared| shared.newer.siblings.push([0; 32])),
			forged(|shared| shared.older.siblings.resize(10_000, [0; 32])),
		] {
			assert_noop!(pair.prove(proof), Error::<Test>::InvalidProof);
		}
		// The tensors 20 to 29 are in one of the two alone.
		let foreign = shared(&pair.newer_tensors, &pair.newer_tensors, 20..30);
		assert_noop!(pair.prove(foreign), Error::<Test>::InvalidProof);
		assert_ok!(pair.prove(proof.clone()));
	});
}

#[test]
fn the_ancestors_of_the_older_version_come_along_once() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..20);
		let first = version_of(ADA, &tree, 50_000, &[]);
		pass(CONTEST_WINDOW);
		let second = version_of(BEN, &tree, 20_000, &[first]);
		pass(CONTEST_WINDOW);
		let third = version_of(MALLORY, &tree, 0, &[first]);
		earn(third, 100);
		let proof = shared(&tree, &tree, 1..11);
		assert_noop!(
			Models::prove_reuse(signed(ADA), first, third, proof.clone()),
			Error::<Test>::AlreadyAncestor
		);
		assert_ok!(claim_and_confirm(second, third, proof.clone()));
		let expected = [
			Ancestor { version: first, rate: 50_000, since: 0 },
			Ancestor { version: second, rate: 20_000, since: 100 },
		];
		assert_eq!(Models::ancestors(third), expected);
		assert_noop!(
			Models::prove_reuse(signed(ADA), second, third, proof),
			Error::<Test>::AlreadyProven
		);
	});
}

#[test]
fn an_older_version_of_the_same_model_is_a_parent_as_well() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..20);
		let older = version_of(ADA, &tree, 50_000, &[]);
		let tensor_root = Some(tree.root());
		assert_ok!(NewVersion { tensor_root, ..NewVersion::of(0, 9) }.add());
		assert_ok!(claim_and_confirm(older, 1, shared(&tree, &tree, 1..11)));
		assert_eq!(Models::ancestors(1)[0].version, older);
	});
}

#[test]
fn a_version_that_would_owe_too_much_is_closed() {
	ExtBuilder::default().build_and_execute(|| {
		// Mallory has filled his table with shells of his own.
		let shells: Vec<_> =
			(1..9).map(|n| version_of(MALLORY, &tensors(n..n + 1), 50_000, &[])).collect();
		let tree = tensors(1..20);
		let older = version_of(BEN, &tree, 50_000, &[]);
		let other = version_of(ADA, &tree, 50_000, &[]);
		pass(CONTEST_WINDOW);
		let newer = version_of(MALLORY, &tree, 0, &shells);
		let proof = shared(&tree, &tree, 1..11);
		assert_ok!(claim_and_confirm(older, newer, proof.clone()));
		System::assert_last_event(
			Event::ReuseProven { older, newer, outcome: Reuse::Closed }.into(),
		);
		assert!(!Models::terms(newer).unwrap().open);
		assert_eq!(Models::ancestors(newer).len(), 8);

		// There is no more to do about it.
		assert_noop!(
			Models::prove_reuse(signed(ADA), older, newer, proof.clone()),
			Error::<Test>::AlreadyProven
		);
		assert_ok!(claim_and_confirm(other, newer, proof));
		assert_eq!(Reuses::<Test>::get(newer, other), Some(Reuse::Closed));
		assert_eq!(Models::ancestors(newer).len(), 8);
	});
}

#[test]
fn a_version_with_too_many_ancestors_is_closed() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..20);
		let older = version_of(BEN, &tree, 0, &[]);
		let mut last = version_of(MALLORY, &tensors(1..2), 0, &[]);
		for _ in 1..32 {
			pass(CONTEST_WINDOW);
			last = version_of(MALLORY, &tensors(1..2), 0, &[last]);
		}
		pass(CONTEST_WINDOW);
		let newer = version_of(MALLORY, &tree, 0, &[last]);
		assert_eq!(Models::ancestors(newer).len(), 32);
		let proof = shared(&tree, &tree, 1..11);
		hypothetically!({
			assert_ok!(Models::deprecate(signed(MALLORY), newer, None));
			assert_ok!(claim_and_confirm(older, newer, proof.clone()));
			assert_eq!(Reuses::<Test>::get(newer, older), Some(Reuse::Closed));
			assert_ok!(Pallet::<Test>::do_try_state());
		});
		assert_ok!(claim_and_confirm(older, newer, proof));
		assert!(!Models::terms(newer).unwrap().open);
	});
}

#[test]
fn slices_of_stolen_weights_neither_close_their_makers_version_nor_take_its_income() {
	ExtBuilder::default().build_and_execute(|| {
		// Mallory has registered nine parts of what Ben has published, just before he did.
		let slices: Vec<_> = (0..9)
			.map(|n| (n, tensors(1 + 10 * n..11 + 10 * n)))
			.map(|(n, tree)| (n, version_of(MALLORY, &tree, 50_000, &[])))
			.collect();
		let tree = tensors(1..91);
		let newer = version_of(BEN, &tree, 0, &[]);
		for (n, slice) in &slices {
			let range = 1 + 10 * n..11 + 10 * n;
			let proof = shared(&tensors(range.clone()), &tree, range);
			assert_ok!(Models::prove_reuse(signed(MALLORY), *slice, newer, proof));
		}
		// Ben sees it by the claims, and has as long to contest the slices as they can be refuted.
		pass(REFUTATION_PERIOD - 1);
		for (_, slice) in &slices {
			assert_ok!(Models::contest(signed(BEN), *slice, [7; 32]));
		}
		pass(1);
		for (n, slice) in &slices {
			let range = 1 + 10 * n..11 + 10 * n;
			let id = claim_id(*slice, &shared(&tensors(range.clone()), &tree, range));
			let confirm = || Models::confirm_reuse(signed(MALLORY), newer, id);
			assert_noop!(confirm(), Error::<Test>::OlderContested);
			let ruling = Ruling::Upheld { rows: Default::default(), model: true };
			assert_ok!(Models::resolve_contest(RuntimeOrigin::root(), *slice, BEN, ruling));
			assert_ok!(confirm());
		}
		// What eight of them are due is Ben's own, and the ninth closes nothing.
		assert_eq!(Models::ancestors(newer).len(), 8);
		assert_eq!(Reuses::<Test>::get(newer, slices[8].1), Some(Reuse::Settled));
		assert!(Models::terms(newer).unwrap().open);
	});
}

/// Ben's version, and a day later Mallory's of the same tensors; Ben has claimed that.
fn copied() -> (VersionId, VersionId, Hash) {
	let tree = tensors(1..20);
	let older = version_of(BEN, &tree, 50_000, &[]);
	pass(1);
	let newer = version_of(MALLORY, &tree, 0, &[]);
	let proof = shared(&tree, &tree, 1..11);
	assert_ok!(Models::prove_reuse(signed(BEN), older, newer, proof.clone()));
	(older, newer, claim_id(older, &proof))
}

#[test]
fn neither_the_makers_window_nor_contests_by_others_put_off_what_the_maker_is_due() {
	ExtBuilder::default().build_and_execute(|| {
		let (older, newer, id) = copied();
		pass(REFUTATION_PERIOD);
		// By another account of Mallory's, say.
		assert_ok!(Models::contest(signed(ADA), older, [8; 32]));
		assert!(!Models::settled(older));
		assert_ok!(Models::confirm_reuse(signed(CHIDI), newer, id));
		assert_eq!(Reuses::<Test>::get(newer, older), Some(Reuse::Parent));
		earn(newer, 100 * UFR);
		assert_eq!(Models::royalty_due(newer, 0), 5 * UFR);
	});
}

#[test]
fn a_thiefs_own_contest_of_the_makers_version_ends_at_a_cost() {
	ExtBuilder::default().build_and_execute(|| {
		let (older, newer, id) = copied();
		earn(newer, 100 * UFR);
		// On the last day there is, in block 30.
		pass(CONTEST_WINDOW - 2);
		assert_ok!(Models::contest(signed(MALLORY), older, [8; 32]));
		let confirm = || Models::confirm_reuse(signed(CHIDI), newer, id);
		assert_noop!(confirm(), Error::<Test>::OlderContested);
		pass(CONTEST_TERM - 1);
		assert_noop!(confirm(), Error::<Test>::OlderContested);
		// He is not paid as long.
		let claim = || Models::claim_revenue(signed(MALLORY), newer, 0);
		assert_noop!(claim(), Error::<Test>::OwnerShareHeld);
		pass(1);
		let ben = free(&BEN);
		assert_ok!(Models::lapse_contest(signed(CHIDI), older, MALLORY));
		assert_eq!(free(&BEN), ben + CONTEST_DEPOSIT / 2);
		assert_ok!(confirm());
		assert_eq!(Models::ancestors(newer).len(), 1);
		assert_ok!(claim());
	});
}

#[test]
fn nobody_holds_a_version_by_contests_of_an_older_one_of_his_own() {
	ExtBuilder::default().build_and_execute(|| {
		// Mallory's is the older one this time, and Ada stands by him.
		let tree = tensors(1..20);
		let older = version_of(MALLORY, &tree, 50_000, &[]);
		pass(1);
		let newer = version_of(BEN, &tree, 0, &[]);
		earn(newer, 100 * UFR);
		let proof = shared(&tree, &tree, 1..11);
		assert_ok!(Models::prove_reuse(signed(MALLORY), older, newer, proof.clone()));
		pass(CONTEST_WINDOW - 2);
		assert_ok!(Models::contest(signed(ADA), older, [8; 32]));
		pass(2);
		assert_ok!(Models::confirm_reuse(signed(BEN), newer, claim_id(older, &proof)));
		assert!(!Models::settled(older));
		assert!(Models::settled(newer));
		assert_ok!(Models::claim_revenue(signed(BEN), newer, 0));
		let child = NewVersion { caller: BEN, parents: vec![newer], ..NewVersion::of(1, 77) };
		assert_ok!(child.add());
	});
}

#[test]
fn the_contest_that_counts_is_that_of_who_owns_the_newer_version_now() {
	ExtBuilder::default().build_and_execute(|| {
		let (older, newer, id) = copied();
		assert_ok!(Models::contest(signed(MALLORY), older, [8; 32]));
		pass(REFUTATION_PERIOD);
		let model = Models::version(newer).unwrap().model;
		assert_ok!(Models::transfer_model(signed(MALLORY), model, Some(ADA)));
		let confirm = || Models::confirm_reuse(signed(CHIDI), newer, id);
		assert_noop!(confirm(), Error::<Test>::OlderContested);
		assert_ok!(Models::accept_model(signed(ADA), model));
		assert_ok!(confirm());
	});
}

#[test]
fn after_the_window_the_owner_is_barred_instead() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		pass(CONTEST_WINDOW);
		assert_ok!(pair.prove(pair.proof(10..20)));
		let Pair { older, newer, .. } = pair;
		let outcome = Reuse::Open { owner: MALLORY };
		System::assert_last_event(Event::ReuseProven { older, newer, outcome }.into());
		assert_eq!(Models::ancestors(newer), []);
		assert_eq!(Models::bars(MALLORY), 1);
		let version = NewVersion { caller: MALLORY, ..NewVersion::of(1, 9) };
		assert_noop!(version.clone().add(), Error::<Test>::Barred);
		// It follows the owner, who is barred for every model.
		let name: Name = b"another".to_vec().try_into().unwrap();
		assert_ok!(Models::register_model(signed(MALLORY), name));
		assert_noop!(
			NewVersion { caller: MALLORY, ..NewVersion::of(2, 9) }.add(),
			Error::<Test>::Barred
		);
		assert_noop!(pair.prove(pair.proof(10..20)), Error::<Test>::AlreadyProven);
	});
}

#[test]
fn after_the_window_ones_own_weights_are_no_matter() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..20);
		let older = version_of(ADA, &tree, 50_000, &[]);
		let newer = version_of(ADA, &tree, 50_000, &[]);
		pass(CONTEST_WINDOW);
		assert_noop!(
			Models::prove_reuse(signed(BEN), older, newer, shared(&tree, &tree, 1..11)),
			Error::<Test>::OwnWeights
		);
	});
}

#[test]
fn the_versions_exist_with_their_roots_and_the_older_one_is_older() {
	ExtBuilder::default().build_and_execute(|| {
		let pair = pair();
		let Pair { older, newer, .. } = pair;
		let proof = pair.proof(10..20);
		let prove = |older, newer| Models::prove_reuse(signed(ADA), older, newer, proof.clone());
		assert_noop!(prove(newer, older), Error::<Test>::NotOlder);
		assert_noop!(prove(newer, newer), Error::<Test>::NotOlder);
		assert_noop!(prove(older, 9), Error::<Test>::UnknownVersion);
		assert_noop!(prove(9, 10), Error::<Test>::UnknownVersion);
		let without = NewVersion::default().registered();
		assert_noop!(prove(older, without), Error::<Test>::NoTensorRoot);
		assert_noop!(
			Models::prove_reuse(RuntimeOrigin::none(), older, newer, proof.clone()),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn a_root_of_other_numbers_than_it_commits_to_proves_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let tree = tensors(1..20);
		let older = version_of(BEN, &tree, 50_000, &[]);
		// As if the version held far more bytes: it shows in that nothing can be proved of it.
		let tensor_root = Some(TensorRoot { bytes: u64::MAX, ..tree.root() });
		let newer = NewVersion { tensor_root, ..Default::default() }.registered();
		assert_noop!(
			Models::prove_reuse(signed(BEN), older, newer, shared(&tree, &tree, 1..11)),
			Error::<Test>::InvalidProof
		);
	});
}
