//! A chain with three domains, six verifiers and a dividend whose epochs the tests close.

use crate::{
	self as pallet_personhood,
	types::{Attestations, PersonInfo},
	Config, GenesisConfig, Pallet, People,
};
use ed25519_dalek::{Signer, SigningKey};
use frame_support::{
	derive_impl, ord_parameter_types,
	pallet_prelude::*,
	parameter_types,
	traits::{fungible::Inspect, ConstU128, ConstU32, Hooks, Randomness},
};
use frame_system::{EnsureRoot, EnsureSignedBy};
use sp_core::{sr25519, Pair, H256};
pub use sp_keyring::Sr25519Keyring as Keyring;
use sp_runtime::{
	traits::{Dispatchable, IdentityLookup},
	AccountId32, BuildStorage, MultiSignature, Permill,
};
use usufruct_primitives::{
	personhood::{consent_digest, Attestation, SignedAttestation, MAX_ATTESTATION_AGE},
	traits::Eligibility,
	Class, DomainId, EpochIndex, Hash, PersonId, PublicKey, Purpose, VerifierId,
};

type Block = frame_system::mocking::MockBlockU32<Test>;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Personhood = pallet_personhood;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId32;
	type Lookup = IdentityLookup<AccountId32>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<ED>;
}

ord_parameter_types! {
	/// Decides for all people.
	pub const Everybody: AccountId32 = AccountId32::new([0x0e; 32]);
}

parameter_types! {
	pub const DividendPot: AccountId32 = AccountId32::new([0x0d; 32]);
	pub const ChallengerShare: Permill = Permill::from_percent(10);
	/// The chain's randomness and the block since which it is known.
	pub static Beacon: (u8, u32) = (0, 0);
}

impl Randomness<H256, u32> for Beacon {
	fn random(subject: &[u8]) -> (H256, u32) {
		let (seed, known_since) = Self::get();
		(H256(sp_io::hashing::blake2_256(&(subject, seed).encode())), known_since)
	}
}

impl Config for Test {
	type Eligibility = MockDividend;
	type Currency = Balances;
	type DividendPot = DividendPot;
	type Randomness = Beacon;
	type AdminOrigin = EnsureRoot<AccountId32>;
	type AppealOrigin = EnsureSignedBy<Everybody, AccountId32>;
	type MinVerifierBond = ConstU128<MIN_BOND>;
	type BondRelease = ConstU32<BOND_RELEASE>;
	type RecoveryDelay = ConstU32<DELAY>;
	type VetoTerm = ConstU32<VETO>;
	type ChallengeBond = ConstU128<CHALLENGE>;
	type ChallengerShare = ChallengerShare;
	type VotingTerm = ConstU32<VOTING>;
	type AppealTerm = ConstU32<APPEAL>;
	type WeightInfo = ();
}

/// The least bond of a verifier.
pub const MIN_BOND: u128 = 1_000;
/// The bond of each verifier at genesis.
pub const BOND: u128 = 10_000;
/// What a challenge costs.
pub const CHALLENGE: u128 = 101;
/// What an operator and a relayer hold beside bonds.
pub const ENDOWMENT: u128 = 1_000_000;
pub const DELAY: u32 = 70;
pub const VETO: u32 = 300;
pub const VOTING: u32 = 50;
pub const APPEAL: u32 = 100;
pub const BOND_RELEASE: u32 = 200;

pub const ED: u128 = 10;
pub const ALICE: Keyring = Keyring::Alice;
pub const BOB: Keyring = Keyring::Bob;
pub const CHARLIE: Keyring = Keyring::Charlie;
/// Holds a balance and submits what others signed.
pub const RELAYER: Keyring = Keyring::Ferdie;
pub const GENESIS: Hash = [0x5a; 32];
/// The block tests begin in.
pub const NOW: u32 = 100;

