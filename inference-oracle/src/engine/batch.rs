//! Requests that share a run: which can, how their tensors are joined, and how the outputs are
//! divided again.

use super::{Port, Signature};
use serde::Deserialize;
use std::{
	collections::{BTreeMap, BTreeSet},
	fmt,
};
use usufruct_client::tensors::Tensor;

/// What an operator says of a model whose requests may share runs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batching {
	/// The most rows of one run.
	pub rows: u32,
	/// The most tokens of one run, where requests say how many they are.
	pub tokens: Option<u64>,
	/// By how much an answer may differ from that of the request run alone, for numbers beyond 1 in
	/// proportion to them; runs of other sizes add in another order. Who shares the run may make no
	/// difference at all.
	#[serde(default = "tolerance")]
	pub tolerance: f64,
	/// The dimension that counts rows, for inputs and outputs where it is not the first.
	#[serde(default)]
	pub axes: BTreeMap<String, usize>,
	/// Inputs that are one for the whole run: only requests in which they are equal share one.
	#[serde(default)]
	pub common: BTreeSet<String>,
}

fn tolerance() -> f64 {
	1e-5
}

/// As a profile has it: what of it an answer may depend on.
impl fmt::Display for Batching {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(f, "up to {} rows, within {:e} of alone", self.rows, self.tolerance)
	}
}

/// Requests of a model cannot share runs.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BatchError {
	/// A run must have room for two.
	#[error("batch.rows = {0} lets no two requests share a run; set it to 2 or more, or remove [models.batch]")]
	Rows(u32),
	/// A tolerance that is none.
	#[error("batch.tolerance = {0} is no number from 0 on")]
	Tolerance(f64),
	/// A name that the model does not have.
	#[error("the model has no input or output '{0}', which [models.batch] names")]
	Unknown(String),
	/// A port that has no dimension for rows.
	#[error(
		"'{port}' has shape {shape}, whose dimension {axis} does not count rows; name the one that \
		 does in batch.axes, an input that has none in batch.common, or remove [models.batch]"
	)]
	NoRows {
		/// Which.
		port: String,
		/// What it is.
		shape: String,
		/// Where rows were looked for.
		axis: usize,
	},
	/// Nothing to try it with.
	#[error(
		"no inputs could be made up on which the model runs and answers differently ({0}); name some \
		 of one shape in `samples`, three or more, or remove [models.batch]"
	)]
	NoSamples(String),
	/// The answer depends on other requests.
	#[error(
		"output '{output}' of a request depends on which others share its run (it changed by \
		 {by:e}): whoever pays would be answered by chance, and learn of others; remove [models.batch]"
	)]
	Companions {
		/// Which.
		output: String,
		/// By how much.
		by: f64,
	},
	/// The answer depends on how many share the run.
	#[error(
		"output '{output}' of a request differs by {by:e} between a run alone and a run of {rows} rows, \
		 and batch.tolerance is {tolerance:e}; raise it if that is as good, or remove [models.batch]"
	)]
	Rounding {
		/// Which.
		output: String,
		/// By how much.
		by: f64,
		/// In a run of so many rows.
		rows: usize,
		/// By how much it may.
		tolerance: f64,
	},
	/// The outputs cannot be divided.
	#[error("output '{output}' has shape {shape:?} in a run of {rows} rows, and cannot be divided by rows")]
	Outputs {
		/// Which.
		output: String,
		/// What it is.
		shape: Vec<u64>,
		/// How many rows were put in.
		rows: u64,
	},
}

/// What requests have in common that can share a run: shapes without the rows, and the inputs that
/// are one for all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Class(Vec<Kept>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Kept {
	Shape(Vec<u64>),
	Whole(Vec<u64>, Vec<u8>),
}

/// Where rows are in the tensors of a model.
#[derive(Clone, Debug)]
pub struct Plan {
	/// What was asked for.
	pub batching: Batching,
	/// Per input of the signature; `None` for one that is one for all.
	inputs: Vec<(String, Option<usize>)>,
	/// Per output of the signature.
	outputs: Vec<(String, usize)>,
}

impl Plan {
	/// How requests for a model of that signature share runs.
	pub fn new(batching: &Batching, signature: &Signature) -> Result<Self, BatchError> {
		if batching.rows < 2 {
			return Err(BatchError::Rows(batching.rows));
		}
		if !(batching.tolerance.is_finite() && batching.tolerance >= 0.0) {
			return Err(BatchError::Tolerance(batching.tolerance));
		}
		let ports = || signature.inputs.iter().chain(&signature.outputs);
		let named = batching.axes.keys().chain(&batching.common);
		for name in named {
			if ports().all(|port| port.name != *name) {
				return Err(BatchError::Unknown(name.clone()));
			}
		}
		let axis = |port: &Port| {
			let axis = batching.axes.get(&port.name).copied().unwrap_or(0);
			match port.shape.get(axis) {
				Some(None) => Ok(axis),
				_ => Err(BatchError::NoRows {
					port: port.name.clone(),
					shape: super::signature::shown(&port.shape),
					axis,
				}),
			}
		};
		let inputs = signature
			.inputs
			.iter()
			.map(|port| match batching.common.contains(&port.name) {
				true => Ok((port.name.clone(), None)),
				false => Ok((port.name.clone(), Some(axis(port)?))),
			})
			.collect::<Result<Vec<_>, BatchError>>()?;
		if inputs.iter().all(|(_, axis)| axis.is_none()) {
			return Err(BatchError::NoRows {
				port: "every input".into(),
				shape: "".into(),
				axis: 0,
			});
		}
		let outputs = signature
			.outputs
			.iter()
			.map(|port| Ok((port.name.clone(), axis(port)?)))
			.collect::<Result<Vec<_>, BatchError>>()?;
		Ok(Self { batching: batching.clone(), inputs, outputs })
	}

