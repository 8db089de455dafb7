//! Turning what people have into the tensors that particular models take.

pub mod magika;
