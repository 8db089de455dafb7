//! Models in ONNX Runtime, in this process: what a worker runs.

use super::{
	driver,
	library::OnnxRuntime,
	placement::{PassedOver, Placed, Placement, Provider},
	Engine, EngineError, Port, Signature,
};
use ort::{
	ep::{self, ExecutionProviderDispatch},
	memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType},
	session::{
		builder::{GraphOptimizationLevel, SessionBuilder},
		Session, SessionInputValue, SessionOutputs,
	},
	value::{DynValue, Tensor as OrtTensor, TensorElementType, ValueType},
};
use std::path::{Path, PathBuf};
use usufruct_client::tensors::{DataType, Element, Tensor};

/// How a session is made.
#[derive(Clone, Debug)]
pub struct SessionOptions {
	/// Where it runs.
	pub placement: Placement,
	/// Threads within one run.
	pub threads: usize,
	/// An empty folder: the only one in which files named by a model would be looked for.
	pub nowhere: PathBuf,
}

/// One session.
pub struct OrtEngine {
	/// What inputs and outputs are in, if not in ordinary memory. It is the session's, and goes before it.
	memory: Option<Memory>,
	session: Session,
	signature: Signature,
	/// Where it runs.
	pub placed: Placed,
}

impl OrtEngine {
	/// Loads a model from its bytes, on the first provider that can be used.
	pub fn load(
		runtime: &OnnxRuntime,
		model: &[u8],
		options: &SessionOptions,
	) -> Result<Self, EngineError> {
		let mut passed_over = PassedOver::default();
		for &provider in options.placement.providers.all() {
			match Self::on(provider, runtime, model, options) {
				Ok((session, signature)) => {
					let memory = provider.on_gpu().then(|| Memory::pinned(&session)).flatten();
					let placed = Placed { provider, passed_over };
					return Ok(Self { session, signature, memory, placed });
				},
				Err(EngineError::Load(why)) if provider.on_gpu() => {
					passed_over.0.push((provider, driver::explained(why)));
				},
				// Another one would not take such a model either.
				Err(error) => return Err(error),
			}
		}
		Err(EngineError::Provider(passed_over))
	}

	fn on(
		provider: Provider,
		runtime: &OnnxRuntime,
		model: &[u8],
		options: &SessionOptions,
	) -> Result<(Session, Signature), EngineError> {
		if provider.on_gpu() {
			driver::check().map_err(|lacks| EngineError::Load(lacks.to_string()))?;
		}
		let session = builder(provider, runtime, options)
			.and_then(|mut builder| builder.commit_from_memory(model))
			.map_err(|error| EngineError::Load(error.to_string()))?;
		let signature = Signature {
			inputs: ports("input", session.inputs())?,
			outputs: ports("output", session.outputs())?,
		};
		if provider == Provider::TensorRt {
			options.placement.tensorrt.fits(&signature).map_err(EngineError::Load)?;
		}
		Ok((session, signature))
	}
}

/// What ONNX Runtime is to use for it, in the order in which it asks them to take parts of the model; what
/// none takes runs on the processor. A worker sees one card, which is the first.
pub fn dispatched(provider: Provider, placement: &Placement) -> Vec<ExecutionProviderDispatch> {
	match provider {
		Provider::Cpu => Vec::new(),
		Provider::Cuda => vec![cuda(placement)],
		Provider::TensorRt => vec![tensorrt(placement), cuda(placement)],
	}
}

/// The same input must give the same answer on every run and card of a kind: no reduced precision, and no
/// choice of convolution kernels by timing.
fn cuda(placement: &Placement) -> ExecutionProviderDispatch {
	let mut cuda = ep::CUDA::default()
		.with_device_id(0)
		.with_tf32(false)
		.with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
		.with_arena_extend_strategy(ep::ArenaExtendStrategy::SameAsRequested);
	if let Some(bytes) = placement.gpu_memory {
		cuda = cuda.with_memory_limit(usize::try_from(bytes).unwrap_or(usize::MAX));
	}
	cuda.build().error_on_failure()
}

