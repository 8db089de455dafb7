//! How a worker locks itself in, and how it finds out whether that holds.
//!
//! Limits first, then Landlock (files), then seccomp (system calls); each is tried afterwards with
//! something that must fail. What the kernel does not have is reported, never passed over.

use super::{message::Confinement, syscalls};
use crate::engine::{driver, placement::Providers};
use landlock::{
	path_beneath_rules, Access, AccessFs, AccessNet, LandlockStatus, Ruleset, RulesetAttr,
	RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, ABI,
};
use rustix::process::{
	getpriority_process, getrlimit, parent_process_death_signal, set_parent_process_death_signal,
	setpriority_process, setrlimit, Resource, Rlimit,
};
use std::{
	io::{self, ErrorKind},
	net::UdpSocket,
	os::unix::net::UnixStream,
	path::{Path, PathBuf},
};

/// Address space beyond the memory that a worker may fill: libraries, and what allocators reserve.
const RESERVED: u64 = 4 << 30;

/// The newest Landlock this program knows; an older kernel enforces the part it has.
const LANDLOCK: ABI = ABI::V10;

/// Whether the model may reach a GPU, whose driver needs more room.
pub fn with_gpu(providers: &Providers) -> bool {
	providers.on_gpu() && driver::check().is_ok()
}

/// Has the kernel end this process before any other when memory runs out: the oracle starts it again.
/// Without Landlock it could take that back.
pub fn go_first() -> Result<String, String> {
	const PLACE: &str = "/proc/self/oom_score_adj";
	std::fs::write(PLACE, "1000")
		.map(|()| "the first to go when memory runs out".into())
		.map_err(|error| format!("when memory runs out others may go before it ({PLACE}: {error})"))
}

/// Limits what this process may use.
pub fn limit(memory: u64, gpu: bool) -> io::Result<()> {
	lower(Resource::Core, 0)?;
	lower(Resource::Fsize, 0)?;
	// A user has so many in all: timers take them.
	lower(Resource::Sigpending, 64)?;
	lower(Resource::Nofile, if gpu { 4_096 } else { 64 })?;
	lower(Resource::Data, memory)?;
	if !gpu {
		// A GPU's memory is mapped into the address space, however much there is.
		lower(Resource::As, memory.saturating_add(RESERVED))?;
	}
	Ok(())
}

/// Lowers a limit for good; one that is lower already stays.
fn lower(resource: Resource, to: u64) -> io::Result<()> {
	let to = getrlimit(resource).maximum.map_or(to, |maximum| maximum.min(to));
	Ok(setrlimit(resource, Rlimit { current: Some(to), maximum: Some(to) })?)
}

/// Locks in this thread and those that it starts: after the library is opened and before it is
/// started, long before the model is here.
pub fn confine(library: &Path, nowhere: &Path, gpu: bool) -> Confinement {
	let mut found = Confinement::default();
	found.note(alone());
	found.note(no_new_privileges());
	let (readable, devices) = needed(library, nowhere, gpu);
	found.note(landlock(&readable, &devices));
	let denied = syscalls::deny(gpu);
	found.note(denied.map(|()| "seccomp".into()).map_err(|why| format!("seccomp ({why})")));
	for (what, tried) in attempts(nowhere) {
		if !tried.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied) {
			found.lacking.push(format!("it could {what}"));
		}
	}
	found
}

/// Threads that run already would not be locked in.
fn alone() -> Result<String, String> {
	let threads = std::fs::read_dir("/proc/self/task").map(Iterator::count);
	match threads {
		Ok(1) => Ok("no thread outside".into()),
		Ok(more) => Err(format!("{more} threads ran before it was locked in")),
		Err(error) => Err(format!("its threads cannot be counted (/proc/self/task: {error})")),
	}
}

fn no_new_privileges() -> Result<String, String> {
	rustix::thread::set_no_new_privs(true)
		.map(|()| "no new privileges".into())
		.map_err(|error| format!("no_new_privs ({error})"))
}

/// What is read, and the devices that are used.
fn needed(library: &Path, nowhere: &Path, gpu: bool) -> (Vec<PathBuf>, Vec<PathBuf>) {
	let mut readable = vec![nowhere.to_path_buf()];
	// The choice of kernels and of the number of threads depends on the processor.
	readable.extend(["/proc/cpuinfo", "/sys/devices/system/cpu"].map(PathBuf::from));
	if !gpu {
		return (readable, Vec::new());
	}
	// The CUDA provider and the driver's libraries are loaded with the model.
	readable.extend(library.parent().map(Path::to_path_buf));
	let folders =
		["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64"];
	let described = ["/etc/ld.so.cache", "/proc", "/sys"];
	readable.extend(folders.into_iter().chain(described).map(PathBuf::from));
	readable.extend(named("/usr/local", "cuda"));
	let searched = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
	readable.extend(std::env::split_paths(&searched).filter(|path| path.is_absolute()));
	(readable, named("/dev", "nvidia"))
}

/// What is in a folder under a name that begins like that.
fn named(folder: &str, prefix: &str) -> Vec<PathBuf> {
	let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
	entries
		.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
		.map(|entry| entry.path())
		.collect()
}

fn landlock(readable: &[PathBuf], devices: &[PathBuf]) -> Result<String, String> {
	let status = restrict(readable, devices).map_err(|error| format!("Landlock ({error})"))?;
	match status.landlock {
		LandlockStatus::NotEnabled => Err("Landlock (the kernel has it switched off)".into()),
		LandlockStatus::NotImplemented => Err("Landlock (the kernel does not have it)".into()),
		LandlockStatus::Available { effective_abi, .. } => match status.ruleset {
			RulesetStatus::NotEnforced => Err("Landlock (not enforced)".into()),
			_ => Ok(format!("Landlock {effective_abi:?}")),
		},
	}
}

