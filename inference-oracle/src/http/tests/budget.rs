//! Texts that share runs: by the tokens that they are, not by the bytes.

use super::*;
use crate::{
	engine::Batching,
	testing::minilm,
	text::{self, NotText},
};
use usufruct_client::text::{Text, TEXT};

const TEXTS: VersionId = 35;
/// Eight tokens, with the two marks around them.
const SENTENCE: &str = "The weather is lovely today.";

/// Adds the tokens of each row up, and writes down how many rows it was given; waits at the gate.
struct Adding {
	signature: Signature,
	gate: Gate,
	rows: Arc<Mutex<Vec<u64>>>,
}

impl Engine for Adding {
	fn signature(&self) -> &Signature {
		&self.signature
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let ids = inputs.iter().find(|it| it.name() == "input_ids").unwrap();
		self.rows.lock().unwrap().push(ids.shape()[0]);
		self.gate.pass();
		let elements = ids.to_elements::<i64>().unwrap();
		let sums: Vec<f32> = elements
			.chunks(ids.shape()[1] as usize)
			.map(|row| row.iter().sum::<i64>() as f32)
			.collect();
		let shape = vec![sums.len() as u64, 1];
		Ok(vec![Tensor::from_elements("sentence_embedding", shape, &sums).unwrap()])
	}
}

fn signature() -> Signature {
	let port = |name: &str, datatype| Port { name: name.into(), datatype, shape: vec![None; 2] };
	let inputs = ["input_ids", "attention_mask", "token_type_ids"];
	Signature {
		inputs: inputs.map(|name| port(name, DataType::Int64)).into(),
		outputs: vec![port("sentence_embedding", DataType::Fp32)],
	}
}

fn tokenizer() -> Result<Text, NotText> {
	let metadata = minilm().join("metadata.json");
	let hash = manifest::of_file(&metadata).unwrap().hash;
	text::load(&metadata, &minilm().join("tokenizer.json"), &hash)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_takes_only_so_many_tokens() {
	let (gate, rows) = (Gate::default(), Arc::new(Mutex::new(Vec::new())));
	let batching = Batching {
		rows: 16,
		tokens: Some(20),
		tolerance: 0.0,
		axes: Default::default(),
		common: Default::default(),
	};
	let options = PoolOptions { max_queue: 64, batching: Some(batching), ..PoolOptions::default() };
	// It is tried out before it is served.
	gate.open();
	let pool = Pool::start(options, {
		let (gate, rows) = (gate.clone(), Arc::clone(&rows));
		move |_| {
			let (gate, rows) = (gate.clone(), Arc::clone(&rows));
			Ok(Adding { signature: signature(), gate, rows })
		}
	})
	.unwrap();
	assert!(rows.lock().unwrap().iter().any(|rows| *rows > 1), "it was tried together");
	rows.lock().unwrap().clear();
	gate.close();

	let text = Arc::new(tokenizer().unwrap());
	let served = Served { text: Some(text), ..model("texts", TEXTS, Meter::InputToken, pool) };
	let server = Server::serving(vec![served]).await;
	let mut consumer = server.consumer();
	let requests: Vec<_> = (0..6)
		.map(|_| {
			let inputs = vec![Tensor::from_texts(TEXT, vec![1], &[SENTENCE]).unwrap()];
			paid_for(&mut consumer, "texts", TEXTS, (Meter::InputToken, 8), inputs)
		})
		.collect();
	let pool = server.app.catalogue.find("texts", TEXTS).unwrap().home.loaded().unwrap();
	let mut sent: Vec<_> = requests.iter().map(|it| Box::pin(server.send(it))).collect();
	for (at, sent) in sent.iter_mut().enumerate() {
		while (pool.busy(), pool.waiting()) != (1, at) {
			assert!(tokio::time::timeout(Duration::from_millis(20), &mut *sent).await.is_err());
		}
	}
	gate.open();
	let mut outputs = Vec::new();
	for (request, sent) in requests.iter().zip(sent) {
		let reply = sent.await;
		let receipt = reply.receipt.unwrap().receipt;
		assert_eq!((receipt.units, receipt.request_commit), (8, request.request.commit(&GENESIS)));
		outputs.push(reply.body.unwrap().outputs);
	}
	assert!(outputs.iter().all(|it| *it == outputs[0]), "alone or together");
	assert_eq!(*rows.lock().unwrap(), [1, 2, 2, 1], "two sentences of eight tokens fit 20");
}
