//! Whether a `Dropout` is told to infer by a constant: exporters that write the input training_mode at all mostly
//! write `false` there.
//!
//! Names are not followed through scopes, in which readers could differ: a name counts only if the whole file
//! gives it to one value, in whatever graph, and that is a `false` that nobody who asks can override.

use super::{Message, OnnxError, Reader, Value, TENSOR_DATA_LOCATION};
use std::collections::HashSet;

const GRAPH_INITIALIZER: u64 = 5;
const GRAPH_INPUT: u64 = 11;
const NODE_OUTPUT: u64 = 2;
const NODE_OPERATOR: u64 = 4;
const NODE_ATTRIBUTE: u64 = 5;
const NODE_DOMAIN: u64 = 7;
const ATTRIBUTE_NAME: u64 = 1;
const ATTRIBUTE_TENSOR: u64 = 5;
const ATTRIBUTE_TEXT: u64 = 13;
const ATTRIBUTE_TYPE: u64 = 20;
const SPARSE_VALUES: u64 = 1;
const TENSOR_TYPE: u64 = 2;
const TENSOR_NUMBERS: u64 = 5;
const TENSOR_NAME: u64 = 8;
const TENSOR_RAW: u64 = 9;
const TENSOR_TEXT: u64 = 12;
const VALUE_NAME: u64 = 1;
/// `AttributeProto.TENSOR`.
const IS_TENSOR: u64 = 4;
/// `TensorProto.BOOL`.
const BOOL: u64 = 9;

/// Whether each of these names stands for a constant `false`, and for nothing else. Of a file without functions of
/// its own, which has been read through once.
pub(super) fn all_false(bytes: &[u8], asked: &HashSet<&[u8]>) -> Result<bool, OnnxError> {
	let mut names = Names { asked, unknown: asked.clone(), otherwise: false };
	let mut waiting = vec![(Message::Model, bytes, 0)];
	while let Some((message, body, offset)) = waiting.pop() {
		let mut reader = Reader { rest: body, offset };
		while let Some((number, value)) = reader.field()? {
			let Value::Bytes(inner, at) = value else { continue };
			match (message, number) {
				(Message::Graph, GRAPH_INITIALIZER) => {
					names.give(last(TENSOR_NAME, inner, at)?, is_false(inner, at)?);
				},
				(Message::Graph, GRAPH_INPUT) => names.give(last(VALUE_NAME, inner, at)?, false),
				(Message::SparseTensor, SPARSE_VALUES) => {
					names.give(last(TENSOR_NAME, inner, at)?, false)
				},
				_ => {},
			}
			let Some(kind) = message.field(number) else { continue };
			if kind == Message::Node {
				names.give_outputs(inner, at)?;
			}
			waiting.push((kind, inner, at));
		}
	}
	Ok(names.unknown.is_empty() && !names.otherwise)
}

/// The names that are asked for.
struct Names<'a> {
	asked: &'a HashSet<&'a [u8]>,
	/// Those of which nothing is known yet.
	unknown: HashSet<&'a [u8]>,
	/// Whether one stands for anything but one `false`.
	otherwise: bool,
}

impl Names<'_> {
	/// A value has that name.
	fn give(&mut self, name: &[u8], is_false: bool) {
		if self.asked.contains(name) {
			self.otherwise |= !(is_false && self.unknown.remove(name));
		}
	}

	/// The outputs of a node have theirs.
	fn give_outputs(&mut self, node: &[u8], offset: usize) -> Result<(), OnnxError> {
		let is_false = is_constant(node, offset)?;
		let mut reader = Reader { rest: node, offset };
		while let Some((number, value)) = reader.field()? {
			if let (NODE_OUTPUT, Value::Bytes(name, _)) = (number, value) {
				self.give(name, is_false);
			}
		}
		Ok(())
	}
}

/// What a message says last in that field, which is what holds.
fn last(field: u64, body: &[u8], offset: usize) -> Result<&[u8], OnnxError> {
	let mut reader = Reader { rest: body, offset };
	let mut said: &[u8] = &[];
	while let Some((number, value)) = reader.field()? {
		match value {
			Value::Bytes(inner, _) if number == field => said = inner,
			_ => {},
		}
	}
	Ok(said)
}

/// Whether a node is a `Constant` of nothing but a scalar `false`.
fn is_constant(node: &[u8], offset: usize) -> Result<bool, OnnxError> {
	let operator = last(NODE_OPERATOR, node, offset)?;
	let domain = last(NODE_DOMAIN, node, offset)?;
	if operator != b"Constant" || !matches!(domain, b"" | b"ai.onnx") {
		return Ok(false);
	}
	let mut reader = Reader { rest: node, offset };
	let (mut attributes, mut all) = (0, true);
	while let Some((number, value)) = reader.field()? {
		if let (NODE_ATTRIBUTE, Value::Bytes(inner, at)) = (number, value) {
			attributes += 1;
			all &= is_false_value(inner, at)?;
		}
	}
	Ok(attributes == 1 && all)
}

/// Whether an attribute is the `value` of a scalar `false`, and no more is said in it: what else there is may count
/// instead, as a reference to an attribute of a function does.
fn is_false_value(attribute: &[u8], offset: usize) -> Result<bool, OnnxError> {
	let mut reader = Reader { rest: attribute, offset };
	let (mut kind, mut named, mut tensors, mut all) = (0, false, 0, true);
	while let Some((number, value)) = reader.field()? {
		match (number, value) {
			(ATTRIBUTE_NAME, Value::Bytes(b"value", _)) => named = true,
			(ATTRIBUTE_TENSOR, Value::Bytes(inner, at)) => {
				tensors += 1;
				all &= is_false(inner, at)?;
			},
			(ATTRIBUTE_TYPE, Value::Number(said)) => kind = said,
			(ATTRIBUTE_TEXT, Value::Bytes(..)) => {},
			_ => all = false,
		}
	}
	// Of one message that is there twice readers make one.
	Ok(all && named && tensors == 1 && kind == IS_TENSOR)
}

/// Whether a tensor is a scalar `false`, written in one of the two ways that there are: it has no dimension, and
/// one byte of data.
fn is_false(tensor: &[u8], offset: usize) -> Result<bool, OnnxError> {
	let mut reader = Reader { rest: tensor, offset };
	let (mut element, mut values, mut all) = (0, 0, true);
	while let Some((number, value)) = reader.field()? {
		match (number, value) {
			(TENSOR_TYPE, Value::Number(said)) => element = said,
			(TENSOR_NUMBERS | TENSOR_RAW, Value::Bytes([0], _)) => values += 1,
			(TENSOR_NAME | TENSOR_TEXT, Value::Bytes(..)) => {},
			(TENSOR_DATA_LOCATION, Value::Number(0)) => {},
			_ => all = false,
		}
	}
	Ok(all && element == BOOL && values == 1)
}
