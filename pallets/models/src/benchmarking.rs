//! Benchmarks of the calls, each in its worst case.

use crate::{
	reuse_id, Ancestor, AncestorTable, Ancestors, Barred, Call, ClaimedTensors, Config, Contests,
	Contributor, ContributorTable, Contributors, Event, FoundTensor, FoundTensors, Licence,
	Licences, Models, Moved, Name, NextModel, NextVersion, Paid, Pallet, Parent, ParentList,
	PendingReuses, Relation, Reuse, ReuseClaims, ReuseProof, Reuses, Rise, RowList, RowState,
	Royalties, Ruling, SharedTensor, Uri, Versions, MAX_ANCESTORS, MAX_LICENCE, MAX_NAME,
	MAX_PARENTS, MAX_ROWS, MAX_ROYALTIES, MAX_SHARED, MAX_URI,
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	EnsureOrigin, Get,
};
use frame_system::RawOrigin;
use sp_core::crypto::KeyTypeId;
use sp_io::crypto::{sr25519_generate, sr25519_sign};
use sp_runtime::{traits::SaturatedConversion, AccountId32};
use usufruct_primitives::{
	domain::hash,
	personhood::{acceptance_digest, signed_forms},
	tensors::{join, TensorLeaf, TensorRoot, TensorTree, MAX_DEPTH, MAX_LEAVES},
	traits::Models as _,
	Balance, BlockNumber, Hash, Meter, ModelId, Role, VersionId, PPM, UFR,
};

/// Where the keys of the benchmarks are kept.
const KEYS: KeyTypeId = KeyTypeId(*b"bnch");
/// The last row of the longest table.
const LAST: u16 = MAX_ROWS as u16 - 1;

/// Gives `who` enough for any deposit here.
fn fund<T: Config>(who: &AccountId32) {
	T::Currency::mint_into(who, 1_000_000 * UFR).expect("the issuance leaves room");
}

/// The longest licence, put on the list.
fn licence<T: Config>() -> Licence {
	let licence = Licence::truncate_from(vec![b'L'; MAX_LICENCE as usize]);
	Licences::<T>::insert(&licence, ());
	licence
}

/// A manifest no version has.
fn manifest<T: Config>() -> Hash {
	hash(&("manifest", NextVersion::<T>::get()).encode())
}

/// A whole table of `rows` accounts that do not exist; the last has nearly everything, of the owner's
/// share.
fn table(rows: u32) -> ContributorTable {
	let mut rows: Vec<Contributor> = (0..rows)
		.map(|row| Contributor {
			account: account("contributor", row, 0),
			role: Role::Annotator,
			share: 1,
		})
		.collect();
	let others = rows.len() as u32 - 1;
	if let Some(last) = rows.last_mut() {
		last.share = PPM - others;
		last.role = Role::Owner;
	}
	ContributorTable::truncate_from(rows)
}

/// A model of `owner` with the longest name.
fn new_model<T: Config>(owner: &AccountId32) -> ModelId {
	fund::<T>(owner);
	let name = Name::truncate_from(vec![b'n'; MAX_NAME as usize]);
	Pallet::<T>::register_model(RawOrigin::Signed(owner.clone()).into(), name)
		.expect("the name is valid and the owner funded");
	NextModel::<T>::get() - 1
}

/// The account of the last row of the longest table.
fn last_account() -> AccountId32 {
	account("contributor", LAST.into(), 0)
}

/// That many ancestors, which need not exist, owed as much as a version may owe.
fn ancestors(count: u32) -> AncestorTable {
	let rate = MAX_ROYALTIES / MAX_ANCESTORS;
	let ancestor = |version| Ancestor { version, rate, since: 0 };
	AncestorTable::truncate_from((1_000_000..1_000_000 + count).map(ancestor).collect())
}

/// Lets that many blocks pass.
fn pass<T: Config>(blocks: BlockNumber) {
	let at = Pallet::<T>::now().saturating_add(blocks);
	frame_system::Pallet::<T>::set_block_number(at.saturated_into());
}

