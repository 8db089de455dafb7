//! `usufruct person`.

use super::{
	context::{included, Context},
	verifier::Attest,
};
use anyhow::{bail, ensure, Context as _};
use clap::{Args, Subcommand};
use std::{fs, path::PathBuf};
use subxt::utils::{AccountId32, Static};
use usufruct_client::{
	chain::Chain,
	keys,
	output::Facts,
	runtime::{
		self,
		runtime_types::{bounded_collections::bounded_vec::BoundedVec, sp_runtime::MultiSignature},
	},
	state,
	verifier::{consent, for_call, AttestationFile},
};
use usufruct_primitives::{personhood::SignedAttestation, AccountBytes, BlockNumber, Purpose};

#[derive(Subcommand)]
pub enum Command {
	/// Attest that an account belongs to a human (for verifiers; the same as `verifier attest`)
	Attest(Attest),
	/// Be recognised as a person by the attestations of several verifiers
	Register(Recognition),
	/// Be recognised for a further term
	Renew(Recognition),
	/// Whether an account is a person's, and until when
	Status {
		/// The account; otherwise the one that signs
		account: Option<String>,
	},
}

/// Attestations, and who pays for the transaction.
///
/// The person's key (--keystore or USUFRUCT_SECRET) signs consent, and needs no balance if somebody
/// else submits.
#[derive(Args)]
pub struct Recognition {
	/// The attestations, one file of each verifier
	#[arg(long = "attestation", value_name = "FILE", required = true)]
	attestations: Vec<PathBuf>,
	/// The environment variable with the secret URI of an account that submits and holds a balance;
	/// otherwise the person does
	#[arg(long, value_name = "NAME")]
	relayer_secret_env: Option<String>,
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		match self {
			Self::Attest(attest) => attest.run(context).await,
			Self::Register(recognition) => recognition.run(context, Purpose::Register).await,
			Self::Renew(recognition) => recognition.run(context, Purpose::Renew).await,
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
						.and("until_epoch", person.until),
					None => facts.and("recognised", false),
				})
			},
		}
	}
}

impl Recognition {
	async fn run(self, context: &Context, purpose: Purpose) -> anyhow::Result<()> {
		let key = context.signer()?;
		let account = key.public_key().0;
		let relayer = match &self.relayer_secret_env {
			Some(name) => keys::account_from_env(name)?,
			None => key.clone(),
		};
		let files = self
			.attestations
			.iter()
			.map(|path| {
				let text = fs::read_to_string(path)
					.with_context(|| format!("cannot read {}", path.display()))?;
				serde_json::from_str::<AttestationFile>(&text)
					.with_context(|| format!("{} is no attestation", path.display()))
			})
			.collect::<anyhow::Result<Vec<_>>>()?;
		let chain = context.chain().await?;
		let attestations = check(&chain, &files, purpose, &account).await?;
		let nonce = match (purpose, state::person(&chain.finalised().await?, &account).await?) {
			(Purpose::Register, None) => 0,
			(Purpose::Register, Some(_)) => {
				bail!("{} is a person already", keys::address(&account))
			},
			(_, Some(person)) => person.nonce,
			(_, None) => bail!("{} is no person yet; register first", keys::address(&account)),
		};
		let consent = consent(&key, &chain.genesis(), purpose, nonce, &attestations);
		let attestations = BoundedVec(attestations.into_iter().map(Static).collect());
		let consent = MultiSignature::Sr25519(consent);
		let calls = runtime::transactions().personhood();
		let (done, facts) = match purpose {
			Purpose::Register => {
				let call = calls.register(AccountId32(account), attestations, consent);
				let done = context.submit(&chain, &call, &relayer).await?;
				let event: runtime::personhood::events::PersonRegistered =
					done.event("Personhood.PersonRegistered")?;
				(done, Facts::new().and("person", event.person).join(term(event.from, event.until)))
			},
			_ => {
				let call = calls.renew(AccountId32(account), attestations, consent);
				let done = context.submit(&chain, &call, &relayer).await?;
				let event: runtime::personhood::events::PersonRenewed =
					done.event("Personhood.PersonRenewed")?;
				(done, Facts::new().and("person", event.person).join(term(event.from, event.until)))
			},
		};
		context.print(&facts.account("account", account).join(included(&done)))
	}
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
