//! The binary tensor data extension of the protocol: the data of a tensor stands after the JSON
//! instead of in it, little endian, in the order in which the JSON names the tensors.
//!
//! ```text
//! JSON (as many bytes as `inference-header-content-length` says) | data of one tensor | of the next | …
//! ```
//!
//! A tensor says how long its data is with the parameter `binary_data_size`; an output is asked for
//! like that with `binary_data`, all of them with `binary_data_output`. Data is what
//! [`Tensor::new`] takes: the extension's form and the canonical one are the same.
//!
//! What a request or answer commits to is its tensors: it does not depend on how they travelled.

use super::{
	json::{build, Array},
	DataType, InferRequest, InferResponse, RequestedOutput, Tensor, TensorError,
};
use serde::{de::IgnoredAny, ser::SerializeStruct, Deserialize, Serialize, Serializer};

/// The header, in requests and answers, that says how long the JSON at the beginning of a body is.
pub const HEADER_LENGTH: &str = "inference-header-content-length";

/// Why a body cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
	/// The JSON is said to be longer than the body.
	#[error(
		"{HEADER_LENGTH} is {said}, but the body has {found} bytes; it must be the length of the \
		 JSON at the body's beginning"
	)]
	HeaderLength {
		/// What the header says.
		said: usize,
		/// The length of the body.
		found: usize,
	},
	/// The JSON is none, or not of the protocol.
	#[error("{0}; send an inference request of the Open Inference Protocol v2")]
	Json(String),
	/// A tensor has its data twice.
	#[error("tensor '{0}' has both data and binary_data_size; send one of them")]
	DataTwice(String),
	/// A tensor has no data.
	#[error("tensor '{0}' has no data; send it as data, or after the JSON with binary_data_size")]
	NoData(String),
	/// A tensor's data is said to be longer than what is left of the body.
	#[error("tensor '{tensor}' has a binary_data_size of {said}, but {left} bytes are left")]
	TooShort {
		/// Its name.
		tensor: String,
		/// What its parameter says.
		said: u64,
		/// What there is.
		left: usize,
	},
	/// Bytes are left over.
	#[error("{0} bytes follow the data of the last tensor; no binary_data_size accounts for them")]
	TooLong(usize),
	/// Something is asked for that is not served.
	#[error(
		"output '{0}' is asked for as a classification, which is not served; ask for the tensor"
	)]
	Classification(String),
	/// A tensor is elsewhere, or is to be put there.
	#[error(
		"tensor '{0}' has a shared_memory_region, which is not served: oracles are on other machines; send and \
		 take tensors in the body"
	)]
	SharedMemory(String),
	/// A tensor cannot be what it says.
	#[error(transparent)]
	Tensor(#[from] TensorError),
}

/// Which outputs are to come after the JSON of the answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BinaryOutputs {
	/// Those about which nothing else is said.
	all: bool,
	named: Vec<(String, bool)>,
}

impl BinaryOutputs {
	/// All of them.
	pub fn all() -> Self {
		Self { all: true, named: vec![] }
	}

	/// Whether that output is.
	pub fn wants(&self, name: &str) -> bool {
		self.named.iter().find(|(it, _)| it == name).map_or(self.all, |(_, binary)| *binary)
	}
}

#[derive(Deserialize)]
struct RequestJson {
	id: Option<String>,
	inputs: Vec<TensorJson>,
	#[serde(default)]
	outputs: Vec<OutputJson>,
	#[serde(default)]
	parameters: RequestParameters,
}

#[derive(Default, Deserialize)]
struct RequestParameters {
	#[serde(default)]
	binary_data_output: bool,
}

#[derive(Deserialize)]
struct TensorJson {
	name: String,
	shape: Vec<u64>,
	datatype: String,
	#[serde(default)]
	parameters: TensorParameters,
	data: Option<Array>,
}

