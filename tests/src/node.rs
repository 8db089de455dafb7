//! A node of a test network on loopback.

use std::{
	path::{Path, PathBuf},
	process::Command,
	time::Duration,
};

use anyhow::{ensure, Context, Result};
use serde_json::{json, Map, Value};

use crate::{
	people::Entry,
	process::{binary, Process},
};

/// How long a node may take to open its RPC port: it compiles the runtime first.
const START: Duration = Duration::from_secs(120);

/// Writes the specification of a preset, changed by `patch` (merged over the genesis), to a file.
pub fn chain_spec(preset: &str, folder: &Path, patch: Value) -> Result<PathBuf> {
	let mut spec = exported(preset)?;
	let genesis = spec
		.pointer_mut("/genesis/runtimeGenesis/patch")
		.context("the plain specification has no genesis patch")?;
	merge(genesis, patch);
	write(preset, folder, &spec)
}

/// Writes the specification of a chain that is like the preset but begins with that state, the blob
/// being among it.
pub fn chain_spec_of_state(preset: &str, folder: &Path, state: &[Entry]) -> Result<PathBuf> {
	let mut spec = exported(preset)?;
	let hex = |bytes: &[u8]| format!("0x{}", hex::encode(bytes));
	let top: Map<String, Value> =
		state.iter().map(|(key, value)| (hex(key), hex(value).into())).collect();
	spec["genesis"] = json!({ "raw": { "top": top, "childrenDefault": {} } });
	write(preset, folder, &spec)
}

fn exported(preset: &str) -> Result<Value> {
	let output = Command::new(binary("usufruct-node")?)
		.args(["export-chain-spec", "--chain", preset])
		.output()?;
	ensure!(
		output.status.success(),
		"export-chain-spec failed: {}",
		String::from_utf8_lossy(&output.stderr)
	);
	Ok(serde_json::from_slice(&output.stdout)?)
}

fn write(preset: &str, folder: &Path, spec: &Value) -> Result<PathBuf> {
	std::fs::create_dir_all(folder)?;
	let path = folder.join(format!("{preset}.json"));
	std::fs::write(&path, serde_json::to_vec(spec)?)?;
	Ok(path)
}

/// Lays one JSON value over another: objects member by member, all else as a whole.
pub(crate) fn merge(into: &mut Value, from: Value) {
	match (into, from) {
		(Value::Object(into), Value::Object(from)) => {
			for (key, value) in from {
				merge(into.entry(key).or_insert(Value::Null), value);
			}
		},
		(into, from) => *into = from,
	}
}

/// How to start a node.
pub struct NodeOptions {
	/// Name, also of its log and its folder.
	pub name: String,
	/// Specification file.
	pub chain: PathBuf,
	/// Its database and network key live below this folder.
	pub folder: PathBuf,
	/// Further arguments, for example `--alice --validator`.
	pub arguments: Vec<String>,
	/// Multiaddresses of nodes to connect to.
	pub peers: Vec<String>,
}

impl NodeOptions {
	/// One that is alone and makes the blocks of that chain, as Alice.
	pub fn alone(chain: PathBuf, folder: &Path) -> Self {
		Self {
			name: "node".into(),
			chain,
			folder: folder.into(),
			arguments: ["--alice", "--validator", "--force-authoring"].map(String::from).into(),
			peers: vec![],
		}
	}

	/// The same on a development chain that is changed by `patch`, as [`chain_spec`] does.
	pub fn dev(folder: &Path, patch: Value) -> Result<Self> {
		Ok(Self::alone(chain_spec("dev", folder, patch)?, folder))
	}

	/// The folder of its database, on the chain of that id.
	pub fn database(&self, chain_id: &str) -> PathBuf {
		self.folder.join(&self.name).join("chains").join(chain_id).join("paritydb/full")
	}
}

/// A running node.
pub struct Node {
	process: Process,
	/// `ws://…` of its RPC port.
	pub url: String,
	/// Its multiaddress, for others' `peers`.
	pub address: String,
	/// Port of its Prometheus metrics.
	pub metrics_port: u16,
}

impl Node {
	/// Starts one that is alone on a development chain as it is.
	pub fn start_dev(folder: &Path) -> Result<Self> {
		Self::start(&NodeOptions::dev(folder, json!({}))?)
	}

	/// Starts a node and waits until it answers.
	pub fn start(options: &NodeOptions) -> Result<Self> {
		Self::start_at(options, 0)
	}

	/// The same, where it is expected: on that RPC port, or any if it is 0.
	pub fn start_at(options: &NodeOptions, rpc_port: u16) -> Result<Self> {
		let base = options.folder.join(&options.name);
		let metrics_port = free_port()?;
		let listen = format!("/ip4/127.0.0.1/tcp/{}", free_port()?);
		let mut command = Command::new(binary("usufruct-node")?);
		command
			.arg("--chain")
			.arg(&options.chain)
			.arg("--base-path")
			.arg(&base)
			.args(["--listen-addr", &listen])
			.args(["--rpc-port", &rpc_port.to_string(), "--no-mdns", "--no-telemetry"])
			.args(["--unsafe-force-node-key-generation", "--allow-private-ip"])
			.args(["--prometheus-port", &metrics_port.to_string()])
			.args(["--name", &options.name])
			.args(&options.arguments);
		for peer in &options.peers {
			command.args(["--bootnodes", peer]);
		}
		let from = std::fs::metadata(options.folder.join(format!("{}.log", options.name)))
			.map_or(0, |log| log.len() as usize);
		let mut process = Process::start(&options.name, &options.folder, command)?;
		let port: u16 = process.wait_for_line(from, START, |line| {
			let rest = line.split_once("Running JSON-RPC server: addr=")?.1;
			rest.split(',')
				.find_map(|address| address.trim().strip_prefix("127.0.0.1:")?.parse().ok())
		})?;
		// It takes another one if that is taken.
		ensure!(rpc_port == 0 || port == rpc_port, "port {rpc_port} is taken: it is at {port}");
		let peer_id: String = process.wait_for_line(from, START, |line| {
			line.split_once("Local node identity is: ").map(|(_, id)| id.trim().to_owned())
		})?;
		Ok(Self {
			process,
			url: format!("ws://127.0.0.1:{port}"),
			address: format!("{listen}/p2p/{peer_id}"),
			metrics_port,
		})
	}

	/// Everything it has logged.
	pub fn log(&self) -> String {
		self.process.log()
	}

	/// Suspends it: it says nothing, and is there.
	pub fn suspend(&self) -> Result<()> {
		self.process.signal("STOP")
	}

	/// Lets it go on.
	pub fn resume(&self) -> Result<()> {
		self.process.signal("CONT")
	}

	/// Stops it as an operator would.
	pub fn stop(self) -> Result<()> {
		self.process.stop(Duration::from_secs(30))
	}

	/// Kills it as a power cut would.
	pub fn kill(self) -> Result<()> {
		self.process.kill()
	}

	/// Lets it run on; returns its process id.
	pub fn keep(self) -> u32 {
		self.process.keep()
	}
}

/// A port nobody listens on at the moment.
pub fn free_port() -> Result<u16> {
	Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
