//! What the calls and the hook cost. A runtime measures its own; those for `()` are for mocks.

use frame_support::weights::Weight;

/// The costs of `pallet_usage`.
pub trait WeightInfo {
	/// Of `open_channel`.
	fn open_channel() -> Weight;
	/// Of `top_up`.
	fn top_up() -> Weight;
	/// Of `settle` with `c` claims.
	fn settle(c: u32) -> Weight;
	/// Of `request_close`.
	fn request_close() -> Weight;
	/// Of `finalise_close`.
	fn finalise_close() -> Weight;
	/// Of `set_split`.
	fn set_split() -> Weight;
	/// Of `flush`.
	fn flush() -> Weight;
	/// Of `collect`.
	fn collect() -> Weight;
	/// Of `set_channel_key`.
	fn set_channel_key() -> Weight;
	/// Of `close_together`.
	fn close_together() -> Weight;
	/// Of `checkpoint`.
	fn checkpoint() -> Weight;
	/// Of `pay_royalty`.
	fn pay_royalty() -> Weight;
	/// Of `set_organisation`.
	fn set_organisation() -> Weight;
	/// Of `set_slope`.
	fn set_slope() -> Weight;
	/// Of what the pallet does when an epoch closes.
	fn on_epoch_close() -> Weight;
}

impl WeightInfo for () {
	fn open_channel() -> Weight {
		Weight::from_parts(100_000_000, 0)
	}
	fn top_up() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn settle(c: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(300_000_000, 0).saturating_mul(c.into()))
	}
	fn request_close() -> Weight {
		Weight::from_parts(30_000_000, 0)
	}
	fn finalise_close() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn set_split() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn flush() -> Weight {
		Weight::from_parts(150_000_000, 0)
	}
	fn collect() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn set_channel_key() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}
	fn close_together() -> Weight {
		Weight::from_parts(120_000_000, 0)
	}
	fn checkpoint() -> Weight {
		Weight::from_parts(150_000_000, 0)
	}
	fn pay_royalty() -> Weight {
		Weight::from_parts(180_000_000, 0)
	}
	fn set_organisation() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn set_slope() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}
	fn on_epoch_close() -> Weight {
		Weight::from_parts(200_000_000, 0)
	}
}
