//! The checks, from what is nearest to what is farthest.

use super::{memory::Memory, Report, State};
use crate::{
	chain::{
		finality::{compare, Block, Finality, Stand},
		node::Node,
		Bonding, Head,
	},
	config::{receipt_key, Config, ModelConfig},
	engine::{
		gpu::Gpus,
		library::locate,
		placement::Placed,
		shelf::measured,
		worker::{Confinement, Isolation},
	},
	models::{self, Common, Loaded},
	private,
	store::{Store, StoreError},
	telemetry,
};
use anyhow::{bail, ensure, Context, Result};
use std::{path::Path, sync::Arc, time::Duration};
use usufruct_client::{amount::ufr, chain::Chain, keys, meter, serve, text::Text};
use usufruct_primitives::{AccountBytes, Balance, Hash, PublicKey, UFR};

/// How long a node may take to answer.
const ANSWER: Duration = Duration::from_secs(30);
/// What the account should hold for fees, in planck.
const FEES: Balance = UFR;

/// Checks what the configuration asks for.
pub async fn check(config: &Config) -> Report {
	let mut report = Report::default();
	let account = report.take("account", account(config));
	let receipts = report.take("receipt key", receipts(config));
	let log = report.take("data folder", folder(&config.data)).flatten();
	report.take("listen", listen(config));
	report.take("logging", logging(config));
	if let Some(url) = &config.telemetry.otlp {
		report.take("traces", traces(url));
	}
	let library = report.take("ONNX Runtime", library(config));
	let node = match account {
		Some(signer) => report.take("node", node(config, signer).await),
		None => {
			report.note("node", State::Skipped, "it is asked about the account");
			None
		},
	};
	for url in &config.witnesses {
		match &node {
			Some(node) => {
				report.take(format!("witness {url}"), witness(node, url).await);
			},
			None => report.note(format!("witness {url}"), State::Skipped, "there is no node"),
		}
	}
	if let (Some(node), Some(found)) = (&node, log) {
		let (shown, expected) = (shown(&config.data), (node.genesis(), node.oracle()));
		let ours = || -> Result<((), String)> {
			ensure!(found == expected, "{shown} is the log of another oracle, or of another chain");
			Ok(((), "it is this oracle's, on this chain".into()))
		};
		report.take("log", ours());
	}
	let head = node.as_ref().map(|node| Arc::clone(&node.heads().borrow()));
	match (&node, &head) {
		(Some(node), Some(head)) => on_chain(&mut report, node, head, receipts).await,
		_ => report.note("on the chain", State::Skipped, "there is no node"),
	}
	let common = match (&node, library) {
		(Some(node), Some(library)) => {
			let common = Common::new(config, library, node.genesis());
			report.take("workers' folder", common.map(|it| (it.clone(), shown(&it.nowhere))))
		},
		_ => None,
	};
	let mut memory = Memory::default();
	for configured in &config.models {
		let what = format!("model {} {}", configured.name, configured.version);
		match &head {
			Some(head) => {
				let takes =
					model(&mut report, &what, config, configured, head, common.as_ref()).await;
				let version = head.versions.get(&configured.version).filter(|it| it.open);
				if let Some(version) = version.filter(|_| !configured.on_demand) {
					memory.add(models::about(configured, version.size), takes);
				}
			},
			None => match std::fs::metadata(&configured.path) {
				Ok(_) => report.note(
					what,
					State::Skipped,
					"its hash is on the chain, and there is no node",
				),
				Err(error) => {
					report.note(what, State::Fail, format!("{}: {error}", shown(&configured.path)));
				},
			},
		}
	}
	if let Some(budget) = config.memory_budget {
		match &head {
			Some(_) => {
				report.take("memory", memory.within(budget));
			},
			None => report.note("memory", State::Skipped, "there is no node"),
		}
	}
	report
}

fn shown(path: &Path) -> String {
	path.display().to_string()
}

fn account(config: &Config) -> Result<(subxt_signer::sr25519::Keypair, String)> {
	let signer = keys::account(config.keystore.as_deref())?;
	let address = keys::address(&signer.public_key().0);
	Ok((signer, address))
}

fn receipts(config: &Config) -> Result<(PublicKey, String)> {
	let key = receipt_key(config.receipt_keystore.as_deref())?.verifying_key().to_bytes();
	Ok((key, format!("0x{}", hex::encode(key))))
}

