//! What bodies of the binary extension may and may not be.

use super::*;
use crate::tensors::canonical;
use proptest::prelude::*;

fn read(json: &str, rest: &[u8]) -> Result<(InferRequest, BinaryOutputs), BodyError> {
	InferRequest::from_body(&[json.as_bytes(), rest].concat(), Some(json.len()))
}

fn input(shape: &str, datatype: &str, size: &str) -> String {
	format!(
		r#"{{"inputs":[{{"name":"x","shape":{shape},"datatype":"{datatype}",
		"parameters":{{"binary_data_size":{size}}}}}]}}"#
	)
}

fn request() -> InferRequest {
	let inputs = vec![
		Tensor::from_elements("f", vec![2, 2], &[1.5f32, f32::NAN, -0.0, f32::INFINITY]).unwrap(),
		Tensor::from_texts("t", vec![2], &["", "größe"]).unwrap(),
		Tensor::from_elements("b", vec![3], &[true, false, true]).unwrap(),
		Tensor::new("h", DataType::Fp16, vec![1], vec![0, 60]).unwrap(),
		Tensor::from_elements("none", vec![0, 1 << 63], &[0u64; 0]).unwrap(),
	];
	InferRequest { id: Some("7".into()), inputs, outputs: vec![] }
}

#[test]
fn a_request_comes_back_and_commits_to_the_same_as_in_json() {
	let mut request = request();
	let (body, length) = request.to_binary().unwrap();
	let (back, binary) = InferRequest::from_body(&body, Some(length)).unwrap();
	assert_eq!(back, request);
	assert_eq!(binary, BinaryOutputs::all());
	// JSON has no half floats.
	request.inputs.remove(3);
	let (body, length) = request.to_binary().unwrap();
	let (binary, _) = InferRequest::from_body(&body, Some(length)).unwrap();
	let json = serde_json::to_vec(&request).unwrap();
	let (json, wanted) = InferRequest::from_body(&json, None).unwrap();
	assert_eq!(canonical(&binary.inputs), canonical(&json.inputs));
	assert_eq!(wanted, BinaryOutputs::default());
}

#[test]
fn data_may_be_inside_and_after_the_json_of_one_request() {
	let json = r#"{"inputs":[
		{"name":"a","shape":[2],"datatype":"UINT8","parameters":{"binary_data_size":2,"other":[1]}},
		{"name":"b","shape":[1],"datatype":"INT16","data":[-2]},
		{"name":"c","shape":[1],"datatype":"INT16","parameters":{"binary_data_size":2}}],
		"outputs":[{"name":"y","parameters":{"binary_data":false}},{"name":"z"}],
		"parameters":{"binary_data_output":true,"priority":3}}"#;
	let (request, binary) = read(json, &[7, 8, 0xfe, 0xff]).unwrap();
	let datas: Vec<_> = request.inputs.iter().map(Tensor::data).collect();
	assert_eq!(datas, [&[7, 8][..], &[0xfe, 0xff], &[0xfe, 0xff]]);
	assert!(!binary.wants("y") && binary.wants("z"));
}

#[test]
fn an_answer_has_its_outputs_where_they_are_asked_for() {
	let outputs = vec![
		Tensor::from_elements("y", vec![2], &[0.1f32, f32::NAN]).unwrap(),
		Tensor::from_elements("z", vec![1], &[u64::MAX]).unwrap(),
	];
	let answer = InferResponse {
		model_name: "m".into(),
		model_version: Some("3".into()),
		id: Some("7".into()),
		outputs,
	};
	let only_z = BinaryOutputs { all: false, named: vec![("z".into(), true)] };
	for (binary, after) in
		[(BinaryOutputs::default(), None), (BinaryOutputs::all(), Some(16)), (only_z, Some(8))]
	{
		let (body, length) = answer.to_body(&binary).unwrap();
		assert_eq!(length.map(|length| body.len() - length), after);
		assert_eq!(InferResponse::from_body(&body, length).unwrap(), answer);
	}
}

#[test]
fn lengths_that_lie_are_refused() {
	let json = input("[2]", "INT32", "8");
	assert!(read(&json, &[0; 8]).is_ok());
	assert_eq!(
		read(&json, &[0; 7]),
		Err(BodyError::TooShort { tensor: "x".into(), said: 8, left: 7 })
	);
	assert_eq!(read(&json, &[0; 9]), Err(BodyError::TooLong(1)));
	let body = [json.as_bytes(), &[0; 8]].concat();
	for length in [body.len() + 1, usize::MAX] {
		let error = InferRequest::from_body(&body, Some(length)).unwrap_err();
		assert_eq!(error, BodyError::HeaderLength { said: length, found: body.len() });
	}
	// The JSON is cut off, or goes on where it should have ended.
	for length in [0, 1, json.len() - 1, json.len() + 1] {
		let error = InferRequest::from_body(&body, Some(length)).unwrap_err();
		assert!(matches!(error, BodyError::Json(_)), "{length}: {error}");
	}
	// Nothing says that there is more than JSON.
	let error = InferRequest::from_body(json.as_bytes(), None).unwrap_err();
	assert!(matches!(error, BodyError::TooShort { said: 8, left: 0, .. }));
}

