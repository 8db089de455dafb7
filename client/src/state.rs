//! What stands on the chain at one block, as plain types.

pub mod bounties;
pub mod disputes;
pub mod polls;

use crate::{
	chain::{AtBlock, ChainError},
	decimal, keys,
	output::hex0x,
	runtime::{
		runtime_types::{
			pallet_models::types::{self as models, RowState},
			pallet_oracles::types as oracles,
			pallet_personhood::types as personhood,
			pallet_usage::types::{self as usage, ChannelState},
		},
		storage, view_functions,
	},
	view::view,
};
use serde::{Serialize, Serializer};
use subxt::utils::AccountId32;
use usufruct_primitives::{
	tensors::TensorRoot, AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Class, DomainId,
	EpochIndex, Hash, Meter, ModelId, PersonId, PublicKey, Role, Seq, VerifierId, VersionId,
};

fn as_address<S: Serializer>(account: &AccountBytes, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&keys::address(account))
}

fn as_hex<S: Serializer>(bytes: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&hex0x(bytes))
}

fn text(bytes: Vec<u8>) -> String {
	String::from_utf8_lossy(&bytes).into_owned()
}

/// A model, over all its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Model {
	/// Its id.
	pub model: ModelId,
	/// What people call it; not unique.
	pub name: String,
	/// Who may add versions.
	#[serde(serialize_with = "as_address")]
	pub owner: AccountBytes,
	/// How many versions it has.
	pub versions: u32,
	/// How many of them are not deprecated.
	pub open_versions: u32,
}

impl Model {
	fn new(model: ModelId, from: models::Model) -> Self {
		let models::Model { owner, name, versions, open_versions, .. } = from;
		Self { model, name: text(name.0), owner: owner.0, versions, open_versions }
	}
}

/// One version of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Version {
	/// Its id, unique on the chain.
	pub version: VersionId,
	/// The model it belongs to.
	pub model: ModelId,
	/// SHA-256 of the artifact, see [`crate::manifest`].
	#[serde(serialize_with = "as_hex")]
	pub manifest_hash: Hash,
	/// Size of the artifact in bytes.
	pub size: u64,
	/// SPDX expression.
	pub licence: String,
	/// Where its metadata can be read.
	pub metadata_uri: String,
	/// Hash of the metadata.
	#[serde(serialize_with = "as_hex")]
	pub metadata_hash: Hash,
	/// What one unit of its price is.
	pub meter: Meter,
	/// The least an oracle may ask for a unit, in planck.
	#[serde(with = "decimal")]
	pub floor_price: Balance,
	/// Whether new requests may be served.
	pub open: bool,
	/// What every descendant owes it of its inflow, in parts per million.
	pub royalty: u32,
	/// What its weights are known by, see [`crate::onnx`].
	#[serde(serialize_with = "as_root")]
	pub tensor_root: Option<TensorRoot>,
}

/// The root alone: leaves and bytes are in it.
fn as_root<S: Serializer>(root: &Option<TensorRoot>, to: S) -> Result<S::Ok, S::Error> {
	match root {
		Some(root) => as_hex(&root.root, to),
		None => to.serialize_none(),
	}
}

impl Version {
	/// As it is in block `now`: floors rise and versions close without anything being written.
	fn new(version: VersionId, from: models::Version, now: BlockNumber) -> Self {
		let models::Floor { present, rise, .. } = from.floor;
		let risen = rise.filter(|rise| now >= rise.from);
		Self {
			version,
			model: from.model,
			manifest_hash: from.manifest_hash,
			size: from.size,
			licence: text(from.licence.0),
			metadata_uri: text(from.metadata_uri.0),
			metadata_hash: from.metadata_hash,
			meter: from.meter.0,
			floor_price: risen.map_or(present, |rise| rise.price),
			open: from.closes.is_none_or(|closes| now < closes),
			royalty: from.royalty,
			tensor_root: from.tensor_root.map(|root| root.0),
		}
	}
}

