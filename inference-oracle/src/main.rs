//! `usufruct-oracle`: reads what it is told, connects, loads, serves, settles, answers, stops.

use anyhow::{bail, Context, Result};
use clap::Parser;
use std::{
	process::ExitCode,
	sync::Arc,
	time::{Duration, Instant},
};
use tikv_jemallocator::Jemalloc;
use tokio::{
	signal::unix::{signal, SignalKind},
	sync::watch,
	task::JoinHandle,
};
use usufruct_client::{
	keys,
	serve::{listen, serve as serve_http, Patience},
};
use usufruct_oracle::{
	audit,
	bond::Keeper,
	chain::{node::Node, witness},
	check::check,
	config::{receipt_key, Command, Config, Flags, Keystores},
	demands::Answerer,
	descriptors,
	engine::{library::locate, worker},
	http::{self, App, Identity},
	inherited,
	ledger::Ledger,
	measure::{self, Measure},
	metrics::Metrics,
	models::{self, Common},
	private,
	retention::Janitor,
	settle::{Settler, Stop},
	store::{Limits, Store},
	telemetry,
};

/// What a request allocates on one thread is freed on that of the log or of a model, which costs much with the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// How it is set, by the name where it looks. What it kept mapped after it was freed would count against the
/// memory of a worker, where ONNX Runtime has an allocator of its own.
#[allow(unsafe_code)]
#[export_name = "_rjem_malloc_conf"]
pub static ALLOCATION: &[u8; 13] = b"retain:false\0";

fn main() -> Result<ExitCode> {
	// Before anything is read that a model must not know.
	if std::env::args_os().nth(1).is_some_and(|first| first == worker::ARGUMENT) {
		return Ok(worker::main());
	}
	// Before keys are read.
	private::hide().context("it cannot be hidden from other processes of the same user")?;
	// Before anything is opened that a worker must not have, and before there are threads.
	inherited::forget();
	descriptors::raise().context("the limit of open files cannot be raised")?;
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
			let json = config.telemetry.json;
			let traces = telemetry::start(&config.telemetry)?;
			let served = serve(config).await;
			// Those of what went wrong matter most.
			traces.flush().await;
			match served {
				// What reads JSON reads nothing else.
				Err(error) if json => {
					tracing::error!("{error:#}");
					return Ok(ExitCode::FAILURE);
				},
				served => served?,
			}
		},
		Some(Command::Check) => {
			telemetry::quiet();
			let report = check(&config).await;
			println!("{report}");
			if !report.serves() {
				return Ok(ExitCode::FAILURE);
			}
		},
		Some(Command::Compact) => {
			let (before, after) = Store::compact(&config.data)?;
			println!("{} KiB now, {} KiB before", after >> 10, before >> 10);
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
	let measure = Measure::parse(&std::env::var(measure::VARIABLE).unwrap_or_default())?;
	let measure = measure.on(&node.chain_type().await?, config.listen.ip())?;
	if measure != Measure::default() {
		tracing::warn!(?measure, "this oracle is for measurements");
	}
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
	let common = Common::new(&config, library, identity.genesis)
		.with_context(|| format!("{}/nowhere cannot be used", config.data.display()))?;
	let catalogue = Arc::new(models::catalogue(&config, &common));
	models::load_first(&catalogue, &head)
		.await
		.map_err(|(model, away)| anyhow::Error::new(away).context(model))?;
	for model in config.models.iter().filter(|it| !head.versions.contains_key(&it.version)) {
		tracing::warn!(
			model = model.name,
			version = model.version,
			finalised = head.standing.head,
			"the version is not on the chain; it is served once it is registered"
		);
	}
	let limits = Limits { window: node.closing_window().await?, ..config.keep };
	let flush = !measure.unflushed;
	let ledger =
		Ledger::open_with(&config.data, identity.genesis, oracle, receipts, limits, flush).await?;
	let ledger = Arc::new(ledger);
	ledger.pause_below(config.bond.pause_below);
	ledger.serve_blindly(config.blind);
	let auditing = match audit::Socket::open(&config.data, Arc::clone(&ledger)) {
		Ok(socket) => Some(tokio::spawn(socket.serve())),
		Err(error) => {
			tracing::warn!(%error, "audits cannot ask this oracle while it runs");
			None
		},
	};
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
		Arc::clone(&catalogue),
		node.clone(),
		node.heads(),
		metrics,
		config.limits,
	));

	// It listens at once, to say why it does not serve yet; but nothing is accepted, settled, answered or
	// removed before the ledger knows the finalised state.
	let api = Api::listen(&config, &app, measure.unpaid).await?;
	let mut heads = node.heads();
	heads.mark_unchanged();
	let following = tokio::spawn({
		let (node, ledger) = (Arc::clone(&node), Arc::clone(&ledger));
		async move { node.follow(&ledger).await }
	});
	heads.changed().await.context("the node stopped before its first block")?;
	let loading = tokio::spawn(models::follow(catalogue, node.heads()));
	let (stop_settling, stopped) = watch::channel(Stop::No);
	let settling = tokio::spawn(settler.run(stopped));
	let answering = tokio::spawn(answerer.run());
	let cleaning = tokio::spawn(janitor.run());
	let witnessing = tokio::spawn(witness::watch(
		Arc::clone(&node),
		config.witnesses.clone(),
		Arc::clone(&ledger),
		Arc::clone(&app.metrics),
	));
	let bonding = keeper.map(|keeper| tokio::spawn(keeper.run()));
	api.until_told(&config, &app, &ledger).await?;

	loading.abort();
	// What is open is answered after the next start; the last settlement waits for nothing.
	answering.abort();
	cleaning.abort();
	witnessing.abort();
	for task in bonding.into_iter().chain(auditing) {
		task.abort();
	}
	tracing::info!("settling what is left");
	stop_settling.send_replace(Stop::At(Instant::now() + config.settle_on_stop));
	settling.await.context("settling panicked")??;
	following.abort();
	Ok(())
}

/// What is asked from outside.
struct Api {
	server: JoinHandle<()>,
	stop: watch::Sender<bool>,
}

impl Api {
	/// Listens from now on.
	async fn listen(config: &Config, app: &Arc<App>, unpaid: bool) -> Result<Self> {
		let listener = listen(config.listen).with_context(|| {
			format!("cannot listen on {}; choose another with --listen", config.listen)
		})?;
		let address = listener.local_addr().context("the listener has no address")?;
		tracing::info!(%address, "listening");
		let (stop, mut told) = watch::channel(false);
		let told = async move {
			let _ = told.wait_for(|stop| *stop).await;
		};
		let mut router = http::router(Arc::clone(app));
		if unpaid {
			router = router.merge(http::unpaid(Arc::clone(app)));
		}
		let server = tokio::spawn(serve_http(
			listener,
			router,
			Patience::default(),
			config.connections,
			told,
		));
		Ok(Self { server, stop })
	}

	/// Serves until a signal says stop, or the log fails; then waits for what is in flight.
	async fn until_told(self, config: &Config, app: &App, ledger: &Ledger) -> Result<()> {
		tracing::info!("serving");
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
		self.stop.send_replace(true);
		let deadline = tokio::time::Instant::now() + config.drain;
		if tokio::time::timeout_at(deadline, self.server).await.is_err() {
			tracing::warn!("some connections did not end in time");
		}
		// Requests whose consumers hung up run on their own.
		while ledger.running() > 0 && tokio::time::Instant::now() < deadline {
			tokio::time::sleep(Duration::from_millis(20)).await;
		}
		Ok(())
	}
}
