use super::*;
use crate::engine::{Port, Signature};
use codec::DecodeAll;
use std::collections::BTreeMap;
use usufruct_client::tensors::DataType;

/// What stands behind `provider =` in a file.
fn said(value: &str) -> Result<Providers, String> {
	#[derive(Debug, Deserialize)]
	struct File {
		provider: Providers,
	}
	let file = toml::from_str::<File>(&format!("provider = {value}"));
	file.map(|it| it.provider).map_err(|error| error.to_string())
}

#[test]
fn providers_are_one_name_or_several_in_order() {
	use Provider::*;
	for (value, expected) in [
		("\"cpu\"", &[Cpu][..]),
		("\"cuda\"", &[Cuda]),
		("\"tensorrt\"", &[TensorRt]),
		("\"auto\"", &[Cuda, Cpu]),
		("\"tensorrt, cuda,cpu\"", &[TensorRt, Cuda, Cpu]),
		("[\"cuda\"]", &[Cuda]),
		("[\"tensorrt\", \"cuda\", \"cpu\"]", &[TensorRt, Cuda, Cpu]),
		("[\"cuda\", \"tensorrt\"]", &[Cuda, TensorRt]),
	] {
		let providers = said(value).unwrap();
		assert_eq!(providers.all(), expected, "{value}");
		assert_eq!(providers.to_string().parse(), Ok(providers.clone()));
		assert_eq!(providers.on_gpu(), expected != [Cpu]);
		assert_eq!(Providers::decode_all(&mut &*providers.encode()), Ok(providers));
	}
	assert_eq!(Providers::default().all(), [Cuda, Cpu]);
}

#[test]
fn what_cannot_be_meant_as_providers_is_refused_with_what_can() {
	for (value, says) in [
		("\"gpu\"", "'gpu' is no execution provider"),
		("\"CUDA\"", "'CUDA' is no"),
		("\"\"", "no execution provider is named"),
		("[]", "no execution provider is named"),
		("\"cuda,\"", "'' is no"),
		("\"auto,cpu\"", "\"auto\" alone"),
		("[\"auto\"]", "\"auto\" alone"),
		("[\"cuda\", \"cuda\"]", "CUDA is named twice"),
		("[\"cpu\", \"cuda\"]", "CUDA would never be tried"),
		("[\"cuda,cpu\"]", "'cuda,cpu' is no"),
		("7", "\"auto\", or cpu, cuda or tensorrt"),
		("[1]", "string"),
	] {
		let error = said(value).unwrap_err();
		assert!(error.contains(says), "{value}: {error}");
	}
}

fn shapes(min: &[u32], opt: &[u32], max: &[u32]) -> Shapes {
	Shapes { min: min.into(), opt: opt.into(), max: max.into() }
}

fn tensorrt(shapes: impl IntoIterator<Item = (&'static str, Shapes)>) -> TensorRt {
	let shapes = shapes.into_iter().map(|(name, it)| (name.into(), it));
	TensorRt { shapes: shapes.collect(), ..TensorRt::default() }
}

#[test]
fn a_placement_that_contradicts_itself_is_refused() {
	let only = |providers| Placement { providers, gpu_only: true, ..Placement::default() };
	assert_eq!(only(Providers::default()).check(), Err(PlacementError::GpuOnly));
	assert_eq!(only(Provider::Cpu.into()).check(), Err(PlacementError::GpuOnly));
	assert_eq!(only(Provider::Cuda.into()).check(), Ok(()));
	assert_eq!(Placement::default().check(), Ok(()));

	let check = |tensorrt| Placement { tensorrt, ..Provider::TensorRt.into() }.check();
	assert_eq!(check(TensorRt { level: 5, ..TensorRt::default() }), Ok(()));
	assert_eq!(check(TensorRt { level: 6, ..TensorRt::default() }), Err(PlacementError::Level(6)));
	let good = shapes(&[1, 8], &[4, 8], &[16, 8]);
	assert_eq!(check(tensorrt([("x", good.clone()), ("z", shapes(&[1], &[1], &[1]))])), Ok(()));
	for name in ["a:0", "a,b", "a\n"] {
		let wrong = check(tensorrt([(name, good.clone())]));
		assert_eq!(wrong, Err(PlacementError::Input(name.into())));
	}
	for wrong in [
		shapes(&[], &[], &[]),
		shapes(&[1], &[1, 8], &[1, 8]),
		shapes(&[1, 8], &[1, 8], &[1]),
		shapes(&[0, 8], &[1, 8], &[2, 8]),
		shapes(&[2, 8], &[1, 8], &[3, 8]),
		shapes(&[1, 8], &[4, 8], &[3, 8]),
	] {
		assert_eq!(check(tensorrt([("x", wrong)])), Err(PlacementError::Shapes("x".into())));
	}
}

#[test]
fn shapes_are_of_each_input_that_has_no_fixed_one() {
	let port = |name: &str, shape: &[Option<u64>]| Port {
		name: name.into(),
		datatype: DataType::Fp32,
		shape: shape.into(),
	};
	let signature = Signature {
		inputs: vec![port("x", &[None, Some(8)]), port("fixed", &[Some(3)])],
		outputs: vec![port("y", &[None])],
	};
	let range = shapes(&[1, 8], &[4, 8], &[16, 8]);
	let x = tensorrt([("x", range.clone())]);
	assert_eq!(x.fits(&signature), Ok(()));
	let fails = |tensorrt: TensorRt, says: &str| {
		let why = tensorrt.fits(&signature).unwrap_err();
		assert!(why.contains(says), "{why}");
	};
	fails(TensorRt::default(), "the shape of 'x' open");
	fails(tensorrt([("x", range.clone()), ("y", range.clone())]), "'y', which is no input");
	fails(tensorrt([("x", shapes(&[1], &[1], &[1]))]), "has 1 dimensions, the input has 2");
	fails(tensorrt([("x", range), ("fixed", shapes(&[], &[], &[]))]), "fixed has 0");
}

#[test]
fn settings_are_told_as_the_runtime_takes_them_and_come_through_the_protocol() {
	let text = "fp16 = true\nlevel = 2\n[shapes]\n\
		b = { min = [1, 2], opt = [3, 2], max = [8, 2] }\na = { min = [1], opt = [1], max = [1] }\n";
	let tensorrt: TensorRt = toml::from_str(text).unwrap();
	assert!(tensorrt.fp16 && tensorrt.measures());
	assert_eq!(tensorrt.of_all(|it| &it.min), "a:1,b:1x2");
	assert_eq!(tensorrt.of_all(|it| &it.max), "a:1,b:8x2");
	assert_eq!(
		tensorrt.to_string(),
		"TensorRT level 2, shapes from a:1,b:1x2 by a:1,b:3x2 to a:1,b:8x2"
	);
	let placement = Placement {
		gpu_memory: Some(u64::MAX),
		gpu_only: true,
		tensorrt,
		..Provider::TensorRt.into()
	};
	let body = placement.encode();
	assert_eq!(Placement::decode_all(&mut &*body), Ok(placement));
	for length in 0..body.len() {
		assert!(Placement::decode_all(&mut &body[..length]).is_err());
	}

	let default: TensorRt = toml::from_str("").unwrap();
	assert_eq!((default.fp16, default.measures(), default.shapes), (false, false, BTreeMap::new()));
	for wrong in ["fp61 = true", "level = -1", "level = 256", "shapes = { x = { min = [1] } }"] {
		assert!(toml::from_str::<TensorRt>(wrong).is_err(), "{wrong}");
	}
}
