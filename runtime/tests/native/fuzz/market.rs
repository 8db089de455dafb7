//! Channels, service and settlement: what consumers and oracles do, and what they sign for it.

use super::{
	dice::Dice,
	world::{sign_closing, sign_voucher, Caller, Grown, Line, Move, Served, World},
};
use crate::{
	chain::{genesis_hash, now},
	keys::{account, key, place_of, Use},
};
use pallet_usage::{Call, Channel, ChannelState};
use usufruct_primitives::{
	commitment::Request,
	settlement::{Claim, ClaimVoucher},
	split::Split,
	tree::build,
	usage::{Closing, Receipt, Voucher},
	Balance, ChannelId, Meter, Status, VersionId, MILLI_UFR, PPM, UFR,
};
use usufruct_runtime::{AccountId, Runtime, RuntimeCall};

type Versions = pallet_models::Versions<Runtime>;
type Channels = pallet_usage::Channels<Runtime>;

pub(super) fn signed(caller: AccountId, call: impl Into<RuntimeCall>) -> Option<Move> {
	Some(Move { caller: Caller::Signed(caller), call: call.into() })
}

pub(super) fn root(call: impl Into<RuntimeCall>) -> Option<Move> {
	Some(Move { caller: Caller::Root, call: call.into() })
}

/// The registered oracles, in the order of their accounts.
pub(super) fn oracles() -> Vec<AccountId> {
	let mut oracles: Vec<_> = pallet_oracles::Oracles::<Runtime>::iter_keys().collect();
	oracles.sort();
	oracles
}

/// A channel that is not closed for good, and how it stands.
pub(super) fn open_line<'a>(world: &'a World, dice: &mut Dice) -> Option<(&'a Line, Channel)> {
	let open: Vec<_> = world.lines.iter().filter(|line| Channels::contains_key(line.id)).collect();
	let line = *dice.pick(&open)?;
	Some((line, Channels::get(line.id)?))
}

pub fn open_channel(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let consumer = account(dice.below(8));
	let oracles = oracles();
	let oracle = dice.pick(&oracles).cloned().unwrap_or_else(|| account(2));
	let models = pallet_models::NextModel::<Runtime>::get();
	let last = pallet_usage::LastSalt::<Runtime>::get(&consumer);
	signed(
		consumer,
		Call::open_channel {
			oracle,
			model: dice.below(models as usize) as u32,
			salt: last.map_or(0, |last| last.saturating_add(1 + u64::from(dice.byte() / 64))),
			key: key(Use::Channel, dice.below(16)),
			escrow: dice.amount(10 * UFR),
			max_unit_price: dice.amount(10 * MILLI_UFR),
			max_unacked: dice.amount(200 * MILLI_UFR),
		},
	)
}

pub fn top_up(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (line, channel) = open_line(world, dice)?;
	signed(channel.consumer, Call::top_up { channel_id: line.id, amount: dice.amount(UFR) })
}

/// Half of the accounts are honest when they are oracles, whatever the dice say.
pub(super) fn is_virtuous(oracle: &AccountId) -> bool {
	place_of(oracle).is_some_and(|place| place % 2 == 0)
}

/// How many ways a receipt can be wrong in.
const VICES: u8 = 10;
/// The bytes from this one on decide for one of them.
const FIRST_VICE: u8 = 226;

fn spoil(receipt: &mut Receipt, vice: u8, others: &[Served], most: Balance) {
	match vice {
		0 => receipt.amount = receipt.amount.saturating_add(1),
		1 => receipt.status = Status::Failed,
		2 => receipt.meter = Meter::Pixel,
		3 => receipt.unit_price = 0,
		4 => receipt.unit_price = most.saturating_add(1),
		5 => receipt.units = receipt.units.saturating_add(1_000),
		6 => receipt.model ^= 1,
		7 => receipt.request_commit = [7; 32],
		8 => {
			if let Some(other) = others.last() {
				receipt.request_commit = other.receipt.request_commit;
			}
		},
		_ => receipt.total = receipt.total.saturating_add(1),
	}
	if vice != 0 {
		receipt.amount = receipt.unit_price.saturating_mul(receipt.units.into());
	}
}