/// Nothing is kept of an engine: there is no folder that it could be kept in.
fn tensorrt(placement: &Placement) -> ExecutionProviderDispatch {
	let settings = &placement.tensorrt;
	let mut tensorrt = ep::TensorRT::default()
		.with_device_id(0)
		.with_fp16(settings.fp16)
		.with_builder_optimization_level(settings.level)
		.with_engine_cache(false)
		.with_timing_cache(false);
	if !settings.shapes.is_empty() {
		tensorrt = tensorrt
			.with_profile_min_shapes(settings.of_all(|it| &it.min))
			.with_profile_opt_shapes(settings.of_all(|it| &it.opt))
			.with_profile_max_shapes(settings.of_all(|it| &it.max));
	}
	if let Some(bytes) = placement.gpu_memory {
		tensorrt = tensorrt.with_max_workspace_size(usize::try_from(bytes).unwrap_or(usize::MAX));
	}
	tensorrt.build().error_on_failure()
}

fn builder(
	provider: Provider,
	runtime: &OnnxRuntime,
	options: &SessionOptions,
) -> ort::Result<SessionBuilder> {
	let nowhere: &Path = &options.nowhere;
	let mut builder = Session::builder(&runtime.environment)?
		// `Level3` now means a level that older libraries refuse.
		.with_optimization_level(GraphOptimizationLevel::All)?
		.with_intra_threads(options.threads)?
		.with_intra_op_spinning(false)?
		// What was checked is what the file is as ONNX. Unless that is said, the runtime goes by the file's first
		// bytes, and may find a file of its own format in it, with another model.
		.with_config_entry("session.load_model_format", "ONNX")?
		// The artifact was checked to refer to no file; were there a reference that the check does not
		// know of, it would lead nowhere.
		.with_config_entry(
			"session.model_external_initializers_file_folder_path",
			nowhere.to_string_lossy(),
		)?;
	if provider.on_gpu() {
		builder = builder.with_execution_providers(dispatched(provider, &options.placement))?;
		if options.placement.gpu_only {
			builder = builder.with_disable_cpu_fallback()?;
		}
	}
	Ok(builder)
}

/// Memory of the processor that a GPU copies from and to by itself. It is allocated once and used again for
/// each run.
struct Memory {
	allocator: Allocator,
	info: MemoryInfo<'static>,
}

impl Memory {
	/// What the driver pins for the session; nothing if it does not.
	fn pinned(session: &Session) -> Option<Self> {
		Self::new(session, AllocationDevice::CUDA_PINNED)
			.inspect_err(|error| {
				tracing::warn!(%error, "no memory is pinned: what goes to the GPU and back is copied twice");
			})
			.ok()
	}

	fn new(session: &Session, device: AllocationDevice) -> ort::Result<Self> {
		let info = MemoryInfo::new(device, 0, AllocatorType::Device, MemoryType::CPUOutput)?;
		Ok(Self { allocator: Allocator::new(session, info.clone())?, info })
	}
}

fn ports(kind: &str, outlets: &[ort::value::Outlet]) -> Result<Vec<Port>, EngineError> {
	outlets
		.iter()
		.map(|outlet| {
			let unsupported = || EngineError::Unsupported {
				port: format!("{kind} '{}'", outlet.name()),
				kind: outlet.dtype().to_string(),
			};
			let ValueType::Tensor { ty, shape, .. } = outlet.dtype() else {
				return Err(unsupported());
			};
			Ok(Port {
				name: outlet.name().into(),
				datatype: datatype(*ty).ok_or_else(unsupported)?,
				shape: shape.iter().map(|dim| u64::try_from(*dim).ok()).collect(),
			})
		})
		.collect()
}

