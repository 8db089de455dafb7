//! A channel that closes: what is lodged for its oracle, and what comes back to its consumer.

use super::{Action, Step};
use crate::{channel::ChannelRecord, oracle_api::SignedVoucher, state};
use usufruct_primitives::{BlockNumber, Hash};

/// Whether to get back what is left of a channel. `unexplained` settlements would lose the channel
/// that a demand needs.
pub fn finalise(
	record: &ChannelRecord,
	channel: &state::Channel,
	now: BlockNumber,
	closing_window: BlockNumber,
	unexplained: bool,
) -> Result<Option<Step>, String> {
	let Some(closes_at) = channel.closes_at.filter(|closes_at| now >= *closes_at) else {
		return Ok(None);
	};
	if unexplained {
		return Err(
			"its closing window is over; it is finalised when every settlement is explained, \
		            because nothing can be demanded of a closed channel"
				.into(),
		);
	}
	let until = closes_at.saturating_add(closing_window);
	let in_part = channel.reserved > 0 && now < until;
	if in_part && channel.escrow <= channel.reserved {
		return Err(format!(
			"the rest of its escrow is reserved for the oracle until block {until}"
		));
	}
	let why = match in_part {
		true => "its closing window is over, and what is not reserved comes back",
		false => "its closing window is over, and the rest of its escrow comes back",
	};
	Ok(Some(Step {
		channel_id: record.channel_id,
		oracle: record.oracle,
		action: Action::FinaliseClose { in_part },
		fraud: None,
		why: why.into(),
	}))
}

/// Whether to lodge a voucher: it protects the oracle, when its channel is closing, from losing what
/// the voucher covers and it could not settle yet.
pub fn checkpoint(
	genesis: &Hash,
	channel: &state::Channel,
	now: BlockNumber,
	voucher: &SignedVoucher,
) -> Option<Step> {
	channel.closes_at?;
	let covers = voucher.voucher.chargeable(channel.max_unacked);
	let safe = channel.settled_total.max(channel.lodged);
	if voucher.voucher.channel_id != channel.channel_id || covers <= safe || channel.escrow == 0 {
		return None;
	}
	let former = channel.former_keys.iter().filter(|former| now < former.until);
	let mut keys = [channel.key].into_iter().chain(former.map(|former| former.key));
	keys.find(|key| voucher.verify(key, genesis))?;
	Some(Step {
		channel_id: channel.channel_id,
		oracle: channel.oracle,
		action: Action::Checkpoint { voucher: voucher.clone() },
		fraud: None,
		why: format!(
			"the channel is closing, and a voucher covers {covers} planck of which {safe} are safe"
		),
	})
}
