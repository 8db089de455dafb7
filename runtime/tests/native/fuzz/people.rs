//! People, those who recognise them, and what they are due.

use super::{
	dice::Dice,
	market::{root, signed},
	world::{Caller, Move, World},
};
use crate::{
	chain::now,
	keys::{account, attest, bystander, consent, human_of, key, Use, CROWD},
};
use codec::Encode;
use pallet_personhood::{types::Verifier, Call};
use usufruct_primitives::{
	domain::hash, personhood::SignedAttestation, Class, DomainId, Hash, PersonId, Purpose,
	VerifierId, UFR,
};
use usufruct_runtime::{AccountId, Runtime, EXISTENTIAL_DEPOSIT};

type People = pallet_personhood::People<Runtime>;

/// What a domain knows a human by.
fn nullifier(human: usize, domain: DomainId) -> Hash {
	hash(&(human as u32, domain).encode())
}

/// A person whose record is there.
pub(super) fn some_person(dice: &mut Dice) -> Option<(PersonId, pallet_personhood::types::Person)> {
	let mut people: Vec<_> = People::iter_keys().collect();
	people.sort_unstable();
	let person = *dice.pick(&people)?;
	Some((person, People::get(person)?))
}

/// As many verifiers of different domains and operators as a quorum has, or one more.
fn quorum(dice: &mut Dice) -> Vec<(VerifierId, Verifier)> {
	let count = pallet_personhood::Quorum::<Runtime>::get() as usize + usize::from(dice.rarely());
	let all = pallet_personhood::NextVerifier::<Runtime>::get();
	let first = dice.below(all as usize) as u32;
	let mut chosen = Vec::<(VerifierId, Verifier)>::new();
	for nth in 0..all {
		let id = (first + nth) % all;
		let Some(verifier) = pallet_personhood::Verifiers::<Runtime>::get(id) else { continue };
		let independent = chosen.iter().all(|(_, other)| {
			other.domain != verifier.domain && other.operator != verifier.operator
		});
		if independent && !verifier.retired && chosen.len() < count {
			chosen.push((id, verifier));
		}
	}
	chosen.sort_by_key(|(id, _)| *id);
	chosen
}

/// What a quorum attests about an account that belongs to this human.
fn attestations(
	purpose: Purpose,
	who: &AccountId,
	human: usize,
	nonce: u32,
	dice: &mut Dice,
) -> Option<Vec<SignedAttestation>> {
	let region = u16::from(dice.byte());
	quorum(dice)
		.into_iter()
		.map(|(id, verifier)| {
			let unsigned = SignedAttestation {
				verifier: id,
				nullifier: nullifier(human, verifier.domain),
				class: verifier.class,
				region,
				issued: now(),
				expires: now().saturating_add(1_000),
				nonce,
				signature: [0; 64],
			};
			attest(&verifier.key, unsigned, purpose, who)
		})
		.collect()
}

/// Sometimes two accounts are one human's.
fn human_behind(who: &AccountId, dice: &mut Dice) -> usize {
	let own = human_of(who).unwrap_or_default();
	if dice.rarely() {
		dice.below(8)
	} else {
		own
	}
}

pub fn register(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (relayer, who) = (account(dice.below(8)), account(dice.below(8)));
	let human = human_behind(&who, dice);
	let attestations = attestations(Purpose::Register, &who, human, 0, dice)?;
	let consent = consent(Purpose::Register, &who, 0, &attestations, dice.below(3))?;
	let attestations = attestations.try_into().ok()?;
	signed(relayer, Call::register { account: who, attestations, consent })
}

/// Everybody of the crowd is recognised, if they can be.
pub fn crowd(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let relayer = account(dice.below(6));
	let calls = (0..CROWD)
		.map(|nth| {
			let who = bystander(nth);
			let human = human_of(&who)?;
			let attestations = attestations(Purpose::Register, &who, human, 0, dice)?;
			let consent = consent(Purpose::Register, &who, 0, &attestations, 0)?;
			let attestations = attestations.try_into().ok()?;
			Some(Call::<Runtime>::register { account: who, attestations, consent }.into())
		})
		.collect::<Option<_>>()?;
	signed(relayer, pallet_utility::Call::<Runtime>::force_batch { calls })
}

pub fn renew(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let relayer = account(dice.below(8));
	let (_, person) = some_person(dice)?;
	let (who, nonce) = (person.account, person.nonce);
	let human = human_behind(&who, dice);
	let attestations = attestations(Purpose::Renew, &who, human, nonce, dice)?;
	let consent = consent(Purpose::Renew, &who, nonce, &attestations, dice.below(3))?;
	let attestations = attestations.try_into().ok()?;
	signed(relayer, Call::renew { account: who, attestations, consent })
}

pub fn revoke(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::revoke { person: some_person(dice)?.0 })
}

pub fn remove(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	signed(caller, Call::remove { person: some_person(dice)?.0 })
}

pub fn add_domain(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let name = format!("domain {}", dice.byte()).into_bytes();
	root(Call::add_domain { name: name.try_into().ok()? })
}

pub fn add_verifier(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let domains = pallet_personhood::Domains::<Runtime>::get().len();
	let next = pallet_personhood::NextVerifier::<Runtime>::get();
	root(Call::add_verifier {
		domain: dice.below(domains) as DomainId,
		operator: account(dice.below(8)),
		class: Class::Document,
		key: key(Use::Verifier, next as usize),
		quota: u32::from(dice.byte()),
	})
}

pub fn set_quorum(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::set_quorum { k: 2 + dice.below(4) as u32 })
}

pub fn retire_verifier(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let all = pallet_personhood::NextVerifier::<Runtime>::get();
	root(Call::retire_verifier { verifier: dice.below(all as usize) as VerifierId })
}

