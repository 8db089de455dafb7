//! The `usufruct` command, as a person types it.

use std::{
	path::{Path, PathBuf},
	process::Command,
};

use anyhow::{bail, Context, Result};
use serde_json::Value;

use crate::process::binary;

/// One user of the command: a node to talk to, a secret, and a folder for channel state.
#[derive(Clone)]
pub struct Cli {
	url: String,
	secret: String,
	data: PathBuf,
	environment: Vec<(String, String)>,
}

impl Cli {
	/// For the user with this secret URI, whose files live below `folder`.
	pub fn new(url: &str, secret: &str, folder: &Path) -> Self {
		let name = secret.trim_start_matches('/').replace('/', "-");
		Self {
			url: url.into(),
			secret: secret.into(),
			data: folder.join("users").join(name),
			environment: Vec::new(),
		}
	}

	/// With one more environment variable.
	pub fn env(mut self, name: &str, value: &str) -> Self {
		self.environment.push((name.into(), value.into()));
		self
	}

	/// The same user at another node.
	pub fn at(&self, url: &str) -> Self {
		Self { url: url.into(), ..self.clone() }
	}

	/// The file in which its channels and their keys are kept.
	pub fn channels(&self) -> PathBuf {
		self.data.join("channels.redb")
	}

	/// The command, ready to be started.
	pub fn command(&self, arguments: &[&str]) -> Result<Command> {
		let mut command = Command::new(binary("usufruct")?);
		command
			.args(["--url", &self.url, "--output", "json", "--data-dir"])
			.arg(&self.data)
			.args(arguments)
			.env("USUFRUCT_SECRET", &self.secret)
			.envs(self.environment.iter().cloned());
		Ok(command)
	}

	/// Runs the command and returns what it printed.
	pub fn run(&self, arguments: &[&str]) -> Result<Value> {
		let output = self.command(arguments)?.output()?;
		if !output.status.success() {
			bail!(
				"usufruct {}: {}",
				arguments.join(" "),
				String::from_utf8_lossy(&output.stderr).trim()
			);
		}
		serde_json::from_slice(&output.stdout).with_context(|| {
			format!("usufruct {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stdout))
		})
	}

	/// Runs the command, which must fail; returns what it said.
	pub fn refused(&self, arguments: &[&str]) -> Result<String> {
		let output = self.command(arguments)?.output()?;
		if output.status.success() {
			bail!(
				"usufruct {} should have failed: {}",
				arguments.join(" "),
				String::from_utf8_lossy(&output.stdout)
			);
		}
		Ok(String::from_utf8_lossy(&output.stderr).into_owned())
	}
}

/// A number that the command writes as a decimal string, because JavaScript would round it.
pub fn planck(value: &Value) -> Result<u128> {
	match value {
		Value::String(text) => text.parse().with_context(|| format!("not an amount: {text}")),
		Value::Number(number) => number.as_u64().map(Into::into).context("not an amount"),
		other => bail!("not an amount: {other}"),
	}
}
