//! `usufruct-oracle`: reads what it is told, connects, loads, serves, settles, answers, stops.

use anyhow::{bail, Context, Result};
use clap::Parser;
use std::{
	future::IntoFuture,
	path::Path,
	process::ExitCode,
	sync::{Arc, OnceLock},
	time::{Duration, Instant},
};
use tokio::{
	signal::unix::{signal, SignalKind},
	sync::watch,
};
use usufruct_client::{keys, meter};
use usufruct_oracle::{
	audit,
	bond::Keeper,
	chain::{node::Node, witness, Head},
	check::check,
	config::{receipt_key, Command, Config, Flags, Keystores, ModelConfig},
	demands::Answerer,
	engine::{
		library::locate,
		ort::Provider,
		profile::Profile,
		worker::{self, Confinement, WorkerEngine, WorkerOptions},
		Artifact, Pool,
	},
	http::{router, App, Identity, Served},
	inherited,
	ledger::Ledger,
	loading,
	metrics::Metrics,
	retention::Janitor,
	settle::{Settler, Stop},
	store::Limits,
	telemetry,
};
use usufruct_primitives::Hash;

fn main() -> Result<ExitCode> {
	// Before anything is read that a model must not know.
	if std::env::args_os().nth(1).is_some_and(|first| first == worker::ARGUMENT) {
		return Ok(worker::main());
	}
	// Before anything is opened that a worker must not have, and before there are threads.
	inherited::forget();
	oracle(Flags::parse())
}

#[tokio::main]
async fn oracle(flags: Flags) -> Result<ExitCode> {
	if flags.print_keys {
		return print_keys(&Keystores::load(&flags)?);
	}
	let config = Config::load(&flags)?;
	match &flags.command {
		None => {
			let traces = telemetry::start(&config.telemetry)?;
			serve(config).await?;
			traces.flush().await;
		},
		Some(Command::Check) => {
			telemetry::quiet();
			let report = check(&config).await;
			println!("{report}");
			if !report.serves() {
				return Ok(ExitCode::FAILURE);
			}
		},
		Some(Command::Audit(asked)) => {
			telemetry::quiet();
			return Ok(match audit::audit(&config, asked).await {
				Ok(report) => {
					println!("{report}");
					report.verdict.exit_code()
				},
				// What cannot be audited is no mismatch.
				Err(error) => {
					eprintln!("UNDECIDED: {error:#}");
					ExitCode::from(2)
				},
			});
		},
	}
	Ok(ExitCode::SUCCESS)
}

fn print_keys(files: &Keystores) -> Result<ExitCode> {
	let account = keys::account(files.keystore.as_deref())?;
	let receipts = receipt_key(files.receipt_keystore.as_deref())?;
	println!("account      {}", keys::address(&account.public_key().0));
	println!("receipt key  0x{}", hex::encode(receipts.verifying_key().as_bytes()));
	Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config) -> Result<()> {
	let signer = keys::account(config.keystore.as_deref())?;
	let receipts = receipt_key(config.receipt_keystore.as_deref())?;
	let library = locate(config.onnxruntime.as_deref())?;

	let oracle = signer.public_key().0;
	let versions = config.models.iter().map(|model| model.version).collect();
	let node = Arc::new(Node::connect(&config.url, signer, versions).await?);
	let identity = Identity {
		genesis: node.genesis(),
		oracle,
		receipt_key: receipts.verifying_key().to_bytes(),
	};
	let head = Arc::clone(&node.heads().borrow());
	tracing::info!(
		account = keys::address(&oracle),
		genesis = hex::encode(identity.genesis),
		finalised = head.standing.head,
		bonded = head.standing.active,
		"connected"
	);
	let models = load_models(&config, &library, &identity.genesis, &head)?;
	let limits = Limits { window: node.closing_window().await?, ..config.keep };
	let ledger =
		Ledger::open_with(&config.data, identity.genesis, oracle, receipts, limits).await?;
	let ledger = Arc::new(ledger);
	ledger.pause_below(config.bond.pause_below);
	ledger.serve_blindly(config.blind);
	for served in &models {
		ledger.keep_profile(served.profile.hash(), served.profile.json());
	}
	let metrics = Arc::new(Metrics::default());
	let settler = Settler::new(
		identity.genesis,
		Arc::clone(&ledger),
		node.clone(),
		node.heads(),
		config.settle.clone(),
		Arc::clone(&metrics),
	)?;
	let answerer = Answerer::new(
		identity.genesis,
		Arc::clone(&ledger),
		node.clone(),
		node.heads(),
		Arc::clone(&metrics),
	);
	let janitor = Janitor::new(Arc::clone(&ledger), node.clone(), node.heads());
	let keeper = config.bond.top_up.map(|top_up| {
		let (ledger, metrics) = (Arc::clone(&ledger), Arc::clone(&metrics));
		Keeper::new(ledger, node.clone(), node.heads(), top_up, metrics)
	});
	let app = Arc::new(App::new(
		identity,
		Arc::clone(&ledger),
		models,
		node.clone(),
		node.heads(),
		metrics,
		config.body_limit,
	));

	// Nothing is served before the ledger knows the finalised state.
	let mut heads = node.heads();
	heads.mark_unchanged();
	let following = tokio::spawn({
		let (node, ledger) = (Arc::clone(&node), Arc::clone(&ledger));
		async move { node.follow(&ledger).await }
	});
	heads.changed().await.context("the node stopped before its first block")?;
	let (stop_settling, stopped) = watch::channel(Stop::No);
	let settling = tokio::spawn(settler.run(stopped));
	let answering = tokio::spawn(answerer.run());
	let cleaning = tokio::spawn(janitor.run());
	let witnessing = tokio::spawn(witness::watch(
		Arc::clone(&node),
		config.witnesses.clone(),
		Arc::clone(&app.metrics),
	));
	let bonding = keeper.map(|keeper| tokio::spawn(keeper.run()));
	run(&config, &app, &ledger).await?;

	// What is open is answered after the next start; the last settlement waits for nothing.
	answering.abort();
	cleaning.abort();
	witnessing.abort();
	if let Some(bonding) = bonding {
		bonding.abort();
	}
	tracing::info!("settling what is left");
	stop_settling.send_replace(Stop::At(Instant::now() + config.settle_on_stop));
	settling.await.context("settling panicked")??;
	following.abort();
	Ok(())
}

