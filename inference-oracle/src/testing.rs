//! A consumer, a chain in memory, and models made of a few bytes, for the tests of all modules.

pub mod alone;
pub mod memory;
pub mod onnx;
pub mod serving;
pub mod skip;

use crate::{
	book::{Book, Due, Order, Standing, Terms},
	chain::{
		finality::Block, Bonding, ChainError, Challenges, Channels, Demand, Demands, Head, Lookup,
		Settled, Settlement, SubmitError, VersionState,
	},
	demands::Answer,
	engine::library::{OnnxLibrary, OnnxRuntime},
	ledger::Ledger,
	settle::{Batch, Prices},
};
use ed25519_dalek::SigningKey;
use futures::future::{BoxFuture, FutureExt};
use std::{
	collections::{HashMap, HashSet},
	path::{Path, PathBuf},
	sync::{Arc, Mutex, MutexGuard, OnceLock, Weak},
};
use tokio::sync::watch;
use usufruct_client::oracle_api::SignedVoucher;
use usufruct_primitives::{
	commitment::Request,
	settlement::Claim,
	tree::{verify, Leaf, Node},
	usage::{channel_id, Receipt, Voucher},
	AccountBytes, Balance, BatchNo, BlockNumber, ChannelId, Hash, Meter, ModelId, PublicKey, Seq,
	VersionId, UFR,
};

pub const GENESIS: Hash = [7; 32];
pub const ORACLE: AccountBytes = [1; 32];
pub const MODEL: ModelId = 3;
pub const VERSION: VersionId = 30;
pub const PRICE: Balance = 1_000;
pub const HEAD: BlockNumber = 100;

pub fn receipt_key() -> SigningKey {
	SigningKey::from_bytes(&[42; 32])
}

pub fn standing() -> Standing {
	let bond = 1_000 * UFR;
	Standing { head: HEAD, active: true, bond, free_bond: bond, unlocks: vec![] }
}

/// A channel with its key, and what its owner has promised and accepted.
#[derive(Clone)]
pub struct Consumer {
	pub key: SigningKey,
	pub channel: ChannelId,
	pub cap: Balance,
	pub ack: (Seq, Balance),
	pub next: u128,
	/// In its vouchers.
	pub serve_until: BlockNumber,
}

impl Consumer {
	pub fn new(salt: u64) -> Self {
		let consumer = [salt as u8; 32];
		Self {
			key: SigningKey::from_bytes(&[(salt as u8).wrapping_add(100); 32]),
			channel: channel_id(&GENESIS, &consumer, &ORACLE, MODEL, salt),
			cap: 0,
			ack: (0, 0),
			next: u128::from(salt) << 64,
			serve_until: HEAD + 100,
		}
	}

	/// One whose vouchers hold however many blocks pass.
	pub fn patient(salt: u64) -> Self {
		Self { serve_until: BlockNumber::MAX, ..Self::new(salt) }
	}

	pub fn terms(&self) -> Terms {
		Terms {
			consumer: [0; 32],
			oracle: ORACLE,
			model: MODEL,
			key: self.key.verifying_key().to_bytes(),
			escrow: UFR,
			max_unit_price: 2 * PRICE,
			max_unacked: 100 * PRICE,
			settled_seq: 0,
			settled_total: 0,
			closes_at: None,
			former_until: None,
		}
	}

	/// A new order of one unit.
	pub fn order(&mut self) -> Order {
		self.next += 1;
		Order {
			request: Request {
				channel_id: self.channel,
				request_id: self.next.to_le_bytes(),
				model_version: VERSION,
				input_commit: [9; 32],
				meter: Meter::Request,
				max_units: 1,
				unit_price: PRICE,
			},
			model: MODEL,
			salt: [5; 32],
			units: 1,
		}
	}

	/// Raises the cap by what the order may cost, and signs.
	pub fn pay(&mut self, order: &Order) -> SignedVoucher {
		self.cap += order.request.max_amount().unwrap();
		self.sign(order)
	}

	/// Signs at the present cap.
	pub fn sign(&self, order: &Order) -> SignedVoucher {
		self.sign_with(order, |_| ())
	}

	pub fn sign_with(&self, order: &Order, change: impl FnOnce(&mut Voucher)) -> SignedVoucher {
		let mut voucher = Voucher {
			channel_id: self.channel,
			cap: self.cap,
			request_commit: order.request.commit(&GENESIS),
			ack_seq: self.ack.0,
			ack_total: self.ack.1,
			serve_until: self.serve_until,
		};
		change(&mut voucher);
		SignedVoucher::sign(voucher, &self.key, &GENESIS)
	}

