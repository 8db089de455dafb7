//! The table of tracks, as the documentation gives it.

use crate::chain::chain_with;
use frame_support::traits::Get;
use pallet_referenda::TracksInfo;
use pallet_suffrage::Origin;
use sp_runtime::Perbill;
use usufruct_runtime::{
	configs::tracks::{Tracks, DECISION_DEPOSIT, DEPOSIT},
	OriginCaller, Runtime, DAYS, UFR,
};

/// The table in the documentation says the same.
const TABLE: &str = include_str!("../../../docs/governance.md");

fn days(blocks: u32) -> String {
	match blocks {
		0 => "–".to_string(),
		blocks if blocks % DAYS == 0 => format!("{} d", blocks / DAYS),
		blocks => format!("{} h", blocks * 24 / DAYS),
	}
}

fn percent(part: Perbill) -> String {
	match part.deconstruct() {
		500_000_001 => "more than 50 %".to_string(),
		666_666_667 => "two thirds".to_string(),
		parts => format!("{} %", parts / 10_000_000),
	}
}

#[test]
fn the_documentation_says_what_each_track_needs() {
	let strict = serde_json::json!({ "suffrage": { "day": DAYS } });
	chain_with("local_testnet", strict).execute_with(|| {
		let mut origins = Origin::ALL.into_iter();
		for track in Tracks::tracks() {
			let origin = origins.next().expect("an origin for each track");
			assert_eq!(Tracks::track_for(&OriginCaller::Suffrage(origin)), Ok(track.id));
			assert_eq!(track.info.decision_deposit, DECISION_DEPOSIT);
			let info = &track.info;
			let name = String::from_utf8_lossy(&info.name);
			let (approval, support) =
				(info.min_approval.threshold(Perbill::zero()), &info.min_support);
			let row = format!(
				"| {} | {} | {} | {} | {} | {} | {} | {} |",
				track.id,
				name.trim_end_matches('\0'),
				percent(approval),
				percent(support.threshold(Perbill::one())),
				days(info.prepare_period),
				days(info.decision_period),
				days(info.confirm_period),
				days(info.min_enactment_period),
			);
			assert!(TABLE.contains(&row), "docs/governance.md lacks: {row}");
		}
		assert_eq!(origins.next(), None);
		assert_eq!(DEPOSIT, 100 * UFR);
	});
}

#[test]
fn a_poll_about_an_appeal_is_over_before_the_verdict_stands() {
	type Term = <Runtime as pallet_personhood::Config>::AppealTerm;
	let strict = serde_json::json!({ "suffrage": { "day": DAYS } });
	chain_with("local_testnet", strict).execute_with(|| {
		let id = Tracks::track_for(&OriginCaller::Suffrage(Origin::Disputes)).expect("it has one");
		let track = Tracks::tracks().find(|track| track.id == id).expect("it is one of them");
		let info = &track.info;
		let takes = info.prepare_period
			+ info.decision_period
			+ info.confirm_period
			+ info.min_enactment_period;
		let term: u32 = Term::get();
		assert!(takes < term, "{takes} blocks of {term}");
	});
}
