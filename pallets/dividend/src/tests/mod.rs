//! Tests of the dividend, a file per theme.

use crate::{mock::*, *};
use frame_support::{assert_err, assert_noop, assert_ok};
use usufruct_primitives::traits::Eligibility;

mod claim;
mod claim_for;
mod claim_to_channel;
mod close;
mod donate;
mod electorate;
mod genesis;
mod interval;
mod invariants;
mod model;
mod pause;
mod programme;
mod programme_model;
mod random;
mod set_params;
mod set_payout;
mod settle;
mod sweep;
mod views;
