//! Whose trace a request belongs to (W3C Trace Context, level 2), as whoever sent it says: read where it comes in,
//! and said again where it goes on. Nothing of it is signed.

use axum::http::HeaderMap;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
/// The length of version 00, with which all later versions begin.
const LENGTH: usize = 55;
/// The most members of a `tracestate`, and as many bytes of one as everybody passes on.
const MOST_MEMBERS: usize = 32;
const MOST_STATE: usize = 512;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
	parent: String,
	state: Option<String>,
}

impl TraceContext {
	/// What the headers of a request say, or the metadata of a call. Without a valid `traceparent` it belongs to no
	/// trace.
	pub fn read(headers: &HeaderMap) -> Option<Self> {
		let mut said = headers.get_all(TRACEPARENT).iter();
		let (first, second) = (said.next()?, said.next());
		let parent = first.to_str().ok().filter(|_| second.is_none()).and_then(parent)?;
		Some(Self { parent, state: state(headers) })
	}

	/// As headers.
	pub fn pairs(&self) -> impl Iterator<Item = (&'static str, &str)> + '_ {
		let state = self.state.as_deref().map(|state| (TRACESTATE, state));
		[(TRACEPARENT, self.parent.as_str())].into_iter().chain(state)
	}
}

/// A `traceparent`, in version 00: what a later one adds nobody here knows.
fn parent(said: &str) -> Option<String> {
	let (known, more) = said.trim().split_at_checked(LENGTH)?;
	let mut parts = known.split('-');
	let mut part = |digits: usize| {
		let is_digit = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
		parts.next().filter(|it| it.len() == digits && it.bytes().all(is_digit))
	};
	let (version, trace, span, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
	let ends = match version {
		"00" => more.is_empty(),
		"ff" => false,
		_ => more.is_empty() || more.starts_with('-'),
	};
	let is_set = |id: &str| id.bytes().any(|it| it != b'0');
	(ends && is_set(trace) && is_set(span)).then(|| format!("00-{trace}-{span}-{flags}"))
}

/// All that is said in `tracestate`, as one; nothing, if a part of it is not valid, or it is longer than need be
/// passed on.
fn state(headers: &HeaderMap) -> Option<String> {
	let said = headers.get_all(TRACESTATE).iter().map(|it| it.to_str().ok());
	let said = said.collect::<Option<Vec<&str>>>()?.join(",");
	let members = said.split(',').map(str::trim).filter(|it| !it.is_empty());
	let members: Vec<&str> = members.collect();
	let is_pair = |it: &&str| {
		it.split_once('=').is_some_and(|(key, value)| !key.is_empty() && !value.is_empty())
	};
	let state = members.join(",");
	let fits = (1..=MOST_MEMBERS).contains(&members.len()) && state.len() <= MOST_STATE;
	(fits && members.iter().all(is_pair)).then_some(state)
}

#[cfg(test)]
mod tests {
	use super::*;
	use axum::http::HeaderValue;

	const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

	fn read(pairs: &[(&'static str, &[u8])]) -> Option<Vec<(&'static str, String)>> {
		let mut headers = HeaderMap::new();
		for (name, value) in pairs {
			headers.append(*name, HeaderValue::from_bytes(value).unwrap());
		}
		let read = TraceContext::read(&headers)?;
		Some(read.pairs().map(|(name, value)| (name, value.to_owned())).collect())
	}

	fn parent(value: &str) -> Option<String> {
		let said = read(&[(TRACEPARENT, value.as_bytes())])?;
		assert_eq!((said.len(), said[0].0), (1, TRACEPARENT));
		Some(said[0].1.clone())
	}

	fn state(values: &[&[u8]]) -> Option<String> {
		let states = values.iter().map(|value| (TRACESTATE, *value));
		let pairs: Vec<_> = [(TRACEPARENT, PARENT.as_bytes())].into_iter().chain(states).collect();
		let said = read(&pairs).unwrap();
		assert_eq!(said[0], (TRACEPARENT, PARENT.to_owned()), "it does not hang on the other");
		said.get(1).map(|(name, value)| {
			assert_eq!(*name, TRACESTATE);
			value.clone()
		})
	}

	#[test]
	fn a_valid_parent_is_said_again_as_it_came_and_a_later_version_as_is_known() {
		for said in [PARENT.to_owned(), format!(" {PARENT} "), PARENT.replace("-01", "-00")] {
			assert_eq!(parent(&said).as_deref(), Some(said.trim()));
		}
		let later = PARENT.replacen("00", "cc", 1);
		for said in [later.clone(), format!("{later}-"), format!("{later}-what comes then")] {
			assert_eq!(parent(&said).as_deref(), Some(PARENT), "{said}");
		}
	}

	#[test]
	fn what_is_no_parent_is_none_and_neither_is_what_comes_with_it() {
		let zeros = |from: &str| PARENT.replace(from, &"0".repeat(from.len()));
		for wrong in [
			String::new(),
			"00-xyz-1-01".into(),
			PARENT[..54].into(),
			format!("{PARENT}0"),
			format!("{PARENT}-"),
			PARENT.replacen("00", "ff", 1),
			PARENT.replacen("00", "CC", 1),
			format!("{}0", PARENT.replacen("00", "cc", 1)),
			PARENT.replace("4bf9", "4BF9"),
			PARENT.replace("4bf9", "4bg9"),
			PARENT.replace('-', "_"),
			PARENT.replace("-01", "-0x"),
			PARENT.replace("4bf92f35", "4bf92f3-"),
			zeros("4bf92f3577b34da6a3ce929d0e0e4736"),
			zeros("00f067aa0ba902b7"),
		] {
			assert_eq!(parent(&wrong), None, "{wrong}");
		}
		assert_eq!(read(&[]), None);
		assert_eq!(read(&[(TRACESTATE, &b"a=1"[..])]), None);
		assert_eq!(read(&[(TRACEPARENT, PARENT.as_bytes()); 2]), None, "which of both?");
		let no_text = [PARENT.as_bytes(), &b"\xff"[..]].concat();
		assert_eq!(read(&[(TRACEPARENT, &no_text[..])]), None);
		assert_eq!(read(&[(TRACEPARENT, "é".repeat(28).as_bytes())]), None);
	}

	#[test]
	fn a_state_is_said_as_one_if_it_is_one() {
		assert_eq!(state(&[]), None);
		assert_eq!(state(&[b"a=1,b@c=x=y"]).as_deref(), Some("a=1,b@c=x=y"));
		assert_eq!(state(&[b"a=1 , ", b"", b"b=2"]).as_deref(), Some("a=1,b=2"));
		let many = |count: usize| vec!["k=v"; count].join(",").into_bytes();
		assert!(state(&[&many(MOST_MEMBERS)]).is_some());
		let long = |length: usize| format!("k={}", "v".repeat(length - 2)).into_bytes();
		assert!(state(&[&long(MOST_STATE)]).is_some());
		for wrong in [
			b"a".to_vec(),
			b"=1".to_vec(),
			b"a=1,b=".to_vec(),
			b"a=\xc3\xa9".to_vec(),
			many(MOST_MEMBERS + 1),
			long(MOST_STATE + 1),
		] {
			assert_eq!(state(&[&wrong]), None, "{}", String::from_utf8_lossy(&wrong));
		}
	}
}
