//! How many units a request is: what the oracle charges by and the consumer recomputes.
//!
//! Nothing here knows of a chain.

use crate::{
	tensors::Tensor,
	text::{Text, TextError},
};
use usufruct_primitives::Meter;

/// What people call one unit.
pub fn unit_name(meter: Meter) -> &'static str {
	match meter {
		Meter::Request => "request",
		Meter::InputToken => "input token",
		Meter::OutputToken => "output token",
		Meter::Pixel => "pixel",
		Meter::AudioMillisecond => "millisecond of audio",
		Meter::Element => "element",
	}
}

/// A meter that this release cannot recompute, so nobody should pay by it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"what is paid for by the {} cannot be recomputed by this release; use a model version metered by \
	 request or element, or by input token if it has registered its tokenizer", unit_name(*.0)
)]
pub struct NotRecomputable(pub Meter);

/// Why the units of a request are not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MeterError {
	/// Nobody could check them.
	#[error(transparent)]
	NotRecomputable(#[from] NotRecomputable),
	/// Its tokens cannot be counted.
	#[error(transparent)]
	Text(#[from] TextError),
}

/// Whether the units of such a version can be recomputed: those of one that is metered by tokens only
/// with what it says of `text`.
pub fn check(meter: Meter, text: Option<&Text>) -> Result<(), NotRecomputable> {
	match (meter, text) {
		(Meter::Request | Meter::Element, _) | (Meter::InputToken, Some(_)) => Ok(()),
		_ => Err(NotRecomputable(meter)),
	}
}

/// The units of an answered request. They depend on the input alone, so they are also the most that
/// a voucher for it must cover. The input is what is committed to: texts as texts.
pub fn units(meter: Meter, inputs: &[Tensor], text: Option<&Text>) -> Result<u64, MeterError> {
	let tokens = || Ok(text.ok_or(NotRecomputable(meter))?.prepare(inputs)?.tokens);
	units_of(meter, inputs, tokens)
}

/// The same, where the tokens may be counted already.
pub fn units_of(
	meter: Meter,
	inputs: &[Tensor],
	tokens: impl FnOnce() -> Result<u64, MeterError>,
) -> Result<u64, MeterError> {
	match meter {
		Meter::Request => Ok(1),
		Meter::Element => Ok(inputs.iter().map(Tensor::elements).fold(0, u64::saturating_add)),
		Meter::InputToken => tokens(),
		Meter::OutputToken | Meter::Pixel | Meter::AudioMillisecond => {
			Err(NotRecomputable(meter).into())
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::text;

	#[test]
	fn counts_requests_and_elements() {
		let inputs = [
			Tensor::from_elements("a", vec![2, 2], &[0u8; 4]).unwrap(),
			Tensor::from_elements("b", vec![3], &[0f32; 3]).unwrap(),
		];
		assert_eq!(units(Meter::Request, &inputs, None), Ok(1));
		assert_eq!(units(Meter::Element, &inputs, None), Ok(7));
		assert_eq!(units(Meter::Element, &[], None), Ok(0));
		for meter in [Meter::InputToken, Meter::OutputToken] {
			assert_eq!(units(meter, &inputs, None), Err(NotRecomputable(meter).into()));
			assert_eq!(check(meter, None), Err(NotRecomputable(meter)));
		}
		assert_eq!(check(Meter::Element, None), Ok(()));
	}

	#[test]
	fn says_by_what_it_cannot_count_as_people_say_it() {
		let said = NotRecomputable(Meter::AudioMillisecond).to_string();
		assert!(said.contains("paid for by the millisecond of audio"), "{said}");
	}

	#[test]
	fn counts_tokens_of_texts_with_the_tokenizer() {
		let text = text::tests::words();
		let inputs = [Tensor::from_texts("text", vec![2], &["one two", "two"]).unwrap()];
		assert_eq!(units(Meter::InputToken, &inputs, Some(&text)), Ok(7));
		assert_eq!(units(Meter::Element, &inputs, Some(&text)), Ok(2));
		assert_eq!(check(Meter::InputToken, Some(&text)), Ok(()));
		assert_eq!(
			check(Meter::OutputToken, Some(&text)),
			Err(NotRecomputable(Meter::OutputToken))
		);
		let none = [Tensor::from_texts("text", vec![0], &[] as &[&str]).unwrap()];
		assert_eq!(
			units(Meter::InputToken, &none, Some(&text)),
			Err(MeterError::Text(TextError::None))
		);
	}
}
