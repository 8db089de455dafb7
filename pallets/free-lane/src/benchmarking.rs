//! What the extension and the hook cost.

use crate::*;
use frame_benchmarking::v2::*;
use frame_support::{
	dispatch::{CheckIfFeeless, DispatchInfo, GetDispatchInfo, PostDispatchInfo},
	pallet_prelude::Weight,
	traits::Hooks,
};
use frame_system::{pallet_prelude::OriginFor, Call as SystemCall, RawOrigin};
use sp_runtime::traits::{DispatchTransaction, Dispatchable, Zero};

#[benchmarks(where
	T: Send + Sync,
	T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
		+ GetDispatchInfo
		+ CheckIfFeeless<Origin = OriginFor<T>>
		+ From<SystemCall<T>>,
)]
mod benchmarks {
	use super::*;

	/// A transaction that nobody signed goes into a lane in which there is one already.
	#[benchmark]
	fn check_free_lane() {
		let one = Weight::from_parts(1, 1);
		Used::<T>::put(one);
		let call: T::RuntimeCall = SystemCall::remark { remark: Default::default() }.into();
		let info = call.get_dispatch_info();
		let origin: OriginFor<T> = RawOrigin::Authorized.into();

		#[block]
		{
			CheckFreeLane::<T, ()>::from(())
				.test_run(origin, &call, &info, 0, 0, |_| Ok(Default::default()))
				.expect("there is room")
				.expect("nothing was done");
		}

		assert!(Used::<T>::get().ref_time() > one.ref_time());
	}

	/// The lane is emptied.
	#[benchmark]
	fn on_finalize() {
		Used::<T>::put(Weight::from_parts(1, 1));

		#[block]
		{
			Pallet::<T>::on_finalize(Zero::zero());
		}

		assert!(!Used::<T>::exists());
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
