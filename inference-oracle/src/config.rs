//! Flags, environment, and the configuration file: a flag wins over the environment, and both over
//! the file.

use crate::{
	bond,
	engine::{ort::Provider, worker::Isolation, Batching},
	http::Limits,
	settle::PolicyFile,
};
use clap::Parser;
use ed25519_dalek::SigningKey;
use serde::Deserialize;
use std::{
	net::SocketAddr,
	path::{Path, PathBuf},
};
use usufruct_client::keys::{self, Key, KeyError};
use usufruct_primitives::VersionId;

/// The environment variable with the receipt key: an ed25519 seed in hex, or a development path.
pub const RECEIPT_KEY_ENV: &str = "USUFRUCT_RECEIPT_KEY";

/// Serves registered models for payment and settles the receipts.
///
/// The account that settles is taken from the keystore file, or from the secret URI in
/// USUFRUCT_SECRET; the key that signs receipts from its keystore file, or from USUFRUCT_RECEIPT_KEY.
#[derive(Clone, Debug, Parser)]
#[command(name = "usufruct-oracle", version)]
pub struct Flags {
	/// The configuration file.
	#[arg(long, env = "USUFRUCT_ORACLE_CONFIG", default_value = "oracle.toml")]
	pub config: PathBuf,
	/// The address to listen on.
	#[arg(long, env = "USUFRUCT_ORACLE_LISTEN")]
	pub listen: Option<SocketAddr>,
	/// The WebSocket of a node, like ws://127.0.0.1:9944.
	#[arg(long, env = "USUFRUCT_URL")]
	pub url: Option<String>,
	/// The folder of the log.
	#[arg(long, env = "USUFRUCT_ORACLE_DATA")]
	pub data: Option<PathBuf>,
	/// The ONNX Runtime library.
	#[arg(long)]
	pub onnxruntime: Option<PathBuf>,
	/// Where models run: cpu, cuda, or auto.
	#[arg(long, value_parser = provider)]
	pub provider: Option<Provider>,
	/// The keystore file of the account.
	#[arg(long, env = "USUFRUCT_KEYSTORE")]
	pub keystore: Option<PathBuf>,
	/// The keystore file of the receipt key.
	#[arg(long, env = "USUFRUCT_RECEIPT_KEYSTORE")]
	pub receipt_keystore: Option<PathBuf>,
	/// Print the account and the public receipt key, as `oracle register` takes them, and stop.
	#[arg(long)]
	pub print_keys: bool,
	/// Log as JSON.
	#[arg(long, env = "USUFRUCT_LOG_JSON")]
	pub log_json: bool,
}

fn provider(text: &str) -> Result<Provider, String> {
	match text {
		"cpu" => Ok(Provider::Cpu),
		"cuda" => Ok(Provider::Cuda),
		"auto" => Ok(Provider::Auto),
		_ => Err("must be cpu, cuda or auto".into()),
	}
}

/// A model to serve.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
	/// The name in paths.
	pub name: String,
	/// The version on the chain.
	pub version: VersionId,
	/// The file.
	pub path: PathBuf,
	/// The metadata document that the version registered, if it says that the model takes text.
	pub metadata: Option<PathBuf>,
	/// The tokenizer that the metadata names.
	pub tokenizer: Option<PathBuf>,
	/// Sessions, each in a process of its own.
	#[serde(default = "one")]
	pub instances: usize,
	/// Threads within one run of a session.
	#[serde(default = "one")]
	pub threads: usize,
	/// Requests that may wait besides those that run.
	#[serde(default = "default_queue")]
	pub max_queue: usize,
	/// Whether and how requests share runs; unless it is said, none does.
	pub batch: Option<Batching>,
	/// A JSON list of inference requests that are run when it is loaded.
	pub samples: Option<PathBuf>,
	/// Loaded only when somebody asks for it.
	#[serde(default)]
	pub on_demand: bool,
	/// The most memory of one process, in MiB; unless it is said, what models of the file's size need.
	pub memory_mib: Option<u64>,
	/// The most memory of the outputs of one run, in MiB.
	#[serde(default = "default_output")]
	pub output_mib: u32,
	/// How long loading it may take, in seconds.
	#[serde(default = "default_load_limit")]
	pub load_limit_s: u64,
	/// How long a run may take, in seconds.
	#[serde(default = "default_run_limit")]
	pub run_limit_s: u64,
}

