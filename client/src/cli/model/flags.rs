//! What is said of versions on the command line.

use clap::ValueEnum;
use std::str::FromStr;
use usufruct_client::{
	keys, runtime::runtime_types::pallet_models::types::Parent, state::Relation,
};
use usufruct_primitives::{AccountBytes, Meter, Role, VersionId, PPM};

/// [`Meter`], as it is said on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub enum MeterName {
	/// One answered request
	Request,
	/// One token of the input
	InputToken,
	/// One token of the output; no oracle of this release serves that
	OutputToken,
	/// One pixel; no oracle of this release serves that
	Pixel,
	/// One millisecond of audio; no oracle of this release serves that
	AudioMillisecond,
	/// One element of the input tensors
	Element,
}

impl From<MeterName> for Meter {
	fn from(name: MeterName) -> Self {
		match name {
			MeterName::Request => Self::Request,
			MeterName::InputToken => Self::InputToken,
			MeterName::OutputToken => Self::OutputToken,
			MeterName::Pixel => Self::Pixel,
			MeterName::AudioMillisecond => Self::AudioMillisecond,
			MeterName::Element => Self::Element,
		}
	}
}

/// A row of a contributor table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
	pub account: AccountBytes,
	pub role: Role,
	pub share: u32,
}

impl FromStr for Row {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let parts: Vec<&str> = text.split(':').collect();
		let [account, role, share] = parts[..] else {
			return Err("write ACCOUNT:ROLE:SHARE".into());
		};
		let account = keys::parse_account(account).map_err(|error| error.to_string())?;
		let role = match role {
			"owner" => Role::Owner,
			"trainer" => Role::Trainer,
			"annotator" => Role::Annotator,
			"evaluator" => Role::Evaluator,
			"dataset" => Role::Dataset,
			_ => return Err(format!("'{role}' is no role")),
		};
		let share = parse_share(share).ok_or_else(|| {
			format!("'{share}' is neither percent, like 12.5%, nor parts per million")
		})?;
		Ok(Self { account, role, share })
	}
}

/// A parent of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentFlag {
	version: VersionId,
	relation: Relation,
}

impl FromStr for ParentFlag {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let (version, relation) = text.split_once(':').ok_or("write VERSION:RELATION")?;
		let version = version.parse().map_err(|_| format!("'{version}' is no version's id"))?;
		let relation = Relation::from_str(relation, false)
			.map_err(|_| format!("'{relation}' is no relation"))?;
		Ok(Self { version, relation })
	}
}

impl From<ParentFlag> for Parent {
	fn from(flag: ParentFlag) -> Self {
		Self { version: flag.version, relation: flag.relation.into() }
	}
}

/// [`parse_share`] for an argument.
pub fn share(text: &str) -> Result<u32, String> {
	parse_share(text).ok_or_else(|| "write percent, like 2.5%, or parts per million".into())
}

/// Percent with up to four decimals, or parts per million; exactly.
fn parse_share(text: &str) -> Option<u32> {
	let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
	let share = match text.strip_suffix('%') {
		Some(percent) => {
			let (whole, fraction) = percent.split_once('.').unwrap_or((percent, "0"));
			if !digits(whole) || !digits(fraction) || fraction.len() > 4 {
				return None;
			}
			let fraction: u32 = format!("{fraction:0<4}").parse().ok()?;
			whole.parse::<u32>().ok()?.checked_mul(PPM / 100)?.checked_add(fraction)?
		},
		None if digits(text) => text.parse().ok()?,
		None => return None,
	};
	(share <= PPM).then_some(share)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn shares_are_exact() {
		for (text, share) in [
			("100%", Some(1_000_000)),
			("12.5%", Some(125_000)),
			("0.0001%", Some(1)),
			("250000", Some(250_000)),
			("100.0001%", None),
			("0.00001%", None),
			("1000001", None),
			("%", None),
			("", None),
			("-1%", None),
			("1e3", None),
			("99999999999%", None),
		] {
			assert_eq!(parse_share(text), share, "{text}");
		}
	}

	#[test]
	fn parents_name_version_and_relation() {
		let flag: ParentFlag = "12:fine-tune".parse().unwrap();
		assert_eq!(flag, ParentFlag { version: 12, relation: Relation::FineTune });
		for wrong in ["", "12", "12:", "x:merge", "12:cousin", "12:merge:1"] {
			assert!(wrong.parse::<ParentFlag>().is_err(), "{wrong}");
		}
	}

	#[test]
	fn rows_name_account_role_and_share() {
		let alice = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
		let row: Row = format!("{alice}:trainer:40%").parse().unwrap();
		assert_eq!((row.role, row.share), (Role::Trainer, 400_000));
		assert_eq!(keys::address(&row.account), alice);
		for wrong in
			["", alice, &format!("{alice}:boss:1"), &format!("{alice}:owner:x"), "x:owner:1"]
		{
			assert!(wrong.parse::<Row>().is_err(), "{wrong}");
		}
	}
}
