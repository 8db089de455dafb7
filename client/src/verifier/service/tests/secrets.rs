//! What a verifier knows and keeps to itself: by whichever method people come, nothing of it is on the disk,
//! in the log at its most talkative, or in any answer.

use super::*;
use crate::verifier::{
	issuer::tests::person,
	oidc::tests::{CREDENTIALS, SECRET},
};
use base64::{
	prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
	Engine,
};
use reqwest::Url;
use std::{
	collections::BTreeMap,
	fs::{self, File},
};
use tracing::{subscriber::DefaultGuard, Level};

/// The people of a list, as their operator enrolled them.
const ROWS: [[&str; 3]; 2] =
	[["ann.example-4711", "apple-tree-9", "756"], ["ben.example-4712", "pear-tree-10", "756"]];
const EVIDENCE: &str = "passport C01X00T47 of Ann Example";
const SUBJECT: &str = "subject-248289761001";
/// Where the leaks are that show that one would be found.
const LEAK: &str = "leak";

/// Something that must be nowhere, as it could be written.
struct Secret {
	what: String,
	text: String,
	forms: Vec<Vec<u8>>,
}

impl Secret {
	fn text(what: &str, text: &str) -> Self {
		Self::new(what, text.into(), text.as_bytes())
	}

	fn key(what: &str, key: &[u8; 32]) -> Self {
		Self::new(what, hex::encode(key), key)
	}

	fn new(what: &str, text: String, bytes: &[u8]) -> Self {
		let list = format!("{bytes:?}");
		let texts = [
			text.clone(),
			hex::encode(bytes),
			hex::encode_upper(bytes),
			BASE64_STANDARD_NO_PAD.encode(bytes),
			BASE64_URL_SAFE_NO_PAD.encode(bytes),
			list.replace(' ', ""),
			list,
		];
		let forms = texts.map(String::into_bytes).into_iter().chain([bytes.to_vec()]).collect();
		Self { what: what.into(), text, forms }
	}

	fn is_in(&self, bytes: &[u8]) -> bool {
		let holds = |form: &Vec<u8>| bytes.windows(form.len()).any(|part| part == form);
		self.forms.iter().any(holds)
	}
}

/// A service that runs, and whose log is kept.
struct Watched {
	service: Running,
	logs: TempDir,
	_logging: DefaultGuard,
}

impl Watched {
	async fn start(
		method: impl AsyncFnOnce(&Arc<Issuer>, &TempDir, &str) -> Box<dyn Method>,
	) -> Self {
		let logs = tempfile::tempdir().unwrap();
		// For this thread, on which all of the test runs.
		let logging = tracing_subscriber::fmt()
			.with_max_level(Level::TRACE)
			.with_ansi(false)
			.with_writer(File::create(logs.path().join("log")).unwrap())
			.finish();
		let _logging = tracing::subscriber::set_default(logging);
		Self { service: Running::start(method).await, logs, _logging }
	}

	/// One that has the people of a list, which is kept in that folder.
	async fn list(enrolled: &TempDir) -> Self {
		let path = enrolled.path().join("people.csv");
		let rows = ROWS.map(|row| row.join(","));
		fs::write(&path, format!("id,code,region\n{}\n", rows.join("\n"))).unwrap();
		Self::start(async |issuer, _, _| {
			Box::new(List::read(&path, issuer).unwrap()) as Box<dyn Method>
		})
		.await
	}

	/// All that it wrote and said, by where that is.
	fn everything(&self) -> BTreeMap<String, Vec<u8>> {
		let files = [&self.service.folder, &self.logs].into_iter().flat_map(|folder| {
			fs::read_dir(folder.path()).unwrap().map(|file| {
				let file = file.unwrap();
				let name = file.file_name().into_string().unwrap();
				// A folder cannot be read: that nothing hides in one is seen by that.
				(name, fs::read(file.path()).unwrap())
			})
		});
		let answers = self.service.answered.lock().unwrap().clone();
		files.chain([("answers".into(), answers)]).collect()
	}

