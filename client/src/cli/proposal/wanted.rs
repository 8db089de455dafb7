//! What can be proposed by name; anything else by its encoded call.

use super::text::{text_of, Text};
use crate::cli::context::{parse_hash, Context};
use anyhow::{bail, ensure, Context as _};
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;
use subxt::{
	transactions::Payload,
	utils::{AccountId32, Static, H256},
};
use subxt_signer::sr25519::Keypair;
use usufruct_client::{
	amount::Amount,
	chain::{AtBlock, Chain, ChainError},
	keys,
	output::hex0x,
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			frame_support::traits::preimages::Bounded, pallet_suffrage::origins::Origin,
			usufruct_runtime::OriginCaller,
		},
	},
	state,
};
use usufruct_primitives::{
	domain, keys::is_valid_ed25519, BlockNumber, Class, DomainId, PersonId, PublicKey, VerifierId,
};

/// The longest call that stands in a poll itself; a longer one is noted before.
const INLINE: usize = 128;

#[derive(Subcommand)]
pub enum Wanted {
	/// Pause claims of the dividend (track pause)
	PauseDividend {
		/// For how many blocks, three days at most
		blocks: BlockNumber,
	},
	/// End a pause of the dividend (track pause)
	ResumeDividend,
	/// Pay somebody from the commons fund (track grants)
	Grant {
		/// Who is paid
		#[arg(long, value_name = "ACCOUNT")]
		to: String,
		/// How much
		#[arg(long, value_name = "AMOUNT")]
		amount: Amount,
	},
	/// Fund work that is still to be done from the commons fund (track grants)
	Bounty {
		/// How much
		#[arg(long, value_name = "AMOUNT")]
		value: Amount,
		/// Who decides whom it pays
		#[arg(long, value_name = "ACCOUNT")]
		curator: String,
		/// A file with what is to be done; it stands on the chain
		#[arg(long, value_name = "FILE")]
		text: PathBuf,
	},
	/// Name another curator of a bounty that has none (track grants)
	Curator {
		/// The bounty's number
		bounty: u32,
		/// The new curator
		#[arg(long, value_name = "ACCOUNT")]
		curator: String,
	},
	/// Dismiss the curator of a bounty, whose deposit goes to the fund (track grants)
	DismissCurator {
		/// The bounty's number
		bounty: u32,
		/// The number of a part of it, if that is meant and not the whole
		#[arg(long)]
		part: Option<u32>,
	},
	/// Close a bounty; what is left goes back to the fund (track grants)
	CloseBounty {
		/// The bounty's number
		bounty: u32,
	},
	/// Admit a domain: verifiers who share a secret, and of whom one counts for a person (track verifiers)
	AddDomain {
		/// What people call it
		name: String,
	},
	/// Admit a verifier, who attests people once it has a bond (track verifiers)
	AddVerifier {
		/// The domain's id
		#[arg(long)]
		domain: DomainId,
		/// Who runs it, and puts up its bond
		#[arg(long, value_name = "ACCOUNT")]
		operator: String,
		/// How it recognises people
		#[arg(long, value_enum)]
		class: ClassName,
		/// The ed25519 public key that signs its attestations, 32 bytes in hex
		#[arg(long, value_name = "HEX", value_parser = parse_hash)]
		key: PublicKey,
		/// How many new people it may attest in an epoch, if its bond allows as many
		#[arg(long, value_name = "PEOPLE")]
		quota: u32,
	},
	/// Make an account with session keys a validator (track validators)
	AdmitValidator {
		/// Its account
		#[arg(value_name = "ACCOUNT")]
		validator: String,
	},
	/// Let a validator author blocks no more (track validators)
	DismissValidator {
		/// Its account
		#[arg(value_name = "ACCOUNT")]
		validator: String,
	},
	/// End a programme with the epoch that is open then (track parameters)
	EndProgramme {
		/// Its number
		programme: u32,
	},
	/// Bar a verifier from attesting for eight epochs (track verifiers)
	SuspendVerifier {
		/// Its id
		verifier: VerifierId,
	},
	/// End a verifier's suspension (track verifiers)
	ResumeVerifier {
		/// Its id
		verifier: VerifierId,
	},
	/// Bar a verifier for ever (track verifiers)
	RetireVerifier {
		/// Its id
		verifier: VerifierId,
	},
	/// Decide a dispute on appeal (track disputes)
	Appeal {
		/// The dispute's number
		case: u32,
		/// Whether the challenge is right
		#[arg(long, action = clap::ArgAction::Set)]
		uphold: bool,
	},
	/// Give a revoked person its recognition back (track disputes)
	Reinstate {
		/// The person's id
		person: PersonId,
	},
	/// Make a verifier's suspension last (track disputes)
	ConfirmSuspension {
		/// Its id
		verifier: VerifierId,
	},
	/// Let a licence be used, or no more (track licences)
	Licence {
		/// SPDX expression
		licence: String,
		/// Whether it may be used
		#[arg(long, action = clap::ArgAction::Set)]
		allowed: bool,
	},
	/// Authorise a new runtime, by the hash of its code (track upgrade)
	Upgrade {
		/// The file with the code
		#[arg(value_name = "FILE")]
		code: PathBuf,
	},
	/// Any other call, encoded as wallets show it
	Call {
		/// Its bytes in hex
		#[arg(value_name = "HEX")]
		call: String,
		/// The track
		#[arg(long, value_enum)]
		track: Track,
	},
}

