//! What calls cost. One file for each pallet whose weights do not come with its crate.

pub mod bounties;
pub mod pallet_babe;
pub mod pallet_dividend;
pub mod pallet_free_lane;
pub mod pallet_grandpa;
pub mod pallet_models;
pub mod pallet_oracles;
pub mod pallet_parameters;
pub mod pallet_personhood;
pub mod pallet_suffrage;
pub mod pallet_usage;
pub mod pallet_validators;

use frame_support::{
	traits::Get,
	weights::{
		constants::{WEIGHT_REF_TIME_PER_MICROS, WEIGHT_REF_TIME_PER_NANOS},
		Weight,
	},
};
use pallet_validators::WeightInfo as ValidatorsWeight;

/// What handling a proven equivocation costs beside the check of its two signatures: the formula of
/// the default weights of `pallet-babe` and `pallet-grandpa`, which exist only for another database
/// and another handler.
///
/// The proof of membership is read against the session's root; below 100 validators it costs as
/// with 100.
fn report_of_equivocation<T: frame_system::Config>(validators: u32) -> Weight {
	let membership = Weight::from_parts(175 * WEIGHT_REF_TIME_PER_NANOS, 0)
		.saturating_mul(validators.max(100).into())
		.saturating_add(Weight::from_parts(35 * WEIGHT_REF_TIME_PER_MICROS, 0))
		.saturating_add(T::DbWeight::get().reads(5));
	let report = Weight::from_parts(110 * WEIGHT_REF_TIME_PER_MICROS, 0)
		.saturating_add(T::DbWeight::get().reads_writes(14, 10));
	let handler = <ValidatorsWeight<T> as ::pallet_validators::WeightInfo>::on_offence(1);
	membership.saturating_add(report).saturating_add(handler)
}
