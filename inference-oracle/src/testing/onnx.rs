//! ONNX files written by hand: field numbers of `onnx.proto3`.

fn varint(mut value: u64, to: &mut Vec<u8>) {
	while value > 127 {
		to.push(value as u8 | 128);
		value >>= 7;
	}
	to.push(value as u8);
}

pub fn number(field: u64, value: u64) -> Vec<u8> {
	let mut bytes = Vec::new();
	varint(field << 3, &mut bytes);
	varint(value, &mut bytes);
	bytes
}

pub fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
	let mut bytes = Vec::new();
	varint(field << 3 | 2, &mut bytes);
	varint(value.as_ref().len() as u64, &mut bytes);
	bytes.extend_from_slice(value.as_ref());
	bytes
}

/// A `ValueInfoProto`; a dimension of `None` is symbolic.
pub fn value(name: &str, element: u64, shape: &[Option<u64>]) -> Vec<u8> {
	let dims: Vec<u8> = shape
		.iter()
		.flat_map(|dim| bytes(1, dim.map_or_else(|| bytes(2, "n"), |dim| number(1, dim))))
		.collect();
	let tensor = [number(1, element), bytes(2, dims)].concat();
	[bytes(1, name), bytes(2, bytes(1, tensor))].concat()
}

/// A `NodeProto` with one output.
pub fn node(op: &str, inputs: &[&str], output: &str) -> Vec<u8> {
	let inputs: Vec<u8> = inputs.iter().flat_map(|name| bytes(1, name)).collect();
	[inputs, bytes(2, output), bytes(4, op)].concat()
}

/// A `TensorProto` of that type with raw data.
pub fn tensor(name: &str, element: u64, dims: &[u64], data: &[u8]) -> Vec<u8> {
	let dims: Vec<u8> = dims.iter().flat_map(|dim| number(1, *dim)).collect();
	[dims, number(2, element), bytes(8, name), bytes(9, data)].concat()
}

/// A `TensorProto` that is stored in another file.
pub fn external(name: &str, location: &str) -> Vec<u8> {
	let entry = [bytes(1, "location"), bytes(2, location)].concat();
	[number(1, 4), number(2, 2), bytes(8, name), bytes(13, entry), number(14, 1)].concat()
}

/// A `ModelProto` around the fields of a graph.
pub fn model(graph: &[Vec<u8>]) -> Vec<u8> {
	let graph = [bytes(2, "g"), graph.concat()].concat();
	[number(1, 8), bytes(8, number(2, 17)), bytes(7, graph)].concat()
}

/// `y = x`, of that element type, one dimension of any size.
pub fn identity(element: u64) -> Vec<u8> {
	model(&[
		bytes(1, node("Identity", &["x"], "y")),
		bytes(11, value("x", element, &[None])),
		bytes(12, value("y", element, &[None])),
	])
}

/// `y = [10, 20][x]`: fails at run time on any other index.
pub fn gather() -> Vec<u8> {
	let data = [10i32, 20].map(i32::to_le_bytes).concat();
	model(&[
		bytes(1, node("Gather", &["table", "x"], "y")),
		bytes(5, tensor("table", 6, &[2], &data)),
		bytes(11, value("x", 7, &[None])),
		bytes(12, value("y", 6, &[None])),
	])
}

/// `y` is whatever the first four bytes of that file are.
pub fn reading(location: &str) -> Vec<u8> {
	model(&[
		bytes(1, node("Identity", &["w"], "y")),
		bytes(5, external("w", location)),
		bytes(12, value("y", 2, &[Some(4)])),
	])
}

/// An attribute of a node.
fn attribute(name: &str, field: u64, value: Vec<u8>, kind: u64) -> Vec<u8> {
	bytes(5, [bytes(1, name), bytes(field, value), number(20, kind)].concat())
}

/// `y = x / z` of 64-bit integers: the smallest by -1 is a trap of the processor, which ends the
/// process that computes it.
pub fn division() -> Vec<u8> {
	model(&[
		bytes(1, node("Div", &["x", "z"], "y")),
		bytes(11, value("x", 7, &[None])),
		bytes(11, value("z", 7, &[None])),
		bytes(12, value("y", 7, &[None])),
	])
}

/// The same trap between two constants: it is computed, and ends the process, when it is loaded.
pub fn deadly() -> Vec<u8> {
	let constant = |name: &str, value: i64| bytes(5, tensor(name, 7, &[1], &value.to_le_bytes()));
	model(&[
		bytes(1, node("Div", &["a", "b"], "c")),
		bytes(1, node("Add", &["x", "c"], "y")),
		constant("a", i64::MIN),
		constant("b", -1),
		bytes(11, value("x", 7, &[None])),
		bytes(12, value("y", 7, &[None])),
	])
}

/// Goes round as often as its input says, and answers with it.
pub fn endless() -> Vec<u8> {
	let body = [
		bytes(1, node("Identity", &["on"], "go_on")),
		bytes(1, node("Identity", &["v"], "w")),
		bytes(2, "body"),
		bytes(11, value("i", 7, &[])),
		bytes(11, value("on", 9, &[])),
		bytes(11, value("v", 7, &[None])),
		bytes(12, value("go_on", 9, &[])),
		bytes(12, value("w", 7, &[None])),
	];
	let repeat = attribute("body", 6, body.concat(), 5);
	model(&[
		bytes(1, [node("Loop", &["x", "", "x"], "y"), repeat].concat()),
		bytes(11, value("x", 7, &[Some(1)])),
		bytes(12, value("y", 7, &[None])),
	])
}

/// As many zero bytes as its input says.
pub fn zeros() -> Vec<u8> {
	let zero = attribute("value", 5, tensor("", 3, &[1], &[0]), 4);
	model(&[
		bytes(1, [node("ConstantOfShape", &["x"], "y"), zero].concat()),
		bytes(11, value("x", 7, &[Some(1)])),
		bytes(12, value("y", 3, &[None])),
	])
}
