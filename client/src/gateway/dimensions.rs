//! How long a version's vectors are: what is known of it before they are paid for.

use super::{chain::Found, desk::Gateway, error::GatewayError};
use crate::sync::lock;
use serde::Deserialize;
use usufruct_primitives::VersionId;

impl Gateway {
	/// Refuses to ask for vectors of another length than a version's, before anything is signed. It is
	/// as long as its answers were, and as its oracles say; if none of them does, it may be any.
	pub async fn check_dimensions(
		&self,
		found: &Found<'_>,
		output: &str,
		asked: u64,
	) -> Result<(), GatewayError> {
		let answered = lock(&self.dimensions).get(&found.version).copied();
		if answered == Some(asked) {
			return Ok(());
		}
		// One answer alone would be believed for ever.
		let said = self.hear(found, |description| described(&description, output)).await;
		said.ok().or(answered).map_or(Ok(()), |given| fit(given, asked))
	}

	/// Takes note of how long a version's vectors were in an answer, and refuses it if that is not what
	/// was asked for.
	pub fn take_dimensions(
		&self,
		version: VersionId,
		given: u64,
		asked: Option<u64>,
	) -> Result<(), GatewayError> {
		lock(&self.dimensions).insert(version, given);
		asked.map_or(Ok(()), |asked| fit(given, asked))
	}
}

fn fit(given: u64, asked: u64) -> Result<(), GatewayError> {
	match given == asked {
		true => Ok(()),
		false => Err(GatewayError::Unsupported(format!(
			"the model's vectors have {given} dimensions, and cannot be cut to {asked}"
		))),
	}
}

/// The length of an output's rows in what an oracle says of a model, if it is always the same.
fn described(description: &[u8], output: &str) -> Option<u64> {
	#[derive(Deserialize)]
	struct Description {
		outputs: Vec<Port>,
	}
	#[derive(Deserialize)]
	struct Port {
		name: String,
		/// Negative where any size goes.
		shape: Vec<i64>,
	}
	let description: Description = serde_json::from_slice(description).ok()?;
	let port = description.outputs.into_iter().find(|port| port.name == output)?;
	let [_, width] = port.shape[..] else { return None };
	u64::try_from(width).ok()
}

#[cfg(test)]
mod tests {
	#[test]
	fn a_description_says_how_long_an_outputs_rows_are_or_nothing() {
		let described = |text: &str| super::described(text.as_bytes(), "y");
		let port = |shape: &str| {
			format!(
				r#"{{"outputs":[{{"name":"x","shape":[1,9]}},{{"name":"y","shape":{shape}}}]}}"#
			)
		};
		assert_eq!(described(&port("[-1,384]")), Some(384));
		assert_eq!(described(&port("[2,3]")), Some(3));
		for shape in ["[-1,-1]", "[384]", "[]", "[-1,4,384]", "[1.5,2]", "null", r#"["-1","2"]"#] {
			assert_eq!(described(&port(shape)), None, "{shape}");
		}
		for nothing in ["", "[]", "{}", r#"{"outputs":[]}"#, r#"{"outputs":[{"name":"y"}]}"#] {
			assert_eq!(described(nothing), None, "{nothing}");
		}
	}
}
