//! `usufruct verifier`.

mod serve;

use super::context::{included, Context};
use anyhow::{bail, ensure, Context as _};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use std::{
	env, fs,
	io::{self, IsTerminal},
	path::{Path, PathBuf},
};
use usufruct_client::{
	amount::{ufr, Amount},
	keys::{self, KeyError},
	output::{hex0x, print_text, Facts, Report, Table},
	runtime::{
		self,
		personhood::events::{BondChanged, VerifierStopped},
	},
	state,
	verifier::{
		attest,
		issuer::Secrets,
		journal::{Contents, Journal},
		nullifier,
	},
};
use usufruct_primitives::{
	personhood::{Attestation, MAX_ATTESTATION_AGE},
	BlockNumber, Purpose, VerifierId,
};

/// The environment variable with a verifier's key.
const VERIFIER_SECRET_ENV: &str = "USUFRUCT_VERIFIER_SECRET";
/// The environment variable with the secret that a domain's verifiers share.
const DOMAIN_SECRET_ENV: &str = "USUFRUCT_DOMAIN_SECRET";

#[derive(Subcommand)]
pub enum Command {
	/// Attest that an account belongs to a human
	///
	/// USUFRUCT_VERIFIER_SECRET holds the verifier's ed25519 key; USUFRUCT_DOMAIN_SECRET the 32 bytes in
	/// hex that the verifiers of its domain share, with which the evidence is hashed.
	Attest(Attest),
	/// Run the service that recognises people and attests them
	///
	/// USUFRUCT_VERIFIER_SECRET and USUFRUCT_DOMAIN_SECRET hold the verifier's key and its domain's
	/// secret, as for `verifier attest`. It speaks plain HTTP: put a proxy with a certificate before it.
	Serve(serve::Serve),
	/// Check a service's journal, and say what is in it
	Journal {
		/// The file
		file: PathBuf,
		/// Take it as it is, though FILE.head is missing or says something else: note its lines and its head
		/// there anew
		#[arg(long)]
		trust: bool,
	},
	/// Put money aside as a verifier's bond, which bounds how many new people it may attest
	Bond {
		/// The verifier's id; the operator signs
		#[arg(long = "id", value_name = "VERIFIER")]
		verifier: VerifierId,
		/// How much more
		amount: Amount,
	},
	/// Stop a verifier at once, as when its key is stolen; only governance lets it attest again
	Stop {
		/// The verifier's id; the operator signs
		#[arg(long = "id", value_name = "VERIFIER")]
		verifier: VerifierId,
	},
	/// Get the bond of a retired verifier back
	WithdrawBond {
		/// The verifier's id; the operator signs
		#[arg(long = "id", value_name = "VERIFIER")]
		verifier: VerifierId,
	},
	/// All verifiers
	List,
}

/// What is attested, and about whom.
#[derive(Args)]
pub struct Attest {
	/// The verifier's id
	#[arg(long = "id", value_name = "VERIFIER")]
	verifier: VerifierId,
	/// The person's account
	#[arg(long, value_name = "ACCOUNT")]
	person: String,
	/// The file that says what tells this human from all others, for ever: a document's number, say;
	/// `-` is one line of standard input. Only its keyed hash leaves this machine
	#[arg(long, value_name = "FILE", default_value = "-")]
	evidence: PathBuf,
	/// What it is for; otherwise to register somebody new, or to renew a person
	#[arg(long, value_enum)]
	purpose: Option<PurposeName>,
	/// The account that is lost, if the person is to be recovered to this one
	#[arg(long, value_name = "ACCOUNT", required_if_eq("purpose", "recover"))]
	former: Option<String>,
	/// Where the person lives, ISO 3166-1 numeric; 0 is unstated
	#[arg(long, default_value_t = 0)]
	region: u16,
	/// For how many blocks it is valid
	#[arg(long, value_name = "BLOCKS", default_value_t = 1_200, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_ATTESTATION_AGE)))]
	valid_for: BlockNumber,
	/// The file to write; otherwise it is printed
	#[arg(long, value_name = "FILE")]
	out: Option<PathBuf>,
}

/// [`Purpose`], as it is said on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub enum PurposeName {
	/// First recognition
	Register,
	/// A further term
	Renew,
	/// A new account for a person whose key is lost
	Recover,
}

/// The key and the domain's secret, from the environment.
fn secrets() -> anyhow::Result<Secrets> {
	let key = keys::ed25519_from_env(VERIFIER_SECRET_ENV)?;
	let secret = env::var(DOMAIN_SECRET_ENV).map_err(|_| {
		KeyError::Unset(DOMAIN_SECRET_ENV.into(), "the domain's secret, 32 bytes in hex")
	})?;
	let domain = keys::parse_hex_32(&secret).ok_or_else(|| {
		KeyError::Invalid(DOMAIN_SECRET_ENV.into(), "it is not 32 bytes in hex".into())
	})?;
	Ok(Secrets { key, domain })
}

impl Attest {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let Secrets { key, domain } = secrets()?;
		let evidence = read_evidence(&self.evidence)?;
		ensure!(!evidence.trim().is_empty(), "the evidence is empty: it would be anybody's");
		let account = keys::parse_account(&self.person)?;

