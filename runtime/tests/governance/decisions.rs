//! What polls can decide on the [stage](crate::stage): every call that is named for an origin, each
//! after what must have been decided before. Accounts are the pot's where they can be.

use crate::stage::*;
use frame_support::traits::{Get, StorePreimage};
use pallet_dividend::Parameters;
use pallet_models::Ruling;
use pallet_suffrage::Origin;
use sp_core::{ed25519, Pair};
use sp_keyring::Sr25519Keyring::{Alice, Eve};
use usufruct_primitives::{split::Split, Class, PPM};
use usufruct_runtime::{
	configs::{
		governance::{dynamic_params::fees, RuntimeParameters},
		money::MaxGrant,
	},
	genesis_presets::verifier_uri,
	Dividend, Preimage, Runtime, RuntimeCall, DAYS, EXISTENTIAL_DEPOSIT, UFR,
};

type Registry = pallet_models::Call<Runtime>;
type Money = pallet_dividend::Call<Runtime>;
type Personhood = pallet_personhood::Call<Runtime>;
type Usage = pallet_usage::Call<Runtime>;
type Bounty = pallet_multi_asset_bounties::Call<Runtime>;

/// A call, and the origin of the poll that makes it.
pub type Decision = (Origin, RuntimeCall);
/// What is decided one after the other.
pub type History = Vec<Decision>;

/// All of them, each from the stage as it was set.
pub fn decisions() -> Vec<History> {
	let mut all = alone(Origin::Parameters, parameters());
	all.extend(alone(Origin::Grants, grants()));
	all.extend(verifiers());
	all.extend(alone(Origin::Licences, licences()));
	all.push(validators());
	all.push(upgrade());
	all.extend(pauses());
	all.extend(alone(Origin::Disputes, disputes()));
	all
}

fn decided(origin: Origin, calls: Vec<RuntimeCall>) -> History {
	calls.into_iter().map(|call| (origin, call)).collect()
}

/// Each call by itself.
fn alone(origin: Origin, calls: Vec<RuntimeCall>) -> Vec<History> {
	calls.into_iter().map(|call| vec![(origin, call)]).collect()
}

fn parameters() -> Vec<RuntimeCall> {
	// What is least good for those who claim.
	let params = Parameters {
		epoch_length: 3 * DAYS,
		claim_window: 13,
		term: 26,
		min_per_head: 100 * EXISTENTIAL_DEPOSIT,
		min_people: 100_000,
	};
	let ceiling: u32 = <Runtime as pallet_dividend::Config>::ProgrammeCeiling::get();
	let bonus: u32 = <Runtime as pallet_dividend::Config>::BonusCeiling::get();
	let split = Split { dividend: 100_000, commons: 180_000, ..Split::default() };
	let price = |fee| -> RuntimeCall {
		let key_value = RuntimeParameters::Fees(fee);
		pallet_parameters::Call::<Runtime>::set_parameter { key_value }.into()
	};
	let organisation = |listed| -> RuntimeCall {
		Usage::set_organisation { account: Dividend::pot(), listed }.into()
	};
	vec![
		Money::set_params { params }.into(),
		Money::set_bonus { parts: bonus }.into(),
		Money::open_programme {
			share: ceiling - SHARE,
			classes: Default::default(),
			regions: Default::default(),
			epochs: 4,
			min_people: 1,
		}
		.into(),
		Money::end_programme { programme: PROGRAMME }.into(),
		Usage::set_split { split }.into(),
		Usage::set_slope { slope: PPM }.into(),
		organisation(true),
		organisation(false),
		price(fees::Parameters::PerByte(fees::PerByte, Some(1))),
		price(fees::Parameters::PerSecond(fees::PerSecond, None)),
	]
}

