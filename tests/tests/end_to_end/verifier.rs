//! From nothing to a share: three verifiers' services, a person without a token or a relayer, and the
//! dividend; and a service that is killed and forgets nothing, nor lets itself be made to. Beside it somebody
//! else moves to another account.

use std::{fs, path::Path, time::Duration};

use super::recovery;
use anyhow::{ensure, Context, Result};
use reqwest::{redirect::Policy, Client};
use serde_json::{json, Value};
use usufruct_client::{chain::Chain, keys::ed25519_from_text, output::hex0x, state};
use usufruct_tests::{
	cast::{account, address, text, wait_for_block, wait_until, Cast},
	cli::{planck, Cli},
	identity::{Provider, CLIENT, CLIENT_SECRET, SUBJECT},
	node::{free_port, Node, NodeOptions},
	process::Process,
};

const MINUTE: Duration = Duration::from_secs(60);
const DESK_TOKEN: &str = "a desk's token of some length";

/// A verifier's service.
struct Service {
	process: Process,
	url: String,
}

impl Service {
	fn start(node: &str, folder: &Path, verifier: u32, arguments: &[&str]) -> Result<Self> {
		let listen = format!("127.0.0.1:{}", free_port()?);
		let (id, journal) = (verifier.to_string(), folder.join(format!("journal-{verifier}")));
		let journal = journal.display().to_string();
		let mut all = vec!["verifier", "serve", "--id", &id, "--listen", &listen];
		all.extend(["--journal", &journal, "--quota", "1"]);
		all.extend(arguments);
		let command = Cli::new(node, "//unused", folder)
			.env("USUFRUCT_VERIFIER_SECRET", &key(verifier))
			.env("USUFRUCT_DOMAIN_SECRET", &hex::encode(domain_secret(verifier)))
			.env("USUFRUCT_DESK_TOKEN", DESK_TOKEN)
			.env("USUFRUCT_OIDC_SECRET", CLIENT_SECRET)
			.env("RUST_LOG", "debug")
			.command(&all)?;
		let process = Process::start(&format!("verifier-{verifier}"), folder, command)?;
		Ok(Self { process, url: format!("http://{listen}") })
	}

