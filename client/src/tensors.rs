//! Tensors as the Open Inference Protocol writes them in JSON, and the canonical bytes that a
//! commitment covers.
//!
//! Consumer and oracle both read the same JSON and commit to what they read, so both must get the
//! same bytes from the same text. Three rules make that certain:
//! - a float is written so that reading it back gives the very same float (see [`DataType::Fp32`]
//!   and [`DataType::Fp64`] in the serialiser);
//! - what JSON numbers cannot say is written as a string: `"NaN"`, `"Infinity"`, `"-Infinity"`; a
//!   string with any other decimal is read exactly, too;
//! - there is one NaN: every other bit pattern of it is turned into that one.
//!
//! Nothing here knows of a chain.

mod binary;
mod canonical;
mod datatype;
mod element;
mod json;
#[cfg(test)]
mod tests;

pub use binary::{BinaryOutputs, BodyError, HEADER_LENGTH};
pub use canonical::{canonical, commit, from_canonical, next_canonical};
pub use datatype::DataType;
pub use element::Element;
pub use json::{Fp32, InferRequest, InferResponse, RequestedOutput};

/// Why a tensor, or a set of them, is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TensorError {
	/// The protocol has no such type.
	#[error("tensor '{tensor}': datatype {datatype} is not one of the Open Inference Protocol's")]
	UnknownDatatype {
		/// Its name.
		tensor: String,
		/// What was said to be its type.
		datatype: String,
	},
	/// The product of the dimensions is beyond 64 bits.
	#[error("tensor '{tensor}': shape {shape:?} has more elements than can be counted")]
	ShapeTooLarge {
		/// Its name.
		tensor: String,
		/// Its shape.
		shape: Vec<u64>,
	},
	/// More or fewer elements than the shape says.
	#[error("tensor '{tensor}': {found} elements do not fill shape {shape:?}")]
	WrongCount {
		/// Its name.
		tensor: String,
		/// Its shape.
		shape: Vec<u64>,
		/// How many elements there are (bytes, where they are no multiple of an element).
		found: usize,
	},
	/// Nested arrays have other lengths than the shape.
	#[error("tensor '{tensor}': data nested as {found:?} does not fit shape {shape:?}")]
	WrongNesting {
		/// Its name.
		tensor: String,
		/// Its shape.
		shape: Vec<u64>,
		/// The lengths of the nested arrays, from the outermost in.
		found: Vec<u64>,
	},
	/// An element is not of the tensor's type, or out of its range.
	#[error("tensor '{tensor}': element {index} ({element}) is not a {datatype}")]
	WrongElement {
		/// Its name.
		tensor: String,
		/// Which element, in row-major order.
		index: usize,
		/// What stands there.
		element: String,
		/// What should.
		datatype: &'static str,
	},
	/// Asked for elements of another type than it has.
	#[error("tensor '{tensor}' holds {found}, not {expected}")]
	WrongDatatype {
		/// Its name.
		tensor: String,
		/// What it holds.
		found: &'static str,
		/// What was asked for.
		expected: &'static str,
	},
	/// Two tensors have the same name, or a name or rank is too long.
	#[error("these tensors have no canonical form: {0}")]
	NotCanonical(&'static str),
}

/// A named tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tensor {
	name: String,
	datatype: DataType,
	shape: Vec<u64>,
	data: Vec<u8>,
}

impl Tensor {
	/// A tensor from its canonical data: elements in row-major order, little endian; texts each as
	/// length u32 and UTF-8; booleans one byte of 0 or 1.
	pub fn new(
		name: impl Into<String>,
		datatype: DataType,
		shape: Vec<u64>,
		mut data: Vec<u8>,
	) -> Result<Self, TensorError> {
		let name = name.into();
		let count = count_of(&name, &shape)?;
		let found = match datatype.size() {
			Some(size) if data.len().is_multiple_of(size) => data.len() / size,
			Some(_) => {
				return Err(TensorError::WrongCount { tensor: name, shape, found: data.len() })
			},
			None => match texts_of(&data) {
				Some(texts) => texts.len(),
				None => return Err(wrong_element(&name, 0, "no UTF-8 text".into(), datatype)),
			},
		};
		if found as u64 != count {
			return Err(TensorError::WrongCount { tensor: name, shape, found });
		}
		match datatype {
			DataType::Bool => {
				if let Some(index) = data.iter().position(|byte| *byte > 1) {
					return Err(wrong_element(&name, index, data[index].to_string(), datatype));
				}
			},
			DataType::Fp32 => one_nan::<4>(&mut data, |b| f32::from_le_bytes(b).is_nan(), NAN_32),
			DataType::Fp64 => one_nan::<8>(&mut data, |b| f64::from_le_bytes(b).is_nan(), NAN_64),
			// Exponent all ones and a mantissa.
			DataType::Fp16 => {
				one_nan::<2>(&mut data, |b| u16::from_le_bytes(b) & 0x7fff > 0x7c00, NAN_16)
			},
			_ => {},
		}
		Ok(Self { name, datatype, shape, data })
	}