/// A row of a version's contributor table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contributor {
	/// Its number.
	pub row: u16,
	/// Who is paid.
	#[serde(serialize_with = "as_address")]
	pub account: AccountBytes,
	/// What for.
	pub role: Role,
	/// Its share, in parts per million.
	pub share: u32,
	/// Whether it can be paid: its account has accepted it.
	pub accepted: bool,
	/// What it is due, in planck.
	#[serde(with = "decimal")]
	pub due: Balance,
}

/// An oracle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Oracle {
	/// Its account.
	#[serde(serialize_with = "as_address")]
	pub account: AccountBytes,
	/// What stands for its honesty, in planck.
	#[serde(with = "decimal")]
	pub bond: Balance,
	/// The part of it that is locked for recent settlements, in planck.
	#[serde(with = "decimal")]
	pub locked: Balance,
	/// The rest of it, in planck.
	#[serde(with = "decimal")]
	pub free: Balance,
	/// What of that can be locked for further settlements now, in planck: less where the oracle limits
	/// what it settles.
	#[serde(with = "decimal")]
	pub lockable: Balance,
	/// What is on its way out.
	pub unbonding: Vec<Unbonding>,
	/// The key that signs its receipts.
	#[serde(serialize_with = "as_hex")]
	pub receipt_key: PublicKey,
	/// The keys before it, for which it still answers.
	pub retired_keys: Vec<RetiredKey>,
	/// Where it serves.
	pub endpoint: String,
	/// Whether its bond is at least the minimum.
	pub active: bool,
}

/// A receipt key that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RetiredKey {
	/// The key.
	#[serde(serialize_with = "as_hex")]
	pub key: PublicKey,
	/// The block in which it was replaced: what it signed says nothing of later settlements.
	pub retired_at: BlockNumber,
}

/// A part of a bond that is on its way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unbonding {
	/// The first block in which it can be withdrawn.
	pub ready_at: BlockNumber,
	/// How much, in planck.
	#[serde(with = "decimal")]
	pub amount: Balance,
}

impl Oracle {
	fn new(account: AccountBytes, from: oracles::OracleInfo) -> Self {
		let unbonding = from.unbonding.0.into_iter();
		Self {
			account,
			bond: from.bond,
			locked: from.locked,
			free: from.free,
			lockable: from.lockable,
			unbonding: unbonding
				.map(|part| Unbonding { ready_at: part.ready_at, amount: part.amount })
				.collect(),
			receipt_key: from.receipt_key,
			retired_keys: from
				.retired_keys
				.0
				.into_iter()
				.map(|retired| RetiredKey { key: retired.key, retired_at: retired.retired_at })
				.collect(),
			endpoint: text(from.endpoint.0),
			active: from.active,
		}
	}
}

/// What an oracle asks for a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ask {
	/// Who.
	#[serde(serialize_with = "as_address")]
	pub oracle: AccountBytes,
	/// For which version.
	pub version: VersionId,
	/// The price of a unit, in planck.
	#[serde(with = "decimal")]
	pub unit_price: Balance,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Channel {
	/// Its id.
	#[serde(serialize_with = "as_hex")]
	pub channel_id: ChannelId,
	/// Whose money it is.
	#[serde(serialize_with = "as_address")]
	pub consumer: AccountBytes,
	/// Who can claim it.
	#[serde(serialize_with = "as_address")]
	pub oracle: AccountBytes,
	/// What it is for.
	pub model: ModelId,
	/// The key that signs vouchers.
	#[serde(serialize_with = "as_hex")]
	pub key: PublicKey,
	/// What is held and not settled, in planck.
	#[serde(with = "decimal")]
	pub escrow: Balance,
	/// The part of it that outlives the closing window, in planck.
	#[serde(with = "decimal")]
	pub reserved: Balance,
	/// The last settled receipt.
	pub settled_seq: Seq,
	/// Its total, in planck.
	#[serde(with = "decimal")]
	pub settled_total: Balance,
	/// The most a unit may cost, in planck.
	#[serde(with = "decimal")]
	pub max_unit_price: Balance,
	/// The most that may be unacknowledged, in planck.
	#[serde(with = "decimal")]
	pub max_unacked: Balance,
	/// The total that a lodged voucher covers, in planck; 0 if none is.
	#[serde(with = "decimal")]
	pub lodged: Balance,
	/// The keys before this one, the last one last.
	pub former_keys: Vec<FormerKey>,
	/// The first block in which it can be closed for good, if it is closing.
	pub closes_at: Option<BlockNumber>,
}

