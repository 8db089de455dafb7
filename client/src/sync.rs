//! Locks that a panic does not close: whoever comes next goes on with what is there.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex, also after somebody panicked with it.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
