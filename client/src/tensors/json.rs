//! The JSON form of tensors and of inference requests and responses.

use super::{count_of, write_text, wrong_element, DataType, Element, Tensor, TensorError};
use serde::{
	de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
	ser::{Error as _, SerializeSeq, SerializeStruct},
	Deserialize, Deserializer, Serialize, Serializer,
};
use std::fmt;

/// The body of `POST /v2/models/{name}/infer`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InferRequest {
	/// Echoed in the response.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub id: Option<String>,
	/// The model's inputs.
	pub inputs: Vec<Tensor>,
	/// The outputs wanted; all, if none is named.
	#[serde(default, skip_serializing_if = "Vec::is_empty")]
	pub outputs: Vec<RequestedOutput>,
}

/// One output that a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedOutput {
	/// Its name.
	pub name: String,
}

/// The body of the answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InferResponse {
	/// The model that was run.
	pub model_name: String,
	/// Its version.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub model_version: Option<String>,
	/// The request's id.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub id: Option<String>,
	/// The model's outputs.
	pub outputs: Vec<Tensor>,
}

impl Serialize for Tensor {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		if self.datatype == DataType::Fp16 {
			return Err(S::Error::custom("the protocol has no JSON for FP16; convert it to FP32"));
		}
		let mut tensor = serializer.serialize_struct("Tensor", 4)?;
		tensor.serialize_field("name", &self.name)?;
		tensor.serialize_field("shape", &self.shape)?;
		tensor.serialize_field("datatype", self.datatype.name())?;
		tensor.serialize_field("data", &Data(self))?;
		tensor.end()
	}
}

/// The elements as one flat array.
struct Data<'a>(&'a Tensor);

impl Serialize for Data<'_> {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		let tensor = self.0;
		match tensor.datatype {
			DataType::Fp32 => elements::<f32, S, _>(tensor, serializer, Fp32),
			DataType::Fp64 => elements::<f64, S, _>(tensor, serializer, Fp64),
			DataType::Int8 => elements::<i8, S, _>(tensor, serializer, |x| x),
			DataType::Int16 => elements::<i16, S, _>(tensor, serializer, |x| x),
			DataType::Int32 => elements::<i32, S, _>(tensor, serializer, |x| x),
			DataType::Int64 => elements::<i64, S, _>(tensor, serializer, |x| x),
			DataType::Uint8 => elements::<u8, S, _>(tensor, serializer, |x| x),
			DataType::Uint16 => elements::<u16, S, _>(tensor, serializer, |x| x),
			DataType::Uint32 => elements::<u32, S, _>(tensor, serializer, |x| x),
			DataType::Uint64 => elements::<u64, S, _>(tensor, serializer, |x| x),
			DataType::Bool => elements::<bool, S, _>(tensor, serializer, |x| x),
			DataType::Bytes => tensor.to_texts().map_err(S::Error::custom)?.serialize(serializer),
			DataType::Fp16 => Err(S::Error::custom("FP16 has no JSON form")),
		}
	}
}

fn elements<T: Element, S: Serializer, W: Serialize>(
	tensor: &Tensor,
	serializer: S,
	wrap: impl Fn(T) -> W,
) -> Result<S::Ok, S::Error> {
	let size = std::mem::size_of::<T>();
	let mut seq = serializer.serialize_seq(Some(tensor.data.len() / size))?;
	for bytes in tensor.data.chunks_exact(size) {
		seq.serialize_element(&wrap(T::read(bytes)))?;
	}
	seq.end()
}

/// A 32-bit float: the shortest decimal, unless the reader, which goes by way of 64 bits, would take
/// it for a neighbour; then the decimal of the 64-bit float, which is far from any other.
pub struct Fp32(pub f32);

impl Serialize for Fp32 {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		if !self.0.is_finite() {
			return serializer.serialize_str(not_finite(self.0.into()));
		}
		let shortest = serde_json::to_string(&self.0).map_err(S::Error::custom)?;
		match serde_json::from_str::<f64>(&shortest) {
			Ok(read) if (read as f32).to_bits() == self.0.to_bits() => {
				serializer.serialize_f32(self.0)
			},
			_ => serializer.serialize_f64(self.0.into()),
		}
	}
}

/// A 64-bit float: a number if it is read back exactly (the reader may be off by a last bit), else a
/// string.
struct Fp64(f64);

impl Serialize for Fp64 {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		if !self.0.is_finite() {
			return serializer.serialize_str(not_finite(self.0));
		}
		let text = serde_json::to_string(&self.0).map_err(S::Error::custom)?;
		match serde_json::from_str::<f64>(&text) {
			Ok(read) if read.to_bits() == self.0.to_bits() => serializer.serialize_f64(self.0),
			_ => serializer.serialize_str(&text),
		}
	}
}