pub fn claim(_: &mut World, dice: &mut Dice) -> Option<Move> {
	signed(some_person(dice)?.1.account, pallet_dividend::Call::claim {})
}

pub fn claim_for(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (person, _) = some_person(dice)?;
	Some(Move {
		caller: Caller::Nobody,
		call: pallet_dividend::Call::<Runtime>::claim_for { person }.into(),
	})
}

/// Into a channel of the person's, if it has one.
pub fn claim_to_channel(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (_, person) = some_person(dice)?;
	let own: Vec<_> = world
		.lines
		.iter()
		.filter(|line| line.opening.consumer == person.account || dice.rarely())
		.map(|line| line.id)
		.collect();
	let channel = *dice.pick(&own)?;
	signed(person.account, pallet_dividend::Call::claim_to_channel { channel })
}

pub fn set_payout(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (_, person) = some_person(dice)?;
	let account = account(dice.below(8));
	signed(person.account, pallet_dividend::Call::set_payout { account })
}

pub fn set_claims_alone(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (_, person) = some_person(dice)?;
	let alone = dice.byte() < 128;
	signed(person.account, pallet_dividend::Call::set_claims_alone { alone })
}

pub fn donate(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let donor = account(dice.below(8));
	signed(donor, pallet_dividend::Call::donate { amount: dice.amount(20 * UFR) })
}

pub fn pause(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(pallet_dividend::Call::pause { blocks: 1 + u32::from(dice.byte()) })
}

pub fn resume(_: &mut World, _: &mut Dice) -> Option<Move> {
	root(pallet_dividend::Call::resume {})
}

pub fn set_params(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let params = pallet_dividend::Parameters {
		epoch_length: 5 + u32::from(dice.byte() % 32),
		claim_window: 1 + u32::from(dice.byte() % 12),
		term: 1 + u32::from(dice.byte() % 32),
		min_per_head: EXISTENTIAL_DEPOSIT,
		min_people: 1 + u32::from(dice.byte() % 4),
	};
	root(pallet_dividend::Call::set_params { params })
}

pub fn set_bonus(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(pallet_dividend::Call::set_bonus { parts: 1_000 * u32::from(dice.byte()) })
}

fn some_verifier(dice: &mut Dice) -> Option<(VerifierId, Verifier)> {
	let all = pallet_personhood::NextVerifier::<Runtime>::get();
	let id = dice.below(all as usize) as VerifierId;
	Some((id, pallet_personhood::Verifiers::<Runtime>::get(id)?))
}

pub fn post_bond(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (verifier, record) = some_verifier(dice)?;
	signed(record.operator, Call::post_bond { verifier, amount: dice.amount(2_000 * UFR) })
}

pub fn withdraw_bond(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (verifier, record) = some_verifier(dice)?;
	signed(record.operator, Call::withdraw_bond { verifier })
}

pub fn suspend_verifier(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::suspend_verifier { verifier: some_verifier(dice)?.0 })
}

/// By its operator.
pub fn stop_verifier(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (verifier, record) = some_verifier(dice)?;
	signed(record.operator, Call::suspend_verifier { verifier })
}

pub fn resume_verifier(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::resume_verifier { verifier: some_verifier(dice)?.0 })
}

pub fn confirm_suspension(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::confirm_suspension { verifier: some_verifier(dice)?.0 })
}

/// The human moves to another account.
pub fn recover(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let relayer = account(dice.below(8));
	let (id, person) = some_person(dice)?;
	let (new, nonce) = (account(dice.below(8)), person.nonce);
	let human = human_behind(&person.account, dice);
	let attestations = attestations(Purpose::Recover, &new, human, nonce, dice)?;
	let consent = consent(Purpose::Recover, &new, nonce, &attestations, dice.below(3))?;
	let attestations = attestations.try_into().ok()?;
	signed(relayer, Call::recover { person: id, new_account: new, attestations, consent })
}

pub fn veto(_: &mut World, dice: &mut Dice) -> Option<Move> {
	signed(some_person(dice)?.1.account, Call::veto {})
}

pub fn complete_recovery(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	signed(caller, Call::complete_recovery { person: some_person(dice)?.0 })
}

pub fn reinstate(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::reinstate { person: some_person(dice)?.0 })
}

pub fn open_programme(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let share = 1_000 * (1 + u32::from(dice.byte() % 200));
	let epochs = 1 + u32::from(dice.byte() % 16);
	// Now and then too few.
	let least = pallet_dividend::Params::<Runtime>::get().min_people;
	let min_people = least + u32::from(dice.byte() % 3) - u32::from(dice.rarely());
	let regions = if dice.rarely() { vec![u16::from(dice.byte())] } else { Vec::new() };
	root(pallet_dividend::Call::open_programme {
		share,
		classes: Default::default(),
		regions: regions.try_into().ok()?,
		epochs,
		min_people,
	})
}

fn some_programme(dice: &mut Dice) -> u32 {
	dice.below(pallet_dividend::NextProgramme::<Runtime>::get() as usize) as u32
}

pub fn join_programme(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let who = some_person(dice)?.1.account;
	signed(who, pallet_dividend::Call::join_programme { programme: some_programme(dice) })
}

pub fn leave_programme(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let caller = account(dice.below(8));
	let person = some_person(dice)?.0;
	let programme = some_programme(dice);
	signed(caller, pallet_dividend::Call::leave_programme { programme, person })
}

pub fn end_programme(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(pallet_dividend::Call::end_programme { programme: some_programme(dice) })
}

pub fn claim_programme(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let who = some_person(dice)?.1.account;
	signed(who, pallet_dividend::Call::claim_programme { programme: some_programme(dice) })
}
