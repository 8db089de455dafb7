//! What it was measured on.

use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use crate::report::Report;

/// Prints the machine and the commit.
pub fn tell(report: &mut Report) -> Result<()> {
	let processor = processor()?;
	let cores = std::thread::available_parallelism()?.get();
	let commit = commit()?;
	// Wasm is always optimised; our own crates and the registry's are as the one profile says.
	let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
	println!("{processor}, {cores} cores; commit {commit}; profile {profile}");
	report.set("machine", json!({ "processor": processor, "cores": cores }));
	report.set("commit", json!(commit));
	report.set("profile", json!(profile));
	Ok(())
}

fn processor() -> Result<String> {
	let text = std::fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
	let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
	Ok(name.map_or_else(|| std::env::consts::ARCH.into(), |(_, name)| name.trim().into()))
}

/// The commit, with `-dirty` if files differ from it.
fn commit() -> Result<String> {
	let output = Command::new("git")
		.args(["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])
		.output()
		.context("cannot run git")?;
	if !output.status.success() {
		// Sources without their history.
		return Ok("unknown".into());
	}
	Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
