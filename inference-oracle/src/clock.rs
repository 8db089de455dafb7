//! Two clocks: the wall's, which people and their programs set, for what people read; and a steady one for
//! everything that is waited for. No rule of money depends on either.

use std::{
	sync::OnceLock,
	time::{Instant, SystemTime, UNIX_EPOCH},
};

/// What the steady clock shows when it is first looked at: a time of 0 is long ago.
const FIRST_MS: u64 = 1 << 40;

#[cfg(test)]
static SHIFT_MS: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(0);

/// Milliseconds since the Unix epoch, as the system has it.
pub fn now_ms() -> u64 {
	let now = SystemTime::now()
		.duration_since(UNIX_EPOCH)
		.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
	#[cfg(test)]
	let now = now.saturating_add_signed(SHIFT_MS.load(std::sync::atomic::Ordering::SeqCst));
	now
}

/// Milliseconds by a clock that only ever goes forward, and of which only differences mean anything.
pub fn steady_ms() -> u64 {
	static FIRST: OnceLock<Instant> = OnceLock::new();
	let since = FIRST.get_or_init(Instant::now).elapsed().as_millis();
	FIRST_MS.saturating_add(u64::try_from(since).unwrap_or(u64::MAX))
}

/// Has somebody set the system's clock, by so much from what it really is.
#[cfg(test)]
pub(crate) fn set_system_clock(shift_ms: i64) {
	SHIFT_MS.store(shift_ms, std::sync::atomic::Ordering::SeqCst);
}
