//! `usufruct person`.

use super::{
	context::{included, Context},
	verifier::Attest,
};
use anyhow::{bail, ensure, Context as _};
use clap::{Args, Subcommand};
use std::{
	fs,
	path::{Path, PathBuf},
};
use subxt::{
	transactions::Payload,
	utils::{AccountId32, Static},
};
use usufruct_client::{
	chain::{Chain, Included},
	keys,
	output::Facts,
	runtime::{
		self,
		personhood::events,
		runtime_types::{bounded_collections::bounded_vec::BoundedVec, sp_runtime::MultiSignature},
	},
	state,
	verifier::{consent, for_call, AttestationFile},
};
use usufruct_primitives::{
	personhood::SignedAttestation, AccountBytes, BlockNumber, PersonId, Purpose,
};

#[derive(Subcommand)]
pub enum Command {
	/// Attest that an account belongs to a human (for verifiers; the same as `verifier attest`)
	///
	/// USUFRUCT_VERIFIER_SECRET holds the verifier's ed25519 key; USUFRUCT_DOMAIN_SECRET the 32 bytes in
	/// hex that the verifiers of its domain share, with which the evidence is hashed.
	Attest(Attest),
	/// Be recognised as a person by the attestations of several verifiers
	///
	/// The person's key (--keystore or USUFRUCT_SECRET) signs consent. Nobody signs the transaction and
	/// nobody pays for it: the attestations speak for themselves.
	Register(Recognition),
	/// Be recognised for a further term
	Renew(Recognition),
	/// Move your person to a new account, whose key signs: verifiers attest that the same human stands
	/// there. One that was vetoed is asked for anew with a verifier of one more domain, and cannot be
	/// vetoed then
	Recover(Recover),
	/// Complete a recovery that can be vetoed no longer; anybody may, for nothing
	CompleteRecovery {
		/// The person's id
		person: PersonId,
	},
	/// End the recovery of your person that somebody else has asked for; free, once
	Veto,
	/// The recovery of a person that is pending
	Recovery {
		/// The person's id
		person: PersonId,
	},
	/// Whether an account is a person's, and until when
	Status {
		/// The account; otherwise the one that signs
		account: Option<String>,
	},
}

/// Attestations, and who submits them.
#[derive(Args)]
pub struct Recognition {
	/// An attestation, as `verifier attest` or a verifier's service wrote it; once for each verifier
	#[arg(long = "attestation", value_name = "FILE", required = true)]
	attestations: Vec<PathBuf>,
	/// The environment variable with the secret URI of an account that submits it instead; it
	/// advances the fee, which is returned
	#[arg(long, value_name = "NAME")]
	relayer_secret_env: Option<String>,
}

