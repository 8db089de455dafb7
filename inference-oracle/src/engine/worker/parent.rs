//! The oracle's side: starts a worker, believes nothing it says, ends it, starts it again.

use super::{
	frame::{self, FrameError, Kind, Until},
	message::{self, decode, Begin, Confined, Confinement, Failure, Loaded, CONTROL},
	ARGUMENT,
};
use crate::engine::{
	gpu::{self, Card, Gpus, NoSuchDevice},
	placement::{Placed, Placement, Provider},
	profile::Profile,
	Artifact, Engine, EngineError, Instance, Signature,
};
use codec::Encode;
use rustix::pipe::{pipe_with, PipeFlags};
use std::{
	fs::File,
	io::{self, Read},
	os::{
		fd::OwnedFd,
		unix::{ffi::OsStrExt, net::UnixStream, process::CommandExt},
	},
	path::PathBuf,
	process::{Child, Command, Stdio},
	sync::Arc,
	time::{Duration, Instant},
};
use usufruct_client::tensors::{canonical, Tensor};

/// How long a worker may take to load the library and lock itself in.
const BEGIN: Duration = Duration::from_secs(60);
/// The pause before the second attempt to start a worker that does not last; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long a worker that was killed, or closed its connection, may take to end.
const END: Duration = Duration::from_secs(10);
/// The most bytes that are logged at once of what a worker writes to its standard error.
const WORDS: u64 = 4 << 10;
/// The most bytes of it that are kept: the capacity of a pipe.
const KEPT_WORDS: u64 = 64 << 10;

/// Variables that the dynamic linker and the GPU's driver need; a worker gets no other.
const KEPT: [&str; 3] = ["LD_LIBRARY_PATH", gpu::VISIBLE, "NVIDIA_VISIBLE_DEVICES"];

/// Whether a model is served by a worker that the kernel does not lock in as it should.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
	/// Not at all.
	Required,
	/// With a warning.
	#[default]
	BestEffort,
}

/// How workers of a model are started.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
	/// The model's name.
	pub name: String,
	/// The program that becomes a worker when its first argument is [`ARGUMENT`].
	pub program: PathBuf,
	/// The ONNX Runtime library.
	pub library: PathBuf,
	/// An empty folder.
	pub nowhere: PathBuf,
	/// Where the model shall run.
	pub placement: Placement,
	/// The number of the GPU, if it shall be on one; the first unless it is said.
	pub device: Option<u32>,
	/// Threads within one run.
	pub threads: usize,
	/// Whether it must be locked in.
	pub isolation: Isolation,
	/// The most bytes of memory of one worker.
	pub memory: u64,
	/// The most bytes of the outputs of one run.
	pub max_output: u32,
	/// How long loading the model may take.
	pub load_limit: Duration,
	/// How long a run may take.
	pub run_limit: Duration,
}

/// A model in a worker of its own.
///
/// A worker dies with the thread that started it, so one thread starts and uses an engine.
pub struct WorkerEngine {
	options: WorkerOptions,
	artifact: Arc<Artifact>,
	worker: Option<Worker>,
	signature: Signature,
	/// Where it runs.
	pub placed: Placed,
	/// The GPU that it sees, if one is known.
	card: Option<Card>,
	driver: Option<String>,
	/// Those of the GPU that its first worker loaded, if it runs on one.
	libraries: String,
	/// How its first worker was locked in.
	pub confinement: Confinement,
	/// How its ONNX Runtime was built.
	pub runtime: String,
	instance: Arc<Instance>,
	/// Workers that did not last, since the last run that went well.
	failures: u32,
	not_before: Instant,
}