/// A key that a channel had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FormerKey {
	/// The ed25519 key.
	#[serde(serialize_with = "as_hex")]
	pub key: PublicKey,
	/// The first block in which nothing can be settled or lodged on its signature.
	pub until: BlockNumber,
}

impl Channel {
	fn new(channel_id: ChannelId, from: usage::Channel) -> Self {
		Self {
			channel_id,
			consumer: from.consumer.0,
			oracle: from.oracle.0,
			model: from.model,
			key: from.key,
			escrow: from.escrow,
			reserved: from.reserved,
			settled_seq: from.settled_seq,
			settled_total: from.settled_total,
			max_unit_price: from.max_unit_price,
			max_unacked: from.max_unacked,
			lodged: from.checkpoint.map_or(0, |lodged| lodged.covers),
			former_keys: from
				.former_keys
				.0
				.into_iter()
				.map(|former| FormerKey { key: former.key, until: former.until })
				.collect(),
			closes_at: match from.state {
				ChannelState::Open => None,
				ChannelState::Closing { closes_at } => Some(closes_at),
			},
		}
	}

	/// All that can ever be charged to it as things are, in planck.
	pub fn funds(&self) -> Balance {
		self.settled_total.saturating_add(self.escrow)
	}
}

/// A settlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Batch {
	/// The root over its receipts.
	#[serde(serialize_with = "as_hex")]
	pub root: Hash,
	/// The sum of all receipts, in planck.
	#[serde(with = "decimal")]
	pub total: Balance,
	/// How many there are.
	pub count: u32,
	/// The sum of the accepted claims, in planck.
	#[serde(with = "decimal")]
	pub accepted_total: Balance,
	/// The block it was settled in.
	pub block: BlockNumber,
	/// The hash of its claims and which were accepted.
	#[serde(serialize_with = "as_hex")]
	pub claims_hash: Hash,
}

/// A recognised person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Person {
	/// Its id.
	pub person: PersonId,
	/// Its account.
	#[serde(serialize_with = "as_address")]
	pub account: AccountBytes,
	/// What the attestations of its next action must carry.
	pub nonce: u32,
	/// Whether recognition was withdrawn.
	pub revoked: bool,
	/// The first epoch it shares in.
	pub from: EpochIndex,
	/// The last.
	pub until: EpochIndex,
	/// The dispute that freezes it, if there is one.
	pub frozen_by: Option<u32>,
	/// Whether so many of its verifiers are suspended that others must attest it before it can claim.
	pub needs_attestation: bool,
	/// Whether it may claim now.
	pub may_claim: bool,
}

/// A verifier of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verifier {
	/// Its id.
	pub verifier: VerifierId,
	/// The domain whose keyed hash it uses.
	pub domain: DomainId,
	/// The domain's name.
	pub domain_name: String,
	/// Who runs it.
	#[serde(serialize_with = "as_address")]
	pub operator: AccountBytes,
	/// How it recognises people.
	pub class: Class,
	/// The key that signs its attestations.
	#[serde(serialize_with = "as_hex")]
	pub key: PublicKey,
	/// How many new people it may attest per epoch.
	pub quota: u32,
	/// What its operator has put aside for it, in planck.
	#[serde(with = "decimal")]
	pub bond: Balance,
	/// How many recognitions it attested.
	pub attested: u32,
	/// How many disputes there were about people it had attested.
	pub disputed: u32,
	/// How many of them ended against it.
	pub upheld: u32,
	/// Whether it is suspended now.
	pub suspended: bool,
	/// Whether it may attest no more.
	pub retired: bool,
}

