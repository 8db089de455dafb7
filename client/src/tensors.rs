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
mod json;

use usufruct_primitives::{commitment, Hash};

pub use binary::{BinaryOutputs, BodyError, HEADER_LENGTH};
pub use json::{Fp32, InferRequest, InferResponse, RequestedOutput};

/// The type of a tensor's elements. The numbers are those of ONNX `TensorProto.DataType`, which
/// also stand in the canonical bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum DataType {
	/// 32-bit float.
	Fp32 = 1,
	/// Unsigned 8-bit integer.
	Uint8 = 2,
	/// Signed 8-bit integer.
	Int8 = 3,
	/// Unsigned 16-bit integer.
	Uint16 = 4,
	/// Signed 16-bit integer.
	Int16 = 5,
	/// Signed 32-bit integer.
	Int32 = 6,
	/// Signed 64-bit integer.
	Int64 = 7,
	/// Text; ONNX calls it STRING, the protocol BYTES.
	Bytes = 8,
	/// Boolean, one byte each.
	Bool = 9,
	/// 16-bit float. The protocol has no JSON for it.
	Fp16 = 10,
	/// 64-bit float.
	Fp64 = 11,
	/// Unsigned 32-bit integer.
	Uint32 = 12,
	/// Unsigned 64-bit integer.
	Uint64 = 13,
}

/// All types, their names in the protocol, and how many bytes an element has.
const DATA_TYPES: [(DataType, &str, Option<usize>); 13] = [
	(DataType::Fp32, "FP32", Some(4)),
	(DataType::Uint8, "UINT8", Some(1)),
	(DataType::Int8, "INT8", Some(1)),
	(DataType::Uint16, "UINT16", Some(2)),
	(DataType::Int16, "INT16", Some(2)),
	(DataType::Int32, "INT32", Some(4)),
	(DataType::Int64, "INT64", Some(8)),
	(DataType::Bytes, "BYTES", None),
	(DataType::Bool, "BOOL", Some(1)),
	(DataType::Fp16, "FP16", Some(2)),
	(DataType::Fp64, "FP64", Some(8)),
	(DataType::Uint32, "UINT32", Some(4)),
	(DataType::Uint64, "UINT64", Some(8)),
];

impl DataType {
	/// The name in the Open Inference Protocol.
	pub fn name(self) -> &'static str {
		self.entry().1
	}

	/// The type with that name in the protocol.
	pub fn from_name(name: &str) -> Option<Self> {
		DATA_TYPES.iter().find(|entry| entry.1 == name).map(|entry| entry.0)
	}

	/// The ONNX `TensorProto.DataType` code.
	pub fn code(self) -> u8 {
		self as u8
	}

	/// The type with that ONNX code.
	pub fn from_code(code: u8) -> Option<Self> {
		DATA_TYPES.iter().find(|entry| entry.0.code() == code).map(|entry| entry.0)
	}

	/// Bytes per element; `None` for text.
	pub fn size(self) -> Option<usize> {
		self.entry().2
	}

	fn entry(self) -> &'static (DataType, &'static str, Option<usize>) {
		// The codes are 1..=13 in the order of the table.
		&DATA_TYPES[self as usize - 1]
	}
}

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

/// The canonical bytes of a set of tensors, whatever order they come in.
pub fn canonical(tensors: &[Tensor]) -> Result<Vec<u8>, TensorError> {
	let borrowed: Vec<_> = tensors
		.iter()
		.map(|tensor| commitment::Tensor {
			name: &tensor.name,
			dtype: tensor.datatype.code(),
			dims: &tensor.shape,
			data: &tensor.data,
		})
		.collect();
	commitment::canonical_tensors(&borrowed).map_err(|error| {
		TensorError::NotCanonical(match error {
			commitment::TensorError::DuplicateName => "two of them have the same name",
			commitment::TensorError::NameTooLong => "a name is longer than 65535 bytes",
			commitment::TensorError::RankTooLarge => "one has more than 255 dimensions",
		})
	})
}

/// The tensors in canonical bytes; `None` if they are not such bytes, or hold text.
pub fn from_canonical(bytes: &[u8]) -> Option<Vec<Tensor>> {
	let mut rest = bytes;
	let mut tensors = Vec::new();
	while !rest.is_empty() {
		tensors.push(next_canonical(&mut rest)?);
	}
	Some(tensors)
}

