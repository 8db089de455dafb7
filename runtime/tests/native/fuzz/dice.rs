//! Bytes as decisions: an input is a list of records, and a record decides one action.

use arbitrary::Unstructured;
use usufruct_primitives::{Balance, MILLI_UFR, UFR};

/// Length of a record. Fixed, so that an action can be left out without changing the others.
pub const RECORD: usize = 20;
/// How many of its bytes, the first, decide what the action is; the others decide what is done to
/// it before it is tried.
pub const HEAD: usize = 16;

/// What is left of the bytes that decide. When none are left every decision is the first choice.
pub struct Dice<'a>(Unstructured<'a>);

impl<'a> Dice<'a> {
	/// Decides by these bytes.
	pub fn new(bytes: &'a [u8]) -> Self {
		Self(Unstructured::new(bytes))
	}

	/// Any byte.
	pub fn byte(&mut self) -> u8 {
		self.0.arbitrary().unwrap_or_default()
	}

	/// A number below `n`; 0 if there is none.
	pub fn below(&mut self, n: usize) -> usize {
		if n < 2 {
			return 0;
		}
		self.0.choose_index(n).unwrap_or_default()
	}

	/// One of these.
	pub fn pick<'b, T>(&mut self, choices: &'b [T]) -> Option<&'b T> {
		choices.get(self.below(choices.len()))
	}

	/// True for one byte of sixteen.
	pub fn rarely(&mut self) -> bool {
		self.byte() > 239
	}

	/// An amount around `usual`, and now and then one at an edge.
	pub fn amount(&mut self, usual: Balance) -> Balance {
		match self.byte() {
			0..=127 => usual,
			128..=159 => usual.saturating_add(self.byte().into()),
			160..=191 => usual.saturating_sub(self.byte().into()),
			192..=207 => self.byte().into(),
			208..=215 => MILLI_UFR,
			216..=223 => UFR.saturating_mul(self.byte().into()),
			224..=231 => usual.saturating_mul(self.byte().into()),
			232..=239 => usual / 2,
			240..=247 => 0,
			_ => Balance::MAX,
		}
	}
}
