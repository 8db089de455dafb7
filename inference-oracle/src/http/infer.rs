//! One paid request, from its headers to its receipt, whichever way it came.

use super::{
	app::App, catalogue::Served, early, job::Job, problem::Refused, room::Room, routes::find, x402,
};
use crate::{
	book::{Order, Refusal},
	chain::Lookup,
	engine::Signature,
	ledger::Admitted,
	metrics,
};
use std::{
	future::Future,
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_client::{
	meter::{self, units},
	oracle_api::{header, ProblemKind, RequestHeaders, SignedReceipt},
	tensors::{canonical, InferRequest, InferResponse, Tensor},
	text::Prepared,
};
use usufruct_primitives::{
	commitment::{payload_commit, Request},
	ChannelId, Hash, PublicKey,
};

/// Bodies longer than this are read on a thread that may block.
pub(crate) const INLINE: usize = 256 << 10;
/// And so are texts turned into tokens, which takes longer.
const INLINE_TEXT: usize = 8 << 10;

/// The body of a request in one of the encodings, not read yet.
pub(crate) trait Encoded: Send {
	/// How its sender wants the answer.
	type Form: Send;
	/// Reads it. Who has no channel never gets here.
	fn read(
		self,
		served: &Served,
	) -> impl Future<Output = Result<(InferRequest, Self::Form), Refused>> + Send;
	/// Whether a model of that signature can give the answer that is wanted.
	fn fits(_form: &Self::Form, _signature: &Signature) -> Result<(), Refused> {
		Ok(())
	}
}

/// A request that was served.
pub(crate) struct Answered {
	/// What the model said.
	pub response: InferResponse,
	/// What it cost.
	pub receipt: SignedReceipt,
	/// How many tokens the input has, if the model takes text.
	pub tokens: Option<u64>,
	/// The hash of the profile under which it was run, if it was run now.
	pub profile: Option<Hash>,
	/// `served`, or `replayed`.
	pub outcome: &'static str,
}

/// Serves one request. `get` reads the header, or what stands for one, of that name.
pub(crate) async fn infer<'a, E: Encoded>(
	app: &Arc<App>,
	name: &str,
	version: Option<&str>,
	get: impl Fn(&'static str) -> Option<&'a str>,
	body: E,
) -> Result<(Answered, E::Form), Refused> {
	let arrived = Instant::now();
	let paid = x402::payment(app, &get);
	let deadline = deadline(get(header::TIMEOUT_MS), arrived);
	// The model of a name that is not served is nobody's label.
	let (label, result) = match find(app, name, version) {
		Ok(served) => {
			let asked = Asked { paid, deadline, fixed: version.is_some(), body };
			(served.name.clone(), one(app, &served, asked).await)
		},
		Err(refused) => ("unknown".into(), Err(refused)),
	};
	let outcome = match &result {
		Ok((answered, _)) => answered.outcome,
		Err(refused) => refused.name(),
	};
	counted(app, label, outcome);
	result
}

/// Counts a request for that model by how it ended.
pub(super) fn counted(app: &App, model: String, outcome: &'static str) {
	app.metrics.requests.get_or_create(&metrics::Outcome { model, outcome }).inc();
}

/// Does what may take long where it holds nobody up.
pub(crate) async fn away<T: Send + 'static>(
	long: bool,
	work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
	if !long {
		return work();
	}
	tokio::task::spawn_blocking(work)
		.await
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))?
}

/// A request before it is known to be one.
struct Asked<E> {
	paid: Result<Option<RequestHeaders>, Refused>,
	deadline: Result<Option<Instant>, Refused>,
	/// Whether it names the version.
	fixed: bool,
	body: E,
}

async fn one<E: Encoded>(
	app: &Arc<App>,
	newest: &Arc<Served>,
	asked: Asked<E>,
) -> Result<(Answered, E::Form), Refused> {
	let Asked { paid, deadline, fixed, body } = asked;
	let Some(paid) = paid? else {
		let missing =
			"send a voucher of a channel to this oracle for this model, signed for exactly \
		               this request";
		return Err(
			Refused::new(ProblemKind::VoucherMissing, missing).with_terms(app, newest, None)
		);
	};
	let deadline = deadline?;
	let served = match app.catalogue.find(&newest.name, Some(paid.model_version)) {
		Some(served) if !fixed || served.version == newest.version => served,
		_ => {
			return Err(Refused::new(
				ProblemKind::ModelUnknown,
				format!(
					"the request is signed for version {}, which is not the one served here ({}); \
					 sign it for that one",
					paid.model_version, newest.version
				),
			))
		},
	};
	let channel = paid.voucher.voucher.channel_id;
	pay(app, &served, paid, deadline, body)
		.await
		.map_err(|refused| refused.with_terms(app, &served, Some(&channel)))
}

