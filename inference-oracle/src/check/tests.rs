use super::*;

#[test]
fn a_report_is_a_table_and_one_failure_is_enough() {
	let mut report = Report::default();
	let found = report.take::<_, String>("node", Ok((7, "block 12".into())));
	assert_eq!(found, Some(7));
	report.note("sandbox", State::Warn, "no Landlock\nthe kernel is old");
	assert!(report.serves());
	assert_eq!(report.take::<(), _>("a model", Err("no such file")), None);
	report.note("its ask", State::Skipped, "");
	assert!(!report.serves());
	let text = report.to_string();
	let expected = "\
node     ok       block 12
sandbox  WARN     no Landlock
                  the kernel is old
a model  FAIL     no such file
its ask  skipped  

The oracle would not serve: 1 of 4 checks failed.";
	assert_eq!(text, expected);
}