	/// Looks for them in everything, and then lets each of them out to see that it would have been found.
	async fn keeps(&self, method: &str, secrets: Vec<Secret>) {
		let mut browser = self.service.browser();
		for path in ["/", "/about", "/style.css", "/desk", "/session", "/attestation.json"] {
			browser.get(path).await;
		}
		let key = Secret::key("the signing key", &key().to_bytes());
		let hash = Secret::key("the key of the hashes", &[2; 32]);
		let secrets: Vec<Secret> = [key, hash].into_iter().chain(secrets).collect();

		let everything = self.everything();
		let places: Vec<&str> = everything.keys().map(String::as_str).collect();
		assert_eq!(places, ["answers", "journal", "journal.head", "log"]);
		let text = |place: &str| String::from_utf8_lossy(&everything[place]).into_owned();
		assert!(text("answers").contains(&keys::address(&[1; 32])));
		assert!(text("journal").contains(&format!("\"method\":\"{method}\"")));
		assert!(text("log").contains("no attestation"), "{}", text("log"));
		for secret in &secrets {
			for (place, bytes) in &everything {
				assert!(!secret.is_in(bytes), "{} is in {place}", secret.what);
			}
		}

		for secret in &secrets {
			fs::write(self.service.folder.path().join(LEAK), &secret.text).unwrap();
			tracing::info!(secret = secret.text);
			// What somebody asks with stands in the page.
			let query = [("account", &secret.text)];
			let url = Url::parse_with_params(&self.service.url, query).unwrap();
			browser.send(browser.client.get(url)).await;
			let everything = self.everything();
			for place in [LEAK, "log", "answers"] {
				assert!(secret.is_in(&everything[place]), "{} is missed in {place}", secret.what);
			}
		}
		let raw = [b"x".as_slice(), &[2; 32], b"x"].concat();
		assert!(secrets[1].is_in(&raw) && !secrets[0].is_in(&raw));
	}
}

#[tokio::test]
async fn the_list_leaves_nothing_of_who_is_on_it() {
	let enrolled = tempfile::tempdir().unwrap();
	let watched = Watched::list(&enrolled).await;
	let service = &watched.service;
	let [[id, code, _], [_, other, _]] = ROWS;
	assert_eq!(service.program().enrol(1, id, other).await.kind(), "not-recognised");
	assert_eq!(service.program().enrol(1, "cem.example", code).await.kind(), "not-recognised");
	let mut program = service.program();
	program.enrol(1, id, code).await.file();
	assert_eq!(program.get("/attestation.json").await.status, 200);
	let mut browser = service.browser();
	browser.begin(1).await;
	assert_eq!(browser.get("/session").await.status, 200);
	assert_eq!(browser.post("/session", &[("id", id), ("code", code)]).await.status, 303);
	assert_eq!(browser.get("/session").await.status, 200);
	assert_eq!(service.program().enrol(2, id, code).await.kind(), "attested-lately");

	let row = ROWS.iter().map(|row| Secret::text("a row of the list", &row.join(",")));
	let id = ROWS.iter().map(|row| Secret::text("an id", row[0]));
	let code = ROWS.iter().map(|row| Secret::text("a code", row[1]));
	watched.keeps("list", row.chain(id).chain(code).collect()).await;
}

