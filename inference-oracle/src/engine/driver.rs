//! Whether NVIDIA's driver is there, and what to do where it is not. ONNX Runtime would say only which file
//! it could not open, and a worker may open none of the driver's while there is none.

use std::path::Path;

/// What the kernel makes for a driver that is loaded.
const MODULES: [&str; 2] = ["sys/module/nvidia", "proc/driver/nvidia"];
/// What CUDA uses of it besides the cards.
const DEVICES: [&str; 2] = ["dev/nvidiactl", "dev/nvidia-uvm"];

/// Nothing can run on an NVIDIA GPU here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDriver {
	/// The kernel has none.
	#[error("no NVIDIA driver is loaded on this machine; install one with which `nvidia-smi` shows the GPU")]
	NotLoaded,
	/// The kernel has one, and this process cannot reach it.
	#[error(
		"the NVIDIA driver is loaded, but /{0} is not there; in a container, start it with the GPU \
		 (`docker run --gpus all`), elsewhere have the devices made (`nvidia-modprobe -c 0 -u`)"
	)]
	NoDevice(&'static str),
}

/// Whether CUDA can find the driver of this machine.
pub fn check() -> Result<(), NoDriver> {
	below(Path::new("/"))
}

fn below(root: &Path) -> Result<(), NoDriver> {
	let there = |path: &str| root.join(path).exists();
	let Some(missing) = DEVICES.into_iter().find(|it| !there(it)) else { return Ok(()) };
	match MODULES.into_iter().chain(DEVICES).any(there) {
		true => Err(NoDriver::NoDevice(missing)),
		false => Err(NoDriver::NotLoaded),
	}
}

/// Why a GPU cannot be used, as ONNX Runtime says it, and what to do where a worker may not read a library.
pub fn explained(why: String) -> String {
	if !why.contains("Permission denied") {
		return why;
	}
	format!(
		"{why} (a worker reads libraries beside ONNX Runtime's, in the system's folders, in \
		 /usr/local/cuda* and in the folders of LD_LIBRARY_PATH: name the library's folder there)"
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn machine(paths: &[&str]) -> Result<(), NoDriver> {
		let root = tempfile::tempdir().unwrap();
		for path in paths {
			std::fs::create_dir_all(root.path().join(path)).unwrap();
		}
		below(root.path())
	}

	#[test]
	fn what_of_the_driver_is_missing_is_told_with_what_to_do() {
		for (there, says) in [
			(&[][..], "no NVIDIA driver is loaded"),
			(&["dev/nvidia", "proc/driver"], "no NVIDIA driver is loaded"),
			(&["sys/module/nvidia"], "/dev/nvidiactl is not there"),
			(&["proc/driver/nvidia", "dev/nvidia0"], "/dev/nvidiactl is not there"),
			(&["dev/nvidiactl", "dev/nvidia0"], "/dev/nvidia-uvm is not there"),
			(&["sys/module/nvidia", "dev/nvidia-uvm"], "/dev/nvidiactl is not there"),
		] {
			let text = machine(there).unwrap_err().to_string();
			assert!(text.contains(says) && text.contains("`nvidia-"), "{there:?}: {text}");
		}
		assert_eq!(machine(&DEVICES), Ok(()));
		assert_eq!(machine(&["dev/nvidiactl", "dev/nvidia-uvm", "proc/driver/nvidia"]), Ok(()));
	}

	#[test]
	fn a_library_that_may_not_be_read_is_told_with_the_folders_that_may() {
		let denied = "libcudnn.so.9: cannot open shared object file: Permission denied";
		let text = explained(denied.into());
		assert!(text.starts_with(denied) && text.contains("LD_LIBRARY_PATH"), "{text}");
		let other = "CUDA execution provider is not enabled in this build.";
		assert_eq!(explained(other.into()), other);
	}
}
