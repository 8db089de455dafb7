//! How far two answers are apart.

use serde::Deserialize;
use usufruct_client::tensors::{DataType, Tensor};

/// How many times the tolerance another profile may explain.
const OTHER_PROFILE: f64 = 100.0;

/// Near 0 no value is off by more for having been rounded: the largest numbers of fp16 are 32 apart, and in fp32 only
/// what is made of numbers beyond ten million differs by as much.
const MOST_ABSOLUTE: f64 = 100.0;

/// By more than itself no value is off for having been rounded: with more, the wrong sign would match.
const MOST_RELATIVE: f64 = 1.0;

/// How far values of an honest answer may be apart: `|a − b| ≤ absolute + relative × |b|`.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tolerance {
	/// Whatever the value.
	pub absolute: f64,
	/// By the value.
	pub relative: f64,
}

/// How far answers may be apart is said in a way that cannot be meant.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
	"tolerance: {part} = {value:?} is out of range; say a number from 0 to {most}, like 1e-5: with more, what is \
	 wrong would match"
)]
pub struct NoTolerance {
	/// Which part of it.
	pub part: &'static str,
	/// What is said of it.
	pub value: f64,
	/// The most that it may be.
	pub most: f64,
}

impl Tolerance {
	/// Itself, if answers can be measured by it: by one that is no number none is honest, by one that is very large
	/// all are.
	pub fn check(self) -> Result<Self, NoTolerance> {
		for (part, value, most) in
			[("absolute", self.absolute, MOST_ABSOLUTE), ("relative", self.relative, MOST_RELATIVE)]
		{
			if !(0.0..=most).contains(&value) {
				return Err(NoTolerance { part, value, most });
			}
		}
		Ok(self)
	}

	/// The most that an answer may be off, for numbers beyond 1 in proportion to them, without ever being further
	/// off than this allows. It is how [`crate::engine::Batching`] counts.
	pub fn of_rounding(&self) -> f64 {
		self.absolute.min(self.relative)
	}
}

impl Default for Tolerance {
	/// Some forty times the worst that honest runs of fp32 models were seen to be apart.
	fn default() -> Self {
		Self { absolute: 1e-5, relative: 1e-5 }
	}
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// It is what the model gives; whether to the last bit.
	Match {
		/// Every byte is equal.
		exact: bool,
	},
	/// It is not.
	Mismatch(String),
	/// It cannot be said.
	Undecided(String),
}

impl Verdict {
	/// 0, 1 and 2.
	pub fn exit_code(&self) -> std::process::ExitCode {
		let code: u8 = match self {
			Self::Match { .. } => 0,
			Self::Mismatch(_) => 1,
			Self::Undecided(_) => 2,
		};
		code.into()
	}
}

/// How far apart two sets of outputs are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Distance {
	/// The largest difference of two values.
	pub largest: f64,
	/// The largest difference, as a multiple of what is tolerated there.
	pub worst: f64,
	/// Values that are no numbers in one and numbers in the other, and whole numbers that differ.
	pub others: u64,
	/// Values compared.
	pub count: u64,
}

/// Compares what was answered with what was computed again, output by output of the answer. Which of the model's
/// outputs were asked for nobody signs: one that is left out of an answer with others is not missed here.
pub fn compare(
	answered: &[Tensor],
	again: &[Tensor],
	tolerance: &Tolerance,
	same_profile: bool,
) -> (Verdict, Distance) {
	let mut distance = Distance::default();
	let mut exact = true;
	if answered.is_empty() {
		// Nobody can have asked for it: to name no output is to ask for all.
		return (Verdict::Mismatch("the answer has no outputs".into()), distance);
	}
	for output in answered {
		let name = output.name();
		let Some(other) = again.iter().find(|it| it.name() == name) else {
			return (Verdict::Mismatch(format!("the model has no output '{name}'")), distance);
		};
		if (output.datatype(), output.shape()) != (other.datatype(), other.shape()) {
			let why = format!("output '{name}' has another type or shape");
			return (Verdict::Mismatch(why), distance);
		}
		exact &= output.data() == other.data();
		measure(output, other, tolerance, &mut distance);
	}
	(judge(exact, &distance, same_profile), distance)
}

fn judge(exact: bool, distance: &Distance, same_profile: bool) -> Verdict {
	if exact || (distance.worst <= 1.0 && distance.others == 0) {
		return Verdict::Match { exact };
	}
	let what = match distance.others {
		0 => format!("values differ by up to {:.1} times the tolerance", distance.worst),
		others => format!("{others} values differ altogether"),
	};
	if same_profile {
		return Verdict::Mismatch(format!("{what}, under the same profile"));
	}
	// What is whole may hang on what is not: a class, on two scores that are nearly equal.
	if distance.worst > OTHER_PROFILE {
		return Verdict::Mismatch(format!("{what}, more than another profile explains"));
	}
	Verdict::Undecided(format!("{what}, which another profile may explain: run it under that one"))
}

fn measure(a: &Tensor, b: &Tensor, tolerance: &Tolerance, distance: &mut Distance) {
	let floats = |tensor: &Tensor| -> Option<Vec<f64>> {
		match tensor.datatype() {
			DataType::Fp32 => {
				let values = tensor.to_elements::<f32>().ok()?;
				Some(values.into_iter().map(f64::from).collect())
			},
			DataType::Fp64 => tensor.to_elements::<f64>().ok(),
			_ => None,
		}
	};
	let (Some(a_values), Some(b_values)) = (floats(a), floats(b)) else {
		let size = a.datatype().size().unwrap_or(1).max(1);
		distance.count += a.elements();
		let pairs = a.data().chunks(size).zip(b.data().chunks(size));
		distance.others += pairs.filter(|(a, b)| a != b).count() as u64;
		return;
	};
	for (a, b) in a_values.into_iter().zip(b_values) {
		distance.count += 1;
		if a == b || (a.is_nan() && b.is_nan()) {
			continue;
		}
		let difference = (a - b).abs();
		if !difference.is_finite() {
			distance.others += 1;
			continue;
		}
		distance.largest = distance.largest.max(difference);
		let tolerated = tolerance.absolute + tolerance.relative * b.abs();
		let times = if tolerated > 0.0 { difference / tolerated } else { f64::INFINITY };
		distance.worst = distance.worst.max(times);
	}
}
