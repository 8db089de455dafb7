//! How many units a request is: what the oracle charges by and the consumer recomputes.
//!
//! Nothing here knows of a chain.

use crate::tensors::Tensor;
use usufruct_primitives::Meter;

/// A meter that this release cannot recompute, so nobody should pay by it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"units of {0:?} cannot be recomputed from tensors by this release; \
	 use a model version metered by request or element"
)]
pub struct NotRecomputable(pub Meter);

/// The units of an answered request. They depend on the input alone, so they are also the most that
/// a voucher for it must cover.
pub fn units(meter: Meter, inputs: &[Tensor]) -> Result<u64, NotRecomputable> {
	match meter {
		Meter::Request => Ok(1),
		Meter::Element => Ok(inputs.iter().map(Tensor::elements).fold(0, u64::saturating_add)),
		Meter::InputToken | Meter::OutputToken | Meter::Pixel | Meter::AudioMillisecond => {
			Err(NotRecomputable(meter))
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn counts_requests_and_elements() {
		let inputs = [
			Tensor::from_elements("a", vec![2, 2], &[0u8; 4]).unwrap(),
			Tensor::from_elements("b", vec![3], &[0f32; 3]).unwrap(),
		];
		assert_eq!(units(Meter::Request, &inputs), Ok(1));
		assert_eq!(units(Meter::Element, &inputs), Ok(7));
		assert_eq!(units(Meter::Element, &[]), Ok(0));
		assert_eq!(units(Meter::OutputToken, &inputs), Err(NotRecomputable(Meter::OutputToken)));
	}
}
