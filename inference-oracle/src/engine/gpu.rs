//! The NVIDIA GPUs of this machine: how many there are, and of which kind, as the driver tells in files.
//!
//! Their order is that of their places on the bus, as in `nvidia-smi`; where `CUDA_VISIBLE_DEVICES` is set,
//! it is the order of that. A worker is shown the one card it is to use and no other, so that a model
//! cannot come to run on another one.

use std::{
	collections::BTreeMap,
	fmt,
	path::{Path, PathBuf},
};

/// The variable that says which cards a process sees.
pub const VISIBLE: &str = "CUDA_VISIBLE_DEVICES";

/// What a card is called of which the driver does not tell more.
const SOME_CARD: &str = "NVIDIA GPU";

/// The libraries that compute, and choose how: how the names of their files begin.
const LIBRARIES: [&str; 5] =
	["libcublas.so", "libcublasLt.so", "libcudart.so", "libcudnn.so", "libnvinfer.so"];

/// A card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
	/// Its number for the operator.
	pub number: u32,
	/// What `CUDA_VISIBLE_DEVICES` calls it.
	pub id: String,
	/// Which kind it is, as its maker calls it. Answers depend on it.
	pub kind: String,
}

/// There is no card of that number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
	"device = {device} is not there; this machine has {there}; choose one of them (their order is that of \
	 nvidia-smi, or of CUDA_VISIBLE_DEVICES where that is set)"
)]
pub struct NoSuchDevice {
	/// Its number.
	pub device: u32,
	/// Those that are there.
	pub there: String,
}

/// The cards that this process may use, and their driver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gpus {
	/// The cards.
	pub cards: Vec<Card>,
	/// The driver's version, if it tells it.
	pub driver: Option<String>,
}

impl Gpus {
	/// Those of this machine.
	pub fn here() -> Self {
		Self::below(Path::new("/"), std::env::var(VISIBLE).ok().as_deref())
	}

	/// Those that files below a root tell of, as far as they are visible.
	fn below(root: &Path, visible: Option<&str>) -> Self {
		let driver = std::fs::read_to_string(root.join("sys/module/nvidia/version"));
		let driver = driver.ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
		let present = present(root);
		let numbered = |(number, (id, kind)): (usize, (String, String))| Card {
			number: u32::try_from(number).unwrap_or(u32::MAX),
			id,
			kind,
		};
		let cards = match visible {
			None => {
				let all = present.into_iter().enumerate();
				all.map(|(at, card)| numbered((at, (at.to_string(), card.kind)))).collect()
			},
			Some(names) => {
				let named = names.split(',').map(str::trim).map_while(|name| seen(&present, name));
				named.enumerate().map(numbered).collect()
			},
		};
		Self { cards, driver }
	}

	/// The card of that number, or the first; nothing if there is none and no number was said.
	pub fn choose(&self, device: Option<u32>) -> Result<Option<Card>, NoSuchDevice> {
		match (self.cards.get(device.unwrap_or(0) as usize), device) {
			(Some(card), _) => Ok(Some(card.clone())),
			(None, None) => Ok(None),
			(None, Some(device)) => Err(NoSuchDevice { device, there: self.to_string() }),
		}
	}
}

/// All cards in a line.
impl fmt::Display for Gpus {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		let cards: Vec<_> =
			self.cards.iter().map(|card| format!("{}: {}", card.number, card.kind)).collect();
		match cards.is_empty() {
			true => f.write_str("no NVIDIA GPU"),
			false => f.write_str(&cards.join(", ")),
		}
	}
}

/// Which of the GPU's libraries a process has, by the names and the sizes of their files: not every name
/// tells the version, and answers depend on it.
pub fn libraries(process: u32) -> String {
	named_in(&std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap_or_default())
}

fn named_in(maps: &str) -> String {
	let paths = maps.lines().filter_map(|line| line.get(line.find('/')?..)).map(Path::new);
	let mut found = BTreeMap::new();
	for path in paths {
		let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
		if LIBRARIES.iter().any(|it| name.starts_with(it)) && !found.contains_key(name) {
			found.insert(name, std::fs::metadata(path).map_or(0, |it| it.len()));
		}
	}
	let shown: Vec<_> =
		found.iter().map(|(name, size)| format!("{name} of {size} bytes")).collect();
	shown.join(", ")
}

/// A card as the driver tells of it.
struct Present {
	kind: String,
	uuid: Option<String>,
}

