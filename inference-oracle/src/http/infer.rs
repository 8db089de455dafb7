//! One paid request, from its headers to its receipt, whichever way it came.

use super::{
	app::App,
	body::Unread,
	catalogue::Served,
	early,
	held::Held,
	job::Job,
	problem::Refused,
	room::Room,
	routes::{find, unknown},
	terms, x402,
};
use crate::{
	book::{Hindrance, Order, Refusal},
	chain::Lookup,
	engine::Signature,
	ledger::Admitted,
	metrics,
};
use ed25519_dalek::VerifyingKey;
use std::{
	net::IpAddr,
	sync::Arc,
	time::{Duration, Instant},
};
use tracing::Instrument;
use usufruct_client::{
	meter::{self, units},
	oracle_api::{header, ProblemKind, RequestHeaders, SignedReceipt},
	tensors::{canonical, InferRequest, InferResponse, Tensor},
	text::Prepared,
};
use usufruct_primitives::{
	commitment::{payload_commit, Request},
	ChannelId, Hash, PublicKey, VersionId,
};

/// Bodies longer than this are read on a thread that may block.
pub(crate) const INLINE: usize = 256 << 10;
/// And so are texts turned into tokens, which takes longer.
const INLINE_TEXT: usize = 8 << 10;

/// A way to write a request.
pub(crate) trait Encoded: Sized + Send + 'static {
	/// What a body says.
	type Message: Send;
	/// How its sender wants the answer.
	type Form: Send + 'static;
	/// For how long from its arrival the answer is worth anything, if its sender says so.
	fn timeout<'a>(
		get: impl Fn(&'static str) -> Option<&'a str>,
	) -> Result<Option<Duration>, Refused> {
		get(header::TIMEOUT_MS).map(milliseconds).transpose()
	}
	/// Reads a body.
	fn parse(self, body: &[u8]) -> Result<Self::Message, Refused>;
	/// The model that it names, and the version if it names one; `None` where the path does.
	fn model(_message: &Self::Message) -> Option<(&str, Option<&str>)> {
		None
	}
	/// What it asks of that version.
	fn request(
		message: Self::Message,
		served: &Served,
	) -> Result<(InferRequest, Self::Form), Refused>;
	/// Whether a model of that signature can give the answer that is wanted.
	fn fits(_form: &Self::Form, _signature: &Signature) -> Result<(), Refused> {
		Ok(())
	}
}

/// Where a request names the model that it asks.
#[derive(Clone, Copy)]
pub(crate) enum Named<'a> {
	/// In its path, with the version if that is fixed.
	InPath(&'a str, Option<&'a str>),
	/// In its body: until that is read, the version is known that it is signed for.
	InBody,
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
	/// What it takes of the oracle's memory until it was sent.
	pub held: Held,
}

/// Serves one request. `get` reads the header, or what stands for one, of that name.
pub(crate) async fn infer<'a, E: Encoded>(
	app: &Arc<App>,
	named: Named<'_>,
	get: impl Fn(&'static str) -> Option<&'a str>,
	body: &mut Unread,
	encoded: E,
) -> Result<(Answered, E::Form), Refused> {
	let arrived = Instant::now();
	let paid = x402::payment(app, &get);
	// So late that it cannot be told is as good as never.
	let deadline = E::timeout(&get).map(|it| it.and_then(|it| arrived.checked_add(it)));
	let mut asked = None;
	let result = one(app, named, paid, deadline, body, encoded, &mut asked).await;
	let outcome = match &result {
		Ok((answered, _)) => answered.outcome,
		Err(refused) => refused.name(),
	};
	// The model of a name that is not served is nobody's label.
	counted(app, asked.map_or_else(|| "unknown".into(), |served| served.name.clone()), outcome);
	result
}

