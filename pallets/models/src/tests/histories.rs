//! Random histories of a registry with lineage, against a small reference model: every planck is
//! where the reference says.

use super::*;
use proptest::{collection::vec, prelude::*};
use sp_runtime::{traits::Dispatchable, AccountId32};
use usufruct_primitives::{tensors::TensorTree, VersionId, PPM};

/// How many histories: what the variable says, or as many as a few seconds allow.
pub(super) fn cases() -> u32 {
	std::env::var("USUFRUCT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

#[derive(Clone, Debug)]
enum Step {
	/// Adds a version with that royalty and those parents of the ones there are.
	Add(u32, Vec<u8>),
	Earn(u8, Balance),
	Move(u8, u16),
	Claim(u8, u16),
	Accept(u8, u16),
	Forfeit(u8, u16),
	Transfer(u8, u16, u8),
	Prove(u8, u8),
	Refute(u8, u8, u8),
	Confirm(u8, u8),
	Lapse(u8),
	Settle(u8, u8),
	Contest(u8),
	Resolve(u8, bool),
	Pass(u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
	let amount = prop_oneof![1..10u128, 1..100 * ED, 1..1_000 * UFR];
	let step = prop_oneof![
		3 => (0..=MAX_ROYALTY, vec(any::<u8>(), 0..3)).prop_map(|(r, p)| Step::Add(r, p)),
		8 => (any::<u8>(), amount).prop_map(|(v, a)| Step::Earn(v, a)),
		6 => (any::<u8>(), 0..4u16).prop_map(|(v, i)| Step::Move(v, i)),
		6 => (any::<u8>(), 0..4u16).prop_map(|(v, r)| Step::Claim(v, r)),
		2 => (any::<u8>(), 0..4u16).prop_map(|(v, r)| Step::Accept(v, r)),
		2 => (any::<u8>(), 0..4u16).prop_map(|(v, r)| Step::Forfeit(v, r)),
		1 => (any::<u8>(), 0..4u16, 0..4u8).prop_map(|(v, r, to)| Step::Transfer(v, r, to)),
		3 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Step::Prove(a, b)),
		1 => any::<[u8; 3]>().prop_map(|[a, b, source]| Step::Refute(a, b, source)),
		3 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Step::Confirm(a, b)),
		1 => any::<u8>().prop_map(Step::Lapse),
		1 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Step::Settle(a, b)),
		1 => any::<u8>().prop_map(Step::Contest),
		1 => (any::<u8>(), any::<bool>()).prop_map(|(v, upheld)| Step::Resolve(v, upheld)),
		4 => (1..80u32).prop_map(Step::Pass),
	];
	vec(step, 1..200)
}

/// A version as the reference knows it: exact amounts, in millionths of a planck, booked whenever
/// something comes in.
struct Reference {
	royalty: u32,
	/// Each ancestor with the exact royalty it has earned.
	ancestors: Vec<(VersionId, u128)>,
	/// The exact own part.
	own: u128,
	moved: Vec<Balance>,
	received: Balance,
	paid: [Balance; 3],
}

const SHARES: [u32; 3] = [500_001, 333_333, 166_666];

/// All that a test of one history keeps.
#[derive(Default)]
struct World {
	versions: Vec<Reference>,
	earned: Balance,
	paid: Balance,
}

impl World {
	fn add(&mut self, royalty: u32, parents: &[VersionId], tree: &TensorTree) {
		let id = self.versions.len() as VersionId;
		let model = new_model();
		let version = NewVersion {
			parents: parents.to_vec(),
			royalty,
			contributors: table(&[(ADA, SHARES[0]), (BEN, SHARES[1]), (CHIDI, SHARES[2])]),
			tensor_root: Some(tree.root()),
			..NewVersion::of(model, id as u8)
		};
		if version.add().is_err() {
			// Because of the parents, or of a reuse to settle; then there is no version.
			assert!(!parents.is_empty() || Models::bars(ADA) > 0);
			assert_eq!(NextVersion::<Test>::get(), id);
			return;
		}
		let mut ancestors = vec![];
		for parent in parents {
			self.inherit(&mut ancestors, *parent);
		}
		let moved = vec![0; ancestors.len()];
		self.versions.push(Reference {
			royalty,
			ancestors,
			own: 0,
			moved,
			received: 0,
			paid: [0; 3],
		});
	}

