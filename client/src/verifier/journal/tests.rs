use super::*;
use std::fs;

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
	match Journal::open(path) {
		Err(JournalError::Broken { line, .. }) => line,
		other => panic!("{other:?}"),
	}
}

#[test]
fn what_was_written_is_read_back() {
	let (_folder, path) = path();
	let mut journal = Journal::open(&path).unwrap();
	for (human, epoch, new) in [(1, 3, true), (2, 4, true), (2, 4, true), (3, 4, false)] {
		journal.append(entry(human, epoch, new)).unwrap();
	}
	let head = journal.contents().head();
	drop(journal);
	let journal = Journal::open(&path).unwrap();
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
	let mut journal = Journal::open(&path).unwrap();
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
	let mut journal = Journal::open(&path).unwrap();
	journal.append(entry(1, 1, true)).unwrap();
	let head = journal.contents().head();
	drop(journal);
	let whole = fs::read(&path).unwrap();
	for cut in [b"abc".as_slice(), &whole[..whole.len() - 1]] {
		fs::write(&path, [&whole[..], cut].concat()).unwrap();
		assert_eq!(Journal::open(&path).unwrap().contents().head(), head);
		assert_eq!(fs::read(&path).unwrap(), whole);
	}
}

#[test]
fn each_change_is_found() {
	let (_folder, path) = path();
	let mut journal = Journal::open(&path).unwrap();
	for human in 1..=3 {
		journal.append(entry(human, 1, true)).unwrap();
	}
	drop(journal);
	let text = fs::read_to_string(&path).unwrap();
	let lines: Vec<&str> = text.split_inclusive('\n').collect();

	// A line changed, removed, repeated, moved, or something else in between.
	fs::write(&path, text.replacen("\"epoch\":1", "\"epoch\":2", 1)).unwrap();
	assert_eq!(broken_line(&path), 1);
	fs::write(&path, [lines[0], lines[2]].concat()).unwrap();
	assert_eq!(broken_line(&path), 2);
	fs::write(&path, [lines[0], lines[0], lines[1]].concat()).unwrap();
	assert_eq!(broken_line(&path), 2);
	fs::write(&path, [lines[1], lines[0], lines[2]].concat()).unwrap();
	assert_eq!(broken_line(&path), 1);
	fs::write(&path, [lines[0], "\n", lines[1]].concat()).unwrap();
	assert_eq!(broken_line(&path), 2);
	fs::write(&path, text).unwrap();
	assert!(Journal::open(&path).is_ok());
}

#[test]
fn two_services_cannot_share_one() {
	let (_folder, path) = path();
	let mut first = Journal::open(&path).unwrap();
	assert!(matches!(Journal::open(&path), Err(JournalError::InUse(_))));
	// Anybody who may can look at it meanwhile.
	first.append(entry(1, 1, true)).unwrap();
	assert_eq!(&Contents::read(&path).unwrap(), first.contents());
}
