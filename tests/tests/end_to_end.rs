//! The product's programs against each other: real processes, a real chain, a real model.
//!
//! Each test mostly waits for blocks, so they run side by side; all of them are below one module,
//! by which `scripts/test` runs them apart from the tests that compute.

mod end_to_end {
	mod fraud;
	mod gateway;
	mod governance;
	mod jury;
	mod load;
	mod network;
	mod nodes;
	mod operator;
	mod oracle_crash;
	mod recovery;
	mod verifier;
	mod whole_loop;
}
