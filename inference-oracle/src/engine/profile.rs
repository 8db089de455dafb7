//! What an answer depends on besides the model and the input, published and hashed: who audits an answer
//! runs it again under the same profile, or knows that he does not.

use super::placement::{Provider, TensorRt};
use serde::{Deserialize, Serialize};
use usufruct_primitives::{domain::hash, Hash};

/// How a model is run. Its JSON form, keys in this order, is what is hashed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
	/// How ONNX Runtime says it was built.
	pub runtime: String,
	/// The execution provider.
	pub provider: String,
	/// In which precision: `model` is that of the model's own tensors, without TF32.
	pub precision: String,
	/// How far the graph is optimised.
	pub graph: String,
	/// Threads within one run.
	pub threads: u32,
	/// With which requests it may share a run.
	pub batch: String,
	/// The processor's architecture, and what of its vector instructions kernels are chosen by.
	pub machine: String,
	/// The kind of GPU, its driver and libraries; nothing on the processor. Which of several cards of a
	/// kind it is makes no difference.
	#[serde(default, skip_serializing_if = "String::is_empty")]
	pub gpu: String,
}

/// A profile under which models run, with its hash: each answer tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
	/// How they are run.
	pub profile: Profile,
	/// What that is known by.
	pub hash: Hash,
}

impl From<Profile> for Known {
	fn from(profile: Profile) -> Self {
		Self { hash: profile.hash(), profile }
	}
}

/// Stands at the end of `graph` where kernels are chosen by measuring them.
const MEASURED: &str = ", measured";

impl Profile {
	/// The profile of a worker on this machine's processor.
	pub fn of(runtime: &str, provider: Provider, threads: usize) -> Self {
		Self {
			runtime: runtime.into(),
			provider: provider.name().into(),
			precision: "model".into(),
			graph: "all".into(),
			threads: u32::try_from(threads).unwrap_or(u32::MAX),
			batch: "off".into(),
			machine: machine(),
			gpu: String::new(),
		}
	}

	/// The same on a GPU.
	pub fn on(self, gpu: String, tensorrt: Option<&TensorRt>) -> Self {
		let Some(settings) = tensorrt else { return Self { gpu, ..self } };
		let precision = match settings.fp16 {
			true => "model, or fp16 where TensorRT likes".into(),
			false => self.precision,
		};
		let measured = if settings.measures() { MEASURED } else { "" };
		let graph = format!("{}, {settings}{measured}", self.graph);
		Self { gpu, precision, graph, ..self }
	}

	/// Its JSON form.
	pub fn json(&self) -> String {
		// Strings and numbers always have one.
		serde_json::to_string(self).unwrap_or_default()
	}

	/// What it is known by.
	pub fn hash(&self) -> Hash {
		hash(&[b"usufruct/profile", self.json().as_bytes()].concat())
	}

	/// Whether answers under both must be equal within the model's tolerance: a batch changes none by more, or the
	/// configuration is refused. What was measured may have come out otherwise the other time.
	pub fn is_as(&self, other: &Self) -> bool {
		!self.graph.ends_with(MEASURED) && self.differences(other).is_empty()
	}

	/// What differs between both of what answers may depend on.
	pub fn differences(&self, other: &Self) -> Vec<&'static str> {
		let Self { runtime, provider, precision, graph, threads, batch: _, machine, gpu } = self;
		let same = [
			("runtime", *runtime == other.runtime),
			("provider", *provider == other.provider),
			("precision", *precision == other.precision),
			("graph", *graph == other.graph),
			("threads", *threads == other.threads),
			("machine", *machine == other.machine),
			("gpu", *gpu == other.gpu),
		];
		same.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
	}
}

/// Vector instructions by which ONNX Runtime chooses kernels, the widest first.
const FEATURES: [&str; 9] =
	["amx_tile", "avx512_vnni", "avx512f", "avx_vnni", "avx2", "fma", "sve2", "asimddp", "asimd"];

fn machine() -> String {
	let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
	let line = info.lines().find(|line| line.starts_with("flags") || line.starts_with("Features"));
	let has: Vec<_> = line.unwrap_or_default().split_whitespace().collect();
	let mut machine = std::env::consts::ARCH.to_string();
	for feature in FEATURES.iter().filter(|it| has.contains(it)) {
		machine.push(' ');
		machine.push_str(feature);
	}
	machine
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_profile_is_known_by_everything_in_it() {
		let profile = Profile::of("1.31.1", Provider::Cpu, 1);
		assert!(profile.machine.starts_with(std::env::consts::ARCH));
		let read: Profile = serde_json::from_str(&profile.json()).unwrap();
		assert_eq!((&read, read.hash()), (&profile, profile.hash()));
		let others = [
			Profile::of("1.30.0", Provider::Cpu, 1),
			Profile::of("1.31.1", Provider::Cuda, 1),
			Profile::of("1.31.1", Provider::Cpu, 2),
			Profile { machine: "x".into(), ..profile.clone() },
			Profile { graph: "none".into(), ..profile.clone() },
		];
		for other in &others {
			assert_ne!(other.hash(), profile.hash());
			assert!(!other.is_as(&profile));
		}
		assert!(
			!profile.json().contains("gpu"),
			"what was kept before there was one is known as it was"
		);
		let batched = Profile { batch: "up to 8 rows".into(), ..profile.clone() };
		assert_ne!(batched.hash(), profile.hash());
		assert!(batched.is_as(&profile));
		let other = Profile { threads: 2, gpu: "x".into(), ..batched };
		assert_eq!(other.differences(&profile), ["threads", "gpu"]);
	}

	#[test]
	fn a_profile_on_a_gpu_says_what_kind_and_how_engines_are_built() {
		let on = |provider| Profile::of("1.31.1", provider, 1);
		let h100 = "NVIDIA H100 80GB HBM3, driver 580.82.07";
		let cuda = on(Provider::Cuda).on(h100.into(), None);
		assert_eq!((cuda.precision.as_str(), cuda.graph.as_str()), ("model", "all"));
		let read: Profile = serde_json::from_str(&cuda.json()).unwrap();
		assert_eq!((&read, read.hash()), (&cuda, cuda.hash()));
		assert!(cuda.is_as(&read));
		let t4 = on(Provider::Cuda).on("Tesla T4".into(), None);
		assert!(!t4.is_as(&cuda) && t4.hash() != cuda.hash());

		let built = |fp16, level| {
			let settings = TensorRt { fp16, level, ..TensorRt::default() };
			on(Provider::TensorRt).on(h100.into(), Some(&settings))
		};
		assert_eq!(built(false, 0).precision, "model");
		assert_eq!(built(false, 0).graph, "all, TensorRT level 0");
		assert!(built(false, 0).is_as(&built(false, 0)));
		for other in [built(true, 0), built(false, 1), cuda] {
			assert!(!other.is_as(&built(false, 0)));
		}
		// Two engines may have come out of the same settings.
		assert!(!built(false, 3).is_as(&built(false, 3)));
	}
}
