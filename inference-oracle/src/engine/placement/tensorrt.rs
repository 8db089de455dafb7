//! How TensorRT builds the engine of a model.
//!
//! A worker has no folder to write to, so an engine is built anew whenever one starts, and neither it nor
//! what was measured for it is kept. What it is built from is all here: the same settings on the same card
//! with the same libraries give the same engine, as long as none of its kernels is chosen by measuring.

use super::PlacementError;
use crate::engine::Signature;
use codec::{Decode, Encode};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

/// The highest level.
const HIGHEST: u8 = 5;

/// What can be set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TensorRt {
	/// Whether it may compute in half precision.
	pub fp16: bool,
	/// How much it does to find fast kernels, from 0 to 5. At 0 it takes the first that works, at each
	/// start the same; above it measures, and two starts may find different ones.
	pub level: u8,
	/// The shapes that are served, by input: of each whose shape the model leaves open.
	pub shapes: BTreeMap<String, Shapes>,
}

/// From which to which shape an input goes; requests outside fail.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shapes {
	/// The smallest.
	pub min: Vec<u32>,
	/// The one that is to be fast.
	pub opt: Vec<u32>,
	/// The largest.
	pub max: Vec<u32>,
}

impl Shapes {
	fn is_range(&self) -> bool {
		let same = self.min.len() == self.opt.len() && self.opt.len() == self.max.len();
		let up = |small: &[u32], large: &[u32]| small.iter().zip(large).all(|(a, b)| a <= b);
		let whole = !self.min.is_empty() && self.min.iter().all(|it| *it > 0);
		same && whole && up(&self.min, &self.opt) && up(&self.opt, &self.max)
	}
}

impl TensorRt {
	/// Whether TensorRT can be told it.
	pub(super) fn check(&self) -> Result<(), PlacementError> {
		if self.level > HIGHEST {
			return Err(PlacementError::Level(self.level));
		}
		for (input, shapes) in &self.shapes {
			if input.contains([':', ',']) || input.contains(char::is_control) {
				return Err(PlacementError::Input(input.clone()));
			}
			if !shapes.is_range() {
				return Err(PlacementError::Shapes(input.clone()));
			}
		}
		Ok(())
	}

	/// Whether kernels are chosen by measuring them.
	pub fn measures(&self) -> bool {
		self.level > 0
	}

	/// Whether the shapes are those of a model's inputs. Where one were missing, the engine would be built
	/// for those that come, and again whenever others do: answers would depend on who asked before.
	pub fn fits(&self, signature: &Signature) -> Result<(), String> {
		let inputs = &signature.inputs;
		if let Some(name) =
			self.shapes.keys().find(|it| inputs.iter().all(|port| port.name != **it))
		{
			return Err(format!("tensorrt.shapes names '{name}', which is no input of the model"));
		}
		for port in inputs {
			match self.shapes.get(&port.name) {
				Some(shapes) if shapes.max.len() != port.shape.len() => {
					return Err(format!(
						"tensorrt.shapes.{} has {} dimensions, the input has {}",
						port.name,
						shapes.max.len(),
						port.shape.len()
					));
				},
				None if port.shape.contains(&None) => {
					return Err(format!(
						"the model leaves the shape of '{}' open; give tensorrt.shapes of it",
						port.name
					));
				},
				_ => {},
			}
		}
		Ok(())
	}

	/// Of all inputs one of their shapes, as ONNX Runtime takes them.
	pub fn of_all(&self, which: impl Fn(&Shapes) -> &[u32]) -> String {
		let one = |(input, shapes): (&String, &Shapes)| {
			let dims: Vec<_> = which(shapes).iter().map(u32::to_string).collect();
			format!("{input}:{}", dims.join("x"))
		};
		self.shapes.iter().map(one).collect::<Vec<_>>().join(",")
	}
}

/// What the engine depends on, for profiles; the precision is said elsewhere.
impl fmt::Display for TensorRt {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(f, "TensorRT level {}", self.level)?;
		if !self.shapes.is_empty() {
			let [min, opt, max] =
				[self.of_all(|it| &it.min), self.of_all(|it| &it.opt), self.of_all(|it| &it.max)];
			write!(f, ", shapes from {min} by {opt} to {max}")?;
		}
		Ok(())
	}
}