/// The first tensor of canonical bytes, and moves on to what follows it. Bytes from somebody who is
/// not trusted are read with this, one expected tensor after the other: empty ones take more room in
/// memory than in bytes.
pub fn next_canonical(rest: &mut &[u8]) -> Option<Tensor> {
	let length = u16::from_le_bytes(take(rest)?);
	let (name, after) = rest.split_at_checked(length.into())?;
	*rest = after;
	let name = std::str::from_utf8(name).ok()?;
	let [code, rank] = take(rest)?;
	let mut shape = Vec::with_capacity(rank.into());
	for _ in 0..rank {
		shape.push(u64::from_le_bytes(take(rest)?));
	}
	let datatype = DataType::from_code(code)?;
	// How long text is is not known beforehand; no oracle serves it.
	let size = datatype.size()?;
	let count = count_of(name, &shape).ok()?;
	let length = usize::try_from(count).ok()?.checked_mul(size)?;
	let (data, after) = rest.split_at_checked(length)?;
	*rest = after;
	Tensor::new(name, datatype, shape, data.to_vec()).ok()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
	let (taken, after) = rest.split_first_chunk()?;
	*rest = after;
	Some(*taken)
}

/// The commitment to a set of tensors under a payload salt. Input and output of one request use the
/// same salt; a failed request's output is the empty set.
pub fn commit(salt: &Hash, tensors: &[Tensor]) -> Result<Hash, TensorError> {
	Ok(commitment::payload_commit(salt, &canonical(tensors)?))
}

/// A Rust type whose values are elements of a tensor.
pub trait Element: Copy {
	/// The tensor's type.
	const DATATYPE: DataType;
	/// Appends the element's canonical bytes.
	fn write(self, data: &mut Vec<u8>);
	/// The element in exactly as many bytes as it has.
	fn read(bytes: &[u8]) -> Self;
}

macro_rules! element {
	($($type:ty => $datatype:ident),* $(,)?) => {$(
		impl Element for $type {
			const DATATYPE: DataType = DataType::$datatype;

			#[inline]
			fn write(self, data: &mut Vec<u8>) {
				data.extend_from_slice(&self.to_le_bytes());
			}

			#[inline]
			fn read(bytes: &[u8]) -> Self {
				let mut array = [0; std::mem::size_of::<$type>()];
				array.copy_from_slice(bytes);
				Self::from_le_bytes(array)
			}
		}
	)*};
}

element! {
	f32 => Fp32, f64 => Fp64,
	i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64,
	u8 => Uint8, u16 => Uint16, u32 => Uint32, u64 => Uint64,
}

impl Element for bool {
	const DATATYPE: DataType = DataType::Bool;

	fn write(self, data: &mut Vec<u8>) {
		data.push(u8::from(self));
	}

