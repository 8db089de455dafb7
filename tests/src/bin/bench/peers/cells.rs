//! What is measured of one server: rates and latencies, round by round.

use std::time::Duration;

use anyhow::{ensure, Result};

use super::{
	fire::{self, on_one_thread, Fired, Requests},
	processes,
};
use crate::report::median;

/// Clients of the closed loops.
pub const CLIENTS: [usize; 4] = [1, 8, 64, 256];
/// Parts of its best rate at which it is asked in open loops.
pub const SHARES: [f64; 2] = [0.5, 0.9];
/// The overload, in parts of its best rate.
pub const OVERLOAD: f64 = 2.0;
/// Requests that an overload brings at least: twice as many as find room in a queue.
const MANY: f64 = 2_048.0;
/// Clients and time before the first load that counts.
const WARM_UP: (usize, Duration) = (8, Duration::from_millis(500));
/// How long what is left of a load may take.
const CALM: Duration = Duration::from_secs(30);
/// How many more requests are made than were sent in the same time before.
const SPARE: f64 = 1.6;

/// A server that is asked.
pub trait Target {
	fn address(&self) -> &str;
	/// The id of its process, which may have started others.
	fn process(&self) -> u32;
	/// So many requests, or as many as it could answer in that time.
	fn requests(&mut self, count: Option<usize>, time: Duration) -> Result<Requests>;
	/// What was answered.
	fn answered(&mut self, fired: &Fired) -> Result<()>;
}

/// One load in one round.
#[derive(Clone, Debug, Default)]
pub struct Cell {
	pub per_second: f64,
	pub p50: f64,
	pub p99: f64,
	pub sent: usize,
	pub refused: usize,
	pub failed: usize,
}

impl From<&Fired> for Cell {
	fn from(fired: &Fired) -> Self {
		Self {
			per_second: fired.per_second(),
			p50: percentile(&fired.latencies, 50),
			p99: percentile(&fired.latencies, 99),
			sent: fired.sent,
			refused: fired.refused,
			failed: fired.failed,
		}
	}
}

/// Of sorted values.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
	let last = sorted.len().saturating_sub(1);
	sorted.get((last * percent).div_ceil(100)).copied().unwrap_or(f64::NAN)
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Cells {
	pub name: String,
	/// Why it does not run here.
	pub failure: Option<String>,
	/// Of [`CLIENTS`], by rounds.
	pub closed: [Vec<Cell>; CLIENTS.len()],
	/// Of [`SHARES`], by rounds.
	pub open: [Vec<Cell>; SHARES.len()],
	pub overload: Vec<Cell>,
	/// The best closed loop with the server on one processor and the load on another, by rounds.
	pub apart: Vec<Cell>,
	/// Twice that rate, on the same two.
	pub overload_apart: Vec<Cell>,
	/// Seconds until the first answer.
	pub starts: Vec<f64>,
	/// MiB after the loads.
	pub memory: Vec<f64>,
}

impl Cells {
	pub fn new(name: &str) -> Self {
		Self { name: name.into(), ..Self::default() }
	}

	/// One round of all loads.
	pub fn round(&mut self, target: &mut impl Target, time: Duration) -> Result<()> {
		closed(target, WARM_UP.0, WARM_UP.1, None)?;
		let mut peak = 0f64;
		for (at, clients) in CLIENTS.into_iter().enumerate() {
			let cell = closed(target, clients, time, self.expected(at))?;
			eprintln!(
				"  {}, {clients} clients: {:.0} per second, p50 {:.2} ms, p99 {:.2} ms",
				self.name, cell.per_second, cell.p50, cell.p99
			);
			peak = peak.max(cell.per_second);
			self.closed[at].push(cell);
		}
		for (at, share) in SHARES.into_iter().enumerate() {
			let cell = self.open(target, peak * share, time)?;
			self.open[at].push(cell);
		}
		let cell = self.overload(target, peak, time)?;
		self.overload.push(cell);
		let all = processes::processors()?;
		ensure!(all.len() > 1, "the load needs a processor of its own: there is one only");
		processes::keep(target.process(), &all[..1])?;
		processes::stay(&all[1..2])?;
		let measured = self.round_apart(target, time);
		processes::stay(&all)?;
		measured
	}

