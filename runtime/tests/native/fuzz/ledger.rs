//! Where every planck went, counted by the events alone, and compared with what accounts hold.

use crate::keys::{human_of, place_of};
use frame_support::PalletId;
use pallet_usage::PotParts;
use sp_runtime::traits::AccountIdConversion;
use std::collections::BTreeMap;
use usufruct_primitives::{split::Parts, Balance};
use usufruct_runtime::{
	configs::money::{CommonsPot, SecurityPot},
	AccountId, Balances, Dividend, Models, Runtime, RuntimeEvent, RuntimeHoldReason, Usage,
	EXISTENTIAL_DEPOSIT,
};

/// Sums of all that was ever paid, by what for.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
	/// What exists, which never becomes more.
	issuance: Balance,
	/// Of accepted claims and of royalties.
	paid: Balance,
	/// The five parts of that.
	parts: Parts,
	/// What changes of weights gave to the dividend.
	dust: Balance,
	/// What was moved to pots.
	flushed: PotParts,
	/// What oracles collected.
	collected: Balance,
	/// What rows of contributors were paid.
	revenue: Balance,
	/// What the dividend pot got beside settlements.
	to_dividend: Balance,
	/// What people claimed.
	claimed: Balance,
	/// What the commons fund added to dividends that were used.
	bonuses: Balance,
	/// What of that came back, because channels did not spend it.
	unspent: Balance,
	/// Fees.
	fees: Balance,
	/// What authors withdrew.
	withdrawn: Balance,
	/// What bounties got from the commons fund, what they gave back, and what of it versions got.
	bounties: Balance,
	returned: Balance,
	awarded: Balance,
	/// What was too little to stay in an account.
	leavings: Balance,
	/// What accounts sent to pots of their own accord.
	gifts: BTreeMap<AccountId, Balance>,
}

fn add(sum: &mut Balance, more: Balance) {
	*sum = sum.checked_add(more).expect("no more was paid than there is");
}

/// What the pots of all programmes hold, which came out of the dividend pot and goes back to it.
fn programmes() -> Balance {
	let id: PalletId = <Runtime as pallet_dividend::Config>::PalletId::get();
	(0..pallet_dividend::NextProgramme::<Runtime>::get())
		.map(|programme| {
			let pot: AccountId = id.into_sub_account_truncating((1u8, programme));
			Balances::free_balance(pot)
		})
		.sum()
}

impl Ledger {
	/// That of a chain that begins.
	pub fn begin() -> Self {
		Self { issuance: Balances::total_issuance(), ..Default::default() }
	}

	/// Books an event.
	pub fn book(&mut self, event: &RuntimeEvent) -> Result<(), String> {
		match event {
			RuntimeEvent::Usage(event) => self.book_usage(event),
			RuntimeEvent::Models(event) => self.book_models(event),
			RuntimeEvent::Oracles(pallet_oracles::Event::Slashed {
				taken,
				consumer,
				reporter,
				dividend,
				..
			}) => {
				let part = |part: &Option<(AccountId, Balance)>| {
					part.as_ref().map_or(0, |(_, amount)| *amount)
				};
				if *taken != part(consumer) + part(reporter) + dividend {
					return Err("a slash does not add up".into());
				}
				add(&mut self.to_dividend, *dividend);
			},
			RuntimeEvent::Dividend(pallet_dividend::Event::Claimed { amount, .. }) => {
				add(&mut self.claimed, *amount)
			},
			RuntimeEvent::Dividend(pallet_dividend::Event::ProgrammeClaimed { amount, .. }) => {
				add(&mut self.claimed, *amount)
			},
			RuntimeEvent::Dividend(pallet_dividend::Event::Credited { bonus, .. }) => {
				add(&mut self.bonuses, *bonus)
			},
			RuntimeEvent::Validators(pallet_validators::Event::Withdrawn { amount, .. }) => {
				add(&mut self.withdrawn, *amount)
			},
			RuntimeEvent::TransactionPayment(
				pallet_transaction_payment::Event::TransactionFeePaid { actual_fee, .. },
			) => add(&mut self.fees, *actual_fee),
			RuntimeEvent::Balances(pallet_balances::Event::DustLost { amount, .. }) => {
				add(&mut self.leavings, *amount)
			},
			RuntimeEvent::Balances(pallet_balances::Event::Transfer { from, to, amount })
				if place_of(from).is_some() && place_of(to).is_none() =>
			{
				add(self.gifts.entry(to.clone()).or_default(), *amount)
			},
			RuntimeEvent::Balances(pallet_balances::Event::Transfer { from, to, amount }) => {
				// Beside these only bounties send to the pots, and get from the fund.
				let other = |who: &AccountId| human_of(who).is_none() && *who != Usage::account();
				if *from == CommonsPot::get() && other(to) {
					add(&mut self.bounties, *amount);
				} else if *to == CommonsPot::get() && other(from) {
					add(&mut self.returned, *amount);
				} else if *to == Models::pot() && other(from) {
					add(&mut self.awarded, *amount);
				}
			},
			RuntimeEvent::Balances(pallet_balances::Event::TransferOnHold {
				reason: RuntimeHoldReason::Personhood(_),
				dest,
				amount,
				..
			}) if *dest == Dividend::pot() => add(&mut self.to_dividend, *amount),
			// What a curator had at stake.
			RuntimeEvent::Balances(pallet_balances::Event::TransferOnHold {
				reason: RuntimeHoldReason::Bounties(_),
				dest,
				amount,
				..
			}) if *dest == CommonsPot::get() => add(&mut self.returned, *amount),
			_ => (),
		}
		Ok(())
	}

