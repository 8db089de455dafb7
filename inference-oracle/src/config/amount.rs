//! Amounts in the configuration: `"0.5"` or `5`, in UFR.

use serde::{
	de::{self, Deserializer, Visitor},
	Deserialize,
};
use std::fmt;
use usufruct_client::amount::Amount;
use usufruct_primitives::{Balance, UFR};

/// An amount in planck, written in UFR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ufr(pub Balance);

/// Numbers of so many digits are what was written.
const DIGITS: usize = 15;

struct Words;

impl Visitor<'_> for Words {
	type Value = Ufr;

	fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str("an amount in UFR, like \"0.5\" or 5")
	}

	fn visit_str<E: de::Error>(self, text: &str) -> Result<Ufr, E> {
		text.parse::<Amount>().map(|amount| Ufr(amount.0)).map_err(E::custom)
	}

	fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Ufr, E> {
		Balance::from(whole).checked_mul(UFR).map(Ufr).ok_or_else(|| E::custom("too much"))
	}

	fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Ufr, E> {
		u64::try_from(whole).map_err(E::custom).and_then(|whole| self.visit_u64(whole))
	}

	// The environment has no quotes. The shortest text that stands for the number is what was written.
	fn visit_f64<E: de::Error>(self, number: f64) -> Result<Ufr, E> {
		let text = number.to_string();
		let digits = text.trim_start_matches(['0', '.']).chars().filter(char::is_ascii_digit);
		if digits.count() > DIGITS {
			return Err(E::custom(format!(
				"{text} has more digits than a number can; put it in quotes"
			)));
		}
		self.visit_str(&text)
	}
}

impl<'de> Deserialize<'de> for Ufr {
	fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
		from.deserialize_any(Words)
	}
}
