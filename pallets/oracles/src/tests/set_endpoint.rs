use super::*;

#[test]
fn replaces_the_address() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		let (old, new) = (endpoint("https://oda.example"), endpoint("http://10.0.0.1:8080"));
		assert_ok!(Oracles::set_endpoint(signed(ODA), new.clone()));
		System::assert_last_event(Event::EndpointSet { oracle: ODA, old, new: new.clone() }.into());
		assert_eq!(info(&ODA).endpoint, new);
		assert_eq!(held(&ODA), MIN_BOND);
	});
}

#[test]
fn the_address_must_be_valid() {
	ExtBuilder.build_and_execute(|| {
		register(&ODA, MIN_BOND);
		for address in ["", "https://", "gopher://oda.example"] {
			assert_noop!(
				Oracles::set_endpoint(signed(ODA), endpoint(address)),
				Error::<Test>::InvalidEndpoint
			);
		}
	});
}

#[test]
fn the_caller_must_be_an_oracle() {
	ExtBuilder.build_and_execute(|| {
		let address = endpoint("http://oda.example");
		assert_noop!(
			Oracles::set_endpoint(signed(ODA), address.clone()),
			Error::<Test>::NotRegistered
		);
		assert_noop!(
			Oracles::set_endpoint(RuntimeOrigin::none(), address),
			DispatchError::BadOrigin
		);
	});
}