/// A settled version with as many ancestors as can be, which has earned something; with its last row
/// in that state.
fn earning<T: Config>(owner: &AccountId32, last: RowState) -> Result<VersionId, BenchmarkError> {
	let version = new_version::<T>(owner, MAX_ROWS);
	Ancestors::<T>::insert(version, ancestors(MAX_ANCESTORS));
	Royalties::<T>::insert(version, 1);
	Pallet::<T>::change_row(version, LAST, |row| {
		row.state = last;
		Ok(())
	})?;
	let earned: Balance = 1_000 * UFR;
	T::Currency::mint_into(&Pallet::<T>::pot(), earned + T::Currency::minimum_balance())?;
	Pallet::<T>::credit(version, earned)?;
	pass::<T>(T::ContestWindow::get());
	Ok(version)
}

/// A contest of a version, by somebody with enough.
fn contested<T: Config>(version: VersionId) -> Result<AccountId32, BenchmarkError> {
	let contester: AccountId32 = account("contester", 0, 0);
	fund::<T>(&contester);
	Pallet::<T>::contest(RawOrigin::Signed(contester.clone()).into(), version, [7; 32])?;
	Ok(contester)
}

/// Three versions that hold the same tensors, a proof of that, and who may bring it.
struct Reusing {
	source: VersionId,
	older: VersionId,
	newer: VersionId,
	proof: ReuseProof,
	prover: AccountId32,
}

/// A version of `owner` and an older one of somebody else, with one root: that of the deepest tree,
/// of which a proof shows `shared` tensors. The older one has as many ancestors as can be.
fn reusing<T: Config>(owner: &AccountId32, shared: u32) -> Result<Reusing, BenchmarkError> {
	let leaves =
		(0..MAX_SHARED).map(|n| TensorLeaf { tensor: hash(&n.encode()), bytes: 1 << 32 }).collect();
	let corner =
		TensorTree::new(leaves).map_err(|_| BenchmarkError::Stop("the tensors make no tree"))?;
	// The tensors are the first ones of the tree; what is beside them is not shown.
	let deep = |leaf: &TensorLeaf| {
		let mut proof = corner.prove(&leaf.tensor)?;
		proof.siblings.resize(MAX_DEPTH as usize, [1; 32]);
		Some(proof)
	};
	let mut shown = Vec::new();
	for leaf in corner.leaves().iter().take(shared as usize) {
		let proof = deep(leaf).ok_or(BenchmarkError::Stop("no proof of a tensor"))?;
		shown.push(SharedTensor { leaf: *leaf, older: proof.clone(), newer: proof });
	}
	let first = shown.first().ok_or(BenchmarkError::Stop("nothing is shared"))?;
	let top = first.older.siblings.iter().fold(first.leaf.node(), |node, next| join(&node, next));
	let root = TensorRoot::new(MAX_LEAVES, 1 << 33, &top);

	let source = new_version::<T>(&account("source", 0, 0), MAX_ROWS);
	let older = new_version::<T>(&account("older", 0, 0), MAX_ROWS);
	let newer = new_version::<T>(owner, MAX_ROWS);
	for version in [source, older, newer] {
		Versions::<T>::mutate_extant(version, |version| version.tensor_root = Some(root));
	}
	Ancestors::<T>::insert(older, ancestors(MAX_ANCESTORS));
	let prover: AccountId32 = account("prover", 0, 0);
	fund::<T>(&prover);
	Ok(Reusing { source, older, newer, proof: ReuseProof::truncate_from(shown), prover })
}

impl Reusing {
	/// Claims the reuse.
	fn claim<T: Config>(&self) -> Result<(ClaimedTensors, Hash), BenchmarkError> {
		let origin = RawOrigin::Signed(self.prover.clone()).into();
		Pallet::<T>::prove_reuse(origin, self.older, self.newer, self.proof.clone())?;
		let tensors: Vec<_> = self.proof.iter().map(|shared| shared.leaf).collect();
		let id = reuse_id(self.older, &tensors);
		Ok((ClaimedTensors::truncate_from(tensors), id))
	}
}

