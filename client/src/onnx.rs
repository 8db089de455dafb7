//! The weights of an ONNX file, as far as they say which models are made of the same: the tree that a
//! version's tensor root stands for.
//!
//! Read are the initialisers of the main graph, each in its canonical form: little endian, whichever
//! of the format's fields it is stored in. One whose elements are all equal is left out: zeros and ones
//! are in many models and nobody's work. Nothing else in the file is looked at, and nothing is run.

use prost::{bytes::Bytes, Message};
use usufruct_primitives::{
	commitment::tensor_leaf,
	tensors::{TensorLeaf, TensorTree, TensorsError, MIN_BYTES},
	Hash,
};

/// Why a file's weights cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OnnxError {
	/// It is not a serialised `ModelProto`.
	#[error("this is no ONNX file: {0}")]
	Format(#[from] prost::DecodeError),
	/// It has no graph.
	#[error("the ONNX file has no graph")]
	NoGraph,
	/// Its weights are in other files.
	#[error("tensor {0:?} is stored outside the file; save the model as one file")]
	External(String),
	/// A tensor of a type that stores its elements in a way that is not known.
	#[error("tensor {0:?} has type {1}, whose elements can only be read from raw data")]
	Type(String, i32),
	/// A tensor's shape is none.
	#[error("tensor {0:?} has a dimension below 0 or more than 255 of them")]
	Shape(String),
	/// There are too many of them.
	#[error(transparent)]
	Tensors(#[from] TensorsError),
}

// The fields of onnx.proto that are read; all others are skipped.

#[derive(Clone, PartialEq, Message)]
struct ModelProto {
	#[prost(message, optional, tag = "7")]
	graph: Option<GraphProto>,
}

#[derive(Clone, PartialEq, Message)]
struct GraphProto {
	#[prost(message, repeated, tag = "5")]
	initializer: Vec<TensorProto>,
}

#[derive(Clone, PartialEq, Message)]
struct TensorProto {
	#[prost(int64, repeated, tag = "1")]
	dims: Vec<i64>,
	#[prost(int32, tag = "2")]
	data_type: i32,
	#[prost(float, repeated, tag = "4")]
	float_data: Vec<f32>,
	#[prost(int32, repeated, tag = "5")]
	int32_data: Vec<i32>,
	#[prost(int64, repeated, tag = "7")]
	int64_data: Vec<i64>,
	#[prost(string, tag = "8")]
	name: String,
	#[prost(bytes = "bytes", tag = "9")]
	raw_data: Bytes,
	#[prost(double, repeated, tag = "10")]
	double_data: Vec<f64>,
	#[prost(uint64, repeated, tag = "11")]
	uint64_data: Vec<u64>,
	/// 1 if the data are in another file.
	#[prost(int32, tag = "14")]
	data_location: i32,
}

/// `TensorProto.DataType.STRING`, whose elements have no raw form.
const STRING: i32 = 8;
/// `TensorProto.DataLocation.EXTERNAL`.
const EXTERNAL: i32 = 1;

/// The tree over the weights of an ONNX file; `None` if it has no tensor of at least
/// [`MIN_BYTES`] whose elements differ.
pub fn tensor_tree(genesis: &Hash, onnx: Bytes) -> Result<Option<TensorTree>, OnnxError> {
	let graph = ModelProto::decode(onnx)?.graph.ok_or(OnnxError::NoGraph)?;
	let mut leaves = Vec::new();
	for tensor in graph.initializer {
		if tensor.data_location == EXTERNAL {
			return Err(OnnxError::External(tensor.name));
		}
		if tensor.data_type == STRING {
			continue;
		}
		let raw = tensor.raw()?;
		let bytes = raw.len() as u64;
		if bytes < MIN_BYTES || is_constant(&raw, tensor.width()) {
			continue;
		}
		let dims = tensor.dims.iter().map(|dim| u64::try_from(*dim)).collect::<Result<Vec<_>, _>>();
		let shape = || OnnxError::Shape(tensor.name.clone());
		let dims = dims.map_err(|_| shape())?;
		let dtype = u8::try_from(tensor.data_type)
			.map_err(|_| OnnxError::Type(tensor.name.clone(), tensor.data_type))?;
		let tensor = tensor_leaf(genesis, dtype, &dims, &raw).map_err(|_| shape())?;
		leaves.push(TensorLeaf { tensor, bytes });
	}
	if leaves.is_empty() {
		return Ok(None);
	}
	Ok(Some(TensorTree::new(leaves)?))
}

/// Whether all elements of `width` bytes are equal.
fn is_constant(raw: &[u8], width: usize) -> bool {
	let mut elements = raw.chunks(width);
	let first = elements.next();
	elements.all(|element| Some(element) == first)
}

impl TensorProto {
	/// The length of an element in bytes; of those that share a byte or are not known, 1.
	fn width(&self) -> usize {
		match self.data_type {
			4 | 5 | 10 | 16 => 2,
			1 | 6 | 12 => 4,
			7 | 11 | 13 | 14 => 8,
			15 => 16,
			_ => 1,
		}
	}

	/// Its elements, little endian.
	fn raw(&self) -> Result<Bytes, OnnxError> {
		if !self.raw_data.is_empty() {
			return Ok(self.raw_data.clone());
		}
		fn bytes<T: Copy, const N: usize>(of: &[T], le: impl Fn(T) -> [u8; N]) -> Bytes {
			of.iter().flat_map(|element| le(*element)).collect::<Vec<u8>>().into()
		}
		Ok(match self.data_type {
			1 => bytes(&self.float_data, f32::to_le_bytes),
			2 | 3 | 9 => bytes(&self.int32_data, |element| [element as u8]),
			4 | 5 | 10 | 16 => bytes(&self.int32_data, |element| (element as u16).to_le_bytes()),
			6 => bytes(&self.int32_data, i32::to_le_bytes),
			7 => bytes(&self.int64_data, i64::to_le_bytes),
			11 => bytes(&self.double_data, f64::to_le_bytes),
			12 => bytes(&self.uint64_data, |element| (element as u32).to_le_bytes()),
			13 => bytes(&self.uint64_data, u64::to_le_bytes),
			_ if self.dims.contains(&0) => Bytes::new(),
			other => return Err(OnnxError::Type(self.name.clone(), other)),
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const GENESIS: Hash = [7; 32];

	fn tensor(name: &str, elements: usize) -> TensorProto {
		TensorProto {
			dims: vec![elements as i64],
			data_type: 1,
			float_data: (0..elements).map(|element| element as f32).collect(),
			name: name.into(),
			..Default::default()
		}
	}

	fn file(initializer: Vec<TensorProto>) -> Bytes {
		ModelProto { graph: Some(GraphProto { initializer }) }.encode_to_vec().into()
	}

	/// The same tensor, stored in the other way.
	fn raw(mut tensor: TensorProto) -> TensorProto {
		tensor.raw_data = tensor.raw().unwrap();
		tensor.float_data.clear();
		tensor
	}

	#[test]
	fn how_a_tensor_is_stored_and_called_makes_no_difference() {
		let plain = file(vec![tensor("a", 2_000), tensor("b", 1_024), tensor("small", 1_023)]);
		let other = file(vec![raw(tensor("x", 1_024)), raw(tensor("y", 2_000))]);
		let tree = tensor_tree(&GENESIS, plain).unwrap().unwrap();
		assert_eq!(tree.root().leaves, 2);
		assert_eq!(tree.root().bytes, 4 * 3_024);
		assert_eq!(Some(tree), tensor_tree(&GENESIS, other).unwrap());
	}

	#[test]
	fn a_leaf_is_that_of_the_format() {
		let data: Vec<u8> = (0..1_024).flat_map(|n| (n as f32).to_le_bytes()).collect();
		let leaf = TensorLeaf {
			tensor: tensor_leaf(&GENESIS, 1, &[1_024], &data).unwrap(),
			bytes: 4 * 1_024,
		};
		let tree = tensor_tree(&GENESIS, file(vec![tensor("a", 1_024)])).unwrap().unwrap();
		assert_eq!(tree.leaves(), [leaf]);
	}

	#[test]
	fn a_file_without_large_tensors_has_no_root() {
		assert_eq!(tensor_tree(&GENESIS, file(vec![tensor("a", 3)])).unwrap(), None);
		assert_eq!(tensor_tree(&GENESIS, file(vec![])).unwrap(), None);
	}

	#[test]
	fn zeros_are_nobodys_work() {
		let mut zeros = tensor("zeros", 2_000);
		zeros.float_data.fill(0.5);
		let both = file(vec![zeros, tensor("a", 1_024)]);
		assert_eq!(tensor_tree(&GENESIS, both).unwrap().unwrap().root().leaves, 1);
	}

	#[test]
	fn what_cannot_be_read_is_refused_by_name() {
		let outside = TensorProto { data_location: EXTERNAL, ..tensor("away", 1) };
		let error = tensor_tree(&GENESIS, file(vec![outside])).unwrap_err();
		assert!(matches!(error, OnnxError::External(name) if name == "away"));
		let odd = TensorProto { data_type: 22, ..tensor("odd", 1) };
		let error = tensor_tree(&GENESIS, file(vec![odd])).unwrap_err();
		assert!(matches!(error, OnnxError::Type(name, 22) if name == "odd"));
		let negative = TensorProto { dims: vec![-2_000], ..tensor("negative", 2_000) };
		let error = tensor_tree(&GENESIS, file(vec![negative])).unwrap_err();
		assert!(matches!(error, OnnxError::Shape(name) if name == "negative"));
		let none = ModelProto { graph: None }.encode_to_vec();
		assert!(matches!(tensor_tree(&GENESIS, none.into()), Err(OnnxError::NoGraph)));
		let noise = Bytes::from_static(b"not a model");
		assert!(matches!(tensor_tree(&GENESIS, noise), Err(OnnxError::Format(_))));
	}
}