/// A person that is to move to the account that signs.
#[derive(Args)]
pub struct Recover {
	#[command(flatten)]
	recognition: Recognition,
	/// The person's id
	#[arg(long, required_unless_present = "former")]
	person: Option<PersonId>,
	/// Or the account that the person has until now
	#[arg(long, value_name = "ACCOUNT", conflicts_with = "person")]
	former: Option<String>,
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let calls = runtime::transactions().personhood();
		match self {
			Self::Attest(attest) => attest.run(context).await,
			Self::Register(recognition) => recognition.register(context).await,
			Self::Renew(recognition) => recognition.renew(context).await,
			Self::Recover(recover) => recover.run(context).await,
			Self::CompleteRecovery { person } => {
				let chain = context.chain().await?;
				let call = calls.complete_recovery(person);
				let done = context.submit_general(&chain, &call).await?;
				let event: events::PersonRecovered = done.event("Personhood.PersonRecovered")?;
				let facts = Facts::new()
					.and("person", event.person)
					.account("from", event.old.0)
					.account("to", event.new.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Veto => {
				let chain = context.chain().await?;
				let done = context.submit(&chain, &calls.veto(), &context.signer()?).await?;
				let event: events::RecoveryVetoed = done.event("Personhood.RecoveryVetoed")?;
				let facts = Facts::new()
					.and("person", event.person)
					.account("account", event.account.0)
					.account("refused", event.new_account.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Recovery { person } => {
				let at = context.chain().await?.finalised().await?;
				let facts = Facts::new().and("person", person);
				context.print(&match state::recovery(&at, person).await? {
					Some(pending) => facts
						.and("pending", true)
						.account("new_account", pending.account)
						.and("completes_at", pending.ready_at)
						.and("block", at.block_number()),
					None => facts.and("pending", false),
				})
			},
			Self::Status { account } => {
				let account = context.account_or_signer(account.as_deref())?;
				let at = context.chain().await?.finalised().await?;
				let facts = Facts::new().account("account", account);
				context.print(&match state::person(&at, &account).await? {
					Some(person) => facts
						.and("recognised", !person.revoked)
						.and("person", person.person)
						.and("nonce", person.nonce)
						.and("from_epoch", person.from)
						.and("until_epoch", person.until)
						.and("may_claim", person.may_claim)
						.and("needs_attestation", person.needs_attestation)
						.and("frozen_by_dispute", person.frozen_by),
					None => facts.and("recognised", false),
				})
			},
		}
	}
}

/// What goes on the chain for a person.
struct Signed {
	account: AccountBytes,
	attestations: BoundedVec<Static<SignedAttestation>>,
	consent: MultiSignature,
}

impl Recognition {
	/// Checks the attestations, and signs consent to them.
	async fn sign(
		&self,
		context: &Context,
		chain: &Chain,
		purpose: Purpose,
		nonce: u32,
	) -> anyhow::Result<Signed> {
		let key = context.signer()?;
		let account = key.public_key().0;
		let files = self.attestations.iter().map(|path| read(path));
		let files = files.collect::<anyhow::Result<Vec<_>>>()?;
		let attestations = check(chain, &files, purpose, &account).await?;
		let consent = consent(&key, &chain.genesis(), purpose, nonce, &attestations);
		Ok(Signed {
			account,
			attestations: BoundedVec(attestations.into_iter().map(Static).collect()),
			consent: MultiSignature::Sr25519(consent),
		})
	}

	/// Sends it: without anybody's signature, or with the relayer's.
	async fn send<Call: Payload>(
		&self,
		context: &Context,
		chain: &Chain,
		call: &Call,
	) -> anyhow::Result<Included> {
		match &self.relayer_secret_env {
			Some(name) => context.submit(chain, call, &keys::account_from_env(name)?).await,
			None => context.submit_general(chain, call).await,
		}
	}

	async fn register(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let Signed { account, attestations, consent } =
			self.sign(context, &chain, Purpose::Register, 0).await?;
		if state::person(&chain.finalised().await?, &account).await?.is_some() {
			bail!("{} is a person already", keys::address(&account));
		}
		let calls = runtime::transactions().personhood();
		let call = calls.register(AccountId32(account), attestations, consent);
		let done = self.send(context, &chain, &call).await?;
		let event: events::PersonRegistered = done.event("Personhood.PersonRegistered")?;
		let facts = Facts::new().and("person", event.person).join(term(event.from, event.until));
		context.print(&facts.account("account", account).join(included(&done)))
	}

	async fn renew(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let account = context.signer()?.public_key().0;
		let Some(person) = state::person(&chain.finalised().await?, &account).await? else {
			bail!("{} is no person yet; register first", keys::address(&account));
		};
		let Signed { account, attestations, consent } =
			self.sign(context, &chain, Purpose::Renew, person.nonce).await?;
		let calls = runtime::transactions().personhood();
		let call = calls.renew(AccountId32(account), attestations, consent);
		let done = self.send(context, &chain, &call).await?;
		let event: events::PersonRenewed = done.event("Personhood.PersonRenewed")?;
		let facts = Facts::new().and("person", event.person).join(term(event.from, event.until));
		context.print(&facts.account("account", account).join(included(&done)))
	}
}

impl Recover {
	async fn run(self, context: &Context) -> anyhow::Result<()> {
		let chain = context.chain().await?;
		let at = chain.finalised().await?;
		let person = match (self.person, &self.former) {
			(Some(person), _) => state::person_by_id(&at, person).await?,
			(None, former) => {
				let former = keys::parse_account(former.as_deref().unwrap_or_default())?;
				state::person(&at, &former).await?
			},
		};
		let person = person.context("there is no such person; see: usufruct person status")?;
		let Signed { account, attestations, consent } =
			self.recognition.sign(context, &chain, Purpose::Recover, person.nonce).await?;
		let calls = runtime::transactions().personhood();
		let call = calls.recover(person.person, AccountId32(account), attestations, consent);
		let done = self.recognition.send(context, &chain, &call).await?;
		let event: events::RecoveryRequested = done.event("Personhood.RecoveryRequested")?;
		let facts = Facts::new()
			.and("person", event.person)
			.account("from", event.account.0)
			.account("to", event.new_account.0)
			.and("completes_at", event.ready_at);
		context.print(&facts.join(included(&done)))
	}
}

fn read(path: &Path) -> anyhow::Result<AttestationFile> {
	let text =
		fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
	serde_json::from_str(&text).with_context(|| format!("{} is no attestation", path.display()))
}

fn term(from: u32, until: u32) -> Facts {
	Facts::new().and("from_epoch", from).and("until_epoch", until)
}

/// Checks attestations as the chain will, so that what is wrong is said before a fee is due.
async fn check(
	chain: &Chain,
	files: &[AttestationFile],
	purpose: Purpose,
	account: &AccountBytes,
) -> anyhow::Result<Vec<SignedAttestation>> {
	let at = chain.finalised().await?;
	let quorum = state::quorum(&at).await? as usize;
	ensure!(
		files.len() >= quorum,
		"{quorum} verifiers of different domains must attest; there are {} attestations",
		files.len()
	);
	let mut domains = Vec::new();
	for file in files {
		let Some(verifier) = state::verifier(&at, file.verifier).await? else {
			bail!("there is no verifier {} on this chain", file.verifier);
		};
		ensure!(!verifier.retired, "verifier {} is retired and cannot attest", file.verifier);
		ensure!(!verifier.stopped, "verifier {} was stopped by its operator", file.verifier);
		let now = at.block_number() as BlockNumber;
		file.check(&chain.genesis(), &verifier.key, purpose, account, now)?;
		if !domains.contains(&verifier.domain) {
			domains.push(verifier.domain);
		}
	}
	let attestations = for_call(files)?;
	ensure!(
		domains.len() >= quorum,
		"the verifiers are of {} domains; {quorum} different ones must attest",
		domains.len()
	);
	Ok(attestations)
}
