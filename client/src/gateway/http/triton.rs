//! What Triton's clients ask beyond the protocol: how a model is configured, and what became of questions. What
//! only a server that runs models could answer is said to be that.

pub mod messages;

use super::{
	failure::{Dialect, Failure},
	number, Api,
};
use crate::gateway::{describe::Port, statistics::Counted, GatewayError};
use axum::{
	extract::{Path, State},
	Json,
};
use serde_json::{json, Value};
use std::sync::Arc;
use usufruct_primitives::VersionId;

type Answer = Result<Json<Value>, Failure>;

fn failure(error: GatewayError) -> Failure {
	Failure(Dialect::V2, error)
}

/// What is below these paths, of servers that run models, and why a gateway has nothing there.
const ELSEWHERE: [(&str, &str); 6] = [
	(
		"/v2/repository",
		"it loads no models; the chain says which there are, GET /v1/models lists them",
	),
	("/v2/systemsharedmemory", "oracles are on other machines; send tensors in the body"),
	("/v2/cudasharedmemory", "oracles are on other machines; send tensors in the body"),
	("/v2/tpusharedmemory", "oracles are on other machines; send tensors in the body"),
	("/v2/trace", "it traces nothing; GET /usufruct/status tells what became of questions"),
	("/v2/logging", "its log is set by RUST_LOG when it is started"),
];

/// Why there is nothing at a path that servers of models have.
pub fn elsewhere(path: &str) -> Option<GatewayError> {
	let of_model = path.starts_with("/v2/models/") && path.ends_with("/trace/setting");
	let path = if of_model { "/v2/trace" } else { path };
	let (_, why) = ELSEWHERE.iter().find(|(at, _)| {
		path.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
	})?;
	Some(GatewayError::Unsupported(format!("the gateway runs no models: {why}")))
}

pub async fn config(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
	configured(&api, &name, None).await
}

pub async fn version_config(
	State(api): State<Arc<Api>>,
	Path((name, version)): Path<(String, String)>,
) -> Answer {
	let version = number(&version).map_err(failure)?;
	configured(&api, &name, Some(version)).await
}

/// Shapes are whole, so no dimension is a batch's.
async fn configured(api: &Api, name: &str, version: Option<VersionId>) -> Answer {
	let model = api.gateway.describe(name, version).await.map_err(failure)?;
	let port = |port: &Port| json!({ "name": port.name, "data_type": data_type(&port.datatype), "dims": port.shape });
	Ok(Json(json!({
		"name": model.name,
		"platform": model.platform,
		"max_batch_size": 0,
		"input": model.inputs.iter().map(port).collect::<Vec<_>>(),
		"output": model.outputs.iter().map(port).collect::<Vec<_>>(),
	})))
}

/// A datatype of the protocol as configurations have it.
fn data_type(datatype: &str) -> String {
	match datatype {
		"BYTES" => "TYPE_STRING".into(),
		other => format!("TYPE_{other}"),
	}
}

pub async fn all_stats(State(api): State<Arc<Api>>) -> Answer {
	stats(&api, None, None)
}

pub async fn stats_of_model(State(api): State<Arc<Api>>, Path(name): Path<String>) -> Answer {
	stats(&api, Some(&name), None)
}

pub async fn stats_of_version(
	State(api): State<Arc<Api>>,
	Path((name, version)): Path<(String, String)>,
) -> Answer {
	let version = number(&version).map_err(failure)?;
	stats(&api, Some(&name), Some(version))
}

fn stats(api: &Api, name: Option<&str>, version: Option<VersionId>) -> Answer {
	let all = api.gateway.statistics(name, version).map_err(failure)?;
	let counted = |it: &Counted| json!({ "count": it.count, "ns": it.ns() });
	let stats = all.iter().map(|it| {
		json!({
			"name": it.name,
			"version": it.version.to_string(),
			"last_inference": it.statistics.last_ms,
			"inference_count": it.statistics.answered.count,
			"execution_count": it.statistics.answered.count,
			"inference_stats": {
				"success": counted(&it.statistics.answered),
				"fail": counted(&it.statistics.failed),
				"compute_infer": counted(&it.statistics.ran),
			},
			"batch_stats": [],
		})
	});
	Ok(Json(json!({ "model_stats": stats.collect::<Vec<_>>() })))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_only_a_server_of_models_has_is_told_from_what_is_nowhere() {
		for path in [
			"/v2/repository/index",
			"/v2/repository/models/m/load",
			"/v2/systemsharedmemory/status",
			"/v2/cudasharedmemory/region/r/register",
			"/v2/trace/setting",
			"/v2/models/m/trace/setting",
			"/v2/logging",
		] {
			let told = elsewhere(path).unwrap_or_else(|| panic!("{path}"));
			assert_eq!(told.kind(), (501, "unsupported"), "{path}");
		}
		for path in ["/v2/loggings", "/v3/logging", "/v2", "/", "/v2/models/m/trace"] {
			assert!(elsewhere(path).is_none(), "{path}");
		}
	}

	#[test]
	fn datatypes_have_the_names_of_configurations() {
		assert_eq!(
			(data_type("BYTES"), data_type("FP32")),
			("TYPE_STRING".into(), "TYPE_FP32".into())
		);
	}
}
