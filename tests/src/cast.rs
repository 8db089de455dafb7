//! The people of the demo and the tests, and what they do first.
//!
//! All accounts are those of the `development` and `local_testnet` presets: anybody can sign as them.

use std::{
	path::{Path, PathBuf},
	time::Duration,
};

use anyhow::{bail, Context, Result};
use serde_json::Value;
use subxt_signer::{sr25519::Keypair, SecretUri};
use usufruct_client::{
	amount::ufr,
	chain::{AtBlock, Chain},
	keys,
	runtime::{dividend::events as dividend, usage::events as usage},
};
use usufruct_primitives::{AccountBytes, Balance, BlockNumber};

use crate::{cli::Cli, oracle::OracleOptions};

/// What the oracle asks for one request, in planck. Odd on purpose: it does not divide evenly.
pub const PRICE: Balance = 1_234_567_891;

/// The seed of the key with which the oracle signs receipts.
pub const RECEIPT_SEED: [u8; 32] = [7; 32];

/// The verifiers of the presets: two of these three recognise a person.
const VERIFIERS: u32 = 3;
const QUORUM: u32 = 2;

/// Who takes part.
pub struct Cast {
	/// Registers the model.
	pub author: Cli,
	/// Runs the oracle.
	pub operator: Cli,
	/// Pays for inference.
	pub consumer: Cli,
	/// Submits registrations for people who hold nothing.
	pub relayer: Cli,
	url: String,
	folder: PathBuf,
}

/// The account of a secret URI.
pub fn account(secret: &str) -> Result<AccountBytes> {
	let uri: SecretUri = secret.parse()?;
	Ok(Keypair::from_uri(&uri)?.public_key().0)
}

/// The address of a secret URI.
pub fn address(secret: &str) -> Result<String> {
	Ok(keys::address(&account(secret)?))
}

impl Cast {
	/// Everybody talks to the node at `url` and keeps files below `folder`.
	pub fn new(url: &str, folder: &Path) -> Self {
		let cli = |secret| Cli::new(url, secret, folder);
		Self {
			author: cli("//Bob"),
			operator: cli("//Charlie"),
			consumer: cli("//Dave"),
			relayer: cli("//Eve"),
			url: url.into(),
			folder: folder.into(),
		}
	}

	/// The command of the person with that number, who holds nothing.
	pub fn person(&self, number: u32) -> Cli {
		Cli::new(&self.url, &Self::person_secret(number), &self.folder)
	}

	/// The secret URI of the person with that number.
	pub fn person_secret(number: u32) -> String {
		format!("//Person//{number}")
	}

	/// Registers magika: the author owns 60 %, an annotator 40 %. Returns what the command printed.
	pub fn register_model(&self) -> Result<(Value, Value)> {
		let model = self.author.run(&["model", "register", "magika"])?;
		let file = crate::oracle::model("magika")?.join("model.onnx");
		let version = self.register_version(&model["model"].to_string(), &file)?;
		Ok((model, version))
	}

	/// Registers that file as a version of a model, shared as [magika](Self::register_model) is and paid for by
	/// the request. Returns what the command printed.
	pub fn register_version(&self, model: &str, file: &Path) -> Result<Value> {
		let owner = format!("{}:owner:60%", address("//Bob")?);
		let annotator = format!("{}:annotator:40%", address("//Ferdie")?);
		self.author.run(&[
			"model",
			"version",
			model,
			"--file",
			&file.display().to_string(),
			"--licence",
			"Apache-2.0",
			"--meter",
			"request",
			"--floor-price",
			"0.0005",
			"--contributor",
			&owner,
			"--contributor",
			&annotator,
		])
	}

	/// Registers MiniLM, which turns text into vectors and is paid for by the token. Returns its version.
	pub fn register_text_model(&self) -> Result<u32> {
		let model = self.author.run(&["model", "register", "minilm"])?;
		let folder = crate::oracle::model("minilm")?;
		let version = self.author.run(&[
			"model",
			"version",
			&model["model"].to_string(),
			"--file",
			&folder.join("model.onnx").display().to_string(),
			"--metadata",
			&folder.join("metadata.json").display().to_string(),
			"--licence",
			"Apache-2.0",
			"--meter",
			"input-token",
			"--floor-price",
			"100p",
			"--contributor",
			&format!("{}:owner:100%", address("//Bob")?),
		])?;
		let version = version["version"].as_u64().context("no version")?;
		Ok(version.try_into()?)
	}

	/// Bonds the oracle and sets its price; returns how to start it.
	pub fn bond_oracle(&self, version: u32, settle: &str) -> Result<OracleOptions> {
		self.bond_another_oracle("//Charlie", "oracle", &RECEIPT_SEED, PRICE, version, settle)
	}

	/// The same for an oracle of somebody else, with a folder, a receipt key and a price of its own.
	pub fn bond_another_oracle(
		&self,
		secret: &str,
		folder: &str,
		receipt_seed: &[u8; 32],
		price: Balance,
		version: u32,
		settle: &str,
	) -> Result<OracleOptions> {
		let receipt_key = ed25519_dalek::SigningKey::from_bytes(receipt_seed).verifying_key();
		let port = crate::oracle::port()?;
		let operator = Cli::new(&self.url, secret, &self.folder);
		operator.run(&[
			"oracle",
			"register",
			"--bond",
			"2000",
			"--receipt-key",
			&hex::encode(receipt_key.as_bytes()),
			"--endpoint",
			&format!("http://127.0.0.1:{port}"),
		])?;
		operator.run(&["oracle", "ask", &version.to_string(), &ufr_flag(price)])?;
		Ok(OracleOptions {
			folder: self.folder.join(folder),
			secret: secret.into(),
			receipt_seed: hex::encode(receipt_seed),
			port,
			node: self.url.clone(),
			model: "magika".into(),
			file: None,
			version,
			settle: settle.into(),
			settings: String::new(),
			rest: String::new(),
		})
	}

