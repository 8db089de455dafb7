//! What passes between the oracle and a worker: `kind u8 | length u32, little endian | body`.
//!
//! Neither side waits for ever, and neither makes room for more than it expects.

use std::{
	io::{self, Read, Write},
	os::unix::net::UnixStream,
	time::{Duration, Instant},
};

const HEADER: usize = 5;

/// Bodies up to this length are sent together with their header.
const TOGETHER: usize = 64 << 10;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
	/// To the worker: what it will do, before it locks itself in.
	Begin = 1,
	/// To the worker: the bytes of the model.
	Model = 2,
	/// To the worker: inputs.
	Run = 3,
	/// From the worker: it is locked in.
	Confined = 4,
	/// From the worker: the model is loaded.
	Loaded = 5,
	/// From the worker: outputs.
	Outputs = 6,
	/// From the worker: it could not do what it was asked, and goes on.
	Failed = 7,
}

const KINDS: [Kind; 7] = [
	Kind::Begin,
	Kind::Model,
	Kind::Run,
	Kind::Confined,
	Kind::Loaded,
	Kind::Outputs,
	Kind::Failed,
];

/// Why no frame was read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
	/// The other side is gone.
	#[error("the connection ended")]
	Closed,
	/// It took too long.
	#[error("it took too long")]
	TimedOut,
	/// The connection failed.
	#[error("the connection failed: {0}")]
	Io(io::Error),
	/// It is none of the frames that may come now.
	#[error("a frame of kind {0} came, which may not come now")]
	Unexpected(u8),
	/// It is longer than it may be.
	#[error("a frame of {found} bytes was announced, at most {most} may come")]
	TooLong {
		/// What was announced.
		found: usize,
		/// What may come.
		most: usize,
	},
	/// Its body is not what its kind says.
	#[error("the body of a frame is malformed")]
	Malformed,
}

impl From<io::Error> for FrameError {
	fn from(error: io::Error) -> Self {
		use io::ErrorKind::*;
		match error.kind() {
			UnexpectedEof | BrokenPipe | ConnectionReset => Self::Closed,
			TimedOut | WouldBlock => Self::TimedOut,
			_ => Self::Io(error),
		}
	}
}

/// Sends a frame.
pub fn write(to: &mut impl Write, kind: Kind, body: &[u8]) -> Result<(), FrameError> {
	let length = u32::try_from(body.len())
		.map_err(|_| FrameError::TooLong { found: body.len(), most: u32::MAX as usize })?;
	let mut header =
		Vec::with_capacity(HEADER + if body.len() <= TOGETHER { body.len() } else { 0 });
	header.push(kind as u8);
	header.extend_from_slice(&length.to_le_bytes());
	if body.len() <= TOGETHER {
		header.extend_from_slice(body);
		to.write_all(&header)?;
	} else {
		to.write_all(&header)?;
		to.write_all(body)?;
	}
	Ok(())
}

/// Reads a frame that must be of one of these kinds, each with the longest body it may have.
pub fn read(
	from: &mut impl Read,
	expected: &[(Kind, usize)],
) -> Result<(Kind, Vec<u8>), FrameError> {
	let mut header = [0; HEADER];
	from.read_exact(&mut header)?;
	let [code, length @ ..] = header;
	let kind = KINDS.into_iter().find(|kind| *kind as u8 == code);
	let (kind, most) = expected
		.iter()
		.find(|(expected, _)| Some(*expected) == kind)
		.ok_or(FrameError::Unexpected(code))?;
	let length = u32::from_le_bytes(length) as usize;
	if length > *most {
		return Err(FrameError::TooLong { found: length, most: *most });
	}
	// Room grows with what arrives, not with what was announced.
	let mut body = Vec::with_capacity(length.min(TOGETHER));
	from.take(length as u64).read_to_end(&mut body)?;
	if body.len() < length {
		return Err(FrameError::Closed);
	}
	Ok((*kind, body))
}

