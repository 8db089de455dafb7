//! Plays an input: each record becomes an action, perhaps a twisted one, and after each action
//! everything is checked.

use super::{
	bonds, bounties, checks, common,
	dice::{Dice, HEAD, RECORD},
	disputes, fraud, market, people, polls, registry,
	world::{Caller, Move, Settled, Tried, World},
};
use crate::{
	chain::{events_from, now},
	keys::{account, actor},
	transactions::{general, signed},
};
use codec::{DecodeLimit, Encode};
use frame_support::{
	dispatch::{GetDispatchInfo, PostDispatchInfo},
	traits::{Get, GetCallMetadata, UnfilteredDispatchable},
};
use pallet_usage::{Fraud, SubmittedClaim};
use sp_runtime::traits::Dispatchable;
use usufruct_primitives::{BatchNo, BlockNumber};
use usufruct_runtime::{
	Executive, Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, UncheckedExtrinsic,
};

/// What makes a move of decisions; or does something the chain does not see, and makes none.
type Maker = fn(&mut World, &mut Dice) -> Option<Move>;

/// All actions. Recorded inputs name them by their place: append, never insert.
pub const MAKERS: &[(&str, Maker)] = &[
	("blocks", common::blocks),
	("jump", common::jump),
	("epochs", common::epochs),
	("again", common::again),
	("transfer", common::transfer),
	("give", common::give),
	("add_proxy", common::add_proxy),
	("withdraw", common::withdraw),
	("serve", market::serve),
	("serve", market::serve),
	("serve", market::serve),
	("serve", market::serve),
	("open_channel", market::open_channel),
	("top_up", market::top_up),
	("settle", market::settle),
	("settle", market::settle),
	("settle", market::settle),
	("request_close", market::request_close),
	("finalise_close", market::finalise_close),
	("set_split", market::set_split),
	("flush", market::flush),
	("collect", market::collect),
	("set_channel_key", market::set_channel_key),
	("close_together", market::close_together),
	("checkpoint", market::checkpoint),
	("pay_royalty", market::pay_royalty),
	("set_organisation", market::set_organisation),
	("set_slope", market::set_slope),
	("report_double", fraud::report_double),
	("report_leaf", fraud::report_leaf),
	("report_pair", fraud::report_pair),
	("demand", fraud::demand),
	("answer_demand", fraud::answer_demand),
	("enforce_demand", fraud::enforce_demand),
	("register_oracle", bonds::register),
	("set_ask", bonds::set_ask),
	("bond_more", bonds::bond_more),
	("unbond", bonds::unbond),
	("withdraw_unbonded", bonds::withdraw_unbonded),
	("set_endpoint", bonds::set_endpoint),
	("set_receipt_key", bonds::set_receipt_key),
	("register_model", registry::register_model),
	("add_version", registry::add_version),
	("deprecate", registry::deprecate),
	("claim_revenue", registry::claim_revenue),
	("set_licence", registry::set_licence),
	("move_royalty", registry::move_royalty),
	("accept_row", registry::accept_row),
	("forfeit_row", registry::forfeit_row),
	("announce_floor", registry::announce_floor),
	("contest", registry::contest),
	("resolve_contest", registry::resolve_contest),
	("transfer_row", registry::transfer_row),
	("transfer_model", registry::transfer_model),
	("accept_model", registry::accept_model),
	("prove_reuse", registry::prove_reuse),
	("settle_reuse", registry::settle_reuse),
	("register_person", people::register),
	("renew", people::renew),
	("revoke", people::revoke),
	("remove", people::remove),
	("add_domain", people::add_domain),
	("add_verifier", people::add_verifier),
	("set_quorum", people::set_quorum),
	("retire_verifier", people::retire_verifier),
	("claim", people::claim),
	("claim_for", people::claim_for),
	("claim_to_channel", people::claim_to_channel),
	("set_payout", people::set_payout),
	("set_claims_alone", people::set_claims_alone),
	("donate", people::donate),
	("pause", people::pause),
	("resume", people::resume),
	("set_params", people::set_params),
	("set_bonus", people::set_bonus),
	("refute_reuse", registry::refute_reuse),
	("confirm_reuse", registry::confirm_reuse),
	("lapse_contest", registry::lapse_contest),
	("forget_keys", bonds::forget_keys),
	("set_settle_limit", bonds::set_settle_limit),
	("sweep_batches", market::sweep_batches),
	("sweep_fees", market::sweep_fees),
	("post_bond", people::post_bond),
	("withdraw_bond", people::withdraw_bond),
	("suspend_verifier", people::suspend_verifier),
	("resume_verifier", people::resume_verifier),
	("confirm_suspension", people::confirm_suspension),
	("recover", people::recover),
	("veto", people::veto),
	("complete_recovery", people::complete_recovery),
	("reinstate", people::reinstate),
	("open_programme", people::open_programme),
	("join_programme", people::join_programme),
	("leave_programme", people::leave_programme),
	("claim_programme", people::claim_programme),
	("crowd", people::crowd),
	("challenge", disputes::challenge),
	("draw_jury", disputes::draw_jury),
	("vote_case", disputes::vote_case),
	("vote_case", disputes::vote_case),
	("vote_case", disputes::vote_case),
	("resolve_case", disputes::resolve_case),
	("decide_appeal", disputes::decide_appeal),
	("close_case", disputes::close_case),
	("submit_poll", polls::submit),
	("place_deposit", polls::place_deposit),
	("refund", polls::refund),
	("vote", polls::vote),
	("vote", polls::vote),
	("remove_vote", polls::remove_vote),
	("cleanup_poll", polls::cleanup_poll),
	("propose", polls::propose),
	("cosign", polls::cosign),
	("submit_proposal", polls::submit_proposal),
	("cleanup_proposal", polls::cleanup_proposal),
	("authorise_upgrade", polls::authorise_upgrade),
	("pause_call", polls::pause_call),
	("fund_bounty", bounties::fund),
	("fund_child_bounty", bounties::fund_child),
	("propose_curator", bounties::propose_curator),
	("accept_curator", bounties::accept_curator),
	("unassign_curator", bounties::unassign_curator),
	("award_bounty", bounties::award),
	("close_bounty", bounties::close),
	("check_status", bounties::check_status),
	("check_status", bounties::check_status),
	("increase_value", bounties::increase_value),
	("stop_verifier", people::stop_verifier),
	("end_programme", people::end_programme),
	("admit", common::admit),
	("dismiss", common::dismiss),
];

