use super::*;

const A: PublicKey = [1; 32];
const B: PublicKey = [2; 32];
const C: PublicKey = [3; 32];
const ONE: Budget = Budget { rows: 1, tokens: None };

/// A request of so many rows that can run with others of this number.
fn sized(rows: u64, tokens: u64, like: Option<u64>) -> Size {
	Size { rows, tokens, class: like.map(|number| Arc::new(Class::numbered(number))) }
}

fn single() -> Size {
	sized(1, 0, None)
}

fn put(queue: &mut Queue<u32>, key: PublicKey, item: u32) -> Ticket {
	put_sized(queue, key, single(), item)
}

fn put_sized(queue: &mut Queue<u32>, key: PublicKey, size: Size, item: u32) -> Ticket {
	queue.reserve(&key, 0).unwrap();
	queue.push(&key, size, item)
}

fn items(taken: &[Taken<u32>]) -> Vec<u32> {
	taken.iter().map(|it| it.item).collect()
}

/// Takes one after the other, each of which takes so many microseconds; whose they were.
fn serve(queue: &mut Queue<u32>, count: usize, micros: impl Fn(&PublicKey) -> u64) -> Vec<u8> {
	(0..count)
		.map(|_| {
			let taken = queue.take(ONE);
			queue.took(taken.iter(), micros(&taken[0].key));
			taken[0].key[0]
		})
		.collect()
}

#[test]
fn a_key_with_thousands_waiting_does_not_starve_another() {
	let mut queue = Queue::new(20_000);
	for item in 0..9_000 {
		put(&mut queue, A, item);
	}
	// It has run for long when others come.
	serve(&mut queue, 1_000, |_| 1_000);
	for item in 0..10 {
		put(&mut queue, B, item);
		put(&mut queue, C, item);
	}
	let order = serve(&mut queue, 31, |_| 1_000);
	let of = |key: u8| order.iter().filter(|it| **it == key).count();
	assert_eq!((of(2), of(3)), (10, 10), "{order:?}");
	// Each third turn is theirs, from the first one on.
	assert!(order[..4].contains(&2) && order[..4].contains(&3), "{order:?}");
	assert_eq!(queue.waiting(), 9_000 - 1_000 - 11);
}

#[test]
fn who_takes_longer_gets_fewer_turns_whatever_it_says() {
	let mut queue = Queue::new(20_000);
	for item in 0..4_000 {
		put(&mut queue, A, item);
		put(&mut queue, B, item);
	}
	let order = serve(&mut queue, 1_100, |key| if *key == A { 10_000 } else { 1_000 });
	let long = order.iter().filter(|it| **it == 1).count();
	assert!((80..=120).contains(&long), "{long} of 1,100 for who takes ten times as long");
}

#[test]
fn who_was_away_has_saved_nothing_up() {
	let mut queue = Queue::new(20_000);
	put(&mut queue, B, 0);
	serve(&mut queue, 1, |_| 1_000);
	for item in 0..2_000 {
		put(&mut queue, A, item);
	}
	serve(&mut queue, 1_000, |_| 1_000);
	for item in 0..100 {
		put(&mut queue, B, item);
	}
	let order = serve(&mut queue, 20, |_| 1_000);
	let of_b = order.iter().filter(|it| **it == 2).count();
	assert!((9..=11).contains(&of_b), "{order:?}");
}

#[test]
fn what_is_not_run_is_not_charged() {
	let mut queue = Queue::new(100);
	for item in 0..20 {
		put(&mut queue, A, item);
		put(&mut queue, B, item);
	}
	// The first ten of A are for nobody.
	let mut ran = Vec::new();
	let mut dropped = 0;
	while ran.len() < 10 {
		let taken = queue.take(ONE);
		if taken[0].key == A && dropped < 10 {
			dropped += 1;
			queue.refund(&taken[0]);
		} else {
			queue.took(taken.iter(), 1_000);
			ran.push(taken[0].key[0]);
		}
	}
	let of_a = ran.iter().filter(|it| **it == 1).count();
	assert!((4..=6).contains(&of_a), "{ran:?}");
}

#[test]
fn a_run_takes_what_fits_and_no_more() {
	let mut queue = Queue::new(1_000);
	let rows = |rows| sized(rows, 0, Some(1));
	put_sized(&mut queue, A, rows(1), 0);
	put_sized(&mut queue, A, sized(1, 0, Some(2)), 1);
	put_sized(&mut queue, A, rows(3), 2);
	put_sized(&mut queue, B, rows(2), 3);
	put_sized(&mut queue, B, single(), 4);
	put_sized(&mut queue, B, rows(9), 5);
	put_sized(&mut queue, B, rows(2), 6);
	let budget = Budget { rows: 8, tokens: None };
	let first = queue.take(budget);
	// Those of the first one's kind, while they fit: 1 + 2 + 3 + 2 rows.
	let mut together = items(&first);
	together.sort_unstable();
	assert_eq!(together, [0, 2, 3, 6]);
	queue.took(first.iter(), 1_000);
	let mut rest = Vec::new();
	while queue.waiting() > 0 {
		let taken = queue.take(budget);
		queue.took(taken.iter(), 1_000);
		assert_eq!(taken.len(), 1);
		rest.extend(items(&taken));
	}
	rest.sort_unstable();
	// What is larger than a run may be runs all the same, alone.
	assert_eq!(rest, [1, 4, 5]);
	assert!(queue.take(budget).is_empty());
}

