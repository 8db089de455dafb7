//! What needs an NVIDIA GPU: real workers on a real card. Where there is none, or ONNX Runtime cannot use
//! it, each test says by its name that it is skipped, and why.
//!
//! It is its own harness, because the usual one shows nothing of a test that leaves early.

#[allow(dead_code)]
#[path = "worker/models.rs"]
mod models;
#[allow(dead_code)]
#[path = "../src/testing/onnx.rs"]
mod onnx;
#[allow(dead_code)]
#[path = "worker/rig.rs"]
mod rig;

use rig::{content, library, magika, numbers, x, Rig};
use std::{panic::catch_unwind, process::ExitCode};
use usufruct_client::tensors::{DataType, Tensor};
use usufruct_oracle::engine::{
	gpu::Gpus,
	placement::{Placement, Provider, Shapes, TensorRt},
	worker::WorkerEngine,
	Engine, EngineError,
};

/// How a test ended that did not fail: an error is why it was skipped.
type Outcome = Result<(), String>;

macro_rules! named {
	($($test:ident,)*) => { [$((stringify!($test), $test as fn() -> Outcome)),*] };
}

fn main() -> ExitCode {
	let tests = named![
		cuda_answers_as_the_processor_does_and_each_time_the_same,
		what_goes_to_the_gpu_and_back_is_of_any_shape,
		an_input_that_fails_on_the_gpu_fails_alone,
		a_worker_on_a_gpu_is_locked_in,
		each_gpu_is_used_by_its_number,
		the_profile_says_which_kind_of_gpu_it_is,
		memory_of_the_gpu_is_limited,
		a_model_that_runs_in_part_on_the_processor_is_refused_where_it_must_not,
		tensorrt_answers_as_the_processor_does_and_each_start_the_same,
		tensorrt_serves_no_shape_that_is_not_named,
	];
	let wanted = wanted();
	let (mut failed, mut skipped) = (0, 0);
	for (name, test) in tests.iter().filter(|(name, _)| wanted(name)) {
		let outcome = match catch_unwind(test) {
			Ok(Ok(())) => "ok".into(),
			Ok(Err(why)) => {
				skipped += 1;
				format!("skipped: {why}")
			},
			Err(_) => {
				failed += 1;
				"FAILED".into()
			},
		};
		println!("test {name} ... {outcome}");
	}
	println!("\n{failed} failed, {skipped} skipped of {} that need a GPU", tests.len());
	if failed == 0 {
		ExitCode::SUCCESS
	} else {
		ExitCode::FAILURE
	}
}

/// Which tests the command line asks for, as far as the usual harness would take it: parts of names, and
/// such as are skipped.
fn wanted() -> impl Fn(&str) -> bool {
	let (mut parts, mut skipped) = (Vec::new(), Vec::new());
	let mut arguments = std::env::args().skip(1);
	while let Some(argument) = arguments.next() {
		match argument.as_str() {
			"--skip" => skipped.extend(arguments.next()),
			"--test-threads" | "--color" | "--format" => drop(arguments.next()),
			option if option.starts_with('-') => {},
			_ => parts.push(argument),
		}
	}
	move |name| {
		let any = |of: &[String]| of.iter().any(|part| name.contains(part.as_str()));
		(parts.is_empty() || any(&parts)) && !any(&skipped)
	}
}

/// A rig on that provider, if it can be used here.
fn rig(model: Vec<u8>, provider: Provider) -> Result<Rig, String> {
	if Gpus::here().cards.is_empty() {
		return Err("there is no NVIDIA GPU".into());
	}
	let name = provider.name().to_lowercase();
	let file = library().with_file_name(format!("libonnxruntime_providers_{name}.so"));
	if !file.exists() {
		return Err(format!(
			"this ONNX Runtime has no {provider}: {} is not there",
			file.display()
		));
	}
	let mut rig = Rig::new(model);
	rig.options.placement = provider.into();
	// The driver's part of a process is large.
	rig.options.memory = 16 << 30;
	Ok(rig)
}

fn cuda(model: Vec<u8>) -> Result<Rig, String> {
	rig(model, Provider::Cuda)
}