	fn inherit(&self, ancestors: &mut Vec<(VersionId, u128)>, parent: VersionId) {
		let all = self.versions[parent as usize].ancestors.iter().map(|(id, _)| *id);
		for id in std::iter::once(parent).chain(all) {
			if !ancestors.iter().any(|(known, _)| *known == id) {
				ancestors.push((id, 0));
			}
		}
	}

	fn earn(&mut self, version: VersionId, amount: Balance) {
		earn(version, amount);
		self.earned += amount;
		let rates: Vec<u128> = self.versions[version as usize]
			.ancestors
			.iter()
			.map(|(id, _)| self.versions[*id as usize].royalty.into())
			.collect();
		let record = &mut self.versions[version as usize];
		record.own += amount * (u128::from(PPM) - rates.iter().sum::<u128>());
		for ((_, exact), rate) in record.ancestors.iter_mut().zip(rates) {
			*exact += amount * rate;
		}
	}

	/// What a row is due by the reference.
	fn due(&self, version: VersionId, row: usize) -> Balance {
		let record = &self.versions[version as usize];
		let whole = u128::from(PPM);
		(record.own / whole + record.received) * u128::from(SHARES[row]) / whole - record.paid[row]
	}

	fn royalty_due(&self, version: VersionId, index: usize) -> Balance {
		let record = &self.versions[version as usize];
		record.ancestors[index].1 / u128::from(PPM) - record.moved[index]
	}

	/// Books what the chain paid of a row just now.
	fn pay(&mut self, version: VersionId, row: usize) {
		let due = self.due(version, row);
		self.versions[version as usize].paid[row] += due;
		self.paid += due;
	}

	fn step(&mut self, step: Step, tree: &TensorTree) {
		let count = self.versions.len() as u32;
		let pick = |n: u8| u32::from(n) % count;
		match step {
			Step::Add(royalty, parents) => {
				let mut parents: Vec<_> = parents.into_iter().map(pick).collect();
				parents.dedup();
				self.add(royalty, &parents, tree);
			},
			Step::Earn(version, amount) => self.earn(pick(version), amount),
			Step::Move(version, index) => {
				let version = pick(version);
				let known = usize::from(index) < self.versions[version as usize].ancestors.len();
				let due = if known { self.royalty_due(version, index.into()) } else { 0 };
				let result = Models::move_royalty(signed(MALLORY), version, index);
				assert_eq!(result.is_ok(), due > 0);
				if due > 0 {
					let record = &mut self.versions[version as usize];
					record.moved[usize::from(index)] += due;
					let ancestor = record.ancestors[usize::from(index)].0;
					self.versions[ancestor as usize].received += due;
				}
			},
			Step::Claim(version, row) => {
				let version = pick(version);
				if Models::claim_revenue(signed(MALLORY), version, row).is_ok() {
					self.pay(version, row.into());
				}
			},
			Step::Accept(version, row) => {
				let version = pick(version);
				if let Some(record) = Models::contributors(version).get(usize::from(row)) {
					let who = signed(record.account.clone());
					let _ = Models::accept_row(who, version, row, None);
				}
			},
			Step::Forfeit(version, row) => {
				let version = pick(version);
				if Models::forfeit_row(signed(MALLORY), version, row).is_ok() {
					self.pay(version, row.into());
				}
			},
			Step::Transfer(version, row, to) => {
				let version = pick(version);
				if let Some(record) = Models::contributors(version).get(usize::from(row)) {
					let to = AccountId32::new([to + 1; 32]);
					let who = signed(record.account.clone());
					let _ = Models::transfer_row(who, version, row, to);
				}
			},
			Step::Prove(older, newer) => {
				let (older, newer) = (pick(older), pick(newer));
				let _ = Models::prove_reuse(signed(ADA), older, newer, shared(tree, tree, 1..11));
			},
			Step::Refute(older, newer, source) => {
				let (older, newer, source) = (pick(older), pick(newer), pick(source));
				let proof = shared(tree, tree, 1..11);
				let claim = Models::reuse_claim(newer, claim_id(older, &proof));
				let dividend = free(&DIVIDEND);
				let call = RuntimeCall::Models(Call::refute_reuse {
					older,
					newer,
					tensors: claimed(&proof),
					source,
					found: found(&proof, tree),
				});
				// Every version holds the same, so each older one refutes.
				let refuted = call.dispatch(signed(MALLORY)).is_ok();
				assert!(!refuted || (claim.is_some() && source < older));
				let lost = match claim.filter(|_| refuted) {
					None => 0,
					// It had passed over to the refuter, who gets nothing of its own.
					Some(claim) if claim.prover == MALLORY => REUSE_DEPOSIT,
					Some(_) => REUSE_DEPOSIT - REUSE_DEPOSIT / 2,
				};
				assert_eq!(free(&DIVIDEND), dividend + lost);
			},
			Step::Confirm(older, newer) => {
				let (older, newer) = (pick(older), pick(newer));
				let id = claim_id(older, &shared(tree, tree, 1..11));
				let call = RuntimeCall::Models(Call::confirm_reuse { newer, id });
				let result = call.dispatch(signed(MALLORY));
				let parent = Reuses::<Test>::get(newer, older) == Some(Reuse::Parent);
				if result.is_ok() && parent {
					let mut ancestors =
						std::mem::take(&mut self.versions[newer as usize].ancestors);
					self.inherit(&mut ancestors, older);
					let record = &mut self.versions[newer as usize];
					record.moved.resize(ancestors.len(), 0);
					record.ancestors = ancestors;
				}
			},
			Step::Lapse(version) => {
				let call = RuntimeCall::Models(Call::lapse_contest {
					version: pick(version),
					contester: BEN,
				});
				let _ = call.dispatch(signed(MALLORY));
			},
			Step::Settle(older, newer) => {
				let _ = Models::settle_reuse(RuntimeOrigin::root(), pick(older), pick(newer));
			},
			Step::Contest(version) => {
				let _ = Models::contest(signed(BEN), pick(version), [1; 32]);
			},
			Step::Resolve(version, upheld) => {
				let ruling = if upheld {
					Ruling::Upheld { rows: vec![2].try_into().unwrap(), model: true }
				} else {
					Ruling::Dismissed
				};
				let _ = Models::resolve_contest(RuntimeOrigin::root(), pick(version), BEN, ruling);
			},
			Step::Pass(blocks) => pass(blocks),
		}
	}

