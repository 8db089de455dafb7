//! Governance as this runtime is wired: what polls can do, and what none of them can. Runs natively.

mod bounties;
mod calls;
mod chain;
mod decisions;
mod holdings;
mod origins;
mod pause;
mod polls;
mod pot;
mod stage;
mod tracks;