	fn book_usage(&mut self, event: &pallet_usage::Event<Runtime>) {
		match event {
			pallet_usage::Event::Settled { accepted_total, parts, .. } => {
				add(&mut self.paid, *accepted_total);
				self.book_parts(parts);
			},
			pallet_usage::Event::RoyaltyPaid { amount, parts, .. } => {
				add(&mut self.paid, *amount);
				self.book_parts(parts);
				// It came by a transfer, which was taken for a gift.
				let gifts = self.gifts.entry(Usage::account()).or_default();
				*gifts = gifts.checked_sub(*amount).expect("a royalty is paid by a transfer");
			},
			pallet_usage::Event::SplitChanged { dust, .. } => add(&mut self.dust, *dust),
			pallet_usage::Event::Flushed { parts } => {
				add(&mut self.flushed.dividend, parts.dividend);
				add(&mut self.flushed.commons, parts.commons);
				add(&mut self.flushed.security, parts.security);
			},
			pallet_usage::Event::Collected { amount, .. } => add(&mut self.collected, *amount),
			pallet_usage::Event::BonusReturned { amount, .. } => add(&mut self.unspent, *amount),
			_ => (),
		}
	}

	fn book_parts(&mut self, parts: &Parts) {
		add(&mut self.parts.dividend, parts.dividend);
		add(&mut self.parts.commons, parts.commons);
		add(&mut self.parts.security, parts.security);
		add(&mut self.parts.oracle, parts.oracle);
		add(&mut self.parts.model, parts.model);
	}

	fn book_models(&mut self, event: &pallet_models::Event<Runtime>) {
		match event {
			pallet_models::Event::RevenuePaid { account, amount, .. } => {
				add(&mut self.revenue, *amount);
				if *account == Dividend::pot() {
					add(&mut self.to_dividend, *amount);
				}
			},
			pallet_models::Event::ContestDismissed { to_dividend, .. }
			| pallet_models::Event::ReuseRefuted { to_dividend, .. } => {
				add(&mut self.to_dividend, *to_dividend)
			},
			_ => (),
		}
	}

	fn gifts(&self, pot: &AccountId) -> Balance {
		self.gifts.get(pot).copied().unwrap_or_default()
	}

	/// Compares what was counted with what accounts and books hold.
	pub fn check(&mut self) -> Result<(), String> {
		let issuance = Balances::total_issuance();
		if issuance > self.issuance {
			return Err(format!("issuance grew from {} to {issuance}", self.issuance));
		}
		self.issuance = issuance;

		let books = pallet_usage::Books::<Runtime>::get();
		let credits: Balance =
			pallet_usage::OracleBooks::<Runtime>::iter_values().map(|book| book.credit).sum();
		let dust = books.settled.dust() + books.royalties.dust();
		let Parts { dividend, commons, security, oracle, model } = self.parts;
		let due = books.due;
		for (what, counted, there) in [
			(
				"the five parts",
				self.paid,
				dividend + commons + security + oracle + model + self.dust + dust,
			),
			("the dividend's part", dividend + self.dust, self.flushed.dividend + due.dividend),
			("the commons' part", commons, self.flushed.commons + due.commons),
			("the validators' part", security, self.flushed.security + due.security),
			("the oracles' part", oracle, self.collected + credits),
		] {
			if counted != there {
				return Err(format!("{what}: {counted} by the events, {there} by the books"));
			}
		}

		let flushed = &self.flushed;
		for (what, pot, come, gone) in [
			(
				"the settlement account",
				Usage::account(),
				self.paid,
				model + flushed.dividend + flushed.commons + flushed.security + self.collected,
			),
			("the models' pot", Models::pot(), model + self.awarded, self.revenue),
			(
				"the commons fund",
				CommonsPot::get(),
				flushed.commons + self.returned + self.leavings + self.unspent,
				self.bonuses + self.bounties,
			),
			("the security pot", SecurityPot::get(), flushed.security + self.fees, self.withdrawn),
			(
				"the dividend pot",
				Dividend::pot(),
				flushed.dividend + self.to_dividend,
				self.claimed,
			),
		] {
			let programmes = if pot == Dividend::pot() { programmes() } else { 0 };
			let holds = Balances::free_balance(&pot) + programmes + gone;
			let counted = EXISTENTIAL_DEPOSIT + come + self.gifts(&pot);
			if holds != counted {
				return Err(format!("{what}: {counted} came in, {holds} is there or went out"));
			}
		}
		Ok(())
	}
}
