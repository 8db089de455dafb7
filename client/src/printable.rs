//! What others say, as it can be shown on a terminal and written into a log.

use serde::{Deserialize, Deserializer};
use std::iter::Peekable;

/// How many characters of it are taken.
pub const MOST: usize = 400;

/// One line without anything that moves a cursor, sets colours or turns the direction of the writing,
/// and no longer than [`MOST`] characters.
pub fn printable(text: &str) -> String {
	let mut characters = text.chars().peekable();
	let mut kept = String::new();
	let mut count = 0;
	while let Some(next) = characters.next() {
		match next {
			'\u{1b}' => skip_escape(&mut characters),
			'\u{9b}' => skip_control_sequence(&mut characters),
			'\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_string(&mut characters),
			_ if count == MOST => {
				kept.push('…');
				break;
			},
			next if next.is_whitespace() => {
				kept.push(' ');
				count += 1;
			},
			next if next.is_control() || is_formatting(next) => {},
			next => {
				kept.push(next);
				count += 1;
			},
		}
	}
	kept.trim_end().into()
}

/// [`printable`] for whatever is read in.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
	Ok(printable(&String::deserialize(deserializer)?))
}

/// Characters that are not seen, and change how others are.
fn is_formatting(character: char) -> bool {
	matches!(
		character,
		'\u{ad}'
			| '\u{61c}'
			| '\u{180e}'
			| '\u{200b}'..='\u{200f}'
			| '\u{202a}'..='\u{202e}'
			| '\u{2060}'..='\u{206f}'
			| '\u{feff}'
			| '\u{fff9}'..='\u{fffb}'
			| '\u{e0000}'..='\u{e007f}'
	)
}

/// What an escape character begins (ECMA-48).
fn skip_escape(characters: &mut Peekable<impl Iterator<Item = char>>) {
	match characters.next() {
		Some('[') => skip_control_sequence(characters),
		Some(']' | 'P' | 'X' | '^' | '_') => skip_string(characters),
		// Intermediate characters, and a last one.
		Some(' '..='/') => while characters.next().is_some_and(|it| matches!(it, ' '..='/')) {},
		_ => {},
	}
}

/// Parameters, and a last character.
fn skip_control_sequence(characters: &mut Peekable<impl Iterator<Item = char>>) {
	while characters.next_if(|it| matches!(it, ' '..='?')).is_some() {}
	characters.next_if(|it| matches!(it, '@'..='~'));
}

/// Up to what ends it, or to the end.
fn skip_string(characters: &mut Peekable<impl Iterator<Item = char>>) {
	while let Some(next) = characters.next() {
		match next {
			'\u{7}' | '\u{9c}' => return,
			'\u{1b}' => {
				characters.next_if_eq(&'\\');
				return;
			},
			_ => {},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn what_can_be_shown_stays_as_it_is() {
		for text in ["", "the cap does not cover it: 7 < 14", "zu teuer – 3 µUFR", "価格が違う"]
		{
			assert_eq!(printable(text), text);
		}
	}

	#[test]
	fn nothing_reaches_the_terminal_that_it_would_obey() {
		for (text, shown) in [
			("a\u{1b}[31mred\u{1b}[0m", "ared"),
			("a\u{1b}[2J\u{1b}[1;1Hb", "ab"),
			("a\u{1b}]0;title\u{7}b", "ab"),
			("a\u{1b}]52;c;cm0gLXJm\u{1b}\\b", "ab"),
			("a\u{1b}P1$r\u{1b}\\b", "ab"),
			("a\u{9b}31mb\u{9d}0;t\u{9c}c", "abc"),
			("a\u{1b}(Bb\u{1b}cd\u{1b}", "abd"),
			("a\r\n\tb\u{0}\u{8}\u{7f}c", "a   bc"),
			("safe\u{202e}txt.exe\u{2066}\u{200b}", "safetxt.exe"),
			("a\u{1b}[", "a"),
			("a\u{1b}]never ends", "a"),
			("a\u{1b}[31é", "aé"),
		] {
			assert_eq!(printable(text), shown, "{text:?}");
		}
	}

	#[test]
	fn what_is_long_is_cut() {
		assert_eq!(printable(&"x".repeat(MOST)), "x".repeat(MOST));
		assert_eq!(printable(&"é".repeat(1 << 20)), "é".repeat(MOST) + "…");
	}

	proptest! {
		#[test]
		fn whatever_is_said_is_one_short_line(text in "\\PC*|[\u{0}-\u{a0}]{0,900}") {
			let shown = printable(&text);
			prop_assert!(shown.chars().count() <= MOST + 1);
			prop_assert!(!shown.chars().any(char::is_control));
			prop_assert_eq!(printable(&shown), shown);
		}
	}
}