impl Verifier {
	/// As it is in epoch `now`: suspensions end without anything being written.
	fn new(
		verifier: VerifierId,
		from: personhood::Verifier,
		domains: &[String],
		now: EpochIndex,
	) -> Self {
		Self {
			verifier,
			domain: from.domain,
			domain_name: domains.get(from.domain as usize).cloned().unwrap_or_default(),
			operator: from.operator.0,
			class: from.class.0,
			key: from.key,
			quota: from.quota,
			bond: from.bond,
			attested: from.attested,
			disputed: from.disputed,
			upheld: from.upheld,
			suspended: match from.suspension {
				None => false,
				Some(personhood::Suspension::Until(end)) => now < end,
				Some(personhood::Suspension::Confirmed) => true,
			},
			retired: from.retired,
		}
	}
}

/// The dividend's open epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenEpoch {
	/// Its number.
	pub index: EpochIndex,
	/// The block that opened it.
	pub opened_at: BlockNumber,
	/// The first block that may close it.
	pub closes_at: BlockNumber,
	/// What the pot holds, in planck.
	#[serde(with = "decimal")]
	pub pot: Balance,
	/// What of it is promised, in planck.
	#[serde(with = "decimal")]
	pub liability: Balance,
	/// How many people share in it.
	pub active: u32,
	/// By how many the pot is divided at least.
	pub min_people: u32,
	/// For how many epochs an epoch can be claimed.
	pub claim_window: u32,
}

/// Collects a whole storage map.
macro_rules! collect {
	($at:expr, $address:expr, |$key:pat_param, $value:ident| $row:expr) => {{
		let mut rows = $at.storage().iter($address, ()).await?;
		let mut collected = Vec::new();
		while let Some(row) = rows.next().await {
			let row = row?;
			let $key = row.key()?.decode()?;
			let $value = row.value().decode()?;
			collected.push($row);
		}
		collected
	}};
}

/// All models, by id.
pub async fn models(at: &AtBlock) -> Result<Vec<Model>, ChainError> {
	let mut models =
		collect!(at, storage().models().models(), |(id,), model| Model::new(id, model));
	models.sort_by_key(|model| model.model);
	Ok(models)
}

/// A model.
pub async fn model(at: &AtBlock, model: ModelId) -> Result<Option<Model>, ChainError> {
	let found = view(at, view_functions().models().model(model)).await?;
	Ok(found.map(|found| Model::new(model, found)))
}

/// All versions, by id.
pub async fn versions(at: &AtBlock) -> Result<Vec<Version>, ChainError> {
	let address = storage().models().versions();
	let now = at.block_number() as BlockNumber;
	let mut versions = collect!(at, address, |(id,), version| Version::new(id, version, now));
	versions.sort_by_key(|version| version.version);
	Ok(versions)
}

/// A version.
pub async fn version(at: &AtBlock, version: VersionId) -> Result<Option<Version>, ChainError> {
	let found = view(at, view_functions().models().version(version)).await?;
	Ok(found.map(|found| Version::new(version, found, at.block_number() as BlockNumber)))
}

/// A claim that a version holds an older one's weights, which can be refuted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReuseClaim {
	/// The older version.
	pub older: VersionId,
	/// The block it was made in.
	pub since: BlockNumber,
}

/// The claim of reuse about a version that is known by an id.
pub async fn reuse_claim(
	at: &AtBlock,
	newer: VersionId,
	id: &Hash,
) -> Result<Option<ReuseClaim>, ChainError> {
	let found = view(at, view_functions().models().reuse_claim(newer, *id)).await?;
	Ok(found.map(|claim| ReuseClaim { older: claim.older, since: claim.since }))
}

