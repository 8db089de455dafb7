//! What each thread of a pool does: takes what waits, runs it, together or alone, and answers.

use super::{
	desk::{Desk, Waiting},
	Ran,
};
use crate::engine::{batch::Plan, queue::Taken, Engine, EngineError};
use std::{
	panic::{catch_unwind, AssertUnwindSafe},
	time::{Duration, Instant},
};
use usufruct_client::tensors::Tensor;

/// How long those that wait are kept waiting for an engine that is down.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often an engine that is down looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);

/// Runs what waits until there will be no more.
pub(super) fn work(engine: &mut impl Engine, desk: &Desk) {
	let device = engine.device();
	loop {
		while let Err(pause) = engine.revive() {
			if pause > PATIENCE && !desk.dismiss() {
				return;
			}
			std::thread::sleep(pause.min(LOOK));
		}
		let Some(mut batch) = desk.next() else { return };
		let rows = batch.iter().fold(0u64, |sum, it| sum.saturating_add(it.size.rows));
		let requests = batch.len();
		batch.iter_mut().for_each(|it| it.item.begin(requests, rows, &device));
		let started = Instant::now();
		let results = run(engine, desk, &batch);
		desk.over(&batch, started.elapsed());
		for (taken, (outputs, took)) in batch.into_iter().zip(results) {
			let waited = started.saturating_duration_since(taken.item.since);
			taken.item.answer(Ran { outputs, waited, took, shared_by: requests });
		}
	}
}

type Outputs = Result<Vec<Tensor>, EngineError>;

/// Runs what was taken: together, if it is several, and each alone if that does not go well.
fn run(
	engine: &mut impl Engine,
	desk: &Desk,
	batch: &[Taken<Waiting>],
) -> Vec<(Outputs, Duration)> {
	if let (Some(plan), 2..) = (desk.plan(), batch.len()) {
		let begun = Instant::now();
		match together(engine, plan, batch) {
			Ok(outputs) => {
				let took = begun.elapsed();
				return outputs.into_iter().map(|it| (Ok(it), took)).collect();
			},
			Err(error) => {
				tracing::warn!(
					model = desk.options.name,
					%error,
					requests = batch.len(),
					"a run that requests shared failed; each is run alone"
				);
			},
		}
	}
	batch
		.iter()
		.map(|taken| {
			let begun = Instant::now();
			let outputs = alone(engine, desk, taken, batch.len() > 1);
			if let Err(error) = &outputs {
				desk.note(&taken.key, &taken.item.job.inputs, error);
			}
			(outputs, begun.elapsed())
		})
		.collect()
}

fn together(
	engine: &mut impl Engine,
	plan: &Plan,
	batch: &[Taken<Waiting>],
) -> Result<Vec<Vec<Tensor>>, EngineError> {
	revived(engine)?;
	let requests: Vec<_> = batch.iter().map(|it| it.item.job.inputs.as_slice()).collect();
	let rows: Vec<_> = batch.iter().map(|it| it.size.rows).collect();
	let unlike = || EngineError::Run("requests of one class cannot be joined".into());
	let joined = plan.join(&requests).ok_or_else(unlike)?;
	Ok(plan.split(&guarded(engine, &joined)?, &rows)?)
}

fn alone(engine: &mut impl Engine, desk: &Desk, taken: &Taken<Waiting>, again: bool) -> Outputs {
	// In the run that they shared, or since.
	if let Some(why) = again.then(|| desk.hindrance(taken)).flatten() {
		return Err(why);
	}
	revived(engine)?;
	guarded(engine, &taken.item.job.inputs)
}

/// It may have ended while there was nothing to do, or in the run before.
fn revived(engine: &mut impl Engine) -> Result<(), EngineError> {
	let begun = Instant::now();
	while let Err(pause) = engine.revive() {
		if begun.elapsed() + pause > PATIENCE {
			return Err(EngineError::Stopped);
		}
		std::thread::sleep(pause.min(LOOK));
	}
	Ok(())
}

/// A panic fails one run, not the thread.
fn guarded(engine: &mut impl Engine, inputs: &[Tensor]) -> Outputs {
	catch_unwind(AssertUnwindSafe(|| engine.run(inputs)))
		.unwrap_or_else(|_| Err(EngineError::Run("the engine panicked".into())))
}
