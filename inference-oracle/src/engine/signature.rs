//! What a model takes and gives, and whether inputs fit it: checked before the request is accepted,
//! so that a wrong tensor costs nobody anything.

use std::fmt;
use usufruct_client::tensors::{DataType, Tensor};

/// One input or output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
	/// Its name.
	pub name: String,
	/// The type of its elements.
	pub datatype: DataType,
	/// Its dimensions; `None` where any size goes.
	pub shape: Vec<Option<u64>>,
}

/// All inputs and outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
	/// What it takes.
	pub inputs: Vec<Port>,
	/// What it gives.
	pub outputs: Vec<Port>,
}

/// Why inputs do not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
	/// One is missing.
	#[error("input '{0}' is missing; the model takes {1}")]
	Missing(String, String),
	/// One is unknown.
	#[error("the model has no input '{0}'; it takes {1}")]
	Unknown(String, String),
	/// One is there twice.
	#[error("input '{0}' is given twice; give it once")]
	Twice(String),
	/// One has another type.
	#[error("input '{name}' is {found}; send it as {expected}")]
	Datatype {
		/// Which.
		name: String,
		/// What it is.
		found: &'static str,
		/// What it should be.
		expected: &'static str,
	},
	/// One has another shape.
	#[error(
		"input '{name}' has shape {found:?}; the model takes {expected}, each dimension at least 1"
	)]
	Shape {
		/// Which.
		name: String,
		/// What it is.
		found: Vec<u64>,
		/// What it should be.
		expected: String,
	},
	/// An output is asked for that there is not.
	#[error("the model has no output '{0}'; it gives {1}")]
	UnknownOutput(String, String),
}

impl fmt::Display for Port {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{} {} {}", self.name, self.datatype.name(), shown(&self.shape))
	}
}

pub(super) fn shown(shape: &[Option<u64>]) -> String {
	let dims: Vec<_> =
		shape.iter().map(|dim| dim.map_or_else(|| "any".into(), |dim| dim.to_string())).collect();
	format!("[{}]", dims.join(", "))
}

fn list(ports: &[Port]) -> String {
	ports.iter().map(Port::to_string).collect::<Vec<_>>().join("; ")
}

impl Port {
	fn check(&self, tensor: &Tensor) -> Result<(), InputError> {
		if tensor.datatype() != self.datatype {
			return Err(InputError::Datatype {
				name: self.name.clone(),
				found: tensor.datatype().name(),
				expected: self.datatype.name(),
			});
		}
		let shape = tensor.shape();
		// The runtime counts in i64; an empty tensor is no input worth a receipt.
		let fits = shape.len() == self.shape.len()
			&& shape.iter().zip(&self.shape).all(|(found, expected)| {
				(1..=i64::MAX as u64).contains(found)
					&& expected.is_none_or(|expected| expected == *found)
			});
		if !fits {
			return Err(InputError::Shape {
				name: self.name.clone(),
				found: shape.to_vec(),
				expected: shown(&self.shape),
			});
		}
		Ok(())
	}
}

impl Signature {
	/// Whether these inputs are exactly what the model takes.
	pub fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), InputError> {
		for (at, tensor) in inputs.iter().enumerate() {
			let name = tensor.name();
			let Some(port) = self.inputs.iter().find(|port| port.name == name) else {
				return Err(InputError::Unknown(name.into(), list(&self.inputs)));
			};
			if inputs.iter().take(at).any(|earlier| earlier.name() == name) {
				return Err(InputError::Twice(name.into()));
			}
			port.check(tensor)?;
		}
		match self.inputs.iter().find(|port| inputs.iter().all(|it| it.name() != port.name)) {
			Some(port) => Err(InputError::Missing(port.name.clone(), list(&self.inputs))),
			None => Ok(()),
		}
	}

	/// Whether the model gives all these outputs.
	pub fn check_outputs<'a>(
		&self,
		mut names: impl Iterator<Item = &'a str>,
	) -> Result<(), InputError> {
		match names.find(|name| self.outputs.iter().all(|port| port.name != *name)) {
			Some(name) => Err(InputError::UnknownOutput(name.into(), list(&self.outputs))),
			None => Ok(()),
		}
	}
}