/// How many epochs a recognition lasts in [`MockDividend`].
pub const TERM: EpochIndex = 12;
/// How many epochs after a person's last one it may be forgotten.
pub const SWEPT_AFTER: EpochIndex = 2;
pub const TOO_EARLY: DispatchError = DispatchError::Other("too early to renew");
pub const NOTHING_THERE: DispatchError = DispatchError::Other("nobody");
pub const NOT_SWEPT: DispatchError = DispatchError::Other("not swept");

#[frame_support::storage_alias]
type Epoch = StorageValue<MockDividend, EpochIndex, ValueQuery>;
#[frame_support::storage_alias]
type Intervals = StorageMap<MockDividend, Twox64Concat, PersonId, (EpochIndex, EpochIndex)>;

#[frame_support::storage_alias]
type PerHead = StorageValue<MockDividend, u128, ValueQuery>;
#[frame_support::storage_alias]
type Settled = StorageMap<MockDividend, Twox64Concat, PersonId, u32, ValueQuery>;

#[frame_support::storage_alias]
type Cancelled = StorageMap<MockDividend, Twox64Concat, PersonId, u32, ValueQuery>;

/// The dividend's record of intervals, and nothing of its money.
pub struct MockDividend;

/// A share of the last closed epoch is that from now on.
pub fn set_per_head(per_head: u128) {
	PerHead::put(per_head);
}

/// How many times a change of a person's payout was withdrawn.
pub fn cancelled(person: PersonId) -> u32 {
	Cancelled::get(person)
}

/// How many times what a person could claim was put aside.
pub fn settled(person: PersonId) -> u32 {
	Settled::get(person)
}

impl Eligibility for MockDividend {
	fn current_epoch() -> EpochIndex {
		Epoch::get()
	}

	fn interval(person: PersonId) -> Option<(EpochIndex, EpochIndex)> {
		Intervals::get(person)
	}

	fn join(person: PersonId) -> Result<(EpochIndex, EpochIndex), DispatchError> {
		assert!(!Intervals::contains_key(person), "a person joins once");
		let interval = (Epoch::get() + 1, Epoch::get() + TERM);
		Intervals::insert(person, interval);
		Ok(interval)
	}

	fn renew(person: PersonId) -> Result<(EpochIndex, EpochIndex), DispatchError> {
		let (from, until) = Intervals::get(person).ok_or(NOTHING_THERE)?;
		let epoch = Epoch::get();
		// In this mock the last part is the last epoch.
		ensure!(epoch >= until, TOO_EARLY);
		let interval = (if epoch == until { from } else { epoch + 1 }, epoch + TERM);
		Intervals::insert(person, interval);
		Ok(interval)
	}

	fn revoke(person: PersonId) -> DispatchResult {
		let (from, until) = Intervals::get(person).ok_or(NOTHING_THERE)?;
		if Epoch::get() <= until {
			Intervals::insert(person, (from, Epoch::get().max(from) - 1));
		}
		Ok(())
	}

	fn settle(person: PersonId) -> DispatchResult {
		ensure!(Intervals::contains_key(person), NOTHING_THERE);
		Settled::mutate(person, |times| *times += 1);
		Ok(())
	}

	fn cancel_payout(person: PersonId) {
		Cancelled::mutate(person, |times| *times += 1);
	}

	fn last_per_head() -> u128 {
		PerHead::get()
	}

