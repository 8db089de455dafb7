//! What each pallet is set to.

pub mod accounts;
pub mod agenda;
pub mod bounties;
pub mod consensus;
pub mod governance;
pub mod money;
pub mod pause;
pub mod system;
pub mod tracks;
pub mod usufruct;

use crate::{Balance, MILLI_UFR, UFR};

/// What is held for putting that much into the state: a tenth of a token for each entry, and a
/// thousandth for each 100 bytes.
pub const fn deposit(items: u32, bytes: u32) -> Balance {
	items as Balance * UFR / 10 + bytes as Balance * MILLI_UFR / 100
}