/// Whether a call succeeded, or why not.
type Outcome = Result<(), String>;

/// The most actions in one block.
const ACTIONS_PER_BLOCK: usize = 8;

/// Plays all records of an input; stops with what is broken.
pub fn play(world: &mut World, input: &[u8]) -> Result<(), String> {
	for record in input.chunks(RECORD) {
		let (head, tail) = record.split_at(record.len().min(HEAD));
		let Some((kind, decisions)) = head.split_first() else { continue };
		let Some((name, maker)) = MAKERS.get(usize::from(*kind)) else { continue };
		let made = maker(world, &mut Dice::new(decisions));
		let mut result = Ok(());
		if let Some(made) = made {
			result = world.act(made, &mut Dice::new(tail));
		}
		world.actions += 1;
		if world.actions.is_multiple_of(ACTIONS_PER_BLOCK) {
			world.skip(1);
		}
		result
			.and_then(|()| world.observe(&[]))
			.and_then(|()| checks::check(world))
			.map_err(|error| format!("after {name}: {error}"))?;
	}
	Ok(())
}

/// All settlements in a call, however deep.
fn settlements(call: &RuntimeCall, found: &mut Vec<Tried>) {
	match call {
		RuntimeCall::Usage(pallet_usage::Call::settle { batch_no, root, claims, .. }) => {
			found.push(Tried { batch_no: *batch_no, root: *root, claims: claims.to_vec() })
		},
		RuntimeCall::Utility(
			pallet_utility::Call::batch { calls }
			| pallet_utility::Call::batch_all { calls }
			| pallet_utility::Call::force_batch { calls },
		) => calls.iter().for_each(|call| settlements(call, found)),
		RuntimeCall::Proxy(pallet_proxy::Call::proxy { call, .. })
		| RuntimeCall::Sudo(pallet_sudo::Call::sudo { call }) => settlements(call, found),
		_ => (),
	}
}

/// A call with one of its bytes changed, if it still is a call.
fn with_a_byte_changed(call: &RuntimeCall, dice: &mut Dice) -> Option<RuntimeCall> {
	let mut bytes = call.encode();
	// The first two say which call it is.
	let place = 2 + (usize::from(dice.byte()) * 256 + usize::from(dice.byte())) % bytes.len();
	*bytes.get_mut(place)? ^= 1 << (place % 8);
	RuntimeCall::decode_all_with_depth_limit(8, &mut &bytes[..]).ok()
}

