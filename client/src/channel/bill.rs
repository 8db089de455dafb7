//! What requests may cost, and whether a channel allows it: one that the user named, one that is there,
//! or one that is to be opened.
//!
//! Nothing here knows of a chain or a disk.

use super::Ledger;
use crate::{
	amount::{ufr, Amount},
	output::hex0x,
	state,
	text::{Text, MAX_CELLS},
};
use usufruct_primitives::{Balance, ChannelId};

/// How many of the largest requests may be unacknowledged, if nothing else is said.
pub const UNACKED_REQUESTS: Balance = 16;

/// The most that requests may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
	/// The price of a unit, in planck.
	pub unit_price: Balance,
	/// How many requests there are.
	pub requests: usize,
	/// What the largest of them may cost, in planck.
	pub largest: Balance,
	/// What all of them may cost, in planck.
	pub total: Balance,
}

/// Why a channel does not pay for requests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
	/// It ends.
	#[error("channel {} is being closed; open another, or ask with --channel auto", hex0x(.0))]
	Closing(ChannelId),
	/// The oracle lied on it.
	#[error(
		"nothing more is signed on channel {}, because the oracle lied: {reason}; close it and ask \
		 another oracle", hex0x(.channel)
	)]
	Halted {
		/// Which.
		channel: ChannelId,
		/// How it lied.
		reason: String,
	},
	/// A unit costs more than it allows.
	#[error(
		"a unit costs {}, more than the {} of channel {}; open one with a higher --max-unit-price, or \
		 ask with --channel auto", ufr(*.price), ufr(*.maximum), hex0x(.channel)
	)]
	TooDear {
		/// Which.
		channel: ChannelId,
		/// The price of a unit, in planck.
		price: Balance,
		/// The most that it allows, in planck.
		maximum: Balance,
	},
	/// One request is more than may be unacknowledged.
	#[error(
		"the largest request may cost {}, more than the {} that may be unacknowledged on channel {}; \
		 open one with --max-unacked {} or more, ask with --channel auto, or send it in pieces",
		ufr(*.amount), ufr(*.max_unacked), hex0x(.channel), Amount(*.amount)
	)]
	TooLarge {
		/// Which.
		channel: ChannelId,
		/// What it may cost, in planck.
		amount: Balance,
		/// The channel's limit, in planck.
		max_unacked: Balance,
	},
	/// A receipt is missing on it, and no more may be charged without that.
	#[error(
		"on channel {} a receipt is missing, of a request that the oracle had refused and charges for all \
		 the same, and without it the largest request is more than may be charged; --channel {} asks for \
		 it again, --channel auto takes another channel, and this one can be closed",
		hex0x(.0), hex0x(.0)
	)]
	Stuck(ChannelId),
	/// It holds too little.
	#[error(
		"{requests} requests may cost {}, and channel {} has {} left; top it up by {} or more: usufruct \
		 channel top-up",
		ufr(*.needed), hex0x(.channel), ufr(*.left), ufr(.needed.saturating_sub(*.left))
	)]
	Short {
		/// Which.
		channel: ChannelId,
		/// How many requests there are.
		requests: usize,
		/// What they may cost, in planck.
		needed: Balance,
		/// What it has for further requests, in planck.
		left: Balance,
	},
}

impl Bill {
	/// Of requests of at most so many units each. What is more than can be written fits no channel.
	pub fn new(unit_price: Balance, units: impl IntoIterator<Item = u64>) -> Self {
		let none = Self { unit_price, requests: 0, largest: 0, total: 0 };
		units.into_iter().fold(none, |bill, units| {
			let cost = unit_price.saturating_mul(units.into());
			Self {
				unit_price,
				requests: bill.requests.saturating_add(1),
				largest: bill.largest.max(cost),
				total: bill.total.saturating_add(cost),
			}
		})
	}

