//! What the registry says of what happened; imported into the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was registered.
		ModelRegistered {
			/// Its id.
			model: ModelId,
			/// Who owns it.
			owner: T::AccountId,
			/// What it is called.
			name: Name,
		},
		/// A version was added to a model.
		VersionAdded {
			/// The model.
			model: ModelId,
			/// The version's id.
			version: VersionId,
			/// SHA-256 of its manifest.
			manifest_hash: Hash,
			/// The least an oracle may ask for one unit, in planck.
			floor_price: Balance,
			/// Its royalty, in parts per million.
			royalty: u32,
			/// How many ancestors it has.
			ancestors: u32,
		},
		/// A version closes to new requests.
		VersionDeprecated {
			/// The version.
			version: VersionId,
			/// The block it closes in.
			closes: BlockNumber,
		},
		/// A floor price was announced.
		FloorAnnounced {
			/// The version.
			version: VersionId,
			/// The floor that holds now, in planck, or held until now.
			old: Balance,
			/// The new one, in planck.
			price: Balance,
			/// The first block the new one holds in.
			from: BlockNumber,
		},
		/// A version earned something.
		RevenueCredited {
			/// The version.
			version: VersionId,
			/// What it earned, in planck.
			amount: Balance,
		},
		/// A contributor row of a version was paid.
		RevenuePaid {
			/// The version.
			version: VersionId,
			/// The row's number in the version's table, from 0.
			row: u16,
			/// Who was paid.
			account: T::AccountId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A licence was put on the list of allowed ones, or taken off it.
		LicenceSet {
			/// The licence.
			licence: Licence,
			/// Whether versions under it can be added now.
			allowed: bool,
		},
		/// A royalty was booked from a version to one of its ancestors.
		RoyaltyMoved {
			/// The version.
			version: VersionId,
			/// The ancestor's place in its table, from 0.
			index: u16,
			/// The ancestor.
			ancestor: VersionId,
			/// How much, in planck.
			amount: Balance,
		},
		/// A contributor accepted its row.
		RowAccepted {
			/// The version.
			version: VersionId,
			/// The row's number.
			row: u16,
			/// Whose row it is.
			account: T::AccountId,
		},
		/// A row was not accepted in time: what it is due, now and later, is the dividend's.
		RowForfeited {
			/// The version.
			version: VersionId,
			/// The row's number.
			row: u16,
			/// Whose row it was.
			account: T::AccountId,
			/// What went to the dividend at once, in planck.
			amount: Balance,
		},
		/// A row went to another account, which has yet to accept it.
		RowTransferred {
			/// The version.
			version: VersionId,
			/// The row's number.
			row: u16,
			/// Whose row it was.
			from: T::AccountId,
			/// Whose row it is.
			to: T::AccountId,
			/// What it was due and went with it, in planck.
			due: Balance,
		},
		/// A model was offered to somebody, or to nobody any more.
		ModelOffered {
			/// The model.
			model: ModelId,
			/// Who owns it.
			owner: T::AccountId,
			/// Who may take it over.
			to: Option<T::AccountId>,
		},
		/// A model went to another owner.
		ModelTransferred {
			/// The model.
			model: ModelId,
			/// Who owned it.
			from: T::AccountId,
			/// Who owns it.
			to: T::AccountId,
			/// What is held from the new owner for it, in planck.
			deposit: Balance,
		},
		/// Somebody says that a version is theirs.
		VersionContested {
			/// The version.
			version: VersionId,
			/// Who says so.
			contester: T::AccountId,
			/// Hash of the evidence.
			evidence_hash: Hash,
			/// What is held for it, in planck.
			deposit: Balance,
		},
		/// A version is its owner's. The two amounts sum to the contest's deposit.
		ContestDismissed {
			/// The version.
			version: VersionId,
			/// Who said that it was theirs.
			contester: T::AccountId,
			/// Who owns its model.
			owner: T::AccountId,
			/// What the owner got, in planck.
			to_owner: Balance,
			/// What the dividend got, in planck.
			to_dividend: Balance,
		},
		/// A version is the contester's; the deposit was released.
		ContestUpheld {
			/// The version.
			version: VersionId,
			/// Who said that it was theirs.
			contester: T::AccountId,
			/// The rows that passed to the contester, with what they were due.
			rows: RowList,
			/// Whether the model passed to the contester as well.
			model: bool,
		},
		/// Nobody has ruled on a contest in time. The two amounts sum to its deposit.
		ContestLapsed {
			/// The version.
			version: VersionId,
			/// Who said that it was theirs.
			contester: T::AccountId,
			/// Who owns its model.
			owner: T::AccountId,
			/// What the owner got, in planck.
			to_owner: Balance,
			/// What the contester got back, in planck.
			returned: Balance,
		},
		/// Somebody showed that a version and an older one hold the same tensors, and claims that it
		/// reuses them.
		ReuseClaimed {
			/// The older version.
			older: VersionId,
			/// The newer version.
			newer: VersionId,
			/// By which the claim is known.
			id: Hash,
			/// Who says so.
			prover: T::AccountId,
			/// What is held for it, in planck.
			deposit: Balance,
			/// The first block in which it can be confirmed; it can be refuted until it is.
			until: BlockNumber,
		},
		/// The tensors of a claim of reuse are those of a still older version. The two amounts sum to
		/// its deposit.
		ReuseRefuted {
			/// The older version of the claim.
			older: VersionId,
			/// The newer version.
			newer: VersionId,
			/// The version they come from.
			source: VersionId,
			/// Who had claimed it.
			prover: T::AccountId,
			/// Who refuted it.
			refuter: T::AccountId,
			/// What the refuter got, in planck.
			to_refuter: Balance,
			/// What the dividend got, in planck.
			to_dividend: Balance,
		},
		/// A version holds an older one's weights: nobody has refuted the claim.
		ReuseProven {
			/// The older version.
			older: VersionId,
			/// The newer version.
			newer: VersionId,
			/// What came of it.
			outcome: Reuse,
		},
		/// A reuse that was shown late is settled.
		ReuseSettled {
			/// The older version.
			older: VersionId,
			/// The newer version.
			newer: VersionId,
			/// Who was barred by it from adding versions.
			owner: T::AccountId,
		},
	}
}
