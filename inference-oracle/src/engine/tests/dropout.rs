//! By what a `Dropout` may be told whether it trains.

use super::*;

/// What is said of a model of a graph of these fields.
fn judged_graph(fields: &[Vec<u8>]) -> Result<(), OnnxError> {
	check::check(&onnx::model(fields), &Operators::default())
}

/// A `Dropout` that reads `training_mode` of that name, as a field of a graph.
fn told_by(name: &str) -> Vec<u8> {
	onnx::bytes(1, onnx::node("Dropout", &["x", "", name], "y"))
}

/// A scalar of type BOOL.
fn flag(name: &str, value: u8) -> Vec<u8> {
	onnx::tensor(name, 9, &[], &[value])
}

/// An attribute with that tensor.
fn attribute(name: &str, tensor: &[u8]) -> Vec<u8> {
	[onnx::bytes(1, name), onnx::bytes(5, tensor), onnx::number(20, 4)].concat()
}

/// A `Constant` with these attributes, as a field of a graph.
fn constant(output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
	let attributes: Vec<u8> = attributes.iter().flat_map(|it| onnx::bytes(5, it)).collect();
	onnx::bytes(1, [onnx::node("Constant", &[], output), attributes].concat())
}

fn initializer(tensor: &[u8]) -> Vec<u8> {
	onnx::bytes(5, tensor)
}

/// An `If` with these fields of a graph in a branch, as a field of a graph.
fn branching_field(fields: &[u8]) -> Vec<u8> {
	let branch = [onnx::bytes(1, "then_branch"), onnx::bytes(6, fields)].concat();
	onnx::bytes(1, [onnx::node("If", &["x"], "z"), onnx::bytes(5, branch)].concat())
}

#[test]
fn a_dropout_that_a_constant_tells_to_infer_is_served_and_changes_nothing() {
	let of_numbers =
		[onnx::number(2, 9), onnx::bytes(5, b"\0"), onnx::bytes(8, "t"), onnx::number(14, 0)]
			.concat();
	let of_value = |tensor: &[u8]| constant("t", &[attribute("value", tensor)]);
	let inner: Vec<u8> = [initializer(&flag("t", 0)), told_by("t")].concat();
	let branch = onnx::bytes(5, [onnx::bytes(1, "then_branch"), onnx::bytes(6, inner)].concat());
	for told in [
		vec![initializer(&flag("t", 0))],
		vec![initializer(&of_numbers)],
		vec![of_value(&flag("", 0))],
		vec![of_value(&flag("t", 0))],
		// Several may be told by the same one, also from within a branch.
		vec![initializer(&flag("t", 0)), told_by("t"), branching_field(&told_by("t"))],
		// What else there is is no matter.
		vec![initializer(&flag("t", 0)), initializer(&flag("u", 1)), constant("v", &[])],
	] {
		assert_eq!(judged_graph(&[&[told_by("t")][..], &told].concat()), Ok(()), "{told:?}");
	}
	let within = onnx::bytes(1, [onnx::node("If", &["x"], "z"), branch].concat());
	assert_eq!(judged_graph(&[within]), Ok(()));

	// The runtime takes it for the same.
	let ratio = initializer(&onnx::tensor("ratio", 1, &[], &0.5f32.to_le_bytes()));
	let ports = [
		onnx::bytes(11, onnx::value("x", 1, &[None])),
		onnx::bytes(12, onnx::value("y", 1, &[None])),
	];
	let dropout = onnx::bytes(1, onnx::node("Dropout", &["x", "ratio", "t"], "y"));
	for told in [initializer(&flag("t", 0)), initializer(&of_numbers), of_value(&flag("", 0))] {
		let graph = [&[told, dropout.clone(), ratio.clone()][..], &ports].concat();
		let mut engine = engine(onnx::model(&graph)).unwrap();
		let values = [1.5f32, -2.0, 3.25, 4.0, 5.0, 6.0, 7.0, 8.0];
		let input = Tensor::from_elements("x", vec![8], &values).unwrap();
		assert_eq!(run(&mut engine, input).unwrap().to_elements::<f32>().unwrap(), values);
	}
}