		let chain = context.chain().await?;
		let at = chain.finalised().await?;
		let Some(verifier) = state::verifier(&at, self.verifier).await? else {
			bail!("there is no verifier {}; see: usufruct verifier list", self.verifier);
		};
		ensure!(!verifier.retired, "verifier {} is retired", self.verifier);
		ensure!(
			verifier.key == key.verifying_key().to_bytes(),
			"{VERIFIER_SECRET_ENV} is not the key of verifier {}, which is {}",
			self.verifier,
			hex0x(verifier.key)
		);
		let person = state::person(&at, &account).await?;
		let (purpose, nonce) = match (self.purpose, person) {
			(None | Some(PurposeName::Register), None) => (Purpose::Register, 0),
			(None | Some(PurposeName::Renew), Some(person)) => (Purpose::Renew, person.nonce),
			(Some(PurposeName::Register | PurposeName::Recover), Some(_)) => {
				bail!("{} is a person already; attest for renewal", self.person)
			},
			(Some(PurposeName::Recover), None) => {
				let former = keys::parse_account(self.former.as_deref().unwrap_or_default())?;
				let Some(person) = state::person(&at, &former).await? else {
					bail!("{} is no person", keys::address(&former));
				};
				(Purpose::Recover, person.nonce)
			},
			(Some(PurposeName::Renew), None) => {
				bail!("{} is no person yet; attest for registration", self.person)
			},
		};
		let issued = at.block_number() as BlockNumber;
		let attestation = Attestation {
			purpose,
			verifier: self.verifier,
			account,
			nullifier: nullifier(&domain, &evidence),
			class: verifier.class,
			region: self.region,
			issued,
			expires: issued.saturating_add(self.valid_for),
			nonce,
		};
		let file = attest(&key, &chain.genesis(), &attestation);
		let json = serde_json::to_string_pretty(&file)?;
		let Some(path) = &self.out else {
			return Ok(print_text(&format!("{json}\n"))?);
		};
		fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
		let facts = Facts::new()
			.and("verifier", self.verifier)
			.account("person", account)
			.and("purpose", format!("{purpose:?}").to_lowercase())
			.and("issued", attestation.issued)
			.and("expires", attestation.expires)
			.and("file", path.display().to_string());
		context.print(&facts)
	}
}

/// The evidence; never an argument, because every user of a machine sees those.
fn read_evidence(path: &Path) -> anyhow::Result<String> {
	let read = if path == Path::new("-") {
		if io::stdin().is_terminal() {
			eprintln!("What tells this human from all others, on one line:");
		}
		let mut line = String::new();
		io::stdin().read_line(&mut line).map(|_| line)
	} else {
		fs::read_to_string(path)
	};
	read.with_context(|| format!("cannot read the evidence from {}", path.display()))
}

impl Command {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		match self {
			Self::Attest(attest) => attest.run(context).await,
			Self::Serve(serve) => serve.run(context).await,
			Self::Journal { file, trust } => {
				if trust {
					Journal::trust(&file)?;
				}
				let journal = Contents::read(&file)?;
				let (head, owner) = (journal.head(), journal.owner());
				context.print(
					&Facts::new()
						.and("genesis", owner.map(|owner| owner.genesis))
						.and("verifier", owner.map(|owner| owner.verifier))
						.and("lines", head.lines as u64)
						.and("humans", journal.humans() as u64)
						.and("head", head.seal),
				)
			},
			Self::Bond { verifier, amount } => {
				let chain = context.chain().await?;
				let call = runtime::transactions().personhood().post_bond(verifier, amount.0);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: BondChanged = done.event("Personhood.BondChanged")?;
				context.print(&bond(&event).join(included(&done)))
			},
			Self::Stop { verifier } => {
				let chain = context.chain().await?;
				let call = runtime::transactions().personhood().suspend_verifier(verifier);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: VerifierStopped = done.event("Personhood.VerifierStopped")?;
				context.print(&Facts::new().and("verifier", event.verifier).join(included(&done)))
			},
			Self::WithdrawBond { verifier } => {
				let chain = context.chain().await?;
				let call = runtime::transactions().personhood().withdraw_bond(verifier);
				let done = context.submit(&chain, &call, &context.signer()?).await?;
				let event: BondChanged = done.event("Personhood.BondChanged")?;
				context.print(&bond(&event).join(included(&done)))
			},
			Self::List => {
				let at = context.chain().await?.finalised().await?;
				context.print(&List {
					quorum: state::quorum(&at).await?,
					verifiers: state::verifiers(&at).await?,
				})
			},
		}
	}
}

fn bond(event: &BondChanged) -> Facts {
	Facts::new()
		.and("verifier", event.verifier)
		.account("operator", event.operator.0)
		.amount("bond_before", event.old)
		.amount("bond", event.new)
}

#[derive(Serialize)]
struct List {
	quorum: u32,
	verifiers: Vec<state::Verifier>,
}

impl Report for List {
	fn table(&self) -> Table {
		let rows = self.verifiers.iter().map(|verifier| {
			[
				verifier.verifier.to_string(),
				format!("{} {}", verifier.domain, verifier.domain_name),
				format!("{:?}", verifier.class),
				verifier.quota.to_string(),
				ufr(verifier.bond),
				verifier.attested.to_string(),
				verifier.disputed.to_string(),
				verifier.upheld.to_string(),
				verifier.standing().into(),
				keys::address(&verifier.operator),
			]
		});
		Table::new([
			"verifier", "domain", "class", "quota", "bond", "attested", "disputed", "upheld",
			"state", "operator",
		])
		.rows(rows)
		.note(format!("{} of different domains make a person", self.quorum))
	}
}
