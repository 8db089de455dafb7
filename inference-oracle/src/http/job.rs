//! What becomes of a request that was admitted: it is run and receipted, or its stored answer is given.

use super::{
	app::{App, Permit},
	callers::Waited,
	held::Held,
	infer::Answered,
	problem::Refused,
	room::Room,
};
use crate::{
	book::{Accepted, Hindrance, Order, Outcome},
	clock::now_ms,
	engine::{self, EngineError},
	metrics,
	store::Answer,
};
use std::{sync::Arc, time::Instant};
use usufruct_client::{
	oracle_api::{ProblemKind, SignedReceipt},
	tensors::{canonical, from_canonical, InferRequest, InferResponse, Tensor},
};
use usufruct_primitives::{commitment::payload_commit, Hash, Status};

/// How many times its canonical bytes an answer takes before it is sent: as those, as tensors, and twice that while
/// it is written, more or less.
const FORMS: usize = 4;

/// A request that was admitted, and all it takes to answer it.
pub(super) struct Job {
	pub app: Arc<App>,
	/// The model's name.
	pub name: String,
	pub order: Order,
	/// None for a request that can only have been answered before.
	pub room: Option<Room>,
	/// As the model takes them.
	pub inputs: Vec<Tensor>,
	/// What is committed to, if it is kept.
	pub input: Option<Vec<u8>>,
	pub tokens: Option<u64>,
	/// The rest of the request.
	pub asked: InferRequest,
	pub deadline: Option<Instant>,
	/// Who waits for the answer.
	pub waited: Waited,
	/// Given back with the job.
	pub _permit: Permit,
	/// Given back when the answer was sent.
	pub held: Held,
}

impl Job {
	/// Runs an accepted request. From here on there is a receipt in any case.
	pub async fn run(mut self, accepted: Accepted) -> Result<Answered, Refused> {
		let started_ms = now_ms();
		let inputs = std::mem::take(&mut self.inputs);
		let job = engine::Job {
			inputs,
			tokens: self.tokens,
			deadline: self.deadline,
			callers: Some(Arc::clone(&self.waited)),
		};
		let profile = self.room.as_ref().map(|room| Arc::clone(room.profile()));
		let device = self.room.as_ref().map(|room| room.device().to_owned()).unwrap_or_default();
		let ran = Room::run(self.room.take(), job).await;
		let label = metrics::Run { model: self.name.clone(), device };
		self.app.metrics.waited.get_or_create(&label).observe(ran.waited.as_secs_f64());
		self.app.metrics.ran.get_or_create(&label).observe(ran.took.as_secs_f64());
		if ran.shared_by > 0 {
			self.app.metrics.batch.get_or_create(&label).observe(ran.shared_by as f64);
		}
		let took_ms = u32::try_from(ran.took.as_millis()).unwrap_or(u32::MAX);

		let delivered = ran.outputs.and_then(|outputs| {
			let outputs = self.wanted(outputs);
			let bytes = canonical(&outputs).map_err(|error| EngineError::Run(error.to_string()))?;
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
				Ok(outputs),
				bytes,
			),
			Err(error) => {
				if matches!(error, EngineError::Late | EngineError::Abandoned) {
					tracing::debug!(model = self.name, %error, "a request is not answered");
				} else {
					tracing::error!(model = self.name, %error, "a run failed");
				}
				(Outcome::failed(salt, started_ms, took_ms), Err(error), Vec::new())
			},
		};
		self.held.answers(bytes.len().saturating_mul(FORMS));
		if let (Some(known), Ok(_)) = (&profile, &outputs) {
			self.app.ledger.note_profile(known);
		}
		let (channel, id) = accepted.key();
		let receipt = self.app.ledger.complete(&channel, &id, outcome, bytes).await?;
		self.app.metrics.receipts.inc();
		if let (Some(input), Some(known), Ok(_)) = (self.input.take(), &profile, &outputs) {
			self.app.ledger.keep_input(&receipt.receipt, known.hash, input);
		}
		match outputs {
			Ok(outputs) => {
				let profile = profile.map(|known| known.hash);
				Ok(self.answer("served", outputs, receipt, profile))
			},
			Err(error) => Err(not_served(&error).with_receipt(receipt)),
		}
	}

	/// The answer that was given before, or would have been.
	pub fn replay(mut self, answer: Answer) -> Result<Answered, Refused> {
		let receipt = self.app.ledger.sign(answer.completed.receipt);
		if receipt.receipt.status == Status::Failed {
			return Err(failed().with_receipt(receipt));
		}
		let gone =
			"this request was answered and is not charged again; the answer is no longer kept: \
		            send it under a new request id";
		let Some(bytes) = answer.output else {
			return Err(Refused::new(ProblemKind::AnswerGone, gone).with_receipt(receipt));
		};
		self.held.answers_again(bytes.len().saturating_mul(FORMS))?;
		let outputs = from_canonical(&bytes).ok_or_else(|| {
			Refused::new(ProblemKind::Internal, "the stored answer cannot be read")
				.with_receipt(receipt.clone())
		})?;
		Ok(self.answer("replayed", outputs, receipt, None))
	}

	/// Of the model's outputs those that are asked for; all, if none is named.
	fn wanted(&self, mut outputs: Vec<Tensor>) -> Vec<Tensor> {
		let named = &self.asked.outputs;
		if !named.is_empty() {
			outputs.retain(|output| named.iter().any(|it| it.name == output.name()));
		}
		outputs
	}

	fn answer(
		self,
		outcome: &'static str,
		outputs: Vec<Tensor>,
		receipt: SignedReceipt,
		profile: Option<Hash>,
	) -> Answered {
		let response = InferResponse {
			model_name: self.name,
			model_version: Some(receipt.receipt.model_version.to_string()),
			id: self.asked.id,
			outputs,
		};
		Answered { response, receipt, tokens: self.tokens, profile, outcome, held: self.held }
	}
}

/// What is told of an accepted request that was not served. The runtime's words are for the operator.
fn not_served(error: &EngineError) -> Refused {
	match error {
		EngineError::Late => Refused::new(
			ProblemKind::DeadlinePassed,
			"the request was accepted and not answered before its deadline; its receipt says so and costs \
			 nothing: send it again under a new request id, with more time",
		),
		EngineError::Barred(barred) => Hindrance::from(*barred).into(),
		_ => failed(),
	}
}

fn failed() -> Refused {
	Refused::new(
		ProblemKind::EngineFailed,
		"the request was accepted and failed; its receipt says so and costs nothing: send it again \
		 under a new request id",
	)
}
