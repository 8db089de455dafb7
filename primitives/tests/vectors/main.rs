//! The golden vectors of every format, in `vectors.json`: inputs by name and the bytes they become.
//!
//! Implementations in other languages check themselves against that file. Here it is recomputed and
//! compared byte for byte; it is written anew by
//! `USUFRUCT_WRITE_VECTORS=1 cargo test -p usufruct-primitives --test vectors`.
//! What a format's bytes are is checked by hand in the tests of its module.

mod json;
mod keys;
mod money;

use codec::Encode;
use ed25519_dalek::{Signer, SigningKey};
use json::{named, object, Json};
use serde::Serialize;
use usufruct_primitives::{
	commitment::{canonical_tensors, payload_commit, tensor_leaf, Request, Tensor},
	domain::{domain, hash, Tag},
	keys::is_valid_ed25519,
	personhood::{acceptance_digest, consent_digest, signed_forms, Attestation, SignedAttestation},
	settlement::{claims_hash, Claim, ClaimVoucher},
	usage::{channel_id, Closing, Receipt, Voucher},
	AccountBytes, Balance, ChannelId, Class, Hash, Meter, Purpose, Signature, Status,
};

/// In the package, where cargo runs its tests. What it was built from may be another checkout, which shares the folder
/// of what is built.
const FILE: &str = "vectors.json";

const GENESIS: Hash = *b"the genesis hash of the vectors.";
const CONSUMER: AccountBytes = [0xc0; 32];
const ORACLE: AccountBytes = [0x0a; 32];
const PERSON: AccountBytes = [0x9e; 32];
/// Secret keys of the vectors, and of nothing else.
const CHANNEL_SECRET: [u8; 32] = *b"secret channel key, vectors only";
const RECEIPT_SECRET: [u8; 32] = *b"secret receipt key, vectors only";
const VERIFIER_SECRET: [u8; 32] = *b"secret verifier k., vectors only";
const PAYLOAD_SALT: Hash = *b"a salt drawn for one request....";

#[test]
fn the_vectors_are_as_computed() {
	let computed = vectors().pretty();
	if std::env::var_os("USUFRUCT_WRITE_VECTORS").is_some() {
		std::fs::write(FILE, &computed).unwrap();
	}
	let stored = std::fs::read_to_string(FILE).unwrap();
	for (number, (stored, computed)) in stored.lines().zip(computed.lines()).enumerate() {
		assert_eq!(stored, computed, "line {} of vectors.json", number + 1);
	}
	assert!(stored == computed, "vectors.json is shorter, longer, or ends lines otherwise");
}

fn vectors() -> Json {
	object! {
		"about": about(),
		"genesis_hash": GENESIS,
		"codes": codes(),
		"secret_keys": secret_keys(),
		"domains": domains(),
		"channel_ids": channel_ids(),
		"tensor_sets": tensor_sets(),
		"payload_commits": payload_commits(),
		"tensor_leaves": tensor_leaves(),
		"requests": requests(),
		"vouchers": vouchers(),
		"receipts": receipts(),
		"closings": closings(),
		"settlements": settlements(),
		"trees": money::trees(),
		"entitlements": money::entitlements(),
		"splits": money::splits(),
		"attestations": attestations(),
		"consents": consents(),
		"acceptances": acceptances(),
		"ed25519_keys": keys::ed25519_keys(),
	}
}

fn about() -> Json {
	Json::from(vec![
		"Golden vectors of Usufruct's signed formats; computed and checked by tests/vectors.",
		"Bytes are hex after 0x. Integers of 64 and 128 bits are decimal strings.",
		"H is BLAKE2b-256; a digest is H(domain of its tag | body).",
		"Amounts, caps, totals and prices are in planck, weights in parts of the named whole.",
	])
}

