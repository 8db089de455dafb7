use super::{memory::Memory, run::where_it_runs, *};
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

#[test]
fn the_budget_must_hold_the_models_that_are_loaded_at_the_start_one_after_the_other() {
	const MIB: u64 = 1 << 20;
	let mut memory = Memory::default();
	assert!(memory.within(0).is_ok(), "nothing is loaded");
	memory.add(50 * MIB, Some(30 * MIB));
	assert!(memory.within(50 * MIB).is_ok() && memory.within(49 * MIB).is_err());
	// What is there counts as it was measured, what comes as it was estimated.
	memory.add(40 * MIB, Some(60 * MIB));
	assert!(memory.within(70 * MIB).is_ok() && memory.within(69 * MIB).is_err());
	// And if it cannot be measured, as it was estimated too.
	memory.add(10 * MIB, None);
	memory.add(20 * MIB, None);
	let (_, said) = memory.within(120 * MIB).unwrap();
	assert!(said.contains("120 MiB of 120"), "{said}");
	let said = memory.within(119 * MIB).unwrap_err().to_string();
	for words in ["needs 120 MiB", "memory_budget_mib is 119", "to 120 or more", "on_demand = true"]
	{
		assert!(said.contains(words), "{said}");
	}
}
