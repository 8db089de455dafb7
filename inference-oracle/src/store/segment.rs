//! The files that the log is appended to: groups of writes, each there as a whole or not at all.
//!
//! `log-N` holds frames, `length u32 | checksum[16] | body`, little endian; the checksum is the first
//! half of the hash of length and body. Only the last frame of the last file can be torn: then its
//! writes were acknowledged to nobody, and are dropped. Anything else that does not hold together is
//! damage, and the log is not opened.

use crate::crash::{self, Point};
use std::{
	fs::{File, OpenOptions},
	io::{self, Write as _},
	path::{Path, PathBuf},
};
use usufruct_primitives::domain::hash;

const HEADER: usize = 20;

/// A file that is being appended to.
pub(super) struct Segment {
	/// Its number.
	pub no: u64,
	file: File,
	flush: bool,
}

fn path(folder: &Path, no: u64) -> PathBuf {
	folder.join(format!("log-{no:016x}"))
}

fn header(body: &[u8]) -> io::Result<[u8; HEADER]> {
	let length = u32::try_from(body.len()).map_err(io::Error::other)?.to_le_bytes();
	let mut header = [0; HEADER];
	header[..4].copy_from_slice(&length);
	header[4..].copy_from_slice(&hash(&[&length, body].concat())[..16]);
	Ok(header)
}

/// Makes sure that a folder knows of the files that were made in it or removed.
fn sync_folder(folder: &Path) -> io::Result<()> {
	File::open(folder)?.sync_all()
}

impl Segment {
	/// Makes the file of that number, which must not exist. Without `flush` what is appended reaches the
	/// disk when the system pleases.
	pub fn begin(folder: &Path, no: u64, flush: bool) -> io::Result<Self> {
		let file = OpenOptions::new().append(true).create_new(true).open(path(folder, no))?;
		sync_folder(folder)?;
		crash::begun(&file)?;
		Ok(Self { no, file, flush })
	}

	/// Appends a group; it is on disk when this returns.
	pub fn append(&mut self, body: &[u8]) -> io::Result<()> {
		self.file.write_all(&header(body)?)?;
		crash::at(Point::GroupTorn);
		self.file.write_all(body)?;
		crash::at(Point::GroupAppended);
		match self.flush {
			true => crash::flush(&self.file),
			false => Ok(()),
		}
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
		let (mut rest, mut groups) = (&bytes[..], Vec::new());
		while !rest.is_empty() {
			match frame(rest) {
				(Some(body), after) => {
					groups.push(body.to_vec());
					rest = after;
				},
				// A whole group behind it: this is not where the writing stopped.
				(None, _) if !is_last || holds_a_group(&rest[1..]) => return Ok(None),
				(None, _) => break,
			}
		}
		Ok(Some(groups))
	}
}

/// The body of the first frame, if it is whole, and what is behind it.
fn frame(bytes: &[u8]) -> (Option<&[u8]>, &[u8]) {
	let Some((head, rest)) = bytes.split_at_checked(HEADER) else { return (None, &[]) };
	let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
	let Some((body, after)) = rest.split_at_checked(length) else { return (None, &[]) };
	// No group is empty, and what was never written is zeros.
	let whole = length > 0 && header(body).is_ok_and(|expected| expected == *head);
	(whole.then_some(body), after)
}

/// Whether a whole frame begins anywhere in the bytes.
fn holds_a_group(bytes: &[u8]) -> bool {
	(0..bytes.len()).any(|at| frame(&bytes[at..]).0.is_some())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn whatever_is_cut_off_what_is_left_is_whole() {
		let folder = tempfile::tempdir().unwrap();
		let folder = folder.path();
		let mut segment = Segment::begin(folder, 7, true).unwrap();
		let groups: [&[u8]; 3] = [b"one", &[9; 300], b"three"];
		let mut ends = vec![0];
		for group in groups {
			segment.append(group).unwrap();
			ends.push(ends.last().unwrap() + HEADER + group.len());
		}
		assert!(Segment::begin(folder, 7, true).is_err(), "there is one");
		assert_eq!(Segment::list(folder).unwrap(), [7]);
		let whole = std::fs::read(path(folder, 7)).unwrap();
		for length in 0..=whole.len() {
			std::fs::write(path(folder, 7), &whole[..length]).unwrap();
			let count = ends.iter().filter(|end| **end <= length).count() - 1;
			let read = Segment::read(folder, 7, true).unwrap().unwrap();
			assert_eq!(read, groups[..count]);
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
}
