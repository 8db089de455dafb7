use super::*;
use std::fs;

const OWNER: Owner = Owner { genesis: [7; 32], verifier: 1 };

fn open(path: &Path) -> Result<Journal, JournalError> {
	Journal::open(path, OWNER)
}

/// The text of a journal with these lines.
fn sealed(entries: &[Entry]) -> String {
	let (mut head, mut text) = (Hash::default(), String::new());
	for entry in entries {
		let json = serde_json::to_string(entry).unwrap();
		head = seal(&head, json.as_bytes());
		text += &format!("{} {json}\n", hex::encode(head));
	}
	text
}

fn entry(human: u8, epoch: EpochIndex, new: bool) -> Attested {
	Attested {
		verifier: 1,
		method: "list".into(),
		purpose: Purpose::Register,
		nullifier: [human; 32],
		account: [9; 32],
		region: 0,
		issued: 10,
		expires: 20,
		nonce: 0,
		epoch,
		new,
	}
}

fn path() -> (tempfile::TempDir, PathBuf) {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("journal");
	(folder, path)
}

fn broken_line(path: &Path) -> usize {
	match open(path) {
		Err(JournalError::Broken { line, .. }) => line,
		other => panic!("{other:?}"),
	}
}

#[test]
fn what_was_written_is_read_back() {
	let (_folder, path) = path();
	let mut journal = open(&path).unwrap();
	for (human, epoch, new) in [(1, 3, true), (2, 4, true), (2, 4, true), (3, 4, false)] {
		journal.append(entry(human, epoch, new)).unwrap();
	}
	let head = journal.contents().head();
	drop(journal);
	let journal = open(&path).unwrap();
	let journal = journal.contents();
	assert_eq!(journal.head(), head);
	// The same human twice counts once, and who was known does not count.
	assert_eq!((journal.new_in(4), journal.new_in(3), journal.humans()), (1, 0, 3));
	assert_eq!(journal.epoch(), 4);
	assert!(journal.counted(4, &[2; 32]) && !journal.counted(4, &[3; 32]));
	assert_eq!(journal.last(&[1; 32]).unwrap().epoch, 3);
}

#[test]
fn an_epoch_that_is_over_does_not_come_back() {
	let (_folder, path) = path();
	let mut journal = open(&path).unwrap();
	for (human, epoch) in [(1, 4), (2, 5), (3, 4)] {
		journal.append(entry(human, epoch, true)).unwrap();
	}
	drop(journal);
	let journal = Contents::read(&path).unwrap();
	assert_eq!((journal.epoch(), journal.new_in(5)), (5, 1));
	assert!(journal.counted(5, &[2; 32]) && !journal.counted(5, &[3; 32]));
}

#[test]
fn a_line_cut_short_is_cut_off_and_the_rest_holds() {
	let (_folder, path) = path();
	let mut journal = open(&path).unwrap();
	journal.append(entry(1, 1, true)).unwrap();
	let head = journal.contents().head();
	drop(journal);
	let whole = fs::read(&path).unwrap();
	let last = whole[..whole.len() - 1].rsplit(|byte| *byte == b'\n').next().unwrap();
	for cut in [b"abc".as_slice(), last] {
		fs::write(&path, [&whole[..], cut].concat()).unwrap();
		assert_eq!(open(&path).unwrap().contents().head(), head);
		assert_eq!(fs::read(&path).unwrap(), whole);
	}
}

#[test]
fn each_change_is_found() {
	let (_folder, path) = path();
	let mut journal = open(&path).unwrap();
	for human in 1..=3 {
		journal.append(entry(human, 1, true)).unwrap();
	}
	drop(journal);
	let text = fs::read_to_string(&path).unwrap();
	let lines: Vec<&str> = text.split_inclusive('\n').collect();

	// Another owner, none, or a second one.
	fs::write(&path, text.replacen("\"verifier\":1", "\"verifier\":2", 1)).unwrap();
	assert_eq!(broken_line(&path), 1);
	fs::write(&path, lines[1..].concat()).unwrap();
	assert_eq!(broken_line(&path), 1);
	fs::write(&path, sealed(&[Entry::Owner(OWNER), Entry::Owner(OWNER)])).unwrap();
	assert_eq!(broken_line(&path), 2);
	// A line changed, removed, repeated, moved, or something else in between.
	fs::write(&path, text.replacen("\"epoch\":1", "\"epoch\":2", 1)).unwrap();
	assert_eq!(broken_line(&path), 2);
	fs::write(&path, [lines[0], lines[1], lines[3]].concat()).unwrap();
	assert_eq!(broken_line(&path), 3);
	fs::write(&path, [lines[0], lines[1], lines[1], lines[2]].concat()).unwrap();
	assert_eq!(broken_line(&path), 3);
	fs::write(&path, [lines[0], lines[2], lines[1], lines[3]].concat()).unwrap();
	assert_eq!(broken_line(&path), 2);
	fs::write(&path, [lines[0], lines[1], "\n", lines[2]].concat()).unwrap();
	assert_eq!(broken_line(&path), 3);
	fs::write(&path, text).unwrap();
	assert!(open(&path).is_ok());
}

