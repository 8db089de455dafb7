//! Tests of suffrage, a file per call and per theme.

use crate::{mock::*, *};
use frame_support::{assert_err, assert_noop, assert_ok};

mod authorise_upgrade;
mod cleanup_poll;
mod cleanup_proposal;
mod cosign;
mod genesis;
mod invariants;
mod model;
mod origins;
mod polls;
mod propose;
mod remove_vote;
mod submit_proposal;
mod tally;
mod views;
mod vote;