impl WorkerEngine {
	/// Starts a worker and loads the model in it.
	pub fn start(
		mut options: WorkerOptions,
		artifact: Arc<Artifact>,
		instance: Arc<Instance>,
	) -> Result<Self, EngineError> {
		let (card, driver) = card(&options)?;
		let started = Worker::start(&options, card.as_ref(), &artifact)?;
		let process = started.worker.child.id();
		instance.started(process);
		let on_gpu = started.placed.provider.on_gpu();
		let libraries = if on_gpu { gpu::libraries(process) } else { String::new() };
		// Whoever comes after the first worker runs where it could.
		options.placement.providers = started.placed.provider.into();
		Ok(Self {
			placed: started.placed,
			card,
			driver,
			libraries,
			options,
			artifact,
			worker: Some(started.worker),
			signature: started.signature,
			confinement: started.confined.confinement,
			runtime: started.confined.runtime,
			instance,
			failures: 0,
			not_before: Instant::now(),
		})
	}

	fn restart(&mut self) -> Result<Worker, EngineError> {
		let started = Worker::start(&self.options, self.card.as_ref(), &self.artifact)
			.and_then(|started| {
				if started.signature == self.signature {
					return Ok(started.worker);
				}
				Err(EngineError::Broken("it loaded the model as another one than before".into()))
			})
			.inspect_err(|_| self.failed())?;
		self.instance.restarted(started.child.id());
		tracing::info!(model = self.options.name, pid = started.child.id(), "worker started again");
		Ok(started)
	}

	/// A worker did not last.
	fn failed(&mut self) {
		let pause = match self.failures {
			// It may have been this one request.
			0 => Duration::ZERO,
			before => FIRST_PAUSE
				.saturating_mul(1u32.checked_shl(before - 1).unwrap_or(u32::MAX))
				.min(LONGEST_PAUSE),
		};
		self.failures = self.failures.saturating_add(1);
		self.not_before = Instant::now() + pause;
		self.instance.down();
	}
}

impl Drop for WorkerEngine {
	fn drop(&mut self) {
		self.instance.down();
	}
}

impl Engine for WorkerEngine {
	fn signature(&self) -> &Signature {
		&self.signature
	}

	fn revive(&mut self) -> Result<(), Duration> {
		if self.worker.as_mut().is_some_and(Worker::runs) {
			return Ok(());
		}
		if self.worker.take().is_some() {
			tracing::warn!(model = self.options.name, "a worker ended while it was idle");
			self.failed();
		}
		let left = self.not_before.saturating_duration_since(Instant::now());
		if !left.is_zero() {
			return Err(left);
		}
		match self.restart() {
			Ok(worker) => {
				self.worker = Some(worker);
				Ok(())
			},
			Err(error) => {
				let pause = self.not_before.saturating_duration_since(Instant::now());
				tracing::error!(model = self.options.name, %error, ?pause, "no worker can be started");
				Err(pause)
			},
		}
	}

	fn profile(&self) -> Profile {
		let provider = self.placed.provider;
		let profile = Profile::of(&self.runtime, provider, self.options.threads);
		if !provider.on_gpu() {
			return profile;
		}
		let kind = self.card.as_ref().map_or("not known", |card| card.kind.as_str());
		let driver = self.driver.as_deref().unwrap_or("not known");
		let tensorrt = &self.options.placement.tensorrt;
		let tensorrt = (provider == Provider::TensorRt).then_some(tensorrt);
		let libraries = &self.libraries;
		profile.on(format!("{kind}, driver {driver}; {libraries}"), tensorrt)
	}

	fn device(&self) -> String {
		let provider = self.placed.provider;
		match &self.card {
			Some(card) if provider.on_gpu() => format!("{provider}:{}", card.number),
			_ => provider.to_string(),
		}
	}

	fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Tensor>, EngineError> {
		let body = canonical(inputs).map_err(|error| EngineError::Run(error.to_string()))?;
		// Whatever goes wrong from here on, the worker is dropped, and dropping ends it.
		let mut worker = self.worker.take().ok_or(EngineError::Stopped)?;
		match worker.run(&self.options, &self.signature, &body) {
			Ok(answer) => {
				worker.relay(&self.options.name);
				self.worker = Some(worker);
				self.failures = 0;
				answer.map_err(Into::into)
			},
			Err(error) => {
				let error = worker.end(error, self.options.run_limit);
				self.failed();
				Err(error)
			},
		}
	}
}

