//! Refuses what its headers speak against before a byte of its body is read: whoever does not pay costs no
//! body, and under load most requests are refused.
//!
//! What finds no room is refused before its signature is checked, which is most of what such a request would
//! cost. So whoever knows of a channel learns whether its key finds room, and nothing else: without its
//! signature nobody is let in, or told what was answered.
//!
//! One that was asked before is let in all the same, unless too many are being served: it needs no room
//! for the answer that is there, or will be. What is let in here may find no room later: nothing is kept
//! for it, so that nobody holds a place with a body that does not come.

use super::{app::App, catalogue::Served, held::Held, problem::Refused, room::Room};
use crate::book::Order;
use std::sync::Arc;
use usufruct_client::oracle_api::RequestHeaders;
use usufruct_primitives::PublicKey;

/// Refuses a request for which there is no room, of a channel with that key, under any of these names.
pub(super) fn look(
	app: &App,
	served: &[Arc<Served>],
	paid: &RequestHeaders,
	key: &PublicKey,
) -> Result<(), Refused> {
	app.look(key)?;
	let mut hindrance = Ok(());
	for served in served {
		hindrance = Room::look(app, served, key);
		if hindrance.is_ok() {
			return Ok(());
		}
	}
	match hindrance {
		Err(hindrance) if !before(app, paid)? => Err(hindrance.into()),
		_ => Ok(()),
	}
}

/// Refuses a request that the rules of money speak against, as far as they can without its input. Its voucher
/// was verified with that key.
pub(super) fn vet(
	app: &App,
	order: &Order,
	paid: &RequestHeaders,
	key: &PublicKey,
) -> Result<(), Refused> {
	let offer = app.offer(order.request.model_version, Ok(()));
	match app.ledger.vet(order, &paid.voucher, key, &offer) {
		Err(refusal) if !before(app, paid)? => Err(refusal.into()),
		_ => Ok(()),
	}
}

/// Memory for a body of so many bytes, of a request that was let in.
pub(super) fn hold(
	app: &App,
	paid: &RequestHeaders,
	key: &PublicKey,
	bytes: usize,
) -> Result<Held, Refused> {
	match app.memory.hold(key, bytes, false) {
		Err(_) if before(app, paid)? => Ok(app.memory.hold(key, bytes, true)?),
		held => Ok(held?),
	}
}

/// Whether that request is being served, or was answered.
fn before(app: &App, paid: &RequestHeaders) -> Result<bool, Refused> {
	let (channel, id) = (paid.voucher.voucher.channel_id, paid.request_id);
	Ok(app.callers.wait_for(channel, id) || app.ledger.knows(&channel, &id)?)
}
