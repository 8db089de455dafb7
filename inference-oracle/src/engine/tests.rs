use super::{
	artifact::{Artifact, ArtifactError, Rules},
	driver,
	onnx::{self as check, OnnxError, MAX_DEPTH, MAX_NODES},
	operators::Operators,
	ort::{OrtEngine, SessionOptions},
	placement::{PassedOver, Placement, Provider, Providers},
	Engine, EngineError, InputError, Instance, Job, NoRoom, Pool, PoolOptions,
};
use crate::testing::{magika, onnx, runtime, skip::skipped};
use std::{
	sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};
use usufruct_client::{
	manifest,
	tensors::{DataType, Element, Tensor},
};

fn artifact(bytes: Vec<u8>) -> Artifact {
	let hash = manifest::of_bytes(&bytes).hash;
	Artifact::check(bytes, &hash, &Rules::default()).unwrap()
}

fn session(providers: impl Into<Providers>) -> SessionOptions {
	let nowhere = tempfile::tempdir().unwrap().keep();
	let placement = Placement { providers: providers.into(), ..Placement::default() };
	SessionOptions { placement, threads: 1, nowhere }
}

fn engine(bytes: Vec<u8>) -> Result<OrtEngine, EngineError> {
	OrtEngine::load(runtime(), &artifact(bytes).bytes()?, &session(Provider::Cpu))
}

fn run(engine: &mut OrtEngine, input: Tensor) -> Result<Tensor, EngineError> {
	Ok(engine.run(&[input])?.remove(0))
}

fn content(text: &[u8]) -> Tensor {
	let mut bytes = [256i32; 2_048];
	for (at, byte) in text.iter().take(1_024).enumerate() {
		bytes[at] = (*byte).into();
	}
	Tensor::from_elements("bytes", vec![1, 2_048], &bytes).unwrap()
}

#[test]
fn the_classifier_runs() {
	let mut engine = engine(std::fs::read(magika()).unwrap()).unwrap();
	let signature = engine.signature().clone();
	let [input] = &signature.inputs[..] else { panic!("{signature:?}") };
	assert_eq!((input.name.as_str(), input.datatype), ("bytes", DataType::Int32));
	assert_eq!(input.shape, [None, Some(2_048)]);
	signature.check_inputs(&[content(b"x")]).unwrap();

	let output = run(&mut engine, content(b"#!/bin/sh\necho hello\n")).unwrap();
	assert_eq!((output.name(), output.shape()), ("target_label", &[1, 214][..]));
	let scores = output.to_elements::<f32>().unwrap();
	assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-3);
	// The same input gives the same bytes.
	assert_eq!(run(&mut engine, content(b"#!/bin/sh\necho hello\n")).unwrap(), output);
	assert_ne!(run(&mut engine, content(b"%PDF-1.7\n")).unwrap(), output);
}

fn passes<T: Element + PartialEq + std::fmt::Debug>(element: u64, values: [T; 3]) {
	assert_eq!(u64::from(T::DATATYPE.code()), element);
	let mut engine = engine(onnx::identity(element)).unwrap();
	let input = Tensor::from_elements("x", vec![3], &values).unwrap();
	engine.signature().check_inputs(std::slice::from_ref(&input)).unwrap();
	let output = run(&mut engine, input).unwrap();
	assert_eq!((output.name(), output.shape()), ("y", &[3][..]));
	assert_eq!(output.to_elements::<T>().unwrap(), values);
}

#[test]
fn every_type_passes_through() {
	passes(1, [1.5f32, -0.0, f32::MAX]);
	passes(11, [1.5f64, -0.0, f64::MIN]);
	passes(3, [1i8, -1, i8::MIN]);
	passes(5, [1i16, -1, i16::MIN]);
	passes(6, [1i32, -1, i32::MIN]);
	passes(7, [1i64, -1, i64::MIN]);
	passes(2, [1u8, 0, u8::MAX]);
	passes(4, [1u16, 0, u16::MAX]);
	passes(12, [1u32, 0, u32::MAX]);
	passes(13, [1u64, 0, u64::MAX]);
	passes(9, [true, false, true]);
}

