//! Our own server: a node, an oracle, and channels that pay it.

use std::{
	path::{Path, PathBuf},
	process::Command,
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use ed25519_dalek::SigningKey;
use tokio::runtime::Handle;
use usufruct_client::{
	chain::Chain, channel::Store, keys::parse_hex_32, oracle_api::infer_path, state,
};
use usufruct_oracle::{engine::placement::Provider, measure::VARIABLE};
use usufruct_primitives::{Balance, BlockNumber, VersionId};
use usufruct_tests::{
	cast::{address, text, wait_until, Cast, RECEIPT_SEED},
	node::{free_port, Node},
	oracle::{model, onnxruntime},
	process::{released, Process},
};

use super::{
	fire::{on_one_thread, Connection, Requests},
	processes,
	workload::{Form, Model},
};
use crate::load::{Body, Payer};

/// How long the oracle may take to answer its first request.
const START: Duration = Duration::from_secs(90);
/// How long it may take to settle when it stops.
const STOP: Duration = Duration::from_secs(120);
/// Planck for a request: little, so that a bond covers many of them.
const PRICE: Balance = 1_000_000;
/// How many may be served at a time, and wait. All are of one channel, which gets half of either: more
/// than the closed loops have clients, and less than an overload brings.
const ROOM: &str = "max_requests = 1024\n";
const QUEUE: &str = "max_queue = 1024\n";
/// It settles when it stops, and then everything: no server beside it has such work during a load.
const SETTLE: &str = "[settle]\ncount = 1_000_000_000\nage_s = 1_000_000_000\nlosses = true\n";

/// How requests are paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
	/// Not at all, and there is no receipt.
	Off,
	/// In full, but the log reaches the disk when the system pleases.
	Unflushed,
	/// As in earnest.
	On,
}

impl Payment {
	pub const ALL: [Self; 3] = [Self::Off, Self::Unflushed, Self::On];

	/// What it is called.
	pub fn name(self) -> &'static str {
		match self {
			Self::Off => "ours, receipts off",
			Self::Unflushed => "ours, no fsync",
			Self::On => "ours",
		}
	}

	fn switch(self) -> &'static str {
		match self {
			Self::Off => "unpaid",
			Self::Unflushed => "unflushed",
			Self::On => "",
		}
	}
}

/// A registered model, with a channel that pays for it.
struct Registered {
	which: Model,
	/// Versions, and the file of each.
	versions: Vec<(VersionId, PathBuf)>,
	payer: Payer,
}

/// A node, and everything that is registered there.
pub struct Setting {
	node: Node,
	chain: Chain,
	folder: PathBuf,
	port: u16,
	models: Vec<Registered>,
	provider: Provider,
}

/// Waits for something of the chain.
fn wait<T>(future: impl std::future::Future<Output = T>) -> T {
	Handle::current().block_on(future)
}

impl Setting {
	/// Starts a node, and registers so many versions of each model.
	pub fn begin(folder: &Path, models: &[(Model, usize)], provider: Provider) -> Result<Self> {
		eprintln!("starting a node, registering models …");
		let node = Node::start_dev(folder)?;
		let chain = wait(Chain::connect(&node.url))?;
		let cast = Cast::new(&node.url, folder);
		let (port, key) = (free_port()?, SigningKey::from_bytes(&RECEIPT_SEED).verifying_key());
		cast.operator.run(&[
			"oracle",
			"register",
			"--bond",
			"2000",
			"--receipt-key",
			&hex::encode(key.as_bytes()),
			"--endpoint",
			&format!("http://127.0.0.1:{port}"),
		])?;
		let models = models
			.iter()
			.map(|(which, count)| register(&cast, folder, (*which, *count), key.to_bytes()))
			.collect::<Result<_>>()?;
		Ok(Self { node, chain, folder: folder.into(), port, models, provider })
	}