/// [`Class`], as it is said on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub enum ClassName {
	/// By an official document
	Document,
	/// By meeting in person
	InPerson,
	/// By a biometric
	Biometric,
	/// By a community that vouches
	Community,
}

impl From<ClassName> for Class {
	fn from(name: ClassName) -> Self {
		match name {
			ClassName::Document => Self::Document,
			ClassName::InPerson => Self::InPerson,
			ClassName::Biometric => Self::Biometric,
			ClassName::Community => Self::Community,
		}
	}
}

/// [`Origin`], as it is said on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub enum Track {
	/// Parameters within their bounds
	Parameters,
	/// Grants from the commons fund
	Grants,
	/// Who verifies people
	Verifiers,
	/// The licences that models may have
	Licences,
	/// The validators
	Validators,
	/// A new runtime
	Upgrade,
	/// Stopping calls for a while
	Pause,
	/// Disputes and appeals
	Disputes,
}

impl Wanted {
	fn track(&self) -> Track {
		match self {
			Self::PauseDividend { .. } | Self::ResumeDividend => Track::Pause,
			Self::Grant { .. }
			| Self::Bounty { .. }
			| Self::Curator { .. }
			| Self::DismissCurator { .. }
			| Self::CloseBounty { .. } => Track::Grants,
			Self::AddDomain { .. }
			| Self::AddVerifier { .. }
			| Self::SuspendVerifier { .. }
			| Self::ResumeVerifier { .. }
			| Self::RetireVerifier { .. } => Track::Verifiers,
			Self::Appeal { .. } | Self::Reinstate { .. } | Self::ConfirmSuspension { .. } => {
				Track::Disputes
			},
			Self::Licence { .. } => Track::Licences,
			Self::AdmitValidator { .. } | Self::DismissValidator { .. } => Track::Validators,
			Self::EndProgramme { .. } => Track::Parameters,
			Self::Upgrade { .. } => Track::Upgrade,
			Self::Call { track, .. } => *track,
		}
	}

	/// The origin that it is to be done with.
	pub fn origin(&self) -> OriginCaller {
		OriginCaller::Suffrage(match self.track() {
			Track::Parameters => Origin::Parameters,
			Track::Grants => Origin::Grants,
			Track::Verifiers => Origin::Verifiers,
			Track::Licences => Origin::Licences,
			Track::Validators => Origin::Validators,
			Track::Upgrade => Origin::Upgrade,
			Track::Pause => Origin::Pause,
			Track::Disputes => Origin::Disputes,
		})
	}

