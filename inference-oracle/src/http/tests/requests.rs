//! Bodies, tensors, names and headers that do not fit.

use super::*;

#[tokio::test]
async fn bodies_and_tensors_that_do_not_fit_are_refused() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let good = classify(&mut consumer);
	let with = |inputs: Vec<Tensor>| {
		let mut request = good.clone();
		request.body.inputs = inputs;
		request
	};
	let tensor = |name: &str, shape: Vec<u64>| {
		let count = shape.iter().product::<u64>() as usize;
		Tensor::from_elements(name, shape, &vec![1i32; count]).unwrap()
	};
	for inputs in [
		vec![],
		vec![tensor("bytes", vec![2_048])],
		vec![tensor("bytes", vec![1, 100])],
		vec![tensor("other", vec![1, 2_048])],
		vec![Tensor::from_elements("bytes", vec![1, 2_048], &[1f32; 2_048]).unwrap()],
		vec![Tensor::from_texts("bytes", vec![1], &["text"]).unwrap()],
	] {
		let problem = server.refused(&with(inputs)).await;
		assert_eq!((problem.kind, problem.status), (TensorInvalid, 422), "{problem}");
	}
	let mut output = good.clone();
	output.body.outputs = vec![usufruct_client::tensors::RequestedOutput { name: "no".into() }];
	assert_eq!(server.refused(&output).await.kind, TensorInvalid);

	let raw = |body: Vec<u8>| server.http.infer("magika", body, Some(&good.headers));
	for body in [&b""[..], b"{", b"[]", b"{\"inputs\":3}", b"\xff\xff"] {
		let problem = raw(body.to_vec()).await.unwrap().body.unwrap_err();
		assert_eq!((problem.kind, problem.status), (BodyMalformed, 400), "{problem}");
	}
	let problem = raw(vec![b' '; (64 << 10) + 1]).await.unwrap().body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (BodyTooLarge, 413), "{problem}");
	assert!(problem.detail.contains("65536"));
	assert_eq!(server.total(&consumer), 0);
	checked(&good, server.send(&good).await);
}

#[tokio::test]
async fn models_and_headers_that_do_not_fit_are_refused() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let good = classify(&mut consumer);
	let mut unknown = good.clone();
	unknown.name = "magica";
	let problem = server.refused(&unknown).await;
	assert_eq!((problem.kind, problem.status), (ModelUnknown, 404));
	assert!(problem.detail.contains("magika (version 30)"), "{problem}");
	let mut version = good.clone();
	version.headers.model_version = GATHER;
	assert_eq!(server.refused(&version).await.kind, ModelUnknown);

	let post = |path: &str, headers: Vec<(&'static str, String)>| {
		let mut request = reqwest::Client::new().post(format!("{}{path}", server.address));
		for (name, value) in headers {
			request = request.header(name, value);
		}
		let body = serde_json::to_vec(&good.body).unwrap();
		async move {
			let response = request.body(body).send().await.unwrap();
			let form = response.headers()["content-type"].to_str().unwrap().to_owned();
			let status = response.status().as_u16();
			let bytes = response.bytes().await.unwrap();
			(status, form, serde_json::from_slice::<serde_json::Value>(&bytes).unwrap())
		}
	};
	let pairs = || good.headers.to_pairs().to_vec();
	for at in 1..pairs().len() {
		let mut missing = pairs();
		let name = missing.remove(at).0;
		let (status, form, problem) = post("/v2/models/magika/infer", missing).await;
		assert_eq!((status, form.as_str()), (400, "application/problem+json"));
		assert_eq!(problem["type"], HeaderMalformed.name());
		assert!(problem["detail"].as_str().unwrap().contains(name));
	}
	let mut voucher = pairs();
	voucher[0].1 = "AAAA".into();
	let (status, _, problem) = post("/v2/models/magika/infer", voucher).await;
	assert_eq!((status, &problem["type"]), (400, &HeaderMalformed.name().into()));
	let (status, _, problem) = post("/v2/models/magika/versions/31/infer", pairs()).await;
	assert_eq!((status, &problem["type"]), (404, &ModelUnknown.name().into()));
	let (status, _, answer) = post("/v2/models/magika/versions/30/infer", pairs()).await;
	assert_eq!((status, &answer["model_name"]), (200, &"magika".into()));
}
