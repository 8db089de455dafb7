//! Models, their versions, the people behind them, and whose weights they really are.

use super::{
	dice::Dice,
	market::{root, signed},
	world::{Move, World},
};
use crate::{
	chain::now,
	keys::{acceptance, account},
};
use pallet_models::{
	reuse_id, Call, Contributor, FoundTensor, Parent, Relation, Row, RowState, Ruling, SharedTensor,
};
use usufruct_primitives::{
	domain::hash,
	tensors::{TensorLeaf, TensorTree, MIN_BYTES},
	Hash, Meter, ModelId, Role, VersionId, DAYS, MILLI_UFR, PPM,
};
use usufruct_runtime::{AccountId, Runtime};

type Models = pallet_models::Models<Runtime>;
type Versions = pallet_models::Versions<Runtime>;
type Contributors = pallet_models::Contributors<Runtime>;

fn some_model(dice: &mut Dice) -> Option<(ModelId, pallet_models::Model)> {
	let model = dice.below(pallet_models::NextModel::<Runtime>::get() as usize) as ModelId;
	Some((model, Models::get(model)?))
}

fn some_version(dice: &mut Dice) -> Option<(VersionId, pallet_models::Version)> {
	let version = dice.below(pallet_models::NextVersion::<Runtime>::get() as usize) as VersionId;
	Some((version, Versions::get(version)?))
}

fn owner_of(version: &pallet_models::Version) -> Option<AccountId> {
	Some(Models::get(version.model)?.owner)
}

fn some_row(dice: &mut Dice) -> Option<(VersionId, u16, Row)> {
	let (version, _) = some_version(dice)?;
	let table = Contributors::get(version)?;
	let row = dice.below(table.len());
	Some((version, row as u16, table.get(row)?.clone()))
}

/// A row that nobody has accepted yet, of any version.
fn offered_row(dice: &mut Dice) -> Option<(VersionId, u16, Row)> {
	let mut offered: Vec<_> = Contributors::iter()
		.flat_map(|(version, table)| {
			(0u16..).zip(table).map(move |(row, record)| (version, row, record))
		})
		.filter(|(.., record)| matches!(record.state, RowState::Offered { .. }))
		.collect();
	offered.sort_by_key(|(version, row, _)| (*version, *row));
	dice.pick(&offered).cloned()
}

pub fn register_model(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let name = format!("model {}", dice.byte()).into_bytes();
	signed(account(dice.below(6)), Call::register_model { name: name.try_into().ok()? })
}

/// Some of the two dozen tensors that all models of this world are made of.
fn tensors(dice: &mut Dice) -> Option<TensorTree> {
	let (first, count) = (dice.below(8), dice.below(18));
	let leaf =
		|nth: usize| TensorLeaf { tensor: hash(&[nth as u8]), bytes: MIN_BYTES + 100 * nth as u64 };
	TensorTree::new((first..first + count).map(leaf).collect()).ok()
}

fn contributors(owner: &AccountId, dice: &mut Dice) -> Vec<Contributor> {
	let mut left = PPM;
	let mut rows = Vec::new();
	for role in [Role::Trainer, Role::Annotator].into_iter().take(dice.below(3)) {
		let share = 1_000 * (1 + u32::from(dice.byte()));
		left -= share;
		rows.push(Contributor { account: account(dice.below(8)), role, share });
	}
	rows.push(Contributor { account: owner.clone(), role: Role::Owner, share: left });
	rows
}

pub fn add_version(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (model, record) = some_model(dice)?;
	let tree = tensors(dice);
	let tensor_root = tree.as_ref().map(TensorTree::root);
	if let (Some(tree), Some(root)) = (tree, tensor_root) {
		world.tensors.insert(root.root, tree);
	}
	let parent = some_version(dice).filter(|_| dice.byte() > 159);
	let parents = parent.map(|(version, _)| Parent { version, relation: Relation::FineTune });
	let contributors = contributors(&record.owner, dice);
	signed(
		record.owner,
		Call::add_version {
			model,
			manifest_hash: world.draw(),
			size: 1 + u64::from(dice.byte()),
			licence: b"MIT".to_vec().try_into().ok()?,
			metadata_uri: Default::default(),
			metadata_hash: [0; 32],
			meter: Meter::Request,
			floor_price: if dice.byte() < 128 { MILLI_UFR / 2 } else { 0 },
			contributors: contributors.try_into().ok()?,
			parents: parents.into_iter().collect::<Vec<_>>().try_into().ok()?,
			royalty: 200 * u32::from(dice.byte()),
			tensor_root,
		},
	)
}

pub fn deprecate(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, record) = some_version(dice)?;
	let at = match dice.byte() {
		0..=99 => None,
		days => Some(now().saturating_add(u32::from(days) * DAYS)),
	};
	signed(owner_of(&record)?, Call::deprecate { version, at })
}

pub fn claim_revenue(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, row, _) = some_row(dice)?;
	signed(account(dice.below(8)), Call::claim_revenue { version, row })
}

pub fn set_licence(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let licence: &[u8] = dice.pick(&[&b"Zlib"[..], b"ISC", b"MIT"])?;
	root(Call::set_licence { licence: licence.to_vec().try_into().ok()?, allowed: !dice.rarely() })
}

pub fn move_royalty(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let mut known: Vec<VersionId> = pallet_models::Ancestors::<Runtime>::iter_keys().collect();
	known.sort_unstable();
	let version = *dice.pick(&known)?;
	let table = pallet_models::Ancestors::<Runtime>::get(version);
	let ancestor_index = dice.below(table.len()) as u16;
	signed(account(dice.below(8)), Call::move_royalty { version, ancestor_index })
}

