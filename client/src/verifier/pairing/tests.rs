use super::*;
use crate::{serve, verifier::method::SessionId};
use std::net::Ipv6Addr;

const TOKEN: &str = "a desk's token of some length";
const ACCOUNT: AccountBytes = [3; 32];
const ME: Asker = asker(1, 0);

/// Somebody in a conversation of his own, in some network.
const fn asker(session: u16, network: u16) -> Asker {
	let mut id = [0; 32];
	[id[0], id[1]] = session.to_be_bytes();
	let from = IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, network, 0, 0, 0, 0, 0));
	Asker { session: SessionId(id), account: ACCOUNT, from }
}

fn here() -> IpAddr {
	"192.0.2.1".parse().unwrap()
}

fn human() -> Human {
	Human { evidence: "passport 4711".into(), region: 49 }
}

fn code(pairing: &Pairing, asker: Asker, now: Instant) -> String {
	match pairing.show(&asker, now) {
		Ok(Step::Show { code, .. }) => code,
		_ => panic!("no code"),
	}
}

fn desk(pairing: &Pairing, now: Instant) -> Hash {
	let cookie = pairing.open_desk(TOKEN, here(), now).unwrap();
	pairing.desk(&cookie, now).unwrap()
}

#[test]
fn a_person_and_an_official_see_the_same_and_the_person_is_recognised_once() {
	let (pairing, now) = (Pairing::new(TOKEN), Instant::now());
	let shown = code(&pairing, ME, now);
	assert_eq!(shown.len(), 6);
	assert_eq!(code(&pairing, ME, now), shown);
	let desk = desk(&pairing, now);
	let spaced = format!("{} {}", &shown[..3], &shown[3..]);
	let (account, check) = pairing.look_up(desk, &spaced, now).unwrap();
	assert_eq!((account, check), (ACCOUNT, check_words(&ME)));
	pairing.recognise(desk, &shown, human(), now).unwrap();
	// The code is used up before the person has even seen it.
	assert_eq!(pairing.look_up(desk, &shown, now), Err(DeskError::NoSuchCode));
	assert!(matches!(pairing.show(&ME, now), Ok(Step::Recognised(it)) if it == human()));
	assert_ne!(code(&pairing, ME, now), shown);
}

#[test]
fn what_is_compared_differs_for_another_account_or_conversation() {
	let words = check_words(&ME);
	assert_eq!(words.len(), 9);
	assert_ne!(words, check_words(&Asker { account: [4; 32], ..ME }));
	assert_ne!(words, check_words(&asker(2, 0)));
}

#[test]
fn a_code_expires() {
	let (pairing, now) = (Pairing::new(TOKEN), Instant::now());
	let shown = code(&pairing, ME, now);
	let desk = desk(&pairing, now);
	pairing.look_up(desk, &shown, now + CODES.life - Duration::from_secs(1)).unwrap();
	let late = pairing.recognise(desk, &shown, human(), now + CODES.life);
	assert_eq!(late, Err(DeskError::NoSuchCode));
	assert!(matches!(pairing.show(&ME, now + CODES.life), Ok(Step::Show { .. })));
}

#[test]
fn trying_all_codes_finds_none() {
	let (pairing, now) = (Pairing::new(TOKEN), Instant::now());
	let shown = code(&pairing, ME, now);
	let desk = desk(&pairing, now);
	// All of them in a moment: a handful is looked at.
	let looked = (0..1_000_000)
		.map(|code| format!("{code:06}"))
		.filter(|code| *code != shown)
		.filter(|code| pairing.look_up(desk, code, now) == Err(DeskError::NoSuchCode))
		.count();
	assert_eq!(looked, TRIES.0 as usize);
	assert!(matches!(pairing.look_up(desk, &shown, now), Err(DeskError::TooOften(_))));
	// In all the time that a code lives, few more.
	let more = (0..CODES.life.as_secs())
		.filter(|second| {
			let then = now + Duration::from_secs(*second);
			pairing.look_up(desk, "not a code", then) == Err(DeskError::NoSuchCode)
		})
		.count();
	assert!(more <= 10, "{more}");
}

#[test]
fn only_who_looked_a_code_up_can_say_who_shows_it() {
	let (pairing, now) = (Pairing::new(TOKEN), Instant::now());
	let shown = code(&pairing, ME, now);
	let (first, second) = (desk(&pairing, now), desk(&pairing, now));
	assert_eq!(pairing.recognise(first, &shown, human(), now), Err(DeskError::NoSuchCode));
	pairing.look_up(first, &shown, now).unwrap();
	assert_eq!(pairing.recognise(second, &shown, human(), now), Err(DeskError::NoSuchCode));
	let nobody = Human { evidence: " ".into(), region: 0 };
	assert_eq!(pairing.recognise(first, &shown, nobody, now), Err(DeskError::NoEvidence));
	pairing.recognise(first, &shown, human(), now).unwrap();
}

#[test]
fn a_desk_needs_its_token_and_guessing_it_leads_nowhere() {
	let (pairing, now) = (Pairing::new(TOKEN), Instant::now());
	assert_eq!(pairing.desk("", now), None);
	for _ in 0..LOGINS.0 {
		assert_eq!(pairing.open_desk("guess", here(), now), Err(DeskError::NotAnOfficial));
	}
	assert!(matches!(pairing.open_desk(TOKEN, here(), now), Err(DeskError::TooOften(_))));
	let elsewhere = "192.0.2.2".parse().unwrap();
	let cookie = pairing.open_desk(TOKEN, elsewhere, now).unwrap();
	assert!(pairing.desk(&cookie, now).is_some());
	assert_eq!(pairing.desk(&cookie, now + SHIFT), None);
}

#[test]
fn there_are_never_so_many_codes_that_a_guess_would_hit_one() {
	let (pairing, now) = (Pairing::new(TOKEN), Instant::now());
	for number in 0..CODES.all as u16 {
		code(&pairing, asker(number, number), now);
	}
	let more = asker(u16::MAX, u16::MAX);
	assert!(matches!(pairing.show(&more, now), Err(MethodError::Busy)));
	assert!(pairing.show(&more, now + CODES.life).is_ok());
}

#[test]
fn one_network_does_not_take_the_codes_of_another() {
	let (pairing, now) = (Pairing::new(TOKEN), Instant::now());
	// A home line has a /56: 256 networks of /64, and in each as many addresses as it likes.
	let at_home = |number: u16| {
		let address = Ipv6Addr::new(0x2001, 0xdb8, 1, 0xab00 + number, 0, 0, 0, number);
		Asker { from: serve::network(address.into()), ..asker(number, 1) }
	};
	let got: Vec<_> = (0..256).map(|number| pairing.show(&at_home(number), now)).collect();
	let shown = got.iter().filter(|step| matches!(step, Ok(Step::Show { .. }))).count();
	let busy = got.iter().filter(|step| matches!(step, Err(MethodError::Busy))).count();
	assert_eq!((shown, busy), (CODES.per_network, 256 - CODES.per_network));
	assert_eq!(code(&pairing, at_home(0), now), code(&pairing, at_home(0), now), "its own");
	code(&pairing, asker(u16::MAX, 2), now);
	assert!(pairing.show(&at_home(255), now + CODES.life).is_ok());
}
