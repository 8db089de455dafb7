//! States in a ParityDB database on disk, as a node keeps them.
//!
//! The database has no trie cache: every node of the trie that is read is read from ParityDB. A node
//! of the network has one, and so is faster. No state is pruned.

use std::{collections::BTreeSet, ffi::OsString, path::Path, process::Command, time::Duration};

use anyhow::{ensure, Context, Result};
use sc_client_api::{
	backend::{Backend as _, BlockImportOperation as _, NewBlockState},
	TrieCacheContext,
};
use sc_client_db::{
	Backend, BlockImportOperation, BlocksPruning, DatabaseSettings, DatabaseSource, PruningMode,
};
use sp_core::storage::Storage;
use sp_runtime::{
	traits::{BlakeTwo256, Hash as _, Header as _},
	Digest, StateVersion,
};
use sp_state_machine::{Backend as _, BackendTransaction};
use usufruct_runtime::{Block, BlockNumber, Hash, Header};
use usufruct_tests::people::Entry;

/// The backend of a client.
pub type Database = Backend<Block>;

/// How many entries are written at a time: their trie is in memory until it is.
const CHUNK: usize = 400_000;

/// A block of the database. Its number is that of the database: it says only how many times
/// something was written.
#[derive(Clone, Copy)]
pub struct Head {
	number: BlockNumber,
	/// By which its state is found.
	pub hash: Hash,
}

/// Opens the database in that folder, or makes one.
pub fn open(folder: &Path) -> Result<Database> {
	let settings = DatabaseSettings {
		trie_cache_maximum_size: None,
		state_pruning: Some(PruningMode::ArchiveAll),
		source: DatabaseSource::ParityDb { path: folder.into() },
		blocks_pruning: BlocksPruning::KeepAll,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	};
	Database::new(settings, 0)
		.with_context(|| format!("cannot open a database in {}", folder.display()))
}

/// Begins the chain of an empty database with that state, as a node does with that of its
/// specification.
pub fn genesis(database: &Database, storage: Storage) -> Result<Head> {
	let mut operation = database.begin_operation()?;
	let root = operation.set_genesis_state(storage, true, StateVersion::V1)?;
	commit(database, operation, 0, Hash::default(), root)
}

/// Fills an empty database. Sorted entries share their way through the trie, so that little of it
/// is written twice.
pub fn fill(database: &Database, entries: &[Entry]) -> Result<Head> {
	let mut chunks = entries.chunks(CHUNK);
	let first = chunks.next().context("there is nothing to write")?;
	let storage =
		Storage { top: first.iter().cloned().collect(), children_default: Default::default() };
	let mut head = genesis(database, storage)?;
	for chunk in chunks {
		let state = database.state_at(head.hash, TrieCacheContext::Trusted)?;
		let delta = chunk.iter().map(|(key, value)| (&key[..], Some(&value[..])));
		let (root, transaction) = state.storage_root(delta, StateVersion::V1);
		head = extend(database, &head, root, transaction)?;
	}
	Ok(head)
}

/// Writes what a block changes.
pub fn extend(
	database: &Database,
	parent: &Head,
	root: Hash,
	transaction: BackendTransaction<BlakeTwo256>,
) -> Result<Head> {
	let mut operation = database.begin_operation()?;
	database.begin_state_operation(&mut operation, parent.hash)?;
	operation.update_db_storage(transaction)?;
	commit(database, operation, parent.number + 1, parent.hash, root)
}

fn commit(
	database: &Database,
	mut operation: BlockImportOperation<Block>,
	number: BlockNumber,
	parent: Hash,
	root: Hash,
) -> Result<Head> {
	let extrinsics = BlakeTwo256::trie_root(Vec::new(), StateVersion::V1);
	let header = Header::new(number, extrinsics, root, parent, Digest::default());
	let hash = header.hash();
	operation.set_block_data(header, Some(vec![]), None, None, NewBlockState::Final, true)?;
	database.commit_operation(operation)?;
	Ok(Head { number, hash })
}

/// Lets a closed database come to rest. While it is open, it moves its entries to the larger indexes that they
/// came to need, and would go on with that while something is measured.
pub fn settle(folder: &Path) -> Result<()> {
	let mut open_for = Duration::from_secs(2);
	while has_smaller_index(folder)? {
		ensure!(open_for < Duration::from_secs(600), "{} comes to no rest", folder.display());
		let database = open(folder)?;
		std::thread::sleep(open_for);
		drop(database);
		open_for *= 2;
	}
	Ok(())
}

/// Whether a column has more than its largest index: their files are `index_COLUMN_BITS`.
fn has_smaller_index(folder: &Path) -> Result<bool> {
	let mut columns = BTreeSet::new();
	for entry in std::fs::read_dir(folder)? {
		let name = entry?.file_name().into_string().unwrap_or_default();
		let index = name.strip_prefix("index_").and_then(|index| index.split_once('_'));
		if index.is_some_and(|(column, _)| !columns.insert(column.to_owned())) {
			return Ok(true);
		}
	}
	Ok(false)
}

/// Copies a closed database to a folder that does not exist.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
	std::fs::create_dir_all(to.parent().context("it is in a folder")?)?;
	let status =
		Command::new("cp").args(["--recursive", "--reflink=auto"]).arg(from).arg(to).status()?;
	ensure!(status.success(), "cannot copy {} to {}", from.display(), to.display());
	Ok(())
}

/// Has everything that was written reach the disk, or the system could not forget it.
pub fn sync(folder: &Path) -> Result<()> {
	let status = Command::new("sync").arg("--file-system").arg(folder).status()?;
	ensure!(status.success(), "sync failed in {}", folder.display());
	Ok(())
}

/// Has the system forget what it holds in memory of a closed database's files.
pub fn forget(folder: &Path) -> Result<()> {
	for entry in std::fs::read_dir(folder)? {
		let mut input = OsString::from("if=");
		input.push(entry?.path());
		// With `nocache` and nothing to copy, dd(1) only gives this advice.
		let status = Command::new("dd")
			.arg(&input)
			.args(["iflag=nocache", "count=0", "status=none"])
			.status()
			.context("cannot run dd")?;
		ensure!(status.success(), "dd {} failed", input.display());
	}
	Ok(())
}

/// How many bytes this process has had the system read from a disk until now; 0 if the system does not say.
pub fn read_from_disk() -> u64 {
	let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
	let bytes = text.lines().find_map(|line| line.strip_prefix("read_bytes: "));
	bytes.and_then(|bytes| bytes.parse().ok()).unwrap_or_default()
}