/// When the answer is worth nothing any more.
fn deadline(timeout_ms: Option<&str>, arrived: Instant) -> Result<Option<Instant>, Refused> {
	let Some(text) = timeout_ms else { return Ok(None) };
	let ms = text.parse().map_err(|_| {
		let name = header::TIMEOUT_MS;
		Refused::new(
			ProblemKind::HeaderMalformed,
			format!("{name} must be a number of milliseconds, in decimal; '{text}' is none"),
		)
	})?;
	// So late that it cannot be told is as good as never.
	Ok(arrived.checked_add(Duration::from_millis(ms)))
}

async fn pay<E: Encoded>(
	app: &Arc<App>,
	served: &Arc<Served>,
	paid: RequestHeaders,
	deadline: Option<Instant>,
	body: E,
) -> Result<(Answered, E::Form), Refused> {
	if let Some(why) = app.closed() {
		return Err(Refused::new(ProblemKind::NotReady, why));
	}
	// Whoever has no channel is turned away before the body costs anything.
	let channel = paid.voucher.voucher.channel_id;
	let key = key_of(app, channel).await?;
	early::look(app, served, &paid, &key)?;
	if !paid.voucher.verify(&key, &app.identity.genesis) {
		return Err(Refusal::BadSignature.into());
	}
	let (mut asked, form) = body.read(served).await?;
	let permit = app.permit(&key)?;
	// What is committed to is what was asked, not what is made of it.
	let input = canonical(&asked.inputs)?;
	let input_commit = payload_commit(&paid.salt, &input);
	let input = app.ledger.keeps_inputs().then_some(input);
	let (inputs, tokens, count) = prepare(served, std::mem::take(&mut asked.inputs)).await?;
	let order = Order {
		request: Request {
			channel_id: channel,
			request_id: paid.request_id,
			model_version: served.version,
			input_commit,
			meter: served.meter,
			max_units: paid.max_units,
			unit_price: paid.unit_price,
		},
		model: served.model,
		salt: paid.salt,
		units: count,
	};
	// Room comes before acceptance: what is accepted is run.
	let caller = app.callers.join(channel, paid.request_id);
	let room = Room::find(app, served, &key, &inputs, &asked.outputs, deadline).await?;
	let (room, hindrance) = match room {
		Ok(room) => {
			E::fits(&form, room.signature())?;
			(Some(room), Ok(()))
		},
		Err(hindrance) => (None, Err(hindrance)),
	};
	let offer = app.offer(served.version, hindrance);
	let job = Job {
		app: Arc::clone(app),
		name: served.name.clone(),
		order,
		room,
		inputs,
		input,
		tokens,
		asked,
		deadline,
		waited: Arc::clone(&caller.waited),
		_permit: permit,
	};
	// On a task of its own: a consumer that hangs up does not stop what runs.
	let task = tokio::spawn(async move {
		let admitted = job.app.ledger.admit(&job.order, &paid.voucher, &key, &offer).await?;
		match admitted {
			Admitted::Run(accepted) => job.run(accepted).await,
			Admitted::Answered(answer) => job.replay(answer),
		}
	});
	let answered = task.await.unwrap_or_else(|error| {
		tracing::error!(%error, "serving a request panicked");
		Err(Refused::new(ProblemKind::Internal, "the oracle failed; ask again with the same bytes"))
	});
	Ok((answered?, form))
}

/// The inputs as the model takes them, how many tokens they are, and how many units.
async fn prepare(
	served: &Served,
	inputs: Vec<Tensor>,
) -> Result<(Vec<Tensor>, Option<u64>, u64), Refused> {
	let Some(text) = &served.text else {
		let count = units(served.meter, &inputs, None)?;
		return Ok((inputs, None, count));
	};
	let (text, meter) = (Arc::clone(text), served.meter);
	let bytes: usize = inputs.iter().map(|tensor| tensor.data().len()).sum();
	let prepared = away(bytes > INLINE_TEXT, move || {
		let Prepared { inputs: taken, tokens } = text.prepare(&inputs)?;
		let count = meter::units_of(meter, &inputs, || Ok(tokens))?;
		Ok((taken, Some(tokens), count))
	});
	prepared.await
}

/// The final key of a channel; the chain is asked for channels that are not known yet.
async fn key_of(app: &App, channel: ChannelId) -> Result<PublicKey, Refused> {
	if let Some(key) = app.ledger.key(&channel) {
		return Ok(key);
	}
	if app.ledger.is_blind() {
		return Err(Refused::new(
			ProblemKind::NotReady,
			"the oracle sees no finalised block and takes no channel on that is new to it until it does; \
			 use another one, or ask again later",
		));
	}
	let Some(found) = app.lookups.find(channel).await else {
		return Err(Refused::new(
			ProblemKind::Busy,
			"as many new channels are being looked up as may be at a time; ask again in a moment",
		));
	};
	match found? {
		Lookup::Final(terms) => {
			let key = terms.key;
			app.ledger.adopt(channel, Some(terms))?;
			Ok(key)
		},
		Lookup::NotFinal => Err(Refused::new(
			ProblemKind::ChannelNotFinal,
			"the channel is in a block that is not final yet; ask again in a few seconds",
		)),
		Lookup::Unknown => {
			let (_, standing) = app.ledger.exposure();
			Err(Refusal::ChannelUnknown { head: standing.head }.into())
		},
	}
}
