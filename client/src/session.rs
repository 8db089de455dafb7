//! Paid requests to one oracle: voucher, question, answer, check, acknowledgement.
//!
//! A request goes through these states on disk, so that a crash between any two loses nothing: its
//! voucher is written, then it is sent (again and again with the same bytes, until there is an
//! answer), then its receipt is checked and written, or it is released because the oracle refused it
//! for good. What a crash or a silent oracle left unanswered, [`Session::resume`] asks for again. What
//! was refused is asked again when later receipts show that the oracle signed one for it, too.

use crate::{
	channel::{
		ledger::{self, Ledger, Open},
		store::{ChannelRecord, Payload},
		Keeper, KeeperError, StoreError,
	},
	meter::{self, MeterError},
	oracle_api::{
		HttpError, NotPublic, OracleHttp, Problem, ProblemKind, Reach, Reply, RequestHeaders,
		SignedReceipt, SignedVoucher, TraceContext,
	},
	output::Causes,
	receipt::{self, Asked, CheckError, Lie},
	state,
	tensors::{self, InferRequest, RequestedOutput, Tensor, TensorError},
	text::{CountError, Text, Turns},
};
use futures::{stream, StreamExt, TryStreamExt};
pub use ledger::SERVE_WINDOW;
use std::{
	sync::{
		atomic::{AtomicU32, Ordering},
		Arc,
	},
	time::Duration,
};
use tokio::{
	sync::{Mutex, OnceCell},
	time::{sleep, timeout_at, Instant},
};
use usufruct_primitives::{
	commitment::Request, Balance, BlockNumber, ChannelId, Hash, Meter, PublicKey, Status, VersionId,
};

/// Pauses between attempts: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How many open requests are asked for again at a time.
const AT_ONCE: usize = 16;

/// What the finalised chain says about an oracle and a model version.
#[derive(Clone, Debug)]
pub struct Target {
	/// The key that signs the oracle's receipts.
	pub receipt_key: PublicKey,
	/// The keys before it for which the oracle still answers: an answer that was lost comes again as
	/// it was signed.
	pub retired_keys: Vec<PublicKey>,
	/// Where it listens.
	pub endpoint: String,
	/// The model's name.
	pub model_name: String,
	/// The version to run.
	pub model_version: VersionId,
	/// What a unit of it is.
	pub meter: Meter,
	/// What the oracle asks for a unit, in planck.
	pub unit_price: Balance,
	/// How its tokens are counted, if it takes text.
	pub text: Option<Arc<Text>>,
}

impl Target {
	/// Of an oracle, for a version of a model by that name: metered so, at that price of a unit.
	pub fn new(
		oracle: &state::Oracle,
		model_name: &str,
		model_version: VersionId,
		meter: Meter,
		unit_price: Balance,
	) -> Self {
		Self {
			receipt_key: oracle.receipt_key,
			retired_keys: oracle.retired_keys.iter().map(|it| it.key).collect(),
			endpoint: oracle.endpoint.clone(),
			model_name: model_name.into(),
			model_version,
			meter,
			unit_price,
			text: None,
		}
	}
}

/// Where the finalised chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
	/// The number of its last block: vouchers are valid from it on.
	pub head: BlockNumber,
	/// The chain's [closing window](state::closing_window), in blocks: an answer that is gone is paid for
	/// so long after the last block of its voucher, and no sooner.
	pub closing_window: BlockNumber,
}

