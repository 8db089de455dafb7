//! A thread of its own that takes what many ask for, decides and writes it, and only then answers. What
//! arrives while it writes is decided and written together, so many requests at once share one fsync.

use super::{Disk, StoreError, Writing};
use std::{sync::Arc, thread};
use tokio::sync::{mpsc, oneshot};

/// How many commands wait before callers do.
const QUEUE: usize = 1_024;

/// What a clerk decides by.
pub trait Work: Send + 'static {
	/// What it is asked for.
	type Command: Send + 'static;

	/// Decides a command, and writes what follows from it.
	fn decide(&mut self, writing: &Writing, command: Self::Command) -> Decided;

	/// Nothing of the last group is on the disk, and memory may be ahead of it: what is on disk counts.
	fn reload(&mut self);
}

/// By when a decision must be on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
	/// It changes nothing.
	Never,
	/// With the next one that must be, or at the end.
	Later,
	/// Before its caller is told.
	Now,
}

/// What the disk did with a group.
pub type Written = Result<(), Arc<StoreError>>;

/// A decision, and who is told of it once its group is written.
pub struct Decided {
	due: Result<Due, Arc<StoreError>>,
	tell: Box<dyn FnOnce(Written)>,
}

impl Decided {
	/// If it could not be written, nothing of its group is.
	pub fn new(due: Result<Due, Arc<StoreError>>, tell: impl FnOnce(Written) + 'static) -> Self {
		Self { due, tell: Box::new(tell) }
	}
}

/// The thread is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// See the module.
pub struct Clerk<C> {
	commands: Option<mpsc::Sender<C>>,
	thread: Option<thread::JoinHandle<()>>,
}

impl<C: Send + 'static> Clerk<C> {
	/// Starts to work on that store.
	pub fn start(name: &str, disk: Disk, work: impl Work<Command = C>) -> Result<Self, StoreError> {
		let (commands, received) = mpsc::channel(QUEUE);
		let thread = thread::Builder::new()
			.name(name.into())
			.spawn(move || run(&disk, work, received))
			.map_err(StoreError::Thread)?;
		Ok(Self { commands: Some(commands), thread: Some(thread) })
	}

	/// Asks without waiting for an answer.
	pub async fn send(&self, command: C) -> Result<(), Gone> {
		let commands = self.commands.as_ref().ok_or(Gone)?;
		commands.send(command).await.map_err(|_| Gone)
	}

	/// Asks, and waits for the answer.
	pub async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> C) -> Result<T, Gone> {
		let (reply, answer) = oneshot::channel();
		self.send(command(reply)).await?;
		answer.await.map_err(|_| Gone)
	}
}

impl<C> Drop for Clerk<C> {
	fn drop(&mut self) {
		// Closes the queue; the thread finishes what is in it and lets go of the file.
		self.commands = None;
		if let Some(thread) = self.thread.take() {
			let _ = thread.join();
		}
	}
}

fn run<W: Work>(disk: &Disk, mut work: W, mut commands: mpsc::Receiver<W::Command>) {
	let mut late = false;
	while let Some(first) = commands.blocking_recv() {
		let mut group = vec![first];
		while let Ok(next) = commands.try_recv() {
			group.push(next);
		}
		late = match decide(disk, &mut work, group) {
			Due::Never => late,
			Due::Later => true,
			Due::Now => false,
		};
	}
	if late {
		if let Err(error) = disk.write().and_then(Writing::commit) {
			tracing::error!(%error, "a store could not be flushed");
		}
	}
}

/// Decides a group, writes it, and then tells everybody. Returns what it has written.
fn decide<W: Work>(disk: &Disk, work: &mut W, group: Vec<W::Command>) -> Due {
	let mut tells = Vec::with_capacity(group.len());
	let written = disk.write().map_err(Arc::new).and_then(|writing| {
		let mut due: Result<Due, Arc<StoreError>> = Ok(Due::Never);
		for command in group {
			let decided = work.decide(&writing, command);
			tells.push(decided.tell);
			due = due.and_then(|due| Ok(decided.due?.max(due)));
		}
		let due = due?;
		let committed = match due {
			Due::Never => Ok(()),
			Due::Later => writing.commit_later(),
			Due::Now => writing.commit(),
		};
		committed.map(|()| due).map_err(Arc::new)
	});
	if let Err(error) = &written {
		tracing::error!(%error, "a store failed");
		work.reload();
	}
	for tell in tells {
		tell(written.clone().map(|_| ()));
	}
	written.unwrap_or(Due::Never)
}

#[cfg(test)]
mod tests {
	use super::{super::Table, *};

	const SUMS: Table = Table::new("sums");

	/// Adds numbers, and cannot write 0.
	struct Adder {
		sum: u64,
		disk: Disk,
	}

	type Add = (u64, Due, oneshot::Sender<Result<u64, Arc<StoreError>>>);

	impl Work for Adder {
		type Command = Add;

		fn decide(&mut self, writing: &Writing, (number, due, reply): Add) -> Decided {
			self.sum += number;
			let sum = self.sum;
			let written = match number {
				0 => Err(SUMS.unreadable()),
				_ => writing.put(SUMS, b"sum", &sum),
			};
			Decided::new(written.map(|()| due).map_err(Arc::new), move |written| {
				drop(reply.send(written.map(|()| sum)));
			})
		}

		fn reload(&mut self) {
			self.sum = on_disk(&self.disk);
		}
	}

	fn on_disk(disk: &Disk) -> u64 {
		disk.get(SUMS, b"sum").unwrap().unwrap_or_default()
	}

	fn adder(dir: &tempfile::TempDir) -> Adder {
		let disk = Disk::open(&dir.path().join("store.redb"), &[SUMS]).unwrap();
		Adder { sum: on_disk(&disk), disk }
	}

	#[test]
	fn a_group_is_on_disk_as_a_whole_or_nobody_is_told_that_it_is() {
		let dir = tempfile::tempdir().unwrap();
		let mut adder = adder(&dir);
		let disk = adder.disk.clone();
		let mut group = |numbers: &[u64]| -> Vec<Result<u64, Arc<StoreError>>> {
			let (group, told): (Vec<Add>, Vec<_>) = numbers
				.iter()
				.map(|number| {
					let (reply, told) = oneshot::channel();
					((*number, Due::Now, reply), told)
				})
				.unzip();
			decide(&disk, &mut adder, group);
			told.into_iter().map(|mut told| told.try_recv().unwrap()).collect()
		};
		assert!(group(&[1, 0, 2]).iter().all(Result::is_err));
		assert_eq!(on_disk(&disk), 0);
		let sums: Vec<u64> = group(&[3, 4]).into_iter().map(Result::unwrap).collect();
		assert_eq!(sums, [3, 7], "what failed is forgotten");
		assert_eq!(on_disk(&disk), 7);
	}

	#[tokio::test]
	async fn what_is_not_waited_for_is_on_disk_at_the_end() {
		let dir = tempfile::tempdir().unwrap();
		let work = adder(&dir);
		let clerk = Clerk::start("adder", work.disk.clone(), work).unwrap();
		let add = |number, due| clerk.ask(move |reply| (number, due, reply));
		assert_eq!(add(5, Due::Later).await.unwrap().unwrap(), 5);
		assert!(add(0, Due::Now).await.unwrap().is_err());
		assert_eq!(add(6, Due::Later).await.unwrap().unwrap(), 11);
		drop(clerk);
		assert_eq!(adder(&dir).sum, 11);
	}
}