/// A consumer asks and its oracle answers; the chain hears nothing of it.
pub fn serve(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (line, channel) = open_line(world, dice)?;
	let (id, oracle) = (line.id, line.oracle.clone());
	let versions: Vec<VersionId> = (0..pallet_models::NextVersion::<Runtime>::get())
		.filter(|version| {
			Versions::get(version)
				.is_some_and(|known| known.model == channel.model && known.is_open(now()))
		})
		.collect();
	let version = *dice.pick(&versions)?;
	let record = Versions::get(version)?;
	let floor = record.floor.at(now()).present;
	if floor > channel.max_unit_price {
		return None;
	}
	let units = u64::from(dice.byte() % 16);
	let unit_price = channel.max_unit_price.min(dice.amount(MILLI_UFR)).max(floor);
	let vice = dice.byte();
	let acknowledged = dice.byte();

	let line = world.lines.iter().position(|line| line.id == id)?;
	let request_id = world.draw();
	let request = Request {
		channel_id: id,
		request_id: request_id[..16].try_into().ok()?,
		model_version: version,
		input_commit: [1; 32],
		meter: record.meter,
		max_units: 16,
		unit_price,
	};
	let served = &mut world.lines[line].served;
	let last = served.last();
	let before = last.map_or(0, |last| last.receipt.total);
	let most = request.max_amount()?;
	// The consumer accepts all receipts it has, or stays one behind.
	let behind = usize::from(acknowledged < 64).min(served.len());
	let accepted = served.len() - behind;
	let ack_total = match accepted.checked_sub(1).and_then(|nth| served.get(nth)) {
		Some(accepted) => accepted.receipt.total,
		None => 0,
	};
	let voucher = Voucher {
		channel_id: id,
		cap: before.checked_add(most)?.max(last.map_or(0, |last| last.voucher.cap)),
		request_commit: request.commit(&genesis_hash()),
		ack_seq: accepted as u64,
		ack_total,
		serve_until: now().saturating_add(100),
	};
	let amount = unit_price.checked_mul(units.into())?;
	if before.checked_add(amount)? > voucher.chargeable(channel.max_unacked) {
		return None;
	}
	let signature = sign_voucher(&channel.key, &voucher)?;
	let mut receipt = Receipt {
		channel_id: id,
		seq: served.len() as u64 + 1,
		model: channel.model,
		model_version: version,
		meter: record.meter,
		status: Status::Served,
		units,
		unit_price,
		amount,
		total: 0,
		request_commit: voucher.request_commit,
		output_commit: [2; 32],
		started_ms: 0,
		took_ms: 1,
	};
	let vice = vice.checked_sub(FIRST_VICE).filter(|_| !is_virtuous(&oracle));
	if let Some(vice) = vice {
		spoil(&mut receipt, vice % VICES, served, channel.max_unit_price);
		world.dishonest.insert(oracle);
	}
	receipt.total = receipt.total.saturating_add(before.checked_add(receipt.amount)?);
	served.push(Served { receipt, request, voucher, signature, rotten: vice.is_some() });
	None
}

/// The next receipts of a channel that are not settled, at most `most` of them.
fn due(line: &Line, channel: &Channel, most: usize) -> Vec<Served> {
	let settled = usize::try_from(channel.settled_seq).unwrap_or(usize::MAX);
	line.served.iter().skip(settled).take(most).cloned().collect()
}