/// A checked and paid answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
	/// What the model said.
	pub outputs: Vec<Tensor>,
	/// What it cost.
	pub receipt: SignedReceipt,
	/// How long it took, from the first attempt to the acknowledgement on disk.
	pub took: Duration,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum InferError {
	/// No voucher was signed, or a receipt could not be accepted.
	#[error(transparent)]
	Keeper(#[from] KeeperError),
	/// The store cannot be read.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The input has no canonical form.
	#[error(transparent)]
	Tensors(#[from] TensorError),
	/// The input has no JSON form.
	#[error("the input cannot be written as JSON")]
	Json(#[from] serde_json::Error),
	/// Nobody could check the bill, or the texts are no input. What was asked stays open; whatever the
	/// oracle signed is kept.
	#[error(transparent)]
	Meter(#[from] MeterError),
	/// The tokens of what was asked again were not counted, and so the bill is not checked. It stays open;
	/// whatever the oracle signed is kept.
	#[error(transparent)]
	Uncounted(#[from] CountError),
	/// The oracle cannot be reached at all.
	#[error(transparent)]
	Oracle(#[from] HttpError),
	/// The oracle refused for good; nothing is charged.
	#[error("the oracle refused: {0}")]
	Refused(Box<Problem>),
	/// The oracle failed; the receipt says so, and charges nothing.
	#[error("the oracle accepted the request and failed, nothing is charged: {detail}")]
	Failed {
		/// What the oracle says about it.
		detail: String,
		/// Its receipt.
		receipt: Box<SignedReceipt>,
	},
	/// The oracle answered once, and keeps the answer no longer. It is charged once, as its receipt says;
	/// who needs the answer asks again, as a new request.
	#[error(
		"the request was answered and charged once, and the oracle keeps the answer no longer: ask again"
	)]
	Gone {
		/// Its receipt.
		receipt: Box<SignedReceipt>,
	},
	/// The oracle says so when an honest one has every answer yet. The request stays as it was, and its
	/// receipt is kept and not acknowledged: what it charges counts towards the channel's `max_unacked`.
	#[error(
		"the oracle says that it has answered and keeps the answer no longer, which is too early: its receipt \
		 is kept and not acknowledged; ask another oracle"
	)]
	Withheld {
		/// Its receipt.
		receipt: Box<SignedReceipt>,
	},
	/// The answer and its receipt do not belong together, or the oracle lied. Whatever it signed is
	/// kept. If it signed the lie itself, the channel is halted; else the request stays open.
	#[error("the oracle's answer is not what it says: {0}")]
	Lie(Lie),
	/// No answer in time. The request stays open, and is asked again by the next session.
	#[error("no answer (patience {seconds} s); the request stays open and is asked again: {last}")]
	Unanswered {
		/// How long would have been waited.
		seconds: u64,
		/// What happened last.
		last: String,
	},
}

/// A request that is made out and not promised to anybody yet.
#[derive(Clone, Debug)]
pub struct Prepared {
	/// What will be asked.
	pub request: Request,
	payload: Payload,
	inputs: Vec<Tensor>,
	trace: Option<TraceContext>,
}

impl Prepared {
	/// Within the trace of whoever it is asked for.
	pub fn within(self, trace: Option<TraceContext>) -> Self {
		Self { trace, ..self }
	}
}

/// How often a request is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
	/// Again and again while patience lasts.
	Insist,
	/// Once: there is somebody else to ask.
	Once,
}

/// One channel, one oracle, one model version.
pub struct Session {
	keeper: Arc<Keeper>,
	http: OracleHttp,
	/// Whether the endpoint was checked, once for the session.
	reachable: OnceCell<()>,
	record: ChannelRecord,
	target: Target,
	head: AtomicU32,
	closing_window: BlockNumber,
	patience: Duration,
	serve_window: BlockNumber,
	/// Who counts the tokens of long texts has one.
	turns: Turns,
	/// Held while it is asked again for what was refused.
	catching_up: Mutex<()>,
}

/// What an oracle's reply means for a request.
enum Verdict {
	Answered(Vec<Tensor>, SignedReceipt),
	Again { after: Option<Duration>, why: String, begun: bool },
}

/// A request that is being asked.
struct Asking<'a> {
	request: &'a Request,
	voucher: &'a SignedVoucher,
	payload: &'a Payload,
	inputs: &'a [Tensor],
	/// How many tokens those are, if it is paid for by them and they were counted just now.
	tokens: Option<u64>,
	/// Whether the oracle may have begun it already: then a refusal is not taken for the last word
	/// before the voucher is over.
	begun: bool,
	/// Whose trace it belongs to. What is asked again later belongs to none.
	trace: Option<&'a TraceContext>,
}

