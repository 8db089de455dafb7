//! What the pallet does when an epoch closes.

use super::*;
use frame_support::dispatch::DispatchClass;
use usufruct_primitives::traits::OnEpochClose;

/// Half to the oracles.
const NEW: Split =
	Split { dividend: 250_000, commons: 50_000, security: 50_000, oracle: 500_000, model: 150_000 };

#[test]
fn moves_what_is_due_so_that_it_is_divided_in_this_epoch() {
	ExtBuilder::default().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 50 * UFR);
		Usage::on_epoch_close(0);
		assert_eq!(free(&DIVIDEND), ED + 10 * UFR);
		assert_eq!(free(&COMMONS), ED + 4 * UFR);
		assert_eq!(free(&SECURITY), ED + UFR);
		assert_eq!(Books::<Test>::get().due, PotParts::default());
	});
}

#[test]
fn changes_nothing_when_nothing_is_due() {
	ExtBuilder::default().build_and_execute(|| {
		Usage::on_epoch_close(0);
		assert_eq!(free(&DIVIDEND), ED);
		assert_eq!(CurrentSplit::<Test>::get(), Split::default());
		assert_eq!(System::event_count(), 0);
	});
}

#[test]
fn keeps_what_no_pot_can_hold() {
	ExtBuilder::default().without_pots().build_and_execute(|| {
		settle_some(&ALICE, &OMAR, 4 * ED);
		Usage::on_epoch_close(0);
		assert_eq!(free(&DIVIDEND), 0);
		assert_eq!(Books::<Test>::get().due.dividend, 8 * ED / 10);
	});
}

#[test]
fn takes_the_new_weights_into_use() {
	ExtBuilder::default().build_and_execute(|| {
		let id = settle_some(&ALICE, &OMAR, 10 * UFR);
		assert_ok!(dispatch_root(Call::set_split { split: NEW }));
		Usage::on_epoch_close(0);
		assert_eq!(CurrentSplit::<Test>::get(), NEW);
		assert_eq!(NextSplit::<Test>::get(), None);
		assert_ok!(settle(&OMAR, &[claim(id, V0, 1, 10 * UFR)]));
		assert_eq!(OracleBooks::<Test>::get(OMAR).credit, 9 * UFR);
		assert_eq!(revenue(V0), 45 * UFR / 10);
		// Once, not at every close.
		Usage::on_epoch_close(1);
		assert_eq!(Books::<Test>::get().settled.total, 10 * UFR);
	});
}

#[test]
fn the_dust_of_the_old_weights_is_the_dividends() {
	ExtBuilder::default().build_and_execute(|| {
		// 4 planck: nobody is entitled to a whole one but the oracle and the model.
		settle_some(&ALICE, &OMAR, 4);
		let ledger = Books::<Test>::get().settled;
		assert_eq!(ledger.credited, [0, 0, 0, 1, 1]);
		assert_eq!(ledger.dust(), 2);
		assert_ok!(dispatch_root(Call::set_split { split: NEW }));
		System::reset_events();
		Usage::on_epoch_close(0);

		assert_eq!(free(&DIVIDEND), ED + 2);
		assert_eq!(Books::<Test>::get().settled, Default::default());
		let events: Vec<_> = System::events().into_iter().map(|record| record.event).collect();
		let old = Split::default();
		assert_eq!(events[0], Event::<Test>::SplitChanged { old, new: NEW, dust: 2 }.into());
		assert_eq!(free(&settlement_account()), ED + 1);
	});
}

#[test]
fn adds_its_weight_to_the_block() {
	ExtBuilder::default().build_and_execute(|| {
		let before = *System::block_weight().get(DispatchClass::Mandatory);
		Usage::on_epoch_close(0);
		let after = *System::block_weight().get(DispatchClass::Mandatory);
		assert_eq!(after - before, <() as WeightInfo>::on_epoch_close());
	});
}