	/// Waits until it says that, whether it goes on or not.
	async fn says(&self, what: &str) -> Result<()> {
		for _ in 0..600 {
			if self.process.log().contains(what) {
				return Ok(());
			}
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
		anyhow::bail!("it never said '{what}': {}", self.process.log())
	}
}

/// The URI of a verifier's key.
fn key(verifier: u32) -> String {
	format!("//Verifier//{verifier}")
}

/// What its domain hashes evidence with.
fn domain_secret(verifier: u32) -> [u8; 32] {
	[verifier as u8 + 1; 32]
}

/// Somebody who talks to a service, with a cookie.
struct Visitor {
	client: Client,
	url: String,
	cookie: String,
}

impl Visitor {
	async fn new(service: &Service) -> Result<Self> {
		let client = Client::builder().redirect(Policy::none()).build()?;
		let about = format!("{}/about", service.url);
		for _ in 0..600 {
			if client.get(&about).send().await.is_ok() {
				return Ok(Self { client, url: service.url.clone(), cookie: String::new() });
			}
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
		anyhow::bail!("no service: {}", service.process.log())
	}

	async fn send(&mut self, path: &str, form: Option<Value>) -> Result<(u16, String)> {
		let url = format!("{}{path}", self.url);
		let request = match form {
			Some(form) => self.client.post(url).form(&form),
			None => self.client.get(url),
		};
		let request = request.header("cookie", &self.cookie).header("accept", "application/json");
		let response = request.send().await?;
		if let Some(cookie) = response.headers().get("set-cookie") {
			self.cookie = cookie.to_str()?.split(';').next().unwrap_or_default().into();
		}
		Ok((response.status().as_u16(), response.text().await?))
	}

	async fn begin(&mut self, account: &str) -> Result<()> {
		let (status, body) = self.send("/start", Some(json!({ "account": account }))).await?;
		ensure!(status == 200, "{body}");
		Ok(())
	}

	/// Goes to where the service sends whoever is to sign in; returns the path with which it comes back.
	async fn sign_in(&mut self) -> Result<String> {
		let (_, visit) = self.send("/session", None).await?;
		let visit: Value = serde_json::from_str(&visit)?;
		let response = self.client.get(text(&visit["url"])?).send().await?;
		let status = response.status();
		let back = response.headers().get("location").with_context(|| status.to_string())?;
		let path = back.to_str()?.strip_prefix(&self.url).context("sent elsewhere")?;
		Ok(path.into())
	}
}

/// Looks for what a verifier keeps to itself in all that the services have written, logs and journals.
fn ensure_kept(folder: &Path, secrets: &[String]) -> Result<()> {
	let mut looked_at = 0;
	for file in fs::read_dir(folder)? {
		let file = file?;
		let name = file.file_name().to_string_lossy().into_owned();
		if !name.starts_with("verifier-") && !name.starts_with("journal-") {
			continue;
		}
		let bytes = fs::read(file.path())?;
		looked_at += 1;
		for secret in secrets {
			let told = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
			ensure!(!told, "{name} tells {secret}");
		}
	}
	ensure!(looked_at == 9, "{looked_at} files: logs, journals and their heads");
	Ok(())
}

/// Keeps what a service answered as a file.
fn keep(body: &str, path: &Path) -> Result<String> {
	let answer: Value = serde_json::from_str(body)?;
	ensure!(answer["state"] == "attested", "{answer}");
	fs::write(path, answer["attestation"].to_string())?;
	Ok(path.display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_comes_from_nothing_by_verifiers_services_to_a_share() -> Result<()> {
	let folder = tempfile::tempdir()?;
	let folder = folder.path();
	// A term of three epochs, so that who is recognised here can be renewed here, too.
	let dividend = json!({ "epochLength": 8, "term": 3 });
	let options = NodeOptions::dev(folder, json!({ "dividend": dividend }))?;
	let node = Node::start(&options)?;
	let chain = Chain::connect(&node.url).await?;
	let cast = Cast::new(&node.url, folder);
	let me = address(&Cast::person_secret(0))?;

	let list = folder.join("people.csv");
	fs::write(&list, "id,code,region\npupil-4711,apple-tree-9,49\npupil-4712,pear-tree-10,49\n")?;
	let list = ["--list", &list.display().to_string()].map(String::from);
	let list: Vec<&str> = list.iter().map(String::as_str).collect();
	let school = Service::start(&node.url, folder, 0, &list)?;
	let office = Service::start(&node.url, folder, 1, &["--pairing"])?;
	let provider = Provider::start().await?;
	let oidc = ["--oidc-issuer", provider.issuer(), "--oidc-client", CLIENT];
	let club = Service::start(&node.url, folder, 2, &oidc)?;

	// By the list of a school.
	let mut visitor = Visitor::new(&school).await?;
	visitor.begin(&me).await?;
	let code = |code| Some(json!({ "id": "pupil-4711", "code": code }));
	let (status, _) = visitor.send("/session", code("guess-guess")).await?;
	ensure!(status == 403, "a guessed code was taken");
	let (_, first) = visitor.send("/session", code("apple-tree-9")).await?;
	let first = keep(&first, &folder.join("first.json"))?;

	// In person, at an office.
	let mut visitor = Visitor::new(&office).await?;
	visitor.begin(&me).await?;
	let (_, shown) = visitor.send("/session", None).await?;
	let shown: Value = serde_json::from_str(&shown)?;
	let mut desk = Visitor::new(&office).await?;
	desk.send("/desk/open", Some(json!({ "token": DESK_TOKEN }))).await?;
	let (_, page) = desk.send("/desk/code", Some(json!({ "code": shown["code"] }))).await?;
	ensure!(page.contains(&text(&shown["check"])?), "{page}");
	let person = json!({ "code": shown["code"], "evidence": "passport 1", "region": "49" });
	desk.send("/desk/person", Some(person)).await?;
	let (_, second) = visitor.send("/session", None).await?;
	let second = keep(&second, &folder.join("second.json"))?;

	// By whom a club relies on. Another browser cannot come back in the person's place.
	let mut visitor = Visitor::new(&club).await?;
	visitor.begin(&me).await?;
	let back = visitor.sign_in().await?;
	let mut thief = Visitor::new(&club).await?;
	thief.begin(&address(&Cast::person_secret(1))?).await?;
	let (status, body) = thief.send(&back, None).await?;
	ensure!(status == 403, "{body}");
	let (_, third) = visitor.send(&back, None).await?;
	let third = keep(&third, &folder.join("third.json"))?;

	// Somebody whom the school does not attest: the chain is to count one recognition of its.
	cast.register_person(recovery::HUMAN)?;

	// Neither a token nor a relayer.
	let person = cast.person(0);
	let mut register = vec!["person", "register"];
	register.extend(
		[&first, &second, &third].into_iter().flat_map(|file| ["--attestation", file.as_str()]),
	);
	let registered = person.run(&register)?;
	ensure!(planck(&registered["fee"])? == 0, "{registered}");
	ensure!(chain.free_balance(&account(&Cast::person_secret(0))?).await? == 0, "had something");
	let again = person.refused(&register)?;
	ensure!(again.contains("already"), "{again}");

	// The service is killed; its quota of one is used up all the same.
	school.process.kill()?;
	let school = Service::start(&node.url, folder, 0, &list)?;
	let mut visitor = Visitor::new(&school).await?;
	visitor.begin(&address(&Cast::person_secret(1))?).await?;
	let other = json!({ "id": "pupil-4712", "code": "pear-tree-10" });
	let (status, refused) = visitor.send("/session", Some(other)).await?;
	let epoch = state::epoch(&chain.finalised().await?).await?.index;
	let journal = fs::read_to_string(folder.join("journal-0"))?;
	let signed_in = format!("\"epoch\":{epoch},");
	// After the line that says whose it is.
	if journal.lines().nth(1).is_some_and(|line| line.contains(&signed_in)) {
		ensure!(status == 503 && refused.contains("quota-exhausted"), "{status} {refused}");
	} else {
		// The epoch changed meanwhile: a new quota.
		ensure!(status == 200, "{status} {refused}");
	}
	let checked = cast.author.run(&[
		"verifier",
		"journal",
		&folder.join("journal-0").display().to_string(),
	])?;
	ensure!(checked["lines"].as_u64() == Some(journal.lines().count() as u64), "{checked}");
	ensure!(checked["verifier"] == 0 && checked["genesis"] == hex0x(chain.genesis()), "{checked}");

	// Who comes with another account than the one the chain knows is told which that is; the log is not.
	wait_until(&chain, "the recognition", MINUTE, |at| async move {
		Ok(state::verifier(&at, 0).await?.is_some_and(|verifier| verifier.attested == 1))
	})
	.await?;
	let mut visitor = Visitor::new(&school).await?;
	visitor.begin(&address(&Cast::person_secret(1))?).await?;
	let (status, refused) = visitor.send("/session", code("apple-tree-9")).await?;
	ensure!(status == 409 && refused.contains("another-account"), "{status} {refused}");
	ensure!(refused.contains(&me), "{refused}");
	school.says("another-account").await?;

	// It does not go on with a journal that lost its last line; and if the journal and what tells how far it went
	// are new, it says that the chain knows more.
	school.process.kill()?;
	let files = ["journal-0", "journal-0.head"].map(|name| folder.join(name));
	let kept = [fs::read(&files[0])?, fs::read(&files[1])?];
	let (rest, _) = journal.trim_end().rsplit_once('\n').context("no attestation")?;
	fs::write(&files[0], format!("{rest}\n"))?;
	let cut = Service::start(&node.url, folder, 0, &list)?;
	cut.says("the last ones are missing").await?;
	cut.process.kill()?;
	for file in &files {
		fs::remove_file(file)?;
	}
	let forgetful = Service::start(&node.url, folder, 0, &list)?;
	forgetful.says("the chain counts 1 recognitions").await?;
	forgetful.process.kill()?;
	for (file, kept) in files.iter().zip(&kept) {
		fs::write(file, kept)?;
	}

	let mut secrets =
		[DESK_TOKEN, "pupil-4711", "apple-tree-9", "passport 1", SUBJECT, CLIENT_SECRET]
			.map(String::from)
			.to_vec();
	secrets.extend(provider.issued());
	secrets.extend([me.clone(), hex::encode(account(&Cast::person_secret(0))?)]);
	for verifier in 0..3 {
		let secret = ed25519_from_text(&key(verifier)).context("no key")?.to_bytes();
		secrets.extend([key(verifier), hex::encode(secret), hex::encode(domain_secret(verifier))]);
	}
	ensure!(provider.issued().len() == 1, "only who was sent gets a token");
	ensure_kept(folder, &secrets)?;
	let moving = tokio::spawn(recovery::moves(node.url.clone(), folder.to_owned()));

	// A gift, in an epoch in which the person shares, with one more at most.
	let from = registered["from_epoch"].as_u64().context("no epoch")? as u32;
	wait_until(&chain, "the person's epoch", MINUTE, |at| async move {
		Ok(state::epoch(&at).await?.index >= from)
	})
	.await?;
	cast.consumer.run(&["dividend", "donate", "18"])?;
	let now = state::epoch(&chain.finalised().await?).await?;
	wait_for_block(&chain, now.closes_at + 1, MINUTE).await?;

	// Somebody who holds nothing either claims for the person.
	let stranger = Cli::new(&node.url, "//Nobody", folder);
	let claim = stranger.run(&["dividend", "claim-for", &registered["person"].to_string()])?;
	ensure!(planck(&claim["fee"])? == 0 && text(&claim["account"])? == me, "{claim}");
	let got = planck(&claim["claimed"])?;
	ensure!(got >= 9_000_000_000_000, "{claim}");
	ensure!(chain.free_balance(&account(&Cast::person_secret(0))?).await? == got, "{claim}");
	let twice = stranger.refused(&["dividend", "claim-for", &registered["person"].to_string()])?;
	ensure!(twice.contains("nothing to do"), "{twice}");

	// It stands in both statements.
	let statement = cast.consumer.run(&["statement"])?;
	let given = statement["totals"].as_array().context("no totals")?;
	ensure!(given.iter().any(|total| total["kind"] == "donation"), "{statement}");
	let votes = person.run(&["vote", "list"])?;
	ensure!(votes["polls"] == json!([]), "{votes}");
	moving.await??;
	node.stop()
}
