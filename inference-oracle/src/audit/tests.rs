use super::compare::{compare, NoTolerance, Tolerance, Verdict};
use usufruct_client::tensors::{DataType, Tensor};

fn floats(name: &str, values: &[f32]) -> Tensor {
	let data = values.iter().flat_map(|it| it.to_le_bytes()).collect();
	Tensor::new(name, DataType::Fp32, vec![values.len() as u64], data).unwrap()
}

fn whole(values: &[i64]) -> Tensor {
	let data = values.iter().flat_map(|it| it.to_le_bytes()).collect();
	Tensor::new("class", DataType::Int64, vec![values.len() as u64], data).unwrap()
}

const LOOSE: Tolerance = Tolerance { absolute: 0.1, relative: 0.0 };

fn verdict(answered: &[f32], again: &[f32], same: bool) -> Verdict {
	compare(&[floats("y", answered)], &[floats("y", again)], &LOOSE, same).0
}

#[test]
fn equal_and_nearly_equal_match() {
	let exact = |exact| Verdict::Match { exact };
	assert_eq!(verdict(&[1.0, 2.0], &[1.0, 2.0], false), exact(true));
	assert_eq!(verdict(&[1.0, 2.0], &[1.05, 1.95], true), exact(false));
	assert_eq!(verdict(&[f32::NAN, 0.0], &[f32::NAN, -0.0], true), exact(false));
	let infinite = [f32::INFINITY];
	assert_eq!(verdict(&infinite, &infinite, true), exact(true));
	let relative = Tolerance { absolute: 0.0, relative: 0.01 };
	let (a, b) = ([floats("y", &[1_000.0])], [floats("y", &[1_009.0])]);
	assert_eq!(compare(&a, &b, &relative, true).0, exact(false));
}

#[test]
fn what_is_beyond_the_tolerance_depends_on_the_profile() {
	assert!(matches!(verdict(&[1.0], &[1.2], true), Verdict::Mismatch(_)));
	assert!(matches!(verdict(&[1.0], &[1.2], false), Verdict::Undecided(_)));
	assert!(matches!(verdict(&[1.0], &[100.0], false), Verdict::Mismatch(_)));
	assert!(matches!(verdict(&[1.0], &[f32::NAN], true), Verdict::Mismatch(_)));
	let class = |same| compare(&[whole(&[1, 2])], &[whole(&[1, 3])], &LOOSE, same);
	let (same, distance) = class(true);
	assert!(matches!(same, Verdict::Mismatch(_)));
	assert_eq!((distance.others, distance.count), (1, 2));
	assert!(matches!(class(false).0, Verdict::Undecided(_)), "two scores may be nearly equal");
}

#[test]
fn what_is_no_tolerance_is_refused_with_the_part_that_is_wrong() {
	let check = |absolute, relative| Tolerance { absolute, relative }.check();
	assert_eq!(check(100.0, 1.0), Ok(Tolerance { absolute: 100.0, relative: 1.0 }));
	// By these whatever is answered would match.
	let beyond = |most: f64| [most * (1.0 + f64::EPSILON), 1e308, f64::MAX];
	for wrong in beyond(100.0) {
		let error = check(wrong, 0.0).unwrap_err();
		assert_eq!(error, NoTolerance { part: "absolute", value: wrong, most: 100.0 });
		assert!(error.to_string().contains("say a number from 0 to 100, like"), "{error}");
	}
	for wrong in beyond(1.0) {
		let error = check(0.0, wrong).unwrap_err();
		assert_eq!(error, NoTolerance { part: "relative", value: wrong, most: 1.0 });
		assert!(error.to_string().contains("say a number from 0 to 1, like"), "{error}");
	}
	for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-9] {
		let part = |found: Result<Tolerance, NoTolerance>| found.unwrap_err().part;
		assert_eq!((part(check(wrong, 0.0)), part(check(0.0, wrong))), ("absolute", "relative"));
	}
}

#[test]
fn outputs_are_compared_by_name_type_and_shape() {
	let model = [floats("x", &[1.0]), floats("y", &[2.0])];
	let asked = [floats("y", &[2.0])];
	assert_eq!(compare(&asked, &model, &LOOSE, true).0, Verdict::Match { exact: true });
	for wrong in [floats("z", &[2.0]), floats("y", &[2.0, 2.0]), whole(&[2])] {
		assert!(matches!(compare(&[wrong], &model, &LOOSE, false).0, Verdict::Mismatch(_)));
	}
	let zero = Tolerance { absolute: 0.0, relative: 0.0 };
	let near = [floats("y", &[2.000_001])];
	assert!(matches!(compare(&near, &model, &zero, true).0, Verdict::Mismatch(_)));
}

#[test]
fn an_answer_without_outputs_is_none() {
	let model = [floats("y", &[2.0])];
	for same in [true, false] {
		let (verdict, distance) = compare(&[], &model, &LOOSE, same);
		assert!(matches!(verdict, Verdict::Mismatch(_)), "{verdict:?}");
		assert_eq!(distance.count, 0);
	}
	// Not even of a model that is taken to have none.
	assert!(matches!(compare(&[], &[], &LOOSE, true).0, Verdict::Mismatch(_)));
}

#[test]
fn only_the_oracles_user_and_the_systems_may_ask_for_what_is_in_the_log() {
	use super::socket::may_ask;
	assert!(may_ask(1_000, 1_000) && may_ask(0, 1_000));
	assert!(!may_ask(1_001, 1_000) && !may_ask(1_000, 0));
}
