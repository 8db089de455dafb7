//! What a person does on a chain of [many people](crate::people), as calls.

use anyhow::{ensure, Context, Result};
use codec::Encode;
use frame_support::traits::{schedule::DispatchTime, Bounded};
use pallet_personhood::{types::Attestations, AccountOf, Recoveries, Verifiers};
use pallet_referenda::ReferendumCount;
use pallet_suffrage::{Origin, Votes};
use sp_core::{ed25519, sr25519, Pair};
use sp_runtime::MultiSignature;
use usufruct_primitives::{
	personhood::{consent_digest, SignedAttestation},
	PersonId, Purpose,
};
use usufruct_runtime::{
	genesis_presets::verifier_uri, AccountId, Balances, Runtime, RuntimeCall, System,
};

use crate::people::{claimant, nullifier, PER_HEAD, VERIFIERS};

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
	/// The one with all the money.
	Alice,
	/// A person from the middle.
	Claimant,
	/// Nobody signs it.
	Nobody,
}

/// Something that people do, and that costs the same however many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
	/// Somebody claims the dividend.
	Claim,
	/// Somebody is recognised by two verifiers.
	Register,
	/// Somebody votes on a poll for the first time.
	Vote,
	/// Somebody asks to move to another account.
	Recover,
}

impl Act {
	/// All of them.
	pub const ALL: [Self; 4] = [Self::Claim, Self::Register, Self::Vote, Self::Recover];

	/// What it is called in figures.
	pub const fn name(self) -> &'static str {
		match self {
			Self::Claim => "claim",
			Self::Register => "register",
			Self::Vote => "vote",
			Self::Recover => "recover",
		}
	}

	/// What must happen before, in the block it is in.
	///
	/// Reads the state it is to be made on.
	pub fn before(self) -> Result<Option<(By, RuntimeCall)>> {
		if self != Self::Vote {
			return Ok(None);
		}
		let remark = RuntimeCall::from(frame_system::Call::remark { remark: vec![] });
		let proposal = Bounded::Inline(remark.encode().try_into().ok().context("it is short")?);
		let submit = pallet_referenda::Call::<Runtime>::submit {
			proposal_origin: Box::new(Origin::Parameters.into()),
			proposal,
			enactment_moment: DispatchTime::After(0),
		};
		Ok(Some((By::Alice, submit.into())))
	}

	/// The call.
	///
	/// Reads the state it is to be made on, in which what comes before need not have happened.
	pub fn call(self) -> Result<(By, RuntimeCall)> {
		let newcomer = newcomer()?;
		let account = AccountId::from(newcomer.public());
		Ok(match self {
			Self::Claim => (By::Claimant, pallet_dividend::Call::<Runtime>::claim {}.into()),
			Self::Register => {
				let human = pallet_personhood::NextPerson::<Runtime>::get();
				let (attestations, consent) = recognition(Purpose::Register, &newcomer, human, 0)?;
				let call =
					pallet_personhood::Call::<Runtime>::register { account, attestations, consent };
				(By::Nobody, call.into())
			},
			Self::Vote => {
				let call = pallet_suffrage::Call::<Runtime>::vote { poll: 0, aye: true };
				(By::Claimant, call.into())
			},
			Self::Recover => {
				let person = claimant_number()?;
				let (attestations, consent) = recognition(Purpose::Recover, &newcomer, person, 1)?;
				let call = pallet_personhood::Call::<Runtime>::recover {
					person,
					new_account: account,
					attestations,
					consent,
				};
				(By::Nobody, call.into())
			},
		})
	}

	/// Whether it has happened, by the state after it.
	pub fn check(self) -> Result<()> {
		let newcomer = AccountId::from(newcomer()?.public());
		let happened = match self {
			Self::Claim => {
				let account = AccountId::from(claimant()?.public());
				// Nothing was paid for it.
				Balances::free_balance(&account) == PER_HEAD
			},
			Self::Register => AccountOf::<Runtime>::contains_key(&newcomer),
			Self::Vote => {
				ensure!(ReferendumCount::<Runtime>::get() == 1, "there is no poll");
				Votes::<Runtime>::get(0, claimant_number()?) == Some(true)
			},
			Self::Recover => Recoveries::<Runtime>::contains_key(claimant_number()?),
		};
		ensure!(happened, "{self:?} changed nothing");
		Ok(())
	}
}

fn claimant_number() -> Result<PersonId> {
	let account = AccountId::from(claimant()?.public());
	AccountOf::<Runtime>::get(account).context("the claimant is nobody")
}

/// Somebody who is no person yet.
fn newcomer() -> Result<sr25519::Pair> {
	sr25519::Pair::from_string("//Newcomer", None).context("not a secret URI")
}

/// What the verifiers attest about the account of a human, and its consent.
fn recognition(
	purpose: Purpose,
	account: &sr25519::Pair,
	human: u32,
	nonce: u32,
) -> Result<(Attestations, MultiSignature)> {
	let genesis = System::block_hash(0).0;
	let bytes = account.public().0;
	let issued = System::block_number();
	let (mut attestations, mut digests) = (Vec::new(), Vec::new());
	for id in VERIFIERS {
		let verifier = Verifiers::<Runtime>::get(id).context("the preset has no such verifier")?;
		let mut one = SignedAttestation {
			verifier: id,
			nullifier: nullifier(verifier.domain, human),
			class: verifier.class,
			region: 0,
			issued,
			expires: issued + 1_000,
			nonce,
			signature: [0; 64],
		};
		let digest = one.attestation(purpose, bytes).digest(&genesis);
		let key = ed25519::Pair::from_string(&verifier_uri(id as usize), None)?;
		one.signature = key.sign(&digest).0;
		attestations.push(one);
		digests.push(digest);
	}
	let consent = consent_digest(&genesis, purpose, &bytes, nonce, &digests);
	let attestations = attestations.try_into().ok().context("two are few")?;
	Ok((attestations, account.sign(&consent).into()))
}
