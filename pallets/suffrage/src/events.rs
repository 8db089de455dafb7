//! What the pallet says of what happened; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A person voted, or changed its vote.
		Voted {
			/// On which poll.
			poll: PollIndex,
			/// Who.
			person: PersonId,
			/// The account that acted for it.
			account: T::AccountId,
			/// Whether it is for it.
			aye: bool,
			/// How it had voted before.
			before: Option<bool>,
			/// How many people are for it now.
			ayes: u32,
			/// How many people are against it now.
			nays: u32,
		},
		/// The vote of somebody who may not vote any more was taken out of the count.
		VoteRemoved {
			/// Of which poll.
			poll: PollIndex,
			/// Whose.
			person: PersonId,
			/// Whether it was for it.
			aye: bool,
			/// How many people are for it now.
			ayes: u32,
			/// How many people are against it now.
			nays: u32,
		},
		/// Votes of an ended poll were removed from the state.
		PollCleaned {
			/// Of which poll.
			poll: PollIndex,
			/// How many.
			removed: u32,
		},
		/// A person proposed a poll for others to sign.
		Proposed {
			/// The proposal.
			proposal: ProposalId,
			/// Who.
			person: PersonId,
			/// The account that acted for it.
			account: T::AccountId,
			/// What is to be done.
			call: BoundedCallOf<T, ()>,
			/// The last block in which it can be signed and submitted.
			closes: BlockNumber,
		},
		/// A person signed a proposal.
		Cosigned {
			/// The proposal.
			proposal: ProposalId,
			/// Who.
			person: PersonId,
			/// The account that acted for it.
			account: T::AccountId,
			/// How many people have signed it.
			signed: u32,
		},
		/// A proposal became a poll; its deposits are placed from this pallet's account.
		ProposalSubmitted {
			/// The proposal.
			proposal: ProposalId,
			/// The poll.
			poll: PollIndex,
		},
		/// Signatures under a proposal that is over were removed from the state.
		ProposalCleaned {
			/// The proposal.
			proposal: ProposalId,
			/// How many.
			removed: u32,
			/// Whether the proposal itself was removed with the last of them.
			done: bool,
		},
		/// A runtime may be set by anybody who brings the code with this hash.
		UpgradeAuthorised {
			/// The hash of the code.
			code_hash: T::Hash,
		},
	}
}
