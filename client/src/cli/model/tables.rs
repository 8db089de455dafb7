//! Models, versions and revenue, for people and programs.

use serde::Serialize;
use usufruct_client::{
	amount::ufr,
	keys, meter,
	output::{hex0x, Report, Table},
	state,
};

/// Parts per million, for people.
fn percent(share: u32) -> String {
	format!("{}.{:04} %", share / 10_000, share % 10_000)
}

#[derive(Serialize)]
pub struct List(pub Vec<state::Model>);

impl Report for List {
	fn table(&self) -> Table {
		Table::new(["model", "name", "versions", "open", "owner"]).rows(self.0.iter().map(
			|model| {
				[
					model.model.to_string(),
					model.name.clone(),
					model.versions.to_string(),
					model.open_versions.to_string(),
					keys::address(&model.owner),
				]
			},
		))
	}
}

#[derive(Serialize)]
pub struct Revenue(pub Vec<state::Contributor>);

impl Report for Revenue {
	fn table(&self) -> Table {
		let rows = self.0.iter().map(|row| {
			[
				row.row.to_string(),
				format!("{:?}", row.role).to_lowercase(),
				percent(row.share),
				ufr(row.due),
				if row.accepted { "yes" } else { "no" }.into(),
				keys::address(&row.account),
			]
		});
		Table::new(["row", "role", "share", "due", "accepted", "account"]).rows(rows)
	}
}

#[derive(Serialize)]
pub struct VersionView {
	#[serde(flatten)]
	pub version: state::Version,
	pub parents: Vec<state::Parent>,
	pub ancestors: Vec<state::Ancestor>,
	pub contributors: Vec<state::Contributor>,
	pub asks: Vec<state::Ask>,
}

#[derive(Serialize)]
pub struct Show {
	#[serde(flatten)]
	pub model: state::Model,
	#[serde(rename = "version_list")]
	pub versions: Vec<VersionView>,
}

impl Report for Show {
	fn table(&self) -> Table {
		let state::Model { model, name, owner, .. } = &self.model;
		let mut rows = vec![
			["model".into(), model.to_string()],
			["name".into(), name.clone()],
			["owner".into(), keys::address(owner)],
		];
		for VersionView { version, parents, ancestors, contributors, asks } in &self.versions {
			let open = if version.open { "" } else { " (deprecated)" };
			rows.push([format!("version {}{open}", version.version), hex0x(version.manifest_hash)]);
			let unit = meter::unit_name(version.meter);
			let price = format!("{} per {unit}", ufr(version.floor_price));
			rows.push(["  floor price".into(), price]);
			let artifact = format!("{} bytes, {}", version.size, version.licence);
			rows.push(["  artifact".into(), artifact]);
			rows.push(["  royalty".into(), percent(version.royalty)]);
			for state::Parent { version, relation } in parents {
				rows.push([format!("  parent {version}"), relation.name().into()]);
			}
			for state::Ancestor { ancestor, version, rate, due } in ancestors {
				let owed = format!("version {version}: {}, {} due", percent(*rate), ufr(*due));
				rows.push([format!("  ancestor {ancestor}"), owed]);
			}
			for row in contributors {
				let role = format!("{:?}", row.role).to_lowercase();
				rows.push([
					format!("  {role} {}", percent(row.share)),
					keys::address(&row.account),
				]);
			}
			for ask in asks {
				let name = format!("  ask {}", ufr(ask.unit_price));
				rows.push([name, keys::address(&ask.oracle)]);
			}
		}
		Table::default().rows(rows)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use usufruct_primitives::Meter;

	fn show() -> Show {
		let model = state::Model {
			model: 4,
			name: "tuned".into(),
			owner: [1; 32],
			versions: 1,
			open_versions: 1,
		};
		let version = state::Version {
			version: 9,
			model: 4,
			manifest_hash: [2; 32],
			size: 10,
			licence: "MIT".into(),
			metadata_uri: String::new(),
			metadata_hash: [0; 32],
			meter: Meter::InputToken,
			floor_price: 100,
			open: true,
			royalty: 25_000,
			tensor_root: None,
		};
		let versions = vec![VersionView {
			version,
			parents: vec![state::Parent { version: 3, relation: state::Relation::FineTune }],
			ancestors: vec![
				state::Ancestor { ancestor: 0, version: 3, rate: 30_000, due: 5 },
				state::Ancestor { ancestor: 1, version: 1, rate: 0, due: 0 },
			],
			contributors: vec![],
			asks: vec![],
		}];
		Show { model, versions }
	}

	#[test]
	fn a_version_is_shown_with_its_lineage_and_its_unit_as_people_write_it() {
		let table = show().table().to_string();
		let lines: Vec<Vec<&str>> =
			table.lines().map(|line| line.split_whitespace().collect()).collect();
		for line in [
			"floor price 0.0000000001 UFR per input token",
			"royalty 2.5000 %",
			"parent 3 fine-tune",
			"ancestor 0 version 3: 3.0000 %, 0.000000000005 UFR due",
			"ancestor 1 version 1: 0.0000 %, 0 UFR due",
		] {
			let words: Vec<&str> = line.split(' ').collect();
			assert!(lines.contains(&words), "{line}:\n{table}");
		}
	}

	#[test]
	fn programs_read_the_lineage_too() {
		let json = serde_json::to_value(show()).unwrap();
		let version = &json["version_list"][0];
		assert_eq!(version["parents"][0]["relation"], "fine-tune");
		assert_eq!(version["ancestors"][0]["rate"], 30_000);
		assert_eq!(version["ancestors"][0]["due"], "5");
	}
}
