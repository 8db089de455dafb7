//! The tracks of the referenda: what each kind of poll needs, and how long it takes.

use crate::{Balance, BlockNumber, OriginCaller, Suffrage, UFR};
use alloc::borrow::Cow;
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use pallet_suffrage::Origin;
use sp_runtime::{str_array, Perbill};

/// What a poll takes in all, when it is submitted and before it is decided.
pub const DEPOSIT: Balance = 100 * UFR;
/// The part of it that always returns. The rest is kept if the poll is rejected or expires.
pub const DECISION_DEPOSIT: Balance = 99 * UFR;

/// More ayes than nays.
const MAJORITY: Perbill = Perbill::from_parts(500_000_001);
/// Two ayes to a nay.
const TWO_THIRDS: Perbill = Perbill::from_parts(666_666_667);

/// What is asked of the polls of a track. Votes are taken from the submission to the end; whether
/// a poll passes is first looked at after the preparation.
struct Rule {
	origin: Origin,
	name: &'static str,
	/// Hours before it can be decided.
	prepare: u32,
	/// Hours within which it must begin to pass.
	decide: u32,
	/// Hours in which it must pass all the time.
	confirm: u32,
	/// Hours from the decision to its execution.
	enact: u32,
	/// The least part of the votes that are ayes.
	approval: Perbill,
	/// The least part of the electorate that votes aye.
	support: Perbill,
	/// How many polls are decided at once.
	at_once: u32,
}

/// A vote of a week, for what can be changed back.
const WEEK: Rule = Rule {
	origin: Origin::Parameters,
	name: "parameters",
	prepare: 4 * 24,
	decide: 3 * 24,
	confirm: 3 * 24,
	enact: 2 * 24,
	approval: MAJORITY,
	support: Perbill::from_percent(5),
	at_once: 10,
};

/// A vote of two weeks, for what cannot.
const FORTNIGHT: Rule = Rule {
	prepare: 10 * 24,
	decide: 4 * 24,
	confirm: 4 * 24,
	approval: TWO_THIRDS,
	support: Perbill::from_percent(10),
	at_once: 5,
	..WEEK
};

/// In the order of their numbers.
const RULES: [Rule; Origin::ALL.len()] = [
	WEEK,
	Rule { origin: Origin::Grants, name: "grants", at_once: 20, ..WEEK },
	Rule { origin: Origin::Verifiers, name: "verifiers", ..FORTNIGHT },
	Rule { origin: Origin::Licences, name: "licences", ..WEEK },
	Rule { origin: Origin::Validators, name: "validators", ..FORTNIGHT },
	Rule {
		origin: Origin::Upgrade,
		name: "upgrade",
		enact: 7 * 24,
		approval: Perbill::from_percent(75),
		support: Perbill::from_percent(20),
		at_once: 1,
		..FORTNIGHT
	},
	Rule {
		origin: Origin::Pause,
		name: "pause",
		prepare: 0,
		decide: 24,
		confirm: 2,
		enact: 0,
		approval: TWO_THIRDS,
		support: Perbill::from_percent(10),
		// A pause must not queue behind polls that somebody made for that. To fill the track for a day
		// takes a thousand deposits, and loses of each what does not return.
		at_once: 1_000,
	},
	Rule { origin: Origin::Disputes, name: "disputes", at_once: 20, ..WEEK },
];

/// The same bar at any time.
fn flat(bar: Perbill) -> Curve {
	Curve::LinearDecreasing { length: Perbill::one(), floor: bar, ceil: bar }
}

/// The tracks, their hours as long as the chain's constitution says.
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = u16;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		let hours = |count| if count == 0 { 0 } else { Suffrage::hours(count) };
		RULES.iter().map(move |rule| {
			Cow::Owned(Track {
				id: rule.origin.track(),
				info: TrackInfo {
					name: str_array(rule.name),
					max_deciding: rule.at_once,
					decision_deposit: DECISION_DEPOSIT,
					prepare_period: hours(rule.prepare),
					decision_period: hours(rule.decide),
					confirm_period: hours(rule.confirm),
					min_enactment_period: hours(rule.enact),
					min_approval: flat(rule.approval),
					min_support: flat(rule.support),
				},
			})
		})
	}

	fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
		match origin {
			OriginCaller::Suffrage(origin) => Ok(origin.track()),
			_ => Err(()),
		}
	}
}

/// How the benchmarks of suffrage move the dividend's epochs on.
#[cfg(feature = "runtime-benchmarks")]
pub struct CloseEpochs;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_suffrage::BenchmarkHelper for CloseEpochs {
	fn close_epoch() {
		<crate::Dividend as usufruct_primitives::traits::Eligibility>::benchmark_close_epoch();
	}
}