/// Counts a request for that model by how it ended.
fn counted(app: &App, model: String, outcome: &'static str) {
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

/// Notes which version is asked, once that is known.
async fn one<E: Encoded>(
	app: &Arc<App>,
	named: Named<'_>,
	paid: Result<Option<RequestHeaders>, Refused>,
	deadline: Result<Option<Instant>, Refused>,
	body: &mut Unread,
	encoded: E,
	asked: &mut Option<Arc<Served>>,
) -> Result<(Answered, E::Form), Refused> {
	if let Named::InPath(name, version) = named {
		*asked = Some(find(app, name, version)?);
	}
	let Some(paid) = paid? else {
		if asked.is_none() {
			*asked = terms::asked(app, body, encoded).await?;
		}
		return Err(terms::missing(app, asked.as_deref()));
	};
	let deadline = deadline?;
	let signed = paid.model_version;
	let served = match (named, &*asked) {
		(Named::InPath(_, fixed), Some(newest)) => {
			vec![signed_for(app, newest, fixed.is_some(), signed)?]
		},
		_ => app.catalogue.named(signed),
	};
	let Some(first) = served.first().cloned() else {
		return Err(unknown(app, &format!("version {signed}, for which the request is signed,")));
	};
	*asked = Some(Arc::clone(&first));
	let channel = paid.voucher.voucher.channel_id;
	pay(app, &served, Arc::clone(&first), paid, deadline, body, encoded)
		.await
		.map_err(|refused| refused.with_terms(app, &first, Some(&channel)))
}

/// Of the versions of a name the one that a request is signed for. If it names the version besides, it is
/// that one.
fn signed_for(
	app: &App,
	newest: &Served,
	fixed: bool,
	signed: VersionId,
) -> Result<Arc<Served>, Refused> {
	match app.catalogue.find(&newest.name, signed) {
		Some(served) if !fixed || served.version == newest.version => Ok(served),
		_ => Err(Refused::new(
			ProblemKind::ModelUnknown,
			format!(
				"the request is signed for version {signed}, which is not the one served here ({}); \
				 sign it for that one",
				newest.version
			),
		)),
	}
}

/// What our own header says.
pub(crate) fn milliseconds(text: &str) -> Result<Duration, Refused> {
	text.parse().map(Duration::from_millis).map_err(|_| {
		let name = header::TIMEOUT_MS;
		Refused::new(
			ProblemKind::HeaderMalformed,
			format!("{name} must be a number of milliseconds, in decimal; '{text}' is none"),
		)
	})
}

/// `served` is the version under each name that the request may mean; the first is that one until its body
/// was read.
async fn pay<E: Encoded>(
	app: &Arc<App>,
	served: &[Arc<Served>],
	first: Arc<Served>,
	paid: RequestHeaders,
	deadline: Option<Instant>,
	body: &mut Unread,
	encoded: E,
) -> Result<(Answered, E::Form), Refused> {
	if let Some(why) = app.closed() {
		return Err(Refused::new(ProblemKind::NotReady, why));
	}
	// Whoever has no channel is turned away before the body costs anything.
	let channel = paid.voucher.voucher.channel_id;
	let verifying = key_of(app, channel, body.from()).await?;
	let key = verifying.to_bytes();
	early::look(app, served, &paid, &key)?;
	if !paid.voucher.verify_by(&verifying, &app.identity.genesis) {
		return Err(Refusal::BadSignature.into());
	}
	let order = ordered(&first, &paid);
	early::vet(app, &order, &paid, &key)?;
	let verified = Verified { first, order, paid, key, deadline };
	// What is refused until here, under load most, does not carry the rest around.
	Box::pin(admit(app, verified, body, encoded)).await
}

/// A request whose voucher was signed with that key.
struct Verified {
	/// The version that is asked, if its body names none.
	first: Arc<Served>,
	order: Order,
	paid: RequestHeaders,
	key: PublicKey,
	deadline: Option<Instant>,
}

/// Serves a request that pays, unless its input speaks against it.
async fn admit<E: Encoded>(
	app: &Arc<App>,
	verified: Verified,
	body: &mut Unread,
	encoded: E,
) -> Result<(Answered, E::Form), Refused> {
	let Verified { first, mut order, paid, key, deadline } = verified;
	let channel = paid.voucher.voucher.channel_id;
	let announced = body.announced().await?;
	let held = early::hold(app, &paid, &key, announced)?;
	let bytes = body.read(announced).await?;
	let permit = app.permit(&key)?;
	let reading =
		Reading { app: Arc::clone(app), first, signed: paid.model_version, salt: paid.salt };
	let (read, mut held) =
		app.memory.parse(bytes, held, move |bytes| reading.read(encoded, bytes)).await?;
	let Read { served, mut asked, form, input_commit, input } = read;
	let (inputs, tokens, count) = prepare(&served, std::mem::take(&mut asked.inputs)).await?;
	held.becomes(&inputs, input.as_ref().map_or(0, Vec::len))?;
	(order.request.input_commit, order.units) = (input_commit, count);

	let caller = app.callers.join(channel, paid.request_id);
	// Nothing is loaded for what would be refused, or needs no model.
	let loaded = served.home.loaded().is_some();
	let offer = app.offer(served.version, Ok(()));
	let room = match loaded || app.ledger.would_run(&order, &paid.voucher, &key, &offer)? {
		// Room comes before acceptance: what is accepted is run.
		true => Room::find(app, &served, &key, &inputs, &asked.outputs, deadline).await?,
		false => Err(Hindrance::Down),
	};
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
		held,
	};
	// On a task of its own: a consumer that hangs up does not stop what runs.
	let serving = async move {
		let admitted = job.app.ledger.admit(&job.order, &paid.voucher, &key, &offer).await?;
		match admitted {
			Admitted::Run(accepted) => job.run(accepted).await,
			Admitted::Answered(answer) => job.replay(answer),
		}
	};
	let answered = tokio::spawn(serving.in_current_span()).await.unwrap_or_else(|error| {
		tracing::error!(%error, "serving a request panicked");
		Err(Refused::new(ProblemKind::Internal, "the oracle failed; ask again with the same bytes"))
	});
	Ok((answered?, form))
}

