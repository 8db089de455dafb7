//! Why a request is not accepted. Nothing was charged and nothing changed.

use usufruct_primitives::{Balance, BlockNumber, ModelId, Seq, VersionId};

/// A refusal by the rules of money. Each says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
	/// The oracle may not serve at all.
	#[error(
		"this oracle is not bonded at the finalised block {head}; use another one, or wait until \
		 its operator has bonded it"
	)]
	OracleNotBonded {
		/// The finalised block.
		head: BlockNumber,
	},
	/// The version may not be served any more.
	#[error("version {version} is deprecated on the chain; use a newer one")]
	Deprecated {
		/// The version.
		version: VersionId,
	},
	/// The oracle has no price for it.
	#[error(
		"this oracle has no ask for version {version} at the finalised block; use another one, or \
		 wait until its operator has set one"
	)]
	NotOffered {
		/// The version.
		version: VersionId,
	},
	/// The price named is not the ask.
	#[error("the request names {named} planck per unit, but the oracle asks {ask}; sign it again at that price")]
	PriceMismatch {
		/// The price in the request.
		named: Balance,
		/// The oracle's.
		ask: Balance,
	},
	/// The request is larger than its voucher allows.
	#[error("the request is {units} units, but allows {max_units}; sign it again with max_units {units}")]
	MaxUnitsTooLow {
		/// What it is.
		units: u64,
		/// What it allows.
		max_units: u64,
	},
	/// It is in order, and cannot be run now.
	#[error(transparent)]
	Hindered(#[from] Hindrance),
	/// No such channel is final.
	#[error(
		"the channel does not exist at the finalised block {head}; open it, or wait until the \
		 block that opened it is final, and send the request again"
	)]
	ChannelUnknown {
		/// The finalised block.
		head: BlockNumber,
	},
	/// The channel pays somebody else.
	#[error(
		"the channel pays another oracle; send the request there, or open a channel to this one"
	)]
	ChannelOfAnotherOracle,
	/// The channel is for another model.
	#[error(
		"the channel pays for model {channel}, but this version belongs to model {model}; open a \
		 channel for that model"
	)]
	ChannelOfAnotherModel {
		/// The channel's model.
		channel: ModelId,
		/// The model asked for.
		model: ModelId,
	},
	/// The channel is on its way to be closed.
	#[error("the channel is closing and pays for nothing new; open another one")]
	ChannelClosing,
	/// The oracle's log lacks receipts that the chain has settled.
	#[error(
		"the chain has settled {settled} receipts of this channel, but the oracle's log holds {held}: \
		 it would number receipts twice; close the channel and open another one"
	)]
	LogBehindChain {
		/// Receipts settled.
		settled: Seq,
		/// Receipts held.
		held: Seq,
	},
	/// The signature does not hold.
	#[error(
		"the voucher is not signed by the channel's key for this chain and this channel; check the \
		 genesis hash, the channel id and the key, and sign again"
	)]
	BadSignature,
	/// The voucher asks for another request.
	#[error(
		"the voucher commits to another request; sign one for exactly this request id, model \
		 version, input, salt, units and price"
	)]
	VoucherForAnotherRequest,
	/// The request id was used with another request.
	#[error("this request id was used for another request in this channel; draw a new one")]
	RequestIdReused,
	/// The answer is no longer kept.
	#[error(
		"this request was answered, charged once and its receipt accepted; neither is kept any longer: \
		 send it under a new request id"
	)]
	AnswerGone,
	/// The same request is being served now.
	#[error("this very request is being served; send it again in a moment to fetch its answer")]
	InProgress,
	/// The price is above what the channel allows.
	#[error(
		"one unit costs {price} planck, but the channel pays at most {maximum}; open a channel with a \
		 higher max_unit_price, or use another oracle"
	)]
	PriceTooHigh {
		/// The oracle's price.
		price: Balance,
		/// The channel's maximum.
		maximum: Balance,
	},
	/// The request's maximum is no amount.
	#[error("units times price is more than any channel can hold; ask for fewer units")]
	AmountTooLarge,
	/// The voucher may not be served any more.
	#[error(
		"the voucher may be served until block {serve_until}, but block {head} is final; sign one \
		 with a later serve_until"
	)]
	Expired {
		/// The voucher's last block.
		serve_until: BlockNumber,
		/// The finalised block.
		head: BlockNumber,
	},
	/// The acknowledgement names a receipt that was never issued.
	#[error(
		"the voucher acknowledges receipt {ack_seq}, but only {issued} were issued; acknowledge \
		 receipts you hold"
	)]
	AckUnknown {
		/// Acknowledged.
		ack_seq: Seq,
		/// Issued.
		issued: Seq,
	},
	/// The acknowledged total is not that of the receipt.
	#[error(
		"the voucher acknowledges a total of {ack_total} planck at receipt {ack_seq}, which says \
		 {total}; acknowledge the receipt's own total"
	)]
	AckMismatch {
		/// Acknowledged receipt.
		ack_seq: Seq,
		/// Total acknowledged.
		ack_total: Balance,
		/// Total of that receipt.
		total: Balance,
	},
	/// The acknowledgement is far behind the newest one.
	#[error(
		"the voucher acknowledges receipt {ack_seq}, long before the newest acknowledgement; sign \
		 one that acknowledges your latest receipts (from {first} on)"
	)]
	AckTooOld {
		/// Acknowledged.
		ack_seq: Seq,
		/// The first that is still accepted.
		first: Seq,
	},
	/// A voucher that contradicts an earlier one, or is older than one whose key was replaced.
	#[error(
		"the voucher's cap or acknowledgement is below that of an earlier one; neither may ever fall, and \
		 what a former key signed covers nothing new: sign with cap at least {cap} and ack_seq at least \
		 {ack_seq}"
	)]
	VoucherFell {
		/// The newest voucher's cap.
		cap: Balance,
		/// The newest voucher's acknowledgement.
		ack_seq: Seq,
	},
	/// The cap does not cover the request.
	#[error(
		"with this request the channel would be charged up to {needed} planck, but the voucher caps \
		 it at {cap}; sign a cap of at least {needed}"
	)]
	CapTooLow {
		/// Charged so far, in flight, and this request.
		needed: Balance,
		/// The newest voucher's cap.
		cap: Balance,
	},
	/// Too much would be unacknowledged.
	#[error(
		"with this request {unacknowledged} planck would be unacknowledged, but the channel allows \
		 {maximum}; acknowledge the receipts you hold in the next voucher, or wait for what is in \
		 flight"
	)]
	Unacknowledged {
		/// What would be unacknowledged.
		unacknowledged: Balance,
		/// The channel's maximum.
		maximum: Balance,
	},
	/// Too many receipts are unacknowledged, whatever their amounts.
	#[error(
		"{count} receipts of this channel are unacknowledged; acknowledge them in the next voucher"
	)]
	TooManyUnacknowledged {
		/// How many.
		count: u64,
	},
	/// Too many requests failed whose receipts are not settled.
	#[error(
		"{count} failed receipts of {whose} wait to be settled, and the oracle keeps no more: they are \
		 settled together with what was served, so wait for that; where nothing was served, close the \
		 channel and open another one, and find out why your requests fail"
	)]
	TooManyFailed {
		/// How many.
		count: u64,
		/// Whose they are.
		whose: &'static str,
	},
	/// The escrow does not cover the request.
	#[error(
		"with this request the channel would be charged up to {needed} planck, but at the finalised \
		 block it holds {covered} in all; top it up with at least {missing} and wait for finality"
	)]
	EscrowTooLow {
		/// Charged so far, in flight, and this request.
		needed: Balance,
		/// Settled, and escrow.
		covered: Balance,
		/// The difference.
		missing: Balance,
	},
	/// The bond does not cover the request.
	#[error(
		"the oracle's free bond does not cover what is unsettled with this request (missing \
		 {missing} planck); use another oracle, or try again when its older settlements are unlocked"
	)]
	BondTooLow {
		/// By how much.
		missing: Balance,
		/// In how many seconds it may be enough.
		retry_s: u64,
	},
	/// The chain is not seen, and what is risked meanwhile is used up.
	#[error(
		"the oracle has seen no finalised block since {head} and accepts no more than {limit} planck \
		 until it does; stored answers are given meanwhile: use another oracle, or try again later"
	)]
	ChainUnseen {
		/// The last finalised block.
		head: BlockNumber,
		/// What is risked, in planck.
		limit: Balance,
	},
	/// Too little of the bond is left for anything new.
	#[error(
		"the oracle accepts nothing new until more of its bond is spare ({spare} planck are, \
		 {wanted} must be); it settles and gives stored answers meanwhile: use another oracle, or try \
		 again when its older settlements are unlocked"
	)]
	Paused {
		/// What is spare, in planck.
		spare: Balance,
		/// What must be, in planck.
		wanted: Balance,
		/// In how many seconds it may be.
		retry_s: u64,
	},
}

