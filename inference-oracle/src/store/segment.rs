//! The files that the log is appended to: groups of writes, each there as a whole or not at all.
//!
//! `log-N` begins with a mark that was drawn for it, `mark[16] | checksum[16]`, and goes on with frames,
//! `mark[16] | length u32 | checksum[16] | body`, little endian; a checksum is the first half of the hash
//! of mark, or of length and body. Only the last frame of the last file can be torn: then its writes
//! were acknowledged to nobody, and are dropped. Anything else that does not hold together is damage,
//! and the log is not opened.
//!
//! To tell the two from each other a torn end is looked through for whole frames. Much of it was chosen by
//! consumers, who do not know the mark: nothing that they send can look like a frame, and each byte is
//! looked at once and hashed once, whatever it says.
//!
//! The file of the next segment is made ahead, as `log-next`: to go on with it takes no descriptor, so the
//! log does not end with the descriptors of the process.
//!
//! The file that grows has zeros behind its frames, which the next frames replace: to flush what makes a file
//! longer, the system has to write down besides where it is, which takes the disk longer. They are cut off
//! before the next file is begun.

use crate::{
	crash::{self, Point},
	private,
};
use std::{
	fs::File,
	io::{self, ErrorKind, Write as _},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	time::Duration,
};
use usufruct_primitives::domain::hash;

/// What each frame of a file begins with.
type Mark = [u8; 16];

/// Bytes of a file before its first frame.
const BEGIN: usize = 32;
/// Bytes of a frame before its body.
const HEADER: usize = 36;
/// The next segment, which has no number yet.
const NEXT: &str = "log-next";
/// How many zeros are behind the frames of a file at first, and whenever the frames have replaced those.
const AHEAD: u64 = 256 << 10;
/// How often it is tried again while there is no descriptor.
const AGAIN: Duration = Duration::from_millis(100);

/// A file that is being appended to, and the one that comes after it.
pub(super) struct Segment {
	/// Its number.
	pub no: u64,
	growing: Marked,
	/// Nothing if it could not be made yet.
	next: Option<Marked>,
	folder: Folder,
	/// The frame that was appended last, whose memory the next one takes.
	frame: Vec<u8>,
}

/// A file with its mark.
struct Marked {
	file: File,
	mark: Mark,
	/// Where its frames end.
	end: u64,
	/// Where the zeros behind them end, if there are any.
	room: u64,
}

/// Where the files are.
struct Folder {
	path: PathBuf,
	/// Held, so that a name can be flushed without another descriptor.
	handle: File,
	/// Without, what is written reaches the disk when the system pleases.
	flush: bool,
}

fn path(folder: &Path, no: u64) -> PathBuf {
	folder.join(format!("log-{no:016x}"))
}

fn checksum(bytes: &[u8]) -> [u8; 16] {
	let mut checksum = [0; 16];
	checksum.copy_from_slice(&hash(bytes)[..16]);
	checksum
}

fn begin(mark: &Mark) -> [u8; BEGIN] {
	let mut begin = [0; BEGIN];
	begin[..16].copy_from_slice(mark);
	begin[16..].copy_from_slice(&checksum(mark));
	begin
}

/// Fills in the header of a frame that has its body.
fn seal(mark: &Mark, frame: &mut [u8]) -> io::Result<()> {
	let length = u32::try_from(frame.len() - HEADER).map_err(io::Error::other)?.to_le_bytes();
	// The checksum is of length and body. For that they stand together, so that the body is not copied.
	frame[HEADER - 4..HEADER].copy_from_slice(&length);
	let checksum = checksum(&frame[HEADER - 4..]);
	frame[..16].copy_from_slice(mark);
	frame[16..20].copy_from_slice(&length);
	frame[20..HEADER].copy_from_slice(&checksum);
	Ok(())
}