/// A connection until a moment: what is not read or written by then is not waited for.
pub struct Until<'a> {
	stream: &'a UnixStream,
	deadline: Instant,
}

impl<'a> Until<'a> {
	/// For so long from now on.
	pub fn after(stream: &'a UnixStream, time: Duration) -> Self {
		Self { stream, deadline: Instant::now() + time }
	}

	/// What is left; the other side may not gain time by sending byte after byte.
	fn left(&self) -> io::Result<Duration> {
		let left = self.deadline.saturating_duration_since(Instant::now());
		if left.is_zero() {
			return Err(io::ErrorKind::TimedOut.into());
		}
		Ok(left)
	}
}

impl Read for Until<'_> {
	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		self.stream.set_read_timeout(Some(self.left()?))?;
		self.stream.read(buffer)
	}
}

impl Write for Until<'_> {
	fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
		self.stream.set_write_timeout(Some(self.left()?))?;
		self.stream.write(buffer)
	}

	fn flush(&mut self) -> io::Result<()> {
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn sent(kind: Kind, body: &[u8]) -> Vec<u8> {
		let mut bytes = Vec::new();
		write(&mut bytes, kind, body).unwrap();
		bytes
	}

	#[test]
	fn a_frame_comes_back() {
		for length in [0, 1, TOGETHER, TOGETHER + 1] {
			let body = vec![7; length];
			let bytes = sent(Kind::Run, &body);
			assert_eq!(bytes.len(), HEADER + length);
			let expected = [(Kind::Model, 0), (Kind::Run, length)];
			assert_eq!(read(&mut &bytes[..], &expected).unwrap(), (Kind::Run, body));
		}
		for kind in KINDS {
			assert_eq!(read(&mut &sent(kind, &[])[..], &[(kind, 0)]).unwrap().0, kind);
		}
	}

	#[test]
	fn what_was_not_expected_is_refused() {
		let expected = [(Kind::Outputs, 4)];
		let refused = |bytes: &[u8]| read(&mut &bytes[..], &expected).unwrap_err();
		assert!(matches!(refused(&[]), FrameError::Closed));
		assert!(matches!(refused(&[6, 1, 0]), FrameError::Closed));
		assert!(matches!(refused(&[6, 2, 0, 0, 0, 9]), FrameError::Closed));
		assert!(matches!(refused(&[5, 0, 0, 0, 0]), FrameError::Unexpected(5)));
		assert!(matches!(refused(&[99, 0, 0, 0, 0]), FrameError::Unexpected(99)));
		let huge = [6, 255, 255, 255, 255];
		assert!(matches!(refused(&huge), FrameError::TooLong { found: 0xffff_ffff, most: 4 }));
	}

	#[test]
	fn a_byte_now_and_then_gains_no_time() {
		let (ours, theirs) = UnixStream::pair().unwrap();
		let drip = std::thread::spawn(move || {
			let frame = sent(Kind::Outputs, &[0; 1_000]);
			for byte in frame {
				std::thread::sleep(Duration::from_millis(20));
				if (&theirs).write_all(&[byte]).is_err() {
					return;
				}
			}
		});
		let begun = Instant::now();
		let mut until = Until::after(&ours, Duration::from_millis(300));
		let error = read(&mut until, &[(Kind::Outputs, 1_000)]).unwrap_err();
		assert!(matches!(error, FrameError::TimedOut), "{error}");
		// All of it takes twenty seconds.
		assert!(begun.elapsed() < Duration::from_secs(10));
		drop(ours);
		drip.join().unwrap();
	}

	#[test]
	fn who_does_not_read_is_not_waited_for() {
		let (ours, _theirs) = UnixStream::pair().unwrap();
		let mut until = Until::after(&ours, Duration::from_millis(100));
		let error = write(&mut until, Kind::Run, &vec![0; 32 << 20]).unwrap_err();
		assert!(matches!(error, FrameError::TimedOut), "{error}");
	}
}