/// A version's contributors and what they are due.
pub async fn contributors(
	at: &AtBlock,
	version: VersionId,
) -> Result<Vec<Contributor>, ChainError> {
	let rows = view(at, view_functions().models().contributors(version)).await?;
	let mut contributors = Vec::with_capacity(rows.len());
	for (row, contributor) in (0u16..).zip(rows) {
		let due = view(at, view_functions().models().revenue_due(version, row)).await?;
		contributors.push(Contributor {
			row,
			account: contributor.account.0,
			role: contributor.role.0,
			share: contributor.share,
			accepted: matches!(contributor.state, RowState::Accepted),
			due,
		});
	}
	Ok(contributors)
}

/// All oracles.
pub async fn oracles(at: &AtBlock) -> Result<Vec<Oracle>, ChainError> {
	let accounts = collect!(at, storage().oracles().oracles(), |(account,), _oracle| account.0);
	let mut oracles = Vec::with_capacity(accounts.len());
	for account in accounts {
		oracles.extend(oracle(at, &account).await?);
	}
	oracles.sort_by_key(|oracle| oracle.account);
	Ok(oracles)
}

/// An oracle.
pub async fn oracle(at: &AtBlock, account: &AccountBytes) -> Result<Option<Oracle>, ChainError> {
	let call = view_functions().oracles().oracle(AccountId32(*account));
	Ok(view(at, call).await?.map(|found| Oracle::new(*account, found)))
}

/// All asks, the cheapest of each version first.
pub async fn asks(at: &AtBlock) -> Result<Vec<Ask>, ChainError> {
	let address = storage().oracles().asks();
	let mut asks = collect!(at, address, |(oracle, version), unit_price| Ask {
		oracle: oracle.0,
		version,
		unit_price,
	});
	asks.sort_by_key(|ask| (ask.version, ask.unit_price, ask.oracle));
	Ok(asks)
}

/// What an oracle asks for a version.
pub async fn ask(
	at: &AtBlock,
	oracle: &AccountBytes,
	version: VersionId,
) -> Result<Option<Balance>, ChainError> {
	let call = view_functions().oracles().ask(AccountId32(*oracle), version);
	view(at, call).await
}

/// All channels.
pub async fn channels(at: &AtBlock) -> Result<Vec<Channel>, ChainError> {
	let address = storage().usage().channels();
	Ok(collect!(at, address, |(id,), channel| Channel::new(id, channel)))
}

/// A channel.
pub async fn channel(at: &AtBlock, channel: &ChannelId) -> Result<Option<Channel>, ChainError> {
	let found = view(at, view_functions().usage().channel(*channel)).await?;
	Ok(found.map(|found| Channel::new(*channel, found)))
}

/// The last salt with which a consumer opened a channel.
pub async fn last_salt(at: &AtBlock, consumer: &AccountBytes) -> Result<Option<u64>, ChainError> {
	let call = view_functions().usage().last_salt(AccountId32(*consumer));
	view(at, call).await
}

/// The number of an oracle's next settlement.
pub async fn next_batch(at: &AtBlock, oracle: &AccountBytes) -> Result<BatchNo, ChainError> {
	let call = view_functions().usage().next_batch(AccountId32(*oracle));
	view(at, call).await
}

/// A settlement of an oracle.
pub async fn batch(
	at: &AtBlock,
	oracle: &AccountBytes,
	batch_no: BatchNo,
) -> Result<Option<Batch>, ChainError> {
	let call = view_functions().usage().batch(AccountId32(*oracle), batch_no);
	Ok(view(at, call).await?.map(|batch| Batch {
		root: batch.root,
		total: batch.total,
		count: batch.count,
		accepted_total: batch.accepted_total,
		block: batch.block,
		claims_hash: batch.claims_hash,
	}))
}

