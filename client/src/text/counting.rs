//! Where texts are turned into tokens: long ones where it holds nobody up.

use crate::tensors::Tensor;
use tokio::task::spawn_blocking;

/// Longer texts are turned into tokens on a thread that may block, in bytes.
const INLINE: usize = 8 << 10;

/// Whether turning these into tokens takes long.
pub(crate) fn is_long(inputs: &[Tensor]) -> bool {
	inputs.iter().map(|tensor| tensor.data().len()).sum::<usize>() > INLINE
}

/// Does what takes long on a thread that may block. What the work has goes along: whoever hangs up does not stop it.
pub(crate) async fn away<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
	match spawn_blocking(work).await {
		Ok(done) => done,
		// It is not aborted, so it panicked.
		Err(error) => std::panic::resume_unwind(error.into_panic()),
	}
}
