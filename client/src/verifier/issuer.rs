//! Whether a human who was recognised gets an attestation, and its signature.
//!
//! One human gets one answer: the same attestation again while it is valid, and none for another
//! account. Who knows nothing of a nullifier but its domain's secret cannot tell whose it is.

use super::{
	attest,
	journal::{Attested, Journal, JournalError},
	nullifier,
	registry::{Registry, RegistryError, Standing},
	AttestationFile,
};
use crate::{keys, sync::lock};
use ed25519_dalek::SigningKey;
use std::sync::{Arc, Mutex};
use tokio::task::spawn_blocking;
use usufruct_primitives::{
	domain, personhood::Attestation, AccountBytes, BlockNumber, Hash, Purpose, VerifierId,
};

/// What a verifier never gives away.
pub struct Secrets {
	/// The key that signs attestations.
	pub key: SigningKey,
	/// What the verifiers of its domain share, and hash evidence with.
	pub domain: [u8; 32],
}

/// What its operator decides.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
	/// The verifier's id.
	pub verifier: VerifierId,
	/// How many humans new to the domain it attests per epoch, beside what the chain allows.
	pub quota: u32,
	/// For how many blocks an attestation is valid.
	pub valid_for: BlockNumber,
}

/// What somebody wants to be attested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
	/// Whose account it is to be.
	pub account: AccountBytes,
	/// What for.
	pub purpose: Purpose,
	/// For a recovery: the account the person has until then, if the domain does not know it.
	pub former: Option<AccountBytes>,
}

/// A human that a method has recognised.
#[derive(Clone, PartialEq, Eq)]
pub struct Human {
	/// What tells this human from all others, for ever. Hashed at once and not kept.
	pub evidence: String,
	/// Where it lives, ISO 3166-1 numeric; 0 is unstated.
	pub region: u16,
}

/// Why there is no attestation.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
	/// The account is a person's.
	#[error("this account is a person's already; ask for a renewal")]
	AlreadyAPerson,
	/// The account is nobody's.
	#[error("this account is no person's yet; ask to be registered")]
	NotAPerson,
	/// The human is a person.
	#[error("you are a person already, with the account {account}; renew with it, or, if its key is lost, ask for a recovery")]
	AnotherAccount {
		/// With that account.
		account: String,
	},
	/// The account is another human's, or the human is another person.
	#[error("this account belongs to another human")]
	AnotherHuman,
	/// The person's recognition was withdrawn.
	#[error("the recognition of this person was withdrawn; only a referendum can give it back")]
	Revoked,
	/// The person to be recovered is not known.
	#[error("nobody here knows you yet; say which account you have lost")]
	WhoseAccount,
	/// The human was attested for something else a moment ago.
	#[error("you were attested for another account or purpose; that holds until block {until}, come again then")]
	AttestedLately {
		/// Until then.
		until: BlockNumber,
	},
	/// No more new people in this epoch.
	#[error("this verifier has attested as many new people as it may before the epoch ends; come again then, or go to another")]
	QuotaExhausted,
	/// The chain stands where an epoch is open that was over when somebody else was attested.
	#[error("the node that this verifier asks is behind what was attested before; try again")]
	NodeBehind,
	/// The chain has another key.
	#[error("the chain knows this verifier by another key; its operator must set that right")]
	WrongKey,
	/// It could not be written down.
	#[error("this verifier cannot attest now; its operator must look at the journal")]
	Journal(#[from] JournalError),
	/// It was not written down to the end.
	#[error("this verifier is stopping; try again")]
	Stopped,
	/// The chain did not answer.
	#[error("the chain cannot be asked now; try again")]
	Registry(#[from] RegistryError),
}

impl Refusal {
	/// Of what kind it is: for programs, and for a log that names nobody. The text is for whoever asks
	/// alone, because it can have a person's account in it.
	pub fn kind(&self) -> &'static str {
		match self {
			Self::AlreadyAPerson => "already-a-person",
			Self::NotAPerson => "not-a-person",
			Self::AnotherAccount { .. } => "another-account",
			Self::AnotherHuman => "another-human",
			Self::Revoked => "revoked",
			Self::WhoseAccount => "whose-account",
			Self::AttestedLately { .. } => "attested-lately",
			Self::QuotaExhausted => "quota-exhausted",
			Self::NodeBehind => "node-behind",
			Self::WrongKey => "wrong-key",
			Self::Journal(_) => "journal",
			Self::Stopped => "stopped",
			Self::Registry(_) => "chain",
		}
	}
}

/// A human who wants to be attested.
struct Case {
	method: String,
	application: Application,
	nullifier: Hash,
	region: u16,
}

/// A verifier's signing desk.
pub struct Issuer {
	secrets: Secrets,
	terms: Terms,
	registry: Box<dyn Registry>,
	journal: Mutex<Journal>,
}

impl Issuer {
	/// The desk of a verifier.
	pub fn new(
		secrets: Secrets,
		terms: Terms,
		registry: Box<dyn Registry>,
		journal: Journal,
	) -> Self {
		Self { secrets, terms, registry, journal: Mutex::new(journal) }
	}

	/// What its operator decided.
	pub fn terms(&self) -> &Terms {
		&self.terms
	}