/// What an oracle can collect, in planck.
pub async fn credit(at: &AtBlock, oracle: &AccountBytes) -> Result<Balance, ChainError> {
	let call = view_functions().usage().credit(AccountId32(*oracle));
	view(at, call).await
}

/// The person behind an account.
pub async fn person(at: &AtBlock, account: &AccountBytes) -> Result<Option<Person>, ChainError> {
	let call = view_functions().personhood().person(AccountId32(*account));
	Ok(view(at, call).await?.map(|found| Person {
		person: found.person,
		account: found.account.0,
		nonce: found.nonce,
		revoked: found.revoked,
		from: found.from,
		until: found.until,
		frozen_by: found.frozen_by,
		needs_attestation: found.needs_attestation,
		may_claim: found.may_claim,
	}))
}

/// A person by its id.
pub async fn person_by_id(at: &AtBlock, person: PersonId) -> Result<Option<Person>, ChainError> {
	let entry = at.storage().entry(storage().personhood().people())?;
	match entry.try_fetch((person,)).await? {
		Some(record) => self::person(at, &record.decode()?.account.0).await,
		None => Ok(None),
	}
}

/// A person on its way to another account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
	/// The account it will have.
	pub account: AccountBytes,
	/// The first block in which it can be completed, and no more be vetoed.
	pub ready_at: BlockNumber,
}

/// The recovery of a person that is pending.
pub async fn recovery(at: &AtBlock, person: PersonId) -> Result<Option<Recovery>, ChainError> {
	let call = view_functions().personhood().recovery(person);
	let found = view(at, call).await?;
	Ok(found.map(|found| Recovery { account: found.account.0, ready_at: found.ready_at }))
}

/// Whom a domain knows by a nullifier; also a person that was removed.
pub async fn holder(
	at: &AtBlock,
	domain: DomainId,
	nullifier: &Hash,
) -> Result<Option<PersonId>, ChainError> {
	let entry = at.storage().entry(storage().personhood().nullifiers())?;
	match entry.try_fetch((domain, *nullifier)).await? {
		Some(person) => Ok(Some(person.decode()?)),
		None => Ok(None),
	}
}

/// How many new people a verifier may still attest in this epoch; 0 if its attestations do not count.
pub async fn quota_left(at: &AtBlock, verifier: VerifierId) -> Result<u32, ChainError> {
	view(at, view_functions().personhood().quota_left(verifier)).await
}

/// The names of the domains, by id.
async fn domains(at: &AtBlock) -> Result<Vec<String>, ChainError> {
	let value = at.storage().fetch(storage().personhood().domains(), ()).await?;
	Ok(value.decode()?.0.into_iter().map(|name| text(name.0)).collect())
}

/// All verifiers, by id.
pub async fn verifiers(at: &AtBlock) -> Result<Vec<Verifier>, ChainError> {
	let (domains, epoch) = (domains(at).await?, epoch(at).await?.index);
	let address = storage().personhood().verifiers();
	let mut verifiers =
		collect!(at, address, |(id,), verifier| Verifier::new(id, verifier, &domains, epoch));
	verifiers.sort_by_key(|verifier| verifier.verifier);
	Ok(verifiers)
}

/// A verifier.
pub async fn verifier(at: &AtBlock, verifier: VerifierId) -> Result<Option<Verifier>, ChainError> {
	let call = view_functions().personhood().verifier(verifier);
	match view(at, call).await? {
		Some(found) => {
			let epoch = epoch(at).await?.index;
			Ok(Some(Verifier::new(verifier, found, &domains(at).await?, epoch)))
		},
		None => Ok(None),
	}
}

/// How many verifiers must agree on a person.
pub async fn quorum(at: &AtBlock) -> Result<u32, ChainError> {
	view(at, view_functions().personhood().quorum()).await
}

