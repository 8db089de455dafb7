//! Calls that need no account to pay for them: recognition carries its own authority.
//!
//! A human with nothing but a key and the words of k verifiers sends a *general* transaction. The
//! runtime's `AuthorizeCall` asks here whether it may go in; nobody signs for it and nobody pays. That
//! is safe because the answer is exactly whether the call would succeed, and because success needs
//! what a stranger cannot make: signatures of verifiers, whose new people are counted against a
//! quota, who are asked again only in the last part of a term, and whose requests for recovery are
//! bounded for each person. Junk costs a node the lookups up to the first thing that is wrong, and at
//! most one signature.
//!
//! What the call would do is done, and undone, so that the answer cannot differ from the call. The
//! node does so when it takes the transaction into its pool, and again in the block, where that is
//! paid for by the weight of the authorisation.

use crate::{types::Attestations, Config, Pallet};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	pallet_prelude::{
		ensure, InvalidTransaction, TransactionPriority, TransactionValidityError,
		TransactionValidityWithRefund, ValidTransaction,
	},
	storage::{with_transaction, TransactionOutcome},
	traits::PalletInfoAccess,
	weights::Weight,
};
use frame_system::{ensure_authorized, ensure_signed, pallet_prelude::OriginFor};
use sp_runtime::{traits::BadOrigin, DispatchError, DispatchResult, MultiSignature};
use usufruct_primitives::{PersonId, Purpose};

/// Before whatever else is free: what a quota bounds cannot crowd out anybody. After whatever pays.
const PRIORITY: TransactionPriority = 1;
/// For how many blocks a completion stays in the pool, if nothing ends the recovery before.
const COMPLETION_LONGEVITY: u64 = 1_000;

impl<T: Config> Pallet<T> {
	/// Somebody who pays, or a call that was authorised.
	pub(crate) fn ensure_signed_or_authorized(origin: OriginFor<T>) -> Result<(), BadOrigin> {
		if ensure_signed(origin.clone()).is_ok() {
			return Ok(());
		}
		ensure_authorized(origin)
	}

	/// Whether a registration may go in by itself.
	pub(crate) fn authorize_register(
		account: &T::AccountId,
		attestations: &Attestations,
		consent: &MultiSignature,
	) -> TransactionValidityWithRefund {
		Self::would(|| Self::do_register(account.clone(), attestations, consent))?;
		Self::valid((Purpose::Register, account), Self::longevity(attestations))
	}

	/// Whether a renewal may go in by itself.
	pub(crate) fn authorize_renew(
		account: &T::AccountId,
		attestations: &Attestations,
		consent: &MultiSignature,
	) -> TransactionValidityWithRefund {
		Self::would(|| Self::do_renew(account.clone(), attestations, consent))?;
		Self::valid((Purpose::Renew, account), Self::longevity(attestations))
	}

	/// Whether a request for recovery may go in by itself.
	pub(crate) fn authorize_recover(
		person: PersonId,
		new_account: &T::AccountId,
		attestations: &Attestations,
		consent: &MultiSignature,
	) -> TransactionValidityWithRefund {
		Self::would(|| Self::do_recover(person, new_account.clone(), attestations, consent))?;
		Self::valid((Purpose::Recover, person), Self::longevity(attestations))
	}

	/// Whether the completion of a recovery may go in by itself.
	pub(crate) fn authorize_complete_recovery(person: PersonId) -> TransactionValidityWithRefund {
		Self::would(|| Self::do_complete_recovery(person))?;
		Self::valid(("complete", person), COMPLETION_LONGEVITY)
	}

	/// Whether the call would succeed; nothing changes.
	fn would(call: impl FnOnce() -> DispatchResult) -> Result<(), TransactionValidityError> {
		let result =
			with_transaction(|| TransactionOutcome::Rollback(Ok::<_, DispatchError>(call())));
		result.and_then(|result| result).map_err(Self::refusal)
	}

	/// The number of the error of this pallet, so that a wallet can show what is wrong.
	fn refusal(error: DispatchError) -> TransactionValidityError {
		match error {
			DispatchError::Module(module) if module.index as usize == Self::index() => {
				InvalidTransaction::Custom(module.error[0]).into()
			},
			_ => InvalidTransaction::Call.into(),
		}
	}

	/// For how many blocks the attestations stay valid.
	fn longevity(attestations: &Attestations) -> u64 {
		let expires = attestations.iter().map(|attestation| attestation.expires).min();
		expires.map_or(0, |expires| expires.saturating_sub(Self::now()).into())
	}

	/// A transaction in the pool at most of what `provides` names.
	fn valid(provides: impl Encode, longevity: u64) -> TransactionValidityWithRefund {
		ensure!(longevity > 0, InvalidTransaction::Stale);
		let tag: Vec<u8> = provides.encode();
		let validity = ValidTransaction::with_tag_prefix("usufruct/persons")
			.and_provides(tag)
			.priority(PRIORITY)
			.longevity(longevity)
			.propagate(true)
			.into();
		validity_without_refund(validity)
	}
}

fn validity_without_refund(
	validity: Result<ValidTransaction, TransactionValidityError>,
) -> TransactionValidityWithRefund {
	Ok((validity?, Weight::zero()))
}