#[tokio::test]
async fn the_log_says_of_what_kind_a_refusal_was_and_names_no_account() {
	let enrolled = tempfile::tempdir().unwrap();
	let watched = Watched::list(&enrolled).await;
	let service = &watched.service;
	let [[id, code, _], _] = ROWS;
	let (attested, asking, recognised) = (11, 12, 13);
	service.program().enrol(attested, id, code).await.file();
	service.said.0.lock().unwrap().known = Some(person(8, recognised));
	let refused = service.program().enrol(asking, id, code).await;
	assert_eq!(refused.kind(), "another-account");
	service.said.0.lock().unwrap().key = [0; 32];
	assert_eq!(service.program().enrol(asking, id, code).await.kind(), "not-now");

	let everything = watched.everything();
	let text = |place: &str| String::from_utf8_lossy(&everything[place]).into_owned();
	for kind in ["another-account", "wrong-key"] {
		assert!(text("log").contains(kind), "{}", text("log"));
	}
	assert!(!text("answers").contains("wrong-key"), "what is the operator's affair was told");
	for number in [attested, asking, recognised] {
		let account = [number; 32];
		let address = Secret::text("the address", &keys::address(&account));
		for written in [address, Secret::key("the account", &account)] {
			for place in ["log", "journal", "journal.head"] {
				let told = written.is_in(&everything[place]);
				assert!(!told, "{} of {number} is in {place}", written.what);
			}
		}
	}
	// The human itself is told, and there it is found.
	let told = Secret::text("the address", &keys::address(&[recognised; 32]));
	assert!(told.is_in(&everything["answers"]));
}

#[tokio::test]
async fn an_official_leaves_nothing_of_whom_he_met() {
	let watched = Watched::start(async |_, _, _| {
		Box::new(InPerson(Arc::new(Pairing::new(TOKEN)))) as Box<dyn Method>
	})
	.await;
	let service = &watched.service;
	let mut official = service.browser();
	assert_eq!(official.post("/desk/open", &[("token", TOKEN)]).await.status, 303);
	for account in [1, 2] {
		let mut person = service.program();
		person.begin(account).await;
		let shown = person.get("/session").await.json();
		let code = shown["code"].as_str().unwrap();
		assert_eq!(official.post("/desk/code", &[("code", code)]).await.status, 200);
		for (region, status) in [("Mars", 400), ("756", 200)] {
			let form = [("code", code), ("evidence", EVIDENCE), ("region", region)];
			assert_eq!(official.post("/desk/person", &form).await.status, status);
		}
		match account {
			1 => drop(person.get("/session").await.file()),
			_ => assert_eq!(person.get("/session").await.kind(), "attested-lately"),
		}
	}
	let evidence = Secret::text("the evidence", EVIDENCE);
	let token = Secret::text("the desk's token", TOKEN);
	watched.keeps("pairing", vec![evidence, token]).await;
}

#[tokio::test]
async fn a_sign_in_elsewhere_leaves_nothing_of_who_it_was() {
	let provider = Provider::start().await;
	let watched = Watched::start(async |_, _, url| {
		let registration = provider.registration(&format!("{url}/return"));
		Box::new(Oidc::discover(registration).await.unwrap()) as Box<dyn Method>
	})
	.await;
	let service = &watched.service;
	let mut flawed = service.program();
	*provider.spoil.lock().unwrap() = |_, claims| {
		claims["sub"] = SUBJECT.into();
		claims["aud"] = "another".into();
	};
	flawed.begin(1).await;
	let back = flawed.sign_in().await;
	assert_eq!(flawed.get(&back).await.kind(), "provider");
	*provider.spoil.lock().unwrap() = |_, claims| claims["sub"] = SUBJECT.into();
	let mut person = service.program();
	person.begin(1).await;
	let back = person.sign_in().await;
	person.get(&back).await.file();
	let mut other = service.program();
	other.begin(2).await;
	let back = other.sign_in().await;
	assert_eq!(other.get(&back).await.kind(), "attested-lately");

	let tokens = provider.issued.lock().unwrap().clone();
	assert_eq!(tokens.len(), 3);
	let mut secrets = vec![
		Secret::text("the client's secret", SECRET),
		Secret::text("the client's credentials", CREDENTIALS),
		Secret::text("the subject", SUBJECT),
	];
	for token in &tokens {
		secrets.push(Secret::text("an ID token", token));
		secrets.extend(token.split('.').skip(1).map(|part| Secret::text("a part of one", part)));
	}
	watched.keeps("oidc", secrets).await;
}