/// Whose log is in it, as far as that can be seen.
fn folder(folder: &Path) -> Result<(Option<(Hash, AccountBytes)>, String)> {
	let shown = folder.display();
	private::make_folder(folder).with_context(|| format!("{shown} cannot be made"))?;
	let probe = folder.join(".check");
	std::fs::write(&probe, b"").with_context(|| format!("{shown} cannot be written to"))?;
	std::fs::remove_file(&probe)?;
	let found = match Store::look(folder) {
		Err(StoreError::InUse(_)) => {
			bail!("{shown} is in use; stop the other oracle, or give this one a folder of its own")
		},
		found => found.with_context(|| format!("{shown}: the log cannot be opened"))?,
	};
	let detail = match (&found, folder.join("oracle.redb").exists()) {
		(Some(_), _) => "a log is there",
		(None, true) => "a log is there, of an oracle that was killed",
		(None, false) => "a new log",
	};
	Ok((found.map(|(genesis, oracle, _)| (genesis, oracle)), format!("{shown}: {detail}")))
}

fn listen(config: &Config) -> Result<((), String)> {
	let address = config.listen;
	serve::listen(address)
		.with_context(|| format!("{address} cannot be listened on; choose another"))?;
	Ok(((), address.to_string()))
}

fn logging(config: &Config) -> Result<((), String)> {
	Ok(((), telemetry::filter(&config.telemetry)?.to_string()))
}

fn traces(url: &str) -> Result<((), String)> {
	telemetry::exporter(url)?;
	Ok(((), format!("they go to {url}")))
}

fn library(config: &Config) -> Result<(std::path::PathBuf, String)> {
	let path = locate(config.onnxruntime.as_deref())?;
	let detail = path.display().to_string();
	Ok((path, detail))
}

async fn node(config: &Config, signer: subxt_signer::sr25519::Keypair) -> Result<(Node, String)> {
	let versions = config.models.iter().map(|model| model.version).collect();
	let connecting = Node::connect(&config.url, signer, versions);
	let node = tokio::time::timeout(ANSWER, connecting)
		.await
		.with_context(|| format!("{} does not answer within {ANSWER:?}", config.url))??;
	let head = node.heads().borrow().standing.head;
	let detail = format!(
		"{}, chain 0x{}, block {head} is final",
		config.url,
		hex::encode(&node.genesis()[..8])
	);
	Ok((node, detail))
}

async fn witness(node: &Node, url: &str) -> Result<((), String)> {
	let asking = async {
		let theirs = Chain::connect(url).await?;
		ensure!(theirs.genesis() == node.genesis(), "it serves another chain");
		let ours = node.chain();
		let number = ours.last().await?;
		let hash = ours.hash_at(number).await?.context("the node lacks its own last block")?;
		Ok(compare(&ours, Block { number, hash }, &theirs).await?)
	};
	match tokio::time::timeout(ANSWER, asking).await.context("it does not answer")?? {
		Stand::Same => Ok(((), "it agrees with the node about what is final".into())),
		Stand::Behind { last } => Ok(((), format!("it is behind: block {last} is final for it"))),
		Stand::Forked { number, .. } => bail!(
			"it has another block {number} than the node, where both are final: one of them is not on \
			 the chain"
		),
	}
}

async fn on_chain(report: &mut Report, node: &Node, head: &Head, receipts: Option<PublicKey>) {
	let standing = &head.standing;
	let (bond, free) = (ufr(standing.bond), ufr(standing.free_bond));
	match standing.active {
		true => report.note("bond", State::Ok, format!("{bond}, of which {free} is free")),
		false => report.note(
			"bond",
			State::Fail,
			format!("{bond}: the oracle is not registered, or not bonded enough; `usufruct oracle register`"),
		),
	}
	match (head.receipt_key, receipts) {
		(Some(registered), Some(key)) if registered == key => {
			report.note("registered key", State::Ok, "it is the receipt key");
		},
		(Some(registered), Some(_)) => report.note(
			"registered key",
			State::Fail,
			format!(
				"0x{}: configure that one, or `usufruct oracle set-key`",
				hex::encode(registered)
			),
		),
		(None, _) => report.note("registered key", State::Fail, "the oracle is not registered"),
		(_, None) => report.note("registered key", State::Skipped, "there is no receipt key"),
	}
	match node.balance().await {
		Ok(balance) if balance >= FEES => report.note("fees", State::Ok, ufr(balance).to_string()),
		Ok(balance) => report.note(
			"fees",
			State::Warn,
			format!("the account can spend {}; settlements and answers cost fees", ufr(balance)),
		),
		Err(error) => report.note("fees", State::Fail, error.to_string()),
	}
}

