//! What all commands share: where the chain is, who signs, how to print.

use anyhow::Context as _;
use clap::Args;
use std::{
	env,
	path::{Path, PathBuf},
	time::Duration,
};
use subxt::transactions::Payload;
use subxt_signer::sr25519::Keypair;
use usufruct_client::{
	chain::{AtBlock, Chain, Included, Until},
	channel::{Keeper, StoreError},
	keys, manifest,
	output::{Facts, Format, Report},
	state,
};
use usufruct_primitives::{AccountBytes, Hash, ModelId};

/// How often the channels are tried while another process has them, and the pause.
const TRIES: (u32, Duration) = (30, Duration::from_millis(100));

/// Options of every command.
#[derive(Args)]
// Else they would stand between those of the command.
#[command(next_help_heading = "Options of every command")]
pub struct Globals {
	/// The node to talk to, by its WebSocket
	#[arg(long, global = true, env = "USUFRUCT_URL", default_value = "ws://127.0.0.1:9944")]
	pub url: String,
	/// How to print
	#[arg(long, global = true, value_enum, default_value_t)]
	pub output: Format,
	/// The folder in which channels and their keys are kept; otherwise usufruct below $XDG_DATA_HOME, or
	/// ~/.local/share/usufruct
	#[arg(long, global = true, env = "USUFRUCT_DATA_DIR", value_name = "DIR")]
	pub data_dir: Option<PathBuf>,
	/// A keystore file with the key that signs, whose password is in USUFRUCT_KEYSTORE_PASSWORD if it is
	/// encrypted; otherwise USUFRUCT_SECRET holds a secret URI, like a phrase or //Alice
	#[arg(long, global = true, env = "USUFRUCT_KEYSTORE", value_name = "FILE")]
	pub keystore: Option<PathBuf>,
	/// How far to follow a transaction: into the best block, or until it is final
	#[arg(long, global = true, value_enum, default_value_t)]
	pub wait: Until,
	/// Print no progress
	#[arg(long, short, global = true)]
	pub quiet: bool,
}

/// The options, and what they lead to.
pub struct Context {
	globals: Globals,
}

impl Context {
	pub fn new(globals: Globals) -> Self {
		Self { globals }
	}

	/// Connects to the node, whose runtime must be the one this program knows.
	pub async fn chain(&self) -> anyhow::Result<Chain> {
		let chain = Chain::connect(&self.globals.url).await?;
		chain.check_runtime().await?;
		Ok(chain)
	}

	pub fn url(&self) -> &str {
		&self.globals.url
	}

	/// How to print.
	pub fn format(&self) -> Format {
		self.globals.output
	}

	/// How far transactions are followed.
	pub fn wait(&self) -> Until {
		self.globals.wait
	}

	pub fn keystore(&self) -> Option<&Path> {
		self.globals.keystore.as_deref()
	}

	/// The key that signs.
	pub fn signer(&self) -> anyhow::Result<Keypair> {
		Ok(keys::account(self.keystore())?)
	}

	/// The account named, or the one that signs.
	pub fn account_or_signer(&self, account: Option<&str>) -> anyhow::Result<AccountBytes> {
		Ok(match account {
			Some(account) => keys::parse_account(account)?,
			None => self.signer()?.public_key().0,
		})
	}

	/// Where channels and their keys are kept.
	pub fn data_dir(&self) -> anyhow::Result<PathBuf> {
		match &self.globals.data_dir {
			Some(dir) => Ok(dir.clone()),
			None => default_data_dir(),
		}
	}

	/// The channels of the data directory. A watcher has them for moments, which are waited for.
	pub async fn keeper(&self) -> anyhow::Result<Keeper> {
		let path = self.data_dir()?.join("channels.redb");
		let (mut tries, pause) = TRIES;
		loop {
			match Keeper::open(&path) {
				Err(StoreError::InUse(_)) if tries > 0 => tries -= 1,
				opened => return Ok(opened?),
			}
			tokio::time::sleep(pause).await;
		}
	}

