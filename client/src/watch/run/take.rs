//! Taking steps: each once, and again only after it failed or was lost.

use super::{Line, Place, Watch, WatchError};
use crate::{
	chain::{Chain, ChainError, MORTALITY},
	channel::ChannelRecord,
	output::hex0x,
	watch::{
		act,
		decide::{Action, Step},
		read::Constants,
		store::{About, Attempt, DemandState, Demanded},
	},
};
use usufruct_primitives::{BlockNumber, Hash};

/// For how many blocks something that failed is not tried again.
const RETRY: BlockNumber = 200;

impl Watch {
	/// The steps that were not taken before, and are not under way.
	pub(super) fn due(
		&self,
		steps: Vec<Step>,
		genesis: &Hash,
		now: BlockNumber,
	) -> Result<Vec<Step>, WatchError> {
		let mut due: Vec<Step> = Vec::new();
		for step in steps {
			let id = step.id(genesis);
			let waits = match self.store.attempt(&id)? {
				None => false,
				Some(Attempt { result: Some(Ok(())), .. }) => true,
				Some(Attempt { result: Some(Err(_)), block }) => now < block.saturating_add(RETRY),
				Some(Attempt { result: None, block }) => {
					now < block.saturating_add(MORTALITY as BlockNumber)
				},
			};
			if !waits && due.iter().all(|other| other.id(genesis) != id) {
				due.push(step);
			}
		}
		Ok(due)
	}

	/// Takes a step, or says that it would.
	pub(super) async fn take(
		&mut self,
		chain: &Chain,
		record: Option<&ChannelRecord>,
		step: &Step,
		constants: &Constants,
		now: BlockNumber,
		say: &mut impl FnMut(&Line),
	) -> Result<(), WatchError> {
		let demand = matches!(step.action, Action::Demand { .. });
		let deposit = demand.then_some(constants.demand_deposit);
		let signer = self.signer.as_ref().filter(|_| !self.options.dry_run);
		let Some(signer) = signer else {
			let line = Line { deposit, ..Line::of("would", now, step) };
			if self.said.insert(format!("would {}", hex0x(step.id(&chain.genesis())))) {
				say(&line);
			}
			return Ok(());
		};
		let id = step.id(&chain.genesis());
		self.store.put_attempt(&id, &Attempt { block: now, result: None })?;
		let progress = |progress| tracing::info!(action = step.name(), %progress);
		let result = match act::submit(chain, signer, record, step, progress).await {
			Ok(included) => Ok(included),
			Err(error @ (ChainError::Dispatch(_) | ChainError::NotTaken(_))) => {
				Err(error.to_string())
			},
			Err(error) => return Err(error.into()),
		};
		if let (Ok(included), Some(batch_no), Some(seq), Some(deposit)) =
			(&result, step.batch_no(), step.seq(), deposit)
		{
			let (oracle, channel_id) = (step.oracle, step.channel_id);
			let about = About { oracle, batch_no, channel_id, seq };
			let (block, state) = (included.block, DemandState::Open);
			self.store.put_demand(&about, &Demanded { deposit, block, state })?;
		}
		let done = result.as_ref().map(|_| ()).map_err(Clone::clone);
		self.store.put_attempt(&id, &Attempt { block: now, result: Some(done) })?;
		let line = match &result {
			Ok(included) => Line {
				deposit,
				included: Some(Place::from(included)),
				..Line::of("did", now, step)
			},
			Err(error) => Line { error: Some(error.clone()), ..Line::of("failed", now, step) },
		};
		say(&line);
		Ok(())
	}
}
