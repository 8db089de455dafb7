//! Messages to tensors, and back.

use super::proto::{
	model_infer_request::InferInputTensor, model_infer_response::InferOutputTensor,
	InferTensorContents, ModelInferRequest, ModelInferResponse,
};
use crate::http::Refused;
use usufruct_client::{
	oracle_api::ProblemKind,
	tensors::{
		DataType, Element, InferRequest, InferResponse, RequestedOutput, Tensor, TensorError,
	},
};

/// Why a message holds no tensors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MessageError {
	/// Raw contents are not one for each input.
	#[error(
		"{raw} raw_input_contents for {inputs} inputs; send one for each, in their order, or none"
	)]
	RawCount {
		/// How many contents there are.
		raw: usize,
		/// How many inputs.
		inputs: usize,
	},
	/// An input has its data twice.
	#[error("input '{0}' has contents beside raw_input_contents; send one of them")]
	DataTwice(String),
	/// A dimension is below 0.
	#[error("input '{0}' has a dimension below 0")]
	Negative(String),
	/// The data is in the field of another type.
	#[error(
		"input '{name}' is {datatype}, and has contents of another type; fill only the field of its \
		 own, or send raw_input_contents"
	)]
	WrongField {
		/// Its name.
		name: String,
		/// Its type.
		datatype: &'static str,
	},
	/// It cannot be what it says.
	#[error(transparent)]
	Tensor(#[from] TensorError),
}

impl From<MessageError> for Refused {
	fn from(error: MessageError) -> Self {
		match error {
			MessageError::Tensor(error) => error.into(),
			error => Self::new(ProblemKind::BodyMalformed, error.to_string()),
		}
	}
}

/// The request of a message.
pub(crate) fn request(message: ModelInferRequest) -> Result<InferRequest, MessageError> {
	let ModelInferRequest { id, inputs, outputs, raw_input_contents, .. } = message;
	let count = inputs.len();
	let raw = raw_input_contents.len();
	if raw != 0 && raw != count {
		return Err(MessageError::RawCount { raw, inputs: count });
	}
	let mut raw = raw_input_contents.into_iter();
	let inputs =
		inputs.into_iter().map(|input| tensor(input, raw.next())).collect::<Result<_, _>>()?;
	let outputs = outputs.into_iter().map(|it| RequestedOutput { name: it.name }).collect();
	Ok(InferRequest { id: Some(id).filter(|id| !id.is_empty()), inputs, outputs })
}

/// The message of an answer; its outputs are raw.
pub(crate) fn response(answer: InferResponse) -> ModelInferResponse {
	let InferResponse { model_name, model_version, id, outputs } = answer;
	let raw_output_contents = outputs.iter().map(|tensor| tensor.data().to_vec()).collect();
	// What a model gives has dimensions of its runtime's, which are i64.
	let dim = |dim: &u64| i64::try_from(*dim).unwrap_or(i64::MAX);
	let outputs = outputs
		.iter()
		.map(|tensor| InferOutputTensor {
			name: tensor.name().into(),
			datatype: tensor.datatype().name().into(),
			shape: tensor.shape().iter().map(dim).collect(),
			..Default::default()
		})
		.collect();
	ModelInferResponse {
		model_name,
		model_version: model_version.unwrap_or_default(),
		id: id.unwrap_or_default(),
		outputs,
		raw_output_contents,
		..Default::default()
	}
}

fn tensor(input: InferInputTensor, raw: Option<Vec<u8>>) -> Result<Tensor, MessageError> {
	let InferInputTensor { name, datatype, shape, contents, .. } = input;
	let Some(datatype) = DataType::from_name(&datatype) else {
		return Err(TensorError::UnknownDatatype { tensor: name, datatype }.into());
	};
	let shape = shape.iter().map(|dim| u64::try_from(*dim)).collect::<Result<Vec<_>, _>>();
	let Ok(shape) = shape else { return Err(MessageError::Negative(name)) };
	match (raw, contents) {
		(Some(_), Some(contents)) if filled(&contents) != 0 => Err(MessageError::DataTwice(name)),
		(Some(data), _) => Ok(Tensor::new(name, datatype, shape, data)?),
		(None, contents) => typed(name, datatype, shape, contents.unwrap_or_default()),
	}
}

/// How many elements there are in all fields together.
fn filled(contents: &InferTensorContents) -> usize {
	let InferTensorContents {
		bool_contents,
		int_contents,
		int64_contents,
		uint_contents,
		uint64_contents,
		fp32_contents,
		fp64_contents,
		bytes_contents,
	} = contents;
	bool_contents.len()
		+ int_contents.len()
		+ int64_contents.len()
		+ uint_contents.len()
		+ uint64_contents.len()
		+ fp32_contents.len()
		+ fp64_contents.len()
		+ bytes_contents.len()
}

fn typed(
	name: String,
	datatype: DataType,
	shape: Vec<u64>,
	contents: InferTensorContents,
) -> Result<Tensor, MessageError> {
	let all = filled(&contents);
	let wrong_field = || MessageError::WrongField { name: name.clone(), datatype: datatype.name() };
	let check = |own: usize| if own == all { Ok(()) } else { Err(wrong_field()) };
	macro_rules! same {
		($field:ident) => {{
			check(contents.$field.len())?;
			Tensor::from_elements(name, shape, &contents.$field)?
		}};
	}
	macro_rules! narrow {
		($field:ident, $type:ty) => {{
			check(contents.$field.len())?;
			let elements = narrowed::<_, $type>(&name, &contents.$field)?;
			Tensor::from_elements(name, shape, &elements)?
		}};
	}
	Ok(match datatype {
		DataType::Bool => same!(bool_contents),
		DataType::Int8 => narrow!(int_contents, i8),
		DataType::Int16 => narrow!(int_contents, i16),
		DataType::Int32 => same!(int_contents),
		DataType::Int64 => same!(int64_contents),
		DataType::Uint8 => narrow!(uint_contents, u8),
		DataType::Uint16 => narrow!(uint_contents, u16),
		DataType::Uint32 => same!(uint_contents),
		DataType::Uint64 => same!(uint64_contents),
		DataType::Fp32 => same!(fp32_contents),
		DataType::Fp64 => same!(fp64_contents),
		DataType::Bytes => {
			check(contents.bytes_contents.len())?;
			let texts = contents.bytes_contents.iter().enumerate().map(|(index, bytes)| {
				std::str::from_utf8(bytes)
					.map_err(|_| element(&name, index, "no UTF-8 text", datatype.name()))
			});
			let texts = texts.collect::<Result<Vec<_>, _>>()?;
			Tensor::from_texts(name, shape, &texts)?
		},
		// It has no field of its own.
		DataType::Fp16 => return Err(wrong_field()),
	})
}

/// The elements as those of a type that has fewer bits than its field.
fn narrowed<F: Copy + ToString, T: Element + TryFrom<F>>(
	name: &str,
	elements: &[F],
) -> Result<Vec<T>, TensorError> {
	let narrow = |(index, wide): (usize, &F)| {
		T::try_from(*wide).map_err(|_| element(name, index, &wide.to_string(), T::DATATYPE.name()))
	};
	elements.iter().enumerate().map(narrow).collect()
}

fn element(name: &str, index: usize, element: &str, datatype: &'static str) -> TensorError {
	TensorError::WrongElement { tensor: name.into(), index, element: element.into(), datatype }
}

#[cfg(test)]
mod tests;