#[test]
fn a_model_of_text_is_refused_when_it_is_loaded() {
	let Err(EngineError::Unsupported { port, .. }) = engine(onnx::identity(8)) else {
		panic!("text was taken")
	};
	assert_eq!(port, "input 'x'");
}

#[test]
fn a_run_that_fails_is_an_error_and_the_next_one_works() {
	let mut engine = engine(onnx::gather()).unwrap();
	let index = |at: i64| Tensor::from_elements("x", vec![1], &[at]).unwrap();
	assert!(matches!(run(&mut engine, index(5)), Err(EngineError::Run(_))));
	assert_eq!(run(&mut engine, index(1)).unwrap().to_elements::<i32>().unwrap(), [20]);
}

#[test]
fn another_file_than_the_registered_one_is_refused() {
	let error = Artifact::read(&magika(), &[0; 32], &Rules::default()).err().unwrap();
	assert!(matches!(error, ArtifactError::WrongHash { expected: [0, ..], .. }), "{error}");
	// What is in a file is not looked at before it is known to be the registered one.
	let garbage = Artifact::check(b"not a model at all".to_vec(), &[0; 32], &Rules::default());
	assert!(matches!(garbage, Err(ArtifactError::WrongHash { .. })));
	let error = Artifact::read("/nonexistent".as_ref(), &[0; 32], &Rules::default()).err().unwrap();
	assert!(matches!(error, ArtifactError::Unreadable { .. }));
}

#[test]
fn garbage_is_refused_before_the_runtime_sees_it() {
	for (bytes, expected) in [
		(vec![], OnnxError::NoGraph),
		(b"not a model at all".to_vec(), OnnxError::Malformed(1)),
		(onnx::number(1, 8), OnnxError::NoGraph),
		// A length that is longer than the file.
		(vec![7 << 3 | 2, 0xff, 0xff, 0xff, 0xff, 0x0f], OnnxError::Malformed(6)),
		// A number that never ends.
		([vec![8], vec![0xff; 20]].concat(), OnnxError::Malformed(11)),
	] {
		assert_eq!(check::check(&bytes, &Operators::default()), Err(expected), "{bytes:?}");
	}
	let whole = onnx::gather();
	assert_eq!(check::check(&whole, &Operators::default()), Ok(()));
	for length in 0..whole.len() {
		let cut = check::check(&whole[..length], &Operators::default());
		assert!(cut.is_err(), "cut after {length} bytes");
	}
	// Well formed, and no model.
	let nonsense = onnx::model(&[onnx::bytes(1, onnx::node("Add", &[], "y"))]);
	assert!(matches!(engine(nonsense), Err(EngineError::Load(_))));
}

#[test]
fn a_file_that_is_of_the_runtimes_own_format_too_is_refused_and_would_be_loaded_as_onnx() {
	// A field of fixed width that no reader of ONNX knows puts the mark where it belongs; further ones could hold
	// the rest of a file of that format, with another model.
	let mark = b"\x08\x01\x09\0ORTM\0\0\0";
	let both = [&mark[..], &onnx::identity(1)].concat();
	assert_eq!(check::check(&both, &Operators::default()), Err(OnnxError::RuntimeFormat));
	// Elsewhere it marks nothing.
	let inner = [&onnx::identity(1)[..], &mark[2..]].concat();
	assert_eq!(check::check(&inner, &Operators::default()), Ok(()));

	let mut engine = OrtEngine::load(runtime(), &both, &session(Provider::Cpu)).unwrap();
	let input = Tensor::from_elements("x", vec![2], &[1.5f32, -2.0]).unwrap();
	let output = run(&mut engine, input).unwrap();
	assert_eq!(output.to_elements::<f32>().unwrap(), [1.5, -2.0]);
}

