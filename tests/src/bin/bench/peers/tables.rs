//! How the comparison is told: tables for people, `peers` in the file.

use anyhow::Result;
use serde_json::{json, Map, Value};

use super::{
	cells::{Cell, Cells, CLIENTS, OVERLOAD, SHARES},
	ours::Payment,
	peer::Peer,
	workload::Model,
	Options, COPIES,
};
use crate::report::{median, rounded, shown, table, Report};

pub struct Tables {
	/// Where the figures stand in the file.
	name: &'static str,
	seconds: f64,
	rounds: usize,
	versions: Map<String, Value>,
	/// Milliseconds that the disk takes to flush.
	pub flush_ms: f64,
}

impl Tables {
	pub fn new(options: &Options, peers: &[Peer]) -> Result<Self> {
		let mut versions = Map::new();
		for peer in peers {
			versions.insert(peer.name.into(), peer.version()?.into());
		}
		let Options { seconds, rounds, .. } = *options;
		Ok(Self { name: options.name(), seconds, rounds, versions, flush_ms: 0.0 })
	}

	/// Prints what was measured with a model, and puts it into the report.
	pub fn tell(
		&self,
		report: &mut Report,
		which: Model,
		(limit, rows): (f64, usize),
		cells: &[Cells],
		memory: &[(String, Result<f64>)],
	) {
		let title = format!(
			"{}: one session, one thread; medians of {} rounds of {} s a load; the limit is {} rows \
			 per second, {rows} a run",
			which.name(),
			self.rounds,
			self.seconds,
			shown(limit)
		);
		let ran: Vec<&Cells> = cells.iter().filter(|it| it.failure.is_none()).collect();
		rates(&title, &ran, limit);
		latencies(&ran);
		beyond(&ran, memory);
		for failed in cells {
			if let Some(why) = &failed.failure {
				println!("\n    {} is left out: {why}", failed.name);
			}
		}
		let added = self.added(&ran);
		if let Some([unflushed, flushed]) = added {
			println!(
				"\n    Payment adds {unflushed:.2} ms at p50 with one client, and {flushed:.2} ms with \
				 fsync; an fsync of a kilobyte takes {:.2} ms",
				self.flush_ms
			);
		}
		let servers: Map<String, Value> =
			cells.iter().map(|it| (it.name.clone(), figures(it))).collect();
		let memory: Map<String, Value> = memory
			.iter()
			.map(|(name, mib)| (name.clone(), mib.as_ref().map_or(Value::Null, |it| rounded(*it))))
			.collect();
		report.set_in(
			self.name,
			which.name(),
			json!({
				"limit_per_second": rounded(limit),
				"limit_rows": rows,
				"rounds": self.rounds,
				"seconds": self.seconds,
				"servers": servers,
				"memory_mib_of_copies": { "copies": COPIES, "servers": memory },
				"payment_adds_ms": added.map(|it| it.map(rounded)),
				"fsync_ms": rounded(self.flush_ms),
			}),
		);
		report.set_in(self.name, "versions", Value::Object(self.versions.clone()));
	}

	/// Milliseconds that payment adds with one client: without and with fsync.
	fn added(&self, cells: &[&Cells]) -> Option<[f64; 2]> {
		let of = |payment: Payment| {
			let cells = cells.iter().find(|it| it.name == payment.name())?;
			Some(Cells::median(&cells.closed[0], |it| it.p50))
		};
		let off = of(Payment::Off)?;
		Some([of(Payment::Unflushed)? - off, of(Payment::On)? - off])
	}
}

fn head<const N: usize>(names: [&str; N]) -> Vec<String> {
	names.map(String::from).into()
}