/// The claims for a run of receipts: one for each stretch of one version.
fn claims_for(run: &[Served], channel: &Channel, newest: &Served) -> Vec<Claim> {
	let voucher = ClaimVoucher {
		cap: newest.voucher.cap,
		request_commit: newest.voucher.request_commit,
		ack_seq: newest.voucher.ack_seq,
		ack_total: newest.voucher.ack_total,
		serve_until: newest.voucher.serve_until,
		signature: newest.signature,
	};
	let mut total_before = channel.settled_total;
	run.chunk_by(|one, next| one.receipt.model_version == next.receipt.model_version)
		.map(|stretch| {
			let (first, last) = (&stretch[0].receipt, &stretch[stretch.len() - 1].receipt);
			let claim = Claim {
				channel_id: first.channel_id,
				model_version: first.model_version,
				from_seq: first.seq,
				to_seq: last.seq,
				total_before,
				total_after: last.total,
				voucher: voucher.clone(),
			};
			total_before = last.total;
			claim
		})
		.collect()
}

/// How a tree is wrong, if it is.
fn graft(grown: &mut [Grown], vice: u8) {
	let last = grown.len() - 1;
	grown[0].rotten = true;
	grown[last].rotten = true;
	match vice {
		0 if last > 0 => grown.swap(0, last),
		1 if last > 0 && grown[last].amount > 0 => {
			grown[last].amount -= 1;
			grown[0].amount += 1;
		},
		2 => grown[0].receipt.seq += 1,
		3 if last > 0 => {
			grown[last].receipt.total ^= 1;
		},
		_ => grown[0].receipt.took_ms += 1,
	}
}

/// How a claim is wrong, if it is: what was settled before, or what never was, is to be paid.
fn reach_too_far(claim: &mut Claim, vice: u8) {
	match vice {
		// The last receipt that was settled, once more, for as much as the next ones cost.
		0 => claim.from_seq = claim.from_seq.saturating_sub(1),
		1 => {
			let run = claim.to_seq - claim.from_seq;
			claim.from_seq = 1;
			claim.to_seq = 1 + run;
		},
		2 => claim.from_seq = claim.to_seq,
		3 => claim.to_seq += 1,
		4 => claim.total_before = claim.total_before.saturating_sub(1),
		5 => claim.total_before = 0,
		6 => claim.total_after = claim.total_after.saturating_add(1),
		7 => claim.total_after = claim.voucher.cap,
		8 => claim.voucher.cap = Balance::MAX,
		_ => claim.voucher.ack_total = claim.total_after,
	}
}

pub fn settle(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let oracle = dice.pick(&oracles())?.clone();
	let mut lines: Vec<&Line> = world.lines_of(&oracle).collect();
	lines.sort_by_key(|line| line.id);
	let (skip, most) = (dice.byte(), 1 + dice.below(12));
	let vice = dice.byte();

	let (mut grown, mut claims) = (Vec::new(), Vec::new());
	for (nth, line) in lines.into_iter().enumerate() {
		// Most channels most of the time.
		if skip > 191 && usize::from(skip) % 3 == nth % 3 {
			continue;
		}
		let channel = Channels::get(line.id)?;
		let run = due(line, &channel, most);
		let Some(newest) = line.served.last().filter(|_| !run.is_empty()) else { continue };
		claims.extend(claims_for(&run, &channel, newest));
		grown.extend(run.into_iter().map(|served| Grown {
			amount: served.receipt.amount,
			receipt: served.receipt,
			request: served.request,
			rotten: served.rotten,
		}));
	}
	if grown.is_empty() {
		return None;
	}
	if vice > 235 && !is_virtuous(&oracle) {
		graft(&mut grown, vice % 5);
		world.dishonest.insert(oracle.clone());
	}
	let leaves: Vec<_> = grown.iter().map(Grown::leaf).collect();
	let top = build(&leaves).ok()?;
	world.trees.insert(top.hash, grown);
	if (200..=235).contains(&vice) && !is_virtuous(&oracle) {
		let claim = dice.below(claims.len());
		reach_too_far(&mut claims[claim], vice % 10);
		world.dishonest.insert(oracle.clone());
	}
	let claimed: Balance =
		claims.iter().filter_map(Claim::amount).try_fold(0, Balance::checked_add)?;
	let count: u64 = claims.iter().filter_map(Claim::count).try_fold(0, u64::checked_add)?;
	let batch_no = pallet_usage::OracleBooks::<Runtime>::get(&oracle).next_batch;
	signed(
		oracle,
		Call::settle {
			batch_no,
			root: top.hash,
			total: claimed,
			count: count.try_into().ok()?,
			claims: claims.try_into().ok()?,
		},
	)
}

