//! The models that are configured: how each is loaded, and that those are loaded which the chain says
//! are served.

use crate::{
	chain::{Head, VersionState},
	config::{Config, ModelConfig},
	engine::{
		gpu::Gpus,
		placement::Placed,
		samples,
		shelf::{Away, Shelf},
		worker::{Confinement, WorkerEngine, WorkerOptions},
		Artifact, EngineError, Pool, PoolOptions, Quarantine,
	},
	http::{Catalogue, Planned, Served},
	private,
	text::{self, NotText},
};
use std::{
	path::{Path, PathBuf},
	sync::{Arc, OnceLock},
	time::{Duration, Instant},
};
use tokio::sync::watch;
use usufruct_client::{
	tensors::Tensor,
	text::{Text, TextError},
};
use usufruct_primitives::Hash;

/// What a worker takes besides its model, about, in bytes.
const WORKER: u64 = 64 << 20;
/// How often of the file's size a loaded model takes, about.
const FILES: u64 = 3;

/// What all models are loaded with.
#[derive(Clone, Debug)]
pub struct Common {
	/// The ONNX Runtime library.
	pub library: PathBuf,
	/// An empty folder.
	pub nowhere: PathBuf,
	/// The genesis hash of the chain.
	pub genesis: Hash,
	/// The program that becomes a worker.
	pub program: PathBuf,
}

impl Common {
	/// For the models of that configuration.
	pub fn new(config: &Config, library: PathBuf, genesis: Hash) -> std::io::Result<Self> {
		Ok(Self {
			library,
			nowhere: nowhere(&config.data)?,
			genesis,
			// This very program, also when its file has been replaced since.
			program: "/proc/self/exe".into(),
		})
	}
}

/// The catalogue of what is configured. Nothing is loaded yet.
pub fn catalogue(config: &Config, common: &Common) -> Catalogue {
	let quarantine = Arc::new(Quarantine::default());
	let shelf = Shelf::new(config.memory_budget);
	let planned = config.models.iter().map(|model| {
		let (shelf, quarantine) = (Arc::clone(&shelf), Arc::clone(&quarantine));
		let (model, config, common) = (model.clone(), config.clone(), common.clone());
		Planned {
			name: model.name.clone(),
			version: model.version,
			on_demand: model.on_demand,
			text: Box::new({
				let model = model.clone();
				move |state| read_text(&model, state)
			}),
			place: Box::new(move |state, text| {
				let takes = about(&model, state.size);
				let (model, config, common) = (model.clone(), config.clone(), common.clone());
				let (state, quarantine) = (state.clone(), Arc::clone(&quarantine));
				shelf.place(takes, move || {
					let text = text.as_deref();
					let loaded = load(&model, &config, &common, &state, text, &quarantine);
					loaded.map(|loaded| loaded.pool).inspect_err(|error| {
						let (name, version) = (&model.name, model.version);
						tracing::error!(model = name, version, %error, "the model cannot be loaded");
					})
				})
			}),
		}
	});
	Catalogue::new(planned.collect(), quarantine)
}

/// What a model takes, before it was loaded.
pub fn about(model: &ModelConfig, size: u64) -> u64 {
	let worker = size.saturating_mul(FILES).saturating_add(WORKER);
	let most = model.memory(usize::try_from(size).unwrap_or(usize::MAX));
	worker.min(most).saturating_mul(model.instances.max(1) as u64)
}

/// Loads what is to be loaded at the start, one after the other.
pub async fn load_first(catalogue: &Catalogue, head: &Head) -> Result<(), (String, Away)> {
	let wanted = catalogue.follow(head);
	for served in wanted {
		let named = |away| (format!("model '{}' version {}", served.name, served.version), away);
		served.home.preload().await.map_err(named)?;
		if head.versions.get(&served.version).is_some_and(|it| it.ask.is_none()) {
			tracing::warn!(
				model = served.name,
				version = served.version,
				"the oracle has no ask for this version: it is served once there is one"
			);
		}
	}
	Ok(())
}