	pub fn acknowledge(&mut self, receipt: &Receipt) {
		self.ack = (receipt.seq, receipt.total);
	}
}

/// A chain in memory. Blocks are final when [`MemoryChain::finalise`] says so.
pub struct MemoryChain {
	state: Mutex<State>,
	heads: watch::Sender<Arc<Head>>,
	ledger: Mutex<Weak<Ledger>>,
	/// Held while a block becomes final: they do so one after the other.
	finalising: Mutex<()>,
}

pub struct State {
	pub channels: HashMap<ChannelId, Terms>,
	/// The keys before theirs: what they signed counts as long as the terms say.
	pub former: HashMap<ChannelId, PublicKey>,
	pub not_final: HashSet<ChannelId>,
	pub head: Head,
	pub roots: Vec<Batch>,
	/// What was submitted, whatever became of it.
	pub submitted: Vec<Batch>,
	/// Outcomes of the next submissions instead of the honest one.
	pub faults: Vec<Fault>,
	/// Channels whose claims are skipped.
	pub skip: HashSet<ChannelId>,
	/// Settlements before this one can no longer be demanded.
	pub past: BatchNo,
	/// What settlements cost.
	pub prices: Prices,
	/// What the oracle's account can spend.
	pub balance: Balance,
	/// Demands that are open.
	pub demands: Vec<Demand>,
	/// Answers that were submitted, whatever became of them.
	pub answers: Vec<Answer>,
}

/// What goes wrong with a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
	/// It never arrives.
	Lost,
	/// It arrives, but the oracle is not told.
	Unheard,
	/// A finalised block refuses it.
	Refused,
}

pub fn version_state() -> VersionState {
	VersionState {
		model: MODEL,
		meter: Meter::Request,
		manifest: [0; 32],
		metadata: [0; 32],
		size: 0,
		licence: "Apache-2.0".into(),
		open: true,
		tensors: None,
		ask: Some(PRICE),
	}
}

impl MemoryChain {
	pub fn new() -> Arc<Self> {
		let head = Head {
			standing: standing(),
			receipt_key: Some(receipt_key().verifying_key().to_bytes()),
			next_batch: 0,
			versions: HashMap::from([(VERSION, version_state())]),
		};
		Arc::new(Self {
			heads: watch::Sender::new(Arc::new(head.clone())),
			state: Mutex::new(State {
				channels: HashMap::new(),
				former: HashMap::new(),
				not_final: HashSet::new(),
				head,
				roots: Vec::new(),
				submitted: Vec::new(),
				faults: Vec::new(),
				skip: HashSet::new(),
				past: 0,
				prices: Prices::FREE,
				balance: 0,
				demands: Vec::new(),
				answers: Vec::new(),
			}),
			ledger: Mutex::default(),
			finalising: Mutex::default(),
		})
	}

	pub fn state(&self) -> MutexGuard<'_, State> {
		self.state.lock().unwrap()
	}

	pub fn follow(&self, ledger: &Arc<Ledger>) {
		*self.ledger.lock().unwrap() = Arc::downgrade(ledger);
		self.finalise();
	}

	pub fn heads(&self) -> watch::Receiver<Arc<Head>> {
		self.heads.subscribe()
	}

	pub fn open(&self, consumer: &Consumer) {
		self.state().channels.insert(consumer.channel, consumer.terms());
	}

	/// Makes the present state final in a new block.
	pub fn finalise(&self) {
		let _one = self.finalising.lock().unwrap();
		let head = {
			let mut state = self.state();
			state.head.standing.head += 1;
			state.head.clone()
		};
		let ledger = self.ledger.lock().unwrap().upgrade();
		if let Some(ledger) = ledger {
			let channels = ledger.channels();
			let state = self.state();
			let terms = channels.iter().map(|it| (*it, state.channels.get(it).cloned())).collect();
			drop(state);
			ledger.observe(head.standing.clone(), terms);
			let number = u64::from(head.standing.head);
			ledger.note_head(Block { number, hash: [number as u8; 32] });
		}
		self.heads.send_replace(Arc::new(head));
	}
}