/// The types that can be sent as JSON and handed to the runtime; text is left out, because no meter
/// counts it.
fn datatype(element: TensorElementType) -> Option<DataType> {
	Some(match element {
		TensorElementType::Float32 => DataType::Fp32,
		TensorElementType::Float64 => DataType::Fp64,
		TensorElementType::Int8 => DataType::Int8,
		TensorElementType::Int16 => DataType::Int16,
		TensorElementType::Int32 => DataType::Int32,
		TensorElementType::Int64 => DataType::Int64,
		TensorElementType::Uint8 => DataType::Uint8,
		TensorElementType::Uint16 => DataType::Uint16,
		TensorElementType::Uint32 => DataType::Uint32,
		TensorElementType::Uint64 => DataType::Uint64,
		TensorElementType::Bool => DataType::Bool,
		_ => return None,
	})
}

/// Calls a generic function with the Rust type of a tensor type.
macro_rules! for_datatype {
	($datatype:expr, $function:ident($($argument:expr),*), $otherwise:expr) => {
		match $datatype {
			DataType::Fp32 => $function::<f32>($($argument),*),
			DataType::Fp64 => $function::<f64>($($argument),*),
			DataType::Int8 => $function::<i8>($($argument),*),
			DataType::Int16 => $function::<i16>($($argument),*),
			DataType::Int32 => $function::<i32>($($argument),*),
			DataType::Int64 => $function::<i64>($($argument),*),
			DataType::Uint8 => $function::<u8>($($argument),*),
			DataType::Uint16 => $function::<u16>($($argument),*),
			DataType::Uint32 => $function::<u32>($($argument),*),
			DataType::Uint64 => $function::<u64>($($argument),*),
			DataType::Bool => $function::<bool>($($argument),*),
			DataType::Bytes | DataType::Fp16 => $otherwise,
		}
	};
}

fn failed(error: impl ToString) -> EngineError {
	EngineError::Run(error.to_string())
}

fn unsupported<T>(tensor: &str) -> Result<T, EngineError> {
	Err(failed(format!("tensor '{tensor}' is of no served type")))
}

fn to_ort<T>(
	tensor: &Tensor,
	memory: Option<&Memory>,
) -> Result<SessionInputValue<'static>, EngineError>
where
	T: Element + ort::value::PrimitiveTensorElementType + std::fmt::Debug + 'static,
{
	let shape = tensor
		.shape()
		.iter()
		.map(|dim| i64::try_from(*dim))
		.collect::<Result<Vec<_>, _>>()
		.map_err(failed)?;
	let elements = tensor.to_elements::<T>().map_err(failed)?;
	let Some(memory) = memory else {
		return Ok(OrtTensor::from_array((shape, elements)).map_err(failed)?.into());
	};
	let mut value = OrtTensor::<T>::new(&memory.allocator, shape).map_err(failed)?;
	let (_, room) = value.try_extract_tensor_mut::<T>().map_err(failed)?;
	// As many as the shape says: the tensor was made of both.
	room.copy_from_slice(&elements);
	Ok(value.into())
}

fn from_ort<T>(name: &str, value: &DynValue) -> Result<Tensor, EngineError>
where
	T: Element + ort::value::PrimitiveTensorElementType,
{
	let (shape, elements) = value.try_extract_tensor::<T>().map_err(failed)?;
	let shape = shape
		.iter()
		.map(|dim| u64::try_from(*dim))
		.collect::<Result<Vec<_>, _>>()
		.map_err(failed)?;
	Tensor::from_elements(name, shape, elements).map_err(failed)
}

impl Engine for OrtEngine {
	fn signature(&self) -> &Signature {
		&self.signature
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let memory = self.memory.as_ref();
		let mut values = Vec::with_capacity(inputs.len());
		for tensor in inputs {
			let value = for_datatype!(
				tensor.datatype(),
				to_ort(tensor, memory),
				unsupported(tensor.name())
			)?;
			values.push((tensor.name().to_owned(), value));
		}
		let Some(memory) = memory else {
			let outputs = self.session.run(values).map_err(failed)?;
			return collect(&self.signature, &outputs);
		};
		// Bound anew for each run: what was bound for another one has another shape.
		let mut binding = self.session.create_binding().map_err(failed)?;
		for (name, value) in &values {
			binding.bind_input(name.as_str(), &**value).map_err(failed)?;
		}
		for port in &self.signature.outputs {
			binding.bind_output_to_device(port.name.as_str(), &memory.info).map_err(failed)?;
		}
		let outputs = self.session.run_binding(&binding).map_err(failed)?;
		// The GPU may still be writing.
		binding.synchronize_outputs().map_err(failed)?;
		collect(&self.signature, &outputs)
	}
}

