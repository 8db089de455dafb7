//! What is known of oracles: how each did, the session with each, and what they say for free.

use super::{
	chain::{Found, Offer},
	desk::Gateway,
	error::{GatewayError, Tried},
	purse::PurseError,
	rank::{rank, Candidate, Pause, Record},
	store::Whose,
	texts::Source,
};
use crate::{
	channel::ChannelRecord,
	oracle_api::{version_path, OracleHttp},
	session::{InferError, Now, Session, Target},
	sync::lock,
};
use std::{
	collections::BTreeMap,
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_primitives::{commitment::Request, BlockNumber, Meter};

/// For how many blocks an oracle may serve what it is asked for: so long is its money held at most when
/// it stays silent.
pub const SERVE_WINDOW: BlockNumber = 40;

impl Gateway {
	/// How an oracle did at a model.
	pub fn record(&self, whose: &Whose) -> (Record, Pause) {
		lock(&self.oracles).get(whose).cloned().unwrap_or_default()
	}

	/// How oracles did.
	pub(super) fn oracles(&self) -> BTreeMap<Whose, Record> {
		lock(&self.oracles).iter().map(|(whose, it)| (*whose, it.0.clone())).collect()
	}

	/// Notes that an oracle answered.
	pub(super) async fn answered(&self, whose: Whose, took: Duration) {
		let record = {
			let mut oracles = lock(&self.oracles);
			let (record, pause) = oracles.entry(whose).or_default();
			record.answer(took);
			pause.answer();
			record.clone()
		};
		self.spending.record(whose, record).await;
	}

	/// Notes that an oracle did not answer.
	pub(super) async fn note_failure(&self, whose: Whose, why: String) {
		let record = {
			let mut oracles = lock(&self.oracles);
			let (record, pause) = oracles.entry(whose).or_default();
			record.fail(why);
			pause.fail(Instant::now());
			record.clone()
		};
		self.spending.record(whose, record).await;
	}

	/// A session on a channel, made anew if its key, the oracle's offer or the chain's closing window has
	/// changed.
	pub(super) fn session(
		&self,
		record: &ChannelRecord,
		target: &Target,
	) -> Result<Arc<Session>, InferError> {
		let text = self.texts.known(target.model_version);
		let target = Target { text, ..target.clone() };
		let mut sessions = lock(&self.sessions);
		let market = self.market().0;
		let now = Now { head: market.head, closing_window: market.closing_window };
		if let Some(session) = sessions.get(&record.channel_id) {
			if is_as_before(session.target(), &target)
				&& session.record() == record
				&& session.closing_window() == now.closing_window
			{
				return Ok(session.clone());
			}
		}
		let (keeper, id) = (self.keeper.clone(), &record.channel_id);
		let session = Session::new(keeper, id, target, now, self.options.reach)?
			.with_patience(self.options.patience)
			.with_serve_window(SERVE_WINDOW)
			.with_turns(self.texts.turns.clone());
		let session = Arc::new(session);
		sessions.insert(*id, session.clone());
		Ok(session)
	}

	/// An oracle's session for a request that it has left open: its terms as they are now, and the
	/// request's version, by which its tokens are counted. If nobody has its tokenizer they are not: then
	/// a refusal still frees the money, and what was served waits for it.
	pub(super) async fn session_of(
		&self,
		record: &ChannelRecord,
		request: &Request,
	) -> Result<Option<Arc<Session>>, GatewayError> {
		let (market, _) = self.market();
		let of = |it: &&Offer| it.oracle == record.oracle && it.model == record.model;
		let mut target = match market.offers.iter().find(of) {
			Some(offer) => offer.target.clone(),
			// It offers nothing any more, and still owes an answer.
			None => {
				let found = self.chain.oracle(record.oracle).await.map_err(PurseError::from)?;
				let Some(oracle) = found else { return Ok(None) };
				let model = market.models.iter().find(|it| it.model == record.model);
				let name = model.map_or("", |it| it.name.as_str());
				Target::new(&oracle, name, request.model_version, request.meter, request.unit_price)
			},
		};
		target.model_version = request.model_version;
		if request.meter == Meter::InputToken {
			let (endpoint, model) = (target.endpoint.as_str(), target.model_name.as_str());
			let mut sources = vec![Source { oracle: record.oracle, endpoint, model }];
			let others = market.offers.iter().filter(|it| {
				it.target.model_version == request.model_version && it.oracle != record.oracle
			});
			sources.extend(others.map(Source::from));
			if let Err(error) = self.texts.find(&market, request.model_version, &sources).await {
				tracing::warn!(%error, "the tokens of a question cannot be counted");
			}
		}
		match self.session(record, &target) {
			Ok(session) => Ok(Some(session)),
			Err(error) => Err(GatewayError::Internal(error.to_string())),
		}
	}

	/// What is wanted of what a version's oracles say of it, for free, from the first that says it.
	pub(super) async fn hear<T>(
		&self,
		found: &Found<'_>,
		mut wanted: impl FnMut(Vec<u8>) -> Option<T>,
	) -> Result<T, GatewayError> {
		let now = Instant::now();
		let candidates = found.offers.iter().map(|offer| {
			let (record, pause) = self.record(&(offer.oracle, offer.model));
			Candidate { who: *offer, price: offer.target.unit_price, record, pause }
		});
		let mut tried = Vec::new();
		for candidate in rank(candidates.collect(), now).into_iter().take(self.options.attempts) {
			let offer: &Offer = candidate.who;
			let read = OracleHttp::new(&offer.target.endpoint, self.options.reach);
			let path = version_path(&offer.target.model_name, found.version);
			let said = match read {
				Ok(http) => tokio::time::timeout(self.options.patience, http.get(&path)).await,
				Err(error) => Ok(Err(error)),
			};
			let why = match said {
				Ok(Ok((200, body))) => match wanted(body) {
					Some(wanted) => return Ok(wanted),
					None => "it does not say".into(),
				},
				Ok(Ok((status, _))) => format!("status {status}"),
				Ok(Err(error)) => error.to_string(),
				Err(_) => "the oracle was silent".into(),
			};
			tried.push(Tried { oracle: offer.oracle, why });
		}
		Err(GatewayError::Exhausted(tried))
	}
}

/// Whether an oracle is where it was, answers with the same keys, and asks for the same.
fn is_as_before(before: &Target, now: &Target) -> bool {
	(&before.endpoint, before.receipt_key, &before.retired_keys)
		== (&now.endpoint, now.receipt_key, &now.retired_keys)
		&& (&before.model_name, before.model_version, before.meter, before.unit_price)
			== (&now.model_name, now.model_version, now.meter, now.unit_price)
		&& before.text.is_some() == now.text.is_some()
}
