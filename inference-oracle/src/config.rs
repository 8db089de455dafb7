//! What the oracle is told: defaults, one TOML file, the environment, flags. Each wins over those before
//! it, and what cannot be used is refused with the key and where it was said.

mod amount;
mod flags;
#[cfg(test)]
mod tests;

pub use amount::Ufr;
pub use flags::{AuditFlags, Command, Flags};

use crate::{
	audit::{NoTolerance, Tolerance},
	blind, bond,
	engine::{
		operators::Operators,
		placement::{Placement, PlacementError, Providers, TensorRt},
		worker::Isolation,
		Batching, Rules,
	},
	http, settle, store,
	telemetry::Sample,
};
use ed25519_dalek::SigningKey;
use figment::{
	providers::{Env, Format, Serialized, Toml},
	Figment,
};
use serde::Deserialize;
use std::{
	net::SocketAddr,
	num::{NonZero, NonZeroU64, NonZeroUsize},
	path::{Path, PathBuf},
	time::Duration,
};
use usufruct_client::{
	keys::{self, Key, KeyError},
	serve::Bounds,
};
use usufruct_primitives::VersionId;

/// The environment variable with the receipt key: an ed25519 seed in hex, or a development path.
pub const RECEIPT_KEY_ENV: &str = "USUFRUCT_RECEIPT_KEY";

/// Before the names of keys in the environment, in capitals; `__` stands between a table and its key.
pub const ENV_PREFIX: &str = "USUFRUCT_ORACLE_";
/// Variables that other programs of Usufruct read too, and the keys they stand for.
const SHARED_ENV: [(&str, &str); 3] = [
	("USUFRUCT_URL", "url"),
	("USUFRUCT_KEYSTORE", "keystore"),
	("USUFRUCT_RECEIPT_KEYSTORE", "receipt_keystore"),
];

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
	/// Operators that it may have besides the standard ones.
	#[serde(default)]
	pub operators: Operators,
	/// Sessions, each in a process of its own.
	#[serde(default = "one")]
	pub instances: usize,
	/// Threads within one run of a session.
	#[serde(default = "one")]
	pub threads: usize,
	/// Where it runs; as all others unless it is said.
	pub provider: Option<Providers>,
	/// The number of the GPU it runs on; as all others unless it is said.
	pub device: Option<u32>,
	/// The most memory of the GPU that one session takes for tensors, in MiB.
	pub gpu_memory_mib: Option<NonZeroU64>,
	/// Whether it is not served if a part of it would run on the processor.
	#[serde(default)]
	pub gpu_only: bool,
	/// How TensorRT is set.
	#[serde(default)]
	pub tensorrt: TensorRt,
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
	/// How far honest answers may be apart.
	#[serde(default)]
	pub tolerance: Tolerance,
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

	/// What its file must be, of at most so many bytes.
	pub fn rules(&self, most: u64) -> Rules {
		Rules { most, operators: self.operators.clone() }
	}

	/// Where it shall run, if the others run there.
	pub fn placement(&self, others: &Providers) -> Placement {
		Placement {
			providers: self.provider.as_ref().unwrap_or(others).clone(),
			gpu_memory: self.gpu_memory_mib.map(|mib| mib.get().saturating_mul(1 << 20)),
			gpu_only: self.gpu_only,
			tensorrt: self.tensorrt.clone(),
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

/// Everything that can be said, in the shape of the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Said {
	listen: SocketAddr,
	url: String,
	witnesses: Vec<String>,
	data: PathBuf,
	onnxruntime: Option<PathBuf>,
	provider: Providers,
	device: Option<u32>,
	isolation: Isolation,
	keystore: Option<PathBuf>,
	receipt_keystore: Option<PathBuf>,
	body_limit: usize,
	max_requests: usize,
	request_memory_mib: usize,
	max_connections: Option<NonZeroUsize>,
	max_connections_per_network: Option<NonZeroUsize>,
	max_model_mib: u64,
	memory_budget_mib: Option<u64>,
	drain_s: u64,
	settle_on_stop_s: u64,
	settle: settle::PolicyFile,
	bond: bond::PolicyFile,
	keep: KeepFile,
	blind: blind::PolicyFile,
	telemetry: Telemetry,
	models: Vec<ModelConfig>,
}

impl Default for Said {
	fn default() -> Self {
		Self {
			listen: SocketAddr::from(([127, 0, 0, 1], 8090)),
			url: "ws://127.0.0.1:9944".into(),
			witnesses: Vec::new(),
			data: "oracle-data".into(),
			onnxruntime: None,
			provider: Providers::default(),
			device: None,
			isolation: Isolation::default(),
			keystore: None,
			receipt_keystore: None,
			body_limit: 8 << 20,
			max_requests: 1_024,
			request_memory_mib: 512,
			max_connections: None,
			max_connections_per_network: None,
			max_model_mib: Rules::default().most >> 20,
			memory_budget_mib: None,
			drain_s: 30,
			settle_on_stop_s: 60,
			settle: settle::PolicyFile::default(),
			bond: bond::PolicyFile::default(),
			keep: KeepFile::default(),
			blind: blind::PolicyFile::default(),
			telemetry: Telemetry::default(),
			models: Vec::new(),
		}
	}
}

/// What is kept of answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeepFile {
	/// MiB of answers of one channel.
	channel_mib: Option<u32>,
	/// Whether requests are kept with them.
	#[serde(default)]
	requests: bool,
}

