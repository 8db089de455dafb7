use super::*;
use sp_runtime::BuildStorage;

#[test]
fn allows_its_licences_and_funds_the_pot() {
	ExtBuilder::default().build_and_execute(|| {
		let licence: Licence = b"Apache-2.0".to_vec().try_into().unwrap();
		assert!(Licences::<Test>::contains_key(licence));
		assert_eq!(pot(), ED);
		assert_eq!(Balances::total_issuance(), 3 * ENDOWMENT + 2 * ED);
	});
}

#[test]
fn leaves_a_pot_alone_that_has_a_balance_already() {
	let genesis = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(Models::pot(), 2 * ED)],
			..Default::default()
		},
		..Default::default()
	};
	let mut ext: sp_io::TestExternalities = genesis.build_storage().unwrap().into();
	ext.execute_with(|| check(ED));
}

#[test]
fn the_default_allows_nothing() {
	let mut ext: sp_io::TestExternalities =
		RuntimeGenesisConfig::default().build_storage().unwrap().into();
	ext.execute_with(|| {
		assert_eq!(Licences::<Test>::iter().count(), 0);
		check(0);
	});
}

#[test]
#[should_panic(expected = "not printable ASCII")]
fn refuses_an_unreadable_licence() {
	let models = GenesisConfig::<Test> { licences: vec![vec![]], ..Default::default() };
	let _ = RuntimeGenesisConfig { models, ..Default::default() }.build_storage();
}

#[test]
#[should_panic(expected = "too long")]
fn refuses_a_licence_that_is_too_long() {
	let models = GenesisConfig::<Test> { licences: vec![vec![b'L'; 65]], ..Default::default() };
	let _ = RuntimeGenesisConfig { models, ..Default::default() }.build_storage();
}
