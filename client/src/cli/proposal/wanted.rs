//! What can be proposed by name; anything else by its encoded call.

use super::text::{text_of, Text};
use crate::cli::context::Context;
use anyhow::{ensure, Context as _};
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;
use subxt::{
	transactions::Payload,
	utils::{AccountId32, H256},
};
use subxt_signer::sr25519::Keypair;
use usufruct_client::{
	amount::Amount,
	chain::{AtBlock, Chain, ChainError},
	keys,
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			frame_support::traits::preimages::Bounded, pallet_suffrage::origins::Origin,
			usufruct_runtime::OriginCaller,
		},
	},
};
use usufruct_primitives::{domain, BlockNumber, PersonId, VerifierId};

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
		#[arg(long)]
		amount: Amount,
	},
	/// Fund work that is still to be done from the commons fund (track grants)
	Bounty {
		/// How much
		#[arg(long)]
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
		/// Who
		#[arg(long, value_name = "ACCOUNT")]
		curator: String,
	},
	/// Dismiss the curator of a bounty, whose deposit goes to the fund (track grants)
	DismissCurator {
		/// The bounty's number
		bounty: u32,
		/// A part of it
		#[arg(long)]
		part: Option<u32>,
	},
	/// Close a bounty; what is left goes back to the fund (track grants)
	CloseBounty {
		/// The bounty's number
		bounty: u32,
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
			Self::SuspendVerifier { .. }
			| Self::ResumeVerifier { .. }
			| Self::RetireVerifier { .. } => Track::Verifiers,
			Self::Appeal { .. } | Self::Reinstate { .. } | Self::ConfirmSuspension { .. } => {
				Track::Disputes
			},
			Self::Licence { .. } => Track::Licences,
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