fn not_finite(float: f64) -> &'static str {
	match float {
		float if float.is_nan() => "NaN",
		float if float > 0.0 => "Infinity",
		_ => "-Infinity",
	}
}

impl<'de> Deserialize<'de> for Tensor {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		#[derive(Deserialize)]
		struct Wire {
			name: String,
			shape: Vec<u64>,
			datatype: String,
			data: Array,
		}
		let Wire { name, shape, datatype, data } = Wire::deserialize(deserializer)?;
		build(name, shape, &datatype, data).map_err(de::Error::custom)
	}
}

/// A tensor from what its JSON says.
pub(super) fn build(
	name: String,
	shape: Vec<u64>,
	datatype: &str,
	array: Array,
) -> Result<Tensor, TensorError> {
	let Some(datatype) = DataType::from_name(datatype).filter(|it| *it != DataType::Fp16) else {
		return Err(TensorError::UnknownDatatype { tensor: name, datatype: datatype.into() });
	};
	let Array { scalars, lengths } = array;
	if count_of(&name, &shape)? != scalars.len() as u64 {
		return Err(TensorError::WrongCount { tensor: name, shape, found: scalars.len() });
	}
	// Flat, or nested exactly like the shape.
	if lengths.len() > 1 && lengths != shape {
		return Err(TensorError::WrongNesting { tensor: name, shape, found: lengths });
	}
	let mut data = Vec::with_capacity(scalars.len() * datatype.size().unwrap_or(16));
	for (index, scalar) in scalars.into_iter().enumerate() {
		if scalar.write(datatype, &mut data).is_none() {
			return Err(wrong_element(&name, index, scalar.to_string(), datatype));
		}
	}
	Tensor::new(name, datatype, shape, data)
}

/// An element as JSON has it.
#[derive(Clone, Debug)]
enum Scalar {
	Int(i64),
	Uint(u64),
	Float(f64),
	Bool(bool),
	Text(String),
}

impl Scalar {
	/// Appends the element as one of that type; `None` if it is not one.
	fn write(&self, datatype: DataType, data: &mut Vec<u8>) -> Option<()> {
		match datatype {
			DataType::Fp32 => self.fp32()?.write(data),
			DataType::Fp64 => self.fp64()?.write(data),
			DataType::Int8 => self.integer::<i8>()?.write(data),
			DataType::Int16 => self.integer::<i16>()?.write(data),
			DataType::Int32 => self.integer::<i32>()?.write(data),
			DataType::Int64 => self.integer::<i64>()?.write(data),
			DataType::Uint8 => self.integer::<u8>()?.write(data),
			DataType::Uint16 => self.integer::<u16>()?.write(data),
			DataType::Uint32 => self.integer::<u32>()?.write(data),
			DataType::Uint64 => self.integer::<u64>()?.write(data),
			DataType::Bool => match self {
				Self::Bool(value) => value.write(data),
				_ => return None,
			},
			DataType::Bytes => match self {
				Self::Text(text) => write_text(text, data),
				_ => return None,
			},
			DataType::Fp16 => return None,
		}
		Some(())
	}

	fn integer<T: TryFrom<i64> + TryFrom<u64>>(&self) -> Option<T> {
		match self {
			Self::Int(value) => T::try_from(*value).ok(),
			Self::Uint(value) => T::try_from(*value).ok(),
			_ => None,
		}
	}

	fn fp64(&self) -> Option<f64> {
		match self {
			Self::Int(value) => Some(*value as f64),
			Self::Uint(value) => Some(*value as f64),
			Self::Float(value) => Some(*value),
			Self::Text(text) => {
				text.parse().ok().filter(|float: &f64| said(text, !float.is_infinite()))
			},
			Self::Bool(_) => None,
		}
	}

	fn fp32(&self) -> Option<f32> {
		match self {
			Self::Int(value) => Some(*value as f32),
			Self::Uint(value) => Some(*value as f32),
			// A finite number that 32 bits cannot hold is refused, not turned into an infinity.
			Self::Float(value) => Some(*value as f32).filter(|float| float.is_finite()),
			Self::Text(text) => {
				text.parse().ok().filter(|float: &f32| said(text, !float.is_infinite()))
			},
			Self::Bool(_) => None,
		}
	}
}

/// Whether a text with that value says so: an infinity must be written as one, not as digits that
/// are too many.
fn said(text: &str, finite: bool) -> bool {
	finite || !text.bytes().any(|byte| byte.is_ascii_digit())
}

impl fmt::Display for Scalar {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Int(value) => write!(f, "{value}"),
			Self::Uint(value) => write!(f, "{value}"),
			Self::Float(value) => write!(f, "{value}"),
			Self::Bool(value) => write!(f, "{value}"),
			Self::Text(text) => write!(f, "{text:.40?}"),
		}
	}
}

