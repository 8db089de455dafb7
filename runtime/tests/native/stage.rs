//! A small cast on a chain without its blob: a model, an oracle, a consumer with a channel, people.

use crate::{
	chain::{externalities, genesis, genesis_hash, now, try_state, Clock},
	keys::{attest, consent, key, sign, Use},
};
use codec::Encode;
use frame_support::traits::{schedule::DispatchTime, StorePreimage};
use pallet_models::Contributor;
use pallet_personhood::types::Attestations;
use pallet_usage::{Channel, SubmittedClaim};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{traits::Dispatchable, DispatchError, DispatchResult, MultiSignature};
use usufruct_primitives::{
	commitment::Request,
	domain::hash,
	personhood::SignedAttestation,
	settlement::{Claim, ClaimVoucher},
	tree::{build, Leaf},
	usage::{channel_id, Receipt, Voucher},
	Balance, ChannelId, Meter, PersonId, Purpose, Role, Status, MILLI_UFR, PPM, UFR,
};
use usufruct_runtime::{
	AccountId, Balances, Dividend, Preimage, Runtime, RuntimeCall, RuntimeOrigin,
};

/// Who owns the model.
pub const OWNER: Sr25519Keyring = Sr25519Keyring::Bob;
/// Who runs it.
pub const ORACLE: Sr25519Keyring = Sr25519Keyring::Charlie;
/// Who pays.
pub const CONSUMER: Sr25519Keyring = Sr25519Keyring::Dave;
/// What a unit costs.
pub const PRICE: Balance = MILLI_UFR;
/// What the oracle bonds.
pub const BOND: Balance = 2_000 * UFR;
/// What the consumer puts aside.
pub const ESCROW: Balance = 10 * UFR;
/// What the consumer risks.
pub const MAX_UNACKED: Balance = 100 * MILLI_UFR;

/// Plays something on a chain that begins; in the end every invariant holds.
pub fn play(story: impl FnOnce(&mut Clock)) {
	externalities(genesis()).execute_with(|| {
		let mut clock = Clock::start();
		story(&mut clock);
		clock.skip(1);
		try_state().expect("every invariant holds in the end");
	});
}

/// Makes a call, as the account.
pub fn call_by(account: AccountId, call: impl Into<RuntimeCall>) -> DispatchResult {
	let origin = RuntimeOrigin::signed(account);
	call.into().dispatch(origin).map(|_| ()).map_err(|error| error.error)
}

/// Makes a call.
pub fn call(who: Sr25519Keyring, call: impl Into<RuntimeCall>) -> DispatchResult {
	call_by(who.to_account_id(), call)
}

/// Makes a call that succeeds.
pub fn must(who: Sr25519Keyring, made: impl Into<RuntimeCall>) {
	call(who, made).expect("the call succeeds");
}

/// Makes a call that is refused for that reason, and changes nothing.
pub fn refused(who: Sr25519Keyring, made: impl Into<RuntimeCall>, why: impl Into<DispatchError>) {
	let why: DispatchError = why.into();
	let refusal = call(who, made).expect_err("the call is refused");
	// What an error is called is not part of its encoding.
	assert_eq!(refusal.encode(), why.encode(), "{refusal:?} instead of {why:?}");
}

/// Makes a call as Root, which succeeds.
pub fn by_root(call: impl Into<RuntimeCall>) {
	call.into().dispatch(RuntimeOrigin::root()).expect("root may");
}

/// What an account can spend.
pub fn free(who: Sr25519Keyring) -> Balance {
	Balances::free_balance(who.to_account_id())
}

