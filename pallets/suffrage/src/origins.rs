//! The origins that decided polls act with: one for each track, none of them Root.

use frame_support::{
	stored,
	traits::{EnsureOrigin, OriginTrait},
};

/// What a decided poll may do. Each is accepted only by the calls named for it in the runtime.
#[stored]
#[derive(Copy, PartialOrd, Ord)]
pub enum Origin {
	/// Changes parameters within their bounds.
	#[codec(index = 0)]
	Parameters,
	/// Makes grants from the commons fund.
	#[codec(index = 1)]
	Grants,
	/// Admits and retires those who verify people.
	#[codec(index = 2)]
	Verifiers,
	/// Keeps the list of licences a model may have.
	#[codec(index = 3)]
	Licences,
	/// Rules over the admission of validators.
	#[codec(index = 4)]
	Validators,
	/// Authorises a new runtime.
	#[codec(index = 5)]
	Upgrade,
	/// Stops calls for a while.
	#[codec(index = 6)]
	Pause,
	/// Decides disputes, and appeals.
	#[codec(index = 7)]
	Disputes,
}

impl Origin {
	/// All of them, in the order of their tracks.
	pub const ALL: [Self; 8] = [
		Self::Parameters,
		Self::Grants,
		Self::Verifiers,
		Self::Licences,
		Self::Validators,
		Self::Upgrade,
		Self::Pause,
		Self::Disputes,
	];

	/// The track whose polls act with it.
	pub const fn track(self) -> u16 {
		self as u16
	}
}

/// Makes the types by which a call asks for one of the origins.
macro_rules! ensure_origins {
	($($(#[$meta:meta])* $name:ident = $variant:ident;)*) => {$(
		$(#[$meta])*
		pub struct $name;

		impl<O> EnsureOrigin<O> for $name
		where
			O: OriginTrait + From<Origin>,
			for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
		{
			type Success = ();

			fn try_origin(origin: O) -> Result<(), O> {
				let is_it = matches!(origin.caller().try_into(), Ok(Origin::$variant));
				if is_it {
					Ok(())
				} else {
					Err(origin)
				}
			}

			#[cfg(feature = "runtime-benchmarks")]
			fn try_successful_origin() -> Result<O, ()> {
				Ok(O::from(Origin::$variant))
			}
		}
	)*};
}

ensure_origins! {
	/// Accepts [`Origin::Parameters`] alone.
	EnsureParameters = Parameters;
	/// Accepts [`Origin::Grants`] alone.
	EnsureGrants = Grants;
	/// Accepts [`Origin::Verifiers`] alone.
	EnsureVerifiers = Verifiers;
	/// Accepts [`Origin::Licences`] alone.
	EnsureLicences = Licences;
	/// Accepts [`Origin::Validators`] alone.
	EnsureValidators = Validators;
	/// Accepts [`Origin::Upgrade`] alone.
	EnsureUpgrade = Upgrade;
	/// Accepts [`Origin::Pause`] alone.
	EnsurePause = Pause;
	/// Accepts [`Origin::Disputes`] alone.
	EnsureDisputes = Disputes;
}
