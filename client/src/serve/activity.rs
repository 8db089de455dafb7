//! Whether anything goes on on a connection.

use crate::sync::lock;
use std::{
	sync::{Arc, Mutex},
	time::Duration,
};
use tokio::time::{sleep, Instant};

/// The requests of a connection that are being answered, and since when there are none.
pub struct Activity(Mutex<(usize, Instant)>);

/// A request that is being answered.
pub struct Running(Arc<Activity>);

impl Default for Activity {
	fn default() -> Self {
		Self(Mutex::new((0, Instant::now())))
	}
}

impl Activity {
	/// A request begins.
	pub fn begin(self: &Arc<Self>) -> Running {
		lock(&self.0).0 += 1;
		Running(self.clone())
	}

	/// Waits until nothing went on for so long.
	pub async fn idle(&self, limit: Duration) {
		loop {
			let left = match *lock(&self.0) {
				(0, since) => limit.saturating_sub(since.elapsed()),
				_ => limit,
			};
			if left.is_zero() {
				return;
			}
			sleep(left).await;
		}
	}
}

impl Drop for Running {
	fn drop(&mut self) {
		let mut state = lock(&self.0 .0);
		*state = (state.0.saturating_sub(1), Instant::now());
	}
}
