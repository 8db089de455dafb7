//! Why a call is refused, and what to do about it; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// A name is 1 to 64 bytes of UTF-8 without control characters, and not only blanks. Choose
		/// another name.
		InvalidName,
		/// There is no model with this id. Check the id; registering the model gives it.
		UnknownModel,
		/// There is no version with this id. Check the id; adding the version gives it.
		UnknownVersion,
		/// The version's contributor table has no row with this number. Rows count from 0.
		UnknownRow,
		/// Only the owner of the model may do this. Sign with the owner's account.
		NotOwner,
		/// This licence is not on the list of allowed ones. Use the SPDX expression of one that is,
		/// written exactly as there, or have it added by governance.
		LicenceNotAllowed,
		/// A licence is 1 to 64 characters of printable ASCII. Use its SPDX expression.
		InvalidLicence,
		/// An address of metadata is printable ASCII without spaces. Escape other characters.
		InvalidUri,
		/// The artifact's size is given as 0 bytes. Give the real size.
		EmptyArtifact,
		/// A version with this manifest is registered already. Use that one; the same artifact is
		/// not registered twice.
		ManifestExists,
		/// The shares of the contributors must each be above 0 and sum to exactly 1,000,000 (parts
		/// per million). Correct the table.
		SharesNotWhole,
		/// The account that keeps all models' revenue cannot be a contributor: its share could never
		/// be paid out. Give the row another account.
		ContributorIsPot,
		/// The version is deprecated already. There is nothing left to do.
		AlreadyDeprecated,
		/// All that is due so far was paid or moved. Try again when the version has earned more.
		NothingDue,
		/// What is due is less than an account must hold to exist, and the row's account cannot take
		/// it in. It is kept: wait until more is due, or let the account have a balance first.
		AccountCannotHold,
		/// A parent does not exist. Check its id, and name versions that are on the chain.
		UnknownParent,
		/// A parent is named twice. Name it once, with the relation that says most.
		DuplicateParent,
		/// A parent can still be contested, or is, or is claimed to reuse weights. Wait until its contest
		/// window is over and all of that is decided.
		ParentNotSettled,
		/// The version's table of ancestors has no row with this number. Rows count from 0.
		UnknownAncestor,
		/// A royalty is at most 50,000 parts per million (5 %). Declare a lower one.
		RoyaltyTooHigh,
		/// A version has at most 32 ancestors, over all generations. Name fewer parents, or such as
		/// have fewer ancestors.
		TooManyAncestors,
		/// The royalties of all ancestors together are above 400,000 parts per million (40 %). Name
		/// fewer parents, or such as owe less.
		RoyaltiesTooHigh,
		/// A tensor root is over 1 to 2^20 tensors of at least 4 KiB each. Correct its numbers, or give
		/// none if the version has no such tensor.
		InvalidTensorRoot,
		/// The account has to settle a reuse of somebody's weights before it can add versions. Agree
		/// with the older version's owner, or turn to governance.
		Barred,
		/// Only the account of the row may do this. Sign with it, or bring its signature.
		NotRowAccount,
		/// The signature is not the row's account's acceptance of this row. Have it sign the digest of
		/// this version, row and account on this chain.
		BadAcceptance,
		/// The row's account has not accepted it, so nobody can be paid yet. Accept the row first.
		NotAccepted,
		/// The row is accepted already. There is nothing left to do.
		AlreadyAccepted,
		/// The row was not accepted in time and is the dividend's for ever.
		RowForfeited,
		/// The row's account still has time to accept it. Wait until the term is over.
		AcceptanceTermRuns,
		/// The owner's share is held until nobody can contest the version. Wait for the window's end,
		/// for the ruling if a contest is open, and for claims of reuse to be decided.
		OwnerShareHeld,
		/// This is the floor price already, and no rise is announced. There is nothing to do.
		FloorUnchanged,
		/// The block in which the version is to close is not in the future. Name a later one, or none
		/// to close it now.
		ClosesInPast,
		/// Within the contest window, and while a contest or claim of reuse is open, a version can only
		/// be closed at once. Wait until it is settled, or close it now.
		WindowOpen,
		/// The contest window of the version is over. Ownership can no longer be contested here.
		WindowOver,
		/// The caller contests this version already. Bring the evidence there.
		ContestOpen,
		/// That account has no contest of this version open; `VersionContested` tells who has.
		NoContest,
		/// The contest can still be ruled on. Wait until its term is over.
		ContestTermRuns,
		/// The version is the caller's own.
		OwnVersion,
		/// The model is not offered to this account. Have its owner offer it.
		NotOffered,
		/// The older version was added after the newer one, or is the same. Exchange the two.
		NotOlder,
		/// One of the versions has no tensor root, so nothing can be shown of it.
		NoTensorRoot,
		/// The tensors of a proof are by strictly rising hash. Sort them, and show each once.
		TensorsNotRising,
		/// Reuse is at least 10 equal tensors, or such as hold 5 % of the newer version's bytes. Show
		/// more of them.
		TooLittleShared,
		/// A tensor of the proof does not stand under one of the two roots. Make the proof anew from
		/// both versions' files.
		InvalidProof,
		/// The older version is an ancestor of the newer one, and paid as such.
		AlreadyAncestor,
		/// This reuse was shown before, or is claimed by the same tensors. Nothing is left to do, or show
		/// others.
		AlreadyProven,
		/// There is no such claim of reuse: it was never made, or is decided. Check both versions and that
		/// the tensors are exactly those it was made by.
		UnknownClaim,
		/// What is left of the claim without the tensors of the source is still reuse. Find more of its
		/// tensors there, or leave it.
		StillReuse,
		/// The claim can still be refuted. Wait until its period is over.
		RefutationPeriodRuns,
		/// The newer version's owner contests the older one. Confirm the claim when that contest was ruled
		/// on, or has lapsed.
		OlderContested,
		/// A claim that was made in the contest window has yet to be decided. Confirm or refute that one
		/// first.
		ReusePending,
		/// Both versions are the same owner's, who can no longer make one the other's parent.
		OwnWeights,
		/// No reuse between these versions is waiting to be settled.
		NothingToSettle,
	}
}
