//! What is audited: a receipt, its request and its answer, each checked against what the receipt commits
//! to.

use super::{
	found::{find, Found},
	socket,
};
use crate::{
	config::{AuditFlags, Config},
	engine::profile::Profile,
	store::{Store, StoreError},
};
use anyhow::{bail, ensure, Context, Result};
use std::path::Path;
use usufruct_client::{
	oracle_api::SignedReceipt,
	tensors::{canonical, from_canonical, InferRequest, InferResponse, Tensor},
};
use usufruct_primitives::{
	commitment::payload_commit, usage::Receipt, ChannelId, Hash, Seq, Status,
};

/// Everything that a receipt is about.
pub struct Evidence {
	/// The receipt, as the log has it.
	pub receipt: Receipt,
	/// The inputs; `None` if nobody has them.
	pub inputs: Option<Vec<Tensor>>,
	/// The outputs; `None` if nobody has them.
	pub outputs: Option<Vec<Tensor>>,
	/// How it was run, if that is known, or said.
	pub profile: Option<Profile>,
	/// How it is to be run again, if that is said.
	pub under: Option<Profile>,
}

/// Which receipt is meant.
enum Asked {
	Signed(Box<SignedReceipt>),
	Number(ChannelId, Seq),
}

fn asked(text: &str) -> Result<Asked> {
	if let Some((channel, seq)) = text.split_once(':') {
		let mut id = [0; 32];
		let channel = channel.strip_prefix("0x").unwrap_or(channel);
		hex::decode_to_slice(channel, &mut id).context("the channel is not 32 bytes in hex")?;
		return Ok(Asked::Number(id, seq.parse().context("the number of the receipt")?));
	}
	let signed = SignedReceipt::from_header(text)
		.context("it is neither a receipt as it came in its header nor CHANNEL:SEQ")?;
	Ok(Asked::Signed(Box::new(signed)))
}

/// Collects it from the log, and from files where they are named.
pub fn collect(config: &Config, flags: &AuditFlags) -> Result<Evidence> {
	let asked = asked(&flags.receipt)?;
	let (channel, seq) = match &asked {
		Asked::Signed(signed) => (signed.receipt.channel_id, signed.receipt.seq),
		Asked::Number(channel, seq) => (*channel, *seq),
	};
	let hash = flags.profile.named();
	let found = found(config, &channel, seq, hash.as_ref())?;
	let Found { completed, output, input, ran, profile, named } = found.context(
		"the log has no such receipt: it is another oracle's, or was removed when nobody could demand it",
	)?;
	let receipt = completed.receipt;
	if let Asked::Signed(signed) = asked {
		if signed.receipt != receipt {
			bail!(
				"the log has another receipt of that number: if its signature is this oracle's, the oracle \
				 signed two"
			);
		}
	}
	let under = hash.map(|hash| read_profile(&hash, named)).transpose()?;
	let profile = answered_under(ran.as_ref(), profile.as_deref(), under.as_ref());
	let input = match &flags.request {
		Some(path) => Some(canonical(&read::<InferRequest>(path)?.inputs)?),
		None => input,
	};
	let output = match &flags.answer {
		Some(path) => Some(canonical(&read::<InferResponse>(path)?.outputs)?),
		None if receipt.status == Status::Served => output,
		None => None,
	};
	let accepted = &completed.accepted;
	let inputs = committed("request", &accepted.salt, input, &accepted.request.input_commit)?;
	let outputs = committed("answer", &accepted.salt, output, &receipt.output_commit)?;
	Ok(Evidence { receipt, inputs, outputs, profile, under })
}

/// From the log, or from the oracle that has it open.
fn found(
	config: &Config,
	channel: &ChannelId,
	seq: Seq,
	named: Option<&Hash>,
) -> Result<Option<Found>> {
	match open(&config.data) {
		Ok(store) => Ok(find(&store, channel, seq, named)?),
		Err(StoreError::InUse(_)) => socket::ask(&config.data, channel, seq, named),
		Err(error) => Err(error.into()),
	}
}

fn open(folder: &Path) -> Result<Store, StoreError> {
	// What was kept so far stays kept.
	let (genesis, oracle, limits) = Store::made(folder)?;
	Ok(Store::open(folder, &genesis, &oracle, limits)?.0)
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
	let shown = path.display();
	let bytes = std::fs::read(path).with_context(|| format!("{shown} cannot be read"))?;
	serde_json::from_slice(&bytes).with_context(|| format!("{shown} is not understood"))
}

/// How it was answered: by the log, and by who asks only where the log says nothing of it. That it was otherwise
/// is known also if how is not, to this release or any more.
fn answered_under(
	ran: Option<&Hash>,
	json: Option<&[u8]>,
	said: Option<&Profile>,
) -> Option<Profile> {
	let Some(hash) = ran else { return said.cloned() };
	let profile: Profile = serde_json::from_slice(json?).ok()?;
	(profile.hash() == *hash).then_some(profile)
}

fn read_profile(hash: &Hash, json: Option<Vec<u8>>) -> Result<Profile> {
	let json = json.context(
		"the log has no profile of that hash: give one that came with an answer of this oracle, in \
		 usufruct-profile",
	)?;
	let unread = "the profile of that hash is none that this release knows";
	let profile: Profile = serde_json::from_slice(&json).context(unread)?;
	ensure!(profile.hash() == *hash, unread);
	Ok(profile)
}

fn committed(
	what: &str,
	salt: &Hash,
	bytes: Option<Vec<u8>>,
	commit: &Hash,
) -> Result<Option<Vec<Tensor>>> {
	let Some(bytes) = bytes else { return Ok(None) };
	if payload_commit(salt, &bytes) != *commit {
		bail!("the {what} is not the one that the receipt commits to: nothing can be said of it");
	}
	Ok(Some(from_canonical(&bytes).with_context(|| format!("the {what} is no canonical tensors"))?))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_the_log_says_of_the_profile_is_never_overruled() {
		let kept = Profile { threads: 1, ..Profile::default() };
		let said = Profile { threads: 2, ..Profile::default() };
		let (hash, json, other) = (kept.hash(), kept.json(), said.json());
		let found =
			|ran, json: Option<&str>| answered_under(ran, json.map(str::as_bytes), Some(&said));
		assert_eq!(found(Some(&hash), Some(json.as_str())), Some(kept));
		// It is gone, or none that this release knows.
		for unread in [None, Some("{}"), Some("no profile"), Some(other.as_str())] {
			assert_eq!(found(Some(&hash), unread), None, "{unread:?}");
		}
		let later = json.replacen('{', r#"{"cores":"all","#, 1);
		let more = "it says more than this release knows";
		assert_eq!(found(Some(&[7; 32]), Some(later.as_str())), None, "{more}");
		assert_eq!(found(None, None), Some(said.clone()), "it says nothing");
		assert_eq!(answered_under(None, None, None), None);
	}
}