pub fn request_close(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (line, channel) = open_line(world, dice)?;
	signed(channel.consumer, Call::request_close { channel_id: line.id })
}

pub fn finalise_close(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let closing: Vec<ChannelId> = world
		.lines
		.iter()
		.filter(|line| {
			Channels::get(line.id).is_some_and(|channel| channel.state != ChannelState::Open)
		})
		.map(|line| line.id)
		.collect();
	let channel_id = *dice.pick(&closing)?;
	signed(account(dice.below(8)), Call::finalise_close { channel_id })
}

pub fn set_split(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let dividend = 100_000 + 1_000 * u32::from(dice.byte());
	let commons = 20_000 + 700 * u32::from(dice.byte());
	let security = 10_000 + 350 * u32::from(dice.byte());
	let oracle = 200_000 + 600 * u32::from(dice.byte());
	let model = PPM.checked_sub(dividend + commons + security + oracle)?;
	root(Call::set_split { split: Split { dividend, commons, security, oracle, model } })
}

pub fn flush(_: &mut World, dice: &mut Dice) -> Option<Move> {
	signed(account(dice.below(8)), Call::flush {})
}

pub fn collect(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let mut oracles: Vec<_> = pallet_usage::OracleBooks::<Runtime>::iter_keys().collect();
	oracles.sort();
	signed(dice.pick(&oracles)?.clone(), Call::collect {})
}

pub fn set_channel_key(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (line, channel) = open_line(world, dice)?;
	let key = key(Use::Channel, dice.below(16));
	signed(channel.consumer, Call::set_channel_key { channel_id: line.id, key })
}

pub fn close_together(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (line, channel) = open_line(world, dice)?;
	let closing = Closing {
		channel_id: line.id,
		final_seq: channel.settled_seq,
		final_total: channel.settled_total,
	};
	let signature = sign_closing(&channel.key, &closing)?;
	signed(
		channel.oracle,
		Call::close_together {
			channel_id: line.id,
			final_seq: closing.final_seq,
			final_total: closing.final_total,
			signature,
		},
	)
}

pub fn checkpoint(world: &mut World, dice: &mut Dice) -> Option<Move> {
	let (line, _) = open_line(world, dice)?;
	let back = usize::from(dice.byte() / 64);
	let Served { voucher, signature, .. } = line.served.iter().rev().nth(back)?.clone();
	signed(account(dice.below(8)), Call::checkpoint { voucher, signature })
}

pub fn pay_royalty(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let versions = pallet_models::NextVersion::<Runtime>::get();
	signed(
		account(dice.below(6)),
		Call::pay_royalty {
			version: dice.below(versions as usize) as VersionId,
			amount: dice.amount(20 * UFR),
			memo: Default::default(),
		},
	)
}

pub fn set_organisation(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::set_organisation { account: account(dice.below(8)), listed: !dice.rarely() })
}

pub fn set_slope(_: &mut World, dice: &mut Dice) -> Option<Move> {
	root(Call::set_slope { slope: 5_000 * u32::from(dice.byte()) })
}

pub fn sweep_batches(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let oracle = dice.pick(&oracles())?.clone();
	signed(account(dice.below(8)), Call::sweep_batches { oracle })
}

pub fn sweep_fees(_: &mut World, dice: &mut Dice) -> Option<Move> {
	let mut owners: Vec<_> = pallet_usage::FeesByOwner::<Runtime>::iter_keys().collect();
	owners.sort();
	let owner = dice.pick(&owners)?.clone();
	signed(account(dice.below(8)), Call::sweep_fees { owner })
}
