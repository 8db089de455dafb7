//! The service over HTTP, with each method. The chain is where a test says; everything else is real.

mod secrets;

use super::*;
use crate::verifier::{
	issuer::tests::{empty, issuer, key, Said},
	list::{tests::PEOPLE, List},
	oidc::{
		tests::{sign_in, Provider},
		Oidc,
	},
	pairing::{InPerson, Pairing},
	AttestationFile,
};
use reqwest::{header::COOKIE as COOKIES, redirect::Policy, Client, RequestBuilder};
use serde_json::Value;
use std::{
	net::{Ipv6Addr, SocketAddr},
	path::PathBuf,
	sync::Mutex,
};
use tempfile::TempDir;

const TOKEN: &str = "a desk's token of some length";

/// A service that runs.
struct Running {
	folder: TempDir,
	journal: PathBuf,
	said: Said,
	url: String,
	/// All that it answered.
	answered: Arc<Mutex<Vec<u8>>>,
}

/// A browser, or a program, with its cookies.
struct Visitor {
	client: Client,
	url: String,
	cookie: String,
	accept: &'static str,
	/// From where it asks, as the proxy says.
	from: IpAddr,
	answered: Arc<Mutex<Vec<u8>>>,
}

/// An answer.
struct Got {
	status: u16,
	headers: HeaderMap,
	body: String,
}

impl Got {
	fn json(&self) -> Value {
		serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
	}

	fn file(&self) -> AttestationFile {
		serde_json::from_value(self.json()["attestation"].clone()).expect(&self.body)
	}

	fn kind(&self) -> String {
		let json = self.json();
		assert_eq!(self.headers["content-type"], "application/problem+json");
		json["type"].as_str().unwrap().trim_start_matches("urn:usufruct:verifier:").to_owned()
	}
}

impl Running {
	async fn start(
		method: impl AsyncFnOnce(&Arc<Issuer>, &TempDir, &str) -> Box<dyn Method>,
	) -> Self {
		let folder = tempfile::tempdir().unwrap();
		let (journal, said) = (folder.path().join("journal"), empty());
		let issuer = Arc::new(issuer(&said, &journal, 2));
		let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}", listener.local_addr().unwrap());
		let method = method(&issuer, &folder, &url).await;
		let front = Front { origin: url.clone(), forwarded: true };
		let router = router(issuer, method, front);
		let service = router.into_make_service_with_connect_info::<SocketAddr>();
		tokio::spawn(async move { axum::serve(listener, service).await });
		Self { folder, journal, said, url, answered: Arc::default() }
	}

	async fn list() -> Self {
		Self::start(async |issuer, folder, _| {
			let path = folder.path().join("people.csv");
			std::fs::write(&path, PEOPLE).unwrap();
			Box::new(List::read(&path, issuer).unwrap()) as Box<dyn Method>
		})
		.await
	}

	async fn pairing() -> Self {
		Self::start(async |_, _, _| {
			Box::new(InPerson(Arc::new(Pairing::new(TOKEN)))) as Box<dyn Method>
		})
		.await
	}

	fn visitor(&self, accept: &'static str) -> Visitor {
		let client = Client::builder().redirect(Policy::none()).build().unwrap();
		let from = IpAddr::from([192, 0, 2, 1]);
		let (url, answered) = (self.url.clone(), Arc::clone(&self.answered));
		Visitor { client, url, cookie: String::new(), accept, from, answered }
	}

	fn program(&self) -> Visitor {
		self.visitor("application/json")
	}

	fn browser(&self) -> Visitor {
		self.visitor("text/html")
	}
}

impl Visitor {
	async fn send(&mut self, request: RequestBuilder) -> Got {
		let request = request.header(COOKIES, &self.cookie).header("accept", self.accept);
		let request = request.header("x-forwarded-for", self.from.to_string());
		let response = request.send().await.unwrap();
		let headers = response.headers().clone();
		if let Some(cookie) = headers.get("set-cookie") {
			self.cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
		}
		let status = response.status().as_u16();
		let body = response.text().await.unwrap();
		let mut answered = self.answered.lock().unwrap();
		for (name, value) in &headers {
			answered.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
		}
		answered.extend([body.as_bytes(), b"\n"].concat());
		Got { status, headers, body }
	}

	async fn get(&mut self, path: &str) -> Got {
		self.send(self.client.get(format!("{}{path}", self.url))).await
	}

	async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Got {
		self.send(self.client.post(format!("{}{path}", self.url)).form(form)).await
	}

	async fn begin(&mut self, account: u8) -> Got {
		let account = keys::address(&[account; 32]);
		self.post("/start", &[("account", &account), ("purpose", "register")]).await
	}