impl Refusal {
	/// After how many seconds asking again may help, where that is known.
	pub fn retry_s(&self) -> Option<u64> {
		match self {
			Self::BondTooLow { retry_s, .. } | Self::Paused { retry_s, .. } => Some(*retry_s),
			// About as often as there are settlements.
			Self::TooManyFailed { .. } => Some(600),
			Self::Hindered(hindrance) => hindrance.retry_s(),
			_ => None,
		}
	}
}

/// Why a request that is in order cannot be run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
	/// Its key has its share of the queue.
	#[error(
		"as many requests of this channel's key wait for the model as its share of the queue is; wait \
		 for answers before you send more"
	)]
	Share {
		/// In how many seconds there may be room.
		retry_s: u64,
	},
	/// The queue is full.
	#[error("as many requests wait for this model as it takes; send it again in a moment, or use another oracle")]
	Queue {
		/// In how many seconds there may be room.
		retry_s: u64,
	},
	/// As many requests as may be are being served.
	#[error("as many requests are being served as this oracle takes; send it again in a moment, or use another one")]
	Connections,
	/// Its key has its share of the memory for requests.
	#[error(
		"requests of this channel's key take as much memory as its share is; wait for answers before you \
		 send more, or send less in one request"
	)]
	HeldByKey,
	/// There is no memory for another request.
	#[error(
		"requests take as much memory as they may; send it again in a moment, send less in one request, or \
		 use another oracle"
	)]
	Held,
	/// Nothing is there that runs the model.
	#[error("the model's workers are being started again; send it again in a moment")]
	Down,
	/// There is no memory for the model.
	#[error("the models in use leave no memory for this one; send it again in a moment, or use another oracle")]
	Memory,
	/// The model cannot be loaded.
	#[error("the oracle cannot load the model, and its operator was told; use another one")]
	Unloadable {
		/// In how many seconds it is tried again.
		retry_s: u64,
	},
	/// The deadline is over.
	#[error("the deadline was over before the request was accepted; nothing is charged")]
	Late,
	/// This input ended its worker.
	#[error(
		"a worker that ran this very input within the last hour did not survive it, or ran out of time; \
		 send another input"
	)]
	Input,
	/// The key ended too many workers.
	#[error(
		"requests of this channel's key ended {ended} workers within an hour, and nothing of it is \
		 accepted for {retry_s} seconds: find out which inputs do that, and leave them out"
	)]
	Key {
		/// How many.
		ended: u32,
		/// For how many seconds.
		retry_s: u64,
	},
}

impl Hindrance {
	fn retry_s(self) -> Option<u64> {
		match self {
			Self::Share { retry_s }
			| Self::Queue { retry_s }
			| Self::Unloadable { retry_s }
			| Self::Key { retry_s, .. } => Some(retry_s),
			_ => None,
		}
	}
}