impl Folder {
	/// Makes a file for the next segment. What it begins with is on disk before it gets its name, so that is
	/// never torn.
	fn make(&self) -> io::Result<Marked> {
		let path = self.path.join(NEXT);
		// An earlier process, or attempt, may have left one.
		match std::fs::remove_file(&path) {
			Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
			_ => {},
		}
		let file = private::options().write(true).create_new(true).open(&path)?;
		let mut marked = Marked { file, mark: rand::random(), end: 0, room: 0 };
		marked.write(&begin(&marked.mark))?;
		if self.flush {
			marked.make_room();
			marked.file.sync_data()?;
		}
		Ok(marked)
	}

	/// Gives that file its number, which no other one must have.
	fn name(&self, marked: &Marked, no: u64) -> io::Result<()> {
		let path = path(&self.path, no);
		if path.try_exists()? {
			return Err(ErrorKind::AlreadyExists.into());
		}
		std::fs::rename(self.path.join(NEXT), path)?;
		self.handle.sync_all()?;
		crash::begun(&marked.file)
	}
}

impl Marked {
	fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
		self.file.write_all(bytes)?;
		self.end += bytes.len() as u64;
		Ok(())
	}

	/// Has zeros behind the frames again, if there are none. They are for speed: where the disk is full, what
	/// comes next is told so.
	fn make_room(&mut self) {
		if self.end >= self.room && self.file.write_all_at(&[0; AHEAD as usize], self.end).is_ok() {
			self.room = self.end + AHEAD;
		}
	}

	/// Cuts off what is behind the frames.
	fn cut(&self) -> io::Result<()> {
		match self.file.metadata()?.len() == self.end {
			true => Ok(()),
			false => {
				self.file.set_len(self.end)?;
				crash::at(Point::RoomCutting);
				crash::flush(&self.file)
			},
		}
	}
}

impl Segment {
	/// Makes the file of that number, which must not exist, and the next one.
	pub fn begin(folder: &Path, no: u64, flush: bool) -> io::Result<Self> {
		let folder = Folder { path: folder.into(), handle: File::open(folder)?, flush };
		let growing = folder.make()?;
		folder.name(&growing, no)?;
		let next = Some(folder.make()?);
		Ok(Self { no, growing, next, folder, frame: Vec::new() })
	}

	/// Goes on with the next file, for which it waits if it cannot be made for want of a descriptor.
	pub fn turn(&mut self) -> io::Result<()> {
		let next = match self.next.take() {
			Some(next) => next,
			None => patiently(|| self.folder.make())?,
		};
		// Before the last file none has an end that could be torn.
		self.growing.cut()?;
		crash::at(Point::RoomCut);
		self.folder.name(&next, self.no + 1)?;
		self.no += 1;
		self.growing = next;
		crash::at(Point::SegmentBegun);
		// The descriptor of the one before is free now. If that was taken, there is time.
		self.next = self.folder.make().ok();
		Ok(())
	}

	/// Appends a group, which `put` adds to what is there already: room for its header, so that both are
	/// written at once. It is on disk when this returns.
	pub fn append(&mut self, put: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
		let growing = &mut self.growing;
		self.frame.clear();
		self.frame.resize(HEADER, 0);
		put(&mut self.frame);
		seal(&growing.mark, &mut self.frame)?;
		// The system may stop anywhere in one write. A test that has it stop does so behind the header.
		let torn = if crash::is_set(Point::GroupTorn) { HEADER } else { 0 };
		let (torn, rest) = self.frame.split_at(torn);
		growing.write(torn)?;
		crash::at(Point::GroupTorn);
		growing.write(rest)?;
		crash::at(Point::GroupAppended);
		if !self.folder.flush {
			return Ok(());
		}
		growing.make_room();
		crash::flush(&growing.file)
	}

	/// Removes the file of that number.
	pub fn remove(folder: &Path, no: u64) -> io::Result<()> {
		std::fs::remove_file(path(folder, no))
	}

	/// The numbers of the files there are, the lowest first.
	pub fn list(folder: &Path) -> io::Result<Vec<u64>> {
		let mut numbers = Vec::new();
		for entry in std::fs::read_dir(folder)? {
			let name = entry?.file_name();
			let number = name.to_str().and_then(|name| name.strip_prefix("log-"));
			numbers.extend(number.and_then(|number| u64::from_str_radix(number, 16).ok()));
		}
		numbers.sort_unstable();
		Ok(numbers)
	}

