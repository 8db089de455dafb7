//! How fast the model alone is: called in a loop, in this process, by ONNX Runtime and nothing else.

use std::time::Instant;

use anyhow::{anyhow, Context, Result};
use ort::{
	environment::Environment,
	session::{
		builder::{GraphOptimizationLevel, SessionBuilder},
		Session,
	},
	value::TensorRef,
};
use usufruct_oracle::engine::{
	ort::dispatched,
	placement::{Placement, Provider},
};
use usufruct_tests::oracle::{model, onnxruntime, INSTANCES};

/// As many sessions as the oracle has, each with one thread, as there.
pub struct Limit {
	sessions: Vec<Session>,
	/// What the model is asked, in turns.
	inputs: Vec<Vec<i32>>,
}

impl Limit {
	/// Loads the model.
	pub fn load(inputs: Vec<Vec<i32>>) -> Result<Self> {
		let environment = environment()?;
		let bytes = std::fs::read(model("magika")?.join("model.onnx"))?;
		let sessions = (0..INSTANCES)
			.map(|_| {
				builder(&environment, Provider::Cpu)
					.and_then(|mut builder| builder.commit_from_memory(&bytes))
					.map_err(|error| anyhow!("the model cannot be loaded: {error}"))
			})
			.collect::<Result<_>>()?;
		Ok(Self { sessions, inputs })
	}

	/// Runs per second, of so many runs.
	pub fn run(&mut self, runs: usize) -> Result<f64> {
		let each = runs.div_ceil(self.sessions.len());
		let runs = each * self.sessions.len();
		let inputs = &self.inputs;
		let begun = Instant::now();
		std::thread::scope(|scope| {
			let threads: Vec<_> = self
				.sessions
				.iter_mut()
				.map(|session| {
					scope.spawn(move || {
						inputs.iter().cycle().take(each).try_for_each(|input| infer(session, input))
					})
				})
				.collect();
			threads.into_iter().try_for_each(|thread| -> Result<()> {
				let ran = thread.join().ok().context("a loop panicked")?;
				ran.map_err(|error| anyhow!("the model failed: {error}"))
			})
		})?;
		Ok(runs as f64 / begun.elapsed().as_secs_f64())
	}
}

/// ONNX Runtime, once a process.
pub fn environment() -> Result<Environment> {
	let library = onnxruntime()?;
	ort::init_from(&library)
		.map_err(|error| anyhow!("{}: {error}", library.display()))?
		.with_name("usufruct-bench")
		.with_telemetry(false)
		.build()
		.map_err(|error| anyhow!("{}: {error}", library.display()))
}

/// The options of the oracle.
pub fn builder(environment: &Environment, provider: Provider) -> ort::Result<SessionBuilder> {
	let dispatched = dispatched(provider, &Placement::from(provider));
	Ok(Session::builder(environment)?
		.with_execution_providers(dispatched)?
		.with_optimization_level(GraphOptimizationLevel::All)?
		.with_intra_threads(1)?
		.with_intra_op_spinning(false)?)
}

fn infer(session: &mut Session, tokens: &[i32]) -> ort::Result<()> {
	let input = TensorRef::from_array_view(([1, tokens.len()], tokens))?;
	let _outputs = session.run(ort::inputs!["bytes" => input])?;
	Ok(())
}