/// Everything about one model, up to workers that have loaded it as it will be served. Returns how much memory
/// those take, if that can be seen.
async fn model(
	report: &mut Report,
	what: &str,
	config: &Config,
	model: &ModelConfig,
	head: &Head,
	common: Option<&Common>,
) -> Option<u64> {
	let Some(version) = head.versions.get(&model.version) else {
		// It may be registered later.
		let missing = "the version is not on the chain; register it, or correct the number";
		report.note(what, State::Warn, missing);
		return None;
	};
	match version.ask {
		_ if !version.open => {
			report.note(format!("{what}: ask"), State::Warn, "deprecated: it is not served");
		},
		Some(price) => {
			report.note(format!("{what}: ask"), State::Ok, format!("{} a unit", ufr(price)));
		},
		None => report.note(
			format!("{what}: ask"),
			State::Warn,
			"none: it is served once there is one (`usufruct oracle ask`)",
		),
	}
	let text = || -> Result<(Option<Arc<Text>>, String)> {
		let text = models::read_text(model, version)?;
		meter::check(version.meter, text.as_deref())?;
		let takes = if text.is_some() { "text and tensors" } else { "tensors" };
		Ok((text, format!("it takes {takes}")))
	};
	let text = report.take(format!("{what}: input"), text());
	let workers = format!("{what}: workers");
	let (Some(text), Some(common)) = (text, common) else {
		report.note(workers, State::Skipped, "there is no ONNX Runtime, or no tokenizer");
		return None;
	};
	let load = {
		let (model, config, common, version) =
			(model.clone(), config.clone(), common.clone(), version.clone());
		move || models::load(&model, &config, &common, &version, text.as_deref(), &Arc::default())
	};
	let result = tokio::task::spawn_blocking(load).await.map_err(anyhow::Error::from);
	match result.and_then(|loaded| Ok(loaded?)) {
		Ok(Loaded { pool, placed, confinement }) => {
			let profile = pool.profile().clone();
			let (device, takes) = (pool.device().to_owned(), measured(&pool));
			let mib = takes.unwrap_or(0) >> 20;
			// The next one may need the memory.
			let _ = tokio::task::spawn_blocking(move || pool.stop()).await;
			report.note(
				workers,
				State::Ok,
				format!(
					"{}: its hash and weights are those on the chain\n{} on {device}, {mib} MiB\nbatches: {}",
					model.path.display(),
					model.instances,
					profile.batch
				),
			);
			let (state, detail) = where_it_runs(&device, &profile.gpu, &placed, &Gpus::here());
			report.note(format!("{what}: device"), state, detail);
			sandbox(report, format!("{what}: sandbox"), config.isolation, &confinement);
			takes
		},
		Err(error) => {
			report.note(workers, State::Fail, format!("{error:#}"));
			None
		},
	}
}

/// What a model runs on, and why not on what was to be tried before.
pub(super) fn where_it_runs(
	device: &str,
	gpu: &str,
	placed: &Placed,
	gpus: &Gpus,
) -> (State, String) {
	let mut detail = device.to_owned();
	if !gpu.is_empty() {
		detail.push_str(&format!(" ({gpu})"));
	}
	for (provider, why) in &placed.passed_over.0 {
		detail.push_str(&format!("\n{provider} cannot be used: {why}"));
	}
	// Nobody who has no GPU misses one.
	let misses = !placed.passed_over.0.is_empty() && !gpus.cards.is_empty();
	(if misses { State::Warn } else { State::Ok }, detail)
}

fn sandbox(report: &mut Report, what: String, isolation: Isolation, found: &Confinement) {
	if found.lacking.is_empty() {
		return report.note(what, State::Ok, found.in_force.join(", "));
	}
	let state = match isolation {
		Isolation::Required => State::Fail,
		Isolation::BestEffort => State::Warn,
	};
	report.note(what, state, format!("lacks {}", found.lacking.join("; ")));
}
