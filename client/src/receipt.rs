//! What a consumer checks of every receipt before it acknowledges it.
//!
//! Everything that the receipt says about one request is checked here, from the request alone: who
//! signed it, for what, at which price, how many units, which output. That receipts follow each
//! other without a gap and add up is the channel's ledger's to check.

use crate::{
	meter::{self, MeterError, NotRecomputable},
	oracle_api::SignedReceipt,
	tensors::{self, Tensor, TensorError},
};
use usufruct_primitives::{
	commitment::Request, Balance, Hash, Meter, ModelId, PublicKey, Status, VersionId,
};

/// What was asked, as the consumer knows it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
	/// The chain.
	pub genesis: &'a Hash,
	/// The oracle's receipt key, from the chain.
	pub receipt_key: &'a PublicKey,
	/// The channel's model.
	pub model: ModelId,
	/// The request.
	pub request: &'a Request,
	/// The salt of its payloads.
	pub salt: &'a Hash,
	/// Its input.
	pub inputs: &'a [Tensor],
	/// How many tokens that has by the version's tokenizer, if the version is metered by them and somebody could
	/// count them.
	pub tokens: Option<u64>,
}

/// What is wrong with a receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lie {
	/// Not signed by the oracle: whoever sent it.
	#[error("the receipt is not signed by the oracle's receipt key for this chain")]
	Signature,
	/// It is about another request, or another channel.
	#[error("the receipt is for another request or channel than the one it came with")]
	Request,
	/// It names another model.
	#[error("the receipt names model {said}; the channel's is {asked}")]
	Model {
		/// Whose receipt it claims to be.
		said: ModelId,
		/// The channel's.
		asked: ModelId,
	},
	/// It names another version.
	#[error("the receipt names version {said}; {asked} was asked for")]
	Version {
		/// What it says.
		said: VersionId,
		/// What was asked for.
		asked: VersionId,
	},
	/// It counts something else.
	#[error("the receipt is metered by {said:?}; the version's meter is {asked:?}")]
	Meter {
		/// What it says.
		said: Meter,
		/// The version's.
		asked: Meter,
	},
	/// It charges another price.
	#[error("the receipt charges {said} planck per unit; {asked} was agreed")]
	Price {
		/// What it says.
		said: Balance,
		/// What was agreed.
		asked: Balance,
	},
	/// It counts units that are not there, or more than were allowed.
	#[error("the receipt counts {said} units; {counted} were delivered and {allowed} allowed")]
	Units {
		/// What it says.
		said: u64,
		/// What the meter gives.
		counted: u64,
		/// The request's maximum.
		allowed: u64,
	},
	/// Its amount is not units × price.
	#[error("the receipt charges {0} planck, which is not its units times its price")]
	Amount(Balance),
	/// A failed request is charged for.
	#[error("the receipt charges for a request that failed")]
	ChargedFailure,
	/// It commits to another output than was delivered.
	#[error("the receipt commits to another output than the one delivered")]
	Output,
	/// Its status contradicts the answer it came with.
	#[error("the receipt says {0:?}, and the answer it came with says otherwise")]
	Status(Status),
}

impl Lie {
	/// Whether the oracle signed the lie itself. If not, whoever sits between the two may have put
	/// the receipt of one request to the answer of another.
	pub fn is_evidence(&self) -> bool {
		!matches!(self, Self::Signature | Self::Request | Self::Output | Self::Status(_))
	}
}

