//! The checks, from what is nearest to what is farthest.

use super::{Report, State};
use crate::{
	chain::{
		finality::{compare, Block, Finality, Stand},
		node::Node,
		Bonding, Head,
	},
	config::{receipt_key, Config, ModelConfig},
	engine::{
		library::locate,
		worker::{Isolation, WorkerEngine},
		Artifact, Instance,
	},
	loading,
};
use anyhow::{bail, ensure, Context, Result};
use std::{path::Path, sync::Arc, time::Duration};
use usufruct_client::{amount::ufr, chain::Chain, keys, meter};
use usufruct_primitives::{Balance, Hash, PublicKey, UFR};

/// How long a node may take to answer.
const ANSWER: Duration = Duration::from_secs(30);
/// What the account should hold for fees, in planck.
const FEES: Balance = UFR;

/// Checks what the configuration asks for.
pub async fn check(config: &Config) -> Report {
	let mut report = Report::default();
	let account = report.take("account", account(config));
	let receipts = report.take("receipt key", receipts(config));
	report.take("data folder", folder(&config.data));
	report.take("listen", listen(config).await);
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
	let head = node.as_ref().map(|node| Arc::clone(&node.heads().borrow()));
	match (&node, &head) {
		(Some(node), Some(head)) => on_chain(&mut report, node, head, receipts).await,
		_ => report.note("on the chain", State::Skipped, "there is no node"),
	}
	for model in &config.models {
		let what = format!("model {} {}", model.name, model.version);
		match (&head, &node) {
			(Some(head), Some(node)) => {
				artifact(
					&mut report,
					&what,
					config,
					model,
					head,
					&node.genesis(),
					library.as_deref(),
				);
			},
			_ => match std::fs::metadata(&model.path) {
				Ok(_) => report.note(
					what,
					State::Skipped,
					"its hash is on the chain, and there is no node",
				),
				Err(error) => {
					report.note(what, State::Fail, format!("{}: {error}", model.path.display()));
				},
			},
		}
	}
	report
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

fn folder(folder: &Path) -> Result<((), String)> {
	let shown = folder.display();
	std::fs::create_dir_all(folder).with_context(|| format!("{shown} cannot be made"))?;
	let probe = folder.join(".check");
	std::fs::write(&probe, b"").with_context(|| format!("{shown} cannot be written to"))?;
	std::fs::remove_file(&probe)?;
	let log = folder.join("oracle.redb");
	if !log.exists() {
		return Ok(((), format!("{shown}: a new log")));
	}
	// A running oracle holds it.
	match redb::ReadOnlyDatabase::open(&log) {
		Ok(_) => Ok(((), format!("{shown}: a log is there"))),
		Err(redb::DatabaseError::DatabaseAlreadyOpen) => {
			bail!("{shown} is in use; stop the other oracle, or give this one a folder of its own")
		},
		Err(redb::DatabaseError::RepairAborted) => {
			Ok(((), format!("{shown}: a log is there, of an oracle that was killed")))
		},
		Err(error) => bail!("{shown}: the log cannot be opened: {error}"),
	}
}

async fn listen(config: &Config) -> Result<((), String)> {
	let address = config.listen;
	tokio::net::TcpListener::bind(address)
		.await
		.with_context(|| format!("{address} cannot be listened on; choose another"))?;
	Ok(((), address.to_string()))
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

/// Everything about one model, up to a worker that has loaded it.
fn artifact(
	report: &mut Report,
	what: &str,
	config: &Config,
	model: &ModelConfig,
	head: &Head,
	genesis: &Hash,
	library: Option<&Path>,
) {
	let read = || -> Result<(Artifact, String)> {
		let version = head.versions.get(&model.version).with_context(|| {
			format!(
				"version {} is not on the chain; register it, or correct the number",
				model.version
			)
		})?;
		meter::units(version.meter, &[])?;
		let artifact = Artifact::read(&model.path, &version.manifest)?;
		artifact.check_weights(genesis, version.tensors)?;
		let detail = format!("{}, the hash on the chain", model.path.display());
		Ok((artifact, detail))
	};
	let found = report.take(what, read());
	if let Some(version) = head.versions.get(&model.version) {
		let ask = format!("{what}: ask");
		match version.ask {
			_ if !version.open => {
				report.note(ask, State::Warn, "the version is deprecated: it is not served")
			},
			Some(price) => report.note(ask, State::Ok, format!("{} a unit", ufr(price))),
			None => report.note(
				ask,
				State::Warn,
				"none: it is served once there is one (`usufruct oracle ask`)",
			),
		}
	}
	let worker = format!("{what}: worker");
	let (Some(artifact), Some(library)) = (found, library) else {
		return report.note(worker, State::Skipped, "there is no model, or no ONNX Runtime");
	};
	let start = || -> Result<WorkerEngine> {
		let nowhere = loading::nowhere(&config.data)?;
		let options =
			loading::worker_options(config, model, library, &nowhere, artifact.bytes().len());
		Ok(WorkerEngine::start(options, Arc::new(artifact), Arc::<Instance>::default())?)
	};
	match start() {
		Ok(engine) => {
			let (provider, runtime) = (engine.provider.name(), &engine.runtime);
			report.note(worker, State::Ok, format!("loaded on {provider}; {runtime}"));
			let (held, lacking) = (&engine.confinement.in_force, &engine.confinement.lacking);
			let sandbox = format!("{what}: sandbox");
			match lacking.is_empty() {
				true => report.note(sandbox, State::Ok, held.join(", ")),
				false => {
					let state = match config.isolation {
						Isolation::Required => State::Fail,
						Isolation::BestEffort => State::Warn,
					};
					report.note(sandbox, state, format!("lacks {}", lacking.join("; ")));
				},
			}
		},
		Err(error) => report.note(worker, State::Fail, format!("{error:#}")),
	}
}
