//! Where a model runs: which execution providers are tried, in which order, and how they are set.

mod tensorrt;
#[cfg(test)]
mod tests;

pub use tensorrt::{Shapes, TensorRt};

use codec::{Decode, Encode};
use serde::{de, Deserialize, Deserializer};
use std::{fmt, str::FromStr};

/// An execution provider of ONNX Runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Provider {
	/// The processor.
	Cpu,
	/// An NVIDIA GPU, kernel by kernel.
	Cuda,
	/// An NVIDIA GPU, with an engine that is built for the model and the card.
	TensorRt,
}

impl Provider {
	/// All of them.
	pub const ALL: [Self; 3] = [Self::Cpu, Self::Cuda, Self::TensorRt];

	/// Its name for people.
	pub fn name(self) -> &'static str {
		match self {
			Self::Cpu => "CPU",
			Self::Cuda => "CUDA",
			Self::TensorRt => "TensorRT",
		}
	}

	/// Its name in the configuration.
	pub fn key(self) -> &'static str {
		match self {
			Self::Cpu => "cpu",
			Self::Cuda => "cuda",
			Self::TensorRt => "tensorrt",
		}
	}

	/// Whether it runs on a GPU.
	pub fn on_gpu(self) -> bool {
		self != Self::Cpu
	}
}

impl fmt::Display for Provider {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// Where a model shall run is said in a way that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
	/// There is no such provider.
	#[error("'{0}' is no execution provider; name cpu, cuda or tensorrt, several of them in order, or \"auto\" alone")]
	Unknown(String),
	/// There is nothing to run on.
	#[error("no execution provider is named; name cpu, cuda or tensorrt, or \"auto\"")]
	Nothing,
	/// It is there already.
	#[error("{0} is named twice; remove one")]
	Twice(Provider),
	/// The processor always works.
	#[error("{0} would never be tried after the CPU, which always works; name cpu last")]
	AfterCpu(Provider),
	/// Both cannot be.
	#[error(
		"gpu_only is set, but cpu is among the providers; name only cuda or tensorrt, or remove gpu_only"
	)]
	GpuOnly,
	/// TensorRT does not know it.
	#[error("tensorrt.level is {0}; choose one from 0 to 5")]
	Level(u8),
	/// An input's name would be read as something else.
	#[error("tensorrt.shapes: the input '{0}' cannot be named to TensorRT, because of its ':' or ','; run the model with cuda")]
	Input(String),
	/// They are no range.
	#[error(
		"tensorrt.shapes.{0}: give min, opt and max as many dimensions, none of them 0, and none \
		 smaller than in the one before"
	)]
	Shapes(String),
}

/// Execution providers in the order in which they are tried. There is one at least, and none after the
/// processor.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Providers(Vec<Provider>);

/// `auto` in the configuration. TensorRT is not among them: its engines take minutes to build, and other
/// answers than those of the same model on CUDA.
impl Default for Providers {
	fn default() -> Self {
		Self(vec![Provider::Cuda, Provider::Cpu])
	}
}

impl From<Provider> for Providers {
	fn from(provider: Provider) -> Self {
		Self(vec![provider])
	}
}

impl Providers {
	/// All of them, in order.
	pub fn all(&self) -> &[Provider] {
		&self.0
	}

	/// Whether one of them runs on a GPU.
	pub fn on_gpu(&self) -> bool {
		self.0.iter().any(|it| it.on_gpu())
	}

	fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, PlacementError> {
		let mut providers = Vec::new();
		for name in names {
			let known = Provider::ALL.into_iter().find(|it| it.key() == name);
			let provider = known.ok_or_else(|| PlacementError::Unknown(name.into()))?;
			if providers.contains(&provider) {
				return Err(PlacementError::Twice(provider));
			}
			if providers.contains(&Provider::Cpu) {
				return Err(PlacementError::AfterCpu(provider));
			}
			providers.push(provider);
		}
		match providers.is_empty() {
			true => Err(PlacementError::Nothing),
			false => Ok(Self(providers)),
		}
	}
}

/// `auto`, one name, or several with commas between them.
impl FromStr for Providers {
	type Err = PlacementError;

	fn from_str(text: &str) -> Result<Self, PlacementError> {
		match text.trim() {
			"" => Err(PlacementError::Nothing),
			"auto" => Ok(Self::default()),
			names => Self::named(names.split(',').map(str::trim)),
		}
	}
}

/// As it is written in the configuration.
impl fmt::Display for Providers {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let names: Vec<_> = self.0.iter().map(|it| it.key()).collect();
		f.write_str(&names.join(", "))
	}
}

impl<'de> Deserialize<'de> for Providers {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		struct Names;

		impl<'de> de::Visitor<'de> for Names {
			type Value = Providers;

			fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
				f.write_str("\"auto\", or cpu, cuda or tensorrt, or a list of them")
			}

			fn visit_str<E: de::Error>(self, text: &str) -> Result<Providers, E> {
				text.parse().map_err(E::custom)
			}

			fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Providers, A::Error> {
				let mut names = Vec::new();
				while let Some(name) = list.next_element::<String>()? {
					names.push(name);
				}
				Providers::named(names.iter().map(String::as_str)).map_err(de::Error::custom)
			}
		}

		deserializer.deserialize_any(Names)
	}
}

/// Where a model shall run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Placement {
	/// The execution providers that are tried.
	pub providers: Providers,
	/// The most bytes of a GPU's memory that one worker takes for tensors.
	pub gpu_memory: Option<u64>,
	/// Whether it does not run at all if a part of it would run on the processor.
	pub gpu_only: bool,
	/// How TensorRT is set.
	pub tensorrt: TensorRt,
}

impl From<Provider> for Placement {
	fn from(provider: Provider) -> Self {
		Self { providers: provider.into(), ..Self::default() }
	}
}

impl Placement {
	/// Whether it can be meant.
	pub fn check(&self) -> Result<(), PlacementError> {
		if self.gpu_only && self.providers.all().contains(&Provider::Cpu) {
			return Err(PlacementError::GpuOnly);
		}
		self.tensorrt.check()
	}
}

/// Providers that could not be used, in the order in which they were tried, each with the reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct PassedOver(pub Vec<(Provider, String)>);

impl fmt::Display for PassedOver {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let reasons: Vec<_> = self.0.iter().map(|(it, why)| format!("{it}: {why}")).collect();
		f.write_str(&reasons.join("; "))
	}
}

/// Where a model came to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
	/// The execution provider.
	pub provider: Provider,
	/// Those that were to be used rather.
	pub passed_over: PassedOver,
}