	/// The text that has to be noted on the chain before.
	pub fn text(&self) -> anyhow::Result<Option<Text>> {
		match self {
			Self::Bounty { text, .. } => text_of(text).map(Some),
			_ => Ok(None),
		}
	}

	/// Fails if it could not be done as things are: a poll takes weeks, and is then for nothing.
	pub async fn check(&self, at: &AtBlock) -> anyhow::Result<()> {
		match self {
			Self::AddDomain { name } => {
				ensure!(!name.is_empty(), "a domain has a name");
				let domains = state::domains(at).await?;
				ensure!(!domains.contains(name), "there is a domain '{name}' already");
			},
			Self::AddVerifier { domain, key, .. } => {
				let domains = state::domains(at).await?;
				ensure!(
					(*domain as usize) < domains.len(),
					"there is no domain {domain}, only {}; propose it first: add-domain",
					domains.len()
				);
				ensure!(is_valid_ed25519(key), "{} is no ed25519 public key", hex0x(key));
				let verifiers = state::verifiers(at).await?;
				let other = verifiers.iter().find(|it| it.key == *key);
				if let Some(other) = other {
					bail!("verifier {} has this key; each has its own", other.verifier);
				}
			},
			_ => {},
		}
		Ok(())
	}

	/// The call, encoded.
	pub fn call(&self, at: &AtBlock) -> anyhow::Result<Vec<u8>> {
		let calls = runtime::transactions();
		let (people, bounties) = (calls.personhood(), calls.bounties());
		let address = |account: &str| {
			Ok::<_, keys::KeyError>(AccountId32(keys::parse_account(account)?).into())
		};
		Ok(match self {
			Self::PauseDividend { blocks } => encoded(at, &calls.dividend().pause(*blocks))?,
			Self::ResumeDividend => encoded(at, &calls.dividend().resume())?,
			Self::Grant { to, amount } => {
				let to = AccountId32(keys::parse_account(to)?);
				encoded(at, &calls.treasury().spend((), amount.0, to, None))?
			},
			Self::Bounty { value, curator, text } => {
				let text = H256(text_of(text)?.hash());
				encoded(at, &bounties.fund_bounty((), value.0, address(curator)?, text))?
			},
			Self::Curator { bounty, curator } => {
				encoded(at, &bounties.propose_curator(*bounty, None, address(curator)?))?
			},
			Self::DismissCurator { bounty, part } => {
				encoded(at, &bounties.unassign_curator(*bounty, *part))?
			},
			Self::CloseBounty { bounty } => encoded(at, &bounties.close_bounty(*bounty, None))?,
			Self::AddDomain { name } => {
				let name = BoundedVec(name.clone().into_bytes());
				encoded(at, &people.add_domain(name))?
			},
			Self::AddVerifier { domain, operator, class, key, quota } => {
				let operator = AccountId32(keys::parse_account(operator)?);
				let class = Static((*class).into());
				encoded(at, &people.add_verifier(*domain, operator, class, *key, *quota))?
			},
			Self::AdmitValidator { validator } => {
				let validator = AccountId32(keys::parse_account(validator)?);
				encoded(at, &calls.validators().admit(validator))?
			},
			Self::DismissValidator { validator } => {
				let validator = AccountId32(keys::parse_account(validator)?);
				encoded(at, &calls.validators().dismiss(validator))?
			},
			Self::EndProgramme { programme } => {
				encoded(at, &calls.dividend().end_programme(*programme))?
			},
			Self::SuspendVerifier { verifier } => encoded(at, &people.suspend_verifier(*verifier))?,
			Self::ResumeVerifier { verifier } => encoded(at, &people.resume_verifier(*verifier))?,
			Self::RetireVerifier { verifier } => encoded(at, &people.retire_verifier(*verifier))?,
			Self::Appeal { case, uphold } => encoded(at, &people.decide_appeal(*case, *uphold))?,
			Self::Reinstate { person } => encoded(at, &people.reinstate(*person))?,
			Self::ConfirmSuspension { verifier } => {
				encoded(at, &people.confirm_suspension(*verifier))?
			},
			Self::Licence { licence, allowed } => {
				let licence = BoundedVec(licence.clone().into_bytes());
				encoded(at, &calls.models().set_licence(licence, *allowed))?
			},
			Self::Upgrade { code } => {
				let bytes = std::fs::read(code)
					.with_context(|| format!("cannot read {}", code.display()))?;
				let hash = H256(domain::hash(&bytes));
				encoded(at, &calls.suffrage().authorise_upgrade(hash))?
			},
			Self::Call { call, .. } => {
				let text = call.strip_prefix("0x").unwrap_or(call);
				let bytes = hex::decode(text).context("the call is no hex")?;
				ensure!(
					at.transactions().from_call_data_bytes(&bytes).is_ok(),
					"these bytes are no call of this chain"
				);
				bytes
			},
		})
	}
}

