//! Periods of days and terms of epochs, to their ends, with what the runtime is really set to.

use crate::{
	chain::{genesis_hash, now},
	keys::{key, sign, Use},
	stage::*,
};
use pallet_usage::{Evidence, SignedReceipt};
use sp_keyring::Sr25519Keyring::{Alice, Eve, Ferdie, One};
use usufruct_primitives::{usage::Receipt, ChannelId, Purpose, DAYS, UFR};
use usufruct_runtime::{Balances, Dividend, Oracles, Runtime, EXISTENTIAL_DEPOSIT};

type Usage = pallet_usage::Call<Runtime>;
type Bonds = pallet_oracles::Call<Runtime>;
type People = pallet_personhood::Call<Runtime>;

/// The keys of the whole state that speak of a channel.
fn keys_with(id: &ChannelId) -> Vec<Vec<u8>> {
	state_keys().filter(|key| stands_in(id, key)).collect()
}

#[test]
fn a_channel_closes_after_its_window_and_leaves_nothing_behind() {
	play(|clock| {
		model_and_oracle();
		let before = free(CONSUMER);
		let id = open_channel(7);
		let (receipt, _) = serve_and_settle(id);
		assert_eq!(keys_with(&id).len(), 1);
		clock.skip(1);

		must(CONSUMER, Usage::request_close { channel_id: id });
		let closes_at = now() + 7 * DAYS;
		// What was served is settled also while it is closing.
		let (late, _) = serve_and_settle(id);
		clock.skip(7 * DAYS - 1);
		let finalise = || Usage::finalise_close { channel_id: id };
		refused(CONSUMER, finalise(), pallet_usage::Error::<Runtime>::WindowOpen);
		clock.skip(1);
		assert_eq!(now(), closes_at);
		// The oracle's settlement can be challenged a little longer, for which others must wait.
		refused(ORACLE, finalise(), pallet_usage::Error::<Runtime>::StillChallengeable);
		must(CONSUMER, finalise());

		assert_eq!(keys_with(&id), Vec::<Vec<u8>>::new());
		assert_eq!(free(CONSUMER), before - receipt.amount - late.amount);
		refused(CONSUMER, finalise(), pallet_usage::Error::<Runtime>::UnknownChannel);
	});
}

#[test]
fn a_channel_that_nobody_else_finalises_is_closed_by_anybody_once_nothing_can_be_challenged() {
	play(|clock| {
		model_and_oracle();
		let id = open_channel(0);
		serve_and_settle(id);
		must(CONSUMER, Usage::request_close { channel_id: id });
		// Locks end a bucket after the challenge window at the latest.
		clock.skip(8 * DAYS);
		must(Eve, Usage::finalise_close { channel_id: id });
		assert_eq!(keys_with(&id), Vec::<Vec<u8>>::new());
	});
}

#[test]
fn what_a_checkpoint_reserves_outlives_the_window_by_another_one() {
	play(|clock| {
		model_and_oracle();
		let before = free(CONSUMER);
		let id = open_channel(0);
		let (voucher, receipt) = serve(id, 1);
		must(CONSUMER, Usage::request_close { channel_id: id });
		let signature =
			sign(&key(Use::Channel, 0), &voucher.digest(&genesis_hash())).expect("known");
		must(Eve, Usage::checkpoint { voucher: voucher.clone(), signature });

		clock.skip(7 * DAYS);
		must(CONSUMER, Usage::finalise_close { channel_id: id });
		assert_eq!(free(CONSUMER), before - receipt.amount);
		refused(
			CONSUMER,
			Usage::finalise_close { channel_id: id },
			pallet_usage::Error::<Runtime>::Reserved,
		);
		// The oracle is back on the last day.
		clock.skip(7 * DAYS - 1);
		serve_and_settle(id);
		clock.skip(1);
		must(CONSUMER, Usage::finalise_close { channel_id: id });
		assert_eq!(free(CONSUMER), before - receipt.amount);
		assert_eq!(keys_with(&id), Vec::<Vec<u8>>::new());
	});
}