#[test]
fn a_tensor_in_another_file_is_refused_wherever_it_stands() {
	let plain = onnx::reading("keys/secret");
	assert!(plain.len() < 130, "{}", plain.len());
	let hidden = onnx::external("hidden", "keys/secret");
	let attribute = |field, inner: &[u8]| {
		let node = [onnx::node("Constant", &[], "w"), onnx::bytes(5, onnx::bytes(field, inner))];
		onnx::bytes(1, node.concat())
	};
	let sparse = onnx::bytes(1, &hidden);
	let graph = onnx::bytes(5, &hidden);
	let function = onnx::bytes(7, onnx::bytes(5, onnx::bytes(5, &hidden)));
	let with_function = [onnx::identity(1), onnx::bytes(25, function)].concat();
	// Without the location's enum, the entries alone are a reference too.
	let entries = onnx::bytes(5, [onnx::bytes(8, "hidden"), onnx::bytes(13, "")].concat());
	for (name, bytes) in [
		("w", plain),
		("hidden", onnx::model(&[attribute(5, &hidden)])),
		("hidden", onnx::model(&[attribute(10, &hidden)])),
		("hidden", onnx::model(&[attribute(6, &graph)])),
		("hidden", onnx::model(&[attribute(11, &graph)])),
		("hidden", onnx::model(&[attribute(22, &sparse)])),
		("hidden", onnx::model(&[attribute(23, &sparse)])),
		("hidden", onnx::model(&[onnx::bytes(15, &sparse)])),
		("hidden", onnx::model(&[entries])),
		("hidden", with_function),
	] {
		assert_eq!(
			check::check(&bytes, &Operators::default()),
			Err(OnnxError::ExternalData(name.into()))
		);
	}
	let many: Vec<u8> =
		std::iter::repeat_with(|| onnx::bytes(25, "")).take(501).collect::<Vec<_>>().concat();
	let many = [onnx::identity(1), many].concat();
	assert_eq!(check::check(&many, &Operators::default()), Err(OnnxError::TooManyFunctions(501)));
}

/// What is said of a model of these nodes, and of these functions, by who allows these operators besides.
fn judged(nodes: &[Vec<u8>], functions: &[Vec<u8>], allowed: &[&str]) -> Result<(), OnnxError> {
	let nodes: Vec<_> = nodes.iter().map(|node| onnx::bytes(1, node)).collect();
	let functions: Vec<u8> = functions.iter().flat_map(|it| onnx::bytes(25, it)).collect();
	let allowed: Vec<_> = allowed.iter().map(|it| it.to_string()).collect();
	let bytes = [onnx::model(&nodes), functions].concat();
	check::check(&bytes, &allowed.try_into().unwrap())
}

/// A node of that operator of that domain.
fn node_of(domain: &str, op: &str) -> Vec<u8> {
	[onnx::node(op, &[], "y"), onnx::bytes(7, domain)].concat()
}

/// A node with these nodes in a branch.
fn branching(inner: &[Vec<u8>]) -> Vec<u8> {
	let graph: Vec<u8> = inner.iter().flat_map(|node| onnx::bytes(1, node)).collect();
	[onnx::node("If", &["x"], "y"), onnx::bytes(5, onnx::bytes(6, graph))].concat()
}

/// A function of that domain and name, of that node.
fn function(domain: &str, name: &str, node: &[u8]) -> Vec<u8> {
	[onnx::bytes(1, name), onnx::bytes(10, domain), onnx::bytes(7, node)].concat()
}

