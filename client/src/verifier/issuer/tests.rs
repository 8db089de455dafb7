use super::*;
use crate::{state::Person, verifier::journal::Owner};
use futures::future::BoxFuture;
use std::{
	path::Path,
	sync::{mpsc, Arc},
	time::Duration,
};
use usufruct_primitives::Class;

/// A chain that is where a test says.
#[derive(Clone)]
pub(crate) struct Said(pub Arc<Mutex<Standing>>);

impl Registry for Said {
	fn genesis(&self) -> Hash {
		[1; 32]
	}

	fn standing(
		&self,
		_: Hash,
		_: AccountBytes,
		_: Option<AccountBytes>,
	) -> BoxFuture<'_, Result<Standing, RegistryError>> {
		let standing = self.0.lock().unwrap().clone();
		Box::pin(async move { Ok(standing) })
	}
}

/// A chain that first says what it said before.
#[derive(Clone)]
struct Late {
	before: Arc<Mutex<Option<Standing>>>,
	now: Said,
}

impl Registry for Late {
	fn genesis(&self) -> Hash {
		self.now.genesis()
	}

	fn standing(
		&self,
		nullifier: Hash,
		account: AccountBytes,
		former: Option<AccountBytes>,
	) -> BoxFuture<'_, Result<Standing, RegistryError>> {
		match self.before.lock().unwrap().take() {
			Some(before) => Box::pin(async { Ok(before) }),
			None => self.now.standing(nullifier, account, former),
		}
	}
}

pub(crate) fn key() -> SigningKey {
	SigningKey::from_bytes(&[7; 32])
}

/// An empty chain at block 100.
pub(crate) fn empty() -> Said {
	Said(Arc::new(Mutex::new(Standing {
		block: 100,
		epoch: 5,
		class: Class::Document,
		key: key().verifying_key().to_bytes(),
		quota_left: 10,
		person: None,
		known: None,
		removed: false,
		former: None,
	})))
}

pub(crate) fn issuer(said: &Said, path: &Path, quota: u32) -> Issuer {
	issuer_by(Box::new(said.clone()), path, quota)
}

fn issuer_by(registry: Box<dyn Registry>, path: &Path, quota: u32) -> Issuer {
	let terms = Terms { verifier: 3, quota, valid_for: 50 };
	let owner = Owner { genesis: registry.genesis(), verifier: terms.verifier };
	let journal = Journal::open(path, owner).unwrap();
	let secrets = Secrets { key: key(), domain: [2; 32] };
	Issuer::new(secrets, terms, registry, journal)
}

pub(crate) fn person(person: u32, account: u8) -> Person {
	Person {
		person,
		account: [account; 32],
		nonce: 4,
		revoked: false,
		from: 1,
		until: 50,
		frozen_by: None,
		needs_attestation: false,
		may_claim: true,
	}
}

struct Desk {
	_folder: tempfile::TempDir,
	path: std::path::PathBuf,
	said: Said,
	issuer: Arc<Issuer>,
}

impl Desk {
	fn new(quota: u32) -> Self {
		let folder = tempfile::tempdir().unwrap();
		let (path, said) = (folder.path().join("journal"), empty());
		let issuer = Arc::new(issuer(&said, &path, quota));
		Self { _folder: folder, path, said, issuer }
	}

	fn chain(&self, change: impl FnOnce(&mut Standing)) {
		change(&mut self.said.0.lock().unwrap());
	}

	fn ask(&self, purpose: Purpose, account: u8, who: &str) -> Result<AttestationFile, Refusal> {
		let former = None;
		let application = Application { account: [account; 32], purpose, former };
		let human = Human { evidence: who.into(), region: 49 };
		let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
		runtime.block_on(self.issuer.attest("list", &application, &human))
	}

	fn register(&self, account: u8, who: &str) -> Result<AttestationFile, Refusal> {
		self.ask(Purpose::Register, account, who)
	}
}

#[test]
fn an_attestation_is_one_that_the_chain_takes() {
	let desk = Desk::new(5);
	let file = desk.register(1, "Ann").unwrap();
	let public = key().verifying_key().to_bytes();
	assert_eq!(file.check(&[1; 32], &public, Purpose::Register, &[1; 32], 100), Ok(()));
	assert_eq!((file.verifier, file.nonce, file.region, file.expires), (3, 0, 49, 150));
	assert_eq!(file.nullifier, format!("0x{}", hex::encode(nullifier(&[2; 32], "Ann"))));
}

