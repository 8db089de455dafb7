//! How many receipts the oracle accounts for in a second: the book, the log and the tree, without
//! models, HTTP or a chain.
//!
//! Everything that concerns money happens as in the oracle, by its own code: the acceptance is on its way
//! to the disk before the receipt is made, and both are there before that is given, with the group
//! commit of the log, and in the end all are read back into one batch. Beside it stands what checking
//! the vouchers takes, which the oracle does first.

use std::{
	path::Path,
	sync::Arc,
	time::{Duration, Instant},
};

use anyhow::{ensure, Context, Result};
use ed25519_dalek::SigningKey;
use serde_json::json;
use tokio::task::JoinSet;
use usufruct_client::oracle_api::{SignedReceipt, SignedVoucher};
use usufruct_oracle::{
	book::{Offer, Order, Outcome, Standing, Terms},
	clock::now_ms,
	ledger::{Admitted, Ledger},
	settle::{plan, Batch, Row, Source},
	store::Write,
};
use usufruct_primitives::{
	commitment::{payload_commit, Request},
	usage::{channel_id, Voucher},
	AccountBytes, Balance, BlockNumber, ChannelId, Hash, Meter, PublicKey, Status,
};

use crate::report::{median, rounded, shown, table, Report};

/// How often it is measured, each time with an empty log.
const RUNS: usize = 3;
const CHANNELS: u8 = 64;
/// Requests at once, in equal parts on the channels.
const CLIENTS: usize = 256;
/// Receipts of each channel.
const EACH: u64 = 1_024;
/// How many of the clients ask at once, to see what it brings that those who wait share a flush.
const AT_ONCE: [usize; 5] = [1, 4, 16, 64, CLIENTS];
/// Bytes of an answer, as long as those of a small classifier.
const OUTPUT: usize = 1_024;

const RECEIPT_SEED: [u8; 32] = [42; 32];
const GENESIS: Hash = [7; 32];
const ORACLE: AccountBytes = [1; 32];
const CONSUMER: AccountBytes = [2; 32];
const PRICE: Balance = 1_000;
const HEAD: BlockNumber = 100;
/// What all requests of a channel cost.
const WHOLE: Balance = PRICE * EACH as Balance;
const OFFER: Offer = Offer { open: true, ask: Some(PRICE), room: Ok(()) };

/// A channel with the key that signs its vouchers.
struct Channel {
	id: ChannelId,
	key: SigningKey,
}

/// A request and the voucher that pays for it.
type Paid = (Order, SignedVoucher);

/// What one client asks, one after the other.
struct Client {
	key: PublicKey,
	paid: Vec<Paid>,
}

/// Seconds.
struct Times {
	/// To check the vouchers.
	vouchers: f64,
	/// From the first request to the last receipt.
	ledger: f64,
	/// To read the receipts back and make a batch of them.
	batch: f64,
}

impl Channel {
	fn new(number: u8) -> Self {
		Self {
			id: channel_id(&GENESIS, &CONSUMER, &ORACLE, 0, number.into()),
			key: SigningKey::from_bytes(&[number; 32]),
		}
	}

	fn key(&self) -> PublicKey {
		self.key.verifying_key().to_bytes()
	}

	fn terms(&self) -> Terms {
		Terms {
			consumer: CONSUMER,
			oracle: ORACLE,
			model: 0,
			key: self.key(),
			escrow: WHOLE,
			max_unit_price: PRICE,
			max_unacked: WHOLE,
			settled_seq: 0,
			settled_total: 0,
			closes_at: None,
			former_until: None,
		}
	}

	/// The request of that number, from 1.
	fn pay(&self, nth: u64) -> Paid {
		let request = Request {
			channel_id: self.id,
			request_id: u128::from(nth).to_le_bytes(),
			model_version: 0,
			input_commit: [9; 32],
			meter: Meter::Request,
			max_units: 1,
			unit_price: PRICE,
		};
		// However requests overtake each other, this allows all that are accepted.
		let voucher = Voucher {
			channel_id: self.id,
			cap: PRICE * Balance::from(nth),
			request_commit: request.commit(&GENESIS),
			ack_seq: 0,
			ack_total: 0,
			serve_until: HEAD,
		};
		let voucher = SignedVoucher::sign(voucher, &self.key, &GENESIS);
		(Order { request, model: 0, salt: [5; 32], units: 1 }, voucher)
	}
}

