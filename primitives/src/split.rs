//! How money is divided: by the cumulative-difference rule, wherever it is divided.
//!
//! With `T` the lifetime amount under the present weights, party i is entitled to
//! `floor(T × wᵢ / whole)` and is credited its entitlement less what it was credited before. So, for
//! weights that sum to the whole, `credited ≤ T` and `T − credited < parties` for ever, however the
//! amount was cut into batches: a thousand batches of one planck divide as one of a thousand.

use crate::{Balance, PPM};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_arithmetic::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// `floor(total × weight / whole)`, exact by a product of 256 bits; `None` if `whole` is 0 or the
/// quotient is no `u128` (it always is one where `weight ≤ whole`).
pub fn entitlement(total: Balance, weight: u32, whole: u32) -> Option<Balance> {
	multiply_by_rational_with_rounding(total, weight.into(), whole.into(), Rounding::Down)
}

/// What was divided among `N` parties under one set of weights, in planck. Another set of weights
/// begins another ledger.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Ledger<const N: usize> {
	/// All that came in.
	pub total: Balance,
	/// What each party was credited of it.
	pub credited: [Balance; N],
}

impl<const N: usize> Default for Ledger<N> {
	fn default() -> Self {
		Self { total: 0, credited: [0; N] }
	}
}

impl<const N: usize> Ledger<N> {
	/// Takes in `amount` and returns what each party is credited now.
	///
	/// `None`, and nothing changes, if the total is no longer a `u128`, if the weights sum to more
	/// than `whole`, or if they are not those of this ledger, so that somebody would have to give
	/// back. Where they sum to less than `whole`, the rest stays in [`Ledger::dust`].
	pub fn divide(
		&mut self,
		amount: Balance,
		weights: &[u32; N],
		whole: u32,
	) -> Option<[Balance; N]> {
		if weights.iter().map(|weight| u64::from(*weight)).sum::<u64>() > whole.into() {
			return None;
		}
		let total = self.total.checked_add(amount)?;
		let mut credited = [0; N];
		let mut parts = [0; N];
		let parties = self.credited.iter().zip(weights);
		for ((entitled, part), (before, weight)) in
			credited.iter_mut().zip(&mut parts).zip(parties)
		{
			*entitled = entitlement(total, *weight, whole)?;
			*part = entitled.checked_sub(*before)?;
		}
		*self = Self { total, credited };
		Some(parts)
	}

	/// What came in and is not credited to anybody, in planck: less than `N` where the weights sum
	/// to the whole.
	pub fn dust(&self) -> Balance {
		self.credited.iter().fold(self.total, |rest, part| rest.saturating_sub(*part))
	}
}

/// The weights by which every settled amount is divided, in parts per million.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Split {
	/// To all recognised people. At least 10 %.
	pub dividend: u32,
	/// To the commons fund, which keeps open models alive. 2 to 20 %.
	pub commons: u32,
	/// To the validators. 1 to 10 %.
	pub security: u32,
	/// To the operator that ran the model. 20 to 70 %.
	pub oracle: u32,
	/// To those the model version comes from. At least 10 %.
	pub model: u32,
}

impl Default for Split {
	fn default() -> Self {
		Self {
			dividend: 200_000,
			commons: 80_000,
			security: 20_000,
			oracle: 400_000,
			model: 300_000,
		}
	}
}

/// Why weights are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitError {
	/// They do not sum to exactly 1,000,000.
	NotWhole,
	/// The dividend would get less than 10 %.
	DividendTooLow,
	/// The commons would get less than 2 % or more than 20 %.
	CommonsOutOfBounds,
	/// The validators would get less than 1 % or more than 10 %.
	SecurityOutOfBounds,
	/// The oracle would get less than 20 % or more than 70 %.
	OracleOutOfBounds,
	/// The model would get less than 10 %.
	ModelTooLow,
}

impl Split {
	/// Whether the weights are a whole and each within the bounds governance may move it in.
	pub fn check(&self) -> Result<(), SplitError> {
		let sum: u64 = self.weights().iter().map(|weight| u64::from(*weight)).sum();
		if sum != PPM.into() {
			return Err(SplitError::NotWhole);
		}
		if self.dividend < 100_000 {
			return Err(SplitError::DividendTooLow);
		}
		if !(20_000..=200_000).contains(&self.commons) {
			return Err(SplitError::CommonsOutOfBounds);
		}
		if !(10_000..=100_000).contains(&self.security) {
			return Err(SplitError::SecurityOutOfBounds);
		}
		if !(200_000..=700_000).contains(&self.oracle) {
			return Err(SplitError::OracleOutOfBounds);
		}
		if self.model < 100_000 {
			return Err(SplitError::ModelTooLow);
		}
		Ok(())
	}

	/// The weights in the order of [`Parts`]: dividend, commons, security, oracle, model.
	pub fn weights(&self) -> [u32; 5] {
		[self.dividend, self.commons, self.security, self.oracle, self.model]
	}
}

/// What each of the five parties gets of an amount, in planck.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Parts {
	/// The dividend pot's.
	pub dividend: Balance,
	/// The commons fund's.
	pub commons: Balance,
	/// The validators'.
	pub security: Balance,
	/// The oracle's.
	pub oracle: Balance,
	/// The model version's.
	pub model: Balance,
}

impl From<[Balance; 5]> for Parts {
	fn from([dividend, commons, security, oracle, model]: [Balance; 5]) -> Self {
		Self { dividend, commons, security, oracle, model }
	}
}
