//! Amounts of money as people write them: UFR with decimals, or planck with the suffix `p`.
//!
//! Everything is exact: an amount that a planck cannot express is refused, not rounded.

use std::{fmt, str::FromStr};
use usufruct_primitives::{Balance, UFR};

/// Digits after the point of one UFR.
pub const DECIMALS: usize = 12;

/// An amount of money, written and read as UFR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub Balance);

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
	/// Nothing, or something other than digits and one point.
	#[error("'{0}' is not an amount; write UFR like 1.5, or planck like 1500000000000p")]
	NotANumber(String),
	/// More decimals than a planck has.
	#[error("'{0}' has more than 12 decimals; one planck is 0.000000000001 UFR")]
	TooFine(String),
	/// Beyond 128 bits of planck.
	#[error("'{0}' is more money than can exist")]
	TooLarge(String),
}

impl FromStr for Amount {
	type Err = AmountError;

	fn from_str(text: &str) -> Result<Self, AmountError> {
		let not_a_number = || AmountError::NotANumber(text.into());
		let too_large = || AmountError::TooLarge(text.into());
		let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());

		if let Some(planck) = text.strip_suffix('p') {
			if planck.is_empty() || !digits(planck) {
				return Err(not_a_number());
			}
			return planck.parse().map(Amount).map_err(|_| too_large());
		}
		let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
		if whole.is_empty() || fraction.is_empty() || !digits(whole) || !digits(fraction) {
			return Err(not_a_number());
		}
		if fraction.len() > DECIMALS {
			return Err(AmountError::TooFine(text.into()));
		}
		let whole: Balance = whole.parse().map_err(|_| too_large())?;
		let padded = format!("{fraction:0<DECIMALS$}");
		let fraction: Balance = padded.parse().map_err(|_| not_a_number())?;
		whole
			.checked_mul(UFR)
			.and_then(|planck| planck.checked_add(fraction))
			.map(Amount)
			.ok_or_else(too_large)
	}
}

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let (whole, fraction) = (self.0 / UFR, self.0 % UFR);
		if fraction == 0 {
			return f.pad(&whole.to_string());
		}
		let fraction = format!("{fraction:0DECIMALS$}");
		f.pad(&format!("{whole}.{}", fraction.trim_end_matches('0')))
	}
}

/// `amount` planck for people, with the token's name.
pub fn ufr(amount: Balance) -> String {
	format!("{} UFR", Amount(amount))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn parse(text: &str) -> Result<Balance, AmountError> {
		text.parse::<Amount>().map(|amount| amount.0)
	}

	#[test]
	fn reads_ufr_and_planck() {
		assert_eq!(parse("1.5"), Ok(1_500_000_000_000));
		assert_eq!(parse("0.000000000001"), Ok(1));
		assert_eq!(parse("10"), Ok(10 * UFR));
		assert_eq!(parse("007.10"), Ok(7_100_000_000_000));
		assert_eq!(parse("15p"), Ok(15));
		assert_eq!(parse("0p"), Ok(0));
		assert_eq!(parse("340282366920938463463374607431768211455p"), Ok(u128::MAX));
		assert_eq!(parse("340282366920938463463374607.431768211455"), Ok(u128::MAX));
	}

	#[test]
	fn refuses_what_is_not_exact() {
		for text in
			["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "1 ", "p", "1.5p", "0x10", "1_0"]
		{
			assert_eq!(parse(text), Err(AmountError::NotANumber(text.into())), "{text}");
		}
		let text = "0.0000000000001";
		assert_eq!(parse(text), Err(AmountError::TooFine(text.into())));
		for text in [
			"340282366920938463463374607431768211456p",
			"340282366920938463463374607.431768211456",
			"999999999999999999999999999999999999999999",
		] {
			assert_eq!(parse(text), Err(AmountError::TooLarge(text.into())), "{text}");
		}
	}

	#[test]
	fn writes_without_needless_zeros() {
		assert_eq!(Amount(0).to_string(), "0");
		assert_eq!(Amount(UFR).to_string(), "1");
		assert_eq!(Amount(1).to_string(), "0.000000000001");
		assert_eq!(ufr(1_500_000_000_000), "1.5 UFR");
	}

	proptest! {
		#[test]
		fn what_is_written_reads_back(planck: u128) {
			prop_assert_eq!(parse(&Amount(planck).to_string()), Ok(planck));
			let in_planck = format!("{planck}p");
			prop_assert_eq!(parse(&in_planck), Ok(planck));
		}

		#[test]
		fn no_text_panics(text in "\\PC{0,40}") {
			let _ = parse(&text);
		}
	}
}