/// The outputs in the order of the signature.
fn collect(signature: &Signature, outputs: &SessionOutputs) -> Result<Vec<Tensor>, EngineError> {
	let one = |port: &Port| {
		let value = outputs
			.get(&port.name)
			.ok_or_else(|| failed(format!("output '{}' is missing", port.name)))?;
		for_datatype!(port.datatype, from_ort(&port.name, value), unsupported(&port.name))
	};
	signature.outputs.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::{magika, onnx, runtime};

	/// As on a GPU, but that the memory is ordinary.
	fn bound(model: &[u8]) -> OrtEngine {
		let mut engine = plain(model);
		engine.memory = Some(Memory::new(&engine.session, AllocationDevice::CPU).unwrap());
		engine
	}

	fn plain(model: &[u8]) -> OrtEngine {
		let nowhere = tempfile::tempdir().unwrap();
		let placement = Provider::Cpu.into();
		let options = SessionOptions { placement, threads: 1, nowhere: nowhere.path().into() };
		OrtEngine::load(runtime(), model, &options).unwrap()
	}

	#[test]
	fn what_is_bound_is_answered_as_what_is_not() {
		let model = std::fs::read(magika()).unwrap();
		let (mut bound, mut plain) = (bound(&model), plain(&model));
		for (rows, byte) in [(1u64, 3i32), (5, 200), (2, 256), (5, 0)] {
			let bytes = vec![byte; rows as usize * 2_048];
			let input = [Tensor::from_elements("bytes", vec![rows, 2_048], &bytes).unwrap()];
			assert_eq!(bound.run(&input).unwrap(), plain.run(&input).unwrap());
		}
	}

	#[test]
	fn a_run_has_nothing_of_the_one_before() {
		let mut engine = bound(&onnx::identity(7));
		let x = |values: &[i64]| {
			[Tensor::from_elements("x", vec![values.len() as u64], values).unwrap()]
		};
		for values in [&[1, 2, 3][..], &[4], &[], &[5, 6, 7, 8, 9], &[4]] {
			let answer = engine.run(&x(values)).unwrap();
			assert_eq!(answer[0].to_elements::<i64>().unwrap(), values);
		}
		// Neither an input that is missing nor one that is none is taken from there.
		assert!(matches!(engine.run(&[]), Err(EngineError::Run(_))));
		let z = [Tensor::from_elements("z", vec![1], &[1i64]).unwrap()];
		assert!(matches!(engine.run(&z), Err(EngineError::Run(_))));
		let float = [Tensor::from_elements("x", vec![1], &[1f32]).unwrap()];
		assert!(matches!(engine.run(&float), Err(EngineError::Run(_))));
		assert_eq!(engine.run(&x(&[4])).unwrap()[0].to_elements::<i64>().unwrap(), [4]);
	}

	#[test]
	fn a_run_that_fails_while_it_is_bound_is_an_error_and_the_next_one_works() {
		let mut engine = bound(&onnx::gather());
		let index = |at: i64| [Tensor::from_elements("x", vec![1], &[at]).unwrap()];
		assert!(matches!(engine.run(&index(5)), Err(EngineError::Run(_))));
		assert_eq!(engine.run(&index(1)).unwrap()[0].to_elements::<i32>().unwrap(), [20]);
	}

	#[test]
	fn a_session_on_the_processor_has_no_pinned_memory() {
		assert!(Memory::pinned(&plain(&onnx::identity(7)).session).is_none());
	}
}
