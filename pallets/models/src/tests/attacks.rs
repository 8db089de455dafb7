//! Attacks on the registry, each of which the attacker loses. Numbers are those of the attack table.

use super::*;
use sp_runtime::AccountId32;
use usufruct_primitives::{VersionId, PPM};

/// A version whose one row is its owner's, not yet settled.
fn version_of(owner: AccountId32, royalty: u32, parents: &[VersionId]) -> VersionId {
	NewVersion {
		caller: owner.clone(),
		contributors: table(&[(owner, PPM)]),
		royalty,
		parents: parents.to_vec(),
		tensor_root: Some(tensors(1..20).root()),
		..Default::default()
	}
	.registered()
}

fn settled(owner: AccountId32, royalty: u32, parents: &[VersionId]) -> VersionId {
	let version = version_of(owner, royalty, parents);
	pass(CONTEST_WINDOW);
	version
}

/// Moves every royalty of a version and claims every first row there is; returns what Ada got by it.
fn pay_all(version: VersionId) -> Balance {
	for index in 0..Models::ancestors(version).len() as u16 {
		let _ = Models::move_royalty(signed(CHIDI), version, index);
	}
	let before = free(&ADA);
	for version in 0..NextVersion::<Test>::get() {
		let _ = Models::claim_revenue(signed(CHIDI), version, 0);
	}
	free(&ADA) - before
}

/// Attack 23: shells of the attacker's own between a model and what earns by it.
#[test]
fn attack_23_a_shell_derivative_dilutes_no_royalty() {
	ExtBuilder::default().build_and_execute(|| {
		let original = settled(ADA, 50_000, &[]);
		let honest = settled(MALLORY, 0, &[original]);
		earn(honest, 100 * UFR);
		assert_eq!(pay_all(honest), 5 * UFR);

		// Five shells, each with the highest royalty, one behind the other.
		let mut shell = original;
		for _ in 0..5 {
			shell = settled(MALLORY, 50_000, &[shell]);
		}
		let behind = settled(MALLORY, 0, &[shell]);
		let mallory = free(&MALLORY);
		earn(behind, 100 * UFR);
		// The original's maker gets the same to the planck, and the attacker not a planck more.
		assert_eq!(pay_all(behind), 5 * UFR);
		assert_eq!(free(&MALLORY), mallory + 95 * UFR);
		assert_eq!(pot(), ED);
	});
}

/// Attack 23, by width: the table is filled until the original's royalty no longer fits.
#[test]
fn attack_23_a_full_table_keeps_no_ancestor_out() {
	ExtBuilder::default().build_and_execute(|| {
		let original = settled(ADA, 50_000, &[]);
		let shells: Vec<_> = (0..8).map(|_| version_of(MALLORY, 50_000, &[])).collect();
		pass(CONTEST_WINDOW);
		let derivative = version_of(MALLORY, 0, &shells);
		let tree = tensors(1..20);
		assert_ok!(claim_and_confirm(original, derivative, shared(&tree, &tree, 1..11)));
		// It serves nobody any more, and its manifest cannot be registered a second time.
		use usufruct_primitives::traits::Models as _;
		assert!(!Models::is_open(Models::version(derivative).unwrap().model));
		let again = NewVersion {
			caller: MALLORY,
			manifest_hash: [derivative as u8; 32],
			..NewVersion::of(Models::version(derivative).unwrap().model, 0)
		};
		assert_noop!(again.add(), Error::<Test>::ManifestExists);
	});
}

/// Attack 24: somebody else's model, registered before its maker does.
#[test]
fn attack_24_registering_somebody_elses_model_is_a_loss() {
	ExtBuilder::default().build_and_execute(|| {
		// Half for himself, half for a friend who fronts for him.
		let front = AccountId32::new([66; 32]);
		let stolen = NewVersion {
			caller: MALLORY,
			contributors: table(&[(MALLORY, PPM / 2), (front.clone(), PPM / 2)]),
			..Default::default()
		}
		.registered();
		earn(stolen, 100 * UFR);
		assert_ok!(Models::contest(signed(ADA), stolen, [7; 32]));

		// He cannot take the money, give the share away, or hide behind another owner.
		pass(10 * CONTEST_WINDOW);
		assert_noop!(
			Models::claim_revenue(signed(MALLORY), stolen, 0),
			Error::<Test>::OwnerShareHeld
		);
		assert_noop!(
			Models::transfer_row(signed(MALLORY), stolen, 0, front.clone()),
			Error::<Test>::OwnerShareHeld
		);
		assert_ok!(Models::transfer_model(signed(MALLORY), 0, Some(BEN)));
		assert_ok!(Models::accept_model(signed(BEN), 0));
		assert_noop!(
			Models::claim_revenue(signed(MALLORY), stolen, 0),
			Error::<Test>::OwnerShareHeld
		);

		let ruling = Ruling::Upheld { rows: vec![1].try_into().unwrap(), model: true };
		assert_ok!(Models::resolve_contest(RuntimeOrigin::root(), stolen, ADA, ruling));
		let ada = free(&ADA);
		assert_ok!(Models::claim_revenue(signed(ADA), stolen, 0));
		assert_ok!(Models::claim_revenue(signed(ADA), stolen, 1));
		assert_eq!(free(&ADA), ada + 100 * UFR);
		assert_eq!((free(&MALLORY), free(&front)), (ENDOWMENT, 0));
		// Whoever stood as owner has lost the deposits as well.
		let deposit = MODEL_DEPOSIT + VERSION_DEPOSIT + 2 * ROW_DEPOSIT;
		assert_eq!((held(&ADA), held(&BEN), free(&BEN)), (deposit, 0, ENDOWMENT - deposit));
		assert_eq!(pot(), ED);
	});
}

