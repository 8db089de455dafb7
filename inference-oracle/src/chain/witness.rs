//! Asks other nodes whether they agree with the one that is followed about what is final.

use super::{
	finality::{compare, Finality, Stand},
	node::Node,
	with_causes, ChainError,
};
use crate::{ledger::Ledger, metrics::Metrics};
use std::{sync::Arc, time::Duration};
use usufruct_client::chain::Chain;

/// The pause between two questions to each.
const EVERY: Duration = Duration::from_secs(12);
/// How long one may take to answer.
const ANSWER: Duration = Duration::from_secs(30);

/// A node that is asked.
#[derive(Default)]
struct Witness {
	url: String,
	connection: Option<Chain>,
	silent: bool,
	/// What it said last: one that falls silent takes nothing back.
	said: Option<Stand>,
	/// Its last finalised block.
	last: u64,
}

/// Asks for ever. What is wrong is noted by the node, and said by it; the ledger is told if what it knows is
/// old.
pub async fn watch(node: Arc<Node>, urls: Vec<String>, ledger: Arc<Ledger>, metrics: Arc<Metrics>) {
	let of = |url| Witness { url, ..Witness::default() };
	let mut witnesses: Vec<_> = urls.into_iter().map(of).collect();
	loop {
		tokio::time::sleep(EVERY).await;
		for witness in &mut witnesses {
			let asked = tokio::time::timeout(ANSWER, witness.ask(&node)).await;
			let late = |_| Err(ChainError("it does not answer".into()));
			witness.hear(asked.unwrap_or_else(late));
		}
		let said = witnesses.iter().filter_map(|it| Some((it.url.as_str(), it.said?)));
		if let Some((url, stand)) = worst(said) {
			node.trouble().dispute([node.url(), url], stand);
		}
		let last = witnesses.iter().map(|it| it.last).max().unwrap_or(0);
		if let Some(block) = node.last() {
			ledger.lags(node.trouble().lag(node.url(), block.number, last));
		}
		metrics.nodes_disagree.set(node.trouble().disagree().into());
	}
}

/// The first that disagrees, else any.
fn worst<'a>(said: impl Iterator<Item = (&'a str, Stand)>) -> Option<(&'a str, Stand)> {
	let mut all: Vec<_> = said.collect();
	let forked = all.iter().position(|(_, stand)| matches!(stand, Stand::Forked { .. }));
	(!all.is_empty()).then(|| all.swap_remove(forked.unwrap_or(0)))
}

impl Witness {
	async fn ask(&mut self, node: &Node) -> Result<Stand, ChainError> {
		let chain = match &self.connection {
			Some(chain) => chain.clone(),
			None => {
				let connected = Chain::connect(&self.url).await;
				let chain = connected.map_err(|error| ChainError(with_causes(&error)))?;
				if chain.genesis() != node.genesis() {
					return Err(ChainError("it serves another chain".into()));
				}
				self.connection.insert(chain).clone()
			},
		};
		let Some(block) = node.last() else { return Ok(Stand::Same) };
		self.last = chain.last().await?;
		compare(&node.chain(), block, &chain).await
	}

	fn hear(&mut self, answer: Result<Stand, ChainError>) {
		match answer {
			Ok(stand) => (self.silent, self.said) = (false, Some(stand)),
			Err(error) => {
				self.connection = None;
				if !std::mem::replace(&mut self.silent, true) {
					let url = &self.url;
					tracing::warn!(url, %error, "a node that should confirm what is final cannot be asked");
				}
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const FORKED: Stand = Stand::Forked { number: 1, theirs: [1; 32], ours: [2; 32] };

	#[test]
	fn one_that_disagreed_and_fell_silent_is_not_outvoted() {
		let of = |url: &str| Witness { url: url.into(), ..Witness::default() };
		let (mut a, mut b) = (of("a"), of("b"));
		let said = |all: [&Witness; 2]| {
			let said = all.into_iter().filter_map(|it| Some((it.url.as_str(), it.said?)));
			worst(said).map(|(url, stand)| (url.to_string(), stand))
		};
		assert_eq!(said([&a, &b]), None);
		a.hear(Ok(Stand::Same));
		b.hear(Ok(FORKED));
		assert_eq!(said([&a, &b]), Some(("b".into(), FORKED)));
		b.hear(Err(ChainError("gone".into())));
		a.hear(Ok(Stand::Same));
		assert_eq!(said([&a, &b]), Some(("b".into(), FORKED)));
		b.hear(Ok(Stand::Behind { last: 1 }));
		assert_eq!(said([&a, &b]), Some(("a".into(), Stand::Same)));
	}
}
