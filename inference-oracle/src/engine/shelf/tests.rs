use super::*;
use crate::engine::{Engine, Job, PoolOptions, Port, Signature};
use std::sync::atomic::{AtomicUsize, Ordering};
use usufruct_client::tensors::{DataType, Tensor};

/// Answers with its input.
struct Echo(Signature);

impl Engine for Echo {
	fn signature(&self) -> &Signature {
		&self.0
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		Ok(inputs.to_vec())
	}
}

fn echo() -> Result<Pool, EngineError> {
	let port = Port { name: "x".into(), datatype: DataType::Int64, shape: vec![None] };
	let signature = Signature { inputs: vec![port.clone()], outputs: vec![port] };
	Pool::start(PoolOptions { max_queue: 1_000, ..PoolOptions::default() }, move |_| {
		Ok(Echo(signature.clone()))
	})
}

/// Models that each take 10 bytes, and how often each was loaded.
fn shelf(budget: Option<u64>, count: usize) -> (Vec<Home>, Vec<Arc<AtomicUsize>>) {
	let shelf = Shelf::new(budget);
	(0..count)
		.map(|_| {
			let loads = Arc::new(AtomicUsize::new(0));
			let counted = Arc::clone(&loads);
			let home = shelf.place(10, move || {
				counted.fetch_add(1, Ordering::SeqCst);
				std::thread::sleep(Duration::from_millis(20));
				echo()
			});
			(home, loads)
		})
		.unzip()
}

fn there(homes: &[Home]) -> Vec<bool> {
	homes.iter().map(|home| home.loaded().is_some()).collect()
}

