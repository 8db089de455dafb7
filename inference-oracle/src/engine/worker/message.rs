//! What the bodies of frames say, in SCALE; tensors travel in their canonical bytes.
//!
//! Whatever comes from a worker that has seen a model is checked here before the oracle believes it.

use super::frame::FrameError;
use crate::engine::{
	placement::{PassedOver, Placed, Placement, Provider, Providers},
	EngineError, Port, Signature,
};
use codec::{Decode, DecodeAll, Encode};
use usufruct_client::tensors::{next_canonical, DataType, Tensor};

/// The longest body that is neither a model nor tensors.
pub const CONTROL: usize = 1 << 20;

/// The most characters of a text that a worker may put into the oracle's log.
const TEXT: usize = 600;

/// The most reasons of it that are looked at.
const MOST_PROVIDERS: usize = 3;

/// What a worker is started for.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Begin {
	/// The ONNX Runtime library's file.
	pub library: Vec<u8>,
	/// The empty folder it works in.
	pub nowhere: Vec<u8>,
	/// Where the model shall run.
	pub placement: Placement,
	/// Threads within one run.
	pub threads: u32,
	/// The most bytes of memory.
	pub memory: u64,
	/// The most bytes of outputs.
	pub max_output: u32,
}

/// How a worker is locked in. It tells before it gets the model, so it is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Confinement {
	/// What holds.
	pub in_force: Vec<String>,
	/// What does not, and why.
	pub lacking: Vec<String>,
}

impl Confinement {
	/// That something holds, or that it does not, and why.
	pub fn note(&mut self, found: Result<String, String>) {
		match found {
			Ok(holds) => self.in_force.push(holds),
			Err(lacks) => self.lacking.push(lacks),
		}
	}
}

/// It is locked in, with the library that it loaded before.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Confined {
	/// How ONNX Runtime was built.
	pub runtime: String,
	/// What holds.
	pub confinement: Confinement,
}

/// A loaded model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Loaded {
	provider: Provider,
	passed_over: PassedOver,
	inputs: Vec<LoadedPort>,
	outputs: Vec<LoadedPort>,
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct LoadedPort {
	name: String,
	datatype: u8,
	shape: Vec<Option<u64>>,
}

impl Loaded {
	/// Of an engine's signature.
	pub fn new(placed: &Placed, signature: &Signature) -> Self {
		let ports = |ports: &[Port]| {
			ports
				.iter()
				.map(|port| LoadedPort {
					name: port.name.clone(),
					datatype: port.datatype.code(),
					shape: port.shape.clone(),
				})
				.collect()
		};
		Self {
			provider: placed.provider,
			passed_over: placed.passed_over.clone(),
			inputs: ports(&signature.inputs),
			outputs: ports(&signature.outputs),
		}
	}

	/// The signature, if it is one, and where the model runs, if that was asked.
	pub fn check(self, asked: &Providers) -> Result<(Signature, Placed), FrameError> {
		let ports = |ports: Vec<LoadedPort>| -> Result<Vec<Port>, FrameError> {
			let mut checked = Vec::with_capacity(ports.len());
			for LoadedPort { name, datatype, shape } in ports {
				// Text is not served.
				let datatype = DataType::from_code(datatype)
					.filter(|datatype| datatype.size().is_some())
					.ok_or(FrameError::Malformed)?;
				checked.push(Port { name, datatype, shape });
			}
			Ok(checked)
		};
		let signature = Signature { inputs: ports(self.inputs)?, outputs: ports(self.outputs)? };
		let mut names: Vec<_> = signature.outputs.iter().map(|port| &port.name).collect();
		names.sort_unstable();
		let passed_over = self.passed_over.0.iter().map(|(provider, _)| *provider);
		let tried: Vec<_> = passed_over.chain([self.provider]).collect();
		if !asked.all().starts_with(&tried) || names.windows(2).any(|pair| pair[0] == pair[1]) {
			return Err(FrameError::Malformed);
		}
		let placed = Placed { provider: self.provider, passed_over: shown_each(self.passed_over) };
		Ok((signature, placed))
	}
}

/// What a worker could not do.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Failure {
	/// Load the library or the model.
	Load(String),
	/// Serve a model with such an input or output.
	Unsupported {
		/// Which.
		port: String,
		/// What it is.
		kind: String,
	},
	/// Use any of the execution providers.
	Provider(PassedOver),
	/// Run the model on these inputs.
	Run(String),
}

