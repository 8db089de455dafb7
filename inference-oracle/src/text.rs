//! The tokenizer of a model: read once, compared with what the chain says, and with the model.

use crate::engine::{Port, Signature};
use std::path::Path;
use usufruct_client::{
	tensors::DataType,
	text::{LoadError, Text, TEXT},
};
use usufruct_primitives::Hash;

/// Why a version is not served with text.
#[derive(Debug, thiserror::Error)]
pub enum NotText {
	/// A file cannot be read.
	#[error("{path} cannot be read: {error}")]
	Unreadable {
		/// The file.
		path: String,
		/// Why.
		error: std::io::Error,
	},
	/// It is not what is registered, or no use.
	#[error(transparent)]
	Load(#[from] LoadError),
	/// The metadata speaks of another model than this.
	#[error("the metadata says that the model has {expected}; it has {found}")]
	Misfit {
		/// What should be there.
		expected: String,
		/// What is there.
		found: String,
	},
}

/// Reads the metadata, which the chain names by `expected`, and the tokenizer that it names.
pub fn load(metadata: &Path, tokenizer: &Path, expected: &Hash) -> Result<Text, NotText> {
	let read = |path: &Path| {
		std::fs::read(path)
			.map_err(|error| NotText::Unreadable { path: path.display().to_string(), error })
	};
	Ok(Text::load(read(metadata)?, read(tokenizer)?, expected)?)
}

/// Whether the model takes what texts become, and gives what is said of embeddings.
pub fn check(text: &Text, signature: &Signature) -> Result<(), NotText> {
	let description = text.description();
	let matrix = |name: &str, datatype| Port { name: name.into(), datatype, shape: vec![None; 2] };
	for name in description.inputs() {
		one(&matrix(name, DataType::Int64), &signature.inputs, "input")?;
	}
	if let Some(name) = &description.embedding {
		one(&matrix(name, DataType::Fp32), &signature.outputs, "output")?;
	}
	let more = signature.inputs.iter().find(|port| description.inputs().all(|it| it != port.name));
	match more {
		// Nobody could say what it is to be.
		Some(port) => Err(NotText::Misfit {
			expected: format!("the inputs {}", description.inputs().collect::<Vec<_>>().join(", ")),
			found: format!("the input {port} too, so it cannot be asked with '{TEXT}'"),
		}),
		None => Ok(()),
	}
}

/// Whether there is such a port, any size of whose dimensions may be fixed if it is an output.
fn one(expected: &Port, ports: &[Port], kind: &str) -> Result<(), NotText> {
	let found = ports.iter().find(|port| port.name == expected.name);
	let fits = found.is_some_and(|port| {
		let free = kind == "output" || port.shape.iter().all(Option::is_none);
		port.datatype == expected.datatype && port.shape.len() == expected.shape.len() && free
	});
	if fits {
		return Ok(());
	}
	Err(NotText::Misfit {
		expected: format!("an {kind} {expected}"),
		found: found.map_or(format!("no {kind} of that name"), |port| format!("{kind} {port}")),
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::minilm;
	use usufruct_client::manifest;

	fn text() -> Text {
		let metadata = minilm().join("metadata.json");
		let hash = manifest::of_file(&metadata).unwrap().hash;
		load(&metadata, &minilm().join("tokenizer.json"), &hash).unwrap()
	}

	fn signature() -> Signature {
		let input = |name: &str| Port {
			name: name.into(),
			datatype: DataType::Int64,
			shape: vec![None, None],
		};
		let output = Port {
			name: "sentence_embedding".into(),
			datatype: DataType::Fp32,
			shape: vec![None, Some(384)],
		};
		Signature {
			inputs: ["input_ids", "attention_mask", "token_type_ids"].map(input).into(),
			outputs: vec![output],
		}
	}

	#[test]
	fn what_is_registered_is_loaded_and_nothing_else() {
		assert_eq!(text().description().max_tokens, 256);
		let (metadata, tokenizer) =
			(minilm().join("metadata.json"), minilm().join("tokenizer.json"));
		let wrong = load(&metadata, &tokenizer, &[1; 32]).unwrap_err();
		assert!(matches!(wrong, NotText::Load(LoadError::WrongMetadata { .. })), "{wrong}");
		let wrong = load(Path::new("/nowhere"), &tokenizer, &[1; 32]).unwrap_err();
		assert!(matches!(wrong, NotText::Unreadable { .. }), "{wrong}");
	}

	#[test]
	fn the_model_must_be_what_the_metadata_says() {
		let text = text();
		assert!(check(&text, &signature()).is_ok());
		let changes: [fn(&mut Signature); 7] = [
			|it| drop(it.inputs.remove(1)),
			|it| it.inputs[0].datatype = DataType::Int32,
			|it| it.inputs[0].shape[1] = Some(128),
			|it| it.inputs[2].shape.truncate(1),
			|it| it.inputs.push(Port { name: "more".into(), ..it.inputs[0].clone() }),
			|it| it.outputs[0].name = "last_hidden_state".into(),
			|it| it.outputs[0].shape.push(None),
		];
		for (at, change) in changes.into_iter().enumerate() {
			let mut other = signature();
			change(&mut other);
			let wrong = check(&text, &other);
			assert!(matches!(wrong, Err(NotText::Misfit { .. })), "{at}: {wrong:?}");
		}
	}
}
