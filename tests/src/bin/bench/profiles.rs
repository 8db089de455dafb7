//! How far honest answers are apart: the same questions, run under other profiles.
//!
//! In workers, as the oracle runs models. An auditor who has another machine than the oracle sees such
//! differences, so they say what a tolerance has to allow.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use serde_json::{json, Map, Value};
use usufruct_client::{manifest, tensors::Tensor};
use usufruct_oracle::{
	audit::{
		compare::{compare, Distance},
		Tolerance,
	},
	engine::{
		batch::Plan,
		placement::Provider,
		worker::{Isolation, WorkerEngine, WorkerOptions},
		Artifact, Batching, Engine, EngineError, Instance, Rules,
	},
};
use usufruct_tests::{
	oracle::{model, onnxruntime},
	process::binary,
};

use crate::{
	oracle,
	peers::Model,
	report::{table, Report},
};

/// Questions, one row each.
const QUESTIONS: usize = 64;
/// Rows of a run that has many.
const ROWS: usize = 32;

/// How questions are run.
struct Way {
	name: &'static str,
	provider: Provider,
	threads: usize,
	rows: usize,
}

/// All others are compared with the first.
const WAYS: [Way; 5] = [
	Way { name: "CPU, alone", provider: Provider::Cpu, threads: 1, rows: 1 },
	Way { name: "CPU, 32 rows", provider: Provider::Cpu, threads: 1, rows: ROWS },
	Way { name: "CPU, two threads", provider: Provider::Cpu, threads: 2, rows: 1 },
	Way { name: "CUDA, alone", provider: Provider::Cuda, threads: 1, rows: 1 },
	Way { name: "CUDA, 32 rows", provider: Provider::Cuda, threads: 1, rows: ROWS },
];

/// A model and what it is asked.
struct Asked {
	name: &'static str,
	/// How its requests share runs.
	batching: String,
	questions: Vec<Vec<Tensor>>,
}

/// Measures, and prints.
pub fn measure(report: &mut Report, folder: &Path) -> Result<()> {
	let head = ["", "largest difference", "of the tolerance", "values", "differ altogether"];
	for asked in models()? {
		let (mut rows, mut figures, mut skipped) = (Vec::new(), Map::new(), Vec::new());
		let mut reference = None;
		for way in &WAYS {
			let answers = match run(&asked, way, folder) {
				Ok(answers) => answers,
				Err(Failed::NoProvider(why)) => {
					skipped.push(format!("{}: {why}", way.name));
					continue;
				},
				Err(Failed::Other(error)) => {
					return Err(error.context(format!("{}, {}", asked.name, way.name)))
				},
			};
			let Some(reference) = &reference else {
				reference = Some(answers);
				continue;
			};
			let distance = apart(reference, &answers);
			rows.push(vec![
				way.name.to_owned(),
				format!("{:.1e}", distance.largest),
				format!("{:.3}", distance.worst),
				distance.count.to_string(),
				distance.others.to_string(),
			]);
			figures.insert(way.name.into(), figure(&distance));
		}
		let Tolerance { absolute, relative } = Tolerance::default();
		let title = format!(
			"{}: {QUESTIONS} questions, against {} (tolerance {absolute:e} + {relative:e} of the value)",
			asked.name, WAYS[0].name
		);
		table(&title, &head.map(String::from), &rows);
		for why in skipped {
			println!("    skipped: {why}");
		}
		report.set_in("profiles", asked.name, Value::Object(figures));
	}
	Ok(())
}

fn figure(distance: &Distance) -> Value {
	json!({
		"largest": distance.largest,
		"of_tolerance": distance.worst,
		"values": distance.count,
		"others": distance.others,
	})
}

fn models() -> Result<Vec<Asked>> {
	let files = oracle::inputs()?.into_iter().take(QUESTIONS);
	let files = files.map(|tokens| {
		let shape = vec![1, tokens.len() as u64];
		Ok(vec![Tensor::from_elements("bytes", shape, &tokens)?])
	});
	let mut models = vec![Asked {
		name: "magika",
		batching: String::new(),
		questions: files.collect::<Result<_>>()?,
	}];
	for model in Model::ALL {
		let questions = model.inputs()?.into_iter().take(QUESTIONS).collect();
		let batching = model.batching().lines().filter(|line| !line.starts_with("rows"));
		let batching = batching.collect::<Vec<_>>().join("\n");
		models.push(Asked { name: model.name(), batching, questions });
	}
	Ok(models)
}

/// Why questions were not run.
enum Failed {
	/// This machine cannot run them so.
	NoProvider(String),
	Other(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
	fn from(error: E) -> Self {
		Self::Other(error.into())
	}
}

/// The answer to each question.
fn run(asked: &Asked, way: &Way, folder: &Path) -> Result<Vec<Vec<Tensor>>, Failed> {
	let nowhere = folder.join("nowhere");
	std::fs::create_dir_all(&nowhere)?;
	let bytes = std::fs::read(model(asked.name)?.join("model.onnx"))?;
	let hash = manifest::of_bytes(&bytes).hash;
	let options = WorkerOptions {
		name: asked.name.into(),
		program: binary("usufruct-oracle")?,
		library: onnxruntime()?.canonicalize()?,
		nowhere,
		placement: way.provider.into(),
		device: None,
		threads: way.threads,
		isolation: Isolation::BestEffort,
		memory: 8 << 30,
		max_output: 64 << 20,
		load_limit: Duration::from_secs(120),
		run_limit: Duration::from_secs(60),
	};
	let artifact = Arc::new(Artifact::check(bytes, &hash, &Rules::default())?);
	let started = WorkerEngine::start(options, artifact, Arc::<Instance>::default());
	let mut engine = match started {
		Ok(engine) => engine,
		Err(EngineError::Provider(why)) => return Err(Failed::NoProvider(why.to_string())),
		Err(EngineError::Device(why)) => return Err(Failed::NoProvider(why.to_string())),
		Err(error) => return Err(error.into()),
	};
	if way.rows == 1 {
		let each = asked.questions.iter().map(|inputs| engine.run(inputs));
		return Ok(each.collect::<Result<_, _>>()?);
	}
	let batching: Batching = toml::from_str(&format!("rows = {}\n{}", way.rows, asked.batching))?;
	let plan = Plan::new(&batching, engine.signature())?;
	let mut answers = Vec::with_capacity(asked.questions.len());
	for questions in asked.questions.chunks(way.rows) {
		let inputs: Vec<_> = questions.iter().map(Vec::as_slice).collect();
		let joined = plan.join(&inputs).context("the questions cannot share a run")?;
		answers.extend(plan.split(&engine.run(&joined)?, &vec![1; questions.len()])?);
	}
	Ok(answers)
}

/// The largest of all distances.
fn apart(reference: &[Vec<Tensor>], answers: &[Vec<Tensor>]) -> Distance {
	let mut all = Distance::default();
	for (expected, found) in reference.iter().zip(answers) {
		let (_, distance) = compare(expected, found, &Tolerance::default(), false);
		all.largest = all.largest.max(distance.largest);
		all.worst = all.worst.max(distance.worst);
		all.others += distance.others;
		all.count += distance.count;
	}
	all
}
