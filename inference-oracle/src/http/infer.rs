//! `POST /v2/models/{name}/infer`: one paid request, from its headers to its receipt.

use super::{
	answer::served as served_answer,
	app::{App, Served},
	problem::Refused,
	routes::find,
};
use crate::{
	book::{Accepted, Order, Outcome, Refusal},
	chain::Lookup,
	clock::now_ms,
	engine::{Ran, Slot},
	ledger::Admitted,
	metrics,
	store::Answer,
};
use axum::{
	body::Bytes,
	extract::{rejection::BytesRejection, Path, State},
	http::{HeaderMap, StatusCode},
	response::{IntoResponse, Response},
};
use std::sync::Arc;
use usufruct_client::{
	meter::units,
	oracle_api::{header, ProblemKind, RequestHeaders, SignedReceipt},
	tensors::{canonical, from_canonical, InferRequest, InferResponse, Tensor},
};
use usufruct_primitives::{
	commitment::{payload_commit, Request},
	ChannelId, Hash, PublicKey, Status,
};

/// Bodies longer than this are read on a thread that may block.
const INLINE: usize = 256 << 10;

/// The newest version of a name.
pub async fn infer(
	State(app): State<Arc<App>>,
	Path(name): Path<String>,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Response {
	respond(app, name, None, headers, body).await
}

/// That version.
pub async fn infer_version(
	State(app): State<Arc<App>>,
	Path((name, version)): Path<(String, String)>,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Response {
	respond(app, name, Some(version), headers, body).await
}

async fn respond(
	app: Arc<App>,
	name: String,
	version: Option<String>,
	headers: HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Response {
	// The model of a name that is not served is nobody's label.
	let (label, result) = match find(&app, &name, version.as_deref()) {
		Ok(served) => {
			(served.name.clone(), one(&app, served, version.is_some(), &headers, body).await)
		},
		Err(refused) => ("unknown".into(), Err(refused)),
	};
	let (outcome, response) = match result {
		Ok((outcome, response)) => (outcome, response),
		Err(refused) => (refused.name(), refused.into_response()),
	};
	app.metrics.requests.get_or_create(&metrics::Outcome { model: label, outcome }).inc();
	response
}

type Answered = Result<(&'static str, Response), Refused>;

async fn one(
	app: &Arc<App>,
	newest: &Served,
	fixed: bool,
	headers: &HeaderMap,
	body: Result<Bytes, BytesRejection>,
) -> Answered {
	let get = |name| headers.get(name).and_then(|value| value.to_str().ok());
	let Some(paid) = RequestHeaders::parse(get)? else {
		let missing =
			"send a voucher of a channel to this oracle for this model, signed for exactly \
		               this request";
		return Err(
			Refused::new(ProblemKind::VoucherMissing, missing).with_terms(app, newest, None)
		);
	};
	let served = match app.served(&newest.name, Some(paid.model_version)) {
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
	pay(app, served, paid, body)
		.await
		.map_err(|refused| refused.with_terms(app, served, Some(&channel)))
}

async fn pay(
	app: &Arc<App>,
	served: &Served,
	paid: RequestHeaders,
	body: Result<Bytes, BytesRejection>,
) -> Answered {
	if let Some(why) = app.not_ready() {
		return Err(Refused::new(ProblemKind::NotReady, why));
	}
	// Whoever has no channel is turned away before the body costs anything.
	let channel = paid.voucher.voucher.channel_id;
	let key = key_of(app, channel).await?;
	if !paid.voucher.verify(&key, &app.identity.genesis) {
		return Err(Refusal::BadSignature.into());
	}
	let body = body.map_err(|rejection| match rejection.status() {
		StatusCode::PAYLOAD_TOO_LARGE => Refused::new(
			ProblemKind::BodyTooLarge,
			format!("the body may have {} bytes at most; send less in one request", app.body_limit),
		),
		_ => Refused::new(ProblemKind::BodyMalformed, rejection.body_text()),
	})?;
	let body = read(body).await?;

	served.pool.signature().check_inputs(&body.inputs)?;
	let wanted = body.outputs.iter().map(|output| output.name.as_str());
	served.pool.signature().check_outputs(wanted)?;
	let count = units(served.meter, &body.inputs)
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))?;
	let input = canonical(&body.inputs)?;
	let order = Order {
		request: Request {
			channel_id: channel,
			request_id: paid.request_id,
			model_version: served.version,
			input_commit: payload_commit(&paid.salt, &input),
			meter: served.meter,
			max_units: paid.max_units,
			unit_price: paid.unit_price,
		},
		model: served.model,
		salt: paid.salt,
		units: count,
	};
	// Room comes before acceptance: what is accepted is run.
	let slot = served.pool.reserve();
	let offer = app.offer(served.version, slot.is_some());
	let input = app.ledger.keeps_inputs().then_some(input);
	let (name, profile) = (served.name.clone(), served.profile.hash());
	let job = Job { app: Arc::clone(app), name, profile, order, slot, body, input };
	// On a task of its own: a consumer that hangs up does not stop what was accepted.
	let task = tokio::spawn(async move {
		let admitted = job.app.ledger.admit(&job.order, &paid.voucher, &key, &offer).await?;
		match admitted {
			Admitted::Run(accepted) => job.run(accepted).await,
			Admitted::Answered(answer) => job.replay(answer),
		}
	});
	task.await.unwrap_or_else(|error| {
		tracing::error!(%error, "serving a request panicked");
		Err(Refused::new(ProblemKind::Internal, "the oracle failed; ask again with the same bytes"))
	})
}

/// The final key of a channel; the chain is asked for channels that are not known yet.
async fn key_of(app: &App, channel: ChannelId) -> Result<PublicKey, Refused> {
	if let Some(key) = app.ledger.key(&channel) {
		return Ok(key);
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

async fn read(body: Bytes) -> Result<InferRequest, Refused> {
	let parse = |body: &[u8]| {
		serde_json::from_slice::<InferRequest>(body).map_err(|error| {
			Refused::new(
				ProblemKind::BodyMalformed,
				format!("{error}; send an inference request of the Open Inference Protocol v2"),
			)
		})
	};
	if body.len() <= INLINE {
		return parse(&body);
	}
	tokio::task::spawn_blocking(move || parse(&body))
		.await
		.map_err(|error| Refused::new(ProblemKind::Internal, error.to_string()))?
}

struct Job {
	app: Arc<App>,
	name: String,
	/// The hash of how the model is run.
	profile: Hash,
	order: Order,
	slot: Option<Slot>,
	body: InferRequest,
	/// Its canonical form, if that is kept.
	input: Option<Vec<u8>>,
}

impl Job {
	/// Runs an accepted request. From here on there is a receipt in any case.
	async fn run(mut self, accepted: Accepted) -> Answered {
		let started_ms = now_ms();
		let inputs = std::mem::take(&mut self.body.inputs);
		let ran = match self.slot.take() {
			Some(slot) => slot.run(inputs).await,
			None => Ran::stopped(),
		};
		let label = metrics::Model { model: self.name.clone() };
		self.app.metrics.waited.get_or_create(&label).observe(ran.waited.as_secs_f64());
		self.app.metrics.ran.get_or_create(&label).observe(ran.took.as_secs_f64());
		let took_ms = u32::try_from(ran.took.as_millis()).unwrap_or(u32::MAX);

		let delivered = ran.outputs.map_err(|error| error.to_string()).and_then(|outputs| {
			let outputs = self.wanted(outputs);
			let bytes = canonical(&outputs).map_err(|error| error.to_string())?;
			Ok((outputs, bytes))
		});
		let salt = &accepted.salt;
		let (outcome, outputs, bytes) = match delivered {
			Ok((outputs, bytes)) => (
				Outcome {
					status: Status::Served,
					units: self.order.units,
					output_commit: payload_commit(salt, &bytes),
					started_ms,
					took_ms,
				},
				Some(outputs),
				bytes,
			),
			Err(error) => {
				tracing::error!(model = self.name, error, "a run failed");
				(Outcome::failed(salt, started_ms, took_ms), None, Vec::new())
			},
		};
		let (channel, id) = accepted.key();
		let receipt = self.app.ledger.complete(&channel, &id, outcome, bytes).await?;
		self.app.metrics.receipts.inc();
		if let Some(input) = self.input.take() {
			self.app.ledger.keep_input(&receipt.receipt, self.profile, input);
		}
		match outputs {
			Some(outputs) => {
				let profile = hex::encode(self.profile);
				let mut response = self.answer(outputs, &receipt)?;
				if let Ok(value) = profile.parse() {
					response.headers_mut().insert(header::PROFILE, value);
				}
				Ok(("served", response))
			},
			None => Err(failed(receipt)),
		}
	}

	/// The answer that was given before, or would have been.
	fn replay(self, answer: Answer) -> Answered {
		let receipt = self.app.ledger.sign(answer.completed.receipt);
		if receipt.receipt.status == Status::Failed {
			return Err(failed(receipt));
		}
		let gone =
			"this request was answered and is not charged again; the answer is no longer kept: \
		            send it under a new request id";
		let Some(bytes) = answer.output else {
			return Err(Refused::new(ProblemKind::AnswerGone, gone).with_receipt(receipt));
		};
		let outputs = from_canonical(&bytes).ok_or_else(|| {
			Refused::new(ProblemKind::Internal, "the stored answer cannot be read")
				.with_receipt(receipt.clone())
		})?;
		Ok(("replayed", self.answer(outputs, &receipt)?))
	}

	/// Of the model's outputs those that are asked for; all, if none is named.
	fn wanted(&self, mut outputs: Vec<Tensor>) -> Vec<Tensor> {
		let named = &self.body.outputs;
		if !named.is_empty() {
			outputs.retain(|output| named.iter().any(|it| it.name == output.name()));
		}
		outputs
	}

	fn answer(self, outputs: Vec<Tensor>, receipt: &SignedReceipt) -> Result<Response, Refused> {
		let body = InferResponse {
			model_name: self.name,
			model_version: Some(receipt.receipt.model_version.to_string()),
			id: self.body.id,
			outputs,
		};
		served_answer(&body, receipt)
	}
}

fn failed(receipt: SignedReceipt) -> Refused {
	Refused::new(
		ProblemKind::EngineFailed,
		"the request was accepted and failed; its receipt says so and costs nothing: send it again \
		 under a new request id",
	)
	.with_receipt(receipt)
}
