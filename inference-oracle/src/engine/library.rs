//! Finding and loading the ONNX Runtime shared library.

use ort::environment::Environment;
use std::path::{Path, PathBuf};

/// The library cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
	/// There is none where one was looked for.
	#[error(
		"no ONNX Runtime library was found (looked at {0}); name it with --onnxruntime, `onnxruntime` \
		 in the configuration, or ORT_DYLIB_PATH"
	)]
	NotFound(String),
	/// It is there and cannot be used.
	#[error(
		"ONNX Runtime cannot be loaded from {path}: {why}; use a library of version 1.24 or newer"
	)]
	Unusable {
		/// The file.
		path: String,
		/// Why.
		why: String,
	},
}

/// The loaded library; all sessions are made in it.
#[derive(Clone)]
pub struct OnnxRuntime {
	pub(super) environment: Environment,
}

/// The library to load: what was named, else ORT_DYLIB_PATH, else beside the executable, else the
/// system's.
pub fn locate(named: Option<&Path>) -> Result<PathBuf, LibraryError> {
	let from_environment =
		std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()).map(PathBuf::from);
	// What was named explicitly is not silently replaced by something else.
	if let Some(path) = named.map(Path::to_path_buf).or(from_environment) {
		return if path.is_file() {
			// A worker loads it from another folder.
			Ok(path.canonicalize().unwrap_or(path))
		} else {
			Err(LibraryError::NotFound(path.display().to_string()))
		};
	}
	let mut looked = Vec::new();
	let beside = std::env::current_exe()
		.ok()
		.and_then(|exe| Some(exe.parent()?.join("lib").join("libonnxruntime.so")));
	let system =
		["/usr/local/lib", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
			.map(|folder| Path::new(folder).join("libonnxruntime.so"));
	for path in beside.into_iter().chain(system) {
		if path.is_file() {
			return Ok(path);
		}
		looked.push(path.display().to_string());
	}
	Err(LibraryError::NotFound(looked.join(", ")))
}

impl OnnxRuntime {
	/// Loads the library. There can be one per process. Done eagerly, because a library that is
	/// loaded on first use panics where it is missing.
	pub fn load(path: &Path) -> Result<Self, LibraryError> {
		let unusable =
			|why: String| LibraryError::Unusable { path: path.display().to_string(), why };
		let environment = ort::init_from(path)
			.map_err(|error| unusable(error.to_string()))?
			.with_name("usufruct-oracle")
			.with_telemetry(false)
			.build()
			.map_err(|error| unusable(error.to_string()))?;
		Ok(Self { environment })
	}

	/// How the library was built.
	pub fn build(&self) -> &'static str {
		ort::info()
	}
}
