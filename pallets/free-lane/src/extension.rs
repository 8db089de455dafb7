//! The transaction extension that keeps free calls in their lane.

use crate::{Config, Pallet, Used, WeightInfo};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::marker::PhantomData;
use frame_support::{
	dispatch::{CheckIfFeeless, DispatchClass, DispatchInfo, Pays, PostDispatchInfo, RawOrigin},
	pallet_prelude::TransactionSource,
	traits::{Contains, Get, OriginTrait},
	weights::Weight,
	CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound,
};
use frame_system::{calculate_consumed_extrinsic_weight, pallet_prelude::OriginFor};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Dispatchable, Implication, TransactionExtension, ValidateResult},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionValidityError, ValidTransaction,
	},
};

/// What is added to the priority of a transaction that pays. By payment alone it has one at least;
/// with this, it is above every free one, and paying ones are ordered among themselves as before.
pub const PAYING_PRIORITY: TransactionPriority = 1 << 32;

/// What is added to the priority of a free transaction. All have the same: a pool then takes the one
/// that expires first, then the one that came first.
pub const FREE_PRIORITY: TransactionPriority = 1;

/// Admits free calls while there is room for them in the block.
///
/// Is used by every transaction, encodes to nothing, and adds nothing to what is signed.
///
/// ## Transaction validity
///
/// Sets the priority. A free call of the normal class that does not fit into the lane beside those
/// already in the block is answered with [`InvalidTransaction::ExhaustsResources`]; in a pool there
/// are none. A free call that the base filter stops, because it is paused, is answered with
/// [`InvalidTransaction::Call`]: it would fail, and could fail for nothing again and again.
#[derive(
	Encode,
	Decode,
	DecodeWithMemTracking,
	CloneNoBound,
	EqNoBound,
	PartialEqNoBound,
	DebugNoBound,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
pub struct CheckFreeLane<T>(PhantomData<T>);

impl<T> CheckFreeLane<T> {
	/// The extension. It carries nothing.
	pub const fn new() -> Self {
		Self(PhantomData)
	}
}

impl<T> Default for CheckFreeLane<T> {
	fn default() -> Self {
		Self::new()
	}
}

impl<T: Config + Send + Sync> CheckFreeLane<T>
where
	T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
		+ CheckIfFeeless<Origin = OriginFor<T>>,
{
	/// Whether nobody pays for this call.
	fn is_free(origin: &OriginFor<T>, call: &T::RuntimeCall, info: &DispatchInfo) -> bool {
		info.pays_fee == Pays::No
			|| matches!(origin.as_system_ref(), Some(RawOrigin::Authorized))
			|| call.is_feeless(origin)
	}

	/// What is used of the lane with this call in it, if it fits.
	fn used_with(info: &DispatchInfo, len: usize) -> Result<Weight, TransactionValidityError> {
		let limits = T::BlockWeights::get();
		let weight = calculate_consumed_extrinsic_weight::<T::RuntimeCall>(&limits, info, len);
		// Saturating: what saturates does not fit.
		let used = Used::<T>::get().saturating_add(weight);
		if used.any_gt(Pallet::<T>::limit()) {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		Ok(used)
	}
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall> for CheckFreeLane<T>
where
	T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
		+ CheckIfFeeless<Origin = OriginFor<T>>,
{
	const IDENTIFIER: &'static str = "CheckFreeLane";
	type Implicit = ();
	/// What is used of the lane after this transaction; none if it is not in the lane.
	type Val = Option<Weight>;
	type Pre = ();

	/// Without the condition under which a call is free: who meets it saves the weight of the
	/// payment, which is booked all the same, and what it reads is read by the call again.
	fn weight(&self, _: &T::RuntimeCall) -> Weight {
		T::WeightInfo::check_free_lane()
	}

	fn validate(
		&self,
		origin: OriginFor<T>,
		call: &T::RuntimeCall,
		info: &DispatchInfo,
		len: usize,
		_self_implicit: (),
		_inherited_implication: &impl Implication,
		_source: TransactionSource,
	) -> ValidateResult<Self::Val, T::RuntimeCall> {
		let with = |priority| ValidTransaction { priority, ..Default::default() };
		if !Self::is_free(&origin, call, info) {
			return Ok((with(PAYING_PRIORITY), None, origin));
		}
		if !T::BaseCallFilter::contains(call) {
			return Err(InvalidTransaction::Call.into());
		}
		if info.class != DispatchClass::Normal {
			return Ok((Default::default(), None, origin));
		}
		let used = Self::used_with(info, len)?;
		Ok((with(FREE_PRIORITY), Some(used), origin))
	}

	fn prepare(
		self,
		used: Self::Val,
		_origin: &OriginFor<T>,
		_call: &T::RuntimeCall,
		_info: &DispatchInfo,
		_len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		if let Some(used) = used {
			Used::<T>::put(used);
		}
		Ok(())
	}
}