	/// The groups in the file of that number; `None` if it is damaged. Of the last file the last group
	/// may be torn.
	pub fn read(folder: &Path, no: u64, is_last: bool) -> io::Result<Option<Vec<Vec<u8>>>> {
		let bytes = std::fs::read(path(folder, no))?;
		let Some((mark, mut rest)) = begun(&bytes) else { return Ok(None) };
		let mut groups = Vec::new();
		while !rest.is_empty() {
			match frame(mark, rest) {
				(Some(body), after) => {
					groups.push(body.to_vec());
					rest = after;
				},
				// A whole group behind it: this is not where the writing stopped.
				(None, _) if !is_last || holds_a_group(mark, &rest[1..]) => return Ok(None),
				(None, _) => break,
			}
		}
		Ok(Some(groups))
	}
}

/// The mark of a file, and its frames.
fn begun(bytes: &[u8]) -> Option<(&Mark, &[u8])> {
	let (found, frames) = bytes.split_first_chunk::<BEGIN>()?;
	let mark = found.first_chunk()?;
	(begin(mark) == *found).then_some((mark, frames))
}

/// The body of the first frame, if it is whole, and what is behind it.
fn frame<'a>(mark: &Mark, bytes: &'a [u8]) -> (Option<&'a [u8]>, &'a [u8]) {
	let Some((head, rest)) = bytes.split_at_checked(HEADER) else { return (None, &[]) };
	// Before anything is hashed.
	if !head.starts_with(mark) {
		return (None, &[]);
	}
	let length = u32::from_le_bytes([head[16], head[17], head[18], head[19]]) as usize;
	let Some((body, after)) = rest.split_at_checked(length) else { return (None, &[]) };
	let mut sealed = bytes[..HEADER + length].to_vec();
	// No group is empty.
	let whole = length > 0 && seal(mark, &mut sealed).is_ok() && sealed.starts_with(head);
	(whole.then_some(body), after)
}

/// Whether a whole frame begins anywhere in the bytes.
fn holds_a_group(mark: &Mark, bytes: &[u8]) -> bool {
	marked(mark, bytes).any(|at| frame(mark, &bytes[at..]).0.is_some())
}

/// Where frames may begin.
fn marked<'a>(mark: &'a Mark, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
	let windows = bytes.windows(mark.len()).enumerate();
	windows.filter(move |(_, window)| window == mark).map(|(at, _)| at)
}

