//! Reads an ONNX file's protobuf structure just far enough to find out what ONNX Runtime would be given: whether
//! it refers to other files (a tensor stored elsewhere could name any file the oracle may read, and its bytes
//! would come out as the model's answer), for which version of which operators it is written, and how large and
//! deep its graph is.
//!
//! Field numbers are those of `onnx.proto3`.

use super::operators::{domain, is_the_runtimes, written, Operators, AI_ONNX};
use std::{collections::HashSet, ops::RangeInclusive};

/// Why a file is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OnnxError {
	/// It is not a protobuf message.
	#[error("it is not an ONNX file (byte {0} cannot be read)")]
	Malformed(usize),
	/// The runtime could take it for a file of its own format, of which nothing is checked here.
	#[error("it is marked as a file of ONNX Runtime's own format (ORTM); export it as ONNX")]
	RuntimeFormat,
	/// It has no graph.
	#[error("it holds no graph")]
	NoGraph,
	/// It refers to another file.
	#[error("tensor '{0}' is stored in another file; export the model with its weights inside")]
	ExternalData(String),
	/// Deep chains of local functions overflow the runtime's stack.
	#[error("it has {0} local functions, at most {MAX_FUNCTIONS} are served; inline them")]
	TooManyFunctions(usize),
	/// The runtime would take for ever to load it.
	#[error("its graphs have {0} nodes, at most {MAX_NODES} are served")]
	TooManyNodes(usize),
	/// Deep graphs overflow the runtime's stack.
	#[error("its graphs lie more than {MAX_DEPTH} deep in each other; flatten them")]
	TooDeep,
	/// It is written for a version of the operators that is too old, or is not known.
	#[error(
		"it is written for opset {version} of '{domain}', and those from {} to {} are served; export it for \
		 one of them", served.start(), served.end()
	)]
	Opset {
		/// The operators' domain.
		domain: String,
		/// Which version of them.
		version: u64,
		/// The versions that are served.
		served: RangeInclusive<u64>,
	},
	/// It has an operator that is not allowed.
	#[error(
		"it uses the operator '{0}', which is not allowed here; export it without, or allow it by `operators` \
		 of the model"
	)]
	Operator(String),
	/// Its answers could be random: whoever audits one could not tell whether it is honest.
	#[error(
		"it has a 'Dropout' with the input training_mode, by which it may draw random numbers; export it for \
		 inference"
	)]
	Training,
}

/// The most model-local functions. ONNX Runtime resolves their calls recursively.
pub const MAX_FUNCTIONS: usize = 500;
/// The most nodes of all graphs together: some times those of the largest language models.
pub const MAX_NODES: usize = 100_000;
/// How deep graphs may lie in each other, as branches and bodies of loops do.
pub const MAX_DEPTH: usize = 16;
/// Versions of operators that are served, by their domains. The oldest is that of ONNX 1.2, before which ONNX
/// Runtime promises nothing; what is newer than it knows it refuses itself.
const OPSETS: [(&str, RangeInclusive<u64>); 2] = [("", 7..=28), ("ai.onnx.ml", 1..=5)];

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
	Opset,
}

