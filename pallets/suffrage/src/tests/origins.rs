//! Every origin is its own.

use super::*;
use frame_support::traits::EnsureOrigin;

#[test]
fn each_ensures_one_origin_and_no_other() {
	fn accepted<E: EnsureOrigin<RuntimeOrigin>>() -> Vec<Origin> {
		assert!(E::try_origin(RuntimeOrigin::root()).is_err());
		assert!(E::try_origin(RuntimeOrigin::none()).is_err());
		assert!(E::try_origin(RuntimeOrigin::signed(ALICE)).is_err());
		Origin::ALL.into_iter().filter(|one| E::try_origin((*one).into()).is_ok()).collect()
	}
	assert_eq!(accepted::<EnsureParameters>(), [Origin::Parameters]);
	assert_eq!(accepted::<EnsureGrants>(), [Origin::Grants]);
	assert_eq!(accepted::<EnsureVerifiers>(), [Origin::Verifiers]);
	assert_eq!(accepted::<EnsureLicences>(), [Origin::Licences]);
	assert_eq!(accepted::<EnsureValidators>(), [Origin::Validators]);
	assert_eq!(accepted::<EnsureUpgrade>(), [Origin::Upgrade]);
	assert_eq!(accepted::<EnsurePause>(), [Origin::Pause]);
	assert_eq!(accepted::<EnsureDisputes>(), [Origin::Disputes]);
}

#[test]
fn tracks_are_numbered_as_their_origins() {
	for (index, origin) in Origin::ALL.into_iter().enumerate() {
		assert_eq!(usize::from(origin.track()), index);
		assert_eq!(codec::Encode::encode(&origin), [index as u8]);
	}
}
