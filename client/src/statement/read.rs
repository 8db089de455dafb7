//! Reading a statement from a node: which blocks, and what is in them.

use super::{settlements, Book, Escrow, Place, Position, Settlement, Statement};
use crate::{
	chain::{AtBlock, Chain, ChainError},
	runtime::{storage, Call, Event},
	state,
};
use futures::{stream, StreamExt};
use std::{pin::pin, str::FromStr};
use subxt::events::Phase;
use usufruct_primitives::{AccountBytes, Balance, BlockNumber, EpochIndex, VersionId};

/// How many blocks are asked for at once.
const READ_AHEAD: usize = 16;

/// The pallets whose events say something about money.
const PALLETS: [&str; 6] =
	["Dividend", "Models", "Oracles", "TransactionPayment", "Usage", "Validators"];

/// Epochs of the dividend, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epochs {
	/// The first.
	pub first: EpochIndex,
	/// The last.
	pub last: EpochIndex,
}

/// A text is no range of epochs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no range of epochs; write 3..5 for the epochs 3, 4 and 5, or 3 for that one")]
pub struct EpochsError(String);

impl FromStr for Epochs {
	type Err = EpochsError;

	fn from_str(text: &str) -> Result<Self, EpochsError> {
		let (first, last) = text.split_once("..").unwrap_or((text, text));
		match (first.parse(), last.parse()) {
			(Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
			_ => Err(EpochsError(text.into())),
		}
	}
}

/// Which blocks a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
	/// From one block to another, both included; otherwise as far as the node has them and they are
	/// final.
	Blocks {
		/// The first.
		from: Option<BlockNumber>,
		/// The last.
		to: Option<BlockNumber>,
	},
	/// The blocks of epochs of the dividend, as far as they are final.
	Epochs(Epochs),
}

/// Why there is no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
	/// There are no such blocks.
	#[error("there are no blocks {from} to {to}; the last final block is {head}")]
	NoBlocks {
		/// The first that was asked for.
		from: u64,
		/// The last.
		to: u64,
		/// The last final block.
		head: u64,
	},
	/// The epoch has not begun.
	#[error("epoch {epoch} has not begun; epoch {open} is open")]
	NoEpoch {
		/// The first epoch that was asked for.
		epoch: EpochIndex,
		/// The open one.
		open: EpochIndex,
	},
	/// The node has forgotten what a statement must start from.
	#[error(
		"the node no longer has the state before the first of these blocks; begin with block \
		 {earliest} or later, or ask a node that keeps everything (--state-pruning archive)"
	)]
	Pruned {
		/// The first block that a statement can begin with.
		earliest: u64,
	},
	/// The chain did not answer.
	#[error(transparent)]
	Chain(#[from] ChainError),
}

/// The statement of an account. `progress` is told how many blocks were read, and of how many.
pub async fn read(
	chain: &Chain,
	account: AccountBytes,
	range: Range,
	mut progress: impl FnMut(u64, u64),
) -> Result<Statement, StatementError> {
	let head = chain.finalised().await?.block_number();
	let history = History { chain, head };
	let (from, to) = history.resolve(range).await?;

	let start = history.at(from.saturating_sub(1)).await?;
	let end = history.at(to).await?;
	let mut before = position(&start, &account).await?;
	let mut after = position(&end, &account).await?;
	let mut book = Book::new(account);
	for (channel, escrow) in &before.channels {
		book.own_channel(*channel, escrow.oracle, escrow.model);
	}

	let count = to.saturating_sub(from).saturating_add(1);
	let blocks = stream::iter(from..=to).map(|number| history.block(number));
	let mut blocks = pin!(blocks.buffered(READ_AHEAD));
	let mut done = 0u64;
	while let Some(block) = blocks.next().await {
		let block = block?;
		for happened in &block.events {
			let settlements = match book.needs_claims(&happened.event) {
				true => block.settlements(happened.extrinsic).await?,
				false => Vec::new(),
			};
			let place =
				Place { block: block.at.block_number() as BlockNumber, event: happened.index };
			book.enter(place, &happened.event, &settlements);
		}
		done = done.saturating_add(1);
		progress(done, count);
	}

	for key in book.own_rows() {
		before.paid.insert(key, paid(&start, key).await?);
		after.paid.insert(key, paid(&end, key).await?);
	}
	Ok(Statement::new(book, from as BlockNumber, to as BlockNumber, &before, &after))
}

/// What stands at a block about an account, but for what rows were paid.
async fn position(at: &AtBlock, account: &AccountBytes) -> Result<Position, ChainError> {
	let oracle = state::oracle(at, account).await?;
	let bond = oracle.map_or(0, |oracle| {
		let unbonding = oracle.unbonding.iter();
		unbonding.fold(oracle.bond, |sum, part| sum.saturating_add(part.amount))
	});
	let channels = state::channels(at).await?.into_iter();
	let own = channels.filter(|channel| channel.consumer == *account).map(|channel| {
		let state::Channel { channel_id, oracle, model, escrow, settled_total, .. } = channel;
		(channel_id, Escrow { oracle, model, escrow, settled_total })
	});
	Ok(Position {
		credit: state::credit(at, account).await?,
		bond,
		channels: own.collect(),
		..Position::default()
	})
}