/// The elements of an array, nested or flat, in row-major order.
#[derive(Default)]
pub(super) struct Array {
	scalars: Vec<Scalar>,
	/// The length of the arrays at each depth.
	lengths: Vec<u64>,
}

impl<'de> Deserialize<'de> for Array {
	fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
		let mut array = Self::default();
		let mut leaf_depth = None;
		Level { array: &mut array, leaf_depth: &mut leaf_depth, depth: 0 }
			.deserialize(deserializer)?;
		Ok(array)
	}
}

/// What stands at one depth of an array: further arrays or elements.
struct Level<'a> {
	array: &'a mut Array,
	/// At which depth elements stand, once one was met.
	leaf_depth: &'a mut Option<usize>,
	depth: usize,
}

impl Level<'_> {
	fn element<E: de::Error>(self, scalar: Scalar) -> Result<(), E> {
		if self.depth == 0 {
			return Err(E::custom("data must be an array"));
		}
		if *self.leaf_depth.get_or_insert(self.depth) != self.depth {
			return Err(E::custom("data mixes elements and arrays at one depth"));
		}
		self.array.scalars.push(scalar);
		Ok(())
	}
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
	type Value = ();

	fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
		deserializer.deserialize_any(self)
	}
}

impl<'de> Visitor<'de> for Level<'_> {
	type Value = ();

	fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str("an array of numbers, booleans or strings, flat or nested like the shape")
	}

	fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
		let Self { array, leaf_depth, depth } = self;
		if leaf_depth.is_some_and(|leaf_depth| leaf_depth <= depth) {
			return Err(de::Error::custom("data mixes elements and arrays at one depth"));
		}
		if array.lengths.len() <= depth {
			array.lengths.push(u64::MAX);
		}
		let mut length = 0;
		while seq.next_element_seed(Level { array, leaf_depth, depth: depth + 1 })?.is_some() {
			length += 1;
		}
		// All arrays of one depth have one length.
		let known = &mut array.lengths[depth];
		if *known != u64::MAX && *known != length {
			return Err(de::Error::custom("data is ragged: arrays of one depth differ in length"));
		}
		*known = length;
		Ok(())
	}

	fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
		self.element(Scalar::Bool(value))
	}

	fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
		self.element(Scalar::Int(value))
	}

	fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
		self.element(Scalar::Uint(value))
	}

	fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
		self.element(Scalar::Float(value))
	}

	fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
		self.element(Scalar::Text(value.into()))
	}

	/// With `serde_json/arbitrary_precision`, which any other crate of a build can switch on, a
	/// number with a fraction comes as a map of one entry, whose value is its text.
	fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
		let Some((NUMBER, text)) = map.next_entry::<&str, String>()? else {
			return Err(de::Error::invalid_type(de::Unexpected::Map, &self));
		};
		match text.parse::<f64>() {
			Ok(number) if number.is_finite() => self.element(Scalar::Float(number)),
			_ => Err(de::Error::custom(format_args!("{text} is out of range"))),
		}
	}
}