#[test]
fn sizes_and_shapes_that_no_memory_holds_are_refused_without_asking_for_it() {
	for (shape, datatype, size) in [
		("[2]", "INT32", "18446744073709551615"),
		("[9223372036854775808]", "FP32", "8"),
		("[4294967296,4294967296]", "FP64", "8"),
		("[18446744073709551615,2]", "UINT8", "8"),
		("[4611686018427387904]", "INT32", "8"),
		("[3]", "INT32", "8"),
		("[1]", "INT32", "7"),
		("[1]", "BF16", "8"),
		("[1]", "FP65", "8"),
		("[2]", "BOOL", "8"),
	] {
		let error = read(&input(shape, datatype, size), &[2; 8]).unwrap_err();
		let known = matches!(error, BodyError::Tensor(_) | BodyError::TooShort { .. });
		assert!(known, "{shape} {datatype} {size}: {error}");
	}
	for (shape, size) in [("[-1]", "8"), ("[1]", "-8"), ("[1]", "8.5"), ("[1e3]", "8"), ("3", "8")]
	{
		let error = read(&input(shape, "INT64", size), &[0; 8]).unwrap_err();
		assert!(matches!(error, BodyError::Json(_)), "{shape} {size}: {error}");
	}
	// A zero makes it empty, whatever stands beside it.
	assert!(read(&input("[18446744073709551615,0,2]", "INT64", "0"), &[]).is_ok());
}

#[test]
fn texts_must_fill_their_lengths_and_be_utf_8() {
	let one = |bytes: &[u8]| read(&input("[1]", "BYTES", &bytes.len().to_string()), bytes);
	assert_eq!(one(b"\x02\0\0\0hi").unwrap().0.inputs[0].to_texts(), Ok(vec!["hi".into()]));
	for wrong in [
		&b""[..],
		b"\0\0\0",
		b"\x03\0\0\0hi",
		b"\x01\0\0\0hi",
		b"\xff\xff\xff\xffhi",
		b"\x02\0\0\0h\xff",
		b"\0\0\0\0\0\0\0\0",
	] {
		assert!(matches!(one(wrong), Err(BodyError::Tensor(_))), "{wrong:?}");
	}
}

#[test]
fn every_nan_is_the_same_nan() {
	let bytes = [0x01, 0x00, 0xa0, 0xff];
	let (request, _) = read(&input("[1]", "FP32", "4"), &bytes).unwrap();
	assert_eq!(request.inputs[0].data(), f32::NAN.to_le_bytes());
}

#[test]
fn a_tensor_has_its_data_once() {
	for (body, twice) in [
		(
			r#"{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1],"parameters":{"binary_data_size":1}}]}"#,
			true,
		),
		(r#"{"inputs":[{"name":"x","shape":[1],"datatype":"INT8"}]}"#, false),
	] {
		let expected = match twice {
			true => BodyError::DataTwice("x".into()),
			false => BodyError::NoData("x".into()),
		};
		assert_eq!(read(body, &[1]).unwrap_err(), expected);
	}
	let classes = r#"{"inputs":[],"outputs":[{"name":"y","parameters":{"classification":3}}]}"#;
	assert_eq!(read(classes, &[]).unwrap_err(), BodyError::Classification("y".into()));
	let region = r#""shared_memory_region":"mine","shared_memory_byte_size":4"#;
	let output = format!(r#"{{"inputs":[],"outputs":[{{"name":"y","parameters":{{{region}}}}}]}}"#);
	assert_eq!(read(&output, &[]).unwrap_err(), BodyError::SharedMemory("y".into()));
	for data in ["", r#","data":[1]"#] {
		let input = format!(
			r#"{{"inputs":[{{"name":"x","shape":[1],"datatype":"INT32","parameters":{{{region}}}{data}}}]}}"#
		);
		assert_eq!(read(&input, &[]).unwrap_err(), BodyError::SharedMemory("x".into()));
	}
}

#[test]
fn ten_thousand_tensors_are_read_in_one_pass() {
	let inputs = (0..10_000)
		.map(|at| Tensor::from_elements(format!("t{at}"), vec![1], &[at as u16]).unwrap())
		.collect();
	let request = InferRequest { id: None, inputs, outputs: vec![] };
	let (body, length) = request.to_binary().unwrap();
	let begun = std::time::Instant::now();
	assert_eq!(InferRequest::from_body(&body, Some(length)).unwrap().0, request);
	assert!(begun.elapsed() < std::time::Duration::from_secs(5));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn no_body_panics(
		shape in prop::collection::vec(any::<u64>(), 0..3), size: u64, kind in 0usize..14,
		rest in prop::collection::vec(any::<u8>(), 0..40), off in -3isize..3,
	) {
		let kinds = ["FP32", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "BYTES", "BOOL",
			"FP16", "FP64", "UINT32", "UINT64", "BF16"];
		for size in [size, size % 48] {
			let json = input(&format!("{shape:?}"), kinds[kind], &size.to_string());
			let body = [json.as_bytes(), &rest].concat();
			let length = json.len().saturating_add_signed(off);
			let _ = InferRequest::from_body(&body, Some(length));
			let _ = InferResponse::from_body(&body, Some(length));
		}
	}

	#[test]
	fn a_body_of_raw_bytes_reads_as_what_it_says(elements: [i64; 5]) {
		let tensor = Tensor::from_elements("x", vec![5], &elements).unwrap();
		let (request, _) = read(&input("[5]", "INT64", "40"), tensor.data()).unwrap();
		prop_assert_eq!(&request.inputs[0], &tensor);
	}
}
