//! Bodies that come compressed: no more of one is unpacked than a body may have.

use crate::gateway::GatewayError;
use axum::http::{HeaderMap, HeaderName};
use flate2::bufread::{GzDecoder, ZlibDecoder};
use std::io::Read;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
	/// Not at all.
	Plain,
	/// RFC 1952.
	Gzip,
	/// RFC 1950.
	Deflate,
}

impl Coding {
	/// What a header says.
	pub fn said(headers: &HeaderMap, name: &HeaderName) -> Result<Self, GatewayError> {
		let mut values = headers.get_all(name).iter();
		let Some(value) = values.next() else { return Ok(Self::Plain) };
		let said = value.to_str().unwrap_or("?").trim();
		match (said.to_ascii_lowercase().as_str(), values.next()) {
			("identity", None) => Ok(Self::Plain),
			("gzip", None) => Ok(Self::Gzip),
			("deflate", None) => Ok(Self::Deflate),
			(_, None) => Err(GatewayError::Coding(said.into())),
			(_, Some(_)) => Err(GatewayError::Coding("several codings".into())),
		}
	}

	/// What is in a body, which may have so many bytes.
	pub fn unpack(self, packed: &[u8], limit: usize) -> Result<Vec<u8>, GatewayError> {
		let (plain, rest) = match self {
			Self::Plain => (packed.to_vec(), &[][..]),
			Self::Gzip => {
				let mut from = GzDecoder::new(packed);
				(read(&mut from, limit)?, from.into_inner())
			},
			Self::Deflate => {
				let mut from = ZlibDecoder::new(packed);
				(read(&mut from, limit)?, from.into_inner())
			},
		};
		match rest.is_empty() {
			true => Ok(plain),
			false => Err(GatewayError::Question(
				"more follows the end of the compressed body; compress it as one".into(),
			)),
		}
	}
}

fn read(from: &mut impl Read, limit: usize) -> Result<Vec<u8>, GatewayError> {
	let mut plain = Vec::new();
	let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
	from.take(most).read_to_end(&mut plain).map_err(|error| {
		GatewayError::Question(format!("the body is not compressed as it is said to be: {error}"))
	})?;
	match plain.len() <= limit {
		true => Ok(plain),
		false => Err(GatewayError::TooLong(limit)),
	}
}

#[cfg(test)]
pub(in crate::gateway) mod tests {
	use super::*;
	use axum::http::header::CONTENT_ENCODING;
	use flate2::{
		write::{GzEncoder, ZlibEncoder},
		Compression,
	};
	use std::io::Write;

	pub fn gzip(plain: &[u8]) -> Vec<u8> {
		let mut packed = GzEncoder::new(Vec::new(), Compression::best());
		packed.write_all(plain).unwrap();
		packed.finish().unwrap()
	}

	pub fn deflate(plain: &[u8]) -> Vec<u8> {
		let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
		packed.write_all(plain).unwrap();
		packed.finish().unwrap()
	}

	fn unpacked(coding: Coding, packed: &[u8]) -> Result<Vec<u8>, (u16, &'static str)> {
		coding.unpack(packed, 1_000).map_err(|error| error.kind())
	}

	#[test]
	fn what_was_compressed_is_as_it_was_up_to_the_last_byte_that_a_body_may_have() {
		for plain in [vec![], b"{}".to_vec(), vec![7; 1_000]] {
			for (coding, packed) in [
				(Coding::Plain, plain.clone()),
				(Coding::Gzip, gzip(&plain)),
				(Coding::Deflate, deflate(&plain)),
			] {
				assert_eq!(unpacked(coding, &packed), Ok(plain.clone()), "{coding:?}");
			}
		}
	}

	#[test]
	fn of_what_unpacks_to_more_than_a_body_may_have_no_more_is_unpacked() {
		for length in [1_001, 8 << 20] {
			let plain = vec![0; length];
			for (coding, packed) in
				[(Coding::Gzip, gzip(&plain)), (Coding::Deflate, deflate(&plain))]
			{
				let refused = unpacked(coding, &packed);
				assert_eq!(refused, Err((413, "too-long")), "{coding:?}");
			}
		}
	}

	#[test]
	fn what_is_no_compressed_body_is_refused() {
		let malformed = Err((400, "question-malformed"));
		for (coding, packed) in [(Coding::Gzip, gzip(b"{}")), (Coding::Deflate, deflate(b"{}"))] {
			for cut in 0..packed.len() {
				assert_eq!(unpacked(coding, &packed[..cut]), malformed, "{coding:?} {cut}");
			}
			for more in [&b"x"[..], &packed] {
				let longer = [&packed[..], more].concat();
				assert_eq!(unpacked(coding, &longer), malformed, "{coding:?} {more:?}");
			}
			let mut changed = packed.clone();
			// What it is checked by: after it, in gzip, also comes its length.
			let at = packed.len() - if coding == Coding::Gzip { 5 } else { 1 };
			changed[at] ^= 1;
			assert_eq!(unpacked(coding, &changed), malformed, "{coding:?}");
			assert_eq!(unpacked(coding, b"{}"), malformed, "{coding:?}");
		}
	}

	#[test]
	fn only_codings_that_are_known_are_taken() {
		let said = |values: &[&str]| {
			let mut headers = HeaderMap::new();
			for value in values {
				headers.append(CONTENT_ENCODING, value.parse().unwrap());
			}
			Coding::said(&headers, &CONTENT_ENCODING).map_err(|error| error.kind())
		};
		assert_eq!(said(&[]), Ok(Coding::Plain));
		assert_eq!(said(&["identity"]), Ok(Coding::Plain));
		assert_eq!(said(&["GZIP"]), Ok(Coding::Gzip));
		assert_eq!(said(&[" deflate"]), Ok(Coding::Deflate));
		let unknown = Err((415, "coding-unknown"));
		for wrong in [&["br"][..], &[""], &["gzip, gzip"], &["gzip", "gzip"], &["identity", "gzip"]]
		{
			assert_eq!(said(wrong), unknown, "{wrong:?}");
		}
	}
}