pub fn accept_row(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, row, record) = offered_row(dice)?;
	if dice.byte() < 128 {
		return signed(record.account, Call::accept_row { version, row, signature: None });
	}
	let signature = acceptance(version, row, &record.account, dice.below(3));
	signed(account(dice.below(8)), Call::accept_row { version, row, signature })
}

pub fn forfeit_row(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, row, _) = offered_row(dice)?;
	signed(account(dice.below(8)), Call::forfeit_row { version, row })
}

pub fn announce_floor(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, record) = some_version(dice)?;
	let price = dice.amount(MILLI_UFR);
	world.floors.entry(version).or_insert_with(now);
	signed(owner_of(&record)?, Call::announce_floor { version, price })
}

pub fn contest(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, _) = some_version(dice)?;
	signed(account(dice.below(8)), Call::contest { version, evidence_hash: [dice.byte(); 32] })
}

fn open_contest(dice: &mut Dice) -> Option<(VersionId, AccountId)> {
	let mut open: Vec<_> = pallet_models::Contests::<Runtime>::iter_keys().collect();
	open.sort();
	dice.pick(&open).cloned()
}

pub fn resolve_contest(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, contester) = open_contest(dice)?;
	let ruling = match dice.byte() {
		0..=95 => Ruling::Dismissed,
		byte => {
			Ruling::Upheld { rows: vec![u16::from(byte % 3)].try_into().ok()?, model: byte > 175 }
		},
	};
	root(Call::resolve_contest { version, contester, ruling })
}

pub fn transfer_row(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, row, record) = some_row(dice)?;
	signed(record.account, Call::transfer_row { version, row, to: account(dice.below(8)) })
}

pub fn transfer_model(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (model, record) = some_model(dice)?;
	let to = Some(account(dice.below(8))).filter(|_| dice.byte() < 224);
	signed(record.owner, Call::transfer_model { model, to })
}

pub fn accept_model(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let mut offered: Vec<(ModelId, AccountId)> =
		Models::iter().filter_map(|(model, record)| Some((model, record.offered_to?))).collect();
	offered.sort();
	let (model, to) = dice.pick(&offered)?.clone();
	signed(to, Call::accept_model { model })
}

/// Two versions, the older one first.
fn two_versions(dice: &mut Dice) -> Option<(VersionId, VersionId)> {
	let (one, _) = some_version(dice)?;
	let (other, _) = some_version(dice)?;
	Some((one.min(other), one.max(other)))
}

pub fn prove_reuse(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (older, newer) = two_versions(dice)?;
	let tree = |version| world.tensors.get(&Versions::get(version)?.tensor_root?.root);
	let (old, new) = (tree(older)?, tree(newer)?);
	let shared = old.leaves().iter().filter_map(|leaf| {
		Some(SharedTensor {
			leaf: *leaf,
			older: old.prove(&leaf.tensor)?,
			newer: new.prove(&leaf.tensor)?,
		})
	});
	let proof: Vec<_> = shared.take(1 + dice.below(12)).collect();
	let tensors: Vec<_> = proof.iter().map(|shared| shared.leaf).collect();
	world.claims.insert(reuse_id(older, &tensors), (older, tensors));
	let proof = proof.try_into().ok()?;
	signed(account(dice.below(8)), Call::prove_reuse { older, newer, proof })
}

pub fn settle_reuse(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let mut open: Vec<_> = pallet_models::Reuses::<Runtime>::iter()
		.filter(|(.., reuse)| matches!(reuse, pallet_models::Reuse::Open { .. }))
		.map(|(newer, older, _)| (newer, older))
		.collect();
	open.sort_unstable();
	let (newer, older) = *dice.pick(&open)?;
	let call = Call::settle_reuse { older, newer };
	match dice.byte() {
		0..=127 => root(call),
		_ => signed(owner_of(&Versions::get(older)?)?, call),
	}
}

/// A claim of reuse that is open: the newer version and what it is known by.
fn open_claim(dice: &mut Dice) -> Option<(VersionId, Hash)> {
	let mut open: Vec<_> =
		pallet_models::ReuseClaims::<Runtime>::iter().map(|(newer, id, _)| (newer, id)).collect();
	open.sort_unstable();
	dice.pick(&open).copied()
}

pub fn refute_reuse(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (newer, id) = open_claim(dice)?;
	let (older, tensors) = world.claims.get(&id)?;
	let source = dice.below(*older as usize) as VersionId;
	let tree = world.tensors.get(&Versions::get(source)?.tensor_root?.root)?;
	let found: Vec<_> = (0u8..)
		.zip(tensors)
		.filter_map(|(place, leaf)| {
			Some(FoundTensor { place, inclusion: tree.prove(&leaf.tensor)? })
		})
		.collect();
	let call = Call::refute_reuse {
		older: *older,
		newer,
		tensors: tensors.clone().try_into().ok()?,
		source,
		found: found.try_into().ok()?,
	};
	signed(account(dice.below(8)), call)
}

pub fn confirm_reuse(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (newer, id) = open_claim(dice)?;
	signed(account(dice.below(8)), Call::confirm_reuse { newer, id })
}

pub fn lapse_contest(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let (version, contester) = open_contest(dice)?;
	signed(account(dice.below(8)), Call::lapse_contest { version, contester })
}