#[test]
fn a_dropout_that_anything_but_one_false_tells_is_refused() {
	let tensor = |fields: &[Vec<u8>]| [&fields.concat()[..], &onnx::bytes(8, "t")].concat();
	let (boolean, raw) = (|| onnx::number(2, 9), || onnx::bytes(9, b"\0"));
	let fixed = |tag: u8, bytes: &[u8]| [&[tag][..], bytes].concat();
	let no_false = [
		flag("t", 1),
		flag("t", 2),
		// Another name, and the last one counts.
		flag("T", 0),
		[flag("t", 0), onnx::bytes(8, "u")].concat(),
		// No scalar.
		onnx::tensor("t", 9, &[1], &[0]),
		onnx::tensor("t", 9, &[0], &[]),
		tensor(&[boolean(), raw(), onnx::bytes(1, "")]),
		// Of another type, as it is said last.
		onnx::tensor("t", 2, &[], &[0]),
		tensor(&[boolean(), onnx::number(2, 2), raw()]),
		tensor(&[raw()]),
		// No data, too much, or twice: one of both counts.
		onnx::tensor("t", 9, &[], &[]),
		onnx::tensor("t", 9, &[], &[0, 1]),
		tensor(&[boolean()]),
		tensor(&[boolean(), raw(), onnx::bytes(9, b"\x01")]),
		tensor(&[boolean(), onnx::bytes(5, b"\0"), onnx::bytes(5, b"\x01")]),
		tensor(&[boolean(), raw(), onnx::bytes(5, b"\x01")]),
		tensor(&[boolean(), raw(), onnx::number(5, 1)]),
		tensor(&[boolean(), raw(), onnx::bytes(7, b"\x01")]),
		// Written in a way that is none: another reader finds no data.
		tensor(&[boolean(), fixed(5 << 3 | 5, &[0; 4])]),
		tensor(&[boolean(), fixed(9 << 3 | 1, &[0; 8])]),
		// A part of a longer one.
		tensor(&[boolean(), raw(), onnx::bytes(3, "")]),
	];
	let value = |tensor: &[u8]| attribute("value", tensor);
	let graph = |told: Vec<Vec<u8>>| [&[told_by("t")][..], &told].concat();
	let refused: Result<(), _> = Err(OnnxError::Training);
	for tensor in &no_false {
		let graph = graph(vec![initializer(tensor)]);
		assert_eq!(judged_graph(&graph), refused, "{tensor:?}");
	}
	// A Constant's own name is its output's.
	for tensor in no_false.iter().filter(|it| **it != flag("T", 0) && !it.ends_with(b"u")) {
		let graph = graph(vec![constant("t", &[value(tensor)])]);
		assert_eq!(judged_graph(&graph), refused, "{tensor:?}");
	}

	let is_false = || flag("t", 0);
	let port = |field: u64, name: &str| onnx::bytes(field, onnx::value(name, 9, &[]));
	let twice = [value(&is_false()), onnx::bytes(5, flag("t", 1))].concat();
	let reference = [value(&is_false()), onnx::bytes(21, "t")].concat();
	let graphs = [value(&is_false()), onnx::bytes(6, "")].concat();
	let untyped = [onnx::bytes(1, "value"), onnx::bytes(5, is_false())].concat();
	let number = [onnx::bytes(1, "value_int"), onnx::number(3, 0), onnx::number(20, 2)].concat();
	let retyped = [value(&is_false()), onnx::number(20, 2)].concat();
	let renamed = [value(&is_false()), onnx::bytes(1, "value_int")].concat();
	let in_mine = |domain: &str| {
		let attribute = onnx::bytes(5, value(&is_false()));
		let node = [onnx::node("Constant", &[], "t"), onnx::bytes(7, domain), attribute];
		onnx::bytes(1, node.concat())
	};
	let not = onnx::bytes(1, onnx::node("Not", &["x"], "t"));
	let identity = onnx::bytes(1, onnx::node("Identity", &["f"], "t"));
	for told in [
		// Nothing tells it.
		vec![],
		vec![port(12, "t")],
		// Whoever asks does, or could.
		vec![port(11, "t")],
		vec![initializer(&is_false()), port(11, "t")],
		vec![port(11, "t"), initializer(&is_false())],
		// It is computed.
		vec![not.clone()],
		vec![initializer(&flag("f", 0)), identity],
		// The name stands for something else as well.
		vec![initializer(&is_false()), initializer(&is_false())],
		vec![initializer(&is_false()), initializer(&flag("t", 1))],
		vec![initializer(&flag("t", 1)), initializer(&is_false())],
		vec![initializer(&is_false()), not.clone()],
		vec![initializer(&is_false()), constant("t", &[value(&flag("", 1))])],
		vec![initializer(&is_false()), onnx::bytes(15, onnx::bytes(1, flag("t", 1)))],
		vec![onnx::bytes(15, onnx::bytes(1, is_false()))],
		// Also in another graph: whose it is readers may take differently.
		vec![initializer(&is_false()), branching_field(&port(11, "t"))],
		vec![initializer(&is_false()), branching_field(&initializer(&flag("t", 1)))],
		vec![initializer(&is_false()), branching_field(&[not, told_by("t")].concat())],
		// A Constant says more, or less, or something else.
		vec![constant("t", &[])],
		vec![constant("t", &[value(&is_false()), value(&flag("", 1))])],
		vec![constant("t", &[value(&is_false()), number.clone()])],
		vec![constant("t", &[attribute("value_string", &is_false())])],
		vec![constant("t", &[twice])],
		vec![constant("t", &[reference])],
		vec![constant("t", &[graphs])],
		vec![constant("t", &[untyped])],
		vec![constant("t", &[number])],
		vec![constant("t", &[retyped])],
		vec![constant("t", &[renamed])],
		// It is no Constant, whatever it has.
		vec![in_mine("ai.onnx.ml")],
		vec![onnx::bytes(
			1,
			[onnx::node("ConstantOfShape", &["x"], "t"), onnx::bytes(5, value(&is_false()))]
				.concat(),
		)],
	] {
		assert_eq!(judged_graph(&graph(told.clone())), refused, "{told:?}");
	}
	assert_eq!(judged_graph(&graph(vec![in_mine("ai.onnx")])), Ok(()));

	// One of two is enough, and whoever brings functions says what their names are.
	let other = [initializer(&is_false()), told_by("u"), port(11, "u")];
	assert_eq!(judged_graph(&graph(other.to_vec())), refused);
	let served = onnx::model(&graph(vec![initializer(&is_false())]));
	assert_eq!(check::check(&served, &Operators::default()), Ok(()));
	let harmless = function("mine", "Twice", &onnx::node("Add", &["x", "x"], "y"));
	let constant = function("", "Constant", &onnx::node("Not", &["x"], "y"));
	for function in [harmless, constant] {
		let bytes = [&served[..], &onnx::bytes(25, function)].concat();
		assert_eq!(check::check(&bytes, &Operators::default()), refused);
	}
	// A graph that is there twice is one, for readers.
	let more = onnx::bytes(7, port(11, "t"));
	assert_eq!(check::check(&[served, more].concat(), &Operators::default()), refused);
}