impl Session {
	/// A session on a channel of the keeper's store; `reach` says where the oracle's endpoint may lead.
	pub fn new(
		keeper: Arc<Keeper>,
		channel: &ChannelId,
		target: Target,
		now: Now,
		reach: Reach,
	) -> Result<Self, InferError> {
		let record = keeper.channel(channel)?;
		let http = OracleHttp::new(&target.endpoint, reach)?;
		let Now { head, closing_window } = now;
		let (reachable, head) = (OnceCell::new(), AtomicU32::new(head));
		let patience = Duration::from_secs(60);
		let (serve_window, catching_up) = (SERVE_WINDOW, Mutex::default());
		Ok(Self {
			keeper,
			http,
			reachable,
			record,
			target,
			head,
			closing_window,
			patience,
			serve_window,
			turns: Turns::default(),
			catching_up,
		})
	}

	/// How long to ask again before giving up; a minute, if nothing else is said.
	pub fn with_patience(mut self, patience: Duration) -> Self {
		self.patience = patience;
		self
	}

	/// For how many blocks the oracle may serve what it is asked for; at most, and if nothing else is
	/// said, for [`SERVE_WINDOW`].
	pub fn with_serve_window(mut self, blocks: BlockNumber) -> Self {
		self.serve_window = blocks.min(SERVE_WINDOW);
		self
	}

	/// Whose turns to count the tokens of long texts it has; its own, if nothing else is said.
	pub(crate) fn with_turns(mut self, turns: Turns) -> Self {
		self.turns = turns;
		self
	}

	/// What it asks, and whom.
	pub fn target(&self) -> &Target {
		&self.target
	}

	/// The chain's closing window when the session began, in blocks.
	pub fn closing_window(&self) -> BlockNumber {
		self.closing_window
	}

	/// Its channel, with the key that signs its vouchers.
	pub fn record(&self) -> &ChannelRecord {
		&self.record
	}

	/// Takes note of a newer finalised block: vouchers are valid from it on.
	pub fn advance(&self, head: BlockNumber) {
		self.head.fetch_max(head, Ordering::Relaxed);
	}

	/// Asks, checks and pays. Any number of these may run at once.
	pub async fn infer(&self, inputs: Vec<Tensor>) -> Result<Answer, InferError> {
		let units = meter::units(self.target.meter, &inputs, self.target.text.as_deref())?;
		let prepared = self.prepare(inputs, vec![], units)?;
		self.send(prepared, Persistence::Insist).await
	}

	/// Makes a request out, which is that many units: nothing is signed or sent.
	pub fn prepare(
		&self,
		inputs: Vec<Tensor>,
		outputs: Vec<RequestedOutput>,
		units: u64,
	) -> Result<Prepared, InferError> {
		let request_id: [u8; 16] = rand::random();
		let salt: Hash = rand::random();
		let request = Request {
			channel_id: self.record.channel_id,
			request_id,
			model_version: self.target.model_version,
			input_commit: tensors::commit(&salt, &inputs)?,
			meter: self.target.meter,
			max_units: units,
			unit_price: self.target.unit_price,
		};
		let asked = InferRequest { id: Some(hex::encode(request_id)), inputs, outputs };
		let payload = Payload {
			model_name: self.target.model_name.clone(),
			salt,
			body: serde_json::to_vec(&asked)?,
		};
		Ok(Prepared { request, payload, inputs: asked.inputs, trace: None })
	}

