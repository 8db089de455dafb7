//! The trace that a question belongs to goes on to every oracle that is asked it, and nothing else does.

use super::{
	grpc::message,
	serving::{question, serve},
	*,
};
use serde_json::json;
use tonic::Request;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const STATE: &str = "its=own,other=1";
const INFER: &str = "/v2/models/adder/infer";
const EMBEDDINGS: &str = "/v1/embeddings";

#[tokio::test]
async fn whoever_is_asked_is_told_whose_trace_it_is_however_it_came() {
	let world = World::new(&[Mood::Refuses, Mood::Honest]).await;
	world.takes_text(1);
	let oracles = world.oracles.clone();
	let server = serve(world, None).await;
	let post = |path: &str, body: String, headers: &[(&str, &str)]| {
		let mut request = server.http.post(format!("{}{path}", server.address)).body(body);
		for (name, value) in headers {
			request = request.header(*name, *value);
		}
		request.send()
	};
	let told = |nth: usize| std::mem::take(&mut oracles[nth].lock().unwrap().traces);
	let none = || [None::<String>, None];
	let ours = || [Some(PARENT.to_owned()), Some(STATE.to_owned())];
	let traced = [("traceparent", PARENT), ("tracestate", STATE)];
	let texts = || json!({ "model": "adder", "input": "one" }).to_string();

	// The first one refuses.
	let answer = post(INFER, question().to_string(), &traced).await.unwrap();
	assert_eq!(answer.status(), 200);
	assert_eq!((told(0), told(1)), (vec![ours()], vec![ours()]));
	assert_eq!(post(EMBEDDINGS, texts(), &traced).await.unwrap().status(), 200);
	assert_eq!(told(1), [ours()]);
	let mut client = server.grpc().await;
	let mut call = Request::new(message());
	for (name, value) in traced {
		call.metadata_mut().insert(name, value.parse().unwrap());
	}
	client.model_infer(call).await.unwrap();
	assert_eq!(told(1), [ours()]);

	// One without a state, and those that are no traces.
	assert_eq!(post(INFER, question().to_string(), &traced[..1]).await.unwrap().status(), 200);
	assert_eq!(told(1), [[Some(PARENT.to_owned()), None]]);
	let wrong = PARENT.to_uppercase();
	for headers in [&[][..], &traced[1..], &[("traceparent", wrong.as_str()), traced[1]]] {
		for (path, body) in [(INFER, question().to_string()), (EMBEDDINGS, texts())] {
			assert_eq!(post(path, body, headers).await.unwrap().status(), 200, "{headers:?}");
			assert_eq!(told(1), [none()], "{path} {headers:?}");
		}
	}
	client.model_infer(message()).await.unwrap();
	assert_eq!(told(1), [none()]);
}
