//! What the pallet says of what happened; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An epoch was closed and the pot divided.
		EpochClosed {
			/// The epoch that was open until this block.
			epoch: EpochIndex,
			/// How many people shared in it.
			eligible: u32,
			/// What each of them may claim for it.
			per_head: Balance,
			/// `per_head` times `eligible`: what the pot owes from now on for this epoch.
			distributed: Balance,
			/// What was left undivided; it stays in the pot and is divided again at the next close.
			carried: Balance,
			/// What was left unclaimed of epochs that left the claim window in this block; it was
			/// divided again.
			swept: Balance,
		},
		/// A person was paid.
		Claimed {
			/// Who.
			person: PersonId,
			/// The account that was paid.
			account: T::AccountId,
			/// The first epoch paid for.
			from: EpochIndex,
			/// The last epoch paid for; less than `from` if only settled money was paid.
			to: EpochIndex,
			/// All that was paid, settled money included.
			amount: Balance,
		},
		/// What a person was still due is put aside, because it was renewed after a lapse or was
		/// frozen: it is owed to it from now on, and never swept.
		Settled {
			/// Who.
			person: PersonId,
			/// The first epoch settled.
			from: EpochIndex,
			/// The last epoch settled.
			to: EpochIndex,
			/// The sum of these epochs.
			amount: Balance,
		},
		/// A person was revoked: what was owed to it returns to the pot.
		Forfeited {
			/// Who.
			person: PersonId,
			/// What was owed.
			amount: Balance,
		},
		/// A claim went into a channel of the account that was paid, as credit for the use of models.
		Credited {
			/// Who.
			person: PersonId,
			/// The account that was paid, and whose channel it is.
			account: T::AccountId,
			/// The channel.
			channel: ChannelId,
			/// What of the claim is in it now; the rest is free in the account.
			credit: Balance,
			/// What the commons fund added.
			bonus: Balance,
		},
		/// A person named the account that its dividend is paid to.
		PayoutSet {
			/// Who.
			person: PersonId,
			/// The account that is paid until then.
			old: T::AccountId,
			/// The account that is paid then.
			new: T::AccountId,
			/// The epoch that is open when the change takes effect; the open one if there is
			/// nothing to change.
			from: EpochIndex,
		},
		/// A person moves to another account, and is paid there at once.
		PayoutForgotten {
			/// Who.
			person: PersonId,
			/// What the account before had named, in force or not.
			payout: Payout<T::AccountId>,
		},
		/// A person said whether it alone may claim.
		ClaimsAloneSet {
			/// Who.
			person: PersonId,
			/// Whether nobody else may.
			alone: bool,
		},
		/// Somebody gave money to all people.
		Donated {
			/// Who.
			donor: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// Claims and closes are paused.
		Paused {
			/// The first block without a pause, unless it is ended before.
			until: BlockNumber,
		},
		/// A pause was ended before its time.
		Resumed {
			/// The first block of the pause.
			from: BlockNumber,
		},
		/// The parameters change with the next epoch.
		ParamsScheduled {
			/// The present ones.
			old: Parameters,
			/// The next ones.
			new: Parameters,
		},
		/// The parameters changed with the epoch that opened.
		ParamsChanged {
			/// Those until now.
			old: Parameters,
			/// Those from now on.
			new: Parameters,
		},
		/// A programme begins with the next epoch.
		ProgrammeOpened {
			/// Its number.
			programme: ProgrammeId,
			/// What it is.
			terms: Terms,
		},
		/// A person shares in a programme.
		ProgrammeJoined {
			/// Its number.
			programme: ProgrammeId,
			/// Who.
			person: PersonId,
			/// The first epoch it shares in.
			from: EpochIndex,
			/// The last one.
			until: EpochIndex,
		},
		/// A person does not share in a programme any more.
		ProgrammeLeft {
			/// Its number.
			programme: ProgrammeId,
			/// Who.
			person: PersonId,
		},
		/// An epoch of a programme was closed and its pot divided, as that of all people.
		ProgrammeEpochClosed {
			/// Its number.
			programme: ProgrammeId,
			/// The epoch that was open until this block.
			epoch: EpochIndex,
			/// What the programme got of what flowed in.
			received: Balance,
			/// How many people shared in it.
			eligible: u32,
			/// What each of them may claim for it.
			per_head: Balance,
			/// `per_head` times `eligible`.
			distributed: Balance,
			/// What was left undivided, and stays in the pot of the programme.
			carried: Balance,
			/// What went back to all people: `per_head` for each who was missing to the least number
			/// of people.
			returned: Balance,
			/// What was left unclaimed of epochs that left the claim window in this block.
			swept: Balance,
		},
		/// A person was paid from a programme.
		ProgrammeClaimed {
			/// Its number.
			programme: ProgrammeId,
			/// Who.
			person: PersonId,
			/// The account that was paid.
			account: T::AccountId,
			/// The first epoch paid for.
			from: EpochIndex,
			/// The last epoch paid for.
			to: EpochIndex,
			/// What was paid.
			amount: Balance,
		},
		/// What a programme owed a person is put aside, because it was frozen: all people owe it from now
		/// on, as what was [settled](Event::Settled), and it is claimed with that.
		ProgrammeSettled {
			/// Its number.
			programme: ProgrammeId,
			/// Who.
			person: PersonId,
			/// The first epoch settled.
			from: EpochIndex,
			/// The last epoch settled.
			to: EpochIndex,
			/// The sum of these epochs.
			amount: Balance,
		},
		/// The last epoch of a programme was swept. What was left is everybody's.
		ProgrammeEnded {
			/// Its number.
			programme: ProgrammeId,
			/// What became of it.
			outcome: Outcome,
		},
		/// What the commons fund adds to credit changed, in parts per million.
		BonusSet {
			/// It was.
			old: u32,
			/// It is.
			new: u32,
		},
		/// A programme ends before its term. What it owes can be claimed as always.
		ProgrammeCutShort {
			/// Its number.
			programme: ProgrammeId,
			/// What was to be its last epoch.
			old: EpochIndex,
			/// Its last epoch, which is open.
			new: EpochIndex,
		},
	}
}
