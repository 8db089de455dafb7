//! A chain with real referenda, a real scheduler, and a simple register of people and epochs.

use crate::{
	self as pallet_suffrage, Call, Constitution, Event, Origin, PollIndex, ProposalId, Submitters,
	Tally,
};
use codec::Encode;
use frame_support::{
	derive_impl,
	dispatch::CheckIfFeeless,
	parameter_types,
	traits::{
		schedule::DispatchTime, ConstU128, ConstU32, EqualPrivilegeOnly, Hooks, Polling,
		StorePreimage,
	},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use pallet_referenda::{BoundedCallOf, Curve, ReferendumInfo, Track, TrackInfo, TracksInfo};
use sp_runtime::{
	str_array, traits::Dispatchable, BuildStorage, DispatchError, DispatchErrorWithPostInfo,
	DispatchResultWithInfo, Perbill,
};
use std::{
	borrow::Cow,
	cell::RefCell,
	collections::{BTreeMap, BTreeSet},
};
use usufruct_primitives::{
	traits::{Electorate, People},
	BlockNumber, EpochIndex, PersonId,
};

pub type AccountId = u64;
type Block = frame_system::mocking::MockBlockU32<Test>;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const CAROL: AccountId = 3;
pub const DAVE: AccountId = 4;
/// People with no money at all.
pub const PEOPLE: [AccountId; 4] = [ALICE, BOB, CAROL, DAVE];
/// Nobody's account until a test gives it to somebody.
pub const ERIN: AccountId = 5;
/// Has money, and is no person.
pub const RICH: AccountId = 100;
pub const RICH_HOLDS: u128 = 1_000_000;
/// What a poll takes when it is submitted.
pub const SUBMISSION_DEPOSIT: u128 = 10;
/// What a poll takes before it is decided.
pub const DECISION_DEPOSIT: u128 = 90;
/// The constitution of the tests.
pub const RULES: Constitution =
	Constitution { min_electorate: 3, seasoning: 2, cosigners: 3, day: 2 };
/// For how many epochs a recognition lasts.
pub const TERM: EpochIndex = 10;
/// For how long a poll can wait for its decision deposit.
pub const TIMEOUT: BlockNumber = 20;
/// The periods of every track.
pub const PREPARE: BlockNumber = 2;
pub const DECISION: BlockNumber = 6;
pub const CONFIRM: BlockNumber = 2;
pub const ENACT: BlockNumber = 3;

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
	pub type Preimage = pallet_preimage;
	#[runtime::pallet_index(3)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(4)]
	pub type Referenda = pallet_referenda;
	#[runtime::pallet_index(5)]
	pub type Suffrage = pallet_suffrage;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountId = AccountId;
	type Lookup = sp_runtime::traits::IdentityLookup<AccountId>;
	type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type Balance = u128;
	type ExistentialDeposit = ConstU128<1>;
}

impl pallet_preimage::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type Currency = Balances;
	type ManagerOrigin = EnsureRoot<AccountId>;
	type Consideration = ();
}

parameter_types! {
	pub MaximumWeight: Weight = Weight::from_parts(2_000_000_000_000, u64::MAX);
	pub const SuffragePalletId: PalletId = PalletId(*b"usu/suff");
}

impl pallet_scheduler::Config for Test {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = MaximumWeight;
	type ScheduleOrigin = EnsureRoot<AccountId>;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type MaxScheduledPerBlock = ConstU32<512>;
	type WeightInfo = ();
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

/// A track on which ayes must be at least so many per cent of the electorate and of the votes.
fn track(id: u16, name: &str, support: u32, approval: u32) -> Track<u16, u128, BlockNumber> {
	let flat = |percent| Curve::LinearDecreasing {
		length: Perbill::one(),
		floor: Perbill::from_percent(percent),
		ceil: Perbill::from_percent(percent),
	};
	Track {
		id,
		info: TrackInfo {
			name: str_array(name),
			max_deciding: 50,
			decision_deposit: DECISION_DEPOSIT,
			prepare_period: PREPARE,
			decision_period: DECISION,
			confirm_period: CONFIRM,
			min_enactment_period: ENACT,
			min_approval: flat(approval),
			min_support: flat(support),
		},
	}
}

pub struct Tracks;

impl TracksInfo<u128, BlockNumber> for Tracks {
	type Id = u16;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, u128, BlockNumber>>> {
		[track(0, "parameters", 25, 60), track(5, "upgrade", 50, 75)].map(Cow::Owned).into_iter()
	}

	fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
		match origin {
			OriginCaller::Suffrage(origin @ (Origin::Parameters | Origin::Upgrade)) => {
				Ok(origin.track())
			},
			_ => Err(()),
		}
	}
}

impl pallet_referenda::Config for Test {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
	type Scheduler = Scheduler;
	type Currency = Balances;
	type SubmitOrigin = Submitters<Test>;
	type CancelOrigin = EnsureRoot<AccountId>;
	type KillOrigin = EnsureRoot<AccountId>;
	type Slash = ();
	type Votes = u32;
	type Tally = Tally<Test>;
	type SubmissionDeposit = ConstU128<SUBMISSION_DEPOSIT>;
	type MaxQueued = ConstU32<10>;
	type UndecidingTimeout = ConstU32<TIMEOUT>;
	type AlarmInterval = ConstU32<1>;
	type Tracks = Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_suffrage::Config for Test {
	type People = Register;
	type Electorate = Register;
	type UpgradeOrigin = crate::EnsureUpgrade;
	type PalletId = SuffragePalletId;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Register;
}

#[derive(Default)]
struct Known {
	accounts: BTreeMap<AccountId, PersonId>,
	intervals: Vec<(EpochIndex, EpochIndex)>,
	revoked: BTreeSet<PersonId>,
	frozen: BTreeMap<PersonId, BlockNumber>,
	epoch: EpochIndex,
	eligible: u32,
}

thread_local! {
	static KNOWN: RefCell<Known> = RefCell::default();
}

/// Who is recognised and shares in which epochs: what personhood and the dividend are in the real
/// runtime.
pub struct Register;

impl Register {
	/// Recognises the holder of an account, from the next epoch on.
	pub fn admit(account: AccountId) -> PersonId {
		System::inc_sufficients(&account);
		KNOWN.with_borrow_mut(|known| {
			let person = known.intervals.len() as PersonId;
			assert!(known.accounts.insert(account, person).is_none());
			known.intervals.push((known.epoch + 1, known.epoch + TERM));
			person
		})
	}

	/// A further term, as the dividend gives it.
	pub fn renew(person: PersonId) {
		KNOWN.with_borrow_mut(|known| {
			let epoch = known.epoch;
			let interval = &mut known.intervals[person as usize];
			let from = if interval.1 < epoch { epoch + 1 } else { interval.0 };
			*interval = (from, epoch + TERM);
		});
	}

	/// Ends recognition for ever.
	pub fn revoke(person: PersonId) {
		KNOWN.with_borrow_mut(|known| {
			let epoch = known.epoch;
			let interval = &mut known.intervals[person as usize];
			if interval.1 >= epoch {
				interval.1 = epoch.max(interval.0) - 1;
			}
			known.revoked.insert(person);
		});
	}

	/// A challenge freezes the person from this block on.
	pub fn freeze(person: PersonId) {
		let now = System::block_number();
		KNOWN.with_borrow_mut(|known| known.frozen.insert(person, now));
	}

	/// The person moves to another account.
	pub fn recover(from: AccountId, to: AccountId) {
		System::inc_sufficients(&to);
		KNOWN.with_borrow_mut(|known| {
			let person = known.accounts.remove(&from).expect("somebody's account");
			assert!(known.accounts.insert(to, person).is_none());
		});
	}

	/// Closes epochs.
	pub fn close_epochs(count: u32) {
		KNOWN.with_borrow_mut(|known| {
			for _ in 0..count {
				let epoch = known.epoch;
				let shares = |interval: &&(EpochIndex, EpochIndex)| {
					(interval.0..=interval.1).contains(&epoch)
				};
				known.eligible = known.intervals.iter().filter(shares).count() as u32;
				known.epoch += 1;
			}
		});
	}
}

impl People<AccountId> for Register {
	fn person_of(account: &AccountId) -> Option<PersonId> {
		KNOWN.with_borrow(|known| known.accounts.get(account).copied())
	}

	fn may_claim(person: PersonId) -> bool {
		KNOWN.with_borrow(|known| {
			!known.revoked.contains(&person) && !known.frozen.contains_key(&person)
		})
	}