/// A worker that has its model.
struct Started {
	worker: Worker,
	confined: Confined,
	signature: Signature,
	placed: Placed,
}

/// The GPU that a model is to be on, and the driver. Where there is none and the processor will do, it does
/// not matter which was said.
fn card(options: &WorkerOptions) -> Result<(Option<Card>, Option<String>), NoSuchDevice> {
	let providers = &options.placement.providers;
	if !providers.on_gpu() {
		return Ok((None, None));
	}
	let gpus = Gpus::here();
	if gpus.cards.is_empty() && providers.all().contains(&Provider::Cpu) {
		return Ok((None, None));
	}
	Ok((gpus.choose(options.device)?, gpus.driver))
}

/// A worker's process; ended when it is dropped.
struct Worker {
	child: Child,
	socket: UnixStream,
	/// What it writes to its standard error.
	words: File,
}

impl Drop for Worker {
	fn drop(&mut self) {
		// It may be dead already.
		let _ = self.child.kill();
		if !self.ends_within(END) {
			tracing::error!(pid = self.child.id(), "a worker does not end although it was killed");
		}
	}
}

impl Worker {
	fn start(
		options: &WorkerOptions,
		card: Option<&Card>,
		artifact: &Artifact,
	) -> Result<Started, EngineError> {
		let mut worker = Self::spawn(options, card).map_err(|error| {
			let program = options.program.display();
			EngineError::Load(format!("no worker can be started from {program}: {error}"))
		})?;
		match worker.begin(options, artifact) {
			Ok((confined, signature, placed)) => {
				worker.relay(&options.name);
				Ok(Started { worker, confined, signature, placed })
			},
			Err(Begun::Told(error)) => {
				worker.relay(&options.name);
				Err(error)
			},
			Err(Begun::Failed(error)) => Err(worker.end(error, options.load_limit)),
		}
	}