/// An open version, of a new model of `owner`, with everything as long as can be and `rows`
/// contributors.
pub(crate) fn new_version<T: Config>(owner: &AccountId32, rows: u32) -> VersionId {
	let model = new_model::<T>(owner);
	Pallet::<T>::add_version(
		RawOrigin::Signed(owner.clone()).into(),
		model,
		manifest::<T>(),
		1,
		licence::<T>(),
		Uri::truncate_from(vec![b'u'; MAX_URI as usize]),
		[0; 32],
		Meter::Request,
		1,
		table(rows),
		ParentList::new(),
		0,
		None,
	)
	.expect("everything is valid and the owner funded");
	NextVersion::<T>::get() - 1
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(
		<T as frame_system::Config>::RuntimeEvent::from(event).into(),
	);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn register_model() {
		let owner: AccountId32 = whitelisted_caller();
		fund::<T>(&owner);
		let model = NextModel::<T>::get();
		let name = Name::truncate_from(vec![b'n'; MAX_NAME as usize]);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner.clone()), name.clone());

		assert_eq!(Models::<T>::get(model).map(|model| model.name), Some(name));
	}

	/// Linear in the rows of the contributor table and in the parents, which together have as many
	/// ancestors as can be.
	#[benchmark]
	fn add_version(r: Linear<1, MAX_ROWS>, p: Linear<0, MAX_PARENTS>) {
		let owner: AccountId32 = whitelisted_caller();
		let model = new_model::<T>(&owner);
		let licence = licence::<T>();
		let relation = Relation::FineTune;
		let parents: Vec<Parent> = (0..p)
			.map(|_| Parent { version: new_version::<T>(&owner, MAX_ROWS), relation })
			.collect();
		for parent in &parents {
			Ancestors::<T>::insert(parent.version, ancestors(MAX_ANCESTORS - MAX_PARENTS));
		}
		pass::<T>(T::ContestWindow::get());
		let version = NextVersion::<T>::get();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			model,
			manifest::<T>(),
			1,
			licence,
			Uri::truncate_from(vec![b'u'; MAX_URI as usize]),
			[0; 32],
			Meter::Request,
			1,
			table(r),
			ParentList::truncate_from(parents),
			0,
			Some(TensorRoot { root: [1; 32], leaves: 1, bytes: 4_096 }),
		);

		let rows = Contributors::<T>::get(version).map(|rows| rows.len() as u32);
		assert_eq!(rows, Some(r));
		let all = if p > 0 { MAX_ANCESTORS - MAX_PARENTS + p } else { 0 };
		assert_eq!(Ancestors::<T>::get(version).len() as u32, all);
	}

	/// In a block to come.
	#[benchmark]
	fn deprecate() {
		let owner: AccountId32 = whitelisted_caller();
		let version = new_version::<T>(&owner, MAX_ROWS);
		pass::<T>(T::ContestWindow::get());
		let at = Pallet::<T>::now() + 1;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, Some(at));

		assert_eq!(Versions::<T>::get(version).and_then(|version| version.closes), Some(at));
	}

	/// The last row of the longest table, of the owner's share; the payment creates its account.
	#[benchmark]
	fn claim_revenue() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = whitelisted_caller();
		let version = earning::<T>(&owner, RowState::Accepted)?;
		let (row, account) = (LAST, last_account());
		let amount = Pallet::<T>::revenue_due(version, row);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, row);

		assert_eq!(T::Currency::balance(&account), amount);
		assert_eq!(Paid::<T>::get(version, row), amount);
		assert_last_event::<T>(Event::RevenuePaid { version, row, account, amount });
		Ok(())
	}

	#[benchmark]
	fn set_licence() -> Result<(), BenchmarkError> {
		let licence = Licence::truncate_from(vec![b'L'; MAX_LICENCE as usize]);
		let origin = T::AdminOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("nobody may set licences"))?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, licence.clone(), true);

		assert!(Licences::<T>::contains_key(licence));
		Ok(())
	}

	/// The last one of the longest table.
	#[benchmark]
	fn move_royalty() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = whitelisted_caller();
		let version = earning::<T>(&owner, RowState::Accepted)?;
		let index = MAX_ANCESTORS as u16 - 1;
		let due = Pallet::<T>::royalty_due(version, index);
		assert!(due > 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, index);

		assert_eq!(Moved::<T>::get(version, index), due);
		Ok(())
	}

	/// A signature of the slowest common scheme, in the form that is tried last.
	#[benchmark]
	fn accept_row() -> Result<(), BenchmarkError> {
		let caller: AccountId32 = whitelisted_caller();
		let version = new_version::<T>(&caller, MAX_ROWS);
		let key = sr25519_generate(KEYS, None);
		Pallet::<T>::change_row(version, LAST, |row| {
			row.account = AccountId32::new(key.0);
			Ok(())
		})?;
		let digest = acceptance_digest(&Pallet::<T>::genesis_hash(), version, LAST, &key.0);
		let [_, _, form] = signed_forms(&digest);
		let signature =
			sr25519_sign(KEYS, &key, &form).ok_or(BenchmarkError::Stop("no key of the account"))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), version, LAST, Some(signature.into()));

		assert!(Pallet::<T>::accepted(version, LAST));
		Ok(())
	}

	/// The last row of the longest table, of the owner's share.
	#[benchmark]
	fn forfeit_row() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = whitelisted_caller();
		let version = earning::<T>(&owner, RowState::Offered { since: 0 })?;
		pass::<T>(T::AcceptanceTerm::get());
		let pot = T::DividendPot::get();
		let before = T::Currency::balance(&pot);
		let due = Pallet::<T>::revenue_due(version, LAST);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, LAST);

		assert_eq!(T::Currency::balance(&pot), before + due);
		Ok(())
	}

	/// A rise in the place of another.
	#[benchmark]
	fn announce_floor() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = whitelisted_caller();
		let version = new_version::<T>(&owner, MAX_ROWS);
		Pallet::<T>::announce_floor(RawOrigin::Signed(owner.clone()).into(), version, 2)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, 3);

		let from = Pallet::<T>::now().saturating_add(T::FloorNotice::get());
		let rise = Pallet::<T>::floor(version).and_then(|floor| floor.rise);
		assert_eq!(rise, Some(Rise { price: 3, from }));
		Ok(())
	}

	#[benchmark]
	fn contest() {
		let caller: AccountId32 = whitelisted_caller();
		fund::<T>(&caller);
		let version = new_version::<T>(&account("owner", 0, 0), MAX_ROWS);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), version, [7; 32]);

		assert!(Contests::<T>::contains_key(version, caller));
	}

	/// Upheld, with the longest table and the model.
	#[benchmark]
	fn resolve_contest() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = account("owner", 0, 0);
		let version = new_version::<T>(&owner, MAX_ROWS);
		let contester = contested::<T>(version)?;
		let rows = RowList::truncate_from((0..=LAST).collect());
		let ruling = Ruling::Upheld { rows: rows.clone(), model: true };
		let origin = T::DisputeOrigin::try_successful_origin()
			.map_err(|_| BenchmarkError::Stop("nobody may rule"))?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, version, contester.clone(), ruling);

		assert!(!Contests::<T>::contains_key(version, &contester));
		assert_last_event::<T>(Event::ContestUpheld { version, contester, rows, model: true });
		Ok(())
	}

	/// The last row of the longest table, of the owner's share.
	#[benchmark]
	fn transfer_row() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = account("owner", 0, 0);
		let version = earning::<T>(&owner, RowState::Accepted)?;
		let (from, to) = (last_account(), whitelisted_caller::<AccountId32>());
		let due = Pallet::<T>::revenue_due(version, LAST);

		#[extrinsic_call]
		_(RawOrigin::Signed(from.clone()), version, LAST, to.clone());

		assert_last_event::<T>(Event::RowTransferred { version, row: LAST, from, to, due });
		Ok(())
	}

	#[benchmark]
	fn transfer_model() {
		let owner: AccountId32 = whitelisted_caller();
		let model = new_model::<T>(&owner);
		let to: AccountId32 = account("other", 0, 0);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, Some(to.clone()));

		assert_eq!(Models::<T>::get(model).and_then(|model| model.offered_to), Some(to));
	}

	#[benchmark]
	fn accept_model() -> Result<(), BenchmarkError> {
		let (owner, other): (AccountId32, AccountId32) =
			(account("owner", 0, 0), whitelisted_caller());
		fund::<T>(&other);
		let model = new_model::<T>(&owner);
		let offer = RawOrigin::Signed(owner.clone());
		Pallet::<T>::transfer_model(offer.into(), model, Some(other.clone()))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(other.clone()), model);

		assert_eq!(Models::<T>::get(model).map(|model| model.owner), Some(other));
		Ok(())
	}

	/// Linear in the tensors that are shown.
	#[benchmark]
	fn prove_reuse(n: Linear<1, MAX_SHARED>) -> Result<(), BenchmarkError> {
		let Reusing { older, newer, proof, prover, .. } = reusing::<T>(&whitelisted_caller(), n)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(prover), older, newer, proof);

		assert_eq!(PendingReuses::<T>::get(newer), 1);
		Ok(())
	}

	/// By the older version's owner.
	#[benchmark]
	fn settle_reuse() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = account("owner", 0, 0);
		let reusing = reusing::<T>(&owner, 1)?;
		let Reusing { older, newer, .. } = reusing;
		pass::<T>(T::ContestWindow::get());
		let (_, id) = reusing.claim::<T>()?;
		pass::<T>(T::RefutationPeriod::get());
		let anybody = RawOrigin::Signed(owner.clone());
		Pallet::<T>::confirm_reuse(anybody.into(), newer, id)?;
		assert_eq!(Barred::<T>::get(&owner), 1);

		#[extrinsic_call]
		_(RawOrigin::Signed(account("older", 0, 0)), older, newer);

		assert_eq!(Reuses::<T>::get(newer, older), Some(Reuse::Settled));
		assert_eq!(Barred::<T>::get(&owner), 0);
		Ok(())
	}

	/// All tensors are found in the source, to which the claim passes over. Linear in them.
	#[benchmark]
	fn refute_reuse(n: Linear<1, MAX_SHARED>) -> Result<(), BenchmarkError> {
		let reusing = reusing::<T>(&account("owner", 0, 0), n)?;
		let (tensors, _) = reusing.claim::<T>()?;
		let Reusing { source, older, newer, proof, .. } = reusing;
		let found: Vec<_> = (0u8..)
			.zip(proof)
			.map(|(place, shared)| FoundTensor { place, inclusion: shared.older })
			.collect();
		let refuter: AccountId32 = whitelisted_caller();
		fund::<T>(&refuter);
		fund::<T>(&T::DividendPot::get());
		let passed = reuse_id(source, &tensors);
		let found = FoundTensors::truncate_from(found);

		#[extrinsic_call]
		_(RawOrigin::Signed(refuter), older, newer, tensors, source, found);

		assert!(ReuseClaims::<T>::contains_key(newer, passed));
		Ok(())
	}

	/// The older version brings one ancestor more than there can be, so that the newer one is closed.
	#[benchmark]
	fn confirm_reuse() -> Result<(), BenchmarkError> {
		let reusing = reusing::<T>(&account("owner", 0, 0), 1)?;
		let (_, id) = reusing.claim::<T>()?;
		let Reusing { older, newer, .. } = reusing;
		pass::<T>(T::RefutationPeriod::get());
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), newer, id);

		assert_eq!(Reuses::<T>::get(newer, older), Some(Reuse::Closed));
		assert!(Versions::<T>::get(newer).is_some_and(|version| version.closes.is_some()));
		Ok(())
	}

	#[benchmark]
	fn lapse_contest() -> Result<(), BenchmarkError> {
		let version = new_version::<T>(&account("owner", 0, 0), MAX_ROWS);
		let contester = contested::<T>(version)?;
		pass::<T>(T::ContestTerm::get());
		let caller: AccountId32 = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), version, contester.clone());

		assert!(!Contests::<T>::contains_key(version, contester));
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