	/// Which dimension of an input counts rows; `None` if none does.
	pub fn axis(&self, input: &str) -> Option<usize> {
		self.inputs.iter().find(|(name, _)| name == input)?.1
	}

	/// How many rows a request has, and what it shares with those it can share a run with. `None` if
	/// it must run alone.
	pub fn class(&self, inputs: &[Tensor]) -> Option<(u64, Class)> {
		let mut rows = None;
		let mut kept = Vec::with_capacity(self.inputs.len());
		for (name, axis) in &self.inputs {
			let tensor = inputs.iter().find(|it| it.name() == name)?;
			let Some(axis) = *axis else {
				kept.push(Kept::Whole(tensor.shape().to_vec(), tensor.data().to_vec()));
				continue;
			};
			let mut shape = tensor.shape().to_vec();
			let found = std::mem::take(shape.get_mut(axis)?);
			if found == 0 || *rows.get_or_insert(found) != found {
				return None;
			}
			kept.push(Kept::Shape(shape));
		}
		Some((rows?, Class(kept)))
	}

	/// The inputs of requests of one class as those of one run.
	pub fn join(&self, requests: &[&[Tensor]]) -> Option<Vec<Tensor>> {
		self.inputs
			.iter()
			.map(|(name, axis)| {
				let of = |request: &'_ &[Tensor]| request.iter().position(|it| it.name() == name);
				let parts: Option<Vec<&Tensor>> =
					requests.iter().map(|request| request.get(of(request)?)).collect();
				let parts = parts?;
				match axis {
					Some(axis) => join(&parts, *axis),
					None => parts.first().map(|tensor| (*tensor).clone()),
				}
			})
			.collect()
	}

	/// The outputs of a run for each of the requests that shared it, by their rows.
	pub fn split(&self, outputs: &[Tensor], rows: &[u64]) -> Result<Vec<Vec<Tensor>>, BatchError> {
		let total = rows.iter().fold(0u64, |sum, it| sum.saturating_add(*it));
		let mut requests = vec![Vec::with_capacity(outputs.len()); rows.len()];
		for output in outputs {
			let refused = || BatchError::Outputs {
				output: output.name().into(),
				shape: output.shape().to_vec(),
				rows: total,
			};
			let axis = self.outputs.iter().find(|(name, _)| name == output.name());
			let axis = axis.ok_or_else(refused)?.1;
			if output.shape().get(axis) != Some(&total) {
				return Err(refused());
			}
			let parts = split(output, axis, rows).ok_or_else(refused)?;
			for (request, part) in requests.iter_mut().zip(parts) {
				request.push(part);
			}
		}
		Ok(requests)
	}
}

/// Bytes of one row in each of the parts into which the dimensions before the axis cut a tensor.
fn row_bytes(tensor: &Tensor, axis: usize) -> Option<usize> {
	let inner =
		tensor.shape().get(axis + 1..)?.iter().try_fold(1u64, |all, it| all.checked_mul(*it))?;
	usize::try_from(inner).ok()?.checked_mul(tensor.datatype().size()?)
}

fn outer(tensor: &Tensor, axis: usize) -> Option<usize> {
	let before =
		tensor.shape().get(..axis)?.iter().try_fold(1u64, |all, it| all.checked_mul(*it))?;
	usize::try_from(before).ok()
}

fn join(parts: &[&Tensor], axis: usize) -> Option<Tensor> {
	let first = parts.first()?;
	let mut shape = first.shape().to_vec();
	let rows = parts.iter().try_fold(0u64, |sum, it| sum.checked_add(*it.shape().get(axis)?))?;
	*shape.get_mut(axis)? = rows;
	let mut data = Vec::with_capacity(parts.iter().map(|it| it.data().len()).sum());
	let outer = outer(first, axis)?;
	for at in 0..outer {
		for part in parts {
			let length = part.data().len() / outer;
			data.extend_from_slice(part.data().get(at * length..(at + 1) * length)?);
		}
	}
	Tensor::new(first.name(), first.datatype(), shape, data).ok()
}

fn split(tensor: &Tensor, axis: usize, rows: &[u64]) -> Option<Vec<Tensor>> {
	let row = row_bytes(tensor, axis)?;
	let stride = row.checked_mul(usize::try_from(*tensor.shape().get(axis)?).ok()?)?;
	let outer = outer(tensor, axis)?;
	let mut begin = 0usize;
	rows.iter()
		.map(|count| {
			let length = usize::try_from(*count).ok()?.checked_mul(row)?;
			let mut data = Vec::with_capacity(length.checked_mul(outer)?);
			for at in 0..outer {
				let from = at * stride + begin;
				data.extend_from_slice(tensor.data().get(from..from + length)?);
			}
			begin += length;
			let mut shape = tensor.shape().to_vec();
			*shape.get_mut(axis)? = *count;
			Tensor::new(tensor.name(), tensor.datatype(), shape, data).ok()
		})
		.collect()
}

#[cfg(test)]
pub(super) mod tests;