fn apply(transaction: UncheckedExtrinsic) -> Outcome {
	match Executive::apply_extrinsic(transaction) {
		Ok(applied) => applied.map_err(|error| format!("{error:?}")),
		Err(error) => Err(format!("{error:?}")),
	}
}

/// The next block in which something is to be done.
fn next_on_the_agenda() -> Option<u32> {
	pallet_scheduler::Agenda::<Runtime>::iter_keys().filter(|block| *block > now()).min()
}

impl World {
	/// Ends the block and begins that which is so much later. Blocks in which something is on the
	/// agenda are made on the way.
	pub fn skip(&mut self, blocks: u32) {
		let end = now().saturating_add(blocks.max(1));
		while now() < end {
			let next = next_on_the_agenda().map_or(end, |next| next.min(end));
			let ends = self.observe(&[]);
			self.clock.skip(next - now());
			self.seen = 0;
			ends.and_then(|()| self.observe(&[])).expect("what happens between blocks is in order");
		}
	}

	/// Twists a move as the dice say, and makes it.
	fn act(&mut self, made: Move, dice: &mut Dice) -> Result<(), String> {
		let form = dice.byte();
		let Move { mut caller, mut call } = made;
		let mut times = 1;
		match dice.byte() {
			170..=184 if matches!(caller, Caller::Signed(_)) => {
				caller = Caller::Signed(account(dice.below(8)));
			},
			185..=204 => {
				call = with_a_byte_changed(&call, dice).unwrap_or(call);
				if let (Caller::Signed(who), RuntimeCall::Usage(_)) = (&caller, &call) {
					// What it settles now is no honest oracle's any more.
					self.dishonest.insert(who.clone());
				}
			},
			205..=214 => {
				let calls = vec![call.clone(), call];
				call = pallet_utility::Call::<Runtime>::force_batch { calls }.into();
			},
			215..=224 => {
				let calls = vec![call];
				call = pallet_utility::Call::<Runtime>::batch_all { calls }.into();
			},
			225..=239 => {
				if let Caller::Signed(real) = &caller {
					let delegate = account(dice.below(8));
					call = common::through_proxy(real, call);
					caller = Caller::Signed(delegate);
				}
			},
			240..=249 => times = 2,
			_ => (),
		}
		let mut tried = Vec::new();
		settlements(&call, &mut tried);
		self.past.push(Move { caller: caller.clone(), call: call.clone() });
		for _ in 0..times {
			let succeeds = match &caller {
				Caller::Signed(who) if form.is_multiple_of(4) => self.send(who, call.clone()),
				Caller::Nobody => apply(general(call.clone())),
				_ => self.dispatch(&caller, call.clone())?,
			};
			if self.loud {
				let metadata = call.get_call_metadata();
				let outcome = succeeds.as_ref().err().map_or("succeeds", String::as_str);
				println!("{}.{}: {outcome}", metadata.pallet_name, metadata.function_name);
			}
			if succeeds.is_ok() {
				let metadata = call.get_call_metadata();
				self.reached.insert((metadata.pallet_name, metadata.function_name));
			}
			self.observe(&tried)?;
		}
		Ok(())
	}

	/// Makes a call as a block's transaction would, but for what surrounds it.
	fn dispatch(&self, caller: &Caller, call: RuntimeCall) -> Result<Outcome, String> {
		let declared = call.get_dispatch_info().call_weight;
		let result = match caller {
			Caller::Signed(who) => call.dispatch(RuntimeOrigin::signed(who.clone())),
			Caller::Root => call.dispatch_bypass_filter(RuntimeOrigin::root()),
			Caller::Nobody => call.dispatch(RuntimeOrigin::none()),
			Caller::Poll(origin) => call.dispatch((*origin).into()),
		};
		let (succeeds, PostDispatchInfo { actual_weight, .. }) = match result {
			Ok(info) => (Ok(()), info),
			Err(error) => (Err(format!("{:?}", error.error)), error.post_info),
		};
		match actual_weight {
			Some(actual) if actual.any_gt(declared) => {
				Err(format!("it weighs {actual:?} and says {declared:?}"))
			},
			_ => Ok(succeeds),
		}
	}

