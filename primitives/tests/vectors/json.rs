//! JSON whose members stay in the order they were written in, and whose numbers any reader can
//! read: integers beyond 32 bits are decimal strings, bytes are hex.

use serde::{
	ser::{SerializeMap, Serializer},
	Serialize,
};
use usufruct_primitives::{Class, Meter, Purpose, Status};

/// A value. `serde_json`'s own sorts the members of objects, or not, by a feature that any other
/// crate of the workspace may turn on.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
	Bool(bool),
	Number(u32),
	Text(String),
	List(Vec<Json>),
	Object(Vec<(&'static str, Json)>),
}

/// An object, its members in this order.
macro_rules! object {
	($($key:literal: $value:expr),* $(,)?) => {
		$crate::json::Json::Object(vec![$(($key, $crate::json::Json::from($value))),*])
	};
}
pub(crate) use object;

impl Json {
	/// The text of a file: indented by tabs, with a line end at the end.
	pub fn pretty(&self) -> String {
		let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
		let mut text = Vec::new();
		let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
		self.serialize(&mut serializer).unwrap();
		text.push(b'\n');
		String::from_utf8(text).unwrap()
	}
}

impl Serialize for Json {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		match self {
			Self::Bool(value) => value.serialize(serializer),
			Self::Number(value) => value.serialize(serializer),
			Self::Text(value) => value.serialize(serializer),
			Self::List(values) => values.serialize(serializer),
			Self::Object(members) => {
				let mut map = serializer.serialize_map(Some(members.len()))?;
				for (key, value) in members {
					map.serialize_entry(key, value)?;
				}
				map.end()
			},
		}
	}
}

macro_rules! from {
	($($type:ty, $value:ident => $json:expr;)*) => {
		$(impl From<$type> for Json {
			fn from($value: $type) -> Self {
				$json
			}
		})*
	};
}

from! {
	bool, value => Self::Bool(value);
	u8, value => Self::Number(value.into());
	u16, value => Self::Number(value.into());
	u32, value => Self::Number(value);
	u64, value => Self::Text(value.to_string());
	u128, value => Self::Text(value.to_string());
	&str, value => Self::Text(value.to_owned());
	&[u8], value => Self::Text(format!("0x{}", hex::encode(value)));
	Vec<u8>, value => Self::from(&value[..]);
	Vec<&str>, value => Self::List(value.into_iter().map(Self::from).collect());
	Vec<Json>, value => Self::List(value);
	Meter, value => named(&value);
	Status, value => named(&value);
	Purpose, value => named(&value);
	Class, value => named(&value);
}

impl<const N: usize> From<[u8; N]> for Json {
	fn from(value: [u8; N]) -> Self {
		Self::from(&value[..])
	}
}

/// The name that serde gives a variant.
pub fn named(value: &impl Serialize) -> Json {
	let name = serde_json::to_value(value).unwrap();
	Json::from(name.as_str().unwrap())
}