impl State {
	/// The chain's rule, as the formats have it.
	pub fn apply(&mut self, batch: &Batch) -> Result<Settled, SubmitError> {
		let refused = |why: &str| Err(SubmitError::Refused(why.into()));
		if batch.no != self.head.next_batch {
			return refused("wrong number");
		}
		let total: Balance = batch.claims.iter().map(|it| it.amount().unwrap()).sum();
		let count: u64 = batch.claims.iter().map(|it| it.count().unwrap()).sum();
		if total != batch.total || count != u64::from(batch.count) {
			return refused("sums");
		}
		let mut settled = Settled::default();
		for (at, claim) in batch.claims.iter().enumerate() {
			if let Err(why) = self.claim(claim) {
				settled.skipped.push((at as u16, why.into()));
			}
		}
		if settled.skipped.len() == batch.claims.len() {
			return refused("nothing accepted");
		}
		self.head.next_batch += 1;
		self.roots.push(batch.clone());
		Ok(settled)
	}

	fn claim(&mut self, claim: &Claim) -> Result<(), &'static str> {
		if self.skip.contains(&claim.channel_id) {
			return Err("skipped by the test");
		}
		let terms = self.channels.get_mut(&claim.channel_id).ok_or("unknown channel")?;
		let voucher = claim.voucher();
		let signed = SignedVoucher { voucher, signature: claim.voucher.signature };
		let (ack_seq, ack_total) = (claim.voucher.ack_seq, claim.voucher.ack_total);
		let amount = claim.amount().ok_or("total falls")?;
		let now = self.head.standing.head;
		let former = self.former.get(&claim.channel_id);
		let former = former.filter(|_| terms.former_until.is_some_and(|until| now < until));
		let mut keys = std::iter::once(&terms.key).chain(former);
		let acknowledged = match claim.to_seq.cmp(&ack_seq) {
			std::cmp::Ordering::Less => claim.total_after <= ack_total,
			std::cmp::Ordering::Equal => claim.total_after == ack_total,
			std::cmp::Ordering::Greater => {
				ack_total <= claim.total_after
					&& claim.total_after <= ack_total.saturating_add(terms.max_unacked)
			},
		};
		if terms.oracle != ORACLE
			|| claim.from_seq != terms.settled_seq + 1
			|| claim.from_seq > claim.to_seq
			|| claim.total_before != terms.settled_total
			|| claim.total_after > claim.voucher.cap
			|| amount > terms.escrow
			|| !acknowledged
			|| !keys.any(|key| signed.verify(key, &GENESIS))
		{
			return Err("a rule");
		}
		terms.escrow -= amount;
		terms.settled_seq = claim.to_seq;
		terms.settled_total = claim.total_after;
		Ok(())
	}
}

impl State {
	/// The chain's rule for answers, but for what only it knows of a receipt.
	fn meet(&mut self, answer: &Answer) -> Result<(), SubmitError> {
		let refused = |why: &str| Err(SubmitError::Refused(why.into()));
		let (receipt, signed) = (&answer.receipt, &answer.voucher);
		let is_it = |demand: &Demand| {
			(demand.batch_no, demand.channel_id, demand.seq)
				== (answer.batch_no, receipt.channel_id, receipt.seq)
		};
		let Some(at) = self.demands.iter().position(is_it) else {
			return refused("unknown demand");
		};
		let batch = &self.roots[answer.batch_no as usize];
		let top = Node { hash: batch.root, sum: batch.total, count: batch.count };
		let leaf = Leaf { digest: receipt.digest(&GENESIS), amount: receipt.amount };
		if verify(&top, &leaf, &answer.proof).is_err() {
			return refused("invalid proof");
		}
		let terms = &self.channels[&receipt.channel_id];
		if signed.voucher.request_commit != receipt.request_commit
			|| signed.voucher.channel_id != receipt.channel_id
			|| !signed.verify(&terms.key, &GENESIS)
		{
			return refused("wrong voucher");
		}
		self.demands.remove(at);
		Ok(())
	}
}

impl Channels for MemoryChain {
	fn lookup(&self, channel: ChannelId) -> BoxFuture<'_, Result<Lookup, ChainError>> {
		let state = self.state();
		let lookup = match state.channels.get(&channel) {
			Some(_) if state.not_final.contains(&channel) => Lookup::NotFinal,
			Some(terms) => Lookup::Final(terms.clone()),
			None => Lookup::Unknown,
		};
		async move { Ok(lookup) }.boxed()
	}
}