	fn read(bytes: &[u8]) -> Self {
		bytes.iter().any(|byte| *byte != 0)
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

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn codes_and_names_are_those_of_the_table() {
		for (datatype, name, size) in DATA_TYPES {
			assert_eq!(DataType::from_code(datatype.code()), Some(datatype));
			assert_eq!(DataType::from_name(name), Some(datatype));
			assert_eq!((datatype.name(), datatype.size()), (name, size));
		}
		assert_eq!(DataType::from_code(0), None);
		assert_eq!(DataType::from_name("BF16"), None);
	}

	#[test]
	fn elements_come_back() {
		let tensor =
			Tensor::from_elements("x", vec![2, 2], &[1i32, -2, i32::MAX, i32::MIN]).unwrap();
		assert_eq!(tensor.to_elements::<i32>(), Ok(vec![1, -2, i32::MAX, i32::MIN]));
		assert_eq!((tensor.elements(), tensor.datatype()), (4, DataType::Int32));
		assert!(matches!(tensor.to_elements::<u32>(), Err(TensorError::WrongDatatype { .. })));
		let tensor = Tensor::from_texts("t", vec![2], &["", "größe"]).unwrap();
		assert_eq!(tensor.to_texts(), Ok(vec![String::new(), "größe".into()]));
		let tensor = Tensor::from_elements("b", vec![3], &[true, false, true]).unwrap();
		assert_eq!(tensor.data(), [1, 0, 1]);
		assert_eq!(tensor.to_elements::<bool>(), Ok(vec![true, false, true]));
	}

	#[test]
	fn shape_and_data_must_agree() {
		let wrong = |shape: Vec<u64>, data: Vec<u8>| Tensor::new("x", DataType::Int16, shape, data);
		assert!(matches!(
			wrong(vec![2], vec![0; 6]),
			Err(TensorError::WrongCount { found: 3, .. })
		));
		assert!(matches!(
			wrong(vec![2], vec![0; 3]),
			Err(TensorError::WrongCount { found: 3, .. })
		));
		assert!(matches!(wrong(vec![u64::MAX, 2], vec![]), Err(TensorError::ShapeTooLarge { .. })));
		assert_eq!(wrong(vec![u64::MAX, 2, 0], vec![]).unwrap().elements(), 0);
		assert_eq!(wrong(vec![], vec![7, 0]).unwrap().elements(), 1);
		let text = Tensor::new("x", DataType::Bytes, vec![1], vec![4, 0, 0, 0, b'a']);
		assert!(matches!(text, Err(TensorError::WrongElement { .. })));
		let bools = Tensor::new("x", DataType::Bool, vec![2], vec![1, 2]);
		assert!(matches!(bools, Err(TensorError::WrongElement { index: 1, .. })));
	}

	#[test]
	fn there_is_one_nan() {
		let odd = f32::from_bits(0xffc0_1234);
		let tensor = Tensor::from_elements("x", vec![2], &[odd, 1.0]).unwrap();
		assert_eq!(tensor.data()[..4], NAN_32);
		let odd = f64::from_bits(0x7ff0_0000_0000_0001);
		assert_eq!(Tensor::from_elements("x", vec![1], &[odd]).unwrap().data(), NAN_64);
		let halves = [0x7c01u16, 0x7c00, 0xfe00, 0x3c00].map(u16::to_le_bytes).concat();
		let tensor = Tensor::new("x", DataType::Fp16, vec![4], halves).unwrap();
		let expected = [0x7e00u16, 0x7c00, 0x7e00, 0x3c00].map(u16::to_le_bytes).concat();
		assert_eq!(tensor.data(), expected);
	}

	#[test]
	fn what_is_not_nan_stays() {
		let kept = |bits: u16| match bits & 0x7fff > 0x7c00 {
			true => NAN_16,
			false => bits.to_le_bytes(),
		};
		let all: Vec<u16> = (0..=u16::MAX).collect();
		let data = all.iter().flat_map(|bits| bits.to_le_bytes()).collect();
		let tensor = Tensor::new("x", DataType::Fp16, vec![1 << 16], data).unwrap();
		assert_eq!(tensor.data(), all.into_iter().map(kept).collect::<Vec<_>>().concat());
		// Every exponent, with mantissas of one bit.
		for bits in (0..1u32 << 9).flat_map(|top| (0..23).map(move |low| top << 23 | 1 << low)) {
			let number = f32::from_bits(bits);
			let expected = if number.is_nan() { NAN_32 } else { number.to_le_bytes() };
			assert_eq!(Tensor::from_elements("x", vec![1], &[number]).unwrap().data(), expected);
		}
		for bits in (0..1u64 << 12).flat_map(|top| (0..52).map(move |low| top << 52 | 1 << low)) {
			let number = f64::from_bits(bits);
			let expected = if number.is_nan() { NAN_64 } else { number.to_le_bytes() };
			assert_eq!(Tensor::from_elements("x", vec![1], &[number]).unwrap().data(), expected);
		}
	}

	#[test]
	fn the_canonical_form_ignores_order_and_refuses_duplicates() {
		let a = Tensor::from_elements("a", vec![1], &[1u8]).unwrap();
		let b = Tensor::from_elements("b", vec![1, 1], &[2.5f32]).unwrap();
		let one = canonical(&[a.clone(), b.clone()]).unwrap();
		assert_eq!(canonical(&[b.clone(), a.clone()]).unwrap(), one);
		// name length | name | dtype | rank | dims | data
		let mut expected = vec![1, 0, b'a', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1];
		expected.extend([1, 0, b'b', 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
		expected.extend(2.5f32.to_le_bytes());
		assert_eq!(one, expected);
		assert!(matches!(canonical(&[a.clone(), a.clone()]), Err(TensorError::NotCanonical(_))));
		assert!(canonical(&[]).unwrap().is_empty());
		let a = std::slice::from_ref(&a);
		assert_ne!(commit(&[0; 32], a), commit(&[1; 32], a));
		assert_ne!(commit(&[0; 32], a), commit(&[0; 32], &[b]));
	}

	#[test]
	fn what_is_canonical_comes_back() {
		let tensors = vec![
			Tensor::from_elements("a", vec![2, 1], &[1.5f32, -0.0]).unwrap(),
			Tensor::from_elements("b", vec![], &[7i64]).unwrap(),
			Tensor::from_elements("c", vec![0, 3], &[0u8; 0]).unwrap(),
			Tensor::from_elements("d", vec![2], &[true, false]).unwrap(),
		];
		let bytes = canonical(&tensors).unwrap();
		assert_eq!(from_canonical(&bytes).unwrap(), tensors);
		assert_eq!(from_canonical(&[]).unwrap(), []);
		for length in 1..bytes.len() {
			if let Some(fewer) = from_canonical(&bytes[..length]) {
				assert!(fewer.len() < tensors.len(), "cut at {length}");
			}
		}
		let huge = [&[1, 0, b'x', 1, 2][..], &[255; 16]].concat();
		assert_eq!(from_canonical(&huge), None);
		let mut rest = &bytes[..];
		assert_eq!(next_canonical(&mut rest).as_ref(), tensors.first());
		assert_eq!(from_canonical(rest).unwrap(), tensors[1..]);
	}
}
