//! Models in ONNX Runtime, in this process: what a worker runs.

use super::{library::OnnxRuntime, Engine, EngineError, Port, Signature};
use codec::{Decode, Encode};
use ort::{
	ep::{self, ExecutionProviderDispatch},
	session::{
		builder::{GraphOptimizationLevel, SessionBuilder},
		Session, SessionInputValue,
	},
	value::{DynValue, Tensor as OrtTensor, TensorElementType, ValueType},
};
use std::path::Path;
use usufruct_client::tensors::{DataType, Element, Tensor};

/// Where models run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
	/// On the processor.
	Cpu,
	/// On an NVIDIA GPU, or not at all.
	Cuda,
	/// On an NVIDIA GPU if there is one that works, else on the processor.
	#[default]
	Auto,
}

impl Provider {
	/// Its name for people.
	pub fn name(self) -> &'static str {
		match self {
			Self::Cpu => "CPU",
			Self::Cuda => "CUDA",
			Self::Auto => "auto",
		}
	}
}

/// How a session is made.
#[derive(Clone, Debug)]
pub struct SessionOptions {
	/// Where it runs.
	pub provider: Provider,
	/// Threads within one run.
	pub threads: usize,
	/// An empty folder: the only one in which files named by a model would be looked for.
	pub nowhere: std::path::PathBuf,
}

/// One session.
pub struct OrtEngine {
	session: Session,
	signature: Signature,
	/// Where it runs: never [`Provider::Auto`].
	pub provider: Provider,
}

impl OrtEngine {
	/// Loads a model from its bytes.
	pub fn load(
		runtime: &OnnxRuntime,
		model: &[u8],
		options: &SessionOptions,
	) -> Result<Self, EngineError> {
		let (session, provider) = match options.provider {
			Provider::Cpu => (session(runtime, model, options, None)?, Provider::Cpu),
			Provider::Cuda => (cuda(runtime, model, options)?, Provider::Cuda),
			Provider::Auto => match cuda(runtime, model, options) {
				Ok(session) => (session, Provider::Cuda),
				Err(error) => {
					tracing::info!(%error, "CUDA cannot be used; trying the CPU");
					(session(runtime, model, options, None)?, Provider::Cpu)
				},
			},
		};
		let signature = Signature {
			inputs: ports("input", session.inputs())?,
			outputs: ports("output", session.outputs())?,
		};
		Ok(Self { session, signature, provider })
	}
}

fn cuda(
	runtime: &OnnxRuntime,
	model: &[u8],
	options: &SessionOptions,
) -> Result<Session, EngineError> {
	// The same input must give the same answer on every run and card: no reduced precision, and no
	// choice of convolution kernels by timing.
	let provider = ep::CUDA::default()
		.with_tf32(false)
		.with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
		.with_arena_extend_strategy(ep::ArenaExtendStrategy::SameAsRequested)
		.build()
		.error_on_failure();
	session(runtime, model, options, Some(provider))
		.map_err(|error| EngineError::Provider { provider: "CUDA", why: error.to_string() })
}

fn session(
	runtime: &OnnxRuntime,
	model: &[u8],
	options: &SessionOptions,
	provider: Option<ExecutionProviderDispatch>,
) -> Result<Session, EngineError> {
	builder(runtime, options, provider)
		.and_then(|mut builder| builder.commit_from_memory(model))
		.map_err(|error| EngineError::Load(error.to_string()))
}

fn builder(
	runtime: &OnnxRuntime,
	options: &SessionOptions,
	provider: Option<ExecutionProviderDispatch>,
) -> ort::Result<SessionBuilder> {
	let nowhere: &Path = &options.nowhere;
	let mut builder = Session::builder(&runtime.environment)?
		// `Level3` now means a level that older libraries refuse.
		.with_optimization_level(GraphOptimizationLevel::All)?
		.with_intra_threads(options.threads)?
		.with_intra_op_spinning(false)?
		// The artifact was checked to refer to no file; were there a reference that the check does not
		// know of, it would lead nowhere.
		.with_config_entry(
			"session.model_external_initializers_file_folder_path",
			nowhere.to_string_lossy(),
		)?;
	if let Some(provider) = provider {
		builder = builder.with_execution_providers([provider])?;
	}
	Ok(builder)
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

fn to_ort<T>(tensor: &Tensor) -> Result<SessionInputValue<'static>, EngineError>
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
	Ok(OrtTensor::from_array((shape, elements)).map_err(failed)?.into())
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
		let mut values = Vec::with_capacity(inputs.len());
		for tensor in inputs {
			let value =
				for_datatype!(tensor.datatype(), to_ort(tensor), unsupported(tensor.name()))?;
			values.push((tensor.name().to_owned(), value));
		}
		let outputs = self.session.run(values).map_err(failed)?;
		self.signature
			.outputs
			.iter()
			.map(|port| {
				let value = outputs
					.get(&port.name)
					.ok_or_else(|| failed(format!("output '{}' is missing", port.name)))?;
				for_datatype!(port.datatype, from_ort(&port.name, value), unsupported(&port.name))
			})
			.collect()
	}
}
