use super::*;

fn register_with(
	who: AccountId32,
	bond: Balance,
	receipt_key: [u8; 32],
	address: &str,
) -> sp_runtime::DispatchResult {
	Oracles::register(signed(who), bond, receipt_key, endpoint(address))
}

#[test]
fn holds_the_bond_and_keeps_key_and_endpoint() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(register_with(ODA, MIN_BOND, key(1), "https://oda.example:8443/v2"));
		System::assert_last_event(
			Event::OracleRegistered {
				oracle: ODA,
				bond: MIN_BOND,
				receipt_key: key(1),
				endpoint: endpoint("https://oda.example:8443/v2"),
			}
			.into(),
		);
		assert_eq!(held(&ODA), MIN_BOND);
		assert_eq!(free(&ODA), ENDOWMENT - MIN_BOND);
		assert_eq!(
			info(&ODA),
			OracleInfo {
				settle_limit: SettleLimit::default(),
				bond: MIN_BOND,
				locked: 0,
				kept: 0,
				free: MIN_BOND,
				lockable: MIN_BOND,
				unbonding: Default::default(),
				receipt_key: key(1),
				retired_keys: Default::default(),
				endpoint: endpoint("https://oda.example:8443/v2"),
				active: true,
			}
		);
		assert_eq!(ReceiptKeys::<Test>::get(key(1)), Some(ODA));
		assert_eq!(held(&PIERO), 0);
	});
}

#[test]
fn an_account_registers_once() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(
			register_with(ODA, MIN_BOND, key(9), "http://oda.example"),
			Error::<Test>::AlreadyRegistered
		);
	});
}

#[test]
fn the_bond_is_at_least_the_minimum() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			register_with(ODA, MIN_BOND - 1, key(1), "http://oda.example"),
			Error::<Test>::BelowMinBond
		);
	});
}

#[test]
fn the_receipt_key_is_good_for_signatures() {
	ExtBuilder.build_and_execute(|| {
		// The identity, encoded in the canonical way and in another; a point not on the curve.
		let mut identity = [0; 32];
		identity[0] = 1;
		let mut not_canonical = [0xff; 32];
		not_canonical[0] = 0xee;
		not_canonical[31] = 0x7f;
		let mut off_curve = [0; 32];
		off_curve[0] = 2;
		for bad in [[0; 32], identity, not_canonical, off_curve] {
			assert_noop!(
				register_with(ODA, MIN_BOND, bad, "http://oda.example"),
				Error::<Test>::InvalidReceiptKey
			);
		}
	});
}

#[test]
fn no_two_oracles_have_one_key() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		assert_noop!(
			register_with(PIERO, MIN_BOND, key(1), "http://piero.example"),
			Error::<Test>::ReceiptKeyInUse
		);
		assert_ok!(register_with(PIERO, MIN_BOND, key(2), "http://piero.example"));
	});
}

#[test]
fn the_endpoint_is_an_address_of_http() {
	ExtBuilder.build_and_execute(|| {
		for address in [
			"",
			"oda.example",
			"http://",
			"https://",
			"ftp://oda.example",
			"HTTP://oda.example",
			"http://oda example",
			"http://oda.example\n",
			"https://ódá.example",
		] {
			assert_noop!(
				register_with(ODA, MIN_BOND, key(1), address),
				Error::<Test>::InvalidEndpoint
			);
		}
	});
}

#[test]
fn the_oracle_must_afford_the_bond_and_keep_the_existential_deposit() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(
			register_with(ODA, ENDOWMENT - ED + 1, key(1), "http://oda.example"),
			TokenError::FundsUnavailable
		);
		assert_noop!(
			register_with(NOBODY, MIN_BOND, key(1), "http://oda.example"),
			TokenError::FundsUnavailable
		);
		assert_ok!(register_with(ODA, ENDOWMENT - ED, key(1), "http://oda.example"));
		assert_eq!((free(&ODA), held(&ODA)), (ED, ENDOWMENT - ED));
	});
}

#[test]
fn a_signature_is_needed() {
	ExtBuilder.build_and_execute(|| {
		let address = endpoint("http://oda.example");
		assert_noop!(
			Oracles::register(RuntimeOrigin::root(), MIN_BOND, key(1), address),
			DispatchError::BadOrigin
		);
	});
}