	/// Signs in at the provider; with what it comes back.
	async fn sign_in(&mut self) -> String {
		let visit = self.get("/session").await.json();
		let answer = sign_in(visit["url"].as_str().unwrap()).await;
		let query: Vec<String> =
			answer.iter().map(|(name, value)| format!("{name}={value}")).collect();
		format!("/return?{}", query.join("&"))
	}

	/// A whole conversation with the list.
	async fn enrol(&mut self, account: u8, id: &str, code: &str) -> Got {
		assert_eq!(self.begin(account).await.status, 200);
		self.post("/session", &[("id", id), ("code", code)]).await
	}
}

#[tokio::test]
async fn a_program_is_attested_by_the_list_and_again_with_the_same_answer() {
	let service = Running::list().await;
	let mut program = service.program();
	assert_eq!(program.begin(1).await.json()["state"], "begun");
	assert_eq!(program.get("/session").await.json()["fields"], json!(["id", "code"]));
	let got = program.post("/session", &[("id", "4711"), ("code", "apple-tree-9")]).await;
	let file = got.file();
	let public = key().verifying_key().to_bytes();
	assert_eq!(file.check(&[1; 32], &public, Purpose::Register, &[1; 32], 100), Ok(()));
	assert_eq!(program.get("/session").await.file(), file);
	assert_eq!(
		serde_json::from_str::<AttestationFile>(&program.get("/attestation.json").await.body)
			.unwrap(),
		file
	);

	// In another browser too; and for another account not at all.
	assert_eq!(service.program().enrol(1, "4711", "apple-tree-9").await.file(), file);
	let other = service.program().enrol(2, "4711", "apple-tree-9").await;
	assert_eq!((other.status, other.kind().as_str()), (409, "attested-lately"));
}

#[tokio::test]
async fn the_quota_is_kept_and_nobody_has_to_be_recognised_twice() {
	let service = Running::list().await;
	service.program().enrol(1, "4711", "apple-tree-9").await.file();
	service.program().enrol(2, "4712", "pear-tree-10").await.file();
	let mut third = service.program();
	let refused = third.enrol(3, "47,13", "plum-tree-11").await;
	assert_eq!((refused.status, refused.kind().as_str()), (503, "quota-exhausted"));
	service.said.0.lock().unwrap().epoch += 1;
	assert_eq!(third.get("/session").await.file().region, 756);
	let journal = std::fs::read_to_string(&service.journal).unwrap();
	assert_eq!(journal.lines().count(), 1 + 3, "whose it is, and the attestations");
}

#[tokio::test]
async fn a_browser_is_led_through_pages_without_a_script() {
	let service = Running::list().await;
	let mut browser = service.browser();
	let first = browser.get("/?account=%22%3E%3Cscript%3E").await;
	assert!(first.body.contains("&quot;&gt;&lt;script&gt;") && !first.body.contains("<script"));
	let policy = first.headers["content-security-policy"].to_str().unwrap();
	assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
	assert_eq!(browser.get("/style.css").await.headers["content-type"], "text/css; charset=utf-8");

	let begun = browser.begin(1).await;
	assert_eq!((begun.status, begun.headers["location"].to_str().unwrap()), (303, "/session"));
	let cookie = begun.headers["set-cookie"].to_str().unwrap();
	assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
	assert!(browser.get("/session").await.body.contains("name=\"code\""));
	let wrong = browser.post("/session", &[("id", "4711"), ("code", "<b>")]).await;
	assert_eq!((wrong.status, wrong.body.contains("not right")), (403, true));
	let right = browser.post("/session", &[("id", "4711"), ("code", "apple-tree-9")]).await;
	assert_eq!(right.status, 303);
	let last = browser.get("/session").await;
	assert!(last.body.contains("You are attested") && !last.body.contains("4711"));
}

#[tokio::test]
async fn what_is_not_in_order_is_refused() {
	let service = Running::list().await;
	let mut program = service.program();
	for path in ["/session", "/attestation.json", "/return?code=x&state=y"] {
		assert_eq!(program.get(path).await.kind(), "no-session", "{path}");
	}
	program.cookie = "usufruct-session=00".into();
	assert_eq!(program.get("/session").await.kind(), "no-session");
	for form in [
		vec![("account", "nobody")],
		vec![],
		vec![("account", "0x00"), ("purpose", "register")],
		vec![("account", "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"), ("purpose", "x")],
	] {
		let got = program.post("/start", &form).await;
		assert_eq!((got.status, got.kind().as_str()), (400, "form"), "{form:?}");
	}
	let long = "x".repeat(MOST_BYTES);
	assert_eq!(program.post("/start", &[("account", &long)]).await.status, 413);

	// A form that another site has sent.
	let account = keys::address(&[1; 32]);
	let form = [("account", account.as_str())];
	let request = program.client.post(format!("{}/start", service.url)).form(&form);
	let foreign = program.send(request.header("origin", "https://evil.example")).await;
	assert_eq!((foreign.status, foreign.headers.contains_key("set-cookie")), (403, false));
}

