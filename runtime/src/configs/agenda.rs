//! The scheduler as polls use it: a full block does not make them lose what they decided.

use crate::{BlockNumber, OriginCaller, Runtime, RuntimeCall, Scheduler, System};
use frame_support::{
	dispatch::DispatchClass,
	traits::{
		schedule::{
			v3::{Anon, Named, TaskName},
			DispatchTime, Period, Priority,
		},
		Bounded, ConstU32, Get,
	},
};
use pallet_scheduler::WeightInfo;
use sp_runtime::{traits::BlakeTwo256, DispatchError};

/// How many calls can be scheduled for one block.
pub type MaxScheduledPerBlock = ConstU32<512>;

/// How many blocks are tried. To fill that many costs a submission deposit for each of their places,
/// and those are lost.
pub const TRIED: BlockNumber = 64;

type Call = Bounded<RuntimeCall, BlakeTwo256>;

/// Schedules for the first block with room, from the wanted one on.
///
/// Anybody fills a block: each submitted poll has an alarm in a block its submitter can choose. The
/// referenda pallet only tries once, and an approved poll would then never be carried out.
pub struct FirstWithRoom;

/// Tries one block after the other, and charges the block for each one in vain.
fn first_with_room(
	when: DispatchTime<BlockNumber>,
	schedule: impl Fn(DispatchTime<BlockNumber>) -> Result<(BlockNumber, u32), DispatchError>,
) -> Result<(BlockNumber, u32), DispatchError> {
	// As the scheduler counts: after no block at all is the next one.
	let first = match when {
		DispatchTime::At(block) => block,
		DispatchTime::After(blocks) => {
			System::block_number().saturating_add(blocks).saturating_add(1)
		},
	};
	for later in 0..TRIED {
		match schedule(DispatchTime::At(first.saturating_add(later))) {
			Err(DispatchError::Exhausted) => System::register_extra_weight_unchecked(
				<Runtime as pallet_scheduler::Config>::WeightInfo::schedule(
					MaxScheduledPerBlock::get(),
				),
				DispatchClass::Normal,
			),
			result => return result,
		}
	}
	Err(DispatchError::Exhausted)
}

impl Anon<BlockNumber, RuntimeCall, OriginCaller> for FirstWithRoom {
	type Address = (BlockNumber, u32);
	type Hasher = BlakeTwo256;

	fn schedule(
		when: DispatchTime<BlockNumber>,
		periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Call,
	) -> Result<Self::Address, DispatchError> {
		first_with_room(when, |at| {
			<Scheduler as Anon<_, _, _>>::schedule(
				at,
				periodic,
				priority,
				origin.clone(),
				call.clone(),
			)
		})
	}

	fn cancel(address: Self::Address) -> Result<(), DispatchError> {
		<Scheduler as Anon<_, _, _>>::cancel(address)
	}

	fn reschedule(
		address: Self::Address,
		when: DispatchTime<BlockNumber>,
	) -> Result<Self::Address, DispatchError> {
		<Scheduler as Anon<_, _, _>>::reschedule(address, when)
	}

	fn next_dispatch_time(address: Self::Address) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Anon<_, _, _>>::next_dispatch_time(address)
	}
}

impl Named<BlockNumber, RuntimeCall, OriginCaller> for FirstWithRoom {
	type Address = (BlockNumber, u32);
	type Hasher = BlakeTwo256;

	fn schedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
		periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Call,
	) -> Result<Self::Address, DispatchError> {
		first_with_room(when, |at| {
			<Scheduler as Named<_, _, _>>::schedule_named(
				id,
				at,
				periodic,
				priority,
				origin.clone(),
				call.clone(),
			)
		})
	}

	fn cancel_named(id: TaskName) -> Result<(), DispatchError> {
		<Scheduler as Named<_, _, _>>::cancel_named(id)
	}

	fn reschedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
	) -> Result<Self::Address, DispatchError> {
		<Scheduler as Named<_, _, _>>::reschedule_named(id, when)
	}

	fn next_dispatch_time(id: TaskName) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Named<_, _, _>>::next_dispatch_time(id)
	}
}