#[test]
fn tokens_are_a_budget_too() {
	let mut queue = Queue::new(1_000);
	for item in 0..10 {
		put_sized(&mut queue, A, sized(1, 30, Some(1)), item);
	}
	let budget = Budget { rows: 32, tokens: Some(100) };
	assert_eq!(items(&queue.take(budget)), [0, 1, 2]);
	// Larger than the budget: alone.
	put_sized(&mut queue, B, sized(1, 1_000, Some(1)), 77);
	let runs: Vec<_> = std::iter::from_fn(|| Some(queue.take(budget)).filter(|it| !it.is_empty()))
		.map(|taken| items(&taken))
		.collect();
	assert!(runs.contains(&vec![77]), "{runs:?}");
	assert_eq!(runs.concat().len(), 8);
}

#[test]
fn a_run_is_filled_from_all_keys_in_their_turn() {
	let mut queue = Queue::new(10_000);
	for item in 0..500 {
		put_sized(&mut queue, A, sized(1, 0, Some(1)), item);
	}
	for item in 0..3 {
		put_sized(&mut queue, B, sized(1, 0, Some(1)), 1_000 + item);
	}
	let taken = queue.take(Budget { rows: 8, tokens: None });
	let of_b = taken.iter().filter(|it| it.key == B).count();
	assert_eq!((taken.len(), of_b), (8, 3));
}

#[test]
fn what_is_cancelled_is_gone_and_its_place_free() {
	let mut queue = Queue::new(4);
	let first = put(&mut queue, A, 1);
	let second = put(&mut queue, A, 2);
	assert_eq!(queue.reserve(&A, 0), Err(Full::Share));
	assert_eq!(queue.cancel(&first), Some(1));
	assert_eq!(queue.cancel(&first), None);
	assert_eq!(queue.reserve(&A, 0), Ok(()));
	queue.release(&A);
	assert_eq!(items(&queue.take(ONE)), [2]);
	assert_eq!(queue.cancel(&second), None, "it runs");
	assert_eq!((queue.waiting(), queue.take(ONE).len()), (0, 0));
	// A sweep takes what it is told.
	let mut queue = Queue::new(100);
	for item in 0..2 {
		put(&mut queue, A, item);
		put(&mut queue, B, 10 + item);
	}
	assert_eq!(queue.sweep(|key, _| *key != B), [10, 11]);
	assert_eq!(queue.waiting(), 2);
	assert_eq!(queue.sweep(|_, item| *item != 0), [0]);
	assert_eq!(items(&queue.take(ONE)), [1]);
}

#[test]
fn keys_that_are_done_are_forgotten() {
	let mut queue = Queue::new(10);
	for number in 0..50_000u32 {
		let mut key = [0; 32];
		key[..4].copy_from_slice(&number.to_le_bytes());
		put(&mut queue, key, number);
		let taken = queue.take(ONE);
		queue.took(taken.iter(), 100);
	}
	assert!(queue.lanes.len() <= 2 * REMEMBERED, "{}", queue.lanes.len());
}

#[test]
fn whatever_is_done_the_counts_hold() {
	let mut random = 1u64;
	let mut draw = |below: u64| {
		random =
			random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
		(random >> 33) % below
	};
	let mut queue = Queue::new(64);
	let (mut tickets, mut reserved, mut waiting) = (Vec::new(), Vec::<PublicKey>::new(), 0usize);
	for step in 0..200_000u32 {
		let key = [draw(6) as u8; 32];
		match draw(6) {
			0 | 1 => {
				if queue.reserve(&key, draw(3) as usize).is_ok() {
					reserved.push(key);
				}
			},
			2 | 3 => {
				if let Some(key) = reserved.pop() {
					let size = sized(1 + draw(9), draw(50), Some(draw(3)).filter(|it| *it > 0));
					tickets.push(queue.push(&key, size, step));
					waiting += 1;
				}
			},
			4 => {
				let budget = Budget { rows: 8, tokens: Some(100) };
				let taken = queue.take(budget);
				let rows: u64 = taken.iter().map(|it| it.size.rows).sum();
				assert!(taken.len() < 2 || rows <= 8, "{rows} rows");
				waiting -= taken.len();
				queue.took(taken.iter(), draw(100_000));
			},
			_ => match draw(2) {
				0 => {
					if let Some(key) = reserved.pop() {
						queue.release(&key);
					}
				},
				_ => {
					if !tickets.is_empty() {
						let ticket = tickets.swap_remove(draw(tickets.len() as u64) as usize);
						waiting -= usize::from(queue.cancel(&ticket).is_some());
					}
				},
			},
		}
		assert_eq!(queue.waiting(), waiting);
		assert_eq!(queue.shares.taken(), waiting + reserved.len());
		assert_eq!(
			queue.lanes.values().filter(|lane| !lane.waiting.is_empty()).count(),
			queue.order.len()
		);
		assert!(queue.order.iter().all(|(time, key)| queue.lanes[key].time == *time));
	}
}
