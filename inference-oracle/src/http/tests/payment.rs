//! Vouchers and channels that do not do: refused, with the terms where that helps.

use super::*;

#[tokio::test]
async fn without_a_voucher_the_terms_are_told() {
	let server = Server::start().await;
	let reply = server.http.infer("magika", b"{}".to_vec(), None).await.unwrap();
	let problem = reply.body.unwrap_err();
	assert_eq!((problem.kind, problem.status), (ProblemKind::VoucherMissing, 402));
	let terms = problem.terms.unwrap();
	assert_eq!((terms.model, terms.model_version, terms.unit_price), (MODEL, VERSION, PRICE));
	assert_eq!((terms.meter, terms.channel), (Meter::Request, None));
	assert_eq!(terms.genesis, hex::encode(GENESIS));
	assert_eq!(terms.oracle, hex::encode(ORACLE));
	assert_eq!(terms.receipt_key, hex::encode(receipt_key().verifying_key().to_bytes()));
	assert!(terms.missing.contains("voucher"));
}

#[tokio::test]
async fn vouchers_that_do_not_fit_are_refused_with_the_terms() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = server.consumer();
	let good = classify(&mut consumer);
	let (_, first) = checked(&good, server.send(&good).await);
	let next = classify(&mut consumer);
	let with = |change: fn(&mut Voucher)| next.clone().signed(&consumer, change);
	let other_key = Consumer { key: receipt_key(), ..consumer.clone() };
	let mut other_chain = next.clone();
	let voucher = other_chain.headers.voucher.voucher.clone();
	other_chain.headers.voucher = SignedVoucher::sign(voucher, &consumer.key, &[8; 32]);
	let mut repriced = next.clone();
	repriced.request.unit_price += 1;
	let repriced = repriced.signed(&consumer, |_| ());
	for (request, kind, status) in [
		(with(|it| it.cap = 5), CapTooLow, 402),
		(with(|it| it.serve_until = 3), VoucherExpired, 402),
		(with(|it| (it.ack_seq, it.ack_total) = (9, 0)), AcknowledgementWrong, 409),
		(with(|it| (it.ack_seq, it.ack_total) = (1, 7)), AcknowledgementWrong, 409),
		(with(|it| it.request_commit = [0; 32]), RequestMismatch, 400),
		(next.clone().signed(&other_key, |_| ()), VoucherSignature, 402),
		(other_chain, VoucherSignature, 402),
		(repriced, PriceMismatch, 402),
	] {
		let problem = server.refused(&request).await;
		assert_eq!((problem.kind, problem.status), (kind, status), "{problem}");
		assert_eq!(problem.terms.is_some(), status == 402);
		if let Some(channel) = problem.terms.and_then(|it| it.channel) {
			assert_eq!((channel.seq, channel.total, channel.in_flight), (1, PRICE, 0));
			assert_eq!(channel.channel_id, hex::encode(consumer.channel));
		}
	}
	assert_eq!(server.total(&consumer), PRICE, "nothing of it was charged");
	consumer.acknowledge(&first.receipt);
	checked(&next, server.send(&next).await);

	// A body that is not the one signed for.
	let mut changed = gather(&mut consumer, &[0]);
	changed.body.inputs = vec![Tensor::from_elements("x", vec![1], &[1i64]).unwrap()];
	assert_eq!(server.refused(&changed).await.kind, RequestMismatch);
	// More of it than the voucher allows.
	let mut larger = gather(&mut consumer, &[0, 1]);
	larger.request.max_units = 1;
	let larger = larger.signed(&consumer, |_| ());
	assert_eq!(server.refused(&larger).await.kind, MaxUnitsTooLow);
	// An id that stands for something else.
	let mut reused = gather(&mut consumer, &[0, 1]);
	reused.request.request_id = good.request.request_id;
	let reused = reused.signed(&consumer, |_| ());
	assert_eq!(server.refused(&reused).await.kind, RequestIdTaken);
}

#[tokio::test]
async fn channels_that_do_not_fit_are_refused() {
	use ProblemKind::*;
	let server = Server::start().await;
	let mut consumer = Consumer::new(1);
	let request = classify(&mut consumer);
	assert_eq!(server.refused(&request).await.kind, ChannelUnknown);
	server.chain.open(&consumer);
	server.chain.state().not_final.insert(consumer.channel);
	let problem = server.refused(&request).await;
	assert_eq!((problem.kind, problem.status), (ChannelNotFinal, 503));
	server.chain.state().not_final.clear();

	let mut no_key = [0; 32];
	no_key[0] = 2;
	// As if it were opened anew each time: what is looked up is followed from then on.
	for (terms, kind) in [
		(Terms { oracle: [2; 32], ..consumer.terms() }, ChannelMismatch),
		(Terms { model: MODEL + 1, ..consumer.terms() }, ChannelMismatch),
		(Terms { closes_at: Some(u32::MAX), ..consumer.terms() }, ChannelClosing),
		(Terms { escrow: PRICE - 1, ..consumer.terms() }, EscrowShort),
		(Terms { max_unacked: PRICE - 1, ..consumer.terms() }, UnacknowledgedLimit),
		(Terms { max_unit_price: PRICE - 1, ..consumer.terms() }, PriceAboveChannel),
		(Terms { settled_seq: 4, ..consumer.terms() }, Internal),
		(Terms { key: no_key, ..consumer.terms() }, VoucherSignature),
	] {
		server.chain.state().channels.insert(consumer.channel, terms);
		server.chain.finalise();
		let problem = server.refused(&request).await;
		assert_eq!(problem.kind, kind, "{problem}");
	}
	server.chain.open(&consumer);
	server.chain.finalise();
	checked(&request, server.send(&request).await);
}
