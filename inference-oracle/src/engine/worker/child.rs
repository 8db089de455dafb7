//! The worker's side: what the process does that runs a model.
//!
//! In this order: nothing that was inherited is kept, limits are set, the library is opened, the
//! process locks itself in, starts the library, and says how far that went; only then does it get
//! the model.

use super::{
	confine,
	frame::{self, FrameError, Kind},
	message::{decode, Begin, Confined, Failure, Loaded, CONTROL},
};
use crate::engine::{
	library::{OnnxLibrary, OnnxRuntime},
	ort::{OrtEngine, SessionOptions},
	Engine,
};
use codec::Encode;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use std::{
	ffi::OsString,
	io::Write,
	os::{
		fd::AsFd,
		unix::{ffi::OsStringExt, net::UnixStream},
	},
	path::PathBuf,
	process::ExitCode,
	sync::{atomic::AtomicBool, Arc},
};
use usufruct_client::tensors::{canonical, from_canonical};

/// Bytes of stack. Graphs are walked recursively when they are loaded.
const STACK: usize = 64 << 20;

/// Runs a worker to its end: until the oracle closes the connection.
pub fn main() -> ExitCode {
	match serve() {
		Ok(()) => ExitCode::SUCCESS,
		Err(error) => {
			// The oracle reads it, unless the pipe is full.
			let _ = writeln!(std::io::stderr(), "{error}");
			ExitCode::FAILURE
		},
	}
}

/// Why a worker stops before it is told to.
#[derive(Debug, thiserror::Error)]
enum WorkerError {
	#[error("this command is the oracle's own: it starts it to run a model; start the oracle without it")]
	NotStartedByAnOracle,
	#[error("{0}")]
	Frame(#[from] FrameError),
	#[error("{0}")]
	System(#[from] std::io::Error),
	#[error("it panicked")]
	Panicked,
}

fn serve() -> Result<(), WorkerError> {
	// The oracle ends it, not who stops the oracle: requests in flight are finished first. And a
	// library that writes to a file is to be told that it may not, not to be ended.
	for signal in [SIGHUP, SIGINT, SIGTERM, SIGXFSZ] {
		signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))?;
	}
	// Where the oracle is killed nobody else would end a run that never ends. Were it dead already,
	// the connection would be closed.
	rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
		.map_err(std::io::Error::from)?;
	let socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?);
	if socket.peer_addr().is_err() {
		return Err(WorkerError::NotStartedByAnOracle);
	}
	log_to_stderr();
	// It was started from a name that says nothing.
	rustix::thread::set_name(c"usufruct-worker").map_err(std::io::Error::from)?;

	let (_, body) = frame::read(&mut &socket, &[(Kind::Begin, CONTROL)])?;
	let begin: Begin = decode(&body)?;
	let library = path(&begin.library);
	let options = SessionOptions {
		placement: begin.placement,
		threads: begin.threads as usize,
		nowhere: path(&begin.nowhere),
	};
	let gpu = confine::with_gpu(&options.placement.providers);
	let goes_first = confine::go_first();
	confine::limit(begin.memory, gpu)?;
	let opened = match OnnxLibrary::open(&library) {
		Ok(opened) => opened,
		Err(error) => return fail(&socket, Failure::Load(error.to_string())),
	};
	let mut confinement = confine::confine(&library, &options.nowhere, gpu);
	confinement.note(goes_first);
	let runtime = match opened.start() {
		Ok(runtime) => runtime,
		Err(error) => return fail(&socket, Failure::Load(error.to_string())),
	};
	let confined = Confined { runtime: runtime.build().into(), confinement };
	frame::write(&mut &socket, Kind::Confined, &confined.encode())?;

	let work = move || work(&socket, &runtime, &options, begin.max_output as usize);
	// Threads inherit what their maker is locked into.
	let thread = std::thread::Builder::new().name("model".into()).stack_size(STACK).spawn(work)?;
	thread.join().map_err(|_| WorkerError::Panicked)?
}

/// Loads the model and runs it until the connection is closed.
fn work(
	socket: &UnixStream,
	runtime: &OnnxRuntime,
	options: &SessionOptions,
	max_output: usize,
) -> Result<(), WorkerError> {
	let (_, model) = frame::read(&mut &*socket, &[(Kind::Model, u32::MAX as usize)])?;
	let mut engine = match OrtEngine::load(runtime, &model, options) {
		Ok(engine) => engine,
		Err(error) => return fail(socket, error.into()),
	};
	drop(model);
	give_back();
	let loaded = Loaded::new(&engine.placed, engine.signature());
	frame::write(&mut &*socket, Kind::Loaded, &loaded.encode())?;
	loop {
		let (_, body) = match frame::read(&mut &*socket, &[(Kind::Run, u32::MAX as usize)]) {
			Err(FrameError::Closed) => return Ok(()),
			read => read?,
		};
		match run(&mut engine, &body, max_output) {
			Ok(body) => frame::write(&mut &*socket, Kind::Outputs, &body)?,
			Err(failure) => fail(socket, failure)?,
		}
	}
}

/// Gives memory back to the system that loading took and nothing uses any more: a model's weights are in it
/// several times meanwhile, and glibc keeps much of that.
fn give_back() {
	#[cfg(target_env = "gnu")]
	#[allow(unsafe_code)]
	// SAFETY: it takes no address, and may be called at any time from any thread.
	unsafe {
		libc::malloc_trim(0);
	}
}

fn run(engine: &mut OrtEngine, body: &[u8], max_output: usize) -> Result<Vec<u8>, Failure> {
	let inputs = from_canonical(body)
		.ok_or_else(|| Failure::Run("the inputs are not canonical tensors".into()))?;
	let outputs = engine.run(&inputs)?;
	let body = canonical(&outputs).map_err(|error| Failure::Run(error.to_string()))?;
	if body.len() > max_output {
		return Err(Failure::Run(format!(
			"the outputs have {} bytes, at most {max_output} are served; raise output_mib if they \
			 should be",
			body.len()
		)));
	}
	Ok(body)
}

fn fail(socket: &UnixStream, failure: Failure) -> Result<(), WorkerError> {
	Ok(frame::write(&mut &*socket, Kind::Failed, &failure.encode())?)
}

fn path(bytes: &[u8]) -> PathBuf {
	OsString::from_vec(bytes.to_vec()).into()
}

fn log_to_stderr() {
	tracing_subscriber::fmt()
		// ONNX Runtime tells every step of loading a model.
		.with_env_filter("info,ort=warn")
		.with_ansi(false)
		.without_time()
		.with_target(false)
		// Where the oracle has not read for long, lines are lost.
		.log_internal_errors(false)
		.with_writer(std::io::stderr)
		.init();
}
