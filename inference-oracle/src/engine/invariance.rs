//! Whether a request is answered the same whoever shares its run: tried when a model is loaded whose
//! requests are to share runs.
//!
//! Models that quantise what they compute take one scale for the whole run, so one request's answer
//! changes with the others: whoever pays would be answered by chance, no audit could repeat it, and
//! the answer would tell of strangers' inputs. So the same requests are run with two sets of others,
//! which differ in kind and size, and must be answered bit for bit alike. How *many* rows a run has may
//! change the order of additions: against the run alone a tolerance is allowed.

use super::{
	batch::{BatchError, Plan},
	samples::Sample,
	Engine, EngineError,
};
use usufruct_client::tensors::{DataType, Tensor};

/// How many requests are compared.
const SUBJECTS: usize = 4;

/// Runs requests alone and with others. Returns by how much their answers differ from those alone,
/// at most, where rounding may make a difference.
pub fn check(
	engine: &mut impl Engine,
	plan: &Plan,
	samples: &[Sample],
) -> Result<f64, EngineError> {
	// Two are left to be the others.
	let (subjects, others) = samples.split_at(SUBJECTS.min(samples.len().saturating_sub(2)));
	let (Some(first), Some(calm), Some(wild)) = (subjects.first(), others.first(), others.last())
	else {
		return Err(BatchError::NoSamples("there are too few".into()).into());
	};
	if calm == wild {
		return Err(BatchError::NoSamples("they are all the same".into()).into());
	}
	let mut alone = Vec::with_capacity(subjects.len());
	for subject in subjects {
		alone.push(run(engine, plan, &[subject])?.remove(0));
	}
	if subjects.len() > 1 && alone.windows(2).all(|pair| pair[0] == pair[1]) {
		return Err(BatchError::NoSamples("all made the same answer".into()).into());
	}

	let most = plan.batching.rows as usize / first.rows.max(1) as usize;
	let mut by = 0f64;
	for (subject, expected) in subjects.iter().zip(&alone) {
		by = by.max(compare(engine, plan, &[(0, subject, expected)], 2, calm, wild)?);
		by = by.max(compare(engine, plan, &[(1, subject, expected)], 2, calm, wild)?);
	}
	if most > 2 {
		// Spread over the run, the first and the last place among them.
		let last = (subjects.len() - 1).max(1);
		let mut placed: Vec<_> = subjects
			.iter()
			.zip(&alone)
			.enumerate()
			.map(|(at, (subject, expected))| (at * (most - 1) / last, subject, expected))
			.collect();
		placed.dedup_by_key(|(at, ..)| *at);
		by = by.max(compare(engine, plan, &placed, most, calm, wild)?);
	}
	Ok(by)
}

/// Runs subjects at their places among so many requests, once with calm others and once with wild
/// ones.
fn compare(
	engine: &mut impl Engine,
	plan: &Plan,
	placed: &[(usize, &Sample, &Vec<Tensor>)],
	count: usize,
	calm: &Sample,
	wild: &Sample,
) -> Result<f64, EngineError> {
	let with = |other| {
		let mut requests = vec![other; count];
		for (at, subject, _) in placed {
			requests[*at] = *subject;
		}
		requests
	};
	let calm = run(engine, plan, &with(calm))?;
	let wild = run(engine, plan, &with(wild))?;
	let rows = count * placed.first().map_or(1, |(_, subject, _)| subject.rows as usize);
	let mut most = 0f64;
	for (at, _, alone) in placed {
		for ((calm, wild), alone) in calm[*at].iter().zip(&wild[*at]).zip(alone.iter()) {
			let output = || alone.name().to_owned();
			if calm != wild {
				let by = difference(calm, wild);
				return Err(BatchError::Companions { output: output(), by }.into());
			}
			let (by, tolerance) = (difference(alone, calm), plan.batching.tolerance);
			if by > tolerance {
				return Err(BatchError::Rounding { output: output(), by, rows, tolerance }.into());
			}
			most = most.max(by);
		}
	}
	Ok(most)
}

fn run(
	engine: &mut impl Engine,
	plan: &Plan,
	requests: &[&Sample],
) -> Result<Vec<Vec<Tensor>>, EngineError> {
	let inputs: Vec<_> = requests.iter().map(|it| it.inputs.as_slice()).collect();
	let rows: Vec<_> = requests.iter().map(|it| it.rows).collect();
	let unlike = || BatchError::NoSamples("they have no shape in common".into());
	let joined = plan.join(&inputs).ok_or_else(unlike)?;
	Ok(plan.split(&engine.run(&joined)?, &rows)?)
}

/// By how much two tensors differ: for numbers beyond 1 in proportion to them; without bound, where
/// they differ in more than numbers that are rounded.
pub fn difference(a: &Tensor, b: &Tensor) -> f64 {
	if a == b {
		return 0.0;
	}
	if a.shape() != b.shape() || a.datatype() != b.datatype() {
		return f64::INFINITY;
	}
	let numbers = |tensor: &Tensor| -> Option<Vec<f64>> {
		match tensor.datatype() {
			DataType::Fp32 => {
				Some(tensor.to_elements::<f32>().ok()?.into_iter().map(f64::from).collect())
			},
			DataType::Fp64 => tensor.to_elements::<f64>().ok(),
			_ => None,
		}
	};
	let (Some(a), Some(b)) = (numbers(a), numbers(b)) else { return f64::INFINITY };
	a.iter()
		.zip(&b)
		.map(|(a, b)| match (a - b).abs() / a.abs().max(1.0) {
			_ if a.to_bits() == b.to_bits() || a == b => 0.0,
			by if by.is_nan() => f64::INFINITY,
			by => by,
		})
		.fold(0.0, f64::max)
}

#[cfg(test)]
pub(super) mod tests;
