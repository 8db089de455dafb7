//! Triton's messages over gRPC that the protocol has not, as far as a gateway fills them: their numbers are those of
//! Triton's interface files.

use crate::gateway::{
	describe::{Description, Port},
	statistics::{Counted, OfVersion},
};
use prost::Message;

/// The types of elements by the protocol's names, in the order of Triton's numbers, which begin at 1.
const DATA_TYPES: [&str; 14] = [
	"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16",
	"FP32", "FP64", "BYTES", "BF16",
];

/// `ModelConfigResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct ConfigResponse {
	#[prost(message, optional, tag = "1")]
	config: Option<Config>,
}

/// `ModelConfig`. Its `max_batch_size` is 0, which is not written.
#[derive(Clone, PartialEq, Message)]
struct Config {
	#[prost(string, tag = "1")]
	name: String,
	#[prost(string, tag = "2")]
	platform: String,
	#[prost(message, repeated, tag = "5")]
	input: Vec<Input>,
	#[prost(message, repeated, tag = "6")]
	output: Vec<Output>,
}

/// `ModelInput`.
#[derive(Clone, PartialEq, Message)]
struct Input {
	#[prost(string, tag = "1")]
	name: String,
	#[prost(int32, tag = "2")]
	data_type: i32,
	#[prost(int64, repeated, tag = "4")]
	dims: Vec<i64>,
}

/// `ModelOutput`.
#[derive(Clone, PartialEq, Message)]
struct Output {
	#[prost(string, tag = "1")]
	name: String,
	#[prost(int32, tag = "2")]
	data_type: i32,
	#[prost(int64, repeated, tag = "3")]
	dims: Vec<i64>,
}

/// `ModelStatisticsResponse`.
#[derive(Clone, PartialEq, Message)]
pub struct StatisticsResponse {
	#[prost(message, repeated, tag = "1")]
	model_stats: Vec<ModelStatistics>,
}

/// `ModelStatistics`.
#[derive(Clone, PartialEq, Message)]
struct ModelStatistics {
	#[prost(string, tag = "1")]
	name: String,
	#[prost(string, tag = "2")]
	version: String,
	#[prost(uint64, tag = "3")]
	last_inference: u64,
	#[prost(uint64, tag = "4")]
	inference_count: u64,
	#[prost(uint64, tag = "5")]
	execution_count: u64,
	#[prost(message, optional, tag = "6")]
	inference_stats: Option<InferStatistics>,
}

/// `InferStatistics`.
#[derive(Clone, PartialEq, Message)]
struct InferStatistics {
	#[prost(message, optional, tag = "1")]
	success: Option<StatisticDuration>,
	#[prost(message, optional, tag = "2")]
	fail: Option<StatisticDuration>,
	#[prost(message, optional, tag = "5")]
	compute_infer: Option<StatisticDuration>,
}

/// `StatisticDuration`.
#[derive(Clone, PartialEq, Message)]
struct StatisticDuration {
	#[prost(uint64, tag = "1")]
	count: u64,
	#[prost(uint64, tag = "2")]
	ns: u64,
}

/// 0 is none that Triton knows.
fn data_type(datatype: &str) -> i32 {
	let at = DATA_TYPES.iter().position(|it| *it == datatype);
	at.and_then(|at| i32::try_from(at + 1).ok()).unwrap_or(0)
}

impl From<Description> for ConfigResponse {
	fn from(model: Description) -> Self {
		let input = |Port { name, datatype, shape }| Input {
			name,
			data_type: data_type(&datatype),
			dims: shape,
		};
		let output = |Port { name, datatype, shape }| Output {
			name,
			data_type: data_type(&datatype),
			dims: shape,
		};
		let config = Config {
			name: model.name,
			platform: model.platform,
			input: model.inputs.into_iter().map(input).collect(),
			output: model.outputs.into_iter().map(output).collect(),
		};
		Self { config: Some(config) }
	}
}

impl From<Vec<OfVersion>> for StatisticsResponse {
	fn from(all: Vec<OfVersion>) -> Self {
		let counted = |it: Counted| Some(StatisticDuration { count: it.count, ns: it.ns() });
		let of_version = |OfVersion { name, version, statistics: it }| ModelStatistics {
			name,
			version: version.to_string(),
			last_inference: it.last_ms,
			inference_count: it.answered.count,
			execution_count: it.answered.count,
			inference_stats: Some(InferStatistics {
				success: counted(it.answered),
				fail: counted(it.failed),
				compute_infer: counted(it.ran),
			}),
		};
		Self { model_stats: all.into_iter().map(of_version).collect() }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::gateway::statistics::Statistics;
	use std::time::Duration;

	/// As tritonclient 2.73.0 writes it.
	const STATISTICS: &str =
		"0a2f0a05616464657212013618fbd095ffbc312002280232180a07080210c096b10212050801\
		10d8362a0608021080897a";

	#[test]
	fn statistics_are_as_tritons_client_reads_them() {
		let counted = |count, ns| Counted { count, time: Duration::from_nanos(ns) };
		let of_version = OfVersion {
			name: "adder".into(),
			version: 6,
			statistics: Statistics {
				answered: counted(2, 5_000_000),
				failed: counted(1, 7_000),
				ran: counted(2, 2_000_000),
				last_ms: 1_700_000_000_123,
			},
		};
		let message = StatisticsResponse::from(vec![of_version]);
		assert_eq!(hex::encode(message.encode_to_vec()), STATISTICS);
	}

	#[test]
	fn types_have_tritons_numbers() {
		for (name, number) in [
			("BOOL", 1),
			("INT32", 8),
			("FP32", 11),
			("BYTES", 13),
			("BF16", 14),
			("INT4", 0),
			("", 0),
		] {
			assert_eq!(data_type(name), number, "{name}");
		}
	}
}