#[test]
fn a_bond_is_free_fourteen_days_after_it_is_unbonded() {
	play(|clock| {
		model_and_oracle();
		let oracle = ORACLE.to_account_id();
		let id = open_channel(0);
		let (receipt, _) = serve_and_settle(id);
		let locked = receipt.amount * 3 / 2;
		let whole = || Bonds::unbond { amount: BOND };
		refused(ORACLE, whole(), pallet_oracles::Error::<Runtime>::BondNotFree);
		let free_part = Bonds::unbond { amount: BOND - 1_000 * UFR };
		assert!(locked < 1_000 * UFR);
		must(ORACLE, free_part);
		// Another part follows when nothing is locked any more.
		clock.skip(8 * DAYS);
		must(ORACLE, Bonds::unbond { amount: 1_000 * UFR });

		let before = free(ORACLE);
		let withdraw = || Bonds::withdraw_unbonded {};
		clock.skip(6 * DAYS - 1);
		refused(ORACLE, withdraw(), pallet_oracles::Error::<Runtime>::NothingReady);
		clock.skip(1);
		must(ORACLE, withdraw());
		assert_eq!(free(ORACLE), before + BOND - 1_000 * UFR);
		assert!(pallet_oracles::Oracles::<Runtime>::contains_key(&oracle));
		clock.skip(8 * DAYS - 1);
		refused(ORACLE, withdraw(), pallet_oracles::Error::<Runtime>::NothingReady);
		clock.skip(1);
		must(ORACLE, withdraw());

		assert_eq!(free(ORACLE), before + BOND);
		assert_eq!(Balances::reserved_balance(&oracle), 0);
		assert_eq!(Oracles::oracle(oracle), None);
		refused(ORACLE, withdraw(), pallet_oracles::Error::<Runtime>::NotRegistered);
	});
}

fn renewal(nonce: u32) -> People {
	let (attestations, consent) = recognition(Purpose::Renew, One, nonce);
	People::renew { account: One.to_account_id(), attestations, consent }
}

#[test]
fn a_person_renews_in_the_last_part_of_its_term_and_after_a_lapse_and_loses_no_epoch_it_had() {
	play(|clock| {
		let (attestations, consent) = recognition(Purpose::Register, One, 0);
		let account = One.to_account_id();
		must(Alice, People::register { account: account.clone(), attestations, consent });
		let term = pallet_dividend::Params::<Runtime>::get().term;
		let joined = Dividend::epoch().index;
		// Its first epoch is the next one.
		rich_epochs(clock, 1);
		refused(One, pallet_dividend::Call::<Runtime>::claim {}, {
			pallet_dividend::Error::<Runtime>::NothingToClaim
		});

		rich_epochs(clock, term / 2);
		refused(Alice, renewal(1), pallet_dividend::Error::<Runtime>::TooEarlyToRenew);
		must(One, pallet_dividend::Call::<Runtime>::claim {});
		// What came in before it joined was carried into its first epoch.
		let of_first = 90 * UFR * u128::from(1 + term / 2);
		assert_eq!(free(One), of_first);
		assert_eq!(Balances::free_balance(Dividend::pot()), EXISTENTIAL_DEPOSIT);

		// In the last part of the term, without a gap.
		rich_epochs(clock, term / 2 - 2);
		must(Alice, renewal(1));
		let info = pallet_personhood::Pallet::<Runtime>::person(account.clone()).expect("a person");
		assert_eq!(info.until, Dividend::epoch().index + term);
		assert_eq!(info.from, joined + 1);
		must(One, pallet_dividend::Call::<Runtime>::claim {});
		let so_far = 90 * UFR * u128::from(term - 1);
		assert_eq!(free(One), so_far);

		// The term ends, and some epochs go by without anybody.
		let left = info.until + 1 - Dividend::epoch().index;
		rich_epochs(clock, left);
		rich_epochs(clock, 3);
		must(Alice, renewal(2));
		let info = pallet_personhood::Pallet::<Runtime>::person(account).expect("still one");
		assert_eq!(info.from, Dividend::epoch().index + 1);
		// Of its epochs those in the claim window were kept for it when it came back; those before
		// had been swept and divided again, to itself.
		let before = free(One);
		must(One, pallet_dividend::Call::<Runtime>::claim {});
		assert!(free(One) > before);
		let kept = free(One);
		rich_epochs(clock, 2);
		must(One, pallet_dividend::Call::<Runtime>::claim {});
		// The first epoch of its new interval gets all that waited for somebody.
		assert!(free(One) > kept + 90 * UFR);
		assert_eq!(
			free(One) + Balances::free_balance(Dividend::pot()) - EXISTENTIAL_DEPOSIT,
			90 * UFR * u128::from(1 + term / 2 + term / 2 - 2 + left + 3 + 2),
		);
		refused(Alice, renewal(2), pallet_personhood::Error::<Runtime>::WrongNonce);
	});
}

