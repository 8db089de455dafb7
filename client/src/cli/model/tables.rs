//! Models, versions and revenue, for people and programs.

use serde::Serialize;
use usufruct_client::{
	amount::ufr,
	keys,
	output::{hex0x, Report, Table},
	state,
};

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
				format!("{}.{:04} %", row.share / 10_000, row.share % 10_000),
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
		for VersionView { version, contributors, asks } in &self.versions {
			let open = if version.open { "" } else { " (deprecated)" };
			rows.push([format!("version {}{open}", version.version), hex0x(version.manifest_hash)]);
			let price = format!("{} per {:?}", ufr(version.floor_price), version.meter);
			rows.push(["  floor price".into(), price.to_lowercase().replace("ufr", "UFR")]);
			let artifact = format!("{} bytes, {}", version.size, version.licence);
			rows.push(["  artifact".into(), artifact]);
			for row in contributors {
				let role = format!("{:?}", row.role).to_lowercase();
				let share = format!("{}.{:04} %", row.share / 10_000, row.share % 10_000);
				rows.push([format!("  {role} {share}"), keys::address(&row.account)]);
			}
			for ask in asks {
				let name = format!("  ask {}", ufr(ask.unit_price));
				rows.push([name, keys::address(&ask.oracle)]);
			}
		}
		Table::default().rows(rows)
	}
}