/// Follows the finalised head for ever: loads versions that become active, unloads those that are
/// deprecated.
pub async fn follow(catalogue: Arc<Catalogue>, mut heads: watch::Receiver<Arc<Head>>) {
	while heads.changed().await.is_ok() {
		let head = Arc::clone(&heads.borrow_and_update());
		for served in catalogue.follow(&head) {
			tokio::spawn(load_later(served));
		}
	}
}

async fn load_later(served: Arc<Served>) {
	if let Err(away) = served.home.preload().await {
		tracing::debug!(model = served.name, version = served.version, %away, "not loaded");
	}
}

/// An empty folder below the oracle's data, for workers to be in.
fn nowhere(data: &Path) -> std::io::Result<PathBuf> {
	let nowhere = data.join("nowhere");
	private::make_folder(&nowhere)?;
	if std::fs::read_dir(&nowhere)?.next().is_some() {
		return Err(std::io::Error::other("it must be empty: models could read what is in it"));
	}
	nowhere.canonicalize()
}

/// How the workers of a model whose file has so many bytes are started.
pub fn worker_options(
	model: &ModelConfig,
	config: &Config,
	common: &Common,
	file: usize,
) -> WorkerOptions {
	WorkerOptions {
		name: model.name.clone(),
		program: common.program.clone(),
		library: common.library.clone(),
		nowhere: common.nowhere.clone(),
		placement: model.placement(&config.provider),
		device: model.device.or(config.device),
		threads: model.threads,
		isolation: config.isolation,
		memory: model.memory(file),
		max_output: model.max_output(),
		load_limit: Duration::from_secs(model.load_limit_s),
		run_limit: Duration::from_secs(model.run_limit_s),
	}
}

/// A model that is loaded.
pub struct Loaded {
	/// Its workers.
	pub pool: Pool,
	/// Where they run.
	pub placed: Placed,
	/// How they are locked in.
	pub confinement: Confinement,
}

/// Loads a version as it will be served: its weights compared with what the chain says, its samples run,
/// and tried whether requests can share runs, if they should. Blocks.
pub fn load(
	model: &ModelConfig,
	config: &Config,
	common: &Common,
	version: &VersionState,
	text: Option<&Text>,
	quarantine: &Arc<Quarantine>,
) -> Result<Loaded, EngineError> {
	let unloadable = |error: &dyn std::fmt::Display| EngineError::Load(error.to_string());
	let rules = model.rules(config.max_model);
	let artifact = Artifact::read(&model.path, &version.manifest, &rules)?;
	artifact.check_weights(&common.genesis, version.tensors)?;
	let samples = model.samples.as_deref().map(samples::read).transpose();
	let samples = samples.map_err(|error| unloadable(&error))?.unwrap_or_default();
	let samples = as_taken(samples, text).map_err(|error| unloadable(&error))?;
	let options = worker_options(model, config, common, artifact.length());
	let asked = options.placement.providers.clone();
	let begun = Instant::now();
	let artifact = Arc::new(artifact);
	let started = Arc::clone(&artifact);
	// All instances run where the first one could.
	let first = Arc::new(OnceLock::new());
	let known = Arc::clone(&first);
	let pool = PoolOptions {
		name: model.name.clone(),
		version: model.version,
		instances: model.instances,
		max_queue: model.max_queue,
		batching: model.batch.clone(),
		samples,
		quarantine: Arc::clone(quarantine),
	};
	let pool = Pool::start(pool, move |instance| {
		let mut options = options.clone();
		if let Some(First { placed, .. }) = known.get() {
			options.placement.providers = placed.provider.into();
		}
		let engine = WorkerEngine::start(options, Arc::clone(&artifact), Arc::clone(instance))?;
		known.get_or_init(|| First {
			placed: engine.placed.clone(),
			confinement: engine.confinement.clone(),
		});
		Ok(engine)
	})?;
	started.release();
	if let Some(text) = text {
		text::check(text, pool.signature()).map_err(|error| unloadable(&error))?;
	}
	let First { placed, confinement } = first.get().ok_or(EngineError::Stopped)?;
	tell_passed_over(&model.name, placed);
	tracing::info!(
		model = model.name,
		version = model.version,
		device = pool.device(),
		gpu = pool.profile().gpu,
		%asked,
		instances = model.instances,
		threads = model.threads,
		library = %common.library.display(),
		runtime = pool.profile().runtime,
		memory_mib = pool.memory() >> 20,
		took_ms = begun.elapsed().as_millis() as u64,
		"model loaded"
	);
	tell_isolation(&model.name, confinement);
	Ok(Loaded { pool, placed: placed.clone(), confinement: confinement.clone() })
}