#[test]
fn an_operator_that_is_not_allowed_is_refused_wherever_it_stands() {
	let refused = |name: &str| Err(OnnxError::Operator(name.into()));
	let unknown = || onnx::node("NoSuchOperator", &[], "y");
	let known = || onnx::node("Add", &["x", "x"], "y");
	assert_eq!(judged(&[known(), node_of("ai.onnx", "Sub")], &[], &[]), Ok(()));
	assert_eq!(judged(&[known(), unknown()], &[], &[]), refused("NoSuchOperator"));
	assert_eq!(judged(&[branching(&[known(), unknown()])], &[], &[]), refused("NoSuchOperator"));
	let deeper = branching(&[known(), branching(&[unknown()])]);
	assert_eq!(judged(&[deeper], &[], &[]), refused("NoSuchOperator"));
	assert_eq!(judged(&[onnx::node("RandomNormal", &[], "y")], &[], &[]), refused("RandomNormal"));
	assert_eq!(judged(&[onnx::node("RandomNormal", &[], "y")], &[], &["RandomNormal"]), Ok(()));
	let contrib = || node_of("com.microsoft", "Gelu");
	assert_eq!(judged(&[contrib()], &[], &[]), refused("com.microsoft.Gelu"));
	assert_eq!(judged(&[contrib()], &[], &["com.microsoft.Relu"]), refused("com.microsoft.Gelu"));
	assert_eq!(judged(&[contrib()], &[], &["com.microsoft.*"]), Ok(()));
	// Of a field that is there twice the last counts, also for the runtime.
	let twice = [node_of("", "Add"), onnx::bytes(4, "NoSuchOperator")].concat();
	assert_eq!(judged(&[twice], &[], &[]), refused("NoSuchOperator"));
	// The runtime reads a tag of 36 bits as its lower 32: as the name that counts.
	let hidden = [node_of("", "Identity"), onnx::bytes(0x2000_0004, "RandomNormal")].concat();
	assert!(matches!(judged(&[hidden], &[], &[]), Err(OnnxError::Malformed(_))));
	// A model may bring functions of its own, which are made of what is allowed.
	let call = || node_of("mine", "Twice");
	assert_eq!(judged(&[call()], &[], &[]), refused("mine.Twice"));
	assert_eq!(judged(&[call()], &[function("mine", "Twice", &known())], &[]), Ok(()));
	let other = function("mine", "Thrice", &known());
	assert_eq!(judged(&[call()], &[other], &[]), refused("mine.Twice"));
	// None hides behind a function of its name.
	let decoy = [function("", "RandomNormal", &known())];
	assert_eq!(
		judged(&[onnx::node("RandomNormal", &[], "y")], &decoy, &[]),
		refused("RandomNormal")
	);
	let decoy = [function("com.microsoft", "Gelu", &known())];
	assert_eq!(judged(&[contrib()], &decoy, &[]), refused("com.microsoft.Gelu"));
	let inner = function("mine", "Twice", &unknown());
	assert_eq!(judged(&[call()], &[inner], &[]), refused("NoSuchOperator"));
}

#[test]
fn a_tag_that_readers_may_take_for_another_is_refused() {
	let name = b"\x0cRandomNormal";
	// Of the name of a node: as it is written, and as no writer does.
	for (tag, reads) in [
		(&[0x22][..], true),
		(&[0xa2, 0x80, 0x80, 0x80, 0x10], false),
		(&[0xa2, 0x80, 0x80, 0x80, 0x80, 0x10], false),
		(&[0xa2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], false),
		(&[0xa2, 0x00], false),
		(&[0xa2, 0x80, 0x80, 0x80, 0x00], false),
		(&[0xa2, 0x80, 0x80, 0x80, 0x80, 0x00], false),
		// The last field that there is, which means nothing, and the one after it.
		(&[0xfa, 0xff, 0xff, 0xff, 0x0f], true),
		(&[0x82, 0x80, 0x80, 0x80, 0x10], false),
		// Field 0, and the end of a message for some readers.
		(&[0x02], false),
		(&[0x00], false),
	] {
		let node = [&onnx::node("Add", &["x", "x"], "y")[..], tag, &name[..]].concat();
		let said = judged(&[node], &[], &["RandomNormal"]);
		let expected = match reads {
			true => said.is_ok(),
			false => matches!(said, Err(OnnxError::Malformed(_))),
		};
		assert!(expected, "{tag:02x?}: {said:?}");
	}
	// As everywhere else: a tensor elsewhere, an opset, a graph within a node, a function.
	let high = |field: u64| field | 0x2000_0000;
	let external = [onnx::bytes(8, "w"), onnx::number(high(14), 1)].concat();
	let entries = [onnx::bytes(8, "w"), onnx::bytes(high(13), "")].concat();
	let opset = onnx::bytes(8, [onnx::bytes(1, ""), onnx::number(high(2), 3)].concat());
	let graph = onnx::bytes(5, onnx::bytes(high(6), ""));
	for bytes in [
		onnx::model(&[onnx::bytes(5, external)]),
		onnx::model(&[onnx::bytes(5, entries)]),
		onnx::model(&[onnx::bytes(1, [onnx::node("If", &["x"], "y"), graph].concat())]),
		[onnx::identity(1), opset].concat(),
		[onnx::identity(1), onnx::bytes(high(25), "")].concat(),
	] {
		let said = check::check(&bytes, &Operators::default());
		assert!(matches!(said, Err(OnnxError::Malformed(_))), "{said:?}");
	}
}

