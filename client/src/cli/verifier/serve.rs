//! `usufruct verifier serve`.

use super::secrets;
use crate::cli::{connections::Connections, context::Context};
use anyhow::{ensure, Context as _};
use clap::{ArgGroup, Args};
use std::{env, net::SocketAddr, path::PathBuf, sync::Arc};
use tokio::signal::unix::{signal, SignalKind};
use usufruct_client::{
	output::hex0x,
	serve::{listen, serve, Patience},
	state,
	verifier::{
		front::Front,
		issuer::{Issuer, Terms},
		journal::{Journal, Owner},
		list::List,
		method::Method,
		oidc::{Oidc, Registration},
		pairing::{InPerson, Pairing, MIN_TOKEN},
		registry::Node,
		service,
	},
};
use usufruct_primitives::{personhood::MAX_ATTESTATION_AGE, BlockNumber, VerifierId};

/// The environment variable with what opens a desk.
const DESK_TOKEN_ENV: &str = "USUFRUCT_DESK_TOKEN";
/// The environment variable with what an identity provider knows this verifier by.
const OIDC_SECRET_ENV: &str = "USUFRUCT_OIDC_SECRET";

/// Where the service listens, what it may attest, and by which method it recognises people.
#[derive(Args)]
#[command(group(ArgGroup::new("method").required(true)))]
pub struct Serve {
	/// The verifier's id
	#[arg(long = "id", value_name = "VERIFIER")]
	verifier: VerifierId,
	/// Where to listen
	#[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
	listen: SocketAddr,
	/// Where people find it, like https://verifier.example; otherwise where it listens
	#[arg(long, value_name = "URL")]
	public_url: Option<String>,
	/// A proxy before it names the address that asks in x-forwarded-for
	#[arg(long)]
	behind_proxy: bool,
	#[command(flatten)]
	connections: Connections,
	/// What it signs is written to this file, which only grows, and how far it goes to FILE.head beside it;
	/// nobody else may write to them
	#[arg(long, value_name = "FILE")]
	journal: PathBuf,
	/// How many new people it attests per epoch of the dividend, beside what the chain allows
	#[arg(long, value_name = "PEOPLE")]
	quota: u32,
	/// For how many blocks an attestation is valid
	#[arg(long, value_name = "BLOCKS", default_value_t = 1_200, value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_ATTESTATION_AGE)))]
	valid_for: BlockNumber,
	/// Recognise those on a list: CSV with the columns id, code (8 characters at least) and region
	#[arg(long, value_name = "FILE", group = "method")]
	list: Option<PathBuf>,
	/// Recognise those whom an official meets; USUFRUCT_DESK_TOKEN opens a desk at /desk
	#[arg(long, group = "method")]
	pairing: bool,
	/// Recognise those who sign in at this OpenID Connect provider; USUFRUCT_OIDC_SECRET holds the
	/// client's secret, unless it is public
	#[arg(long, value_name = "URL", group = "method", requires = "oidc_client")]
	oidc_issuer: Option<String>,
	/// What the provider knows this verifier by
	#[arg(long, value_name = "ID", requires = "oidc_issuer")]
	oidc_client: Option<String>,
}

