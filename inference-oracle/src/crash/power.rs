//! The power fails: what was flushed is there afterwards, and of what was only written any part, or
//! nothing, or zeros in the place of some. The tables are another matter: what their database does not flush
//! is not dropped here.

use rand::Rng;
use std::{
	fs::File,
	io::{self, Seek},
	os::unix::fs::FileExt,
	sync::{Mutex, MutexGuard, PoisonError},
};

/// The segment that grows, and what of it was flushed.
struct Flushed {
	file: File,
	/// Bytes that were written to it.
	written: u64,
	/// How long it was: longer, by what it will take.
	length: u64,
}

impl Flushed {
	fn now(file: &File) -> io::Result<Self> {
		let (written, length) = (written(file)?, file.metadata()?.len());
		Ok(Self { file: file.try_clone()?, written, length })
	}

	/// What was cut off and not flushed is there again.
	fn uncut(&self) -> io::Result<()> {
		match self.file.metadata()?.len() < self.length {
			true => self.file.set_len(self.length),
			false => Ok(()),
		}
	}
}

static GROWING: Mutex<Option<Flushed>> = Mutex::new(None);

fn growing() -> MutexGuard<'static, Option<Flushed>> {
	GROWING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A segment that is there, with nothing in it that was not flushed. There is one descriptor for all of
/// them: a log is tested that has no other left.
pub(crate) fn begun(file: &File) -> io::Result<()> {
	let mut growing = growing();
	// That this one is there may reach the disk sooner. Only a process that is set to die has one log alone.
	if let Some(before) = growing.take().filter(|_| !fail::list().is_empty()) {
		before.uncut()?;
	}
	*growing = Some(Flushed::now(file)?);
	Ok(())
}

/// How much was written to it.
fn written(mut file: &File) -> io::Result<u64> {
	file.stream_position()
}

/// Flushes the segment. The power fails before that or after, and not in between.
pub(crate) fn flush(file: &File) -> io::Result<()> {
	let mut growing = growing();
	file.sync_data()?;
	*growing = None;
	*growing = Some(Flushed::now(file)?);
	Ok(())
}

/// Ends the process, and with it what was not flushed.
pub(super) fn fail() -> ! {
	let growing = growing();
	if let Some(flushed) = &*growing {
		let file = &flushed.file;
		let mut random = rand::thread_rng();
		let end = written(file).unwrap_or(flushed.written).max(flushed.written);
		let from = random.gen_range(flushed.written..=end);
		let lost = match random.gen_range(0..3) {
			// What came later may have reached the disk sooner.
			0 => {
				let to = random.gen_range(from..=end);
				file.write_all_at(&vec![0; (to - from) as usize], from)
			},
			// Nor need there be room behind it.
			1 => file.set_len(from),
			_ => file.set_len(from).and_then(|()| flushed.uncut()),
		};
		if let Err(error) = lost {
			eprintln!("the end of the segment cannot be dropped: {error}");
			std::process::exit(1);
		}
	}
	std::process::abort()
}
