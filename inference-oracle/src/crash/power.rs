//! The power fails: what was flushed is there afterwards, and of what was only written any part, or
//! nothing, or zeros in its place. The tables are another matter: what their database does not flush
//! is not dropped here.

use rand::Rng;
use std::{
	fs::File,
	io,
	os::unix::fs::MetadataExt,
	sync::{Mutex, MutexGuard, PoisonError},
};

/// The segment that grows, and how much of it was flushed.
static GROWING: Mutex<Option<(File, u64)>> = Mutex::new(None);

fn growing() -> MutexGuard<'static, Option<(File, u64)>> {
	GROWING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A segment that is there, with nothing in it that was not flushed. There is one descriptor for all of
/// them: a log is tested that has no other left.
pub(crate) fn begun(file: &File) -> io::Result<()> {
	let mut growing = growing();
	*growing = None;
	*growing = Some((file.try_clone()?, file.metadata()?.len()));
	Ok(())
}

/// Flushes the segment. The power fails before that or after, and not in between.
pub(crate) fn flush(file: &File) -> io::Result<()> {
	let mut growing = growing();
	let written = file.metadata()?;
	file.sync_data()?;
	let held = growing.as_ref().map(|(held, _)| held.metadata()).transpose()?;
	match &mut *growing {
		Some((_, flushed)) if held.as_ref().is_some_and(|it| it.ino() == written.ino()) => {
			*flushed = written.len();
		},
		// Another log of the same process.
		_ => *growing = Some((file.try_clone()?, written.len())),
	}
	Ok(())
}

/// Ends the process, and with it what was not flushed.
pub(super) fn fail() -> ! {
	let growing = growing();
	if let Some((file, flushed)) = &*growing {
		let mut random = rand::thread_rng();
		let written = file.metadata().map_or(*flushed, |it| it.len()).max(*flushed);
		let kept = random.gen_range(*flushed..=written);
		let zeros = random.gen_bool(0.5);
		// Cut shorter and then longer again, it is zeros from there on.
		let lengths = if zeros { [*flushed, kept] } else { [kept, kept] };
		for length in lengths {
			if let Err(error) = file.set_len(length) {
				eprintln!("the end of the segment cannot be dropped: {error}");
				std::process::exit(1);
			}
		}
	}
	std::process::abort()
}