/// The cards whose device is there, in the order of the bus. (In a container the driver tells of all that
/// the machine has.)
fn present(root: &Path) -> Vec<Present> {
	let device = |minor: u32| root.join(format!("dev/nvidia{minor}"));
	let told: Vec<(u32, Present)> = sorted(&root.join("proc/driver/nvidia/gpus"))
		.into_iter()
		.filter_map(|folder| told(&std::fs::read_to_string(folder.join("information")).ok()?))
		.filter(|(minor, _)| device(*minor).exists())
		.collect();
	if !told.is_empty() {
		return told.into_iter().map(|(_, card)| card).collect();
	}
	let minors = sorted(&root.join("dev"))
		.into_iter()
		.filter_map(|path| path.file_name()?.to_str()?.strip_prefix("nvidia")?.parse::<u32>().ok());
	minors.map(|_| Present { kind: SOME_CARD.into(), uuid: None }).collect()
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
	let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
	let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
	paths.sort();
	paths
}

/// The card and the number of its device, from what the driver writes of it.
fn told(information: &str) -> Option<(u32, Present)> {
	let field = |name: &str| {
		let mut lines = information.lines().filter_map(|line| line.split_once(':'));
		lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
	};
	let kind = field("Model").filter(|it| !it.is_empty()).unwrap_or_else(|| SOME_CARD.into());
	// As long as nobody has used the card it is not known.
	let uuid = field("GPU UUID").filter(|it| !it.contains('?'));
	Some((field("Device Minor")?.parse().ok()?, Present { kind, uuid }))
}

/// What a name in `CUDA_VISIBLE_DEVICES` stands for. CUDA takes none after the first that stands for
/// nothing.
fn seen(present: &[Present], name: &str) -> Option<(String, String)> {
	let kind = match name.parse::<usize>() {
		Ok(at) => present.get(at)?.kind.clone(),
		// Of a card or a part of one; the beginning is enough.
		Err(_) if name.starts_with("GPU-") || name.starts_with("MIG-") => {
			let same = |card: &&Present| card.uuid.as_ref().is_some_and(|it| it.starts_with(name));
			present.iter().find(same).map_or_else(|| SOME_CARD.into(), |card| card.kind.clone())
		},
		Err(_) => return None,
	};
	Some((name.into(), kind))
}

#[cfg(test)]
mod tests {
	use super::*;

	/// A machine with two cards, of which the first on the bus has the second device.
	fn machine() -> tempfile::TempDir {
		let root = tempfile::tempdir().unwrap();
		let write = |path: &str, text: &str| {
			let path = root.path().join(path);
			std::fs::create_dir_all(path.parent().unwrap()).unwrap();
			std::fs::write(path, text).unwrap();
		};
		let information = |kind: &str, uuid: &str, minor: u32| {
			format!(
				"Model: \t\t {kind}\nIRQ:   \t\t 149\nGPU UUID: \t {uuid}\nBus Location: \t 0000:18:00.0\n\
				 Device Minor: \t {minor}\nGPU Excluded:\t No\n"
			)
		};
		let gpus = "proc/driver/nvidia/gpus";
		let h100 = information("NVIDIA H100 80GB HBM3", "GPU-8e8d4ab4-1111", 1);
		write(&format!("{gpus}/0000:18:00.0/information"), &h100);
		let t4 = information("Tesla T4", "GPU-????????-????", 0);
		write(&format!("{gpus}/0000:5e:00.0/information"), &t4);
		write("sys/module/nvidia/version", "580.82.07\n");
		for device in ["nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-caps/nvidia-cap1"] {
			write(&format!("dev/{device}"), "");
		}
		root
	}

	fn kinds(gpus: &Gpus) -> Vec<(u32, &str, &str)> {
		gpus.cards.iter().map(|it| (it.number, it.id.as_str(), it.kind.as_str())).collect()
	}

	#[test]
	fn cards_are_in_the_order_of_the_bus() {
		let root = machine();
		let gpus = Gpus::below(root.path(), None);
		assert_eq!(kinds(&gpus), [(0, "0", "NVIDIA H100 80GB HBM3"), (1, "1", "Tesla T4")]);
		assert_eq!(gpus.driver.as_deref(), Some("580.82.07"));
		let chosen = |device| gpus.choose(device).unwrap().unwrap().kind;
		assert_eq!(chosen(None), "NVIDIA H100 80GB HBM3");
		assert_eq!(chosen(Some(1)), "Tesla T4");
	}

