use super::*;
use crate::{
	book::Standing,
	testing::{receipt_key, standing, Fault, MemoryChain, GENESIS, HEAD, ORACLE},
};

struct Fixture {
	_folder: tempfile::TempDir,
	chain: Arc<MemoryChain>,
	ledger: Arc<Ledger>,
	metrics: Arc<Metrics>,
	keeper: Keeper,
}

impl Fixture {
	/// A bond of 1,000 UFR of which so much is free, and an account with that balance.
	async fn new(free: Balance, balance: Balance) -> Self {
		let folder = tempfile::tempdir().unwrap();
		let chain = MemoryChain::new();
		chain.state().head.standing = Standing { free_bond: free, ..standing() };
		chain.state().balance = balance;
		let ledger = Ledger::open(folder.path(), GENESIS, ORACLE, receipt_key()).await.unwrap();
		let ledger = Arc::new(ledger);
		chain.follow(&ledger);
		let metrics = Arc::new(Metrics::default());
		let top_up = TopUp { below: 100 * UFR, to: 300 * UFR };
		let keeper = Keeper::new(
			Arc::clone(&ledger),
			chain.clone(),
			chain.heads(),
			top_up,
			Arc::clone(&metrics),
		);
		Self { _folder: folder, chain, ledger, metrics, keeper }
	}

	/// Steps in each of so many blocks.
	async fn blocks(&mut self, count: u32) {
		for _ in 0..count {
			self.chain.finalise();
			self.keeper.step().await;
		}
	}

	/// Balance, bond, free bond.
	fn money(&self) -> (Balance, Balance, Balance) {
		let state = self.chain.state();
		let standing = &state.head.standing;
		(state.balance, standing.bond, standing.free_bond)
	}

	fn counted(&self) -> (u64, u64) {
		(self.metrics.bond_top_ups.get(), self.metrics.bond_top_up_failures.get())
	}
}

#[tokio::test]
async fn a_bond_that_runs_low_is_filled_up_once() {
	let mut fixture = Fixture::new(40 * UFR, 1_000 * UFR).await;
	assert!(fixture.ledger.paused());
	fixture.blocks(20).await;
	assert_eq!(fixture.money(), (740 * UFR, 1_260 * UFR, 300 * UFR));
	assert_eq!(fixture.counted(), (1, 0));
	assert!(!fixture.ledger.paused(), "and new requests are accepted again");
}

#[tokio::test]
async fn a_bond_that_is_not_low_is_left_alone() {
	let mut fixture = Fixture::new(100 * UFR, 1_000 * UFR).await;
	fixture.blocks(5).await;
	assert_eq!(fixture.money(), (1_000 * UFR, 1_000 * UFR, 100 * UFR));
	// So is one that is none.
	fixture.chain.state().head.standing = Standing { head: HEAD + 20, ..Standing::default() };
	fixture.blocks(5).await;
	assert_eq!(fixture.counted(), (0, 0));
}

#[tokio::test]
async fn an_account_gives_what_it_has_and_keeps_what_fees_take() {
	let mut fixture = Fixture::new(40 * UFR, 31 * UFR).await;
	fixture.blocks(1).await;
	assert_eq!(fixture.money(), (UFR, 1_030 * UFR, 70 * UFR));
	// It is asked ever less often, and never given up.
	fixture.blocks(100).await;
	let (top_ups, failures) = fixture.counted();
	assert_eq!(top_ups, 1);
	assert!((3..=6).contains(&failures), "{failures}");
	assert!(fixture.ledger.paused(), "a twentieth is not enough once it is paused");
	fixture.chain.state().balance = 1_000 * UFR;
	fixture.blocks(200).await;
	assert_eq!(fixture.money(), (770 * UFR, 1_260 * UFR, 300 * UFR));
	assert!(!fixture.ledger.paused());
}

#[tokio::test]
async fn what_was_not_heard_of_is_not_sent_twice() {
	let mut fixture = Fixture::new(40 * UFR, 1_000 * UFR).await;
	// It was taken, and the head that shows it comes late.
	fixture.chain.state().faults = vec![Fault::Unheard];
	fixture.blocks(100).await;
	assert_eq!(fixture.money(), (740 * UFR, 1_260 * UFR, 300 * UFR));

	let mut fixture = Fixture::new(40 * UFR, 1_000 * UFR).await;
	fixture.chain.state().faults = vec![Fault::Lost];
	fixture.blocks(DOUBTFUL).await;
	assert_eq!(fixture.money(), (1_000 * UFR, 1_000 * UFR, 40 * UFR), "it may still be included");
	fixture.blocks(5).await;
	assert_eq!(fixture.money(), (740 * UFR, 1_260 * UFR, 300 * UFR));

	let mut fixture = Fixture::new(40 * UFR, 1_000 * UFR).await;
	fixture.chain.state().faults = vec![Fault::Refused];
	fixture.blocks(10).await;
	assert_eq!(fixture.money(), (740 * UFR, 1_260 * UFR, 300 * UFR));
	assert_eq!(fixture.counted(), (1, 1));
}

#[test]
fn a_policy_is_whole_or_refused() {
	let policy = |text: &str| toml::from_str::<PolicyFile>(text).unwrap().policy();
	assert_eq!(policy(""), Ok(Policy::default()));
	let top_up = Some(TopUp { below: 100 * UFR, to: 300 * UFR });
	assert_eq!(
		policy("pause_below = \"50\"\ntop_up_below = \"100\"\ntop_up_to = \"300\""),
		Ok(Policy { pause_below: Some(50 * UFR), top_up })
	);
	assert_eq!(policy("top_up_to = \"300\""), Err(PolicyError::Half));
	assert_eq!(policy("top_up_below = \"1\"\ntop_up_to = \"1\""), Err(PolicyError::Empty));
	assert!(toml::from_str::<PolicyFile>("pause_below = \"x\"").is_err());
}