#[tokio::test]
async fn whoever_asks_too_often_waits() {
	let service = Running::list().await;
	let mut program = service.program();
	let mut limited = None;
	for _ in 0..10 * REQUESTS.0 {
		let got = program.begin(1).await;
		if got.status != 200 {
			limited = Some(got);
			break;
		}
	}
	let limited = limited.unwrap();
	assert_eq!((limited.status, limited.kind().as_str()), (429, "too-often"));
	assert!(limited.headers.contains_key("retry-after"));
	// Looking is free.
	assert_eq!(service.browser().get("/").await.status, 200);
}

#[tokio::test]
async fn one_home_line_does_not_shut_a_verifier_for_others() {
	let service = Running::pairing().await;
	let mut thief = service.program();
	let (mut begun, mut shown) = (0, 0);
	// Its /56 has 256 networks of /64.
	for number in 0..256 {
		thief.from = Ipv6Addr::new(0x2001, 0xdb8, 1, 0xab00 + number, 0, 0, 0, 1).into();
		if thief.begin(1).await.status == 200 {
			begun += 1;
			shown += u32::from(thief.get("/session").await.status == 200);
		}
	}
	assert!((REQUESTS.0..2 * REQUESTS.0).contains(&begun), "{begun}");
	assert_eq!(shown, 20);
	let mut person = service.program();
	person.from = "2001:db8:2::1".parse().unwrap();
	assert_eq!(person.begin(2).await.status, 200);
	assert_eq!(person.get("/session").await.json()["state"], "show");
}

#[tokio::test]
async fn a_conversation_that_is_looked_at_too_often_waits_and_others_go_on() {
	let service = Running::list().await;
	let (mut program, mut other) = (service.program(), service.program());
	program.begin(1).await;
	other.begin(2).await;
	let mut limited = None;
	for _ in 0..10 * LOOKS.0 {
		let got = program.get("/session").await;
		if got.status != 200 {
			limited = Some(got);
			break;
		}
	}
	let limited = limited.unwrap();
	assert_eq!((limited.status, limited.kind().as_str()), (429, "too-often"));
	assert_eq!(other.get("/session").await.status, 200);
}

#[tokio::test]
async fn two_screens_make_a_person() {
	let service = Running::pairing().await;
	let (mut person, mut official) = (service.program(), service.browser());
	person.begin(1).await;
	let shown = person.get("/session").await.json();
	let (code, check) = (shown["code"].as_str().unwrap(), shown["check"].as_str().unwrap());

	assert_eq!(official.post("/desk/code", &[("code", code)]).await.status, 401);
	assert_eq!(official.post("/desk/open", &[("token", "guess")]).await.status, 401);
	assert_eq!(official.post("/desk/open", &[("token", TOKEN)]).await.status, 303);
	assert_eq!(official.post("/desk/code", &[("code", "no")]).await.status, 404);
	let page = official.post("/desk/code", &[("code", code)]).await.body;
	assert!(page.contains(check) && page.contains(&keys::address(&[1; 32])), "{page}");
	let form = [("code", code), ("evidence", "passport 4711"), ("region", "Mars")];
	assert_eq!(official.post("/desk/person", &form).await.status, 400);
	let form = [("code", code), ("evidence", "passport 4711"), ("region", "756")];
	assert_eq!(official.post("/desk/person", &form).await.status, 200);
	assert_eq!(official.post("/desk/person", &form).await.status, 404);

	let file = person.get("/session").await.file();
	assert_eq!((file.region, file.account), (756, keys::address(&[1; 32])));
	let journal = std::fs::read_to_string(&service.journal).unwrap();
	assert!(!journal.contains("passport") && journal.contains("\"method\":\"pairing\""));
}

#[tokio::test]
async fn who_signs_in_elsewhere_comes_back_attested() {
	let provider = Provider::start().await;
	let service = Running::start(async |_, _, url| {
		let registration = provider.registration(&format!("{url}/return"));
		Box::new(Oidc::discover(registration).await.unwrap()) as Box<dyn Method>
	})
	.await;
	let mut person = service.program();
	person.begin(1).await;
	let back = person.sign_in().await;

	// In another browser the answer is worth nothing: it could have been slipped to its owner.
	let mut other = service.program();
	other.begin(2).await;
	assert_eq!(other.get(&back).await.kind(), "not-recognised");
	let file = person.get(&back).await.file();
	assert_eq!(file.account, keys::address(&[1; 32]));
	let journal = std::fs::read_to_string(&service.journal).unwrap();
	assert!(!journal.contains("ann") && !journal.contains(&provider.issuer));
}