	#[test]
	fn a_card_that_is_not_there_is_told_with_those_that_are() {
		let root = machine();
		for device in [2, u32::MAX] {
			let error = Gpus::below(root.path(), None).choose(Some(device)).unwrap_err();
			assert_eq!(error.device, device);
			let text = error.to_string();
			assert!(text.contains("0: NVIDIA H100 80GB HBM3, 1: Tesla T4; choose one"), "{text}");
		}
		let empty = tempfile::tempdir().unwrap();
		let none = Gpus::below(empty.path(), None);
		assert_eq!(none, Gpus::default());
		assert_eq!(none.choose(None), Ok(None));
		let error = none.choose(Some(0)).unwrap_err().to_string();
		assert!(error.contains("this machine has no NVIDIA GPU"), "{error}");
	}

	#[test]
	fn a_card_that_a_container_may_not_use_is_not_counted() {
		let root = machine();
		std::fs::remove_file(root.path().join("dev/nvidia1")).unwrap();
		assert_eq!(kinds(&Gpus::below(root.path(), None)), [(0, "0", "Tesla T4")]);
	}

	#[test]
	fn where_the_driver_tells_nothing_the_devices_are_counted() {
		let root = machine();
		std::fs::remove_dir_all(root.path().join("proc")).unwrap();
		std::fs::remove_dir_all(root.path().join("sys")).unwrap();
		let gpus = Gpus::below(root.path(), None);
		assert_eq!(kinds(&gpus), [(0, "0", SOME_CARD), (1, "1", SOME_CARD)]);
		assert_eq!(gpus.driver, None);
	}

	#[test]
	fn libraries_are_told_by_name_and_size() {
		let folder = tempfile::tempdir().unwrap();
		let file = |name: &str, size: usize| {
			let path = folder.path().join(name);
			std::fs::write(&path, vec![0; size]).unwrap();
			path.display().to_string()
		};
		let (cudnn, cublas) = (file("libcudnn.so.9", 7), file("libcublasLt.so.13.1", 300));
		let other = file("libonnxruntime.so", 1);
		let maps = format!(
			"7f0000000000-7f0000001000 r--p 00000000 fe:00 1234 {cudnn}\n\
			 7f0000001000-7f0000002000 r-xp 00001000 fe:00 1234 {cudnn}\n\
			 7f0000003000-7f0000004000 rw-p 00000000 00:00 0 \n\
			 7f0000004000-7f0000005000 r-xp 00000000 fe:00 1235 {cublas}\n\
			 7f0000005000-7f0000006000 r-xp 00000000 fe:00 1236 {other}\n\
			 7f0000006000-7f0000007000 r-xp 00000000 fe:00 1237 /gone/libcudart.so.13 (deleted)\n\
			 7ffc00000000-7ffc00001000 rw-p 00000000 00:00 0 [stack]\n"
		);
		assert_eq!(
			named_in(&maps),
			"libcublasLt.so.13.1 of 300 bytes, libcudart.so.13 (deleted) of 0 bytes, \
			 libcudnn.so.9 of 7 bytes"
		);
		assert_eq!((named_in(""), libraries(0)), (String::new(), String::new()));
		assert_eq!(libraries(std::process::id()), "", "a test on the processor has none");
	}

	#[test]
	fn what_the_operator_makes_visible_is_what_is_counted() {
		let root = machine();
		let seen = |names: &str| {
			let gpus = Gpus::below(root.path(), Some(names));
			gpus.cards.into_iter().map(|it| (it.number, it.id, it.kind)).collect::<Vec<_>>()
		};
		let card = |number, id: &str, kind: &str| (number, id.to_owned(), kind.to_owned());
		let (h100, t4) = ("NVIDIA H100 80GB HBM3", "Tesla T4");
		assert_eq!(seen("1"), [card(0, "1", t4)]);
		assert_eq!(seen("1, 0"), [card(0, "1", t4), card(1, "0", h100)]);
		assert_eq!(seen("GPU-8e8d"), [card(0, "GPU-8e8d", h100)]);
		assert_eq!(seen("MIG-1"), [card(0, "MIG-1", SOME_CARD)]);
		// As CUDA has it: what stands after the first that is none is not seen.
		assert_eq!(seen("0,7,1"), [card(0, "0", h100)]);
		for none in ["", "-1", "none", "7"] {
			assert_eq!(seen(none), [], "{none}");
		}
	}
}
