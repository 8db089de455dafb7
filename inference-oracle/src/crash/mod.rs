//! The points of the log's life: wherever the process dies, nothing it acknowledged is lost and
//! nothing is charged twice.
//!
//! [`at`] names a point where it stands in the code. The tests of this crate have a process die at
//! each of them, or the power fail, and go on from what is left; in every other build a point is
//! nothing at all.

#[cfg(test)]
mod power;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod world;

macro_rules! points {
	($($(#[doc = $doc:literal])+ $point:ident,)*) => {
		/// Every point, in the order of a log's life.
		#[derive(Clone, Copy, Debug, PartialEq, Eq)]
		pub(crate) enum Point {
			$($(#[doc = $doc])+ $point,)*
		}

		#[cfg(test)]
		impl Point {
			/// All of them.
			pub(crate) const ALL: &'static [Self] = &[$(Self::$point),*];

			/// What it is called.
			pub(crate) fn name(self) -> &'static str {
				match self {
					$(Self::$point => stringify!($point),)*
				}
			}
		}
	};
}

points! {
	/// The log is about to be opened, or made.
	Opening,
	/// Its tables are there; what is not in them yet was not read.
	TablesMade,
	/// The tables are up to it, and a new segment is there.
	Recovered,
	/// It was read; what was interrupted has no receipt yet.
	InterruptedFound,
	/// One request that was interrupted has its failed receipt.
	InterruptedFailed,

	/// The book has accepted a request; the log was not told.
	Accepted,
	/// The acceptance is in a group that is about to be appended.
	AcceptanceWriting,
	/// The group is on disk. Nobody waits for that.
	AcceptanceWritten,

	/// The model has run; the receipt has no number.
	Ran,
	/// The receipt has its number and total in the book; the log was not told.
	ReceiptNumbered,
	/// The receipt is in a group that is about to be appended.
	ReceiptWriting,
	/// The group is on disk; nobody was told.
	ReceiptWritten,
	/// Who waits for the receipt was told; nobody else was.
	ReceiptDurable,
	/// The receipt may be sent, with its signature.
	ReceiptSigned,
	/// A stored answer was read again and was not sent.
	AnswerRead,

	/// A batch is planned; the log was not told.
	BatchPlanned,
	/// It is in a group that is about to be appended.
	BatchWriting,
	/// The group is on disk; nobody was told.
	BatchWritten,
	/// It is about to be submitted.
	BatchSubmitting,
	/// The chain has answered; nothing came of it yet.
	BatchSubmitted,
	/// A finalised block refuses it; the log was not told.
	BatchRefused,
	/// That is in a group that is about to be appended.
	RefusalWriting,
	/// The group is on disk; nobody was told.
	RefusalWritten,
	/// A finalised block has taken it; the log was not told.
	BatchTaken,
	/// That is in a group that is about to be appended.
	FinalityWriting,
	/// The group is on disk; nobody was told.
	FinalityWritten,

	/// Which finalised block was acted on is in a group that is about to be appended.
	HeadWriting,
	/// The group is on disk.
	HeadWritten,
	/// That a channel is closed is in a group that is about to be appended.
	ClosingWriting,
	/// The group is on disk.
	ClosingWritten,

	/// What there is to remove was found; the log was not told.
	RemovalFound,
	/// A profile is in a group that is about to be appended.
	ProfileWriting,
	/// The group is on disk.
	ProfileWritten,
	/// The input of a request is in a group that is about to be appended.
	InputWriting,
	/// The group is on disk.
	InputWritten,
	/// That outputs are kept no longer is in a group that is about to be appended.
	ExpiryWriting,
	/// The group is on disk.
	ExpiryWritten,
	/// That nothing of a batch can be demanded is in a group that is about to be appended.
	PruningWriting,
	/// The group is on disk.
	PruningWritten,
	/// That a closed channel is dropped is in a group that is about to be appended.
	DropWriting,
	/// The group is on disk.
	DropWritten,

	/// Of a group the beginning was written.
	GroupTorn,
	/// A group was written, and not flushed.
	GroupAppended,
	/// The zeros behind the last group of a segment are cut off; that was not flushed.
	RoomCutting,
	/// It was; the next segment has no name.
	RoomCut,
	/// A new segment of the log is there; the one before it was not handed over.
	SegmentBegun,
	/// An output that is kept no longer is being removed from the tables.
	OutputForgetting,
	/// A receipt that nobody can demand is being removed.
	ReceiptRemoving,
	/// All receipts of a batch are removed that can be, and it goes.
	BatchRemoving,
	/// What is left of a closed channel is being removed.
	ChannelDropping,
	/// The tables are changed, and the change is not committed.
	TablesWriting,
	/// It is committed; the segment is still there.
	TablesWritten,
	/// The segment is removed.
	SegmentRemoved,
}

#[cfg(test)]
pub(crate) use power::{begun, flush};

/// Whether the process is set to die there.
#[cfg(test)]
pub(crate) fn is_set(point: Point) -> bool {
	fail::list().iter().any(|(name, _)| name == point.name())
}

/// Whether the process is set to die there: never.
#[cfg(not(test))]
pub(crate) fn is_set(_: Point) -> bool {
	false
}

/// A file of the log was made. Nothing of what is written to it lasts until it is flushed.
#[cfg(not(test))]
pub(crate) fn begun(_: &std::fs::File) -> std::io::Result<()> {
	Ok(())
}

/// Flushes what was written to the file of the log that grows. It lasts from then on.
#[cfg(not(test))]
pub(crate) fn flush(file: &std::fs::File) -> std::io::Result<()> {
	file.sync_data()
}

/// The process may die here.
#[inline]
pub(crate) fn at(point: Point) {
	#[cfg(test)]
	fail::fail_point!(point.name());
	#[cfg(not(test))]
	let _ = point;
}