#[test]
fn a_dropout_that_may_draw_random_numbers_is_refused_wherever_it_stands() {
	let dropout = |inputs: &[&str]| onnx::node("Dropout", inputs, "y");
	for inert in [&["x"][..], &["x", "ratio"], &["x", "ratio", ""]] {
		assert_eq!(judged(&[dropout(inert)], &[], &[]), Ok(()), "{inert:?}");
	}
	let trains = || dropout(&["x", "", "training_mode"]);
	let named = [trains(), onnx::bytes(7, "ai.onnx")].concat();
	// The inputs need not stand before the operator.
	let later = [onnx::node("Dropout", &["x"], "y"), onnx::bytes(1, ""), onnx::bytes(1, "t")];
	let call = node_of("mine", "Twice");
	let inner = function("mine", "Twice", &trains());
	for (nodes, functions) in [
		(vec![trains()], vec![]),
		(vec![named], vec![]),
		(vec![later.concat()], vec![]),
		(vec![branching(&[trains()])], vec![]),
		(vec![call], vec![inner]),
	] {
		assert_eq!(judged(&nodes, &functions, &[]), Err(OnnxError::Training));
	}
	// Of another domain it is another operator, and is judged as that.
	let other = [trains(), onnx::bytes(7, "mine")].concat();
	assert_eq!(judged(&[other], &[], &["mine.*"]), Ok(()));
	let many = onnx::node("Concat", &["x", "x", "x"], "y");
	assert_eq!(judged(&[many], &[], &[]), Ok(()));
}

#[test]
fn a_false_in_the_file_does_not_excuse_a_dropout_that_it_seems_to_tell() {
	// As the runtime inlines SequenceMap, the condition of a loop has this name: it is true, and nearer to the
	// Dropout in the body than what the graph gives that name to.
	let name = "SequenceMap_loop_body_cond_in";
	let is_false = onnx::tensor(name, 9, &[], &[0]);
	let value = [onnx::bytes(1, "value"), onnx::bytes(5, &is_false), onnx::number(20, 4)].concat();
	let constant = [onnx::node("Constant", &[], name), onnx::bytes(5, value)].concat();
	let constant = onnx::bytes(1, constant);
	let dropout = onnx::bytes(1, onnx::node("Dropout", &["e", "ratio", name], "d"));
	let mapped = |body: &[Vec<u8>]| {
		let ports = [
			onnx::bytes(11, onnx::value("e", 1, &[Some(8)])),
			onnx::bytes(12, onnx::value("d", 1, &[Some(8)])),
		];
		let body = [body.concat(), ports.concat()].concat();
		let attribute =
			[onnx::bytes(1, "body"), onnx::bytes(6, body), onnx::number(20, 5)].concat();
		onnx::bytes(1, [onnx::node("SequenceMap", &["s"], "y"), onnx::bytes(5, attribute)].concat())
	};
	for graph in [
		vec![onnx::bytes(5, &is_false), mapped(std::slice::from_ref(&dropout))],
		vec![constant.clone(), mapped(std::slice::from_ref(&dropout))],
		vec![mapped(&[constant, dropout.clone()])],
		// Nor where nothing hides it: it is not for this check to tell.
		vec![onnx::bytes(5, &is_false), dropout],
	] {
		let said = check::check(&onnx::model(&graph), &Operators::default());
		assert_eq!(said, Err(OnnxError::Training));
	}
}