/// What serde_json calls such an entry.
const NUMBER: &str = "$serde_json::private::Number";

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn parse(shape: &str, datatype: &str, data: &str) -> Result<Tensor, String> {
		let text =
			format!(r#"{{"name":"x","shape":{shape},"datatype":"{datatype}","data":{data}}}"#);
		serde_json::from_str(&text).map_err(|error| error.to_string())
	}

	fn round_trip(tensor: &Tensor) -> Tensor {
		serde_json::from_str(&serde_json::to_string(tensor).unwrap()).unwrap()
	}

	#[test]
	fn flat_and_nested_are_the_same() {
		let flat = parse("[2,3]", "INT64", "[1,2,3,4,5,6]").unwrap();
		assert_eq!(parse("[2,3]", "INT64", "[[1,2,3],[4,5,6]]").unwrap(), flat);
		assert_eq!(flat.to_elements::<i64>(), Ok(vec![1, 2, 3, 4, 5, 6]));
		assert_eq!(parse("[0]", "FP32", "[]").unwrap().elements(), 0);
		assert_eq!(parse("[2,0]", "FP32", "[[],[]]").unwrap().elements(), 0);
		assert_eq!(parse("[]", "UINT8", "[9]").unwrap().to_elements::<u8>(), Ok(vec![9]));
	}

	#[test]
	fn wrong_shapes_are_refused() {
		for (shape, data, says) in [
			("[2,3]", "[1,2,3]", "3 elements do not fill shape [2, 3]"),
			("[2,3]", "[[1,2],[3,4],[5,6]]", "nested as [3, 2]"),
			("[4]", "[[1,2,3],[4]]", "ragged"),
			("[3]", "[1,[2],3]", "mixes"),
			("[3]", "[[1],2,3]", "mixes"),
			("[1]", "1", "must be an array"),
			("[1]", "{}", "invalid type"),
			("[-1]", "[1]", "invalid value"),
			("[18446744073709551615,2]", "[1]", "more elements than can be counted"),
		] {
			let error = parse(shape, "INT32", data).unwrap_err();
			assert!(error.contains(says), "{shape} {data}: {error}");
		}
	}

	#[test]
	fn wrong_elements_are_refused() {
		for (datatype, element) in [
			("UINT8", "256"),
			("UINT8", "-1"),
			("INT8", "128"),
			("INT32", "1.0"),
			("INT32", "\"1\""),
			("INT64", "9223372036854775808"),
			("FP32", "1e39"),
			("FP32", "true"),
			("FP32", "\"one\""),
			("FP32", "\"1e39\""),
			("FP64", "\"1e999\""),
			("FP64", "1e999"),
			("FP64", "null"),
			("BOOL", "1"),
			("BYTES", "1"),
			("FP16", "1"),
			("BF16", "1"),
		] {
			let data = format!("[{element}]");
			assert!(parse("[1]", datatype, &data).is_err(), "{datatype} {element}");
		}
	}

	#[test]
	fn what_json_has_no_number_for_is_text() {
		let floats = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -0.0, f32::MIN_POSITIVE];
		let tensor = Tensor::from_elements("x", vec![5], &floats).unwrap();
		let text = serde_json::to_string(&tensor).unwrap();
		assert!(text.contains(r#""NaN","Infinity","-Infinity",-0.0"#), "{text}");
		assert_eq!(round_trip(&tensor), tensor);
		let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE];
		let tensor = Tensor::from_elements("x", vec![5], &floats).unwrap();
		assert_eq!(round_trip(&tensor), tensor);
		let half = Tensor::new("x", DataType::Fp16, vec![1], vec![0, 0]).unwrap();
		assert!(serde_json::to_string(&half).is_err());
	}

	#[test]
	fn requests_and_responses_have_the_protocols_form() {
		let text = r#"{"id":"7","inputs":[{"name":"a","shape":[1,2],"datatype":"UINT8",
			"parameters":{"content":"x"},"data":[[3,4]]}],"outputs":[{"name":"b"}],"parameters":{}}"#;
		let request: InferRequest = serde_json::from_str(text).unwrap();
		assert_eq!(request.id.as_deref(), Some("7"));
		assert_eq!(request.outputs, [RequestedOutput { name: "b".into() }]);
		assert_eq!(
			serde_json::to_string(&request).unwrap(),
			r#"{"id":"7","inputs":[{"name":"a","shape":[1,2],"datatype":"UINT8","data":[3,4]}],"outputs":[{"name":"b"}]}"#
		);
		assert!(serde_json::from_str::<InferRequest>("{}").is_err());
		let response = InferResponse {
			model_name: "m".into(),
			model_version: Some("3".into()),
			id: None,
			outputs: vec![Tensor::from_elements("y", vec![1], &[0.1f32]).unwrap()],
		};
		assert_eq!(
			serde_json::to_string(&response).unwrap(),
			r#"{"model_name":"m","model_version":"3","outputs":[{"name":"y","shape":[1],"datatype":"FP32","data":[0.1]}]}"#
		);
	}

	proptest! {
		#![proptest_config(ProptestConfig::with_cases(2_000))]

		#[test]
		fn every_32_bit_float_comes_back(bits: [u32; 8]) {
			let floats = bits.map(f32::from_bits);
			let tensor = Tensor::from_elements("x", vec![8], &floats).unwrap();
			prop_assert_eq!(round_trip(&tensor), tensor);
		}

		#[test]
		fn every_64_bit_float_comes_back(bits: [u64; 8]) {
			let floats = bits.map(f64::from_bits);
			let tensor = Tensor::from_elements("x", vec![8], &floats).unwrap();
			prop_assert_eq!(round_trip(&tensor), tensor);
		}

		#[test]
		fn integers_and_texts_come_back(
			signed: [i64; 4], unsigned: [u64; 4], small: [i8; 4], texts in prop::array::uniform3("\\PC*"),
		) {
			for tensor in [
				Tensor::from_elements("x", vec![4], &signed).unwrap(),
				Tensor::from_elements("x", vec![2, 2], &unsigned).unwrap(),
				Tensor::from_elements("x", vec![4, 1], &small).unwrap(),
				Tensor::from_texts("x", vec![3], &texts).unwrap(),
			] {
				prop_assert_eq!(round_trip(&tensor), tensor);
			}
		}

		#[test]
		fn no_body_panics(text in "[\\[\\]{}\",:0-9a-z.eE-]{0,60}") {
			let _ = serde_json::from_str::<InferRequest>(&text);
			let _ = parse("[1]", "FP32", &text);
		}
	}
}