/// What a row was paid so far, in planck.
async fn paid(at: &AtBlock, (version, row): (VersionId, u16)) -> Result<Balance, ChainError> {
	let entry = at.storage().entry(storage().models().paid())?;
	Ok(match entry.try_fetch((version, row)).await? {
		Some(paid) => paid.decode()?,
		None => 0,
	})
}

/// An event that may have moved money.
struct Happened {
	/// Its number in the block.
	index: u32,
	/// The number of the transaction it came from, if from one.
	extrinsic: Option<u32>,
	event: Event,
}

/// A block, and what happened in it.
struct Block {
	at: AtBlock,
	events: Vec<Happened>,
}

impl Block {
	/// The settlements in one of the block's transactions.
	async fn settlements(&self, index: Option<u32>) -> Result<Vec<Settlement>, ChainError> {
		let Some(index) = index else { return Ok(Vec::new()) };
		let extrinsics = self.at.extrinsics().fetch().await?;
		for extrinsic in extrinsics.iter() {
			let extrinsic = extrinsic?;
			if u32::try_from(extrinsic.index()) == Ok(index) {
				let call: Call = extrinsic.decode_call_data_as()?;
				return Ok(settlements(&call));
			}
		}
		Ok(Vec::new())
	}
}

/// The final blocks of a chain, as far as a node has them.
struct History<'a> {
	chain: &'a Chain,
	/// The last of them.
	head: u64,
}

impl History<'_> {
	async fn at(&self, block: u64) -> Result<AtBlock, ChainError> {
		Ok(self.chain.client().at_block(block).await?)
	}

	/// Reads a block.
	async fn block(&self, number: u64) -> Result<Block, ChainError> {
		let at = self.at(number).await?;
		let fetched = at.events().fetch().await?;
		let mut events = Vec::new();
		for event in fetched.iter() {
			let event = event?;
			if !PALLETS.contains(&event.pallet_name()) {
				continue;
			}
			let extrinsic = match event.phase() {
				Phase::ApplyExtrinsic(index) => Some(index),
				Phase::Initialization | Phase::Finalization => None,
			};
			events.push(Happened { index: event.index(), extrinsic, event: event.decode_as()? });
		}
		Ok(Block { at, events })
	}

	/// The first and last block of a range.
	async fn resolve(&self, range: Range) -> Result<(u64, u64), StatementError> {
		let head = self.head;
		let (from, to) = match range {
			Range::Blocks { from, to } => {
				let to = to.map_or(head, u64::from);
				match from {
					// The first block has no events, and nothing before it.
					Some(from) => (u64::from(from).max(1), to),
					None => (self.earliest().await?.saturating_add(1), to),
				}
			},
			Range::Epochs(Epochs { first, last }) => {
				let open = self.epoch(head).await?;
				if first > open {
					return Err(StatementError::NoEpoch { epoch: first, open });
				}
				let earliest = self.earliest().await?;
				let from = self.first_of(first, earliest).await?;
				// The epoch may have begun before.
				if earliest > 0 && from == earliest {
					let earliest = earliest.saturating_add(1);
					return Err(StatementError::Pruned { earliest });
				}
				let to = match last.checked_add(1).filter(|next| *next <= open) {
					Some(next) => self.first_of(next, from).await?.saturating_sub(1),
					None => head,
				};
				(from.max(1), to)
			},
		};
		if from > to || to > head {
			return Err(StatementError::NoBlocks { from, to, head });
		}
		if !self.has(from.saturating_sub(1)).await || !self.has(from).await {
			let earliest = self.earliest().await?.saturating_add(1);
			return Err(StatementError::Pruned { earliest });
		}
		Ok((from, to))
	}

	/// Whether the node still has the state of a block.
	async fn has(&self, block: u64) -> bool {
		match self.at(block).await {
			Ok(at) => at.events().fetch().await.is_ok(),
			Err(_) => false,
		}
	}

	/// The first block from which on the node has all states. They are forgotten in their order, but
	/// for that of the genesis, which a node may keep.
	async fn earliest(&self) -> Result<u64, ChainError> {
		if self.has(0).await && (self.head == 0 || self.has(1).await) {
			return Ok(0);
		}
		// A node that cannot even give the last one is not to be told from one that forgets.
		self.block(self.head).await?;
		let (mut low, mut high) = (1, self.head);
		while low < high {
			let middle = low + (high - low) / 2;
			match self.has(middle).await {
				true => high = middle,
				false => low = middle + 1,
			}
		}
		Ok(low)
	}

	/// The epoch that was open at the end of a block.
	async fn epoch(&self, block: u64) -> Result<EpochIndex, ChainError> {
		Ok(state::epoch(&self.at(block).await?).await?.index)
	}

	/// The first block, from `low` on, in which `epoch` or a later one was open.
	async fn first_of(&self, epoch: EpochIndex, mut low: u64) -> Result<u64, ChainError> {
		let mut high = self.head;
		while low < high {
			let middle = low + (high - low) / 2;
			match self.epoch(middle).await? >= epoch {
				true => high = middle,
				false => low = middle + 1,
			}
		}
		Ok(low)
	}
}