impl From<EngineError> for Failure {
	fn from(error: EngineError) -> Self {
		match error {
			EngineError::Load(why) => Self::Load(why),
			EngineError::Unsupported { port, kind } => Self::Unsupported { port, kind },
			EngineError::Provider(passed_over) => Self::Provider(passed_over),
			EngineError::Run(why) => Self::Run(why),
			other => Self::Run(other.to_string()),
		}
	}
}

impl From<Failure> for EngineError {
	fn from(failure: Failure) -> Self {
		match failure {
			Failure::Load(why) => Self::Load(shown(&why)),
			Failure::Unsupported { port, kind } => {
				Self::Unsupported { port: shown(&port), kind: shown(&kind) }
			},
			Failure::Provider(passed_over) => Self::Provider(shown_each(passed_over)),
			Failure::Run(why) => Self::Run(shown(&why)),
		}
	}
}

/// A whole body of that type.
pub fn decode<T: Decode>(body: &[u8]) -> Result<T, FrameError> {
	T::decode_all(&mut &*body).map_err(|_| FrameError::Malformed)
}

/// The outputs, which must be all that the signature names, of the types it names; in its order.
pub fn outputs(signature: &Signature, body: &[u8]) -> Result<Vec<Tensor>, FrameError> {
	let mut sorted: Vec<_> = signature.outputs.iter().enumerate().collect();
	sorted.sort_unstable_by(|(_, a), (_, b)| a.name.cmp(&b.name));
	let mut rest = body;
	let mut placed: Vec<Option<Tensor>> = vec![None; sorted.len()];
	for (at, port) in sorted {
		let tensor = next_canonical(&mut rest).ok_or(FrameError::Malformed)?;
		if tensor.name() != port.name || tensor.datatype() != port.datatype {
			return Err(FrameError::Malformed);
		}
		placed[at] = Some(tensor);
	}
	if !rest.is_empty() {
		return Err(FrameError::Malformed);
	}
	placed.into_iter().collect::<Option<_>>().ok_or(FrameError::Malformed)
}

/// A text of a worker as it may stand in the oracle's log: one line of limited length.
pub fn shown(text: &str) -> String {
	let mut shown: String = text
		.chars()
		.take(TEXT)
		.map(|letter| if letter.is_control() { ' ' } else { letter })
		.collect();
	if text.chars().nth(TEXT).is_some() {
		shown.push('…');
	}
	shown
}

/// Reasons of a worker as they may stand there: no more than there are providers.
fn shown_each(reasons: PassedOver) -> PassedOver {
	let shown = |(provider, why): (_, String)| (provider, shown(&why));
	PassedOver(reasons.0.into_iter().take(MOST_PROVIDERS).map(shown).collect())
}