/// Registers a model with one version, and an oracle that serves it.
pub fn model_and_oracle() {
	let name = b"model".to_vec().try_into().expect("short");
	must(OWNER, pallet_models::Call::<Runtime>::register_model { name });
	let row = Contributor { account: OWNER.to_account_id(), role: Role::Owner, share: PPM };
	must(
		OWNER,
		pallet_models::Call::<Runtime>::add_version {
			model: 0,
			manifest_hash: [1; 32],
			size: 1,
			licence: b"MIT".to_vec().try_into().expect("short"),
			metadata_uri: Default::default(),
			metadata_hash: [0; 32],
			meter: Meter::Request,
			floor_price: 0,
			contributors: vec![row].try_into().expect("few"),
			parents: Default::default(),
			royalty: 0,
			tensor_root: None,
		},
	);
	must(
		ORACLE,
		pallet_oracles::Call::<Runtime>::register {
			bond: BOND,
			receipt_key: key(Use::Receipt, 0),
			endpoint: b"https://oracle.example".to_vec().try_into().expect("short"),
		},
	);
	must(ORACLE, pallet_oracles::Call::<Runtime>::set_ask { version: 0, unit_price: Some(PRICE) });
}

/// Opens a channel of the consumer to the oracle, with the first channel key.
pub fn open_channel(salt: u64) -> ChannelId {
	let oracle = ORACLE.to_account_id();
	must(
		CONSUMER,
		pallet_usage::Call::<Runtime>::open_channel {
			oracle: oracle.clone(),
			model: 0,
			salt,
			key: key(Use::Channel, 0),
			escrow: ESCROW,
			max_unit_price: PRICE,
			max_unacked: MAX_UNACKED,
		},
	);
	let consumer = CONSUMER.to_account_id();
	channel_id(&genesis_hash(), consumer.as_ref(), oracle.as_ref(), 0, salt)
}

/// A channel that is there.
pub fn channel(id: &ChannelId) -> Channel {
	pallet_usage::Channels::<Runtime>::get(id).expect("the channel is there")
}

/// What the consumer signs for request `seq` of a channel, having accepted all before; and the
/// receipt the oracle gives for ten units.
pub fn serve(id: ChannelId, seq: u64) -> (Voucher, Receipt) {
	let request = Request {
		channel_id: id,
		request_id: [seq as u8; 16],
		model_version: 0,
		input_commit: [1; 32],
		meter: Meter::Request,
		max_units: 10,
		unit_price: PRICE,
	};
	let before = 10 * PRICE * Balance::from(seq - 1);
	let voucher = Voucher {
		channel_id: id,
		cap: before + 10 * PRICE,
		request_commit: request.commit(&genesis_hash()),
		ack_seq: seq - 1,
		ack_total: before,
		serve_until: now() + 100,
	};
	let receipt = Receipt {
		channel_id: id,
		seq,
		model: 0,
		model_version: 0,
		meter: Meter::Request,
		status: Status::Served,
		units: 10,
		unit_price: PRICE,
		amount: 10 * PRICE,
		total: before + 10 * PRICE,
		request_commit: voucher.request_commit,
		output_commit: [2; 32],
		started_ms: 0,
		took_ms: 1,
	};
	(voucher, receipt)
}

/// The claim for one receipt, by a voucher that this channel key signs.
pub fn claim(receipt: &Receipt, voucher: &Voucher, key: &[u8; 32]) -> Claim {
	Claim {
		channel_id: receipt.channel_id,
		model_version: receipt.model_version,
		from_seq: receipt.seq,
		to_seq: receipt.seq,
		total_before: receipt.total - receipt.amount,
		total_after: receipt.total,
		voucher: ClaimVoucher {
			cap: voucher.cap,
			request_commit: voucher.request_commit,
			ack_seq: voucher.ack_seq,
			ack_total: voucher.ack_total,
			serve_until: voucher.serve_until,
			signature: sign(key, &voucher.digest(&genesis_hash())).expect("a known key"),
		},
	}
}

/// The settlement of one receipt.
pub fn settlement(batch_no: u64, receipt: &Receipt, claim: Claim) -> pallet_usage::Call<Runtime> {
	let leaf = Leaf { digest: receipt.digest(&genesis_hash()), amount: receipt.amount };
	let top = build(&[leaf]).expect("one leaf is a tree");
	pallet_usage::Call::settle {
		batch_no,
		root: top.hash,
		total: top.sum,
		count: top.count,
		claims: vec![claim].try_into().expect("one is few"),
	}
}

