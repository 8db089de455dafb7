//! The settlements in a call, also those within other calls.

use crate::runtime::{
	runtime_types::{
		pallet_multisig::pallet::Call as Multisig, pallet_proxy::pallet::Call as Proxy,
		pallet_sudo::pallet::Call as Sudo, pallet_usage::pallet::Call as Usage,
		pallet_utility::pallet::Call as Utility,
	},
	Call,
};
use usufruct_primitives::{settlement::Claim, Balance, BatchNo, Hash};

/// What an oracle said when it settled a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
	/// The batch.
	pub batch_no: BatchNo,
	/// The root over its receipts.
	pub root: Hash,
	/// The sum of its claims, in planck.
	pub total: Balance,
	/// The number of its receipts.
	pub count: u32,
	/// Its claims.
	pub claims: Vec<Claim>,
}

/// All settlements in a call, in the order in which they would be executed.
pub fn settlements(call: &Call) -> Vec<Settlement> {
	let mut found = Vec::new();
	for_each(call, &mut |call| {
		if let Call::Usage(Usage::settle { batch_no, root, total, count, claims }) = call {
			let claims = claims.0.iter().map(|claim| claim.0.clone()).collect();
			found.push(Settlement {
				batch_no: *batch_no,
				root: *root,
				total: *total,
				count: *count,
				claims,
			});
		}
	});
	found
}

/// Visits a call and those within it that are not made of others, in the order in which they would be
/// executed.
pub(crate) fn for_each(call: &Call, visit: &mut impl FnMut(&Call)) {
	match call {
		Call::Utility(call) => match call {
			Utility::batch { calls }
			| Utility::batch_all { calls }
			| Utility::force_batch { calls } => calls.iter().for_each(|call| for_each(call, visit)),
			Utility::as_derivative { call, .. }
			| Utility::dispatch_as { call, .. }
			| Utility::dispatch_as_fallible { call, .. }
			| Utility::with_weight { call, .. } => for_each(call, visit),
			Utility::if_else { main, fallback } => {
				for_each(main, visit);
				for_each(fallback, visit);
			},
		},
		Call::Proxy(Proxy::proxy { call, .. } | Proxy::proxy_announced { call, .. })
		| Call::Multisig(
			Multisig::as_multi_threshold_1 { call, .. } | Multisig::as_multi { call, .. },
		)
		| Call::Sudo(
			Sudo::sudo { call }
			| Sudo::sudo_unchecked_weight { call, .. }
			| Sudo::sudo_as { call, .. },
		) => for_each(call, visit),
		call => visit(call),
	}
}
