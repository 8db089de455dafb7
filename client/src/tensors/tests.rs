use super::{datatype::DATA_TYPES, *};

#[test]
fn codes_and_names_are_those_of_the_table() {
	for (datatype, name, size) in DATA_TYPES {
		assert_eq!(DataType::from_code(datatype.code()), Some(datatype));
		assert_eq!(DataType::from_name(name), Some(datatype));
		assert_eq!((datatype.name(), datatype.size()), (name, size));
	}
	assert_eq!(DataType::from_code(0), None);
	assert_eq!(DataType::from_name("BF16"), None);
}

#[test]
fn elements_come_back() {
	let tensor = Tensor::from_elements("x", vec![2, 2], &[1i32, -2, i32::MAX, i32::MIN]).unwrap();
	assert_eq!(tensor.to_elements::<i32>(), Ok(vec![1, -2, i32::MAX, i32::MIN]));
	assert_eq!((tensor.elements(), tensor.datatype()), (4, DataType::Int32));
	assert!(matches!(tensor.to_elements::<u32>(), Err(TensorError::WrongDatatype { .. })));
	let tensor = Tensor::from_texts("t", vec![2], &["", "größe"]).unwrap();
	assert_eq!(tensor.to_texts(), Ok(vec![String::new(), "größe".into()]));
	let tensor = Tensor::from_elements("b", vec![3], &[true, false, true]).unwrap();
	assert_eq!(tensor.data(), [1, 0, 1]);
	assert_eq!(tensor.to_elements::<bool>(), Ok(vec![true, false, true]));
}

#[test]
fn shape_and_data_must_agree() {
	let wrong = |shape: Vec<u64>, data: Vec<u8>| Tensor::new("x", DataType::Int16, shape, data);
	assert!(matches!(wrong(vec![2], vec![0; 6]), Err(TensorError::WrongCount { found: 3, .. })));
	assert!(matches!(wrong(vec![2], vec![0; 3]), Err(TensorError::WrongCount { found: 3, .. })));
	assert!(matches!(wrong(vec![u64::MAX, 2], vec![]), Err(TensorError::ShapeTooLarge { .. })));
	assert_eq!(wrong(vec![u64::MAX, 2, 0], vec![]).unwrap().elements(), 0);
	assert_eq!(wrong(vec![], vec![7, 0]).unwrap().elements(), 1);
	let text = Tensor::new("x", DataType::Bytes, vec![1], vec![4, 0, 0, 0, b'a']);
	assert!(matches!(text, Err(TensorError::WrongElement { .. })));
	let bools = Tensor::new("x", DataType::Bool, vec![2], vec![1, 2]);
	assert!(matches!(bools, Err(TensorError::WrongElement { index: 1, .. })));
}

#[test]
fn there_is_one_nan() {
	let odd = f32::from_bits(0xffc0_1234);
	let tensor = Tensor::from_elements("x", vec![2], &[odd, 1.0]).unwrap();
	assert_eq!(tensor.data()[..4], NAN_32);
	let odd = f64::from_bits(0x7ff0_0000_0000_0001);
	assert_eq!(Tensor::from_elements("x", vec![1], &[odd]).unwrap().data(), NAN_64);
	let halves = [0x7c01u16, 0x7c00, 0xfe00, 0x3c00].map(u16::to_le_bytes).concat();
	let tensor = Tensor::new("x", DataType::Fp16, vec![4], halves).unwrap();
	let expected = [0x7e00u16, 0x7c00, 0x7e00, 0x3c00].map(u16::to_le_bytes).concat();
	assert_eq!(tensor.data(), expected);
}

#[test]
fn what_is_not_nan_stays() {
	let kept = |bits: u16| match bits & 0x7fff > 0x7c00 {
		true => NAN_16,
		false => bits.to_le_bytes(),
	};
	let all: Vec<u16> = (0..=u16::MAX).collect();
	let data = all.iter().flat_map(|bits| bits.to_le_bytes()).collect();
	let tensor = Tensor::new("x", DataType::Fp16, vec![1 << 16], data).unwrap();
	assert_eq!(tensor.data(), all.into_iter().map(kept).collect::<Vec<_>>().concat());
	// Every exponent, with mantissas of one bit.
	for bits in (0..1u32 << 9).flat_map(|top| (0..23).map(move |low| top << 23 | 1 << low)) {
		let number = f32::from_bits(bits);
		let expected = if number.is_nan() { NAN_32 } else { number.to_le_bytes() };
		assert_eq!(Tensor::from_elements("x", vec![1], &[number]).unwrap().data(), expected);
	}
	for bits in (0..1u64 << 12).flat_map(|top| (0..52).map(move |low| top << 52 | 1 << low)) {
		let number = f64::from_bits(bits);
		let expected = if number.is_nan() { NAN_64 } else { number.to_le_bytes() };
		assert_eq!(Tensor::from_elements("x", vec![1], &[number]).unwrap().data(), expected);
	}
}

#[test]
fn the_canonical_form_ignores_order_and_refuses_duplicates() {
	let a = Tensor::from_elements("a", vec![1], &[1u8]).unwrap();
	let b = Tensor::from_elements("b", vec![1, 1], &[2.5f32]).unwrap();
	let one = canonical(&[a.clone(), b.clone()]).unwrap();
	assert_eq!(canonical(&[b.clone(), a.clone()]).unwrap(), one);
	// name length | name | dtype | rank | dims | data
	let mut expected = vec![1, 0, b'a', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1];
	expected.extend([1, 0, b'b', 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
	expected.extend(2.5f32.to_le_bytes());
	assert_eq!(one, expected);
	assert!(matches!(canonical(&[a.clone(), a.clone()]), Err(TensorError::NotCanonical(_))));
	assert!(canonical(&[]).unwrap().is_empty());
	let a = std::slice::from_ref(&a);
	assert_ne!(commit(&[0; 32], a), commit(&[1; 32], a));
	assert_ne!(commit(&[0; 32], a), commit(&[0; 32], &[b]));
}

#[test]
fn what_is_canonical_comes_back() {
	let tensors = vec![
		Tensor::from_elements("a", vec![2, 1], &[1.5f32, -0.0]).unwrap(),
		Tensor::from_elements("b", vec![], &[7i64]).unwrap(),
		Tensor::from_elements("c", vec![0, 3], &[0u8; 0]).unwrap(),
		Tensor::from_elements("d", vec![2], &[true, false]).unwrap(),
	];
	let bytes = canonical(&tensors).unwrap();
	assert_eq!(from_canonical(&bytes).unwrap(), tensors);
	assert_eq!(from_canonical(&[]).unwrap(), []);
	for length in 1..bytes.len() {
		if let Some(fewer) = from_canonical(&bytes[..length]) {
			assert!(fewer.len() < tensors.len(), "cut at {length}");
		}
	}
	let huge = [&[1, 0, b'x', 1, 2][..], &[255; 16]].concat();
	assert_eq!(from_canonical(&huge), None);
	let mut rest = &bytes[..];
	assert_eq!(next_canonical(&mut rest).as_ref(), tensors.first());
	assert_eq!(from_canonical(rest).unwrap(), tensors[1..]);
}
