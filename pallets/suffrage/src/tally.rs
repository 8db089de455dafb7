//! How a poll stands: each vote counts one, whoever casts it.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::marker::PhantomData;
use frame_support::{traits::VoteTally, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use scale_info::TypeInfo;
use sp_runtime::Perbill;
use usufruct_primitives::{traits::Electorate, EpochIndex};

/// The votes of a poll, and whose they can be: fixed when the poll is submitted.
#[derive(
	CloneNoBound,
	DebugNoBound,
	PartialEqNoBound,
	EqNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(T))]
#[codec(mel_bound())]
pub struct Tally<T> {
	/// How many people are for it.
	pub ayes: u32,
	/// How many people are against it.
	pub nays: u32,
	/// How many people shared in the snapshot epoch: of so many support is a part.
	pub electorate: u32,
	/// The last epoch that was closed when the poll was submitted; a voter must have shared in it.
	pub snapshot_epoch: EpochIndex,
	/// Where the electorate is read.
	pub config: PhantomData<T>,
}

impl<T> Tally<T> {
	/// One vote more, or, if the voter had voted before, on another side. `None` if the count of a
	/// side would leave its bounds, which cannot be.
	pub(crate) fn count(&mut self, before: Option<bool>, now: Option<bool>) -> Option<()> {
		match before {
			Some(true) => self.ayes = self.ayes.checked_sub(1)?,
			Some(false) => self.nays = self.nays.checked_sub(1)?,
			None => {},
		}
		match now {
			Some(true) => self.ayes = self.ayes.checked_add(1)?,
			Some(false) => self.nays = self.nays.checked_add(1)?,
			None => {},
		}
		Some(())
	}

	/// How many people voted.
	pub fn turnout(&self) -> u32 {
		// Saturating: nobody is counted on both sides.
		self.ayes.saturating_add(self.nays)
	}
}

impl<T: Config, Class> VoteTally<u32, Class> for Tally<T> {
	/// Before the first epoch is closed there is nobody who could vote.
	fn new(_: Class) -> Self {
		let (snapshot_epoch, electorate) = T::Electorate::last_closed().unwrap_or_default();
		Self { ayes: 0, nays: 0, electorate, snapshot_epoch, config: PhantomData }
	}

	fn ayes(&self, _: Class) -> u32 {
		self.ayes
	}

	/// The part of the electorate that is for it.
	fn support(&self, _: Class) -> Perbill {
		if self.electorate == 0 {
			return Perbill::zero();
		}
		Perbill::from_rational(self.ayes, self.electorate)
	}

	/// The part of those who voted that is for it; zero if nobody voted.
	fn approval(&self, _: Class) -> Perbill {
		if self.turnout() == 0 {
			return Perbill::zero();
		}
		Perbill::from_rational(self.ayes, self.turnout())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn unanimity(class: Class) -> Self {
		let tally = Self::new(class);
		Self { ayes: tally.electorate, ..tally }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn rejection(class: Class) -> Self {
		let tally = Self::new(class);
		Self { nays: tally.electorate, ..tally }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn from_requirements(support: Perbill, approval: Perbill, _: Class) -> Self {
		// An electorate of its own, large enough for any part to be exact.
		let electorate = 1_000_000u32;
		let ayes = support.mul_ceil(electorate);
		let nays = (approval.saturating_reciprocal_mul(ayes)).saturating_sub(ayes);
		Self { ayes, nays, electorate, snapshot_epoch: 0, config: PhantomData }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn setup(_: Class, _: Perbill) {
		crate::Rules::<T>::mutate(|rules| rules.min_electorate = 0);
		if T::Electorate::last_closed().is_none_or(|(_, electorate)| electorate == 0) {
			crate::benchmarking::electorate::<T>();
		}
	}
}
