//! Floor prices: they fall at once and rise after notice, without a hook.
//!
//! What was settled is judged by the floors that held then: no later rise makes fraud of it, and none
//! lets a fraud go. Between two rises a floor only falls, so one price is enough for all that time: the
//! last, or that before the time began, under which it may have been agreed, if that is lower.
//!
//! That price is remembered of the time since the last rise and of the one before. As a rise takes
//! notice, these reach further back than a settlement can be challenged.

use crate::{Config, Error, Event, Floor, Models, Pallet, Rise, Versions};
use frame_support::ensure;
use sp_runtime::{traits::Get, AccountId32, DispatchResult};
use usufruct_primitives::{Balance, BlockNumber, VersionId};

impl Floor {
	/// The floor of a new version.
	pub fn new(price: Balance) -> Self {
		Self {
			present: price,
			previous: price,
			since: 0,
			before: price,
			before_since: 0,
			rise: None,
		}
	}

	/// What holds in block `now`.
	pub fn at(self, now: BlockNumber) -> Self {
		match self.rise {
			Some(Rise { price, from }) if from <= now => Self {
				present: price,
				previous: self.present,
				since: from,
				before: self.least(),
				before_since: self.since,
				rise: None,
			},
			_ => self,
		}
	}

	/// The least that anything settled since the last rise was honestly agreed for.
	fn least(self) -> Balance {
		self.present.min(self.previous)
	}

	/// What judges a settlement of block `settled_at`, as far as it is known in the block that
	/// [`Floor::at`] was asked of.
	pub fn judging(self, settled_at: BlockNumber) -> Balance {
		if settled_at >= self.since {
			self.least()
		} else if settled_at >= self.before_since {
			self.before
		} else {
			0
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
