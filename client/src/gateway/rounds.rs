//! What is looked after between questions: offers, channels, and answers that never came.

use super::{
	chain::Offer,
	desk::Gateway,
	error::GatewayError,
	purse::{Known, PurseError},
	rank::{rank, Candidate},
	spend::Key,
};
use crate::{
	channel::{
		ledger::{is_over, Ledger},
		StoreError,
	},
	session::{InferError, Persistence},
};
use std::{collections::BTreeSet, time::Instant};

impl Gateway {
	/// Takes what the finalised chain says about offers and channels.
	pub async fn look(&self) -> Result<(), PurseError> {
		let market = self.chain.market(&self.options.models).await?;
		let head = market.head;
		self.set_market(market);
		self.purse.refresh(head).await
	}

	/// Sees to it that there are channels with money in them: to the best oracles of each model that is
	/// used.
	pub async fn provision(&self) {
		for known in self.purse.channels() {
			if let Err(error) = self.purse.fill(&known.record.channel_id).await {
				tracing::warn!(%error, "a channel is nearly empty");
			}
		}
		let (market, _) = self.market();
		let now = Instant::now();
		for (model, most) in self.used() {
			let Ok(found) = market.find(&model.to_string(), None) else { continue };
			let candidates = found.offers.iter().filter_map(|offer| {
				let lied = self.purse.lied(&offer.oracle).unwrap_or(true);
				let (record, pause) = self.record(&(offer.oracle, offer.model));
				let price = offer.target.unit_price;
				(!lied).then_some(Candidate { who: *offer, price, record, pause })
			});
			for candidate in rank(candidates.collect(), now).into_iter().take(self.options.standby)
			{
				let offer: &Offer = candidate.who;
				let amount = most.max(offer.target.unit_price);
				if let Err(error) = self.purse.provide(offer, amount).await {
					tracing::warn!(%error, "there is no channel to one of the best oracles");
				}
			}
		}
	}

	/// Asks again for what oracles left unanswered, see [the module](super).
	pub async fn chase(&self) {
		for known in self.purse.channels() {
			if let Err(error) = self.chase_on(&known).await {
				tracing::warn!(%error, "a question could not be asked again");
			}
		}
		if let Err(error) = self.let_go().await {
			tracing::warn!(%error, "what is held could not be looked through");
		}
	}

	/// Lets go of what is held for questions that are over by now.
	async fn let_go(&self) -> Result<(), GatewayError> {
		for key in self.spending.book().await?.held().keys() {
			if self.is_in_flight(key) {
				continue;
			}
			match self.is_void(key)? {
				true => self.spending.settle(*key, None).await,
				false => self.book(*key, None).await,
			}
		}
		Ok(())
	}

	/// Whether nothing more can be charged for a request that has no receipt: its channel was not on the
	/// chain any more when its voucher was over. At an earlier block it may not have been there yet, after a
	/// restart with a node that is behind.
	fn is_void(&self, (channel, commit): &Key) -> Result<bool, StoreError> {
		let store = self.keeper.store();
		let Some(gone_at) = self.purse.gone_at(channel) else { return Ok(false) };
		let Some(record) = store.channel(channel)? else { return Ok(false) };
		let ledger = store.ledger(&record)?;
		let asked = ledger.asked(commit).filter(|asked| asked.receipt.is_none());
		Ok(asked.is_some_and(|asked| is_over(&asked.voucher, gone_at)))
	}

	async fn chase_on(&self, Known { record, .. }: &Known) -> Result<(), GatewayError> {
		let whose = (record.oracle, record.model);
		if !self.record(&whose).1.over(Instant::now()) {
			return Ok(());
		}
		let head = self.market().0.head;
		// Each once, so that one that cannot be paid for holds up no other.
		let mut asked = BTreeSet::new();
		loop {
			let ledger = self.keeper.store().ledger(record)?;
			let served = has_gap(&ledger);
			let open = ledger.open().iter().filter(|(_, open)| {
				open.receipt.is_none() && (served || is_over(&open.voucher, head))
			});
			// What it refused it has signed for all the same, if nothing else can be missing.
			let released = if ledger.lacks_released() { ledger.released() } else { vec![] };
			let due = open.chain(released).find(|(commit, _)| {
				!asked.contains(*commit) && !self.is_in_flight(&(record.channel_id, **commit))
			});
			let Some((commit, open)) = due else { return Ok(()) };
			asked.insert(*commit);
			let Some(session) = self.session_of(record, &open.request).await? else {
				return Ok(());
			};
			let again = session.again(commit, open, Persistence::Once).await.unwrap_or_else(Err);
			self.book((record.channel_id, *commit), again.as_ref().ok()).await;
			match again {
				// It took as long as the oracle was away, which says nothing of its latency.
				Ok(_) | Err(InferError::Refused(_) | InferError::Failed { .. }) => {},
				Err(error @ (InferError::Meter(_) | InferError::Uncounted(_))) => {
					tracing::warn!(%error, "an answer cannot be checked; it is asked for again later");
				},
				Err(
					error @ (InferError::Lie(_)
					| InferError::Gone { .. }
					| InferError::Withheld { .. }),
				) => {
					self.note_failure(whose, error.to_string()).await;
				},
				Err(error) => {
					self.note_failure(whose, error.to_string()).await;
					return Ok(());
				},
			}
		}
	}
}

/// Whether a receipt is here before an earlier one: the oracle has served what it did not answer.
fn has_gap(ledger: &Ledger) -> bool {
	ledger.open().values().any(|open| open.receipt.is_some())
}