	/// Fails unless a channel allows all of it. That it holds too little is said last: everything else
	/// takes another channel.
	pub fn check(&self, channel: &state::Channel, ledger: &Ledger) -> Result<(), Unfit> {
		let id = channel.channel_id;
		if channel.closes_at.is_some() {
			return Err(Unfit::Closing(id));
		}
		if let Some(reason) = &ledger.head().halted {
			return Err(Unfit::Halted { channel: id, reason: reason.clone() });
		}
		let (price, maximum) = (self.unit_price, channel.max_unit_price);
		if price > maximum {
			return Err(Unfit::TooDear { channel: id, price, maximum });
		}
		let (amount, max_unacked) = (self.largest, channel.max_unacked);
		if amount > max_unacked {
			return Err(Unfit::TooLarge { channel: id, amount, max_unacked });
		}
		if ledger.is_stuck(amount) {
			return Err(Unfit::Stuck(id));
		}
		let left = channel.funds().saturating_sub(ledger.promised());
		if self.total > left {
			let (requests, needed) = (self.requests, self.total);
			return Err(Unfit::Short { channel: id, requests, needed, left });
		}
		Ok(())
	}

	/// What may be unacknowledged on a channel that is opened for it with `escrow`: so many of its
	/// largest request or, where tokens of `text` are paid for, of the longest text that the version
	/// takes, so that the next text does not need a channel of its own.
	pub fn to_allow(&self, text: Option<&Text>, escrow: Balance) -> Balance {
		let longest = text.map_or(1, |text| text.description().max_tokens.min(MAX_CELLS));
		let largest = self.unit_price.saturating_mul(longest as Balance).max(self.largest);
		largest.saturating_mul(UNACKED_REQUESTS).min(escrow)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		channel::{
			ledger::{Head, Open},
			Limits,
		},
		oracle_api::SignedReceipt,
		text::tests::words,
	};
	use ed25519_dalek::SigningKey;
	use usufruct_primitives::{
		commitment::Request,
		usage::{Receipt, Voucher},
		Meter, Status,
	};

	const CHANNEL: ChannelId = [7; 32];

	/// Settled 60, 1,000 more in it; a unit may cost 10, and 100 may be unacknowledged.
	fn channel() -> state::Channel {
		state::Channel {
			channel_id: CHANNEL,
			consumer: [1; 32],
			oracle: [2; 32],
			model: 4,
			key: [3; 32],
			escrow: 1_000,
			bonus: 0,
			reserved: 0,
			settled_seq: 3,
			settled_total: 60,
			max_unit_price: 10,
			max_unacked: 100,
			lodged: 0,
			former_keys: vec![],
			closes_at: None,
		}
	}

	/// 80 are acknowledged, so that 980 are left.
	fn ledger(halted: Option<&str>) -> Ledger {
		let limits = Limits { max_unit_price: 10, max_unacked: 100, funds: 1_060 };
		let halted = halted.map(str::to_owned);
		let head = Head { cap: 80, ack_seq: 4, ack_total: 80, halted };
		Ledger::new(CHANNEL, [0; 32], limits, head, [])
	}

	/// The same after an answer whose receipt says that one before it cost 30.
	fn lacking() -> Ledger {
		let (key, genesis) = (SigningKey::from_bytes(&[5; 32]), [0; 32]);
		let request = Request {
			channel_id: CHANNEL,
			request_id: [1; 16],
			model_version: 1,
			input_commit: [3; 32],
			meter: Meter::Element,
			max_units: 20,
			unit_price: 1,
		};
		let request_commit = request.commit(&genesis);
		let receipt = Receipt {
			channel_id: CHANNEL,
			seq: 6,
			model: 4,
			model_version: 1,
			meter: Meter::Element,
			status: Status::Served,
			units: 20,
			unit_price: 1,
			amount: 20,
			total: 130,
			request_commit,
			output_commit: [4; 32],
			started_ms: 0,
			took_ms: 0,
		};
		let voucher = Voucher {
			channel_id: CHANNEL,
			cap: 130,
			request_commit,
			ack_seq: 4,
			ack_total: 80,
			serve_until: 9,
		};
		let receipt = Some(SignedReceipt::sign(receipt, &key, &genesis));
		let open = Open { request, max_amount: 20, voucher, receipt };
		let (limits, head) = (ledger(None).limits(), ledger(None).head().clone());
		Ledger::new(CHANNEL, genesis, limits, head, [(request_commit, open)])
	}

	fn check(unit_price: Balance, units: &[u64]) -> Result<(), Unfit> {
		Bill::new(unit_price, units.iter().copied()).check(&channel(), &ledger(None))
	}

