//! The limit: the model in ONNX Runtime in a loop in this process, at the batch that suits it best.

use std::{
	borrow::Cow,
	time::{Duration, Instant},
};

use anyhow::{anyhow, Context, Result};
use ort::{
	environment::Environment,
	session::{Session, SessionInputValue},
	value::{DynValue, Tensor as OrtTensor},
};
use usufruct_client::tensors::{DataType, Tensor};
use usufruct_oracle::engine::placement::Provider;
use usufruct_tests::oracle::model;

use super::workload::Model;
use crate::limit::builder;

/// Different batches, run in turns.
const BATCHES: usize = 4;
/// How long each number of rows is tried.
const TRY: Duration = Duration::from_millis(700);

type Batch = Vec<(&'static str, DynValue)>;

/// One session with one thread, as every server has.
pub struct Limit {
	model: Model,
	session: Session,
	/// Rows of a batch.
	rows: usize,
	batches: Vec<Batch>,
	/// The first output of each request, alone.
	pub answers: Vec<Vec<f32>>,
}

impl Limit {
	/// Loads the model, and finds how many rows a run should have.
	pub fn load(environment: &Environment, which: Model, provider: Provider) -> Result<Self> {
		let bytes = std::fs::read(model(which.name())?.join("model.onnx"))?;
		let session = builder(environment, provider)
			.and_then(|mut it| it.commit_from_memory(&bytes))
			.map_err(|error| anyhow!("{}: {error}", which.name()))?;
		let (batches, answers) = (Vec::new(), Vec::new());
		let mut limit = Self { model: which, session, rows: 1, batches, answers };
		let inputs = which.inputs()?;
		for row in &inputs {
			let answer = limit.first(row)?;
			limit.answers.push(answer);
		}
		let mut best = (0.0, 1);
		for rows in which.rows() {
			limit.take(&inputs, *rows)?;
			limit.run(TRY / 4)?;
			let rate = limit.run(TRY)?;
			if rate > best.0 {
				best = (rate, *rows);
			}
		}
		limit.take(&inputs, best.1)?;
		Ok(limit)
	}

	/// How many rows its runs have.
	pub fn rows(&self) -> usize {
		self.rows
	}

	/// Rows per second.
	pub fn run(&mut self, time: Duration) -> Result<f64> {
		let begun = Instant::now();
		let mut runs = 0;
		while begun.elapsed() < time {
			let inputs = given(&self.batches[runs % self.batches.len()]);
			let _outputs = self.session.run(inputs).map_err(failed)?;
			runs += 1;
		}
		Ok((runs * self.rows) as f64 / begun.elapsed().as_secs_f64())
	}

	fn take(&mut self, inputs: &[Vec<Tensor>], rows: usize) -> Result<()> {
		self.rows = rows;
		let chunks = inputs.chunks_exact(rows).take(BATCHES);
		self.batches = chunks.map(batch).collect::<Result<_>>()?;
		Ok(())
	}

	fn first(&mut self, row: &[Tensor]) -> Result<Vec<f32>> {
		let batch = batch(&[row.to_vec()])?;
		let outputs = self.session.run(given(&batch)).map_err(failed)?;
		let output = outputs.get(self.model.output()).context("no such output")?;
		Ok(output.try_extract_tensor::<f32>().map_err(failed)?.1.to_vec())
	}
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
	anyhow!("the model failed: {error}")
}

fn given(batch: &Batch) -> Vec<(Cow<'_, str>, SessionInputValue<'_>)> {
	batch.iter().map(|(name, value)| (Cow::Borrowed(*name), value.into())).collect()
}

fn batch(rows: &[Vec<Tensor>]) -> Result<Batch> {
	let first = rows.first().context("a batch without rows")?;
	(0..first.len())
		.map(|at| {
			let parts: Vec<&Tensor> = rows.iter().map(|row| &row[at]).collect();
			Ok(match first[at].name() {
				"sr" => ("sr", value(&parts[..1], 1, vec![])?),
				// Two halves of each row, the rows in between.
				"state" => ("state", value(&parts, 2, vec![2, rows.len() as i64, 128])?),
				"input" => ("input", value(&parts, 1, vec![rows.len() as i64, 576])?),
				"input_ids" => ("input_ids", sentences(&parts)?),
				"attention_mask" => ("attention_mask", sentences(&parts)?),
				_ => ("token_type_ids", sentences(&parts)?),
			})
		})
		.collect()
}

fn sentences(parts: &[&Tensor]) -> Result<DynValue> {
	let tokens = parts[0].elements() as i64;
	value(parts, 1, vec![parts.len() as i64, tokens])
}

/// The parts one after the other, in as many pieces as are in front of the rows.
fn value(parts: &[&Tensor], pieces: usize, shape: Vec<i64>) -> Result<DynValue> {
	fn joined<T: usufruct_client::tensors::Element + Clone>(
		parts: &[&Tensor],
		pieces: usize,
	) -> Result<Vec<T>> {
		let elements: Vec<Vec<T>> =
			parts.iter().map(|part| Ok(part.to_elements()?)).collect::<Result<_>>()?;
		let mut all = Vec::new();
		for piece in 0..pieces {
			for part in &elements {
				let length = part.len() / pieces;
				all.extend_from_slice(&part[piece * length..(piece + 1) * length]);
			}
		}
		Ok(all)
	}
	Ok(match parts[0].datatype() {
		DataType::Int64 => OrtTensor::from_array((shape, joined::<i64>(parts, pieces)?))
			.map_err(failed)?
			.into_dyn(),
		_ => OrtTensor::from_array((shape, joined::<f32>(parts, pieces)?))
			.map_err(failed)?
			.into_dyn(),
	})
}
