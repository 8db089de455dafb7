//! A running inference oracle.

use std::{
	path::{Path, PathBuf},
	process::{Command, ExitStatus},
	time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};

use crate::{
	node::free_port,
	process::{binary, Process},
};

/// How long an oracle may take to load its models and to see the finalised chain.
const START: Duration = Duration::from_secs(90);

/// How long it may take to stop: it settles first.
const STOP: Duration = Duration::from_secs(120);

/// How many sessions of the model an oracle has, each with one thread.
pub const INSTANCES: usize = 2;

/// The ONNX Runtime library that `scripts/setup` fetched, or another one that is named: one for GPUs, say.
pub fn onnxruntime() -> Result<PathBuf> {
	let path = std::env::var_os("ORT_DYLIB_PATH")
		.context("ORT_DYLIB_PATH is not set: source scripts/env first")?;
	let path = PathBuf::from(path);
	anyhow::ensure!(path.exists(), "{} is missing: run scripts/setup", path.display());
	Ok(path)
}

/// The folder of a model that `scripts/setup` fetched.
pub fn model(name: &str) -> Result<PathBuf> {
	cached(&format!("models/{name}"))
}

/// A file below the cache folder of the scripts.
pub fn cached(file: &str) -> Result<PathBuf> {
	let cache = std::env::var_os("USUFRUCT_CACHE")
		.context("USUFRUCT_CACHE is not set: source scripts/env first")?;
	let path = Path::new(&cache).join(file);
	anyhow::ensure!(path.exists(), "{} is missing: run scripts/setup", path.display());
	Ok(path)
}

/// How to start an oracle.
#[derive(Clone)]
pub struct OracleOptions {
	/// Configuration, log and data live here.
	pub folder: PathBuf,
	/// The account's secret URI.
	pub secret: String,
	/// The receipt key's seed, in hex.
	pub receipt_seed: String,
	/// Where it listens; what it registered as its endpoint.
	pub port: u16,
	/// The node.
	pub node: String,
	/// The model it serves, which `scripts/setup` fetched.
	pub model: String,
	/// The model's file, if it is another one.
	pub file: Option<PathBuf>,
	/// The version of it.
	pub version: u32,
	/// The `[settle]` table of its configuration.
	pub settle: String,
	/// Further settings, which stand before all tables.
	pub settings: String,
	/// What stands at the end: further keys of the model, and further tables.
	pub rest: String,
}

impl OracleOptions {
	/// The program, with its configuration written and its keys in the environment.
	pub fn command(&self) -> Result<Command> {
		std::fs::create_dir_all(&self.folder)?;
		let config = self.folder.join("oracle.toml");
		std::fs::write(&config, self.configuration()?)?;
		let mut command = Command::new(binary("usufruct-oracle")?);
		command
			.arg("--config")
			.arg(&config)
			.env("USUFRUCT_SECRET", &self.secret)
			.env("USUFRUCT_RECEIPT_KEY", &self.receipt_seed);
		Ok(command)
	}

	fn configuration(&self) -> Result<String> {
		let (file, text) = match &self.file {
			Some(file) => (file.clone(), String::new()),
			None => {
				let folder = model(&self.model)?;
				let mut text = String::new();
				for (key, file) in [("metadata", "metadata.json"), ("tokenizer", "tokenizer.json")]
				{
					let file = folder.join(file);
					if file.exists() {
						text += &format!("{key} = \"{}\"\n", file.display());
					}
				}
				(folder.join("model.onnx"), text)
			},
		};
		Ok(format!(
			"listen = \"127.0.0.1:{}\"\nurl = \"{}\"\ndata = \"{}\"\nonnxruntime = \"{}\"\n\
			 provider = \"cpu\"\n{}\n\n[settle]\nlosses = true\n{}\n\n[[models]]\nname = \"{}\"\n\
			 version = {}\npath = \"{}\"\ninstances = {INSTANCES}\n{text}\n{}\n",
			self.port,
			self.node,
			self.folder.join("data").display(),
			onnxruntime()?.display(),
			self.settings,
			self.settle,
			self.model,
			self.version,
			file.display(),
			self.rest,
		))
	}
}

/// A running oracle.
pub struct Oracle {
	process: Process,
	/// `http://…` of its API.
	pub url: String,
	model: String,
}

impl Oracle {
	/// Starts an oracle and waits until it is ready to serve.
	pub async fn start(options: &OracleOptions) -> Result<Self> {
		let oracle = Self::launch(options)?;
		oracle.wait_ready().await?;
		Ok(oracle)
	}

	/// Starts an oracle, whether it will serve or not.
	pub fn launch(options: &OracleOptions) -> Result<Self> {
		let process = Process::start("oracle", &options.folder, options.command()?)?;
		Ok(Self {
			process,
			url: format!("http://127.0.0.1:{}", options.port),
			model: options.model.clone(),
		})
	}

	/// Waits until it has logged that.
	pub fn wait_for(&mut self, words: &str, timeout: Duration) -> Result<()> {
		self.process.wait_for_line(0, timeout, |line| line.contains(words).then_some(()))
	}

	async fn wait_ready(&self) -> Result<()> {
		let http = reqwest::Client::new();
		let deadline = Instant::now() + START;
		loop {
			let ready =
				http.get(format!("{}/v2/models/{}/ready", self.url, self.model)).send().await;
			if ready.is_ok_and(|answer| answer.status().is_success()) {
				return Ok(());
			}
			if Instant::now() > deadline {
				bail!("the oracle is not ready after {START:?}:\n{}", self.process.log());
			}
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
	}

	/// A figure of its metrics, summed over its labels; 0 if there is none.
	pub async fn metric(&self, name: &str) -> Result<f64> {
		let text = reqwest::get(format!("{}/metrics", self.url)).await?.text().await?;
		Ok(text
			.lines()
			.filter(|line| line.starts_with(name) && !line.starts_with('#'))
			.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
			.sum())
	}

	/// Waits until a figure of its metrics is as it should be.
	pub async fn wait_for_metric(
		&self,
		name: &str,
		expected: impl Fn(f64) -> bool,
		timeout: Duration,
	) -> Result<()> {
		let deadline = Instant::now() + timeout;
		loop {
			let found = self.metric(name).await?;
			if expected(found) {
				return Ok(());
			}
			if Instant::now() > deadline {
				bail!("{name} is {found} after {timeout:?}:\n{}", self.log());
			}
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
	}

	/// Everything it has logged.
	pub fn log(&self) -> String {
		self.process.log()
	}

	/// Suspends its workers: what they are given stays unanswered.
	pub fn suspend_workers(&self) -> Result<()> {
		self.process.signal_children("STOP")
	}

	/// Lets its workers go on.
	pub fn resume_workers(&self) -> Result<()> {
		self.process.signal_children("CONT")
	}

	/// Asks it to stop, as an operator would.
	pub fn terminate(&self) -> Result<()> {
		self.process.terminate()
	}

	/// Waits until it has ended; how it did.
	pub fn wait(self) -> Result<ExitStatus> {
		self.process.wait(STOP)
	}

	/// Stops it as an operator would: it settles what it can first.
	pub fn stop(self) -> Result<()> {
		self.process.stop(STOP)
	}

	/// Kills it as a power cut would.
	pub fn kill(self) -> Result<()> {
		self.process.kill()
	}

	/// Lets it run on; returns its process id.
	pub fn keep(self) -> u32 {
		self.process.keep()
	}
}

/// A port for an oracle that will be registered before it starts.
pub fn port() -> Result<u16> {
	free_port()
}
