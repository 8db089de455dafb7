//! Calling view functions.
//!
//! The library generates their payloads, but (in version 0.51) sends the arguments without their
//! length and takes the answer for the bare value. What the runtime's
//! `RuntimeViewFunction_execute_view_function` really takes and gives is
//! `(ViewFunctionId, Vec<u8>) -> Result<Vec<u8>, ViewFunctionDispatchError>`.

use crate::chain::{AtBlock, ChainError};
use codec::{Decode, Encode};
use subxt::{ext::scale_decode::DecodeAsType, view_functions::Payload};

/// Length of a view function's id, which stands before the arguments.
const ID: usize = 32;

/// The runtime's own refusals, in the order of their codes.
const REFUSALS: [&str; 3] = [
	"it has no view functions",
	"it has no view function of that id",
	"it cannot read the arguments",
];

/// Asks the runtime at a block.
pub async fn view<P: Payload>(at: &AtBlock, payload: P) -> Result<P::ReturnType, ChainError> {
	let views = at.view_functions();
	views.validate(&payload)?;
	let encoded = views.encode_args(&payload)?;
	let (id, arguments) = encoded.split_at(ID.min(encoded.len()));
	let response = views.call_raw(Some(&[id, &arguments.encode()].concat())).await?;

	let name = || format!("{}.{}", payload.pallet_name(), payload.function_name());
	let failed = |why: String| ChainError::View { name: name(), why };
	let value = unwrap(&response).map_err(|why| failed(why.into()))?;
	let output = at
		.metadata_ref()
		.pallet_by_name(payload.pallet_name())
		.and_then(|pallet| pallet.view_function_by_name(payload.function_name()))
		.ok_or_else(|| failed("it is not in the metadata".into()))?
		.output_ty();
	P::ReturnType::decode_as_type(&mut &value[..], output, at.metadata_ref().types())
		.map_err(|error| failed(error.to_string()))
}

/// The value in `Result<Vec<u8>, ViewFunctionDispatchError>`.
fn unwrap(mut response: &[u8]) -> Result<Vec<u8>, &'static str> {
	let response = &mut response;
	match u8::decode(response) {
		Ok(0) => Vec::<u8>::decode(response).map_err(|_| "its answer is cut short"),
		Ok(1) => {
			let code = u8::decode(response).unwrap_or(u8::MAX);
			Err(REFUSALS.get(usize::from(code)).copied().unwrap_or("it refused"))
		},
		_ => Err("its answer is malformed"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn answers_are_unwrapped() {
		assert_eq!(unwrap(&Ok::<_, ()>(vec![1u8, 2]).encode()), Ok(vec![1, 2]));
		assert_eq!(unwrap(&[0, 0]), Ok(vec![]));
		assert_eq!(unwrap(&[1, 0]), Err("it has no view functions"));
		assert_eq!(unwrap(&[1, 2]), Err("it cannot read the arguments"));
		assert_eq!(unwrap(&[1, 9]), Err("it refused"));
		assert_eq!(unwrap(&[0, 8, 1]), Err("its answer is cut short"));
		assert_eq!(unwrap(&[]), Err("its answer is malformed"));
	}
}
