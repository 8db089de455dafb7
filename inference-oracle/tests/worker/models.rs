//! Models that mean harm, or do as much harm as they are asked for.

use super::onnx::{bytes, model, node, number, tensor, value};

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