	fn may_vote(person: PersonId, opened: BlockNumber) -> bool {
		KNOWN.with_borrow(|known| {
			(person as usize) < known.intervals.len()
				&& !known.revoked.contains(&person)
				&& known.frozen.get(&person).is_none_or(|since| *since >= opened)
		})
	}

	/// The register outlives a benchmark's repetitions, the chain's state does not.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_person(account: &AccountId) -> PersonId {
		match Self::person_of(account) {
			Some(person) => {
				Self::renew(person);
				person
			},
			None => Self::admit(*account),
		}
	}
}

impl Electorate for Register {
	fn last_closed() -> Option<(EpochIndex, u32)> {
		KNOWN.with_borrow(|known| Some((known.epoch.checked_sub(1)?, known.eligible)))
	}

	fn interval(person: PersonId) -> Option<(EpochIndex, EpochIndex)> {
		KNOWN.with_borrow(|known| known.intervals.get(person as usize).copied())
	}

	fn current_epoch() -> EpochIndex {
		KNOWN.with_borrow(|known| known.epoch)
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkHelper for Register {
	fn close_epoch() {
		Self::close_epochs(1);
	}
}

/// How a test's chain starts.
pub struct ExtBuilder {
	pub rules: Constitution,
	/// Whether the people are there and have a vote: epochs 0 to 3 are closed.
	pub settled: bool,
}

impl Default for ExtBuilder {
	fn default() -> Self {
		Self { rules: RULES, settled: true }
	}
}

impl ExtBuilder {
	/// A chain on which nobody is recognised yet.
	pub fn empty() -> Self {
		Self { settled: false, ..Default::default() }
	}

	pub fn build(self) -> sp_io::TestExternalities {
		KNOWN.take();
		let Constitution { min_electorate, seasoning, cosigners, day } = self.rules;
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: vec![(RICH, RICH_HOLDS), (Suffrage::account(), 1 + 2 * 100)],
				..Default::default()
			},
			suffrage: pallet_suffrage::GenesisConfig {
				min_electorate,
				seasoning,
				cosigners,
				day,
				..Default::default()
			},
			..Default::default()
		}
		.build_storage()
		.expect("genesis builds");
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			// No events are kept of block 0.
			System::set_block_number(1);
			if self.settled {
				for account in PEOPLE {
					Register::admit(account);
				}
				Register::close_epochs(4);
			}
		});
		ext
	}

	/// Runs the test and checks all invariants after it.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Suffrage::do_try_state().expect("all invariants hold after the test");
		});
	}
}

/// Runs a test among people who have a vote.
pub fn run(test: impl FnOnce()) {
	ExtBuilder::default().build_and_execute(test);
}

/// Makes empty blocks, up to and including this one.
pub fn go_to(number: BlockNumber) {
	while System::block_number() < number {
		let next = System::block_number() + 1;
		System::set_block_number(next);
		Scheduler::on_initialize(next);
	}
}

pub fn blocks(count: BlockNumber) {
	go_to(System::block_number() + count);
}

pub fn bound(call: impl Into<RuntimeCall>) -> BoundedCallOf<Test, ()> {
	Preimage::bound(call.into()).expect("short enough")
}

/// A call that is for everybody.
pub fn remark() -> BoundedCallOf<Test, ()> {
	bound(frame_system::Call::remark_with_event { remark: b"decided".to_vec() })
}

/// The hash of a runtime that people may want.
pub fn code_hash() -> <Test as frame_system::Config>::Hash {
	[7; 32].into()
}

/// Submits a poll on that call with that origin, without the decision deposit.
pub fn try_submit(
	origin: impl Into<OriginCaller>,
	call: BoundedCallOf<Test, ()>,
) -> Result<PollIndex, DispatchError> {
	let poll = pallet_referenda::ReferendumCount::<Test>::get();
	Referenda::submit(
		RuntimeOrigin::signed(RICH),
		Box::new(origin.into()),
		call,
		DispatchTime::After(0),
	)?;
	Ok(poll)
}

/// A poll that nobody has decided to pay for.
pub fn submitted() -> PollIndex {
	try_submit(Origin::Parameters, remark()).expect("a poll is submitted")
}

/// A poll that will be decided.
pub fn poll_on(origin: Origin, call: BoundedCallOf<Test, ()>) -> PollIndex {
	let poll = try_submit(origin, call).expect("a poll is submitted");
	Referenda::place_decision_deposit(RuntimeOrigin::signed(RICH), poll).expect("has the money");
	poll
}