#[test]
fn a_model_for_other_operators_than_are_known_is_refused() {
	let with = |domain: &str, version: u64| {
		let opset = [onnx::bytes(1, domain), onnx::number(2, version)].concat();
		let bytes = [onnx::identity(1), onnx::bytes(8, opset)].concat();
		check::check(&bytes, &Operators::default())
	};
	for (domain, version) in [("", 7), ("ai.onnx", 28), ("ai.onnx.ml", 5), ("mine", 1 << 40)] {
		assert_eq!(with(domain, version), Ok(()), "{domain} {version}");
	}
	for (domain, version) in
		[("", 0), ("", 6), ("ai.onnx", 29), ("", u64::MAX), ("ai.onnx.ml", 6), ("ai.onnx.ml", 0)]
	{
		let refused = with(domain, version);
		assert!(matches!(refused, Err(OnnxError::Opset { .. })), "{domain} {version}: {refused:?}");
		assert!(refused.unwrap_err().to_string().contains("of 'ai.onnx"));
	}
}

#[test]
fn graphs_that_would_break_the_runtime_are_refused() {
	let many = |count: usize| judged(&vec![onnx::node("Add", &[], "y"); count], &[], &[]);
	assert_eq!(many(MAX_NODES), Ok(()));
	assert_eq!(many(MAX_NODES + 1), Err(OnnxError::TooManyNodes(MAX_NODES + 1)));
	let deep = |depth: usize| {
		let innermost = onnx::node("Add", &[], "y");
		(1..depth).fold(innermost, |inner, _| branching(&[inner]))
	};
	assert_eq!(judged(&[deep(MAX_DEPTH)], &[], &[]), Ok(()));
	assert_eq!(judged(&[deep(MAX_DEPTH + 1)], &[], &[]), Err(OnnxError::TooDeep));
	// However deep it is, it is not followed on the stack.
	assert_eq!(judged(&[deep(3_000)], &[], &[]), Err(OnnxError::TooDeep));
}

#[test]
fn a_file_that_is_too_long_is_not_read() {
	let file = tempfile::NamedTempFile::new().unwrap();
	let bytes = onnx::gather();
	std::fs::write(file.path(), &bytes).unwrap();
	let hash = manifest::of_bytes(&bytes).hash;
	let rules = |most: usize| Rules { most: most as u64, ..Rules::default() };
	assert!(Artifact::read(file.path(), &hash, &rules(bytes.len())).is_ok());
	let error = Artifact::read(file.path(), &hash, &rules(bytes.len() - 1)).err().unwrap();
	assert!(matches!(error, ArtifactError::TooLong { .. }), "{error}");
	// Sparse, so that it takes no room here: it would not fit into memory.
	file.as_file().set_len(1 << 40).unwrap();
	let error = Artifact::read(file.path(), &hash, &Rules::default()).err().unwrap();
	assert!(matches!(error, ArtifactError::TooLong { .. }), "{error}");
}

#[test]
fn the_runtime_would_not_find_another_file_either() {
	// The file lies where the process was started, which is where the runtime looks by default.
	let secret = tempfile::NamedTempFile::new_in(".").unwrap();
	std::fs::write(secret.path(), b"key!").unwrap();
	let location = secret.path().file_name().unwrap().to_str().unwrap().to_owned();
	let unchecked = onnx::reading(&location);
	let loaded = OrtEngine::load(runtime(), &unchecked, &session(Provider::Cpu));
	assert!(matches!(loaded, Err(EngineError::Load(_))));
}

/// Whether the library has providers for GPUs at all. What they do is tested in `tests/gpu.rs`.
fn knows_gpus() -> bool {
	use ::ort::ep::{ExecutionProvider, TensorRT, CUDA};
	runtime();
	CUDA::is_available().unwrap() || TensorRT::is_available().unwrap()
}

