//! Processes with all that they started: what they have in memory, where they run, and that they end.

use std::{
	collections::HashSet,
	fs,
	process::Command,
	time::{Duration, Instant},
};

use anyhow::{Context, Result};
use rustix::{
	process::Pid,
	thread::{sched_getaffinity, sched_setaffinity, CpuSet},
};

/// How long they may take to end when they are asked to.
const END: Duration = Duration::from_secs(5);

/// The process and its descendants.
pub fn tree(root: u32) -> Vec<u32> {
	let parents: Vec<(u32, u32)> = running().filter_map(|id| Some((id, parent(id)?))).collect();
	let mut tree = vec![root];
	let mut at = 0;
	while let Some(above) = tree.get(at).copied() {
		tree.extend(parents.iter().filter(|(_, parent)| *parent == above).map(|(id, _)| *id));
		at += 1;
	}
	tree
}

/// MiB that they have in memory, what they share counted once (proportional set size).
pub fn memory(root: u32) -> f64 {
	let of = |id: u32| {
		let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap_or_default();
		let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
		line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or(0.0)
	};
	tree(root).into_iter().map(of).sum::<f64>() / 1024.0
}

/// The processors that this thread may run on.
pub fn processors() -> Result<Vec<usize>> {
	let set = sched_getaffinity(None)?;
	Ok((0..CpuSet::MAX_CPU).filter(|it| set.is_set(*it)).collect())
}

/// Lets this thread, and what it starts, run on these processors only.
pub fn stay(on: &[usize]) -> Result<()> {
	Ok(sched_setaffinity(None, &set(on))?)
}

/// Lets them run on these processors only, with all threads that they have or start.
pub fn keep(root: u32, on: &[usize]) -> Result<()> {
	for process in tree(root) {
		for thread in fs::read_dir(format!("/proc/{process}/task"))? {
			let id = thread?.file_name();
			let id = id.to_str().and_then(|it| it.parse().ok()).and_then(Pid::from_raw);
			sched_setaffinity(Some(id.context("no id of a thread")?), &set(on))?;
		}
	}
	Ok(())
}

fn set(on: &[usize]) -> CpuSet {
	let mut set = CpuSet::new();
	on.iter().for_each(|it| set.set(*it));
	set
}

/// Asks them to end, and ends those that do not.
pub fn end(root: u32) {
	let tree = tree(root);
	signal("TERM", &[root]);
	let begun = Instant::now();
	while begun.elapsed() < END && alive(&tree).next().is_some() {
		std::thread::sleep(Duration::from_millis(50));
	}
	let left: Vec<u32> = alive(&tree).collect();
	signal("KILL", &left);
}

fn signal(name: &str, ids: &[u32]) {
	for id in ids {
		// It may have ended meanwhile.
		let _ = Command::new("kill").args([format!("-{name}"), id.to_string()]).output();
	}
}

fn alive(ids: &[u32]) -> impl Iterator<Item = u32> + '_ {
	let running: HashSet<u32> = running().collect();
	ids.iter().copied().filter(move |id| running.contains(id) && state(*id) != Some('Z'))
}

fn running() -> impl Iterator<Item = u32> {
	let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
	entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// What `/proc/ID/stat` says behind the name, which may hold anything.
fn stat(id: u32) -> Option<String> {
	let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
	Some(text.rsplit_once(") ")?.1.to_owned())
}

fn state(id: u32) -> Option<char> {
	stat(id)?.chars().next()
}

fn parent(id: u32) -> Option<u32> {
	stat(id)?.split(' ').nth(1)?.parse().ok()
}