/// A receipt that could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
	/// It lies.
	#[error(transparent)]
	Lie(#[from] Lie),
	/// Its units cannot be recomputed.
	#[error(transparent)]
	Meter(#[from] MeterError),
	/// What came with it has no canonical form.
	#[error(transparent)]
	Tensors(#[from] TensorError),
}

/// Checks a receipt against the request and the output that came with it: `None` where a refusal
/// came instead.
pub fn check(
	asked: &Asked,
	signed: &SignedReceipt,
	outputs: Option<&[Tensor]>,
) -> Result<(), CheckError> {
	check_charge(asked, signed)?;
	let receipt = &signed.receipt;
	if outputs.is_some() == (receipt.status == Status::Failed) {
		return Err(Lie::Status(receipt.status).into());
	}
	if tensors::commit(asked.salt, outputs.unwrap_or_default())? != receipt.output_commit {
		return Err(Lie::Output.into());
	}
	Ok(())
}

/// Checks a receipt against the request alone: its output is no longer to be had.
pub fn check_charge(asked: &Asked, signed: &SignedReceipt) -> Result<(), CheckError> {
	let Asked { genesis, receipt_key, model, request, inputs, tokens, .. } = *asked;
	let receipt = &signed.receipt;
	if !signed.verify(receipt_key, genesis) {
		return Err(Lie::Signature.into());
	}
	let ours = receipt.channel_id == request.channel_id;
	if !ours || receipt.request_commit != request.commit(genesis) {
		return Err(Lie::Request.into());
	}
	if receipt.model != model {
		return Err(Lie::Model { said: receipt.model, asked: model }.into());
	}
	if receipt.model_version != request.model_version {
		let (said, asked) = (receipt.model_version, request.model_version);
		return Err(Lie::Version { said, asked }.into());
	}
	if receipt.meter != request.meter {
		return Err(Lie::Meter { said: receipt.meter, asked: request.meter }.into());
	}
	if receipt.unit_price != request.unit_price {
		return Err(Lie::Price { said: receipt.unit_price, asked: request.unit_price }.into());
	}
	if receipt.unit_price.checked_mul(receipt.units.into()) != Some(receipt.amount) {
		return Err(Lie::Amount(receipt.amount).into());
	}
	match receipt.status {
		Status::Failed => {
			if receipt.units != 0 || receipt.amount != 0 {
				return Err(Lie::ChargedFailure.into());
			}
		},
		Status::Served | Status::Partial => {
			let counted = meter::units_of(request.meter, inputs, || {
				tokens.ok_or_else(|| NotRecomputable(request.meter).into())
			})?;
			// Part of an answer may cost less than the whole, never more.
			let fits = match receipt.status {
				Status::Served => receipt.units == counted,
				_ => receipt.units <= counted,
			};
			if !fits || receipt.units > request.max_units {
				let (said, allowed) = (receipt.units, request.max_units);
				return Err(Lie::Units { said, counted, allowed }.into());
			}
		},
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use ed25519_dalek::SigningKey;
	use usufruct_primitives::usage::Receipt;

	const GENESIS: Hash = [1; 32];
	const SALT: Hash = [2; 32];

	struct Case {
		request: Request,
		inputs: Vec<Tensor>,
		outputs: Vec<Tensor>,
		receipt: Receipt,
		tokens: Option<u64>,
	}

	impl Case {
		/// An honest answer to a request of six elements at three planck each.
		fn new() -> Self {
			let inputs = vec![Tensor::from_elements("in", vec![2, 3], &[0u8; 6]).unwrap()];
			let outputs = vec![Tensor::from_elements("out", vec![1], &[0.5f32]).unwrap()];
			let request = Request {
				channel_id: [3; 32],
				request_id: [4; 16],
				model_version: 5,
				input_commit: tensors::commit(&SALT, &inputs).unwrap(),
				meter: Meter::Element,
				max_units: 6,
				unit_price: 3,
			};
			let receipt = Receipt {
				channel_id: request.channel_id,
				seq: 1,
				model: 9,
				model_version: 5,
				meter: Meter::Element,
				status: Status::Served,
				units: 6,
				unit_price: 3,
				amount: 18,
				total: 18,
				request_commit: request.commit(&GENESIS),
				output_commit: tensors::commit(&SALT, &outputs).unwrap(),
				started_ms: 0,
				took_ms: 0,
			};
			Self { request, inputs, outputs, receipt, tokens: None }
		}

		fn failed() -> Self {
			let mut case = Self::new();
			case.receipt.status = Status::Failed;
			(case.receipt.units, case.receipt.amount, case.receipt.total) = (0, 0, 0);
			case.receipt.output_commit = tensors::commit(&SALT, &[]).unwrap();
			case
		}

		fn check(&self, outputs: Option<&[Tensor]>) -> Result<(), CheckError> {
			let key = SigningKey::from_bytes(&[7; 32]);
			self.check_signed(SignedReceipt::sign(self.receipt.clone(), &key, &GENESIS), outputs)
		}

		fn check_signed(
			&self,
			signed: SignedReceipt,
			outputs: Option<&[Tensor]>,
		) -> Result<(), CheckError> {
			let receipt_key = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
			let asked = Asked {
				genesis: &GENESIS,
				receipt_key: &receipt_key,
				model: 9,
				request: &self.request,
				salt: &SALT,
				inputs: &self.inputs,
				tokens: self.tokens,
			};
			check(&asked, &signed, outputs)
		}

		fn lie(change: impl FnOnce(&mut Receipt)) -> CheckError {
			let mut case = Self::new();
			change(&mut case.receipt);
			case.check(Some(&case.outputs)).unwrap_err()
		}
	}

	#[test]
	fn honest_receipts_pass() {
		let served = Case::new();
		assert_eq!(served.check(Some(&served.outputs)), Ok(()));
		assert_eq!(Case::failed().check(None), Ok(()));
		let mut partial = Case::new();
		partial.receipt.status = Status::Partial;
		(partial.receipt.units, partial.receipt.amount) = (2, 6);
		assert_eq!(partial.check(Some(&partial.outputs)), Ok(()));
	}

	#[test]
	fn a_receipt_of_another_signer_or_chain_is_no_receipt() {
		let case = Case::new();
		for (seed, genesis) in [(8, GENESIS), (7, [9; 32])] {
			let key = SigningKey::from_bytes(&[seed; 32]);
			let signed = SignedReceipt::sign(case.receipt.clone(), &key, &genesis);
			let error = case.check_signed(signed, Some(&case.outputs)).unwrap_err();
			assert_eq!(error, Lie::Signature.into());
		}
		assert!(!Lie::Signature.is_evidence());
		assert!(Lie::ChargedFailure.is_evidence());
	}

	#[test]
	fn each_lie_is_found() {
		assert_eq!(Case::lie(|r| r.channel_id = [0; 32]), Lie::Request.into());
		assert_eq!(Case::lie(|r| r.request_commit = [0; 32]), Lie::Request.into());
		assert_eq!(Case::lie(|r| r.model = 8), Lie::Model { said: 8, asked: 9 }.into());
		assert_eq!(Case::lie(|r| r.model_version = 6), Lie::Version { said: 6, asked: 5 }.into());
		assert_eq!(
			Case::lie(|r| r.meter = Meter::Request),
			Lie::Meter { said: Meter::Request, asked: Meter::Element }.into()
		);
		assert_eq!(Case::lie(|r| r.unit_price = 4), Lie::Price { said: 4, asked: 3 }.into());
		assert_eq!(Case::lie(|r| r.amount = 19), Lie::Amount(19).into());
		assert_eq!(
			Case::lie(|r| (r.units, r.amount) = (7, 21)),
			Lie::Units { said: 7, counted: 6, allowed: 6 }.into()
		);
		assert_eq!(
			Case::lie(|r| (r.units, r.amount) = (5, 15)),
			Lie::Units { said: 5, counted: 6, allowed: 6 }.into(),
			"fewer, too: the meter is the meter"
		);
		assert_eq!(Case::lie(|r| r.output_commit = [0; 32]), Lie::Output.into());
		assert_eq!(
			Case::lie(|r| r.status = Status::Failed),
			Lie::ChargedFailure.into(),
			"charged, and said to have failed"
		);
		assert_eq!(
			Case::lie(|r| (r.status, r.units, r.amount) = (Status::Failed, 0, 0)),
			Lie::Status(Status::Failed).into(),
			"answered, and said to have failed"
		);
	}

	#[test]
	fn more_than_the_maximum_is_a_lie_even_if_delivered() {
		let mut case = Case::new();
		case.request.max_units = 5;
		case.receipt.request_commit = case.request.commit(&GENESIS);
		let error = case.check(Some(&case.outputs)).unwrap_err();
		assert_eq!(error, Lie::Units { said: 6, counted: 6, allowed: 5 }.into());
	}

	#[test]
	fn the_output_is_the_one_delivered_under_the_same_salt() {
		let case = Case::new();
		let other = [Tensor::from_elements("out", vec![1], &[0.25f32]).unwrap()];
		assert_eq!(case.check(Some(&other)), Err(Lie::Output.into()));
		assert_eq!(case.check(Some(&[])), Err(Lie::Output.into()));
		assert_eq!(case.check(None), Err(Lie::Status(Status::Served).into()));
		let mut failed = Case::failed();
		failed.receipt.output_commit = case.receipt.output_commit;
		assert_eq!(failed.check(None), Err(Lie::Output.into()));
	}

	#[test]
	fn tokens_are_as_many_as_were_counted() {
		let mut case = Case::new();
		case.request.meter = Meter::InputToken;
		case.receipt.meter = Meter::InputToken;
		case.receipt.request_commit = case.request.commit(&GENESIS);
		let error = case.check(Some(&case.outputs)).unwrap_err();
		assert_eq!(error, CheckError::Meter(NotRecomputable(Meter::InputToken).into()));
		case.tokens = Some(6);
		assert_eq!(case.check(Some(&case.outputs)), Ok(()));
		case.tokens = Some(5);
		let error = case.check(Some(&case.outputs)).unwrap_err();
		assert_eq!(error, Lie::Units { said: 6, counted: 5, allowed: 6 }.into());
	}

	#[test]
	fn a_meter_nobody_can_recompute_is_not_paid_by() {
		let mut case = Case::new();
		case.request.meter = Meter::Pixel;
		case.receipt.meter = Meter::Pixel;
		case.receipt.request_commit = case.request.commit(&GENESIS);
		let error = case.check(Some(&case.outputs)).unwrap_err();
		assert_eq!(error, CheckError::Meter(NotRecomputable(Meter::Pixel).into()));
	}
}
