//! From the evidence to a verdict.

use super::{
	compare::{compare, Distance, Verdict},
	evidence::{collect, Evidence},
	under, Tolerance,
};
use crate::{
	config::{AuditFlags, Config, ModelConfig},
	engine::{library::locate, profile::Profile, worker::WorkerEngine, Artifact, Engine, Instance},
	models::{self, Common},
	text,
};
use anyhow::{Context, Result};
use std::{fmt, sync::Arc};
use usufruct_client::{manifest, tensors::Tensor};
use usufruct_primitives::{usage::Receipt, Hash, Status};

/// What was found.
pub struct AuditReport {
	/// The verdict.
	pub verdict: Verdict,
	receipt: Receipt,
	model: Option<Hash>,
	answered_under: Option<Profile>,
	run_under: Option<Profile>,
	tolerance: Tolerance,
	distance: Distance,
}

/// Runs the request of a receipt again, as the configuration says or under the profile that is named, and
/// compares.
pub async fn audit(config: &Config, flags: &AuditFlags) -> Result<AuditReport> {
	let said = match flags.tolerance.as_deref() {
		Some([absolute, relative]) => {
			Some(Tolerance { absolute: *absolute, relative: *relative }.check()?)
		},
		_ => None,
	};
	let evidence = collect(config, flags)?;
	let model = config.models.iter().find(|it| it.version == evidence.receipt.model_version);
	let tolerance = said.or(model.map(|it| it.tolerance)).unwrap_or_default();
	let mut report = AuditReport {
		verdict: Verdict::Undecided(String::new()),
		receipt: evidence.receipt.clone(),
		model: None,
		answered_under: evidence.profile.clone(),
		run_under: None,
		tolerance,
		distance: Distance::default(),
	};
	report.verdict = match decide(config, model, evidence, &mut report)? {
		Ok(verdict) => verdict,
		Err(missing) => Verdict::Undecided(missing.into()),
	};
	Ok(report)
}

fn decide(
	config: &Config,
	model: Option<&ModelConfig>,
	evidence: Evidence,
	report: &mut AuditReport,
) -> Result<std::result::Result<Verdict, &'static str>> {
	if evidence.receipt.status == Status::Failed {
		return Ok(Err("the request failed and cost nothing: there is no answer to compare"));
	}
	let Some(inputs) = evidence.inputs else {
		return Ok(Err(
			"the request is not kept here (keep.requests): give it with --request FILE",
		));
	};
	let Some(outputs) = evidence.outputs else {
		return Ok(Err("the answer is no longer kept: give it with --answer FILE"));
	};
	let Some(model) = model else {
		return Ok(Err("no model of that version is configured here"));
	};
	let set = evidence.under.as_ref().map(|profile| under::set(model, profile));
	let (again, profile, hash) = run_again(config, set.as_ref().unwrap_or(model), inputs)?;
	let differ = evidence.under.map(|it| it.differences(&profile)).unwrap_or_default();
	let same = evidence.profile.as_ref().is_some_and(|it| it.is_as(&profile));
	report.run_under = Some(profile);
	report.model = Some(hash);
	if !differ.is_empty() {
		let why = "here it cannot be run under the profile that is named";
		return Ok(Ok(Verdict::Undecided(format!(
			"{why}, which has another {}",
			differ.join(", ")
		))));
	}
	let (verdict, distance) = compare(&outputs, &again, &report.tolerance, same);
	report.distance = distance;
	Ok(Ok(verdict))
}

fn run_again(
	config: &Config,
	model: &ModelConfig,
	inputs: Vec<Tensor>,
) -> Result<(Vec<Tensor>, Profile, Hash)> {
	let library = locate(config.onnxruntime.as_deref())?;
	let bytes = std::fs::read(&model.path)
		.with_context(|| format!("{} cannot be read", model.path.display()))?;
	let hash = manifest::of_bytes(&bytes).hash;
	let artifact = Artifact::check(bytes, &hash, &model.rules(config.max_model))?;
	// The genesis hash is of no matter: nothing is compared with the chain.
	let common = Common::new(config, library, Hash::default())?;
	let options = models::worker_options(model, config, &common, artifact.length());
	let inputs = prepare(model, inputs)?;
	let mut engine = WorkerEngine::start(options, Arc::new(artifact), Arc::<Instance>::default())?;
	let profile = engine.profile();
	engine.signature().check_inputs(&inputs)?;
	Ok((engine.run(&inputs)?, profile, hash))
}

/// The inputs as the model takes them: texts as their tokens.
fn prepare(model: &ModelConfig, inputs: Vec<Tensor>) -> Result<Vec<Tensor>> {
	let (Some(metadata), Some(tokenizer)) = (&model.metadata, &model.tokenizer) else {
		return Ok(inputs);
	};
	let hash = manifest::of_file(metadata)?.hash;
	Ok(text::load(metadata, tokenizer, &hash)?.prepare(&inputs)?.inputs)
}

impl fmt::Display for AuditReport {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let receipt = &self.receipt;
		let mut line = |name: &str, text: String| writeln!(f, "{name:<16}{text}");
		line("channel", format!("0x{}", hex::encode(receipt.channel_id)))?;
		line("receipt", receipt.seq.to_string())?;
		line("model version", receipt.model_version.to_string())?;
		if let Some(hash) = self.model {
			line("model SHA-256", format!("0x{}", hex::encode(hash)))?;
		}
		let shown = |profile: &Option<Profile>| {
			profile.as_ref().map_or("not known".into(), |it| {
				format!("0x{} {}", hex::encode(&it.hash()[..8]), it.json())
			})
		};
		line("answered under", shown(&self.answered_under))?;
		line("run again under", shown(&self.run_under))?;
		line(
			"tolerance",
			format!("{:e} + {:e} of the value", self.tolerance.absolute, self.tolerance.relative),
		)?;
		let Distance { largest, worst, others, count } = self.distance;
		line(
			"difference",
			format!(
				"at most {largest:e} ({worst:.3} of the tolerance), {others} of {count} values altogether"
			),
		)?;
		match &self.verdict {
			Verdict::Match { exact: true } => write!(f, "MATCH: equal to the last bit"),
			Verdict::Match { exact: false } => write!(f, "MATCH: within the tolerance"),
			Verdict::Mismatch(why) => write!(f, "MISMATCH: {why}"),
			Verdict::Undecided(why) => write!(f, "UNDECIDED: {why}"),
		}
	}
}
