//! What must hold after every action, of all pallets together.

use super::world::World;
use crate::chain::{now, try_state};
use codec::{Decode, Encode};
use frame_support::traits::Get;
use pallet_models::HoldReason as Registry;
use pallet_multi_asset_bounties::HoldReason as Curators;
use pallet_oracles::HoldReason as Bonds;
use pallet_personhood::HoldReason as People;
use pallet_usage::HoldReason as Market;
use std::collections::BTreeMap;
use usufruct_primitives::{Balance, BlockNumber};
use usufruct_runtime::{AccountId, Balances, Runtime, RuntimeHoldReason};

/// Checks everything that can be seen in the state.
pub fn check(world: &mut World) -> Result<(), String> {
	try_state()?;
	holds_are_those_of_the_books()?;
	accounts_are_in_order()?;
	channels_are_as_settled(world)?;
	bonds_stand_for_batches()?;
	world.ledger.check()
}

/// What the books of all pallets say is on hold, by account and reason.
fn booked() -> BTreeMap<(AccountId, Vec<u8>), Balance> {
	let mut booked = BTreeMap::new();
	let mut add = |who: AccountId, reason: RuntimeHoldReason, amount: Balance| {
		if amount > 0 {
			*booked.entry((who, reason.encode())).or_insert(0) += amount;
		}
	};
	for channel in pallet_usage::Channels::<Runtime>::iter_values() {
		add(channel.consumer, Market::Escrow.into(), channel.escrow);
	}
	for inquiry in pallet_usage::Inquiries::<Runtime>::iter_values() {
		for demand in inquiry.demands {
			add(demand.by, Market::Demand.into(), demand.deposit);
		}
	}
	for (who, oracle) in pallet_oracles::Oracles::<Runtime>::iter() {
		let queue = pallet_oracles::UnbondingQueues::<Runtime>::get(&who);
		let unbonding: Balance = queue.iter().map(|part| part.amount).sum();
		add(who, Bonds::Bond.into(), oracle.bond + unbonding);
	}
	for model in pallet_models::Models::<Runtime>::iter_values() {
		add(model.owner, Registry::Deposit.into(), model.deposit);
	}
	for (_, contester, contest) in pallet_models::Contests::<Runtime>::iter() {
		add(contester, Registry::Contest.into(), contest.deposit);
	}
	for claim in pallet_models::ReuseClaims::<Runtime>::iter_values() {
		add(claim.prover, Registry::Reuse.into(), claim.deposit);
	}
	for verifier in pallet_personhood::Verifiers::<Runtime>::iter_values() {
		add(verifier.operator, People::VerifierBond.into(), verifier.bond);
	}
	for (bounty, child, deposit) in pallet_multi_asset_bounties::CuratorDeposit::<Runtime>::iter() {
		let amount = Balance::decode(&mut &deposit.encode()[..]).expect("it is an amount");
		let deposited = (bounty, child);
		let curator = curator_of(deposited).expect("whoever has a deposit is the curator");
		add(curator, RuntimeHoldReason::Bounties(Curators::CuratorDeposit), amount);
	}
	for case in pallet_personhood::Cases::<Runtime>::iter_values() {
		add(case.challenger, People::Challenge.into(), case.bond);
	}
	booked
}

/// Who is at work on a bounty, or was until it was over.
fn curator_of((bounty, child): (u32, Option<u32>)) -> Option<AccountId> {
	use pallet_multi_asset_bounties::{Bounties, BountyStatus, ChildBounties};

	let status = match child {
		None => Bounties::<Runtime>::get(bounty)?.status,
		Some(child) => ChildBounties::<Runtime>::get(bounty, child)?.status,
	};
	match status {
		BountyStatus::Active { curator } | BountyStatus::PayoutAttempted { curator, .. } => {
			Some(curator)
		},
		BountyStatus::RefundAttempted { curator, .. } => curator,
		_ => None,
	}
}

/// What an account put down for polls.
fn deposits_for_polls() -> BTreeMap<AccountId, Balance> {
	use pallet_referenda::{ReferendumInfo, ReferendumInfoFor};

	let mut sums = BTreeMap::new();
	for info in ReferendumInfoFor::<Runtime>::iter_values() {
		let (submission, decision) = match info {
			ReferendumInfo::Ongoing(status) => {
				(Some(status.submission_deposit), status.decision_deposit)
			},
			ReferendumInfo::Approved(_, submission, decision)
			| ReferendumInfo::Rejected(_, submission, decision)
			| ReferendumInfo::Cancelled(_, submission, decision)
			| ReferendumInfo::TimedOut(_, submission, decision) => (submission, decision),
			ReferendumInfo::Killed(_) => (None, None),
		};
		for deposit in [submission, decision].into_iter().flatten() {
			*sums.entry(deposit.who).or_insert(0) += deposit.amount;
		}
	}
	sums
}