/// Measures, and prints; returns the batch.
pub async fn measure(report: &mut Report, folder: &Path) -> Result<Batch> {
	eprintln!("signing vouchers …");
	let channels: Vec<Channel> = (0..CHANNELS).map(Channel::new).collect();
	let clients = clients(&channels);
	let mut runs = Vec::new();
	let mut batch = None;
	for run in 1..=RUNS {
		let folder = folder.join(format!("receipts-{run}"));
		let (times, made) = measure_once(&folder, &channels, &clients).await?;
		std::fs::remove_dir_all(&folder)?;
		runs.push(times);
		batch = Some(made);
		eprintln!("run {run} of {RUNS} …");
	}
	let batch = batch.context("nothing was measured")?;
	print(report, &runs, batch.count);
	group_commit(report, folder, &channels, &clients).await?;
	Ok(batch)
}

/// The same with fewer clients: each waits for the disk, but all that wait share one flush.
async fn group_commit(
	report: &mut Report,
	folder: &Path,
	channels: &[Channel],
	clients: &[Arc<Client>],
) -> Result<()> {
	let mut rates = vec![Vec::new(); AT_ONCE.len()];
	for run in 1..=RUNS {
		for (count, rates) in AT_ONCE.iter().zip(&mut rates) {
			let folder = folder.join(format!("group-commit-{run}-{count}"));
			let clients = &clients[..*count];
			let ledger = open(&folder, channels).await?;
			let (served, _) = serve_all(&ledger, clients).await?;
			drop(ledger);
			std::fs::remove_dir_all(&folder)?;
			let requests: usize = clients.iter().map(|client| client.paid.len()).sum();
			rates.push(requests as f64 / served.as_secs_f64());
		}
	}
	let rates: Vec<f64> = rates.iter().map(|rates| median(rates)).collect();
	let head = ["requests at once", "per second", "of one alone"].map(String::from);
	let mut rows = Vec::new();
	for (count, rate) in AT_ONCE.iter().zip(&rates) {
		rows.push(vec![count.to_string(), shown(*rate), shown(rate / rates[0])]);
		report.set_in("group_commit", &count.to_string(), rounded(*rate));
	}
	let title = format!("What sharing a flush brings; medians of {RUNS} runs");
	table(&title, &head, &rows);
	Ok(())
}

fn print(report: &mut Report, runs: &[Times], count: u32) {
	let of = |time: fn(&Times) -> f64| median(&runs.iter().map(time).collect::<Vec<_>>());
	let (vouchers, ledger, batch) =
		(of(|run| run.vouchers), of(|run| run.ledger), of(|run| run.batch));
	let count = f64::from(count);
	let rate = count / (ledger + batch);
	let with_vouchers = count / (vouchers + ledger + batch);

	let head = ["", "seconds", "per second"].map(String::from);
	let row = |what: &str, seconds: f64| vec![what.into(), shown(seconds), shown(count / seconds)];
	let rows = [
		row("accepted, receipted, on disk, signed", ledger),
		row("read back, and their tree", batch),
		row("both", ledger + batch),
		row("vouchers checked", vouchers),
		row("all of it", vouchers + ledger + batch),
	];
	let title = format!(
		"{} receipts, {CLIENTS} requests at once on {CHANNELS} channels, by the oracle's own ledger; \
		 medians of {RUNS} runs",
		shown(count)
	);
	table(&title, &head, &rows);
	report.set("receipts_per_second", rounded(rate));
	report.set(
		"receipts",
		json!({
			"count": count,
			"at_once": CLIENTS,
			"channels": CHANNELS,
			"ledger_seconds": rounded(ledger),
			"batch_seconds": rounded(batch),
			"vouchers_seconds": rounded(vouchers),
			"per_second_with_vouchers": rounded(with_vouchers),
		}),
	);
}

/// The channels' requests, dealt to as many clients of each as there are for it.
fn clients(channels: &[Channel]) -> Vec<Arc<Client>> {
	let of_each = CLIENTS / usize::from(CHANNELS);
	let mut clients = Vec::new();
	for channel in channels {
		for first in 1..=of_each as u64 {
			let paid = (first..=EACH).step_by(of_each).map(|nth| channel.pay(nth)).collect();
			clients.push(Arc::new(Client { key: channel.key(), paid }));
		}
	}
	clients
}