#[test]
fn the_same_human_gets_the_same_answer_and_never_a_second_one() {
	let desk = Desk::new(1);
	let first = desk.register(1, "Ann").unwrap();
	desk.chain(|it| it.block = 120);
	assert_eq!(desk.register(1, "Ann").unwrap(), first);
	let other = desk.register(2, "Ann");
	assert!(matches!(other, Err(Refusal::AttestedLately { until: 150 })), "{other:?}");
	// Another purpose is another thing too.
	desk.chain(|it| it.known = Some(person(8, 9)));
	assert!(matches!(
		desk.ask(Purpose::Recover, 1, "Ann"),
		Err(Refusal::AttestedLately { until: 150 })
	));
	// Once she is a person, and the attestation is past, nothing makes her another.
	desk.chain(|it| (it.block, it.known) = (150, Some(person(8, 1))));
	let refused = desk.register(2, "Ann");
	assert!(matches!(refused, Err(Refusal::AnotherAccount { .. })), "{refused:?}");
	desk.chain(|it| (it.known, it.removed) = (None, true));
	assert!(matches!(desk.register(2, "Ann"), Err(Refusal::Revoked)));
}

#[test]
fn who_did_not_register_in_time_may_try_again_without_counting_twice() {
	let desk = Desk::new(1);
	let first = desk.register(1, "Ann").unwrap();
	desk.chain(|it| it.block = 150);
	let second = desk.register(2, "Ann").unwrap();
	assert_ne!(first.account, second.account);
	assert_eq!(first.nullifier, second.nullifier);
	assert!(matches!(desk.register(3, "Ben"), Err(Refusal::QuotaExhausted)));
}

#[test]
fn the_quota_holds_for_an_epoch_and_survives_the_process() {
	let desk = Desk::new(2);
	desk.register(1, "Ann").unwrap();
	desk.register(2, "Ben").unwrap();
	assert!(matches!(desk.register(3, "Cem"), Err(Refusal::QuotaExhausted)));
	let Desk { path, said, issuer: before, _folder } = desk;
	drop(before);
	let issuer = Arc::new(issuer(&said, &path, 2));
	let desk = Desk { _folder, path, said, issuer };
	assert!(matches!(desk.register(3, "Cem"), Err(Refusal::QuotaExhausted)));
	desk.register(1, "Ann").unwrap();
	desk.chain(|it| it.epoch = 6);
	desk.register(3, "Cem").unwrap();
	// What the chain allows counts too.
	desk.chain(|it| it.quota_left = 0);
	assert!(matches!(desk.register(4, "Dee"), Err(Refusal::QuotaExhausted)));
}

#[test]
fn no_quota_of_an_epoch_that_is_over_comes_back() {
	let desk = Desk::new(2);
	desk.register(1, "Ann").unwrap();
	desk.register(2, "Ben").unwrap();
	desk.chain(|it| it.epoch = 6);
	let cem = desk.register(3, "Cem").unwrap();
	// A node that is behind, or an answer that comes after later ones.
	desk.chain(|it| it.epoch = 5);
	for (account, who) in [(4, "Dee"), (5, "Eve"), (6, "Flo")] {
		let refused = desk.register(account, who);
		assert!(matches!(refused, Err(Refusal::NodeBehind)), "{refused:?}");
	}
	// What is no new attestation of a new human waits for nothing.
	assert_eq!(desk.register(3, "Cem").unwrap(), cem);
	desk.chain(|it| (it.person, it.known) = (Some(person(8, 7)), Some(person(8, 7))));
	desk.ask(Purpose::Renew, 7, "Gus").unwrap();
	desk.chain(|it| (it.epoch, it.person, it.known) = (6, None, None));
	desk.register(4, "Dee").unwrap();
	assert!(matches!(desk.register(5, "Eve"), Err(Refusal::QuotaExhausted)));
}

#[test]
fn what_the_chain_said_before_an_epoch_ended_is_asked_again() {
	let Desk { _folder, path, said, issuer } = Desk::new(2);
	drop(issuer);
	let late = Late { before: Arc::default(), now: said.clone() };
	let issuer = Arc::new(issuer_by(Box::new(late.clone()), &path, 2));
	let desk = Desk { _folder, path, said, issuer };
	let before = desk.said.0.lock().unwrap().clone();
	desk.chain(|it| it.epoch = 6);
	desk.register(1, "Ann").unwrap();
	*late.before.lock().unwrap() = Some(before.clone());
	desk.register(2, "Ben").unwrap();
	*late.before.lock().unwrap() = Some(before);
	assert!(matches!(desk.register(3, "Cem"), Err(Refusal::QuotaExhausted)));
	assert!(late.before.lock().unwrap().is_none());
	let entries = std::fs::read_to_string(&desk.path).unwrap();
	assert_eq!((entries.lines().count(), entries.matches("\"epoch\":6").count()), (3, 2));
}

