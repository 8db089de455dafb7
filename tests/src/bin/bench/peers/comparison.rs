//! One model on all servers, in turns.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};

use super::{
	cells::{Cells, Target},
	fire::{Fired, Requests},
	limit::Limit,
	ours::{Oracle, Payment, Setting},
	peer::{Peer, Running},
	workload::Model,
	COPIES,
};

/// Requests that are made besides those for the time: as many as wait for answers at its end, and more.
const MORE: usize = 512;

pub struct Comparison<'a> {
	pub which: Model,
	pub folder: &'a Path,
	/// Of each load.
	pub time: Duration,
	pub limit: Limit,
	pub setting: Option<&'a mut Setting>,
	pub peers: &'a [Peer],
	pub cells: Vec<Cells>,
	/// Rows per second of the limit, by rounds.
	pub limits: Vec<f64>,
}

impl Comparison<'_> {
	/// Every server once. A peer that does not run here has its reason in the table.
	pub fn round(&mut self) -> Result<()> {
		let limit = self.limit.run(self.time)?;
		eprintln!("  limit: {limit:.0} rows per second, {} a run", self.limit.rows());
		self.limits.push(limit);
		for peer in self.peers {
			let mut cells = self.take(peer.name);
			if let Err(error) = self.peer(peer, &mut cells) {
				eprintln!("  {}: {error:#}", peer.name);
				cells.failure = Some(format!("{error:#}"));
			}
			self.cells.push(cells);
		}
		if self.setting.is_none() {
			return Ok(());
		}
		for payment in Payment::ALL {
			let mut cells = self.take(payment.name());
			self.ours(payment, &mut cells)?;
			self.cells.push(cells);
		}
		Ok(())
	}

	/// MiB that several copies of the model take on each server.
	pub fn copies(&mut self) -> Result<Vec<(String, Result<f64>)>> {
		let (which, folder) = (self.which, self.folder);
		let input = which.inputs()?.swap_remove(0);
		let mut memory = Vec::new();
		for peer in self.peers {
			eprintln!("  {}: {COPIES} models …", peer.name);
			let request = |path: &str| which.request(peer.form, path, &input);
			let running = peer.start(which, COPIES, request, folder);
			memory.push((peer.name.to_owned(), running.map(|it| it.memory())));
		}
		if let Some(setting) = &mut self.setting {
			let oracle = setting.start(Payment::Off, which, COPIES)?;
			memory.push((Payment::Off.name().to_owned(), Ok(oracle.memory())));
			oracle.stop()?;
		}
		Ok(memory)
	}

	/// What was measured of a server so far. It goes to the end of the list, so that all keep their order.
	fn take(&mut self, name: &str) -> Cells {
		let at = self.cells.iter().position(|it| it.name == name);
		at.map_or_else(|| Cells::new(name), |at| self.cells.remove(at))
	}

	fn peer(&self, peer: &Peer, cells: &mut Cells) -> Result<()> {
		let which = self.which;
		let inputs = which.inputs()?;
		let first = |path: &str| which.request(peer.form, path, &inputs[0]);
		let running = peer.start(which, 1, first, self.folder)?;
		cells.starts.push(running.start.as_secs_f64());
		let asked = inputs.iter().map(|it| which.request(peer.form, &peer.path(0), it));
		let requests: Vec<Vec<u8>> = asked.collect::<Result<_>>()?;
		let asked = requests.iter().zip(&self.limit.answers);
		which.check(&running.address, peer.form, asked)?;
		cells.round(&mut Theirs { running: &running, requests }, self.time)?;
		cells.memory.push(running.memory());
		Ok(())
	}

	fn ours(&mut self, payment: Payment, cells: &mut Cells) -> Result<()> {
		let (which, time) = (self.which, self.time);
		let setting = self.setting.as_deref_mut().context("there is no node")?;
		let oracle = setting.start(payment, which, 1)?;
		cells.starts.push(oracle.start.as_secs_f64());
		setting.check(payment, which, &oracle, &self.limit.answers)?;
		// As many as are signed for a load that nothing is known of yet.
		let guess = self.limits.last().copied().unwrap_or_default();
		let mut ours = Ours { setting, oracle: &oracle, payment, which, guess };
		cells.round(&mut ours, time)?;
		cells.memory.push(oracle.memory());
		oracle.stop()
	}
}

struct Theirs<'a> {
	running: &'a Running,
	requests: Vec<Vec<u8>>,
}

impl Target for Theirs<'_> {
	fn address(&self) -> &str {
		&self.running.address
	}

	fn process(&self) -> u32 {
		self.running.process()
	}

	fn requests(&mut self, _: Option<usize>, _: Duration) -> Result<Requests> {
		Ok(Requests::again(self.requests.clone()))
	}

	fn answered(&mut self, _: &Fired) -> Result<()> {
		Ok(())
	}
}

struct Ours<'a> {
	setting: &'a mut Setting,
	oracle: &'a Oracle,
	payment: Payment,
	which: Model,
	/// Requests per second, at most.
	guess: f64,
}

impl Target for Ours<'_> {
	fn address(&self) -> &str {
		&self.oracle.address
	}

	fn process(&self) -> u32 {
		self.oracle.process()
	}

	fn requests(&mut self, count: Option<usize>, time: Duration) -> Result<Requests> {
		let count = count.unwrap_or((self.guess * time.as_secs_f64() * 1.3) as usize + MORE);
		self.setting.requests(self.payment, self.which, count)
	}

	fn answered(&mut self, fired: &Fired) -> Result<()> {
		self.setting.look_at(self.which, &fired.receipts)
	}
}
