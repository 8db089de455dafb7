//! `docs/security.md` names the test in which each attacker loses: each of them exists.

use std::{collections::BTreeSet, fs, path::Path};

/// What of a test's path is not there, if anything.
fn missing(root: &Path, test: &str) -> Option<String> {
	let (file, names) = test.split_once("::")?;
	let Ok(source) = fs::read_to_string(root.join(file)) else {
		return Some(format!("{file} cannot be read"));
	};
	let mut names: Vec<&str> = names.split("::").collect();
	let function = names.pop()?;
	for module in names {
		if !source.contains(&format!("mod {module} {{")) {
			return Some(format!("{file} has no module {module}"));
		}
	}
	let places: Vec<_> = source.match_indices(&format!("fn {function}(")).collect();
	let is_test = places.iter().any(|(place, _)| is_test(&source[..*place]));
	(!is_test).then(|| format!("{file} has no test {function}"))
}

/// Whether the function that begins behind `source` is a test, by its attributes.
fn is_test(source: &str) -> bool {
	let above = source.trim_end().trim_end_matches("async").trim_end();
	let lines = above.lines().rev().map(str::trim);
	lines
		.take_while(|line| line.starts_with('#') || line.starts_with("///"))
		.any(|line| line == "#[test]" || line.starts_with("#[tokio::test"))
}

#[test]
fn every_test_that_the_security_document_names_exists() {
	let root = Path::new("..");
	let document = fs::read_to_string(root.join("docs/security.md")).expect("it is there");
	// What stands between backticks has an odd place.
	let code = document.split('`').skip(1).step_by(2);
	let named: BTreeSet<&str> = code.filter(|text| text.contains(".rs::")).collect();
	assert!(named.len() > 50, "only {} tests are found in the document", named.len());
	let missing: Vec<String> = named.into_iter().filter_map(|test| missing(root, test)).collect();
	assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn each_attack_has_a_row_with_a_test() {
	let root = Path::new("..");
	let document = fs::read_to_string(root.join("docs/security.md")).expect("it is there");
	let rows: Vec<&str> = document.lines().filter(|line| line.starts_with("| ")).collect();
	for attack in (1..=12).chain([17, 19]).chain(22..=30) {
		let row = rows.iter().find(|row| row.starts_with(&format!("| {attack} |")));
		let row = row.unwrap_or_else(|| panic!("attack {attack} has no row"));
		assert!(row.contains(".rs::"), "attack {attack} has no test");
	}
}