/// A rig of the classifier on TensorRT, if that is installed.
fn tensorrt() -> Result<(Rig, WorkerEngine), String> {
	let mut rig = rig(magika(), Provider::TensorRt)?;
	let rows = |rows| vec![rows, 2_048];
	let shapes = Shapes { min: rows(1), opt: rows(1), max: rows(4) };
	let tensorrt = TensorRt { shapes: [("bytes".into(), shapes)].into(), ..TensorRt::default() };
	rig.options.placement = Placement { tensorrt, ..Provider::TensorRt.into() };
	match rig.start() {
		Ok(engine) => Ok((rig, engine)),
		Err(EngineError::Provider(why)) if why.to_string().contains("libnv") => {
			Err(format!("TensorRT is not installed ({why})"))
		},
		Err(error) => panic!("{error}"),
	}
}

fn processor(inputs: &[Tensor]) -> Vec<Tensor> {
	Rig::new(magika()).start().unwrap().run(inputs).unwrap()
}

/// Fails if the scores are further apart than single precision explains.
fn close(found: &[Tensor], expected: &[Tensor]) {
	assert_eq!(found.len(), expected.len());
	for (found, expected) in found.iter().zip(expected) {
		assert_eq!((found.name(), found.shape()), (expected.name(), expected.shape()));
		let scores = |tensor: &Tensor| tensor.to_elements::<f32>().unwrap();
		for (a, b) in scores(found).into_iter().zip(scores(expected)) {
			assert!((a - b).abs() < 1e-4, "{a} is not {b}");
		}
	}
}

fn cuda_answers_as_the_processor_does_and_each_time_the_same() -> Outcome {
	let rig = cuda(magika())?;
	let (mut first, mut second) = (rig.start().unwrap(), rig.start().unwrap());
	assert_eq!(first.placed.provider, Provider::Cuda);
	for seed in 0..20 {
		let answer = first.run(&content(seed)).unwrap();
		close(&answer, &processor(&content(seed)));
		assert_eq!(first.run(&content(seed)).unwrap(), answer);
		assert_eq!(second.run(&content(seed)).unwrap(), answer);
	}
	Ok(())
}

fn what_goes_to_the_gpu_and_back_is_of_any_shape() -> Outcome {
	let rig = cuda(onnx::identity(7))?;
	let mut engine = rig.start().unwrap();
	for count in [3, 1, 0, 100_000, 7, 100_000, 1] {
		let values: Vec<i64> = (0..count).map(|at| at * count - 1).collect();
		assert_eq!(engine.run(&[numbers("x", &values)]).unwrap(), [numbers("y", &values)]);
	}
	Ok(())
}

fn an_input_that_fails_on_the_gpu_fails_alone() -> Outcome {
	let rig = cuda(onnx::identity(7))?;
	let mut engine = rig.start().unwrap();
	assert!(matches!(engine.run(&[]), Err(EngineError::Run(_))));
	assert!(matches!(engine.run(&[numbers("z", &[1])]), Err(EngineError::Run(_))));
	assert_eq!(engine.run(&x(5)).unwrap(), [numbers("y", &[5])]);
	assert_eq!(rig.instance.restarts(), 0);
	Ok(())
}

fn a_worker_on_a_gpu_is_locked_in() -> Outcome {
	let without = Rig::new(onnx::identity(7)).start().unwrap();
	let rig = cuda(onnx::identity(7))?;
	let mut engine = rig.start().unwrap();
	assert_eq!(engine.confinement, without.confinement, "as far as the kernel can, and no less");
	assert_eq!(engine.run(&x(5)).unwrap(), [numbers("y", &[5])]);
	Ok(())
}

fn each_gpu_is_used_by_its_number() -> Outcome {
	let mut rig = cuda(onnx::identity(7))?;
	let cards = Gpus::here().cards;
	for card in &cards {
		rig.options.device = Some(card.number);
		let mut engine = rig.start().unwrap();
		assert_eq!(engine.device(), format!("CUDA:{}", card.number));
		assert_eq!(engine.run(&x(5)).unwrap(), [numbers("y", &[5])]);
	}
	rig.options.device = Some(cards.len() as u32);
	match rig.start().err().unwrap() {
		EngineError::Device(error) => assert!(error.there.contains(&cards[0].kind), "{error}"),
		error => panic!("{error}"),
	}
	Ok(())
}

