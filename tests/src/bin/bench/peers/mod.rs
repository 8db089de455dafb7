//! Our server beside the others: `scripts/bench --peers`.
//!
//! One machine, one run, in turns: each server is started, measured and stopped before the next one,
//! as often as there are rounds. Each has one session of the model with one thread, and is asked the
//! same by the same load, which shares the processors with it. `workload` is what is asked, `fire` the
//! load, `limit` the model without a server, `peer` and `ours` the servers, `comparison` what is done with
//! them, `cells` what is measured of each, `tables` how it is told.

mod cells;
mod comparison;
mod fire;
mod limit;
mod ours;
mod peer;
mod processes;
mod tables;
mod workload;

use std::{
	fs::File,
	io::Write,
	path::Path,
	time::{Duration, Instant},
};

use anyhow::{ensure, Result};
use usufruct_oracle::engine::{driver, placement::Provider};

use crate::{
	limit::environment,
	report::{median, Report},
};
use comparison::Comparison;
use limit::Limit;
use ours::Setting;
use peer::{Peer, PEERS};
pub use workload::Model;

/// Copies of a model, to see what many models take.
const COPIES: usize = 10;
/// Of which model.
const COPIED: Model = Model::MiniLm;

/// How often the disk is tried.
const FLUSHES: usize = 200;

/// What to compare, and for how long.
#[derive(Clone, Debug)]
pub struct Options {
	/// `limit`, `ours`, and names of peers; all if it is empty.
	pub only: Vec<String>,
	/// Names of models; all if it is empty.
	pub models: Vec<String>,
	/// Of each load.
	pub seconds: f64,
	pub rounds: usize,
	/// Whether the model runs on a GPU: the oracle and the limit alone, for the other servers are set up for the
	/// processor.
	pub gpu: bool,
}

impl Default for Options {
	fn default() -> Self {
		Self { only: vec![], models: vec![], seconds: 3.0, rounds: 5, gpu: false }
	}
}

impl Options {
	fn wants(&self, name: &str) -> bool {
		self.only.is_empty() || self.only.iter().any(|it| it == name)
	}

	fn peers(&self) -> Vec<Peer> {
		PEERS.into_iter().filter(|it| !self.gpu && self.wants(it.name)).collect()
	}

	fn provider(&self) -> Provider {
		match self.gpu {
			true => Provider::Cuda,
			false => Provider::Cpu,
		}
	}

	/// Where its figures stand in the file.
	fn name(&self) -> &'static str {
		match self.gpu {
			true => "peers_gpu",
			false => "peers",
		}
	}

	fn models(&self) -> Vec<Model> {
		let wanted =
			|it: &Model| self.models.is_empty() || self.models.iter().any(|n| n == it.name());
		Model::ALL.into_iter().filter(wanted).collect()
	}

	fn check(&self) -> Result<()> {
		let known: Vec<&str> = PEERS.iter().map(|it| it.name).chain(["limit", "ours"]).collect();
		for name in &self.only {
			ensure!(
				known.contains(&name.as_str()),
				"--only knows {}, not {name}",
				known.join(", ")
			);
		}
		for name in &self.models {
			let known = Model::ALL.map(Model::name);
			ensure!(known.contains(&name.as_str()), "--models knows {known:?}, not {name}");
		}
		ensure!(self.rounds > 0 && self.seconds > 0.0, "--rounds and --seconds must be positive");
		Ok(())
	}
}

/// Measures, and prints. Blocks.
pub fn measure(report: &mut Report, folder: &Path, options: &Options) -> Result<()> {
	options.check()?;
	let folder = &folder.join("peers");
	std::fs::create_dir_all(folder)?;
	if let (true, Err(why)) = (options.gpu, driver::check()) {
		println!("\n    skipped: the oracle beside the limit on a GPU: {why}");
		return Ok(());
	}
	let peers = options.peers();
	let models = options.models();
	let environment = environment()?;
	let mut setting = match options.wants("ours") {
		true => {
			let copies = |it: &Model| (*it, if *it == COPIED { COPIES } else { 1 });
			let models: Vec<_> = models.iter().map(copies).collect();
			Some(Setting::begin(folder, &models, options.provider())?)
		},
		false => None,
	};
	let mut tables = tables::Tables::new(options, &peers)?;
	for which in models {
		let mut comparison = Comparison {
			which,
			folder,
			time: Duration::from_secs_f64(options.seconds),
			limit: Limit::load(&environment, which, options.provider())?,
			setting: setting.as_mut(),
			peers: &peers,
			cells: Vec::new(),
			limits: Vec::new(),
		};
		let mut flushes = Vec::new();
		for round in 1..=options.rounds {
			eprintln!("{}, round {round} of {}", which.name(), options.rounds);
			flushes.push(flush(folder)?);
			comparison.round()?;
		}
		tables.flush_ms = median(&flushes);
		let memory = if which == COPIED { comparison.copies()? } else { vec![] };
		let Comparison { cells, limits, limit, .. } = comparison;
		tables.tell(report, which, (median(&limits), limit.rows()), &cells, &memory);
		report.write()?;
	}
	if let Some(setting) = setting {
		setting.end()?;
	}
	Ok(())
}

/// Milliseconds that a kilobyte at the end of a file takes to reach the disk.
fn flush(folder: &Path) -> Result<f64> {
	let mut file = File::create(folder.join("flushed"))?;
	let mut times = Vec::new();
	for _ in 0..FLUSHES {
		file.write_all(&[7; 1_024])?;
		let begun = Instant::now();
		file.sync_data()?;
		times.push(begun.elapsed().as_secs_f64() * 1e3);
	}
	Ok(median(&times))
}
