//! Verifiers of people.

use super::{as_address, as_hex, dividend::epoch, text};
use crate::{
	chain::{AtBlock, ChainError},
	decimal,
	runtime::{runtime_types::pallet_personhood::types as personhood, storage, view_functions},
	view::view,
};
use serde::Serialize;
use usufruct_primitives::{
	AccountBytes, Balance, Class, DomainId, EpochIndex, PublicKey, VerifierId,
};

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
	/// Whether its operator has stopped it.
	pub stopped: bool,
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
			stopped: from.stopped,
			retired: from.retired,
		}
	}

	/// Whether it attests, or why not.
	pub fn standing(&self) -> &'static str {
		match (self.retired, self.stopped, self.suspended) {
			(true, ..) => "retired",
			(_, true, _) => "stopped",
			(.., true) => "suspended",
			_ => "active",
		}
	}
}

/// The names of the domains, by id.
pub async fn domains(at: &AtBlock) -> Result<Vec<String>, ChainError> {
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

/// How many new people a verifier may still attest in this epoch; 0 if its attestations do not count.
pub async fn quota_left(at: &AtBlock, verifier: VerifierId) -> Result<u32, ChainError> {
	view(at, view_functions().personhood().quota_left(verifier)).await
}

/// How many verifiers must agree on a person.
pub async fn quorum(at: &AtBlock) -> Result<u32, ChainError> {
	view(at, view_functions().personhood().quorum()).await
}