	/// Signs the voucher of a request, sends both, checks the answer and acknowledges it. Patience is had
	/// twice at most: before the voucher is signed, for what is missing and for room, and after that.
	pub async fn send(
		&self,
		prepared: Prepared,
		persistence: Persistence,
	) -> Result<Answer, InferError> {
		self.check_endpoint().await?;
		let deadline = self.deadline();
		if self.ledger()?.lacks_released() {
			self.catch_up(deadline, |ledger, _| ledger.lacks_released()).await?;
		}
		let Prepared { request, payload, inputs, trace } = prepared;
		let (payload, head) = (Arc::new(payload), self.head.load(Ordering::Relaxed));
		let serve_until = head.saturating_add(self.serve_window);
		let reserved = self.keeper.reserve_by(deadline, &request, payload.clone(), serve_until);
		let voucher = reserved.await?;
		let own = &voucher.voucher;
		let asking = Asking {
			request: &request,
			voucher: &voucher,
			payload: &payload,
			inputs: &inputs,
			// Its units are the most that it may cost.
			tokens: (request.meter == Meter::InputToken).then_some(request.max_units),
			begun: false,
			trace: trace.as_ref(),
		};
		let deadline = self.deadline();
		let asked = self.ask(asking, persistence, deadline).await;
		if matches!(&asked, Err(InferError::Refused(problem)) if counts_more(problem.kind)) {
			let known = |ledger: &Ledger| ledger.head().ack_seq > own.ack_seq;
			let reason =
				|ledger: &Ledger, commit: &Hash| *commit != own.request_commit && !known(ledger);
			self.catch_up(deadline, reason).await?;
		}
		asked
	}

	fn deadline(&self) -> Instant {
		Instant::now() + self.patience
	}

	/// Asks again for everything that is still unanswered on this channel, and for what was refused and
	/// signed all the same; returns what became of each. Do so before anything else.
	pub async fn resume(&self) -> Result<Vec<Result<Answer, InferError>>, InferError> {
		let deadline = self.deadline();
		let ledger = self.ledger()?;
		let open = ledger.open().iter().filter(|(_, open)| open.receipt.is_none());
		let open: Vec<_> = open.map(|(commit, open)| (*commit, open.clone())).collect();
		let asked = stream::iter(open).map(|(commit, open)| async move {
			self.again_by(deadline, &commit, &open, Persistence::Insist).await
		});
		let mut answers: Vec<_> = asked.buffered(AT_ONCE).try_collect().await?;
		let caught_up = self.catch_up(self.deadline(), |ledger, _| ledger.lacks_released());
		answers.extend(caught_up.await?);
		Ok(answers)
	}

	/// Asks again for released requests, each once and the oldest first, as far as there is reason to, until
	/// then or until there is no answer: there may be many, and somebody waits.
	async fn catch_up(
		&self,
		deadline: Instant,
		reason: impl Fn(&Ledger, &Hash) -> bool,
	) -> Result<Vec<Result<Answer, InferError>>, InferError> {
		let mut answers = Vec::new();
		// Somebody else is at it.
		let Ok(_one) = self.catching_up.try_lock() else { return Ok(answers) };
		for (commit, open) in self.ledger()?.released() {
			let ledger = self.ledger()?;
			if !ledger.is_released(commit) || !reason(&ledger, commit) {
				continue;
			}
			let answer = self.again_by(deadline, commit, open, Persistence::Once).await?;
			let unanswered = matches!(answer, Err(InferError::Unanswered { .. }));
			answers.push(answer);
			if unanswered {
				break;
			}
		}
		Ok(answers)
	}

	fn ledger(&self) -> Result<Ledger, StoreError> {
		self.keeper.store().ledger(&self.record)
	}

	/// Asks again for one request that is unanswered or was refused: the very same one. The outer error
	/// says that it could not be asked.
	pub async fn again(
		&self,
		commit: &Hash,
		open: &Open,
		persistence: Persistence,
	) -> Result<Result<Answer, InferError>, InferError> {
		self.again_by(self.deadline(), commit, open, persistence).await
	}

	async fn again_by(
		&self,
		deadline: Instant,
		commit: &Hash,
		open: &Open,
		persistence: Persistence,
	) -> Result<Result<Answer, InferError>, InferError> {
		self.check_endpoint().await?;
		let payload = self.keeper.store().payload(&self.record.channel_id, commit)?;
		let payload = payload.ok_or(StoreError::Unreadable("payloads"))?;
		let inputs = serde_json::from_slice::<InferRequest>(&payload.body)?.inputs;
		// The very same voucher: ed25519 signatures are a function of key and message.
		let voucher =
			SignedVoucher::sign(open.voucher.clone(), &self.record.key(), &self.record.genesis);
		let asking = Asking {
			request: &open.request,
			voucher: &voucher,
			payload: &payload,
			inputs: &inputs,
			tokens: None,
			// One that is released already cannot be released too early.
			begun: !self.ledger()?.is_released(commit),
			trace: None,
		};
		Ok(self.ask(asking, persistence, deadline).await)
	}

