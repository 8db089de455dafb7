//! The command line.

use crate::{audit::Under, engine::placement::Providers};
use clap::{Parser, Subcommand};
use serde_json::{Map, Value};
use std::{net::SocketAddr, path::PathBuf};

/// Serves registered models for payment and settles the receipts.
///
/// The account that settles is taken from the keystore file, or from the secret URI in
/// USUFRUCT_SECRET; the key that signs receipts from its keystore file, or from USUFRUCT_RECEIPT_KEY.
/// Every key of the configuration file can be set in the environment too, as
/// USUFRUCT_ORACLE_TABLE__KEY. A flag wins over the environment, and both over the file.
#[derive(Clone, Debug, Parser)]
#[command(name = "usufruct-oracle", version)]
pub struct Flags {
	/// What to do; without it, serve.
	#[command(subcommand)]
	pub command: Option<Command>,
	/// The configuration file.
	#[arg(long, env = "USUFRUCT_ORACLE_CONFIG", default_value = "oracle.toml", global = true)]
	pub config: PathBuf,
	/// The address to listen on.
	#[arg(long, global = true)]
	pub listen: Option<SocketAddr>,
	/// The WebSocket of a node, like ws://127.0.0.1:9944.
	#[arg(long, global = true)]
	pub url: Option<String>,
	/// The folder of the log.
	#[arg(long, global = true)]
	pub data: Option<PathBuf>,
	/// The ONNX Runtime library.
	#[arg(long, global = true)]
	pub onnxruntime: Option<PathBuf>,
	/// Where models run: cpu, cuda, tensorrt, several of them in order with commas between them, or auto.
	#[arg(long, global = true)]
	pub provider: Option<Providers>,
	/// The number of the GPU they run on.
	#[arg(long, global = true)]
	pub device: Option<u32>,
	/// The keystore file of the account.
	#[arg(long, global = true)]
	pub keystore: Option<PathBuf>,
	/// The keystore file of the receipt key.
	#[arg(long, global = true)]
	pub receipt_keystore: Option<PathBuf>,
	/// Print the account and the public receipt key, as `oracle register` takes them, and stop.
	#[arg(long)]
	pub print_keys: bool,
	/// Log as JSON.
	#[arg(long, env = "USUFRUCT_LOG_JSON", global = true)]
	pub log_json: bool,
}

/// What it can do besides serving.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
	/// Check everything that serving needs, and start nothing.
	///
	/// Ends with 0 if all is well or only warned of, and with 1 if the oracle would not serve.
	Check,
	/// Give what the log does not need any more back to the disk. The oracle must not run.
	Compact,
	/// Run a stored request again and compare with what was answered.
	///
	/// Ends with 0 on a match, 1 on a mismatch, and 2 if it cannot be decided. Reads the data folder, or
	/// asks the oracle that runs on it.
	Audit(AuditFlags),
}

/// What to audit.
#[derive(Clone, Debug, clap::Args)]
pub struct AuditFlags {
	/// The receipt: as it came in the `usufruct-receipt` header, or CHANNEL:SEQ.
	pub receipt: String,
	/// The request's body as it was sent (JSON), if the oracle does not keep requests.
	#[arg(long)]
	pub request: Option<PathBuf>,
	/// The answer's body as it came (JSON), if the oracle does not keep it any more.
	#[arg(long)]
	pub answer: Option<PathBuf>,
	/// The profile to run it under: `current`, as the configuration says, or the hash of one that the log
	/// has, as `usufruct-profile` told it. If the log does not say how it was answered, that is under this
	/// one.
	#[arg(long, default_value = "current", value_name = "HASH")]
	pub profile: Under,
	/// How far values may be apart, if it is said: absolute, 100 at most, then relative, 1 at most.
	#[arg(long, num_args = 2, allow_negative_numbers = true, value_names = ["ABSOLUTE", "RELATIVE"])]
	pub tolerance: Option<Vec<f64>>,
}

impl Flags {
	/// The keys that flags set, but for those that are numbers: one of JSON, of any precision, is none to the
	/// configuration.
	pub(super) fn said(&self) -> Value {
		let mut said = Map::new();
		let mut set = |key: &str, value: Option<String>| {
			said.extend(value.map(|value| (key.to_string(), Value::from(value))));
		};
		let path = |path: &Option<PathBuf>| path.as_ref().map(|it| it.display().to_string());
		set("listen", self.listen.map(|it| it.to_string()));
		set("url", self.url.clone());
		set("data", path(&self.data));
		set("onnxruntime", path(&self.onnxruntime));
		set("provider", self.provider.as_ref().map(|it| it.to_string()));
		set("keystore", path(&self.keystore));
		set("receipt_keystore", path(&self.receipt_keystore));
		if self.log_json {
			said.insert("telemetry".into(), serde_json::json!({ "json": true }));
		}
		Value::Object(said)
	}
}
