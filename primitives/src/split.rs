//! How money is divided: by the cumulative-difference rule, wherever it is divided.
//!
//! With `T` the lifetime amount under the present weights, party i is entitled to
//! `floor(T × wᵢ / whole)` and is credited its entitlement less what it was credited before. So,
//! for weights that sum to the whole, `credited ≤ T` and `T − credited < parties` for ever, however
//! the amount was cut into batches: a thousand batches of one planck divide as one of a thousand.

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
		for ((entitled, part), (before, weight)) in credited.iter_mut().zip(&mut parts).zip(parties)
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
		if sum != u64::from(PPM) {
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

#[cfg(test)]
mod tests {
	use super::*;

	const WEIGHTS: [u32; 5] = [200_000, 80_000, 20_000, 400_000, 300_000];

	#[test]
	fn an_entitlement_is_rounded_down() {
		assert_eq!(entitlement(4, 200_000, PPM), Some(0));
		assert_eq!(entitlement(5, 200_000, PPM), Some(1));
		assert_eq!(entitlement(9, 200_000, PPM), Some(1));
		assert_eq!(entitlement(10, 0, PPM), Some(0));
	}

	#[test]
	fn an_entitlement_of_the_largest_amount_is_exact() {
		// (2^128 − 1) × 999,999 / 10⁶, whose product has 148 bits.
		let expected = 340_282_026_638_571_542_524_911_144_057_160_779_686;
		assert_eq!(entitlement(Balance::MAX, 999_999, PPM), Some(expected));
		assert_eq!(entitlement(Balance::MAX, PPM, PPM), Some(Balance::MAX));
		assert_eq!(entitlement(Balance::MAX, PPM + 1, PPM), None);
		assert_eq!(entitlement(1, 1, 0), None);
	}

	#[test]
	fn an_amount_divides_by_weight() {
		let mut ledger = Ledger::default();
		let parts = ledger.divide(1_000, &WEIGHTS, PPM).unwrap();
		assert_eq!(parts, [200, 80, 20, 400, 300]);
		assert_eq!(ledger, Ledger { total: 1_000, credited: parts });
		assert_eq!(ledger.dust(), 0);
	}

	#[test]
	fn what_one_amount_leaves_the_next_ones_give_out() {
		let mut ledger = Ledger::default();
		assert_eq!(ledger.divide(4, &WEIGHTS, PPM), Some([0, 0, 0, 1, 1]));
		assert_eq!(ledger.dust(), 2);
		assert_eq!(ledger.divide(1, &WEIGHTS, PPM), Some([1, 0, 0, 1, 0]));
		assert_eq!(ledger.dust(), 1);
		assert_eq!(ledger.divide(0, &WEIGHTS, PPM), Some([0; 5]));
		assert_eq!(ledger.divide(95, &WEIGHTS, PPM), Some([19, 8, 2, 38, 29]));
		assert_eq!(ledger, Ledger { total: 100, credited: [20, 8, 2, 40, 30] });
		assert_eq!(ledger.dust(), 0);
	}

	#[test]
	fn a_thousand_batches_of_one_planck_divide_as_one_of_a_thousand() {
		let weights = [333_333, 333_334, 1, 166_666, 166_666];
		let mut whole = Ledger::default();
		whole.divide(1_000, &weights, PPM).unwrap();
		let mut cut = Ledger::default();
		for _ in 0..1_000 {
			cut.divide(1, &weights, PPM).unwrap();
		}
		assert_eq!(cut, whole);
	}

	#[test]
	fn royalties_divide_without_the_oracle() {
		let [dividend, commons, security, oracle, model] = WEIGHTS;
		let weights = [dividend, commons, security, 0, model];
		let mut ledger = Ledger::default();
		let parts = ledger.divide(600, &weights, PPM - oracle);
		assert_eq!(parts, Some([200, 80, 20, 0, 300]));
		assert_eq!(ledger.dust(), 0);
	}

	#[test]
	fn nothing_changes_when_an_amount_cannot_be_divided() {
		let mut ledger = Ledger::default();
		ledger.divide(Balance::MAX - 1, &WEIGHTS, PPM).unwrap();
		let before = ledger.clone();

		assert_eq!(ledger.divide(2, &WEIGHTS, PPM), None, "the total overflows");
		assert_eq!(ledger.divide(1, &[300_000; 5], PPM), None, "weights beyond the whole");
		assert_eq!(ledger.divide(1, &[u32::MAX; 5], PPM), None, "weights beyond a u32");
		assert_eq!(ledger.divide(1, &[0; 5], 0), None, "no whole");
		let other = [400_000, 80_000, 20_000, 200_000, 300_000];
		assert_eq!(ledger.divide(1, &other, PPM), None, "weights of another ledger");
		assert_eq!(ledger, before);

		assert!(ledger.divide(1, &WEIGHTS, PPM).is_some());
		assert_eq!(ledger.total, Balance::MAX);
		assert!(ledger.dust() < 5);
	}

	#[test]
	fn the_default_split_is_a_whole_within_its_bounds() {
		assert_eq!(Split::default().check(), Ok(()));
		assert_eq!(Split::default().weights(), WEIGHTS);
	}

	#[test]
	fn weights_that_are_no_whole_are_refused() {
		let split = Split::default();
		let more = Split { model: split.model + 1, ..split };
		assert_eq!(more.check(), Err(SplitError::NotWhole));
		let less = Split { dividend: split.dividend - 1, ..split };
		assert_eq!(less.check(), Err(SplitError::NotWhole));
		// The sum would be 10⁶ if it were taken in 32 bits.
		let wrapped = Split { oracle: u32::MAX, model: 700_001, ..split };
		let sum = wrapped.weights().iter().fold(0u32, |sum, weight| sum.wrapping_add(*weight));
		assert_eq!(sum, PPM);
		assert_eq!(wrapped.check(), Err(SplitError::NotWhole));
	}

	/// The default with one weight set and another taking the difference.
	fn moved(set: fn(&mut Split) -> &mut u32, to: u32, other: fn(&mut Split) -> &mut u32) -> Split {
		let mut split = Split::default();
		let from = core::mem::replace(set(&mut split), to);
		*other(&mut split) = *other(&mut split) + from - to;
		split
	}

	#[test]
	fn every_weight_moves_exactly_within_its_bounds() {
		type Field = fn(&mut Split) -> &mut u32;
		let dividend: Field = |split| &mut split.dividend;
		let commons: Field = |split| &mut split.commons;
		let security: Field = |split| &mut split.security;
		let oracle: Field = |split| &mut split.oracle;
		let model: Field = |split| &mut split.model;

		for (set, other, allowed, refused, error) in [
			(dividend, oracle, 100_000, 99_999, SplitError::DividendTooLow),
			(commons, oracle, 20_000, 19_999, SplitError::CommonsOutOfBounds),
			(commons, oracle, 200_000, 200_001, SplitError::CommonsOutOfBounds),
			(security, oracle, 10_000, 9_999, SplitError::SecurityOutOfBounds),
			(security, oracle, 100_000, 100_001, SplitError::SecurityOutOfBounds),
			(oracle, model, 200_000, 199_999, SplitError::OracleOutOfBounds),
			(model, oracle, 100_000, 99_999, SplitError::ModelTooLow),
		] {
			assert_eq!(moved(set, allowed, other).check(), Ok(()), "{error:?} at {allowed}");
			assert_eq!(moved(set, refused, other).check(), Err(error), "at {refused}");
		}

		// 70 % for the oracle leaves room only where the others are low.
		let generous = Split {
			dividend: 100_000,
			commons: 20_000,
			security: 10_000,
			oracle: 700_000,
			model: 170_000,
		};
		assert_eq!(generous.check(), Ok(()));
		let beyond = Split { oracle: 700_001, model: 169_999, ..generous };
		assert_eq!(beyond.check(), Err(SplitError::OracleOutOfBounds));
	}

	#[test]
	fn parts_are_in_the_order_of_the_weights() {
		let Parts { dividend, commons, security, oracle, model } = [1, 2, 3, 4, 5].into();
		assert_eq!([dividend, commons, security, oracle, model], [1, 2, 3, 4, 5]);
	}
}