pub fn tally(poll: PollIndex) -> Tally<Test> {
	Referenda::as_ongoing(poll).expect("a running poll").0
}

/// How many are for and against it.
pub fn count(poll: PollIndex) -> (u32, u32) {
	let tally = tally(poll);
	(tally.ayes, tally.nays)
}

/// How the poll ended: approved, rejected or otherwise.
pub fn ended(poll: PollIndex) -> Option<bool> {
	match pallet_referenda::ReferendumInfoFor::<Test>::get(poll).expect("a poll") {
		ReferendumInfo::Approved(..) => Some(true),
		ReferendumInfo::Rejected(..) => Some(false),
		_ => None,
	}
}

fn root() -> Vec<u8> {
	sp_io::storage::root(sp_runtime::StateVersion::V1)
}

/// Dispatches a call as a transaction does, checks that a failure changes nothing, and returns
/// whether it was free beforehand and whether the fee was due afterwards.
fn dispatch(
	who: AccountId,
	call: Call<Test>,
) -> (bool, DispatchResultWithInfo<frame_support::dispatch::PostDispatchInfo>) {
	let free = call.is_feeless(&RuntimeOrigin::signed(who));
	let before = root();
	let result = frame_support::storage::with_storage_layer(|| {
		RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(who))
	});
	if result.is_err() {
		assert_eq!(root(), before, "a failure changes nothing");
	}
	(free, result)
}

fn plain<I>(
	result: Result<I, DispatchErrorWithPostInfo<frame_support::dispatch::PostDispatchInfo>>,
) -> Result<(), DispatchError> {
	result.map(|_| ()).map_err(|failure| failure.error)
}

/// Votes as a transaction does, and checks that it was free exactly if it succeeds as the first
/// vote of the person.
pub fn vote(who: AccountId, poll: PollIndex, aye: bool) -> Result<(), DispatchError> {
	let person = Register::person_of(&who);
	let first = person.is_some_and(|person| Suffrage::vote_of(poll, person).is_none());
	let could = Suffrage::can_vote(poll, who, aye);
	let (free, result) = dispatch(who, Call::vote { poll, aye });
	assert_eq!(could, result.is_ok());
	assert_eq!(free, first && result.is_ok());
	plain(result)
}

/// Signs a proposal as a transaction does, and checks that it was free exactly if it succeeds.
pub fn cosign(who: AccountId, proposal: ProposalId) -> Result<(), DispatchError> {
	let (free, result) = dispatch(who, Call::cosign { proposal });
	assert_eq!(free, result.is_ok());
	plain(result)
}

/// Makes a proposal to authorise an upgrade.
pub fn propose(who: AccountId) -> Result<ProposalId, DispatchError> {
	propose_as(who, Origin::Upgrade)
}

pub fn propose_as(
	who: AccountId,
	origin: impl Into<OriginCaller>,
) -> Result<ProposalId, DispatchError> {
	let proposal = crate::NextProposal::<Test>::get();
	let (free, result) = dispatch(
		who,
		Call::propose {
			proposal_origin: Box::new(origin.into()),
			call: bound(Call::authorise_upgrade { code_hash: code_hash() }),
			enactment: DispatchTime::After(0),
		},
	);
	assert!(!free, "a proposal pays its fee");
	plain(result).map(|()| proposal)
}

/// A call for the good of the chain: not free, but its fee returns exactly if it succeeds. Returns
/// how much weight was used.
pub fn keep(who: AccountId, call: Call<Test>) -> Result<Option<Weight>, DispatchError> {
	let (free, result) = dispatch(who, call);
	assert!(!free);
	match result {
		Ok(info) => {
			assert_eq!(info.pays_fee, frame_support::dispatch::Pays::No);
			Ok(info.actual_weight)
		},
		Err(failure) => {
			assert_eq!(failure.post_info.pays_fee, frame_support::dispatch::Pays::Yes);
			Err(failure.error)
		},
	}
}

/// The events of the pallet under test.
pub fn events() -> Vec<Event<Test>> {
	let suffrage = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Suffrage(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(suffrage).collect()
}

pub fn last_event() -> Event<Test> {
	events().pop().expect("something happened")
}

/// Whether the runtime with [`code_hash`] is authorised.
pub fn authorised() -> bool {
	System::authorized_upgrade()
		.is_some_and(|upgrade| upgrade.encode() == (code_hash(), true).encode())
}
