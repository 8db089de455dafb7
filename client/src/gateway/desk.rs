//! One question: whom to ask, what with, and what to do when that fails.

use super::{
	chain::{Found, Market, Offer, Onchain},
	error::{GatewayError, Tried},
	purse::{Budget, Purse, PurseError},
	rank::{rank, Candidate, Pause, Record},
	spend::{by_machine, day_of, Clocks, Hold, Key, Limits},
	statistics::Statistics,
	store::{outcome, HoldError, Outcome, Spending, Whose},
	texts::{Source, Texts},
};
use crate::{
	channel::{Keeper, KeeperError, Refused, StoreError},
	meter::{self, NotRecomputable},
	oracle_api::{Problem, ProblemKind, Reach, TraceContext},
	session::{Answer, InferError, Persistence, Session},
	sync::lock,
	tensors::{RequestedOutput, Tensor},
	text::Text,
};
use std::{
	collections::{BTreeMap, BTreeSet},
	path::Path,
	sync::{Arc, Mutex, PoisonError, RwLock},
	time::{Duration, Instant},
};
use usufruct_primitives::{Balance, ChannelId, Meter, ModelId, VersionId};

/// How often a channel is looked for while others spend what was there for this request.
const CHANNEL_TRIES: usize = 8;

/// How a gateway behaves.
#[derive(Clone, Debug)]
pub struct Options {
	/// The models that may be used; all, if none is named.
	pub models: BTreeSet<ModelId>,
	/// What may be spent.
	pub limits: Limits,
	/// What may be put into channels.
	pub budget: Budget,
	/// With how many oracles a channel is kept for each model in use, so that there is another to ask.
	pub standby: usize,
	/// How many oracles are asked about one question at most.
	pub attempts: usize,
	/// How long one is waited for.
	pub patience: Duration,
	/// Where oracles may be.
	pub reach: Reach,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
	/// The model's name or id.
	pub model: String,
	/// The version; otherwise the newest that is offered.
	pub version: Option<VersionId>,
	/// The input.
	pub inputs: Vec<Tensor>,
	/// The outputs wanted; all, if none is named.
	pub outputs: Vec<RequestedOutput>,
	/// How many tokens the input has by the tokenizer of that version, if they were counted already.
	pub tokens: Option<u64>,
	/// Whose trace it belongs to: whoever is asked is told.
	pub trace: Option<TraceContext>,
}

/// An answer, and whose it is.
#[derive(Clone, Debug)]
pub struct Answered {
	/// The model's name.
	pub model: String,
	/// The version that was run.
	pub version: VersionId,
	/// The answer, checked and paid for.
	pub answer: Answer,
}

/// See the module.
pub struct Gateway {
	pub(super) options: Options,
	pub(super) keeper: Arc<Keeper>,
	pub(super) chain: Arc<dyn Onchain>,
	pub(super) purse: Purse,
	pub(super) texts: Texts,
	pub(super) spending: Arc<Spending>,
	pub(super) started: Instant,
	looked: RwLock<Looked>,
	pub(super) oracles: Mutex<BTreeMap<Whose, (Record, Pause)>>,
	pub(super) sessions: Mutex<BTreeMap<ChannelId, Arc<Session>>>,
	/// The models that were asked of, and the most that a question of each has cost.
	used: Mutex<BTreeMap<ModelId, Balance>>,
	in_flight: Mutex<BTreeSet<Key>>,
	/// How long versions' vectors were.
	pub(super) dimensions: Mutex<BTreeMap<VersionId, u64>>,
	/// What became of versions' questions.
	pub(super) statistics: Mutex<BTreeMap<(ModelId, VersionId), Statistics>>,
}

/// What was read of the chain last.
#[derive(Clone, Default)]
struct Looked {
	market: Arc<Market>,
	/// When that was.
	seen: Option<Instant>,
	/// When its time was first read: while finality stalls, the same block is read again and again.
	since: Option<Instant>,
}

