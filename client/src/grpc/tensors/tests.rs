//! What messages may and may not hold.

use super::*;
use crate::{grpc::proto::InferParameter, tensors::canonical};

fn input(datatype: &str, shape: &[i64], contents: Option<InferTensorContents>) -> InferInputTensor {
	InferInputTensor {
		name: "x".into(),
		datatype: datatype.into(),
		shape: shape.to_vec(),
		contents,
		..Default::default()
	}
}

fn read(inputs: Vec<InferInputTensor>, raw: Vec<Vec<u8>>) -> Result<Vec<Tensor>, MessageError> {
	let message = ModelInferRequest { inputs, raw_input_contents: raw, ..Default::default() };
	request(message).map(|request| request.inputs)
}

fn filled_with(change: impl FnOnce(&mut InferTensorContents)) -> Option<InferTensorContents> {
	let mut contents = InferTensorContents::default();
	change(&mut contents);
	Some(contents)
}

#[test]
fn raw_and_typed_contents_commit_to_the_same() {
	let contents: [(&str, Option<InferTensorContents>, &[u8]); 12] = [
		("BOOL", filled_with(|it| it.bool_contents = vec![true, false]), &[1, 0]),
		("INT8", filled_with(|it| it.int_contents = vec![-128, 127]), &[0x80, 0x7f]),
		("INT16", filled_with(|it| it.int_contents = vec![-2, 1]), &[0xfe, 0xff, 1, 0]),
		(
			"INT32",
			filled_with(|it| it.int_contents = vec![-2, 1]),
			&[0xfe, 0xff, 0xff, 0xff, 1, 0, 0, 0],
		),
		(
			"INT64",
			filled_with(|it| it.int64_contents = vec![1, 0]),
			&[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
		),
		("UINT8", filled_with(|it| it.uint_contents = vec![255, 0]), &[255, 0]),
		("UINT16", filled_with(|it| it.uint_contents = vec![65_535, 0]), &[255, 255, 0, 0]),
		(
			"UINT32",
			filled_with(|it| it.uint_contents = vec![u32::MAX, 0]),
			&[255, 255, 255, 255, 0, 0, 0, 0],
		),
		(
			"UINT64",
			filled_with(|it| it.uint64_contents = vec![u64::MAX, 0]),
			&[255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0],
		),
		(
			"FP32",
			filled_with(|it| it.fp32_contents = vec![f32::NAN, 1.0]),
			&[1, 0, 0xa0, 0xff, 0, 0, 0x80, 0x3f],
		),
		(
			"FP64",
			filled_with(|it| it.fp64_contents = vec![1.0, 0.0]),
			&[0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0],
		),
		(
			"BYTES",
			filled_with(|it| it.bytes_contents = vec![b"hi".into(), vec![]]),
			&[2, 0, 0, 0, b'h', b'i', 0, 0, 0, 0],
		),
	];
	for (datatype, contents, raw) in contents {
		let typed = read(vec![input(datatype, &[2], contents)], vec![]).unwrap();
		let raw = read(vec![input(datatype, &[2], None)], vec![raw.to_vec()]).unwrap();
		assert_eq!(canonical(&typed), canonical(&raw), "{datatype}");
	}
	let half = read(vec![input("FP16", &[1], None)], vec![vec![0, 60]]).unwrap();
	assert_eq!(half[0].datatype(), DataType::Fp16);
}

#[test]
fn an_answer_comes_back_raw() {
	let outputs = vec![
		Tensor::from_elements("y", vec![1, 2], &[0.5f32, -0.5]).unwrap(),
		Tensor::from_elements("z", vec![], &[7i64]).unwrap(),
	];
	let message = response(InferResponse {
		model_name: "m".into(),
		model_version: Some("3".into()),
		id: Some("7".into()),
		outputs: outputs.clone(),
	});
	assert_eq!((message.model_version.as_str(), message.id.as_str()), ("3", "7"));
	for ((said, data), tensor) in
		message.outputs.iter().zip(&message.raw_output_contents).zip(&outputs)
	{
		let shape: Vec<_> = tensor.shape().iter().map(|dim| *dim as i64).collect();
		assert_eq!((&said.shape, data.as_slice()), (&shape, tensor.data()));
	}
}

#[test]
fn shapes_and_types_that_cannot_be_are_refused() {
	for (shape, datatype) in [
		(&[3][..], "INT32"),
		(&[i64::MAX], "FP32"),
		(&[i64::MAX, i64::MAX], "FP64"),
		(&[1 << 62], "INT32"),
		(&[2], "BF16"),
		(&[2], ""),
		(&[8], "BOOL"),
		(&[1], "BYTES"),
	] {
		let refused = read(vec![input(datatype, shape, None)], vec![vec![2; 8]]);
		assert!(matches!(refused, Err(MessageError::Tensor(_))), "{shape:?} {datatype}");
	}
	for shape in [[-1], [i64::MIN]] {
		let refused = read(vec![input("INT32", &shape, None)], vec![vec![]]);
		assert_eq!(refused, Err(MessageError::Negative("x".into())));
	}
}

#[test]
fn contents_in_the_wrong_place_are_refused() {
	let ints = || filled_with(|it| it.int_contents = vec![1]);
	let good = || input("INT32", &[1], ints());
	assert!(read(vec![good()], vec![]).is_ok());
	assert_eq!(
		read(vec![good()], vec![vec![1, 0, 0, 0]]),
		Err(MessageError::DataTwice("x".into()))
	);
	// Clients send empty contents beside raw ones.
	let empty = input("INT32", &[1], Some(InferTensorContents::default()));
	assert!(read(vec![empty], vec![vec![1, 0, 0, 0]]).is_ok());
	let raw = |count| vec![vec![1, 0, 0, 0]; count];
	assert_eq!(
		read(vec![input("INT32", &[1], None)], raw(2)),
		Err(MessageError::RawCount { raw: 2, inputs: 1 })
	);
	assert_eq!(read(vec![], raw(1)), Err(MessageError::RawCount { raw: 1, inputs: 0 }));
	for (datatype, contents) in [
		("INT64", ints()),
		("FP16", ints()),
		("INT32", filled_with(|it| (it.int_contents, it.fp32_contents) = (vec![1], vec![1.0]))),
	] {
		let refused = read(vec![input(datatype, &[1], contents)], vec![]);
		assert!(matches!(refused, Err(MessageError::WrongField { .. })), "{datatype}");
	}
	assert!(matches!(
		read(vec![input("INT32", &[1], None)], vec![]),
		Err(MessageError::Tensor(TensorError::WrongCount { found: 0, .. }))
	));
	for (datatype, contents) in [
		("INT8", filled_with(|it| it.int_contents = vec![128])),
		("INT16", filled_with(|it| it.int_contents = vec![-32_769])),
		("UINT8", filled_with(|it| it.uint_contents = vec![256])),
		("BYTES", filled_with(|it| it.bytes_contents = vec![vec![0xff]])),
	] {
		let refused = read(vec![input(datatype, &[1], contents)], vec![]);
		let wrong = matches!(refused, Err(MessageError::Tensor(TensorError::WrongElement { .. })));
		assert!(wrong, "{datatype}");
	}
}

#[test]
fn a_message_of_too_many_parts_is_not_read() {
	for part in [[5 << 3 | 2, 0], [6 << 3 | 2, 0], [7 << 3 | 2, 0], [4 << 3 | 2, 0]] {
		let few = decode(&part.repeat(MOST_PARTS));
		assert!(few.is_ok(), "{few:?}");
		assert_eq!(decode(&part.repeat(MOST_PARTS + 1)), Err(MessageError::Parts));
	}
	let few = [5 << 3 | 2, 0].repeat(MOST_PARTS);
	assert_eq!(decode(&few).map(|it| it.inputs.len()), Ok(MOST_PARTS));
	assert!(matches!(decode(&[5 << 3 | 2, 9]), Err(MessageError::Malformed(_))));
}

#[test]
fn tensors_of_too_many_parts_are_not_read() {
	// As a field of that number with a length.
	let field = |tag: u8, inner: &[u8]| {
		let mut length = inner.len();
		let mut bytes = vec![tag << 3 | 2];
		while length > 0x7f {
			bytes.push(length as u8 | 0x80);
			length >>= 7;
		}
		bytes.push(length as u8);
		[bytes.as_slice(), inner].concat()
	};
	let texts = |count: usize| [8u8 << 3 | 2, 0].repeat(count);
	let of_input = |count| field(5, &field(5, &texts(count)));
	// The contents are a part of the tensor as well.
	let read = decode(&of_input(MOST_OF_TENSORS - 1)).unwrap();
	let contents = read.inputs[0].contents.as_ref().unwrap();
	assert_eq!(contents.bytes_contents.len(), MOST_OF_TENSORS - 1);
	let half = MOST_OF_TENSORS / 2;
	let parameters = |tag: u8, count: usize| -> Vec<u8> {
		(0..count).flat_map(|nth| field(tag, &field(1, format!("{nth:x}").as_bytes()))).collect()
	};
	for (at, many) in [
		of_input(MOST_OF_TENSORS),
		of_input(half).repeat(2),
		field(5, &field(5, &texts(half)).repeat(2)),
		field(5, &parameters(4, MOST_OF_TENSORS + 1)),
		field(6, &parameters(2, MOST_OF_TENSORS + 1)),
		// One of which nothing would be made but the last.
		field(5, &[1u8 << 3 | 2, 0].repeat(MOST_OF_TENSORS + 1)),
	]
	.into_iter()
	.enumerate()
	{
		assert_eq!(decode(&many), Err(MessageError::PartsOfTensors), "{at}");
	}
	let some = field(5, &parameters(4, 3));
	assert_eq!(decode(&some).map(|it| it.inputs[0].parameters.len()), Ok(3));
	// Numbers are counted by nobody: they take eight bytes for one, at the most.
	let numbers = |part: &[u8]| field(5, &field(5, &part.repeat(MOST_OF_TENSORS + 1)));
	let read = decode(&numbers(&[3 << 3, 1])).unwrap();
	let contents = read.inputs[0].contents.as_ref().unwrap();
	assert_eq!(contents.int64_contents.len(), MOST_OF_TENSORS + 1);
	// What stands in a tensor is no message.
	for wrong in [field(5, &[5 << 3 | 2, 9]), field(5, &field(5, &[8 << 3 | 2, 9])), field(6, &[7])]
	{
		assert!(matches!(decode(&wrong), Err(MessageError::Malformed(_))), "{wrong:?}");
	}
}

#[test]
fn an_output_is_asked_for_as_a_tensor_and_as_nothing_else() {
	let asked = |parameters: Vec<(&str, ParameterChoice)>| {
		let parameters = parameters.into_iter().map(|(name, choice)| {
			(name.to_owned(), InferParameter { parameter_choice: Some(choice) })
		});
		let output =
			InferRequestedOutputTensor { name: "y".into(), parameters: parameters.collect() };
		let message = ModelInferRequest { outputs: vec![output], ..Default::default() };
		request(message).map(|request| request.outputs)
	};
	let tensor = Ok(vec![RequestedOutput { name: "y".into() }]);
	assert_eq!(asked(vec![]), tensor);
	assert_eq!(asked(vec![("binary_data", ParameterChoice::BoolParam(true))]), tensor);
	assert_eq!(asked(vec![("classification", ParameterChoice::Int64Param(0))]), tensor);
	for classes in [ParameterChoice::Int64Param(3), ParameterChoice::StringParam("3".into())] {
		let refused = asked(vec![("classification", classes)]);
		assert_eq!(refused, Err(MessageError::Classification("y".into())));
		assert!(refused.unwrap_err().to_string().contains("output 'y' is asked for"));
	}
}

#[test]
fn a_tensor_in_shared_memory_is_refused_and_not_answered_for_elsewhere() {
	let region = || {
		let choice = ParameterChoice::StringParam("mine".into());
		[("shared_memory_region".to_owned(), InferParameter { parameter_choice: Some(choice) })]
	};
	let mut given = input("INT32", &[1], filled_with(|it| it.int_contents = vec![1]));
	assert!(read(vec![given.clone()], vec![]).is_ok());
	given.parameters = region().into();
	assert_eq!(read(vec![given.clone()], vec![]), Err(MessageError::SharedMemory("x".into())));
	given.contents = None;
	assert_eq!(
		read(vec![given], vec![vec![1, 0, 0, 0]]),
		Err(MessageError::SharedMemory("x".into()))
	);
	let output = InferRequestedOutputTensor { name: "y".into(), parameters: region().into() };
	let message = ModelInferRequest { outputs: vec![output], ..Default::default() };
	assert_eq!(
		request(message).map(|request| request.outputs),
		Err(MessageError::SharedMemory("y".into()))
	);
}
