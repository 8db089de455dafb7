//! Tables: one file, open in one process at a time, readable only by its owner.

use super::StoreError;
use codec::{Decode, DecodeAll, Encode};
use redb::{
	backends::FileBackend, Database, DatabaseError, Durability, ReadTransaction, ReadableDatabase,
	ReadableTable, TableDefinition, WriteTransaction,
};
use std::{fs, ops::RangeInclusive, path::Path, sync::Arc};

type Bytes = &'static [u8];

/// The name of a table. Keys are bytes, values are SCALE.
#[derive(Clone, Copy, Debug)]
pub struct Table(&'static str);

impl Table {
	/// The table of that name.
	pub const fn new(name: &'static str) -> Self {
		Self(name)
	}

	/// A row of it makes no sense.
	pub fn unreadable(self) -> StoreError {
		StoreError::Unreadable(self.0)
	}

	fn definition(self) -> TableDefinition<'static, Bytes, Bytes> {
		TableDefinition::new(self.0)
	}

	fn decode<T: Decode>(self, mut bytes: &[u8]) -> Result<T, StoreError> {
		T::decode_all(&mut bytes).map_err(|_| self.unreadable())
	}

	fn get<T: Decode>(
		self,
		rows: &impl ReadableTable<Bytes, Bytes>,
		key: &[u8],
	) -> Result<Option<T>, StoreError> {
		let Some(value) = rows.get(key)? else { return Ok(None) };
		self.decode(value.value()).map(Some)
	}

	fn rows<T: Decode>(
		self,
		rows: &impl ReadableTable<Bytes, Bytes>,
		prefix: &[u8],
	) -> Result<Vec<(Vec<u8>, T)>, StoreError> {
		let mut found = Vec::new();
		for row in rows.range(prefix..)? {
			let (key, value) = row?;
			if !key.value().starts_with(prefix) {
				break;
			}
			found.push((key.value().to_vec(), self.decode(value.value())?));
		}
		Ok(found)
	}
}

/// A store that is open.
#[derive(Clone)]
pub struct Disk(Arc<Database>);

impl Disk {
	/// Opens the store in that file, or makes one, with these tables.
	pub fn open(path: &Path, tables: &[Table]) -> Result<Self, StoreError> {
		let io = |source| StoreError::Io { path: path.into(), source };
		if let Some(folder) = path.parent() {
			fs::create_dir_all(folder).map_err(io)?;
		}
		let mut options = fs::OpenOptions::new();
		options.read(true).write(true).create(true).truncate(false);
		#[cfg(unix)]
		std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
		let file = options.open(path).map_err(io)?;
		let in_use = |error| match error {
			DatabaseError::DatabaseAlreadyOpen => StoreError::InUse(path.into()),
			error => error.into(),
		};
		let backend = FileBackend::new(file).map_err(in_use)?;
		let db = Database::builder().create_with_backend(backend).map_err(in_use)?;
		let disk = Self(Arc::new(db));
		let writing = disk.write()?;
		for table in tables {
			writing.0.open_table(table.definition())?;
		}
		writing.commit()?;
		Ok(disk)
	}

	/// The row of a key.
	pub fn get<T: Decode>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
		table.get(&self.0.begin_read()?.open_table(table.definition())?, key)
	}

	/// The rows whose keys begin so, in order.
	pub fn rows<T: Decode>(
		&self,
		table: Table,
		prefix: &[u8],
	) -> Result<Vec<(Vec<u8>, T)>, StoreError> {
		table.rows(&self.0.begin_read()?.open_table(table.definition())?, prefix)
	}

	/// The rows whose keys begin so, without their keys.
	pub fn values<T: Decode>(&self, table: Table, prefix: &[u8]) -> Result<Vec<T>, StoreError> {
		Ok(self.rows(table, prefix)?.into_iter().map(|row| row.1).collect())
	}

	/// Tells of the rows from one key to another, in order.
	pub fn visit<T: Decode>(
		&self,
		table: Table,
		keys: RangeInclusive<&[u8]>,
		mut visit: impl FnMut(T),
	) -> Result<(), StoreError> {
		let rows = self.0.begin_read()?.open_table(table.definition())?;
		for row in rows.range(keys)? {
			visit(table.decode(row?.1.value())?);
		}
		Ok(())
	}

	/// What is on disk now, to read more than one row of it.
	pub fn read(&self) -> Result<Reading, StoreError> {
		Ok(Reading(self.0.begin_read()?))
	}

	/// Begins to write. Nothing is written until it is committed.
	pub fn write(&self) -> Result<Writing, StoreError> {
		Ok(Writing(self.0.begin_write()?))
	}
}

/// What was on disk at one moment.
pub struct Reading(ReadTransaction);

impl Reading {
	/// The row of a key.
	pub fn get<T: Decode>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
		table.get(&self.0.open_table(table.definition())?, key)
	}

	/// The rows whose keys begin so, in order, without their keys.
	pub fn values<T: Decode>(&self, table: Table, prefix: &[u8]) -> Result<Vec<T>, StoreError> {
		let rows = table.rows(&self.0.open_table(table.definition())?, prefix)?;
		Ok(rows.into_iter().map(|row| row.1).collect())
	}
}

/// What is written together, or not at all.
pub struct Writing(WriteTransaction);

impl Writing {
	/// Puts a row in the place of the one of that key.
	pub fn put(&self, table: Table, key: &[u8], value: &impl Encode) -> Result<(), StoreError> {
		self.0.open_table(table.definition())?.insert(key, value.encode().as_slice())?;
		Ok(())
	}

	/// Removes the row of that key, if there is one.
	pub fn remove(&self, table: Table, key: &[u8]) -> Result<(), StoreError> {
		self.0.open_table(table.definition())?.remove(key)?;
		Ok(())
	}

	/// The row of a key, as it is after what was written.
	pub fn get<T: Decode>(&self, table: Table, key: &[u8]) -> Result<Option<T>, StoreError> {
		table.get(&self.0.open_table(table.definition())?, key)
	}

	/// The rows whose keys begin so, without their keys, as they are after what was written.
	pub fn values<T: Decode>(&self, table: Table, prefix: &[u8]) -> Result<Vec<T>, StoreError> {
		let rows = table.rows(&self.0.open_table(table.definition())?, prefix)?;
		Ok(rows.into_iter().map(|row| row.1).collect())
	}

	/// It is on disk when this returns.
	pub fn commit(self) -> Result<(), StoreError> {
		Ok(self.0.commit()?)
	}

	/// It is on disk when the next one is that is [committed](Self::commit).
	pub fn commit_later(mut self) -> Result<(), StoreError> {
		self.0.set_durability(Durability::None)?;
		Ok(self.0.commit()?)
	}
}
