//! Reads an ONNX file's protobuf structure just far enough to find out whether it refers to other
//! files: a tensor stored elsewhere could name any file the oracle may read, and its bytes would come
//! out as the model's answer.
//!
//! Field numbers are those of `onnx.proto3`.

/// Why a file is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnnxError {
	/// It is not a protobuf message.
	#[error("it is not an ONNX file (byte {0} cannot be read)")]
	Malformed(usize),
	/// It has no graph.
	#[error("it holds no graph")]
	NoGraph,
	/// It refers to another file.
	#[error("tensor '{0}' is stored in another file; export the model with its weights inside")]
	ExternalData(String),
	/// Deep chains of local functions overflow the runtime's stack.
	#[error("it has {0} local functions, at most {MAX_FUNCTIONS} are served; inline them")]
	TooManyFunctions(usize),
}

/// The most model-local functions. ONNX Runtime resolves their calls recursively.
pub const MAX_FUNCTIONS: usize = 500;

/// The messages that are looked into.
#[derive(Clone, Copy, PartialEq)]
enum Message {
	Model,
	Graph,
	Node,
	Attribute,
	Tensor,
	SparseTensor,
	Function,
	Training,
}

impl Message {
	/// The kind of message in a field of this one, where it can hold a tensor.
	fn field(self, number: u64) -> Option<Self> {
		Some(match (self, number) {
			(Self::Model, 7) => Self::Graph,
			(Self::Model, 20) => Self::Training,
			(Self::Model, 25) => Self::Function,
			(Self::Training, 1 | 2) => Self::Graph,
			(Self::Function, 7) | (Self::Graph, 1) => Self::Node,
			(Self::Function, 11) | (Self::Node, 5) => Self::Attribute,
			(Self::Graph, 5) => Self::Tensor,
			(Self::Graph, 15) => Self::SparseTensor,
			(Self::Attribute, 5 | 10) => Self::Tensor,
			(Self::Attribute, 6 | 11) => Self::Graph,
			(Self::Attribute, 22 | 23) => Self::SparseTensor,
			(Self::SparseTensor, 1 | 2) => Self::Tensor,
			_ => return None,
		})
	}
}

const TENSOR_NAME: u64 = 8;
const TENSOR_EXTERNAL_DATA: u64 = 13;
const TENSOR_DATA_LOCATION: u64 = 14;

/// Checks that the model is complete in itself. Time and memory grow with the number of nested
/// messages, not with their depth on the stack.
pub fn check(bytes: &[u8]) -> Result<(), OnnxError> {
	let mut waiting = vec![(Message::Model, bytes, 0)];
	let mut has_graph = false;
	let mut functions = 0;
	while let Some((message, body, offset)) = waiting.pop() {
		let mut reader = Reader { rest: body, offset };
		let mut external = false;
		let mut name = "";
		while let Some((number, value)) = reader.field()? {
			match value {
				Value::Bytes(inner, at) => {
					if let Some(kind) = message.field(number) {
						has_graph |= message == Message::Model && kind == Message::Graph;
						functions += usize::from(kind == Message::Function);
						waiting.push((kind, inner, at));
					}
					if message == Message::Tensor {
						match number {
							TENSOR_NAME => name = std::str::from_utf8(inner).unwrap_or_default(),
							TENSOR_EXTERNAL_DATA => external = true,
							_ => {},
						}
					}
				},
				Value::Number(value) => {
					external |=
						message == Message::Tensor && number == TENSOR_DATA_LOCATION && value != 0;
				},
			}
		}
		if external {
			return Err(OnnxError::ExternalData(name.into()));
		}
	}
	if functions > MAX_FUNCTIONS {
		return Err(OnnxError::TooManyFunctions(functions));
	}
	if has_graph {
		Ok(())
	} else {
		Err(OnnxError::NoGraph)
	}
}

enum Value<'a> {
	/// A varint, or a number of fixed width, which no field of interest is.
	Number(u64),
	/// A nested message or a string, and where it begins.
	Bytes(&'a [u8], usize),
}

struct Reader<'a> {
	rest: &'a [u8],
	offset: usize,
}

impl<'a> Reader<'a> {
	fn field(&mut self) -> Result<Option<(u64, Value<'a>)>, OnnxError> {
		if self.rest.is_empty() {
			return Ok(None);
		}
		let tag = self.varint()?;
		let value = match tag & 7 {
			0 => Value::Number(self.varint()?),
			1 => self.take(8).map(|_| Value::Number(0))?,
			2 => {
				let length = self.varint()?;
				let length =
					usize::try_from(length).map_err(|_| OnnxError::Malformed(self.offset))?;
				let at = self.offset;
				Value::Bytes(self.take(length)?, at)
			},
			5 => self.take(4).map(|_| Value::Number(0))?,
			// Groups: no ONNX field is one.
			_ => return Err(OnnxError::Malformed(self.offset)),
		};
		Ok(Some((tag >> 3, value)))
	}

	fn varint(&mut self) -> Result<u64, OnnxError> {
		let mut value = 0u64;
		for shift in (0..70).step_by(7) {
			let byte = *self.take(1)?.first().ok_or(OnnxError::Malformed(self.offset))?;
			// The tenth byte has one bit left; protobuf drops the rest.
			value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
			if byte & 0x80 == 0 {
				return Ok(value);
			}
		}
		Err(OnnxError::Malformed(self.offset))
	}

	fn take(&mut self, length: usize) -> Result<&'a [u8], OnnxError> {
		let (taken, rest) =
			self.rest.split_at_checked(length).ok_or(OnnxError::Malformed(self.offset))?;
		self.rest = rest;
		self.offset += length;
		Ok(taken)
	}
}
