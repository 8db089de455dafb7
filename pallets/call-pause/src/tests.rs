//! Pauses of single calls begin, end by themselves, and cannot be drawn out.

use crate::{mock::*, Error, Event};
use frame_support::{
	assert_noop, assert_ok,
	traits::schedule::{v3::Anon, DispatchTime},
};
use sp_runtime::{traits::Dispatchable, DispatchError};

fn name(text: &str) -> pallet_tx_pause::PalletNameOf<Test> {
	text.as_bytes().to_vec().try_into().expect("short")
}

fn pause(pallet: &str, call: &str, blocks: u32) -> Result<(), DispatchError> {
	CallPause::pause(RuntimeOrigin::root(), name(pallet), name(call), blocks)
}

fn unpause(pallet: &str, call: &str) -> Result<(), DispatchError> {
	TxPause::unpause(RuntimeOrigin::root(), (name(pallet), name(call)))
}

/// Pauses the call that the other functions try.
fn pause_transfers(blocks: u32) -> Result<(), DispatchError> {
	pause("Balances", "transfer_allow_death", blocks)
}

fn transfer() -> Result<(), DispatchError> {
	let call = pallet_balances::Call::<Test>::transfer_allow_death { dest: 2, value: 5 };
	RuntimeCall::from(call)
		.dispatch(RuntimeOrigin::signed(1))
		.map(|_| ())
		.map_err(|failure| failure.error)
}

fn filtered() -> DispatchError {
	frame_system::Error::<Test>::CallFiltered.into()
}

#[test]
fn a_call_stops_and_goes_on_by_itself() {
	execute(|| {
		assert_ok!(transfer());
		assert_ok!(pause_transfers(3));
		System::assert_last_event(
			Event::CallPaused {
				pallet: name("Balances"),
				call: name("transfer_allow_death"),
				until: 4,
			}
			.into(),
		);
		assert_eq!(transfer(), Err(filtered()));
		blocks(2);
		assert_eq!(transfer(), Err(filtered()));
		blocks(1);
		assert_ok!(transfer());
		assert_eq!(pallet_tx_pause::PausedCalls::<Test>::iter().count(), 0);
	});
}

#[test]
fn others_go_on_meanwhile() {
	execute(|| {
		assert_ok!(pause_transfers(3));
		let call = pallet_balances::Call::<Test>::transfer_keep_alive { dest: 2, value: 5 };
		assert_ok!(RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(1)));
	});
}

#[test]
fn only_who_may_stops_a_call() {
	execute(|| {
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
			assert_noop!(
				CallPause::pause(origin, name("Balances"), name("burn"), 1),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn a_pause_has_a_length_within_bounds() {
	execute(|| {
		for blocks in [0, LONGEST + 1, u32::MAX] {
			assert_noop!(pause_transfers(blocks), Error::<Test>::LengthOutOfBounds);
		}
		assert_ok!(pause_transfers(LONGEST));
	});
}

#[test]
fn what_does_not_exist_cannot_be_stopped() {
	execute(|| {
		for (pallet, call) in
			[("Balance", "burn"), ("Balances", "burned"), ("", ""), ("balances", "burn")]
		{
			assert_noop!(pause(pallet, call, 1), Error::<Test>::UnknownCall);
		}
	});
}

#[test]
fn what_must_go_on_cannot_be_stopped() {
	execute(|| {
		assert_noop!(pause("System", "remark", 1), Error::<Test>::NeverPaused);
		// What ends pauses least of all.
		assert_noop!(pause("TxPause", "unpause", 1), Error::<Test>::NeverPaused);
	});
}

#[test]
fn a_pause_cannot_be_made_longer() {
	execute(|| {
		assert_ok!(pause_transfers(3));
		blocks(2);
		assert_noop!(pause_transfers(LONGEST), Error::<Test>::AlreadyPaused);
		blocks(1);
		assert_ok!(transfer());
	});
}

#[test]
fn what_is_left_of_an_earlier_pause_does_not_end_a_later_one() {
	execute(|| {
		assert_ok!(pause_transfers(5));
		assert_ok!(unpause("Balances", "transfer_allow_death"));
		assert_ok!(transfer());
		assert_ok!(pause_transfers(8));
		blocks(5);
		assert_eq!(transfer(), Err(filtered()));
		blocks(3);
		assert_ok!(transfer());
	});
}

#[test]
fn a_call_whose_end_cannot_be_kept_is_not_stopped() {
	execute(|| {
		let remark = || {
			use codec::Encode;
			let call = RuntimeCall::from(frame_system::Call::remark { remark: vec![] });
			frame_support::traits::Bounded::Inline(call.encode().try_into().expect("short"))
		};
		for _ in 0..2 {
			let root = frame_system::RawOrigin::Root.into();
			let at = DispatchTime::At(4);
			assert_ok!(<Scheduler as Anon<_, _, _>>::schedule(at, None, 63, root, remark()));
		}
		let call = crate::Call::<Test>::pause {
			pallet: name("Balances"),
			call: name("transfer_allow_death"),
			blocks: 3,
		};
		assert!(RuntimeCall::from(call).dispatch(RuntimeOrigin::root()).is_err());
		assert_ok!(transfer());
	});
}