fn grants() -> Vec<RuntimeCall> {
	let pot = Dividend::pot();
	let spend = |beneficiary| -> RuntimeCall {
		pallet_treasury::Call::<Runtime>::spend {
			asset_kind: Box::new(()),
			amount: MaxGrant::get(),
			beneficiary: Box::new(beneficiary),
			valid_from: None,
		}
		.into()
	};
	vec![
		spend(pot.clone()),
		spend(Eve.to_account_id()),
		pallet_treasury::Call::<Runtime>::void_spend { index: GRANT }.into(),
		Bounty::fund_bounty {
			asset_kind: Box::new(()),
			value: 100 * UFR,
			curator: pot.clone().into(),
			metadata: Preimage::note(b"what is to be done".as_slice().into()).expect("noted"),
		}
		.into(),
		Bounty::propose_curator {
			parent_bounty_id: VACANT,
			child_bounty_id: None,
			curator: pot.into(),
		}
		.into(),
		Bounty::unassign_curator { parent_bounty_id: BOUNTY, child_bounty_id: None }.into(),
		Bounty::close_bounty { parent_bounty_id: BOUNTY, child_bounty_id: None }.into(),
		Bounty::close_bounty { parent_bounty_id: VACANT, child_bounty_id: None }.into(),
	]
}

fn verifiers() -> Vec<History> {
	let key = ed25519::Pair::from_string(&verifier_uri(9), None).expect("a URI").public().0;
	let admitted = Personhood::add_verifier {
		domain: 0,
		operator: Dividend::pot(),
		class: Class::Document,
		key,
		quota: u32::MAX,
	};
	let name = b"Parishes".to_vec().try_into().expect("short");
	let mut all = alone(
		Origin::Verifiers,
		vec![
			admitted.into(),
			Personhood::suspend_verifier { verifier: TRUSTED }.into(),
			Personhood::retire_verifier { verifier: TRUSTED }.into(),
			Personhood::resume_verifier { verifier: SUSPENDED }.into(),
		],
	);
	// With one domain more two quorums of two could do without a common one.
	let calls =
		vec![Personhood::set_quorum { k: 3 }.into(), Personhood::add_domain { name }.into()];
	all.push(decided(Origin::Verifiers, calls));
	all
}

fn licences() -> Vec<RuntimeCall> {
	let set = |licence: &[u8], allowed| -> RuntimeCall {
		let licence = licence.to_vec().try_into().expect("short");
		Registry::set_licence { licence, allowed }.into()
	};
	vec![set(b"BSL-1.0", true), set(b"MIT", false)]
}

fn validators() -> History {
	let validator = Alice.to_account_id();
	let dismiss = pallet_validators::Call::<Runtime>::dismiss { validator: validator.clone() };
	let admit = pallet_validators::Call::<Runtime>::admit { validator };
	decided(Origin::Validators, vec![dismiss.into(), admit.into()])
}

fn upgrade() -> History {
	let code_hash = Default::default();
	let authorised = pallet_suffrage::Call::<Runtime>::authorise_upgrade { code_hash };
	decided(Origin::Upgrade, vec![authorised.into()])
}

fn pauses() -> Vec<History> {
	let name = |text: &str| text.as_bytes().to_vec().try_into().expect("short");
	let stop = pallet_call_pause::Call::<Runtime>::pause {
		pallet: name("Usage"),
		call: name("settle"),
		blocks: 1,
	};
	let go_on =
		pallet_tx_pause::Call::<Runtime>::unpause { ident: (name("Usage"), name("settle")) };
	let longest: u32 = <Runtime as pallet_dividend::Config>::MaxPause::get();
	let pairs: [Vec<RuntimeCall>; 3] = [
		vec![stop.into(), go_on.into()],
		vec![Money::pause { blocks: longest }.into(), Money::resume {}.into()],
		vec![
			pallet_safe_mode::Call::<Runtime>::force_enter {}.into(),
			pallet_safe_mode::Call::<Runtime>::force_exit {}.into(),
		],
	];
	pairs.into_iter().map(|pair| decided(Origin::Pause, pair)).collect()
}

fn disputes() -> Vec<RuntimeCall> {
	let rule = |ruling| -> RuntimeCall {
		Registry::resolve_contest { version: OLDER, contester: contester(), ruling }.into()
	};
	vec![
		Personhood::revoke { person: FREE }.into(),
		Personhood::reinstate { person: REVOKED }.into(),
		Personhood::decide_appeal { case: CASE, uphold: true }.into(),
		Personhood::decide_appeal { case: CASE, uphold: false }.into(),
		Personhood::confirm_suspension { verifier: SUSPENDED }.into(),
		Personhood::resume_verifier { verifier: SUSPENDED }.into(),
		rule(Ruling::Dismissed),
		rule(Ruling::Upheld { rows: Default::default(), model: true }),
		Registry::settle_reuse { older: OLDER, newer: NEWER }.into(),
	]
}
