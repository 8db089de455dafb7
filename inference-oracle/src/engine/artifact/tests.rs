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
	let tree = weights::tensor_tree(&GENESIS, artifact.bytes().to_vec().into()).unwrap();
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
