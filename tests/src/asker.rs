//! A consumer that sees each reply whole: why it is refused and when to come back, or what it paid for.

use anyhow::{Context, Result};
use usufruct_client::{
	chain::Chain,
	channel::{store::Payload, ChannelRecord, Keeper},
	oracle_api::{OracleHttp, Reach, Reply, RequestHeaders},
	receipt::{self, Asked},
	session::SERVE_WINDOW,
	state,
	tensors::{self, InferRequest, Tensor},
};
use usufruct_primitives::{
	commitment::Request, Balance, BlockNumber, ChannelId, Hash, Meter, PublicKey, VersionId,
};

use crate::cli::Cli;

/// See the module. It pays by the request, and asks each but once.
pub struct Asker {
	keeper: Keeper,
	model: String,
	price: Balance,
	serve_until: BlockNumber,
	payees: Vec<Payee>,
}

/// A channel, and the oracle that it pays.
struct Payee {
	record: ChannelRecord,
	receipt_key: PublicKey,
	oracle: OracleHttp,
}

impl Asker {
	/// On all channels of that user, whose command cannot use them as long as this is there. It asks for the
	/// model of that name, at that price, and no more of the chain than now.
	pub async fn new(chain: &Chain, user: &Cli, model: &str, price: Balance) -> Result<Self> {
		let keeper = Keeper::open(&user.channels())?;
		let at = chain.finalised().await?;
		let mut payees = Vec::new();
		for record in keeper.store().channels()? {
			let oracle = state::oracle(&at, &record.oracle).await?.context("no such oracle")?;
			let receipt_key = oracle.receipt_key;
			let oracle = OracleHttp::new(&oracle.endpoint, Reach::Anywhere)?;
			payees.push(Payee { record, receipt_key, oracle });
		}
		let serve_until = at.block_number() as BlockNumber + SERVE_WINDOW;
		Ok(Self { keeper, model: model.into(), price, serve_until, payees })
	}

	/// Asks that version. An answer is checked and acknowledged.
	pub async fn ask(
		&self,
		channel: &ChannelId,
		version: VersionId,
		inputs: Vec<Tensor>,
	) -> Result<Reply> {
		let payee = self.payees.iter().find(|it| it.record.channel_id == *channel);
		let Payee { record, receipt_key, oracle } = payee.context("no such channel")?;
		let salt: Hash = rand::random();
		let request = Request {
			channel_id: *channel,
			request_id: rand::random(),
			model_version: version,
			input_commit: tensors::commit(&salt, &inputs)?,
			meter: Meter::Request,
			max_units: 1,
			unit_price: self.price,
		};
		let id = Some(hex::encode(request.request_id));
		let asked = InferRequest { id, inputs, outputs: vec![] };
		let body = serde_json::to_vec(&asked)?;
		let payload = Payload { model_name: self.model.clone(), salt, body: body.clone() };
		let voucher = self.keeper.reserve(&request, payload, self.serve_until).await?;
		let headers = RequestHeaders::new(voucher, &request, salt);
		let reply = oracle.infer(&self.model, body, Some(&headers)).await?;
		match &reply.receipt {
			Some(receipt) => {
				let asked = Asked {
					genesis: &record.genesis,
					receipt_key,
					model: record.model,
					request: &request,
					salt: &salt,
					inputs: &asked.inputs,
					tokens: None,
				};
				let outputs = reply.body.as_ref().ok().map(|it| &it.outputs[..]);
				receipt::check(&asked, receipt, outputs)?;
				self.keeper.complete(receipt.clone()).await?;
			},
			None => self.keeper.release(*channel, request.commit(&record.genesis)).await?,
		}
		Ok(reply)
	}
}