fn restrict(
	readable: &[PathBuf],
	devices: &[PathBuf],
) -> Result<landlock::RestrictionStatus, RulesetError> {
	Ruleset::default()
		.handle_access(AccessFs::from_all(LANDLOCK))?
		.handle_access(AccessNet::from_all(LANDLOCK))?
		.scope(Scope::from_all(LANDLOCK))?
		.create()?
		.add_rules(path_beneath_rules(readable, AccessFs::ReadFile | AccessFs::ReadDir))?
		.add_rules(path_beneath_rules(
			devices,
			AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev,
		))?
		.restrict_self()
}

/// What must fail now: in words after "it could", and how it went.
fn attempts(nowhere: &Path) -> [(&'static str, io::Result<()>); 7] {
	let file = nowhere.join("attempt");
	let written = std::fs::File::create(&file).map(drop);
	if written.is_ok() {
		// Where it can be made it can be removed.
		let _ = std::fs::remove_file(&file);
	}
	// Both stay as they are, were they set.
	let niceness = getpriority_process(None).and_then(|it| setpriority_process(None, it));
	let ends = parent_process_death_signal().and_then(set_parent_process_death_signal);
	[
		("read other folders", std::fs::read_dir("/").map(drop)),
		("make files", written),
		("use the network", UdpSocket::bind("127.0.0.1:0").map(drop)),
		("make sockets", UnixStream::pair().map(drop)),
		// Were it allowed, it would only not find the program.
		("start processes", std::process::Command::new("/nowhere/to/be/found").spawn().map(drop)),
		("slow other processes down", niceness.map_err(Into::into)),
		("outlive the oracle", ends.map_err(Into::into)),
	]
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::testing::skip::skipped;

	/// A thread of the test locks itself in as a worker does; the other threads stay free.
	fn confined<T: Send>(then: impl FnOnce(Confinement, &Path) -> T + Send) -> T {
		let nowhere = tempfile::tempdir().unwrap();
		let inside = || {
			let confinement = confine(Path::new("/nonexistent"), nowhere.path(), false);
			then(confinement, nowhere.path())
		};
		std::thread::scope(|scope| scope.spawn(inside).join().unwrap())
	}

	fn denied<T>(result: io::Result<T>) -> bool {
		result.is_err_and(|error| error.kind() == ErrorKind::PermissionDenied)
	}

	#[test]
	fn a_confined_thread_reaches_nothing() {
		let secret = tempfile::NamedTempFile::new().unwrap();
		std::fs::write(secret.path(), b"key").unwrap();
		confined(|found, nowhere| {
			let [threads, rest @ ..] = &found.lacking[..] else {
				panic!("a test has many threads, but {found:?}")
			};
			assert!(threads.contains("threads ran"), "{found:?}");
			if !rest.is_empty() {
				return skipped!("this kernel lacks {rest:?}");
			}
			assert!(denied(std::fs::read(secret.path())));
			assert!(denied(std::fs::read("/proc/self/environ")));
			assert!(denied(std::fs::write(secret.path(), b"no key")));
			assert!(denied(std::fs::remove_file(secret.path())));
			assert!(denied(std::fs::File::create(nowhere.join("x"))));
			assert!(denied(std::net::TcpListener::bind("127.0.0.1:0")));
			assert!(denied(std::net::TcpStream::connect("127.0.0.1:9")));
			assert!(denied(UnixStream::pair()));
			assert!(denied(std::process::Command::new("/bin/true").status()));
			let mode: std::fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o777);
			assert!(denied(std::fs::set_permissions(secret.path(), mode)));
			// What it needs works: its own folder, and threads, which are locked in as it is.
			assert_eq!(std::fs::read_dir(nowhere).unwrap().count(), 0);
			let path = secret.path().to_owned();
			let thread = std::thread::spawn(move || denied(std::fs::read(path)));
			assert!(thread.join().unwrap());
		});
		assert_eq!(std::fs::read(secret.path()).unwrap(), b"key");
	}

	#[test]
	fn each_layer_holds_without_the_other() {
		let folder = tempfile::tempdir().unwrap();
		std::fs::write(folder.path().join("in"), b"in").unwrap();
		let path = folder.path().to_owned();
		let thread = std::thread::spawn(move || {
			if let Err(lacks) = landlock(std::slice::from_ref(&path), &[]) {
				return skipped!("this kernel lacks {lacks}");
			}
			assert_eq!(std::fs::read(path.join("in")).unwrap(), b"in");
			assert!(denied(std::fs::write(path.join("in"), b"out")));
			assert!(denied(std::fs::read_dir("/")));
			assert!(denied(std::process::Command::new("/bin/true").status()));
		});
		thread.join().unwrap();
		let thread = std::thread::spawn(|| {
			if let Err(lacks) = syscalls::deny(false) {
				return skipped!("this kernel lacks seccomp ({lacks})");
			}
			assert!(std::fs::read_dir("/").is_ok());
			assert!(denied(UdpSocket::bind("127.0.0.1:0")));
			assert!(denied(std::process::Command::new("/bin/true").status()));
			// Others cannot be signalled; looking at one's own limits is no harm.
			let other = rustix::process::getppid().unwrap();
			assert!(rustix::process::kill_process(other, rustix::process::Signal::CONT).is_err());
			assert!(rustix::process::prlimit(
				Some(other),
				Resource::Core,
				Rlimit { current: Some(0), maximum: Some(0) }
			)
			.is_err());
			getrlimit(Resource::Core);
			assert_eq!(std::thread::spawn(|| 7).join().unwrap(), 7);
		});
		thread.join().unwrap();
	}
}