impl Serve {
	pub async fn run(self, context: &Context) -> anyhow::Result<()> {
		let secrets = secrets()?;
		let chain = context.chain().await?;
		let verifier = state::verifier(&chain.finalised().await?, self.verifier).await?;
		let verifier = verifier.with_context(|| {
			format!("there is no verifier {}; see: usufruct verifier list", self.verifier)
		})?;
		ensure!(!verifier.retired, "verifier {} is retired", self.verifier);
		ensure!(
			verifier.key == secrets.key.verifying_key().to_bytes(),
			"USUFRUCT_VERIFIER_SECRET is not the key of verifier {}",
			self.verifier
		);
		let owner = Owner { genesis: chain.genesis(), verifier: self.verifier };
		let journal = Journal::open(&self.journal, owner)?;
		if journal.adopted() {
			context.progress(format_args!(
				"the journal did not say of which chain it is; from now on it is of verifier {} on the chain \
				 with genesis {}",
				self.verifier,
				hex0x(owner.genesis)
			));
		}
		if let Some(missing) = missing(verifier.attested, journal.contents().attestations()) {
			// Also to who asked for quiet: attestations may be given twice.
			eprintln!("{missing}");
		}
		let head = journal.contents().head();
		let terms = Terms { verifier: self.verifier, quota: self.quota, valid_for: self.valid_for };
		let registry = Node::new(context.url(), chain, self.verifier);
		let issuer = Arc::new(Issuer::new(secrets, terms, Box::new(registry), journal));

		let listener =
			listen(self.listen).with_context(|| format!("cannot listen on {}", self.listen))?;
		let here = format!("http://{}", listener.local_addr()?);
		let origin = self.public_url.as_deref().unwrap_or(&here).trim_end_matches('/').to_owned();
		ensure!(
			is_origin(&origin),
			"--public-url is scheme and host alone, like https://verifier.example"
		);
		let method = self.method(&issuer, &origin).await?;
		context.progress(format_args!(
			"verifier {} at {origin}, method {}; journal of {} lines, head {}",
			self.verifier,
			method.name(),
			head.lines,
			hex::encode(head.seal)
		));

		let front = Front { origin, forwarded: self.behind_proxy };
		let router = service::router(issuer, method, front);
		let (mut stop, mut interrupt) =
			(signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
		let stopped = async move {
			tokio::select! {
				_ = stop.recv() => (),
				_ = interrupt.recv() => (),
			}
		};
		let bounds = self.connections.into();
		serve(listener, router, Patience::default(), bounds, stopped).await;
		Ok(())
	}

	async fn method(&self, issuer: &Arc<Issuer>, origin: &str) -> anyhow::Result<Box<dyn Method>> {
		if let Some(path) = &self.list {
			return Ok(Box::new(List::read(path, issuer)?));
		}
		if let (Some(url), Some(client)) = (&self.oidc_issuer, &self.oidc_client) {
			let registration = Registration {
				issuer: url.clone(),
				client_id: client.clone(),
				client_secret: env::var(OIDC_SECRET_ENV).ok(),
				redirect: format!("{origin}/return"),
			};
			let oidc = Oidc::discover(registration).await;
			return Ok(Box::new(oidc.with_context(|| format!("cannot use {url}"))?));
		}
		let token = env::var(DESK_TOKEN_ENV)
			.with_context(|| format!("{DESK_TOKEN_ENV} must hold what opens a desk"))?;
		ensure!(
			token.trim().chars().count() >= MIN_TOKEN,
			"{DESK_TOKEN_ENV} has less than {MIN_TOKEN} characters: it could be guessed"
		);
		Ok(Box::new(InPerson(Arc::new(Pairing::new(token.trim())))))
	}
}

/// What to say if more people were recognised by the verifier's word than its journal has attestations.
fn missing(on_chain: u32, in_journal: usize) -> Option<String> {
	(on_chain as usize > in_journal).then(|| {
		format!(
			"warning: the chain counts {on_chain} recognitions by this verifier's word, and the journal has \
			 {in_journal} attestations. If no more were made by hand, it is an old copy: stop, and put the newest one \
			 and its .head back"
		)
	})
}

/// Whether it is what browsers call an origin.
fn is_origin(text: &str) -> bool {
	let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
	rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_journal_with_less_than_the_chain_counts_is_told_of() {
		// What nobody used is not counted.
		assert_eq!((missing(0, 0), missing(3, 3), missing(3, 9)), (None, None, None));
		let said = missing(4, 3).unwrap();
		assert!(said.contains("counts 4 ") && said.contains("has 3 "), "{said}");
	}

	#[test]
	fn an_origin_has_no_path() {
		assert!(is_origin("https://verifier.example") && is_origin("http://127.0.0.1:8090"));
		for other in ["verifier.example", "https://", "https://a/b", "https://u@a", "ftp://a"] {
			assert!(!is_origin(other), "{other}");
		}
	}
}