	/// Makes a call as a whole transaction, with signature, nonce and fee.
	fn send(&self, who: &usufruct_runtime::AccountId, call: RuntimeCall) -> Outcome {
		let Some(pair) = actor(who) else { return Err("nobody has the key".into()) };
		apply(signed(pair, call))
	}

	/// Takes in what happened since the last time; `tried` are the settlements that may have.
	pub fn observe(&mut self, tried: &[Tried]) -> Result<(), String> {
		let events = events_from(self.seen);
		self.seen += events.len();
		for event in events {
			self.ledger.book(&event)?;
			let RuntimeEvent::Usage(event) = event else { continue };
			match event {
				pallet_usage::Event::ChannelOpened {
					channel_id, consumer, oracle, model, ..
				} => self.opened(channel_id, consumer, oracle, model),
				pallet_usage::Event::Settled {
					oracle,
					batch_no,
					root,
					accepted_total,
					skipped,
					..
				} => {
					let same = |one: &&Tried| one.batch_no == batch_no && one.root == root;
					let tried = tried.iter().find(same).ok_or("a settlement nobody tried")?;
					let refused = |nth: usize| {
						skipped.iter().any(|skipped| usize::from(skipped.index) == nth)
					};
					self.take_in(oracle, tried, accepted_total, refused)?;
				},
				pallet_usage::Event::OracleConvicted { oracle, batch_no, fraud, .. } => {
					self.judge(&oracle, batch_no, fraud)?
				},
				_ => (),
			}
		}
		Ok(())
	}

	/// Takes in a batch: no receipt of it was settled before, and totals go on where they were.
	fn take_in(
		&mut self,
		oracle: usufruct_runtime::AccountId,
		tried: &Tried,
		accepted_total: u128,
		refused: impl Fn(usize) -> bool,
	) -> Result<(), String> {
		let mut paid = 0;
		let mut claims = Vec::new();
		for (nth, claim) in tried.claims.iter().enumerate() {
			let accepted = !refused(nth);
			claims.push(SubmittedClaim::new(claim, accepted));
			if !accepted {
				continue;
			}
			let known = self.settled.entry(claim.channel_id).or_default();
			let (seq, total) = *known;
			if claim.from_seq != seq + 1 || claim.to_seq < claim.from_seq {
				return Err(format!(
					"a receipt is settled twice or left out after {seq}: {claim:?}"
				));
			}
			if claim.total_before != total || claim.total_after < total {
				return Err(format!("a total does not go on from {total}: {claim:?}"));
			}
			*known = (claim.to_seq, claim.total_after);
			paid += claim.total_after - claim.total_before;
		}
		if paid != accepted_total {
			return Err(format!("claims of {paid} were accepted, {accepted_total} is said"));
		}
		let grown = self.trees.get(&tried.root).cloned().unwrap_or_default();
		// What was changed on the way does not stand under the root.
		let batch = pallet_usage::Batches::<Runtime>::get(&oracle, tried.batch_no)
			.ok_or("a batch is not kept")?;
		let fits = grown.len() == batch.count as usize
			&& grown.iter().map(|grown| grown.amount).sum::<u128>() == batch.total;
		let grown = if fits { grown } else { Vec::new() };
		self.batches.push(Settled { oracle, batch_no: tried.batch_no, claims, grown });
		Ok(())
	}

	/// Nobody is convicted who kept the rules, but for not answering.
	fn judge(
		&self,
		oracle: &usufruct_runtime::AccountId,
		batch_no: Option<BatchNo>,
		fraud: Fraud,
	) -> Result<(), String> {
		let excused = fraud == Fraud::Unanswered
			|| (fraud == Fraud::PriceBelowFloor && self.was_late(oracle, batch_no))
			|| self.dishonest.contains(oracle);
		if excused {
			return Ok(());
		}
		Err(format!("an honest oracle, {oracle}, was convicted of {fraud:?}"))
	}

	/// Whether a batch was settled so late that a floor can have risen twice before: a receipt that
	/// waited for that long is below both.
	fn was_late(&self, oracle: &usufruct_runtime::AccountId, batch_no: Option<BatchNo>) -> bool {
		let notice: BlockNumber = <Runtime as pallet_models::Config>::FloorNotice::get();
		let batch = batch_no.and_then(|no| pallet_usage::Batches::<Runtime>::get(oracle, no));
		batch.is_some_and(|batch| {
			self.floors.values().any(|first| first.saturating_add(2 * notice) <= batch.block)
		})
	}
}