	fn forget(person: PersonId) -> DispatchResult {
		let (_, until) = Intervals::get(person).ok_or(NOTHING_THERE)?;
		ensure!(Epoch::get() > until + SWEPT_AFTER, NOT_SWEPT);
		Intervals::remove(person);
		Ok(())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_close_epoch() {
		close_epochs(1);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_due(_: PersonId) -> DispatchResult {
		close_epochs(2);
		Ok(())
	}
}

/// Closes that many epochs.
pub fn close_epochs(count: EpochIndex) {
	Epoch::mutate(|epoch| *epoch += count);
}

/// The key of the verifier with that id.
pub fn verifier_key(verifier: VerifierId) -> SigningKey {
	let mut seed = [7; 32];
	seed[..4].copy_from_slice(&verifier.to_le_bytes());
	SigningKey::from_bytes(&seed)
}

pub fn verifier_public(verifier: VerifierId) -> PublicKey {
	verifier_key(verifier).verifying_key().to_bytes()
}

/// An account that runs verifiers.
pub fn operator(number: u8) -> AccountId32 {
	AccountId32::new([0xf0 ^ number; 32])
}

/// What a domain's keyed hash gives for a human.
pub fn nullifier(domain: DomainId, human: u32) -> Hash {
	sp_io::hashing::blake2_256(&(b"evidence", domain, human).encode())
}

/// An application to be recognised, in order until a test spoils it.
#[derive(Clone)]
pub struct Application {
	pub purpose: Purpose,
	pub account: AccountId32,
	/// Signs the consent.
	pub signer: sr25519::Pair,
	/// What the consent carries.
	pub nonce: u32,
	/// What verifiers sign, in the order it is submitted.
	pub attestations: Vec<Attestation>,
	/// The chain the verifiers sign for.
	pub genesis: Hash,
	/// Who is to be moved, by a recovery.
	pub person: PersonId,
}

impl Application {
	/// Verifiers meet `human` before the account of `who`.
	pub fn new(
		purpose: Purpose,
		who: &sr25519::Pair,
		nonce: u32,
		human: u32,
		verifiers: &[VerifierId],
	) -> Self {
		let account = AccountId32::from(who.public());
		let now = System::block_number();
		let attest = |&verifier| {
			let record = Personhood::verifier(verifier);
			let (domain, class) = record.map_or((0, Class::Document), |v| (v.domain, v.class));
			Attestation {
				purpose,
				verifier,
				account: account.clone().into(),
				nullifier: nullifier(domain, human),
				class,
				region: 276,
				issued: now,
				expires: now + MAX_ATTESTATION_AGE,
				nonce,
			}
		};
		Self {
			purpose,
			attestations: verifiers.iter().map(attest).collect(),
			account,
			signer: who.clone(),
			nonce,
			genesis: GENESIS,
			person: 0,
		}
	}

	/// To register the account of `who`.
	pub fn register(who: Keyring, human: u32, verifiers: &[VerifierId]) -> Self {
		Self::new(Purpose::Register, &who.pair(), 0, human, verifiers)
	}

	/// To renew the person of the account of `who`, with its present counter.
	pub fn renew(who: Keyring, human: u32, verifiers: &[VerifierId]) -> Self {
		let nonce = info(who).map_or(1, |info| info.nonce);
		Self::new(Purpose::Renew, &who.pair(), nonce, human, verifiers)
	}

	/// To move the person of that id to the account of `who`, with its present counter.
	pub fn recover(person: PersonId, who: Keyring, human: u32, verifiers: &[VerifierId]) -> Self {
		let nonce = People::<Test>::get(person).map_or(1, |record| record.nonce);
		let mut application = Self::new(Purpose::Recover, &who.pair(), nonce, human, verifiers);
		application.person = person;
		application
	}

	/// The same with a change to one attestation, made before anybody signs.
	pub fn with(mut self, index: usize, change: impl FnOnce(&mut Attestation)) -> Self {
		change(&mut self.attestations[index]);
		self
	}

	/// The attestations, signed by the keys of their verifiers.
	pub fn signed(&self) -> Attestations {
		let signed: Vec<_> = self
			.attestations
			.iter()
			.map(|a| SignedAttestation {
				verifier: a.verifier,
				nullifier: a.nullifier,
				class: a.class,
				region: a.region,
				issued: a.issued,
				expires: a.expires,
				nonce: a.nonce,
				signature: verifier_key(a.verifier).sign(&a.digest(&self.genesis)).to_bytes(),
			})
			.collect();
		signed.try_into().expect("no more than fit")
	}

	/// What the account is asked to sign.
	pub fn consent_digest(&self) -> Hash {
		let digests: Vec<Hash> =
			self.attestations.iter().map(|a| a.digest(&self.genesis)).collect();
		let account: [u8; 32] = self.account.clone().into();
		consent_digest(&self.genesis, self.purpose, &account, self.nonce, &digests)
	}

	pub fn consent(&self) -> MultiSignature {
		self.signer.sign(&self.consent_digest()).into()
	}

	/// Submits it by the relayer.
	pub fn submit(&self) -> DispatchResultWithPostInfo {
		self.submit_as(self.signed(), self.consent())
	}

	/// Submits other attestations or another consent in the place of its own.
	pub fn submit_as(
		&self,
		attestations: Attestations,
		consent: MultiSignature,
	) -> DispatchResultWithPostInfo {
		self.call_with(attestations, consent)
			.dispatch(RuntimeOrigin::signed(RELAYER.to_account_id()))
	}

	/// Its call.
	pub fn call(&self) -> RuntimeCall {
		self.call_with(self.signed(), self.consent())
	}

	fn call_with(&self, attestations: Attestations, consent: MultiSignature) -> RuntimeCall {
		let account = self.account.clone();
		let call = match self.purpose {
			Purpose::Register => crate::Call::register { account, attestations, consent },
			Purpose::Renew => crate::Call::renew { account, attestations, consent },
			Purpose::Recover => crate::Call::recover {
				person: self.person,
				new_account: account,
				attestations,
				consent,
			},
		};
		call.into()
	}
}

/// Another encoding of the same ed25519 signature.
pub fn in_another_encoding(mut signature: [u8; 64]) -> [u8; 64] {
	/// The order of the curve's group, little endian: adding it to the scalar changes nothing else.
	const ORDER: [u8; 32] = [
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
		0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
	];
	let mut carry = 0;
	for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
		let sum = u16::from(*byte) + u16::from(order) + carry;
		*byte = sum as u8;
		carry = sum >> 8;
	}
	signature
}

/// Registers a human on verifiers 0 and 1.
pub fn registered(who: Keyring, human: u32) -> PersonId {
	Application::register(who, human, &[0, 1]).submit().expect("registers");
	info(who).expect("registered").person
}

/// Registers that many further humans with accounts of their own, by two verifiers of a quota that
/// does not matter; the first id, and the accounts.
pub fn crowd(count: u32) -> (PersonId, Vec<AccountId32>) {
	let first = crate::NextPerson::<Test>::get();
	let accounts: Vec<_> = (0..count)
		.map(|number| {
			let account = AccountId32::new(sp_io::hashing::blake2_256(&number.to_le_bytes()));
			let marks = [0, 1].map(|domain| crate::types::Mark {
				domain,
				nullifier: nullifier(domain, 1_000 + number),
			});
			let attested = BoundedVec::truncate_from(vec![0, 1]);
			let marks = BoundedVec::truncate_from(marks.to_vec());
			Personhood::admit_person(&account, attested, 0, marks).expect("a new person");
			account
		})
		.collect();
	(first, accounts)
}

/// Changes the chain's randomness, known since the present block, and begins that block.
pub fn new_randomness(seed: u8) {
	System::set_block_number(System::block_number() + 1);
	Beacon::set((seed, System::block_number()));
	Personhood::on_initialize(System::block_number());
}

/// Lets that many blocks pass.
pub fn pass(blocks: u32) {
	System::set_block_number(System::block_number() + blocks);
}

pub fn free(who: &AccountId32) -> u128 {
	Balances::balance(who)
}

pub fn info(who: Keyring) -> Option<PersonInfo> {
	Personhood::person(who.to_account_id())
}

/// The last event of the pallet under test.
pub fn last_event() -> crate::Event<Test> {
	System::events()
		.into_iter()
		.rev()
		.find_map(|record| match record.event {
			RuntimeEvent::Personhood(event) => Some(event),
			_ => None,
		})
		.expect("there is an event")
}

/// The genesis tests begin with.
pub struct ExtBuilder {
	pub quorum: u32,
	pub domains: u32,
	/// Domain, operator, class, key, quota.
	pub verifiers: Vec<(DomainId, AccountId32, Class, PublicKey, u32)>,
	/// The bond of each.
	pub bond: u128,
}

impl Default for ExtBuilder {
	/// 0, 1 and 2 are a verifier of each domain; 3 is another one of domain 0; 4 is of domain 2 and
	/// run by the operator of verifier 0; 5 is of domain 2 with a quota of one.
	fn default() -> Self {
		let verifiers = [
			(0, operator(0), Class::Document, 10),
			(1, operator(1), Class::InPerson, 10),
			(2, operator(2), Class::Biometric, 10),
			(0, operator(3), Class::Community, 10),
			(2, operator(0), Class::Biometric, 10),
			(2, operator(5), Class::Document, 1),
		];
		Self {
			quorum: 2,
			domains: 3,
			verifiers: (0..)
				.zip(verifiers)
				.map(|(id, (domain, operator, class, quota))| {
					(domain, operator, class, verifier_public(id), quota)
				})
				.collect(),
			bond: BOND,
		}
	}
}

impl ExtBuilder {
	/// As many domains as a quorum allows, with two verifiers each, all independent and hardly
	/// bounded: 2d and 2d + 1 are those of domain d.
	pub fn of_quorum(quorum: u32) -> Self {
		let domains = 2 * quorum - 1;
		let verifiers = (0..2 * domains)
			.map(|v| (v / 2, operator(v as u8), Class::Document, verifier_public(v), 1_000_000))
			.collect();
		Self { quorum, domains, verifiers, bond: BOND }
	}

