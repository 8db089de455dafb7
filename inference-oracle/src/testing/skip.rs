//! A test that finds no GPU, or a kernel that cannot do what it is about, says so by its name: the usual harness
//! shows nothing of one that leaves early.

/// What stands between the test's name and why.
pub const SKIPPED: &str = " ... skipped: ";

/// Says that the test it stands in is skipped, or the rest of it, and why.
macro_rules! skipped {
	($($why:tt)*) => {{
		fn here() {}
		let here = std::any::type_name_of_val(&here).trim_end_matches("::here");
		let name = here.split_once("::").map_or(here, |(_, name)| name).replace("::{{closure}}", "");
		let line = format!("test {name} ... skipped: {}\n", format_args!($($why)*));
		// Not by what prints: the harness shows that of tests that fail, and of no others.
		let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
	}};
}

pub(crate) use skipped;