/// What follows when an oracle did not answer.
enum Next {
	/// Nobody else would.
	Stop(GatewayError),
	/// It says that the question is wrong.
	Refused(Box<Problem>),
	/// Another may.
	Other(String),
	/// There is no channel to it.
	NoChannel(PurseError),
}

impl From<HoldError> for Next {
	fn from(error: HoldError) -> Self {
		Self::Stop(error.into())
	}
}

impl From<StoreError> for GatewayError {
	fn from(error: StoreError) -> Self {
		PurseError::from(error).into()
	}
}

impl Gateway {
	/// Over the channels of a keeper, with its own store in `folder`.
	pub fn new(
		options: Options,
		folder: &Path,
		keeper: Arc<Keeper>,
		chain: Arc<dyn Onchain>,
	) -> Result<Arc<Self>, StoreError> {
		let genesis = chain.genesis();
		let (spending, records) =
			Spending::open(folder, &genesis, options.limits.clone(), &keeper)?;
		let spending = Arc::new(spending);
		let (budget, promises) = (options.budget.clone(), spending.clone());
		let oracles =
			records.into_iter().map(|(whose, it)| (whose, (it, Pause::default()))).collect();
		let used = options.models.iter().map(|model| (*model, 0)).collect();
		Ok(Arc::new(Self {
			texts: Texts::new(folder, options.reach, options.patience),
			purse: Purse::new(keeper.clone(), chain.clone(), promises, budget)?,
			options,
			keeper,
			chain,
			spending,
			started: Instant::now(),
			looked: RwLock::default(),
			oracles: Mutex::new(oracles),
			sessions: Mutex::default(),
			used: Mutex::new(used),
			in_flight: Mutex::default(),
			dimensions: Mutex::default(),
			statistics: Mutex::default(),
		}))
	}

	/// Models and offers as they were last read, and when.
	pub fn market(&self) -> (Arc<Market>, Option<Instant>) {
		let Looked { market, seen, .. } = self.looked();
		(market, seen)
	}

	fn looked(&self) -> Looked {
		self.looked.read().unwrap_or_else(PoisonError::into_inner).clone()
	}

	pub(super) fn set_market(&self, market: Market) {
		for session in lock(&self.sessions).values() {
			session.advance(market.head);
		}
		let seen = Some(Instant::now());
		let mut looked = self.looked.write().unwrap_or_else(PoisonError::into_inner);
		let since = looked.since.filter(|_| looked.market.time_ms == market.time_ms).or(seen);
		*looked = Looked { market: Arc::new(market), seen, since };
	}

