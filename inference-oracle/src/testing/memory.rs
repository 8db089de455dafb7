//! How much memory a piece of work takes at a time, as its thread asks for it.

use std::{
	alloc::{GlobalAlloc, Layout, System},
	cell::Cell,
};

thread_local! {
	/// What was taken and not given back, and the most that ever was.
	static TAKEN: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

struct Counted;

#[global_allocator]
static COUNTED: Counted = Counted;

fn note(bytes: isize) {
	// There is none while a thread ends.
	let _ = TAKEN.try_with(|it| {
		let (taken, most) = it.get();
		let taken = taken + bytes;
		it.set((taken, most.max(taken)));
	});
}

#[allow(unsafe_code)]
// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counted {
	unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
		note(layout.size() as isize);
		unsafe { System.alloc(layout) }
	}

	unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
		note(layout.size() as isize);
		unsafe { System.alloc_zeroed(layout) }
	}

	unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
		note(-(layout.size() as isize));
		unsafe { System.dealloc(at, layout) }
	}

	unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
		note(size as isize - layout.size() as isize);
		unsafe { System.realloc(at, layout, size) }
	}
}

/// The most bytes that the work holds at a time, beyond what it finds.
pub fn most<T>(work: impl FnOnce() -> T) -> usize {
	let (found, _) = TAKEN.get();
	TAKEN.set((found, found));
	let made = work();
	let (_, most) = TAKEN.get();
	drop(made);
	(most - found) as usize
}
