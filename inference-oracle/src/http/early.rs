//! Refuses what finds no room before its signature is checked and its body read: these are most of what a
//! refused request would cost, and under load most requests are refused.
//!
//! So whoever knows of a channel learns whether its key finds room, and nothing else: without its signature
//! nobody is let in, or told what was answered.
//!
//! One that was asked before is let in all the same, unless too many are being served: it needs no room
//! for the answer that is there, or will be. What is let in here may find no room later: nothing is kept
//! for it, so that nobody holds a place with a body that does not come.

use super::{app::App, catalogue::Served, infer::counted, problem::Refused, room::Room, x402};
use usufruct_client::oracle_api::RequestHeaders;
use usufruct_primitives::PublicKey;

/// Refuses a request for which there is no room, of a channel with that key.
pub(super) fn look(
	app: &App,
	served: &Served,
	paid: &RequestHeaders,
	key: &PublicKey,
) -> Result<(), Refused> {
	app.look(key)?;
	let Err(hindrance) = Room::look(app, served, key) else { return Ok(()) };
	let (channel, id) = (paid.voucher.voucher.channel_id, paid.request_id);
	if app.callers.wait_for(channel, id) || app.ledger.knows(&channel, &id)? {
		return Ok(());
	}
	Err(hindrance.into())
}

/// The same for a request whose body names the model: by the version that it is signed for. Whatever
/// else is wrong with it is found once the body is read.
pub(crate) fn knock<'a>(
	app: &App,
	get: impl Fn(&'static str) -> Option<&'a str>,
) -> Result<(), Refused> {
	let Ok(Some(paid)) = x402::payment(app, get) else { return Ok(()) };
	let all = app.catalogue.served();
	let mut named = all.iter().filter(|served| served.version == paid.model_version);
	// Under two names it has two queues.
	let (Some(served), None) = (named.next(), named.next()) else { return Ok(()) };
	let Some(key) = app.ledger.key(&paid.voucher.voucher.channel_id) else { return Ok(()) };
	let looked = look(app, served, &paid, &key);
	if let Err(refused) = &looked {
		counted(app, served.name.clone(), refused.name());
	}
	looked
}