#[test]
fn nobody_falls_back_who_did_not_say_so() {
	use Provider::*;
	let artifact = artifact(onnx::identity(1));
	let load = |providers: &str| {
		let providers: Providers = providers.parse().unwrap();
		OrtEngine::load(runtime(), &artifact.bytes()?, &session(providers)).map(|it| it.placed)
	};
	if knows_gpus() {
		return skipped!("this library has providers for GPUs");
	}
	let names = |said: &PassedOver| said.0.iter().map(|(it, _)| *it).collect::<Vec<_>>();
	for (providers, tried) in [
		("cuda", &[Cuda][..]),
		("tensorrt", &[TensorRt]),
		("tensorrt,cuda", &[TensorRt, Cuda]),
		("cuda,tensorrt", &[Cuda, TensorRt]),
	] {
		let Err(EngineError::Provider(said)) = load(providers) else { panic!("{providers} ran") };
		assert_eq!(names(&said), tried);
		let text = EngineError::Provider(said).to_string();
		let why = match driver::check() {
			Err(lacks) => lacks.to_string(),
			Ok(()) => "is not enabled in this build".into(),
		};
		assert!(text.contains(&why), "{text}");
		assert!(text.contains("install what it needs, or name another one (provider)"), "{text}");
	}
	for (providers, before) in [("auto", &[Cuda][..]), ("tensorrt,cuda,cpu", &[TensorRt, Cuda])] {
		let placed = load(providers).unwrap();
		assert_eq!((placed.provider, names(&placed.passed_over)), (Cpu, before.to_vec()));
		assert!(placed.passed_over.to_string().contains("CUDA: "), "{placed:?}");
	}
	assert_eq!(load("cpu").unwrap().passed_over, PassedOver::default());
}

#[test]
fn what_no_provider_would_take_is_told_as_what_it_is() {
	let text = artifact(onnx::identity(8));
	let auto = session(Providers::default());
	let loaded = OrtEngine::load(runtime(), &text.bytes().unwrap(), &auto);
	assert!(matches!(loaded, Err(EngineError::Unsupported { .. })));
	let nonsense = onnx::model(&[onnx::bytes(1, onnx::node("Add", &[], "y"))]);
	let loaded = OrtEngine::load(runtime(), &artifact(nonsense).bytes().unwrap(), &auto);
	assert!(matches!(loaded, Err(EngineError::Load(_))));
}

#[test]
fn inputs_are_compared_with_what_the_model_takes() {
	let engine = engine(std::fs::read(magika()).unwrap()).unwrap();
	let signature = engine.signature();
	let check = |tensors: &[Tensor]| signature.check_inputs(tensors).unwrap_err();
	let bytes = |shape: Vec<u64>| {
		let count = shape.iter().product::<u64>() as usize;
		Tensor::from_elements("bytes", shape, &vec![0i32; count]).unwrap()
	};
	assert!(matches!(check(&[]), InputError::Missing(name, _) if name == "bytes"));
	for shape in [vec![2_048], vec![1, 2_047], vec![0, 2_048], vec![1, 1, 2_048]] {
		assert!(matches!(check(&[bytes(shape)]), InputError::Shape { .. }));
	}
	let floats = Tensor::from_elements("bytes", vec![1, 2_048], &[0f32; 2_048]).unwrap();
	assert_eq!(check(&[floats]).to_string(), "input 'bytes' is FP32; send it as INT32");
	let good = bytes(vec![1, 2_048]);
	assert!(matches!(check(&[good.clone(), good.clone()]), InputError::Twice(_)));
	let other = Tensor::from_elements("other", vec![1], &[0i32]).unwrap();
	assert!(matches!(check(&[good, other]), InputError::Unknown(name, _) if name == "other"));
	assert!(signature.check_outputs(["target_label"].into_iter()).is_ok());
	assert!(matches!(
		signature.check_outputs(["label"].into_iter()),
		Err(InputError::UnknownOutput(..))
	));
}

/// Answers with its input, after as long as the input says; panics on 13.
struct Slow(super::Signature);

impl Engine for Slow {
	fn signature(&self) -> &super::Signature {
		&self.0
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let ms = inputs[0].to_elements::<u64>().unwrap()[0];
		assert_ne!(ms, 13, "asked for");
		std::thread::sleep(Duration::from_millis(ms));
		Ok(inputs.to_vec())
	}
}

const KEY: [u8; 32] = [1; 32];

fn options(instances: usize, max_queue: usize) -> PoolOptions {
	PoolOptions { name: "test".into(), instances, max_queue, ..PoolOptions::default() }
}