#[test]
fn a_renewal_is_for_the_person_whose_account_it_is() {
	let desk = Desk::new(0);
	assert!(matches!(desk.ask(Purpose::Renew, 1, "Ann"), Err(Refusal::NotAPerson)));
	desk.chain(|it| (it.person, it.known) = (Some(person(8, 1)), Some(person(8, 1))));
	// Whom the domain knows counts against no quota.
	assert_eq!(desk.ask(Purpose::Renew, 1, "Ann").unwrap().nonce, 4);
	assert!(matches!(desk.register(1, "Ann"), Err(Refusal::AlreadyAPerson)));
	desk.chain(|it| it.known = Some(person(9, 2)));
	assert!(matches!(desk.ask(Purpose::Renew, 1, "Ben"), Err(Refusal::AnotherAccount { .. })));
	desk.chain(|it| it.known = None);
	assert!(matches!(desk.ask(Purpose::Renew, 1, "Cem"), Err(Refusal::QuotaExhausted)));
	let revoked = Person { revoked: true, ..person(8, 1) };
	desk.chain(|it| it.person = Some(revoked));
	assert!(matches!(desk.ask(Purpose::Renew, 1, "Dee"), Err(Refusal::Revoked)));
}

#[test]
fn a_recovery_needs_a_person_and_the_same_human() {
	let desk = Desk::new(5);
	assert!(matches!(desk.ask(Purpose::Recover, 2, "Ann"), Err(Refusal::WhoseAccount)));
	desk.chain(|it| it.known = Some(person(8, 1)));
	let file = desk.ask(Purpose::Recover, 2, "Ann").unwrap();
	assert_eq!((file.purpose, file.nonce), (Purpose::Recover, 4));
	desk.chain(|it| it.former = Some(person(9, 3)));
	assert!(matches!(desk.ask(Purpose::Recover, 4, "Ben"), Err(Refusal::AnotherHuman)));
	// A domain that never met her can help, if she says who she was.
	desk.chain(|it| it.known = None);
	assert!(desk.ask(Purpose::Recover, 4, "Cem").is_ok());
	desk.chain(|it| it.person = Some(person(9, 4)));
	assert!(matches!(desk.ask(Purpose::Recover, 4, "Dee"), Err(Refusal::AlreadyAPerson)));
}

#[test]
fn nothing_is_signed_with_a_key_that_the_chain_does_not_have() {
	let desk = Desk::new(5);
	desk.chain(|it| it.key = [0; 32]);
	assert!(matches!(desk.register(1, "Ann"), Err(Refusal::WrongKey)));
}

#[tokio::test]
async fn while_one_is_written_down_others_are_served() {
	let desk = Desk::new(5);
	let (held, holds) = tokio::sync::oneshot::channel();
	let (go, goes) = mpsc::channel();
	let issuer = desk.issuer.clone();
	let disk = std::thread::spawn(move || {
		let _journal = lock(&issuer.journal);
		held.send(()).unwrap();
		goes.recv_timeout(Duration::from_secs(20)).is_ok()
	});
	holds.await.unwrap();
	let issuer = desk.issuer.clone();
	let attesting = tokio::spawn(async move {
		let (account, purpose, former) = ([1; 32], Purpose::Register, None);
		let application = Application { account, purpose, former };
		let human = Human { evidence: "Ann".into(), region: 49 };
		issuer.attest("list", &application, &human).await
	});
	// All on the one thread that there is.
	for _ in 0..100 {
		tokio::task::yield_now().await;
	}
	assert!(!attesting.is_finished());
	go.send(()).unwrap();
	assert!(disk.join().unwrap(), "the thread waited for the journal");
	attesting.await.unwrap().unwrap();
}

#[test]
fn the_journal_holds_no_evidence_and_no_account() {
	let desk = Desk::new(5);
	let file = desk.register(4, "passport 4711").unwrap();
	let text = std::fs::read_to_string(&desk.path).unwrap();
	for secret in ["passport", &file.account, &hex::encode([4u8; 32]), &hex::encode([2u8; 32])] {
		assert!(!text.contains(secret), "{secret}");
	}
	assert!(text.contains(&file.nullifier[2..]));
}