impl KeepFile {
	fn limits(&self) -> store::Limits {
		let default = store::Limits::default();
		let budget = self.channel_mib.map_or(default.budget, |mib| u64::from(mib) << 20);
		store::Limits { budget, inputs: self.requests, ..default }
	}
}

/// Logs and traces.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
	/// What is logged, as `tracing` has it; `RUST_LOG` wins.
	pub log: Option<String>,
	/// Whether it is logged as JSON.
	pub json: bool,
	/// Where traces are sent, as OTLP over HTTP; nowhere if nothing is said.
	pub otlp: Option<String>,
	/// The share of requests whose traces are sent.
	pub sample: Sample,
}

/// Everything the oracle is told.
#[derive(Clone, Debug)]
pub struct Config {
	/// The address to listen on.
	pub listen: SocketAddr,
	/// The WebSocket of a node.
	pub url: String,
	/// Nodes that must agree with it about what is final.
	pub witnesses: Vec<String>,
	/// The folder of the log.
	pub data: PathBuf,
	/// The ONNX Runtime library, if one is named.
	pub onnxruntime: Option<PathBuf>,
	/// Where models run that do not say it.
	pub provider: Providers,
	/// The number of the GPU of those that do not say it.
	pub device: Option<u32>,
	/// Whether they run where the kernel cannot lock them in.
	pub isolation: Isolation,
	/// The keystore file of the account.
	pub keystore: Option<PathBuf>,
	/// The keystore file of the receipt key.
	pub receipt_keystore: Option<PathBuf>,
	/// What may be asked of it at a time.
	pub limits: http::Limits,
	/// How many may be connected to it at a time.
	pub connections: Bounds,
	/// The most bytes of a model's file.
	pub max_model: u64,
	/// Bytes of memory that all models may take together.
	pub memory_budget: Option<u64>,
	/// How long requests in flight are waited for when it stops.
	pub drain: Duration,
	/// How long the last settlement is waited for when it stops.
	pub settle_on_stop: Duration,
	/// When a settlement is due.
	pub settle: settle::Policy,
	/// When to pause for want of bond, and whether to add to it.
	pub bond: bond::Policy,
	/// What is kept of answers; the window is the chain's.
	pub keep: store::Limits,
	/// What is served while the chain is not seen.
	pub blind: blind::Policy,
	/// Logs and traces.
	pub telemetry: Telemetry,
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
	/// A key or its value is not understood. Names both, and where they were said.
	#[error("the configuration is not understood: {0}")]
	Malformed(String),
	/// Two models cannot be told apart.
	#[error("models: '{0}' version {1} is configured twice; remove one")]
	Twice(String, VersionId),
	/// Of what it takes to read text, one thing is missing.
	#[error("models: '{0}': metadata and tokenizer belong together; name both, or neither")]
	HalfText(String),
	/// A name cannot stand in a path.
	#[error("models: '{0}' cannot stand in a path; use letters, digits, '-', '_' and '.'")]
	Name(String),
	/// There is nothing to serve.
	#[error("no model is configured; add a [[models]] table with name, version and path")]
	NoModels,
	/// One request could take what all others need.
	#[error(
		"request_memory_mib is {0}, which is not two bodies of body_limit ({1} bytes); raise it, or lower \
		 body_limit"
	)]
	RequestMemory(usize, usize),
	/// What is said of where a model runs cannot be meant.
	#[error("models: '{0}': {1}")]
	Placement(String, PlacementError),
	/// No answer could be measured by what is said of how far honest ones are apart.
	#[error("models: '{0}': {1}")]
	Tolerance(String, NoTolerance),
	/// Honest answers of shared runs would look wrong to who audits them.
	#[error(
		"models: '{0}': requests that share runs may be answered {1:e} apart (batch.tolerance), of which the \
		 model's tolerance allows {2:e}; raise absolute and relative of tolerance, or lower batch.tolerance"
	)]
	BatchTolerance(String, f64, f64),
	/// What is said of the bond cannot be used.
	#[error("[bond]: {0}")]
	Bond(#[from] bond::PolicyError),
}