	/// Nothing is promised to an oracle that is not asked in the end.
	async fn check_endpoint(&self) -> Result<(), InferError> {
		let checked = self.reachable.get_or_try_init(|| self.http.check()).await;
		checked.map(|_| ()).map_err(|refused: NotPublic| HttpError::from(refused).into())
	}

	async fn ask(
		&self,
		mut asking: Asking<'_>,
		persistence: Persistence,
		deadline: Instant,
	) -> Result<Answer, InferError> {
		let since = Instant::now();
		let Asking { request, voucher, payload, trace, .. } = asking;
		let headers = RequestHeaders::new(voucher.clone(), request, payload.salt);
		let (mut pause, longest) = PAUSES;
		loop {
			let (model, body) = (&payload.model_name, payload.body.clone());
			let sent = self.http.infer_within(trace, model, body, Some(&headers));
			let Ok(sent) = timeout_at(deadline, sent).await else {
				return Err(self.unanswered("the oracle was silent".into()));
			};
			let (after, why, begun) = match sent {
				Ok(reply) => match self.judge(&asking, reply).await? {
					Verdict::Answered(outputs, receipt) => {
						return Ok(Answer { outputs, receipt, took: since.elapsed() });
					},
					Verdict::Again { after, why, begun } => (after, why, begun),
				},
				Err(error @ HttpError::NotPublic(_)) => return Err(error.into()),
				Err(HttpError::Body { status, why, receipt: Some(receipt) }) => {
					let why = format!("an answer of status {status} that cannot be read: {why}");
					self.witness(&why, *receipt).await?;
					(None, why, true)
				},
				// Unless there was no connection, whether it arrived is not known.
				Err(error) => (None, Causes(&error).to_string(), !error.is_unconnected()),
			};
			asking.begun |= begun;
			let wait = after.unwrap_or(pause).min(longest);
			if persistence == Persistence::Once || Instant::now() + wait > deadline {
				return Err(self.unanswered(why));
			}
			tracing::debug!(%why, ?wait, "asking again");
			sleep(wait).await;
			pause = (pause * 2).min(longest);
		}
	}

	fn unanswered(&self, last: String) -> InferError {
		InferError::Unanswered { seconds: self.patience.as_secs(), last }
	}

	/// Which of the oracle's keys signed a receipt.
	fn signer(&self, receipt: &SignedReceipt) -> Option<&PublicKey> {
		let mut keys = [&self.target.receipt_key].into_iter().chain(&self.target.retired_keys);
		keys.find(|key| receipt.verify(key, &self.record.genesis))
	}

	/// How a request's tokens are counted, if that is known: those of one for another version never by
	/// this one's tokenizer, which would make an honest receipt a lie.
	fn text_of(&self, request: &Request) -> Option<Arc<Text>> {
		let same = request.model_version == self.target.model_version;
		self.target.text.clone().filter(|_| same)
	}

	/// How many tokens a request has, if it is paid for by them and that can be told: as they were counted for it
	/// just now, or counted in turn if it is asked again.
	async fn tokens(
		&self,
		asking: &Asking<'_>,
		receipt: &SignedReceipt,
	) -> Result<Option<u64>, CountError> {
		let Asking { request, inputs, tokens, .. } = *asking;
		// Without them the check finds what else is wrong, and of what failed none are charged.
		let charges = request.meter == Meter::InputToken
			&& receipt.receipt.status != Status::Failed
			&& self.signer(receipt).is_some();
		match self.text_of(request) {
			Some(text) if tokens.is_none() && charges => {
				self.turns.count(&text, inputs, self.patience).await.map(Some)
			},
			_ => Ok(tokens),
		}
	}

	/// Keeps a receipt that cannot be accepted, if the oracle signed it and it is about a channel
	/// of ours to that oracle: it may contradict another one, now or later.
	async fn witness(&self, why: &str, receipt: SignedReceipt) -> Result<(), InferError> {
		if self.signer(&receipt).is_none() {
			return Ok(());
		}
		let about = self.keeper.store().channel(&receipt.receipt.channel_id)?;
		if about.is_some_and(|channel| channel.oracle == self.record.oracle) {
			self.keeper.witness(why.into(), receipt).await?;
		}
		Ok(())
	}

