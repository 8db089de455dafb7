//! Whose a model is, and what it is made of: contests, proofs of reuse, and passing on.

use crate::cli::context::{find_model, hash_of, included, parse_hash, Context};
use anyhow::{ensure, Context as _};
use clap::Subcommand;
use std::path::{Path, PathBuf};
use subxt::utils::{AccountId32, Static};
use usufruct_client::{
	chain::{AtBlock, Chain},
	keys, onnx,
	output::{hex0x, Fact, Facts},
	reuse,
	runtime::{
		self,
		runtime_types::{
			bounded_collections::bounded_vec::BoundedVec,
			pallet_models::types::{FoundTensor, Reuse, SharedTensor},
		},
	},
	state,
};
use usufruct_primitives::{tensors::TensorTree, VersionId};

#[derive(Subcommand)]
pub enum Command {
	/// Say that a version is yours, within its contest window and with a deposit
	Contest {
		/// The version's id
		version: VersionId,
		/// The evidence, which you keep; its SHA-256 goes on the chain
		#[arg(long, value_name = "FILE", required_unless_present = "evidence_hash")]
		evidence: Option<PathBuf>,
		/// The hash of the evidence, 32 bytes in hex
		#[arg(long, value_name = "HEX", value_parser = parse_hash, conflicts_with = "evidence")]
		evidence_hash: Option<[u8; 32]>,
	},
	/// End a contest that nobody has ruled on in time
	LapseContest {
		/// The version's id
		version: VersionId,
		/// Whose contest it is
		#[arg(long, value_name = "ACCOUNT")]
		contester: String,
	},
	/// Show that a version holds weights of an older one, with a deposit; it can be refuted for a while
	ProveReuse {
		/// The older version's id
		older: VersionId,
		/// The newer version's id
		newer: VersionId,
		/// The older version's ONNX file
		#[arg(long, value_name = "FILE")]
		older_file: PathBuf,
		/// The newer version's ONNX file
		#[arg(long, value_name = "FILE")]
		newer_file: PathBuf,
	},
	/// Show that the tensors of a proof of reuse are those of a still older version, which refutes it;
	/// half of its deposit is yours
	RefuteReuse {
		/// The newer version's id
		newer: VersionId,
		/// The proof's id, as `model prove-reuse` printed it, 32 bytes in hex
		#[arg(value_name = "HEX", value_parser = parse_hash)]
		id: [u8; 32],
		/// The version the tensors come from
		#[arg(long)]
		source: VersionId,
		/// Its ONNX file
		#[arg(long, value_name = "FILE")]
		source_file: PathBuf,
	},
	/// Give effect to a proof of reuse that nobody has refuted in time
	ConfirmReuse {
		/// The newer version's id
		newer: VersionId,
		/// The proof's id, as `model prove-reuse` printed it, 32 bytes in hex
		#[arg(value_name = "HEX", value_parser = parse_hash)]
		id: [u8; 32],
	},
	/// Say that a reuse of your version's weights, shown after the contest window, is settled
	SettleReuse {
		/// The older version's id, which is yours
		older: VersionId,
		/// The newer version's id
		newer: VersionId,
	},
	/// Offer a model to another account, which becomes its owner when it accepts; or take the offer
	/// back
	Transfer {
		/// The model's id or name
		model: String,
		/// The account
		#[arg(long, value_name = "ACCOUNT", required_unless_present = "withdraw")]
		to: Option<String>,
		/// Take the offer back
		#[arg(long, conflicts_with = "to")]
		withdraw: bool,
	},
	/// Take over a model that is offered to you, with its deposits
	AcceptTransfer {
		/// The model's id or name
		model: String,
	},
	/// Give a contributor row of yours to another account, with what it is due
	TransferRow {
		/// The version's id
		version: VersionId,
		/// The row's number
		row: u16,
		/// The account
		#[arg(long, value_name = "ACCOUNT")]
		to: String,
	},
	/// Give a row that was not accepted in time to the dividend
	Forfeit {
		/// The version's id
		version: VersionId,
		/// The row's number
		row: u16,
	},
	/// Book what an ancestor of a version is due to that ancestor
	MoveRoyalty {
		/// The version's id
		version: VersionId,
		/// The ancestor's place in the version's table, from 0
		ancestor: u16,
	},
}

