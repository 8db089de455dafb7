//! Revenue divides without loss, whatever the shares, the credits and the order of claims.

use super::{histories::cases, *};
use proptest::{collection::vec, prelude::*};
use sp_runtime::AccountId32;
use usufruct_primitives::PPM;

#[derive(Clone, Debug)]
enum Step {
	Earn(Balance),
	Claim(u16),
}

/// A whole table of 1 to 64 shares, small and large ones mixed.
fn shares() -> impl Strategy<Value = Vec<u32>> {
	vec(prop_oneof![Just(0u32), 0..1_000u32, 0..PPM], 1..=64).prop_map(|weights| {
		let rows = weights.len() as u64;
		let whole = weights.iter().map(|weight| u64::from(*weight)).sum::<u64>().max(1);
		let spare = u64::from(PPM) - rows;
		let mut shares: Vec<u32> =
			weights.iter().map(|weight| 1 + (u64::from(*weight) * spare / whole) as u32).collect();
		shares[0] += PPM - shares.iter().sum::<u32>();
		shares
	})
}

/// Amounts of a few planck, around the existential deposit, and of many tokens.
fn amounts() -> impl Strategy<Value = Balance> {
	prop_oneof![0..10u128, 0..100 * ED, 0..1_000_000 * UFR]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
	vec(
		prop_oneof![2 => amounts().prop_map(Step::Earn), 5 => (0..64u16).prop_map(Step::Claim)],
		0..150,
	)
}

/// The account of a row; every other one has a balance from the start.
fn contributor(row: usize) -> AccountId32 {
	AccountId32::new([100 + row as u8; 32])
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(cases()))]

	#[test]
	fn revenue_is_conserved_to_the_planck(shares in shares(), steps in steps()) {
		ExtBuilder::default().build_and_execute(|| {
			let rows: Vec<_> =
				shares.iter().enumerate().map(|(row, share)| (contributor(row), *share)).collect();
			let mut balances = vec![0; rows.len()];
			for (row, balance) in balances.iter_mut().enumerate().step_by(2) {
				*balance = ED;
				assert_ok!(Balances::mint_into(&contributor(row), ED));
			}
			let version = new_version(table(&rows));
			let (mut earned, mut paid) = (0, vec![0; rows.len()]);
			let entitled = |earned: Balance, row: usize| {
				earned * Balance::from(shares[row]) / Balance::from(PPM)
			};

			let claim_all = (0..rows.len() as u16).rev().map(Step::Claim);
			for step in steps.into_iter().chain(claim_all) {
				match step {
					Step::Earn(amount) => {
						earn(version, amount);
						earned += amount;
					},
					Step::Claim(row) => {
						let result = Models::claim_revenue(signed(MALLORY), version, row);
						let row = usize::from(row);
						if row >= rows.len() {
							assert_eq!(result, Err(Error::<Test>::UnknownRow.into()));
							continue;
						}
						let due = entitled(earned, row) - paid[row];
						if due == 0 {
							assert_eq!(result, Err(Error::<Test>::NothingDue.into()));
						} else if balances[row] + due < ED {
							assert_eq!(result, Err(Error::<Test>::AccountCannotHold.into()));
						} else {
							assert_ok!(result);
							paid[row] += due;
							balances[row] += due;
						}
					},
				}
				assert_eq!(pot(), ED + earned - paid.iter().sum::<Balance>());
			}

			let mut waiting = 0;
			for row in 0..rows.len() {
				assert_eq!(free(&contributor(row)), balances[row]);
				// Everybody has got all, but for those whose account cannot hold it yet.
				let due = entitled(earned, row) - paid[row];
				assert!(due == 0 || balances[row] + due < ED);
				assert_eq!(Models::revenue_due(version, row as u16), due);
				waiting += due;
			}
			// What nobody can claim is less than a planck per row.
			assert!(pot() - ED - waiting < rows.len() as Balance);
		});
	}
}
