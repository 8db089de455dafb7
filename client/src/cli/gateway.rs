//! `usufruct gateway`.

use super::{
	connections::Connections,
	context::{find_model, Context},
};
use anyhow::{bail, ensure, Context as _};
use clap::{Args, Subcommand};
use std::{
	collections::BTreeSet, fs, future::Future, net::SocketAddr, path::PathBuf, str::FromStr,
	sync::Arc, time::Duration,
};
use usufruct_client::{
	amount::{ufr, Amount},
	gateway::{
		chain::{Live, Onchain},
		http::{router, Access, BODY_LIMIT},
		purse::Budget,
		spend::Limits,
		status::Status,
		Gateway as Desk, Options,
	},
	oracle_api::Reach,
	output::Causes,
	serve::{listen, serve, Patience},
	watch::run::{Line, Options as WatchOptions, Watch},
};
use usufruct_primitives::Balance;

/// How often the chain is looked at.
const LOOK: Duration = Duration::from_secs(6);
/// How often channels are seen to.
const PROVISION: Duration = Duration::from_secs(5);
/// How often settlements are looked at.
const WATCH: Duration = Duration::from_secs(30);
/// What deposits for demands may ever cost, as `usufruct watch` has it.
const WATCH_DEPOSIT: Balance = 5 * usufruct_primitives::UFR;
/// For how many blocks `usufruct watch` waits for an answer.
const WATCH_GRACE: u32 = 200;

/// Plain inference APIs on this machine, paid for behind them: the Open Inference Protocol below /v2 and
/// over gRPC, and OpenAI's embeddings below /v1.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Gateway {
	#[command(subcommand)]
	command: Option<Command>,
	#[command(flatten)]
	run: Run,
}

#[derive(Subcommand)]
enum Command {
	/// What a running gateway has spent, and how oracles, channels and receipts stand
	Status {
		/// Where it listens
		#[arg(
			long,
			env = "USUFRUCT_GATEWAY",
			value_name = "URL",
			default_value = "http://127.0.0.1:8402"
		)]
		gateway: String,
		/// A file that holds its token
		#[arg(long, env = "USUFRUCT_GATEWAY_TOKEN_FILE", value_name = "FILE")]
		token_file: Option<PathBuf>,
	},
}

/// A model, and what may be spent on it in a day.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ModelLimit {
	model: String,
	limit: Option<Amount>,
}

impl FromStr for ModelLimit {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		match text.rsplit_once('=') {
			None => Ok(Self { model: text.into(), limit: None }),
			Some((model, limit)) => {
				let limit = limit.parse::<Amount>().map_err(|error| error.to_string())?;
				Ok(Self { model: model.into(), limit: Some(limit) })
			},
		}
	}
}

#[derive(Args)]
struct Run {
	/// Where to listen
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8402")]
	listen: SocketAddr,
	/// Listen to other machines, too; needs --token-file
	#[arg(long)]
	allow_remote: bool,
	/// A file that holds the token which every request must bear; at least 16 characters
	#[arg(long, env = "USUFRUCT_GATEWAY_TOKEN_FILE", value_name = "FILE")]
	token_file: Option<PathBuf>,
	/// A further name that the Host header of a request may have, beside localhost and addresses
	#[arg(long = "allow-host", value_name = "NAME")]
	allow_hosts: Vec<String>,
	/// The most that may be spent in a day (UTC, as the chain has it), over all models
	#[arg(long, value_name = "AMOUNT", default_value = "5")]
	day_limit: Amount,
	/// A model that may be used, by id or name, and the most that may be spent on it in a day. If none is
	/// named, all may be
	#[arg(long = "model", value_name = "MODEL[=LIMIT]")]
	models: Vec<ModelLimit>,
	/// The most that all channels together may hold
	#[arg(long, value_name = "AMOUNT", default_value = "20")]
	budget: Amount,
	/// What a channel is opened with, and topped up by
	#[arg(long, value_name = "AMOUNT", default_value = "5")]
	escrow: Amount,
	/// The most that may be unacknowledged on a new channel, which is what a dishonest oracle can take;
	/// otherwise a tenth of --escrow
	#[arg(long, value_name = "AMOUNT")]
	max_unacked: Option<Amount>,
	/// The most that a unit may cost
	#[arg(long, value_name = "AMOUNT")]
	max_unit_price: Option<Amount>,
	/// With how many oracles a channel is kept for each model in use
	#[arg(long, default_value_t = 2)]
	standby: usize,
	/// How many oracles are asked about one question at most
	#[arg(long, default_value_t = 3)]
	attempts: usize,
	/// How many seconds an oracle is waited for before the next one is asked
	#[arg(long, default_value_t = 20)]
	patience: u64,
	/// Ask also oracles whose endpoints are on this machine or in a private network
	#[arg(long, env = "USUFRUCT_ALLOW_PRIVATE_ENDPOINTS")]
	allow_private_endpoints: bool,
	#[command(flatten)]
	connections: Connections,
	/// Watch settlements as `usufruct watch` does: it cannot run beside the gateway on the same data
	/// directory. Deposits for demands are at most 5 UFR in all, beside the limits
	#[arg(long)]
	watch: bool,
}

impl Gateway {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		match self.command {
			Some(Command::Status { gateway, token_file }) => {
				let status = ask_status(&gateway, token_file).await?;
				context.print(&status)
			},
			None => self.run.serve(context).await,
		}
	}
}