fn job(ms: Vec<Tensor>) -> Job {
	Job::of(ms)
}

fn ms(ms: u64) -> Vec<Tensor> {
	vec![Tensor::from_elements("ms", vec![1], &[ms]).unwrap()]
}

#[tokio::test]
async fn room_is_bounded_and_comes_back() {
	let pool = Pool::start(options(2, 1), |_| Ok(Slow(Default::default()))).unwrap();
	let slots: Vec<_> = (0..3).map(|_| pool.reserve(&KEY).unwrap()).collect();
	assert!(pool.reserve(&KEY).is_err(), "two run and one waits");
	let runs = slots.into_iter().map(|slot| slot.run(job(ms(20))));
	for ran in futures::future::join_all(runs).await {
		assert_eq!(ran.outputs.unwrap(), ms(20));
		assert!(ran.took >= Duration::from_millis(20));
	}
	assert_eq!(pool.waiting(), 0);
	assert!(pool.reserve(&KEY).is_ok());
}

#[tokio::test]
async fn a_panic_fails_one_request_and_not_the_worker() {
	let pool = Pool::start(options(1, 1), |_| Ok(Slow(Default::default()))).unwrap();
	let ran = pool.reserve(&KEY).unwrap().run(job(ms(13))).await;
	assert!(matches!(ran.outputs, Err(EngineError::Run(_))));
	let ran = pool.reserve(&KEY).unwrap().run(job(ms(0))).await;
	assert_eq!(ran.outputs.unwrap(), ms(0));
}

#[tokio::test]
async fn a_pool_whose_engine_cannot_be_made_does_not_start() {
	let make = |_: &Arc<Instance>| Err::<Slow, _>(EngineError::Load("no".into()));
	assert!(matches!(Pool::start(options(1, 1), make), Err(EngineError::Load(_))));
}

/// Is down after every run, until it is let up again; tells when it is.
struct Fragile {
	signature: super::Signature,
	instance: Arc<Instance>,
	down: bool,
	/// Whether it may get up, once.
	may: Arc<AtomicBool>,
}

impl Engine for Fragile {
	fn signature(&self) -> &super::Signature {
		&self.signature
	}

	fn revive(&mut self) -> Result<(), Duration> {
		if self.down {
			if !self.may.swap(false, Ordering::SeqCst) {
				return Err(Duration::from_secs(3_600));
			}
			self.down = false;
			self.instance.restarted(0);
		}
		Ok(())
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		self.instance.down();
		self.down = true;
		Ok(inputs.to_vec())
	}
}

#[tokio::test]
async fn while_nothing_is_up_nobody_is_kept_waiting() {
	const LIMIT: Duration = Duration::from_secs(20);
	let may = Arc::new(AtomicBool::new(false));
	let told = Arc::clone(&may);
	let make = move |instance: &Arc<Instance>| {
		let (instance, may) = (Arc::clone(instance), Arc::clone(&told));
		Ok(Fragile { signature: Default::default(), instance, down: false, may })
	};
	let pool = Pool::start(options(1, 4), make).unwrap();
	let slots: Vec<_> = (0..3).map(|_| pool.reserve(&KEY).unwrap()).collect();
	let runs = slots.into_iter().map(|slot| slot.run(job(ms(0))));
	let ran = tokio::time::timeout(LIMIT, futures::future::join_all(runs));
	let ran = ran.await.expect("they are kept waiting");
	assert!(ran[0].outputs.is_ok());
	for ran in &ran[1..] {
		assert!(matches!(ran.outputs, Err(EngineError::Stopped)));
	}
	assert_eq!(pool.waiting(), 0);
	assert!(matches!(pool.reserve(&KEY), Err(NoRoom::Down)), "new ones are not taken");
	may.store(true, Ordering::SeqCst);
	let begun = Instant::now();
	let slot = loop {
		assert!(begun.elapsed() < LIMIT, "it is up again");
		match pool.reserve(&KEY) {
			Ok(slot) => break slot,
			Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
		}
	};
	assert!(slot.run(job(ms(0))).await.outputs.is_ok());
	assert_eq!(pool.instances()[0].restarts(), 1);
}
