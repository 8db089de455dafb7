use super::*;
use usufruct_client::tensors::DataType;

impl Class {
	/// One that is equal to those of the same number.
	pub(in crate::engine) fn numbered(number: u64) -> Self {
		Self(vec![Kept::Shape(vec![number])])
	}
}

pub(in crate::engine) fn batching(rows: u32) -> Batching {
	Batching {
		rows,
		tokens: None,
		tolerance: tolerance(),
		axes: BTreeMap::new(),
		common: BTreeSet::new(),
	}
}

fn port(name: &str, shape: &[Option<u64>]) -> Port {
	Port { name: name.into(), datatype: DataType::Int32, shape: shape.into() }
}

fn tensor(name: &str, shape: &[u64], first: i32) -> Tensor {
	let count = shape.iter().product::<u64>() as i32;
	let elements: Vec<_> = (first..first + count).collect();
	Tensor::from_elements(name, shape.to_vec(), &elements).unwrap()
}

/// Like a recogniser of speech: rows first, rows in the middle, and one number for all.
fn speech() -> (Batching, Signature) {
	let signature = Signature {
		inputs: vec![
			port("input", &[None, Some(3)]),
			port("state", &[Some(2), None, Some(2)]),
			port("sr", &[]),
		],
		outputs: vec![port("output", &[None, None]), port("stateN", &[None, None, None])],
	};
	let mut batching = batching(8);
	batching.axes = [("state".into(), 1), ("stateN".into(), 1)].into();
	batching.common = ["sr".into()].into();
	(batching, signature)
}

fn request(rows: u64, first: i32, sr: i32) -> Vec<Tensor> {
	// In another order than the signature's.
	vec![
		tensor("sr", &[], sr),
		tensor("state", &[2, rows, 2], first + 100),
		tensor("input", &[rows, 3], first),
	]
}

#[test]
fn what_is_joined_is_divided_again() {
	let (batching, signature) = speech();
	let plan = Plan::new(&batching, &signature).unwrap();
	let requests = [request(1, 0, 16), request(2, 10, 16), request(3, 20, 16)];
	let slices: Vec<_> = requests.iter().map(Vec::as_slice).collect();
	let joined = plan.join(&slices).unwrap();
	let shapes: Vec<_> = joined.iter().map(|it| (it.name(), it.shape().to_vec())).collect();
	assert_eq!(shapes, [("input", vec![6, 3]), ("state", vec![2, 6, 2]), ("sr", vec![])]);
	// The second half of a state comes after the first halves of all.
	let state = joined[1].to_elements::<i32>().unwrap();
	assert_eq!(state[..4], [100, 101, 110, 111]);
	assert_eq!(state[12..16], [102, 103, 114, 115]);

	let outputs = [
		Tensor::new("output", DataType::Int32, vec![6, 3], joined[0].data().to_vec()).unwrap(),
		Tensor::new("stateN", DataType::Int32, vec![2, 6, 2], joined[1].data().to_vec()).unwrap(),
	];
	let parts = plan.split(&outputs, &[1, 2, 3]).unwrap();
	for (request, part) in requests.iter().zip(parts) {
		assert_eq!(part[0].data(), request[2].data());
		assert_eq!(part[0].shape(), request[2].shape());
		assert_eq!((part[1].data(), part[1].shape()), (request[1].data(), request[1].shape()));
	}
}

#[test]
fn only_requests_of_one_shape_share_a_run() {
	let (batching, signature) = speech();
	let plan = Plan::new(&batching, &signature).unwrap();
	let class = |inputs: &[Tensor]| plan.class(inputs);
	let (rows, first) = class(&request(1, 0, 16)).unwrap();
	let (more, same) = class(&request(4, 50, 16)).unwrap();
	assert_eq!((rows, more), (1, 4));
	assert_eq!(first, same);
	assert_ne!(first, class(&request(1, 0, 8)).unwrap().1, "another number for all");
	let mut wider = request(1, 0, 16);
	wider[2] = tensor("input", &[1, 4], 0);
	assert_ne!(first, class(&wider).unwrap().1);
	// Tensors that do not agree on how many rows there are: alone.
	let mut torn = request(2, 0, 16);
	torn[2] = tensor("input", &[3, 3], 0);
	assert_eq!(class(&torn), None);
	assert_eq!(class(&request(1, 0, 16)[..2]), None);
}

#[test]
fn outputs_that_cannot_be_divided_are_an_error() {
	let (batching, signature) = speech();
	let plan = Plan::new(&batching, &signature).unwrap();
	for output in [
		tensor("output", &[2, 3], 0),
		tensor("output", &[1], 0),
		tensor("output", &[], 0),
		tensor("other", &[3, 3], 0),
	] {
		let split = plan.split(&[output], &[1, 2]);
		assert!(matches!(split, Err(BatchError::Outputs { rows: 3, .. })), "{split:?}");
	}
	// Nothing is added up beyond what can be counted.
	assert!(plan.split(&[tensor("output", &[2, 3], 0)], &[u64::MAX, 3]).is_err());
}

#[test]
fn a_model_without_rows_is_refused() {
	let signature = |input: &[Option<u64>], output: &[Option<u64>]| Signature {
		inputs: vec![port("x", input)],
		outputs: vec![port("y", output)],
	};
	let any = signature(&[None, Some(3)], &[None]);
	assert!(Plan::new(&batching(2), &any).is_ok());
	for (rows, of) in [(0, &any), (1, &any)] {
		assert_eq!(Plan::new(&batching(rows), of).err(), Some(BatchError::Rows(rows)));
	}
	for fixed in [
		signature(&[Some(1), Some(3)], &[None]),
		signature(&[None], &[Some(1)]),
		signature(&[], &[None]),
		signature(&[None], &[]),
	] {
		let error = Plan::new(&batching(2), &fixed).err();
		assert!(matches!(error, Some(BatchError::NoRows { .. })), "{error:?}");
	}
	let named = |change: fn(&mut Batching)| {
		let mut batching = batching(2);
		change(&mut batching);
		Plan::new(&batching, &any).err().unwrap()
	};
	assert_eq!(named(|it| _ = it.axes.insert("z".into(), 0)), BatchError::Unknown("z".into()));
	for wrong in [f64::NAN, f64::INFINITY, -1e-9] {
		let batching = Batching { tolerance: wrong, ..batching(2) };
		assert!(matches!(Plan::new(&batching, &any), Err(BatchError::Tolerance(_))), "{wrong}");
	}
	assert!(matches!(named(|it| _ = it.axes.insert("x".into(), 7)), BatchError::NoRows { .. }));
	assert!(matches!(named(|it| _ = it.common.insert("x".into())), BatchError::NoRows { .. }));
}
