//! What is told to whoever does not pay: the terms of the version that is asked.
//!
//! Where the body names the model, a short one is read for that: few at a time, and not for long. Of a longer
//! one nothing is, and its refusal says where the terms are.

use super::{
	app::App, body::Unread, catalogue::Served, infer::Encoded, problem::Refused, routes::find,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use usufruct_client::oracle_api::ProblemKind;

/// The most bytes of a body that nobody pays for.
const SHORT: usize = 16 << 10;
/// How long it may take to come.
const PATIENCE: Duration = Duration::from_secs(1);

/// The version that a body names, if that is found out without more ado.
pub(super) async fn asked<E: Encoded>(
	app: &App,
	body: &mut Unread,
	encoded: E,
) -> Result<Option<Arc<Served>>, Refused> {
	let Ok(_place) = app.unpaid.try_acquire() else { return Ok(None) };
	let Ok(read) = timeout(PATIENCE, short(body)).await else { return Ok(None) };
	let Some(bytes) = read? else { return Ok(None) };
	let message = encoded.parse(&bytes)?;
	let Some((name, version)) = E::model(&message) else { return Ok(None) };
	find(app, name, version).map(Some)
}

async fn short(body: &mut Unread) -> Result<Option<Vec<u8>>, Refused> {
	let announced = body.announced().await?;
	if announced > SHORT {
		return Ok(None);
	}
	body.read(announced).await.map(Some)
}

/// The refusal of a request without a voucher, with the terms of that version.
pub(super) fn missing(app: &App, asked: Option<&Served>) -> Refused {
	let missing = "send a voucher of a channel to this oracle for this model, signed for exactly this request";
	let refused = |detail: &str| Refused::new(ProblemKind::VoucherMissing, detail);
	match asked {
		Some(served) => refused(missing).with_terms(app, served, None),
		None => refused(&format!(
			"{missing}; the terms are told at /v2/models/NAME, and to a request of at most {SHORT} bytes"
		)),
	}
}
