use super::*;

/// A node with so many finalised blocks; from one number on they are those of another chain.
struct Node {
	last: u64,
	fork: u64,
}

fn hash(number: u64, forked: bool) -> Hash {
	[number as u8 + u8::from(forked) * 100; 32]
}

impl Finality for Node {
	fn last(&self) -> BoxFuture<'_, Result<u64, ChainError>> {
		async move { Ok(self.last) }.boxed()
	}

	fn hash_at(&self, number: u64) -> BoxFuture<'_, Result<Option<Hash>, ChainError>> {
		let has = number <= self.last;
		async move { Ok(has.then(|| hash(number, number >= self.fork))) }.boxed()
	}
}

async fn stand(theirs: Node) -> Stand {
	let ours = Node { last: 20, fork: 99 };
	compare(&ours, Block { number: 20, hash: hash(20, false) }, &theirs).await.unwrap()
}

#[tokio::test]
async fn a_node_is_level_behind_or_on_another_chain() {
	assert_eq!(stand(Node { last: 20, fork: 99 }).await, Stand::Same);
	assert_eq!(
		stand(Node { last: 30, fork: 25 }).await,
		Stand::Same,
		"what comes later differs not"
	);
	assert_eq!(stand(Node { last: 15, fork: 99 }).await, Stand::Behind { last: 15 });
	let forked =
		|number| Stand::Forked { number, theirs: hash(number, true), ours: hash(number, false) };
	assert_eq!(stand(Node { last: 30, fork: 18 }).await, forked(20));
	assert_eq!(stand(Node { last: 19, fork: 18 }).await, forked(19), "although it is behind");
}

#[test]
fn a_node_lags_when_it_is_more_than_a_minute_behind() {
	let trouble = Trouble::default();
	assert!(!trouble.lag("a", 100, 100 + LAG) && !trouble.lag("a", 100, 0));
	assert!(trouble.lag("a", 100, 101 + LAG));
	assert!(!trouble.any(), "that is no disagreement");
}

#[test]
fn a_node_whose_finalised_blocks_are_old_is_noticed_without_another_one() {
	let trouble = Trouble::default();
	let more = OLD + Duration::from_millis(1);
	assert!(!trouble.age("a", Duration::ZERO) && !trouble.age("a", OLD));
	assert!(trouble.age("a", more) && trouble.age("a", Duration::MAX));
	// A witness that is as far behind says nothing else, and takes nothing back.
	assert!(!trouble.lag("a", 100, 100) && trouble.age("a", more));
	assert!(!trouble.any(), "that is no disagreement");
	assert!(!trouble.age("a", OLD));
}

const BLOCK: Block = Block { number: 20, hash: [20; 32] };

#[test]
fn no_channel_is_accepted_as_long_as_anything_is_wrong() {
	let trouble = Trouble::default();
	let forked = Stand::Forked { number: 1, theirs: [1; 32], ours: [2; 32] };
	assert!(!trouble.any());
	trouble.dispute(["a", "b"], forked);
	trouble.stand("a", BLOCK, forked);
	assert!(trouble.any());
	trouble.dispute(["a", "b"], Stand::Same);
	assert!(trouble.any() && trouble.disagree());
	trouble.stand("a", BLOCK, Stand::Behind { last: 0 });
	assert!(trouble.any() && !trouble.disagree(), "it is old, and contradicts nobody");
	trouble.stand("a", BLOCK, forked);
	assert!(trouble.any() && trouble.disagree());
	trouble.stand("a", BLOCK, Stand::Same);
	assert!(!trouble.any());
}