/// Serves and settles the next request of a channel; the receipt and its claim.
pub fn serve_and_settle(id: ChannelId) -> (Receipt, SubmittedClaim) {
	let Channel { settled_seq, key, .. } = channel(&id);
	let (voucher, receipt) = serve(id, settled_seq + 1);
	let claim = claim(&receipt, &voucher, &key);
	let submitted = SubmittedClaim::new(&claim, true);
	let book = pallet_usage::OracleBooks::<Runtime>::get(ORACLE.to_account_id());
	must(ORACLE, settlement(book.next_batch, &receipt, claim));
	(receipt, submitted)
}

/// What the first two verifiers attest about somebody, and its consent.
pub fn recognition(
	purpose: Purpose,
	who: Sr25519Keyring,
	nonce: u32,
) -> (Attestations, MultiSignature) {
	recognition_of(purpose, &who.to_account_id(), nonce)
}

/// The same of an account.
pub fn recognition_of(
	purpose: Purpose,
	account: &AccountId,
	nonce: u32,
) -> (Attestations, MultiSignature) {
	recognition_as(purpose, account, account, nonce)
}

/// The same for somebody who was recognised with one account, and comes with another.
pub fn recognition_as(
	purpose: Purpose,
	known: &AccountId,
	account: &AccountId,
	nonce: u32,
) -> (Attestations, MultiSignature) {
	let attestations: Vec<_> = [0u32, 1]
		.into_iter()
		.map(|id| {
			let verifier =
				pallet_personhood::Verifiers::<Runtime>::get(id).expect("the preset has it");
			let unsigned = SignedAttestation {
				verifier: id,
				nullifier: hash(&(id, known).encode()),
				class: verifier.class,
				region: 0,
				issued: now(),
				expires: now() + 100,
				nonce,
				signature: [0; 64],
			};
			attest(&verifier.key, unsigned, purpose, account).expect("a known key")
		})
		.collect();
	let consent = consent(purpose, account, nonce, &attestations, 0).expect("a known key");
	(attestations.try_into().expect("two are few"), consent)
}

/// Recognises an account; the number of the person.
pub fn recognise(account: &AccountId) -> PersonId {
	let (attestations, consent) = recognition_of(Purpose::Register, account, 0);
	let account = account.clone();
	let person = pallet_personhood::NextPerson::<Runtime>::get();
	must(
		Sr25519Keyring::Alice,
		pallet_personhood::Call::<Runtime>::register { account, attestations, consent },
	);
	person
}

/// Proposes what does nothing, on the track of the parameters; others have yet to sign it.
pub fn propose(who: Sr25519Keyring) {
	let call: RuntimeCall = frame_system::Call::remark { remark: vec![] }.into();
	must(
		who,
		pallet_suffrage::Call::<Runtime>::propose {
			proposal_origin: Box::new(pallet_suffrage::Origin::Parameters.into()),
			call: Preimage::bound(call).expect("short"),
			enactment: DispatchTime::After(0),
		},
	);
}

/// Opens a programme for that many epochs, which anybody may join: a tenth of what flows in.
pub fn open_programme(epochs: u32) {
	by_root(pallet_dividend::Call::<Runtime>::open_programme {
		share: 100_000,
		classes: Default::default(),
		regions: Default::default(),
		epochs,
		min_people: 1,
	});
}

/// Closes so many epochs, with 90 UFR flowing in before each.
pub fn rich_epochs(clock: &mut Clock, epochs: u32) {
	for _ in 0..epochs {
		must(
			Sr25519Keyring::Alice,
			pallet_balances::Call::<Runtime>::transfer_keep_alive {
				dest: Dividend::pot().into(),
				value: 90 * UFR,
			},
		);
		let closes_at = Dividend::epoch().closes_at;
		clock.skip(closes_at - now());
	}
}

/// Every key of the state.
pub fn state_keys() -> impl Iterator<Item = Vec<u8>> {
	std::iter::successors(sp_io::storage::next_key(&[]), |key| sp_io::storage::next_key(key))
}

/// Whether bytes stand in others.
pub fn stands_in(part: &[u8], bytes: &[u8]) -> bool {
	bytes.windows(part.len()).any(|window| window == part)
}
