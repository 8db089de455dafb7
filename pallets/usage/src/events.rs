//! What the pallet says of what happened; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A consumer put `escrow` aside for an oracle and a model.
		ChannelOpened {
			channel_id: ChannelId,
			consumer: T::AccountId,
			oracle: T::AccountId,
			model: ModelId,
			escrow: Balance,
		},
		/// A consumer added `amount` to a channel, which has `escrow` now.
		ToppedUp { channel_id: ChannelId, amount: Balance, escrow: Balance },
		/// An oracle settled a batch. `accepted_total` of its `total` was paid, of which each party
		/// was credited its part (the dividend's has what damping took from the models');
		/// claims were skipped as named by their place in the call.
		Settled {
			oracle: T::AccountId,
			batch_no: BatchNo,
			root: Hash,
			count: u32,
			total: Balance,
			accepted_total: Balance,
			parts: Parts,
			skipped: BoundedVec<Skipped, ConstU32<MAX_CLAIMS>>,
		},
		/// A consumer closes a channel: from block `closes_at` on it can be finalised.
		CloseRequested { channel_id: ChannelId, closes_at: BlockNumber },
		/// A channel is closed for good; `returned` is the consumer's again, but for what
		/// [`Event::BonusReturned`] said before.
		ChannelClosed { channel_id: ChannelId, returned: Balance },
		/// The consumer replaced the key of a channel. What `old` signed can be settled before
		/// block `until`.
		ChannelKeySet { channel_id: ChannelId, old: PublicKey, new: PublicKey, until: BlockNumber },
		/// Somebody lodged a voucher that covers a total of `covers`; `reserved` of the escrow
		/// outlives the closing window.
		Checkpointed { channel_id: ChannelId, by: T::AccountId, covers: Balance, reserved: Balance },
		/// The window of a closing channel is over. `returned` is the consumer's again, but for what
		/// [`Event::BonusReturned`] said before; `reserved` is, too, at block `until`, as far as it is
		/// not settled then.
		EscrowReturned {
			channel_id: ChannelId,
			returned: Balance,
			reserved: Balance,
			until: BlockNumber,
		},
		/// Somebody paid `amount` for the use of a version outside the chain, of which each party
		/// was credited its part.
		RoyaltyPaid {
			payer: T::AccountId,
			version: VersionId,
			amount: Balance,
			parts: Parts,
			memo: Memo,
		},
		/// In the epoch that closes, `total` was paid for all models; `herfindahl` says for how few
		/// owners', 10,000 being one alone.
		FeesCounted { epoch: EpochIndex, total: Balance, herfindahl: u32 },
		/// An organisation was listed, or is no longer: its fees are counted for it alone, or with
		/// all others that are not listed.
		OrganisationSet { account: T::AccountId, listed: bool },
		/// Concentration is damped by `new` instead of `old` from now on, in parts per million.
		SlopeSet { old: u32, new: u32 },
		/// Settlements are divided by `new` instead of `old` from the next close of an epoch on.
		SplitScheduled { old: Split, new: Split },
		/// Settlements are divided by `new` from now on; `dust`, which was left undivided under
		/// `old`, is the dividend's.
		SplitChanged { old: Split, new: Split, dust: Balance },
		/// What was due to the pots was moved to them.
		Flushed { parts: PotParts },
		/// An oracle's settlements from number `from` up to but not `to` were removed: nothing of
		/// them can be challenged any more.
		BatchesSwept { oracle: T::AccountId, from: BatchNo, to: BatchNo },
		/// The fees of an owner were removed, the last of which were paid in `epoch`.
		FeesSwept { owner: Owner, epoch: EpochIndex },
		/// An oracle collected what it had earned.
		Collected { oracle: T::AccountId, amount: Balance },
		/// An oracle was convicted of a fraud. Of the lock of the batch, if it is about one, and of
		/// the free bond `taken` was slashed: `to_consumer` is the consumer's of the channel, so
		/// far as that is known, `to_reporter` the reporter's, if it gets a part.
		OracleConvicted {
			oracle: T::AccountId,
			batch_no: Option<BatchNo>,
			channel_id: ChannelId,
			seq: Seq,
			fraud: Fraud,
			taken: Balance,
			consumer: Option<T::AccountId>,
			to_consumer: Balance,
			reporter: Option<T::AccountId>,
			to_reporter: Balance,
			to_dividend: Balance,
		},
		/// An oracle must show a receipt and its voucher; from block `due` on it can be slashed for
		/// not doing so.
		Demanded {
			oracle: T::AccountId,
			batch_no: BatchNo,
			channel_id: ChannelId,
			seq: Seq,
			by: T::AccountId,
			deposit: Balance,
			due: BlockNumber,
		},
		/// A demand was answered with `receipt`; the deposit is the oracle's.
		DemandAnswered {
			oracle: T::AccountId,
			batch_no: BatchNo,
			receipt: Receipt,
			by: T::AccountId,
			deposit: Balance,
		},
		/// A demand was not answered before the oracle was convicted; the deposit is free again.
		DepositReturned {
			oracle: T::AccountId,
			batch_no: BatchNo,
			channel_id: ChannelId,
			seq: Seq,
			by: T::AccountId,
			deposit: Balance,
		},
		/// Of what leaves a channel unspent, `amount` was a bonus and is the commons fund's again.
		BonusReturned { channel_id: ChannelId, amount: Balance },
	}
}