impl ModelConfig {
	/// The most bytes of memory of one process, for a file of so many bytes.
	pub fn memory(&self, file: usize) -> u64 {
		match self.memory_mib {
			Some(mib) => mib.saturating_mul(1 << 20),
			// The file, what it is parsed into, the weights as they are laid out to run, and a copy in
			// between; and room for what it computes.
			None => (file as u64).saturating_mul(4).saturating_add(2 << 30),
		}
	}

	/// The most bytes of the outputs of one run.
	pub fn max_output(&self) -> u32 {
		self.output_mib.saturating_mul(1 << 20)
	}
}

fn one() -> usize {
	1
}

fn default_queue() -> usize {
	256
}

fn default_output() -> u32 {
	64
}

fn default_load_limit() -> u64 {
	300
}

fn default_run_limit() -> u64 {
	60
}

/// The configuration file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
	listen: Option<SocketAddr>,
	url: Option<String>,
	data: Option<PathBuf>,
	onnxruntime: Option<PathBuf>,
	#[serde(default)]
	provider: Option<Provider>,
	#[serde(default)]
	isolation: Isolation,
	keystore: Option<PathBuf>,
	receipt_keystore: Option<PathBuf>,
	body_limit: Option<usize>,
	max_requests: Option<usize>,
	memory_budget_mib: Option<u64>,
	drain_s: Option<u64>,
	settle_on_stop_s: Option<u64>,
	#[serde(default)]
	settle: PolicyFile,
	#[serde(default)]
	bond: bond::PolicyFile,
	#[serde(default)]
	models: Vec<ModelConfig>,
}

/// Everything the oracle is told.
#[derive(Clone, Debug)]
pub struct Config {
	/// The address to listen on.
	pub listen: SocketAddr,
	/// The WebSocket of a node.
	pub url: String,
	/// The folder of the log.
	pub data: PathBuf,
	/// The ONNX Runtime library, if one is named.
	pub onnxruntime: Option<PathBuf>,
	/// Where models run.
	pub provider: Provider,
	/// Whether they run where the kernel cannot lock them in.
	pub isolation: Isolation,
	/// The keystore file of the account.
	pub keystore: Option<PathBuf>,
	/// The keystore file of the receipt key.
	pub receipt_keystore: Option<PathBuf>,
	/// What may be asked of it at a time.
	pub limits: Limits,
	/// Bytes of memory that all models may take together.
	pub memory_budget: Option<u64>,
	/// How long requests in flight are waited for when it stops.
	pub drain: std::time::Duration,
	/// How long the last settlement is waited for when it stops.
	pub settle_on_stop: std::time::Duration,
	/// When a settlement is due.
	pub settle: crate::settle::Policy,
	/// When to pause for want of bond, and whether to add to it.
	pub bond: bond::Policy,
	/// The models.
	pub models: Vec<ModelConfig>,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
	/// The file cannot be read.
	#[error("the configuration {path} cannot be read: {error}; name it with --config")]
	Unreadable {
		/// The file.
		path: String,
		/// Why.
		error: std::io::Error,
	},
	/// The file is not understood.
	#[error("the configuration {path} is not understood: {error}")]
	Malformed {
		/// The file.
		path: String,
		/// Why.
		error: toml::de::Error,
	},
	/// Two models cannot be told apart.
	#[error("model '{0}' version {1} is configured twice; remove one")]
	Twice(String, VersionId),
	/// Of what it takes to read text, one thing is missing.
	#[error("model '{0}': metadata and tokenizer belong together; name both, or neither")]
	HalfText(String),
	/// There is nothing to serve.
	#[error("no model is configured; add a [[models]] table with name, version and path")]
	NoModels,
	/// An amount is not understood.
	#[error("settle.value: {0}")]
	Amount(#[from] usufruct_client::amount::AmountError),
	/// What is said of the bond cannot be used.
	#[error("[bond]: {0}")]
	Bond(#[from] bond::PolicyError),
}

impl Config {
	/// From the flags, and the file they name.
	pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
		let path = || flags.config.display().to_string();
		let text = std::fs::read_to_string(&flags.config)
			.map_err(|error| ConfigError::Unreadable { path: path(), error })?;
		let file: File = toml::from_str(&text)
			.map_err(|error| ConfigError::Malformed { path: path(), error })?;
		Self::merge(flags, file)
	}

	fn merge(flags: &Flags, file: File) -> Result<Self, ConfigError> {
		let flags = flags.clone();
		for (at, model) in file.models.iter().enumerate() {
			let same = |it: &ModelConfig| it.name == model.name && it.version == model.version;
			if file.models.iter().take(at).any(same) {
				return Err(ConfigError::Twice(model.name.clone(), model.version));
			}
			if model.metadata.is_some() != model.tokenizer.is_some() {
				return Err(ConfigError::HalfText(model.name.clone()));
			}
		}
		if file.models.is_empty() {
			return Err(ConfigError::NoModels);
		}
		let seconds = std::time::Duration::from_secs;
		Ok(Self {
			listen: flags
				.listen
				.or(file.listen)
				.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8090))),
			url: flags.url.or(file.url).unwrap_or_else(|| "ws://127.0.0.1:9944".into()),
			data: flags.data.or(file.data).unwrap_or_else(|| "oracle-data".into()),
			onnxruntime: flags.onnxruntime.or(file.onnxruntime),
			provider: flags.provider.or(file.provider).unwrap_or_default(),
			isolation: file.isolation,
			keystore: flags.keystore.or(file.keystore),
			receipt_keystore: flags.receipt_keystore.or(file.receipt_keystore),
			limits: Limits {
				body: file.body_limit.unwrap_or(8 << 20),
				requests: file.max_requests.unwrap_or(1_024),
			},
			memory_budget: file.memory_budget_mib.map(|mib| mib.saturating_mul(1 << 20)),
			drain: seconds(file.drain_s.unwrap_or(30)),
			settle_on_stop: seconds(file.settle_on_stop_s.unwrap_or(60)),
			settle: file.settle.policy()?,
			bond: file.bond.policy()?,
			models: file.models,
		})
	}
}