async fn use_it(home: &Home) {
	let pool = home.lease().await.unwrap();
	let input = vec![Tensor::from_elements("x", vec![1], &[7i64]).unwrap()];
	let ran = pool.reserve(&[1; 32]).unwrap().run(Job::of(input.clone())).await;
	assert_eq!(ran.outputs.unwrap(), input);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_loaded_once_for_all_who_ask_at_once() {
	let (homes, loads) = shelf(None, 1);
	assert_eq!((homes[0].signature(), there(&homes)), (None, vec![false]));
	let asked = (0..50).map(|_| {
		let home = homes[0].clone();
		tokio::spawn(async move { use_it(&home).await })
	});
	for asked in futures::future::join_all(asked).await {
		asked.unwrap();
	}
	assert_eq!(loads[0].load(Ordering::SeqCst), 1);
	assert!(homes[0].signature().is_some());
}

#[tokio::test]
async fn who_leaves_while_a_model_is_loaded_leaves_it_to_those_who_come() {
	let loads = Arc::new(AtomicUsize::new(0));
	let counted = Arc::clone(&loads);
	let (shut, opens) = std::sync::mpsc::channel::<()>();
	let opens = Mutex::new(opens);
	let home = Shelf::new(None).place(10, move || {
		counted.fetch_add(1, Ordering::SeqCst);
		// It opens by an error: nothing is ever sent.
		let _ = opens.lock().unwrap().recv();
		echo()
	});
	let asked = home.clone();
	let first = tokio::spawn(async move { asked.lease().await });
	while loads.load(Ordering::SeqCst) == 0 {
		tokio::time::sleep(Duration::from_millis(1)).await;
	}
	first.abort();
	assert!(first.await.is_err_and(|error| error.is_cancelled()));
	assert!(home.loaded().is_none(), "it is being loaded");
	// The second waits for it when it opens.
	tokio::join!(use_it(&home), async move { drop(shut) });
	assert_eq!(loads.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_recently_used_makes_room() {
	let (homes, loads) = shelf(Some(29), 4);
	use_it(&homes[0]).await;
	use_it(&homes[1]).await;
	use_it(&homes[0]).await;
	use_it(&homes[2]).await;
	assert_eq!(there(&homes), [true, false, true, false]);
	use_it(&homes[3]).await;
	assert_eq!(there(&homes), [false, false, true, true]);
	// What was there before is loaded anew; what it takes and gives was known all the time.
	assert!(homes[0].signature().is_some());
	use_it(&homes[0]).await;
	let counts: Vec<_> = loads.iter().map(|it| it.load(Ordering::SeqCst)).collect();
	assert_eq!(counts, [2, 1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_in_use_never_makes_room() {
	let (homes, _) = shelf(Some(20), 3);
	let (first, second) = (homes[0].lease().await.unwrap(), homes[1].lease().await.unwrap());
	for _ in 0..20 {
		let error = homes[2].lease().await.err().unwrap();
		assert_eq!(error, Away::Memory { takes: 10, budget: 20 });
	}
	assert_eq!(there(&homes), [true, true, false]);
	drop(second);
	use_it(&homes[2]).await;
	assert_eq!(there(&homes), [true, false, true]);
	drop(first);
	// Nobody is unloaded for what would not fit anyway.
	let (homes, _) = shelf(Some(9), 2);
	assert!(matches!(homes[0].lease().await, Err(Away::Memory { takes: 10, budget: 9 })));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_loaded_before_anybody_asks_makes_nobody_go() {
	let (homes, loads) = shelf(Some(20), 3);
	for home in &homes[..2] {
		home.preload().await.unwrap();
	}
	for _ in 0..5 {
		assert!(matches!(homes[2].preload().await, Err(Away::Memory { .. })));
	}
	assert_eq!(there(&homes), [true, true, false]);
	use_it(&homes[2]).await;
	assert!(matches!(homes[0].preload().await, Err(Away::Memory { .. })));
	assert_eq!(loads[0].load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_want_other_models_all_get_them_in_the_end() {
	let (homes, _) = shelf(Some(20), 6);
	let asked = (0..60).map(|at| {
		let home = homes[at % 6].clone();
		tokio::spawn(async move {
			let begun = Instant::now();
			loop {
				match home.lease().await {
					Ok(_) => return,
					Err(Away::Memory { .. }) => {
						assert!(begun.elapsed() < Duration::from_secs(60));
						tokio::time::sleep(Duration::from_millis(5)).await;
					},
					Err(error) => panic!("{error}"),
				}
			}
		})
	});
	for asked in futures::future::join_all(asked).await {
		asked.unwrap();
	}
	assert!(there(&homes).into_iter().filter(|it| *it).count() <= 2);
}

#[tokio::test]
async fn a_model_that_cannot_be_loaded_is_not_tried_by_everybody() {
	let loads = Arc::new(AtomicUsize::new(0));
	let counted = Arc::clone(&loads);
	let home = Shelf::new(None).place(10, move || match counted.fetch_add(1, Ordering::SeqCst) {
		0 => Err(EngineError::Load("no such file".into())),
		_ => panic!("it was told to"),
	});
	for _ in 0..10 {
		match home.lease().await.err().unwrap() {
			Away::Unloadable { why, retry_s: 25..=30 } => assert!(why.contains("no such file")),
			other => panic!("{other}"),
		}
	}
	assert_eq!(loads.load(Ordering::SeqCst), 1);
	// Later it is tried again, and a panic is a failure like others.
	match &mut home.shelf.places().places[0].state {
		State::Failed { until, .. } => *until = Instant::now(),
		_ => panic!("it was tried"),
	}
	let error = home.lease().await.err().unwrap();
	assert!(matches!(&error, Away::Unloadable { why, .. } if why.contains("panicked")), "{error}");
	assert_eq!(loads.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_any_more_goes_once_nobody_uses_it() {
	let (homes, loads) = shelf(None, 1);
	let home = &homes[0];
	let used = home.lease().await.unwrap();
	home.serve(false);
	assert_eq!(home.lease().await.err().unwrap(), Away::Withdrawn);
	assert_eq!(there(&homes), [true], "it is in use");
	drop(used);
	home.serve(false);
	assert_eq!(there(&homes), [false]);
	home.serve(true);
	use_it(home).await;
	assert_eq!(loads[0].load(Ordering::SeqCst), 2);
}