fn the_profile_says_which_kind_of_gpu_it_is() -> Outcome {
	let rig = cuda(onnx::identity(7))?;
	let profile = rig.start().unwrap().profile();
	let gpus = Gpus::here();
	assert!(profile.gpu.starts_with(&gpus.cards[0].kind), "{profile:?}");
	assert!(profile.gpu.contains(gpus.driver.as_deref().unwrap_or("not known")), "{profile:?}");
	assert!(profile.gpu.contains("libcublas"), "{profile:?}");
	assert_eq!((profile.provider.as_str(), profile.precision.as_str()), ("CUDA", "model"));
	Ok(())
}

fn memory_of_the_gpu_is_limited() -> Outcome {
	let mut rig = cuda(models::zeros())?;
	rig.options.max_output = u32::MAX;
	let mib = |mib: i64| x(mib << 20);
	assert_eq!(rig.start().unwrap().run(&mib(256)).unwrap()[0].data().len(), 256 << 20);
	rig.options.placement.gpu_memory = Some(64 << 20);
	let mut engine = rig.start().unwrap();
	let error = engine.run(&mib(256)).unwrap_err();
	assert!(matches!(error, EngineError::Run(_)), "{error}");
	assert_eq!(engine.run(&x(3)).unwrap()[0].data(), [0; 3]);
	Ok(())
}

/// `y = sinh(x)`, for which CUDA has no kernel.
fn sinh() -> Vec<u8> {
	let float = u64::from(DataType::Fp32.code());
	onnx::model(&[
		onnx::bytes(1, onnx::node("Sinh", &["x"], "y")),
		onnx::bytes(11, onnx::value("x", float, &[None])),
		onnx::bytes(12, onnx::value("y", float, &[None])),
	])
}

fn a_model_that_runs_in_part_on_the_processor_is_refused_where_it_must_not() -> Outcome {
	let mut rig = cuda(sinh())?;
	let zero = || [Tensor::from_elements("x", vec![1], &[0f32]).unwrap()];
	let answer = rig.start().unwrap().run(&zero()).unwrap();
	assert_eq!(answer[0].to_elements::<f32>().unwrap(), [0.0]);
	rig.options.placement.gpu_only = true;
	let error = rig.start().err().unwrap();
	assert!(matches!(&error, EngineError::Provider(_)), "{error}");
	assert!(error.to_string().contains("fallback to CPU"), "{error}");
	let mut rig = cuda(onnx::identity(7))?;
	rig.options.placement.gpu_only = true;
	assert_eq!(rig.start().unwrap().run(&x(5)).unwrap(), [numbers("y", &[5])]);
	Ok(())
}

fn tensorrt_answers_as_the_processor_does_and_each_start_the_same() -> Outcome {
	let (rig, mut first) = tensorrt()?;
	assert_eq!(first.placed.provider, Provider::TensorRt);
	assert_eq!(first.device(), "TensorRT:0");
	let profile = first.profile();
	assert!(profile.graph.contains("TensorRT level 0"), "{profile:?}");
	let mut second = rig.start().unwrap();
	for seed in 0..5 {
		let answer = first.run(&content(seed)).unwrap();
		close(&answer, &processor(&content(seed)));
		assert_eq!(second.run(&content(seed)).unwrap(), answer);
	}
	Ok(())
}

fn tensorrt_serves_no_shape_that_is_not_named() -> Outcome {
	let (mut rig, mut engine) = tensorrt()?;
	let rows = |rows: u64| {
		let bytes = vec![7i32; rows as usize * 2_048];
		[Tensor::from_elements("bytes", vec![rows, 2_048], &bytes).unwrap()]
	};
	assert_eq!(engine.run(&rows(4)).unwrap()[0].shape(), [4, 214]);
	assert!(matches!(engine.run(&rows(5)), Err(EngineError::Run(_))));
	assert_eq!(engine.run(&rows(1)).unwrap()[0].shape(), [1, 214]);
	rig.options.placement.tensorrt.shapes.clear();
	let error = rig.start().err().unwrap().to_string();
	assert!(error.contains("leaves the shape of 'bytes' open"), "{error}");
	Ok(())
}
