//! 128-bit amounts in JSON: decimal strings, because JSON numbers lose digits beyond 2⁵³.

use serde::{de::Error, Deserialize, Deserializer, Serializer};
use std::fmt::Display;

/// Writes a number as a decimal string.
pub fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.collect_str(value)
}

/// Reads a decimal string.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
	String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}
