//! What always holds; checked by brute force over all polls, votes and proposals.

use crate::pallet::*;
use alloc::collections::BTreeMap;
use frame_support::ensure;
use pallet_referenda::{ReferendumCount, ReferendumInfo, ReferendumInfoFor};
use sp_runtime::TryRuntimeError;
use usufruct_primitives::traits::Electorate;

impl<T: Config> Pallet<T> {
	/// Checks every invariant that can be seen in the state.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let rules = Rules::<T>::get();
		// I1: the constitution is within its bounds.
		rules.check()?;
		Self::check_votes()?;
		Self::check_proposals()
	}

	fn check_votes() -> Result<(), TryRuntimeError> {
		let mut counted: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
		for (poll, _, aye) in Votes::<T>::iter() {
			// I2: nobody voted on a poll that never was.
			ensure!(poll < ReferendumCount::<T>::get(), "I2: a vote on a poll that never was");
			let (ayes, nays) = counted.entry(poll).or_default();
			if aye {
				*ayes += 1;
			} else {
				*nays += 1;
			}
		}
		let closed = T::Electorate::last_closed();
		for (poll, info) in ReferendumInfoFor::<T>::iter() {
			let ReferendumInfo::Ongoing(status) = info else { continue };
			let tally = status.tally;
			// I3: the tally of a running poll is the number of votes on each side.
			let votes = counted.get(&poll).copied().unwrap_or_default();
			ensure!((tally.ayes, tally.nays) == votes, "I3: a tally is not its votes");
			// I4: no more people vote than there are.
			ensure!(tally.turnout() <= tally.electorate, "I4: more voters than electorate");
			// I5: a poll's snapshot is of a closed epoch, with a sufficient electorate.
			ensure!(
				closed.is_some_and(|(last, _)| tally.snapshot_epoch <= last),
				"I5: the snapshot of a poll was not closed"
			);
			ensure!(
				tally.electorate >= Rules::<T>::get().min_electorate,
				"I5: a poll below the least electorate"
			);
		}
		Ok(())
	}

	fn check_proposals() -> Result<(), TryRuntimeError> {
		let next = NextProposal::<T>::get();
		let mut signed: BTreeMap<u32, u32> = BTreeMap::new();
		for (proposal, _, ()) in Cosigners::<T>::iter() {
			*signed.entry(proposal).or_default() += 1;
		}
		let mut open = 0usize;
		for (id, proposal) in Proposals::<T>::iter() {
			// I6: ids are given in order.
			ensure!(id < next, "I6: a proposal's number was not given yet");
			// I7: the count of signatures is their number, and none is without its proposal.
			ensure!(
				signed.remove(&id) == Some(proposal.signed),
				"I7: a proposal's signatures are not counted"
			);
			if let Some(poll) = proposal.poll {
				ensure!(
					poll < ReferendumCount::<T>::get(),
					"I6: a proposal became a poll that never was"
				);
			} else {
				// I8: who made a proposal is remembered, as long as it is no poll.
				ensure!(
					ProposalBy::<T>::get(proposal.proposer) == Some(id),
					"I8: a proposal its proposer does not know"
				);
				open += 1;
			}
		}
		ensure!(signed.is_empty(), "I7: a signature without a proposal");
		ensure!(ProposalBy::<T>::iter_keys().count() == open, "I8: a proposal that is not there");
		Ok(())
	}
}
