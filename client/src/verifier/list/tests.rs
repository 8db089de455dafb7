use super::*;
use crate::verifier::nullifier;

pub(crate) const PEOPLE: &str =
	"id,code,region\n4711,apple-tree-9,49\n 4712 , pear-tree-10 ,\n\"47,13\",plum-tree-11,756\n";

fn list(text: &str) -> Result<List, ListError> {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("people.csv");
	std::fs::write(&path, text).unwrap();
	List::with(&path, Box::new(|text| nullifier(&[2; 32], text)))
}

#[test]
fn who_is_on_the_list_and_has_the_code_is_recognised() {
	let (list, now) = (list(PEOPLE).unwrap(), Instant::now());
	assert_eq!(list.people(), 3);
	for (id, code, region) in [
		("4711", "apple-tree-9", 49),
		(" 4712", "pear-tree-10 ", 0),
		("47,13", "plum-tree-11", 756),
	] {
		let human = list.check(id, code, now).ok().unwrap();
		assert_eq!((human.evidence.as_str(), human.region), (id.trim(), region));
	}
}

#[test]
fn a_code_opens_only_its_own_row() {
	let (list, now) = (list(PEOPLE).unwrap(), Instant::now());
	for (id, code) in
		[("4711", "pear-tree-10"), ("4711", "APPLE-TREE-9"), ("4711", ""), ("4714", "apple-tree-9")]
	{
		assert!(list.check(id, code, now).is_err(), "{id} {code}");
	}
}

#[test]
fn guessing_a_code_ends_after_a_few_tries_and_the_right_one_waits_too() {
	let (list, start) = (list(PEOPLE).unwrap(), Instant::now());
	let guesses = (0..100_000).filter(|guess| {
		list.check("4711", &format!("guess-{guess}"), start) == Err(MethodError::Wrong)
	});
	assert_eq!(guesses.count(), 100_000);
	// Nothing tells a guesser that it has become pointless.
	assert!(list.check("4711", "apple-tree-9", start) == Err(MethodError::Wrong));
	// Nobody else is locked out by it.
	assert!(list.check("4712", "pear-tree-10", start).is_ok());
	assert!(list.check("4711", "apple-tree-9", start + TRIES.1).is_ok());
}

#[test]
fn no_number_of_others_uses_up_the_tries_of_who_is_on_the_list() {
	let (unknown, now) = (list(PEOPLE).unwrap(), Instant::now());
	for id in 0..30_000 {
		let id = format!("nobody-{id}");
		assert!(unknown.check(&id, "guess-of-a-code", now) == Err(MethodError::Wrong));
	}
	assert!(unknown.check("4711", "apple-tree-9", now).is_ok());

	// Also on a long list, all of whose ids are known to who guesses.
	let rows = (0..11_000).map(|id| format!("{id},code-of-{id}\n"));
	let long = list(&["id,code\n".into()].into_iter().chain(rows).collect::<String>()).unwrap();
	for id in 1..11_000 {
		for guess in 0..=TRIES.0 {
			assert!(long.check(&id.to_string(), &format!("guess-{guess}"), now).is_err());
		}
	}
	assert!(long.check("0", "code-of-0", now).is_ok());
}

#[test]
fn each_flaw_of_a_list_is_named() {
	assert!(matches!(list("id,code\n"), Err(ListError::Empty)));
	assert!(matches!(list("id,code\n1,12345678\n2,1234567\n"), Err(ListError::ShortCode(2))));
	assert!(matches!(list("id,code\n1,12345678\n 1,12345679\n"), Err(ListError::Twice(2))));
	assert!(matches!(list("id,code\n,12345678\n"), Err(ListError::NoId(1))));
	assert!(matches!(list("name,code\nAnn,12345678\n"), Err(ListError::Read(..))));
	assert!(matches!(list("id,code,region\n1,12345678,DE\n"), Err(ListError::Read(..))));
}