	/// Starts the oracle with so many versions of the model, and waits until it answers for each.
	pub fn start(&mut self, payment: Payment, which: Model, copies: usize) -> Result<Oracle> {
		let folder = self.folder.join("oracle");
		std::fs::create_dir_all(&folder)?;
		let config = folder.join("oracle.toml");
		let mut text = format!(
			"listen = \"127.0.0.1:{}\"\nurl = \"{}\"\ndata = \"{}\"\nonnxruntime = \"{}\"\n\
			 provider = \"{}\"\n{ROOM}{SETTLE}",
			self.port,
			self.node.url,
			folder.join("data").display(),
			onnxruntime()?.display(),
			self.provider.key(),
		);
		let samples = folder.join("samples.json");
		std::fs::write(&samples, which.samples()?)?;
		let versions = self.registered(which)?.versions.clone();
		ensure!(versions.len() >= copies, "only {} versions are registered", versions.len());
		for (copy, (version, file)) in versions.iter().take(copies).enumerate() {
			text += &format!(
				"\n[[models]]\nname = \"m{copy}\"\nversion = {version}\npath = \"{}\"\n\
				 samples = \"{}\"\n{QUEUE}[models.batch]\n{}",
				file.display(),
				samples.display(),
				which.batching(),
			);
		}
		std::fs::write(&config, text)?;
		let begun = Instant::now();
		let mut command = Command::new(released("usufruct-oracle")?);
		command
			.arg("--config")
			.arg(&config)
			.env("USUFRUCT_SECRET", "//Charlie")
			.env("USUFRUCT_RECEIPT_KEY", hex::encode(RECEIPT_SEED))
			.env(VARIABLE, payment.switch());
		let process = Process::start("oracle", &folder, command)?;
		let address = format!("127.0.0.1:{}", self.port);
		let mut oracle = Oracle { process, address, payment, start: Duration::ZERO };
		match payment {
			// As the other servers: each copy has run once.
			Payment::Off => {
				for copy in 0..copies {
					oracle.wait(&unpaid(which, copy)?.swap_remove(0))?;
				}
			},
			_ if copies == 1 => oracle.wait(&self.sign(which, 1)?.swap_remove(0))?,
			_ => bail!("copies are asked without payment"),
		}
		oracle.start = begun.elapsed();
		Ok(oracle)
	}

	/// Requests for the first copy, as many as are asked in a while if they are paid for.
	pub fn requests(&mut self, payment: Payment, which: Model, count: usize) -> Result<Requests> {
		match payment {
			Payment::Off => Ok(Requests::again(unpaid(which, 0)?)),
			Payment::Unflushed | Payment::On => Ok(Requests::once(self.sign(which, count)?)),
		}
	}

	/// Checks that the oracle answers as the model does.
	pub fn check(
		&mut self,
		payment: Payment,
		which: Model,
		oracle: &Oracle,
		expected: &[Vec<f32>],
	) -> Result<()> {
		let requests = match payment {
			Payment::Off => unpaid(which, 0)?,
			Payment::Unflushed | Payment::On => self.sign(which, expected.len())?,
		};
		// They are asked in turns, and paid requests go on from where they were.
		let first = match payment {
			Payment::Off => 0,
			_ => {
				(self.registered(which)?.payer.signed() as usize - requests.len()) % expected.len()
			},
		};
		let expected = (first..).map(|at| &expected[at % expected.len()]);
		which.check(&oracle.address, Form::Binary, requests.iter().zip(expected))
	}

	fn sign(&mut self, which: Model, count: usize) -> Result<Vec<Vec<u8>>> {
		let head = wait(self.chain.finalised())?.block_number() as BlockNumber;
		self.registered(which)?.payer.sign(count, head)
	}

	/// Checks receipts.
	pub fn look_at(&mut self, which: Model, receipts: &[String]) -> Result<()> {
		self.registered(which)?.payer.look_at(receipts)
	}

	fn registered(&mut self, which: Model) -> Result<&mut Registered> {
		self.models.iter_mut().find(|it| it.which == which).context("the model is not registered")
	}

	/// Stops the node, after everything that has a receipt is settled.
	pub fn end(mut self) -> Result<()> {
		for Registered { payer, .. } in &mut self.models {
			let (channel, receipts) = (payer.channel(), payer.receipts());
			if receipts == 0 {
				continue;
			}
			let settled = wait_until(&self.chain, "settlement", STOP, |at| async move {
				let channel =
					state::channel(&at, &channel).await?.context("the channel is gone")?;
				Ok(channel.settled_seq >= receipts)
			});
			wait(settled)?;
		}
		self.node.stop()
	}
}

