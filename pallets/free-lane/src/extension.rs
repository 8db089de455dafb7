//! The transaction extension that keeps free calls in their lane, and has all others pay.

use crate::{Config, Pallet, Returned, Used, WeightInfo};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::{fmt, marker::PhantomData};
use frame_support::{
	dispatch::{CheckIfFeeless, DispatchClass, DispatchInfo, Pays, PostDispatchInfo, RawOrigin},
	pallet_prelude::TransactionSource,
	traits::{Contains, Get, OriginTrait},
	weights::Weight,
};
use frame_system::{calculate_consumed_extrinsic_weight, pallet_prelude::OriginFor};
use scale_info::{StaticTypeInfo, TypeInfo};
use sp_runtime::{
	traits::{
		Dispatchable, Implication, TransactionExtension, TransactionExtensionMetadata,
		ValidateResult,
	},
	transaction_validity::{
		InvalidTransaction, TransactionPriority, TransactionValidityError, ValidTransaction,
	},
	DispatchResult,
};

/// What is added to the priority of a transaction that pays. By payment alone it has one at least;
/// with this, it is above every free one, and paying ones are ordered among themselves as before.
pub const PAYING_PRIORITY: TransactionPriority = 1 << 32;

/// What is added to the priority of a free transaction, which has none of its own or a low one. Of those
/// with the same a pool takes the one that expires first, then the one that came first.
pub const FREE_PRIORITY: TransactionPriority = 1;

/// Admits free calls while there is room for them in the block, and has the `Payment` extension see
/// to all others.
///
/// Is used by every transaction, encodes as the payment, adds to what is signed what that adds, and
/// stands in the metadata under its name: for a wallet it is the payment.
///
/// It is one extension, and not the lane beside `SkipCheckIfFeeless`, because both have to know
/// whether the call is free, and finding that out is most of what a claim costs.
///
/// ## Transaction validity
///
/// Sets the priority. A call of the normal class that nobody pays for, or that has its fee
/// [returned](Config::Returned), and that does not fit into the lane beside those already in the block is
/// answered with [`InvalidTransaction::ExhaustsResources`]; in a pool there are none. One that the base
/// filter stops, because it is paused, is answered with [`InvalidTransaction::Call`]: it would fail, and
/// could fail for nothing again and again. One that is [always paid](Config::AlwaysPaid) keeps its fee,
/// whatever it says of it afterwards.
///
/// In the lane a tip buys no priority: what is free in the end would overtake what pays.
#[derive(Encode, Decode, DecodeWithMemTracking, Clone, Eq, PartialEq)]
pub struct CheckFreeLane<T, Payment>(Payment, PhantomData<T>);

impl<T, Payment: fmt::Debug> fmt::Debug for CheckFreeLane<T, Payment> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.debug_tuple("CheckFreeLane").field(&self.0).finish()
	}
}

impl<T, Payment> From<Payment> for CheckFreeLane<T, Payment> {
	fn from(payment: Payment) -> Self {
		Self(payment, PhantomData)
	}
}

/// For whoever reads the metadata, it is the payment.
impl<T, Payment: StaticTypeInfo> TypeInfo for CheckFreeLane<T, Payment> {
	type Identity = Payment;

	fn type_info() -> scale_info::Type {
		Payment::type_info()
	}
}

/// What the payment has to do with a transaction.
#[derive(Clone, Eq, PartialEq, Debug)]
pub enum Payment<Applied> {
	/// It is asked, with that, whatever it takes then.
	Applied(Applied),
	/// It is asked too, for a call in the lane that has it returned if it succeeds.
	Advanced(Applied),
	/// The call is feeless now: it is not asked.
	Skipped,
}

