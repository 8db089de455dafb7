//! Every key of the tests, and what is signed with them.

use crate::chain::genesis_hash;
use sp_core::{ed25519, sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use sp_runtime::MultiSignature;
use std::{collections::BTreeMap, sync::OnceLock};
use usufruct_primitives::{
	personhood::{acceptance_digest, consent_digest, signed_forms, SignedAttestation},
	Hash, PublicKey, Purpose, Signature, VersionId,
};
use usufruct_runtime::{genesis_presets::verifier_uri, AccountId};

/// The accounts that act. The last two hold nothing at first; the first is the sudo key and the
/// author of all blocks, and the fourth to sixth operate the verifiers.
pub const ACTORS: [Sr25519Keyring; 8] = [
	Sr25519Keyring::Alice,
	Sr25519Keyring::Bob,
	Sr25519Keyring::Charlie,
	Sr25519Keyring::Dave,
	Sr25519Keyring::Eve,
	Sr25519Keyring::Ferdie,
	Sr25519Keyring::One,
	Sr25519Keyring::Two,
];

/// How many people there are beside the actors, who hold nothing and do little: enough for a jury.
pub const CROWD: usize = 16;

/// How many keys there are of each use.
pub const KEYS: usize = 16;

/// What an ed25519 key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
	/// Signs the vouchers of a channel.
	Channel,
	/// Signs the receipts of an oracle.
	Receipt,
	/// Signs attestations.
	Verifier,
}

struct Keys {
	/// The actors, and then the crowd.
	humans: Vec<(AccountId, sr25519::Pair)>,
	lists: [Vec<PublicKey>; 3],
	pairs: BTreeMap<PublicKey, ed25519::Pair>,
}

fn keys() -> &'static Keys {
	static ALL: OnceLock<Keys> = OnceLock::new();
	ALL.get_or_init(|| {
		let in_the_crowd = |nth| {
			let pair = sr25519::Pair::from_string(&format!("//Crowd//{nth}"), None).expect("a URI");
			(AccountId::from(pair.public()), pair)
		};
		let actors = ACTORS.map(|actor| (actor.to_account_id(), actor.pair())).into_iter();
		let humans = actors.chain((0..CROWD).map(in_the_crowd)).collect();
		let seed = |kind: u8, nth: usize| ed25519::Pair::from_seed(&[kind + nth as u8; 32]);
		let verifier = |nth| ed25519::Pair::from_string(&verifier_uri(nth), None).expect("a URI");
		let pairs = [
			(0..KEYS).map(|nth| seed(32, nth)).collect::<Vec<_>>(),
			(0..KEYS).map(|nth| seed(64, nth)).collect(),
			(0..KEYS).map(verifier).collect(),
		];
		let lists = [0, 1, 2].map(|kind| pairs[kind].iter().map(|pair| pair.public().0).collect());
		let pairs = pairs.into_iter().flatten().map(|pair| (pair.public().0, pair)).collect();
		Keys { humans, lists, pairs }
	})
}

/// The nth account that acts.
pub fn account(nth: usize) -> AccountId {
	keys().humans[nth % ACTORS.len()].0.clone()
}

/// The nth account of the crowd.
pub fn bystander(nth: usize) -> AccountId {
	keys().humans[ACTORS.len() + nth % CROWD].0.clone()
}

/// The number of the human who has the key of an account, the crowd behind the actors.
pub fn human_of(account: &AccountId) -> Option<usize> {
	keys().humans.iter().position(|(known, _)| known == account)
}

/// The place of an account among those that act.
pub fn place_of(account: &AccountId) -> Option<usize> {
	human_of(account).filter(|nth| *nth < ACTORS.len())
}

/// The key of an account, an actor's or one of the crowd.
pub fn actor(account: &AccountId) -> Option<&'static sr25519::Pair> {
	human_of(account).map(|nth| &keys().humans[nth].1)
}

/// The nth key of a use.
pub fn key(used: Use, nth: usize) -> PublicKey {
	keys().lists[used as usize][nth % KEYS]
}

/// A signature over a digest; none if nobody here has the key.
pub fn sign(key: &PublicKey, digest: &Hash) -> Option<Signature> {
	Some(keys().pairs.get(key)?.sign(digest).0)
}

/// An account's signature over a digest, raw or as wallets wrap it.
pub fn account_signs(account: &AccountId, digest: &Hash, form: usize) -> Option<MultiSignature> {
	let forms = signed_forms(digest);
	Some(actor(account)?.sign(&forms[form % forms.len()]).into())
}

/// The word of a verifier about an account, for one purpose; `unsigned` says all but the signature.
pub fn attest(
	key: &PublicKey,
	unsigned: SignedAttestation,
	purpose: Purpose,
	account: &AccountId,
) -> Option<SignedAttestation> {
	let digest = unsigned.attestation(purpose, account.clone().into()).digest(&genesis_hash());
	Some(SignedAttestation { signature: sign(key, &digest)?, ..unsigned })
}

/// An account's consent to attestations.
pub fn consent(
	purpose: Purpose,
	account: &AccountId,
	nonce: u32,
	attestations: &[SignedAttestation],
	form: usize,
) -> Option<MultiSignature> {
	let genesis = genesis_hash();
	let bytes: [u8; 32] = account.clone().into();
	let digests: Vec<_> =
		attestations.iter().map(|one| one.attestation(purpose, bytes).digest(&genesis)).collect();
	account_signs(account, &consent_digest(&genesis, purpose, &bytes, nonce, &digests), form)
}

/// An account's acceptance of a contributor row.
pub fn acceptance(
	version: VersionId,
	row: u16,
	account: &AccountId,
	form: usize,
) -> Option<MultiSignature> {
	let bytes: [u8; 32] = account.clone().into();
	account_signs(account, &acceptance_digest(&genesis_hash(), version, row, &bytes), form)
}