/// The receipt as a key signed it.
fn signed_by(nth: usize, receipt: &Receipt) -> Evidence {
	let key = key(Use::Receipt, nth);
	let signature = sign(&key, &receipt.digest(&genesis_hash())).expect("a known key");
	Evidence::Signed(SignedReceipt { receipt: receipt.clone(), signature, key })
}

#[test]
fn a_receipt_key_that_was_replaced_still_convicts_of_what_was_settled_with_it() {
	play(|clock| {
		model_and_oracle();
		let oracle = ORACLE.to_account_id();
		let id = open_channel(0);
		let (receipt, claim) = serve_and_settle(id);
		let (next, _) = serve_and_settle(id);
		must(ORACLE, Bonds::set_receipt_key { new_key: key(Use::Receipt, 1) });
		let other = |receipt: &Receipt| Receipt { output_commit: [9; 32], ..receipt.clone() };
		let report = |receipt: &Receipt, claims: Vec<pallet_usage::SubmittedClaim>| {
			let proof = pallet_usage::LeafProof { index: 0, siblings: Default::default() };
			let settled = pallet_usage::SettledReceipt {
				amount: receipt.amount,
				receipt: receipt.clone(),
				proof,
			};
			Usage::report_double {
				oracle: ORACLE.to_account_id(),
				first: Evidence::Settled { batch_no: receipt.seq - 1, settled },
				second: signed_by(0, &other(receipt)),
				claims: claims.try_into().expect("few"),
				opening: None,
			}
		};

		let by_signatures = |receipt: &Receipt| Usage::report_double {
			oracle: ORACLE.to_account_id(),
			first: signed_by(0, receipt),
			second: signed_by(0, &other(receipt)),
			claims: Default::default(),
			opening: None,
		};

		// Six days later: the lock of the batch and a tenth of what is free.
		clock.skip(6 * DAYS);
		let bond = Oracles::oracle(oracle.clone()).expect("registered").bond;
		let (consumer, reporter) = (free(CONSUMER), free(Ferdie));
		must(Ferdie, report(&receipt, vec![claim]));
		let info = Oracles::oracle(oracle.clone()).expect("registered");
		let taken = bond - info.bond;
		assert!(taken > receipt.amount * 3 / 2 + bond / 11 && taken < bond / 9);
		assert_eq!(free(CONSUMER), consumer + receipt.amount);
		assert_eq!(free(Ferdie), reporter + taken / 10);

		// On its last day nothing that was settled while it was in use can be challenged, and alone
		// it proves nothing, because a thief may have it.
		clock.skip(8 * DAYS - 1);
		let retired = pallet_usage::Error::<Runtime>::KeyRetired;
		refused(Ferdie, by_signatures(&next), retired);

		// Then it is nobody's.
		clock.skip(1);
		refused(Ferdie, by_signatures(&next), pallet_usage::Error::<Runtime>::NotItsKey);
		assert_eq!(Oracles::oracle(oracle).expect("registered").bond, info.bond);
	});
}
