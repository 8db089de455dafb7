//! Asks other nodes whether they agree with the one that is followed about what is final.

use super::{
	finality::{compare, Finality, Stand},
	node::Node,
	with_causes, ChainError,
};
use crate::metrics::Metrics;
use std::{sync::Arc, time::Duration};
use usufruct_client::chain::Chain;

/// The pause between two questions to each.
const EVERY: Duration = Duration::from_secs(12);

/// Asks for ever. What is wrong is noted by the node, and said by it.
pub async fn watch(node: Arc<Node>, urls: Vec<String>, metrics: Arc<Metrics>) {
	let mut connections: Vec<Option<Chain>> = vec![None; urls.len()];
	let mut silent = vec![false; urls.len()];
	loop {
		tokio::time::sleep(EVERY).await;
		let mut worst = None;
		for (at, url) in urls.iter().enumerate() {
			match ask(&node, url, &mut connections[at]).await {
				Ok(stand) => {
					silent[at] = false;
					if matches!(stand, Stand::Forked { .. }) || worst.is_none() {
						worst = Some((url, stand));
					}
				},
				Err(error) => {
					connections[at] = None;
					if !std::mem::replace(&mut silent[at], true) {
						tracing::warn!(url, %error, "a node that should confirm what is final cannot be asked");
					}
				},
			}
		}
		// One that is silent takes nothing back that it said.
		if let Some((url, stand)) = worst {
			node.trouble().dispute([node.url(), url], stand);
		}
		metrics.nodes_disagree.set(node.trouble().any().into());
	}
}

async fn ask(node: &Node, url: &str, held: &mut Option<Chain>) -> Result<Stand, ChainError> {
	let chain = match held {
		Some(chain) => chain.clone(),
		None => {
			let chain =
				Chain::connect(url).await.map_err(|error| ChainError(with_causes(&error)))?;
			if chain.genesis() != node.genesis() {
				return Err(ChainError("it serves another chain".into()));
			}
			held.insert(chain).clone()
		},
	};
	let Some(block) = node.last() else { return Ok(Stand::Same) };
	node.trouble().lag(node.url(), block.number, chain.last().await?);
	compare(&node.chain(), block, &chain).await
}
