//! What must hold of charges and demands after every block.

use crate::{
	demand::{DEMANDS_OF_CONSUMER, DEMANDS_OF_OTHERS},
	Batches, Charge, Charges, Config, HoldReason, Inquiries, Pallet,
};
use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::TryRuntimeError;
use usufruct_primitives::{Balance, BatchNo};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of charges and demands.
	pub(crate) fn charges_and_demands_fit() -> Result<(), TryRuntimeError> {
		Self::charges_count_demands()?;
		Self::deposits_are_on_hold()
	}

	/// F1: every charge says something and is about a batch. F2: it counts the open demands. F3: no
	/// inquiry is empty, asks twice for a receipt, or has more demands than there is room for.
	fn charges_count_demands() -> Result<(), TryRuntimeError> {
		let mut open = BTreeMap::<(T::AccountId, BatchNo), u32>::new();
		for ((oracle, batch_no, _), inquiry) in Inquiries::<T>::iter() {
			let consumer = &inquiry.channel.consumer;
			let total = inquiry.demands.len() as u32;
			let of_consumer = inquiry.demands.iter().filter(|demand| demand.by == *consumer);
			let of_consumer = of_consumer.count() as u32;
			ensure!(total > 0, "F3: empty inquiry");
			let others = total.saturating_sub(of_consumer);
			let room = of_consumer <= DEMANDS_OF_CONSUMER && others <= DEMANDS_OF_OTHERS;
			ensure!(room, "F3: too many demands");
			let mut seqs: Vec<_> = inquiry.demands.iter().map(|demand| demand.seq).collect();
			seqs.sort_unstable();
			seqs.dedup();
			ensure!(seqs.len() == inquiry.demands.len(), "F3: demanded twice");
			let sum = open.entry((oracle, batch_no)).or_default();
			*sum = sum.saturating_add(total);
		}
		for (oracle, batch_no, charge) in Charges::<T>::iter() {
			ensure!(charge != Charge::default(), "F1: empty charge");
			ensure!(Batches::<T>::contains_key(&oracle, batch_no), "F1: charge without a batch");
			let demands = open.remove(&(oracle, batch_no)).unwrap_or_default();
			ensure!(demands == charge.demands, "F2: demands are miscounted");
		}
		ensure!(open.is_empty(), "F2: demands are not counted");
		Ok(())
	}

	/// F4: an account has on hold for demands exactly its deposits.
	fn deposits_are_on_hold() -> Result<(), TryRuntimeError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for inquiry in Inquiries::<T>::iter_values() {
			for demand in inquiry.demands {
				let sum = deposits.entry(demand.by).or_default();
				*sum = sum.checked_add(demand.deposit).ok_or("F4: deposits are no u128")?;
			}
		}
		for who in frame_system::Account::<T>::iter_keys() {
			let held = T::Currency::balance_on_hold(&HoldReason::Demand.into(), &who);
			let due = deposits.remove(&who).unwrap_or_default();
			ensure!(held == due, "F4: deposits differ from what is on hold");
		}
		ensure!(deposits.is_empty(), "F4: deposits of accounts that do not exist");
		Ok(())
	}
}
