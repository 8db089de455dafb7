use super::*;
use crate::testing::onnx::{bytes, gather, model, node, tensor, value};

const GENESIS: Hash = [7; 32];

fn artifact(file: Vec<u8>) -> Artifact {
	let hash = manifest::of_bytes(&file).hash;
	Artifact::check(file, &hash, &Rules::default()).unwrap()
}

/// A model of one tensor, large enough to count.
fn weighing(first: u16) -> Artifact {
	let data: Vec<u8> = (first..first + 1_024).flat_map(|it| f32::from(it).to_le_bytes()).collect();
	artifact(model(&[
		bytes(1, node("Identity", &["weights"], "y")),
		bytes(5, tensor("weights", 1, &[1_024], &data)),
		bytes(12, value("y", 1, &[None])),
	]))
}

fn root_of(artifact: &Artifact) -> Option<TensorRoot> {
	let tree = weights::tensor_tree(&GENESIS, artifact.bytes().unwrap()).unwrap();
	tree.map(|tree| tree.root())
}

#[test]
fn a_version_whose_tensor_root_is_not_that_of_its_weights_is_refused() {
	let (model, other, small) = (weighing(1), weighing(2), artifact(gather()));
	let root = root_of(&model);
	assert!(root.is_some() && root != root_of(&other));
	assert_eq!(root_of(&small), None, "nothing in it is large enough");
	assert!(model.check_weights(&GENESIS, root).is_ok());
	assert!(small.check_weights(&GENESIS, None).is_ok());

	let refused = |artifact: &Artifact, genesis: &Hash, expected| match artifact
		.check_weights(genesis, expected)
	{
		Err(ArtifactError::WrongWeights { expected: named, .. }) => assert_eq!(named, expected),
		other => panic!("{other:?}"),
	};
	// The root of other weights, none though there are some, one though there are none, and that of
	// another chain.
	refused(&other, &GENESIS, root);
	refused(&model, &GENESIS, None);
	refused(&small, &GENESIS, root);
	refused(&model, &[8; 32], root);
}

fn is_kept(artifact: &Artifact) -> bool {
	match &artifact.bytes {
		Held::Memory(_) => true,
		Held::File(source) => source.kept().is_some(),
	}
}

/// A model that was read from a file and is in memory no longer.
fn released(file: &Path) -> Artifact {
	let bytes = gather();
	std::fs::write(file, &bytes).unwrap();
	let hash = manifest::of_bytes(&bytes).hash;
	let artifact = Artifact::read(file, &hash, &Rules::default()).unwrap();
	assert_eq!((artifact.bytes().unwrap(), artifact.length()), (bytes.clone().into(), bytes.len()));
	assert!(is_kept(&artifact));
	artifact.release();
	assert!(!is_kept(&artifact));
	artifact
}

#[test]
fn what_is_released_is_the_same_when_it_is_read_again_or_an_error() {
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("model.onnx");
	let artifact = released(&file);
	assert_eq!(artifact.bytes().unwrap(), gather());
	assert!(!is_kept(&artifact), "it is not kept again");
	// A file that takes its place is another one, and one that is longer now begins as it did.
	let next = folder.path().join("next.onnx");
	std::fs::write(&next, b"another one").unwrap();
	std::fs::rename(&next, &file).unwrap();
	assert_eq!(artifact.bytes().unwrap(), gather());

	let artifact = released(&file);
	let mut changed = gather();
	changed[3] ^= 1;
	std::fs::write(&file, &changed).unwrap();
	let error = artifact.bytes().unwrap_err();
	assert!(matches!(error, ArtifactError::WrongHash { .. }), "{error}");
	std::fs::write(&file, [gather(), vec![0; 9]].concat()).unwrap();
	assert_eq!(artifact.bytes().unwrap(), gather());
	std::fs::write(&file, &gather()[1..]).unwrap();
	let error = artifact.bytes().unwrap_err();
	assert!(matches!(error, ArtifactError::Unreadable { .. }), "{error}");
}

#[test]
fn what_came_without_a_file_is_kept() {
	let artifact = artifact(gather());
	artifact.release();
	assert_eq!(artifact.bytes().unwrap(), gather());
}
