use super::{run::where_it_runs, *};
use crate::engine::{
	gpu::{Card, Gpus},
	placement::{PassedOver, Placed, Provider},
};

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

#[test]
fn a_model_is_told_with_what_it_runs_on_and_why_on_nothing_else() {
	let placed = |provider, passed_over: &[(Provider, &str)]| {
		let reasons = passed_over.iter().map(|(it, why)| (*it, (*why).into())).collect();
		Placed { provider, passed_over: PassedOver(reasons) }
	};
	let card = Card { number: 1, id: "1".into(), kind: "Tesla T4".into() };
	let (none, some) = (Gpus::default(), Gpus { cards: vec![card], driver: None });
	let cuda = where_it_runs("CUDA:1", "Tesla T4, driver 5", &placed(Provider::Cuda, &[]), &some);
	assert_eq!(cuda, (State::Ok, "CUDA:1 (Tesla T4, driver 5)".into()));
	let cpu = placed(Provider::Cpu, &[(Provider::Cuda, "no library")]);
	let text = "CPU\nCUDA cannot be used: no library".to_owned();
	assert_eq!(where_it_runs("CPU", "", &cpu, &none), (State::Ok, text.clone()));
	assert_eq!(where_it_runs("CPU", "", &cpu, &some), (State::Warn, text));
}