impl<T: Config, P> CheckFreeLane<T, P>
where
	T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>,
{
	/// What a call takes of the lane.
	fn weight_of(info: &DispatchInfo, len: usize) -> Weight {
		calculate_consumed_extrinsic_weight::<T::RuntimeCall>(&T::BlockWeights::get(), info, len)
	}

	/// What is used of the lane with this call in it, if it fits.
	fn used_with(info: &DispatchInfo, len: usize) -> Result<Weight, TransactionValidityError> {
		// Saturating: what saturates does not fit.
		let used = Used::<T>::get().saturating_add(Self::weight_of(info, len));
		if used.any_gt(Pallet::<T>::limit()) {
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		Ok(used)
	}

	/// The priority of a call that nobody pays for in the end, which is `priority` in the lane, and what
	/// is used of the lane with it; none if it is not in the lane.
	fn admit(
		priority: TransactionPriority,
		call: &T::RuntimeCall,
		info: &DispatchInfo,
		len: usize,
	) -> Result<(TransactionPriority, Option<Weight>), TransactionValidityError> {
		if !T::BaseCallFilter::contains(call) {
			return Err(InvalidTransaction::Call.into());
		}
		if info.class != DispatchClass::Normal {
			return Ok((0, None));
		}
		Ok((priority, Some(Self::used_with(info, len)?)))
	}

	/// Gives back the room of a call that was paid for after all. Else whoever pays for failing could
	/// keep what is free waiting at the price of the lane, and not of a whole block.
	fn leave(info: &DispatchInfo, len: usize) {
		Used::<T>::mutate(|used| *used = used.saturating_sub(Self::weight_of(info, len)));
	}
}

impl<T, P> TransactionExtension<T::RuntimeCall> for CheckFreeLane<T, P>
where
	T: Config + Send + Sync,
	T::RuntimeCall: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo>
		+ CheckIfFeeless<Origin = OriginFor<T>>,
	P: TransactionExtension<T::RuntimeCall>,
{
	const IDENTIFIER: &'static str = P::IDENTIFIER;
	type Implicit = P::Implicit;
	/// What the payment has to do, and what is used of the lane after this transaction; none if it
	/// is not in the lane.
	type Val = (Payment<P::Val>, Option<Weight>);
	/// What the payment has to do, and whether nothing of it is given back because the call says so.
	type Pre = (Payment<P::Pre>, bool);

	fn metadata() -> Vec<TransactionExtensionMetadata> {
		P::metadata()
	}

	fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
		self.0.implicit()
	}

	/// Without the condition under which a call is free: who meets it saves the weight of the
	/// payment, which is booked all the same, and what it reads is read by the call again. Without
	/// leaving the lane too, which touches nothing that entering it has not.
	fn weight(&self, call: &T::RuntimeCall) -> Weight {
		T::WeightInfo::check_free_lane().saturating_add(self.0.weight(call))
	}

	fn validate(
		&self,
		origin: OriginFor<T>,
		call: &T::RuntimeCall,
		info: &DispatchInfo,
		len: usize,
		implicit: Self::Implicit,
		implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, T::RuntimeCall> {
		let unpaid = info.pays_fee == Pays::No
			|| matches!(origin.as_system_ref(), Some(RawOrigin::Authorized));
		let feeless = !unpaid && call.is_feeless(&origin);
		let in_lane = match unpaid || feeless {
			true => Some(FREE_PRIORITY),
			false => T::Returned::priority(call),
		};
		let (priority, used) = match in_lane {
			Some(priority) => Self::admit(priority, call, info, len)?,
			None => (PAYING_PRIORITY, None),
		};
		let valid = ValidTransaction { priority, ..Default::default() };
		if feeless {
			return Ok((valid, (Payment::Skipped, used), origin));
		}
		let (mut of_payment, applied, origin) =
			self.0.validate(origin, call, info, len, implicit, implication, source)?;
		if used.is_some() {
			of_payment.priority = 0;
		}
		let payment = match used.is_some() && !unpaid {
			true => Payment::Advanced(applied),
			false => Payment::Applied(applied),
		};
		Ok((valid.combine_with(of_payment), (payment, used), origin))
	}

	fn prepare(
		self,
		(payment, used): Self::Val,
		origin: &OriginFor<T>,
		call: &T::RuntimeCall,
		info: &DispatchInfo,
		len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		if let Some(used) = used {
			Used::<T>::put(used);
		}
		let payment = match payment {
			Payment::Applied(applied) => {
				Payment::Applied(self.0.prepare(applied, origin, call, info, len)?)
			},
			Payment::Advanced(applied) => {
				Payment::Advanced(self.0.prepare(applied, origin, call, info, len)?)
			},
			Payment::Skipped => Payment::Skipped,
		};
		Ok((payment, T::AlwaysPaid::contains(call)))
	}

	fn post_dispatch_details(
		(payment, always_paid): Self::Pre,
		info: &DispatchInfo,
		post_info: &PostDispatchInfo,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		let mut post_info = *post_info;
		if always_paid {
			post_info.pays_fee = Pays::Yes;
		}
		let applied = match payment {
			Payment::Applied(applied) => applied,
			Payment::Advanced(applied) => {
				if post_info.pays_fee == Pays::Yes {
					Self::leave(info, len);
				}
				applied
			},
			Payment::Skipped => return Ok(Weight::zero()),
		};
		P::post_dispatch_details(applied, info, &post_info, len, result)
	}
}