	/// Tells people how it goes.
	pub fn progress(&self, what: impl std::fmt::Display) {
		if !self.globals.quiet {
			eprintln!("{what}");
		}
	}

	/// Signs with the command's key and follows the transaction as far as asked.
	pub async fn submit<Call: Payload>(
		&self,
		chain: &Chain,
		call: &Call,
		signer: &Keypair,
	) -> anyhow::Result<Included> {
		self.submit_until(chain, call, signer, self.globals.wait).await
	}

	/// The same, as far as `until`.
	pub async fn submit_until<Call: Payload>(
		&self,
		chain: &Chain,
		call: &Call,
		signer: &Keypair,
		until: Until,
	) -> anyhow::Result<Included> {
		let name = format!("{}.{}", call.pallet_name(), call.call_name());
		let progress = |progress| self.progress(format_args!("{name}: {progress}"));
		Ok(chain.submit(call, signer, until, progress).await?)
	}

	/// Sends a call that nobody signs and nobody pays for, and follows it as far as asked.
	pub async fn submit_general<Call: Payload>(
		&self,
		chain: &Chain,
		call: &Call,
	) -> anyhow::Result<Included> {
		let name = format!("{}.{}", call.pallet_name(), call.call_name());
		let progress = |progress| self.progress(format_args!("{name}: {progress}"));
		Ok(chain.submit_general(call, self.globals.wait, progress).await?)
	}

	pub fn print<R: Report>(&self, report: &R) -> anyhow::Result<()> {
		Ok(self.globals.output.print(report)?)
	}
}

/// Where a transaction is, and what it cost.
pub fn included(included: &Included) -> Facts {
	Facts::new()
		.and("block", included.block)
		.and("block_hash", included.block_hash)
		.and("extrinsic", included.extrinsic_hash)
		.amount("fee", included.fee)
}

fn default_data_dir() -> anyhow::Result<PathBuf> {
	if let Some(dir) = env::var_os("XDG_DATA_HOME").filter(|dir| !dir.is_empty()) {
		return Ok(PathBuf::from(dir).join("usufruct"));
	}
	match env::var_os("HOME").filter(|home| !home.is_empty()) {
		Some(home) => Ok(PathBuf::from(home).join(".local/share/usufruct")),
		None => anyhow::bail!("HOME is not set; say where channels are kept with --data-dir"),
	}
}

/// The hash of a file, or the hash itself: one of the two.
pub fn hash_of(file: Option<&Path>, hash: Option<Hash>) -> anyhow::Result<Hash> {
	match (file, hash) {
		(Some(path), _) => {
			let read = manifest::of_file(path);
			Ok(read.with_context(|| format!("cannot read {}", path.display()))?.hash)
		},
		(None, hash) => hash.context("give the file, or its hash"),
	}
}

/// 32 bytes in hex, as an argument.
pub fn parse_hash(text: &str) -> Result<Hash, String> {
	keys::parse_hex_32(text).ok_or_else(|| "write 32 bytes in hex".into())
}

/// The model of that id, or the only one of that name.
pub async fn find_model(at: &AtBlock, text: &str) -> anyhow::Result<state::Model> {
	if let Ok(id) = text.parse::<ModelId>() {
		if let Some(model) = state::model(at, id).await? {
			return Ok(model);
		}
	}
	let mut named: Vec<_> =
		state::models(at).await?.into_iter().filter(|model| model.name == text).collect();
	match (named.pop(), named.is_empty()) {
		(Some(model), true) => Ok(model),
		(Some(last), false) => {
			let ids: Vec<String> =
				named.iter().chain([&last]).map(|model| model.model.to_string()).collect();
			anyhow::bail!(
				"several models are called '{text}'; name one by its id: {}",
				ids.join(", ")
			)
		},
		(None, _) => {
			anyhow::bail!("no model has the id or name '{text}'; see: usufruct model list")
		},
	}
}