#[derive(Default, Deserialize)]
struct TensorParameters {
	binary_data_size: Option<u64>,
	shared_memory_region: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct OutputJson {
	name: String,
	#[serde(default)]
	parameters: OutputParameters,
}

#[derive(Default, Deserialize)]
struct OutputParameters {
	binary_data: Option<bool>,
	#[serde(default)]
	classification: u64,
	shared_memory_region: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ResponseJson {
	model_name: String,
	model_version: Option<String>,
	id: Option<String>,
	outputs: Vec<TensorJson>,
}

/// The JSON at the beginning of a body, and what follows it.
fn split(body: &[u8], json: Option<usize>) -> Result<(&[u8], &[u8]), BodyError> {
	let said = json.unwrap_or(body.len());
	body.split_at_checked(said).ok_or(BodyError::HeaderLength { said, found: body.len() })
}

fn json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, BodyError> {
	serde_json::from_slice(bytes).map_err(|error| BodyError::Json(error.to_string()))
}

/// The tensors, whose data is in the JSON or in `rest`.
fn tensors(parts: Vec<TensorJson>, mut rest: &[u8]) -> Result<Vec<Tensor>, BodyError> {
	let mut tensors = Vec::with_capacity(parts.len());
	for TensorJson { name, shape, datatype, parameters, data } in parts {
		if parameters.shared_memory_region.is_some() {
			return Err(BodyError::SharedMemory(name));
		}
		tensors.push(match (data, parameters.binary_data_size) {
			(Some(data), None) => build(name, shape, &datatype, data)?,
			(None, Some(said)) => {
				let left = rest.len();
				let taken = usize::try_from(said).ok().and_then(|said| rest.split_at_checked(said));
				let Some((data, after)) = taken else {
					return Err(BodyError::TooShort { tensor: name, said, left });
				};
				rest = after;
				let Some(datatype) = DataType::from_name(&datatype) else {
					return Err(TensorError::UnknownDatatype { tensor: name, datatype }.into());
				};
				Tensor::new(name, datatype, shape, data.to_vec())?
			},
			(Some(_), Some(_)) => return Err(BodyError::DataTwice(name)),
			(None, None) => return Err(BodyError::NoData(name)),
		});
	}
	match rest.len() {
		0 => Ok(tensors),
		left => Err(BodyError::TooLong(left)),
	}
}

impl InferRequest {
	/// Reads a request's body, of which the first `json_length` bytes are JSON; all of it, if nothing
	/// is said. Also says which outputs are to come after the JSON of the answer.
	pub fn from_body(
		body: &[u8],
		json_length: Option<usize>,
	) -> Result<(Self, BinaryOutputs), BodyError> {
		let (text, rest) = split(body, json_length)?;
		let RequestJson { id, inputs, outputs, parameters } = json(text)?;
		if let Some(output) = outputs.iter().find(|it| it.parameters.classification > 0) {
			return Err(BodyError::Classification(output.name.clone()));
		}
		if let Some(output) = outputs.iter().find(|it| it.parameters.shared_memory_region.is_some())
		{
			return Err(BodyError::SharedMemory(output.name.clone()));
		}
		let named = outputs
			.iter()
			.filter_map(|it| Some((it.name.clone(), it.parameters.binary_data?)))
			.collect();
		let binary = BinaryOutputs { all: parameters.binary_data_output, named };
		let outputs = outputs.into_iter().map(|it| RequestedOutput { name: it.name }).collect();
		Ok((Self { id, inputs: tensors(inputs, rest)?, outputs }, binary))
	}

	/// A body with the data of all inputs after its JSON, and the length of that JSON. All outputs are
	/// asked for in the same way.
	pub fn to_binary(&self) -> Result<(Vec<u8>, usize), serde_json::Error> {
		#[derive(Serialize)]
		struct Body<'a> {
			#[serde(skip_serializing_if = "Option::is_none")]
			id: Option<&'a str>,
			inputs: Vec<Described<'a>>,
			#[serde(skip_serializing_if = "<[_]>::is_empty")]
			outputs: &'a [RequestedOutput],
			parameters: Parameters,
		}
		#[derive(Serialize)]
		struct Parameters {
			binary_data_output: bool,
		}
		let mut body = serde_json::to_vec(&Body {
			id: self.id.as_deref(),
			inputs: self.inputs.iter().map(Described).collect(),
			outputs: &self.outputs,
			parameters: Parameters { binary_data_output: true },
		})?;
		let length = body.len();
		for tensor in &self.inputs {
			body.extend_from_slice(tensor.data());
		}
		Ok((body, length))
	}
}

impl InferResponse {
	/// Reads an answer's body, of which the first `json_length` bytes are JSON; all of it, if nothing
	/// is said.
	pub fn from_body(body: &[u8], json_length: Option<usize>) -> Result<Self, BodyError> {
		let (text, rest) = split(body, json_length)?;
		let ResponseJson { model_name, model_version, id, outputs } = json(text)?;
		Ok(Self { model_name, model_version, id, outputs: tensors(outputs, rest)? })
	}

	/// The body of the answer, and the length of its JSON if more follows it.
	pub fn to_body(
		&self,
		binary: &BinaryOutputs,
	) -> Result<(Vec<u8>, Option<usize>), serde_json::Error> {
		#[derive(Serialize)]
		struct Body<'a> {
			model_name: &'a str,
			#[serde(skip_serializing_if = "Option::is_none")]
			model_version: Option<&'a str>,
			#[serde(skip_serializing_if = "Option::is_none")]
			id: Option<&'a str>,
			outputs: Vec<Output<'a>>,
		}
		#[derive(Serialize)]
		#[serde(untagged)]
		enum Output<'a> {
			Inside(&'a Tensor),
			After(Described<'a>),
		}
		let outputs = &self.outputs;
		if !outputs.iter().any(|it| binary.wants(it.name())) {
			return Ok((serde_json::to_vec(self)?, None));
		}
		let mut body = serde_json::to_vec(&Body {
			model_name: &self.model_name,
			model_version: self.model_version.as_deref(),
			id: self.id.as_deref(),
			outputs: outputs
				.iter()
				.map(|it| match binary.wants(it.name()) {
					true => Output::After(Described(it)),
					false => Output::Inside(it),
				})
				.collect(),
		})?;
		let length = body.len();
		for tensor in outputs.iter().filter(|it| binary.wants(it.name())) {
			body.extend_from_slice(tensor.data());
		}
		Ok((body, Some(length)))
	}
}

/// A tensor without its data.
struct Described<'a>(&'a Tensor);

impl Serialize for Described<'_> {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		#[derive(Serialize)]
		struct Parameters {
			binary_data_size: usize,
		}
		let tensor = self.0;
		let mut described = serializer.serialize_struct("Tensor", 4)?;
		described.serialize_field("name", tensor.name())?;
		described.serialize_field("shape", tensor.shape())?;
		described.serialize_field("datatype", tensor.datatype().name())?;
		let parameters = Parameters { binary_data_size: tensor.data().len() };
		described.serialize_field("parameters", &parameters)?;
		described.end()
	}
}

#[cfg(test)]
mod tests;
