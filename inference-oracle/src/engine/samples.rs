//! Inputs to try a model with before anybody pays for it: those that the operator names, or made up.

use super::{batch::Plan, Engine, EngineError, Port, Signature};
use std::path::Path;
use usufruct_client::tensors::{DataType, InferRequest, Tensor, TensorError};

/// How many are made up.
const MADE: usize = 8;
/// What dimensions of any size are taken to be, but for the one that counts rows.
const SIZE: u64 = 8;
/// Whole numbers are drawn below the first of these on which the model runs.
const BOUNDS: [u64; 4] = [256, 16, 2, 1];

/// How often a worker that does not last is waited for.
const ATTEMPTS: usize = 3;

/// Inputs of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
	/// The tensors.
	pub inputs: Vec<Tensor>,
	/// How many rows they have.
	pub rows: u64,
}

/// The file of samples cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SamplesError {
	/// It cannot be read.
	#[error("the samples {path} cannot be read: {error}")]
	Unreadable {
		/// The file.
		path: String,
		/// Why.
		error: std::io::Error,
	},
	/// It is not what it should be.
	#[error(
		"the samples {path} are not understood: {error}; it must be a JSON list of inference requests \
		 of the Open Inference Protocol v2"
	)]
	Malformed {
		/// The file.
		path: String,
		/// Why.
		error: serde_json::Error,
	},
}

/// Reads samples: a JSON list of inference requests.
pub fn read(path: &Path) -> Result<Vec<Vec<Tensor>>, SamplesError> {
	let shown = || path.display().to_string();
	let text =
		std::fs::read(path).map_err(|error| SamplesError::Unreadable { path: shown(), error })?;
	let requests: Vec<InferRequest> = serde_json::from_slice(&text)
		.map_err(|error| SamplesError::Malformed { path: shown(), error })?;
	Ok(requests.into_iter().map(|request| request.inputs).collect())
}

/// The largest group of the operator's samples that could share runs.
pub fn of_one_class(plan: &Plan, samples: &[Vec<Tensor>]) -> Vec<Sample> {
	let classes: Vec<_> = samples.iter().map(|inputs| plan.class(inputs)).collect();
	let of = |class: &Option<_>| -> Vec<Sample> {
		let same = samples.iter().zip(&classes).filter(|(_, it)| *it == class);
		same.filter_map(|(inputs, it)| {
			Some(Sample { inputs: inputs.clone(), rows: it.as_ref()?.0 })
		})
		.collect()
	};
	classes.iter().map(of).max_by_key(Vec::len).unwrap_or_default()
}

/// Makes inputs up on which the model runs; the first are calm, the last is wild.
pub fn make(engine: &mut impl Engine, plan: &Plan) -> Option<Vec<Sample>> {
	BOUNDS.iter().find_map(|bound| {
		let made = made(engine.signature(), plan, *bound).ok()?;
		let runs = |sample: &Sample| {
			// One that ends its worker is not what is looked for; the next is tried with another.
			for _ in 0..ATTEMPTS {
				match engine.revive() {
					Ok(()) => break,
					Err(pause) => std::thread::sleep(pause),
				}
			}
			engine.run(&sample.inputs).is_ok()
		};
		made.iter().all(runs).then_some(made)
	})
}

fn made(signature: &Signature, plan: &Plan, bound: u64) -> Result<Vec<Sample>, TensorError> {
	let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
	(0..MADE)
		.map(|at| {
			// The last one is of another size than all others.
			let scale = if at + 1 == MADE { 16.0 } else { 1.0 };
			let inputs = signature
				.inputs
				.iter()
				.map(|port| match plan.axis(&port.name) {
					Some(axis) => fill(port, Some(axis), bound, scale, &mut draw),
					// Equal in all of them.
					None => fill(port, None, bound, 1.0, &mut Draw(1)),
				})
				.collect::<Result<_, _>>()?;
			Ok(Sample { inputs, rows: 1 })
		})
		.collect()
}

fn fill(
	port: &Port,
	rows: Option<usize>,
	bound: u64,
	scale: f64,
	draw: &mut Draw,
) -> Result<Tensor, TensorError> {
	let shape: Vec<_> = port
		.shape
		.iter()
		.enumerate()
		.map(|(at, dim)| dim.unwrap_or(if Some(at) == rows { 1 } else { SIZE }))
		.collect();
	let count = shape.iter().fold(1u64, |all, it| all.saturating_mul(*it));
	let size = port.datatype.size().unwrap_or(1);
	// What would not fit a request is not made up.
	let too_large =
		|| TensorError::ShapeTooLarge { tensor: port.name.clone(), shape: shape.clone() };
	let count = usize::try_from(count).ok().filter(|it| *it <= 16 << 20).ok_or_else(too_large)?;
	let mut data = Vec::with_capacity(count * size);
	for _ in 0..count {
		match port.datatype {
			DataType::Fp32 => data.extend(((draw.unit() * scale) as f32).to_le_bytes()),
			DataType::Fp64 => data.extend((draw.unit() * scale).to_le_bytes()),
			DataType::Bool => data.push((draw.next() & 1) as u8),
			_ => {
				// Positive in every type: the first bytes are the number.
				let bound = if size == 1 { bound.min(128) } else { bound };
				data.extend((draw.next() % bound).to_le_bytes().iter().take(size));
			},
		}
	}
	Tensor::new(port.name.clone(), port.datatype, shape, data)
}

/// The same numbers at every start (splitmix64, Steele, Lea and Flood 2014).
struct Draw(u64);

impl Draw {
	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// From -1 to 1.
	fn unit(&mut self) -> f64 {
		(self.next() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
	}
}

/// Runs every sample once, so that the first request finds everything warm.
pub fn warm(engine: &mut impl Engine, samples: &[Vec<Tensor>]) -> Result<(), EngineError> {
	for (at, inputs) in samples.iter().enumerate() {
		engine
			.signature()
			.check_inputs(inputs)
			.map_err(|error| EngineError::Load(format!("sample {}: {error}", at + 1)))?;
		engine
			.run(inputs)
			.map_err(|error| EngineError::Load(format!("sample {}: {error}", at + 1)))?;
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn samples_are_a_list_of_requests() {
		let file = tempfile::NamedTempFile::new().unwrap();
		let read_text = |text: &str| {
			std::fs::write(file.path(), text).unwrap();
			read(file.path())
		};
		let one = r#"{"inputs":[{"name":"x","datatype":"INT64","shape":[2],"data":[1,2]}]}"#;
		let samples = read_text(&format!("[{one},{one}]")).unwrap();
		assert_eq!(samples.len(), 2);
		assert_eq!(samples[0][0].to_elements::<i64>().unwrap(), [1, 2]);
		assert_eq!(read_text("[]").unwrap(), Vec::<Vec<Tensor>>::new());
		for wrong in ["", "{}", one, "[1]", "[{\"inputs\":[{}]}]"] {
			let error = read_text(wrong).unwrap_err();
			assert!(matches!(error, SamplesError::Malformed { .. }), "{wrong}");
			assert!(error.to_string().contains("JSON list"), "{error}");
		}
		let missing = read("/nonexistent".as_ref());
		assert!(matches!(missing, Err(SamplesError::Unreadable { .. })));
	}
}
