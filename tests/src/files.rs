//! Real files to recognise: whatever sources and tools this machine has.

use std::{
	collections::HashSet,
	fs,
	path::{Path, PathBuf},
};

use anyhow::{ensure, Result};

/// `count` files with different beginnings, of many kinds, in a fixed order.
pub fn different(count: usize) -> Result<Vec<PathBuf>> {
	let home = std::env::var_os("CARGO_HOME")
		.map(PathBuf::from)
		.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
	let roots =
		[Some("/usr/share/doc".into()), Some("/usr/bin".into()), home, Some("/usr/lib".into())];
	let mut found = Vec::new();
	let mut seen = HashSet::new();
	// A share from each place, then whatever is left to fill up.
	for share in [count.div_ceil(4), count] {
		for root in roots.iter().flatten() {
			let most = found.len() + share;
			walk(root, most.min(count), &mut seen, &mut found);
		}
	}
	ensure!(found.len() == count, "only {} different files on this machine", found.len());
	Ok(found)
}

fn walk(folder: &Path, most: usize, seen: &mut HashSet<Vec<u8>>, found: &mut Vec<PathBuf>) {
	let Ok(entries) = fs::read_dir(folder) else { return };
	let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
	entries.sort();
	for path in entries {
		if found.len() >= most {
			return;
		}
		let Ok(meta) = fs::symlink_metadata(&path) else { continue };
		if meta.is_dir() {
			walk(&path, most, seen, found);
		} else if meta.is_file() && (64..2_000_000).contains(&meta.len()) {
			let Ok(mut bytes) = fs::read(&path) else { continue };
			bytes.truncate(512);
			if seen.insert(bytes) {
				found.push(path);
			}
		}
	}
}
