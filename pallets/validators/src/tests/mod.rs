//! One module for each call, one for the call filter, and one for each hook.

mod admission;
mod last_keys;
mod note_author;
mod offences;
mod sessions;
mod try_state;
mod withdraw;
