//! Floor prices: they fall at once and rise after notice, without a hook.
//!
//! Only two are remembered. So nothing that was settled before the last rise is judged by them: else a
//! second rise would make fraud of it after the fact. A fall changes nothing of that, because it only
//! allows more.

use crate::{Config, Error, Event, Floor, Models, Pallet, Rise, Versions};
use frame_support::ensure;
use sp_runtime::{traits::Get, AccountId32, DispatchResult};
use usufruct_primitives::{Balance, BlockNumber, VersionId};

impl Floor {
	/// The floor of a new version.
	pub fn new(price: Balance) -> Self {
		Self { present: price, previous: price, since: 0, rise: None }
	}

	/// What holds in block `now`.
	pub fn at(self, now: BlockNumber) -> Self {
		match self.rise {
			Some(Rise { price, from }) if from <= now => {
				Self { present: price, previous: self.present, since: from, rise: None }
			},
			_ => self,
		}
	}

	/// The floor after another price is announced in block `now`, in the place of a rise that does
	/// not hold yet; `None` if that changes nothing.
	///
	/// A lower price holds at once. The previous floor then stays the lowest of those before:
	/// otherwise a rise and a small fall in one block would make fraud of what was agreed honestly a
	/// moment before the rise.
	pub fn announce(self, price: Balance, now: BlockNumber, notice: BlockNumber) -> Option<Self> {
		let floor = self.at(now);
		if price > floor.present {
			let from = now.saturating_add(notice);
			return Some(Self { rise: Some(Rise { price, from }), ..floor });
		}
		if price == floor.present && floor.rise.is_none() {
			return None;
		}
		let previous =
			if price < floor.present { floor.previous.min(floor.present) } else { floor.previous };
		Some(Self { present: price, previous, rise: None, ..floor })
	}
}

impl<T: Config> Pallet<T> {
	/// Announces a floor price of a version, or takes back a rise.
	pub(crate) fn do_announce_floor(
		caller: AccountId32,
		version: VersionId,
		price: Balance,
	) -> DispatchResult {
		let mut record = Versions::<T>::get(version).ok_or(Error::<T>::UnknownVersion)?;
		let model = Models::<T>::get(record.model).ok_or(Error::<T>::UnknownModel)?;
		ensure!(model.owner == caller, Error::<T>::NotOwner);
		let now = Self::now();
		let old = record.floor.at(now).present;
		record.floor = record
			.floor
			.announce(price, now, T::FloorNotice::get())
			.ok_or(Error::<T>::FloorUnchanged)?;

		let from = record.floor.rise.map_or(now, |rise| rise.from);
		Versions::<T>::insert(version, record);
		Self::deposit_event(Event::FloorAnnounced { version, old, price, from });
		Ok(())
	}
}