/// How many people are recognised.
pub async fn people(at: &AtBlock) -> Result<u32, ChainError> {
	view(at, view_functions().personhood().people()).await
}

/// The dividend's open epoch.
pub async fn epoch(at: &AtBlock) -> Result<OpenEpoch, ChainError> {
	let epoch = view(at, view_functions().dividend().epoch()).await?;
	Ok(OpenEpoch {
		index: epoch.index,
		opened_at: epoch.opened_at,
		closes_at: epoch.closes_at,
		pot: epoch.pot,
		liability: epoch.liability,
		active: epoch.active,
		min_people: epoch.min_people,
		claim_window: epoch.claim_window,
	})
}

/// What a closed epoch was worth to each person, in planck, and how many shared in it.
pub async fn closed_epoch(
	at: &AtBlock,
	index: EpochIndex,
) -> Result<Option<(Balance, u32)>, ChainError> {
	let call = view_functions().dividend().closed_epoch(index);
	Ok(view(at, call).await?.map(|epoch| (epoch.per_head, epoch.eligible)))
}

/// What an account can claim of the dividend now, in planck.
pub async fn claimable(at: &AtBlock, account: &AccountBytes) -> Result<Balance, ChainError> {
	let call = view_functions().dividend().claimable(AccountId32(*account));
	view(at, call).await
}

/// The first block in which claims work again, if they are paused.
pub async fn paused_until(at: &AtBlock) -> Result<Option<BlockNumber>, ChainError> {
	view(at, view_functions().dividend().paused_until()).await
}

/// Where a person's dividend is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
	/// The account that is paid now.
	pub account: AccountBytes,
	/// The account that is paid from an epoch on, if that is to change; none for the person's own.
	pub next: Option<(Option<AccountBytes>, EpochIndex)>,
}

/// Where the dividend of an account's person is paid.
pub async fn payout(at: &AtBlock, account: &AccountBytes) -> Result<Option<Payout>, ChainError> {
	let call = view_functions().dividend().payout(AccountId32(*account));
	let found = view(at, call).await?;
	Ok(found.map(|(account, change)| Payout {
		account: account.0,
		next: change.map(|change| (change.account.map(|account| account.0), change.from)),
	}))
}

/// A part of the dividend for some people, and what came of it until now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Programme {
	/// Its number.
	pub programme: u32,
	/// Its part of what flows in, in parts per million.
	pub share: u32,
	/// Who may join: whom a verifier of one of these classes attested; everybody if there is none.
	pub classes: Vec<String>,
	/// The first epoch it shares out.
	pub from: EpochIndex,
	/// The last one.
	pub until: EpochIndex,
	/// How often somebody joined.
	pub joined: u32,
	/// How many claims there were.
	pub claims: u32,
	/// What flowed into it, in planck.
	#[serde(with = "decimal")]
	pub received: Balance,
	/// What was claimed of that, in planck.
	#[serde(with = "decimal")]
	pub paid: Balance,
	/// What went back to all people, in planck.
	#[serde(with = "decimal")]
	pub returned: Balance,
}

/// The programmes that run, or of which something can still be claimed.
pub async fn programmes(at: &AtBlock) -> Result<Vec<Programme>, ChainError> {
	let mut programmes = Vec::new();
	for programme in view(at, view_functions().dividend().programmes()).await? {
		let Some(found) = view(at, view_functions().dividend().programme(programme)).await? else {
			continue;
		};
		let (terms, outcome) = (found.terms, found.outcome);
		programmes.push(Programme {
			programme,
			share: terms.share,
			classes: terms.classes.0.iter().map(|class| format!("{:?}", class.0)).collect(),
			from: terms.from,
			until: terms.until,
			joined: outcome.joined,
			claims: outcome.claims,
			received: outcome.received,
			paid: outcome.paid,
			returned: outcome.returned,
		});
	}
	Ok(programmes)
}