fn codes() -> Json {
	fn code(value: impl Encode + Serialize) -> Json {
		let byte = value.encode()[0];
		object! { "name": named(&value), "byte": byte }
	}
	let meters = [
		Meter::Request,
		Meter::InputToken,
		Meter::OutputToken,
		Meter::Pixel,
		Meter::AudioMillisecond,
		Meter::Element,
	];
	let classes = [Class::Document, Class::InPerson, Class::Biometric, Class::Community];
	object! {
		"meters": meters.map(code).to_vec(),
		"statuses": [Status::Served, Status::Partial, Status::Failed].map(code).to_vec(),
		"purposes": [Purpose::Register, Purpose::Renew, Purpose::Recover].map(code).to_vec(),
		"classes": classes.map(code).to_vec(),
	}
}

fn secret_keys() -> Json {
	let key = |secret: [u8; 32]| {
		let public = SigningKey::from_bytes(&secret).verifying_key().to_bytes();
		object! { "secret": secret, "public": public }
	};
	object! {
		"channel": key(CHANNEL_SECRET),
		"receipt": key(RECEIPT_SECRET),
		"verifier": key(VERIFIER_SECRET),
	}
}

/// Signs as the format says, and checks as a program off the chain does.
fn sign(secret: &[u8; 32], digest: &Hash) -> Signature {
	let key = SigningKey::from_bytes(secret);
	let signature = key.sign(digest);
	assert!(is_valid_ed25519(key.verifying_key().as_bytes()));
	key.verifying_key().verify_strict(digest, &signature).unwrap();
	signature.to_bytes()
}

/// `H(domain | body)` of a body whose length the design gives.
fn digest_of(tag: Tag, body: &[u8], length: usize) -> Hash {
	assert_eq!(body.len(), length);
	hash(&[&domain(tag, &GENESIS)[..], body].concat())
}

fn domains() -> Json {
	let tags = [
		Tag::CHANNEL,
		Tag::REQUEST,
		Tag::VOUCHER,
		Tag::RECEIPT,
		Tag::CLOSING,
		Tag::PERSONS,
		Tag::CONSENT,
		Tag::ACCEPTS,
		Tag::TENSORS,
	];
	let domains = tags.map(|tag| {
		let bytes = domain(tag, &GENESIS);
		assert_eq!(bytes.len(), 50);
		assert_eq!(bytes[..16], tag.0[..]);
		assert_eq!(bytes[16..48], GENESIS);
		assert_eq!(bytes[48..], [1, 0]);
		object! { "tag": core::str::from_utf8(tag.0).unwrap(), "bytes": bytes }
	});
	domains.to_vec().into()
}

fn channel(salt: u64) -> ChannelId {
	channel_id(&GENESIS, &CONSUMER, &ORACLE, 3, salt)
}

fn channel_ids() -> Json {
	let cases = [(CONSUMER, ORACLE, 3, 1), (CONSUMER, ORACLE, 3, 2), (ORACLE, CONSUMER, 3, 1)];
	let largest = (CONSUMER, ORACLE, u32::MAX, u64::MAX);
	let ids = cases.into_iter().chain([largest]).map(|(consumer, oracle, model, salt)| {
		let body = (consumer, oracle, model, salt).encode();
		let id = channel_id(&GENESIS, &consumer, &oracle, model, salt);
		assert_eq!(id, digest_of(Tag::CHANNEL, &body, 76));
		object! {
			"consumer": consumer,
			"oracle": oracle,
			"model": model,
			"salt": salt,
			"body": body,
			"channel_id": id,
		}
	});
	ids.collect::<Vec<_>>().into()
}