/// The key that signs receipts.
pub fn receipt_key(keystore: Option<&Path>) -> Result<SigningKey, KeyError> {
	let Some(path) = keystore else { return keys::ed25519_from_env(RECEIPT_KEY_ENV) };
	match keys::read_keystore(path, std::env::var(keys::PASSWORD_ENV).ok().as_deref())? {
		Key::Ed25519(key) => Ok(key),
		Key::Account(_) => Err(KeyError::Scheme(path.into(), "sr25519", "ed25519")),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::time::Duration;

	fn load(flags: &[&str], text: &str) -> Result<Config, ConfigError> {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("oracle.toml");
		std::fs::write(&path, text).unwrap();
		let path = path.display().to_string();
		let arguments = ["usufruct-oracle", "--config", &path];
		Config::load(&Flags::parse_from(arguments.iter().chain(flags)))
	}

	const MODEL: &str = "[[models]]\nname = \"m\"\nversion = 3\npath = \"m.onnx\"\n";

	#[test]
	fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
		let text = format!(
			"listen = \"127.0.0.1:1\"\nprovider = \"cuda\"\nbody_limit = 5\n[settle]\nvalue = \"0.5\"\nage_s = 7\n{MODEL}"
		);
		let config = load(&["--listen", "127.0.0.1:2", "--provider", "cpu"], &text).unwrap();
		assert_eq!(config.listen.port(), 2);
		assert_eq!((config.provider, config.limits.body), (Provider::Cpu, 5));
		assert_eq!(config.settle.value, 500_000_000_000);
		assert_eq!((config.settle.count, config.settle.age), (10_000, Duration::from_secs(7)));
		let model = &config.models[0];
		assert_eq!((model.instances, model.max_queue), (1, 256));
		assert_eq!((model.load_limit_s, model.run_limit_s), (300, 60));
		assert_eq!((model.memory(1_000), model.max_output()), ((2 << 30) + 4_000, 64 << 20));
		assert_eq!(config.isolation, Isolation::BestEffort);
		assert_eq!(config.url, "ws://127.0.0.1:9944");
	}

	#[test]
	fn models_are_limited_as_they_are_told() {
		let text = format!(
			"isolation = \"required\"\n{MODEL}memory_mib = 512\noutput_mib = 5000\nrun_limit_s = 3\n"
		);
		let config = load(&[], &text).unwrap();
		assert_eq!(config.isolation, Isolation::Required);
		let model = &config.models[0];
		assert_eq!((model.memory(usize::MAX), model.run_limit_s), (512 << 20, 3));
		assert_eq!(model.max_output(), u32::MAX);
	}

	#[test]
	fn requests_share_runs_only_where_that_is_said() {
		let config = load(&[], MODEL).unwrap();
		let model = &config.models[0];
		assert_eq!((&model.batch, &model.samples, model.on_demand), (&None, &None, false));
		assert_eq!((config.memory_budget, config.limits.requests), (None, 1_024));
		let text = format!(
			"memory_budget_mib = 100\nmax_requests = 7\n{MODEL}on_demand = true\n\
			 samples = \"s.json\"\n[models.batch]\nrows = 16\naxes = {{ state = 1 }}\ncommon = [\"sr\"]\n"
		);
		let config = load(&[], &text).unwrap();
		assert_eq!((config.memory_budget, config.limits.requests), (Some(100 << 20), 7));
		let model = &config.models[0];
		assert!(model.on_demand && model.samples == Some("s.json".into()));
		let batch = model.batch.clone().unwrap();
		assert_eq!((batch.rows, batch.tokens, batch.tolerance), (16, None, 1e-5));
		assert_eq!((batch.axes["state"], batch.common.contains("sr")), (1, true));
		for wrong in ["", "rows = -1\n", "rows = 8\nrow = 8\n"] {
			let text = format!("{MODEL}[models.batch]\n{wrong}");
			assert!(matches!(load(&[], &text), Err(ConfigError::Malformed { .. })), "{wrong}");
		}
	}

	#[test]
	fn the_example_is_understood_and_says_the_defaults() {
		let example = load(&[], include_str!("../oracle.example.toml")).unwrap();
		let default = load(&[], MODEL).unwrap();
		assert_eq!((&example.settle, example.bond), (&default.settle, default.bond));
		assert_eq!((example.listen, &example.url), (default.listen, &default.url));
		assert_eq!(
			(example.drain, example.settle_on_stop),
			(default.drain, default.settle_on_stop)
		);
		assert_eq!((example.provider, example.limits), (default.provider, default.limits));
		assert_eq!(example.memory_budget, default.memory_budget);
		assert_eq!(example.isolation, default.isolation);
		let limits = |config: &Config| {
			let model = &config.models[0];
			(model.memory_mib, model.output_mib, model.load_limit_s, model.run_limit_s)
		};
		assert_eq!(limits(&example), limits(&default));
	}

	#[test]
	fn what_is_not_understood_is_refused() {
		assert!(matches!(load(&[], ""), Err(ConfigError::NoModels)));
		assert!(matches!(load(&[], &MODEL.repeat(2)), Err(ConfigError::Twice(..))));
		let half = format!("{MODEL}tokenizer = \"tokenizer.json\"\n");
		assert!(matches!(load(&[], &half), Err(ConfigError::HalfText(_))));
		let both = format!("{half}metadata = \"metadata.json\"\n");
		assert!(load(&[], &both).unwrap().models[0].metadata.is_some());
		for wrong in [
			"lisen = 1\n",
			"provider = \"gpu\"\n",
			"isolation = \"none\"\n",
			"[settle]\nvalue = 5\n",
		] {
			let text = format!("{wrong}{MODEL}");
			assert!(matches!(load(&[], &text), Err(ConfigError::Malformed { .. })), "{wrong}");
		}
		let text = format!("[settle]\nvalue = \"1p5\"\n{MODEL}");
		assert!(matches!(load(&[], &text), Err(ConfigError::Amount(_))));
		let text = format!("[bond]\ntop_up_to = \"5\"\n{MODEL}");
		assert!(matches!(load(&[], &text), Err(ConfigError::Bond(bond::PolicyError::Half))));
		let missing = Flags::parse_from(["usufruct-oracle", "--config", "/nonexistent"]);
		assert!(matches!(Config::load(&missing), Err(ConfigError::Unreadable { .. })));
	}
}
