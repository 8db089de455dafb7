//! What stands on the chain at one block, as plain types.

use crate::{
	chain::{AtBlock, ChainError},
	keys,
	output::hex0x,
	runtime::storage,
};
use serde::Serializer;
use usufruct_primitives::AccountBytes;

/// Collects a whole storage map; known to the modules below, because it stands before them.
macro_rules! collect {
	($at:expr, $address:expr, |$key:pat_param, $value:ident| $row:expr) => {{
		let mut rows = $at.storage().iter($address, ()).await?;
		let mut collected = Vec::new();
		while let Some(row) = rows.next().await {
			let row = row?;
			let $key = row.key()?.decode()?;
			let $value = row.value().decode()?;
			collected.push($row);
		}
		collected
	}};
}

pub mod bounties;
mod channels;
pub mod disputes;
mod dividend;
mod grants;
mod models;
mod oracles;
mod people;
pub mod polls;
mod settlements;
mod validators;
mod verifiers;

pub use channels::*;
pub use dividend::*;
pub use grants::*;
pub use models::*;
pub use oracles::*;
pub use people::*;
pub use settlements::*;
pub use validators::*;
pub use verifiers::*;

/// The time of the block, in milliseconds since 1 January 1970: by its author's clock, within what the other
/// validators put up with.
pub async fn time(at: &AtBlock) -> Result<u64, ChainError> {
	Ok(at.storage().fetch(storage().timestamp().now(), ()).await?.decode()?)
}

fn as_address<S: Serializer>(account: &AccountBytes, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&keys::address(account))
}

fn as_hex<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&hex0x(bytes))
}

fn text(bytes: Vec<u8>) -> String {
	String::from_utf8_lossy(&bytes).into_owned()
}