#[test]
fn two_services_cannot_share_one() {
	let (_folder, path) = path();
	let mut first = open(&path).unwrap();
	assert!(matches!(open(&path), Err(JournalError::InUse(_))));
	// Anybody who may can look at it meanwhile.
	first.append(entry(1, 1, true)).unwrap();
	assert_eq!(&Contents::read(&path).unwrap(), first.contents());
}

#[test]
fn a_journal_of_another_chain_or_verifier_is_refused_and_stays_as_it_is() {
	let (_folder, path) = path();
	let mut journal = open(&path).unwrap();
	journal.append(entry(1, 1, true)).unwrap();
	assert!(!journal.adopted());
	assert_eq!(journal.contents().owner(), Some(OWNER));
	drop(journal);
	let before = fs::read(&path).unwrap();

	let error = Journal::open(&path, Owner { genesis: [8; 32], ..OWNER }).unwrap_err();
	let of = |found: Hash, wanted: Hash| found == [7; 32] && wanted == [8; 32];
	assert!(
		matches!(error, JournalError::OtherChain { found, wanted, .. } if of(found, wanted)),
		"{error}"
	);
	let said = error.to_string();
	for part in ["0x0707", "0x0808", "--journal", "--url"] {
		assert!(said.contains(part), "{part}: {said}");
	}
	let error = Journal::open(&path, Owner { verifier: 2, ..OWNER }).unwrap_err();
	assert!(matches!(error, JournalError::OtherVerifier { found: 1, wanted: 2, .. }), "{error}");
	assert!(error.to_string().contains("--journal"), "{error}");
	assert_eq!(fs::read(&path).unwrap(), before);

	let journal = open(&path).unwrap();
	assert_eq!(journal.contents().head().0, 2, "whose it is, and an attestation");
}

#[test]
fn an_older_journal_that_does_not_say_whose_it_is_does_so_from_its_next_start() {
	let (_folder, path) = path();
	let older = sealed(&[Entry::Attested(entry(1, 4, true)), Entry::Attested(entry(2, 4, true))]);
	fs::write(&path, &older).unwrap();
	assert_eq!(Contents::read(&path).unwrap().owner(), None);
	let mut journal = open(&path).unwrap();
	assert!(journal.adopted());
	assert_eq!((journal.contents().owner(), journal.contents().new_in(4)), (Some(OWNER), 2));
	journal.append(entry(3, 4, true)).unwrap();
	drop(journal);
	let text = fs::read_to_string(&path).unwrap();
	assert!(text.starts_with(&older), "it only grows");

	let other = Journal::open(&path, Owner { genesis: [8; 32], ..OWNER });
	assert!(matches!(other, Err(JournalError::OtherChain { .. })));
	let journal = open(&path).unwrap();
	assert!(!journal.adopted());
	assert_eq!((journal.contents().head().0, journal.contents().new_in(4)), (4, 3));
}

#[test]
fn an_older_journal_with_attestations_of_another_verifier_is_refused() {
	let (_folder, path) = path();
	let other = Attested { verifier: 2, ..entry(1, 4, true) };
	// The last one about the human is our own.
	let older = sealed(&[Entry::Attested(other), Entry::Attested(entry(1, 4, true))]);
	fs::write(&path, &older).unwrap();
	let error = open(&path).unwrap_err();
	assert!(matches!(error, JournalError::OtherVerifier { found: 2, wanted: 1, .. }), "{error}");
	assert_eq!(fs::read_to_string(&path).unwrap(), older);
}