/// Raw data of strings: `length u32 | UTF-8` each.
fn strings(texts: &[&str]) -> Vec<u8> {
	let one = |text: &&str| [&(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
	texts.iter().flat_map(one).collect()
}

fn floats(values: &[f32]) -> Vec<u8> {
	values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// Codes of ONNX `TensorProto.DataType`.
mod dtype {
	pub const FLOAT: u8 = 1;
	pub const UINT8: u8 = 2;
	pub const INT64: u8 = 7;
	pub const STRING: u8 = 8;
	pub const BOOL: u8 = 9;
	pub const FLOAT16: u8 = 10;
	pub const DOUBLE: u8 = 11;
	pub const UINT4: u8 = 21;
}

fn tensor_json(tensor: &Tensor) -> Json {
	let dims = tensor.dims.iter().map(|dim| Json::from(*dim)).collect::<Vec<_>>();
	object! {
		"name": tensor.name,
		"dtype": tensor.dtype,
		"dims": dims,
		"data": tensor.data,
	}
}

fn tensor_sets() -> Json {
	let ids: Vec<u8> = [101i64, -7592, 102].iter().flat_map(|id| id.to_le_bytes()).collect();
	let text = strings(&["Grüße", "", "日本"]);
	let matrix = floats(&[1.0, -0.0, f32::MIN_POSITIVE, f32::INFINITY]);
	let half = 0x3c00u16.to_le_bytes();
	let double = core::f64::consts::PI.to_le_bytes();
	let sets: [(&str, Vec<Tensor>); 5] = [
		("the empty set, which is the output of a failed request", vec![]),
		(
			"names are sorted, whatever order they come in",
			vec![
				Tensor { name: "logits", dtype: dtype::FLOAT, dims: &[2, 2], data: &matrix },
				Tensor { name: "input_ids", dtype: dtype::INT64, dims: &[1, 3], data: &ids },
				Tensor { name: "flag", dtype: dtype::BOOL, dims: &[], data: &[1] },
			],
		),
		(
			"names are sorted by their UTF-8 bytes, which is not the order of UTF-16",
			vec![
				Tensor { name: "😀", dtype: dtype::UINT8, dims: &[1], data: &[4] },
				Tensor { name: "～", dtype: dtype::UINT8, dims: &[1], data: &[3] },
				Tensor { name: "a", dtype: dtype::UINT8, dims: &[1], data: &[2] },
				Tensor { name: "B", dtype: dtype::UINT8, dims: &[1], data: &[1] },
			],
		),
		(
			"strings: length u32 and UTF-8 each",
			vec![Tensor { name: "text", dtype: dtype::STRING, dims: &[3], data: &text }],
		),
		(
			"other types: half and double floats, five numbers of four bits, no elements",
			vec![
				Tensor { name: "half", dtype: dtype::FLOAT16, dims: &[1], data: &half },
				Tensor { name: "double", dtype: dtype::DOUBLE, dims: &[1, 1], data: &double },
				Tensor { name: "nibbles", dtype: dtype::UINT4, dims: &[5], data: &[0x21, 0x43, 5] },
				Tensor { name: "none", dtype: dtype::FLOAT, dims: &[0, 768], data: &[] },
			],
		),
	];
	let sets = sets.map(|(case, tensors)| {
		object! {
			"case": case,
			"tensors": tensors.iter().map(tensor_json).collect::<Vec<_>>(),
			"canonical": canonical_tensors(&tensors).unwrap(),
		}
	});
	sets.to_vec().into()
}

fn one_token() -> Vec<u8> {
	let data = 101i64.to_le_bytes();
	let tensor = Tensor { name: "input_ids", dtype: dtype::INT64, dims: &[1, 1], data: &data };
	canonical_tensors(&[tensor]).unwrap()
}

fn payload_commits() -> Json {
	let cases = [(PAYLOAD_SALT, Vec::new()), (PAYLOAD_SALT, one_token()), ([0; 32], one_token())];
	let commits = cases.map(|(salt, canonical)| {
		let commit = payload_commit(&salt, &canonical);
		let length = canonical.len() as u64;
		let by_hand = [b"usufruct/payload", &salt[..], &length.to_le_bytes(), &canonical].concat();
		assert_eq!(commit, hash(&by_hand));
		object! { "salt": salt, "canonical": canonical, "payload_commit": commit }
	});
	commits.to_vec().into()
}

fn tensor_leaves() -> Json {
	let weights: Vec<u8> = (0..4_096u32).map(|i| (i * 7 % 251) as u8).collect();
	let cases: [(u8, &[u64], &[u8]); 3] =
		[(dtype::FLOAT, &[32, 32], &weights), (dtype::UINT8, &[4_096], &weights), (9, &[], &[1])];
	let leaves = cases.map(|(dtype, dims, data)| {
		object! {
			"dtype": dtype,
			"dims": dims.iter().map(|dim| Json::from(*dim)).collect::<Vec<_>>(),
			"data": data,
			"leaf": tensor_leaf(&GENESIS, dtype, dims, data).unwrap(),
		}
	});
	leaves.to_vec().into()
}

fn request(n: u8) -> Request {
	Request {
		channel_id: channel(1),
		request_id: [n; 16],
		model_version: 7,
		input_commit: payload_commit(&PAYLOAD_SALT, &one_token()),
		meter: Meter::OutputToken,
		max_units: 512,
		unit_price: 2_500_000,
	}
}

fn requests() -> Json {
	let largest = Request { max_units: u64::MAX, unit_price: Balance::MAX, ..request(0xff) };
	let requests = [request(1), request(2), largest].map(|request| {
		let commit = request.commit(&GENESIS);
		assert_eq!(commit, digest_of(Tag::REQUEST, &request.body(), 109));
		object! {
			"channel_id": request.channel_id,
			"request_id": request.request_id,
			"model_version": request.model_version,
			"input_commit": request.input_commit,
			"meter": request.meter,
			"max_units": request.max_units,
			"unit_price": request.unit_price,
			"body": request.body(),
			"request_commit": commit,
		}
	});
	requests.to_vec().into()
}

fn voucher() -> Voucher {
	Voucher {
		channel_id: channel(1),
		cap: 3_840_000_000,
		request_commit: request(2).commit(&GENESIS),
		ack_seq: 1,
		ack_total: 1_280_000_000,
		serve_until: 201_600,
	}
}

fn vouchers() -> Json {
	let first = Voucher {
		cap: 1_280_000_000,
		request_commit: request(1).commit(&GENESIS),
		ack_seq: 0,
		ack_total: 0,
		..voucher()
	};
	let largest = Voucher {
		cap: Balance::MAX,
		ack_seq: u64::MAX,
		ack_total: Balance::MAX,
		serve_until: u32::MAX,
		..voucher()
	};
	let vouchers = [first, voucher(), largest].map(|voucher| {
		let digest = voucher.digest(&GENESIS);
		assert_eq!(digest, digest_of(Tag::VOUCHER, &voucher.body(), 108));
		let max_unacked: Balance = 2_000_000_000;
		object! {
			"channel_id": voucher.channel_id,
			"cap": voucher.cap,
			"request_commit": voucher.request_commit,
			"ack_seq": voucher.ack_seq,
			"ack_total": voucher.ack_total,
			"serve_until": voucher.serve_until,
			"body": voucher.body(),
			"digest": digest,
			"signed_by": "channel",
			"signature": sign(&CHANNEL_SECRET, &digest),
			"max_unacked": max_unacked,
			"chargeable": voucher.chargeable(max_unacked),
		}
	});
	vouchers.to_vec().into()
}

fn receipts() -> Json {
	let served = Receipt {
		channel_id: channel(1),
		seq: 1,
		model: 3,
		model_version: 7,
		meter: Meter::OutputToken,
		status: Status::Served,
		units: 512,
		unit_price: 2_500_000,
		amount: 1_280_000_000,
		total: 1_280_000_000,
		request_commit: request(1).commit(&GENESIS),
		output_commit: payload_commit(&PAYLOAD_SALT, &one_token()),
		started_ms: 1_767_225_600_000,
		took_ms: 431,
	};
	let partial = Receipt {
		seq: 2,
		status: Status::Partial,
		units: 100,
		amount: 250_000_000,
		total: 1_530_000_000,
		request_commit: request(2).commit(&GENESIS),
		..served.clone()
	};
	let failed = Receipt {
		seq: 3,
		status: Status::Failed,
		units: 0,
		amount: 0,
		output_commit: payload_commit(&PAYLOAD_SALT, &[]),
		request_commit: request(0xff).commit(&GENESIS),
		..partial.clone()
	};
	let receipts = [served, partial, failed].map(|receipt| {
		let digest = receipt.digest(&GENESIS);
		assert_eq!(digest, digest_of(Tag::RECEIPT, &receipt.body(), 182));
		object! {
			"channel_id": receipt.channel_id,
			"seq": receipt.seq,
			"model": receipt.model,
			"model_version": receipt.model_version,
			"meter": receipt.meter,
			"status": receipt.status,
			"units": receipt.units,
			"unit_price": receipt.unit_price,
			"amount": receipt.amount,
			"total": receipt.total,
			"request_commit": receipt.request_commit,
			"output_commit": receipt.output_commit,
			"started_ms": receipt.started_ms,
			"took_ms": receipt.took_ms,
			"body": receipt.body(),
			"digest": digest,
			"signed_by": "receipt",
			"signature": sign(&RECEIPT_SECRET, &digest),
		}
	});
	receipts.to_vec().into()
}

fn closings() -> Json {
	let closing = Closing { channel_id: channel(1), final_seq: 3, final_total: 1_530_000_000 };
	let digest = closing.digest(&GENESIS);
	assert_eq!(digest, digest_of(Tag::CLOSING, &closing.body(), 56));
	Json::from(vec![object! {
		"channel_id": closing.channel_id,
		"final_seq": closing.final_seq,
		"final_total": closing.final_total,
		"body": closing.body(),
		"digest": digest,
		"signed_by": "channel",
		"signature": sign(&CHANNEL_SECRET, &digest),
	}])
}

fn claim(salt: u64) -> Claim {
	let voucher = Voucher { channel_id: channel(salt), ..voucher() };
	Claim {
		channel_id: voucher.channel_id,
		model_version: 7,
		from_seq: 1,
		to_seq: 2,
		total_before: 0,
		total_after: 1_530_000_000 + u128::from(salt),
		voucher: ClaimVoucher {
			cap: voucher.cap,
			request_commit: voucher.request_commit,
			ack_seq: voucher.ack_seq,
			ack_total: voucher.ack_total,
			serve_until: voucher.serve_until,
			signature: sign(&CHANNEL_SECRET, &voucher.digest(&GENESIS)),
		},
	}
}

fn claim_json(claim: &Claim) -> Json {
	let bytes = claim.encode();
	assert_eq!(bytes.len(), 84 + 140);
	let voucher = &claim.voucher;
	object! {
		"channel_id": claim.channel_id,
		"model_version": claim.model_version,
		"from_seq": claim.from_seq,
		"to_seq": claim.to_seq,
		"total_before": claim.total_before,
		"total_after": claim.total_after,
		"voucher": object! {
			"cap": voucher.cap,
			"request_commit": voucher.request_commit,
			"ack_seq": voucher.ack_seq,
			"ack_total": voucher.ack_total,
			"serve_until": voucher.serve_until,
			"signature": voucher.signature,
		},
		"without_voucher": &bytes[..84],
		"bytes": bytes,
		"count": claim.count().unwrap(),
		"amount": claim.amount().unwrap(),
	}
}

fn settlements() -> Json {
	let settlement = |accepted: &[bool], bitmap: &[u8]| {
		let claims: Vec<_> = (1..=accepted.len() as u64).map(claim).collect();
		let without_vouchers = claims.iter().flat_map(|claim| claim.encode()[..84].to_vec());
		let preimage: Vec<u8> = without_vouchers.chain(bitmap.iter().copied()).collect();
		assert_eq!(claims_hash(&claims, accepted), hash(&preimage));
		object! {
			"claims": claims.iter().map(claim_json).collect::<Vec<_>>(),
			"accepted": accepted.iter().map(|bit| Json::from(*bit)).collect::<Vec<_>>(),
			"bitmap": bitmap,
			"claims_hash": claims_hash(&claims, accepted),
		}
	};
	let nine = [false, true, true, false, false, false, false, false, true];
	Json::from(vec![
		settlement(&[true], &[0b1]),
		settlement(&[true, false, true], &[0b101]),
		settlement(&nine, &[0b110, 0b1]),
	])
}

fn attestation(verifier: u32, purpose: Purpose) -> Attestation {
	let mut signed = SignedAttestation {
		verifier,
		nullifier: hash(&verifier.to_le_bytes()),
		class: if verifier == 1 { Class::Document } else { Class::InPerson },
		region: if verifier == 1 { 0 } else { 756 },
		issued: 100_000,
		expires: 128_800,
		nonce: if purpose == Purpose::Register { 0 } else { 4 },
		signature: [0; 64],
	};
	let attestation = signed.attestation(purpose, PERSON);
	// A signature is no part of what is signed.
	signed.signature = sign(&VERIFIER_SECRET, &attestation.digest(&GENESIS));
	assert_eq!(signed.attestation(purpose, PERSON), attestation);
	attestation
}

fn attestations() -> Json {
	let cases = [(1, Purpose::Register), (2, Purpose::Register), (2, Purpose::Recover)];
	let attestations = cases.map(|(verifier, purpose)| {
		let attestation = attestation(verifier, purpose);
		let digest = attestation.digest(&GENESIS);
		assert_eq!(digest, digest_of(Tag::PERSONS, &attestation.body(), 84));
		object! {
			"purpose": attestation.purpose,
			"verifier": attestation.verifier,
			"account": attestation.account,
			"nullifier": attestation.nullifier,
			"class": attestation.class,
			"region": attestation.region,
			"issued": attestation.issued,
			"expires": attestation.expires,
			"nonce": attestation.nonce,
			"body": attestation.body(),
			"digest": digest,
			"signed_by": "verifier",
			"signature": sign(&VERIFIER_SECRET, &digest),
		}
	});
	attestations.to_vec().into()
}

fn signed_forms_json(digest: &Hash) -> Json {
	let [raw, wrapped, wrapped_text] = signed_forms(digest);
	assert_eq!((raw.len(), wrapped.len(), wrapped_text.len()), (32, 47, 81));
	object! { "raw": raw, "wrapped": wrapped, "wrapped_text": wrapped_text }
}

fn consents() -> Json {
	let cases: [(Purpose, u32, &[u32]); 2] =
		[(Purpose::Register, 0, &[1, 2]), (Purpose::Recover, 4, &[2])];
	let consents = cases.map(|(purpose, nonce, verifiers)| {
		let digests: Vec<Hash> = verifiers
			.iter()
			.map(|verifier| attestation(*verifier, purpose).digest(&GENESIS))
			.collect();
		let digest = consent_digest(&GENESIS, purpose, &PERSON, nonce, &digests);
		let body = (purpose, PERSON, nonce, hash(&digests.concat())).encode();
		assert_eq!(digest, digest_of(Tag::CONSENT, &body, 69));
		object! {
			"purpose": purpose,
			"account": PERSON,
			"nonce": nonce,
			"attestation_digests": digests.into_iter().map(Json::from).collect::<Vec<_>>(),
			"body": body,
			"digest": digest,
			"signed_forms": signed_forms_json(&digest),
		}
	});
	consents.to_vec().into()
}

fn acceptances() -> Json {
	let acceptances = [(7, 0), (u32::MAX, 63)].map(|(version, row): (u32, u16)| {
		let digest = acceptance_digest(&GENESIS, version, row, &PERSON);
		let body = (version, row, PERSON).encode();
		assert_eq!(digest, digest_of(Tag::ACCEPTS, &body, 38));
		object! {
			"model_version": version,
			"row": row,
			"account": PERSON,
			"body": body,
			"digest": digest,
			"signed_forms": signed_forms_json(&digest),
		}
	});
	acceptances.to_vec().into()
}
