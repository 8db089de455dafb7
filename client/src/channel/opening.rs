//! Opening a channel on the chain, and taking what the chain says about one.

use super::{ChannelRecord, Keeper, KeeperError, Limits};
use crate::{
	chain::{Chain, ChainError, Included, Progress, Until},
	output::hex0x,
	runtime, state,
};
use std::time::{SystemTime, UNIX_EPOCH};
use subxt::utils::AccountId32;
use subxt_signer::sr25519::Keypair;
use usufruct_primitives::{usage::channel_id, AccountBytes, Balance, ChannelId, Hash, ModelId};

/// The terms of a new channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
	/// Who is paid.
	pub oracle: AccountBytes,
	/// For which model.
	pub model: ModelId,
	/// What is held, in planck.
	pub escrow: Balance,
	/// The most a unit may cost, in planck.
	pub max_unit_price: Balance,
	/// The most that may be unacknowledged, in planck.
	pub max_unacked: Balance,
}

/// Why there is no channel to use.
#[derive(Debug, thiserror::Error)]
pub enum OpeningError {
	/// Of the chain.
	#[error(transparent)]
	Chain(#[from] ChainError),
	/// Of the store.
	#[error(transparent)]
	Keeper(#[from] KeeperError),
	/// No id is left.
	#[error("this account has used the last salt; open channels with another one")]
	LastSalt,
	/// It is of another chain.
	#[error("channel {} is on another chain (genesis {})", hex0x(.0), hex0x(.1))]
	OtherChain(ChannelId, Hash),
	/// It is not there.
	#[error("channel {} is not on the chain: it was closed, or never became final", hex0x(.0))]
	NotThere(ChannelId),
}

/// Draws a key, writes it down, and opens a channel with it; returns when it is final, because an
/// oracle serves only final ones.
pub async fn open(
	chain: &Chain,
	keeper: &Keeper,
	signer: &Keypair,
	terms: Terms,
	progress: impl FnMut(Progress),
) -> Result<(ChannelRecord, Included), OpeningError> {
	let Terms { oracle, model, escrow, max_unit_price, max_unacked } = terms;
	let consumer = signer.public_key().0;
	let last = state::last_salt(&chain.best().await?, &consumer).await?.unwrap_or(0);
	// Above every salt used before; and by the clock, so that a chain that was started anew from the
	// same genesis gives no id a second time.
	let clock =
		SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis() as u64);
	let salt = clock.max(last.checked_add(1).ok_or(OpeningError::LastSalt)?);
	let record = ChannelRecord {
		channel_id: channel_id(&chain.genesis(), &consumer, &oracle, model, salt),
		genesis: chain.genesis(),
		consumer,
		oracle,
		model,
		salt,
		secret: rand::random(),
	};
	let limits = Limits { max_unit_price, max_unacked, funds: 0 };
	keeper.add(record.clone(), limits).await?;
	let call = runtime::transactions().usage().open_channel(
		AccountId32(oracle),
		model,
		salt,
		record.key().verifying_key().to_bytes(),
		escrow,
		max_unit_price,
		max_unacked,
	);
	let done = match chain.submit(&call, signer, Until::Final, progress).await {
		Ok(done) => done,
		Err(error) => {
			// Of anything else it is not known whether it was opened.
			if matches!(error, ChainError::Dispatch(_) | ChainError::NotTaken(_)) {
				keeper.forget(record.channel_id).await?;
			}
			return Err(error.into());
		},
	};
	keeper.set_limits(record.channel_id, Limits { funds: escrow, ..limits }).await?;
	Ok((record, done))
}

/// Takes what the finalised chain says about a channel into the keeper's limits.
pub async fn refresh(
	chain: &Chain,
	keeper: &Keeper,
	record: &ChannelRecord,
) -> Result<state::Channel, OpeningError> {
	let id = record.channel_id;
	if record.genesis != chain.genesis() {
		return Err(OpeningError::OtherChain(id, record.genesis));
	}
	let found = state::channel(&chain.finalised().await?, &id).await?;
	let channel = found.ok_or(OpeningError::NotThere(id))?;
	take(keeper, record, &channel).await?;
	Ok(channel)
}

/// Takes what is known to be final about a channel into the keeper's limits.
pub async fn take(
	keeper: &Keeper,
	record: &ChannelRecord,
	channel: &state::Channel,
) -> Result<(), KeeperError> {
	let limits = Limits {
		max_unit_price: channel.max_unit_price,
		max_unacked: channel.max_unacked,
		funds: channel.funds(),
	};
	if keeper.store().ledger(record)?.limits() != limits {
		keeper.set_limits(record.channel_id, limits).await?;
	}
	if channel.key != record.key().verifying_key().to_bytes() {
		// It was replaced, and this program died before it knew.
		keeper.adopt_key(record.channel_id, channel.key).await?;
	}
	Ok(())
}