/// Attack 24, after the maker has registered: the same weights in another file.
#[test]
fn attack_24_a_renamed_copy_owes_its_original() {
	ExtBuilder::default().build_and_execute(|| {
		let original = settled(ADA, 50_000, &[]);
		let copy = version_of(MALLORY, 50_000, &[]);
		let tree = tensors(1..20);
		assert_ok!(claim_and_confirm(original, copy, shared(&tree, &tree, 1..11)));
		earn(copy, 100 * UFR);
		pass(CONTEST_WINDOW);
		assert_eq!(pay_all(copy), 5 * UFR);

		// A second copy that went unnoticed for a month stops him from adding a third.
		let late = version_of(MALLORY, 50_000, &[]);
		pass(CONTEST_WINDOW);
		assert_ok!(claim_and_confirm(original, late, shared(&tree, &tree, 1..11)));
		assert_noop!(
			NewVersion { caller: MALLORY, ..NewVersion::of(1, 99) }.add(),
			Error::<Test>::Barred
		);
	});
}

/// Attack 24, the other way round: contesting what is somebody else's.
#[test]
fn attack_24_contesting_an_honest_model_costs_the_deposit() {
	ExtBuilder::default().build_and_execute(|| {
		let version = version_of(ADA, 0, &[]);
		earn(version, 100 * UFR);
		let ada = free(&ADA);
		assert_ok!(Models::contest(signed(MALLORY), version, [7; 32]));
		let ruling = Ruling::Dismissed;
		assert_ok!(Models::resolve_contest(RuntimeOrigin::root(), version, MALLORY, ruling));
		pass(CONTEST_WINDOW);
		assert_ok!(Models::claim_revenue(signed(ADA), version, 0));
		assert_eq!(free(&ADA), ada + 100 * UFR + CONTEST_DEPOSIT / 2);
		assert_eq!(free(&MALLORY), ENDOWMENT - CONTEST_DEPOSIT);
		assert_eq!(free(&DIVIDEND), ED + CONTEST_DEPOSIT - CONTEST_DEPOSIT / 2);
	});
}

/// Attack 30: claiming and moving after every planck, to gain by rounding.
#[test]
fn attack_30_rounding_gains_nothing_however_small_the_amounts() {
	// What ancestors and rows have got after 10,000 planck that came in and were claimed in batches.
	let history = |batch: Balance| {
		let mut got = vec![];
		ExtBuilder::default().build_and_execute(|| {
			let parents: Vec<_> =
				[50_000, 33_333, 1].map(|royalty| version_of(BEN, royalty, &[])).into();
			pass(CONTEST_WINDOW);
			let rows = [(MALLORY, 333_333), (BEN, 333_333), (ADA, 333_334)];
			let version =
				NewVersion { parents, contributors: table(&rows), ..Default::default() }.accepted();
			pass(CONTEST_WINDOW);
			let before = [MALLORY, BEN, ADA].map(|who| free(&who));
			for _ in 0..10_000 / batch {
				earn(version, batch);
				for number in 0..3 {
					let _ = Models::move_royalty(signed(MALLORY), version, number);
					let _ = Models::claim_revenue(signed(MALLORY), version, number);
				}
			}
			got = [MALLORY, BEN, ADA]
				.iter()
				.zip(before)
				.map(|(who, before)| free(who) - before)
				.chain((0..3).map(|parent| Models::revenue_due(parent, 0)))
				.collect();
			// What nobody gets yet is less than a planck for each party of each ledger.
			assert!(10_000 - got.iter().sum::<Balance>() < 4 + 3);
		});
		got
	};
	let whole = history(10_000);
	assert_eq!(whole[3..], [500, 333, 0]);
	for batch in [1, 10, 16, 625] {
		assert_eq!(history(batch), whole);
	}
}