	fn spawn(options: &WorkerOptions, card: Option<&Card>) -> io::Result<Self> {
		let (socket, theirs) = UnixStream::pair()?;
		// Where nobody reads, its writing fails rather than blocks.
		let (words, their_words) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
		let kept = KEPT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
		let child = Command::new(&options.program)
			.arg0("usufruct-oracle")
			.args([ARGUMENT, &options.name])
			.env_clear()
			.envs(kept)
			.envs(card.map(|card| (gpu::VISIBLE, &card.id)))
			// Cards are counted as `gpu` counts them.
			.env("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
			// No library may compute with fewer bits than the model says.
			.env("NVIDIA_TF32_OVERRIDE", "0")
			// There is no folder that the driver could keep compiled kernels in.
			.env("CUDA_CACHE_DISABLE", "1")
			.env("ORT_DISABLE_TELEMETRY", "1")
			.current_dir(&options.nowhere)
			// Who interrupts the oracle at a terminal does not interrupt its workers.
			.process_group(0)
			.stdin(OwnedFd::from(theirs))
			.stdout(Stdio::null())
			.stderr(their_words)
			.spawn()?;
		Ok(Self { child, socket, words: words.into() })
	}

	fn begin(
		&mut self,
		options: &WorkerOptions,
		artifact: &Artifact,
	) -> Result<(Confined, Signature, Placed), Begun> {
		let begin = Begin {
			library: options.library.as_os_str().as_bytes().to_vec(),
			nowhere: options.nowhere.as_os_str().as_bytes().to_vec(),
			placement: options.placement.clone(),
			threads: u32::try_from(options.threads).unwrap_or(u32::MAX),
			memory: options.memory,
			max_output: options.max_output,
		};
		let mut until = Until::after(&self.socket, BEGIN);
		frame::write(&mut until, Kind::Begin, &begin.encode())?;
		let confined: Confined = answer(&mut until, Kind::Confined)?;
		let lacking = &confined.confinement.lacking;
		if options.isolation == Isolation::Required && !lacking.is_empty() {
			return Err(Begun::Told(EngineError::NotIsolated(lacking.join("; "))));
		}
		let model = artifact.bytes().map_err(|error| Begun::Told(error.into()))?;
		let mut until = Until::after(&self.socket, options.load_limit);
		frame::write(&mut until, Kind::Model, &model)?;
		drop(model);
		let loaded: Loaded = answer(&mut until, Kind::Loaded)?;
		let (signature, placed) = loaded.check(&options.placement.providers)?;
		Ok((confined, signature, placed))
	}

	/// The outputs, or why the worker says that there are none; or why it must be ended.
	fn run(
		&mut self,
		options: &WorkerOptions,
		signature: &Signature,
		body: &[u8],
	) -> Result<Result<Vec<Tensor>, Failure>, FrameError> {
		let mut until = Until::after(&self.socket, options.run_limit);
		frame::write(&mut until, Kind::Run, body)?;
		let expected = [(Kind::Outputs, options.max_output as usize), (Kind::Failed, CONTROL)];
		match frame::read(&mut until, &expected)? {
			(Kind::Outputs, body) => Ok(Ok(message::outputs(signature, &body)?)),
			(_, body) => Ok(Err(decode(&body)?)),
		}
	}

	/// Whether it has ended after at most so long.
	fn ends_within(&mut self, time: Duration) -> bool {
		let begun = Instant::now();
		while self.runs() {
			if begun.elapsed() > time {
				return false;
			}
			std::thread::sleep(Duration::from_millis(1));
		}
		true
	}

	/// Whether it has not ended.
	fn runs(&mut self) -> bool {
		matches!(self.child.try_wait(), Ok(None))
	}

	/// Ends it, and says what is known about why.
	fn end(mut self, why: FrameError, limit: Duration) -> EngineError {
		match why {
			FrameError::TimedOut => return EngineError::TimedOut(limit),
			FrameError::Closed => {},
			_ => return EngineError::Broken(why.to_string()),
		}
		// The kernel closes the files of a process before it says how it ended.
		let how = match self.ends_within(Duration::from_secs(1)).then(|| self.child.try_wait()) {
			Some(Ok(Some(status))) => status.to_string(),
			_ => "it closed its connection".into(),
		};
		// One that lives on says no more.
		let _ = self.child.kill();
		let words = self.read_words(KEPT_WORDS);
		EngineError::Died(match message::shown_end(&words).trim() {
			"" => how,
			words => format!("{how}; its last words: {words}"),
		})
	}

	/// Logs what it wrote.
	fn relay(&mut self, model: &str) {
		for line in self.read_words(WORDS).lines() {
			tracing::info!(model, "worker: {}", message::shown(line));
		}
	}

	/// What it wrote since this was last asked, as far as it is kept.
	fn read_words(&mut self, most: u64) -> String {
		let mut words = Vec::new();
		// There is nothing to read as long as it is quiet: that is an error of the pipe.
		let _ = (&self.words).take(most).read_to_end(&mut words);
		String::from_utf8_lossy(&words).into_owned()
	}
}

/// Why there is no model.
enum Begun {
	/// Because of the model, the library, or the kernel.
	Told(EngineError),
	/// Because of the worker.
	Failed(FrameError),
}

impl From<FrameError> for Begun {
	fn from(error: FrameError) -> Self {
		Self::Failed(error)
	}
}

/// The answer of that kind.
fn answer<T: codec::Decode>(from: &mut impl Read, kind: Kind) -> Result<T, Begun> {
	match frame::read(from, &[(kind, CONTROL), (Kind::Failed, CONTROL)])? {
		(Kind::Failed, body) => Err(Begun::Told(decode::<Failure>(&body)?.into())),
		(_, body) => Ok(decode(&body)?),
	}
}
