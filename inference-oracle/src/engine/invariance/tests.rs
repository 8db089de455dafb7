//! Real models in the real runtime.

use super::*;
use crate::{
	engine::{
		batch::{tests::batching, Batching},
		ort::{OrtEngine, SessionOptions},
		placement::Provider,
		samples, Signature,
	},
	testing::{magika, onnx, runtime},
};

fn engine(bytes: &[u8]) -> OrtEngine {
	let nowhere = tempfile::tempdir().unwrap().keep();
	let options = SessionOptions { placement: Provider::Cpu.into(), threads: 1, nowhere };
	OrtEngine::load(runtime(), bytes, &options).unwrap()
}

fn try_with(model: &[u8], batching: &Batching) -> Result<f64, EngineError> {
	let mut engine = engine(model);
	let plan = Plan::new(batching, engine.signature())?;
	let samples = samples::make(&mut engine, &plan).unwrap_or_default();
	check(&mut engine, &plan, &samples)
}

fn refused(model: &[u8], batching: &Batching) -> BatchError {
	match try_with(model, batching) {
		Err(EngineError::Batch(error)) => error,
		other => panic!("{other:?}"),
	}
}

const FLOAT: u64 = 1;

/// A node with several outputs.
fn node(op: &str, inputs: &[&str], outputs: &[&str]) -> Vec<u8> {
	let name = |field: u64| move |name: &&str| onnx::bytes(field, name);
	let inputs: Vec<u8> = inputs.iter().flat_map(name(1)).collect();
	let outputs: Vec<u8> = outputs.iter().flat_map(name(2)).collect();
	onnx::bytes(1, [inputs, outputs, onnx::bytes(4, op)].concat())
}

fn model(nodes: &[Vec<u8>], width: Option<u64>) -> Vec<u8> {
	let shape: Vec<_> = [None].into_iter().chain(width.map(Some)).collect();
	let ports = [
		onnx::bytes(11, onnx::value("x", FLOAT, &shape)),
		onnx::bytes(12, onnx::value("y", FLOAT, &shape)),
	];
	onnx::model(&nodes.iter().cloned().chain(ports).collect::<Vec<_>>())
}

/// As models are made that quantise while they run: one scale for all rows.
pub(in crate::engine) fn quantised() -> Vec<u8> {
	model(
		&[
			node("DynamicQuantizeLinear", &["x"], &["q", "scale", "zero"]),
			node("DequantizeLinear", &["q", "scale", "zero"], &["y"]),
		],
		Some(16),
	)
}

/// Each row divided by how many rows there are.
fn by_rows() -> Vec<u8> {
	let to_float = [onnx::bytes(1, "to"), onnx::number(3, FLOAT), onnx::number(20, 2)].concat();
	let cast = [
		onnx::bytes(1, "size"),
		onnx::bytes(2, "count"),
		onnx::bytes(4, "Cast"),
		onnx::bytes(5, to_float),
	];
	model(
		&[
			node("Size", &["x"], &["size"]),
			onnx::bytes(1, cast.concat()),
			node("Div", &["x", "count"], &["y"]),
		],
		None,
	)
}

#[test]
fn the_classifier_answers_alike_whoever_shares_the_run() {
	let classifier = std::fs::read(magika()).unwrap();
	for rows in [2, 8, 32] {
		let by = try_with(&classifier, &batching(rows)).unwrap();
		println!("in {rows} rows it differs by {by:e}");
		assert!(by < 1e-5, "{by:e}");
	}
}

#[test]
fn rows_that_do_not_meet_are_bit_by_bit_the_same() {
	let exact = Batching { tolerance: 0.0, ..batching(16) };
	for element in [1, 11, 3, 5, 6, 7, 2, 4, 12, 13, 9] {
		assert_eq!(try_with(&onnx::identity(element), &exact).unwrap(), 0.0, "{element}");
	}
	// Numbers that must be small to be inputs are found.
	assert_eq!(try_with(&onnx::gather(), &exact).unwrap(), 0.0);
}

