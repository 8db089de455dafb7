//! Which channel that is there pays for what is to be asked, and what is said if none does.

use super::{
	opening::{self, OpeningError},
	Bill, ChannelRecord, Keeper, KeeperError, Unfit,
};
use crate::{chain::ChainError, state};
use usufruct_primitives::{AccountBytes, ChannelId, Hash, ModelId};

/// What a channel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose {
	/// The chain that it is on, by its genesis hash.
	pub genesis: Hash,
	/// Who is paid.
	pub oracle: AccountBytes,
	/// For which model.
	pub model: ModelId,
}

impl Purpose {
	fn is_of(&self, record: &ChannelRecord) -> bool {
		let ChannelRecord { genesis, oracle, model, .. } = *record;
		*self == Self { genesis, oracle, model }
	}
}

/// Why a channel was passed over.
#[derive(Debug, thiserror::Error)]
pub enum PassedOver {
	/// It does not allow what is to be asked.
	#[error(transparent)]
	Unfit(#[from] Unfit),
	/// Nothing can be signed on it: its key was replaced elsewhere.
	#[error(transparent)]
	Locked(KeeperError),
}

impl PassedOver {
	/// Whether it holds money that is of no use before somebody does what this says.
	pub fn holds_money(&self) -> bool {
		matches!(self, Self::Locked(_) | Self::Unfit(Unfit::Stuck(_)))
	}
}

/// No channel that is there pays, and why none does.
#[derive(Debug, thiserror::Error)]
#[error("a channel must be opened, because none that is there pays: {}", each(.0))]
pub struct NonePays(pub Vec<PassedOver>);

fn each(passed: &[PassedOver]) -> String {
	passed.iter().map(PassedOver::to_string).collect::<Vec<_>>().join("; ")
}

/// The first of the keeper's channels that is for that and pays for all of it, as it is kept from then on; and why
/// each before it does not. `find` says what is final of one; what is not on the chain is passed over in silence.
pub async fn choose(
	keeper: &Keeper,
	purpose: &Purpose,
	bill: &Bill,
	find: impl AsyncFn(&ChannelId) -> Result<Option<state::Channel>, ChainError>,
) -> Result<(Option<ChannelRecord>, Vec<PassedOver>), OpeningError> {
	let mut passed = Vec::new();
	for record in keeper.store().channels().map_err(KeeperError::from)? {
		if !purpose.is_of(&record) {
			continue;
		}
		let Some(channel) = find(&record.channel_id).await? else { continue };
		match consider(keeper, bill, &record, &channel).await? {
			Ok(record) => return Ok((Some(record), passed)),
			Err(why) => passed.push(why),
		}
	}
	Ok((None, passed))
}

/// The channel as it is kept from then on, if it pays for all of that. What is said of it must be final: if
/// the keeper has the key that it has on the chain, that one signs from now on. The outer error says that the
/// channel could not be looked at.
async fn consider(
	keeper: &Keeper,
	bill: &Bill,
	record: &ChannelRecord,
	channel: &state::Channel,
) -> Result<Result<ChannelRecord, PassedOver>, KeeperError> {
	if let Err(unfit) = bill.check(channel, &keeper.store().ledger(record)?) {
		return Ok(Err(unfit.into()));
	}
	match opening::take(keeper, record, channel).await {
		Ok(()) => keeper.channel(&record.channel_id).map(Ok),
		// One channel of which no use can be made is no reason to use no other.
		Err(error @ KeeperError::UnknownKey(_)) => Ok(Err(PassedOver::Locked(error))),
		Err(error) => Err(error),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::channel::Limits;
	use usufruct_primitives::PublicKey;

	const BILL: Bill = Bill { unit_price: 1, requests: 1, largest: 5, total: 5 };
	const LIMITS: Limits = Limits { max_unit_price: 10, max_unacked: 100, funds: 1_000 };

	struct Kept {
		_folder: tempfile::TempDir,
		keeper: Keeper,
	}

	impl Kept {
		/// With channels of these ids.
		async fn new(channels: &[u8]) -> Self {
			let folder = tempfile::tempdir().unwrap();
			let keeper = Keeper::open(&folder.path().join("channels.redb")).unwrap();
			for id in channels {
				keeper.add(record(*id), LIMITS).await.unwrap();
			}
			Self { _folder: folder, keeper }
		}

		async fn consider(&self, channel: &state::Channel) -> Result<ChannelRecord, PassedOver> {
			let record = self.keeper.channel(&channel.channel_id).unwrap();
			consider(&self.keeper, &BILL, &record, channel).await.unwrap()
		}

		/// What is chosen of them, and what is passed over, if these are on the chain.
		async fn choose(
			&self,
			channels: &[state::Channel],
		) -> (Option<ChannelRecord>, Vec<PassedOver>) {
			let purpose = Purpose { genesis: [1; 32], oracle: [3; 32], model: 4 };
			let find = async |id: &ChannelId| {
				let found = channels.iter().find(|channel| channel.channel_id == *id);
				Ok::<_, ChainError>(found.cloned())
			};
			choose(&self.keeper, &purpose, &BILL, find).await.unwrap()
		}
	}

	fn record(id: u8) -> ChannelRecord {
		ChannelRecord {
			channel_id: [id; 32],
			genesis: [1; 32],
			consumer: [2; 32],
			oracle: [3; 32],
			model: 4,
			salt: 5,
			secret: [id; 32],
		}
	}

	fn public_key(record: &ChannelRecord) -> PublicKey {
		record.key().verifying_key().to_bytes()
	}

	/// The channel of that id as it stands on the chain.
	fn on_chain(id: u8) -> state::Channel {
		let record = record(id);
		state::Channel {
			channel_id: record.channel_id,
			consumer: record.consumer,
			oracle: record.oracle,
			model: record.model,
			key: public_key(&record),
			escrow: 1_000,
			bonus: 0,
			reserved: 0,
			settled_seq: 0,
			settled_total: 0,
			max_unit_price: 10,
			max_unacked: 100,
			lodged: 0,
			former_keys: vec![],
			closes_at: None,
		}
	}

	#[tokio::test]
	async fn a_channel_whose_key_was_replaced_elsewhere_is_passed_over_for_the_next() {
		let kept = Kept::new(&[8, 9]).await;
		let locked = state::Channel { key: [7; 32], ..on_chain(8) };
		let passed = kept.consider(&locked).await.unwrap_err();
		assert!(
			matches!(&passed, PassedOver::Locked(KeeperError::UnknownKey(id)) if *id == [8; 32]),
			"{passed}"
		);
		assert!(passed.holds_money());
		assert_eq!(kept.consider(&on_chain(9)).await.unwrap(), record(9));
	}

	#[tokio::test]
	async fn a_key_that_was_replaced_from_here_signs_from_then_on() {
		let kept = Kept::new(&[8]).await;
		let next = kept.keeper.prepare_key([8; 32]).await.unwrap();
		let replaced = state::Channel { key: next, ..on_chain(8) };
		let taken = kept.consider(&replaced).await.unwrap();
		assert_eq!(public_key(&taken), next);
		// Whoever takes what the chain says once more finds nothing to do.
		opening::take(&kept.keeper, &taken, &replaced).await.unwrap();
	}

	#[tokio::test]
	async fn the_first_that_pays_is_taken_and_of_those_before_it_is_said_why_they_do_not() {
		let kept = Kept::new(&[6, 7, 8, 9]).await;
		let closing = state::Channel { closes_at: Some(500), ..on_chain(7) };
		// One is on the chain no more.
		let (chosen, passed) = kept.choose(&[closing, on_chain(8), on_chain(9)]).await;
		assert_eq!(chosen, Some(record(8)));
		assert!(
			matches!(passed[..], [PassedOver::Unfit(Unfit::Closing(id))] if id == [7; 32]),
			"{passed:?}"
		);
	}

	#[tokio::test]
	async fn what_is_for_another_chain_or_oracle_or_model_is_not_considered() {
		let kept = Kept::new(&[]).await;
		for other in [
			ChannelRecord { genesis: [9; 32], ..record(7) },
			ChannelRecord { oracle: [9; 32], ..record(8) },
			ChannelRecord { model: 9, ..record(9) },
		] {
			kept.keeper.add(other, LIMITS).await.unwrap();
		}
		let (chosen, passed) = kept.choose(&[7, 8, 9].map(on_chain)).await;
		assert_eq!(chosen, None);
		assert!(passed.is_empty(), "{passed:?}");
	}

	#[tokio::test]
	async fn if_none_pays_it_is_said_of_each_why_and_what_to_do() {
		let kept = Kept::new(&[7, 8, 9]).await;
		let closing = state::Channel { closes_at: Some(500), ..on_chain(7) };
		let locked = state::Channel { key: [7; 32], ..on_chain(8) };
		let short = state::Channel { escrow: 4, ..on_chain(9) };
		let (chosen, passed) = kept.choose(&[closing, locked, short]).await;
		assert_eq!(chosen, None);
		let holds: Vec<bool> = passed.iter().map(PassedOver::holds_money).collect();
		assert_eq!(holds, [false, true, false]);
		let said = NonePays(passed).to_string();
		for part in [
			format!("channel 0x{} is being closed", "07".repeat(32)),
			format!("usufruct channel close 0x{}", "08".repeat(32)),
			format!("channel 0x{} has 0.000000000004 UFR left", "09".repeat(32)),
		] {
			assert!(said.contains(&part), "{part}: {said}");
		}
	}
}