/// The end of such a text, where what matters most stands last.
pub fn shown_end(text: &str) -> String {
	let skipped = text.chars().count().saturating_sub(TEXT);
	let start = text.char_indices().nth(skipped).map_or(text.len(), |(at, _)| at);
	shown(text.get(start..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_client::tensors::canonical;

	fn port(name: &str, datatype: DataType) -> Port {
		Port { name: name.into(), datatype, shape: vec![None, Some(3)] }
	}

	fn signature() -> Signature {
		Signature {
			inputs: vec![port("x", DataType::Int32)],
			outputs: vec![port("z", DataType::Fp32), port("a", DataType::Bool)],
		}
	}

	#[test]
	fn a_signature_comes_back_and_a_wrong_one_does_not() {
		let asked = Providers::default();
		let without = PassedOver(vec![(Provider::Cuda, "no\ncard".into())]);
		let placed = Placed { provider: Provider::Cpu, passed_over: without };
		let loaded = Loaded::new(&placed, &signature());
		let body = loaded.encode();
		let back = decode::<Loaded>(&body).unwrap();
		let (its, placed) = back.check(&asked).unwrap();
		assert_eq!((its, placed.provider), (signature(), Provider::Cpu));
		assert_eq!(placed.passed_over.to_string(), "CUDA: no card");
		let malformed = |loaded: Loaded| {
			assert!(matches!(loaded.check(&asked), Err(FrameError::Malformed)));
		};
		for datatype in [0, DataType::Bytes.code(), 200] {
			let mut wrong = loaded.clone();
			wrong.inputs[0].datatype = datatype;
			malformed(wrong);
		}
		let mut twice = loaded.clone();
		twice.outputs[1].name = "z".into();
		malformed(twice);
		for length in 0..body.len() {
			assert!(decode::<Loaded>(&body[..length]).is_err(), "cut at {length}");
		}
		assert!(decode::<Loaded>(&[body, vec![0]].concat()).is_err());
		// A count that the body does not hold makes no room.
		assert!(decode::<Loaded>(&[0, 0xfe, 0xff, 0xff, 0xff]).is_err());
	}

	#[test]
	fn a_worker_runs_only_where_it_was_asked_to_after_what_comes_before() {
		use Provider::*;
		let check = |asked: &str, passed_over: &[Provider], provider| {
			let reasons = passed_over.iter().map(|it| (*it, String::new())).collect();
			let placed = Placed { provider, passed_over: PassedOver(reasons) };
			Loaded::new(&placed, &signature()).check(&asked.parse().unwrap())
		};
		for (asked, passed_over, provider) in [
			("cpu", &[][..], Cpu),
			("auto", &[], Cuda),
			("auto", &[Cuda], Cpu),
			("tensorrt,cuda", &[TensorRt], Cuda),
			("tensorrt,cuda,cpu", &[TensorRt, Cuda], Cpu),
		] {
			assert!(check(asked, passed_over, provider).is_ok(), "{asked} {provider}");
		}
		for (asked, passed_over, provider) in [
			("cuda", &[][..], Cpu),
			("cuda", &[Cuda], Cpu),
			("auto", &[], Cpu),
			("auto", &[], TensorRt),
			("auto", &[Cpu], Cuda),
			("auto", &[Cuda, Cpu], Cpu),
			("tensorrt,cuda,cpu", &[Cuda], Cpu),
			("cpu", &[Cpu; 1_000], Cpu),
		] {
			let checked = check(asked, passed_over, provider);
			assert!(matches!(checked, Err(FrameError::Malformed)), "{asked} {provider}");
		}
	}

	#[test]
	fn reasons_of_a_worker_are_few_and_short() {
		let reasons = PassedOver(vec![(Provider::Cuda, "x\n".repeat(TEXT)); 1_000]);
		let failure = Failure::from(EngineError::Provider(reasons));
		let back = decode::<Failure>(&failure.encode()).unwrap();
		let text = EngineError::from(back).to_string();
		assert!(text.len() < 4 * TEXT && !text.contains('\n'), "{}", text.len());
		assert!(text.contains("CUDA: x x"), "{text}");
		assert!(decode::<Failure>(&[2, 0xfe, 0xff, 0xff, 0xff]).is_err());
	}

	#[test]
	fn outputs_are_those_of_the_signature_in_its_order() {
		let a = Tensor::from_elements("a", vec![1], &[true]).unwrap();
		let z = Tensor::from_elements("z", vec![2], &[1f32, 2.0]).unwrap();
		let good = canonical(&[z.clone(), a.clone()]).unwrap();
		assert_eq!(outputs(&signature(), &good).unwrap(), [z.clone(), a.clone()]);
		let other = Tensor::from_elements("z", vec![2], &[1i32, 2]).unwrap();
		let name = Tensor::from_elements("y", vec![2], &[1f32, 2.0]).unwrap();
		let more = Tensor::from_elements("zz", vec![1], &[1u8]).unwrap();
		for wrong in [
			canonical(std::slice::from_ref(&a)).unwrap(),
			canonical(&[a.clone(), other]).unwrap(),
			canonical(&[a.clone(), name]).unwrap(),
			canonical(&[a.clone(), z.clone(), more]).unwrap(),
			[canonical(std::slice::from_ref(&z)), canonical(&[a])].map(Result::unwrap).concat(),
			good[..good.len() - 1].to_vec(),
			vec![0; 4 << 20],
			vec![],
		] {
			assert!(matches!(outputs(&signature(), &wrong), Err(FrameError::Malformed)));
		}
	}

	#[test]
	fn a_text_cannot_forge_lines_of_the_log() {
		assert_eq!(shown("a\nERROR b\u{1b}[2J"), "a ERROR b [2J");
		assert_eq!(shown(&"x".repeat(TEXT + 1)), "x".repeat(TEXT) + "…");
		assert_eq!(
			shown_end(&format!("a{}ü\n", "x".repeat(TEXT - 2))),
			"x".repeat(TEXT - 2) + "ü "
		);
		assert_eq!(shown_end(""), "");
		let text = EngineError::from(Failure::Run("\r\n".into())).to_string();
		assert_eq!(text, "the run failed:   ");
	}
}
