//! Holds are on disk before they are granted, many at once are within the limits, and one process has
//! the store.

use super::*;
use crate::gateway::spend::Scope;

const GENESIS: Hash = [1; 32];

fn limits(day: Balance) -> Limits {
	Limits { day, models: BTreeMap::new() }
}

fn keeper(dir: &Path) -> Keeper {
	Keeper::open(&dir.join("channels.redb")).unwrap()
}

fn hold(amount: Balance) -> Hold {
	Hold { day: 7, model: 1, amount }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_holds_at_once_are_within_the_limit_and_written() {
	let dir = tempfile::tempdir().unwrap();
	let keeper = keeper(dir.path());
	let (spending, _) = Spending::open(dir.path(), &GENESIS, limits(50), &keeper).unwrap();
	let spending = Arc::new(spending);
	let tasks = (0u8..80).map(|nth| {
		let spending = spending.clone();
		tokio::spawn(async move { spending.hold(([nth; 32], [0; 32]), hold(1), 7).await })
	});
	let held = futures::future::join_all(tasks.collect::<Vec<_>>()).await;
	let granted = held.iter().filter(|it| it.as_ref().unwrap().is_ok()).count();
	assert_eq!(granted, 50);
	let book = spending.book().await.unwrap();
	assert_eq!(book.of_day(7), (0, 50));
	let key = *book.held().keys().next().unwrap();
	spending.settle(key, Some(1)).await;
	assert_eq!(spending.book().await.unwrap().of_day(7), (1, 49));
	let error = spending.hold(([99; 32], [0; 32]), hold(1), 7).await.unwrap_err();
	assert!(matches!(error, HoldError::OverLimit(over) if over.scope == Scope::Day));
}

#[tokio::test]
async fn a_day_that_is_yet_to_come_is_not_spent_on_and_what_cost_nothing_leaves_no_day() {
	let dir = tempfile::tempdir().unwrap();
	let keeper = keeper(dir.path());
	let (spending, _) = Spending::open(dir.path(), &GENESIS, limits(5), &keeper).unwrap();
	let key = |nth| ([nth; 32], [0; 32]);
	let on = |day| Hold { day, ..hold(1) };
	for (chain, machine) in [(9, 7), (47_482, 7), (7, 0)] {
		let error = spending.hold(key(1), on(chain), machine).await.unwrap_err();
		assert!(matches!(error, HoldError::Apart(_)), "{error}");
	}
	assert_eq!(spending.book().await.unwrap(), Book::default());
	// Both were wrong.
	spending.hold(key(1), on(47_482), 47_482).await.unwrap();
	spending.settle(key(1), Some(1)).await;
	spending.hold(key(2), on(8), 8).await.unwrap();
	spending.settle(key(2), None).await;
	spending.hold(key(3), on(7), 8).await.unwrap();
	let book = spending.book().await.unwrap();
	assert_eq!((book.of_day(47_482), book.of_day(8), book.of_day(7)), ((1, 0), (0, 0), (0, 1)));
	drop(spending);
	let (spending, _) = Spending::open(dir.path(), &GENESIS, limits(5), &keeper).unwrap();
	// The channels' store has none of them, so the last hold is over as well.
	let book = spending.book().await.unwrap();
	assert_eq!((book.of_day(47_482), book.models(8), book.held().len()), ((1, 0), vec![], 0));
}

#[tokio::test]
async fn records_are_remembered_and_a_second_gateway_is_refused() {
	let dir = tempfile::tempdir().unwrap();
	let keeper = keeper(dir.path());
	let (spending, _) = Spending::open(dir.path(), &GENESIS, limits(5), &keeper).unwrap();
	let second = Spending::open(dir.path(), &GENESIS, limits(5), &keeper);
	assert!(matches!(second.err(), Some(StoreError::InUse(_))));
	let mut record = Record::default();
	record.fail("no".into());
	spending.record(([2; 32], 3), record.clone()).await;
	drop(spending);
	let (_, records) = Spending::open(dir.path(), &GENESIS, limits(5), &keeper).unwrap();
	assert_eq!(records, [(([2; 32], 3), record)].into());
}
