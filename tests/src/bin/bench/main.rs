//! What it costs and how fast it is: `scripts/bench`.
//!
//! Prints tables for people, and writes `.usufruct/bench.json` for programs, in which it replaces
//! what it measured and nothing else.

mod blob;
mod blocks;
mod chain;
mod database;
mod finality;
mod fraud;
mod lane;
mod limit;
mod load;
mod machine;
mod oracle;
mod peers;
mod per_receipt;
mod profiles;
mod receipts;
mod report;
mod settle;

use std::path::PathBuf;

use anyhow::{bail, ensure, Context, Result};
use tikv_jemallocator::Jemalloc;

use report::Report;

/// The oracle's: parts of it are measured in this process.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

const USAGE: &str =
	"scripts/bench [usage] [chain] [finality] [oracle] [profiles] [--people N], or \
	scripts/bench oracle --peers [--only NAME,…] [--models NAME,…] [--seconds S] [--rounds N] \
	[--gpu]";

/// How many people the smaller states have.
const SIZES: [u32; 2] = [100, 10_000];
/// How many the largest has, unless something else is asked for.
const MANY: u32 = 1_000_000;

/// What to measure.
struct Wanted {
	usage: bool,
	chain: bool,
	finality: bool,
	oracle: bool,
	profiles: bool,
	/// How many people the largest state has.
	people: u32,
	/// The oracle beside other servers instead.
	peers: Option<peers::Options>,
}

impl Wanted {
	fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self> {
		let mut wanted = Self {
			usage: false,
			chain: false,
			finality: false,
			oracle: false,
			profiles: false,
			people: MANY,
			peers: None,
		};
		let names = |value: String| value.split(',').map(str::to_owned).collect();
		while let Some(argument) = arguments.next() {
			let mut value =
				|| arguments.next().with_context(|| format!("{argument} needs a value"));
			let peers = wanted.peers.as_mut().context("it belongs after --peers");
			match argument.as_str() {
				"--peers" => wanted.peers = Some(peers::Options::default()),
				"--only" => peers?.only = names(value()?),
				"--models" => peers?.models = names(value()?),
				"--seconds" => peers?.seconds = value()?.parse().context("--seconds")?,
				"--gpu" => peers?.gpu = true,
				"--rounds" => peers?.rounds = value()?.parse().context("--rounds")?,
				"usage" => wanted.usage = true,
				"chain" => wanted.chain = true,
				"finality" => wanted.finality = true,
				"oracle" => wanted.oracle = true,
				"profiles" => wanted.profiles = true,
				"--people" => {
					wanted.people = value()?.replace('_', "").parse().context("--people")?;
					ensure!(wanted.people > SIZES[0], "--people must be more than {}", SIZES[0]);
				},
				other => bail!("unknown argument {other}; usage: {USAGE}"),
			}
		}
		let Wanted { usage, chain, finality, oracle, profiles, peers, .. } = &mut wanted;
		let parts = [usage, chain, finality, oracle, profiles];
		let all = peers.is_none() && parts.iter().all(|part| !**part);
		for part in parts {
			*part = peers.is_none() && (*part || all);
		}
		Ok(wanted)
	}

	/// How many people the states have, from the smallest on.
	fn sizes(&self) -> Vec<u32> {
		let smaller = SIZES.into_iter().filter(|size| *size < self.people);
		smaller.chain([self.people]).collect()
	}
}

#[tokio::main]
async fn main() -> Result<()> {
	let wanted = Wanted::parse(std::env::args().skip(1)).unwrap_or_else(|error| {
		eprintln!("{error:#}");
		std::process::exit(2);
	});
	// Databases and logs; what an earlier run left is of no use.
	let folder = PathBuf::from(".usufruct/bench");
	if folder.exists() {
		std::fs::remove_dir_all(&folder)?;
	}
	std::fs::create_dir_all(&folder)?;
	let folder = folder.canonicalize()?;

	let mut report = Report::open(".usufruct/bench.json".as_ref())?;
	machine::tell(&mut report)?;
	if wanted.usage {
		fraud::measure(&mut report)?;
		per_receipt::bytes(&mut report)?;
		report.write()?;
		let batch = receipts::measure(&mut report, &folder).await?;
		per_receipt::alternative(&mut report, batch)?;
		report.write()?;
	}
	if wanted.chain {
		settle::measure(&mut report)?;
		report.write()?;
		tokio::task::block_in_place(|| chain::measure(&mut report, &folder, &wanted.sizes()))?;
		report.write()?;
	}
	if wanted.finality {
		finality::measure(&mut report, &folder, &wanted.sizes()).await?;
		report.write()?;
	}
	if wanted.oracle {
		oracle::measure(&mut report, &folder).await?;
		report.write()?;
	}
	if wanted.profiles {
		tokio::task::block_in_place(|| profiles::measure(&mut report, &folder))?;
		report.write()?;
	}
	if let Some(options) = &wanted.peers {
		tokio::task::block_in_place(|| peers::measure(&mut report, &folder, options))?;
		report.write()?;
	}
	println!("\nThe figures: {}", report.path().display());
	Ok(())
}