/// Without the name of the library's profile, which nobody said.
fn malformed(error: figment::Error) -> ConfigError {
	ConfigError::Malformed(error.to_string().replace("\"default.", "\""))
}

/// The keystore files, whatever else is said.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Keystores {
	/// Of the account.
	pub keystore: Option<PathBuf>,
	/// Of the receipt key.
	pub receipt_keystore: Option<PathBuf>,
}

impl Keystores {
	/// As [`Config::load`] finds them, also where there is no file yet.
	pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
		layers(flags).extract().map_err(malformed)
	}
}

/// What was said, by whom; the last wins.
fn layers(flags: &Flags) -> Figment {
	let mut figment = Figment::new();
	if flags.config.exists() {
		figment = figment.merge(Toml::file_exact(&flags.config));
	}
	// The file's name is a flag's, and not a key.
	figment = figment.merge(Env::prefixed(ENV_PREFIX).ignore(&["config"]).split("__"));
	for (variable, key) in SHARED_ENV {
		figment = figment.merge(Env::raw().only(&[variable]).map(move |_| key.into()));
	}
	if let Some(device) = flags.device {
		figment = figment.merge(("device", device));
	}
	figment.merge(Serialized::defaults(flags.said()))
}

impl Config {
	/// From the flags, the environment, and the file that the flags name.
	pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
		// Read here, so that a file that is missing is no empty one.
		let path = || flags.config.display().to_string();
		if let Err(error) = std::fs::File::open(&flags.config) {
			return Err(ConfigError::Unreadable { path: path(), error });
		}
		let said: Said = layers(flags).extract().map_err(malformed)?;
		Self::check(said)
	}

	fn check(said: Said) -> Result<Self, ConfigError> {
		for (at, model) in said.models.iter().enumerate() {
			let same = |it: &ModelConfig| it.name == model.name && it.version == model.version;
			if said.models.iter().take(at).any(same) {
				return Err(ConfigError::Twice(model.name.clone(), model.version));
			}
			if model.metadata.is_some() != model.tokenizer.is_some() {
				return Err(ConfigError::HalfText(model.name.clone()));
			}
			let fits = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
			if model.name.is_empty() || !model.name.chars().all(fits) {
				return Err(ConfigError::Name(model.name.clone()));
			}
			let placement = model.placement(&said.provider).check();
			placement.map_err(|error| ConfigError::Placement(model.name.clone(), error))?;
			let tolerance = model.tolerance.check();
			tolerance.map_err(|error| ConfigError::Tolerance(model.name.clone(), error))?;
			let shared = model.batch.as_ref().map_or(0.0, |batch| batch.tolerance);
			let allowed = model.tolerance.of_rounding();
			if shared > allowed {
				return Err(ConfigError::BatchTolerance(model.name.clone(), shared, allowed));
			}
		}
		if said.models.is_empty() {
			return Err(ConfigError::NoModels);
		}
		let memory = said.request_memory_mib.saturating_mul(1 << 20);
		if memory / 2 < said.body_limit {
			return Err(ConfigError::RequestMemory(said.request_memory_mib, said.body_limit));
		}
		let usual = Bounds::default();
		let connections = Bounds {
			connections: said.max_connections.map_or(usual.connections, NonZero::get),
			per_network: said.max_connections_per_network.map_or(usual.per_network, NonZero::get),
			..usual
		};
		let limits = http::Limits { body: said.body_limit, memory, requests: said.max_requests };
		Ok(Self {
			listen: said.listen,
			url: said.url,
			witnesses: said.witnesses,
			data: said.data,
			onnxruntime: said.onnxruntime,
			provider: said.provider,
			device: said.device,
			isolation: said.isolation,
			keystore: said.keystore,
			receipt_keystore: said.receipt_keystore,
			limits,
			connections,
			max_model: said.max_model_mib.saturating_mul(1 << 20),
			memory_budget: said.memory_budget_mib.map(|mib| mib.saturating_mul(1 << 20)),
			drain: Duration::from_secs(said.drain_s),
			settle_on_stop: Duration::from_secs(said.settle_on_stop_s),
			settle: said.settle.policy(),
			bond: said.bond.policy()?,
			keep: said.keep.limits(),
			blind: said.blind.policy(),
			telemetry: said.telemetry,
			models: said.models,
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