fn encoded<Call: Payload>(at: &AtBlock, call: &Call) -> Result<Vec<u8>, ChainError> {
	Ok(at.transactions().call_data(call)?)
}

/// A call as a poll takes it; a long one is noted on the chain first, with a deposit.
pub async fn bounded<T, H>(
	context: &Context,
	chain: &Chain,
	signer: &Keypair,
	call: Vec<u8>,
) -> anyhow::Result<Bounded<T, H>> {
	if call.len() <= INLINE {
		return Ok(Bounded::Inline(BoundedVec(call)));
	}
	let (hash, len) = (H256(domain::hash(&call)), u32::try_from(call.len())?);
	let note = runtime::transactions().preimage().note_preimage(call);
	context.submit(chain, &note, signer).await?;
	Ok(Bounded::Lookup { hash, len })
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	const KEY: &str = "0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

	#[derive(Parser)]
	struct Line {
		#[command(subcommand)]
		what: Wanted,
	}

	fn wanted(line: &str) -> Option<Wanted> {
		Line::try_parse_from(["proposal"].into_iter().chain(line.split(' '))).ok().map(|it| it.what)
	}

	#[test]
	fn verifiers_and_domains_are_proposed_on_their_track() {
		let line = format!(
			"add-verifier --domain 2 --operator {} --class in-person --key {KEY} --quota 50",
			keys::address(&[7; 32])
		);
		let what = wanted(&line).unwrap();
		assert!(matches!(what.track(), Track::Verifiers));
		let Wanted::AddVerifier { domain, class, key, quota, .. } = what else { panic!("{line}") };
		assert_eq!((domain, Class::from(class), quota), (2, Class::InPerson, 50));
		assert_eq!(hex0x(key), KEY);
		assert!(matches!(wanted("add-domain banks").unwrap().track(), Track::Verifiers));
	}

	#[test]
	fn validators_and_programmes_are_proposed_on_their_tracks() {
		for line in ["admit-validator X", "dismiss-validator X"] {
			assert!(matches!(wanted(line).unwrap().track(), Track::Validators));
		}
		assert!(matches!(wanted("end-programme 3").unwrap().track(), Track::Parameters));
	}

	#[test]
	fn what_is_half_said_is_refused() {
		for line in [
			"add-domain",
			"add-verifier",
			"add-verifier --domain 2 --operator x --class in-person --quota 50",
			"add-verifier --domain 2 --operator x --class in-person --key 0x01 --quota 50",
			"add-verifier --domain -1 --operator x --class in-person --key KEY --quota 50",
			"add-verifier --domain 2 --operator x --class friendly --key KEY --quota 50",
		] {
			assert!(wanted(&line.replace("KEY", KEY)).is_none(), "{line}");
		}
	}
}
