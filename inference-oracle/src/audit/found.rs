//! What the log has of a receipt.

use crate::{
	book::Completed,
	store::{Store, StoreError},
};
use codec::{Decode, Encode};
use usufruct_primitives::{ChannelId, Hash, Seq};

/// See the module. None of it was checked yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Found {
	/// The request and its receipt.
	pub completed: Completed,
	/// The canonical tensors of the answer, if they are kept.
	pub output: Option<Vec<u8>>,
	/// The canonical tensors of the request, if they are kept.
	pub input: Option<Vec<u8>>,
	/// The hash of the profile under which it was run, if that is kept.
	pub ran: Option<Hash>,
	/// That profile, as JSON, if it is kept.
	pub profile: Option<Vec<u8>>,
	/// The profile that is named, as JSON, if it is kept.
	pub named: Option<Vec<u8>>,
}

/// Looks the receipt of that number up, and the profile that is named, if one is. Blocks.
pub fn find(
	store: &Store,
	channel: &ChannelId,
	seq: Seq,
	named: Option<&Hash>,
) -> Result<Option<Found>, StoreError> {
	let log = store.snapshot()?;
	let Some(answer) = store.answer(channel, seq)? else { return Ok(None) };
	let (ran, input): (Option<Hash>, _) = log.input(channel, seq)?.unzip();
	let profile = ran.map(|hash| log.profile(&hash)).transpose()?.flatten();
	let named = named.map(|hash| log.profile(hash)).transpose()?.flatten();
	let (completed, output) = (answer.completed, answer.output);
	Ok(Some(Found { completed, output, input, ran, profile, named }))
}
