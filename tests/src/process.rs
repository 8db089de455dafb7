//! A child process that writes to a log file and does not outlive the test.

use std::{
	fs::File,
	io::Read,
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	time::{Duration, Instant},
};

use anyhow::{bail, Context, Result};

/// The folder of the workspace's binaries, which is where this one came from.
pub fn binary(name: &str) -> Result<PathBuf> {
	let me = std::env::current_exe()?;
	let mut folder = me.parent().context("the test binary has no folder")?;
	if folder.ends_with("deps") {
		folder = folder.parent().context("deps has no parent")?;
	}
	let path = folder.join(name);
	if !path.exists() {
		bail!("{} is missing: run `cargo build --workspace --bins` first", path.display());
	}
	Ok(path)
}

/// A program as who operates one builds it: `cargo build --release`.
pub fn released(name: &str) -> Result<PathBuf> {
	let built = binary(name)?;
	let target = built.ancestors().nth(2).context("the binaries are in no target folder")?;
	let path = target.join("release").join(name);
	if !path.exists() {
		bail!("{} is missing: run `cargo build --release -p {name}` first", path.display());
	}
	Ok(path)
}

/// A running child process.
pub struct Process {
	name: String,
	child: Child,
	log: PathBuf,
}

impl Process {
	/// Starts `command` with both outputs going to `<folder>/<name>.log`.
	pub fn start(name: &str, folder: &Path, mut command: Command) -> Result<Self> {
		std::fs::create_dir_all(folder)?;
		let log = folder.join(format!("{name}.log"));
		let out = File::options().create(true).append(true).open(&log)?;
		let child = command
			.stdin(Stdio::null())
			.stdout(out.try_clone()?)
			.stderr(out)
			.spawn()
			.with_context(|| format!("cannot start {name}: {command:?}"))?;
		Ok(Self { name: name.into(), child, log })
	}

	/// The process id.
	pub fn id(&self) -> u32 {
		self.child.id()
	}

	/// Where its output goes.
	pub fn log_path(&self) -> &Path {
		&self.log
	}

	/// All output so far.
	pub fn log(&self) -> String {
		let mut text = Vec::new();
		if let Ok(mut file) = File::open(&self.log) {
			let _ = file.read_to_end(&mut text);
		}
		String::from_utf8_lossy(&text).into_owned()
	}

	/// Waits until a line of the output (from byte `from` on) makes `find` answer.
	pub fn wait_for_line<T>(
		&mut self,
		from: usize,
		timeout: Duration,
		find: impl Fn(&str) -> Option<T>,
	) -> Result<T> {
		let deadline = Instant::now() + timeout;
		loop {
			let log = self.log();
			if let Some(found) = log.get(from..).unwrap_or_default().lines().find_map(&find) {
				return Ok(found);
			}
			if let Some(status) = self.child.try_wait()? {
				bail!("{} ended early ({status}):\n{}", self.name, tail(&log));
			}
			if Instant::now() > deadline {
				bail!(
					"{} did not say what was expected in {timeout:?}:\n{}",
					self.name,
					tail(&log)
				);
			}
			std::thread::sleep(Duration::from_millis(50));
		}
	}

	/// Asks it to stop (SIGTERM) and waits.
	pub fn stop(self, timeout: Duration) -> Result<()> {
		self.terminate()?;
		self.wait(timeout).map(drop)
	}

	/// Asks it to stop (SIGTERM).
	pub fn terminate(&self) -> Result<()> {
		self.signal("TERM")
	}

	/// Waits until it has ended; how it did.
	pub fn wait(mut self, timeout: Duration) -> Result<ExitStatus> {
		let deadline = Instant::now() + timeout;
		while Instant::now() < deadline {
			if let Some(status) = self.child.try_wait()? {
				return Ok(status);
			}
			std::thread::sleep(Duration::from_millis(50));
		}
		bail!("{} did not stop in {timeout:?}:\n{}", self.name, tail(&self.log()))
	}

	/// Kills it at once (SIGKILL), as a power cut would.
	pub fn kill(mut self) -> Result<()> {
		self.child.kill()?;
		self.child.wait()?;
		Ok(())
	}

	/// Lets it live on after this value is dropped.
	pub fn keep(self) -> u32 {
		let id = self.child.id();
		std::mem::forget(self);
		id
	}

	/// Sends a signal to its child processes, of which there must be some.
	pub fn signal_children(&self, signal: &str) -> Result<()> {
		let children = children(self.id())?;
		if children.is_empty() {
			bail!("{} has no child processes:\n{}", self.name, tail(&self.log()));
		}
		kill(signal, &children).with_context(|| format!("the children of {}", self.name))
	}

	/// Sends it a signal.
	pub fn signal(&self, signal: &str) -> Result<()> {
		kill(signal, &[self.id()]).with_context(|| self.name.clone())
	}
}

impl Drop for Process {
	fn drop(&mut self) {
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

fn kill(signal: &str, processes: &[u32]) -> Result<()> {
	let processes = processes.iter().map(u32::to_string);
	let status = Command::new("kill").arg(format!("-{signal}")).args(processes).status()?;
	if !status.success() {
		bail!("cannot be signalled");
	}
	Ok(())
}

/// The processes whose parent is that one.
fn children(parent: u32) -> Result<Vec<u32>> {
	let mut children = Vec::new();
	for entry in std::fs::read_dir("/proc")? {
		let name = entry?.file_name();
		let Some(id) = name.to_str().and_then(|it| it.parse::<u32>().ok()) else { continue };
		// One that has just ended has none.
		let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
		// The name of the program, which may hold anything, is in parentheses; then its state, its parent.
		let after = stat.rsplit(')').next().unwrap_or_default();
		if after.split_whitespace().nth(1).and_then(|it| it.parse().ok()) == Some(parent) {
			children.push(id);
		}
	}
	Ok(children)
}

fn tail(log: &str) -> String {
	let lines: Vec<_> = log.lines().collect();
	lines[lines.len().saturating_sub(40)..].join("\n")
}
