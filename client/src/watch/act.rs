//! Doing on the chain what was decided.

use super::{
	calls,
	decide::{Action, Step},
};
use crate::{
	chain::{Chain, ChainError, Included, Progress, Until},
	channel::ChannelRecord,
	runtime,
};
use subxt_signer::sr25519::Keypair;

/// Signs and sends the call of a step; returns when it is final. `record` is that of the step's
/// channel, which a checkpoint needs not.
pub async fn submit(
	chain: &Chain,
	signer: &Keypair,
	record: Option<&ChannelRecord>,
	step: &Step,
	progress: impl FnMut(Progress),
) -> Result<Included, ChainError> {
	let until = Until::Final;
	let channel = step.channel_id;
	let record = record.ok_or(ChainError::NotTaken("the channel is not in this store".into()));
	match &step.action {
		Action::ReportDouble { batch, first, second } => {
			let call = calls::report_double(record?, batch.as_ref(), first, second);
			chain.submit(&call, signer, until, progress).await
		},
		Action::ReportLeaf { batch, proven, request } => {
			let call = calls::report_leaf(record?, batch, proven, request.as_ref());
			chain.submit(&call, signer, until, progress).await
		},
		Action::ReportPair { batch, left, right } => {
			let call = calls::report_pair(record?, batch, left, right);
			chain.submit(&call, signer, until, progress).await
		},
		Action::Demand { batch, seq } => {
			let call = calls::demand(batch, channel, *seq);
			chain.submit(&call, signer, until, progress).await
		},
		Action::Enforce { batch_no, seq } => {
			let call = calls::enforce_demand(step.oracle, *batch_no, channel, *seq);
			chain.submit(&call, signer, until, progress).await
		},
		Action::Checkpoint { voucher } => {
			chain.submit(&calls::checkpoint(voucher), signer, until, progress).await
		},
		Action::FinaliseClose { .. } => {
			let call = runtime::transactions().usage().finalise_close(channel);
			chain.submit(&call, signer, until, progress).await
		},
	}
}
