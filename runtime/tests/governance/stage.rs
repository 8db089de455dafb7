//! A chain on which whatever a poll can decide about is there.
//!
//! The numbers are small, so that made up calls find them too.

use crate::{
	bounties::{active, curator, fund_bounty},
	chain::*,
	holdings::programme_pot,
};
use frame_support::traits::Get;
use pallet_dividend::{ProgrammeId, Shares};
use pallet_models::{reuse_id, Contributor, Reuse, Reuses, SharedTensor};
use pallet_multi_asset_bounties::{Bounties, BountyStatus};
use pallet_personhood::{
	dispute::{CaseId, Reason, Stage},
	jury::Seed,
	Cases, Seeds,
};
use pallet_suffrage::Origin;
use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie, Dave, Eve};
use usufruct_primitives::{
	tensors::{TensorLeaf, TensorRoot, TensorTree, MIN_BYTES},
	Meter, PersonId, Role, VerifierId, VersionId, PPM,
};
use usufruct_runtime::{configs::money::CommonsPot, AccountId, Dividend, Runtime, System, UFR};

type Registry = pallet_models::Call<Runtime>;
type Money = pallet_dividend::Call<Runtime>;
type Personhood = pallet_personhood::Call<Runtime>;
type Bounty = pallet_multi_asset_bounties::Call<Runtime>;

/// A person under no dispute.
pub const FREE: PersonId = 0;
/// One that a challenge has frozen, for whom money is put aside.
pub const CHALLENGED: PersonId = 1;
/// One that was revoked.
pub const REVOKED: PersonId = 2;
/// The dispute about the second of them; an appeal can decide it.
pub const CASE: CaseId = 0;
/// The programme that all of them joined.
pub const PROGRAMME: ProgrammeId = 0;
/// What it gets of what flows in, in parts per million.
pub const SHARE: u32 = 100_000;
/// A verifier that is suspended; it attested nobody.
pub const SUSPENDED: VerifierId = 1;
/// One that attested everybody.
pub const TRUSTED: VerifierId = 0;
/// A version that somebody contests.
pub const OLDER: VersionId = 0;
/// One with the weights of that.
pub const NEWER: VersionId = 1;
/// A bounty whose curator is at work.
pub const BOUNTY: u32 = 0;
/// One that has no curator.
pub const VACANT: u32 = 1;
/// A grant that nobody has collected.
pub const GRANT: u32 = 0;

/// Who contests [`OLDER`].
pub fn contester() -> AccountId {
	Eve.to_account_id()
}

/// Brings all of it about. Nothing has flowed into the pot since the last epoch was closed.
pub fn set() {
	// Takes weeks, and an attestation does not last so long.
	registry();
	commons();
	let people = voters(4);
	programme(&people);
	dispute();
	dispatch(Origin::Disputes, Personhood::revoke { person: REVOKED }).expect("is revoked");
	dispatch(Origin::Verifiers, Personhood::suspend_verifier { verifier: SUSPENDED })
		.expect("is suspended");
	flow_in();
	assert!(holds(&programme_pot(PROGRAMME)) > 100 * UFR);
	assert!(holds(&Dividend::pot()) > 2_000 * UFR);
}

/// Lets as many blocks pass, without making them.
fn pass<Term: Get<u32>>() {
	System::set_block_number(System::block_number() + Term::get());
}

/// Gives something to all people, and closes the epoch.
fn flow_in() {
	give(&Dividend::pot(), 1_000 * UFR);
	close_epochs(1);
}

/// Adds a version with these tensors to a new model.
fn version(owner: &AccountId, tensors: TensorRoot) {
	let model = pallet_models::NextModel::<Runtime>::get();
	let name = b"model".to_vec().try_into().expect("short");
	signed(owner, Registry::register_model { name }).expect("registered");
	let row = Contributor { account: owner.clone(), role: Role::Owner, share: PPM };
	let version = Registry::add_version {
		model,
		manifest_hash: [model as u8 + 1; 32],
		size: tensors.bytes,
		licence: b"MIT".to_vec().try_into().expect("short"),
		metadata_uri: Default::default(),
		metadata_hash: [0; 32],
		meter: Meter::Request,
		floor_price: 1,
		contributors: vec![row].try_into().expect("few"),
		parents: Default::default(),
		royalty: 0,
		tensor_root: Some(tensors),
	};
	signed(owner, version).expect("added");
}

