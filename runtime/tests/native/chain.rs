//! A chain without the blob: the development preset's state, and real blocks by the real executive.
//!
//! Everything here runs within externalities. Periods of days are crossed by leaving out the blocks
//! in between: number, slot and time go on together, as if all their authors had been asleep, so
//! every hook sees a block that could be.

use serde_json::{to_value, Value};
use sp_consensus_babe::{
	digests::{CompatibleDigestItem, PreDigest, PrimaryPreDigest, SecondaryPlainPreDigest},
	make_vrf_sign_data,
};
use sp_core::{
	crypto::VrfSecret,
	storage::{StateVersion, Storage},
	H256,
};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{traits::Header as _, BuildStorage, Digest, DigestItem};
use sp_state_machine::BasicExternalities;
use usufruct_primitives::{BlockNumber, Hash};
use usufruct_runtime::{
	genesis_presets::get_preset, Babe, Executive, Header, Runtime, RuntimeEvent,
	RuntimeGenesisConfig, System, UncheckedExtrinsic, SLOT_DURATION,
};

/// The slot of block 0, if it had one.
const FIRST_SLOT: u64 = 1_000_000;

/// The state that a development chain begins with.
pub fn genesis() -> Storage {
	let mut config = to_value(RuntimeGenesisConfig::default()).expect("the default is JSON");
	let patch = get_preset(&DEV_RUNTIME_PRESET.into()).expect("the preset is known");
	let patch: Value = serde_json::from_slice(&patch).expect("the preset is JSON");
	sc_chain_spec::json_merge(&mut config, patch);
	let config: RuntimeGenesisConfig =
		serde_json::from_value(config).expect("the preset is a configuration");
	config.build_storage().expect("the preset builds")
}

/// Externalities over a state. They keep it in a map: a trie would be most of the work here, and
/// the blocks' roots are those of the state all the same.
pub fn externalities(state: Storage) -> BasicExternalities {
	BasicExternalities::new(state)
}

/// The block that is being built.
#[derive(Clone, Debug)]
pub struct Clock {
	number: BlockNumber,
	/// How many slots went by without a block, and without a number for it.
	missed: u64,
	/// Whether the author signs its slots.
	signs: bool,
}

impl Clock {
	/// Begins the first block after genesis.
	pub fn start() -> Self {
		let root = sp_io::storage::root(StateVersion::V1);
		let root = H256::from_slice(&root);
		let genesis =
			Header::new(0, Default::default(), root, Default::default(), Digest::default());
		let clock = Self { number: 1, missed: 0, signs: false };
		clock.begin(genesis.hash());
		clock
	}

	/// From the next block on the author signs its slots, and BABE's randomness is made of that. It
	/// takes each of them as its own: the runtime does not judge its luck, whoever imports a block does.
	pub fn sign_slots(&mut self) {
		self.signs = true;
	}

	fn pre_digest(&self, slot: u64) -> PreDigest {
		let authority_index = 0;
		if !self.signs {
			let slot = slot.into();
			return PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index, slot });
		}
		// What is signed is of the epoch of the slot, which the runtime may not have begun yet.
		let epoch = Babe::current_epoch();
		let ahead = (slot - *epoch.start_slot) / epoch.duration;
		let randomness = match ahead {
			0 => epoch.randomness,
			_ => Babe::next_epoch().randomness,
		};
		let slot = slot.into();
		let signed = make_vrf_sign_data(&randomness, slot, epoch.epoch_index + ahead);
		let vrf_signature = Alice.pair().vrf_sign(&signed);
		PreDigest::Primary(PrimaryPreDigest { authority_index, slot, vrf_signature })
	}

	fn begin(&self, parent: H256) {
		let slot = FIRST_SLOT + u64::from(self.number) + self.missed;
		let digest = Digest { logs: vec![DigestItem::babe_pre_digest(self.pre_digest(slot))] };
		// The executive wants the block after the last one. Those left out never were: the scheduler
		// makes up for what it had put off or would have run in them, and need not look at the others.
		System::set_block_number(self.number - 1);
		let passed = pallet_scheduler::IncompleteSince::<Runtime>::get().unwrap_or_default();
		let waiting = pallet_scheduler::Agenda::<Runtime>::iter_keys()
			.filter(|block| (passed..self.number).contains(block))
			.min();
		match waiting {
			Some(block) => pallet_scheduler::IncompleteSince::<Runtime>::put(block),
			None => pallet_scheduler::IncompleteSince::<Runtime>::kill(),
		}
		let header =
			Header::new(self.number, Default::default(), Default::default(), parent, digest);
		Executive::initialize_block(&header);
		let timestamp = pallet_timestamp::Call::set { now: slot * SLOT_DURATION };
		Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(timestamp.into()))
			.expect("the time is valid")
			.expect("and can be set");
	}

	/// Ends this block and begins that which is `blocks` later.
	pub fn skip(&mut self, blocks: BlockNumber) {
		let header = Executive::finalize_block();
		self.number += blocks.max(1);
		self.begin(header.hash());
	}

	/// Ends this block and begins the next one, after so many slots in which nobody made any.
	pub fn stall(&mut self, slots: u64) {
		self.missed += slots;
		self.skip(1);
	}
}

/// The hash of the chain's first block.
pub fn genesis_hash() -> Hash {
	System::block_hash(0).0
}

/// The height of the block that is being built.
pub fn now() -> BlockNumber {
	System::block_number()
}

/// The events of this block from the nth on.
pub fn events_from(nth: usize) -> Vec<RuntimeEvent> {
	System::read_events_no_consensus().skip(nth).map(|record| record.event).collect()
}

/// The invariants of all our pallets.
pub fn try_state() -> Result<(), &'static str> {
	use usufruct_runtime::{Dividend, Models, Oracles, Personhood, Suffrage, Usage, Validators};

	for (pallet, verdict) in [
		("Models", Models::do_try_state()),
		("Oracles", Oracles::do_try_state()),
		("Usage", Usage::do_try_state()),
		("Personhood", Personhood::do_try_state()),
		("Dividend", Dividend::do_try_state()),
		("Suffrage", Suffrage::do_try_state()),
		("Validators", Validators::do_try_state()),
	] {
		if let Err(error) = verdict {
			let text: &'static str = error.into();
			eprintln!("{pallet}: {text}");
			return Err(text);
		}
	}
	Ok(())
}