	#[test]
	fn what_requests_cost_is_counted_and_never_wraps() {
		let bill = Bill::new(7, [1, 30, 2]);
		assert_eq!(bill, Bill { unit_price: 7, requests: 3, largest: 210, total: 231 });
		let none = Bill::new(7, []);
		assert_eq!(none, Bill { unit_price: 7, requests: 0, largest: 0, total: 0 });
		let huge = Bill::new(Balance::MAX, [2, 1]);
		assert_eq!((huge.largest, huge.total), (Balance::MAX, Balance::MAX));
		assert!(matches!(check(10, &[u64::MAX]), Err(Unfit::TooLarge { .. })));
	}

	#[test]
	fn a_channel_allows_what_is_within_all_of_its_limits() {
		assert_eq!(check(10, &[10; 9]), Ok(()));
		assert_eq!(check(1, &[98; 10]), Ok(()), "to the last planck");
		let short = Unfit::Short { channel: CHANNEL, requests: 10, needed: 981, left: 980 };
		let units: Vec<u64> = [99].into_iter().chain([98; 9]).collect();
		assert_eq!(check(1, &units), Err(short));
		let large = Unfit::TooLarge { channel: CHANNEL, amount: 101, max_unacked: 100 };
		assert_eq!(check(1, &[5, 101]), Err(large));
		let dear = Unfit::TooDear { channel: CHANNEL, price: 11, maximum: 10 };
		assert_eq!(check(11, &[1]), Err(dear));
	}

	#[test]
	fn what_ends_or_was_lied_on_allows_nothing() {
		let bill = Bill::new(1, [1]);
		let closing = state::Channel { closes_at: Some(500), ..channel() };
		assert_eq!(bill.check(&closing, &ledger(None)), Err(Unfit::Closing(CHANNEL)));
		let halted = bill.check(&channel(), &ledger(Some("two receipts")));
		let reason = "two receipts".into();
		assert_eq!(halted, Err(Unfit::Halted { channel: CHANNEL, reason }));
	}

	#[test]
	fn a_channel_on_which_a_receipt_is_missing_allows_what_may_be_charged_without_it() {
		let check = |units| Bill::new(1, [units]).check(&channel(), &lacking());
		// Of the 100 that may be unacknowledged 50 are charged.
		assert_eq!(check(50), Ok(()));
		assert_eq!(check(51), Err(Unfit::Stuck(CHANNEL)));
		// That the limit is too low for it whatever comes is worse.
		assert!(matches!(check(101), Err(Unfit::TooLarge { .. })));
	}

	#[test]
	fn what_is_unfit_says_what_to_do() {
		let said = |unfit: Result<(), Unfit>| unfit.unwrap_err().to_string();
		let large = said(check(1, &[101]));
		assert!(large.contains("--max-unacked 0.000000000101 or more"), "{large}");
		let short = said(check(1, &[98; 11]));
		assert!(short.contains("top it up by 0.000000000098 UFR or more"), "{short}");
		assert!(said(check(11, &[1])).contains("--max-unit-price"));
		let stuck = said(Bill::new(1, [51]).check(&channel(), &lacking()));
		assert!(stuck.contains("--channel auto takes another"), "{stuck}");
	}

	#[test]
	fn a_new_channel_allows_many_requests_like_the_largest() {
		let bill = Bill::new(3, [1, 20, 4]);
		assert_eq!(bill.to_allow(None, 10_000), 3 * 20 * 16);
		assert_eq!(Bill::new(3, []).to_allow(None, 10_000), 3 * 16, "at least a unit each");
		// No more than there is in it.
		assert_eq!(bill.to_allow(None, 500), 500);
		assert_eq!(Bill::new(Balance::MAX, [2]).to_allow(None, 500), 500);
	}

	#[test]
	fn a_new_channel_for_texts_allows_the_longest_text() {
		// Of at most six tokens.
		let text = words();
		assert_eq!(Bill::new(3, [2]).to_allow(Some(&text), 10_000), 3 * 6 * 16);
		let many_texts = Bill::new(3, [20]);
		assert_eq!(many_texts.to_allow(Some(&text), 10_000), 3 * 20 * 16);
	}
}