fn rates(title: &str, cells: &[&Cells], limit: f64) {
	let mut names = head(["requests per second, clients:"]);
	names.extend(CLIENTS.map(|it| it.to_string()));
	names.push("of the limit".into());
	let rows: Vec<_> = cells
		.iter()
		.map(|it| {
			let mut row = vec![it.name.clone()];
			row.extend(it.closed.iter().map(|it| shown(Cells::median(it, |it| it.per_second))));
			row.push(format!("{:.2}", it.peak() / limit));
			row
		})
		.collect();
	table(title, &names, &rows);
}

fn latencies(cells: &[&Cells]) {
	let mut names = head(["p50 / p99, ms, clients:"]);
	names.extend(CLIENTS.map(|it| it.to_string()));
	names.extend(SHARES.map(|it| format!("open, {:.0} %", it * 100.0)));
	let both = |cells: &Vec<Cell>| {
		let of = |of: fn(&Cell) -> f64| shown(Cells::median(cells, of));
		format!("{} / {}", of(|it| it.p50), of(|it| it.p99))
	};
	let rows: Vec<_> = cells
		.iter()
		.map(|it| {
			let mut row = vec![it.name.clone()];
			row.extend(it.closed.iter().chain(&it.open).map(both));
			row
		})
		.collect();
	table("In closed loops, and in open ones at parts of the best rate", &names, &rows);
}

fn beyond(cells: &[&Cells], memory: &[(String, Result<f64>)]) {
	let mut names = head([
		"",
		"answered of peak",
		"refused, %",
		"failed, %",
		"apart: peak",
		"answered of it",
		"start, s",
		"MiB",
	]);
	if !memory.is_empty() {
		names.push(format!("MiB, {COPIES} models"));
	}
	let rows: Vec<_> = cells
		.iter()
		.map(|it| {
			let part = |of: fn(&Cell) -> usize| {
				let share = |it: &Cell| 100.0 * of(it) as f64 / it.sent.max(1) as f64;
				format!("{:.1}", Cells::median(&it.overload, share))
			};
			let mut row = vec![it.name.clone(), format!("{:.2}", it.kept())];
			row.extend([part(|it| it.refused), part(|it| it.failed)]);
			row.push(shown(Cells::median(&it.apart, |it| it.per_second)));
			row.push(format!("{:.2}", it.kept_apart()));
			row.extend([shown(median(&it.starts)), shown(median(&it.memory))]);
			if !memory.is_empty() {
				let found = memory.iter().find(|(name, _)| *name == it.name);
				row.push(match found {
					Some((_, Ok(mib))) => shown(*mib),
					Some((_, Err(_))) => "does not start".into(),
					None => String::new(),
				});
			}
			row
		})
		.collect();
	let title = format!("At {OVERLOAD} times the best rate; start-up and memory");
	table(&title, &names, &rows);
}

fn figures(cells: &Cells) -> Value {
	if let Some(why) = &cells.failure {
		return json!({ "left_out": why });
	}
	let of = |cells: &Vec<Cell>| {
		let of = |of: fn(&Cell) -> f64| rounded(Cells::median(cells, of));
		json!({
			"per_second": of(|it| it.per_second),
			"p50_ms": of(|it| it.p50),
			"p99_ms": of(|it| it.p99),
			"sent": of(|it| it.sent as f64),
			"refused": of(|it| it.refused as f64),
			"failed": of(|it| it.failed as f64),
		})
	};
	let closed: Map<String, Value> =
		CLIENTS.iter().zip(&cells.closed).map(|(at, it)| (at.to_string(), of(it))).collect();
	let open: Map<String, Value> =
		SHARES.iter().zip(&cells.open).map(|(at, it)| (at.to_string(), of(it))).collect();
	json!({
		"clients": closed,
		"open": open,
		"overload": of(&cells.overload),
		"overload_of_peak": rounded(cells.kept()),
		"apart": of(&cells.apart),
		"overload_apart": of(&cells.overload_apart),
		"overload_of_apart": rounded(cells.kept_apart()),
		"start_s": rounded(median(&cells.starts)),
		"memory_mib": rounded(median(&cells.memory)),
	})
}
