//! Rust's types as elements of tensors.

use super::DataType;

/// A Rust type whose values are elements of a tensor.
pub trait Element: Copy {
	/// The tensor's type.
	const DATATYPE: DataType;
	/// Appends the element's canonical bytes.
	fn write(self, data: &mut Vec<u8>);
	/// The element in exactly as many bytes as it has.
	fn read(bytes: &[u8]) -> Self;
}

macro_rules! element {
	($($type:ty => $datatype:ident),* $(,)?) => {$(
		impl Element for $type {
			const DATATYPE: DataType = DataType::$datatype;

			#[inline]
			fn write(self, data: &mut Vec<u8>) {
				data.extend_from_slice(&self.to_le_bytes());
			}

			#[inline]
			fn read(bytes: &[u8]) -> Self {
				let mut array = [0; std::mem::size_of::<$type>()];
				array.copy_from_slice(bytes);
				Self::from_le_bytes(array)
			}
		}
	)*};
}

element! {
	f32 => Fp32, f64 => Fp64,
	i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64,
	u8 => Uint8, u16 => Uint16, u32 => Uint32, u64 => Uint64,
}

impl Element for bool {
	const DATATYPE: DataType = DataType::Bool;

	fn write(self, data: &mut Vec<u8>) {
		data.push(u8::from(self));
	}

	fn read(bytes: &[u8]) -> Self {
		bytes.iter().any(|byte| *byte != 0)
	}
}
