//! Where texts are turned into tokens: long ones in their turn, where it holds nobody up.

use super::{Text, TextError};
use crate::tensors::Tensor;
use std::{
	num::NonZero, panic::resume_unwind, sync::Arc, thread::available_parallelism, time::Duration,
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Longer texts are turned into tokens on a thread that may block, in bytes.
const INLINE: usize = 8 << 10;

/// Why the tokens of a request were not counted.
#[derive(Debug, thiserror::Error)]
pub enum CountError {
	/// They are no input.
	#[error(transparent)]
	Text(#[from] TextError),
	/// As many as may be are counted at a time.
	#[error(
		"the tokens of as many long texts are counted as may be at a time; ask again in a moment"
	)]
	Busy,
	/// The program ends.
	#[error(transparent)]
	Stopped(#[from] Stopped),
}

/// Work that had not begun when the program was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the program is ending; ask again when it runs")]
pub struct Stopped;

/// One for each long request whose tokens are counted, of which there are as many as processors. Who has a clone has
/// the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Turns(Arc<Semaphore>);

impl Default for Turns {
	fn default() -> Self {
		Self(Arc::new(Semaphore::new(at_a_time())))
	}
}

fn at_a_time() -> usize {
	available_parallelism().map_or(1, NonZero::get)
}

impl Turns {
	/// How many tokens these are. For long ones a turn is waited for with `patience`; short ones need none.
	pub(crate) async fn count(
		&self,
		text: &Arc<Text>,
		inputs: &[Tensor],
		patience: Duration,
	) -> Result<u64, CountError> {
		if !is_long(inputs) {
			return Ok(text.prepare(inputs)?.tokens);
		}
		// Nobody closes the semaphore: if there is no turn, it did not come in time.
		let Ok(Ok(turn)) = timeout(patience, self.0.clone().acquire_owned()).await else {
			return Err(CountError::Busy);
		};
		let (text, inputs) = (text.clone(), inputs.to_vec());
		let counted = away(move || {
			let counted = text.prepare(&inputs).map(|prepared| prepared.tokens);
			drop(turn);
			counted
		});
		Ok(counted.await??)
	}

	/// All of them, so that nobody else has one meanwhile.
	#[cfg(test)]
	pub(crate) async fn take_all(&self) -> tokio::sync::OwnedSemaphorePermit {
		let all = u32::try_from(at_a_time()).unwrap();
		self.0.clone().acquire_many_owned(all).await.unwrap()
	}
}

/// Whether turning these into tokens takes long.
fn is_long(inputs: &[Tensor]) -> bool {
	inputs.iter().map(|tensor| tensor.data().len()).sum::<usize>() > INLINE
}

/// Does what takes long on a thread that may block. What the work has goes along: whoever hangs up does not stop it.
pub(crate) async fn away<T: Send + 'static>(
	work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stopped> {
	match spawn_blocking(work).await {
		Ok(done) => Ok(done),
		Err(error) => match error.try_into_panic() {
			Ok(panic) => resume_unwind(panic),
			// It was waiting for a thread, and gets none any more.
			Err(_) => Err(Stopped),
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use tokio::runtime::Runtime;

	#[test]
	fn work_that_does_not_begin_any_more_is_an_error_and_no_panic() {
		let runtime = Runtime::new().unwrap();
		let handle = runtime.handle().clone();
		assert_eq!(handle.block_on(away(|| 7)), Ok(7));
		runtime.shutdown_timeout(Duration::from_secs(60));
		assert_eq!(handle.block_on(away(|| 7)), Err(Stopped));
	}

	#[tokio::test]
	#[should_panic(expected = "asked for")]
	async fn work_that_panics_does_so_where_it_is_waited_for() {
		let _ = away::<()>(|| panic!("asked for")).await;
	}
}