	/// A tensor of numbers or booleans.
	pub fn from_elements<T: Element>(
		name: impl Into<String>,
		shape: Vec<u64>,
		elements: &[T],
	) -> Result<Self, TensorError> {
		let mut data = Vec::with_capacity(std::mem::size_of_val(elements));
		for element in elements {
			element.write(&mut data);
		}
		Self::new(name, T::DATATYPE, shape, data)
	}

	/// A tensor of texts.
	pub fn from_texts<T: AsRef<str>>(
		name: impl Into<String>,
		shape: Vec<u64>,
		texts: &[T],
	) -> Result<Self, TensorError> {
		let mut data = Vec::new();
		for text in texts {
			write_text(text.as_ref(), &mut data);
		}
		Self::new(name, DataType::Bytes, shape, data)
	}

	/// Its name.
	pub fn name(&self) -> &str {
		&self.name
	}

	/// The type of its elements.
	pub fn datatype(&self) -> DataType {
		self.datatype
	}

	/// Its dimensions.
	pub fn shape(&self) -> &[u64] {
		&self.shape
	}

	/// How many elements it has.
	pub fn elements(&self) -> u64 {
		// It was counted without overflow when it was made, unless a zero stood behind.
		if self.shape.contains(&0) {
			return 0;
		}
		self.shape.iter().product()
	}

	/// Its canonical data, see [`Tensor::new`].
	pub fn data(&self) -> &[u8] {
		&self.data
	}

	/// Its elements, which must be of type `T`.
	pub fn to_elements<T: Element>(&self) -> Result<Vec<T>, TensorError> {
		self.expect_datatype(T::DATATYPE)?;
		let size = std::mem::size_of::<T>();
		Ok(self.data.chunks_exact(size).map(T::read).collect())
	}

	/// Its texts.
	pub fn to_texts(&self) -> Result<Vec<String>, TensorError> {
		self.expect_datatype(DataType::Bytes)?;
		Ok(texts_of(&self.data).unwrap_or_default().into_iter().map(str::to_owned).collect())
	}

	fn expect_datatype(&self, expected: DataType) -> Result<(), TensorError> {
		if self.datatype == expected {
			return Ok(());
		}
		Err(TensorError::WrongDatatype {
			tensor: self.name.clone(),
			found: self.datatype.name(),
			expected: expected.name(),
		})
	}
}

const NAN_16: [u8; 2] = 0x7e00u16.to_le_bytes();
const NAN_32: [u8; 4] = 0x7fc0_0000u32.to_le_bytes();
const NAN_64: [u8; 8] = 0x7ff8_0000_0000_0000u64.to_le_bytes();

fn one_nan<const N: usize>(data: &mut [u8], is_nan: impl Fn([u8; N]) -> bool, nan: [u8; N]) {
	// The bits of the exponent in the last byte. A NaN has them all, and hardly any other number: so
	// looking costs little, which is done several times on a tensor's way.
	let exponent = if N == 2 { 0x7c } else { 0x7f };
	let mut at = 0;
	while at + N <= data.len() {
		if data[at + N - 1] & exponent == exponent {
			let mut bytes = [0; N];
			bytes.copy_from_slice(&data[at..at + N]);
			if is_nan(bytes) {
				data[at..at + N].copy_from_slice(&nan);
			}
		}
		at += N;
	}
}

fn count_of(tensor: &str, shape: &[u64]) -> Result<u64, TensorError> {
	// A zero anywhere makes it empty, however large the rest.
	if shape.contains(&0) {
		return Ok(0);
	}
	shape
		.iter()
		.try_fold(1u64, |count, dim| count.checked_mul(*dim))
		.ok_or_else(|| TensorError::ShapeTooLarge { tensor: tensor.into(), shape: shape.to_vec() })
}

fn wrong_element(tensor: &str, index: usize, element: String, datatype: DataType) -> TensorError {
	TensorError::WrongElement { tensor: tensor.into(), index, element, datatype: datatype.name() }
}

fn write_text(text: &str, data: &mut Vec<u8>) {
	// A text beyond 4 GiB cannot come out of a request body.
	data.extend_from_slice(&(text.len() as u32).to_le_bytes());
	data.extend_from_slice(text.as_bytes());
}

fn texts_of(mut data: &[u8]) -> Option<Vec<&str>> {
	let mut texts = Vec::new();
	while !data.is_empty() {
		let (length, rest) = data.split_first_chunk::<4>()?;
		let length = u32::from_le_bytes(*length) as usize;
		let text = rest.get(..length)?;
		texts.push(std::str::from_utf8(text).ok()?);
		data = &rest[length..];
	}
	Some(texts)
}