impl Settlement for MemoryChain {
	fn settle<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<Settled, SubmitError>> {
		let outcome = {
			let mut state = self.state();
			state.submitted.push(batch.clone());
			match state.faults.pop() {
				None => state.apply(batch),
				Some(Fault::Lost) => Err(SubmitError::Lost("lost".into())),
				Some(Fault::Refused) => Err(SubmitError::Refused("refused".into())),
				Some(Fault::Unheard) => {
					let _ = state.apply(batch);
					Err(SubmitError::Lost("unheard".into()))
				},
			}
		};
		self.finalise();
		async move { outcome }.boxed()
	}

	fn root_of(&self, no: BatchNo) -> BoxFuture<'_, Result<Option<Hash>, ChainError>> {
		let root = self.state().roots.get(no as usize).map(|batch| batch.root);
		async move { Ok(root) }.boxed()
	}

	fn prices(&self) -> BoxFuture<'_, Result<Prices, ChainError>> {
		let prices = self.state().prices;
		async move { Ok(prices) }.boxed()
	}
}

impl Challenges for MemoryChain {
	fn demandable(&self, no: BatchNo) -> BoxFuture<'_, Result<bool, ChainError>> {
		let state = self.state();
		let open = state.demands.iter().any(|demand| demand.batch_no == no);
		let demandable = no >= state.past || open;
		async move { Ok(demandable) }.boxed()
	}
}

impl Bonding for MemoryChain {
	fn balance(&self) -> BoxFuture<'_, Result<Balance, ChainError>> {
		let balance = self.state().balance;
		async move { Ok(balance) }.boxed()
	}

	fn bond_more(&self, amount: Balance) -> BoxFuture<'_, Result<(), SubmitError>> {
		let outcome = {
			let mut state = self.state();
			let fault = state.faults.pop();
			let mut add = || {
				state.balance -= amount;
				state.head.standing.bond += amount;
				state.head.standing.free_bond += amount;
			};
			match fault {
				None => {
					add();
					Ok(())
				},
				Some(Fault::Lost) => Err(SubmitError::Lost("lost".into())),
				Some(Fault::Refused) => Err(SubmitError::Refused("refused".into())),
				Some(Fault::Unheard) => {
					add();
					Err(SubmitError::Lost("unheard".into()))
				},
			}
		};
		async move { outcome }.boxed()
	}
}

impl Demands for MemoryChain {
	fn open_demands(&self) -> BoxFuture<'_, Result<Vec<Demand>, ChainError>> {
		let open = self.state().demands.clone();
		async move { Ok(open) }.boxed()
	}

	fn answer_demand<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<(), SubmitError>> {
		let outcome = {
			let mut state = self.state();
			state.answers.push(answer.clone());
			match state.faults.pop() {
				None => state.meet(answer),
				Some(Fault::Lost) => Err(SubmitError::Lost("lost".into())),
				Some(Fault::Refused) => Err(SubmitError::Refused("refused".into())),
				Some(Fault::Unheard) => {
					let _ = state.meet(answer);
					Err(SubmitError::Lost("unheard".into()))
				},
			}
		};
		self.finalise();
		async move { outcome }.boxed()
	}
}

/// What is due in a book.
pub fn due(book: &Book, channel: &ChannelId) -> Option<Due> {
	book.due().into_iter().find(|it| it.channel_id == *channel)
}

/// The library, once per process.
pub fn runtime() -> &'static OnnxRuntime {
	static RUNTIME: OnceLock<OnnxRuntime> = OnceLock::new();
	RUNTIME.get_or_init(|| {
		let path = std::env::var_os("ORT_DYLIB_PATH")
			.expect("ORT_DYLIB_PATH must name libonnxruntime.so; scripts/setup fetches it");
		let library = OnnxLibrary::open(Path::new(&path)).expect("the library can be opened");
		library.start().expect("the library starts")
	})
}

/// A model that scripts/setup fetches or makes.
fn model(name: &str) -> PathBuf {
	let models = std::env::var_os("USUFRUCT_MODELS")
		.expect("USUFRUCT_MODELS must name the folder of models; scripts/setup fetches them");
	Path::new(&models).join(name)
}

/// The file-type classifier.
pub fn magika() -> PathBuf {
	model("magika").join("model.onnx")
}

/// The folder of the sentence embedding: `model.onnx`, `metadata.json`, `tokenizer.json`.
pub fn minilm() -> PathBuf {
	model("minilm")
}
