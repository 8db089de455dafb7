//! `POST /unpaid/v2/models/{name}/infer`, for [`crate::measure`] alone: what a request takes but for
//! payment, acceptance and receipt, within the same span.

use super::{
	app::App,
	body::{Asked, Unread},
	infer::Encoded,
	problem::Refused,
	room::Room,
	routes::find,
	trace,
	v2::V2,
};
use crate::engine::Job;
use axum::{
	extract::{Path, State},
	http::{header, HeaderMap},
	response::{IntoResponse, Response},
	routing::post,
	Router,
};
use std::sync::Arc;
use usufruct_client::{
	oracle_api::ProblemKind,
	tensors::{InferResponse, HEADER_LENGTH},
};

/// Whose requests they are: one key, as those of one channel are.
const NOBODY: [u8; 32] = [0; 32];

/// The route, to be joined with the others.
pub fn router(app: Arc<App>) -> Router {
	Router::new()
		.route("/unpaid/v2/models/{name}/infer", post(infer))
		.layer(axum::middleware::from_fn(trace::span))
		.with_state(app)
}

async fn infer(
	State(app): State<Arc<App>>,
	Path(name): Path<String>,
	Asked { head, mut body }: Asked,
) -> Response {
	let answered = answer(&app, &name, &head.headers, &mut body).await;
	body.leave().await;
	answered.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(
	app: &Arc<App>,
	name: &str,
	headers: &HeaderMap,
	body: &mut Unread,
) -> Result<Response, Refused> {
	let served = find(app, name, None)?;
	app.look(&NOBODY)?;
	Room::look(app, &served, &NOBODY)?;
	let announced = body.announced().await?;
	let held = app.memory.hold(&NOBODY, announced, false)?;
	let bytes = body.read(announced).await?;
	let _permit = app.permit(&NOBODY)?;
	let encoded = V2::of(headers);
	let ((asked, binary), _held) =
		app.memory.parse(bytes, held, move |bytes| encoded.parse(bytes)).await?;
	let room = Room::find(app, &served, &NOBODY, &asked.inputs, &asked.outputs, None).await??;
	let ran = Room::run(Some(room), Job::of(asked.inputs)).await;
	let internal = |error: String| Refused::new(ProblemKind::Internal, error);
	let response = InferResponse {
		model_name: served.name.clone(),
		model_version: Some(served.version.to_string()),
		id: asked.id,
		outputs: ran.outputs.map_err(|error| internal(error.to_string()))?,
	};
	let (body, json) = response.to_body(&binary).map_err(|error| internal(error.to_string()))?;
	let mut response = body.into_response();
	if let Some(length) = json {
		let form = header::HeaderValue::from_static("application/octet-stream");
		response.headers_mut().insert(header::CONTENT_TYPE, form);
		response.headers_mut().insert(HEADER_LENGTH, length.into());
	}
	Ok(response)
}
