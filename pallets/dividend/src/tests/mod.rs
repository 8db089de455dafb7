//! Tests of the dividend, a file per theme.

use crate::{mock::*, *};
use frame_support::{assert_err, assert_noop, assert_ok};
use usufruct_primitives::traits::Eligibility;

mod claim;
mod close;
mod electorate;
mod genesis;
mod interval;
mod invariants;
mod model;
mod sweep;
mod views;
