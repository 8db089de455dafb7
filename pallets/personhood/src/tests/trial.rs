//! A court, for the tests of what is done in it: Alice is person 0, forty others are of age, and the
//! relayer challenges her.

use super::*;
use crate::{
	dispute::{Case, CaseId, Reason},
	Cases, HoldReason,
};
use frame_support::traits::fungible::InspectHold;
use sp_runtime::AccountId32;

pub const EVIDENCE: [u8; 32] = [7; 32];

pub fn challenge() -> CaseId {
	challenge_for(Reason::Duplicate, EVIDENCE)
}

pub fn challenge_for(reason: Reason, evidence: [u8; 32]) -> CaseId {
	let case = crate::NextCase::<Test>::get();
	assert_ok!(Personhood::challenge(by(&challenger()), 0, reason, evidence));
	case
}

pub fn challenger() -> AccountId32 {
	RELAYER.to_account_id()
}

/// What the challenger has on hold.
pub fn on_hold() -> u128 {
	Balances::balance_on_hold(&HoldReason::Challenge.into(), &challenger())
}

pub fn case(id: CaseId) -> Case {
	Cases::<Test>::get(id).expect("the case is open")
}

/// Alice and the others have been people for long enough.
pub fn town() -> Vec<AccountId32> {
	registered(ALICE, 1);
	let (_, others) = crowd(40);
	close_epochs(5);
	others
}

/// Lets the randomness change so often that a challenge of before can have its jury.
pub fn ripen() {
	new_randomness(1);
	new_randomness(2);
}

/// A challenge whose jury is drawn.
pub fn seated() -> CaseId {
	town();
	let id = challenge();
	ripen();
	assert_ok!(Personhood::draw_jury(by(&challenger()), id));
	id
}

/// The accounts of the jury.
pub fn jurors(id: CaseId) -> Vec<AccountId32> {
	case(id)
		.jury
		.iter()
		.map(|seat| crate::People::<Test>::get(seat.person).expect("a juror is a person").account)
		.collect()
}

/// So many of the jury uphold it, and so many more do not.
pub fn vote(id: CaseId, ayes: usize, nays: usize) {
	for (index, juror) in jurors(id).iter().take(ayes + nays).enumerate() {
		assert_ok!(Personhood::vote_case(by(juror), id, index < ayes));
	}
}

/// The jury votes so, and the votes are counted.
pub fn resolved(id: CaseId, ayes: usize, nays: usize) {
	vote(id, ayes, nays);
	pass(VOTING);
	assert_ok!(Personhood::resolve_case(by(&challenger()), id));
}

/// Where nobody can judge, all people dismiss it.
pub fn dismissed(id: CaseId) {
	ripen();
	assert_ok!(Personhood::draw_jury(by(&challenger()), id));
	assert_ok!(Personhood::decide_appeal(everybody(), id, false));
}

/// So long that whom a dispute has just freed can be challenged again.
pub fn rest() {
	close_epochs(crate::dispute::RESPITE);
}