	/// What a reply means, after everything in it was checked and written.
	async fn judge(&self, asking: &Asking<'_>, reply: Reply) -> Result<Verdict, InferError> {
		let Asking { request, voucher, payload, inputs, begun, .. } = *asking;
		let (voucher, head) = (&voucher.voucher, self.head.load(Ordering::Relaxed));
		let Reply { body, receipt, retry_after } = reply;
		let Some(receipt) = receipt else {
			let problem = match body {
				Ok(_) => {
					let why = "the oracle sent an answer without a receipt".into();
					return Ok(Verdict::Again { after: None, why, begun: true });
				},
				Err(problem) => problem,
			};
			let begun = begun || problem.kind.begun();
			if problem.kind.retry() {
				return Ok(Verdict::Again { after: retry_after, why: problem.to_string(), begun });
			}
			// Who signed a receipt may refuse the request when it comes again, or somebody in between may.
			if begun && !ledger::is_over(voucher, head) {
				return Err(self.unanswered(problem.to_string()));
			}
			let commit = request.commit(&self.record.genesis);
			self.keeper.release(self.record.channel_id, commit).await?;
			return Err(InferError::Refused(Box::new(problem)));
		};

		let tokens = match self.tokens(asking, &receipt).await {
			Ok(tokens) => tokens,
			Err(error) => {
				self.witness(&error.to_string(), receipt).await?;
				return Err(error.into());
			},
		};
		let asked = Asked {
			genesis: &self.record.genesis,
			receipt_key: self.signer(&receipt).unwrap_or(&self.target.receipt_key),
			model: self.record.model,
			request,
			salt: &payload.salt,
			inputs,
			tokens,
		};
		let outputs = body.as_ref().ok().map(|response| response.outputs.as_slice());
		// What it was can no longer be told, and is no lie; what it cost can.
		let gone = body.as_ref().is_err_and(|problem| problem.kind == ProblemKind::AnswerGone)
			&& receipt.receipt.status != Status::Failed;
		let checked = match gone {
			true => receipt::check_charge(&asked, &receipt),
			false => receipt::check(&asked, &receipt, outputs),
		};
		match checked {
			Ok(()) => {},
			Err(CheckError::Meter(error)) => {
				self.witness(&error.to_string(), receipt).await?;
				return Err(error.into());
			},
			Err(error) => {
				let lie = match error {
					CheckError::Lie(lie) => lie,
					// An output without a canonical form is not the one committed to.
					_ => Lie::Output,
				};
				if lie.is_evidence() {
					self.keeper.halt(lie.to_string(), receipt).await?;
				} else {
					self.witness(&lie.to_string(), receipt).await?;
				}
				return Err(InferError::Lie(lie));
			},
		}
		// Or whoever answers nothing, and says this of each request, had the whole escrow in the end.
		if gone && !ledger::may_be_gone(voucher, self.closing_window, head) {
			self.witness("no answer came with it", receipt.clone()).await?;
			return Err(InferError::Withheld { receipt: Box::new(receipt) });
		}
		self.keeper.complete(receipt.clone()).await?;
		if gone {
			return Err(InferError::Gone { receipt: Box::new(receipt) });
		}
		match (receipt.receipt.status, body) {
			(Status::Served | Status::Partial, Ok(response)) => {
				Ok(Verdict::Answered(response.outputs, receipt))
			},
			(_, body) => {
				let detail = body.err().map_or_else(String::new, |problem| problem.detail);
				Err(InferError::Failed { detail, receipt: Box::new(receipt) })
			},
		}
	}
}

/// Whether an oracle that refuses so counts more on the channel than its receipts here do.
fn counts_more(kind: ProblemKind) -> bool {
	matches!(kind, ProblemKind::CapTooLow | ProblemKind::UnacknowledgedLimit)
}

#[cfg(test)]
mod tests;