/// The tokenizer of a model that takes text, if its metadata is what the version registered.
pub fn read_text(
	model: &ModelConfig,
	version: &VersionState,
) -> Result<Option<Arc<Text>>, NotText> {
	let (Some(metadata), Some(tokenizer)) = (&model.metadata, &model.tokenizer) else {
		return Ok(None);
	};
	text::load(metadata, tokenizer, &version.metadata).map(|text| Some(Arc::new(text)))
}

/// Samples as the model takes them: texts as their tokens.
fn as_taken(samples: Vec<Vec<Tensor>>, text: Option<&Text>) -> Result<Vec<Vec<Tensor>>, TextError> {
	let Some(text) = text else { return Ok(samples) };
	samples.iter().map(|inputs| Ok(text.prepare(inputs)?.inputs)).collect()
}

/// What is learned from the first worker of a model.
struct First {
	placed: Placed,
	confinement: Confinement,
}

fn tell_passed_over(model: &str, placed: &Placed) {
	let Placed { provider, passed_over } = placed;
	if passed_over.0.is_empty() {
		return;
	}
	if Gpus::here().cards.is_empty() {
		tracing::info!(model, %provider, %passed_over, "there is no GPU");
	} else {
		tracing::warn!(model, %provider, %passed_over, "A GPU IS THERE THAT CANNOT BE USED AS SAID");
	}
}

fn tell_isolation(model: &str, confinement: &Confinement) {
	let in_force = confinement.in_force.join(", ");
	if confinement.lacking.is_empty() {
		tracing::info!(model, in_force, "its workers are isolated");
	} else {
		tracing::warn!(
			model,
			lacking = confinement.lacking.join("; "),
			in_force,
			"ITS WORKERS ARE NOT FULLY ISOLATED: a model that means harm could reach what this user can; \
			 serve only models that you trust like a program, or set isolation = \"required\""
		);
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::minilm;
	use usufruct_client::{manifest, text::TEXT};

	#[test]
	fn samples_of_a_model_that_takes_text_may_be_texts() {
		let metadata = minilm().join("metadata.json");
		let hash = manifest::of_file(&metadata).unwrap().hash;
		let text = text::load(&metadata, &minilm().join("tokenizer.json"), &hash).unwrap();
		let said = |texts: &[&str]| {
			vec![Tensor::from_texts(TEXT, vec![texts.len() as u64], texts).unwrap()]
		};
		let samples = vec![said(&["The weather is lovely today."]), said(&["a", "a b"])];
		let taken = as_taken(samples.clone(), Some(&text)).unwrap();
		let ids = |at: usize| taken[at].iter().find(|it| it.name() == "input_ids").unwrap();
		assert_eq!((ids(0).shape(), ids(1).shape()), (&[1, 8][..], &[2, 4][..]));
		// Tensors of the model stay what they are; a text that is none is told of.
		assert_eq!(as_taken(taken.clone(), Some(&text)).unwrap(), taken);
		assert!(as_taken(vec![said(&["a ".repeat(400).as_str()])], Some(&text)).is_err());
		assert_eq!(as_taken(samples.clone(), None).unwrap(), samples);
	}
}
