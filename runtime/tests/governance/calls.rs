//! Every call of the runtime, with arguments made up from their types.

use crate::chain::holds;
use codec::{Compact, Decode, Encode};
use scale_info::{
	form::PortableForm, MetaType, PortableRegistry, Registry, TypeDef, TypeDefPrimitive, Variant,
};
use usufruct_runtime::{AccountId, Dividend, RuntimeCall, EXISTENTIAL_DEPOSIT, UFR};

/// How deep calls within calls are made up.
const DEPTH: u32 = 2;

/// Makes up calls. The accounts in them are mostly the dividend pot's, and the amounts those that
/// would hurt it.
pub struct Calls {
	types: PortableRegistry,
	call: u32,
	pot: AccountId,
	thief: AccountId,
	amounts: Vec<u128>,
	random: u64,
}

impl Calls {
	pub fn new(thief: AccountId) -> Self {
		let mut registry = Registry::new();
		let call = registry.register_type(&MetaType::new::<RuntimeCall>()).id;
		let pot = Dividend::pot();
		let held = holds(&pot);
		let amounts = vec![0, 1, 7, EXISTENTIAL_DEPOSIT, UFR, held / 2, held, u128::MAX];
		Self { types: registry.into(), call, pot, thief, amounts, random: 1 }
	}

	/// SplitMix64.
	fn next(&mut self) -> u64 {
		self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut z = self.random;
		z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		z ^ (z >> 31)
	}

	fn pick<N: Clone>(&mut self, from: &[N]) -> N {
		let index = self.next() as usize % from.len();
		from[index].clone()
	}

	fn variants(&self, ty: u32) -> Vec<Variant<PortableForm>> {
		match &self.types.resolve(ty).expect("a type").type_def {
			TypeDef::Variant(variants) => variants.variants.clone(),
			other => panic!("{other:?} is no enumeration"),
		}
	}

	/// The names of every pallet with calls and of each of its calls.
	pub fn names(&self) -> Vec<(String, String)> {
		let pallets = self.variants(self.call).into_iter();
		pallets
			.flat_map(|pallet| {
				let calls = self.variants(pallet.fields[0].ty.id);
				calls.into_iter().map(move |call| (pallet.name.clone(), call.name))
			})
			.collect()
	}

	/// That call with made up arguments; none if they do not fit together.
	pub fn call(&mut self, pallet: &str, call: &str) -> Option<RuntimeCall> {
		let pallets = self.variants(self.call);
		let pallet = pallets.into_iter().find(|one| one.name == pallet).expect("a pallet");
		let calls = self.variants(pallet.fields[0].ty.id);
		let call = calls.into_iter().find(|one| one.name == call).expect("a call");
		let mut bytes = vec![pallet.index, call.index];
		for field in &call.fields {
			self.make_up(field.ty.id, DEPTH, &mut bytes);
		}
		RuntimeCall::decode(&mut &bytes[..]).ok()
	}

	fn number(&mut self) -> u128 {
		let amounts = self.amounts.clone();
		self.pick(&amounts)
	}

	fn make_up(&mut self, ty: u32, depth: u32, out: &mut Vec<u8>) {
		let described = self.types.resolve(ty).expect("a type").clone();
		match described.path.ident().as_deref() {
			Some("AccountId32") => {
				let accounts = [self.pot.clone(), self.pot.clone(), self.thief.clone()];
				return self.pick(&accounts).encode_to(out);
			},
			Some("MultiAddress") => {
				let accounts = [self.pot.clone(), self.pot.clone(), self.thief.clone()];
				let address: usufruct_runtime::Address = self.pick(&accounts).into();
				return address.encode_to(out);
			},
			Some("RuntimeCall") if depth == 0 => {
				let remark = frame_system::Call::remark { remark: vec![] };
				return RuntimeCall::from(remark).encode_to(out);
			},
			_ => {},
		}
		let deeper = match described.path.ident().as_deref() {
			Some("RuntimeCall") => depth - 1,
			_ => depth,
		};
		match described.type_def {
			TypeDef::Composite(composite) => {
				for field in composite.fields {
					self.make_up(field.ty.id, deeper, out);
				}
			},
			TypeDef::Variant(variants) => {
				if variants.variants.is_empty() {
					return;
				}
				let variant = self.pick(&variants.variants);
				out.push(variant.index);
				for field in variant.fields {
					self.make_up(field.ty.id, deeper, out);
				}
			},
			TypeDef::Sequence(sequence) => {
				let length = self.next() as u32 % 4;
				Compact(length).encode_to(out);
				for _ in 0..length {
					self.make_up(sequence.type_param.id, deeper, out);
				}
			},
			TypeDef::Array(array) => {
				for _ in 0..array.len {
					self.make_up(array.type_param.id, deeper, out);
				}
			},
			TypeDef::Tuple(tuple) => {
				for field in tuple.fields {
					self.make_up(field.id, deeper, out);
				}
			},
			TypeDef::Compact(compact) => {
				let inner = self.types.resolve(compact.type_param.id).expect("a type").clone();
				let most = match inner.type_def {
					TypeDef::Primitive(TypeDefPrimitive::U8) => u8::MAX.into(),
					TypeDef::Primitive(TypeDefPrimitive::U16) => u16::MAX.into(),
					TypeDef::Primitive(TypeDefPrimitive::U64) => u64::MAX.into(),
					TypeDef::Primitive(TypeDefPrimitive::U128) => u128::MAX,
					// Also what is written as a number of 32 bits.
					_ => u128::from(u32::MAX),
				};
				Compact(self.number().min(most)).encode_to(out);
			},
			TypeDef::Primitive(primitive) => {
				let bytes = match primitive {
					TypeDefPrimitive::Bool => return out.push(self.next() as u8 % 2),
					TypeDefPrimitive::Str => return "pot".encode_to(out),
					TypeDefPrimitive::U8 | TypeDefPrimitive::I8 => {
						return out.push(self.next() as u8)
					},
					TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 2,
					TypeDefPrimitive::Char | TypeDefPrimitive::U32 | TypeDefPrimitive::I32 => 4,
					TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 8,
					TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 16,
					TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => 32,
				};
				let mut number = self.number().to_le_bytes().to_vec();
				number.resize(bytes, 0);
				out.extend(number);
			},
			TypeDef::BitSequence(_) => Compact(0u32).encode_to(out),
		}
	}
}
