//! The view functions.

use super::*;

#[test]
fn say_what_a_consumer_must_know() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Usage::last_salt(ALICE), None);
		let id = settle_some(&ALICE, &OMAR, 10 * UFR);
		let view = Usage::channel(id).unwrap();
		assert_eq!(view, channel(id));
		assert_eq!((view.settled_seq, view.escrow), (10, ESCROW - 10 * UFR));
		assert_eq!(Usage::channel([1; 32]), None);
		assert_eq!(Usage::last_salt(ALICE), Some(0));
		assert_eq!(Usage::split(), Split::default());
	});
}

#[test]
fn say_what_an_oracle_must_know() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!((Usage::next_batch(OMAR), Usage::credit(OMAR)), (0, 0));
		assert_eq!(Usage::batch(OMAR, 0), None);
		settle_some(&ALICE, &OMAR, 10 * UFR);
		assert_eq!((Usage::next_batch(OMAR), Usage::credit(OMAR)), (1, 4 * UFR));
		assert_eq!(Usage::batch(OMAR, 0).unwrap().accepted_total, 10 * UFR);
		assert_eq!(Usage::batch(OLGA, 0), None);
	});
}
