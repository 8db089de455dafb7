//! Keeping channels: what was promised in vouchers, what was acknowledged, and on which keys.
//!
//! [`ledger`] decides, without any I/O; [`store`] remembers, on disk; [`keeper`] lets many requests
//! at once go through both, and lets no voucher out before it is on disk; [`opening`] is what a channel
//! needs of the chain; [`bill`] says whether one allows what is to be asked, and [`choice`] whether one that
//! is there can pay for it.

pub mod bill;
pub mod choice;
pub mod keeper;
pub mod ledger;
pub mod opening;
pub mod store;

pub use bill::{Bill, Unfit};
pub use keeper::{Keeper, KeeperError};
pub use ledger::{Ledger, Limits, Refused};
pub use store::{ChannelRecord, Store, StoreError};