/// Makes a file as soon as there is a descriptor for it: they come back as connections end, and to wait
/// is better than to stop.
fn patiently<T>(mut make: impl FnMut() -> io::Result<T>) -> io::Result<T> {
	let mut said = false;
	loop {
		match make() {
			Err(error) if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE)) => {
				if !std::mem::replace(&mut said, true) {
					tracing::error!(
						%error,
						"THE LOG WAITS for a file descriptor, and all requests with it: raise the limit \
						 (`LimitNOFILE` of the service, or `ulimit -n`), or find out who holds connections"
					);
				}
				std::thread::sleep(AGAIN);
			},
			made => return made,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::alone::is_alone;

	/// The first segment of a log, alone in its folder.
	fn first(flush: bool) -> (tempfile::TempDir, Segment) {
		let folder = tempfile::tempdir().unwrap();
		let segment = Segment::begin(folder.path(), 1, flush).unwrap();
		(folder, segment)
	}

	fn append(segment: &mut Segment, body: &[u8]) {
		segment.append(|frame| frame.extend_from_slice(body)).unwrap();
	}

	#[test]
	fn a_file_is_laid_out_as_is_said_above() {
		let (folder, mut segment) = first(true);
		let folder = folder.path();
		let mark = segment.growing.mark;
		let mut expected = [&mark[..], &hash(&mark)[..16]].concat();
		for body in [&[9u8; 300][..], b"shorter"] {
			append(&mut segment, body);
			let length = (body.len() as u32).to_le_bytes();
			let hashed = hash(&[&length[..], body].concat());
			expected.extend([&mark[..], &length[..], &hashed[..16], body].concat());
		}
		let file = std::fs::read(path(folder, 1)).unwrap();
		let (frames, room) = file.split_at(expected.len());
		assert_eq!(frames, expected);
		assert_eq!(file.len(), BEGIN + AHEAD as usize);
		assert!(room.iter().all(|it| *it == 0));
		segment.turn().unwrap();
		assert_eq!(std::fs::read(path(folder, 1)).unwrap(), expected);
	}

	#[test]
	fn there_are_zeros_behind_the_frames_whatever_their_length() {
		let (folder, mut segment) = first(true);
		let folder = folder.path();
		let ahead = AHEAD as usize;
		let mut groups = Vec::new();
		// The second fills them to the last, the third goes beyond.
		for length in [1, ahead - 1 - 2 * HEADER, ahead, 3 * ahead, 1, 1] {
			groups.push(vec![7; length]);
			append(&mut segment, groups.last().unwrap());
			let file = std::fs::read(path(folder, 1)).unwrap();
			let room = &file[segment.growing.end as usize..];
			assert!((1..=ahead).contains(&room.len()) && room.iter().all(|it| *it == 0));
			assert_eq!(Segment::read(folder, 1, true).unwrap().unwrap(), groups);
			assert_eq!(Segment::read(folder, 1, false).unwrap(), None, "they were not cut off");
		}
		segment.turn().unwrap();
		assert_eq!(Segment::read(folder, 1, false).unwrap().unwrap(), groups);
	}

	#[test]
	fn where_there_is_no_room_for_zeros_what_fits_is_written() {
		use rustix::process::{getrlimit, setrlimit, Resource, Rlimit};
		if !is_alone("store::segment::tests::where_there_is_no_room_for_zeros_what_fits_is_written")
		{
			return;
		}
		// Who writes too much is told so, and not ended.
		let told = std::sync::Arc::default();
		signal_hook::flag::register(signal_hook::consts::SIGXFSZ, told).unwrap();
		let (folder, mut segment) = first(true);
		let folder = folder.path();
		let most = Some(AHEAD + 1_000);
		setrlimit(Resource::Fsize, Rlimit { current: most, ..getrlimit(Resource::Fsize) }).unwrap();
		let groups = [vec![7; AHEAD as usize], vec![7; 300], vec![7; 300]];
		for group in &groups {
			append(&mut segment, group);
		}
		assert!(segment.append(|frame| frame.extend_from_slice(&[7; 1_000])).is_err());
		let read = Segment::read(folder, 1, true).unwrap().unwrap();
		assert_eq!(read, groups, "the last was not written to its end");
	}

	#[test]
	fn a_file_that_is_not_flushed_has_none() {
		let (folder, mut segment) = first(false);
		let folder = folder.path();
		append(&mut segment, b"one");
		let length = path(folder, 1).metadata().unwrap().len();
		assert_eq!(length, (BEGIN + HEADER + 3) as u64);
	}

	#[test]
	fn whatever_is_cut_off_what_is_left_is_whole() {
		let folder = tempfile::tempdir().unwrap();
		let folder = folder.path();
		let mut segment = Segment::begin(folder, 7, true).unwrap();
		let groups: [&[u8]; 3] = [b"one", &[9; 300], b"three"];
		let mut ends = vec![BEGIN];
		for group in groups {
			append(&mut segment, group);
			ends.push(ends.last().unwrap() + HEADER + group.len());
		}
		assert!(Segment::begin(folder, 7, true).is_err(), "there is one");
		assert_eq!(Segment::list(folder).unwrap(), [7]);
		segment.growing.cut().unwrap();
		let whole = std::fs::read(path(folder, 7)).unwrap();
		for length in 0..=whole.len() {
			std::fs::write(path(folder, 7), &whole[..length]).unwrap();
			let read = Segment::read(folder, 7, true).unwrap();
			match ends.iter().filter(|end| **end <= length).count() {
				// It had its beginning before it had its name.
				0 => assert_eq!(read, None),
				count => assert_eq!(read.unwrap(), groups[..count - 1]),
			}
			// Before the last file none may be torn.
			let earlier = Segment::read(folder, 7, false).unwrap();
			assert_eq!(earlier.is_some(), ends.contains(&length));
		}
		// A byte that changed in the middle is damage, in the last group it is a torn one.
		for at in 0..whole.len() {
			let mut damaged = whole.clone();
			damaged[at] ^= 1;
			std::fs::write(path(folder, 7), &damaged).unwrap();
			let read = Segment::read(folder, 7, true).unwrap();
			match at >= ends[2] {
				true => assert_eq!(read.unwrap().len(), 2),
				false => assert_eq!(read, None, "byte {at}"),
			}
		}
		Segment::remove(folder, 7).unwrap();
		assert!(Segment::list(folder).unwrap().is_empty());
	}

	/// 16 MiB that a consumer chose, in a group that was not written to its end: as many frames as fit, each
	/// of which says that it goes on to the last. To hash them all would take hours.
	#[test]
	fn nothing_in_a_torn_end_is_hashed_but_what_has_the_files_own_mark() {
		let (folder, mut segment) = first(true);
		let folder = folder.path();
		append(&mut segment, b"acknowledged");
		let own = segment.growing.mark;
		let guessed: Mark = [7; 16];
		assert_ne!(own, guessed);
		let mut hostile: Vec<u8> = (0..(16 << 20) / HEADER as u32)
			.rev()
			.flat_map(|left| {
				let mut head = [0; HEADER];
				head[..16].copy_from_slice(&guessed);
				head[16..20].copy_from_slice(&(left * HEADER as u32).to_le_bytes());
				head
			})
			.collect();
		let count = hostile.len() / HEADER;
		hostile.push(0);
		append(&mut segment, &hostile);
		segment.growing.cut().unwrap();
		let mut torn = std::fs::read(path(folder, 1)).unwrap();
		torn.pop();
		std::fs::write(path(folder, 1), &torn).unwrap();
		let read = Segment::read(folder, 1, true).unwrap().unwrap();
		assert_eq!(read, [b"acknowledged"]);
		// The work: how often a frame is looked at, and so hashed, within the file.
		let frames = &torn[BEGIN..];
		assert_eq!(marked(&own, frames).collect::<Vec<_>>(), [0, HEADER + b"acknowledged".len()]);
		assert_eq!(marked(&guessed, frames).count(), count, "were it known");
	}

	#[test]
	fn each_file_has_a_mark_of_its_own_and_the_next_is_there_before_it_is_needed() {
		let folder = tempfile::tempdir().unwrap();
		let folder = folder.path();
		// What an earlier process left.
		std::fs::write(folder.join(NEXT), b"anything").unwrap();
		let mut segment = Segment::begin(folder, 1, true).unwrap();
		append(&mut segment, b"one");
		let (first, next) = (segment.growing.mark, segment.next.as_ref().unwrap().mark);
		assert_ne!(first, next);
		segment.turn().unwrap();
		assert_eq!((segment.no, segment.growing.mark), (2, next));
		append(&mut segment, b"two");
		assert_eq!(Segment::list(folder).unwrap(), [1, 2]);
		assert_eq!(Segment::read(folder, 1, false).unwrap().unwrap(), [b"one"]);
		assert_eq!(Segment::read(folder, 2, true).unwrap().unwrap(), [b"two"]);
		// A file whose number is taken is not written over.
		std::fs::write(path(folder, 3), b"other").unwrap();
		assert!(segment.turn().is_err());
		assert_eq!(std::fs::read(path(folder, 3)).unwrap(), b"other");
	}

	#[test]
	fn a_descriptor_is_waited_for_and_nothing_else() {
		let answers = |errors: &'static [i32]| {
			let mut errors = errors.iter();
			patiently(move || match errors.next() {
				Some(error) => Err(io::Error::from_raw_os_error(*error)),
				None => Ok(7),
			})
		};
		assert_eq!(answers(&[libc::EMFILE, libc::ENFILE, libc::EMFILE]).unwrap(), 7);
		let other = answers(&[libc::EMFILE, libc::ENOSPC]).unwrap_err();
		assert_eq!(other.raw_os_error(), Some(libc::ENOSPC));
	}
}
