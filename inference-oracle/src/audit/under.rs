//! Under which profile a request is run again.

use crate::{
	config::ModelConfig,
	engine::{
		placement::{Provider, Providers},
		profile::Profile,
	},
};
use std::str::FromStr;
use usufruct_primitives::Hash;

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
	/// The one that the configuration makes.
	Current,
	/// The one of that hash.
	Named(Hash),
}

impl Under {
	/// The hash, if one is named.
	pub fn named(self) -> Option<Hash> {
		match self {
			Self::Current => None,
			Self::Named(hash) => Some(hash),
		}
	}
}

impl FromStr for Under {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		if text == "current" {
			return Ok(Self::Current);
		}
		let mut hash = [0; 32];
		let digits = text.strip_prefix("0x").unwrap_or(text);
		hex::decode_to_slice(digits, &mut hash).map_err(|_| {
			format!("'{text}' is neither 'current' nor the hash of a profile, 32 bytes in hex")
		})?;
		Ok(Self::Named(hash))
	}
}

/// The model set as that profile has it, as far as a configuration says it. The rest is as it is: what runs
/// has a profile of its own, with which the one that is meant is compared.
pub(super) fn set(model: &ModelConfig, under: &Profile) -> ModelConfig {
	let mut model = model.clone();
	model.threads = usize::try_from(under.threads).unwrap_or(usize::MAX);
	if let Some(provider) = Provider::ALL.into_iter().find(|it| it.name() == under.provider) {
		model.provider = Some(Providers::from(provider));
		model.gpu_only &= provider.on_gpu();
	}
	model
}
