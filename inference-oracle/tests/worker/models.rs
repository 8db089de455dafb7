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

/// `y = x + c`, where `c` is made by these nodes of these 64-bit constants alone: whoever optimises the model
/// makes it when it is loaded.
fn folded(nodes: &[Vec<u8>], constants: &[(&str, &[u64], i64)]) -> Vec<u8> {
	let nodes = nodes.iter().map(|it| bytes(1, it));
	let constants = constants
		.iter()
		.map(|(name, dims, value)| bytes(5, tensor(name, 7, dims, &value.to_le_bytes())));
	let rest = [
		bytes(1, node("Add", &["x", "c"], "y")),
		bytes(11, value("x", 7, &[Some(1)])),
		bytes(12, value("y", 7, &[None])),
	];
	model(&nodes.chain(constants).chain(rest).collect::<Vec<_>>())
}

/// `y` is `x + 1`, so many times, by `Expand`.
pub fn expanded(count: u64) -> Vec<u8> {
	let constants: [(_, &[u64], _); 2] = [("one", &[1], 1), ("shape", &[1], count as i64)];
	folded(&[node("Expand", &["one", "shape"], "c")], &constants)
}

/// The same by `Tile`.
pub fn tiled(count: u64) -> Vec<u8> {
	let constants: [(_, &[u64], _); 2] = [("one", &[1], 1), ("repeats", &[1], count as i64)];
	folded(&[node("Tile", &["one", "repeats"], "c")], &constants)
}

/// The same by `ConstantOfShape`.
pub fn shaped(count: u64) -> Vec<u8> {
	let one = attribute("value", 5, tensor("", 7, &[1], &1i64.to_le_bytes()), 4);
	let shaped = [node("ConstantOfShape", &["shape"], "c"), one].concat();
	folded(&[shaped], &[("shape", &[1], count as i64)])
}

/// `y` is `x`, `x + 1`, and so on, so many of them.
pub fn counted(count: u64) -> Vec<u8> {
	let constants: [(_, &[u64], _); 3] =
		[("zero", &[], 0), ("count", &[], count as i64), ("one", &[], 1)];
	folded(&[node("Range", &["zero", "count", "one"], "c")], &constants)
}

/// `y` is `x + 1`, one time doubled so often.
pub fn doubled(times: u64) -> Vec<u8> {
	let axis = bytes(5, [bytes(1, "axis"), number(3, 0), number(20, 2)].concat());
	let name = |time| if time == times { "c".into() } else { format!("c{time}") };
	let doubling = |time: u64| {
		let from = name(time);
		[node("Concat", &[&from, &from], &name(time + 1)), axis.clone()].concat()
	};
	let nodes: Vec<_> = (0..times).map(doubling).collect();
	folded(&nodes, &[("c0", &[1], 1)])
}

/// `y = x` by functions each of which calls the one before it twice: so many of them are as many nodes as two
/// to that power.
pub fn called(functions: u64) -> Vec<u8> {
	let standard = bytes(9, number(2, 17));
	let own = |field| bytes(field, [bytes(1, "own"), number(2, 1)].concat());
	let call = |level: u64, from: &str, to: &str| {
		[node(&format!("F{level}"), &[from], to), bytes(7, "own")].concat()
	};
	let function = |level: u64| {
		let nodes = match level {
			0 => bytes(7, node("Identity", &["x"], "y")),
			level => {
				let before = level - 1;
				[bytes(7, call(before, "x", "z")), bytes(7, call(before, "z", "y"))].concat()
			},
		};
		let named = [bytes(1, format!("F{level}")), bytes(4, "x"), bytes(5, "y")].concat();
		bytes(25, [named, nodes, standard.clone(), own(9), bytes(10, "own")].concat())
	};
	let main = model(&[
		bytes(1, call(functions, "x", "y")),
		bytes(11, value("x", 7, &[Some(1)])),
		bytes(12, value("y", 7, &[None])),
	]);
	let functions: Vec<u8> = (0..=functions).flat_map(function).collect();
	[main, own(8), functions].concat()
}

/// `y = x` by choices so deep in each other, each of whose branches are alike.
pub fn chosen(depth: u64) -> Vec<u8> {
	model(&[
		bytes(1, choice("y", depth)),
		bytes(5, tensor("yes", 9, &[], &[1])),
		bytes(11, value("x", 7, &[Some(1)])),
		bytes(12, value("y", 7, &[None])),
	])
}

/// The node whose output has that name.
fn choice(output: &str, depth: u64) -> Vec<u8> {
	if depth == 0 {
		return node("Identity", &["x"], output);
	}
	let branch = |name: &str, output: String| {
		let graph = [
			bytes(1, choice(&output, depth - 1)),
			bytes(2, name),
			bytes(12, value(&output, 7, &[None])),
		];
		attribute(name, 6, graph.concat(), 5)
	};
	let branches =
		[branch("then_branch", format!("{output}t")), branch("else_branch", format!("{output}e"))];
	[node("If", &["yes"], output), branches.concat()].concat()
}