/// The tensors of a version's file, which must be the one that is registered.
async fn tensors(
	chain: &Chain,
	at: &AtBlock,
	version: VersionId,
	file: &Path,
) -> anyhow::Result<TensorTree> {
	let registered = state::version(at, version).await?;
	let registered = registered.with_context(|| format!("there is no version {version}"))?;
	let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
	let tree = onnx::tensor_tree(&chain.genesis(), bytes.into())
		.with_context(|| format!("{} cannot be compared", file.display()))?
		.with_context(|| format!("{} has no tensor large enough", file.display()))?;
	let said = registered.tensor_root.map(|root| root.root);
	ensure!(
		said == Some(tree.root().root),
		"{} is not version {version}: its tensor root is {}, and {} is registered",
		file.display(),
		hex0x(tree.root().root),
		said.map_or("none".into(), hex0x)
	);
	Ok(tree)
}

impl Command {
	pub async fn run(self, context: &Context, chain: &Chain) -> anyhow::Result<()> {
		let calls = runtime::transactions().models();
		match self {
			Self::Contest { version, evidence, evidence_hash } => {
				let hash = hash_of(evidence.as_deref(), evidence_hash)?;
				let call = calls.contest(version, hash);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::VersionContested =
					done.event("Models.VersionContested")?;
				let facts = Facts::new()
					.and("version", event.version)
					.account("contester", event.contester.0)
					.and("evidence_hash", event.evidence_hash)
					.amount("deposit", event.deposit);
				context.print(&facts.join(included(&done)))
			},
			Self::ProveReuse { older, newer, older_file, newer_file } => {
				let at = chain.finalised().await?;
				context.progress("reading the weights of both files");
				let old = tensors(chain, &at, older, &older_file).await?;
				let new = tensors(chain, &at, newer, &newer_file).await?;
				let shared = reuse::prove(&old, &new)?;
				let bytes = shared.iter().map(|it| it.leaf.bytes).fold(0, u64::saturating_add);
				let count = shared.len() as u64;
				let proof = shared.into_iter().map(|it| SharedTensor {
					leaf: Static(it.leaf),
					older: Static(it.older),
					newer: Static(it.newer),
				});
				let call = calls.prove_reuse(older, newer, BoundedVec(proof.collect()));
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ReuseClaimed =
					done.event("Models.ReuseClaimed")?;
				let facts = Facts::new()
					.and("older", event.older)
					.and("newer", event.newer)
					.and("tensors", count)
					.and("bytes", bytes)
					.and("id", event.id)
					.amount("deposit", event.deposit)
					.and("can_be_confirmed_from", event.until);
				context.print(&facts.join(included(&done)))
			},
			Self::RefuteReuse { newer, id, source, source_file } => {
				let at = chain.finalised().await?;
				let claim = state::reuse_claim(&at, newer, &id).await?;
				let claim = claim.with_context(|| {
					format!("nothing is claimed about version {newer} by that id, or it is over")
				})?;
				let version = state::version(&at, newer).await?;
				let bytes =
					version.and_then(|version| version.tensor_root).map_or(0, |root| root.bytes);
				let claimed = reuse::read_claim(chain, &claim, newer, &id).await?;
				context.progress("reading the weights of the source");
				let tree = tensors(chain, &at, source, &source_file).await?;
				let found = reuse::refute(&claimed, &tree, bytes)?;
				let count = found.len() as u64;
				let found = found
					.into_iter()
					.map(|it| FoundTensor { place: it.place, inclusion: Static(it.inclusion) });
				let call = calls.refute_reuse(
					claim.older,
					newer,
					BoundedVec(claimed.into_iter().map(Static).collect()),
					source,
					BoundedVec(found.collect()),
				);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ReuseRefuted =
					done.event("Models.ReuseRefuted")?;
				let facts = Facts::new()
					.and("older", event.older)
					.and("newer", event.newer)
					.and("source", event.source)
					.and("tensors", count)
					.amount("to_refuter", event.to_refuter)
					.amount("to_dividend", event.to_dividend);
				context.print(&facts.join(included(&done)))
			},
			Self::ConfirmReuse { newer, id } => {
				let call = calls.confirm_reuse(newer, id);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ReuseProven =
					done.event("Models.ReuseProven")?;
				let (outcome, barred) = match event.outcome {
					Reuse::Parent => ("parent", None),
					Reuse::Closed => ("closed", None),
					Reuse::Open { owner } => ("barred", Some(Fact::Account(owner.0))),
					Reuse::Settled => ("settled", None),
				};
				let facts = Facts::new()
					.and("older", event.older)
					.and("newer", event.newer)
					.and("outcome", outcome)
					.and("barred", barred);
				context.print(&facts.join(included(&done)))
			},
			Self::LapseContest { version, contester } => {
				let contester = AccountId32(keys::parse_account(&contester)?);
				let call = calls.lapse_contest(version, contester);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ContestLapsed =
					done.event("Models.ContestLapsed")?;
				let facts = Facts::new()
					.and("version", event.version)
					.account("contester", event.contester.0)
					.account("owner", event.owner.0)
					.amount("to_owner", event.to_owner)
					.amount("returned", event.returned);
				context.print(&facts.join(included(&done)))
			},
			Self::SettleReuse { older, newer } => {
				let call = calls.settle_reuse(older, newer);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ReuseSettled =
					done.event("Models.ReuseSettled")?;
				let facts = Facts::new()
					.and("older", event.older)
					.and("newer", event.newer)
					.account("owner", event.owner.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Transfer { model, to, .. } => {
				let model = find_model(&chain.finalised().await?, &model).await?;
				let to = to.as_deref().map(keys::parse_account).transpose()?;
				let call = calls.transfer_model(model.model, to.map(AccountId32));
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ModelOffered =
					done.event("Models.ModelOffered")?;
				let facts = Facts::new()
					.and("model", event.model)
					.account("owner", event.owner.0)
					.and("offered_to", event.to.map(|to| Fact::Account(to.0)));
				context.print(&facts.join(included(&done)))
			},
			Self::AcceptTransfer { model } => {
				let model = find_model(&chain.finalised().await?, &model).await?;
				let call = calls.accept_model(model.model);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::ModelTransferred =
					done.event("Models.ModelTransferred")?;
				let facts = Facts::new()
					.and("model", event.model)
					.account("from", event.from.0)
					.account("to", event.to.0)
					.amount("deposit", event.deposit);
				context.print(&facts.join(included(&done)))
			},
			Self::TransferRow { version, row, to } => {
				let call = calls.transfer_row(version, row, AccountId32(keys::parse_account(&to)?));
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::RowTransferred =
					done.event("Models.RowTransferred")?;
				let facts = Facts::new()
					.and("version", event.version)
					.and("row", event.row)
					.account("from", event.from.0)
					.account("to", event.to.0);
				context.print(&facts.join(included(&done)))
			},
			Self::Forfeit { version, row } => {
				let call = calls.forfeit_row(version, row);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::RowForfeited =
					done.event("Models.RowForfeited")?;
				let facts = Facts::new()
					.and("version", event.version)
					.and("row", event.row)
					.account("account", event.account.0)
					.amount("to_dividend", event.amount);
				context.print(&facts.join(included(&done)))
			},
			Self::MoveRoyalty { version, ancestor } => {
				let call = calls.move_royalty(version, ancestor);
				let done = context.submit(chain, &call, &context.signer()?).await?;
				let event: runtime::models::events::RoyaltyMoved =
					done.event("Models.RoyaltyMoved")?;
				let facts = Facts::new()
					.and("version", event.version)
					.and("ancestor", event.ancestor)
					.amount("moved", event.amount);
				context.print(&facts.join(included(&done)))
			},
		}
	}
}
