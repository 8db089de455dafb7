//! The points of the log's life: wherever the process dies, nothing it acknowledged is lost and
//! nothing is charged twice.
//!
//! [`at`] names a point where it stands in the code. The tests of this crate have a process die at
//! each of them, and go on from what it left; in every other build a point is nothing at all.

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
	/// Its tables are there, and nothing was read.
	TablesMade,
	/// It was read; what was interrupted has no receipt yet.
	InterruptedFound,
	/// One request that was interrupted has its failed receipt.
	InterruptedFailed,

	/// The book has accepted a request; the log was not told.
	Accepted,
	/// The acceptance is among the changes of a commit that has not happened.
	AcceptanceWriting,
	/// The commit has happened; nobody was told.
	AcceptanceWritten,
	/// Who waits for the acceptance was told; the model has not run.
	AcceptanceDurable,

	/// The model has run; the receipt has no number.
	Ran,
	/// The receipt has its number and total in the book; the log was not told.
	ReceiptNumbered,
	/// The receipt is among the changes of a commit that has not happened.
	ReceiptWriting,
	/// The commit has happened; nobody was told.
	ReceiptWritten,
	/// Who waits for the receipt was told; it is not signed.
	ReceiptDurable,
	/// The receipt is signed and was not sent.
	ReceiptSigned,
	/// A stored answer was read again and was not sent.
	AnswerRead,

	/// A batch is planned; the log was not told.
	BatchPlanned,
	/// It is among the changes of a commit that has not happened.
	BatchWriting,
	/// The commit has happened; nobody was told.
	BatchWritten,
	/// It is about to be submitted.
	BatchSubmitting,
	/// The chain has answered; nothing came of it yet.
	BatchSubmitted,
	/// A finalised block refuses it; the log was not told.
	BatchRefused,
	/// That is among the changes of a commit that has not happened.
	RefusalWriting,
	/// The commit has happened; nobody was told.
	RefusalWritten,
	/// A finalised block has taken it; the log was not told.
	BatchTaken,
	/// That is among the changes of a commit that has not happened.
	FinalityWriting,
	/// Outputs that are no longer needed are being removed in a commit that has not happened.
	OutputsForgetting,
	/// The commit has happened; nobody was told.
	FinalityWritten,

	/// That a channel is closed is among the changes of a commit that has not happened.
	ClosingWriting,
	/// The commit has happened.
	ClosingWritten,
}

/// The process may die here.
#[inline]
pub(crate) fn at(point: Point) {
	#[cfg(test)]
	fail::fail_point!(point.name());
	#[cfg(not(test))]
	let _ = point;
}
