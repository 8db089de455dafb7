//! One module for the call, one for the call filter, and one for each hook.

mod last_keys;
mod note_author;
mod offences;
mod sessions;
mod try_state;
mod withdraw;
