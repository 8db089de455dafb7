//! Benchmarks of the calls, each in its worst case.

use crate::{
	Call, Config, Contributor, ContributorTable, Contributors, Event, Licence, Licences, Models,
	Name, NextModel, NextVersion, Paid, Pallet, Uri, Versions, MAX_LICENCE, MAX_NAME, MAX_ROWS,
	MAX_URI,
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;
use sp_runtime::AccountId32;
use usufruct_primitives::{
	domain::hash, traits::Models as _, Balance, Hash, Meter, ModelId, Role, VersionId, PPM, UFR,
};

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

/// A whole table of `rows` accounts that do not exist; the last has nearly everything.
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

	/// Linear in the rows of the contributor table.
	#[benchmark]
	fn add_version(r: Linear<1, MAX_ROWS>) {
		let owner: AccountId32 = whitelisted_caller();
		let model = new_model::<T>(&owner);
		let licence = licence::<T>();
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
		);

		assert_eq!(Contributors::<T>::get(version), Some(table(r)));
		assert_eq!(Models::<T>::get(model).map(|model| model.open_versions), Some(1));
	}

	#[benchmark]
	fn deprecate() {
		let owner: AccountId32 = whitelisted_caller();
		let version = new_version::<T>(&owner, MAX_ROWS);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version);

		assert_eq!(Versions::<T>::get(version).map(|version| version.open), Some(false));
	}

	/// The last row of the longest table; the payment creates its account.
	#[benchmark]
	fn claim_revenue() -> Result<(), BenchmarkError> {
		let owner: AccountId32 = whitelisted_caller();
		let version = new_version::<T>(&owner, MAX_ROWS);
		let row = MAX_ROWS as u16 - 1;
		let earned: Balance = 1_000 * UFR;
		T::Currency::mint_into(&Pallet::<T>::pot(), earned + T::Currency::minimum_balance())?;
		Pallet::<T>::credit(version, earned)?;
		let account = account("contributor", row.into(), 0);
		let amount = Pallet::<T>::revenue_due(version, row);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), version, row);

		assert_eq!(T::Currency::balance(&account), amount);
		assert_eq!(Paid::<T>::get(version, row), amount);
		assert_last_event::<T>(Event::RevenuePaid { version, row, account, amount });
		Ok(())
	}

	#[benchmark]
	fn set_licence() {
		let licence = Licence::truncate_from(vec![b'L'; MAX_LICENCE as usize]);

		#[extrinsic_call]
		_(RawOrigin::Root, licence.clone(), true);

		assert!(Licences::<T>::contains_key(licence));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