/// Listens until a signal says stop, or the log fails; then waits for what is in flight.
async fn run(config: &Config, app: &Arc<App>, ledger: &Ledger) -> Result<()> {
	let listener = tokio::net::TcpListener::bind(config.listen).await.with_context(|| {
		format!("cannot listen on {}; choose another with --listen", config.listen)
	})?;
	let address = listener.local_addr().context("the listener has no address")?;
	tracing::info!(%address, "serving");

	let (stop, stopping) = watch::channel(false);
	let server = axum::serve(listener, router(Arc::clone(app)))
		.with_graceful_shutdown({
			let mut stopping = stopping.clone();
			async move {
				let _ = stopping.wait_for(|stop| *stop).await;
			}
		})
		.into_future();
	let server = tokio::spawn(server);

	let mut failed = ledger.failed();
	let mut terminate = signal(SignalKind::terminate())?;
	let mut interrupt = signal(SignalKind::interrupt())?;
	tokio::select! {
		_ = terminate.recv() => tracing::info!("asked to terminate"),
		_ = interrupt.recv() => tracing::info!("interrupted"),
		_ = failed.wait_for(|failed| *failed) => {
			// What is in memory is ahead of the disk; only what is on disk counts.
			bail!("the log failed; see to the disk and start again");
		},
	}
	app.drain();
	stop.send_replace(true);
	let deadline = tokio::time::Instant::now() + config.drain;
	if tokio::time::timeout_at(deadline, server).await.is_err() {
		tracing::warn!("some connections did not end in time");
	}
	// Requests whose consumers hung up run on their own.
	while ledger.running() > 0 && tokio::time::Instant::now() < deadline {
		tokio::time::sleep(Duration::from_millis(20)).await;
	}
	Ok(())
}

fn load_models(
	config: &Config,
	library: &Path,
	genesis: &Hash,
	head: &Head,
) -> Result<Vec<Served>> {
	let nowhere = loading::nowhere(&config.data)?;
	config
		.models
		.iter()
		.map(|model| {
			load_model(model, config, library, &nowhere, genesis, head)
				.with_context(|| format!("model '{}' version {}", model.name, model.version))
		})
		.collect()
}

fn load_model(
	model: &ModelConfig,
	config: &Config,
	library: &Path,
	nowhere: &Path,
	genesis: &Hash,
	head: &Head,
) -> Result<Served> {
	let version = head.versions.get(&model.version).with_context(|| {
		format!(
			"version {} is not on the chain at the finalised block {}; register it, or correct the \
			 configuration", model.version, head.standing.head
		)
	})?;
	meter::units(version.meter, &[])?;
	let artifact = Artifact::read(&model.path, &version.manifest)?;
	artifact.check_weights(genesis, version.tensors)?;
	let options = loading::worker_options(config, model, library, nowhere, artifact.bytes().len());
	let begun = Instant::now();
	let instances = model.instances;
	let artifact = Arc::new(artifact);
	// All instances run where the first one could.
	let first = Arc::new(OnceLock::new());
	let known = Arc::clone(&first);
	let pool = Pool::start(&model.name, instances, model.max_queue, move |instance| {
		let provider = known.get().map_or(options.provider, |it: &First| it.provider);
		let options = WorkerOptions { provider, ..options.clone() };
		let engine = WorkerEngine::start(options, Arc::clone(&artifact), Arc::clone(instance))?;
		known.get_or_init(|| First {
			provider: engine.provider,
			runtime: engine.runtime.clone(),
			confinement: engine.confinement.clone(),
		});
		Ok(engine)
	})?;
	let first = first.get().context("no worker was started")?;
	let provider = first.provider.name();
	let profile = Profile::of(&first.runtime, first.provider, model.threads);
	tracing::info!(
		model = model.name,
		version = model.version,
		provider,
		asked = ?config.provider,
		instances,
		threads = model.threads,
		library = %library.display(),
		runtime = first.runtime,
		took_ms = begun.elapsed().as_millis() as u64,
		"model loaded"
	);
	tell_isolation(&model.name, &first.confinement);
	if version.ask.is_none() {
		tracing::warn!(
			model = model.name,
			version = model.version,
			"the oracle has no ask for this version: it is served once there is one"
		);
	}
	Ok(Served {
		name: model.name.clone(),
		version: model.version,
		model: version.model,
		meter: version.meter,
		licence: version.licence.clone(),
		manifest: version.manifest,
		provider,
		profile,
		pool,
	})
}

/// What is learned from the first worker of a model.
struct First {
	provider: Provider,
	runtime: String,
	confinement: Confinement,
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