async fn ask_status(gateway: &str, token_file: Option<PathBuf>) -> anyhow::Result<Status> {
	let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
	let mut request = http.get(format!("{}/usufruct/status", gateway.trim_end_matches('/')));
	if let Some(token) = read_token(token_file)? {
		request = request.bearer_auth(token);
	}
	let sent = request.send().await;
	let answer = sent.with_context(|| format!("no gateway answers at {gateway}"))?;
	let status = answer.status();
	let body = answer.bytes().await?;
	if !status.is_success() {
		bail!("the gateway answers {status}: {}", String::from_utf8_lossy(&body));
	}
	serde_json::from_slice(&body).context("the gateway is of another release")
}

fn read_token(file: Option<PathBuf>) -> anyhow::Result<Option<String>> {
	let Some(path) = file else { return Ok(None) };
	let text =
		fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
	Ok(Some(text.trim().to_owned()))
}

impl Run {
	async fn serve(self, context: &Context) -> anyhow::Result<()> {
		let token = read_token(self.token_file.clone())?;
		let hosts = self.allow_hosts.clone();
		let access = Access::new(self.listen, self.allow_remote, token.as_deref(), hosts)?;
		ensure!(self.attempts > 0, "--attempts must be at least 1");
		// Before anything is opened: two gateways must not come as far as this.
		let listener =
			listen(self.listen).with_context(|| format!("cannot listen at {}", self.listen))?;
		let signer = context.signer().context("a gateway opens channels, so it needs a key")?;
		let chain = context.chain().await?;
		let keeper = Arc::new(context.keeper().await?);
		let options = self.options(&chain.finalised().await?).await?;
		let folder = context.data_dir()?;
		let live = Arc::new(Live::new(context.url(), chain.clone(), signer.clone()));
		let onchain: Arc<dyn Onchain> = live.clone();
		let gateway = Desk::new(options, &folder, keeper.clone(), onchain)?;
		gateway.look().await.context("the chain could not be read")?;

		let mut tasks = vec![
			tokio::spawn(repeat(LOOK, gateway.clone(), |gateway| async move {
				if let Err(error) = gateway.look().await {
					tracing::warn!(error = %Causes(&error), "the chain could not be read");
				}
				gateway.chase().await;
			})),
			tokio::spawn(repeat(PROVISION, gateway.clone(), |gateway| async move {
				gateway.provision().await;
			})),
		];
		if self.watch {
			let options = WatchOptions {
				folder,
				dry_run: false,
				max_deposit: WATCH_DEPOSIT,
				min_stake: 0,
				grace: WATCH_GRACE,
				checkpoint: false,
			};
			let watcher = Watch::new(options, Some(signer), &chain)?.sharing(keeper);
			tasks.push(tokio::spawn(watch(watcher, live)));
		}
		drop(chain);
		let at = listener.local_addr()?;
		context.progress(format_args!(
			"gateway at http://{at}: at most {} a day, at most {} in channels",
			ufr(self.day_limit.0),
			ufr(self.budget.0)
		));
		let routes = router(gateway, access, BODY_LIMIT);
		let bounds = self.connections.into();
		serve(listener, routes, Patience::default(), bounds, told_to_stop()).await;
		for task in tasks {
			task.abort();
		}
		Ok(())
	}

	async fn options(&self, at: &usufruct_client::chain::AtBlock) -> anyhow::Result<Options> {
		let mut models = BTreeSet::new();
		let mut limits = Limits { day: self.day_limit.0, ..Limits::default() };
		for ModelLimit { model, limit } in &self.models {
			let found = find_model(at, model).await?;
			models.insert(found.model);
			if let Some(limit) = limit {
				limits.models.insert(found.model, limit.0);
			}
		}
		let escrow = self.escrow.0;
		ensure!(escrow > 0, "--escrow must be more than nothing");
		let max_unacked = self.max_unacked.map_or(escrow / 10, |amount| amount.0);
		let reach = match self.allow_private_endpoints {
			true => Reach::Anywhere,
			false => Reach::Public,
		};
		Ok(Options {
			models,
			limits,
			budget: Budget {
				total: self.budget.0,
				escrow,
				max_unacked,
				max_unit_price: self.max_unit_price.map(|amount| amount.0),
			},
			standby: self.standby,
			attempts: self.attempts,
			patience: Duration::from_secs(self.patience),
			reach,
		})
	}
}

async fn repeat<F: Future<Output = ()>>(
	every: Duration,
	gateway: Arc<Desk>,
	what: impl Fn(Arc<Desk>) -> F,
) {
	loop {
		what(gateway.clone()).await;
		tokio::time::sleep(every).await;
	}
}

async fn watch(mut watcher: Watch, live: Arc<Live>) {
	loop {
		let say = |line: &Line| tracing::info!("{}", line.text());
		match live.chain().await {
			Ok(chain) => {
				if let Err(error) = watcher.round(&chain, &[], say).await {
					tracing::warn!(error = %Causes(&error), "settlements could not be watched");
				}
			},
			Err(error) => tracing::warn!(error = %Causes(&error), "the node is gone"),
		}
		tokio::time::sleep(WATCH).await;
	}
}

async fn told_to_stop() {
	let interrupted = tokio::signal::ctrl_c();
	#[cfg(unix)]
	{
		use tokio::signal::unix::{signal, SignalKind};
		if let Ok(mut terminated) = signal(SignalKind::terminate()) {
			tokio::select! {
				_ = interrupted => {},
				_ = terminated.recv() => {},
			}
			return;
		}
	}
	let _ = interrupted.await;
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_model_may_have_a_limit() {
		let parse = |text: &str| text.parse::<ModelLimit>().map(|it| (it.model, it.limit));
		assert_eq!(parse("magika"), Ok(("magika".into(), None)));
		assert_eq!(parse("a=b=1.5"), Ok(("a=b".into(), Some("1.5".parse().unwrap()))));
		assert!(parse("magika=much").is_err());
	}
}
