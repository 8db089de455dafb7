//! The types of elements.

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
pub(super) const DATA_TYPES: [(DataType, &str, Option<usize>); 13] = [
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
