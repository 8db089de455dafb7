//! How workers are started for what the configuration says.

use crate::{
	config::{Config, ModelConfig},
	engine::worker::WorkerOptions,
};
use anyhow::{bail, Context, Result};
use std::{
	path::{Path, PathBuf},
	time::Duration,
};

/// The empty folder in which workers live.
pub fn nowhere(data: &Path) -> Result<PathBuf> {
	let nowhere = data.join("nowhere");
	std::fs::create_dir_all(&nowhere)
		.with_context(|| format!("cannot make the folder {}", nowhere.display()))?;
	if std::fs::read_dir(&nowhere)?.next().is_some() {
		bail!("{} must be empty: models could read what is in it", nowhere.display());
	}
	Ok(nowhere.canonicalize()?)
}

/// The worker of a model whose file has so many bytes.
pub fn worker_options(
	config: &Config,
	model: &ModelConfig,
	library: &Path,
	nowhere: &Path,
	file: usize,
) -> WorkerOptions {
	WorkerOptions {
		name: model.name.clone(),
		// This very program, also when its file has been replaced since.
		program: PathBuf::from("/proc/self/exe"),
		library: library.to_path_buf(),
		nowhere: nowhere.to_path_buf(),
		provider: config.provider,
		threads: model.threads,
		isolation: config.isolation,
		memory: model.memory(file),
		max_output: model.max_output(),
		load_limit: Duration::from_secs(model.load_limit_s),
		run_limit: Duration::from_secs(model.run_limit_s),
	}
}