/// An empty ledger that knows all channels.
async fn open(folder: &Path, channels: &[Channel]) -> Result<Arc<Ledger>> {
	let receipt_key = SigningKey::from_bytes(&RECEIPT_SEED);
	let ledger = Ledger::open(folder, GENESIS, ORACLE, receipt_key).await?;
	let (bond, unlocks) = (Balance::MAX, vec![]);
	let standing = Standing { head: HEAD, active: true, bond, free_bond: bond, unlocks };
	ledger.observe(standing, vec![]);
	for channel in channels {
		ledger.adopt(channel.id, Some(channel.terms()))?;
	}
	Ok(Arc::new(ledger))
}

/// How long all clients took at once, and the last receipt of each.
async fn serve_all(
	ledger: &Arc<Ledger>,
	clients: &[Arc<Client>],
) -> Result<(Duration, Vec<SignedReceipt>)> {
	let begun = Instant::now();
	let mut tasks = JoinSet::new();
	for client in clients {
		let (ledger, client) = (Arc::clone(ledger), Arc::clone(client));
		tasks.spawn(async move { serve(&ledger, &client).await });
	}
	let mut last = Vec::new();
	while let Some(served) = tasks.join_next().await {
		last.push(served??);
	}
	Ok((begun.elapsed(), last))
}

async fn measure_once(
	folder: &Path,
	channels: &[Channel],
	clients: &[Arc<Client>],
) -> Result<(Times, Batch)> {
	let ledger = open(folder, channels).await?;
	let begun = Instant::now();
	let mut tasks = JoinSet::new();
	for client in clients {
		let client = Arc::clone(client);
		tasks.spawn(async move { check(&client) });
	}
	while let Some(checked) = tasks.join_next().await {
		ensure!(checked?, "a voucher is not signed");
	}
	let vouchers = begun.elapsed();

	let (served, last) = serve_all(&ledger, clients).await?;
	let public_key = SigningKey::from_bytes(&RECEIPT_SEED).verifying_key().to_bytes();
	let signed = last.iter().all(|receipt| receipt.verify(&public_key, &GENESIS));
	ensure!(signed, "a receipt is not signed");

	let begun = Instant::now();
	let batch = tokio::task::block_in_place(|| make_batch(&ledger))?;
	ledger.store().write(vec![Write::Batch(batch.clone())]).wait().await?;
	let batched = begun.elapsed();
	let expected = u64::from(CHANNELS) * EACH;
	ensure!(
		u64::from(batch.count) == expected && batch.total == PRICE * Balance::from(expected),
		"the batch holds {} receipts and {} planck, not those of {expected} requests",
		batch.count,
		batch.total
	);
	let seconds = |time: Duration| time.as_secs_f64();
	let times =
		Times { vouchers: seconds(vouchers), ledger: seconds(served), batch: seconds(batched) };
	Ok((times, batch))
}

/// Whether all vouchers of the client are signed.
fn check(client: &Client) -> bool {
	client.paid.iter().all(|(_, voucher)| voucher.verify(&client.key, &GENESIS))
}

/// Has everything accepted and receipted that the client asks; returns the last receipt.
async fn serve(ledger: &Ledger, client: &Client) -> Result<SignedReceipt> {
	let mut last = None;
	for (order, voucher) in &client.paid {
		let admitted = ledger.admit(order, voucher, &client.key, &OFFER).await?;
		ensure!(matches!(admitted, Admitted::Run(_)), "a request was answered before it was asked");
		let output = vec![0; OUTPUT];
		let outcome = Outcome {
			status: Status::Served,
			units: order.units,
			output_commit: payload_commit(&order.salt, &output),
			started_ms: now_ms(),
			took_ms: 0,
		};
		let (channel, id) = (&order.request.channel_id, &order.request.request_id);
		last = Some(ledger.complete(channel, id, outcome, output).await?);
	}
	last.context("a client has nothing to ask")
}

/// Reads all receipts back and makes a batch of them, as a settlement does.
fn make_batch(ledger: &Ledger) -> Result<Batch> {
	let mut sources = Vec::new();
	let log = ledger.store().snapshot()?;
	for due in ledger.due() {
		let mut receipts = Vec::new();
		log.receipts(&due.channel_id, due.settled_seq + 1, due.seq, |receipt| {
			receipts.push(Row::of(&receipt, &GENESIS));
		})?;
		let voucher = log.newest_voucher(&due.channel_id)?;
		sources.push(Source {
			channel_id: due.channel_id,
			settled_seq: due.settled_seq,
			settled_total: due.settled_total,
			voucher: voucher.context("a channel without a voucher")?,
			receipts,
		});
	}
	plan(0, &sources)?.context("nothing is due")
}