	/// What day it is, by the last finalised block that was seen and what has passed since, and by this
	/// machine's clock.
	pub(super) fn clocks(&self) -> Clocks {
		let Looked { market, since, .. } = self.looked();
		let passed =
			since.map_or(0, |at| u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX));
		Clocks { chain: day_of(market.time_ms.saturating_add(passed)), machine: by_machine() }
	}

	pub(super) fn used(&self) -> BTreeMap<ModelId, Balance> {
		lock(&self.used).clone()
	}

	pub(super) fn is_in_flight(&self, key: &Key) -> bool {
		lock(&self.in_flight).contains(key)
	}

	/// Asks one oracle after the other until there is an answer. Whoever asks may hang up: what is
	/// promised is seen through.
	pub async fn ask(self: &Arc<Self>, question: Question) -> Result<Answered, GatewayError> {
		let gateway = self.clone();
		let task = tokio::spawn(async move { gateway.go_round(question).await });
		task.await.unwrap_or_else(|error| Err(GatewayError::Internal(error.to_string())))
	}

	async fn go_round(&self, question: Question) -> Result<Answered, GatewayError> {
		let (market, _) = self.market();
		let found = market.find(&question.model, question.version)?;
		let begun = Instant::now();
		let answer = self.ask_round(&market, &found, &question).await;
		self.count(&found, begun.elapsed(), answer.as_ref().ok());
		let (model, version) = (found.model.name.clone(), found.version);
		answer.map(|answer| Answered { model, version, answer })
	}

	async fn ask_round(
		&self,
		market: &Market,
		found: &Found<'_>,
		question: &Question,
	) -> Result<Answer, GatewayError> {
		let by_token = found.offers.iter().any(|offer| offer.target.meter == Meter::InputToken);
		let tokens = match question.tokens {
			None if by_token => {
				let text = self.text(market, found).await?;
				Some(self.texts.count(&text, &question.inputs).await?)
			},
			counted => counted,
		};
		let (mut tried, mut refused, mut no_channel) = (Vec::new(), None, None);
		let candidates = self.candidates(found, question, tokens)?;
		let last = candidates.len().min(self.options.attempts).saturating_sub(1);
		for (nth, (offer, units, amount)) in candidates.into_iter().enumerate().take(last + 1) {
			// With nobody left to go to, one that is busy is asked again.
			let persistence = if nth == last { Persistence::Insist } else { Persistence::Once };
			match self.try_at(offer, (units, amount), question, persistence).await {
				Ok(answer) => return Ok(answer),
				Err(Next::Stop(error)) => return Err(error),
				// One alone may only say so.
				Err(Next::Refused(problem)) if refused.is_some() => {
					return Err(GatewayError::Refused(problem))
				},
				Err(Next::Refused(problem)) => refused = Some(problem),
				Err(Next::Other(why)) => tried.push(Tried { oracle: offer.oracle, why }),
				Err(Next::NoChannel(error)) => {
					tried.push(Tried { oracle: offer.oracle, why: error.to_string() });
					no_channel = Some(error);
				},
			}
		}
		match (refused, no_channel) {
			(Some(problem), _) => Err(GatewayError::Refused(problem)),
			(None, Some(error)) if tried.len() == 1 => Err(error.into()),
			_ => Err(GatewayError::Exhausted(tried)),
		}
	}

	/// How a version takes text.
	pub async fn text(
		&self,
		market: &Market,
		found: &Found<'_>,
	) -> Result<Arc<Text>, GatewayError> {
		let sources: Vec<_> = found.offers.iter().map(|offer| Source::from(*offer)).collect();
		self.texts.find(market, found.version, &sources).await
	}

	/// Whom to ask, in order, for how many units, and the most that each may charge.
	fn candidates<'a>(
		&self,
		found: &Found<'a>,
		question: &Question,
		tokens: Option<u64>,
	) -> Result<Vec<(&'a Offer, u64, Balance)>, GatewayError> {
		let now = Instant::now();
		let (mut fit, mut why) = (Vec::new(), Vec::new());
		for offer in &found.offers {
			let meter = offer.target.meter;
			let units = meter::units_of(meter, &question.inputs, || {
				tokens.ok_or_else(|| NotRecomputable(meter).into())
			})?;
			let price = offer.target.unit_price;
			let dear = self.options.budget.max_unit_price.filter(|most| price > *most);
			let amount = price.checked_mul(units.into());
			match (amount, dear) {
				_ if self.purse.lied(&offer.oracle)? => why.push("lied".to_owned()),
				(_, Some(maximum)) => why.push(PurseError::TooDear { price, maximum }.to_string()),
				(None, _) => why.push("costs more than can be written".to_owned()),
				(Some(amount), None) => {
					let (record, pause) = self.record(&(offer.oracle, offer.model));
					fit.push(Candidate { who: (*offer, units, amount), price, record, pause });
				},
			}
		}
		if fit.is_empty() {
			why.dedup();
			return Err(GatewayError::NobodyFits(why.join("; ")));
		}
		let mut ranked: Vec<(bool, (&Offer, u64, Balance))> = Vec::new();
		for candidate in rank(fit, now) {
			let (offer, _, amount) = candidate.who;
			let waits = !candidate.pause.over(now) || self.purse.ready(offer, amount)?.is_none();
			ranked.push((waits, candidate.who));
		}
		// A channel takes blocks to open: whoever has one is asked meanwhile.
		ranked.sort_by_key(|it| it.0);
		let largest = ranked.iter().map(|it| it.1 .2).max().unwrap_or(0);
		let mut used = lock(&self.used);
		let most = used.entry(found.model.model).or_default();
		*most = largest.max(*most);
		Ok(ranked.into_iter().map(|it| it.1).collect())
	}

	async fn try_at(
		&self,
		offer: &Offer,
		(units, amount): (u64, Balance),
		question: &Question,
		persistence: Persistence,
	) -> Result<Answer, Next> {
		let whose = (offer.oracle, offer.model);
		let mut short = None;
		for _ in 0..CHANNEL_TRIES {
			let provided = self.purse.provide(offer, amount).await;
			let record = provided.map_err(|error| match error {
				PurseError::Store(_) | PurseError::Keeper(_) | PurseError::Unwritten(_) => {
					Next::Stop(error.into())
				},
				error => Next::NoChannel(error),
			})?;
			let session = match self.session(&record, &offer.target) {
				Ok(session) => session,
				Err(error) => return Err(self.failed(whose, error).await),
			};
			let prepared = session
				.prepare(question.inputs.clone(), question.outputs.clone(), units)
				.map_err(|error| Next::Stop(GatewayError::Question(error.to_string())))?;
			let prepared = prepared.within(question.trace.clone());
			let key = (record.channel_id, prepared.request.commit(&record.genesis));
			let clocks = self.clocks();
			let hold = Hold { day: clocks.chain, model: offer.model, amount };
			// Before it is held: what is held and not in flight is compared with the channels' store.
			let _flying = Flying::new(&self.in_flight, key);
			self.spending.hold(key, hold, clocks.machine).await?;
			let sent = session.send(prepared, persistence).await;
			self.book(key, sent.as_ref().ok()).await;
			match sent {
				Ok(answer) => {
					self.answered(whose, answer.took).await;
					return Ok(answer);
				},
				Err(InferError::Keeper(KeeperError::Refused(
					refused @ Refused::EscrowShort { .. },
				))) => short = Some(refused),
				Err(error) => return Err(self.failed(whose, error).await),
			}
		}
		Err(Next::Other(short.map_or_else(String::new, |it| it.to_string())))
	}

	/// Books what became of a request.
	pub(super) async fn book(&self, key: Key, answer: Option<&Answer>) {
		let outcome = match answer {
			Some(answer) => Ok(Outcome::Over(Some(answer.receipt.receipt.amount))),
			None => outcome(self.keeper.store(), &key),
		};
		match outcome {
			Ok(Outcome::UnderWay) => {},
			Ok(Outcome::Over(charged)) => self.spending.settle(key, charged).await,
			// It stays held, and is looked at again at the next start.
			Err(error) => tracing::error!(%error, "the channels' store failed"),
		}
	}

	/// Notes that an oracle failed, and says what follows.
	async fn failed(&self, whose: Whose, error: InferError) -> Next {
		let next = match error {
			InferError::Refused(problem)
				if matches!(
					problem.kind,
					ProblemKind::TensorInvalid
						| ProblemKind::BodyMalformed
						| ProblemKind::BodyTooLarge
				) =>
			{
				return Next::Refused(problem)
			},
			InferError::Store(error) => return Next::Stop(error.into()),
			InferError::Keeper(error @ (KeeperError::Store(_) | KeeperError::Stopped)) => {
				return Next::Stop(PurseError::from(error).into())
			},
			error => Next::Other(error.to_string()),
		};
		if let Next::Other(why) = &next {
			self.note_failure(whose, why.clone()).await;
		}
		next
	}
}

/// A request that is being sent.
struct Flying<'a>(&'a Mutex<BTreeSet<Key>>, Key);

impl<'a> Flying<'a> {
	fn new(all: &'a Mutex<BTreeSet<Key>>, key: Key) -> Self {
		lock(all).insert(key);
		Self(all, key)
	}
}

impl Drop for Flying<'_> {
	fn drop(&mut self) {
		lock(self.0).remove(&self.1);
	}
}