	/// The overload again, with a processor for the server and one for the load: what it costs to be refused
	/// is then taken from nobody.
	fn round_apart(&mut self, target: &mut impl Target, time: Duration) -> Result<()> {
		let mut best = Cell::default();
		for (at, clients) in CLIENTS.into_iter().enumerate().skip(2) {
			let cell = closed(target, clients, time, self.expected(at))?;
			if cell.per_second > best.per_second {
				best = cell;
			}
		}
		let cell = self.overload(target, best.per_second, time)?;
		eprintln!(
			"  {}, apart: {:.2} of {:.0} per second",
			self.name,
			cell.per_second / best.per_second,
			best.per_second
		);
		self.apart.push(best);
		self.overload_apart.push(cell);
		Ok(())
	}

	/// How many requests a closed loop may need, by what it sent before.
	fn expected(&self, at: usize) -> Option<usize> {
		let sent = self.closed[at].iter().map(|cell| cell.sent).max()?;
		Some((sent as f64 * SPARE) as usize + CLIENTS[at])
	}

	/// For so long that the rest cannot all wait.
	fn overload(&self, target: &mut impl Target, peak: f64, time: Duration) -> Result<Cell> {
		ensure!(peak > 0.0, "{} answers nothing in time", self.name);
		let rate = peak * OVERLOAD;
		self.open(target, rate, time.max(Duration::from_secs_f64(MANY / rate)))
	}

	fn open(&self, target: &mut impl Target, rate: f64, time: Duration) -> Result<Cell> {
		let count = (rate * time.as_secs_f64() * 1.2) as usize + 64;
		calm(target)?;
		let mut requests = target.requests(Some(count), time)?;
		let fired = on_one_thread(fire::open(target.address(), &mut requests, rate, time))?;
		target.answered(&fired)?;
		let cell = Cell::from(&fired);
		eprintln!(
			"  {}, {rate:.0} per second: {:.0} answered, p50 {:.2} ms, p99 {:.2} ms; of {} {} refused, \
			 {} failed",
			self.name, cell.per_second, cell.p50, cell.p99, cell.sent, cell.refused, cell.failed
		);
		Ok(cell)
	}

	/// The median over the rounds.
	pub fn median(cells: &[Cell], of: impl Fn(&Cell) -> f64) -> f64 {
		median(&cells.iter().map(of).collect::<Vec<_>>())
	}

	/// The best rate of a closed loop.
	pub fn peak(&self) -> f64 {
		let rates = self.closed.iter().map(|cells| Self::median(cells, |it| it.per_second));
		rates.fold(0.0, f64::max)
	}

	/// What of the peak was answered in the overload, round by round.
	pub fn kept(&self) -> f64 {
		let peak = |round: usize| {
			let rates = self.closed.iter().filter_map(|cells| Some(cells.get(round)?.per_second));
			rates.fold(0.0, f64::max)
		};
		let kept = self.overload.iter().enumerate().map(|(at, it)| it.per_second / peak(at));
		median(&kept.collect::<Vec<_>>())
	}

	/// The same with a processor for each.
	pub fn kept_apart(&self) -> f64 {
		let both = self.overload_apart.iter().zip(&self.apart);
		median(&both.map(|(it, best)| it.per_second / best.per_second).collect::<Vec<_>>())
	}
}

/// Waits until the server has done with the load before: some go on with what nobody waits for.
fn calm(target: &mut impl Target) -> Result<()> {
	let mut request = target.requests(Some(1), Duration::ZERO)?;
	let fired = on_one_thread(fire::one(target.address(), &mut request, CALM))?;
	target.answered(&fired)
}

fn closed(
	target: &mut impl Target,
	clients: usize,
	time: Duration,
	count: Option<usize>,
) -> Result<Cell> {
	calm(target)?;
	let mut requests = target.requests(count, time)?;
	let fired = on_one_thread(fire::closed(target.address(), &mut requests, clients, time))?;
	target.answered(&fired)?;
	Ok(Cell::from(&fired))
}