	/// A keyed hash with the domain's secret.
	pub fn keyed(&self, text: &str) -> Hash {
		nullifier(&self.secrets.domain, text)
	}

	/// Attests a human whom `method` has recognised.
	pub async fn attest(
		self: &Arc<Self>,
		method: &str,
		application: &Application,
		human: &Human,
	) -> Result<AttestationFile, Refusal> {
		let case = Arc::new(Case {
			method: method.into(),
			application: application.clone(),
			nullifier: self.keyed(&human.evidence),
			region: human.region,
		});
		match self.look(&case).await {
			// The epoch ended while the chain was asked.
			Err(Refusal::NodeBehind) => self.look(&case).await,
			decided => decided,
		}
	}

	/// Asks the chain, and decides.
	async fn look(self: &Arc<Self>, case: &Arc<Case>) -> Result<AttestationFile, Refusal> {
		let Application { account, former, .. } = &case.application;
		let standing = self.registry.standing(case.nullifier, *account, *former).await?;
		let (issuer, case) = (Arc::clone(self), Arc::clone(case));
		// It writes to the disk, for which the next one waits as well.
		let decided = spawn_blocking(move || issuer.decide(&case, &standing)).await;
		decided.map_err(|_| Refusal::Stopped)?
	}

	/// Blocks.
	fn decide(&self, case: &Case, standing: &Standing) -> Result<AttestationFile, Refusal> {
		let Case { method, application, nullifier, region } = case;
		if standing.key != self.secrets.key.verifying_key().to_bytes() {
			return Err(Refusal::WrongKey);
		}
		let nonce = nonce(application, standing)?;
		let account = self.account_tag(&application.account);
		// One at a time: two at once could both find the quota free.
		let mut journal = lock(&self.journal);
		let seen = journal.contents();
		let last = seen.last(nullifier).filter(|last| standing.block < last.expires);
		if let Some(last) = last {
			if last.account != account || last.purpose != application.purpose {
				return Err(Refusal::AttestedLately { until: last.expires });
			}
			if last.nonce == nonce && last.verifier == self.terms.verifier {
				return Ok(self.sign(application.account, last, standing));
			}
		}
		let new = standing.known.is_none() && !standing.removed;
		// How many were new in an epoch that is over is not known any more.
		if new && standing.epoch < seen.epoch() {
			return Err(Refusal::NodeBehind);
		}
		if new && !seen.counted(standing.epoch, nullifier) {
			let used = seen.new_in(standing.epoch);
			if used >= self.terms.quota || standing.quota_left == 0 {
				return Err(Refusal::QuotaExhausted);
			}
		}
		let attested = Attested {
			verifier: self.terms.verifier,
			method: method.clone(),
			purpose: application.purpose,
			nullifier: *nullifier,
			account,
			region: *region,
			issued: standing.block,
			expires: standing.block.saturating_add(self.terms.valid_for),
			nonce,
			epoch: standing.epoch,
			new,
		};
		journal.append(attested.clone())?;
		Ok(self.sign(application.account, &attested, standing))
	}

	fn sign(
		&self,
		account: AccountBytes,
		attested: &Attested,
		standing: &Standing,
	) -> AttestationFile {
		let attestation = Attestation {
			purpose: attested.purpose,
			verifier: attested.verifier,
			account,
			nullifier: attested.nullifier,
			class: standing.class,
			region: attested.region,
			issued: attested.issued,
			expires: attested.expires,
			nonce: attested.nonce,
		};
		attest(&self.secrets.key, &self.registry.genesis(), &attestation)
	}

	/// What an account is known by in the journal.
	fn account_tag(&self, account: &AccountBytes) -> Hash {
		let bytes = [b"usufruct/account".as_slice(), &self.secrets.domain, account].concat();
		domain::hash(&bytes)
	}
}

/// The counter that the attestation must carry, if the chain would take it.
fn nonce(application: &Application, standing: &Standing) -> Result<u32, Refusal> {
	let Standing { person, known, former, .. } = standing;
	let another = || match known {
		Some(known) => Refusal::AnotherAccount { account: keys::address(&known.account) },
		None => Refusal::AnotherHuman,
	};
	let counter = match application.purpose {
		Purpose::Register => {
			if person.is_some() {
				return Err(Refusal::AlreadyAPerson);
			}
			if standing.removed {
				return Err(Refusal::Revoked);
			}
			return match known {
				None => Ok(0),
				Some(_) => Err(another()),
			};
		},
		Purpose::Renew => {
			let person = person.as_ref().ok_or(Refusal::NotAPerson)?;
			if standing.removed || known.as_ref().is_some_and(|known| known.person != person.person)
			{
				return Err(another());
			}
			person
		},
		Purpose::Recover => {
			if person.is_some() {
				return Err(Refusal::AlreadyAPerson);
			}
			let whose = known.as_ref().or(former.as_ref()).ok_or(Refusal::WhoseAccount)?;
			let named = former.as_ref().map(|former| former.person);
			if standing.removed || named.is_some_and(|named| named != whose.person) {
				return Err(Refusal::AnotherHuman);
			}
			whose
		},
	};
	match counter.revoked {
		true => Err(Refusal::Revoked),
		false => Ok(counter.nonce),
	}
}

#[cfg(test)]
pub(crate) mod tests;