/// What the headers say of a request. Its input is not known yet, and has no units.
fn ordered(served: &Served, paid: &RequestHeaders) -> Order {
	Order {
		request: Request {
			channel_id: paid.voucher.voucher.channel_id,
			request_id: paid.request_id,
			model_version: served.version,
			input_commit: Hash::default(),
			meter: served.meter,
			max_units: paid.max_units,
			unit_price: paid.unit_price,
		},
		model: served.model,
		salt: paid.salt,
		units: 0,
	}
}

/// What it takes to read a body.
struct Reading {
	app: Arc<App>,
	/// Which version is asked, if the body names none.
	first: Arc<Served>,
	signed: VersionId,
	salt: Hash,
}

/// A body that was read.
struct Read<F> {
	served: Arc<Served>,
	asked: InferRequest,
	form: F,
	input_commit: Hash,
	/// What is committed to, if it is kept.
	input: Option<Vec<u8>>,
}

impl Reading {
	/// Blocks for as long as the body is.
	fn read<E: Encoded>(self, encoded: E, body: &[u8]) -> Result<Read<E::Form>, Refused> {
		let Self { app, first, signed, salt } = self;
		let message = encoded.parse(body)?;
		let served = match E::model(&message) {
			None => first,
			Some((name, version)) => {
				let newest = find(&app, name, version)?;
				signed_for(&app, &newest, version.is_some(), signed)?
			},
		};
		let (asked, form) = E::request(message, &served)?;
		// What is committed to is what was asked, not what is made of it.
		let input = canonical(&asked.inputs)?;
		let input_commit = payload_commit(&salt, &input);
		let input = app.ledger.keeps_inputs().then_some(input);
		Ok(Read { served, asked, form, input_commit, input })
	}
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

/// The final key of a channel; the chain is asked for channels that are not known yet. Says from where it is
/// asked for, if that is known.
async fn key_of(
	app: &App,
	channel: ChannelId,
	from: Option<IpAddr>,
) -> Result<VerifyingKey, Refused> {
	if let Some(key) = app.ledger.key(&channel) {
		return Ok(key);
	}
	if app.ledger.is_blind() {
		return Err(Refused::new(
			ProblemKind::NotReady,
			"the oracle sees no new finalised block and takes no channel on that is new to it until it does; \
			 use another one, or ask again later",
		));
	}
	let Some(found) = app.lookups.find(channel, from).await else {
		return Err(Refused::new(
			ProblemKind::Busy,
			"as many new channels are being looked up as may be at a time; ask again in a moment",
		));
	};
	match found? {
		Lookup::Final(terms) => {
			// The chain takes no key that is none, and nothing could be signed by it.
			let key = VerifyingKey::from_bytes(&terms.key).map_err(|_| Refusal::BadSignature)?;
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
