//! What became of the requests, for people and programs.

use serde::Serialize;
use std::time::Duration;
use usufruct_client::{
	amount::ufr,
	channel::ChannelRecord,
	decimal,
	features::magika::{Config, Prediction},
	keys,
	output::{hex0x, Report, Table},
	session::Answer,
	tensors::{DataType, Tensor},
};
use usufruct_primitives::{Balance, Seq};

/// How many results a table shows before it is cut short.
const SHOWN: usize = 20;

/// One request's fate.
#[derive(Serialize)]
pub struct Row {
	pub input: String,
	#[serde(flatten)]
	pub result: Outcome,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Outcome {
	Answered(Box<Answered>),
	/// The file says too little.
	Skipped,
	Failed {
		error: String,
	},
}

#[derive(Serialize)]
pub struct Answered {
	#[serde(skip_serializing_if = "Option::is_none")]
	label: Option<String>,
	#[serde(skip_serializing_if = "Option::is_none")]
	score: Option<f32>,
	#[serde(skip_serializing_if = "Option::is_none")]
	confident: Option<bool>,
	#[serde(skip_serializing_if = "Option::is_none")]
	outputs: Option<Vec<Tensor>>,
	/// Names, types and shapes of the outputs, for people.
	#[serde(skip)]
	shapes: String,
	seq: Seq,
	units: u64,
	#[serde(with = "decimal")]
	amount: Balance,
	#[serde(with = "decimal")]
	total: Balance,
	request_commit: String,
	milliseconds: f64,
}

impl Answered {
	pub fn new(answer: Answer, config: Option<&Config>, show_outputs: bool) -> Self {
		let Answer { outputs, receipt, took } = answer;
		let scores = outputs.iter().find(|output| output.datatype() == DataType::Fp32);
		let prediction: Option<Prediction> = config
			.zip(scores)
			.and_then(|(config, scores)| config.predict(&scores.to_elements::<f32>().ok()?));
		let shapes: Vec<String> = outputs
			.iter()
			.map(|it| format!("{} {} {:?}", it.name(), it.datatype().name(), it.shape()))
			.collect();
		let receipt = receipt.receipt;
		Self {
			label: prediction.as_ref().map(|it| it.label.clone()),
			score: prediction.as_ref().map(|it| it.score),
			confident: prediction.as_ref().map(|it| it.confident),
			outputs: show_outputs.then_some(outputs),
			shapes: shapes.join(", "),
			seq: receipt.seq,
			units: receipt.units,
			amount: receipt.amount,
			total: receipt.total,
			request_commit: hex0x(receipt.request_commit),
			milliseconds: took.as_secs_f64() * 1e3,
		}
	}

	fn says(&self) -> String {
		match (&self.label, self.score) {
			(Some(label), Some(score)) => {
				let doubt = if self.confident == Some(false) { " ?" } else { "" };
				format!("{label} ({score:.3}){doubt}")
			},
			_ => self.shapes.clone(),
		}
	}
}

#[derive(Serialize)]
pub struct Summary {
	channel: String,
	oracle: String,
	pub requests: usize,
	pub answered: usize,
	skipped: usize,
	pub failed: usize,
	#[serde(with = "decimal")]
	unit_price: Balance,
	#[serde(with = "decimal")]
	paid: Balance,
	seconds: f64,
	requests_per_second: f64,
	p50_ms: f64,
	p99_ms: f64,
}

#[derive(Serialize)]
pub struct Results {
	results: Vec<Row>,
	pub summary: Summary,
}

impl Results {
	pub fn new(
		record: &ChannelRecord,
		unit_price: Balance,
		results: Vec<Row>,
		took: Duration,
	) -> Self {
		let answers: Vec<&Answered> = results
			.iter()
			.filter_map(|row| match &row.result {
				Outcome::Answered(answered) => Some(&**answered),
				_ => None,
			})
			.collect();
		let mut times: Vec<f64> = answers.iter().map(|answered| answered.milliseconds).collect();
		times.sort_unstable_by(f64::total_cmp);
		let percentile = |percent: usize| {
			let last = times.len().saturating_sub(1);
			times.get((last * percent).div_ceil(100)).copied().unwrap_or(0.0)
		};
		let count = |is: fn(&Outcome) -> bool| results.iter().filter(|row| is(&row.result)).count();
		let seconds = took.as_secs_f64();
		let summary = Summary {
			channel: hex0x(record.channel_id),
			oracle: keys::address(&record.oracle),
			requests: results.len(),
			answered: answers.len(),
			skipped: count(|it| matches!(it, Outcome::Skipped)),
			failed: count(|it| matches!(it, Outcome::Failed { .. })),
			unit_price,
			paid: answers.iter().map(|it| it.amount).fold(0, Balance::saturating_add),
			seconds,
			requests_per_second: answers.len() as f64 / seconds.max(1e-9),
			p50_ms: percentile(50),
			p99_ms: percentile(99),
		};
		Self { results, summary }
	}
}

impl Report for Results {
	fn table(&self) -> Table {
		let failed_first = |row: &&Row| !matches!(row.result, Outcome::Failed { .. });
		let mut rows: Vec<&Row> = self.results.iter().collect();
		rows.sort_by_key(failed_first);
		let cut = rows.len().saturating_sub(SHOWN);
		let cells = rows.iter().take(SHOWN).map(|row| match &row.result {
			Outcome::Answered(it) => [
				row.input.clone(),
				it.says(),
				it.seq.to_string(),
				ufr(it.amount),
				format!("{:.1}", it.milliseconds),
			],
			Outcome::Skipped => [
				row.input.clone(),
				"too little to ask about".into(),
				"-".into(),
				"-".into(),
				"-".into(),
			],
			Outcome::Failed { .. } => {
				[row.input.clone(), "failed".into(), "-".into(), "-".into(), "-".into()]
			},
		});
		let Summary { requests, answered, skipped, failed, paid, .. } = self.summary;
		let Summary { seconds, requests_per_second, p50_ms, p99_ms, .. } = self.summary;
		let mut table = Table::new(["input", "answer", "receipt", "paid", "ms"]).rows(cells);
		if cut > 0 {
			table = table.note(format!("… and {cut} more"));
		}
		for row in rows.iter().take(SHOWN) {
			match &row.result {
				Outcome::Answered(it) => {
					for tensor in it.outputs.iter().flatten() {
						let json =
							serde_json::to_string(tensor).unwrap_or_else(|error| error.to_string());
						table = table.note(format!("{}: {json}", row.input));
					}
				},
				Outcome::Failed { error } => {
					table = table.note(format!("{} failed: {error}", row.input));
				},
				Outcome::Skipped => {},
			}
		}
		table
			.note(format!(
				"{requests} requests: {answered} answered, {skipped} skipped, {failed} failed; paid {}",
				ufr(paid)
			))
			.note(format!(
				"{seconds:.2} s, {requests_per_second:.1} requests/s, p50 {p50_ms:.1} ms, p99 {p99_ms:.1} ms"
			))
	}
}