impl Message {
	/// The kind of message in a field of this one, where it is looked into.
	fn field(self, number: u64) -> Option<Self> {
		Some(match (self, number) {
			(Self::Model, 7) => Self::Graph,
			(Self::Model, 8) | (Self::Function, 9) => Self::Opset,
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

	/// The field with its name, which of a node is its operator's.
	fn name(self) -> Option<u64> {
		Some(match self {
			Self::Tensor => 8,
			Self::Node => 4,
			Self::Function => 1,
			_ => return None,
		})
	}

	/// The field with the domain of its operator, or operators.
	fn domain(self) -> Option<u64> {
		Some(match self {
			Self::Node => 7,
			Self::Function => 10,
			Self::Opset => 1,
			_ => return None,
		})
	}
}

/// The bytes 4 to 7 of a file of ONNX Runtime's own format.
const RUNTIME_FORMAT: &[u8] = b"ORTM";
const TENSOR_EXTERNAL_DATA: u64 = 13;
const TENSOR_DATA_LOCATION: u64 = 14;
const OPSET_VERSION: u64 = 2;
const NODE_INPUT: u64 = 1;
/// The operator that draws random numbers if its third input says so, and only then.
const DROPOUT: (&str, &str) = ("", "Dropout");

/// Checks that the model is complete in itself, and made of what is served. Time and memory grow with the number of
/// nested messages, not with their depth on the stack.
pub fn check(bytes: &[u8], allowed: &Operators) -> Result<(), OnnxError> {
	if bytes.get(4..8) == Some(RUNTIME_FORMAT) {
		return Err(OnnxError::RuntimeFormat);
	}
	let found = Found::of(bytes)?;
	if found.functions.len() > MAX_FUNCTIONS {
		return Err(OnnxError::TooManyFunctions(found.functions.len()));
	}
	if found.nodes > MAX_NODES {
		return Err(OnnxError::TooManyNodes(found.nodes));
	}
	if !found.has_graph {
		return Err(OnnxError::NoGraph);
	}
	for (domain, version) in found.opsets {
		let served = OPSETS.into_iter().find(|(of, _)| *of == domain).map(|(_, served)| served);
		if let Some(served) = served.filter(|served| !served.contains(&version)) {
			let domain = if domain.is_empty() { AI_ONNX } else { domain }.into();
			return Err(OnnxError::Opset { domain, version, served });
		}
	}
	let functions: HashSet<_> = found.functions.into_iter().collect();
	let mut refused: Vec<_> = found
		.operators
		.into_iter()
		.filter(|it| !allowed.allow(it.0, it.1))
		// A function that is named like an operator of the runtime's does not excuse that one.
		.filter(|it| is_the_runtimes(it.0) || !functions.contains(it))
		.collect();
	refused.sort_unstable();
	match refused.first() {
		Some((domain, name)) => Err(OnnxError::Operator(written(domain, name))),
		None => Ok(()),
	}
}

/// What is found in a model.
#[derive(Default)]
struct Found<'a> {
	has_graph: bool,
	nodes: usize,
	/// Domain and name of each.
	functions: Vec<(&'a str, &'a str)>,
	operators: HashSet<(&'a str, &'a str)>,
	/// The version of each domain.
	opsets: Vec<(&'a str, u64)>,
}

/// What a message says of itself. Of what it says twice the last holds, as everywhere in protobuf.
#[derive(Default)]
struct Said<'a> {
	name: &'a str,
	domain: &'a str,
	version: u64,
	external: bool,
	inputs: usize,
	has_third_input: bool,
}

impl<'a> Found<'a> {
	fn of(bytes: &'a [u8]) -> Result<Self, OnnxError> {
		let mut found = Self::default();
		let mut waiting = vec![(Message::Model, bytes, 0, 0)];
		while let Some((message, body, offset, depth)) = waiting.pop() {
			let mut reader = Reader { rest: body, offset };
			let mut said = Said::default();
			while let Some((number, value)) = reader.field()? {
				match value {
					Value::Bytes(inner, at) => {
						if let Some(kind) = message.field(number) {
							let deeper = usize::from(kind == Message::Graph);
							found.has_graph |= message == Message::Model && deeper == 1;
							waiting.push((kind, inner, at, depth + deeper));
						}
						said.bytes(message, number, inner);
					},
					Value::Number(value) => said.number(message, number, value),
				}
			}
			if depth > MAX_DEPTH {
				return Err(OnnxError::TooDeep);
			}
			found.note(message, said)?;
		}
		Ok(found)
	}

	fn note(&mut self, message: Message, said: Said<'a>) -> Result<(), OnnxError> {
		match message {
			Message::Tensor if said.external => {
				return Err(OnnxError::ExternalData(said.name.into()));
			},
			Message::Function => self.functions.push((said.domain, said.name)),
			Message::Opset => self.opsets.push((said.domain, said.version)),
			// Also if a constant of the file tells it not to: when the runtime inlines functions of the standard,
			// it names values within them, and such a name may hide the constant's.
			Message::Node if said.has_third_input && (said.domain, said.name) == DROPOUT => {
				return Err(OnnxError::Training);
			},
			Message::Node => {
				self.nodes += 1;
				self.operators.insert((said.domain, said.name));
			},
			_ => {},
		}
		Ok(())
	}
}

impl<'a> Said<'a> {
	fn bytes(&mut self, message: Message, number: u64, inner: &'a [u8]) {
		// What is no text names nothing.
		let text = || std::str::from_utf8(inner).unwrap_or("\u{fffd}");
		if message.name() == Some(number) {
			self.name = text();
		} else if message.domain() == Some(number) {
			self.domain = domain(text());
		}
		self.external |= message == Message::Tensor && number == TENSOR_EXTERNAL_DATA;
		if message == Message::Node && number == NODE_INPUT {
			self.inputs += 1;
			// One without a name is left out.
			self.has_third_input |= self.inputs == 3 && !inner.is_empty();
		}
	}

	fn number(&mut self, message: Message, number: u64, value: u64) {
		match (message, number) {
			(Message::Tensor, TENSOR_DATA_LOCATION) => self.external |= value != 0,
			(Message::Opset, OPSET_VERSION) => self.version = value,
			_ => {},
		}
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
		let tag = self.tag()?;
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

	/// A field's number, and how it is written. Readers differ in what they make of a tag that no writer makes:
	/// the runtime's drops what is above its 32 bits, and with it could be given another field than is checked
	/// here. So it is refused, as is one that is longer than it need be, and the field 0, which there is not.
	fn tag(&mut self) -> Result<u64, OnnxError> {
		let at = self.offset;
		let tag = self.varint()?;
		let shortest = (u64::BITS - tag.leading_zeros()).div_ceil(7);
		match u32::try_from(tag).is_ok() && tag >> 3 != 0 && self.offset - at == shortest as usize {
			true => Ok(tag),
			false => Err(OnnxError::Malformed(at)),
		}
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
