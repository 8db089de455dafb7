use super::*;
use usufruct_primitives::settlement::ClaimVoucher;

fn claim(channel: u8) -> Claim {
	Claim {
		channel_id: [channel; 32],
		model_version: 1,
		from_seq: 1,
		to_seq: 1,
		total_before: 0,
		total_after: 10,
		voucher: ClaimVoucher {
			cap: 10,
			request_commit: [2; 32],
			ack_seq: 0,
			ack_total: 0,
			serve_until: 9,
			signature: [3; 64],
		},
	}
}

#[test]
fn claims_are_taken_only_if_they_are_the_batchs() {
	let claims = [claim(1), claim(2)];
	let kept = state::Batch {
		root: [1; 32],
		total: 20,
		count: 2,
		accepted_total: 10,
		block: 4,
		claims_hash: claims_hash(&claims, &[true, false]),
	};
	let batch = Settled {
		oracle: [9; 32],
		batch_no: 3,
		block: 4,
		top: Node { hash: [1; 32], sum: 20, count: 2 },
		claims: vec![SubmittedClaim::new(&claims[0], true), SubmittedClaim::new(&claims[1], false)],
	};
	let assemble = |claims: &[Claim], skipped: Option<&[u16]>| {
		Settled::assemble([9; 32], 3, &kept, claims, skipped)
	};
	assert_eq!(assemble(&claims, Some(&[1])).as_ref(), Some(&batch));
	assert_eq!(assemble(&claims, None).as_ref(), Some(&batch), "found out by trying");
	assert_eq!(assemble(&claims, Some(&[0])), None);
	assert_eq!(assemble(&claims[..1], None), None);
	let mut other = claims;
	other[0].to_seq = 2;
	assert_eq!(assemble(&other, None), None);
}