	/// Opens the consumer's channel to the oracle; returns its id.
	pub fn open_channel(&self, model: u32, escrow: &str) -> Result<String> {
		self.open_channel_for(model, escrow, 200)
	}

	/// The same, for so many requests without acknowledgement.
	pub fn open_channel_for(&self, model: u32, escrow: &str, requests: Balance) -> Result<String> {
		let opened = self.consumer.run(&[
			"channel",
			"open",
			"--oracle",
			&address("//Charlie")?,
			"--model",
			&model.to_string(),
			"--escrow",
			escrow,
			"--max-unit-price",
			&ufr_flag(2 * PRICE),
			"--max-unacked",
			&ufr_flag(requests * PRICE),
		])?;
		text(&opened["channel"])
	}

	/// Has two of the three verifiers attest a person, and a relayer submit the registration. The
	/// person consents with its own key and pays nothing.
	pub fn register_person(&self, number: u32) -> Result<Value> {
		let account = address(&Self::person_secret(number))?;
		let verifiers: Vec<u32> = (0..QUORUM).map(|nth| (number + nth) % VERIFIERS).collect();
		let attested = self.attested(number, &verifiers, &["--person", &account])?;
		let mut register = vec!["person", "register"];
		register.extend(attested.iter().map(String::as_str));
		register.extend(["--relayer-secret-env", "USUFRUCT_RELAYER_SECRET"]);
		self.person(number).env("USUFRUCT_RELAYER_SECRET", "//Eve").run(&register)
	}

	/// Has these verifiers attest the human of that number, whom each tells by the same evidence every
	/// time, with these arguments of `verifier attest`. Returns the arguments that name the files.
	pub fn attested(
		&self,
		human: u32,
		verifiers: &[u32],
		arguments: &[&str],
	) -> Result<Vec<String>> {
		let folder = self.folder.join("attestations");
		std::fs::create_dir_all(&folder)?;
		let evidence = folder.join(format!("{human}.txt"));
		std::fs::write(&evidence, format!("passport {human}"))?;
		let evidence = evidence.display().to_string();
		let mut named = Vec::new();
		for verifier in verifiers {
			let id = verifier.to_string();
			let mut attest = vec!["verifier", "attest", "--id", &id, "--evidence", &evidence];
			attest.extend(arguments);
			let attestation = Cli::new(&self.url, "//unused", &self.folder)
				.env("USUFRUCT_VERIFIER_SECRET", &format!("//Verifier//{verifier}"))
				.env("USUFRUCT_DOMAIN_SECRET", &hex::encode([*verifier as u8 + 1; 32]))
				.run(&attest)?;
			let path = folder.join(format!("{human}-{verifier}.json"));
			std::fs::write(&path, serde_json::to_vec_pretty(&attestation)?)?;
			named.extend(["--attestation".to_owned(), path.display().to_string()]);
		}
		Ok(named)
	}
}

/// An amount as the command takes it.
fn ufr_flag(planck: Balance) -> String {
	format!("{planck}p")
}

/// A text in what the command printed.
pub fn text(value: &Value) -> Result<String> {
	value.as_str().map(str::to_owned).with_context(|| format!("not a text: {value}"))
}

/// Everything about money that happened on the chain up to a block.
#[derive(Default)]
pub struct History {
	/// Settlements.
	pub settled: Vec<usage::Settled>,
	/// Parts that reached their pots.
	pub flushed: Vec<usage::Flushed>,
	/// Closes of epochs.
	pub closed: Vec<dividend::EpochClosed>,
	/// Claims.
	pub claimed: Vec<dividend::Claimed>,
}

impl History {
	/// Reads every block up to `at`.
	pub async fn read(chain: &Chain, at: &AtBlock) -> Result<Self> {
		let mut history = Self::default();
		for number in 1..=at.block_number() {
			let events = chain.client().at_block(number).await?.events().fetch().await?;
			for event in events.find::<usage::Settled>() {
				history.settled.push(event?);
			}
			for event in events.find::<usage::Flushed>() {
				history.flushed.push(event?);
			}
			for event in events.find::<dividend::EpochClosed>() {
				history.closed.push(event?);
			}
			for event in events.find::<dividend::Claimed>() {
				history.claimed.push(event?);
			}
		}
		Ok(history)
	}

	/// The number of receipts in all settlements.
	pub fn receipts(&self) -> u64 {
		self.settled.iter().map(|batch| u64::from(batch.count)).sum()
	}
}

/// Waits until `ready` is true of the finalised chain.
pub async fn wait_until<F>(
	chain: &Chain,
	what: &str,
	timeout: Duration,
	mut ready: impl FnMut(AtBlock) -> F,
) -> Result<AtBlock>
where
	F: std::future::Future<Output = Result<bool>>,
{
	let deadline = std::time::Instant::now() + timeout;
	loop {
		let at = chain.finalised().await?;
		if ready(at.clone()).await? {
			return Ok(at);
		}
		if std::time::Instant::now() > deadline {
			bail!("{what}: not within {timeout:?}, at block {}", at.block_number());
		}
		tokio::time::sleep(Duration::from_millis(500)).await;
	}
}

/// Waits until this block is final.
pub async fn wait_for_block(
	chain: &Chain,
	block: BlockNumber,
	timeout: Duration,
) -> Result<AtBlock> {
	wait_until(chain, &format!("block {block}"), timeout, |at| async move {
		Ok(at.block_number() >= u64::from(block))
	})
	.await
}

/// An amount for people.
pub fn amount(planck: Balance) -> String {
	ufr(planck)
}