	/// The same with only the first domains, and their verifiers.
	pub fn with_domains(mut self, domains: u32) -> Self {
		self.verifiers.retain(|(domain, ..)| *domain < domains);
		Self { domains, ..self }
	}

	pub fn build(self) -> sp_io::TestExternalities {
		let mut storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: (0..32)
					.map(operator)
					.chain([RELAYER.to_account_id()])
					.map(|account| (account, ENDOWMENT))
					.chain([(DividendPot::get(), ED)])
					.collect(),
				..Default::default()
			},
			..Default::default()
		}
		.build_storage()
		.expect("genesis of the mock");
		GenesisConfig::<Test> {
			quorum: self.quorum,
			domains: (0..self.domains).map(|d| format!("domain {d}").into_bytes()).collect(),
			verifiers: self.verifiers,
			verifier_bond: self.bond,
		}
		.assimilate_storage(&mut storage)
		.expect("genesis of the pallet");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(NOW);
			Beacon::set((0, NOW - 50));
			frame_system::BlockHash::<Test>::insert(0, H256(GENESIS));
		});
		ext
	}

	/// Runs a test, then checks every invariant.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			check_state();
		});
	}
}

/// The pallet's invariants, and what holds only in this mock: nobody else gives references.
pub fn check_state() {
	Pallet::<Test>::do_try_state().expect("invariants hold");
	let mut people = 0;
	for person in People::<Test>::iter_values() {
		assert_eq!(System::sufficients(&person.account), 1, "one reference each");
		people += 1;
	}
	let sufficient =
		frame_system::Account::<Test>::iter_values().filter(|account| account.sufficients > 0);
	assert_eq!(sufficient.count(), people, "and nobody else has one");
}

/// How many random histories a test plays: `USUFRUCT_SEEDS`, or so many.
pub fn histories(few: u32) -> u32 {
	std::env::var("USUFRUCT_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(few)
}

/// For benchmarks, which generate and use keys within.
#[cfg(feature = "runtime-benchmarks")]
pub fn new_benchmark_ext() -> sp_io::TestExternalities {
	use sp_keystore::{testing::MemoryKeystore, KeystoreExt};
	let mut ext = ExtBuilder::default().build();
	ext.register_extension(KeystoreExt::new(MemoryKeystore::new()));
	ext
}
