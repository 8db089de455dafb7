//! Validators: who they are, and what they have earned.

use crate::{
	chain::{AtBlock, ChainError},
	runtime::view_functions,
	view::view,
};
use subxt::utils::AccountId32;
use usufruct_primitives::{AccountBytes, Balance};

/// Those who author and finalise, as soon as they have set session keys.
pub async fn validators(at: &AtBlock) -> Result<Vec<AccountBytes>, ChainError> {
	let members = view(at, view_functions().validators().members()).await?;
	Ok(members.into_iter().map(|account| account.0).collect())
}

/// What an account has earned as an author and not withdrawn, in planck.
pub async fn author_reward(at: &AtBlock, account: &AccountBytes) -> Result<Balance, ChainError> {
	view(at, view_functions().validators().reward(AccountId32(*account))).await
}