/// Every hold of every account is what a book says, and every book's is there.
fn holds_are_those_of_the_books() -> Result<(), String> {
	let mut booked = booked();
	for (who, holds) in pallet_balances::Holds::<Runtime>::iter() {
		for hold in holds {
			let due = booked.remove(&(who.clone(), hold.id.encode())).unwrap_or_default();
			if due != hold.amount {
				return Err(format!("{who} has {:?} on hold, its books say {due}", hold));
			}
		}
	}
	match booked.into_iter().next() {
		Some((missing, amount)) => Err(format!("{missing:?} lacks {amount} on hold")),
		None => Ok(()),
	}
}

/// Balances add up to what exists, what is reserved is on hold or a deposit for proxies and polls,
/// and every account is there for a reason.
fn accounts_are_in_order() -> Result<(), String> {
	let mut polls = deposits_for_polls();
	let mut sum: Balance = 0;
	for (who, info) in frame_system::Account::<Runtime>::iter() {
		let (free, reserved) = (info.data.free, info.data.reserved);
		sum = sum.checked_add(free).and_then(|sum| sum.checked_add(reserved)).ok_or("overflow")?;
		let held: Balance =
			pallet_balances::Holds::<Runtime>::get(&who).iter().map(|hold| hold.amount).sum();
		let (_, proxies) = pallet_proxy::Proxies::<Runtime>::get(&who);
		let polls = polls.remove(&who).unwrap_or_default();
		if reserved != held + proxies + polls {
			return Err(format!(
				"{who} has {reserved} reserved and {held} + {proxies} + {polls} to show"
			));
		}
		let references = info.providers + info.sufficients;
		if references == 0 || (reserved > 0 && info.consumers == 0) {
			return Err(format!("{who} is there for nobody: {info:?}"));
		}
		let person = pallet_personhood::AccountOf::<Runtime>::contains_key(&who);
		if info.sufficients != u32::from(person) {
			return Err(format!("{who} has {} sufficient references", info.sufficients));
		}
	}
	let issuance = Balances::total_issuance();
	if sum != issuance {
		return Err(format!("accounts hold {sum} of {issuance}"));
	}
	Ok(())
}

/// Every channel is settled exactly as far as accepted claims went.
fn channels_are_as_settled(world: &World) -> Result<(), String> {
	for (id, channel) in pallet_usage::Channels::<Runtime>::iter() {
		let known = world.settled.get(&id).copied().unwrap_or_default();
		if known != (channel.settled_seq, channel.settled_total) {
			return Err(format!("a channel is settled to {known:?} by its claims: {channel:?}"));
		}
	}
	Ok(())
}

/// What is locked of a bond covers every batch that can be slashed, and what is kept is exactly that
/// of batches with open demands.
fn bonds_stand_for_batches() -> Result<(), String> {
	use pallet_oracles::locks::{lock_amount, lock_end};

	let ratio: u32 = <Runtime as pallet_oracles::Config>::LockRatio::get();
	let window: BlockNumber = <Runtime as pallet_oracles::Config>::ChallengeWindow::get();
	let mut due = BTreeMap::<AccountId, (Balance, Balance)>::new();
	for (oracle, batch_no, batch) in pallet_usage::Batches::<Runtime>::iter() {
		let charge = pallet_usage::Charges::<Runtime>::get(&oracle, batch_no);
		let lock = lock_amount(batch.accepted_total, ratio).ok_or("no lock is so large")?;
		let (live, kept) = due.entry(oracle).or_default();
		if !charge.slashed && charge.demands > 0 {
			*kept += lock;
		}
		if !charge.slashed && (charge.demands > 0 || now() < lock_end(batch.block, window)) {
			*live += lock;
		}
	}
	for (oracle, (live, kept)) in due {
		let locks = pallet_oracles::Locks::<Runtime>::get(&oracle);
		let (locked, really_kept) = (locks.locked(now()), locks.kept());
		if locked < live || kept != really_kept {
			return Err(format!(
				"{oracle} has {locked} locked and {really_kept} kept for {live} and {kept}"
			));
		}
	}
	Ok(())
}
