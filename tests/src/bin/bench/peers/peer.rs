//! The other servers: how each is started and asked.

use std::{
	fs::File,
	path::Path,
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};
use usufruct_tests::{
	node::free_port,
	oracle::{cached, model},
};

use super::{
	fire::{on_one_thread, Connection},
	processes,
	workload::{Form, Model},
};

/// How long a server may take to answer its first request.
const START: Duration = Duration::from_secs(120);

/// A server of somebody else, from `scripts/peers`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
	pub name: &'static str,
	pub form: Form,
	/// Where a model's requests go; `{}` is its name.
	path: &'static str,
}

/// Each as it is fastest, by its documentation.
pub const PEERS: [Peer; 5] = [
	Peer { name: "mosec", form: Form::Raw, path: "/{}" },
	Peer { name: "mlserver", form: Form::Json, path: "/v2/models/{}/infer" },
	Peer { name: "litserve", form: Form::Lists, path: "/{}" },
	Peer { name: "kserve", form: Form::Binary, path: "/v2/models/{}/infer" },
	Peer { name: "triton", form: Form::Binary, path: "/v2/models/{}/infer" },
];

impl Peer {
	/// The path of its copy of that number.
	pub fn path(&self, copy: usize) -> String {
		self.path.replace("{}", &format!("m{copy}"))
	}

	/// The version that its environment pins.
	pub fn version(&self) -> Result<String> {
		let text = std::fs::read_to_string(format!("scripts/peers/{}.txt", self.name))?;
		let package = if self.name == "triton" { "nvidia-pytriton" } else { self.name };
		let version = text.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("=="));
		let version = version.and_then(|rest| rest.split(' ').next());
		Ok(format!("{package} {}", version.context("no version is pinned")?))
	}

	/// Starts it with so many copies of the model, and waits until each answers `request`.
	pub fn start(
		&self,
		which: Model,
		copies: usize,
		request: impl Fn(&str) -> Result<Vec<u8>>,
		folder: &Path,
	) -> Result<Running> {
		let log = File::create(folder.join(format!("{}.log", self.name)))?;
		let port = free_port()?;
		let begun = Instant::now();
		let child = Command::new(cached(&format!("peers/{}/bin/python", self.name))?)
			.arg(format!("scripts/peers/serve_{}.py", self.name))
			.args(["--model", which.name(), "--path"])
			.arg(model(which.name())?.join("model.onnx"))
			.args(["--port", &port.to_string(), "--copies", &copies.to_string()])
			.stdin(Stdio::null())
			.stdout(log.try_clone()?)
			.stderr(log)
			.spawn()?;
		let address = format!("127.0.0.1:{port}");
		let mut running = Running { child, address, start: Duration::ZERO };
		for copy in 0..copies {
			let request = request(&self.path(copy))?;
			running.wait(self.name, &request, begun + START)?;
		}
		running.start = begun.elapsed();
		Ok(running)
	}
}

/// A server that runs, until it is dropped.
pub struct Running {
	child: Child,
	/// Where it listens.
	pub address: String,
	/// How long it took until its first answer.
	pub start: Duration,
}

impl Running {
	fn wait(&mut self, name: &str, request: &[u8], give_up: Instant) -> Result<()> {
		loop {
			let asked = async { Connection::new(&self.address).ask(request).await };
			let said = match on_one_thread(asked) {
				Ok(answer) if answer.status == 200 => return Ok(()),
				Ok(answer) => String::from_utf8_lossy(&answer.body).into_owned(),
				Err(error) => error.to_string(),
			};
			if let Some(status) = self.child.try_wait()? {
				bail!("{name} ended ({status}); see its log");
			}
			if Instant::now() > give_up {
				bail!("{name} does not answer: {said}");
			}
			std::thread::sleep(Duration::from_millis(20));
		}
	}

	/// The id of its process.
	pub fn process(&self) -> u32 {
		self.child.id()
	}

	/// MiB in memory.
	pub fn memory(&self) -> f64 {
		processes::memory(self.process())
	}
}

impl Drop for Running {
	fn drop(&mut self) {
		processes::end(self.child.id());
		let _ = self.child.wait();
	}
}
