//! Messages to tensors, and back.

use super::proto::{
	infer_parameter::ParameterChoice,
	model_infer_request::{InferInputTensor, InferRequestedOutputTensor},
	model_infer_response::InferOutputTensor,
	InferTensorContents, ModelInferRequest, ModelInferResponse,
};
use crate::tensors::{
	BodyError, DataType, Element, InferRequest, InferResponse, RequestedOutput, Tensor, TensorError,
};
use prost::{
	encoding::{decode_key, decode_varint, skip_field, DecodeContext, WireType},
	DecodeError, Message,
};

/// The most parts of a message: names, tensors, contents. An empty tensor has two bytes, and takes three
/// hundred once it is read.
const MOST_PARTS: usize = 4_096;
/// The most parts of its tensors together: names, contents, parameters, texts. An empty text has two bytes, and
/// takes up to forty-eight once it is read.
const MOST_OF_TENSORS: usize = 1 << 20;
/// The most dimensions that have a canonical form.
const MOST_DIMENSIONS: usize = 255;
/// The parameter that says in which of a machine's regions a tensor is.
const SHARED_MEMORY: &str = "shared_memory_region";
/// Bytes of a text's length.
const LENGTH: usize = 4;

/// Why a message holds no tensors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
	/// It is no message of the protocol.
	#[error("{0}; send a ModelInferRequest of the Open Inference Protocol v2")]
	Malformed(#[from] DecodeError),
	/// It has more parts than any request needs.
	#[error("the message has more than {MOST_PARTS} parts; send fewer tensors at once")]
	Parts,
	/// Its tensors have more than any request needs.
	#[error(
		"the tensors of the message have more than {MOST_OF_TENSORS} parts; send so many texts as \
		 raw_input_contents"
	)]
	PartsOfTensors,
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
	/// An output is asked for as something that is not served.
	#[error("{}", BodyError::Classification(.0.clone()))]
	Classification(String),
	/// A tensor is elsewhere, or is to be put there.
	#[error("{}", BodyError::SharedMemory(.0.clone()))]
	SharedMemory(String),
	/// It cannot be what it says.
	#[error(transparent)]
	Tensor(#[from] TensorError),
}

/// Reads a message. What it takes meanwhile is some times its length, whatever it holds.
pub fn decode(message: &[u8]) -> Result<ModelInferRequest, MessageError> {
	let (mut parts, mut of_tensors) = (0, 0);
	visit(message, Within::Request, &mut |within| {
		let (count, most, error) = match within {
			Within::Request => (&mut parts, MOST_PARTS, MessageError::Parts),
			_ => (&mut of_tensors, MOST_OF_TENSORS, MessageError::PartsOfTensors),
		};
		*count += 1;
		if *count > most {
			return Err(error);
		}
		Ok(())
	})?;
	Ok(ModelInferRequest::decode(message)?)
}

/// What fields stand in.
#[derive(Clone, Copy)]
enum Within {
	Request,
	Input,
	Output,
	Contents,
}

impl Within {
	/// What stands in a field, if that has parts of its own of which more than one may be made.
	fn field(self, tag: u32) -> Option<Self> {
		match (self, tag) {
			(Self::Request, 5) => Some(Self::Input),
			(Self::Request, 6) => Some(Self::Output),
			(Self::Input, 5) => Some(Self::Contents),
			_ => None,
		}
	}
}

/// Visits all fields, but for numbers of tensors, before anything is made of them.
fn visit(
	mut message: &[u8],
	within: Within,
	each: &mut impl FnMut(Within) -> Result<(), MessageError>,
) -> Result<(), MessageError> {
	while !message.is_empty() {
		let (tag, kind) = decode_key(&mut message)?;
		let mut field = message;
		skip_field(kind, tag, &mut message, DecodeContext::default())?;
		let has_length = kind == WireType::LengthDelimited;
		if has_length || matches!(within, Within::Request) {
			each(within)?;
		}
		if let Some(inner) = within.field(tag).filter(|_| has_length) {
			decode_varint(&mut field)?;
			let length = field.len().saturating_sub(message.len());
			visit(field.get(..length).unwrap_or_default(), inner, each)?;
		}
	}
	Ok(())
}

/// The request of a message.
pub fn request(message: ModelInferRequest) -> Result<InferRequest, MessageError> {
	let ModelInferRequest { id, inputs, outputs, raw_input_contents, .. } = message;
	let count = inputs.len();
	let raw = raw_input_contents.len();
	if raw != 0 && raw != count {
		return Err(MessageError::RawCount { raw, inputs: count });
	}
	let mut raw = raw_input_contents.into_iter();
	let inputs =
		inputs.into_iter().map(|input| tensor(input, raw.next())).collect::<Result<_, _>>()?;
	let outputs = outputs.into_iter().map(wanted).collect::<Result<_, _>>()?;
	Ok(InferRequest { id: Some(id).filter(|id| !id.is_empty()), inputs, outputs })
}

/// The message of an answer; its outputs are raw.
pub fn response(answer: InferResponse) -> ModelInferResponse {
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

fn wanted(output: InferRequestedOutputTensor) -> Result<RequestedOutput, MessageError> {
	let InferRequestedOutputTensor { name, parameters } = output;
	if parameters.contains_key(SHARED_MEMORY) {
		return Err(MessageError::SharedMemory(name));
	}
	let classes = parameters.get("classification").and_then(|it| it.parameter_choice.as_ref());
	match classes {
		None | Some(ParameterChoice::Int64Param(0)) => Ok(RequestedOutput { name }),
		Some(_) => Err(MessageError::Classification(name)),
	}
}

fn tensor(input: InferInputTensor, raw: Option<Vec<u8>>) -> Result<Tensor, MessageError> {
	let InferInputTensor { name, datatype, shape, contents, parameters } = input;
	if parameters.contains_key(SHARED_MEMORY) {
		return Err(MessageError::SharedMemory(name));
	}
	let Some(datatype) = DataType::from_name(&datatype) else {
		return Err(TensorError::UnknownDatatype { tensor: name, datatype }.into());
	};
	if shape.len() > MOST_DIMENSIONS {
		return Err(TensorError::NotCanonical("one has more than 255 dimensions").into());
	}
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
			let texts = contents.bytes_contents;
			check(texts.len())?;
			let mut data = Vec::with_capacity(texts.iter().map(|it| LENGTH + it.len()).sum());
			for (index, text) in texts.into_iter().enumerate() {
				let length = u32::try_from(text.len()).ok();
				let length = length.filter(|_| std::str::from_utf8(&text).is_ok());
				let length = length
					.ok_or_else(|| element(&name, index, "no UTF-8 text", datatype.name()))?;
				data.extend_from_slice(&length.to_le_bytes());
				data.extend_from_slice(&text);
			}
			Tensor::new(name, datatype, shape, data)?
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
