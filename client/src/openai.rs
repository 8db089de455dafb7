//! OpenAI's interface to embeddings, <https://platform.openai.com/docs/api-reference/embeddings>: what is
//! asked and answered, for the oracles and the gateway that both speak it.
//!
//! Texts become the tensor `text` of the Open Inference Protocol and tokens the model's own tensors; the
//! vectors are the rows of the output that the version's metadata names, see [`crate::text`].

mod answer;
mod request;

pub use answer::{list, vectors};
pub use request::{Encoding, Input, Request};