/// A version that is contested, and one whose owner was found to reuse its weights, too late to make
/// it a descendant.
fn registry() {
	let leaf = |number| TensorLeaf { tensor: [number; 32], bytes: MIN_BYTES };
	let tree = TensorTree::new((0..10u8).map(leaf).collect()).expect("they are different");
	version(&Alice.to_account_id(), tree.root());
	version(&Dave.to_account_id(), tree.root());
	signed(&contester(), Registry::contest { version: OLDER, evidence_hash: [1; 32] })
		.expect("contested");

	pass::<<Runtime as pallet_models::Config>::ContestWindow>();
	let shown = |leaf: &TensorLeaf| {
		let inclusion = tree.prove(&leaf.tensor).expect("the tree holds it");
		SharedTensor { leaf: *leaf, older: inclusion.clone(), newer: inclusion }
	};
	let proof: Vec<_> = tree.leaves().iter().map(shown).collect();
	let proof = proof.try_into().expect("ten are few");
	let anybody = Bob.to_account_id();
	signed(&anybody, Registry::prove_reuse { older: OLDER, newer: NEWER, proof }).expect("proved");
	pass::<<Runtime as pallet_models::Config>::RefutationPeriod>();
	let id = reuse_id(OLDER, tree.leaves());
	signed(&anybody, Registry::confirm_reuse { newer: NEWER, id }).expect("confirmed");
	let reuse = Reuses::<Runtime>::get(NEWER, OLDER);
	assert!(matches!(reuse, Some(Reuse::Open { .. })));
}

/// A grant, and two bounties.
fn commons() {
	give(&CommonsPot::get(), 20_000 * UFR);
	let grant = pallet_treasury::Call::<Runtime>::spend {
		asset_kind: Box::new(()),
		amount: 10 * UFR,
		beneficiary: Box::new(Eve.to_account_id()),
		valid_from: None,
	};
	dispatch(Origin::Grants, grant).expect("granted");
	active(100 * UFR);
	dispatch(Origin::Grants, fund_bounty(100 * UFR)).expect("funded");
	let arrived = Bounty::check_status { parent_bounty_id: VACANT, child_bounty_id: None };
	signed(&curator(), arrived).expect("the money is there");
	let dismissed = Bounty::unassign_curator { parent_bounty_id: VACANT, child_bounty_id: None };
	dispatch(Origin::Grants, dismissed).expect("dismissed");
	let status = |bounty| Bounties::<Runtime>::get(bounty).expect("it is there").status;
	assert!(matches!(status(BOUNTY), BountyStatus::Active { .. }));
	assert_eq!(status(VACANT), BountyStatus::CuratorUnassigned);
}

/// A programme that owes something to everybody.
fn programme(people: &[AccountId]) {
	let open = Money::open_programme {
		share: SHARE,
		classes: Default::default(),
		regions: Default::default(),
		epochs: 10,
		min_people: 1,
	};
	dispatch(Origin::Parameters, open).expect("opened");
	for person in people {
		signed(person, Money::join_programme { programme: PROGRAMME }).expect("joins");
	}
	// It gets nothing of the first.
	flow_in();
	flow_in();
}

/// A challenge of which a jury found no verdict, because there are too few people.
fn dispute() {
	let challenger = Charlie.to_account_id();
	let challenge =
		Personhood::challenge { person: CHALLENGED, reason: Reason::NotAPerson, evidence: [7; 32] };
	signed(&challenger, challenge).expect("challenged");
	let case = || Cases::<Runtime>::get(CASE).expect("it is open");
	// As if the randomness of two BABE epochs had been made since.
	Seeds::<Runtime>::insert(case().round, Seed { value: Default::default(), waiting: 1 });
	signed(&challenger, Personhood::draw_jury { case: CASE }).expect("drawn");
	assert!(matches!(case().stage, Stage::Appealable { .. }));
	let aside = Shares::<Runtime>::get(CHALLENGED).expect("it has a share").owed;
	assert!(aside > UFR);
}