fn register(
	cast: &Cast,
	folder: &Path,
	(which, count): (Model, usize),
	key: [u8; 32],
) -> Result<Registered> {
	let owner = format!("{}:owner:100%", address("//Bob")?);
	let id = cast.author.run(&["model", "register", which.name()])?["model"].to_string();
	let price = format!("{PRICE}p");
	let mut versions = Vec::new();
	for copy in 0..count {
		let file = copied(which, copy, folder)?;
		let path = file.display().to_string();
		let version = cast.author.run(&[
			"model",
			"version",
			&id,
			"--file",
			&path,
			"--licence",
			"Apache-2.0",
			"--meter",
			"request",
			"--floor-price",
			&price,
			"--contributor",
			&owner,
		])?;
		let version = version["version"].as_u64().context("no version id")?;
		cast.operator.run(&["oracle", "ask", &version.to_string(), &price])?;
		versions.push((version as VersionId, file));
	}
	let opened = cast.consumer.run(&[
		"channel",
		"open",
		"--oracle",
		&address("//Charlie")?,
		"--model",
		&id,
		"--escrow",
		"100",
		"--max-unit-price",
		&format!("{PRICE}p"),
		"--max-unacked",
		"100",
	])?;
	let channel = parse_hex_32(&text(&opened["channel"])?).context("no channel id")?;
	let record = Store::open(&cast.consumer.channels())?
		.channel(&channel)?
		.context("the command did not keep the channel")?;
	let bodies = which.inputs()?.into_iter().map(Body::binary).collect::<Result<_>>()?;
	let first = versions.first().context("no version")?.0;
	let payer = Payer::new(record, key, first, PRICE, "m0", bodies)?;
	Ok(Registered { which, versions, payer })
}

/// The file of a copy. The same file is registered once only, so each further one says in a field for
/// people (`doc_string`) which it is.
fn copied(which: Model, copy: usize, folder: &Path) -> Result<PathBuf> {
	let original = model(which.name())?.join("model.onnx");
	if copy == 0 {
		return Ok(original);
	}
	let file = folder.join(format!("{}-{copy}.onnx", which.name()));
	let mut bytes = std::fs::read(original)?;
	bytes.extend([6 << 3 | 2, 1, b'0' + copy as u8]);
	std::fs::write(&file, bytes)?;
	Ok(file)
}

fn unpaid(which: Model, copy: usize) -> Result<Vec<Vec<u8>>> {
	let path = format!("/unpaid{}", infer_path(&format!("m{copy}")));
	which.inputs()?.into_iter().map(|it| Ok(Body::binary(it)?.request(&path, ""))).collect()
}

/// An oracle that runs, until it is stopped.
pub struct Oracle {
	process: Process,
	/// Where it listens.
	pub address: String,
	payment: Payment,
	/// How long it took until its first answer.
	pub start: Duration,
}

impl Oracle {
	fn wait(&mut self, request: &[u8]) -> Result<()> {
		let give_up = Instant::now() + START;
		loop {
			let asked = async { Connection::new(&self.address).ask(request).await };
			let said = match on_one_thread(asked) {
				Ok(answer) if answer.status == 200 => return Ok(()),
				Ok(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
				Err(error) => error.to_string(),
			};
			if Instant::now() > give_up {
				bail!("the oracle does not answer ({said}):\n{}", self.process.log());
			}
			std::thread::sleep(Duration::from_millis(20));
		}
	}

	/// The id of its process.
	pub fn process(&self) -> u32 {
		self.process.id()
	}

	/// MiB in memory, with the processes in which it runs models.
	pub fn memory(&self) -> f64 {
		processes::memory(self.process())
	}

	/// Stops it as an operator would; it settles first, if there is anything to settle.
	pub fn stop(self) -> Result<()> {
		match self.payment {
			Payment::Off => self.process.kill(),
			_ => self.process.stop(STOP),
		}
	}
}
