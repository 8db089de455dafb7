//! How audits reach the log while an oracle has it: by a socket in its data folder, for the oracle's own
//! user and nobody else, because requests of consumers are in it.
//!
//! Who connects sends the channel and the number of a receipt, big endian, and the hash of a profile or zeros,
//! and is sent what the log has of them; then the connection ends.

use super::found::{find, Found};
use crate::ledger::Ledger;
use anyhow::{Context, Result};
use codec::{DecodeAll, Encode};
use std::{
	fs::{self, Permissions},
	io::{self, ErrorKind, Read, Write},
	os::unix::{
		fs::{MetadataExt, PermissionsExt},
		net::UnixStream as Blocking,
	},
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::{UnixListener, UnixStream},
};
use usufruct_primitives::{ChannelId, Hash, Seq};

/// Its name in the data folder.
const NAME: &str = "audit.sock";
/// How long one who connected may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer that is believed.
const LONGEST: u64 = 1 << 30;

/// A channel, the number of a receipt, and the hash of a profile.
type Asked = [u8; 72];
/// What the log has, or why that cannot be told.
type Told = Result<Option<Found>, String>;

/// See the module.
pub struct Socket {
	path: PathBuf,
	listener: UnixListener,
	/// The user whose it is.
	owner: u32,
	ledger: Arc<Ledger>,
}

impl Socket {
	/// Listens in the folder of the log, which nobody else has open.
	pub fn open(folder: &Path, ledger: Arc<Ledger>) -> io::Result<Self> {
		let path = folder.join(NAME);
		// What is there was left by a process that died.
		match fs::remove_file(&path) {
			Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
			_ => {},
		}
		let listener = UnixListener::bind(&path)?;
		fs::set_permissions(&path, Permissions::from_mode(0o600))?;
		let owner = fs::metadata(&path)?.uid();
		Ok(Self { path, listener, owner, ledger })
	}

	/// Answers for ever, one at a time.
	pub async fn serve(self) {
		loop {
			let stream = match self.listener.accept().await {
				Ok((stream, _)) => stream,
				Err(error) => {
					tracing::debug!(%error, "an audit could not connect");
					tokio::time::sleep(PATIENCE).await;
					continue;
				},
			};
			// Until it had its mode anybody could connect.
			if !stream.peer_cred().is_ok_and(|peer| may_ask(peer.uid(), self.owner)) {
				tracing::warn!(
					"somebody else than the oracle's user asked for a receipt; nothing was said"
				);
				continue;
			}
			if !matches!(tokio::time::timeout(PATIENCE, self.answer(stream)).await, Ok(Ok(()))) {
				tracing::debug!("an audit was not answered");
			}
		}
	}

	async fn answer(&self, mut stream: UnixStream) -> io::Result<()> {
		let mut asked: Asked = [0; 72];
		stream.read_exact(&mut asked).await?;
		let (channel, seq, named) = read(&asked);
		let ledger = Arc::clone(&self.ledger);
		let found = tokio::task::spawn_blocking(move || {
			find(ledger.store(), &channel, seq, named.as_ref())
		})
		.await?;
		let told: Told = found.map_err(|error| error.to_string());
		stream.write_all(&told.encode()).await?;
		stream.shutdown().await
	}
}

impl Drop for Socket {
	fn drop(&mut self) {
		// If it stays, the next start removes it.
		let _ = fs::remove_file(&self.path);
	}
}

/// Its owner, and the system's, who could read the log itself.
pub(super) fn may_ask(peer: u32, owner: u32) -> bool {
	peer == owner || peer == 0
}

fn read(asked: &Asked) -> (ChannelId, Seq, Option<Hash>) {
	let (mut channel, mut seq, mut named) = ([0; 32], [0; 8], [0; 32]);
	channel.copy_from_slice(&asked[..32]);
	seq.copy_from_slice(&asked[32..40]);
	named.copy_from_slice(&asked[40..]);
	(channel, Seq::from_be_bytes(seq), (named != [0; 32]).then_some(named))
}

/// Asks the oracle that has the log in that folder. Blocks.
pub(super) fn ask(
	folder: &Path,
	channel: &ChannelId,
	seq: Seq,
	named: Option<&Hash>,
) -> Result<Option<Found>> {
	let path = folder.join(NAME);
	let unheard = || {
		format!(
			"the oracle has its log open and cannot be asked at {}: run this as its user, or stop it",
			path.display()
		)
	};
	let mut stream = Blocking::connect(&path).with_context(unheard)?;
	stream.set_read_timeout(Some(2 * PATIENCE))?;
	let named = named.copied().unwrap_or_default();
	let asked = [&channel[..], &seq.to_be_bytes(), &named].concat();
	stream.write_all(&asked).with_context(unheard)?;
	let mut told = Vec::new();
	stream.take(LONGEST).read_to_end(&mut told).with_context(unheard)?;
	let told = Told::decode_all(&mut &told[..]).with_context(unheard)?;
	told.map_err(anyhow::Error::msg)
}