	/// That the chain and the reference say the same of every planck.
	fn compare(&self) {
		for (id, record) in (0..).zip(&self.versions) {
			let table: Vec<_> = Models::ancestors(id).iter().map(|row| row.version).collect();
			let ancestors: Vec<_> = record.ancestors.iter().map(|(id, _)| *id).collect();
			assert_eq!(table, ancestors);
			for index in 0..ancestors.len() {
				assert_eq!(Models::royalty_due(id, index as u16), self.royalty_due(id, index));
			}
			for row in 0..SHARES.len() {
				assert_eq!(Models::revenue_due(id, row as u16), self.due(id, row));
			}
		}
		assert_eq!(pot(), ED + self.earned - self.paid);
	}

	/// What nobody is due: less than a planck for each party of each ledger.
	fn dust(&self) -> (Balance, Balance) {
		let (mut due, mut parties) = (0, 0);
		for (id, record) in (0..).zip(&self.versions) {
			due += (0..SHARES.len()).map(|row| self.due(id, row)).sum::<Balance>();
			due += (0..record.ancestors.len())
				.map(|index| self.royalty_due(id, index))
				.sum::<Balance>();
			parties += record.ancestors.len() + SHARES.len();
		}
		(pot() - ED - due, parties as Balance)
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(cases()))]

	#[test]
	fn histories_with_lineage_conserve_every_planck(steps in steps()) {
		ExtBuilder::default().build_and_execute(|| {
			for who in [ADA, BEN] {
				assert_ok!(Balances::mint_into(&who, 1_000_000 * UFR));
			}
			let tree = tensors(1..20);
			let mut world = World::default();
			// Three generations, and one that shares their weights and says nothing of them.
			for (royalty, parents) in [(50_000, &[][..]), (33_333, &[0]), (1, &[1]), (7_777, &[])] {
				world.add(royalty, parents, &tree);
				accept_all(NextVersion::<Test>::get() - 1);
				pass(CONTEST_WINDOW);
			}
			world.add(0, &[3], &tree);
			for step in steps {
				world.step(step, &tree);
				world.compare();
			}
			let (dust, parties) = world.dust();
			assert!(dust <= parties);
			check(0);
		});
	}
}