#[test]
fn a_model_that_quantises_while_it_runs_is_refused() {
	let error = refused(&quantised(), &batching(8));
	assert!(matches!(&error, BatchError::Companions { output, .. } if output == "y"), "{error}");
	assert!(error.to_string().contains("remove [models.batch]"));
	// However much is tolerated: it is not rounding.
	let lax = Batching { tolerance: 1e9, ..batching(2) };
	assert!(matches!(refused(&quantised(), &lax), BatchError::Companions { .. }));
}

#[test]
fn an_answer_that_depends_on_how_many_there_are_must_be_tolerated() {
	let error = refused(&by_rows(), &batching(8));
	assert!(matches!(error, BatchError::Rounding { rows: 2, .. }), "{error}");
	let lax = Batching { tolerance: 1.0, ..batching(8) };
	let by = try_with(&by_rows(), &lax).unwrap();
	assert!((0.1..1.0).contains(&by), "{by}");
}

/// Answers with the first row only.
struct First(Signature);

impl Engine for First {
	fn signature(&self) -> &Signature {
		&self.0
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let first = inputs[0].to_elements::<f32>().unwrap()[0];
		Ok(vec![Tensor::from_elements("y", vec![1], &[first]).unwrap()])
	}
}

#[test]
fn an_output_that_is_not_by_rows_is_refused() {
	let mut engine = First(engine(&onnx::identity(FLOAT)).signature().clone());
	let plan = Plan::new(&batching(4), engine.signature()).unwrap();
	let samples = samples::make(&mut engine, &plan).unwrap();
	let tried = check(&mut engine, &plan, &samples);
	let refused = |error: &EngineError| {
		matches!(error, EngineError::Batch(BatchError::Outputs { rows: 2, .. }))
	};
	assert!(tried.as_ref().is_err_and(refused), "{tried:?}");
}

#[test]
fn what_cannot_be_tried_is_refused() {
	// Whatever goes in, the same comes out: that shows nothing.
	let constant = model(&[node("Sub", &["x", "x"], &["y"])], None);
	assert!(matches!(refused(&constant, &batching(4)), BatchError::NoSamples(_)));
	let mut engine = engine(&onnx::identity(FLOAT));
	let plan = Plan::new(&batching(4), engine.signature()).unwrap();
	let samples = samples::make(&mut engine, &plan).unwrap();
	for too_few in 0..3 {
		let tried = check(&mut engine, &plan, &samples[..too_few]);
		assert!(matches!(tried, Err(EngineError::Batch(BatchError::NoSamples(_)))), "{too_few}");
	}
	check(&mut engine, &plan, &samples[..3]).unwrap();
	let same = vec![samples[0].clone(); 5];
	let tried = check(&mut engine, &plan, &same);
	assert!(matches!(tried, Err(EngineError::Batch(BatchError::NoSamples(_)))));
}

#[test]
fn differences_are_in_proportion_and_never_hidden() {
	let floats =
		|values: &[f32]| Tensor::from_elements("y", vec![values.len() as u64], values).unwrap();
	let by = |a: &[f32], b: &[f32]| difference(&floats(a), &floats(b));
	assert_eq!(by(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
	assert!((by(&[0.5], &[0.25]) - 0.25).abs() < 1e-9);
	assert!((by(&[1e6], &[1e6 + 1.0]) - 1e-6).abs() < 1e-7);
	assert_eq!(by(&[f32::NAN, 1.0], &[f32::NAN, 1.0]), 0.0);
	assert_eq!(by(&[f32::NAN], &[1.0]), f64::INFINITY);
	assert_eq!(by(&[1.0], &[f32::NAN]), f64::INFINITY);
	assert_eq!(by(&[f32::INFINITY], &[f32::INFINITY]), 0.0);
	assert_eq!(by(&[f32::INFINITY], &[1.0]), f64::INFINITY);
	assert_eq!(by(&[0.0], &[-0.0]), 0.0);
	assert_eq!(by(&[1.0], &[1.0, 1.0]), f64::INFINITY);
	let whole = |value: i32| Tensor::from_elements("y", vec![1], &[value]).unwrap();
	assert_eq!(difference(&whole(1), &whole(1)), 0.0);
	assert_eq!(difference(&whole(1), &whole(2)), f64::INFINITY);
}
