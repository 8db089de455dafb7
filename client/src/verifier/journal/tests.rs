use super::*;
use std::fs;

const OWNER: Owner = Owner { genesis: [7; 32], verifier: 1 };

fn open(path: &Path) -> Result<Journal, JournalError> {
	Journal::open(path, OWNER)
}

/// The text of a journal with these lines.
fn sealed(entries: &[Entry]) -> String {
	let (mut head, mut text) = (Head::default(), String::new());
	for entry in entries {
		let json = serde_json::to_string(entry).unwrap();
		head = head.then(json.as_bytes());
		text += &format!("{} {json}\n", hex::encode(head.seal));
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

/// A journal of four attestations, which nobody has open.
struct Written {
	_folder: tempfile::TempDir,
	path: PathBuf,
	/// Its lines, the first of which says whose it is.
	lines: Vec<String>,
	/// What was noted after each of them.
	heads: Vec<String>,
}

impl Written {
	fn new() -> Self {
		let (_folder, path) = path();
		let noted = || fs::read_to_string(Head::beside(&path)).unwrap();
		let mut journal = open(&path).unwrap();
		let mut heads = vec![noted()];
		for human in 1..=4 {
			journal.append(entry(human, 1, true)).unwrap();
			heads.push(noted());
		}
		drop(journal);
		let text = fs::read_to_string(&path).unwrap();
		let lines = text.split_inclusive('\n').map(String::from).collect();
		Self { _folder, path, lines, heads }
	}

	/// What a disk holds from which something was lost.
	fn lay(&self, lines: usize, head: Option<&str>) {
		fs::write(&self.path, self.lines[..lines].concat()).unwrap();
		match head {
			Some(head) => fs::write(Head::beside(&self.path), head).unwrap(),
			None => drop(fs::remove_file(Head::beside(&self.path))),
		}
	}

	fn open(&self) -> Result<Journal, JournalError> {
		open(&self.path)
	}

	/// Both as they are on the disk.
	fn bytes(&self) -> [Option<Vec<u8>>; 2] {
		[&self.path, &Head::beside(&self.path)].map(|path| fs::read(path).ok())
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
	assert_eq!(journal.contents().head().lines, 2, "whose it is, and an attestation");
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
	assert_eq!((journal.contents().head().lines, journal.contents().new_in(4)), (4, 3));
	assert_eq!(journal.contents().attestations(), 3);
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

#[test]
fn lines_that_were_cut_off_its_end_are_missed() {
	let written = Written::new();
	let cut = |opened: Result<usize, JournalError>, left: usize| {
		let error = opened.unwrap_err();
		let missing = matches!(error, JournalError::Cut { found, written: 5, .. } if found == left);
		assert!(missing, "{left}: {error:?}");
		assert!(error.to_string().contains("newest copy"), "{error}");
	};
	let opened = || written.open().map(|journal| journal.contents().attestations());
	let read = || Contents::read(&written.path).map(|journal| journal.attestations());
	// The last line, the last three, all attestations, and everything.
	for left in [4, 2, 1, 0] {
		written.lay(left, Some(&written.heads[4]));
		let before = written.bytes();
		cut(read(), left);
		cut(opened(), left);
		assert_eq!(written.bytes(), before, "it stays as it is");
	}
	// In the middle of the last line, which is no line that was being written.
	for bytes in [1, 10] {
		let whole = written.lines.concat();
		fs::write(&written.path, &whole[..whole.len() - bytes]).unwrap();
		let before = written.bytes();
		cut(opened(), 4);
		assert_eq!(written.bytes(), before, "it stays as it is");
	}
	// The whole file.
	fs::remove_file(&written.path).unwrap();
	cut(opened(), 0);

	written.lay(5, Some(&written.heads[4]));
	assert_eq!((read().unwrap(), opened().unwrap()), (4, 4));
}

#[test]
fn what_a_crash_leaves_is_taken_up_and_nothing_is_lost() {
	let written = Written::new();
	// Between a line and its head; the first line has no head before it.
	for lines in 1..=5_usize {
		let before = lines.checked_sub(2).map(|last| written.heads[last].as_str());
		written.lay(lines, before);
		fs::write(head::prepared(&written.path), &written.heads[lines - 1]).unwrap();
		let journal = written.open().unwrap();
		assert!(!journal.adopted());
		assert_eq!(journal.contents().head().lines, lines);
		assert_eq!(journal.contents().new_in(1) as usize, lines - 1);
		drop(journal);
		let noted = fs::read_to_string(Head::beside(&written.path)).unwrap();
		assert_eq!(noted, written.heads[lines - 1]);
	}
	// In the middle of a line, and before there was any.
	written.lay(4, Some(&written.heads[3]));
	fs::write(&written.path, written.lines.concat().trim_end()).unwrap();
	let mut journal = written.open().unwrap();
	assert_eq!(journal.contents().head().lines, 4);
	journal.append(entry(4, 1, true)).unwrap();
	drop(journal);
	let [text, noted] = written.bytes().map(Option::unwrap);
	assert_eq!(String::from_utf8(text).unwrap(), written.lines.concat());
	assert_eq!(String::from_utf8(noted).unwrap(), written.heads[4]);
	written.lay(0, None);
	assert_eq!(written.open().unwrap().contents().head().lines, 1);
}

#[test]
fn a_journal_is_refused_if_nothing_says_how_far_it_goes() {
	let written = Written::new();
	let refused = |head: Option<&str>| {
		written.lay(5, head);
		let before = written.bytes();
		let error = written.open().unwrap_err();
		assert_eq!(written.bytes(), before, "it stays as it is");
		let whole = written.heads[4].trim_end().replacen(' ', " lines and its hash 0x", 1);
		for part in ["--trust", whole.as_str()] {
			assert!(error.to_string().contains(part), "{part}: {error}");
		}
		error
	};
	let missing = refused(None);
	assert!(matches!(missing, JournalError::NoHead { .. }), "{missing:?}");
	assert!(matches!(Contents::read(&written.path), Err(JournalError::NoHead { .. })));

	let last = &written.heads[4];
	let other = Head { lines: 5, seal: [1; 32] };
	let other = format!("{} {}\n", other.lines, hex::encode(other.seal));
	let fewer = last.replacen('5', "4", 1);
	for head in [
		"",
		"5",
		&last[..last.len() - 1],
		&last[1..],
		"5 \n",
		other.as_str(),
		fewer.as_str(),
		"\u{fffd}",
	] {
		let error = refused(Some(head));
		assert!(matches!(error, JournalError::OtherHead { .. }), "{head}: {error:?}");
		let read = Contents::read(&written.path);
		assert!(matches!(read, Err(JournalError::OtherHead { .. })), "{head}: {read:?}");
	}
	// An older copy of it; a service that goes on writing is no reason to refuse to look.
	for head in &written.heads[..3] {
		let error = refused(Some(head));
		assert!(matches!(error, JournalError::OtherHead { .. }), "{head}: {error:?}");
		assert_eq!(Contents::read(&written.path).unwrap().attestations(), 4);
	}

	Journal::trust(&written.path).unwrap();
	assert_eq!(fs::read_to_string(Head::beside(&written.path)).unwrap(), *last);
	let journal = written.open().unwrap();
	assert_eq!(journal.contents().attestations(), 4);
	assert!(matches!(Journal::trust(&written.path), Err(JournalError::InUse(_))));
}

#[test]
fn what_is_left_can_be_taken_as_whole_but_nothing_that_was_changed() {
	let written = Written::new();
	for (lines, attestations) in [(3, 2), (0, 0)] {
		written.lay(lines, Some(&written.heads[4]));
		Journal::trust(&written.path).unwrap();
		assert_eq!(written.open().unwrap().contents().attestations(), attestations);
	}
	written.lay(5, Some(&written.heads[4]));
	let changed = written.lines.concat().replacen("\"epoch\":1", "\"epoch\":2", 1);
	fs::write(&written.path, changed).unwrap();
	let before = written.bytes();
	let error = Journal::trust(&written.path).unwrap_err();
	assert!(matches!(error, JournalError::Broken { line: 2, .. }), "{error:?}");
	assert_eq!(written.bytes(), before);
	fs::remove_file(&written.path).unwrap();
	assert!(matches!(Journal::trust(&written.path), Err(JournalError::Io { .. })));
}

#[cfg(unix)]
#[test]
fn what_the_systems_user_notes_is_the_services_to_read() {
	use std::os::unix::fs::{chown, MetadataExt, PermissionsExt};
	let written = Written::new();
	let head = Head::beside(&written.path);
	let own = fs::metadata(&head).unwrap().uid();
	// Only the system's user can give files away; for any other they stay its own.
	let given = own == 0 && chown(&written.path, Some(54_321), Some(54_322)).is_ok();
	let service = if given { 54_321 } else { own };
	for lost in [true, false] {
		if lost {
			fs::remove_file(&head).unwrap();
		}
		Journal::trust(&written.path).unwrap();
		let noted = fs::metadata(&head).unwrap();
		assert_eq!((noted.uid(), noted.permissions().mode() & 0o777), (service, 0o600));
		assert!(!given || noted.gid() == 54_322);
	}
}

/// The disk alone cannot tell; the chain, which counts what was used, can.
#[test]
fn older_copies_of_both_are_taken_and_have_fewer_attestations() {
	let written = Written::new();
	written.lay(3, Some(&written.heads[2]));
	assert_eq!(written.open().unwrap().contents().attestations(), 2);
}

#[test]
fn what_cannot_be_noted_is_not_attested() {
	let written = Written::new();
	let mut journal = written.open().unwrap();
	// As on a full disk: nothing has begun, and it goes on when there is room.
	let before = written.bytes();
	fs::create_dir(head::prepared(&written.path)).unwrap();
	assert!(matches!(journal.append(entry(5, 1, true)), Err(JournalError::Io { .. })));
	assert_eq!(written.bytes(), before);
	assert_eq!(journal.contents().last(&[5; 32]), None);
	fs::remove_dir(head::prepared(&written.path)).unwrap();
	journal.append(entry(5, 1, true)).unwrap();

	// The line is written, and its head is not.
	let noted = fs::read(Head::beside(&written.path)).unwrap();
	fs::remove_file(Head::beside(&written.path)).unwrap();
	fs::create_dir(Head::beside(&written.path)).unwrap();
	assert!(matches!(journal.append(entry(6, 1, true)), Err(JournalError::Io { .. })));
	assert_eq!(journal.contents().last(&[6; 32]), None);
	assert!(matches!(journal.append(entry(7, 1, true)), Err(JournalError::Poisoned)));
	drop(journal);
	fs::remove_dir(Head::beside(&written.path)).unwrap();
	fs::write(Head::beside(&written.path), noted).unwrap();
	let journal = written.open().unwrap();
	assert_eq!(journal.contents().attestations(), 6);
	assert!(journal.contents().counted(1, &[6; 32]), "it counts against the quota");
}
