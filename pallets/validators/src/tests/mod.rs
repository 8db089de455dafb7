//! One module for the call and one for each hook.

mod note_author;
mod offences;
mod sessions;
mod try_state;
mod withdraw;
