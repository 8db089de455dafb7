//! The models, what they are asked, and how each peer is asked it.

use anyhow::{ensure, Context, Result};
use rand::{rngs::StdRng, Rng, SeedableRng};
use serde_json::{json, Map, Value};
use usufruct_client::tensors::{DataType, InferRequest, InferResponse, Tensor};

use super::fire::{on_one_thread, Connection};
use crate::load::Body;

/// Different requests, asked in turns.
const REQUESTS: usize = 64;
/// As many as the oracle needs to try a batch with.
const SAMPLES: usize = 8;
/// Tokens of a sentence.
const TOKENS: usize = 32;

/// A model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
	/// silero-vad: a fraction of a millisecond, so that it shows the server.
	Silero,
	/// all-MiniLM-L6-v2: some milliseconds, so that it shows what sharing runs brings.
	MiniLm,
}

/// How a peer is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
	/// The inputs' bytes and nothing else.
	Raw,
	/// A JSON object of flat lists.
	Lists,
	/// The Open Inference Protocol in JSON.
	Json,
	/// The same with binary tensors.
	Binary,
}

impl Model {
	/// All of them.
	pub const ALL: [Self; 2] = [Self::Silero, Self::MiniLm];

	/// What it is called, and the folder of its file.
	pub fn name(self) -> &'static str {
		match self {
			Self::Silero => "silero",
			Self::MiniLm => "minilm",
		}
	}

	/// What the oracle is told so that requests share runs. As many rows as the peers have.
	pub fn batching(self) -> &'static str {
		match self {
			Self::Silero => "rows = 32\naxes = { state = 1, stateN = 1 }\ncommon = [\"sr\"]\n",
			Self::MiniLm => "rows = 8\n",
		}
	}

	/// Which rows to try for the limit.
	pub fn rows(self) -> &'static [usize] {
		match self {
			Self::Silero => &[1, 8, 32],
			Self::MiniLm => &[1, 4, 8],
		}
	}

	/// What is asked, one row each, as the model takes it.
	pub fn inputs(self) -> Result<Vec<Vec<Tensor>>> {
		let mut random = StdRng::seed_from_u64(1);
		(0..REQUESTS).map(|_| self.input(&mut random)).collect()
	}

	fn input(self, random: &mut StdRng) -> Result<Vec<Tensor>> {
		Ok(match self {
			Self::Silero => {
				let sound: Vec<f32> = (0..576).map(|_| random.gen_range(-0.2..0.2)).collect();
				let state: Vec<f32> = (0..256).map(|_| random.gen_range(-0.5..0.5)).collect();
				vec![
					Tensor::from_elements("input", vec![1, 576], &sound)?,
					Tensor::from_elements("state", vec![2, 1, 128], &state)?,
					Tensor::from_elements("sr", vec![], &[16_000i64])?,
				]
			},
			Self::MiniLm => {
				let shape = || vec![1, TOKENS as u64];
				let ids: Vec<i64> = (0..TOKENS).map(|_| random.gen_range(1_000..30_000)).collect();
				vec![
					Tensor::from_elements("input_ids", shape(), &ids)?,
					Tensor::from_elements("attention_mask", shape(), &[1i64; TOKENS])?,
					Tensor::from_elements("token_type_ids", shape(), &[0i64; TOKENS])?,
				]
			},
		})
	}

	/// Its first output.
	pub fn output(self) -> &'static str {
		match self {
			Self::Silero => "output",
			Self::MiniLm => "sentence_embedding",
		}
	}

	/// How many numbers a row of it has.
	fn output_length(self) -> usize {
		match self {
			Self::Silero => 1,
			Self::MiniLm => 384,
		}
	}

	/// The request that asks this in that form.
	pub fn request(self, form: Form, path: &str, inputs: &[Tensor]) -> Result<Vec<u8>> {
		// The sampling rate is the peers' own, and they take the state with its rows first.
		let sent = inputs.iter().filter(|tensor| tensor.name() != "sr").map(rows_first);
		let sent: Vec<Tensor> = sent.collect::<Result<_>>()?;
		let (kind, body) = match form {
			Form::Json => return Ok(Body::json(sent)?.request(path, "")),
			Form::Binary => return Ok(Body::binary(sent)?.request(path, "")),
			Form::Raw => {
				let bytes = sent.iter().flat_map(|tensor| tensor.data().to_vec()).collect();
				("application/octet-stream", bytes)
			},
			Form::Lists => {
				let lists = sent.iter().map(|it| Ok((it.name().to_owned(), list(it)?)));
				let lists: Map<String, Value> = lists.collect::<Result<_>>()?;
				("application/json", serde_json::to_vec(&lists)?)
			},
		};
		let head = format!(
			"POST {path} HTTP/1.1\r\nhost: peer\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
			body.len()
		);
		Ok([head.as_bytes(), &body].concat())
	}

	/// The first output of an answer in that form.
	fn read(self, form: Form, json_length: Option<usize>, body: &[u8]) -> Result<Vec<f32>> {
		match form {
			Form::Raw => {
				let bytes = body.chunks_exact(4).take(self.output_length());
				Ok(bytes.map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect())
			},
			Form::Lists => {
				let answer: Value = serde_json::from_slice(body)?;
				let values = answer[self.output()].as_array().context("no such output")?;
				Ok(values.iter().filter_map(Value::as_f64).map(|it| it as f32).collect())
			},
			Form::Json | Form::Binary => {
				let answer = InferResponse::from_body(body, json_length)?;
				let output = answer.outputs.iter().find(|it| it.name() == self.output());
				let output = output.context("no such output")?;
				match output.datatype() {
					DataType::Fp64 => {
						Ok(output.to_elements::<f64>()?.into_iter().map(|it| it as f32).collect())
					},
					_ => Ok(output.to_elements()?),
				}
			},
		}
	}

	/// Asks, and compares each answer with that of the model in process: they are the same but for
	/// rounding.
	pub fn check<'a>(
		self,
		address: &str,
		form: Form,
		asked: impl Iterator<Item = (&'a Vec<u8>, &'a Vec<f32>)>,
	) -> Result<()> {
		on_one_thread(async {
			let mut connection = Connection::new(address);
			for (request, expected) in asked {
				let answer = connection.ask(request).await?;
				let said = String::from_utf8_lossy(&answer.body);
				ensure!(answer.status == 200, "{}: {said}", answer.status);
				let found = self.read(form, answer.json_length, &answer.body)?;
				ensure!(
					found.len() == expected.len() && found.len() == self.output_length(),
					"an answer of {} numbers",
					found.len()
				);
				let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
				let most = apart.fold(0.0, f32::max);
				ensure!(
					most < 1e-4,
					"an answer differs by {most} from that of the model in process"
				);
			}
			Ok(())
		})
	}

	/// What the oracle tries whether it can batch with.
	pub fn samples(self) -> Result<Vec<u8>> {
		let inputs = self.inputs()?.into_iter().take(SAMPLES);
		let requests: Vec<_> =
			inputs.map(|inputs| InferRequest { id: None, inputs, outputs: vec![] }).collect();
		Ok(serde_json::to_vec(&requests)?)
	}
}

/// The state of one row is the same bytes either way.
fn rows_first(tensor: &Tensor) -> Result<Tensor> {
	if tensor.name() != "state" {
		return Ok(tensor.clone());
	}
	Ok(Tensor::new("state", tensor.datatype(), vec![1, 2, 128], tensor.data().to_vec())?)
}

fn list(tensor: &Tensor) -> Result<Value> {
	Ok(match tensor.datatype() {
		DataType::Int64 => json!(tensor.to_elements::<i64>()?),
		_ => json!(tensor.to_elements::<f32>()?),
	})
}
