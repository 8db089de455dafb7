use super::{
	power,
	world::{audit, live},
	Point,
};
use futures::{stream, StreamExt};
use rand::{rngs::StdRng, seq::SliceRandom, Rng, SeedableRng};
use std::{
	os::unix::process::ExitStatusExt,
	path::Path,
	process::{Command, Output, Stdio},
	sync::atomic::{AtomicUsize, Ordering},
};

/// Where a child lives, with which seed, where it dies, and how: `folder seed point nth death`.
const CHILD: &str = "USUFRUCT_CRASH_CHILD";
/// How many schedules of crashes at random there are; `scripts/test --long` asks for more.
const SEEDS: &str = "USUFRUCT_SEEDS";
/// What `abort` ends a process with.
const SIGABRT: i32 = 6;
/// Children at a time: they wait for the disk most of the time.
const AT_ONCE: usize = 4;

/// How a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Death {
	/// No destructor runs: to the log it is as `kill -9`, after which what was written is there.
	Killed,
	/// What was written and not flushed is lost as well.
	PowerFailed,
}

/// Set to die when the point is passed for the nth time.
fn set(point: &str, nth: usize, death: &str) {
	let passed = AtomicUsize::new(0);
	let power_fails = death == format!("{:?}", Death::PowerFailed);
	fail::cfg_callback(point, move || {
		if passed.fetch_add(1, Ordering::SeqCst) + 1 == nth {
			if power_fails {
				power::fail();
			}
			std::process::abort();
		}
	})
	.unwrap();
}

/// A process of this very program that lives until it dies at the point.
fn child(
	test: &str,
	folder: &Path,
	seed: u64,
	(point, nth, death): (Point, usize, Death),
) -> Output {
	Command::new(std::env::current_exe().unwrap())
		.args(["--exact", test, "--nocapture"])
		.env(CHILD, format!("{} {seed} {} {nth} {death:?}", folder.display(), point.name()))
		.stdin(Stdio::null())
		.output()
		.unwrap()
}

/// Whether this process is a child; then it lived and did not die.
fn lived_as_child() -> bool {
	let Ok(orders) = std::env::var(CHILD) else { return false };
	let orders: Vec<&str> = orders.split(' ').collect();
	let [folder, seed, point, nth, death] = orders[..] else { panic!("{orders:?}") };
	set(point, nth.parse().unwrap(), death);
	run(live(Path::new(folder), seed.parse().unwrap()));
	true
}

fn run<T>(future: impl std::future::Future<Output = T>) -> T {
	let mut runtime = tokio::runtime::Builder::new_multi_thread();
	runtime.worker_threads(2).enable_all().build().unwrap().block_on(future)
}

/// Has an oracle die at each point in turn, brings it back for good, and audits what is left. Returns
/// how often it did die.
fn crash_and_recover(test: &str, seed: u64, crashes: &[(Point, usize, Death)]) -> usize {
	let folder = tempfile::tempdir().unwrap();
	let mut died = 0;
	for crash in crashes {
		let Output { status, stderr, stdout } = child(test, folder.path(), seed, *crash);
		match status.signal() {
			Some(SIGABRT) => died += 1,
			_ => assert!(
				status.success(),
				"{crashes:?}: {status} at {crash:?}:\n{}{}",
				String::from_utf8_lossy(&stdout),
				String::from_utf8_lossy(&stderr)
			),
		}
	}
	let last = std::panic::catch_unwind(|| {
		run(async {
			live(folder.path(), seed).await;
			audit(folder.path()).await;
		})
	});
	assert!(last.is_ok(), "after {crashes:?}, seed {seed}");
	died
}

/// Runs schedules a few at a time; returns how often the oracle died in each.
fn all(test: &'static str, schedules: Vec<(u64, Vec<(Point, usize, Death)>)>) -> Vec<usize> {
	let runs = stream::iter(schedules).map(|(seed, crashes)| async move {
		let run = move || crash_and_recover(test, seed, &crashes);
		tokio::task::spawn_blocking(run).await.unwrap()
	});
	run(runs.buffered(AT_ONCE).collect())
}

/// Whether an oracle passes the point only when it finds requests that were interrupted.
fn needs_a_past(point: Point) -> bool {
	matches!(point, Point::InterruptedFound | Point::InterruptedFailed)
}

#[test]
fn wherever_the_oracle_dies_no_receipt_is_lost_and_none_is_charged_twice() {
	const NAME: &str =
		"crash::tests::wherever_the_oracle_dies_no_receipt_is_lost_and_none_is_charged_twice";
	if lived_as_child() {
		return;
	}
	let mut schedules = Vec::new();
	let mut points = Vec::new();
	for (seed, point) in (0..).zip(Point::ALL) {
		for nth in [1, 2, 6] {
			let mut crashes = vec![(*point, nth, Death::Killed)];
			if needs_a_past(*point) {
				crashes.insert(0, (Point::AcceptanceWritten, 2 + nth, Death::Killed));
			}
			points.push((*point, nth, crashes.len()));
			schedules.push((seed, crashes));
		}
	}
	let died = all(NAME, schedules);
	for ((point, nth, crashes), died) in points.into_iter().zip(died) {
		// Some are not passed so often.
		assert!(nth > 1 || died == crashes, "{point:?} was never passed");
	}
}

#[test]
fn wherever_the_power_fails_what_was_acknowledged_is_there() {
	const NAME: &str = "crash::tests::wherever_the_power_fails_what_was_acknowledged_is_there";
	if lived_as_child() {
		return;
	}
	let schedules = (100..).zip(Point::ALL).map(|(seed, point)| {
		let before = needs_a_past(*point).then_some((Point::GroupAppended, 8, Death::PowerFailed));
		// Then once more, in the middle of what is gone on with.
		let again = (Point::GroupAppended, 5, Death::PowerFailed);
		let crashes = before.into_iter().chain([(*point, 2, Death::PowerFailed), again]);
		(seed, crashes.collect())
	});
	let died: usize = all(NAME, schedules.collect()).into_iter().sum();
	assert!(died > Point::ALL.len(), "the power hardly ever failed");
}

#[test]
fn an_oracle_that_dies_again_and_again_at_random_loses_nothing() {
	const NAME: &str = "crash::tests::an_oracle_that_dies_again_and_again_at_random_loses_nothing";
	if lived_as_child() {
		return;
	}
	let seeds = std::env::var(SEEDS).map_or(30, |text| text.parse().unwrap());
	let schedules = (0..seeds).map(|seed| {
		let mut random = StdRng::seed_from_u64(seed);
		let crashes = (0..random.gen_range(2..=5))
			.map(|_| {
				let death = if random.gen_bool(0.5) { Death::Killed } else { Death::PowerFailed };
				(*Point::ALL.choose(&mut random).unwrap(), random.gen_range(1..=12), death)
			})
			.collect();
		(seed, crashes)
	});
	let died: usize = all(NAME, schedules.collect()).into_iter().sum();
	assert!(died > 0, "nothing ever died");
}
