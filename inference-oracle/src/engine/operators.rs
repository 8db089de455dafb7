//! Which operators a model may be made of: those of the ONNX standard whose results depend on nothing but their
//! inputs, and those that whoever runs the oracle allows besides.

use serde::Deserialize;

/// Of the domain `ai.onnx`, in whatever version of the standard up to ONNX 1.23 (`onnx.defs`). Left out are those that
/// draw random numbers (`Bernoulli`, `Multinomial`, `RandomNormal`, …): no two runs are alike, and no audit can tell
/// whether an answer is honest; and `ImageDecoder`: what it unpacks may be any number of times its size.
const STANDARD: &str = "\
	Abs Acos Acosh Add AffineGrid And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool \
	BatchNormalization BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor BlackmanWindow \
	Cast CastLike CausalConvWithState Ceil Celu CenterCropPad Clip Col2Im Compress Concat \
	ConcatFromSequence Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumProd \
	CumSum DFT DeformConv DepthToSpace DequantizeLinear Det Div Dropout DynamicQuantizeLinear Einsum \
	Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm \
	GlobalAveragePool GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GridSample \
	GroupNormalization HammingWindow HannWindow HardSigmoid HardSwish Hardmax Identity If \
	InstanceNormalization IsInf IsNaN LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual \
	LinearAttention Log LogSoftmax Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool \
	MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Mul Neg \
	NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement \
	OptionalHasElement Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear RMSNormalization \
	RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean \
	ReduceMin ReduceProd ReduceSum ReduceSumSquare RegexFullMatch Relu Reshape Resize \
	ReverseSequence RoiAlign RotaryEmbedding Round STFT Scan Scatter ScatterElements ScatterND Selu \
	SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength \
	SequenceMap Shape Shrink Sigmoid Sign Sin Sinh Size Slice Softmax SoftmaxCrossEntropyLoss \
	Softplus Softsign SpaceToDepth Split SplitToSequence Sqrt Squeeze StringConcat StringNormalizer \
	StringSplit Sub Sum SwiGLU Swish Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Tile \
	TopK Transpose Trilu Unique Unsqueeze Upsample Where Xor";
/// Of the domain `ai.onnx.ml`, likewise.
const ML: &str = "\
	ArrayFeatureExtractor Binarizer CastMap CategoryMapper DictVectorizer FeatureVectorizer Imputer \
	LabelEncoder LinearClassifier LinearRegressor Normalizer OneHotEncoder SVMClassifier \
	SVMRegressor Scaler TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor ZipMap";

/// The domain of the standard's operators, which may be left out.
pub const AI_ONNX: &str = "ai.onnx";
/// How domains begin of which ONNX Runtime brings operators, besides the standard's.
const THE_RUNTIMES: [&str; 4] = [AI_ONNX, "com.microsoft", "com.ms.", "org.pytorch.aten"];
/// For all operators of a domain.
const ALL: &str = "*";

/// A domain as it is compared.
pub fn domain(named: &str) -> &str {
	match named {
		AI_ONNX => "",
		named => named,
	}
}

/// Whether ONNX Runtime has operators of that [domain] itself.
pub fn is_the_runtimes(domain: &str) -> bool {
	domain.is_empty() || THE_RUNTIMES.iter().any(|it| domain.starts_with(it))
}

/// An operator as it is written: its name, and before that its domain if it is not the standard's.
pub fn written(domain: &str, name: &str) -> String {
	match domain {
		"" => name.into(),
		domain => format!("{domain}.{name}"),
	}
}

/// The text names no operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' names no operator; write Name, domain.Name, or domain.* for all of a domain")]
pub struct NoOperator(String);

/// Operators that are allowed besides the standard ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Operators(Vec<(String, String)>);

impl Operators {
	/// Whether a model may have that operator of that [domain].
	pub fn allow(&self, domain: &str, name: &str) -> bool {
		let known = match domain {
			"" => STANDARD,
			"ai.onnx.ml" => ML,
			_ => "",
		};
		let said = |(of, it): &(String, String)| of == domain && (it == name || it == ALL);
		known.split_ascii_whitespace().any(|it| it == name) || self.0.iter().any(said)
	}
}

impl TryFrom<Vec<String>> for Operators {
	type Error = NoOperator;

	fn try_from(said: Vec<String>) -> Result<Self, NoOperator> {
		let one = |text: String| {
			let (named, name) = text.rsplit_once('.').unwrap_or(("", &text));
			let fits = |it: char| it.is_ascii_alphanumeric() || it == '_';
			let is_name = name == ALL || (!name.is_empty() && name.chars().all(fits));
			let is_domain = named.chars().all(|it| fits(it) || it == '.' || it == '-');
			match is_name && is_domain && text != ALL && !text.starts_with('.') {
				true => Ok((domain(named).to_owned(), name.to_owned())),
				false => Err(NoOperator(text)),
			}
		};
		said.into_iter().map(one).collect::<Result<_, _>>().map(Self)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn said(names: &[&str]) -> Result<Operators, NoOperator> {
		names.iter().map(|it| it.to_string()).collect::<Vec<_>>().try_into()
	}

	#[test]
	fn what_is_random_unpacks_or_is_in_no_standard_is_not_allowed() {
		let none = Operators::default();
		for (domain, name) in [("", "MatMul"), ("", "SwiGLU"), ("ai.onnx.ml", "ZipMap")] {
			assert!(none.allow(domain, name), "{domain} {name}");
		}
		for name in ["RandomNormal", "Bernoulli", "ImageDecoder", "ZipMap", "Mat", "", "MatMul Max"]
		{
			assert!(!none.allow("", name), "{name}");
		}
		for domain in ["ai.onnx.ml", "ai.onnx.preview.training", "com.microsoft", "mine"] {
			assert!(!none.allow(domain, "MatMul"), "{domain}");
		}
	}

	#[test]
	fn who_runs_the_oracle_allows_operators_one_by_one_or_whole_domains() {
		let some =
			said(&["RandomNormal", "com.microsoft.*", "mine.Gelu", "ai.onnx.Bernoulli"]).unwrap();
		for (domain, name) in [
			("", "RandomNormal"),
			("", "Bernoulli"),
			("com.microsoft", "Attention"),
			("mine", "Gelu"),
			("", "Add"),
		] {
			assert!(some.allow(domain, name), "{domain} {name}");
		}
		for (domain, name) in [("", "RandomUniform"), ("mine", "Relu"), ("com", "Gelu"), ("", "*")]
		{
			assert!(!some.allow(domain, name), "{domain} {name}");
		}
		for wrong in ["", "*", ".", "mine.", ".Gelu", "a b", "Gelu\n", "mine/Gelu"] {
			assert_eq!(said(&[wrong]), Err(NoOperator(wrong.into())));
		}
	}
}
