//! Whether a channel that is there pays for what is to be asked, and what is said if none does.

use super::{opening, Bill, ChannelRecord, Keeper, KeeperError, Unfit};
use crate::state;

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

/// The channel as it is kept from then on, if it pays for all of that. What is said of it must be final: if
/// the keeper has the key that it has on the chain, that one signs from now on. The outer error says that the
/// channel could not be looked at.
pub async fn consider(
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

	struct Kept {
		_folder: tempfile::TempDir,
		keeper: Keeper,
	}

	impl Kept {
		/// With channels of these ids.
		async fn new(channels: &[u8]) -> Self {
			let folder = tempfile::tempdir().unwrap();
			let keeper = Keeper::open(&folder.path().join("channels.redb")).unwrap();
			let limits = Limits { max_unit_price: 10, max_unacked: 100, funds: 1_000 };
			for id in channels {
				keeper.add(record(*id), limits).await.unwrap();
			}
			Self { _folder: folder, keeper }
		}

		async fn consider(&self, channel: &state::Channel) -> Result<ChannelRecord, PassedOver> {
			let record = self.keeper.channel(&channel.channel_id).unwrap();
			consider(&self.keeper, &BILL, &record, channel).await.unwrap()
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
	async fn if_none_pays_it_is_said_of_each_why_and_what_to_do() {
		let kept = Kept::new(&[7, 8, 9]).await;
		let closing = state::Channel { closes_at: Some(500), ..on_chain(7) };
		let locked = state::Channel { key: [7; 32], ..on_chain(8) };
		let short = state::Channel { escrow: 4, ..on_chain(9) };
		let mut passed = Vec::new();
		for channel in [closing, locked, short] {
			passed.push(kept.consider(&channel).await.unwrap_err());
		}
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
