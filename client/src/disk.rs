//! Stores on disk: tables in an embedded database, and the thread that decides and writes.

mod clerk;
mod tables;

pub use clerk::{Clerk, Decided, Due, Work};
pub use tables::{Disk, Table, Writing};

use std::{io, path::PathBuf};

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// Another process has it.
	#[error(
		"{0} is open in another process; one process at a time signs vouchers, so wait for it, or \
		 use another --data-dir"
	)]
	InUse(PathBuf),
	/// The file system refuses.
	#[error("cannot use {path}")]
	Io {
		/// The file.
		path: PathBuf,
		/// What it said.
		source: io::Error,
	},
	/// There is no thread to write it.
	#[error("no thread can be started")]
	Thread(#[source] io::Error),
	/// The database refuses.
	#[error("a store in the data directory failed")]
	Database(#[source] redb::Error),
	/// A row cannot be read.
	#[error("the data directory holds a row in {0} that this release cannot read")]
	Unreadable(&'static str),
}

impl<E: Into<redb::Error>> From<E> for StoreError {
	fn from(error: E) -> Self {
		Self::Database(error.into())
	}
}
